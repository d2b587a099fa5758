/* plot/curves.c - a series as a curve: its range, band, line and markers */
#include "figure.h"

#ifdef SEQNN_PLOT

#include "curve_line.h"
#include "memory.h"

#define SQ_CURVE_WIDTH 1.9

enum { SQ_CURVE_RIMS = 2000 }; /* so many markers get white rims */

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

bool sq_curve_at(const sq_curve *curve, const seqnn_axes *axes, seqnn_size i, double *x,
                 double *y)
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
