/* Steps that repeat (cuda/graph.cuh) on the stand-in of a device, which replays the very
 * calls that it has recorded: beside steps whose work is done call by call, to the last
 * bit, and beside the CPU's. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

enum { SAMPLES = 6, TIME = 5, WORDS = 23, FEATURES = 3, CLASSES = 4, STEPS = 24 };

/* The batch of a step: always of one shape, with other words and other numbers. */
struct window {
    std::vector<int32_t> words, classes, lengths, starts;
    numbers values, targets;
    seqnn_dataset batch = {};

    window(int step, int samples = SAMPLES)
    {
        seqnn_random random = {7, (uint64_t)step, 0};
        const int32_t some = WORDS - step % 4; /* distinct words vary */
        for (int i = 0; i < samples * TIME; i++) {
            words.push_back(seqnn_random_below(&random, some));
            classes.push_back(seqnn_random_below(&random, CLASSES));
        }
        values = normal(samples * TIME * FEATURES, (uint64_t)(100 + step));
        targets = normal(samples * CLASSES, (uint64_t)(200 + step));
        batch.count = samples;
    }
    const seqnn_dataset *of_words()
    {
        batch.x[0].indices = words.data();
        batch.x[0].time = batch.y.time = TIME;
        batch.y.indices = classes.data();
        batch.classes = CLASSES;
        return &batch;
    }
    const seqnn_dataset *of_numbers(bool sequences)
    {
        batch.x[0].values = values.data();
        batch.x[0].time = sequences ? TIME : 0;
        batch.x[0].features = FEATURES;
        batch.y.values = targets.data();
        batch.y.features = CLASSES;
        return &batch;
    }
};

/* ---- what is trained ---- */

static seqnn_layer *last_layer(seqnn_model *model, seqnn_activation activation)
{
    seqnn_dense_options last = {};
    last.activation = activation;
    return seqnn_dense(model, CLASSES, last);
}

static void char_model(seqnn_model *model, bool one_hot)
{
    seqnn_lstm_options lstm = {};
    lstm.return_sequences = true;
    lstm.recurrent_dropout = (seqnn_real)0.25;
    lstm.stateful = one_hot;
    lstm.dropout = (seqnn_real)(one_hot ? 0 : 0.2);
    if (one_hot)
        seqnn_one_hot_source(model, WORDS, {});
    else
        seqnn_embedding(model, WORDS, 6, {});
    seqnn_lstm(model, 7, lstm);
    seqnn_dropout(model, (seqnn_real)0.3, {});
    last_layer(model, SEQNN_SOFTMAX);
}

static void embedded_gru(seqnn_model *model)
{
    seqnn_gru_options gru = {};
    gru.return_sequences = true;
    gru.bidirectional = SEQNN_CONCAT;
    seqnn_embedding(model, WORDS, 6, {});
    seqnn_gru(model, 5, gru);
    last_layer(model, SEQNN_SOFTMAX);
}

static void series_model(seqnn_model *model)
{
    seqnn_rnn_options rnn = {};
    rnn.return_sequences = true;
    seqnn_sequences(model, FEATURES, {});
    seqnn_layer *h = seqnn_simple_rnn(model, 5, rnn);
    seqnn_pooling_options of_h = {};
    of_h.input = h;
    seqnn_layer *most = seqnn_global_max_pool(model, of_h);
    seqnn_layer *mean = seqnn_global_mean_pool(model, of_h);
    seqnn_concat(model, most, seqnn_add(model, most, mean, {}), {});
    seqnn_activate(model, SEQNN_TANH, {});
    last_layer(model, SEQNN_LINEAR);
}

static void vector_model(seqnn_model *model)
{
    seqnn_dense_options hidden = {};
    hidden.activation = SEQNN_RELU;
    seqnn_vectors(model, FEATURES, {});
    seqnn_dense(model, 9, hidden);
    seqnn_dropout(model, (seqnn_real)0.5, {});
    last_layer(model, SEQNN_SIGMOID);
}

struct workload {
    const char *name;
    void (*build)(seqnn_model *model);
    int data; /* 0: words, 1: sequences, 2: vectors */
    seqnn_train_options options;
};

