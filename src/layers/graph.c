#include "backend.h"
#include "distinct.h"

/* ---- errors that stay ---- */

SQ_LOCAL seqnn_status sq_model_fail(seqnn_model *model, seqnn_status status,
                                    const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(model->message, sizeof model->message, format, list);
    va_end(list);
    model->status = status;
    return sq_fail(status, "%s", model->message);
}

/* True if the model takes no more calls; its sentence is told again. */
static bool sq_model_refuses(seqnn_model *model)
{
    if (!model) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "model: NULL");
        return true;
    }
    if (model->status)
        sq_fail(model->status, "%s", model->message);
    return model->status != SEQNN_OK;
}

/* ---- building ---- */

SEQNN_API seqnn_model *seqnn_model_new(uint64_t seed)
{
    seqnn_model *model = (seqnn_model *)sq_allocate(1, sizeof *model);
    if (model)
        model->seed = seed;
    return model;
}

static void sq_layer_free(seqnn_layer *layer)
{
    if (layer->type->destroy)
        layer->type->destroy(layer);
    for (int p = 0; p < layer->parameter_count; p++)
        sq_free(layer->parameters[p].given);
    sq_free(layer->unpacked);
    sq_free(layer);
}

SEQNN_API void seqnn_free(seqnn_model *model)
{
    if (!model)
        return;
    if (model->free_training)
        model->free_training(model->training);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        sq_layer_free(model->layers[i]);
    sq_free(model->layers);
    sq_free(model->lone_in.value);
    sq_free(model->lone_in.gradient);
    sq_arena_free(&model->blocks);
    sq_arena_free(&model->marks);
    sq_arena_free(&model->activations);
    sq_arena_free(&model->lists);
    if (model->backend)
        model->backend->close(model);
    sq_free(model);
}

SEQNN_API bool seqnn_ok(const seqnn_model *model)
{
    return model && !model->status && !model->run_status;
}

/* "lstm_2": the second of its kind. */
static void sq_default_name(seqnn_layer *layer)
{
    char name[SQ_NAME_SIZE];
    int number = 1;
    for (seqnn_size i = 0; i < layer->model->layer_count; i++)
        number += layer->model->layers[i]->type == layer->type;
    do /* the user may have given the name to another layer */
        snprintf(name, sizeof name, "%s_%d", layer->type->kind, number++);
    while (seqnn_model_layer(layer->model, name));
    memcpy(layer->name, name, sizeof name);
}

static seqnn_layer *sq_layer_append(seqnn_model *model, const sq_layer_type *type,
                                    const char *name, const void *given)
{
    if (sq_model_refuses(model))
        return NULL;
    if (model->built) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s: the model is in use; layers are added before its first pass",
                      type->kind);
        return NULL;
    }
    if (name && (strlen(name) >= SQ_NAME_SIZE || seqnn_model_layer(model, name))) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%.80s': a name is unique in its model and under %d bytes",
                      type->kind, name, (int)SQ_NAME_SIZE);
        return NULL;
    }
    const size_t begin = (type->size + 15) / 16 * 16; /* of made_from, behind the layer */
    void *list = model->layers;
    seqnn_layer *layer = NULL;
    if (!sq_grow(&list, &model->layer_capacity, model->layer_count + 1,
                 sizeof *model->layers)) {
        model->layers = (seqnn_layer **)list;
        layer = (seqnn_layer *)sq_allocate(1, begin + type->given_size);
    }
    if (!layer) {
        sq_model_fail(model, SEQNN_ERROR_MEMORY, "%s: no memory for a layer", type->kind);
        return NULL;
    }
    layer->type = type;
    layer->model = model;
    layer->index = model->layer_count;
    layer->source = -1;
    layer->made_from = (char *)layer + begin;
    memcpy(layer->made_from, given, type->given_size);
    if (name)
        memcpy(layer->name, name, strlen(name) + 1);
    else
        sq_default_name(layer);
    model->layers[model->layer_count++] = layer;
    return layer;
}

