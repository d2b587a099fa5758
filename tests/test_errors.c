/* Bad input to models, layers and training: each is refused, with a sentence that says
 * what came and where. Nothing crashes, and building errors stay. */
#include "models.h"

enum { B = 3, T = 4, F = 2, WORDS = 6 };

static const seqnn_real values[B * T * 3] = {0.5f, 1, -1, 2};
static const int32_t words[B * T] = {1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2};

static const seqnn_dense_options dense = {0};
static const seqnn_recurrent_options last = {0}, sequences = {.return_sequences = true};
static const seqnn_source_options any_time = {0};

/* The address sanitizer is to answer an absurd size as malloc does, with NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* A call that must fail with this status and these words. */
#define refuses(call, status, part)                                                      \
    do {                                                                                 \
        assert_int_equal(call, status);                                                  \
        says(part);                                                                      \
    } while (0)

static seqnn_model *of_series(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_sequences(model, F, any_time);
    return model;
}

static seqnn_model *of_vectors(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_vectors(model, F, any_time);
    return model;
}

static seqnn_model *of_words(bool mask_zero)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, WORDS, 3, (seqnn_embedding_options){.mask_zero = mask_zero});
    return model;
}

/* The model stays in error: its sentence is told by every later call. */
static void expect_sticky(seqnn_model *model, seqnn_status status, const char *part)
{
    says(part);
    assert_false(seqnn_ok(model));
    seqnn_size layers = seqnn_model_layers(model);
    sq_fail(SEQNN_ERROR_FILE, "another sentence");
    assert_null(seqnn_dense(model, 3, dense));
    says(part);
    sq_fail(SEQNN_ERROR_FILE, "another sentence");
    assert_null(seqnn_lstm(model, 3, (seqnn_lstm_options){.bidirectional = SEQNN_SUM}));
    says(part);
    assert_null(seqnn_embedding(model, 3, 3, (seqnn_embedding_options){0}));
    assert_null(seqnn_concat(model, NULL, NULL, (seqnn_merge_options){0}));
    assert_null(seqnn_flatten(model, (seqnn_pooling_options){0}));
    assert_int_equal(seqnn_model_layers(model), layers);
    seqnn_dataset batch = series(B, T, F, values);
    sq_fail(SEQNN_ERROR_FILE, "another sentence");
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), status, part);
    sq_fail(SEQNN_ERROR_FILE, "another sentence");
    assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    says(part);
    refuses(seqnn_fit(model, &batch, (seqnn_fit_options){0}).status, status, part);
    refuses(seqnn_reserve(model, 1, 1), status, part);
    assert_null(seqnn_weights(model, NULL));
    assert_null(seqnn_predict(model, &batch, (seqnn_predict_options){0}).data);
    says(part);
    FILE *file = tmpfile();
    char text[600];
    seqnn_model_summary(model, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_non_null(strstr(text, part));
    seqnn_free(model);
}

/* ---- building ---- */