static std::vector<workload> workloads()
{
    std::vector<workload> all;
    seqnn_train_options o = {};
    o.optimizer = seqnn_adam((seqnn_real)0.01);
    o.optimizer.epsilon = (seqnn_real)1e-3; /* a gradient of nearly 0 is no step */
    o.optimizer.schedule.kind = SEQNN_SCHEDULE_COSINE;
    o.optimizer.schedule.steps = STEPS;
    o.clip_global_norm = (seqnn_real)0.2;
    all.push_back({"embedding, dropout, global norm, a schedule",
                   [](seqnn_model *model) { char_model(model, false); }, 0, o});
    o.clip_global_norm = 10;
    o.clip_global_norm_lower = 1;
    o.optimizer.pytorch_epsilon = true;
    all.push_back({"one-hot, stateful, a norm that grows",
                   [](seqnn_model *model) { char_model(model, true); }, 0, o});
    o = {};
    o.optimizer = seqnn_sgd((seqnn_real)0.3);
    all.push_back({"distinct words, SGD", embedded_gru, 0, o});
    o.optimizer = seqnn_rmsprop((seqnn_real)0.003);
    o.optimizer.momentum = (seqnn_real)0.5;
    o.clip_value = (seqnn_real)0.05;
    all.push_back({"a series, by value", series_model, 1, o});
    o.optimizer = seqnn_adagrad((seqnn_real)0.1);
    o.clip_value_lower = (seqnn_real)1e-4;
    o.clip_norm = (seqnn_real)0.1;
    all.push_back({"vectors, by value and by norm", vector_model, 2, o});
    return all;
}

static const seqnn_dataset *batch_of(const workload &w, window *data)
{
    return w.data == 0 ? data->of_words() : data->of_numbers(w.data == 1);
}

static seqnn_model *model_of(const workload &w, bool device)
{
    seqnn_model *model = new_model(device);
    w.build(model);
    succeeds(model);
    return model;
}

static sq_device *device_of(const seqnn_model *model)
{
    return ((sq_cuda *)model->device)->device;
}

/* ---- steps ---- */

/* A step of each; only the second is to be recorded. */
static void one_step(const workload &w, seqnn_model *const (&models)[3], int step,
                     int samples)
{
    window data(step, samples);
    seqnn_real loss[3];
    for (int i = 0; i < 3; i++) {
        sq_graphs_wanted = i == 1;
        loss[i] = seqnn_train_step(models[i], batch_of(w, &data), w.options);
        succeeds(models[i]);
    }
    sq_graphs_wanted = true;
    const std::string at = std::string(w.name) + ", step " + std::to_string(step);
    assert_memory_equal(&loss[1], &loss[2], sizeof loss[1]);
    assert_memory_equal(models[1]->weights, models[2]->weights,
                        (size_t)models[1]->weight_count * sizeof(seqnn_real));
    near((at + ": loss").c_str(), (double)loss[0], (double)loss[1], 2e-5);
    near((at + ": weights").c_str(), models[0]->weights, models[1]->weights,
         models[0]->weight_count, 2e-4); /* rounding grows from step to step */
    assert_int_equal(seqnn_steps(models[0]), seqnn_steps(models[1]));
}

static void three_models(const workload &w, seqnn_model *(&models)[3])
{
    for (int i = 0; i < 3; i++)
        models[i] = model_of(w, i > 0);
}

static void free_models(seqnn_model *const (&models)[3])
{
    for (seqnn_model *model : models)
        seqnn_free(model);
}

/* Masks, rates, words and values are of the step, though its work is replayed; and it is
 * replayed most of the time: the first step makes memory, then each number of distinct
 * words, rounded up, is seen twice. There is one wait. */
static void steps_that_repeat(void **)
{
    for (const workload &w : workloads()) {
        seqnn_model *models[3];
        three_models(w, models);
        for (int step = 0; step < STEPS; step++) {
            const long before = step ? device_of(models[1])->waits : 0;
            one_step(w, models, step, SAMPLES);
            if (step > 1)
                assert_int_equal(device_of(models[1])->waits - before, 1);
        }
        const long replays = sq_device_notes(device_of(models[1]))->replays;
        if (replays < STEPS / 2 || sq_device_notes(device_of(models[2]))->replays)
            fail_msg("%s: %ld of %d steps were replayed", w.name, replays, STEPS);
        free_models(models);
    }
}

