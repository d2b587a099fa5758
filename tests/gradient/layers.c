/* Every other layer, and every loss on top of a recurrent model, against finite
 * differences. */
#include "check.h"

static const int32_t words[BATCH * TIME] = {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 1, 0, 0, 2, 2,
                                            2, 2, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 4};

static seqnn_dataset word_batch(void)
{
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = BATCH;
    batch.x[0].indices = words;
    batch.x[0].time = TIME;
    return batch;
}

static void check_built(seqnn_model *model, const seqnn_dataset *batch,
                        const seqnn_loss_options *loss, const char *name)
{
    check at;
    memset(&at, 0, sizeof at);
    at.model = model;
    at.batch = *batch;
    at.loss = loss;
    sample_biases(model);
    double worst = check_model(&at, name);
    seqnn_free(model);
    assert_true(worst < TOLERANCE);
}

/* ---- embedding, pooling, flatten ---- */

static seqnn_model *embedded(bool mask, bool frozen)
{
    seqnn_model *model = seqnn_model_new(21);
    seqnn_embedding(model, WORDS_OF_TEST, FEATURES,
                    (seqnn_embedding_options){.mask_zero = mask,
                                              .frozen = frozen,
                                              .time = mask ? 0 : TIME,
                                              .initializer = {SEQNN_NORMAL, 1}});
    return model;
}

static void test_embedding(void **state)
{
    (void)state;
    seqnn_dataset batch = word_batch();
    for (int mask = 0; mask < 2; mask++) {
        seqnn_model *model = embedded(mask, false);
        seqnn_lstm(model, 3, (seqnn_lstm_options){0});
        check_built(model, &batch, NULL, mask ? "embedding, mask" : "embedding");
    }
    seqnn_model *model = embedded(true, true);
    seqnn_simple_rnn(model, 3, (seqnn_rnn_options){.return_sequences = true});
    check_built(model, &batch, NULL, "embedding, frozen");
}

static void test_pooling(void **state)
{
    (void)state;
    seqnn_dataset batch = word_batch();
    seqnn_model *model = embedded(true, false);
    seqnn_gru(model, 3, (seqnn_gru_options){.return_sequences = true});
    seqnn_global_max_pool(model, (seqnn_pooling_options){0});
    check_built(model, &batch, NULL, "max over time");
    model = embedded(true, false);
    seqnn_gru(model, 3, (seqnn_gru_options){.return_sequences = true});
    seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
    check_built(model, &batch, NULL, "mean over time");
    model = embedded(false, false);
    seqnn_flatten(model, (seqnn_pooling_options){0});
    seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_TANH});
    check_built(model, &batch, NULL, "flatten");
}

/* ---- dense, activations, dropout, merges ---- */

static void test_dense(void **state)
{
    (void)state;
    seqnn_dataset batch = sample_series(true);
    for (int g = SEQNN_LINEAR; g <= SEQNN_LOG_SOFTMAX; g++) {
        char name[64];
        seqnn_model *model = seqnn_model_new(22);
        seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
        seqnn_dense(model, 5, (seqnn_dense_options){.activation = (seqnn_activation)g});
        seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_TANH});
        snprintf(name, sizeof name, "dense %s at every step",
                 seqnn_activation_name((seqnn_activation)g));
        check_built(model, &batch, NULL, name);

        model = seqnn_model_new(23);
        seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
        seqnn_dense(model, 5, (seqnn_dense_options){.no_bias = true});
        seqnn_activate(model, (seqnn_activation)g, (seqnn_activation_options){0});
        snprintf(name, sizeof name, "activation %s",
                 seqnn_activation_name((seqnn_activation)g));
        check_built(model, &batch, NULL, name);
    }
    free((void *)(uintptr_t)batch.x[0].values);
}

static void test_dropout(void **state)
{
    (void)state;
    seqnn_dataset batch = sample_series(true);
    for (int per_sequence = 0; per_sequence < 2; per_sequence++) {
        seqnn_model *model = seqnn_model_new(24);
        seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
        seqnn_dense(model, 6, (seqnn_dense_options){.activation = SEQNN_TANH});
        seqnn_dropout(model, 0.5,
                      (seqnn_dropout_options){.per_sequence = per_sequence == 1});
        seqnn_simple_rnn(model, 3, (seqnn_rnn_options){0});
        check_built(model, &batch, NULL,
                    per_sequence ? "dropout, sequence" : "dropout, step");
    }
    free((void *)(uintptr_t)batch.x[0].values);
}

/* One layer read by three others: gradients add up. */
static void test_merge(void **state)
{
    (void)state;
    seqnn_dataset batch = sample_series(true);
    seqnn_model *model = seqnn_model_new(25);
    seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
    seqnn_layer *a =
        seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_layer *b = seqnn_lstm(model, 3, (seqnn_lstm_options){.return_sequences = true});
    seqnn_layer *sum = seqnn_add(model, a, b, (seqnn_merge_options){0});
    seqnn_layer *side = seqnn_concat(model, sum, a, (seqnn_merge_options){0});
    seqnn_gru(model, 4, (seqnn_gru_options){.input = side});
    seqnn_layer *left = seqnn_model_layer_at(model, seqnn_model_layers(model) - 1);
    seqnn_layer *right = seqnn_simple_rnn(model, 4, (seqnn_rnn_options){.input = a});
    seqnn_concat(model, left, right, (seqnn_merge_options){0});
    check_built(model, &batch, NULL, "add and concat");
    free((void *)(uintptr_t)batch.x[0].values);
}

