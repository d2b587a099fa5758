/* datasets/measure/models.h - the five that learn every set, see measure.c */
#ifndef MEASURE_MODELS_H
#define MEASURE_MODELS_H

#include "seqnn.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAJORITY, NAIVE_BAYES, BAG, RNN, LSTM, MODELS };

static void stop(const char *what)
{
    fprintf(stderr, "measure: %s: %s\n", what, seqnn_error());
    exit(1);
}

static void *memory(seqnn_size count, size_t size)
{
    void *block = calloc((size_t)count + 1, size);
    if (!block) {
        fprintf(stderr, "measure: no memory\n");
        exit(1);
    }
    return block;
}

/* The folder or file of a bundled set: never the public one of the same name. */
static const char *bundled(const char *name)
{
    static char path[SEQNN_PATH_SIZE];
    snprintf(path, sizeof path, "datasets/%s", name);
    return path;
}

/* ---- the parts ---- */

static seqnn_parts split(seqnn_dataset *data, uint64_t seed)
{
    seqnn_parts parts = seqnn_split(data, 0.25, seed);
    if (parts.status)
        stop("split");
    seqnn_dataset_free(data);
    return parts;
}

static seqnn_dataset *encode(seqnn_texts *texts, seqnn_encode_options options)
{
    options.padding = options.truncating = SEQNN_POST;
    seqnn_dataset *data = seqnn_encode(texts, options);
    if (!data)
        stop("encode");
    seqnn_texts_free(texts);
    return data;
}

static int32_t word_at(const seqnn_dataset *data, seqnn_size row, seqnn_size step)
{
    return data->x[0].indices[row * data->x[0].time + step];
}

/* ---- bags: x[0] is [count, features] of 0 and 1 ---- */

/* The n-hot rows of texts, with their targets. */
static seqnn_dataset bag_of(const seqnn_dataset *texts)
{
    seqnn_dataset bag = *texts;
    seqnn_real *x = memory(texts->count * texts->vocabulary, sizeof *x);
    for (seqnn_size i = 0; i < texts->count; i++)
        for (seqnn_size t = 0; t < texts->x[0].time; t++)
            x[i * texts->vocabulary + word_at(texts, i, t)] = 1;
    for (seqnn_size i = 0; i < texts->count; i++)
        x[i * texts->vocabulary] = 0; /* padding is no word */
    bag.x[0] = (seqnn_array){.values = x, .features = texts->vocabulary};
    return bag;
}

/* Every tagged word as a sample of its own: the word, and the bag of its sentence. */
static seqnn_dataset bag_of_tagged_words(const seqnn_dataset *sentences)
{
    const seqnn_size V = sentences->vocabulary, time = sentences->x[0].time;
    seqnn_dataset bag = {.classes = sentences->classes};
    for (seqnn_size i = 0; i < sentences->count; i++)
        bag.count += sentences->x[0].length[i];
    seqnn_real *x = memory(bag.count * 2 * V, sizeof *x);
    int32_t *y = memory(bag.count, sizeof *y);
    seqnn_size row = 0;
    for (seqnn_size i = 0; i < sentences->count; i++)
        for (seqnn_size t = 0; t < sentences->x[0].length[i]; t++, row++) {
            x[row * 2 * V + word_at(sentences, i, t)] = 1;
            for (seqnn_size other = 0; other < sentences->x[0].length[i]; other++)
                x[row * 2 * V + V + word_at(sentences, i, other)] = 1;
            y[row] = sentences->y.indices[i * time + t];
        }
    bag.x[0] = (seqnn_array){.values = x, .features = 2 * V};
    bag.y = (seqnn_array){.indices = y};
    return bag;
}

/* The scores [test->count, classes] of naive Bayes, learnt from the classes y. */
static seqnn_real *naive_bayes(const seqnn_dataset *train, const int32_t *y,
                               seqnn_size classes, const seqnn_dataset *test)
{
    const seqnn_naive_bayes_options options = {.class_smoothing = 1};
    seqnn_dataset texts = *train;
    texts.y = (seqnn_array){.indices = y};
    texts.classes = classes;
    seqnn_naive_bayes *model = seqnn_naive_bayes_fit(&texts, options);
    seqnn_real *scores = memory(test->count * classes, sizeof *scores);
    if (seqnn_naive_bayes_log_posterior(model, test, scores))
        stop("naive Bayes");
    seqnn_naive_bayes_free(model);
    return scores;
}

static int32_t most_frequent(const int32_t *y, seqnn_size count, seqnn_size classes)
{
    seqnn_size *often = memory(classes, sizeof *often);
    int32_t best = 0;
    for (seqnn_size i = 0; i < count; i++)
        often[y[i]]++;
    for (seqnn_size c = 1; c < classes; c++)
        if (often[c] > often[best])
            best = (int32_t)c;
    free(often);
    return best;
}

/* ---- networks ---- */

static void train(seqnn_model *model, const seqnn_dataset *data, seqnn_size epochs,
                  seqnn_loss_kind loss)
{
    const double rate = loss == SEQNN_MAE ? 0.002 : 0.01;
    seqnn_fit(model, data,
              (seqnn_fit_options){.epochs = epochs,
                                  .batch_size = 16,
                                  .clip_global_norm = 1,
                                  .loss = {.kind = loss},
                                  .optimizer = seqnn_adam((seqnn_real)rate)});
    if (!seqnn_ok(model))
        stop("training");
}

static seqnn_model *bag_network(const seqnn_dataset *bag, seqnn_size outputs,
                                seqnn_activation activation, uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_vectors(model, bag->x[0].features, (seqnn_source_options){0});
    seqnn_dense(model, outputs, (seqnn_dense_options){.activation = activation});
    return model;
}

static seqnn_layer *recurrent(seqnn_model *model, int kind, seqnn_size units,
                              seqnn_recurrent_options options)
{
    options.recurrent_dropout = (seqnn_real)0.1;
    return kind == LSTM ? seqnn_lstm(model, units, options)
                        : seqnn_simple_rnn(model, units, options);
}

static seqnn_model *text_network(const seqnn_dataset *data, int kind, bool every_step,
                                 uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, data->vocabulary, 16,
                    (seqnn_embedding_options){.mask_zero = true});
    recurrent(model, kind, 32, (seqnn_recurrent_options){.return_sequences = every_step});
    return model;
}

#endif
