/* plot/charts.c - line charts: lines, gradient flow, training history */
#include "charts.h"

#ifdef SEQNN_PLOT

#include "curves.h"
#include "memory.h"
#include "png_file.h"

#define SQ_CHART_X_SPACING 80.0
#define SQ_CHART_Y_SPACING 52.0

/* A limit or reference of the options as a position on the axis; NaN if none is given. */
static double sq_chart_limit(seqnn_real value, bool log)
{
    double limit = value == SEQNN_ZERO ? 0 : (double)value;
    if (value == 0)
        return (double)NAN;
    if (log)
        return limit > 0 ? log10(limit) : (double)NAN;
    return limit;
}

/* The range of all points of all series, on the axes' scale. low > high: no point. */
typedef struct sq_chart_range {
    double x_low, x_high, y_low, y_high;
    bool whole_x;
} sq_chart_range;

static sq_chart_range sq_chart_find_range(const seqnn_plot_series *series,
                                          seqnn_size count, bool log_y)
{
    sq_chart_range range = {INFINITY, -INFINITY, INFINITY, -INFINITY, true};
    for (seqnn_size s = 0; s < count; s++) {
        for (seqnn_size i = 0; i < series[s].count; i++) {
            double x, y;
            if (!sq_curve_point(&series[s], i, log_y, &x, &y))
                continue;
            if (log_y)
                y = log10(y);
            range.whole_x = range.whole_x && x == floor(x);
            range.x_low = fmin(range.x_low, x);
            range.x_high = fmax(range.x_high, x);
            range.y_low = fmin(range.y_low, y);
            range.y_high = fmax(range.y_high, y);
        }
    }
    return range;
}

