/* Running a network: the batch's sequences are packed, layers run in order, and back. */
#include "backend.h"
#include "distinct.h"
#include "parallel.h"

/* ---- looking in ---- */

SEQNN_API seqnn_size seqnn_model_layers(const seqnn_model *model)
{
    return model ? model->layer_count : 0;
}

SEQNN_API seqnn_layer *seqnn_model_layer_at(seqnn_model *model, seqnn_size i)
{
    return model && i >= 0 && i < model->layer_count ? model->layers[i] : NULL;
}

SEQNN_API seqnn_layer *seqnn_model_layer(seqnn_model *model, const char *name)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        if (strcmp(model->layers[i]->name, name) == 0)
            return model->layers[i];
    return NULL;
}

SEQNN_API seqnn_real *seqnn_weights(seqnn_model *model, seqnn_size *count)
{
    bool built = !sq_model_build(model);
    if (count)
        *count = built ? model->weight_count : 0;
    return built ? model->weights : NULL;
}

SEQNN_API seqnn_real *seqnn_gradients(seqnn_model *model, seqnn_size *count)
{
    return seqnn_weights(model, count) ? model->gradients : NULL;
}

SEQNN_API seqnn_size seqnn_model_parameters(seqnn_model *model)
{
    seqnn_size total = 0;
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++)
            total += model->layers[i]->parameters[p].view.rows *
                     model->layers[i]->parameters[p].view.columns;
    return total;
}

/* ---- the batch comes in ---- */

static const char *sq_source_wants(const sq_source *source)
{
    switch (source->kind) {
    case SQ_INDICES:
        return "word indices [batch, time]";
    case SQ_SERIES:
        return "values [batch, time, features]";
    default:
        return "values [batch, features]";
    }
}

static seqnn_status sq_check_source(const seqnn_layer *layer, const sq_source *source,
                                    const seqnn_array *x, seqnn_size count)
{
    seqnn_size features = layer->out.features;
    bool right = source->kind == SQ_INDICES ? x->indices != NULL : x->values != NULL;
    if (!right || (x->time > 0) != (source->kind != SQ_VECTORS))
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': input is %s with %td steps, expected %s",
                       layer->type->kind, layer->name,
                       x->indices  ? "word indices"
                       : x->values ? "values"
                                   : "nothing",
                       x->time, sq_source_wants(source));
    if (source->kind != SQ_INDICES && x->features != features)
        return sq_fail(
            SEQNN_ERROR_SHAPE, "%s '%s': input is [%td, %td, %td], expected %td features",
            layer->type->kind, layer->name, count, x->time, x->features, features);
    if (layer->time && x->time != layer->time)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': input has %td steps, expected the %td it was built for",
                       layer->type->kind, layer->name, x->time, layer->time);
    return SEQNN_OK;
}

/* Where mask_zero finds no start and length in the batch, the zeros tell. */
static void sq_find_padding(sq_source *source, const seqnn_array *x, seqnn_size count)
{
    for (seqnn_size b = 0; b < count; b++) {
        const int32_t *row = x->indices + b * x->time;
        seqnn_size begin = 0, end = x->time;
        while (end > 0 && row[end - 1] == 0)
            end--;
        while (begin < end && row[begin] == 0)
            begin++;
        source->start[b] = (int32_t)begin;
        source->length[b] = (int32_t)(end - begin);
    }
}

static seqnn_status sq_pack_source(sq_source *source, sq_packing *packing,
                                   const seqnn_array *x, seqnn_size count)
{
    const int32_t *start = x->start, *length = x->length;
    if (source->kind == SQ_INDICES && !source->mask_zero)
        start = length = NULL;
    else if (source->mask_zero && !length) {
        sq_find_padding(source, x, count);
        start = source->start;
        length = source->length;
    } else if (!start != !length)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: start and length come together or not at all",
                       source->layer->name);
    return sq_pack(packing, source->layer->name, count, x->time, start, length);
}

static void sq_signal_rows(sq_signal *signal, const sq_packing *packing, seqnn_size count)
{
    signal->packing = packing;
    signal->rows = packing ? packing->rows : count;
    signal->distinct = NULL;
    signal->gradient_written = false;
    signal->gradient_is_of_logits = false;
}

static seqnn_status sq_batch_in(seqnn_model *model, const seqnn_dataset *batch)
{
    seqnn_size times[SEQNN_MAX_INPUTS] = {0};
    if (!batch || batch->count < 1)
        return sq_fail(SEQNN_ERROR_SHAPE, "forward: the batch has no samples");
    for (int k = 0; k < model->source_count; k++) {
        const sq_source *source = &model->sources[k];
        seqnn_status status =
            sq_check_source(source->layer, source, &batch->x[k], batch->count);
        if (status)
            return status;
        times[k] = batch->x[k].time;
    }
    seqnn_status status = sq_model_plan(model, batch->count, times);
    for (int k = 0; k < model->source_count && !status; k++) {
        sq_source *source = &model->sources[k];
        if (source->kind != SQ_VECTORS)
            status = sq_pack_source(source, &source->packing, &batch->x[k], batch->count);
    }
    return status;
}

