/* Training on the stand-in of a device beside the CPU's: norms, clips, optimisers, whole
 * runs, and checkpoints from one to the other. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

enum { TIME = 4, WORDS = 90, TAGS = 7, WIDTH = 37, SAMPLES = 12, STEPS = 6, STACK = 18 };

struct text {
    std::vector<int32_t> words, tags, classes;
    seqnn_dataset batch = {};

    explicit text(int step)
    {
        seqnn_random random = {31, (uint64_t)step, 0};
        for (int b = 0; b < SAMPLES; b++) {
            classes.push_back(seqnn_random_below(&random, 3));
            for (int t = 0; t < TIME; t++) {
                words.push_back(
                    seqnn_random_below(&random, step % 2 ? WORDS : WORDS / 8));
                tags.push_back(seqnn_random_below(&random, TAGS));
            }
        }
        batch.count = SAMPLES;
        batch.x[0].indices = words.data();
        batch.x[1].indices = tags.data();
        batch.x[0].time = batch.x[1].time = TIME;
        batch.y.indices = classes.data();
    }
    const seqnn_dataset *get() const
    {
        return &batch;
    }
};

/* Two tables, one of them small, and more tensors than a launch takes; some are frozen.
 */
static seqnn_model *text_model(bool device, int frozen, int stack = STACK)
{
    seqnn_model *model = new_model(device);
    seqnn_layer *pooled[2];
    for (int k = 0; k < 2; k++) {
        seqnn_embedding_options table = {};
        table.frozen = k + 1 == frozen;
        seqnn_pooling_options mean = {};
        mean.input = seqnn_embedding(model, k ? TAGS : WORDS, k ? 3 : WIDTH, table);
        pooled[k] = seqnn_global_mean_pool(model, mean);
    }
    seqnn_concat(model, pooled[0], pooled[1], {});
    for (int k = 0; k < stack; k++) {
        seqnn_dense_options dense = {};
        dense.frozen = frozen && k % 5 == 2;
        dense.activation = SEQNN_TANH;
        seqnn_dense(model, 4 + k % 3, dense);
    }
    seqnn_dense_options last = {};
    last.activation = SEQNN_SOFTMAX;
    seqnn_dense(model, 3, last);
    succeeds(model);
    return model;
}

/* The gradients of a batch on both sides, the CPU's numbers: what differs then is what
 * the update does. */
static void gradients_of(seqnn_model *cpu, seqnn_model *gpu, int step)
{
    const text data(step);
    for (seqnn_model *model : {cpu, gpu}) {
        seqnn_loss_options sum = {};
        sum.over_samples = SEQNN_REDUCE_SUM;
        seqnn_zero_gradients(model);
        assert_int_equal(seqnn_forward(model, &data.batch, SEQNN_TRAIN), SEQNN_OK);
        seqnn_loss(model, &data.batch, sum);
        assert_int_equal(seqnn_backward(model), SEQNN_OK);
    }
    seqnn_size count;
    const seqnn_real *from = seqnn_gradients(cpu, &count);
    seqnn_real *to = seqnn_gradients(gpu, NULL);
    near("gradients", from, to, count, 1e-5);
    memcpy(to, from, (size_t)count * sizeof *to);
}

struct thresholds {
    seqnn_real threshold, lower;
};

static void every_clip_is_the_cpus(void **)
{
    typedef seqnn_real (*clip)(seqnn_model *, seqnn_real, seqnn_real);
    const thresholds sizes[] = {{(seqnn_real)0.01, 0},
                                {1, 0},
                                {1000, 0},
                                {0, (seqnn_real)0.1},
                                {1000, 500},
                                {0, 1000},
                                {(seqnn_real)0.5, (seqnn_real)0.25},
                                {-1, 0},
                                {1, 2},
                                {0, 0},
                                {0, (seqnn_real)NAN}};
    for (int frozen : {0, 1, 2}) {
        seqnn_model *cpu = text_model(false, frozen), *gpu = text_model(true, frozen);
        for (clip how :
             {seqnn_clip_by_value, seqnn_clip_by_norm, seqnn_clip_by_global_norm})
            for (const thresholds &size : sizes) {
                gradients_of(cpu, gpu, 1);
                gradients_of(cpu, gpu, 2);
                near("norm before", (double)seqnn_gradient_norm(cpu),
                     (double)seqnn_gradient_norm(gpu), 1e-6);
                const seqnn_real a = how(cpu, size.threshold, size.lower);
                const std::string sentence = seqnn_error();
                const seqnn_real b = how(gpu, size.threshold, size.lower);
                near("norm", (double)a, (double)b, 1e-6);
                if (isnan(a))
                    assert_string_equal(sentence.c_str(), seqnn_error());
                seqnn_size count;
                const seqnn_real *g = seqnn_gradients(cpu, &count);
                near("clipped", g, seqnn_gradients(gpu, NULL), count, 1e-6);
            }
        seqnn_free(cpu);
        seqnn_free(gpu);
    }
}

