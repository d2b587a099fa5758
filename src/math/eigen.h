/* math/eigen.h - linear algebra in double (private) */
#ifndef SQ_EIGEN_H
#define SQ_EIGEN_H

#include "private.h"

/* The largest eigenvalue of a symmetric a[n, n], which is destroyed. work: 2n numbers. */
SQ_LOCAL double sq_symmetric_largest(seqnn_size n, double *a, double *work);

/* The largest singular value of a[m, n], whose numbers are finite. work: n (n + 2). */
SQ_LOCAL double sq_largest_singular(seqnn_size m, seqnn_size n, const double *a,
                                    double *work);

/* Replaces a[m, n], m >= n, by its orthogonal factor (see linalg.h). work: 3n + m. */
SQ_LOCAL void sq_orthogonal_columns(seqnn_size m, seqnn_size n, double *a, double *work);

#endif
