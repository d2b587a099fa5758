/* The course's charts: read back by libpng, what is drawn is where its numbers are. */
/* flags: -lpng -Wl,--wrap=sq_png_write -Wl,--wrap=malloc -Wl,--wrap=free */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "eigenvalue_charts.h"
#include "embedding_chart.h"
#include "failing_malloc.h"
#include "label_charts.h"
#include "plots/pictures.h"
#include "plots/watched_pictures.h"
#include "prediction_chart.h"
#include "memory.h"
#include "titles.h"
#include "value_histograms.h"

static char folder[] = "/tmp/seqnn_course_XXXXXX";
static char file[64];

static void says(seqnn_status status, const char *who, const char *what)
{
    assert_int_equal(status, SEQNN_ERROR_ARGUMENT);
    if (strstr(seqnn_error(), who) == NULL || strstr(seqnn_error(), what) == NULL)
        fail_msg("'%s' does not say '%s ... %s'", seqnn_error(), who, what);
}

static void fine(seqnn_status status)
{
    if (status != SEQNN_OK)
        fail_msg("%s", seqnn_error());
}

/* The picture in the file, which has this size. */
static picture drawn(seqnn_size width, seqnn_size height)
{
    picture p = read_picture(file);
    assert_int_equal(p.width, width);
    assert_int_equal(p.height, height);
    edge_is_white(&p, "a chart of the course");
    return p;
}

enum { BLUE = 0x0072B2, ORANGE = 0xD55E00, INK = 0x262626 };

static int is_near(const picture *p, int x, int y, int colour)
{
    const unsigned char *at = p->rgb + 3 * (y * p->width + x);
    return abs(at[0] - (colour >> 16)) <= 24 && abs(at[1] - (colour >> 8 & 255)) <= 24 &&
           abs(at[2] - (colour & 255)) <= 24;
}

/* Spots of one colour, from the left to the right. */
typedef struct spot {
    double x, y; /* the middle */
    int size;    /* pixels */
} spot;

enum { SPOTS = 16 };

static int flood(picture *p, int x, int y, int colour, spot *into)
{
    if (x < 0 || y < 0 || x >= p->width || y >= p->height || !is_near(p, x, y, colour))
        return 0;
    memset(p->rgb + 3 * (y * p->width + x), 255, 3);
    into->x += x;
    into->y += y;
    into->size++;
    for (int k = 0; k < 9; k++)
        flood(p, x + k % 3 - 1, y + k / 3 - 1, colour, into);
    return 1;
}

static int spots_of(picture *p, int colour, spot *spots)
{
    int count = 0;
    for (int x = 0; x < p->width; x++) {
        for (int y = 0; y < p->height; y++) {
            spot one = {0, 0, 0};
            if (!flood(p, x, y, colour, &one) || one.size < 6)
                continue;
            assert_true(count < SPOTS);
            one.x /= one.size;
            one.y /= one.size;
            spots[count++] = one;
        }
    }
    return count;
}

typedef struct frame {
    int left, right, top, bottom;
} frame;

/* The frame of the only axes: the longest lines of ink, upright and level. */
static frame frame_of(const picture *p)
{
    frame f = {0, 0, 0, 0};
    int longest = 0;
    for (int x = 0; x < p->width; x++)
        for (int y = 0, run = 0; y < p->height; y++) {
            run = is_near(p, x, y, INK) ? run + 1 : 0;
            if (run > longest) {
                longest = run;
                f.left = x;
                f.top = y - run + 1;
                f.bottom = y;
            }
        }
    while (!is_near(p, f.left + 12, f.bottom, INK)) /* a tick goes on below */
        f.bottom--;
    for (f.right = f.left; is_near(p, f.right + 1, f.bottom, INK);)
        f.right++;
    return f;
}

static double row_of(const picture *p, int colour, int x)
{
    double sum = 0, count = 0;
    for (int y = 0; y < p->height; y++) {
        sum += is_near(p, x, y, colour) ? y : 0;
        count += is_near(p, x, y, colour);
    }
    return count > 0 ? sum / count : -1;
}

static seqnn_eigenvalues_options spectrum(seqnn_size width, seqnn_size height,
                                          seqnn_size scale)
{
    seqnn_eigenvalues_options options;
    memset(&options, 0, sizeof options);
    options.width = width;
    options.height = height;
    options.scale = scale;
    return options;
}

