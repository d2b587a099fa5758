/* layers/model.h - a network: layers in order, forward, backward
 *
 * A model owns its layers. Each reads the one before, so that a stack is written from top
 * to bottom; an option `input` makes branches and joins (seqnn_add, seqnn_concat), and
 * `initial_state` hands a recurrent state on (encoder and decoder). The last layer is the
 * output. Forward runs the layers in the order they were added, backward in reverse.
 *
 * Sources: every seqnn_embedding, seqnn_one_hot_source, seqnn_sequences and seqnn_vectors
 * starts from data. The k-th of them reads batch.x[k].
 *
 * Parameters lie in one flat block, their gradients in another of the same layout. The
 * activations lie in one arena, planned for the largest batch and length seen: a forward
 * and backward pass no larger than an earlier one allocates nothing.
 */
#ifndef SEQNN_MODEL_H
#define SEQNN_MODEL_H

#include "device.h"
#include "layer.h"
#include "dataset.h"

typedef enum seqnn_mode {
    SEQNN_EVALUATE = 0, /* dropout is the identity */
    SEQNN_TRAIN
} seqnn_mode;

/* An empty model. The seed decides initial weights, dropout masks and shuffling. */
SEQNN_API seqnn_model *seqnn_model_new(uint64_t seed);

/* Frees the model, its layers and everything they own. Takes NULL. */
SEQNN_API void seqnn_free(seqnn_model *model);

/* Whether the model was built without an error (those stay) and the last pass, step, fit
 * or prediction succeeded. */
SEQNN_API bool seqnn_ok(const seqnn_model *model);

/* ---- where it computes (device.h) ---- */

/* Chooses, before the model's first pass. SEQNN_ERROR_DEVICE if the program was built
 * without SEQNN_CUDA, there is no GPU, or it is not one the program was compiled for: the
 * model then stays in error, and another one may compute on the CPU.
 *
 * By default nothing of this is an error, and seqnn_error() stays what it was: seqnn_fit
 * with .verbose says where it computes, and why not on a GPU. A name in SEQNN_DEVICE that
 * is unknown is ignored. */
SEQNN_API seqnn_status seqnn_use(seqnn_model *model, seqnn_device device);

/* What a GPU may round the factors of matrix products to (device.h), SEQNN_FLOAT32 by
 * default; before the model's first pass. It is the program's choice: model files and
 * checkpoints do not keep it. On the CPU it changes nothing, so that a program may ask
 * for it wherever it runs. SEQNN_ERROR_DEVICE if the GPU, now or later by seqnn_use, is
 * older than compute capability 8.0 and has no such products; SEQNN_ERROR_ARGUMENT if
 * seqnn_real is double (SEQNN_DOUBLE), for who asks for double wants no less. The model
 * then stays in error. */
SEQNN_API seqnn_status seqnn_use_precision(seqnn_model *model, seqnn_precision precision);

/* "CPU", or the name of the card: "NVIDIA H100 80GB HBM3". The device is chosen now if it
 * was not yet. The name lives as long as the model. */
SEQNN_API const char *seqnn_device_name(seqnn_model *model);

/* ---- sources that are not embeddings ---- */

typedef struct seqnn_source_options {
    const char *name;
    seqnn_size time; /* if it is always the same: Flatten needs it */
} seqnn_source_options;

/* A series: x[k].values is [batch, time, features]. */
SEQNN_API seqnn_layer *seqnn_sequences(seqnn_model *model, seqnn_size features,
                                       seqnn_source_options options);
/* A vector per sample: x[k].values is [batch, features]. */
SEQNN_API seqnn_layer *seqnn_vectors(seqnn_model *model, seqnn_size features,
                                     seqnn_source_options options);

/* ---- one pass ---- */

/* Runs the network on a batch (a small data set; only x is read). */
SEQNN_API seqnn_status seqnn_forward(seqnn_model *model, const seqnn_dataset *batch,
                                     seqnn_mode mode);

/* The last layer's output: [batch, features] or [batch, time, features]. */
SEQNN_API seqnn_tensor seqnn_output(seqnn_model *model);

/* Sets dL/d(output), same shape as seqnn_output, for a loss of your own; seqnn_loss does
 * it for the losses of train/loss.h. */
SEQNN_API seqnn_status seqnn_set_output_gradient(seqnn_model *model,
                                                 const seqnn_real *gradient);

/* Backpropagation (through time) from the output gradient: ADDS dL/dW to every
 * parameter's gradient, so that several batches accumulate. */
SEQNN_API seqnn_status seqnn_backward(seqnn_model *model);

/* Sets all gradients to zero. */
SEQNN_API void seqnn_zero_gradients(seqnn_model *model);

/* ---- looking in ---- */

SEQNN_API seqnn_size seqnn_model_layers(const seqnn_model *model);
SEQNN_API seqnn_layer *seqnn_model_layer_at(seqnn_model *model, seqnn_size i);
SEQNN_API seqnn_layer *seqnn_model_layer(seqnn_model *model, const char *name);

/* The flat blocks. *count (may be NULL) receives the number of values, the few zeros that
 * align each parameter to a cache line included; seqnn_model_parameters counts without.
 *
 * The rows of an embedding's gradient that no batch has touched are known to be zero:
 * norms, clips, steps and seqnn_zero_gradients pass them by. Whoever writes gradients by
 * hand (an average over machines, say) calls seqnn_mark_gradients, and all rows count
 * until the next seqnn_zero_gradients. */
SEQNN_API seqnn_real *seqnn_weights(seqnn_model *model, seqnn_size *count);
SEQNN_API seqnn_real *seqnn_gradients(seqnn_model *model, seqnn_size *count);
SEQNN_API seqnn_size seqnn_model_parameters(seqnn_model *model);
SEQNN_API void seqnn_mark_gradients(seqnn_model *model);

/* Plans the activations for batches up to this size now, rather than at the first
 * forward pass. time applies to every source. */
SEQNN_API seqnn_status seqnn_reserve(seqnn_model *model, seqnn_size batch,
                                     seqnn_size time);

/* ---- one layer alone ---- */

/* Runs a single layer on x (values or, for an embedding and a one-hot source, indices; x
 * as in a batch of `count` samples), in place of its input. A recurrent layer starts from
 * the state set (seqnn_set_state), or that of its initial_state, or from zero. The output
 * is seqnn_layer_output(layer). */
SEQNN_API seqnn_status seqnn_layer_forward(seqnn_layer *layer, const seqnn_array *x,
                                           seqnn_size count, seqnn_mode mode);

/* What one layer gave as what another reads: [batch, time, features] or [batch,
 * features]. Nothing is copied. */
SEQNN_API seqnn_array seqnn_as_input(seqnn_tensor tensor);

/* The backward pass of that call. dy has the output's shape; NULL means zero (only a
 * state's gradient flows). dx, if not NULL, receives dL/dx in the shape of x.values;
 * the parameters' gradients are added to. */
SEQNN_API seqnn_status seqnn_layer_backward(seqnn_layer *layer, const seqnn_real *dy,
                                            seqnn_real *dx);

#endif
