/* Training of word2vec on what it is not made for: options out of range, texts that are
 * none, rates that are too large; a training that is stopped; and its memory, counted by
 * the linker. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free */
#include "reader_files.h"

#include <malloc.h>
#include <math.h>

#include "word2vec.h"

/* ---- memory ---- */

static long allocations, used, peak;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

/* From several threads: what is asked of it here happens in one. */
static void *counted(void *memory)
{
    long size = memory ? (long)malloc_usable_size(memory) : 0, now;
    __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    now = __atomic_add_fetch(&used, size, __ATOMIC_RELAXED);
    if (now > peak)
        peak = now;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (memory)
        __atomic_sub_fetch(&used, (long)malloc_usable_size(memory), __ATOMIC_RELAXED);
    return counted(__real_realloc(memory, size));
}

void __wrap_free(void *memory)
{
    if (memory)
        __atomic_sub_fetch(&used, (long)malloc_usable_size(memory), __ATOMIC_RELAXED);
    __real_free(memory);
}

/* Every word of `words` once in turn, in lines of ten, `times` over. */
static const char *write_words(const char *name, int words, int times)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < words * times; i++)
        fprintf(file, "word%d%c", i % words, i % 10 == 9 ? '\n' : ' ');
    fclose(file);
    return path;
}

/* Never more than 1.2 times the two matrices, and for each word of the vocabulary itself,
 * its count, its places in two tables, and what its noise or way through the tree are
 * looked up in, 60 bytes. */
static void memory_is_matrices_and_vocabulary(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    enum { WORDS = 30000, DIMENSION = 100, TIMES = 1 }; /* five would take long */
#else
    enum { WORDS = 30000, DIMENSION = 100, TIMES = 5 };
#endif
    const char *path = write_words("many.txt", WORDS, TIMES);
    const double matrices = 2.0 * WORDS * (DIMENSION + 15) / 16 * 16 * sizeof(seqnn_real);
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = SEQNN_NEGATIVE_SAMPLING; o <= SEQNN_HIERARCHICAL_SOFTMAX; o++)
            for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
                seqnn_word2vec_options options = {.dimension = DIMENSION, .epochs = 1};
                options.min_count = TIMES;
                options.architecture = (seqnn_word2vec_architecture)a;
                options.output = (seqnn_word2vec_output)o;
                options.mode = (seqnn_word2vec_mode)mode;
                const long before = used;
                peak = used;
                seqnn_word2vec *trained = seqnn_word2vec_train(path, options);
                if (!trained)
                    fail_msg("%s", seqnn_error());
                assert_int_equal(trained->vectors->count, WORDS);
                const double vocabulary = 60.0 * WORDS;
                print_message("architecture %d, output %d, mode %d: %.2f MB at most, "
                              "matrices %.2f, vocabulary %.2f\n",
                              a, o, mode, (double)(peak - before) / 1e6, matrices / 1e6,
                              vocabulary / 1e6);
                assert_true((double)(peak - before) < 1.2 * matrices + vocabulary);
                seqnn_word2vec_free(trained);
                assert_int_equal(used, before);
            }
}

static void an_epoch_allocates_nothing(void **state)
{
    (void)state;
    const char *path = write_words("words.txt", 3000, 20);
    for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
        long counts[2];
        for (int k = 0; k < 2; k++) {
            seqnn_word2vec_options options = {.dimension = 8};
            options.mode = (seqnn_word2vec_mode)mode;
            options.epochs = k ? 30 : 10; /* every reader has met the longest by then */
            const long before = allocations;
            seqnn_word2vec *trained = seqnn_word2vec_train(path, options);
            assert_non_null(trained);
            counts[k] = allocations - before;
            seqnn_word2vec_free(trained);
        }
        if (mode == SEQNN_REPRODUCIBLE)
            assert_int_equal(counts[0], counts[1]);
        else /* which reader meets it first is chance */
            assert_true(labs(counts[0] - counts[1]) < 10);
    }
}

/* ---- options ---- */

static const char *const lines[] = {"a b c d a b c d e f", "c d e f a b",
                                    "a a b b c c d d e e f f"};

static void expect_error(seqnn_word2vec_options options, const char *part)
{
    if (options.min_count == 0)
        options.min_count = 1;
    seqnn_word2vec *trained = seqnn_word2vec_train_lines(lines, 3, options);
    if (trained)
        fail_msg("trained, expected '%s'", part);
    assert_error(part);
}