static void layers_refuse_options(void **state)
{
    (void)state;
    const seqnn_status argument = SEQNN_ERROR_ARGUMENT, shape = SEQNN_ERROR_SHAPE;
    const seqnn_real nan = (seqnn_real)NAN, rates[] = {1, -0.1f, nan};
    seqnn_model *model;

    for (int i = 0; i < 3; i++) {
        model = of_series();
        assert_null(seqnn_dropout(model, rates[i], (seqnn_dropout_options){0}));
        expect_sticky(model, argument, "dropout 'dropout_1': rate ");
        model = of_series();
        assert_null(seqnn_lstm(model, 3, (seqnn_lstm_options){.dropout = rates[i]}));
        expect_sticky(model, argument, "expected 0 <= rate < 1");
        model = of_series();
        assert_null(
            seqnn_gru(model, 3, (seqnn_gru_options){.recurrent_dropout = rates[i]}));
        expect_sticky(model, argument, "gru 'gru_1': dropout 0 and recurrent_dropout ");
    }
    model = of_series();
    assert_null(seqnn_gru(model, 3, (seqnn_gru_options){.forget_bias = 2}));
    expect_sticky(model, argument, "forget_bias of lstm");
    model = of_series();
    assert_null(seqnn_lstm(model, 3, (seqnn_lstm_options){.activation = SEQNN_RELU}));
    expect_sticky(model, argument, "activation is an option of simple_rnn");
    model = of_series();
    assert_null(
        seqnn_simple_rnn(model, 3, (seqnn_rnn_options){.reset = SEQNN_RESET_AFTER}));
    expect_sticky(model, argument, "reset of gru");
    model = of_series();
    assert_null(
        seqnn_simple_rnn(model, 3, (seqnn_rnn_options){.activation = SEQNN_SOFTMAX}));
    expect_sticky(model, argument, "activation is one of linear, tanh, sigmoid, relu");
    model = of_series();
    assert_null(seqnn_lstm(model, 3, (seqnn_lstm_options){.bptt_window = -1}));
    expect_sticky(model, argument, "lstm 'lstm_1': bptt_window is -1");
    model = of_series();
    assert_null(
        seqnn_dense(model, 3, (seqnn_dense_options){.activation = (seqnn_activation)99}));
    expect_sticky(model, argument, "dense 'dense_1'");

    model = of_series();
    assert_null(seqnn_lstm(
        model, 3,
        (seqnn_lstm_options){.bidirectional = SEQNN_CONCAT, .go_backwards = true}));
    expect_sticky(model, argument, "bidirectional is SEQNN_CONCAT or SEQNN_SUM, without");
    model = of_series();
    assert_null(
        seqnn_lstm(model, 3, (seqnn_lstm_options){.bidirectional = (seqnn_merge)7}));
    expect_sticky(model, argument, "bidirectional is SEQNN_CONCAT or SEQNN_SUM");

    /* The state of another cell, of other units, of another model, of no cell at all. */
    seqnn_model *elsewhere = of_series();
    for (int k = 0; k < 4; k++) {
        model = of_series();
        seqnn_layer *source = seqnn_model_layer_at(model, 0), *from;
        from = k == 0   ? seqnn_gru(model, 3, last)
               : k == 1 ? seqnn_lstm(model, 4, last)
               : k == 2 ? seqnn_lstm(elsewhere, 3, last)
                        : source;
        assert_null(seqnn_lstm(
            model, 3, (seqnn_lstm_options){.input = source, .initial_state = from}));
        expect_sticky(model, shape, "is not a lstm layer of 3 units in this model");
    }
    seqnn_free(elsewhere);
}

static void layers_refuse_shapes(void **state)
{
    (void)state;
    const seqnn_status argument = SEQNN_ERROR_ARGUMENT, shape = SEQNN_ERROR_SHAPE;
    const char *expected = "input 'vectors_1' is [batch, 2], expected [batch, time,";
    for (int cell = 0; cell < CELLS; cell++) {
        seqnn_model *model = of_vectors();
        assert_null(add_cell(model, (test_cell)cell, 3, last));
        expect_sticky(model, shape, expected);
        model = of_series();
        assert_null(add_cell(model, (test_cell)cell, 0, last));
        expect_sticky(model, argument, "_1': 0 units, expected at least 1");
    }
    seqnn_model *model = of_vectors();
    assert_null(seqnn_global_max_pool(model, (seqnn_pooling_options){0}));
    expect_sticky(model, shape, expected);
    model = of_vectors();
    assert_null(seqnn_global_mean_pool(model, (seqnn_pooling_options){0}));
    expect_sticky(model, shape, expected);
    model = of_vectors();
    assert_null(seqnn_flatten(model, (seqnn_pooling_options){0}));
    expect_sticky(model, shape, expected);
    model = of_series();
    assert_null(seqnn_flatten(model, (seqnn_pooling_options){0}));
    expect_sticky(model, shape, "the length of 'sequences_1' is not fixed");
    model = of_series();
    assert_null(seqnn_dense(model, -4, dense));
    expect_sticky(model, argument, "dense 'dense_1': -4 units");
    model = seqnn_model_new(1);
    assert_null(seqnn_sequences(model, 0, any_time));
    expect_sticky(model, argument, "sequences: 0 features and length 0");
    model = seqnn_model_new(1);
    assert_null(seqnn_embedding(model, 0, 3, (seqnn_embedding_options){0}));
    expect_sticky(model, argument, "a vocabulary of 0 words");

    model = of_series();
    seqnn_layer *a = seqnn_dense(model, 3, dense), *b = seqnn_dense(model, 4, dense);
    assert_null(seqnn_add(model, a, b, (seqnn_merge_options){0}));
    expect_sticky(model, shape,
                  "'dense_1' (sequences of 3) and 'dense_2' (sequences of 4) do not fit");
    model = of_series();
    a = seqnn_dense(model, 3, dense);
    b = seqnn_simple_rnn(model, 3, last);
    assert_null(seqnn_concat(model, a, b, (seqnn_merge_options){0}));
    expect_sticky(model, shape, "'simple_rnn_1' (vectors of 3) do not fit");
    model = of_series();
    a = seqnn_model_layer_at(model, 0);
    b = seqnn_sequences(model, F, any_time); /* another time axis */
    assert_null(seqnn_add(model, a, b, (seqnn_merge_options){0}));
    expect_sticky(model, shape, "do not fit");
    model = of_series();
    assert_null(seqnn_add(model, NULL, NULL, (seqnn_merge_options){0}));
    expect_sticky(model, argument, "add: an input is NULL");
}

