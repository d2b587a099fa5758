/* layers/layer.h - a layer and its parameters
 *
 * A layer is made by a function named after it (seqnn_dense, seqnn_lstm, ...), belongs to
 * the model it was added to, and reads the layer added before it unless its option
 * `input` names another. All layers share these options:
 *
 *   name     for summaries, errors and files; default: "lstm_1" and so on
 *   input    the layer it reads; default: the layer before
 *   frozen   its parameters are not trained
 *
 * What flows between layers is a vector per sample, [batch, features], or a vector per
 * step, [batch, time, features].
 */
#ifndef SEQNN_LAYER_H
#define SEQNN_LAYER_H

#include "tensor.h"
#include "initializers.h"

typedef struct seqnn_model seqnn_model;
typedef struct seqnn_layer seqnn_layer;

/* A weight matrix or bias with its gradient. Both are views into the model's flat blocks.
 * Weight matrices are [inputs, outputs]: y = x W + b. Of gated layers the columns are
 * blocks of `units`, one per gate: LSTM i, f, C~, o; GRU z, r, h~. */
typedef struct seqnn_parameter {
    const char *name; /* "W_x", "W_h", "b", "W", "table", ... */
    seqnn_size rows, columns;
    seqnn_real *value, *gradient; /* [rows, columns]; a bias has one row */
    bool frozen;
} seqnn_parameter;

SEQNN_API const char *seqnn_layer_name(const seqnn_layer *layer);

/* "lstm", "dense", ... */
SEQNN_API const char *seqnn_layer_kind(const seqnn_layer *layer);

/* Features of its output; whether it gives a vector per step. */
SEQNN_API seqnn_size seqnn_layer_features(const seqnn_layer *layer);
SEQNN_API bool seqnn_layer_is_sequence(const seqnn_layer *layer);

/* Its parameters, by position or by name; NULL with the error set if there is none.
 * The first call makes the model's parameters: no layer can be added after it. */
SEQNN_API seqnn_size seqnn_layer_parameters(const seqnn_layer *layer);
SEQNN_API seqnn_parameter *seqnn_layer_parameter_at(seqnn_layer *layer, seqnn_size i);
SEQNN_API seqnn_parameter *seqnn_layer_parameter(seqnn_layer *layer, const char *name);

/* Copies rows * columns numbers into a parameter; values must be that many. */
SEQNN_API seqnn_status seqnn_layer_set(seqnn_layer *layer, const char *name,
                                       const seqnn_real *values);

/* Its output and dL/d(output) of the last forward and backward pass, in the user's order:
 * [batch, features] or [batch, time, features], zero at padded steps. The memory belongs
 * to the layer and stands until the next call on it. Of a recurrent layer dL/d(output) is
 * the total derivative dL/dh_t: what comes from above at step t, and through all later
 * steps. Without data, the error set, if there is no memory or a GPU fails; and a one-hot
 * source has no dL/d(output). */
SEQNN_API seqnn_tensor seqnn_layer_output(seqnn_layer *layer);
SEQNN_API seqnn_tensor seqnn_layer_output_gradient(seqnn_layer *layer);

#endif
