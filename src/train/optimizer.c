#include "backend.h"
#include "optimizer_update.h"
#include "parallel.h"
#include "training.h"

static seqnn_optimizer sq_optimizer(seqnn_optimizer_kind kind, seqnn_real learning_rate)
{
    seqnn_optimizer optimizer;
    memset(&optimizer, 0, sizeof optimizer);
    optimizer.kind = kind;
    optimizer.learning_rate = learning_rate;
    return optimizer;
}

SEQNN_API seqnn_optimizer seqnn_sgd(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_SGD, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_rmsprop(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_RMSPROP, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_adam(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_ADAM, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_adamw(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_ADAMW, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_adagrad(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_ADAGRAD, learning_rate);
}

/* ---- learning rate ---- */

static double sq_default_decay(seqnn_schedule_kind kind)
{
    switch (kind) {
    case SEQNN_SCHEDULE_STEP:
        return 0.1;
    case SEQNN_SCHEDULE_EXPONENTIAL:
        return 0.96;
    default:
        return 1;
    }
}

static bool sq_is_amount(seqnn_real value)
{
    return value >= 0 && isfinite(value);
}

/* Defaults of kind, learning rate and schedule filled in, and every number in its range.
 */
static seqnn_status sq_resolve_rate(seqnn_optimizer *o)
{
    seqnn_schedule *schedule = &o->schedule;
    if ((int)o->kind < 0 || o->kind > SEQNN_ADAGRAD)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "optimizer: %d is not an optimiser",
                       (int)o->kind);
    if (o->kind == SEQNN_OPTIMIZER_DEFAULT)
        o->kind = SEQNN_ADAM;
    if ((int)schedule->kind < 0 || schedule->kind > SEQNN_SCHEDULE_INVERSE_TIME ||
        schedule->warm_up < 0 ||
        (schedule->kind > SEQNN_SCHEDULE_CONSTANT && schedule->steps < 1))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "optimizer: schedule %d over %td steps with warm_up %td; expected a kind "
            "of schedule, at least 1 step, and no negative warm_up",
            (int)schedule->kind, schedule->steps, schedule->warm_up);
    o->learning_rate =
        sq_option(o->learning_rate, (seqnn_real)(o->kind == SEQNN_SGD ? 0.01 : 0.001));
    schedule->decay =
        sq_option(schedule->decay, (seqnn_real)sq_default_decay(schedule->kind));
    schedule->minimum = sq_option(schedule->minimum, 0);
    if (!sq_is_amount(o->learning_rate) || !sq_is_amount(schedule->decay) ||
        !sq_is_amount(schedule->minimum))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "optimizer: learning_rate %g, and of the schedule decay %g, "
                       "minimum %g; expected 0 or more",
                       (double)o->learning_rate, (double)schedule->decay,
                       (double)schedule->minimum);
    return SEQNN_OK;
}

static double sq_scheduled(const seqnn_schedule *schedule, double eta_0, seqnn_size k)
{
    double decay = (double)schedule->decay, minimum = (double)schedule->minimum;
    double u = (double)k / (double)sq_max(schedule->steps, 1), eta = eta_0;
    switch (schedule->kind) {
    case SEQNN_SCHEDULE_STEP:
        eta = eta_0 * pow(decay, floor(u));
        break;
    case SEQNN_SCHEDULE_EXPONENTIAL:
        eta = eta_0 * pow(decay, u);
        break;
    case SEQNN_SCHEDULE_COSINE:
        eta = minimum +
              (eta_0 - minimum) * (1 + cos(3.14159265358979323846 * fmin(u, 1))) / 2;
        break;
    case SEQNN_SCHEDULE_INVERSE_TIME:
        eta = eta_0 / (1 + decay * u);
        break;
    default:
        break;
    }
    return fmax(eta, minimum);
}

/* Of an optimiser whose numbers are resolved. */
static seqnn_real sq_rate_at(const seqnn_optimizer *o, seqnn_size k)
{
    seqnn_size warm_up = o->schedule.warm_up;
    if (k < warm_up)
        return o->learning_rate * (seqnn_real)(k + 1) / (seqnn_real)warm_up;
    return (seqnn_real)sq_scheduled(&o->schedule, (double)o->learning_rate, k - warm_up);
}

SEQNN_API seqnn_real seqnn_learning_rate(seqnn_optimizer optimizer, seqnn_size k)
{
    if (sq_resolve_rate(&optimizer))
        return (seqnn_real)NAN;
    return sq_rate_at(&optimizer, k);
}

/* ---- options ---- */

static bool sq_is_factor(seqnn_real value)
{
    return value >= 0 && value < 1;
}

