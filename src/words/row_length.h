/* words/row_length.h - the length of a vector, within the range of its numbers (private)
 */
#ifndef SQ_ROW_LENGTH_H
#define SQ_ROW_LENGTH_H
#ifdef SEQNN_WORDS

#include "private.h"

/* |row| / largest, where largest is that of the |row[k]|: it goes first, so that no
 * square leaves the range. Both are 0 for a row of zeros, and largest is NaN if a number
 * is not finite. */
static inline double sq_row_length(const seqnn_real *row, seqnn_size dimension,
                                   double *largest)
{
    double square = 0;
    *largest = 0;
    for (seqnn_size k = 0; k < dimension; k++) {
        if (!(row[k] - row[k] == 0)) {
            *largest = (double)NAN;
            return *largest;
        }
        *largest = fmax(*largest, fabs((double)row[k]));
    }
    for (seqnn_size k = 0; k<dimension && * largest> 0; k++) {
        const double share = (double)row[k] / *largest;
        square += share * share;
    }
    return sqrt(square);
}

#endif
#endif
