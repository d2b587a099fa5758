/* Recurrent layers over time: states in and out, stepping, both directions, gradient flow
 * and truncation, each against a whole sequence, a second model, a closed form or finite
 * differences. */
#include "models.h"

enum { B = 4, T = 7, F = 3, H = 5 };

static const int32_t start_of[B] = {0, 2, 1, 0}, length_of[B] = {7, 3, 0, 5};

static seqnn_dataset padded(const seqnn_real *values)
{
    seqnn_dataset batch = series(B, T, F, values);
    batch.x[0].start = start_of;
    batch.x[0].length = length_of;
    return batch;
}

static seqnn_model *recurrent(test_cell cell, seqnn_recurrent_options options)
{
    seqnn_model *model = seqnn_model_new(3);
    seqnn_sequences(model, F, (seqnn_source_options){0});
    add_cell(model, cell, H, options);
    if (!seqnn_ok(model))
        fail_msg("%s", seqnn_error());
    shake_weights(model, 0.3);
    return model;
}

static seqnn_layer *second(seqnn_model *model)
{
    return seqnn_model_layer_at(model, 1);
}

/* Steps [begin, end) of all samples, in memory of the caller. */
static seqnn_dataset steps_of(const seqnn_real *x, seqnn_size begin, seqnn_size end,
                              seqnn_real *memory)
{
    for (seqnn_size b = 0; b < B; b++)
        memcpy(memory + b * (end - begin) * F, x + (b * T + begin) * F,
               (size_t)((end - begin) * F) * sizeof *x);
    return series(B, end - begin, F, memory);
}

/* ---- states in and out ---- */

static void halves_are_the_whole(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 1), part[B * T * F];
    for (int cell = 0; cell < CELLS; cell++) {
        seqnn_recurrent_options options = {.return_sequences = true};
        seqnn_model *model = recurrent((test_cell)cell, options);
        seqnn_dataset batch = series(B, T, F, x);
        succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
        seqnn_real *whole = kept(seqnn_output(model));
        options.stateful = true;
        seqnn_model *halves = recurrent((test_cell)cell, options);
        for (int run = 0; run < 2; run++) {
            for (int half = 0; half < 2; half++) {
                seqnn_size begin = half ? 4 : 0, end = half ? T : 4;
                batch = steps_of(x, begin, end, part);
                succeeds(seqnn_forward(halves, &batch, SEQNN_EVALUATE));
                seqnn_tensor y = seqnn_output(halves);
                for (seqnn_size b = 0; b < B; b++)
                    expect_near((end - begin) * H, y.data + b * (end - begin) * H,
                                whole + (b * T + begin) * H, 1e-6);
            }
            seqnn_reset_states(halves); /* and the first half is the first again */
        }
        free(whole);
        seqnn_free(model);
        seqnn_free(halves);
    }
    free(x);
}

/* One step at a time: with the state carried by hand, and by a stateful layer. */
static void steps_are_the_sequence(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 2), part[B * F], h[B * H], C[B * H];
    for (int k = 0; k < 2 * CELLS; k++) {
        seqnn_recurrent_options options = {.return_sequences = true};
        seqnn_model *model = recurrent((test_cell)(k / 2), options);
        seqnn_dataset batch = series(B, T, F, x);
        succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
        seqnn_real *whole = kept(seqnn_output(model));
        options.stateful = k % 2 == 1;
        seqnn_model *stepped = recurrent((test_cell)(k / 2), options);
        for (seqnn_size t = 0; t < T; t++) {
            batch = steps_of(x, t, t + 1, part);
            if (t > 0 && !options.stateful)
                succeeds(seqnn_set_state(second(stepped), B, h, C));
            succeeds(
                seqnn_layer_forward(second(stepped), &batch.x[0], B, SEQNN_EVALUATE));
            seqnn_tensor y = seqnn_layer_output(second(stepped));
            succeeds(seqnn_get_state(second(stepped), h, C));
            assert_memory_equal(y.data, h, sizeof h);
            for (seqnn_size b = 0; b < B; b++)
                expect_near(H, y.data + b * H, whole + (b * T + t) * H, 1e-6);
        }
        free(whole);
        seqnn_free(model);
        seqnn_free(stepped);
    }
    free(x);
}

