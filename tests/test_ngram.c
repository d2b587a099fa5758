/* n-gram models against counting by brute force, numbers worked out by hand, and bad
 * input; every allocation fails once. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ngram.h"
#include "failing_malloc.h"

static void near(double value, double expected, const char *what)
{
    if (!(fabs(value - expected) <= 1e-12 * (1 + fabs(expected))))
        fail_msg("%s: %.15g, expected %.15g", what, value, expected);
}

static seqnn_ngram_options by(seqnn_ngram_smoothing smoothing)
{
    seqnn_ngram_options options = {0};
    options.smoothing = smoothing;
    return options;
}

/* ---- by hand ---- */

enum { A, B, C, D, LETTERS };

/* "abacab": a is followed by b twice and by c once, b and c by a once each. */
static const int32_t abacab[] = {A, B, A, C, A, B};

static seqnn_ngram *model_of_abacab(seqnn_size n)
{
    seqnn_ngram *model = seqnn_ngram_new(n, LETTERS);
    assert_non_null(model);
    assert_int_equal(seqnn_ngram_fit(model, abacab, 6), SEQNN_OK);
    return model;
}

static double p(const seqnn_ngram *model, int32_t context, int32_t word,
                seqnn_ngram_options options)
{
    return seqnn_ngram_probability(model, &context, 1, word, options);
}

static void numbers_by_hand(void **state)
{
    (void)state;
    seqnn_ngram *model = model_of_abacab(2);
    assert_int_equal(seqnn_ngram_occurrences(model, NULL, 0), 6);
    assert_int_equal(seqnn_ngram_occurrences(model, abacab, 1), 3);
    assert_int_equal(seqnn_ngram_occurrences(model, abacab, 2), 2);
    assert_int_equal(seqnn_ngram_different(model, 1), 3);
    assert_int_equal(seqnn_ngram_different(model, 2), 4);
    assert_int_equal(seqnn_ngram_different(model, 0), 7);

    near(p(model, A, B, by(SEQNN_UNSMOOTHED)), 2.0 / 3, "P(b|a)");
    near(p(model, A, D, by(SEQNN_UNSMOOTHED)), 0, "P(d|a)");
    near(p(model, D, A, by(SEQNN_UNSMOOTHED)), 0, "P(a|d)");
    near(p(model, B, A, by(SEQNN_UNSMOOTHED)), 1,
         "P(a|b): the last b has nothing behind");
    near(p(model, A, B, by(SEQNN_ADD_K)), 3.0 / 7, "Laplace");
    near(p(model, D, A, by(SEQNN_ADD_K)), 1.0 / 4, "Laplace, unseen");
    seqnn_ngram_options half = by(SEQNN_ADD_K);
    half.k = (seqnn_real)0.5;
    near(p(model, A, D, half), 0.5 / 5, "add-1/2");

    /* P'(b) = 2/3 2/6 + 1/3 1/4, and so on. */
    seqnn_ngram_options third = by(SEQNN_INTERPOLATED);
    third.lambda = (seqnn_real)0.5;
    double unigram = 0.5 * 2 / 6 + 0.5 / 4;
    near(p(model, A, B, third), 0.5 * 2 / 3 + 0.5 * unigram, "interpolated");
    near(p(model, D, B, third), unigram, "interpolated, unseen context");
    unigram = (2 + 3 * 0.25) / (6 + 3);
    near(p(model, A, B, by(SEQNN_WITTEN_BELL)), (2 + 2 * unigram) / (3 + 2),
         "Witten-Bell");

    /* Kneser-Ney: in front of a stand b, c and the beginning; of b and c stands a. */
    unigram = (1 - 0.75 + 0.75 * 3 * 0.25) / 5;
    near(p(model, A, B, by(SEQNN_KNESER_NEY)), (2 - 0.75 + 0.75 * 2 * unigram) / 3,
         "Kneser-Ney");
    near(p(model, A, B, by(SEQNN_SMOOTHING_DEFAULT)),
         p(model, A, B, by(SEQNN_KNESER_NEY)), "the default");
    near(p(model, D, D, by(SEQNN_KNESER_NEY)), 0.75 * 3 * 0.25 / 5, "Kneser-Ney, unseen");

    /* a, then b behind a, then a behind b. */
    seqnn_ngram_evaluation of =
        seqnn_ngram_evaluate(model, abacab, 3, by(SEQNN_UNSMOOTHED));
    near(of.perplexity, pow(3.0 / 6 * 2 / 3 * 1, -1.0 / 3), "perplexity");
    near(of.loss, log(of.perplexity), "loss");
    assert_int_equal(of.words, 3);
    assert_int_equal(of.impossible, 0);
    const int32_t other[] = {A, B, B, D};
    of = seqnn_ngram_evaluate(model, other, 4, by(SEQNN_UNSMOOTHED));
    assert_true(isinf(of.perplexity) && of.perplexity > 0);
    assert_int_equal(of.impossible, 2);
    near(of.unseen, 2.0 / 3, "share of unseen pairs");
    seqnn_ngram_free(model);
}

