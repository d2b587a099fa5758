/* layers/activation.h - tanh, sigmoid, relu, softmax and their derivatives
 *
 *   linear       y = z
 *   tanh         y = tanh z                      dy/dz = 1 - y^2
 *   sigmoid      y = 1 / (1 + exp(-z))           dy/dz = y (1 - y)
 *   relu         y = max(0, z)                   dy/dz = 1 if z > 0, else 0
 *   softmax      y_i = exp z_i / sum_j exp z_j   over the features of a row
 *   log-softmax  y_i = z_i - log sum_j exp z_j
 *
 * As the last activation of a model, softmax, log-softmax and sigmoid are fused with
 * their cross-entropy: the loss is computed from z, never from a logarithm of y.
 */
#ifndef SEQNN_ACTIVATION_H
#define SEQNN_ACTIVATION_H

#include "layer.h"

typedef enum seqnn_activation {
    SEQNN_ACTIVATION_DEFAULT = 0, /* of a layer: dense linear, simple_rnn tanh */
    SEQNN_LINEAR,
    SEQNN_TANH,
    SEQNN_SIGMOID,
    SEQNN_RELU,
    SEQNN_SOFTMAX,
    SEQNN_LOG_SOFTMAX
} seqnn_activation;

SEQNN_API const char *seqnn_activation_name(seqnn_activation activation);

typedef struct seqnn_activation_options {
    const char *name;
    seqnn_layer *input;
} seqnn_activation_options;

/* An activation as a layer of its own. */
SEQNN_API seqnn_layer *seqnn_activate(seqnn_model *model, seqnn_activation activation,
                                      seqnn_activation_options options);

#endif
