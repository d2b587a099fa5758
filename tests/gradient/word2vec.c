/* One step of word2vec against finite differences of the loss.
 *
 * The step changes every vector by -rate dL/dv. L is computed here by its definition from
 * the words of the window, with negative words as they were drawn: repeated ones count
 * again, and those that are the centre do not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memory.h"
#include "random.h"
#include "simd.h"
#include "word2vec_training.h"

#define RATE 0.37
#define TOLERANCE 1e-7

enum { MOST_WORDS = 26, MOST_NEGATIVES = 25 };

/* Two lines, with words that come again in one window. */
static int32_t text[] = {0, 1, 1, 2, 0, 1, 2, 2, 2, 1, SQ_LINE_END, 1, 0, SQ_LINE_END};
static const seqnn_size places[] = {0, 4, 9, 11, 12};

typedef struct setting {
    seqnn_word2vec_architecture architecture;
    seqnn_word2vec_output output;
    seqnn_size words, dimension, window, negative;
    bool historical, fixed;
} setting;

static void begin(sq_word2vec *w, const setting *s, const sq_window_kernels *kernels)
{
    memset(w, 0, sizeof *w);
    w->o.architecture = s->architecture;
    w->o.output = s->output;
    w->o.dimension = s->dimension;
    w->o.window = s->window;
    w->o.negative = s->negative;
    w->o.historical_cbow = s->historical;
    w->o.fixed_window = s->fixed;
    w->o.compute_loss = true;
    w->o.seed = 11;
    w->corpus.segments = 1;
    w->kernels = kernels;
    w->vocabulary.count = s->words;
    w->most_contexts = 2 * s->window;
    int64_t occurrences[MOST_WORDS];
    for (int i = 0; i < s->words; i++)
        occurrences[i] = 100 / (i + 1);
    seqnn_size rows = s->words;
    w->numbers = 4;
    w->most_outputs = s->words;
    if (s->output == SEQNN_FULL_SOFTMAX) {
        w->all_outputs = (int32_t *)sq_allocate(s->words, sizeof(int32_t));
        for (int32_t i = 0; i < s->words; i++)
            w->all_outputs[i] = i;
    } else if (s->output == SEQNN_HIERARCHICAL_SOFTMAX) {
        assert_int_equal(sq_huffman_new(&w->tree, occurrences, s->words), SEQNN_OK);
        w->most_outputs = w->tree.longest;
        rows = s->words - 1;
    } else {
        assert_int_equal(sq_noise_new(&w->noise, occurrences, s->words), SEQNN_OK);
        w->most_outputs = 1 + s->negative;
        w->numbers = (1 + s->negative + 3) / 4 * 4;
        w->label = (seqnn_real *)sq_allocate(w->most_outputs, sizeof(seqnn_real));
        w->label[0] = 1;
    }
    const seqnn_size width = kernels->width;
    w->matrices.row = (s->dimension + width - 1) / width * width;
    w->matrices.input =
        (seqnn_real *)sq_allocate(s->words * w->matrices.row, sizeof(seqnn_real));
    w->matrices.output =
        (seqnn_real *)sq_allocate(rows * w->matrices.row, sizeof(seqnn_real));
    w->result.output_rows = rows;
    seqnn_random random = {3, 0, 0};
    const double size = 1.5 / sqrt((double)s->dimension);
    for (seqnn_size j = 0; j < s->dimension; j++) {
        for (seqnn_size i = 0; i < s->words; i++)
            w->matrices.input[i * w->matrices.row + j] =
                size * seqnn_random_normal(&random);
        for (seqnn_size i = 0; i < rows; i++)
            w->matrices.output[i * w->matrices.row + j] =
                size * seqnn_random_normal(&random);
    }
}

static void end(sq_word2vec *w)
{
    sq_noise_free(&w->noise);
    sq_huffman_free(&w->tree);
    sq_free(w->all_outputs);
    sq_free(w->label);
    sq_free(w->matrices.input);
    sq_free(w->matrices.output);
}

