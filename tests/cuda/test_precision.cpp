/* What TF32 and BF16 do to a product, to a recurrent layer, to its gradients and to
 * training: how far each is from float32, printed as a table (bench/gpu/run.py
 * --precision writes it into bench/results/gpu.md), and within what theory allows. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

enum { ROWS = 64, COLUMNS = 48, DEEP = 512 };
enum { BATCH = 4, STEPS = 100, FEATURES = 16, HELD = 128 }; /* of the layers */
enum { SAMPLES = 16, TIME = 12, UNITS = 24, CLASSES = 3 };  /* of what is trained */

static const seqnn_precision lower[] = {SEQNN_TF32, SEQNN_BFLOAT16};

/* The unit roundoff u: half of what the last bit of 10 or 7 is worth. A card may cut the
 * other bits off, which is twice as much. */
static double unit_of(seqnn_precision precision)
{
#ifdef __CUDACC__
    return precision == SEQNN_TF32 ? 1.0 / 1024 : 1.0 / 128;
#else
    return precision == SEQNN_TF32 ? 1.0 / 2048 : 1.0 / 256;
#endif
}

/* || b - a || / || a || */
static double apart(const numbers &a, const numbers &b)
{
    double difference = 0, size = 0;
    for (size_t i = 0; i < a.size(); i++) {
        difference += ((double)b[i] - (double)a[i]) * ((double)b[i] - (double)a[i]);
        size += (double)a[i] * (double)a[i];
    }
    return sqrt(difference / size);
}

/* A row of the table. Errors are there, and no more than so many u. */
static void report(const char *what, const double *errors, double most)
{
    printf("# | %s | %.1e | %.1e |\n", what, errors[0], errors[1]);
    for (int i = 0; i < 2; i++)
        if (!(errors[i] > 0 && errors[i] <= most * unit_of(lower[i])))
            fail_msg("%s: %g, expected up to %g", what, errors[i],
                     most * unit_of(lower[i]));
}

/* ---- a number ---- */

static void numbers_are_rounded_to_the_nearest(void **)
{
    const struct {
        float x, tf32, bf16;
    } known[] = {{1, 1, 1},
                 {1.0f + 0x1p-11f, 1, 1},                          /* ties go to even */
                 {1.0f + 0x1p-11f + 0x1p-20f, 1.0f + 0x1p-10f, 1}, /* no tie */
                 {1.0f + 0x3p-11f, 1.0f + 0x1p-9f, 1},
                 {1.0f + 0x1p-8f, 1.0f + 0x1p-8f, 1},
                 {1.0f + 0x3p-8f, 1.0f + 0x3p-8f, 1.0f + 0x1p-6f},
                 {-3.14159265f, -3.140625f, -3.140625f},
                 {0x1.ffffp0f, 2, 2},
                 {0, 0, 0},
                 {INFINITY, INFINITY, INFINITY}};
    for (const auto &one : known) {
        assert_true(sq_factor(SEQNN_FLOAT32, one.x) == one.x);
        assert_true(sq_factor(SEQNN_TF32, one.x) == one.tf32);
        assert_true(sq_factor(SEQNN_BFLOAT16, one.x) == one.bf16);
    }
    assert_true(isnan(sq_factor(SEQNN_BFLOAT16, NAN)));
}

/* ---- a product ---- */

static numbers product(sq_device *device, const numbers &a, const numbers &b)
{
    seqnn_real *there[3];
    const seqnn_size counts[] = {ROWS * DEEP, DEEP * COLUMNS, ROWS * COLUMNS};
    for (int i = 0; i < 3; i++) {
        there[i] = (seqnn_real *)sq_device_take(device, SQ_OF_BOTH,
                                                counts[i] * (seqnn_size)sizeof **there);
        assert_int_equal(sq_device_status(device), SEQNN_OK);
    }
    std::copy(a.begin(), a.end(), there[0]);
    std::copy(b.begin(), b.end(), there[1]);
    sq_device_product(device, false, false, ROWS, COLUMNS, DEEP, there[0], DEEP, there[1],
                      COLUMNS, false, there[2], COLUMNS);
    assert_int_equal(sq_device_status(device), SEQNN_OK);
    const numbers c(there[2], there[2] + ROWS * COLUMNS);
    for (seqnn_real *piece : there)
        sq_device_give(device, SQ_OF_BOTH, piece);
    return c;
}

