/* Layers against plain loops: packing, each layer's forward pass, one layer alone beside
 * the same layer in its model, dropout's statistics, frozen layers, summary, planning. */
#include "models.h"

enum { B = 5, T = 6, F = 4 };

static const int32_t start_of[B] = {0, 2, 1, 0, 3}, length_of[B] = {6, 3, 0, 1, 3};

static bool is_real(int b, int t)
{
    return t >= start_of[b] && t < start_of[b] + length_of[b];
}

static seqnn_dataset padded(const seqnn_real *values)
{
    seqnn_dataset batch = series(B, T, F, values);
    batch.x[0].start = start_of;
    batch.x[0].length = length_of;
    return batch;
}

/* A model whose first layer is a series. */
static seqnn_model *of_series(seqnn_size time)
{
    seqnn_model *model = seqnn_model_new(7);
    seqnn_sequences(model, F, (seqnn_source_options){.time = time});
    return model;
}

static seqnn_tensor output_of(seqnn_model *model, const seqnn_dataset *batch,
                              seqnn_mode mode)
{
    succeeds(seqnn_forward(model, batch, mode));
    return seqnn_output(model);
}

/* ---- packing ---- */

/* Longest first, and the user's order among equals: by looking for the next. */
static void expect_order(const sq_packing *packing, const int32_t *length)
{
    bool taken[16] = {false};
    for (seqnn_size k = 0; k < packing->batch; k++) {
        seqnn_size next = -1;
        for (seqnn_size b = 0; b < packing->batch; b++)
            if (!taken[b] && (next < 0 || length[b] > length[next]))
                next = b;
        taken[next] = true;
        assert_int_equal(packing->order[k], next);
        assert_int_equal(packing->length[k], length[next]);
    }
}

static void expect_packing(const sq_packing *packing, const int32_t *start,
                           const int32_t *length)
{
    seqnn_size row = 0, longest = 0;
    expect_order(packing, length);
    for (seqnn_size b = 0; b < packing->batch; b++)
        longest = length[b] > longest ? length[b] : longest;
    assert_int_equal(packing->steps, longest);
    for (seqnn_size s = 0; s < longest; s++) {
        assert_int_equal(packing->offset[s], row);
        for (seqnn_size k = 0; k < packing->batch; k++) {
            int32_t b = packing->order[k];
            if (s < length[b])
                assert_int_equal(packing->source[row++],
                                 b * packing->time + start[b] + s);
        }
        assert_int_equal(sq_active(packing, s), row - packing->offset[s]);
    }
    assert_int_equal(packing->offset[longest], row);
    assert_int_equal(packing->rows, row);
}

static void packing_sorts_and_leaves(void **state)
{
    (void)state;
    enum { MOST = 9, LONGEST = 8, WIDE = 3 };
    int32_t start[MOST], length[MOST], whole[MOST], zero[MOST] = {0};
    sq_packing packing;
    sq_arena arena = {NULL, 0, 0, false, NULL};
    sq_packing_plan(&packing, &arena, MOST, LONGEST);
    succeeds(sq_arena_commit(&arena));
    sq_packing_plan(&packing, &arena, MOST, LONGEST);
    seqnn_real *values = numbers(MOST * LONGEST * WIDE, 1), rows[MOST * LONGEST * WIDE],
               back[MOST * LONGEST * WIDE];
    seqnn_random random = {17, 1, 0};
    for (int run = 0; run < 300; run++) {
        seqnn_size batch = 1 + seqnn_random_below(&random, MOST);
        seqnn_size time = 1 + seqnn_random_below(&random, LONGEST);
        int32_t most = run % 3 == 0 ? 3 : (int32_t)time + 1; /* many equal lengths */
        for (seqnn_size b = 0; b < batch; b++) {
            int32_t drawn = seqnn_random_below(&random, most);
            length[b] = drawn > time ? (int32_t)time : drawn;
            start[b] = seqnn_random_below(&random, time - length[b] + 1);
            whole[b] = (int32_t)time;
        }
        bool given = run % 5 != 0;
        succeeds(sq_pack(&packing, "test", batch, time, given ? start : NULL,
                         given ? length : NULL));
        expect_packing(&packing, given ? start : zero, given ? length : whole);
        sq_pack_rows(&packing, WIDE, values, rows);
        for (seqnn_size i = 0; i < batch * time * WIDE; i++)
            back[i] = (seqnn_real)NAN;
        sq_unpack_rows(&packing, WIDE, rows, back);
        for (seqnn_size i = 0; i < batch * time * WIDE; i++) {
            seqnn_size b = i / WIDE / time, t = i / WIDE % time;
            bool real = !given || (t >= start[b] && t < start[b] + length[b]);
            assert_true(back[i] == (real ? values[i] : 0));
        }
    }
    free(values);
    sq_arena_free(&arena);
}

