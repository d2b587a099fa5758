/* The room src/base: random numbers, memory, errors, parallel loops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "error.h"
#include "memory.h"
#include "parallel.h"
#include "private.h"

/* Two of the published vectors lie in blocks that the public function, which counts
 * single numbers, cannot name; so the block function itself is taken in. */
#include "random.c"

#ifdef _OPENMP
#include <omp.h>
#endif

#define EXPECT_NEAR(value, expected, tolerance)                                          \
    do {                                                                                 \
        double sq_value = (double)(value), sq_expected = (double)(expected);             \
        if (!(fabs(sq_value - sq_expected) <= (double)(tolerance)))                      \
            fail_msg("%s is %.9g, expected %.9g within %g", #value, sq_value,            \
                     sq_expected, (double)(tolerance));                                  \
    } while (0)

/* ---- random.h */

/* Random123's kat_vectors for philox4x32-10: key words k0 k1 are our seed, counter words
 * c0 c1 the block, c2 c3 the stream. Two of them lie in blocks that the public function,
 * which counts single numbers, cannot name. */
typedef struct known_answer {
    uint64_t seed, stream, block;
    uint32_t out[4];
} known_answer;

static const known_answer known_answers[] = {
    {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {UINT64_MAX,
     UINT64_MAX,
     UINT64_MAX,
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {UINT64_C(0x299f31d0a4093822),
     UINT64_C(0x0370734413198a2e),
     UINT64_C(0x85a308d3243f6a88),
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void philox_gives_the_published_vectors(void **state)
{
    (void)state;
    for (seqnn_size a = 0; a < SQ_COUNT(known_answers); a++) {
        const known_answer *answer = &known_answers[a];
        uint32_t out[4];
        sq_random_block(answer->seed, answer->stream, answer->block, out);
        for (int i = 0; i < 4; i++)
            assert_int_equal(out[i], answer->out[i]);
    }
}

static void random_at_counts_through_the_blocks(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(seqnn_random_at(0, 0, i), known_answers[0].out[i]);
    uint32_t out[4];
    sq_random_block(7, 9, UINT64_C(0x100000002), out);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(seqnn_random_at(7, 9, 4 * UINT64_C(0x100000002) + i), out[i]);
}

/* Many blocks at once are the single ones, across the carry of a counter's half and
 * around its end. */
static void random_blocks_are_blocks_side_by_side(void **state)
{
    (void)state;
    const uint64_t begin[] = {0, 5, UINT64_C(0xfffffffd), UINT64_C(0x100000002),
                              UINT64_MAX - 3};
    const uint64_t seed = UINT64_C(0x299f31d0a4093822), stream = UINT64_C(0x70734413);
    for (seqnn_size b = 0; b < SQ_COUNT(begin); b++) {
        uint32_t many[4 * SQ_RANDOM_BLOCKS], one[4];
        sq_random_blocks(seed, stream << 20, begin[b], many);
        for (uint64_t i = 0; i < 4 * SQ_RANDOM_BLOCKS; i++) {
            sq_random_block(seed, stream << 20, begin[b] + i / 4, one);
            assert_int_equal(many[i], one[i % 4]);
            if (begin[b] < UINT64_C(0x200000000))
                assert_int_equal(many[i],
                                 seqnn_random_at(seed, stream << 20, 4 * begin[b] + i));
        }
    }
}

static void a_copied_generator_goes_on_alike(void **state)
{
    (void)state;
    seqnn_random random = {3, 1, 0};
    for (int i = 0; i < 5; i++)
        assert_int_equal(seqnn_random_bits(&random), seqnn_random_at(3, 1, (uint64_t)i));
    seqnn_random copy = random;
    assert_int_equal(seqnn_random_bits(&copy), seqnn_random_bits(&random));
    assert_int_equal(copy.index, 6);
}

static void streams_and_seeds_differ(void **state)
{
    (void)state;
    int equal = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        equal += seqnn_random_at(1, 0, i) == seqnn_random_at(1, 1, i);
        equal += seqnn_random_at(1, 0, i) == seqnn_random_at(2, 0, i);
    }
    assert_true(equal <= 1);
}

/* Of n draws, the mean of a quantity of variance v has the standard error sqrt(v/n): five
 * of them are allowed. The seed is fixed, so the test does not waver. */
static void uniform_has_the_moments_of_uniform(void **state)
{
    (void)state;
    enum { N = 1000000 };
    seqnn_random random = {11, 0, 0};
    double sum = 0, squares = 0, neighbours = 0, before = 0.5;
    double least = 1, largest = 0;
    for (int i = 0; i < N; i++) {
        double u = seqnn_random_uniform(&random);
        least = u < least ? u : least;
        largest = u > largest ? u : largest;
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
        neighbours += (u - 0.5) * (before - 0.5);
        before = u;
    }
    assert_true(least >= 0 && least < 1e-5);
    assert_true(largest < 1 && largest > 1 - 1e-5);
    EXPECT_NEAR(sum / N, 0.5, 5 * sqrt(1.0 / 12 / N));
    EXPECT_NEAR(squares / N, 1.0 / 12, 5 * sqrt(1.0 / 180 / N));
    EXPECT_NEAR(neighbours / N, 0, 5 * sqrt(1.0 / 144 / N));
}

static void normal_has_the_moments_of_normal(void **state)
{
    (void)state;
    enum { N = 1000000 };
    seqnn_random random = {12, 0, 0};
    double sum = 0, squares = 0, cubes = 0, fourths = 0, within = 0;
    for (int i = 0; i < N; i++) {
        double z = seqnn_random_normal(&random);
        sum += z;
        squares += z * z;
        cubes += z * z * z;
        fourths += z * z * z * z;
        within += fabs(z) < 1;
    }
    EXPECT_NEAR(sum / N, 0, 5 * sqrt(1.0 / N));
    EXPECT_NEAR(squares / N, 1, 5 * sqrt(2.0 / N));
    EXPECT_NEAR(cubes / N, 0, 5 * sqrt(15.0 / N));
    EXPECT_NEAR(fourths / N, 3, 5 * sqrt(96.0 / N));
    EXPECT_NEAR(within / N, 0.682689492, 5 * sqrt(0.2166 / N));
}

/* For n = 3 * 2^29 a quarter of all draws must be rejected: taken, they would give the
 * values of two residues modulo 3 half as often again as those of the third. */
static void below_is_unbiased(void **state)
{
    (void)state;
    enum { N = 300000 };
    seqnn_random random = {13, 0, 0};
    double counts[6] = {0};
    for (int i = 0; i < N; i++) {
        int32_t value = seqnn_random_below(&random, 6);
        assert_in_range(value, 0, 5);
        counts[value]++;
    }
    double chi = 0;
    for (int i = 0; i < 6; i++)
        chi += (counts[i] - N / 6.0) * (counts[i] - N / 6.0) / (N / 6.0);
    assert_true(chi < 20.5); /* 5 degrees of freedom: exceeded once in a thousand */

    const seqnn_size n = 3 * (seqnn_size)(1 << 29);
    double thirds[3] = {0};
    double residues[3] = {0};
    for (int i = 0; i < N; i++) {
        int32_t value = seqnn_random_below(&random, n);
        assert_true(value >= 0 && value < n);
        thirds[value / (1 << 29)]++;
        residues[value % 3]++;
    }
    for (int i = 0; i < 3; i++) {
        EXPECT_NEAR(thirds[i] / N, 1.0 / 3, 5 * sqrt(2.0 / 9 / N));
        EXPECT_NEAR(residues[i] / N, 1.0 / 3, 5 * sqrt(2.0 / 9 / N));
    }
}

static void below_reaches_its_ends(void **state)
{
    (void)state;
    seqnn_random random = {14, 0, 0};
    for (int i = 0; i < 100; i++)
        assert_int_equal(seqnn_random_below(&random, 1), 0);
    int32_t largest = 0;
    for (int i = 0; i < 1000; i++) {
        int32_t value = seqnn_random_below(&random, (seqnn_size)1 << 31);
        assert_true(value >= 0);
        largest = value > largest ? value : largest;
    }
    assert_true(largest > INT32_MAX / 100 * 99);
}

static void shuffle_is_a_permutation(void **state)
{
    (void)state;
    enum { N = 1000 };
    seqnn_random random = {15, 0, 0};
    int32_t items[N];
    bool seen[N] = {false};
    seqnn_size at_home = 0;
    for (int32_t i = 0; i < N; i++)
        items[i] = i;
    seqnn_random_shuffle(&random, items, N);
    for (int32_t i = 0; i < N; i++) {
        assert_in_range(items[i], 0, N - 1);
        assert_false(seen[items[i]]);
        seen[items[i]] = true;
        at_home += items[i] == i;
    }
    assert_true(at_home < 8); /* expected: one */
    seqnn_random_shuffle(&random, items, 0);
    seqnn_random_shuffle(&random, items, 1);
}

/* Each of the 24 orders of four items comes equally often. */
static void shuffle_prefers_no_order(void **state)
{
    (void)state;
    enum { N = 48000, ORDERS = 24 };
    seqnn_random random = {16, 0, 0};
    double counts[256] = {0};
    for (int n = 0; n < N; n++) {
        int32_t items[4] = {0, 1, 2, 3};
        seqnn_random_shuffle(&random, items, 4);
        counts[items[0] + 4 * items[1] + 16 * items[2] + 64 * items[3]]++;
    }
    double chi = 0;
    int orders = 0;
    for (int i = 0; i < 256; i++)
        if (counts[i] > 0) {
            orders++;
            chi += (counts[i] - (double)N / ORDERS) * (counts[i] - (double)N / ORDERS) /
                   ((double)N / ORDERS);
        }
    assert_int_equal(orders, ORDERS);
    assert_true(chi < 49.7); /* 23 degrees of freedom: exceeded once in a thousand */
}

/* ---- memory.h */

static void multiply_notices_overflow(void **state)
{
    (void)state;
    assert_int_equal(sq_multiply(6, 7), 42);
    assert_int_equal(sq_multiply(0, PTRDIFF_MAX), 0);
    assert_int_equal(sq_multiply(PTRDIFF_MAX, 0), 0);
    assert_int_equal(sq_multiply(PTRDIFF_MAX, 1), PTRDIFF_MAX);
    assert_int_equal(sq_multiply(PTRDIFF_MAX / 2 + 1, 2), -1);
    assert_int_equal(sq_multiply(-1, 3), -1);
    assert_int_equal(sq_multiply(3, -1), -1);
    assert_int_equal(sq_multiply(PTRDIFF_MAX, PTRDIFF_MAX), -1);
}

static void memory_is_aligned_and_zero(void **state)
{
    (void)state;
    for (seqnn_size count = 0; count < 300; count += 7) {
        unsigned char *memory = (unsigned char *)sq_allocate(count, 3);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (seqnn_size i = 0; i < 3 * count; i++) {
            assert_int_equal(memory[i], 0);
            memory[i] = 0xff; /* the sanitizer sees a block that is too short */
        }
        sq_free(memory);
    }
    sq_free(NULL);
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    assert_null(sq_allocate(PTRDIFF_MAX, 2));
    assert_non_null(strstr(seqnn_error(), "elements of 2 bytes are too many"));
    assert_null(sq_allocate(PTRDIFF_MAX, 1));
    assert_non_null(strstr(seqnn_error(), "too many"));
    assert_null(sq_allocate(-1, 4));
    assert_string_equal(seqnn_error(), "memory: -1 elements of 4 bytes are too many");
}

static void grow_doubles_and_keeps_the_content(void **state)
{
    (void)state;
    int32_t *items = NULL;
    seqnn_size capacity = 0, moves = 0;
    for (int32_t i = 0; i < 1000; i++) {
        void *memory = items;
        seqnn_size before = capacity;
        assert_int_equal(sq_grow(&memory, &capacity, i + 1, sizeof *items), SEQNN_OK);
        items = (int32_t *)memory;
        moves += capacity != before;
        items[i] = i;
    }
    for (int32_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_int_equal(capacity, 1024);
    assert_int_equal(moves, 11);

    void *memory = items;
    assert_int_equal(sq_grow(&memory, &capacity, PTRDIFF_MAX, sizeof *items),
                     SEQNN_ERROR_MEMORY);
    assert_ptr_equal(memory, items);
    assert_int_equal(capacity, 1024);
    assert_int_equal(items[999], 999);
    sq_free(items);
}

static void copy_string_copies(void **state)
{
    (void)state;
    char text[] = "sch\xc3\xb6n";
    char *copy = sq_copy_string(text);
    assert_ptr_not_equal(copy, text);
    assert_string_equal(copy, text);
    sq_free(copy);
}

/* The same calls twice, as a plan asks for: first the sizes, then the pieces. */
static void take_pieces(sq_arena *arena, void *pieces[3])
{
    pieces[0] = sq_arena_take(arena, 3, sizeof(float));
    pieces[1] = sq_arena_take(arena, 100, 1);
    pieces[2] = sq_arena_take(arena, 5, sizeof(double));
}

static void arena_pieces_do_not_touch(void **state)
{
    (void)state;
    static const size_t bytes[3] = {12, 100, 40};
    sq_arena arena = {NULL, 0, 0, false, NULL};
    void *pieces[3];
    take_pieces(&arena, pieces);
    for (int i = 0; i < 3; i++)
        assert_null(pieces[i]);
    assert_int_equal(sq_arena_commit(&arena), SEQNN_OK);
    take_pieces(&arena, pieces);
    for (int i = 0; i < 3; i++) {
        assert_int_equal((uintptr_t)pieces[i] % 64, 0);
        memset(pieces[i], i + 1, bytes[i]);
    }
    for (int i = 0; i < 3; i++)
        for (size_t b = 0; b < bytes[i]; b++)
            assert_int_equal(((unsigned char *)pieces[i])[b], i + 1);
    assert_int_equal(arena.used, arena.size);
    assert_int_equal(arena.size, 64 + 128 + 64);
    sq_arena_free(&arena);
    assert_null(arena.memory);
    assert_int_equal(arena.size, 0);
}

static void arena_refuses_an_absurd_plan(void **state)
{
    (void)state;
    sq_arena product = {NULL, 0, 0, false};
    assert_null(sq_arena_take(&product, PTRDIFF_MAX, sizeof(float)));
    assert_int_equal(sq_arena_commit(&product), SEQNN_ERROR_MEMORY);
    assert_non_null(strstr(seqnn_error(), "too large"));
    sq_arena sum = {NULL, 0, 0, false};
    sq_arena_take(&sum, PTRDIFF_MAX - 4096, 1);
    sq_arena_take(&sum, PTRDIFF_MAX - 4096, 1);
    assert_int_equal(sq_arena_commit(&sum), SEQNN_ERROR_MEMORY);
    sq_arena_free(&sum);
}

/* ---- error.h */

static void the_sentence_stands_until_the_next_failure(void **state)
{
    (void)state;
    assert_int_equal(sq_fail(SEQNN_ERROR_SHAPE, "lstm '%s': input is %d", "encoder", 3),
                     SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(), "lstm 'encoder': input is 3");
    /* A sentence may quote the one before. */
    sq_fail(SEQNN_ERROR_FILE, "step 4: %s", seqnn_error());
    assert_string_equal(seqnn_error(), "step 4: lstm 'encoder': input is 3");
}

static void a_long_sentence_is_cut(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sq_fail(SEQNN_ERROR_ARGUMENT, "%s", text);
    assert_in_range(strlen(seqnn_error()), 400, 600);
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(seqnn_status_name(SEQNN_OK), "ok");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_ARGUMENT), "argument");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_SHAPE), "shape");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_MEMORY), "memory");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_FILE), "file");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_FORMAT), "format");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_NUMBER), "number");
    assert_string_equal(seqnn_status_name(SEQNN_ERROR_DEVICE), "device");
    assert_string_equal(seqnn_status_name((seqnn_status)(SEQNN_ERROR_DEVICE + 1)),
                        "unknown");
}

