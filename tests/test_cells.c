/* The recurrent cells in src/layers: one step against formulas written out here, the
 * plain sweeps against that step and against finite differences, the fast sweeps against
 * the plain ones on every instruction set, truncation against windows run one by one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "seqnn.h"

#include "memory.h"
#include "product.h"
#include "random.h"
#include "recurrent_layer.h"
#include "simd.h"

#ifdef SEQNN_DOUBLE
#define CLOSE 1e-12
#define STEP 1e-5
#define DERIVATIVE_CLOSE 1e-7
#define DERIVATIVE_NOISE 1e-9
#else
#define CLOSE 1e-5 /* largest difference over largest value, in every tensor */
#define STEP 2e-2
#define DERIVATIVE_CLOSE 1e-2
#define DERIVATIVE_NOISE 1e-4
#endif

enum { TIME = 7, RNN = 0, LSTM, GRU };

/* ---- a sweep with all its memory ---- */

typedef struct options {
    int cell;
    seqnn_size units, batch;
    bool backwards, mask, lengths, from_above;
    seqnn_activation activation;
    seqnn_reset reset;
    seqnn_size truncate;
} options;

enum { MOST_TENSORS = 24 };

typedef struct tensor {
    const char *name;
    seqnn_real **at;
    seqnn_size count;
} tensor;

typedef struct rig {
    options with;
    const sq_cell_kind *kind;
    sq_arena arena;
    sq_packing packing;
    sq_sweep sweep;
    seqnn_size gates;
    /* What is given; outputs are the arrays of the sweep, and the last two. */
    seqnn_real *z, *W_h, *b_h, *mask, *h_0, *C_0, *dh, *dh_T, *dC_T;
    seqnn_real *dW_h, *db_h, *flow;
    tensor outputs[MOST_TENSORS];
    int output_count;
} rig;

static seqnn_model *models[3];
static const sq_cell_kind *kinds[3];

/* Normal numbers, drawn once: the next of them, times scale, or zeros if scale is 0. */
static double normal[4093];
static seqnn_size next_normal;

/* The kinds are private to their files; a layer knows its own. */
static int find_kinds(void **state)
{
    (void)state;
    seqnn_random random = {99, 0, 0};
    for (seqnn_size i = 0; i < SQ_COUNT(normal); i++)
        normal[i] = seqnn_random_normal(&random);
    for (int cell = RNN; cell <= GRU; cell++) {
        const seqnn_source_options source = {0};
        const seqnn_recurrent_options none = {0};
        seqnn_model *model = models[cell] = seqnn_model_new(1);
        seqnn_sequences(model, 1, source);
        seqnn_layer *layer = cell == RNN    ? seqnn_simple_rnn(model, 2, none)
                             : cell == LSTM ? seqnn_lstm(model, 2, none)
                                            : seqnn_gru(model, 2, none);
        if (!layer)
            return -1;
        kinds[cell] = ((const sq_recurrent *)layer)->kind;
    }
    return 0;
}

static int free_models(void **state)
{
    (void)state;
    for (int cell = RNN; cell <= GRU; cell++)
        seqnn_free(models[cell]);
    return 0;
}

static seqnn_real *take(rig *r, seqnn_size count, double scale)
{
    seqnn_real *values =
        (seqnn_real *)sq_arena_take(&r->arena, count, sizeof(seqnn_real));
    for (seqnn_size i = 0; values && scale != 0 && i < count; i++)
        values[i] = (seqnn_real)(scale * normal[next_normal++ % SQ_COUNT(normal)]);
    return values;
}

static void output(rig *r, const char *name, seqnn_real **at, seqnn_size count)
{
    tensor *t = &r->outputs[r->output_count++];
    t->name = name;
    t->at = at;
    t->count = count;
    *at = take(r, count, 0);
}

