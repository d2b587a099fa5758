/* A hundred steps of training on the CPU and on the stand-in of a device, for each family
 * of models: the same seed, batches, dropout masks and losses. Checkpoints go from one
 * side to the other in the midst of it, models through their files; and every gradient of
 * the device against finite differences of its own losses. In a double build what differs
 * is some hundred million times less. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

enum { SAMPLES = 9, TIME = 5, WORDS = 13, FEATURES = 3, UNITS = 6, CLASSES = 3 };
enum { STEPS = 100, BATCHES = 4 };

/* Of a loss after so many updates: rounding of 2^-24 and 2^-53, which a hundred updates
 * make some hundred times larger. */
static const double tolerance = sizeof(seqnn_real) == sizeof(double) ? 1e-12 : 1e-4;
/* A tensor whose gradients are 1e-5 is known to so many digits by differences of losses of
 * 1, which are known to 1e-16, over 1e-5. */
static const double worst_difference = 1e-5;

/* ---- models ---- */

struct family {
    const char *name;
    void (*build)(seqnn_model *model);
    bool words; /* else values */
    enum { CLASS, CLASS_OF_STEP, NUMBER, LABELS } target;
    seqnn_loss_kind loss;
    bool kinks; /* finite differences straddle them */
};

static seqnn_layer *dense(seqnn_model *model, seqnn_size units,
                          seqnn_activation activation)
{
    seqnn_dense_options options = {};
    options.activation = activation;
    return seqnn_dense(model, units, options);
}

static void embedding(seqnn_model *model)
{
    seqnn_embedding_options table = {};
    table.mask_zero = true;
    seqnn_embedding(model, WORDS, 4, table);
}

