/* words/tsne.h - t-SNE: many dimensions in two, neighbours kept
 *
 *     seqnn_real xy[2 * 300];
 *     seqnn_tsne_options options = {.metric = SEQNN_TSNE_COSINE};
 *     if (seqnn_tsne(vectors, seqnn_tensor_2d(xy, 2, 300), NULL, options))
 *         fprintf(stderr, "%s\n", seqnn_error());
 *     seqnn_plot_embedding(xy, xy + 300, words, 300, "words.png", ...);
 *
 * Every point x_i chooses neighbours at random, near ones more often than far ones, and
 * so does its place y_i in the picture:
 *
 *     g_ij  = exp(-|x_i - x_j|^2 / 2 sigma_i^2)
 *     p_j|i = g_ij / sum_k g_ik,                  over all k but i
 *     p_ij  = (p_j|i + p_i|j) / 2n
 *
 *     w_ij  = 1 / (1 + |y_i - y_j|^2)
 *     q_ij  = w_ij / sum_kl w_kl,                 over all k and l that differ
 *
 * The places are those for which the two agree best, by the Kullback-Leibler divergence
 *
 *     C = sum_ij p_ij log(p_ij / q_ij),
 *     dC/dy_i = 4 sum_j (p_ij - q_ij) w_ij (y_i - y_j)
 *
 * Each sigma_i is such that x_i has about `perplexity` neighbours: the entropy of p_.|i
 * is its logarithm. w has heavier tails than a Gaussian, for there is less room in two
 * dimensions than in many: what is only fairly near may move further away.
 *
 * WHAT TO SEE. Neighbours, and groups of them. Whether words that mean similar things
 * stand together.
 *
 * WHAT NOT TO SEE. The size of a group means nothing: dense groups are spread out, loose
 * ones drawn together. Nor does the distance between two groups mean much, and the axes
 * mean nothing at all: there are no analogies as parallel steps here, for which
 * seqnn_principal_components is right. A low perplexity shows groups in pure noise; look
 * at two or three of them, and at more than one seed (Wattenberg, Viegas and Johnson,
 * "How to use t-SNE effectively", 2016).
 *
 * COST. All pairs of points: time and memory grow with n^2; 1000 iterations of 300 points
 * take about a third of a second, of 2000 points ten seconds and 40 megabytes. For tens
 * of thousands a library that approximates is right, such as openTSNE or scikit-learn.
 * The same seed gives the same bits, whatever the number of threads.
 *
 * Van der Maaten and Hinton, "Visualizing data using t-SNE", 2008; the start from
 * principal components: Kobak and Linderman, "Initialization is critical for preserving
 * global data structure in both t-SNE and UMAP", 2021
 */
#ifndef SEQNN_TSNE_H
#define SEQNN_TSNE_H
#ifdef SEQNN_WORDS

#include "config.h"
#include "error.h"
#include "tensor.h"

typedef enum seqnn_tsne_metric {
    SEQNN_TSNE_METRIC_DEFAULT = 0, /* SEQNN_TSNE_EUCLIDEAN */
    SEQNN_TSNE_EUCLIDEAN,
    /* Of the rows scaled to length 1, as for word vectors: |x_i - x_j|^2 is
     * 2 - 2 cos(x_i, x_j). */
    SEQNN_TSNE_COSINE
} seqnn_tsne_metric;

typedef enum seqnn_tsne_start {
    SEQNN_TSNE_START_DEFAULT = 0,    /* SEQNN_TSNE_PRINCIPAL_COMPONENTS */
    SEQNN_TSNE_PRINCIPAL_COMPONENTS, /* the first of them with standard deviation 1e-4 */
    SEQNN_TSNE_RANDOM                /* normal, with standard deviation 1e-4 */
} seqnn_tsne_start;

/* Defaults are scikit-learn's. */
typedef struct seqnn_tsne_options {
    seqnn_tsne_metric metric;
    seqnn_tsne_start start;
    double perplexity;         /* 1 to n - 1; 30, or (n - 1) / 3 if that is less */
    seqnn_size iterations;     /* 1000 */
    double learning_rate;      /* max(n / early_exaggeration / 4, 50) */
    double early_exaggeration; /* p_ij times 12 in the first 250 iterations, or, of less
                                * than 500, in the first half of them */
    uint64_t seed; /* of the random start, and of the noise (a hundredth of it) that parts
                    * the points of the other one */
} seqnn_tsne_options;

/* Of a [n, m] into map [k, n], k being 1, 2 or 3: row c is the c-th coordinate of every
 * point, around 0. divergence: C above, in nats; or NULL.
 *
 * Error: shapes that do not fit, less than 4 points, options out of range, NaN or
 * infinity, points that are all the same, for cosine a row of zeros, no memory, a map
 * that has grown beyond all numbers (a learning rate too large). */
SEQNN_API seqnn_status seqnn_tsne(seqnn_tensor a, seqnn_tensor map, double *divergence,
                                  seqnn_tsne_options options);

#endif
#endif
