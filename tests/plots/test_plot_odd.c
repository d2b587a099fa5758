/* Every public kind of mark with odd numbers and texts: a sensible picture (its texts
 * apart, nothing at its edge) or an error that says what was wrong. */
/* flags: -lpng */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "charts.h"
#include "layout.h"
#include "pictures.h"
#include "sheet_figures.h"
#include "text_boxes.h"

enum { LONGEST = 12, MANY = 1000000 };

typedef struct numbers {
    const char *name;
    const seqnn_real *values;
    int count;
} numbers;

/* --- kinds of mark: each adds the numbers to axes --- */

static const char *texts[LONGEST]; /* names, where a kind has some */

static void add_line(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_plot_series series = sheet_series("label", values, count);
    series.marker = SEQNN_MARKER_DIAMOND;
    seqnn_axes_line(axes, series);
}

static void add_path(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_plot_series series = sheet_series(texts[0], values, count);
    series.x = values;
    series.line = SEQNN_LINE_DASHED;
    seqnn_axes_line(axes, series);
}

static void add_band(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_plot_series series = sheet_series(texts[0], values, count);
    series.deviation = values;
    seqnn_axes_line(axes, series);
}

static void add_scatter(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_scatter_options options;
    memset(&options, 0, sizeof options);
    options.names = count <= LONGEST ? texts : NULL;
    options.label = texts[0];
    seqnn_axes_scatter(axes, values, values, count, options);
}

static void add_bars(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_bars_options options;
    memset(&options, 0, sizeof options);
    options.sorted = true;
    options.deviation = values;
    seqnn_axes_bars(axes, count <= LONGEST ? texts : NULL, values, count, options);
}

static void add_histogram(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_histogram_options options;
    memset(&options, 0, sizeof options);
    options.label = texts[0];
    seqnn_axes_histogram(axes, values, count, options);
}

static void add_heatmap(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_heatmap_options options;
    memset(&options, 0, sizeof options);
    options.column_names = count <= LONGEST ? texts : NULL;
    options.bar_label = texts[0];
    seqnn_axes_heatmap(axes, values, 1, count, options);
}

static void add_heatmap_log(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_heatmap_options options;
    memset(&options, 0, sizeof options);
    options.log = true;
    options.row_names = count <= LONGEST ? texts : NULL;
    seqnn_axes_heatmap(axes, values, count, 1, options);
}

static void add_attention(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_attention_options options;
    memset(&options, 0, sizeof options);
    options.numbers = true;
    seqnn_axes_attention(axes, values, 1, count, texts, count <= LONGEST ? texts : NULL,
                         options);
}

static void add_words(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_word_cloud_options options;
    memset(&options, 0, sizeof options);
    seqnn_axes_word_cloud(axes, texts, values, count < LONGEST ? count : LONGEST,
                          options);
}

static void add_confusion(seqnn_axes *axes, const seqnn_real *values, int count)
{
    static int64_t counts[LONGEST * LONGEST];
    seqnn_confusion_options options;
    memset(&options, 0, sizeof options);
    memset(counts, 0, sizeof counts);
    count = count < LONGEST ? count : LONGEST;
    for (int i = 0; i < count; i++)
        counts[i * count + (i * 5 + 1) % count] = values[i] > 0 && values[i] < 9e18f
                                                      ? (int64_t)values[i]
                                                      : i % 2 * INT64_MAX / 64;
    seqnn_axes_confusion(axes, counts, count, texts, options);
}

static void add_notes(seqnn_axes *axes, const seqnn_real *values, int count)
{
    seqnn_annotation_options options;
    memset(&options, 0, sizeof options);
    if (count == 0)
        return;
    seqnn_axes_vertical(axes, values[0], sheet_reference(texts[0]));
    seqnn_axes_horizontal(axes, values[count / 2], sheet_reference(texts[1]));
    seqnn_axes_annotate(axes, values[count - 1], values[count - 1], texts[2], options);
}

static const struct {
    const char *name;
    void (*add)(seqnn_axes *axes, const seqnn_real *values, int count);
    bool crowds;  /* takes a million values */
    bool patient; /* never refuses any */
} kinds[] = {
    {"line", add_line, true, true},
    {"path", add_path, true, true},
    {"band", add_band, true, true},
    {"scatter", add_scatter, true, true},
    {"bars", add_bars, false, false},
    {"histogram", add_histogram, true, true},
    {"heat map", add_heatmap, false, false},
    {"log heat map", add_heatmap_log, false, false},
    {"attention", add_attention, false, false},
    {"word cloud", add_words, true, false},
    {"confusion", add_confusion, true, false},
    {"notes", add_notes, false, false},
};

