/* math/principal_components.h - many dimensions in two, to look at them
 *
 *     seqnn_real xy[2 * 200];
 *     seqnn_principal_components(vectors, seqnn_tensor_2d(xy, 2, 200), NULL);
 *     seqnn_plot_embedding(xy, xy + 200, words, 200, "words.png", ...);
 *
 * The first component is the direction in which the rows of a matrix differ most, the
 * second the one at right angles to it in which they differ most then, and so on. With
 * the mean of the rows taken away, X = A - mean, they are the eigenvectors v of X^T X,
 *
 *     X^T X v = lambda v,    components[c, i] = X_i v_c,    c = 0, 1, ...
 *
 * by falling lambda. Of all pictures that are shadows of the points, it is the one that
 * keeps most of their distances (Pearson 1901; Hotelling 1933).
 */
#ifndef SEQNN_PRINCIPAL_COMPONENTS_H
#define SEQNN_PRINCIPAL_COMPONENTS_H

#include "config.h"
#include "error.h"
#include "tensor.h"

/* Of a [n, m] into components [k, n]: row c is the c-th component of every row of a. k is
 * at most the smaller of n and m. Of each component the largest absolute value is made
 * positive, for its sign means nothing. explained [k], or NULL: the share of all variance
 * that lies in it. SEQNN_ERROR_NUMBER if a holds NaN or infinity.
 *
 * By Jacobi's rotations (Golub and Van Loan, Matrix Computations, section 8.5), in
 * double; the time grows with min(n, m)^3: a second for 300. */
SEQNN_API seqnn_status seqnn_principal_components(seqnn_tensor a, seqnn_tensor components,
                                                  double *explained);

#endif