/* What a step copies to the device: the number of the pass; how the batch is packed; its
 * words; their rows, for the way back; the targets; the touched rows of the table; the
 * numbers of the update. */
static void a_step_copies_seven_pieces(void **)
{
    const workload w = workloads()[0];
    seqnn_model *model = model_of(w, true);
    sq_graphs_wanted = false; /* a recording holds its copies */
    for (int step = 0; step < 4; step++) {
        window data(step);
        const long before = step ? device_of(model)->ups : 0;
        seqnn_train_step(model, batch_of(w, &data), w.options);
        succeeds(model);
        if (step > 0)
            assert_int_equal(device_of(model)->ups - before, 7);
    }
    sq_graphs_wanted = true;
    seqnn_free(model);
}

/* Batches of more sizes than there are places, in a circle: no recording is thrown away
 * before it was of use, and nothing goes wrong. A size that comes again later is recorded
 * then; a larger one takes new memory. */
static void more_shapes_than_places(void **)
{
    const workload w = workloads()[0];
    seqnn_model *models[3];
    three_models(w, models);
    for (int step = 0; step < 60; step++)
        one_step(w, models, step, step < 30 ? 1 + step % 10 : 12 + step % 2);
    assert_true(sq_device_notes(device_of(models[1]))->replays > 10);
    free_models(models);
}

/* A change of what is a part of the work is other work; a user's hand in between too. */
static void options_that_change(void **)
{
    workload w = workloads()[0];
    seqnn_model *models[3];
    three_models(w, models);
    for (int step = 0; step < 40; step++) {
        w.options.clip_global_norm = (seqnn_real)(step / 10 % 2 ? 0.05 : 0.5);
        w.options.optimizer.l2 = (seqnn_real)(step < 20 ? 0 : 0.01);
        w.options.loss.over_steps = step < 30 ? SEQNN_REDUCE_MEAN : SEQNN_REDUCE_SUM;
        if (step % 7 == 6)
            for (seqnn_model *model : models) {
                window other(step, SAMPLES + step % 3);
                seqnn_mark_gradients(model);
                seqnn_evaluate(model, other.of_words(), {});
                seqnn_weights(model, NULL)[3] += (seqnn_real)0.01;
            }
        one_step(w, models, step, SAMPLES);
    }
    free_models(models);
}

/* ---- passes ---- */

static void same_outputs(const workload &w, seqnn_model *cpu, seqnn_model *gpu)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(cpu); i++) {
        const seqnn_tensor a = seqnn_layer_output(seqnn_model_layer_at(cpu, i));
        const seqnn_tensor b = seqnn_layer_output(seqnn_model_layer_at(gpu, i));
        assert_true(a.data && b.data);
        near(w.name, a.data, b.data, seqnn_tensor_size(a), 1e-5);
    }
}

/* Predictions, evaluations and what the layers gave: one wait each, repeated, and the
 * processor never looks into the device's memory. */
