/* layers/one_hot.h - words or characters as one-hot vectors
 *
 *   y_t = e_(x_t), the row x_t of the identity of size vocabulary
 *
 * An embedding whose table is the identity and is not trained: it has no parameter. It
 * reads indices, [batch, time], and gives [batch, time, vocabulary]; as a source, the
 * k-th of a model, it reads batch.x[k].indices. A vocabulary is 1 to INT32_MAX words. An
 * index outside [0, vocabulary) is an error that names sample and step. mask_zero is that
 * of the embedding: index 0 is padding, at the front or at the end.
 *
 * A one-hot vector times a matrix is a row of the matrix: x_t W_x = W_x[x_t]. A recurrent
 * layer that reads this source therefore multiplies nothing for its input: it adds up
 * rows of W_x, and on the way back dW_x[x_t] += dz_t. The same numbers given as vectors
 * (seqnn_sequences) cost vocabulary multiply-adds for each of them, and that memory.
 * Other layers read the vectors written out; so does a recurrent layer with input
 * dropout.
 *
 * dL/dy_t is not computed, for nothing below learns from it: seqnn_layer_output_gradient
 * of this layer is an error.
 */
#ifndef SEQNN_ONE_HOT_H
#define SEQNN_ONE_HOT_H

#include "layer.h"

typedef struct seqnn_one_hot_options {
    const char *name;
    bool mask_zero;
    seqnn_size time; /* length, if always the same: Flatten needs it */
} seqnn_one_hot_options;

SEQNN_API seqnn_layer *seqnn_one_hot_source(seqnn_model *model, seqnn_size vocabulary,
                                            seqnn_one_hot_options options);

#endif
