/* The layers without a memory on the stand-in of a device beside the processor's: outputs
 * and gradients of every layer and every weight, for every kind, option and activation,
 * on odd sizes, padded sequences and empty ones. Both models have the same seed, hence
 * the same weights and dropout masks; nothing may differ by more than rounding. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "host_device.h"

#include "../../src/cuda/backend.cuh"

extern "C" {
#include <setjmp.h>
#include <cmocka.h>
}

enum { TIME = 5, WORDS = 11, FEATURES = 3, CLASSES = 3, MOST = 67 };
static const double tolerance = 1e-5; /* of the largest number of an array, or of 1 */

static seqnn_layer *dense(seqnn_model *model, seqnn_size units,
                          seqnn_activation activation)
{
    seqnn_dense_options options = {};
    options.activation = activation;
    return seqnn_dense(model, units, options);
}

static seqnn_layer *words(seqnn_model *model, bool mask_zero, bool frozen)
{
    seqnn_embedding_options options = {};
    options.mask_zero = mask_zero;
    options.frozen = frozen;
    options.time = TIME;
    return seqnn_embedding(model, WORDS, 6, options);
}

/* ---- models ---- */

/* Both poolings of the same words side by side, a branch that joins again. */
static void bag(seqnn_model *model)
{
    seqnn_layer *x = words(model, true, false);
    seqnn_dropout(model, (seqnn_real)0.3, {});
    seqnn_layer *most = seqnn_global_max_pool(model, {});
    seqnn_pooling_options of_words = {};
    of_words.input = x;
    seqnn_layer *joined =
        seqnn_concat(model, most, seqnn_global_mean_pool(model, of_words), {});
    seqnn_layer *a = dense(model, 37, SEQNN_TANH);
    seqnn_dense_options branch = {};
    branch.input = joined;
    branch.activation = SEQNN_RELU;
    seqnn_add(model, a, seqnn_dense(model, 37, branch), {});
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

static void a_class_for_each_word(seqnn_model *model)
{
    seqnn_dropout_options for_all_steps = {};
    for_all_steps.per_sequence = true;
    words(model, true, false);
    seqnn_dropout(model, (seqnn_real)0.5, for_all_steps);
    dense(model, 4, SEQNN_LINEAR);
    seqnn_activate(model, SEQNN_SIGMOID, {});
    dense(model, CLASSES, SEQNN_LOG_SOFTMAX);
}

/* Nothing below the last layer is trained. */
static void frozen_words(seqnn_model *model)
{
    words(model, false, true);
    seqnn_global_mean_pool(model, {});
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

static void one_hot(seqnn_model *model)
{
    seqnn_one_hot_options options = {};
    options.mask_zero = true;
    seqnn_one_hot_source(model, WORDS, options);
    dense(model, 5, SEQNN_TANH);
    seqnn_global_max_pool(model, {});
    dense(model, CLASSES, SEQNN_SIGMOID);
}

static void one_hot_that_is_read(seqnn_model *model)
{
    seqnn_one_hot_source(model, WORDS, {});
    seqnn_global_mean_pool(model, {});
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

static void flat(seqnn_model *model)
{
    words(model, false, false);
    seqnn_layer *x = seqnn_flatten(model, {});
    seqnn_layer *y = dense(model, 6 * TIME, SEQNN_RELU);
    seqnn_add(model, x, y, {});
    seqnn_dense_options plain = {};
    plain.no_bias = true;
    seqnn_dense(model, 1, plain);
}

/* Words that are laid flat, after others have read them. */
static void flat_beside_a_mean(seqnn_model *model)
{
    seqnn_pooling_options of_words = {};
    of_words.input = words(model, false, false);
    seqnn_layer *x = seqnn_flatten(model, of_words);
    seqnn_concat(model, x, seqnn_global_mean_pool(model, of_words), {});
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

/* Steps that are joined: the added is the processor's numbers and a layer's. */
static void series(seqnn_model *model)
{
    seqnn_layer *x = seqnn_sequences(model, FEATURES, {});
    seqnn_layer *y = dense(model, FEATURES, SEQNN_TANH);
    seqnn_layer *sum = seqnn_add(model, x, y, {});
    seqnn_concat(model, sum, x, {});
    seqnn_dense_options fixed = {};
    fixed.frozen = true;
    seqnn_dense(model, 9, fixed);
    seqnn_global_max_pool(model, {});
}

template <seqnn_activation g> static void vectors(seqnn_model *model)
{
    seqnn_vectors(model, FEATURES, {});
    dense(model, 33, g);
    seqnn_activate(model, g, {});
    dense(model, CLASSES, g);
}

/* ---- one beside the other ---- */

typedef void (*builder)(seqnn_model *model);

/* A batch; sequence b has b % (TIME + 1) words, from the middle. */
struct batch_of {
    std::vector<int32_t> words, lengths, starts;
    std::vector<seqnn_real> values;
    seqnn_dataset batch{};

    batch_of(const seqnn_model *model, seqnn_size count)
    {
        const sq_source_kind kind = model->sources[0].kind;
        const seqnn_size time = kind == SQ_VECTORS ? 0 : TIME;
        for (seqnn_size b = 0; b < count; b++) {
            lengths.push_back((int32_t)(b % (TIME + 1)));
            starts.push_back((TIME - lengths.back()) / 2);
            for (seqnn_size t = 0; t < time; t++)
                words.push_back((int32_t)(1 + (b * 5 + t * 3) % (WORDS - 1)));
        }
        for (seqnn_size i = 0; i < count * sq_max(time, 1) * FEATURES; i++)
            values.push_back((seqnn_real)sin(1.7 * (double)i));
        batch.count = count;
        batch.x[0].time = time;
        if (kind == SQ_INDICES) {
            batch.x[0].indices = words.data();
        } else {
            batch.x[0].values = values.data();
            batch.x[0].features = FEATURES;
        }
        if (kind != SQ_VECTORS) {
            batch.x[0].start = starts.data();
            batch.x[0].length = lengths.data();
        }
    }
};

static seqnn_status pass(seqnn_model *model, const seqnn_dataset *batch, seqnn_mode mode)
{
    seqnn_status status = seqnn_forward(model, batch, mode);
    if (status)
        return status;
    const seqnn_tensor y = seqnn_output(model);
    if (!y.data)
        return model->run_status;
    std::vector<seqnn_real> dy;
    for (seqnn_size i = 0; i < seqnn_tensor_size(y); i++)
        dy.push_back((seqnn_real)((i * 7919) % 13) / 13 - (seqnn_real)0.4);
    status = seqnn_set_output_gradient(model, dy.data());
    return status ? status : seqnn_backward(model);
}

/* A larger batch, a smaller one, the larger again, whose gradients are added, or in
 * evaluation begin anew. */
static seqnn_status passes(seqnn_model *model, seqnn_size count, seqnn_mode mode)
{
    const batch_of large(model, count), small(model, count > 3 ? count - 3 : 1);
    seqnn_status status = pass(model, &large.batch, mode);
    if (!status)
        status = pass(model, &small.batch, mode);
    if (!status && mode == SEQNN_EVALUATE)
        seqnn_zero_gradients(model);
    return status ? status : pass(model, &large.batch, mode);
}

static seqnn_model *built(builder build, bool device)
{
    seqnn_model *model = seqnn_model_new(3);
    build(model);
    if (seqnn_use(model, device ? SEQNN_GPU : SEQNN_CPU))
        fail_msg("%s", seqnn_error());
    return model;
}

static void same(const char *what, seqnn_tensor a, seqnn_tensor b)
{
    double most = 0, size = 1;
    assert_int_equal(seqnn_tensor_size(a), seqnn_tensor_size(b));
    for (seqnn_size i = 0; i < seqnn_tensor_size(a); i++) {
        assert_false(isnan(b.data[i]));
        most = fmax(most, fabs((double)a.data[i] - (double)b.data[i]));
        size = fmax(size, fabs((double)a.data[i]));
    }
    if (most > tolerance * size)
        fail_msg("%s: apart by %g of %g", what, most, size);
}

static void beside(builder build, seqnn_size count, seqnn_mode mode)
{
    seqnn_model *cpu = built(build, false), *gpu = built(build, true);
    if (passes(cpu, count, mode) || passes(gpu, count, mode))
        fail_msg("%s", seqnn_error());
    assert_null(cpu->backend);
    assert_non_null(gpu->backend);
    for (seqnn_size i = 0; i < seqnn_model_layers(cpu); i++) {
        seqnn_layer *a = seqnn_model_layer_at(cpu, i), *b = seqnn_model_layer_at(gpu, i);
        same(seqnn_layer_name(a), seqnn_layer_output(a), seqnn_layer_output(b));
        if (a->out.gradient_wanted)
            same(seqnn_layer_name(a), seqnn_layer_output_gradient(a),
                 seqnn_layer_output_gradient(b));
    }
    seqnn_size size;
    seqnn_real *a = seqnn_gradients(cpu, &size), *b = seqnn_gradients(gpu, &size);
    same("gradients", seqnn_tensor_1d(a, size), seqnn_tensor_1d(b, size));
    seqnn_free(cpu);
    seqnn_free(gpu);
    assert_int_equal(host_device.open, 0);
}

static void beside_always(builder build)
{
    for (seqnn_mode mode : {SEQNN_TRAIN, SEQNN_EVALUATE})
        for (seqnn_size count : {1, 7, (int)MOST})
            beside(build, count, mode);
}

#define A_TEST_OF(model)                                                                 \
    static void test_##model(void **)                                                    \
    {                                                                                    \
        beside_always(model);                                                            \
    }

A_TEST_OF(bag)
A_TEST_OF(a_class_for_each_word)
A_TEST_OF(frozen_words)
A_TEST_OF(one_hot)
A_TEST_OF(one_hot_that_is_read)
A_TEST_OF(flat)
A_TEST_OF(flat_beside_a_mean)
A_TEST_OF(series)

static void test_activations(void **)
{
    for (builder build :
         {vectors<SEQNN_LINEAR>, vectors<SEQNN_TANH>, vectors<SEQNN_SIGMOID>,
          vectors<SEQNN_RELU>, vectors<SEQNN_SOFTMAX>, vectors<SEQNN_LOG_SOFTMAX>})
        beside_always(build);
}

/* ---- what goes wrong ---- */

/* The n-th taking of memory, or launch, fails, for every n there is: a status, a
 * sentence, nothing left open, and the processor computes what it always does. */
static void every_failure(long *until, const char *sentence)
{
    long failed = 0;
    for (;; failed++) {
        seqnn_model *model = built(bag, true);
        *until = failed;
        const seqnn_status status = passes(model, 7, SEQNN_TRAIN);
        *until = -1;
        if (!status) {
            seqnn_free(model);
            break;
        }
        assert_false(seqnn_ok(model));
        if (!strstr(seqnn_error(), sentence))
            fail_msg("failure %ld: the error is '%s'", failed, seqnn_error());
        seqnn_free(model);
        assert_int_equal(host_device.open, 0);
    }
    assert_true(failed > 3);
    beside(bag, 7, SEQNN_TRAIN);
}

static void no_memory(void **)
{
    every_failure(&host_device.takings, "device: no memory for ");
}

static void a_launch_fails(void **)
{
    every_failure(&host_device.launches, "device: a launch failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bag),
        cmocka_unit_test(test_a_class_for_each_word),
        cmocka_unit_test(test_frozen_words),
        cmocka_unit_test(test_one_hot),
        cmocka_unit_test(test_one_hot_that_is_read),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_flat_beside_a_mean),
        cmocka_unit_test(test_series),
        cmocka_unit_test(test_activations),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(a_launch_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
