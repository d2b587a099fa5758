#include "tsne.h"

#ifdef SEQNN_WORDS

#include "memory.h"
#include "principal_components.h"
#include "random.h"
#include "row_length.h"
#include "shape.h"
#include "tsne_steps.h"

enum { SQ_TSNE_EXAGGERATED = 250 };
#define SQ_TSNE_SMALL 1e-4 /* standard deviation of the places at the start */

/* Puts the defaults in. */
static seqnn_status sq_tsne_check(seqnn_tensor a, seqnn_tensor map,
                                  seqnn_tsne_options *options)
{
    if (a.rank != 2 || map.rank != 2 || map.shape[1] != a.shape[0] || map.shape[0] < 1 ||
        map.shape[0] > SQ_TSNE_DIMENSIONS || a.shape[1] < 1)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "t-SNE: of %s into %s, expected [n, m] into [k, n], k from 1 to 3",
                       sq_shape_text(a.shape, a.rank).text,
                       sq_shape_text(map.shape, map.rank).text);
    const seqnn_size n = a.shape[0];
    if (n < 4)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "t-SNE: of %td points, expected 4 or more",
                       n);
    if ((int)options->metric < 0 || options->metric > SEQNN_TSNE_COSINE ||
        (int)options->start < 0 || options->start > SEQNN_TSNE_RANDOM)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "t-SNE: metric %d, start %d, which are none",
                       (int)options->metric, (int)options->start);
    if (options->perplexity == 0)
        options->perplexity = fmin(30, (double)(n - 1) / 3);
    if (!(options->perplexity >= 1 && options->perplexity <= (double)(n - 1)))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "t-SNE: perplexity %g, expected 1 to %td, one less than points",
                       options->perplexity, n - 1);
    if (options->iterations == 0)
        options->iterations = 1000;
    if (options->early_exaggeration == 0)
        options->early_exaggeration = 12;
    if (options->learning_rate == 0)
        options->learning_rate = fmax((double)n / options->early_exaggeration / 4, 50);
    if (options->iterations < 0 ||
        !(options->early_exaggeration > 0 && options->early_exaggeration < INFINITY) ||
        !(options->learning_rate > 0 && options->learning_rate < INFINITY))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "t-SNE: iterations %td, learning rate %g, early exaggeration %g, "
                       "expected numbers above 0",
                       options->iterations, options->learning_rate,
                       options->early_exaggeration);
    return SEQNN_OK;
}

/* 1 / |row|, or 0 if the row has no direction. */
static double sq_tsne_scale(const seqnn_real *row, seqnn_size m)
{
    double largest;
    const double length = sq_row_length(row, m, &largest);
    return largest == 0 ? 0 : 1 / length / largest;
}

/* x [n, m]: the rows, for cosine of length 1, less the first one and divided by the
 * largest number that this leaves, neither of which makes a difference to t-SNE. */
static seqnn_status sq_tsne_points(seqnn_tensor a, bool cosine, seqnn_real *x)
{
    const seqnn_size n = a.shape[0], m = a.shape[1];
    double largest = 0, first = 1;
    for (int pass = 0; pass < 2; pass++)
        for (seqnn_size i = 0; i < n; i++) {
            const double scale = cosine ? sq_tsne_scale(a.data + i * m, m) : 1;
            first = i == 0 ? scale : first;
            if (scale == 0)
                return sq_fail(SEQNN_ERROR_NUMBER,
                               "t-SNE: row %td is all zero, which has no direction", i);
            for (seqnn_size j = 0; j < m; j++) {
                const double value =
                    scale * (double)a.data[i * m + j] - first * (double)a.data[j];
                if (!isfinite(value))
                    return sq_fail(SEQNN_ERROR_NUMBER, "t-SNE: row %td is not finite", i);
                if (pass == 0)
                    largest = fmax(largest, fabs(value));
                else
                    x[i * m + j] = (seqnn_real)(value / largest);
            }
            /* Rows of one direction differ by rounding. */
            if (pass == 0 && i == n - 1 && !(largest > (cosine ? 1e-6 : 0)))
                return sq_fail(SEQNN_ERROR_NUMBER,
                               "t-SNE: all %td points %s, so there is nothing to see", n,
                               cosine ? "have one direction" : "are the same");
        }
    return SEQNN_OK;
}

