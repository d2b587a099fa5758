/* Eigenvalues, norms, eigenvectors and orthogonal factor, against numpy and by
 * properties.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "eigen.h"
#include "golden/linalg_record.h"
#include "linalg.h"
#include "memory.h"
#include "random.h"

enum { RANDOM, SYMMETRIC, COMPANION, ROTATIONS, DEFECTIVE };
enum { MOST = 64 };

/* The generator and the matrices of tests/golden/numpy_linalg.py. */
static void random_matrix(seqnn_real *a, int size, uint32_t state)
{
    for (int i = 0; i < size; i++) {
        state = 1664525u * state + 1013904223u;
        a[i] = ((seqnn_real)((state >> 16) % 256) - 128) / 64;
    }
}

static void make_matrix(seqnn_real *a, int kind, int n, uint32_t seed)
{
    seqnn_real r[MOST * MOST];
    random_matrix(r, n * n, seed);
    memset(a, 0, (size_t)(n * n) * sizeof *a);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (kind == RANDOM)
                a[i * n + j] = r[i * n + j];
            else if (kind == SYMMETRIC)
                a[i * n + j] = i >= j ? r[i * n + j] : r[j * n + i];
            else if (kind == COMPANION)
                a[i * n + j] = i == 0 ? -r[j] : (seqnn_real)(j == i - 1);
            else if (kind == DEFECTIVE)
                a[i * n + j] = i == j ? r[0] : (seqnn_real)(j == i + 1);
    for (int i = 0; kind == ROTATIONS && i < n; i += 2) {
        a[i * n + i] = a[(i + 1) * n + i + 1] = r[i * n + i];
        a[(i + 1) * n + i] = r[i * n + i + 1];
        a[i * n + i + 1] = -r[i * n + i + 1];
    }
}

/* The largest distance between the two sets, each value paired with its nearest unpaired
 * one. */
static double distance_of_sets(int n, const double *re, const double *im,
                               const double *want_re, const double *want_im)
{
    bool used[MOST] = {false};
    double worst = 0;
    for (int i = 0; i < n; i++) {
        int nearest = -1;
        double best = INFINITY;
        for (int j = 0; j < n; j++) {
            double distance = hypot(re[i] - want_re[j], im[i] - want_im[j]);
            if (!used[j] && distance < best) {
                best = distance;
                nearest = j;
            }
        }
        if (nearest < 0)
            return INFINITY;
        used[nearest] = true;
        worst = fmax(worst, best);
    }
    return worst;
}

static void eigenvalues_equal_numpys(void **state)
{
    (void)state;
    static seqnn_real a[MOST * MOST];
    double re[MOST], im[MOST];
    seqnn_size offset = 0;
    for (seqnn_size c = 0; c < SQ_COUNT(eigenvalue_cases); c++) {
        const int kind = eigenvalue_cases[c][0], n = eigenvalue_cases[c][1];
        make_matrix(a, kind, n, (uint32_t)eigenvalue_cases[c][2]);
        assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, n, n), re, im), SEQNN_OK);
        const double distance = distance_of_sets(n, re, im, eigenvalues_real + offset,
                                                 eigenvalues_imaginary + offset);
        /* An n-fold eigenvalue of a single eigenvector is known to eps^(1/n). */
        const double tolerance = kind == DEFECTIVE ? 3 * pow(2e-16, 1.0 / n) : 1e-11;
        if (!(distance <= tolerance))
            fail_msg("kind %d, n = %d: off by %g", kind, n, distance);
        for (int i = 1; i < n; i++)
            assert_true(hypot(re[i - 1], im[i - 1]) >= hypot(re[i], im[i]));
        for (int i = 0; i < n;
             i++) /* conjugates stand together, the positive one first */
            if (im[i] > 0)
                assert_true(i + 1 < n && re[i + 1] == re[i] && im[i + 1] == -im[i]);
        offset += n;
    }
    assert_int_equal(offset, SQ_COUNT(eigenvalues_real));
}

/* trace A^k = sum of the k-th powers of the eigenvalues, for every size up to 64. */
static void sums_of_eigenvalues_are_traces(void **state)
{
    (void)state;
    static seqnn_real a[MOST * MOST];
    double re[MOST], im[MOST];
    for (int n = 1; n <= MOST; n++) {
        make_matrix(a, RANDOM, n, (uint32_t)n + 1000);
        assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, n, n), re, im), SEQNN_OK);
        double trace = 0, trace_2 = 0, sum = 0, sum_2 = 0;
        for (int i = 0; i < n; i++) {
            trace += (double)a[i * n + i];
            for (int j = 0; j < n; j++)
                trace_2 += (double)a[i * n + j] * (double)a[j * n + i];
            sum += re[i];
            sum_2 += re[i] * re[i] - im[i] * im[i];
        }
        assert_true(fabs(trace - sum) < 1e-11 * n);
        assert_true(fabs(trace_2 - sum_2) < 1e-10 * n);
    }
}