/* A gradient that is not finite is named alike, in a table too, and nothing moves. */
static void a_bad_gradient_is_named(void **)
{
    for (seqnn_size layer : {0, 5, 12}) {
        std::string sentence[2];
        for (int device = 0; device < 2; device++) {
            seqnn_model *model = text_model(device, 0), *other = text_model(false, 0);
            gradients_of(other, model, 1);
            seqnn_size count;
            const seqnn_real *weights = seqnn_weights(model, &count);
            const numbers before(weights, weights + count);
            seqnn_parameter *p =
                seqnn_layer_parameter_at(seqnn_model_layer_at(model, layer), 0);
            const int32_t touched = layer ? 0 : text(1).words[3];
            p->gradient[touched * p->columns] = (seqnn_real)(device ? -INFINITY : NAN);
            assert_int_not_equal(seqnn_step(model, {}), SEQNN_OK);
            sentence[device] = seqnn_error();
            assert_memory_equal(before.data(), weights,
                                before.size() * sizeof(seqnn_real));
            seqnn_free(model);
            seqnn_free(other);
        }
        assert_string_equal(sentence[0].c_str(), sentence[1].c_str());
    }
}

struct recipe {
    const char *name;
    seqnn_optimizer_kind kind;
    void (*more)(seqnn_optimizer *o);
};

static const recipe recipes[] = {
    {"sgd", SEQNN_SGD, [](seqnn_optimizer *) {}},
    {"momentum", SEQNN_SGD, [](seqnn_optimizer *o) { o->momentum = (seqnn_real)0.9; }},
    {"nesterov", SEQNN_SGD,
     [](seqnn_optimizer *o) { o->momentum = (seqnn_real)0.9, o->nesterov = true; }},
    {"sgd, l2", SEQNN_SGD, [](seqnn_optimizer *o) { o->l2 = (seqnn_real)0.01; }},
    {"sgd, decay", SEQNN_SGD,
     [](seqnn_optimizer *o) { o->weight_decay = (seqnn_real)0.1; }},
    {"rmsprop", SEQNN_RMSPROP, [](seqnn_optimizer *) {}},
    {"rmsprop, PyTorch's epsilon", SEQNN_RMSPROP,
     [](seqnn_optimizer *o) { o->pytorch_epsilon = true; }},
    {"rmsprop, momentum", SEQNN_RMSPROP,
     [](seqnn_optimizer *o) { o->momentum = (seqnn_real)0.5; }},
    {"rmsprop, l2", SEQNN_RMSPROP, [](seqnn_optimizer *o) { o->l2 = (seqnn_real)0.01; }},
    {"rmsprop, decay", SEQNN_RMSPROP,
     [](seqnn_optimizer *o) { o->weight_decay = (seqnn_real)0.1; }},
    {"adam", SEQNN_ADAM, [](seqnn_optimizer *) {}},
    {"adam, PyTorch's epsilon", SEQNN_ADAM,
     [](seqnn_optimizer *o) {
         o->pytorch_epsilon = true, o->epsilon = (seqnn_real)1e-3;
     }},
    {"adam, l2", SEQNN_ADAM, [](seqnn_optimizer *o) { o->l2 = (seqnn_real)0.01; }},
    {"adam, cosine after warm-up", SEQNN_ADAM,
     [](seqnn_optimizer *o) {
         o->schedule.kind = SEQNN_SCHEDULE_COSINE;
         o->schedule.steps = 3;
         o->schedule.warm_up = 2;
     }},
    {"adamw", SEQNN_ADAMW, [](seqnn_optimizer *) {}},
    {"adagrad", SEQNN_ADAGRAD, [](seqnn_optimizer *) {}},
    {"adagrad, PyTorch's epsilon", SEQNN_ADAGRAD,
     [](seqnn_optimizer *o) { o->pytorch_epsilon = true; }},
    {"adagrad, decay", SEQNN_ADAGRAD,
     [](seqnn_optimizer *o) { o->weight_decay = (seqnn_real)0.1; }},
};

