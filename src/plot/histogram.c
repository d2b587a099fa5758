/* plot/histogram.c - how often values occur */
#include "histogram.h"

#ifdef SEQNN_PLOT

#include "bins.h"
#include "marks.h"
#include "memory.h"

#define SQ_HISTOGRAM_LINE 1.2
#define SQ_HISTOGRAM_VEIL 0.35 /* opacity of one among several */

typedef struct sq_histogram {
    sq_mark mark;
    const seqnn_real *values;
    seqnn_size count;
    bool density, alone; /* alone: no other on the axes */
    sq_colour colour;

    /* As the axes' scale is: of logarithms on a log axis. */
    seqnn_size bins_given; /* of the first */
    double low_given, high_given;
    sq_bins bins;
    const double *heights; /* [bins.count] */
} sq_histogram;

static bool sq_histogram_covers(const sq_mark *mark, const seqnn_axes *axes,
                                const double box[4]);

/* The next histogram of the axes, from a mark on. */
static sq_histogram *sq_histogram_next(sq_mark *mark)
{
    while (mark != NULL && mark->kind->covers != sq_histogram_covers)
        mark = mark->next;
    return (sq_histogram *)mark;
}

/* --- counting --- */

/* A value on the axis' scale; NaN: not counted. */
static double sq_histogram_scaled(bool log, seqnn_real value)
{
    if (!(fabs((double)value) < 1e300) || (log && !(value > 0)))
        return (double)NAN;
    return log ? log10((double)value) : (double)value;
}

/* An edge as a value of x. */
static double sq_histogram_edge(const sq_bins *bins, bool log, seqnn_size i)
{
    double edge = sq_bins_edge(bins, i);
    return log ? pow(10, edge) : edge;
}

static seqnn_status sq_histogram_count(seqnn_axes *axes, sq_histogram *histogram,
                                       const sq_bins *bins)
{
    bool log = axes->options.log_x;
    double *heights = (double *)sq_allocate(bins->count + 1, sizeof *heights), all = 0;
    if (heights == NULL)
        return sq_axes_fail(axes, SEQNN_ERROR_MEMORY, "histogram: no memory for %td bins",
                            bins->count);
    for (seqnn_size i = 0; i < histogram->count; i++) {
        double value = sq_histogram_scaled(log, histogram->values[i]);
        seqnn_size bin = sq_bins_find(bins, value);
        if (bin >= 0) {
            heights[bin]++;
            all++;
        }
    }
    for (seqnn_size i = 0; histogram->density && all > 0 && i < bins->count; i++)
        heights[i] /=
            all * (sq_histogram_edge(bins, log, i + 1) - sq_histogram_edge(bins, log, i));
    histogram->bins = *bins;
    histogram->heights = (const double *)sq_axes_keep(axes, heights, bins->count,
                                                      (seqnn_size)sizeof *heights);
    sq_free(heights);
    return sq_axes_status(axes);
}

/* Chooses the bins from the values of all histograms, and counts all of them anew. */
static seqnn_status sq_histogram_share(seqnn_axes *axes)
{
    sq_histogram *first = sq_histogram_next(axes->marks), *one;
    seqnn_size room = 1, count = 0;
    sq_bins bins;
    double *values;
    for (one = first; one != NULL; one = sq_histogram_next(one->mark.next))
        room += one->count;
    values = (double *)sq_allocate(room, sizeof *values);
    if (values == NULL)
        return sq_axes_fail(axes, SEQNN_ERROR_MEMORY,
                            "histogram: no memory for %td values", room);
    for (one = first; one != NULL; one = sq_histogram_next(one->mark.next)) {
        for (seqnn_size i = 0; i < one->count; i++) {
            values[count] = sq_histogram_scaled(axes->options.log_x, one->values[i]);
            count += !isnan(values[count]);
        }
    }
    bins = sq_bins_choose(values, count, first->bins_given, first->low_given,
                          first->high_given, !axes->options.log_x);
    sq_free(values);
    first->alone = sq_histogram_next(first->mark.next) == NULL;
    for (one = first; one != NULL; one = sq_histogram_next(one->mark.next))
        if (sq_histogram_count(axes, one, &bins) != SEQNN_OK)
            break;
    return sq_axes_status(axes);
}

