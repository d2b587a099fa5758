/* cuda/sweep_backward.cuh - all steps of a recurrent cell back, in one kernel (private)
 */
#ifndef SQ_CUDA_SWEEP_BACKWARD_H
#define SQ_CUDA_SWEEP_BACKWARD_H

#include "sweep_plan.cuh"

template <int ROWS, class Vector> struct sq_sweep_backward {
    enum { MOST_THREADS = SQ_TILE_THREADS, KEPT = sq_held<Vector>::KEPT };
    sq_cuda_sweep sweep;
    sq_sweep_plan plan;

    /* What the way forward has left of a unit at a step. */
    struct values {
        seqnn_real gates[4]; /* of the vanilla RNN the first: h_t */
        seqnn_real kept;     /* tanh C_t (LSTM), inner (GRU) */
        seqnn_real before;   /* C_(t-1) (LSTM), h_(t-1) (GRU) */
        seqnn_real dh;       /* from above */
    };
    /* What a thread keeps from step to step: its part of W_h, and a unit of a sequence.
     */
    struct state {
        int step, which;           /* of its phases */
        int longest;               /* of the cluster's sequences */
        int group, slice;          /* of the tile */
        int buffer;                /* of `received`, last written */
        int row, next, then, last; /* the first packed row of this step and the
                                      three that are before it in time */
        sq_sweep_place of;
        seqnn_real dh, dC, mask;  /* dh: without what the product gives */
        seqnn_real r, h_prev, dz; /* of the GRU with reset before, until it knows dr */
        bool multiplied;          /* the step after it was one of the sequence's */
        values coming;            /* of the next, loaded while this one is computed */
        Vector weights[KEPT][sq_held<Vector>::VECTORS];
    };

    /* After the last step dh_state is written. */
    SQ_BOTH seqnn_size phases() const
    {
        return 2 + sweep.packing.steps * plan.phases;
    }

    SQ_BOTH bool of_cluster(const state &own) const
    {
        const int phase = sq_phase_of(plan, own.which);
        return plan.ranks > 1 &&
               (phase == SQ_GATHER || phase == SQ_FLOW_PARTS || own.step < 0);
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
            own.step--;
        }
        const int phase = sq_phase_of(plan, own.which);
        const seqnn_size s = sq_cuda_step(sweep, own.step);
        if (phase == SQ_UNITS)
            units(at, own);
        if (phase == SQ_GATHER)
            own.buffer ^= 1; /* of all blocks alike */
        if (own.step < 0 || s >= own.longest)
            return;
        if (phase == SQ_RESET && s < own.of.length)
            after_reset(at, own);
        if (phase == SQ_FLOW_PARTS)
            flow_parts(at);
        if (phase == SQ_FLOW)
            flow(at, own);
        if (phase == SQ_PRODUCT)
            sq_tile_product<ROWS, KEPT, Vector>(
                plan.outer, (int)at.thread, own.group, own.slice, own.weights, shared,
                shared + plan.outer_in, shared + plan.parts);
        if (phase == SQ_PRODUCT_INNER)
            sq_tile_product<ROWS, 0, Vector>(
                plan.inner, (int)at.thread, (int)at.thread % plan.inner.groups,
                (int)at.thread / plan.inner.groups, own.weights, shared,
                shared + plan.inner_in, shared + plan.parts);
        if (phase == SQ_GATHER)
            gather(at, own,
                   two() && own.which + 1 < plan.phases ? plan.inner : plan.outer);
    }

  private:
    /* Whether there are two products: reset before. */
    SQ_BOTH bool two() const
    {
        return plan.inner.groups > 0;
    }

    SQ_BOTH void begin(const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        const int last = (int)sweep.packing.steps - 1;
        own.step = last + 1;
        own.which = plan.phases - 1;
        own.longest = sweep.packing.length[(int)at.block / plan.ranks * ROWS];
        own.group = (int)at.thread % plan.outer.groups;
        own.slice = (int)at.thread / plan.outer.groups;
        own.buffer = 0;
        own.row = 0;
        own.next = sq_sweep_row(sweep, last);
        own.then = sq_sweep_row(sweep, last - 1);
        own.last = sq_sweep_row(sweep, last - 2);
        sq_tile_hold<KEPT>(plan.outer, (int)at.thread,
                           sq_columns_of(sweep, plan, at, 0, true), own.weights, shared);
        if (two())
            sq_tile_hold<0>(plan.inner, (int)at.thread,
                            sq_columns_of(sweep, plan, at, 2, true), own.weights, shared);
        for (int n = (int)at.thread; n < ROWS * plan.outer.wide; n += (int)at.threads)
            shared[plan.outer_in + n] = 0;
        for (int n = (int)at.thread; n < ROWS * plan.inner.wide; n += (int)at.threads)
            shared[plan.inner_in + n] = 0;
        begin_unit(at, own);
    }

    SQ_BOTH void begin_unit(const sq_place &at, state &own) const
    {
        own.of = sq_sweep_place_of(sweep, plan, at);
        own.dh = own.dC = own.r = own.h_prev = own.dz = 0;
        own.mask = 1;
        own.multiplied = false;
        own.coming = values{};
        if (own.of.length < 0)
            return;
        const seqnn_size i = own.of.k * sweep.units + own.of.j;
        own.dh = sweep.dh_state[i];
        own.dC = sweep.cell == SQ_CELL_LSTM ? sweep.dC_state[i] : 0;
        own.mask = sweep.mask ? sweep.mask[i] : 1;
        load(own, own.step - 1);
    }

    /* The values of a step, whose first row is own.next, with own.then before it. */
    SQ_BOTH void load(state &own, int step) const
    {
        if (step < 0 || sq_cuda_step(sweep, step) >= own.of.length)
            return;
        const seqnn_size H = sweep.units, row = own.next + own.of.k,
                         i = row * H + own.of.j;
        values &to = own.coming;
        to.dh = sweep.dh ? sweep.dh[i] : 0;
        if (sweep.cell == SQ_CELL_RNN) {
            to.gates[0] = sweep.h[i];
            return;
        }
        const seqnn_real *gates = sweep.gates + row * sweep.gate_count * H + own.of.j;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                to.gates[g] = gates[g * H];
        const bool lstm = sweep.cell == SQ_CELL_LSTM;
        const bool first = step == 0 || sq_cuda_step(sweep, step - 1) >= own.of.length;
        const seqnn_real *states =
            lstm ? (first ? sweep.C_0 : sweep.C) : (first ? sweep.h_0 : sweep.h);
        to.kept = (lstm ? sweep.tanh_C : sweep.inner)[i];
        to.before = states[((first ? 0 : own.then) + own.of.k) * H + own.of.j];
    }

    /* What the last product gave, of the unit. */
    SQ_BOTH seqnn_real product(const sq_place &at, const state &own,
                               const sq_tile &tile) const
    {
        const seqnn_real *shared = (const seqnn_real *)at.shared;
        seqnn_real sum;
        if (plan.ranks == 1) {
            sq_tile_sums<ROWS, 1>(tile, shared + plan.parts, own.of.row, own.of.column, 0,
                                  1, &sum);
            return sum;
        }
        const int next = ROWS * plan.units;
        const seqnn_real *received = shared + plan.received +
                                     own.buffer * plan.ranks * next +
                                     own.of.row * plan.units + own.of.column;
        sum = 0;
        for (int rank = 0; rank < plan.ranks; rank++)
            sum += received[rank * next];
        return sum;
    }

    /* The sums of this block's slices, each to the block whose unit it is. */
    SQ_BOTH void gather(const sq_place &at, const state &own, const sq_tile &tile) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        seqnn_real *received =
            shared + plan.received +
            (own.buffer * plan.ranks + (int)at.rank) * ROWS * plan.units;
        const int H = (int)sweep.units;
        for (int n = (int)at.thread; n < ROWS * H; n += (int)at.threads) {
            const int row = n / H, unit = n % H, rank = unit / plan.units;
            seqnn_real sum;
            sq_tile_sums<ROWS, 1>(tile, shared + plan.parts, row, unit, 0, 1, &sum);
            *sq_of_rank(at, rank, received + row * plan.units + unit % plan.units) = sum;
        }
    }

    /* A step begins, or all are done. What was asked for a step ago is here. */
    SQ_BOTH void units(const sq_place &at, state &own) const
    {
        own.row = own.next;
        own.next = own.then;
        own.then = own.last;
        own.last = sq_sweep_row(sweep, own.step - 3);
        if (own.multiplied)
            own.dh += own.mask * product(at, own, plan.outer);
        own.multiplied = own.step >= 0 && sq_cuda_step(sweep, own.step) < own.of.length;
        if (own.multiplied)
            unit(at, own, own.coming);
        load(own, own.step - 1);
        if (own.step >= 0 || own.of.length < 0)
            return;
        sweep.dh_state[own.of.k * sweep.units + own.of.j] = own.dh;
        if (sweep.cell == SQ_CELL_LSTM)
            sweep.dC_state[own.of.k * sweep.units + own.of.j] = own.dC;
    }

    /* Where a product takes its inputs from a unit. */
    SQ_BOTH seqnn_real *input(const sq_place &at, const state &own, int from,
                              int wide) const
    {
        return (seqnn_real *)at.shared + from + own.of.row * wide + own.of.column;
    }

    SQ_BOTH void unit(const sq_place &at, state &own, const values &now) const
    {
        const seqnn_size row = own.row + own.of.k, H = sweep.units;
        const seqnn_real *gates = now.gates, dh = own.dh + now.dh;
        seqnn_real *in = input(at, own, plan.outer_in, plan.outer.wide);
        seqnn_real *to = sweep.dgates + row * sweep.gate_count * H + own.of.j;
        seqnn_real d[4];
        if (sweep.flow)
            squares(at)[own.of.row * plan.units + own.of.column] =
                (double)dh * (double)dh;
        own.dh = 0;
        if (sweep.cell == SQ_CELL_RNN) {
            in[0] = to[0] = dh * sq_simple_rnn_slope(sweep.activation, gates[0]);
        } else if (sweep.cell == SQ_CELL_LSTM) {
            sq_lstm_unit_back(1, gates, now.before, now.kept, dh, &own.dC, d);
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                in[g * plan.units] = to[g * H] = d[g];
        } else {
            own.dh = sq_gru_unit_back(1, gates, now.before, dh, d);
            to[2 * H] = d[2];
            if (two()) {
                own.r = gates[1];
                own.h_prev = now.before * own.mask;
                own.dz = d[0];
                *input(at, own, plan.inner_in, plan.inner.wide) = d[2];
                return;
            }
            const seqnn_real d_inner = d[2] * gates[1];
            d[1] = sq_gru_reset_back(gates[1], now.kept, d[2]);
            sweep.dinner[row * H + own.of.j] = d_inner;
            in[0] = to[0] = d[0];
            in[plan.units] = to[H] = d[1];
            in[2 * plan.units] = d_inner;
        }
    }

    /* The GRU with reset before: dz and dr, once the gradient of r * h_prev is known. */
    SQ_BOTH void after_reset(const sq_place &at, state &own) const
    {
        const seqnn_size H = sweep.units;
        const seqnn_real d_inner = product(at, own, plan.inner);
        seqnn_real *in = input(at, own, plan.outer_in, plan.outer.wide);
        seqnn_real *to = sweep.dgates + (own.row + own.of.k) * (3 * H) + own.of.j;
        own.dh += own.mask * d_inner * own.r;
        in[0] = to[0] = own.dz;
        in[plan.units] = to[H] = sq_gru_reset_back(own.r, own.h_prev, d_inner);
    }

    /* ---- gradient flow ---- */

    SQ_BOTH double *squares(const sq_place &at) const /* [ROWS, units] */
    {
        return (double *)((seqnn_real *)at.shared + plan.flow);
    }

    SQ_BOTH double *lanes(const sq_place &at) const /* [ROWS, SQ_FLOW_LANES] */
    {
        return squares(at) + ROWS * plan.units;
    }

    SQ_BOTH void flow_parts(const sq_place &at) const
    {
        const int row = (int)at.thread / SQ_FLOW_LANES,
                  lane = (int)at.thread % SQ_FLOW_LANES;
        if (row >= ROWS)
            return;
        double sum = 0;
        for (int j = lane; j < plan.units; j += SQ_FLOW_LANES)
            if (at.rank * plan.units + j < sweep.units)
                sum += squares(at)[row * plan.units + j];
        lanes(at)[row * SQ_FLOW_LANES + lane] = sum;
    }

    SQ_BOTH void flow(const sq_place &at, const state &own) const
    {
        const seqnn_size k = (int)at.block / plan.ranks * ROWS + at.thread;
        if (at.rank > 0 || at.thread >= ROWS || k >= sweep.packing.batch ||
            sq_cuda_step(sweep, own.step) >= sweep.packing.length[k])
            return;
        double sum = 0;
        for (int rank = 0; rank < plan.ranks; rank++)
            for (int lane = 0; lane < SQ_FLOW_LANES; lane++)
                sum +=
                    *sq_of_rank(at, rank, lanes(at) + at.thread * SQ_FLOW_LANES + lane);
        sweep.flow[own.row + k] = sum;
    }
};

#endif
