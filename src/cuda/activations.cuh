/* cuda/activations.cuh - activations of rows, forward and backward (private) */
#ifndef SQ_CUDA_ACTIVATIONS_H
#define SQ_CUDA_ACTIVATIONS_H

#include "rows.cuh"

SQ_BOTH static inline seqnn_real sq_device_exp(seqnn_real x)
{
    return SQ_MATH(exp)(x);
}

SQ_BOTH static inline seqnn_real sq_device_tanh(seqnn_real x)
{
    return SQ_MATH(tanh)(x);
}

/* 1 / (1 + e^-x), without e^x of a large x. */
SQ_BOTH static inline seqnn_real sq_device_logistic(seqnn_real x)
{
    const seqnn_real e = sq_device_exp(x < 0 ? x : -x);
    return (x < 0 ? e : (seqnn_real)1) / (1 + e);
}

/* y = g(z), and g'(z) from y; of an activation that looks at one number at a time. */
SQ_BOTH static inline seqnn_real sq_device_activate(seqnn_activation g, seqnn_real z)
{
    switch (g) {
    case SEQNN_TANH:
        return sq_device_tanh(z);
    case SEQNN_SIGMOID:
        return sq_device_logistic(z);
    case SEQNN_RELU:
        return z < 0 ? 0 : z; /* NaN passes */
    default:
        return z;
    }
}

SQ_BOTH static inline seqnn_real sq_device_slope(seqnn_activation g, seqnn_real y)
{
    switch (g) {
    case SEQNN_TANH:
        return 1 - y * y;
    case SEQNN_SIGMOID:
        return y * (1 - y);
    case SEQNN_RELU:
        return y > 0 ? (seqnn_real)1 : (seqnn_real)0;
    default:
        return 1;
    }
}

struct sq_activate_element {
    sq_wide<seqnn_activation> g;
    const seqnn_real *z;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = sq_device_activate(g, z[i]);
    }
};

struct sq_activate_back {
    sq_wide<seqnn_activation> g;
    const seqnn_real *y, *dy;
    seqnn_real *dz;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        dz[i] = dy[i] * sq_device_slope(g, y[i]);
    }
};

/* ---- rows that sum to one ---- */

/* The threads of a block add up, or take the largest of, what each has: the value of
 * thread 0 in `own`, then halves of the threads in turn, a fixed order. Takes
 * sq_block_phases(threads) phases, after which shared[0] is the result. */
SQ_BOTH static inline seqnn_size sq_block_phases(seqnn_size threads)
{
    seqnn_size phases = 1;
    for (seqnn_size n = threads; n > 1; n /= 2)
        phases++;
    return phases;
}

/* Phase p of it; threads is a power of two. */
SQ_BOTH static inline void sq_block_combine(seqnn_size p, const sq_place &at, double own,
                                            bool largest, double *shared)
{
    if (p == 0) {
        shared[at.thread] = own;
        return;
    }
    const seqnn_size half = at.threads >> p;
    if (at.thread >= half)
        return;
    const double other = shared[at.thread + half];
    if (!largest)
        shared[at.thread] += other;
    else if (!(shared[at.thread] >= other)) /* NaN stays */
        shared[at.thread] = shared[at.thread] != shared[at.thread] ? shared[at.thread] : other;
}

/* y = softmax(z) of a row, or its logarithm; one block for each row. */
struct sq_softmax_rows {
    seqnn_size columns;
    sq_wide<bool> logarithm;
    const seqnn_real *z;
    seqnn_real *y;
    struct state {
        double most;
    };
    enum { THREADS = 128, COMBINE = 8 }; /* sq_block_phases(THREADS) */
    SQ_BOTH seqnn_size phases() const
    {
        return 2 * COMBINE + 2;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const seqnn_real *from = z + at.block * columns;
        double *shared = (double *)at.shared;
        if (p < COMBINE) { /* the largest */
            double most = -INFINITY;
            for (seqnn_size j = at.thread; p == 0 && j < columns; j += at.threads)
                most = from[j] > most || from[j] != from[j] ? (double)from[j] : most;
            sq_block_combine(p, at, most, true, shared);
        } else if (p == COMBINE) {
            own.most = shared[0];
        } else if (p <= 2 * COMBINE) { /* the sum */
            double sum = 0;
            for (seqnn_size j = at.thread; p == COMBINE + 1 && j < columns; j += at.threads)
                sum += (double)sq_device_exp((seqnn_real)((double)from[j] - own.most));
            sq_block_combine(p - COMBINE - 1, at, sum, false, shared);
        } else {
            const double sum = shared[0], log_sum = log(sum);
            for (seqnn_size j = at.thread; j < columns; j += at.threads) {
                const double above = (double)from[j] - own.most;
                y[at.block * columns + j] =
                    logarithm ? (seqnn_real)(above - log_sum)
                              : (seqnn_real)((double)sq_device_exp((seqnn_real)above) / sum);
            }
        }
    }
};

/* dz = y * (dy - sum y dy), or of log-softmax dy - e^y sum dy. */
struct sq_softmax_back {
    seqnn_size columns;
    sq_wide<bool> logarithm;
    const seqnn_real *y, *dy;
    seqnn_real *dz;
    struct state {};
    enum { THREADS = 128, COMBINE = 8 };
    SQ_BOTH seqnn_size phases() const
    {
        return COMBINE + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        const seqnn_size row = at.block * columns;
        double *shared = (double *)at.shared;
        if (p < COMBINE) {
            double sum = 0;
            for (seqnn_size j = at.thread; p == 0 && j < columns; j += at.threads)
                sum += (double)dy[row + j] * (logarithm ? 1 : (double)y[row + j]);
            sq_block_combine(p, at, sum, false, shared);
            return;
        }
        const seqnn_real sum = (seqnn_real)shared[0];
        for (seqnn_size j = at.thread; j < columns; j += at.threads) {
            const seqnn_real here = y[row + j];
            dz[row + j] = logarithm ? dy[row + j] - sq_device_exp(here) * sum
                                    : here * (dy[row + j] - sum);
        }
    }
};

static inline bool sq_looks_at_rows(seqnn_activation g)
{
    return g == SEQNN_SOFTMAX || g == SEQNN_LOG_SOFTMAX;
}

static inline void sq_device_activation(sq_device *device, seqnn_activation g,
                                        seqnn_size rows, seqnn_size columns,
                                        const seqnn_real *z, seqnn_real *y)
{
    const seqnn_size threads = sq_softmax_rows::THREADS;
    if (!sq_looks_at_rows(g))
        sq_for_each(device, rows * columns, sq_activate_element{g, z, y});
    else if (rows > 0)
        sq_device_run(device, sq_grid{rows, threads, (size_t)threads * sizeof(double), 0},
                      sq_softmax_rows{columns, g == SEQNN_LOG_SOFTMAX, z, y});
}

static inline void sq_device_activation_back(sq_device *device, seqnn_activation g,
                                             seqnn_size rows, seqnn_size columns,
                                             const seqnn_real *y, const seqnn_real *dy,
                                             seqnn_real *dz)
{
    const seqnn_size threads = sq_softmax_back::THREADS;
    if (!sq_looks_at_rows(g))
        sq_for_each(device, rows * columns, sq_activate_back{g, y, dy, dz});
    else if (rows > 0)
        sq_device_run(device, sq_grid{rows, threads, (size_t)threads * sizeof(double), 0},
                      sq_softmax_back{columns, g == SEQNN_LOG_SOFTMAX, y, dy, dz});
}

#endif
