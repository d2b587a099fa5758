/* Training against closed forms, brute force in double, and its own rules: means that
 * count real steps, clips that end at the threshold, stops that say where. */
/* flags: -Wl,--wrap=malloc */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "seqnn.h"
#include "graph.h"
#include "simd.h"
#include "training.h"

#ifdef _OPENMP
#include <omp.h>
#endif

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.9g, expected %.9g", value, expected);
}

static void says(const char *words)
{
    if (strstr(seqnn_error(), words) == NULL)
        fail_msg("'%s' does not say '%s'", seqnn_error(), words);
}

/* The linker leads every call of malloc here: they are counted, and one fails on demand.
 */
static long allocations, failing = -1;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return allocations++ == failing ? NULL : __real_malloc(size);
}

/* ---- data ---- */

static seqnn_dataset vectors(seqnn_size count, seqnn_size features, const seqnn_real *x)
{
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    data.count = count;
    data.x[0].values = x;
    data.x[0].features = features;
    return data;
}

static seqnn_dataset words(seqnn_size count, seqnn_size time, const int32_t *x)
{
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    data.count = count;
    data.x[0].indices = x;
    data.x[0].time = time;
    return data;
}

/* Titles of 6 words, the class in the words: word 1 + 3 c + (0..2) belongs to class c. */
enum { TITLES = 120, TITLE_LENGTH = 6, TITLE_CLASSES = 3, TITLE_WORDS = 13 };

static int32_t title_words[TITLES * TITLE_LENGTH], title_class[TITLES];

static seqnn_dataset titles(seqnn_size count, uint64_t seed)
{
    seqnn_random random = {seed, 5, 0};
    for (seqnn_size i = 0; i < count; i++) {
        title_class[i] = seqnn_random_below(&random, TITLE_CLASSES);
        seqnn_size length = 2 + seqnn_random_below(&random, TITLE_LENGTH - 1);
        for (seqnn_size t = 0; t < TITLE_LENGTH; t++) {
            bool own = seqnn_random_below(&random, 2) == 0;
            int32_t word = own ? 1 + 3 * title_class[i] + seqnn_random_below(&random, 3)
                               : 10 + seqnn_random_below(&random, 3);
            title_words[i * TITLE_LENGTH + t] = t < length ? word : 0;
        }
    }
    seqnn_dataset data = words(count, TITLE_LENGTH, title_words);
    data.y.indices = title_class;
    data.vocabulary = TITLE_WORDS;
    data.classes = TITLE_CLASSES;
    return data;
}

static seqnn_model *title_model(uint64_t seed, bool return_sequences)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding_options embedding = {.mask_zero = true};
    seqnn_lstm_options lstm = {.return_sequences = return_sequences};
    seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
    seqnn_embedding(model, TITLE_WORDS, 8, embedding);
    seqnn_lstm(model, 7, lstm);
    seqnn_dense(model, TITLE_CLASSES, dense);
    return model;
}

/* ---- losses ---- */

static void losses_by_hand(void **state)
{
    (void)state;
    const seqnn_real z[] = {1, 2, 0, 0, 0, 0}, t[] = {0, 0.25, 0.75, 1, 0, 0};
    const int32_t classes[] = {1, 2};
    seqnn_real gradient[6];
    seqnn_array sparse = {.indices = classes}, dense = {.values = t, .features = 3};
    seqnn_loss_options options = {.kind = SEQNN_CATEGORICAL_CROSSENTROPY};
    double sum = exp(1) + exp(2) + 1;

    double loss = seqnn_loss_of(z, 2, 3, &sparse, NULL, gradient, options);
    near(loss, (log(sum) - 2 + log(3)) / 2, 1e-6);
    near(gradient[0], exp(1) / sum / 2, 1e-6);
    near(gradient[1], (exp(2) / sum - 1) / 2, 1e-6);
    near(gradient[5], (1.0 / 3 - 1) / 2, 1e-6);

    loss = seqnn_loss_of(z, 2, 3, &dense, NULL, gradient, options);
    near(loss, (log(sum) - 0.5 + log(3)) / 2, 1e-6);
    near(gradient[2], (1 / sum - 0.75) / 2, 1e-6);

    options.kind = SEQNN_BINARY_CROSSENTROPY;
    loss = seqnn_loss_of(z, 2, 3, &dense, NULL, gradient, options);
    double first = log1p(exp(-1)) + 1 + (log1p(exp(-2)) + 2 - 0.5) + log(2);
    near(loss, (first + 3 * log(2)) / 6, 1e-6);
    near(gradient[0], 1 / (1 + exp(-1)) / 6, 1e-6);
    options.over_outputs = SEQNN_REDUCE_SUM;
    near(seqnn_loss_of(z, 2, 3, &dense, NULL, NULL, options), (first + 3 * log(2)) / 2,
         1e-6);

    options.over_outputs = SEQNN_REDUCE_DEFAULT;
    options.kind = SEQNN_MSE;
    near(seqnn_loss_of(z, 2, 3, &dense, NULL, gradient, options),
         (1 + 1.75 * 1.75 + 0.75 * 0.75 + 1) / 6, 1e-6);
    near(gradient[1], 2 * 1.75 / 6, 1e-6);
    options.kind = SEQNN_MAE;
    near(seqnn_loss_of(z, 2, 3, &dense, NULL, gradient, options),
         (1 + 1.75 + 0.75 + 1) / 6, 1e-6);
    near(gradient[2], -1.0 / 6, 1e-6);
    near(gradient[4], 0, 0);
}

static void weights_multiply(void **state)
{
    (void)state;
    const seqnn_real z[] = {0, 0, 0, 0, 0, 0}, by_sample[] = {2, 0.5},
                     by_class[] = {1, 3, 5};
    const int32_t classes[] = {1, 2};
    seqnn_real gradient[6];
    seqnn_array sparse = {.indices = classes};
    seqnn_loss_options options = {.class_weight = by_class};
    near(seqnn_loss_of(z, 2, 3, &sparse, by_sample, gradient, options),
         log(3) * (2 * 3 + 0.5 * 5) / 2, 1e-6);
    near(gradient[0], 6 / 3.0 / 2, 1e-6);
    near(gradient[1], 6 * (1 / 3.0 - 1) / 2, 1e-6);
    options.divide_by_weights = true;
    near(seqnn_loss_of(z, 2, 3, &sparse, by_sample, gradient, options), log(3), 1e-6);

    /* A dense target of the same classes weighs the same. */
    const seqnn_real hot[] = {0, 1, 0, 0, 0, 1};
    seqnn_array dense = {.values = hot, .features = 3};
    options.kind = SEQNN_CATEGORICAL_CROSSENTROPY;
    options.divide_by_weights = false;
    near(seqnn_loss_of(z, 2, 3, &dense, by_sample, NULL, options),
         log(3) * (2 * 3 + 0.5 * 5) / 2, 1e-6);

    /* One binary output: the weights of target 0 and of target 1. */
    const int32_t binary[] = {0, 1};
    seqnn_array labels = {.indices = binary};
    options.kind = SEQNN_BINARY_CROSSENTROPY;
    near(seqnn_loss_of(z, 2, 1, &labels, NULL, gradient, options), log(2) * (1 + 3) / 2,
         1e-6);
    near(gradient[1], -3 * 0.5 / 2, 1e-6);

    /* No weight, no loss. */
    const seqnn_real none[] = {0, 0};
    options.kind = SEQNN_LOSS_DEFAULT;
    options.divide_by_weights = true;
    near(seqnn_loss_of(z, 2, 3, &sparse, none, gradient, options), 0, 0);
    near(gradient[1], 0, 0);
}

