/* Heat maps, confusion matrices, attention and gates: pixels and texts of the drawn
 * figures against what is computed here from the definitions. */
/* flags: -lpng -Wl,--wrap=malloc -Wl,--wrap=free */
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

#include "attention.h"
#include "bars.h"
#include "confusion.h"
#include "failing_malloc.h"
#include "layout.h"
#include "outcomes.h"
#include "pictures.h"
#include "text_boxes.h"
#include "word_cloud.h"

static char directory[] = "/tmp/seqnn_heatmap_XXXXXX";
static char path[256];

/* --- a figure under test --- */

typedef struct drawing {
    seqnn_figure *figure;
    seqnn_axes *axes;
    sq_picture picture;
} drawing;

static drawing open_drawing(seqnn_size width, seqnn_size height, seqnn_size scale)
{
    drawing d;
    seqnn_figure_options whole;
    seqnn_axes_options labels;
    memset(&d, 0, sizeof d);
    memset(&whole, 0, sizeof whole);
    memset(&labels, 0, sizeof labels);
    whole.width = width;
    whole.height = height;
    whole.scale = scale;
    d.figure = seqnn_figure_new(whole);
    d.axes = seqnn_figure_axes(d.figure, 0, 0, labels);
    return d;
}

/* Draws; no text may touch another or leave the picture, and no ink its edge. */
static void draw(drawing *d)
{
    picture seen;
    if (sq_figure_draw(d->figure, &d->picture) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
    assert_int_equal(faults_of(&d->picture, "heat map"), 0);
    seen.width = d->picture.canvas.width;
    seen.height = d->picture.canvas.height;
    seen.rgb = d->picture.canvas.pixels;
    edge_is_white(&seen, "heat map");
}

static void close_drawing(drawing *d)
{
    sq_picture_close(&d->picture);
    seqnn_figure_free(d->figure);
}

static sq_colour pixel_of(const drawing *d, int x, int y)
{
    const unsigned char *at =
        d->picture.canvas.pixels +
        3 * ((size_t)y * (size_t)d->picture.canvas.width + (size_t)x);
    return (sq_colour)at[0] << 16 | (sq_colour)at[1] << 8 | at[2];
}

static int apart(sq_colour a, sq_colour b)
{
    int furthest = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int here = abs((int)(a >> shift & 255) - (int)(b >> shift & 255));
        furthest = here > furthest ? here : furthest;
    }
    return furthest;
}

/* The corner of a cell, in pixels. */
static int cell_x(const drawing *d, double column)
{
    return (int)((d->axes->left + (d->axes->right - d->axes->left) * column /
                                      (double)d->axes->x_names.count) *
                     d->picture.canvas.scale +
                 0.5);
}

static int cell_y(const drawing *d, double row)
{
    return (int)((d->axes->top + (d->axes->bottom - d->axes->top) * row /
                                     (double)d->axes->y_names.count) *
                     d->picture.canvas.scale +
                 0.5);
}

/* A little inside the corner of a cell, where no number is. */
static sq_colour cell_of(const drawing *d, int row, int column)
{
    return pixel_of(d, cell_x(d, column) + 2, cell_y(d, row) + 2);
}

static void expect_cell(const drawing *d, int row, int column, sq_colour expected)
{
    sq_colour seen = cell_of(d, row, column);
    if (apart(seen, expected) > 1)
        fail_msg("cell [%d, %d] is %06X, expected %06X", row, column, (unsigned)seen,
                 (unsigned)expected);
}

/* The text whose box has its middle in a cell; nth 0: the upper one. NULL: none. */
static const char *text_in(const drawing *d, int row, int column, int nth)
{
    const double s = d->picture.canvas.scale;
    const char *found[2] = {NULL, NULL};
    double at[2] = {0, 0};
    int count = 0;
    for (seqnn_size i = 0; i < d->picture.box_count; i++) {
        const sq_text_box *box = &d->picture.boxes[i];
        double x = s * (box->left + box->right) / 2, y = s * (box->top + box->bottom) / 2;
        if (x < cell_x(d, column) || x >= cell_x(d, column + 1) || y < cell_y(d, row) ||
            y >= cell_y(d, row + 1) || *box->text == '\0')
            continue;
        assert_true(count < 2);
        found[count] = box->text;
        at[count++] = y;
    }
    if (count == 2 && at[0] > at[1])
        nth = 1 - nth;
    return found[nth];
}

/* The text left of a row. */
static const char *name_of(const drawing *d, int row)
{
    const double s = d->picture.canvas.scale;
    for (seqnn_size i = 0; i < d->picture.box_count; i++) {
        const sq_text_box *box = &d->picture.boxes[i];
        double y = s * (box->top + box->bottom) / 2;
        if (box->right < d->axes->left && y >= cell_y(d, row) && y < cell_y(d, row + 1))
            return box->text;
    }
    return NULL;
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

static unsigned random_state = 1;

static double random_share(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) / 16777216.0;
}

/* --- heat maps --- */

