/* Recurrent layers on the stand-in of a device beside the CPU's: outputs, states, gates
 * and all gradients, for a cell and its options, with either sweep. Both models have the
 * same weights and see the same batch; nothing may differ by more than rounding. */
#ifndef RECURRENT_TRIALS_H
#define RECURRENT_TRIALS_H

#include "host_device.h"

#include "../../src/cuda/backend.cuh"

extern "C" {
#include <setjmp.h>
#include <cmocka.h>
}

enum { BATCH = 7, TIME = 6, FEATURES = 3, UNITS = 5, WORDS = 11 };
enum { TOLERANCE_IN_MILLIONTHS = 10 }; /* of the largest number */

typedef enum cell_name { RNN, LSTM, GRU, CELLS } cell_name;
typedef enum source_kind { SERIES, EMBEDDING, ONE_HOT } source_kind;
typedef enum lengths_kind { EVEN, RAGGED, EMPTY } lengths_kind;

typedef seqnn_recurrent_options options_of;

/* What is built and what is fed. */
struct trial {
    cell_name cell = RNN;
    options_of options = {};
    source_kind source = SERIES;
    lengths_kind lengths = RAGGED;
    seqnn_size units = UNITS, batch = BATCH;
    bool give_state = false;    /* seqnn_set_state, before the model is built */
    bool give_gradient = false; /* seqnn_set_state_gradient */
    bool frozen_source = false;
    bool train = true;
    bool flow = true;
    bool persistent = true; /* the sweep of one kernel, too */
    void (*more)(seqnn_model *model,
                 const trial &of) = nullptr; /* instead of one layer */
};

static seqnn_layer *add_cell(seqnn_model *model, cell_name cell, seqnn_size units,
                             options_of options)
{
    return cell == RNN    ? seqnn_simple_rnn(model, units, options)
           : cell == LSTM ? seqnn_lstm(model, units, options)
                          : seqnn_gru(model, units, options);
}

static void add_source(seqnn_model *model, const trial &of)
{
    seqnn_embedding_options table = {};
    seqnn_one_hot_options one_hot = {};
    seqnn_source_options series = {};
    table.mask_zero = one_hot.mask_zero = of.lengths != EVEN;
    table.frozen = of.frozen_source;
    if (of.source == EMBEDDING)
        seqnn_embedding(model, WORDS, FEATURES, table);
    else if (of.source == ONE_HOT)
        seqnn_one_hot_source(model, WORDS, one_hot);
    else
        seqnn_sequences(model, FEATURES, series);
}

/* ---- the batch ---- */

struct data {
    std::vector<seqnn_real> values;
    std::vector<int32_t> words, start, length, first_start, first_length;
    seqnn_dataset batch = {}, first = {}; /* first: of other lengths */
};

static std::vector<seqnn_real> numbers(seqnn_size count, uint64_t stream)
{
    std::vector<seqnn_real> x((size_t)count);
    seqnn_random random = {11, stream, 0};
    for (seqnn_real &value : x)
        value = (seqnn_real)seqnn_random_normal(&random);
    return x;
}

static void make_batch(data *out, const trial &of)
{
    out->values = numbers(of.batch * TIME * FEATURES, 5);
    for (seqnn_size b = 0; b < of.batch; b++) {
        const int32_t length = of.lengths == EVEN ? TIME
                               : of.lengths == EMPTY
                                   ? 0
                                   : (int32_t)((b * 3 + 2) % (TIME + 1));
        out->length.push_back(length);
        out->first_length.push_back(of.lengths == EVEN ? TIME
                                                       : (int32_t)((b * 5 + 4) % TIME));
        out->start.push_back((TIME - length) / 2);
        for (int t = 0; t < TIME; t++)
            out->words.push_back((int32_t)(1 + (b * b * 5 + t * 3) % (WORDS - 4)));
    }
    out->batch.count = of.batch;
    out->batch.x[0].time = TIME;
    if (of.source == SERIES) {
        out->batch.x[0].values = out->values.data();
        out->batch.x[0].features = FEATURES;
    } else {
        out->batch.x[0].indices = out->words.data();
    }
    if (of.lengths != EVEN) {
        out->batch.x[0].start = out->start.data();
        out->batch.x[0].length = out->length.data();
    }
    out->first = out->batch;
    if (of.lengths != EVEN) {
        out->first_start.assign((size_t)of.batch, 0);
        out->first.x[0].start = out->first_start.data();
        out->first.x[0].length = out->first_length.data();
    }
}

/* ---- one model ---- */

static seqnn_layer *recurrent_in(seqnn_model *model, int number)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        if (sq_is_recurrent(seqnn_model_layer_at(model, i)) && number-- == 0)
            return seqnn_model_layer_at(model, i);
    return NULL;
}

