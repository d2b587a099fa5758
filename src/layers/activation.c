#include "activation_rows.h"
#include "graph.h"
#include "parallel.h"

SEQNN_API const char *seqnn_activation_name(seqnn_activation activation)
{
    static const char *const names[] = {"default", "linear",  "tanh",       "sigmoid",
                                        "relu",    "softmax", "log_softmax"};
    int i = (int)activation;
    return i >= 0 && i < SQ_COUNT(names) ? names[i] : "unknown";
}

SQ_LOCAL const char *sq_activation_word(int activation)
{
    return activation <= SEQNN_LOG_SOFTMAX
               ? seqnn_activation_name((seqnn_activation)activation)
               : NULL;
}

/* ---- rows ---- */

/* Four chains of comparisons: one would wait for itself. */
SQ_LOCAL seqnn_real sq_largest(seqnn_size n, const seqnn_real *x)
{
    seqnn_real most[4] = {x[0], x[0], x[0], x[0]};
    seqnn_size i = 0;
    for (; i + 4 <= n; i += 4)
        for (int chain = 0; chain < 4; chain++)
            most[chain] = x[i + chain] > most[chain] ? x[i + chain] : most[chain];
    for (; i < n; i++)
        most[0] = x[i] > most[0] ? x[i] : most[0];
    for (int chain = 1; chain < 4; chain++)
        most[0] = most[chain] > most[0] ? most[chain] : most[0];
    return most[0];
}

static void sq_softmax_row(seqnn_size n, const seqnn_real *z, bool logarithm,
                           seqnn_real *y)
{
    const seqnn_real largest = sq_largest(n, z);
    for (seqnn_size j = 0; j < n; j++)
        y[j] = z[j] - largest;
    sq_exp(n, y, y);
    const double sum = sq_sum(n, y);
    if (!logarithm) {
        sq_scale(n, (seqnn_real)(1 / sum), y);
        return;
    }
    const seqnn_real log_sum = (seqnn_real)log(sum);
    for (seqnn_size j = 0; j < n; j++)
        y[j] = z[j] - largest - log_sum;
}

/* dz_i = y_i (dy_i - sum_j dy_j y_j) of softmax, dy_i - exp(y_i) sum_j dy_j of its log.
 */
static void sq_softmax_gradient_row(seqnn_size n, const seqnn_real *y,
                                    const seqnn_real *dy, bool logarithm, seqnn_real *dz)
{
    const seqnn_real sum = (seqnn_real)(logarithm ? sq_sum(n, dy) : sq_dot(n, dy, y));
    for (seqnn_size j = 0; j < n; j++)
        dz[j] = logarithm ? dy[j] - SQ_MATH(exp)(y[j]) * sum : y[j] * (dy[j] - sum);
}

typedef struct sq_activation_work {
    seqnn_activation activation;
    seqnn_size features;
    const seqnn_real *z, *y, *dy; /* [rows, features] */
    seqnn_real *out;
} sq_activation_work;

static void sq_activation_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_activation_work *work = (const sq_activation_work *)context;
    const seqnn_size n = work->features, count = (end - begin) * n;
    const seqnn_real *z = work->z + begin * n;
    seqnn_real *y = work->out + begin * n;
    switch (work->activation) {
    case SEQNN_TANH:
        sq_tanh(count, z, y);
        break;
    case SEQNN_SIGMOID:
        sq_sigmoid(count, z, y);
        break;
    case SEQNN_RELU:
        /* Written so that NaN passes. */
        for (seqnn_size i = 0; i < count; i++)
            y[i] = z[i] < 0 ? 0 : z[i];
        break;
    case SEQNN_SOFTMAX:
    case SEQNN_LOG_SOFTMAX:
        for (seqnn_size r = 0; r < end - begin; r++)
            sq_softmax_row(n, z + r * n, work->activation == SEQNN_LOG_SOFTMAX,
                           y + r * n);
        break;
    default:
        if (y != z)
            memcpy(y, z, (size_t)count * sizeof *y);
    }
}