/* ---- forward passes ---- */

static void embedding_reads_its_table(void **state)
{
    (void)state;
    enum { WORDS = 9 };
    static const int32_t words[B * T] = {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 1, 0, 0, 2, 2,
                                         2, 2, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    seqnn_dataset batch = words_of(B, T, words);
    seqnn_real *table = numbers(WORDS * F, 2);
    for (int mask = 0; mask < 2; mask++) {
        seqnn_model *model = seqnn_model_new(1);
        seqnn_embedding_options options = {.mask_zero = mask == 1, .vectors = table};
        seqnn_embedding(model, WORDS, F, options);
        seqnn_tensor y = output_of(model, &batch, SEQNN_EVALUATE);
        assert_int_equal(y.rank, 3);
        for (int i = 0; i < B * T; i++)
            for (int j = 0; j < F; j++)
                assert_true(y.data[i * F + j] ==
                            (mask && words[i] == 0 ? 0 : table[words[i] * F + j]));
        seqnn_free(model);
    }
    free(table);
}

/* One row of g(z), in double. */
static void activate_row(seqnn_activation g, int n, const double *z, double *y)
{
    double sum = 0;
    for (int j = 0; j < n; j++)
        sum += exp(z[j]);
    for (int j = 0; j < n; j++)
        y[j] = g == SEQNN_TANH          ? tanh(z[j])
               : g == SEQNN_SIGMOID     ? 1 / (1 + exp(-z[j]))
               : g == SEQNN_RELU        ? fmax(0, z[j])
               : g == SEQNN_SOFTMAX     ? exp(z[j]) / sum
               : g == SEQNN_LOG_SOFTMAX ? z[j] - log(sum)
                                        : z[j];
}

static void expect_dense(seqnn_model *model, seqnn_activation g, bool bias,
                         const seqnn_real *x, const seqnn_real *y)
{
    enum { UNITS = 7 };
    seqnn_layer *dense = seqnn_model_layer_at(model, 1);
    const seqnn_real *W = seqnn_layer_parameter(dense, "W")->value;
    const seqnn_real *b = bias ? seqnn_layer_parameter(dense, "b")->value : NULL;
    for (int row = 0; row < B * T; row++) {
        double z[UNITS], expected[UNITS];
        for (int j = 0; j < UNITS; j++) {
            z[j] = b ? (double)b[j] : 0;
            for (int i = 0; i < F; i++)
                z[j] += (double)x[row * F + i] * (double)W[i * UNITS + j];
        }
        activate_row(g, UNITS, z, expected);
        for (int j = 0; j < UNITS; j++)
            assert_true(fabs((double)y[row * UNITS + j] -
                             (is_real(row / T, row % T) ? expected[j] : 0)) < 2e-6);
    }
}

static void dense_is_g_of_x_W_plus_b(void **state)
{
    (void)state;
    enum { UNITS = 7 };
    seqnn_real *x = numbers(B * T * F, 3);
    seqnn_dataset batch = padded(x);
    for (int g = SEQNN_ACTIVATION_DEFAULT; g <= SEQNN_LOG_SOFTMAX; g++) {
        seqnn_activation activation = (seqnn_activation)g;
        seqnn_model *model = of_series(0);
        seqnn_dense_options options = {.activation = activation};
        seqnn_dense(model, UNITS, options);
        shake_weights(model, 0.5);
        expect_dense(model, activation, true, x,
                     output_of(model, &batch, SEQNN_EVALUATE).data);
        seqnn_free(model);
        if (g == SEQNN_ACTIVATION_DEFAULT)
            continue;
        model = of_series(0);
        seqnn_dense(model, UNITS, (seqnn_dense_options){.no_bias = true});
        seqnn_activate(model, activation, (seqnn_activation_options){0});
        expect_dense(model, activation, false, x,
                     output_of(model, &batch, SEQNN_EVALUATE).data);
        seqnn_free(model);
    }
    /* The same rows as vectors. */
    seqnn_model *model = seqnn_model_new(7);
    seqnn_vectors(model, F, (seqnn_source_options){0});
    seqnn_dense(model, UNITS, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_dataset rows = series(B * T, 0, F, x);
    seqnn_real *flat = kept(output_of(model, &rows, SEQNN_EVALUATE));
    seqnn_model *steps = of_series(0);
    seqnn_dense(steps, UNITS, (seqnn_dense_options){.activation = SEQNN_TANH});
    copy_layer(seqnn_model_layer_at(steps, 1), seqnn_model_layer_at(model, 1));
    seqnn_dataset whole = series(B, T, F, x);
    expect_near(B * T * UNITS, output_of(steps, &whole, SEQNN_EVALUATE).data, flat, 1e-6);
    seqnn_free(model);
    seqnn_free(steps);
    free(flat);
    free(x);
}

static void pooling_is_over_real_steps(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 4);
    for (int i = 0; i < B * T * F; i++)
        x[i] = is_real(i / F / T, i / F % T) ? x[i] - 5 : 1000; /* 0 is no maximum */
    seqnn_dataset batch = padded(x);
    for (int mean = 0; mean < 2; mean++) {
        seqnn_model *model = of_series(0);
        if (mean)
            seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
        else
            seqnn_global_max_pool(model, (seqnn_pooling_options){0});
        seqnn_tensor y = output_of(model, &batch, SEQNN_EVALUATE);
        assert_int_equal(y.rank, 2);
        for (int b = 0; b < B; b++)
            for (int j = 0; j < F; j++) {
                double sum = 0, most = -INFINITY;
                for (int t = 0; t < T; t++)
                    if (is_real(b, t)) {
                        sum += (double)x[(b * T + t) * F + j];
                        most = fmax(most, (double)x[(b * T + t) * F + j]);
                    }
                double expected = mean ? sum / length_of[b] : most;
                if (length_of[b] == 0)
                    expected = 0;
                assert_true(fabs((double)y.data[b * F + j] - expected) < 1e-5);
            }
        seqnn_free(model);
    }
    free(x);
}

/* dL/dx of one layer alone, for dy of ones times 1, 2, 3, ... */
static void dx_of_layer(seqnn_layer *layer, const seqnn_array *x, seqnn_size count,
                        seqnn_size outputs, seqnn_real *dx)
{
    seqnn_real dy[64];
    for (seqnn_size i = 0; i < outputs; i++)
        dy[i] = (seqnn_real)(i + 1);
    succeeds(seqnn_layer_forward(layer, x, count, SEQNN_EVALUATE));
    succeeds(seqnn_layer_backward(layer, dy, dx));
}

static void pooling_sends_gradients_back(void **state)
{
    (void)state;
    /* The maximum stands twice: the first has it. Sample 1 has no steps. */
    const seqnn_real x[2 * 4] = {1, 3, 3, 2, 5, 6, 7, 8};
    const int32_t start[] = {0, 1}, length[] = {4, 0};
    seqnn_array in = {
        .values = x, .time = 4, .features = 1, .start = start, .length = length};
    seqnn_real dx[8];
    seqnn_model *model = seqnn_model_new(1);
    seqnn_layer *source = seqnn_sequences(model, 1, (seqnn_source_options){.time = 4});
    seqnn_layer *max = seqnn_global_max_pool(model, (seqnn_pooling_options){0});
    seqnn_layer *mean =
        seqnn_global_mean_pool(model, (seqnn_pooling_options){.input = source});
    seqnn_layer *flat = seqnn_flatten(model, (seqnn_pooling_options){.input = source});
    dx_of_layer(max, &in, 2, 2, dx);
    const seqnn_real of_max[] = {0, 1, 0, 0, 0, 0, 0, 0};
    assert_memory_equal(dx, of_max, sizeof dx);
    dx_of_layer(mean, &in, 2, 2, dx);
    const seqnn_real of_mean[] = {0.25f, 0.25f, 0.25f, 0.25f, 0, 0, 0, 0};
    assert_memory_equal(dx, of_mean, sizeof dx);
    in.start = in.length = NULL;
    dx_of_layer(flat, &in, 2, 8, dx);
    for (int i = 0; i < 8; i++)
        assert_true(dx[i] == (seqnn_real)(i + 1));
    assert_memory_equal(seqnn_layer_output(flat).data, x, sizeof x);
    seqnn_free(model);
}

static void branches_meet(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 5);
    seqnn_dataset batch = padded(x);
    seqnn_model *model = of_series(0);
    seqnn_layer *a = seqnn_dense(model, 3, (seqnn_dense_options){0});
    seqnn_layer *b = seqnn_dense(model, 3, (seqnn_dense_options){0});
    seqnn_layer *sum = seqnn_add(model, a, b, (seqnn_merge_options){0});
    seqnn_layer *side = seqnn_concat(model, sum, a, (seqnn_merge_options){0});
    assert_int_equal(seqnn_layer_features(side), 6);
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    seqnn_tensor ya = seqnn_layer_output(a), yb = seqnn_layer_output(b),
                 ys = seqnn_layer_output(sum), yc = seqnn_layer_output(side);
    for (int i = 0; i < B * T * 3; i++) {
        assert_true(ys.data[i] == ya.data[i] + yb.data[i]);
        assert_true(yc.data[i / 3 * 6 + i % 3] == ys.data[i]);
        assert_true(yc.data[i / 3 * 6 + 3 + i % 3] == ya.data[i]);
    }
    seqnn_free(model);
    free(x);
}

