/* Models saved and loaded: the same bits; damaged or untrue files: errors. */
#define _POSIX_C_SOURCE 200809L
#include "models.h"
#include "comma_locale.h"
#include "model_file.h"
#include "safetensors.h"

#include <unistd.h>

static char path[64], other_path[64];

/* ---- models with every kind of layer and every option ---- */

static const int32_t words[3 * 6] = {3, 1, 2, 5, 0, 0, 4, 4, 6,
                                     1, 2, 3, 7, 0, 0, 0, 0, 0};

static seqnn_model *classifier(void)
{
    seqnn_model *model = seqnn_model_new(UINT64_MAX);
    seqnn_embedding(model, 9, 5,
                    (seqnn_embedding_options){.name = "the \"words\"\\\n\t\x01 \xC3\xA9",
                                              .mask_zero = true,
                                              .frozen = true,
                                              .initializer = {SEQNN_UNIFORM, 0.1f, 0}});
    seqnn_lstm(model, 4,
               (seqnn_lstm_options){.bidirectional = SEQNN_SUM,
                                    .return_sequences = true,
                                    .dropout = 0.2f,
                                    .recurrent_dropout = 0.3f,
                                    .forget_bias = SEQNN_ZERO,
                                    .bias_initializer = {SEQNN_CONSTANT, 1e-7f, 0}});
    seqnn_dropout(model, 0.1f, (seqnn_dropout_options){.per_sequence = true});
    seqnn_global_max_pool(model, (seqnn_pooling_options){.name = "top"});
    seqnn_dense(model, 3,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX,
                                      .initializer = {SEQNN_GLOROT_NORMAL, 0, 0},
                                      .bias_initializer = {SEQNN_NORMAL, 0.3f, -1}});
    return model;
}

static seqnn_model *fixed_length(void)
{
    seqnn_model *model = seqnn_model_new(0);
    seqnn_layer *source =
        seqnn_sequences(model, 3, (seqnn_source_options){.name = "in", .time = 6});
    seqnn_layer *rnn = seqnn_simple_rnn(
        model, 4,
        (seqnn_rnn_options){.activation = SEQNN_RELU,
                            .go_backwards = true,
                            .stateful = true,
                            .return_sequences = true,
                            .bptt_window = PTRDIFF_MAX,
                            .input_initializer = {SEQNN_HE_NORMAL, 0, 0},
                            .recurrent_initializer = {SEQNN_IDENTITY, 0.5f, 0},
                            .no_bias = true});
    seqnn_flatten(model, (seqnn_pooling_options){.input = rnn});
    seqnn_layer *flat = seqnn_dense(model, 2, (seqnn_dense_options){.no_bias = true});
    seqnn_layer *mean =
        seqnn_global_mean_pool(model, (seqnn_pooling_options){.input = source});
    seqnn_layer *other =
        seqnn_dense(model, 2, (seqnn_dense_options){.input = mean, .name = "other"});
    seqnn_layer *sum =
        seqnn_add(model, flat, other, (seqnn_merge_options){.name = "skip"});
    seqnn_layer *tanh =
        seqnn_activate(model, SEQNN_TANH, (seqnn_activation_options){.input = other});
    seqnn_dropout(model, 0.5f, (seqnn_dropout_options){.input = tanh});
    seqnn_concat(model, seqnn_model_layer_at(model, seqnn_model_layers(model) - 1), sum,
                 (seqnn_merge_options){0});
    return model;
}

static seqnn_model *encoder_decoder(void)
{
    seqnn_model *model = seqnn_model_new(7);
    seqnn_sequences(model, 3, (seqnn_source_options){0});
    seqnn_layer *steps = seqnn_simple_rnn(
        model, 4, (seqnn_rnn_options){.skip = 3, .return_sequences = true});
    seqnn_layer *encoder = seqnn_gru(model, 4, (seqnn_gru_options){.input = steps});
    seqnn_embedding(model, 9, 4, (seqnn_embedding_options){.time = 6});
    seqnn_gru(model, 4,
              (seqnn_gru_options){.initial_state = encoder, .return_sequences = true});
    seqnn_gru(model, 4,
              (seqnn_gru_options){.reset = SEQNN_RESET_BEFORE, .return_sequences = true});
    seqnn_gru(model, 4, (seqnn_gru_options){.reset = SEQNN_RESET_AFTER});
    seqnn_layer *state = seqnn_vectors(model, 2, (seqnn_source_options){0});
    seqnn_concat(model, seqnn_model_layer(model, "gru_4"), state,
                 (seqnn_merge_options){0});
    return model;
}

