/* cuda/recurrent.cuh - the recurrent layers, forward and backward (private)
 *
 * Each does what layers/recurrent.c and layers/recurrent_input.c do, on the same struct.
 * The sweep through time is the plain one, for every step a product with W_h and a kernel
 * for the rest; or, where it is wanted and W_h fits, the persistent one.
 */
#ifndef SQ_CUDA_RECURRENT_H
#define SQ_CUDA_RECURRENT_H

#include "cells.cuh"
#include "layers.cuh"
#include "sweep_persistent.cuh"

/* The sliding window of truncated BPTT, and skips, are left to the CPU. */
static bool sq_cuda_sweeps(const seqnn_layer *layer)
{
    const sq_sweep *sweep = &((const sq_recurrent *)layer)->sweep;
    return sweep->truncate == 0 && sweep->skip == 0;
}

/* ---- the sweep forward ---- */

/* W_h's columns from `column` on: out (or += if add) = met W_h, for the sequences of a
 * step. */
static void sq_cuda_through_W_h(const sq_recurrent *own, seqnn_size sequences,
                                seqnn_size column, seqnn_size columns,
                                const seqnn_real *met, bool add, seqnn_real *out,
                                seqnn_size out_row)
{
    const seqnn_size units = own->units, all = own->kind->gates * units;
    sq_device_product(sq_device_of(&own->base), false, false, sequences, columns, units,
                      met, units, own->sweep.W_h + column, all, add, out, out_row);
}

/* The same, back: out (or += if add) = dz W_h^T. */
static void sq_cuda_back_through_W_h(const sq_recurrent *own, seqnn_size sequences,
                                     seqnn_size column, seqnn_size columns,
                                     const seqnn_real *dz, seqnn_real *out)
{
    const seqnn_size units = own->units, all = own->kind->gates * units;
    sq_device_product(sq_device_of(&own->base), false, true, sequences, units, columns,
                      dz, all, own->sweep.W_h + column, all, false, out, units);
}

static sq_cell_step sq_rows_of_step(const sq_recurrent *own, seqnn_size row)
{
    const sq_sweep *sweep = &own->sweep;
    const seqnn_size units = own->units, at = row * units;
    sq_cell_step step = {};
    step.units = units;
    step.activation = sweep->activation;
    step.gates = sweep->gates + own->kind->gates * at;
    step.inner = sweep->inner + at;
    step.h = sweep->h + at;
    step.C = sweep->C + at;
    step.tanh_C = sweep->tanh_C + at;
    step.h_prev = sq_keeps_h_prev(sweep) ? sweep->h_prev + at : NULL;
    step.h_state = sweep->h_state;
    step.C_state = sweep->C_state;
    step.mask = sweep->mask;
    step.met = sweep->mask ? own->met : sweep->h_state;
    step.b_h = sweep->b_h;
    step.products = own->products;
    return step;
}

static void sq_cuda_gru_step(const sq_recurrent *own, seqnn_size sequences,
                             const sq_cell_step &step)
{
    sq_device *device = sq_device_of(&own->base);
    const seqnn_size units = own->units, all = 3 * units;
    if (own->sweep.reset != SEQNN_RESET_BEFORE) {
        sq_cuda_through_W_h(own, sequences, 0, all, step.met, false, own->products, all);
        sq_for_each_unit(device, sequences, units, sq_gru_step{step});
        return;
    }
    sq_cuda_through_W_h(own, sequences, 0, 2 * units, step.met, true, step.gates, all);
    sq_for_each_unit(device, sequences, units, sq_gru_before_gates{step});
    sq_cuda_through_W_h(own, sequences, 2 * units, units, step.inner, true,
                        step.gates + 2 * units, all);
    sq_for_each_unit(device, sequences, units, sq_gru_before_state{step});
}

/* The recurrence, from sweep.gates = x_t W_x + b, h_0 and C_0; what it leaves is what a
 * sweep of layers/sweep.h leaves. */
