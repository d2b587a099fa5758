#include "foreign_weights.h"
#include "recurrent_states.h"

/* ---- names ---- */

SQ_LOCAL const char *sq_last_part(const char *name)
{
    const char *last = name;
    for (const char *c = name; *c; c++)
        if (*c == '.' || *c == '/')
            last = c + 1;
    return last;
}

SQ_LOCAL bool sq_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

SQ_LOCAL bool sq_is_input_weight(const char *name, bool keras)
{
    const char *last = sq_last_part(name);
    if (keras)
        return strcmp(last, "kernel") == 0 || strcmp(last, "embeddings") == 0;
    return strcmp(last, "weight") == 0 || sq_begins(last, "weight_ih_l");
}

SQ_LOCAL bool sq_other_name(const char *first, bool keras, int role,
                            char out[SQ_FOREIGN_NAME])
{
    static const char *const of_keras[] = {"kernel", "recurrent_kernel", "bias", "bias"};
    static const char *const of_cell[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
    static const char *const of_linear[] = {"weight", "weight", "bias", "bias"};
    const char *last = sq_last_part(first);
    const bool cell = !keras && sq_begins(last, "weight_ih");
    const char *word = (keras ? of_keras : cell ? of_cell : of_linear)[role];
    if (role == SQ_INPUT_WEIGHT)
        return snprintf(out, SQ_FOREIGN_NAME, "%s", first) < SQ_FOREIGN_NAME;
    int size = snprintf(out, SQ_FOREIGN_NAME, "%.*s%s%s", (int)(last - first), first,
                        word, cell ? last + strlen("weight_ih") : "");
    return size < SQ_FOREIGN_NAME;
}

SQ_LOCAL bool sq_is_reverse(const char *name, bool keras)
{
    const size_t length = strlen(name), suffix = strlen("_reverse");
    if (!keras)
        return length >= suffix && strcmp(name + length - suffix, "_reverse") == 0;
    return sq_begins(name, "backward_") || strstr(name, "/backward_");
}

/* Takes "12" or "_12" from the front; -1 if there is no number. */
static long sq_take_number(const char **text)
{
    const char *c = *text + (**text == '_');
    if (*c < '0' || *c > '9')
        return -1;
    long number = 0;
    for (; *c >= '0' && *c <= '9'; c++)
        number = number < 100000000 ? 10 * number + (*c - '0') : number;
    *text = c;
    return number;
}

SQ_LOCAL bool sq_differ_in_numbers(const char *a, const char *b, bool *first)
{
    long order = 0;
    while (*a || *b) {
        const long number = sq_take_number(&a), other = sq_take_number(&b);
        order = order ? order : number - other;
        if (*a != *b)
            return false;
        a += *a != 0;
        b += *b != 0;
    }
    *first = order < 0;
    return true;
}

/* ---- a layer as the other framework sees it ---- */

/* Of "x_forward" and "x_backward", made by a bidirectional layer x: the module is x. */
static void sq_find_half(sq_foreign *out)
{
    const seqnn_layer *layer = out->layer;
    const seqnn_model *model = layer->model;
    const char *end = strrchr(layer->name, '_');
    out->base = (seqnn_size)strlen(layer->name);
    for (seqnn_size i = 0; end && i < model->layer_count; i++) {
        const seqnn_layer *merge = model->layers[i];
        if (merge->input_count != 2 ||
            (merge->inputs[0] != layer && merge->inputs[1] != layer) ||
            (seqnn_size)strlen(merge->name) != end - layer->name ||
            !sq_begins(layer->name, merge->name))
            continue;
        out->base = end - layer->name;
        out->reverse = merge->inputs[1] == layer;
        out->part = out->reverse ? "backward_" : "forward_";
    }
}

SQ_LOCAL const char *sq_name_given(const seqnn_weights_options *options,
                                   const char *layer)
{
    for (seqnn_size i = 0; i < options->name_count; i++)
        if (strcmp(options->names[i].layer, layer) == 0)
            return options->names[i].tensor;
    return NULL;
}

static void sq_own_name(sq_foreign *out)
{
    const char *name = out->layer->name, *kind = out->layer->type->kind;
    const bool embedding = strcmp(kind, "embedding") == 0;
    const int base = (int)out->base;
    if (!out->gates)
        snprintf(out->first, sizeof out->first, "%s%s", name,
                 !out->keras ? ".weight"
                 : embedding ? "/embeddings"
                             : "/kernel");
    else if (!out->keras)
        snprintf(out->first, sizeof out->first, "%.*s.weight_ih_l0%s", base, name,
                 out->reverse ? "_reverse" : "");
    else if (*out->part)
        snprintf(out->first, sizeof out->first, "%.*s/%s%s/%s_cell/kernel", base, name,
                 out->part, kind, kind);
    else
        snprintf(out->first, sizeof out->first, "%s/%s_cell/kernel", name, kind);
}

SQ_LOCAL seqnn_status sq_foreign_layer(sq_foreign *out, seqnn_layer *layer,
                                       const seqnn_weights_options *options)
{
    const seqnn_parameter *bias =
        layer->parameter_count > 1 ? &layer->parameters[layer->parameter_count - 1].view
                                   : NULL;
    memset(out, 0, sizeof *out);
    out->layer = layer;
    out->keras = options->framework == SEQNN_KERAS;
    out->part = "";
    out->transposed = !out->keras && strcmp(layer->type->kind, "embedding") != 0;
    out->bias_rows = bias && bias->name[0] == 'b';
    if (sq_is_recurrent(layer)) {
        const sq_recurrent *own = (const sq_recurrent *)layer;
        if (own->sweep.skip > 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s '%s': PyTorch and Keras have no layer with a skip",
                           layer->type->kind, layer->name);
        const bool gru = own->kind->gates == 3;
        const bool before = gru && own->sweep.reset == SEQNN_RESET_BEFORE;
        if (before && !out->keras)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s '%s': PyTorch has no GRU that resets before the product",
                           layer->type->kind, layer->name);
        out->gates = (int)own->kind->gates;
        out->swapped = gru && !out->keras;
        out->one_tensor = gru && out->keras && !before;
        if (out->bias_rows && (!out->keras || out->one_tensor))
            out->bias_rows = 2;
        sq_find_half(out);
    }
    const char *given = sq_name_given(options, layer->name);
    if (!given)
        sq_own_name(out);
    else if (strlen(given) < SQ_FOREIGN_NAME && sq_is_input_weight(given, out->keras))
        memcpy(out->first, given, strlen(given) + 1);
    else
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s '%s': '%.80s' is no name of an input weight; expected one that "
            "ends in %s",
            layer->type->kind, layer->name, given,
            out->keras ? "kernel or embeddings" : "weight or weight_ih_l0");
    return SEQNN_OK;
}