/* Called twice: to add the sizes up, and to hand the memory out. */
static void take_all(rig *r)
{
    sq_sweep *sweep = &r->sweep;
    const seqnn_size units = r->with.units, batch = r->with.batch, gates = r->gates;
    const seqnn_size rows = batch * TIME, wide = rows * gates * units;
    const seqnn_size narrow = rows * units, states = batch * units;
    const bool lstm = r->with.cell == LSTM, gru = r->with.cell == GRU;
    const bool after = gru && r->with.reset != SEQNN_RESET_BEFORE;
    next_normal = units;

    sq_packing_plan(&r->packing, &r->arena, batch, TIME);
    r->z = take(r, wide, 1);
    r->W_h = take(r, units * gates * units, 1 / sqrt((double)units));
    r->b_h = take(r, gates * units, 0.5);
    r->mask = take(r, states, 1);
    for (seqnn_size i = 0; r->mask && i < states; i++)
        r->mask[i] = r->mask[i] < (seqnn_real)-0.5 ? 0 : (seqnn_real)1.25;
    r->h_0 = take(r, states, 0.5);
    r->C_0 = take(r, states, 0.5);
    r->dh = take(r, narrow, 1);
    r->dh_T = take(r, states, 1);
    r->dC_T = take(r, states, 1);

    r->output_count = 0;
    sweep->gates = NULL;
    if (r->with.cell == RNN)
        sweep->gates = take(r, wide, 0); /* of no further use */
    else
        output(r, "gates", &sweep->gates, wide);
    output(r, "h_prev", &sweep->h_prev, narrow);
    output(r, "h", &sweep->h, narrow);
    if (lstm) {
        output(r, "C", &sweep->C, narrow);
        output(r, "tanh_C", &sweep->tanh_C, narrow);
    }
    if (gru)
        output(r, "inner", &sweep->inner, narrow);
    output(r, "h_state", &sweep->h_state, states);
    output(r, "C_state", &sweep->C_state, states);
    output(r, "dgates", &sweep->dgates, wide);
    if (after)
        output(r, "dinner", &sweep->dinner, narrow);
    output(r, "dh_state", &sweep->dh_state, states);
    output(r, "dC_state", &sweep->dC_state, states);
    sweep->flow = (double *)sq_arena_take(&r->arena, rows, sizeof(double));
    output(r, "flow", &r->flow, rows);
    output(r, "dW_h", &r->dW_h, units * gates * units);
    if (after && r->with.reset == SEQNN_RESET_AFTER_RECURRENT_BIAS)
        output(r, "db_h", &r->db_h, gates * units);
    const sq_cell *fast = r->kind->fast();
    sweep->workspace =
        take(r, fast->workspace ? sq_max(fast->workspace(units), 1) : 1, 0);
}

static void rig_new(rig *r, options with)
{
    /* 0 and the longest among them; the packing sorts them. */
    static const int32_t lengths[] = {3, TIME, 0, 5, 1, TIME, 4, 2, 0, 6, 6};
    int32_t start[64] = {0}, length[64];
    memset(r, 0, sizeof *r);
    r->with = with;
    r->kind = kinds[with.cell];
    r->gates = r->kind->gates;
    take_all(r);
    assert_int_equal(sq_arena_commit(&r->arena), SEQNN_OK);
    take_all(r);
    for (seqnn_size b = 0; b < with.batch; b++)
        length[b] = with.lengths ? lengths[b % SQ_COUNT(lengths)] : TIME;
    assert_int_equal(sq_pack(&r->packing, "test", with.batch, TIME, start, length),
                     SEQNN_OK);

    sq_sweep *sweep = &r->sweep;
    sweep->packing = &r->packing;
    sweep->units = with.units;
    sweep->backwards = with.backwards;
    sweep->truncate = with.truncate;
    sweep->activation = with.activation;
    sweep->reset = with.reset;
    sweep->W_h = r->W_h;
    sweep->b_h = with.cell == GRU && with.reset == SEQNN_RESET_AFTER_RECURRENT_BIAS
                     ? r->b_h
                     : NULL;
    sweep->mask = with.mask ? r->mask : NULL;
    sweep->h_0 = r->h_0;
    sweep->C_0 = r->C_0;
    sweep->dh = with.from_above ? r->dh : NULL;
}

static void rig_free(rig *r)
{
    sq_arena_free(&r->arena);
}

static void copy(seqnn_real *to, const seqnn_real *from, seqnn_size count)
{
    memcpy(to, from, (size_t)count * sizeof *to);
}

