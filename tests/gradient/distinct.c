/* Words that are multiplied once for all of their steps, and one-hot vectors, against
 * finite differences. */
#include "check.h"
#include "distinct.h"

static const int32_t words[2][BATCH * TIME] = {
    {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 1, 0, 0, 2, 2,
     2, 2, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 4},
    {5, 5, 1, 0, 0, 0, 2, 1, 2, 1, 2, 0, 3, 3, 3,
     3, 3, 3, 0, 0, 4, 4, 7, 7, 8, 1, 1, 1, 2, 0}};

enum { CLASSES = 3 };
static const int32_t classes[BATCH] = {0, 2, 1, 1, 0};

static seqnn_dataset word_batch(void)
{
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = BATCH;
    for (int k = 0; k < 2; k++) {
        batch.x[k].indices = words[k];
        batch.x[k].time = TIME;
    }
    batch.y.indices = classes;
    return batch;
}

static seqnn_layer *embed(seqnn_model *model, bool mask, bool frozen)
{
    return seqnn_embedding(model, WORDS_OF_TEST, FEATURES,
                           (seqnn_embedding_options){.mask_zero = mask,
                                                     .frozen = frozen,
                                                     .initializer = {SEQNN_NORMAL, 1}});
}

typedef enum test_cell { RNN, LSTM, GRU, CELLS } test_cell;

static seqnn_layer *add_cell(seqnn_model *model, int cell,
                             seqnn_recurrent_options options)
{
    return cell == RNN    ? seqnn_simple_rnn(model, 3, options)
           : cell == LSTM ? seqnn_lstm(model, 3, options)
                          : seqnn_gru(model, 3, options);
}

/* The words of the first source were, or were not, taken once each. */
static void check_built(seqnn_model *model, const seqnn_loss_options *loss, bool distinct,
                        const char *name)
{
    check at;
    memset(&at, 0, sizeof at);
    at.model = model;
    at.batch = word_batch();
    at.loss = loss;
    sample_biases(model);
    double worst = check_model(&at, name);
    assert_int_equal(seqnn_model_layer_at(model, 0)->out.distinct != NULL, distinct);
    seqnn_free(model);
    assert_true(worst < TOLERANCE);
}

static void test_cells(void **state)
{
    (void)state;
    for (int cell = 0; cell < CELLS; cell++)
        for (int bits = 0; bits < 16; bits++) {
            char name[64];
            seqnn_recurrent_options options = {.return_sequences = bits & 2,
                                               .recurrent_dropout = 0.25};
            if (bits & 4)
                options.bidirectional = SEQNN_CONCAT;
            snprintf(name, sizeof name, "%s%s%s%s%s",
                     cell == RNN    ? "rnn"
                     : cell == LSTM ? "lstm"
                                    : "gru",
                     bits & 1 ? ", mask" : "", bits & 2 ? ", every step" : "",
                     bits & 4 ? ", both directions" : "", bits & 8 ? ", one-hot" : "");
            seqnn_model *model = seqnn_model_new(51);
            if (bits & 8)
                seqnn_one_hot_source(model, WORDS_OF_TEST,
                                     (seqnn_one_hot_options){.mask_zero = bits & 1});
            else
                embed(model, bits & 1, false);
            add_cell(model, cell, options);
            check_built(model, NULL, true, name);
        }
}

/* Frozen parts, and several readers of one embedding. */
static void test_readers(void **state)
{
    (void)state;
    seqnn_model *model = seqnn_model_new(52);
    embed(model, true, true);
    add_cell(model, GRU, (seqnn_recurrent_options){0});
    check_built(model, NULL, true, "frozen table");

    model = seqnn_model_new(53);
    embed(model, true, false);
    seqnn_layer *cell = add_cell(model, GRU, (seqnn_recurrent_options){0});
    seqnn_layer_parameter(cell, "W_x")->frozen = true;
    check_built(model, NULL, true, "frozen W_x");

    model = seqnn_model_new(54);
    seqnn_layer *embedding = embed(model, true, false);
    seqnn_layer *a = add_cell(model, LSTM, (seqnn_recurrent_options){0});
    seqnn_layer *b = add_cell(model, RNN, (seqnn_recurrent_options){.input = embedding});
    seqnn_add(model, a, b, (seqnn_merge_options){0});
    check_built(model, NULL, true, "two cells");

    for (int dropped = 0; dropped < 2; dropped++) {
        model = seqnn_model_new(55);
        embedding = embed(model, true, false);
        a = add_cell(model, LSTM, (seqnn_recurrent_options){0});
        if (dropped)
            b = add_cell(model, LSTM,
                         (seqnn_recurrent_options){.input = embedding, .dropout = 0.3});
        else {
            seqnn_dense(model, 3, (seqnn_dense_options){.input = embedding});
            b = seqnn_global_max_pool(model, (seqnn_pooling_options){0});
        }
        seqnn_add(model, a, b, (seqnn_merge_options){0});
        check_built(model, NULL, false,
                    dropped ? "a cell with dropout" : "cell and dense");
    }

    model = seqnn_model_new(56);
    embed(model, true, false);
    a = add_cell(model, LSTM, (seqnn_recurrent_options){0});
    embed(model, true, false);
    add_cell(model, LSTM,
             (seqnn_recurrent_options){.initial_state = a, .return_sequences = true});
    check_built(model, NULL, true, "encoder and decoder");

    model = seqnn_model_new(57);
    embedding = seqnn_one_hot_source(model, WORDS_OF_TEST, (seqnn_one_hot_options){0});
    a = add_cell(model, GRU, (seqnn_recurrent_options){.return_sequences = true});
    seqnn_concat(model, a, embedding, (seqnn_merge_options){0});
    check_built(model, NULL, false, "one-hot, two readers");
}

