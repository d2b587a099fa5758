/* What sections 16 and 20 of the course rest on: the rate at which gradients vanish,
 * Pascanu's bound on them, and skips over time; against closed forms, numpy, and the
 * equations as loops. */
#include "models.h"

enum { B = 4, T = 9, F = 3, H = 5 };

static const int32_t start_of[B] = {0, 2, 1, 0}, length_of[B] = {9, 4, 0, 7};

/* ---- the rate ---- */

static void rate_is_numpys(void **state)
{
    (void)state;
    /* exp(-numpy.polyfit(t, log(norms), 1)[0]) over the norms above 0 */
    const seqnn_real norms[] = {3e-5f, 0, 2e-4f, 1.5e-3f, 7e-3f, 5e-2f, 0.31f};
    assert_true(fabs(seqnn_gradient_rate(norms, 7) - 0.20643942013798602) < 1e-7);
    seqnn_real series[50];
    const double rates[] = {0.5, 1, 1.5};
    for (int i = 0; i < 3; i++) {
        for (int t = 0; t < 50; t++)
            series[t] = (seqnn_real)(7e-3 * pow(rates[i], 49 - t));
        assert_true(fabs(seqnn_gradient_rate(series, 50) / rates[i] - 1) < 1e-7);
    }
    assert_true(isnan(seqnn_gradient_rate(norms, 2)));
    assert_true(isnan(seqnn_gradient_rate(norms, 0)));
}

/* ---- many to one: the gradient comes from the end alone ---- */

static seqnn_model *many_to_one(seqnn_activation activation, seqnn_initializer_kind kind,
                                double radius, uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_sequences(model, F, (seqnn_source_options){0});
    seqnn_layer *rnn = seqnn_simple_rnn(
        model, 20,
        (seqnn_rnn_options){.activation = activation, .recurrent_initializer = {kind}});
    seqnn_dense(model, 4, (seqnn_dense_options){0});
    seqnn_parameter *W_h = seqnn_layer_parameter(rnn, "W_h");
    double now;
    succeeds(seqnn_spectral_radius(seqnn_tensor_2d(W_h->value, 20, 20), &now));
    for (int i = 0; i < 400; i++)
        W_h->value[i] *= (seqnn_real)(radius / now);
    return model;
}

static void flow_of(seqnn_model *model, seqnn_size time, seqnn_real *norms)
{
    seqnn_real *x = numbers(time * F, 5);
    const seqnn_real of_scores[] = {1, -2, 3, -4};
    seqnn_dataset one = series(1, time, F, x);
    seqnn_record_gradient_flow(model, true);
    succeeds(seqnn_forward(model, &one, SEQNN_TRAIN));
    succeeds(seqnn_set_output_gradient(model, of_scores));
    succeeds(seqnn_backward(model));
    succeeds(seqnn_gradient_flow(seqnn_model_layer_at(model, 1), norms, time));
    free(x);
}

/* With W_h = rho Q, Q orthogonal, and no activation, each step takes the norm times rho:
 * at every step, and so as a rate. */
static void linear_rate_is_rho(void **state)
{
    (void)state;
    const double radii[] = {0.5, 0.9, 1, 1.1, 1.5};
    seqnn_real norms[60];
    for (int i = 0; i < 5; i++) {
        seqnn_model *model =
            many_to_one(SEQNN_LINEAR, SEQNN_ORTHOGONAL, radii[i], 3 + (uint64_t)i);
        flow_of(model, 60, norms);
        for (int t = 0; t < 60; t++) {
            const double want = (double)norms[59] * pow(radii[i], 59 - t);
            assert_true(fabs((double)norms[t] / want - 1) < 1e-4);
        }
        assert_true(fabs(seqnn_gradient_rate(norms, 60) / radii[i] - 1) < 1e-5);
        seqnn_free(model);
    }
}

/* ||dL/dh_t|| <= ||dL/dh_T|| ||W_h||^(T-t) prod ||diag g'(z)||, for every t, whatever the
 * activation; and where ||W_h|| times the slopes is below 1, the gradient falls. */