static void forward(rig *r, const sq_cell *cell, seqnn_size piece)
{
    const seqnn_size batch = r->with.batch, states = batch * r->with.units;
    copy(r->sweep.gates, r->z, batch * TIME * r->gates * r->with.units);
    copy(r->sweep.h_state, r->h_0, states);
    copy(r->sweep.C_state, r->C_0, states);
    if (cell->prepare_forward)
        cell->prepare_forward(&r->sweep);
    for (seqnn_size k = 0; k < batch; k += piece)
        cell->forward(&r->sweep, k, sq_min(k + piece, batch));
}

static void backward(rig *r, const sq_cell *cell, seqnn_size piece)
{
    const seqnn_size batch = r->with.batch, states = batch * r->with.units;
    copy(r->sweep.dh_state, r->dh_T, states);
    copy(r->sweep.dC_state, r->dC_T, states);
    memset(r->dW_h, 0,
           (size_t)(r->with.units * r->gates * r->with.units) * sizeof *r->dW_h);
    if (r->db_h)
        memset(r->db_h, 0, (size_t)(r->gates * r->with.units) * sizeof *r->db_h);
    if (cell->prepare_backward)
        cell->prepare_backward(&r->sweep);
    for (seqnn_size k = 0; k < batch; k += piece)
        cell->backward(&r->sweep, k, sq_min(k + piece, batch));
    for (seqnn_size row = 0; row < r->packing.rows; row++)
        r->flow[row] = (seqnn_real)r->sweep.flow[row];
    r->kind->recurrent_gradient(&r->sweep, r->dW_h, r->db_h);
}

static void run(rig *r, const sq_cell *cell, seqnn_size piece)
{
    forward(r, cell, piece);
    backward(r, cell, piece);
}

static const char *describe(const options *with)
{
    static char text[160];
    snprintf(text, sizeof text,
             "%s units %d batch %d%s%s%s%s activation %d reset %d truncate %d on %s",
             kinds[with->cell]->type.kind, (int)with->units, (int)with->batch,
             with->backwards ? " backwards" : "", with->mask ? " mask" : "",
             with->lengths ? " lengths" : "", with->from_above ? " dh" : "",
             (int)with->activation, (int)with->reset, (int)with->truncate,
             sq_isa_name(sq_isa()));
    return text;
}

static double largest_difference; /* of all comparisons, for the record */

static void expect_near(const options *with, const char *name, seqnn_size count,
                        const seqnn_real *a, const seqnn_real *b, double close)
{
    /* What is given is of size 1; of a gradient that has vanished to less than a
     * hundredth of it, the rounding of what cancelled is compared with that hundredth. */
    double difference = 0, size = 0.01;
    for (seqnn_size i = 0; i < count; i++) {
        difference = fmax(difference, fabs((double)a[i] - (double)b[i]));
        size = fmax(size, fabs((double)b[i]));
        if (!isfinite((double)a[i]))
            fail_msg("%s: %s[%d] is %g", describe(with), name, (int)i, (double)a[i]);
    }
    if (difference > close * size)
        fail_msg("%s: %s differs by %g of %g", describe(with), name, difference, size);
    largest_difference = fmax(largest_difference, difference / size);
}

static void expect_same_outputs(const rig *a, const rig *b, double close)
{
    for (int i = 0; i < a->output_count; i++)
        if (a->outputs[i].at != &a->sweep.h_prev || sq_keeps_h_prev(&a->sweep))
            expect_near(&a->with, a->outputs[i].name, a->outputs[i].count,
                        *a->outputs[i].at, *b->outputs[i].at, close);
}

/* ---- every combination of options, up to number `most` of them at once ---- */

typedef void (*check)(options with);

static void each_variant(options with, check each)
{
    static const seqnn_activation activations[] = {SEQNN_TANH, SEQNN_RELU, SEQNN_SIGMOID,
                                                   SEQNN_LINEAR};
    static const seqnn_reset resets[] = {SEQNN_RESET_BEFORE, SEQNN_RESET_AFTER,
                                         SEQNN_RESET_AFTER_RECURRENT_BIAS};
    for (with.cell = RNN; with.cell <= GRU; with.cell++) {
        const int variants = with.cell == RNN ? 4 : with.cell == LSTM ? 1 : 3;
        for (int v = 0; v < variants; v++) {
            with.activation = with.cell == RNN ? activations[v] : SEQNN_TANH;
            with.reset = with.cell == GRU ? resets[v] : SEQNN_RESET_AFTER;
            each(with);
        }
    }
}

