#include "backend.h"
#include "loss_position.h"
#include "parallel.h"
#include "training.h"

SEQNN_API const char *seqnn_loss_name(seqnn_loss_kind kind)
{
    static const char *const names[] = {"default", "categorical cross-entropy",
                                        "binary cross-entropy", "mean squared error",
                                        "mean absolute error"};
    int i = (int)kind;
    return i >= 0 && i < SQ_COUNT(names) ? names[i] : "unknown";
}

/* A batch of positions: rows of output, each with its sample and step. */
typedef struct sq_positions {
    sq_position_loss loss;
    const seqnn_real *z; /* [rows, outputs] logits or outputs */
    seqnn_real *gradient;
    const seqnn_real *output; /* [rows, outputs], and what a label's is larger than */
    seqnn_real middle;
    seqnn_size rows;
    seqnn_size count, time;   /* the user's [count, time]; time 0: a row per sample */
    const seqnn_size *source; /* row -> sample * time + step, or NULL */
    const seqnn_array *y;
    const seqnn_real *weight; /* [count] or NULL */
    /* Scratch: the factor of each row's gradient (0: not counted), each row's loss, and
     * the counted positions of each sample. */
    double *factor, *position_loss, *counted;
} sq_positions;

/* ---- targets ---- */

static seqnn_size sq_position_at(const sq_positions *positions, seqnn_size row)
{
    return positions->source ? positions->source[row] : row;
}

static seqnn_size sq_sample_at(const sq_positions *positions, seqnn_size row)
{
    return positions->time ? sq_position_at(positions, row) / positions->time : row;
}

static bool sq_is_counted(const sq_positions *positions, seqnn_size row)
{
    const seqnn_array *y = positions->y;
    if (!y->start || !y->length || !positions->time)
        return true;
    seqnn_size sample = sq_sample_at(positions, row);
    seqnn_size step = sq_position_at(positions, row) % positions->time;
    return step >= y->start[sample] && step - y->start[sample] < y->length[sample];
}

static sq_target sq_target_at(const sq_positions *positions, seqnn_size row)
{
    seqnn_size position = sq_position_at(positions, row);
    sq_target target = {0, NULL};
    if (positions->y->indices)
        target.index = positions->y->indices[position];
    else
        target.values = positions->y->values + position * positions->loss.outputs;
    return target;
}

/* "[32, 7, 5] values", "[32] indices" */
static void sq_describe_array(char *text, size_t size, const char *what, seqnn_size count,
                              seqnn_size time, seqnn_size features)
{
    char steps[32] = "", last[32] = "";
    if (time)
        snprintf(steps, sizeof steps, ", %td", time);
    if (features)
        snprintf(last, sizeof last, ", %td", features);
    snprintf(text, size, "[%td%s%s] %s", count, steps, last, what);
}

static seqnn_status sq_check_target_shape(const sq_positions *positions)
{
    const seqnn_array *y = positions->y;
    seqnn_size outputs = positions->loss.outputs;
    seqnn_loss_kind kind = positions->loss.kind;
    bool sparse = kind == SEQNN_CATEGORICAL_CROSSENTROPY ||
                  (kind == SEQNN_BINARY_CROSSENTROPY && outputs == 1);
    bool fits = y->time == positions->time &&
                (y->indices ? sparse : y->values && y->features == outputs);
    if (fits)
        return SEQNN_OK;
    char came[128] = "nothing", values[128], indices[128];
    if (y->indices || y->values)
        sq_describe_array(came, sizeof came, y->indices ? "indices" : "values",
                          positions->count, y->time, y->indices ? 0 : y->features);
    sq_describe_array(values, sizeof values, "values", positions->count, positions->time,
                      outputs);
    sq_describe_array(indices, sizeof indices, "indices", positions->count,
                      positions->time, 0);
    return sq_fail(SEQNN_ERROR_SHAPE, "loss: the target y is %s; %s expects %s%s%s", came,
                   seqnn_loss_name(kind), values, sparse ? " or " : "",
                   sparse ? indices : "");
}