SQ_LOCAL seqnn_layer *sq_layer_new(seqnn_model *model, const sq_layer_type *type,
                                   const char *name, seqnn_layer *input,
                                   const void *given)
{
    if (sq_model_refuses(model))
        return NULL;
    if (!input && model->layer_count == 0) {
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: the first layer is an embedding, one_hot, sequences or vectors",
            type->kind);
        return NULL;
    }
    if (!input)
        input = model->layers[model->layer_count - 1];
    if (input->model != model) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s: its input '%s' is in another model", type->kind, input->name);
        return NULL;
    }
    seqnn_layer *layer = sq_layer_append(model, type, name, given);
    if (layer)
        sq_layer_add_input(layer, input);
    return layer;
}

SQ_LOCAL seqnn_layer *sq_source_new(seqnn_model *model, const sq_layer_type *type,
                                    const char *name, sq_source_kind kind,
                                    seqnn_size features, seqnn_size time,
                                    const void *given)
{
    if (sq_model_refuses(model))
        return NULL;
    if (features < 1 || features > SQ_MAX_FEATURES || time < 0 || time > INT32_MAX) {
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: %td features and length %td; expected at least 1, and 0 or more, and "
            "numbers that fit in memory",
            type->kind, features, time);
        return NULL;
    }
    if (model->source_count == SEQNN_MAX_INPUTS) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT, "%s: a model has at most %d sources",
                      type->kind, (int)SEQNN_MAX_INPUTS);
        return NULL;
    }
    seqnn_layer *layer = sq_layer_append(model, type, name, given);
    if (!layer)
        return NULL;
    sq_source *source = &model->sources[model->source_count];
    source->kind = kind;
    source->layer = layer;
    layer->source = kind == SQ_VECTORS ? -1 : model->source_count;
    layer->time = kind == SQ_VECTORS ? 0 : time;
    layer->out.features = features;
    model->source_count++;
    return layer;
}

SQ_LOCAL void sq_layer_add_input(seqnn_layer *layer, seqnn_layer *input)
{
    if (layer->input_count == 0)
        layer->in = &input->out;
    layer->inputs[layer->input_count++] = input;
}

SQ_LOCAL void sq_layer_shape(seqnn_layer *layer, seqnn_size features,
                             const seqnn_layer *like, bool sequence)
{
    layer->out.features = features;
    layer->source = sequence ? like->source : -1;
    layer->time = sequence ? like->time : 0;
}

SQ_LOCAL sq_parameter *sq_layer_add_parameter(seqnn_layer *layer, const char *name,
                                              seqnn_size rows, seqnn_size columns,
                                              seqnn_size blocks, seqnn_initializer how,
                                              seqnn_initializer_kind fallback)
{
    sq_parameter *parameter = &layer->parameters[layer->parameter_count++];
    parameter->view.name = name;
    parameter->view.rows = rows;
    parameter->view.columns = columns;
    parameter->view.frozen = layer->frozen;
    parameter->initializer = how;
    if (how.kind == SEQNN_INITIALIZER_DEFAULT)
        parameter->initializer.kind = fallback;
    parameter->blocks = blocks;
    seqnn_size size = sq_multiply(rows, columns);
    bool possible = rows >= 1 && columns >= 1 && size >= 0 &&
                    size <= (seqnn_size)(PTRDIFF_MAX / (64 * sizeof(seqnn_real)));
    if (!possible && !layer->model->status) /* the first sentence stays */
        sq_model_fail(layer->model, SEQNN_ERROR_MEMORY,
                      "%s '%s': a parameter %s of [%td, %td] values is not possible",
                      layer->type->kind, layer->name, name, rows, columns);
    return parameter;
}

/* ---- the flat blocks ---- */

static sq_parameter *sq_each_parameter(seqnn_model *model, seqnn_size *layer, int *number)
{
    while (*layer < model->layer_count) {
        seqnn_layer *at = model->layers[*layer];
        if (*number < at->parameter_count)
            return &at->parameters[(*number)++];
        *number = 0;
        (*layer)++;
    }
    return NULL;
}

