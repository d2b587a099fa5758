/* Plots: the PNGs are read back by libpng, which shares no code with the writer. */
/* flags: -lpng */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv, symlink */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <locale.h>
#include <cmocka.h>

#include "charts.h"
#include "colours.h"
#include "confusion.h"
#include "axis.h"
#include "layout.h"
#include "outcomes.h"
#include "plots/pictures.h"

/* --- pictures read back --- */

static char directory[] = "/tmp/seqnn_plot_XXXXXX";
static char path[256];

static const char *file_of(const char *name)
{
    snprintf(path, sizeof path, "%s/%s.png", directory, name);
    return path;
}

static unsigned pixel(const picture *p, int x, int y)
{
    const unsigned char *at = p->rgb + 3 * (y * p->width + x);
    return (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

/* How many pixels have this colour within columns [left, right), nearly: a line that lies
 * between two rows of pixels covers neither wholly. */
static int count_colour(const picture *p, unsigned colour, int left, int right)
{
    int count = 0;
    for (int y = 0; y < p->height; y++) {
        for (int x = left; x < right && x < p->width; x++) {
            unsigned at = pixel(p, x, y);
            int furthest = 0;
            for (int shift = 0; shift <= 16; shift += 8) {
                int apart = abs((int)(at >> shift & 255) - (int)(colour >> shift & 255));
                furthest = apart > furthest ? apart : furthest;
            }
            count += furthest <= 20;
        }
    }
    return count;
}

/* Reads the picture, checks size and edge, and gives it back. */
static picture sound(const char *file, int width, int height)
{
    picture p = read_picture(file);
    assert_int_equal(p.width, width);
    assert_int_equal(p.height, height);
    edge_is_white(&p, file);
    return p;
}

static seqnn_plot_series series_of(const char *label, const seqnn_real *y,
                                   seqnn_size count)
{
    seqnn_plot_series series;
    memset(&series, 0, sizeof series);
    series.label = label;
    series.y = y;
    series.count = count;
    return series;
}

static seqnn_plot_options plain(void)
{
    seqnn_plot_options options;
    memset(&options, 0, sizeof options);
    options.title = "Title";
    options.x_label = "x";
    options.y_label = "y";
    return options;
}

static seqnn_heatmap_options plain_map(void)
{
    seqnn_heatmap_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static seqnn_confusion_options plain_matrix(void)
{
    seqnn_confusion_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static unsigned char *bytes_of(const char *file, size_t *size)
{
    FILE *stream = fopen(file, "rb");
    unsigned char *bytes = (unsigned char *)malloc(1 << 22);
    assert_non_null(stream);
    *size = fread(bytes, 1, 1 << 22, stream);
    fclose(stream);
    return bytes;
}

/* --- line charts --- */

static void lines_have_their_colours_and_places(void **state)
{
    (void)state;
    const seqnn_real up[] = {0, 1, 2, 3}, down[] = {3, 2, 1, 0};
    seqnn_plot_series series[2] = {series_of("up", up, 4), series_of("down", down, 4)};
    seqnn_plot_options options = plain();
    picture p;
    int left_blue = -1, right_blue = -1;
    series[1].colour = 0x12AB34;
    options.no_legend = true;
    fine(seqnn_plot_lines(series, 2, file_of("lines"), options));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, 0x0072B2, 0, 800) > 400);
    assert_true(count_colour(&p, 0x12AB34, 0, 800) > 400);
    /* The first line rises: its left end lies lower in the picture than its right end. */
    for (int y = 0; y < 600; y++) {
        for (int x = 0; x < 800; x++) {
            if (pixel(&p, x, y) != 0x0072B2)
                continue;
            if (x < 150)
                left_blue = y;
            if (x > 700)
                right_blue = y;
        }
    }
    assert_true(left_blue > right_blue + 300 && right_blue > 0);
    free(p.rgb);
}

static void scale_doubles_the_pixels(void **state)
{
    (void)state;
    const seqnn_real y[] = {0, 1, 2, 3};
    seqnn_plot_series series = series_of("up", y, 4);
    seqnn_plot_options options = plain();
    picture p;
    options.scale = 2;
    fine(seqnn_plot_lines(&series, 1, file_of("scale"), options));
    p = sound(path, 1600, 1200);
    free(p.rgb);
    options.scale = 1;
    options.width = 500;
    options.height = 300;
    fine(seqnn_plot_lines(&series, 1, path, options));
    p = sound(path, 500, 300);
    free(p.rgb);
}

static void gaps_break_the_line(void **state)
{
    (void)state;
    seqnn_real y[101] = {0};
    seqnn_plot_series series = series_of(NULL, y, 101);
    picture p;
    for (int i = 0; i <= 100; i++)
        y[i] = i >= 40 && i <= 60 ? (seqnn_real)NAN : 1;
    fine(seqnn_plot_lines(&series, 1, file_of("gap"), plain()));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, 0x0072B2, 100, 300) > 150);
    assert_int_equal(count_colour(&p, 0x0072B2, 380, 450), 0);
    assert_true(count_colour(&p, 0x0072B2, 550, 750) > 150);
    free(p.rgb);
}