/* Defaults filled in, and every number in its range. */
static seqnn_status sq_resolve_optimizer(seqnn_optimizer *o)
{
    seqnn_status status = sq_resolve_rate(o);
    if (status)
        return status;
    o->momentum = sq_option(o->momentum, 0);
    o->rho = sq_option(o->rho, (seqnn_real)0.9);
    o->beta1 = sq_option(o->beta1, (seqnn_real)0.9);
    o->beta2 = sq_option(o->beta2, (seqnn_real)0.999);
    o->epsilon = sq_option(o->epsilon, (seqnn_real)1e-7);
    o->initial_accumulator = sq_option(o->initial_accumulator, (seqnn_real)0.1);
    o->weight_decay =
        sq_option(o->weight_decay, (seqnn_real)(o->kind == SEQNN_ADAMW ? 0.004 : 0));
    o->l2 = sq_option(o->l2, 0);
    if (!sq_is_factor(o->momentum) || !sq_is_factor(o->rho) || !sq_is_factor(o->beta1) ||
        !sq_is_factor(o->beta2))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "optimizer: momentum %g, rho %g, beta1 %g, beta2 %g; expected [0, 1)",
            (double)o->momentum, (double)o->rho, (double)o->beta1, (double)o->beta2);
    if (!sq_is_amount(o->epsilon) || !sq_is_amount(o->initial_accumulator) ||
        !sq_is_amount(o->weight_decay) || !sq_is_amount(o->l2))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "optimizer: epsilon %g, initial_accumulator %g, weight_decay %g, l2 %g; "
            "expected 0 or more",
            (double)o->epsilon, (double)o->initial_accumulator, (double)o->weight_decay,
            (double)o->l2);
    return SEQNN_OK;
}

/* ---- the state ---- */

static bool sq_has_m(const seqnn_optimizer *o)
{
    if (o->kind == SEQNN_SGD || o->kind == SEQNN_RMSPROP)
        return o->momentum > 0;
    return o->kind != SEQNN_ADAGRAD;
}

SQ_LOCAL void sq_set_moved(seqnn_model *model, int moved)
{
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const sq_parameter *parameter = &model->layers[i]->parameters[p];
            if (parameter->touched)
                memset(parameter->touched->moved, moved, (size_t)parameter->view.rows);
        }
}

SEQNN_API void seqnn_reset_optimizer(seqnn_model *model)
{
    sq_training *training = model ? (sq_training *)model->training : NULL;
    if (!training)
        return;
    sq_memory_give(training->from, training->m);
    sq_memory_give(training->from, training->v);
    training->m = training->v = NULL;
    sq_set_moved(model, 0);
    training->kind = SEQNN_OPTIMIZER_DEFAULT;
    training->step = 0;
    training->gathered = 0;
}

SEQNN_API seqnn_size seqnn_steps(const seqnn_model *model)
{
    return model && model->training ? ((const sq_training *)model->training)->step : 0;
}

/* A device writes the zeros when it comes to it. */
SQ_LOCAL seqnn_real *sq_moments_new(seqnn_model *model, sq_training *training)
{
    seqnn_real *made = (seqnn_real *)sq_memory_take(training->from, model->weight_count,
                                                    sizeof(seqnn_real));
    if (!made || !sq_wait(model))
        return made;
    sq_memory_give(training->from, made);
    return NULL;
}

static seqnn_status sq_optimizer_state(seqnn_model *model, sq_training *training,
                                       const seqnn_optimizer *o)
{
    seqnn_size count = model->weight_count;
    if (training->kind && training->kind != o->kind)
        seqnn_reset_optimizer(model);
    training->kind = o->kind;
    if (sq_has_m(o) && !training->m) {
        training->m = sq_moments_new(model, training);
        if (!training->m)
            return SEQNN_ERROR_MEMORY;
    }
    if (o->kind != SEQNN_SGD && !training->v) {
        training->v = sq_moments_new(model, training);
        if (!training->v)
            return SEQNN_ERROR_MEMORY;
        for (seqnn_size i = 0; o->kind == SEQNN_ADAGRAD && i < count; i++)
            training->v[i] = o->initial_accumulator;
    }
    return SEQNN_OK;
}

/* ---- the step ---- */

