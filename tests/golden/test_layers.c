/* The layers against PyTorch and Keras: output, final states, every gradient, and five
 * steps of training. The records are of record.py. */
#include "golden.h"
#include "golden_optimizer.h"

static golden_record record;

/* ---- the frameworks' weights in our layout ----
 *
 * The one place that knows their gate orders, transposes and biases:
 *
 *            weights                     gates             biases
 *   Keras    [inputs, gates * units]     i, f, c, o        one; of the GRU with reset
 *                                        z, r, h           after the product [2, 3 units]
 *   PyTorch  [gates * units, inputs]     i, f, g, o        two, always
 *                                        r, z, n
 */

typedef struct recurrent_weights {
    seqnn_size gates, units, inputs;
    float *W_x, *W_h, *b, *b_h; /* b, b_h: NULL if there is none */
} recurrent_weights;

enum { MAX_GATES = 4 };

static const int as_it_is[MAX_GATES] = {0, 1, 2, 3};
static const int torch_gru_order[MAX_GATES] = {1, 0, 2, 3};

static const int *gate_order(const golden_case *c)
{
    bool swapped = golden_is(c, "framework", "torch") && golden_is(c, "cell", "gru");
    return swapped ? torch_gru_order : as_it_is;
}

static const float *recorded(const golden_case *c, const char *prefix, const char *name,
                             int layer, bool reverse)
{
    char full[96];
    snprintf(full, sizeof full, "%s%s_l%d%s", prefix, name, layer,
             reverse ? "_reverse" : "");
    return golden_values(c, full);
}

/* Our gate g is the recorded block order[g]. NULL from NULL. */
static float *to_our_columns(const float *from, seqnn_size rows, seqnn_size gates,
                             seqnn_size units, bool transposed, const int *order)
{
    seqnn_size columns = gates * units;
    if (!from)
        return NULL;
    float *to = (float *)calloc((size_t)(rows * columns), sizeof *to);
    for (seqnn_size r = 0; r < rows; r++)
        for (seqnn_size g = 0; g < gates; g++)
            for (seqnn_size j = 0; j < units; j++) {
                seqnn_size column = order[g] * units + j;
                to[r * columns + g * units + j] =
                    transposed ? from[column * rows + r] : from[r * columns + column];
            }
    return to;
}

/* prefix: "" the weights, "d_" their gradients, "after_" the trained weights. */
static recurrent_weights to_our_layout(const golden_case *c, const char *prefix,
                                       int layer, bool reverse, const int *order)
{
    bool torch = golden_is(c, "framework", "torch"), gru = golden_is(c, "cell", "gru");
    seqnn_size directions = golden_is(c, "both", "concat") ? 2 : 1;
    recurrent_weights w = {gru                            ? 3
                           : golden_is(c, "cell", "lstm") ? 4
                                                          : 1,
                           golden_number(c, "units"),
                           0,
                           NULL,
                           NULL,
                           NULL,
                           NULL};
    w.inputs = layer > 0             ? directions * w.units
               : golden_look(c, "x") ? golden_get(c, "x")->shape[2]
                                     : golden_number(c, "features");
    const float *W_x =
        recorded(c, prefix, torch ? "weight_ih" : "kernel", layer, reverse);
    const float *W_h =
        recorded(c, prefix, torch ? "weight_hh" : "recurrent_kernel", layer, reverse);
    const float *b = recorded(c, prefix, torch ? "bias_ih" : "bias", layer, reverse);
    const float *b_h = torch ? recorded(c, prefix, "bias_hh", layer, reverse) : NULL;
    if (!torch && gru && golden_is(c, "reset", "after_bias"))
        b_h = b + 3 * w.units;
    w.W_x = to_our_columns(W_x, w.inputs, w.gates, w.units, torch, order);
    w.W_h = to_our_columns(W_h, w.units, w.gates, w.units, torch, order);
    w.b = to_our_columns(b, 1, w.gates, w.units, false, order);
    w.b_h = to_our_columns(b_h, 1, w.gates, w.units, false, order);
    if (w.b_h && !golden_is(c, "reset", "after_bias")) {
        /* Two biases whose sum is ours. The sum's gradient is that of each. */
        for (seqnn_size j = 0; strcmp(prefix, "d_") != 0 && j < w.gates * w.units; j++)
            w.b[j] += w.b_h[j];
        free(w.b_h);
        w.b_h = NULL;
    }
    return w;
}