static void same_moments(const char *what, const seqnn_real *cpu, const seqnn_real *gpu,
                         seqnn_size count, double tolerance)
{
    assert_true(!cpu == !gpu);
    if (cpu)
        near(what, cpu, gpu, count, tolerance);
}

static void same_training(const recipe &r, seqnn_model *cpu, seqnn_model *gpu)
{
    const sq_training *a = sq_training_of(cpu), *b = sq_training_of(gpu);
    const std::string name = r.name;
    near((name + ": weights").c_str(), cpu->weights, gpu->weights, cpu->weight_count,
         1e-6);
    /* m is rounded like the gradients that it is the mean of, and small beside them:
     * those of a batch are up to 4, and where signs change the largest m of Adam is 0.07.
     * What is added up there differs by 1.4e-6 of it; of v, whose squares do not cancel,
     * by 2e-7. */
    same_moments((name + ": m").c_str(), a->m, b->m, cpu->weight_count, 5e-6);
    same_moments((name + ": v").c_str(), a->v, b->v, cpu->weight_count, 1e-6);
    for (seqnn_size i = 0; i < cpu->layer_count; i++) {
        const sq_parameter *p = &cpu->layers[i]->parameters[0];
        if (cpu->layers[i]->parameter_count && p->touched && !p->view.frozen)
            assert_memory_equal(p->touched->moved,
                                gpu->layers[i]->parameters[0].touched->moved,
                                (size_t)p->view.rows);
    }
}

/* Rows that rest, move on or are moved by l2; a new start in between; the gradients of
 * one batch or of two. Weights are made equal after every step: each is looked at by
 * itself. */
static void every_optimizer_is_the_cpus(void **)
{
    for (int frozen : {0, 1, 2})
        for (const recipe &r : recipes) {
            seqnn_model *cpu = text_model(false, frozen, 4);
            seqnn_model *gpu = text_model(true, frozen, 4);
            for (int s = 0; s < 3 * STEPS; s++) {
                seqnn_optimizer optimizer = {};
                optimizer.kind = r.kind;
                r.more(&optimizer);
                if (s == STEPS)
                    optimizer.l2 = (seqnn_real)0.1;
                if (s == 2 * STEPS) {
                    seqnn_reset_optimizer(cpu);
                    seqnn_reset_optimizer(gpu);
                }
                gradients_of(cpu, gpu, s % STEPS);
                if (s % 7 == 5) {
                    seqnn_mark_gradients(cpu);
                    seqnn_mark_gradients(gpu);
                }
                assert_int_equal(seqnn_step(cpu, optimizer), SEQNN_OK);
                assert_int_equal(seqnn_step(gpu, optimizer), SEQNN_OK);
                assert_int_equal(seqnn_steps(cpu), seqnn_steps(gpu));
                same_training(r, cpu, gpu);
                memcpy(seqnn_weights(gpu, NULL), seqnn_weights(cpu, NULL),
                       (size_t)cpu->weight_count * sizeof(seqnn_real));
            }
            seqnn_free(cpu);
            seqnn_free(gpu);
        }
}

/* Words of a second batch join the rows that the device already knows from the first. */
static void rows_that_come_later(void **)
{
    seqnn_model *models[2];
    double norms[2][2];
    for (int device = 0; device < 2; device++) {
        seqnn_model *model = models[device] = text_model(device, 0, 4);
        for (int s = 0; s < 2; s++) {
            const text data(s);
            assert_int_equal(seqnn_forward(model, &data.batch, SEQNN_TRAIN), SEQNN_OK);
            seqnn_loss(model, &data.batch, {});
            assert_int_equal(seqnn_backward(model), SEQNN_OK);
            norms[device][s] = (double)seqnn_gradient_norm(model);
        }
        assert_int_equal(seqnn_step(model, seqnn_sgd(1)), SEQNN_OK);
        assert_int_equal(sq_wait(model), SEQNN_OK);
    }
    for (int s = 0; s < 2; s++)
        near("norm", norms[0][s], norms[1][s], 1e-5);
    near("weights", models[0]->weights, models[1]->weights, models[0]->weight_count,
         1e-5);
    for (seqnn_model *model : models)
        seqnn_free(model);
}

