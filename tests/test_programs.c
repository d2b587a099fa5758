/* Five programs that the interface was drawn for, each short enough for a slide, held to
 * what they must find out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "seqnn.h"

/* ---- 1. an RNN cell stepped by hand: h_t = tanh(x_t W_x + h_(t-1) W_h + b) ---- */

static void rnn_by_hand(void **state)
{
    (void)state;
    const seqnn_real W_x[2 * 1] = {0.5f, -1}, W_h[1] = {0.8f}, b[1] = {0.1f};
    const seqnn_real x[3][2] = {{1, 0}, {0, 1}, {1, 1}};
    seqnn_real h[4] = {0};
    for (int t = 0; t < 3; t++)
        seqnn_simple_rnn_step(2, 1, SEQNN_TANH, W_x, W_h, b, x[t], &h[t], &h[t + 1]);

    double by_pen = 0;
    for (int t = 0; t < 3; t++)
        by_pen = tanh(0.5 * (double)x[t][0] - (double)x[t][1] + 0.8 * by_pen + 0.1);
    assert_true(fabs((double)h[3] - by_pen) < 1e-6);

    /* The library call, same numbers. */
    seqnn_model *model = seqnn_model_new(1);
    seqnn_sequences(model, 2, (seqnn_source_options){0});
    seqnn_layer *rnn = seqnn_simple_rnn(model, 1, (seqnn_rnn_options){0});
    seqnn_layer_set(rnn, "W_x", W_x);
    seqnn_layer_set(rnn, "W_h", W_h);
    seqnn_layer_set(rnn, "b", b);
    seqnn_dataset data = {.count = 1, .x = {{.values = x[0], .time = 3, .features = 2}}};
    assert_int_equal(seqnn_forward(model, &data, SEQNN_EVALUATE), SEQNN_OK);
    assert_true(fabs((double)seqnn_output(model).data[0] - by_pen) < 1e-6);
    seqnn_free(model);
}

/* ---- 2. the title classifier ---- */