static void free_weights(recurrent_weights *w)
{
    free(w->W_x);
    free(w->W_h);
    free(w->b);
    free(w->b_h);
}

/* ---- a recurrent case ---- */

static int directions_of(const golden_case *c)
{
    return golden_is(c, "both", "no") ? 1 : 2;
}

static seqnn_activation activation_of(const golden_case *c)
{
    for (int a = SEQNN_LINEAR; a <= SEQNN_LOG_SOFTMAX; a++)
        if (golden_is(c, "activation", seqnn_activation_name((seqnn_activation)a)))
            return (seqnn_activation)a;
    return SEQNN_ACTIVATION_DEFAULT;
}

static seqnn_reset reset_of(const golden_case *c)
{
    return golden_is(c, "reset", "before")       ? SEQNN_RESET_BEFORE
           : golden_is(c, "reset", "after")      ? SEQNN_RESET_AFTER
           : golden_is(c, "reset", "after_bias") ? SEQNN_RESET_AFTER_RECURRENT_BIAS
                                                 : SEQNN_RESET_DEFAULT;
}

static seqnn_layer *one_direction(seqnn_model *model, const golden_case *c, int l, int d)
{
    char name[32];
    static const char *const suffix[] = {"_forward", "_backward"};
    snprintf(name, sizeof name, "layer_%d%s", l, directions_of(c) == 2 ? suffix[d] : "");
    seqnn_layer *layer = seqnn_model_layer(model, name);
    assert_non_null(layer);
    return layer;
}

static void set_weights(seqnn_model *model, const golden_case *c, const int *order)
{
    for (int l = 0; l < golden_number(c, "layers"); l++)
        for (int d = 0; d < directions_of(c); d++) {
            seqnn_layer *layer = one_direction(model, c, l, d);
            recurrent_weights w = to_our_layout(c, "", l, d, order);
            assert_int_equal(seqnn_layer_set(layer, "W_x", w.W_x), SEQNN_OK);
            assert_int_equal(seqnn_layer_set(layer, "W_h", w.W_h), SEQNN_OK);
            if (w.b)
                assert_int_equal(seqnn_layer_set(layer, "b", w.b), SEQNN_OK);
            if (w.b_h)
                assert_int_equal(seqnn_layer_set(layer, "b_h", w.b_h), SEQNN_OK);
            free_weights(&w);
        }
}

/* A dense layer that changes nothing, because dL/dx of data is not computed. */
static void add_identity(seqnn_model *model, seqnn_size features)
{
    seqnn_layer *x = seqnn_dense(
        model, features,
        (seqnn_dense_options){
            .name = "x", .no_bias = true, .initializer = {.kind = SEQNN_IDENTITY}});
    assert_non_null(x);
}

static seqnn_model *build(const golden_case *c, bool with_d_x)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_size features = golden_get(c, "x")->shape[2];
    int layers = golden_number(c, "layers"), units = golden_number(c, "units");
    seqnn_sequences(model, features, (seqnn_source_options){0});
    if (with_d_x)
        add_identity(model, features);
    for (int l = 0; l < layers; l++) {
        char name[32];
        snprintf(name, sizeof name, "layer_%d", l);
        seqnn_recurrent_options options = {
            .name = name,
            .return_sequences = golden_number(c, "sequences") || l + 1 < layers,
            .go_backwards = golden_number(c, "backwards"),
            .bidirectional = golden_is(c, "both", "concat") ? SEQNN_CONCAT
                             : golden_is(c, "both", "sum")  ? SEQNN_SUM
                                                            : SEQNN_MERGE_DEFAULT,
            .no_bias = !golden_number(c, "bias"),
            .activation = activation_of(c),
            .reset = reset_of(c)};
        if (golden_is(c, "cell", "lstm"))
            seqnn_lstm(model, units, options);
        else if (golden_is(c, "cell", "gru"))
            seqnn_gru(model, units, options);
        else
            seqnn_simple_rnn(model, units, options);
    }
    if (!seqnn_ok(model))
        fail_msg("%s: %s", c->name, seqnn_error());
    return model;
}

