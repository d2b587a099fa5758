/* plot/terminal_lines.c - lines with axes and a legend */
#include "palette.h"

#ifdef SEQNN_TERMINAL

#include "terminal_chart.h"
#include "terminal_dots.h"
#include "terminal_ticks.h"

/* Columns between ticks of the x axis, rows between those of the y axis. */
#define SQ_LINES_X_SPACING 10.0
#define SQ_LINES_Y_SPACING 2.5

enum { SQ_LINES_LEGEND = 4, SQ_LINES_NARROW = 10, SQ_LINES_MARKS = 12 };

typedef struct sq_lines {
    sq_page *page;
    const seqnn_plot_series *series;
    seqnn_size count;
    const seqnn_terminal_options *options;
    seqnn_size width, height;
    bool marked; /* marks tell the lines apart: there are no colours */
    bool empty;
    sq_axis x, y;
    seqnn_size texts;         /* columns of the y axis' numbers */
    seqnn_size left;          /* column of its line */
    seqnn_size columns, rows; /* right of it and above the x axis */
    /* Rows of the parts around them. */
    seqnn_size title, legend, y_label, x_label;
    bool beside; /* the legend has no row of its own, but stands beside the y label */
} sq_lines;

seqnn_status sq_terminal_check_lines(const char *who, const seqnn_plot_series *series,
                                     seqnn_size count,
                                     const seqnn_terminal_options *options)
{
    const struct {
        const char *name;
        bool log;
        seqnn_real low, high, line;
    } axes[] = {{"x", options->log_x, options->x_min, options->x_max, options->x_line},
                {"y", options->log_y, options->y_min, options->y_max, options->y_line}};
    if (count < 1 || series == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td series, expected at least one", who,
                       series == NULL ? (seqnn_size)0 : count);
    for (seqnn_size i = 0; i < count; i++) {
        if (series[i].count < 0 || (series[i].y == NULL && series[i].count > 0))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: series %td has count %td and %s, expected count >= 0 and "
                           "y values",
                           who, i, series[i].count, series[i].y == NULL ? "no y" : "y");
        if ((int)series[i].line < 0 || series[i].line > SEQNN_LINE_NONE ||
            (int)series[i].marker < 0 || series[i].marker > SEQNN_MARKER_DIAMOND)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: series %td has line %d and marker %d, expected a "
                           "SEQNN_LINE_... and a SEQNN_MARKER_...",
                           who, i, (int)series[i].line, (int)series[i].marker);
    }
    for (int i = 0; i < 2; i++) {
        if (axes[i].log && (axes[i].low < 0 || axes[i].high < 0 || axes[i].line < 0))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: the log axis %s has the limits %g and %g and a line at "
                           "%g, expected numbers above 0 (0: none)",
                           who, axes[i].name, (double)axes[i].low, (double)axes[i].high,
                           (double)axes[i].line);
        if (sq_axis_given(axes[i].low, axes[i].log) >=
            sq_axis_given(axes[i].high, axes[i].log))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: the axis %s goes from %g to %g, expected a lower limit "
                           "below the upper one",
                           who, axes[i].name, (double)axes[i].low, (double)axes[i].high);
    }
    return SEQNN_OK;
}

/* --- marks and colours of series i --- */

static int32_t sq_lines_mark(const sq_lines *lines, seqnn_size i)
{
    static const char ascii[] = "*+ox#@=%ABCDEFGHIJKLMNPQRSTUVWYZabcdefghijkmnpqrstuvwyz";
    static const int32_t shapes[] = {0x25CF, 0x25A0, 0x25B2, 0x25C6,
                                     0x25CB, 0x25A1, 0x25B3, 0x25C7};
    if (!lines->page->unicode)
        return ascii[i % (SQ_COUNT(ascii) - 1)];
    if (lines->marked)
        return i < SQ_COUNT(shapes) ? shapes[i] : 'a' + (int32_t)(i % 26);
    return lines->series[i].marker > SEQNN_MARKER_NONE
               ? shapes[lines->series[i].marker - SEQNN_MARKER_CIRCLE]
               : shapes[0];
}

static int sq_lines_style(const sq_lines *lines, seqnn_size i)
{
    uint32_t colour = lines->series[i].colour;
    return sq_style_of_colour(colour != 0 ? colour : sq_colour_of_series(i));
}

static seqnn_line sq_lines_line(const sq_lines *lines, seqnn_size i)
{
    seqnn_line line = lines->series[i].line;
    if (line != SEQNN_LINE_DEFAULT)
        return line;
    return i < SQ_PALETTE || lines->marked ? SEQNN_LINE_SOLID
           : i < 2 * SQ_PALETTE            ? SEQNN_LINE_DASHED
                                           : SEQNN_LINE_DOTTED;
}