/* --- where things are --- */

/* 1, i, -1 and -i give the scale; (0.5, 0.25) lies where that says. */
static void eigenvalues_in_the_plane(void **state)
{
    (void)state;
    const double real[] = {-1, 0, 0, 0.5, 1}, imaginary[] = {0, 1, -1, 0.25, 0};
    for (seqnn_size scale = 1; scale <= 2; scale++) {
        spot spots[SPOTS];
        fine(seqnn_plot_eigenvalues(real, imaginary, 5, file, spectrum(500, 500, scale)));
        picture p = drawn(500 * scale, 500 * scale);
        assert_int_equal(spots_of(&p, BLUE, spots), 5);
        double unit = (spots[4].x - spots[0].x) / 2, near = 1.0 * (double)scale;
        double x = (spots[4].x + spots[0].x) / 2, y = spots[0].y;
        assert_true(unit > 100);
        assert_true(fabs(spots[1].x - x) <= near && fabs(spots[2].x - x) <= near);
        assert_true(fabs(fabs(spots[1].y - y) - unit) <= near);
        assert_true(fabs(spots[1].y + spots[2].y - 2 * y) <= 2 * near);
        assert_true(fabs(spots[3].x - (x + 0.5 * unit)) <= near);
        assert_true(fabs(spots[3].y - (y - 0.25 * unit)) <= near);
        free(p.rgb);
    }
}

static void text_of_picture(const char *text)
{
    char between[64];
    snprintf(between, sizeof between, "|%s|", text);
    if (strstr(watched_texts, between) == NULL)
        fail_msg("'%s' is not among %s", text, watched_texts);
}

/* As far from left to right as from top to bottom, whatever the eigenvalues. */
static void the_plane_is_square(void **state)
{
    (void)state;
    const double real[][2] = {{-0.5, 0.9}, {3, 0.1}, {-1e10, 1e10}, {0, 1e30}};
    const double imaginary[][2] = {{0, 0}, {0, 0}, {0, 0}, {-2e30, 0}};
    for (int i = 0; i < 4; i++) {
        fine(seqnn_plot_eigenvalues(real[i], imaginary[i], 2, file, spectrum(0, 0, 0)));
        picture p = drawn(640, 600);
        frame f = frame_of(&p);
        assert_true(f.right - f.left > 400);
        assert_in_range(f.bottom - f.top, f.right - f.left - 2, f.right - f.left + 2);
        free(p.rgb);
    }
}

/* Numbers keep their zeros, what is not finite is told, titles are whole. */
static void titles_tell_the_truth(void **state)
{
    (void)state;
    const double real[] = {0.5, (double)NAN, 1.1, INFINITY}, zeros[4] = {0};
    const double values[] = {1.1, 0.1, 9.996, 0.025, 0, -2.5, 1234, 1e9, 0.99951};
    const char *const texts[] = {"1.10",
                                 "0.100",
                                 "10.0",
                                 "0.0250",
                                 "0.00",
                                 "\xE2\x88\x92"
                                 "2.50",
                                 "1234",
                                 "1e9",
                                 "1.00"};
    const seqnn_real truth[] = {1, 2}, predicted[] = {1.5f, 2.5f};
    const seqnn_real spread[] = {-0.2f, 0.4f, -0.2f, 0.4f};
    seqnn_eigenvalues_options options = spectrum(0, 0, 0);
    seqnn_prediction_options prediction;
    seqnn_histograms_options histograms;
    seqnn_named_values named = {"W", spread, 4};
    options.title = "E";
    fine(seqnn_plot_eigenvalues(real, zeros, 2, file, options));
    text_of_picture("E: 1 of 2 not finite");
    fine(seqnn_plot_eigenvalues(real + 2, zeros, 1, file, options));
    text_of_picture("E: spectral radius 1.10");
    fine(seqnn_plot_eigenvalues_over_training(real, zeros, 2, 2, file, options));
    text_of_picture("E: 1 of 2 not finite");
    memset(&prediction, 0, sizeof prediction);
    memset(&histograms, 0, sizeof histograms);
    prediction.title = "P";
    prediction.errors = true;
    fine(seqnn_plot_series_prediction(truth, predicted, 2, file, prediction));
    text_of_picture("P: MAE 0.500, RMSE 0.500");
    fine(seqnn_plot_histograms(&named, 1, file, histograms));
    text_of_picture("0.10 \xC2\xB1 0.30");
    for (int i = 0; i < 9; i++) {
        char text[SQ_NUMBER];
        sq_title_number(text, 3, values[i]);
        assert_string_equal(text, texts[i]);
    }
    char long_title[901] = "";
    for (int i = 0; i < 300; i++)
        strcat(long_title, i % 2 ? "$h$" : "\xE2\x82\xAC"); /* the Euro sign */
    char *whole = sq_title_new(long_title, "mean 0.50");
    assert_non_null(whole);
    assert_memory_equal(whole, long_title, 900);
    assert_string_equal(whole + 900, ": mean 0.50");
    sq_free(whole);
}

