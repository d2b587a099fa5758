#include "architecture.h"

/* Names are compared with each other: a file that lists more is no model. */
enum { SQ_MAX_LAYERS = 10000 };

/* ---- writing ---- */

SQ_LOCAL void sq_write_comma(sq_buffer *out)
{
    const char last = out->length > 0 ? out->text[out->length - 1] : '{';
    if (last != '{' && last != '[')
        sq_buffer_text(out, ", ");
}

SQ_LOCAL void sq_write_key(sq_buffer *out, const char *key)
{
    sq_write_comma(out);
    sq_buffer_string(out, key);
    sq_buffer_text(out, ": ");
}

/* "orthogonal", or ["orthogonal", 0.5, 0] */
static void sq_write_initializer(sq_buffer *out, const seqnn_initializer *how)
{
    const bool plain = how->a == 0 && how->b == 0;
    sq_buffer_text(out, plain ? "" : "[");
    sq_buffer_string(out, seqnn_initializer_name(how->kind));
    if (plain)
        return;
    sq_buffer_text(out, ", ");
    sq_buffer_real(out, how->a);
    sq_buffer_text(out, ", ");
    sq_buffer_real(out, how->b);
    sq_buffer_text(out, "]");
}

/* An enum is an int to compilers; its members are read and written as bytes. */
static int sq_word_at(const void *field)
{
    int value;
    memcpy(&value, field, sizeof value);
    return value;
}

static bool sq_is_default(const sq_layer_option *option, const void *field)
{
    const seqnn_initializer *how = (const seqnn_initializer *)field;
    switch (option->kind) {
    case SQ_OPTION_BOOL:
        return !*(const bool *)field;
    case SQ_OPTION_SIZE:
        return *(const seqnn_size *)field == 0;
    case SQ_OPTION_REAL:
        return *(const seqnn_real *)field == 0;
    case SQ_OPTION_WORD:
        return sq_word_at(field) == 0;
    case SQ_OPTION_INITIALIZER:
        return how->kind == SEQNN_INITIALIZER_DEFAULT && how->a == 0 && how->b == 0;
    case SQ_OPTION_LAYER:
        return *(seqnn_layer *const *)field == NULL;
    default:
        return true; /* a name is written by whoever knows it */
    }
}

static bool sq_is_finite_option(const sq_layer_option *option, const void *field)
{
    const seqnn_initializer *how = (const seqnn_initializer *)field;
    if (option->kind == SQ_OPTION_INITIALIZER)
        return isfinite(how->a) && isfinite(how->b);
    return option->kind != SQ_OPTION_REAL || isfinite(*(const seqnn_real *)field);
}

SQ_LOCAL seqnn_status sq_write_options(sq_buffer *out, const char *what,
                                       const sq_layer_option *table, const void *given)
{
    for (const sq_layer_option *option = table; option->name; option++) {
        const void *field = (const char *)given + option->offset;
        if (sq_is_default(option, field))
            continue;
        if (!sq_is_finite_option(option, field))
            return sq_fail(SEQNN_ERROR_NUMBER, "%s: %s is not a finite number", what,
                           option->name);
        if (option->kind == SQ_OPTION_WORD && !option->word(sq_word_at(field)))
            return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: there is no %s %d", what,
                           option->name, sq_word_at(field));
        sq_write_key(out, option->name);
        switch (option->kind) {
        case SQ_OPTION_BOOL:
            sq_buffer_text(out, "true");
            break;
        case SQ_OPTION_SIZE:
            sq_buffer_integer(out, *(const seqnn_size *)field);
            break;
        case SQ_OPTION_REAL:
            sq_buffer_real(out, *(const seqnn_real *)field);
            break;
        case SQ_OPTION_WORD:
            sq_buffer_string(out, option->word(sq_word_at(field)));
            break;
        case SQ_OPTION_INITIALIZER:
            sq_write_initializer(out, (const seqnn_initializer *)field);
            break;
        default:
            sq_buffer_string(out, (*(seqnn_layer *const *)field)->name);
        }
    }
    return out->status;
}