static void pascanus_bound_holds(void **state)
{
    (void)state;
    enum { LONG = 40 };
    const seqnn_activation activations[] = {SEQNN_TANH, SEQNN_RELU, SEQNN_SIGMOID};
    const double radii[] = {0.4, 1, 1.6};
    seqnn_real norms[LONG], h[LONG + 1][20];
    for (int k = 0; k < 9; k++) {
        const seqnn_activation g = activations[k / 3];
        seqnn_model *model = many_to_one(g, SEQNN_NORMAL, radii[k % 3], 30 + (uint64_t)k);
        flow_of(model, LONG, norms);
        seqnn_layer *rnn = seqnn_model_layer_at(model, 1);
        seqnn_real *x = numbers(LONG * F, 5);
        const seqnn_parameter *W_h = seqnn_layer_parameter(rnn, "W_h");
        const seqnn_parameter *W_x = seqnn_layer_parameter(rnn, "W_x");
        double norm, bound = (double)norms[LONG - 1];
        succeeds(seqnn_spectral_norm(seqnn_tensor_2d(W_h->value, 20, 20), &norm));
        memset(h[0], 0, sizeof h[0]);
        for (int t = 0; t < LONG; t++)
            seqnn_simple_rnn_step(F, 20, g, W_x->value, W_h->value, NULL, x + t * F, h[t],
                                  h[t + 1]);
        for (int t = LONG - 1; t > 0; t--) {
            double slope = 0;
            for (int j = 0; j < 20; j++) {
                const double y = (double)h[t + 1][j];
                slope = fmax(slope, g == SEQNN_TANH   ? 1 - y * y
                                    : g == SEQNN_RELU ? (double)(y > 0)
                                                      : y * (1 - y));
            }
            bound *= norm * slope;
            assert_true((double)norms[t - 1] <= bound * (1 + 1e-4));
            assert_true(norm * slope > 1 || norms[t - 1] <= norms[t]);
        }
        free(x);
        seqnn_free(model);
    }
}

/* ---- skips ---- */

/* h_t = tanh(x_t W_x + h_(t-1) W_h + h_(t-skip) W_s + b) of one sequence, in double. */
static void skip_by_hand(seqnn_layer *rnn, const seqnn_real *x, int length, int skip,
                         bool backwards, double h[T][H])
{
    const seqnn_real *W_x = seqnn_layer_parameter(rnn, "W_x")->value;
    const seqnn_real *W_h = seqnn_layer_parameter(rnn, "W_h")->value;
    const seqnn_real *W_s = seqnn_layer_parameter(rnn, "W_s")->value;
    const seqnn_real *b = seqnn_layer_parameter(rnn, "b")->value;
    for (int i = 0; i < length; i++) {
        const int t = backwards ? length - 1 - i : i, back = backwards ? 1 : -1;
        for (int j = 0; j < H; j++) {
            double z = (double)b[j];
            for (int k = 0; k < F; k++)
                z += (double)x[t * F + k] * (double)W_x[k * H + j];
            for (int k = 0; k < H && i >= 1; k++)
                z += h[t + back][k] * (double)W_h[k * H + j];
            for (int k = 0; k < H && i >= skip; k++)
                z += h[t + back * skip][k] * (double)W_s[k * H + j];
            h[t][j] = tanh(z);
        }
    }
}