static seqnn_model *make(const trial &of, bool device)
{
    host_device.absent = !device;
    seqnn_model *model = seqnn_model_new(3);
    add_source(model, of);
    if (of.more)
        of.more(model, of);
    else
        add_cell(model, of.cell, of.units, of.options);
    if (!seqnn_ok(model))
        fail_msg("%s", seqnn_error());
    if (of.give_state) {
        const std::vector<seqnn_real> h = numbers(of.batch * of.units, 21),
                                      C = numbers(of.batch * of.units, 22);
        assert_int_equal(SEQNN_OK, seqnn_set_state(recurrent_in(model, 0), of.batch,
                                                   h.data(), C.data()));
    }
    seqnn_size count;
    seqnn_real *weights = seqnn_weights(model, &count);
    const std::vector<seqnn_real> noise = numbers(count, 9);
    for (seqnn_size i = 0; i < count; i++)
        weights[i] += (seqnn_real)0.3 * noise[(size_t)i]; /* biases of 0 hide mistakes */
    if (device)
        assert_non_null(model->backend);
    else
        assert_null(model->backend);
    if (device) /* another order of the threads every time */
        ((sq_cuda *)model->device)->device->order.seed((unsigned)rand());
    seqnn_record_gradient_flow(model, of.flow);
    return model;
}

static seqnn_status back(seqnn_model *model, const trial &of)
{
    const seqnn_tensor y = seqnn_output(model);
    if (!y.data)
        return model->run_status;
    const std::vector<seqnn_real> dy = numbers(seqnn_tensor_size(y), 31);
    seqnn_layer *layer = recurrent_in(model, 0);
    if (of.give_gradient) {
        const std::vector<seqnn_real> dh = numbers(of.batch * of.units, 32),
                                      dC = numbers(of.batch * of.units, 33);
        assert_int_equal(SEQNN_OK, seqnn_set_state_gradient(layer, dh.data(), dC.data()));
    }
    assert_int_equal(SEQNN_OK, seqnn_set_output_gradient(model, dy.data()));
    return seqnn_backward(model);
}

/* Two passes, which stateful layers, gradients that add up and memory that is used again
 * can tell from one; in the second the way back is gone twice. */
static seqnn_status run(seqnn_model *model, const trial &of, const data &in)
{
    const seqnn_mode mode = of.train ? SEQNN_TRAIN : SEQNN_EVALUATE;
    for (int pass = 0; pass < 2; pass++) {
        seqnn_status status =
            seqnn_forward(model, pass == 0 ? &in.first : &in.batch, mode);
        for (int way = 0; way < 1 + pass && !status; way++)
            status = back(model, of);
        if (status)
            return status;
    }
    return SEQNN_OK;
}

/* ---- two models ---- */

static void near(const char *what, seqnn_size count, const seqnn_real *a,
                 const seqnn_real *b)
{
    double worst = 0, largest = 0;
    for (seqnn_size i = 0; i < count; i++) {
        if (!isfinite((double)a[i]) || !isfinite((double)b[i]))
            fail_msg("%s: value %td is %g on the CPU and %g", what, i, (double)a[i],
                     (double)b[i]);
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
        largest = fmax(largest, fabs((double)a[i]));
    }
    if (!(worst <= 1e-6 * TOLERANCE_IN_MILLIONTHS * largest))
        fail_msg("%s: %g apart, of %g", what, worst, largest);
}

static void near_tensors(const char *what, seqnn_tensor a, seqnn_tensor b)
{
    assert_true(seqnn_tensor_size(a) == seqnn_tensor_size(b));
    near(what, seqnn_tensor_size(a), a.data, b.data);
}

static seqnn_tensor gates_of(seqnn_layer *layer, cell_name cell)
{
    return cell == LSTM ? seqnn_lstm_gates(layer) : seqnn_gru_gates(layer);
}

