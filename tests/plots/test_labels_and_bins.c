/* What marks are worked out by, apart from pictures: the placing of labels against brute
 * force, the bins of a histogram against numpy, the packing of shapes. */
#define _XOPEN_SOURCE 700 /* setenv */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bins.h"
#include "histogram_record.h"
#include "labels.h"
#include "pack.h"
#include "random.h"
#include "word_cloud_layout.h"

/* --- labels --- */

enum { MOST = 400 };

static sq_label labels[MOST];
static sq_spot spots[MOST];

static sq_label_field field_of(double width, double height, seqnn_size count)
{
    sq_label_field field;
    memset(&field, 0, sizeof field);
    field.left = 10;
    field.top = 20;
    field.right = 10 + width;
    field.bottom = 20 + height;
    field.spots = spots;
    field.spot_count = count;
    return field;
}

/* Random points, gathered in the middle if `dense`, with words of random length. */
static sq_label_field scattered(seqnn_size count, double width, double height, bool dense,
                                uint64_t seed)
{
    seqnn_random random = {seed, 0, 0};
    sq_label_field field = field_of(width, height, count);
    memset(labels, 0, sizeof labels);
    for (seqnn_size i = 0; i < count; i++) {
        double part = dense ? 0.3 : 1;
        double x = seqnn_random_uniform(&random), y = seqnn_random_uniform(&random);
        spots[i].x = field.left + width * (0.5 + part * (x - 0.5));
        spots[i].y = field.top + height * (0.5 + part * (y - 0.5));
        spots[i].radius = 2 + 2 * seqnn_random_uniform(&random);
        labels[i].spot = spots[i];
        labels[i].width = 10 + 50 * seqnn_random_uniform(&random);
        labels[i].height = 11;
    }
    return field;
}

/* A rectangle against a rectangle `apart` from it, 3.5 more from side to side. */
static bool boxes_meet(const sq_label *a, const sq_label *b, double apart)
{
    double beside = apart + 3.5;
    return a->left < b->left + b->width + beside &&
           b->left < a->left + a->width + beside && a->top < b->top + b->height + apart &&
           b->top < a->top + a->height + apart;
}

/* Sampled every fifth of a unit: no formula that the code uses. */
static bool line_meets_box(const double line[4], const sq_label *box, double apart)
{
    for (int i = 0; i <= 200; i++) {
        double x = line[0] + i / 200.0 * (line[2] - line[0]);
        double y = line[1] + i / 200.0 * (line[3] - line[1]);
        if (x >= box->left - apart && x <= box->left + box->width + apart &&
            y >= box->top - apart && y <= box->top + box->height + apart)
            return true;
    }
    return false;
}

static bool line_meets_spot(const double line[4], const sq_spot *spot, double apart)
{
    for (int i = 0; i <= 200; i++) {
        double x = line[0] + i / 200.0 * (line[2] - line[0]) - spot->x;
        double y = line[1] + i / 200.0 * (line[3] - line[1]) - spot->y;
        if (x * x + y * y < (spot->radius + apart) * (spot->radius + apart))
            return true;
    }
    return false;
}

/* Where two lines meet, if they do, solved for both parameters. */
static bool lines_meet(const double a[4], const double b[4])
{
    double ax = a[2] - a[0], ay = a[3] - a[1], bx = b[2] - b[0], by = b[3] - b[1];
    double both = ax * by - ay * bx, t, u;
    if (fabs(both) < 1e-9)
        return false;
    t = ((b[0] - a[0]) * by - (b[1] - a[1]) * bx) / both;
    u = ((b[0] - a[0]) * ay - (b[1] - a[1]) * ax) / both;
    return t > 0 && t < 1 && u > 0 && u < 1;
}

static bool box_meets_spot(const sq_label *label, const sq_spot *spot, double apart)
{
    double x = fmin(fmax(spot->x, label->left), label->left + label->width) - spot->x;
    double y = fmin(fmax(spot->y, label->top), label->top + label->height) - spot->y;
    return x * x + y * y < (spot->radius + apart) * (spot->radius + apart);
}

