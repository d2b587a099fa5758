#include "linalg.h"
#include "eigen.h"
#include "memory.h"
#include "shape.h"

#include <float.h>

/* ---- Householder reflections: H = I - beta v v^T ---- */

/* Turns x[0 .. n) into the v of the reflection that maps x to (alpha, 0, ..., 0). Returns
 * beta, 0 if nothing is to be done. */
static double sq_reflector(seqnn_size n, double *x, double *alpha)
{
    double scale = 0, squares = 0;
    for (seqnn_size i = 0; i < n; i++)
        scale = fmax(scale, fabs(x[i]));
    double rest = 0;
    for (seqnn_size i = 1; i < n; i++)
        rest = fmax(rest, fabs(x[i]));
    *alpha = x[0];
    if (rest == 0)
        return 0;
    for (seqnn_size i = 0; i < n; i++) {
        x[i] /= scale;
        squares += x[i] * x[i];
    }
    /* The sign that avoids cancellation in v[0]. */
    const double norm = x[0] > 0 ? -sqrt(squares) : sqrt(squares);
    *alpha = norm * scale;
    x[0] -= norm;
    return -1 / (norm * x[0]);
}

/* H a, for rows [row, row + n) and columns [first, last) of a. sums is work space. */
static void sq_reflect_rows(double *a, seqnn_size lda, seqnn_size row, seqnn_size n,
                            const double *v, double beta, seqnn_size first,
                            seqnn_size last, double *sums)
{
    for (seqnn_size j = first; j < last; j++)
        sums[j] = 0;
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = first; j < last; j++)
            sums[j] += v[i] * a[(row + i) * lda + j];
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = first; j < last; j++)
            a[(row + i) * lda + j] -= beta * v[i] * sums[j];
}

/* a H, for columns [column, column + n) and rows [first, last) of a. */
static void sq_reflect_columns(double *a, seqnn_size lda, seqnn_size column, seqnn_size n,
                               const double *v, double beta, seqnn_size first,
                               seqnn_size last)
{
    for (seqnn_size i = first; i < last; i++) {
        double *row = a + i * lda + column;
        double sum = 0;
        for (seqnn_size j = 0; j < n; j++)
            sum += row[j] * v[j];
        for (seqnn_size j = 0; j < n; j++)
            row[j] -= beta * sum * v[j];
    }
}

/* ---- eigenvalues ---- */

/* Q^T a Q, zero below the first subdiagonal. work: 2n numbers. */
static void sq_hessenberg(seqnn_size n, double *a, double *work)
{
    double *v = work, *sums = work + n;
    for (seqnn_size k = 0; k + 2 < n; k++) {
        const seqnn_size below = n - k - 1;
        double alpha;
        for (seqnn_size i = 0; i < below; i++)
            v[i] = a[(k + 1 + i) * n + k];
        const double beta = sq_reflector(below, v, &alpha);
        sq_reflect_rows(a, n, k + 1, below, v, beta, k, n, sums);
        sq_reflect_columns(a, n, k + 1, below, v, beta, 0, n);
        a[(k + 1) * n + k] = alpha;
        for (seqnn_size i = k + 2; i < n; i++)
            a[i * n + k] = 0;
    }
}

/* The two eigenvalues of [[a, b], [c, d]]. */
static void sq_eigenvalues_2x2(double a, double b, double c, double d, double *real,
                               double *imaginary)
{
    const double half = (a - d) / 2;
    const double discriminant = half * half + b * c;
    if (discriminant < 0) {
        real[0] = real[1] = d + half;
        imaginary[0] = sqrt(-discriminant);
        imaginary[1] = -imaginary[0];
        return;
    }
    const double z = half < 0 ? half - sqrt(discriminant) : half + sqrt(discriminant);
    real[0] = d + z;
    real[1] = z == 0 ? d : d - b * c / z;
    imaginary[0] = imaginary[1] = 0;
}

/* One step of Francis' QR iteration on rows and columns [low, high] of h (at least three
 * of them): two shifts at once, the roots of (x - a)(x - d) - bc, in real arithmetic. The
 * first column of (h - s1)(h - s2) fixes the first reflection; the others chase the bulge
 * that it makes down the subdiagonal. The column is divided by h1[0] and made of
 * differences to h0[0]: near a multiple of the identity all else would be rounding. */
static void sq_francis_step(seqnn_size n, double *h, seqnn_size low, seqnn_size high,
                            double a, double d, double bc, double *sums)
{
    const double *h0 = h + low * n + low, *h1 = h0 + n, *h2 = h1 + n;
    double v[3];
    a -= h0[0];
    d -= h0[0];
    v[0] = (a * d - bc) / h1[0] + h0[1];
    v[1] = h1[1] - h0[0] - a - d;
    v[2] = h2[1];
    for (seqnn_size k = low; k < high; k++) {
        const seqnn_size size = sq_min(3, high - k + 1);
        double alpha;
        if (k > low)
            for (seqnn_size i = 0; i < size; i++)
                v[i] = h[(k + i) * n + k - 1];
        const double beta = sq_reflector(size, v, &alpha);
        sq_reflect_rows(h, n, k, size, v, beta, k, high + 1, sums);
        sq_reflect_columns(h, n, k, size, v, beta, low, sq_min(k + 3, high) + 1);
        if (k > low) {
            h[k * n + k - 1] = alpha;
            for (seqnn_size i = 1; i < size; i++)
                h[(k + i) * n + k - 1] = 0;
        }
    }
}

