/* plot/eigenvalue_charts.h - the spectrum of a recurrent matrix
 *
 *     double real[64], imaginary[64];
 *     seqnn_eigenvalues(w_h, real, imaginary);
 *     seqnn_plot_eigenvalues(real, imaginary, 64, "spectrum.png",
 *                            (seqnn_eigenvalues_options){0});
 *
 * Backpropagation through n steps multiplies the gradient by W_h^T n times (and by the
 * slopes of the activation, which are at most 1 for tanh and ReLU). W_h = Q L Q^-1 gives
 * W_h^n = Q L^n Q^-1: what lies along an eigenvector grows or shrinks as |lambda|^n.
 *
 * WHAT TO SEE. Each point is an eigenvalue; a pair mirrored at the real axis belongs to a
 * rotation. Inside the unit circle it is forgotten, the faster the closer to the middle;
 * far outside it explodes; on it, it is remembered. A matrix of independent random
 * numbers of variance s^2/n fills a disc of radius s, evenly; an orthogonal one lies on
 * the unit circle; IRNN's identity is one point, 1; np-RNN's lie between 0 and 1.
 *
 * Sources: the lecture's sections on Jacobians and eigenvalues and on initialisation;
 * Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks,
 * 2013.
 */
#ifndef SEQNN_EIGENVALUE_CHARTS_H
#define SEQNN_EIGENVALUE_CHARTS_H
#ifdef SEQNN_PLOT

#include "config.h"
#include "error.h"

typedef struct seqnn_eigenvalues_options {
    const char *title; /* "Eigenvalues"; the spectral radius is added to it, or how many
                          eigenvalues are NaN or infinite: these are not drawn */
    seqnn_size width, height; /* 640 x 600; over training 1000 x 480 */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_eigenvalues_options;

/* The eigenvalues real[i] + i imaginary[i] in the plane, with the unit circle. */
SEQNN_API seqnn_status seqnn_plot_eigenvalues(const double *real, const double *imaginary,
                                              seqnn_size count, const char *path,
                                              seqnn_eigenvalues_options options);

/* What training does to them. real and imaginary are [epochs, count]: row 0 before
 * training, row e after epoch e. On the left the plane, from the first epoch (dark) to
 * the last (bright, larger); on the right the absolute values from the largest, the
 * spectral radius, to the smallest. Of more than 60 epochs the plane shows 60, evenly
 * chosen with the first and the last; of more than 24 absolute values the right shows 24,
 * evenly chosen by rank with the largest and the smallest. A picture narrower than 480
 * units has only the plane. */
SEQNN_API seqnn_status seqnn_plot_eigenvalues_over_training(
    const double *real, const double *imaginary, seqnn_size epochs, seqnn_size count,
    const char *path, seqnn_eigenvalues_options options);

#endif
#endif