/* ---- dropout ---- */

enum { WIDE_B = 20, WIDE_T = 30, WIDE_F = 50, WIDE = WIDE_B * WIDE_T * WIDE_F };

/* A dropout layer on ones: its output is its mask. */
static seqnn_model *dropping(uint64_t seed, seqnn_real rate, bool per_sequence)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_sequences(model, WIDE_F, (seqnn_source_options){0});
    seqnn_dropout(model, rate, (seqnn_dropout_options){.per_sequence = per_sequence});
    return model;
}

static void dropout_keeps_the_mean(void **state)
{
    (void)state;
    seqnn_real *ones = (seqnn_real *)malloc(WIDE * sizeof *ones);
    for (int i = 0; i < WIDE; i++)
        ones[i] = 1;
    seqnn_dataset batch = series(WIDE_B, WIDE_T, WIDE_F, ones);
    const seqnn_real rates[] = {0.1f, 0.5f, 0.8f};
    for (int r = 0; r < 3; r++) {
        double rate = (double)rates[r], zeros = 0;
        seqnn_model *model = dropping(5, rates[r], false);
        seqnn_real *first = kept(output_of(model, &batch, SEQNN_TRAIN));
        for (int i = 0; i < WIDE; i++) {
            zeros += first[i] == 0;
            assert_true(first[i] == 0 || fabs((double)first[i] - 1 / (1 - rate)) < 1e-5);
        }
        assert_true(fabs(zeros - rate * WIDE) < 3 * sqrt(rate * (1 - rate) * WIDE));
        /* Evaluation is the identity and draws nothing. */
        assert_memory_equal(output_of(model, &batch, SEQNN_EVALUATE).data, ones,
                            WIDE * sizeof *ones);
        seqnn_real *second = kept(output_of(model, &batch, SEQNN_TRAIN));
        double same = 0;
        for (int i = 0; i < WIDE; i++)
            same += (first[i] == 0) == (second[i] == 0);
        double by_chance = rate * rate + (1 - rate) * (1 - rate);
        assert_true(fabs(same - by_chance * WIDE) <
                    4 * sqrt(by_chance * (1 - by_chance) * WIDE));
        seqnn_model *again = dropping(5, rates[r], false),
                    *other = dropping(6, rates[r], false);
        assert_memory_equal(output_of(again, &batch, SEQNN_TRAIN).data, first,
                            WIDE * sizeof *first);
        assert_memory_not_equal(output_of(other, &batch, SEQNN_TRAIN).data, first,
                                WIDE * sizeof *first);
        seqnn_free(model);
        seqnn_free(again);
        seqnn_free(other);
        free(first);
        free(second);
    }
    free(ones);
}