/* Is anything in the label's way, `apart` from others and `off` from points? */
static bool blocked(const sq_label *label, seqnn_size self, seqnn_size count,
                    const sq_label_field *field, double apart, double off)
{
    if (label->left < field->left || label->top < field->top ||
        label->left + label->width > field->right ||
        label->top + label->height > field->bottom)
        return true;
    for (seqnn_size i = 0; i < field->spot_count; i++) {
        if (box_meets_spot(label, &field->spots[i], off))
            return true;
        if (label->leader && i != self &&
            line_meets_spot(label->line, &field->spots[i], off))
            return true;
    }
    for (seqnn_size i = 0; i < count; i++) {
        const sq_label *other = &labels[i];
        if (i == self || other->place < 0)
            continue;
        if (boxes_meet(label, other, apart) ||
            (label->leader && line_meets_box(label->line, other, apart)) ||
            (other->leader && line_meets_box(other->line, label, apart)) ||
            (label->leader && other->leader && lines_meet(label->line, other->line)))
            return true;
    }
    return false;
}

static seqnn_size check_labels(seqnn_size count, const sq_label_field *field)
{
    seqnn_size placed = 0;
    for (seqnn_size i = 0; i < count; i++) {
        if (labels[i].place >= 0) {
            /* Closer than promised, so that rounding is no failure. */
            if (blocked(&labels[i], i, count, field, 1.4, 0.4))
                fail_msg("label %d at place %d is in the way of something", (int)i,
                         labels[i].place);
            placed++;
            continue;
        }
        for (int place = 0; place < SQ_LABEL_PLACES; place++) {
            sq_label trial = labels[i];
            sq_label_move(&trial, place);
            /* Further than asked for: a place that is free by a wide margin. */
            if (!blocked(&trial, i, count, field, 1.6, 0.6))
                fail_msg("label %d found no place, but place %d is free", (int)i, place);
        }
    }
    return placed;
}

static void labels_overlap_nothing(void **state)
{
    static const struct {
        seqnn_size count;
        double width, height;
        bool dense;
        seqnn_size least; /* labels that must find a place */
    } cases[] = {{1, 200, 100, false, 1},    {12, 400, 300, false, 12},
                 {60, 700, 500, false, 58},  {150, 700, 500, false, 130},
                 {150, 700, 500, true, 40},  {60, 160, 100, false, 5},
                 {300, 500, 400, false, 80}, {5, 30, 8, false, 0}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            sq_label_field field = scattered(cases[k].count, cases[k].width,
                                             cases[k].height, cases[k].dense, seed);
            seqnn_size placed;
            assert_int_equal(sq_labels_place(labels, cases[k].count, &field), SEQNN_OK);
            placed = check_labels(cases[k].count, &field);
            if (placed < cases[k].least)
                fail_msg("%d of %d labels found a place, expected %d", (int)placed,
                         (int)cases[k].count, (int)cases[k].least);
        }
    }
}

/* Many at one point, and points outside the field. */
static void odd_labels(void **state)
{
    sq_label_field field = scattered(50, 300, 200, false, 5);
    (void)state;
    for (int i = 0; i < 50; i++)
        labels[i].spot = spots[i] = spots[0];
    assert_int_equal(sq_labels_place(labels, 50, &field), SEQNN_OK);
    assert_true(check_labels(50, &field) >= 6);

    field = scattered(20, 300, 200, false, 6);
    for (int i = 0; i < 20; i++) {
        spots[i].x += 1e7;
        labels[i].spot = spots[i];
    }
    assert_int_equal(sq_labels_place(labels, 20, &field), SEQNN_OK);
    assert_int_equal(check_labels(20, &field), 0);
    field.spot_count = 0;
    assert_int_equal(sq_labels_place(labels, 0, &field), SEQNN_OK);
}

