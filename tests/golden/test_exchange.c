/* Networks that PyTorch and Keras made and exchange.py saved: their weights come in, the
 * outputs are theirs, and the weights go back as they were.
 *
 * With SEQNN_EXCHANGE_OUT=folder the exported files stay there, for exchange.py --check.
 */
#include "models.h"
#include "model_file.h"
#include "safetensors.h"
#include "weights_file.h"

enum { FEATURES = 4, UNITS = 5, WORDS = 11, TIME = 6 };

typedef struct exchange_case {
    const char *name;
    seqnn_model *(*build)(void);
    seqnn_weight_name names[8]; /* as the file calls them */
    const char *sums;           /* of two biases: this prefix is not compared */
    bool ambiguous;             /* cannot be imported without names */
} exchange_case;

static seqnn_model *of_series(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
    return model;
}

static seqnn_model *rnn(void)
{
    seqnn_model *model = of_series();
    seqnn_simple_rnn(model, UNITS, (seqnn_rnn_options){.return_sequences = true});
    return model;
}

static seqnn_model *rnn_relu_no_bias(void)
{
    seqnn_model *model = of_series();
    seqnn_simple_rnn(model, UNITS,
                     (seqnn_rnn_options){.return_sequences = true,
                                         .activation = SEQNN_RELU,
                                         .no_bias = true});
    return model;
}

static seqnn_model *lstm(void)
{
    seqnn_model *model = of_series();
    seqnn_lstm(model, UNITS, (seqnn_lstm_options){.return_sequences = true});
    return model;
}

static seqnn_model *gru(void)
{
    seqnn_model *model = of_series();
    seqnn_gru(model, UNITS, (seqnn_gru_options){.return_sequences = true});
    return model;
}

static seqnn_model *lstm_both(void)
{
    seqnn_model *model = of_series();
    seqnn_lstm(model, UNITS,
               (seqnn_lstm_options){.name = "cell",
                                    .return_sequences = true,
                                    .bidirectional = SEQNN_CONCAT});
    return model;
}

static seqnn_model *gru_stack(void)
{
    seqnn_model *model = of_series();
    seqnn_gru_options options = {.return_sequences = true, .bidirectional = SEQNN_CONCAT};
    seqnn_gru(model, UNITS, options);
    seqnn_gru(model, UNITS, options);
    return model;
}

static seqnn_model *torch_classifier(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_lstm_options both = {.return_sequences = true, .bidirectional = SEQNN_CONCAT};
    seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){0});
    seqnn_lstm(model, UNITS, both);
    seqnn_lstm(model, UNITS, both);
    seqnn_dense(model, UNITS, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_dense(model, UNITS, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, 3, (seqnn_dense_options){.no_bias = true});
    return model;
}

static seqnn_model *two_cells(void)
{
    seqnn_model *model = of_series();
    seqnn_gru(model, FEATURES, (seqnn_gru_options){.return_sequences = true});
    seqnn_gru(model, FEATURES, (seqnn_gru_options){.return_sequences = true});
    return model;
}

static seqnn_model *keras_rnn(void)
{
    seqnn_model *model = of_series();
    seqnn_simple_rnn(
        model, UNITS,
        (seqnn_rnn_options){.return_sequences = true, .activation = SEQNN_RELU});
    return model;
}

static seqnn_model *keras_lstm(void)
{
    seqnn_model *model = of_series();
    seqnn_lstm(model, UNITS, (seqnn_lstm_options){0});
    return model;
}

static seqnn_model *gru_after(void)
{
    seqnn_model *model = of_series();
    seqnn_gru(model, UNITS, (seqnn_gru_options){0});
    return model;
}

static seqnn_model *gru_before(void)
{
    seqnn_model *model = of_series();
    seqnn_gru(model, UNITS, (seqnn_gru_options){.reset = SEQNN_RESET_BEFORE});
    return model;
}

