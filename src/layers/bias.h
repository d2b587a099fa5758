/* layers/bias.h - the gradient of a row that was added to all rows (private) */
#ifndef SQ_BIAS_H
#define SQ_BIAS_H

#include "private.h"

/* db += the sum of the rows of dy, first to last; rows of dy are `distance` apart. */
SQ_LOCAL void sq_bias_gradient(seqnn_size rows, seqnn_size columns, const seqnn_real *dy,
                               seqnn_size distance, seqnn_real *db);

#endif
