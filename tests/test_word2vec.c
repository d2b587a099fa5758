/* Training of word2vec, whole: against a second one in plain loops and double, which
 * shares the random numbers and the tables they are looked up in and nothing else; the
 * same bits with any number of threads; what subsampling, windows and negative words are
 * like when counted; and that something is learnt. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "random.h"
#include "word2vec_training.h"

static void set_threads(int count)
{
#ifdef _OPENMP
    omp_set_num_threads(count);
#else
    (void)count;
#endif
}

static int threads(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

/* ---- texts ---- */

enum { LINES = 20000, LONGEST_LINE = 160, NAMES = 400 };

static char lines_memory[LINES][LONGEST_LINE];
static const char *lines[LINES];

/* Words w0, w1, ... of which low numbers are frequent (uniform to the third power), in
 * lines of 1 to 12, some with an empty one between. */
static void make_lines(seqnn_size count, seqnn_size words, uint64_t seed)
{
    seqnn_random random = {seed, 0, 0};
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_size length = seqnn_random_below(&random, 13), at = 0;
        lines_memory[i][0] = '\0';
        for (seqnn_size k = 0; k < length; k++) {
            double u = seqnn_random_uniform(&random);
            at += snprintf(lines_memory[i] + at, (size_t)(LONGEST_LINE - at), "w%d ",
                           (int)(u * u * u * (double)words));
        }
        lines[i] = lines_memory[i];
    }
}

/* Two topics that never meet in a line. */
static void make_topics(seqnn_size count)
{
    seqnn_random random = {8, 0, 0};
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_size at = 0;
        lines_memory[i][0] = '\0';
        for (int k = 0; k < 8; k++)
            at += snprintf(lines_memory[i] + at, (size_t)(LONGEST_LINE - at), "%c%d ",
                           i % 2 ? 'a' : 'b', seqnn_random_below(&random, 20));
        lines[i] = lines_memory[i];
    }
}

static seqnn_word2vec *train(seqnn_size count, seqnn_word2vec_options options)
{
    seqnn_word2vec *trained = seqnn_word2vec_train_lines(lines, count, options);
    if (!trained)
        fail_msg("%s", seqnn_error());
    return trained;
}

/* ---- the second training ---- */

typedef struct reference {
    seqnn_word2vec_options o;
    int words, rows, dimension; /* rows of the output matrix */
    char name[NAMES][16];
    int64_t count[NAMES], kept;
    int *text; /* numbers of the words; -1 a rare word, -2 the end of a line */
    int length;
    double *v, *u, *dv, *du;
    double *losses, corpus_words;
    sq_noise noise;
    sq_huffman tree;
} reference;

static int name_number(const reference *r, const char *name)
{
    for (int i = 0; i < r->words; i++)
        if (strcmp(r->name[i], name) == 0)
            return i;
    return -1;
}

static void read_lines(reference *r, int line_count)
{
    /* Words by first place, then sorted by falling count, equal ones left as they are. */
    for (int i = 0; i < line_count; i++) {
        char copy[LONGEST_LINE], *at = copy;
        strcpy(copy, lines[i]);
        for (char *word = strtok(at, " "); word; word = strtok(NULL, " ")) {
            int number = name_number(r, word);
            if (number < 0) {
                assert_true(r->words < NAMES);
                number = r->words++;
                strcpy(r->name[number], word);
            }
            r->count[number]++;
            r->corpus_words++;
        }
    }
    for (int i = 1; i < r->words; i++)
        for (int k = i; k > 0 && r->count[k - 1] < r->count[k]; k--) {
            char name[16];
            const int64_t count = r->count[k];
            r->count[k] = r->count[k - 1];
            r->count[k - 1] = count;
            strcpy(name, r->name[k]);
            strcpy(r->name[k], r->name[k - 1]);
            strcpy(r->name[k - 1], name);
        }
    while (r->count[r->words - 1] < (int64_t)r->o.min_count)
        r->words--;
    if (r->o.max_words > 0 && r->words > r->o.max_words)
        r->words = (int)r->o.max_words;
    for (int i = 0; i < r->words; i++)
        r->kept += r->count[i];
    r->text = (int *)malloc(((size_t)r->corpus_words + (size_t)line_count) * sizeof(int));
    for (int i = 0; i < line_count; i++) {
        char copy[LONGEST_LINE], *at = copy;
        strcpy(copy, lines[i]);
        for (char *word = strtok(at, " "); word; word = strtok(NULL, " "))
            r->text[r->length++] = name_number(r, word);
        r->text[r->length++] = -2;
    }
}

