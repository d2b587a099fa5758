/* A training run to be killed:  train KIND CHECKPOINT RESULT
 *
 * KIND is plain, chunks or lengths; CHECKPOINT "-" trains without one. Every bit that
 * training decides goes to RESULT at the end. Exit status 1 with a sentence on failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seqnn.h"
#include "graph.h"
#include "training.h"

enum { TEXTS = 1000, TIME = 12, WORDS = 60, CLASSES = 4 };
static int32_t words[TEXTS * TIME], tags[TEXTS * TIME], classes[TEXTS], starts[TEXTS],
    lengths[TEXTS];

/* A word's class is word % CLASSES, a text's that of its first word. */
static seqnn_dataset make_texts(bool tagged)
{
    seqnn_random random = {5, 1, 0};
    seqnn_dataset data;
    for (int i = 0; i < TEXTS; i++) {
        lengths[i] = 2 + seqnn_random_below(&random, TIME - 1);
        for (int t = 0; t < lengths[i]; t++) {
            words[i * TIME + t] = 1 + seqnn_random_below(&random, WORDS - 1);
            tags[i * TIME + t] = words[i * TIME + t] % CLASSES;
        }
        classes[i] = tags[i * TIME];
    }
    memset(&data, 0, sizeof data);
    data.count = TEXTS;
    data.x[0].indices = words;
    data.x[0].time = TIME;
    data.x[0].start = starts;
    data.x[0].length = lengths;
    data.y.indices = tagged ? tags : classes;
    data.y.time = tagged ? TIME : 0;
    return data;
}

static seqnn_model *make_model(const char *kind, bool chunks)
{
    seqnn_model *model = seqnn_model_new(19);
    seqnn_embedding_options embedding = {.mask_zero = true};
    seqnn_recurrent_options recurrent = {.dropout = 0.1f, .recurrent_dropout = 0.2f};
    seqnn_dropout_options dropout = {0};
    seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
    recurrent.return_sequences = recurrent.stateful = chunks;
    seqnn_embedding(model, WORDS, 16, embedding);
    if (chunks)
        seqnn_gru(model, 32, recurrent);
    else if (strcmp(kind, "lengths") == 0)
        seqnn_simple_rnn(model, 32, recurrent);
    else
        seqnn_lstm(model, 32, recurrent);
    seqnn_dropout(model, 0.2f, dropout);
    seqnn_dense(model, CLASSES, dense);
    return model;
}

static seqnn_fit_options make_options(const char *kind)
{
    seqnn_fit_options plain = {.epochs = 12,
                               .batch_size = 8,
                               .validation_split = 0.2f,
                               .patience = 3,
                               .restore_best = true,
                               .accumulate = 2,
                               .clip_global_norm = 0.5f,
                               .checkpoint_steps = 15};
    seqnn_fit_options chunks = {.epochs = 12,
                                .batch_size = 16,
                                .optimizer = {.kind = SEQNN_SGD,
                                              .learning_rate = 0.05f,
                                              .momentum = 0.9f,
                                              .nesterov = true},
                                .bptt_chunk = 3,
                                .accumulate = 3,
                                .checkpoint_steps = 30};
    seqnn_fit_options by_length = {.epochs = 30,
                                   .batch_size = 7,
                                   .optimizer = {.kind = SEQNN_RMSPROP, .momentum = 0.5f},
                                   .validation_split = 0.1f,
                                   .sortagrad = true,
                                   .buckets = 5,
                                   .max_length = 9,
                                   .checkpoint_steps = 90};
    return strcmp(kind, "chunks") == 0    ? chunks
           : strcmp(kind, "lengths") == 0 ? by_length
                                          : plain;
}

static void write_reals(FILE *file, const seqnn_real *values, seqnn_size count)
{
    if (values)
        fwrite(values, sizeof *values, (size_t)count, file);
}

static bool write_result(const char *path, const seqnn_model *model,
                         const seqnn_history *history)
{
    const sq_training *training = (const sq_training *)model->training;
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    write_reals(file, model->weights, model->weight_count);
    write_reals(file, training->m, model->weight_count);
    write_reals(file, training->v, model->weight_count);
    write_reals(file, history->loss, history->epochs);
    write_reals(file, history->accuracy, history->epochs);
    write_reals(file, history->val_loss, history->epochs);
    write_reals(file, history->val_accuracy, history->epochs);
    fprintf(file, "%td steps, %llu passes, %td epochs, best %td\n", training->step,
            (unsigned long long)model->pass, history->epochs, history->best_epoch);
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: train plain|chunks|lengths CHECKPOINT RESULT\n");
        return 2;
    }
    bool chunks = strcmp(argv[1], "chunks") == 0;
    seqnn_dataset data = make_texts(chunks);
    seqnn_model *model = make_model(argv[1], chunks);
    seqnn_fit_options options = make_options(argv[1]);
    options.checkpoint = argv[2];
    if (strcmp(argv[2], "-") == 0) {
        options.checkpoint = NULL;
        options.checkpoint_steps = 0;
    }
    seqnn_history history = seqnn_fit(model, &data, options);
    bool done = !history.status && write_result(argv[3], model, &history);
    if (!done)
        fprintf(stderr, "%s\n", seqnn_error());
    seqnn_free(model);
    return done ? 0 : 1;
}