/* Logits of 300 are no trouble, probabilities of 0 are clamped as Keras does. */
static void extreme_outputs(void **state)
{
    (void)state;
    const seqnn_real z[] = {300, -300, 0};
    const int32_t class_1[] = {1};
    seqnn_real gradient[3];
    seqnn_array y = {.indices = class_1};
    seqnn_loss_options options = {.kind = SEQNN_CATEGORICAL_CROSSENTROPY};
    near(seqnn_loss_of(z, 1, 3, &y, NULL, gradient, options), 600, 1e-6);
    near(gradient[0], 1, 1e-6);
    options.kind = SEQNN_BINARY_CROSSENTROPY;
    near(seqnn_loss_of(z + 1, 1, 1, &y, NULL, gradient, options), 300, 1e-6);
    near(gradient[0], -1, 1e-6);
    const seqnn_real p[] = {1, 0, 0};
    options.kind = SEQNN_CATEGORICAL_CROSSENTROPY;
    options.probabilities = true;
    near(seqnn_loss_of(p, 1, 3, &y, NULL, gradient, options), -log(1e-7), 1e-5);
    near(gradient[1], 0, 0);
}

/* A model whose only layer is its source: the loss of given outputs over packed steps. */
static void masked_means(void **state)
{
    (void)state;
    enum { B = 3, T = 4 };
    seqnn_real x[B * T], t[B * T];
    const int32_t start[] = {0, 2, 0}, length[] = {4, 1, 0};
    const seqnn_real weight[] = {1, 3, 100};
    double first = 0, second;
    for (int i = 0; i < B * T; i++) {
        x[i] = (seqnn_real)(i % 5);
        t[i] = (seqnn_real)(i % 3) - 1;
    }
    for (int i = 0; i < T; i++)
        first += (double)((x[i] - t[i]) * (x[i] - t[i]));
    second = (double)((x[T + 2] - t[T + 2]) * (x[T + 2] - t[T + 2])) * 3;

    seqnn_model *model = seqnn_model_new(1);
    seqnn_source_options plain = {.time = 0};
    seqnn_sequences(model, 1, plain);
    seqnn_dataset batch = vectors(B, 1, x);
    batch.x[0].time = T;
    batch.x[0].start = start;
    batch.x[0].length = length;
    batch.y.values = t;
    batch.y.features = 1;
    batch.y.time = T;
    batch.weight = weight;
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_EVALUATE), SEQNN_OK);

    seqnn_reduction mean = SEQNN_REDUCE_MEAN, sum = SEQNN_REDUCE_SUM;
    seqnn_loss_options options = {.kind = SEQNN_MSE, .over_steps = mean};
    near(seqnn_loss(model, &batch, options), (first + second) / 5, 1e-6);
    seqnn_tensor gradient = seqnn_layer_output_gradient(seqnn_model_layer_at(model, 0));
    near(gradient.data[T + 2], (double)(x[T + 2] - t[T + 2]) * 3 * 2 / 5, 1e-6);
    near(gradient.data[T + 1], 0, 0);
    options.over_steps = sum;
    near(seqnn_loss(model, &batch, options), (first + second) / 2, 1e-6);
    options.over_samples = sum;
    near(seqnn_loss(model, &batch, options), first + second, 1e-6);
    options.over_steps = mean;
    near(seqnn_loss(model, &batch, options), first / 4 + second, 1e-6);
    options.over_samples = mean;
    options.divide_by_weights = true;
    near(seqnn_loss(model, &batch, options), (first + second) / 7, 1e-6);

    /* Steps outside the target's own length do not count. */
    const int32_t y_start[] = {0, 0, 0}, y_length[] = {1, 4, 4};
    batch.y.start = y_start;
    batch.y.length = y_length;
    options.divide_by_weights = false;
    near(seqnn_loss(model, &batch, options),
         ((double)((x[0] - t[0]) * (x[0] - t[0])) + second) / 2, 1e-6);

    /* All padding: 0, not 0/0. */
    const int32_t empty[] = {0, 0, 0};
    batch.x[0].length = empty;
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_EVALUATE), SEQNN_OK);
    near(seqnn_loss(model, &batch, options), 0, 0);
    seqnn_free(model);
}

static void loss_refuses(void **state)
{
    (void)state;
    const seqnn_real x[] = {1, 2, 3, 4, 5, 6};
    const int32_t classes[] = {1, 3};
    seqnn_loss_options options = {.kind = SEQNN_CATEGORICAL_CROSSENTROPY};
    seqnn_array y = {.indices = classes};
    assert_true(isnan(seqnn_loss_of(x, 2, 3, &y, NULL, NULL, options)));
    says("sample 1: class 3 is outside [0, 3)");
    options.kind = SEQNN_MSE;
    assert_true(isnan(seqnn_loss_of(x, 2, 3, &y, NULL, NULL, options)));
    says("the target y is [2] indices; mean squared error expects [2, 3] values");
    seqnn_array nothing = {.time = 0};
    assert_true(isnan(seqnn_loss_of(x, 2, 3, &nothing, NULL, NULL, options)));
    says("the target y is nothing");
    seqnn_array wide = {.values = x, .features = 2, .time = 7};
    options.kind = SEQNN_CATEGORICAL_CROSSENTROPY;
    assert_true(isnan(seqnn_loss_of(x, 2, 3, &wide, NULL, NULL, options)));
    says("[2, 7, 2] values; categorical cross-entropy expects [2, 3] values or [2] "
         "indices");

    /* In a sequence the step is named too. */
    seqnn_dataset batch = vectors(2, 1, x);
    const int32_t steps[] = {0, 0, 0, 0, 0, 5};
    seqnn_model *model = seqnn_model_new(1);
    seqnn_source_options plain = {.time = 0};
    seqnn_sequences(model, 1, plain);
    batch.x[0].time = 3;
    batch.y.indices = steps;
    batch.y.time = 3;
    seqnn_loss_options defaults = {.kind = SEQNN_LOSS_DEFAULT};
    assert_true(isnan(seqnn_loss(model, &batch, defaults)));
    says("there was no forward pass");
    seqnn_forward(model, &batch, SEQNN_EVALUATE);
    assert_true(isnan(seqnn_loss(model, &batch, defaults)));
    says("sample 1, step 2: class 5 is outside [0, 1)");
    assert_false(seqnn_ok(model));
    seqnn_free(model);
}

/* The first softmax loss is about ln C; the fused gradient is that of the probabilities
 * by hand. */
static void softmax_loss_of_a_model(void **state)
{
    (void)state;
    seqnn_dataset data = titles(40, 3);
    seqnn_model *model = title_model(4, false);
    seqnn_loss_options options = {.kind = SEQNN_LOSS_DEFAULT};
    assert_int_equal(seqnn_forward(model, &data, SEQNN_EVALUATE), SEQNN_OK);
    double fused = seqnn_loss(model, &data, options);
    near(fused, log(TITLE_CLASSES), 0.1);
    seqnn_tensor y = seqnn_output(model);
    double by_hand = 0;
    for (seqnn_size i = 0; i < data.count; i++)
        by_hand -= log((double)y.data[i * TITLE_CLASSES + title_class[i]]);
    near(fused, by_hand / 40, 1e-6);

    seqnn_size count = 0;
    seqnn_zero_gradients(model);
    seqnn_backward(model);
    seqnn_real *gradients = seqnn_gradients(model, &count);
    seqnn_real *kept = (seqnn_real *)malloc((size_t)count * sizeof *kept);
    memcpy(kept, gradients, (size_t)count * sizeof *kept);
    options.probabilities = true;
    near(seqnn_loss(model, &data, options), fused, 1e-6);
    seqnn_zero_gradients(model);
    seqnn_backward(model);
    for (seqnn_size i = 0; i < count; i++)
        near(gradients[i], kept[i], 1e-6);
    free(kept);
    seqnn_free(model);
}