static void dropout_of_a_sequence_is_one_mask(void **state)
{
    (void)state;
    seqnn_real *ones = (seqnn_real *)malloc(2 * WIDE * sizeof *ones), *dx = ones + WIDE;
    for (int i = 0; i < WIDE; i++)
        ones[i] = 1;
    seqnn_dataset batch = series(WIDE_B, WIDE_T, WIDE_F, ones);
    for (int per_sequence = 0; per_sequence < 2; per_sequence++) {
        seqnn_model *model = dropping(5, 0.5f, per_sequence == 1);
        seqnn_tensor y = output_of(model, &batch, SEQNN_TRAIN);
        int same_steps = 0, same_sequences = 0;
        size_t bytes = WIDE_F * sizeof *y.data;
        for (int b = 0; b < WIDE_B; b++) {
            const seqnn_real *row = y.data + b * WIDE_T * WIDE_F;
            for (int t = 1; t < WIDE_T; t++)
                same_steps += memcmp(row, row + t * WIDE_F, bytes) == 0;
            same_sequences += b > 0 && memcmp(row, y.data, bytes) == 0;
        }
        assert_int_equal(same_steps, per_sequence ? WIDE_B * (WIDE_T - 1) : 0);
        assert_int_equal(same_sequences, 0);
        /* What was dropped gets no gradient: of a dy of ones, the mask itself. */
        seqnn_layer *dropout = seqnn_model_layer_at(model, 1);
        succeeds(seqnn_layer_forward(dropout, &batch.x[0], WIDE_B, SEQNN_TRAIN));
        succeeds(seqnn_layer_backward(dropout, ones, dx));
        assert_memory_equal(dx, seqnn_layer_output(dropout).data, WIDE * sizeof *dx);
        seqnn_free(model);
    }
    free(ones);
}