static seqnn_model *keras_stack(void)
{
    seqnn_model *model = of_series();
    seqnn_gru(model, UNITS, (seqnn_gru_options){.return_sequences = true});
    seqnn_gru(model, UNITS, (seqnn_gru_options){.return_sequences = true});
    seqnn_lstm(model, UNITS, (seqnn_lstm_options){0});
    seqnn_dense(model, UNITS, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, UNITS, (seqnn_dense_options){.no_bias = true});
    return model;
}

static seqnn_model *keras_classifier(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){.mask_zero = true});
    seqnn_lstm(model, UNITS, (seqnn_lstm_options){.bidirectional = SEQNN_CONCAT});
    seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static const exchange_case cases[] = {
    {"torch_rnn", rnn, {{"simple_rnn_1", "cell.weight_ih_l0"}}, "cell.bias", false},
    {"torch_rnn_relu",
     rnn_relu_no_bias,
     {{"simple_rnn_1", "cell.weight_ih_l0"}},
     NULL,
     false},
    {"torch_lstm", lstm, {{"lstm_1", "cell.weight_ih_l0"}}, "cell.bias", false},
    {"torch_gru", gru, {{"gru_1", "cell.weight_ih_l0"}}, NULL, false},
    {"torch_lstm_both", lstm_both, {{NULL, NULL}}, "cell.bias", false},
    {"torch_gru_stack",
     gru_stack,
     {{"bidirectional_1_forward", "cell.weight_ih_l0"},
      {"bidirectional_1_backward", "cell.weight_ih_l0_reverse"},
      {"bidirectional_2_forward", "cell.weight_ih_l1"},
      {"bidirectional_2_backward", "cell.weight_ih_l1_reverse"}},
     NULL,
     false},
    {"torch_classifier",
     torch_classifier,
     {{"embedding_1", "words.weight"},
      {"bidirectional_1_forward", "encoder.weight_ih_l0"},
      {"bidirectional_1_backward", "encoder.weight_ih_l0_reverse"},
      {"bidirectional_2_forward", "encoder.weight_ih_l1"},
      {"bidirectional_2_backward", "encoder.weight_ih_l1_reverse"},
      {"dense_1", "fc1.weight"},
      {"dense_2", "fc2.weight"},
      {"dense_3", "out.weight"}},
     "encoder.bias",
     false},
    {"torch_two_cells",
     two_cells,
     {{"gru_1", "first.weight_ih_l0"}, {"gru_2", "second.weight_ih_l0"}},
     NULL,
     true},
    {"keras_rnn",
     keras_rnn,
     {{"simple_rnn_1", "simple_rnn/simple_rnn_cell/kernel"}},
     NULL,
     false},
    {"keras_lstm", keras_lstm, {{"lstm_1", "lstm/lstm_cell/kernel"}}, NULL, false},
    {"keras_gru_after", gru_after, {{"gru_1", "gru/gru_cell/kernel"}}, NULL, false},
    {"keras_gru_before", gru_before, {{"gru_1", "gru/gru_cell/kernel"}}, NULL, false},
    {"keras_stack",
     keras_stack,
     {{"gru_1", "gru/gru_cell/kernel"},
      {"gru_2", "gru_1/gru_cell/kernel"},
      {"lstm_1", "lstm/lstm_cell/kernel"},
      {"dense_1", "dense/kernel"},
      {"dense_2", "dense_1/kernel"}},
     NULL,
     false},
    {"keras_classifier",
     keras_classifier,
     {{"embedding_1", "embedding/embeddings"},
      {"bidirectional_1_forward", "both/forward_lstm/lstm_cell/kernel"},
      {"bidirectional_1_backward", "both/backward_lstm/lstm_cell/kernel"},
      {"dense_1", "dense/kernel"}},
     NULL,
     false},
};

static const char *recorded(const char *name, const char *suffix)
{
    static char path[512];
    const char *end = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*sexchange/%s%s", end ? (int)(end - __FILE__ + 1) : 0,
             __FILE__, name, suffix);
    return path;
}