static void sq_cuda_plain_sweep(const sq_recurrent *own)
{
    const sq_sweep *sweep = &own->sweep;
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = own->units, all = own->kind->gates * units;
    sq_device *device = sq_device_of(&own->base);
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i), sequences = sq_active(packing, s);
        const sq_cell_step step = sq_rows_of_step(own, packing->offset[s]);
        if (own->kind->gates == 3) {
            sq_cuda_gru_step(own, sequences, step);
            continue;
        }
        sq_cuda_through_W_h(own, sequences, 0, all, step.met, true, step.gates, all);
        if (own->kind->has_C)
            sq_for_each_unit(device, sequences, units, sq_lstm_step{step});
        else
            sq_for_each_unit(device, sequences, units, sq_simple_rnn_step{step});
    }
}

/* ---- the sweep backward ---- */

/* Step s, once the steps after it in the order of the sweep have been gone back
 * through. */
static sq_cell_step_back sq_rows_of_step_back(const sq_recurrent *own, seqnn_size s)
{
    const sq_sweep *sweep = &own->sweep;
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = own->units, at = packing->offset[s] * units;
    const seqnn_size active = sq_active(packing, s);
    const seqnn_size next = s + 1 < packing->steps ? sq_active(packing, s + 1) : 0;
    const seqnn_size earlier =
        sweep->backwards ? s + 1 : s - 1; /* in time of the sweep */
    const seqnn_real *states = own->kind->has_C ? sweep->C : sweep->h;
    sq_cell_step_back step = {};
    step.units = units;
    step.activation = sweep->activation;
    step.gates = sweep->gates + own->kind->gates * at;
    step.inner = sweep->inner + at;
    step.h = sweep->h + at;
    step.tanh_C = sweep->tanh_C + at;
    step.h_prev = sweep->h_prev + at;
    step.above = sweep->dh ? sweep->dh + at : NULL;
    step.have_before = sweep->backwards ? next : s > 0 ? active : 0;
    step.have_after = sweep->backwards ? (s > 0 ? active : 0) : next;
    step.before = step.have_before > 0 ? states + packing->offset[earlier] * units : NULL;
    step.initial = own->kind->has_C ? sweep->C_0 : sweep->h_0;
    step.mask = sweep->mask;
    step.met = own->met;
    step.dh_state = sweep->dh_state;
    step.dC_state = sweep->dC_state;
    step.dgates = sweep->dgates + own->kind->gates * at;
    step.dinner = sweep->dinner + at;
    step.products = own->products;
    return step;
}

static void sq_cuda_gru_step_back(const sq_recurrent *own, seqnn_size sequences,
                                  const sq_cell_step_back &step)
{
    sq_device *device = sq_device_of(&own->base);
    const seqnn_size units = own->units;
    if (own->sweep.reset != SEQNN_RESET_BEFORE) {
        sq_for_each_unit(device, sequences, units, sq_gru_step_back{step});
        sq_cuda_back_through_W_h(own, sequences, 0, 3 * units, own->products, own->met);
        return;
    }
    sq_for_each_unit(device, sequences, units, sq_gru_before_back{step});
    sq_cuda_back_through_W_h(own, sequences, 2 * units, units, step.dgates + 2 * units,
                             step.dinner);
    sq_for_each_unit(device, sequences, units, sq_gru_before_reset_back{step});
    sq_cuda_back_through_W_h(own, sequences, 0, 2 * units, step.dgates, own->met);
}

static void sq_cuda_flow(const sq_recurrent *own, seqnn_size s,
                         const sq_cell_step_back &step)
{
    const sq_sweep *sweep = &own->sweep;
    const seqnn_size threads = sq_flow_rows::THREADS;
    sq_device_run(sq_device_of(&own->base),
                  sq_grid{sq_active(sweep->packing, s), threads,
                          (size_t)threads * sizeof(double), 0},
                  sq_flow_rows{step, sweep->flow + sweep->packing->offset[s]});
}

