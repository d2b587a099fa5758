/* plot/curve_line.c - lines with dashes, and lines of a million points */
#include "figure.h"

#ifdef SEQNN_PLOT

#include "curve_line.h"
#include "memory.h"

#define SQ_CURVE_BEND 0.2     /* pixels that a line of very many points may be off */
enum { SQ_CURVE_BLOCK = 16 }; /* pixels */

/* The part of a line inside a rectangle that lies `room` outside the picture: a point
 * that a narrow limit puts a million units away must not be dashed all the way. */
static bool sq_curve_cut(const sq_canvas *canvas, double *x0, double *y0, double *x1,
                         double *y1)
{
    double room = 50, from = 0, to = 1, dx = *x1 - *x0, dy = *y1 - *y0;
    double low[2] = {-room, -room}, start[2] = {*x0, *y0}, step[2] = {dx, dy};
    double high[2] = {canvas->width / canvas->scale + room,
                      canvas->height / canvas->scale + room};
    for (int i = 0; i < 2; i++) {
        double enter, leave;
        if (step[i] == 0) {
            if (start[i] < low[i] || start[i] > high[i])
                return false;
            continue;
        }
        enter = (low[i] - start[i]) / step[i];
        leave = (high[i] - start[i]) / step[i];
        from = fmax(from, fmin(enter, leave));
        to = fmin(to, fmax(enter, leave));
    }
    if (!(from < to || (from <= to && dx == 0 && dy == 0)))
        return false;
    *x1 = start[0] + to * dx;
    *y1 = start[1] + to * dy;
    *x0 = start[0] + from * dx;
    *y0 = start[1] + from * dy;
    return true;
}

void sq_pen_line(sq_canvas *canvas, seqnn_line line, double *travelled, double x0,
                 double y0, double x1, double y1, double width)
{
    const bool dashed = line == SEQNN_LINE_DASHED, dotted = line == SEQNN_LINE_DOTTED;
    const double dash = dashed ? 7 : 0.01, period = dashed ? 12 : 4.5;
    double length, at = 0;
    if (!sq_curve_cut(canvas, &x0, &y0, &x1, &y1))
        return;
    if (!dashed && !dotted) {
        sq_canvas_line(canvas, x0, y0, x1, y1, width);
        return;
    }
    length = sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
    while (at < length) {
        double phase = fmod(*travelled, period), step;
        bool drawing = phase < dash;
        step = fmin(length - at, fmax((drawing ? dash : period) - phase, 1e-3));
        if (drawing)
            sq_canvas_line(canvas, x0 + (x1 - x0) * at / length,
                           y0 + (y1 - y0) * at / length,
                           x0 + (x1 - x0) * (at + step) / length,
                           y0 + (y1 - y0) * (at + step) / length, width);
        at += step;
        *travelled += step;
    }
}

/* What draws a curve's line, point after point. A line of very many points is drawn as
 * fewer straight pieces, each as long as no point is further off it than SQ_CURVE_BEND,
 * and not where everything is covered already: what is left to do depends on the size of
 * the picture, not on the number of points. */
typedef struct sq_curve_pen {
    const seqnn_plot_series *series;
    sq_canvas *canvas;
    double at[2], travelled; /* where it is; NaN: it is lifted */

    unsigned char *full; /* [rows, columns]: blocks of pixels without a gap; NULL: few
                            points */
    int columns;
    double ahead[2],
        reach; /* the piece ends there for now, `reach` from `at` or nearer */
    double left[2], right[2]; /* directions between which it must stay */
    int points;               /* of the piece, behind `at` */
} sq_curve_pen;

static double sq_curve_cross(const double a[2], const double b[2])
{
    return a[0] * b[1] - a[1] * b[0];
}

/* Is every pixel of the block, as far as the clip leaves it, wholly covered? */
static bool sq_curve_full(sq_curve_pen *pen, int column, int row)
{
    const sq_canvas *canvas = pen->canvas;
    unsigned char *known = &pen->full[row * pen->columns + column];
    const int block = SQ_CURVE_BLOCK;
    const int left = (int)sq_max(column * block, canvas->clip.left);
    const int right = (int)sq_min((column + 1) * block, canvas->clip.right);
    const int top = (int)sq_max(row * block, canvas->clip.top);
    const int bottom = (int)sq_min((row + 1) * block, canvas->clip.bottom);
    if (*known)
        return true;
    for (int y = top; y < bottom; y++) {
        const unsigned char *at = canvas->mask + (size_t)y * (size_t)canvas->width;
        for (int x = left; x < right; x++)
            if (at[x] != 255)
                return false;
    }
    *known = 1;
    return true;
}

