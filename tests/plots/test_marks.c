/* Points, bars, histograms and word clouds: pixels and texts against the numbers. */
/* flags: -lpng -Wl,--wrap=malloc -Wl,--wrap=free */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "bars.h"
#include "failing_malloc.h"
#include "histogram.h"
#include "layout.h"
#include "outcomes.h"
#include "pictures.h"
#include "random.h"
#include "scatter.h"
#include "text_boxes.h"
#include "value_histograms.h"
#include "word_cloud.h"

#define BLUE 0x0072B2
#define VERMILION 0xD55E00

static char directory[] = "/tmp/seqnn_marks_XXXXXX";
static char path[64];

/* --- a figure of one pair of axes, drawn, and read back --- */

typedef struct drawing {
    seqnn_figure *figure;
    seqnn_axes *axes;
    sq_picture picture; /* texts and their boxes; axes has its place */
    picture seen;       /* by libpng */
} drawing;

static drawing begin(seqnn_size width, seqnn_size height, seqnn_size scale,
                     seqnn_axes_options options)
{
    seqnn_figure_options figure;
    drawing d;
    memset(&figure, 0, sizeof figure);
    memset(&d, 0, sizeof d);
    figure.width = width;
    figure.height = height;
    figure.scale = scale;
    d.figure = seqnn_figure_new(figure);
    d.axes = seqnn_figure_axes(d.figure, 0, 0, options);
    assert_non_null(d.axes);
    return d;
}

static drawing begin_plain(void)
{
    seqnn_axes_options options;
    memset(&options, 0, sizeof options);
    return begin(0, 0, 0, options);
}