/* The mask of a sample does not depend on the lengths of the others. */
/* Number i of a mask is the counted random number i, however wide the rows are. */
static void masks_are_counted_numbers(void **state)
{
    (void)state;
    enum { ROWS = 6, WIDEST = 131 };
    const int widths[] = {1, 2, 3, 4, 5, 7, 15, 16, 17, 18, 31, 32, 33, 37, 64, WIDEST};
    seqnn_real ones[ROWS * WIDEST];
    for (int i = 0; i < ROWS * WIDEST; i++)
        ones[i] = 1;
    for (int w = 0; w < SQ_COUNT(widths); w++) {
        seqnn_model *model = seqnn_model_new(71);
        seqnn_vectors(model, widths[w], (seqnn_source_options){0});
        seqnn_dropout(model, 0.5f, (seqnn_dropout_options){0});
        seqnn_dataset batch = series(ROWS, 0, widths[w], ones);
        for (uint64_t pass = 1; pass < 3; pass++) {
            seqnn_tensor mask = output_of(model, &batch, SEQNN_TRAIN);
            for (int i = 0; i < ROWS * widths[w]; i++) {
                uint32_t number = seqnn_random_at(71, pass << 24 | 1 << 2, (uint64_t)i);
                if (mask.data[i] != (number < 2147483520u ? 0 : 2))
                    fail_msg("%d wide, number %d", widths[w], i);
            }
        }
        seqnn_free(model);
    }
}

static void dropout_follows_the_sample(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 6);
    seqnn_dataset whole = series(B, T, F, x), cut = padded(x);
    for (int cell = -1; cell < CELLS; cell++) {
        seqnn_real *y[2];
        for (int k = 0; k < 2; k++) {
            seqnn_model *model = of_series(0);
            if (cell < 0)
                seqnn_dropout(model, 0.5f, (seqnn_dropout_options){0});
            else
                add_cell(model, (test_cell)cell, 3,
                         (seqnn_recurrent_options){.return_sequences = true,
                                                   .dropout = 0.5f,
                                                   .recurrent_dropout = 0.5f});
            y[k] = kept(output_of(model, k ? &cut : &whole, SEQNN_TRAIN));
            seqnn_free(model);
        }
        int wide = cell < 0 ? F : 3;
        for (int b = 0; b < B; b++)
            if (start_of[b] == 0) /* a later start would be another sequence */
                expect_near(length_of[b] * wide, y[1] + b * T * wide, y[0] + b * T * wide,
                            1e-6);
        free(y[0]);
        free(y[1]);
    }
    free(x);
}

/* ---- one layer alone ---- */

typedef struct pass_of_layer {
    seqnn_real *y, *dy, *gradient[4];
} pass_of_layer;

static void keep_pass(seqnn_layer *layer, pass_of_layer *pass)
{
    pass->y = kept(seqnn_layer_output(layer));
    pass->dy = kept(seqnn_layer_output_gradient(layer));
    for (seqnn_size p = 0; p < seqnn_layer_parameters(layer); p++) {
        seqnn_parameter *parameter = seqnn_layer_parameter_at(layer, p);
        pass->gradient[p] = kept(
            seqnn_tensor_2d(parameter->gradient, parameter->rows, parameter->columns));
    }
}

static void expect_alone(seqnn_layer *layer, const seqnn_array *x, seqnn_size count,
                         seqnn_mode mode, const pass_of_layer *pass,
                         const seqnn_real *dx_expected)
{
    seqnn_real dx[B * T * 64];
    uint64_t before = layer->model->pass;
    seqnn_zero_gradients(layer->model);
    layer->model->pass = 0; /* the same dropout masks */
    succeeds(seqnn_layer_forward(layer, x, count, mode));
    seqnn_tensor y = seqnn_layer_output(layer);
    assert_memory_equal(y.data, pass->y, (size_t)seqnn_tensor_size(y) * sizeof *y.data);
    succeeds(seqnn_layer_backward(layer, pass->dy, dx));
    for (seqnn_size p = 0; p < seqnn_layer_parameters(layer); p++) {
        seqnn_parameter *parameter = seqnn_layer_parameter_at(layer, p);
        assert_memory_equal(parameter->gradient, pass->gradient[p],
                            (size_t)(parameter->rows * parameter->columns) *
                                sizeof(seqnn_real));
    }
    seqnn_size cells = count * (x->time ? x->time : 1) * x->features;
    if (dx_expected)
        assert_memory_equal(dx, dx_expected, (size_t)cells * sizeof *dx);
    layer->model->pass = before;
}

