/* A matrix in the basis of its eigenvectors, in complex numbers: pairs of doubles. */
#include "linalg.h"
#include "eigen.h"
#include "memory.h"
#include "random.h"
#include "shape.h"

#include <float.h>

/* z -= x y. */
static void sq_complex_subtract(const double *x, const double *y, double *z)
{
    z[0] -= x[0] * y[0] - x[1] * y[1];
    z[1] -= x[0] * y[1] + x[1] * y[0];
}

/* z /= x. */
static void sq_complex_divide(const double *x, double *z)
{
    const double square = x[0] * x[0] + x[1] * x[1];
    const double re = (z[0] * x[0] + z[1] * x[1]) / square;
    z[1] = (z[1] * x[0] - z[0] * x[1]) / square;
    z[0] = re;
}

static void sq_complex_swap_rows(seqnn_size columns, double *x, double *y)
{
    for (seqnn_size j = 0; j < 2 * columns; j++) {
        const double kept = x[j];
        x[j] = y[j];
        y[j] = kept;
    }
}

/* Replaces b[n, columns] by the solution of m x = b: elimination with row pivots, which
 * destroys m[n, n], whose largest element is about 1. A pivot below the rounding counts
 * as the rounding: m may be singular. */
static void sq_complex_solve(seqnn_size n, double *m, seqnn_size columns, double *b)
{
    for (seqnn_size k = 0; k < n; k++) {
        seqnn_size best = k;
        for (seqnn_size i = k + 1; i < n; i++) {
            const double *at = m + 2 * (i * n + k), *top = m + 2 * (best * n + k);
            best = hypot(at[0], at[1]) > hypot(top[0], top[1]) ? i : best;
        }
        if (best != k) {
            sq_complex_swap_rows(n, m + 2 * k * n, m + 2 * best * n);
            sq_complex_swap_rows(columns, b + 2 * k * columns, b + 2 * best * columns);
        }
        double *pivot = m + 2 * (k * n + k);
        if (hypot(pivot[0], pivot[1]) < DBL_EPSILON) {
            pivot[0] = DBL_EPSILON;
            pivot[1] = 0;
        }
        for (seqnn_size i = k + 1; i < n; i++) {
            double factor[2] = {m[2 * (i * n + k)], m[2 * (i * n + k) + 1]};
            if (factor[0] == 0 && factor[1] == 0)
                continue;
            sq_complex_divide(pivot, factor);
            for (seqnn_size j = k; j < n; j++)
                sq_complex_subtract(factor, m + 2 * (k * n + j), m + 2 * (i * n + j));
            for (seqnn_size j = 0; j < columns; j++)
                sq_complex_subtract(factor, b + 2 * (k * columns + j),
                                    b + 2 * (i * columns + j));
        }
    }
    for (seqnn_size k = n - 1; k >= 0; k--)
        for (seqnn_size j = 0; j < columns; j++) {
            double *x = b + 2 * (k * columns + j);
            for (seqnn_size i = k + 1; i < n; i++)
                sq_complex_subtract(m + 2 * (k * n + i), b + 2 * (i * columns + j), x);
            sq_complex_divide(m + 2 * (k * n + k), x);
        }
}

/* Length 1, and the largest element real and positive: of a real eigenvalue, all real. */
static void sq_complex_normalize(seqnn_size n, double *x)
{
    double largest = 0, squares = 0, turn[2] = {1, 0};
    for (seqnn_size j = 0; j < n; j++)
        if (hypot(x[2 * j], x[2 * j + 1]) > largest * (1 + 1e-9)) {
            largest = hypot(x[2 * j], x[2 * j + 1]);
            turn[0] = x[2 * j];
            turn[1] = x[2 * j + 1];
        }
    for (seqnn_size j = 0; j < n; j++) {
        sq_complex_divide(turn, x + 2 * j);
        squares += x[2 * j] * x[2 * j] + x[2 * j + 1] * x[2 * j + 1];
    }
    for (seqnn_size j = 0; j < 2 * n; j++)
        x[j] /= sqrt(squares);
}

/* Takes the parts along the rows of q that belong to the same eigenvalue from x. */
static void sq_leave_eigenspace(seqnn_size n, const double *lambda, seqnn_size i,
                                const double *q, double *x)
{
    for (seqnn_size k = 0; k < i; k++) {
        const double *row = q + 2 * k * n;
        double along[2] = {0, 0};
        if (hypot(lambda[2 * i] - lambda[2 * k], lambda[2 * i + 1] - lambda[2 * k + 1]) >
            1e-12)
            continue;
        for (seqnn_size j = 0; j < n; j++) {
            along[0] += x[2 * j] * row[2 * j] + x[2 * j + 1] * row[2 * j + 1];
            along[1] += x[2 * j + 1] * row[2 * j] - x[2 * j] * row[2 * j + 1];
        }
        for (seqnn_size j = 0; j < n; j++)
            sq_complex_subtract(along, row + 2 * j, x + 2 * j);
    }
}

/* Row i of q by inverse iteration: (a^T - lambda) x = x of the round before, from a
 * random x. Each round shrinks what belongs to the other eigenvalues by their distance.
 */
