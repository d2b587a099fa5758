/* A device and who uses it: what seqnn_use, the environment and a missing device come to,
 * models that move, and copies, products and recordings of cuda/device.cuh, each against
 * plain loops. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "host_device.h"

#include "../../src/cuda/backend.cuh"

#include <unistd.h>
extern "C" {
#include <setjmp.h>
#include <cmocka.h>
}

#define says(part)                                                                       \
    do {                                                                                 \
        if (!strstr(seqnn_error(), part))                                                \
            fail_msg("the error is '%s', expected '%s' in it", seqnn_error(), part);     \
    } while (0)

static seqnn_model *small(void)
{
    seqnn_model *model = seqnn_model_new(5);
    seqnn_embedding(model, 9, 3, {});
    seqnn_global_mean_pool(model, {});
    seqnn_dense(model, 2, {});
    return model;
}

static const int32_t words[6] = {3, 1, 4, 1, 5, 2};

static seqnn_dataset two_texts(void)
{
    seqnn_dataset batch = {};
    batch.count = 2;
    batch.x[0].indices = words;
    batch.x[0].time = 3;
    return batch;
}

static bool on_cpu(seqnn_model *model)
{
    return strcmp(seqnn_device_name(model), "CPU") == 0;
}

/* ---- which device ---- */

static void the_gpu_unasked(void **)
{
    seqnn_model *model = small();
    assert_false(on_cpu(model));
    assert_int_equal(host_device.open, 1);
    const seqnn_dataset batch = two_texts();
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
    assert_int_equal(seqnn_use(model, SEQNN_CPU), SEQNN_ERROR_ARGUMENT);
    says("use: the model is in use");
    assert_false(on_cpu(model));
    assert_true(seqnn_ok(model));
    seqnn_free(model);
    assert_int_equal(host_device.open, 0);
}

static void the_environment(void **)
{
    setenv("SEQNN_DEVICE", "cpu", 1);
    seqnn_model *model = small();
    assert_true(on_cpu(model));
    assert_int_equal(seqnn_use(model, SEQNN_GPU),
                     SEQNN_OK); /* the program's word counts */
    assert_false(on_cpu(model));
    assert_int_equal(seqnn_use(model, SEQNN_DEVICE_DEFAULT), SEQNN_OK);
    assert_true(on_cpu(model));
    assert_int_equal(host_device.open, 0);
    seqnn_free(model);

    setenv("SEQNN_DEVICE", "gpu", 1);
    host_device.absent = true;
    model = small();
    assert_null(seqnn_weights(model, NULL));
    says("model: cannot be built: device: there is ");
    assert_false(seqnn_ok(model));
    host_device.absent = false;
    seqnn_free(model);
    unsetenv("SEQNN_DEVICE");
}

static void no_device(void **)
{
    host_device.absent = true;
    seqnn_dense(NULL, 2, {});
    const std::string before = seqnn_error();
    seqnn_model *model = small();
    const seqnn_dataset batch = two_texts();
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
    assert_true(on_cpu(model));
    assert_string_equal(seqnn_error(), before.c_str());
    assert_non_null(strstr(model->why_not_gpu, "there is "));
    seqnn_free(model);

    model = small();
    assert_int_equal(seqnn_use(model, SEQNN_GPU), SEQNN_ERROR_DEVICE);
    says("use: device: there is ");
    assert_false(seqnn_ok(model));
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_ERROR_DEVICE);
    seqnn_free(model);
    host_device.absent = false;
}

/* Weights that find no room go to the processor, unless the GPU was asked for. */
static void a_full_device(void **)
{
    const seqnn_dataset batch = two_texts();
    seqnn_dense(NULL, 2, {});
    const std::string before = seqnn_error();
    seqnn_model *model = small();
    host_device.takings = 0;
    assert_non_null(seqnn_weights(model, NULL));
    assert_true(on_cpu(model));
    assert_int_equal(host_device.open, 0);
    assert_string_equal(seqnn_error(), before.c_str());
    assert_non_null(strstr(model->why_not_gpu, "no memory for "));
    host_device.takings = -1;
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
    seqnn_free(model);

    /* States that were given lie on the device. */
    const seqnn_real h[3] = {1, 2, 3};
    model = seqnn_model_new(5);
    seqnn_embedding(model, 9, 3, {});
    seqnn_layer *rnn = seqnn_simple_rnn(model, 3, {});
    assert_false(on_cpu(model));
    assert_int_equal(seqnn_set_state(rnn, 1, h, NULL), SEQNN_OK);
    host_device.takings = 0;
    assert_null(seqnn_weights(model, NULL));
    host_device.takings = -1;
    says("model: cannot be built: device: no memory for ");
    seqnn_free(model);
    assert_int_equal(host_device.open, 0);

    model = small();
    assert_int_equal(seqnn_use(model, SEQNN_GPU), SEQNN_OK);
    host_device.takings = 0;
    assert_null(seqnn_weights(model, NULL));
    host_device.takings = -1;
    says("model: cannot be built: device: no memory for ");
    seqnn_free(model);
    assert_int_equal(host_device.open, 0);
}

