/* Metrics against scikit-learn (tests/golden/metrics.py), closed forms and bad input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "metrics.h"
#include "golden/metrics_record.h"
#include "outcomes.h"

static void near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-6 * fmax(1, fabs(expected))))
        fail_msg("%.9g, expected %.9g", value, expected);
}

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recorded_cases / sizeof recorded_cases[0]; i++) {
        seqnn_size count = recorded_cases[i].count, classes = recorded_cases[i].classes;
        const int32_t *truth = recorded_cases[i].truth;
        const double *average = recorded_cases[i].averages;
        seqnn_real scores[1200], weight[60];
        int32_t predicted[60];
        int64_t confusion[400];
        seqnn_class_score by_class[20], mean;
        seqnn_average kinds[] = {SEQNN_AVERAGE_MACRO, SEQNN_AVERAGE_WEIGHTED,
                                 SEQNN_AVERAGE_MICRO};
        double value;
        for (seqnn_size j = 0; j < count * classes; j++)
            scores[j] = (seqnn_real)recorded_cases[i].scores[j];
        for (seqnn_size j = 0; j < count; j++)
            weight[j] = (seqnn_real)recorded_cases[i].weight[j];

        assert_int_equal(seqnn_accuracy(scores, truth, NULL, count, classes, &value), 0);
        near(value, recorded_cases[i].accuracy);
        assert_int_equal(seqnn_accuracy(scores, truth, weight, count, classes, &value),
                         0);
        near(value, recorded_cases[i].weighted_accuracy);
        assert_int_equal(
            seqnn_top_k_accuracy(scores, truth, NULL, count, classes, 3, &value), 0);
        near(value, recorded_cases[i].top_3);
        assert_int_equal(
            seqnn_top_k_accuracy(scores, truth, weight, count, classes, 3, &value), 0);
        near(value, recorded_cases[i].weighted_top_3);

        assert_int_equal(seqnn_predicted_classes(scores, count, classes, predicted), 0);
        assert_int_equal(
            seqnn_confusion_matrix(truth, predicted, count, classes, confusion), 0);
        for (seqnn_size j = 0; j < classes * classes; j++)
            assert_int_equal(confusion[j], recorded_cases[i].confusion[j]);
        assert_int_equal(seqnn_class_scores(confusion, classes, by_class), 0);
        for (seqnn_size c = 0; c < classes; c++) {
            const double *expected = recorded_cases[i].by_class + 4 * c;
            near(by_class[c].precision, expected[0]);
            near(by_class[c].recall, expected[1]);
            near(by_class[c].f1, expected[2]);
            near((double)by_class[c].support, expected[3]);
        }
        for (int kind = 0; kind < 3; kind++) {
            assert_int_equal(seqnn_average_score(confusion, classes, kinds[kind], &mean),
                             0);
            near(mean.precision, average[3 * kind]);
            near(mean.recall, average[3 * kind + 1]);
            near(mean.f1, average[3 * kind + 2]);
            assert_int_equal(mean.support, count);
        }
    }
}

static void report_is_scikit_learns(void **state)
{
    (void)state;
    char text[2000], exact[sizeof report_1];
    const int64_t *confusion = recorded_cases[1].confusion;
    assert_int_equal(
        seqnn_classification_report(confusion, 6, report_names, text, sizeof text), 0);
    assert_string_equal(text, report_1);
    assert_int_equal(
        seqnn_classification_report(confusion, 6, report_names, exact, sizeof exact), 0);
    says(seqnn_classification_report(confusion, 6, report_names, exact, sizeof exact - 1),
         SEQNN_ERROR_SHAPE, "bytes");
    says(seqnn_classification_report(confusion, 6, NULL, NULL, 0), SEQNN_ERROR_SHAPE,
         "the buffer has 0");
}

static void ties_and_infinities(void **state)
{
    (void)state;
    const seqnn_real scores[] = {1, 1, 0, 0, 2, 2};
    const int32_t truth[] = {1, 1}, first[] = {0, 1};
    const seqnn_real low[] = {(seqnn_real)-INFINITY, -5, (seqnn_real)-INFINITY};
    int32_t predicted[2];
    double value = -1;
    assert_int_equal(seqnn_predicted_classes(scores, 2, 3, predicted), 0);
    assert_memory_equal(predicted, first, sizeof first);
    assert_int_equal(seqnn_accuracy(scores, truth, NULL, 2, 3, &value), 0);
    near(value, 0.5);
    assert_int_equal(seqnn_top_k_accuracy(scores, truth, NULL, 2, 3, 1, &value), 0);
    near(value, 0.5);
    assert_int_equal(seqnn_top_k_accuracy(scores, truth, NULL, 2, 3, 2, &value), 0);
    near(value, 1);
    assert_int_equal(seqnn_accuracy(low, truth, NULL, 1, 3, &value), 0);
    near(value, 1);
}

static void masked_positions_do_not_count(void **state)
{
    (void)state;
    const seqnn_real scores[] = {1, 0, NAN, NAN, 1, 0};
    const int32_t truth[] = {0, -1, 1};
    const seqnn_real mask[] = {1, 0, 1}, none[] = {0, 0, 0};
    double value = -1;
    assert_int_equal(seqnn_accuracy(scores, truth, mask, 3, 2, &value), 0);
    near(value, 0.5);
    assert_int_equal(seqnn_accuracy(scores, truth, none, 3, 2, &value), 0);
    near(value, 0);
    value = -1;
    assert_int_equal(seqnn_accuracy(scores, truth, NULL, 0, 2, &value), 0);
    near(value, 0);
}

static void labeling_f_score(void **state)
{
    (void)state;
    seqnn_real truth[labeling_count * labeling_labels];
    seqnn_real probability[labeling_count * labeling_labels];
    const seqnn_real zeros[4] = {0, 0, 0, 0}, three_of_four[4] = {1, 1, 1, 0};
    const seqnn_real one[4] = {1, 0, 0, 0};
    double value;
    for (int i = 0; i < labeling_count * labeling_labels; i++) {
        truth[i] = (seqnn_real)labeling_truth[i];
        probability[i] = (seqnn_real)labeling_probability[i];
    }
    assert_int_equal(seqnn_labeling_f_score(probability, truth, labeling_count,
                                            labeling_labels, 0, &value),
                     0);
    near(value, labeling_5);
    assert_int_equal(seqnn_labeling_f_score(probability, truth, labeling_count,
                                            labeling_labels, (seqnn_real)0.7, &value),
                     0);
    near(value, labeling_7);
    /* 2 * 1 / (3 + 1); neither true nor predicted counts 1; predicted only counts 0. */
    assert_int_equal(seqnn_labeling_f_score(three_of_four, one, 1, 4, 0, &value), 0);
    near(value, 0.5);
    assert_int_equal(seqnn_labeling_f_score(zeros, zeros, 1, 4, 0, &value), 0);
    near(value, 1);
    assert_int_equal(seqnn_labeling_f_score(one, zeros, 1, 4, 0, &value), 0);
    near(value, 0);
    assert_int_equal(seqnn_labeling_f_score(zeros, one, 1, 4, SEQNN_ZERO, &value), 0);
    near(value, 2.0 / 5); /* everything is predicted at threshold 0 */
    assert_int_equal(seqnn_labeling_f_score(zeros, one, 0, 4, 0, &value), 0);
    near(value, 0);
}

