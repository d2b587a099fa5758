#include "weights_file.h"
#include "foreign_weights.h"
#include "named_array.h"

/* ---- import ---- */

typedef struct sq_import {
    seqnn_model *model;
    const seqnn_weights_options *options;
    seqnn_safetensors *file;
    bool *taken;         /* [file->count] */
    sq_foreign *layers;  /* [count] those that have parameters */
    const char **source; /* [count] the name of its input weight in the file, or NULL */
    seqnn_size count;
    seqnn_real *weights; /* the model's, until all is well */
} sq_import;

static const seqnn_named_array *sq_import_find(const sq_import *import, const char *first,
                                               int role)
{
    char name[SQ_FOREIGN_NAME];
    const bool keras = import->options->framework == SEQNN_KERAS;
    return sq_other_name(first, keras, role, name)
               ? seqnn_safetensors_find(import->file, name)
               : NULL;
}

static bool sq_has_shape(const seqnn_named_array *array, int rank,
                         const seqnn_size shape[2])
{
    return array->rank == rank && array->dtype <= SEQNN_BF16 &&
           array->shape[0] == shape[0] && (rank < 2 || array->shape[1] == shape[1]);
}

/* Whether the tensor and those beside it can be the layer's. */
static bool sq_fits(const sq_import *import, const sq_foreign *of,
                    const seqnn_named_array *first)
{
    seqnn_size shape[2];
    const bool cell = !of->keras && sq_begins(sq_last_part(first->name), "weight_ih_l");
    const bool table = of->keras && !sq_begins(sq_last_part(first->name), "kernel");
    const bool embedding = strcmp(of->layer->type->kind, "embedding") == 0;
    const seqnn_named_array *W_h =
        cell || of->keras ? sq_import_find(import, first->name, SQ_RECURRENT_WEIGHT)
                          : NULL;
    const bool bias = sq_import_find(import, first->name, SQ_BIAS) != NULL;
    if (!sq_has_shape(first, sq_foreign_shape(of, SQ_INPUT_WEIGHT, shape), shape))
        return false;
    if (!of->gates)
        return !W_h && !cell && bias == (of->bias_rows > 0) &&
               (!of->keras || table == embedding);
    return W_h && sq_is_reverse(first->name, of->keras) == of->reverse &&
           sq_has_shape(W_h, sq_foreign_shape(of, SQ_RECURRENT_WEIGHT, shape), shape);
}

/* The tensors of a layer are nobody else's. */
static void sq_import_take(sq_import *import, seqnn_size layer, const char *first)
{
    import->source[layer] = first;
    for (int role = 0; role < SQ_ROLES; role++) {
        const seqnn_named_array *array = sq_import_find(import, first, role);
        if (array)
            import->taken[array - import->file->array] = true;
    }
}

/* The tensors that layers are given by .names. */
static seqnn_status sq_match_given(sq_import *import)
{
    for (seqnn_size i = 0; i < import->count; i++) {
        const sq_foreign *of = &import->layers[i];
        if (!sq_name_given(import->options, of->layer->name))
            continue;
        const seqnn_named_array *first = seqnn_safetensors_find(import->file, of->first);
        if (!first || import->taken[first - import->file->array])
            return sq_fail(SEQNN_ERROR_FORMAT, "%s '%s': tensor '%s' is %s",
                           of->layer->type->kind, of->layer->name, of->first,
                           first ? "another layer's" : "not in the file");
        sq_import_take(import, i, first->name);
    }
    return SEQNN_OK;
}

/* All others by their own names, or none: Keras' second dense layer is dense_1 too. */
static void sq_match_own_names(sq_import *import)
{
    for (seqnn_size i = 0; i < import->count; i++)
        if (!import->source[i] &&
            !seqnn_safetensors_find(import->file, import->layers[i].first))
            return;
    for (seqnn_size i = 0; i < import->count; i++)
        if (!import->source[i])
            sq_import_take(
                import, i,
                seqnn_safetensors_find(import->file, import->layers[i].first)->name);
}

/* Of those that are left the one that fits. */
static seqnn_status sq_match_by_shape(sq_import *import, seqnn_size i)
{
    const sq_foreign *of = &import->layers[i];
    const seqnn_named_array *best = NULL;
    for (seqnn_size k = 0; k < import->file->count; k++) {
        const seqnn_named_array *array = &import->file->array[k];
        bool first = true;
        if (import->taken[k] || !sq_is_input_weight(array->name, of->keras) ||
            !sq_fits(import, of, array))
            continue;
        if (best && !sq_differ_in_numbers(array->name, best->name, &first))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s '%s': '%.80s' fits, and '%.80s': say by .names whose is "
                           "which",
                           of->layer->type->kind, of->layer->name, best->name,
                           array->name);
        if (first)
            best = array;
    }
    seqnn_size shape[2] = {0, 0};
    sq_foreign_shape(of, SQ_INPUT_WEIGHT, shape);
    if (best)
        sq_import_take(import, i, best->name);
    else if (!import->options->partial)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s '%s': no %s of [%td, %td] in the file fits; .partial passes "
                       "such layers by",
                       of->layer->type->kind, of->layer->name,
                       of->keras ? "kernel" : "weight", shape[0], shape[1]);
    return SEQNN_OK;
}