static void each_option(options with, check each)
{
    for (int bits = 0; bits < 16; bits++) {
        with.backwards = bits & 1;
        with.mask = bits & 2;
        with.lengths = bits & 4;
        with.from_above = bits & 8;
        each_variant(with, each);
    }
}

static void each_isa(void (*work)(void))
{
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++) {
        if (!sq_isa_available((sq_isa_kind)isa))
            continue;
        sq_isa_force((sq_isa_kind)isa);
        work();
    }
    sq_isa_forget();
}

static options sized(seqnn_size units, seqnn_size batch)
{
    options with = {0};
    with.units = units;
    with.batch = batch;
    return with;
}

/* ---- one step, written out for one unit and one input ---- */

static double logistic(double z)
{
    return 1 / (1 + exp(-z));
}

static void test_one_step_is_the_formula(void **state)
{
    (void)state;
    const seqnn_real x = (seqnn_real)0.7, h = (seqnn_real)-0.4, C = (seqnn_real)0.9;
    const seqnn_real W_x[] = {(seqnn_real)0.3, (seqnn_real)-0.8, (seqnn_real)1.1,
                              (seqnn_real)0.5};
    const seqnn_real W_h[] = {(seqnn_real)-0.6, (seqnn_real)0.2, (seqnn_real)0.9,
                              (seqnn_real)-1.3};
    const seqnn_real b[] = {(seqnn_real)0.1, (seqnn_real)1, (seqnn_real)-0.2,
                            (seqnn_real)0.4};
    const seqnn_real b_h[] = {(seqnn_real)0.25, (seqnn_real)-0.35, (seqnn_real)0.45};
    seqnn_real gates[4], C_t, h_t;
    double z[4];
    for (int g = 0; g < 4; g++)
        z[g] = (double)(x * W_x[g] + b[g]);

    seqnn_simple_rnn_step(1, 1, SEQNN_TANH, W_x, W_h, b, &x, &h, &h_t);
    assert_true(fabs((double)h_t - tanh(z[0] + (double)(h * W_h[0]))) < 1e-6);
    seqnn_simple_rnn_step(1, 1, SEQNN_RELU, W_x, W_h, b, &x, &h, &h_t);
    assert_true(fabs((double)h_t - (z[0] + (double)(h * W_h[0]))) < 1e-6);
    seqnn_simple_rnn_step(1, 1, SEQNN_RELU, W_x, W_x, NULL, &x, &b[2], &h_t);
    assert_true(fabs((double)h_t - 0.15) < 1e-6);
    seqnn_simple_rnn_step(1, 1, SEQNN_RELU, W_h, W_x, NULL, &x, &b[2], &h_t);
    assert_true(h_t == 0);

    double i = logistic(z[0] + (double)(h * W_h[0]));
    double f = logistic(z[1] + (double)(h * W_h[1]));
    double candidate = tanh(z[2] + (double)(h * W_h[2]));
    double o = logistic(z[3] + (double)(h * W_h[3]));
    double cell = f * (double)C + i * candidate;
    seqnn_lstm_step(1, 1, W_x, W_h, b, &x, &h, &C, gates, &C_t, &h_t);
    assert_true(fabs((double)gates[0] - i) < 1e-6 && fabs((double)gates[1] - f) < 1e-6);
    assert_true(fabs((double)gates[2] - candidate) < 1e-6);
    assert_true(fabs((double)gates[3] - o) < 1e-6);
    assert_true(fabs((double)C_t - cell) < 1e-6);
    assert_true(fabs((double)h_t - o * tanh(cell)) < 1e-6);

    for (int reset = SEQNN_RESET_DEFAULT; reset <= SEQNN_RESET_AFTER_RECURRENT_BIAS;
         reset++) {
        const bool bias =
            reset == SEQNN_RESET_DEFAULT || reset == SEQNN_RESET_AFTER_RECURRENT_BIAS;
        double update = logistic(z[0] + (double)(h * W_h[0] + (bias ? b_h[0] : 0)));
        double r = logistic(z[1] + (double)(h * W_h[1] + (bias ? b_h[1] : 0)));
        double inner = reset == SEQNN_RESET_BEFORE
                           ? r * (double)h * (double)W_h[2]
                           : r * (double)(h * W_h[2] + (bias ? b_h[2] : 0));
        candidate = tanh(z[2] + inner);
        seqnn_gru_step(1, 1, (seqnn_reset)reset, W_x, W_h, b, b_h, &x, &h, gates, &h_t);
        assert_true(fabs((double)gates[0] - update) < 1e-6);
        assert_true(fabs((double)gates[1] - r) < 1e-6);
        assert_true(fabs((double)gates[2] - candidate) < 1e-6);
        assert_true(fabs((double)h_t - (update * (double)h + (1 - update) * candidate)) <
                    1e-6);
    }
}