/* As the lecture computes it in MATLAB: for each pair of labels, over all texts, the
 * conjunction of two tables of false negatives and false positives. */
static void labeling_confusion(void **state)
{
    (void)state;
    enum { TEXTS = 200, LABELS = 7 };
    static seqnn_real truth[TEXTS * LABELS], probability[TEXTS * LABELS];
    static bool missed[TEXTS * LABELS], wrong[TEXTS * LABELS];
    const seqnn_real limits[3] = {0, (seqnn_real)0.25, SEQNN_ZERO};
    int64_t confusion[LABELS * LABELS];
    unsigned random = 1;
    for (int i = 0; i < TEXTS * LABELS; i++) {
        random = random * 1664525u + 1013904223u;
        truth[i] = (seqnn_real)(random >> 30 == 0);
        random = random * 1664525u + 1013904223u;
        probability[i] = (seqnn_real)(random >> 29) / 8; /* 0.25 and 0.5 too */
    }
    for (int l = 0; l < 3; l++) {
        seqnn_real limit = l == 0 ? (seqnn_real)0.5 : l == 1 ? limits[1] : 0;
        int64_t off_diagonal = 0;
        for (int i = 0; i < TEXTS * LABELS; i++) {
            missed[i] = truth[i] == 1 && !(probability[i] >= limit);
            wrong[i] = truth[i] == 0 && probability[i] >= limit;
        }
        assert_int_equal(seqnn_labeling_confusion(probability, truth, TEXTS, LABELS,
                                                  limits[l], confusion),
                         0);
        for (int i = 0; i < LABELS; i++) {
            for (int j = 0; j < LABELS; j++) {
                int64_t expected = 0;
                for (int n = 0; n < TEXTS; n++)
                    expected +=
                        i == j ? truth[n * LABELS + i] == 1 && !missed[n * LABELS + i]
                               : missed[n * LABELS + i] && wrong[n * LABELS + j];
                assert_int_equal(confusion[i * LABELS + j], expected);
                off_diagonal += i == j ? 0 : expected;
            }
        }
        assert_true((off_diagonal > 0) == (l < 2)); /* at threshold 0 nothing is missed */
    }
    assert_int_equal(
        seqnn_labeling_confusion(probability, truth, 0, LABELS, 0, confusion), 0);
    assert_int_equal(confusion[0], 0);
    confusion[0] = 7;
    truth[LABELS] = 2;
    says(seqnn_labeling_confusion(probability, truth, TEXTS, LABELS, 0, confusion),
         SEQNN_ERROR_ARGUMENT, "truth[1, 0] is 2");
    says(seqnn_labeling_confusion(probability, truth, 1, 0, 0, confusion),
         SEQNN_ERROR_SHAPE, "[1, 0]");
    says(seqnn_labeling_confusion(probability, truth, 0, (seqnn_size)1 << 40, 0,
                                  confusion),
         SEQNN_ERROR_SHAPE, "too many");
    assert_int_equal(confusion[0], 7);
}

