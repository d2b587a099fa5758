/* A device that fails: the n-th of all that it is asked for (launches, products, copies,
 * zeros), or the n-th memory, for every n of some steps of training, an evaluation and a
 * prediction. Each comes to an error with a sentence; the failed model's weights may be
 * read and it is freed, nothing stays behind, and a model on the CPU goes on from the
 * checkpoint. And what several models on one device, also of several threads, have to do
 * with each other: nothing. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

#include <thread>

enum { SAMPLES = 4, TIME = 3, WORDS = 7, CLASSES = 2, STEPS = 4 };

static const int32_t words[SAMPLES * TIME] = {3, 1, 4, 1, 5, 2, 6, 5, 3, 5, 0, 0};
static const int32_t classes[SAMPLES] = {1, 0, 1, 0};
static const char *const path = "build/test_failures.checkpoint";

static seqnn_dataset four_texts(void)
{
    seqnn_dataset batch = {};
    batch.count = SAMPLES;
    batch.classes = CLASSES;
    batch.x[0].indices = words;
    batch.x[0].time = TIME;
    batch.y.indices = classes;
    return batch;
}

static seqnn_model *small(bool device)
{
    seqnn_model *model = seqnn_model_new(5);
    seqnn_embedding_options table = {};
    seqnn_recurrent_options options = {};
    seqnn_dense_options last = {};
    seqnn_use(model, device ? SEQNN_GPU : SEQNN_CPU);
    table.mask_zero = true;
    seqnn_embedding(model, WORDS, 3, table);
    options.dropout = options.recurrent_dropout = (seqnn_real)0.2;
    seqnn_lstm(model, 4, options);
    last.activation = SEQNN_SOFTMAX;
    seqnn_dense(model, CLASSES, last);
    return model;
}

static seqnn_train_options step_options(void)
{
    seqnn_train_options options = {};
    options.optimizer = seqnn_adam((seqnn_real)0.01);
    options.clip_value = 1;
    options.clip_norm = 1;
    options.clip_global_norm = 1;
    return options;
}

/* What the program does; it ends with the first error. */
static bool succeeded(seqnn_model *model, int steps)
{
    const seqnn_dataset batch = four_texts();
    int64_t confusion[CLASSES * CLASSES];
    for (int s = 0; s < steps; s++)
        if (isnan(seqnn_train_step(model, &batch, step_options())))
            return false;
    return seqnn_evaluate(model, &batch, {}).status == SEQNN_OK &&
           seqnn_evaluate_confusion(model, &batch, confusion) == SEQNN_OK &&
           seqnn_predict(model, &batch, {}).data != NULL;
}

static double loss_now(seqnn_model *model)
{
    const seqnn_dataset batch = four_texts();
    return (double)seqnn_evaluate(model, &batch, {}).loss;
}

static void went_wrong(seqnn_model *model, long n)
{
    const seqnn_dataset batch = four_texts();
    if (seqnn_ok(model) || !strstr(seqnn_error(), "device: "))
        fail_msg("failure %ld: the error is '%s'", n, seqnn_error());
    const std::string first = model->message[0] ? model->message : seqnn_error();
    if (!seqnn_forward(model, &batch, SEQNN_EVALUATE) || seqnn_ok(model))
        fail_msg("failure %ld: '%s', and then it worked", n, first.c_str());
    double sum = 0;
    seqnn_size count;
    const seqnn_real *weights = seqnn_weights(model, &count);
    for (seqnn_size i = 0; weights && i < count; i++)
        sum += (double)weights[i];
    assert_false(isnan(sum));
}

static void every_failure(long *until, long stride)
{
    const long many = 1000000;
    seqnn_model *model = small(true);
    *until = many;
    assert_true(succeeded(model, STEPS));
    const long all = many - *until;
    *until = -1;
    seqnn_free(model);
    assert_true(all > 5);

    model = small(false); /* what all go on from, and to */
    assert_true(succeeded(model, 2));
    assert_int_equal(seqnn_checkpoint_save(model, path, NULL, 0), SEQNN_OK);
    assert_true(succeeded(model, STEPS));
    const double there = loss_now(model);
    seqnn_free(model);

    for (long n = 0; n < all; n += stride) {
        *until = n;
        model = small(true);
        if (succeeded(model, STEPS))
            fail_msg("failure %ld of %ld was not noticed", n, all);
        went_wrong(model, n);
        *until = -1;
        seqnn_free(model);
        assert_int_equal(host_device.open, 0);
        model = small(false);
        assert_int_equal(seqnn_checkpoint_load(model, path, NULL, 0), SEQNN_OK);
        assert_true(succeeded(model, STEPS));
        assert_true(loss_now(model) == there);
        seqnn_free(model);
    }
    assert_int_equal(remove(path), 0);
}

#ifdef __CUDACC__
enum { EVERY = 17 }; /* on a card a device is not opened in no time */
#else
enum { EVERY = 1 };
#endif

static void every_call_fails(void **)
{
    every_failure(&host_device.calls, EVERY);
}

static void every_taking_fails(void **)
{
    every_failure(&host_device.takings, 1);
}

/* Nothing is recorded: every call is its own. */
static void every_call_fails_without_recordings(void **)
{
    sq_graphs_wanted = false;
    every_failure(&host_device.calls, 3 * EVERY);
    sq_graphs_wanted = true;
}

/* A model that failed leaves the others on the device as they are. */
static void models_do_not_meet(void **)
{
    seqnn_model *alone = small(true);
    assert_true(succeeded(alone, STEPS));
    const double loss = loss_now(alone);
    seqnn_model *first = small(true), *second = small(true);
    assert_non_null(seqnn_weights(first, NULL));
    assert_non_null(seqnn_weights(second, NULL));
    for (int part = 0; part < 2; part++) {
        assert_true(succeeded(first, STEPS / 2));
        assert_true(succeeded(second, STEPS / 2));
    }
    host_device.calls = 20;
    assert_false(succeeded(first, STEPS));
    host_device.calls = -1;
    assert_false(seqnn_ok(first));
    assert_true(seqnn_ok(second));
    assert_true(loss_now(second) == loss);
    assert_true(loss_now(alone) == loss);
    for (seqnn_model *model : {first, alone, second})
        seqnn_free(model);
    assert_int_equal(host_device.open, 0);
}

static void threads_have_models_of_their_own(void **)
{
    seqnn_model *models[3];
    double losses[3];
    std::vector<std::thread> threads;
    for (seqnn_model *&model : models) {
        model = small(true);
        assert_non_null(seqnn_weights(model, NULL));
    }
    for (int i = 0; i < 3; i++)
        threads.emplace_back([&, i] {
            losses[i] = succeeded(models[i], STEPS) ? loss_now(models[i]) : (double)NAN;
        });
    for (std::thread &thread : threads)
        thread.join();
    for (int i = 0; i < 3; i++) {
        assert_true(losses[i] == losses[0]);
        seqnn_free(models[i]);
    }
    assert_int_equal(host_device.open, 0);
}

int main(void)
{
    host_device.late = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails),
        cmocka_unit_test(every_taking_fails),
        cmocka_unit_test(every_call_fails_without_recordings),
        cmocka_unit_test(models_do_not_meet),
        cmocka_unit_test(threads_have_models_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
