/* plot/terminal_bars.c - bars as rows of characters */
#include "axis.h"

#ifdef SEQNN_TERMINAL

#include "memory.h"
#include "palette.h"
#include "terminal_chart.h"

typedef struct sq_rows {
    sq_page *page;
    const char *const *names;
    const seqnn_real *values;
    char form; /* of the numbers, see sq_number_text */
    int digits;
    seqnn_size names_width, below_width, above_width; /* of the texts, in columns */
    seqnn_size below, above;                          /* of the bars */
    double low, high;                                 /* what they stand for */
} sq_rows;

seqnn_status sq_terminal_check_bars(const char *who, const seqnn_real *values,
                                    seqnn_size count,
                                    const seqnn_terminal_options *options)
{
    if (values == NULL || count < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td values, expected at least one", who,
                       values == NULL ? (seqnn_size)0 : count);
    if (options->x_max < 0 && options->x_max != SEQNN_ZERO)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: x_max is %g, expected 0 or more", who,
                       (double)options->x_max);
    if (options->x_min > 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: x_min is %g, expected 0 or less", who,
                       (double)options->x_min);
    return SEQNN_OK;
}

typedef struct sq_rows_item {
    double value;
    seqnn_size index;
} sq_rows_item;

/* The largest first, NaN last, equal ones as they come. */
static int sq_rows_compare(const void *a, const void *b)
{
    const sq_rows_item *x = (const sq_rows_item *)a, *y = (const sq_rows_item *)b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (x->value > y->value || x->value < y->value)
        return x->value > y->value ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void sq_rows_number(const sq_rows *rows, double value, char text[SQ_NUMBER])
{
    if (isnan(value))
        snprintf(text, SQ_NUMBER, "NaN");
    else if (isinf(value))
        snprintf(text, SQ_NUMBER, "%s%s", value < 0 ? "\xE2\x88\x92" : "", "inf");
    else
        sq_number_text(text, rows->form, rows->digits, value);
}

static void sq_rows_name(const sq_rows *rows, seqnn_size i, seqnn_size widest)
{
    char number[32];
    snprintf(number, sizeof number, "%td", i);
    sq_page_text(rows->page, rows->names != NULL ? rows->names[i] : number, widest);
}

static seqnn_size sq_rows_name_width(const sq_rows *rows, seqnn_size i, seqnn_size widest)
{
    char number[32];
    snprintf(number, sizeof number, "%td", i);
    return sq_page_width(rows->page, rows->names != NULL ? rows->names[i] : number,
                         widest);
}

/* Whole numbers as they are; others with three digits of the largest. */
static void sq_rows_choose_form(sq_rows *rows, const sq_rows_item *items,
                                seqnn_size count)
{
    double largest = 0;
    bool whole = true;
    for (seqnn_size i = 0; i < count; i++) {
        if (!(fabs(items[i].value) < 1e300))
            continue;
        largest = fmax(largest, fabs(items[i].value));
        whole = whole && items[i].value == floor(items[i].value);
    }
    rows->form = 'f';
    if (largest >= 1e9 || (largest > 0 && largest < 1e-3)) {
        rows->form = 'g';
        rows->digits = 3;
    } else if (!whole) {
        rows->digits = (int)fmax(0, 2 - floor(log10(largest)));
    }
}

/* The ends of the bars: from the values that are shown, or the options. */
static void sq_rows_find_range(sq_rows *rows, const sq_rows_item *items, seqnn_size count,
                               const seqnn_terminal_options *options)
{
    for (seqnn_size i = 0; i < count; i++) {
        if (fabs(items[i].value) < 1e300) {
            rows->low = fmin(rows->low, items[i].value);
            rows->high = fmax(rows->high, items[i].value);
        } else if (items[i].value < 0 && rows->low == 0) {
            rows->low = -1e-300; /* an infinite bar needs a side */
        }
    }
    if (options->x_min != 0)
        rows->low = options->x_min == SEQNN_ZERO ? 0 : (double)options->x_min;
    if (options->x_max != 0)
        rows->high = options->x_max == SEQNN_ZERO ? 0 : (double)options->x_max;
    if (rows->low == rows->high)
        rows->high = 1;
}

static void sq_rows_lay_out(sq_rows *rows, const sq_rows_item *items, seqnn_size count,
                            seqnn_size width)
{
    seqnn_size room;
    for (seqnn_size i = 0; i < count; i++) {
        char text[SQ_NUMBER];
        seqnn_size columns;
        bool below = items[i].value < 0 && rows->low < 0;
        sq_rows_number(rows, items[i].value, text);
        columns = 1 + sq_page_width(rows->page, text, SQ_NUMBER);
        if (below)
            rows->below_width = sq_max(rows->below_width, columns);
        else
            rows->above_width = sq_max(rows->above_width, columns);
        rows->names_width = sq_max(
            rows->names_width, sq_rows_name_width(rows, items[i].index, width * 2 / 5));
    }
    /* Names have up to two fifths, numbers what they need if half is left for rows. */
    room = width - rows->names_width - 2;
    if (rows->below_width + rows->above_width > room / 2 + 2)
        rows->below_width = rows->above_width = 0;
    room -= rows->below_width + rows->above_width;
    rows->below =
        (seqnn_size)ceil((double)room * rows->low / (rows->low - rows->high) - 0.5);
    if (rows->low < 0)
        rows->below = sq_max(1, sq_min(rows->below, room - 1));
    rows->above = room - rows->below;
}

/* The share of its side that a bar fills. */
static double sq_bar_part(double value, double end)
{
    return isnan(value) || end == 0 ? 0 : fmin(fmax(value / end, 0), 1);
}

/* A bar to the left of 0: whole characters and at its end a half. */
static void sq_rows_draw_below(const sq_rows *rows, double value, const char *number)
{
    sq_page *page = rows->page;
    seqnn_size zero = rows->names_width + 1 + rows->below_width + rows->below;
    double length = sq_bar_part(value, rows->low) * (double)rows->below;
    seqnn_size halves = (seqnn_size)floor((page->unicode ? 2 : 1) * length + 0.5);
    seqnn_size whole = page->unicode ? halves / 2 : halves;
    seqnn_size half = page->unicode ? halves % 2 : 0;
    if (rows->below_width > 0 && value < 0) {
        seqnn_size columns = sq_page_width(page, number, SQ_NUMBER);
        sq_page_move(page, zero - whole - half - 1 - columns);
        sq_page_text(page, number, columns);
    }
    sq_page_move(page, zero - whole - half);
    sq_page_style(page, sq_style_of_colour(sq_colour_of_series(0)));
    sq_page_glyph(page, 0x2590, half);
    sq_page_glyph(page, page->unicode ? 0x2588 : '#', whole);
    sq_page_style(page, SQ_STYLE_PLAIN);
    sq_page_move(page, zero);
}

/* A bar to the right of 0, to an eighth of a character. */
static void sq_rows_draw_above(const sq_rows *rows, double value, const char *number)
{
    sq_page *page = rows->page;
    double length = sq_bar_part(value, rows->high) * (double)rows->above;
    int parts = page->unicode ? 8 : 1;
    seqnn_size eighths = (seqnn_size)floor(parts * length + 0.5);
    sq_page_style(page, sq_style_of_colour(sq_colour_of_series(0)));
    sq_page_glyph(page, page->unicode ? 0x2588 : '#', eighths / parts);
    if (eighths % parts > 0)
        sq_page_glyph(page, 0x2590 - (int32_t)(eighths % parts), 1);
    sq_page_style(page, SQ_STYLE_PLAIN);
    if (rows->above_width > 0 && !(value < 0 && rows->low < 0)) {
        sq_page_move(page, page->column + 1);
        sq_page_text(page, number, rows->above_width - 1);
    }
}

static void sq_rows_draw(const sq_rows *rows, const sq_rows_item *item)
{
    sq_page *page = rows->page;
    char number[SQ_NUMBER];
    seqnn_size wide = sq_rows_name_width(rows, item->index, rows->names_width);
    sq_rows_number(rows, item->value, number);
    sq_page_move(page, rows->names_width - wide);
    sq_rows_name(rows, item->index, wide);
    sq_rows_draw_below(rows, item->value, number);
    sq_page_move(page, rows->names_width + 1 + rows->below_width + rows->below);
    sq_page_glyph(page, page->unicode ? 0x2502 : '|', 1);
    sq_rows_draw_above(rows, item->value, number);
    sq_page_end_row(page);
}

void sq_terminal_bars(sq_page *page, const char *const *names, const seqnn_real *values,
                      seqnn_size count, const seqnn_terminal_options *options,
                      seqnn_size width, seqnn_size height)
{
    seqnn_size room = height - (options->title != NULL), shown;
    sq_rows_item *items = (sq_rows_item *)sq_allocate(count, sizeof *items);
    sq_rows rows;
    if (items == NULL) {
        page->status = SEQNN_ERROR_MEMORY;
        return;
    }
    memset(&rows, 0, sizeof rows);
    rows.page = page;
    rows.names = names;
    rows.values = values;
    for (seqnn_size i = 0; i < count; i++) {
        items[i].value = (double)values[i];
        items[i].index = i;
    }
    if (options->sorted)
        qsort(items, (size_t)count, sizeof *items, sq_rows_compare);
    shown = count <= room ? count : room - 1; /* the last row counts the others */
    sq_rows_choose_form(&rows, items, shown);
    sq_rows_find_range(&rows, items, shown, options);
    sq_rows_lay_out(&rows, items, shown, width);
    if (options->title != NULL) {
        seqnn_size wide = sq_page_width(page, options->title, width);
        sq_page_move(page, (width - wide) / 2);
        sq_page_style(page, SQ_STYLE_BOLD);
        sq_page_text(page, options->title, wide);
        sq_page_end_row(page);
    }
    for (seqnn_size i = 0; i < shown; i++)
        sq_rows_draw(&rows, &items[i]);
    if (shown < count) {
        char rest[48];
        snprintf(rest, sizeof rest, "and %td more", count - shown);
        sq_page_text(page, rest, width);
        sq_page_end_row(page);
    }
    sq_free(items);
}

#endif
