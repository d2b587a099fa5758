/* The layer around a recurrent cell: everything the three cells share. */
#include "recurrent_states.h"
#include "activation_rows.h"
#include "parallel.h"
#include "plain_sweep.h"
#include "simd.h"

/* ---- states ---- */

/* The states a pass starts from: set by hand, or another layer's last, or this one's. */
static sq_states *sq_initial_states(sq_recurrent *own)
{
    if (own->given.count > 0)
        return &own->given;
    if (own->initial_state)
        return &((sq_recurrent *)own->initial_state)->final;
    if (own->stateful && own->final.count > 0)
        return &own->final;
    return NULL;
}

/* Which these are (NULL: zeros), and room for all that this pass and the way back, which
 * cannot fail, will keep. */
static seqnn_status sq_choose_states(sq_recurrent *own, const sq_packing *packing,
                                     const sq_states **chosen)
{
    sq_states *from = sq_initial_states(own);
    if (from && from->count != packing->batch)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': the initial state is of %td samples, the batch has %td",
                       own->base.type->kind, own->base.name, from->count, packing->batch);
    seqnn_status status = sq_states_reserve(&own->final, own, packing->batch);
    if (!status)
        status = sq_states_reserve(&own->initial_gradient, own, packing->batch);
    if (!status)
        status = sq_states_reserve(&own->final_gradient, own, packing->batch);
    if (!status && from) /* which may be of other memory */
        status = sq_states_reserve(from, own, from->count);
    if (status)
        return status;
    *chosen = from;
    own->state_from = own->given.count > 0 ? NULL : own->initial_state;
    own->given.count = 0;
    return SEQNN_OK;
}

static seqnn_status sq_start_states(sq_recurrent *own, const sq_packing *packing)
{
    const sq_states *from = NULL;
    seqnn_status status = sq_choose_states(own, packing, &from);
    if (status)
        return status;
    const size_t bytes = (size_t)(packing->batch * own->units) * sizeof(seqnn_real);
    sq_states_pack(packing, own->units, from ? from->h : NULL, own->h_0);
    memcpy(own->sweep.h_state, own->h_0, bytes);
    if (own->kind->has_C) {
        sq_states_pack(packing, own->units, from ? from->C : NULL, own->C_0);
        memcpy(own->sweep.C_state, own->C_0, bytes);
    }
    return SEQNN_OK;
}

/* ---- memory ---- */

SQ_LOCAL void sq_recurrent_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                                seqnn_size rows)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_sweep *sweep = &own->sweep;
    size_t size = sizeof(seqnn_real);
    seqnn_size units = own->units;
    seqnn_size wide = sq_multiply(rows, own->kind->gates * units);
    seqnn_size narrow = sq_multiply(rows, units), states = sq_multiply(batch, units);
    bool gated = own->kind->gates == 3;

    sweep->gates = (seqnn_real *)sq_arena_take(arena, wide, size);
    sweep->dgates = (seqnn_real *)sq_arena_take(arena, wide, size);
    sweep->h_prev = (seqnn_real *)sq_arena_take(arena, narrow, size);
    sweep->h = own->return_sequences ? layer->out.value
                                     : (seqnn_real *)sq_arena_take(arena, narrow, size);
    sweep->C = (seqnn_real *)sq_arena_take(arena, own->kind->has_C ? narrow : 0, size);
    sweep->tanh_C =
        (seqnn_real *)sq_arena_take(arena, own->kind->has_C ? narrow : 0, size);
    sweep->inner = (seqnn_real *)sq_arena_take(arena, gated ? narrow : 0, size);
    sweep->dinner = (seqnn_real *)sq_arena_take(arena, gated ? narrow : 0, size);
    own->flow = (double *)sq_arena_take(arena, rows, sizeof(double));
    own->flow_of_step = (double *)sq_arena_take(arena, rows, sizeof(double));
    sweep->h_state = (seqnn_real *)sq_arena_take(arena, states, size);
    sweep->dh_state = (seqnn_real *)sq_arena_take(arena, states, size);
    sweep->C_state = (seqnn_real *)sq_arena_take(arena, states, size);
    sweep->dC_state = (seqnn_real *)sq_arena_take(arena, states, size);
    own->h_0 = (seqnn_real *)sq_arena_take(arena, states, size);
    own->C_0 = (seqnn_real *)sq_arena_take(arena, states, size);
    seqnn_size beside = layer->model->backend ? states : 0;
    own->met = (seqnn_real *)sq_arena_take(arena, beside, size);
    own->products =
        (seqnn_real *)sq_arena_take(arena, gated ? sq_multiply(3, beside) : 0, size);
    seqnn_size room =
        own->kind->fast()->workspace ? own->kind->fast()->workspace(units) : 0;
    sweep->workspace = (seqnn_real *)sq_arena_take(arena, room, size);
    own->h_mask =
        (seqnn_real *)sq_arena_take(arena, own->recurrent_dropout > 0 ? states : 0, size);
    sq_input_plan(own, arena, batch, rows);
}

