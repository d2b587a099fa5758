#include "gradient_check.h"
#include "recurrent.h"
#include "training.h"

/* What every evaluation of the loss starts from. */
typedef struct sq_check {
    seqnn_model *model;
    const seqnn_dataset *batch;
    const seqnn_loss_options *loss;
    double epsilon;
    uint64_t pass; /* so that all passes draw the same dropout masks */
} sq_check;

static seqnn_real sq_check_loss_now(const sq_check *check)
{
    check->model->pass = check->pass;
    seqnn_reset_states(check->model);
    if (seqnn_forward(check->model, check->batch, SEQNN_TRAIN))
        return (seqnn_real)NAN;
    return sq_loss(check->model, check->batch, check->loss, NULL);
}

/* The step that was really taken is what the sum of floats says, not epsilon. */
static double sq_central_difference(const sq_check *check, seqnn_real *w)
{
    seqnn_real before = *w;
    *w = before + (seqnn_real)check->epsilon;
    double above = (double)*w, loss_above = (double)sq_check_loss_now(check);
    *w = before - (seqnn_real)check->epsilon;
    double below = (double)*w, loss_below = (double)sq_check_loss_now(check);
    *w = before;
    return (loss_above - loss_below) / (above - below);
}

static void sq_check_tensor(const sq_check *check, const seqnn_parameter *view,
                            seqnn_size limit, seqnn_gradient_error *result)
{
    seqnn_size size = view->rows * view->columns;
    seqnn_size count = limit > 0 ? sq_min(limit, size) : size;
    double largest = 0, most = -1;
    for (seqnn_size k = 0; k < count; k++) {
        seqnn_size i = k * size / count;
        double g = (double)view->gradient[i];
        double d = sq_central_difference(check, &view->value[i]);
        result->checked++;
        largest = fmax(largest, fmax(fabs(g), fabs(d)));
        if (fabs(g - d) <= most)
            continue; /* a NaN is no smaller: it is kept */
        most = fabs(g - d);
        result->worst = i;
        result->gradient = g;
        result->difference = d;
        if (isnan(most))
            break;
    }
    result->error = largest > 0 || isnan(most) ? most / largest : 0;
}

/* The analytic gradients, once. */
static seqnn_status sq_check_backward(const sq_check *check)
{
    seqnn_zero_gradients(check->model);
    sq_check_loss_now(check);
    return check->model->run_status ? check->model->run_status
                                    : seqnn_backward(check->model);
}

SEQNN_API double seqnn_gradient_check(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_gradient_check_options options,
                                      seqnn_gradient_error *errors, seqnn_size capacity,
                                      seqnn_size *count)
{
    bool is_double = sizeof(seqnn_real) == sizeof(double);
    double worst = 0;
    seqnn_size tensors = 0;
    if (sq_model_build(model))
        return (double)NAN;
    sq_check check = {model, batch, &options.loss, is_double ? 1e-5 : 1e-2, model->pass};
    if (options.epsilon != 0)
        check.epsilon = (double)options.epsilon;
    if (sq_check_backward(&check))
        return (double)NAN;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            seqnn_gradient_error result;
            if (view->frozen)
                continue;
            memset(&result, 0, sizeof result);
            result.layer = model->layers[i]->name;
            result.parameter = view->name;
            sq_check_tensor(&check, view, options.limit, &result);
            if (model->run_status)
                return (double)NAN;
            if (errors && tensors < capacity)
                errors[tensors] = result;
            tensors++;
            if (!(result.error <= worst))
                worst = result.error;
        }
    if (count)
        *count = tensors;
    return worst;
}