static void skip_is_its_equation(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 1);
    for (int k = 0; k < 8; k++) {
        const int skip = 2 + k / 2 % 3;
        const bool backwards = k % 2 == 1, last = k >= 6;
        seqnn_model *model = seqnn_model_new(3);
        seqnn_sequences(model, F, (seqnn_source_options){0});
        seqnn_layer *rnn = seqnn_simple_rnn(
            model, H,
            (seqnn_rnn_options){
                .skip = skip, .return_sequences = !last, .go_backwards = backwards});
        shake_weights(model, 0.3);
        seqnn_dataset batch = series(B, T, F, x);
        batch.x[0].start = start_of;
        batch.x[0].length = length_of;
        succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
        const seqnn_real *y = seqnn_output(model).data;
        for (int s = 0; s < B; s++) {
            double h[T][H];
            const int length = length_of[s];
            skip_by_hand(rnn, x + (s * T + start_of[s]) * F, length, skip, backwards, h);
            for (int t = 0; t < length && !last; t++)
                for (int j = 0; j < H; j++) {
                    const seqnn_real got = y[(s * T + start_of[s] + t) * H + j];
                    assert_true(fabs((double)got - h[t][j]) < 1e-6);
                }
            for (int j = 0; j < H && last && length; j++)
                assert_true(
                    fabs((double)y[s * H + j] - h[backwards ? 0 : length - 1][j]) < 1e-6);
        }
        seqnn_free(model);
    }
    free(x);
}

/* One linear unit with h_t = x_t + a h_(t-1) + c h_(t-d): what reaches a step n back is
 * the sum over all paths of single steps and skips, u_n = a u_(n-1) + c u_(n-d). */
static void skip_flow_is_a_sum_over_paths(void **state)
{
    (void)state;
    enum { LONG = 25, SKIP = 6 };
    seqnn_real a = 0.5f, c = 0.75f, one = 1, norms[LONG], *x = numbers(LONG, 2);
    double paths[LONG];
    seqnn_model *model = seqnn_model_new(1);
    seqnn_sequences(model, 1, (seqnn_source_options){0});
    seqnn_layer *rnn = seqnn_simple_rnn(
        model, 1, (seqnn_rnn_options){.activation = SEQNN_LINEAR, .skip = SKIP});
    succeeds(seqnn_layer_set(rnn, "W_x", &one));
    succeeds(seqnn_layer_set(rnn, "W_h", &a));
    succeeds(seqnn_layer_set(rnn, "W_s", &c));
    seqnn_dataset batch = series(1, LONG, 1, x);
    seqnn_record_gradient_flow(model, true);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    succeeds(seqnn_set_output_gradient(model, &one));
    succeeds(seqnn_backward(model));
    succeeds(seqnn_gradient_flow(rnn, norms, LONG));
    for (int n = 0; n < LONG; n++) {
        paths[n] = n == 0;
        paths[n] += n >= 1 ? 0.5 * paths[n - 1] : 0;
        paths[n] += n >= SKIP ? 0.75 * paths[n - SKIP] : 0;
        assert_true(fabs((double)norms[LONG - 1 - n] / paths[n] - 1) < 1e-5);
    }
    seqnn_free(model);
    free(x);
}

static void refused(seqnn_rnn_options options, bool lstm)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_sequences(model, F, (seqnn_source_options){0});
    assert_null(lstm ? seqnn_lstm(model, H, options)
                     : seqnn_simple_rnn(model, H, options));
    assert_non_null(strstr(seqnn_error(), "expected 0, or at least 2 steps"));
    seqnn_free(model);
}

static void skips_that_are_refused(void **state)
{
    (void)state;
    refused((seqnn_rnn_options){.skip = -1}, false);
    refused((seqnn_rnn_options){.skip = 1}, false);
    refused((seqnn_rnn_options){.skip = 4, .bptt_window = 9}, false);
    refused((seqnn_rnn_options){.skip = 4}, true);
    seqnn_model *model = seqnn_model_new(1);
    seqnn_sequences(model, F, (seqnn_source_options){0});
    seqnn_simple_rnn(model, H, (seqnn_rnn_options){.skip = 4});
    assert_int_equal(
        seqnn_export_weights(model, "none.safetensors",
                             (seqnn_weights_options){.framework = SEQNN_PYTORCH}),
        SEQNN_ERROR_ARGUMENT);
    assert_non_null(strstr(seqnn_error(), "no layer with a skip"));
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_is_numpys),
        cmocka_unit_test(linear_rate_is_rho),
        cmocka_unit_test(pascanus_bound_holds),
        cmocka_unit_test(skip_is_its_equation),
        cmocka_unit_test(skip_flow_is_a_sum_over_paths),
        cmocka_unit_test(skips_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