/* ---- by brute force ---- */

enum { N = 4, WORDS = 5, FIRST = 160, SECOND = 40, TEXT = FIRST + SECOND };

static int32_t text[TEXT]; /* two texts, one behind the other */

/* Skewed, so that some words are rare, and the last of WORDS never comes. */
static void make_text(void)
{
    seqnn_random random = {0};
    random.seed = 7;
    for (int i = 0; i < TEXT; i++) {
        double u = seqnn_random_uniform(&random);
        text[i] = (int32_t)((WORDS - 1) * u * u);
        if (i > 2 && seqnn_random_uniform(&random) < 0.4)
            text[i] = (text[i - 1] + text[i - 2]) % (WORDS - 1);
    }
}

/* How often words[0..length) stands in the texts. */
static int counted(const int32_t *words, int length)
{
    int found = 0;
    for (int i = 0; i + length <= TEXT; i++)
        found += (i >= FIRST || i + length <= FIRST) &&
                 memcmp(text + i, words, (size_t)length * sizeof *words) == 0;
    return found;
}

/* Whether the first text has them. */
static bool first_has(const int32_t *words, int length)
{
    for (int i = 0; i + length <= FIRST; i++)
        if (memcmp(text + i, words, (size_t)length * sizeof *words) == 0)
            return true;
    return false;
}

/* Different words in front of words[0..length). The beginning of the first text is one,
 * that of the second if it is new there. */
static int fronts(const int32_t *words, int length)
{
    int32_t longer[N + 1];
    size_t size = (size_t)length * sizeof *words;
    memcpy(longer + 1, words, size);
    int found = memcmp(text, words, size) == 0;
    found += memcmp(text + FIRST, words, size) == 0 && !first_has(words, length);
    for (longer[0] = 0; longer[0] < WORDS; longer[0]++)
        found += counted(longer, length + 1) > 0;
    return found;
}

/* P(word | context[0..length)) for n-grams of at most n, spelt out. */
static double slow_p(const int32_t *context, int length, int32_t word, int n,
                     seqnn_ngram_smoothing smoothing, bool longest)
{
    int32_t gram[N];
    memcpy(gram, context, (size_t)length * sizeof *context);
    double total = 0, different = 0, count = 0;
    for (gram[length] = 0; gram[length] < WORDS; gram[length]++) {
        int c = counted(gram, length + 1);
        if (smoothing == SEQNN_KNESER_NEY && !longest)
            c = c > 0 ? fronts(gram, length + 1) : 0;
        total += c;
        different += c > 0;
        count = gram[length] == word ? c : count;
    }
    if (smoothing == SEQNN_UNSMOOTHED)
        return total > 0 ? count / total : 0;
    if (smoothing == SEQNN_ADD_K)
        return (count + 1) / (total + WORDS);
    double shorter = length == 0
                         ? 1.0 / WORDS
                         : slow_p(context + 1, length - 1, word, n, smoothing, false);
    if (total <= 0)
        return shorter;
    if (smoothing == SEQNN_INTERPOLATED)
        return 0.75 * count / total + 0.25 * shorter;
    if (smoothing == SEQNN_WITTEN_BELL)
        return (count + different * shorter) / (total + different);
    return (fmax(count - 0.75, 0) + 0.75 * different * shorter) / total;
}