enum { KINDS = (int)(sizeof kinds / sizeof *kinds) };

static int edge_faults(const sq_picture *p, const char *name)
{
    picture seen;
    seen.width = p->canvas.width;
    seen.height = p->canvas.height;
    seen.rgb = p->canvas.pixels;
    edge_is_white(&seen, name);
    return 0;
}

/* A picture of one kind; what it says if it is refused. */
static int faults_of_kind(int kind, numbers n, seqnn_axes_options options,
                          sheet_size size)
{
    char name[128];
    seqnn_figure *figure = sheet_figure(size, NULL, 1, 1);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, options);
    seqnn_status status;
    sq_picture p;
    int faults = 0;
    snprintf(name, sizeof name, "%s of %s%s%s, %d x %d", kinds[kind].name, n.name,
             options.log_x ? ", log x" : "", options.log_y ? ", log y" : "",
             (int)size.width, (int)size.height);
    kinds[kind].add(axes, n.values, n.count);
    status = axes == NULL ? SEQNN_ERROR_ARGUMENT : sq_axes_status(axes);
    if (status == SEQNN_OK)
        status = sq_figure_draw(figure, &p);
    if (status == SEQNN_OK) {
        faults = faults_of(&p, name) + edge_faults(&p, name);
        sq_picture_close(&p);
    } else if (kinds[kind].patient || status == SEQNN_ERROR_MEMORY ||
               strstr(seqnn_error(), "expected") == NULL) {
        print_error("%s: status %d, '%s'\n", name, (int)status, seqnn_error());
        faults = 1;
    }
    seqnn_figure_free(figure);
    return faults > 0;
}

static void odd_numbers(void **state)
{
    const seqnn_real nan = (seqnn_real)NAN, inf = (seqnn_real)INFINITY;
    const seqnn_real one[] = {5}, minus[] = {-3}, zeros[] = {0, 0, 0},
                     same[] = {7, 7, 7, 7};
    const seqnn_real nothing[] = {nan, nan, nan}, ends[] = {inf, -inf, nan},
                     holes[] = {1, nan, 3, inf, 2, -inf, 4};
    const seqnn_real wide[] = {(seqnn_real)1e-30, 1, (seqnn_real)1e30},
                     signs[] = {(seqnn_real)-1e30, (seqnn_real)1e-30, (seqnn_real)1e30},
                     tiny[] = {(seqnn_real)1e-30, (seqnn_real)2e-30, (seqnn_real)5e-30},
                     close[] = {1000000, 1000000, (seqnn_real)1000000.1},
                     most[] = {(seqnn_real)-3e38, (seqnn_real)3e38, 0},
                     least[] = {(seqnn_real)1e-45, (seqnn_real)1e-40, 0};
    const numbers all[] = {
        {"none", one, 0},          {"one", one, 1},         {"one below 0", minus, 1},
        {"zeros", zeros, 3},       {"a constant", same, 4}, {"NaN", nothing, 3},
        {"infinity", ends, 3},     {"holes", holes, 7},     {"1e-30 to 1e30", wide, 3},
        {"signs", signs, 3},       {"1e-30", tiny, 3},      {"nearly one", close, 3},
        {"floats' ends", most, 3}, {"denormals", least, 3},
    };
    const sheet_size small = {320, 240, 1}, large = {800, 600, 1};
    int faults = 0;
    (void)state;
    for (int i = 0; i < LONGEST; i++)
        texts[i] = class_names[i % CLASSES];
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            for (int log = 0; log < 4; log++) {
                seqnn_axes_options options = sheet_axes("Title", "x", "y");
                options.log_x = log & 1;
                options.log_y = log & 2;
                faults += faults_of_kind(kind, all[i], options, small);
                if (log == 0) {
                    faults += faults_of_kind(kind, all[i], options, large);
                    options.equal_aspect = true;
                    faults += faults_of_kind(kind, all[i], options, small);
                }
            }
        }
    }
    assert_int_equal(faults, 0);
}

static void long_texts(void **state)
{
    static char text[301];
    static const seqnn_real values[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    const sheet_size sizes[] = {{240, 180, 1}, {480, 360, 1}, {1600, 1000, 1}};
    const numbers n = {"long texts", values, LONGEST};
    const seqnn_axes_options options = sheet_axes(text, text, text);
    int faults = 0;
    (void)state;
    for (int i = 0; i < 300; i++)
        text[i] = i % 9 == 8 ? ' ' : i % 7 == 0 ? (char)0xFF : 'W'; /* 0xFF is no UTF-8 */
    for (int i = 0; i < LONGEST; i++)
        texts[i] = text;
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i < 3; i++)
            faults += faults_of_kind(kind, n, options, sizes[i]);
    assert_int_equal(faults, 0);
}