/* Every layer of a chain, alone, gives the bits it gave in the model. */
static void expect_each_alone(seqnn_model *model, const seqnn_dataset *batch,
                              const int32_t *start, const int32_t *length,
                              seqnn_mode mode)
{
    pass_of_layer passes[16];
    seqnn_size layers = seqnn_model_layers(model);
    if (!seqnn_ok(model))
        fail_msg("%s", seqnn_error());
    shake_weights(model, 0.2);
    model->pass = 0;
    succeeds(seqnn_forward(model, batch, mode));
    seqnn_real *c = numbers(seqnn_tensor_size(seqnn_output(model)), 8);
    succeeds(seqnn_set_output_gradient(model, c));
    succeeds(seqnn_backward(model));
    for (seqnn_size i = 0; i < layers; i++)
        keep_pass(seqnn_model_layer_at(model, i), &passes[i]);
    for (seqnn_size i = 0; i < layers; i++) {
        seqnn_layer *layer = seqnn_model_layer_at(model, i);
        seqnn_array x = batch->x[0];
        if (i > 0) {
            seqnn_layer *below = seqnn_model_layer_at(model, i - 1);
            bool sequence = seqnn_layer_is_sequence(below);
            memset(&x, 0, sizeof x);
            x.values = passes[i - 1].y;
            x.features = seqnn_layer_features(below);
            x.time = sequence ? batch->x[0].time : 0;
            x.start = sequence ? start : NULL;
            x.length = sequence ? length : NULL;
        }
        bool trained = i > 0 && model->layers[i - 1]->out.gradient_wanted;
        expect_alone(layer, &x, batch->count, mode, &passes[i],
                     trained ? passes[i - 1].dy : NULL);
    }
    for (seqnn_size i = 0; i < layers; i++) {
        free(passes[i].y);
        free(passes[i].dy);
        for (seqnn_size p = 0; p < seqnn_layer_parameters(model->layers[i]); p++)
            free(passes[i].gradient[p]);
    }
    free(c);
    seqnn_free(model);
}

static void a_layer_alone_is_the_layer_in_its_model(void **state)
{
    (void)state;
    static const int32_t words[B * T] = {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 1, 0, 0, 0, 0,
                                         0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 6};
    const seqnn_recurrent_options sequences = {.return_sequences = true,
                                               .dropout = 0.3f,
                                               .recurrent_dropout = 0.3f},
                                  last = {.go_backwards = true};
    seqnn_dataset text = words_of(B, T, words);
    seqnn_real *x = numbers(B * T * F, 12);
    seqnn_dataset whole = series(B, T, F, x), cut = padded(x);
    for (int m = 0; m < 2; m++) {
        seqnn_mode mode = m ? SEQNN_TRAIN : SEQNN_EVALUATE;
        seqnn_model *model = seqnn_model_new(2);
        seqnn_embedding(model, 9, 5, (seqnn_embedding_options){.mask_zero = true});
        seqnn_dense(model, 6, (seqnn_dense_options){.activation = SEQNN_TANH});
        seqnn_dropout(model, 0.3f, (seqnn_dropout_options){0});
        seqnn_simple_rnn(model, 7, sequences);
        seqnn_lstm(model, 5, sequences);
        seqnn_gru(model, 6, sequences);
        seqnn_activate(model, SEQNN_SIGMOID, (seqnn_activation_options){0});
        seqnn_global_max_pool(model, (seqnn_pooling_options){0});
        seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        expect_each_alone(model, &text, start_of, length_of, mode);

        model = of_series(T);
        seqnn_dense(model, 5, (seqnn_dense_options){0});
        seqnn_flatten(model, (seqnn_pooling_options){0});
        seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_RELU});
        seqnn_dropout(model, 0.5f, (seqnn_dropout_options){0});
        seqnn_activate(model, SEQNN_LOG_SOFTMAX, (seqnn_activation_options){0});
        expect_each_alone(model, &whole, NULL, NULL, mode);

        model = of_series(0);
        seqnn_dense(model, 5, (seqnn_dense_options){0});
        seqnn_dropout(model, 0.5f, (seqnn_dropout_options){.per_sequence = true});
        seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
        expect_each_alone(model, &cut, start_of, length_of, mode);

        for (int cell = 0; cell < CELLS; cell++) {
            model = of_series(0);
            seqnn_dense(model, 5, (seqnn_dense_options){0});
            add_cell(model, (test_cell)cell, 6, last);
            seqnn_dense(model, 2, (seqnn_dense_options){0});
            expect_each_alone(model, &cut, start_of, length_of, mode);
        }
    }
    free(x);
}

/* ---- gradients add up; frozen layers stand still ---- */

