/* The ready-made charts at four sizes, with texts as they come and of 300 letters: no
 * text overlaps another or leaves the picture. They only write files; the picture is
 * looked at where it would be encoded. */
/* flags: -lpng -Wl,--wrap=sq_png_write */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "charts.h"
#include "eigenvalue_charts.h"
#include "embedding_chart.h"
#include "label_charts.h"
#include "pictures.h"
#include "png_file.h"
#include "prediction_chart.h"
#include "progress_plot.h"
#include "sheet_figures.h"
#include "text_boxes.h"
#include "value_histograms.h"

static int pictures, faults;
static char now[96]; /* what is drawn */

seqnn_status __wrap_sq_png_write(const sq_canvas *canvas, const char *who,
                                 const char *path);

/* Of a figure: the canvas is the first of its picture. */
seqnn_status __wrap_sq_png_write(const sq_canvas *canvas, const char *who,
                                 const char *path)
{
    const sq_picture *p = (const sq_picture *)(const void *)canvas;
    picture seen;
    char name[160];
    (void)path;
    snprintf(name, sizeof name, "%s, %s", who, now);
    seen.width = canvas->width;
    seen.height = canvas->height;
    seen.rgb = canvas->pixels;
    edge_is_white(&seen, name);
    faults += faults_of(p, name) > 0;
    pictures++;
    return SEQNN_OK;
}

/* Several axes may be refused in the smallest picture. */
static void drawn(seqnn_status status)
{
    if (status != SEQNN_OK &&
        (strncmp(now, "320", 3) != 0 || strstr(seqnn_error(), "make it larger") == NULL))
        fail_msg("%s: %s", now, seqnn_error());
}

/* One text for all places, or NULL: texts as the course has them. */
static const char *given;

static const char *text(const char *usual)
{
    return given != NULL ? given : usual;
}

static const char *const *names(const char *const *usual)
{
    static const char *all[GROUPS * GROUP_WORDS];
    for (int i = 0; i < GROUPS * GROUP_WORDS; i++)
        all[i] = given;
    return given != NULL ? all : usual;
}

static void draw_tables(const sheet_data *d, sheet_size size)
{
    seqnn_heatmap_options map;
    seqnn_confusion_options matrix;
    seqnn_attention_options attention;
    seqnn_gates_options gates;
    const seqnn_gate gate[3] = {{text("forget gate $f_t$"), d->attention, false},
                                {text("input gate $i_t$"), d->attention, false},
                                {text("state $C_t$"), d->correlation, true}};
    memset(&map, 0, sizeof map);
    memset(&matrix, 0, sizeof matrix);
    memset(&attention, 0, sizeof attention);
    memset(&gates, 0, sizeof gates);
    map.title = matrix.title = attention.title = gates.title = text("Title");
    map.x_label = matrix.x_label = attention.source_label = text("x");
    map.y_label = matrix.y_label = attention.target_label = map.bar_label = text("y");
    map.row_names = map.column_names = names(feature_names);
    map.width = matrix.width = attention.width = gates.width = size.width;
    map.height = matrix.height = attention.height = gates.height = size.height;
    map.scale = matrix.scale = attention.scale = gates.scale = size.scale;
    matrix.order = SEQNN_ORDER_RATE;
    attention.numbers = true;
    drawn(seqnn_plot_heatmap(d->correlation, FEATURES, FEATURES, "-", map));
    drawn(seqnn_plot_confusion(d->confusion, CLASSES, names(class_names), "-", matrix));
    drawn(seqnn_plot_attention(d->attention, TARGET, SOURCE, names(target_words),
                               names(source_words), "-", attention));
    drawn(seqnn_plot_gates(gate, 3, SOURCE, 6, names(source_words), "-", gates));
}

static void draw_training(const sheet_data *d, sheet_size size)
{
    seqnn_plot_series series[FLOWS];
    seqnn_plot_options lines;
    seqnn_progress_plot_options progress;
    seqnn_progress_plot *plot;
    seqnn_history history;
    seqnn_histograms_options histograms;
    const seqnn_named_values arrays[3] = {{text("$W_x$"), d->weights_before, WEIGHTS},
                                          {text("$W_h$"), d->weights_after, WEIGHTS},
                                          {text("$b$"), d->loss, EPOCHS}};
    memset(&lines, 0, sizeof lines);
    memset(&progress, 0, sizeof progress);
    memset(&history, 0, sizeof history);
    memset(&histograms, 0, sizeof histograms);
    for (int f = 0; f < FLOWS; f++)
        series[f] = sheet_series(text(flow_names[f]), d->flow[f], STEPS);
    lines.title = progress.title = histograms.title = text("Title");
    lines.x_label = lines.y_label = lines.x_line_label = lines.y_line_label = text("x");
    lines.x_line = 10;
    lines.y_line = (seqnn_real)0.01;
    lines.width = progress.width = histograms.width = size.width;
    lines.height = progress.height = histograms.height = size.height;
    lines.scale = progress.scale = histograms.scale = size.scale;
    drawn(seqnn_plot_lines(series, FLOWS, "-", lines));
    drawn(seqnn_plot_gradient_flow(series, FLOWS, "-", lines));
    history.epochs = EPOCHS;
    history.best_epoch = 7;
    history.loss = d->loss;
    history.accuracy = d->accuracy;
    history.val_loss = d->val_loss;
    history.val_accuracy = d->val_accuracy;
    drawn(seqnn_plot_history(&history, "-"));
    progress.score = text("accuracy");
    plot = seqnn_progress_plot_new("-", progress);
    assert_non_null(plot);
    for (int e = 0; e < EPOCHS; e++) {
        for (int i = 0; i < 5; i++)
            seqnn_progress_plot_train(plot, d->loss[e], d->accuracy[e]);
        seqnn_progress_plot_validation(plot, d->val_loss[e], d->val_accuracy[e]);
        seqnn_progress_plot_epoch(plot);
    }
    drawn(seqnn_progress_plot_free(plot));
    drawn(seqnn_plot_histograms(arrays, 3, "-", histograms));
}