static void models_refuse_layers(void **state)
{
    (void)state;
    const seqnn_status argument = SEQNN_ERROR_ARGUMENT;
    seqnn_dataset batch = series(B, T, F, values);
    seqnn_model *model = seqnn_model_new(1);
    assert_null(seqnn_dense(model, 3, dense));
    expect_sticky(
        model, argument,
        "dense: the first layer is an embedding, one_hot, sequences or vectors");
    model = seqnn_model_new(1);
    assert_null(seqnn_lstm(model, 3, (seqnn_lstm_options){.bidirectional = SEQNN_SUM}));
    expect_sticky(model, argument, "the first layer is an embedding");

    model = of_series();
    seqnn_dense(model, 3, dense);
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    assert_null(seqnn_dense(model, 3, dense));
    expect_sticky(model, argument, "dense: the model is in use");

    model = of_series();
    seqnn_dense(model, 3, (seqnn_dense_options){.name = "twice"});
    assert_null(seqnn_lstm(model, 3, (seqnn_lstm_options){.name = "twice"}));
    expect_sticky(model, argument, "lstm 'twice': a name is unique in its model");
    model = of_series();
    const char *long_name =
        "0123456789012345678901234567890123456789012345678901234567890123";
    assert_null(seqnn_dense(model, 3, (seqnn_dense_options){.name = long_name}));
    expect_sticky(model, argument, "a name is unique in its model and under 64 bytes");
    model = of_series();
    assert_null(seqnn_gru(
        model, 3, (seqnn_gru_options){.name = long_name, .bidirectional = SEQNN_CONCAT}));
    expect_sticky(model, argument, "under 64 bytes");

    seqnn_model *other = of_series();
    model = of_series();
    assert_null(seqnn_dense(
        model, 3, (seqnn_dense_options){.input = seqnn_model_layer_at(other, 0)}));
    expect_sticky(model, argument, "its input 'sequences_1' is in another model");
    model = of_series();
    assert_null(seqnn_concat(model, seqnn_model_layer_at(model, 0),
                             seqnn_model_layer_at(other, 0), (seqnn_merge_options){0}));
    expect_sticky(model, SEQNN_ERROR_SHAPE, "do not fit");
    seqnn_free(other);

    model = seqnn_model_new(1);
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        assert_non_null(seqnn_vectors(model, F, any_time));
    assert_null(seqnn_vectors(model, F, any_time));
    expect_sticky(model, argument, "vectors: a model has at most 4 sources");

    model = seqnn_model_new(1);
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), argument, "it has no layers");
    seqnn_free(model);
}