/* ---- optimisers ---- */

enum { ROWS = 50, COLUMNS = 7 };

/* A table whose gradients we write ourselves: some rows touched, others not. */
static seqnn_model *table_model(seqnn_parameter **table)
{
    seqnn_model *model = seqnn_model_new(9);
    seqnn_embedding_options none = {.mask_zero = false};
    seqnn_dense_options frozen = {.frozen = true}, linear = {.frozen = false};
    seqnn_layer *layer = seqnn_embedding(model, ROWS, COLUMNS, none);
    seqnn_dense(model, 3, frozen);
    seqnn_dense(model, 2, linear);
    *table = seqnn_layer_parameter(layer, "table");
    return model;
}

static void write_gradients(seqnn_model *model, int step)
{
    seqnn_random random = {77, (uint64_t)step, 0};
    sq_parameter *table = &model->layers[0]->parameters[0];
    seqnn_zero_gradients(model);
    assert_non_null(table->touched);
    for (int32_t r = 0; r < ROWS; r++) {
        if (seqnn_random_below(&random, 3))
            continue;
        table->touched->mark[r] = 1;
        table->touched->rows[table->touched->count++] = r;
        for (int c = 0; c < COLUMNS; c++)
            table->view.gradient[r * COLUMNS + c] =
                (seqnn_real)seqnn_random_normal(&random);
    }
    for (seqnn_size i = 1; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            for (seqnn_size j = 0; !view->frozen && j < view->rows * view->columns; j++)
                view->gradient[j] = (seqnn_real)seqnn_random_normal(&random);
        }
}

static void poison_untouched(seqnn_model *model, seqnn_real value)
{
    sq_parameter *table = &model->layers[0]->parameters[0];
    for (int i = 0; i < ROWS * COLUMNS; i++)
        if (!table->touched->mark[i / COLUMNS])
            table->view.gradient[i] = value;
}

/* One weight, in double, as optimizer.h writes it. */
static double updated(const seqnn_optimizer *o, double w, double g, double *m, double *v,
                      int t)
{
    double eta = o->learning_rate, eps = o->epsilon;
    g += o->l2 * w;
    w -= eta * o->weight_decay * w;
    switch (o->kind) {
    case SEQNN_SGD:
        *m = o->momentum * *m - eta * g;
        return o->nesterov ? w + o->momentum * *m - eta * g : w + *m;
    case SEQNN_RMSPROP:
        *v = o->rho * *v + (1 - o->rho) * g * g;
        *m = o->momentum * *m +
             eta * g / (o->pytorch_epsilon ? sqrt(*v) + eps : sqrt(*v + eps));
        return w - *m;
    case SEQNN_ADAGRAD:
        *v = (t == 1 ? o->initial_accumulator : *v) + g * g;
        return w - eta * g / (o->pytorch_epsilon ? sqrt(*v) + eps : sqrt(*v + eps));
    default:
        *m = o->beta1 * *m + (1 - o->beta1) * g;
        *v = o->beta2 * *v + (1 - o->beta2) * g * g;
        if (o->pytorch_epsilon)
            return w - eta * (*m / (1 - pow(o->beta1, t))) /
                           (sqrt(*v / (1 - pow(o->beta2, t))) + eps);
        return w - eta * sqrt(1 - pow(o->beta2, t)) / (1 - pow(o->beta1, t)) * *m /
                       (sqrt(*v) + eps);
    }
}

/* Five steps of every variant against the double loop; on every instruction set. */
static void optimisers_match_brute_force(void **state)
{
    (void)state;
    const seqnn_optimizer variants[] = {
        {.kind = SEQNN_SGD, .learning_rate = 0.1f},
        {.kind = SEQNN_SGD, .learning_rate = 0.1f, .momentum = 0.9f},
        {.kind = SEQNN_SGD, .learning_rate = 0.1f, .momentum = 0.8f, .nesterov = true},
        {.kind = SEQNN_SGD, .learning_rate = 0.1f, .l2 = 0.05f},
        {.kind = SEQNN_RMSPROP, .learning_rate = 0.01f},
        {.kind = SEQNN_RMSPROP, .learning_rate = 0.01f, .momentum = 0.5f, .rho = 0.99f},
        {.kind = SEQNN_RMSPROP, .learning_rate = 0.01f, .pytorch_epsilon = true},
        {.kind = SEQNN_ADAM, .learning_rate = 0.01f},
        {.kind = SEQNN_ADAM, .learning_rate = 0.01f, .beta1 = 0.5f, .beta2 = 0.9f},
        {.kind = SEQNN_ADAM,
         .learning_rate = 0.01f,
         .epsilon = 0.1f,
         .pytorch_epsilon = true,
         .l2 = 0.1f},
        {.kind = SEQNN_ADAMW, .learning_rate = 0.01f, .weight_decay = 0.3f},
        {.kind = SEQNN_ADAGRAD, .learning_rate = 0.05f},
        {.kind = SEQNN_ADAGRAD,
         .learning_rate = 0.05f,
         .initial_accumulator = 1,
         .weight_decay = 0.2f},
    };
    sq_isa_kind best = sq_isa();
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++)
        for (size_t k = 0; k < sizeof variants / sizeof *variants; k++) {
            if (!sq_isa_available((sq_isa_kind)isa))
                continue;
            sq_isa_force((sq_isa_kind)isa);
            seqnn_parameter *table;
            seqnn_model *model = table_model(&table);
            seqnn_size count;
            seqnn_real *w = seqnn_weights(model, &count);
            seqnn_real *g = seqnn_gradients(model, NULL);
            double expected[600] = {0}, m[600] = {0}, v[600] = {0};
            assert_true(count <= 600);
            for (seqnn_size i = 0; i < count; i++)
                expected[i] = w[i];
            seqnn_optimizer o = variants[k];
            if (o.rho == 0)
                o.rho = 0.9f;
            if (o.beta1 == 0)
                o.beta1 = 0.9f;
            if (o.beta2 == 0)
                o.beta2 = 0.999f;
            if (o.epsilon == 0)
                o.epsilon = 1e-7f;
            if (o.initial_accumulator == 0)
                o.initial_accumulator = 0.1f;
            const seqnn_parameter *frozen = &model->layers[1]->parameters[0].view;
            seqnn_size frozen_from = frozen->value - w;
            seqnn_size frozen_to = model->layers[2]->parameters[0].offset;
            for (int t = 1; t <= 5; t++) {
                write_gradients(model, t);
                for (seqnn_size i = 0; i < count; i++)
                    if (i < frozen_from || i >= frozen_to)
                        expected[i] = updated(&o, expected[i], g[i], &m[i], &v[i], t);
                poison_untouched(model, (seqnn_real)NAN); /* must not be read */
                assert_int_equal(seqnn_step(model, variants[k]), SEQNN_OK);
                poison_untouched(model, 0);
                assert_int_equal(seqnn_steps(model), t);
            }
            for (seqnn_size i = 0; i < count; i++)
                if (!(fabs((double)w[i] - expected[i]) <= 2e-6))
                    fail_msg("variant %d, %s, weight %d: %.9g, expected %.9g", (int)k,
                             sq_isa_name((sq_isa_kind)isa), (int)i, (double)w[i],
                             expected[i]);
            seqnn_free(model);
        }
    sq_isa_force(best);
}

