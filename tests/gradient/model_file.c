/* Model files between a float and a double build. */
#include "models.h"
#include "model_file.h"
#include "recurrent_layer.h"
#include "safetensors.h"
#include "weights_file.h"

#include <unistd.h>

static char path[64];

static seqnn_model *make(void)
{
    seqnn_model *model = seqnn_model_new(2);
    seqnn_sequences(model, 3, (seqnn_source_options){0});
    seqnn_lstm(model, 4,
               (seqnn_lstm_options){.dropout = 1 / 3., .forget_bias = SEQNN_ZERO});
    seqnn_dense(model, 2, (seqnn_dense_options){0});
    return model;
}

/* Every bit of a double, in weights and options. */
static void test_doubles(void **state)
{
    (void)state;
    seqnn_model *model = make();
    shake_weights(model, 0.3);
    succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
    seqnn_model *loaded = seqnn_load(path);
    assert_non_null(loaded);
    for (seqnn_size l = 1; l < 3; l++)
        for (seqnn_size p = 0; p < seqnn_layer_parameters(model->layers[l]); p++) {
            const seqnn_parameter *a = seqnn_layer_parameter_at(model->layers[l], p);
            const seqnn_parameter *b = seqnn_layer_parameter_at(loaded->layers[l], p);
            assert_memory_equal(a->value, b->value,
                                (size_t)(a->rows * a->columns) * sizeof *a->value);
        }
    const sq_recurrent_given *a = (const sq_recurrent_given *)model->layers[1]->made_from;
    const sq_recurrent_given *b =
        (const sq_recurrent_given *)loaded->layers[1]->made_from;
    assert_true(a->options.dropout == b->options.dropout);
    assert_true(b->options.forget_bias == SEQNN_ZERO);
    seqnn_free(model);
    seqnn_free(loaded);
}

/* A file of floats, as a float build writes it: the same numbers. */
static void test_floats(void **state)
{
    (void)state;
    const float W[6] = {0.1f, -1, 2, 1e-30f, 7.25f, 3}, b[2] = {0.3f, 0};
    const seqnn_named_array arrays[2] = {{"d.W", SEQNN_F32, 2, {3, 2}, W},
                                         {"d.b", SEQNN_F32, 2, {1, 2}, b}};
    const seqnn_metadata metadata = {
        "seqnn", "{\"version\": 1, \"seed\": \"1\", \"layers\": ["
                 "{\"kind\": \"vectors\", \"name\": \"v\", \"features\": 3},"
                 "{\"kind\": \"dense\", \"name\": \"d\", \"units\": 2, "
                 "\"initializer\": [\"constant\", -1e30, 0.1]}]}"};
    succeeds(seqnn_safetensors_write(path, arrays, 2, &metadata, 1));
    seqnn_model *model = seqnn_load(path);
    assert_non_null(model);
    const seqnn_parameter *loaded = seqnn_layer_parameter_at(model->layers[1], 0);
    for (int i = 0; i < 6; i++)
        assert_true(loaded->value[i] == (double)W[i]);
    succeeds(seqnn_save(model, path, (seqnn_save_options){0}));
    seqnn_free(model);
}

/* Out to the other side's names and in again. */
static void test_exchange(void **state)
{
    (void)state;
    const seqnn_weights_options options = {.framework = SEQNN_PYTORCH};
    seqnn_model *model = make(), *other = make();
    shake_weights(model, 0.3);
    succeeds(seqnn_export_weights(model, path, options));
    succeeds(seqnn_import_weights(other, path, options));
    const seqnn_parameter *a = seqnn_layer_parameter(model->layers[1], "W_h");
    const seqnn_parameter *b = seqnn_layer_parameter(other->layers[1], "W_h");
    assert_memory_equal(a->value, b->value, 4 * 16 * sizeof *a->value);
    seqnn_free(model);
    seqnn_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_doubles),
                                       cmocka_unit_test(test_floats),
                                       cmocka_unit_test(test_exchange)};
    snprintf(path, sizeof path, "/tmp/seqnn-double-%d.safetensors", (int)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return failed;
}