/* ---- forward and backward ---- */

/* Whether something in the layer or below is trained; the layers below know already. */
static bool sq_wants_gradient(const seqnn_layer *layer)
{
    for (int p = 0; p < layer->parameter_count; p++)
        if (sq_trains(layer, p))
            return true;
    for (int i = 0; i < layer->input_count; i++)
        if (layer->inputs[i]->out.gradient_wanted)
            return true;
    return false;
}

/* What the last pass back left to be asked for will not be asked for. */
static void sq_forget_debts(seqnn_model *model)
{
    for (seqnn_size i = 0; i < model->layer_count; i++)
        model->layers[i]->owes_rows = false;
}

/* One layer alone runs on the CPU. */
static const sq_backend *sq_backend_of(const seqnn_model *model)
{
    return model->lone_forward ? NULL : model->backend;
}

/* By the backend, or after a wait for it by the CPU: of the memory of both. */
static seqnn_status sq_layer_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_backend *backend = layer->model->backend;
    seqnn_status status = SEQNN_OK;
    if (backend && backend->forward(layer, mode, &status))
        return status;
    if (backend)
        status = backend->wait(layer->model);
    return status ? status : layer->type->forward(layer, mode);
}

static void sq_layer_backward(seqnn_layer *layer)
{
    const sq_backend *backend = sq_backend_of(layer->model);
    if (backend && (backend->backward(layer) || backend->wait(layer->model)))
        return;
    layer->type->backward(layer);
}

static void sq_clear(seqnn_model *model, seqnn_real *x, seqnn_size count)
{
    if (sq_backend_of(model))
        model->backend->clear(model, x, count);
    else
        memset(x, 0, (size_t)count * sizeof *x);
}

static seqnn_status sq_run_forward(seqnn_model *model, const seqnn_dataset *batch)
{
    sq_forget_debts(model);
    seqnn_status status = sq_batch_in(model, batch);
    if (status)
        return status;
    model->count = batch->count;
    model->batch = batch;
    if (model->backend)
        status = model->backend->batch(model);
    for (seqnn_size i = 0; i < model->layer_count && !status; i++) {
        seqnn_layer *layer = model->layers[i];
        sq_signal_rows(&layer->out,
                       layer->source >= 0 ? &model->sources[layer->source].packing : NULL,
                       batch->count);
        if (layer->input_count > 0)
            layer->in = &layer->inputs[0]->out;
        status = sq_layer_forward(layer, model->mode);
    }
    model->batch = NULL;
    return status;
}

SQ_LOCAL seqnn_status sq_wait(seqnn_model *model)
{
    return model->backend ? model->backend->wait(model) : SEQNN_OK;
}

SQ_LOCAL void sq_begin(seqnn_model *model)
{
    if (model->backend)
        model->backend->begin(model);
}

SQ_LOCAL seqnn_status sq_read(seqnn_model *model, const seqnn_real **x, seqnn_size count)
{
    const seqnn_status status =
        model->backend ? model->backend->read(model, x, count) : SEQNN_OK;
    if (status)
        model->run_status = status;
    return status;
}

SQ_LOCAL void sq_written(seqnn_model *model, const seqnn_real *x, seqnn_size count)
{
    if (model->backend)
        model->backend->fetch(model, x, count);
}

SQ_LOCAL seqnn_status sq_forward(seqnn_model *model, const seqnn_dataset *batch,
                                 seqnn_mode mode)
{
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    model->mode = mode;
    model->lone_forward = false;
    model->run_status = sq_run_forward(model, batch);
    if (model->run_status) /* control goes back to the user */
        sq_wait(model);
    if (mode == SEQNN_TRAIN)
        model->pass++;
    return model->run_status;
}

SEQNN_API seqnn_status seqnn_forward(seqnn_model *model, const seqnn_dataset *batch,
                                     seqnn_mode mode)
{
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    sq_begin(model);
    status = sq_forward(model, batch, mode);
    if (!status)
        status = model->run_status = sq_wait(model);
    return status;
}

SEQNN_API seqnn_tensor seqnn_output(seqnn_model *model)
{
    return seqnn_layer_output(seqnn_model_layer_at(model, seqnn_model_layers(model) - 1));
}

