/* The checkpoints of fit: what describes a run, what is stored of it, and the way back.
 */
#include "checkpoint_file.h"
#include "checksum.h"
#include "fit_state.h"

enum {
    SQ_PLACES = sizeof(sq_run_place) / sizeof(seqnn_size),
    SQ_SUMS = sizeof(sq_run_sums) / sizeof(double),
    SQ_RUN_ARRAYS = 8 /* place, sums, four of the history, seconds, best */
};

static const char *const sq_history_names[] = {
    "history/loss", "history/accuracy", "history/val_loss", "history/val_accuracy"};

/* ---- what describes a run ---- */

static void sq_describe_number(sq_buffer *lines, const char *name, double value)
{
    sq_buffer_text(lines, name);
    sq_buffer_text(lines, " ");
    sq_buffer_number(lines, value);
    sq_buffer_text(lines, "\n");
}

static void sq_add_values(seqnn_named_array *arrays, seqnn_size *count, const char *name,
                          seqnn_dtype dtype, const void *values, seqnn_size elements)
{
    if (values)
        arrays[(*count)++] = sq_checkpoint_array(name, dtype, values, elements);
}

static void sq_add_steps(seqnn_named_array *arrays, seqnn_size *count,
                         const char *const *names, const seqnn_array *a, seqnn_size rows)
{
    seqnn_size steps = rows * sq_max(a->time, 1);
    sq_add_values(arrays, count, names[0], SEQNN_I32, a->indices, steps);
    sq_add_values(arrays, count, names[1], sq_real_dtype(), a->values,
                  steps * a->features);
    sq_add_values(arrays, count, names[2], SEQNN_I32, a->start, rows);
    sq_add_values(arrays, count, names[3], SEQNN_I32, a->length, rows);
}

/* "data 1780 samples fnv1a64:...": every number of it counts. */
static void sq_describe_data(sq_buffer *lines, const char *what,
                             const seqnn_dataset *data)
{
    static const char *const names[SEQNN_MAX_INPUTS + 1][4] = {
        {"x0", "x0v", "x0s", "x0l"},
        {"x1", "x1v", "x1s", "x1l"},
        {"x2", "x2v", "x2s", "x2l"},
        {"x3", "x3v", "x3s", "x3l"},
        {"y", "yv", "ys", "yl"}};
    seqnn_named_array arrays[4 * (SEQNN_MAX_INPUTS + 1) + 1];
    char shapes[400] = "", checksum[SQ_CHECKSUM_SIZE];
    seqnn_size count = 0;
    for (int k = 0; k <= SEQNN_MAX_INPUTS; k++) {
        const seqnn_array *a = k < SEQNN_MAX_INPUTS ? &data->x[k] : &data->y;
        size_t used = strlen(shapes);
        snprintf(shapes + used, sizeof shapes - used, "%td,%td ", a->time, a->features);
        sq_add_steps(arrays, &count, names[k], a, data->count);
    }
    sq_add_values(arrays, &count, "weight", sq_real_dtype(), data->weight, data->count);
    sq_checksum(arrays, count, shapes, checksum);
    sq_buffer_text(lines, what);
    sq_buffer_text(lines, " ");
    sq_buffer_integer(lines, data->count);
    sq_buffer_text(lines, " samples ");
    sq_buffer_text(lines, checksum);
    sq_buffer_text(lines, "\n");
}

static void sq_describe_optimizer(sq_buffer *lines, const seqnn_optimizer *o)
{
    const seqnn_schedule *s = &o->schedule;
    sq_describe_number(lines, "optimizer.kind", o->kind);
    sq_describe_number(lines, "learning_rate", (double)o->learning_rate);
    sq_describe_number(lines, "schedule.kind", s->kind);
    sq_describe_number(lines, "schedule.steps", (double)s->steps);
    sq_describe_number(lines, "schedule.decay", (double)s->decay);
    sq_describe_number(lines, "schedule.minimum", (double)s->minimum);
    sq_describe_number(lines, "schedule.warm_up", (double)s->warm_up);
    sq_describe_number(lines, "momentum", (double)o->momentum);
    sq_describe_number(lines, "nesterov", o->nesterov);
    sq_describe_number(lines, "rho", (double)o->rho);
    sq_describe_number(lines, "beta1", (double)o->beta1);
    sq_describe_number(lines, "beta2", (double)o->beta2);
    sq_describe_number(lines, "epsilon", (double)o->epsilon);
    sq_describe_number(lines, "initial_accumulator", (double)o->initial_accumulator);
    sq_describe_number(lines, "weight_decay", (double)o->weight_decay);
    sq_describe_number(lines, "l2", (double)o->l2);
    sq_describe_number(lines, "pytorch_epsilon", o->pytorch_epsilon);
}