static void sq_eigenvector(seqnn_size n, const double *a, const double *lambda,
                           seqnn_size i, double *q, double *work)
{
    seqnn_random random = {1, (uint64_t)i, 0};
    double *x = q + 2 * i * n;
    for (seqnn_size j = 0; j < n; j++) {
        x[2 * j] = seqnn_random_normal(&random);
        x[2 * j + 1] = lambda[2 * i + 1] != 0 ? seqnn_random_normal(&random) : 0;
    }
    for (int round = 0; round < 3; round++) {
        for (seqnn_size r = 0; r < n; r++)
            for (seqnn_size c = 0; c < n; c++) {
                work[2 * (r * n + c)] = a[c * n + r] - (r == c ? lambda[2 * i] : 0);
                work[2 * (r * n + c) + 1] = r == c ? -lambda[2 * i + 1] : 0;
            }
        sq_leave_eigenspace(n, lambda, i, q, x);
        sq_complex_normalize(n, x);
        sq_complex_solve(n, work, 1, x);
        sq_leave_eigenspace(n, lambda, i, q, x);
        sq_complex_normalize(n, x);
    }
}

/* || x a - lambda x ||, which rounding makes if x is an eigenvector. */
static double sq_eigen_residual(seqnn_size n, const double *a, const double *lambda,
                                const double *x)
{
    double squares = 0;
    for (seqnn_size c = 0; c < n; c++) {
        double sum[2] = {0, 0};
        for (seqnn_size r = 0; r < n; r++) {
            sum[0] += x[2 * r] * a[r * n + c];
            sum[1] += x[2 * r + 1] * a[r * n + c];
        }
        sq_complex_subtract(lambda, x + 2 * c, sum);
        squares += sum[0] * sum[0] + sum[1] * sum[1];
    }
    return sqrt(squares);
}

/* The 2-norm of a complex matrix, which is that of the real [[re, im], [-im, re]]. */
static double sq_complex_norm(seqnn_size n, const double *q, double *work)
{
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = 0; j < n; j++) {
            const double re = q[2 * (i * n + j)], im = q[2 * (i * n + j) + 1];
            work[2 * i * n + j] = work[2 * (i + n) * n + j + n] = re;
            work[2 * i * n + j + n] = im;
            work[2 * (i + n) * n + j] = -im;
        }
    return sq_largest_singular(2 * n, 2 * n, work, work + 4 * n * n);
}

/* All of seqnn_diagonalize but the checks, of a matrix whose largest element is about 1.
 * Returns the condition, infinite if a row of q is no eigenvector. work: 8 n n + 4 n. */
static double sq_diagonalize(seqnn_size n, const double *a, const double *lambda,
                             double *q, double *q_inverse, double *work)
{
    for (seqnn_size i = 0; i < n; i++) {
        double *x = q + 2 * i * n;
        if (lambda[2 * i + 1] < 0) { /* the mirror image of the one before */
            for (seqnn_size j = 0; j < n; j++) {
                x[2 * j] = x[2 * (j - n)];
                x[2 * j + 1] = -x[2 * (j - n) + 1];
            }
            continue;
        }
        sq_eigenvector(n, a, lambda, i, q, work);
        if (!(sq_eigen_residual(n, a, lambda + 2 * i, x) < 1e-9))
            return INFINITY;
    }
    for (seqnn_size i = 0; i < n * n; i++) {
        q_inverse[2 * i] = i % (n + 1) == 0;
        q_inverse[2 * i + 1] = 0;
    }
    memcpy(work, q, (size_t)(2 * n * n) * sizeof *work);
    sq_complex_solve(n, work, n, q_inverse);
    return sq_complex_norm(n, q, work) * sq_complex_norm(n, q_inverse, work);
}

SEQNN_API seqnn_status seqnn_diagonalize(seqnn_tensor a, double *lambda, double *q,
                                         double *q_inverse, double *condition)
{
    const seqnn_size n = a.rank > 0 ? a.shape[0] : 0;
    double *work =
        (double *)sq_allocate(sq_multiply(n, sq_multiply(9, n) + 6), sizeof *work);
    if (!work)
        return SEQNN_ERROR_MEMORY;
    double *real = work, *imaginary = work + n, *copy = work + 2 * n;
    const seqnn_status status = seqnn_eigenvalues(a, real, imaginary);
    if (status) {
        sq_free(work);
        return status;
    }
    double scale = 0;
    for (seqnn_size i = 0; i < n * n; i++)
        scale = fmax(scale, fabs((double)a.data[i]));
    scale = scale > 0 ? scale : 1;
    for (seqnn_size i = 0; i < n * n; i++)
        copy[i] = (double)a.data[i] / scale;
    for (seqnn_size i = 0; i < n; i++) {
        lambda[2 * i] = real[i] / scale;
        lambda[2 * i + 1] = imaginary[i] / scale;
    }
    const double found = sq_diagonalize(n, copy, lambda, q, q_inverse, copy + n * n);
    for (seqnn_size i = 0; i < 2 * n; i++)
        lambda[i] *= scale;
    sq_free(work);
    if (condition)
        *condition = found;
    if (found <= 1e7)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_NUMBER,
                   "diagonalize: %s has fewer than %td independent eigenvectors, or "
                   "nearly so",
                   sq_shape_text(a.shape, a.rank).text, n);
}
