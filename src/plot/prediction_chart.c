/* plot/prediction_chart.c - what was predicted beside what came */
#include "prediction_chart.h"

#ifdef SEQNN_PLOT

#include "marks.h"
#include "memory.h"
#include "titles.h"

/* "Prediction: MAE 0.210, RMSE 0.270" */
static char *sq_prediction_title(const char *title, const seqnn_real *truth,
                                 const seqnn_real *predicted, seqnn_size from,
                                 seqnn_size count)
{
    char mean[SQ_NUMBER], root[SQ_NUMBER], remark[2 * SQ_NUMBER + 16];
    double absolute = 0, squares = 0, both = 0;
    for (seqnn_size i = from; i < count; i++) {
        const double error = (double)predicted[i] - (double)truth[i];
        if (!isfinite(error))
            continue;
        absolute += fabs(error);
        squares += error * error;
        both++;
    }
    if (both == 0)
        return sq_title_new(title, "no step has both values");
    sq_title_number(mean, 3, absolute / both);
    sq_title_number(root, 3, sqrt(squares / both));
    snprintf(remark, sizeof remark, "MAE %s, RMSE %s", mean, root);
    return sq_title_new(title, remark);
}

SEQNN_API seqnn_status seqnn_plot_series_prediction(const seqnn_real *truth,
                                                    const seqnn_real *predicted,
                                                    seqnn_size count, const char *path,
                                                    seqnn_prediction_options options)
{
    const char *who = "plot series prediction";
    char *title = NULL;
    seqnn_figure_options size;
    seqnn_axes_options about;
    seqnn_reference_options border;
    seqnn_plot_series series;
    if (truth == NULL || predicted == NULL || count < 1 || options.known < 0 ||
        options.known > count)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: %td steps, %td of them known; expected at least one step, a "
                       "truth and a prediction for each, and no more known",
                       who, truth == NULL || predicted == NULL ? (seqnn_size)0 : count,
                       options.known);
    memset(&size, 0, sizeof size);
    size.width = options.width;
    size.height = options.height ? options.height : 450;
    size.scale = options.scale;
    size.font = options.font;
    memset(&about, 0, sizeof about);
    about.title = options.title ? options.title : "Prediction";
    about.x_label = options.x_label ? options.x_label : "time step";
    about.y_label = options.y_label;
    if (options.errors) {
        title = sq_prediction_title(about.title, truth, predicted, options.known, count);
        if (title == NULL)
            return SEQNN_ERROR_MEMORY;
        about.title = title;
    }
    seqnn_figure *figure = sq_figure_new(who, size);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, about);

    memset(&border, 0, sizeof border);
    border.label = "forecast";
    if (options.known > 0 && options.known < count) {
        const seqnn_size k = options.known;
        const seqnn_real before =
            options.x ? options.x[k - 1] : options.x_first + (seqnn_real)(k - 1);
        const seqnn_real behind =
            options.x ? options.x[k] : options.x_first + (seqnn_real)k;
        const seqnn_real between = (before + behind) / 2;
        seqnn_axes_vertical(axes, between, border);
    }
    memset(&series, 0, sizeof series);
    series.x = options.x;
    series.x_first = options.x_first;
    series.count = count;
    series.label = options.truth_label ? options.truth_label : "true";
    series.y = truth;
    series.colour = 0x262626u;
    series.width = (seqnn_real)1.4;
    seqnn_axes_line(axes, series);
    series.label = options.prediction_label ? options.prediction_label : "predicted";
    series.y = predicted;
    series.colour = 0xD55E00u;
    series.width = 0;
    series.line = SEQNN_LINE_DASHED;
    series.deviation = options.deviation;
    seqnn_axes_line(axes, series);
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    sq_free(title);
    return status;
}

#endif
