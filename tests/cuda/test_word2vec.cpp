/* Word vectors trained on the stand-in of a device beside the CPU's: every option that
 * changes a step, batches of one window and of many, several segments and epochs; what
 * stays on the CPU, and what a failure leaves behind. */
#define SEQNN_WORDS
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

/* Lines of 0 to 12 words, low numbers frequent (uniform to the third power). */
struct text {
    std::vector<std::string> memory;
    std::vector<const char *> lines;

    text(seqnn_size count, seqnn_size words, uint64_t seed, const char *ending = "")
    {
        seqnn_random random = {seed, 0, 0};
        for (seqnn_size i = 0; i < count; i++) {
            std::string line;
            for (int k = seqnn_random_below(&random, 13); k > 0; k--) {
                const double u = seqnn_random_uniform(&random);
                line +=
                    "w" + std::to_string((int)(u * u * u * (double)words)) + ending + " ";
            }
            memory.push_back(line);
        }
        for (const std::string &line : memory)
            lines.push_back(line.c_str());
    }
    seqnn_word2vec *train(seqnn_word2vec_options options, seqnn_device device) const
    {
        options.device = device;
        return seqnn_word2vec_train_lines(lines.data(), (seqnn_size)lines.size(),
                                          options);
    }
};

static const text &small_text()
{
    static const text text(50, 30, 4);
    return text;
}

static seqnn_word2vec_options usual(seqnn_word2vec_architecture architecture)
{
    seqnn_word2vec_options options = {};
    options.architecture = architecture;
    options.dimension = 17;
    options.window = 4;
    options.min_count = 1;
    options.epochs = 3;
    options.compute_loss = true;
    options.seed = 9;
    return options;
}

static void same(const seqnn_word2vec *cpu, const seqnn_word2vec *gpu, double tolerance)
{
    if (!cpu || !gpu)
        fail_msg("%s", seqnn_error());
    const seqnn_size words = cpu->vectors->count, dimension = cpu->vectors->dimension;
    assert_string_equal(cpu->device, "CPU");
    assert_string_not_equal(gpu->device, "CPU");
    assert_int_equal(words, gpu->vectors->count);
    assert_int_equal(((const sq_word2vec *)cpu)->batch_windows,
                     ((const sq_word2vec *)gpu)->batch_windows);
    near("input vectors", cpu->vectors->values, gpu->vectors->values, words * dimension,
         tolerance);
    near("output vectors", cpu->output, gpu->output, words * dimension, tolerance);
    assert_int_equal(cpu->epochs, gpu->epochs);
    assert_int_equal(!cpu->losses, !gpu->losses);
    for (seqnn_size e = 0; e < cpu->epochs && cpu->losses; e++)
        near("loss", cpu->losses[e], gpu->losses[e], tolerance);
}

static void compare(const text &text, const seqnn_word2vec_options &options,
                    double tolerance)
{
    seqnn_word2vec *cpu = text.train(options, SEQNN_CPU);
    seqnn_word2vec *gpu = text.train(options, SEQNN_GPU);
    same(cpu, gpu, tolerance);
    double largest = 0; /* something was learnt */
    for (seqnn_size i = 0; i < gpu->output_rows * options.dimension; i++)
        largest = fmax(largest, fabs((double)gpu->output[i]));
    assert_true(largest > 1e-3);
    seqnn_word2vec_free(cpu);
    seqnn_word2vec_free(gpu);
    assert_int_equal(host_device.open, 0);
}

static void every_option(void **)
{
    for (seqnn_word2vec_architecture architecture : {SEQNN_CBOW, SEQNN_SKIP_GRAM})
        for (int i = 0; i < 12; i++) {
            seqnn_word2vec_options options = usual(architecture);
            const seqnn_size dimensions[] = {1, 5, 17, 140};
            options.dimension = dimensions[i % 4];
            options.window = i % 3 == 0 ? 1 : i % 3 == 1 ? 4 : 30;
            options.negative = i % 5 == 0 ? 1 : i % 5 == 1 ? 40 : 6;
            options.fixed_window = i % 2;
            options.historical_cbow = i % 4 > 1 && options.window < 30;
            options.compute_loss = i % 3 < 2;
            options.subsampling = i % 2 ? 0.01 : (double)SEQNN_ZERO;
            options.max_words = i == 7 ? 12 : 0;
            options.min_count = i % 2 ? 5 : 1;
            options.epochs = 2;
            options.learning_rate = 0.02;
            options.seed = (uint64_t)i;
            host_device.late = i > 5;
            compare(small_text(), options, 1e-5);
        }
    host_device.late = false;
}