static void schedules(void **state)
{
    (void)state;
    seqnn_optimizer o = seqnn_sgd(0.5f);
    near(seqnn_learning_rate(o, 1000), 0.5, 0);
    seqnn_optimizer plain = {.kind = SEQNN_SGD};
    near(seqnn_learning_rate(plain, 0), 0.01, 1e-7);
    plain.kind = SEQNN_OPTIMIZER_DEFAULT;
    near(seqnn_learning_rate(plain, 0), 0.001, 1e-7);
    o.schedule.steps = 10;
    o.schedule.kind = SEQNN_SCHEDULE_STEP;
    near(seqnn_learning_rate(o, 9), 0.5, 1e-7);
    near(seqnn_learning_rate(o, 25), 0.005, 1e-7);
    o.schedule.kind = SEQNN_SCHEDULE_EXPONENTIAL;
    o.schedule.decay = 0.25f;
    near(seqnn_learning_rate(o, 5), 0.25, 1e-7);
    o.schedule.kind = SEQNN_SCHEDULE_INVERSE_TIME;
    near(seqnn_learning_rate(o, 40), 0.25, 1e-7);
    o.schedule.kind = SEQNN_SCHEDULE_COSINE;
    o.schedule.minimum = 0.1f;
    near(seqnn_learning_rate(o, 0), 0.5, 1e-7);
    near(seqnn_learning_rate(o, 5), 0.3, 1e-7);
    near(seqnn_learning_rate(o, 99), 0.1, 1e-7);
    o.schedule.warm_up = 4;
    near(seqnn_learning_rate(o, 0), 0.125, 1e-7);
    near(seqnn_learning_rate(o, 3), 0.5, 1e-7);
    near(seqnn_learning_rate(o, 9), 0.3, 1e-7);
}

static void step_refuses(void **state)
{
    (void)state;
    seqnn_parameter *table;
    seqnn_model *model = table_model(&table);
    seqnn_real before = table->value[0];
    seqnn_optimizer o = seqnn_adam(0.1f);
    o.beta1 = 1;
    write_gradients(model, 1);
    assert_int_equal(seqnn_step(model, o), SEQNN_ERROR_ARGUMENT);
    says("beta1 1");
    /* Every number, out of its range and none at all. */
    const size_t amounts[] = {offsetof(seqnn_optimizer, learning_rate),
                              offsetof(seqnn_optimizer, schedule.decay),
                              offsetof(seqnn_optimizer, schedule.minimum),
                              offsetof(seqnn_optimizer, epsilon),
                              offsetof(seqnn_optimizer, initial_accumulator),
                              offsetof(seqnn_optimizer, weight_decay),
                              offsetof(seqnn_optimizer, l2),
                              offsetof(seqnn_optimizer, momentum),
                              offsetof(seqnn_optimizer, rho),
                              offsetof(seqnn_optimizer, beta1),
                              offsetof(seqnn_optimizer, beta2)};
    const char *names[] = {"learning_rate %g,",
                           "decay %g,",
                           "minimum %g;",
                           "epsilon %g,",
                           "initial_accumulator %g,",
                           "weight_decay %g,",
                           "l2 %g;",
                           "momentum %g,",
                           "rho %g,",
                           "beta1 %g,",
                           "beta2 %g;"};
    const seqnn_real wrong[] = {-0.1f, (seqnn_real)NAN, (seqnn_real)INFINITY};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++)
        for (int k = 0; k < 3; k++) {
            char words[64];
            o = seqnn_adam(0.1f);
            memcpy((char *)&o + amounts[i], &wrong[k], sizeof(seqnn_real));
            assert_int_equal(seqnn_step(model, o), SEQNN_ERROR_ARGUMENT);
            snprintf(words, sizeof words, names[i], (double)wrong[k]);
            says(words);
            assert_true(isnan(seqnn_learning_rate(o, 3)) == (i < 3));
            assert_false(seqnn_ok(model));
        }
    assert_true(table->value[0] == before);
    o = seqnn_sgd(0.1f);
    o.schedule.kind = SEQNN_SCHEDULE_COSINE;
    assert_int_equal(seqnn_step(model, o), SEQNN_ERROR_ARGUMENT);
    says("over 0 steps");
    o = seqnn_sgd(0.1f);
    assert_int_equal(seqnn_step(model, o), SEQNN_OK);
    model->layers[2]->parameters[1].view.gradient[0] = (seqnn_real)NAN;
    before = table->value[0];
    assert_int_equal(seqnn_step(model, o), SEQNN_ERROR_NUMBER);
    says("step 2: the gradient of dense 'dense_2', parameter b, is not finite");
    assert_true(table->value[0] == before);
    seqnn_free(model);
}

/* ---- clipping ---- */

static double norm_of(const seqnn_model *model, int which)
{
    double sum = 0;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            if (view->frozen || (which >= 0 && (which / 10 != i || which % 10 != p)))
                continue;
            for (seqnn_size j = 0; j < view->rows * view->columns; j++)
                sum += (double)view->gradient[j] * (double)view->gradient[j];
        }
    return sqrt(sum);
}

static void clips_end_at_the_threshold(void **state)
{
    (void)state;
    seqnn_parameter *table;
    seqnn_model *model = table_model(&table);
    write_gradients(model, 3);
    seqnn_parameter *W = &model->layers[2]->parameters[0].view;
    double before = norm_of(model, -1), ratio = (double)(W->gradient[0] / W->gradient[1]);
    near(seqnn_gradient_norm(model), before, 1e-6);
    near(seqnn_clip_by_global_norm(model, 0.25f, 0), before, 1e-6);
    near(norm_of(model, -1), 0.25, 1e-6);
    near((double)(W->gradient[0] / W->gradient[1]), ratio, 1e-5);
    near(seqnn_clip_by_global_norm(model, 4, 0), 0.25, 1e-6); /* below: left alone */
    near(norm_of(model, -1), 0.25, 1e-6);
    near(seqnn_clip_by_global_norm(model, 4, 2), 0.25, 1e-6); /* below lower: scaled up */
    near(norm_of(model, -1), 2, 1e-6);

    write_gradients(model, 3);
    double largest =
        fmax(norm_of(model, 0), fmax(norm_of(model, 20), norm_of(model, 21)));
    near(seqnn_clip_by_norm(model, 0.5f, 0), largest, 1e-6);
    near(norm_of(model, 0), 0.5, 1e-6);
    near(norm_of(model, 20), 0.5, 1e-6);
    seqnn_clip_by_norm(model, 0, 3);
    near(norm_of(model, 21), 3, 1e-6);

    write_gradients(model, 3);
    W->gradient[0] = 0;
    W->gradient[1] = -5;
    W->gradient[2] = (seqnn_real)0.01;
    W->gradient[3] = (seqnn_real)0.2;
    before = norm_of(model, -1);
    near(seqnn_clip_by_value(model, 0.5f, 0.1f), before, 1e-6);
    near(W->gradient[0], 0, 0);
    near(W->gradient[1], -0.5, 0);
    near(W->gradient[2], 0.1, 1e-7);
    near(W->gradient[3], 0.2, 1e-7);

    /* Zero stays zero, a gradient of 1e-30 comes up, one of 1e30 comes down. */
    seqnn_zero_gradients(model);
    for (seqnn_size j = 0; j < 6; j++)
        W->gradient[j] = 0;
    memset(model->layers[2]->parameters[1].view.gradient, 0, 2 * sizeof(seqnn_real));
    near(seqnn_clip_by_global_norm(model, 0, 1), 0, 0);
    near(norm_of(model, -1), 0, 0);
    W->gradient[0] = (seqnn_real)1e-30;
    seqnn_clip_by_global_norm(model, 0, 1);
    near(norm_of(model, -1), 1, 1e-6);
    W->gradient[0] = (seqnn_real)1e30;
    near(seqnn_clip_by_global_norm(model, 1, 0), 1e30, 1e-6);
    near(norm_of(model, -1), 1, 1e-6);

    assert_true(isnan(seqnn_clip_by_global_norm(model, 1, 2)));
    says("threshold 1 and lower 2");
    assert_true(isnan(seqnn_clip_by_norm(model, 0, 0)));
    W->gradient[0] = (seqnn_real)INFINITY;
    assert_true(isnan(seqnn_clip_by_global_norm(model, 1, 0)));
    says("dense 'dense_2', parameter W, is not finite");
    seqnn_free(model);
}