static void log_axis_leaves_out_what_has_no_logarithm(void **state)
{
    (void)state;
    const seqnn_real y[] = {(seqnn_real)1e-30, 0, -5, (seqnn_real)1e30, 1};
    seqnn_plot_series series = series_of("extremes", y, 5);
    seqnn_plot_options options = plain();
    picture p;
    options.log_y = true;
    fine(seqnn_plot_lines(&series, 1, file_of("log"), options));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, 0x0072B2, 0, 800) > 100);
    free(p.rgb);
    fine(seqnn_plot_gradient_flow(&series, 1, file_of("flow"), options));
    p = sound(path, 800, 600);
    free(p.rgb);
}

static void degenerate_series_give_a_picture(void **state)
{
    (void)state;
    const seqnn_real infinity = (seqnn_real)INFINITY;
    const seqnn_real one[] = {5}, constant[] = {3, 3, 3}, zeros[] = {0, 0};
    const seqnn_real nothing[] = {(seqnn_real)NAN, infinity, -infinity};
    const seqnn_real wide[] = {(seqnn_real)-1e30, (seqnn_real)1e-30, (seqnn_real)1e30};
    const seqnn_real close[] = {1000000, 1000000, (seqnn_real)1000000.1};
    const seqnn_real tiny[] = {(seqnn_real)1e-30, (seqnn_real)2e-30};
    const struct {
        const char *name;
        const seqnn_real *y;
        seqnn_size count;
        bool drawn;
    } cases[] = {
        {"one", one, 1, true},     {"constant", constant, 3, true},
        {"zeros", zeros, 2, true}, {"nothing", nothing, 3, false},
        {"empty", NULL, 0, false}, {"wide", wide, 3, true},
        {"close", close, 3, true}, {"tiny", tiny, 2, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seqnn_plot_series series = series_of(NULL, cases[i].y, cases[i].count);
        seqnn_plot_options options = plain();
        picture p;
        for (int log = 0; log < 2; log++) {
            options.log_y = log;
            fine(seqnn_plot_lines(&series, 1, file_of(cases[i].name), options));
            p = sound(path, 800, 600);
            if (!log)
                assert_true((count_colour(&p, 0x0072B2, 0, 800) > 10) == cases[i].drawn);
            free(p.rgb);
        }
    }
}

static void long_texts_are_shortened(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    static char text[1000]; /* more would take long */
#else
    static char text[5000];
#endif
    static const char *names[40];
    const seqnn_real y[] = {1, 2, 1};
    seqnn_real cells[16] = {0};
    int64_t counts[16] = {0};
    seqnn_plot_series series[40];
    seqnn_plot_options options = plain();
    seqnn_heatmap_options map = plain_map();
    seqnn_confusion_options matrix = plain_matrix();
    picture p;
    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = i % 9 == 8 ? ' ' : i % 7 == 0 ? (char)0xFF : 'W';
    for (int i = 0; i < 40; i++) {
        names[i] = text;
        series[i] = series_of(text, y, 3);
    }
    options.title = options.x_label = options.y_label = text;
    for (seqnn_size count = 1; count <= 40; count += 13) {
        fine(seqnn_plot_lines(series, count, file_of("long"), options));
        p = sound(path, 800, 600);
        free(p.rgb);
    }
    options.width = 240;
    options.height = 180;
    fine(seqnn_plot_lines(series, 40, file_of("long"), options));
    p = sound(path, 240, 180);
    free(p.rgb);
    map.title = map.x_label = map.y_label = text;
    map.row_names = map.column_names = names;
    fine(seqnn_plot_heatmap(cells, 4, 4, path, map));
    p = sound(path, 800, 600);
    free(p.rgb);
    fine(seqnn_plot_confusion(counts, 4, names, path, matrix));
    p = sound(path, 800, 600);
    free(p.rgb);
}

static void same_numbers_same_bytes(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 4, 2, 8};
    seqnn_plot_series series = series_of("series", y, 4);
    unsigned char *first, *second;
    size_t first_size, second_size;
    fine(seqnn_plot_lines(&series, 1, file_of("first"), plain()));
    first = bytes_of(path, &first_size);
    fine(seqnn_plot_lines(&series, 1, file_of("second"), plain()));
    second = bytes_of(path, &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);
}

