#include "tensor.h"
#include "memory.h"
#include "shape.h"

SQ_LOCAL sq_text_of_shape sq_shape_text(const seqnn_size *shape, seqnn_size rank)
{
    sq_text_of_shape result;
    size_t used = 1;
    strcpy(result.text, "[");
    for (seqnn_size axis = 0; axis < rank && used < sizeof result.text; axis++)
        used += (size_t)snprintf(result.text + used, sizeof result.text - used, "%s%td",
                                 axis > 0 ? ", " : "", shape[axis]);
    if (used < sizeof result.text)
        snprintf(result.text + used, sizeof result.text - used, "]");
    return result;
}

SQ_LOCAL bool sq_same_shape(seqnn_tensor a, seqnn_tensor b)
{
    if (a.rank != b.rank)
        return false;
    for (seqnn_size axis = 0; axis < a.rank; axis++)
        if (a.shape[axis] != b.shape[axis])
            return false;
    return true;
}

/* The number of elements of a shape, or -1 with the error set. */
static seqnn_size sq_shape_size(const char *who, seqnn_size rank, const seqnn_size *shape)
{
    if (rank < 1 || rank > SEQNN_MAX_RANK) {
        sq_fail(SEQNN_ERROR_SHAPE, "%s: %td axes, expected 1 to %d", who, rank,
                SEQNN_MAX_RANK);
        return -1;
    }
    seqnn_size size = 1;
    for (seqnn_size axis = 0; axis < rank; axis++) {
        if (shape[axis] < 0) {
            sq_fail(SEQNN_ERROR_SHAPE, "%s: %s has a negative size", who,
                    sq_shape_text(shape, rank).text);
            return -1;
        }
        size = sq_multiply(size, shape[axis]);
        if (size < 0) {
            sq_fail(SEQNN_ERROR_MEMORY, "%s: %s has too many elements", who,
                    sq_shape_text(shape, rank).text);
            return -1;
        }
    }
    return size;
}

static seqnn_tensor sq_no_tensor(void)
{
    seqnn_tensor none;
    memset(&none, 0, sizeof none);
    return none;
}

SEQNN_API seqnn_tensor seqnn_tensor_view(seqnn_real *data, seqnn_size rank,
                                         const seqnn_size *shape)
{
    seqnn_tensor tensor = sq_no_tensor();
    if (sq_shape_size("tensor view", rank, shape) < 0)
        return tensor;
    tensor.data = data;
    tensor.rank = rank;
    for (seqnn_size axis = 0; axis < rank; axis++)
        tensor.shape[axis] = shape[axis];
    return tensor;
}

SEQNN_API seqnn_tensor seqnn_tensor_1d(seqnn_real *data, seqnn_size a)
{
    return seqnn_tensor_view(data, 1, &a);
}

SEQNN_API seqnn_tensor seqnn_tensor_2d(seqnn_real *data, seqnn_size a, seqnn_size b)
{
    const seqnn_size shape[2] = {a, b};
    return seqnn_tensor_view(data, 2, shape);
}

SEQNN_API seqnn_tensor seqnn_tensor_3d(seqnn_real *data, seqnn_size a, seqnn_size b,
                                       seqnn_size c)
{
    const seqnn_size shape[3] = {a, b, c};
    return seqnn_tensor_view(data, 3, shape);
}

SEQNN_API seqnn_tensor seqnn_tensor_new(seqnn_size rank, const seqnn_size *shape)
{
    const seqnn_size size = sq_shape_size("tensor", rank, shape);
    if (size < 0)
        return sq_no_tensor();
    seqnn_real *data = (seqnn_real *)sq_allocate(size, sizeof *data);
    if (!data)
        return sq_no_tensor();
    return seqnn_tensor_view(data, rank, shape);
}

SEQNN_API void seqnn_tensor_free(seqnn_tensor *tensor)
{
    sq_free(tensor->data);
    *tensor = sq_no_tensor();
}

SEQNN_API seqnn_size seqnn_tensor_size(seqnn_tensor tensor)
{
    seqnn_size size = tensor.rank > 0 ? 1 : 0;
    for (seqnn_size axis = 0; axis < tensor.rank; axis++)
        size *= tensor.shape[axis];
    return size;
}

SEQNN_API seqnn_size seqnn_tensor_columns(seqnn_tensor tensor)
{
    return tensor.rank > 0 ? tensor.shape[tensor.rank - 1] : 0;
}

SEQNN_API seqnn_size seqnn_tensor_rows(seqnn_tensor tensor)
{
    seqnn_size rows = tensor.rank > 0 ? 1 : 0;
    for (seqnn_size axis = 0; axis + 1 < tensor.rank; axis++)
        rows *= tensor.shape[axis];
    return rows;
}

SEQNN_API seqnn_tensor seqnn_tensor_reshape(seqnn_tensor tensor, seqnn_size rank,
                                            const seqnn_size *shape)
{
    const seqnn_size size = sq_shape_size("tensor reshape", rank, shape);
    if (size < 0)
        return sq_no_tensor();
    if (size != seqnn_tensor_size(tensor)) {
        sq_fail(SEQNN_ERROR_SHAPE, "tensor reshape: %s has not as many elements as %s",
                sq_shape_text(shape, rank).text,
                sq_shape_text(tensor.shape, tensor.rank).text);
        return sq_no_tensor();
    }
    return seqnn_tensor_view(tensor.data, rank, shape);
}

SEQNN_API seqnn_tensor seqnn_tensor_slice(seqnn_tensor tensor, seqnn_size begin,
                                          seqnn_size end)
{
    if (tensor.rank < 1 || begin < 0 || end < begin || end > tensor.shape[0]) {
        sq_fail(SEQNN_ERROR_SHAPE, "tensor slice: entries [%td, %td) of %s", begin, end,
                sq_shape_text(tensor.shape, tensor.rank).text);
        return sq_no_tensor();
    }
    seqnn_size entry = 1;
    for (seqnn_size axis = 1; axis < tensor.rank; axis++)
        entry *= tensor.shape[axis];
    tensor.data += begin * entry;
    tensor.shape[0] = end - begin;
    return tensor;
}

SEQNN_API seqnn_real *seqnn_tensor_at(seqnn_tensor tensor, const seqnn_size *index)
{
    seqnn_size offset = 0;
    for (seqnn_size axis = 0; axis < tensor.rank; axis++) {
        if (index[axis] < 0 || index[axis] >= tensor.shape[axis]) {
            sq_fail(SEQNN_ERROR_ARGUMENT, "tensor at: element %s of %s",
                    sq_shape_text(index, tensor.rank).text,
                    sq_shape_text(tensor.shape, tensor.rank).text);
            return NULL;
        }
        offset = offset * tensor.shape[axis] + index[axis];
    }
    return tensor.data ? tensor.data + offset : NULL;
}

SEQNN_API seqnn_status seqnn_tensor_copy(seqnn_tensor to, seqnn_tensor from)
{
    if (!sq_same_shape(to, from))
        return sq_fail(SEQNN_ERROR_SHAPE, "tensor copy: from %s to %s",
                       sq_shape_text(from.shape, from.rank).text,
                       sq_shape_text(to.shape, to.rank).text);
    const seqnn_size size = seqnn_tensor_size(from);
    if (size > 0)
        memmove(to.data, from.data, (size_t)size * sizeof *to.data);
    return SEQNN_OK;
}