static void passes_that_repeat(void **)
{
    for (const workload &w : workloads()) {
        seqnn_model *cpu = model_of(w, false), *gpu = model_of(w, true);
        for (int step = 0; step < STEPS; step++) {
            window data(step);
            const seqnn_dataset *batch = batch_of(w, &data);
            seqnn_evaluate_options how = {};
            how.loss = w.options.loss;
            long waits[4] = {step ? device_of(gpu)->waits : 0};
            if (step == 1)
                host_keep_apart(device_of(gpu), true);
            const seqnn_tensor a = seqnn_predict(cpu, batch, {});
            const seqnn_tensor b = seqnn_predict(gpu, batch, {});
            waits[1] = device_of(gpu)->waits;
            near(w.name, a.data, b.data, seqnn_tensor_size(a), 1e-5);
            const double loss = (double)seqnn_evaluate(cpu, batch, how).loss;
            near(w.name, loss, (double)seqnn_evaluate(gpu, batch, how).loss, 1e-5);
            waits[2] = device_of(gpu)->waits;
            for (seqnn_model *model : {cpu, gpu})
                assert_int_equal(seqnn_forward(model, batch, SEQNN_EVALUATE), SEQNN_OK);
            waits[3] = device_of(gpu)->waits;
            for (int i = 0; i < 3 && step > 0; i++)
                assert_int_equal(waits[i + 1] - waits[i], 1);
            same_outputs(w, cpu, gpu);
            if (w.data > 0)
                continue;
            int64_t found[2][CLASSES * CLASSES];
            assert_int_equal(seqnn_evaluate_confusion(cpu, batch, found[0]), SEQNN_OK);
            assert_int_equal(seqnn_evaluate_confusion(gpu, batch, found[1]), SEQNN_OK);
            assert_memory_equal(found[0], found[1], sizeof found[0]);
        }
        const long replays = sq_device_notes(device_of(gpu))->replays;
        if (replays < 2 * STEPS)
            fail_msg("%s: %ld passes were replayed", w.name, replays);
        host_keep_apart(device_of(gpu), false);
        seqnn_free(cpu);
        seqnn_free(gpu);
    }
}

/* ---- steps that must not count ---- */

static void same_numbers(const char *what, const seqnn_real *cpu, const seqnn_real *gpu,
                         seqnn_size count)
{
    assert_true(!cpu == !gpu);
    if (cpu)
        near(what, cpu, gpu, count, 1e-4);
}

/* A loss, then a gradient that is not finite, among steps that are replayed: the sentence
 * of the CPU, and everything as it was before. */
static void a_step_that_does_not_count(void **)
{
    for (const workload &w : workloads()) {
        if (w.data == 0)
            continue;
        seqnn_model *models[3];
        three_models(w, models);
        for (int step = 0; step < STEPS; step++) {
            if (step % 6 != 5) {
                one_step(w, models, step, SAMPLES);
                continue;
            }
            const bool of_loss = step % 12 == 5;
            std::string sentence[3];
            for (int i = 0; i < 3; i++) {
                window data(step);
                const seqnn_dataset *batch = batch_of(w, &data);
                seqnn_size count;
                seqnn_real *weights = seqnn_weights(models[i], &count);
                seqnn_size layer = seqnn_model_layers(models[i]) - 1;
                seqnn_real *bias =
                    seqnn_layer_parameter_at(seqnn_model_layer_at(models[i], layer), 1)
                        ->value;
                const seqnn_real was = *bias;
                if (of_loss)
                    *bias = (seqnn_real)NAN;
                else /* tanh makes of it a finite loss, and 0 * INFINITY the gradient */
                    for (seqnn_real &value : data.values)
                        value = (seqnn_real)INFINITY;
                const numbers before(weights, weights + count);
                sq_graphs_wanted = i == 1;
                const seqnn_real loss = seqnn_train_step(models[i], batch, w.options);
                sentence[i] = seqnn_ok(models[i]) ? "" : seqnn_error();
                if (sentence[i].empty() != !isnan(loss))
                    fail_msg("%s: loss %g, '%s'", w.name, (double)loss,
                             sentence[i].c_str());
                if (!sentence[i].empty())
                    assert_memory_equal(before.data(), weights,
                                        (size_t)count * sizeof *weights);
                *bias = of_loss ? was : *bias;
            }
            sq_graphs_wanted = true;
            assert_string_equal(sentence[0].c_str(), sentence[1].c_str());
            assert_string_equal(sentence[0].c_str(), sentence[2].c_str());
            if (of_loss) {
                if (!strstr(sentence[0].c_str(), "the loss is nan"))
                    fail_msg("%s: the error is '%s'", w.name, sentence[0].c_str());
                for (int i = 1; i < 3; i++)
                    same_numbers("gradients", models[0]->gradients, models[i]->gradients,
                                 models[0]->weight_count);
            }
            assert_int_equal(seqnn_steps(models[0]), seqnn_steps(models[1]));
            const sq_training *a = sq_training_of(models[0]);
            const sq_training *b = sq_training_of(models[1]);
            same_numbers("m", a->m, b->m, models[0]->weight_count);
            same_numbers("v", a->v, b->v, models[0]->weight_count);
        }
        free_models(models);
    }
}

