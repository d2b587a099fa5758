/* math/product.h - the matrix product on plain memory (private)
 *
 * lda, ldb, ldc are the distances between rows, in elements. The guarantee of matmul.h
 * on the order of the sum holds for all functions here, and between them, on one
 * instruction set; sq_matmul_plain alone has its own order.
 */
#ifndef SQ_PRODUCT_H
#define SQ_PRODUCT_H

#include "private.h"

/* C[m, n] = op(A) op(B), plus C if accumulate. A is [m, k] ([k, m] if transpose_a), B is
 * [k, n] ([n, k] if transpose_b). Large products use all threads. Allocates nothing;
 * needs 640 KB of stack with glibc, elsewhere 256 KB (in double 704 and 416). */
SQ_LOCAL void sq_matmul(bool transpose_a, bool transpose_b, seqnn_size m, seqnn_size n,
                        seqnn_size k, const seqnn_real *a, seqnn_size lda,
                        const seqnn_real *b, seqnn_size ldb, bool accumulate,
                        seqnn_real *c, seqnn_size ldc);

/* C[m, n] = A[m, k] B[k, n] + bias, which is one row [n], or NULL for none. */
SQ_LOCAL void sq_matmul_bias(seqnn_size m, seqnn_size n, seqnn_size k,
                             const seqnn_real *a, seqnn_size lda, const seqnn_real *b,
                             seqnn_size ldb, const seqnn_real *bias, seqnn_real *c,
                             seqnn_size ldc);

/* sq_matmul as three loops to read: what sq_matmul must equal up to rounding. */
SQ_LOCAL void sq_matmul_plain(bool transpose_a, bool transpose_b, seqnn_size m,
                              seqnn_size n, seqnn_size k, const seqnn_real *a,
                              seqnn_size lda, const seqnn_real *b, seqnn_size ldb,
                              bool accumulate, seqnn_real *c, seqnn_size ldc);

/* A right factor that is used many times, as W_h in a sweep over time, is packed once
 * into the kernel's order: sq_matmul_packed then multiplies a few rows, on the calling
 * thread, without packing anything. packed holds sq_matmul_packed_size(k, n) elements (-1
 * if that is too many), any content before the first pack; 64-byte alignment helps. */
SQ_LOCAL seqnn_size sq_matmul_packed_size(seqnn_size k, seqnn_size n);
SQ_LOCAL void sq_matmul_pack(bool transpose_b, seqnn_size n, seqnn_size k,
                             const seqnn_real *b, seqnn_size ldb, seqnn_real *packed);
/* C[m, n] = A[m, k] B, plus C if accumulate, with B from sq_matmul_pack. */
SQ_LOCAL void sq_matmul_packed(seqnn_size m, seqnn_size n, seqnn_size k,
                               const seqnn_real *a, seqnn_size lda,
                               const seqnn_real *packed, bool accumulate, seqnn_real *c,
                               seqnn_size ldc);

#endif
