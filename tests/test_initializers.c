/* Every initialiser by its moments or its defining property. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initializers.h"
#include "linalg.h"
#include "memory.h"
#include "private.h"

typedef struct moments {
    double mean, deviation, least, most;
} moments;

static moments moments_of(const seqnn_real *w, seqnn_size size)
{
    moments m = {0, 0, INFINITY, -INFINITY};
    for (seqnn_size i = 0; i < size; i++) {
        m.mean += (double)w[i];
        m.least = fmin(m.least, (double)w[i]);
        m.most = fmax(m.most, (double)w[i]);
    }
    m.mean /= (double)size;
    for (seqnn_size i = 0; i < size; i++)
        m.deviation += ((double)w[i] - m.mean) * ((double)w[i] - m.mean);
    m.deviation = sqrt(m.deviation / (double)size);
    return m;
}

static seqnn_initializer initializer(seqnn_initializer_kind kind, double a, double b)
{
    seqnn_initializer how;
    how.kind = kind;
    how.a = (seqnn_real)a;
    how.b = (seqnn_real)b;
    return how;
}

static seqnn_real *initialized(seqnn_initializer how, seqnn_size rows, seqnn_size columns,
                               seqnn_size blocks, uint64_t stream)
{
    seqnn_real *w = (seqnn_real *)sq_allocate(rows * columns, sizeof *w);
    assert_non_null(w);
    assert_int_equal(seqnn_initialize(how, w, rows, columns, blocks, 5, stream),
                     SEQNN_OK);
    return w;
}

/* The mean, the standard deviation, and the least and largest value of [300, 400] in four
 * blocks. The limits of a distribution are nearly reached; a normal has none. */
typedef struct expectation {
    seqnn_initializer_kind kind;
    double a, b, mean, deviation, limit;
} expectation;

static void moments_are_as_documented(void **state)
{
    (void)state;
    enum { ROWS = 300, COLUMNS = 400, SIZE = ROWS * COLUMNS };
    const double cut = 2 / 0.87962566103423978, third = sqrt(3.0);
    const double glorot = sqrt(2.0 / 700), he = sqrt(2.0 / 300), lecun = sqrt(1.0 / 300);
    const double zero = (double)SEQNN_ZERO;
    const expectation expected[] = {
        {SEQNN_ZEROS, 0, 0, 0, 0, 0},
        {SEQNN_CONSTANT, 0, 0, 0, 0, 0},
        {SEQNN_CONSTANT, 1.5, 0, 1.5, 0, 0},
        {SEQNN_NORMAL, 0, 0, 0, 0.05, INFINITY},
        {SEQNN_NORMAL, 0.2, 3, 3, 0.2, INFINITY},
        {SEQNN_NORMAL, zero, 3, 3, 0, 0},
        {SEQNN_UNIFORM, 0, 0, 0, 0.05 / third, 0.05},
        {SEQNN_UNIFORM, 0.5, -1, -1, 0.5 / third, 0.5},
        {SEQNN_GAUSSIAN, 0, 0, 0, 0.01, INFINITY},
        {SEQNN_GLOROT_UNIFORM, 0, 0, 0, glorot, glorot * third},
        {SEQNN_GLOROT_NORMAL, 0, 0, 0, glorot, glorot * cut},
        {SEQNN_HE_UNIFORM, 0, 0, 0, he, he * third},
        {SEQNN_HE_NORMAL, 0, 0, 0, he, he * cut},
        {SEQNN_LECUN_UNIFORM, 0, 0, 0, lecun, lecun * third},
        {SEQNN_LECUN_NORMAL, 0, 0, 0, lecun, lecun * cut},
        {SEQNN_SQUARE_ROOT_UNITS, 0, 0, 0, 0.1 / third, 0.1},
    };
    for (seqnn_size i = 0; i < SQ_COUNT(expected); i++) {
        const expectation *e = &expected[i];
        seqnn_real *w =
            initialized(initializer(e->kind, e->a, e->b), ROWS, COLUMNS, 4, 1);
        const moments m = moments_of(w, SIZE);
        const double most = fmax(m.most - e->mean, e->mean - m.least);
        bool good = fabs(m.mean - e->mean) <= 4.5 * e->deviation / sqrt(SIZE) + 1e-7 &&
                    fabs(m.deviation - e->deviation) <= 0.01 * e->deviation + 1e-7;
        if (isinf(
                e->limit)) /* of 120000 normal numbers, one lies beyond four deviations */
            good = good && most > 4 * e->deviation && most < 6 * e->deviation;
        else
            good = good && most <= e->limit * (1 + 1e-6) && most >= 0.99 * e->limit;
        if (!good)
            fail_msg("%s: mean %g deviation %g from %g to %g",
                     seqnn_initializer_name(e->kind), m.mean, m.deviation, m.least,
                     m.most);
        sq_free(w);
    }
}

