/* plot/eigenvalue_charts.c - the spectrum of a recurrent matrix, once and over training
 */
#include "eigenvalue_charts.h"

#ifdef SEQNN_PLOT

#include "marks.h"
#include "memory.h"
#include "scatter.h"
#include "titles.h"

enum { SQ_SPECTRUM_EPOCHS = 60, SQ_SPECTRUM_LINES = 24 };

static seqnn_status sq_spectrum_check(const char *who, const double *real,
                                      const double *imaginary, seqnn_size epochs,
                                      seqnn_size count)
{
    if (real == NULL || imaginary == NULL || epochs < 1 || count < 1 ||
        sq_multiply(sq_multiply(epochs, count), 2) < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: %td eigenvalues of %td epochs, expected at least one, with "
                       "real and imaginary parts",
                       who, real == NULL || imaginary == NULL ? (seqnn_size)0 : count,
                       epochs);
    return SEQNN_OK;
}

static seqnn_figure *sq_spectrum_figure(const char *who, const char *title,
                                        seqnn_size columns, seqnn_size width,
                                        seqnn_size height,
                                        const seqnn_eigenvalues_options *options)
{
    seqnn_figure_options figure;
    memset(&figure, 0, sizeof figure);
    figure.title = title;
    figure.columns = columns;
    figure.width = options->width ? options->width : width;
    figure.height = options->height ? options->height : height;
    figure.scale = options->scale;
    figure.font = options->font;
    return sq_figure_new(who, figure);
}

/* "Eigenvalues: spectral radius 0.984"; there is none of NaN. */
static char *sq_spectrum_title(const char *title, const double *real,
                               const double *imaginary, seqnn_size count)
{
    char number[SQ_NUMBER], remark[SQ_NUMBER + 40];
    double radius = 0;
    seqnn_size lost = 0;
    for (seqnn_size i = 0; i < count; i++) {
        lost += !isfinite(real[i]) || !isfinite(imaginary[i]);
        radius = fmax(radius, hypot(real[i], imaginary[i]));
    }
    sq_title_number(number, 3, radius);
    snprintf(remark, sizeof remark, "spectral radius %s", number);
    if (lost > 0)
        snprintf(remark, sizeof remark, "%td of %td not finite", lost, count);
    return sq_title_new(title ? title : "Eigenvalues", remark);
}

static seqnn_real sq_spectrum_limit(double limit)
{
    return limit == 0 ? SEQNN_ZERO : (seqnn_real)limit;
}

/* Both axes span as much, around the circle and all eigenvalues: the plane is square. */
static void sq_spectrum_limits(seqnn_axes_options *options, const double *real,
                               const double *imaginary, seqnn_size count)
{
    double low[2] = {-1, -1}, high[2] = {1, 1};
    for (seqnn_size i = 0; i < count; i++) {
        const double at[2] = {real[i], imaginary[i]};
        for (int k = 0; k < 2 && isfinite((seqnn_real)at[0] + (seqnn_real)at[1]); k++) {
            low[k] = fmin(low[k], at[k]);
            high[k] = fmax(high[k], at[k]);
        }
    }
    const double half = 0.55 * fmax(high[0] - low[0], high[1] - low[1]);
    const double x = (low[0] + high[0]) / 2, y = (low[1] + high[1]) / 2;
    if (!isfinite((seqnn_real)(fabs(x) + half)) ||
        !isfinite((seqnn_real)(fabs(y) + half)))
        return; /* at the end of the numbers */
    options->x_min = sq_spectrum_limit(x - half);
    options->x_max = sq_spectrum_limit(x + half);
    options->y_min = sq_spectrum_limit(y - half);
    options->y_max = sq_spectrum_limit(y + half);
}

static seqnn_axes *sq_spectrum_plane(seqnn_figure *figure, const double *real,
                                     const double *imaginary, seqnn_size count)
{
    seqnn_axes_options options;
    seqnn_reference_options circle;
    memset(&options, 0, sizeof options);
    memset(&circle, 0, sizeof circle);
    options.x_label = "real part";
    options.y_label = "imaginary part";
    options.equal_aspect = true;
    sq_spectrum_limits(&options, real, imaginary, count);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, options);
    seqnn_axes_unit_circle(axes, circle);
    return axes;
}

static void sq_spectrum_points(seqnn_axes *axes, const double *real,
                               const double *imaginary, seqnn_size count,
                               seqnn_real *memory, seqnn_scatter_options points)
{
    for (seqnn_size i = 0; i < count; i++) {
        memory[i] = (seqnn_real)real[i];
        memory[count + i] = (seqnn_real)imaginary[i];
    }
    seqnn_axes_scatter(axes, memory, memory + count, count, points);
}

SEQNN_API seqnn_status seqnn_plot_eigenvalues(const double *real, const double *imaginary,
                                              seqnn_size count, const char *path,
                                              seqnn_eigenvalues_options options)
{
    const char *who = "plot eigenvalues";
    seqnn_scatter_options points;
    seqnn_status status = sq_spectrum_check(who, real, imaginary, 1, count);
    if (status)
        return status;
    seqnn_real *memory = (seqnn_real *)sq_allocate(2 * count, sizeof *memory);
    char *title = sq_spectrum_title(options.title, real, imaginary, count);
    if (memory != NULL && title != NULL) {
        seqnn_figure *figure = sq_spectrum_figure(who, title, 1, 640, 600, &options);
        seqnn_axes *axes = sq_spectrum_plane(figure, real, imaginary, count);
        memset(&points, 0, sizeof points);
        sq_spectrum_points(axes, real, imaginary, count, memory, points);
        status = seqnn_figure_save(figure, path);
        seqnn_figure_free(figure);
    } else
        status = SEQNN_ERROR_MEMORY;
    sq_free(title);
    sq_free(memory);
    return status;
}

