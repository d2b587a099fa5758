/* tests/gradient/check.h - finite differences of a model's loss, beside its own gradient
 *
 * The loss is L = sum_i c_i y_i over the output y with fixed random c, or a loss of the
 * library; dL/dw is compared with (L(w + e) - L(w - e)) / 2e in double precision. The
 * relative error of a tensor is max |a - n| / max |n| over the entries looked at.
 */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include "samples.h"

#define TOLERANCE 1e-7

enum { ENTRIES = 24 }; /* of each tensor, evenly spread */

typedef struct check {
    seqnn_model *model;
    seqnn_dataset batch;
    const seqnn_loss_options *loss; /* NULL: L = sum c y */
    double *c;                      /* as many as outputs */
    void (*before)(struct check *); /* called before every forward pass, or NULL */
    void *extra;
} check;

/* The loss as a function of the weights: the same dropout masks every time. */
static double check_loss(check *at)
{
    at->model->pass = 7;
    if (at->before)
        at->before(at);
    assert_int_equal(seqnn_forward(at->model, &at->batch, SEQNN_TRAIN), SEQNN_OK);
    if (at->loss)
        return seqnn_loss(at->model, &at->batch, *at->loss);
    seqnn_tensor y = seqnn_output(at->model);
    double sum = 0;
    for (seqnn_size i = 0; i < seqnn_tensor_size(y); i++)
        sum += at->c[i] * y.data[i];
    return sum;
}

static void check_backward(check *at)
{
    seqnn_zero_gradients(at->model);
    check_loss(at);
    if (!at->loss)
        assert_int_equal(seqnn_set_output_gradient(at->model, at->c), SEQNN_OK);
    assert_int_equal(seqnn_backward(at->model), SEQNN_OK);
}

static double check_parameter(check *at, const seqnn_parameter *p, const double *gradient)
{
    seqnn_size size = p->rows * p->columns, step = size > ENTRIES ? size / ENTRIES : 1;
    double worst = 0, largest = 0;
    for (seqnn_size i = 0; i < size; i += step) {
        double w = p->value[i], e = 1e-5;
        p->value[i] = w + e;
        double above = check_loss(at);
        p->value[i] = w - e;
        double below = check_loss(at);
        p->value[i] = w;
        double numeric = (above - below) / (2 * e);
        worst = fmax(worst, fabs(numeric - gradient[i]));
        largest = fmax(largest, fmax(fabs(numeric), fabs(gradient[i])));
    }
    return largest > 0 ? worst / largest : 0;
}

/* Checks every parameter, prints a row for each, and returns the largest relative error.
 */
static double check_model(check *at, const char *name)
{
    double worst = 0;
    if (!seqnn_ok(at->model))
        fail_msg("%s: %s", name, seqnn_error());
    assert_int_equal(seqnn_forward(at->model, &at->batch, SEQNN_EVALUATE), SEQNN_OK);
    seqnn_size outputs = seqnn_tensor_size(seqnn_output(at->model));
    seqnn_random random = {99, 1, 0};
    at->c = malloc((size_t)outputs * sizeof *at->c);
    for (seqnn_size i = 0; i < outputs; i++)
        at->c[i] = 2 * seqnn_random_uniform(&random) - 1;
    check_backward(at);
    seqnn_size count;
    double *gradients = seqnn_gradients(at->model, &count);
    double *kept = malloc((size_t)count * sizeof *kept);
    memcpy(kept, gradients, (size_t)count * sizeof *kept);
    for (seqnn_size l = 0; l < seqnn_model_layers(at->model); l++) {
        seqnn_layer *layer = seqnn_model_layer_at(at->model, l);
        for (seqnn_size k = 0; k < seqnn_layer_parameters(layer); k++) {
            seqnn_parameter *p = seqnn_layer_parameter_at(layer, k);
            if (p->frozen)
                continue;
            double error = check_parameter(at, p, kept + (p->gradient - gradients));
            printf("  %-44s %-20s %-6s %.1e\n", name, seqnn_layer_name(layer), p->name,
                   error);
            worst = fmax(worst, error);
        }
    }
    free(kept);
    free(at->c);
    return worst;
}

#endif
