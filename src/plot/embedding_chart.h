/* plot/embedding_chart.h - words as points
 *
 *     seqnn_embedding_chart_options options = {.classes = groups, .class_names = names};
 *     options.class_count = 3;
 *     seqnn_plot_embedding(x, y, words, 200, "words.png", options);
 *
 * An embedding maps each word to a vector; words used in the same company end up close to
 * each other. Two dimensions are what a picture has: those of an embedding of size 2, or
 * two that were made of more (the first principal components, t-SNE, UMAP).
 *
 * WHAT TO SEE. Groups of words that mean or do similar things; analogies as parallel
 * steps. A unit is as long in x as in y, for it is distances that count: their directions
 * and the axes mean nothing. What is close in two dimensions need not have been so in
 * all. The lecture's example: "surf", "big", "waves" on one side, "drive", "fast", "cars"
 * on the other.
 */
#ifndef SEQNN_EMBEDDING_CHART_H
#define SEQNN_EMBEDDING_CHART_H
#ifdef SEQNN_PLOT

#include "config.h"
#include "error.h"

typedef struct seqnn_embedding_chart_options {
    const char *title; /* "Embedding" */
    const char *x_label, *y_label;
    /* [count], or NULL: classes from 0, which become colours; their names the legend. */
    const int32_t *classes;
    const char *const *class_names; /* [class_count] */
    seqnn_size class_count;         /* 0: as many as occur */
    /* [count], or NULL: which words keep their place where there is not room for all:
     * their frequency, say. NULL: the first ones. */
    const seqnn_real *priority;
    seqnn_size width, height; /* 800 x what the points need */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_embedding_chart_options;

/* Word i at (x[i], y[i]); words may be NULL. Words do not overlap; those without a place
 * are left out, their points stay. */
SEQNN_API seqnn_status seqnn_plot_embedding(const seqnn_real *x, const seqnn_real *y,
                                            const char *const *words, seqnn_size count,
                                            const char *path,
                                            seqnn_embedding_chart_options options);

#endif
#endif
