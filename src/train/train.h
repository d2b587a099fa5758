/* train/train.h - one step of training, and what a trained model says
 *
 * The loop of the slides, by hand (seqnn_fit of fit.h runs it for you):
 *
 *     for (seqnn_size epoch = 0; epoch < 10; epoch++) {
 *         seqnn_batches_start(batches, epoch);
 *         for (const seqnn_dataset *batch; (batch = seqnn_batches_next(batches));)
 *             loss = seqnn_train_step(model, batch, options);
 *     }
 *
 * and one step of it, by hand:
 *
 *     seqnn_zero_gradients(model);
 *     seqnn_forward(model, batch, SEQNN_TRAIN);
 *     loss = seqnn_loss(model, batch, options.loss);
 *     seqnn_backward(model);
 *     norm = seqnn_clip_by_global_norm(model, 5, 0);
 *     seqnn_step(model, options.optimizer);
 *
 * ERRORS. After a failure of anything here seqnn_ok(model) is false, until a later pass
 * succeeds.
 */
#ifndef SEQNN_TRAIN_H
#define SEQNN_TRAIN_H

#include "clip.h"
#include "loss.h"
#include "optimizer.h"

typedef struct seqnn_train_options {
    seqnn_optimizer optimizer;
    seqnn_loss_options loss;
    /* Thresholds of clip.h, applied in this order; 0: none. */
    seqnn_real clip_value, clip_value_lower;
    seqnn_real clip_norm, clip_norm_lower;
    seqnn_real clip_global_norm, clip_global_norm_lower;
    /* Gradients of so many batches are gathered before each update, which is then the
     * update of one batch with all their samples; 0 and 1: every batch. seqnn_train_step
     * knows no last batch: what was gathered waits for the next ones. seqnn_fit makes an
     * update of it at the end of each epoch. */
    seqnn_size accumulate;
} seqnn_train_options;

/* Forward, loss, backward, clip, update on one batch. Returns the loss before the update,
 * or NaN with the error set. A loss or gradient that is not finite is an error that names
 * the step and the layer; the weights then stay as they were.
 *
 * The clip by the global norm happens inside the update, which reads the gradients times
 * threshold / ||G||. What stands in them afterwards is the gradient before that clip;
 * only where it is below `lower` and scaled up, the gradient after it. */
SEQNN_API seqnn_real seqnn_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_train_options options);

typedef struct seqnn_evaluate_options {
    seqnn_size batch_size; /* default 32; changes no result but its rounding */
    seqnn_loss_options loss;
} seqnn_evaluate_options;

typedef struct seqnn_evaluation {
    seqnn_status status;
    seqnn_real loss;
    seqnn_real accuracy;
} seqnn_evaluation;

/* Loss and accuracy on a data set, without dropout. The loss is that of the whole set as
 * one batch. Accuracy, over all positions (see loss.h), unweighted:
 *
 *   categorical   the share of positions whose largest output is the right class
 *   binary        the share of labels on the right side of probability 1/2
 *   MSE, MAE      NaN
 */
SEQNN_API seqnn_evaluation seqnn_evaluate(seqnn_model *model, const seqnn_dataset *data,
                                          seqnn_evaluate_options options);

/* Which classes are taken for which: confusion [classes, classes] is overwritten; entry
 * [t, p] counts the positions of class t (row) whose largest output is that of class p
 * (column), as seqnn_confusion_matrix of metrics.h counts them; padded steps are no
 * positions. The diagonal's share is the accuracy of seqnn_evaluate.
 *
 *     seqnn_evaluate_confusion(model, data, confusion);
 *     seqnn_plot_confusion(confusion, data->classes, data->class_names, "confusion.png",
 *                          (seqnn_confusion_options){0});
 *
 * Error: data whose classes are not as many as the model's outputs. */
SEQNN_API seqnn_status seqnn_evaluate_confusion(seqnn_model *model,
                                                const seqnn_dataset *data,
                                                int64_t *confusion);

typedef struct seqnn_predict_options {
    seqnn_size batch_size; /* default 32 */
} seqnn_predict_options;

/* The outputs for all samples, [count, features] or [count, time, features], zero at
 * padded steps. The memory belongs to the model and stands until the next prediction.
 * On error its data is NULL. */
SEQNN_API seqnn_tensor seqnn_predict(seqnn_model *model, const seqnn_dataset *data,
                                     seqnn_predict_options options);

#endif