/* The words around a place, at most reach on each side in its line. */
static int contexts_of(int place, int reach, int32_t *context)
{
    int count = 0, from = place, to = place;
    while (from > 0 && text[from - 1] != SQ_LINE_END && place - from < reach)
        from--;
    while (text[to + 1] != SQ_LINE_END && to - place < reach)
        to++;
    for (int i = from; i <= to; i++)
        if (i != place)
            context[count++] = text[i];
    return count;
}

static double score(const sq_word2vec *w, int32_t output, const double *h)
{
    double sum = 0;
    for (seqnn_size j = 0; j < w->o.dimension; j++)
        sum += w->matrices.output[output * w->matrices.row + j] * h[j];
    return sum;
}

static double sigmoid_loss(double s)
{
    return log(1 + exp(-s));
}

/* L of one prediction, of the word by h; negative words are drawn again. */
static double prediction_loss(const sq_word2vec *w, int32_t word, int number,
                              const double *h)
{
    double loss = 0;
    if (w->o.output == SEQNN_FULL_SOFTMAX) {
        double sum = 0;
        for (int32_t i = 0; i < w->vocabulary.count; i++)
            sum += exp(score(w, i, h));
        return log(sum) - score(w, word, h);
    }
    if (w->o.output == SEQNN_HIERARCHICAL_SOFTMAX) {
        for (seqnn_size k = w->tree.begin[word]; k < w->tree.begin[word + 1]; k++)
            loss += sigmoid_loss((w->tree.label[k] > 0.5 ? 1 : -1) *
                                 score(w, w->tree.node[k], h));
        return loss;
    }
    loss = sigmoid_loss(score(w, word, h));
    for (int n = 0; n < w->o.negative; n++) {
        const int32_t drawn = sq_noise_word(
            &w->noise,
            seqnn_random_at(w->o.seed, 2, (uint64_t)(number * w->numbers + 1 + n)));
        if (drawn != word)
            loss += sigmoid_loss(-score(w, drawn, h));
    }
    return loss;
}

static double window_loss(const sq_word2vec *w, int place, int number)
{
    int32_t context[2 * 10];
    double h[101], loss = 0;
    uint64_t bits = seqnn_random_at(w->o.seed, 2, (uint64_t)(number * w->numbers));
    int reach = w->o.fixed_window ? (int)w->o.window
                                  : 1 + (int)((bits * (uint64_t)w->o.window) >> 32);
    const int count = contexts_of(place, reach, context);
    memset(h, 0, sizeof h);
    for (int c = 0; c < count; c++) {
        for (seqnn_size j = 0; j < w->o.dimension; j++) {
            const double v = w->matrices.input[context[c] * w->matrices.row + j];
            h[j] = w->o.architecture == SEQNN_SKIP_GRAM ? v : h[j] + v / count;
        }
        if (w->o.architecture == SEQNN_SKIP_GRAM)
            loss += prediction_loss(w, text[place], number, h);
    }
    return w->o.architecture == SEQNN_SKIP_GRAM
               ? loss
               : prediction_loss(w, text[place], number, h);
}