SQ_LOCAL void sq_recurrent_destroy(seqnn_layer *layer)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_states_free(&own->final);
    sq_states_free(&own->given);
    sq_states_free(&own->final_gradient);
    sq_states_free(&own->initial_gradient);
}

/* ---- the sweep ---- */

static const sq_cell *sq_recurrent_cell(const sq_recurrent *own)
{
    const bool plain = own->sweep.truncate > 0 || own->sweep.skip > 0;
    return plain ? own->kind->plain() : own->kind->fast();
}

typedef struct sq_sweep_work {
    const sq_sweep *sweep;
    void (*run)(const sq_sweep *sweep, seqnn_size begin, seqnn_size end);
} sq_sweep_work;

static void sq_sweep_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_sweep_work *work = (const sq_sweep_work *)context;
    work->run(work->sweep, begin, end);
}

/* A sequence's bits do not depend on which others share its piece, so there is one piece
 * for each thread: the larger it is, the more often W_h is used while it is in the cache.
 * Sequences of different lengths are cut finer, for the first pieces have the longest.
 * Too little work for a second thread is one piece. */
static void sq_sweep_run(const sq_recurrent *own,
                         void (*run)(const sq_sweep *, seqnn_size, seqnn_size))
{
    const sq_packing *packing = own->sweep.packing;
    sq_sweep_work work = {&own->sweep, run};
    double products = (double)packing->rows * (double)own->units *
                      (double)(own->units * own->kind->gates);
    bool even = packing->rows == packing->batch * packing->steps;
    seqnn_size pieces = even ? sq_threads() : 4 * sq_threads();
    if (products < 250000.0 || sq_threads() == 1)
        pieces = 1;
    seqnn_size grain = sq_max(even ? 1 : 8, (packing->batch + pieces - 1) / pieces);
    sq_parallel(packing->batch, grain, sq_sweep_piece, &work);
}

SQ_LOCAL const seqnn_parameter *sq_recurrent_bias(const seqnn_layer *layer,
                                                  const char *name)
{
    for (int p = SQ_W_H + 1; p < layer->parameter_count; p++)
        if (strcmp(layer->parameters[p].view.name, name) == 0)
            return &layer->parameters[p].view;
    return NULL;
}

/* W_s, the last of a layer with a skip. */
static const seqnn_parameter *sq_skip_weights(const seqnn_layer *layer)
{
    return &layer->parameters[layer->parameter_count - 1].view;
}

static seqnn_status sq_check_sequences(const seqnn_layer *layer)
{
    if (layer->in->packing)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_SHAPE,
                   "%s '%s': input is [batch, %td], expected [batch, "
                   "time, features]",
                   layer->type->kind, layer->name, layer->in->features);
}

/* What the sweep of this pass is to read. */
static void sq_sweep_weights(sq_recurrent *own)
{
    sq_sweep *sweep = &own->sweep;
    const seqnn_layer *layer = &own->base;
    const seqnn_parameter *b_h = sq_recurrent_bias(layer, "b_h");
    sweep->flow = NULL;
    sweep->W_h = layer->parameters[SQ_W_H].view.value;
    sweep->W_s = sweep->skip > 0 ? sq_skip_weights(layer)->value : NULL;
    sweep->b_h = b_h ? b_h->value : NULL;
    sweep->h_0 = own->h_0;
    sweep->C_0 = own->C_0;
}