typedef struct case_batch {
    seqnn_dataset data;
    int32_t *start, *length;
} case_batch;

static case_batch make_batch(const golden_case *c)
{
    case_batch batch;
    memset(&batch, 0, sizeof batch);
    const golden_tensor *x = golden_get(c, "x"), *target = golden_look(c, "target");
    batch.data.count = x->shape[0];
    batch.data.x[0].values = x->values;
    batch.data.x[0].time = x->rank == 3 ? x->shape[1] : 0;
    batch.data.x[0].features = x->shape[x->rank - 1];
    batch.data.x[0].start = batch.start = golden_indices(c, "start");
    batch.data.x[0].length = batch.length = golden_indices(c, "length");
    if (target) {
        batch.data.y.values = target->values;
        batch.data.y.time = target->rank == 3 ? target->shape[1] : 0;
        batch.data.y.features = target->shape[target->rank - 1];
    }
    return batch;
}

static void free_batch(case_batch *batch)
{
    free(batch->start);
    free(batch->length);
}

/* Layer l, direction d of a tensor [layers * directions, batch, units], or NULL. */
static const float *state_of(const golden_case *c, const char *name, int l, int d)
{
    const golden_tensor *states = golden_look(c, name);
    seqnn_size one = states ? states->shape[1] * states->shape[2] : 0;
    return states ? states->values + (l * directions_of(c) + d) * one : NULL;
}

/* Forward, loss, backward; returns the loss. */
static float pass(seqnn_model *model, const golden_case *c, const seqnn_dataset *batch)
{
    int layers = golden_number(c, "layers");
    seqnn_zero_gradients(model);
    for (int l = 0; golden_look(c, "h_0") && l < layers; l++)
        for (int d = 0; d < directions_of(c); d++)
            assert_int_equal(seqnn_set_state(one_direction(model, c, l, d), batch->count,
                                             state_of(c, "h_0", l, d),
                                             state_of(c, "C_0", l, d)),
                             SEQNN_OK);
    if (seqnn_forward(model, batch, SEQNN_TRAIN))
        fail_msg("%s: %s", c->name, seqnn_error());
    float loss = seqnn_loss(model, batch, (seqnn_loss_options){.kind = SEQNN_MSE});
    for (int l = 0; golden_look(c, "given_dh_T") && l < layers; l++)
        for (int d = 0; d < directions_of(c); d++)
            assert_int_equal(seqnn_set_state_gradient(one_direction(model, c, l, d),
                                                      state_of(c, "given_dh_T", l, d),
                                                      state_of(c, "given_dC_T", l, d)),
                             SEQNN_OK);
    if (seqnn_backward(model))
        fail_msg("%s: %s", c->name, seqnn_error());
    return loss;
}

static void compare_parameter(golden_case *c, seqnn_layer *layer, const char *name,
                              const char *noted, const float *expected, bool gradient)
{
    if (!expected) /* no bias, or a large case */
        return;
    const seqnn_parameter *p = seqnn_layer_parameter(layer, name);
    assert_non_null(p);
    golden_note(c, noted,
                golden_difference(p->rows * p->columns, gradient ? p->gradient : p->value,
                                  expected));
}

static void compare_weights(golden_case *c, seqnn_model *model, bool gradient)
{
    for (int l = 0; l < golden_number(c, "layers"); l++)
        for (int d = 0; d < directions_of(c); d++) {
            seqnn_layer *layer = one_direction(model, c, l, d);
            recurrent_weights w =
                to_our_layout(c, gradient ? "d_" : "after_", l, d, gate_order(c));
            compare_parameter(c, layer, "W_x", gradient ? "dW_x" : "W_x after five steps",
                              w.W_x, gradient);
            compare_parameter(c, layer, "W_h", gradient ? "dW_h" : "W_h after five steps",
                              w.W_h, gradient);
            compare_parameter(c, layer, "b", gradient ? "db" : "b after five steps", w.b,
                              gradient);
            compare_parameter(c, layer, "b_h", gradient ? "db_h" : "b_h after five steps",
                              w.b_h, gradient);
            free_weights(&w);
        }
}

