#include "training.h"

static void sq_training_free(void *memory)
{
    sq_training *training = (sq_training *)memory;
    if (!training)
        return;
    sq_memory_give(training->from, training->m);
    sq_memory_give(training->from, training->v);
    sq_free(training->sums);
    sq_free(training->norms);
    sq_free(training->position_loss);
    sq_free(training->predicted);
    sq_free(training->best);
    for (int i = 0; i < 4; i++)
        sq_free(training->history[i]);
    sq_free(training->seconds);
    sq_free(training);
}

SQ_LOCAL sq_training *sq_training_of(seqnn_model *model)
{
    if (!model->training) {
        model->training = sq_allocate(1, sizeof(sq_training));
        model->free_training = sq_training_free;
        if (model->training)
            ((sq_training *)model->training)->from = model->blocks.from;
    }
    return (sq_training *)model->training;
}

SQ_LOCAL seqnn_status sq_training_fail(seqnn_model *model, seqnn_status status,
                                       const char *format, ...)
{
    char message[512];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    model->run_status = status;
    return sq_fail(status, "%s", message);
}

SQ_LOCAL seqnn_status sq_training_wait(seqnn_model *model)
{
    seqnn_status status = sq_wait(model);
    if (status)
        model->run_status = status;
    return status;
}

SQ_LOCAL seqnn_status sq_check_samples(const char *who, const seqnn_dataset *data)
{
    if (data && data->count > 0)
        return SEQNN_OK;
    if (data || seqnn_error()[0] == '\0')
        sq_fail(SEQNN_ERROR_ARGUMENT, "%s: the data set has no samples", who);
    return SEQNN_ERROR_ARGUMENT;
}