static void the_first_label_comes_first(void **state)
{
    sq_label_field field = field_of(70, 14, 2);
    (void)state;
    memset(labels, 0, sizeof labels);
    for (int i = 0; i < 2; i++) { /* one above the other: only one label has room */
        spots[i].x = 20;
        spots[i].y = 27;
        spots[i].radius = 3;
        labels[i].spot = spots[i];
        labels[i].width = 40;
        labels[i].height = 11;
    }
    assert_int_equal(sq_labels_place(labels, 2, &field), SEQNN_OK);
    assert_int_equal(labels[0].place, 0);
    assert_int_equal(labels[1].place, -1);
}

/* The second label has one place only, which the first has taken: it gives way. */
static void a_label_makes_room(void **state)
{
    sq_label_field field = field_of(200, 14, 2);
    (void)state;
    memset(labels, 0, sizeof labels);
    for (int i = 0; i < 2; i++) {
        spots[i].x = i == 0 ? 100 : 160;
        spots[i].y = 27;
        spots[i].radius = 3;
        labels[i].spot = spots[i];
        labels[i].width = 45;
        labels[i].height = 11;
    }
    field.right = 165; /* nothing fits to the right of the second */
    assert_int_equal(sq_labels_place(labels, 2, &field), SEQNN_OK);
    assert_true(labels[0].place >= 0 && labels[1].place >= 0);
    assert_true(labels[0].left < 100 && labels[1].left > 100);
    check_labels(2, &field);
}

static bool right_half(const void *context, const double box[4])
{
    return box[2] > *(const double *)context;
}

static void labels_keep_off_what_is_taken(void **state)
{
    sq_label_field field = scattered(80, 600, 400, false, 9);
    double middle = 310;
    seqnn_size placed = 0;
    (void)state;
    field.taken = right_half;
    field.context = &middle;
    assert_int_equal(sq_labels_place(labels, 80, &field), SEQNN_OK);
    for (int i = 0; i < 80; i++) {
        placed += labels[i].place >= 0;
        if (labels[i].place >= 0)
            assert_true(labels[i].left + labels[i].width <= middle);
    }
    assert_true(placed > 25 && placed < 55);
}

static void labels_are_repeatable(void **state)
{
    static sq_label before[MOST];
    sq_label_field field = scattered(200, 500, 400, false, 3);
    (void)state;
    assert_int_equal(sq_labels_place(labels, 200, &field), SEQNN_OK);
    memcpy(before, labels, sizeof before);
    field = scattered(200, 500, 400, false, 3);
    assert_int_equal(sq_labels_place(labels, 200, &field), SEQNN_OK);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(labels[i].place, before[i].place);
        assert_true(labels[i].place < 0 ||
                    (labels[i].left == before[i].left && labels[i].top == before[i].top));
    }
}

/* --- bins --- */

static void bins_are_those_of_numpy(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof recorded_histograms / sizeof *recorded_histograms;
         k++) {
        int count = recorded_histograms[k].count;
        const double *values = recorded_histograms[k].values;
        double copy[500], counted[500];
        sq_bins bins;
        memcpy(copy, values, (size_t)count * sizeof *copy);
        bins = sq_bins_choose(copy, count, 0, NAN, NAN, true);
        if (bins.count != recorded_histograms[k].bins)
            fail_msg("%s: %d bins, numpy has %d", recorded_histograms[k].name,
                     (int)bins.count, recorded_histograms[k].bins);
        memset(counted, 0, sizeof counted);
        for (int i = 0; i < count; i++)
            counted[sq_bins_find(&bins, values[i])]++;
        for (int i = 0; i < bins.count; i++) {
            double edge = recorded_histograms[k].edges[i];
            assert_true(fabs(sq_bins_edge(&bins, i) - edge) <=
                        1e-14 * (bins.high - bins.low));
            assert_true(counted[i] == recorded_histograms[k].counts[i]);
        }
        memcpy(copy, values, (size_t)count * sizeof *copy);
        bins = sq_bins_choose(copy, count, 7, recorded_histograms[k].tenth, NAN, true);
        memset(counted, 0, sizeof counted);
        for (int i = 0; i < count; i++) {
            seqnn_size at = sq_bins_find(&bins, values[i]);
            counted[at < 0 ? 7 : at]++;
        }
        for (int i = 0; i < 7; i++)
            assert_true(counted[i] == recorded_histograms[k].seven[i]);
    }
}