/* The spectral radius is the upper line; the last epoch has the map's last colour. */
static void eigenvalues_over_training(void **state)
{
    (void)state;
    enum { EPOCHS = 5 };
    double real[2 * EPOCHS], imaginary[2 * EPOCHS] = {0};
    for (int e = 0; e < EPOCHS; e++) {
        real[2 * e] = 0.5;
        real[2 * e + 1] = e < 4 ? -0.25 : -0.75; /* overtakes the other */
    }
    fine(seqnn_plot_eigenvalues_over_training(real, imaginary, EPOCHS, 2, file,
                                              spectrum(1000, 400, 1)));
    picture p = drawn(1000, 400);
    spot spots[SPOTS];
    int x = 0;
    for (int right = 999; x == 0; right--)
        x = row_of(&p, BLUE, right) >= 0 ? right : 0;
    double last = row_of(&p, BLUE, x - 1), before = row_of(&p, BLUE, x - 150);
    assert_true(last > 0 && last < before);
    assert_int_equal(spots_of(&p, 0xFDE725, spots) > 1, 1);
    free(p.rgb);
}

/* Scores as straight lines with the best at 0.3: marked there. */
static void the_best_threshold_is_marked(void **state)
{
    (void)state;
    seqnn_threshold_score sweep[11];
    seqnn_label_chart_options options;
    memset(&options, 0, sizeof options);
    for (int k = 0; k < 11; k++) {
        sweep[k].threshold = k / 10.0;
        sweep[k].precision = k < 10 ? k / 10.0 : (double)NAN;
        sweep[k].recall = 1 - k / 10.0;
        sweep[k].labeling_f_score = 0.9 - 0.1 * abs(k - 3);
        sweep[k].f1 = 0.05; /* not drawn beside the labeling F-score */
    }
    for (int both = 1; both >= 0; both--) {
        fine(seqnn_plot_threshold_sweep(sweep, 11, file, options));
        picture p = drawn(800, 600);
        frame f = frame_of(&p);
        double wide = f.right - f.left, high = f.bottom - f.top;
        double x = f.left + 0.3 * wide, y = f.bottom - (both ? 0.9 : 0.8) * high;
        /* A disc, where the line alone would not be. */
        assert_true(is_near(&p, (int)(x + 0.5), (int)(y - 1), BLUE));
        assert_true(is_near(&p, (int)(x + 0.5), (int)(y + 2), BLUE));
        assert_true(fabs(row_of(&p, BLUE, (int)(f.left + 0.7 * wide)) -
                         (f.bottom - 0.5 * high)) <= (both ? 2 : 200));
        free(p.rgb);
        for (int k = 0; k < 11; k++) {
            sweep[k].labeling_f_score = (double)NAN;
            sweep[k].f1 = k == 3 ? 0.8 : 0.5;
        }
    }
}

/* Bars by length, whatever order the labels came in. */
static void rates_are_sorted(void **state)
{
    (void)state;
    const double rates[] = {0.25, 0.9, (double)NAN, 0.5};
    const char *const names[] = {"a", "b", "none", "a label with a long name"};
    const double sorted[] = {0.9, 0.5, 0.25};
    seqnn_label_chart_options options;
    memset(&options, 0, sizeof options);
    fine(seqnn_plot_true_positive_rates(rates, names, 4, file, options));
    picture p = drawn(800, 240);
    frame f = frame_of(&p);
    double wide = f.right - f.left;
    for (int bar = 0; bar < 4; bar++) {
        int y = f.top + (f.bottom - f.top) * (2 * bar + 1) / 8 - 6, end = f.left + 2;
        while (end < f.right && is_near(&p, end, y, BLUE))
            end++;
        if (bar < 3)
            assert_true(fabs((end - f.left) / wide - sorted[bar]) < 0.01);
        else
            assert_int_equal(end, f.left + 2);
    }
    free(p.rgb);
}

