/* layers/embedding.h - a vector for every word
 *
 *   y_t = table[x_t]        table: [vocabulary, features]
 *
 * the same as a one-hot row times the table; backwards dtable[x_t] += dy_t. Reads word
 * indices, so it is a source: the k-th source of a model reads batch.x[k].indices,
 * [batch, time]. An index outside [0, vocabulary) is an error that names sample and step.
 *
 * mask_zero: index 0 is padding, at the front or at the end: those steps are left out of
 * every later layer. A zero between two words is an error. Where the batch carries start
 * and length they are used, else the zeros are looked for. Without mask_zero the padding
 * is a word like any other, as in Keras.
 *
 * A word that comes again in a batch costs less: its vector is the same, and so is its
 * product with a matrix. A recurrent layer that reads an embedding multiplies x_t W_x once
 * for each distinct word of the batch, and on the way back sums the dz_t of a word before
 * it multiplies: dW_x += sum_w table[w]^T dz_w and dtable[w] += dz_w W_x^T, where dz_w is
 * the sum of dz_t over the steps of word w. Forwards that gives the same bits, backwards
 * the same sums in another order. Every step is computed for itself where input dropout
 * makes the vectors of a word differ, where another kind of layer reads the embedding
 * too, and where less than a tenth of the steps repeat a word. dL/dy_t of every step,
 * seqnn_layer_output_gradient, is then worked out when it is asked for.
 */
#ifndef SEQNN_EMBEDDING_H
#define SEQNN_EMBEDDING_H

#include "layer.h"

typedef struct seqnn_embedding_options {
    const char *name;
    bool mask_zero;
    bool frozen;
    seqnn_size time;               /* length, if always the same: Flatten needs it */
    const seqnn_real *vectors;     /* [vocabulary, features] to start from; copied */
    seqnn_initializer initializer; /* default U(-0.05, 0.05), as Keras */
} seqnn_embedding_options;

SEQNN_API seqnn_layer *seqnn_embedding(seqnn_model *model, seqnn_size vocabulary,
                                       seqnn_size features,
                                       seqnn_embedding_options options);

#endif
