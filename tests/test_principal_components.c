/* Principal components of matrices whose components are known, and bad input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "linalg.h"
#include "principal_components.h"
#include "random.h"

enum { K = 4 };

static void fill(seqnn_random *random, seqnn_real *to, seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++)
        to[i] = (seqnn_real)(seqnn_random_uniform(random) - 0.5);
}

/* A = U S V^T + mean, with U's columns orthonormal and of mean 0: the components are
 * those of U S, but for their signs. Tall, square and wide. */
static void known_components(void **state)
{
    (void)state;
    const seqnn_size sizes[][2] = {{60, 9}, {12, 12}, {9, 80}, {200, 100}};
    const double singular[K] = {9, 4, 2.5, 0.5};
    seqnn_random random = {0};
    random.seed = 3;
    for (int s = 0; s < 4; s++) {
        const seqnn_size n = sizes[s][0], m = sizes[s][1];
        seqnn_real *memory = (seqnn_real *)calloc(
            (size_t)(n * (K + 1) + m * K + n * m + K * n), sizeof *memory);
        seqnn_real *u = memory, *v = u + n * (K + 1), *a = v + m * K, *found = a + n * m;
        double explained[K], total = 0;
        fill(&random, u, n * (K + 1));
        fill(&random, v, m * K);
        for (seqnn_size i = 0; i < n; i++)
            u[i * (K + 1)] = 1; /* what is orthogonal to it has the mean 0 */
        seqnn_tensor tu = seqnn_tensor_2d(u, n, K + 1), tv = seqnn_tensor_2d(v, m, K);
        assert_int_equal(seqnn_orthogonal_factor(tu, tu), SEQNN_OK);
        assert_int_equal(seqnn_orthogonal_factor(tv, tv), SEQNN_OK);
        for (seqnn_size i = 0; i < n; i++)
            for (seqnn_size j = 0; j < m; j++) {
                double sum = (double)(j % 5);
                for (int c = 0; c < K; c++)
                    sum += (double)u[i * (K + 1) + c + 1] * singular[c] *
                           (double)v[j * K + c];
                a[i * m + j] = (seqnn_real)sum;
            }
        assert_int_equal(seqnn_principal_components(seqnn_tensor_2d(a, n, m),
                                                    seqnn_tensor_2d(found, K, n),
                                                    explained),
                         SEQNN_OK);
        for (int c = 0; c < K; c++)
            total += singular[c] * singular[c];
        for (int c = 0; c < K; c++) {
            double sign = 0, largest = 0;
            for (seqnn_size i = 0; i < n; i++)
                sign += (double)(u[i * (K + 1) + c + 1] * found[c * n + i]);
            for (seqnn_size i = 0; i < n; i++) {
                double expected =
                    (sign < 0 ? -1 : 1) * (double)u[i * (K + 1) + c + 1] * singular[c];
                assert_true(fabs((double)found[c * n + i] - expected) < 2e-4);
                if (fabs((double)found[c * n + i]) > fabs(largest))
                    largest = (double)found[c * n + i];
            }
            assert_true(largest > 0);
            assert_true(fabs(explained[c] - singular[c] * singular[c] / total) < 1e-4);
        }
        free(memory);
    }
}

static void odd_matrices(void **state)
{
    (void)state;
    seqnn_real a[12], found[8];
    double explained[2];
    seqnn_tensor whole = seqnn_tensor_2d(a, 4, 3), two = seqnn_tensor_2d(found, 2, 4);
    for (int i = 0; i < 12; i++)
        a[i] = 7; /* constant: nothing differs */
    assert_int_equal(seqnn_principal_components(whole, two, explained), SEQNN_OK);
    for (int i = 0; i < 8; i++)
        assert_true(found[i] == 0);
    assert_true(explained[0] == 0 && explained[1] == 0);
    for (int i = 0; i < 12; i++)
        a[i] = (seqnn_real)((i % 3 == 1 ? 1e18 : -1e18) * (i / 3)); /* one direction */
    assert_int_equal(seqnn_principal_components(whole, two, explained), SEQNN_OK);
    assert_true(fabs(explained[0] - 1) < 1e-9 && explained[1] < 1e-9);
    assert_true(fabs((double)found[3] - (double)found[0]) > 5e18);
    assert_int_equal(seqnn_principal_components(seqnn_tensor_2d(a, 1, 3),
                                                seqnn_tensor_2d(found, 1, 1), NULL),
                     SEQNN_OK);
    assert_true(found[0] == 0);

    assert_int_equal(
        seqnn_principal_components(whole, seqnn_tensor_2d(found, 4, 2), NULL),
        SEQNN_ERROR_SHAPE);
    assert_non_null(strstr(seqnn_error(), "of [4, 3] into [4, 2]"));
    assert_int_equal(seqnn_principal_components(seqnn_tensor_2d(a, 2, 3),
                                                seqnn_tensor_2d(found, 3, 2), NULL),
                     SEQNN_ERROR_SHAPE);
    a[4] = (seqnn_real)NAN;
    assert_int_equal(seqnn_principal_components(whole, two, NULL), SEQNN_ERROR_NUMBER);
    assert_non_null(strstr(seqnn_error(), "column 1 is not finite"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_components),
        cmocka_unit_test(odd_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
