/* layers/pooling.h - from a sequence to one vector
 *
 *   max      y_k = max_t x_t,k          gradient to the first step that has the maximum
 *   mean     y_k = 1/length sum_t x_t,k
 *   flatten  y = [x_1, x_2, ..., x_T]   every sequence must have all T steps
 *
 * Over the real steps only; a sequence of length 0 gives zeros. Flatten needs the length
 * when the model is built (option `time` of the source) and takes no masked sequences.
 */
#ifndef SEQNN_POOLING_H
#define SEQNN_POOLING_H

#include "layer.h"

typedef struct seqnn_pooling_options {
    const char *name;
    seqnn_layer *input;
} seqnn_pooling_options;

SEQNN_API seqnn_layer *seqnn_global_max_pool(seqnn_model *model,
                                             seqnn_pooling_options options);
SEQNN_API seqnn_layer *seqnn_global_mean_pool(seqnn_model *model,
                                              seqnn_pooling_options options);
SEQNN_API seqnn_layer *seqnn_flatten(seqnn_model *model, seqnn_pooling_options options);

#endif