static double dot(const reference *r, int output, const double *h)
{
    double sum = 0;
    for (int j = 0; j < r->dimension; j++)
        sum += r->u[output * r->dimension + j] * h[j];
    return sum;
}

/* The output moves down its part of the loss, and so does h, into dh. */
static void move(reference *r, int output, const double *h, double e, double *dh)
{
    for (int j = 0; j < r->dimension; j++) {
        r->du[output * r->dimension + j] -= e * h[j];
        dh[j] -= e * r->u[output * r->dimension + j];
    }
}

static double logistic(reference *r, int output, int label, const double *h, double rate,
                       double *dh)
{
    const double p = 1 / (1 + exp(-dot(r, output, h)));
    move(r, output, h, rate * (p - label), dh);
    return -log(label ? p : 1 - p);
}

/* One prediction of a word by h: changes into du and dh, and the loss. */
static double predict(reference *r, int word, const double *h, double rate, double *dh,
                      uint64_t stream, uint64_t numbers)
{
    double loss = 0;
    if (r->o.output == SEQNN_FULL_SOFTMAX) {
        double sum = 0;
        for (int i = 0; i < r->words; i++)
            sum += exp(dot(r, i, h));
        for (int i = 0; i < r->words; i++)
            move(r, i, h, rate * (exp(dot(r, i, h)) / sum - (i == word)), dh);
        return log(sum) - dot(r, word, h);
    }
    if (r->o.output == SEQNN_HIERARCHICAL_SOFTMAX) {
        for (seqnn_size k = r->tree.begin[word]; k < r->tree.begin[word + 1]; k++)
            loss += logistic(r, r->tree.node[k],
                             (int)(r->tree.label[k] + (seqnn_real)0.5), h, rate, dh);
        return loss;
    }
    loss = logistic(r, word, 1, h, rate, dh);
    for (int n = 0; n < r->o.negative; n++) {
        const int drawn = sq_noise_word(
            &r->noise, seqnn_random_at(r->o.seed, stream, numbers + 1 + (uint64_t)n));
        if (drawn != word)
            loss += logistic(r, drawn, 0, h, rate, dh);
    }
    return loss;
}

/* The window of the word at place, whose own random numbers begin at `numbers`; returns
 * how many predictions. */
static int window(reference *r, const int *text, int place, double rate, uint64_t stream,
                  uint64_t numbers, double *loss)
{
    const int d = r->dimension, skip = r->o.architecture == SEQNN_SKIP_GRAM;
    int context[64], count = 0;
    int reach = (int)r->o.window;
    if (!r->o.fixed_window)
        reach =
            1 +
            (int)((seqnn_random_at(r->o.seed, stream, numbers) * (uint64_t)r->o.window) >>
                  32);
    int from = place, to = place;
    while (from > 0 && text[from - 1] != -2 && place - from < reach)
        from--;
    while (text[to + 1] != -2 && to - place < reach)
        to++;
    for (int i = from; i <= to; i++)
        if (i != place)
            context[count++] = text[i];
    double h[64] = {0}, dh[64] = {0};
    for (int c = 0; c < count; c++) {
        for (int j = 0; j < d; j++)
            h[j] = (skip ? 0 : h[j]) + r->v[context[c] * d + j] / (skip ? 1 : count);
        if (!skip)
            continue;
        memset(dh, 0, sizeof dh);
        *loss += predict(r, text[place], h, rate, dh, stream, numbers);
        for (int j = 0; j < d; j++)
            r->dv[context[c] * d + j] += dh[j];
    }
    if (skip || count == 0)
        return count;
    *loss += predict(r, text[place], h, rate, dh, stream, numbers);
    for (int c = 0; c < count; c++)
        for (int j = 0; j < d; j++)
            r->dv[context[c] * d + j] += r->o.historical_cbow ? dh[j] : dh[j] / count;
    return 1;
}