static void title_classifier(void **state)
{
    (void)state;
    seqnn_texts *titles = seqnn_read_bbc_titles("datasets/bbc");
    seqnn_dataset *data = seqnn_encode(
        titles, (seqnn_encode_options){.padding = SEQNN_POST, .truncating = SEQNN_POST});
    seqnn_model *m = seqnn_model_new(56);
    seqnn_embedding(m, data ? data->vocabulary : 1, 100,
                    (seqnn_embedding_options){.mask_zero = true});
    seqnn_simple_rnn(m, 50, (seqnn_rnn_options){.recurrent_dropout = 0.2f});
    seqnn_dense(m, 5, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    seqnn_history h = seqnn_fit(
        m, data,
        (seqnn_fit_options){
            .epochs = 10, .batch_size = 64, .validation_split = 0.2f, .patience = 5});
    if (!seqnn_ok(m))
        fail_msg("%s", seqnn_error());
    /* Chance is 1/5; the Keras twin reaches 0.87 on these titles. */
    assert_true(h.val_accuracy[h.best_epoch] > (seqnn_real)0.75);
    seqnn_free(m);
    seqnn_dataset_free(data);
    seqnn_texts_free(titles);
}

/* ---- 3. a loop of one's own that clips, and records the gradient at every step ---- */

static void clip_and_record(void **state)
{
    (void)state;
    enum { STEPS = 20, SAMPLES = 8 };
    seqnn_real x[SAMPLES * STEPS], y[SAMPLES], norms[STEPS];
    seqnn_random random = {3, 0, 0};
    for (int i = 0; i < SAMPLES * STEPS; i++)
        x[i] = (seqnn_real)seqnn_random_normal(&random);
    for (int i = 0; i < SAMPLES; i++)
        y[i] = x[i * STEPS];
    seqnn_dataset batch = {.count = SAMPLES,
                           .x = {{.values = x, .time = STEPS, .features = 1}},
                           .y = {.values = y, .features = 1}};

    seqnn_model *model = seqnn_model_new(7);
    seqnn_optimizer sgd = seqnn_sgd(0.1f);
    seqnn_sequences(model, 1, (seqnn_source_options){0});
    seqnn_layer *rnn = seqnn_simple_rnn(
        model, 16,
        (seqnn_rnn_options){.activation = SEQNN_LINEAR,
                            .recurrent_initializer = {SEQNN_ORTHOGONAL, 0.5f}});
    seqnn_dense(model, 1, (seqnn_dense_options){0});
    seqnn_record_gradient_flow(model, true);
    for (int step = 0; step < 3; step++) {
        seqnn_zero_gradients(model);
        seqnn_forward(model, &batch, SEQNN_TRAIN);
        seqnn_real loss = seqnn_loss(model, &batch, (seqnn_loss_options){0});
        seqnn_backward(model);
        seqnn_real norm = seqnn_clip_by_global_norm(model, 0.01f, 0);
        assert_true(loss > 0 && norm > (seqnn_real)0.01);
        assert_true(fabs((double)seqnn_gradient_norm(model) - 0.01) < 1e-7);
        seqnn_gradient_flow(rnn, norms, STEPS);
        /* Half an orthogonal matrix, linear: every step back halves the gradient. */
        for (int t = 1; step == 0 && t < STEPS; t++)
            assert_true(fabs((double)(norms[t - 1] / norms[t]) - 0.5) < 1e-4);
        assert_int_equal(seqnn_step(model, sgd), SEQNN_OK);
    }
    seqnn_free(model);
}

/* ---- 4. an LSTM continues a series of numbers ---- */

static void number_sequence(void **state)
{
    (void)state;
    enum { SAMPLES = 90, STEPS = 5 };
    seqnn_real x[SAMPLES * STEPS], y[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        for (int t = 0; t < STEPS; t++)
            x[i * STEPS + t] = (seqnn_real)(i + t) / 100;
        y[i] = (seqnn_real)(i + STEPS) / 100;
    }
    seqnn_dataset data = {.count = SAMPLES,
                          .x = {{.values = x, .time = STEPS, .features = 1}},
                          .y = {.values = y, .features = 1}};
    seqnn_model *model = seqnn_model_new(2);
    seqnn_sequences(model, 1, (seqnn_source_options){0});
    seqnn_lstm(model, 4, (seqnn_lstm_options){0});
    seqnn_dense(model, 1, (seqnn_dense_options){0});
    seqnn_history history =
        seqnn_fit(model, &data,
                  (seqnn_fit_options){.epochs = 300,
                                      .batch_size = 32,
                                      .loss = {SEQNN_MAE},
                                      .optimizer = seqnn_adam(0.01f)});
    assert_int_equal(history.status, SEQNN_OK);
    assert_true(history.loss[history.epochs - 1] < (seqnn_real)0.02);
    seqnn_free(model);
}

/* ---- 5. encoder and decoder with teacher forcing: say the digits backwards ---- */

enum { DIGITS = 4, START = 11, WORDS = 12, PAIRS = 2000 };

static void digits_backwards(int32_t *source, int32_t *input, int32_t *target)
{
    seqnn_random random = {9, 0, 0};
    for (int i = 0; i < PAIRS; i++)
        for (int t = 0; t < DIGITS; t++)
            source[i * DIGITS + t] = 1 + seqnn_random_below(&random, 10);
    for (int i = 0; i < PAIRS; i++)
        for (int t = 0; t < DIGITS; t++) {
            target[i * DIGITS + t] = source[i * DIGITS + DIGITS - 1 - t];
            input[i * DIGITS + t] = t == 0 ? START : target[i * DIGITS + t - 1];
        }
}

/* One layer on what another gave. */
static seqnn_tensor through(seqnn_layer *layer, seqnn_array x)
{
    assert_int_equal(seqnn_layer_forward(layer, &x, 1, SEQNN_EVALUATE), SEQNN_OK);
    return seqnn_layer_output(layer);
}

/* Greedily: each word that comes out goes in again. */
static int decode_right(seqnn_layer *const layer[5], const int32_t *source,
                        const int32_t *target)
{
    seqnn_real h[32], C[32];
    int32_t word = START;
    int right = 0;
    seqnn_tensor x = through(layer[0], (seqnn_array){.indices = source, .time = DIGITS});
    through(layer[1], seqnn_as_input(x));
    seqnn_get_state(layer[1], h, C);
    for (int t = 0; t < DIGITS; t++) {
        seqnn_set_state(layer[3], 1, h, C);
        x = through(layer[2], (seqnn_array){.indices = &word, .time = 1});
        x = through(layer[3], seqnn_as_input(x));
        x = through(layer[4], seqnn_as_input(x));
        seqnn_get_state(layer[3], h, C);
        seqnn_predicted_classes(x.data, 1, WORDS, &word);
        right += word == target[t];
    }
    return right;
}

static void encoder_decoder(void **state)
{
    (void)state;
    static int32_t source[PAIRS * DIGITS], input[PAIRS * DIGITS], target[PAIRS * DIGITS];
    digits_backwards(source, input, target);
    seqnn_dataset pairs = {
        .count = PAIRS,
        .x = {{.indices = source, .time = DIGITS}, {.indices = input, .time = DIGITS}},
        .y = {.indices = target, .time = DIGITS},
        .classes = WORDS};
    seqnn_dataset train = seqnn_dataset_slice(&pairs, 0, PAIRS - 100);
    seqnn_model *m = seqnn_model_new(4);
    seqnn_layer *layer[5];
    layer[0] = seqnn_embedding(m, WORDS, 16, (seqnn_embedding_options){0});
    layer[1] = seqnn_lstm(m, 32, (seqnn_lstm_options){0});
    layer[2] = seqnn_embedding(m, WORDS, 16, (seqnn_embedding_options){0});
    layer[3] = seqnn_lstm(
        m, 32, (seqnn_lstm_options){.initial_state = layer[1], .return_sequences = true});
    layer[4] = seqnn_dense(m, WORDS, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    seqnn_fit(m, &train,
              (seqnn_fit_options){.epochs = 30, .optimizer = seqnn_adam(0.01f)});
    if (!seqnn_ok(m))
        fail_msg("%s", seqnn_error());
    int right = 0;
    for (int i = PAIRS - 100; i < PAIRS; i++)
        right += decode_right(layer, source + i * DIGITS, target + i * DIGITS);
    printf("  digits said backwards: %d of 400 right\n", right);
    assert_true(right > 380);
    seqnn_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rnn_by_hand), cmocka_unit_test(title_classifier),
        cmocka_unit_test(clip_and_record), cmocka_unit_test(number_sequence),
        cmocka_unit_test(encoder_decoder)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