static void built_in_font_serves_without_files(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 4, 2, 8};
    seqnn_plot_series series = series_of("|{A}| \xCF\x83 \xE2\x88\x82 ~ @", y, 4);
    unsigned char *with_file, *with_strokes;
    size_t file_size, strokes_size;
    picture p;
    fine(seqnn_plot_lines(&series, 1, file_of("font"), plain()));
    with_file = bytes_of(path, &file_size);
    setenv("SEQNN_FONT", "strokes", 1);
    fine(seqnn_plot_lines(&series, 1, path, plain()));
    with_strokes = bytes_of(path, &strokes_size);
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, SQ_INK, 0, 800) > 900);
    free(p.rgb);
    /* A file that is no font, or none at all, does no harm. */
    setenv("SEQNN_FONT", path, 1);
    fine(seqnn_plot_lines(&series, 1, file_of("font2"), plain()));
    unsetenv("SEQNN_FONT");
    assert_true(file_size > 1000 && strokes_size > 1000);
    free(with_file);
    free(with_strokes);
}

static void numbers_do_not_follow_the_locale(void **state)
{
    (void)state;
    char text[SQ_NUMBER];
    const char *german = setlocale(LC_NUMERIC, "de_DE.UTF-8");
    sq_number_text(text, 'f', 2, 1.5);
    assert_string_equal(text, "1.50");
    sq_number_text(text, 'g', 3, 1.5e-7);
    assert_string_equal(text, "1.5e\xE2\x88\x92"
                              "7");
    sq_number_text(text, 'g', 3, 2e12);
    assert_string_equal(text, "2e12");
    sq_number_text(text, 'f', 2, -0.001);
    assert_string_equal(text, "0.00");
    sq_number_text(text, 'f', 0, -3);
    assert_string_equal(text, "\xE2\x88\x92"
                              "3");
    if (german != NULL)
        setlocale(LC_NUMERIC, "C");
}