/* One tensor of a layer as numbers, the caller's to free. */
static seqnn_status sq_import_tensor(const sq_import *import, seqnn_size i, int role,
                                     seqnn_real **values)
{
    const sq_foreign *of = &import->layers[i];
    char name[SQ_FOREIGN_NAME];
    seqnn_size shape[2] = {1, 1};
    const int rank = sq_foreign_shape(of, role, shape);
    const seqnn_named_array *array = sq_import_find(import, import->source[i], role);
    sq_other_name(import->source[i], of->keras, role, name);
    if (!array || !sq_has_shape(array, rank, shape))
        return sq_fail(SEQNN_ERROR_SHAPE,
                       rank == 2 ? "%s '%s': '%s' %s; expected numbers [%td, %td]"
                                 : "%s '%s': '%s' %s; expected numbers [%td]",
                       of->layer->type->kind, of->layer->name, name,
                       array ? "has another shape" : "is not in the file", shape[0],
                       shape[1]);
    *values = (seqnn_real *)sq_allocate(seqnn_named_array_count(array), sizeof **values);
    if (!*values)
        return SEQNN_ERROR_MEMORY;
    seqnn_named_array_read(array, *values);
    return SEQNN_OK;
}

/* Row 1 is b_h's, or is added to b. */
static seqnn_status sq_import_bias(const sq_import *import, const sq_foreign *of, int row,
                                   seqnn_real *theirs)
{
    const seqnn_parameter *b = sq_foreign_bias(of, 0), *b_h = sq_foreign_bias(of, 1);
    const seqnn_parameter *to = row == 1 && b_h ? b_h : b;
    seqnn_real *ours = import->weights + (to->value - import->model->weights);
    if (row == 0 || b_h) {
        sq_exchange(of, to, false, ours, theirs, true);
        return SEQNN_OK;
    }
    seqnn_real *added = (seqnn_real *)sq_allocate(to->columns, sizeof *added);
    if (!added)
        return SEQNN_ERROR_MEMORY;
    sq_exchange(of, to, false, added, theirs, true);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size c = 0; c < to->columns && !status; c++) {
        if (of->gates == 3 && c >= 2 * (to->columns / 3) && added[c] != 0)
            status = sq_fail(SEQNN_ERROR_FORMAT,
                             "gru '%s': the file's GRU has a recurrent bias of h~: build "
                             "with .reset = SEQNN_RESET_AFTER_RECURRENT_BIAS",
                             of->layer->name);
        ours[c] += added[c];
    }
    sq_free(added);
    return status;
}

static seqnn_status sq_import_layer(sq_import *import, seqnn_size i)
{
    const sq_foreign *of = &import->layers[i];
    seqnn_size shape[2];
    seqnn_status status = SEQNN_OK;
    for (int role = 0; role < SQ_ROLES && !status; role++) {
        const bool bias = role >= SQ_BIAS;
        if (!sq_foreign_shape(of, role, shape)) {
            if (role == SQ_BIAS && sq_import_find(import, import->source[i], role))
                status =
                    sq_fail(SEQNN_ERROR_FORMAT,
                            "%s '%s': the file has a bias for '%s', the layer none",
                            of->layer->type->kind, of->layer->name, import->source[i]);
            continue;
        }
        seqnn_real *theirs = NULL;
        status = sq_import_tensor(import, i, role, &theirs);
        if (status)
            return status;
        if (bias)
            status = sq_import_bias(import, of, role - SQ_BIAS, theirs);
        else
            sq_exchange(of, &of->layer->parameters[role].view, true,
                        import->weights + (of->layer->parameters[role].view.value -
                                           import->model->weights),
                        theirs, true);
        if (bias && of->one_tensor && !status)
            status = sq_import_bias(import, of, 1, theirs + shape[1]);
        sq_free(theirs);
    }
    return status;
}

static seqnn_status sq_import_all(sq_import *import)
{
    seqnn_status status = sq_match_given(import);
    if (!status)
        sq_match_own_names(import);
    for (seqnn_size i = 0; i < import->count && !status; i++)
        if (!import->source[i])
            status = sq_match_by_shape(import, i);
    for (seqnn_size i = 0; i < import->count && !status; i++)
        if (import->source[i])
            status = sq_import_layer(import, i);
    for (seqnn_size k = 0; k < import->file->count && !status; k++)
        if (!import->taken[k] && !import->options->partial)
            status = sq_fail(SEQNN_ERROR_FORMAT,
                             "tensor '%.80s' fits no layer; .partial passes such tensors "
                             "by",
                             import->file->array[k].name);
    return status;
}

