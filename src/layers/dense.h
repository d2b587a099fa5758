/* layers/dense.h - the fully connected layer
 *
 *   y = g(x W + b)          W: [inputs, units], b: [units]
 *
 * Backwards, with dz = dy * g'(x W + b), sums over all rows x:
 *
 *   dW = sum x^T dz,  db = sum dz,  dx = dz W^T
 *
 * On a sequence the same W and b serve every step (Keras' TimeDistributed(Dense)); padded
 * steps are not computed.
 */
#ifndef SEQNN_DENSE_H
#define SEQNN_DENSE_H

#include "activation.h"

typedef struct seqnn_dense_options {
    const char *name;
    seqnn_layer *input;
    seqnn_activation activation; /* g; default linear */
    bool no_bias;
    bool frozen;
    seqnn_initializer initializer;      /* of W; default Glorot uniform */
    seqnn_initializer bias_initializer; /* default zeros */
} seqnn_dense_options;

SEQNN_API seqnn_layer *seqnn_dense(seqnn_model *model, seqnn_size units,
                                   seqnn_dense_options options);

#endif