static void ticks_are_round(void **state)
{
    (void)state;
    const struct {
        double low, high;
        bool log, whole;
        int ticks;
        double first, step;
        const char *text;
    } cases[] = {
        {0, 1, false, false, 6, 0, 0.2, "0.0"},
        {0, 18, false, true, 4, 0, 5, "0"},
        {1, 3, false, true, 3, 1, 1, "1"},
        {-5, -1, true, false, 5, -5, 1,
         "\xE2\x88\x92"
         "5"},
        {2e8, 7e8, false, false, 6, 2e8, 1e8, "2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sq_axis axis;
        memset(&axis, 0, sizeof axis);
        axis.log = cases[i].log;
        axis.whole = cases[i].whole;
        sq_axis_fit(&axis, cases[i].low, cases[i].high, NAN, NAN, 500, 80);
        assert_int_equal(axis.ticks, cases[i].ticks);
        for (int k = 0; k < axis.ticks; k++) {
            double expected = cases[i].first + k * cases[i].step;
            assert_true(fabs(axis.tick[k] - expected) <= 1e-9 * cases[i].step);
        }
        assert_string_equal(axis.text[0], cases[i].text);
    }
}

/* --- history, heat map, confusion --- */

static void history_shows_what_was_measured(void **state)
{
    (void)state;
    const seqnn_real loss[] = {2, 1, (seqnn_real)0.5},
                     accuracy[] = {(seqnn_real)0.2, 1, 1};
    const seqnn_real val_loss[] = {3, 2, 2}, val_accuracy[] = {0, (seqnn_real)0.5, 0};
    const seqnn_real none[] = {(seqnn_real)NAN, (seqnn_real)NAN, (seqnn_real)NAN};
    seqnn_history history;
    picture p;
    memset(&history, 0, sizeof history);
    history.epochs = 3;
    history.best_epoch = 1;
    history.loss = loss;
    history.accuracy = accuracy;
    history.val_loss = val_loss;
    history.val_accuracy = val_accuracy;
    fine(seqnn_plot_history(&history, file_of("history")));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, 0x0072B2, 0, 800) > 50);
    assert_true(count_colour(&p, 0xD55E00, 0, 800) > 300);
    free(p.rgb);
    seqnn_history_options how;
    unsigned char *usual, *same;
    size_t usual_size, same_size;
    memset(&how, 0, sizeof how);
    usual = bytes_of(path, &usual_size);
    fine(seqnn_plot_training(&history, path, how));
    same = bytes_of(path, &same_size);
    assert_int_equal(usual_size, same_size);
    assert_memory_equal(usual, same, same_size);
    free(same);
    how.score = "F-score";
    fine(seqnn_plot_training(&history, path, how));
    same = bytes_of(path, &same_size);
    assert_true(same_size != usual_size || memcmp(same, usual, same_size) != 0);
    free(same);
    free(usual);
    how.width = 500;
    how.height = 400;
    how.scale = 2;
    how.log_loss = true;
    fine(seqnn_plot_training(&history, path, how));
    p = sound(path, 1000, 800);
    free(p.rgb);
    how.font = "/nonexistent/font.ttf";
    assert_int_not_equal(seqnn_plot_training(&history, path, how), SEQNN_OK);
    history.val_loss = history.val_accuracy = history.accuracy = none;
    fine(seqnn_plot_history(&history, path));
    p = sound(path, 800, 600);
    assert_int_equal(count_colour(&p, 0xD55E00, 0, 800), 0);
    free(p.rgb);
    history.epochs = 1;
    history.best_epoch = 0;
    history.accuracy = history.val_accuracy = history.val_loss = NULL;
    fine(seqnn_plot_history(&history, path));
    history.loss = none;
    says(seqnn_plot_history(&history, path), SEQNN_ERROR_NUMBER, "no epoch of 1");
    history.epochs = 0;
    says(seqnn_plot_history(&history, path), SEQNN_ERROR_ARGUMENT, "0 epochs");
}