/* ---- the plain sweep takes that step, for every sequence on its own ---- */

static void check_steps(options with)
{
    const seqnn_size units = with.units;
    rig r;
    rig_new(&r, with);
    forward(&r, r.kind->plain(), with.batch);
    for (seqnn_size k = 0; k < with.batch; k++) {
        const seqnn_size length = r.packing.length[k];
        seqnn_real h[16], C[16], h_next[16], gates[64], one[64] = {0};
        copy(h, r.h_0 + k * units, units);
        copy(C, r.C_0 + k * units, units);
        for (seqnn_size t = 0; t < length; t++) {
            const seqnn_size s = with.backwards ? length - 1 - t : t;
            const seqnn_size row = r.packing.offset[s] + k;
            /* x_t W_x + b is given, so it takes the place of the bias. */
            const seqnn_real *z = r.z + row * r.gates * units;
            if (with.cell == RNN)
                seqnn_simple_rnn_step(0, units, with.activation, one, r.W_h, z, one, h,
                                      h_next);
            else if (with.cell == LSTM)
                seqnn_lstm_step(0, units, one, r.W_h, z, one, h, C, gates, C, h_next);
            else
                seqnn_gru_step(0, units, with.reset, one, r.W_h, z, r.sweep.b_h, one, h,
                               gates, h_next);
            copy(h, h_next, units);
            expect_near(&with, "h", units, r.sweep.h + row * units, h, CLOSE);
            if (with.cell == LSTM)
                expect_near(&with, "C", units, r.sweep.C + row * units, C, CLOSE);
            if (with.cell != RNN)
                expect_near(&with, "gates", r.gates * units,
                            r.sweep.gates + row * r.gates * units, gates, CLOSE);
        }
        expect_near(&with, "h_state", units, r.sweep.h_state + k * units, h, CLOSE);
        expect_near(&with, "C_state", units, r.sweep.C_state + k * units, C, CLOSE);
    }
    rig_free(&r);
}

static void test_plain_sweep_takes_steps(void **state)
{
    (void)state;
    options with = sized(5, 9);
    for (int bits = 0; bits < 4; bits++) {
        with.backwards = bits & 1;
        with.lengths = bits & 2;
        each_variant(with, check_steps);
    }
}

/* ---- the gradients are derivatives ---- */

static const sq_cell *derived_cell;

/* L = sum dh h + dh_T h_T + dC_T C_T, so that the given gradients are its own. */
static double loss(rig *r)
{
    const seqnn_size units = r->with.units, states = r->with.batch * units;
    double sum = 0;
    forward(r, derived_cell, r->with.batch);
    for (seqnn_size i = 0; r->with.from_above && i < r->packing.rows * units; i++)
        sum += (double)r->dh[i] * (double)r->sweep.h[i];
    for (seqnn_size i = 0; i < states; i++)
        sum += (double)r->dh_T[i] * (double)r->sweep.h_state[i];
    for (seqnn_size i = 0; i < states; i++)
        sum += (double)r->dC_T[i] * (double)r->sweep.C_state[i];
    return sum;
}