static sq_update sq_update_numbers(const seqnn_optimizer *o, seqnn_size step)
{
    sq_update u;
    memset(&u, 0, sizeof u);
    double eta = (double)sq_rate_at(o, step), t = (double)(step + 1);
    u.rate = (seqnn_real)eta;
    u.shrink = (seqnn_real)(1 - eta * (double)o->weight_decay);
    u.l2 = o->l2;
    u.momentum = o->momentum;
    u.nesterov = o->nesterov;
    u.move1 = (seqnn_real)(1 - (double)o->beta1);
    if (o->kind == SEQNN_ADAM || o->kind == SEQNN_ADAMW) {
        double root = sqrt(1 - pow((double)o->beta2, t));
        u.move2 = (seqnn_real)(1 - (double)o->beta2);
        u.rate = (seqnn_real)(eta * root / (1 - pow((double)o->beta1, t)));
        u.epsilon = (seqnn_real)((double)o->epsilon * (o->pytorch_epsilon ? root : 1));
        return u;
    }
    u.move2 = (seqnn_real)(1 - (double)o->rho);
    u.epsilon = o->pytorch_epsilon ? o->epsilon : 0;
    u.epsilon_inside = o->pytorch_epsilon ? 0 : o->epsilon;
    return u;
}

typedef struct sq_update_range {
    seqnn_model *model;
    seqnn_optimizer_kind kind;
    const sq_update *update;
    sq_update_function apply;
    double factor; /* what the gradients are taken times */
    seqnn_real *w, *g, *m, *v;
    const sq_parameter *table; /* if rows of it were not touched */
    bool still;                /* no gradient: w stands */
    bool skip_untouched;       /* no gradient: nothing changes */
    bool skip_unmoved;         /* no gradient yet: m and v are 0, nothing changes */
} sq_update_range;

/* Enough for a row of most tables; a scaled piece stays in the first cache. */
enum { SQ_SCALED_PIECE = 512 };

static void sq_update_scaled(const sq_update_range *range, seqnn_size begin,
                             seqnn_size end)
{
    seqnn_real g[SQ_SCALED_PIECE];
    for (; begin < end; begin += SQ_SCALED_PIECE) {
        seqnn_size n = sq_min(end - begin, SQ_SCALED_PIECE);
        sq_scale_into(n, range->factor, range->g + begin, g);
        range->apply(range->update, n, range->w + begin, g,
                     range->m ? range->m + begin : NULL,
                     range->v ? range->v + begin : NULL);
    }
}

static void sq_update_stretch(const sq_update_range *range, seqnn_size begin,
                              seqnn_size end, bool gradient)
{
    if (gradient && range->factor != 1)
        sq_update_scaled(range, begin, end);
    else
        range->apply(range->update, end - begin, range->w + begin,
                     gradient ? range->g + begin : NULL,
                     range->m ? range->m + begin : NULL,
                     range->v ? range->v + begin : NULL);
}

static void sq_update_flat(void *context, seqnn_size begin, seqnn_size end)
{
    sq_update_stretch((const sq_update_range *)context, begin, end, true);
}

/* So many rows before it is their turn the touched ones are asked for. */
enum { SQ_UPDATE_AHEAD = 32 };

static void sq_update_ask(const sq_update_range *range, seqnn_size row)
{
    const seqnn_size columns = range->table->view.columns;
    if (!range->table->touched->mark[row])
        return;
    sq_prefetch_row(range->g + row * columns, columns);
    if (range->still)
        sq_prefetch_row(range->w + row * columns, columns);
    if (range->skip_untouched && range->v)
        sq_prefetch_row(range->v + row * columns, columns);
}

typedef enum sq_row_update {
    SQ_NO_UPDATE,
    SQ_WITHOUT_GRADIENT,
    SQ_WITH_GRADIENT
} sq_row_update;

static sq_row_update sq_update_of_row(const sq_update_range *range, seqnn_size row)
{
    const sq_touched *touched = range->table->touched;
    if (touched->mark[row])
        return SQ_WITH_GRADIENT;
    if (range->skip_untouched || (range->skip_unmoved && !touched->moved[row]))
        return SQ_NO_UPDATE;
    return SQ_WITHOUT_GRADIENT;
}

/* Rows [begin, end) of a table, in runs of the same kind. */
static void sq_update_table(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_update_range *range = (const sq_update_range *)context;
    seqnn_size columns = range->table->view.columns, asked = begin;
    while (begin < end) {
        const sq_row_update kind = sq_update_of_row(range, begin);
        seqnn_size stop = begin + 1;
        while (stop < end && sq_update_of_row(range, stop) == kind)
            stop++;
        for (; asked < sq_min(end, stop + SQ_UPDATE_AHEAD); asked++)
            sq_update_ask(range, asked);
        if (kind != SQ_NO_UPDATE) {
            sq_update_stretch(range, begin * columns, stop * columns,
                              kind == SQ_WITH_GRADIENT);
            memset(range->table->touched->moved + begin, 1, (size_t)(stop - begin));
        }
        begin = stop;
    }
}