/* A unit of x is as long as one of y, classes have their colours. */
static void words_keep_their_distances(void **state)
{
    (void)state;
    const seqnn_real x[] = {0, 4, 2}, y[] = {0, 0, 1};
    const int32_t classes[] = {0, 0, 1};
    const char *const words[] = {"left", "right", NULL};
    seqnn_embedding_chart_options options;
    memset(&options, 0, sizeof options);
    options.classes = classes;
    options.width = 600;
    fine(seqnn_plot_embedding(x, y, words, 3, file, options));
    picture p = read_picture(file);
    spot blue[SPOTS], orange[SPOTS];
    edge_is_white(&p, "embedding");
    assert_int_equal(spots_of(&p, BLUE, blue), 2);
    assert_int_equal(spots_of(&p, ORANGE, orange), 1);
    double unit = (blue[1].x - blue[0].x) / 4;
    assert_true(unit > 80 && fabs(blue[1].y - blue[0].y) < 1);
    assert_true(fabs(orange[0].x - blue[0].x - 2 * unit) < 1.5);
    assert_true(fabs(blue[0].y - orange[0].y - unit) < 1.5);
    free(p.rgb);
}

/* Between the last known step and the first of the forecast stands the line. */
static void the_forecast_begins_at_the_line(void **state)
{
    (void)state;
    seqnn_real truth[11], predicted[11], deviation[11];
    seqnn_prediction_options options;
    memset(&options, 0, sizeof options);
    for (int i = 0; i < 11; i++) {
        truth[i] = 1;
        predicted[i] = i < 6 ? (seqnn_real)NAN : 3;
        deviation[i] = 1;
    }
    options.known = 6;
    options.errors = true;
    options.deviation = deviation;
    fine(seqnn_plot_series_prediction(truth, predicted, 11, file, options));
    picture p = drawn(800, 450);
    frame f = frame_of(&p);
    int first = 0, dashes = 0, grey = 0;
    for (int x = f.left + 2; x < f.right - 100; x++) {
        int here = 0, line = 0;
        for (int y = (f.top + f.bottom) / 2; y < f.bottom - 5; y++)
            line += is_near(&p, x, y, 0x6E6E6E);
        for (int y = f.top; y < f.bottom; y++)
            here += is_near(&p, x, y, ORANGE);
        if (line > (f.bottom - f.top) / 6)
            grey = x;
        if (here > 0 && first == 0 && grey > 0)
            first = x;
        dashes += here > 0 && x > first && first > 0;
    }
    assert_true(grey > f.left + (f.right - f.left) / 3);
    assert_true(first > grey && dashes > 50);
    free(p.rgb);
}

/* Each array has its place: blue in every cell of the grid. */
static void every_array_has_its_histogram(void **state)
{
    (void)state;
    static seqnn_real values[4][1000];
    seqnn_named_values arrays[4];
    const char *const names[] = {"$W_x$", "$W_h$", "h", NULL};
    seqnn_histograms_options options;
    memset(&options, 0, sizeof options);
    for (int a = 0; a < 4; a++) {
        for (int i = 0; i < 1000; i++)
            values[a][i] = (seqnn_real)(sin(i * 12.9898 * (a + 1)) * (a + 1));
        arrays[a].name = names[a];
        arrays[a].values = values[a];
        arrays[a].count = 1000;
    }
    values[2][7] = (seqnn_real)NAN;
    for (int same = 0; same < 2; same++) {
        options.same_range = same != 0;
        fine(seqnn_plot_histograms(arrays, 4, file, options));
        picture p = drawn(800, 600);
        for (int a = 0; a < 4; a++) {
            int blue = 0, left = 1000, right = 0;
            for (int y = a / 2 * 300; y < a / 2 * 300 + 300; y++)
                for (int x = a % 2 * 400; x < a % 2 * 400 + 400; x++)
                    if (is_near(&p, x, y, BLUE)) {
                        blue++;
                        left = x < left ? x : left;
                        right = x > right ? x : right;
                    }
            assert_true(blue > 1500);
            /* Of one range, the first array is a quarter as wide as the last. */
            if (same && a == 0)
                assert_in_range(right - left, 60, 110);
            if (!same || a == 3)
                assert_in_range(right - left, 250, 400);
        }
        free(p.rgb);
    }
}

