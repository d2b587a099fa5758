/* The figures of the contact sheet, which the tests look at too: each is made for any
 * size and scale. */
#ifndef SHEET_FIGURES_H
#define SHEET_FIGURES_H

#include <string.h>

#include "attention.h"
#include "bars.h"
#include "confusion.h"
#include "figure.h"
#include "heatmap.h"
#include "histogram.h"
#include "scatter.h"
#include "sheet_data.h"
#include "word_cloud.h"

typedef struct sheet_size {
    seqnn_size width, height, scale;
} sheet_size;

static seqnn_figure *sheet_figure(sheet_size size, const char *title, seqnn_size rows,
                                  seqnn_size columns)
{
    seqnn_figure_options options;
    memset(&options, 0, sizeof options);
    options.title = title;
    options.rows = rows;
    options.columns = columns;
    options.width = size.width;
    options.height = size.height;
    options.scale = size.scale;
    return seqnn_figure_new(options);
}

static seqnn_axes_options sheet_axes(const char *title, const char *x, const char *y)
{
    seqnn_axes_options options;
    memset(&options, 0, sizeof options);
    options.title = title;
    options.x_label = x;
    options.y_label = y;
    return options;
}

static seqnn_plot_series sheet_series(const char *label, const seqnn_real *y, int count)
{
    seqnn_plot_series series;
    memset(&series, 0, sizeof series);
    series.label = label;
    series.y = y;
    series.count = count;
    series.x_first = 1;
    return series;
}

static seqnn_reference_options sheet_reference(const char *label)
{
    seqnn_reference_options options;
    memset(&options, 0, sizeof options);
    options.label = label;
    return options;
}

static seqnn_figure *sheet_lines(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0,
        sheet_axes("Validation accuracy, mean \xC2\xB1 deviation of 5 seeds", "epoch",
                   "accuracy"));
    for (int c = 0; c < CELLS; c++) {
        seqnn_plot_series series = sheet_series(cell_names[c], d->epoch_mean[c], EPOCHS);
        series.deviation = d->epoch_deviation[c];
        seqnn_axes_line(axes, series);
    }
    return figure;
}

static seqnn_figure *sheet_gradient_flow(const sheet_data *d, sheet_size size)
{
    static const seqnn_line lines[] = {SEQNN_LINE_SOLID, SEQNN_LINE_DASHED,
                                       SEQNN_LINE_DOTTED, SEQNN_LINE_SOLID};
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes_options options =
        sheet_axes("Gradient flow over 30 steps", "time step $t$",
                   "$\xE2\x80\x96\\partial L/\\partial h_t"
                   "\xE2\x80\x96$");
    seqnn_axes *axes;
    options.log_y = true;
    axes = seqnn_figure_axes(figure, 0, 0, options);
    for (int f = 0; f < FLOWS; f++) {
        seqnn_plot_series series = sheet_series(flow_names[f], d->flow[f], STEPS);
        series.line = lines[f];
        series.marker = (seqnn_marker)(SEQNN_MARKER_CIRCLE + f);
        seqnn_axes_line(axes, series);
    }
    return figure;
}

static seqnn_figure *sheet_scatter(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0,
        sheet_axes("Word vectors in the plane", "first component", "second component"));
    int32_t classes[GROUPS * GROUP_WORDS];
    seqnn_scatter_options options;
    memset(&options, 0, sizeof options);
    for (int i = 0; i < GROUPS * GROUP_WORDS; i++)
        classes[i] = i / GROUP_WORDS;
    options.names = group_words;
    options.classes = classes;
    options.class_names = group_names;
    options.class_count = GROUPS;
    seqnn_axes_scatter(axes, d->word_x, d->word_y, GROUPS * GROUP_WORDS, options);
    return figure;
}

static seqnn_figure *sheet_histogram(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, sheet_axes("Recurrent weights", "weight", "count"));
    seqnn_histogram_options options;
    memset(&options, 0, sizeof options);
    options.label = "before training";
    seqnn_axes_histogram(axes, d->weights_before, WEIGHTS, options);
    options.label = "after training";
    seqnn_axes_histogram(axes, d->weights_after, WEIGHTS, options);
    return figure;
}

static seqnn_figure *sheet_bars(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, sheet_axes("F-score per newsgroup", "F-score", NULL));
    seqnn_bars_options options;
    memset(&options, 0, sizeof options);
    options.sorted = true;
    seqnn_axes_bars(axes, news_names, d->f_score, NEWS, options);
    return figure;
}

