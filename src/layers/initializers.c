#include "initializers.h"
#include "eigen.h"
#include "memory.h"
#include "private.h"
#include "random.h"

SEQNN_API const char *seqnn_initializer_name(seqnn_initializer_kind kind)
{
    static const char *const names[] = {
        "default",    "zeros",     "constant",       "normal",
        "uniform",    "gaussian",  "glorot_uniform", "glorot_normal",
        "he_uniform", "he_normal", "lecun_uniform",  "lecun_normal",
        "orthogonal", "identity",  "np_rnn",         "square_root_units"};
    return (size_t)kind < (size_t)SQ_COUNT(names) ? names[kind] : "unknown";
}

static void sq_fill_uniform(seqnn_random *random, seqnn_real *weights, seqnn_size size,
                            double limit, double centre)
{
    for (seqnn_size i = 0; i < size; i++)
        weights[i] =
            (seqnn_real)(centre + limit * (2 * seqnn_random_uniform(random) - 1));
}

static void sq_fill_normal(seqnn_random *random, seqnn_real *weights, seqnn_size size,
                           double deviation, double mean)
{
    for (seqnn_size i = 0; i < size; i++)
        weights[i] = (seqnn_real)(mean + deviation * seqnn_random_normal(random));
}

/* A standard normal number cut off at two has this standard deviation. */
#define SQ_TRUNCATED_DEVIATION 0.87962566103423978

static void sq_fill_truncated(seqnn_random *random, seqnn_real *weights, seqnn_size size,
                              double deviation)
{
    for (seqnn_size i = 0; i < size; i++) {
        double x;
        do {
            x = seqnn_random_normal(random);
        } while (fabs(x) > 2);
        weights[i] = (seqnn_real)(deviation / SQ_TRUNCATED_DEVIATION * x);
    }
}

/* The orthogonal factor of a Gaussian matrix [rows, columns]; of its transpose if it is
 * wide. */
static seqnn_status sq_fill_orthogonal(seqnn_random *random, seqnn_real *weights,
                                       seqnn_size rows, seqnn_size columns, double gain)
{
    const seqnn_size m = sq_max(rows, columns), n = sq_min(rows, columns);
    double *q = (double *)sq_allocate(sq_multiply(m, n + 4), sizeof *q);
    if (!q)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < m * n; i++)
        q[i] = seqnn_random_normal(random);
    sq_orthogonal_columns(m, n, q, q + m * n);
    for (seqnn_size i = 0; i < rows; i++)
        for (seqnn_size j = 0; j < columns; j++)
            weights[i * columns + j] =
                (seqnn_real)(gain * (rows < columns ? q[j * n + i] : q[i * n + j]));
    sq_free(q);
    return SEQNN_OK;
}

/* One block [n, n] of weights, whose rows are `columns` apart. */
static seqnn_status sq_fill_np_rnn(seqnn_random *random, seqnn_real *weights,
                                   seqnn_size n, seqnn_size columns)
{
    double *memory = (double *)sq_allocate(sq_multiply(n, 3 * n + 2), sizeof *memory);
    if (!memory)
        return SEQNN_ERROR_MEMORY;
    double *r = memory, *a = r + n * n, *reduced = a + n * n, *work = reduced + n * n;
    for (seqnn_size i = 0; i < n * n; i++)
        r[i] = seqnn_random_normal(random);
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = 0; j <= i; j++) {
            double sum = 0;
            for (seqnn_size k = 0; k < n; k++)
                sum += r[i * n + k] * r[j * n + k];
            a[i * n + j] = a[j * n + i] = sum / (double)n + (i == j);
        }
    memcpy(reduced, a, (size_t)(n * n) * sizeof *a);
    const double largest = sq_symmetric_largest(n, reduced, work);
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = 0; j < n; j++)
            weights[i * columns + j] = (seqnn_real)(a[i * n + j] / largest);
    sq_free(memory);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_initialize(seqnn_initializer how, seqnn_real *weights,
                                        seqnn_size rows, seqnn_size columns,
                                        seqnn_size blocks, uint64_t seed, uint64_t stream)
{
    const seqnn_size size = sq_multiply(rows, columns);
    if (rows < 1 || columns < 1 || blocks < 1 || columns % blocks != 0 || size < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "initializer %s: [%td, %td] in %td blocks of columns",
                       seqnn_initializer_name(how.kind), rows, columns, blocks);
    seqnn_random random;
    random.seed = seed;
    random.stream = stream;
    random.index = 0;
    const seqnn_size units = columns / blocks;
    const double in = (double)rows, both = in + (double)columns;
    const double spread = (double)sq_option(how.a, (seqnn_real)0.05);
    const double gain = (double)sq_option(how.a, 1);
    const double centre = (double)sq_option(how.b, 0);

    switch (how.kind) {
    case SEQNN_ZEROS:
        memset(weights, 0, (size_t)size * sizeof *weights);
        return SEQNN_OK;
    case SEQNN_CONSTANT:
        for (seqnn_size i = 0; i < size; i++)
            weights[i] = sq_option(how.a, 0);
        return SEQNN_OK;
    case SEQNN_NORMAL:
        sq_fill_normal(&random, weights, size, spread, centre);
        return SEQNN_OK;
    case SEQNN_UNIFORM:
        sq_fill_uniform(&random, weights, size, spread, centre);
        return SEQNN_OK;
    case SEQNN_GAUSSIAN:
        sq_fill_normal(&random, weights, size, 0.01, 0);
        return SEQNN_OK;
    case SEQNN_GLOROT_UNIFORM:
        sq_fill_uniform(&random, weights, size, sqrt(6 / both), 0);
        return SEQNN_OK;
    case SEQNN_GLOROT_NORMAL:
        sq_fill_truncated(&random, weights, size, sqrt(2 / both));
        return SEQNN_OK;
    case SEQNN_HE_UNIFORM:
        sq_fill_uniform(&random, weights, size, sqrt(6 / in), 0);
        return SEQNN_OK;
    case SEQNN_HE_NORMAL:
        sq_fill_truncated(&random, weights, size, sqrt(2 / in));
        return SEQNN_OK;
    case SEQNN_LECUN_UNIFORM:
        sq_fill_uniform(&random, weights, size, sqrt(3 / in), 0);
        return SEQNN_OK;
    case SEQNN_LECUN_NORMAL:
        sq_fill_truncated(&random, weights, size, sqrt(1 / in));
        return SEQNN_OK;
    case SEQNN_ORTHOGONAL:
        return sq_fill_orthogonal(&random, weights, rows, columns, gain);
    case SEQNN_IDENTITY:
        for (seqnn_size i = 0; i < rows; i++)
            for (seqnn_size j = 0; j < columns; j++)
                weights[i * columns + j] = j % units == i ? (seqnn_real)gain : 0;
        return SEQNN_OK;
    case SEQNN_NP_RNN:
        if (rows != units)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "initializer np_rnn: a block is [%td, %td], expected [n, n]",
                           rows, units);
        for (seqnn_size block = 0; block < blocks; block++) {
            seqnn_status status =
                sq_fill_np_rnn(&random, weights + block * units, units, columns);
            if (status)
                return status;
        }
        return SEQNN_OK;
    case SEQNN_SQUARE_ROOT_UNITS:
        sq_fill_uniform(&random, weights, size, 1 / sqrt((double)units), 0);
        return SEQNN_OK;
    case SEQNN_INITIALIZER_DEFAULT:
    default:
        return sq_fail(SEQNN_ERROR_ARGUMENT, "initializer: %s (%d) names no values",
                       seqnn_initializer_name(how.kind), (int)how.kind);
    }
}
