/* math/linalg.h - eigenvalues, norms and orthogonal factors
 *
 * What the lectures on vanishing and exploding gradients need: the spectrum of a
 * recurrent matrix, its spectral radius and its norm, the matrix in the basis of its
 * eigenvectors, and orthogonal matrices. Computed in double.
 */
#ifndef SEQNN_LINALG_H
#define SEQNN_LINALG_H

#include "config.h"
#include "error.h"
#include "tensor.h"

/* All eigenvalues of a real matrix a [n, n], by decreasing absolute value; of a conjugate
 * pair the one with the positive imaginary part first. real and imaginary hold n numbers.
 *
 * Reduction to Hessenberg form, then the QR algorithm with Francis' double shifts (Golub
 * and Van Loan, Matrix Computations, chapter 7). The error is of the order of the
 * rounding of ||a||; an eigenvalue of a defective matrix loses digits, as it must.
 * SEQNN_ERROR_NUMBER if a holds NaN or infinity. */
SEQNN_API seqnn_status seqnn_eigenvalues(seqnn_tensor a, double *real, double *imaginary);

/* The largest absolute value of an eigenvalue. */
SEQNN_API seqnn_status seqnn_spectral_radius(seqnn_tensor a, double *radius);

/* The 2-norm ||a|| of a [m, n], its largest singular value: the most by which a product
 * with a makes any vector longer. Never below the spectral radius; equal to it if a is
 * symmetric or a multiple of an orthogonal matrix. */
SEQNN_API seqnn_status seqnn_spectral_norm(seqnn_tensor a, double *norm);

/* a [n, n] in the basis of its eigenvectors, for row vectors:
 *
 *     a = Q^-1 Lambda Q        q_i a = lambda_i q_i        h a^t = h Q^-1 Lambda^t Q
 *
 * Lambda is diagonal; row i of Q is the eigenvector q_i, of length 1. The order is that
 * of seqnn_eigenvalues. Complex numbers are pairs, real part first, as in C's double
 * complex and C++'s std::complex<double>: lambda has n pairs, q and q_inverse n n.
 *
 *     double complex lambda[8], q[64], inverse[64];
 *     seqnn_diagonalize(w_h, (double *)lambda, (double *)q, (double *)inverse, NULL);
 *
 * condition (may be NULL) receives ||Q|| ||Q^-1|| in the 2-norm, which is 1 for a normal
 * matrix (a a^T = a^T a). It bounds how far powers may stray from their eigenvalues:
 * ||a^t|| <= condition * radius^t.
 *
 * SEQNN_ERROR_NUMBER if a has fewer than n independent eigenvectors, or so nearly that
 * the condition is above 1e7. By inverse iteration, of the order of n^4 operations. */
SEQNN_API seqnn_status seqnn_diagonalize(seqnn_tensor a, double *lambda, double *q,
                                         double *q_inverse, double *condition);

/* The orthogonal factor of a = Q R, a [m, n], by Householder reflections, with the
 * diagonal of R made positive: so Q is unique, and uniformly (Haar) distributed if a is
 * Gaussian. q [m, n] has orthonormal columns; if m < n, it is made from the transpose and
 * has orthonormal rows. q may be a. */
SEQNN_API seqnn_status seqnn_orthogonal_factor(seqnn_tensor a, seqnn_tensor q);

#endif