/* All eigenvalues of a Hessenberg matrix, which is destroyed. A subdiagonal element that
 * is negligible splits the problem; the block at the end shrinks until it is 1x1 or 2x2.
 */
static bool sq_hessenberg_eigenvalues(seqnn_size n, double *h, double *real,
                                      double *imaginary, double *sums)
{
    double norm = 0;
    for (seqnn_size i = 0; i < n * n; i++)
        norm = fmax(norm, fabs(h[i]));

    seqnn_size high = n - 1;
    int steps = 0;
    while (high >= 0) {
        seqnn_size low = high;
        for (; low > 0; low--) {
            double size = fabs(h[(low - 1) * n + low - 1]) + fabs(h[low * n + low]);
            if (size == 0)
                size = norm;
            if (fabs(h[low * n + low - 1]) <= DBL_EPSILON * size)
                break;
        }
        const double *last = h + high * n + high;
        if (low == high) {
            real[high] = last[0];
            imaginary[high] = 0;
            high -= 1;
            steps = 0;
        } else if (low == high - 1) {
            sq_eigenvalues_2x2(last[-n - 1], last[-n], last[-1], last[0], real + low,
                               imaginary + low);
            high -= 2;
            steps = 0;
        } else {
            double a = last[-n - 1], d = last[0], bc = last[-n] * last[-1];
            if (++steps > 300)
                return false;
            if (steps % 10 == 0) {
                /* Other shifts break the cycles that the usual ones can run into. */
                const double size = fabs(last[-1]) + fabs(last[-n - 2]);
                a = d += 0.75 * size;
                bc = -0.4375 * size * size;
            }
            sq_francis_step(n, h, low, high, a, d, bc, sums);
        }
    }
    return true;
}

