/* cuda/model.cuh - a model on a device (private)
 *
 * The layers' own structs are used as they are: their reals lie in the memory of both
 * sides. Lists of a batch (packings, distinct words) are the CPU's; a copy of them lies
 * in a block of the device at the same distances, so that sq_list finds what a pointer
 * into the one is in the other.
 */
#ifndef SQ_CUDA_MODEL_H
#define SQ_CUDA_MODEL_H

#include "activations.cuh"
#include "rows.cuh"

/* Elements of a gradient that a block sums up, clips or updates. */
enum { SQ_GRADIENT_PIECE = 4096 };

/* Memory that grows with what is asked of it. */
struct sq_cuda_room {
    void *memory;
    seqnn_size size;
};

/* Whether an update is to be made, and what the gradients are taken times. */
struct sq_cuda_go {
    double stop; /* 0: it is made */
    double factor;
};

/* What is another number in every step, though the work is the same: read from the
 * device's memory. */
struct sq_cuda_numbers {
    uint64_t pass;    /* of sq_stream_of_pass */
    sq_update update; /* of the optimiser */
    sq_cuda_go go;    /* of an update that the CPU has decided */
};

struct sq_cuda {
    sq_device *device;
    sq_memory both, host; /* for the arenas */
    char *lists;          /* the copy of model->lists, in the device's memory */
    seqnn_size lists_size;
    sq_cuda_room numbers_here, numbers;
    sq_cuda_room given_here[SEQNN_MAX_INPUTS]; /* values of sources */
    sq_cuda_room targets_here, targets;        /* of the loss: the CPU's, and the copy */
    sq_cuda_room judged;                       /* what a step comes to: update.cuh */
    sq_cuda_room down_here;                    /* what came down last */
    bool judges;                               /* a step whose end the device decides */
};

/* At least so many bytes; what was in them is lost if they grow. NULL: the device is in
 * error. */
static void *sq_cuda_room_for(const sq_cuda *cuda, sq_memory_kind kind,
                              sq_cuda_room *room, seqnn_size bytes)
{
    if (bytes >= 0 && bytes <= room->size && room->memory)
        return room->memory;
    sq_device_give(cuda->device, kind, room->memory);
    room->memory = sq_device_take(cuda->device, kind, bytes);
    room->size = room->memory ? bytes : 0;
    return room->memory;
}

/* A copy in memory of the host's that stands until the next; waits. NULL: the device is
 * in error. */
static void *sq_cuda_down(sq_cuda *cuda, const void *from, seqnn_size bytes)
{
    void *here = sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->down_here, bytes);
    if (!here || sq_device_down(cuda->device, here, from, (size_t)bytes))
        return NULL;
    return here;
}

/* What a step comes to; of all but the last two a copy comes down. */
struct sq_cuda_judged {
    seqnn_size parameters; /* of the model, frozen ones too */
    double *sums;          /* the loss, and how many were right */
    sq_cuda_go *go;        /* of its update */
    double *squares;       /* [SQ_MOST_CLIPS, parameters] sums of squares */
    double *factors;       /* [parameters] what their gradients are taken times */
    double *pieces;        /* of sums of squares */
};

static sq_cuda_judged sq_cut_judged(const seqnn_model *model, sq_arena *arena)
{
    sq_cuda_judged to = {};
    seqnn_size pieces = 0;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            to.parameters++;
            pieces += view->rows * view->columns / SQ_GRADIENT_PIECE + 1;
        }
    to.sums = (double *)sq_arena_take(arena, 2, sizeof(double));
    to.go = (sq_cuda_go *)sq_arena_take(arena, 1, sizeof(sq_cuda_go));
    to.squares =
        (double *)sq_arena_take(arena, SQ_MOST_CLIPS * to.parameters, sizeof(double));
    to.factors = (double *)sq_arena_take(arena, to.parameters, sizeof(double));
    to.pieces = (double *)sq_arena_take(arena, pieces, sizeof(double));
    return to;
}

/* False: the device is in error. */
static bool sq_cuda_judged_there(const seqnn_model *model, sq_cuda_judged *to)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_arena plan = {}, there = {};
    sq_cut_judged(model, &plan);
    there.memory = (char *)sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->judged, plan.used);
    if (!there.memory || !sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->down_here, plan.used))
        return false;
    *to = sq_cut_judged(model, &there);
    return true;
}

/* Memory for the numbers of a step; false: the device is in error. */
static bool sq_cuda_has_numbers(sq_cuda *cuda)
{
    const seqnn_size size = (seqnn_size)sizeof(sq_cuda_numbers);
    return sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->numbers_here, size) &&
           sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->numbers, size);
}

static sq_cuda_numbers *sq_cuda_numbers_there(const sq_cuda *cuda)
{
    return (sq_cuda_numbers *)cuda->numbers.memory;
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

/* Copies lists of the batch that lie one behind the other, of the last so many elements:
 * one more copy would cost more than what lies between them. */
template <class First, class Last>
static void sq_lists_up(const seqnn_model *model, const First *first, const Last *last,
                        seqnn_size count)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    sq_device_up(cuda->device, (void *)sq_list(model, first), first,
                 (size_t)((const char *)(last + count) - (const char *)first));
}

static inline sq_packed sq_packed_of(const seqnn_model *model, const sq_packing *packing)
{
    return sq_packed{packing->batch,
                     packing->time,
                     packing->steps,
                     packing->rows,
                     sq_list(model, packing->order),
                     sq_list(model, packing->length),
                     sq_list(model, packing->offset),
                     sq_list(model, packing->source)};
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
        cuda->lists =
            (char *)sq_device_take(cuda->device, SQ_OF_DEVICE, model->lists.size);
        cuda->lists_size = cuda->lists ? model->lists.size : 0;
        if (!cuda->lists)
            return sq_device_status(cuda->device);
    }
    if (!sq_cuda_has_numbers(cuda))
        return sq_device_status(cuda->device);
    if (model->mode == SEQNN_TRAIN) {
        sq_cuda_numbers *here = (sq_cuda_numbers *)cuda->numbers_here.memory;
        here->pass = sq_stream_of_pass(model);
        sq_device_up(cuda->device, &sq_cuda_numbers_there(cuda)->pass, &here->pass,
                     sizeof here->pass);
    }
    for (int k = 0; k < model->source_count; k++) {
        const sq_packing *packing = &model->sources[k].packing;
        if (model->sources[k].kind == SQ_VECTORS)
            continue;
        sq_lists_up(model, packing->order, packing->source, packing->rows);
    }
    return SEQNN_OK;
}

/* ---- sources ---- */

/* How many distinct words work is made for: those of no row (-1) make up the rest. */
static seqnn_size sq_cuda_word_rows(const seqnn_layer *layer, const sq_distinct *distinct)
{
    return sq_rounded_up(distinct->count, sq_min(layer->out.rows, layer->vocabulary));
}

static void sq_cuda_words_up(const seqnn_layer *layer, const sq_distinct *distinct)
{
    const seqnn_size words = sq_cuda_word_rows(layer, distinct);
    for (seqnn_size u = distinct->count; u < words; u++)
        distinct->words[u] = -1;
    sq_lists_up(layer->model, distinct->words, distinct->of_row, layer->out.rows);
}

#endif
