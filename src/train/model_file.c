#include "model_file.h"
#include "architecture.h"
#include "checksum.h"
#include "named_array.h"
#include "tokenizer_bytes.h"

static const char sq_model_key[] = "seqnn", sq_checksum_key[] = "seqnn_checksum";
static const char sq_tokenizer_name[] = "tokenizer";

enum { SQ_MODEL_VERSION = 1, SQ_TENSOR_NAME = SQ_NAME_SIZE + 16 };

/* ---- options of encode.h ---- */

static const char *sq_side_word(int side)
{
    static const char *const words[] = {"default", "pre", "post"};
    return side >= 0 && side < SQ_COUNT(words) ? words[side] : NULL;
}

static const char *sq_cleaning_word(int cleaning)
{
    static const char *const words[] = {"default", "none", "punctuation_first", "titles",
                                        "abstracts"};
    return cleaning >= 0 && cleaning < SQ_COUNT(words) ? words[cleaning] : NULL;
}

static const char *sq_n_hot_word(int mode)
{
    static const char *const words[] = {"default", "binary", "count", "frequency",
                                        "tf_idf"};
    return mode >= 0 && mode < SQ_COUNT(words) ? words[mode] : NULL;
}

static const sq_layer_option *sq_encode_table(void)
{
#define SQ_FIELD(field) offsetof(seqnn_encode_options, field)
    static const sq_layer_option options[] = {
        {"padding", SQ_OPTION_WORD, SQ_FIELD(padding), sq_side_word},
        {"truncating", SQ_OPTION_WORD, SQ_FIELD(truncating), sq_side_word},
        {"length", SQ_OPTION_SIZE, SQ_FIELD(length), NULL},
        {"cleaning", SQ_OPTION_WORD, SQ_FIELD(cleaning), sq_cleaning_word},
        {"min_length", SQ_OPTION_SIZE, SQ_FIELD(min_length), NULL},
        {"lemmas", SQ_OPTION_BOOL, SQ_FIELD(lemmas), NULL},
        {"stems", SQ_OPTION_BOOL, SQ_FIELD(stems), NULL},
        {"keep_equations", SQ_OPTION_BOOL, SQ_FIELD(keep_equations), NULL},
        {"n_hot", SQ_OPTION_WORD, SQ_FIELD(n_hot), sq_n_hot_word},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

/* ---- saving ---- */

static void sq_write_strings(sq_buffer *out, const char *key, const char *const *strings,
                             seqnn_size count)
{
    sq_write_key(out, key);
    sq_buffer_text(out, "[");
    for (seqnn_size i = 0; i < count; i++) {
        sq_write_comma(out);
        sq_buffer_string(out, strings[i]);
    }
    sq_buffer_text(out, "]");
}

static seqnn_status sq_write_encoding(sq_buffer *out, const seqnn_encode_options *given,
                                      const seqnn_dataset *data)
{
    seqnn_encode_options options = *given;
    seqnn_size stop_words = 0;
    if (options.length == 0 && data)
        options.length = data->x[0].time;
    sq_write_key(out, "encoding");
    sq_buffer_text(out, "{");
    seqnn_status status = sq_write_options(out, "encoding", sq_encode_table(), &options);
    sq_buffer_text(out, "}");
    while (options.stop_words && options.stop_words[stop_words])
        stop_words++;
    if (options.stop_words)
        sq_write_strings(out, "stop_words", options.stop_words, stop_words);
    return status;
}

static seqnn_status sq_write_model(sq_buffer *out, const seqnn_model *model,
                                   const seqnn_save_options *options)
{
    const seqnn_dataset *data = options->data;
    sq_buffer_text(out, "{");
    sq_write_key(out, "version");
    sq_buffer_integer(out, SQ_MODEL_VERSION);
    seqnn_status status = sq_write_architecture(out, model);
    if (!status && options->encoding)
        status = sq_write_encoding(out, options->encoding, data);
    if (data && data->classes > 0) {
        sq_write_key(out, "classes");
        sq_buffer_integer(out, data->classes);
        if (data->class_names)
            sq_write_strings(out, "class_names", data->class_names, data->classes);
    }
    sq_buffer_text(out, "}");
    return status ? status : out->status;
}

/* "lstm_1.W_x" */
static void sq_tensor_name(char name[SQ_TENSOR_NAME], const seqnn_layer *layer,
                           const seqnn_parameter *parameter)
{
    snprintf(name, SQ_TENSOR_NAME, "%s.%s", layer->name, parameter->name);
}

/* The parameters as arrays[0 .. *count), their names in names. */
static void sq_model_arrays(const seqnn_model *model, seqnn_named_array *arrays,
                            char (*names)[SQ_TENSOR_NAME], seqnn_size *count)
{
    *count = 0;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            seqnn_named_array *array = &arrays[*count];
            sq_tensor_name(names[*count], model->layers[i], view);
            array->name = names[(*count)++];
            array->dtype = sizeof(seqnn_real) == 4 ? SEQNN_F32 : SEQNN_F64;
            array->rank = 2;
            array->shape[0] = view->rows;
            array->shape[1] = view->columns;
            array->data = view->value;
        }
}

/* Writes what was put together; text is the metadata's. */
static seqnn_status sq_write_arrays(const char *path, const seqnn_named_array *arrays,
                                    seqnn_size count, const char *text)
{
    char checksum[SQ_CHECKSUM_SIZE];
    seqnn_metadata metadata[2];
    sq_checksum(arrays, count, text, checksum);
    metadata[0].key = sq_model_key;
    metadata[0].value = text;
    metadata[1].key = sq_checksum_key;
    metadata[1].value = checksum;
    return seqnn_safetensors_write(path, arrays, count, metadata, 2);
}

static seqnn_status sq_save(const seqnn_model *model, const char *path, const char *text,
                            const seqnn_tokenizer *tokenizer)
{
    const seqnn_size room = SQ_MAX_PARAMETERS * model->layer_count + 1;
    char *bytes = NULL;
    seqnn_size count = 0, size = 0;
    seqnn_named_array *arrays =
        (seqnn_named_array *)sq_allocate(room, sizeof(seqnn_named_array));
    char(*names)[SQ_TENSOR_NAME] =
        (char(*)[SQ_TENSOR_NAME])sq_allocate(room, SQ_TENSOR_NAME);
    seqnn_status status = arrays && names ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (!status)
        sq_model_arrays(model, arrays, names, &count);
    if (!status && tokenizer) {
        status = sq_tokenizer_write(tokenizer, &bytes, &size);
        arrays[count].name = sq_tokenizer_name;
        arrays[count].dtype = SEQNN_U8;
        arrays[count].rank = 1;
        arrays[count].shape[0] = size;
        arrays[count++].data = bytes;
    }
    if (!status)
        status = sq_write_arrays(path, arrays, count, text);
    sq_free(bytes);
    sq_free(names);
    sq_free(arrays);
    return status;
}

SEQNN_API seqnn_status seqnn_save(seqnn_model *model, const char *path,
                                  seqnn_save_options options)
{
    sq_buffer text;
    memset(&text, 0, sizeof text);
    if (!path)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "save: the path is NULL");
    const seqnn_tokenizer *tokenizer = options.tokenizer;
    if (!tokenizer && options.encoding)
        tokenizer = options.encoding->tokenizer;
    seqnn_status status = sq_model_build(model);
    if (!status)
        status = sq_write_model(&text, model, &options);
    if (!status)
        status = sq_save(model, path, text.text, tokenizer);
    sq_buffer_free(&text);
    return status;
}

