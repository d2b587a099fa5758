/* layers/bias.h - one row added to all rows, and its gradient (private) */
#ifndef SQ_BIAS_H
#define SQ_BIAS_H

#include "private.h"

/* Every row of y becomes b, or zero if b is NULL: where x W is then added. */
SQ_LOCAL void sq_bias_rows(seqnn_size rows, seqnn_size columns, const seqnn_real *b,
                           seqnn_real *y);

/* db += the sum of the rows of dy, first to last; rows of dy are `distance` apart. */
SQ_LOCAL void sq_bias_gradient(seqnn_size rows, seqnn_size columns, const seqnn_real *dy,
                               seqnn_size distance, seqnn_real *db);

#endif