static seqnn_model *characters(void)
{
    seqnn_model *model = seqnn_model_new(8);
    seqnn_one_hot_source(
        model, 9,
        (seqnn_one_hot_options){.name = "letters", .mask_zero = true, .time = 6});
    seqnn_lstm(model, 4, (seqnn_lstm_options){.return_sequences = true});
    seqnn_layer *letters = seqnn_model_layer(model, "letters");
    seqnn_layer *cell = seqnn_model_layer(model, "lstm_1");
    seqnn_concat(model, letters, cell, (seqnn_merge_options){0});
    return model;
}

typedef seqnn_model *(*builder)(void);
static const builder zoo[] = {classifier, fixed_length, encoder_decoder, characters};
enum { ZOO = sizeof zoo / sizeof *zoo };

/* The output for fixed inputs of whatever the sources read; the caller's to free. */
static seqnn_real *output_of(seqnn_model *model)
{
    seqnn_real *x = numbers(3 * 6 * 3, 5);
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = 3;
    for (int k = 0; k < model->source_count; k++) {
        const sq_source *source = &model->sources[k];
        seqnn_array *in = &batch.x[k];
        in->time = source->kind == SQ_VECTORS ? 0 : 6;
        if (source->kind == SQ_INDICES)
            in->indices = words;
        else {
            in->values = x;
            in->features = source->layer->out.features;
        }
    }
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    free(x);
    return kept(seqnn_output(model));
}

static size_t output_bytes(seqnn_model *model)
{
    return (size_t)seqnn_tensor_size(seqnn_output(model)) * sizeof(seqnn_real);
}

