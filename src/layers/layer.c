#include "distinct.h"

SEQNN_API const char *seqnn_layer_name(const seqnn_layer *layer)
{
    return layer ? layer->name : "";
}

SEQNN_API const char *seqnn_layer_kind(const seqnn_layer *layer)
{
    return layer ? layer->type->kind : "";
}

SEQNN_API seqnn_size seqnn_layer_features(const seqnn_layer *layer)
{
    return layer ? layer->out.features : 0;
}

SEQNN_API bool seqnn_layer_is_sequence(const seqnn_layer *layer)
{
    return layer && layer->source >= 0;
}

SEQNN_API seqnn_size seqnn_layer_parameters(const seqnn_layer *layer)
{
    return layer ? layer->parameter_count : 0;
}

SEQNN_API seqnn_parameter *seqnn_layer_parameter_at(seqnn_layer *layer, seqnn_size i)
{
    if (i < 0 || i >= seqnn_layer_parameters(layer)) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "%s: there is no parameter %td",
                layer ? layer->name : "layer NULL", i);
        return NULL;
    }
    return sq_model_build(layer->model) ? NULL : &layer->parameters[i].view;
}

SEQNN_API seqnn_parameter *seqnn_layer_parameter(seqnn_layer *layer, const char *name)
{
    for (seqnn_size i = 0; i < seqnn_layer_parameters(layer); i++)
        if (strcmp(layer->parameters[i].view.name, name) == 0)
            return seqnn_layer_parameter_at(layer, i);
    sq_fail(SEQNN_ERROR_ARGUMENT, "%s: there is no parameter '%s'",
            layer ? layer->name : "layer NULL", name);
    return NULL;
}

SEQNN_API seqnn_status seqnn_layer_set(seqnn_layer *layer, const char *name,
                                       const seqnn_real *values)
{
    seqnn_parameter *parameter = seqnn_layer_parameter(layer, name);
    if (!parameter)
        return SEQNN_ERROR_ARGUMENT;
    if (!values)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: the values of '%s' are NULL",
                       layer->name, name);
    memcpy(parameter->value, values,
           (size_t)(parameter->rows * parameter->columns) * sizeof *values);
    return SEQNN_OK;
}

/* Room for such rows in the user's order; no data if there is none. */
static seqnn_tensor sq_unpacked_room(seqnn_layer *layer, const sq_packing *packing,
                                     seqnn_size features)
{
    seqnn_tensor tensor;
    memset(&tensor, 0, sizeof tensor);
    seqnn_size cells =
        sq_multiply(packing ? packing->batch * packing->time : layer->out.rows, features);
    void *memory = layer->unpacked;
    if (cells < 0)
        sq_fail(SEQNN_ERROR_MEMORY, "layer output: too many numbers");
    if (cells < 0 ||
        sq_grow(&memory, &layer->unpacked_capacity, cells, sizeof(seqnn_real)))
        return tensor;
    layer->unpacked = (seqnn_real *)memory;
    tensor.data = layer->unpacked;
    if (packing) {
        tensor.rank = 3;
        tensor.shape[0] = packing->batch;
        tensor.shape[1] = packing->time;
        tensor.shape[2] = features;
    } else {
        tensor.rank = 2;
        tensor.shape[0] = layer->out.rows;
        tensor.shape[1] = features;
    }
    return tensor;
}

SQ_LOCAL seqnn_tensor sq_unpacked_rows(seqnn_layer *layer, const sq_packing *packing,
                                       const seqnn_real *rows, seqnn_size features)
{
    const seqnn_size count = (packing ? packing->rows : layer->out.rows) * features;
    seqnn_tensor tensor = sq_unpacked_room(layer, packing, features);
    if (sq_read(layer->model, &rows, count))
        memset(&tensor, 0, sizeof tensor);
    if (tensor.data && packing)
        sq_unpack_rows(packing, features, rows, layer->unpacked);
    else if (tensor.data)
        memcpy(layer->unpacked, rows, (size_t)count * sizeof *rows);
    return tensor;
}

static seqnn_tensor sq_layer_tensor(seqnn_layer *layer, bool gradient)
{
    seqnn_tensor nothing;
    memset(&nothing, 0, sizeof nothing);
    if (!layer || !layer->model->count || layer->model->run_status) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "layer output: there was no forward pass");
        return nothing;
    }
    sq_signal *out = &layer->out;
    if (gradient && layer->type == sq_one_hot_kind()) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "layer output: dL/dy of one_hot '%s' is not computed; an embedding with "
                "the identity for its vectors has one",
                layer->name);
        return nothing;
    }
    if (gradient)
        sq_settle_rows(layer);
    else if (out->distinct) {
        seqnn_tensor tensor = sq_unpacked_room(layer, out->packing, out->features);
        const seqnn_real *rows = out->value;
        if (rows && sq_read(layer->model, &rows, sq_signal_size(out)))
            return nothing; /* those of a one-hot source are not written down */
        if (tensor.data)
            sq_distinct_unpack(out, rows, layer->unpacked);
        return tensor;
    }
    return sq_unpacked_rows(layer, out->packing, gradient ? out->gradient : out->value,
                            out->features);
}

SEQNN_API seqnn_tensor seqnn_layer_output(seqnn_layer *layer)
{
    return sq_layer_tensor(layer, false);
}

SEQNN_API seqnn_tensor seqnn_layer_output_gradient(seqnn_layer *layer)
{
    return sq_layer_tensor(layer, true);
}