/* Not fmin and fmax, which are slow for the sake of NaN. */
static double sq_curve_less(double a, double b)
{
    return a < b ? a : b;
}

static double sq_curve_more(double a, double b)
{
    return a > b ? a : b;
}

/* The same as sq_pen_line, in the blocks that are not full. */
static void sq_curve_fill(sq_curve_pen *pen, double x0, double y0, double x1, double y1)
{
    sq_canvas *canvas = pen->canvas;
    const sq_box clip = canvas->clip;
    const double s = canvas->scale, reach = (double)pen->series->width * s / 2 + 0.5;
    const double block = SQ_CURVE_BLOCK;
    double low_x, high_x, low_y, high_y, slope;
    bool gaps = false;
    int first, last;
    if (!sq_curve_cut(canvas, &x0, &y0, &x1, &y1))
        return;
    low_x = sq_curve_less(x0, x1) * s;
    high_x = sq_curve_more(x0, x1) * s;
    low_y = sq_curve_less(y0, y1) * s;
    high_y = sq_curve_more(y0, y1) * s;
    slope = high_y - low_y > 1e-9 ? (x1 - x0) / (y1 - y0) : 0;
    first = (int)floor(sq_curve_more(low_y - reach, clip.top) / block);
    last = (int)floor(sq_curve_less(high_y + reach, clip.bottom - 1) / block);
    for (int row = first; row <= last; row++) {
        /* Of the line, and so of its thickness, between the block's edges. */
        double top = sq_curve_less(sq_curve_more(row * block - reach, low_y), high_y);
        double bottom =
            sq_curve_more(sq_curve_less((row + 1) * block + reach, high_y), low_y);
        double a = slope != 0 ? x0 * s + (top - y0 * s) * slope : low_x;
        double b = slope != 0 ? x0 * s + (bottom - y0 * s) * slope : high_x;
        double from = sq_curve_more(sq_curve_less(a, b) - reach, clip.left);
        double to = sq_curve_less(sq_curve_more(a, b) + reach, clip.right - 1);
        int left = (int)floor(from / block), right = (int)floor(to / block);
        while (left <= right && sq_curve_full(pen, left, row))
            left++;
        while (right > left && sq_curve_full(pen, right, row))
            right--;
        if (left > right)
            continue;
        gaps = true;
        if (last - first < 2 || pen->series->line != SEQNN_LINE_SOLID)
            break;
        canvas->clip.left = (int)sq_max(left * SQ_CURVE_BLOCK, clip.left);
        canvas->clip.right = (int)sq_min((right + 1) * SQ_CURVE_BLOCK, clip.right);
        canvas->clip.top = (int)sq_max(row * SQ_CURVE_BLOCK, clip.top);
        canvas->clip.bottom = (int)sq_min((row + 1) * SQ_CURVE_BLOCK, clip.bottom);
        sq_canvas_line(canvas, x0, y0, x1, y1, (double)pen->series->width);
        canvas->clip = clip;
        gaps = false;
    }
    if (gaps)
        sq_pen_line(canvas, pen->series->line, &pen->travelled, x0, y0, x1, y1,
                    (double)pen->series->width);
    else
        pen->travelled += sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
}

/* Draws the piece up to where it ends for now. */
static void sq_curve_finish(sq_curve_pen *pen)
{
    if (pen->points > 0)
        sq_curve_fill(pen, pen->at[0], pen->at[1], pen->ahead[0], pen->ahead[1]);
    pen->at[0] = pen->points > 0 ? pen->ahead[0] : pen->at[0];
    pen->at[1] = pen->points > 0 ? pen->ahead[1] : pen->at[1];
    pen->points = 0;
    pen->reach = 0;
}