/* ---- steps ---- */

static void copy_weights(seqnn_model *model, seqnn_real *to, seqnn_size room)
{
    seqnn_size count;
    const seqnn_real *w = seqnn_weights(model, &count);
    assert_true(count <= room);
    memset(to, 0, (size_t)room * sizeof *to);
    memcpy(to, w, (size_t)count * sizeof *to);
}

/* Batches of 7, 20 and 13 titles gathered are one batch of 40, masks and all. */
static void gathered_batches_are_one(void **state)
{
    (void)state;
    static seqnn_real one[2000], three[2000];
    const seqnn_size cuts[] = {0, 7, 27, 40};
    static int32_t tags[TITLES * TITLE_LENGTH];
    seqnn_dataset data = titles(40, 8);
    for (int i = 0; i < 40 * TITLE_LENGTH; i++)
        tags[i] = title_words[i] % TITLE_CLASSES;
    data.y.indices = tags;
    data.y.time = TITLE_LENGTH;
    seqnn_train_options options = {.optimizer = seqnn_sgd(0.5f)};
    seqnn_model *model = title_model(4, true);
    double whole = seqnn_train_step(model, &data, options);
    assert_true(!isnan(whole));
    copy_weights(model, one, 2000);
    seqnn_free(model);

    model = title_model(4, true);
    options.accumulate = 3;
    for (int i = 0; i < 3; i++) {
        seqnn_dataset part = seqnn_dataset_slice(&data, cuts[i], cuts[i + 1]);
        assert_true(!isnan(seqnn_train_step(model, &part, options)));
        assert_int_equal(seqnn_steps(model), i / 2);
    }
    copy_weights(model, three, 2000);
    for (int i = 0; i < 2000; i++)
        near(three[i], one[i], 1e-6);
    seqnn_free(model);
}

/* The last batches of an epoch are fewer than accumulate asks for: they make an update,
 * and do not run over into the next epoch. */
static void an_epoch_ends_with_an_update(void **state)
{
    (void)state;
    static seqnn_real by_fit[2000], by_hand[2000];
    const seqnn_size cuts[] = {0, 24, 40};
    seqnn_dataset data = titles(40, 8);
    seqnn_train_options step = {.optimizer = seqnn_sgd(0.5f)};
    seqnn_fit_options options = {.epochs = 2,
                                 .batch_size = 8,
                                 .accumulate = 3,
                                 .keep_order = true,
                                 .optimizer = step.optimizer};
    seqnn_model *model = title_model(4, false);
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_OK);
    assert_int_equal(seqnn_steps(model), 4);
    copy_weights(model, by_fit, 2000);
    seqnn_free(model);
    model = title_model(4, false);
    for (int k = 0; k < 4; k++) {
        seqnn_dataset part = seqnn_dataset_slice(&data, cuts[k % 2], cuts[k % 2 + 1]);
        assert_true(!isnan(seqnn_train_step(model, &part, step)));
    }
    copy_weights(model, by_hand, 2000);
    for (int i = 0; i < 2000; i++)
        near(by_fit[i], by_hand[i], 1e-6);
    seqnn_free(model);

    model = title_model(4, false);
    options.epochs = 1;
    options.batch_size = 20;
    options.accumulate = 4;
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_OK);
    assert_int_equal(seqnn_steps(model), 1);

    /* What failed in the middle of gathering leaves nothing behind. */
    static int32_t wrong[40];
    memcpy(wrong, title_class, sizeof wrong);
    wrong[39] = TITLE_CLASSES;
    data.y.indices = wrong;
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_ERROR_ARGUMENT);
    assert_int_equal(((sq_training *)model->training)->gathered, 0);
    assert_int_equal(seqnn_steps(model), 1);
    seqnn_free(model);
}

static void train_step_is_the_loop_by_hand(void **state)
{
    (void)state;
    static seqnn_real kept[2000], again[2000];
    seqnn_dataset data = titles(32, 8);
    seqnn_train_options options = {.optimizer = {.kind = SEQNN_RMSPROP},
                                   .clip_global_norm = 0.1f};
    seqnn_model *model = title_model(4, false);
    for (int i = 0; i < 3; i++)
        seqnn_train_step(model, &data, options);
    copy_weights(model, kept, 2000);
    seqnn_free(model);
    model = title_model(4, false);
    for (int i = 0; i < 3; i++) {
        seqnn_zero_gradients(model);
        seqnn_forward(model, &data, SEQNN_TRAIN);
        seqnn_loss(model, &data, options.loss);
        seqnn_backward(model);
        seqnn_clip_by_global_norm(model, 0.1f, 0);
        seqnn_step(model, options.optimizer);
    }
    copy_weights(model, again, 2000);
    assert_memory_equal(kept, again, sizeof kept);
    seqnn_free(model);
}

static void twenty_samples_overfit(void **state)
{
    (void)state;
    seqnn_dataset data = titles(20, 12);
    for (int i = 0; i < 20; i++)
        title_class[i] = i % 3; /* nothing to learn but the samples themselves */
    seqnn_model *model = title_model(2, false);
    seqnn_train_options options = {.optimizer = seqnn_adam(0.03f)};
    double loss = 1;
    for (int i = 0; i < 300; i++)
        loss = seqnn_train_step(model, &data, options);
    assert_true(loss < 1e-2);
    seqnn_evaluate_options by_7 = {.batch_size = 7}, by_20 = {.batch_size = 20};
    seqnn_evaluation a = seqnn_evaluate(model, &data, by_7);
    seqnn_evaluation b = seqnn_evaluate(model, &data, by_20);
    near(a.accuracy, 1, 0);
    near(a.loss, b.loss, 1e-6);

    seqnn_predict_options batches = {.batch_size = 7};
    seqnn_tensor y = seqnn_predict(model, &data, batches);
    assert_int_equal(y.rank, 2);
    assert_int_equal(y.shape[0], 20);
    double by_hand = 0;
    for (int i = 0; i < 20; i++)
        by_hand -= log((double)y.data[i * 3 + title_class[i]]) / 20;
    near(by_hand, b.loss, 1e-6);
    seqnn_free(model);
}

static void not_a_number_is_named(void **state)
{
    (void)state;
    seqnn_dataset data = titles(32, 8);
    seqnn_model *model = title_model(4, false);
    seqnn_train_options options = {.optimizer = seqnn_sgd(0.1f)};
    assert_true(!isnan(seqnn_train_step(model, &data, options)));
    seqnn_parameter *W_h =
        seqnn_layer_parameter(seqnn_model_layer(model, "lstm_1"), "W_h");
    W_h->value[3] = (seqnn_real)NAN;
    assert_true(isnan(seqnn_train_step(model, &data, options)));
    says("step 2: the loss is");
    says("lstm 'lstm_1'");
    assert_false(seqnn_ok(model));

    seqnn_fit_options fit = {.epochs = 3};
    seqnn_history history = seqnn_fit(model, &data, fit);
    assert_int_equal(history.status, SEQNN_ERROR_NUMBER);
    assert_int_equal(history.epochs, 0);
    says("fit: epoch 1: train_step: step 2");
    seqnn_free(model);
}

