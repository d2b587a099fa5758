#include "embedding.h"
#include "distinct.h"

typedef struct sq_embedding {
    seqnn_layer base;
    sq_distinct distinct;
    sq_touched touched;
} sq_embedding;

static void sq_embedding_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                              seqnn_size rows)
{
    (void)arena;
    (void)batch;
    sq_distinct_plan(&((sq_embedding *)layer)->distinct, &layer->model->lists, rows,
                     layer->vocabulary);
}

/* y_t = table[x_t], for every step or for every distinct word: whether it pays is decided
 * by how many there are. */
static seqnn_status sq_embedding_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_distinct *distinct = &((sq_embedding *)layer)->distinct;
    sq_signal *out = &layer->out;
    seqnn_status status = sq_distinct_read(distinct, layer);
    if (status)
        return status;
    if (!layer->model->lone_forward && distinct->count <= out->rows * 9 / 10 &&
        sq_readers_take_distinct(layer, mode))
        out->distinct = distinct;
    sq_gather(out->distinct ? distinct->count : out->rows, out->features,
              layer->parameters[0].view.value, distinct->words,
              out->distinct ? NULL : distinct->of_row, out->value);
    return SEQNN_OK;
}

/* dtable[x_t] += dy_t */
static void sq_embedding_backward(seqnn_layer *layer)
{
    sq_embedding *own = (sq_embedding *)layer;
    sq_distinct *distinct = &own->distinct;
    const sq_signal *out = &layer->out;
    if (!sq_trains(layer, 0))
        return;
    sq_touch(&own->touched, distinct->count, distinct->words);
    if (out->distinct)
        sq_add_rows(distinct->count, out->features, out->gradient, distinct->words,
                    layer->parameters[0].view.gradient);
    else
        sq_distinct_sum(distinct, out->rows, out->features, out->gradient,
                        distinct->words, layer->parameters[0].view.gradient);
}

/* ---- construction ---- */

typedef struct sq_embedding_given {
    seqnn_size vocabulary, features;
    seqnn_embedding_options options;
} sq_embedding_given;

static const sq_layer_option *sq_embedding_options(void)
{
#define SQ_FIELD(field) offsetof(sq_embedding_given, field)
    static const sq_layer_option options[] = {
        {"vocabulary", SQ_OPTION_SIZE, SQ_FIELD(vocabulary), NULL},
        {"features", SQ_OPTION_SIZE, SQ_FIELD(features), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"mask_zero", SQ_OPTION_BOOL, SQ_FIELD(options.mask_zero), NULL},
        {"time", SQ_OPTION_SIZE, SQ_FIELD(options.time), NULL},
        {"initializer", SQ_OPTION_INITIALIZER, SQ_FIELD(options.initializer), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_embedding_make(seqnn_model *model, const void *given)
{
    const sq_embedding_given *from = (const sq_embedding_given *)given;
    return seqnn_embedding(model, from->vocabulary, from->features, from->options);
}

static const sq_layer_type sq_embedding_type = {"embedding",
                                                sizeof(sq_embedding),
                                                sq_embedding_plan,
                                                sq_embedding_forward,
                                                sq_embedding_backward,
                                                NULL,
                                                sizeof(sq_embedding_given),
                                                sq_embedding_options,
                                                sq_embedding_make};

SQ_LOCAL const sq_layer_type *sq_embedding_kind(void)
{
    return &sq_embedding_type;
}

SEQNN_API seqnn_layer *seqnn_embedding(seqnn_model *model, seqnn_size vocabulary,
                                       seqnn_size features,
                                       seqnn_embedding_options options)
{
    sq_embedding_given given = {vocabulary, features, options};
    seqnn_layer *layer = sq_source_new(model, &sq_embedding_type, options.name,
                                       SQ_INDICES, features, options.time, &given);
    if (!layer)
        return NULL;
    if (vocabulary < 1 || vocabulary > INT32_MAX) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "embedding '%s': a vocabulary of %td words, expected 1 to %d",
                      layer->name, vocabulary, (int)INT32_MAX);
        return NULL;
    }
    sq_embedding *own = (sq_embedding *)layer;
    layer->vocabulary = vocabulary;
    model->sources[layer->source].mask_zero = options.mask_zero;
    layer->frozen = options.frozen;
    sq_parameter *table = sq_layer_add_parameter(layer, "table", vocabulary, features, 1,
                                                 options.initializer, SEQNN_UNIFORM);
    table->touched = &own->touched;
    if (options.vectors && !model->status) {
        seqnn_size count = vocabulary * features;
        table->given = (seqnn_real *)sq_allocate(count, sizeof *table->given);
        if (table->given)
            memcpy(table->given, options.vectors, (size_t)count * sizeof *table->given);
        else
            sq_model_fail(model, SEQNN_ERROR_MEMORY,
                          "embedding '%s': no memory for %td "
                          "vectors",
                          layer->name, vocabulary);
    }
    return model->status ? NULL : layer;
}
