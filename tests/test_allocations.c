/* No allocation during a training step in the steady state: counted through SEQNN_MALLOC
 * of the generated header, all of it in this file, and by the linker for whatever else
 * might call malloc. At the end everything was given back. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void *counted_malloc(size_t size);
static void counted_free(void *memory);

#define SEQNN_MALLOC counted_malloc
#define SEQNN_FREE counted_free
#define SEQNN_STATIC
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"

static long ours, freed, all;

/* The linker leads every call of this program here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    all++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    all++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    all++;
    return __real_realloc(memory, size);
}

static void *counted_malloc(size_t size)
{
    ours++;
    return malloc(size);
}

static void counted_free(void *memory)
{
    freed++;
    free(memory);
}

enum { COUNT = 40, TIME = 12, WORDS = 60, FEATURES = 20, UNITS = 24, CLASSES = 3 };

static int32_t words[COUNT * TIME], short_words[COUNT * TIME], starts[COUNT],
    lengths[COUNT], classes[COUNT], tags[COUNT * TIME];

static int make_text(void **state)
{
    (void)state;
    for (int b = 0; b < COUNT; b++) {
        lengths[b] = b % (TIME + 1);
        starts[b] = b % 3 == 0 ? TIME - lengths[b] : 0;
        classes[b] = b % CLASSES;
        for (int t = 0; t < TIME; t++) {
            int real = t >= starts[b] && t < starts[b] + lengths[b];
            words[b * TIME + t] = real ? 1 + (b * 7 + t * 5) % (WORDS - 1) : 0;
            short_words[b * TIME + t] = 1 + (b + t) % (WORDS - 1);
            tags[b * TIME + t] = t % CLASSES;
        }
    }
    return 0;
}

static seqnn_dataset text(const int32_t *indices, seqnn_size time, bool every_step)
{
    seqnn_dataset batch;
    memset(&batch, 0, sizeof batch);
    batch.count = COUNT;
    batch.x[0].indices = indices;
    batch.x[0].time = time;
    batch.y.indices = every_step ? tags : classes;
    batch.y.time = every_step ? time : 0;
    return batch;
}

/* One model for each kind of layer; the last is an encoder and a decoder. */
enum { KINDS = 6 };

static seqnn_model *build(int kind)
{
    seqnn_model *model = seqnn_model_new(9);
    seqnn_embedding_options mask = {.mask_zero = true};
    seqnn_recurrent_options sequences = {
        .return_sequences = true, .dropout = 0.2f, .recurrent_dropout = 0.2f};
    seqnn_recurrent_options both = {.return_sequences = true,
                                    .bidirectional = SEQNN_CONCAT};
    seqnn_dense_options softmax = {.activation = SEQNN_SOFTMAX};
    seqnn_dropout_options plain = {.per_sequence = false};
    seqnn_pooling_options pool = {.name = NULL};
    seqnn_activation_options none = {.name = NULL};
    seqnn_merge_options merge = {.name = NULL};
    seqnn_layer *a = seqnn_embedding(model, WORDS, FEATURES, mask), *b;
    switch (kind) {
    case 0:
        a = seqnn_simple_rnn(model, UNITS, sequences);
        b = seqnn_simple_rnn(model, UNITS, sequences);
        seqnn_add(model, a, b, merge);
        seqnn_global_max_pool(model, pool);
        break;
    case 1:
        seqnn_lstm(model, UNITS, both);
        seqnn_dropout(model, 0.3f, plain);
        seqnn_lstm(model, UNITS, (seqnn_lstm_options){.dropout = 0.2f});
        break;
    case 2:
        seqnn_gru(model, UNITS, sequences);
        seqnn_activate(model, SEQNN_TANH, none);
        seqnn_gru(model, UNITS, (seqnn_gru_options){.reset = SEQNN_RESET_BEFORE});
        break;
    case 3:
        seqnn_lstm(model, UNITS,
                   (seqnn_lstm_options){.return_sequences = true, .bptt_window = 3});
        seqnn_global_mean_pool(model, pool);
        break;
    case 4: /* a tag for every word */
        seqnn_gru(model, UNITS, both);
        break;
    default:
        a = seqnn_lstm(model, UNITS, (seqnn_lstm_options){.input = a});
        seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){0});
        seqnn_lstm(model, UNITS, (seqnn_lstm_options){.initial_state = a});
    }
    seqnn_dense(model, CLASSES, softmax);
    return model;
}