/* A weight that is no number is named, of a sample and of a class. */
static void bad_weights_are_named(void **state)
{
    (void)state;
    seqnn_real weight[8], by_class[] = {1, (seqnn_real)INFINITY, 1};
    seqnn_dataset data = titles(8, 8);
    seqnn_model *model = title_model(4, false);
    seqnn_train_options options = {.optimizer = seqnn_sgd(0.1f)};
    for (int i = 0; i < 8; i++)
        weight[i] = i == 5 ? (seqnn_real)NAN : 1;
    data.weight = weight;
    assert_true(isnan(seqnn_train_step(model, &data, options)));
    says("loss: the weight of sample 5 is ");
    assert_false(seqnn_ok(model));
    data.weight = NULL;
    options.loss.class_weight = by_class;
    assert_true(isnan(seqnn_train_step(model, &data, options)));
    says("loss: class_weight[1] is inf");
    by_class[1] = 2;
    assert_true(!isnan(seqnn_train_step(model, &data, options)));
    assert_true(seqnn_ok(model));
    seqnn_free(model);
}

/* Options that are refused fail the model, until a pass succeeds. */
static void refused_options_fail_the_model(void **state)
{
    (void)state;
    seqnn_dataset data = titles(8, 8);
    seqnn_model *model = title_model(4, false);
    seqnn_predict_options predict = {.batch_size = -1}, default_batch = {0};
    seqnn_evaluate_options evaluate = {.batch_size = -1};
    seqnn_train_options step = {.accumulate = -1};
    assert_null(seqnn_predict(model, &data, predict).data);
    says("predict: batch_size is -1");
    assert_false(seqnn_ok(model));
    assert_non_null(seqnn_predict(model, &data, default_batch).data);
    assert_true(seqnn_ok(model));
    assert_int_equal(seqnn_evaluate(model, &data, evaluate).status, SEQNN_ERROR_ARGUMENT);
    says("evaluate: batch_size is -1");
    assert_false(seqnn_ok(model));
    assert_non_null(seqnn_predict(model, &data, default_batch).data);
    assert_true(isnan(seqnn_train_step(model, &data, step)));
    says("train_step: accumulate is -1");
    assert_false(seqnn_ok(model));
    seqnn_free(model);
}

/* ---- fit ---- */

static void fit_learns(void **state)
{
    (void)state;
    seqnn_dataset data = titles(TITLES, 21);
    seqnn_model *model = title_model(5, false);
    seqnn_fit_options options = {.epochs = 30,
                                 .batch_size = 16,
                                 .validation_split = 0.2f,
                                 .optimizer = seqnn_adam(0.01f)};
    seqnn_history h = seqnn_fit(model, &data, options);
    assert_int_equal(h.status, SEQNN_OK);
    assert_int_equal(h.epochs, 30);
    assert_int_equal(seqnn_steps(model), 30 * 6);
    assert_true(h.loss[29] < h.loss[0] / 3);
    assert_true(h.val_accuracy[h.best_epoch] > 0.8f);
    for (seqnn_size e = 0; e < h.epochs; e++) {
        assert_true(h.val_accuracy[e] <= h.val_accuracy[h.best_epoch]);
        assert_true(h.seconds[e] >= 0);
    }
    seqnn_free(model);
}

/* What verbose prints, with stdout in a file for a while. */
static void progress_lines(void **state)
{
    (void)state;
    char text[4000], name[] = "/tmp/seqnn_progress_XXXXXX";
    seqnn_dataset data = titles(64, 21);
    seqnn_model *model = title_model(5, false);
    seqnn_fit_options options = {
        .epochs = 2, .batch_size = 16, .validation = &data, .verbose = 1};
    fflush(stdout);
    int screen = dup(1), file = mkstemp(name);
    dup2(file, 1);
    seqnn_history h = seqnn_fit(model, &data, options);
    fflush(stdout);
    dup2(screen, 1);
    close(screen);
    close(file);
    FILE *written = fopen(name, "rb");
    text[fread(text, 1, sizeof text - 1, written)] = '\0';
    fclose(written);
    unlink(name);
    char expected[200];
    snprintf(expected, sizeof expected,
             " - loss: %.4f - accuracy: %.4f - val_loss: %.4f - val_accuracy: %.4f\n",
             (double)h.loss[1], (double)h.accuracy[1], (double)h.val_loss[1],
             (double)h.val_accuracy[1]);
    if (strncmp(text, "Epoch 1/2\n4/4 - ", 16) || !strstr(text, "s/step - loss: ") ||
        !strstr(text, "\nEpoch 2/2\n4/4 - ") || !strstr(text, expected))
        fail_msg("%s does not end in %s", text, expected);
    seqnn_free(model);
}

/* The model is made worse on purpose after epoch 3: patience runs out 2 epochs later. */
typedef struct spoiler {
    seqnn_size epochs, spoil_after;
    seqnn_real best[2000];
} spoiler;

static bool spoil(seqnn_model *model, const seqnn_history *history, void *context)
{
    spoiler *own = (spoiler *)context;
    own->epochs++;
    assert_int_equal(history->epochs, own->epochs);
    if (own->epochs == own->spoil_after) {
        seqnn_size count;
        seqnn_real *w = seqnn_weights(model, &count);
        copy_weights(model, own->best, 2000);
        for (seqnn_size i = 0; i < count; i++)
            w[i] = -3 * w[i];
    }
    return true;
}

static void stops_early_and_restores(void **state)
{
    (void)state;
    static spoiler watch;
    static seqnn_real after[2000];
    seqnn_dataset data = titles(60, 21);
    for (int restore = 0; restore < 2; restore++) {
        memset(&watch, 0, sizeof watch);
        watch.spoil_after = 3;
        seqnn_model *model = title_model(5, false);
        seqnn_fit_options options = {.epochs = 50,
                                     .patience = 2,
                                     .validation = &data,
                                     .monitor = SEQNN_MONITOR_VAL_LOSS,
                                     .restore_best = restore != 0,
                                     .on_epoch = spoil,
                                     .context = &watch};
        seqnn_history h = seqnn_fit(model, &data, options);
        assert_int_equal(h.status, SEQNN_OK);
        assert_int_equal(h.best_epoch, 2);
        assert_int_equal(h.epochs, 5);
        copy_weights(model, after, 2000);
        if (restore)
            assert_memory_equal(after, watch.best, sizeof after);
        else
            assert_memory_not_equal(after, watch.best, sizeof after);
        seqnn_free(model);
    }
}

static bool stop_at_two(seqnn_model *model, const seqnn_history *history, void *context)
{
    (void)model;
    (void)context;
    return history->epochs < 2;
}

static void fit_refuses(void **state)
{
    (void)state;
    seqnn_dataset data = titles(10, 21), empty = data;
    empty.count = 0;
    seqnn_model *model = title_model(5, false);
    seqnn_fit_options ask = {.epochs = 9, .on_epoch = stop_at_two};
    assert_int_equal(seqnn_fit(model, &data, ask).epochs, 2);
    seqnn_fit_options split = {.validation_split = 1.5f};
    assert_int_equal(seqnn_fit(model, &data, split).status, SEQNN_ERROR_ARGUMENT);
    says("validation_split is 1.5");
    assert_false(seqnn_ok(model));
    seqnn_fit_options monitor = {.monitor = SEQNN_MONITOR_VAL_LOSS};
    assert_int_equal(seqnn_fit(model, &data, monitor).status, SEQNN_ERROR_ARGUMENT);
    seqnn_fit_options plain = {.batch_size = 64, .drop_last = true};
    assert_int_equal(seqnn_fit(model, &empty, plain).status, SEQNN_ERROR_ARGUMENT);
    says("no samples");
    assert_int_equal(seqnn_fit(model, &data, plain).status, SEQNN_ERROR_ARGUMENT);
    says("at least 64 samples are needed");
    seqnn_fit_options chunks = {.bptt_chunk = 2};
    assert_int_equal(seqnn_fit(model, &data, chunks).status, SEQNN_ERROR_ARGUMENT);
    says("a target for each step");
    seqnn_free(model);
}