static unsigned char *read_file(const char *from, size_t *size)
{
    FILE *file = fopen(from, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = (unsigned char *)malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void write_file(const char *to, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void test_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < ZOO; i++) {
        seqnn_model *model = zoo[i]();
        if (!seqnn_ok(model))
            fail_msg("model %d: %s", i, seqnn_error());
        shake_weights(model, 0.5);
        seqnn_real *before = output_of(model);
        succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
        seqnn_model *loaded = seqnn_load(path);
        if (!loaded)
            fail_msg("model %d: %s", i, seqnn_error());
        seqnn_real *after = output_of(loaded);
        assert_memory_equal(before, after, output_bytes(model));
        assert_true(loaded->seed == model->seed);
        /* A model saved again is the same file. */
        succeeds(seqnn_save(loaded, other_path, (seqnn_save_options){0}));
        size_t size, other_size;
        unsigned char *bytes = read_file(path, &size);
        unsigned char *other = read_file(other_path, &other_size);
        assert_int_equal(size, other_size);
        assert_memory_equal(bytes, other, size);
        free(bytes);
        free(other);
        free(before);
        free(after);
        seqnn_free(model);
        seqnn_free(loaded);
    }
}

/* ---- options ---- */

static size_t option_size(sq_option_kind kind)
{
    switch (kind) {
    case SQ_OPTION_BOOL:
        return sizeof(bool);
    case SQ_OPTION_SIZE:
        return sizeof(seqnn_size);
    case SQ_OPTION_REAL:
        return sizeof(seqnn_real);
    case SQ_OPTION_WORD:
        return sizeof(int);
    case SQ_OPTION_INITIALIZER:
        return sizeof(seqnn_initializer);
    default:
        return sizeof(void *);
    }
}

/* What the table shows of a layer and of the one that was loaded; which options were not
 * at their default is noted. */
static void expect_same_options(const seqnn_layer *a, const seqnn_layer *b,
                                const char **seen, int *count)
{
    static const char nothing[64];
    assert_string_equal(a->name, b->name);
    assert_ptr_equal(a->type, b->type);
    for (const sq_layer_option *o = a->type->options(); o->name; o++) {
        const char *mine = (const char *)a->made_from + o->offset;
        const char *other = (const char *)b->made_from + o->offset;
        if (memcmp(mine, nothing, option_size(o->kind)) != 0)
            seen[(*count)++] = o->name;
        if (o->kind == SQ_OPTION_LAYER && *(seqnn_layer *const *)mine)
            assert_string_equal((*(seqnn_layer *const *)mine)->name,
                                (*(seqnn_layer *const *)other)->name);
        else if (o->kind != SQ_OPTION_NAME)
            assert_memory_equal(mine, other, option_size(o->kind));
    }
    assert_int_equal(a->parameter_count, b->parameter_count);
    for (int p = 0; p < a->parameter_count; p++)
        assert_int_equal(a->parameters[p].view.frozen, b->parameters[p].view.frozen);
}

static void test_every_option(void **state)
{
    (void)state;
    const char *seen[512];
    int count = 0;
    for (int i = 0; i < ZOO; i++) {
        seqnn_model *model = zoo[i]();
        succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
        seqnn_model *loaded = seqnn_load(path);
        assert_non_null(loaded);
        assert_int_equal(model->layer_count, loaded->layer_count);
        for (seqnn_size l = 0; l < model->layer_count; l++)
            expect_same_options(model->layers[l], loaded->layers[l], seen, &count);
        seqnn_free(model);
        seqnn_free(loaded);
    }
    static const char *const kinds[] = {
        "embedding", "sequences",  "vectors",         "dense",
        "dropout",   "gru",        "global_max_pool", "global_mean_pool",
        "flatten",   "add",        "concat",          "activation",
        "lstm",      "simple_rnn", "one_hot"};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const sq_layer_type *type = sq_layer_type_named(kinds[k]);
        assert_non_null(type);
        for (const sq_layer_option *o = type->options(); o->name; o++) {
            int at = 0;
            while (at < count && strcmp(seen[at], o->name) != 0)
                at++;
            if (at == count)
                fail_msg("no model here sets %s of %s", o->name, kinds[k]);
        }
    }
}

/* What was frozen or thawed by hand is kept, parameter by parameter. */
static void test_frozen(void **state)
{
    (void)state;
    seqnn_model *model = classifier();
    seqnn_layer_parameter_at(seqnn_model_layer_at(model, 0), 0)->frozen = false;
    seqnn_layer_parameter(seqnn_model_layer(model, "bidirectional_1_forward"), "W_h")
        ->frozen = true;
    succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
    seqnn_model *loaded = seqnn_load(path);
    assert_false(seqnn_layer_parameter_at(seqnn_model_layer_at(loaded, 0), 0)->frozen);
    seqnn_layer *cell = seqnn_model_layer(loaded, "bidirectional_1_forward");
    assert_true(seqnn_layer_parameter(cell, "W_h")->frozen);
    assert_false(seqnn_layer_parameter(cell, "W_x")->frozen);
    seqnn_free(model);
    seqnn_free(loaded);
}

/* ---- damaged files ---- */

static seqnn_model *small_model(void)
{
    seqnn_model *model = seqnn_model_new(3);
    seqnn_embedding(model, 9, 2, (seqnn_embedding_options){.mask_zero = true});
    seqnn_gru(model, 2, (seqnn_gru_options){.dropout = 0.25f});
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SIGMOID});
    return model;
}

static seqnn_tokenizer *small_tokenizer(void)
{
    static const char *const texts[] = {"the cat sat", "the cat", "the dog: the end!"};
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(
        (seqnn_tokenizer_options){.num_words = 5, .oov_token = "a b", .filters = ":!"});
    succeeds(seqnn_tokenizer_fit(tokenizer, texts, 3));
    return tokenizer;
}

