#include "merge.h"
#include "graph.h"

typedef struct sq_merge_layer {
    seqnn_layer base;
    seqnn_real *part; /* [rows, features of one input] a gradient on its way down */
} sq_merge_layer;

static void sq_merge_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                          seqnn_size rows)
{
    (void)batch;
    ((sq_merge_layer *)layer)->part = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->out.features), sizeof(seqnn_real));
}

/* ---- y = a + b ---- */

static seqnn_status sq_add_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const seqnn_real *a = layer->inputs[0]->out.value, *b = layer->inputs[1]->out.value;
    seqnn_size count = layer->out.rows * layer->out.features;
    (void)mode;
    for (seqnn_size i = 0; i < count; i++)
        layer->out.value[i] = a[i] + b[i];
    return SEQNN_OK;
}

static void sq_add_backward(seqnn_layer *layer)
{
    for (int i = 0; i < 2; i++)
        sq_signal_add_gradient(&layer->inputs[i]->out, layer->out.gradient);
}

/* ---- y = [a, b] ---- */

static seqnn_status sq_concat_forward(seqnn_layer *layer, seqnn_mode mode)
{
    seqnn_size features = layer->out.features, column = 0;
    (void)mode;
    for (int i = 0; i < 2; i++) {
        const sq_signal *in = &layer->inputs[i]->out;
        for (seqnn_size r = 0; r < in->rows; r++)
            memcpy(layer->out.value + r * features + column, in->value + r * in->features,
                   (size_t)in->features * sizeof(seqnn_real));
        column += in->features;
    }
    return SEQNN_OK;
}

static void sq_concat_backward(seqnn_layer *layer)
{
    seqnn_real *part = ((sq_merge_layer *)layer)->part;
    seqnn_size features = layer->out.features, column = 0;
    for (int i = 0; i < 2; i++) {
        sq_signal *in = &layer->inputs[i]->out;
        for (seqnn_size r = 0; r < in->rows; r++)
            memcpy(part + r * in->features, layer->out.gradient + r * features + column,
                   (size_t)in->features * sizeof(seqnn_real));
        sq_signal_add_gradient(in, part);
        column += in->features;
    }
}

/* ---- construction ---- */

typedef struct sq_merge_given {
    seqnn_layer *a, *b;
    seqnn_merge_options options;
} sq_merge_given;

static const sq_layer_option *sq_merge_options(void)
{
    static const sq_layer_option options[] = {
        {"a", SQ_OPTION_LAYER, offsetof(sq_merge_given, a), NULL},
        {"b", SQ_OPTION_LAYER, offsetof(sq_merge_given, b), NULL},
        {"name", SQ_OPTION_NAME, offsetof(sq_merge_given, options.name), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
    return options;
}

static seqnn_layer *sq_add_make(seqnn_model *model, const void *given)
{
    const sq_merge_given *from = (const sq_merge_given *)given;
    return seqnn_add(model, from->a, from->b, from->options);
}

static seqnn_layer *sq_concat_make(seqnn_model *model, const void *given)
{
    const sq_merge_given *from = (const sq_merge_given *)given;
    return seqnn_concat(model, from->a, from->b, from->options);
}

static const sq_layer_type sq_add_type = {"add",
                                          sizeof(sq_merge_layer),
                                          NULL,
                                          sq_add_forward,
                                          sq_add_backward,
                                          NULL,
                                          sizeof(sq_merge_given),
                                          sq_merge_options,
                                          sq_add_make};
static const sq_layer_type sq_concat_type = {"concat",
                                             sizeof(sq_merge_layer),
                                             sq_merge_plan,
                                             sq_concat_forward,
                                             sq_concat_backward,
                                             NULL,
                                             sizeof(sq_merge_given),
                                             sq_merge_options,
                                             sq_concat_make};

SQ_LOCAL const sq_layer_type *sq_add_kind(void)
{
    return &sq_add_type;
}

SQ_LOCAL const sq_layer_type *sq_concat_kind(void)
{
    return &sq_concat_type;
}

static seqnn_layer *sq_merge_new(seqnn_model *model, const sq_layer_type *type,
                                 const sq_merge_given *given)
{
    seqnn_layer *a = given->a, *b = given->b;
    if (seqnn_ok(model) && (!a || !b)) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT, "%s: an input is NULL", type->kind);
        return NULL;
    }
    seqnn_layer *layer = sq_layer_new(model, type, given->options.name, a, given);
    if (!layer)
        return NULL;
    bool same = type == &sq_concat_type || a->out.features == b->out.features;
    if (b->model != model || a->source != b->source || !same) {
        sq_model_fail(model, SEQNN_ERROR_SHAPE,
                      "%s '%s': '%s' (%s of %td) and '%s' (%s of %td) do not fit",
                      type->kind, layer->name, a->name,
                      a->source < 0 ? "vectors" : "sequences", a->out.features, b->name,
                      b->source < 0 ? "vectors" : "sequences", b->out.features);
        return NULL;
    }
    sq_layer_add_input(layer, b);
    seqnn_size features = a->out.features;
    if (features > SQ_MAX_FEATURES || b->out.features > SQ_MAX_FEATURES) {
        sq_model_fail(model, SEQNN_ERROR_MEMORY,
                      "%s '%s': %td and %td features are too many", type->kind,
                      layer->name, features, b->out.features);
        return NULL;
    }
    sq_layer_shape(layer, type == &sq_concat_type ? features + b->out.features : features,
                   a, true);
    return layer;
}

SEQNN_API seqnn_layer *seqnn_add(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                 seqnn_merge_options options)
{
    sq_merge_given given = {a, b, options};
    return sq_merge_new(model, &sq_add_type, &given);
}

SEQNN_API seqnn_layer *seqnn_concat(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                    seqnn_merge_options options)
{
    sq_merge_given given = {a, b, options};
    return sq_merge_new(model, &sq_concat_type, &given);
}