typedef struct step_log {
    seqnn_size steps, epochs;
    double loss, right; /* of the epoch, summed over its titles */
} step_log;

enum { LOGGED = 40, LOGGED_BATCH = 16 };

/* Steps are numbered through; a batch of the last step of an epoch is what is left. */
static void log_step(seqnn_model *model, const seqnn_fit_step *step, void *context)
{
    step_log *log = (step_log *)context;
    const seqnn_size in_epoch = log->steps % 3;
    const double batch = in_epoch == 2 ? LOGGED - 2 * LOGGED_BATCH : LOGGED_BATCH;
    assert_non_null(model);
    assert_int_equal(step->step, ++log->steps);
    assert_int_equal(step->steps, 3);
    assert_int_equal(step->epoch, log->epochs);
    assert_int_equal(step->history->epochs, log->epochs);
    log->loss += batch * (double)step->loss;
    log->right += batch * (double)step->accuracy;
}

static bool log_epoch(seqnn_model *model, const seqnn_history *history, void *context)
{
    step_log *log = (step_log *)context;
    assert_non_null(model);
    assert_int_equal(log->steps, 3 * ++log->epochs);
    near(history->loss[log->epochs - 1], log->loss / LOGGED, 1e-6);
    near(history->accuracy[log->epochs - 1], log->right / LOGGED, 1e-6);
    log->loss = log->right = 0;
    return true;
}

static void every_step_is_told(void **state)
{
    (void)state;
    static seqnn_real quiet[2000], told[2000];
    step_log log = {0, 0, 0, 0};
    seqnn_dataset data = titles(LOGGED, 3);
    seqnn_fit_options options = {.epochs = 4, .batch_size = LOGGED_BATCH};
    seqnn_model *model = title_model(5, false);
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_OK);
    copy_weights(model, quiet, 2000);
    seqnn_free(model);

    options.on_step = log_step;
    options.on_epoch = log_epoch;
    options.context = &log;
    model = title_model(5, false);
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_OK);
    copy_weights(model, told, 2000);
    assert_memory_equal(quiet, told, sizeof quiet);
    assert_int_equal(log.steps, 12);
    seqnn_free(model);
}

static void same_bits_with_any_number_of_threads(void **state)
{
    (void)state;
#ifdef _OPENMP
    static seqnn_real first[200000], other[200000];
    const int threads[] = {1, 2, 3, 4, 7};
    int before = omp_get_max_threads();
    for (int i = 0; i < 5; i++) {
        omp_set_num_threads(threads[i]);
        seqnn_dataset data = titles(48, 21);
        seqnn_model *model = seqnn_model_new(3);
        seqnn_embedding_options embedding = {.mask_zero = true};
        seqnn_lstm_options lstm = {.recurrent_dropout = 0.3f};
        seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
        seqnn_embedding(model, 1500, 60, embedding);
        seqnn_lstm(model, 20, lstm);
        seqnn_dense(model, TITLE_CLASSES, dense);
        seqnn_fit_options options = {
            .epochs = 2, .batch_size = 16, .clip_global_norm = 0.1f};
        assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_OK);
        copy_weights(model, i ? other : first, 200000);
        if (i)
            assert_memory_equal(first, other, sizeof first);
        seqnn_free(model);
    }
    omp_set_num_threads(before);
#else
    skip();
#endif
}

/* One chunk as long as the data is full backpropagation; with shorter ones the forward
 * pass still runs through: with a learning rate of almost 0 the loss is the same. */
static void chunks_carry_the_state(void **state)
{
    (void)state;
    static seqnn_real whole[2000], cut[2000];
    static int32_t tags[TITLES * TITLE_LENGTH], start[TITLES], length[TITLES];
    seqnn_dataset data = titles(24, 31);
    for (int i = 0; i < 24; i++) { /* every other title is padded in front */
        int32_t *title = title_words + i * TITLE_LENGTH;
        for (length[i] = 0; length[i] < TITLE_LENGTH && title[length[i]];)
            length[i]++;
        start[i] = i % 2 ? TITLE_LENGTH - length[i] : 0;
        memmove(title + start[i], title, (size_t)length[i] * sizeof *title);
        memset(title, 0, (size_t)start[i] * sizeof *title);
        for (int t = 0; t < TITLE_LENGTH; t++)
            tags[i * TITLE_LENGTH + t] = title[t] % TITLE_CLASSES;
    }
    data.y.indices = tags;
    data.y.time = TITLE_LENGTH;
    seqnn_fit_options options = {.batch_size = 10, .optimizer = seqnn_sgd(1e-12f)};
    seqnn_model *model = title_model(5, true);
    seqnn_history h = seqnn_fit(model, &data, options);
    double loss = h.loss[0], accuracy = h.accuracy[0];
    copy_weights(model, whole, 2000);
    seqnn_free(model);
    for (seqnn_size steps = 1; steps <= 7; steps += 2) {
        model = title_model(5, true);
        options.bptt_chunk = steps;
        h = seqnn_fit(model, &data, options);
        assert_int_equal(h.status, SEQNN_OK);
        near(h.loss[0], loss, 1e-6);
        near(h.accuracy[0], accuracy, 1e-6);
        assert_int_equal(seqnn_steps(model), 3 * ((6 + steps - 1) / steps));
        copy_weights(model, cut, 2000);
        if (steps == 7)
            assert_memory_equal(whole, cut, sizeof cut);
        seqnn_free(model);
    }
    /* The same with start and length in the data, chunks without a real step left out. */
    data.x[0].start = start;
    data.x[0].length = length;
    model = title_model(5, true);
    options.bptt_chunk = 4;
    h = seqnn_fit(model, &data, options);
    near(h.loss[0], loss, 1e-6);
    seqnn_free(model);

    model = seqnn_model_new(1);
    seqnn_embedding_options embedding = {.mask_zero = true};
    seqnn_lstm_options backwards = {.return_sequences = true, .go_backwards = true};
    seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
    seqnn_embedding(model, TITLE_WORDS, 4, embedding);
    seqnn_lstm(model, 3, backwards);
    seqnn_dense(model, TITLE_CLASSES, dense);
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_ERROR_ARGUMENT);
    says("runs backwards");
    seqnn_free(model);
}

/* Two epochs of fit over stateful layers are two passes by hand, each from zero states,
 * and so is the validation between them. */
static void stateful_layers_start_every_epoch(void **state)
{
    (void)state;
    static seqnn_real by_fit[2000], by_hand[2000];
    seqnn_dataset data = titles(24, 8), odd = seqnn_dataset_slice(&data, 0, 10);
    seqnn_model *models[2];
    for (int k = 0; k < 2; k++) {
        models[k] = seqnn_model_new(4);
        seqnn_embedding_options embedding = {.mask_zero = true};
        seqnn_lstm_options lstm = {.stateful = true};
        seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
        seqnn_embedding(models[k], TITLE_WORDS, 8, embedding);
        seqnn_lstm(models[k], 7, lstm);
        seqnn_dense(models[k], TITLE_CLASSES, dense);
    }
    seqnn_dataset validation = seqnn_dataset_slice(&data, 0, 16);
    seqnn_train_options step = {.optimizer = seqnn_sgd(0.5f)};
    seqnn_evaluate_options by_8 = {.batch_size = 8};
    seqnn_fit_options options = {.epochs = 2,
                                 .batch_size = 8,
                                 .keep_order = true,
                                 .validation = &validation,
                                 .optimizer = step.optimizer};
    seqnn_history h = seqnn_fit(models[0], &data, options);
    assert_int_equal(h.status, SEQNN_OK);
    for (int epoch = 0; epoch < 2; epoch++) {
        seqnn_reset_states(models[1]);
        for (int k = 0; k < 3; k++) {
            seqnn_dataset part = seqnn_dataset_slice(&data, 8 * k, 8 * k + 8);
            assert_true(!isnan(seqnn_train_step(models[1], &part, step)));
        }
        seqnn_reset_states(models[1]);
        near(seqnn_evaluate(models[1], &validation, by_8).loss, h.val_loss[epoch], 0);
    }
    copy_weights(models[0], by_fit, 2000);
    copy_weights(models[1], by_hand, 2000);
    assert_memory_equal(by_fit, by_hand, sizeof by_fit);

    /* Batches of several sizes are refused before the first. */
    assert_int_equal(seqnn_fit(models[0], &odd, options).status, SEQNN_ERROR_ARGUMENT);
    says("'lstm_1' is stateful, and 10 samples in batches of 8 leave a last batch of 2");
    says("drop_last");
    assert_int_equal(seqnn_steps(models[0]), 6);
    options.validation = &odd;
    assert_int_equal(seqnn_fit(models[0], &data, options).status, SEQNN_ERROR_ARGUMENT);
    says("10 samples of validation in batches of 8");
    options.validation = NULL;
    options.drop_last = true;
    assert_int_equal(seqnn_fit(models[0], &odd, options).status, SEQNN_OK);
    seqnn_free(models[0]);
    seqnn_free(models[1]);
}