static void cells_have_the_colour_of_their_share(void **state)
{
    (void)state;
    for (seqnn_size scale = 1; scale <= 3; scale++) {
        for (int map = SEQNN_MAP_DEFAULT; map <= SEQNN_MAP_GREYS; map++) {
            seqnn_real values[5 * 7], most = 0;
            seqnn_heatmap_options options = plain_map();
            drawing d = open_drawing(500, 400, scale);
            for (int i = 0; i < 35; i++) {
                values[i] = (seqnn_real)(random_share() * 8 - 3);
                most = SQ_MATH(fmax)(most, SQ_MATH(fabs)(values[i]));
            }
            values[3] = -3;
            values[33] = 5;
            values[11] = NAN;
            values[12] = INFINITY;
            values[13] = -INFINITY;
            options.map = (seqnn_colour_map)map;
            assert_int_equal(seqnn_axes_heatmap(d.axes, values, 5, 7, options), 0);
            draw(&d);
            for (int i = 0; i < 35; i++) {
                double value = (double)values[i];
                double share =
                    map == SEQNN_MAP_DIVERGING ? (value + 5) / 10 : (value + 3) / 8;
                expect_cell(&d, i / 7, i % 7,
                            isnan(value) ? SQ_NO_VALUE
                                         : sq_colour_of_map(options.map, share));
            }
            assert_string_equal(text_in(&d, 0, 3, 0), "\xE2\x88\x92"
                                                      "3.00");
            assert_string_equal(text_in(&d, 4, 5, 0), "5.00");
            assert_string_equal(text_in(&d, 1, 4, 0), "NaN");
            assert_string_equal(text_in(&d, 1, 6, 0), "\xE2\x88\x92\xE2\x88\x9E");
            close_drawing(&d);
        }
    }
}

static void given_ends_hold(void **state)
{
    (void)state;
    const seqnn_real values[6] = {-1, 0, 1, 2, 3, 4};
    const struct {
        seqnn_real low, high;
        double at_low, at_high;
    } ends[4] = {{1, 3, 1, 3}, {SEQNN_ZERO, 0, 0, 4}, {0, 2, -1, 2}, {-8, 8, -8, 8}};
    for (int e = 0; e < 4; e++) {
        seqnn_heatmap_options options = plain_map();
        drawing d = open_drawing(500, 200, 1);
        options.low = ends[e].low;
        options.high = ends[e].high;
        assert_int_equal(seqnn_axes_heatmap(d.axes, values, 1, 6, options), 0);
        draw(&d);
        for (int i = 0; i < 6; i++) {
            double share = (i - 1 - ends[e].at_low) / (ends[e].at_high - ends[e].at_low);
            expect_cell(&d, 0, i, sq_colour_of_map(options.map, share));
        }
        close_drawing(&d);
    }
}

static void log_scale_has_equal_ratios(void **state)
{
    (void)state;
    const seqnn_real values[8] = {
        (seqnn_real)1e-30, (seqnn_real)1e-15, 1, (seqnn_real)1e30, 0, -1, NAN, INFINITY};
    const double shares[8] = {0, 0.25, 0.5, 1, 0, NAN, NAN, 1};
    seqnn_heatmap_options options = plain_map();
    drawing d = open_drawing(800, 200, 1);
    options.log = true;
    assert_int_equal(seqnn_axes_heatmap(d.axes, values, 1, 8, options), 0);
    draw(&d);
    for (int i = 0; i < 8; i++)
        expect_cell(&d, 0, i,
                    isnan(shares[i]) ? SQ_NO_VALUE
                                     : sq_colour_of_map(SEQNN_MAP_DEFAULT, shares[i]));
    close_drawing(&d);
}

