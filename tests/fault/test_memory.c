/* Every allocation fails once, at every place there is one: building, training,
 * prediction, evaluation, summary, and text on the way in. Each ends with a status and a
 * sentence, and everything is given back. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#include "models.h"
#include "encode.h"
#include "failing_malloc.h"
#include "label_filter.h"
#include "lemmas.h"
#include "naive_bayes.h"
#include "split.h"
#include "stems.h"
#include "stream.h"

/* Runs the job with the n-th allocation failing, for n = 0, 1, ... until none is left. */
static void each_allocation(seqnn_status (*job)(void), long at_least)
{
    for (long n = 0;; n++) {
        begin_failing(n);
        seqnn_status status = job();
        if (!end_failing()) {
            if (status)
                fail_msg("nothing fails, but: %s", seqnn_error());
            assert_true(n >= at_least);
            return;
        }
        if (status != SEQNN_ERROR_MEMORY)
            fail_msg("allocation %ld fails: the status is %s, '%s'", n,
                     seqnn_status_name(status), seqnn_error());
        says("memory");
    }
}

enum { COUNT = 6, TIME = 4, WORDS = 12 };

static const int32_t words[COUNT * TIME] = {1, 2, 3, 0, 4, 5, 6,  7, 8, 9, 0, 0,
                                            1, 0, 0, 0, 0, 0, 10, 2, 3, 4, 5, 11},
                                   classes[COUNT] = {0, 1, 0, 1, 1, 0},
                                   tags[COUNT * TIME] = {1, 0, 1};

static seqnn_dataset text(bool every_step)
{
    seqnn_dataset data = words_of(COUNT, TIME, words);
    data.y.indices = every_step ? tags : classes;
    data.y.time = every_step ? TIME : 0;
    return data;
}