/* A training step in the steady state allocates nothing: the memory it uses stays where
 * it is. (tests/fault counts the calls.) */
/* Batches no larger than one seen before. The first two steps make room for everything.
 */
static void steady_steps_allocate_nothing(void **state)
{
    (void)state;
    seqnn_dataset data = titles(40, 8);
    const seqnn_optimizer optimizers[] = {seqnn_adam(0.01f),
                                          {.kind = SEQNN_RMSPROP, .momentum = 0.5f},
                                          seqnn_adagrad(0.1f)};
    for (int k = 0; k < 3; k++) {
        seqnn_model *model = title_model(4, false);
        seqnn_train_options options = {.optimizer = optimizers[k],
                                       .clip_value = 1,
                                       .clip_norm = 1,
                                       .clip_global_norm = 1};
        seqnn_evaluate_options evaluate = {.batch_size = 40};
        seqnn_train_step(model, &data, options);
        seqnn_train_step(model, &data, options);
        long before = allocations;
        for (int i = 0; i < 5; i++) {
            seqnn_dataset part = seqnn_dataset_slice(&data, i, 40 - i);
            assert_true(!isnan(seqnn_train_step(model, &part, options)));
        }
        assert_int_equal(seqnn_evaluate(model, &data, evaluate).status, SEQNN_OK);
        assert_int_equal(allocations, before);
        seqnn_free(model);
    }
}

/* Builds, trains in chunks and predicts; every step may find no memory. */
static bool train_with_little_memory(const seqnn_dataset *data)
{
    seqnn_model *model = title_model(4, true);
    seqnn_fit_options options = {.epochs = 2,
                                 .batch_size = 8,
                                 .validation_split = 0.25f,
                                 .bptt_chunk = 4,
                                 .restore_best = true};
    seqnn_predict_options predict = {.batch_size = 20};
    seqnn_status status = seqnn_fit(model, data, options).status;
    bool done = !status && seqnn_predict(model, data, predict).data;
    assert_true(!status == seqnn_ok(model) || !done);
    seqnn_free(model);
    return done;
}

/* Every allocation fails once; the sanitizers see what is lost or used wrongly. */
static void no_memory(void **state)
{
    (void)state;
    seqnn_dataset data = titles(24, 31);
    data.y.indices = title_words; /* a target per step: the word itself, if it is low */
    data.y.time = TITLE_LENGTH;
    for (int i = 0; i < 24 * TITLE_LENGTH; i++)
        title_words[i] = title_words[i] ? 1 + title_words[i] % 2 : 0;
    for (long n = 0;; n++) {
        allocations = 0;
        failing = n;
        bool done = train_with_little_memory(&data);
        failing = -1;
        if (done) {
            assert_true(n > 30);
            break;
        }
        assert_string_not_equal(seqnn_error(), "");
    }
}

static void gradient_check_finds_the_gradient(void **state)
{
    (void)state;
    seqnn_dataset data = titles(12, 31);
    seqnn_model *model = title_model(5, false);
    seqnn_gradient_error errors[8];
    seqnn_size count = 0;
    seqnn_gradient_check_options options = {.limit = 20};
    double worst = seqnn_gradient_check(model, &data, options, errors, 8, &count);
    assert_int_equal(count, 6);
    assert_true(worst < 2e-2);
    assert_string_equal(errors[0].parameter, "table");
    assert_int_equal(errors[0].checked, 20);
    assert_string_equal(errors[5].layer, "dense_1");

    /* 60 of the table's 104 values reach its last rows: only they have a gradient. */
    for (int i = 0; i < 12 * TITLE_LENGTH; i++)
        title_words[i] = 10 + i % 3;
    options.limit = 60;
    seqnn_gradient_check(model, &data, options, errors, 8, &count);
    assert_int_equal(errors[0].checked, 60);
    assert_true(errors[0].worst >= 10 * 8);
    assert_true(errors[0].gradient != 0);
    seqnn_free(model);
}

static void summary_counts(void **state)
{
    (void)state;
    seqnn_model *model = seqnn_model_new(56);
    seqnn_embedding_options embedding = {.mask_zero = true};
    seqnn_rnn_options rnn = {.recurrent_dropout = 0.2f};
    seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
    seqnn_embedding(model, 3360, 100, embedding);
    seqnn_simple_rnn(model, 50, rnn);
    seqnn_dense(model, 5, dense);
    FILE *file = tmpfile();
    char text[2000];
    seqnn_model_summary(model, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *expected[] = {
        "embedding_1 (embedding)         (None, None, 100)       336000\n",
        "simple_rnn_1 (simple_rnn)       (None, 50)              7550\n",
        "dense_1 (dense)                 (None, 5)               255\n",
        "Total params: 343805\nTrainable params: 343805\nNon-trainable params: 0\n"};
    for (int i = 0; i < 4; i++)
        if (!strstr(text, expected[i]))
            fail_msg("'%s' is not in\n%s", expected[i], text);
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_by_hand),
        cmocka_unit_test(weights_multiply),
        cmocka_unit_test(extreme_outputs),
        cmocka_unit_test(masked_means),
        cmocka_unit_test(loss_refuses),
        cmocka_unit_test(softmax_loss_of_a_model),
        cmocka_unit_test(optimisers_match_brute_force),
        cmocka_unit_test(schedules),
        cmocka_unit_test(step_refuses),
        cmocka_unit_test(clips_end_at_the_threshold),
        cmocka_unit_test(gathered_batches_are_one),
        cmocka_unit_test(an_epoch_ends_with_an_update),
        cmocka_unit_test(train_step_is_the_loop_by_hand),
        cmocka_unit_test(twenty_samples_overfit),
        cmocka_unit_test(not_a_number_is_named),
        cmocka_unit_test(bad_weights_are_named),
        cmocka_unit_test(refused_options_fail_the_model),
        cmocka_unit_test(fit_learns),
        cmocka_unit_test(progress_lines),
        cmocka_unit_test(stops_early_and_restores),
        cmocka_unit_test(fit_refuses),
        cmocka_unit_test(every_step_is_told),
        cmocka_unit_test(same_bits_with_any_number_of_threads),
        cmocka_unit_test(chunks_carry_the_state),
        cmocka_unit_test(stateful_layers_start_every_epoch),
        cmocka_unit_test(steady_steps_allocate_nothing),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(gradient_check_finds_the_gradient),
        cmocka_unit_test(summary_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