/* Every value is counted once, in the bin whose edges it lies between. */
static void bins_hold_their_values(void **state)
{
    static double values[3000], copy[3000];
    seqnn_random random = {4, 0, 0};
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        static const double scale[] = {1, 1e-30, 1e30, 1, 100, 1};
        sq_bins bins;
        for (int i = 0; i < 3000; i++) {
            values[i] = scale[kind] * seqnn_random_normal(&random);
            if (kind >= 4) /* whole numbers, 0 and 1 only */
                values[i] = kind == 4 ? floor(values[i]) : values[i] > 0;
            if (kind == 3)
                values[i] += 1e6;
        }
        memcpy(copy, values, sizeof copy);
        bins = sq_bins_choose(copy, 3000, 0, NAN, NAN, true);
        assert_true(bins.count > 1 && bins.count <= SQ_BINS_CHOSEN);
        assert_int_equal(bins.whole, kind >= 4);
        for (int i = 0; i < 3000; i++) {
            seqnn_size at = sq_bins_find(&bins, values[i]);
            assert_true(at >= 0 && at < bins.count);
            assert_true(values[i] >= sq_bins_edge(&bins, at));
            assert_true(values[i] < sq_bins_edge(&bins, at + 1) || at + 1 == bins.count);
        }
        if (kind == 4) { /* each bin holds as many whole numbers as the others */
            double width = sq_bins_edge(&bins, 1) - sq_bins_edge(&bins, 0);
            assert_true(fabs(width - floor(width + 0.5)) < 1e-9);
            assert_true(fabs(bins.low - floor(bins.low)) == 0.5);
        }
        if (kind == 5)
            assert_int_equal(bins.count, 2);
    }
}

static void odd_bins(void **state)
{
    double one[] = {3}, same[] = {0.7, 0.7, 0.7}, huge[] = {1e30, 1e30}, none[] = {0};
    double wide[] = {-1e299, 1e299};
    sq_bins bins;
    (void)state;
    bins = sq_bins_choose(none, 0, 0, NAN, NAN, true);
    assert_int_equal(bins.count, 0);
    assert_int_equal(sq_bins_find(&bins, 0), -1);
    bins = sq_bins_choose(one, 1, 0, NAN, NAN, true);
    assert_int_equal(bins.count, 1);
    assert_true(bins.low == 2.5 && bins.high == 3.5);
    bins = sq_bins_choose(same, 3, 0, NAN, NAN, true);
    assert_int_equal(sq_bins_find(&bins, 0.7), 0);
    bins = sq_bins_choose(huge, 2, 4, NAN, NAN, true);
    assert_int_equal(bins.count, 4);
    assert_true(sq_bins_find(&bins, 1e30) >= 1 && bins.low < bins.high);
    bins = sq_bins_choose(wide, 2, 0, NAN, NAN, true);
    assert_true(bins.count >= 1);
    assert_int_equal(sq_bins_find(&bins, 1e299), bins.count - 1);
    assert_int_equal(sq_bins_find(&bins, NAN), -1);
    for (int given = 0; given <= 9; given += 9) { /* 1 to 9, one bin each */
        double numbers[] = {9, 1, 3, 3, 5, 2};
        bins = sq_bins_choose(numbers, 6, given, NAN, NAN, true);
        assert_int_equal(bins.count, 9);
        assert_true(bins.low == 0.5 && bins.high == 9.5);
    }
    bins = sq_bins_choose(same, 3, 0, 2, NAN, true); /* all lie outside */
    assert_int_equal(sq_bins_find(&bins, 0.7), -1);
    bins = sq_bins_choose(same, 3, 3, 0, 1, true);
    assert_int_equal(sq_bins_find(&bins, 1), 2);
    assert_int_equal(sq_bins_find(&bins, 0), 0);
    assert_int_equal(sq_bins_find(&bins, 1.001), -1);
}