/* Nothing is done with a model that is not there. */
static void a_model_may_be_null(void **state)
{
    (void)state;
    seqnn_dataset batch = series(B, T, F, values);
    const char *part = "model: NULL";
    assert_false(seqnn_ok(NULL));
    assert_null(seqnn_sequences(NULL, F, any_time));
    says(part);
    assert_null(seqnn_embedding(NULL, 3, 3, (seqnn_embedding_options){0}));
    assert_null(seqnn_dense(NULL, 3, dense));
    assert_null(seqnn_dropout(NULL, 0.5f, (seqnn_dropout_options){0}));
    assert_null(seqnn_activate(NULL, SEQNN_TANH, (seqnn_activation_options){0}));
    assert_null(seqnn_flatten(NULL, (seqnn_pooling_options){0}));
    assert_null(seqnn_add(NULL, NULL, NULL, (seqnn_merge_options){0}));
    for (int cell = 0; cell < CELLS; cell++) {
        assert_null(add_cell(NULL, (test_cell)cell, 3, last));
        assert_null(add_cell(NULL, (test_cell)cell, 3,
                             (seqnn_recurrent_options){.bidirectional = SEQNN_SUM}));
    }
    sq_fail(SEQNN_ERROR_FILE, "another sentence");
    refuses(seqnn_forward(NULL, &batch, SEQNN_TRAIN), SEQNN_ERROR_ARGUMENT, part);
    assert_int_equal(seqnn_backward(NULL), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_set_output_gradient(NULL, values), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_reserve(NULL, 1, 1), SEQNN_ERROR_ARGUMENT);
    assert_null(seqnn_output(NULL).data);
    assert_null(seqnn_weights(NULL, NULL));
    assert_null(seqnn_gradients(NULL, NULL));
    assert_int_equal(seqnn_model_parameters(NULL), 0);
    assert_int_equal(seqnn_model_layers(NULL), 0);
    assert_null(seqnn_model_layer(NULL, "dense_1"));
    assert_true(isnan(seqnn_train_step(NULL, &batch, (seqnn_train_options){0})));
    assert_true(isnan(seqnn_loss(NULL, &batch, (seqnn_loss_options){0})));
    assert_true(isnan(seqnn_clip_by_global_norm(NULL, 1, 0)));
    assert_int_equal(seqnn_step(NULL, (seqnn_optimizer){0}), SEQNN_ERROR_ARGUMENT);
    assert_int_not_equal(seqnn_fit(NULL, &batch, (seqnn_fit_options){0}).status,
                         SEQNN_OK);
    assert_int_not_equal(seqnn_evaluate(NULL, &batch, (seqnn_evaluate_options){0}).status,
                         SEQNN_OK);
    assert_null(seqnn_predict(NULL, &batch, (seqnn_predict_options){0}).data);
    seqnn_zero_gradients(NULL);
    seqnn_reset_states(NULL);
    seqnn_record_gradient_flow(NULL, true);
    seqnn_reset_optimizer(NULL);
    assert_int_equal(seqnn_steps(NULL), 0);
    seqnn_free(NULL);
    /* Nor with a layer. */
    seqnn_real h[4];
    assert_int_equal(seqnn_get_state(NULL, h, NULL), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_set_state(NULL, 1, h, NULL), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_gradient_flow(NULL, h, 4), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_layer_forward(NULL, &batch.x[0], 1, SEQNN_TRAIN),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_layer_backward(NULL, h, NULL), SEQNN_ERROR_ARGUMENT);
    assert_null(seqnn_layer_output(NULL).data);
    assert_null(seqnn_lstm_gates(NULL).data);
    assert_null(seqnn_gru_gates(NULL).data);
    assert_null(seqnn_layer_parameter(NULL, "W"));
    assert_int_equal(seqnn_layer_set(NULL, "W", h), SEQNN_ERROR_ARGUMENT);
    assert_string_equal(seqnn_layer_name(NULL), "");
}

/* ---- batches ---- */

static void batches_of_the_wrong_shape(void **state)
{
    (void)state;
    const seqnn_status shape = SEQNN_ERROR_SHAPE, argument = SEQNN_ERROR_ARGUMENT;
    seqnn_model *model = of_series();
    seqnn_dense(model, 3, dense);
    seqnn_dataset batch = series(B, T, 3, values), text = words_of(B, T, words);
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "sequences 'sequences_1': input is [3, 4, 3], expected 2 features");
    assert_false(seqnn_ok(model));
    assert_null(seqnn_output(model).data);
    batch = series(B, 0, F, values);
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "input is values with 0 steps, expected values [batch, time, features]");
    refuses(
        seqnn_forward(model, &text, SEQNN_TRAIN), shape,
        "input is word indices with 4 steps, expected values [batch, time, features]");
    batch = series(B, T, F, NULL);
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape, "input is nothing");
    batch = series(0, T, F, values);
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape, "has no samples");
    refuses(seqnn_forward(model, NULL, SEQNN_TRAIN), shape, "has no samples");
    const int32_t start[B] = {0, 1, 0}, length[B] = {4, 4, 0}, negative[B] = {0, -1, 0};
    batch = series(B, T, F, values);
    batch.x[0].start = start;
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), argument,
            "start and length come together or not at all");
    batch.x[0].length = length;
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "sequences_1: sample 1 has start 1 and length 4, but there are 4 steps");
    batch.x[0].start = negative;
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape, "sample 1 has start -1");
    batch.x[0].start = start;
    batch.x[0].length = negative;
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape, "length -1");
    batch = series(B, T, F, values); /* and it takes a right one */
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    assert_true(seqnn_ok(model));
    seqnn_free(model);

    model = of_vectors();
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "vectors 'vectors_1': input is values with 4 steps, expected values [batch, "
            "features]");
    seqnn_free(model);

    /* A fixed length; a second source that is not there. */
    model = seqnn_model_new(1);
    seqnn_layer *series_5 = seqnn_sequences(model, F, (seqnn_source_options){.time = 5});
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "input has 4 steps, expected the 5 it was built for");
    assert_non_null(series_5);
    seqnn_free(model);
    model = of_series();
    seqnn_vectors(model, F, (seqnn_source_options){.name = "beside"});
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "vectors 'beside': input is nothing");
    seqnn_free(model);

    /* Flatten takes no padding. */
    model = seqnn_model_new(1);
    seqnn_sequences(model, F, (seqnn_source_options){.time = T});
    seqnn_flatten(model, (seqnn_pooling_options){0});
    batch.x[0].start = start;
    batch.x[0].length = start;
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), shape,
            "flatten 'flatten_1': takes sequences of 4 steps each, none of them padding");
    seqnn_free(model);
}