static void draw(drawing *d)
{
    if (seqnn_figure_save(d->figure, path) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
    d->seen = read_picture(path);
    edge_is_white(&d->seen, "marks");
    assert_int_equal(sq_figure_draw(d->figure, &d->picture), SEQNN_OK);
    assert_int_equal(faults_of(&d->picture, "marks"), 0);
}

static void end(drawing *d)
{
    if (d->seen.rgb != NULL)
        sq_picture_close(&d->picture);
    free(d->seen.rgb);
    seqnn_figure_free(d->figure);
}

static unsigned pixel(const drawing *d, double x, double y)
{
    int column = (int)x, row = (int)y;
    const unsigned char *at;
    if (column < 0 || row < 0 || column >= d->seen.width || row >= d->seen.height)
        return 0xFFFFFF;
    at = d->seen.rgb + 3 * ((size_t)row * (size_t)d->seen.width + (size_t)column);
    return (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

/* Within 2 of each of the three colours? */
static bool is_nearly(unsigned at, unsigned colour)
{
    for (int shift = 0; shift <= 16; shift += 8)
        if (abs((int)(at >> shift & 255) - (int)(colour >> shift & 255)) > 2)
            return false;
    return true;
}

/* How many pixels of a colour a column, or a row, of the frame has. */
static int in_column(const drawing *d, double x, unsigned colour)
{
    int count = 0;
    for (int y = (int)d->axes->top; y <= d->axes->bottom; y++)
        count += pixel(d, x, y) == colour;
    return count;
}

static int in_row(const drawing *d, double y, unsigned colour)
{
    int count = 0;
    for (int x = (int)d->axes->left; x <= d->axes->right; x++)
        count += pixel(d, x, y) == colour;
    return count;
}

/* The box of a text; NULL: it is not written. */
static const sq_text_box *box_of(const drawing *d, const char *text)
{
    for (seqnn_size i = 0; i < d->picture.box_count; i++)
        if (strcmp(d->picture.boxes[i].text, text) == 0)
            return &d->picture.boxes[i];
    return NULL;
}

static void near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g, expected %g", value, expected);
}

static seqnn_bars_options plain_bars(void)
{
    seqnn_bars_options options;
    memset(&options, 0, sizeof options);
    options.no_numbers = true;
    return options;
}

/* --- bars --- */

static const char *const five[] = {"a", "b", "c", "d", "e"};

static void bars_are_as_long_as_their_values(void **state)
{
    const seqnn_real values[] = {4, 1, (seqnn_real)-2.5, NAN, INFINITY};
    (void)state;
    for (int horizontal = 0; horizontal < 2; horizontal++) {
        seqnn_bars_options options = plain_bars();
        drawing d = begin_plain();
        double unit = 0, zero;
        options.direction = horizontal ? SEQNN_BARS_HORIZONTAL : SEQNN_BARS_VERTICAL;
        assert_int_equal(seqnn_axes_bars(d.axes, five, values, 5, options), SEQNN_OK);
        draw(&d);
        for (int i = 0; i < 5; i++) {
            /* Off the middle: there may be a grid line's end or an error bar. */
            double at = horizontal ? sq_axes_y(d.axes, i) + 3 : sq_axes_x(d.axes, i) + 3;
            double pixels = horizontal ? in_row(&d, at, BLUE) : in_column(&d, at, BLUE);
            if (i == 0)
                unit = pixels / 4;
            else
                near(pixels, i > 2 ? 0 : unit * fabs((double)values[i]), 1.5);
        }
        assert_true(unit > 40);
        /* Below 0 on the other side. */
        zero = horizontal ? sq_axes_x(d.axes, 0) : sq_axes_y(d.axes, 0);
        for (int i = 0; i < 3; i++) {
            double at = horizontal ? sq_axes_y(d.axes, i) : sq_axes_x(d.axes, i);
            double end = zero + (horizontal ? 1 : -1) * (values[i] < 0 ? -20 : 20);
            assert_int_equal(horizontal ? pixel(&d, end, at) : pixel(&d, at, end), BLUE);
        }
        end(&d);
    }
}

static void bars_are_sorted(void **state)
{
    const seqnn_real values[] = {2, 5, NAN, 3, 4};
    const char *const order[] = {"b", "e", "d", "a", "c"};
    (void)state;
    for (int horizontal = 0; horizontal < 2; horizontal++) {
        for (int most = 0; most <= 3; most += 3) {
            seqnn_bars_options options = plain_bars();
            drawing d = begin_plain();
            double before = 0;
            options.sorted = true;
            options.most = most;
            options.direction = horizontal ? SEQNN_BARS_HORIZONTAL : SEQNN_BARS_VERTICAL;
            seqnn_axes_bars(d.axes, five, values, 5, options);
            draw(&d);
            for (int i = 0; i < 5; i++) {
                const sq_text_box *box = box_of(&d, order[i]);
                if (most > 0 && i >= most) {
                    assert_null(box);
                    continue;
                }
                assert_non_null(box);
                /* From left to right, from top to bottom. */
                assert_true((horizontal ? box->top : box->left) > before);
                before = horizontal ? box->top : box->left;
            }
            end(&d);
        }
    }
}

/* The largest, in the order given. */
static void bars_leave_out_the_smallest(void **state)
{
    const seqnn_real values[] = {2, 5, 1, 3, 4};
    seqnn_bars_options options = plain_bars();
    drawing d = begin_plain();
    (void)state;
    options.most = 3;
    seqnn_axes_bars(d.axes, five, values, 5, options);
    draw(&d);
    assert_null(box_of(&d, "a"));
    assert_null(box_of(&d, "c"));
    assert_true(box_of(&d, "b")->left < box_of(&d, "d")->left);
    assert_true(box_of(&d, "d")->left < box_of(&d, "e")->left);
    end(&d);
}

static void series_stand_side_by_side(void **state)
{
    const seqnn_real first[] = {3, 2, 1, 4, 5}, second[] = {2, 4, 1};
    const seqnn_real deviation[] = {1, 0, (seqnn_real)0.5};
    const char *const others[] = {"c", "a", "b"};
    seqnn_bars_options options = plain_bars();
    drawing d = begin_plain();
    double unit, wide;
    (void)state;
    options.label = "first";
    seqnn_axes_bars(d.axes, five, first, 5, options);
    options.label = "second";
    options.deviation = deviation;
    seqnn_axes_bars(d.axes, others, second, 3, options);
    draw(&d);
    wide = sq_axes_x(d.axes, 1) - sq_axes_x(d.axes, 0);
    unit = in_column(&d, sq_axes_x(d.axes, 4) - wide * 0.3, BLUE) / 5.0;
    assert_true(unit > 50);
    for (int i = 0; i < 5; i++) {
        static const double expected[] = {4, 1, 2, 0, 0}; /* of "second", by name */
        double left = sq_axes_x(d.axes, i) - wide * 0.3, right = left + wide * 0.6;
        /* The legend's samples are above the first. */
        near(in_column(&d, left, BLUE), unit * (double)first[i], i == 0 ? 11.5 : 1.5);
        near(in_column(&d, right, VERMILION), unit * expected[i], 1.5);
        assert_true(i == 0 || in_column(&d, left, VERMILION) == 0);
    }
    /* The deviation of "c", 2 - 1 to 2 + 1, at the middle of its bar: the dark line is as
     * long as two units. */
    {
        double middle = sq_axes_x(d.axes, 2), dark = 0;
        for (double x = middle; x < middle + wide / 2; x++) {
            double pixels = 0;
            for (int y = (int)d.axes->top; y < d.axes->bottom; y++)
                pixels += pixel(&d, x, y) == SQ_INK;
            dark = fmax(dark, pixels);
        }
        near(dark, 2 * unit, 4);
    }
    assert_non_null(box_of(&d, "first"));
    assert_non_null(box_of(&d, "second"));
    end(&d);
}

static void numbers_stand_at_the_ends(void **state)
{
    const seqnn_real values[] = {(seqnn_real)0.912, (seqnn_real)0.5, (seqnn_real)0.25};
    seqnn_bars_options options = plain_bars();
    (void)state;
    for (int horizontal = 0; horizontal < 2; horizontal++) {
        drawing d = begin_plain();
        options.no_numbers = false;
        options.direction = horizontal ? SEQNN_BARS_HORIZONTAL : SEQNN_BARS_VERTICAL;
        seqnn_axes_bars(d.axes, five, values, 3, options);
        draw(&d);
        for (int i = 0; i < 3; i++) {
            static const char *const texts[] = {"0.912", "0.500", "0.250"};
            const sq_text_box *box = box_of(&d, texts[i]);
            double end = horizontal ? sq_axes_x(d.axes, (double)values[i])
                                    : sq_axes_y(d.axes, (double)values[i]);
            assert_non_null(box);
            near(horizontal ? box->left : box->bottom, end, 6);
        }
        end(&d);
    }
    {
        const seqnn_real counts[] = {12, 7, 130};
        drawing d = begin_plain();
        seqnn_axes_bars(d.axes, five, counts, 3, options);
        draw(&d);
        assert_non_null(box_of(&d, "12"));
        assert_non_null(box_of(&d, "130"));
        end(&d);
        d = begin_plain();
        options.decimals = 2;
        seqnn_axes_bars(d.axes, five, counts, 3, options);
        draw(&d);
        assert_non_null(box_of(&d, "7.00"));
        end(&d);
    }
}

static void numbers_are_the_values(void **state)
{
    static const struct {
        seqnn_real values[3];
        const char *texts[3];
        seqnn_size decimals;
    } cases[] = {/* Their axes count in millions and in millionths. */
                 {{12345678, 5000, (seqnn_real)0.5}, {"1.23e7", "5000", "0.5"}, 0},
                 {{2500000, 1234567, 8}, {"2500000", "1234567", "8"}, 0},
                 {{(seqnn_real)4e-6, (seqnn_real)2.5e-6, 0},
                  {"4e\xE2\x88\x92"
                   "6",
                   "2.5e\xE2\x88\x92"
                   "6",
                   "0"},
                  0},
                 {{(seqnn_real)7.6, (seqnn_real)3.2, 5}, {"8", "3", "5"}, -1}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        seqnn_bars_options options = plain_bars();
        drawing d = begin_plain();
        options.no_numbers = false;
        options.decimals = cases[k].decimals;
        options.direction = SEQNN_BARS_VERTICAL;
        seqnn_axes_bars(d.axes, five, cases[k].values, 3, options);
        draw(&d);
        for (int i = 0; i < 3; i++) {
            const sq_text_box *box = NULL;
            for (seqnn_size b = 0; b < d.picture.box_count; b++)
                if (strcmp(d.picture.boxes[b].text, cases[k].texts[i]) == 0 &&
                    d.picture.boxes[b].left > d.axes->left)
                    box = &d.picture.boxes[b];
            if (box == NULL)
                fail_msg("no bar says '%s'", cases[k].texts[i]);
            near((box->left + box->right) / 2, sq_axes_x(d.axes, i), 1);
        }
        end(&d);
    }
}

/* A line through the bars' ends: each number is clear of its symbols, or not there. */
static void numbers_keep_clear_of_lines(void **state)
{
    const seqnn_real values[] = {50, 52, 48, 51}, line[] = {51, 53, 49, 10};
    seqnn_bars_options options = plain_bars();
    seqnn_plot_series series;
    drawing d = begin_plain();
    int numbers = 0;
    (void)state;
    options.no_numbers = false;
    seqnn_axes_bars(d.axes, five, values, 4, options);
    memset(&series, 0, sizeof series);
    series.y = line;
    series.count = 4;
    series.marker = SEQNN_MARKER_CIRCLE;
    seqnn_axes_line(d.axes, series);
    draw(&d);
    for (int i = 0; i < 4; i++) {
        static const char *const texts[] = {"50", "52", "48", "51"};
        double x = sq_axes_x(d.axes, i), y = sq_axes_y(d.axes, (double)line[i]);
        for (seqnn_size b = 0; b < d.picture.box_count; b++) {
            const sq_text_box *box = &d.picture.boxes[b];
            if (box->left < d.axes->left || strcmp(box->text, texts[i]) != 0)
                continue;
            numbers++;
            assert_false(x > box->left - 3 && x < box->right + 3 && y > box->top - 3 &&
                         y < box->bottom + 3);
        }
    }
    assert_true(numbers >= 3);
    end(&d);
}

/* The same names stand side by side where the picture is wide enough. */
static void names_lie_in_narrow_pictures(void **state)
{
    static const char *const names[] = {"business", "politics", "football", "culture"};
    const seqnn_real values[] = {1, 2, 3, 4};
    seqnn_axes_options options;
    (void)state;
    memset(&options, 0, sizeof options);
    for (int narrow = 0; narrow < 2; narrow++) {
        drawing d = begin(narrow ? 300 : 800, 300, 0, options);
        seqnn_axes_bars(d.axes, names, values, 4, plain_bars());
        draw(&d);
        assert_int_equal(narrow ? d.axes->y_names.count : d.axes->x_names.count, 4);
        end(&d);
    }
}

static void long_names_lie(void **state)
{
    const char *const names[] = {"comp.sys.ibm.pc.hardware", "talk.politics.mideast",
                                 "rec.sport.hockey", "soc.religion.christian"};
    const seqnn_real values[] = {1, 2, 3, 4};
    drawing d = begin_plain();
    (void)state;
    seqnn_axes_bars(d.axes, names, values, 4, plain_bars());
    draw(&d);
    assert_int_equal(d.axes->y_names.count, 4);
    assert_true(box_of(&d, names[0])->bottom < box_of(&d, names[1])->top);
    end(&d);
}

static void bars_that_cannot_be(void **state)
{
    const seqnn_real values[] = {1, 2, 3};
    const char *const strangers[] = {"a", "x"};
    seqnn_axes_options log_axes;
    seqnn_bars_options options = plain_bars();
    drawing d = begin_plain();
    (void)state;
    says(seqnn_axes_bars(d.axes, five, NULL, 3, options), SEQNN_ERROR_ARGUMENT, "3 bars");
    says(seqnn_figure_save(d.figure, path), SEQNN_ERROR_ARGUMENT, "3 bars");
    end(&d);
    d = begin_plain();
    seqnn_axes_bars(d.axes, five, values, 3, options);
    says(seqnn_axes_bars(d.axes, strangers, values, 2, options), SEQNN_ERROR_ARGUMENT,
         "'x'");
    end(&d);
    d = begin_plain();
    options.most = -1;
    says(seqnn_axes_bars(d.axes, five, values, 3, options), SEQNN_ERROR_ARGUMENT,
         "most is -1");
    end(&d);
    d = begin_plain();
    options.most = 0;
    options.decimals = -2;
    says(seqnn_axes_bars(d.axes, five, values, 3, options), SEQNN_ERROR_ARGUMENT,
         "decimals -2");
    end(&d);
    memset(&log_axes, 0, sizeof log_axes);
    log_axes.log_x = true;
    d = begin(0, 0, 0, log_axes);
    says(seqnn_axes_bars(d.axes, five, values, 3, plain_bars()), SEQNN_ERROR_ARGUMENT,
         "log axis");
    end(&d);
    assert_int_not_equal(seqnn_axes_bars(NULL, five, values, 3, plain_bars()), SEQNN_OK);
}

/* --- histograms --- */

static void histograms_are_as_high_as_their_counts(void **state)
{
    /* 1, 2, 3 and 4 values in four bins of [0, 4]; the rest does not count. */
    const seqnn_real values[] = {
        0, 1, 1, 2, 2, 2, 3, 3, 3, 4, NAN, INFINITY, -1, (seqnn_real)4.5, -INFINITY};
    (void)state;
    for (int density = 0; density < 2; density++) {
        seqnn_histogram_options options;
        drawing d = begin_plain();
        double scale;
        memset(&options, 0, sizeof options);
        options.bins = 4;
        options.low = SEQNN_ZERO;
        options.high = 4;
        options.density = density == 1;
        assert_int_equal(seqnn_axes_histogram(d.axes, values, 15, options), SEQNN_OK);
        draw(&d);
        scale = in_column(&d, sq_axes_x(d.axes, 0.4), BLUE);
        for (int i = 0; i < 4; i++)
            near(in_column(&d, sq_axes_x(d.axes, i + 0.4), BLUE), (i + 1) * scale, 1.5);
        assert_true(scale > 100);
        assert_int_equal(in_column(&d, sq_axes_x(d.axes, 4.1), BLUE), 0);
        /* The highest is 4, or 0.4 of ten values on a width of 1. */
        near(sq_axes_y(d.axes, 0) - sq_axes_y(d.axes, density ? 0.4 : 4), 4 * scale, 3);
        end(&d);
    }
}

/* Two show through each other in the same bins: where they overlap there is a third
 * colour, and both outlines stand on the same edges. */
static void histograms_share_their_bins(void **state)
{
    static seqnn_real first[1000], second[300];
    seqnn_random random = {6, 0, 0};
    seqnn_histogram_options options;
    drawing d = begin_plain();
    int both = 0, veiled[2] = {0, 0};
    (void)state;
    memset(&options, 0, sizeof options);
    for (int i = 0; i < 1000; i++)
        first[i] = (seqnn_real)seqnn_random_normal(&random);
    for (int i = 0; i < 300; i++)
        second[i] = (seqnn_real)(2 + seqnn_random_normal(&random));
    options.label = "first";
    seqnn_axes_histogram(d.axes, first, 1000, options);
    options.label = "second";
    seqnn_axes_histogram(d.axes, second, 300, options);
    draw(&d);
    for (int y = (int)d.axes->top; y < d.axes->bottom; y++)
        for (int x = (int)d.axes->left; x < d.axes->right; x++) {
            unsigned at = pixel(&d, x, y);
            /* 0.35 of the colour on white, and of one on the other. */
            veiled[0] += is_nearly(at, 0xA6CEE4);
            veiled[1] += is_nearly(at, 0xF0C6A6);
            both += is_nearly(at, 0xB6A795);
        }
    assert_true(veiled[0] > 5000 && veiled[1] > 1000 && both > 500);
    end(&d);
}

/* One alone is solid, and so is its sample; of two both are veiled. */
static void samples_look_like_their_bars(void **state)
{
    const seqnn_real values[] = {1, 2, 2, 3, 3, 3, 4, 4, 5};
    (void)state;
    for (int several = 0; several < 2; several++) {
        seqnn_histogram_options options;
        drawing d = begin_plain();
        const sq_text_box *box;
        int solid = 0, veiled = 0;
        memset(&options, 0, sizeof options);
        options.label = "first";
        seqnn_axes_histogram(d.axes, values, 9, options);
        if (several)
            seqnn_axes_histogram(d.axes, values, 4, options);
        draw(&d);
        box = box_of(&d, "first");
        assert_non_null(box);
        for (double x = box->left - 40; x < box->left; x++) {
            unsigned at = pixel(&d, x, (box->top + box->bottom) / 2);
            solid += at == BLUE;
            veiled += is_nearly(at, 0xA6CEE4);
        }
        assert_true(several ? veiled >= 14 && solid <= 4 : solid >= 16 && veiled == 0);
        end(&d);
    }
}

/* 1 to 9, 18 times each: the bars of 1 and 9 are as wide as the others, also where the
 * axes' limits are given by the data. */
static void whole_numbers_have_whole_bars(void **state)
{
    seqnn_real numbers[162];
    (void)state;
    for (int i = 0; i < 162; i++)
        numbers[i] = (seqnn_real)(1 + i % 9);
    for (int same = 0; same < 2; same++) {
        seqnn_named_values array;
        seqnn_histograms_options options;
        int runs = 0, first = 0, length = 0;
        drawing d;
        array.name = "numbers";
        array.values = numbers;
        array.count = 162;
        memset(&options, 0, sizeof options);
        memset(&d, 0, sizeof d);
        options.width = 500;
        options.height = 300;
        options.same_range = same == 1;
        assert_int_equal(seqnn_plot_histograms(&array, 1, path, options), SEQNN_OK);
        d.seen = read_picture(path);
        for (int x = 0; x < 500; x++) {
            bool blue = pixel(&d, x, 180) == BLUE;
            length += blue;
            if (blue || length == 0)
                continue;
            first = runs++ == 0 ? length : first;
            near(length, first, 2);
            length = 0;
        }
        assert_true(runs == 9 && first > 30);
        free(d.seen.rgb);
    }
}

static void histograms_that_cannot_be(void **state)
{
    const seqnn_real values[] = {1, 2, 3};
    seqnn_histogram_options options;
    drawing d = begin_plain();
    (void)state;
    memset(&options, 0, sizeof options);
    options.bins = -1;
    says(seqnn_axes_histogram(d.axes, values, 3, options), SEQNN_ERROR_ARGUMENT,
         "-1 bins");
    end(&d);
    d = begin_plain();
    options.bins = 0;
    options.low = 3;
    options.high = 3;
    says(seqnn_axes_histogram(d.axes, values, 3, options), SEQNN_ERROR_ARGUMENT,
         "from 3 to 3");
    end(&d);
    d = begin_plain();
    options.high = 0;
    says(seqnn_axes_histogram(d.axes, NULL, 3, options), SEQNN_ERROR_ARGUMENT,
         "3 values");
    end(&d);
    d = begin_plain();
    options.low = 0;
    seqnn_axes_histogram(d.axes, values, 3, options);
    options.density = true;
    says(seqnn_axes_histogram(d.axes, values, 3, options), SEQNN_ERROR_ARGUMENT,
         "density is true, expected false");
    end(&d);
}

/* --- points --- */

static seqnn_scatter_options plain_points(void)
{
    seqnn_scatter_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static void points_lie_where_they_are(void **state)
{
    const seqnn_real x[] = {1, 4, 8, NAN, 5, 20}, y[] = {2, 9, 5, 1, INFINITY, 3};
    (void)state;
    for (seqnn_size scale = 1; scale <= 2; scale++) {
        for (int marker = SEQNN_MARKER_CIRCLE; marker <= SEQNN_MARKER_DIAMOND; marker++) {
            seqnn_scatter_options options = plain_points();
            seqnn_axes_options axes;
            drawing d;
            double left, right, top, bottom;
            memset(&axes, 0, sizeof axes);
            axes.x_max = axes.y_max = 10;
            axes.x_min = axes.y_min = SEQNN_ZERO;
            d = begin(0, 0, scale, axes);
            left = top = 1e9;
            right = bottom = 0;
            options.marker = (seqnn_marker)marker;
            options.size = 20;
            seqnn_axes_scatter(d.axes, x, y, 6, options);
            draw(&d);
            for (int i = 0; i < 3; i++) {
                double s = (double)scale, at_x = sq_axes_x(d.axes, (double)x[i]) * s;
                double at_y = sq_axes_y(d.axes, (double)y[i]) * s;
                assert_int_equal(pixel(&d, at_x, at_y), BLUE);
                assert_int_equal(pixel(&d, at_x + 4 * s, at_y), BLUE);
                assert_int_not_equal(pixel(&d, at_x + 14 * s, at_y), BLUE);
            }
            /* Those three and no others: the ink of the whole picture is of three. */
            for (int j = 0; j < d.seen.height; j++)
                for (int i = 0; i < d.seen.width; i++)
                    if (pixel(&d, i, j) == BLUE) {
                        left = fmin(left, i);
                        right = fmax(right, i);
                        top = fmin(top, j);
                        bottom = fmax(bottom, j);
                    }
            near(left, (sq_axes_x(d.axes, 1) - 10) * (double)scale, 5.0 * (double)scale);
            near(right, (sq_axes_x(d.axes, 8) + 10) * (double)scale, 5.0 * (double)scale);
            near(top, (sq_axes_y(d.axes, 9) - 10) * (double)scale, 5.0 * (double)scale);
            near(bottom, (sq_axes_y(d.axes, 2) + 10) * (double)scale,
                 5.0 * (double)scale);
            end(&d);
        }
    }
}

static void classes_have_their_colours(void **state)
{
    const seqnn_real x[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 4};
    const int32_t classes[] = {0, 1, 1, 0};
    const char *const names[] = {"cats", "dogs"};
    seqnn_scatter_options options = plain_points();
    drawing d = begin_plain();
    (void)state;
    options.classes = classes;
    options.class_names = names;
    options.class_count = 2;
    seqnn_axes_scatter(d.axes, x, y, 4, options);
    draw(&d);
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pixel(&d, sq_axes_x(d.axes, (double)x[i]), sq_axes_y(d.axes, (double)y[i])),
            classes[i] == 0 ? BLUE : VERMILION);
    assert_non_null(box_of(&d, "cats"));
    assert_non_null(box_of(&d, "dogs"));
    end(&d);
    d = begin_plain();
    options.class_count = 0; /* as many as occur */
    seqnn_axes_scatter(d.axes, x, y, 4, options);
    draw(&d);
    assert_non_null(box_of(&d, "cats"));
    assert_non_null(box_of(&d, "dogs"));
    end(&d);
    options.class_count = 2;

    {
        const int32_t wrong[] = {0, 1, 2, 0};
        d = begin_plain();
        options.classes = wrong;
        says(seqnn_axes_scatter(d.axes, x, y, 4, options), SEQNN_ERROR_ARGUMENT,
             "point 2 has class 2 of 2");
        end(&d);
    }
}

/* One point at half opacity, and two and ten on the same place. */
static void crowds_grow_darker(void **state)
{
    seqnn_real x[13], y[13];
    seqnn_scatter_options options = plain_points();
    drawing d = begin_plain();
    (void)state;
    for (int i = 0; i < 13; i++)
        x[i] = y[i] = i == 0 ? 1 : i < 3 ? 2 : 3;
    options.opacity = (seqnn_real)0.5;
    options.size = 12;
    seqnn_axes_scatter(d.axes, x, y, 13, options);
    draw(&d);
    for (int i = 1; i <= 3; i++) {
        static const double hits[] = {0, 1, 2, 10};
        unsigned at = pixel(&d, sq_axes_x(d.axes, i) + 2, sq_axes_y(d.axes, i) + 2);
        /* Red: 255 of the paper, 0 of the blue. */
        near((double)(at >> 16), 255 * pow(0.5, hits[i]), 1);
    }
    end(&d);
}

static void a_million_points(void **state)
{
    enum { MANY = 1000000 };
    seqnn_real *x = (seqnn_real *)malloc(MANY * sizeof *x);
    seqnn_real *y = (seqnn_real *)malloc(MANY * sizeof *y);
    seqnn_random random = {12, 0, 0};
    drawing d = begin_plain();
    int inside = 0, outside = 0;
    (void)state;
    for (int i = 0; i < MANY; i++) { /* a ring */
        double angle = 6.283185307 * seqnn_random_uniform(&random);
        double radius = 1 + seqnn_random_uniform(&random);
        x[i] = (seqnn_real)(radius * cos(angle));
        y[i] = (seqnn_real)(radius * sin(angle));
    }
    seqnn_axes_scatter(d.axes, x, y, MANY, plain_points());
    free(x);
    free(y);
    draw(&d);
    for (double u = -2; u <= 2; u += 0.05)
        for (double v = -2; v <= 2; v += 0.05) {
            bool blue = pixel(&d, sq_axes_x(d.axes, u), sq_axes_y(d.axes, v)) == BLUE;
            double radius = sqrt(u * u + v * v);
            inside += radius > 1.05 && radius < 1.95 && !blue;
            outside += (radius < 0.95 || radius > 2.05) && blue;
        }
    assert_int_equal(outside, 0);
    assert_true(inside < 60); /* of 3600: it is dense */
    end(&d);
}

/* Words apart from each other, from the legend, the frame and the points; the first ones
 * are there. */
static void words_find_their_places(void **state)
{
    static const seqnn_size sizes[][3] = {
        {240, 180, 1}, {320, 240, 2}, {800, 600, 1}, {800, 600, 2}, {1600, 300, 1}};
    enum { WORDS = 80 };
    static char texts[WORDS][16];
    const char *names[WORDS], *groups[] = {"one", "two", "three"};
    seqnn_real x[WORDS], y[WORDS], priority[WORDS];
    int32_t classes[WORDS];
    seqnn_random random = {21, 0, 0};
    (void)state;
    for (int i = 0; i < WORDS; i++) {
        snprintf(texts[i], sizeof texts[i], "%.*sword%d", i % 5, "anyhow", i);
        names[i] = i % 7 == 3 ? NULL : texts[i];
        x[i] = (seqnn_real)seqnn_random_normal(&random);
        y[i] = (seqnn_real)seqnn_random_normal(&random);
        priority[i] = (seqnn_real)-i;
        classes[i] = i % 3;
    }
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        seqnn_scatter_options options = plain_points();
        seqnn_axes_options axes;
        drawing d;
        int shown = 0;
        memset(&axes, 0, sizeof axes);
        axes.title = "Words";
        d = begin(sizes[k][0], sizes[k][1], sizes[k][2], axes);
        options.names = names;
        options.classes = classes;
        options.class_names = groups;
        options.class_count = 3;
        options.size = 5;
        options.priority = priority;
        seqnn_axes_scatter(d.axes, x, y, WORDS, options);
        draw(&d); /* looks for overlaps */
        for (int i = 0; i < WORDS; i++) {
            const sq_text_box *box = box_of(&d, texts[i]);
            if (box == NULL)
                continue;
            shown++;
            assert_true(box->left >= d.axes->left && box->right <= d.axes->right &&
                        box->top >= d.axes->top && box->bottom <= d.axes->bottom);
            for (int j = 0; j < WORDS; j++) {
                double dx = sq_axes_x(d.axes, (double)x[j]);
                double dy = sq_axes_y(d.axes, (double)y[j]);
                dx -= fmin(fmax(dx, box->left), box->right);
                dy -= fmin(fmax(dy, box->top), box->bottom);
                assert_true(dx * dx + dy * dy > 2.5 * 2.5 - 1);
            }
        }
        if (k > 0) /* among 80 points in 240 x 180 there may be no place */
            assert_non_null(box_of(&d, texts[0]));
        if (shown < (k == 0 ? 1 : k == 1 ? 8 : 50))
            fail_msg("%d words at size %d", shown, (int)k);
        assert_null(box_of(&d, texts[3]));
        end(&d);
    }
}

/* --- word clouds --- */

static const char *const words[] = {"network", "state", "gate", "time", "loss",
                                    "step",    "word",  "seed", "unit", "flow"};

static seqnn_word_cloud_options plain_cloud(void)
{
    seqnn_word_cloud_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static unsigned char *cloud_bytes(const char *const *texts, const seqnn_real *weights,
                                  seqnn_size count, seqnn_word_cloud_options options,
                                  size_t *bytes)
{
    drawing d = begin_plain();
    unsigned char *copy;
    assert_int_equal(seqnn_axes_word_cloud(d.axes, texts, weights, count, options),
                     SEQNN_OK);
    draw(&d);
    *bytes = (size_t)(d.seen.width * d.seen.height * 3);
    copy = d.seen.rgb;
    d.seen.rgb = NULL;
    sq_picture_close(&d.picture);
    seqnn_figure_free(d.figure);
    return copy;
}

static void clouds_depend_on_words_and_seed_only(void **state)
{
    const seqnn_real weights[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    const char *const odd_words[] = {"network", "x",    "state",  "",     "gate",
                                     "time",    "loss", "step",   "word", "seed",
                                     "unit",    "flow", "nought", "below"};
    const seqnn_real odd_weights[] = {10, NAN, 9, 50, 8, 7, 6, 5, 4, 3, 2, 1, 0, -3};
    seqnn_word_cloud_options options = plain_cloud();
    size_t bytes, same_bytes;
    unsigned char *one = cloud_bytes(words, weights, 10, options, &bytes), *other;
    (void)state;
    other = cloud_bytes(words, weights, 10, options, &same_bytes);
    assert_int_equal(bytes, same_bytes);
    assert_memory_equal(one, other, bytes);
    free(other);
    /* What has no weight is as if it were not there. */
    other = cloud_bytes(odd_words, odd_weights, 14, options, &same_bytes);
    assert_memory_equal(one, other, bytes);
    free(other);
    options.seed = 1;
    other = cloud_bytes(words, weights, 10, options, &same_bytes);
    assert_true(memcmp(one, other, bytes) != 0);
    free(other);
    free(one);
}

static void clouds_side_by_side(void **state)
{
    const seqnn_real weights[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    seqnn_figure_options options;
    seqnn_axes_options axes_options;
    seqnn_axes *axes[2];
    drawing d;
    int ink[3] = {0, 0, 0};
    (void)state;
    memset(&options, 0, sizeof options);
    memset(&axes_options, 0, sizeof axes_options);
    memset(&d, 0, sizeof d);
    options.columns = 2;
    d.figure = seqnn_figure_new(options);
    for (int i = 0; i < 2; i++) {
        seqnn_word_cloud_options cloud = plain_cloud();
        cloud.upright = true;
        axes_options.title = i == 0 ? "left" : "right";
        axes[i] = seqnn_figure_axes(d.figure, 0, i, axes_options);
        assert_int_equal(seqnn_axes_word_cloud(axes[i], words, weights, 10, cloud),
                         SEQNN_OK);
    }
    draw(&d);
    assert_non_null(box_of(&d, "left"));
    /* Ink in both frames and none between them. */
    for (int y = (int)axes[0]->top; y < axes[0]->bottom; y++)
        for (int x = 0; x < d.seen.width; x++)
            if (pixel(&d, x, y) != 0xFFFFFF)
                ink[x >= axes[0]->left && x < axes[0]->right   ? 0
                    : x >= axes[1]->left && x < axes[1]->right ? 1
                                                               : 2]++;
    assert_true(ink[0] > 10000 && ink[1] > 10000);
    assert_int_equal(ink[2], 0);
    end(&d);

    d = begin_plain();
    seqnn_axes_scatter(d.axes, weights, weights, 10, plain_points());
    says(seqnn_axes_word_cloud(d.axes, words, weights, 10, plain_cloud()),
         SEQNN_ERROR_ARGUMENT, "another mark");
    end(&d);
}

/* --- all --- */

static void add_everything(seqnn_figure *figure)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    static const seqnn_real values[] = {1, 5, 2, 4, 3, 9, 8, 7, 6, 2};
    seqnn_axes_options options;
    seqnn_scatter_options points = plain_points();
    seqnn_histogram_options histogram;
    memset(&options, 0, sizeof options);
    memset(&histogram, 0, sizeof histogram);
    points.names = names;
    points.label = "points";
    seqnn_axes_scatter(seqnn_figure_axes(figure, 0, 0, options), values, values + 1, 9,
                       points);
    seqnn_axes_bars(seqnn_figure_axes(figure, 0, 1, options), names, values, 10,
                    plain_bars());
    seqnn_axes_histogram(seqnn_figure_axes(figure, 1, 0, options), values, 10, histogram);
    seqnn_axes_word_cloud(seqnn_figure_axes(figure, 1, 1, options), names, values, 10,
                          plain_cloud());
}

/* The n-th allocation fails, for every n: an error, and everything is given back. */
static void without_memory_there_is_an_error(void **state)
{
    seqnn_figure_options options;
    seqnn_status status = SEQNN_ERROR_MEMORY;
    (void)state;
    memset(&options, 0, sizeof options);
    options.rows = options.columns = 2;
    options.width = 320;
    options.height = 240;
    setenv("SEQNN_FONT", "strokes",
           1); /* a font file's allocations are tested elsewhere */
    for (long n = 0; status != SEQNN_OK; n++) {
        seqnn_figure *figure;
        bool failed;
        begin_failing(n);
        figure = seqnn_figure_new(options);
        add_everything(figure);
        status = figure == NULL ? SEQNN_ERROR_MEMORY : seqnn_figure_save(figure, path);
        seqnn_figure_free(figure);
        failed = end_failing();
        assert_int_equal(status, failed ? SEQNN_ERROR_MEMORY : SEQNN_OK);
        assert_true(n < 5000);
    }
    unsetenv("SEQNN_FONT");
}

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/marks.png", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_are_as_long_as_their_values),
        cmocka_unit_test(bars_are_sorted),
        cmocka_unit_test(bars_leave_out_the_smallest),
        cmocka_unit_test(series_stand_side_by_side),
        cmocka_unit_test(numbers_stand_at_the_ends),
        cmocka_unit_test(numbers_are_the_values),
        cmocka_unit_test(numbers_keep_clear_of_lines),
        cmocka_unit_test(names_lie_in_narrow_pictures),
        cmocka_unit_test(long_names_lie),
        cmocka_unit_test(bars_that_cannot_be),
        cmocka_unit_test(histograms_are_as_high_as_their_counts),
        cmocka_unit_test(histograms_share_their_bins),
        cmocka_unit_test(samples_look_like_their_bars),
        cmocka_unit_test(whole_numbers_have_whole_bars),
        cmocka_unit_test(histograms_that_cannot_be),
        cmocka_unit_test(points_lie_where_they_are),
        cmocka_unit_test(classes_have_their_colours),
        cmocka_unit_test(crowds_grow_darker),
        cmocka_unit_test(a_million_points),
        cmocka_unit_test(words_find_their_places),
        cmocka_unit_test(clouds_depend_on_words_and_seed_only),
        cmocka_unit_test(clouds_side_by_side),
        cmocka_unit_test(without_memory_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