static void test_vectors(void **state)
{
    (void)state;
    seqnn_dataset batch = sample_series(false);
    batch.count = BATCH * TIME;
    batch.x[0].time = 0;
    seqnn_model *model = seqnn_model_new(26);
    seqnn_vectors(model, FEATURES, (seqnn_source_options){0});
    seqnn_dense(model, 5, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, 1, (seqnn_dense_options){.activation = SEQNN_SIGMOID});
    check_built(model, &batch, NULL, "vectors, dense, dense");
    free((void *)(uintptr_t)batch.x[0].values);
}

/* ---- losses ---- */

enum { CLASSES = 3 };

/* kind x last activation x reductions x weights x per sample or per step. */
static void check_loss_case(seqnn_loss_options loss, seqnn_activation last, bool dense,
                            bool steps, bool weighted, const char *name)
{
    static const double weight[BATCH] = {1, 0.5, 2, 0, 1.5};
    static const double class_weight[CLASSES] = {0.3, 1, 2};
    int32_t classes[BATCH * TIME];
    seqnn_dataset batch = sample_series(true);
    seqnn_size cells = steps ? BATCH * TIME : BATCH;
    double *values = sample_numbers(cells * CLASSES, 8);
    seqnn_random random = {77, 1, 0};
    for (seqnn_size i = 0; i < cells; i++) {
        double sum = 0;
        classes[i] = seqnn_random_below(&random, CLASSES);
        for (int c = 0; c < CLASSES; c++)
            sum += values[i * CLASSES + c] = fabs(values[i * CLASSES + c]);
        for (int c = 0; c < CLASSES; c++)
            values[i * CLASSES + c] /= sum;
    }
    if (dense)
        batch.y.values = values;
    else
        batch.y.indices = classes;
    batch.y.features = dense ? CLASSES : 0;
    batch.y.time = steps ? TIME : 0;
    batch.weight = weighted ? weight : NULL;
    if (weighted)
        loss.class_weight = class_weight;
    seqnn_model *model = seqnn_model_new(27);
    seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
    seqnn_gru(model, 4, (seqnn_gru_options){.return_sequences = steps});
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = last});
    check_built(model, &batch, &loss, name);
    free(values);
    free((void *)(uintptr_t)batch.x[0].values);
}

static void test_losses(void **state)
{
    (void)state;
    static const struct {
        seqnn_loss_kind kind;
        seqnn_activation last;
        bool dense, probabilities;
        const char *name;
    } kinds[] = {
        {SEQNN_CATEGORICAL_CROSSENTROPY, SEQNN_SOFTMAX, false, false, "softmax sparse"},
        {SEQNN_CATEGORICAL_CROSSENTROPY, SEQNN_SOFTMAX, true, false, "softmax dense"},
        {SEQNN_CATEGORICAL_CROSSENTROPY, SEQNN_LOG_SOFTMAX, false, false, "log-softmax"},
        {SEQNN_CATEGORICAL_CROSSENTROPY, SEQNN_LINEAR, false, false, "logits"},
        {SEQNN_CATEGORICAL_CROSSENTROPY, SEQNN_SIGMOID, true, true, "probabilities"},
        {SEQNN_BINARY_CROSSENTROPY, SEQNN_SIGMOID, true, false, "binary"},
        {SEQNN_BINARY_CROSSENTROPY, SEQNN_LINEAR, true, false, "binary, logits"},
        {SEQNN_MSE, SEQNN_TANH, true, false, "mse"},
        {SEQNN_MAE, SEQNN_LINEAR, true, false, "mae"},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int sums = 0; sums < 8; sums++)
            for (int way = 0; way < 4; way++) {
                char name[128];
                bool steps = way & 1, weighted = way & 2;
                seqnn_loss_options loss = {.kind = kinds[k].kind,
                                           .probabilities = kinds[k].probabilities};
                loss.over_outputs = sums & 1 ? SEQNN_REDUCE_SUM : SEQNN_REDUCE_MEAN;
                loss.over_steps = sums & 2 ? SEQNN_REDUCE_SUM : SEQNN_REDUCE_MEAN;
                loss.over_samples = sums & 4 ? SEQNN_REDUCE_SUM : SEQNN_REDUCE_MEAN;
                loss.divide_by_weights = weighted && sums == 0;
                snprintf(name, sizeof name, "%s%s%s%s%s%s", kinds[k].name,
                         sums & 1 ? " +outputs" : "", sums & 2 ? " +steps" : "",
                         sums & 4 ? " +samples" : "", steps ? ", steps" : "",
                         weighted ? ", weights" : "");
                check_loss_case(loss, kinds[k].last, kinds[k].dense, steps, weighted,
                                name);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedding), cmocka_unit_test(test_pooling),
        cmocka_unit_test(test_dense),     cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_merge),     cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_losses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