static seqnn_ngram *model_of_text(void)
{
    make_text();
    seqnn_ngram *model = seqnn_ngram_new(N, WORDS);
    assert_non_null(model);
    assert_int_equal(seqnn_ngram_fit(model, text, FIRST), SEQNN_OK);
    assert_int_equal(seqnn_ngram_fit(model, text + FIRST, SECOND), SEQNN_OK);
    return model;
}

/* All 5 + 25 + 125 + 625 n-grams there can be. */
static void counts_by_brute_force(void **state)
{
    (void)state;
    seqnn_ngram *model = model_of_text();
    seqnn_size all = 0;
    for (int length = 1, kinds = WORDS; length <= N; length++, kinds *= WORDS) {
        seqnn_size different = 0;
        for (int code = 0; code < kinds; code++) {
            int32_t gram[N];
            for (int i = 0, rest = code; i < length; i++, rest /= WORDS)
                gram[i] = rest % WORDS;
            int expected = counted(gram, length);
            assert_int_equal(seqnn_ngram_occurrences(model, gram, length), expected);
            different += expected > 0;
        }
        assert_int_equal(seqnn_ngram_different(model, length), different);
        all += different;
    }
    assert_int_equal(seqnn_ngram_different(model, 0), all);
    assert_true(seqnn_ngram_memory(model) >= all * 12);
    seqnn_ngram_free(model);
}

/* Every context of every length, every word, every n: the value, and that all sum to 1.
 */
static void probabilities_by_brute_force(void **state)
{
    (void)state;
    seqnn_ngram *model = model_of_text();
    for (int smoothing = SEQNN_UNSMOOTHED; smoothing <= SEQNN_KNESER_NEY; smoothing++)
        for (int n = 1; n <= N; n++)
            for (int code = 0; code < WORDS * WORDS * WORDS; code++) {
                int32_t context[] = {code % WORDS, code / WORDS % WORDS,
                                     code / WORDS / WORDS};
                seqnn_ngram_options options = by((seqnn_ngram_smoothing)smoothing);
                options.n = n;
                double sum = 0;
                for (int32_t word = 0; word < WORDS; word++) {
                    double value =
                        seqnn_ngram_probability(model, context, N - 1, word, options);
                    near(value,
                         slow_p(context + N - n, n - 1, word, n, options.smoothing, true),
                         "P");
                    sum += value;
                }
                if (smoothing != SEQNN_UNSMOOTHED || sum > 0)
                    near(sum, 1, "the sum");
            }
    seqnn_ngram_free(model);
}

/* A text as it is read: shorter contexts at its beginning. */
static void evaluation_by_brute_force(void **state)
{
    (void)state;
    seqnn_ngram *model = model_of_text();
    int32_t held_out[60];
    for (int i = 0; i < 60; i++)
        held_out[i] = (text[2 * i] + (i % 7 == 0)) % WORDS;
    for (int smoothing = SEQNN_ADD_K; smoothing <= SEQNN_KNESER_NEY; smoothing++)
        for (int n = 1; n <= N; n++) {
            seqnn_ngram_options options = by((seqnn_ngram_smoothing)smoothing);
            options.n = n;
            seqnn_ngram_evaluation of =
                seqnn_ngram_evaluate(model, held_out, 60, options);
            double loss = 0, unseen = 0;
            for (int t = 0; t < 60; t++) {
                int length = t < n - 1 ? t : n - 1;
                loss -= log(slow_p(held_out + t - length, length, held_out[t], n,
                                   options.smoothing, length == n - 1));
                if (t >= n - 1)
                    unseen += counted(held_out + t - n + 1, n) == 0;
            }
            assert_int_equal(of.status, SEQNN_OK);
            near(of.loss, loss / 60, "loss");
            near(of.perplexity, exp(loss / 60), "perplexity");
            near(of.unseen, unseen / (60 - n + 1), "share of the unseen");
        }
    seqnn_ngram_free(model);
}

