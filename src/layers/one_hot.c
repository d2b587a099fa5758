#include "one_hot.h"
#include "distinct.h"

typedef struct sq_one_hot {
    seqnn_layer base;
    sq_distinct distinct;
} sq_one_hot;

static void sq_one_hot_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    (void)arena;
    (void)batch;
    sq_distinct_plan(&((sq_one_hot *)layer)->distinct, &layer->model->lists, rows,
                     layer->vocabulary);
}

/* y_t = e_(x_t), written out only for who reads it so. */
static seqnn_status sq_one_hot_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_distinct *distinct = &((sq_one_hot *)layer)->distinct;
    sq_signal *out = &layer->out;
    seqnn_status status = sq_distinct_read(distinct, layer);
    if (status)
        return status;
    if (!out->value || sq_readers_take_distinct(layer, mode)) {
        out->distinct = distinct;
        return SEQNN_OK;
    }
    memset(out->value, 0, (size_t)(out->rows * out->features) * sizeof *out->value);
    for (seqnn_size r = 0; r < out->rows; r++)
        out->value[r * out->features + distinct->words[distinct->of_row[r]]] = 1;
    return SEQNN_OK;
}

/* Nothing lies below. */
static void sq_one_hot_backward(seqnn_layer *layer)
{
    (void)layer;
}

/* ---- construction ---- */

typedef struct sq_one_hot_given {
    seqnn_size vocabulary;
    seqnn_one_hot_options options;
} sq_one_hot_given;

static const sq_layer_option *sq_one_hot_options(void)
{
#define SQ_FIELD(field) offsetof(sq_one_hot_given, field)
    static const sq_layer_option options[] = {
        {"vocabulary", SQ_OPTION_SIZE, SQ_FIELD(vocabulary), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"mask_zero", SQ_OPTION_BOOL, SQ_FIELD(options.mask_zero), NULL},
        {"time", SQ_OPTION_SIZE, SQ_FIELD(options.time), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_one_hot_make(seqnn_model *model, const void *given)
{
    const sq_one_hot_given *from = (const sq_one_hot_given *)given;
    return seqnn_one_hot_source(model, from->vocabulary, from->options);
}

static const sq_layer_type sq_one_hot_type = {"one_hot",
                                              sizeof(sq_one_hot),
                                              sq_one_hot_plan,
                                              sq_one_hot_forward,
                                              sq_one_hot_backward,
                                              NULL,
                                              sizeof(sq_one_hot_given),
                                              sq_one_hot_options,
                                              sq_one_hot_make};

SQ_LOCAL const sq_layer_type *sq_one_hot_kind(void)
{
    return &sq_one_hot_type;
}

SEQNN_API seqnn_layer *seqnn_one_hot_source(seqnn_model *model, seqnn_size vocabulary,
                                            seqnn_one_hot_options options)
{
    sq_one_hot_given given = {vocabulary, options};
    seqnn_layer *layer = sq_source_new(model, &sq_one_hot_type, options.name, SQ_INDICES,
                                       sq_max(vocabulary, 1), options.time, &given);
    if (!layer)
        return NULL;
    if (vocabulary < 1 || vocabulary > INT32_MAX) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "one_hot '%s': a vocabulary of %td words, expected 1 to %d",
                      layer->name, vocabulary, (int)INT32_MAX);
        return NULL;
    }
    sq_one_hot *own = (sq_one_hot *)layer;
    own->distinct.one_hot = true;
    layer->vocabulary = vocabulary;
    model->sources[layer->source].mask_zero = options.mask_zero;
    return layer;
}
