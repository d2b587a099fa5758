/* train/loss.h - how wrong the output is, and the gradient that says how to be less so
 *
 * A position is one output vector: of a sample, or of a real step of a sample (padded
 * steps are no positions and count in no mean). With z the logits, y the output, t the
 * target, and C classes or outputs, the loss l of a position and its gradient are
 *
 *   categorical cross-entropy  l = -sum_c t_c log softmax(z)_c    dl/dz = softmax(z) - t
 *   binary cross-entropy       l = -sum_c t_c log s_c + (1 - t_c) log(1 - s_c)
 *                              with s = sigmoid(z)                dl/dz = s - t
 *   mean squared error         l = sum_c (y_c - t_c)^2            dl/dy = 2 (y - t)
 *   mean absolute error        l = sum_c |y_c - t_c|              dl/dy = sign(y - t)
 *
 * The sum over c is divided by C (over_outputs), as in Keras and PyTorch, but never for
 * the categorical cross-entropy, where one class is the right one. A first softmax loss
 * is about ln C: the network knows nothing yet.
 *
 * THE BATCH. With w the sample weight of a position times its class weight, over N
 * positions of S samples (samples without a real step are not counted), T_s of them in
 * sample s:
 *
 *   over_steps  over_samples   L
 *   mean        mean           1/N sum w l                Keras, PyTorch; the default
 *   sum         mean           1/S sum w l                MATLAB
 *   mean        sum            sum_s 1/T_s sum_t w l
 *   sum         sum            sum w l
 *
 * Weights multiply, but a mean divides by the number of positions, as in Keras; with
 * divide_by_weights the first line is sum w l / sum w, as PyTorch does with class
 * weights. With no position, or no weight, L is 0 and its gradient is 0.
 *
 * TARGETS (batch.y). The categorical cross-entropy is sparse, one class index per
 * position in y.indices, or dense, C probabilities per position in y.values; the others
 * take y.values of the shape of the output, and the binary one, if C is 1, also y.indices
 * of 0 and 1. Where y has start and length of its own, the steps outside them do not
 * count either.
 *
 * LOGITS. A softmax, log-softmax or sigmoid at the end is fused with its cross-entropy:
 * the loss is computed from z by log-sum-exp, never as the logarithm of y, so that a
 * probability of 1e-40 gives a loss of 92 and not infinity. The output of any other last
 * layer is taken as logits by the cross-entropies, unless the option `probabilities` says
 * that it is probabilities already (a softmax or sigmoid under the other cross-entropy
 * always is); then it is clamped to [1e-7, 1 - 1e-7] as in Keras, which also divides each
 * row by its sum first: rows that sum to 1 give the same loss.
 */
#ifndef SEQNN_LOSS_H
#define SEQNN_LOSS_H

#include "model.h"

typedef enum seqnn_loss_kind {
    SEQNN_LOSS_DEFAULT = 0, /* softmax, log-softmax: categorical cross-entropy;
                               sigmoid: binary; anything else: MSE, or categorical
                               cross-entropy if y is indices */
    SEQNN_CATEGORICAL_CROSSENTROPY,
    SEQNN_BINARY_CROSSENTROPY,
    SEQNN_MSE,
    SEQNN_MAE
} seqnn_loss_kind;

typedef enum seqnn_reduction {
    SEQNN_REDUCE_DEFAULT = 0, /* mean */
    SEQNN_REDUCE_MEAN,
    SEQNN_REDUCE_SUM
} seqnn_reduction;

typedef struct seqnn_loss_options {
    seqnn_loss_kind kind;
    seqnn_reduction over_outputs;
    seqnn_reduction over_steps;
    seqnn_reduction over_samples;
    /* [C] or NULL: multiplies the term of class or output c. Binary cross-entropy of one
     * output: [2], of target 0 and of target 1. */
    const seqnn_real *class_weight;
    bool divide_by_weights;
    bool probabilities; /* the output is probabilities, not logits */
} seqnn_loss_options;

/* The loss L of the model's last forward pass, which was on this batch; leaves dL/dz or
 * dL/dy as the output gradient, so that seqnn_backward can follow. NaN with the error set
 * if the targets do not fit. */
SEQNN_API seqnn_real seqnn_loss(seqnn_model *model, const seqnn_dataset *batch,
                                seqnn_loss_options options);

/* The same for output [count, outputs] of your own (no time axis), with targets y of
 * count samples and sample weights [count] or NULL. The default kind is by y: indices,
 * categorical cross-entropy; values, MSE. gradient [count, outputs] receives
 * dL/d(output), or is NULL. */
SEQNN_API seqnn_real seqnn_loss_of(const seqnn_real *output, seqnn_size count,
                                   seqnn_size outputs, const seqnn_array *y,
                                   const seqnn_real *weight, seqnn_real *gradient,
                                   seqnn_loss_options options);

/* "categorical cross-entropy", ... */
SEQNN_API const char *seqnn_loss_name(seqnn_loss_kind kind);

#endif