/* The step of one window, as changes of all vectors; the vectors stay. */
static void step(sq_word2vec *w, int place, int number, int parts, double *change,
                 double *loss, seqnn_size *count)
{
    const seqnn_size in = w->vocabulary.count * w->matrices.row;
    const seqnn_size out = w->result.output_rows * w->matrices.row;
    double *before = (double *)malloc((size_t)(in + out) * sizeof *before);
    memcpy(before, w->matrices.input, (size_t)in * sizeof *before);
    memcpy(before + in, w->matrices.output, (size_t)out * sizeof *before);
    sq_passage passage;
    memset(&passage, 0, sizeof passage);
    passage.segment.number = text;
    passage.segment.count = sizeof text / sizeof *text;
    sq_batch batch;
    assert_int_equal(sq_batch_new(&batch, w, 2, parts == 2), SEQNN_OK);
    const sq_centre centre = {place, number};
    batch.centre[1] = centre;
    sq_windows_draw(&batch, 1, 2, w, &passage, RATE);
    const sq_window *window = &batch.window[1];
    if (parts == 3)
        batch.window[1].loss = NULL; /* the kernel has sigmoids of its own for this */
    if (parts == 1)
        w->kernels->step(window, &w->matrices);
    else
        w->kernels->forward(window, &w->matrices);
    uint8_t owner[MOST_WORDS];
    for (int i = 0; i < MOST_WORDS; i++)
        owner[i] = (uint8_t)(i % parts);
    for (int p = parts - 1; p >= 0 && parts > 1; p--) /* in any order */
        w->kernels->update_outputs(window, &w->matrices,
                                   (sq_rows_part){owner, owner, (uint8_t)p});
    for (int p = 0; p < parts && parts > 1; p++)
        w->kernels->update_inputs(window, &w->matrices,
                                  (sq_rows_part){owner, owner, (uint8_t)p});
    *loss = batch.loss[1];
    *count = window->contexts;
    for (seqnn_size i = 0; i < in; i++)
        change[i] = w->matrices.input[i] - before[i];
    for (seqnn_size i = 0; i < out; i++)
        change[in + i] = w->matrices.output[i] - before[in + i];
    memcpy(w->matrices.input, before, (size_t)in * sizeof *before);
    memcpy(w->matrices.output, before + in, (size_t)out * sizeof *before);
    sq_batch_free(&batch);
    free(before);
}

static const char *name_of(const setting *s)
{
    static char name[200];
    snprintf(name, sizeof name,
             "%s, %s, %td words, dimension %td, window %td, negative %td",
             s->architecture == SEQNN_CBOW ? "CBOW" : "skip-gram",
             s->output == SEQNN_FULL_SOFTMAX           ? "softmax"
             : s->output == SEQNN_HIERARCHICAL_SOFTMAX ? "hierarchical"
                                                       : "negative sampling",
             s->words, s->dimension, s->window, s->negative);
    return name;
}

static void check(const setting *s, const sq_window_kernels *kernels)
{
    sq_word2vec w;
    begin(&w, s, kernels);
    const seqnn_size row = w.matrices.row, in = s->words * row;
    const seqnn_size all = in + w.result.output_rows * row;
    double *change = (double *)calloc((size_t)all * 2, sizeof *change);
    double *other = change + all;
    for (int n = 0; n < SQ_COUNT(places); n++) {
        const int place = (int)places[n];
        double loss, other_loss;
        seqnn_size contexts;
        step(&w, place, n, 1, change, &loss, &contexts);
        assert_true(contexts > 0);
        assert_true(fabs(loss / window_loss(&w, place, n) - 1) < 1e-12);
        for (int parts = 2; parts <= 3; parts++) {
            step(&w, place, n, parts, other, &other_loss, &contexts);
            for (seqnn_size i = 0; i < all; i++)
                assert_true(fabs(change[i] - other[i]) <= (parts == 3 ? 1e-12 : 0));
            assert_true(parts == 3 || loss == other_loss);
        }
        for (seqnn_size i = 0; i < all; i++) {
            double *v = i < in ? w.matrices.input + i : w.matrices.output + (i - in);
            if (i % row >= s->dimension) { /* behind a vector */
                assert_true(change[i] == 0 && *v == 0);
                continue;
            }
            const double e = 1e-5, was = *v;
            *v = was + e;
            const double above = window_loss(&w, place, n);
            *v = was - e;
            const double below = window_loss(&w, place, n);
            *v = was;
            double expected = -(above - below) / (2 * e);
            if (s->historical && i < in)
                expected *= (double)contexts;
            if (fabs(change[i] / RATE - expected) > TOLERANCE)
                fail_msg(
                    "%s: place %d, number %td of the %s vectors changes by %.9g rate, "
                    "expected %.9g",
                    name_of(s), place, i, i < in ? "input" : "output", change[i] / RATE,
                    expected);
        }
    }
    free(change);
    end(&w);
}