static seqnn_status sq_check_classes(const sq_positions *positions)
{
    seqnn_size classes = positions->loss.outputs;
    if (positions->loss.kind == SEQNN_BINARY_CROSSENTROPY)
        classes = 2;
    for (seqnn_size r = 0; positions->y->indices && r < positions->rows; r++) {
        seqnn_size position = sq_position_at(positions, r);
        int32_t index = positions->y->indices[position];
        if (!sq_is_counted(positions, r) || (index >= 0 && (seqnn_size)index < classes))
            continue;
        if (positions->time)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "loss: sample %td, step %td: class %d is outside [0, %td)",
                           position / positions->time, position % positions->time,
                           (int)index, classes);
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "loss: sample %td: class %d is outside [0, %td)", position,
                       (int)index, classes);
    }
    return SEQNN_OK;
}

/* A weight that is no number would be taken for a bad loss. */
static seqnn_status sq_check_weights(const sq_positions *positions)
{
    const seqnn_real *class_weight = positions->loss.class_weight;
    seqnn_size classes = positions->loss.outputs;
    if (positions->loss.kind == SEQNN_BINARY_CROSSENTROPY && classes == 1)
        classes = 2;
    for (seqnn_size s = 0; positions->weight && s < positions->count; s++)
        if (!isfinite(positions->weight[s]))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "loss: the weight of sample %td is %g, expected a number", s,
                           (double)positions->weight[s]);
    for (seqnn_size c = 0; class_weight && c < classes; c++)
        if (!isfinite(class_weight[c]))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "loss: class_weight[%td] is %g, expected a number", c,
                           (double)class_weight[c]);
    return SEQNN_OK;
}

static bool sq_is_sum(seqnn_reduction reduction)
{
    return reduction == SEQNN_REDUCE_SUM;
}

/* Kind and form are decided; do the options make sense, and do the targets fit? */
static seqnn_status sq_check_loss(const sq_positions *positions,
                                  const seqnn_loss_options *options)
{
    const seqnn_reduction over[] = {options->over_outputs, options->over_steps,
                                    options->over_samples};
    if ((int)options->kind < 0 || options->kind > SEQNN_MAE)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "loss: %d is not a kind of loss",
                       (int)options->kind);
    for (int i = 0; i < 3; i++)
        if ((int)over[i] < 0 || over[i] > SEQNN_REDUCE_SUM)
            return sq_fail(SEQNN_ERROR_ARGUMENT, "loss: %d is not a reduction",
                           (int)over[i]);
    if (options->divide_by_weights &&
        (sq_is_sum(options->over_steps) || sq_is_sum(options->over_samples)))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "loss: divide_by_weights is for the mean over steps and samples");
    seqnn_status status = sq_check_target_shape(positions);
    if (!status)
        status = sq_check_classes(positions);
    return status ? status : sq_check_weights(positions);
}

/* ---- reductions ---- */

/* Fills factor with w / divisor for each counted row; returns the divisor of the mean
 * over the batch, 0 where there is none (a sum over samples), and -1 if nothing is
 * counted. */
static double sq_reduce(sq_positions *positions, const seqnn_loss_options *options)
{
    bool sum_steps = sq_is_sum(options->over_steps);
    bool sum_samples = sq_is_sum(options->over_samples);
    double number = 0, samples = 0, weights = 0;
    memset(positions->counted, 0, (size_t)positions->count * sizeof(double));
    for (seqnn_size r = 0; r < positions->rows; r++) {
        seqnn_size sample = sq_sample_at(positions, r);
        positions->factor[r] = 0;
        if (!sq_is_counted(positions, r))
            continue;
        samples += positions->counted[sample] == 0;
        positions->counted[sample] += 1;
        positions->factor[r] = positions->weight ? (double)positions->weight[sample] : 1;
        number += 1;
        if (options->divide_by_weights)
            weights +=
                positions->factor[r] *
                sq_weight_of_position(&positions->loss, sq_target_at(positions, r));
    }
    double divisor = sum_steps ? samples : number;
    if (options->divide_by_weights)
        divisor = weights;
    bool nothing = number == 0 || divisor == 0;
    for (seqnn_size r = 0; r < positions->rows; r++) {
        double own = sum_samples ? 1 : divisor;
        if (sum_samples && !sum_steps)
            own = positions->counted[sq_sample_at(positions, r)];
        positions->factor[r] = nothing || own == 0 ? 0 : positions->factor[r] / own;
    }
    return nothing ? -1 : sum_samples ? 0 : divisor;
}