/* --- packing --- */

/* Cells near a set one are set, the others are not: word borders at 64 and 128. */
static void masks_grow(void **state)
{
    enum { WIDTH = 140, HEIGHT = 40 };
    static const int cells[][2] = {{5, 5},   {63, 20},  {64, 9},   {127, 30},
                                   {128, 7}, {134, 34}, {100, 20}, {101, 21}};
    (void)state;
    for (int space = 0; space <= 8; space++) {
        int columns = space <= 5 ? space : 2, rows = space <= 5 ? space : space - 5;
        sq_mask mask;
        assert_int_equal(sq_mask_open(&mask, WIDTH, HEIGHT), SEQNN_OK);
        for (int k = 0; k < 8; k++)
            sq_mask_set(&mask, cells[k][0], cells[k][1]);
        sq_mask_grow(&mask, columns, rows);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool expected = false;
                for (int k = 0; k < 8; k++)
                    expected = expected || (abs(x - cells[k][0]) <= columns &&
                                            abs(y - cells[k][1]) <= rows);
                assert_int_equal(sq_mask_get(&mask, x, y), expected);
            }
        sq_mask_close(&mask);
    }
}

/* Shapes with holes, at random; counted cell by cell, none may be taken twice. */
static void shapes_share_no_cell(void **state)
{
    enum { WIDTH = 150, HEIGHT = 90 };
    static int taken[HEIGHT][WIDTH];
    seqnn_random random = {8, 0, 0};
    sq_pack_field pack;
    int placed = 0;
    (void)state;
    assert_int_equal(sq_pack_open(&pack, WIDTH, HEIGHT, 1), SEQNN_OK);
    memset(taken, 0, sizeof taken);
    for (int k = 0; k < 120; k++) {
        int width = 2 + seqnn_random_below(&random, k < 5 ? 80 : 30);
        int height = 1 + seqnn_random_below(&random, k < 5 ? 70 : 15), x, y, cells = 0;
        sq_mask shape;
        assert_int_equal(sq_mask_open(&shape, width, height), SEQNN_OK);
        for (int j = 0; j < height; j++)
            for (int i = 0; i < width; i++)
                if (i == 0 || j == 0 || seqnn_random_below(&random, 9) == 0) {
                    sq_mask_set(&shape, i, j);
                    cells++;
                }
        if (sq_pack_place(&pack, &shape, &x, &y)) {
            placed++;
            assert_true(x >= 0 && y >= 0 && x + width <= WIDTH && y + height <= HEIGHT);
            for (int j = 0; j < height; j++)
                for (int i = 0; i < width; i++)
                    if (sq_mask_get(&shape, i, j)) {
                        assert_int_equal(taken[y + j][x + i]++, 0);
                        cells--;
                    }
            assert_int_equal(cells, 0);
        } else { /* then it is true: brute force over the places that are tried */
            for (int cy = 0; cy < HEIGHT; cy += 2)
                for (int cx = 0; cx < WIDTH; cx += 2) {
                    bool free = !taken[cy][cx];
                    x = cx - width / 2;
                    y = cy - height / 2;
                    if (x < 0 || y < 0 || x + width > WIDTH || y + height > HEIGHT)
                        continue;
                    for (int j = 0; free && j < height; j++)
                        for (int i = 0; free && i < width; i++)
                            free = !sq_mask_get(&shape, i, j) || !taken[y + j][x + i];
                    assert_false(free);
                }
        }
        sq_mask_close(&shape);
    }
    assert_true(placed > 20 && placed < 120);
    sq_pack_clear(&pack);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_false(sq_mask_get(&pack.taken, x, y));
    sq_pack_close(&pack);
}

