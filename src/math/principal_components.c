#include "principal_components.h"

#include "memory.h"
#include "shape.h"

enum { SQ_JACOBI_SWEEPS = 60 };

/* Rows and columns p and q of the symmetric a[n, n] turned so that a[p, q] becomes 0; the
 * eigenvectors are the rows of v. */
static void sq_jacobi_turn(seqnn_size n, double *a, double *v, seqnn_size p, seqnn_size q)
{
    const double apq = a[p * n + q];
    const double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
    const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    const double c = 1 / sqrt(t * t + 1), s = t * c;
    for (seqnn_size k = 0; k < n; k++) {
        const double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
    for (seqnn_size k = 0; k < n; k++) {
        const double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (seqnn_size k = 0; k < n; k++) {
        const double x = v[p * n + k], y = v[q * n + k];
        v[p * n + k] = c * x - s * y;
        v[q * n + k] = s * x + c * y;
    }
}

/* The eigenvalues of a symmetric a[n, n] end on its diagonal, their vectors in the rows
 * of v[n, n]. */
static void sq_jacobi(seqnn_size n, double *a, double *v)
{
    double all = 0;
    for (seqnn_size i = 0; i < n * n; i++) {
        all += a[i] * a[i];
        v[i] = i % (n + 1) == 0;
    }
    for (int sweep = 0; sweep < SQ_JACOBI_SWEEPS; sweep++) {
        double beside = 0;
        for (seqnn_size p = 0; p < n; p++)
            for (seqnn_size q = p + 1; q < n; q++)
                beside += a[p * n + q] * a[p * n + q];
        if (beside <= 1e-26 * all)
            return;
        for (seqnn_size p = 0; p < n; p++)
            for (seqnn_size q = p + 1; q < n; q++)
                if (a[p * n + q] * a[p * n + q] > 1e-32 * all)
                    sq_jacobi_turn(n, a, v, p, q);
    }
}

/* x = a - the mean of its rows, transposed if a is wide: [rows, columns], rows >=
 * columns.
 */
static seqnn_status sq_centred(seqnn_tensor a, bool wide, double *x)
{
    const seqnn_size n = a.shape[0], m = a.shape[1];
    for (seqnn_size j = 0; j < m; j++) {
        double mean = 0;
        for (seqnn_size i = 0; i < n; i++)
            mean += (double)a.data[i * m + j] / (double)n;
        if (!isfinite(mean))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "principal components: column %td is not finite", j);
        for (seqnn_size i = 0; i < n; i++)
            x[wide ? j * n + i : i * m + j] = (double)a.data[i * m + j] - mean;
    }
    return SEQNN_OK;
}

/* Component c of every row: X v, or of a wide matrix, whose v are those of X X^T,
 * v sqrt(lambda). */
static void sq_component(seqnn_tensor components, seqnn_size c, bool wide,
                         const double *x, seqnn_size small, const double *v,
                         double lambda)
{
    const seqnn_size n = components.shape[1];
    double largest = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (seqnn_size i = 0; i < n; i++) {
            double value = 0;
            if (wide)
                value = v[i] * sqrt(fmax(lambda, 0));
            for (seqnn_size j = 0; j < small && !wide; j++)
                value += x[i * small + j] * v[j];
            if (pass == 0)
                largest = fabs(value) > fabs(largest) ? value : largest;
            else
                components.data[c * n + i] = (seqnn_real)(largest < 0 ? -value : value);
        }
    }
}

SEQNN_API seqnn_status seqnn_principal_components(seqnn_tensor a, seqnn_tensor components,
                                                  double *explained)
{
    if (a.rank != 2 || components.rank != 2 || components.shape[1] != a.shape[0] ||
        components.shape[0] > sq_min(a.shape[0], a.shape[1]))
        return sq_fail(
            SEQNN_ERROR_SHAPE,
            "principal components: of %s into %s, expected [n, m] into [k, n], k "
            "at most n and m",
            sq_shape_text(a.shape, a.rank).text,
            sq_shape_text(components.shape, components.rank).text);
    const bool wide = a.shape[0] < a.shape[1];
    const seqnn_size rows = sq_max(a.shape[0], a.shape[1]);
    const seqnn_size small = sq_min(a.shape[0], a.shape[1]);
    double *x =
        (double *)sq_allocate(sq_multiply(small, sq_multiply(3, rows)), sizeof *x);
    if (x == NULL)
        return SEQNN_ERROR_MEMORY;
    double *square = x + rows * small, *v = square + small * small, all = 0;
    const seqnn_status status = sq_centred(a, wide, x);
    if (status) {
        sq_free(x);
        return status;
    }
    for (seqnn_size i = 0; i < small; i++)
        for (seqnn_size j = 0; j < small; j++) {
            double sum = 0;
            for (seqnn_size k = 0; k < rows; k++)
                sum += x[k * small + i] * x[k * small + j];
            square[i * small + j] = sum;
        }
    sq_jacobi(small, square, v);
    for (seqnn_size i = 0; i < small; i++)
        all += square[i * small + i];
    for (seqnn_size c = 0; c < components.shape[0]; c++) {
        seqnn_size best = 0;
        for (seqnn_size i = 1; i < small; i++)
            if (square[i * small + i] > square[best * small + best])
                best = i;
        const double lambda = square[best * small + best];
        sq_component(components, c, wide, x, small, v + best * small, lambda);
        if (explained != NULL)
            explained[c] = all > 0 ? fmax(lambda, 0) / all : 0;
        square[best * small + best] = -INFINITY;
    }
    sq_free(x);
    return SEQNN_OK;
}
