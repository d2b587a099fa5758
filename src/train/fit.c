#include "device_choice.h"
#include "fit_state.h"
#include "recurrent_states.h"

/* ---- a batch ---- */

static double sq_epoch_loss(const sq_fit *fit)
{
    const sq_run_sums *sums = &fit->sums;
    return sums->divisors > 0 ? sums->loss / sums->divisors : sums->loss;
}

static double sq_epoch_accuracy(const sq_fit *fit)
{
    const sq_run_sums *sums = &fit->sums;
    return fit->at.has_accuracy && sums->asked > 0 ? sums->right / sums->asked
                                                   : (double)NAN;
}

/* What of the sums this batch has added, for on_step. */
static seqnn_status sq_fit_tell(sq_fit *fit, double loss, double right, double asked)
{
    const seqnn_fit_options *o = fit->options;
    const seqnn_size steps = fit->progress.steps;
    const seqnn_size chunks = steps / seqnn_batches_count(fit->batches);
    seqnn_fit_step step;
    if (!o->on_step)
        return SEQNN_OK;
    step.epoch = fit->at.epoch;
    step.steps = steps;
    step.step = fit->at.epoch * steps + fit->at.batch * chunks + sq_max(fit->at.chunk, 1);
    step.loss = (seqnn_real)loss;
    step.accuracy =
        (seqnn_real)(fit->at.has_accuracy && asked > 0 ? right / asked : (double)NAN);
    step.history = &fit->history;
    seqnn_status status = sq_training_wait(fit->model);
    if (!status)
        o->on_step(fit->model, &step, o->context);
    return status;
}

static seqnn_status sq_fit_batch(sq_fit *fit, const seqnn_dataset *batch)
{
    sq_run_sums *sums = &fit->sums;
    const double right = sums->right, asked = sums->asked;
    double divisor = 0;
    double loss = (double)sq_train_step(fit->model, batch, &fit->step, &divisor);
    if (fit->model->run_status)
        return fit->model->run_status;
    sums->loss += divisor > 0 ? loss * divisor : loss;
    sums->divisors += divisor;
    fit->at.has_accuracy =
        sq_count_right(fit->model, batch, &fit->step.loss, &sums->right, &sums->asked);
    return sq_fit_tell(fit, loss, sums->right - right, sums->asked - asked);
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
    if (fit->at.chunk == 0)
        seqnn_reset_states(fit->model);
    while (fit->at.chunk < count && !status) {
        const seqnn_dataset *chunk = sq_chunk_at(&fit->chunks, batch, fit->at.chunk++);
        if (!chunk)
            continue;
        if (fit->at.carrying)
            status = sq_chunks_carry(&fit->chunks, batch->count);
        if (!status)
            status = sq_fit_batch(fit, chunk);
        fit->at.carrying = true;
        if (!status)
            status = sq_fit_save_if_due(fit);
    }
    fit->at.chunk = fit->at.carrying = 0;
    return status;
}

/* ---- an epoch ---- */

static seqnn_status sq_fit_batches(sq_fit *fit)
{
    const seqnn_dataset *batch;
    seqnn_status status = SEQNN_OK;
    seqnn_size chunks = 1;
    if (fit->options->bptt_chunk)
        chunks = sq_chunks_count(&fit->chunks);
    seqnn_batches_seek(fit->batches, fit->at.epoch, fit->at.batch);
    while (!status && (batch = seqnn_batches_next(fit->batches)) != NULL) {
        status = fit->options->bptt_chunk ? sq_fit_chunks(fit, batch)
                                          : sq_fit_batch(fit, batch);
        fit->at.batch++;
        if (!status)
            status = sq_fit_save_if_due(fit);
        sq_progress_step(&fit->progress, fit->at.batch * chunks, sq_epoch_loss(fit),
                         sq_epoch_accuracy(fit));
    }
    if (!status)
        status = sq_train_update(fit->model, &fit->step);
    return status ? status : sq_training_wait(fit->model);
}

static seqnn_status sq_fit_validate(sq_fit *fit, seqnn_evaluation *validation)
{
    seqnn_evaluate_options how;
    memset(&how, 0, sizeof how);
    how.batch_size = fit->batch_size;
    how.loss = fit->options->loss;
    validation->status = SEQNN_OK;
    validation->loss = validation->accuracy = (seqnn_real)NAN;
    sq_fit_forget_states(fit);
    if (fit->validation)
        *validation = seqnn_evaluate(fit->model, fit->validation, how);
    sq_fit_forget_states(fit);
    return validation->status;
}