/* batch: windows that are computed at the same vectors. */
static void reference_epoch(reference *r, int epoch, int batch)
{
    const uint64_t stream = 2 * (uint64_t)epoch + 1;
    const uint64_t numbers = r->o.output == SEQNN_NEGATIVE_SAMPLING
                                 ? ((uint64_t)r->o.negative + 4) / 4 * 4
                                 : 4;
    int *text = (int *)malloc((size_t)r->length * sizeof *text), length = 0, centres = 0;
    uint64_t known = 0;
    for (int i = 0; i < r->length; i++) {
        const int word = r->text[i];
        if (word >= 0 && r->o.subsampling > 0) {
            const double f = (double)r->count[word] / (double)r->kept;
            const double stays = sqrt(r->o.subsampling / f) + r->o.subsampling / f;
            const double drawn =
                seqnn_random_at(r->o.seed, stream, known++) / 4294967296.0;
            if (drawn > stays)
                continue;
        }
        if (word != -1)
            text[length++] = word;
        centres += word >= 0;
    }
    int centre = 0, in_batch = 0, predictions = 0;
    double loss = 0;
    for (int i = 0; i < length; i++) {
        if (text[i] < 0)
            continue;
        const double words = r->corpus_words * (epoch + (double)centre / centres);
        const double rate =
            r->o.learning_rate + (r->o.final_learning_rate - r->o.learning_rate) * words /
                                     (r->corpus_words * (double)r->o.epochs);
        predictions +=
            window(r, text, i, rate, stream + 1, (uint64_t)centre * numbers, &loss);
        centre++;
        if (++in_batch == batch || centre == centres) {
            for (int k = 0; k < r->words * r->dimension; k++)
                r->v[k] += r->dv[k];
            for (int k = 0; k < r->rows * r->dimension; k++)
                r->u[k] += r->du[k];
            memset(r->dv, 0, (size_t)(r->words * r->dimension) * sizeof(double));
            memset(r->du, 0, (size_t)(r->rows * r->dimension) * sizeof(double));
            in_batch = 0;
        }
    }
    r->losses[epoch] = loss / predictions;
    free(text);
}

static reference *reference_train(int line_count, seqnn_word2vec_options options,
                                  int batch)
{
    reference *r = (reference *)calloc(1, sizeof *r);
    r->o = options;
    read_lines(r, line_count);
    r->rows = r->words - (options.output == SEQNN_HIERARCHICAL_SOFTMAX);
    r->dimension = (int)options.dimension;
    assert_int_equal(sq_noise_new(&r->noise, r->count, r->words), SEQNN_OK);
    assert_int_equal(sq_huffman_new(&r->tree, r->count, r->words), SEQNN_OK);
    const size_t size = (size_t)(r->words * r->dimension);
    r->v = (double *)calloc(4 * size + (size_t)options.epochs, sizeof(double));
    r->u = r->v + size;
    r->dv = r->u + size;
    r->du = r->dv + size;
    r->losses = r->du + size;
    for (int i = 0; i < (int)size; i++)
        r->v[i] = (seqnn_random_at(options.seed, 0, (uint64_t)i) / 4294967296.0 - 0.5) /
                  r->dimension;
    for (int epoch = 0; epoch < (int)options.epochs; epoch++)
        reference_epoch(r, epoch, batch);
    return r;
}

static void reference_free(reference *r)
{
    sq_noise_free(&r->noise);
    sq_huffman_free(&r->tree);
    free(r->text);
    free(r->v);
    free(r);
}

static void expect_equal(const seqnn_word2vec *trained, const reference *r,
                         double tolerance)
{
    assert_int_equal(trained->vectors->count, r->words);
    assert_int_equal(trained->vectors->dimension, r->dimension);
    assert_int_equal(trained->output_rows, r->rows);
    assert_true((double)trained->corpus_words == r->corpus_words);
    double largest = 0, worst = 0;
    for (int i = 0; i < r->words; i++) {
        assert_string_equal(trained->vectors->word[i], r->name[i]);
        assert_int_equal(trained->counts[i], r->count[i]);
        for (int j = 0; j < r->dimension; j++) {
            const int at = i * r->dimension + j;
            worst = fmax(worst, fabs((double)trained->vectors->values[at] - r->v[at]));
            if (i < r->rows)
                worst = fmax(worst, fabs((double)trained->output[at] - r->u[at]));
            largest = fmax(largest, fabs(r->v[at]));
        }
    }
    if (!(worst <= tolerance * fmax(1, largest)) || largest < 0.05)
        fail_msg("architecture %d, output %d, mode %d, dimension %td: vectors differ by "
                 "%g of %g",
                 (int)r->o.architecture, (int)r->o.output, (int)r->o.mode, r->o.dimension,
                 worst, largest);
    for (int e = 0; e < (int)r->o.epochs && trained->losses; e++)
        assert_true(fabs(trained->losses[e] / r->losses[e] - 1) < 10 * tolerance);
}

