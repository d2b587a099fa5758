#include "backend.h"
#include "training.h"

/* ---- parts of a step ---- */

static seqnn_layer *sq_last_layer(seqnn_model *model)
{
    return model->layers[model->layer_count - 1];
}

static bool sq_all_finite(seqnn_size n, const seqnn_real *x)
{
    for (seqnn_size i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* A loss that is not finite: the first layer where something was not tells where it came
 * from. */
static void sq_bad_loss(seqnn_model *model, seqnn_real loss)
{
    if (isnan(loss)) /* "nan" on every processor: the sign of a NaN is its own */
        loss = (seqnn_real)NAN;
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        const seqnn_layer *layer = model->layers[i];
        if (sq_all_finite(sq_signal_size(&layer->out), layer->out.value))
            continue;
        sq_training_fail(model, SEQNN_ERROR_NUMBER,
                         "train_step: step %td: the loss is %g; the first output that is "
                         "not finite is that of %s '%s'",
                         seqnn_steps(model) + 1, (double)loss, layer->type->kind,
                         layer->name);
        return;
    }
    sq_training_fail(
        model, SEQNN_ERROR_NUMBER,
        "train_step: step %td: the loss is %g, though all outputs are finite: "
        "the targets are not, or they are too far away",
        seqnn_steps(model) + 1, (double)loss);
}

/* The gradient of a mean becomes that of the sum. */
static void sq_scale_output_gradient(seqnn_model *model, seqnn_real factor)
{
    sq_signal *out = &sq_last_layer(model)->out;
    const seqnn_size count = out->rows * out->features;
    if (model->backend)
        model->backend->scale(model, out->gradient, count, (double)factor);
    for (seqnn_size i = 0; !model->backend && i < count; i++)
        out->gradient[i] *= factor;
}

/* Forward, loss, backward: adds to the gradients. Where several batches are gathered it
 * is the gradient of their sums that is added, not of their means. */
static seqnn_real sq_add_batch(seqnn_model *model, sq_training *training,
                               const seqnn_dataset *batch,
                               const seqnn_train_options *options, double *divisor)
{
    if (sq_forward(model, batch, SEQNN_TRAIN))
        return (seqnn_real)NAN;
    seqnn_real loss = sq_loss(model, batch, &options->loss, divisor);
    if (model->run_status)
        return (seqnn_real)NAN;
    if (!isfinite(loss)) {
        sq_bad_loss(model, loss);
        return (seqnn_real)NAN;
    }
    if (options->accumulate > 1 && *divisor > 0) {
        sq_scale_output_gradient(model, (seqnn_real)*divisor);
        training->divisor += *divisor;
    }
    return sq_backward(model) ? (seqnn_real)NAN : loss;
}

/* The clip by the global norm happens on the way into the update: one pass less. Only a
 * factor above 1 may make a gradient infinite; then the update has to look. */
static seqnn_status sq_clip_into_step(seqnn_model *model,
                                      const seqnn_train_options *options)
{
    double factor = 1;
    seqnn_status status = sq_clip_factor_of_all(model, options->clip_global_norm,
                                                options->clip_global_norm_lower, &factor);
    if (status)
        return status;
    if (factor <= 1)
        return sq_step(model, &options->optimizer, factor);
    sq_scale_gradients(model, factor);
    return sq_checked_step(model, &options->optimizer);
}

/* A clip has looked at the gradients; again is needed only where it scaled them up. */
static seqnn_status sq_clip_and_step(seqnn_model *model,
                                     const seqnn_train_options *options)
{
    const bool by_value = options->clip_value != 0 || options->clip_value_lower != 0;
    const bool by_norm = options->clip_norm != 0 || options->clip_norm_lower != 0;
    if (by_value &&
        isnan(sq_clip_values(model, options->clip_value, options->clip_value_lower)))
        return model->run_status;
    if (by_norm && isnan(sq_clip_norms(model, "clip_by_norm", true, options->clip_norm,
                                       options->clip_norm_lower)))
        return model->run_status;
    if (options->clip_global_norm != 0 || options->clip_global_norm_lower != 0)
        return sq_clip_into_step(model, options);
    if ((by_value || by_norm) && options->clip_value_lower == 0 &&
        options->clip_norm_lower == 0)
        return sq_step(model, &options->optimizer, 1);
    return sq_checked_step(model, &options->optimizer);
}

/* ---- one step, judged by a backend ---- */

/* What sq_clip_and_step does to the gradients. */
static int sq_clips_of(const seqnn_train_options *o, sq_clip *clips)
{
    const bool by_value = o->clip_value != 0 || o->clip_value_lower != 0;
    const bool by_norm = o->clip_norm != 0 || o->clip_norm_lower != 0;
    const bool by_all = o->clip_global_norm != 0 || o->clip_global_norm_lower != 0;
    const bool grows = o->clip_value_lower != 0 || o->clip_norm_lower != 0;
    const sq_clip value = {"clip_by_value", SQ_CLIP_VALUES, o->clip_value,
                           o->clip_value_lower};
    const sq_clip norm = {"clip_by_norm", SQ_CLIP_NORMS, o->clip_norm,
                          o->clip_norm_lower};
    const sq_clip all = {"clip_by_global_norm", SQ_CLIP_NORM, o->clip_global_norm,
                         o->clip_global_norm_lower};
    const sq_clip look = {"step", SQ_LOOK, 0, 0};
    int count = 0;
    if (by_value)
        clips[count++] = value;
    if (by_norm)
        clips[count++] = norm;
    if (by_all)
        clips[count++] = all;
    if (by_all ? o->clip_global_norm_lower != 0 : grows || count == 0)
        clips[count++] = look;
    return count;
}

/* What the CPU looks at on the way, the loss and the gradients, a backend can judge by
 * itself: there is one wait, at the end. Left to the way with more waits are batches that
 * are gathered, the first step of an optimiser, and options that are an error. */
static bool sq_is_judged(seqnn_model *model, const seqnn_train_options *options,
                         const sq_clip *clips, int count)
{
    return model->backend && options->accumulate <= 1 &&
           ((sq_training *)model->training)->gathered == 0 &&
           sq_optimizer_is_ready(model, &options->optimizer) &&
           sq_can_judge(model, clips, count);
}

static seqnn_real sq_judged_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                       const seqnn_train_options *options,
                                       const sq_clip *clips, int count, double *divisor)
{
    sq_training *training = (sq_training *)model->training;
    sq_loss_sums sums = {0, 0};
    sq_begin(model);
    sq_zero_gradients(model);
    if (sq_forward(model, batch, SEQNN_TRAIN) ||
        sq_loss_there(model, batch, &options->loss, divisor) || sq_backward(model))
        return (seqnn_real)NAN;
    for (int i = 0; i < count; i++)
        model->backend->judge(model, &clips[i], i);
    sq_judged_step(model, &options->optimizer);
    model->run_status = model->backend->judged(model, count, &sums, training->norms);
    if (model->run_status)
        return (seqnn_real)NAN;
    if (!isfinite((seqnn_real)sums.loss)) {
        sq_bad_loss(model, (seqnn_real)sums.loss);
        sq_zero_gradients(model); /* there is no way back from such a loss */
        sq_wait(model);
        return (seqnn_real)NAN;
    }
    training->right = sums.right;
    if (sq_check_judged(model, clips, count))
        return (seqnn_real)NAN;
    training->step++;
    return (seqnn_real)sums.loss;
}

