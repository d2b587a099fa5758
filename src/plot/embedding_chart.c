/* plot/embedding_chart.c - words as points */
#include "embedding_chart.h"

#ifdef SEQNN_PLOT

#include "marks.h"
#include "scatter.h"

/* What titles and numbers take of a picture. */
#define SQ_EMBEDDING_BESIDE 65.0
#define SQ_EMBEDDING_ABOVE 80.0

/* So high that points in this range fill a picture of this width. */
static seqnn_size sq_embedding_height(const seqnn_real *x, const seqnn_real *y,
                                      seqnn_size count, seqnn_size width)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (seqnn_size i = 0; i < count && x && y; i++) {
        const double at[2] = {(double)x[i], (double)y[i]};
        for (int k = 0; k < 2 && isfinite(at[0]) && isfinite(at[1]); k++) {
            low[k] = fmin(low[k], at[k]);
            high[k] = fmax(high[k], at[k]);
        }
    }
    const double shape = (high[1] - low[1]) / (high[0] - low[0]);
    const double room = (double)width - SQ_EMBEDDING_BESIDE;
    return (seqnn_size)(room * (isnan(shape) ? 1 : fmin(fmax(shape, 0.4), 1.2)) +
                        SQ_EMBEDDING_ABOVE);
}

SEQNN_API seqnn_status seqnn_plot_embedding(const seqnn_real *x, const seqnn_real *y,
                                            const char *const *words, seqnn_size count,
                                            const char *path,
                                            seqnn_embedding_chart_options options)
{
    seqnn_figure_options size;
    seqnn_axes_options about;
    seqnn_scatter_options points;
    for (seqnn_size i = 0; options.classes != NULL && i < count; i++)
        if (options.classes[i] < 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "plot embedding: word %td has class %ld, expected 0 or more",
                           i, (long)options.classes[i]);
    memset(&size, 0, sizeof size);
    size.width = options.width ? options.width : 800;
    size.height =
        options.height ? options.height : sq_embedding_height(x, y, count, size.width);
    size.scale = options.scale;
    size.font = options.font;
    memset(&about, 0, sizeof about);
    about.title = options.title ? options.title : "Embedding";
    about.x_label = options.x_label;
    about.y_label = options.y_label;
    about.equal_aspect = true;
    memset(&points, 0, sizeof points);
    points.names = words;
    points.priority = options.priority;
    points.classes = options.classes;
    points.class_names = options.class_names;
    points.class_count = options.class_count;

    seqnn_figure *figure = sq_figure_new("plot embedding", size);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, about);
    seqnn_axes_scatter(axes, x, y, count, points);
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

#endif
