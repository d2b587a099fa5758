/* Training steps of seqnn: bench_core WORKLOAD BATCH TIME VOCABULARY CLASSES DATA_FILE
 *
 * bench/run.py runs it. It says "ready" after a few steps; then every line it reads is a
 * number of seconds, and it answers with the median milliseconds of the steps that it
 * took in that time, their number and the last loss. The file holds BATCHES batches of x
 * and y, numbers of four bytes (workloads.py).
 */
#define _POSIX_C_SOURCE 199309L
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCHES = 16, WARM_UP = 5, MOST_STEPS = 1 << 20 };

typedef struct sizes {
    seqnn_size batch, time, vocabulary, classes; /* vocabulary 0: numbers, not words */
} sizes;

static void stop(const char *what)
{
    fprintf(stderr, "bench_core: %s\n", what);
    exit(1);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- the networks of the lecture ---- */

static void embed(seqnn_model *model, sizes s)
{
    seqnn_embedding(model, s.vocabulary, 100, (seqnn_embedding_options){.time = s.time});
}

static void hidden_and_classes(seqnn_model *model, sizes s)
{
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void numbers_lstm4(seqnn_model *model, sizes s)
{
    seqnn_sequences(model, 1, (seqnn_source_options){.time = s.time});
    seqnn_lstm(model, 4, (seqnn_lstm_options){0});
    seqnn_dense(model, 1, (seqnn_dense_options){0});
}

static void bbc_rnn50(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_simple_rnn(model, 50,
                     (seqnn_rnn_options){.recurrent_dropout = (seqnn_real)0.2});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void news_lstm64(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_lstm(model, 64, (seqnn_lstm_options){0});
    seqnn_dropout(model, (seqnn_real)0.2, (seqnn_dropout_options){0});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dropout(model, (seqnn_real)0.2, (seqnn_dropout_options){0});
    seqnn_dense(model, s.classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void news_stack(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_lstm(model, 32,
               (seqnn_lstm_options){.recurrent_dropout = (seqnn_real)0.4,
                                    .return_sequences = true});
    seqnn_lstm(model, 64, (seqnn_lstm_options){.recurrent_dropout = (seqnn_real)0.1});
    hidden_and_classes(model, s);
}

static void news_dense(seqnn_model *model, sizes s)
{
    embed(model, s);
    seqnn_flatten(model, (seqnn_pooling_options){0});
    hidden_and_classes(model, s);
}

static const struct {
    const char *name;
    void (*build)(seqnn_model *model, sizes s);
} networks[] = {
    {"numbers_lstm4", numbers_lstm4}, {"bbc_rnn50", bbc_rnn50},
    {"news_lstm64", news_lstm64},     {"news_stack", news_stack},
    {"news_dense", news_dense},
};

static seqnn_model *network(const char *name, sizes s)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        if (strcmp(networks[i].name, name) == 0) {
            seqnn_model *model = seqnn_model_new(1);
            networks[i].build(model, s);
            if (!seqnn_ok(model)) {
                stop(seqnn_error());
            }
            return model;
        }
    }
    stop("there is no such workload");
    return NULL;
}

/* ---- the batches ---- */

/* The batches point into the memory that is returned. */
static void *read_batches(const char *path, sizes s, seqnn_dataset *batches)
{
    const seqnn_size x_count = s.batch * s.time, y_count = s.batch;
    const size_t size = (size_t)(BATCHES * (x_count + y_count)) * 4;
    char *data = (char *)malloc(size);
    FILE *file = fopen(path, "rb");
    if (file == NULL || data == NULL || fread(data, 1, size, file) != size) {
        stop("the data file cannot be read, or is shorter than its sizes say");
    }
    fclose(file);
    for (int i = 0; i < BATCHES; i++) {
        const char *x = data + i * (x_count + y_count) * 4, *y = x + x_count * 4;
        seqnn_dataset batch = {.count = s.batch};
        if (s.vocabulary > 0) {
            batch.x[0] = (seqnn_array){.indices = (const int32_t *)x, .time = s.time};
            batch.y = (seqnn_array){.indices = (const int32_t *)y};
        } else {
            batch.x[0] =
                (seqnn_array){.values = (const float *)x, .time = s.time, .features = 1};
            batch.y = (seqnn_array){.values = (const float *)y, .features = 1};
        }
        batches[i] = batch;
    }
    return data;
}

/* ---- the steps ---- */

static seqnn_real step(seqnn_model *model, const seqnn_dataset *batches, sizes s)
{
    static int turn;
    const seqnn_train_options options = {
        .optimizer = seqnn_adam((seqnn_real)0.001),
        .loss = {.kind = s.vocabulary > 0 ? SEQNN_CATEGORICAL_CROSSENTROPY : SEQNN_MAE},
        .clip_global_norm = 1,
    };
    const seqnn_real loss = seqnn_train_step(model, &batches[turn], options);
    turn = (turn + 1) % BATCHES;
    if (!seqnn_ok(model) || !(loss == loss)) {
        stop(seqnn_error());
    }
    return loss;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **word)
{
    if (count != 7) {
        stop("expected WORKLOAD BATCH TIME VOCABULARY CLASSES DATA_FILE");
    }
    const sizes s = {atol(word[2]), atol(word[3]), atol(word[4]), atol(word[5])};
    seqnn_model *model = network(word[1], s);
    seqnn_dataset batches[BATCHES];
    void *data = read_batches(word[6], s, batches);
    double *took = (double *)malloc(MOST_STEPS * sizeof *took);
    if (took == NULL) {
        stop("no memory");
    }
    for (int i = 0; i < WARM_UP; i++) {
        step(model, batches, s);
    }
    printf("ready\n");
    fflush(stdout);

    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        const double end = seconds_of(CLOCK_MONOTONIC) + atof(line);
        int steps = 0;
        seqnn_real loss = 0;
        while (steps < MOST_STEPS && (steps < 3 || seconds_of(CLOCK_MONOTONIC) < end)) {
            const double begin = seconds_of(CLOCK_MONOTONIC);
            loss = step(model, batches, s);
            took[steps++] = seconds_of(CLOCK_MONOTONIC) - begin;
        }
        const double cpu_step = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / steps;
        qsort(took, (size_t)steps, sizeof *took, by_size);
        printf("%.6g %d %.6g %.6g\n", 1e3 * took[steps / 2], steps, (double)loss,
               1e3 * cpu_step);
        fflush(stdout);
    }
    seqnn_free(model);
    free(data);
    free(took);
    return 0;
}