/* --- points --- */

/* Point i on the axes' scales. False if it has no place there. */
static bool sq_lines_point(const sq_lines *lines, const seqnn_plot_series *series,
                           seqnn_size i, double *x, double *y)
{
    *x = series->x != NULL ? (double)series->x[i] : (double)series->x_first + (double)i;
    *x = sq_axis_scale(&lines->x, *x);
    *y = sq_axis_scale(&lines->y, (double)series->y[i]);
    return !isnan(*x) && !isnan(*y);
}

typedef struct sq_lines_range {
    double low, high; /* low > high: no point */
} sq_lines_range;

static void sq_lines_include(sq_lines_range *range, double value)
{
    range->low = fmin(range->low, value); /* NaN is left out */
    range->high = fmax(range->high, value);
}

static double sq_lines_reference(const sq_axis *axis, seqnn_real line)
{
    return line == 0 ? (double)NAN : sq_axis_given(line, axis->log);
}

static void sq_lines_find_ranges(sq_lines *lines, sq_lines_range *x_range,
                                 sq_lines_range *y_range)
{
    sq_lines_range empty = {INFINITY, -INFINITY};
    *x_range = *y_range = empty;
    lines->x.whole = true;
    for (seqnn_size s = 0; s < lines->count; s++) {
        for (seqnn_size i = 0; i < lines->series[s].count; i++) {
            double x, y;
            if (!sq_lines_point(lines, &lines->series[s], i, &x, &y))
                continue;
            lines->x.whole = lines->x.whole && x == floor(x);
            sq_lines_include(x_range, x);
            sq_lines_include(y_range, y);
        }
    }
    lines->empty = x_range->low > x_range->high;
    sq_lines_include(x_range, sq_lines_reference(&lines->x, lines->options->x_line));
    sq_lines_include(y_range, sq_lines_reference(&lines->y, lines->options->y_line));
}

/* --- legend --- */

static seqnn_size sq_lines_sample_width(const sq_lines *lines, seqnn_size i)
{
    bool stroke = lines->page->unicode && sq_lines_line(lines, i) != SEQNN_LINE_NONE;
    bool mark = lines->marked || lines->series[i].marker > SEQNN_MARKER_NONE;
    return stroke ? (mark ? 3 : 2) : 1;
}

/* A piece of the line, as it looks in the chart. */
static void sq_lines_sample(const sq_lines *lines, seqnn_size i)
{
    static const int32_t strokes[] = {0x2501, 0x2501, 0x254D, 0x2509};
    seqnn_line line = sq_lines_line(lines, i);
    sq_page *page = lines->page;
    seqnn_size width = sq_lines_sample_width(lines, i);
    sq_page_style(page, sq_lines_style(lines, i));
    if (width == 1) {
        sq_page_glyph(page, sq_lines_mark(lines, i), 1);
    } else {
        sq_page_glyph(page, strokes[line], 1);
        if (width == 3)
            sq_page_glyph(page, sq_lines_mark(lines, i), 1);
        sq_page_glyph(page, strokes[line], 1);
    }
    sq_page_style(page, SQ_STYLE_PLAIN);
}

/* All of it in one row; more than any row has if it is empty. */
static seqnn_size sq_lines_legend_width(const sq_lines *lines)
{
    seqnn_size total = 0;
    for (seqnn_size i = 0; i < lines->count; i++) {
        const char *label = lines->series[i].label;
        if (label != NULL)
            total += (total > 0 ? 3 : 0) + sq_lines_sample_width(lines, i) + 1 +
                     sq_page_width(lines->page, label, SQ_TERMINAL_WIDEST);
    }
    return total > 0 ? total : 2 * SQ_TERMINAL_WIDEST;
}

/* The legend between two columns, in rows of which the first has begun and the last is
 * left open, or only how many that takes. What `most` rows do not hold is counted. */
