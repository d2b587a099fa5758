/* plot/curves.c - lines with dashes, markers and bands */
#include "figure.h"

#ifdef SEQNN_PLOT

#include "marks.h"
#include "memory.h"

#define SQ_CURVE_WIDTH 1.9
#define SQ_CURVE_BEND 0.2 /* pixels that a line of very many points may be off */

enum { SQ_CURVE_RIMS = 2000 };  /* so many markers get white rims */
enum { SQ_CURVE_MANY = 50000 }; /* from so many points on time is saved */
enum { SQ_CURVE_BLOCK = 16 };   /* pixels */

/* --- pens and markers --- */

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

void sq_marker_shape(sq_canvas *canvas, seqnn_marker marker, double x, double y,
                     double size)
{
    double r = size / 2;
    double square[4][2] = {{x - 0.9 * r, y - 0.9 * r},
                           {x + 0.9 * r, y - 0.9 * r},
                           {x + 0.9 * r, y + 0.9 * r},
                           {x - 0.9 * r, y + 0.9 * r}};
    double triangle[3][2] = {
        {x, y - 1.2 * r}, {x + 1.1 * r, y + 0.75 * r}, {x - 1.1 * r, y + 0.75 * r}};
    double diamond[4][2] = {
        {x, y - 1.3 * r}, {x + 1.1 * r, y}, {x, y + 1.3 * r}, {x - 1.1 * r, y}};
    if (marker == SEQNN_MARKER_CIRCLE)
        sq_canvas_disc(canvas, x, y, r);
    else if (marker == SEQNN_MARKER_SQUARE)
        sq_canvas_polygon(canvas, square, 4);
    else if (marker == SEQNN_MARKER_TRIANGLE)
        sq_canvas_polygon(canvas, triangle, 3);
    else if (marker == SEQNN_MARKER_DIAMOND)
        sq_canvas_polygon(canvas, diamond, 4);
}

/* A marker with a thin white rim, so that crossing lines do not swallow it. */
static void sq_curve_rimmed(sq_canvas *canvas, seqnn_marker marker, double x, double y,
                            sq_colour colour)
{
    sq_marker_shape(canvas, marker, x, y, 9.4);
    sq_canvas_paint(canvas, 0xFFFFFFu, 1);
    sq_marker_shape(canvas, marker, x, y, 7.2);
    sq_canvas_paint(canvas, colour, 1);
}

/* --- the mark --- */

typedef struct sq_curve {
    sq_mark mark;
    seqnn_plot_series series; /* complete, its arrays the figure's */
    sq_range range;           /* of a million points, found once */
} sq_curve;

/* Point i in units. False if it has no place. */
static bool sq_curve_at(const sq_curve *curve, const seqnn_axes *axes, seqnn_size i,
                        double *x, double *y)
{
    const seqnn_plot_series *s = &curve->series;
    *x = sq_axes_x(axes, s->x != NULL ? (double)s->x[i] : (double)s->x_first + (double)i);
    *y = sq_axes_y(axes, (double)s->y[i]);
    return !isnan(*x) && !isnan(*y);
}

/* Half the band's width at point i; NaN: it is broken there. */
static double sq_curve_deviation(const seqnn_plot_series *series, seqnn_size i)
{
    double deviation = series->deviation != NULL ? (double)series->deviation[i] : 0;
    return deviation < 1e300 ? fmax(deviation, 0) : (double)NAN;
}

static void sq_curve_find_range(sq_curve *curve, const seqnn_axes *axes)
{
    const seqnn_plot_series *s = &curve->series;
    for (seqnn_size i = 0; i < s->count; i++) {
        double x = s->x != NULL ? (double)s->x[i] : (double)s->x_first + (double)i;
        double y = (double)s->y[i], deviation = sq_curve_deviation(s, i);
        if (isnan(x) || isnan(y))
            continue;
        sq_range_point(&curve->range, axes, x, y);
        if (deviation > 0) {
            sq_range_point(&curve->range, axes, x, y - deviation);
            sq_range_point(&curve->range, axes, x, y + deviation);
        }
    }
}

static void sq_curve_range(const sq_mark *mark, const seqnn_axes *axes, sq_range *range)
{
    (void)axes;
    sq_range_merge(range, &((const sq_curve *)mark)->range);
}

/* --- lines --- */

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