/* More pairs than have room in the shared memory: a thread adds up a score alone. */
static void many_negatives(void **)
{
    seqnn_word2vec_options options = usual(SEQNN_SKIP_GRAM);
    options.window = 200;
    options.negative = 300;
    options.epochs = 1;
    options.learning_rate = 0.002;
    compare(text(15, 500, 6), options, 1e-5);
}

/* Passages of several batches, more passages than are read at a time, rounds that end
 * with an epoch. */
static void many_segments(void **)
{
    const std::string ending(300, 'x');
    const text text(150, 500, 5, ending.c_str());
    for (seqnn_word2vec_architecture architecture : {SEQNN_CBOW, SEQNN_SKIP_GRAM}) {
        seqnn_word2vec_options options = usual(architecture);
        options.dimension = 10;
        options.epochs = architecture == SEQNN_CBOW ? 2 : 1;
        options.compute_loss = architecture == SEQNN_SKIP_GRAM;
        compare(text, options, 1e-5);
    }
    seqnn_word2vec_options options = usual(SEQNN_CBOW);
    options.epochs = 18;
    options.dimension = 2;
    compare(small_text(), options, 1e-5);
}

/* The same bits again, and with another number of threads. */
static void reproducible(void **)
{
    seqnn_word2vec *first = small_text().train(usual(SEQNN_SKIP_GRAM), SEQNN_GPU);
#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    omp_set_num_threads(threads + 1);
#endif
    host_device.late = true;
    seqnn_word2vec *second =
        small_text().train(usual(SEQNN_SKIP_GRAM), SEQNN_DEVICE_DEFAULT);
    host_device.late = false;
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
    assert_non_null(first);
    assert_non_null(second);
    const size_t bytes =
        (size_t)(first->vectors->count * first->vectors->dimension) * sizeof(seqnn_real);
    assert_memory_equal(first->vectors->values, second->vectors->values, bytes);
    assert_memory_equal(first->output, second->output, bytes);
    for (seqnn_size e = 0; e < first->epochs; e++)
        assert_true(first->losses[e] == second->losses[e]);
    seqnn_word2vec_free(first);
    seqnn_word2vec_free(second);
}

/* ---- progress ---- */

struct told {
    std::vector<seqnn_word2vec_progress> heard;
    size_t until;
};

static bool hear(void *context, const seqnn_word2vec_progress *progress)
{
    told *t = (told *)context;
    t->heard.push_back(*progress);
    return t->heard.size() < t->until;
}

/* What is told at the end of every epoch is what the CPU tells; one that is to end there
 * has the CPU's vectors. */
static void progress(void **)
{
    for (size_t until : {size_t(2), size_t(100)}) {
        seqnn_word2vec_options options = usual(SEQNN_CBOW);
        told told[2] = {{{}, until}, {{}, until}};
        seqnn_word2vec *trained[2];
        options.epochs = 5;
        options.on_progress = hear;
        for (int gpu = 0; gpu < 2; gpu++) {
            options.context = &told[gpu];
            trained[gpu] = small_text().train(options, gpu ? SEQNN_GPU : SEQNN_CPU);
        }
        same(trained[0], trained[1], 1e-5);
        assert_int_equal(trained[0]->epochs, sq_min((seqnn_size)until, 5));
        assert_int_equal(told[0].heard.size(), told[1].heard.size());
        for (size_t i = 0; i < told[0].heard.size(); i++) {
            assert_int_equal(told[0].heard[i].words, told[1].heard[i].words);
            assert_int_equal(told[0].heard[i].epoch, told[1].heard[i].epoch);
            near("loss told", told[0].heard[i].loss, told[1].heard[i].loss, 1e-5);
        }
        seqnn_word2vec_free(trained[0]);
        seqnn_word2vec_free(trained[1]);
    }
}

