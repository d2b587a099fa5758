/* cuda/backend.cuh - the table of layers/backend.h for a device (private) */
#ifndef SQ_CUDA_BACKEND_H
#define SQ_CUDA_BACKEND_H

#include "loss.cuh"
#include "recurrent.cuh"
#include "update.cuh"
#include "word2vec_train.cuh"

struct sq_cuda_kind {
    const sq_layer_type *type;
    seqnn_status (*forward)(seqnn_layer *layer, seqnn_mode mode);
    void (*backward)(seqnn_layer *layer);
};

static const sq_cuda_kind *sq_cuda_kind_of(const seqnn_layer *layer)
{
    static const sq_cuda_kind kinds[] = {
        {sq_embedding_kind(), sq_cuda_embedding, sq_cuda_embedding_back},
        {sq_one_hot_kind(), sq_cuda_one_hot, sq_cuda_nothing_back},
        {sq_sequences_kind(), sq_cuda_given, sq_cuda_nothing_back},
        {sq_vectors_kind(), sq_cuda_given, sq_cuda_nothing_back},
        {sq_dense_kind(), sq_cuda_dense, sq_cuda_dense_back},
        {sq_activation_kind(), sq_cuda_activation, sq_cuda_activation_back},
        {sq_dropout_kind(), sq_cuda_dropout, sq_cuda_dropout_back},
        {sq_add_kind(), sq_cuda_add, sq_cuda_add_back},
        {sq_concat_kind(), sq_cuda_concat, sq_cuda_concat_back},
        {sq_max_pool_kind(), sq_cuda_max, sq_cuda_max_back},
        {sq_mean_pool_kind(), sq_cuda_mean, sq_cuda_mean_back},
        {sq_flatten_kind(), sq_cuda_flatten, sq_cuda_flatten_back},
        {sq_simple_rnn_kind(), sq_cuda_recurrent, sq_cuda_recurrent_back},
        {sq_lstm_kind(), sq_cuda_recurrent, sq_cuda_recurrent_back},
        {sq_gru_kind(), sq_cuda_recurrent, sq_cuda_recurrent_back},
    };
    if (sq_is_recurrent(layer) && !sq_cuda_sweeps(layer))
        return NULL;
    for (const sq_cuda_kind &kind : kinds)
        if (kind.type == layer->type)
            return &kind;
    return NULL;
}

static bool sq_cuda_forward(seqnn_layer *layer, seqnn_mode mode, seqnn_status *status)
{
    const sq_cuda_kind *kind = sq_cuda_kind_of(layer);
    if (kind)
        *status = kind->forward(layer, mode);
    return kind != NULL;
}

static bool sq_cuda_backward(seqnn_layer *layer)
{
    const sq_cuda_kind *kind = sq_cuda_kind_of(layer);
    if (kind)
        kind->backward(layer);
    return kind != NULL;
}

static seqnn_status sq_cuda_wait(seqnn_model *model)
{
    return sq_device_status(((sq_cuda *)model->device)->device);
}

static seqnn_status sq_cuda_precision(seqnn_model *model, seqnn_precision precision)
{
    return sq_device_use_precision(((sq_cuda *)model->device)->device, precision);
}

static const char *sq_cuda_name(const seqnn_model *model)
{
    return sq_device_name(((const sq_cuda *)model->device)->device);
}

static void sq_cuda_clear(seqnn_model *model, seqnn_real *x, seqnn_size count)
{
    sq_device_clear(((sq_cuda *)model->device)->device, x, (size_t)count * sizeof *x);
}

static void sq_cuda_fetch(seqnn_model *model, const seqnn_real *x, seqnn_size count)
{
    sq_device_fetch(((sq_cuda *)model->device)->device, x, (size_t)count * sizeof *x);
}

static seqnn_status sq_cuda_read(seqnn_model *model, const seqnn_real **x,
                                 seqnn_size count)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    const void *here = sq_cuda_down(cuda, *x, count * (seqnn_size)sizeof **x);
    if (here)
        *x = (const seqnn_real *)here;
    return here ? SEQNN_OK : sq_device_status(cuda->device);
}

static void sq_cuda_close(seqnn_model *model)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->lists);
    sq_device_give(cuda->device, SQ_OF_HOST, cuda->targets_here.memory);
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->targets.memory);
    sq_device_give(cuda->device, SQ_OF_HOST, cuda->down_here.memory);
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->judged.memory);
    sq_device_give(cuda->device, SQ_OF_HOST, cuda->numbers_here.memory);
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->numbers.memory);
    for (const sq_cuda_room &given : cuda->given_here)
        sq_device_give(cuda->device, SQ_OF_HOST, given.memory);
    sq_notes_free(cuda->device);
    sq_device_close(cuda->device);
    sq_free(cuda);
    model->device = NULL;
    model->backend = NULL;
}

static const sq_backend *sq_cuda_open(seqnn_model *model)
{
    static const sq_backend table = {
        sq_cuda_name,       sq_cuda_close,        sq_cuda_wait,       sq_cuda_precision,
        sq_cuda_batch,      sq_cuda_forward,      sq_cuda_backward,   sq_cuda_fetch,
        sq_cuda_read,       sq_cuda_clear,        sq_cuda_clear_rows, sq_cuda_scale,
        sq_cuda_loss,       sq_cuda_best_classes, sq_cuda_squares,    sq_cuda_change,
        sq_cuda_numbers_up, sq_cuda_update,       sq_cuda_begin,      sq_cuda_judge,
        sq_cuda_judged_down};
    sq_cuda *cuda = (sq_cuda *)sq_allocate(1, sizeof *cuda);
    if (!cuda)
        return NULL;
    cuda->device = sq_device_open();
    if (!cuda->device) {
        sq_free(cuda);
        return NULL;
    }
    cuda->both = sq_memory{sq_cuda_take_both, sq_cuda_give_both, cuda->device};
    cuda->host = sq_memory{sq_cuda_take_host, sq_cuda_give_host, cuda->device};
    model->device = cuda;
    model->blocks.from = model->activations.from = &cuda->both;
    model->lists.from = model->marks.from = &cuda->host;
    return &table;
}

#endif
