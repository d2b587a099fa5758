/* Naive Bayes against scikit-learn (tests/golden/naive_bayes.py), counting by hand, and
 * the maximum of its likelihood. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "encode.h"
#include "naive_bayes.h"
#include "outcomes.h"
#include "golden/naive_bayes_record.h"

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * (1 + fabs(expected))))
        fail_msg("%.15g, expected %.15g", value, expected);
}

/* Of a score, which is a seqnn_real. */
static const double rounding = sizeof(seqnn_real) == 4 ? 1e-6 : 1e-11;

/* ---- scikit-learn ---- */

static seqnn_real real_weight[TEXTS], amount[TEXTS * (WORDS + 1)];

static seqnn_dataset word_rows(int begin, int end, bool weighted)
{
    seqnn_dataset rows = {
        .count = end - begin,
        .x[0] = {.indices = words + begin * TIME, .time = TIME, .length = length + begin},
        .y = {.indices = label + begin},
        .classes = CLASSES,
        .vocabulary = WORDS + 1};
    static const int32_t zeros[TEXTS];
    rows.x[0].start = zeros;
    for (int i = 0; i < TEXTS; i++)
        real_weight[i] = (seqnn_real)weight[i];
    rows.weight = weighted ? real_weight + begin : NULL;
    return rows;
}

/* The same texts as amounts of each word; without a vocabulary, without the column of the
 * padding either. */
static seqnn_dataset amount_rows(int begin, int end, bool weighted, bool vocabulary)
{
    const int columns = WORDS + vocabulary;
    memset(amount, 0, sizeof amount);
    for (int i = 0; i < TEXTS; i++)
        for (int t = 0; t < length[i]; t++)
            amount[i * columns + words[i * TIME + t] - !vocabulary] += 1;
    seqnn_dataset rows = word_rows(begin, end, weighted);
    rows.x[0] = (seqnn_array){.values = amount + begin * columns, .features = columns};
    rows.vocabulary = vocabulary ? columns : 0;
    return rows;
}

static void is_recorded(const struct recorded *r, seqnn_dataset train, seqnn_dataset test)
{
    seqnn_real scores[TEXTS * CLASSES];
    seqnn_naive_bayes *model = seqnn_naive_bayes_fit(
        &train, (seqnn_naive_bayes_options){.smoothing = (seqnn_real)r->alpha,
                                            .binary = r->binary});
    assert_non_null(model);
    assert_int_equal(model->classes, CLASSES);
    const int padding = train.vocabulary > 0;
    assert_int_equal(model->words, WORDS + padding);
    for (int c = 0; c < CLASSES; c++) {
        near(model->log_prior[c], r->prior[c], 1e-11);
        for (int w = 0; w < WORDS; w++)
            near(model->log_likelihood[c * model->words + w + padding],
                 r->likelihood[c * WORDS + w], 1e-11);
        if (padding)
            near(model->log_likelihood[c * model->words], 0, 0);
    }
    fine(seqnn_naive_bayes_log_posterior(model, &test, scores));
    for (int i = 0; i < (TEXTS - TRAINED) * CLASSES; i++)
        near((double)scores[i], r->posterior[i], rounding);
    seqnn_naive_bayes_free(model);
}

static void test_is_scikit_learn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RECORDED / sizeof *RECORDED; i++) {
        const struct recorded *r = &RECORDED[i];
        is_recorded(r, word_rows(0, TRAINED, r->weighted),
                    word_rows(TRAINED, TEXTS, false));
        for (int vocabulary = 0; vocabulary < 2; vocabulary++)
            is_recorded(r, amount_rows(0, TRAINED, r->weighted, vocabulary),
                        amount_rows(TRAINED, TEXTS, false, vocabulary));
    }
}

/* ---- by hand ---- */

/* Two texts of class "a", "x x y" and "y", and one of class "b", "z": V = 3. */
static seqnn_naive_bayes *tiny(seqnn_naive_bayes_options options, seqnn_dataset *data)
{
    static const int32_t texts[] = {1, 1, 2, 2, 0, 0, 3, 0, 0}, classes[] = {0, 0, 1};
    static const int32_t start[] = {0, 0, 0}, lengths[] = {3, 1, 1};
    *data = (seqnn_dataset){
        .count = 3,
        .x[0] = {.indices = texts, .time = 3, .start = start, .length = lengths},
        .y = {.indices = classes},
        .classes = 2,
        .vocabulary = 4};
    seqnn_naive_bayes *model = seqnn_naive_bayes_fit(data, options);
    assert_non_null(model);
    return model;
}