static seqnn_figure *sheet_heat_map(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, sheet_axes("Correlation of the inputs", NULL, NULL));
    seqnn_heatmap_options options;
    memset(&options, 0, sizeof options);
    options.row_names = options.column_names = feature_names;
    options.map = SEQNN_MAP_DIVERGING;
    options.low = -1;
    options.high = 1;
    options.square = true;
    options.decimals = 2;
    seqnn_axes_heatmap(axes, d->correlation, FEATURES, FEATURES, options);
    return figure;
}

static seqnn_figure *sheet_confusion(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, sheet_axes("BBC news titles", "predicted class", "true class"));
    seqnn_confusion_options options;
    memset(&options, 0, sizeof options);
    options.order = SEQNN_ORDER_RATE;
    seqnn_axes_confusion(axes, d->confusion, CLASSES, class_names, options);
    return figure;
}

static seqnn_figure *sheet_word_cloud(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, CLOUD_GROUPS);
    seqnn_word_cloud_options options;
    memset(&options, 0, sizeof options);
    for (int g = 0; g < CLOUD_GROUPS; g++)
        seqnn_axes_word_cloud(
            seqnn_figure_axes(figure, 0, g, sheet_axes(cloud_names[g], NULL, NULL)),
            cloud_words + g * CLOUD_WORDS, d->cloud + g * CLOUD_WORDS, CLOUD_WORDS,
            options);
    return figure;
}

static seqnn_figure *sheet_eigenvalues(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes_options options = sheet_axes("Eigenvalues of the recurrent matrix",
                                            "Re $\\lambda$", "Im $\\lambda$");
    seqnn_scatter_options points;
    seqnn_axes *axes;
    memset(&points, 0, sizeof points);
    options.equal_aspect = true;
    axes = seqnn_figure_axes(figure, 0, 0, options);
    seqnn_axes_unit_circle(axes, sheet_reference(NULL));
    seqnn_axes_scatter(axes, d->real, d->imaginary, EIGENVALUES, points);
    return figure;
}

static seqnn_figure *sheet_history(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, "Training history", 2, 1);
    seqnn_axes_options above = sheet_axes(NULL, NULL, "accuracy");
    seqnn_axes *axes;
    above.no_x_numbers = true;
    axes = seqnn_figure_axes(figure, 0, 0, above);
    seqnn_axes_line(axes, sheet_series("training", d->accuracy, EPOCHS));
    seqnn_axes_line(axes, sheet_series("validation", d->val_accuracy, EPOCHS));
    axes = seqnn_figure_axes(figure, 1, 0, sheet_axes(NULL, "epoch", "loss"));
    seqnn_axes_line(axes, sheet_series("training", d->loss, EPOCHS));
    seqnn_axes_line(axes, sheet_series("validation", d->val_loss, EPOCHS));
    return figure;
}

static seqnn_figure *sheet_forecast(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, sheet_axes("Monthly temperature", "month", "degrees"));
    seqnn_plot_series measured = sheet_series("measured", d->series, MONTHS);
    seqnn_plot_series predicted = sheet_series("predicted", d->predicted, MONTHS);
    seqnn_annotation_options annotation;
    memset(&annotation, 0, sizeof annotation);
    measured.x = predicted.x = d->month;
    predicted.line = SEQNN_LINE_DASHED;
    seqnn_axes_vertical(axes, KNOWN, sheet_reference(NULL));
    seqnn_axes_horizontal(axes, 24, sheet_reference("mean"));
    seqnn_axes_line(axes, measured);
    seqnn_axes_line(axes, predicted);
    seqnn_axes_annotate(axes, KNOWN, d->series[KNOWN], "the forecast begins", annotation);
    return figure;
}

static seqnn_figure *sheet_attention(const sheet_data *d, sheet_size size)
{
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0, sheet_axes("Attention", "source", "target"));
    seqnn_attention_options options;
    memset(&options, 0, sizeof options);
    seqnn_axes_attention(axes, d->attention, TARGET, SOURCE, target_words, source_words,
                         options);
    return figure;
}

static const struct {
    const char *name;
    seqnn_figure *(*make)(const sheet_data *data, sheet_size size);
} sheet_figures[] = {
    {"lines", sheet_lines},
    {"gradient_flow", sheet_gradient_flow},
    {"scatter", sheet_scatter},
    {"histogram", sheet_histogram},
    {"bars", sheet_bars},
    {"heat_map", sheet_heat_map},
    {"confusion", sheet_confusion},
    {"word_cloud", sheet_word_cloud},
    {"eigenvalues", sheet_eigenvalues},
    {"history", sheet_history},
    {"forecast", sheet_forecast},
    {"attention", sheet_attention},
};

enum { SHEET_FIGURES = (int)(sizeof sheet_figures / sizeof *sheet_figures) };

#endif
