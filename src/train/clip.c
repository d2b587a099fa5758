#include "backend.h"
#include "clip.h"
#include "functions.h"
#include "memory.h"
#include "parallel.h"
#include "training.h"

/* ---- pieces of one gradient tensor ---- */

typedef struct sq_tensor_work {
    const sq_parameter *parameter;
    double *sums;  /* of each piece */
    bool clamps;   /* of a change: sizes are brought between two, */
    double factor; /* or gradients are taken times this */
    double least, most;
} sq_tensor_work;

/* Elements, or touched rows of a table, and how many a piece has. */
static seqnn_size sq_tensor_items(const sq_parameter *parameter)
{
    if (parameter->touched)
        return parameter->touched->count;
    return parameter->view.rows * parameter->view.columns;
}

static seqnn_size sq_tensor_grain(const sq_parameter *parameter)
{
    if (parameter->touched)
        return sq_piece_rows(parameter->view.columns);
    return SQ_PARAMETER_GRAIN;
}

static void sq_sum_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_tensor_work *work = (const sq_tensor_work *)context;
    const sq_parameter *parameter = work->parameter;
    const seqnn_real *g = parameter->view.gradient;
    seqnn_size columns = parameter->view.columns;
    double sum = 0;
    if (!parameter->touched)
        sum = sq_sum_squares(end - begin, g + begin);
    else
        for (seqnn_size t = begin; t < end; t++) {
            const int32_t *rows = parameter->touched->rows;
            if (t + SQ_PREFETCH_ROWS < end)
                sq_prefetch_row(g + rows[t + SQ_PREFETCH_ROWS] * columns, columns);
            sum += sq_sum_squares(columns, g + rows[t] * columns);
        }
    work->sums[begin / sq_tensor_grain(parameter)] = sum;
}

SQ_LOCAL void sq_scale_into(seqnn_size n, double factor, const seqnn_real *from,
                            seqnn_real *to)
{
    for (seqnn_size i = 0; i < n; i++)
        to[i] = sq_scaled(from[i], factor);
}

/* g, its size brought between two. */
SQ_BOTH static inline seqnn_real sq_clamped(seqnn_real g, seqnn_real least,
                                            seqnn_real most)
{
    seqnn_real size = SQ_MATH(fabs)(g);
    if (size > most)
        size = most;
    else if (size < least)
        size = least;
    else
        return g;
    return g > 0 ? size : g < 0 ? -size : 0;
}

static void sq_change_values(const sq_tensor_work *work, seqnn_real *g, seqnn_size n)
{
    const seqnn_real most = (seqnn_real)work->most, least = (seqnn_real)work->least;
    if (!work->clamps)
        sq_scale_into(n, work->factor, g, g);
    for (seqnn_size i = 0; work->clamps && i < n; i++)
        g[i] = sq_clamped(g[i], least, most);
}

static void sq_change_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_tensor_work *work = (const sq_tensor_work *)context;
    const sq_parameter *parameter = work->parameter;
    seqnn_real *g = parameter->view.gradient;
    seqnn_size columns = parameter->view.columns;
    if (!parameter->touched)
        sq_change_values(work, g + begin, end - begin);
    else
        for (seqnn_size t = begin; t < end; t++)
            sq_change_values(work, g + parameter->touched->rows[t] * columns, columns);
}

/* ---- norms ---- */

/* The sum of squares of one tensor, piece by piece in order; negative if there is no
 * memory. */
static double sq_tensor_squares(sq_training *training, const sq_parameter *parameter)
{
    sq_tensor_work work;
    memset(&work, 0, sizeof work);
    seqnn_size items = sq_tensor_items(parameter), grain = sq_tensor_grain(parameter);
    seqnn_size pieces = (items + grain - 1) / grain;
    void *sums = training->sums;
    if (sq_grow(&sums, &training->sums_capacity, pieces, sizeof(double)))
        return -1;
    training->sums = (double *)sums;
    work.parameter = parameter;
    work.sums = training->sums;
    sq_parallel(items, grain, sq_sum_piece, &work);
    double total = 0;
    for (seqnn_size i = 0; i < pieces; i++)
        total += training->sums[i];
    return total;
}

/* The next trained parameter, or NULL. */
static const sq_parameter *sq_next_trained(const seqnn_model *model, seqnn_size *layer,
                                           int *number)
{
    for (; *layer < model->layer_count; (*layer)++, *number = 0)
        while (*number < model->layers[*layer]->parameter_count) {
            const sq_parameter *found = &model->layers[*layer]->parameters[(*number)++];
            if (!found->view.frozen)
                return found;
        }
    return NULL;
}