/* Near a multiple of the identity, where an IRNN is after a step, all that tells the
 * eigenvalues apart is small: they are found nonetheless, and their sum is the trace. */
static void eigenvalues_near_the_identity(void **state)
{
    (void)state;
    static seqnn_real a[50 * 50];
    double re[50], im[50];
    seqnn_random random = {11, 0, 0};
    for (int n = 3; n <= 50; n++)
        for (double e = 1e-7; e < 0.5; e *= 10) {
            double trace = 0, sum = 0;
            for (int i = 0; i < n * n; i++) {
                const double off = e * (seqnn_random_uniform(&random) - 0.5);
                a[i] = (seqnn_real)((i % (n + 1) == 0) + (i % 3 == 0 ? 0 : off));
                trace += i % (n + 1) == 0 ? (double)a[i] : 0;
            }
            assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, n, n), re, im),
                             SEQNN_OK);
            for (int i = 0; i < n; i++) {
                sum += re[i];
                assert_true(hypot(re[i] - 1, im[i]) < 1e-6 + n * e);
            }
            assert_true(fabs(sum - trace) < 1e-7 * n);
        }
}

static void special_matrices(void **state)
{
    (void)state;
    double re[4], im[4], radius;
    seqnn_real zero[16] = {0};
    assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(zero, 4, 4), re, im), SEQNN_OK);
    for (int i = 0; i < 4; i++)
        assert_true(re[i] == 0 && im[i] == 0);

    /* A cyclic permutation: the fourth roots of one. Shifts taken from its last block
     * alone would never move it. */
    seqnn_real cycle[16] = {0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    const double root_re[4] = {1, -1, 0, 0}, root_im[4] = {0, 0, 1, -1};
    assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(cycle, 4, 4), re, im), SEQNN_OK);
    assert_true(distance_of_sets(4, re, im, root_re, root_im) < 1e-14);

    seqnn_real tiny[4] = {0, (seqnn_real)1e-30, (seqnn_real)-1e-30, 0};
    assert_int_equal(seqnn_spectral_radius(seqnn_tensor_2d(tiny, 2, 2), &radius),
                     SEQNN_OK);
    assert_true(fabs(radius - 1e-30) < 1e-36);
    seqnn_real rotation[4] = {(seqnn_real)0.6, (seqnn_real)-0.8, (seqnn_real)0.8,
                              (seqnn_real)0.6};
    assert_int_equal(seqnn_spectral_radius(seqnn_tensor_2d(rotation, 2, 2), &radius),
                     SEQNN_OK);
    assert_true(fabs(radius - 1) < 1e-7);
}

static void largest_of_symmetric(void **state)
{
    (void)state;
    static seqnn_real a[MOST * MOST];
    double copy[MOST * MOST], work[2 * MOST], re[MOST], im[MOST];
    for (int n = 1; n <= 40; n++) {
        make_matrix(a, SYMMETRIC, n, (uint32_t)n);
        for (int i = 0; i < n * n; i++)
            copy[i] = (double)a[i];
        assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, n, n), re, im), SEQNN_OK);
        double largest = re[0];
        for (int i = 1; i < n; i++)
            largest = fmax(largest, re[i]);
        assert_true(fabs(sq_symmetric_largest(n, copy, work) - largest) < 1e-11);
    }
}

static void factors_equal_numpys(void **state)
{
    (void)state;
    seqnn_size offset = 0;
    for (seqnn_size c = 0; c < SQ_COUNT(factor_cases); c++) {
        const int m = factor_cases[c][0], n = factor_cases[c][1];
        seqnn_real a[64];
        random_matrix(a, m * n, (uint32_t)factor_cases[c][2]);
        seqnn_tensor view = seqnn_tensor_2d(a, m, n);
        assert_int_equal(seqnn_orthogonal_factor(view, view), SEQNN_OK);
        for (int i = 0; i < m * n; i++)
            assert_true(fabs((double)a[i] - factors[offset + i]) < 2e-7);
        offset += m * n;
    }
    assert_int_equal(offset, SQ_COUNT(factors));
}

/* Q has orthonormal columns, and R = Q^T A is upper triangular with a positive diagonal.
 */
