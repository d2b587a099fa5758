/* Before the first epoch: options and data are checked, memory is made. */
#include "fit_state.h"
#include "batches_check.h"
#include "recurrent_states.h"

/* Philox stream of the shuffle before a validation split. */
#define SQ_SPLIT_STREAM ((uint64_t)0x73706c69 << 32)

static seqnn_status sq_split_validation(sq_fit *fit, const seqnn_dataset *data)
{
    double split = (double)fit->options->validation_split;
    if (!(split > 0 && split < 1))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: validation_split is %g, expected (0, 1)", split);
    /* 0.2f of 10 is a little more than 2. */
    seqnn_size held = (seqnn_size)ceil(split * (double)data->count -
                                       1e-6 * split * (double)data->count);
    if (held >= data->count || data->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: validation_split %g of %td samples leaves none to train on; "
                       "at least 2 samples are needed",
                       split, data->count);
    int32_t *order = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    if (!order)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < data->count; i++)
        order[i] = (int32_t)i;
    seqnn_random random = {fit->model->seed, SQ_SPLIT_STREAM, 0};
    seqnn_random_shuffle(&random, order, data->count);
    seqnn_size first = data->count - held;
    fit->kept = seqnn_dataset_take(data, order, first);
    fit->held = seqnn_dataset_take(data, order + first, held);
    sq_free(order);
    fit->data = fit->kept;
    fit->validation = fit->held;
    return fit->kept && fit->held ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

static seqnn_status sq_check_fit(const sq_fit *fit, const seqnn_dataset *data)
{
    const seqnn_fit_options *o = fit->options;
    seqnn_status status = sq_check_samples("fit", data);
    if (status)
        return status;
    if (o->epochs < 0 || o->batch_size < 0 || o->patience < 0 || o->bptt_chunk < 0 ||
        o->accumulate < 0 || o->checkpoint_steps < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: epochs %td, batch_size %td, patience %td, bptt_chunk %td, "
                       "accumulate %td, checkpoint_steps %td; expected 0 (the default) "
                       "or more",
                       o->epochs, o->batch_size, o->patience, o->bptt_chunk,
                       o->accumulate, o->checkpoint_steps);
    if (o->checkpoint_steps && !o->checkpoint)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: checkpoint_steps is %td, and checkpoint names no file",
                       o->checkpoint_steps);
    if (data->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "fit: %td samples, expected at most %d",
                       data->count, (int)INT32_MAX);
    if (o->validation && o->validation_split != 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: validation and validation_split exclude each other");
    bool watches_validation =
        o->monitor == SEQNN_MONITOR_VAL_ACCURACY || o->monitor == SEQNN_MONITOR_VAL_LOSS;
    if ((int)o->monitor < 0 || o->monitor > SEQNN_MONITOR_LOSS ||
        (watches_validation && !o->validation && o->validation_split == 0))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "fit: monitor %d; expected one of seqnn_monitor, and validation data "
            "for those of validation",
            (int)o->monitor);
    return SEQNN_OK;
}

static const char *sq_stateful_layer(const seqnn_model *model)
{
    for (seqnn_size i = 0; i < model->layer_count; i++)
        if (sq_is_recurrent(model->layers[i]) &&
            ((const sq_recurrent *)model->layers[i])->stateful)
            return model->layers[i]->name;
    return NULL;
}

/* A batch of b samples leaves states of b samples: the next one must have as many. */
static seqnn_status sq_check_stateful(const sq_fit *fit, const char *name)
{
    seqnn_size rest = fit->data->count % sq_min(fit->batch_size, fit->data->count);
    if (rest && !fit->options->drop_last && !fit->options->bptt_chunk)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: '%s' is stateful, and %td samples in batches of %td leave a "
                       "last batch of %td; choose another batch_size, or drop_last",
                       name, fit->data->count, fit->batch_size, rest);
    if (!fit->validation || fit->validation->count < 1)
        return SEQNN_OK;
    rest = fit->validation->count % sq_min(fit->batch_size, fit->validation->count);
    if (rest)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: '%s' is stateful, and %td samples of validation in batches "
                       "of %td leave a last batch of %td; choose another batch_size",
                       name, fit->validation->count, fit->batch_size, rest);
    return SEQNN_OK;
}

/* Of the data that is trained on, after a split. */
static seqnn_status sq_make_batches(sq_fit *fit)
{
    const seqnn_fit_options *o = fit->options;
    const char *stateful = sq_stateful_layer(fit->model);
    seqnn_batches_options order;
    memset(&order, 0, sizeof order);
    order.seed = fit->model->seed;
    order.keep_order = o->keep_order;
    order.drop_last = o->drop_last;
    order.by_length = o->by_length;
    order.sortagrad = o->sortagrad;
    order.buckets = o->buckets;
    order.max_length = o->max_length;
    fit->stateful = stateful != NULL;
    seqnn_status status = sq_check_batches(fit->data, fit->batch_size, &order);
    if (!status && stateful)
        status = sq_check_stateful(fit, stateful);
    if (!status && !(fit->batches = seqnn_batches_new(fit->data, fit->batch_size, order)))
        status = SEQNN_ERROR_MEMORY;
    return status;
}