static void words_that_are_none(void **state)
{
    (void)state;
    int32_t text[B * T];
    memcpy(text, words, sizeof text);
    seqnn_dataset batch = words_of(B, T, text);
    seqnn_model *model = of_words(false), *masked = of_words(true);
    text[T + 2] = WORDS;
    refuses(
        seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_ERROR_ARGUMENT,
        "embedding 'embedding_1': word 6 at sample 1, step 2; the vocabulary is 0 .. 5");
    text[T + 2] = -1;
    refuses(seqnn_forward(masked, &batch, SEQNN_TRAIN), SEQNN_ERROR_ARGUMENT,
            "word -1 at sample 1, step 2");
    text[T + 2] = 0;
    refuses(seqnn_forward(masked, &batch, SEQNN_TRAIN), SEQNN_ERROR_ARGUMENT,
            "padding (0) inside the text of sample 1, step 2");
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    /* Given lengths are believed, and a zero among them is still inside. */
    const int32_t start[B] = {0, 3, 0}, length[B] = {4, 1, 4}, whole[B] = {0, 0, 0};
    batch.x[0].start = start;
    batch.x[0].length = length;
    succeeds(seqnn_forward(masked, &batch, SEQNN_TRAIN));
    const int32_t all[B] = {4, 4, 4};
    batch.x[0].start = whole;
    batch.x[0].length = all;
    refuses(seqnn_forward(masked, &batch, SEQNN_TRAIN), SEQNN_ERROR_ARGUMENT,
            "padding (0) inside the text of sample 1, step 2");
    seqnn_dataset reals = series(B, T, F, values);
    refuses(
        seqnn_forward(model, &reals, SEQNN_TRAIN), SEQNN_ERROR_SHAPE,
        "embedding 'embedding_1': input is values with 4 steps, expected word indices "
        "[batch, time]");
    seqnn_free(model);
    seqnn_free(masked);
}

/* ---- passes in the wrong order ---- */