/* All steps back: from dL/dh_T and dL/dC_T to the gradients of the gates, dL/dh_0 and
 * dL/dC_0. */
static void sq_cuda_plain_sweep_back(const sq_recurrent *own)
{
    const sq_sweep *sweep = &own->sweep;
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    for (seqnn_size i = packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i), sequences = sq_active(packing, s);
        const sq_cell_step_back step = sq_rows_of_step_back(own, s);
        if (sweep->flow)
            sq_cuda_flow(own, s, step);
        if (own->kind->gates == 3) {
            sq_cuda_gru_step_back(own, sequences, step);
            continue;
        }
        if (own->kind->has_C)
            sq_for_each_unit(device, sequences, units, sq_lstm_step_back{step});
        else
            sq_for_each_unit(device, sequences, units, sq_simple_rnn_step_back{step});
        sq_cuda_back_through_W_h(own, sequences, 0, own->kind->gates * units, step.dgates,
                                 own->met);
    }
    if (packing->steps == 0)
        return;
    sq_cell_step_back last = sq_rows_of_step_back(own, 0);
    last.above = NULL;
    last.have_after = sq_active(packing, 0);
    sq_for_each_unit(device, last.have_after, units, sq_sweep_back_end{last});
}

/* ---- either sweep ---- */

static sq_cuda_sweep sq_cuda_sweep_on(const sq_recurrent *own)
{
    const sq_cell_name cell = own->kind->has_C        ? SQ_CELL_LSTM
                              : own->kind->gates == 3 ? SQ_CELL_GRU
                                                      : SQ_CELL_RNN;
    return sq_cuda_sweep_of(cell, &own->sweep,
                            sq_packed_of(own->base.model, own->sweep.packing));
}

static bool sq_cuda_persists(const sq_recurrent *own)
{
    return sq_persistent_wanted &&
           sq_persistent_fits(sq_device_of(&own->base), sq_cuda_sweep_on(own));
}

static void sq_cuda_sweep_forward(const sq_recurrent *own)
{
    if (sq_cuda_persists(own))
        sq_persistent_forward(sq_device_of(&own->base), sq_cuda_sweep_on(own));
    else
        sq_cuda_plain_sweep(own);
}

static void sq_cuda_sweep_backward(const sq_recurrent *own)
{
    if (sq_cuda_persists(own))
        sq_persistent_backward(sq_device_of(&own->base), sq_cuda_sweep_on(own));
    else
        sq_cuda_plain_sweep_back(own);
}

/* ---- states ---- */

/* As sq_start_states. */
static seqnn_status sq_cuda_start_states(sq_recurrent *own, const sq_packing *packing)
{
    const sq_states *from;
    seqnn_status status = sq_choose_states(own, packing, &from);
    if (status)
        return status;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    sq_for_each_unit(device, packing->batch, units,
                     sq_first_states{units, order, from ? from->h : NULL, own->sweep.mask,
                                     own->h_0, own->sweep.h_state, own->met});
    if (own->kind->has_C)
        sq_for_each_unit(device, packing->batch, units,
                         sq_first_states{units, order, from ? from->C : NULL, NULL,
                                         own->C_0, own->sweep.C_state, NULL});
    return SEQNN_OK;
}

/* h_T and C_T of the samples; h_T is also the output, where that is no sequence. */
static void sq_cuda_final_states(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    sq_for_each_unit(
        device, packing->batch, units,
        sq_states_of_samples{units, order, own->sweep.h_state, own->final.h,
                             own->return_sequences ? NULL : own->base.out.value});
    if (own->kind->has_C)
        sq_for_each_unit(
            device, packing->batch, units,
            sq_states_of_samples{units, order, own->sweep.C_state, own->final.C, NULL});
}