static void crowds(void **state)
{
    static seqnn_real values[MANY];
    const numbers n = {"a million", values, MANY};
    const sheet_size size = {800, 600, 1};
    int faults = 0;
    (void)state;
    for (int i = 0; i < LONGEST; i++)
        texts[i] = class_names[i % CLASSES];
    for (int i = 0; i < MANY; i++)
        values[i] = (seqnn_real)(sin(i * 1e-5) + 0.2 * sin(i * 12.9898));
    for (int kind = 0; kind < KINDS; kind++)
        if (kinds[kind].crowds)
            faults += faults_of_kind(kind, n, sheet_axes("Title", "x", "y"), size);
    assert_int_equal(faults, 0);
}

static void two_thousand_classes(void **state)
{
    enum { N = 2000 };
    int64_t *counts = (int64_t *)calloc((size_t)N * N, sizeof *counts);
    seqnn_figure *figure = sheet_figure((sheet_size){800, 600, 1}, NULL, 1, 1);
    seqnn_confusion_options options;
    sq_picture p;
    (void)state;
    memset(&options, 0, sizeof options);
    options.order = SEQNN_ORDER_RATE;
    for (int i = 0; i < N; i++) {
        counts[i * (N + 1)] = 50 + i % 7;
        counts[i * N + i * 31 % N] = 3;
    }
    seqnn_axes_confusion(seqnn_figure_axes(figure, 0, 0, sheet_axes("T", "x", "y")),
                         counts, N, NULL, options);
    if (sq_figure_draw(figure, &p) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
    assert_int_equal(faults_of(&p, "2000 classes") + edge_faults(&p, "2000 classes"), 0);
    sq_picture_close(&p);
    seqnn_figure_free(figure);
    free(counts);
}

static void impossible_sizes_are_refused(void **state)
{
    static const sheet_size bad[] = {
        {-1, 600, 1},
        {800, -600, 1},
        {239, 600, 1},
        {800, 179, 1},
        {1, 1, 1},
        {100000000, 600, 1},
        {800, 600, 9},
        {800, 600, -1},
        {8000, 600, 8},
        {PTRDIFF_MAX, 600, 1},
        {800, PTRDIFF_MIN, 1},
        {800, 600, 1000},
        {800, 600, PTRDIFF_MAX},
    };
    char folder[] = "/tmp/seqnn_odd_XXXXXX", path[64];
    const seqnn_real values[] = {1, (seqnn_real)0.5, 0, (seqnn_real)0.25};
    const int64_t counts[] = {1, 2, 3, 4};
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/never.png", folder);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        seqnn_plot_series series = sheet_series("y", values, 4);
        seqnn_plot_options lines;
        seqnn_heatmap_options map;
        seqnn_confusion_options matrix;
        seqnn_attention_options attention;
        seqnn_gates_options gates;
        seqnn_gate gate = {"f", values, false};
        seqnn_figure *figure = sheet_figure(bad[i], NULL, 1, 1);
        seqnn_status status[7];
        memset(&lines, 0, sizeof lines);
        memset(&map, 0, sizeof map);
        memset(&matrix, 0, sizeof matrix);
        memset(&attention, 0, sizeof attention);
        memset(&gates, 0, sizeof gates);
        lines.width = map.width = matrix.width = attention.width = gates.width =
            bad[i].width;
        lines.height = map.height = matrix.height = attention.height = gates.height =
            bad[i].height;
        lines.scale = map.scale = matrix.scale = attention.scale = gates.scale =
            bad[i].scale;
        status[0] = seqnn_figure_save(figure, path);
        status[1] = seqnn_plot_lines(&series, 1, path, lines);
        status[2] = seqnn_plot_gradient_flow(&series, 1, path, lines);
        status[3] = seqnn_plot_heatmap(values, 2, 2, path, map);
        status[4] = seqnn_plot_confusion(counts, 2, NULL, path, matrix);
        status[5] = seqnn_plot_attention(values, 2, 2, NULL, NULL, path, attention);
        status[6] = seqnn_plot_gates(&gate, 1, 2, 2, NULL, path, gates);
        for (int k = 0; k < 7; k++)
            if (status[k] != SEQNN_ERROR_ARGUMENT)
                fail_msg("size %d, function %d: status %d", (int)i, k, (int)status[k]);
        assert_non_null(strstr(seqnn_error(), "expected"));
        assert_int_not_equal(access(path, F_OK), 0);
        seqnn_figure_free(figure);
    }
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_numbers),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(crowds),
        cmocka_unit_test(two_thousand_classes),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
