/* math/functions.h - functions of every element of an array, and sums (private)
 *
 * An element's result depends on its value alone, not on its place in the array. y may be
 * x itself.
 *
 * In float, with the vector kernels:
 *   exp      within 2 units in the last place over the whole range: infinity above 88.72,
 *            subnormal numbers below -87.33, 0 below -103.97
 *   tanh     within 3 units in the last place, so small x keep their digits
 *   sigmoid  within 1e-7 absolute, and 4 units in the last place above x = -87, where it
 *            stays at 2e-38
 *   log      libm's
 * NaN gives NaN. In plain C and in double all of them are libm's.
 */
#ifndef SQ_FUNCTIONS_H
#define SQ_FUNCTIONS_H

#include "private.h"

SQ_LOCAL void sq_exp(seqnn_size n, const seqnn_real *x, seqnn_real *y);
SQ_LOCAL void sq_log(seqnn_size n, const seqnn_real *x, seqnn_real *y);
SQ_LOCAL void sq_tanh(seqnn_size n, const seqnn_real *x, seqnn_real *y);
SQ_LOCAL void sq_sigmoid(seqnn_size n, const seqnn_real *x, seqnn_real *y);

/* Sums run in double, in one order for all instruction sets and thread counts. */
SQ_LOCAL double sq_sum(seqnn_size n, const seqnn_real *x);
SQ_LOCAL double sq_dot(seqnn_size n, const seqnn_real *x, const seqnn_real *y);
SQ_LOCAL double sq_sum_squares(seqnn_size n, const seqnn_real *x);

/* y += factor x;  x *= factor. */
SQ_LOCAL void sq_axpy(seqnn_size n, seqnn_real factor, const seqnn_real *x,
                      seqnn_real *y);
SQ_LOCAL void sq_scale(seqnn_size n, seqnn_real factor, seqnn_real *x);

#endif