/* h_T and C_T, or with `gradient` dL/dh_0 and dL/dC_0, of all layers and directions. */
static void compare_states(golden_case *c, seqnn_model *model, bool gradient)
{
    const golden_tensor *h_T = golden_get(c, "h_T");
    seqnn_size one = h_T->shape[1] * h_T->shape[2];
    float *h = (float *)calloc((size_t)h_T->size, sizeof *h);
    float *C = (float *)calloc((size_t)h_T->size, sizeof *C);
    for (int l = 0; l < golden_number(c, "layers"); l++)
        for (int d = 0; d < directions_of(c); d++) {
            seqnn_layer *layer = one_direction(model, c, l, d);
            seqnn_size at = (l * directions_of(c) + d) * one;
            assert_int_equal(gradient ? seqnn_get_state_gradient(layer, h + at, C + at)
                                      : seqnn_get_state(layer, h + at, C + at),
                             SEQNN_OK);
        }
    golden_compare(c, gradient ? "d_h_0" : "h_T", h, h_T->size);
    if (golden_look(c, "C_T"))
        golden_compare(c, gradient ? "d_C_0" : "C_T", C, h_T->size);
    free(h);
    free(C);
}

static void compare_output(golden_case *c, seqnn_model *model)
{
    seqnn_tensor y = seqnn_output(model);
    golden_compare(c, "y", y.data, seqnn_tensor_size(y));
}

static void compare_d_x(golden_case *c, seqnn_model *model)
{
    seqnn_tensor d_x = seqnn_layer_output_gradient(seqnn_model_layer(model, "x"));
    golden_compare(c, "d_x", d_x.data, seqnn_tensor_size(d_x));
}

static void recurrent_case(golden_case *c)
{
    case_batch batch = make_batch(c);

    seqnn_model *model = build(c, true);
    set_weights(model, c, gate_order(c));
    pass(model, c, &batch.data);
    compare_output(c, model);
    compare_states(c, model, false);
    if (golden_look(c, "d_h_0"))
        compare_states(c, model, true);
    compare_d_x(c, model);
    compare_weights(c, model, true);
    seqnn_free(model);

    model = build(c, false);
    set_weights(model, c, gate_order(c));
    seqnn_optimizer descent = seqnn_sgd(golden_real(c, "learning_rate", 0));
    descent.momentum = golden_real(c, "momentum", 0);
    float losses[5];
    for (int step = 0; step < 5; step++) {
        losses[step] = pass(model, c, &batch.data);
        assert_int_equal(seqnn_step(model, descent), SEQNN_OK);
    }
    golden_compare(c, "losses", losses, 5);
    compare_weights(c, model, false);
    seqnn_free(model);
    free_batch(&batch);
}

static void recurrent_cases(const char *beginning)
{
    for (int i = 0; i < record.count; i++)
        if (strncmp(record.cases[i].name, beginning, strlen(beginning)) == 0)
            recurrent_case(&record.cases[i]);
    golden_report(&record, beginning);
}

static void vanilla_rnn_agrees_with_pytorch(void **state)
{
    (void)state;
    recurrent_cases("torch_rnn_");
}

static void lstm_agrees_with_pytorch(void **state)
{
    (void)state;
    recurrent_cases("torch_lstm_");
}

static void gru_agrees_with_pytorch(void **state)
{
    (void)state;
    recurrent_cases("torch_gru_");
}

static void vanilla_rnn_agrees_with_keras(void **state)
{
    (void)state;
    recurrent_cases("keras_rnn_");
}

static void lstm_agrees_with_keras(void **state)
{
    (void)state;
    recurrent_cases("keras_lstm_");
}

static void gru_agrees_with_keras(void **state)
{
    (void)state;
    recurrent_cases("keras_gru_");
}

/* How far the output is off if our gate g is taken from PyTorch's block order[g]. */
static double with_order(const char *name, const int *order)
{
    golden_case *c = golden_find(&record, name);
    case_batch batch = make_batch(c);
    seqnn_model *model = build(c, false);
    set_weights(model, c, order);
    pass(model, c, &batch.data);
    const golden_tensor *y = golden_get(c, "y");
    double difference = golden_difference(y->size, seqnn_output(model).data, y->values);
    seqnn_free(model);
    free_batch(&batch);
    return difference;
}

