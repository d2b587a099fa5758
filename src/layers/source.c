/* The sources that are not embeddings: a series, or a vector, for every sample. */
#include "graph.h"

static seqnn_status sq_source_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_signal *out = &layer->out;
    (void)mode;
    const seqnn_dataset *batch = layer->model->batch;
    int k = 0;
    while (layer->model->sources[k].layer != layer)
        k++;
    const seqnn_real *values = batch->x[k].values;
    if (out->packing)
        sq_pack_rows(out->packing, out->features, values, out->value);
    else
        memcpy(out->value, values, (size_t)(out->rows * out->features) * sizeof *values);
    return SEQNN_OK;
}

/* Nothing lies below. */
static void sq_source_backward(seqnn_layer *layer)
{
    (void)layer;
}

static const sq_layer_type sq_sequences_type = {
    "sequences", sizeof(seqnn_layer), NULL, sq_source_forward, sq_source_backward, NULL};
static const sq_layer_type sq_vectors_type = {
    "vectors", sizeof(seqnn_layer), NULL, sq_source_forward, sq_source_backward, NULL};

SEQNN_API seqnn_layer *seqnn_sequences(seqnn_model *model, seqnn_size features,
                                       seqnn_source_options options)
{
    return sq_source_new(model, &sq_sequences_type, options.name, SQ_SERIES, features,
                         options.time);
}

SEQNN_API seqnn_layer *seqnn_vectors(seqnn_model *model, seqnn_size features,
                                     seqnn_source_options options)
{
    return sq_source_new(model, &sq_vectors_type, options.name, SQ_VECTORS, features,
                         options.time);
}