static void sq_loss_of_rows(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_positions *positions = (const sq_positions *)context;
    seqnn_size n = positions->loss.outputs;
    for (seqnn_size r = begin; r < end; r++) {
        seqnn_real *gradient = positions->gradient ? positions->gradient + r * n : NULL;
        positions->position_loss[r] = 0;
        if (positions->factor[r] != 0)
            positions->position_loss[r] =
                positions->factor[r] *
                sq_loss_of_position(&positions->loss, positions->z + r * n,
                                    sq_target_at(positions, r), positions->factor[r],
                                    gradient);
        else if (gradient)
            memset(gradient, 0, (size_t)n * sizeof *gradient);
    }
}

/* The factors of the positions. */
static void sq_weigh_positions(sq_positions *positions, const seqnn_loss_options *options,
                               double *divisor)
{
    bool mean_outputs = positions->loss.kind != SEQNN_CATEGORICAL_CROSSENTROPY &&
                        !sq_is_sum(options->over_outputs);
    positions->loss.scale = mean_outputs ? 1.0 / (double)positions->loss.outputs : 1;
    const double by = sq_reduce(positions, options);
    if (divisor)
        *divisor = by < 0 ? 0 : by;
}

/* Losses of the positions, then their sum in the order of the rows. */
static double sq_loss_of_positions(sq_positions *positions)
{
    double total = 0;
    sq_parallel(positions->rows, sq_max(1, 4096 / positions->loss.outputs),
                sq_loss_of_rows, positions);
    for (seqnn_size r = 0; r < positions->rows; r++)
        total += positions->position_loss[r];
    return total;
}

/* ---- of a model ---- */

static seqnn_loss_kind sq_loss_kind(const seqnn_loss_options *options,
                                    seqnn_activation activation, const seqnn_array *y)
{
    if (options->kind)
        return options->kind;
    if (activation == SEQNN_SOFTMAX || activation == SEQNN_LOG_SOFTMAX)
        return SEQNN_CATEGORICAL_CROSSENTROPY;
    if (activation == SEQNN_SIGMOID)
        return SEQNN_BINARY_CROSSENTROPY;
    return y->indices ? SEQNN_CATEGORICAL_CROSSENTROPY : SEQNN_MSE;
}

/* The last activation belongs to this loss, and what it was applied to is known. */
static bool sq_is_fused(const sq_signal *out, seqnn_loss_kind kind)
{
    if (!out->logits)
        return false;
    if (kind == SEQNN_CATEGORICAL_CROSSENTROPY)
        return out->activation == SEQNN_SOFTMAX || out->activation == SEQNN_LOG_SOFTMAX;
    return kind == SEQNN_BINARY_CROSSENTROPY && out->activation == SEQNN_SIGMOID;
}

static bool sq_is_probability(const sq_signal *out, const seqnn_loss_options *options)
{
    return options->probabilities || out->activation == SEQNN_SOFTMAX ||
           out->activation == SEQNN_SIGMOID;
}