static void a_wrong_gate_order_shows(void **state)
{
    (void)state;
    static const int onnx_lstm[MAX_GATES] = {0, 2, 3, 1}; /* i, o, f, c */
    assert_true(with_order("torch_gru_last", torch_gru_order) < GOLDEN_TOLERANCE);
    assert_true(with_order("torch_gru_last", as_it_is) > 1e-2);
    assert_true(with_order("torch_lstm_last", as_it_is) < GOLDEN_TOLERANCE);
    assert_true(with_order("torch_lstm_last", onnx_lstm) > 1e-2);
}

/* ---- the other layers ---- */

static void set_dense(seqnn_layer *layer, const golden_case *c)
{
    assert_int_equal(seqnn_layer_set(layer, "W", golden_get(c, "kernel")->values),
                     SEQNN_OK);
    assert_int_equal(seqnn_layer_set(layer, "b", golden_get(c, "bias")->values),
                     SEQNN_OK);
}

/* x, through a layer that changes nothing, into the layer of the case. Returns the layer
 * with weights, if there is one. */
static seqnn_layer *add_layer(seqnn_model *model, const golden_case *c)
{
    const golden_tensor *x = golden_get(c, "x");
    seqnn_size features = x->shape[x->rank - 1];
    seqnn_layer *dense = NULL;
    seqnn_source_options fixed = {.time = golden_number(c, "time")};
    if (x->rank == 3)
        seqnn_sequences(model, features, fixed);
    else
        seqnn_vectors(model, features, (seqnn_source_options){0});
    add_identity(model, features);
    if (golden_is(c, "layer", "dense")) {
        dense = seqnn_dense(model, golden_number(c, "units"),
                            (seqnn_dense_options){.activation = activation_of(c)});
    } else if (golden_is(c, "layer", "mean")) {
        seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
    } else if (golden_is(c, "layer", "max")) {
        seqnn_global_max_pool(model, (seqnn_pooling_options){0});
    } else if (golden_is(c, "layer", "flatten")) {
        seqnn_flatten(model, (seqnn_pooling_options){0});
    } else {
        dense =
            seqnn_dense(model, features, (seqnn_dense_options){.activation = SEQNN_TANH});
        seqnn_layer *sum = seqnn_add(model, seqnn_model_layer(model, "x"), dense,
                                     (seqnn_merge_options){0});
        seqnn_concat(model, sum, dense, (seqnn_merge_options){0});
        seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
    }
    if (!seqnn_ok(model))
        fail_msg("%s: %s", c->name, seqnn_error());
    return dense;
}

/* Output and gradients from a given dL/dy. */
static void layer_case(golden_case *c)
{
    case_batch batch = make_batch(c);
    seqnn_model *model = seqnn_model_new(1);
    seqnn_layer *dense = add_layer(model, c);
    if (dense)
        set_dense(dense, c);
    if (seqnn_forward(model, &batch.data, SEQNN_TRAIN))
        fail_msg("%s: %s", c->name, seqnn_error());
    compare_output(c, model);
    seqnn_set_output_gradient(model, golden_get(c, "given_d_y")->values);
    assert_int_equal(seqnn_backward(model), SEQNN_OK);
    compare_d_x(c, model);
    if (dense) {
        compare_parameter(c, dense, "W", "dW", golden_get(c, "d_kernel")->values, true);
        compare_parameter(c, dense, "b", "db", golden_get(c, "d_bias")->values, true);
    }
    seqnn_free(model);
    free_batch(&batch);
}

static void layer_cases(const char *kind)
{
    for (int i = 0; i < record.count; i++)
        if (golden_is(&record.cases[i], "layer", kind))
            layer_case(&record.cases[i]);
}

static void dense_agrees_with_keras(void **state)
{
    (void)state;
    layer_cases("dense");
    golden_report(&record, "keras_dense_");
}

static void pooling_and_merging_agree(void **state)
{
    (void)state;
    layer_cases("mean");
    layer_cases("max");
    layer_cases("flatten");
    layer_cases("residual");
    golden_report(&record, "keras_mean");
    golden_report(&record, "keras_max");
    golden_report(&record, "torch_max_masked");
    golden_report(&record, "keras_flatten");
    golden_report(&record, "torch_residual");
}

