/* What a model takes for what, against a count by hand of what it predicts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "seqnn.h"
#include "outcomes.h"

enum { COUNT = 50, TIME = 5, CLASSES = 4, WORDS = 9 };

static int32_t words[COUNT * TIME], by_sample[COUNT], by_step[COUNT * TIME];
static int32_t start[COUNT], length[COUNT];

/* Rows of 0 to 5 words, padded behind; more samples than a batch of evaluation. */
static seqnn_dataset samples(bool of_steps)
{
    seqnn_random random = {7, 1, 0};
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    memset(words, 0, sizeof words);
    for (int i = 0; i < COUNT; i++) {
        length[i] = seqnn_random_below(&random, TIME + 1);
        by_sample[i] = seqnn_random_below(&random, CLASSES);
        for (int t = 0; t < TIME; t++) {
            words[i * TIME + t] =
                t < length[i] ? 1 + seqnn_random_below(&random, WORDS - 1) : 0;
            by_step[i * TIME + t] =
                t < length[i] ? seqnn_random_below(&random, CLASSES) : -1;
        }
    }
    data.count = COUNT;
    data.classes = CLASSES;
    data.vocabulary = WORDS;
    data.x[0].indices = words;
    data.x[0].time = TIME;
    data.x[0].start = start;
    data.x[0].length = length;
    data.y.indices = of_steps ? by_step : by_sample;
    data.y.time = of_steps ? TIME : 0;
    return data;
}

static seqnn_model *reader(bool of_steps)
{
    seqnn_rnn_options steps = {.return_sequences = of_steps};
    seqnn_dense_options softmax = {.activation = SEQNN_SOFTMAX};
    seqnn_model *model = seqnn_model_new(3);
    seqnn_embedding(model, WORDS, 6, (seqnn_embedding_options){.mask_zero = true});
    seqnn_simple_rnn(model, 8, steps);
    seqnn_dense(model, CLASSES, softmax);
    return model;
}

/* The count from seqnn_predict, position by position; padded steps are left out. */
static void agrees(bool of_steps)
{
    seqnn_dataset data = samples(of_steps);
    seqnn_model *model = reader(of_steps);
    int64_t confusion[CLASSES * CLASSES], expected[CLASSES * CLASSES] = {0};
    int64_t right = 0, all = 0;
    seqnn_size steps = of_steps ? TIME : 1;
    seqnn_tensor y = seqnn_predict(model, &data, (seqnn_predict_options){0});
    assert_non_null(y.data);
    for (seqnn_size i = 0; i < COUNT; i++)
        for (seqnn_size t = 0; t < (of_steps ? length[i] : 1); t++) {
            seqnn_size position = i * steps + t;
            int32_t predicted;
            fine(seqnn_predicted_classes(y.data + position * CLASSES, 1, CLASSES,
                                         &predicted));
            expected[data.y.indices[position] * CLASSES + predicted]++;
        }
    memset(confusion, 0x55, sizeof confusion); /* it is overwritten */
    fine(seqnn_evaluate_confusion(model, &data, confusion));
    for (int i = 0; i < CLASSES * CLASSES; i++) {
        assert_int_equal(confusion[i], expected[i]);
        all += confusion[i];
        right += i % (CLASSES + 1) == 0 ? confusion[i] : 0;
    }
    seqnn_evaluation of = seqnn_evaluate(model, &data, (seqnn_evaluate_options){0});
    fine(of.status);
    assert_true(right > 0 && right < all);
    assert_true(fabs((double)of.accuracy * (double)all - (double)right) < 1e-3);
    seqnn_free(model);
}

static void one_class_per_sample(void **state)
{
    (void)state;
    agrees(false);
}

static void a_class_at_every_step(void **state)
{
    (void)state;
    agrees(true);
}

static void what_does_not_fit_is_named(void **state)
{
    seqnn_dataset data = samples(false);
    seqnn_model *model = reader(false);
    int64_t confusion[CLASSES * CLASSES] = {7};
    (void)state;
    data.classes = CLASSES + 1;
    says(seqnn_evaluate_confusion(model, &data, confusion), SEQNN_ERROR_SHAPE,
         "confusion: the data has 5 classes, expected 4");
    assert_false(seqnn_ok(model));
    assert_int_equal(confusion[0], 7);
    data.classes = CLASSES;
    by_sample[40] = CLASSES;
    says(seqnn_evaluate_confusion(model, &data, confusion), SEQNN_ERROR_ARGUMENT,
         "class 4 is outside [0, 4)");
    data.count = 0;
    says(seqnn_evaluate_confusion(model, &data, confusion), SEQNN_ERROR_ARGUMENT,
         "confusion: the data set has no samples");
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_class_per_sample),
        cmocka_unit_test(a_class_at_every_step),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