/* Every reader's verdict on the file: true if all of it was refused. */
static bool all_refuse(void)
{
    seqnn_model *model = seqnn_load(path);
    if (!model)
        says(path);
    seqnn_tokenizer *tokenizer = seqnn_load_tokenizer(path);
    seqnn_encoding *encoding = seqnn_load_encoding(path);
    const bool refused = !model && !tokenizer && !encoding;
    seqnn_free(model);
    seqnn_tokenizer_free(tokenizer);
    seqnn_encoding_free(encoding);
    return refused;
}

static void test_cut(void **state)
{
    (void)state;
    seqnn_model *model = small_model();
    seqnn_tokenizer *tokenizer = small_tokenizer();
    succeeds(seqnn_save(model, path, (seqnn_save_options){.tokenizer = tokenizer}));
    size_t size;
    unsigned char *bytes = read_file(path, &size);
    for (size_t cut = 0; cut < size; cut++) {
        write_file(path, bytes, cut);
        if (!all_refuse())
            fail_msg("%zu of %zu bytes were taken for a model", cut, size);
    }
    write_file(path, bytes, size);
    bytes[size] = 0;
    write_file(other_path, bytes, size + 1);
    assert_null(seqnn_load(other_path));
    assert_false(all_refuse());
    free(bytes);
    seqnn_tokenizer_free(tokenizer);
    seqnn_free(model);
}

/* Every byte, each with another bit or two flipped: an error, or the same model. */
static void test_flipped(void **state)
{
    (void)state;
    seqnn_model *model = small_model();
    seqnn_tokenizer *tokenizer = small_tokenizer();
    succeeds(seqnn_save(model, path, (seqnn_save_options){.tokenizer = tokenizer}));
    size_t size, harmless = 0;
    unsigned char *bytes = read_file(path, &size);
    seqnn_real *before = output_of(model);
    for (size_t i = 0; i < size; i++) {
        const unsigned char kept_byte = bytes[i];
        for (int turn = 0; turn < 3; turn++) {
            bytes[i] ^=
                (unsigned char)(turn < 2 ? 1u << ((i + 3 * (size_t)turn) % 8) : 32);
            write_file(path, bytes, size);
            seqnn_model *loaded = seqnn_load(path);
            bytes[i] = kept_byte;
            if (!loaded)
                continue;
            seqnn_real *after = output_of(loaded);
            assert_memory_equal(before, after, output_bytes(model));
            assert_true(loaded->seed == model->seed);
            free(after);
            seqnn_free(loaded);
            harmless++;
        }
    }
    printf("%zu of %zu flips left the same model (%zu bytes)\n", harmless, 3 * size,
           size);
    assert_true(harmless < 3 * size / 20);
    free(before);
    free(bytes);
    seqnn_tokenizer_free(tokenizer);
    seqnn_free(model);
}

/* ---- lies ---- */

#define DENSE "{\"kind\": \"dense\", \"name\": \"d\", \"units\": 2}"
#define INPUT "{\"kind\": \"vectors\", \"name\": \"v\", \"features\": 3}"
#define MODEL(layers) "{\"version\": 1, \"seed\": \"1\", \"layers\": [" layers "]}"

/* Writes a file with this description and, unless it is left out, a right d.W. */
static void write_described(const char *text, const char *checksum, seqnn_size columns,
                            seqnn_dtype dtype)
{
    static const double zeros[64];
    seqnn_named_array arrays[2] = {{"d.W", dtype, 2, {3, columns}, zeros},
                                   {"d.b", dtype, 2, {1, 2}, zeros}};
    seqnn_metadata metadata[2] = {{"seqnn", text}, {"seqnn_checksum", checksum}};
    succeeds(seqnn_safetensors_write(path, arrays + (columns == 0), columns ? 2 : 1,
                                     metadata, checksum ? 2 : 1));
}

static void lie(const char *text, const char *sentence)
{
    write_described(text, NULL, 2, SEQNN_F32);
    assert_null(seqnn_load(path));
    says(path);
    says(sentence);
}

