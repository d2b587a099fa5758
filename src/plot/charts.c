/* plot/charts.c - line charts in one call: lines, gradient flow, training history */
#include "charts.h"

#ifdef SEQNN_PLOT

#include "marks.h"

/* A line chart whose series count from `first` where they say nothing else. */
static seqnn_status sq_chart_lines(const char *who, const seqnn_plot_series *series,
                                   seqnn_size count, seqnn_size first, const char *path,
                                   const seqnn_plot_options *o)
{
    seqnn_figure_options whole;
    seqnn_axes_options frame;
    seqnn_reference_options x_line, y_line;
    seqnn_figure *figure;
    seqnn_axes *axes;
    seqnn_status status;
    if (count < 1 || series == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td series, expected at least one", who,
                       series == NULL ? (seqnn_size)0 : count);
    memset(&whole, 0, sizeof whole);
    memset(&frame, 0, sizeof frame);
    memset(&x_line, 0, sizeof x_line);
    memset(&y_line, 0, sizeof y_line);
    whole.width = o->width;
    whole.height = o->height;
    whole.scale = o->scale;
    whole.font = o->font;
    frame.title = o->title;
    frame.x_label = o->x_label;
    frame.y_label = o->y_label;
    frame.log_x = o->log_x;
    frame.log_y = o->log_y;
    frame.equal_aspect = o->equal_aspect;
    frame.no_legend = o->no_legend;
    frame.x_min = o->x_min;
    frame.x_max = o->x_max;
    frame.y_min = o->y_min;
    frame.y_max = o->y_max;
    x_line.label = o->x_line_label;
    y_line.label = o->y_line_label;

    figure = sq_figure_new(who, whole);
    axes = seqnn_figure_axes(figure, 0, 0, frame);
    if (o->x_line != 0)
        seqnn_axes_vertical(axes, o->x_line == SEQNN_ZERO ? 0 : o->x_line, x_line);
    if (o->y_line != 0)
        seqnn_axes_horizontal(axes, o->y_line == SEQNN_ZERO ? 0 : o->y_line, y_line);
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_plot_series one = series[i];
        if (one.x == NULL && one.x_first == 0)
            one.x_first = (seqnn_real)first;
        seqnn_axes_line(axes, one);
    }
    status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

SEQNN_API seqnn_status seqnn_plot_lines(const seqnn_plot_series *series, seqnn_size count,
                                        const char *path, seqnn_plot_options options)
{
    return sq_chart_lines("plot lines", series, count, 0, path, &options);
}

SEQNN_API seqnn_status seqnn_plot_gradient_flow(const seqnn_plot_series *series,
                                                seqnn_size count, const char *path,
                                                seqnn_plot_options options)
{
    options.log_y = true;
    if (options.title == NULL)
        options.title = "Gradient flow";
    if (options.x_label == NULL)
        options.x_label = "time step $t$";
    if (options.y_label == NULL)
        options.y_label = "$\\|\\partial L/\\partial h_t\\|$";
    return sq_chart_lines("plot gradient flow", series, count, 1, path, &options);
}

/* --- history --- */

static bool sq_history_measured(const seqnn_real *values, seqnn_size epochs)
{
    for (seqnn_size i = 0; values != NULL && i < epochs; i++)
        if (isfinite(values[i]))
            return true;
    return false;
}

/* One panel: training, validation, and the best epoch. */
static void sq_history_panel(seqnn_axes *axes, const seqnn_history *history,
                             const seqnn_real *train, const seqnn_real *validation,
                             const char *best)
{
    const seqnn_real *values[2] = {train, validation};
    static const char *const names[2] = {"training", "validation"};
    for (int i = 0; i < 2; i++) {
        seqnn_plot_series series;
        memset(&series, 0, sizeof series);
        series.label = names[i];
        series.y = values[i];
        series.count = history->epochs;
        series.x_first = 1;
        series.colour = sq_colour_of_series(i);
        series.marker =
            history->epochs <= 30 ? SEQNN_MARKER_CIRCLE : SEQNN_MARKER_DEFAULT;
        if (sq_history_measured(values[i], history->epochs))
            seqnn_axes_line(axes, series);
    }
    if (history->best_epoch >= 0 && history->best_epoch < history->epochs) {
        seqnn_reference_options line;
        memset(&line, 0, sizeof line);
        line.label = best;
        seqnn_axes_vertical(axes, (seqnn_real)history->best_epoch + 1, line);
    }
}

static seqnn_status sq_history_plot(const char *who, const seqnn_history *history,
                                    const char *path, const seqnn_history_options *o)
{
    char best[64];
    bool scored;
    seqnn_figure_options whole;
    seqnn_axes_options frame;
    seqnn_figure *figure;
    seqnn_status status;
    if (history == NULL || history->epochs < 1 || history->loss == NULL)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: the history has %td epochs, expected at least one with a loss", who,
            history == NULL ? (seqnn_size)0 : history->epochs);
    if (!sq_history_measured(history->loss, history->epochs) &&
        !sq_history_measured(history->val_loss, history->epochs))
        return sq_fail(SEQNN_ERROR_NUMBER, "%s: no epoch of %td has a finite loss", who,
                       history->epochs);
    scored = sq_history_measured(history->accuracy, history->epochs) ||
             sq_history_measured(history->val_accuracy, history->epochs);
    snprintf(best, sizeof best, "best epoch: %td", history->best_epoch + 1);
    memset(&whole, 0, sizeof whole);
    memset(&frame, 0, sizeof frame);
    whole.title = o->title ? o->title : "Training history";
    whole.rows = scored ? 2 : 1;
    whole.width = o->width;
    whole.height = o->height;
    whole.scale = o->scale;
    whole.font = o->font;
    figure = sq_figure_new(who, whole);
    if (scored) {
        frame.y_label = o->score ? o->score : "accuracy";
        frame.no_x_numbers = true;
        sq_history_panel(seqnn_figure_axes(figure, 0, 0, frame), history,
                         history->accuracy, history->val_accuracy, best);
    }
    frame.y_label = "loss";
    frame.x_label = "epoch";
    frame.no_x_numbers = false;
    frame.no_legend = scored;
    frame.log_y = o->log_loss;
    sq_history_panel(seqnn_figure_axes(figure, scored, 0, frame), history, history->loss,
                     history->val_loss, scored ? NULL : best);
    status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

SEQNN_API seqnn_status seqnn_plot_history(const seqnn_history *history, const char *path)
{
    seqnn_history_options options;
    memset(&options, 0, sizeof options);
    return sq_history_plot("plot history", history, path, &options);
}

SEQNN_API seqnn_status seqnn_plot_training(const seqnn_history *history, const char *path,
                                           seqnn_history_options options)
{
    return sq_history_plot("plot training", history, path, &options);
}

#endif
