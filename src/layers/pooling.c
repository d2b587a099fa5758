#include "pooling.h"
#include "graph.h"
#include "parallel.h"

/* ---- max over time ---- */

typedef struct sq_max_pool {
    seqnn_layer base;
    int32_t *winner; /* [batch, features] step of the maximum, by packed position */
} sq_max_pool;

static void sq_max_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                        seqnn_size rows)
{
    (void)rows;
    ((sq_max_pool *)layer)->winner = (int32_t *)sq_arena_take(
        arena, sq_multiply(batch, layer->out.features), sizeof(int32_t));
}

/* y becomes the larger of x and y, and winner the step s where that is x. */
static void sq_max_step(seqnn_size n, int32_t s, const seqnn_real *SQ_RESTRICT x,
                        seqnn_real *SQ_RESTRICT y, int32_t *SQ_RESTRICT winner)
{
    for (seqnn_size j = 0; j < n; j++) {
        const bool larger = x[j] > y[j];
        winner[j] = larger ? s : winner[j];
        y[j] = larger ? x[j] : y[j];
    }
}

/* Sequences go through time together, in the order in which their steps lie in memory. */
static void sq_max_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_max_pool *own = (const sq_max_pool *)context;
    const sq_signal *in = own->base.in;
    const sq_packing *packing = in->packing;
    const seqnn_size features = in->features;
    const size_t bytes = (size_t)features * sizeof(seqnn_real);
    for (seqnn_size k = begin; k < end; k++) { /* the first step, or none */
        seqnn_real *y = own->base.out.value + packing->order[k] * features;
        if (packing->length[k] > 0)
            memcpy(y, in->value + k * features, bytes);
        else
            memset(y, 0, bytes);
        memset(own->winner + k * features, 0, (size_t)features * sizeof *own->winner);
    }
    for (seqnn_size s = 1; s < packing->steps; s++)
        for (seqnn_size k = begin; k < sq_min(end, sq_active(packing, s)); k++)
            sq_max_step(features, (int32_t)s,
                        in->value + (packing->offset[s] + k) * features,
                        own->base.out.value + packing->order[k] * features,
                        own->winner + k * features);
}

/* So many sequences that their maxima stay in the nearest cache. */
static seqnn_size sq_pooled_at_once(seqnn_size features)
{
    return sq_max(1, 2048 / features);
}

static seqnn_status sq_max_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *in = layer->in;
    (void)mode;
    sq_parallel(in->packing->batch, sq_pooled_at_once(in->features), sq_max_piece, layer);
    return SEQNN_OK;
}

/* Every dx: dy where its step has won, and 0 elsewhere. */
static void sq_max_gradient_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_max_pool *own = (const sq_max_pool *)context;
    const sq_signal *in = own->base.in;
    const sq_packing *packing = in->packing;
    const seqnn_size features = in->features;
    const bool add = in->gradient_written;
    for (seqnn_size s = 0; s < packing->steps; s++)
        for (seqnn_size k = begin; k < sq_min(end, sq_active(packing, s)); k++) {
            const seqnn_real *SQ_RESTRICT dy =
                own->base.out.gradient + packing->order[k] * features;
            const int32_t *SQ_RESTRICT winner = own->winner + k * features;
            seqnn_real *SQ_RESTRICT dx =
                in->gradient + (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                dx[j] = (add ? dx[j] : 0) + (winner[j] == (int32_t)s ? dy[j] : 0);
        }
}

static void sq_max_backward(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_parallel(in->packing->batch, sq_pooled_at_once(in->features),
                sq_max_gradient_piece, layer);
    in->gradient_written = true;
}

/* ---- mean over time ---- */

static seqnn_status sq_mean_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_packing *packing = layer->in->packing;
    seqnn_size features = layer->out.features;
    (void)mode;
    for (seqnn_size k = 0; k < packing->batch; k++) {
        seqnn_real *y = layer->out.value + packing->order[k] * features;
        memset(y, 0, (size_t)features * sizeof *y);
        for (seqnn_size s = 0; s < packing->length[k]; s++) {
            const seqnn_real *x = layer->in->value + (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                y[j] += x[j];
        }
        seqnn_real length = (seqnn_real)sq_max(packing->length[k], 1);
        for (seqnn_size j = 0; j < features; j++)
            y[j] /= length;
    }
    return SEQNN_OK;
}

static void sq_mean_backward(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    const sq_packing *packing = in->packing;
    seqnn_size features = layer->out.features;
    if (!in->gradient_wanted)
        return;
    if (!in->gradient_written)
        memset(in->gradient, 0, (size_t)(in->rows * features) * sizeof(seqnn_real));
    in->gradient_written = true;
    for (seqnn_size k = 0; k < packing->batch; k++) {
        const seqnn_real *dy = layer->out.gradient + packing->order[k] * features;
        seqnn_real length = (seqnn_real)packing->length[k];
        for (seqnn_size s = 0; s < packing->length[k]; s++) {
            seqnn_real *dx = in->gradient + (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                dx[j] += dy[j] / length;
        }
    }
}

/* ---- flatten ---- */

typedef struct sq_flatten_layer {
    seqnn_layer base;
    seqnn_real *part; /* [rows, features of a step] the gradient in packed order */
} sq_flatten_layer;

static void sq_flatten_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    (void)batch;
    ((sq_flatten_layer *)layer)->part = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->inputs[0]->out.features), sizeof(seqnn_real));
}

