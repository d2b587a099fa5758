/* What the programs that time steps share: the networks of the workloads (workloads.py
 * has their sizes), the random batches, and one step.
 */
#ifndef BENCH_NETWORKS_H
#define BENCH_NETWORKS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 16, WARM_UP = 3 };

/* vocabulary 0: numbers, not words; answer: steps of the second input and of the targets
 */
typedef struct sizes {
    seqnn_size batch, time, vocabulary, features, units, classes, answer;
} sizes;

static void stop(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

/* ---- the networks of the lecture ---- */

static void embed(seqnn_model *model, sizes s)
{
    seqnn_embedding(model, s.vocabulary, s.features,
                    (seqnn_embedding_options){.time = s.time});
}

static void hidden_and_classes(seqnn_model *model, sizes s)
{
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void numbers_lstm4(seqnn_model *model, sizes s)
{
    seqnn_sequences(model, 1, (seqnn_source_options){.time = s.time});
    seqnn_lstm(model, s.units, (seqnn_lstm_options){0});
    seqnn_dense(model, 1, (seqnn_dense_options){0});
}

static void bbc_rnn50(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_simple_rnn(model, s.units,
                     (seqnn_rnn_options){.recurrent_dropout = (seqnn_real)0.2});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void news_lstm64(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_lstm(model, s.units, (seqnn_lstm_options){0});
    seqnn_dropout(model, (seqnn_real)0.2, (seqnn_dropout_options){0});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dropout(model, (seqnn_real)0.2, (seqnn_dropout_options){0});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void news_stack(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_lstm(model, s.units / 2,
               (seqnn_lstm_options){.recurrent_dropout = (seqnn_real)0.4,
                                    .return_sequences = true});
    seqnn_lstm(model, s.units,
               (seqnn_lstm_options){.recurrent_dropout = (seqnn_real)0.1});
    hidden_and_classes(model, s);
}

static void news_dense(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_flatten(model, (seqnn_pooling_options){0});
    hidden_and_classes(model, s);
}

static void arxiv_gru250(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_gru(model, s.units, (seqnn_gru_options){.return_sequences = true});
    seqnn_global_max_pool(model, (seqnn_pooling_options){0});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SIGMOID});
}

static void char_lstm512x2(seqnn_model *model, sizes s)
{
    seqnn_one_hot_source(model, s.vocabulary, (seqnn_one_hot_options){.time = s.time});
    seqnn_lstm(model, s.units, (seqnn_lstm_options){.return_sequences = true});
    seqnn_lstm(model, s.units, (seqnn_lstm_options){.return_sequences = true});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void seq2seq_300(seqnn_model *model, sizes s)
{
    embed(model, s);
    for (int i = 0; i < 2; i++) {
        seqnn_lstm(model, s.units, (seqnn_lstm_options){.return_sequences = true});
        seqnn_dropout(model, (seqnn_real)0.4, (seqnn_dropout_options){0});
    }
    seqnn_layer *encoder = seqnn_lstm(model, s.units, (seqnn_lstm_options){0});
    seqnn_embedding(model, s.classes, s.features, (seqnn_embedding_options){0});
    seqnn_lstm(model, s.units,
               (seqnn_lstm_options){.return_sequences = true, .initial_state = encoder});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

/* Words, one recurrent layer, classes: how a step grows with the units (bench/gpu). */
static void rnn_units(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_simple_rnn(model, s.units, (seqnn_rnn_options){0});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void gru_units(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_gru(model, s.units, (seqnn_gru_options){0});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void lstm_units(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_lstm(model, s.units, (seqnn_lstm_options){0});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

typedef enum target {
    NUMBER,
    CLASS,
    LABELS,
    CLASSES
} target; /* the last: of every step */

typedef struct network {
    const char *name;
    void (*build)(seqnn_model *model, sizes s);
    target target;
    seqnn_optimizer_kind optimizer;
    bool prediction; /* no training */
} network;

static const network networks[] = {
    {"numbers_lstm4", numbers_lstm4, NUMBER, SEQNN_ADAM, false},
    {"bbc_rnn50", bbc_rnn50, CLASS, SEQNN_ADAM, false},
    {"news_lstm64", news_lstm64, CLASS, SEQNN_ADAM, false},
    {"news_stack", news_stack, CLASS, SEQNN_ADAM, false},
    {"news_dense", news_dense, CLASS, SEQNN_ADAM, false},
    {"arxiv_gru250", arxiv_gru250, LABELS, SEQNN_ADAM, false},
    {"char_lstm512x2", char_lstm512x2, CLASSES, SEQNN_ADAM, false},
    {"seq2seq_300", seq2seq_300, CLASSES, SEQNN_RMSPROP, false},
    {"infer_lstm64", news_lstm64, CLASS, SEQNN_ADAM, true},
    {"rnn_units", rnn_units, CLASS, SEQNN_ADAM, false},
    {"gru_units", gru_units, CLASS, SEQNN_ADAM, false},
    {"lstm_units", lstm_units, CLASS, SEQNN_ADAM, false},
};

static const network *network_named(const char *name)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        if (strcmp(networks[i].name, name) == 0) {
            return &networks[i];
        }
    }
    stop("there is no such workload");
    return NULL;
}

static seqnn_size trained_parameters(seqnn_model *model)
{
    seqnn_size count = 0;
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++) {
        seqnn_layer *layer = seqnn_model_layer_at(model, i);
        for (seqnn_size p = 0; p < seqnn_layer_parameters(layer); p++) {
            const seqnn_parameter *parameter = seqnn_layer_parameter_at(layer, p);
            count += parameter->frozen ? 0 : parameter->rows * parameter->columns;
        }
    }
    return count;
}

/* ---- the batches ---- */

static void take(void *into, seqnn_size count, FILE *file)
{
    if (fread(into, 4, (size_t)count, file) != (size_t)count) {
        stop("the data file is shorter than its sizes say");
    }
}

static seqnn_array take_indices(seqnn_size batch, seqnn_size time, FILE *file)
{
    const seqnn_size count = batch * (time > 0 ? time : 1);
    int32_t *indices = (int32_t *)malloc((size_t)count * sizeof *indices);
    take(indices, count, file);
    return (seqnn_array){.indices = indices, .time = time};
}

static seqnn_array take_values(seqnn_size batch, seqnn_size time, seqnn_size features,
                               FILE *file)
{
    const seqnn_size count = batch * (time > 0 ? time : 1) * features;
    float *values = (float *)malloc((size_t)count * sizeof *values);
    take(values, count, file);
    return (seqnn_array){.values = values, .time = time, .features = features};
}

static void read_batches(const char *path, const network *net, sizes s,
                         seqnn_dataset *batches)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        stop("the data file cannot be read");
    }
    for (int i = 0; i < BATCHES; i++) {
        seqnn_dataset batch = {.count = s.batch};
        batch.x[0] = s.vocabulary > 0 ? take_indices(s.batch, s.time, file)
                                      : take_values(s.batch, s.time, s.features, file);
        if (s.answer > 0) {
            batch.x[1] = take_indices(s.batch, s.answer, file);
        }
        batch.y = net->target == NUMBER || net->target == LABELS
                      ? take_values(s.batch, 0, s.classes, file)
                  : net->target == CLASS
                      ? take_indices(s.batch, 0, file)
                      : take_indices(s.batch, s.answer > 0 ? s.answer : s.time, file);
        batches[i] = batch;
    }
    fclose(file);
}

static void free_batches(seqnn_dataset *batches)
{
    for (int i = 0; i < BATCHES; i++) {
        const seqnn_array arrays[] = {batches[i].x[0], batches[i].x[1], batches[i].y};
        for (int a = 0; a < 3; a++) {
            free((void *)arrays[a].indices);
            free((void *)arrays[a].values);
        }
    }
}

/* ---- a step ---- */

static seqnn_real checked(seqnn_model *model, seqnn_real result)
{
    if (!seqnn_ok(model) || !(result == result)) {
        stop(seqnn_error());
    }
    return result;
}

/* Returns the loss. */
static seqnn_real train(seqnn_model *model, const network *net,
                        const seqnn_dataset *batch)
{
    const seqnn_train_options options = {
        .optimizer = {.kind = net->optimizer, .learning_rate = (seqnn_real)0.001},
        .loss = {.kind = net->target == NUMBER ? SEQNN_MAE : SEQNN_LOSS_DEFAULT},
        .clip_global_norm = 1,
    };
    return checked(model, seqnn_train_step(model, batch, options));
}

/* Returns the first number of what was predicted. */
static seqnn_real predict(seqnn_model *model, const seqnn_dataset *batch)
{
    const seqnn_tensor output =
        seqnn_predict(model, batch, (seqnn_predict_options){.batch_size = batch->count});
    return checked(model, output.data != NULL ? output.data[0] : NAN);
}

#endif