/* ---- loading ---- */

typedef struct sq_model_file {
    seqnn_safetensors *file;
    sq_json json;
} sq_model_file;

static void sq_model_file_close(sq_model_file *in)
{
    seqnn_safetensors_free(in->file);
    sq_json_free(&in->json);
}

/* Reads and checks the file; close it in any case. */
static seqnn_status sq_model_file_open(sq_model_file *in, const char *path)
{
    char checksum[SQ_CHECKSUM_SIZE];
    memset(in, 0, sizeof *in);
    if (!path)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "load: the path is NULL");
    seqnn_status status = sq_safetensors_read(path, &in->file);
    if (status)
        return status;
    const char *text = seqnn_safetensors_metadata(in->file, sq_model_key);
    const char *expected = seqnn_safetensors_metadata(in->file, sq_checksum_key);
    if (!text)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: it holds tensors but no model; seqnn_import_weights takes "
                       "the weights of PyTorch and Keras",
                       path);
    sq_checksum(in->file->array, in->file->count, text, checksum);
    if (expected && strcmp(expected, checksum) != 0)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: its checksum is %s, and it says %.40s: the file is damaged",
                       path, checksum, expected);
    status = sq_json_parse(&in->json, path, text, (seqnn_size)strlen(text));
    if (status)
        return status;
    seqnn_size version =
        sq_json_size(sq_json_member(in->json.value, "version"), PTRDIFF_MAX);
    if (version != SQ_MODEL_VERSION)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: a model of version %td, expected %d; was it saved by a newer "
                       "seqnn?",
                       path, version, (int)SQ_MODEL_VERSION);
    return SEQNN_OK;
}