static void draw_results(const sheet_data *d, sheet_size size)
{
    double real[EIGENVALUES], imaginary[EIGENVALUES], rates[NEWS];
    seqnn_threshold_score sweep[50];
    int32_t classes[GROUPS * GROUP_WORDS];
    seqnn_eigenvalues_options spectrum;
    seqnn_label_chart_options labels;
    seqnn_embedding_chart_options embedding;
    seqnn_prediction_options prediction;
    memset(&spectrum, 0, sizeof spectrum);
    memset(&labels, 0, sizeof labels);
    memset(&embedding, 0, sizeof embedding);
    memset(&prediction, 0, sizeof prediction);
    for (int i = 0; i < EIGENVALUES; i++) {
        real[i] = (double)d->real[i];
        imaginary[i] = (double)d->imaginary[i];
    }
    for (int i = 0; i < NEWS; i++)
        rates[i] = (double)d->f_score[i];
    for (int i = 0; i < 50; i++) {
        double at = i / 49.0;
        sweep[i].threshold = at;
        sweep[i].precision = 0.4 + 0.55 * at;
        sweep[i].recall = 1 - 0.9 * at * at;
        sweep[i].f1 = sweep[i].labeling_f_score =
            2 / (1 / sweep[i].precision + 1 / sweep[i].recall);
    }
    for (int i = 0; i < GROUPS * GROUP_WORDS; i++)
        classes[i] = i / GROUP_WORDS;
    spectrum.title = labels.title = embedding.title = prediction.title = given;
    embedding.x_label = embedding.y_label = prediction.x_label = prediction.y_label =
        given;
    prediction.truth_label = prediction.prediction_label = given;
    embedding.classes = classes;
    embedding.class_names = names(group_names);
    embedding.class_count = GROUPS;
    prediction.known = KNOWN;
    prediction.errors = true;
    labels.threshold = (seqnn_real)0.5;
    spectrum.width = labels.width = embedding.width = prediction.width = size.width;
    spectrum.height = labels.height = embedding.height = prediction.height = size.height;
    spectrum.scale = labels.scale = embedding.scale = prediction.scale = size.scale;
    drawn(seqnn_plot_eigenvalues(real, imaginary, EIGENVALUES, "-", spectrum));
    drawn(seqnn_plot_eigenvalues_over_training(real, imaginary, 8, 8, "-", spectrum));
    drawn(seqnn_plot_threshold_sweep(sweep, 50, "-", labels));
    drawn(seqnn_plot_true_positive_rates(rates, names(news_names), NEWS, "-", labels));
    drawn(seqnn_plot_embedding(d->word_x, d->word_y, names(group_words),
                               GROUPS * GROUP_WORDS, "-", embedding));
    drawn(seqnn_plot_series_prediction(d->series, d->predicted, MONTHS, "-", prediction));
}

static void no_text_overlaps_or_leaves(void **state)
{
    static sheet_data data;
    static const seqnn_size sizes[][2] = {
        {320, 240}, {480, 360}, {800, 600}, {1600, 1000}};
    data = sheet_data_new();
    given = (const char *)*state;
    pictures = faults = 0;
    for (int i = 0; i < 4; i++) {
        for (seqnn_size scale = 1; scale <= 2; scale++) {
            sheet_size size = {sizes[i][0], sizes[i][1], scale};
            snprintf(now, sizeof now, "%d x %d at %d%s", (int)size.width,
                     (int)size.height, (int)scale, given != NULL ? ", long texts" : "");
            draw_tables(&data, size);
            draw_training(&data, size);
            draw_results(&data, size);
        }
    }
    assert_true(pictures >= 8 * 15 - 6);
    assert_int_equal(faults, 0);
}

int main(void)
{
    char letters[301];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_overlaps_or_leaves),
        cmocka_unit_test_prestate(no_text_overlaps_or_leaves, letters),
    };
    for (int i = 0; i < 300; i++)
        letters[i] = (char)(i % 11 == 10 ? ' ' : 'a' + i % 26);
    letters[300] = '\0';
    return cmocka_run_group_tests(tests, NULL, NULL);
}