/* Rows or columns, whichever are fewer, are orthogonal and of length gain. */
static void orthogonal_is_orthogonal(void **state)
{
    (void)state;
    static const seqnn_size shapes[][3] = {
        {20, 80, 4}, {50, 50, 1}, {30, 7, 1}, {1, 1, 1}};
    for (seqnn_size s = 0; s < SQ_COUNT(shapes); s++) {
        const seqnn_size m = shapes[s][0], n = shapes[s][1];
        const bool wide = m < n;
        seqnn_real *w =
            initialized(initializer(SEQNN_ORTHOGONAL, 0.5, 0), m, n, shapes[s][2], 2);
        for (seqnn_size i = 0; i < (wide ? m : n); i++)
            for (seqnn_size j = 0; j < (wide ? m : n); j++) {
                double dot = 0;
                for (seqnn_size k = 0; k < (wide ? n : m); k++)
                    dot += (double)(wide ? w[i * n + k] : w[k * n + i]) *
                           (double)(wide ? w[j * n + k] : w[k * n + j]);
                assert_true(fabs(dot - (i == j ? 0.25 : 0)) < 1e-6);
            }
        if (m == n) {
            double radius;
            assert_int_equal(seqnn_spectral_radius(seqnn_tensor_2d(w, m, n), &radius),
                             SEQNN_OK);
            assert_true(fabs(radius - 0.5) < 1e-6);
        }
        sq_free(w);
    }
}

/* Haar distribution: an element has mean 0 and variance 1/n, and, which the QR without
 * the fixed signs fails, so has the first one of the diagonal. */
static void orthogonal_is_uniform(void **state)
{
    (void)state;
    enum { N = 6, TRIALS = 4000 };
    double sum[N * N] = {0}, squares[N * N] = {0};
    for (uint64_t stream = 0; stream < TRIALS; stream++) {
        seqnn_real *w = initialized(initializer(SEQNN_ORTHOGONAL, 0, 0), N, N, 1, stream);
        for (int i = 0; i < N * N; i++) {
            sum[i] += (double)w[i];
            squares[i] += (double)w[i] * (double)w[i];
        }
        sq_free(w);
    }
    for (int i = 0; i < N * N; i++) {
        assert_true(fabs(sum[i] / TRIALS) < 4.5 / sqrt(N * (double)TRIALS));
        assert_true(fabs(squares[i] / TRIALS - 1.0 / N) < 4.5 * sqrt(0.05 / TRIALS));
    }
}

static void identity_stands_in_each_block(void **state)
{
    (void)state;
    seqnn_real *w = initialized(initializer(SEQNN_IDENTITY, 0, 0), 5, 15, 3, 1);
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 15; j++)
            assert_true(w[i * 15 + j] == (j % 5 == i));
    sq_free(w);
    w = initialized(initializer(SEQNN_IDENTITY, 0.1, 0), 2, 3, 1, 1);
    const seqnn_real tenth = (seqnn_real)0.1;
    assert_true(w[0] == tenth && w[4] == tenth && w[2] == 0 && w[5] == 0);
    sq_free(w);
}