/* ---- one step ---- */

SQ_LOCAL seqnn_status sq_train_update(seqnn_model *model,
                                      const seqnn_train_options *options)
{
    sq_training *training = (sq_training *)model->training;
    if (training->gathered == 0)
        return SEQNN_OK;
    training->gathered = 0;
    if (training->divisor > 0)
        sq_scale_gradients(model, 1 / training->divisor);
    return sq_clip_and_step(model, options);
}

SQ_LOCAL seqnn_real sq_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                  const seqnn_train_options *options, double *divisor)
{
    if (sq_model_build(model))
        return (seqnn_real)NAN;
    sq_training *training = sq_training_of(model);
    if (!training)
        model->run_status = SEQNN_ERROR_MEMORY;
    else if (options->accumulate < 0)
        sq_training_fail(model, SEQNN_ERROR_ARGUMENT,
                         "train_step: accumulate is %td, expected 0 or more",
                         options->accumulate);
    if (!training || options->accumulate < 0)
        return (seqnn_real)NAN;
    sq_clip clips[SQ_MOST_CLIPS];
    const int count = sq_clips_of(options, clips);
    if (sq_is_judged(model, options, clips, count))
        return sq_judged_train_step(model, batch, options, clips, count, divisor);
    if (training->gathered == 0) {
        sq_zero_gradients(model);
        training->divisor = 0;
    }
    seqnn_real loss = sq_add_batch(model, training, batch, options, divisor);
    if (model->run_status)
        return (seqnn_real)NAN;
    if (++training->gathered < options->accumulate) /* the lists of the batch are free */
        return sq_training_wait(model) ? (seqnn_real)NAN : loss;
    return sq_train_update(model, options) ? (seqnn_real)NAN : loss;
}