static void expect_derivative(rig *r, const char *name, seqnn_size count,
                              seqnn_real *values, const seqnn_real *gradient)
{
    double difference = 0, size = 0;
    for (seqnn_size i = 0; i < count; i++) {
        const seqnn_real value = values[i];
        values[i] = value + (seqnn_real)STEP;
        const double above = loss(r), up = (double)values[i];
        values[i] = value - (seqnn_real)STEP;
        const double below = loss(r), down = (double)values[i];
        values[i] = value;
        const double slope = (above - below) / (up - down);
        difference = fmax(difference, fabs(slope - (double)gradient[i]));
        size = fmax(size, fabs(slope));
    }
    if (!(difference <= DERIVATIVE_CLOSE * size + DERIVATIVE_NOISE))
        fail_msg("%s: d%s is off by %g of %g", describe(&r->with), name, difference,
                 size);
}

static void check_derivatives(options with)
{
    /* A finite step across relu's kink is no derivative. */
    if (with.activation == SEQNN_RELU)
        return;
    const seqnn_size units = with.units, states = with.batch * units;
    rig r;
    for (int fast = 0; fast < 2; fast++) {
        rig_new(&r, with);
        derived_cell = fast ? r.kind->fast() : r.kind->plain();
        run(&r, derived_cell, with.batch);
        expect_derivative(&r, "z", r.packing.rows * r.gates * units, r.z, r.sweep.dgates);
        expect_derivative(&r, "W_h", units * r.gates * units, r.W_h, r.dW_h);
        expect_derivative(&r, "h_0", states, r.h_0, r.sweep.dh_state);
        if (with.cell == LSTM)
            expect_derivative(&r, "C_0", states, r.C_0, r.sweep.dC_state);
        if (r.db_h)
            expect_derivative(&r, "b_h", 3 * units, r.b_h, r.db_h);
        rig_free(&r);
    }
}

static void test_gradients_are_derivatives(void **state)
{
    (void)state;
    each_option(sized(3, 4), check_derivatives);
}

/* ---- flow: || dL/dh_t ||, recovered from a gate that h_t passes straight through ----
 */

static void check_flow(options with)
{
    const seqnn_size units = with.units;
    rig r;
    rig_new(&r, with);
    run(&r, r.kind->plain(), with.batch);
    for (seqnn_size row = 0; row < r.packing.rows; row++) {
        const seqnn_real *gate = r.sweep.gates + row * r.gates * units;
        const seqnn_real *dgate = r.sweep.dgates + row * r.gates * units;
        double sum = 0;
        for (seqnn_size j = 0; j < units; j++) {
            const double h = (double)r.sweep.h[row * units + j];
            double slope;
            if (with.cell == RNN) {
                slope = with.activation == SEQNN_TANH      ? 1 - h * h
                        : with.activation == SEQNN_SIGMOID ? h * (1 - h)
                                                           : 1;
            } else if (with.cell == LSTM) {
                const double o = (double)gate[3 * units + j];
                slope = (double)r.sweep.tanh_C[row * units + j] * o * (1 - o);
            } else {
                const double candidate = (double)gate[2 * units + j];
                slope = (1 - (double)gate[j]) * (1 - candidate * candidate);
            }
            const double dh = (double)dgate[(r.gates - 1) * units + j] / slope;
            sum += dh * dh;
        }
        if (with.activation != SEQNN_RELU)
            assert_true(fabs(sum - r.sweep.flow[row]) < 1e-3 * sum);
    }
    rig_free(&r);
}

static void test_flow_is_the_norm(void **state)
{
    (void)state;
    options with = sized(6, 5);
    with.lengths = with.from_above = true;
    each_variant(with, check_flow);
    with.truncate = 2;
    each_variant(with, check_flow);
}

/* ---- fast equals plain; bits do not depend on how a batch was shared ---- */

static void check_fast(options with)
{
    rig plain, fast;
    rig_new(&plain, with);
    rig_new(&fast, with);
    run(&plain, plain.kind->plain(), with.batch);
    run(&fast, fast.kind->fast(), with.batch);
    expect_same_outputs(&fast, &plain, CLOSE);
    rig_free(&plain);
    rig_free(&fast);
}