static seqnn_status sq_bad_gradient(seqnn_model *model, const char *who, seqnn_size layer,
                                    const sq_parameter *parameter)
{
    return sq_training_fail(model, SEQNN_ERROR_NUMBER,
                            "%s: step %td: the gradient of %s '%s', parameter %s, is not "
                            "finite",
                            who, seqnn_steps(model) + 1, model->layers[layer]->type->kind,
                            model->layers[layer]->name, parameter->view.name);
}

/* Room in training->norms for those of all trained parameters, so many times; *tensors
 * receives how many they are. */
static seqnn_status sq_norms_room(const seqnn_model *model, sq_training *training,
                                  int times, seqnn_size *tensors)
{
    seqnn_size layer = 0;
    int number = 0;
    *tensors = 0;
    while (sq_next_trained(model, &layer, &number))
        ++*tensors;
    void *norms = training->norms;
    if (sq_grow(&norms, &training->norms_capacity, times * *tensors, sizeof(double)))
        return SEQNN_ERROR_MEMORY;
    training->norms = (double *)norms;
    return SEQNN_OK;
}

/* The sums of squares of all trained parameters, into training->norms. */
static seqnn_status sq_all_squares(seqnn_model *model, sq_training *training)
{
    seqnn_size layer = 0, tensors = 0;
    int number = 0;
    if (sq_norms_room(model, training, 1, &tensors))
        return SEQNN_ERROR_MEMORY;
    if (model->backend)
        return tensors ? model->backend->squares(model, training->norms) : SEQNN_OK;
    tensors = 0;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;) {
        const double squares = sq_tensor_squares(training, p);
        if (squares < 0)
            return SEQNN_ERROR_MEMORY;
        training->norms[tensors++] = squares;
    }
    return SEQNN_OK;
}

/* The next sums of squares become norms; each must be finite. The total and the largest
 * of the sums. */
static seqnn_status sq_take_roots(seqnn_model *model, const char *who, double **norms,
                                  double *total, double *most)
{
    seqnn_size layer = 0;
    int number = 0;
    *total = *most = 0;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;) {
        const double squares = **norms;
        *(*norms)++ = sqrt(squares);
        if (!isfinite(squares))
            return sq_bad_gradient(model, who, layer, p);
        *total += squares;
        *most = fmax(*most, squares);
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_gradient_norms(seqnn_model *model, const char *who, double *norm,
                                        double *largest)
{
    seqnn_status status = sq_model_build(model);
    sq_training *training = status ? NULL : sq_training_of(model);
    if (!training)
        return status ? status : SEQNN_ERROR_MEMORY;
    double total = 0, most = 0;
    status = sq_all_squares(model, training);
    if (status)
        return model->run_status = status;
    double *norms = training->norms;
    status = sq_take_roots(model, who, &norms, &total, &most);
    if (status)
        return status;
    if (norm)
        *norm = sqrt(total);
    if (largest)
        *largest = sqrt(most);
    return SEQNN_OK;
}

SEQNN_API seqnn_real seqnn_gradient_norm(seqnn_model *model)
{
    double norm = 0;
    if (sq_gradient_norms(model, "gradient_norm", &norm, NULL))
        return (seqnn_real)NAN;
    return (seqnn_real)norm;
}

/* ---- clipping ---- */

/* Those whose gradients stay as they are are passed by. */
static void sq_change_all(seqnn_model *model, const sq_gradient_change *change)
{
    seqnn_size layer = 0, tensor = 0;
    int number = 0;
    sq_tensor_work work;
    if (model->backend) {
        model->backend->change(model, change);
        return;
    }
    memset(&work, 0, sizeof work);
    work.clamps = change->clamps;
    work.least = change->least;
    work.most = change->most;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;) {
        work.parameter = p;
        work.factor = change->factors ? change->factors[tensor++] : change->factor;
        if (work.clamps || work.factor != 1)
            sq_parallel(sq_tensor_items(p), sq_tensor_grain(p), sq_change_piece, &work);
    }
}

SQ_LOCAL void sq_scale_gradients(seqnn_model *model, double factor)
{
    const sq_gradient_change change = {false, 0, 0, factor, NULL};
    sq_change_all(model, &change);
}

static bool sq_are_thresholds(seqnn_real threshold, seqnn_real lower)
{
    return threshold >= 0 && lower >= 0 && (threshold > 0 || lower > 0) &&
           (threshold == 0 || lower <= threshold);
}

static bool sq_thresholds_fit(seqnn_model *model, const char *who, seqnn_real threshold,
                              seqnn_real lower)
{
    if (sq_are_thresholds(threshold, lower))
        return true;
    if (model)
        sq_training_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: threshold %g and lower %g; expected 0 <= lower <= threshold, "
            "and not both 0",
            who, (double)threshold, (double)lower);
    else
        sq_fail(SEQNN_ERROR_ARGUMENT, "%s: model NULL", who);
    return false;
}

