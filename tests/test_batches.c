/* Batches against brute force: which rows, in which order, how many steps of them. */
/* flags: -Wl,--wrap=malloc */
#define _POSIX_C_SOURCE 200809L
#include "models.h"

#include "batches.h"

static long allocations;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

/* ---- data ---- */

enum { MOST = 120, TIME = 9, SHORT_TIME = 5, FEATURES = 2 };
typedef enum { BEHIND, IN_FRONT, BOTH, SIDES } test_side;

/* Two inputs and a target of TIME steps, one of SHORT_TIME, one without. Any number tells
 * its row and its step. The lengths of x[1] and y are the same. */
static struct {
    int32_t words[MOST][TIME], few[MOST][SHORT_TIME], target[MOST][TIME];
    seqnn_real series[MOST][TIME][FEATURES], vectors[MOST][FEATURES], weights[MOST];
    int32_t start[3][MOST], length[3][MOST];
} raw;

static void make_steps(seqnn_array *x, int which, seqnn_size count, int time,
                       test_side side, seqnn_random *random)
{
    for (seqnn_size i = 0; i < count; i++) {
        int32_t length = seqnn_random_below(random, time + 1);
        raw.length[which][i] = length;
        raw.start[which][i] = side == BEHIND ? 0
                              : side == IN_FRONT
                                  ? time - length
                                  : seqnn_random_below(random, time - length + 1);
    }
    x->time = time;
    x->start = raw.start[which];
    x->length = raw.length[which];
}

static seqnn_dataset make_data(seqnn_size count, test_side first, test_side second,
                               uint64_t seed)
{
    seqnn_random random = {seed, 1, 0};
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    data.count = count;
    for (int i = 0; i < count; i++) {
        for (int t = 0; t < TIME; t++) {
            raw.words[i][t] = 100 * i + t;
            raw.target[i][t] = 100 * i + t + 50;
            for (int f = 0; f < FEATURES; f++)
                raw.series[i][t][f] = (seqnn_real)(100 * i + 10 * t + f);
        }
        for (int t = 0; t < SHORT_TIME; t++)
            raw.few[i][t] = 100 * i + t + 30;
        for (int f = 0; f < FEATURES; f++)
            raw.vectors[i][f] = (seqnn_real)(10 * i + f);
        raw.weights[i] = (seqnn_real)i;
    }
    data.x[0].indices = &raw.words[0][0];
    make_steps(&data.x[0], 0, count, TIME, first, &random);
    data.x[1].values = &raw.series[0][0][0];
    data.x[1].features = FEATURES;
    make_steps(&data.x[1], 1, count, TIME, second, &random);
    data.x[2].indices = &raw.few[0][0];
    make_steps(&data.x[2], 2, count, SHORT_TIME, first, &random);
    data.x[3].values = &raw.vectors[0][0];
    data.x[3].features = FEATURES;
    data.y.indices = &raw.target[0][0];
    data.y.time = TIME;
    data.y.start = raw.start[1];
    data.y.length = raw.length[1];
    data.weight = raw.weights;
    return data;
}

/* ---- one batch ---- */

static int at_most(int a, int b)
{
    return a < b ? a : b;
}

/* The longest row of the batch among these arrays of raw.length. */
static int longest_of(const seqnn_dataset *batch, const int32_t *rows, int first, int end)
{
    int longest = 1;
    for (int which = first; which < end; which++)
        for (seqnn_size i = 0; i < batch->count; i++)
            if (raw.length[which][rows[i]] > longest)
                longest = raw.length[which][rows[i]];
    return longest;
}

static int number_at(const seqnn_array *a, seqnn_size row, int step)
{
    if (a->indices)
        return a->indices[row * a->time + step] % 50;
    return (int)a->values[(row * a->time + step) * a->features] / 10 % 10;
}

/* Row i of the batch is a window of row `row` of the data that holds all real steps, or
 * the first or last of them. Returns the window's first step. */