static void test_counts_by_hand(void **state)
{
    (void)state;
    seqnn_dataset data;
    seqnn_real scores[6];
    seqnn_naive_bayes *model =
        tiny((seqnn_naive_bayes_options){.class_smoothing = 1}, &data);
    const double counts[] = {0, 2, 2, 0, 0, 0, 0, 1};
    for (int i = 0; i < 8; i++)
        near(model->counts[i], counts[i], 0);
    near(model->texts[0], 2, 0);
    near(model->texts[1], 1, 0);
    near(model->totals[0], 4, 0);
    near(model->totals[1], 1, 0);
    near(exp(model->log_prior[0]), 3.0 / 5, 1e-12);
    near(exp(model->log_prior[1]), 2.0 / 5, 1e-12);
    near(exp(model->log_likelihood[1]), 3.0 / 7, 1e-12);
    near(exp(model->log_likelihood[3]), 1.0 / 7, 1e-12);
    near(exp(model->log_likelihood[4 + 1]), 1.0 / 4, 1e-12);
    near(exp(model->log_likelihood[4 + 3]), 2.0 / 4, 1e-12);
    fine(seqnn_naive_bayes_log_posterior(model, &data, scores));
    const double a = 0.6 * 27 / 343, b = 0.4 / 64; /* of "x x y" */
    near((double)scores[0], log(a / (a + b)), rounding);
    near((double)scores[1], log(b / (a + b)), rounding);
    seqnn_naive_bayes_free(model);
}

static void test_without_smoothing(void **state)
{
    (void)state;
    seqnn_dataset data;
    seqnn_real scores[6];
    seqnn_naive_bayes *model =
        tiny((seqnn_naive_bayes_options){.smoothing = SEQNN_ZERO}, &data);
    near(exp(model->log_prior[0]), 2.0 / 3, 1e-12);
    near(exp(model->log_likelihood[1]), 0.5, 1e-12);
    assert_true(isinf(model->log_likelihood[3]) && model->log_likelihood[3] < 0);
    fine(seqnn_naive_bayes_log_posterior(model, &data, scores));
    near((double)scores[0], 0, 0);
    assert_true(isinf((double)scores[1]) && scores[1] < 0);
    near((double)scores[5], 0, 0);

    static const int32_t mixed[] = {1, 3, 0}, nothing[] = {0, 0, 0};
    data.count = 1;
    data.x[0].indices = mixed; /* no class has shown both words */
    data.x[0].start = data.x[0].length = NULL;
    fine(seqnn_naive_bayes_log_posterior(model, &data, scores));
    assert_true(isinf((double)scores[0]) && isinf((double)scores[1]));
    data.x[0].indices = nothing; /* the prior alone */
    fine(seqnn_naive_bayes_log_posterior(model, &data, scores));
    near((double)scores[1], log(1.0 / 3), rounding);
    seqnn_naive_bayes_free(model);
}

static void test_ratio(void **state)
{
    (void)state;
    seqnn_dataset data;
    seqnn_naive_bayes *model = tiny((seqnn_naive_bayes_options){0}, &data);
    near(seqnn_naive_bayes_ratio(model, 0, 1), log(3.0 / 7 * 4), 1e-12);
    near(seqnn_naive_bayes_ratio(model, 1, 1), -log(3.0 / 7 * 4), 1e-12);
    near(seqnn_naive_bayes_ratio(model, 1, 0), 0, 0); /* the padding has no vote */
    assert_true(isnan(seqnn_naive_bayes_ratio(model, 2, 1)));
    assert_error("class 2 and word 1 of a model of 2 classes and 4 words");
    assert_true(isnan(seqnn_naive_bayes_ratio(model, 0, 4)));
    assert_true(isnan(seqnn_naive_bayes_ratio(NULL, 0, 0)));
    seqnn_naive_bayes_free(model);

    data.classes = 3; /* the third has no text */
    data.vocabulary = 5;
    model = seqnn_naive_bayes_fit(&data,
                                  (seqnn_naive_bayes_options){.smoothing = SEQNN_ZERO});
    assert_true(seqnn_naive_bayes_ratio(model, 0, 1) == HUGE_VAL);
    assert_true(seqnn_naive_bayes_ratio(model, 1, 1) == -HUGE_VAL);
    near(seqnn_naive_bayes_ratio(model, 0, 4), 0, 0); /* a word that none has shown */
    seqnn_naive_bayes_free(model);
}