static seqnn_status sq_check_flatten(const seqnn_layer *layer)
{
    const sq_packing *packing = layer->in->packing;
    if (packing->rows == packing->batch * packing->time &&
        packing->time == layer->inputs[0]->time)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_SHAPE,
                   "flatten '%s': takes sequences of %td steps each, none of them "
                   "padding; a batch of %td has %td steps in all",
                   layer->name, layer->inputs[0]->time, packing->batch, packing->rows);
}

static seqnn_status sq_flatten_forward(seqnn_layer *layer, seqnn_mode mode)
{
    seqnn_status status = sq_check_flatten(layer);
    (void)mode;
    if (!status)
        sq_unpack_rows(layer->in->packing, layer->in->features, layer->in->value,
                       layer->out.value);
    return status;
}

static void sq_flatten_backward(seqnn_layer *layer)
{
    seqnn_real *part = ((sq_flatten_layer *)layer)->part;
    sq_signal *in = layer->in;
    sq_pack_rows(in->packing, in->features, layer->out.gradient, part);
    sq_signal_add_gradient(in, part);
}

/* ---- construction ---- */

static const sq_layer_option *sq_pooling_options(void)
{
    static const sq_layer_option options[] = {
        {"name", SQ_OPTION_NAME, offsetof(seqnn_pooling_options, name), NULL},
        {"input", SQ_OPTION_LAYER, offsetof(seqnn_pooling_options, input), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
    return options;
}

static seqnn_layer *sq_max_make(seqnn_model *model, const void *given)
{
    return seqnn_global_max_pool(model, *(const seqnn_pooling_options *)given);
}

static seqnn_layer *sq_mean_make(seqnn_model *model, const void *given)
{
    return seqnn_global_mean_pool(model, *(const seqnn_pooling_options *)given);
}

static seqnn_layer *sq_flatten_make(seqnn_model *model, const void *given)
{
    return seqnn_flatten(model, *(const seqnn_pooling_options *)given);
}

static const sq_layer_type sq_max_type = {"global_max_pool",
                                          sizeof(sq_max_pool),
                                          sq_max_plan,
                                          sq_max_forward,
                                          sq_max_backward,
                                          NULL,
                                          sizeof(seqnn_pooling_options),
                                          sq_pooling_options,
                                          sq_max_make};
static const sq_layer_type sq_mean_type = {"global_mean_pool",
                                           sizeof(seqnn_layer),
                                           NULL,
                                           sq_mean_forward,
                                           sq_mean_backward,
                                           NULL,
                                           sizeof(seqnn_pooling_options),
                                           sq_pooling_options,
                                           sq_mean_make};
static const sq_layer_type sq_flatten_type = {"flatten",
                                              sizeof(sq_flatten_layer),
                                              sq_flatten_plan,
                                              sq_flatten_forward,
                                              sq_flatten_backward,
                                              NULL,
                                              sizeof(seqnn_pooling_options),
                                              sq_pooling_options,
                                              sq_flatten_make};

SQ_LOCAL const sq_layer_type *sq_max_pool_kind(void)
{
    return &sq_max_type;
}

SQ_LOCAL const sq_layer_type *sq_mean_pool_kind(void)
{
    return &sq_mean_type;
}

SQ_LOCAL const sq_layer_type *sq_flatten_kind(void)
{
    return &sq_flatten_type;
}

static seqnn_layer *sq_pooling_new(seqnn_model *model, const sq_layer_type *type,
                                   const seqnn_pooling_options *options)
{
    seqnn_layer *layer =
        sq_layer_new(model, type, options->name, options->input, options);
    if (!layer)
        return NULL;
    if (layer->inputs[0]->source < 0) {
        sq_model_fail(
            model, SEQNN_ERROR_SHAPE,
            "%s '%s': input '%s' is [batch, %td], expected [batch, time, features]",
            type->kind, layer->name, layer->inputs[0]->name, layer->in->features);
        return NULL;
    }
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], false);
    return layer;
}

SEQNN_API seqnn_layer *seqnn_global_max_pool(seqnn_model *model,
                                             seqnn_pooling_options options)
{
    return sq_pooling_new(model, &sq_max_type, &options);
}

SEQNN_API seqnn_layer *seqnn_global_mean_pool(seqnn_model *model,
                                              seqnn_pooling_options options)
{
    return sq_pooling_new(model, &sq_mean_type, &options);
}

SEQNN_API seqnn_layer *seqnn_flatten(seqnn_model *model, seqnn_pooling_options options)
{
    seqnn_layer *layer = sq_pooling_new(model, &sq_flatten_type, &options);
    if (!layer)
        return NULL;
    seqnn_size time = layer->inputs[0]->time;
    seqnn_size features = sq_multiply(time, layer->in->features);
    if (time == 0 || features < 0) {
        sq_model_fail(
            model, SEQNN_ERROR_SHAPE,
            "flatten '%s': the length of '%s' is not fixed; give its source the "
            "option time",
            layer->name, layer->inputs[0]->name);
        return NULL;
    }
    layer->out.features = features;
    return layer;
}