static int check_window(const seqnn_array *a, seqnn_size i, int which, int row, int time,
                        bool in_front, int steps, int base)
{
    int start = raw.start[which][row], length = raw.length[which][row];
    int kept = at_most(length, steps), first = number_at(a, i, 0) - base;
    assert_int_equal(a->time, steps);
    assert_int_equal(a->length[i], kept);
    assert_in_range(first, 0, time - steps);
    for (int j = 0; j < steps; j++)
        assert_int_equal(number_at(a, i, j), base + first + j);
    if (kept > 0)
        assert_int_equal(a->start[i] + first, in_front ? start + length - kept : start);
    else
        assert_int_equal(a->start[i], 0);
    return first;
}

static void check_batch(const seqnn_dataset *batch, const int32_t *rows, int cap,
                        const test_side *sides)
{
    int steps = TIME, few = SHORT_TIME;
    if (cap) {
        steps = at_most(cap, longest_of(batch, rows, 0, 2));
        few = at_most(cap, longest_of(batch, rows, 2, 3));
    }
    for (seqnn_size i = 0; i < batch->count; i++) {
        int row = rows[i];
        assert_int_equal(batch->x[0].indices[i * steps] / 100, row);
        if (!cap) {
            assert_memory_equal(batch->x[0].indices + i * TIME, raw.words[row],
                                sizeof raw.words[0]);
            assert_int_equal(batch->x[0].start[i], raw.start[0][row]);
            assert_int_equal(batch->x[0].length[i], raw.length[0][row]);
            continue;
        }
        check_window(&batch->x[0], i, 0, row, TIME, sides[0] != BEHIND, steps, 0);
        int first =
            check_window(&batch->x[1], i, 1, row, TIME, sides[1] != BEHIND, steps, 0);
        check_window(&batch->x[2], i, 2, row, SHORT_TIME, sides[0] != BEHIND, few, 30);
        assert_int_equal(batch->y.time, steps);
        for (int j = 0; j < steps; j++)
            assert_int_equal(batch->y.indices[i * steps + j], raw.target[row][first + j]);
        assert_int_equal(batch->y.start[i], batch->x[1].start[i]);
        assert_int_equal(batch->y.length[i], batch->x[1].length[i]);
        assert_memory_equal(batch->x[3].values + i * FEATURES, raw.vectors[row],
                            sizeof raw.vectors[0]);
        assert_true(batch->weight[i] == raw.weights[row]);
    }
}

/* ---- an epoch ---- */

/* Runs an epoch, checks its batches; order receives the rows, and their number is
 * returned. */
static int run_epoch(seqnn_batches *batches, seqnn_size epoch, int cap,
                     const test_side *sides, int *order)
{
    int n = 0, number = 0;
    long before = allocations;
    seqnn_batches_start(batches, epoch);
    for (const seqnn_dataset *batch; (batch = seqnn_batches_next(batches));) {
        assert_int_equal(allocations, before);
        check_batch(batch, seqnn_batches_rows(batches), cap, sides);
        for (seqnn_size i = 0; i < batch->count; i++)
            order[n++] = (int)seqnn_batches_rows(batches)[i];
        number++;
    }
    assert_int_equal(number, seqnn_batches_count(batches));
    return n;
}

static void check_rows_once(const int *order, int n, int count, int size, bool drop_last)
{
    int seen[MOST] = {0};
    assert_int_equal(n, drop_last ? count / size * size : count);
    for (int i = 0; i < n; i++)
        assert_int_equal(seen[order[i]]++, 0);
}

