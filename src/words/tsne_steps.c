#include "tsne_steps.h"

#ifdef SEQNN_WORDS

#include "memory.h"
#include "parallel.h"

enum { SQ_TSNE_PAIRS = 200000, SQ_TSNE_BISECTIONS = 100 };

SQ_LOCAL seqnn_status sq_tsne_new(sq_tsne *tsne, seqnn_size n, seqnn_size k)
{
    memset(tsne, 0, sizeof *tsne);
    tsne->n = n;
    tsne->k = k;
    tsne->width = (n + SQ_TSNE_LANES - 1) / SQ_TSNE_LANES * SQ_TSNE_LANES;
    double *memory =
        (double *)sq_allocate(sq_multiply(tsne->width, n + 3 * k + 2), sizeof *memory);
    if (memory == NULL)
        return SEQNN_ERROR_MEMORY;
    tsne->memory = memory;
    tsne->p = memory;
    tsne->y = tsne->p + n * tsne->width;
    tsne->gradient = tsne->y + k * tsne->width;
    tsne->push = tsne->gradient + k * tsne->width;
    tsne->sum = tsne->push + k * tsne->width;
    tsne->real = tsne->sum + tsne->width;
    for (seqnn_size i = 0; i < n; i++)
        tsne->real[i] = 1;
    return SEQNN_OK;
}

SQ_LOCAL void sq_tsne_free(sq_tsne *tsne)
{
    sq_free(tsne->memory);
    memset(tsne, 0, sizeof *tsne);
}

/* Rows of a piece of work. Threads are not worth waking for less. */
static seqnn_size sq_tsne_grain(const sq_tsne *tsne)
{
    return SQ_TSNE_PAIRS / tsne->n + 1;
}

/* Lanes are added in one order, whatever the compiler made of them. */
static double sq_tsne_lane_sum(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) +
           ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

static double sq_tsne_distance(const seqnn_real *x, const seqnn_real *y, seqnn_size m)
{
    double lane[SQ_TSNE_LANES] = {0};
    seqnn_size j = 0;
    for (; j + SQ_TSNE_LANES <= m; j += SQ_TSNE_LANES)
        for (int l = 0; l < SQ_TSNE_LANES; l++) {
            const double d = (double)x[j + l] - (double)y[j + l];
            lane[l] += d * d;
        }
    for (; j < m; j++) {
        const double d = (double)x[j] - (double)y[j];
        lane[0] += d * d;
    }
    return sq_tsne_lane_sum(lane);
}

/* Squared distances d_j from point i become p_j|i: exp(-beta d_j) over their sum, with
 * beta = 1 / 2 sigma_i^2 found by bisection. The entropy log(sum) + beta mean(d) falls as
 * beta grows. With more equal points than neighbours wanted, it has no such beta, and the
 * last one shares p among them. */
static void sq_tsne_conditional(double *d, seqnn_size n, seqnn_size i, double perplexity)
{
    const double wanted = log(perplexity);
    double nearest = INFINITY, mean = 0, sum = 0, low = 0, high = INFINITY;
    for (seqnn_size j = 0; j < n; j++)
        if (j != i && d[j] < nearest)
            nearest = d[j];
    d[i] = nearest;
    for (seqnn_size j = 0; j < n; j++) {
        d[j] -= nearest; /* cancels in p, and the sum is at least 1 */
        mean += d[j] / (double)(n - 1);
    }
    double beta = mean > 0 ? 1 / mean : 0;
    for (int step = 0; step < SQ_TSNE_BISECTIONS; step++) {
        double weighted = 0;
        sum = 0;
        for (seqnn_size j = 0; j < n; j++)
            if (j != i) {
                const double e = exp(-beta * d[j]);
                sum += e;
                weighted += e * d[j];
            }
        const double above = log(sum) + beta * weighted / sum - wanted;
        if (fabs(above) < 1e-9)
            break;
        if (above > 0)
            low = beta;
        else
            high = beta;
        beta = high < INFINITY ? (low + high) / 2 : 2 * beta;
    }
    sum = 0;
    for (seqnn_size j = 0; j < n; j++) {
        d[j] = j == i ? 0 : exp(-beta * d[j]);
        sum += d[j];
    }
    for (seqnn_size j = 0; j < n; j++)
        d[j] /= sum;
}

typedef struct sq_tsne_rows {
    sq_tsne *tsne;
    const seqnn_real *x;
    seqnn_size m;
    double perplexity;
} sq_tsne_rows;

static void sq_tsne_row(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_tsne_rows *rows = (const sq_tsne_rows *)context;
    for (seqnn_size i = begin; i < end; i++) {
        double *row = rows->tsne->p + i * rows->tsne->width;
        for (seqnn_size j = 0; j < rows->tsne->n; j++)
            row[j] =
                sq_tsne_distance(rows->x + i * rows->m, rows->x + j * rows->m, rows->m);
        sq_tsne_conditional(row, rows->tsne->n, i, rows->perplexity);
    }
}