static void zero_is_the_default_of_an_option(void **state)
{
    (void)state;
    EXPECT_NEAR(sq_option(0, (seqnn_real)0.9), (seqnn_real)0.9, 0);
    EXPECT_NEAR(sq_option((seqnn_real)0.5, (seqnn_real)0.9), 0.5, 0);
    EXPECT_NEAR(sq_option(SEQNN_ZERO, (seqnn_real)0.9), 0, 0);
}

/* ---- parallel.h */

enum { ITEMS = 1003, GRAIN = 10, PIECES = 101 };

typedef struct visits {
    int items[ITEMS];
    int pieces[PIECES];
    bool uneven;
} visits;

static void visit(void *context, seqnn_size begin, seqnn_size end)
{
    visits *v = (visits *)context;
    if (begin % GRAIN != 0 || (end - begin != GRAIN && end != ITEMS))
        v->uneven = true;
    v->pieces[begin / GRAIN]++;
    for (seqnn_size i = begin; i < end; i++)
        v->items[i]++;
}

static void pieces_cover_everything_once(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 4, 7};
    for (seqnn_size t = 0; t < SQ_COUNT(threads); t++) {
        visits v;
        memset(&v, 0, sizeof v);
#ifdef _OPENMP
        omp_set_num_threads(threads[t]);
#endif
        sq_parallel(ITEMS, GRAIN, visit, &v);
        assert_false(v.uneven);
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(v.items[i], 1);
        for (int i = 0; i < PIECES; i++)
            assert_int_equal(v.pieces[i], 1);
    }
}