/* Taken twice: once to count, once to hand out. */
static void sq_take_blocks(seqnn_model *model)
{
    enum { LINE = 64 / sizeof(seqnn_real) }; /* a parameter begins a cache line */
    seqnn_size total = 0, layer = 0;
    int number = 0;
    sq_parameter *p;
    while ((p = sq_each_parameter(model, &layer, &number)) != NULL) {
        p->offset = total;
        seqnn_size size = (p->view.rows * p->view.columns + LINE - 1) / LINE * LINE;
        if (size > PTRDIFF_MAX / (4 * (seqnn_size)sizeof(seqnn_real)) - total)
            model->blocks.overflow = true;
        else
            total += size;
    }
    model->weight_count = total;
    model->weights =
        (seqnn_real *)sq_arena_take(&model->blocks, total, sizeof(seqnn_real));
    model->gradients =
        (seqnn_real *)sq_arena_take(&model->blocks, total, sizeof(seqnn_real));
    layer = 0;
    number = 0;
    while ((p = sq_each_parameter(model, &layer, &number)) != NULL) {
        if (model->weights) {
            p->view.value = model->weights + p->offset;
            p->view.gradient = model->gradients + p->offset;
        }
        if (!p->touched)
            continue;
        p->touched->count = p->touched->copied = 0;
        p->touched->rows =
            (int32_t *)sq_arena_take(&model->marks, p->view.rows, sizeof(int32_t));
        p->touched->mark = (uint8_t *)sq_arena_take(&model->marks, p->view.rows, 1);
        p->touched->moved = (uint8_t *)sq_arena_take(&model->blocks, p->view.rows, 1);
        if (model->backend)
            p->touched->copy =
                (int32_t *)sq_arena_take(&model->blocks, p->view.rows, sizeof(int32_t));
    }
}

SQ_LOCAL seqnn_status sq_allocate_blocks(seqnn_model *model)
{
    sq_take_blocks(model);
    seqnn_status status = sq_arena_commit(&model->blocks);
    if (!status)
        status = sq_arena_commit(&model->marks);
    if (!status) /* a device writes the zeros when it comes to it */
        status = sq_wait(model);
    if (!status)
        sq_take_blocks(model);
    return status;
}

SQ_LOCAL void sq_free_blocks(seqnn_model *model)
{
    sq_arena_free(&model->blocks);
    sq_arena_free(&model->marks);
    model->weights = model->gradients = NULL;
}