static void sq_chart_include(double *low, double *high, double value)
{
    if (!isnan(value)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

/* Limits and ticks of one pair of axes whose edges stand. */
static void sq_chart_fit(sq_axes *axes, const sq_chart_range *range,
                         const seqnn_plot_options *options)
{
    double x_low = range->x_low, x_high = range->x_high;
    double y_low = range->y_low, y_high = range->y_high;
    sq_chart_include(&x_low, &x_high, sq_chart_limit(options->x_line, false));
    sq_chart_include(&y_low, &y_high, sq_chart_limit(options->y_line, options->log_y));
    axes->x.label = options->x_label;
    axes->y.label = options->y_label;
    axes->x.whole = range->whole_x;
    axes->y.log = options->log_y;
    sq_axis_fit(&axes->x, x_low, x_high, sq_chart_limit(options->x_min, false),
                sq_chart_limit(options->x_max, false), axes->right - axes->left,
                SQ_CHART_X_SPACING);
    sq_axis_fit(&axes->y, y_low, y_high, sq_chart_limit(options->y_min, options->log_y),
                sq_chart_limit(options->y_max, options->log_y), axes->bottom - axes->top,
                options->log_y ? 34.0 : SQ_CHART_Y_SPACING);
}

static void sq_chart_references(sq_figure *figure, const sq_axes *axes,
                                const seqnn_plot_options *options)
{
    double x = sq_chart_limit(options->x_line, false);
    double y = sq_chart_limit(options->y_line, false);
    x = isnan(x) ? x : sq_axes_x(axes, x);
    y = isnan(y) ? y : sq_axes_y(axes, y);
    if (x >= axes->left && x <= axes->right) {
        bool right = x < (axes->left + axes->right) / 2;
        sq_curve_reference(figure, x, axes->top, x, axes->bottom);
        sq_figure_text(figure, right ? x + 6 : x - 6, axes->top + 12, SQ_TICK_SIZE,
                       right ? 0 : 1, 0, SQ_FAINT, options->x_line_label);
    }
    if (y >= axes->top && y <= axes->bottom) {
        sq_curve_reference(figure, axes->left, y, axes->right, y);
        sq_figure_text(figure, axes->right - 4, y < axes->top + 20 ? y + 15 : y - 6,
                       SQ_TICK_SIZE, 1, 0, SQ_FAINT, options->y_line_label);
    }
}

/* Grid, lines and the remark of an empty chart. */
static void sq_chart_draw(sq_figure *figure, const sq_axes *axes,
                          const seqnn_plot_series *series, seqnn_size count,
                          const sq_chart_range *range, const seqnn_plot_options *options,
                          bool x_texts)
{
    sq_axes_draw(figure, axes, x_texts);
    sq_chart_references(figure, axes, options);
    for (seqnn_size i = 0; i < count; i++)
        sq_curve_draw(figure, axes, &series[i]);
    if (range->x_low > range->x_high)
        sq_figure_text(figure, (axes->left + axes->right) / 2,
                       (axes->top + axes->bottom) / 2, SQ_LABEL_SIZE, 0.5, 0, SQ_FAINT,
                       "no data");
}

static seqnn_status sq_chart_check(const char *who, const seqnn_plot_series *series,
                                   seqnn_size count, const seqnn_plot_options *options)
{
    const struct {
        const char *name;
        seqnn_real value;
        bool log;
    } numbers[] = {
        {"x_min", options->x_min, false},
        {"x_max", options->x_max, false},
        {"y_min", options->y_min, options->log_y},
        {"y_max", options->y_max, options->log_y},
        {"x_line", options->x_line, false},
        {"y_line", options->y_line, options->log_y},
    };
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
    for (seqnn_size i = 0; i < SQ_COUNT(numbers); i++) {
        double value = (double)numbers[i].value;
        if (isnan(value) || (fabs(value) > 1e300) || isinf(value) ||
            (numbers[i].log && value < 0))
            return sq_fail(
                SEQNN_ERROR_ARGUMENT, "%s: %s is %g, expected a finite number%s", who,
                numbers[i].name, value, numbers[i].log ? " above 0 on a log axis" : "");
    }
    if ((options->x_min != 0 && options->x_max != 0 &&
         !(sq_chart_limit(options->x_min, false) <
           sq_chart_limit(options->x_max, false))) ||
        (options->y_min != 0 && options->y_max != 0 &&
         !(sq_chart_limit(options->y_min, false) <
           sq_chart_limit(options->y_max, false))))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: a lower limit is not below the upper one: x %g to %g, y %g to "
            "%g",
            who, (double)options->x_min, (double)options->x_max, (double)options->y_min,
            (double)options->y_max);
    return SEQNN_OK;
}

/* Lays one pair of axes out on a whole figure and draws it. */
static void sq_chart_compose(sq_figure *figure, const seqnn_plot_series *series,
                             seqnn_size count, const seqnn_plot_options *options)
{
    sq_chart_range range = sq_chart_find_range(series, count, options->log_y);
    double title = sq_figure_title_height(options->title), space;
    bool box;
    sq_axes axes;
    memset(&axes, 0, sizeof axes);
    axes.right = figure->width - SQ_MARGIN - 10;
    axes.left = SQ_MARGIN + 60;
    axes.top = title;
    axes.x.label = options->x_label;
    axes.bottom = figure->height - sq_axes_bottom_space(&axes.x);
    sq_chart_fit(&axes, &range, options); /* the ticks say how wide their texts are */
    axes.left = sq_axes_left_space(figure, &axes.y);
    axes.top = title + sq_axes_top_space(&axes.y);
    sq_chart_fit(&axes, &range, options);

    box = !options->no_legend && sq_legend_box(figure, &axes, series, count, false);
    if (!options->no_legend && !box) {
        seqnn_size most = sq_legend_most(axes.bottom - axes.top);
        space =
            sq_legend_rows(figure, series, count, axes.left, axes.right, 0, most, false);
        axes.top += space;
        sq_chart_fit(&axes, &range, options);
        sq_legend_rows(figure, series, count, axes.left, axes.right, title + space - 4,
                       most, true);
    }
    sq_figure_title(figure, axes.left, axes.right, options->title);
    sq_chart_draw(figure, &axes, series, count, &range, options, true);
    if (box)
        sq_legend_box(figure, &axes, series, count, true);
}

static seqnn_status sq_chart_lines(const char *who, const char *path,
                                   const seqnn_plot_series *series, seqnn_size count,
                                   const seqnn_plot_options *options)
{
    sq_figure figure;
    seqnn_plot_series *complete;
    seqnn_status status = sq_chart_check(who, series, count, options);
    if (status == SEQNN_OK)
        status =
            sq_figure_open(&figure, who, options->width, options->height, options->scale);
    if (status != SEQNN_OK)
        return status;
    complete = (seqnn_plot_series *)sq_allocate(count, sizeof *complete);
    if (complete == NULL) {
        sq_figure_close(&figure);
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < count; i++)
        complete[i] = sq_curve_complete(&series[i], i);
    sq_chart_compose(&figure, complete, count, options);
    status = sq_png_write(&figure.canvas, who, path);
    sq_free(complete);
    sq_figure_close(&figure);
    return status;
}

SEQNN_API seqnn_status seqnn_plot_lines(const seqnn_plot_series *series, seqnn_size count,
                                        const char *path, seqnn_plot_options options)
{
    return sq_chart_lines("plot lines", path, series, count, &options);
}

SEQNN_API seqnn_status seqnn_plot_gradient_flow(const seqnn_plot_series *series,
                                                seqnn_size count, const char *path,
                                                seqnn_plot_options options)
{
    const char *who = "plot gradient flow";
    seqnn_plot_series *numbered;
    seqnn_status status = sq_chart_check(who, series, count, &options);
    if (status != SEQNN_OK)
        return status;
    numbered = (seqnn_plot_series *)sq_allocate(count, sizeof *numbered);
    if (numbered == NULL)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < count; i++) {
        numbered[i] = series[i];
        if (series[i].x == NULL && series[i].x_first == 0)
            numbered[i].x_first = 1;
    }
    options.log_y = true;
    if (options.title == NULL)
        options.title = "Gradient flow";
    if (options.x_label == NULL)
        options.x_label = "time step t";
    if (options.y_label == NULL) /* norm of dL/dh_t */
        options.y_label =
            "\xE2\x80\x96\xE2\x88\x82L/\xE2\x88\x82h\xE2\x82\x9C\xE2\x80\x96";
    status = sq_chart_lines(who, path, numbered, count, &options);
    sq_free(numbered);
    return status;
}

