/* Every loss and reduction against PyTorch and Keras. The records are of record.py. */
#include "golden.h"

static golden_record record;

static seqnn_loss_kind kind_of(const golden_case *c)
{
    return golden_is(c, "kind", "categorical") ? SEQNN_CATEGORICAL_CROSSENTROPY
           : golden_is(c, "kind", "binary")    ? SEQNN_BINARY_CROSSENTROPY
           : golden_is(c, "kind", "mse")       ? SEQNN_MSE
                                               : SEQNN_MAE;
}

static seqnn_reduction reduction_of(const golden_case *c, const char *over)
{
    return golden_is(c, over, "sum")    ? SEQNN_REDUCE_SUM
           : golden_is(c, over, "mean") ? SEQNN_REDUCE_MEAN
                                        : SEQNN_REDUCE_DEFAULT;
}

static seqnn_loss_options options_of(const golden_case *c)
{
    seqnn_loss_options options = {.kind = kind_of(c),
                                  .over_outputs = reduction_of(c, "over_outputs"),
                                  .over_steps = reduction_of(c, "over_steps"),
                                  .over_samples = reduction_of(c, "over_samples"),
                                  .class_weight = golden_values(c, "class_weight"),
                                  .divide_by_weights =
                                      golden_number(c, "divide_by_weights"),
                                  .probabilities = golden_number(c, "probabilities")};
    return options;
}

static seqnn_activation activation_of(const golden_case *c)
{
    for (int a = SEQNN_TANH; a <= SEQNN_LOG_SOFTMAX; a++)
        if (golden_is(c, "activation", seqnn_activation_name((seqnn_activation)a)))
            return (seqnn_activation)a;
    return SEQNN_LINEAR;
}

/* The logits are data; a dense layer that changes nothing tells dL/dz. */
static seqnn_model *build(const golden_case *c, seqnn_size outputs, seqnn_size time)
{
    seqnn_model *model = seqnn_model_new(1);
    if (time)
        seqnn_sequences(model, outputs, (seqnn_source_options){0});
    else
        seqnn_vectors(model, outputs, (seqnn_source_options){0});
    seqnn_dense(model, outputs,
                (seqnn_dense_options){.name = "z",
                                      .no_bias = true,
                                      .initializer = {.kind = SEQNN_IDENTITY}});
    if (activation_of(c) != SEQNN_LINEAR)
        seqnn_activate(model, activation_of(c), (seqnn_activation_options){0});
    if (!seqnn_ok(model))
        fail_msg("%s: %s", c->name, seqnn_error());
    return model;
}

static void by_model(golden_case *c, const seqnn_dataset *batch,
                     seqnn_loss_options options)
{
    seqnn_model *model = build(c, batch->x[0].features, batch->x[0].time);
    assert_int_equal(seqnn_forward(model, batch, SEQNN_TRAIN), SEQNN_OK);
    float loss = seqnn_loss(model, batch, options);
    golden_compare(c, "loss", &loss, 1);
    if (seqnn_backward(model))
        fail_msg("%s: %s", c->name, seqnn_error());
    seqnn_tensor d_z = seqnn_layer_output_gradient(seqnn_model_layer(model, "z"));
    golden_compare(c, "d_z", d_z.data, seqnn_tensor_size(d_z));
    seqnn_free(model);
}

static void by_hand(golden_case *c, const seqnn_dataset *batch,
                    seqnn_loss_options options)
{
    const golden_tensor *z = golden_get(c, "z");
    float *d_z = (float *)calloc((size_t)z->size, sizeof *d_z);
    float loss = seqnn_loss_of(z->values, batch->count, batch->x[0].features, &batch->y,
                               batch->weight, d_z, options);
    golden_compare(c, "loss", &loss, 1);
    golden_compare(c, "d_z", d_z, z->size);
    free(d_z);
}

static void loss_case(golden_case *c)
{
    const golden_tensor *z = golden_get(c, "z");
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = z->shape[0];
    batch.x[0].values = z->values;
    batch.x[0].time = batch.y.time = z->rank == 3 ? z->shape[1] : 0;
    batch.x[0].features = z->shape[z->rank - 1];
    int32_t *start = golden_indices(c, "start"), *length = golden_indices(c, "length");
    int32_t *classes = golden_indices(c, "t");
    batch.x[0].start = start;
    batch.x[0].length = length;
    batch.weight = golden_values(c, "sample_weight");
    if (golden_is(c, "form", "sparse")) {
        batch.y.indices = classes;
    } else {
        batch.y.values = golden_values(c, "t");
        batch.y.features = batch.x[0].features;
    }
    seqnn_loss_options options = options_of(c);
    by_model(c, &batch, options);
    if (!batch.x[0].time && activation_of(c) == SEQNN_LINEAR)
        by_hand(c, &batch, options);
    if (options.probabilities && batch.weight) {
        /* Nothing was clamped here: from logits it is the same. */
        options.probabilities = false;
        by_model(c, &batch, options);
    }
    free(start);
    free(length);
    free(classes);
}

static void loss_cases(const char *beginning)
{
    for (int i = 0; i < record.count; i++)
        if (strncmp(record.cases[i].name, beginning, strlen(beginning)) == 0)
            loss_case(&record.cases[i]);
    golden_report(&record, beginning);
}

static void losses_agree_with_pytorch(void **state)
{
    (void)state;
    loss_cases("torch_categorical_");
    loss_cases("torch_binary_");
    loss_cases("torch_mse_");
    loss_cases("torch_mae_");
    loss_cases("torch_class_weights_");
}

static void losses_agree_with_keras(void **state)
{
    (void)state;
    loss_cases("keras_categorical_");
    loss_cases("keras_binary_");
    loss_cases("keras_mse_");
    loss_cases("keras_mae_");
    loss_cases("keras_class_weight_");
}

static int read_record(void **state)
{
    (void)state;
    record = golden_read("losses.txt");
    return 0;
}

static int free_record(void **state)
{
    (void)state;
    golden_free(&record);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_agree_with_pytorch),
        cmocka_unit_test(losses_agree_with_keras),
    };
    return cmocka_run_group_tests(tests, read_record, free_record);
}