/* Encoder and decoder in one model; or in two, with states and gradients by hand. */
static void encoder_and_decoder_by_hand(void **state)
{
    (void)state;
    enum { OUT = 2 };
    seqnn_real *x = numbers(B * T * F, 3), *u = numbers(B * 3 * F, 4),
               *c = numbers(B * 3 * OUT, 5);
    seqnn_real h[B * H], C[B * H], dh[B * H], dC[B * H];
    for (int cell = 0; cell < CELLS; cell++) {
        seqnn_model *one = seqnn_model_new(8), *a = seqnn_model_new(1),
                    *b = seqnn_model_new(2);
        seqnn_sequences(one, F, (seqnn_source_options){0});
        seqnn_layer *encoder =
            add_cell(one, (test_cell)cell, H, (seqnn_recurrent_options){0});
        seqnn_sequences(one, F, (seqnn_source_options){0});
        seqnn_layer *decoder =
            add_cell(one, (test_cell)cell, H,
                     (seqnn_recurrent_options){.initial_state = encoder,
                                               .return_sequences = true});
        seqnn_layer *dense = seqnn_dense(one, OUT, (seqnn_dense_options){0});
        shake_weights(one, 0.3);
        seqnn_sequences(a, F, (seqnn_source_options){0});
        copy_layer(add_cell(a, (test_cell)cell, H, (seqnn_recurrent_options){0}),
                   encoder);
        seqnn_sequences(b, F, (seqnn_source_options){0});
        add_cell(b, (test_cell)cell, H,
                 (seqnn_recurrent_options){.return_sequences = true});
        seqnn_dense(b, OUT, (seqnn_dense_options){0});
        copy_layer(second(b), decoder);
        copy_layer(seqnn_model_layer_at(b, 2), dense);

        seqnn_dataset both = padded(x), first = both, then = series(B, 3, F, u);
        both.x[1] = then.x[0];
        succeeds(seqnn_forward(one, &both, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(one, c));
        succeeds(seqnn_backward(one));

        succeeds(seqnn_forward(a, &first, SEQNN_TRAIN));
        succeeds(seqnn_get_state(second(a), h, C));
        succeeds(seqnn_set_state(second(b), B, h, C));
        succeeds(seqnn_forward(b, &then, SEQNN_TRAIN));
        expect_near(B * 3 * OUT, seqnn_output(b).data, seqnn_output(one).data, 1e-6);
        succeeds(seqnn_set_output_gradient(b, c));
        succeeds(seqnn_backward(b));
        succeeds(seqnn_get_state_gradient(second(b), dh, dC));
        succeeds(seqnn_set_state_gradient(second(a), dh, dC));
        succeeds(seqnn_backward(a));
        expect_layer_gradients(second(a), encoder, 1e-6);
        expect_layer_gradients(second(b), decoder, 1e-6);
        expect_layer_gradients(seqnn_model_layer_at(b, 2), dense, 1e-6);
        seqnn_free(one);
        seqnn_free(a);
        seqnn_free(b);
    }
    free(x);
    free(u);
    free(c);
}

/* dL/dh_0 and dL/dC_0 of L = c h_T by finite differences. */
static void state_gradients_are_derivatives(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 6), *c = numbers(B * H, 7),
               *h = numbers(2 * B * H, 8), dh[2 * B * H];
    seqnn_dataset batch = padded(x);
    for (int cell = 0; cell < CELLS; cell++) {
        seqnn_model *model = recurrent((test_cell)cell, (seqnn_recurrent_options){0});
        memset(dh, 0, sizeof dh);
        succeeds(seqnn_set_state(second(model), B, h, h + B * H));
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(model, c));
        succeeds(seqnn_backward(model));
        succeeds(seqnn_get_state_gradient(second(model), dh, dh + B * H));
        for (int i = 0; i < (cell == LSTM ? 2 : 1) * B * H; i++) {
            double loss[2] = {0, 0};
            const seqnn_real was = h[i];
            for (int side = 0; side < 2; side++) {
                h[i] = was + (side ? -0.01f : 0.01f);
                succeeds(seqnn_set_state(second(model), B, h, h + B * H));
                succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
                const seqnn_real *y = seqnn_output(model).data;
                for (int j = 0; j < B * H; j++)
                    loss[side] += (double)c[j] * (double)y[j];
            }
            h[i] = was;
            double numeric = (loss[0] - loss[1]) / 0.02;
            if (fabs(numeric - (double)dh[i]) > 2e-3)
                fail_msg("cell %d, state %d: %g, by differences %g", cell, i,
                         (double)dh[i], numeric);
        }
        seqnn_free(model);
    }
    free(x);
    free(c);
    free(h);
}