static void passes_in_the_wrong_order(void **state)
{
    (void)state;
    const seqnn_status argument = SEQNN_ERROR_ARGUMENT;
    seqnn_real h[B * 3], C[B * 3], dx[B * T * 3];
    seqnn_dataset batch = series(B, T, F, values);
    seqnn_model *model = of_series();
    seqnn_layer *wide = seqnn_dense(model, 3, dense);
    seqnn_layer *lstm = seqnn_lstm(model, 3, sequences);
    refuses(seqnn_backward(model), argument, "backward: there was no forward pass");
    refuses(seqnn_set_output_gradient(model, values), argument,
            "set_output_gradient: there was no forward pass");
    assert_null(seqnn_output(model).data);
    says("there was no forward pass");
    refuses(seqnn_get_state(lstm, h, C), argument, "get_state: 'lstm_1' has not run");
    refuses(seqnn_get_state_gradient(lstm, h, C), argument, "has not run back");
    refuses(seqnn_set_state_gradient(lstm, h, C), argument, "has not run");
    refuses(seqnn_get_state(wide, h, C), argument, "'dense_1' is not a recurrent layer");
    refuses(seqnn_set_state(lstm, 0, h, C), argument, "needs h of at least 1 sample");
    refuses(seqnn_gradient_flow(lstm, h, T), SEQNN_ERROR_SHAPE, "has not recorded");
    assert_null(seqnn_lstm_gates(lstm).data);
    says("gates: 'lstm_1' is not a lstm layer that has run");
    assert_true(isnan(seqnn_loss(model, &batch, (seqnn_loss_options){0})));
    says("loss: there was no forward pass of this model");
    refuses(seqnn_layer_backward(lstm, NULL, NULL), argument,
            "layer_backward: there was no forward pass of this layer alone");

    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    assert_null(seqnn_gru_gates(lstm).data);
    says("gates: 'lstm_1' is not a gru layer");
    refuses(seqnn_set_output_gradient(model, NULL), argument, "gradient is NULL");
    refuses(seqnn_layer_backward(lstm, NULL, NULL), argument, "of this layer alone");
    memset(h, 0, sizeof h);
    succeeds(seqnn_set_state(lstm, 2, h, NULL));
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_ERROR_SHAPE,
            "lstm 'lstm_1': the initial state is of 2 samples, the batch has 3");
    seqnn_reset_states(model);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));

    /* Alone: the wrong x, the wrong layer, the model after it. */
    seqnn_array x = {.values = values, .time = T, .features = F};
    refuses(seqnn_layer_forward(lstm, &x, B, SEQNN_TRAIN), SEQNN_ERROR_SHAPE,
            "lstm 'lstm_1': input is [3, 4, 2], expected [batch, time, 3]");
    refuses(seqnn_layer_forward(wide, NULL, B, SEQNN_TRAIN), argument, "NULL");
    refuses(seqnn_layer_forward(wide, &x, 0, SEQNN_TRAIN), SEQNN_ERROR_SHAPE,
            "dense_1: no samples");
    x.time = 0;
    refuses(seqnn_layer_forward(wide, &x, B, SEQNN_TRAIN), SEQNN_ERROR_SHAPE,
            "dense 'dense_1': input is [3, 0, 2], expected [batch, time, 2]");
    x.time = T;
    x.start = words;
    refuses(seqnn_layer_forward(wide, &x, B, SEQNN_TRAIN), argument,
            "start and length come together");
    x.start = NULL;
    succeeds(seqnn_layer_forward(wide, &x, B, SEQNN_TRAIN));
    refuses(seqnn_layer_backward(lstm, NULL, dx), argument, "of this layer alone");
    refuses(seqnn_backward(model), argument, "no forward pass");
    succeeds(seqnn_layer_backward(wide, NULL, dx));
    seqnn_free(model);

    model = of_series();
    seqnn_layer *a = seqnn_dense(model, 3, dense);
    seqnn_layer *b = seqnn_dense(model, 3, dense);
    seqnn_layer *sum = seqnn_add(model, a, b, (seqnn_merge_options){0});
    refuses(seqnn_layer_forward(sum, &x, B, SEQNN_TRAIN), argument,
            "add_1: a layer of two inputs cannot run alone");
    assert_null(seqnn_layer_parameter(a, "V"));
    says("dense_1: there is no parameter 'V'");
    assert_null(seqnn_layer_parameter_at(a, 2));
    says("dense_1: there is no parameter 2");
    seqnn_free(model);
}

/* Gates of a pass do not outlive a batch that was refused. */
static void a_refused_batch_leaves_nothing_to_read(void **state)
{
    (void)state;
    const int32_t start[1] = {1}, length[1] = {1};
    seqnn_real norms[T];
    seqnn_dataset batch = series(B, T, F, values), bad = series(1, 1, F, values);
    bad.x[0].start = start;
    bad.x[0].length = length;
    seqnn_model *model = of_series();
    seqnn_layer *lstm = seqnn_lstm(model, 3, sequences);
    seqnn_record_gradient_flow(model, true);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    succeeds(seqnn_set_output_gradient(model, values));
    succeeds(seqnn_backward(model));
    succeeds(seqnn_gradient_flow(lstm, norms, T));
    refuses(seqnn_forward(model, &bad, SEQNN_TRAIN), SEQNN_ERROR_SHAPE, "sample 0");
    assert_null(seqnn_lstm_gates(lstm).data);
    assert_null(seqnn_layer_output(lstm).data);
    assert_int_equal(seqnn_gradient_flow(lstm, norms, 1), SEQNN_ERROR_SHAPE);
    assert_int_equal(seqnn_backward(model), SEQNN_ERROR_ARGUMENT);
    seqnn_free(model);
}

/* ---- training ---- */