static seqnn_weights_options options_of(const exchange_case *of, bool names)
{
    seqnn_weights_options options = {0};
    options.framework = strncmp(of->name, "keras", 5) ? SEQNN_PYTORCH : SEQNN_KERAS;
    options.names = of->names;
    while (names && options.name_count < 8 && of->names[options.name_count].layer)
        options.name_count++;
    return options;
}

/* Largest difference from what the framework gave for the recorded input. */
static double apart(seqnn_model *model, const char *name)
{
    seqnn_safetensors *file = seqnn_safetensors_read(recorded(name, ".case.safetensors"));
    assert_non_null(file);
    const seqnn_named_array *x = seqnn_safetensors_find(file, "x"),
                            *y = seqnn_safetensors_find(file, "y");
    seqnn_dataset batch =
        x->dtype == SEQNN_I32
            ? words_of(x->shape[0], x->shape[1], (const int32_t *)x->data)
            : series(x->shape[0], x->shape[1], x->shape[2], (const seqnn_real *)x->data);
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    seqnn_tensor mine = seqnn_output(model);
    assert_int_equal(seqnn_tensor_size(mine), seqnn_named_array_count(y));
    double worst = 0;
    for (seqnn_size i = 0; i < seqnn_tensor_size(mine); i++)
        worst = fmax(worst, fabs((double)(mine.data[i] - ((const float *)y->data)[i])));
    seqnn_safetensors_free(file);
    return worst;
}

static void test_outputs(void **state)
{
    (void)state;
    double all = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const exchange_case *of = &cases[i];
        seqnn_model *model = of->build();
        seqnn_status status = seqnn_import_weights(
            model, recorded(of->name, ".safetensors"), options_of(of, false));
        if (of->ambiguous) {
            assert_int_equal(status, SEQNN_ERROR_ARGUMENT);
            says("say by .names");
            status = seqnn_import_weights(model, recorded(of->name, ".safetensors"),
                                          options_of(of, true));
        }
        if (status)
            fail_msg("%s: %s", of->name, seqnn_error());
        double worst = apart(model, of->name);
        if (worst > 1e-5)
            fail_msg("%s: outputs %g apart", of->name, worst);
        all = fmax(all, worst);
        seqnn_free(model);
    }
    printf("largest difference of an output %.1e\n", all);
}

/* Where a case is exported to. */
static void exported(const char *name, char path[512])
{
    const char *folder = getenv("SEQNN_EXCHANGE_OUT");
    snprintf(path, 512, "%s/%s%s.safetensors", folder ? folder : "/tmp",
             folder ? "" : "seqnn-exchange-", name);
}

static void expect_same_tensors(const exchange_case *of, const char *path)
{
    seqnn_safetensors *mine = seqnn_safetensors_read(path),
                      *theirs =
                          seqnn_safetensors_read(recorded(of->name, ".safetensors"));
    assert_non_null(mine);
    assert_int_equal(mine->count, theirs->count);
    for (seqnn_size i = 0; i < theirs->count; i++) {
        const seqnn_named_array *a = &theirs->array[i],
                                *b = seqnn_safetensors_find(mine, a->name);
        if (!b)
            fail_msg("%s: %s was not exported", of->name, a->name);
        assert_int_equal(a->rank, b->rank);
        assert_memory_equal(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape);
        if (of->sums && strncmp(a->name, of->sums, strlen(of->sums)) == 0)
            continue;
        if (memcmp(a->data, b->data, (size_t)seqnn_named_array_count(a) * sizeof(float)))
            fail_msg("%s: %s came back changed", of->name, a->name);
    }
    seqnn_safetensors_free(mine);
    seqnn_safetensors_free(theirs);
}