/* ---- directions ---- */

/* x with every sequence reversed inside its length. */
static void reverse(seqnn_size width, const seqnn_real *x, seqnn_real *reversed)
{
    memcpy(reversed, x, (size_t)(B * T * width) * sizeof *x);
    for (seqnn_size b = 0; b < B; b++)
        for (seqnn_size s = 0; s < length_of[b]; s++)
            memcpy(reversed + (b * T + start_of[b] + s) * width,
                   x + (b * T + start_of[b] + length_of[b] - 1 - s) * width,
                   (size_t)width * sizeof *x);
}

static void backwards_is_the_reversed_sequence(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 9), *c = numbers(B * T * H, 10), turned[B * T * F],
               y_turned[B * T * H], c_turned[B * T * H];
    reverse(F, x, turned);
    reverse(H, c, c_turned);
    seqnn_dataset batch = padded(x), other = padded(turned);
    for (int k = 0; k < 2 * CELLS; k++) {
        bool sequences = k % 2 == 1;
        seqnn_recurrent_options options = {.return_sequences = sequences};
        seqnn_model *forwards = recurrent((test_cell)(k / 2), options);
        options.go_backwards = true;
        seqnn_model *backwards = recurrent((test_cell)(k / 2), options);
        succeeds(seqnn_forward(backwards, &batch, SEQNN_TRAIN));
        succeeds(seqnn_forward(forwards, &other, SEQNN_TRAIN));
        seqnn_tensor y = seqnn_output(forwards);
        const seqnn_real *expected = y.data;
        if (sequences) {
            reverse(H, y.data, y_turned);
            expected = y_turned;
        }
        expect_near(seqnn_tensor_size(y), seqnn_output(backwards).data, expected, 1e-6);
        succeeds(seqnn_set_output_gradient(backwards, c));
        succeeds(seqnn_set_output_gradient(forwards, sequences ? c_turned : c));
        succeeds(seqnn_backward(backwards));
        succeeds(seqnn_backward(forwards));
        expect_layer_gradients(second(backwards), second(forwards), 2e-6);
        seqnn_free(forwards);
        seqnn_free(backwards);
    }
    free(x);
    free(c);
}