/* What is true after a pass forward. */
static void sq_recurrent_ran(sq_recurrent *own)
{
    own->final.count = own->sweep.packing->batch;
    own->final_gradient.count = 0;
    own->base.state_gradient = false;
    own->base.out.logits = NULL;
    own->base.out.activation = SEQNN_LINEAR;
}

SQ_LOCAL seqnn_status sq_recurrent_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_sweep *sweep = &own->sweep;
    const sq_signal *in = layer->in;
    seqnn_status status = sq_check_sequences(layer);
    sweep->packing = in->packing;
    if (!status)
        status = sq_start_states(own, in->packing);
    if (status)
        return status;
    sq_input_forward(own, mode);

    const sq_cell *cell = sq_recurrent_cell(own);
    sq_sweep_weights(own);
    if (cell->prepare_forward)
        cell->prepare_forward(sweep);
    sq_sweep_run(own, cell->forward);

    sq_recurrent_ran(own);
    sq_states_unpack(in->packing, own->units, sweep->h_state, own->final.h);
    if (own->kind->has_C)
        sq_states_unpack(in->packing, own->units, sweep->C_state, own->final.C);
    if (!own->return_sequences)
        memcpy(layer->out.value, own->final.h,
               (size_t)(own->final.count * own->units) * sizeof(seqnn_real));
    return SEQNN_OK;
}

/* dL/dh_T and dL/dC_T: the output's gradient, if that is h_T, plus what came from
 * outside. */
static void sq_final_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    seqnn_size units = own->units, cells = packing->batch * units;
    const sq_states *outside = &own->final_gradient;
    bool more = outside->count > 0;
    const seqnn_real *dy = own->return_sequences ? NULL : own->base.out.gradient;
    sq_states_pack(packing, units, dy, own->sweep.dh_state);
    if (more)
        for (seqnn_size k = 0; k < packing->batch; k++)
            for (seqnn_size j = 0; j < units; j++)
                own->sweep.dh_state[k * units + j] +=
                    outside->h[packing->order[k] * units + j];
    if (own->kind->has_C)
        sq_states_pack(packing, units, more ? outside->C : NULL, own->sweep.dC_state);
    else
        memset(own->sweep.dC_state, 0, (size_t)cells * sizeof(seqnn_real));
    own->final_gradient.count = 0;
}

static void sq_states_add(const sq_recurrent *own, const sq_states *gradient,
                          sq_states *sum)
{
    seqnn_size cells = gradient->count * own->units;
    for (seqnn_size i = 0; i < cells; i++)
        sum->h[i] += gradient->h[i];
    for (seqnn_size i = 0; own->kind->has_C && i < cells; i++)
        sum->C[i] += gradient->C[i];
}

/* dL/dh_0 and dL/dC_0 go to the layer that the state came from. */
static void sq_initial_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    sq_states *mine = &own->initial_gradient;
    if (sq_states_reserve(mine, own, packing->batch))
        return;
    mine->count = packing->batch;
    sq_states_unpack(packing, own->units, own->sweep.dh_state, mine->h);
    if (own->kind->has_C)
        sq_states_unpack(packing, own->units, own->sweep.dC_state, mine->C);
    sq_recurrent *from = (sq_recurrent *)own->state_from;
    if (!from || own->base.model->lone_forward || !from->base.out.gradient_wanted)
        return;
    if (from->final_gradient.count == 0)
        sq_states_copy_in(from, &from->final_gradient, mine->count, mine->h, mine->C);
    else
        sq_states_add(own, mine, &from->final_gradient);
    from->base.state_gradient = true;
}

