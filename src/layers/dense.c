#include "dense.h"
#include "activation_rows.h"
#include "bias.h"
#include "graph.h"
#include "product.h"

typedef struct sq_dense {
    seqnn_layer base;
    seqnn_activation activation;
    seqnn_real *z, *dz; /* [rows, units]; y and dL/dy themselves if linear */
} sq_dense;

enum { SQ_DENSE_W, SQ_DENSE_B };

static void sq_dense_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                          seqnn_size rows)
{
    sq_dense *own = (sq_dense *)layer;
    (void)batch;
    own->z = layer->out.value;
    own->dz = layer->out.gradient;
    if (own->activation == SEQNN_LINEAR)
        return;
    seqnn_size cells = sq_multiply(rows, layer->out.features);
    own->z = (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
    own->dz = (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
}

/* y = g(x W + b) */
static seqnn_status sq_dense_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dense *own = (sq_dense *)layer;
    const sq_signal *x = layer->in;
    seqnn_size units = layer->out.features;
    const seqnn_real *W = layer->parameters[SQ_DENSE_W].view.value;
    const seqnn_real *b = layer->parameter_count > SQ_DENSE_B
                              ? layer->parameters[SQ_DENSE_B].view.value
                              : NULL;
    (void)mode;
    sq_matmul_bias(x->rows, units, x->features, x->value, x->features, W, units, b,
                   own->z, units);
    if (own->activation != SEQNN_LINEAR)
        sq_activation_rows(own->activation, x->rows, units, own->z, layer->out.value);
    layer->out.logits = own->z;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

/* dz = dy * g'(z),  dW += x^T dz,  db += sum dz,  dx = dz W^T */
static void sq_dense_backward(seqnn_layer *layer)
{
    sq_dense *own = (sq_dense *)layer;
    sq_signal *x = layer->in;
    const sq_signal *y = &layer->out;
    seqnn_size units = y->features, inputs = x->features;
    const seqnn_real *dz = own->dz;
    if (y->gradient_is_of_logits)
        dz = y->gradient;
    else if (own->activation != SEQNN_LINEAR)
        sq_activation_gradient(own->activation, y->rows, units, y->value, y->gradient,
                               own->dz);
    seqnn_parameter *W = &layer->parameters[SQ_DENSE_W].view;
    if (!W->frozen)
        sq_matmul(true, false, inputs, units, x->rows, x->value, inputs, dz, units, true,
                  W->gradient, units);
    if (layer->parameter_count > SQ_DENSE_B && sq_trains(layer, SQ_DENSE_B))
        sq_bias_gradient(y->rows, units, dz, units,
                         layer->parameters[SQ_DENSE_B].view.gradient);
    if (!x->gradient_wanted)
        return;
    sq_matmul(false, true, x->rows, inputs, units, dz, units, W->value, units,
              x->gradient_written, x->gradient, inputs);
    x->gradient_written = true;
}

/* ---- construction ---- */

typedef struct sq_dense_given {
    seqnn_size units;
    seqnn_dense_options options;
} sq_dense_given;

static const sq_layer_option *sq_dense_options(void)
{
#define SQ_FIELD(field) offsetof(sq_dense_given, field)
    static const sq_layer_option options[] = {
        {"units", SQ_OPTION_SIZE, SQ_FIELD(units), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"input", SQ_OPTION_LAYER, SQ_FIELD(options.input), NULL},
        {"activation", SQ_OPTION_WORD, SQ_FIELD(options.activation), sq_activation_word},
        {"no_bias", SQ_OPTION_BOOL, SQ_FIELD(options.no_bias), NULL},
        {"initializer", SQ_OPTION_INITIALIZER, SQ_FIELD(options.initializer), NULL},
        {"bias_initializer", SQ_OPTION_INITIALIZER, SQ_FIELD(options.bias_initializer),
         NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_dense_make(seqnn_model *model, const void *given)
{
    const sq_dense_given *from = (const sq_dense_given *)given;
    return seqnn_dense(model, from->units, from->options);
}

static const sq_layer_type sq_dense_type = {"dense",
                                            sizeof(sq_dense),
                                            sq_dense_plan,
                                            sq_dense_forward,
                                            sq_dense_backward,
                                            NULL,
                                            sizeof(sq_dense_given),
                                            sq_dense_options,
                                            sq_dense_make};

SQ_LOCAL const sq_layer_type *sq_dense_kind(void)
{
    return &sq_dense_type;
}

SEQNN_API seqnn_layer *seqnn_dense(seqnn_model *model, seqnn_size units,
                                   seqnn_dense_options options)
{
    sq_dense_given given = {units, options};
    seqnn_layer *layer =
        sq_layer_new(model, &sq_dense_type, options.name, options.input, &given);
    if (!layer || !sq_check_activation(layer, options.activation))
        return NULL;
    if (units < 1) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "dense '%s': %td units, expected at least 1", layer->name, units);
        return NULL;
    }
    sq_dense *own = (sq_dense *)layer;
    own->activation = options.activation ? options.activation : SEQNN_LINEAR;
    layer->frozen = options.frozen;
    sq_layer_shape(layer, units, layer->inputs[0], true);
    sq_layer_add_parameter(layer, "W", layer->in->features, units, 1, options.initializer,
                           SEQNN_GLOROT_UNIFORM);
    if (!options.no_bias)
        sq_layer_add_parameter(layer, "b", 1, units, 1, options.bias_initializer,
                               SEQNN_ZEROS);
    return model->status ? NULL : layer;
}