/* |error| <= (2 u + u^2) |a| |b|, and what float32 adds: k + 1 roundings of 2^-24. */
static void a_product_stays_within_its_bound(void **)
{
    const numbers a = normal(ROWS * DEEP, 1), b = normal(DEEP * COLUMNS, 2);
    numbers exact((size_t)(ROWS * COLUMNS));
    sq_device *device = sq_device_open();
    double errors[2];
    for (int way = 0; way < 2; way++) {
        const double u = unit_of(lower[way]);
        assert_int_equal(sq_device_use_precision(device, lower[way]), SEQNN_OK);
        const numbers c = product(device, a, b);
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < COLUMNS; j++) {
                double sum = 0, sizes = 0;
                for (int k = 0; k < DEEP; k++) {
                    const double one = (double)a[(size_t)(i * DEEP + k)] *
                                       (double)b[(size_t)(k * COLUMNS + j)];
                    sum += one;
                    sizes += fabs(one);
                }
                const size_t at = (size_t)(i * COLUMNS + j);
                exact[at] = (seqnn_real)sum;
                assert_true(fabs((double)c[at] - sum) <=
                            (2 * u + u * u + (DEEP + 1) * 0x1p-24) * sizes);
            }
        errors[way] = apart(exact, c);
    }
    report("a product, 64 x 512 by 512 x 48", errors, 2);
    sq_device_close(device);
}

/* ---- a recurrent layer ---- */

struct passed {
    numbers output, gradients;
};

static seqnn_layer *add_cell(seqnn_model *model, bool gru, seqnn_size units,
                             bool sequences)
{
    seqnn_recurrent_options options = {};
    options.return_sequences = sequences;
    return gru ? seqnn_gru(model, units, options) : seqnn_lstm(model, units, options);
}

static passed pass(bool gru, seqnn_size units, seqnn_precision precision)
{
    seqnn_model *model = new_model(true);
    seqnn_sequences(model, FEATURES, {});
    add_cell(model, gru, units, true);
    assert_int_equal(seqnn_use_precision(model, precision), SEQNN_OK);
    if (sq_persistent_wanted && precision == SEQNN_BFLOAT16) {
        sq_device *device = ((sq_cuda *)model->device)->device;
        device->shared = 64 * 1024; /* W_h fits in BF16 only */
        device->cluster = 1;
    }
    const numbers x = normal(BATCH * STEPS * FEATURES, 3),
                  dy = normal(BATCH * STEPS * units, 4);
    seqnn_dataset batch = {};
    batch.count = BATCH;
    batch.x[0].values = x.data();
    batch.x[0].time = STEPS;
    batch.x[0].features = FEATURES;
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
    if (sq_persistent_wanted)
        assert_true(
            sq_cuda_persists((const sq_recurrent *)seqnn_model_layer_at(model, 1)));
    const seqnn_tensor h = seqnn_output(model);
    passed out;
    out.output.assign(h.data, h.data + seqnn_tensor_size(h));
    assert_int_equal(seqnn_set_output_gradient(model, dy.data()), SEQNN_OK);
    assert_int_equal(seqnn_backward(model), SEQNN_OK);
    seqnn_size count;
    const seqnn_real *gradients = seqnn_gradients(model, &count);
    out.gradients.assign(gradients, gradients + count);
    seqnn_free(model);
    return out;
}

/* Each step's gates are off by up to 2 u of their sums, and of the errors before it a
 * cell that forgets keeps a part: a geometric series, here of twice as much. Gradients
 * have the errors of both ways. */
static void layers_of_a_hundred_steps(bool persistent, seqnn_size units, const char *how)
{
    sq_persistent_wanted = persistent;
    for (int gru = 0; gru < 2; gru++) {
        const passed exact = pass(gru, units, SEQNN_FLOAT32);
        double output[2], gradients[2];
        for (int way = 0; way < 2; way++) {
            const passed rounded = pass(gru, units, lower[way]);
            output[way] = apart(exact.output, rounded.output);
            gradients[way] = apart(exact.gradients, rounded.gradients);
        }
        const std::string name =
            std::string(gru ? "GRU" : "LSTM") + " of " + std::to_string(units) + how;
        report((name + ", h of 100 steps").c_str(), output, 4);
        report((name + ", its gradients").c_str(), gradients, 8);
    }
    sq_persistent_wanted = false;
}