/* x of 1e30 and y of 0 + 1e10: the loss is finite, its gradient is not. It is named alike
 * whatever is the first to look at it, nothing moves, and training goes on. */
static void a_gradient_without_end(void **)
{
    for (int how = 0; how < 4; how++) {
        seqnn_train_options options = {};
        options.optimizer = seqnn_adam((seqnn_real)0.01);
        if (how == 1)
            options.clip_value = 1;
        if (how == 2)
            options.clip_norm = 1, options.clip_norm_lower = (seqnn_real)0.1;
        if (how == 3)
            options.clip_global_norm = 1;
        std::string sentence[2];
        numbers weights[2];
        for (int device = 0; device < 2; device++) {
            seqnn_model *model = new_model(device);
            seqnn_dense_options zero = {};
            zero.initializer.kind = SEQNN_ZEROS;
            seqnn_vectors(model, FEATURES, {});
            seqnn_dense(model, CLASSES, zero);
            seqnn_train_options still = options;
            still.optimizer.learning_rate = SEQNN_ZERO;
            for (int step = 0; step < 8; step++) {
                window data(step);
                for (seqnn_real &x : data.values)
                    x = step == 5 ? (seqnn_real)1e30 : x;
                for (seqnn_real &y : data.targets)
                    y = step == 5 ? (seqnn_real)1e10 : y;
                seqnn_train_step(model, data.of_numbers(false),
                                 step < 6 ? still : options);
                if (step == 5) {
                    sentence[device] = seqnn_error();
                    assert_false(seqnn_ok(model));
                    assert_int_equal(seqnn_steps(model), 5);
                } else {
                    succeeds(model);
                }
            }
            weights[device].assign(model->weights, model->weights + model->weight_count);
            seqnn_free(model);
        }
        assert_string_equal(sentence[0].c_str(), sentence[1].c_str());
        assert_non_null(strstr(sentence[0].c_str(), "parameter W, is not finite"));
        near("weights", weights[0].data(), weights[1].data(),
             (seqnn_size)weights[0].size(), 1e-5);
    }
}

/* ---- failures ---- */

/* Every n-th launch fails, in a step that is done, recorded or replayed; and a device
 * that cannot record does the work call by call. */
static void a_device_that_fails(void **)
{
    const workload w = workloads()[0];
    bool failed = true;
    for (long n = 0; failed; n += 23) {
        host_device.launches = n;
        seqnn_model *model = seqnn_model_new(5);
        seqnn_use(model, SEQNN_GPU);
        w.build(model);
        for (int step = 0; step < 9 && seqnn_ok(model); step++) {
            window data(4 * (step / 3));
            seqnn_train_step(model, batch_of(w, &data), w.options);
        }
        failed = !seqnn_ok(model);
        if (failed && !strstr(seqnn_error(), "device: "))
            fail_msg("%ld: the error is '%s'", n, seqnn_error());
        host_device.launches = -1;
        seqnn_free(model);
        assert_int_equal(host_device.open, 0);
        assert_true(n < 5000);
    }
}

static void a_device_that_cannot_record(void **)
{
    const workload w = workloads()[0];
    seqnn_model *models[3];
    host_device.forgets = true;
    three_models(w, models);
    for (int step = 0; step < 8; step++)
        one_step(w, models, 4 * step, SAMPLES);
    assert_int_equal(sq_device_notes(device_of(models[1]))->replays, 0);
    assert_true(sq_device_notes(device_of(models[1]))->fails);
    free_models(models);
    host_device.forgets = false;
}

int main(void)
{
    host_device.late = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_that_repeat),
        cmocka_unit_test(a_step_copies_seven_pieces),
        cmocka_unit_test(passes_that_repeat),
        cmocka_unit_test(more_shapes_than_places),
        cmocka_unit_test(options_that_change),
        cmocka_unit_test(a_step_that_does_not_count),
        cmocka_unit_test(a_gradient_without_end),
        cmocka_unit_test(a_device_that_fails),
        cmocka_unit_test(a_device_that_cannot_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
