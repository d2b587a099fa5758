/* tests/models.h - small batches, and what tests of models ask of them */
#ifndef TEST_MODELS_H
#define TEST_MODELS_H

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

/* The sentence of the last failure has this part. */
#define says(part)                                                                       \
    do {                                                                                 \
        if (!strstr(seqnn_error(), part))                                                \
            fail_msg("the error is '%s', expected '%s' in it", seqnn_error(), part);     \
    } while (0)

#define succeeds(call)                                                                   \
    do {                                                                                 \
        if ((call) != SEQNN_OK)                                                          \
            fail_msg("%s: %s", #call, seqnn_error());                                    \
    } while (0)

typedef enum test_cell { RNN, LSTM, GRU, CELLS } test_cell;

static inline seqnn_layer *add_cell(seqnn_model *model, test_cell cell, seqnn_size units,
                                    seqnn_recurrent_options options)
{
    return cell == RNN    ? seqnn_simple_rnn(model, units, options)
           : cell == LSTM ? seqnn_lstm(model, units, options)
                          : seqnn_gru(model, units, options);
}

/* Normal numbers, the caller's to free. */
static inline seqnn_real *numbers(seqnn_size count, uint64_t stream)
{
    seqnn_real *x = (seqnn_real *)malloc((size_t)count * sizeof *x);
    seqnn_random random = {11, stream, 0};
    for (seqnn_size i = 0; i < count; i++)
        x[i] = (seqnn_real)seqnn_random_normal(&random);
    return x;
}

static inline seqnn_dataset series(seqnn_size count, seqnn_size time, seqnn_size features,
                                   const seqnn_real *values)
{
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = count;
    batch.x[0].values = values;
    batch.x[0].time = time;
    batch.x[0].features = features;
    return batch;
}

static inline seqnn_dataset words_of(seqnn_size count, seqnn_size time,
                                     const int32_t *indices)
{
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = count;
    batch.x[0].indices = indices;
    batch.x[0].time = time;
    return batch;
}

/* Largest difference over the largest of b. */
static inline void expect_near(seqnn_size count, const seqnn_real *a, const seqnn_real *b,
                               double tolerance)
{
    double worst = 0, largest = 1e-30;
    for (seqnn_size i = 0; i < count; i++) {
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
        largest = fmax(largest, fabs((double)b[i]));
        if (!isfinite(a[i]) || !isfinite(b[i]))
            fail_msg("value %td: %g and %g", i, (double)a[i], (double)b[i]);
    }
    if (!(worst <= tolerance * largest))
        fail_msg("%g apart, of %g", worst, largest);
}

/* Biases of zero hide mistakes. */
static inline void shake_weights(seqnn_model *model, double size)
{
    seqnn_size count;
    seqnn_real *w = seqnn_weights(model, &count);
    seqnn_random random = {3, 9, 0};
    for (seqnn_size i = 0; i < count; i++)
        w[i] += (seqnn_real)(size * seqnn_random_normal(&random));
}

/* The same parameters, by position, in a layer of another model. */
static inline void copy_layer(seqnn_layer *to, seqnn_layer *from)
{
    for (seqnn_size p = 0; p < seqnn_layer_parameters(from); p++) {
        seqnn_parameter *parameter = seqnn_layer_parameter_at(from, p);
        succeeds(seqnn_layer_set(to, parameter->name, parameter->value));
    }
}

static inline void expect_layer_gradients(seqnn_layer *a, seqnn_layer *b,
                                          double tolerance)
{
    for (seqnn_size p = 0; p < seqnn_layer_parameters(b); p++) {
        seqnn_parameter *mine = seqnn_layer_parameter_at(a, p),
                        *other = seqnn_layer_parameter_at(b, p);
        expect_near(mine->rows * mine->columns, mine->gradient, other->gradient,
                    tolerance);
    }
}

/* What the last pass gave, to keep. */
static inline seqnn_real *kept(seqnn_tensor tensor)
{
    size_t bytes = (size_t)seqnn_tensor_size(tensor) * sizeof(seqnn_real);
    assert_non_null(tensor.data);
    return (seqnn_real *)memcpy(malloc(bytes), tensor.data, bytes);
}

#endif