/* What brings a norm between the thresholds; 1: it is there already. */
SQ_BOTH static inline double sq_clip_factor(double norm, seqnn_real threshold,
                                            seqnn_real lower)
{
    if (threshold > 0 && norm > (double)threshold)
        return (double)threshold / norm;
    if (norm > 0 && norm < (double)lower)
        return (double)lower / norm;
    return 1;
}

SQ_LOCAL seqnn_status sq_clip_factor_of_all(seqnn_model *model, seqnn_real threshold,
                                            seqnn_real lower, double *factor)
{
    const char *who = "clip_by_global_norm";
    double norm = 0;
    if (!sq_thresholds_fit(model, who, threshold, lower) ||
        sq_gradient_norms(model, who, &norm, NULL))
        return model->run_status;
    *factor = sq_clip_factor(norm, threshold, lower);
    return SEQNN_OK;
}

static sq_gradient_change sq_change_of_values(seqnn_real threshold, seqnn_real lower)
{
    const double most = threshold > 0 ? (double)threshold : (double)INFINITY;
    const sq_gradient_change change = {true, (double)lower, most, 1, NULL};
    return change;
}

SQ_LOCAL seqnn_real sq_clip_values(seqnn_model *model, seqnn_real threshold,
                                   seqnn_real lower)
{
    const char *who = "clip_by_value";
    double norm = 0;
    if (!sq_thresholds_fit(model, who, threshold, lower) ||
        sq_gradient_norms(model, who, &norm, NULL))
        return (seqnn_real)NAN;
    const sq_gradient_change change = sq_change_of_values(threshold, lower);
    sq_change_all(model, &change);
    return (seqnn_real)norm;
}

/* Scales the gradients by their norms: of each tensor, or one of all. Returns the norm
 * before. */
SQ_LOCAL seqnn_real sq_clip_norms(seqnn_model *model, const char *who, bool each,
                                  seqnn_real threshold, seqnn_real lower)
{
    double norm = 0, largest = 0;
    if (!sq_thresholds_fit(model, who, threshold, lower) ||
        sq_gradient_norms(model, who, &norm, &largest))
        return (seqnn_real)NAN;
    double *factors = each ? sq_training_of(model)->norms : NULL;
    seqnn_size layer = 0, tensor = 0;
    int number = 0;
    for (; each && sq_next_trained(model, &layer, &number); tensor++)
        factors[tensor] = sq_clip_factor(factors[tensor], threshold, lower);
    const double factor = each ? 1 : sq_clip_factor(norm, threshold, lower);
    const sq_gradient_change change = {false, 0, 0, factor, factors};
    if (each || factor != 1)
        sq_change_all(model, &change);
    return (seqnn_real)(each ? largest : norm);
}

/* ---- judged by a backend ---- */

SQ_LOCAL bool sq_can_judge(seqnn_model *model, const sq_clip *clips, int count)
{
    seqnn_size tensors = 0;
    for (int i = 0; i < count; i++)
        if (clips[i].kind && !sq_are_thresholds(clips[i].threshold, clips[i].lower))
            return false;
    return !sq_norms_room(model, (sq_training *)model->training, count, &tensors);
}

SQ_LOCAL seqnn_status sq_check_judged(seqnn_model *model, const sq_clip *clips, int count)
{
    sq_training *training = (sq_training *)model->training;
    double *norms = training->norms, total = 0, most = 0;
    seqnn_status status = SEQNN_OK;
    for (int i = 0; i < count && !status; i++)
        status = sq_take_roots(model, clips[i].who, &norms, &total, &most);
    return status;
}

/* What the user gets: the gradients are changed. */
static seqnn_real sq_clipped(seqnn_model *model, seqnn_real norm)
{
    return isnan(norm) || sq_training_wait(model) ? (seqnn_real)NAN : norm;
}

SEQNN_API seqnn_real seqnn_clip_by_value(seqnn_model *model, seqnn_real threshold,
                                         seqnn_real lower)
{
    return sq_clipped(model, sq_clip_values(model, threshold, lower));
}

SEQNN_API seqnn_real seqnn_clip_by_norm(seqnn_model *model, seqnn_real threshold,
                                        seqnn_real lower)
{
    return sq_clipped(model,
                      sq_clip_norms(model, "clip_by_norm", true, threshold, lower));
}

SEQNN_API seqnn_real seqnn_clip_by_global_norm(seqnn_model *model, seqnn_real threshold,
                                               seqnn_real lower)
{
    return sq_clipped(
        model, sq_clip_norms(model, "clip_by_global_norm", false, threshold, lower));
}