/* --- the mark's functions --- */

static void sq_histogram_range(const sq_mark *mark, const seqnn_axes *axes,
                               sq_range *range)
{
    const sq_histogram *histogram = (const sq_histogram *)mark;
    const sq_bins *bins = &histogram->bins;
    bool log = axes->options.log_x, fractions = range->fractions, any = false;
    for (seqnn_size i = 0; i <= bins->count && bins->count > 0; i++) {
        double x = sq_histogram_edge(bins, log, i);
        double height = i < bins->count ? histogram->heights[i] : 0;
        sq_range_point(range, axes, x, (double)NAN);
        any = any || height > 0;
        if (height > 0)
            sq_range_point(range, axes, (double)NAN, height);
        /* On a log axis a bar that begins at its height would have none. */
        if (height > 0 && axes->options.log_y)
            sq_range_point(range, axes, (double)NAN, 0.5 * height);
    }
    if (bins->whole)
        range->fractions = fractions; /* edges lie between the numbers */
    if (!axes->options.log_y) {
        sq_range_point(range, axes, (double)NAN, 0);
        if (!any) /* an axis from 0 to 1 */
            sq_range_point(range, axes, (double)NAN, 1);
        range->y_zero = true;
    }
}

static double sq_histogram_base(const seqnn_axes *axes)
{
    double zero = axes->y.log ? (double)NAN : sq_axes_y(axes, 0);
    return zero < axes->bottom ? fmax(zero, axes->top) : axes->bottom;
}

/* The rectangle of a bin; one without height has none. */
static bool sq_histogram_box(const sq_histogram *histogram, const seqnn_axes *axes,
                             seqnn_size i, double box[4])
{
    bool log = axes->options.log_x;
    if (!(histogram->heights[i] > 0))
        return false;
    box[0] = sq_axes_x(axes, sq_histogram_edge(&histogram->bins, log, i));
    box[1] = sq_axes_y(axes, histogram->heights[i]);
    box[2] = sq_axes_x(axes, sq_histogram_edge(&histogram->bins, log, i + 1));
    box[3] = sq_histogram_base(axes);
    return isfinite(box[0]) && isfinite(box[1]) && isfinite(box[2]) && box[1] < box[3];
}

static bool sq_histogram_covers(const sq_mark *mark, const seqnn_axes *axes,
                                const double box[4])
{
    const sq_histogram *histogram = (const sq_histogram *)mark;
    double bar[4];
    for (seqnn_size i = 0; i < histogram->bins.count; i++)
        if (sq_histogram_box(histogram, axes, i, bar) && bar[0] < box[2] &&
            bar[2] > box[0] && bar[1] < box[3] && bar[3] > box[1])
            return true;
    return false;
}

static void sq_histogram_fill(const sq_histogram *histogram, const seqnn_axes *axes,
                              sq_canvas *canvas)
{
    double box[4], pixel = 1 / canvas->scale;
    for (seqnn_size i = 0; i < histogram->bins.count; i++) {
        if (!sq_histogram_box(histogram, axes, i, box))
            continue;
        /* A white line between the bins of one that stands alone. */
        if (histogram->alone && box[2] - box[0] > 5)
            box[2] -= fmax(pixel, 0.7);
        box[2] = fmax(box[2], box[0] + pixel);
        sq_canvas_rectangle(canvas, box[0], box[1], box[2], box[3]);
    }
    sq_canvas_paint(canvas, histogram->colour, histogram->alone ? 1 : SQ_HISTOGRAM_VEIL);
}