/* --- history --- */

static bool sq_history_measured(const seqnn_real *values, seqnn_size epochs)
{
    for (seqnn_size i = 0; values != NULL && i < epochs; i++)
        if (isfinite(values[i]))
            return true;
    return false;
}

/* One panel of the history: training, validation, and the best epoch's ring. */
typedef struct sq_history_panel {
    sq_axes axes;
    seqnn_plot_series series[2];
    seqnn_size count;
    seqnn_plot_options options;
    sq_chart_range range;
} sq_history_panel;

static void sq_history_panel_open(sq_history_panel *panel, const seqnn_history *history,
                                  const seqnn_real *train, const seqnn_real *validation,
                                  const char *label)
{
    const seqnn_real *values[2] = {train, validation};
    static const char *const names[2] = {"training", "validation"};
    memset(panel, 0, sizeof *panel);
    for (int i = 0; i < 2; i++) {
        seqnn_plot_series *series = &panel->series[panel->count];
        if (!sq_history_measured(values[i], history->epochs))
            continue;
        series->label = names[i];
        series->y = values[i];
        series->count = history->epochs;
        series->x_first = 1;
        *series = sq_curve_complete(series, i);
        if (history->epochs <= 30)
            series->marker = SEQNN_MARKER_CIRCLE;
        panel->count++;
    }
    panel->options.y_label = label;
    panel->range = sq_chart_find_range(panel->series, panel->count, false);
}

