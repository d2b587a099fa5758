/* math/matmul.h - the matrix product
 *
 *     C = op(A) op(B)        or        C = C + op(A) op(B)
 *
 * op(A) is [M, K], op(B) is [K, N], C is [M, N]; op(X) is X or its transpose. A dense or
 * recurrent layer uses three of them: Z = X W forward, dW = X^T dZ and dX = dZ W^T
 * backward.
 *
 * Every element of C is summed over k in one order, which depends on K alone: not on M or
 * N, not on which rows or columns are asked for, not on the number of threads. So the
 * product of some rows of A equals those rows of the product of A, to the bit. (Not so
 * for the products that -DSEQNN_USE_CBLAS hands to a BLAS.)
 */
#ifndef SEQNN_MATMUL_H
#define SEQNN_MATMUL_H

#include "config.h"
#include "error.h"
#include "tensor.h"

/* c = op(a) op(b), or c + op(a) op(b) if accumulate. Matrices of rank 2; a tensor of more
 * axes counts as the matrix of its last axis: [batch, time, features] times
 * [features, units] is the product of all steps. c must not overlap a or b.
 *
 * SEQNN_ERROR_SHAPE if the shapes do not fit. */
SEQNN_API seqnn_status seqnn_matmul(bool transpose_a, bool transpose_b, seqnn_tensor a,
                                    seqnn_tensor b, bool accumulate, seqnn_tensor c);

#endif