/* --- over training --- */

/* All epochs in one plane, each in its colour. */
static void sq_spectrum_paths(seqnn_figure *figure, const double *real,
                              const double *imaginary, seqnn_size epochs,
                              seqnn_size count, seqnn_real *memory)
{
    const seqnn_size shown = sq_min(epochs, SQ_SPECTRUM_EPOCHS);
    seqnn_axes *axes = sq_spectrum_plane(figure, real, imaginary, epochs * count);
    seqnn_scatter_options points;
    memset(&points, 0, sizeof points);
    points.opacity = (seqnn_real)0.9; /* no rims: neighbours would hide each other */
    for (seqnn_size k = 0; k < shown; k++) {
        const seqnn_size e = shown > 1 ? k * (epochs - 1) / (shown - 1) : 0;
        const double share = shown > 1 ? (double)e / (double)(epochs - 1) : 0;
        points.size = k + 1 < shown ? 4 : 7;
        points.colour = sq_colour_of_map(SEQNN_MAP_VIRIDIS, share);
        sq_spectrum_points(axes, real + e * count, imaginary + e * count, count, memory,
                           points);
    }
    if (axes != NULL && epochs > 1) {
        axes->bar.shown = true;
        axes->bar.map = SEQNN_MAP_VIRIDIS;
        axes->bar.high = (double)(epochs - 1);
        axes->bar.label = "epoch";
    }
}

static int sq_spectrum_falling(const void *a, const void *b)
{
    const seqnn_real x = *(const seqnn_real *)a, y = *(const seqnn_real *)b;
    return (x < y) - (x > y);
}

/* Absolute values by epoch, sorted: [count, epochs] into `lines`. */
static void sq_spectrum_sort(const double *real, const double *imaginary,
                             seqnn_size epochs, seqnn_size count, seqnn_real *sorted,
                             seqnn_real *lines)
{
    for (seqnn_size e = 0; e < epochs; e++) {
        /* NaN, for which no order has a place, counts as infinite: not drawn either. */
        for (seqnn_size i = 0; i < count; i++) {
            const double size = hypot(real[e * count + i], imaginary[e * count + i]);
            sorted[i] = (seqnn_real)(isnan(size) ? INFINITY : size);
        }
        qsort(sorted, (size_t)count, sizeof *sorted, sq_spectrum_falling);
        for (seqnn_size i = 0; i < count; i++)
            lines[i * epochs + e] = sorted[i];
    }
}

static void sq_spectrum_lines(seqnn_figure *figure, const seqnn_real *lines,
                              seqnn_size epochs, seqnn_size count)
{
    const seqnn_size shown = sq_min(count, SQ_SPECTRUM_LINES);
    seqnn_axes_options options;
    seqnn_reference_options one;
    seqnn_plot_series series;
    memset(&options, 0, sizeof options);
    memset(&one, 0, sizeof one);
    memset(&series, 0, sizeof series);
    options.x_label = "epoch";
    options.y_label = "$|\xCE\xBB|$";
    options.y_min = options.x_min = SEQNN_ZERO;
    options.x_max = (seqnn_real)sq_max(epochs - 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 1, options);
    seqnn_axes_horizontal(axes, 1, one);
    series.count = epochs;
    series.line = SEQNN_LINE_SOLID;
    for (seqnn_size k = 0; k < shown; k++) {
        const seqnn_size rank = shown > 1 ? k * (count - 1) / (shown - 1) : 0;
        series.y = lines + rank * epochs;
        series.label = k == 0 ? "spectral radius" : k == 1 ? "the others" : NULL;
        series.colour = k == 0 ? 0x0072B2u : SQ_PALE_BLUE;
        series.width = k == 0 ? 0 : (seqnn_real)0.9;
        seqnn_axes_line(axes, series);
    }
}

SEQNN_API seqnn_status seqnn_plot_eigenvalues_over_training(
    const double *real, const double *imaginary, seqnn_size epochs, seqnn_size count,
    const char *path, seqnn_eigenvalues_options options)
{
    const char *who = "plot eigenvalues over training";
    const bool wide = options.width == 0 || options.width >= 480;
    seqnn_status status = sq_spectrum_check(who, real, imaginary, epochs, count);
    if (status)
        return status;
    seqnn_real *memory =
        (seqnn_real *)sq_allocate(sq_multiply(epochs + 2, count), sizeof *memory);
    char *title = sq_spectrum_title(options.title, real + (epochs - 1) * count,
                                    imaginary + (epochs - 1) * count, count);
    if (memory != NULL && title != NULL) {
        seqnn_figure *figure =
            sq_spectrum_figure(who, title, wide ? 2 : 1, 1000, 480, &options);
        sq_spectrum_paths(figure, real, imaginary, epochs, count, memory);
        if (wide) {
            sq_spectrum_sort(real, imaginary, epochs, count, memory, memory + count);
            sq_spectrum_lines(figure, memory + count, epochs, count);
        }
        status = seqnn_figure_save(figure, path);
        seqnn_figure_free(figure);
    } else
        status = SEQNN_ERROR_MEMORY;
    sq_free(title);
    sq_free(memory);
    return status;
}

#endif
