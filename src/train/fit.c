#include "fit.h"
#include "batches.h"
#include "chunks.h"
#include "progress.h"
#include "recurrent_states.h"
#include "training.h"

/* Philox stream of the shuffle before a validation split. */
#define SQ_SPLIT_STREAM ((uint64_t)0x73706c69 << 32)

/* What is summed up over the batches of an epoch. */
typedef struct sq_epoch_sums {
    double loss, divisors, right, asked;
    bool has_accuracy;
} sq_epoch_sums;

typedef struct sq_fit {
    seqnn_model *model;
    const seqnn_fit_options *options;
    seqnn_train_options step;
    seqnn_size epochs, batch_size;
    const seqnn_dataset *data, *validation;
    seqnn_dataset *kept, *held; /* both parts of a validation split */
    seqnn_batches *batches;
    bool stateful;    /* a layer is */
    sq_chunks chunks; /* if options->bptt_chunk */
    sq_progress progress;
    sq_epoch_sums sums;
    seqnn_history history;
    seqnn_monitor monitor;
    seqnn_real best;
} sq_fit;

/* ---- preparations ---- */

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
        o->accumulate < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: epochs %td, batch_size %td, patience %td, bptt_chunk %td, "
                       "accumulate %td; expected 0 (the default) or more",
                       o->epochs, o->batch_size, o->patience, o->bptt_chunk,
                       o->accumulate);
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
static seqnn_status sq_check_batches(sq_fit *fit)
{
    const char *stateful = sq_stateful_layer(fit->model);
    seqnn_size count = fit->data->count, size = fit->batch_size;
    if (fit->options->drop_last && count < size)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "fit: %td samples are fewer than one batch of %td, and drop_last leaves "
            "out the rest: at least %td samples are needed",
            count, size, size);
    fit->stateful = stateful != NULL;
    return stateful ? sq_check_stateful(fit, stateful) : SEQNN_OK;
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

static seqnn_status sq_fit_start(sq_fit *fit, const seqnn_dataset *data)
{
    const seqnn_fit_options *o = fit->options;
    seqnn_batches_options order;
    memset(&order, 0, sizeof order);
    seqnn_status status = sq_check_fit(fit, data);
    if (status)
        return status;
    fit->epochs = o->epochs ? o->epochs : 1;
    fit->batch_size = o->batch_size ? o->batch_size : 32;
    fit->data = data;
    fit->validation = o->validation;
    fit->monitor = o->monitor;
    sq_step_options(fit);
    if (o->validation_split != 0)
        status = sq_split_validation(fit, data);
    if (!status)
        status = sq_check_batches(fit);
    if (!status)
        status = sq_fit_memory(fit);
    if (status)
        return status;
    order.seed = fit->model->seed;
    order.keep_order = o->keep_order;
    order.drop_last = o->drop_last;
    fit->batches = seqnn_batches_new(fit->data, fit->batch_size, order);
    if (!fit->batches) /* what else can be wrong was checked */
        return SEQNN_ERROR_MEMORY;
    if (o->bptt_chunk)
        status = sq_chunks_new(&fit->chunks, fit->model, fit->data, fit->batch_size,
                               o->bptt_chunk);
    if (status)
        return status;
    seqnn_size chunks = o->bptt_chunk ? sq_chunks_count(&fit->chunks) : 1;
    fit->progress =
        sq_progress_new(o->verbose > 0, seqnn_batches_count(fit->batches) * chunks);
    return SEQNN_OK;
}

static void sq_fit_end(sq_fit *fit)
{
    seqnn_dataset_free(fit->kept);
    seqnn_dataset_free(fit->held);
    seqnn_batches_free(fit->batches);
    sq_chunks_free(&fit->chunks);
    if (fit->model->training) /* after an error: the next step begins anew */
        ((sq_training *)fit->model->training)->gathered = 0;
}

/* ---- an epoch ---- */

static double sq_epoch_loss(const sq_epoch_sums *sums)
{
    return sums->divisors > 0 ? sums->loss / sums->divisors : sums->loss;
}