static seqnn_size sq_lines_legend(const sq_lines *lines, seqnn_size left,
                                  seqnn_size right, seqnn_size most, bool draw)
{
    seqnn_size at = left, rows = 1, missing = 0;
    for (seqnn_size i = 0; i < lines->count; i++)
        missing += lines->series[i].label != NULL;
    if (missing == 0 || most < 1)
        return 0;
    for (seqnn_size i = 0; i < lines->count; i++) {
        const char *label = lines->series[i].label;
        seqnn_size sample, width, more;
        char rest[48];
        if (label == NULL)
            continue;
        sample = sq_lines_sample_width(lines, i) + 1;
        width = sample + sq_page_width(lines->page, label, right - left - sample);
        if (at > left && at + width > right && rows < most) {
            rows++;
            at = left;
            if (draw)
                sq_page_end_row(lines->page);
        }
        snprintf(rest, sizeof rest, "and %td more", missing);
        more = rows == most && missing > 1 ? (seqnn_size)strlen(rest) + 3 : 0;
        if (at + width + more > right && (at > left || more > 0)) {
            if (draw && at + (seqnn_size)strlen(rest) <= right) {
                sq_page_move(lines->page, at);
                sq_page_text(lines->page, rest, right - at);
            }
            break;
        }
        if (draw) {
            sq_page_move(lines->page, at);
            sq_lines_sample(lines, i);
            sq_page_move(lines->page, at + sample);
            sq_page_text(lines->page, label, width - sample);
        }
        at += width + 3;
        missing--;
    }
    return rows;
}

/* --- layout --- */

static void sq_lines_fit(sq_lines *lines, const sq_lines_range *x,
                         const sq_lines_range *y)
{
    const seqnn_terminal_options *o = lines->options;
    double spacing = o->log_y ? 2.0 : fmin(SQ_LINES_Y_SPACING, (double)lines->rows / 2);
    do { /* one number alone is no scale */
        sq_axis_fit(&lines->y, y->low, y->high, sq_axis_given(o->y_min, o->log_y),
                    sq_axis_given(o->y_max, o->log_y), (double)lines->rows, spacing);
        spacing /= 1.5;
    } while (lines->y.ticks < 2 && spacing >= 1);
    lines->texts = sq_ticks_widest(lines->page, &lines->y);
    lines->left = lines->texts + 1;
    if (lines->width - lines->left - 1 < SQ_LINES_NARROW)
        lines->texts = lines->left = 0;
    lines->columns = lines->width - lines->left - 1;
    spacing = fmin(SQ_LINES_X_SPACING, (double)lines->columns / 2.5);
    for (int attempt = 0; attempt < 4; attempt++) {
        seqnn_size widest;
        sq_axis_fit(&lines->x, x->low, x->high, sq_axis_given(o->x_min, o->log_x),
                    sq_axis_given(o->x_max, o->log_x), (double)lines->columns, spacing);
        widest = sq_ticks_widest(lines->page, &lines->x) + 2;
        if (lines->x.ticks < 2 || (lines->x.tick[1] - lines->x.tick[0]) /
                                          (lines->x.high - lines->x.low) *
                                          (double)lines->columns >=
                                      (double)widest)
            break;
        spacing = fmax(1.5 * spacing, (double)widest);
    }
}

/* Where a legend beside the y label begins. */
static seqnn_size sq_lines_beside(const sq_lines *lines)
{
    const char *label = lines->options->y_label;
    char power[SQ_NUMBER];
    sq_ticks_common_power(lines->page, &lines->y, power);
    return sq_max(lines->left + 1, sq_ticks_label_width(lines->page, label, power) + 3);
}

/* How many rows each part gets. */
static void sq_lines_share_rows(sq_lines *lines)
{
    const seqnn_terminal_options *o = lines->options;
    seqnn_size around, least = sq_max(3, lines->height / 2);
    lines->title = o->title != NULL;
    lines->x_label = o->x_label != NULL || lines->x.power != 0;
    lines->y_label = o->y_label != NULL || lines->y.power != 0;
    lines->beside = !o->no_legend && lines->y_label > 0 &&
                    sq_lines_beside(lines) + sq_lines_legend_width(lines) <= lines->width;
    if (!o->no_legend && !lines->beside)
        lines->legend =
            sq_lines_legend(lines, lines->left + 1, lines->width, SQ_LINES_LEGEND, false);
    for (;;) {
        around = 2 + lines->title + lines->legend + lines->x_label + lines->y_label;
        if (lines->height - around >= least)
            break;
        if (lines->legend > 1)
            lines->legend--;
        else if (lines->legend > 0)
            lines->legend = 0;
        else if (lines->x_label > 0)
            lines->x_label = 0;
        else if (lines->y_label > 0)
            lines->y_label = 0;
        else if (lines->title > 0)
            lines->title = 0;
        else
            break;
    }
    lines->rows = lines->height - around;
}

/* --- drawing --- */

static double sq_lines_x(const sq_lines *lines, const sq_dots *dots, double scaled)
{
    return (scaled - lines->x.low) / (lines->x.high - lines->x.low) *
           (double)(dots->width - 1);
}