SQ_LOCAL int sq_foreign_shape(const sq_foreign *of, int role, seqnn_size shape[2])
{
    const seqnn_parameter *W = &of->layer->parameters[0].view;
    if (role == SQ_RECURRENT_WEIGHT && of->gates)
        W = &of->layer->parameters[1].view;
    else if (role == SQ_RECURRENT_WEIGHT || (role == SQ_BIAS && !of->bias_rows) ||
             (role == SQ_SECOND_BIAS && (of->bias_rows < 2 || of->one_tensor)))
        return 0;
    if (role >= SQ_BIAS) {
        shape[0] = of->one_tensor ? 2 : W->columns;
        shape[1] = W->columns;
        return of->one_tensor ? 2 : 1;
    }
    shape[0] = of->transposed ? W->columns : W->rows;
    shape[1] = of->transposed ? W->rows : W->columns;
    return 2;
}

SQ_LOCAL void sq_exchange(const sq_foreign *of, const seqnn_parameter *shape, bool matrix,
                          seqnn_real *ours, seqnn_real *theirs, bool in)
{
    const seqnn_size rows = shape->rows, columns = shape->columns;
    const seqnn_size units = of->gates ? columns / of->gates : columns;
    for (seqnn_size c = 0; c < columns; c++) {
        seqnn_size there = c;
        if (of->swapped && c < 2 * units)
            there = c < units ? c + units : c - units;
        for (seqnn_size r = 0; r < rows; r++) {
            seqnn_size at = r * columns + there;
            if (matrix && of->transposed)
                at = there * rows + r;
            if (in)
                ours[r * columns + c] = theirs[at];
            else
                theirs[at] = ours[r * columns + c];
        }
    }
}

SQ_LOCAL const seqnn_parameter *sq_foreign_bias(const sq_foreign *of, int row)
{
    const int number = (of->gates ? 2 : 1) + row;
    return of->bias_rows && number < of->layer->parameter_count
               ? &of->layer->parameters[number].view
               : NULL;
}
