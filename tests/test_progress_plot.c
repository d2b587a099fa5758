/* Training progress: the picture is read back by libpng, also while it is written. */
/* flags: -lpng -Wl,--wrap=sq_png_write -Wl,--wrap=malloc -Wl,--wrap=free */
#define _XOPEN_SOURCE 700 /* mkdtemp, fork, setenv */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "epoch_bands.h"
#include "failing_malloc.h"
#include "plots/pictures.h"
#include "plots/watched_pictures.h"
#include "progress_plot.h"
#include "training_trace.h"

static char folder[] = "/tmp/seqnn_progress_XXXXXX";

static const char *file_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    return path;
}

static void says(const char *words)
{
    if (strstr(seqnn_error(), words) == NULL)
        fail_msg("'%s' does not say '%s'", seqnn_error(), words);
}

static seqnn_progress_plot_options every_call(void)
{
    seqnn_progress_plot_options options;
    memset(&options, 0, sizeof options);
    options.seconds = SEQNN_ZERO;
    return options;
}

/* Only the first and the last picture. */
static seqnn_progress_plot_options at_the_end(void)
{
    seqnn_progress_plot_options options = every_call();
    options.seconds = 1e6f;
    return options;
}

static seqnn_progress_plot *opened(const char *name, seqnn_progress_plot_options options)
{
    seqnn_progress_plot *plot = seqnn_progress_plot_new(file_of(name), options);
    if (plot == NULL)
        fail_msg("%s", seqnn_error());
    return plot;
}

/* --- the numbers --- */

/* A value that is lowest, highest or not a number now and then. */
static double value_at(seqnn_size i)
{
    return i % 97 == 5 ? (double)NAN : sin((double)i * 0.37) + (double)(i % 11);
}

static void traces_keep_what_matters(void **state)
{
    (void)state;
    static sq_trace trace;
    static seqnn_real x[2 * SQ_TRACE_ROOM], y[2 * SQ_TRACE_ROOM];
    const seqnn_size counts[] = {1, 2047, 2048, 2049, 5000, 1000000};
    for (int c = 0; c < 6; c++) {
        double sum = 0;
        seqnn_size values = 0, finite = 0;
        memset(&trace, 0, sizeof trace);
        for (seqnn_size i = 0; i < counts[c]; i++)
            sq_trace_add(&trace, (double)i + 1, value_at(i));
        assert_in_range(trace.count, 1, SQ_TRACE_ROOM);
        for (seqnn_size p = 0, i = 0; p < trace.count; p++) {
            const sq_trace_place *place = &trace.places[p];
            double low = INFINITY, high = -INFINITY;
            for (seqnn_size k = 0; k < place->values; k++, i++) {
                low = fmin(low, value_at(i));
                high = fmax(high, value_at(i));
                sum += isnan(value_at(i)) ? 0 : value_at(i);
            }
            if (place->finite > 0)
                assert_true(place->low == low && place->high == high);
            assert_true(place->x == (double)i);
            values += place->values;
            finite += place->finite;
            sum -= place->sum;
        }
        assert_int_equal(values, counts[c]);
        assert_int_equal(finite, counts[c] - (counts[c] + 91) / 97);
        assert_true(fabs(sum) < 1e-6);
        assert_in_range(sq_trace_points(&trace, x, y), 1, 2 * SQ_TRACE_ROOM);
        assert_true(x[0] >= 1 && (seqnn_size)x[0] <= trace.each);
    }
}