/* Both directions are two layers; "last" is step length - 1 forward, step 0 backward. */
static void expect_both_directions(test_cell cell, seqnn_merge merge,
                                   const seqnn_dataset *batch)
{
    seqnn_recurrent_options options = {.return_sequences = true, .bidirectional = merge};
    seqnn_model *all = recurrent(cell, options);
    options.return_sequences = false;
    seqnn_model *last = recurrent(cell, options);
    options.bidirectional = SEQNN_MERGE_DEFAULT;
    options.return_sequences = true;
    seqnn_model *forwards = recurrent(cell, options);
    options.go_backwards = true;
    seqnn_model *backwards = recurrent(cell, options);
    seqnn_layer *both[] = {seqnn_model_layer(all, "bidirectional_1_forward"),
                           seqnn_model_layer(all, "bidirectional_1_backward")};
    for (int d = 0; d < 2; d++) {
        copy_layer(second(d ? backwards : forwards), both[d]);
        copy_layer(seqnn_model_layer_at(last, 1 + d), both[d]);
        succeeds(seqnn_forward(d ? backwards : forwards, batch, SEQNN_EVALUATE));
        succeeds(seqnn_forward(d ? last : all, batch, SEQNN_EVALUATE));
    }
    const seqnn_real *f = seqnn_output(forwards).data, *r = seqnn_output(backwards).data;
    const seqnn_real *y = seqnn_output(all).data, *y_last = seqnn_output(last).data;
    seqnn_size wide = merge == SEQNN_SUM ? H : 2 * H;
    assert_int_equal(seqnn_layer_features(seqnn_model_layer(last, "bidirectional_1")),
                     wide);
    for (seqnn_size b = 0; b < B; b++) {
        seqnn_size first = b * T + start_of[b], end = first + length_of[b] - 1;
        for (seqnn_size j = 0; j < H; j++) {
            seqnn_real from_left = length_of[b] ? f[end * H + j] : 0;
            seqnn_real from_right = length_of[b] ? r[first * H + j] : 0;
            if (merge == SEQNN_SUM)
                assert_true(y_last[b * H + j] == from_left + from_right);
            else {
                assert_true(y_last[b * wide + j] == from_left);
                assert_true(y_last[b * wide + H + j] == from_right);
            }
        }
        for (seqnn_size i = b * T; i < (b + 1) * T; i++)
            for (seqnn_size j = 0; j < H; j++)
                if (merge == SEQNN_SUM)
                    assert_true(y[i * H + j] == f[i * H + j] + r[i * H + j]);
                else {
                    assert_true(y[i * wide + j] == f[i * H + j]);
                    assert_true(y[i * wide + H + j] == r[i * H + j]);
                }
    }
    seqnn_free(all);
    seqnn_free(last);
    seqnn_free(forwards);
    seqnn_free(backwards);
}

static void both_directions_are_two_layers(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 11);
    seqnn_dataset batch = padded(x);
    for (int cell = 0; cell < CELLS; cell++) {
        expect_both_directions((test_cell)cell, SEQNN_CONCAT, &batch);
        expect_both_directions((test_cell)cell, SEQNN_SUM, &batch);
    }
    free(x);
}

/* ---- gradient flow ---- */

/* h_t = w h_(t-1) + x_t, L = sum of h_T: dL/dh_t = w^(T-t). */
static void linear_flow_has_a_closed_form(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T, 12), ones[B] = {1, 1, 1, 1}, norms[T];
    const seqnn_real weights[] = {0.5f, 1, 1.5f};
    for (int k = 0; k < 6; k++) {
        seqnn_real w = weights[k / 2], one = 1;
        bool backwards = k % 2 == 1;
        seqnn_model *model = seqnn_model_new(1);
        seqnn_sequences(model, 1, (seqnn_source_options){0});
        seqnn_layer *layer = seqnn_simple_rnn(
            model, 1,
            (seqnn_rnn_options){.activation = SEQNN_LINEAR, .go_backwards = backwards});
        succeeds(seqnn_layer_set(layer, "W_h", &w));
        succeeds(seqnn_layer_set(layer, "W_x", &one));
        seqnn_dataset batch = series(B, T, 1, x);
        batch.x[0].start = start_of;
        batch.x[0].length = length_of;
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(model, ones));
        succeeds(seqnn_backward(model));
        assert_int_equal(seqnn_gradient_flow(layer, norms, T), SEQNN_ERROR_SHAPE);
        seqnn_record_gradient_flow(model, true);
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(model, ones));
        succeeds(seqnn_backward(model));
        succeeds(seqnn_gradient_flow(layer, norms, T));
        for (int t = 0; t < T; t++) {
            double squares = 0;
            for (int b = 0; b < B; b++) {
                int s = t - start_of[b];
                if (s >= 0 && s < length_of[b])
                    squares += pow((double)w, 2 * (backwards ? s : length_of[b] - 1 - s));
            }
            assert_true(fabs((double)norms[t] - sqrt(squares)) < 1e-5 * (1 + squares));
        }
        seqnn_free(model);
    }
    free(x);
}

