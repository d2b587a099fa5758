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
