/* train/gradient_check.h - backpropagation against finite differences
 *
 * For every trained parameter tensor, the gradient g of the loss by seqnn_backward
 * against the central difference
 *
 *     d_i = (L(w + epsilon e_i) - L(w - epsilon e_i)) / (2 epsilon)
 *
 * and the relative error of the tensor, max_i |g_i - d_i| / max(max_i |g_i|, max_i
 * |d_i|), 0 if both are zero. In a double build a correct backward pass is below 1e-7; in
 * float 1e-2 is what can be hoped for. Dropout stays on, with the same masks in every
 * pass. Beware of kinks (relu, max pooling, absolute error): the difference straddles
 * them.
 */
#ifndef SEQNN_GRADIENT_CHECK_H
#define SEQNN_GRADIENT_CHECK_H

#include "loss.h"

typedef struct seqnn_gradient_check_options {
    seqnn_loss_options loss;
    seqnn_real epsilon; /* default 1e-5 in double, 1e-2 in float */
    seqnn_size limit;   /* elements looked at in each tensor, spread evenly; 0: all */
} seqnn_gradient_check_options;

typedef struct seqnn_gradient_error {
    const char *layer, *parameter; /* names, belonging to the model */
    double error;                  /* of the tensor, as above */
    seqnn_size worst;              /* the element where |g - d| is largest */
    double gradient, difference;   /* there */
    seqnn_size checked;            /* elements */
} seqnn_gradient_error;

/* Checks all trained parameters on one batch; returns the largest error, or NaN with the
 * error set. errors [capacity] receives one entry for each tensor, in the model's order;
 * *count (may be NULL) how many tensors there are, which may be more. errors may be NULL.
 * Weights are as before at the end; the gradients are those of the batch. Every pass
 * starts from zero states (or from its initial_state): those of stateful layers and of
 * seqnn_set_state are forgotten. */
SEQNN_API double seqnn_gradient_check(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_gradient_check_options options,
                                      seqnn_gradient_error *errors, seqnn_size capacity,
                                      seqnn_size *count);

#endif