/* A vertical line at the best epoch, and a ring around its value. */
static void sq_history_best(sq_figure *figure, const sq_history_panel *panel,
                            seqnn_size best, bool named)
{
    const sq_axes *axes = &panel->axes;
    const seqnn_plot_series *series = &panel->series[panel->count - 1];
    double x = sq_axes_x(axes, (double)best + 1), y = 0, value;
    sq_canvas *canvas = &figure->canvas;
    sq_curve_reference(figure, x, axes->top, x, axes->bottom);
    if (named) {
        char text[64];
        snprintf(text, sizeof text, "best epoch: %td", best + 1);
        sq_figure_text(figure, axes->right, axes->top - 9, SQ_TICK_SIZE, 1, 0, SQ_FAINT,
                       text);
    }
    if (!sq_curve_point(series, best, false, &value, &y))
        return;
    y = sq_axes_y(axes, y);
    sq_canvas_disc(canvas, x, y, 7.5);
    sq_canvas_paint(canvas, series->colour, 1);
    sq_canvas_disc(canvas, x, y, 5.7);
    sq_canvas_paint(canvas, 0xFFFFFFu, 1);
    sq_canvas_disc(canvas, x, y, 3.6);
    sq_canvas_paint(canvas, series->colour, 1);
}

/* Panels below each other over one axis of epochs. */
static void sq_history_compose(sq_figure *figure, sq_history_panel *panels, int count,
                               const seqnn_history *history)
{
    const char *title = "Training history";
    const sq_history_panel *widest = &panels[0];
    double gap = 26, legend = 24, left = 0, top, bottom, height;
    sq_axis epochs;
    memset(&epochs, 0, sizeof epochs);
    epochs.label = panels[count - 1].options.x_label = "epoch";
    bottom = figure->height - sq_axes_bottom_space(&epochs);
    top = sq_figure_title_height(title) + legend;
    height = floor((bottom - top - gap * (count - 1)) / count);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < count; i++) {
            sq_axes *axes = &panels[i].axes;
            axes->left = pass == 0 ? 80 : left;
            axes->right = figure->width - SQ_MARGIN - 10;
            axes->top = top + i * (height + gap);
            axes->bottom = axes->top + height;
            panels[i].range.x_low = 1;
            panels[i].range.x_high = (double)history->epochs;
            sq_chart_fit(axes, &panels[i].range, &panels[i].options);
        }
        for (int i = 0; i < count; i++)
            left = fmax(left, sq_axes_left_space(figure, &panels[i].axes.y));
    }
    for (int i = 0; i < count; i++) {
        sq_chart_draw(figure, &panels[i].axes, panels[i].series, panels[i].count,
                      &panels[i].range, &panels[i].options, i + 1 == count);
        if (history->best_epoch >= 0 && history->best_epoch < history->epochs)
            sq_history_best(figure, &panels[i], history->best_epoch, i == 0);
        if (panels[i].count > widest->count)
            widest = &panels[i];
    }
    sq_legend_rows(figure, widest->series, widest->count, left,
                   panels[0].axes.right - 110, panels[0].axes.top - 4, 1, true);
    sq_figure_title(figure, left, panels[0].axes.right, title);
}

SEQNN_API seqnn_status seqnn_plot_history(const seqnn_history *history, const char *path)
{
    const char *who = "plot history";
    sq_history_panel panels[2];
    sq_figure figure;
    seqnn_status status;
    int count = 0;
    if (history == NULL || history->epochs < 1 || history->loss == NULL)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: the history has %td epochs, expected at least one with a loss", who,
            history == NULL ? (seqnn_size)0 : history->epochs);
    if (sq_history_measured(history->accuracy, history->epochs) ||
        sq_history_measured(history->val_accuracy, history->epochs))
        sq_history_panel_open(&panels[count++], history, history->accuracy,
                              history->val_accuracy, "accuracy");
    sq_history_panel_open(&panels[count], history, history->loss, history->val_loss,
                          "loss");
    if (panels[count].count == 0)
        return sq_fail(SEQNN_ERROR_NUMBER, "%s: no epoch of %td has a finite loss", who,
                       history->epochs);
    count++;
    status = sq_figure_open(&figure, who, 0, 0, 0);
    if (status != SEQNN_OK)
        return status;
    sq_history_compose(&figure, panels, count, history);
    status = sq_png_write(&figure.canvas, who, path);
    sq_figure_close(&figure);
    return status;
}

#endif