static void fast_equals_plain(void)
{
    static const seqnn_size units[] = {1,  2,  3,  4,  5,  7,  8,  9,
                                       16, 17, 31, 50, 64, 65, 100};
    for (int i = 0; i < SQ_COUNT(units); i++)
        each_option(sized(units[i], 1 + i % 4 * 3), check_fast);
    options wide = sized(300, 40); /* the GRU goes back in pieces of its room */
    wide.mask = wide.from_above = true;
    each_variant(wide, check_fast);
}

static void test_fast_equals_plain(void **state)
{
    (void)state;
    largest_difference = 0;
    each_isa(fast_equals_plain);
    print_message("largest relative difference %.2g\n", largest_difference);
}

static void check_sharing(options with)
{
    static const seqnn_size pieces[] = {1, 2, 3, 5, 8};
    rig whole, shared;
    rig_new(&whole, with);
    run(&whole, whole.kind->fast(), with.batch);
    for (int p = 0; p < SQ_COUNT(pieces); p++) {
        rig_new(&shared, with);
        run(&shared, shared.kind->fast(), pieces[p]);
        for (int i = 0; i < whole.output_count; i++)
            if (memcmp(*whole.outputs[i].at, *shared.outputs[i].at,
                       (size_t)whole.outputs[i].count * sizeof(seqnn_real)) != 0)
                fail_msg("%s: %s has other bits in pieces of %d", describe(&with),
                         whole.outputs[i].name, (int)pieces[p]);
        rig_free(&shared);
    }
    rig_free(&whole);
}

static void sharing_keeps_bits(void)
{
    static const seqnn_size units[] = {1, 4, 7, 16, 33, 65};
    for (int i = 0; i < SQ_COUNT(units); i++) {
        options with = sized(units[i], 13);
        with.mask = with.from_above = true;
        for (int bits = 0; bits < 4; bits++) {
            with.backwards = bits & 1;
            with.lengths = bits & 2;
            each_variant(with, check_sharing);
        }
    }
}

static void test_sharing_keeps_bits(void **state)
{
    (void)state;
    each_isa(sharing_keeps_bits);
}

/* ---- truncated backpropagation ---- */

static void check_long_window(options with)
{
    rig full, truncated;
    rig_new(&full, with);
    run(&full, full.kind->plain(), with.batch);
    for (with.truncate = TIME - 1; with.truncate <= PTRDIFF_MAX - 1;
         with.truncate = with.truncate < TIME ? with.truncate + 1 : PTRDIFF_MAX) {
        rig_new(&truncated, with);
        run(&truncated, truncated.kind->plain(), with.batch);
        expect_same_outputs(&truncated, &full, CLOSE);
        rig_free(&truncated);
    }
    rig_free(&full);
}

static void test_a_window_over_all_steps_is_full(void **state)
{
    (void)state;
    each_option(sized(5, 6), check_long_window);
}

/* The loss of step j alone: what it sends to the steps j - p .. j, and to the initial
 * state if the window reaches it, summed over j. */