static void sq_activation_gradient_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_activation_work *work = (const sq_activation_work *)context;
    const seqnn_size n = work->features, count = (end - begin) * n;
    const seqnn_real *y = work->y + begin * n, *dy = work->dy + begin * n;
    seqnn_real *dz = work->out + begin * n;
    switch (work->activation) {
    case SEQNN_TANH:
        for (seqnn_size i = 0; i < count; i++)
            dz[i] = dy[i] * (1 - y[i] * y[i]);
        break;
    case SEQNN_SIGMOID:
        for (seqnn_size i = 0; i < count; i++)
            dz[i] = dy[i] * y[i] * (1 - y[i]);
        break;
    case SEQNN_RELU:
        for (seqnn_size i = 0; i < count; i++)
            dz[i] = y[i] > 0 ? dy[i] : 0;
        break;
    case SEQNN_SOFTMAX:
    case SEQNN_LOG_SOFTMAX:
        for (seqnn_size r = 0; r < end - begin; r++)
            sq_softmax_gradient_row(n, y + r * n, dy + r * n,
                                    work->activation == SEQNN_LOG_SOFTMAX, dz + r * n);
        break;
    default:
        if (dz != dy)
            memcpy(dz, dy, (size_t)count * sizeof *dz);
    }
}

SQ_LOCAL void sq_activation_rows(seqnn_activation activation, seqnn_size rows,
                                 seqnn_size features, const seqnn_real *z, seqnn_real *y)
{
    sq_activation_work work = {activation, features, z, NULL, NULL, y};
    sq_parallel(rows, sq_piece_rows(features), sq_activation_piece, &work);
}

SQ_LOCAL void sq_activation_gradient(seqnn_activation activation, seqnn_size rows,
                                     seqnn_size features, const seqnn_real *y,
                                     const seqnn_real *dy, seqnn_real *dz)
{
    sq_activation_work work = {activation, features, NULL, y, dy, dz};
    sq_parallel(rows, sq_piece_rows(features), sq_activation_gradient_piece, &work);
}

/* ---- the layer ---- */

typedef struct sq_activation_layer {
    seqnn_layer base;
    seqnn_activation activation;
    seqnn_real *dz; /* [rows, features] */
} sq_activation_layer;

static void sq_activation_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                               seqnn_size rows)
{
    sq_activation_layer *own = (sq_activation_layer *)layer;
    (void)batch;
    own->dz = (seqnn_real *)sq_arena_take(arena, sq_multiply(rows, layer->out.features),
                                          sizeof(seqnn_real));
}

static seqnn_status sq_activation_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    (void)mode;
    sq_activation_rows(own->activation, layer->out.rows, layer->out.features,
                       layer->in->value, layer->out.value);
    layer->out.logits = layer->in->value;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

static void sq_activation_backward(seqnn_layer *layer)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    const sq_signal *out = &layer->out;
    if (!layer->in->gradient_wanted)
        return;
    const seqnn_real *dz = out->gradient;
    if (!out->gradient_is_of_logits) {
        sq_activation_gradient(own->activation, out->rows, out->features, out->value,
                               out->gradient, own->dz);
        dz = own->dz;
    }
    sq_signal_add_gradient(layer->in, dz);
}

typedef struct sq_activation_given {
    seqnn_activation activation;
    seqnn_activation_options options;
} sq_activation_given;

static const sq_layer_option *sq_activation_options(void)
{
#define SQ_FIELD(field) offsetof(sq_activation_given, field)
    static const sq_layer_option options[] = {
        {"activation", SQ_OPTION_WORD, SQ_FIELD(activation), sq_activation_word},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"input", SQ_OPTION_LAYER, SQ_FIELD(options.input), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_activation_make(seqnn_model *model, const void *given)
{
    const sq_activation_given *from = (const sq_activation_given *)given;
    return seqnn_activate(model, from->activation, from->options);
}

static const sq_layer_type sq_activation_type = {"activation",
                                                 sizeof(sq_activation_layer),
                                                 sq_activation_plan,
                                                 sq_activation_forward,
                                                 sq_activation_backward,
                                                 NULL,
                                                 sizeof(sq_activation_given),
                                                 sq_activation_options,
                                                 sq_activation_make};

SQ_LOCAL const sq_layer_type *sq_activation_kind(void)
{
    return &sq_activation_type;
}

SQ_LOCAL bool sq_check_activation(seqnn_layer *layer, seqnn_activation activation)
{
    if ((int)activation >= SEQNN_ACTIVATION_DEFAULT && activation <= SEQNN_LOG_SOFTMAX)
        return true;
    sq_model_fail(layer->model, SEQNN_ERROR_ARGUMENT, "%s '%s': %d is not an activation",
                  layer->type->kind, layer->name, (int)activation);
    return false;
}

SEQNN_API seqnn_layer *seqnn_activate(seqnn_model *model, seqnn_activation activation,
                                      seqnn_activation_options options)
{
    sq_activation_given given = {activation, options};
    seqnn_layer *layer =
        sq_layer_new(model, &sq_activation_type, options.name, options.input, &given);
    if (!layer || !sq_check_activation(layer, activation))
        return NULL;
    ((sq_activation_layer *)layer)->activation = activation;
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], true);
    return layer;
}