static double sq_lines_y(const sq_lines *lines, const sq_dots *dots, double scaled)
{
    return (lines->y.high - scaled) / (lines->y.high - lines->y.low) *
           (double)(dots->height - 1);
}

static void sq_lines_draw_references(const sq_lines *lines, sq_dots *dots)
{
    double x = sq_lines_reference(&lines->x, lines->options->x_line);
    double y = sq_lines_reference(&lines->y, lines->options->y_line);
    sq_dots_pen(dots, SEQNN_LINE_DOTTED, SQ_STYLE_FAINT, '.');
    x = sq_lines_x(lines, dots, x);
    y = sq_lines_y(lines, dots, y);
    if (!isnan(x))
        sq_dots_line(dots, x, 0, x, (double)dots->height);
    if (!isnan(y))
        sq_dots_line(dots, 0, y, (double)dots->width, y);
}

/* Does a mark stand on every point of a series? Those that no line touches have one too:
 * a single dot is easily missed. */
static bool sq_lines_has_marks(const sq_lines *lines, seqnn_size s)
{
    const seqnn_plot_series *series = &lines->series[s];
    return series->marker > SEQNN_MARKER_NONE ||
           (lines->marked && series->line == SEQNN_LINE_NONE);
}

static void sq_lines_draw_series(const sq_lines *lines, sq_dots *dots, seqnn_size s)
{
    const seqnn_plot_series *series = &lines->series[s];
    seqnn_line line = sq_lines_line(lines, s);
    bool marks = sq_lines_has_marks(lines, s), joined = false, any = false;
    double px = 0, py = 0, first_x = 0, first_y = 0;
    seqnn_size each = sq_max(SQ_LINES_MARKS, lines->count);
    sq_dots_pen(dots, line, sq_lines_style(lines, s), sq_lines_mark(lines, s));
    if (lines->marked && !marks) {
        dots->marks_each = each;
        dots->marks_at = s * each / lines->count;
    }
    for (seqnn_size i = 0; i < series->count; i++) {
        double x, y, nx, ny;
        if (!sq_lines_point(lines, series, i, &x, &y)) {
            joined = false;
            continue;
        }
        x = sq_lines_x(lines, dots, x);
        y = sq_lines_y(lines, dots, y);
        if (line == SEQNN_LINE_NONE)
            sq_dots_point(dots, x, y);
        else if (joined)
            sq_dots_line(dots, px, py, x, y);
        else if (i + 1 == series->count ||
                 !sq_lines_point(lines, series, i + 1, &nx, &ny))
            sq_dots_mark(dots, x, y);
        if (!any) {
            first_x = x;
            first_y = y;
        }
        px = x;
        py = y;
        joined = any = true;
    }
    for (seqnn_size i = 0; marks && i < series->count; i++) {
        double x, y;
        if (sq_lines_point(lines, series, i, &x, &y))
            sq_dots_mark(dots, sq_lines_x(lines, dots, x), sq_lines_y(lines, dots, y));
    }
    if (any && dots->marks_each > 0 && dots->marked < 0)
        sq_dots_mark(dots, first_x, first_y);
}

static void sq_lines_write_rows(const sq_lines *lines, const sq_dots *dots)
{
    sq_page *page = lines->page;
    bool unicode = page->unicode;
    for (seqnn_size row = 0; row < lines->rows; row++) {
        int tick = -1;
        for (int i = 0; i < lines->y.ticks; i++) {
            double y = sq_lines_y(lines, dots, lines->y.tick[i]);
            if ((seqnn_size)floor(y + 0.5) / (unicode ? 4 : 1) == row)
                tick = i;
        }
        if (tick >= 0 && lines->texts > 0) {
            char text[SQ_NUMBER];
            sq_ticks_text(page, &lines->y, tick, text);
            sq_page_move(page, lines->texts - sq_page_width(page, text, SQ_NUMBER));
            sq_page_text(page, text, lines->texts);
        }
        sq_page_move(page, lines->left);
        if (unicode)
            sq_page_glyph(page, tick >= 0 ? 0x2524 : 0x2502, 1);
        else
            sq_page_glyph(page, tick >= 0 ? '+' : '|', 1);
        if (lines->empty && row == lines->rows / 2) {
            sq_page_move(page, lines->left + 1 + (lines->columns - 7) / 2);
            sq_page_text(page, "no data", 7);
        } else {
            sq_dots_write(dots, row, page);
        }
        sq_page_end_row(page);
    }
}