/* What a library of one thread does in lock-free mode, window after window; and in
 * batches. */
static void equal_to_plain_loops(void **state)
{
    (void)state;
    const int before = threads();
    const seqnn_word2vec_output outputs[] = {
        SEQNN_NEGATIVE_SAMPLING, SEQNN_HIERARCHICAL_SOFTMAX, SEQNN_FULL_SOFTMAX};
    make_lines(150, 40, 4);
    set_threads(1);
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = 0; o < 3; o++)
            for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++)
                for (int variant = 0; variant < 3; variant++) {
                    seqnn_word2vec_options options = {.epochs = 3};
                    options.compute_loss = variant < 2; /* the sigmoids differ */
                    options.architecture = (seqnn_word2vec_architecture)a;
                    options.output = outputs[o];
                    options.mode = (seqnn_word2vec_mode)mode;
                    options.dimension = variant == 0 ? 10 : variant == 1 ? 1 : 17;
                    options.window = variant == 1 ? 1 : 4;
                    options.negative = variant == 1 ? 1 : 6;
                    options.fixed_window = variant == 2;
                    options.historical_cbow = variant == 2;
                    options.min_count = variant == 0 ? 5 : 1;
                    options.max_words = variant == 2 ? 17 : 0;
                    options.subsampling = variant == 1 ? (double)SEQNN_ZERO : 0.05;
                    options.learning_rate = mode == SEQNN_LOCK_FREE ? 0.1 : 0.02;
                    options.final_learning_rate = options.learning_rate;
                    options.seed = (uint64_t)(1000 + a * 100 + o * 10 + variant);
                    seqnn_word2vec *trained = train(150, options);
                    options.subsampling = fmax(options.subsampling, 0);
                    const int batch = (int)((sq_word2vec *)trained)->batch_windows;
                    reference *r = reference_train(150, options,
                                                   mode == SEQNN_LOCK_FREE ? 1 : batch);
                    expect_equal(trained, r, 1e-5);
                    seqnn_word2vec_free(trained);
                    reference_free(r);
                }
    set_threads(before);
}

/* The rate falls in steps of some windows here, with every one there. */
static void learning_rate_falls(void **state)
{
    (void)state;
    const int before = threads();
    make_lines(400, 40, 4);
    set_threads(1);
    for (int k = 0; k < 2; k++) {
        seqnn_word2vec_options options = {.mode = SEQNN_LOCK_FREE,
                                          .dimension = 8,
                                          .window = 3,
                                          .min_count = 1,
                                          .negative = 5,
                                          .epochs = 2,
                                          .compute_loss = true};
        options.architecture = SEQNN_CBOW;
        options.output = SEQNN_NEGATIVE_SAMPLING;
        options.subsampling = (double)SEQNN_ZERO;
        options.learning_rate = 0.3;
        options.final_learning_rate = k ? 0.25 : 0;
        seqnn_word2vec *trained = train(400, options);
        options.subsampling = 0;
        options.final_learning_rate = k ? 0.25 : 0.3e-4;
        reference *r = reference_train(400, options, 1);
        expect_equal(trained, r, 3e-3);
        options.final_learning_rate = k ? 0.3 : 0.02;
        reference *other = reference_train(400, options, 1);
        double worst = 0;
        for (int i = 0; i < r->words * r->dimension; i++)
            worst = fmax(worst, fabs(r->v[i] - other->v[i]));
        assert_true(worst > 1e-2); /* the difference can be seen */
        reference_free(r);
        reference_free(other);
        seqnn_word2vec_free(trained);
    }
    set_threads(before);
}

/* ---- bits ---- */

static bool same_vectors(const seqnn_word2vec *a, const seqnn_word2vec *b)
{
    const size_t bytes = (size_t)a->vectors->dimension * sizeof(seqnn_real);
    return a->vectors->count == b->vectors->count && a->output_rows == b->output_rows &&
           memcmp(a->vectors->values, b->vectors->values,
                  bytes * (size_t)a->vectors->count) == 0 &&
           memcmp(a->output, b->output, bytes * (size_t)a->output_rows) == 0;
}