/* Contrast as WCAG 2.1 defines it. */
static double contrast(sq_colour one, sq_colour other)
{
    double light[2];
    for (int c = 0; c < 2; c++) {
        const double weights[3] = {0.2126, 0.7152, 0.0722};
        light[c] = 0.05;
        for (int i = 0; i < 3; i++) {
            double v = ((c == 0 ? one : other) >> (16 - 8 * i) & 255) / 255.0;
            light[c] +=
                weights[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
        }
    }
    return fmax(light[0], light[1]) / fmin(light[0], light[1]);
}

/* Drawn so large that the strokes have pixels of their own. */
static void numbers_in_cells_can_be_read(void **state)
{
    (void)state;
    for (int map = SEQNN_MAP_VIRIDIS; map <= SEQNN_MAP_GREYS; map++) {
        seqnn_real values[25];
        seqnn_heatmap_options options = plain_map();
        drawing d = open_drawing(400, 400, 4);
        for (int i = 0; i < 25; i++)
            values[i] = (seqnn_real)(i * 4);
        options.map = (seqnn_colour_map)map;
        options.low = SEQNN_ZERO;
        assert_int_equal(seqnn_axes_heatmap(d.axes, values, 5, 5, options), 0);
        draw(&d);
        for (int i = 0; i < 25; i++) {
            sq_colour ground = cell_of(&d, i / 5, i % 5);
            double best = 1;
            for (int y = cell_y(&d, i / 5) + 8; y < cell_y(&d, i / 5 + 1) - 8; y++)
                for (int x = cell_x(&d, i % 5) + 8; x < cell_x(&d, i % 5 + 1) - 8; x++)
                    best = fmax(best, contrast(ground, pixel_of(&d, x, y)));
            if (best < 4.5)
                fail_msg("map %d, cell %d: the number has contrast %g", map, i, best);
        }
        close_drawing(&d);
    }
}

/* Enough digits, as many as are given, or, for -1, none. */
static void numbers_have_their_decimals(void **state)
{
    static const char *const expected[] = {"2", "1.56", "1.6"};
    const seqnn_real value = (seqnn_real)1.5625;
    (void)state;
    for (int decimals = -1; decimals <= 1; decimals++) {
        seqnn_heatmap_options options = plain_map();
        drawing d = open_drawing(400, 400, 1);
        int found = 0;
        options.decimals = decimals;
        options.no_colour_bar = true;
        seqnn_axes_heatmap(d.axes, &value, 1, 1, options);
        draw(&d);
        for (seqnn_size b = 0; b < d.picture.box_count; b++)
            found += strcmp(d.picture.boxes[b].text, expected[decimals + 1]) == 0;
        assert_int_equal(found, 1);
        close_drawing(&d);
    }
}

/* The colour of a pixel of a table whose cells are smaller than pixels, from the part of
 * it that each cell covers. */
static sq_colour blend(const drawing *d, const seqnn_real *values, int rows, int columns,
                       const seqnn_heatmap_options *options, int x, int y)
{
    double left = cell_x(d, 0), top = cell_y(d, 0);
    double wide = (cell_x(d, columns) - left) / columns;
    double high = (cell_y(d, rows) - top) / rows;
    double sum = 0, covered = 0, most = -1;
    sq_colour colour = 0, pure;
    for (int i = 0; i < rows; i++) {
        double tall = fmin(top + (i + 1) * high, y + 1) - fmax(top + i * high, y);
        for (int j = 0; tall > 0 && j < columns; j++) {
            double part = fmin(left + (j + 1) * wide, x + 1) - fmax(left + j * wide, x);
            double share = (double)values[i * columns + j];
            if (part <= 1e-9 || isnan(share))
                continue;
            sum += part * tall * share;
            covered += part * tall;
            if (fabs(share - (options->map == SEQNN_MAP_DIVERGING ? 0.5 : 0)) >
                    fabs(most - (options->map == SEQNN_MAP_DIVERGING ? 0.5 : 0)) ||
                most < 0)
                most = share;
        }
    }
    if (covered == 0)
        return SQ_NO_VALUE;
    pure = sq_colour_of_map(options->map, options->peaks ? most : sum / covered);
    if (options->peaks)
        return pure;
    for (int shift = 0; shift <= 16; shift += 8)
        colour |= (sq_colour)(covered * (pure >> shift & 255) +
                              (1 - covered) * (SQ_NO_VALUE >> shift & 255) + 0.5)
                  << shift;
    return colour;
}

static void small_cells_are_blended(void **state)
{
    enum { ROWS = 331, COLUMNS = 703 };
    static seqnn_real values[ROWS * COLUMNS];
    (void)state;
    for (int round = 0; round < 6; round++) {
        seqnn_heatmap_options options = plain_map();
        drawing d = open_drawing(240, 180, 1 + round % 2);
        options.map = round < 4 ? SEQNN_MAP_VIRIDIS : SEQNN_MAP_DIVERGING;
        options.peaks = round == 2 || round >= 4;
        options.low = SEQNN_ZERO;
        options.high = 1;
        for (int i = 0; i < ROWS * COLUMNS; i++)
            values[i] = (seqnn_real)random_share();
        for (int i = 0; i < 20000; i++)
            values[(int)(random_share() * ROWS * COLUMNS)] = NAN;
        for (int i = 0; i < 40; i++) /* a hole of several pixels */
            for (int j = 0; j < 60; j++)
                values[(i + 100) * COLUMNS + j + 200] = NAN;
        assert_int_equal(seqnn_axes_heatmap(d.axes, values, ROWS, COLUMNS, options), 0);
        draw(&d);
        for (int y = cell_y(&d, 0) + 1; y < cell_y(&d, ROWS) - 2; y += 3) {
            for (int x = cell_x(&d, 0) + 1; x < cell_x(&d, COLUMNS) - 2; x += 3) {
                sq_colour expected = blend(&d, values, ROWS, COLUMNS, &options, x, y);
                if (apart(pixel_of(&d, x, y), expected) > 2)
                    fail_msg("round %d, pixel (%d, %d) is %06X, expected %06X", round, x,
                             y, (unsigned)pixel_of(&d, x, y), (unsigned)expected);
            }
        }
        close_drawing(&d);
    }
}

/* A chequerboard finer than the pixels is flat, whatever its period. */
static void fine_patterns_leave_no_moire(void **state)
{
    enum { SIDE = 1600 };
    static seqnn_real values[SIDE * SIDE];
    seqnn_heatmap_options options = plain_map();
    drawing d = open_drawing(300, 240, 1);
    (void)state;
    for (int i = 0; i < SIDE * SIDE; i++)
        values[i] = (seqnn_real)((i / SIDE + i % SIDE) % 2);
    assert_int_equal(seqnn_axes_heatmap(d.axes, values, SIDE, SIDE, options), 0);
    draw(&d);
    for (int y = cell_y(&d, 0); y < cell_y(&d, SIDE); y++)
        for (int x = cell_x(&d, 0); x < cell_x(&d, SIDE); x++)
            assert_true(apart(pixel_of(&d, x, y), sq_colour_of_map(options.map, 0.5)) <=
                        4);
    close_drawing(&d);
}

/* Whatever is drawn by a function of one call is a sound picture. */
static void sound_file(seqnn_status status)
{
    picture p;
    if (status != SEQNN_OK)
        fail_msg("%s", seqnn_error());
    p = read_picture(path);
    assert_int_equal(p.width, 800);
    assert_int_equal(p.height, 600);
    edge_is_white(&p, "heat map");
    free(p.rgb);
}

static void odd_tables_give_a_picture(void **state)
{
    static seqnn_real line[5000];
    static char text[301];
    const char *names[4] = {text, text, NULL, ""};
    const seqnn_real none[4] = {NAN, NAN, NAN, NAN};
    const seqnn_real infinite[4] = {INFINITY, -INFINITY, INFINITY, NAN};
    const seqnn_real same[4] = {7, 7, 7, 7}, zeros[4] = {0, 0, 0, 0};
    const seqnn_real far[4] = {(seqnn_real)-1e30, (seqnn_real)1e-30, (seqnn_real)1e30, 0};
    const seqnn_real negative[4] = {-1, -2, -3, -4};
    const seqnn_real *tables[6] = {none, infinite, same, zeros, far, negative};
    seqnn_heatmap_options options = plain_map();
    (void)state;
    for (int i = 0; i < 5000; i++)
        line[i] = (seqnn_real)sin(i);
    memset(text, 'n', 300);
    for (int t = 0; t < 6; t++) {
        for (int log = 0; log < 2; log++) {
            options.log = log == 1;
            options.map = (seqnn_colour_map)(t % 5);
            sound_file(seqnn_plot_heatmap(tables[t], 2, 2, path, options));
            sound_file(seqnn_plot_heatmap(tables[t], 1, 1, path, options));
        }
    }
    options = plain_map();
    options.row_names = options.column_names = names;
    options.title = options.x_label = options.y_label = options.bar_label = text;
    sound_file(seqnn_plot_heatmap(line, 4, 4, path, options));
    options.row_names = options.column_names = NULL;
    sound_file(seqnn_plot_heatmap(line, 1, 5000, path, options));
    sound_file(seqnn_plot_heatmap(line, 5000, 1, path, options));
    options.square = true;
    sound_file(seqnn_plot_heatmap(line, 1, 50, path, options));
    sound_file(seqnn_plot_heatmap(line, 50, 1, path, options));
    sound_file(seqnn_plot_heatmap(line, 1, 5000, path, options));
}

/* --- confusion matrices --- */

static const char *const names9[9] = {"alpha", "beta", "gamma", "delta", "epsilon",
                                      "zeta",  "eta",  "theta", "iota"};

static void random_counts(int64_t counts[81])
{
    for (int i = 0; i < 81; i++)
        counts[i] = (int64_t)(random_share() * (i % 10 == 0 ? 90 : 12));
}

static double row_sum(const int64_t *counts, int classes, int i)
{
    double sum = 0;
    for (int j = 0; j < classes; j++)
        sum += (double)counts[i * classes + j];
    return sum;
}

static double column_sum(const int64_t *counts, int classes, int j)
{
    double sum = 0;
    for (int i = 0; i < classes; i++)
        sum += (double)counts[i * classes + j];
    return sum;
}

static void shares_are_of_rows_or_columns(void **state)
{
    (void)state;
    for (int kind = SEQNN_SHARES_DEFAULT; kind <= SEQNN_SHARES_NONE; kind++) {
        int64_t counts[81], largest = 0;
        seqnn_confusion_options options = plain_matrix();
        drawing d = open_drawing(800, 800, 1);
        random_counts(counts);
        for (int i = 0; i < 9; i++)
            counts[4 * 9 + i] = 0; /* a class that never occurs */
        for (int i = 0; i < 81; i++)
            largest = counts[i] > largest ? counts[i] : largest;
        options.shares = (seqnn_confusion_shares)kind;
        assert_int_equal(seqnn_axes_confusion(d.axes, counts, 9, names9, options), 0);
        draw(&d);
        assert_true(
            fabs((d.axes->right - d.axes->left) - (d.axes->bottom - d.axes->top)) < 1e-6);
        for (int i = 0; i < 81; i++) {
            double sum = kind == SEQNN_SHARES_NONE        ? (double)largest
                         : kind == SEQNN_SHARES_PREDICTED ? column_sum(counts, 9, i % 9)
                                                          : row_sum(counts, 9, i / 9);
            double share = sum > 0 ? (double)counts[i] / sum : 0;
            char text[32];
            const char *below = text_in(&d, i / 9, i % 9, 1);
            /* Of a class that never occurs there are no shares. */
            expect_cell(&d, i / 9, i % 9,
                        sum > 0 ? sq_colour_of_map(SEQNN_MAP_BLUES, share) : SQ_NO_VALUE);
            snprintf(text, sizeof text, "%d", (int)counts[i]);
            assert_string_equal(text_in(&d, i / 9, i % 9, 0), text);
            if (kind == SEQNN_SHARES_NONE || counts[i] == 0) {
                assert_null(below);
                continue;
            }
            if (share < 0.005)
                snprintf(text, sizeof text, "<1 %%");
            else
                snprintf(text, sizeof text, "%.0f %%", 100 * share);
            assert_string_equal(below, text);
        }
        close_drawing(&d);
    }
}

static void rates_round_to_no_false_extremes(void **state)
{
    (void)state;
    const int64_t counts[9] = {999, 1, 0, 0, 5, 0, 500, 250, 250};
    const char *const expected[9] = {">99 %", "<1 %", "0 %",  "0 %", "100 %",
                                     "0 %",   "50 %", "25 %", "25 %"};
    seqnn_confusion_options options = plain_matrix();
    drawing d = open_drawing(400, 400, 1);
    options.rates = true;
    assert_int_equal(seqnn_axes_confusion(d.axes, counts, 3, names9, options), 0);
    draw(&d);
    for (int i = 0; i < 9; i++) {
        assert_string_equal(text_in(&d, i / 3, i % 3, 0), expected[i]);
        assert_null(text_in(&d, i / 3, i % 3, 1));
    }
    close_drawing(&d);
}

/* What classes are sorted by, the largest first. */
static double order_key(const int64_t *counts, int c, seqnn_confusion_order order)
{
    double diagonal = (double)counts[c * 9 + c], sum = row_sum(counts, 9, c);
    if (order == SEQNN_ORDER_COUNT)
        return diagonal;
    if (order == SEQNN_ORDER_RATE)
        return sum > 0 ? diagonal / sum : 0;
    return -c;
}

static double errors_of(const int64_t *counts, int c)
{
    return row_sum(counts, 9, c) + column_sum(counts, 9, c) -
           2 * (double)counts[c * 9 + c];
}

/* Each class is drawn where as many of those drawn come before it as have a larger key,
 * or the same and a lower number; drawn are those that fewer than `most` surpass. */
static void classes_are_sorted_and_chosen(void **state)
{
    (void)state;
    for (int round = 0; round < 36; round++) {
        int64_t counts[81];
        seqnn_confusion_options options = plain_matrix();
        drawing d = open_drawing(800, 800, 1);
        bool drawn[9], named = round % 5 != 0;
        int shown = 0;
        random_counts(counts);
        if (round % 4 == 0)
            counts[20] = counts[30]; /* equal on the diagonal */
        options.order = (seqnn_confusion_order)(round % 4);
        options.most = round % 12;
        for (int c = 0; c < 9; c++) {
            int before = 0;
            for (int o = 0; o < 9; o++)
                before += errors_of(counts, o) > errors_of(counts, c) ||
                          (errors_of(counts, o) == errors_of(counts, c) && o < c);
            drawn[c] = options.most == 0 || before < options.most;
            shown += drawn[c];
        }
        assert_int_equal(
            seqnn_axes_confusion(d.axes, counts, 9, named ? names9 : NULL, options), 0);
        draw(&d);
        assert_int_equal(d.axes->x_names.count, shown);
        for (int c = 0; c < 9; c++) {
            double key = order_key(counts, c, options.order);
            char text[32];
            int at = 0;
            if (!drawn[c])
                continue;
            for (int o = 0; o < 9; o++) {
                double other = order_key(counts, o, options.order);
                at += drawn[o] && (other > key || (other == key && o < c));
            }
            snprintf(text, sizeof text, "%d", c);
            assert_string_equal(name_of(&d, at), named ? names9[c] : text);
            snprintf(text, sizeof text, "%d", (int)counts[c * 9 + c]);
            assert_string_equal(text_in(&d, at, at, 0), text);
            expect_cell(&d, at, at,
                        sq_colour_of_map(SEQNN_MAP_BLUES, (double)counts[c * 9 + c] /
                                                              row_sum(counts, 9, c)));
        }
        close_drawing(&d);
    }
}

/* Of very many classes single confusions stay visible, and the bar tells the colours. */
static void many_classes_stay_readable(void **state)
{
    enum { CLASSES = 2000 };
    int64_t *counts = (int64_t *)calloc((size_t)CLASSES * CLASSES, sizeof *counts);
    seqnn_confusion_options options = plain_matrix();
    drawing d = open_drawing(800, 600, 1);
    (void)state;
    for (int i = 0; i < CLASSES; i++)
        counts[i * CLASSES + i] = 100;
    counts[300 * CLASSES + 1700] = 100;
    assert_int_equal(seqnn_axes_confusion(d.axes, counts, CLASSES, NULL, options), 0);
    draw(&d);
    assert_true(d.axes->bar.shown);
    for (int i = 5; i < CLASSES; i += 50)
        if (i < 295 || i > 305)
            assert_int_equal(pixel_of(&d, cell_x(&d, i + 0.4), cell_y(&d, i + 0.4)),
                             sq_colour_of_map(SEQNN_MAP_BLUES, 1));
    assert_true(
        apart(pixel_of(
                  &d,
                  (int)(d.axes->left + (d.axes->right - d.axes->left) * 1700.5 / CLASSES),
                  (int)(d.axes->top + (d.axes->bottom - d.axes->top) * 300.5 / CLASSES)),
              sq_colour_of_map(SEQNN_MAP_BLUES, 0.5)) <= 1);
    close_drawing(&d);
    free(counts);
}

/* Blue up to the most that a label was found, red up to the most that one stood in for
 * another; the label found most often comes first. */
static void labels_have_two_scales(void **state)
{
    const int64_t counts[9] = {20, 3, 0, 1, 80, 6, 0, 2, 40};
    const int order[3] = {1, 2, 0};
    drawing d = open_drawing(500, 400, 1);
    seqnn_confusion_options options = plain_matrix();
    (void)state;
    assert_int_equal(seqnn_axes_labeling_confusion(d.axes, counts, 3, names9, options),
                     0);
    draw(&d);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(name_of(&d, i), names9[order[i]]);
        for (int j = 0; j < 3; j++) {
            int64_t count = counts[3 * order[i] + order[j]];
            double share = i == j ? 0.5 - (double)count / 160 : 0.5 + (double)count / 12;
            char text[32];
            expect_cell(&d, i, j, sq_colour_of_map(SEQNN_MAP_DIVERGING, share));
            snprintf(text, sizeof text, "%d", (int)count);
            assert_string_equal(text_in(&d, i, j, 0), text);
            assert_null(text_in(&d, i, j, 1));
        }
    }
    close_drawing(&d);
    options.order = SEQNN_ORDER_GIVEN;
    d = open_drawing(500, 400, 1);
    assert_int_equal(seqnn_axes_labeling_confusion(d.axes, counts, 3, names9, options),
                     0);
    draw(&d);
    assert_string_equal(name_of(&d, 0), names9[0]);
    close_drawing(&d);
    sound_file(seqnn_plot_labeling_confusion(counts, 3, NULL, path, options));
    options.order = SEQNN_ORDER_RATE;
    says(seqnn_plot_labeling_confusion(counts, 3, NULL, path, options),
         SEQNN_ERROR_ARGUMENT, "no rates");
}

