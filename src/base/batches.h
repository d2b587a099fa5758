/* base/batches.h - a data set, one batch at a time
 *
 *     seqnn_batches_options options = {.seed = 7};
 *     seqnn_batches *batches = seqnn_batches_new(data, 64, options);
 *     for (seqnn_size epoch = 0; epoch < 10; epoch++) {
 *         const seqnn_dataset *batch;
 *         seqnn_batches_start(batches, epoch);
 *         while ((batch = seqnn_batches_next(batches)) != NULL)
 *             ...
 *     }
 *     seqnn_batches_free(batches);
 *
 * The order of the rows is a function of (seed, epoch) alone: an epoch that is started
 * again gives the same batches. Rows are copied into memory that was set aside at the
 * start; nothing is allocated per batch.
 */
#ifndef SEQNN_BATCHES_H
#define SEQNN_BATCHES_H

#include "dataset.h"

typedef struct seqnn_batches seqnn_batches;

typedef struct seqnn_batches_options {
    uint64_t seed;
    bool keep_order; /* rows in the order of the data, not shuffled */
    bool drop_last;  /* leave out the last batch where it is smaller than the others; an
                        error if that leaves no batch at all */
} seqnn_batches_options;

/* Batches over data, which must outlive them. The first epoch is 0. Error: no rows, or
 * batch_size below 1. */
SEQNN_API seqnn_batches *seqnn_batches_new(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           seqnn_batches_options options);

/* Batches in one epoch. */
SEQNN_API seqnn_size seqnn_batches_count(const seqnn_batches *batches);

/* Goes to the first batch of an epoch. */
SEQNN_API void seqnn_batches_start(seqnn_batches *batches, seqnn_size epoch);

/* The next batch, or NULL at the end of the epoch. It belongs to batches and stands until
 * the next call. */
SEQNN_API const seqnn_dataset *seqnn_batches_next(seqnn_batches *batches);

/* Which rows of the data the last batch holds, [batch->count]. */
SEQNN_API const int32_t *seqnn_batches_rows(const seqnn_batches *batches);

SEQNN_API void seqnn_batches_free(seqnn_batches *batches);

#endif