/* More segments than are read ahead, a last batch that is not full. */
static void same_bits_with_any_number_of_threads(void **state)
{
    (void)state;
    const int before = threads(), counts[] = {1, 3};
    make_lines(7000, 1000, 2);
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = SEQNN_NEGATIVE_SAMPLING; o <= a; o++) {
            seqnn_word2vec_options options = {.dimension = 150,
                                              .window = 2,
                                              .epochs = 5,
                                              .compute_loss = true,
                                              .seed = 5};
            options.architecture = (seqnn_word2vec_architecture)a;
            options.output = (seqnn_word2vec_output)o;
            seqnn_word2vec *first = NULL;
            for (int k = 0; k < SQ_COUNT(counts); k++) {
                set_threads(counts[k]);
                seqnn_word2vec *trained = train(7000, options);
                if (o == SEQNN_NEGATIVE_SAMPLING)
                    assert_true(((sq_word2vec *)trained)->members >= (k > 0 ? 2 : 1));
                if (first) {
                    if (!same_vectors(first, trained))
                        fail_msg("%d threads give other bits than one", counts[k]);
                    assert_memory_equal(first->losses, trained->losses,
                                        5 * sizeof(double));
                    seqnn_word2vec_free(trained);
                } else {
                    assert_true(((sq_word2vec *)trained)->corpus.segments * 5 > 8);
                    first = trained;
                }
            }
            set_threads(2);
            options.seed = 6;
            options.epochs = 1;
            seqnn_word2vec *other = train(7000, options);
            assert_false(same_vectors(first, other));
            seqnn_word2vec_free(other);
            seqnn_word2vec_free(first);
        }
    set_threads(before);
}

static void lock_free_with_one_thread_is_reproducible(void **state)
{
    (void)state;
    const int before = threads();
    make_lines(8000, 1000, 2);
    seqnn_word2vec_options options = {
        .mode = SEQNN_LOCK_FREE, .dimension = 12, .epochs = 2, .compute_loss = true};
    set_threads(1);
    seqnn_word2vec *first = train(8000, options), *second = train(8000, options);
    assert_true(same_vectors(first, second));
    assert_memory_equal(first->losses, second->losses, 2 * sizeof(double));
    seqnn_word2vec_free(second);
    options.seed = 1;
    second = train(8000, options);
    assert_false(same_vectors(first, second));
    seqnn_word2vec_free(second);
    /* With several it is not, but learns as much. */
    set_threads(3);
    options.seed = 0;
    second = train(8000, options);
    assert_true(second->losses[1] < 1.05 * first->losses[1]);
    seqnn_word2vec_free(first);
    seqnn_word2vec_free(second);
    set_threads(before);
}

/* A file of the same lines gives the same bits. */
static void a_file_is_its_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/seqnn_word2vec_XXXXXX";
    const int descriptor = mkstemp(path);
    FILE *file = fdopen(descriptor, "wb");
    assert_non_null(file);
    make_lines(9000, 300, 12);
    for (int i = 0; i < 9000; i++)
        fprintf(file, "%s\n", lines[i]);
    fclose(file);
    seqnn_word2vec_options options = {.dimension = 5, .epochs = 1};
    seqnn_word2vec *from_file = seqnn_word2vec_train(path, options);
    seqnn_word2vec *from_lines = train(9000, options);
    assert_non_null(from_file);
    assert_true(same_vectors(from_file, from_lines));
    assert_int_equal(from_file->lines, 9000);
    assert_int_equal(from_lines->lines, 9000);
    assert_int_equal(from_file->corpus_words, from_lines->corpus_words);
    seqnn_word2vec_free(from_file);
    seqnn_word2vec_free(from_lines);
    remove(path);
}

/* ---- by count ---- */

/* Within five standard deviations of a binomial distribution. */
static void expect_share(const char *what, double hits, double of, double p)
{
    if (fabs(hits - of * p) > 5 * sqrt(of * p * (1 - p)) + 1)
        fail_msg("%s: %g of %g, expected %g", what, hits, of, of * p);
}

/* The training is over; its text is read again, with tables as it had them (that it had
 * them so is seen where vectors are equal to those of plain loops). */
