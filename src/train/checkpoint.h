/* train/checkpoint.h - a training that goes on where it was cut off
 *
 * seqnn_fit does it all with its option `checkpoint`. In a loop of your own:
 *
 *     seqnn_size at[2] = {0, 0};  (epoch and batch to come; up to you)
 *     if (seqnn_checkpoint_exists(path) && seqnn_checkpoint_load(model, path, at, 2))
 *         ...
 *     for (; at[0] < 10; at[0]++, at[1] = 0) {
 *         seqnn_batches_seek(batches, at[0], at[1]);
 *         while ((batch = seqnn_batches_next(batches)) != NULL) {
 *             seqnn_train_step(model, batch, options);
 *             if (++at[1] % 100 == 0)
 *                 seqnn_checkpoint_save(model, path, at, 2);
 *         }
 *     }
 *
 * It holds all that the next step depends on, to the bit: the weights; the optimiser's
 * kind, m, v and number of steps; the number of training passes, which decides the
 * dropout masks; gradients that are being gathered; the recurrent layers' last states.
 * And the model's architecture and seed, to be compared: a checkpoint goes into a model
 * that was made as the saved one was.
 *
 * The file is a safetensors file and is replaced whole: whoever is killed, or finds the
 * disk full, leaves the one before. Saving changes nothing in the model.
 */
#ifndef SEQNN_CHECKPOINT_H
#define SEQNN_CHECKPOINT_H

#include "model.h"

/* numbers[0..count) are the caller's own: where the loop is, how many random numbers were
 * drawn. NULL and 0: none. Error: a model in error, a file that cannot be written. */
SEQNN_API seqnn_status seqnn_checkpoint_save(seqnn_model *model, const char *path,
                                             const seqnn_size *numbers, seqnn_size count);

/* The reverse, into a model of the same architecture and seed. count must be the saved
 * one. Error, with model and numbers as they were: no file, a file that is cut, changed
 * or none of these, another architecture (the sentence says what differs), no memory. */
SEQNN_API seqnn_status seqnn_checkpoint_load(seqnn_model *model, const char *path,
                                             seqnn_size *numbers, seqnn_size count);

/* Whether there is something at path, readable or not. */
SEQNN_API bool seqnn_checkpoint_exists(const char *path);

#endif
