/* Where a model computes, in a program that was built for the CPU alone: what may be
 * asked for, and what is said. tests/cuda has the same with a device. */
#define _POSIX_C_SOURCE 200112L /* setenv */
#include "models.h"

static seqnn_model *small(void)
{
    seqnn_model *model = seqnn_model_new(5);
    seqnn_vectors(model, 3, (seqnn_source_options){0});
    seqnn_dense(model, 2, (seqnn_dense_options){0});
    return model;
}

static void environment(const char *value)
{
    if (value)
        setenv("SEQNN_DEVICE", value, 1);
    else
        unsetenv("SEQNN_DEVICE");
}

static void the_cpu_unasked(void **state)
{
    (void)state;
    static const char *const values[] = {NULL, "cpu", "abacus", ""};
    for (size_t i = 0; i < 4; i++) {
        environment(values[i]);
        seqnn_dense(NULL, 2, (seqnn_dense_options){0});
        char before[200];
        snprintf(before, sizeof before, "%s", seqnn_error());
        seqnn_model *model = small();
        assert_string_equal(seqnn_device_name(model), "CPU");
        assert_non_null(seqnn_weights(model, NULL));
        assert_true(seqnn_ok(model));
        assert_true(before[0] && !strcmp(seqnn_error(), before));
        seqnn_free(model);
    }
    environment(NULL);
}

static void the_cpu_asked_for(void **state)
{
    (void)state;
    environment("gpu"); /* what the program says counts more */
    seqnn_model *model = small();
    succeeds(seqnn_use(model, SEQNN_CPU));
    assert_non_null(seqnn_weights(model, NULL));
    assert_string_equal(seqnn_device_name(model), "CPU");
    assert_true(seqnn_ok(model));
    seqnn_free(model);
    environment(NULL);
}

static void no_gpu(void **state)
{
    (void)state;
    seqnn_model *model = small();
    assert_int_equal(seqnn_use(model, SEQNN_GPU), SEQNN_ERROR_DEVICE);
    says("use: device: this program was built without SEQNN_CUDA");
    assert_false(seqnn_ok(model));
    assert_null(seqnn_weights(model, NULL));
    assert_string_equal(seqnn_device_name(model), "CPU");
    assert_int_equal(seqnn_use(model, SEQNN_CPU), SEQNN_ERROR_DEVICE); /* it stays */
    seqnn_free(model);

    environment("gpu");
    model = small();
    assert_string_equal(seqnn_device_name(model), "CPU");
    assert_null(seqnn_weights(model, NULL));
    says("model: cannot be built: device: this program was built without SEQNN_CUDA");
    assert_false(seqnn_ok(model));
    seqnn_free(model);
    environment(NULL);
}

static void not_asked_well(void **state)
{
    (void)state;
    assert_int_equal(seqnn_use(NULL, SEQNN_CPU), SEQNN_ERROR_ARGUMENT);
    says("use: the model is NULL");
    assert_string_equal(seqnn_device_name(NULL), "CPU");
    for (int wrong = -1; wrong < 4; wrong += 4) {
        seqnn_model *model = small();
        assert_int_equal(seqnn_use(model, (seqnn_device)wrong), SEQNN_ERROR_ARGUMENT);
        says(wrong < 0 ? "use: device -1;" : "use: device 3;");
        assert_false(seqnn_ok(model));
        seqnn_free(model);
    }
}

/* A model that was built, or loaded, may still choose; its weights stay what they are.
 * One that has run may not, and goes on where it is. */
static void how_late(void **state)
{
    (void)state;
    seqnn_model *model = small();
    seqnn_size count;
    seqnn_real *weights = seqnn_weights(model, &count);
    weights[0] = 17;
    seqnn_real *before = (seqnn_real *)malloc((size_t)count * sizeof *before);
    memcpy(before, weights, (size_t)count * sizeof *before);
    succeeds(seqnn_use(model, SEQNN_CPU));
    succeeds(seqnn_use(model, SEQNN_DEVICE_DEFAULT));
    assert_memory_equal(seqnn_weights(model, NULL), before,
                        (size_t)count * sizeof *before);
    assert_true(seqnn_layer_parameter_at(seqnn_model_layer_at(model, 1), 0)->value[0] ==
                17);
    free(before);

    const seqnn_real x[3] = {1, 2, 3};
    seqnn_dataset batch = {.count = 1, .x = {{.values = x, .features = 3}}};
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    assert_int_equal(seqnn_use(model, SEQNN_CPU), SEQNN_ERROR_ARGUMENT);
    says("use: the model is in use");
    assert_true(seqnn_ok(model));
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cpu_unasked), cmocka_unit_test(the_cpu_asked_for),
        cmocka_unit_test(no_gpu),          cmocka_unit_test(not_asked_well),
        cmocka_unit_test(how_late),
    };
    environment(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