static const seqnn_named_array *sq_find_tensor(const seqnn_safetensors *file,
                                               const seqnn_layer *layer,
                                               const seqnn_parameter *parameter)
{
    char name[SQ_TENSOR_NAME];
    sq_tensor_name(name, layer, parameter);
    const seqnn_named_array *array = seqnn_safetensors_find(file, name);
    if (!array)
        sq_fail(SEQNN_ERROR_FORMAT, "tensor '%s' is missing", name);
    else if (array->dtype > SEQNN_BF16)
        sq_fail(SEQNN_ERROR_FORMAT, "tensor '%s' is of integers", name);
    else if (array->rank != 2 || array->shape[0] != parameter->rows ||
             array->shape[1] != parameter->columns)
        sq_fail(SEQNN_ERROR_SHAPE, "tensor '%s' is not [%td, %td]", name, parameter->rows,
                parameter->columns);
    else
        return array;
    return NULL;
}

/* All tensors are looked at before memory is asked for them. */
static seqnn_status sq_load_weights(seqnn_model *model, const seqnn_safetensors *file)
{
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            sq_parameter *parameter = &model->layers[i]->parameters[p];
            if (!sq_find_tensor(file, model->layers[i], &parameter->view))
                return SEQNN_ERROR_FORMAT;
            parameter->initializer.kind = SEQNN_ZEROS; /* the values come below */
            parameter->forget_bias = 0;
        }
    seqnn_status status = sq_model_build(model);
    for (seqnn_size i = 0; i < model->layer_count && !status; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            seqnn_named_array_read(sq_find_tensor(file, model->layers[i], view),
                                   view->value);
        }
    return status;
}

SEQNN_API seqnn_model *seqnn_load(const char *path)
{
    sq_model_file in;
    seqnn_model *model = NULL;
    if (!sq_model_file_open(&in, path)) {
        model = sq_read_architecture(in.json.value);
        seqnn_status status =
            model ? sq_load_weights(model, in.file) : SEQNN_ERROR_FORMAT;
        if (status) {
            sq_fail(status, "%s: %s", path, seqnn_error());
            seqnn_free(model);
            model = NULL;
        }
    }
    sq_model_file_close(&in);
    return model;
}

/* The tokenizer, or NULL: *status is OK if there is none. */
static seqnn_tokenizer *sq_find_tokenizer(const sq_model_file *in, seqnn_status *status)
{
    const seqnn_named_array *array = seqnn_safetensors_find(in->file, sq_tokenizer_name);
    *status = SEQNN_OK;
    if (!array)
        return NULL;
    seqnn_tokenizer *tokenizer = NULL;
    if (array->dtype == SEQNN_U8)
        tokenizer =
            sq_tokenizer_parse((const char *)array->data, seqnn_named_array_count(array));
    else
        sq_fail(SEQNN_ERROR_FORMAT, "the tokenizer is not of bytes");
    if (!tokenizer)
        *status = SEQNN_ERROR_FORMAT;
    return tokenizer;
}