/* The positions of the last forward pass; the scratch is not set. */
static sq_positions sq_positions_of(const sq_signal *out, const seqnn_dataset *batch,
                                    const seqnn_loss_options *options)
{
    sq_positions positions;
    memset(&positions, 0, sizeof positions);
    positions.loss.kind = sq_loss_kind(options, out->activation, &batch->y);
    positions.loss.outputs = out->features;
    positions.loss.class_weight = options->class_weight;
    bool fused = !options->probabilities && sq_is_fused(out, positions.loss.kind);
    positions.loss.probabilities = !fused && sq_is_probability(out, options);
    positions.z = fused ? out->logits : out->value;
    positions.output = out->value;
    positions.middle = (seqnn_real)(sq_is_probability(out, options) ? 0.5 : 0);
    positions.gradient = out->gradient;
    positions.rows = out->rows;
    positions.count = batch->count;
    positions.time = out->packing ? out->packing->time : 0;
    positions.source = out->packing ? out->packing->source : NULL;
    positions.y = &batch->y;
    positions.weight = batch->weight;
    return positions;
}

/* The loss and its gradient; sums NULL: on a backend, which keeps them. */
static seqnn_status sq_loss_into(seqnn_model *model, const seqnn_dataset *batch,
                                 const seqnn_loss_options *options, double *divisor,
                                 sq_loss_sums *sums)
{
    if (!model || !batch || !model->count || model->run_status || model->lone_forward)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "loss: there was no forward pass of this model");
    if (batch->count != model->count) {
        sq_wait(model);
        return sq_training_fail(
            model, SEQNN_ERROR_SHAPE,
            "loss: the batch has %td samples, the last forward pass had %td",
            batch->count, model->count);
    }
    sq_training *training = sq_training_of(model);
    sq_signal *out = &model->layers[model->layer_count - 1]->out;
    sq_positions positions = sq_positions_of(out, batch, options);
    seqnn_status status =
        training ? sq_check_loss(&positions, options) : SEQNN_ERROR_MEMORY;
    if (!status) {
        /* Room for all steps: how many are padding changes from batch to batch. */
        seqnn_size most = positions.count * sq_max(positions.time, 1);
        void *scratch = training->position_loss;
        status = sq_grow(&scratch, &training->position_capacity,
                         2 * most + positions.count, sizeof(double));
        training->position_loss = (double *)scratch;
    }
    if (status) {
        sq_wait(model);
        return model->run_status = status;
    }
    positions.factor = training->position_loss;
    positions.position_loss = positions.factor + positions.rows;
    positions.counted = positions.position_loss + positions.rows;
    sq_weigh_positions(&positions, options, divisor);
    if (!model->backend)
        sums->loss = sq_loss_of_positions(&positions);
    else
        model->run_status = model->backend->loss(model, &positions, sums);
    if (model->run_status)
        return model->run_status;
    out->gradient_written = true;
    out->gradient_is_of_logits =
        !options->probabilities && sq_is_fused(out, positions.loss.kind);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_real sq_loss(seqnn_model *model, const seqnn_dataset *batch,
                            const seqnn_loss_options *options, double *divisor)
{
    sq_loss_sums sums = {0, 0};
    if (sq_loss_into(model, batch, options, divisor, &sums))
        return (seqnn_real)NAN;
    ((sq_training *)model->training)->right = sums.right;
    return (seqnn_real)sums.loss;
}

SQ_LOCAL seqnn_status sq_loss_there(seqnn_model *model, const seqnn_dataset *batch,
                                    const seqnn_loss_options *options, double *divisor)
{
    return sq_loss_into(model, batch, options, divisor, NULL);
}

SEQNN_API seqnn_real seqnn_loss(seqnn_model *model, const seqnn_dataset *batch,
                                seqnn_loss_options options)
{
    return sq_loss(model, batch, &options, NULL);
}