/* What is left of the epoch, and its line of the history. */
static seqnn_status sq_fit_epoch(sq_fit *fit)
{
    sq_training *training = sq_training_of(fit->model);
    const seqnn_size epoch = fit->at.epoch;
    seqnn_evaluation validation;
    sq_progress_epoch(&fit->progress, epoch, fit->epochs);
    fit->looked = fit->progress.started;
    fit->progress.started -= fit->sums.seconds;
    if (fit->at.batch == 0 && fit->at.chunk == 0)
        sq_fit_forget_states(fit);
    seqnn_status status = sq_fit_batches(fit);
    if (!status)
        status = sq_fit_validate(fit, &validation);
    if (status)
        return status;
    sq_fit_look_at_clock(fit);
    training->history[0][epoch] = (seqnn_real)sq_epoch_loss(fit);
    training->history[1][epoch] = (seqnn_real)sq_epoch_accuracy(fit);
    training->history[2][epoch] = validation.loss;
    training->history[3][epoch] = validation.accuracy;
    training->seconds[epoch] = fit->sums.seconds;
    fit->history.epochs = epoch + 1;
    sq_progress_end(&fit->progress, sq_epoch_loss(fit), sq_epoch_accuracy(fit),
                    (double)validation.loss, (double)validation.accuracy);
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
    switch ((seqnn_monitor)fit->at.monitor) {
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

static seqnn_status sq_watch(sq_fit *fit)
{
    sq_training *training = sq_training_of(fit->model);
    const seqnn_size epoch = fit->at.epoch;
    if (fit->at.monitor == SEQNN_MONITOR_DEFAULT)
        fit->at.monitor = (seqnn_size)sq_default_monitor(fit, epoch);
    seqnn_real value = sq_monitored(fit, epoch);
    if (isnan(value))
        return sq_fail(SEQNN_ERROR_NUMBER,
                       "the monitored value is NaN (regression has no accuracy)");
    if (epoch > 0 && !((double)value > fit->sums.best))
        return SEQNN_OK;
    fit->sums.best = (double)value;
    fit->at.best_epoch = fit->history.best_epoch = epoch;
    if (fit->options->restore_best)
        memcpy(training->best, fit->model->weights,
               (size_t)fit->model->weight_count * sizeof(seqnn_real));
    return SEQNN_OK;
}

static void sq_ask_on_epoch(sq_fit *fit)
{
    const seqnn_fit_options *o = fit->options;
    fit->at.stopped = o->on_epoch && !o->on_epoch(fit->model, &fit->history, o->context);
}

static bool sq_goes_on(const sq_fit *fit)
{
    const seqnn_size patience = fit->options->patience;
    bool patient = !patience || fit->at.epoch == 0 ||
                   fit->at.epoch - 1 - fit->at.best_epoch < patience;
    return fit->at.epoch < fit->epochs && patient && !fit->at.stopped;
}

/* ---- the run ---- */

static void sq_next_epoch(sq_fit *fit)
{
    const double best = fit->sums.best;
    memset(&fit->sums, 0, sizeof fit->sums);
    fit->sums.best = best;
    fit->at.batch = 0;
    fit->at.epoch++;
}

static seqnn_status sq_fit_epochs(sq_fit *fit)
{
    seqnn_status status = SEQNN_OK;
    while (!status && sq_goes_on(fit)) {
        const seqnn_size epoch = fit->at.epoch;
        status = sq_fit_epoch(fit);
        if (!status)
            status = sq_watch(fit);
        if (!status) {
            sq_ask_on_epoch(fit);
            sq_next_epoch(fit);
            status = sq_fit_save(fit);
        }
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
    if (!fit.history.status && options.verbose > 0)
        sq_say_device(SQ_DEVICE_TRAINS, seqnn_device_name(model), model->why_not_gpu);
    if (!fit.history.status)
        fit.history.status = sq_fit_resume(&fit);
    if (!fit.history.status)
        fit.history.status = sq_fit_epochs(&fit);
    if (!fit.history.status && options.restore_best && fit.history.epochs > 0) {
        memcpy(model->weights, ((sq_training *)model->training)->best,
               (size_t)model->weight_count * sizeof(seqnn_real));
        sq_written(model, model->weights, model->weight_count);
    }
    sq_fit_end(&fit);
    if (fit.history.status)
        model->run_status = fit.history.status;
    return fit.history;
}