/* A copy of a [n, n] in double, and 2n numbers of work space behind it. */
static seqnn_status sq_square_copy(const char *who, seqnn_tensor a, double **copy)
{
    const seqnn_size n = a.rank == 2 ? a.shape[0] : 0;
    if (n < 1 || a.shape[1] != n)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: the matrix is %s, expected [n, n]", who,
                       sq_shape_text(a.shape, a.rank).text);
    for (seqnn_size i = 0; i < n * n; i++)
        if (!(fabs((double)a.data[i]) <= DBL_MAX))
            return sq_fail(SEQNN_ERROR_NUMBER, "%s: element [%td, %td] is not finite",
                           who, i / n, i % n);
    *copy = (double *)sq_allocate(sq_multiply(n, n + 2), sizeof **copy);
    if (!*copy)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < n * n; i++)
        (*copy)[i] = (double)a.data[i];
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_eigenvalues(seqnn_tensor a, double *real, double *imaginary)
{
    double *h = NULL;
    const seqnn_status status = sq_square_copy("eigenvalues", a, &h);
    if (status)
        return status;
    const seqnn_size n = a.shape[0];
    double *work = h + n * n;
    sq_hessenberg(n, h, work);
    const bool converged = sq_hessenberg_eigenvalues(n, h, real, imaginary, work);
    sq_free(h);
    if (!converged)
        return sq_fail(SEQNN_ERROR_NUMBER, "eigenvalues: no convergence for %s",
                       sq_shape_text(a.shape, a.rank).text);

    for (seqnn_size i = 1; i < n; i++)
        for (seqnn_size j = i;
             j > 0 && hypot(real[j], imaginary[j]) > hypot(real[j - 1], imaginary[j - 1]);
             j--) {
            const double re = real[j], im = imaginary[j];
            real[j] = real[j - 1];
            imaginary[j] = imaginary[j - 1];
            real[j - 1] = re;
            imaginary[j - 1] = im;
        }
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_spectral_radius(seqnn_tensor a, double *radius)
{
    const seqnn_size n = a.rank > 0 ? a.shape[0] : 0;
    double *values = (double *)sq_allocate(sq_multiply(2, n), sizeof *values);
    if (!values)
        return SEQNN_ERROR_MEMORY;
    const seqnn_status status = seqnn_eigenvalues(a, values, values + n);
    if (!status)
        *radius = hypot(values[0], values[n]);
    sq_free(values);
    return status;
}

/* A symmetric matrix in Hessenberg form is tridiagonal. The pivots of the elimination of
 * T - x I count the eigenvalues below x (Sylvester's law of inertia); bisection does the
 * rest. */
SQ_LOCAL double sq_symmetric_largest(seqnn_size n, double *a, double *work)
{
    sq_hessenberg(n, a, work);
    double low = -DBL_MAX, high = -DBL_MAX;
    for (seqnn_size i = 0; i < n; i++) {
        const double left = i > 0 ? fabs(a[i * n + i - 1]) : 0;
        const double right = i + 1 < n ? fabs(a[(i + 1) * n + i]) : 0;
        low = fmax(low, a[i * n + i]);
        high = fmax(high, a[i * n + i] + left + right);
    }
    for (int step = 0; step < 100 && low < high; step++) {
        const double x = low + (high - low) / 2;
        double pivot = 1;
        bool all_below = true;
        for (seqnn_size i = 0; i < n && all_below; i++) {
            const double off = i > 0 ? a[i * n + i - 1] : 0;
            pivot = a[i * n + i] - x - off * off / pivot;
            all_below = pivot < 0;
        }
        if (all_below)
            high = x;
        else
            low = x;
    }
    return high;
}

/* The root of the largest eigenvalue of a^T a, in units of the largest element, whose
 * square might overflow. */
SQ_LOCAL double sq_largest_singular(seqnn_size m, seqnn_size n, const double *a,
                                    double *work)
{
    double scale = 0;
    for (seqnn_size i = 0; i < m * n; i++)
        scale = fmax(scale, fabs(a[i]));
    if (scale == 0)
        return 0;
    memset(work, 0, (size_t)(n * n) * sizeof *work);
    for (seqnn_size k = 0; k < m; k++)
        for (seqnn_size i = 0; i < n; i++)
            for (seqnn_size j = 0; j < n; j++)
                work[i * n + j] += a[k * n + i] / scale * (a[k * n + j] / scale);
    return scale * sqrt(fmax(sq_symmetric_largest(n, work, work + n * n), 0));
}

SEQNN_API seqnn_status seqnn_spectral_norm(seqnn_tensor a, double *norm)
{
    if (a.rank != 2 || a.shape[0] < 1 || a.shape[1] < 1)
        return sq_fail(SEQNN_ERROR_SHAPE, "spectral norm: of %s, expected a matrix",
                       sq_shape_text(a.shape, a.rank).text);
    const seqnn_size m = a.shape[0], n = a.shape[1];
    double *copy = (double *)sq_allocate(sq_multiply(n, m + n + 2), sizeof *copy);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    bool finite = true;
    for (seqnn_size i = 0; i < m * n; i++) {
        copy[i] = (double)a.data[i];
        finite = finite && isfinite(copy[i]);
    }
    if (finite)
        *norm = sq_largest_singular(m, n, copy, copy + m * n);
    sq_free(copy);
    return finite ? SEQNN_OK
                  : sq_fail(SEQNN_ERROR_NUMBER,
                            "spectral norm: the matrix holds NaN or infinity");
}

/* ---- orthogonal factor ---- */

SQ_LOCAL void sq_orthogonal_columns(seqnn_size m, seqnn_size n, double *a, double *work)
{
    double *beta = work, *sign = work + n, *sums = work + 2 * n, *v = work + 3 * n;
    for (seqnn_size k = 0; k < n; k++) {
        double alpha;
        for (seqnn_size i = k; i < m; i++)
            v[i] = a[i * n + k];
        beta[k] = sq_reflector(m - k, v + k, &alpha);
        sign[k] = alpha < 0 ? -1 : 1;
        sq_reflect_rows(a, n, k, m - k, v + k, beta[k], k + 1, n, sums);
        for (seqnn_size i = k; i < m; i++)
            a[i * n + k] = v[i];
    }
    /* The first n columns of H_0 H_1 ... H_{n-1} take the place of the v, from the last
     * reflection on, which changes the fewest columns. */
    for (seqnn_size k = n - 1; k >= 0; k--) {
        for (seqnn_size i = k; i < m; i++) {
            v[i] = a[i * n + k];
            a[i * n + k] = i == k;
        }
        for (seqnn_size j = k + 1; j < n; j++)
            a[k * n + j] = 0;
        sq_reflect_rows(a, n, k, m - k, v + k, beta[k], k, n, sums);
    }
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++)
            a[i * n + j] *= sign[j];
}

SEQNN_API seqnn_status seqnn_orthogonal_factor(seqnn_tensor a, seqnn_tensor q)
{
    if (a.rank != 2 || !sq_same_shape(a, q))
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "orthogonal factor: of %s into %s, expected two matrices alike",
                       sq_shape_text(a.shape, a.rank).text,
                       sq_shape_text(q.shape, q.rank).text);
    const bool wide = a.shape[0] < a.shape[1];
    const seqnn_size m = wide ? a.shape[1] : a.shape[0];
    const seqnn_size n = wide ? a.shape[0] : a.shape[1];
    double *copy = (double *)sq_allocate(m * n + 3 * n + m, sizeof *copy);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++)
            copy[i * n + j] = (double)a.data[wide ? j * m + i : i * n + j];
    sq_orthogonal_columns(m, n, copy, copy + m * n);
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++)
            q.data[wide ? j * m + i : i * n + j] = (seqnn_real)copy[i * n + j];
    sq_free(copy);
    return SEQNN_OK;
}
