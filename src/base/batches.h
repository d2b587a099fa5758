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
 *
 * BY LENGTH. The length of a row is that of its x[0], which must have start and length.
 * Where rows of one length share a batch, little of it is padding:
 *
 *   by_length   every epoch from the shortest row to the longest
 *   sortagrad   the first epoch so, the later ones as the other options say: it begins
 *               with what is easy (Amodei et al., "Deep Speech 2", 2016)
 *   buckets n   the rows, sorted by length, are dealt out to n buckets of equally many
 *               batches, shuffled in each, cut into batches, and the batches shuffled.
 *               1 is a plain shuffle; as many as there are batches sorts most strictly.
 *               What is left for a smaller last batch are rows of any length
 *
 * Rows of the same length come in the shuffled order, or with keep_order in that of the
 * data. drop_last leaves out the last rows of that order, not the longest ones.
 *
 * TRUNCATION. With max_length m, a batch has only as many steps as its longest row, and
 * at most m: m = 150 cuts longer rows to 150 steps, m = the data's time cuts padding
 * alone. Rows padded in front (some row of the input starts late) keep their last steps,
 * others their first. Inputs of equally many steps stay so, and a target per step is cut
 * like the input of as many steps and the same start and length. An embedding without
 * mask_zero reads padding as words: it sees less of them.
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
    bool by_length, sortagrad;
    seqnn_size buckets;    /* 0: none */
    seqnn_size max_length; /* 0: batches have all steps of the data */
} seqnn_batches_options;

/* Batches over data, which must outlive them. The first epoch is 0. Error: no rows,
 * batch_size below 1, orders that exclude each other (by_length and sortagrad, by_length
 * and buckets, keep_order and buckets), no lengths to sort by. */
SEQNN_API seqnn_batches *seqnn_batches_new(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           seqnn_batches_options options);

/* Batches in one epoch. */
SEQNN_API seqnn_size seqnn_batches_count(const seqnn_batches *batches);

/* Goes to the first batch of an epoch, or to batch `first` of it. */
SEQNN_API void seqnn_batches_start(seqnn_batches *batches, seqnn_size epoch);
SEQNN_API void seqnn_batches_seek(seqnn_batches *batches, seqnn_size epoch,
                                  seqnn_size first);

/* The next batch, or NULL at the end of the epoch. It belongs to batches and stands until
 * the next call. */
SEQNN_API const seqnn_dataset *seqnn_batches_next(seqnn_batches *batches);

/* Which rows of the data the last batch holds, [batch->count]. */
SEQNN_API const int32_t *seqnn_batches_rows(const seqnn_batches *batches);

SEQNN_API void seqnn_batches_free(seqnn_batches *batches);

#endif