static void cells_have_the_colours_of_their_values(void **state)
{
    (void)state;
    const seqnn_real values[] = {0, 1, (seqnn_real)NAN, 2};
    const seqnn_real same[] = {7, 7};
    const seqnn_real none[] = {(seqnn_real)NAN, (seqnn_real)INFINITY};
    seqnn_heatmap_options options = plain_map();
    picture p;
    fine(seqnn_plot_heatmap(values, 2, 2, file_of("heat"), options));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, sq_colour_of_map(SEQNN_MAP_DEFAULT, 0), 0, 700) > 30000);
    assert_true(count_colour(&p, sq_colour_of_map(SEQNN_MAP_DEFAULT, 0.5), 0, 700) >
                30000);
    assert_true(count_colour(&p, sq_colour_of_map(SEQNN_MAP_DEFAULT, 1), 0, 700) > 30000);
    assert_true(count_colour(&p, SQ_NO_VALUE, 0, 700) > 30000);
    free(p.rgb);
    fine(seqnn_plot_heatmap(same, 1, 2, path, options));
    fine(seqnn_plot_heatmap(none, 2, 1, path, options));
    options.map = SEQNN_MAP_DIVERGING;
    options.no_numbers = options.no_colour_bar = true;
    fine(seqnn_plot_heatmap(values, 1, 2, path, options));
    options.low = 3;
    options.high = 2;
    says(seqnn_plot_heatmap(values, 2, 2, path, options), SEQNN_ERROR_ARGUMENT,
         "from 3 to 2");
}

static void confusion_is_coloured_by_row_share(void **state)
{
    (void)state;
    const int64_t counts[] = {30, 10, 0, 0}, negative[] = {1, 0, -1, 2};
    const char *const names[] = {"one", "two"};
    picture p;
    fine(seqnn_plot_confusion(counts, 2, names, file_of("confusion"), plain_matrix()));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, sq_colour_of_map(SEQNN_MAP_BLUES, 0.75), 0, 800) >
                10000);
    assert_true(count_colour(&p, sq_colour_of_map(SEQNN_MAP_BLUES, 0.25), 0, 800) >
                10000);
    free(p.rgb);
    says(seqnn_plot_confusion(negative, 2, names, path, plain_matrix()),
         SEQNN_ERROR_ARGUMENT, "counts[1, 0] is negative");
}

/* How many texts of the figure begin so; its axes stay to be looked at. */
static int texts_of(seqnn_figure *figure, const char *begin)
{
    sq_picture drawn;
    int count = 0;
    fine(sq_figure_draw(figure, &drawn));
    for (seqnn_size i = 0; i < drawn.box_count; i++)
        count += strncmp(drawn.boxes[i].text, begin, strlen(begin)) == 0;
    sq_picture_close(&drawn);
    return count;
}

/* What no cell has room for is told by the bar, at any size, under any names. */
static void a_bar_stands_where_numbers_do_not_fit(void **state)
{
    (void)state;
    enum { MOST = 30 };
    static int64_t counts[MOST * MOST];
    static const char *const wide = "a name that takes as much room as it is given";
    static const seqnn_size sizes[][2] = {
        {320, 240}, {800, 600}, {480, 700}, {1600, 400}};
    const char *names[MOST];
    int without = 0;
    for (int i = 0; i < MOST; i++)
        names[i] = wide;
    for (int size = 0; size < 4; size++) {
        for (seqnn_size classes = 2; classes <= MOST; classes += 3) {
            for (int kind = 0; kind < 8; kind++) {
                const int64_t count = kind % 2 ? 77 : 777777;
                seqnn_confusion_options options = plain_matrix();
                seqnn_figure_options whole;
                seqnn_axes_options texts;
                memset(&whole, 0, sizeof whole);
                memset(&texts, 0, sizeof texts);
                whole.width = sizes[size][0];
                whole.height = sizes[size][1];
                options.no_numbers = kind == 7;
                for (int i = 0; i < MOST * MOST; i++)
                    counts[i] = count;
                seqnn_figure *figure = seqnn_figure_new(whole);
                seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, texts);
                fine(seqnn_axes_confusion(axes, counts, classes, kind & 2 ? names : NULL,
                                          options));
                bool numbers = texts_of(figure, kind % 2 ? "77" : "777777") > 0;
                if (!numbers && !axes->bar.shown)
                    fail_msg("neither numbers nor bar: %d classes, kind %d, size %d",
                             (int)classes, kind, size);
                without += !axes->bar.shown;
                seqnn_figure_free(figure);
            }
        }
    }
    assert_in_range(without, 40, 250); /* few classes have no need of it */
}