static seqnn_status sq_write_layer(sq_buffer *out, const seqnn_layer *layer)
{
    char what[2 * SQ_NAME_SIZE];
    snprintf(what, sizeof what, "%s '%s'", layer->type->kind, layer->name);
    sq_write_comma(out);
    sq_buffer_text(out, "{");
    sq_write_key(out, "kind");
    sq_buffer_string(out, layer->type->kind);
    sq_write_key(out, "name");
    sq_buffer_string(out, layer->name);
    seqnn_status status =
        sq_write_options(out, what, layer->type->options(), layer->made_from);
    int frozen = 0;
    for (int p = 0; p < layer->parameter_count; p++) {
        if (!layer->parameters[p].view.frozen)
            continue;
        if (frozen++ == 0) {
            sq_write_key(out, "frozen");
            sq_buffer_text(out, "[");
        }
        sq_write_comma(out);
        sq_buffer_string(out, layer->parameters[p].view.name);
    }
    sq_buffer_text(out, frozen ? "]}" : "}");
    return status;
}

SQ_LOCAL seqnn_status sq_write_architecture(sq_buffer *out, const seqnn_model *model)
{
    char seed[24];
    if (model->layer_count > SQ_MAX_LAYERS)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "model: %td layers, at most %d can be saved",
                       model->layer_count, (int)SQ_MAX_LAYERS);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)model->seed);
    sq_write_key(out, "seed");
    sq_buffer_string(out, seed);
    sq_write_key(out, "layers");
    sq_buffer_text(out, "[");
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < model->layer_count && !status; i++)
        status = sq_write_layer(out, model->layers[i]);
    sq_buffer_text(out, "]");
    return status ? status : out->status;
}

/* ---- reading ---- */

/* Decimal digits as a number of up to limit, beyond 2^53 too. */
static bool sq_read_digits(const char *c, uint64_t limit, uint64_t *number)
{
    bool good = c && *c;
    *number = 0;
    for (; good && *c; c++) {
        const uint64_t digit = (uint64_t)*c - (uint64_t)'0';
        good = digit <= 9 && *number <= (limit - digit) / 10;
        *number = 10 * *number + digit;
    }
    return good;
}

static bool sq_read_number(const sq_json_value *value, seqnn_real *number)
{
    if (!value || value->kind != SQ_JSON_NUMBER)
        return false;
    *number = (seqnn_real)value->number;
    return isfinite(*number);
}

static bool sq_read_initializer(const sq_json_value *value, seqnn_initializer *how)
{
    const bool list = value->kind == SQ_JSON_ARRAY && value->count == 3;
    const char *name = sq_json_string(list ? value->first : value);
    if (!name)
        return false;
    int kind = 0;
    while (strcmp(seqnn_initializer_name((seqnn_initializer_kind)kind), name) != 0)
        if (++kind > SEQNN_SQUARE_ROOT_UNITS)
            return false;
    how->kind = (seqnn_initializer_kind)kind;
    return !list || (sq_read_number(value->first->next, &how->a) &&
                     sq_read_number(value->first->next->next, &how->b));
}

static bool sq_read_word(const sq_layer_option *option, const sq_json_value *value,
                         void *field)
{
    const char *text = sq_json_string(value), *word;
    for (int i = 0; text && (word = option->word(i)) != NULL; i++)
        if (strcmp(word, text) == 0) {
            memcpy(field, &i, sizeof i);
            return true;
        }
    return false;
}

static seqnn_status sq_read_option(const char *what, const sq_layer_option *option,
                                   const sq_json_value *value, seqnn_model *model,
                                   void *given)
{
    static const char *const expected[] = {
        "true or false",  "a whole number, 0 or more",    "a number", "one of its words",
        "an initialiser", "the name of an earlier layer", "a string"};
    void *field = (char *)given + option->offset;
    const char *text = sq_json_string(value);
    bool good = text != NULL;
    uint64_t size;
    switch (option->kind) {
    case SQ_OPTION_BOOL:
        good = value->kind == SQ_JSON_TRUE || value->kind == SQ_JSON_FALSE;
        *(bool *)field = value->kind == SQ_JSON_TRUE;
        break;
    case SQ_OPTION_SIZE:
        good = value->kind == SQ_JSON_NUMBER &&
               sq_read_digits(value->text, PTRDIFF_MAX, &size);
        *(seqnn_size *)field = good ? (seqnn_size)size : 0;
        break;
    case SQ_OPTION_REAL:
        good = sq_read_number(value, (seqnn_real *)field);
        break;
    case SQ_OPTION_WORD:
        good = sq_read_word(option, value, field);
        break;
    case SQ_OPTION_INITIALIZER:
        good = sq_read_initializer(value, (seqnn_initializer *)field);
        break;
    case SQ_OPTION_LAYER:
        *(seqnn_layer **)field = text ? seqnn_model_layer(model, text) : NULL;
        good = *(seqnn_layer **)field != NULL;
        break;
    default:
        *(const char **)field = text;
    }
    if (good)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT, "%s: %s is %.80s, expected %s", what, option->name,
                   value->text ? value->text : "something else", expected[option->kind]);
}