/* ---- steps and runs ---- */

static seqnn_train_options step_options(int which)
{
    seqnn_train_options options = {};
    options.optimizer = seqnn_sgd((seqnn_real)0.5);
    options.optimizer.momentum = (seqnn_real)0.9;
    if (which == 1)
        options.clip_value = (seqnn_real)0.01;
    if (which == 2)
        options.clip_norm = (seqnn_real)0.05;
    if (which == 3)
        options.clip_global_norm = (seqnn_real)0.05;
    if (which == 4)
        options.clip_global_norm = 10, options.clip_global_norm_lower = 1;
    if (which == 5)
        options.accumulate = 3;
    if (which == 6)
        options.clip_value = 1, options.clip_norm_lower = (seqnn_real)0.5;
    return options;
}

/* At its end: the loss, the norms and what follows from them stay on the device. Where
 * batches are gathered the loss is waited for too, and so is everything in the first
 * step, which plans its memory and makes m. */
static void a_step_waits_once(void **)
{
    for (int which = 0; which < 7; which++) {
        seqnn_model *cpu = text_model(false, 0), *gpu = text_model(true, 0);
        const seqnn_train_options options = step_options(which);
        for (int s = 0; s < STEPS; s++) {
            const text data(s);
            double divisor = 0;
            const seqnn_real a = seqnn_train_step(cpu, &data.batch, options);
            sq_device *device = gpu->device ? ((sq_cuda *)gpu->device)->device : NULL;
            const long before = device ? device->waits : 0;
            const seqnn_real b = sq_train_step(gpu, &data.batch, &options, &divisor);
            succeeds(gpu);
            near("loss", (double)a, (double)b, 1e-5);
            if (which == 5 ? s > 2 : s > 0)
                assert_int_equal(device->waits - before, which == 5 ? 2 : 1);
            assert_int_equal(sq_wait(gpu), SEQNN_OK);
            near("weights", cpu->weights, gpu->weights, cpu->weight_count, 1e-4);
        }
        seqnn_free(cpu);
        seqnn_free(gpu);
    }
}

struct run_data {
    std::vector<int32_t> words, classes, start, length;
    seqnn_dataset data = {};

    run_data(seqnn_size count)
    {
        seqnn_random random = {7, 1, 0};
        for (seqnn_size b = 0; b < count; b++) {
            const int32_t c = seqnn_random_below(&random, 3);
            classes.push_back(c);
            length.push_back(seqnn_random_below(&random, TIME + 1));
            start.push_back(0);
            for (int t = 0; t < TIME; t++)
                words.push_back(1 +
                                (c * 20 + seqnn_random_below(&random, 40)) % (WORDS - 1));
        }
        data.count = count;
        data.x[0].indices = words.data();
        data.x[0].time = TIME;
        data.x[0].start = start.data();
        data.x[0].length = length.data();
        data.y.indices = classes.data();
        data.classes = 3;
    }
};

static seqnn_model *bag_model(bool device)
{
    seqnn_model *model = new_model(device);
    seqnn_embedding_options table = {};
    table.mask_zero = true;
    seqnn_embedding(model, WORDS, 10, table);
    seqnn_global_mean_pool(model, {});
    seqnn_dense_options hidden = {}, last = {};
    hidden.activation = SEQNN_TANH;
    last.activation = SEQNN_SOFTMAX;
    seqnn_dense(model, 12, hidden);
    seqnn_dropout(model, (seqnn_real)0.3, {});
    seqnn_dense(model, 3, last);
    succeeds(model);
    return model;
}

struct seen {
    std::vector<double> losses, accuracies, weights;
};

/* The weights that a user sees in the callback are those after the step. */
static void on_step(seqnn_model *model, const seqnn_fit_step *step, void *context)
{
    seen *all = (seen *)context;
    all->losses.push_back((double)step->loss);
    all->accuracies.push_back((double)step->accuracy);
    seqnn_size count;
    const seqnn_real *weights = seqnn_weights(model, &count);
    all->weights.push_back((double)weights[count - 16]); /* the last bias */
}