static void test_way_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const exchange_case *of = &cases[i];
        seqnn_model *model = of->build();
        const seqnn_weights_options options = options_of(of, true);
        char path[512], own_path[512];
        exported(of->name, path);
        exported("own_names", own_path);
        succeeds(
            seqnn_import_weights(model, recorded(of->name, ".safetensors"), options));
        succeeds(seqnn_export_weights(model, path, options));
        expect_same_tensors(of, path);
        /* And in again: the biases' sums are what they were. */
        seqnn_model *again = of->build();
        succeeds(seqnn_import_weights(again, path, options));
        seqnn_size count;
        const seqnn_real *w = seqnn_weights(model, &count);
        assert_memory_equal(w, seqnn_weights(again, NULL), (size_t)count * sizeof *w);
        seqnn_free(again);
        /* Under the layers' own names no map is needed. */
        again = of->build();
        seqnn_weights_options own = {.framework = options.framework};
        succeeds(seqnn_export_weights(model, own_path, own));
        succeeds(seqnn_import_weights(again, own_path, own));
        assert_memory_equal(w, seqnn_weights(again, NULL), (size_t)count * sizeof *w);
        remove(own_path);
        if (!getenv("SEQNN_EXCHANGE_OUT"))
            remove(path);
        else if (strcmp(of->name, "keras_stack") == 0) {
            exported("model", own_path); /* whole, for Python to look into */
            succeeds(seqnn_save(model, own_path, (seqnn_save_options){0}));
        }
        seqnn_free(again);
        seqnn_free(model);
    }
}

/* The sum over a model's weights tells whether it was touched. */
static double sum_of(seqnn_model *model)
{
    double sum = 0;
    seqnn_size count;
    const seqnn_real *w = seqnn_weights(model, &count);
    for (seqnn_size i = 0; i < count; i++)
        sum += (double)w[i] * (double)(i % 97 + 1);
    return sum;
}

static void refused(seqnn_model *model, const char *name, seqnn_weights_options options,
                    const char *sentence)
{
    const double before = sum_of(model);
    assert_int_not_equal(
        seqnn_import_weights(model, recorded(name, ".safetensors"), options), SEQNN_OK);
    says(sentence);
    assert_true(sum_of(model) == before);
    assert_true(seqnn_ok(model));
    seqnn_free(model);
}

static void test_refusals(void **state)
{
    (void)state;
    const seqnn_weights_options torch = {.framework = SEQNN_PYTORCH},
                                keras = {.framework = SEQNN_KERAS};
    seqnn_model *model;
    refused(lstm(), "torch_lstm", (seqnn_weights_options){0}, ".framework");
    refused(lstm(), "no_such", torch, "no_such.safetensors");
    refused(lstm(), "torch_gru", torch, "lstm 'lstm_1': no weight of [20, 4]");
    refused(gru_after(), "torch_lstm", torch, "gru 'gru_1': no weight of [15, 4]");
    refused(gru_before(), "torch_gru", torch, "PyTorch has no GRU that resets before");
    refused(gru_before(), "keras_gru_after", keras, "'gru/gru_cell/bias'");
    refused(gru_after(), "keras_gru_before", keras, "'gru/gru_cell/bias'");
    refused(rnn_relu_no_bias(), "torch_rnn", torch, "the layer none");
    refused(rnn(), "torch_rnn_relu", torch, "'cell.bias_ih_l0' is not in the file");
    refused(keras_lstm(), "keras_classifier", keras, "fits no layer");
    refused(keras_lstm(), "keras_stack", keras, "no kernel of [4, 20]");

    model = of_series();
    seqnn_dense(model, UNITS, (seqnn_dense_options){0});
    refused(model, "torch_lstm", torch, "dense 'dense_1': no weight");
    model = of_series();
    seqnn_gru(model, UNITS, (seqnn_gru_options){.reset = SEQNN_RESET_AFTER});
    refused(model, "keras_gru_after", keras, "SEQNN_RESET_AFTER_RECURRENT_BIAS");

    seqnn_weights_options named = torch;
    seqnn_weight_name name = {"lstm_1", "cell.weight_hh_l0"};
    named.names = &name;
    named.name_count = 1;
    refused(lstm(), "torch_lstm", named, "is no name of an input weight");
    name.tensor = "elsewhere.weight_ih_l0";
    refused(lstm(), "torch_lstm", named, "not in the file");
    name.layer = "lstm_7";
    refused(lstm(), "torch_lstm", named, "no layer's name 'lstm_7'");

    model = lstm();
    assert_int_not_equal(seqnn_export_weights(model, "/nowhere/at.all", torch), SEQNN_OK);
    says("/nowhere/at.all");
    seqnn_free(model);
}

