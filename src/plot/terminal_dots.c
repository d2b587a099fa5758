/* plot/terminal_dots.c - lines in dots of Braille, eight to a character, or in ASCII */
#include "terminal_dots.h"

#ifdef SEQNN_TERMINAL

#include "memory.h"

seqnn_status sq_dots_open(sq_dots *dots, seqnn_size columns, seqnn_size rows,
                          bool unicode)
{
    memset(dots, 0, sizeof *dots);
    dots->columns = columns;
    dots->rows = rows;
    dots->width = unicode ? 2 * columns : columns;
    dots->height = unicode ? 4 * rows : rows;
    dots->unicode = unicode;
    dots->cells = (sq_braille *)sq_allocate(columns * rows, sizeof *dots->cells);
    return dots->cells != NULL ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

void sq_dots_close(sq_dots *dots)
{
    sq_free(dots->cells);
    dots->cells = NULL;
}

void sq_dots_pen(sq_dots *dots, seqnn_line line, int style, int32_t mark)
{
    dots->line = line;
    dots->style = style;
    dots->mark = mark;
    dots->marks_each = dots->marks_at = dots->travelled = 0;
    dots->low = 0;
    dots->high = dots->column = dots->marked = dots->last_x = dots->last_y = -1;
}

static sq_braille *sq_dots_cell(const sq_dots *dots, seqnn_size x, seqnn_size y)
{
    if (x < 0 || x >= dots->width || y < 0 || y >= dots->height)
        return NULL;
    return dots->unicode ? dots->cells + y / 4 * dots->columns + x / 2
                         : dots->cells + y * dots->columns + x;
}

static void sq_dots_set(sq_dots *dots, seqnn_size x, seqnn_size y)
{
    static const unsigned char bits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    sq_braille *cell = sq_dots_cell(dots, x, y);
    if (cell == NULL)
        return;
    cell->style = (short)dots->style;
    if (dots->unicode)
        cell->dots |= bits[y % 4][x % 2];
    else
        cell->mark = dots->mark;
}

/* A dot of the line under the pen, unless a dash ends before it. */
static void sq_dots_draw(sq_dots *dots, seqnn_size x, seqnn_size y)
{
    seqnn_size column = dots->unicode ? x / 2 : x, at = dots->travelled;
    if (x == dots->last_x && y == dots->last_y)
        return; /* where two pieces join */
    dots->last_x = x;
    dots->last_y = y;
    dots->travelled++;
    if (dots->unicode && ((dots->line == SEQNN_LINE_DASHED && at % 8 >= 5) ||
                          (dots->line == SEQNN_LINE_DOTTED && at % 3 != 0)))
        return;
    sq_dots_set(dots, x, y);
    if (dots->marks_each > 0 && column % dots->marks_each == dots->marks_at &&
        column != dots->marked) {
        dots->marked = column;
        sq_dots_mark(dots, (double)x, (double)y);
    }
}

/* The part of a line that lies on the dots. */
static bool sq_dots_cut(const sq_dots *dots, double *x0, double *y0, double *x1,
                        double *y1)
{
    double from = 0, to = 1;
    double start[2] = {*x0, *y0}, step[2] = {*x1 - *x0, *y1 - *y0};
    double high[2] = {(double)dots->width - 0.5, (double)dots->height - 0.5};
    for (int i = 0; i < 2; i++) {
        double enter = (-0.5 - start[i]) / step[i],
               leave = (high[i] - start[i]) / step[i];
        if (step[i] == 0) {
            if (start[i] < -0.5 || start[i] > high[i])
                return false;
            continue;
        }
        from = fmax(from, fmin(enter, leave));
        to = fmin(to, fmax(enter, leave));
    }
    if (from > to)
        return false;
    *x0 = start[0] + from * step[0];
    *y0 = start[1] + from * step[1];
    *x1 = start[0] + to * step[0];
    *y1 = start[1] + to * step[1];
    return true;
}

static seqnn_size sq_dots_round(double place)
{
    return (seqnn_size)floor(place + 0.5);
}

/* From row y0 to row y1 of one column. Thousands of points may share it: what they have
 * drawn without a gap is remembered. */
static void sq_dots_upright(sq_dots *dots, seqnn_size x, seqnn_size y0, seqnn_size y1)
{
    seqnn_size low = sq_min(y0, y1), high = sq_max(y0, y1), step = y0 < y1 ? 1 : -1;
    bool joined = x == dots->column && low <= dots->high && high >= dots->low;
    if (joined && low >= dots->low && high <= dots->high)
        return;
    for (seqnn_size y = y0;; y += step) {
        if (!joined || y < dots->low || y > dots->high)
            sq_dots_draw(dots, x, y);
        if (y == y1)
            break;
    }
    dots->column = x;
    dots->low = joined ? sq_min(low, dots->low) : low;
    dots->high = joined ? sq_max(high, dots->high) : high;
}

void sq_dots_line(sq_dots *dots, double x0, double y0, double x1, double y1)
{
    bool flat;
    double dx, dy;
    seqnn_size from, to, step;
    if (!sq_dots_cut(dots, &x0, &y0, &x1, &y1))
        return;
    if (sq_dots_round(x0) == sq_dots_round(x1)) {
        sq_dots_upright(dots, sq_dots_round(x0), sq_dots_round(y0), sq_dots_round(y1));
        return;
    }
    dx = x1 - x0;
    dy = y1 - y0;
    flat = fabs(dx) >= fabs(dy);
    from = sq_dots_round(flat ? x0 : y0);
    to = sq_dots_round(flat ? x1 : y1);
    step = from < to ? 1 : -1;
    dots->column = -1;
    for (seqnn_size k = from;; k += step) {
        double t = ((double)k - (flat ? x0 : y0)) / (flat ? dx : dy);
        t = fmin(fmax(t, 0), 1);
        if (flat)
            sq_dots_draw(dots, k, sq_dots_round(y0 + t * dy));
        else
            sq_dots_draw(dots, sq_dots_round(x0 + t * dx), k);
        if (k == to)
            break;
    }
}

void sq_dots_point(sq_dots *dots, double x, double y)
{
    sq_dots_set(dots, sq_dots_round(x), sq_dots_round(y));
}

void sq_dots_mark(sq_dots *dots, double x, double y)
{
    sq_braille *cell = sq_dots_cell(dots, sq_dots_round(x), sq_dots_round(y));
    if (cell == NULL)
        return;
    cell->mark = dots->mark;
    cell->style = (short)dots->style;
}

void sq_dots_write(const sq_dots *dots, seqnn_size row, sq_page *page)
{
    for (seqnn_size i = 0; i < dots->columns; i++) {
        const sq_braille *cell = dots->cells + row * dots->columns + i;
        sq_page_style(page, cell->style);
        sq_page_glyph(page,
                      cell->mark != 0   ? cell->mark
                      : cell->dots != 0 ? 0x2800 + cell->dots
                                        : ' ',
                      1);
    }
    sq_page_style(page, SQ_STYLE_PLAIN);
}

#endif