static void check_sorted(const int *order, int n)
{
    for (int i = 1; i < n; i++)
        assert_true(raw.length[0][order[i - 1]] <= raw.length[0][order[i]]);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Sorted by their shortest and longest row, the batches lie in the stretches of the
 * sorted lengths that are the buckets. */
static void check_buckets(const int *order, int full, int size, int buckets)
{
    int lengths[MOST], range[MOST]; /* of a batch: shortest * 100 + longest */
    buckets = at_most(buckets, full);
    for (int b = 0; b < full; b++) {
        int *batch = lengths + b * size;
        for (int i = 0; i < size; i++)
            batch[i] = raw.length[0][order[b * size + i]];
        qsort(batch, (size_t)size, sizeof(int), compare);
        range[b] = 100 * batch[0] + batch[size - 1];
    }
    qsort(range, (size_t)full, sizeof(int), compare);
    qsort(lengths, (size_t)(full * size), sizeof(int), compare);
    for (int k = 0, begin = 0; k < buckets; k++) {
        int end = begin + full / buckets + (k < full % buckets);
        for (int b = begin; b < end; b++) {
            assert_true(range[b] / 100 >= lengths[begin * size]);
            assert_true(range[b] % 100 <= lengths[end * size - 1]);
        }
        begin = end;
    }
}

static void any_options_any_data(void **state)
{
    (void)state;
    seqnn_random random = {17, 0, 0};
    for (int trial = 0; trial < 600; trial++) {
        int count = 1 + seqnn_random_below(&random, MOST);
        int size = 1 + seqnn_random_below(&random, trial % 2 ? 12 : MOST);
        int cap = trial % 3 ? 1 + seqnn_random_below(&random, TIME + 3) : 0;
        test_side sides[2] = {(test_side)seqnn_random_below(&random, SIDES),
                              (test_side)seqnn_random_below(&random, SIDES)};
        seqnn_dataset data = make_data(count, sides[0], sides[1], (uint64_t)trial);
        /* A side shows if one row with words begins late; else all begin at step 0. */
        for (int side = 0; side < 2; side++) {
            bool late[3] = {false, false, false};
            for (int which = 0; which < 3; which++)
                for (int i = 0; i < count; i++)
                    late[which] |= raw.start[which][i] > 0 && raw.length[which][i] > 0;
            if (!late[side] || (side == 0 && !late[2]))
                sides[side] = SIDES;
        }
        if (sides[0] == SIDES || sides[1] == SIDES) { /* too few rows to show it */
            sides[0] = sides[1] = BEHIND;
            data = make_data(count, BEHIND, BEHIND, (uint64_t)trial);
        }
        seqnn_batches_options options = {0};
        options.seed = (uint64_t)seqnn_random_bits(&random);
        options.max_length = cap;
        options.drop_last = size <= count && seqnn_random_below(&random, 2);
        int kind = seqnn_random_below(&random, 6);
        options.by_length = kind == 1 || kind == 2;
        options.keep_order = kind == 2 || kind == 5;
        options.sortagrad = kind == 3;
        if (kind == 4 || (kind == 3 && trial % 2))
            options.buckets = 1 + seqnn_random_below(&random, 12);
        seqnn_batches *batches = seqnn_batches_new(&data, size, options);
        assert_non_null(batches);
        int order[MOST], again[MOST];
        size = at_most(size, count);
        for (int epoch = 0; epoch < 3; epoch++) {
            int n = run_epoch(batches, epoch, cap, sides, order);
            check_rows_once(order, n, count, size, options.drop_last);
            if (options.by_length || (options.sortagrad && epoch == 0))
                check_sorted(order, n);
            else if (options.buckets)
                check_buckets(order, count / size, size, (int)options.buckets);
            for (int i = 1; options.keep_order && i < n; i++)
                assert_true(order[i - 1] < order[i] ||
                            (options.by_length &&
                             raw.length[0][order[i - 1]] < raw.length[0][order[i]]));
            run_epoch(batches, epoch, cap, sides, again);
            assert_memory_equal(order, again, (size_t)n * sizeof(int));
            seqnn_size first = seqnn_random_below(&random, seqnn_batches_count(batches));
            seqnn_batches_seek(batches, epoch, first);
            assert_non_null(seqnn_batches_next(batches));
            assert_int_equal(seqnn_batches_rows(batches)[0], order[first * size]);
        }
        seqnn_batches_free(batches);
    }
}

/* ---- orders ---- */

static seqnn_batches *hundred_rows(seqnn_dataset *data, seqnn_size batch_size,
                                   seqnn_batches_options options)
{
    *data = make_data(100, BEHIND, BEHIND, 3);
    seqnn_batches *batches = seqnn_batches_new(data, batch_size, options);
    assert_non_null(batches);
    return batches;
}

static void epochs_are_shuffled_differently(void **state)
{
    (void)state;
    static const test_side sides[2] = {BEHIND, BEHIND};
    int order[4][MOST];
    for (int kind = 0; kind < 3; kind++) {
        seqnn_dataset data;
        seqnn_batches_options options = {.seed = 5};
        options.by_length = kind == 1; /* among rows of one length */
        options.buckets = kind == 2 ? 4 : 0;
        seqnn_batches *batches = hundred_rows(&data, 8, options);
        assert_int_equal(seqnn_batches_count(batches), 13);
        run_epoch(batches, 0, 0, sides, order[0]);
        run_epoch(batches, 1, 0, sides, order[1]);
        assert_memory_not_equal(order[0], order[1], sizeof(int) * 100);
        seqnn_batches_free(batches);
        options.seed = 6;
        batches = hundred_rows(&data, 8, options);
        run_epoch(batches, 0, 0, sides, order[2]);
        assert_memory_not_equal(order[0], order[2], sizeof(int) * 100);
        seqnn_batches_free(batches);
    }
}

/* After its first epoch sortagrad is what it would be without. */
static void sortagrad_sorts_once(void **state)
{
    (void)state;
    static const test_side sides[2] = {BEHIND, BEHIND};
    int plain[MOST], sorted[MOST];
    for (int buckets = 0; buckets < 6; buckets += 3) {
        seqnn_dataset data;
        seqnn_batches_options options = {.seed = 5, .buckets = buckets};
        seqnn_batches *without = hundred_rows(&data, 8, options);
        options.sortagrad = true;
        seqnn_batches *with = hundred_rows(&data, 8, options);
        for (int epoch = 0; epoch < 3; epoch++) {
            run_epoch(without, epoch, 0, sides, plain);
            run_epoch(with, epoch, 0, sides, sorted);
            if (epoch == 0)
                check_sorted(sorted, 100);
            else
                assert_memory_equal(plain, sorted, sizeof(int) * 100);
        }
        seqnn_batches_free(without);
        seqnn_batches_free(with);
    }
}

/* In buckets: less padding than shuffled, and the short ones do not all come first. */
static void buckets_save_padding(void **state)
{
    (void)state;
    static const test_side sides[2] = {BEHIND, BEHIND};
    seqnn_size cells[3];
    for (int buckets = 0; buckets < 3; buckets++) {
        seqnn_dataset data;
        int order[MOST];
        seqnn_batches_options options = {.seed = 5, .buckets = 6 * buckets};
        seqnn_batches *batches = hundred_rows(&data, 8, options);
        cells[buckets] = 0;
        run_epoch(batches, 1, 0, sides, order);
        for (int b = 0; b < 12; b++) {
            int longest = 0;
            for (int i = 0; i < 8; i++)
                if (raw.length[0][order[8 * b + i]] > longest)
                    longest = raw.length[0][order[8 * b + i]];
            cells[buckets] += 8 * longest;
        }
        int falls = 0;
        for (int b = 1; b < 12; b++)
            falls += raw.length[0][order[8 * b]] < raw.length[0][order[8 * b - 8]];
        assert_true(falls >= 2);
        seqnn_batches_free(batches);
    }
    assert_true(cells[2] < cells[1] && cells[1] < cells[0]);
}

/* Which rows a dropped last batch leaves out changes with the epoch, for sorted batches
 * too. */
static void every_row_has_its_turn(void **state)
{
    (void)state;
    static const test_side sides[2] = {BEHIND, BEHIND};
    for (int kind = 0; kind < 3; kind++) {
        seqnn_dataset data;
        int order[MOST], seen[MOST] = {0};
        seqnn_batches_options options = {.seed = 9, .drop_last = true};
        options.by_length = kind == 1;
        options.buckets = kind == 2 ? 5 : 0;
        seqnn_batches *batches = hundred_rows(&data, 60, options);
        for (int epoch = 0; epoch < 12; epoch++) {
            assert_int_equal(run_epoch(batches, epoch, 0, sides, order), 60);
            for (int i = 0; i < 60; i++)
                seen[order[i]]++;
        }
        for (int i = 0; i < 100; i++)
            assert_true(seen[i] > 0);
        seqnn_batches_free(batches);
    }
}

static void a_batch_larger_than_the_data(void **state)
{
    (void)state;
    seqnn_dataset data = make_data(10, BEHIND, BEHIND, 1);
    seqnn_batches_options options = {0};
    seqnn_batches *batches = seqnn_batches_new(&data, 64, options);
    assert_int_equal(seqnn_batches_count(batches), 1);
    assert_int_equal(seqnn_batches_next(batches)->count, 10);
    assert_null(seqnn_batches_next(batches));
    seqnn_batches_free(batches);
}

/* ---- steps ---- */

/* The classic case: words padded behind with their class; the cap is on words alone. */
static void without_lengths_the_first_steps_stay(void **state)
{
    (void)state;
    seqnn_dataset data = make_data(6, BEHIND, BEHIND, 1);
    data.x[0].start = data.x[0].length = NULL;
    data.x[1].values = NULL;
    data.x[1].time = 0;
    data.x[1].start = data.x[1].length = NULL;
    data.y.time = 0;
    data.y.start = data.y.length = NULL;
    seqnn_batches_options options = {.keep_order = true, .max_length = 4};
    seqnn_batches *batches = seqnn_batches_new(&data, 6, options);
    const seqnn_dataset *batch = seqnn_batches_next(batches);
    assert_int_equal(batch->x[0].time, 4);
    assert_int_equal(batch->y.time, 0);
    for (int i = 0; i < 6; i++) {
        assert_memory_equal(batch->x[0].indices + 4 * i, raw.words[i],
                            4 * sizeof(int32_t));
        assert_int_equal(batch->y.indices[i], (&raw.target[0][0])[i]);
    }
    seqnn_batches_free(batches);
}

/* ---- errors ---- */

static void bad_options_say_why(void **state)
{
    (void)state;
    seqnn_dataset data = make_data(10, BEHIND, BEHIND, 1);
    const struct {
        seqnn_batches_options options;
        seqnn_size size;
        const char *words;
    } cases[] = {
        {{.seed = 1}, 0, "batch_size is 0"},
        {{.drop_last = true}, 11, "10 samples are fewer than one batch of 11"},
        {{.buckets = -1}, 4, "buckets -1"},
        {{.max_length = -2}, 4, "max_length -2"},
        {{.by_length = true, .sortagrad = true}, 4, "by_length and sortagrad exclude"},
        {{.by_length = true, .buckets = 2}, 4, "by_length and buckets exclude"},
        {{.keep_order = true, .buckets = 2}, 4, "keep_order and buckets exclude"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_null(seqnn_batches_new(&data, cases[i].size, cases[i].options));
        says(cases[i].words);
    }
    seqnn_batches_options by_length = {.by_length = true};
    seqnn_batches_options cut = {.max_length = 3};
    raw.length[1][7] = TIME + 1;
    assert_null(seqnn_batches_new(&data, 4, cut));
    says("sample 7 has start 0 and length 10, but there are 9 steps");
    raw.length[1][7] = 1;
    raw.start[0][2] = -1;
    assert_null(seqnn_batches_new(&data, 4, by_length));
    says("x[0]: sample 2 has start -1");
    data.x[0].start = NULL;
    assert_null(seqnn_batches_new(&data, 4, by_length));
    says("start and length of x[0] come together");
    data.x[0].length = NULL;
    assert_null(seqnn_batches_new(&data, 4, by_length));
    says("by_length needs the rows' lengths, and x[0] has no start and length");
    data.x[0].time = 0;
    by_length.by_length = false;
    by_length.buckets = 3;
    assert_null(seqnn_batches_new(&data, 4, by_length));
    says("buckets needs the rows' lengths, and x[0] has no steps");
    data.count = 0;
    assert_null(seqnn_batches_new(&data, 4, cut));
    says("a data set of 0 samples");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_options_any_data),
        cmocka_unit_test(epochs_are_shuffled_differently),
        cmocka_unit_test(sortagrad_sorts_once),
        cmocka_unit_test(buckets_save_padding),
        cmocka_unit_test(every_row_has_its_turn),
        cmocka_unit_test(a_batch_larger_than_the_data),
        cmocka_unit_test(without_lengths_the_first_steps_stay),
        cmocka_unit_test(bad_options_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