static void options_out_of_range(void **state)
{
    (void)state;
    expect_error((seqnn_word2vec_options){.dimension = -1}, "dimension is -1");
    expect_error((seqnn_word2vec_options){.dimension = 1 << 30}, "dimension is");
    expect_error((seqnn_word2vec_options){.window = -3}, "window is -3");
    expect_error((seqnn_word2vec_options){.negative = -5}, "negative is -5");
    expect_error((seqnn_word2vec_options){.min_count = -1}, "min_count is -1");
    expect_error((seqnn_word2vec_options){.max_words = -1}, "max_words is -1");
    expect_error((seqnn_word2vec_options){.max_words = 1}, "max_words is 1");
    expect_error((seqnn_word2vec_options){.device = (seqnn_device)3}, "device 3");
    expect_error((seqnn_word2vec_options){.epochs = -2}, "epochs is -2");
    expect_error((seqnn_word2vec_options){.learning_rate = NAN}, "learning_rate nan");
    expect_error((seqnn_word2vec_options){.learning_rate = -0.1}, "learning_rate -0.1");
    expect_error((seqnn_word2vec_options){.learning_rate = INFINITY},
                 "learning_rate inf");
    expect_error((seqnn_word2vec_options){.final_learning_rate = -1},
                 "final_learning_rate -1");
    expect_error((seqnn_word2vec_options){.subsampling = NAN}, "subsampling nan");
    expect_error((seqnn_word2vec_options){.subsampling = -1}, "subsampling -1");
    expect_error((seqnn_word2vec_options){.architecture = (seqnn_word2vec_architecture)3},
                 "architecture 3");
    expect_error((seqnn_word2vec_options){.output = (seqnn_word2vec_output)4},
                 "output 4");
    expect_error((seqnn_word2vec_options){.mode = (seqnn_word2vec_mode)3}, "mode 3");
}

static void zero_is_the_default(void **state)
{
    (void)state;
    seqnn_word2vec_options options = {.min_count = 1};
    seqnn_word2vec *zero = seqnn_word2vec_train_lines(lines, 3, options);
    assert_non_null(zero);
    assert_int_equal(zero->vectors->dimension, 100);
    assert_int_equal(zero->epochs, 5);
    assert_null(zero->losses);
    options.architecture = SEQNN_CBOW;
    options.output = SEQNN_NEGATIVE_SAMPLING;
    options.mode = SEQNN_REPRODUCIBLE;
    options.dimension = 100;
    options.window = options.negative = options.epochs = 5;
    options.subsampling = 1e-3;
    options.learning_rate = 0.05;
    options.final_learning_rate = 0.05e-4;
    seqnn_word2vec *named = seqnn_word2vec_train_lines(lines, 3, options);
    assert_non_null(named);
    assert_memory_equal(zero->vectors->values, named->vectors->values,
                        6 * 100 * sizeof(seqnn_real));
    seqnn_word2vec_free(named);
    /* A rate of zero is one: nothing is learnt. */
    options.learning_rate = options.final_learning_rate = (double)SEQNN_ZERO;
    named = seqnn_word2vec_train_lines(lines, 3, options);
    assert_non_null(named);
    for (int i = 0; i < 600; i++)
        assert_true(named->output[i] == 0);
    seqnn_word2vec_free(named);
    seqnn_word2vec_free(zero);
    seqnn_word2vec_free(NULL);
}

/* ---- texts ---- */

static void expect_no_corpus(const char *path, const char *part)
{
    seqnn_word2vec_options options = {.min_count = 1, .dimension = 3, .epochs = 1};
    seqnn_word2vec *trained = seqnn_word2vec_train(path, options);
    if (trained)
        fail_msg("%s: trained, expected '%s'", path, part);
    assert_error(part);
}

static void texts_that_are_none(void **state)
{
    (void)state;
    seqnn_word2vec_options options = {.min_count = 1};
    expect_no_corpus(write_bytes("empty", "", 0), "empty");
    expect_no_corpus(write_bytes("blank", " \n\n \t\n", 6), "blank");
    expect_no_corpus(write_bytes("one", "word", 4), "one: ");
    expect_no_corpus(write_bytes("same", "word word\nword", 14), "same: ");
    expect_no_corpus(write_bytes("nul", "one two\nthree\0four\n", 19), "nul:2: ");
    expect_no_corpus(in_folder("missing"), "missing");
    expect_no_corpus(folder, "folder");
    assert_null(seqnn_word2vec_train(NULL, options));
    assert_null(seqnn_word2vec_train_lines(NULL, 0, options));
    assert_null(seqnn_word2vec_train_lines(lines, 0, options));
    /* All words are rarer than they must be: the sentence says so. */
    options.min_count = 100;
    assert_null(seqnn_word2vec_train_lines(lines, 3, options));
    assert_error("100");
    /* Words, but never two in a line: nothing to learn, and nothing wrong. */
    const char *const alone[] = {"a", "b", "a", "b"};
    options.min_count = 1;
    options.compute_loss = true;
    for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
        options.mode = (seqnn_word2vec_mode)mode;
        seqnn_word2vec *trained = seqnn_word2vec_train_lines(alone, 4, options);
        assert_non_null(trained);
        assert_int_equal(trained->vectors->count, 2);
        assert_true(isnan(trained->losses[0]));
        seqnn_word2vec_free(trained);
    }
}