/* ---- a text classifier: embedding, LSTM, softmax; the global norm clipped ---- */

static seqnn_model *build_text(const golden_case *c)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, golden_number(c, "vocabulary"), golden_number(c, "features"),
                    (seqnn_embedding_options){
                        .name = "embedding", .mask_zero = golden_number(c, "mask_zero")});
    seqnn_lstm(model, golden_number(c, "units"), (seqnn_lstm_options){.name = "lstm"});
    seqnn_dense(model, golden_number(c, "classes"),
                (seqnn_dense_options){.name = "dense", .activation = SEQNN_SOFTMAX});
    if (!seqnn_ok(model))
        fail_msg("%s: %s", c->name, seqnn_error());
    return model;
}

/* Table, dense and LSTM weights with this prefix are set (prefix "") or compared. */
static void text_weights(golden_case *c, seqnn_model *model, const char *prefix)
{
    bool torch = golden_is(c, "framework", "torch"), set = *prefix == 0;
    bool gradient = strcmp(prefix, "d_") == 0;
    seqnn_size H = golden_number(c, "units"), classes = golden_number(c, "classes");
    char name[3][48];
    snprintf(name[0], sizeof name[0], "%stable", prefix);
    snprintf(name[1], sizeof name[1], "%s%s", prefix, torch ? "head_weight" : "kernel");
    snprintf(name[2], sizeof name[2], "%s%s", prefix, torch ? "head_bias" : "bias");
    recurrent_weights w = to_our_layout(c, prefix, 0, false, as_it_is);
    float *W =
        to_our_columns(golden_get(c, name[1])->values, H, 1, classes, torch, as_it_is);
    const struct {
        const char *layer, *parameter, *noted;
        const float *values;
    } all[] = {{"embedding", "table", "table", golden_get(c, name[0])->values},
               {"lstm", "W_x", "W_x of the LSTM", w.W_x},
               {"lstm", "W_h", "W_h of the LSTM", w.W_h},
               {"lstm", "b", "b of the LSTM", w.b},
               {"dense", "W", "W of the dense layer", W},
               {"dense", "b", "b of the dense layer", golden_get(c, name[2])->values}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        seqnn_layer *layer = seqnn_model_layer(model, all[i].layer);
        if (set)
            assert_int_equal(seqnn_layer_set(layer, all[i].parameter, all[i].values),
                             SEQNN_OK);
        else
            compare_parameter(c, layer, all[i].parameter, all[i].noted, all[i].values,
                              gradient);
    }
    free(W);
    free_weights(&w);
}

static void text_case(golden_case *c)
{
    const golden_tensor *words = golden_get(c, "words");
    seqnn_size count = words->shape[1], time = words->shape[2];
    int32_t *x = golden_indices(c, "words"), *y = golden_indices(c, "labels");
    seqnn_model *model = build_text(c);
    text_weights(c, model, "");
    seqnn_train_options options;
    memset(&options, 0, sizeof options);
    options.optimizer = optimizer_of(c);
    float losses[5];
    for (int k = 0; k < 5; k++) {
        seqnn_dataset batch;
        memset(&batch, 0, sizeof batch);
        batch.count = count;
        batch.x[0].indices = x + k * count * time;
        batch.x[0].time = time;
        batch.y.indices = y + k * count;
        if (k == 0) { /* the gradient before it is clipped */
            seqnn_zero_gradients(model);
            assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
            seqnn_loss(model, &batch, options.loss);
            assert_int_equal(seqnn_backward(model), SEQNN_OK);
            text_weights(c, model, "d_");
        }
        options.clip_global_norm = golden_real(c, "clip", 0);
        losses[k] = seqnn_train_step(model, &batch, options);
    }
    golden_compare(c, "losses", losses, 5);
    text_weights(c, model, "after_");
    seqnn_free(model);
    free(x);
    free(y);
}