/* Symmetric; the largest eigenvalue 1, the others above 0 and below 1; every block. */
static void np_rnn_is_positive_definite(void **state)
{
    (void)state;
    enum { N = 30, BLOCKS = 3, COLUMNS = N * BLOCKS };
    seqnn_real *w = initialized(initializer(SEQNN_NP_RNN, 0, 0), N, COLUMNS, BLOCKS, 3);
    for (int block = 0; block < BLOCKS; block++) {
        seqnn_real a[N * N];
        double real[N], imaginary[N];
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                a[i * N + j] = w[i * COLUMNS + block * N + j];
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                assert_true(a[i * N + j] == a[j * N + i]);
        assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, N, N), real, imaginary),
                         SEQNN_OK);
        assert_true(fabs(real[0] - 1) < 1e-6);
        for (int i = 1; i < N; i++)
            assert_true(real[i] < 0.9999 && real[i] > 0.05 && fabs(imaginary[i]) < 1e-6);
    }
    assert_true(w[0] != w[N]); /* the blocks differ */
    sq_free(w);
}

static void values_follow_seed_and_stream(void **state)
{
    (void)state;
    for (int kind = SEQNN_NORMAL; kind <= SEQNN_SQUARE_ROOT_UNITS; kind++) {
        if (kind == SEQNN_IDENTITY)
            continue;
        const seqnn_initializer how = initializer((seqnn_initializer_kind)kind, 0, 0);
        seqnn_real *first = initialized(how, 8, 8, 1, 1),
                   *again = initialized(how, 8, 8, 1, 1);
        seqnn_real *other = initialized(how, 8, 8, 1, 2),
                   *seed = initialized(how, 8, 8, 1, 1);
        assert_int_equal(seqnn_initialize(how, seed, 8, 8, 1, 6, 1), SEQNN_OK);
        assert_memory_equal(first, again, 64 * sizeof *first);
        assert_memory_not_equal(first, other, 64 * sizeof *first);
        assert_memory_not_equal(first, seed, 64 * sizeof *first);
        sq_free(first);
        sq_free(again);
        sq_free(other);
        sq_free(seed);
    }
}

static void bad_requests_are_errors(void **state)
{
    (void)state;
    seqnn_real w[6];
    assert_int_equal(
        seqnn_initialize(initializer(SEQNN_INITIALIZER_DEFAULT, 0, 0), w, 2, 3, 1, 1, 1),
        SEQNN_ERROR_ARGUMENT);
    assert_string_equal(seqnn_error(), "initializer: default (0) names no values");
    assert_int_equal(
        seqnn_initialize(initializer((seqnn_initializer_kind)99, 0, 0), w, 2, 3, 1, 1, 1),
        SEQNN_ERROR_ARGUMENT);
    assert_string_equal(seqnn_error(), "initializer: unknown (99) names no values");
    assert_int_equal(seqnn_initialize(initializer(SEQNN_NP_RNN, 0, 0), w, 2, 3, 1, 1, 1),
                     SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(),
                        "initializer np_rnn: a block is [2, 3], expected [n, n]");
    assert_int_equal(seqnn_initialize(initializer(SEQNN_ZEROS, 0, 0), w, 2, 3, 2, 1, 1),
                     SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(),
                        "initializer zeros: [2, 3] in 2 blocks of columns");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_as_documented),
        cmocka_unit_test(orthogonal_is_orthogonal),
        cmocka_unit_test(orthogonal_is_uniform),
        cmocka_unit_test(identity_stands_in_each_block),
        cmocka_unit_test(np_rnn_is_positive_definite),
        cmocka_unit_test(values_follow_seed_and_stream),
        cmocka_unit_test(bad_requests_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
