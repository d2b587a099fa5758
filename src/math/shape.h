/* math/shape.h - shapes in words, for error messages (private) */
#ifndef SQ_SHAPE_H
#define SQ_SHAPE_H

#include "private.h"
#include "tensor.h"

/* "[32, 150, 64]". Used as sq_shape_text(shape, rank).text in a call of sq_fail. */
typedef struct sq_text_of_shape {
    char text[96];
} sq_text_of_shape;

SQ_LOCAL sq_text_of_shape sq_shape_text(const seqnn_size *shape, seqnn_size rank);
SQ_LOCAL bool sq_same_shape(seqnn_tensor a, seqnn_tensor b);

#endif