/* A class that has no text is never chosen, and makes no NaN. */
static void test_empty_class(void **state)
{
    (void)state;
    seqnn_dataset data;
    seqnn_real scores[9];
    seqnn_naive_bayes_free(tiny((seqnn_naive_bayes_options){0}, &data));
    data.classes = 3;
    for (int smooth = 0; smooth < 2; smooth++) {
        seqnn_naive_bayes *model = seqnn_naive_bayes_fit(
            &data, (seqnn_naive_bayes_options){.smoothing = smooth ? 1 : SEQNN_ZERO});
        fine(seqnn_naive_bayes_log_posterior(model, &data, scores));
        for (int i = 0; i < 3; i++) {
            double sum = 0;
            for (int c = 0; c < 3; c++)
                sum += exp((double)scores[3 * i + c]);
            near(sum, 1, rounding);
            assert_true(isinf((double)scores[3 * i + 2]));
        }
        seqnn_naive_bayes_free(model);
    }
}

/* Sums of thousands of logarithms keep the difference between the classes. */
static void test_long_text(void **state)
{
    (void)state;
    enum { LONG = 30001 };
    static int32_t text[2 * LONG];
    const int32_t classes[] = {0, 1};
    for (int t = 0; t < LONG; t++) {
        text[t] = 1 + t % 3; /* class 1 has one word less and one more */
        text[LONG + t] = t == 0 ? 2 : 1 + t % 3;
    }
    seqnn_dataset data = {.count = 2,
                          .x[0] = {.indices = text, .time = LONG},
                          .y = {.indices = classes},
                          .classes = 2,
                          .vocabulary = 4};
    seqnn_naive_bayes *model =
        seqnn_naive_bayes_fit(&data, (seqnn_naive_bayes_options){0});
    seqnn_real scores[4];
    fine(seqnn_naive_bayes_log_posterior(model, &data, scores));
    double joint[2] = {0, 0};
    for (int c = 0; c < 2; c++)
        for (int w = 1; w <= 3; w++)
            joint[c] += model->counts[w] *
                        log((model->counts[4 * c + w] + 1) / (model->totals[c] + 3));
    near((double)scores[0], -log1p(exp(joint[1] - joint[0])), rounding);
    seqnn_naive_bayes_free(model);
}

/* ---- the maximum of the likelihood ---- */

/* sum_w (N_w + alpha) ln P_w of P = softmax(z): what the counts of one class maximise. */
static double log_likelihood(const double *counts, double alpha, const double *z)
{
    double sum = 0, value = 0;
    for (int w = 0; w < WORDS; w++)
        sum += exp(z[w]);
    for (int w = 0; w < WORDS; w++)
        value += (counts[w] + alpha) * (z[w] - log(sum));
    return value;
}

static void test_counts_are_the_maximum(void **state)
{
    (void)state;
    const double alpha = 0.5, step = 1e-4;
    seqnn_dataset data = word_rows(0, TRAINED, false);
    seqnn_naive_bayes *model =
        seqnn_naive_bayes_fit(&data, (seqnn_naive_bayes_options){.smoothing = 0.5f});
    for (int c = 0; c < CLASSES; c++) {
        const double *counts = model->counts + c * model->words + 1;
        double z[WORDS], best;
        memcpy(z, model->log_likelihood + c * model->words + 1, sizeof z);
        best = log_likelihood(counts, alpha, z);
        for (int w = 0; w < WORDS; w++) {
            const double at = z[w];
            z[w] = at + step;
            const double above = log_likelihood(counts, alpha, z);
            z[w] = at - step;
            const double below = log_likelihood(counts, alpha, z);
            z[w] = at;
            assert_true(above < best && below < best);
            near((above - below) / (2 * step), 0, 1e-7);
        }
    }
    seqnn_naive_bayes_free(model);
}

/* ---- with the tokenizer ---- */

