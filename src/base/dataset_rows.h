/* base/dataset_rows.h - making data sets row by row (private) */
#ifndef SQ_DATASET_ROWS_H
#define SQ_DATASET_ROWS_H

#include "dataset.h"
#include "memory.h"

/* A data set of count rows with the shapes, class names and sizes of `like`, its rows
 * zeroed, in one block of memory. Of like's arrays only the shapes matter, and whether a
 * pointer is NULL. */
SQ_LOCAL seqnn_dataset *sq_dataset_new(const seqnn_dataset *like, seqnn_size count);

/* Row `to` of a data set from sq_dataset_new(from, ...) becomes row `row` of from. */
SQ_LOCAL void sq_dataset_copy_row(seqnn_dataset *into, seqnn_size to,
                                  const seqnn_dataset *from, seqnn_size row);

/* Steps [first, first + steps) of a row, padding kept, into row `to` of an array of that
 * many steps; of an array without time, the row. What is left of start and length may be
 * nothing: 0 and 0. */
SQ_LOCAL void sq_array_copy_steps(seqnn_array *into, seqnn_size to,
                                  const seqnn_array *from, seqnn_size row,
                                  seqnn_size first, seqnn_size steps);

#endif