static void test_lies(void **state)
{
    (void)state;
    write_described(MODEL(INPUT ", " DENSE), NULL, 2, SEQNN_F32);
    seqnn_model *model = seqnn_load(path);
    assert_non_null(model);
    seqnn_free(model);
    write_described(MODEL(INPUT ", " DENSE), "fnv1a64:0", 2, SEQNN_F32);
    assert_null(seqnn_load(path));
    says("checksum");
    write_described(MODEL(INPUT ", " DENSE), NULL, 0, SEQNN_F32);
    assert_null(seqnn_load(path));
    says("tensor 'd.W' is missing");
    write_described(MODEL(INPUT ", " DENSE), NULL, 3, SEQNN_F32);
    assert_null(seqnn_load(path));
    says("'d.W' is not [3, 2]");
    write_described(MODEL(INPUT ", " DENSE), NULL, 2, SEQNN_I32);
    assert_null(seqnn_load(path));
    says("integers");

    lie("", "byte 0");
    lie("[1]", "version");
    lie("{\"version\": 2}", "newer");
    lie("{\"version\": 1, \"seed\": 1}", "seed");
    lie("{\"version\": 1, \"seed\": \"18446744073709551616\", \"layers\": []}", "seed");
    lie("{\"version\": 1, \"seed\": \"1\", \"layers\": []}", "layers");
    lie("{\"version\": 1, \"seed\": \"1\", \"layers\": {\"a\": " INPUT "}}", "layers");
    lie(MODEL("7"), "layer 1 is of unknown kind");
    lie(MODEL("{\"kind\": \"lstm\", \"name\": \"d\"}"),
        "the first layer is an embedding");
    lie(MODEL(INPUT ", {\"kind\": \"transformer\", \"name\": \"d\"}"),
        "layer 2 is of unknown kind 'transformer'");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"units\": 2}"), "no name");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\"}"), "0 units");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": -1}"),
        "units is -1");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 1.5}"),
        "units is 1.5");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 1000000000000}"),
        "'d.W' is not [3, 1000000000000]");
    lie(MODEL(INPUT
              ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 9223372036854775807}"),
        "not possible");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 1e400}"), "");
    lie(MODEL(INPUT
              ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, \"mood\": 1}"),
        "no option 'mood'");
    lie(MODEL(INPUT
              ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, \"input\": \"w\"}"),
        "input is w, expected the name of an earlier layer");
    lie(MODEL(INPUT
              ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, \"input\": \"d\"}"),
        "input is d");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, "
                    "\"activation\": \"swish\"}"),
        "activation is swish");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, "
                    "\"initializer\": [\"normal\", 1]}"),
        "initializer");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, "
                    "\"no_bias\": 1}"),
        "no_bias is 1, expected true or false");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, "
                    "\"frozen\": [\"table\"]}"),
        "no parameter 'table'");
    lie(MODEL(INPUT ", {\"kind\": \"dense\", \"name\": \"v\", \"units\": 2}"), "unique");
    lie(MODEL(INPUT ", {\"kind\": \"add\", \"name\": \"s\", \"a\": \"v\"}"), "NULL");
    lie(MODEL(INPUT ", {\"kind\": \"lstm\", \"name\": \"d\", \"units\": 2}"),
        "expected [batch, time");
    lie(MODEL("{\"kind\": \"vectors\", \"name\": \"a\\u0000b\", \"features\": 3}"), "");
}

/* Tensors without a model, and no file at all. */
static void test_no_model(void **state)
{
    (void)state;
    float one = 1;
    seqnn_named_array array = {"d.W", SEQNN_F32, 1, {1}, &one};
    succeeds(seqnn_safetensors_write(path, &array, 1, NULL, 0));
    assert_true(all_refuse());
    says("seqnn_import_weights");
    assert_null(seqnn_load("/nowhere/at.all"));
    says("/nowhere/at.all");
    assert_null(seqnn_load(NULL));
    assert_null(seqnn_load_tokenizer(NULL));
    assert_null(seqnn_load_encoding(NULL));
    seqnn_encoding_free(NULL);
}