static void count_calls(void *context, seqnn_size begin, seqnn_size end)
{
    seqnn_size *calls = (seqnn_size *)context;
    calls[0]++;
    calls[1] = begin;
    calls[2] = end;
}

static void little_work_is_one_call_and_none_is_none(void **state)
{
    (void)state;
    seqnn_size calls[3] = {0, -1, -1};
    sq_parallel(0, 8, count_calls, calls);
    sq_parallel(-3, 8, count_calls, calls);
    assert_int_equal(calls[0], 0);
    sq_parallel(8, 8, count_calls, calls);
    assert_int_equal(calls[0], 1);
    assert_int_equal(calls[1], 0);
    assert_int_equal(calls[2], 8);
    sq_parallel(5, PTRDIFF_MAX, count_calls, calls);
    assert_int_equal(calls[0], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(random_at_counts_through_the_blocks),
        cmocka_unit_test(random_blocks_are_blocks_side_by_side),
        cmocka_unit_test(a_copied_generator_goes_on_alike),
        cmocka_unit_test(streams_and_seeds_differ),
        cmocka_unit_test(uniform_has_the_moments_of_uniform),
        cmocka_unit_test(normal_has_the_moments_of_normal),
        cmocka_unit_test(below_is_unbiased),
        cmocka_unit_test(below_reaches_its_ends),
        cmocka_unit_test(shuffle_is_a_permutation),
        cmocka_unit_test(shuffle_prefers_no_order),
        cmocka_unit_test(multiply_notices_overflow),
        cmocka_unit_test(memory_is_aligned_and_zero),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(grow_doubles_and_keeps_the_content),
        cmocka_unit_test(copy_string_copies),
        cmocka_unit_test(arena_pieces_do_not_touch),
        cmocka_unit_test(arena_refuses_an_absurd_plan),
        cmocka_unit_test(the_sentence_stands_until_the_next_failure),
        cmocka_unit_test(a_long_sentence_is_cut),
        cmocka_unit_test(statuses_have_names),
        cmocka_unit_test(zero_is_the_default_of_an_option),
        cmocka_unit_test(pieces_cover_everything_once),
        cmocka_unit_test(little_work_is_one_call_and_none_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