/* Drawn as often as the probabilities say: within four standard deviations. */
static void samples_follow_the_probabilities(void **state)
{
    (void)state;
    seqnn_ngram *model = model_of_text();
    enum { DRAWS = 20000 };
    for (int smoothing = SEQNN_UNSMOOTHED; smoothing <= SEQNN_KNESER_NEY; smoothing++) {
        seqnn_ngram_options options = by((seqnn_ngram_smoothing)smoothing);
        seqnn_random random = {0};
        random.seed = 3;
        int drawn[WORDS] = {0};
        for (int i = 0; i < DRAWS; i++) {
            int32_t word = seqnn_ngram_sample(model, text, 10, &random, options);
            assert_in_range(word, 0, WORDS - 1);
            drawn[word]++;
        }
        assert_int_equal(random.index, DRAWS);
        for (int32_t word = 0; word < WORDS; word++) {
            double expected = seqnn_ngram_probability(model, text, 10, word, options);
            double deviation = sqrt(expected * (1 - expected) / DRAWS);
            assert_true(fabs((double)drawn[word] / DRAWS - expected) <=
                        4 * deviation + 1e-12);
        }
    }
    seqnn_ngram_free(model);
}

/* The longest n-grams, many kinds of words: tables grow, numbers stay. */
static void many_words(void **state)
{
    (void)state;
    enum { MANY = 30000 };
    static int32_t words[MANY];
    seqnn_random random = {0};
    for (int i = 0; i < MANY; i++)
        words[i] = seqnn_random_below(&random, 1000000);
    words[0] = 0;
    words[MANY - 1] = INT32_MAX - 1;
    seqnn_ngram *model = seqnn_ngram_new(SEQNN_NGRAM_MAX, INT32_MAX);
    assert_int_equal(seqnn_ngram_fit(model, words, MANY), SEQNN_OK);
    assert_int_equal(seqnn_ngram_different(model, SEQNN_NGRAM_MAX),
                     MANY - SEQNN_NGRAM_MAX + 1);
    for (int i = 0; i + SEQNN_NGRAM_MAX <= MANY; i += 97)
        assert_int_equal(seqnn_ngram_occurrences(model, words + i, SEQNN_NGRAM_MAX), 1);
    near(seqnn_ngram_probability(model, words, MANY - 1, INT32_MAX - 1,
                                 by(SEQNN_UNSMOOTHED)),
         1, "the only continuation");
    seqnn_ngram_free(model);
}

/* ---- bad input ---- */