static sq_update_range sq_range_at(const sq_update_range *all, seqnn_size offset)
{
    sq_update_range range = *all;
    range.w += offset;
    range.g += offset;
    if (range.m)
        range.m += offset;
    if (range.v)
        range.v += offset;
    return range;
}

static void sq_update_between(const sq_update_range *all, seqnn_size begin,
                              seqnn_size end)
{
    sq_update_range range = sq_range_at(all, begin);
    if (range.model->backend)
        range.model->backend->update(range.model, &range, end - begin);
    else
        sq_parallel(end - begin, SQ_PARAMETER_GRAIN, sq_update_flat, &range);
}

static void sq_update_rows(const sq_update_range *all, const sq_parameter *table)
{
    const seqnn_parameter *view = &table->view;
    sq_update_range range = sq_range_at(all, table->offset);
    range.table = table;
    if (range.model->backend)
        range.model->backend->update(range.model, &range, view->rows * view->columns);
    else
        sq_parallel(view->rows, sq_piece_rows(view->columns), sq_update_table, &range);
}

/* Neighbouring parameters that are trained are one stretch of the flat block; frozen ones
 * and tables interrupt it. */
static void sq_update_all(seqnn_model *model, const sq_update_range *all)
{
    seqnn_size begin = 0, end = 0;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const sq_parameter *parameter = &model->layers[i]->parameters[p];
            const seqnn_parameter *view = &parameter->view;
            seqnn_size stop = parameter->offset + view->rows * view->columns;
            if (!view->frozen && !parameter->touched) {
                end = stop;
                continue;
            }
            sq_update_between(all, begin, end);
            begin = end = stop;
            if (!view->frozen)
                sq_update_rows(all, parameter);
        }
    sq_update_between(all, begin, end);
}

/* With an optimiser whose numbers are resolved; factor NULL: what a backend has judged.
 */
static void sq_update_model(seqnn_model *model, const sq_training *training,
                            const seqnn_optimizer *o, const double *factor)
{
    const sq_update update = sq_update_numbers(o, training->step);
    sq_update_range all;
    memset(&all, 0, sizeof all);
    all.model = model;
    all.kind = o->kind;
    all.update = &update;
    all.apply = sq_update_of(o->kind);
    all.factor = factor ? *factor : 1;
    all.w = model->weights;
    all.g = model->gradients;
    all.m = sq_has_m(o) ? training->m : NULL;
    all.v = training->v;
    all.still = o->l2 == 0 && o->weight_decay == 0 && !all.m;
    all.skip_untouched = all.still && o->kind != SEQNN_RMSPROP;
    /* 0 / (0 + 0) is no number, and an optimiser without epsilon must show it. */
    all.skip_unmoved = o->l2 == 0 && o->weight_decay == 0 && o->epsilon > 0;
    if (model->backend)
        model->backend->numbers(model, &update, factor);
    sq_update_all(model, &all);
}

SQ_LOCAL seqnn_status sq_step(seqnn_model *model, const seqnn_optimizer *optimizer,
                              double factor)
{
    sq_training *training = sq_training_of(model);
    seqnn_optimizer o = *optimizer;
    seqnn_status status = training ? sq_resolve_optimizer(&o) : SEQNN_ERROR_MEMORY;
    if (!status)
        status = sq_optimizer_state(model, training, &o);
    if (status) {
        model->run_status = status;
        return status;
    }
    sq_update_model(model, training, &o, &factor);
    training->step++;
    return SEQNN_OK;
}

SQ_LOCAL bool sq_optimizer_is_ready(const seqnn_model *model,
                                    const seqnn_optimizer *optimizer)
{
    const sq_training *training = (const sq_training *)model->training;
    seqnn_optimizer o = *optimizer;
    return !sq_resolve_optimizer(&o) && training->kind == o.kind &&
           (training->m || !sq_has_m(&o)) && (training->v || o.kind == SEQNN_SGD);
}

SQ_LOCAL void sq_judged_step(seqnn_model *model, const seqnn_optimizer *optimizer)
{
    seqnn_optimizer o = *optimizer;
    sq_resolve_optimizer(&o);
    sq_update_model(model, (const sq_training *)model->training, &o, NULL);
}

SQ_LOCAL seqnn_status sq_checked_step(seqnn_model *model,
                                      const seqnn_optimizer *optimizer)
{
    seqnn_status status = sq_gradient_norms(model, "step", NULL, NULL);
    return status ? status : sq_step(model, optimizer, 1);
}

SEQNN_API seqnn_status seqnn_step(seqnn_model *model, seqnn_optimizer optimizer)
{
    seqnn_status status = sq_checked_step(model, &optimizer);
    return status ? status : sq_training_wait(model);
}