SEQNN_API seqnn_real seqnn_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_train_options options)
{
    double divisor = 0;
    seqnn_real loss = sq_train_step(model, batch, &options, &divisor);
    return isnan(loss) || sq_training_wait(model) ? (seqnn_real)NAN : loss;
}

/* ---- what the model says ---- */

enum { SQ_DEFAULT_BATCH = 32 };

/* The next rows of data as a batch, or false. */
static bool sq_next_rows(const seqnn_dataset *data, seqnn_size *begin,
                         seqnn_size batch_size, seqnn_dataset *batch)
{
    if (*begin >= data->count)
        return false;
    seqnn_size end = sq_min(data->count, *begin + sq_min(batch_size, data->count));
    *batch = seqnn_dataset_slice(data, *begin, end);
    *begin = end;
    return true;
}

static seqnn_status sq_check_data(seqnn_model *model, const char *who,
                                  const seqnn_dataset *data, seqnn_size *batch_size)
{
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    status = sq_check_samples(who, data);
    if (!status && *batch_size < 0)
        status = sq_fail(SEQNN_ERROR_ARGUMENT,
                         "%s: batch_size is %td, expected 0 (the default) or more", who,
                         *batch_size);
    if (*batch_size == 0)
        *batch_size = SQ_DEFAULT_BATCH;
    if (status)
        model->run_status = status;
    return status;
}

SEQNN_API seqnn_evaluation seqnn_evaluate(seqnn_model *model, const seqnn_dataset *data,
                                          seqnn_evaluate_options options)
{
    seqnn_evaluation result = {SEQNN_OK, (seqnn_real)NAN, (seqnn_real)NAN};
    double loss = 0, divisors = 0, right = 0, asked = 0;
    seqnn_size begin = 0;
    seqnn_dataset batch;
    result.status = sq_check_data(model, "evaluate", data, &options.batch_size);
    if (result.status)
        return result;
    bool counted = true;
    while (sq_next_rows(data, &begin, options.batch_size, &batch)) {
        double divisor = 0, part = 0;
        sq_begin(model);
        result.status = sq_forward(model, &batch, SEQNN_EVALUATE);
        if (!result.status) {
            part = (double)sq_loss(model, &batch, &options.loss, &divisor);
            result.status = model->run_status;
        }
        if (result.status)
            return result;
        loss += divisor > 0 ? part * divisor : part;
        divisors += divisor;
        counted = sq_count_right(model, &batch, &options.loss, &right, &asked);
    }
    result.loss = (seqnn_real)(divisors > 0 ? loss / divisors : loss);
    if (counted)
        result.accuracy = (seqnn_real)(asked > 0 ? right / asked : 0);
    return result;
}