static double sq_epoch_accuracy(const sq_epoch_sums *sums)
{
    return sums->has_accuracy && sums->asked > 0 ? sums->right / sums->asked
                                                 : (double)NAN;
}

static seqnn_status sq_fit_batch(sq_fit *fit, const seqnn_dataset *batch)
{
    sq_epoch_sums *sums = &fit->sums;
    double divisor = 0;
    double loss = (double)sq_train_step(fit->model, batch, &fit->step, &divisor);
    if (fit->model->run_status)
        return fit->model->run_status;
    sums->loss += divisor > 0 ? loss * divisor : loss;
    sums->divisors += divisor;
    sums->has_accuracy =
        sq_count_right(fit->model, batch, &fit->step.loss, &sums->right, &sums->asked);
    return SEQNN_OK;
}

/* The states of stateful layers pass from batch to batch, not from one data set or epoch
 * to another. */
static void sq_fit_forget_states(sq_fit *fit)
{
    if (fit->stateful)
        seqnn_reset_states(fit->model);
}

/* A batch in chunks of time. Each goes on from the states that the one before ended in.
 */
static seqnn_status sq_fit_chunks(sq_fit *fit, const seqnn_dataset *batch)
{
    seqnn_size count = sq_chunks_count(&fit->chunks);
    seqnn_status status = SEQNN_OK;
    bool running = false;
    seqnn_reset_states(fit->model);
    for (seqnn_size k = 0; k < count && !status; k++) {
        const seqnn_dataset *chunk = sq_chunk_at(&fit->chunks, batch, k);
        if (!chunk)
            continue;
        if (running)
            status = sq_chunks_carry(&fit->chunks, batch->count);
        if (!status)
            status = sq_fit_batch(fit, chunk);
        running = true;
    }
    return status;
}

static seqnn_status sq_fit_batches(sq_fit *fit, seqnn_size epoch)
{
    const seqnn_dataset *batch;
    seqnn_status status = SEQNN_OK;
    seqnn_size done = 0, chunks = 1;
    if (fit->options->bptt_chunk)
        chunks = sq_chunks_count(&fit->chunks);
    memset(&fit->sums, 0, sizeof fit->sums);
    seqnn_batches_start(fit->batches, epoch);
    while (!status && (batch = seqnn_batches_next(fit->batches)) != NULL) {
        status = fit->options->bptt_chunk ? sq_fit_chunks(fit, batch)
                                          : sq_fit_batch(fit, batch);
        sq_progress_step(&fit->progress, ++done * chunks, sq_epoch_loss(&fit->sums),
                         sq_epoch_accuracy(&fit->sums));
    }
    return status ? status : sq_train_update(fit->model, &fit->step);
}

/* The epoch's line of the history. */
static seqnn_status sq_fit_epoch(sq_fit *fit, seqnn_size epoch)
{
    sq_training *training = sq_training_of(fit->model);
    seqnn_evaluation validation = {SEQNN_OK, (seqnn_real)NAN, (seqnn_real)NAN};
    seqnn_evaluate_options how;
    double started = sq_seconds();
    sq_progress_epoch(&fit->progress, epoch, fit->epochs);
    sq_fit_forget_states(fit);
    seqnn_status status = sq_fit_batches(fit, epoch);
    if (status)
        return status;
    sq_fit_forget_states(fit);
    memset(&how, 0, sizeof how);
    how.batch_size = fit->batch_size;
    how.loss = fit->options->loss;
    if (fit->validation)
        validation = seqnn_evaluate(fit->model, fit->validation, how);
    sq_fit_forget_states(fit);
    if (validation.status)
        return validation.status;
    training->history[0][epoch] = (seqnn_real)sq_epoch_loss(&fit->sums);
    training->history[1][epoch] = (seqnn_real)sq_epoch_accuracy(&fit->sums);
    training->history[2][epoch] = validation.loss;
    training->history[3][epoch] = validation.accuracy;
    training->seconds[epoch] = sq_seconds() - started;
    fit->history.epochs = epoch + 1;
    sq_progress_end(&fit->progress, sq_epoch_loss(&fit->sums),
                    sq_epoch_accuracy(&fit->sums), (double)validation.loss,
                    (double)validation.accuracy);
    return SEQNN_OK;
}