static seqnn_fit_options run_options(const run_data &validation, int which)
{
    seqnn_fit_options options = {};
    options.epochs = 10;
    options.batch_size = 8;
    options.validation = &validation.data;
    options.optimizer = seqnn_adam((seqnn_real)0.01);
    options.optimizer.epsilon = (seqnn_real)1e-3; /* a gradient of nearly 0 is no step */
    options.restore_best = which == 1;
    options.accumulate = which == 1 ? 2 : 0;
    options.clip_global_norm = which == 2 ? (seqnn_real)0.3 : 0;
    return options;
}

static void a_hundred_steps_are_the_cpus(void **)
{
    run_data data(90), validation(25);
    for (int which = 0; which < 3; which++) {
        seqnn_model *models[2];
        seen all[2];
        seqnn_history history[2];
        for (int device = 0; device < 2; device++) {
            models[device] = bag_model(device);
            seqnn_fit_options options = run_options(validation, which);
            options.on_step = on_step;
            options.context = &all[device];
            history[device] = seqnn_fit(models[device], &data.data, options);
            succeeds(models[device]);
        }
        assert_true(models[1]->backend && !models[0]->backend);
        assert_true(all[0].losses.size() >= 100);
        assert_int_equal(all[0].losses.size(), all[1].losses.size());
        for (size_t s = 0; s < all[0].losses.size(); s++) {
            near("loss of a step", all[0].losses[s], all[1].losses[s], 1e-4);
            near("weight after it", all[0].weights[s], all[1].weights[s], 1e-4);
        }
        assert_true(all[0].losses.back() < 0.8 * all[0].losses.front());
        for (int e = 0; e < 10; e++) {
            near("loss", (double)history[0].loss[e], (double)history[1].loss[e], 1e-4);
            near("val loss", (double)history[0].val_loss[e],
                 (double)history[1].val_loss[e], 1e-4);
            near("accuracy", (double)history[0].accuracy[e],
                 (double)history[1].accuracy[e], 0.012); /* one sample of 90 */
            near("val accuracy", (double)history[0].val_accuracy[e],
                 (double)history[1].val_accuracy[e], 0.041);
        }
        near("weights", models[0]->weights, models[1]->weights, models[0]->weight_count,
             1e-3);
        seqnn_free(models[0]);
        seqnn_free(models[1]);
    }
}

/* A run that is cut off on one side goes on on the other; so does a model of its own. */
static void a_checkpoint_moves(void **)
{
    const char *path = "build/test_training.checkpoint";
    run_data data(60), validation(25);
    for (int first = 0; first < 2; first++) {
        numbers weights, losses;
        for (int part = 0; part < 3; part++) { /* whole, and its two parts */
            seqnn_model *model = bag_model(part == 1   ? first
                                           : part == 2 ? !first
                                                       : false);
            seqnn_fit_options options = run_options(validation, 1);
            options.epochs = part == 1 ? 2 : 4;
            options.checkpoint = part ? path : NULL;
            options.checkpoint_steps = part ? 3 : 0;
            const seqnn_history history = seqnn_fit(model, &data.data, options);
            succeeds(model);
            if (part == 0) {
                weights.assign(model->weights, model->weights + model->weight_count);
                losses.assign(history.loss, history.loss + 4);
            } else if (part == 2) {
                near("weights", weights.data(), model->weights, model->weight_count,
                     1e-4);
                near("losses", losses.data(), history.loss, 4, 1e-4);
            }
            seqnn_free(model);
        }
        assert_int_equal(remove(path), 0);
    }
}

static void a_gathered_batch_moves(void **)
{
    const char *path = "build/test_training.checkpoint";
    for (int first = 0; first < 2; first++) {
        seqnn_model *a = text_model(first, 0), *b = text_model(!first, 0);
        const seqnn_train_options options = step_options(5);
        for (int s = 0; s < 4; s++) /* one update, and one batch more */
            seqnn_train_step(a, text(s).get(), options);
        assert_int_equal(seqnn_checkpoint_save(a, path, NULL, 0), SEQNN_OK);
        assert_int_equal(seqnn_checkpoint_load(b, path, NULL, 0), SEQNN_OK);
        for (seqnn_model *model : {a, b})
            for (int s = 4; s < 12; s++) {
                seqnn_train_step(model, text(s).get(), options);
                succeeds(model);
            }
        near("weights", a->weights, b->weights, a->weight_count, 1e-5);
        seqnn_free(a);
        seqnn_free(b);
        assert_int_equal(remove(path), 0);
    }
}