static void plain_sweeps(void **)
{
    layers_of_a_hundred_steps(false, 32, "");
}

/* The sweep in BF16 holds W_h rounded and h as it is; in TF32 it rounds nothing itself.
 */
static void persistent_sweeps(void **)
{
    layers_of_a_hundred_steps(true, HELD, ", persistent sweep");
}

/* ---- training ---- */

/* The class of a sequence is the feature that is largest in the mean. */
struct sequences {
    numbers x;
    std::vector<int32_t> classes;
    seqnn_dataset data = {};

    explicit sequences(uint64_t stream) : x(normal(SAMPLES * TIME * FEATURES, stream))
    {
        for (int b = 0; b < SAMPLES; b++) {
            int best = 0;
            double means[CLASSES] = {};
            for (int c = 0; c < CLASSES; c++) {
                for (int t = 0; t < TIME; t++)
                    means[c] += (double)x[(size_t)((b * TIME + t) * FEATURES + c)];
                best = means[c] > means[best] ? c : best;
            }
            classes.push_back(best);
        }
        data.count = SAMPLES;
        data.x[0].values = x.data();
        data.x[0].time = TIME;
        data.x[0].features = FEATURES;
        data.y.indices = classes.data();
    }
};

/* The mean loss of the last ten of a hundred steps; the first's. */
static double loss_after_training(bool gru, seqnn_precision precision, double *first)
{
    seqnn_model *model = new_model(true);
    seqnn_sequences(model, FEATURES, {});
    add_cell(model, gru, UNITS, false);
    seqnn_dense_options last = {};
    last.activation = SEQNN_SOFTMAX;
    seqnn_dense(model, CLASSES, last);
    assert_int_equal(seqnn_use_precision(model, precision), SEQNN_OK);
    seqnn_train_options options = {};
    options.optimizer = seqnn_adam((seqnn_real)0.01);
    double sum = 0;
    for (int step = 0; step < 100; step++) {
        const sequences batch(100 + (uint64_t)step);
        const double loss = (double)seqnn_train_step(model, &batch.data, options);
        succeeds(model);
        if (step == 0)
            *first = loss;
        if (step >= 90)
            sum += loss / 10;
    }
    seqnn_free(model);
    return sum;
}

static void a_hundred_training_steps(void **)
{
    for (int gru = 0; gru < 2; gru++) {
        double first, errors[2];
        const double exact = loss_after_training(gru, SEQNN_FLOAT32, &first);
        assert_true(exact < 0.7 * first); /* it learns */
        for (int way = 0; way < 2; way++) {
            const double loss = loss_after_training(gru, lower[way], &first);
            errors[way] = fabs(loss - exact) / exact;
        }
        /* A loss is flat where training leads to: no more than the gradients' error. */
        report(gru ? "GRU of 24, loss after 100 training steps"
                   : "LSTM of 24, loss after 100 training steps",
               errors, 8);
    }
}

/* ---- the option ---- */

