/* math/tensor.h - an array of numbers with its shape
 *
 * A tensor is a row-major view: element (i, j, k) of shape [A, B, C] lies at
 * data[(i B + j) C + k]. It is a small struct, handed around by value, that owns nothing:
 * whoever made the memory frees it. Only tensors of seqnn_tensor_new own theirs, and go
 * back through seqnn_tensor_free.
 *
 *     seqnn_tensor x = seqnn_tensor_3d(memory, 32, 150, 64);    [batch, time, features]
 *     seqnn_tensor sample = seqnn_tensor_slice(x, 5, 6);        [1, 150, 64]
 *
 * A function that cannot give the tensor asked for returns one without data (data is
 * NULL, rank 0) and leaves the reason in seqnn_error().
 */
#ifndef SEQNN_TENSOR_H
#define SEQNN_TENSOR_H

#include "config.h"
#include "error.h"

enum { SEQNN_MAX_RANK = 4 };

typedef struct seqnn_tensor {
    seqnn_real *data;
    seqnn_size rank;                  /* number of axes, 1 .. SEQNN_MAX_RANK */
    seqnn_size shape[SEQNN_MAX_RANK]; /* shape[rank] and on are 0 */
} seqnn_tensor;

/* Views of given memory. Sizes may be 0; negative ones are an error. */
SEQNN_API seqnn_tensor seqnn_tensor_view(seqnn_real *data, seqnn_size rank,
                                         const seqnn_size *shape);
SEQNN_API seqnn_tensor seqnn_tensor_1d(seqnn_real *data, seqnn_size a);
SEQNN_API seqnn_tensor seqnn_tensor_2d(seqnn_real *data, seqnn_size a, seqnn_size b);
SEQNN_API seqnn_tensor seqnn_tensor_3d(seqnn_real *data, seqnn_size a, seqnn_size b,
                                       seqnn_size c);

/* A tensor of zeros with memory of its own; and how to free it. */
SEQNN_API seqnn_tensor seqnn_tensor_new(seqnn_size rank, const seqnn_size *shape);
SEQNN_API void seqnn_tensor_free(seqnn_tensor *tensor);

/* The number of elements; the size of the last axis; elements / size of the last axis
 * (the rows, when all axes but the last are taken together). 0 for a tensor of rank 0. */
SEQNN_API seqnn_size seqnn_tensor_size(seqnn_tensor tensor);
SEQNN_API seqnn_size seqnn_tensor_columns(seqnn_tensor tensor);
SEQNN_API seqnn_size seqnn_tensor_rows(seqnn_tensor tensor);

/* The same elements under another shape of the same size. */
SEQNN_API seqnn_tensor seqnn_tensor_reshape(seqnn_tensor tensor, seqnn_size rank,
                                            const seqnn_size *shape);

/* Entries [begin, end) of the first axis. */
SEQNN_API seqnn_tensor seqnn_tensor_slice(seqnn_tensor tensor, seqnn_size begin,
                                          seqnn_size end);

/* The address of the element at index[0 .. rank); NULL with the error set if it is
 * outside. For tests and debugging: inner loops walk over data. */
SEQNN_API seqnn_real *seqnn_tensor_at(seqnn_tensor tensor, const seqnn_size *index);

/* Copies the elements; both shapes must be the same. */
SEQNN_API seqnn_status seqnn_tensor_copy(seqnn_tensor to, seqnn_tensor from);

#endif
