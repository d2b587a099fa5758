/* cuda/model.cuh - a model on a device (private)
 *
 * The layers' own structs are used as they are: their reals lie in the memory of both
 * sides. Lists of a batch (packings, distinct words) are the CPU's; a copy of them lies in
 * a block of the device at the same distances, so that sq_list finds what a pointer into
 * the one is in the other.
 */
#ifndef SQ_CUDA_MODEL_H
#define SQ_CUDA_MODEL_H

#include "activations.cuh"
#include "rows.cuh"

/* Memory that grows with what is asked of it. */
struct sq_cuda_room {
    void *memory;
    seqnn_size size;
};

struct sq_cuda {
    sq_device *device;
    sq_memory both, host; /* for the arenas */
    char *lists;          /* the copy of model->lists, in the device's memory */
    seqnn_size lists_size;
    sq_cuda_room targets_here, targets; /* of the loss: the CPU's, and the copy */
    sq_cuda_room squares;               /* sums of squares, for the norms */
};

/* At least so many bytes; what was in them is lost if they grow. NULL: the device is in
 * error. */
static void *sq_cuda_room_for(const sq_cuda *cuda, sq_memory_kind kind, sq_cuda_room *room,
                              seqnn_size bytes)
{
    if (bytes >= 0 && bytes <= room->size && room->memory)
        return room->memory;
    sq_device_give(cuda->device, kind, room->memory);
    room->memory = sq_device_take(cuda->device, kind, bytes);
    room->size = room->memory ? bytes : 0;
    return room->memory;
}

static inline sq_cuda *sq_cuda_of(const seqnn_layer *layer)
{
    return (sq_cuda *)layer->model->device;
}

/* Where the copy of a list is. */
template <class T> static T *sq_list(const seqnn_model *model, T *list)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    return (T *)(cuda->lists + ((const char *)list - model->lists.memory));
}

/* Copies a list of the batch. */
template <class T> static void sq_list_up(const seqnn_model *model, const T *list, seqnn_size count)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    sq_device_up(cuda->device, (void *)sq_list(model, list), list, (size_t)count * sizeof *list);
}

static inline sq_packed sq_packed_of(const seqnn_model *model, const sq_packing *packing)
{
    return sq_packed{packing->batch, packing->time, packing->steps, packing->rows,
                     sq_list(model, packing->order), sq_list(model, packing->length),
                     sq_list(model, packing->offset), sq_list(model, packing->source)};
}

/* ---- memory ---- */

static void *sq_cuda_take_both(void *context, seqnn_size bytes)
{
    return sq_device_take((sq_device *)context, SQ_OF_BOTH, bytes);
}

static void sq_cuda_give_both(void *context, void *memory)
{
    sq_device_give((sq_device *)context, SQ_OF_BOTH, memory);
}

static void *sq_cuda_take_host(void *context, seqnn_size bytes)
{
    return sq_device_take((sq_device *)context, SQ_OF_HOST, bytes);
}

static void sq_cuda_give_host(void *context, void *memory)
{
    sq_device_give((sq_device *)context, SQ_OF_HOST, memory);
}

/* ---- a batch ---- */

static seqnn_status sq_cuda_batch(seqnn_model *model)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    if (cuda->lists_size < model->lists.size) {
        sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->lists);
        cuda->lists = (char *)sq_device_take(cuda->device, SQ_OF_DEVICE, model->lists.size);
        cuda->lists_size = cuda->lists ? model->lists.size : 0;
        if (!cuda->lists)
            return sq_device_status(cuda->device);
    }
    for (int k = 0; k < model->source_count; k++) {
        const sq_packing *packing = &model->sources[k].packing;
        if (model->sources[k].kind == SQ_VECTORS)
            continue;
        sq_list_up(model, packing->order, packing->batch);
        sq_list_up(model, packing->length, packing->batch);
        sq_list_up(model, packing->offset, packing->steps + 1);
        sq_list_up(model, packing->source, packing->rows);
    }
    return SEQNN_OK;
}

/* ---- sources ---- */

static void sq_cuda_words_up(const seqnn_layer *layer, const sq_distinct *distinct)
{
    sq_list_up(layer->model, distinct->words, distinct->count);
    sq_list_up(layer->model, distinct->of_row, layer->out.rows);
}

#endif