static seqnn_model *dropped_stack(void)
{
    seqnn_model *model = of_series(0);
    seqnn_dense(model, 6, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_dropout(model, 0.4f, (seqnn_dropout_options){0});
    seqnn_lstm(model, 5,
               (seqnn_lstm_options){
                   .return_sequences = true, .dropout = 0.4f, .recurrent_dropout = 0.2f});
    seqnn_gru(model, 4, (seqnn_gru_options){.dropout = 0.4f});
    return model;
}

static void gradients_add_up(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 13), *c = numbers(B * 4, 14);
    seqnn_dataset batch = padded(x);
    for (int passes = 1; passes <= 2; passes++) { /* one pass gone back over twice; two */
        seqnn_model *model = dropped_stack();
        seqnn_size count;
        seqnn_real *gradients = seqnn_gradients(model, &count);
        seqnn_real *once = NULL;
        for (int k = 0; k < 2; k++) {
            model->pass = 3;
            if (k < passes)
                succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
            succeeds(seqnn_set_output_gradient(model, c));
            succeeds(seqnn_backward(model));
            if (k == 0)
                once = kept(seqnn_tensor_1d(gradients, count));
        }
        for (seqnn_size i = 0; i < count; i++)
            once[i] *= 2;
        expect_near(count, gradients, once, 1e-6);
        seqnn_zero_gradients(model);
        for (seqnn_size i = 0; i < count; i++)
            assert_true(gradients[i] == 0);
        free(once);
        seqnn_free(model);
    }
    free(x);
    free(c);
}

static void frozen_layers_do_not_move(void **state)
{
    (void)state;
    static const int32_t words[] = {1, 2, 3, 4, 5, 0}, classes[] = {0, 1};
    seqnn_dataset batch = words_of(2, 3, words);
    batch.y.indices = classes;
    for (int frozen = 0; frozen < 5; frozen++) {
        seqnn_model *model = seqnn_model_new(4);
        seqnn_embedding(model, 6, 4, (seqnn_embedding_options){.frozen = frozen == 0});
        seqnn_lstm(model, 4,
                   (seqnn_lstm_options){.frozen = frozen == 1, .return_sequences = true});
        seqnn_gru(model, 4,
                  (seqnn_gru_options){.frozen = frozen == 2, .return_sequences = true});
        seqnn_simple_rnn(model, 4, (seqnn_rnn_options){.frozen = frozen == 3});
        seqnn_dense(
            model, 2,
            (seqnn_dense_options){.frozen = frozen == 4, .activation = SEQNN_SOFTMAX});
        seqnn_size count;
        seqnn_real *weights = seqnn_weights(model, &count);
        seqnn_real *before = kept(seqnn_tensor_1d(weights, count));
        seqnn_train_options options = {.optimizer = seqnn_adamw(0.1f),
                                       .clip_global_norm = 1};
        for (int k = 0; k < 2; k++)
            assert_true(!isnan(seqnn_train_step(model, &batch, options)));
        for (seqnn_size i = 0; i < 5; i++)
            for (seqnn_size p = 0; p < seqnn_layer_parameters(model->layers[i]); p++) {
                seqnn_parameter *parameter =
                    seqnn_layer_parameter_at(model->layers[i], p);
                size_t bytes =
                    (size_t)(parameter->rows * parameter->columns) * sizeof *before;
                seqnn_real *was = before + (parameter->value - weights);
                assert_int_equal(parameter->frozen, i == frozen);
                assert_int_equal(memcmp(was, parameter->value, bytes) == 0, i == frozen);
                for (seqnn_size j = 0; i == frozen && j < parameter->columns; j++)
                    assert_true(parameter->gradient[j] == 0);
            }
        free(before);
        seqnn_free(model);
    }
}

/* ---- names, counts, plans ---- */