/* A line of 100 MB is no more than its words; without a blank in it is one word. */
static void a_line_of_100_megabytes(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    const size_t size = 4 << 20; /* it would take long */
#else
    const size_t size = 100 << 20;
#endif
    const char *path = in_folder("line");
    char *text = (char *)malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) /* nine digits and a blank */
        text[i] = i % 10 == 9 ? ' ' : (char)('0' + (i % 10 < 8 ? 0 : i / 10 % 7));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fwrite(text, 1, size, file) == size);
    fclose(file);
    seqnn_word2vec_options options = {.epochs = 1, .dimension = 4, .subsampling = 1e-9};
    const long before = used;
    peak = used;
    seqnn_word2vec *trained = seqnn_word2vec_train(path, options);
    if (!trained)
        fail_msg("%s", seqnn_error());
    assert_true(peak - before < 16 << 20); /* never the whole line */
    assert_int_equal(trained->vectors->count, 7);
    assert_int_equal(trained->corpus_words, (size + 9) / 10);
    assert_int_equal(trained->lines, 1);
    seqnn_word2vec_free(trained);
    memset(text, 'x', size);
    text[0] = '\n';
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fwrite(text, 1, size, file) == size);
    fclose(file);
    free(text);
    expect_no_corpus(path, "line:2: a word is longer than 4096 bytes");
    remove(path);
}

static void a_rate_too_large(void **state)
{
    (void)state;
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = SEQNN_NEGATIVE_SAMPLING; o <= SEQNN_FULL_SOFTMAX; o++)
            for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
                seqnn_word2vec_options options = {.dimension = 5, .epochs = 50};
                options.architecture = (seqnn_word2vec_architecture)a;
                options.output = (seqnn_word2vec_output)o;
                options.mode = (seqnn_word2vec_mode)mode;
                options.subsampling = (double)SEQNN_ZERO;
                options.learning_rate = options.final_learning_rate = 1e30;
                expect_error(options, "learning_rate");
            }
}

/* ---- progress ---- */

typedef struct told {
    int calls, stop_at;
    seqnn_word2vec_progress last;
    double learning_rate, final_learning_rate;
} told;

static bool on_progress(void *context, const seqnn_word2vec_progress *progress)
{
    told *t = (told *)context;
    assert_true(progress->words >= t->last.words);
    assert_true(progress->words <= progress->total);
    assert_true(progress->epoch >= t->last.epoch && progress->epoch < progress->epochs);
    assert_true(progress->seconds >= t->last.seconds);
    const double done = (double)progress->words / (double)progress->total;
    const double rate =
        t->learning_rate + done * (t->final_learning_rate - t->learning_rate);
    assert_true(fabs(progress->learning_rate - rate) < 1e-9);
    t->last = *progress;
    return ++t->calls != t->stop_at;
}

static void progress_is_told(void **state)
{
    (void)state;
    const char *path = write_words("progress.txt", 500, 400); /* more than one segment */
    for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++)
        for (int loss = 0; loss < 2; loss++) {
            told t = {.learning_rate = 0.2, .final_learning_rate = 0.1};
            seqnn_word2vec_options options = {.dimension = 4, .epochs = 3};
            options.mode = (seqnn_word2vec_mode)mode;
            options.learning_rate = 0.2;
            options.final_learning_rate = 0.1;
            options.on_progress = on_progress;
            options.context = &t;
            options.compute_loss = loss;
            seqnn_word2vec *trained = seqnn_word2vec_train(path, options);
            assert_non_null(trained);
            assert_true(t.calls >= 1);
            assert_int_equal(t.last.words, 3 * 500 * 400);
            assert_int_equal(t.last.total, 3 * 500 * 400);
            assert_int_equal(t.last.epoch, 2);
            assert_int_equal(t.last.epochs, 3);
            assert_true(isnan(t.last.loss) == !loss);
            assert_int_equal(trained->epochs, 3);
            seqnn_word2vec_free(trained);
        }
}

static void a_stop_ends_the_training(void **state)
{
    (void)state;
    const char *path = write_words("stop.txt", 500, 400);
    for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
        told t = {.learning_rate = 0.05, .final_learning_rate = 0.05e-4, .stop_at = 1};
        seqnn_word2vec_options options = {.dimension = 4, .epochs = 20};
        options.mode = (seqnn_word2vec_mode)mode;
        options.on_progress = on_progress;
        options.context = &t;
        options.compute_loss = true;
        seqnn_word2vec *trained = seqnn_word2vec_train(path, options);
        assert_non_null(trained);
        assert_int_equal(t.calls, 1); /* never after false */
        assert_true(t.last.words < t.last.total);
        assert_true(trained->epochs < 20);
        assert_int_equal(trained->vectors->count, 500);
        for (int i = 0; i < 500 * 4; i++)
            assert_true(isfinite(trained->vectors->values[i]));
        seqnn_word2vec_free(trained);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_matrices_and_vocabulary),
        cmocka_unit_test(an_epoch_allocates_nothing),
        cmocka_unit_test(options_out_of_range),
        cmocka_unit_test(zero_is_the_default),
        cmocka_unit_test(texts_that_are_none),
        cmocka_unit_test(a_line_of_100_megabytes),
        cmocka_unit_test(a_rate_too_large),
        cmocka_unit_test(progress_is_told),
        cmocka_unit_test(a_stop_ends_the_training),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