/* The layers that have parameters, as the framework sees them. */
static seqnn_status sq_foreign_layers(seqnn_model *model, const char *who,
                                      const seqnn_weights_options *options,
                                      sq_foreign **layers, seqnn_size *count)
{
    *layers = NULL;
    *count = 0;
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    if (options->framework != SEQNN_PYTORCH && options->framework != SEQNN_KERAS)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: .framework is to be named: SEQNN_PYTORCH or SEQNN_KERAS",
                       who);
    for (seqnn_size i = 0; i < options->name_count; i++)
        if (!options->names[i].layer || !options->names[i].tensor ||
            !seqnn_model_layer(model, options->names[i].layer))
            return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: .names has no layer's name '%.80s'",
                           who,
                           options->names[i].layer ? options->names[i].layer : "NULL");
    *layers = (sq_foreign *)sq_allocate(model->layer_count, sizeof(sq_foreign));
    if (!*layers)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < model->layer_count && !status; i++)
        if (model->layers[i]->parameter_count > 0)
            status = sq_foreign_layer(&(*layers)[(*count)++], model->layers[i], options);
    return status;
}

SEQNN_API seqnn_status seqnn_import_weights(seqnn_model *model, const char *path,
                                            seqnn_weights_options options)
{
    sq_import import;
    memset(&import, 0, sizeof import);
    import.model = model;
    import.options = &options;
    seqnn_status status = sq_foreign_layers(model, "import_weights", &options,
                                            &import.layers, &import.count);
    if (!status)
        status = sq_safetensors_read(path, &import.file);
    if (!status) {
        import.taken = (bool *)sq_allocate(import.file->count, sizeof(bool));
        import.source = (const char **)sq_allocate(import.count, sizeof(char *));
        import.weights =
            (seqnn_real *)sq_allocate(model->weight_count, sizeof(seqnn_real));
        status = import.taken && import.source && import.weights ? SEQNN_OK
                                                                 : SEQNN_ERROR_MEMORY;
    }
    if (!status) {
        const size_t bytes = (size_t)model->weight_count * sizeof(seqnn_real);
        memcpy(import.weights, model->weights, bytes);
        status = sq_import_all(&import);
        if (status)
            status = sq_fail(status, "%s: %s", path, seqnn_error());
        else
            memcpy(model->weights, import.weights, bytes);
    }
    if (!status)
        sq_written(model, model->weights, model->weight_count);
    sq_free(import.weights);
    sq_free((void *)import.source);
    sq_free(import.taken);
    sq_free(import.layers);
    seqnn_safetensors_free(import.file);
    return status;
}

/* ---- export ---- */

typedef struct sq_export {
    seqnn_named_array *arrays; /* [count] */
    char (*names)[SQ_FOREIGN_NAME];
    seqnn_size count;
} sq_export;

static seqnn_status sq_export_layer(sq_export *out, const sq_foreign *of)
{
    for (int role = 0; role < SQ_ROLES; role++) {
        seqnn_size shape[2];
        const int rank = sq_foreign_shape(of, role, shape);
        if (!rank)
            continue;
        seqnn_named_array *array = &out->arrays[out->count];
        char *name = out->names[out->count++];
        if (!sq_other_name(of->first, of->keras, role, name))
            return sq_fail(SEQNN_ERROR_ARGUMENT, "export_weights: '%.80s' is too long",
                           of->first);
        array->name = name;
        array->dtype = sizeof(seqnn_real) == 4 ? SEQNN_F32 : SEQNN_F64;
        array->rank = rank;
        memcpy(array->shape, shape, sizeof shape);
        seqnn_real *theirs = (seqnn_real *)sq_allocate(
            shape[0] * (rank == 2 ? shape[1] : 1), sizeof *theirs);
        array->data = theirs;
        if (!theirs)
            return SEQNN_ERROR_MEMORY;
        if (role < SQ_BIAS) {
            const seqnn_parameter *W = &of->layer->parameters[role].view;
            sq_exchange(of, W, true, W->value, theirs, false);
            continue;
        }
        for (int row = role - SQ_BIAS; row <= (of->one_tensor ? 1 : role - SQ_BIAS);
             row++) {
            const seqnn_parameter *b = sq_foreign_bias(of, row);
            if (b) /* else the zeros of a second bias */
                sq_exchange(of, b, false, b->value,
                            theirs + (of->one_tensor ? row * b->columns : 0), false);
        }
    }
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_export_weights(seqnn_model *model, const char *path,
                                            seqnn_weights_options options)
{
    sq_foreign *layers;
    seqnn_size count;
    sq_export out = {NULL, NULL, 0};
    seqnn_status status =
        sq_foreign_layers(model, "export_weights", &options, &layers, &count);
    if (!status) {
        out.arrays = (seqnn_named_array *)sq_allocate(SQ_ROLES * count + 1,
                                                      sizeof(seqnn_named_array));
        out.names =
            (char(*)[SQ_FOREIGN_NAME])sq_allocate(SQ_ROLES * count + 1, SQ_FOREIGN_NAME);
        status = out.arrays && out.names ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < count && !status; i++)
        status = sq_export_layer(&out, &layers[i]);
    if (!status)
        status = seqnn_safetensors_write(path, out.arrays, out.count, NULL, 0);
    for (seqnn_size i = 0; i < out.count; i++)
        sq_free((void *)out.arrays[i].data);
    sq_free(out.arrays);
    sq_free(out.names);
    sq_free(layers);
    return status;
}