static void near_recurrent(const trial &of, seqnn_layer *cpu, seqnn_layer *gpu)
{
    const sq_recurrent *own = (const sq_recurrent *)cpu;
    const seqnn_size cells = own->final.count * own->units;
    std::vector<seqnn_real> h[2], C[2], flow[2];
    seqnn_layer *both[2] = {cpu, gpu};
    for (int i = 0; i < 2; i++) {
        h[i].resize((size_t)cells);
        C[i].resize((size_t)cells);
        flow[i].resize(TIME);
        assert_int_equal(SEQNN_OK, seqnn_get_state(both[i], h[i].data(), C[i].data()));
    }
    near("h_T", cells, h[0].data(), h[1].data());
    near("C_T", cells, C[0].data(), C[1].data());
    for (int i = 0; i < 2; i++) {
        std::fill(h[i].begin(), h[i].end(), 0);
        std::fill(C[i].begin(), C[i].end(), 0);
        assert_int_equal(SEQNN_OK,
                         seqnn_get_state_gradient(both[i], h[i].data(), C[i].data()));
        if (of.flow)
            assert_int_equal(SEQNN_OK,
                             seqnn_gradient_flow(both[i], flow[i].data(), TIME));
    }
    near("dL/dh_0", cells, h[0].data(), h[1].data());
    near("dL/dC_0", cells, C[0].data(), C[1].data());
    near("gradient flow", TIME, flow[0].data(), flow[1].data());
    if (own->kind->gates > 1)
        near_tensors("gates", gates_of(cpu, of.cell), gates_of(gpu, of.cell));
}

static void near_models(const trial &of, seqnn_model *cpu, seqnn_model *gpu)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(cpu); i++) {
        seqnn_layer *a = seqnn_model_layer_at(cpu, i), *b = seqnn_model_layer_at(gpu, i);
        near_tensors("output", seqnn_layer_output(a), seqnn_layer_output(b));
        if (a->out.gradient_wanted) /* somebody learns from it */
            near_tensors("dL/d(output)", seqnn_layer_output_gradient(a),
                         seqnn_layer_output_gradient(b));
        if (sq_is_recurrent(a))
            near_recurrent(of, a, b);
        for (seqnn_size p = 0; p < seqnn_layer_parameters(a); p++) {
            const seqnn_parameter *mine = seqnn_layer_parameter_at(a, p),
                                  *other = seqnn_layer_parameter_at(b, p);
            near(mine->name, mine->rows * mine->columns, mine->gradient, other->gradient);
        }
    }
}

/* Whether the device did it, and not the CPU in its place; and with the sweep that is
 * wanted. */
static bool on_device(seqnn_model *model)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++) {
        const seqnn_layer *layer = seqnn_model_layer_at(model, i);
        if (!sq_is_recurrent(layer))
            continue;
        if (!sq_cuda_kind_of(layer))
            return false;
        assert_true(sq_cuda_persists((const sq_recurrent *)layer) ==
                    sq_persistent_wanted);
    }
    return ((sq_cuda *)model->device)->device->launches > 0;
}

/* States given before there was a device are in its memory now. */
static void expect_states_there(seqnn_model *model)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++) {
        const sq_recurrent *own = (const sq_recurrent *)seqnn_model_layer_at(model, i);
        if (!sq_is_recurrent(&own->base))
            continue;
        for (const sq_states *states :
             {&own->given, &own->final, &own->final_gradient, &own->initial_gradient})
            assert_true(!states->h || states->memory.from == model->activations.from);
    }
}

static void compare_where(const trial &of, bool device)
{
    data in;
    make_batch(&in, of);
    seqnn_model *cpu = make(of, false);
    assert_int_equal(SEQNN_OK, run(cpu, of, in));
    for (int persistent = 0; persistent < 1 + of.persistent; persistent++) {
        sq_persistent_wanted = persistent;
        seqnn_model *gpu = make(of, true);
        if (run(gpu, of, in))
            fail_msg("%s", seqnn_error());
        assert_true(on_device(gpu) == device);
        expect_states_there(gpu);
        near_models(of, cpu, gpu);
        seqnn_free(gpu);
    }
    sq_persistent_wanted = false;
    seqnn_free(cpu);
    assert_int_equal(host_device.open, 0);
}

static void compare(const trial &of)
{
    compare_where(of, true);
}

/* ---- every trial of a kind ---- */

/* Every cell, in each of its variants. */
static void for_each_cell(const trial &like, void (*test)(const trial &of))
{
    trial of = like;
    of.cell = LSTM;
    test(of);
    of.cell = RNN;
    for (int activation : {0, (int)SEQNN_LINEAR, (int)SEQNN_SIGMOID, (int)SEQNN_RELU}) {
        of.options.activation = (seqnn_activation)activation;
        test(of);
    }
    of.options.activation = SEQNN_ACTIVATION_DEFAULT;
    of.cell = GRU;
    for (int reset : {0, (int)SEQNN_RESET_BEFORE, (int)SEQNN_RESET_AFTER}) {
        of.options.reset = (seqnn_reset)reset;
        test(of);
    }
}

/* Both directions, every step or the last, sequences of one length or of many. */
static void in_every_direction(const trial &like)
{
    trial of = like;
    for (int way = 0; way < 8; way++) {
        of.options.go_backwards = way & 1;
        of.options.return_sequences = way & 2;
        of.lengths = way & 4 ? EVEN : RAGGED;
        compare(of);
    }
}

#endif