/* Everything that has memory of its own. */
static seqnn_model *build(bool every_step)
{
    static const seqnn_real vectors[WORDS * 3] = {0.5f};
    seqnn_recurrent_options sequences = {.return_sequences = true, .dropout = 0.2f};
    seqnn_recurrent_options both = {.return_sequences = true,
                                    .bidirectional = SEQNN_CONCAT};
    seqnn_model *model = seqnn_model_new(1);
    if (!model)
        return NULL; /* the sentence stands */
    seqnn_embedding(model, WORDS, 3,
                    (seqnn_embedding_options){.mask_zero = true, .vectors = vectors});
    seqnn_simple_rnn(model, 3,
                     (seqnn_rnn_options){.return_sequences = true,
                                         .recurrent_initializer.kind = SEQNN_NP_RNN});
    seqnn_gru(model, 3, sequences);
    if (!every_step)
        seqnn_lstm(model, 4, both);
    seqnn_dropout(model, 0.2f, (seqnn_dropout_options){0});
    if (!every_step)
        seqnn_global_max_pool(model, (seqnn_pooling_options){0});
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

/* Ends a job: the status of the first failure, a sticky one before all. */
static seqnn_status end(seqnn_model *model, seqnn_status status)
{
    if (model->status)
        status = model->status;
    seqnn_free(model);
    return status;
}

static seqnn_status build_and_fit(void)
{
    seqnn_dataset data = text(false);
    seqnn_model *model = build(false);
    if (!model)
        return SEQNN_ERROR_MEMORY;
    seqnn_fit_options options = {.epochs = 2,
                                 .batch_size = 2,
                                 .validation_split = 0.34f,
                                 .restore_best = true,
                                 .patience = 2,
                                 .clip_global_norm = 1,
                                 .optimizer = {.kind = SEQNN_RMSPROP, .momentum = 0.5f}};
    seqnn_history history = seqnn_fit(model, &data, options);
    if (!history.status)
        assert_int_equal(history.epochs, 2);
    else
        assert_false(seqnn_ok(model));
    return end(model, history.status);
}

static seqnn_status fit_in_chunks(void)
{
    seqnn_dataset data = text(true);
    seqnn_model *model = build(true);
    if (!model)
        return SEQNN_ERROR_MEMORY;
    seqnn_fit_options options = {.epochs = 1, .batch_size = 4, .bptt_chunk = 2};
    return end(model, seqnn_fit(model, &data, options).status);
}

static seqnn_status predict_and_evaluate(void)
{
    seqnn_dataset data = text(false);
    seqnn_model *model = build(false);
    if (!model)
        return SEQNN_ERROR_MEMORY;
    seqnn_tensor y =
        seqnn_predict(model, &data, (seqnn_predict_options){.batch_size = 4});
    seqnn_status status = y.data ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (!status)
        status = seqnn_evaluate(model, &data, (seqnn_evaluate_options){.batch_size = 4})
                     .status;
    return end(model, status);
}

/* One step, its views, one layer alone, states, and the summary. */
static seqnn_status look_around(void)
{
    seqnn_dataset data = text(false);
    seqnn_model *model = build(false);
    if (!model)
        return SEQNN_ERROR_MEMORY;
    seqnn_layer *lstm = seqnn_model_layer(model, "bidirectional_1_forward");
    seqnn_real x[COUNT * TIME * 3] = {0.5f}, h[COUNT * 4], C[COUNT * 4];
    seqnn_array in = {.values = x, .time = TIME, .features = 3};
    counting = false; /* the stream's own buffer is no concern of ours */
    FILE *file = tmpfile();
    counting = true;
    seqnn_model_summary(model, file);
    counting = false;
    fclose(file);
    counting = true;
    seqnn_status status = seqnn_reserve(model, COUNT, TIME);
    if (!status && isnan(seqnn_train_step(model, &data, (seqnn_train_options){0})))
        status = SEQNN_ERROR_MEMORY;
    if (!status)
        status = seqnn_get_state(lstm, h, C);
    if (!status)
        status = seqnn_set_state(lstm, COUNT, h, C);
    if (!status && !seqnn_output(model).data)
        status = SEQNN_ERROR_MEMORY;
    if (!status && !seqnn_lstm_gates(lstm).data)
        status = SEQNN_ERROR_MEMORY;
    if (!status)
        status = seqnn_layer_forward(lstm, &in, COUNT, SEQNN_TRAIN);
    if (!status)
        status = seqnn_layer_backward(lstm, NULL, x);
    return end(model, status);
}

/* Encoder and decoder: gradients on their way between states. */
static seqnn_status states_between(void)
{
    static const seqnn_real x[2 * 3 * 2] = {1, 2, 3}, c[2 * 3] = {1};
    seqnn_dataset data = series(2, 3, 2, x);
    data.x[1] = data.x[0];
    seqnn_model *model = seqnn_model_new(1);
    if (!model)
        return SEQNN_ERROR_MEMORY;
    seqnn_sequences(model, 2, (seqnn_source_options){0});
    seqnn_layer *encoder = seqnn_lstm(model, 3, (seqnn_lstm_options){0});
    seqnn_sequences(model, 2, (seqnn_source_options){0});
    seqnn_layer *decoder =
        seqnn_lstm(model, 3, (seqnn_lstm_options){.initial_state = encoder});
    seqnn_status status = seqnn_forward(model, &data, SEQNN_TRAIN);
    if (!status)
        status = seqnn_set_output_gradient(model, c);
    if (!status)
        status = seqnn_set_state_gradient(decoder, c, c);
    if (!status)
        status = seqnn_backward(model);
    return end(model, status);
}

static seqnn_status read_text(void)
{
    seqnn_encode_options options = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    seqnn_texts *texts = seqnn_texts_new();
    bool complete = texts && !seqnn_texts_add(texts, "A large dog barks", "dogs", NULL) &&
                    !seqnn_texts_add(texts, "a small cat", "cats", NULL);
    seqnn_dataset *data = complete ? seqnn_encode(texts, options) : NULL;
    seqnn_status status = data ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
    return status;
}

static seqnn_status label_texts(seqnn_texts *texts)
{
    static const char *const labels[] = {"cs.LG", "cs.AI"};
    static const char *const lines[] = {"running $x$ dogs", "ran", "feet",
                                        "$\\$$ better"};
    seqnn_status status = SEQNN_OK;
    for (int i = 0; i < 12 && status == SEQNN_OK; i++)
        status = seqnn_texts_add_labels(texts, i % 3 ? lines[i / 3] : "a small cat",
                                        labels + i % 2, 2 - i % 2, NULL);
    return status;
}

/* Cleaned abstracts with labels as vectors, in three parts. */
static seqnn_status preprocess(void)
{
    seqnn_texts *texts = seqnn_texts_new(), *chosen = NULL;
    if (texts && label_texts(texts) == SEQNN_OK)
        chosen =
            seqnn_filter_labels(texts, (seqnn_label_filter_options){.prefix = "cs."});
    seqnn_encode_options options = {
        .cleaning = SEQNN_CLEAN_ABSTRACTS, .lemmas = true, .n_hot = SEQNN_TF_IDF};
    seqnn_dataset *data = seqnn_encode(chosen, options);
    seqnn_partition_options split = {
        .validation = 0.3, .test = 0.2, .duplicates_together = true};
    seqnn_parts parts = seqnn_partition(data, split);
    seqnn_status status = data ? parts.status : SEQNN_ERROR_MEMORY;
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_texts_free(chosen);
    seqnn_texts_free(texts);
    return status;
}

/* A text as one-hot characters, and its stems. */
static seqnn_status stream(void)
{
    seqnn_tokenizer_options characters = {.char_level = true};
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(characters);
    seqnn_dataset *data = seqnn_encode_stream("running dogs", tokenizer, 3,
                                              (seqnn_stream_options){.batch_size = 2});
    seqnn_dataset *hot = seqnn_one_hot(data);
    seqnn_stemmer *stemmer = hot ? seqnn_stemmer_new(NULL) : NULL;
    const char *stem = stemmer ? seqnn_stem(stemmer, "running") : NULL;
    seqnn_stemmer_free(stemmer);
    seqnn_dataset_free(hot);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(tokenizer);
    return stem ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

/* Naive Bayes of three words, and what it says of them. */
static seqnn_status count_words(void)
{
    static const int32_t words[] = {1, 2, 2}, classes[] = {0, 1, 1};
    seqnn_dataset data = {.count = 3,
                          .x[0] = {.indices = words, .time = 1},
                          .y = {.indices = classes},
                          .classes = 2,
                          .vocabulary = 3};
    seqnn_real scores[6];
    seqnn_naive_bayes *model =
        seqnn_naive_bayes_fit(&data, (seqnn_naive_bayes_options){.binary = true});
    seqnn_status status = model ? seqnn_naive_bayes_log_posterior(model, &data, scores)
                                : SEQNN_ERROR_MEMORY;
    seqnn_naive_bayes_free(model);
    return status;
}

static void preprocessing(void **state)
{
    (void)state;
    each_allocation(preprocess, 40);
    each_allocation(stream, 10);
    each_allocation(count_words, 9);
}

static void building_and_fitting(void **state)
{
    (void)state;
    each_allocation(build_and_fit, 30);
}

static void fitting_in_chunks(void **state)
{
    (void)state;
    each_allocation(fit_in_chunks, 20);
}

static void predicting_and_evaluating(void **state)
{
    (void)state;
    each_allocation(predict_and_evaluate, 15);
}

static void looking_around(void **state)
{
    (void)state;
    each_allocation(look_around, 20);
}

static void states_and_gradients(void **state)
{
    (void)state;
    each_allocation(states_between, 10);
}

static void reading_text(void **state)
{
    (void)state;
    each_allocation(read_text, 5);
}

/* A model that failed for want of memory in training goes on when there is some. */
static void a_fit_that_failed_can_be_repeated(void **state)
{
    (void)state;
    seqnn_dataset data = text(false);
    seqnn_model *model = build(false);
    assert_non_null(seqnn_weights(model, NULL));
    for (long n = 0;; n++) {
        begin_failing(n);
        seqnn_history history =
            seqnn_fit(model, &data, (seqnn_fit_options){.batch_size = 4});
        counting = false; /* the model keeps what it has got */
        assert_null(model->status ? model->message : NULL);
        if (!history.status)
            break;
        assert_int_equal(history.status, SEQNN_ERROR_MEMORY);
    }
    assert_true(seqnn_ok(model));
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preprocessing),
        cmocka_unit_test(building_and_fitting),
        cmocka_unit_test(fitting_in_chunks),
        cmocka_unit_test(predicting_and_evaluating),
        cmocka_unit_test(looking_around),
        cmocka_unit_test(states_and_gradients),
        cmocka_unit_test(reading_text),
        cmocka_unit_test(a_fit_that_failed_can_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