/* --- sizes, odd numbers, errors --- */

enum { MANY = 40000 };

static seqnn_real many[3][MANY];
static double wide[2][MANY];
static seqnn_threshold_score steps[1000];

enum { CHARTS = 7 };

/* One of the charts, from the first `count` numbers. */
static seqnn_status draw_one(int chart, seqnn_size count, seqnn_size width,
                             seqnn_size height, seqnn_size scale)
{
    seqnn_eigenvalues_options eigenvalues = spectrum(width, height, scale);
    seqnn_label_chart_options labels;
    seqnn_histograms_options histograms;
    seqnn_embedding_chart_options embedding;
    seqnn_prediction_options prediction;
    seqnn_named_values arrays[2] = {{"$W_h$", many[0], count}, {"h", many[1], 0}};
    memset(&labels, 0, sizeof labels);
    memset(&histograms, 0, sizeof histograms);
    memset(&embedding, 0, sizeof embedding);
    memset(&prediction, 0, sizeof prediction);
    labels.threshold = SEQNN_ZERO;
    labels.width = histograms.width = embedding.width = prediction.width = width;
    labels.height = histograms.height = embedding.height = prediction.height = height;
    labels.scale = histograms.scale = embedding.scale = prediction.scale = scale;
    prediction.known = count / 2;
    prediction.errors = true;
    prediction.deviation = many[2];
    switch (chart) {
    case 0:
        return seqnn_plot_eigenvalues(wide[0], wide[1], count, file, eigenvalues);
    case 1:
        return seqnn_plot_eigenvalues_over_training(wide[0], wide[1], count, 1, file,
                                                    eigenvalues);
    case 2:
        return seqnn_plot_threshold_sweep(steps, count < 1000 ? count : 1000, file,
                                          labels);
    case 3:
        return seqnn_plot_true_positive_rates(wide[0], NULL, count < 1000 ? count : 1000,
                                              file, labels);
    case 4:
        return seqnn_plot_histograms(arrays, 2, file, histograms);
    case 5:
        return seqnn_plot_embedding(many[0], many[1], NULL, count, file, embedding);
    default:
        return seqnn_plot_series_prediction(many[0], many[1], count, file, prediction);
    }
}

static void draw_all(seqnn_size count, seqnn_size width, seqnn_size height,
                     seqnn_size scale)
{
    for (int chart = 0; chart < CHARTS; chart++) {
        fine(draw_one(chart, count, width, height, scale));
        picture p = drawn(width * scale, height * scale);
        free(p.rgb);
    }
}

static void sizes_and_odd_values(void **state)
{
    (void)state;
    const double odd[] = {0, (double)NAN, INFINITY, 1e-30, 1e30, -1, 0.5};
    for (int kind = 0; kind < 9; kind++) {
        for (int i = 0; i < MANY; i++) {
            double value = kind < 7 ? odd[kind] : kind == 7 ? odd[i % 7] : sin(i);
            wide[0][i] = value;
            wide[1][i] = i % 2 ? value : -value;
            for (int k = 0; k < 3; k++)
                many[k][i] = (seqnn_real)(k == 1 ? -value : value);
        }
        for (int i = 0; i < 1000; i++) {
            steps[i].threshold = i / 999.0;
            steps[i].precision = steps[i].recall = steps[i].f1 =
                wide[0][i] >= 0 && wide[0][i] <= 1 ? wide[0][i] : (double)NAN;
            steps[i].labeling_f_score = (double)NAN;
        }
        draw_all(1, 400, 300, 1);
        draw_all(50, 240, 180, kind % 2 + 1);
        if (kind == 8)
            draw_all(2000, 2000, 1500, 1);
        if (kind > 6)
            draw_all(MANY, 640, 480, 1);
    }
}

