/* math/linalg.h - eigenvalues and orthogonal factors
 *
 * What the lectures on vanishing and exploding gradients need: the spectrum of a
 * recurrent matrix, its spectral radius, and orthogonal matrices. Computed in double.
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

/* The orthogonal factor of a = Q R, a [m, n], by Householder reflections, with the
 * diagonal of R made positive: so Q is unique, and uniformly (Haar) distributed if a is
 * Gaussian. q [m, n] has orthonormal columns; if m < n, it is made from the transpose and
 * has orthonormal rows. q may be a. */
SEQNN_API seqnn_status seqnn_orthogonal_factor(seqnn_tensor a, seqnn_tensor q);

#endif