/* F64 and half precision come in as seqnn_real. */
static void test_other_types(void **state)
{
    (void)state;
    const double W[6] = {0.5, -1, 2, 1 / 3., 1e-3, 7}, b[2] = {0.25, 3};
    seqnn_named_array arrays[2] = {{"d.W", SEQNN_F64, 2, {3, 2}, W},
                                   {"d.b", SEQNN_F64, 2, {1, 2}, b}};
    seqnn_metadata metadata = {"seqnn", MODEL(INPUT ", " DENSE)};
    succeeds(seqnn_safetensors_write(path, arrays, 2, &metadata, 1));
    seqnn_model *model = seqnn_load(path);
    assert_non_null(model);
    const seqnn_parameter *loaded =
        seqnn_layer_parameter(seqnn_model_layer(model, "d"), "W");
    for (int i = 0; i < 6; i++)
        assert_true(loaded->value[i] == (seqnn_real)W[i]);
    seqnn_free(model);
}

/* Files that Python's safetensors package wrote: in another order, and edited, which
 * loses the checksum. */
static void test_written_by_python(void **state)
{
    (void)state;
    static const char *const files[] = {"resaved", "edited"};
    seqnn_model *model = small_model();
    seqnn_real *expected = output_of(model);
    for (int i = 0; i < 2; i++) {
        char name[512];
        const char *end = strrchr(__FILE__, '/');
        snprintf(name, sizeof name, "%.*sfuzz/seeds/model_file/%s.safetensors",
                 end ? (int)(end - __FILE__ + 1) : 0, __FILE__, files[i]);
        seqnn_model *loaded = seqnn_load(name);
        if (!loaded)
            fail_msg("%s", seqnn_error());
        seqnn_real *mine = output_of(loaded);
        expect_near(seqnn_tensor_size(seqnn_output(loaded)), mine, expected, 1e-5);
        free(mine);
        seqnn_free(loaded);
    }
    free(expected);
    seqnn_free(model);
}

/* In a locale that writes 0,1 the file is the same. */
static void test_locale(void **state)
{
    (void)state;
    if (!set_comma_locale())
        skip();
    seqnn_model *model = classifier();
    succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
    seqnn_model *loaded = seqnn_load(path);
    setlocale(LC_ALL, "C");
    assert_non_null(loaded);
    succeeds(seqnn_save(loaded, other_path, (seqnn_save_options){0}));
    size_t size, other_size;
    unsigned char *bytes = read_file(path, &size),
                  *other = read_file(other_path, &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other, size);
    assert_non_null(strstr((const char *)bytes + 8, "0.1"));
    free(bytes);
    free(other);
    seqnn_free(model);
    seqnn_free(loaded);
}

static void test_save_errors(void **state)
{
    (void)state;
    seqnn_model *model = small_model();
    assert_int_not_equal(seqnn_save(model, "/nowhere/at.all", (seqnn_save_options){0}),
                         0);
    says("/nowhere/at.all");
    assert_int_not_equal(seqnn_save(model, NULL, (seqnn_save_options){0}), 0);
    assert_int_not_equal(seqnn_save(NULL, path, (seqnn_save_options){0}), 0);
    seqnn_free(model);

    model = seqnn_model_new(1);
    seqnn_vectors(model, 2, (seqnn_source_options){.name = "caf\xE9"});
    seqnn_dense(model, 2, (seqnn_dense_options){0});
    assert_int_not_equal(seqnn_save(model, path, (seqnn_save_options){0}), 0);
    says("UTF-8");
    seqnn_free(model);

    model = seqnn_model_new(1);
    seqnn_vectors(model, 2, (seqnn_source_options){0});
    seqnn_dense(model, 2,
                (seqnn_dense_options){.initializer = {SEQNN_CONSTANT, INFINITY, 0}});
    assert_int_not_equal(seqnn_save(model, path, (seqnn_save_options){0}), 0);
    says("dense 'dense_1': initializer is not a finite number");
    seqnn_free(model);

    model = seqnn_model_new(1); /* in error */
    seqnn_dense(model, 2, (seqnn_dense_options){0});
    assert_int_not_equal(seqnn_save(model, path, (seqnn_save_options){0}), 0);
    says("the first layer");
    seqnn_free(model);
}

/* ---- what lies beside the model ---- */