static void windows_are_distributed_as_said(void **state)
{
    (void)state;
    enum { WINDOW = 4, WORDS = 30, NEGATIVE = 3 };
    make_lines(20000, WORDS, 3);
    seqnn_word2vec_options options = {.window = WINDOW,
                                      .negative = NEGATIVE,
                                      .epochs = 1,
                                      .dimension = 1,
                                      .min_count = 1,
                                      .subsampling = 1e-2};
    seqnn_word2vec *trained = train(20000, options);
    sq_word2vec again = *(sq_word2vec *)trained, *w = &again;
    w->matrices.input = (seqnn_real *)trained->vectors->values;
    assert_int_equal(sq_corpus_vocabulary(&w->corpus, 1, 0, &w->vocabulary), SEQNN_OK);
    assert_int_equal(sq_noise_new(&w->noise, w->vocabulary.occurrences, WORDS), SEQNN_OK);
    uint32_t keep[WORDS];
    seqnn_real label[1 + NEGATIVE] = {1};
    w->keep = keep;
    w->label = label;
    for (int i = 0; i < WORDS; i++) {
        const double t_f = 1e-2 * (double)w->vocabulary.kept_words /
                           (double)w->vocabulary.occurrences[i];
        keep[i] = (uint32_t)fmin(4294967295.0, (sqrt(t_f) + t_f) * 4294967296.0);
    }
    sq_passage passage;
    sq_batch batch;
    memset(&passage, 0, sizeof passage);
    assert_int_equal(sq_batch_new(&batch, w, 1, true), SEQNN_OK);
    double stayed[WORDS] = {0}, reach[WINDOW + 1] = {0}, inside = 0;
    double drawn[WORDS] = {0}, all_drawn = 0, centres = 0, roots = 0;
    for (seqnn_size s = 0; s < w->corpus.segments; s++) {
        assert_int_equal(sq_passage_read(&passage, w, 0, s), SEQNN_OK);
        const int32_t *number = passage.segment.number;
        sq_centre centre = {-1, -1};
        seqnn_size seen = 0;
        for (;;) {
            sq_batch_take_centres(&batch, &passage, &centre);
            if (batch.count == 0)
                break;
            stayed[number[centre.place]]++;
            sq_windows_draw(&batch, 0, 1, w, &passage, 0.1);
            const sq_window *window = &batch.window[0];
            for (seqnn_size k = 1; k < window->outputs; k++) {
                assert_int_not_equal(window->output[k], number[centre.place]);
                drawn[window->output[k]] += (double)window->times[k];
                all_drawn += (double)window->times[k];
            }
            bool wide =
                centre.place >= WINDOW && centre.place + WINDOW < passage.segment.count;
            for (int k = -WINDOW; k <= WINDOW && wide; k++)
                wide = number[centre.place + k] != SQ_LINE_END;
            if (wide) {
                inside++;
                assert_int_equal(window->contexts % 2, 0);
                reach[window->contexts / 2]++;
            }
            seen++;
        }
        assert_int_equal(seen, passage.centres);
        centres += (double)seen;
    }
    assert_true(inside > 1000);
    for (int k = 1; k <= WINDOW; k++)
        expect_share("a window", reach[k], inside, 1.0 / WINDOW);
    double total = (double)w->vocabulary.kept_words, most = 0;
    for (int i = 0; i < WORDS; i++) {
        const double count = (double)trained->counts[i], f = count / total;
        const double p = fmin(1, sqrt(1e-2 / f) + 1e-2 / f);
        expect_share("a word that stays", stayed[i], count, p);
        most = fmax(most, 1 - p);
        roots += pow(count, 0.75);
    }
    assert_true(most > 0.5); /* of the most frequent word */
    for (int i = 0; i < WORDS; i++) {
        const double p = pow((double)trained->counts[i], 0.75) / roots;
        /* Where i is the centre it is left out: a share p of what it would be. */
        expect_share("a negative word", drawn[i], NEGATIVE * (centres - stayed[i]), p);
    }
    sq_vocabulary_free(&w->vocabulary);
    sq_noise_free(&w->noise);
    sq_batch_free(&batch);
    sq_segment_free(&passage.segment);
    seqnn_word2vec_free(trained);
}

/* ---- learning ---- */

static double cosine(const seqnn_word_vectors *vectors, int a, int b)
{
    const seqnn_real *x = vectors->values + a * vectors->dimension;
    const seqnn_real *y = vectors->values + b * vectors->dimension;
    double xy = 0, xx = 0, yy = 0;
    for (seqnn_size j = 0; j < vectors->dimension; j++) {
        xy += (double)(x[j] * y[j]);
        xx += (double)(x[j] * x[j]);
        yy += (double)(y[j] * y[j]);
    }
    return xy / sqrt(xx * yy);
}