/* --- the words of a cloud --- */

static const char *const some_words[] = {
    "recurrent", "gradient", "vanishing", "Ägypten", "lstm", "gate", "forget",   "y",
    "attention", "σ",        "bag",       "of",      "word", "jpg",  "embedding"};

enum { SOME = 15, CLOUD = 120 };

/* Draws each word on a canvas of its own scale, and counts ink on ink. */
static void check_cloud(const sq_cloud_word *words, int count, const sq_font *font,
                        seqnn_size width, seqnn_size height, seqnn_size scale)
{
    sq_canvas canvas;
    unsigned char *owner;
    seqnn_size pixels = width * height * scale * scale;
    assert_int_equal(sq_canvas_open(&canvas, "test", width, height, scale), SEQNN_OK);
    owner = (unsigned char *)calloc((size_t)pixels, 1);
    for (int i = 0; i < count; i++) {
        seqnn_size ink = 0;
        if (words[i].size == 0)
            continue;
        sq_font_draw(font, &canvas, words[i].x, words[i].y, words[i].size, 0,
                     words[i].upright, words[i].text);
        for (int y = canvas.touched.top; y < canvas.touched.bottom; y++) {
            for (int x = canvas.touched.left; x < canvas.touched.right; x++) {
                seqnn_size p = (seqnn_size)y * canvas.width + x;
                if (canvas.mask[p] == 0)
                    continue;
                ink++;
                if (owner[p] != 0)
                    fail_msg("'%s' lies on '%s'", words[i].text,
                             words[owner[p] - 1].text);
                owner[p] = (unsigned char)(i + 1);
            }
        }
        /* All of it is inside: as much as on a large canvas. */
        assert_true(ink > 0);
        assert_true(canvas.touched.left > 0 && canvas.touched.top > 0);
        assert_true(canvas.touched.right < canvas.width &&
                    canvas.touched.bottom < canvas.height);
        sq_canvas_paint(&canvas, 0, 1);
    }
    /* Between two words that lie there is nearly a space: they do not read as one. */
    for (seqnn_size p = 0, last = 0; p < pixels; p++) {
        const sq_cloud_word *word = &words[owner[p] - (owner[p] > 0)];
        const sq_cloud_word *before = &words[owner[last] - (owner[last] > 0)];
        if (p % canvas.width == 0)
            last = p;
        if (owner[p] == 0)
            continue;
        if (owner[last] > 0 && word != before && !word->upright && !before->upright &&
            (double)(p - last) < 0.28 * fmin(word->size, before->size) * (double)scale)
            fail_msg("'%s' follows '%s' after %d pixels", word->text, before->text,
                     (int)(p - last));
        last = p;
    }
    free(owner);
    sq_canvas_close(&canvas);
}

static int words_placed(const sq_cloud_word *words, int count)
{
    int placed = 0;
    for (int i = 0; i < count; i++)
        placed += words[i].size > 0;
    return placed;
}

static void fill_cloud(sq_cloud_word *words, int count, bool upright)
{
    memset(words, 0, (size_t)count * sizeof *words);
    for (int i = 0; i < count; i++) {
        words[i].text = some_words[i % SOME];
        words[i].share = pow(1.0 / (i + 1), 0.5);
        words[i].upright = upright && i % 3 == 1;
    }
}