static void odd_matrices_give_a_picture(void **state)
{
    static char text[301];
    const char *names[3] = {text, NULL, ""};
    const int64_t zeros[9] = {0}, one[1] = {INT64_MAX};
    (void)state;
    memset(text, 'W', 300);
    for (int kind = SEQNN_SHARES_TRUE; kind <= SEQNN_SHARES_NONE; kind++) {
        seqnn_confusion_options options = plain_matrix();
        options.shares = (seqnn_confusion_shares)kind;
        options.order = SEQNN_ORDER_RATE;
        sound_file(seqnn_plot_confusion(zeros, 3, NULL, path, options));
        options.title = text;
        sound_file(seqnn_plot_confusion(zeros, 3, names, path, options));
        options.order = SEQNN_ORDER_DEFAULT;
        sound_file(seqnn_plot_labeling_confusion(zeros, 3, names, path, options));
        sound_file(seqnn_plot_confusion(one, 1, names, path, options));
    }
}

/* --- attention --- */

static void attention_is_square_with_the_source_above(void **state)
{
    const char *const source[3] = {"le", "chat", "dort"};
    const char *const target[2] = {"cat", "sleeps"};
    const seqnn_real weights[6] = {0, (seqnn_real)0.75, (seqnn_real)0.25, 0, 0, 1};
    seqnn_attention_options options;
    drawing d = open_drawing(500, 400, 1);
    int above = 0;
    (void)state;
    memset(&options, 0, sizeof options);
    assert_int_equal(seqnn_axes_attention(d.axes, weights, 2, 3, target, source, options),
                     0);
    draw(&d);
    for (int i = 0; i < 6; i++)
        expect_cell(&d, i / 3, i % 3,
                    sq_colour_of_map(SEQNN_MAP_GREYS, (double)weights[i]));
    assert_true(fabs((d.axes->right - d.axes->left) / 3 -
                     (d.axes->bottom - d.axes->top) / 2) < 1e-6);
    assert_string_equal(name_of(&d, 1), "sleeps");
    for (seqnn_size i = 0; i < d.picture.box_count; i++) {
        const sq_text_box *box = &d.picture.boxes[i];
        for (int j = 0; j < 3; j++) {
            if (strcmp(box->text, source[j]) != 0)
                continue;
            assert_true(box->bottom <= d.axes->top);
            assert_true(box->left >= cell_x(&d, j) && box->right <= cell_x(&d, j + 1));
            above++;
        }
    }
    assert_int_equal(above, 3);
    close_drawing(&d);
}

