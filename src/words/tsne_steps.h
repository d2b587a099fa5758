/* words/tsne_steps.h - the parts of t-SNE: neighbours, gradient, divergence (private) */
#ifndef SQ_TSNE_STEPS_H
#define SQ_TSNE_STEPS_H
#ifdef SEQNN_WORDS

#include "private.h"
#include "tsne.h"

enum { SQ_TSNE_LANES = 8, SQ_TSNE_DIMENSIONS = 3 };

/* Rows have room up to a multiple of SQ_TSNE_LANES, `width`, and zeros there. */
typedef struct sq_tsne {
    seqnn_size n, k, width;
    double *p;        /* [n, width]: p_ij; 0 on the diagonal */
    double *y;        /* [k, width] */
    double *gradient; /* [k, width]: dC/dy */
    double *push;     /* [k, width]: sum_j w_ij^2 (y_i - y_j) */
    double *sum;      /* [width]: a term of each row */
    double *real;     /* [width]: 1, behind the points 0 */
    void *memory;
} sq_tsne;

SQ_LOCAL seqnn_status sq_tsne_new(sq_tsne *tsne, seqnn_size n, seqnn_size k);
SQ_LOCAL void sq_tsne_free(sq_tsne *tsne);

/* p of the rows of x [n, m]. */
SQ_LOCAL void sq_tsne_neighbours(sq_tsne *tsne, const seqnn_real *x, seqnn_size m,
                                 double perplexity);

/* The gradient at y, of p times exaggeration; and the divergence (of p itself). */
SQ_LOCAL void sq_tsne_gradient(sq_tsne *tsne, double exaggeration);
SQ_LOCAL double sq_tsne_divergence(sq_tsne *tsne);

#endif
#endif
