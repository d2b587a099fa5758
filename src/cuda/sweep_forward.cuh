/* cuda/sweep_forward.cuh - all steps of a recurrent cell in one kernel (private) */
#ifndef SQ_CUDA_SWEEP_FORWARD_H
#define SQ_CUDA_SWEEP_FORWARD_H

#include "sweep_plan.cuh"

template <int ROWS, class Vector> struct sq_sweep_forward {
    enum { MOST_THREADS = SQ_TILE_THREADS, KEPT = sq_held<Vector>::KEPT };
    sq_cuda_sweep sweep;
    sq_sweep_plan plan;

    /* What a thread keeps from step to step: its part of W_h, and a unit of a sequence.
     */
    struct state {
        int step, which;     /* of its phases */
        int longest;         /* of the cluster's sequences */
        int group, slice;    /* of the tile */
        int row, next, last; /* the first packed row of this step and two more */
        sq_sweep_place of;
        seqnn_real h, C, mask, b_h[3];
        seqnn_real kept,
            h_prev; /* of this step: tanh C_t (LSTM) or inner (GRU); h_(t-1) */
        seqnn_real gates[4], coming[4]; /* x_t W_x + b of this step, and of the next,
                                           which is loaded while this one is computed */
        Vector weights[KEPT][sq_held<Vector>::VECTORS];
    };

    SQ_BOTH seqnn_size phases() const
    {
        return 1 + sweep.packing.steps * plan.phases;
    }

    SQ_BOTH bool of_cluster(const state &own) const
    {
        const int phase = sq_phase_of(plan, own.which);
        return plan.ranks > 1 && (phase == SQ_UNITS || phase == SQ_RESET);
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        if (p == 0) {
            begin(at, own);
            return;
        }
        if (++own.which == plan.phases) {
            own.which = 0;
            own.step++;
        }
        const int phase = sq_phase_of(plan, own.which);
        const seqnn_size s = sq_cuda_step(sweep, own.step);
        if (phase == SQ_PRODUCT)
            go_on(own);
        if (phase == SQ_RESET && s < own.of.length)
            before_reset(at, own);
        if (phase == SQ_UNITS && s < own.of.length)
            units(at, own);
        if (phase == SQ_UNITS && own.step + 1 == sweep.packing.steps)
            end(own);
        if (phase == SQ_PRODUCT && s < own.longest)
            sq_tile_product<ROWS, KEPT, Vector>(
                plan.outer, (int)at.thread, own.group, own.slice, own.weights, shared,
                h_prev(shared, own.step), shared + plan.parts);
        if (phase == SQ_PRODUCT_INNER && s < own.longest)
            sq_tile_product<ROWS, 0, Vector>(
                plan.inner, (int)at.thread, (int)at.thread % plan.inner.groups,
                (int)at.thread / plan.inner.groups, own.weights, shared,
                shared + plan.inner_in, shared + plan.parts);
    }

  private:
    /* Whether there are two products: reset before. */
    SQ_BOTH bool two() const
    {
        return plan.inner.groups > 0;
    }

    /* h_(t-1) times mask, [ROWS, all units], as it is read at a step. A cluster has two,
     * for one block writes the next while another still reads. */
    SQ_BOTH seqnn_real *h_prev(seqnn_real *shared, int step) const
    {
        const int buffer = plan.in_buffers > 1 ? step % 2 : 0;
        return shared + plan.outer_in + buffer * ROWS * plan.outer.wide;
    }

    SQ_BOTH void begin(const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        const int first = (int)at.block / plan.ranks * ROWS, H = (int)sweep.units;
        own.step = -1;
        own.which = plan.phases - 1;
        own.longest = sweep.packing.length[first];
        own.group = (int)at.thread % plan.outer.groups;
        own.slice = (int)at.thread / plan.outer.groups;
        own.row = 0;
        own.next = sq_sweep_row(sweep, 0);
        own.last = sq_sweep_row(sweep, 1);
        sq_tile_hold<KEPT>(plan.outer, (int)at.thread,
                           sq_columns_of(sweep, plan, at, 0, false), own.weights, shared);
        if (two())
            sq_tile_hold<0>(plan.inner, (int)at.thread,
                            sq_columns_of(sweep, plan, at, 2, false), own.weights,
                            shared);
        for (int n = (int)at.thread; n < ROWS * plan.outer.wide; n += (int)at.threads) {
            const int j = n % plan.outer.wide, k = first + n / plan.outer.wide;
            seqnn_real h = 0;
            if (j < H && k < sweep.packing.batch)
                h = masked(sweep.h_state, k * sweep.units + j);
            for (int buffer = 0; buffer < plan.in_buffers; buffer++)
                h_prev(shared, buffer)[n] = h;
        }
        for (int n = (int)at.thread; n < ROWS * plan.inner.wide; n += (int)at.threads)
            shared[plan.inner_in + n] = 0;
        begin_unit(at, own);
    }

    SQ_BOTH seqnn_real masked(const seqnn_real *states, seqnn_size i) const
    {
        return sweep.mask ? states[i] * sweep.mask[i] : states[i];
    }

    SQ_BOTH void begin_unit(const sq_place &at, state &own) const
    {
        own.of = sq_sweep_place_of(sweep, plan, at);
        own.h = own.C = own.mask = own.kept = own.h_prev = own.b_h[0] = own.b_h[1] =
            own.b_h[2] = 0;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            own.gates[g] = own.coming[g] = 0;
        if (own.of.length < 0)
            return;
        const seqnn_size i = own.of.k * sweep.units + own.of.j;
        own.h = sweep.h_state[i];
        own.C = sweep.cell == SQ_CELL_LSTM ? sweep.C_state[i] : 0;
        own.mask = sweep.mask ? sweep.mask[i] : 1;
        SQ_UNROLL
        for (int g = 0; g < 3; g++)
            own.b_h[g] = sweep.b_h ? sweep.b_h[g * sweep.units + own.of.j] : 0;
        load(own, 0);
    }

    /* The gates of the step whose first row is own.next. */
    SQ_BOTH void load(state &own, int step) const
    {
        if (step >= sweep.packing.steps || sq_cuda_step(sweep, step) >= own.of.length)
            return;
        const seqnn_real *gates = sweep.gates +
                                  (own.next + own.of.k) * sweep.gate_count * sweep.units +
                                  own.of.j;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                own.coming[g] = gates[g * sweep.units];
    }

    /* A step begins for the unit. What was asked for a step ago is here. What a step has
     * left is written now, not before the barrier that ended it: one of a cluster waits
     * for all that is on its way to memory. */
    SQ_BOTH void go_on(state &own) const
    {
        if (own.step > 0)
            write(own, own.step - 1);
        own.row = own.next;
        own.next = own.last;
        own.last = sq_sweep_row(sweep, own.step + 2);
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            own.gates[g] = own.coming[g];
        load(own, own.step + 1);
    }

    SQ_BOTH void write(const state &own, int step) const
    {
        const seqnn_size row = own.row + own.of.k, i = row * sweep.units + own.of.j;
        if (sq_cuda_step(sweep, step) >= own.of.length)
            return;
        sweep.h[i] = own.h;
        if (sweep.keeps_h_prev)
            sweep.h_prev[i] = own.h_prev;
        if (sweep.cell == SQ_CELL_RNN)
            return;
        if (sweep.cell == SQ_CELL_LSTM)
            sweep.C[i] = own.C;
        (sweep.cell == SQ_CELL_LSTM ? sweep.tanh_C : sweep.inner)[i] = own.kept;
        seqnn_real *to = sweep.gates + row * sweep.gate_count * sweep.units + own.of.j;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                to[g * sweep.units] = own.gates[g];
    }

    /* What the last step has left, h_T and C_T. */
    SQ_BOTH void end(const state &own) const
    {
        write(own, own.step);
        const seqnn_size i = own.of.k * sweep.units + own.of.j;
        if (own.of.length < 0)
            return;
        sweep.h_state[i] = own.h;
        if (sweep.cell == SQ_CELL_LSTM)
            sweep.C_state[i] = own.C;
    }

    /* h_prev W_h of the first gates of a tile. */
    SQ_BOTH void products(const sq_place &at, const sq_tile &tile, const state &own,
                          int gates, seqnn_real *sums) const
    {
        sq_tile_sums<ROWS, 4>(tile, (const seqnn_real *)at.shared + plan.parts,
                              own.of.row, own.of.column, plan.units, gates, sums);
    }

    /* z, r and r * h_prev of the GRU with reset before. */
    SQ_BOTH void before_reset(const sq_place &at, state &own) const
    {
        seqnn_real sums[4];
        products(at, plan.outer, own, 2, sums);
        own.gates[0] = sq_logistic(own.gates[0] + sums[0]);
        own.gates[1] = sq_logistic(own.gates[1] + sums[1]);
        own.kept = own.gates[1] * (own.h * own.mask);
        tell(at, own, (seqnn_real *)at.shared + plan.inner_in, plan.inner.wide, own.kept);
    }

    SQ_BOTH void units(const sq_place &at, state &own) const
    {
        const seqnn_real before = own.h;
        seqnn_real *gates = own.gates, sums[4];
        products(at, two() ? plan.inner : plan.outer, own,
                 two() ? 1 : (int)sweep.gate_count, sums);
        switch (sweep.cell) {
        case SQ_CELL_RNN:
            own.h = sq_simple_rnn_unit(sweep.activation, gates[0] + sums[0]);
            break;
        case SQ_CELL_LSTM:
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                gates[g] += sums[g];
            sq_lstm_unit(1, gates, own.C, &own.C, &own.kept, &own.h);
            break;
        default:
            if (two()) {
                gates[2] += sums[0];
            } else {
                own.kept = own.b_h[2] + sums[2];
                gates[0] = sq_logistic(gates[0] + own.b_h[0] + sums[0]);
                gates[1] = sq_logistic(gates[1] + own.b_h[1] + sums[1]);
                gates[2] += gates[1] * own.kept;
            }
            own.h = sq_gru_unit(1, gates, before);
        }
        own.h_prev = before * own.mask;
        tell(at, own, h_prev((seqnn_real *)at.shared, own.step + 1), plan.outer.wide,
             own.h * own.mask);
    }

    /* A number of the unit, to all blocks of the cluster: each begins with another one.
     */
    SQ_BOTH void tell(const sq_place &at, const state &own, seqnn_real *rows, int wide,
                      seqnn_real x) const
    {
        for (int i = 0; i < plan.ranks; i++)
            *sq_of_rank(at, (at.rank + i) % plan.ranks,
                        rows + own.of.row * wide + own.of.j) = x;
    }
};

#endif
