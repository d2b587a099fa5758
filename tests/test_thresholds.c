/* The threshold sweep against brute force, scikit-learn's figures and bad input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "metrics.h"
#include "outcomes.h"
#include "thresholds.h"
#include "golden/metrics_record.h"

enum { TEXTS = 60, LABELS = 7 };

static void near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.15g, expected %.15g", value, expected);
}

static seqnn_real probability[TEXTS * LABELS], truth[TEXTS * LABELS];

/* Some probabilities lie on a threshold; some texts have no label. */
static void make_table(seqnn_size steps)
{
    for (int i = 0; i < TEXTS * LABELS; i++) {
        double u = ((unsigned)i * 2654435761u % 1000003u) / 1000003.0;
        probability[i] = (seqnn_real)u;
        if (i % 3 == 0)
            probability[i] = (seqnn_real)((double)(i % (int)(steps + 1)) / (double)steps);
        truth[i] =
            i / LABELS % 9 != 0 && ((unsigned)i * 40503u >> 4) % 5 < (u > 0.5 ? 3u : 1u);
    }
}

static double ratio(double a, double b)
{
    return b == 0 ? 0 : a / b;
}

static void sweep_by_brute_force(void **state)
{
    (void)state;
    const seqnn_size counts[] = {2, 10, 21, 101, 1000};
    static seqnn_threshold_score sweep[1000];
    for (int c = 0; c < 5; c++) {
        make_table(counts[c] - 1);
        assert_int_equal(
            seqnn_threshold_sweep(probability, truth, TEXTS, LABELS, sweep, counts[c]),
            SEQNN_OK);
        for (seqnn_size k = 0; k < counts[c]; k++) {
            double given = 0, right = 0, all = 0, labeling;
            seqnn_real t = (seqnn_real)((double)k / (double)(counts[c] - 1));
            for (int i = 0; i < TEXTS * LABELS; i++) {
                given += probability[i] >= t;
                all += (double)truth[i];
                right += probability[i] >= t && truth[i] == 1;
            }
            near(sweep[k].threshold, (double)t);
            if (given > 0)
                near(sweep[k].precision, right / given);
            else
                assert_true(isnan(sweep[k].precision));
            near(sweep[k].recall, ratio(right, all));
            near(sweep[k].f1, ratio(2 * right, given + all));
            assert_int_equal(seqnn_labeling_f_score(probability, truth, TEXTS, LABELS,
                                                    k ? t : SEQNN_ZERO, &labeling),
                             SEQNN_OK);
            near(sweep[k].labeling_f_score, labeling);
        }
    }
}

/* A threshold of the sweep is one that scikit-learn was asked for. */
static void sweep_agrees_with_scikit_learn(void **state)
{
    (void)state;
    static seqnn_real p[labeling_count * labeling_labels],
        t[labeling_count * labeling_labels];
    seqnn_threshold_score sweep[21];
    for (int i = 0; i < labeling_count * labeling_labels; i++) {
        p[i] = (seqnn_real)labeling_probability[i];
        t[i] = (seqnn_real)labeling_truth[i];
    }
    assert_int_equal(
        seqnn_threshold_sweep(p, t, labeling_count, labeling_labels, sweep, 21),
        SEQNN_OK);
    assert_true(fabs(sweep[10].labeling_f_score - labeling_5) < 1e-6);
    assert_true(fabs(sweep[14].labeling_f_score - labeling_7) < 1e-6);
}

static void one_label(void **state)
{
    (void)state;
    const seqnn_real p[] = {0.1f, 0.4f, 0.35f, 0.8f}, t[] = {0, 0, 1, 1};
    const seqnn_real none[] = {0, 0, 0, 0};
    seqnn_threshold_score sweep[11];
    assert_int_equal(seqnn_threshold_sweep(p, t, 4, 1, sweep, 11), SEQNN_OK);
    near(sweep[0].precision, 0.5);
    near(sweep[0].recall, 1);
    near(sweep[3].precision, 2.0 / 3);
    near(sweep[3].f1, 0.8);
    near(sweep[10].recall, 0);
    assert_true(isnan(sweep[10].precision));
    assert_true(isnan(sweep[3].labeling_f_score));
    /* 0.2 and 0.3 score 0.8, as does no other; 0.3 is closer to 0.5. */
    assert_int_equal(seqnn_best_threshold(sweep, 11), 3);
    assert_int_equal(seqnn_best_threshold(sweep, 0), -1);
    assert_int_equal(seqnn_threshold_sweep(p, none, 4, 1, sweep, 2), SEQNN_OK);
    near(sweep[0].recall, 0);
    near(sweep[0].f1, 0);
    assert_int_equal(seqnn_threshold_sweep(p, t, 0, 3, sweep, 2), SEQNN_OK);
    near(sweep[1].labeling_f_score, 0);
}

static void rates_of_labels(void **state)
{
    (void)state;
    const seqnn_real p[] = {0.9f, 0.2f, 0.5f, 0.6f, 0.7f, 0, 0.4f, 0.8f, 0};
    const seqnn_real t[] = {1, 0, 0, 1, 1, 0, 1, 1, 0};
    double rates[3];
    assert_int_equal(seqnn_true_positive_rates(p, t, 3, 3, 0, rates), SEQNN_OK);
    near(rates[0], 2.0 / 3);
    near(rates[1], 1);
    near(rates[2], 0);
    assert_int_equal(seqnn_true_positive_rates(p, t, 3, 3, 0.75f, rates), SEQNN_OK);
    near(rates[0], 1.0 / 3);
    near(rates[1], 0.5);
    assert_int_equal(seqnn_true_positive_rates(p, t, 3, 3, SEQNN_ZERO, rates), SEQNN_OK);
    near(rates[0], 1);
}

static void bad_input(void **state)
{
    (void)state;
    const seqnn_real p[] = {0.5f, 1.5f}, fine[] = {0.5f, 1}, t[] = {0, 1},
                     half[] = {1, 0.5f};
    const seqnn_real nan_p[] = {(seqnn_real)NAN, 0};
    seqnn_threshold_score sweep[3] = {{7, 7, 7, 7, 7}};
    double rates[2] = {7, 7};
    says(seqnn_threshold_sweep(p, t, 1, 2, sweep, 3), SEQNN_ERROR_ARGUMENT,
         "label 1 at text 0 is 1.5, expected 0 to 1");
    says(seqnn_threshold_sweep(nan_p, t, 2, 1, sweep, 3), SEQNN_ERROR_ARGUMENT, "nan");
    says(seqnn_threshold_sweep(fine, half, 2, 1, sweep, 3), SEQNN_ERROR_ARGUMENT,
         "truth[1, 0] is 0.5");
    says(seqnn_threshold_sweep(fine, t, 2, 1, sweep, 1), SEQNN_ERROR_ARGUMENT,
         "1 thresholds, expected at least 2");
    says(seqnn_threshold_sweep(fine, t, 2, 0, sweep, 3), SEQNN_ERROR_SHAPE, "[2, 0]");
    says(seqnn_true_positive_rates(p, t, 1, 2, 0, rates), SEQNN_ERROR_ARGUMENT,
         "true positive rates");
    near(sweep[0].f1, 7);
    near(rates[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweep_by_brute_force),
        cmocka_unit_test(sweep_agrees_with_scikit_learn),
        cmocka_unit_test(one_label),
        cmocka_unit_test(rates_of_labels),
        cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
