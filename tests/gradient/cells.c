/* Every recurrent cell and option against finite differences. */
#include "check.h"
#include "simd.h"

typedef struct cell_case {
    const char *name;
    int gates; /* 1 simple_rnn, 4 lstm, 3 gru */
    seqnn_recurrent_options options;
} cell_case;

static const cell_case cells[] = {
    {"rnn tanh", 1, {.activation = SEQNN_TANH}},
    {"rnn relu", 1, {.activation = SEQNN_RELU}},
    {"rnn sigmoid", 1, {.activation = SEQNN_SIGMOID}},
    {"rnn linear", 1, {.activation = SEQNN_LINEAR}},
    {"rnn skip 2", 1, {.skip = 2}},
    {"rnn relu skip 3", 1, {.skip = 3, .activation = SEQNN_RELU}},
    {"lstm", 4, {.forget_bias = 0}},
    {"lstm forget bias 0", 4, {.forget_bias = SEQNN_ZERO}},
    {"gru reset before", 3, {.reset = SEQNN_RESET_BEFORE}},
    {"gru reset after", 3, {.reset = SEQNN_RESET_AFTER}},
    {"gru recurrent bias", 3, {.reset = SEQNN_RESET_AFTER_RECURRENT_BIAS}},
};

enum { CELLS = sizeof cells / sizeof *cells, UNITS = 5 };

static seqnn_layer *add_cell(seqnn_model *model, int gates,
                             seqnn_recurrent_options options)
{
    if (gates == 1)
        return seqnn_simple_rnn(model, UNITS, options);
    if (gates == 4)
        return seqnn_lstm(model, UNITS, options);
    return seqnn_gru(model, UNITS, options);
}

/* One option changed from the cell's own. */
typedef struct variant {
    const char *name;
    bool padded;
    void (*change)(seqnn_recurrent_options *options);
    void (*after)(seqnn_model *model, const cell_case *cell); /* more layers */
    void (*before)(check *at);
} variant;

static void sequences(seqnn_recurrent_options *options)
{
    options->return_sequences = true;
}

static void backwards(seqnn_recurrent_options *options)
{
    options->return_sequences = true;
    options->go_backwards = true;
}

static void last_backwards(seqnn_recurrent_options *options)
{
    options->go_backwards = true;
}

static void drops(seqnn_recurrent_options *options)
{
    options->return_sequences = true;
    options->dropout = 0.3;
    options->recurrent_dropout = 0.4;
}

static void both_concat(seqnn_recurrent_options *options)
{
    options->return_sequences = true;
    options->bidirectional = SEQNN_CONCAT;
}

static void both_sum(seqnn_recurrent_options *options)
{
    options->bidirectional = SEQNN_SUM;
}

static void no_bias(seqnn_recurrent_options *options)
{
    options->no_bias = true;
}

/* As long a window as the sequences is no truncation. */
static void wide_window(seqnn_recurrent_options *options)
{
    options->return_sequences = true;
    options->bptt_window = TIME;
}

static void second_layer(seqnn_model *model, const cell_case *cell)
{
    add_cell(model, cell->gates, cell->options);
}

/* An encoder whose last state a decoder starts from; the second source is the same
 * series. */
static void decoder(seqnn_model *model, const cell_case *cell)
{
    seqnn_recurrent_options options = cell->options;
    options.initial_state = seqnn_model_layer_at(model, seqnn_model_layers(model) - 1);
    options.return_sequences = true;
    seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
    add_cell(model, cell->gates, options);
}

/* A residual connection around the cell. */
static void residual(seqnn_model *model, const cell_case *cell)
{
    seqnn_layer *first = seqnn_model_layer_at(model, seqnn_model_layers(model) - 1);
    seqnn_recurrent_options options = cell->options;
    options.return_sequences = true;
    seqnn_layer *second = add_cell(model, cell->gates, options);
    seqnn_add(model, first, second, (seqnn_merge_options){0});
}

static void set_states(check *at)
{
    static double h[BATCH * UNITS], C[BATCH * UNITS];
    for (int i = 0; i < BATCH * UNITS; i++) {
        h[i] = sin(i);
        C[i] = cos(3 * i);
    }
    seqnn_set_state(seqnn_model_layer_at(at->model, 1), BATCH, h, C);
}

static const variant variants[] = {
    {"last state", false, NULL, NULL, NULL},
    {"last state, padded", true, NULL, NULL, NULL},
    {"sequences, padded", true, sequences, NULL, NULL},
    {"backwards, padded", true, backwards, NULL, NULL},
    {"last of backwards, padded", true, last_backwards, NULL, NULL},
    {"both dropouts, padded", true, drops, NULL, NULL},
    {"bidirectional concat, padded", true, both_concat, NULL, NULL},
    {"bidirectional sum", false, both_sum, NULL, NULL},
    {"no bias", false, no_bias, NULL, NULL},
    {"window of all steps, padded", true, wide_window, NULL, NULL},
    {"two layers, padded", true, sequences, second_layer, NULL},
    {"encoder, decoder, padded", true, NULL, decoder, NULL},
    {"residual, padded", true, sequences, residual, NULL},
    {"states set, padded", true, sequences, NULL, set_states},
};

static void check_cells(sq_isa_kind isa)
{
    double worst = 0;
    sq_isa_force(isa);
    printf("relative error of every gradient, %s\n", sq_isa_name(isa));
    for (int c = 0; c < CELLS; c++)
        for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
            const variant *with = &variants[v];
            seqnn_recurrent_options options = cells[c].options;
            char name[128];
            check at;
            memset(&at, 0, sizeof at);
            at.batch = sample_series(with->padded);
            at.batch.x[1] = at.batch.x[0];
            at.before = with->before;
            at.model = seqnn_model_new(11);
            if (with->change)
                with->change(&options);
            if (options.skip)
                options.bptt_window = 0;
            seqnn_sequences(at.model, FEATURES, (seqnn_source_options){0});
            add_cell(at.model, cells[c].gates, options);
            if (with->after)
                with->after(at.model, &cells[c]);
            sample_biases(at.model);
            snprintf(name, sizeof name, "%s, %s", cells[c].name, with->name);
            worst = fmax(worst, check_model(&at, name));
            seqnn_free(at.model);
            free((void *)(uintptr_t)at.batch.x[0].values);
        }
    printf("largest, %s: %.1e\n", sq_isa_name(isa), worst);
    assert_true(worst < TOLERANCE);
}

static void test_plain(void **state)
{
    (void)state;
    check_cells(SQ_ISA_PLAIN);
}

static void test_fast(void **state)
{
    (void)state;
    sq_isa_forget();
    if (sq_isa() == SQ_ISA_PLAIN)
        skip();
    check_cells(sq_isa());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain),
                                       cmocka_unit_test(test_fast)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