/* ---- early stopping ---- */

static seqnn_monitor sq_default_monitor(const sq_fit *fit, seqnn_size epoch)
{
    if (!fit->validation)
        return SEQNN_MONITOR_LOSS;
    return isnan(fit->history.val_accuracy[epoch]) ? SEQNN_MONITOR_VAL_LOSS
                                                   : SEQNN_MONITOR_VAL_ACCURACY;
}

/* The monitored value, so that larger is better. */
static seqnn_real sq_monitored(const sq_fit *fit, seqnn_size epoch)
{
    switch (fit->monitor) {
    case SEQNN_MONITOR_VAL_ACCURACY:
        return fit->history.val_accuracy[epoch];
    case SEQNN_MONITOR_VAL_LOSS:
        return -fit->history.val_loss[epoch];
    case SEQNN_MONITOR_ACCURACY:
        return fit->history.accuracy[epoch];
    default:
        return -fit->history.loss[epoch];
    }
}

static seqnn_status sq_watch(sq_fit *fit, seqnn_size epoch)
{
    sq_training *training = sq_training_of(fit->model);
    if (fit->monitor == SEQNN_MONITOR_DEFAULT)
        fit->monitor = sq_default_monitor(fit, epoch);
    seqnn_real value = sq_monitored(fit, epoch);
    if (isnan(value))
        return sq_fail(SEQNN_ERROR_NUMBER,
                       "the monitored value is NaN (regression has no accuracy)");
    if (epoch > 0 && !(value > fit->best))
        return SEQNN_OK;
    fit->best = value;
    fit->history.best_epoch = epoch;
    if (fit->options->restore_best)
        memcpy(training->best, fit->model->weights,
               (size_t)fit->model->weight_count * sizeof(seqnn_real));
    return SEQNN_OK;
}

static bool sq_goes_on(const sq_fit *fit, seqnn_size epoch)
{
    const seqnn_fit_options *o = fit->options;
    bool patient = !o->patience || epoch - fit->history.best_epoch < o->patience;
    bool asked = !o->on_epoch || o->on_epoch(fit->model, &fit->history, o->context);
    return patient && asked;
}

static seqnn_status sq_fit_epochs(sq_fit *fit)
{
    seqnn_status status = SEQNN_OK;
    bool goes_on = true;
    for (seqnn_size epoch = 0; epoch < fit->epochs && !status && goes_on; epoch++) {
        status = sq_fit_epoch(fit, epoch);
        if (!status)
            status = sq_watch(fit, epoch);
        if (!status)
            goes_on = sq_goes_on(fit, epoch);
        if (status) {
            char cause[512];
            snprintf(cause, sizeof cause, "%s", seqnn_error());
            sq_fail(status, "fit: epoch %td: %s", epoch + 1, cause);
        }
    }
    return status;
}

SEQNN_API seqnn_history seqnn_fit(seqnn_model *model, const seqnn_dataset *data,
                                  seqnn_fit_options options)
{
    sq_fit fit;
    memset(&fit, 0, sizeof fit);
    fit.model = model;
    fit.options = &options;
    fit.history.status = sq_model_build(model);
    if (fit.history.status)
        return fit.history;
    fit.history.status = sq_fit_start(&fit, data);
    if (!fit.history.status)
        fit.history.status = sq_fit_epochs(&fit);
    if (!fit.history.status && options.restore_best && fit.history.epochs > 0)
        memcpy(model->weights, ((sq_training *)model->training)->best,
               (size_t)model->weight_count * sizeof(seqnn_real));
    sq_fit_end(&fit);
    if (fit.history.status)
        model->run_status = fit.history.status;
    return fit.history;
}