static void topics_part(void **state)
{
    (void)state;
    make_topics(3000);
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = SEQNN_NEGATIVE_SAMPLING; o <= SEQNN_FULL_SOFTMAX; o++)
            for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
                seqnn_word2vec_options options = {
                    .dimension = 10, .epochs = 5, .compute_loss = true};
                options.architecture = (seqnn_word2vec_architecture)a;
                options.output = (seqnn_word2vec_output)o;
                options.mode = (seqnn_word2vec_mode)mode;
                options.subsampling = (double)SEQNN_ZERO;
                seqnn_word2vec *trained = train(3000, options);
                const seqnn_word_vectors *vectors = trained->vectors;
                double within = 0, across = 0, pairs[2] = {0, 0};
                for (int i = 0; i < vectors->count; i++)
                    for (int k = 0; k < i; k++) {
                        const bool same = vectors->word[i][0] == vectors->word[k][0];
                        *(same ? &within : &across) += cosine(vectors, i, k);
                        pairs[same]++;
                    }
                within /= pairs[1];
                across /= pairs[0];
                print_message("architecture %d, output %d, mode %d: cosine %.2f within, "
                              "%.2f across; loss %.3f, %.3f ... %.3f\n",
                              a, o, mode, within, across, trained->losses[0],
                              trained->losses[1], trained->losses[4]);
                assert_int_equal(vectors->count, 40);
                assert_true(within > across + 0.8);
                assert_true(trained->losses[4] < trained->losses[0]);
                seqnn_word2vec_free(trained);
            }
}

/* Surf big waves, drive fast cars: in a window of 1 each first and last word is one of
 * two by what stands beside it, log 2 of loss, and each middle one is certain. CBOW
 * predicts six words, four of them with loss log 2; skip-gram makes eight predictions, of
 * which the four of middle words are certain. */
static void six_words_reach_the_least_loss(void **state)
{
    (void)state;
    const char *const six[] = {"surf big waves", "drive fast cars"};
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int mode = SEQNN_REPRODUCIBLE; mode <= SEQNN_LOCK_FREE; mode++) {
            seqnn_word2vec_options options = {.dimension = 2,
                                              .window = 1,
                                              .min_count = 1,
                                              .epochs = 4000,
                                              .compute_loss = true};
            options.architecture = (seqnn_word2vec_architecture)a;
            options.mode = (seqnn_word2vec_mode)mode;
            options.output = SEQNN_FULL_SOFTMAX;
            options.learning_rate = 0.2;
            options.subsampling = (double)SEQNN_ZERO;
            seqnn_word2vec *trained = seqnn_word2vec_train_lines(six, 2, options);
            assert_non_null(trained);
            const double least = log(2) * (a == SEQNN_CBOW ? 4.0 / 6 : 4.0 / 8);
            assert_true(fabs(trained->losses[0] - log(6)) < 0.1);
            assert_true(trained->losses[3999] > least - 1e-3);
            if (trained->losses[3999] > least + 0.05)
                fail_msg("architecture %d, mode %d: loss %g, expected %g", a, mode,
                         trained->losses[3999], least);
            seqnn_word2vec_free(trained);
        }
}

int main(void)
{
    const struct CMUnitTest training[] = {
        cmocka_unit_test(equal_to_plain_loops),
        cmocka_unit_test(learning_rate_falls),
        cmocka_unit_test(same_bits_with_any_number_of_threads),
        cmocka_unit_test(lock_free_with_one_thread_is_reproducible),
        cmocka_unit_test(a_file_is_its_lines),
        cmocka_unit_test(windows_are_distributed_as_said),
    };
    const struct CMUnitTest learning[] = {
        cmocka_unit_test(topics_part),
        cmocka_unit_test(six_words_reach_the_least_loss),
    };
    /* Every kernel computes the same, by the first tests: learning with one is enough. */
    const char *isa = getenv("SEQNN_ISA");
    int failed = cmocka_run_group_tests(training, NULL, NULL);
    if (isa == NULL || strcmp(isa, "plain") != 0)
        failed += cmocka_run_group_tests(learning, NULL, NULL);
    return failed;
}