static void sq_curve_draw_line(const sq_curve *curve, const seqnn_axes *axes,
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

/* --- bands and markers --- */

/* The band at the middle of one column of pixels. */
static void sq_curve_band_column(sq_canvas *canvas, int x, double top, double bottom)
{
    int last = (int)fmin(ceil(bottom), canvas->height);
    for (int y = (int)fmax(floor(top), 0); y < last; y++) {
        double covered = fmin(y + 1, bottom) - fmax(y, top);
        sq_canvas_cover(canvas, x, y, (int)(255 * fmax(covered, 0) + 0.5));
    }
}

static void sq_curve_draw_band(const sq_curve *curve, const seqnn_axes *axes,
                               sq_canvas *canvas)
{
    const seqnn_plot_series *s = &curve->series;
    const double scale = canvas->scale;
    double px = (double)NAN, low0 = 0, high0 = 0, x, y;
    for (seqnn_size i = 0; i < s->count; i++) {
        double deviation = sq_curve_deviation(s, i), low, high;
        if (!sq_curve_at(curve, axes, i, &x, &y) || isnan(deviation)) {
            px = (double)NAN;
            continue;
        }
        high = sq_axes_y(axes, (double)s->y[i] + deviation);
        low = sq_axes_y(axes, (double)s->y[i] - deviation);
        if (isnan(low)) /* below 0 on a log axis */
            low = axes->bottom;
        if (!isnan(px)) {
            double from = fmax(ceil(fmin(px, x) * scale - 0.5), 0);
            double to = fmin(fmax(px, x) * scale - 0.5, canvas->width);
            for (double column = from; column < to; column++) {
                double t = ((column + 0.5) / scale - px) / (x - px);
                sq_curve_band_column(canvas, (int)column,
                                     (high0 + t * (high - high0)) * scale,
                                     (low0 + t * (low - low0)) * scale);
            }
        }
        px = x;
        low0 = low;
        high0 = high;
    }
    sq_canvas_paint(canvas, s->colour, 0.2);
}

/* Notes that the pixel at (x, y) has a marker; true: it has one already. */
static bool sq_curve_marked(unsigned char *marked, const sq_canvas *canvas, double x,
                            double y)
{
    const int column = (int)fmax(fmin(x * canvas->scale, canvas->width - 1), 0);
    const int row = (int)fmax(fmin(y * canvas->scale, canvas->height - 1), 0);
    unsigned char *pixel = &marked[(size_t)row * (size_t)canvas->width + (size_t)column];
    const bool before = *pixel != 0;
    *pixel = 1;
    return before;
}

/* Markers may reach over the frame. A point that no line touches has one too. Of very
 * many a pixel gets one. */
static void sq_curve_draw_markers(const sq_curve *curve, const seqnn_axes *axes,
                                  sq_picture *picture)
{
    const seqnn_plot_series *s = &curve->series;
    sq_canvas *canvas = &picture->canvas;
    bool joined = false, here, next;
    double x = 0, y = 0, next_x = 0, next_y = 0;
    unsigned char *marked = NULL;
    if (s->count > SQ_CURVE_MANY) {
        marked = (unsigned char *)sq_allocate(canvas->width, (size_t)canvas->height);
        if (marked == NULL)
            picture->status = SEQNN_ERROR_MEMORY;
    }
    next = s->count > 0 && sq_curve_at(curve, axes, 0, &next_x, &next_y);
    for (seqnn_size i = 0; i < s->count; i++) {
        seqnn_marker marker = s->marker;
        here = next;
        x = next_x;
        y = next_y;
        next = i + 1 < s->count && sq_curve_at(curve, axes, i + 1, &next_x, &next_y);
        if (marker == SEQNN_MARKER_DEFAULT &&
            (s->line == SEQNN_LINE_NONE || (!joined && !next)))
            marker = SEQNN_MARKER_CIRCLE;
        joined = here;
        if (!here || marker <= SEQNN_MARKER_NONE || x < axes->left - 0.5 ||
            x > axes->right + 0.5 || y < axes->top - 0.5 || y > axes->bottom + 0.5)
            continue;
        if (s->count <= SQ_CURVE_RIMS)
            sq_curve_rimmed(canvas, marker, x, y, s->colour);
        else if (marked == NULL || !sq_curve_marked(marked, canvas, x, y))
            sq_marker_shape(canvas, marker, x, y, 7.2);
    }
    sq_free(marked);
    sq_canvas_paint(canvas, s->colour, 1);
}

static void sq_curve_draw(const sq_mark *mark, const seqnn_axes *axes,
                          sq_picture *picture, sq_layer layer)
{
    const sq_curve *curve = (const sq_curve *)mark;
    sq_canvas *canvas = &picture->canvas;
    /* Half the line may lie outside: a line along the limit keeps its width. */
    sq_canvas_clip(canvas, axes->left - 1, axes->top - 2, axes->right + 1,
                   axes->bottom + 1);
    if (layer == SQ_LAYER_FILL && curve->series.deviation != NULL)
        sq_curve_draw_band(curve, axes, canvas);
    else if (layer == SQ_LAYER_LINE && curve->series.line != SEQNN_LINE_NONE)
        sq_curve_draw_line(curve, axes, picture);
    sq_canvas_unclip(canvas);
    if (layer == SQ_LAYER_POINT)
        sq_curve_draw_markers(curve, axes, picture);
}

static bool sq_curve_covers(const sq_mark *mark, const seqnn_axes *axes,
                            const double box[4])
{
    const sq_curve *curve = (const sq_curve *)mark;
    double px = 0, py = 0, x, y;
    bool joined = false;
    for (seqnn_size i = 0; i < curve->series.count; i++) {
        double steps;
        bool aside;
        if (!sq_curve_at(curve, axes, i, &x, &y)) {
            joined = false;
            continue;
        }
        if (!joined || curve->series.line == SEQNN_LINE_NONE) {
            px = x;
            py = y;
        }
        /* Every few units along the line is near enough for a box with a margin. Most
         * pieces lie wholly on one side of it. */
        aside = (px < box[0] && x < box[0]) || (px > box[2] && x > box[2]) ||
                (py < box[1] && y < box[1]) || (py > box[3] && y > box[3]);
        steps = aside ? -1 : fmin(ceil((fabs(x - px) + fabs(y - py)) / 4), 2000);
        for (double k = 0; k <= steps; k++) {
            double t = steps > 0 ? k / steps : 0;
            double at_x = px + (x - px) * t, at_y = py + (y - py) * t;
            if (at_x > box[0] && at_x < box[2] && at_y > box[1] && at_y < box[3])
                return true;
        }
        px = x;
        py = y;
        joined = true;
    }
    return false;
}

/* A short piece of the line with its marker. */
static void sq_curve_sample(const sq_mark *mark, sq_picture *picture, double x, double y)
{
    const seqnn_plot_series *s = &((const sq_curve *)mark)->series;
    seqnn_marker marker = s->marker;
    double travelled = 0;
    if (s->line != SEQNN_LINE_NONE)
        sq_pen_line(&picture->canvas, s->line, &travelled, x, y, x + SQ_SAMPLE, y,
                    (double)s->width);
    else if (marker == SEQNN_MARKER_DEFAULT)
        marker = SEQNN_MARKER_CIRCLE;
    sq_canvas_paint(&picture->canvas, s->colour, 1);
    if (marker > SEQNN_MARKER_NONE)
        sq_curve_rimmed(&picture->canvas, marker, x + SQ_SAMPLE / 2, y, s->colour);
}

static const sq_mark_kind sq_curve_kind = {sq_curve_range, sq_curve_draw, sq_curve_covers,
                                           sq_curve_sample};

static seqnn_status sq_curve_check(seqnn_axes *axes, const seqnn_plot_series *s)
{
    if (s->count < 0 || (s->y == NULL && s->count > 0))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "series %td has count %td and %s, expected count >= 0 and y "
                            "values",
                            axes->series, s->count, s->y == NULL ? "no y" : "y");
    if ((int)s->line < 0 || s->line > SEQNN_LINE_NONE || (int)s->marker < 0 ||
        s->marker > SEQNN_MARKER_DIAMOND)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "series %td has line %d and marker %d, expected a "
                            "SEQNN_LINE_... and a SEQNN_MARKER_...",
                            axes->series, (int)s->line, (int)s->marker);
    if (!(s->width >= 0 && s->width <= 100))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "series %td has width %g, expected 0 (the default) to 100",
                            axes->series, (double)s->width);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_axes_line(seqnn_axes *axes, seqnn_plot_series series)
{
    const seqnn_size size = (seqnn_size)sizeof(seqnn_real);
    seqnn_size taken;
    sq_curve *curve;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    if (sq_curve_check(axes, &series) != SEQNN_OK)
        return sq_axes_status(axes);
    curve = (sq_curve *)sq_axes_add(axes, &sq_curve_kind, (seqnn_size)sizeof *curve);
    if (curve == NULL)
        return sq_axes_status(axes);
    taken = series.colour != 0 ? 0 : axes->colours;
    series.width = sq_option(series.width, (seqnn_real)SQ_CURVE_WIDTH);
    if (series.line == SEQNN_LINE_DEFAULT)
        series.line = taken < SQ_PALETTE       ? SEQNN_LINE_SOLID
                      : taken < 2 * SQ_PALETTE ? SEQNN_LINE_DASHED
                                               : SEQNN_LINE_DOTTED;
    series.colour = sq_axes_colour(axes, series.colour);
    series.x = (const seqnn_real *)sq_axes_keep(axes, series.x, series.count, size);
    series.y = (const seqnn_real *)sq_axes_keep(axes, series.y, series.count, size);
    series.deviation =
        (const seqnn_real *)sq_axes_keep(axes, series.deviation, series.count, size);
    curve->mark.label = series.label = sq_axes_keep_text(axes, series.label);
    curve->series = series;
    curve->range = sq_range_none();
    if (sq_axes_status(axes) == SEQNN_OK)
        sq_curve_find_range(curve, axes);
    else
        curve->series.count = 0;
    return sq_axes_status(axes);
}

#endif