static seqnn_status sq_initialize_parameters(seqnn_model *model)
{
    seqnn_size layer = 0;
    int number = 0;
    uint64_t stream = 1;
    sq_parameter *p;
    while ((p = sq_each_parameter(model, &layer, &number)) != NULL) {
        seqnn_parameter *view = &p->view;
        seqnn_status status = SEQNN_OK;
        if (p->given)
            memcpy(view->value, p->given,
                   (size_t)(view->rows * view->columns) * sizeof(seqnn_real));
        else
            status = seqnn_initialize(p->initializer, view->value, view->rows,
                                      view->columns, p->blocks, model->seed, stream);
        if (status)
            return status;
        sq_free(p->given);
        p->given = NULL;
        seqnn_size units = view->columns / p->blocks;
        if (p->forget_bias != 0)
            for (seqnn_size j = units; j < 2 * units; j++)
                view->value[j] += p->forget_bias;
        stream++;
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_model_build(seqnn_model *model)
{
    if (sq_model_refuses(model))
        return model ? model->status : SEQNN_ERROR_ARGUMENT;
    if (model->built)
        return SEQNN_OK;
    if (model->layer_count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "model: it has no layers");
    seqnn_status status = sq_take_place(model);
    if (!status)
        status = sq_initialize_parameters(model);
    if (status) {
        sq_free_blocks(model);
        char cause[sizeof model->message];
        snprintf(cause, sizeof cause, "%s", seqnn_error());
        return sq_model_fail(model, status, "model: cannot be built: %s", cause);
    }
    sq_written(model, model->weights, model->weight_count);
    model->built = true;
    return SEQNN_OK;
}

/* ---- the activations ---- */

static void sq_take_activations(seqnn_model *model, seqnn_size batch)
{
    sq_arena *arena = &model->activations, *lists = &model->lists;
    seqnn_size longest = 0;
    for (int k = 0; k < model->source_count; k++) {
        sq_source *source = &model->sources[k];
        sq_packing_plan(&source->packing, lists, batch, source->planned_time);
        source->start = (int32_t *)sq_arena_take(lists, batch, sizeof(int32_t));
        source->length = (int32_t *)sq_arena_take(lists, batch, sizeof(int32_t));
        longest = sq_max(longest, source->planned_time);
    }
    sq_packing_plan(&model->lone.packing, lists, batch, longest);
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        seqnn_layer *layer = model->layers[i];
        seqnn_size rows = batch;
        if (layer->source >= 0)
            rows = sq_multiply(batch, model->sources[layer->source].planned_time);
        seqnn_size cells = sq_multiply(rows, layer->out.features);
        layer->owes_rows = false;
        layer->out.value = layer->out.gradient = NULL;
        if (layer->type != sq_one_hot_kind() ||
            !sq_readers_take_distinct(layer, SEQNN_TRAIN)) { /* somebody reads it */
            layer->out.value =
                (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
            layer->out.gradient =
                (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
        }
        if (layer->type->plan) {
            seqnn_size in_rows = rows;
            if (layer->input_count && layer->inputs[0]->source >= 0)
                in_rows = sq_multiply(
                    batch, model->sources[layer->inputs[0]->source].planned_time);
            layer->type->plan(layer, arena, batch, in_rows);
        }
    }
}

/* Samples and steps are counted in 32 bits in a packing. */
static seqnn_status sq_check_plan(const seqnn_model *model, seqnn_size batch,
                                  const seqnn_size *times)
{
    for (int k = 0; k < model->source_count; k++)
        if (batch > INT32_MAX || times[k] > INT32_MAX)
            return sq_fail(
                SEQNN_ERROR_MEMORY,
                "%s '%s': a batch of %td samples of %td steps is too large; at "
                "most %d of each",
                model->sources[k].layer->type->kind, model->sources[k].layer->name, batch,
                times[k], (int)INT32_MAX);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_model_plan(seqnn_model *model, seqnn_size batch,
                                    const seqnn_size *times)
{
    bool fits = batch <= model->planned_batch;
    for (int k = 0; k < model->source_count; k++)
        fits = fits && times[k] <= model->sources[k].planned_time;
    if (fits)
        return SEQNN_OK;
    seqnn_status status = sq_check_plan(model, batch, times);
    if (status)
        return status;
    sq_arena_free(&model->activations);
    sq_arena_free(&model->lists);
    model->count = 0; /* what the last pass left is gone */
    model->planned_batch = sq_max(batch, model->planned_batch);
    for (int k = 0; k < model->source_count; k++)
        model->sources[k].planned_time = sq_max(times[k], model->sources[k].planned_time);
    sq_take_activations(model, model->planned_batch);
    status = sq_arena_commit(&model->activations);
    if (!status)
        status = sq_arena_commit(&model->lists);
    if (status) { /* a smaller batch may still find room */
        model->planned_batch = 0;
        for (int k = 0; k < model->source_count; k++)
            model->sources[k].planned_time = 0;
        sq_arena_free(&model->activations);
        sq_arena_free(&model->lists);
        return status;
    }
    sq_take_activations(model, model->planned_batch);
    return sq_wait(model); /* a device writes the zeros when it comes to it */
}

SEQNN_API seqnn_status seqnn_reserve(seqnn_model *model, seqnn_size batch,
                                     seqnn_size time)
{
    seqnn_size times[SEQNN_MAX_INPUTS];
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    if (batch < 1 || time < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "reserve: batch %td and time %td; expected at least 1", batch,
                       time);
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        times[k] = time;
    return sq_model_plan(model, batch, times);
}

SQ_LOCAL seqnn_size sq_signal_size(const sq_signal *signal)
{
    if (!signal->distinct)
        return signal->rows * signal->features;
    return signal->distinct->one_hot ? 0 : signal->distinct->count * signal->features;
}

SQ_LOCAL void sq_signal_add_gradient(sq_signal *signal, const seqnn_real *gradient)
{
    seqnn_size count = signal->rows * signal->features;
    if (!signal->gradient_wanted)
        return;
    if (!signal->gradient_written)
        memcpy(signal->gradient, gradient, (size_t)count * sizeof *gradient);
    else
        for (seqnn_size i = 0; i < count; i++)
            signal->gradient[i] += gradient[i];
    signal->gradient_written = true;
}