static void targets_that_do_not_fit(void **state)
{
    (void)state;
    const int32_t classes[B] = {0, 2, 1}, tags[B * T] = {0, 1, 0, 1, 0, 0, 3};
    seqnn_dataset batch = series(B, T, F, values);
    seqnn_model *model = of_series(), *tagger = of_series();
    seqnn_lstm(model, 3, last);
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    seqnn_lstm(tagger, 3, sequences);
    seqnn_dense(tagger, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    says("loss: the target y is nothing; categorical cross-entropy expects [3, 2] values "
         "or [3] indices");
    batch.y.indices = classes;
    assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    says("loss: sample 1: class 2 is outside [0, 2)");
    assert_true(isnan(seqnn_train_step(tagger, &batch, (seqnn_train_options){0})));
    says("loss: the target y is [3] indices; categorical cross-entropy expects [3, 4, 2] "
         "values or [3, 4] indices");
    batch.y.indices = tags;
    batch.y.time = T;
    assert_true(isnan(seqnn_train_step(tagger, &batch, (seqnn_train_options){0})));
    says("loss: sample 1, step 2: class 3 is outside [0, 2)");
    assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    says("loss: the target y is [3, 4] indices");
    batch.y.indices = NULL;
    batch.y.time = 0;
    batch.y.values = values;
    batch.y.features = 5;
    assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    says("loss: the target y is [3, 5] values");
    assert_false(seqnn_ok(model));
    batch.y.features = 2;
    assert_true(!isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    assert_true(seqnn_ok(model));
    seqnn_free(model);
    seqnn_free(tagger);
}

static void too_few_samples(void **state)
{
    (void)state;
    const seqnn_status argument = SEQNN_ERROR_ARGUMENT;
    const int32_t classes[B] = {0, 1, 1};
    seqnn_dataset data = series(B, T, F, values), empty = series(0, T, F, values);
    data.y.indices = empty.y.indices = classes;
    seqnn_model *model = of_series();
    seqnn_gru(model, 3, last);
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    seqnn_fit_options options = {.batch_size = 8, .drop_last = true};
    refuses(seqnn_fit(model, &data, options).status, argument,
            "3 samples are fewer than one batch of 8");
    says("at least 8 samples are needed");
    refuses(seqnn_fit(model, &empty, (seqnn_fit_options){0}).status, argument,
            "fit: the data set has no samples");
    refuses(seqnn_evaluate(model, &empty, (seqnn_evaluate_options){0}).status, argument,
            "evaluate: the data set has no samples");
    assert_null(seqnn_predict(model, &empty, (seqnn_predict_options){0}).data);
    says("predict: the data set has no samples");
    assert_true(isnan(seqnn_train_step(model, &empty, (seqnn_train_options){0})));
    says("the batch has no samples");
    options.drop_last = false; /* one batch of what there is */
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_OK);
    seqnn_free(model);
}

/* ---- sizes ---- */

static void absurd_sizes(void **state)
{
    (void)state;
    const seqnn_status argument = SEQNN_ERROR_ARGUMENT, memory = SEQNN_ERROR_MEMORY;
    const seqnn_size huge = PTRDIFF_MAX / 8;
    seqnn_model *model;
    for (int cell = 0; cell < CELLS; cell++) {
        model = of_series();
        assert_null(add_cell(model, (test_cell)cell, huge, last));
        expect_sticky(model, argument, "1152921504606846975 units");
        model = of_series();
        assert_null(add_cell(model, (test_cell)cell, PTRDIFF_MAX / 64, last));
        expect_sticky(model, memory, "is not possible");
    }
    model = of_series();
    assert_null(seqnn_dense(model, huge, dense));
    expect_sticky(model, memory,
                  "dense 'dense_1': a parameter W of [2, 1152921504606846975] values is "
                  "not possible");
    model = seqnn_model_new(1);
    assert_null(seqnn_embedding(model, (seqnn_size)INT32_MAX + 1, 2,
                                (seqnn_embedding_options){0}));
    expect_sticky(model, argument,
                  "a vocabulary of 2147483648 words, expected 1 to 2147483647");
    model = seqnn_model_new(1);
    assert_null(
        seqnn_embedding(model, INT32_MAX, huge / 64, (seqnn_embedding_options){0}));
    expect_sticky(model, memory, "embedding 'embedding_1': a parameter table of");
    model = seqnn_model_new(1);
    assert_null(seqnn_vectors(model, PTRDIFF_MAX, any_time));
    expect_sticky(model, argument, "vectors: 9223372036854775807 features");
    model = seqnn_model_new(1);
    assert_null(seqnn_sequences(
        model, 2, (seqnn_source_options){.time = (seqnn_size)INT32_MAX + 1}));
    expect_sticky(model, argument, "and length 2147483648");
    model = seqnn_model_new(1);
    seqnn_sequences(model, PTRDIFF_MAX / 64, (seqnn_source_options){.time = 4096});
    assert_null(seqnn_flatten(model, (seqnn_pooling_options){0}));
    expect_sticky(model, SEQNN_ERROR_SHAPE, "flatten 'flatten_1'");
    model = seqnn_model_new(1);
    seqnn_layer *a = seqnn_vectors(model, PTRDIFF_MAX / 64, any_time);
    for (int k = 0; k < 2; k++)
        if (a)
            a = seqnn_concat(model, a, a, (seqnn_merge_options){0});
    assert_null(a);
    expect_sticky(model, memory, "features are too many");

    /* Weights that are possible, but not here. */
    model = seqnn_model_new(1);
    seqnn_vectors(model, 1 << 20, any_time);
    assert_non_null(seqnn_dense(model, (seqnn_size)1 << 34, dense));
    assert_null(seqnn_weights(model, NULL));
    expect_sticky(model, memory, "model: cannot be built: memory: ");

    model = of_series();
    seqnn_lstm(model, 3, last);
    refuses(seqnn_reserve(model, INT32_MAX, INT32_MAX), memory, "memory: ");
    refuses(seqnn_reserve(model, 1, PTRDIFF_MAX), memory,
            "a batch of 1 samples of 9223372036854775807 steps is too large");
    refuses(seqnn_reserve(model, PTRDIFF_MAX, 1), memory, "is too large");
    seqnn_dataset batch = series(B, T, F, values);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN)); /* all that is forgotten */
    batch.x[0].time = PTRDIFF_MAX;
    refuses(seqnn_forward(model, &batch, SEQNN_TRAIN), memory, "is too large");
    seqnn_real h[1] = {0};
    refuses(seqnn_set_state(seqnn_model_layer(model, "lstm_1"), PTRDIFF_MAX / 2, h, NULL),
            memory, "lstm_1: too many states");
    seqnn_free(model);
}