SQ_LOCAL void sq_recurrent_backward(seqnn_layer *layer)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_sweep *sweep = &own->sweep;
    const sq_cell *cell = sq_recurrent_cell(own);

    sq_final_gradients(own);
    sweep->dh = own->return_sequences ? layer->out.gradient : NULL;
    sweep->flow = layer->model->record_flow ? own->flow : NULL;
    if (cell->prepare_backward)
        cell->prepare_backward(sweep);
    sq_sweep_run(own, cell->backward);
    sq_initial_gradients(own);

    /* The sums over all steps: dW_x = sum_t x_t^T dz_t and so on. */
    sq_input_backward(own);
    const seqnn_parameter *b_h = sq_recurrent_bias(layer, "b_h");
    if (sq_trains(layer, SQ_W_H))
        own->kind->recurrent_gradient(sweep, layer->parameters[SQ_W_H].view.gradient,
                                      b_h ? b_h->gradient : NULL);
    if (sweep->skip > 0 && sq_trains(layer, layer->parameter_count - 1))
        sq_add_skip_gradient(sweep, sq_skip_weights(layer)->gradient);
}

/* ---- looking in ---- */

SQ_LOCAL seqnn_tensor sq_recurrent_gates(seqnn_layer *layer, const sq_cell_kind *kind)
{
    seqnn_tensor nothing;
    memset(&nothing, 0, sizeof nothing);
    const sq_recurrent *own = (const sq_recurrent *)layer;
    if (!sq_is_recurrent(layer) || own->kind != kind || !layer->model->count ||
        layer->model->run_status || own->final.count == 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "gates: '%s' is not a %s layer that has run",
                seqnn_layer_name(layer), kind->type.kind);
        return nothing;
    }
    return sq_unpacked_rows(layer, own->sweep.packing, own->sweep.gates,
                            kind->gates * own->units);
}

SEQNN_API void seqnn_record_gradient_flow(seqnn_model *model, bool on)
{
    if (model)
        model->record_flow = on;
}

SEQNN_API seqnn_status seqnn_gradient_flow(const seqnn_layer *layer, seqnn_real *norms,
                                           seqnn_size time)
{
    const sq_recurrent *own = sq_recurrent_or_fail(layer, "gradient_flow");
    if (!own)
        return SEQNN_ERROR_ARGUMENT;
    const sq_packing *packing = own->sweep.packing;
    if (!layer->model->count || layer->model->run_status || !own->sweep.flow ||
        packing->time != time)
        return sq_fail(
            SEQNN_ERROR_SHAPE,
            "gradient_flow: '%s' has not recorded a backward pass over %td steps",
            layer->name, time);
    memset(own->flow_of_step, 0, (size_t)time * sizeof(double));
    for (seqnn_size r = 0; r < packing->rows; r++)
        own->flow_of_step[packing->source[r] % time] += own->flow[r];
    for (seqnn_size t = 0; t < time; t++)
        norms[t] = (seqnn_real)sqrt(own->flow_of_step[t]);
    return SEQNN_OK;
}

/* ---- construction ---- */

static const char *sq_reset_word(int reset)
{
    static const char *const words[] = {"default", "before", "after",
                                        "after_recurrent_bias"};
    return reset >= 0 && reset < SQ_COUNT(words) ? words[reset] : NULL;
}