/* Allocations of one step: through the library's allocator, and at all. */
static void expect_none(seqnn_model *model, const seqnn_dataset *batch,
                        seqnn_train_options options, const char *what)
{
    long ours_before = ours, all_before = all;
    seqnn_real loss = seqnn_train_step(model, batch, options);
    long ours_after = ours, all_after = all;
    if (isnan(loss))
        fail_msg("%s: %s", what, seqnn_error());
    if (ours_after != ours_before || all_after != all_before)
        fail_msg("%s: %ld allocations, %ld in all", what, ours_after - ours_before,
                 all_after - all_before);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    const seqnn_optimizer_kind optimizers[] = {SEQNN_SGD, SEQNN_RMSPROP, SEQNN_ADAM,
                                               SEQNN_ADAMW, SEQNN_ADAGRAD};
    for (int kind = 0; kind < KINDS; kind++) {
        seqnn_dataset batch = text(words, TIME, kind == 4);
        seqnn_dataset shorter = text(short_words, TIME - 5, kind == 4);
        batch.x[1] = text(short_words, TIME, false).x[0];
        shorter.x[1] = shorter.x[0];
        seqnn_dataset smaller = seqnn_dataset_slice(&batch, 3, 17);
        seqnn_dataset given = batch;
        given.x[0].start = starts;
        given.x[0].length = lengths;
        for (int o = 0; o < SQ_COUNT(optimizers); o++) {
            long before = ours - freed;
            seqnn_train_options options = {
                .clip_value = 1, .clip_norm = 1, .clip_global_norm = 1};
            options.optimizer.kind = optimizers[o];
            options.optimizer.momentum = 0.5f;
            options.accumulate = o == 1 ? 2 : 0;
            seqnn_model *model = build(kind);
            seqnn_record_gradient_flow(model, true);
            for (int k = 0; k < 2;
                 k++) /* accumulated: the first update is in the second */
                if (isnan(seqnn_train_step(model, &batch, options)))
                    fail_msg("%s", seqnn_error());
            for (int k = 0; k < 3; k++)
                expect_none(model, &batch, options, "the same batch");
            expect_none(model, &smaller, options, "a smaller batch");
            expect_none(model, &shorter, options, "shorter sequences");
            expect_none(model, &given, options, "given lengths");
            expect_none(model, &batch, options, "the first batch");
            seqnn_free(model);
            assert_int_equal(ours - freed, before);
        }
    }
}

/* An epoch more is no allocation more, with all that seqnn_fit does in one. */
static void an_epoch_allocates_nothing(void **state)
{
    (void)state;
    for (int chunks = 0; chunks < 2; chunks++) {
        long counted[2], before = ours - freed;
        seqnn_dataset data = text(short_words, TIME, chunks == 1);
        for (int k = 0; k < 2; k++) {
            seqnn_model *model = seqnn_model_new(1);
            seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){0});
            seqnn_lstm(
                model, UNITS,
                (seqnn_lstm_options){.return_sequences = chunks == 1, .dropout = 0.1f});
            seqnn_dense(model, CLASSES,
                        (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
            seqnn_fit_options options = {.epochs = k ? 7 : 2,
                                         .batch_size = 9,
                                         .validation_split = 0.2f,
                                         .restore_best = true,
                                         .bptt_chunk = chunks ? 5 : 0};
            long start = all;
            seqnn_history history = seqnn_fit(model, &data, options);
            counted[k] = all - start;
            assert_int_equal(history.status, SEQNN_OK);
            assert_int_equal(history.epochs, options.epochs);
            seqnn_free(model);
        }
        assert_int_equal(counted[0], counted[1]);
        assert_int_equal(ours - freed, before);
    }
}

/* A larger batch is planned once; then it is the steady state too. */
static void a_larger_batch_is_planned_once(void **state)
{
    (void)state;
    seqnn_dataset batch = text(words, TIME, false);
    seqnn_dataset smaller = seqnn_dataset_slice(&batch, 0, 10);
    seqnn_model *model = build(1);
    for (int k = 0; k < 2; k++)
        assert_true(!isnan(seqnn_train_step(model, &smaller, (seqnn_train_options){0})));
    long before = ours;
    assert_true(!isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    assert_true(ours > before); /* the count counts */
    expect_none(model, &batch, (seqnn_train_options){0}, "again");
    expect_none(model, &smaller, (seqnn_train_options){0}, "the smaller one");
    seqnn_free(model);

    /* Reserved before the first step, what is left is what training itself keeps. */
    model = build(1);
    assert_int_equal(seqnn_reserve(model, COUNT, TIME), SEQNN_OK);
    const char *plan = model->activations.memory;
    assert_true(!isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    assert_ptr_equal(model->activations.memory, plan);
    seqnn_free(model);
}

static void everything_is_given_back(void **state)
{
    (void)state;
    assert_true(ours > 100);
    assert_true(all >= ours);
    assert_int_equal(ours, freed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(an_epoch_allocates_nothing),
        cmocka_unit_test(a_larger_batch_is_planned_once),
        cmocka_unit_test(everything_is_given_back),
    };
    return cmocka_run_group_tests(tests, make_text, NULL);
}
