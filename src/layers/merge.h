/* layers/merge.h - two branches become one
 *
 *   add      y = a + b          the skip (residual) connection; same features
 *   concat   y = [a, b]         side by side
 *
 * Both inputs are vectors, or both are sequences of the same source.
 */
#ifndef SEQNN_MERGE_H
#define SEQNN_MERGE_H

#include "layer.h"

typedef enum seqnn_merge { SEQNN_MERGE_DEFAULT = 0, SEQNN_CONCAT, SEQNN_SUM } seqnn_merge;

typedef struct seqnn_merge_options {
    const char *name;
} seqnn_merge_options;

SEQNN_API seqnn_layer *seqnn_add(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                 seqnn_merge_options options);
SEQNN_API seqnn_layer *seqnn_concat(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                    seqnn_merge_options options);

#endif