static void check_window(options with)
{
    const seqnn_size units = with.units, states = with.batch * units;
    rig truncated, one, sum;
    rig_new(&truncated, with);
    run(&truncated, truncated.kind->plain(), with.batch);

    rig_new(&sum, with);
    with.truncate = 0;
    rig_new(&one, with);
    forward(&one, one.kind->plain(), with.batch);
    const sq_packing *packing = &one.packing;
    for (seqnn_size j = 0; j < TIME; j++) {
        seqnn_real *dh = (seqnn_real *)sq_allocate(TIME * states, sizeof *dh);
        one.sweep.dh = dh;
        memset(one.sweep.dh_state, 0, (size_t)states * sizeof *dh);
        memset(one.sweep.dC_state, 0, (size_t)states * sizeof *dh);
        for (seqnn_size k = 0; k < with.batch; k++) {
            const seqnn_size length = packing->length[k];
            if (j >= length)
                continue;
            const seqnn_size s = with.backwards ? length - 1 - j : j;
            const seqnn_size row = packing->offset[s] + k;
            if (with.from_above)
                copy(dh + row * units, one.dh + row * units, units);
            if (j == length - 1) {
                copy(one.sweep.dh_state + k * units, one.dh_T + k * units, units);
                copy(one.sweep.dC_state + k * units, one.dC_T + k * units, units);
            }
        }
        one.kind->plain()->backward(&one.sweep, 0, with.batch);
        sq_free(dh);
        for (seqnn_size k = 0; k < with.batch; k++) {
            const seqnn_size length = packing->length[k];
            const seqnn_size p = truncated.with.truncate;
            for (seqnn_size t = sq_max(0, j - p); j < length && t <= j; t++) {
                const seqnn_size s = with.backwards ? length - 1 - t : t;
                const seqnn_size row = packing->offset[s] + k;
                for (seqnn_size i = 0; i < one.gates * units; i++)
                    sum.sweep.dgates[row * one.gates * units + i] +=
                        one.sweep.dgates[row * one.gates * units + i];
                for (seqnn_size i = 0; sum.sweep.dinner && i < units; i++)
                    sum.sweep.dinner[row * units + i] +=
                        one.sweep.dinner[row * units + i];
            }
            for (seqnn_size i = k * units; j < length && j <= p && i < (k + 1) * units;
                 i++) {
                sum.sweep.dh_state[i] += one.sweep.dh_state[i];
                sum.sweep.dC_state[i] += one.sweep.dC_state[i];
            }
            if (length == 0) { /* untouched */
                copy(sum.sweep.dh_state + k * units, one.dh_T + k * units, units);
                copy(sum.sweep.dC_state + k * units, one.dC_T + k * units, units);
            }
        }
    }
    const seqnn_size rows = packing->rows;
    expect_near(&truncated.with, "dgates", rows * one.gates * units,
                truncated.sweep.dgates, sum.sweep.dgates, CLOSE);
    if (sum.sweep.dinner)
        expect_near(&truncated.with, "dinner", rows * units, truncated.sweep.dinner,
                    sum.sweep.dinner, CLOSE);
    expect_near(&truncated.with, "dh_0", states, truncated.sweep.dh_state,
                sum.sweep.dh_state, CLOSE);
    if (with.cell == LSTM)
        expect_near(&truncated.with, "dC_0", states, truncated.sweep.dC_state,
                    sum.sweep.dC_state, CLOSE);
    rig_free(&truncated);
    rig_free(&one);
    rig_free(&sum);
}

static void test_windows_are_summed(void **state)
{
    (void)state;
    options with = sized(4, 7);
    for (with.truncate = 1; with.truncate < TIME; with.truncate++)
        each_option(with, check_window);
}

/* ---- a sequence of length 0 keeps its state, and its gradient ---- */

static void check_empty(options with)
{
    const seqnn_size units = with.units;
    rig r;
    for (int fast = 0; fast < 2; fast++) {
        rig_new(&r, with);
        run(&r, fast ? r.kind->fast() : r.kind->plain(), with.batch);
        const seqnn_size k = with.batch - 1, from = k * units;
        const size_t bytes = (size_t)units * sizeof(seqnn_real);
        assert_int_equal(r.packing.length[k], 0);
        assert_memory_equal(r.sweep.h_state + from, r.h_0 + from, bytes);
        assert_memory_equal(r.sweep.C_state + from, r.C_0 + from, bytes);
        assert_memory_equal(r.sweep.dh_state + from, r.dh_T + from, bytes);
        assert_memory_equal(r.sweep.dC_state + from, r.dC_T + from, bytes);
        rig_free(&r);
    }
}

static void test_empty_sequences_keep_their_state(void **state)
{
    (void)state;
    options with = sized(5, 4);
    with.lengths = with.from_above = true;
    each_variant(with, check_empty);
    with.backwards = with.mask = true;
    each_variant(with, check_empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_step_is_the_formula),
        cmocka_unit_test(test_plain_sweep_takes_steps),
        cmocka_unit_test(test_gradients_are_derivatives),
        cmocka_unit_test(test_flow_is_the_norm),
        cmocka_unit_test(test_fast_equals_plain),
        cmocka_unit_test(test_sharing_keeps_bits),
        cmocka_unit_test(test_a_window_over_all_steps_is_full),
        cmocka_unit_test(test_windows_are_summed),
        cmocka_unit_test(test_empty_sequences_keep_their_state),
    };
    return cmocka_run_group_tests(tests, find_kinds, free_models);
}