/* L of the steps after t, as a function of the state there. */
static double loss_from(seqnn_model *model, const seqnn_real *x, seqnn_size t,
                        const seqnn_real *h, const seqnn_real *C, const seqnn_real *c)
{
    seqnn_real part[B * T * F];
    const seqnn_real *end = h;
    if (t + 1 < T) {
        seqnn_dataset batch = steps_of(x, t + 1, T, part);
        succeeds(seqnn_set_state(second(model), B, h, C));
        succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
        end = seqnn_output(model).data;
    }
    double loss = 0;
    for (int i = 0; i < B * H; i++)
        loss += (double)c[i] * (double)end[i];
    return loss;
}

static void flow_is_the_norm_of_derivatives(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 13), *c = numbers(B * H, 14), part[B * T * F],
               h[B * H], C[B * H], norms[T];
    for (int cell = 0; cell < CELLS; cell++) {
        seqnn_model *model = recurrent((test_cell)cell, (seqnn_recurrent_options){0});
        seqnn_dataset batch = series(B, T, F, x);
        seqnn_record_gradient_flow(model, true);
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(model, c));
        succeeds(seqnn_backward(model));
        succeeds(seqnn_gradient_flow(second(model), norms, T));
        for (seqnn_size t = 0; t < T; t++) {
            double squares = 0;
            batch = steps_of(x, 0, t + 1, part);
            succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
            succeeds(seqnn_get_state(second(model), h, C));
            for (int i = 0; i < B * H; i++) {
                const seqnn_real was = h[i];
                h[i] = was + 0.01f;
                double above = loss_from(model, x, t, h, C, c);
                h[i] = was - 0.01f;
                double slope = (above - loss_from(model, x, t, h, C, c)) / 0.02;
                squares += slope * slope;
                h[i] = was;
            }
            if (fabs((double)norms[t] - sqrt(squares)) > 3e-3 * (1 + sqrt(squares)))
                fail_msg("cell %d, step %td: %g, by differences %g", cell, t,
                         (double)norms[t], sqrt(squares));
        }
        seqnn_free(model);
    }
    free(x);
    free(c);
}

/* ---- the sliding window ---- */

/* Adds the gradient of sample b's L_j = c_j h_j through steps j - window .. j. */
static void add_window(seqnn_model *model, const seqnn_real *x, const seqnn_real *c,
                       seqnn_size b, seqnn_size j, seqnn_size window)
{
    seqnn_size first = start_of[b], from = j > window ? j - window : 0;
    const seqnn_real *sequence = x + (b * T + first) * F;
    seqnn_real dy[T * H] = {0}, h[H], C[H];
    seqnn_array in = {.values = sequence, .time = from, .features = F};
    if (from > 0) {
        succeeds(seqnn_layer_forward(second(model), &in, 1, SEQNN_TRAIN));
        succeeds(seqnn_get_state(second(model), h, C));
        succeeds(seqnn_set_state(second(model), 1, h, C));
    }
    in.values = sequence + from * F;
    in.time = j - from + 1;
    memcpy(dy + (j - from) * H, c + (b * T + first + j) * H, H * sizeof *c);
    succeeds(seqnn_layer_forward(second(model), &in, 1, SEQNN_TRAIN));
    succeeds(seqnn_layer_backward(second(model), dy, NULL));
}

