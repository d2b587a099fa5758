/* Drawing a class at a temperature: against the closed form by chi-square. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "outcomes.h"
#include "sample.h"

enum { CLASSES = 6, DRAWS = 60000 };

/* Softmax of these scores; class 3 is impossible. */
static const double scores[CLASSES] = {0.3, -1.2, 1.1, -INFINITY, 0, -0.4};

/* q = softmax(scores / temperature), in another way than the library: no p is taken. */
static void closed_form(double temperature, double *q)
{
    double sum = 0;
    for (int k = 0; k < CLASSES; k++)
        sum += q[k] = exp(scores[k] / temperature);
    for (int k = 0; k < CLASSES; k++)
        q[k] /= sum;
}

/* Chi-square of DRAWS draws at `drawn` against the closed form at `expected`. */
static double chi_square(double drawn, double expected, double scale)
{
    seqnn_real p[CLASSES];
    double q[CLASSES], sum = 0;
    int count[CLASSES] = {0};
    seqnn_random random = {11, 3, 0};
    closed_form(1, q);
    for (int k = 0; k < CLASSES; k++)
        p[k] = (seqnn_real)(scale * q[k]);
    for (int i = 0; i < DRAWS; i++) {
        int32_t k = seqnn_sample(p, CLASSES, drawn, &random);
        assert_in_range(k, 0, CLASSES - 1);
        count[k]++;
    }
    assert_true(random.index > 0);
    closed_form(expected, q);
    for (int k = 0; k < CLASSES; k++)
        if (q[k] > 0)
            sum += pow(count[k] - DRAWS * q[k], 2) / (DRAWS * q[k]);
        else
            assert_int_equal(count[k], 0);
    return sum;
}

/* Five possible classes: 4 degrees of freedom, of which 99.9 % stay below 18.5. */
static void classes_come_by_the_closed_form(void **state)
{
    const double temperatures[] = {0.25, 0.5, 1, 1.5, 4, 100};
    (void)state;
    for (size_t i = 0; i < sizeof temperatures / sizeof *temperatures; i++) {
        double tau = temperatures[i];
        if (chi_square(tau, tau, 1) > 18.5)
            fail_msg("temperature %g: chi-square %g", tau, chi_square(tau, tau, 1));
        assert_true(chi_square(tau, 1.2 * tau, 1) > 18.5 || tau > 50);
    }
}

static void the_sum_need_not_be_one(void **state)
{
    (void)state;
    assert_true(chi_square(0.7, 0.7, 1e-30) < 18.5);
    assert_true(chi_square(0.7, 0.7, 1e30) < 18.5);
}

static void temperature_zero_takes_the_first_of_the_likeliest(void **state)
{
    const seqnn_real p[] = {(seqnn_real)0.1, (seqnn_real)0.4, (seqnn_real)0.4, 0};
    seqnn_random random = {1, 1, 0};
    (void)state;
    assert_int_equal(seqnn_sample(p, 4, 0, &random), 1);
    assert_int_equal(random.index, 0);
}

/* So cold that the shares of all others underflow, and so hot that powers are 1. */
static void extremes_stay_finite(void **state)
{
    const seqnn_real p[] = {(seqnn_real)1e-38, (seqnn_real)1e-30, 0};
    seqnn_random random = {2, 1, 0};
    int seen[3] = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(seqnn_sample(p, 3, 1e-300, &random), 1);
    for (int i = 0; i < 1000; i++)
        seen[seqnn_sample(p, 3, 1e300, &random)]++;
    assert_true(seen[0] > 400 && seen[1] > 400 && seen[2] == 0);
}

static void one_seed_gives_one_sequence(void **state)
{
    const seqnn_real p[] = {1, 2, 3, 4};
    seqnn_random a = {5, 0, 0}, b = {5, 0, 0};
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(seqnn_sample(p, 4, 1.5, &a), seqnn_sample(p, 4, 1.5, &b));
}

static void bad_arguments_are_named(void **state)
{
    seqnn_real p[] = {(seqnn_real)0.5, (seqnn_real)0.5};
    const seqnn_real none[] = {0, 0};
    seqnn_random random = {1, 1, 0};
    (void)state;
    assert_int_equal(seqnn_sample(p, 0, 1, &random), -1);
    assert_error("0 classes, expected 1");
    assert_int_equal(seqnn_sample(p, 2, -1, &random), -1);
    assert_error("the temperature is -1");
    assert_int_equal(seqnn_sample(p, 2, (double)NAN, &random), -1);
    assert_error("the temperature is");
    assert_int_equal(seqnn_sample(p, 2, (double)INFINITY, &random), -1);
    assert_error("the temperature is inf");
    assert_int_equal(seqnn_sample(none, 2, 1, &random), -1);
    assert_error("of all 2 classes are 0");
    p[1] = (seqnn_real)NAN;
    assert_int_equal(seqnn_sample(p, 2, 1, &random), -1);
    assert_error("the probability of class 1");
    p[1] = -1;
    assert_int_equal(seqnn_sample(p, 2, 0, &random), -1);
    assert_error("the probability of class 1 is -1");
    p[1] = (seqnn_real)INFINITY;
    assert_int_equal(seqnn_sample(p, 2, 1, &random), -1);
    assert_error("the probability of class 1 is inf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_come_by_the_closed_form),
        cmocka_unit_test(the_sum_need_not_be_one),
        cmocka_unit_test(temperature_zero_takes_the_first_of_the_likeliest),
        cmocka_unit_test(extremes_stay_finite),
        cmocka_unit_test(one_seed_gives_one_sequence),
        cmocka_unit_test(bad_arguments_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
