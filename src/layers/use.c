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

/* Nothing is in the device's memory. */
static void sq_leave_device(seqnn_model *model)
{
    if (model->backend)
        model->backend->close(model);
    model->backend = NULL;
    model->blocks.from = model->activations.from = NULL;
    model->lists.from = model->marks.from = NULL;
}

static seqnn_status sq_choose_device(seqnn_model *model)
{
    const seqnn_device wanted = sq_device_asked(model->wanted);
    seqnn_status status = SEQNN_OK;
    if (model->device_chosen)
        return SEQNN_OK;
    if (wanted == SEQNN_GPU)
        status = sq_open_gpu(model);
    else if (wanted == SEQNN_DEVICE_DEFAULT)
        sq_look_for_gpu(model);
    if (!status && model->backend)
        status = model->backend->precision(model, model->precision);
    if (status)
        sq_leave_device(model);
    model->device_chosen = !status;
    if (!status)
        sq_say_device(SQ_DEVICE_CHOSEN, seqnn_device_name(model), model->why_not_gpu);
    return status;
}

/* A GPU that nobody asked for may have no room: another program's, as a rule. It is left,
 * but for states that were given already: they lie on it, and it is in error. */
SQ_LOCAL seqnn_status sq_take_place(seqnn_model *model)
{
    char before[sizeof model->message];
    snprintf(before, sizeof before, "%s", seqnn_error());
    seqnn_status status = sq_choose_device(model);
    if (!status)
        status = sq_allocate_blocks(model);
    if (status != SEQNN_ERROR_MEMORY || !model->backend ||
        sq_device_asked(model->wanted) == SEQNN_GPU || sq_states_to_heap(model))
        return status;
    sq_free_blocks(model);
    sq_leave_device(model);
    sq_keep_reason(before, model->why_not_gpu, sizeof model->why_not_gpu);
    sq_say_device(SQ_DEVICE_CHOSEN, seqnn_device_name(model), model->why_not_gpu);
    return sq_allocate_blocks(model);
}

/* Back to a model that has chosen nothing. Its blocks are empty. */
static seqnn_status sq_choose_again(seqnn_model *model)
{
    const seqnn_status status = sq_states_to_heap(model);
    if (status)
        return status;
    sq_leave_device(model);
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
        status = sq_take_place(model);
    if (!status) {
        memcpy(model->weights, weights, bytes);
        sq_written(model, model->weights, model->weight_count);
    }
    sq_free(weights);
    return status;
}

/* `choice`, one of `last` + 1, may be made of a model that is in order and has not made a
 * pass. */
static seqnn_status sq_may_choose(seqnn_model *model, const char *what, int choice,
                                  int last)
{
    if (!model)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "use: the model is NULL");
    if (model->status)
        return sq_fail(model->status, "%s", model->message);
    if (choice < 0 || choice > last)
        return sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                             "use: %s %d; expected one of seqnn_%s", what, choice, what);
    if (model->planned_batch || model->training)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "use: the model is in use; its %s is chosen before its first pass",
                       what);
    return SEQNN_OK;
}

/* The model stays in the error that was just found. */
static seqnn_status sq_cannot_use(seqnn_model *model, seqnn_status status)
{
    char cause[sizeof model->message];
    snprintf(cause, sizeof cause, "%s", seqnn_error());
    return sq_model_fail(model, status, "use: %s", cause);
}

SEQNN_API seqnn_status seqnn_use(seqnn_model *model, seqnn_device device)
{
    seqnn_status status = sq_may_choose(model, "device", (int)device, SEQNN_GPU);
    if (status)
        return status;
    model->wanted = device;
    status = model->built ? sq_move(model) : sq_choose_again(model);
    return status ? sq_cannot_use(model, status) : SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_use_precision(seqnn_model *model, seqnn_precision precision)
{
    seqnn_status status =
        sq_may_choose(model, "precision", (int)precision, SEQNN_BFLOAT16);
    if (status)
        return status;
    if (precision != SEQNN_FLOAT32 && sizeof(seqnn_real) > sizeof(float))
        return sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                             "use: TF32 and BF16 are less than float32, and this program "
                             "was built with SEQNN_DOUBLE");
    model->precision = precision;
    if (model->backend)
        status = model->backend->precision(model, precision);
    return status ? sq_cannot_use(model, status) : SEQNN_OK;
}

SEQNN_API const char *seqnn_device_name(seqnn_model *model)
{
    if (model && !model->status)
        sq_choose_device(model);
    return model && model->backend ? model->backend->name(model) : "CPU";
}