static void smoothing_is_the_weighted_mean(void **state)
{
    (void)state;
    static sq_trace trace;
    static seqnn_real x[2 * SQ_TRACE_ROOM], y[2 * SQ_TRACE_ROOM];
    enum { COUNT = 300 };
    memset(&trace, 0, sizeof trace);
    for (seqnn_size i = 0; i < COUNT; i++)
        sq_trace_add(&trace, (double)i, value_at(i));
    for (double sigma = 0; sigma < 40; sigma = 3 * sigma + 1) {
        assert_int_equal(sq_trace_smooth(&trace, sigma, x, y), COUNT);
        for (seqnn_size i = 0; i < COUNT; i++) {
            double sum = 0, weights = 0;
            for (seqnn_size j = 0; j < COUNT; j++) {
                double d = (double)(j - i), w;
                if (isnan(value_at(j)) || fabs(d) > fmin(ceil(3 * sigma), (double)i))
                    continue;
                w = j == i ? 1 : exp(-d * d / (2 * sigma * sigma));
                sum += w * value_at(j);
                weights += w;
            }
            if (isnan(value_at(i)))
                assert_true(isnan(y[i]));
            else
                assert_true(fabs((double)y[i] - sum / weights) < 1e-5);
        }
    }
}

static void epochs_are_thinned_by_tens(void **state)
{
    (void)state;
    static sq_epochs epochs;
    const seqnn_size counts[] = {1, 4096, 4097, 40960, 40970, 123456};
    for (int c = 0; c < 6; c++) {
        memset(&epochs, 0, sizeof epochs);
        for (seqnn_size i = 1; i <= counts[c]; i++)
            sq_epochs_add(&epochs, 7.0 * (double)i);
        assert_int_equal(epochs.epochs, counts[c]);
        assert_in_range(epochs.count, 1, SQ_EPOCH_ROOM);
        assert_int_equal(epochs.count, counts[c] / epochs.each);
        for (seqnn_size i = 0; i < epochs.count; i++)
            assert_true(epochs.ends[i] == 7.0 * (double)((i + 1) * epochs.each));
    }
}

/* --- the picture --- */