static void it_is_chosen_before_the_first_pass(void **)
{
    seqnn_model *model = new_model(true);
    seqnn_sequences(model, FEATURES, {});
    add_cell(model, false, 4, false);
    sq_device *device = ((sq_cuda *)model->device)->device;
    assert_int_equal(sq_device_precision(device), SEQNN_FLOAT32);
    assert_int_equal(seqnn_use_precision(model, SEQNN_TF32), SEQNN_OK);
    assert_int_equal(sq_device_precision(device), SEQNN_TF32);
    /* Chosen before the device, and kept when the device changes. */
    assert_int_equal(seqnn_use(model, SEQNN_CPU), SEQNN_OK);
    assert_int_equal(seqnn_use_precision(model, SEQNN_BFLOAT16), SEQNN_OK);
    assert_int_equal(seqnn_use(model, SEQNN_GPU), SEQNN_OK);
    device = ((sq_cuda *)model->device)->device;
    assert_int_equal(sq_device_precision(device), SEQNN_BFLOAT16);
    assert_int_equal(seqnn_reserve(model, 2, 3), SEQNN_OK);
    assert_int_equal(seqnn_use_precision(model, SEQNN_FLOAT32), SEQNN_ERROR_ARGUMENT);
    assert_non_null(strstr(seqnn_error(), "its precision is chosen before"));
    seqnn_free(model);

    assert_int_equal(seqnn_use_precision(NULL, SEQNN_TF32), SEQNN_ERROR_ARGUMENT);
    model = new_model(true);
    assert_int_equal(seqnn_use_precision(model, (seqnn_precision)3),
                     SEQNN_ERROR_ARGUMENT);
    assert_non_null(strstr(seqnn_error(), "precision 3"));
    seqnn_free(model);
    assert_int_equal(host_device.open, 0);
}

static void a_card_that_is_too_old_says_so(void **)
{
    host_device.old = true;
    seqnn_model *model = new_model(true); /* float32 is no trouble */
    assert_int_equal(seqnn_use_precision(model, SEQNN_TF32), SEQNN_ERROR_DEVICE);
    assert_non_null(strstr(seqnn_error(), "TF32 and BF16 need"));
    assert_false(seqnn_ok(model));
    seqnn_free(model);

    /* Asked for on the CPU, where it changes nothing, and then taken along. */
    model = new_model(false);
    assert_int_equal(seqnn_use_precision(model, SEQNN_BFLOAT16), SEQNN_OK);
    assert_int_equal(seqnn_use(model, SEQNN_GPU), SEQNN_ERROR_DEVICE);
    assert_int_equal(host_device.open, 0);
    seqnn_free(model);

    /* A device that is found by itself is as old. */
    model = seqnn_model_new(5);
    assert_int_equal(seqnn_use_precision(model, SEQNN_BFLOAT16), SEQNN_OK);
    seqnn_sequences(model, FEATURES, {});
    add_cell(model, false, 4, false);
    assert_int_equal(seqnn_reserve(model, 2, 3), SEQNN_ERROR_DEVICE);
    assert_int_equal(host_device.open, 0);
    seqnn_free(model);
    host_device.old = false;
}

static void the_cpu_rounds_nothing(void **)
{
    numbers outputs[2];
    for (int way = 0; way < 2; way++) {
        seqnn_model *model = new_model(false);
        seqnn_sequences(model, FEATURES, {});
        add_cell(model, false, 5, false);
        if (way)
            assert_int_equal(seqnn_use_precision(model, SEQNN_BFLOAT16), SEQNN_OK);
        const sequences batch(7);
        assert_int_equal(seqnn_forward(model, &batch.data, SEQNN_EVALUATE), SEQNN_OK);
        const seqnn_tensor h = seqnn_output(model);
        outputs[way].assign(h.data, h.data + seqnn_tensor_size(h));
        seqnn_free(model);
    }
    assert_true(outputs[0] == outputs[1]);
}

static void double_is_not_rounded(void **)
{
    seqnn_model *model = new_model(true);
    assert_int_equal(seqnn_use_precision(model, SEQNN_FLOAT32), SEQNN_OK);
    assert_int_equal(seqnn_use_precision(model, SEQNN_TF32), SEQNN_ERROR_ARGUMENT);
    assert_non_null(strstr(seqnn_error(), "SEQNN_DOUBLE"));
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest of_double[] = {cmocka_unit_test(double_is_not_rounded)};
    host_device.late = true;
    if (sizeof(seqnn_real) > sizeof(float))
        return cmocka_run_group_tests(of_double, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_rounded_to_the_nearest),
        cmocka_unit_test(a_product_stays_within_its_bound),
        cmocka_unit_test(plain_sweeps),
        cmocka_unit_test(persistent_sweeps),
        cmocka_unit_test(a_hundred_training_steps),
        cmocka_unit_test(it_is_chosen_before_the_first_pass),
        cmocka_unit_test(a_card_that_is_too_old_says_so),
        cmocka_unit_test(the_cpu_rounds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
