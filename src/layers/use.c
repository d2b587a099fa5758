/* Where a model computes: what is asked for, and what is there. */
#include "backend.h"
#include "device_choice.h"
#include "recurrent_states.h"

static seqnn_status sq_open_gpu(seqnn_model *model)
{
#ifdef SEQNN_CUDA
    model->backend = sq_cuda_open(model);
    return model->backend ? SEQNN_OK : SEQNN_ERROR_DEVICE;
#else
    (void)model;
    return sq_fail(SEQNN_ERROR_DEVICE, "device: this program was built without "
                                       "SEQNN_CUDA, for the CPU alone");
#endif
}

static void sq_look_for_gpu(seqnn_model *model)
{
    char before[sizeof model->message];
    snprintf(before, sizeof before, "%s", seqnn_error());
    if (!sq_open_gpu(model))
        return;
    sq_keep_reason(before, model->why_not_gpu, sizeof model->why_not_gpu);
}

SQ_LOCAL seqnn_status sq_choose_device(seqnn_model *model)
{
    const seqnn_device wanted = sq_device_asked(model->wanted);
    seqnn_status status = SEQNN_OK;
    if (model->device_chosen)
        return SEQNN_OK;
    if (wanted == SEQNN_GPU)
        status = sq_open_gpu(model);
    else if (wanted == SEQNN_DEVICE_DEFAULT)
        sq_look_for_gpu(model);
    model->device_chosen = !status;
    if (!status)
        sq_say_device(SQ_DEVICE_CHOSEN, seqnn_device_name(model), model->why_not_gpu);
    return status;
}

/* Back to a model that has chosen nothing. Its blocks are empty. */
static seqnn_status sq_choose_again(seqnn_model *model)
{
    const seqnn_status status = sq_states_to_heap(model);
    if (status)
        return status;
    if (model->backend)
        model->backend->close(model);
    model->backend = NULL;
    model->blocks.from = model->activations.from = model->lists.from = NULL;
    model->device_chosen = false;
    model->why_not_gpu[0] = '\0';
    return sq_choose_device(model);
}

/* A model that was built, or loaded: its weights go along. */
static seqnn_status sq_move(seqnn_model *model)
{
    const size_t bytes = (size_t)model->weight_count * sizeof *model->weights;
    seqnn_real *weights = (seqnn_real *)sq_allocate(model->weight_count, sizeof *weights);
    if (!weights)
        return SEQNN_ERROR_MEMORY;
    memcpy(weights, model->weights, bytes);
    sq_free_blocks(model);
    seqnn_status status = sq_choose_again(model);
    if (!status)
        status = sq_allocate_blocks(model);
    if (!status)
        memcpy(model->weights, weights, bytes);
    sq_free(weights);
    return status;
}

SEQNN_API seqnn_status seqnn_use(seqnn_model *model, seqnn_device device)
{
    if (!model)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "use: the model is NULL");
    if (model->status)
        return sq_fail(model->status, "%s", model->message);
    if ((int)device < 0 || device > SEQNN_GPU)
        return sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                             "use: device %d; expected one of seqnn_device", (int)device);
    if (model->planned_batch || model->training)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "use: the model is in use; its device is chosen before its first "
                       "pass");
    model->wanted = device;
    const seqnn_status status = model->built ? sq_move(model) : sq_choose_again(model);
    if (!status)
        return SEQNN_OK;
    char cause[sizeof model->message];
    snprintf(cause, sizeof cause, "%s", seqnn_error());
    return sq_model_fail(model, status, "use: %s", cause);
}

SEQNN_API const char *seqnn_device_name(seqnn_model *model)
{
    if (model && !model->status)
        sq_choose_device(model);
    return model && model->backend ? model->backend->name(model) : "CPU";
}