static void sq_describe_loss(sq_buffer *lines, const sq_fit *fit)
{
    const seqnn_loss_options *o = &fit->options->loss;
    const seqnn_model *model = fit->model;
    seqnn_size classes = model->layers[model->layer_count - 1]->out.features;
    sq_describe_number(lines, "loss.kind", o->kind);
    sq_describe_number(lines, "over_outputs", o->over_outputs);
    sq_describe_number(lines, "over_steps", o->over_steps);
    sq_describe_number(lines, "over_samples", o->over_samples);
    sq_describe_number(lines, "divide_by_weights", o->divide_by_weights);
    sq_describe_number(lines, "probabilities", o->probabilities);
    for (seqnn_size c = 0; o->class_weight && c < classes; c++)
        sq_describe_number(lines, "class_weight", (double)o->class_weight[c]);
}

/* All that decides the run's numbers; not how long it goes on and what it prints. */
static seqnn_status sq_describe_run(sq_fit *fit)
{
    const seqnn_fit_options *o = fit->options;
    sq_buffer *lines = &fit->description;
    seqnn_status status = sq_describe_architecture(lines, fit->model);
    if (status)
        return status;
    sq_describe_data(lines, "data", fit->data);
    if (fit->validation)
        sq_describe_data(lines, "validation", fit->validation);
    sq_describe_number(lines, "batch_size", (double)fit->batch_size);
    sq_describe_optimizer(lines, &o->optimizer);
    sq_describe_loss(lines, fit);
    sq_describe_number(lines, "monitor", o->monitor);
    sq_describe_number(lines, "restore_best", o->restore_best);
    sq_describe_number(lines, "keep_order", o->keep_order);
    sq_describe_number(lines, "drop_last", o->drop_last);
    sq_describe_number(lines, "by_length", o->by_length);
    sq_describe_number(lines, "sortagrad", o->sortagrad);
    sq_describe_number(lines, "buckets", (double)o->buckets);
    sq_describe_number(lines, "max_length", (double)o->max_length);
    sq_describe_number(lines, "bptt_chunk", (double)o->bptt_chunk);
    sq_describe_number(lines, "clip_value", (double)o->clip_value);
    sq_describe_number(lines, "clip_value_lower", (double)o->clip_value_lower);
    sq_describe_number(lines, "clip_norm", (double)o->clip_norm);
    sq_describe_number(lines, "clip_norm_lower", (double)o->clip_norm_lower);
    sq_describe_number(lines, "clip_global_norm", (double)o->clip_global_norm);
    sq_describe_number(lines, "clip_global_norm_lower",
                       (double)o->clip_global_norm_lower);
    sq_describe_number(lines, "accumulate", (double)o->accumulate);
    return lines->status;
}

/* ---- saving ---- */

SQ_LOCAL void sq_fit_look_at_clock(sq_fit *fit)
{
    double now = sq_seconds();
    fit->sums.seconds += now - fit->looked;
    fit->looked = now;
}

static seqnn_status sq_save_run(sq_fit *fit)
{
    seqnn_status status = sq_training_wait(fit->model);
    if (status)
        return status;
    const sq_training *training = (const sq_training *)fit->model->training;
    const seqnn_size epochs = fit->at.epoch;
    const seqnn_size *at = (const seqnn_size *)&fit->at;
    int64_t place[SQ_PLACES];
    seqnn_named_array arrays[SQ_RUN_ARRAYS];
    seqnn_size count = 0;
    for (int i = 0; i < SQ_PLACES; i++)
        place[i] = at[i];
    sq_add_values(arrays, &count, "place", SEQNN_I64, place, SQ_PLACES);
    sq_add_values(arrays, &count, "sums", SEQNN_F64, &fit->sums, SQ_SUMS);
    for (int i = 0; i < 4; i++)
        sq_add_values(arrays, &count, sq_history_names[i], sq_real_dtype(),
                      training->history[i], epochs);
    sq_add_values(arrays, &count, "history/seconds", SEQNN_F64, training->seconds,
                  epochs);
    if (fit->options->restore_best && epochs > 0)
        sq_add_values(arrays, &count, "best", sq_real_dtype(), training->best,
                      fit->model->weight_count);
    fit->saved_step = training->step;
    return sq_checkpoint_write(fit->model, fit->options->checkpoint,
                               fit->description.text, arrays, count);
}