static void errors_say_who_and_what(void **state)
{
    (void)state;
    const double one[] = {1};
    const seqnn_real x[] = {1, 2};
    seqnn_threshold_score sweep;
    seqnn_named_values none = {"W", NULL, 3};
    seqnn_label_chart_options labels;
    seqnn_histograms_options histograms;
    seqnn_embedding_chart_options embedding;
    seqnn_prediction_options prediction;
    memset(&sweep, 0, sizeof sweep);
    memset(&labels, 0, sizeof labels);
    memset(&histograms, 0, sizeof histograms);
    memset(&embedding, 0, sizeof embedding);
    memset(&prediction, 0, sizeof prediction);
    says(seqnn_plot_eigenvalues(NULL, one, 1, file, spectrum(0, 0, 0)),
         "plot eigenvalues: ", "0 eigenvalues");
    says(seqnn_plot_eigenvalues_over_training(one, one, 0, 1, file, spectrum(0, 0, 0)),
         "plot eigenvalues over training: ", "0 epochs");
    says(seqnn_plot_eigenvalues(one, one, 1, file, spectrum(-3, 0, 0)),
         "plot eigenvalues: ", "-3");
    says(seqnn_plot_threshold_sweep(&sweep, 0, file, labels),
         "plot threshold sweep: ", "0 thresholds");
    sweep.f1 = 1.5;
    says(seqnn_plot_threshold_sweep(&sweep, 1, file, labels),
         "plot threshold sweep: ", "a score of threshold 0 is 1.5, expected 0 to 1");
    says(seqnn_plot_true_positive_rates(one, NULL, 0, file, labels),
         "plot true positive rates: ", "0 labels");
    says(seqnn_plot_histograms(&none, 0, file, histograms),
         "plot histograms: ", "0 arrays");
    says(seqnn_plot_histograms(&none, 1, file, histograms),
         "plot histograms: ", "'W' has count 3 and no values");
    says(seqnn_plot_embedding(x, NULL, NULL, 2, file, embedding),
         "plot embedding: ", "2");
    const int32_t classes[] = {0, -1};
    embedding.classes = classes;
    says(seqnn_plot_embedding(x, x, NULL, 2, file, embedding),
         "plot embedding: ", "word 1 has class -1, expected 0 or more");
    prediction.known = 3;
    says(seqnn_plot_series_prediction(x, x, 2, file, prediction),
         "plot series prediction: ", "3 of them known");
    prediction.known = 0;
    assert_int_equal(
        seqnn_plot_series_prediction(x, x, 2, "/nonexistent/x.png", prediction),
        SEQNN_ERROR_FILE);
}

static void without_memory_there_is_an_error(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        wide[0][i] = wide[1][i] = 0.25 * i;
        many[0][i] = many[1][i] = many[2][i] = (seqnn_real)(0.25 * i);
        steps[i].threshold = steps[i].precision = steps[i].recall = 0.25 * i;
        steps[i].f1 = steps[i].labeling_f_score = 0.25 * i;
    }
    assert_int_equal(setenv("SEQNN_FONT", "strokes", 1), 0); /* which is drawn at once */
    for (int chart = 0; chart < CHARTS; chart++) {
        seqnn_status status = SEQNN_OK;
        long n = 0;
        do {
            begin_failing(n);
            n += n < 30 ? 1 : 9;
            status = draw_one(chart, 3, 240, 180, 1);
            if (status != SEQNN_OK)
                assert_int_equal(status, SEQNN_ERROR_MEMORY);
        } while (end_failing());
        assert_int_equal(status, SEQNN_OK);
        assert_true(n > 10);
    }
    unsetenv("SEQNN_FONT");
}

static void no_text_is_in_the_way(void **state)
{
    (void)state;
    assert_int_equal(watched_faults, 0);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/chart.png", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvalues_in_the_plane),
        cmocka_unit_test(the_plane_is_square),
        cmocka_unit_test(titles_tell_the_truth),
        cmocka_unit_test(eigenvalues_over_training),
        cmocka_unit_test(the_best_threshold_is_marked),
        cmocka_unit_test(rates_are_sorted),
        cmocka_unit_test(words_keep_their_distances),
        cmocka_unit_test(the_forecast_begins_at_the_line),
        cmocka_unit_test(every_array_has_its_histogram),
        cmocka_unit_test(sizes_and_odd_values),
        cmocka_unit_test(errors_say_who_and_what),
        cmocka_unit_test(no_text_is_in_the_way),
        cmocka_unit_test(without_memory_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