static void words_of_a_cloud_lie_apart(void **state)
{
    static const seqnn_size sizes[][2] = {{600, 400}, {200, 120}, {900, 1000}};
    static const char *const fonts[] = {NULL, "strokes"};
    sq_cloud_word words[CLOUD];
    (void)state;
    for (int k = 0; k < 3; k++) {
        for (int f = 0; f < 2; f++) {
            sq_font *font;
            double filled = 0;
            if (fonts[f] != NULL)
                setenv("SEQNN_FONT", fonts[f], 1);
            font = sq_font_open(NULL);
            unsetenv("SEQNN_FONT");
            assert_non_null(font);
            fill_cloud(words, CLOUD, f == 0);
            assert_int_equal(sq_cloud_layout(words, CLOUD, font, (double)sizes[k][0],
                                             (double)sizes[k][1], 7),
                             SEQNN_OK);
            check_cloud(words, CLOUD, font, sizes[k][0], sizes[k][1], 1);
            check_cloud(words, CLOUD, font, sizes[k][0], sizes[k][1], 2);
            /* Sizes are in proportion, and what is missing is the smallest. */
            for (int i = 0; i < CLOUD; i++) {
                if (words[i].size == 0) {
                    assert_true(words[0].size * words[i].share < 7.1 || k == 1);
                    continue;
                }
                assert_true(fabs(words[i].size - words[0].size * words[i].share) < 1e-9);
                filled += words[i].size * words[i].size * 0.7 *
                          (double)strlen(words[i].text) * 0.55;
            }
            assert_true(words_placed(words, CLOUD) > (k == 1 ? 15 : 100));
            /* Dense: the words' boxes, roughly. */
            assert_true(filled > 0.3 * (double)(sizes[k][0] * sizes[k][1]));
            sq_font_close(font);
        }
    }
}

static void odd_clouds(void **state)
{
    static char length[301];
    sq_cloud_word words[4];
    sq_font *font = sq_font_open(NULL);
    (void)state;
    memset(length, 'w', sizeof length - 1);
    fill_cloud(words, 1, false);
    assert_int_equal(sq_cloud_layout(words, 1, font, 300, 200, 0), SEQNN_OK);
    assert_true(words[0].size > 20);
    check_cloud(words, 1, font, 300, 200, 1);
    assert_int_equal(sq_cloud_layout(words, 1, font, 5, 5, 0), SEQNN_OK);
    assert_true(words[0].size == 0);
    assert_int_equal(sq_cloud_layout(words, 0, font, 300, 200, 0), SEQNN_OK);
    /* What is too long is left out and does not make the others small. */
    fill_cloud(words, 4, false);
    words[0].text = length;
    words[2].text = " ";
    assert_int_equal(sq_cloud_layout(words, 4, font, 300, 200, 0), SEQNN_OK);
    assert_true(words[0].size == 0 && words[2].size == 0);
    assert_true(words[1].size > 20 && words[3].size > 20);
    check_cloud(words, 4, font, 300, 200, 1);
    /* But the largest, if it can be read at all, makes all of them small. */
    length[24] = '\0';
    fill_cloud(words, 4, false);
    words[0].text = length;
    assert_int_equal(sq_cloud_layout(words, 4, font, 190, 200, 0), SEQNN_OK);
    assert_true(words[0].size >= 7 && words[0].size < 14);
    assert_true(words[1].size < words[0].size);
    check_cloud(words, 4, font, 190, 200, 1);
    sq_font_close(font);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_overlap_nothing),
        cmocka_unit_test(odd_labels),
        cmocka_unit_test(the_first_label_comes_first),
        cmocka_unit_test(a_label_makes_room),
        cmocka_unit_test(labels_keep_off_what_is_taken),
        cmocka_unit_test(labels_are_repeatable),
        cmocka_unit_test(bins_are_those_of_numpy),
        cmocka_unit_test(bins_hold_their_values),
        cmocka_unit_test(odd_bins),
        cmocka_unit_test(masks_grow),
        cmocka_unit_test(shapes_share_no_cell),
        cmocka_unit_test(words_of_a_cloud_lie_apart),
        cmocka_unit_test(odd_clouds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