/* ---- numbers ---- */

static void numbers_that_are_none(void **state)
{
    (void)state;
    const int32_t classes[B] = {0, 1, 1};
    const seqnn_real bad[] = {(seqnn_real)NAN, (seqnn_real)INFINITY};
    for (int k = 0; k < 2; k++) {
        seqnn_real x[B * T * F];
        memcpy(x, values, sizeof x);
        seqnn_dataset batch = series(B, T, F, x);
        batch.y.indices = classes;
        seqnn_model *model = of_series();
        seqnn_layer *rnn =
            seqnn_simple_rnn(model, 3, (seqnn_rnn_options){.activation = SEQNN_LINEAR});
        seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        assert_true(!isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
        seqnn_size count;
        seqnn_real *weights = seqnn_weights(model, &count);
        seqnn_real *before = kept(seqnn_tensor_1d(weights, count));
        x[5] = bad[k];
        assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
        says("train_step: step 2: the loss is");
        says("the first output that is not finite is that of sequences 'sequences_1'");
        assert_int_equal(model->run_status, SEQNN_ERROR_NUMBER);
        assert_memory_equal(weights, before, (size_t)count * sizeof *before);
        x[5] = values[5];
        seqnn_parameter *W_h = seqnn_layer_parameter(rnn, "W_h");
        seqnn_real was = W_h->value[1];
        W_h->value[1] = bad[k];
        assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
        says("that of simple_rnn 'simple_rnn_1'");
        W_h->value[1] = was;

        seqnn_zero_gradients(model);
        W_h->gradient[0] = bad[k];
        refuses(seqnn_step(model, (seqnn_optimizer){0}), SEQNN_ERROR_NUMBER,
                "step: step 2: the gradient of simple_rnn 'simple_rnn_1', parameter W_h");
        assert_true(isnan(seqnn_clip_by_global_norm(model, 1, 0)));
        says("clip_by_global_norm: step 2: the gradient of simple_rnn");
        assert_memory_equal(weights, before, (size_t)count * sizeof *before);
        assert_true(!isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
        assert_true(seqnn_ok(model));
        free(before);
        seqnn_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_refuse_options),
        cmocka_unit_test(layers_refuse_shapes),
        cmocka_unit_test(models_refuse_layers),
        cmocka_unit_test(a_model_may_be_null),
        cmocka_unit_test(batches_of_the_wrong_shape),
        cmocka_unit_test(words_that_are_none),
        cmocka_unit_test(passes_in_the_wrong_order),
        cmocka_unit_test(a_refused_batch_leaves_nothing_to_read),
        cmocka_unit_test(targets_that_do_not_fit),
        cmocka_unit_test(too_few_samples),
        cmocka_unit_test(absurd_sizes),
        cmocka_unit_test(numbers_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