static void expect_same_tokenizer(const seqnn_tokenizer *a, const seqnn_tokenizer *b)
{
    static const char *const texts[] = {"The CAT: sat on the dog!", "end a b zebra"};
    assert_int_equal(seqnn_tokenizer_vocabulary(a), seqnn_tokenizer_vocabulary(b));
    assert_int_equal(seqnn_tokenizer_words(a), seqnn_tokenizer_words(b));
    assert_int_equal(seqnn_tokenizer_tokens(a), seqnn_tokenizer_tokens(b));
    for (seqnn_size i = 0; i < seqnn_tokenizer_words(a) + 3; i++) {
        const char *word = seqnn_tokenizer_word(a, i);
        if (!word)
            assert_null(seqnn_tokenizer_word(b, i));
        else
            assert_string_equal(word, seqnn_tokenizer_word(b, i));
        assert_int_equal(seqnn_tokenizer_count(a, i), seqnn_tokenizer_count(b, i));
    }
    seqnn_token_sequences *x = seqnn_tokenizer_sequences(a, texts, 2);
    seqnn_token_sequences *y = seqnn_tokenizer_sequences(b, texts, 2);
    assert_memory_equal(x->begin, y->begin, 3 * sizeof *x->begin);
    assert_memory_equal(x->indices, y->indices, (size_t)x->begin[2] * sizeof(int32_t));
    seqnn_token_sequences_free(x);
    seqnn_token_sequences_free(y);
}