static void vanilla_rnn(seqnn_model *model)
{
    seqnn_sequences(model, FEATURES, {});
    seqnn_simple_rnn(model, UNITS, {});
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

static void relu_rnn(seqnn_model *model)
{
    seqnn_recurrent_options options = {};
    options.activation = SEQNN_RELU;
    options.go_backwards = true;
    seqnn_sequences(model, FEATURES, {});
    seqnn_simple_rnn(model, UNITS, options);
    dense(model, 1, SEQNN_LINEAR);
}

static void lstm(seqnn_model *model)
{
    embedding(model);
    seqnn_lstm(model, UNITS, {});
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

template <seqnn_reset reset> static void gru(seqnn_model *model)
{
    seqnn_recurrent_options options = {};
    options.reset = reset;
    embedding(model);
    seqnn_gru(model, UNITS, options);
    dense(model, CLASSES, SEQNN_LOG_SOFTMAX);
}

/* Two layers of both directions, with everything that is drawn. */
static void both_directions(seqnn_model *model)
{
    seqnn_recurrent_options options = {};
    options.bidirectional = SEQNN_CONCAT;
    options.dropout = (seqnn_real)0.2;
    options.recurrent_dropout = (seqnn_real)0.3;
    options.return_sequences = true;
    embedding(model);
    seqnn_lstm(model, UNITS, options);
    seqnn_dropout(model, (seqnn_real)0.25, {});
    options.bidirectional = SEQNN_SUM;
    options.return_sequences = false;
    seqnn_gru(model, UNITS, options);
    dense(model, CLASSES, SEQNN_SIGMOID);
}

static void many_to_many(seqnn_model *model)
{
    seqnn_recurrent_options options = {};
    options.return_sequences = true;
    embedding(model);
    seqnn_lstm(model, UNITS, options);
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

static void bag_of_words(seqnn_model *model)
{
    embedding(model);
    seqnn_global_mean_pool(model, {});
    dense(model, 8, SEQNN_TANH);
    dense(model, CLASSES, SEQNN_SOFTMAX);
}

static void series(seqnn_model *model)
{
    seqnn_sequences(model, FEATURES, {});
    seqnn_gru(model, UNITS, {});
    dense(model, 1, SEQNN_LINEAR);
}

static const family families[] = {
    {"vanilla RNN", vanilla_rnn, false, family::CLASS, SEQNN_LOSS_DEFAULT, false},
    {"RNN with relu, backwards", relu_rnn, false, family::NUMBER, SEQNN_MSE, true},
    {"LSTM", lstm, true, family::CLASS, SEQNN_LOSS_DEFAULT, false},
    {"GRU", gru<SEQNN_RESET_AFTER_RECURRENT_BIAS>, true, family::CLASS,
     SEQNN_LOSS_DEFAULT, false},
    {"GRU, reset before", gru<SEQNN_RESET_BEFORE>, true, family::CLASS,
     SEQNN_LOSS_DEFAULT, false},
    {"both directions, dropout", both_directions, true, family::LABELS,
     SEQNN_BINARY_CROSSENTROPY, false},
    {"many to many", many_to_many, true, family::CLASS_OF_STEP, SEQNN_LOSS_DEFAULT,
     false},
    {"bag of words", bag_of_words, true, family::CLASS, SEQNN_LOSS_DEFAULT, false},
    {"series, squared error", series, false, family::NUMBER, SEQNN_MSE, false},
    {"series, absolute error", series, false, family::NUMBER, SEQNN_MAE, true},
};

/* ---- data ---- */

/* Sequence b has b % (TIME + 1) words, from the middle. */
struct batch_of {
    std::vector<int32_t> words, classes, start, length;
    numbers values, targets;
    seqnn_dataset batch = {};

    batch_of(const family &of, int number)
    {
        seqnn_random random = {17, (uint64_t)number, 0};
        for (int b = 0; b < SAMPLES; b++) {
            length.push_back((b + number) % (TIME + 1));
            start.push_back((TIME - length.back()) / 2);
            for (int t = 0; t < TIME; t++) {
                words.push_back(1 + seqnn_random_below(&random, WORDS - 1));
                classes.push_back(words.back() % CLASSES);
            }
            if (of.target == family::CLASS)
                classes[(size_t)b] = words[(size_t)(b * TIME + TIME / 2)] % CLASSES;
        }
        values = normal(SAMPLES * TIME * FEATURES, (uint64_t)number);
        for (int b = 0; b < SAMPLES; b++)
            for (int c = 0; c < CLASSES; c++)
                targets.push_back(of.target == family::NUMBER
                                      ? (seqnn_real)sin(values[(size_t)(b * FEATURES)])
                                      : (seqnn_real)((b + c + number) % 2));
        seqnn_array &x = batch.x[0], &y = batch.y;
        batch.count = SAMPLES;
        x.time = TIME;
        x.start = start.data();
        x.length = length.data();
        if (of.words)
            x.indices = words.data();
        else
            x.values = values.data(), x.features = FEATURES;
        if (of.target == family::CLASS || of.target == family::CLASS_OF_STEP)
            y.indices = classes.data();
        else
            y.values = targets.data(),
            y.features = of.target == family::NUMBER ? 1 : CLASSES;
        if (of.target == family::CLASS_OF_STEP)
            y.time = TIME, y.start = start.data(), y.length = length.data();
    }
};

static seqnn_model *built(const family &of, bool device)
{
    seqnn_model *model = new_model(device);
    of.build(model);
    assert_non_null(seqnn_weights(model, NULL));
    succeeds(model);
    return model;
}

static seqnn_train_options options_for(const family &of)
{
    seqnn_train_options options = {};
    options.optimizer = seqnn_adam((seqnn_real)0.01);
    options.clip_global_norm = 1;
    options.loss.kind = of.loss;
    return options;
}

/* Steps begin .. end - 1, whose losses are appended. */
static void train(const family &of, seqnn_model *model, int begin, int end,
                  std::vector<double> *losses)
{
    for (int s = begin; s < end; s++) {
        const batch_of data(of, s % BATCHES);
        losses->push_back((double)seqnn_train_step(model, &data.batch, options_for(of)));
        succeeds(model);
    }
}

static void same_losses(const family &of, const std::vector<double> &cpu,
                        const std::vector<double> &gpu)
{
    assert_int_equal(cpu.size(), STEPS);
    assert_int_equal(gpu.size(), STEPS);
    for (size_t s = 0; s < STEPS; s++)
        if (!(fabs(cpu[s] - gpu[s]) <= tolerance * fmax(1, cpu[s])))
            fail_msg("%s, step %zu: %.17g and %.17g", of.name, s, cpu[s], gpu[s]);
}

/* ---- tests ---- */

static void a_hundred_steps(void **)
{
    for (const family &of : families) {
        std::vector<double> losses[2];
        for (int device = 0; device < 2; device++) {
            seqnn_model *model = built(of, device);
            train(of, model, 0, STEPS, &losses[device]);
            assert_int_equal(model->backend != NULL, device);
            seqnn_free(model);
        }
        same_losses(of, losses[0], losses[1]);
        double first = 0, last = 0; /* it did learn */
        for (size_t s = 0; s < BATCHES; s++) {
            first += losses[0][s];
            last += losses[0][STEPS - 1 - s];
        }
        if (!(last < 0.9 * first))
            fail_msg("%s: the loss goes from %g to %g", of.name, first, last);
    }
    assert_int_equal(host_device.open, 0);
}

/* From the CPU to the device and back: the losses of a run that was never stopped. */
static void checkpoints_move(void **)
{
    const char *path = "build/test_families.checkpoint";
    const int stops[] = {0, 31, 58, STEPS};
    for (const family &of : families) {
        std::vector<double> whole, parts;
        seqnn_model *model = built(of, false);
        train(of, model, 0, STEPS, &whole);
        seqnn_free(model);
        for (int part = 0; part < 3; part++) {
            model = built(of, part == 1);
            if (part > 0)
                assert_int_equal(seqnn_checkpoint_load(model, path, NULL, 0), SEQNN_OK);
            train(of, model, stops[part], stops[part + 1], &parts);
            assert_int_equal(seqnn_checkpoint_save(model, path, NULL, 0), SEQNN_OK);
            seqnn_free(model);
        }
        same_losses(of, whole, parts);
        assert_int_equal(remove(path), 0);
    }
}

/* A model that was trained on one side says the same on the other; the files are equal
 * but for the weights' rounding. */
static void model_files_move(void **)
{
    const char *path = "build/test_families.safetensors";
    for (const family &of : families)
        for (int device = 0; device < 2; device++) {
            std::vector<double> losses;
            const batch_of data(of, 1);
            seqnn_model *model = built(of, device);
            train(of, model, 0, 5, &losses);
            assert_int_equal(seqnn_forward(model, &data.batch, SEQNN_EVALUATE), SEQNN_OK);
            assert_int_equal(seqnn_save(model, path, {}), SEQNN_OK);
            seqnn_model *other = seqnn_load(path);
            assert_non_null(other);
            assert_int_equal(seqnn_use(other, device ? SEQNN_CPU : SEQNN_GPU), SEQNN_OK);
            assert_int_equal(seqnn_forward(other, &data.batch, SEQNN_EVALUATE), SEQNN_OK);
            assert_memory_equal(model->weights, other->weights,
                                (size_t)model->weight_count * sizeof(seqnn_real));
            const seqnn_tensor a = seqnn_output(model), b = seqnn_output(other);
            near(of.name, a.data, b.data, seqnn_tensor_size(a), tolerance / 10);
            seqnn_free(model);
            seqnn_free(other);
            assert_int_equal(remove(path), 0);
        }
}

/* The losses of the device are those that its gradients are of; only double can tell. */
static void finite_differences(void **)
{
    for (const family &of : families) {
        if (of.kinks || sizeof(seqnn_real) == sizeof(float))
            continue;
        const batch_of data(of, 2);
        seqnn_model *model = built(of, true);
        seqnn_gradient_check_options options = {};
        options.loss.kind = of.loss;
        options.limit = 7;
        const double error =
            seqnn_gradient_check(model, &data.batch, options, NULL, 0, NULL);
        if (!(error < worst_difference))
            fail_msg("%s: gradients are off by %g", of.name, error);
        assert_non_null(model->backend);
        seqnn_free(model);
    }
}

int main(void)
{
    host_device.late = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_steps),
        cmocka_unit_test(checkpoints_move),
        cmocka_unit_test(model_files_move),
        cmocka_unit_test(finite_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