/* A class without examples has no recall: no 0 %, and behind the worst that has one. */
static void a_class_without_examples_has_no_share(void **state)
{
    (void)state;
    const int64_t counts[] = {0, 0, 0, 3, 0, 1, 0, 1, 3};
    const char *const names[] = {"none", "worst", "best"};
    seqnn_confusion_options options = plain_matrix();
    seqnn_axes_options texts;
    seqnn_figure_options whole;
    memset(&texts, 0, sizeof texts);
    memset(&whole, 0, sizeof whole);
    options.rates = true;
    options.order = SEQNN_ORDER_RATE;
    seqnn_figure *figure = seqnn_figure_new(whole);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, texts);
    fine(seqnn_axes_confusion(axes, counts, 3, names, options));
    assert_string_equal(axes->y_names.names[0], "best");
    assert_string_equal(axes->y_names.names[1], "worst");
    assert_string_equal(axes->y_names.names[2], "none");
    assert_int_equal(texts_of(figure, "\xE2\x80\x93"), 3);
    assert_int_equal(texts_of(figure, "0 %"), 2);
    seqnn_figure_free(figure);
}

/* What blue and red stand for, and how many the strongest are. */
static void colours_of_labels_are_explained(void **state)
{
    (void)state;
    const int64_t counts[] = {812, 7, 37, 5};
    const char *const names[] = {"one", "two"};
    seqnn_confusion_options options = plain_matrix();
    seqnn_axes_options texts;
    seqnn_figure_options whole;
    memset(&texts, 0, sizeof texts);
    memset(&whole, 0, sizeof whole);
    for (int small = 0; small < 2; small++) {
        whole.width = small ? 320 : 800;
        whole.height = small ? 240 : 600;
        seqnn_figure *figure = seqnn_figure_new(whole);
        seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, texts);
        fine(seqnn_axes_labeling_confusion(axes, counts, 2, names, options));
        assert_int_equal(texts_of(figure, "true positives, 0 to 812"), 1);
        assert_int_equal(texts_of(figure, "false positives"), 1);
        seqnn_figure_free(figure);
    }
    options.order = SEQNN_ORDER_RATE;
    says(seqnn_plot_labeling_confusion(counts, 2, names, path, options),
         SEQNN_ERROR_ARGUMENT, "order is SEQNN_ORDER_RATE, but counts of labels");
}

/* Lightness grows evenly: the property for which the map was chosen. */
static void map_is_perceptually_even(void **state)
{
    (void)state;
    double before = 0;
    for (int i = 0; i <= 20; i++) {
        sq_colour colour = sq_colour_of_map(SEQNN_MAP_DEFAULT, i / 20.0);
        double c[3], l, lightness;
        for (int k = 0; k < 3; k++) {
            double v = ((colour >> (16 - 8 * k)) & 255) / 255.0;
            c[k] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
        }
        /* CIE L*, from luminance */
        l = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        lightness = l > 0.008856 ? 116 * cbrt(l) - 16 : 903.3 * l;
        if (i > 0 && !(lightness - before > 1.5 && lightness - before < 6.5))
            fail_msg("step %d: L* goes from %.1f to %.1f", i, before, lightness);
        before = lightness;
    }
}

/* --- errors --- */