/* The plain loops, and the kernels of every instruction set there is. */
static void check_all(const setting *s)
{
    check(s, sq_window_plain());
    const sq_isa_kind before = sq_isa();
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++)
        if (sq_isa_available((sq_isa_kind)isa)) {
            sq_isa_force((sq_isa_kind)isa);
            check(s, sq_window_fast());
        }
    sq_isa_force(before);
}

static const seqnn_word2vec_output outputs[] = {
    SEQNN_NEGATIVE_SAMPLING, SEQNN_HIERARCHICAL_SOFTMAX, SEQNN_FULL_SOFTMAX};

static void check_dimensions(seqnn_word2vec_architecture architecture)
{
    const seqnn_size dimensions[] = {1, 7, 8, 100, 101};
    for (int d = 0; d < 5; d++)
        for (int o = 0; o < 3; o++) {
            /* Three words: drawn again and again, also as the centre. */
            setting s = {architecture, outputs[o], 3, dimensions[d], 3, 5, false, true};
            check_all(&s);
        }
}

static void cbow(void **state)
{
    (void)state;
    check_dimensions(SEQNN_CBOW);
}

static void skip_gram(void **state)
{
    (void)state;
    check_dimensions(SEQNN_SKIP_GRAM);
}

static void any_number_of_outputs(void **state)
{
    (void)state;
    const seqnn_size words[] = {3, 4, 5, 8, 9, 16, 17, 26};
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = 0; o < 3; o++)
            for (int k = 0; k < 8; k++) {
                setting s = {(seqnn_word2vec_architecture)a,
                             outputs[o],
                             words[k],
                             5,
                             5,
                             words[k] - 1,
                             false,
                             false};
                check_all(&s);
            }
    setting one = {SEQNN_SKIP_GRAM, SEQNN_NEGATIVE_SAMPLING, 26, 4, 1, 1, false, true};
    check_all(&one);
    one.negative = MOST_NEGATIVES;
    check_all(&one);
}

/* The error goes back to every context undivided: C times the gradient. */
static void historical_cbow(void **state)
{
    (void)state;
    for (int o = 0; o < 3; o++) {
        setting s = {SEQNN_CBOW, outputs[o], 3, 7, 4, 5, true, true};
        check_all(&s);
    }
}

/* Scores far beyond what exp can hold. */
static void saturated(void **state)
{
    (void)state;
    for (int a = SEQNN_CBOW; a <= SEQNN_SKIP_GRAM; a++)
        for (int o = 0; o < 3; o++) {
            setting s = {
                (seqnn_word2vec_architecture)a, outputs[o], 3, 8, 3, 5, false, true};
            const sq_window_kernels *kernels[] = {sq_window_plain(), sq_window_fast()};
            double change[2][2 * MOST_WORDS * 8], loss;
            for (int k = 0; k < 2; k++) {
                sq_word2vec w;
                seqnn_size contexts;
                begin(&w, &s, kernels[k]);
                for (seqnn_size i = 0; i < 3 * 8; i++)
                    w.matrices.input[i] *= 1e4;
                step(&w, 4, 0, 1, change[k], &loss, &contexts);
                for (seqnn_size i = 0; i < (3 + w.result.output_rows) * 8; i++)
                    assert_true(fabs(change[k][i]) < 1e6);
                assert_true(loss >= 0 && loss < 1e6);
                end(&w);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbow),
        cmocka_unit_test(skip_gram),
        cmocka_unit_test(any_number_of_outputs),
        cmocka_unit_test(historical_cbow),
        cmocka_unit_test(saturated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
