/* train/fit.h - training over epochs: shuffling, validation, early stopping, progress
 *
 *     seqnn_history h = seqnn_fit(model, data, (seqnn_fit_options){
 *         .epochs = 10, .batch_size = 64, .validation_split = 0.2f, .patience = 5,
 *         .verbose = 1 });
 *     if (h.status) ...
 *
 * runs the loop of train.h: in every epoch all batches in a new random order, each one
 * update, then loss and accuracy on the validation data. The order is decided by the
 * model's seed and the epoch, so that a run is repeated to the bit, with any number of
 * threads.
 *
 * Loss and accuracy of training are those of the passes of the epoch, with dropout on and
 * the weights moving; those of validation are seqnn_evaluate's. So the first may be worse
 * than the second.
 *
 * VALIDATION. Either a data set of its own, or validation_split: the samples are shuffled
 * once (files are often ordered by class; Keras does not shuffle here) and the last
 * ceil(split * count) of them are held out. Beware when models are compared: it is the
 * model's seed that shuffles, so that models of different seeds are validated on
 * different samples. Split the data once, with seqnn_split, and give `validation`.
 *
 * EARLY STOPPING. With patience p the training ends after p epochs in a row without a new
 * best of the monitored value: an accuracy must grow, a loss must fall. restore_best puts
 * the weights of the best epoch back at the end, with or without patience; otherwise the
 * model keeps those of the last epoch.
 *
 * TRUNCATED BACKPROPAGATION. With bptt_chunk k, each batch is cut into chunks of k
 * steps; the final states of one chunk are the initial states of the next, the gradient
 * stops at the border, and every chunk is one update. It needs a target for each step,
 * and recurrent layers that run forwards. Every batch starts from zero states, that of a
 * stateful layer too. (The other way the lectures write it, a window that slides step by
 * step, is the option bptt_window of the recurrent layers.)
 *
 * STATEFUL LAYERS go on from batch to batch within an epoch: sample i of a batch is what
 * follows sample i of the batch before, so ask for keep_order. All batches must have one
 * size (drop_last leaves a smaller one out). They start from zero in every epoch, for
 * validation, and after fit.
 *
 * ACCUMULATION. With accumulate n, n batches (or chunks) make one update, as in train.h;
 * what is left at the end of an epoch makes an update of its own. Nothing that was
 * gathered before fit takes part.
 *
 * BATCHES BY LENGTH, and no longer than their longest row: by_length, sortagrad, buckets
 * and max_length are those of batches.h. Activations are planned once, for the longest.
 * Validation data is not cut.
 *
 * CHECKPOINTS. With checkpoint "run.checkpoint" the run is written to that file (a
 * safetensors file, see checkpoint.h) before the first update, after every epoch, and
 * within it after every checkpoint_steps updates. If the file is there, fit does not
 * begin but goes on from it: the weights, the optimiser, the order of the batches, the
 * dropout masks, early stopping and history are those of the run that was cut off, and
 * the end is the same to the bit, as if it had not been. A path is one run:
 *
 *   - A run that is complete gives its history and weights at once. With more epochs (or
 *     patience) than before it goes on, with fewer than it has it is an error.
 *   - A file of other data, another architecture or seed, or other options is an error
 *     that says what differs; so is one that is damaged. Neither it nor the model
 *     changes: choose another path, or remove it.
 *   - A checkpoint that cannot be written (a full disk) ends the training with the error.
 *     The last one that could be stands, and the model keeps its weights.
 *   - on_epoch is called before the epoch's checkpoint: after a kill in between, again.
 *     What it changes beside the weights (frozen parameters, its own context) is not in
 *     the file. seconds counts the time of all processes.
 *
 * ERRORS are in history.status, and seqnn_ok(model) is false. A loss that is not finite
 * ends the training with the weights of the step before; the sentence names epoch, step
 * and layer.
 */
#ifndef SEQNN_FIT_H
#define SEQNN_FIT_H

#include "train.h"

typedef enum seqnn_monitor {
    SEQNN_MONITOR_DEFAULT = 0, /* validation accuracy, if there is one; else validation
                                  loss; without validation the training loss */
    SEQNN_MONITOR_VAL_ACCURACY,
    SEQNN_MONITOR_VAL_LOSS,
    SEQNN_MONITOR_ACCURACY,
    SEQNN_MONITOR_LOSS
} seqnn_monitor;

typedef struct seqnn_fit_options {
    seqnn_size epochs;     /* default 1 */
    seqnn_size batch_size; /* default 32 */
    seqnn_optimizer optimizer;
    seqnn_loss_options loss;
    seqnn_real validation_split; /* in (0, 1); 0: none */
    const seqnn_dataset *validation;
    seqnn_size patience; /* 0: no early stopping */
    seqnn_monitor monitor;
    bool restore_best;
    bool keep_order; /* do not shuffle the batches */
    bool drop_last;  /* leave out a last batch that is smaller than the others */
    bool by_length, sortagrad; /* see batches.h, with the two below */
    seqnn_size buckets, max_length;
    seqnn_size bptt_chunk;                   /* 0: backpropagation through all of time */
    seqnn_real clip_value, clip_value_lower; /* see train.h */
    seqnn_real clip_norm, clip_norm_lower;
    seqnn_real clip_global_norm, clip_global_norm_lower;
    seqnn_size accumulate;
    const char *checkpoint;      /* a path to go on from; NULL: none */
    seqnn_size checkpoint_steps; /* updates between two; 0: one per epoch */
    int verbose; /* 1: a line per epoch on stdout, growing in place on a terminal */
    /* Called after each epoch with the history so far; returns whether to go on. */
    bool (*on_epoch)(seqnn_model *model, const seqnn_history *history, void *context);
    /* Called after each step, to watch: it must leave the model as it is. */
    void (*on_step)(seqnn_model *model, const seqnn_fit_step *step, void *context);
    void *context; /* for both */
} seqnn_fit_options;

/* Trains the model. m, v and the step number of the optimiser go on from an earlier fit
 * (seqnn_reset_optimizer starts afresh). The arrays of the history belong to the model
 * and stand until its next fit. */
SEQNN_API seqnn_history seqnn_fit(seqnn_model *model, const seqnn_dataset *data,
                                  seqnn_fit_options options);

#endif