static void bad_input_is_named(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 2};
    seqnn_plot_series series = series_of("y", y, 2), broken = series_of("y", NULL, 2);
    seqnn_plot_options options = plain();
    const char *nowhere = "/nonexistent/folder/plot.png";
    says(seqnn_plot_lines(&series, 1, nowhere, options), SEQNN_ERROR_FILE, nowhere);
    says(seqnn_plot_lines(&series, 1, directory, options), SEQNN_ERROR_FILE, directory);
    says(seqnn_plot_lines(&series, 1, "", options), SEQNN_ERROR_ARGUMENT, "no path");
    says(seqnn_plot_lines(&series, 1, NULL, options), SEQNN_ERROR_ARGUMENT, "no path");
    if (access("/dev/full", W_OK) == 0) {
        /* A full disk: the picture's temporary name leads to a device without room. */
        char part[300];
        snprintf(part, sizeof part, "%s.part", file_of("full"));
        assert_int_equal(symlink("/dev/full", part), 0);
        says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_FILE, path);
        assert_int_not_equal(access(path, F_OK), 0);
        assert_int_not_equal(access(part, F_OK), 0);
    }
    options.font = "/nonexistent/font.ttf";
    assert_int_not_equal(seqnn_plot_lines(&series, 1, file_of("bad"), options), SEQNN_OK);
    options.font = NULL;
    says(seqnn_plot_lines(&series, 0, file_of("bad"), options), SEQNN_ERROR_ARGUMENT,
         "0 series");
    says(seqnn_plot_lines(&broken, 1, path, options), SEQNN_ERROR_ARGUMENT, "no y");
    series.marker = (seqnn_marker)99;
    says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_ARGUMENT, "marker 99");
    series.marker = SEQNN_MARKER_DEFAULT;
    options.x_min = 2;
    options.x_max = 1;
    says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_ARGUMENT,
         "x_min 2, x_max 1");
    options.x_min = (seqnn_real)NAN;
    says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_ARGUMENT, "x_min");
    options = plain();
    options.width = 100000000;
    says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_ARGUMENT, "100000000");
    options.width = -1;
    says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_ARGUMENT, "-1 x 600");
    options.width = 0;
    options.scale = 99;
    says(seqnn_plot_lines(&series, 1, path, options), SEQNN_ERROR_ARGUMENT,
         "scale is 99");
    says(seqnn_plot_heatmap(y, 0, 2, path, plain_map()), SEQNN_ERROR_SHAPE, "[0, 2]");
    says(seqnn_plot_heatmap(NULL, 1, 2, path, plain_map()), SEQNN_ERROR_SHAPE, "NULL");
    says(seqnn_plot_heatmap(y, PTRDIFF_MAX, 2, path, plain_map()), SEQNN_ERROR_SHAPE,
         "rows");
    assert_int_not_equal(access(path, F_OK), 0); /* nothing was written */
}

static void limits_cut_and_references_show(void **state)
{
    (void)state;
    const seqnn_real y[] = {0, (seqnn_real)1e6, 0}, x[] = {0, 1, 2};
    seqnn_plot_series series = series_of("spike", y, 3);
    seqnn_plot_options options = plain();
    picture p;
    series.x = x;
    series.line = SEQNN_LINE_DOTTED;
    options.y_max = 10;
    options.y_min = SEQNN_ZERO;
    options.x_min = (seqnn_real)-0.5;
    options.x_max = 3;
    options.y_line = 5;
    options.x_line = 1;
    options.y_line_label = "threshold";
    fine(seqnn_plot_lines(&series, 1, file_of("limits"), options));
    p = sound(path, 800, 600);
    assert_true(count_colour(&p, SQ_FAINT, 0, 800) > 300);
    free(p.rgb);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void **state)
{
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_their_colours_and_places),
        cmocka_unit_test(scale_doubles_the_pixels),
        cmocka_unit_test(gaps_break_the_line),
        cmocka_unit_test(log_axis_leaves_out_what_has_no_logarithm),
        cmocka_unit_test(degenerate_series_give_a_picture),
        cmocka_unit_test(long_texts_are_shortened),
        cmocka_unit_test(same_numbers_same_bytes),
        cmocka_unit_test(built_in_font_serves_without_files),
        cmocka_unit_test(numbers_do_not_follow_the_locale),
        cmocka_unit_test(ticks_are_round),
        cmocka_unit_test(history_shows_what_was_measured),
        cmocka_unit_test(cells_have_the_colours_of_their_values),
        cmocka_unit_test(confusion_is_coloured_by_row_share),
        cmocka_unit_test(a_bar_stands_where_numbers_do_not_fit),
        cmocka_unit_test(a_class_without_examples_has_no_share),
        cmocka_unit_test(colours_of_labels_are_explained),
        cmocka_unit_test(map_is_perceptually_even),
        cmocka_unit_test(bad_input_is_named),
        cmocka_unit_test(limits_cut_and_references_show),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