/* --- gates --- */

static int middle_of(const picture *p, int x, int y)
{
    const unsigned char *at = p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
    return (int)at[0] << 16 | at[1] << 8 | at[2];
}

/* Each gate's panel has all its colours, units above each other, steps from left to
 * right, on a scale of its own kind. */
static void gates_share_their_scale(void **state)
{
    const seqnn_real gate[6] = {0,
                                (seqnn_real)0.2,
                                (seqnn_real)0.4, /* step 0 */
                                (seqnn_real)0.6,
                                (seqnn_real)0.8,
                                1};
    seqnn_gate gates[2];
    seqnn_gates_options options;
    int first[2][6], last[2][6];
    picture p;
    (void)state;
    memset(gates, 0, sizeof gates);
    memset(&options, 0, sizeof options);
    gates[0].values = gates[1].values = gate;
    gates[0].name = "gate";
    gates[1].name = "state";
    gates[1].both_signs = true;
    options.width = 600;
    options.height = 500;
    if (seqnn_plot_gates(gates, 2, 2, 3, NULL, path, options) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
    p = read_picture(path);
    assert_int_equal(p.width, 600);
    assert_int_equal(p.height, 500);
    edge_is_white(&p, "gates");
    for (int g = 0; g < 2; g++) {
        for (int i = 0; i < 6; i++) {
            seqnn_colour_map map = g == 0 ? SEQNN_MAP_VIRIDIS : SEQNN_MAP_DIVERGING;
            sq_colour colour = sq_colour_of_map(map, g == 0 ? (double)gate[i]
                                                            : (1 + (double)gate[i]) / 2);
            /* Columns of pixels in the middles of the steps. */
            int x = i < 3 ? 180 : 420;
            first[g][i] = -1;
            for (int y = 0; y < p.height; y++) {
                if (apart((sq_colour)middle_of(&p, x, y), colour) > 1)
                    continue;
                first[g][i] = first[g][i] < 0 ? y : first[g][i];
                last[g][i] = y;
            }
            if (first[g][i] < 0)
                fail_msg("gate %d has no colour of value %d", g, i);
        }
        for (int step = 0; step < 6; step += 3) {
            assert_true(last[g][step] < first[g][step + 1]);
            assert_true(last[g][step + 1] < first[g][step + 2]);
        }
    }
    assert_true(last[0][2] < first[1][0]);
    free(p.rgb);
    options.width = options.height = 0;
    gates[0].name = NULL;
    assert_int_equal(seqnn_plot_gates(gates, 1, 2, 3, NULL, path, options), 0);
    assert_int_equal(seqnn_plot_gates(gates, 1, 1, 6, NULL, path, options), 0);
    assert_int_equal(seqnn_plot_gates(gates, 1, 6, 1, NULL, path, options), 0);
}

/* --- errors --- */

/* Neither under bars nor over another; lines may lie on a table. */
static void a_table_has_its_axes_alone(void **state)
{
    const seqnn_real values[4] = {1, 2, 3, 4};
    static const char *const expected[3] = {"hold bars", "hold another", "a word cloud"};
    static const char *const names[2] = {"a", "b"};
    (void)state;
    for (int k = 0; k < 3; k++) {
        seqnn_figure_options figure;
        seqnn_axes_options options;
        seqnn_bars_options bars;
        seqnn_word_cloud_options cloud;
        seqnn_figure *f;
        seqnn_axes *axes;
        memset(&figure, 0, sizeof figure);
        memset(&options, 0, sizeof options);
        memset(&bars, 0, sizeof bars);
        memset(&cloud, 0, sizeof cloud);
        f = seqnn_figure_new(figure);
        axes = seqnn_figure_axes(f, 0, 0, options);
        if (k == 0)
            seqnn_axes_bars(axes, NULL, values, 2, bars);
        else if (k == 1)
            seqnn_axes_heatmap(axes, values, 2, 2, plain_map());
        else
            seqnn_axes_word_cloud(axes, names, values, 2, cloud);
        says(seqnn_axes_heatmap(axes, values, 2, 2, plain_map()), SEQNN_ERROR_ARGUMENT,
             expected[k]);
        seqnn_figure_free(f);
    }
}

static void bad_input_is_named(void **state)
{
    const int64_t negative[4] = {1, 2, -1, 4};
    const seqnn_real y[4] = {0, 1, (seqnn_real)1.5, 1};
    seqnn_heatmap_options map = plain_map();
    seqnn_confusion_options matrix = plain_matrix();
    seqnn_attention_options attention;
    seqnn_gates_options whole;
    seqnn_gate gates[13];
    (void)state;
    memset(&attention, 0, sizeof attention);
    memset(&whole, 0, sizeof whole);
    memset(gates, 0, sizeof gates);
    says(seqnn_plot_heatmap(y, 2, 5001, path, map), SEQNN_ERROR_SHAPE, "[2, 5001]");
    says(seqnn_plot_heatmap(y, -1, 2, path, map), SEQNN_ERROR_SHAPE, "[-1, 2]");
    map.log = true;
    map.low = -1;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_ARGUMENT, "above 0");
    map = plain_map();
    map.map = (seqnn_colour_map)9;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_ARGUMENT, "map is 9");
    map = plain_map();
    map.low = 2;
    map.high = 1;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_ARGUMENT, "from 2 to 1");
    map.low = NAN;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_ARGUMENT, "finite");
    map = plain_map();
    map.decimals = -2;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_ARGUMENT, "decimals is -2");
    map = plain_map();
    map.width = 3;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_ARGUMENT, "3 x 600");
    map = plain_map();
    map.font = matrix.font = attention.font = whole.font = "/no/font.ttf";
    gates[0].values = y;
    says(seqnn_plot_heatmap(y, 2, 2, path, map), SEQNN_ERROR_FILE, "/no/font.ttf");
    says(seqnn_plot_confusion(negative, 1, NULL, path, matrix), SEQNN_ERROR_FILE,
         "/no/font.ttf");
    says(seqnn_plot_attention(y, 1, 2, NULL, NULL, path, attention), SEQNN_ERROR_FILE,
         "/no/font.ttf");
    says(seqnn_plot_gates(gates, 1, 1, 2, NULL, path, whole), SEQNN_ERROR_FILE,
         "/no/font.ttf");
    gates[0].values = NULL;
    matrix.font = attention.font = whole.font = NULL;
    says(seqnn_plot_heatmap(y, 2, 2, "/nowhere/at/all.png", plain_map()),
         SEQNN_ERROR_FILE, "/nowhere/at/all.png");

    says(seqnn_plot_confusion(negative, 2, NULL, path, matrix), SEQNN_ERROR_ARGUMENT,
         "counts[1, 0] is negative");
    says(seqnn_plot_confusion(NULL, 2, NULL, path, matrix), SEQNN_ERROR_SHAPE, "NULL");
    matrix.most = -1;
    says(seqnn_plot_confusion(negative, 1, NULL, path, matrix), SEQNN_ERROR_ARGUMENT,
         "most is -1");
    matrix = plain_matrix();
    matrix.order = (seqnn_confusion_order)7;
    says(seqnn_plot_confusion(negative, 1, NULL, path, matrix), SEQNN_ERROR_ARGUMENT,
         "order 7");
    matrix = plain_matrix();
    matrix.rates = true;
    matrix.shares = SEQNN_SHARES_NONE;
    says(seqnn_plot_confusion(negative, 1, NULL, path, matrix), SEQNN_ERROR_ARGUMENT,
         "expected shares");

    says(seqnn_plot_attention(y, 2, 2, NULL, NULL, path, attention), SEQNN_ERROR_NUMBER,
         "weights[1, 0] is 1.5");
    attention.high = -1;
    says(seqnn_plot_attention(y, 1, 2, NULL, NULL, path, attention), SEQNN_ERROR_ARGUMENT,
         "high is -1");

    says(seqnn_plot_gates(gates, 13, 2, 2, NULL, path, whole), SEQNN_ERROR_ARGUMENT,
         "13 gates");
    says(seqnn_plot_gates(gates, 1, 2, 2, NULL, path, whole), SEQNN_ERROR_ARGUMENT,
         "gate 0 has no values");
    gates[0].values = y;
    says(seqnn_plot_gates(gates, 1, 0, 2, NULL, path, whole), SEQNN_ERROR_SHAPE,
         "0 steps");
    assert_int_equal(seqnn_axes_heatmap(NULL, y, 2, 2, plain_map()),
                     SEQNN_ERROR_ARGUMENT);
}