/* Lengthens the piece to (x, y). False: a point before that would be too far off it. */
static bool sq_curve_lengthen(sq_curve_pen *pen, double x, double y)
{
    const double bend = SQ_CURVE_BEND / pen->canvas->scale;
    const double way[2] = {x - pen->at[0], y - pen->at[1]};
    const double length = sqrt(way[0] * way[0] + way[1] * way[1]);
    const bool bound = pen->reach > bend;
    if (bound && (length < pen->reach - bend || sq_curve_cross(pen->right, way) < 0 ||
                  sq_curve_cross(pen->left, way) > 0))
        return false;
    if (length > bend) {
        double sine = bend / length, cosine = sqrt(1 - sine * sine);
        double left[2], right[2];
        left[0] = (way[0] * cosine - way[1] * sine) / length;
        left[1] = (way[0] * sine + way[1] * cosine) / length;
        right[0] = (way[0] * cosine + way[1] * sine) / length;
        right[1] = (way[1] * cosine - way[0] * sine) / length;
        if (!bound || sq_curve_cross(left, pen->left) > 0)
            memcpy(pen->left, left, sizeof left);
        if (!bound || sq_curve_cross(right, pen->right) < 0)
            memcpy(pen->right, right, sizeof right);
    }
    pen->reach = sq_curve_more(pen->reach, length);
    pen->ahead[0] = x;
    pen->ahead[1] = y;
    pen->points++;
    return true;
}

static void sq_curve_to(sq_curve_pen *pen, double x, double y)
{
    if (!isnan(pen->at[0]) && pen->full != NULL) {
        if (!sq_curve_lengthen(pen, x, y)) {
            sq_curve_finish(pen);
            sq_curve_lengthen(pen, x, y);
        }
        return;
    }
    if (!isnan(pen->at[0]))
        sq_pen_line(pen->canvas, pen->series->line, &pen->travelled, pen->at[0],
                    pen->at[1], x, y, (double)pen->series->width);
    pen->at[0] = x;
    pen->at[1] = y;
}

/* The line between points that fall into one column of pixels, however many: where it
 * enters, its ends above and below, and where it leaves. */
typedef struct sq_curve_column {
    double x[4], y[4]; /* first, lowest, highest, last */
    double pixel;
    seqnn_size points;
    bool low_first; /* of lowest and highest, which came first */
} sq_curve_column;

static void sq_curve_leave_column(sq_curve_pen *pen, const sq_curve_column *column)
{
    const int order[2][4] = {{0, 2, 1, 3}, {0, 1, 2, 3}};
    if (column->points == 0)
        return;
    for (int k = 0; k < (column->points > 1 ? 4 : 1); k++) {
        int i = order[column->low_first][k];
        sq_curve_to(pen, column->x[i], column->y[i]);
    }
}

static void sq_curve_enter(sq_curve_column *column, int k, double x, double y)
{
    column->x[k] = x;
    column->y[k] = y;
}

void sq_curve_draw_line(const sq_curve *curve, const seqnn_axes *axes,
                        sq_picture *picture)
{
    sq_canvas *canvas = &picture->canvas;
    sq_curve_column column;
    sq_curve_pen pen;
    double x, y;
    memset(&column, 0, sizeof column);
    memset(&pen, 0, sizeof pen);
    pen.series = &curve->series;
    pen.canvas = canvas;
    pen.at[0] = (double)NAN;
    if (curve->series.count > SQ_CURVE_MANY) {
        pen.columns = canvas->width / SQ_CURVE_BLOCK + 1;
        pen.full = (unsigned char *)sq_allocate(
            pen.columns, (size_t)canvas->height / SQ_CURVE_BLOCK + 1);
        if (pen.full == NULL)
            picture->status = SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i <= curve->series.count; i++) {
        bool here = i < curve->series.count && sq_curve_at(curve, axes, i, &x, &y);
        double pixel = here ? floor(x * canvas->scale) : 0;
        if (here && column.points > 0 && pixel == column.pixel) {
            column.points++;
            sq_curve_enter(&column, 3, x, y);
            if (y < column.y[1]) {
                sq_curve_enter(&column, 1, x, y);
                column.low_first = false;
            }
            if (y > column.y[2]) {
                sq_curve_enter(&column, 2, x, y);
                column.low_first = true;
            }
            continue;
        }
        sq_curve_leave_column(&pen, &column);
        column.points = here;
        column.pixel = pixel;
        column.low_first = false;
        for (int k = 0; here && k < 4; k++)
            sq_curve_enter(&column, k, x, y);
        if (!here) { /* the line is broken */
            sq_curve_finish(&pen);
            pen.at[0] = (double)NAN;
        }
    }
    sq_free(pen.full);
    sq_canvas_paint(canvas, curve->series.colour, 1);
}

#endif