/* A bidirectional layer is two of one direction and their merge. */
SQ_LOCAL const sq_layer_option *sq_recurrent_options(void)
{
#define SQ_FIELD(field) offsetof(sq_recurrent_given, field)
    static const sq_layer_option options[] = {
        {"units", SQ_OPTION_SIZE, SQ_FIELD(units), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"input", SQ_OPTION_LAYER, SQ_FIELD(options.input), NULL},
        {"return_sequences", SQ_OPTION_BOOL, SQ_FIELD(options.return_sequences), NULL},
        {"go_backwards", SQ_OPTION_BOOL, SQ_FIELD(options.go_backwards), NULL},
        {"stateful", SQ_OPTION_BOOL, SQ_FIELD(options.stateful), NULL},
        {"dropout", SQ_OPTION_REAL, SQ_FIELD(options.dropout), NULL},
        {"recurrent_dropout", SQ_OPTION_REAL, SQ_FIELD(options.recurrent_dropout), NULL},
        {"initial_state", SQ_OPTION_LAYER, SQ_FIELD(options.initial_state), NULL},
        {"bptt_window", SQ_OPTION_SIZE, SQ_FIELD(options.bptt_window), NULL},
        {"skip", SQ_OPTION_SIZE, SQ_FIELD(options.skip), NULL},
        {"no_bias", SQ_OPTION_BOOL, SQ_FIELD(options.no_bias), NULL},
        {"input_initializer", SQ_OPTION_INITIALIZER, SQ_FIELD(options.input_initializer),
         NULL},
        {"recurrent_initializer", SQ_OPTION_INITIALIZER,
         SQ_FIELD(options.recurrent_initializer), NULL},
        {"bias_initializer", SQ_OPTION_INITIALIZER, SQ_FIELD(options.bias_initializer),
         NULL},
        {"activation", SQ_OPTION_WORD, SQ_FIELD(options.activation), sq_activation_word},
        {"forget_bias", SQ_OPTION_REAL, SQ_FIELD(options.forget_bias), NULL},
        {"reset", SQ_OPTION_WORD, SQ_FIELD(options.reset), sq_reset_word},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static bool sq_check_recurrent(seqnn_layer *layer, const sq_cell_kind *kind,
                               seqnn_size units, const seqnn_recurrent_options *options)
{
    seqnn_model *model = layer->model;
    const char *who = kind->type.kind;
    if (layer->inputs[0]->source < 0)
        sq_model_fail(model, SEQNN_ERROR_SHAPE,
                      "%s '%s': input '%s' is [batch, %td], expected [batch, time, "
                      "features]",
                      who, layer->name, layer->inputs[0]->name, layer->in->features);
    else if (units < 1 || units > SQ_MAX_FEATURES)
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%s': %td units, expected at least 1, and weights that fit in "
                      "memory",
                      who, layer->name, units);
    else if (!(options->dropout >= 0 && options->dropout < 1) ||
             !(options->recurrent_dropout >= 0 && options->recurrent_dropout < 1))
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s '%s': dropout %g and recurrent_dropout %g, expected 0 <= rate < 1", who,
            layer->name, (double)options->dropout, (double)options->recurrent_dropout);
    else if (options->bptt_window < 0)
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%s': bptt_window is %td, expected 0 or more steps", who,
                      layer->name, options->bptt_window);
    else if (options->skip < 0 || options->skip == 1 ||
             (options->skip > 0 && (kind->gates != 1 || options->bptt_window > 0)))
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%s': skip is %td, expected 0, or at least 2 steps of a "
                      "simple_rnn without bptt_window",
                      who, layer->name, options->skip);
    else if ((options->activation && kind->gates != 1) ||
             (options->forget_bias != 0 && kind->gates != 4) ||
             (options->reset && kind->gates != 3))
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s '%s': activation is an option of simple_rnn, forget_bias of lstm, "
            "reset of gru",
            who, layer->name);
    else if (options->activation > SEQNN_RELU || options->activation < 0 ||
             options->reset > SEQNN_RESET_AFTER_RECURRENT_BIAS || options->reset < 0)
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s '%s': activation is one of linear, tanh, sigmoid, relu; reset one "
            "of its three kinds",
            who, layer->name);
    return !model->status;
}

static bool sq_check_initial_state(seqnn_layer *layer, const sq_cell_kind *kind,
                                   seqnn_size units, const seqnn_layer *initial)
{
    if (!initial)
        return true;
    if (sq_is_recurrent(initial) && initial->model == layer->model &&
        ((const sq_recurrent *)initial)->kind == kind &&
        ((const sq_recurrent *)initial)->units == units)
        return true;
    sq_model_fail(
        layer->model, SEQNN_ERROR_SHAPE,
        "%s '%s': its initial_state '%s' is not a %s layer of %td units in this "
        "model",
        kind->type.kind, layer->name, initial->name, kind->type.kind, units);
    return false;
}

