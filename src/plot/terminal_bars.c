#include "axis.h"
#include "memory.h"
#include "palette.h"
#include "terminal_chart.h"

typedef struct sq_bars {
    sq_page *page;
    const char *const *names;
    const seqnn_real *values;
    char form; /* of the numbers, see sq_number_text */
    int digits;
    seqnn_size names_width, below_width, above_width; /* of the texts, in columns */
    seqnn_size below, above;                          /* of the bars */
    double low, high;                                 /* what they stand for */
} sq_bars;

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

typedef struct sq_bars_item {
    double value;
    seqnn_size index;
} sq_bars_item;

/* The largest first, NaN last, equal ones as they come. */
static int sq_bars_compare(const void *a, const void *b)
{
    const sq_bars_item *x = (const sq_bars_item *)a, *y = (const sq_bars_item *)b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (x->value > y->value || x->value < y->value)
        return x->value > y->value ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void sq_bars_number(const sq_bars *bars, double value, char text[SQ_NUMBER])
{
    if (isnan(value))
        snprintf(text, SQ_NUMBER, "NaN");
    else if (isinf(value))
        snprintf(text, SQ_NUMBER, "%s%s", value < 0 ? "\xE2\x88\x92" : "", "inf");
    else
        sq_number_text(text, bars->form, bars->digits, value);
}

static void sq_bars_name(const sq_bars *bars, seqnn_size i, seqnn_size widest)
{
    char number[32];
    snprintf(number, sizeof number, "%td", i);
    sq_page_text(bars->page, bars->names != NULL ? bars->names[i] : number, widest);
}

static seqnn_size sq_bars_name_width(const sq_bars *bars, seqnn_size i, seqnn_size widest)
{
    char number[32];
    snprintf(number, sizeof number, "%td", i);
    return sq_page_width(bars->page, bars->names != NULL ? bars->names[i] : number,
                         widest);
}

/* Whole numbers as they are; others with three digits of the largest. */
static void sq_bars_choose_form(sq_bars *bars, const sq_bars_item *items,
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
    bars->form = 'f';
    if (largest >= 1e9 || (largest > 0 && largest < 1e-3)) {
        bars->form = 'g';
        bars->digits = 3;
    } else if (!whole) {
        bars->digits = (int)fmax(0, 2 - floor(log10(largest)));
    }
}

/* The ends of the bars: from the values that are shown, or the options. */
static void sq_bars_find_range(sq_bars *bars, const sq_bars_item *items, seqnn_size count,
                               const seqnn_terminal_options *options)
{
    for (seqnn_size i = 0; i < count; i++) {
        if (fabs(items[i].value) < 1e300) {
            bars->low = fmin(bars->low, items[i].value);
            bars->high = fmax(bars->high, items[i].value);
        } else if (items[i].value < 0 && bars->low == 0) {
            bars->low = -1e-300; /* an infinite bar needs a side */
        }
    }
    if (options->x_min != 0)
        bars->low = options->x_min == SEQNN_ZERO ? 0 : (double)options->x_min;
    if (options->x_max != 0)
        bars->high = options->x_max == SEQNN_ZERO ? 0 : (double)options->x_max;
    if (bars->low == bars->high)
        bars->high = 1;
}

static void sq_bars_lay_out(sq_bars *bars, const sq_bars_item *items, seqnn_size count,
                            seqnn_size width)
{
    seqnn_size room;
    for (seqnn_size i = 0; i < count; i++) {
        char text[SQ_NUMBER];
        seqnn_size columns;
        bool below = items[i].value < 0 && bars->low < 0;
        sq_bars_number(bars, items[i].value, text);
        columns = 1 + sq_page_width(bars->page, text, SQ_NUMBER);
        if (below)
            bars->below_width = sq_max(bars->below_width, columns);
        else
            bars->above_width = sq_max(bars->above_width, columns);
        bars->names_width = sq_max(
            bars->names_width, sq_bars_name_width(bars, items[i].index, width * 2 / 5));
    }
    /* Names have up to two fifths, numbers what they need if half is left for bars. */
    room = width - bars->names_width - 2;
    if (bars->below_width + bars->above_width > room / 2 + 2)
        bars->below_width = bars->above_width = 0;
    room -= bars->below_width + bars->above_width;
    bars->below =
        (seqnn_size)ceil((double)room * bars->low / (bars->low - bars->high) - 0.5);
    if (bars->low < 0)
        bars->below = sq_max(1, sq_min(bars->below, room - 1));
    bars->above = room - bars->below;
}

/* The share of its side that a bar fills. */
static double sq_bars_part(double value, double end)
{
    return isnan(value) || end == 0 ? 0 : fmin(fmax(value / end, 0), 1);
}

/* A bar to the left of 0: whole characters and at its end a half. */
static void sq_bars_draw_below(const sq_bars *bars, double value, const char *number)
{
    sq_page *page = bars->page;
    seqnn_size zero = bars->names_width + 1 + bars->below_width + bars->below;
    double length = sq_bars_part(value, bars->low) * (double)bars->below;
    seqnn_size halves = (seqnn_size)floor((page->unicode ? 2 : 1) * length + 0.5);
    seqnn_size whole = page->unicode ? halves / 2 : halves;
    seqnn_size half = page->unicode ? halves % 2 : 0;
    if (bars->below_width > 0 && value < 0) {
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
static void sq_bars_draw_above(const sq_bars *bars, double value, const char *number)
{
    sq_page *page = bars->page;
    double length = sq_bars_part(value, bars->high) * (double)bars->above;
    int parts = page->unicode ? 8 : 1;
    seqnn_size eighths = (seqnn_size)floor(parts * length + 0.5);
    sq_page_style(page, sq_style_of_colour(sq_colour_of_series(0)));
    sq_page_glyph(page, page->unicode ? 0x2588 : '#', eighths / parts);
    if (eighths % parts > 0)
        sq_page_glyph(page, 0x2590 - (int32_t)(eighths % parts), 1);
    sq_page_style(page, SQ_STYLE_PLAIN);
    if (bars->above_width > 0 && !(value < 0 && bars->low < 0)) {
        sq_page_move(page, page->column + 1);
        sq_page_text(page, number, bars->above_width - 1);
    }
}

static void sq_bars_draw(const sq_bars *bars, const sq_bars_item *item)
{
    sq_page *page = bars->page;
    char number[SQ_NUMBER];
    seqnn_size wide = sq_bars_name_width(bars, item->index, bars->names_width);
    sq_bars_number(bars, item->value, number);
    sq_page_move(page, bars->names_width - wide);
    sq_bars_name(bars, item->index, wide);
    sq_bars_draw_below(bars, item->value, number);
    sq_page_move(page, bars->names_width + 1 + bars->below_width + bars->below);
    sq_page_glyph(page, page->unicode ? 0x2502 : '|', 1);
    sq_bars_draw_above(bars, item->value, number);
    sq_page_end_row(page);
}

void sq_terminal_bars(sq_page *page, const char *const *names, const seqnn_real *values,
                      seqnn_size count, const seqnn_terminal_options *options,
                      seqnn_size width, seqnn_size height)
{
    seqnn_size room = height - (options->title != NULL), shown;
    sq_bars_item *items = (sq_bars_item *)sq_allocate(count, sizeof *items);
    sq_bars bars;
    if (items == NULL) {
        page->status = SEQNN_ERROR_MEMORY;
        return;
    }
    memset(&bars, 0, sizeof bars);
    bars.page = page;
    bars.names = names;
    bars.values = values;
    for (seqnn_size i = 0; i < count; i++) {
        items[i].value = (double)values[i];
        items[i].index = i;
    }
    if (options->sorted)
        qsort(items, (size_t)count, sizeof *items, sq_bars_compare);
    shown = count <= room ? count : room - 1; /* the last row counts the others */
    sq_bars_choose_form(&bars, items, shown);
    sq_bars_find_range(&bars, items, shown, options);
    sq_bars_lay_out(&bars, items, shown, width);
    if (options->title != NULL) {
        seqnn_size wide = sq_page_width(page, options->title, width);
        sq_page_move(page, (width - wide) / 2);
        sq_page_style(page, SQ_STYLE_BOLD);
        sq_page_text(page, options->title, wide);
        sq_page_end_row(page);
    }
    for (seqnn_size i = 0; i < shown; i++)
        sq_bars_draw(&bars, &items[i]);
    if (shown < count) {
        char rest[48];
        snprintf(rest, sizeof rest, "and %td more", count - shown);
        sq_page_text(page, rest, width);
        sq_page_end_row(page);
    }
    sq_free(items);
}