/* ---- through a step of training ---- */

static const seqnn_loss_options entropy = {.kind = SEQNN_CATEGORICAL_CROSSENTROPY};

static seqnn_model *classifier(int cell, bool one_hot)
{
    seqnn_model *model = seqnn_model_new(58);
    if (one_hot)
        seqnn_one_hot_source(model, WORDS_OF_TEST, (seqnn_one_hot_options){0});
    else
        embed(model, true, false);
    add_cell(model, cell, (seqnn_recurrent_options){.bidirectional = SEQNN_CONCAT});
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    sample_biases(model);
    return model;
}

static double loss_at(seqnn_model *model, const seqnn_dataset *batch)
{
    assert_int_equal(seqnn_forward(model, batch, SEQNN_TRAIN), SEQNN_OK);
    return seqnn_loss(model, batch, entropy);
}

/* A step of gradient descent moves every weight by rate * dL/dw. */
static void test_step(void **state)
{
    (void)state;
    seqnn_dataset batch = word_batch();
    const double rate = 0.125, e = 1e-5;
    for (int cell = 0; cell < CELLS; cell++)
        for (int one_hot = 0; one_hot < 2; one_hot++) {
            seqnn_model *model = classifier(cell, one_hot);
            seqnn_size count;
            double *w = seqnn_weights(model, &count), worst = 0, largest = 0;
            double *before = malloc((size_t)count * sizeof *before);
            double *after = malloc((size_t)count * sizeof *after);
            memcpy(before, w, (size_t)count * sizeof *w);
            assert_true(isfinite(seqnn_train_step(
                model, &batch,
                (seqnn_train_options){
                    .optimizer = {.kind = SEQNN_SGD, .learning_rate = rate},
                    .loss = entropy})));
            memcpy(after, w, (size_t)count * sizeof *w);
            memcpy(w, before, (size_t)count * sizeof *w);
            for (seqnn_size i = 0; i < count; i += 3) {
                w[i] = before[i] + e;
                double above = loss_at(model, &batch);
                w[i] = before[i] - e;
                double below = loss_at(model, &batch);
                w[i] = before[i];
                double numeric = (above - below) / (2 * e);
                worst = fmax(worst, fabs(numeric - (before[i] - after[i]) / rate));
                largest = fmax(largest, fabs(numeric));
            }
            printf("  a step, cell %d%s: %.1e\n", cell, one_hot ? ", one-hot" : "",
                   worst / largest);
            assert_true(worst < TOLERANCE * largest);
            free(before);
            free(after);
            seqnn_free(model);
        }
}

/* dL/d(embedding) at one step of one text: that word alone is given a row of its own. */
static void test_rows(void **state)
{
    (void)state;
    seqnn_dataset batch = word_batch();
    int32_t text[BATCH * TIME];
    seqnn_model *model = classifier(GRU, false);
    seqnn_layer *embedding = seqnn_model_layer_at(model, 0);
    memcpy(text, words[0], sizeof text);
    for (int i = 0; i < BATCH * TIME; i++) /* word 8 is free */
        text[i] = text[i] == 8 ? 7 : text[i];
    batch.x[0].indices = text;
    loss_at(model, &batch);
    assert_int_equal(seqnn_backward(model), SEQNN_OK);
    assert_non_null(embedding->out.distinct);
    seqnn_tensor dy = seqnn_layer_output_gradient(embedding);
    double *table = seqnn_layer_parameter(embedding, "table")->value;
    for (int i = 0; i < BATCH * TIME; i++) {
        const int32_t word = text[i];
        if (word == 0)
            continue; /* padding */
        text[i] = 8;
        memcpy(table + 8 * FEATURES, table + word * FEATURES, FEATURES * sizeof *table);
        for (int j = 0; j < FEATURES; j++) {
            double *at = table + 8 * FEATURES + j, y = *at, e = 1e-5;
            *at = y + e;
            double above = loss_at(model, &batch);
            *at = y - e;
            double below = loss_at(model, &batch);
            *at = y;
            assert_true(fabs((above - below) / (2 * e) - dy.data[i * FEATURES + j]) <
                        1e-9);
        }
        text[i] = word;
    }
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells), cmocka_unit_test(test_readers),
        cmocka_unit_test(test_step), cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