static void says(const char *sentence)
{
    if (strstr(seqnn_error(), sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, seqnn_error());
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    assert_null(seqnn_ngram_new(0, 4));
    says("n 0 and a vocabulary of 4");
    assert_null(seqnn_ngram_new(SEQNN_NGRAM_MAX + 1, 4));
    assert_null(seqnn_ngram_new(2, 0));
    assert_null(seqnn_ngram_new(2, PTRDIFF_MAX));

    seqnn_ngram *model = model_of_abacab(3);
    const int32_t wrong[] = {A, LETTERS}, negative[] = {-1};
    assert_int_equal(seqnn_ngram_fit(model, wrong, 2), SEQNN_ERROR_ARGUMENT);
    says("word 1 has the number 4, expected 0 to 3");
    assert_int_equal(seqnn_ngram_occurrences(model, NULL, 0), 6);
    assert_int_equal(seqnn_ngram_fit(model, negative, 1), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_ngram_fit(model, NULL, 1), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_ngram_fit(model, wrong, -1), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_ngram_fit(model, NULL, 0), SEQNN_OK);
    assert_int_equal(seqnn_ngram_occurrences(model, abacab, 4), -1);
    says("a length of 4, expected 0 to 3");
    assert_int_equal(seqnn_ngram_occurrences(model, wrong, 2), -1);
    assert_int_equal(seqnn_ngram_different(model, 4), -1);
    assert_int_equal(seqnn_ngram_different(model, -1), -1);

    seqnn_random random = {0};
    const int32_t never[] = {D, D};
    assert_true(
        isnan(seqnn_ngram_probability(model, wrong, 2, A, by(SEQNN_SMOOTHING_DEFAULT))));
    assert_true(isnan(
        seqnn_ngram_probability(model, abacab, 2, LETTERS, by(SEQNN_SMOOTHING_DEFAULT))));
    assert_true(isnan(
        seqnn_ngram_probability(model, abacab, 2, A, by((seqnn_ngram_smoothing)9))));
    says("smoothing 9");
    assert_int_equal(seqnn_ngram_sample(model, never, 2, &random, by(SEQNN_UNSMOOTHED)),
                     -1);
    says("no word was ever seen behind the last 2");
    assert_int_equal(seqnn_ngram_sample(model, abacab, 2, NULL, by(SEQNN_UNSMOOTHED)),
                     -1);
    assert_true(seqnn_ngram_sample(model, never, 2, &random, by(SEQNN_WITTEN_BELL)) >= 0);
    assert_int_equal(seqnn_ngram_evaluate(model, abacab, 0, by(SEQNN_UNSMOOTHED)).status,
                     SEQNN_ERROR_ARGUMENT);

    const seqnn_ngram_options bad[] = {{.n = 4},
                                       {.n = -1},
                                       {.k = -1},
                                       {.k = (seqnn_real)NAN},
                                       {.lambda = 1},
                                       {.lambda = -1},
                                       {.discount = 1},
                                       {.discount = SEQNN_ZERO},
                                       {.k = SEQNN_ZERO},
                                       {.k = (seqnn_real)INFINITY},
                                       {.lambda = (seqnn_real)NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_true(isnan(seqnn_ngram_probability(model, abacab, 2, A, bad[i])));
    says("expected k above 0");
    seqnn_ngram_free(model);
    seqnn_ngram_free(NULL);
    assert_int_equal(seqnn_ngram_fit(NULL, abacab, 6), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_ngram_evaluate(NULL, abacab, 6, bad[0]).status,
                     SEQNN_ERROR_ARGUMENT);
}

/* A model that has counted nothing knows nothing. */
static void an_empty_model(void **state)
{
    (void)state;
    seqnn_ngram *model = seqnn_ngram_new(3, LETTERS);
    near(p(model, A, B, by(SEQNN_SMOOTHING_DEFAULT)), 0.25, "nothing was counted");
    near(p(model, A, B, by(SEQNN_ADD_K)), 0.25, "nothing was counted");
    near(p(model, A, B, by(SEQNN_UNSMOOTHED)), 0, "nothing was counted");
    near(seqnn_ngram_evaluate(model, abacab, 6, by(SEQNN_WITTEN_BELL)).perplexity,
         LETTERS, "perplexity of guessing");
    seqnn_ngram_free(model);
}

/* What was counted before the memory ran out is a model of the words before. */
static void allocations_fail(void **state)
{
    (void)state;
    make_text();
    for (long n = 0;; n++) {
        begin_failing(n);
        seqnn_ngram *model = seqnn_ngram_new(N, WORDS);
        seqnn_status status = seqnn_ngram_fit(model, text, FIRST);
        double sum = 0;
        for (int32_t word = 0; model && word < WORDS; word++)
            sum +=
                seqnn_ngram_probability(model, text, FIRST, word, by(SEQNN_KNESER_NEY));
        seqnn_ngram_free(model);
        if (!end_failing()) {
            assert_int_equal(status, SEQNN_OK);
            assert_true(n > 10);
            return;
        }
        assert_int_not_equal(status, SEQNN_OK);
        if (model)
            near(sum, 1, "the sum after a failure");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_by_hand),
        cmocka_unit_test(counts_by_brute_force),
        cmocka_unit_test(probabilities_by_brute_force),
        cmocka_unit_test(evaluation_by_brute_force),
        cmocka_unit_test(samples_follow_the_probabilities),
        cmocka_unit_test(many_words),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(an_empty_model),
        cmocka_unit_test(allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