static seqnn_layer *sq_one_direction(seqnn_model *model, const sq_cell_kind *kind,
                                     seqnn_size units,
                                     const seqnn_recurrent_options *options)
{
    sq_recurrent_given given = {units, *options};
    seqnn_layer *layer =
        sq_layer_new(model, &kind->type, options->name, options->input, &given);
    if (!layer || !sq_check_recurrent(layer, kind, units, options) ||
        !sq_check_initial_state(layer, kind, units, options->initial_state))
        return NULL;
    sq_recurrent *own = (sq_recurrent *)layer;
    seqnn_size columns = kind->gates * units;
    own->kind = kind;
    own->units = units;
    own->return_sequences = options->return_sequences;
    own->stateful = options->stateful;
    own->dropout = options->dropout;
    own->recurrent_dropout = options->recurrent_dropout;
    own->initial_state = options->initial_state;
    own->sweep.units = units;
    own->sweep.backwards = options->go_backwards;
    own->sweep.truncate = options->bptt_window;
    own->sweep.skip = options->skip;
    own->sweep.activation = options->activation ? options->activation : SEQNN_TANH;
    own->sweep.reset = options->reset ? options->reset : SEQNN_RESET_AFTER_RECURRENT_BIAS;
    layer->frozen = options->frozen;
    sq_layer_shape(layer, units, layer->inputs[0], options->return_sequences);

    sq_layer_add_parameter(layer, "W_x", layer->in->features, columns, kind->gates,
                           options->input_initializer, SEQNN_GLOROT_UNIFORM);
    sq_layer_add_parameter(layer, "W_h", units, columns, kind->gates,
                           options->recurrent_initializer, SEQNN_ORTHOGONAL);
    if (!options->no_bias) {
        sq_parameter *b = sq_layer_add_parameter(layer, "b", 1, columns, kind->gates,
                                                 options->bias_initializer, SEQNN_ZEROS);
        if (kind->gates == 4)
            b->forget_bias = sq_option(options->forget_bias, 1);
    }
    if (options->skip > 0)
        sq_layer_add_parameter(layer, "W_s", units, units, 1,
                               options->recurrent_initializer, SEQNN_ORTHOGONAL);
    if (!options->no_bias && kind->gates == 3 &&
        own->sweep.reset == SEQNN_RESET_AFTER_RECURRENT_BIAS)
        sq_layer_add_parameter(layer, "b_h", 1, columns, kind->gates,
                               options->bias_initializer, SEQNN_ZEROS);
    return model->status ? NULL : layer;
}

/* Two layers over the same input, one of them from the end, and their merge. */
static seqnn_layer *sq_both_directions(seqnn_model *model, const sq_cell_kind *kind,
                                       seqnn_size units,
                                       const seqnn_recurrent_options *options)
{
    char name[SQ_NAME_SIZE], part[SQ_NAME_SIZE + 16];
    seqnn_recurrent_options one = *options;
    seqnn_merge_options merge;
    if (options->go_backwards || options->initial_state || options->bidirectional < 0 ||
        options->bidirectional > SEQNN_SUM) {
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: bidirectional is SEQNN_CONCAT or SEQNN_SUM, without go_backwards "
            "and initial_state",
            kind->type.kind);
        return NULL;
    }
    int number = 1;
    snprintf(name, sizeof name, "%s", options->name ? options->name : "bidirectional_1");
    while (!options->name && seqnn_model_layer(model, name))
        snprintf(name, sizeof name, "bidirectional_%d", ++number);
    one.name = part;
    one.bidirectional = SEQNN_MERGE_DEFAULT;
    if (!one.input)
        one.input = seqnn_model_layer_at(model, seqnn_model_layers(model) - 1);
    snprintf(part, sizeof part, "%s_forward", name);
    seqnn_layer *forward = sq_one_direction(model, kind, units, &one);
    snprintf(part, sizeof part, "%s_backward", name);
    one.go_backwards = true;
    seqnn_layer *backward = sq_one_direction(model, kind, units, &one);
    merge.name = name;
    if (!backward)
        return NULL;
    return options->bidirectional == SEQNN_SUM
               ? seqnn_add(model, forward, backward, merge)
               : seqnn_concat(model, forward, backward, merge);
}

SQ_LOCAL seqnn_layer *sq_recurrent_new(seqnn_model *model, const sq_cell_kind *kind,
                                       seqnn_size units,
                                       const seqnn_recurrent_options *options)
{
    if (options->bidirectional && seqnn_ok(model))
        return sq_both_directions(model, kind, units, options);
    return sq_one_direction(model, kind, units, options);
}