/* A model that was built takes its weights along, whichever way. */
static void models_move(void **)
{
    const seqnn_dataset batch = two_texts();
    seqnn_model *still = small(), *model = small();
    assert_int_equal(seqnn_use(still, SEQNN_CPU), SEQNN_OK);
    for (seqnn_model *each : {still, model})
        seqnn_weights(each, NULL)[1] = 3;
    for (seqnn_device device : {SEQNN_CPU, SEQNN_GPU, SEQNN_CPU, SEQNN_GPU}) {
        assert_int_equal(seqnn_use(model, device), SEQNN_OK);
        assert_int_equal(on_cpu(model), device == SEQNN_CPU);
        seqnn_size count;
        const seqnn_real *weights = seqnn_weights(model, &count);
        assert_memory_equal(weights, still->weights, (size_t)count * sizeof *weights);
    }
    for (seqnn_model *each : {still, model})
        assert_int_equal(seqnn_forward(each, &batch, SEQNN_EVALUATE), SEQNN_OK);
    for (int i = 0; i < 4; i++)
        assert_true(fabs((double)(seqnn_output(still).data[i] -
                                  seqnn_output(model).data[i])) < 1e-6);
    seqnn_free(still);
    seqnn_free(model);
    assert_int_equal(host_device.open, 0);
}