static void text_classifier_agrees(void **state)
{
    (void)state;
    for (int i = 0; i < record.count; i++)
        if (golden_is(&record.cases[i], "layer", "text"))
            text_case(&record.cases[i]);
    golden_report(&record, "keras_text_");
    golden_report(&record, "torch_text_");
}

/* ---- dropout: which values can come out, and one mask for all steps ---- */

/* Every y is one of the recorded values, and each of these occurs. */
static void compare_values(golden_case *c, const char *name, seqnn_tensor y)
{
    const golden_tensor *values = golden_get(c, name);
    bool seen[8] = {false};
    assert_non_null(y.data);
    for (seqnn_size i = 0; i < seqnn_tensor_size(y); i++) {
        seqnn_size best = 0;
        for (seqnn_size k = 1; k < values->size; k++)
            if (fabsf(y.data[i] - values->values[k]) <
                fabsf(y.data[i] - values->values[best]))
                best = k;
        golden_note(c, values->name,
                    golden_difference(1, y.data + i, values->values + best));
        seen[best] = true;
    }
    for (seqnn_size k = 0; k < values->size; k++)
        assert_true(seen[k]);
}

static void dropout_case(golden_case *c)
{
    enum { COUNT = 20, TIME = 5, UNITS = 40 };
    static float ones[COUNT * TIME * UNITS], zeros[COUNT * TIME * UNITS];
    for (int i = 0; i < COUNT * TIME * UNITS; i++)
        ones[i] = 1;
    float rate = golden_real(c, "rate", 0);
    assert_int_equal(golden_number(c, "time"), TIME);
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = COUNT;
    batch.x[0].time = TIME;
    batch.x[0].features = UNITS;
    batch.x[0].values = ones;

    seqnn_model *model = seqnn_model_new(3);
    seqnn_sequences(model, UNITS, (seqnn_source_options){0});
    seqnn_dropout(model, rate, (seqnn_dropout_options){0});
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
    compare_values(c, "dropout", seqnn_output(model));
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_EVALUATE), SEQNN_OK);
    compare_values(c, "evaluation", seqnn_output(model));
    seqnn_free(model);

    for (int recurrent = 0; recurrent < 2; recurrent++) {
        model = seqnn_model_new(3);
        seqnn_sequences(model, UNITS, (seqnn_source_options){0});
        seqnn_layer *rnn = seqnn_simple_rnn(
            model, UNITS,
            (seqnn_rnn_options){.activation = SEQNN_LINEAR,
                                .input_initializer = {.kind = SEQNN_IDENTITY},
                                .recurrent_initializer = {.kind = SEQNN_IDENTITY},
                                .dropout = recurrent ? 0 : rate,
                                .recurrent_dropout = recurrent ? rate : 0});
        batch.x[0].values = recurrent ? zeros : ones;
        if (recurrent)
            seqnn_set_state(rnn, COUNT, ones, NULL);
        assert_int_equal(seqnn_forward(model, &batch, SEQNN_TRAIN), SEQNN_OK);
        compare_values(c, recurrent ? "recurrent_dropout" : "input_dropout",
                       seqnn_output(model));
        seqnn_free(model);
    }
}

static void dropout_scales_as_keras_does(void **state)
{
    (void)state;
    for (int i = 0; i < record.count; i++)
        if (golden_is(&record.cases[i], "layer", "dropout"))
            dropout_case(&record.cases[i]);
    golden_report(&record, "keras_dropout_");
}

static int read_record(void **state)
{
    (void)state;
    record = golden_read("layers.txt");
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
        cmocka_unit_test(vanilla_rnn_agrees_with_pytorch),
        cmocka_unit_test(lstm_agrees_with_pytorch),
        cmocka_unit_test(gru_agrees_with_pytorch),
        cmocka_unit_test(vanilla_rnn_agrees_with_keras),
        cmocka_unit_test(lstm_agrees_with_keras),
        cmocka_unit_test(gru_agrees_with_keras),
        cmocka_unit_test(a_wrong_gate_order_shows),
        cmocka_unit_test(dense_agrees_with_keras),
        cmocka_unit_test(pooling_and_merging_agree),
        cmocka_unit_test(text_classifier_agrees),
        cmocka_unit_test(dropout_scales_as_keras_does),
    };
    return cmocka_run_group_tests(tests, read_record, free_record);
}