static void names_and_numbers(void **state)
{
    (void)state;
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, 3360, 100, (seqnn_embedding_options){0});
    seqnn_simple_rnn(model, 50, (seqnn_rnn_options){0});
    seqnn_dense(model, 5, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    assert_int_equal(seqnn_model_parameters(model), 343805);
    assert_int_equal(seqnn_model_layers(model), 3);
    assert_string_equal(seqnn_layer_name(seqnn_model_layer_at(model, 1)), "simple_rnn_1");
    assert_string_equal(seqnn_layer_kind(seqnn_model_layer_at(model, 1)), "simple_rnn");
    assert_ptr_equal(seqnn_model_layer(model, "dense_1"), seqnn_model_layer_at(model, 2));
    assert_null(seqnn_model_layer(model, "dense_2"));
    assert_null(seqnn_model_layer_at(model, 3));
    assert_null(seqnn_model_layer_at(model, -1));
    FILE *file = tmpfile();
    char text[2048];
    seqnn_model_summary(model, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *parts[] = {"embedding_1 (embedding)",
                           "(None, None, 100)",
                           "336000\n",
                           "simple_rnn_1 (simple_rnn)",
                           "(None, 50)",
                           "7550\n",
                           "dense_1 (dense)",
                           "(None, 5)",
                           "255\n",
                           "Total params: 343805\n",
                           "Trainable params: 343805\n",
                           "Non-trainable params: 0\n"};
    for (int i = 0; i < SQ_COUNT(parts); i++)
        if (!strstr(text, parts[i]))
            fail_msg("no '%s' in\n%s", parts[i], text);
    seqnn_free(model);

    /* A default name steps aside. */
    model = of_series(0);
    seqnn_dense(model, 2, (seqnn_dense_options){.name = "lstm_1"});
    seqnn_layer *lstm = seqnn_lstm(model, 2, (seqnn_lstm_options){0});
    assert_string_equal(seqnn_layer_name(lstm), "lstm_2");
    seqnn_free(model);
}

/* Weight counts of each layer by the formulas of its header. */
static void parameter_counts(void **state)
{
    (void)state;
    const seqnn_size X = 11, H = 7;
    const seqnn_reset resets[] = {SEQNN_RESET_DEFAULT, SEQNN_RESET_BEFORE,
                                  SEQNN_RESET_AFTER};
    seqnn_model *model = seqnn_model_new(1);
    seqnn_layer *x = seqnn_sequences(model, X, (seqnn_source_options){0});
    seqnn_size expected = 0;
    seqnn_lstm(model, H, (seqnn_lstm_options){.input = x});
    expected += 4 * (X * H + H * H + H);
    seqnn_lstm(model, H, (seqnn_lstm_options){.input = x, .no_bias = true});
    expected += 4 * (X * H + H * H);
    for (int i = 0; i < 3; i++) {
        seqnn_gru(model, H, (seqnn_gru_options){.input = x, .reset = resets[i]});
        expected += 3 * (X * H + H * H + (i == 0 ? 2 : 1) * H);
    }
    seqnn_simple_rnn(model, H,
                     (seqnn_rnn_options){.input = x, .bidirectional = SEQNN_SUM});
    expected += 2 * (X * H + H * H + H);
    seqnn_dense(model, H, (seqnn_dense_options){.input = x});
    expected += X * H + H;
    assert_int_equal(seqnn_model_parameters(model), expected);
    seqnn_size count;
    assert_non_null(seqnn_weights(model, &count));
    assert_true(count >= expected);
    seqnn_free(model);
}

static void a_reserved_plan_serves_smaller_batches(void **state)
{
    (void)state;
    seqnn_real *x = numbers(B * T * F, 13);
    seqnn_dataset batch = padded(x), part = seqnn_dataset_slice(&batch, 0, 2);
    seqnn_model *model = dropped_stack();
    succeeds(seqnn_reserve(model, B + 3, T + 2));
    const char *plan = model->activations.memory;
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    succeeds(seqnn_forward(model, &part, SEQNN_TRAIN));
    assert_ptr_equal(model->activations.memory, plan);
    seqnn_real *y = kept(seqnn_output(model));

    /* A plan that cannot be made says so, and smaller ones can. */
    assert_int_equal(seqnn_reserve(model, PTRDIFF_MAX / 2, 3), SEQNN_ERROR_MEMORY);
    says("sequences 'sequences_1': a batch of 4611686018427387903 samples of 3 steps");
    succeeds(seqnn_backward(model)); /* nothing has happened */
    assert_int_equal(seqnn_reserve(model, INT32_MAX, INT32_MAX), SEQNN_ERROR_MEMORY);
    says("memory: ");
    assert_null(seqnn_output(model).data);
    assert_int_equal(seqnn_backward(model), SEQNN_ERROR_ARGUMENT);
    assert_null(seqnn_lstm_gates(seqnn_model_layer(model, "lstm_1")).data);
    model->pass = 1;
    succeeds(seqnn_forward(model, &part, SEQNN_TRAIN));
    expect_near(2 * 4, seqnn_output(model).data, y, 1e-6);
    assert_int_equal(seqnn_reserve(model, 0, 1), SEQNN_ERROR_ARGUMENT);
    says("reserve: batch 0 and time 1");
    free(y);
    free(x);
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_sorts_and_leaves),
        cmocka_unit_test(embedding_reads_its_table),
        cmocka_unit_test(dense_is_g_of_x_W_plus_b),
        cmocka_unit_test(pooling_is_over_real_steps),
        cmocka_unit_test(pooling_sends_gradients_back),
        cmocka_unit_test(branches_meet),
        cmocka_unit_test(dropout_keeps_the_mean),
        cmocka_unit_test(dropout_of_a_sequence_is_one_mask),
        cmocka_unit_test(masks_are_counted_numbers),
        cmocka_unit_test(dropout_follows_the_sample),
        cmocka_unit_test(a_layer_alone_is_the_layer_in_its_model),
        cmocka_unit_test(gradients_add_up),
        cmocka_unit_test(frozen_layers_do_not_move),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(parameter_counts),
        cmocka_unit_test(a_reserved_plan_serves_smaller_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