/* The first line that a fit with .verbose prints. */
static std::string first_line_of_fit(bool absent, seqnn_device device)
{
    static const int32_t classes[2] = {0, 1};
    char line[200] = "";
    seqnn_dataset data = two_texts();
    data.y.indices = classes;
    data.classes = 2;
    seqnn_fit_options options = {};
    options.verbose = 1;
    host_device.absent = absent;
    seqnn_model *model = small();
    seqnn_activate(model, SEQNN_SOFTMAX, {});
    assert_int_equal(seqnn_use(model, device), SEQNN_OK);
    FILE *file = tmpfile();
    fflush(stdout);
    const int kept = dup(1);
    dup2(fileno(file), 1);
    const seqnn_history history = seqnn_fit(model, &data, options);
    fflush(stdout);
    dup2(kept, 1);
    close(kept);
    host_device.absent = false;
    if (history.status)
        fail_msg("%s", seqnn_error());
    rewind(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    seqnn_free(model);
    return line;
}

static void fit_says_where(void **)
{
    const std::string there = first_line_of_fit(false, SEQNN_DEVICE_DEFAULT),
                      absent = first_line_of_fit(true, SEQNN_DEVICE_DEFAULT);
    assert_true(there.find("Device: ") == 0 && there.find("CPU") == std::string::npos);
    assert_true(absent.find("Device: CPU (there is ") == 0);
    assert_string_equal(first_line_of_fit(false, SEQNN_CPU).c_str(), "Device: CPU\n");
}

/* ---- the device itself ---- */

static std::vector<seqnn_real> numbers(seqnn_size count, double phase)
{
    std::vector<seqnn_real> x;
    for (seqnn_size i = 0; i < count; i++)
        x.push_back((seqnn_real)sin(phase + 1.3 * (double)i));
    return x;
}

static void memory_and_copies(void **)
{
    sq_device *device = sq_device_open();
    assert_non_null(device);
    assert_true(strlen(sq_device_name(device)) > 0);
    assert_true(sq_device_shared(device) >= 48 * 1024 && sq_device_cluster(device) >= 1);
    const std::vector<seqnn_real> x = numbers(1000, 0);
    const size_t bytes = x.size() * sizeof x[0];
    for (sq_memory_kind kind : {SQ_OF_DEVICE, SQ_OF_BOTH, SQ_OF_HOST}) {
        std::vector<seqnn_real> back(x.size(), 7);
        char *memory = (char *)sq_device_take(device, kind, (seqnn_size)(2 * bytes));
        assert_non_null(memory);
        assert_true((uintptr_t)memory % 64 == 0);
        if (kind != SQ_OF_HOST) {
            sq_device_down(device, back.data(), memory, bytes);
            assert_true(back == std::vector<seqnn_real>(x.size(), 0));
            sq_device_up(device, memory, x.data(), bytes);
            sq_device_copy(device, memory + bytes, memory, bytes);
            sq_device_clear(device, memory, bytes);
            sq_device_down(device, back.data(), memory + bytes, bytes);
            assert_true(back == x);
            sq_device_down(device, back.data(), memory, bytes);
        } else {
            memcpy(back.data(), memory, bytes);
        }
        assert_true(back == std::vector<seqnn_real>(x.size(), 0));
        sq_device_give(device, kind, memory);
    }
    assert_int_equal(sq_device_status(device), SEQNN_OK);
    assert_null(sq_device_take(device, SQ_OF_DEVICE, -1));
    assert_int_equal(sq_device_status(device), SEQNN_ERROR_MEMORY); /* and it stays */
    assert_null(sq_device_take(device, SQ_OF_DEVICE, 8));
    sq_device_close(device);
    assert_int_equal(host_device.open, 0);
}

static void one_product(sq_device *device, bool of_a, bool of_b, bool add, seqnn_size m,
                        seqnn_size n, seqnn_size k)
{
    const seqnn_size a_row = (of_a ? m : k) + 3, b_row = (of_b ? k : n) + 1,
                     c_row = n + 2;
    const std::vector<seqnn_real> given[3] = {numbers((of_a ? k : m) * a_row + 1, 1),
                                              numbers((of_b ? n : k) * b_row + 1, 2),
                                              numbers(m * c_row + 1, 3)};
    seqnn_real *x[3];
    for (int i = 0; i < 3; i++) {
        const size_t bytes = given[i].size() * sizeof(seqnn_real);
        x[i] = (seqnn_real *)sq_device_take(device, SQ_OF_DEVICE, (seqnn_size)bytes);
        assert_non_null(x[i]);
        sq_device_up(device, x[i], given[i].data(), bytes);
    }
    sq_device_product(device, of_a, of_b, m, n, k, x[0], a_row, x[1], b_row, add, x[2],
                      c_row);
    std::vector<seqnn_real> c(given[2].size());
    sq_device_down(device, c.data(), x[2], c.size() * sizeof(seqnn_real));
    for (seqnn_size i = 0; i < m * c_row; i++) {
        const seqnn_size row = i / c_row, column = i % c_row;
        double sum = add || column >= n ? (double)given[2][(size_t)i] : 0;
        for (seqnn_size l = 0; l < k && column < n; l++)
            sum += (double)given[0][(size_t)(of_a ? l * a_row + row : row * a_row + l)] *
                   (double)
                       given[1][(size_t)(of_b ? column * b_row + l : l * b_row + column)];
        if (fabs(sum - (double)c[(size_t)i]) > 1e-6 * (double)(k + 8))
            fail_msg("[%td, %td] [%td, %td]: %g at %td, expected %g", m, k, k, n,
                     (double)c[(size_t)i], i, sum);
    }
    for (seqnn_real *each : x)
        sq_device_give(device, SQ_OF_DEVICE, each);
}

static void products(void **)
{
    static const seqnn_size sizes[][3] = {{1, 1, 1}, {5, 7, 3}, {33, 2, 65}, {4, 3, 0}};
    sq_device *device = sq_device_open();
    for (const auto &size : sizes)
        for (int how = 0; how < 8; how++)
            one_product(device, how & 1, how & 2, how & 4, size[0], size[1], size[2]);
    assert_int_equal(sq_device_status(device), SEQNN_OK);
    sq_device_close(device);
}

/* What was recorded is done at every replay, and not before. */
static void recordings(void **)
{
    sq_device *device = sq_device_open();
    const size_t bytes = 100 * sizeof(seqnn_real);
    seqnn_real *x = (seqnn_real *)sq_device_take(device, SQ_OF_DEVICE, (seqnn_size)bytes);
    seqnn_real *one =
        (seqnn_real *)sq_device_take(device, SQ_OF_DEVICE, (seqnn_size)bytes);
    const std::vector<seqnn_real> ones(100, 1);
    sq_device_up(device, one, ones.data(), bytes);
    assert_int_equal(sq_device_status(device), SEQNN_OK);
    sq_device_record(device);
    sq_for_each(device, 100, sq_add_to{one, x});
    sq_recording *recording = sq_device_recorded(device);
    assert_non_null(recording);
    std::vector<seqnn_real> back(100);
    for (int times = 0; times < 3; times++) {
        sq_device_down(device, back.data(), x, bytes);
        assert_true(back == std::vector<seqnn_real>(100, (seqnn_real)times));
        sq_device_replay(device, recording);
    }
    sq_recording_free(recording);
    assert_int_equal(sq_device_status(device), SEQNN_OK);
    sq_device_give(device, SQ_OF_DEVICE, x);
    sq_device_give(device, SQ_OF_DEVICE, one);
    sq_device_close(device);
    assert_int_equal(host_device.open, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gpu_unasked),   cmocka_unit_test(the_environment),
        cmocka_unit_test(no_device),         cmocka_unit_test(a_full_device),
        cmocka_unit_test(models_move),       cmocka_unit_test(fit_says_where),
        cmocka_unit_test(memory_and_copies), cmocka_unit_test(products),
        cmocka_unit_test(recordings),
    };
    unsetenv("SEQNN_DEVICE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
