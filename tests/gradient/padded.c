/* A padded batch is the separate sequences: the loss and every gradient of the batch are
 * those of its sequences, run one at a time without a step of padding. */
#include "samples.h"

enum { CLASSES = 3, UNITS = 4 };

typedef struct recipe {
    const char *name;
    int gates;
    seqnn_recurrent_options options;
} recipe;

static seqnn_model *build(const recipe *how, bool steps)
{
    seqnn_model *model = seqnn_model_new(40);
    seqnn_recurrent_options first = how->options, second = how->options;
    first.return_sequences = true;
    second.return_sequences = steps;
    seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
    for (int layer = 0; layer < 2; layer++) {
        seqnn_recurrent_options options = layer ? second : first;
        if (how->gates == 1)
            seqnn_simple_rnn(model, UNITS, options);
        else if (how->gates == 4)
            seqnn_lstm(model, UNITS, options);
        else
            seqnn_gru(model, UNITS, options);
    }
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    sample_biases(model);
    return model;
}

/* Sums loss and gradients over samples and steps, so that the parts add up. */
static double run(seqnn_model *model, const seqnn_dataset *batch)
{
    seqnn_loss_options loss = {.over_steps = SEQNN_REDUCE_SUM,
                               .over_samples = SEQNN_REDUCE_SUM};
    assert_int_equal(seqnn_forward(model, batch, SEQNN_TRAIN), SEQNN_OK);
    double sum = seqnn_loss(model, batch, loss);
    assert_int_equal(seqnn_backward(model), SEQNN_OK);
    return sum;
}

static double run_separately(seqnn_model *model, const seqnn_dataset *whole, bool steps)
{
    double sum = 0;
    for (int b = 0; b < BATCH; b++) {
        seqnn_size start = sample_start[b], at = b * TIME + start;
        seqnn_dataset one;
        memset(&one, 0, sizeof one);
        one.count = 1;
        one.x[0].values = whole->x[0].values + at * FEATURES;
        one.x[0].time = sample_length[b];
        one.x[0].features = FEATURES;
        one.y.indices = whole->y.indices + (steps ? at : b);
        one.y.time = steps ? sample_length[b] : 0;
        sum += run(model, &one);
    }
    return sum;
}

static void test_padded_batch(void **state)
{
    (void)state;
    static const recipe recipes[] = {
        {"rnn", 1, {.activation = SEQNN_TANH}},
        {"lstm", 4, {.forget_bias = 0}},
        {"gru before", 3, {.reset = SEQNN_RESET_BEFORE}},
        {"gru after", 3, {.reset = SEQNN_RESET_AFTER}},
        {"lstm backwards", 4, {.go_backwards = true}},
        {"gru bidirectional", 3, {.bidirectional = SEQNN_CONCAT}},
        {"rnn bidirectional sum", 1, {.bidirectional = SEQNN_SUM}},
        {"rnn skip", 1, {.skip = 2}},
        {"rnn skip backwards", 1, {.skip = 2, .go_backwards = true}},
        {"lstm truncated", 4, {.bptt_window = 2}},
    };
    int32_t classes[BATCH * TIME];
    for (int i = 0; i < BATCH * TIME; i++)
        classes[i] = i % CLASSES;
    seqnn_dataset batch = sample_series(true);
    batch.y.indices = classes;
    for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++)
        for (int steps = 0; steps < 2; steps++) {
            seqnn_model *model = build(&recipes[r], steps);
            batch.y.time = steps ? TIME : 0;
            seqnn_size count;
            seqnn_real *gradients = seqnn_gradients(model, &count);
            double together = run(model, &batch);
            double *of_batch = malloc((size_t)count * sizeof *of_batch);
            memcpy(of_batch, gradients, (size_t)count * sizeof *of_batch);
            seqnn_zero_gradients(model);
            double apart = run_separately(model, &batch, steps), worst = 0, largest = 0;
            for (seqnn_size i = 0; i < count; i++) {
                worst = fmax(worst, fabs(of_batch[i] - gradients[i]));
                largest = fmax(largest, fabs(gradients[i]));
            }
            printf("  %-22s %-6s loss %.15g, apart %.15g; gradients differ by %.1e\n",
                   recipes[r].name, steps ? "steps" : "last", together, apart,
                   worst / largest);
            assert_true(fabs(together - apart) < 1e-12 * fabs(apart));
            assert_true(largest > 0 && worst < 1e-12 * largest);
            free(of_batch);
            seqnn_free(model);
        }
    free((void *)(uintptr_t)batch.x[0].values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_padded_batch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