SEQNN_API seqnn_real seqnn_loss_of(const seqnn_real *output, seqnn_size count,
                                   seqnn_size outputs, const seqnn_array *y,
                                   const seqnn_real *weight, seqnn_real *gradient,
                                   seqnn_loss_options options)
{
    sq_positions positions;
    memset(&positions, 0, sizeof positions);
    if (!output || !y || count < 0 || outputs < 1 || sq_multiply(count, 3) < 0) {
        sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "loss: output [%td, %td]; expected output and target of at least 1 output",
            count, outputs);
        return (seqnn_real)NAN;
    }
    positions.loss.kind = sq_loss_kind(&options, SEQNN_ACTIVATION_DEFAULT, y);
    positions.loss.outputs = outputs;
    positions.loss.class_weight = options.class_weight;
    positions.loss.probabilities = options.probabilities;
    positions.z = output;
    positions.gradient = gradient;
    positions.rows = positions.count = count;
    positions.y = y;
    positions.weight = weight;
    if (sq_check_loss(&positions, &options))
        return (seqnn_real)NAN;
    double *scratch = (double *)sq_allocate(3 * count, sizeof(double));
    if (!scratch)
        return (seqnn_real)NAN;
    positions.factor = scratch;
    positions.position_loss = scratch + count;
    positions.counted = scratch + 2 * count;
    sq_weigh_positions(&positions, &options, NULL);
    double loss = sq_loss_of_positions(&positions);
    sq_free(scratch);
    return (seqnn_real)loss;
}

/* ---- accuracy ---- */

static seqnn_size sq_expected_class(const sq_positions *positions, seqnn_size row)
{
    const sq_target target = sq_target_at(positions, row);
    return target.values ? sq_best_class(positions->loss.outputs, target.values)
                         : target.index;
}

/* Labels of a row on the right side of the middle. */
SQ_BOTH static inline seqnn_size sq_right_labels(seqnn_size n, const seqnn_real *y,
                                                 sq_target target, seqnn_real middle)
{
    seqnn_size right = 0;
    for (seqnn_size c = 0; c < n; c++) {
        const bool label =
            target.values ? target.values[c] > (seqnn_real)0.5 : target.index != 0;
        right += (y[c] > middle) == label;
    }
    return right;
}

static seqnn_size sq_right_in_row(const sq_positions *positions, seqnn_size row)
{
    const seqnn_size n = positions->loss.outputs;
    const seqnn_real *y = positions->output + row * n;
    if (positions->loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY)
        return sq_best_class(n, y) == sq_expected_class(positions, row);
    return sq_right_labels(n, y, sq_target_at(positions, row), positions->middle);
}

SQ_LOCAL bool sq_count_right(const seqnn_model *model, const seqnn_dataset *batch,
                             const seqnn_loss_options *options, double *right,
                             double *asked)
{
    const sq_signal *out = &model->layers[model->layer_count - 1]->out;
    const sq_positions positions = sq_positions_of(out, batch, options);
    const bool categorical = positions.loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY;
    if (!categorical && positions.loss.kind != SEQNN_BINARY_CROSSENTROPY)
        return false;
    if (model->backend) /* the loss has counted them */
        *right += ((const sq_training *)model->training)->right;
    for (seqnn_size r = 0; r < positions.rows; r++) {
        if (!sq_is_counted(&positions, r))
            continue;
        if (!model->backend)
            *right += (double)sq_right_in_row(&positions, r);
        *asked += categorical ? 1 : (double)out->features;
    }
    return true;
}

SQ_LOCAL seqnn_status sq_count_confusion(seqnn_model *model, const seqnn_dataset *batch,
                                         const seqnn_loss_options *options,
                                         int64_t *confusion)
{
    const sq_signal *out = &model->layers[model->layer_count - 1]->out;
    const sq_positions positions = sq_positions_of(out, batch, options);
    const seqnn_size n = out->features;
    const int32_t *best = NULL;
    if (model->backend && !(best = model->backend->best_classes(model, out)))
        return model->run_status = sq_wait(model);
    for (seqnn_size r = 0; r < positions.rows; r++) {
        if (!sq_is_counted(&positions, r))
            continue;
        const seqnn_size said = best ? best[r] : sq_best_class(n, out->value + r * n);
        confusion[sq_expected_class(&positions, r) * n + said]++;
    }
    return SEQNN_OK;
}