static void test_texts(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    fine(seqnn_texts_add(texts, "Great fun, great songs!", "good", NULL));
    fine(seqnn_texts_add(texts, "Dull songs.", "bad", NULL));
    seqnn_encode_options options = {.padding = SEQNN_PRE, .truncating = SEQNN_PRE};
    seqnn_real scores[2][4];
    for (int n_hot = 0; n_hot < 2; n_hot++) {
        if (n_hot)
            options = (seqnn_encode_options){.n_hot = SEQNN_COUNT};
        seqnn_dataset *data = seqnn_encode(texts, options);
        assert_non_null(data);
        seqnn_naive_bayes *model =
            seqnn_naive_bayes_fit(data, (seqnn_naive_bayes_options){0});
        assert_non_null(model);
        fine(seqnn_naive_bayes_log_posterior(model, data, scores[n_hot]));
        seqnn_naive_bayes_free(model);
        seqnn_dataset_free(data);
    }
    seqnn_texts_free(texts);
    /* great 2, songs 1, fun 1 of 4 against dull 1, songs 1 of 2; 4 words. */
    const double good = 3.0 * 3 * 2 * 2 / (8 * 8 * 8 * 8), bad = 2.0 / (6 * 6 * 6 * 6);
    near((double)scores[0][0], log(good / (good + bad)), rounding);
    for (int i = 0; i < 4; i++)
        near((double)scores[1][i], (double)scores[0][i], rounding);
}

/* ---- what is wrong ---- */

static void fails(seqnn_dataset data, seqnn_naive_bayes_options options,
                  const char *sentence)
{
    assert_null(seqnn_naive_bayes_fit(&data, options));
    assert_error(sentence);
}

static void test_errors(void **state)
{
    (void)state;
    const seqnn_naive_bayes_options plain = {0};
    const int32_t wrong_word[] = {1, 4}, wrong_class[] = {0, 2}, right[] = {0, 1};
    const seqnn_real values[] = {1, 0, 2, 1}, negative[] = {1, -1, 0, 1};
    const seqnn_real not_finite[] = {1, (seqnn_real)NAN, 0, 1};
    seqnn_dataset good = {.count = 2,
                          .x[0] = {.values = values, .features = 2},
                          .y = {.indices = right},
                          .classes = 2};
    seqnn_dataset data = good;
    data.x[0] = (seqnn_array){0};
    fails(data, plain, "x[0] is nothing");
    data.x[0] = (seqnn_array){.indices = wrong_word, .time = 1};
    fails(data, plain, "the vocabulary 0");
    data.vocabulary = 3;
    fails(data, plain, "text 1 holds word number 4, expected 0 to 2");
    data = good;
    data.vocabulary = 3;
    fails(data, plain, "features 2, the vocabulary 3");
    data = good;
    data.x[0].time = 1;
    fails(data, plain, "with time 1");
    data = good;
    data.y = (seqnn_array){.values = values, .features = 2};
    fails(data, plain, "no y.indices");
    data = good;
    data.y.indices = wrong_class;
    fails(data, plain, "text 1 has class 2 of 2 classes");
    data = good;
    data.x[0].values = negative;
    fails(data, plain, "amount -1 of word 1");
    data.x[0].values = not_finite;
    fails(data, plain, "amount nan");
    fails(good, (seqnn_naive_bayes_options){.smoothing = -1}, "smoothing -1");
    fails(good, (seqnn_naive_bayes_options){.class_smoothing = -2}, "class_smoothing -2");
    fails(good, (seqnn_naive_bayes_options){.smoothing = (seqnn_real)NAN},
          "smoothing nan");

    seqnn_real scores[4];
    seqnn_naive_bayes *model = seqnn_naive_bayes_fit(&good, plain);
    assert_non_null(model);
    data = good;
    data.x[0].features = 1;
    says(seqnn_naive_bayes_log_posterior(model, &data, scores), SEQNN_ERROR_SHAPE,
         "1 word numbers without padding for a model of 2");
    data = good;
    data.vocabulary = 2;
    says(seqnn_naive_bayes_log_posterior(model, &data, scores), SEQNN_ERROR_SHAPE,
         "with padding for a model of 2 without");
    data.x[0] = (seqnn_array){0};
    says(seqnn_naive_bayes_log_posterior(model, &data, scores), SEQNN_ERROR_SHAPE,
         "x[0] is nothing");
    data = good;
    data.x[0].values = negative;
    says(seqnn_naive_bayes_log_posterior(model, &data, scores), SEQNN_ERROR_ARGUMENT,
         "amount -1");
    seqnn_naive_bayes_free(model);
    assert_null(seqnn_naive_bayes_fit(NULL, plain));
    assert_int_equal(seqnn_naive_bayes_log_posterior(NULL, &good, scores),
                     SEQNN_ERROR_ARGUMENT);
    seqnn_naive_bayes_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_scikit_learn),
        cmocka_unit_test(test_counts_by_hand),
        cmocka_unit_test(test_without_smoothing),
        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_empty_class),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_counts_are_the_maximum),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