static unsigned pixel(const picture *p, int x, int y)
{
    const unsigned char *at = p->rgb + 3 * (y * p->width + x);
    return (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

typedef struct frame {
    int left, right, top, bottom;
} frame;

/* Frames by their lines: the left one is ink from top to bottom, the lower one from left
 * to right. The first from above. */
static frame frame_of(const picture *p)
{
    frame f = {0, 0, 0, 0};
    for (int x = 0; x < p->width && f.bottom == 0; x++) {
        for (int y = 0, run = 0; y < p->height && f.bottom == 0; y++) {
            if (pixel(p, x, y) == 0x262626)
                run++;
            else if (run > p->height / 5) {
                f.left = x;
                f.top = y - run;
                f.bottom = y - 1;
            } else
                run = 0;
        }
    }
    /* A tick may go on below. */
    while (pixel(p, f.left + 20, f.bottom) != 0x262626)
        f.bottom--;
    for (f.right = f.left; pixel(p, f.right + 1, f.bottom) == 0x262626;)
        f.right++;
    return f;
}

/* The line's colour, or nearly. */
static bool is_blue(unsigned colour)
{
    return (colour >> 16) < 60 && (colour & 255) > 150;
}

/* The middle of the rows that are blue in a column; -1: none is. */
static double row_of(const picture *p, int x)
{
    int sum = 0, count = 0;
    for (int y = 0; y < p->height; y++) {
        if (!is_blue(pixel(p, x, y)))
            continue;
        sum += y;
        count++;
    }
    return count > 0 ? (double)sum / count : -1;
}

/* 0.25 in the first three epochs, 0.75 in the last: of four, a tenth of the way each. */
static void values_are_where_they_belong(void **state)
{
    (void)state;
    for (seqnn_size scale = 1; scale <= 2; scale++) {
        seqnn_progress_plot_options options = at_the_end();
        options.scale = scale;
        options.smoothing = SEQNN_ZERO;
        seqnn_progress_plot *plot = opened("values", options);
        for (int i = 0; i < 400; i++) {
            assert_int_equal(seqnn_progress_plot_train(plot, 1, i < 300 ? 0.25f : 0.75f),
                             SEQNN_OK);
            if (i % 100 == 99)
                assert_int_equal(seqnn_progress_plot_epoch(plot), SEQNN_OK);
        }
        assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
        picture p = read_picture(file_of("values"));
        edge_is_white(&p, "values");
        frame f = frame_of(&p);
        assert_true(f.right - f.left > p.width / 2 && f.bottom - f.top > p.height / 4);
        int wide = f.right - f.left, high = f.bottom - f.top, near = 2 * (int)scale;
        int step = f.left + wide * 3 / 4;
        double low = row_of(&p, f.left + wide * 3 / 10);
        double top = row_of(&p, f.left + wide * 4 / 5);
        assert_true(fabs(low - (f.bottom - 0.25 * high)) <= near);
        assert_true(fabs(top - (f.bottom - 0.75 * high)) <= near);
        assert_true(fabs(row_of(&p, step - 2 * near) - low) <= near);
        assert_true(fabs(row_of(&p, step + 2 * near) - top) <= near);
        /* The second and the fourth epoch are shaded. */
        int y = f.top + high * 7 / 20; /* between two lines of the grid */
        assert_int_equal(pixel(&p, f.left + wide / 8 + 5, y), 0xFFFFFF);
        assert_true(pixel(&p, f.left + wide * 3 / 8 + 5, y) != 0xFFFFFF);
        assert_int_equal(pixel(&p, f.left + wide * 5 / 8 + 5, y), 0xFFFFFF);
        assert_true(pixel(&p, f.left + wide * 7 / 8 + 5, y) != 0xFFFFFF);
        free(p.rgb);
    }
}

static void sizes_and_odd_values(void **state)
{
    (void)state;
    const seqnn_size sizes[][3] = {
        {240, 180, 1}, {240, 180, 2}, {400, 300, 1}, {640, 480, 1}, {2000, 1500, 1}};
    const seqnn_real odd[] = {
        (seqnn_real)NAN, (seqnn_real)INFINITY, 0, 1e-30f, 1e30f, -3};
    for (int s = 0; s < 5; s++) {
        for (int kind = 0; kind < 6; kind++) {
            const seqnn_size iterations = kind < 2 ? kind : 40;
            seqnn_progress_plot_options options = at_the_end();
            options.width = sizes[s][0];
            options.height = sizes[s][1];
            options.scale = sizes[s][2];
            options.elapsed = kind == 4;
            options.log_loss = kind == 5;
            options.title = "A title that is much longer than there is room for it here";
            seqnn_progress_plot *plot = opened("odd", options);
            for (seqnn_size i = 0; i < iterations; i++) {
                seqnn_progress_plot_train(plot, kind == 3 ? NAN : odd[i % 6],
                                          kind == 2 ? (seqnn_real)NAN : odd[(i + 1) % 6]);
                if (i % 10 == 9 && kind != 4)
                    seqnn_progress_plot_validation(plot, odd[i / 10 % 6], odd[i % 6]);
                if (i % 10 == 9)
                    seqnn_progress_plot_epoch(plot);
            }
            if (seqnn_progress_plot_free(plot))
                fail_msg("%s", seqnn_error());
            picture p = read_picture(file_of("odd"));
            assert_int_equal(p.width, sizes[s][0] * sizes[s][2]);
            edge_is_white(&p, "odd");
            free(p.rgb);
        }
    }
}

static void a_million_iterations(void **state)
{
    (void)state;
    seqnn_progress_plot *plot = opened("million", at_the_end());
    for (seqnn_size i = 0; i < 1000000; i++) {
        seqnn_progress_plot_train(plot, (seqnn_real)value_at(i), (seqnn_real)value_at(i));
        if (i % 10 == 0)
            seqnn_progress_plot_validation(plot, 2, 3);
        if (i % 100 == 99)
            seqnn_progress_plot_epoch(plot);
    }
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    picture p = read_picture(file_of("million"));
    edge_is_white(&p, "million");
    free(p.rgb);
}

/* --- while training runs --- */

static void a_reader_finds_it_whole(void **state)
{
    (void)state;
    enum { PICTURES = 40 };
    int reads = 0, left = 0;
    seqnn_progress_plot_options options = every_call();
    options.width = 300;
    options.height = 240;
    seqnn_progress_plot_free(opened("live", options));
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        seqnn_progress_plot *plot = seqnn_progress_plot_new(file_of("live"), options);
        int failed = plot == NULL;
        for (int i = 0; i < PICTURES && !failed; i++)
            failed = seqnn_progress_plot_train(plot, 1 / (seqnn_real)(i + 1), 0.5f) != 0;
        _exit(failed || seqnn_progress_plot_free(plot));
    }
    while (waitpid(writer, &left, WNOHANG) == 0) {
        picture p = read_picture(file_of("live"));
        assert_int_equal(p.width, 300);
        edge_is_white(&p, "live");
        free(p.rgb);
        reads++;
    }
    assert_true(WIFEXITED(left) && WEXITSTATUS(left) == 0);
    assert_true(reads > 0);
}

static ino_t file_number(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return about.st_ino;
}

static void written_when_it_is_time(void **state)
{
    (void)state;
    seqnn_progress_plot *plot = opened("rare", at_the_end());
    ino_t first = file_number(file_of("rare"));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(seqnn_progress_plot_train(plot, 1, 1), SEQNN_OK);
    seqnn_progress_plot_epoch(plot);
    assert_true(file_number(file_of("rare")) == first);
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    assert_true(file_number(file_of("rare")) != first);

    plot = opened("often", every_call());
    for (int i = 0; i < 5; i++) {
        first = file_number(file_of("often"));
        assert_int_equal(i % 2 ? seqnn_progress_plot_train(plot, 1, 1)
                               : seqnn_progress_plot_validation(plot, 1, 1),
                         SEQNN_OK);
        assert_true(file_number(file_of("often")) != first);
    }
    first = file_number(file_of("often"));
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    assert_true(file_number(file_of("often")) == first);
}

static void failures_are_told_and_overcome(void **state)
{
    (void)state;
    char inner[256], path[300];
    seqnn_progress_plot_options options = every_call();
    assert_null(seqnn_progress_plot_new(NULL, options));
    says("training progress: path (none)");
    assert_null(seqnn_progress_plot_new("/nonexistent/x.png", options));
    says("/nonexistent/x.png");
    options.seconds = -1;
    assert_null(seqnn_progress_plot_new(file_of("x"), options));
    says("seconds -1");
    options = every_call();
    options.width = -4;
    assert_null(seqnn_progress_plot_new(file_of("x"), options));
    says("-4");
    assert_int_equal(seqnn_progress_plot_free(NULL), SEQNN_OK);
    assert_int_equal(seqnn_progress_plot_train(NULL, 1, 1), SEQNN_OK);

    snprintf(inner, sizeof inner, "%s/inner", folder);
    snprintf(path, sizeof path, "%s/p.png", inner);
    assert_int_equal(mkdir(inner, 0700), 0);
    seqnn_progress_plot *plot = seqnn_progress_plot_new(path, every_call());
    assert_non_null(plot);
    unlink(path);
    rmdir(inner);
    assert_int_equal(seqnn_progress_plot_train(plot, 1, 1), SEQNN_ERROR_FILE);
    says("training progress: ");
    says(path);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(seqnn_progress_plot_train(plot, 1, 1), SEQNN_OK);
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    unlink(path);
    rmdir(inner);
}

static void text_begins(const char *text)
{
    char between[64];
    snprintf(between, sizeof between, "|%.31s|", text);
    if (strstr(watched_texts, between) == NULL)
        fail_msg("'%s' is not among %s", between, watched_texts);
}

/* Not the value before it. */
static void a_loss_that_is_nan_is_told(void **state)
{
    (void)state;
    for (int only = 0; only < 2; only++) {
        seqnn_progress_plot *plot = opened("odd", at_the_end());
        for (int i = 0; i < 50; i++)
            seqnn_progress_plot_train(plot, i < 40 && !only ? 0.5f : (seqnn_real)NAN,
                                      i < 40 ? 0.25f : (seqnn_real)NAN);
        assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
        text_begins("training NaN");
        text_begins("training 0.250"); /* later ones were not measured */
    }
    seqnn_progress_plot *plot = opened("odd", at_the_end());
    seqnn_progress_plot_train(plot, 1, 1);
    seqnn_progress_plot_validation(plot, 2, 1);
    seqnn_progress_plot_train(plot, (seqnn_real)INFINITY, 1);
    seqnn_progress_plot_validation(plot, (seqnn_real)NAN, 1);
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    text_begins("validation NaN (best 2.000), training infinite");
    plot = opened("odd", at_the_end());
    seqnn_progress_plot_train(plot, 1, (seqnn_real)NAN);
    seqnn_progress_plot_validation(plot, (seqnn_real)NAN, 0.5f);
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    text_begins("validation NaN, training 1.000");
    text_begins("validation 0.500 (best 0.500)"); /* no score in training */
}

/* Where there is no room for a legend the heading tells which line is which. */
static void small_pictures_explain_their_lines(void **state)
{
    (void)state;
    seqnn_progress_plot_options options = at_the_end();
    options.width = 320;
    options.height = 240;
    seqnn_progress_plot *plot = opened("odd", options);
    seqnn_progress_plot_train(plot, 1, 0.5f);
    seqnn_progress_plot_validation(plot, 2, 0.25f);
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    text_begins("validation (dashed) 0.250");
    text_begins("validation (dashed) 2.000");
}

/* A loss that falls fast is not smoothed away where it begins. */
static void the_smoothed_line_begins_at_the_data(void **state)
{
    (void)state;
    static sq_trace trace;
    static seqnn_real x[2 * SQ_TRACE_ROOM], y[2 * SQ_TRACE_ROOM];
    memset(&trace, 0, sizeof trace);
    for (int i = 0; i < 200; i++)
        sq_trace_add(&trace, i + 1, exp(-0.05 * i));
    assert_int_equal(sq_trace_smooth(&trace, 10, x, y), 200);
    assert_true(fabs((double)y[0] - 1) < 1e-6);
    for (int i = 0; i < 200; i++)
        assert_true(fabs((double)y[i] - exp(-0.05 * i)) < 0.1);
}

/* --- driven by fit --- */

enum { STEPS = 20, FIT_EPOCHS = 6 };

static const seqnn_real fit_loss[FIT_EPOCHS] = {2, 2, 2, 2, 2, 2};
static const seqnn_real fit_validation[FIT_EPOCHS] = {4, 3, 2.5f, 2.2f, 2.1f, 2.2f};

static seqnn_history history_of(seqnn_size epochs)
{
    seqnn_history history;
    memset(&history, 0, sizeof history);
    history.epochs = epochs;
    history.loss = fit_loss;
    history.val_loss = fit_validation;
    return history;
}

/* What fit does from this step of the run on. */
static void pretend_to_fit(seqnn_progress_plot *plot, seqnn_size from)
{
    for (seqnn_size s = from; s <= STEPS * FIT_EPOCHS; s++) {
        const seqnn_size epoch = (s - 1) / STEPS;
        const seqnn_history so_far = history_of(epoch), then = history_of(epoch + 1);
        const seqnn_fit_step step = {s, STEPS, epoch, 2, (seqnn_real)NAN, &so_far};
        seqnn_progress_plot_on_step(NULL, &step, plot);
        if (s % STEPS == 0)
            assert_true(seqnn_progress_plot_on_epoch(NULL, &then, plot));
    }
}

/* A run that goes on from a checkpoint draws what the whole run would have drawn, except
 * for the steps it does not know: here their loss is the same all the time. */
static void fit_goes_on(void **state)
{
    (void)state;
    seqnn_progress_plot *whole = opened("whole", at_the_end());
    seqnn_progress_plot *resumed = opened("resumed", at_the_end());
    pretend_to_fit(whole, 1);
    pretend_to_fit(resumed, 3 * STEPS + 7);
    assert_int_equal(seqnn_progress_plot_free(whole), SEQNN_OK);
    assert_int_equal(seqnn_progress_plot_free(resumed), SEQNN_OK);
    picture a = read_picture(file_of("whole")), b = read_picture(file_of("resumed"));
    assert_int_equal(a.height, b.height);
    frame f = frame_of(&a);
    int from = f.left + (f.right - f.left) * (STEPS + 1) / (STEPS * FIT_EPOCHS);
    for (int y = 0; y < a.height; y++)
        for (int x = from; x < a.width; x++)
            if (pixel(&a, x, y) != pixel(&b, x, y))
                fail_msg("they differ at (%d, %d)", x, y);
    free(a.rgb);
    free(b.rgb);
}

/* Told epoch by epoch or all at once, it is one picture, and one file to the byte. */
static void epochs_alone(void **state)
{
    (void)state;
    seqnn_progress_plot *plot = opened("whole", at_the_end());
    for (seqnn_size e = 1; e <= FIT_EPOCHS; e++) {
        seqnn_history history = history_of(e);
        assert_int_equal(seqnn_progress_plot_history(plot, &history), SEQNN_OK);
        assert_int_equal(seqnn_progress_plot_history(plot, &history), SEQNN_OK);
    }
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    plot = opened("resumed", at_the_end());
    seqnn_history history = history_of(FIT_EPOCHS);
    assert_true(seqnn_progress_plot_on_epoch(NULL, &history, plot));
    assert_int_equal(seqnn_progress_plot_free(plot), SEQNN_OK);
    static char bytes[2][1 << 20];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(file_of(i ? "resumed" : "whole"), "rb");
        assert_non_null(file);
        size[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        fclose(file);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
}

static void without_memory_there_is_an_error(void **state)
{
    (void)state;
    seqnn_progress_plot_options options = every_call();
    options.width = 240;
    options.height = 180;
    assert_int_equal(setenv("SEQNN_FONT", "strokes", 1), 0); /* which is drawn at once */
    bool all = false;
    for (long n = 0; !all; n += n < 20 ? 1 : 53) {
        begin_failing(n);
        seqnn_progress_plot *plot = seqnn_progress_plot_new(file_of("whole"), options);
        for (int i = 0; i < 2 && plot != NULL; i++) {
            seqnn_status status = seqnn_progress_plot_train(plot, 1, 1);
            if (status == SEQNN_OK)
                status = seqnn_progress_plot_epoch(plot);
            if (status != SEQNN_OK)
                assert_int_equal(status, SEQNN_ERROR_MEMORY);
        }
        seqnn_progress_plot_free(plot);
        all = !end_failing();
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
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"values", "odd",   "million", "live",
                                        "rare",   "often", "whole",   "resumed"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(file_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_keep_what_matters),
        cmocka_unit_test(smoothing_is_the_weighted_mean),
        cmocka_unit_test(epochs_are_thinned_by_tens),
        cmocka_unit_test(values_are_where_they_belong),
        cmocka_unit_test(sizes_and_odd_values),
        cmocka_unit_test(a_million_iterations),
        cmocka_unit_test(a_reader_finds_it_whole),
        cmocka_unit_test(written_when_it_is_time),
        cmocka_unit_test(failures_are_told_and_overcome),
        cmocka_unit_test(a_loss_that_is_nan_is_told),
        cmocka_unit_test(small_pictures_explain_their_lines),
        cmocka_unit_test(the_smoothed_line_begins_at_the_data),
        cmocka_unit_test(fit_goes_on),
        cmocka_unit_test(epochs_alone),
        cmocka_unit_test(without_memory_there_is_an_error),
        cmocka_unit_test(no_text_is_in_the_way),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