SQ_LOCAL seqnn_status sq_fit_save(sq_fit *fit)
{
    return fit->options->checkpoint ? sq_save_run(fit) : SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_fit_save_if_due(sq_fit *fit)
{
    const seqnn_size every = fit->options->checkpoint_steps;
    if (!every || seqnn_steps(fit->model) - fit->saved_step < every)
        return SEQNN_OK;
    sq_fit_look_at_clock(fit);
    return sq_save_run(fit);
}

/* ---- going on ---- */

/* What was stored of a run, still in the file's memory. */
typedef struct sq_stored_run {
    const void *place, *sums, *history[4], *seconds, *best;
    sq_run_place at;
} sq_stored_run;

static bool sq_place_is_possible(const sq_fit *fit, const sq_run_place *at)
{
    seqnn_size chunks = fit->options->bptt_chunk ? sq_chunks_count(&fit->chunks) : 0;
    return at->epoch >= 0 && at->batch >= 0 &&
           at->batch <= seqnn_batches_count(fit->batches) && at->chunk >= 0 &&
           at->chunk <= chunks && (at->carrying | 1) == 1 &&
           (at->has_accuracy | 1) == 1 && at->monitor >= 0 &&
           at->monitor <= SEQNN_MONITOR_LOSS && at->best_epoch >= 0 &&
           at->best_epoch < sq_max(at->epoch, 1) && (at->stopped | 1) == 1;
}

static seqnn_status sq_look_at_run(const sq_fit *fit, const seqnn_safetensors *file,
                                   sq_stored_run *run)
{
    const char *path = fit->options->checkpoint;
    seqnn_size *at = (seqnn_size *)&run->at;
    seqnn_status status =
        sq_checkpoint_data(path, file, "place", SEQNN_I64, SQ_PLACES, &run->place);
    if (!status)
        status = sq_checkpoint_data(path, file, "sums", SEQNN_F64, SQ_SUMS, &run->sums);
    if (status)
        return status;
    for (int i = 0; i < SQ_PLACES; i++)
        at[i] = (seqnn_size)((const int64_t *)run->place)[i];
    if (!sq_place_is_possible(fit, &run->at))
        return sq_fail(SEQNN_ERROR_FORMAT, "'%s': an impossible place in the run", path);
    if (run->at.epoch > fit->epochs)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "'%s' has %td epochs, and only %td are "
                       "asked for",
                       path, run->at.epoch, fit->epochs);
    for (int i = 0; i < 4 && !status; i++)
        status = sq_checkpoint_data(path, file, sq_history_names[i], sq_real_dtype(),
                                    run->at.epoch, &run->history[i]);
    if (!status)
        status = sq_checkpoint_data(path, file, "history/seconds", SEQNN_F64,
                                    run->at.epoch, &run->seconds);
    if (!status && fit->options->restore_best && run->at.epoch > 0)
        status = sq_checkpoint_data(path, file, "best", sq_real_dtype(),
                                    fit->model->weight_count, &run->best);
    return status;
}

static void sq_take_up_run(sq_fit *fit, const sq_stored_run *run)
{
    sq_training *training = (sq_training *)fit->model->training;
    const size_t epochs = (size_t)run->at.epoch;
    fit->at = run->at;
    memcpy(&fit->sums, run->sums, sizeof fit->sums);
    for (int i = 0; i < 4 && epochs > 0; i++)
        memcpy(training->history[i], run->history[i], epochs * sizeof(seqnn_real));
    if (epochs > 0)
        memcpy(training->seconds, run->seconds, epochs * sizeof(double));
    if (run->best)
        memcpy(training->best, run->best,
               (size_t)fit->model->weight_count * sizeof(seqnn_real));
    fit->history.epochs = run->at.epoch;
    fit->history.best_epoch = run->at.best_epoch;
    fit->saved_step = training->step;
    if (fit->options->verbose > 0)
        printf("Resumed from %s: %td of %td epochs, and %td of %td batches\n",
               fit->options->checkpoint, fit->at.epoch, fit->epochs, fit->at.batch,
               seqnn_batches_count(fit->batches));
}

static seqnn_status sq_load_run(sq_fit *fit)
{
    const char *path = fit->options->checkpoint;
    seqnn_safetensors *file = NULL;
    sq_stored_run run;
    memset(&run, 0, sizeof run);
    seqnn_status status = sq_checkpoint_read("fit", path, fit->description.text, &file);
    if (!status)
        status = sq_look_at_run(fit, file, &run);
    if (!status)
        status = sq_checkpoint_restore(fit->model, path, file,
                                       sq_min(fit->batch_size, fit->data->count));
    if (!status)
        sq_take_up_run(fit, &run);
    seqnn_safetensors_free(file);
    return status;
}

SQ_LOCAL seqnn_status sq_fit_resume(sq_fit *fit)
{
    if (!fit->options->checkpoint)
        return SEQNN_OK;
    seqnn_status status = sq_describe_run(fit);
    if (status)
        return status;
    return seqnn_checkpoint_exists(fit->options->checkpoint) ? sq_load_run(fit)
                                                             : sq_save_run(fit);
}