/* A step that leaves all numbers behind is found out. */
static void too_large_a_rate(void **)
{
    seqnn_word2vec_options options = usual(SEQNN_SKIP_GRAM);
    options.learning_rate = 1e30;
    assert_null(small_text().train(options, SEQNN_GPU));
    assert_non_null(strstr(seqnn_error(), "beyond all numbers"));
    assert_int_equal(host_device.open, 0);
}

/* ---- the device that is asked for ---- */

static void what_stays_on_the_cpu(void **)
{
    for (int i = 0; i < 3; i++) {
        seqnn_word2vec_options options = usual(SEQNN_CBOW);
        if (i == 0)
            options.mode = SEQNN_LOCK_FREE;
        else
            options.output = i == 1 ? SEQNN_HIERARCHICAL_SOFTMAX : SEQNN_FULL_SOFTMAX;
        sq_fail(SEQNN_OK, "what was before");
        seqnn_word2vec *trained = small_text().train(options, SEQNN_DEVICE_DEFAULT);
        assert_non_null(trained);
        assert_string_equal(trained->device, "CPU");
        assert_string_equal(seqnn_error(), "what was before");
        seqnn_word2vec_free(trained);
        assert_null(small_text().train(options, SEQNN_GPU));
        assert_non_null(strstr(seqnn_error(), "negative sampling"));
        setenv("SEQNN_DEVICE", "cpu", 1);
        trained = small_text().train(usual(SEQNN_CBOW), SEQNN_DEVICE_DEFAULT);
        assert_string_equal(trained->device, "CPU");
        seqnn_word2vec_free(trained);
        unsetenv("SEQNN_DEVICE");
    }
    assert_null(small_text().train(usual(SEQNN_CBOW), (seqnn_device)3));
    assert_non_null(strstr(seqnn_error(), "device 3"));
}

static void no_device(void **)
{
    host_device.absent = true;
    assert_null(small_text().train(usual(SEQNN_CBOW), SEQNN_GPU));
    seqnn_word2vec *trained = small_text().train(usual(SEQNN_CBOW), SEQNN_DEVICE_DEFAULT);
    host_device.absent = false;
    assert_non_null(trained);
    assert_string_equal(trained->device, "CPU");
    seqnn_word2vec_free(trained);
}

/* No memory there: an error if it was asked for, else the CPU's training to the bit. A
 * launch that fails ends the training, and the next one is whole. */
static void failures(void **)
{
    const seqnn_word2vec_options options = usual(SEQNN_CBOW);
    seqnn_word2vec *cpu = small_text().train(options, SEQNN_CPU);
    for (long takings = 0; takings < 11; takings++)
        for (seqnn_device device : {SEQNN_GPU, SEQNN_DEVICE_DEFAULT}) {
            host_device.takings = takings;
            seqnn_word2vec *trained = small_text().train(options, device);
            host_device.takings = -1;
            assert_int_equal(host_device.open, 0);
            if (device == SEQNN_GPU) {
                assert_null(trained);
                assert_non_null(strstr(seqnn_error(), "memory"));
                continue;
            }
            assert_non_null(trained);
            assert_string_equal(trained->device, "CPU");
            assert_memory_equal(trained->output, cpu->output,
                                (size_t)(cpu->output_rows * options.dimension) *
                                    sizeof(seqnn_real));
            seqnn_word2vec_free(trained);
        }
    for (long launches : {0, 1, 2, 10}) {
        host_device.launches = launches;
        assert_null(small_text().train(options, SEQNN_DEVICE_DEFAULT));
        host_device.launches = -1;
        assert_non_null(strstr(seqnn_error(), "a launch failed"));
        assert_int_equal(host_device.open, 0);
    }
    seqnn_word2vec *gpu = small_text().train(options, SEQNN_GPU);
    same(cpu, gpu, 1e-5);
    seqnn_word2vec_free(cpu);
    seqnn_word2vec_free(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option),
        cmocka_unit_test(many_negatives),
        cmocka_unit_test(many_segments),
        cmocka_unit_test(reproducible),
        cmocka_unit_test(progress),
        cmocka_unit_test(too_large_a_rate),
        cmocka_unit_test(what_stays_on_the_cpu),
        cmocka_unit_test(no_device),
        cmocka_unit_test(failures),
    };
    unsetenv("SEQNN_DEVICE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