SEQNN_API seqnn_status seqnn_set_output_gradient(seqnn_model *model,
                                                 const seqnn_real *gradient)
{
    if (!model || !model->count || model->run_status || model->lone_forward)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "set_output_gradient: there was no forward pass to go back");
    if (!gradient)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "set_output_gradient: gradient is NULL");
    sq_signal *out = &model->layers[model->layer_count - 1]->out;
    if (out->packing)
        sq_pack_rows(out->packing, out->features, gradient, out->gradient);
    else
        memcpy(out->gradient, gradient,
               (size_t)(out->rows * out->features) * sizeof *gradient);
    out->gradient_written = true;
    out->gradient_is_of_logits = false;
    return SEQNN_OK;
}

/* A gradient reached the layer: from above, or through its final state. */
static void sq_run_backward(seqnn_layer *layer)
{
    sq_signal *out = &layer->out;
    if (!out->gradient_written && !layer->state_gradient)
        return;
    if (!out->gradient_written)
        sq_clear(layer->model, out->gradient, out->rows * out->features);
    sq_layer_backward(layer);
    layer->state_gradient = false;
}

SQ_LOCAL seqnn_status sq_backward(seqnn_model *model)
{
    if (!model || !model->count || model->run_status || model->lone_forward)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "backward: there was no forward pass to go back");
    sq_forget_debts(model);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        model->layers[i]->out.gradient_wanted = sq_wants_gradient(model->layers[i]);
    for (seqnn_size i = model->layer_count - 1; i >= 0; i--)
        sq_run_backward(model->layers[i]);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        model->layers[i]->out.gradient_written = false;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_backward(seqnn_model *model)
{
    seqnn_status status = sq_backward(model);
    if (!status)
        status = model->run_status = sq_wait(model);
    return status;
}

/* So many rows ahead of the one that is cleared. */
enum { SQ_ZERO_AHEAD = 12 };

static void sq_zero_rows(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_parameter *parameter = (const sq_parameter *)context;
    const sq_touched *touched = parameter->touched;
    const seqnn_size columns = parameter->view.columns;
    seqnn_real *gradient = parameter->view.gradient;
    for (seqnn_size t = begin; t < end; t++) {
        if (t + SQ_ZERO_AHEAD < end)
            sq_prefetch_row(gradient + touched->rows[t + SQ_ZERO_AHEAD] * columns,
                            columns);
        memset(gradient + touched->rows[t] * columns, 0,
               (size_t)columns * sizeof *gradient);
    }
}

SQ_LOCAL void sq_zero_gradients(seqnn_model *model)
{
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            sq_parameter *parameter = &model->layers[i]->parameters[p];
            const seqnn_parameter *view = &parameter->view;
            if (!parameter->touched) {
                sq_clear(model, view->gradient, view->rows * view->columns);
                continue;
            }
            if (model->backend)
                model->backend->clear_rows(model, parameter);
            else
                sq_parallel(parameter->touched->count, sq_piece_rows(view->columns),
                            sq_zero_rows, parameter);
            for (seqnn_size t = 0; t < parameter->touched->count; t++)
                parameter->touched->mark[parameter->touched->rows[t]] = 0;
            parameter->touched->count = parameter->touched->copied = 0;
        }
}

SEQNN_API void seqnn_zero_gradients(seqnn_model *model)
{
    if (!model || !model->built)
        return;
    sq_zero_gradients(model);
    seqnn_status status = sq_wait(model);
    if (status)
        model->run_status = status;
}

SEQNN_API void seqnn_mark_gradients(seqnn_model *model)
{
    if (!model || !model->built)
        return;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const sq_parameter *parameter = &model->layers[i]->parameters[p];
            sq_touched *touched = parameter->touched;
            for (int32_t row = 0; touched && row < parameter->view.rows; row++)
                sq_touch(touched, 1, &row);
        }
}

/* ---- one layer alone ---- */

/* The given x becomes the signal that the layer reads. */
static seqnn_status sq_lone_signal(seqnn_layer *layer, const seqnn_array *x,
                                   seqnn_size count)
{
    seqnn_model *model = layer->model;
    sq_signal *in = &model->lone_in;
    seqnn_size features = layer->inputs[0]->out.features;
    bool sequence = layer->inputs[0]->source >= 0;
    if (!x->values || x->features != features || (x->time > 0) != sequence)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': input is [%td, %td, %td], expected %s%td]",
                       layer->type->kind, layer->name, count, x->time, x->features,
                       sequence ? "[batch, time, " : "[batch, ", features);
    if (!x->start != !x->length)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: start and length come together or not at all", layer->name);
    if (sequence) {
        seqnn_status status = sq_pack(&model->lone.packing, layer->name, count, x->time,
                                      x->start, x->length);
        if (status)
            return status;
    }
    sq_signal_rows(in, sequence ? &model->lone.packing : NULL, count);
    seqnn_size cells = sq_multiply(sq_multiply(count, sequence ? x->time : 1), features);
    if (cells > model->lone_capacity || cells < 0) {
        sq_free(in->value);
        sq_free(in->gradient);
        in->value = (seqnn_real *)sq_allocate(cells, sizeof(seqnn_real));
        in->gradient = (seqnn_real *)sq_allocate(cells, sizeof(seqnn_real));
        model->lone_capacity = in->value && in->gradient ? cells : 0;
        if (!model->lone_capacity)
            return SEQNN_ERROR_MEMORY;
    }
    in->features = features;
    in->activation = SEQNN_LINEAR;
    in->logits = NULL;
    if (sequence)
        sq_pack_rows(in->packing, features, x->values, in->value);
    else
        memcpy(in->value, x->values, (size_t)cells * sizeof(seqnn_real));
    layer->in = in;
    return SEQNN_OK;
}