static void test_tokenizer(void **state)
{
    (void)state;
    static const char *const texts[] = {"x\ty \xFF\xFE caf\xC3\xA9 \x01", "X y  y", ""};
    const seqnn_tokenizer_options kinds[] = {{0},
                                             {.keep_case = true, .filters = ""},
                                             {.num_words = 3, .oov_token = ""},
                                             {.char_level = true, .oov_token = "?"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        seqnn_model *model = small_model();
        seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(kinds[i]);
        if (i != 2) /* that one has seen nothing */
            succeeds(seqnn_tokenizer_fit(tokenizer, texts, 3));
        succeeds(seqnn_save(model, path, (seqnn_save_options){.tokenizer = tokenizer}));
        seqnn_tokenizer *loaded = seqnn_load_tokenizer(path);
        if (!loaded)
            fail_msg("%s", seqnn_error());
        expect_same_tokenizer(tokenizer, loaded);
        /* It learns on as the first one would. */
        succeeds(seqnn_tokenizer_fit(tokenizer, texts + 1, 1));
        succeeds(seqnn_tokenizer_fit(loaded, texts + 1, 1));
        expect_same_tokenizer(tokenizer, loaded);
        seqnn_tokenizer_free(tokenizer);
        seqnn_tokenizer_free(loaded);
        seqnn_free(model);
    }
}

static void test_encoding(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    succeeds(seqnn_texts_add(texts, "The cat sat on U.S. soil", "animals", NULL));
    succeeds(seqnn_texts_add(texts, "rain, and the sun", "weather \xE2\x98\x80", NULL));
    const char *const stop_words[] = {"the", "on", NULL};
    seqnn_encode_options options = {.padding = SEQNN_PRE,
                                    .truncating = SEQNN_POST,
                                    .cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST,
                                    .stop_words = stop_words,
                                    .min_length = 3};
    options.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_dataset *data = seqnn_encode(texts, options);
    assert_non_null(data);
    seqnn_model *model = small_model();
    succeeds(seqnn_save(model, path,
                        (seqnn_save_options){.encoding = &options, .data = data}));
    seqnn_encoding *loaded = seqnn_load_encoding(path);
    if (!loaded)
        fail_msg("%s", seqnn_error());
    assert_int_equal(loaded->classes, 2);
    assert_string_equal(loaded->class_names[1], "weather \xE2\x98\x80");
    assert_int_equal(loaded->options.length, data->x[0].time);
    seqnn_dataset *again = seqnn_encode(texts, loaded->options);
    assert_non_null(again);
    assert_int_equal(data->x[0].time, again->x[0].time);
    assert_memory_equal(data->x[0].indices, again->x[0].indices,
                        (size_t)(data->count * data->x[0].time) * sizeof(int32_t));
    seqnn_encoding_free(loaded);
    seqnn_dataset_free(again);

    /* Without any of it. */
    succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
    loaded = seqnn_load_encoding(path);
    assert_non_null(loaded);
    assert_null(loaded->class_names);
    assert_null(loaded->options.tokenizer);
    assert_int_equal(loaded->classes, 0);
    assert_null(seqnn_load_tokenizer(path));
    says("without a tokenizer");
    seqnn_encoding_free(loaded);

    options.padding = (seqnn_side)9;
    assert_int_not_equal(
        seqnn_save(model, path, (seqnn_save_options){.encoding = &options}), 0);
    says("there is no padding 9");
    seqnn_free(model);
    seqnn_tokenizer_free(options.tokenizer);
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

/* A tokenizer that is none: each of these bytes in place of a right one's. */
static void test_tokenizer_lies(void **state)
{
    (void)state;
#define HEAD                                                                             \
    "seqnn tokenizer 1\0num_words\0"                                                     \
    "0\0filters\0\0\0"
    static const struct {
        const char *bytes;
        size_t size;
        const char *sentence;
    } lies[] = {
#define LIE(text, sentence) {text, sizeof text - 1, sentence}
        LIE("", "format"),
        LIE("seqnn tokenizer 2\0\0", "format"),
        LIE("seqnn tokenizer 1", "format"),
        LIE("seqnn tokenizer 1\0", "format"),
        LIE("seqnn tokenizer 1\0num_words\0-1\0\0", "option"),
        LIE("seqnn tokenizer 1\0num_words\0"
            "9999999999999999999\0\0",
            "option"),
        LIE("seqnn tokenizer 1\0mood\0"
            "1\0\0",
            "option"),
        LIE("seqnn tokenizer 1\0filters\0\xFF\0\0", "ASCII"),
        LIE(HEAD "word\0", "word 0"),
        LIE(HEAD "word\0"
                 "0\0",
            "word 0"),
        LIE(HEAD "word\0"
                 "1",
            "word 0"),
        LIE(HEAD "word\0"
                 "1\0word\0"
                 "1\0",
            "word 1 comes twice"),
        LIE(HEAD "\0"
                 "1\0",
            "word 0"),
    };
    seqnn_metadata metadata = {"seqnn", MODEL(INPUT)};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        seqnn_named_array array = {
            "tokenizer", SEQNN_U8, 1, {(seqnn_size)lies[i].size}, lies[i].bytes};
        succeeds(seqnn_safetensors_write(path, &array, 1, &metadata, 1));
        assert_null(seqnn_load_tokenizer(path));
        says(path);
        says(lies[i].sentence);
        assert_null(seqnn_load_encoding(path));
    }
    seqnn_named_array array = {"tokenizer", SEQNN_U8, 1, {sizeof HEAD - 1}, HEAD};
    succeeds(seqnn_safetensors_write(path, &array, 1, &metadata, 1));
    seqnn_tokenizer *empty = seqnn_load_tokenizer(path);
    assert_non_null(empty);
    seqnn_tokenizer_free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits),
                                       cmocka_unit_test(test_every_option),
                                       cmocka_unit_test(test_frozen),
                                       cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_flipped),
                                       cmocka_unit_test(test_lies),
                                       cmocka_unit_test(test_no_model),
                                       cmocka_unit_test(test_other_types),
                                       cmocka_unit_test(test_written_by_python),
                                       cmocka_unit_test(test_locale),
                                       cmocka_unit_test(test_save_errors),
                                       cmocka_unit_test(test_tokenizer),
                                       cmocka_unit_test(test_encoding),
                                       cmocka_unit_test(test_tokenizer_lies)};
    snprintf(path, sizeof path, "/tmp/seqnn-model-%d.safetensors", (int)getpid());
    snprintf(other_path, sizeof other_path, "/tmp/seqnn-model-%d-b.safetensors",
             (int)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    remove(other_path);
    return failed;
}