static void truncation_is_a_sum_of_windows(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 15), *c = numbers(B * T * H, 16);
    seqnn_dataset batch = padded(x);
    for (int cell = 0; cell < CELLS; cell++)
        for (seqnn_size window = 1; window <= T; window += 2) {
            seqnn_recurrent_options options = {.return_sequences = true};
            seqnn_model *brute = recurrent((test_cell)cell, options);
            options.bptt_window = window;
            seqnn_model *model = recurrent((test_cell)cell, options);
            succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
            succeeds(seqnn_set_output_gradient(model, c));
            succeeds(seqnn_backward(model));
            for (seqnn_size b = 0; b < B; b++)
                for (seqnn_size j = 0; j < length_of[b]; j++)
                    add_window(brute, x, c, b, j, window);
            expect_layer_gradients(second(model), second(brute), 5e-6);
            seqnn_free(model);
            seqnn_free(brute);
        }
    free(x);
    free(c);
}

/* ---- padding ---- */

/* A batch of nothing but padding: initial states come out, no gradient, no part in a
 * mean. */
static void all_padding_is_defined(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 17), *h = numbers(2 * B * H, 18), out[B * H];
    const int32_t nothing[B] = {0};
    const seqnn_real target[B * T * 2] = {0};
    for (int cell = 0; cell < CELLS; cell++) {
        seqnn_dataset batch = series(B, T, F, x);
        batch.x[0].start = batch.x[0].length = nothing;
        seqnn_model *model = recurrent((test_cell)cell, (seqnn_recurrent_options){0});
        succeeds(seqnn_set_state(second(model), B, h, h + B * H));
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        expect_near(B * H, seqnn_output(model).data, h, 0);
        succeeds(seqnn_set_output_gradient(model, h));
        succeeds(seqnn_backward(model));
        succeeds(seqnn_get_state_gradient(second(model), out, NULL));
        expect_near(B * H, out, h, 0); /* it goes through to the initial state */
        assert_true(seqnn_gradient_norm(model) == 0);
        seqnn_free(model);

        seqnn_recurrent_options both = {.return_sequences = true,
                                        .bidirectional = SEQNN_CONCAT};
        model = seqnn_model_new(5);
        seqnn_sequences(model, F, (seqnn_source_options){0});
        add_cell(model, (test_cell)cell, H, both);
        seqnn_dense(model, 2, (seqnn_dense_options){0});
        batch.y.values = target;
        batch.y.time = T;
        batch.y.features = 2;
        seqnn_train_options options = {.optimizer = seqnn_sgd(0.1f)};
        assert_true(seqnn_train_step(model, &batch, options) == 0);
        assert_true(seqnn_gradient_norm(model) == 0);
        /* Beside a sequence that is there, it changes no mean. */
        int32_t one[B] = {0, 4, 0, 0};
        batch.x[0].length = one;
        seqnn_real beside = seqnn_train_step(model, &batch, (seqnn_train_options){0});
        seqnn_size count;
        seqnn_real *gradients = seqnn_gradients(model, &count);
        seqnn_real *with = kept(seqnn_tensor_1d(gradients, count));
        seqnn_free(model);
        model = seqnn_model_new(5);
        seqnn_sequences(model, F, (seqnn_source_options){0});
        add_cell(model, (test_cell)cell, H, both);
        seqnn_dense(model, 2, (seqnn_dense_options){0});
        seqnn_dataset alone = seqnn_dataset_slice(&batch, 1, 2);
        seqnn_real loss = seqnn_train_step(model, &alone, (seqnn_train_options){0});
        assert_true(fabs((double)(loss - beside)) < 1e-6 * (double)loss);
        expect_near(count, with, seqnn_gradients(model, NULL), 1e-5);
        free(with);
        seqnn_free(model);
    }
    free(x);
    free(h);
}

/* Half an orthogonal matrix, linear: the norm halves at every step back, far below the
 * square root of the smallest float; twice one, it doubles far above that of the largest.
 */