static seqnn_status sq_tsne_begin(sq_tsne *tsne, const seqnn_real *x, seqnn_size m,
                                  const seqnn_tsne_options *options)
{
    const seqnn_size n = tsne->n, k = sq_min(tsne->k, m);
    const bool random_start = options->start == SEQNN_TSNE_RANDOM;
    seqnn_random random = {options->seed, 0, 0};
    const double noise = random_start ? SQ_TSNE_SMALL : SQ_TSNE_SMALL / 100;
    for (seqnn_size c = 0; c < tsne->k; c++)
        for (seqnn_size i = 0; i < n; i++)
            tsne->y[c * tsne->width + i] = noise * seqnn_random_normal(&random);
    if (random_start)
        return SEQNN_OK;
    seqnn_real *found = (seqnn_real *)sq_allocate(n * k, sizeof *found);
    seqnn_status status = found == NULL ? SEQNN_ERROR_MEMORY : SEQNN_OK;
    if (!status)
        status = seqnn_principal_components(seqnn_tensor_2d((seqnn_real *)x, n, m),
                                            seqnn_tensor_2d(found, k, n), NULL);
    if (!status) {
        double variance = 0;
        for (seqnn_size i = 0; i < n; i++)
            variance += (double)found[i] * (double)found[i] / (double)n;
        for (seqnn_size c = 0; c < k && variance > 0; c++)
            for (seqnn_size i = 0; i < n; i++)
                tsne->y[c * tsne->width + i] +=
                    SQ_TSNE_SMALL / sqrt(variance) * (double)found[c * n + i];
    }
    sq_free(found);
    return status;
}

/* Gradient descent with momentum, and with a gain for each coordinate that grows while
 * its gradient keeps its sign (Jacobs 1988). */
static seqnn_status sq_tsne_descend(sq_tsne *tsne, const seqnn_tsne_options *options)
{
    const seqnn_size size = tsne->k * tsne->width;
    double *step = (double *)sq_allocate(sq_multiply(2, size), sizeof *step);
    if (step == NULL)
        return SEQNN_ERROR_MEMORY;
    double *gain = step + size;
    for (seqnn_size i = 0; i < size; i++)
        gain[i] = 1;
    const seqnn_size early = sq_min(SQ_TSNE_EXAGGERATED, options->iterations / 2);
    for (seqnn_size t = 0; t < options->iterations; t++) {
        const double momentum = t < early ? 0.5 : 0.8;
        if (t == early) /* what was learnt of the exaggerated cost */
            for (seqnn_size i = 0; i < size; i++) {
                step[i] = 0;
                gain[i] = 1;
            }
        sq_tsne_gradient(tsne, t < early ? options->early_exaggeration : 1);
        for (seqnn_size i = 0; i < size; i++) {
            const double g = tsne->gradient[i];
            gain[i] = step[i] * g < 0 ? gain[i] + 0.2 : fmax(gain[i] * 0.8, 0.01);
            step[i] = momentum * step[i] - options->learning_rate * gain[i] * g;
            tsne->y[i] += step[i];
        }
    }
    sq_free(step);
    return SEQNN_OK;
}

/* The places with their mean at 0, and their divergence. */
static seqnn_status sq_tsne_end(sq_tsne *tsne, seqnn_tensor map, double *divergence)
{
    const double found = sq_tsne_divergence(tsne);
    bool grown = !isfinite(found);
    for (seqnn_size i = 0; i < tsne->k * tsne->width; i++)
        grown = grown || !(fabs(tsne->y[i]) < 1e30);
    if (grown)
        return sq_fail(SEQNN_ERROR_NUMBER,
                       "t-SNE: the map has grown beyond all numbers, which a smaller "
                       "learning rate prevents");
    for (seqnn_size c = 0; c < tsne->k; c++) {
        const double *y = tsne->y + c * tsne->width;
        double mean = 0;
        for (seqnn_size i = 0; i < tsne->n; i++)
            mean += y[i] / (double)tsne->n;
        for (seqnn_size i = 0; i < tsne->n; i++)
            map.data[c * tsne->n + i] = (seqnn_real)(y[i] - mean);
    }
    if (divergence != NULL)
        *divergence = found;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_tsne(seqnn_tensor a, seqnn_tensor map, double *divergence,
                                  seqnn_tsne_options options)
{
    seqnn_status status = sq_tsne_check(a, map, &options);
    if (status)
        return status;
    const seqnn_size n = a.shape[0], m = a.shape[1];
    sq_tsne tsne;
    seqnn_real *x = (seqnn_real *)sq_allocate(sq_multiply(n, m), sizeof *x);
    if (x == NULL)
        return SEQNN_ERROR_MEMORY;
    status = sq_tsne_points(a, options.metric == SEQNN_TSNE_COSINE, x);
    if (!status)
        status = sq_tsne_new(&tsne, n, map.shape[0]);
    if (!status) {
        sq_tsne_neighbours(&tsne, x, m, options.perplexity);
        status = sq_tsne_begin(&tsne, x, m, &options);
        if (!status)
            status = sq_tsne_descend(&tsne, &options);
        if (!status)
            status = sq_tsne_end(&tsne, map, divergence);
        sq_tsne_free(&tsne);
    }
    sq_free(x);
    return status;
}

#endif
