#include "dropout.h"
#include "graph.h"

typedef struct sq_dropout {
    seqnn_layer base;
    seqnn_real rate;
    bool per_sequence;
    bool dropped;     /* the last forward pass was a training pass */
    seqnn_real *mask; /* [rows, features] */
} sq_dropout;

static void sq_dropout_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    (void)batch;
    ((sq_dropout *)layer)->mask = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->out.features), sizeof(seqnn_real));
}

/* The mask of a row is numbered by the user's sample and step, not by its place in the
 * packed batch. */
static void sq_dropout_draw(sq_dropout *own)
{
    const sq_signal *out = &own->base.out;
    for (seqnn_size r = 0; r < out->rows; r++) {
        seqnn_size at = r;
        if (out->packing) {
            at = out->packing->source[r];
            if (own->per_sequence)
                at /= out->packing->time;
        }
        sq_dropout_mask(&own->base, 0, own->rate, at * out->features, out->features,
                        own->mask + r * out->features);
    }
}

/* y = x * mask */
static seqnn_status sq_dropout_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dropout *own = (sq_dropout *)layer;
    const seqnn_real *x = layer->in->value;
    seqnn_real *y = layer->out.value;
    seqnn_size count = layer->out.rows * layer->out.features;
    own->dropped = mode == SEQNN_TRAIN && own->rate > 0;
    if (!own->dropped) {
        memcpy(y, x, (size_t)count * sizeof *y);
        return SEQNN_OK;
    }
    sq_dropout_draw(own);
    for (seqnn_size i = 0; i < count; i++)
        y[i] = x[i] * own->mask[i];
    return SEQNN_OK;
}

/* dx = dy * mask */
static void sq_dropout_backward(seqnn_layer *layer)
{
    const sq_dropout *own = (const sq_dropout *)layer;
    const seqnn_real *dy = layer->out.gradient;
    sq_signal *in = layer->in;
    seqnn_size count = layer->out.rows * layer->out.features;
    if (!own->dropped) {
        sq_signal_add_gradient(in, dy);
        return;
    }
    if (!in->gradient_wanted)
        return;
    for (seqnn_size i = 0; i < count; i++)
        in->gradient[i] =
            (in->gradient_written ? in->gradient[i] : 0) + own->mask[i] * dy[i];
    in->gradient_written = true;
}

/* ---- construction ---- */

typedef struct sq_dropout_given {
    seqnn_real rate;
    seqnn_dropout_options options;
} sq_dropout_given;

static const sq_layer_option *sq_dropout_options(void)
{
#define SQ_FIELD(field) offsetof(sq_dropout_given, field)
    static const sq_layer_option options[] = {
        {"rate", SQ_OPTION_REAL, SQ_FIELD(rate), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"input", SQ_OPTION_LAYER, SQ_FIELD(options.input), NULL},
        {"per_sequence", SQ_OPTION_BOOL, SQ_FIELD(options.per_sequence), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_dropout_make(seqnn_model *model, const void *given)
{
    const sq_dropout_given *from = (const sq_dropout_given *)given;
    return seqnn_dropout(model, from->rate, from->options);
}

static const sq_layer_type sq_dropout_type = {"dropout",
                                              sizeof(sq_dropout),
                                              sq_dropout_plan,
                                              sq_dropout_forward,
                                              sq_dropout_backward,
                                              NULL,
                                              sizeof(sq_dropout_given),
                                              sq_dropout_options,
                                              sq_dropout_make};

SQ_LOCAL const sq_layer_type *sq_dropout_kind(void)
{
    return &sq_dropout_type;
}

SEQNN_API seqnn_layer *seqnn_dropout(seqnn_model *model, seqnn_real rate,
                                     seqnn_dropout_options options)
{
    sq_dropout_given given = {rate, options};
    seqnn_layer *layer =
        sq_layer_new(model, &sq_dropout_type, options.name, options.input, &given);
    if (!layer)
        return NULL;
    if (!(rate >= 0 && rate < 1)) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "dropout '%s': rate %g, expected 0 <= rate < 1", layer->name,
                      (double)rate);
        return NULL;
    }
    sq_dropout *own = (sq_dropout *)layer;
    own->rate = rate;
    own->per_sequence = options.per_sequence;
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], true);
    return layer;
}