static seqnn_status sq_run_lone(seqnn_layer *layer, const seqnn_array *x,
                                seqnn_size count, seqnn_mode mode)
{
    seqnn_model *model = layer->model;
    seqnn_dataset batch;
    seqnn_size times[SEQNN_MAX_INPUTS];
    memset(&batch, 0, sizeof batch);
    if (count < 1)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: no samples", layer->name);
    if (layer->input_count > 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: a layer of two inputs cannot run alone",
                       layer->name);
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        times[k] = sq_max(x->time, 1);
    seqnn_status status = sq_model_plan(model, count, times);
    if (!status && layer->input_count == 0) { /* a source reads the batch itself */
        int k = 0;
        while (model->sources[k].layer != layer)
            k++;
        status = sq_check_source(layer, &model->sources[k], x, count);
        if (!status && model->sources[k].kind != SQ_VECTORS)
            status = sq_pack_source(&model->sources[k], &model->lone.packing, x, count);
        batch.x[k] = *x;
    } else if (!status) {
        status = sq_lone_signal(layer, x, count);
    }
    if (status)
        return status;
    batch.count = count;
    model->count = count;
    model->mode = mode;
    model->lone_forward = true;
    model->lone_layer = layer;
    model->batch = &batch;
    sq_signal_rows(&layer->out, layer->source >= 0 ? &model->lone.packing : NULL, count);
    status = layer->type->forward(layer, mode);
    model->batch = NULL;
    return status;
}

SEQNN_API seqnn_status seqnn_layer_forward(seqnn_layer *layer, const seqnn_array *x,
                                           seqnn_size count, seqnn_mode mode)
{
    if (!layer || !x)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "layer_forward: NULL");
    seqnn_status status = sq_model_build(layer->model);
    if (status)
        return status;
    sq_settle_rows(layer); /* its memory and that of what it reads will be used anew */
    for (int i = 0; i < layer->input_count; i++)
        sq_settle_rows(layer->inputs[i]);
    layer->model->run_status = sq_run_lone(layer, x, count, mode);
    if (mode == SEQNN_TRAIN)
        layer->model->pass++;
    return layer->model->run_status;
}

SEQNN_API seqnn_array seqnn_as_input(seqnn_tensor tensor)
{
    seqnn_array x;
    memset(&x, 0, sizeof x);
    x.values = tensor.data;
    x.time = tensor.rank == 3 ? tensor.shape[1] : 0;
    x.features = seqnn_tensor_columns(tensor);
    return x;
}

SEQNN_API seqnn_status seqnn_layer_backward(seqnn_layer *layer, const seqnn_real *dy,
                                            seqnn_real *dx)
{
    if (!layer || !layer->model->lone_forward || layer->model->lone_layer != layer ||
        !layer->model->count || layer->model->run_status)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "layer_backward: there was no forward pass of this layer alone");
    sq_signal *out = &layer->out, *in = layer->in;
    size_t out_bytes = (size_t)(out->rows * out->features) * sizeof(seqnn_real);
    if (!out->gradient) /* of a one-hot source */
        return SEQNN_OK;
    if (!dy)
        memset(out->gradient, 0, out_bytes);
    else if (out->packing)
        sq_pack_rows(out->packing, out->features, dy, out->gradient);
    else
        memcpy(out->gradient, dy, out_bytes);
    out->gradient_written = true;
    if (in) {
        in->gradient_wanted = dx != NULL;
        in->gradient_written = false;
    }
    sq_run_backward(layer);
    out->gradient_written = false;
    if (!in || !dx)
        return SEQNN_OK;
    if (in->packing)
        sq_unpack_rows(in->packing, in->features, in->gradient, dx);
    else
        memcpy(dx, in->gradient, (size_t)(in->rows * in->features) * sizeof(seqnn_real));
    return SEQNN_OK;
}