SQ_LOCAL void sq_tsne_neighbours(sq_tsne *tsne, const seqnn_real *x, seqnn_size m,
                                 double perplexity)
{
    sq_tsne_rows rows = {tsne, x, m, perplexity};
    sq_parallel(tsne->n, sq_tsne_grain(tsne), sq_tsne_row, &rows);
    for (seqnn_size i = 0; i < tsne->n; i++)
        for (seqnn_size j = 0; j < i; j++) {
            double *ij = tsne->p + i * tsne->width + j,
                   *ji = tsne->p + j * tsne->width + i;
            *ij = *ji = (*ij + *ji) / (2 * (double)tsne->n);
        }
}

/* Of rows [begin, end): sum_j p_ij w_ij (y_i - y_j) into the gradient, sum_j w_ij^2
 * (y_i - y_j) into push, and sum_j!=i w_ij. k is a constant where this is called, for the
 * compiler's sake. */
static inline void sq_tsne_forces(sq_tsne *tsne, seqnn_size begin, seqnn_size end,
                                  seqnn_size k)
{
    const seqnn_size width = tsne->width;
    const double *SQ_RESTRICT y = tsne->y;
    const double *SQ_RESTRICT real = tsne->real;
    for (seqnn_size i = begin; i < end; i++) {
        const double *SQ_RESTRICT p = tsne->p + i * width;
        double pull[SQ_TSNE_DIMENSIONS][SQ_TSNE_LANES] = {{0}};
        double push[SQ_TSNE_DIMENSIONS][SQ_TSNE_LANES] = {{0}};
        double sum[SQ_TSNE_LANES] = {0};
        for (seqnn_size j = 0; j < width; j += SQ_TSNE_LANES)
            for (int l = 0; l < SQ_TSNE_LANES; l++) {
                double step[SQ_TSNE_DIMENSIONS], w = 1;
                for (seqnn_size c = 0; c < k; c++) {
                    step[c] = y[c * width + i] - y[c * width + j + l];
                    w += step[c] * step[c];
                }
                w = real[j + l] / w;
                sum[l] += w;
                for (seqnn_size c = 0; c < k; c++) {
                    pull[c][l] += p[j + l] * w * step[c];
                    push[c][l] += w * w * step[c];
                }
            }
        for (seqnn_size c = 0; c < k; c++) {
            tsne->gradient[c * width + i] = sq_tsne_lane_sum(pull[c]);
            tsne->push[c * width + i] = sq_tsne_lane_sum(push[c]);
        }
        tsne->sum[i] = sq_tsne_lane_sum(sum) - 1; /* w_ii */
    }
}

static void sq_tsne_forces_1(void *tsne, seqnn_size begin, seqnn_size end)
{
    sq_tsne_forces((sq_tsne *)tsne, begin, end, 1);
}

static void sq_tsne_forces_2(void *tsne, seqnn_size begin, seqnn_size end)
{
    sq_tsne_forces((sq_tsne *)tsne, begin, end, 2);
}

static void sq_tsne_forces_3(void *tsne, seqnn_size begin, seqnn_size end)
{
    sq_tsne_forces((sq_tsne *)tsne, begin, end, 3);
}

static double sq_tsne_total(const sq_tsne *tsne)
{
    double total = 0;
    for (seqnn_size i = 0; i < tsne->n; i++)
        total += tsne->sum[i];
    return total;
}

SQ_LOCAL void sq_tsne_gradient(sq_tsne *tsne, double exaggeration)
{
    const sq_work forces[] = {sq_tsne_forces_1, sq_tsne_forces_2, sq_tsne_forces_3};
    sq_parallel(tsne->n, sq_tsne_grain(tsne), forces[tsne->k - 1], tsne);
    const double total = sq_tsne_total(tsne);
    for (seqnn_size c = 0; c < tsne->k; c++)
        for (seqnn_size i = c * tsne->width; i < c * tsne->width + tsne->n; i++)
            tsne->gradient[i] =
                4 * (exaggeration * tsne->gradient[i] - tsne->push[i] / total);
}

/* sum_j p_ij log(p_ij / w_ij) of each row. */
static void sq_tsne_divergence_rows(void *context, seqnn_size begin, seqnn_size end)
{
    sq_tsne *tsne = (sq_tsne *)context;
    for (seqnn_size i = begin; i < end; i++) {
        tsne->sum[i] = 0;
        for (seqnn_size j = 0; j < tsne->n; j++) {
            const double p = tsne->p[i * tsne->width + j];
            double w = 1;
            for (seqnn_size c = 0; c < tsne->k; c++) {
                const double *y = tsne->y + c * tsne->width;
                w += (y[i] - y[j]) * (y[i] - y[j]);
            }
            if (p > 0)
                tsne->sum[i] += p * log(p * w);
        }
    }
}

SQ_LOCAL double sq_tsne_divergence(sq_tsne *tsne)
{
    sq_tsne_gradient(tsne, 1); /* for the sum of all w */
    const double total = sq_tsne_total(tsne);
    sq_parallel(tsne->n, sq_tsne_grain(tsne), sq_tsne_divergence_rows, tsne);
    return sq_tsne_total(tsne) + log(total);
}

#endif