/* Batches that are cut to their longest row differ in length: the activations are planned
 * for the longest, once. */
static seqnn_status sq_plan_longest(sq_fit *fit)
{
    const seqnn_fit_options *o = fit->options;
    seqnn_size times[SEQNN_MAX_INPUTS], most = fit->data->count;
    if (!o->max_length)
        return SEQNN_OK;
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++) {
        times[k] = sq_min(fit->data->x[k].time, o->max_length);
        if (o->bptt_chunk)
            times[k] = sq_min(times[k], o->bptt_chunk);
        if (fit->validation)
            times[k] = sq_max(times[k], fit->validation->x[k].time);
    }
    if (fit->validation)
        most = sq_max(most, fit->validation->count);
    return sq_model_plan(fit->model, sq_min(fit->batch_size, most), times);
}

static void sq_step_options(sq_fit *fit)
{
    const seqnn_fit_options *o = fit->options;
    fit->step.optimizer = o->optimizer;
    fit->step.loss = o->loss;
    fit->step.clip_value = o->clip_value;
    fit->step.clip_value_lower = o->clip_value_lower;
    fit->step.clip_norm = o->clip_norm;
    fit->step.clip_norm_lower = o->clip_norm_lower;
    fit->step.clip_global_norm = o->clip_global_norm;
    fit->step.clip_global_norm_lower = o->clip_global_norm_lower;
    fit->step.accumulate = o->accumulate;
}

/* New arrays for the history, and for the best weights. */
static seqnn_status sq_fit_memory(sq_fit *fit)
{
    sq_training *training = sq_training_of(fit->model);
    if (!training)
        return SEQNN_ERROR_MEMORY;
    bool complete = true;
    training->gathered = 0;
    for (int i = 0; i < 4; i++) {
        sq_free(training->history[i]);
        training->history[i] = (seqnn_real *)sq_allocate(fit->epochs, sizeof(seqnn_real));
        complete = complete && training->history[i];
    }
    sq_free(training->seconds);
    training->seconds = (double *)sq_allocate(fit->epochs, sizeof(double));
    if (!complete || !training->seconds)
        return SEQNN_ERROR_MEMORY;
    fit->history.loss = training->history[0];
    fit->history.accuracy = training->history[1];
    fit->history.val_loss = training->history[2];
    fit->history.val_accuracy = training->history[3];
    fit->history.seconds = training->seconds;
    if (fit->options->restore_best && !training->best)
        training->best =
            (seqnn_real *)sq_allocate(fit->model->weight_count, sizeof(seqnn_real));
    return fit->options->restore_best && !training->best ? SEQNN_ERROR_MEMORY : SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_fit_start(sq_fit *fit, const seqnn_dataset *data)
{
    const seqnn_fit_options *o = fit->options;
    seqnn_status status = sq_check_fit(fit, data);
    if (status)
        return status;
    fit->epochs = o->epochs ? o->epochs : 1;
    fit->batch_size = o->batch_size ? o->batch_size : 32;
    fit->data = data;
    fit->validation = o->validation;
    fit->at.monitor = (seqnn_size)o->monitor;
    sq_step_options(fit);
    if (o->validation_split != 0)
        status = sq_split_validation(fit, data);
    if (!status)
        status = sq_make_batches(fit);
    if (!status)
        status = sq_fit_memory(fit);
    if (!status && o->bptt_chunk)
        status = sq_chunks_new(&fit->chunks, fit->model, fit->data, fit->batch_size,
                               o->bptt_chunk);
    if (!status)
        status = sq_plan_longest(fit);
    if (status)
        return status;
    seqnn_size chunks = o->bptt_chunk ? sq_chunks_count(&fit->chunks) : 1;
    fit->progress =
        sq_progress_new(o->verbose > 0, seqnn_batches_count(fit->batches) * chunks);
    return SEQNN_OK;
}

SQ_LOCAL void sq_fit_end(sq_fit *fit)
{
    seqnn_dataset_free(fit->kept);
    seqnn_dataset_free(fit->held);
    seqnn_batches_free(fit->batches);
    sq_chunks_free(&fit->chunks);
    sq_buffer_free(&fit->description);
    if (fit->model->training) /* after an error: the next step begins anew */
        ((sq_training *)fit->model->training)->gathered = 0;
}