static void factors_are_orthogonal(void **state)
{
    (void)state;
    static double q[MOST * MOST], a[MOST * MOST], work[4 * MOST];
    seqnn_random random = {7, 1, 0};
    for (int m = 1; m <= MOST; m += 3)
        for (int n = 1; n <= m; n += 7) {
            for (int i = 0; i < m * n; i++)
                a[i] = q[i] = seqnn_random_normal(&random);
            sq_orthogonal_columns(m, n, q, work);
            for (int j = 0; j < n; j++)
                for (int k = 0; k < n; k++) {
                    double dot = 0, r = 0;
                    for (int i = 0; i < m; i++) {
                        dot += q[i * n + j] * q[i * n + k];
                        r += q[i * n + j] * a[i * n + k];
                    }
                    assert_true(fabs(dot - (j == k)) < 1e-13);
                    assert_true(k < j ? fabs(r) < 1e-12 : k > j || r > 0);
                }
        }
}

static void norms_equal_numpys(void **state)
{
    (void)state;
    static seqnn_real a[MOST * MOST];
    const seqnn_size squares = SQ_COUNT(eigenvalue_cases);
    double norm;
    for (seqnn_size c = 0; c < SQ_COUNT(norms); c++) {
        const int *shape = c < squares ? NULL : factor_cases[c - squares];
        const int m = shape ? shape[0] : eigenvalue_cases[c][1], n = shape ? shape[1] : m;
        if (shape)
            random_matrix(a, m * n, (uint32_t)shape[2]);
        else
            make_matrix(a, eigenvalue_cases[c][0], n, (uint32_t)eigenvalue_cases[c][2]);
        assert_int_equal(seqnn_spectral_norm(seqnn_tensor_2d(a, m, n), &norm), SEQNN_OK);
        if (!(fabs(norm - norms[c]) <= 1e-12 * norms[c]))
            fail_msg("case %d: %.17g, numpy %.17g", (int)c, norm, norms[c]);
    }
    seqnn_real huge[4] = {(seqnn_real)3e30, 0, 0, (seqnn_real)-4e30}, zero[6] = {0};
    assert_int_equal(seqnn_spectral_norm(seqnn_tensor_2d(huge, 2, 2), &norm), SEQNN_OK);
    assert_true(fabs(norm / 4e30 - 1) < 1e-6);
    assert_int_equal(seqnn_spectral_norm(seqnn_tensor_2d(zero, 2, 3), &norm), SEQNN_OK);
    assert_true(norm == 0);
    zero[4] = (seqnn_real)INFINITY;
    assert_int_equal(seqnn_spectral_norm(seqnn_tensor_2d(zero, 2, 3), &norm),
                     SEQNN_ERROR_NUMBER);
    assert_int_equal(seqnn_spectral_norm(seqnn_tensor_1d(zero, 6), &norm),
                     SEQNN_ERROR_SHAPE);
}

/* The largest element of |x y - z|, all complex [n, n]; y NULL: of |x - z|. */
static double distance_of_product(int n, const double *x, const double *y,
                                  const double *z)
{
    double worst = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double re = -z[2 * (i * n + j)], im = -z[2 * (i * n + j) + 1];
            for (int k = 0; k < n; k++) {
                const double *a = x + 2 * (i * n + k), *b = y + 2 * (k * n + j);
                re += a[0] * b[0] - a[1] * b[1];
                im += a[0] * b[1] + a[1] * b[0];
            }
            worst = fmax(worst, hypot(re, im));
        }
    return worst;
}

static double lambda[2 * MOST], q[2 * MOST * MOST], q_inverse[2 * MOST * MOST];

/* Q A = Lambda Q with rows of length 1, and Q^-1 Q = I. */
static void check_basis(int n, const seqnn_real *a, double tolerance)
{
    static double wide[2 * MOST * MOST], scaled[2 * MOST * MOST], unit[2 * MOST * MOST];
    for (int i = 0; i < n; i++) {
        double squares = 0;
        for (int j = 0; j < n; j++) {
            const double *l = lambda + 2 * i, *v = q + 2 * (i * n + j);
            wide[2 * (i * n + j)] = (double)a[i * n + j];
            wide[2 * (i * n + j) + 1] = unit[2 * (i * n + j) + 1] = 0;
            unit[2 * (i * n + j)] = i == j;
            scaled[2 * (i * n + j)] = l[0] * v[0] - l[1] * v[1];
            scaled[2 * (i * n + j) + 1] = l[0] * v[1] + l[1] * v[0];
            squares += v[0] * v[0] + v[1] * v[1];
            assert_true(l[1] != 0 || v[1] == 0);
        }
        assert_true(fabs(squares - 1) < 1e-12);
    }
    assert_true(distance_of_product(n, q, wide, scaled) < tolerance);
    assert_true(distance_of_product(n, q_inverse, q, unit) < tolerance);
}