/* As sq_final_gradients. */
static void sq_cuda_final_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const sq_states *outside = &own->final_gradient;
    const bool more = outside->count > 0;
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    sq_for_each_unit(
        device, packing->batch, units,
        sq_sum_of_samples{units, order,
                          own->return_sequences ? NULL : own->base.out.gradient,
                          more ? outside->h : NULL, own->sweep.dh_state});
    if (own->kind->has_C)
        sq_for_each_unit(device, packing->batch, units,
                         sq_sum_of_samples{units, order, NULL, more ? outside->C : NULL,
                                           own->sweep.dC_state});
    own->final_gradient.count = 0;
}

/* to = or += (add) from, of so many numbers. */
static void sq_cuda_hand_on(sq_device *device, seqnn_size count, const seqnn_real *from,
                            bool add, seqnn_real *to)
{
    if (add)
        sq_for_each(device, count, sq_add_to{from, to});
    else
        sq_device_copy(device, to, from, (size_t)count * sizeof *to);
}

/* As sq_initial_gradients: dL/dh_0 and dL/dC_0 go to the layer that the state came
 * from. */
static void sq_cuda_initial_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const seqnn_size units = own->units, cells = packing->batch * units;
    sq_states *mine = &own->initial_gradient;
    sq_device *device = sq_device_of(&own->base);
    mine->count = packing->batch;
    sq_for_each_unit(
        device, packing->batch, units,
        sq_states_of_samples{units, order, own->sweep.dh_state, mine->h, NULL});
    if (own->kind->has_C)
        sq_for_each_unit(
            device, packing->batch, units,
            sq_states_of_samples{units, order, own->sweep.dC_state, mine->C, NULL});
    sq_recurrent *from = (sq_recurrent *)own->state_from;
    if (!from || !from->base.out.gradient_wanted)
        return;
    const bool add = from->final_gradient.count > 0;
    sq_cuda_hand_on(device, cells, mine->h, add, from->final_gradient.h);
    if (own->kind->has_C)
        sq_cuda_hand_on(device, cells, mine->C, add, from->final_gradient.C);
    from->final_gradient.count = mine->count;
    from->base.state_gradient = true;
}

/* ---- the input ---- */

/* The mask of each sequence; it is numbered by its sample, and the rows of the first step
 * name that: source / time. Sequences without a step need none. */
static void sq_cuda_sequence_masks(const sq_recurrent *own, int which, seqnn_real rate,
                                   seqnn_size features, seqnn_real *mask)
{
    const sq_packing *packing = own->base.in->packing;
    if (packing->steps > 0)
        sq_cuda_mask(&own->base, which, rate, sq_active(packing, 0), features,
                     sq_list(own->base.model, packing->source), packing->time, mask);
}

/* out = (or += if add) values * x_mask, of rows like those of x. */
static void sq_cuda_mask_rows(const sq_recurrent *own, const seqnn_real *values, bool add,
                              seqnn_real *out)
{
    const sq_signal *in = own->base.in;
    sq_for_each_unit(sq_device_of(&own->base), in->rows, in->features,
                     sq_mask_rows_of{sq_packed_of(own->base.model, in->packing),
                                     in->features, own->x_mask, values, add, out});
}

/* As sq_start_dropout. */
static void sq_cuda_start_dropout(sq_recurrent *own, seqnn_mode mode)
{
    const sq_signal *in = own->base.in;
    own->x_dropped = mode == SEQNN_TRAIN && own->dropout > 0;
    own->input = in->value;
    own->x_spent = false;
    if (own->x_dropped) {
        sq_cuda_sequence_masks(own, 1, own->dropout, in->features, own->x_mask);
        sq_cuda_mask_rows(own, in->value, false, own->x);
        own->input = own->x;
    }
    own->sweep.mask = NULL;
    if (mode == SEQNN_TRAIN && own->recurrent_dropout > 0) {
        sq_cuda_sequence_masks(own, 2, own->recurrent_dropout, own->units, own->h_mask);
        own->sweep.mask = own->h_mask;
    }
}