SEQNN_API seqnn_status seqnn_evaluate_confusion(seqnn_model *model,
                                                const seqnn_dataset *data,
                                                int64_t *confusion)
{
    seqnn_size batch_size = 0, begin = 0;
    seqnn_loss_options loss;
    seqnn_dataset batch;
    seqnn_status status = sq_check_data(model, "confusion", data, &batch_size);
    memset(&loss, 0, sizeof loss);
    loss.kind = SEQNN_CATEGORICAL_CROSSENTROPY;
    if (status)
        return status;
    seqnn_size classes = sq_last_layer(model)->out.features;
    if (data->classes != classes)
        return sq_training_fail(model, SEQNN_ERROR_SHAPE,
                                "confusion: the data has %td classes, expected %td, the "
                                "outputs of the model",
                                data->classes, classes);
    memset(confusion, 0, (size_t)(classes * classes) * sizeof *confusion);
    while (sq_next_rows(data, &begin, batch_size, &batch)) {
        sq_begin(model);
        status = sq_forward(model, &batch, SEQNN_EVALUATE);
        if (!status) {
            sq_loss(model, &batch, &loss, NULL); /* which checks the targets */
            status = model->run_status;
        }
        if (!status)
            status = sq_count_confusion(model, &batch, &loss, confusion);
        if (status)
            return status;
    }
    return SEQNN_OK;
}

/* Makes room for the outputs of all samples. */
static seqnn_status sq_predict_room(seqnn_model *model, const seqnn_dataset *data,
                                    seqnn_tensor *tensor)
{
    sq_training *training = sq_training_of(model);
    const seqnn_layer *last = sq_last_layer(model);
    seqnn_size time = last->source >= 0 ? data->x[last->source].time : 0;
    seqnn_size positions = sq_multiply(data->count, last->source >= 0 ? time : 1);
    seqnn_size needed = sq_multiply(positions, last->out.features);
    if (!training)
        return model->run_status = SEQNN_ERROR_MEMORY;
    if (needed < 0)
        return sq_training_fail(model, SEQNN_ERROR_MEMORY,
                                "predict: %td outputs of %td steps are too many",
                                data->count, time);
    void *memory = training->predicted;
    seqnn_status status =
        sq_grow(&memory, &training->predicted_capacity, needed, sizeof(seqnn_real));
    training->predicted = (seqnn_real *)memory;
    if (status)
        model->run_status = status;
    tensor->rank = 0;
    tensor->shape[tensor->rank++] = data->count;
    if (last->source >= 0)
        tensor->shape[tensor->rank++] = time;
    tensor->shape[tensor->rank++] = last->out.features;
    return status;
}

/* *rows: the outputs, for the CPU to read. */
static seqnn_status sq_predict_batch(seqnn_model *model, const seqnn_dataset *batch,
                                     const seqnn_real **rows)
{
    const sq_signal *out = &sq_last_layer(model)->out;
    sq_begin(model);
    const seqnn_status status = sq_forward(model, batch, SEQNN_EVALUATE);
    *rows = out->value;
    return status ? status : sq_read(model, rows, sq_signal_size(out));
}

SEQNN_API seqnn_tensor seqnn_predict(seqnn_model *model, const seqnn_dataset *data,
                                     seqnn_predict_options options)
{
    seqnn_tensor nothing, result;
    memset(&nothing, 0, sizeof nothing);
    memset(&result, 0, sizeof result);
    if (sq_check_data(model, "predict", data, &options.batch_size) ||
        sq_predict_room(model, data, &result))
        return nothing;
    seqnn_size begin = 0;
    seqnn_dataset batch;
    seqnn_real *to = ((sq_training *)model->training)->predicted;
    result.data = to;
    while (sq_next_rows(data, &begin, options.batch_size, &batch)) {
        const sq_signal *out = &sq_last_layer(model)->out;
        const seqnn_real *rows;
        if (sq_predict_batch(model, &batch, &rows))
            return nothing;
        if (out->packing) {
            sq_unpack_rows(out->packing, out->features, rows, to);
            to += batch.count * out->packing->time * out->features;
        } else {
            memcpy(to, rows, (size_t)(out->rows * out->features) * sizeof *to);
            to += out->rows * out->features;
        }
    }
    return result;
}