/* The outline, from bin to bin. */
static void sq_histogram_outline(const sq_histogram *histogram, const seqnn_axes *axes,
                                 sq_canvas *canvas)
{
    bool log = axes->options.log_x;
    double base = sq_histogram_base(axes), before = base, box[4];
    for (seqnn_size i = 0; i <= histogram->bins.count && histogram->bins.count > 0; i++) {
        double x = sq_axes_x(axes, sq_histogram_edge(&histogram->bins, log, i));
        double y = base;
        if (i < histogram->bins.count && sq_histogram_box(histogram, axes, i, box)) {
            y = box[1];
            sq_canvas_hairline(canvas, box[0], y, box[2], y, SQ_HISTOGRAM_LINE);
        }
        if (isfinite(x) && y != before)
            sq_canvas_hairline(canvas, x, before, x, y, SQ_HISTOGRAM_LINE);
        before = y;
    }
    sq_canvas_paint(canvas, histogram->colour, 1);
}

static void sq_histogram_draw(const sq_mark *mark, const seqnn_axes *axes,
                              sq_picture *picture, sq_layer layer)
{
    const sq_histogram *histogram = (const sq_histogram *)mark;
    sq_canvas *canvas = &picture->canvas;
    if (layer != SQ_LAYER_FILL && layer != SQ_LAYER_LINE)
        return;
    sq_canvas_clip(canvas, axes->left, axes->top, axes->right, axes->bottom);
    if (layer == SQ_LAYER_FILL)
        sq_histogram_fill(histogram, axes, canvas);
    else if (!histogram->alone)
        sq_histogram_outline(histogram, axes, canvas);
}

static void sq_histogram_sample(const sq_mark *mark, sq_picture *picture, double x,
                                double y)
{
    const sq_histogram *histogram = (const sq_histogram *)mark;
    sq_canvas *canvas = &picture->canvas;
    double left = x + 4, right = x + SQ_SAMPLE - 4;
    sq_canvas_rectangle(canvas, left, y - 5, right, y + 5);
    sq_canvas_paint(canvas, histogram->colour, histogram->alone ? 1 : SQ_HISTOGRAM_VEIL);
    if (histogram->alone)
        return;
    sq_canvas_outline(canvas, left, y - 5, right, y + 5, 1.2);
    sq_canvas_paint(canvas, histogram->colour, 1);
}

static const sq_mark_kind sq_histogram_kind = {sq_histogram_range, sq_histogram_draw,
                                               sq_histogram_covers, sq_histogram_sample};

/* --- */

seqnn_status seqnn_axes_histogram(seqnn_axes *axes, const seqnn_real *values,
                                  seqnn_size count, seqnn_histogram_options options)
{
    const char *who = "histogram";
    const sq_histogram *first;
    sq_histogram *histogram;
    double low, high;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    low = sq_axis_given(options.low, axes->options.log_x);
    high = sq_axis_given(options.high, axes->options.log_x);
    if (count < 0 || (count > 0 && values == NULL))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: %td values, expected 0 or more", who, count);
    if (options.bins < 0 || options.bins > SQ_BINS_MOST)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: %td bins, expected 1 to %d, or 0 to choose", who,
                            options.bins, (int)SQ_BINS_MOST);
    if (low >= high || isinf(low) || isinf(high))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: bins from %g to %g, expected the first below the second",
                            who, (double)options.low, (double)options.high);
    first = sq_histogram_next(axes->marks);
    if (first != NULL && first->density != options.density)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: density is %s, expected %s, as of the first of these "
                            "axes",
                            who, options.density ? "true" : "false",
                            first->density ? "true" : "false");
    histogram = (sq_histogram *)sq_axes_add(axes, &sq_histogram_kind, sizeof *histogram);
    if (histogram == NULL)
        return sq_axes_status(axes);
    histogram->bins_given = options.bins;
    histogram->low_given = low;
    histogram->high_given = high;
    histogram->density = options.density;
    histogram->mark.label = sq_axes_keep_text(axes, options.label);
    histogram->colour = sq_axes_colour(axes, options.colour);
    histogram->values =
        (const seqnn_real *)sq_axes_keep(axes, values, count, (seqnn_size)sizeof *values);
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    histogram->count = count;
    return sq_histogram_share(axes);
}

#endif
