/* tests/gradient/samples.h - small padded batches for the gradient tests */
#ifndef TEST_SAMPLES_H
#define TEST_SAMPLES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "seqnn.h"
#include "graph.h"

enum { BATCH = 5, TIME = 6, FEATURES = 4, WORDS_OF_TEST = 9 };

static const int32_t sample_start[BATCH] = {0, 2, 1, 0, 4},
                     sample_length[BATCH] = {6, 3, 5, 1, 2};

static double *sample_numbers(seqnn_size count, uint64_t stream)
{
    double *x = malloc((size_t)count * sizeof *x);
    seqnn_random random = {5, stream, 0};
    for (seqnn_size i = 0; i < count; i++)
        x[i] = seqnn_random_normal(&random);
    return x;
}

/* A series, whole or padded at both ends. */
static seqnn_dataset sample_series(bool padded)
{
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = BATCH;
    batch.x[0].values = sample_numbers(BATCH * TIME * FEATURES, 3);
    batch.x[0].time = TIME;
    batch.x[0].features = FEATURES;
    if (padded) {
        batch.x[0].start = sample_start;
        batch.x[0].length = sample_length;
    }
    return batch;
}

/* The orthogonal and glorot weights are kept; biases of zero hide mistakes. */
static void sample_biases(seqnn_model *model)
{
    seqnn_random random = {31, 4, 0};
    for (seqnn_size l = 0; l < seqnn_model_layers(model); l++) {
        seqnn_layer *layer = seqnn_model_layer_at(model, l);
        for (seqnn_size k = 0; k < seqnn_layer_parameters(layer); k++) {
            seqnn_parameter *p = seqnn_layer_parameter_at(layer, k);
            if (p->rows == 1)
                for (seqnn_size i = 0; i < p->columns; i++)
                    p->value[i] += 0.3 * seqnn_random_normal(&random);
        }
    }
}

#endif