/* One drawing of each kind, small cells and large ones. */
static seqnn_status draw_kind(int kind)
{
    static seqnn_real values[100 * 400];
    const int64_t counts[4] = {1, 2, 3, 4};
    const char *const words[2] = {"to", "be"};
    seqnn_attention_options attention;
    seqnn_gates_options whole;
    seqnn_heatmap_options map = plain_map();
    seqnn_confusion_options matrix = plain_matrix();
    seqnn_gate gate = {"gate", values, false};
    memset(&attention, 0, sizeof attention);
    memset(&whole, 0, sizeof whole);
    whole.width = map.width = matrix.width = attention.width = 240;
    whole.height = map.height = matrix.height = attention.height = 180;
    if (kind == 0)
        return seqnn_plot_heatmap(values, 100, 400, path, map);
    if (kind == 1)
        return seqnn_plot_confusion(counts, 2, words, path, matrix);
    if (kind == 2)
        return seqnn_plot_attention(values, 2, 2, words, words, path, attention);
    return seqnn_plot_gates(&gate, 1, 2, 3, words, path, whole);
}

static void without_memory_there_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(setenv("SEQNN_FONT", "strokes", 1), 0); /* which is drawn at once */
    for (int kind = 0; kind < 4; kind++) {
        seqnn_status status = SEQNN_OK;
        long n = 0;
        do {
            begin_failing(n);
            n += n < 30 ? 1 : 4; /* later ones are glyphs, and five of the cells */
            status = draw_kind(kind);
            if (status != SEQNN_OK)
                assert_int_equal(status, SEQNN_ERROR_MEMORY);
        } while (end_failing());
        assert_int_equal(status, SEQNN_OK);
        assert_true(n > 20);
    }
    unsetenv("SEQNN_FONT");
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/picture.png", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_the_colour_of_their_share),
        cmocka_unit_test(given_ends_hold),
        cmocka_unit_test(log_scale_has_equal_ratios),
        cmocka_unit_test(numbers_in_cells_can_be_read),
        cmocka_unit_test(numbers_have_their_decimals),
        cmocka_unit_test(small_cells_are_blended),
        cmocka_unit_test(fine_patterns_leave_no_moire),
        cmocka_unit_test(odd_tables_give_a_picture),
        cmocka_unit_test(shares_are_of_rows_or_columns),
        cmocka_unit_test(rates_round_to_no_false_extremes),
        cmocka_unit_test(classes_are_sorted_and_chosen),
        cmocka_unit_test(many_classes_stay_readable),
        cmocka_unit_test(labels_have_two_scales),
        cmocka_unit_test(odd_matrices_give_a_picture),
        cmocka_unit_test(attention_is_square_with_the_source_above),
        cmocka_unit_test(gates_share_their_scale),
        cmocka_unit_test(a_table_has_its_axes_alone),
        cmocka_unit_test(bad_input_is_named),
        cmocka_unit_test(without_memory_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