static void perplexity(void **state)
{
    (void)state;
    seqnn_real p[20], weight[20];
    const seqnn_real impossible[2] = {(seqnn_real)0.5, 0};
    double value;
    for (int i = 0; i < 20; i++) {
        p[i] = (seqnn_real)came_probability[i];
        weight[i] = (seqnn_real)came_weight[i];
    }
    near(seqnn_perplexity(log(3360)), 3360);
    near(seqnn_perplexity(0), 1);
    assert_int_equal(seqnn_perplexity_of(p, NULL, 20, &value), 0);
    near(value, perplexity_recorded);
    assert_int_equal(seqnn_perplexity_of(p, weight, 20, &value), 0);
    near(value, masked_perplexity_recorded);
    assert_int_equal(seqnn_perplexity_of(impossible, NULL, 2, &value), 0);
    assert_true(isinf(value) && value > 0);
    assert_int_equal(seqnn_perplexity_of(p, NULL, 0, &value), 0);
    near(value, 1);
}

static void bad_input_is_named(void **state)
{
    (void)state;
    const seqnn_real scores[] = {1, 0, 2, 0, 1, 2}, nan_score[] = {1, NAN, 2};
    const seqnn_real negative[] = {1, -2}, half[] = {(seqnn_real)0.5};
    const int32_t truth[] = {0, 3}, good[] = {0, 1}, below[] = {1, -1};
    const int64_t counts[] = {1, 0, -4, 2};
    int64_t confusion[9] = {7};
    int32_t predicted[2] = {7, 7};
    seqnn_class_score score[2];
    double value = -1;
    says(seqnn_accuracy(scores, truth, NULL, 2, 3, &value), SEQNN_ERROR_ARGUMENT,
         "true class 3 at position 1, expected 0 to 2");
    says(seqnn_accuracy(scores, good, negative, 2, 3, &value), SEQNN_ERROR_ARGUMENT,
         "weight -2 at position 1");
    says(seqnn_accuracy(nan_score, good, NULL, 1, 3, &value), SEQNN_ERROR_NUMBER,
         "class 1 at position 0 is NaN");
    says(seqnn_accuracy(scores, good, NULL, 2, 0, &value), SEQNN_ERROR_SHAPE, "[2, 0]");
    says(seqnn_accuracy(scores, good, NULL, -2, 3, &value), SEQNN_ERROR_SHAPE, "[-2, 3]");
    says(seqnn_accuracy(scores, good, NULL, PTRDIFF_MAX, 3, &value), SEQNN_ERROR_SHAPE,
         "expected");
    says(seqnn_top_k_accuracy(scores, good, NULL, 2, 3, 4, &value), SEQNN_ERROR_ARGUMENT,
         "k is 4, expected 1 to 3");
    says(seqnn_top_k_accuracy(scores, good, NULL, 2, 3, 0, &value), SEQNN_ERROR_ARGUMENT,
         "k is 0");
    says(seqnn_predicted_classes(nan_score, 1, 3, predicted), SEQNN_ERROR_NUMBER, "NaN");
    says(seqnn_confusion_matrix(good, below, 2, 3, confusion), SEQNN_ERROR_ARGUMENT,
         "predicted class -1 at position 1");
    says(seqnn_confusion_matrix(truth, good, 2, 3, confusion), SEQNN_ERROR_ARGUMENT,
         "true class 3");
    says(seqnn_class_scores(counts, 2, score), SEQNN_ERROR_ARGUMENT,
         "confusion[1, 0] is negative");
    says(seqnn_average_score(counts, 0, SEQNN_AVERAGE_MACRO, score), SEQNN_ERROR_SHAPE,
         "0 classes");
    says(seqnn_average_score(confusion, 1, (seqnn_average)9, score), SEQNN_ERROR_ARGUMENT,
         "average is 9");
    says(seqnn_labeling_f_score(half, half, 1, 1, 0, &value), SEQNN_ERROR_ARGUMENT,
         "truth[0, 0] is 0.5");
    says(seqnn_labeling_f_score(nan_score, scores, 1, 2, 0, &value), SEQNN_ERROR_NUMBER,
         "label 1 at text 0");
    says(seqnn_perplexity_of(scores, NULL, 3, &value), SEQNN_ERROR_ARGUMENT,
         "probability 2 at position 2");
    /* A failed call leaves its result alone. */
    near(value, -1);
    assert_int_equal(confusion[0], 7);
    assert_int_equal(predicted[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(report_is_scikit_learns),
        cmocka_unit_test(ties_and_infinities),
        cmocka_unit_test(masked_positions_do_not_count),
        cmocka_unit_test(labeling_f_score),
        cmocka_unit_test(labeling_confusion),
        cmocka_unit_test(perplexity),
        cmocka_unit_test(bad_input_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