SQ_LOCAL seqnn_status sq_read_options(const char *what, const sq_layer_option *table,
                                      const sq_json_value *object, seqnn_model *model,
                                      void *given)
{
    if (object->kind != SQ_JSON_OBJECT)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s is no object", what);
    for (const sq_json_value *member = object->first; member; member = member->next) {
        const sq_layer_option *option = table;
        if (strcmp(member->key, "kind") == 0 || strcmp(member->key, "frozen") == 0)
            continue;
        while (option->name && strcmp(option->name, member->key) != 0)
            option++;
        if (!option->name)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s: it has no option '%.80s'; was it saved by a newer seqnn?",
                           what, member->key);
        seqnn_status status = sq_read_option(what, option, member, model, given);
        if (status)
            return status;
    }
    return SEQNN_OK;
}

static seqnn_status sq_read_frozen(seqnn_layer *layer, const sq_json_value *list)
{
    if (list && list->kind != SQ_JSON_ARRAY)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: frozen is no list", layer->name);
    for (const sq_json_value *at = list ? list->first : NULL; at; at = at->next) {
        const char *name = sq_json_string(at);
        int p = 0;
        while (p < layer->parameter_count &&
               !(name && strcmp(layer->parameters[p].view.name, name) == 0))
            p++;
        if (p == layer->parameter_count)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s: it has no parameter '%.80s' to be frozen", layer->name,
                           name ? name : "");
        layer->parameters[p].view.frozen = true;
    }
    return SEQNN_OK;
}

static seqnn_status sq_read_layer(seqnn_model *model, const sq_json_value *object)
{
    char what[3 * SQ_NAME_SIZE];
    const char *kind = sq_json_string(sq_json_member(object, "kind"));
    const char *name = sq_json_string(sq_json_member(object, "name"));
    const sq_layer_type *type = kind ? sq_layer_type_named(kind) : NULL;
    if (!type || !name)
        return sq_fail(SEQNN_ERROR_FORMAT, "layer %td is of unknown kind '%.80s'%s",
                       model->layer_count + 1, kind ? kind : "",
                       name ? "" : " and has no name");
    snprintf(what, sizeof what, "%s '%.63s'", kind, name);
    void *given = sq_allocate(1, type->given_size);
    if (!given)
        return SEQNN_ERROR_MEMORY;
    seqnn_status status = sq_read_options(what, type->options(), object, model, given);
    seqnn_layer *layer = status ? NULL : type->make(model, given);
    if (layer)
        status = sq_read_frozen(layer, sq_json_member(object, "frozen"));
    sq_free(given);
    return status ? status : model->status;
}

SQ_LOCAL seqnn_model *sq_read_architecture(const sq_json_value *object)
{
    uint64_t seed;
    const sq_json_value *layers = sq_json_member(object, "layers");
    if (!sq_read_digits(sq_json_string(sq_json_member(object, "seed")), UINT64_MAX,
                        &seed)) {
        sq_fail(SEQNN_ERROR_FORMAT, "seed is no whole number in a string");
        return NULL;
    }
    if (!layers || layers->kind != SQ_JSON_ARRAY || layers->count < 1 ||
        layers->count > SQ_MAX_LAYERS) {
        sq_fail(SEQNN_ERROR_FORMAT, "layers is no list of 1 to %d layers",
                (int)SQ_MAX_LAYERS);
        return NULL;
    }
    seqnn_model *model = seqnn_model_new(seed);
    for (const sq_json_value *at = layers->first; at && model; at = at->next)
        if (sq_read_layer(model, at)) {
            seqnn_free(model);
            model = NULL;
        }
    return model;
}