/* A GRU with the reset after the product and one bias is one with two, of which the
 * second is zero. */
static void test_reset_after(void **state)
{
    (void)state;
    seqnn_real *x = numbers(3 * TIME * FEATURES, 4);
    const seqnn_dataset batch = series(3, TIME, FEATURES, x);
    for (int k = 0; k < 2; k++) {
        const seqnn_weights_options options = {.framework =
                                                   k ? SEQNN_KERAS : SEQNN_PYTORCH};
        seqnn_model *one = of_series(), *again = of_series(), *two = gru_after();
        seqnn_gru(one, UNITS, (seqnn_gru_options){.reset = SEQNN_RESET_AFTER});
        seqnn_gru(again, UNITS, (seqnn_gru_options){.reset = SEQNN_RESET_AFTER});
        shake_weights(one, 0.5);
        char path[512];
        exported("reset_after", path);
        succeeds(seqnn_export_weights(one, path, options));
        succeeds(seqnn_import_weights(again, path, options));
        succeeds(seqnn_import_weights(two, path, options));
        succeeds(seqnn_forward(one, &batch, SEQNN_EVALUATE));
        succeeds(seqnn_forward(again, &batch, SEQNN_EVALUATE));
        succeeds(seqnn_forward(two, &batch, SEQNN_EVALUATE));
        seqnn_tensor y = seqnn_output(one);
        assert_memory_equal(y.data, seqnn_output(again).data,
                            (size_t)seqnn_tensor_size(y) * sizeof *y.data);
        expect_near(seqnn_tensor_size(y), y.data, seqnn_output(two).data, 1e-6);
        remove(path);
        seqnn_free(one);
        seqnn_free(again);
        seqnn_free(two);
    }
    free(x);
}

/* A tensor that no layer takes, a layer that gets none. */
static void test_partial(void **state)
{
    (void)state;
    seqnn_weights_options options = {.framework = SEQNN_PYTORCH};
    seqnn_model *model = of_series();
    seqnn_lstm(model, UNITS, (seqnn_lstm_options){.return_sequences = true});
    seqnn_dense(model, 2, (seqnn_dense_options){.name = "fc"});
    const char *path = recorded("torch_lstm", ".safetensors");
    assert_int_not_equal(seqnn_import_weights(model, path, options), SEQNN_OK);
    says("dense 'fc': no weight of [2, 5]");
    options.partial = true;
    const seqnn_real before =
        seqnn_layer_parameter(seqnn_model_layer(model, "fc"), "W")->value[3];
    succeeds(seqnn_import_weights(model, path, options));
    assert_true(seqnn_layer_parameter(seqnn_model_layer(model, "fc"), "W")->value[3] ==
                before);
    seqnn_free(model);

    options.partial = false;
    model = seqnn_model_new(1);
    seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){.name = "words"});
    path = recorded("torch_classifier", ".safetensors");
    assert_int_not_equal(seqnn_import_weights(model, path, options), SEQNN_OK);
    says("fits no layer");
    options.partial = true;
    succeeds(seqnn_import_weights(model, path, options));
    seqnn_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outputs), cmocka_unit_test(test_way_back),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_reset_after),
        cmocka_unit_test(test_partial)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