/* ---- what the CPU writes ---- */

static void is_fetched(const seqnn_model *model, const seqnn_real *x)
{
    const std::vector<char> &then = ((sq_cuda *)model->device)->device->fetched[x];
    assert_int_equal(then.size(), (size_t)model->weight_count * sizeof *x);
    assert_memory_equal(then.data(), x, then.size());
}

/* It goes to the device in one piece, as it is when the CPU is done with it. */
static void what_was_written_is_fetched(void **)
{
    const char *path = "build/test_training.checkpoint";
    const run_data data(60), validation(25);
    seqnn_fit_options options = run_options(validation, 1);
    options.epochs = 4;
    seqnn_model *built = bag_model(true), *moved = bag_model(false);
    is_fetched(built, seqnn_weights(built, NULL));
    seqnn_fit(built, &data.data, options);
    succeeds(built);
    is_fetched(built, built->weights);

    seqnn_weights(moved, NULL);
    assert_int_equal(seqnn_use(moved, SEQNN_GPU), SEQNN_OK);
    is_fetched(moved, moved->weights);

    seqnn_model *from = text_model(false, 0), *to = text_model(true, 0);
    for (int s = 0; s < 4; s++) /* one update, and one batch more */
        seqnn_train_step(from, text(s).get(), step_options(5));
    assert_int_equal(seqnn_checkpoint_save(from, path, NULL, 0), SEQNN_OK);
    assert_int_equal(seqnn_checkpoint_load(to, path, NULL, 0), SEQNN_OK);
    is_fetched(to, to->weights);
    is_fetched(to, to->gradients);
    is_fetched(to, sq_training_of(to)->m);
    assert_int_equal(remove(path), 0);
    for (seqnn_model *model : {built, moved, from, to})
        seqnn_free(model);
}

/* ---- failures ---- */

/* The n-th launch or taking fails, for every n: an error with a sentence, everything is
 * given back, and a model on the CPU trains. */
static void a_device_that_fails(void **)
{
    for (long *count : {&host_device.launches, &host_device.takings}) {
        bool failed = true;
        for (long n = 0; failed; n += count == &host_device.launches ? 7 : 1) {
            assert_true(n < 5000);
            *count = n;
            seqnn_model *model = seqnn_model_new(5);
            seqnn_use(model, SEQNN_GPU);
            seqnn_embedding(model, WORDS, 4, {});
            seqnn_global_mean_pool(model, {});
            seqnn_dense_options last = {};
            last.activation = SEQNN_SOFTMAX;
            seqnn_dense(model, 3, last);
            seqnn_train_options options = {};
            options.clip_norm = 1;
            options.clip_value = 1;
            for (int s = 0; s < 3 && seqnn_ok(model); s++)
                seqnn_train_step(model, text(s).get(), options);
            int64_t confusion[9];
            text data(0);
            data.batch.classes = 3;
            if (seqnn_ok(model))
                seqnn_evaluate_confusion(model, &data.batch, confusion);
            failed = !seqnn_ok(model);
            if (failed && !strstr(seqnn_error(), "device: "))
                fail_msg("%ld: the error is '%s'", n, seqnn_error());
            *count = -1;
            seqnn_free(model);
            assert_int_equal(host_device.open, 0);
        }
    }
    seqnn_model *model = text_model(false, 0);
    seqnn_train_step(model, text(0).get(), {});
    succeeds(model);
    seqnn_free(model);
}

int main(void)
{
    host_device.late = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_clip_is_the_cpus),
        cmocka_unit_test(a_bad_gradient_is_named),
        cmocka_unit_test(every_optimizer_is_the_cpus),
        cmocka_unit_test(rows_that_come_later),
        cmocka_unit_test(a_step_waits_once),
        cmocka_unit_test(a_hundred_steps_are_the_cpus),
        cmocka_unit_test(a_checkpoint_moves),
        cmocka_unit_test(a_gathered_batch_moves),
        cmocka_unit_test(what_was_written_is_fetched),
        cmocka_unit_test(a_device_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