static void eigenvectors_are_a_basis(void **state)
{
    (void)state;
    static seqnn_real a[MOST * MOST];
    double condition;
    for (seqnn_size c = 0; c < SQ_COUNT(eigenvalue_cases); c++) {
        const int kind = eigenvalue_cases[c][0], n = eigenvalue_cases[c][1];
        make_matrix(a, kind, n, (uint32_t)eigenvalue_cases[c][2]);
        const seqnn_status status =
            seqnn_diagonalize(seqnn_tensor_2d(a, n, n), lambda, q, q_inverse, &condition);
        assert_int_equal(status, kind == DEFECTIVE ? SEQNN_ERROR_NUMBER : SEQNN_OK);
        if (status)
            continue;
        check_basis(n, a, 1e-10);
        if (!(fabs(condition - conditions[c]) < 1e-8 * conditions[c]))
            fail_msg("case %d: condition %.17g, numpy %.17g", (int)c, condition,
                     conditions[c]);
    }
    /* One eigenvalue, and eigenvectors all the same: any basis will do. */
    seqnn_real twice[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2}, zero[9] = {0};
    seqnn_tensor tensor = seqnn_tensor_2d(twice, 3, 3);
    assert_int_equal(seqnn_diagonalize(tensor, lambda, q, q_inverse, &condition),
                     SEQNN_OK);
    check_basis(3, twice, 1e-14);
    assert_true(fabs(condition - 1) < 1e-12);
    tensor = seqnn_tensor_2d(zero, 3, 3);
    assert_int_equal(seqnn_diagonalize(tensor, lambda, q, q_inverse, NULL), SEQNN_OK);
    check_basis(3, zero, 1e-14);
}

static void too_few_eigenvectors(void **state)
{
    (void)state;
    /* [[1, 1], [0, 1]] in the basis (3, 2), (1, 1): rounding splits its eigenvalue. */
    seqnn_real hidden[4] = {-5, 9, -4, 7}, jordan[4] = {1, 1, 0, 1}, wide[6] = {0};
    assert_int_equal(
        seqnn_diagonalize(seqnn_tensor_2d(jordan, 2, 2), lambda, q, q_inverse, NULL),
        SEQNN_ERROR_NUMBER);
    assert_string_equal(seqnn_error(), "diagonalize: [2, 2] has fewer than 2 independent "
                                       "eigenvectors, or nearly so");
    assert_int_equal(
        seqnn_diagonalize(seqnn_tensor_2d(hidden, 2, 2), lambda, q, q_inverse, NULL),
        SEQNN_ERROR_NUMBER);
    assert_int_equal(
        seqnn_diagonalize(seqnn_tensor_2d(wide, 2, 3), lambda, q, q_inverse, NULL),
        SEQNN_ERROR_SHAPE);
}

static void bad_input(void **state)
{
    (void)state;
    seqnn_real a[6] = {1, 2, 3, 4, 5, 6};
    double re[3], im[3];
    assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, 2, 3), re, im),
                     SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(),
                        "eigenvalues: the matrix is [2, 3], expected [n, n]");
    a[2] = (seqnn_real)NAN;
    assert_int_equal(seqnn_eigenvalues(seqnn_tensor_2d(a, 2, 2), re, im),
                     SEQNN_ERROR_NUMBER);
    assert_string_equal(seqnn_error(), "eigenvalues: element [1, 0] is not finite");
    assert_int_equal(seqnn_spectral_radius(seqnn_tensor_1d(a, 4), re), SEQNN_ERROR_SHAPE);
    assert_int_equal(
        seqnn_orthogonal_factor(seqnn_tensor_2d(a, 2, 3), seqnn_tensor_2d(a, 3, 2)),
        SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(),
                        "orthogonal factor: of [2, 3] into [3, 2], expected "
                        "two matrices alike");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvalues_equal_numpys),
        cmocka_unit_test(sums_of_eigenvalues_are_traces),
        cmocka_unit_test(eigenvalues_near_the_identity),
        cmocka_unit_test(special_matrices),
        cmocka_unit_test(largest_of_symmetric),
        cmocka_unit_test(factors_equal_numpys),
        cmocka_unit_test(factors_are_orthogonal),
        cmocka_unit_test(norms_equal_numpys),
        cmocka_unit_test(eigenvectors_are_a_basis),
        cmocka_unit_test(too_few_eigenvectors),
        cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