/* The x axis: its line, its numbers. */
static void sq_lines_write_x_axis(const sq_lines *lines, const sq_dots *dots)
{
    sq_page *page = lines->page;
    bool unicode = page->unicode;
    seqnn_size at[SQ_TICKS];
    int next = 0;
    for (int i = 0; i < lines->x.ticks; i++)
        at[i] = (seqnn_size)floor(sq_lines_x(lines, dots, lines->x.tick[i]) + 0.5) /
                (unicode ? 2 : 1);
    sq_page_move(page, lines->left);
    sq_page_glyph(page, unicode ? 0x2514 : '+', 1);
    for (seqnn_size i = 0; i < lines->columns; i++) {
        bool tick = next < lines->x.ticks && at[next] == i;
        next += tick;
        sq_page_glyph(page, tick ? (unicode ? 0x252C : '+') : (unicode ? 0x2500 : '-'),
                      1);
    }
    sq_page_end_row(page);
    for (int i = 0; i < lines->x.ticks; i++) {
        char text[SQ_NUMBER];
        seqnn_size width, start;
        sq_ticks_text(page, &lines->x, i, text);
        width = sq_page_width(page, text, SQ_NUMBER);
        start = lines->left + 1 + at[i] - (width - 1) / 2;
        start = sq_max(0, sq_min(start, lines->width - width));
        if (page->column > 0 && start < page->column + 1)
            continue;
        sq_page_move(page, start);
        sq_page_text(page, text, width);
    }
    sq_page_end_row(page);
}

/* A row of its own in the middle of the axes, as far as it fits there. */
static void sq_lines_write_centred(const sq_lines *lines, const char *label,
                                   const char *power)
{
    seqnn_size width = sq_ticks_label_width(lines->page, label, power);
    seqnn_size start = lines->left + 1 + (lines->columns - width) / 2;
    width = sq_min(width, lines->width);
    sq_page_move(lines->page, sq_max(0, sq_min(start, lines->width - width)));
    sq_ticks_write_label(lines->page, label, power, width);
    sq_page_end_row(lines->page);
}

static void sq_lines_write_head(const sq_lines *lines)
{
    const seqnn_terminal_options *o = lines->options;
    sq_page *page = lines->page;
    if (lines->title > 0) {
        sq_page_style(page, SQ_STYLE_BOLD);
        sq_lines_write_centred(lines, o->title, "");
    }
    if (lines->y_label > 0) {
        char power[SQ_NUMBER];
        sq_ticks_common_power(page, &lines->y, power);
        sq_ticks_write_label(page, o->y_label, power, lines->width);
        if (lines->beside) {
            seqnn_size left = sq_lines_beside(lines);
            sq_page_move(page, left);
            sq_lines_legend(lines, left, lines->width, 1, true);
        }
        sq_page_end_row(page);
    }
    if (lines->legend > 0) {
        sq_lines_legend(lines, lines->left + 1, lines->width, lines->legend, true);
        sq_page_end_row(page);
    }
}

void sq_terminal_lines(sq_page *page, const seqnn_plot_series *series, seqnn_size count,
                       const seqnn_terminal_options *options, seqnn_size width,
                       seqnn_size height)
{
    sq_lines_range x, y;
    sq_lines lines;
    sq_dots dots;
    memset(&lines, 0, sizeof lines);
    lines.page = page;
    lines.series = series;
    lines.count = count;
    lines.options = options;
    lines.width = width;
    lines.height = height;
    lines.marked = page->unicode && !page->colour && count > 1;
    lines.x.log = options->log_x;
    lines.y.log = options->log_y;
    sq_lines_find_ranges(&lines, &x, &y);
    lines.rows = sq_max(3, height - 4);
    sq_lines_fit(&lines, &x, &y); /* the powers and the width of the numbers */
    sq_lines_share_rows(&lines);
    sq_lines_fit(&lines, &x, &y);
    page->status = sq_dots_open(&dots, lines.columns, lines.rows, page->unicode);
    if (page->status != SEQNN_OK)
        return;
    sq_lines_draw_references(&lines, &dots);
    for (seqnn_size s = 0; s < count; s++)
        sq_lines_draw_series(&lines, &dots, s);
    sq_lines_write_head(&lines);
    sq_lines_write_rows(&lines, &dots);
    sq_lines_write_x_axis(&lines, &dots);
    if (lines.x_label > 0) {
        char power[SQ_NUMBER];
        sq_ticks_common_power(page, &lines.x, power);
        sq_lines_write_centred(&lines, options->x_label, power);
    }
    sq_dots_close(&dots);
}

#endif