/* As sq_input_forward, but that b is added where rows are gathered. */
static void sq_cuda_input(sq_recurrent *own)
{
    const sq_signal *in = own->base.in;
    const seqnn_model *model = own->base.model;
    const sq_distinct *distinct = in->distinct;
    const seqnn_parameter *b_of = sq_recurrent_bias(&own->base, "b");
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    const seqnn_real *b = b_of ? b_of->value : NULL;
    const seqnn_size columns = own->kind->gates * own->units;
    sq_device *device = sq_device_of(&own->base);
    if (!distinct) {
        sq_cuda_affine(device, in->rows, columns, in->features, own->input, W_x, b,
                       own->sweep.gates);
        return;
    }
    const int32_t *of_row = sq_list(model, distinct->of_row);
    if (distinct->one_hot) { /* W_x[words[of_row]] */
        sq_for_each(device, in->rows * columns,
                    sq_gather_rows{columns, W_x, sq_list(model, distinct->words), of_row,
                                   b, own->sweep.gates});
        return;
    }
    sq_cuda_affine(device, sq_cuda_word_rows(own->base.inputs[0], distinct), columns,
                   in->features, own->input, W_x, NULL, own->sweep.dgates);
    sq_for_each(
        device, in->rows * columns,
        sq_gather_rows{columns, own->sweep.dgates, of_row, NULL, b, own->sweep.gates});
}

/* dx_t = dz_t W_x^T, as sq_input_gradient. */
static void sq_cuda_input_gradient(sq_recurrent *own, seqnn_size rows,
                                   const seqnn_real *dz)
{
    sq_signal *in = own->base.in;
    const seqnn_size columns = own->kind->gates * own->units;
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    sq_device *device = sq_device_of(&own->base);
    sq_device_product(device, false, true, rows, in->features, columns, dz, columns, W_x,
                      columns, !own->x_dropped && in->gradient_written,
                      own->x_dropped ? own->x : in->gradient, in->features);
    if (own->x_dropped) {
        sq_cuda_mask_rows(own, own->x, in->gradient_written, in->gradient);
        own->x_spent = true;
    }
    in->gradient_written = true;
    if (!in->distinct)
        return;
    sq_device_copy(device, own->W_x_then, W_x,
                   (size_t)(in->features * columns) * sizeof *W_x);
    own->base.owes_rows = true;
}

/* dW_x += sum_t x_t^T dz_t,  db += sum_t dz_t,  and dx, as sq_input_backward. */
static void sq_cuda_input_back(sq_recurrent *own)
{
    seqnn_layer *layer = &own->base;
    const sq_signal *in = layer->in;
    sq_distinct *distinct = in->distinct;
    const seqnn_parameter *W_x = &layer->parameters[SQ_W_X].view;
    const seqnn_parameter *b = sq_recurrent_bias(layer, "b");
    const seqnn_size columns = own->kind->gates * own->units;
    const seqnn_real *dz = own->sweep.dgates;
    seqnn_size rows = in->rows;
    sq_device *device = sq_device_of(layer);

    if (own->x_spent) /* a second way back over the same pass */
        sq_cuda_mask_rows(own, in->value, false, own->x);
    own->x_spent = false;
    if (distinct && (!W_x->frozen || in->gradient_wanted)) {
        sq_cuda_list_rows(layer->inputs[0], distinct);
        rows = sq_cuda_word_rows(layer->inputs[0], distinct);
        sq_device_sum_word_rows(device,
                                sq_sum_word_rows{rows, columns, dz,
                                                 sq_list(layer->model, distinct->rows),
                                                 sq_list(layer->model, distinct->begin),
                                                 NULL, false, own->dz_of_words});
        dz = own->dz_of_words;
    }
    if (!W_x->frozen && distinct && distinct->one_hot)
        sq_for_each(device, rows * columns,
                    sq_scatter_rows{columns, dz, sq_list(layer->model, distinct->words),
                                    W_x->gradient});
    else if (!W_x->frozen)
        sq_device_product(device, true, false, in->features, columns, rows, own->input,
                          in->features, dz, columns, true, W_x->gradient, columns);
    if (b && !b->frozen)
        sq_device_column_sums(device, rows, columns, dz, columns, b->gradient);
    if (in->gradient_wanted)
        sq_cuda_input_gradient(own, rows, dz);
}