SEQNN_API seqnn_tokenizer *seqnn_load_tokenizer(const char *path)
{
    sq_model_file in;
    seqnn_tokenizer *tokenizer = NULL;
    seqnn_status status;
    if (!sq_model_file_open(&in, path)) {
        tokenizer = sq_find_tokenizer(&in, &status);
        if (status)
            sq_fail(status, "%s: %s", path, seqnn_error());
        else if (!tokenizer)
            sq_fail(SEQNN_ERROR_ARGUMENT, "%s: it was saved without a tokenizer", path);
    }
    sq_model_file_close(&in);
    return tokenizer;
}

typedef struct sq_encoding {
    seqnn_encoding view;
    seqnn_tokenizer *tokenizer;
    sq_json json; /* holds the strings */
    const char **stop_words, **class_names;
} sq_encoding;

/* The strings of a list, a NULL behind them; none if there is no list. */
static seqnn_status sq_read_strings(const sq_json_value *list, const char ***strings)
{
    if (!list)
        return SEQNN_OK;
    if (list->kind != SQ_JSON_ARRAY)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s is no list", list->key);
    *strings = (const char **)sq_allocate(list->count + 1, sizeof(char *));
    seqnn_size i = 0;
    for (const sq_json_value *at = list->first; at && *strings; at = at->next) {
        (*strings)[i++] = sq_json_string(at);
        if (!sq_json_string(at))
            return sq_fail(SEQNN_ERROR_FORMAT, "%s is no list of strings", list->key);
    }
    return *strings ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

static seqnn_status sq_read_encoding(sq_encoding *own, const sq_model_file *in)
{
    seqnn_status status;
    const sq_json_value *root = in->json.value;
    const sq_json_value *object = sq_json_member(root, "encoding");
    const sq_json_value *names = sq_json_member(root, "class_names");
    const sq_json_value *classes = sq_json_member(root, "classes");
    own->tokenizer = sq_find_tokenizer(in, &status);
    if (!status && object)
        status = sq_read_options("encoding", sq_encode_table(), object, NULL,
                                 &own->view.options);
    if (!status)
        status = sq_read_strings(sq_json_member(root, "stop_words"), &own->stop_words);
    if (!status)
        status = sq_read_strings(names, &own->class_names);
    if (status)
        return status;
    own->view.options.tokenizer = own->tokenizer;
    own->view.options.stop_words = own->stop_words;
    own->view.classes = classes ? sq_json_size(classes, INT32_MAX) : 0;
    own->view.class_names = own->class_names;
    if (own->view.classes < 0 || (names && names->count != own->view.classes))
        return sq_fail(SEQNN_ERROR_FORMAT, "classes is not the number of class_names");
    return SEQNN_OK;
}

SEQNN_API seqnn_encoding *seqnn_load_encoding(const char *path)
{
    sq_model_file in;
    sq_encoding *own = NULL;
    if (!sq_model_file_open(&in, path))
        own = (sq_encoding *)sq_allocate(1, sizeof *own);
    if (own) {
        seqnn_status status = sq_read_encoding(own, &in);
        own->json = in.json;
        memset(&in.json, 0, sizeof in.json);
        if (status) {
            sq_fail(status, "%s: %s", path, seqnn_error());
            seqnn_encoding_free(&own->view);
            own = NULL;
        }
    }
    sq_model_file_close(&in);
    return own ? &own->view : NULL;
}

SEQNN_API void seqnn_encoding_free(seqnn_encoding *encoding)
{
    sq_encoding *own = (sq_encoding *)encoding;
    if (!own)
        return;
    seqnn_tokenizer_free(own->tokenizer);
    sq_json_free(&own->json);
    sq_free((void *)own->stop_words);
    sq_free((void *)own->class_names);
    sq_free(own);
}
