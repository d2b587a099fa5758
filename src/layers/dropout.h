/* layers/dropout.h - dropout
 *
 *   y = x * m / (1 - rate)      m = 0 with probability rate, else 1
 *   dx = dy * m / (1 - rate)
 *
 * Inverted scaling: in evaluation the layer is the identity. On a sequence the mask is
 * drawn anew for every step unless per_sequence holds one for all steps of a sequence.
 * Masks are counted random numbers: the same on every thread count and machine.
 */
#ifndef SEQNN_DROPOUT_H
#define SEQNN_DROPOUT_H

#include "layer.h"

typedef struct seqnn_dropout_options {
    const char *name;
    seqnn_layer *input;
    bool per_sequence;
} seqnn_dropout_options;

/* rate in [0, 1). */
SEQNN_API seqnn_layer *seqnn_dropout(seqnn_model *model, seqnn_real rate,
                                     seqnn_dropout_options options);

#endif