/* ---- the weights of the recurrence ---- */

/* dW = dL/d(some columns of W_h) += sum_t h_(t-1)^T dz_t. */
static void sq_cuda_add_recurrent_gradient(const sq_recurrent *own, seqnn_size columns,
                                           const seqnn_real *dz, seqnn_size dz_row,
                                           seqnn_real *dW)
{
    const seqnn_size units = own->units;
    sq_met_rows met[2];
    const int pieces = sq_rows_that_met(&own->sweep, met);
    for (int i = 0; i < pieces; i++)
        sq_device_product(sq_device_of(&own->base), true, false, units, columns,
                          met[i].rows, met[i].h, units, dz + met[i].first * dz_row,
                          dz_row, true, dW, own->kind->gates * units);
}

static void sq_cuda_gru_gradient(const sq_recurrent *own, seqnn_real *dW_h,
                                 seqnn_real *db_h)
{
    const sq_sweep *sweep = &own->sweep;
    const seqnn_size units = own->units, all = 3 * units, rows = sweep->packing->rows;
    sq_device *device = sq_device_of(&own->base);
    sq_cuda_add_recurrent_gradient(own, 2 * units, sweep->dgates, all, dW_h);
    if (sweep->reset == SEQNN_RESET_BEFORE)
        sq_device_product(device, true, false, units, units, rows, sweep->inner, units,
                          sweep->dgates + 2 * units, all, true, dW_h + 2 * units, all);
    else
        sq_cuda_add_recurrent_gradient(own, units, sweep->dinner, units,
                                       dW_h + 2 * units);
    if (!db_h)
        return;
    sq_device_column_sums(device, rows, 2 * units, sweep->dgates, all, db_h);
    sq_device_column_sums(device, rows, units, sweep->dinner, units, db_h + 2 * units);
}

/* ---- the layer ---- */

static seqnn_status sq_cuda_recurrent(seqnn_layer *layer, seqnn_mode mode)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    seqnn_status status = sq_check_sequences(layer);
    if (status)
        return status;
    own->sweep.packing = layer->in->packing;
    sq_cuda_start_dropout(own, mode);
    status = sq_cuda_start_states(own, layer->in->packing);
    if (status)
        return status;
    sq_cuda_input(own);
    sq_sweep_weights(own);
    sq_cuda_sweep_forward(own);
    sq_cuda_final_states(own);
    sq_recurrent_ran(own);
    return SEQNN_OK;
}

static void sq_cuda_recurrent_back(seqnn_layer *layer)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    const seqnn_parameter *b_h = sq_recurrent_bias(layer, "b_h");
    const seqnn_size columns = own->kind->gates * own->units;
    sq_cuda_final_gradients(own);
    own->sweep.dh = own->return_sequences ? layer->out.gradient : NULL;
    own->sweep.flow = layer->model->record_flow ? own->flow : NULL;
    sq_cuda_sweep_backward(own);
    sq_cuda_initial_gradients(own);
    sq_cuda_input_back(own);
    if (!sq_trains(layer, SQ_W_H))
        return;
    seqnn_real *dW_h = layer->parameters[SQ_W_H].view.gradient;
    if (own->kind->gates == 3)
        sq_cuda_gru_gradient(own, dW_h, b_h ? b_h->gradient : NULL);
    else
        sq_cuda_add_recurrent_gradient(own, columns, own->sweep.dgates, columns, dW_h);
}

#endif