static void flow_reaches_far(void **state)
{
    enum { LONG = 120 };
    const seqnn_real gain[2] = {(seqnn_real)0.5, 2};
    (void)state;
    seqnn_real *x = numbers(LONG, 1), norms[LONG], dy[H] = {1};
    for (int g = 0; g < 2; g++) {
        seqnn_dataset batch = series(1, LONG, 1, x);
        seqnn_model *model = seqnn_model_new(5);
        seqnn_sequences(model, 1, (seqnn_source_options){0});
        seqnn_layer *rnn = seqnn_simple_rnn(
            model, H,
            (seqnn_rnn_options){.activation = SEQNN_LINEAR,
                                .recurrent_initializer = {SEQNN_ORTHOGONAL, gain[g]}});
        seqnn_record_gradient_flow(model, true);
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(model, dy));
        succeeds(seqnn_backward(model));
        succeeds(seqnn_gradient_flow(rnn, norms, LONG));
        for (int t = 0; t < LONG; t++) {
            double truth = pow((double)gain[g], LONG - 1 - t);
            assert_true(fabs((double)norms[t] / truth - 1) < 1e-3);
        }
        seqnn_free(model);
    }
    free(x);
}

/* A state set by hand takes the encoder's place: no gradient goes to the encoder. */
static void a_state_set_cuts_the_gradient(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T, 1), *h = numbers(B * H, 2), *dy = numbers(B * H, 3);
    for (int set = 0; set < 2; set++) {
        seqnn_dataset batch = series(B, T, 1, x);
        batch.x[1] = batch.x[0];
        seqnn_model *model = seqnn_model_new(6);
        seqnn_sequences(model, 1, (seqnn_source_options){0});
        seqnn_layer *encoder = seqnn_gru(model, H, (seqnn_gru_options){0});
        seqnn_sequences(model, 1, (seqnn_source_options){0});
        seqnn_layer *decoder =
            seqnn_gru(model, H, (seqnn_gru_options){.initial_state = encoder});
        if (set)
            succeeds(seqnn_set_state(decoder, B, h, NULL));
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_set_output_gradient(model, dy));
        succeeds(seqnn_backward(model));
        double sum = 0;
        for (seqnn_size i = 0; i < 3 * H; i++)
            sum += fabs((double)seqnn_layer_parameter(encoder, "W_x")->gradient[i]);
        assert_true(set ? sum == 0 : sum > 0);
        seqnn_free(model);
    }
    free(x);
    free(h);
    free(dy);
}

/* A gradient written by hand into a row that no batch touched counts once it is marked.
 */
static void marked_rows_count(void **state)
{
    (void)state;
    const int32_t words[2] = {1, 2};
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = 1;
    batch.x[0].indices = words;
    batch.x[0].time = 2;
    seqnn_model *model = seqnn_model_new(7);
    seqnn_layer *table = seqnn_embedding(model, 9, 2, (seqnn_embedding_options){0});
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    seqnn_real *gradient = seqnn_layer_parameter(table, "table")->gradient;
    gradient[8 * 2] = 100;
    seqnn_mark_gradients(model);
    assert_true(seqnn_gradient_norm(model) == 100);
    seqnn_zero_gradients(model);
    assert_true(gradient[8 * 2] == 0);
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_are_the_whole),
        cmocka_unit_test(steps_are_the_sequence),
        cmocka_unit_test(encoder_and_decoder_by_hand),
        cmocka_unit_test(state_gradients_are_derivatives),
        cmocka_unit_test(backwards_is_the_reversed_sequence),
        cmocka_unit_test(both_directions_are_two_layers),
        cmocka_unit_test(linear_flow_has_a_closed_form),
        cmocka_unit_test(flow_is_the_norm_of_derivatives),
        cmocka_unit_test(truncation_is_a_sum_of_windows),
        cmocka_unit_test(all_padding_is_defined),
        cmocka_unit_test(flow_reaches_far),
        cmocka_unit_test(a_state_set_cuts_the_gradient),
        cmocka_unit_test(marked_rows_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
