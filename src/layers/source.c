/* The sources that are not embeddings: a series, or a vector, for every sample. */
#include "graph.h"

static int sq_source_number(const seqnn_layer *layer)
{
    int k = 0;
    while (layer->model->sources[k].layer != layer)
        k++;
    return k;
}

/* rows = the batch's values, as the layer gives them. */
static void sq_source_rows(const seqnn_layer *layer, seqnn_real *rows)
{
    const sq_signal *out = &layer->out;
    const seqnn_real *values = layer->model->batch->x[sq_source_number(layer)].values;
    if (out->packing)
        sq_pack_rows(out->packing, out->features, values, rows);
    else
        memcpy(rows, values, (size_t)(out->rows * out->features) * sizeof *values);
}

static seqnn_status sq_source_forward(seqnn_layer *layer, seqnn_mode mode)
{
    (void)mode;
    sq_source_rows(layer, layer->out.value);
    return SEQNN_OK;
}

/* Nothing lies below. */
static void sq_source_backward(seqnn_layer *layer)
{
    (void)layer;
}

/* ---- construction ---- */

typedef struct sq_source_given {
    seqnn_size features;
    seqnn_source_options options;
} sq_source_given;

static const sq_layer_option *sq_source_options(void)
{
#define SQ_FIELD(field) offsetof(sq_source_given, field)
    static const sq_layer_option options[] = {
        {"features", SQ_OPTION_SIZE, SQ_FIELD(features), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"time", SQ_OPTION_SIZE, SQ_FIELD(options.time), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_sequences_make(seqnn_model *model, const void *given)
{
    const sq_source_given *from = (const sq_source_given *)given;
    return seqnn_sequences(model, from->features, from->options);
}

static seqnn_layer *sq_vectors_make(seqnn_model *model, const void *given)
{
    const sq_source_given *from = (const sq_source_given *)given;
    return seqnn_vectors(model, from->features, from->options);
}

static const sq_layer_type sq_sequences_type = {"sequences",
                                                sizeof(seqnn_layer),
                                                NULL,
                                                sq_source_forward,
                                                sq_source_backward,
                                                NULL,
                                                sizeof(sq_source_given),
                                                sq_source_options,
                                                sq_sequences_make};
static const sq_layer_type sq_vectors_type = {"vectors",
                                              sizeof(seqnn_layer),
                                              NULL,
                                              sq_source_forward,
                                              sq_source_backward,
                                              NULL,
                                              sizeof(sq_source_given),
                                              sq_source_options,
                                              sq_vectors_make};

SQ_LOCAL const sq_layer_type *sq_sequences_kind(void)
{
    return &sq_sequences_type;
}

SQ_LOCAL const sq_layer_type *sq_vectors_kind(void)
{
    return &sq_vectors_type;
}

SEQNN_API seqnn_layer *seqnn_sequences(seqnn_model *model, seqnn_size features,
                                       seqnn_source_options options)
{
    sq_source_given given = {features, options};
    return sq_source_new(model, &sq_sequences_type, options.name, SQ_SERIES, features,
                         options.time, &given);
}

SEQNN_API seqnn_layer *seqnn_vectors(seqnn_model *model, seqnn_size features,
                                     seqnn_source_options options)
{
    sq_source_given given = {features, options};
    return sq_source_new(model, &sq_vectors_type, options.name, SQ_VECTORS, features,
                         options.time, &given);
}
