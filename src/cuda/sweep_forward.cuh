/* cuda/sweep_forward.cuh - all steps of a recurrent cell in one kernel (private) */
#ifndef SQ_CUDA_SWEEP_FORWARD_H
#define SQ_CUDA_SWEEP_FORWARD_H

#include "sweep_plan.cuh"

template <int ROWS> struct sq_sweep_forward {
    enum { MOST_THREADS = SQ_TILE_THREADS, UNITS = ROWS > 2 ? 2 : 1 };
    sq_cuda_sweep sweep;
    sq_sweep_plan plan;

    /* A unit of a sequence: what a thread keeps of it from step to step. */
    struct unit {
        sq_sweep_place place;
        seqnn_real h, C, mask, b_h[3];
        seqnn_real gates[4], next[4]; /* x_t W_x + b of this step, and of the next, which
                                         is loaded while this one is computed */
    };
    struct state {
        int step, which;            /* of its phases */
        int group, slice;           /* of the tile */
        int longest;                /* of the cluster's sequences */
        seqnn_size row, next, last; /* the first packed row of this step and two more */
        seqnn_real weights[SQ_TILE_KEPT][SQ_CHUNK];
        unit of[UNITS];
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
        const bool active = sq_cuda_step(sweep, own.step) < own.longest;
        switch (sq_phase_of(plan, own.which)) {
        case SQ_PRODUCT:
            if (active)
                sq_tile_product<ROWS>(plan.outer, (int)at.thread, own.group, own.slice,
                                      own.weights, shared, h_prev(shared, own.step),
                                      shared + plan.parts);
            break;
        case SQ_PRODUCT_INNER:
            if (active)
                sq_tile_product<ROWS>(plan.inner, (int)at.thread,
                                      (int)at.thread % plan.inner.groups,
                                      (int)at.thread / plan.inner.groups, own.weights, shared,
                                      shared + plan.inner_in, shared + plan.parts);
            break;
        default:
            units(at, own, sq_phase_of(plan, own.which) == SQ_RESET);
        }
    }

  private:
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
        const seqnn_size first = at.block / plan.ranks * ROWS;
        const int H = (int)sweep.units, threads = (int)at.threads;
        own.step = -1;
        own.which = plan.phases - 1;
        own.group = (int)at.thread % plan.outer.groups;
        own.slice = (int)at.thread / plan.outer.groups;
        own.longest = sweep.packing.length[first];
        own.next = sq_sweep_row(sweep, 0);
        own.last = sq_sweep_row(sweep, 1);
        const bool two = plan.inner.groups > 0;
        sq_tile_hold(plan.outer, (int)at.thread, sq_columns_of(sweep, plan, at, 0, false),
                     own.weights, shared);
        if (two)
            sq_tile_hold(plan.inner, (int)at.thread, sq_columns_of(sweep, plan, at, 2, false),
                         own.weights, shared);
        for (int n = (int)at.thread; n < ROWS * plan.outer.wide; n += threads) {
            const int j = n % plan.outer.wide;
            const seqnn_size k = first + n / plan.outer.wide;
            seqnn_real h = 0;
            if (j < H && k < sweep.packing.batch)
                h = sweep.h_state[k * H + j] * (sweep.mask ? sweep.mask[k * H + j] : 1);
            for (int buffer = 0; buffer < plan.in_buffers; buffer++)
                h_prev(shared, buffer)[n] = h;
        }
        for (int n = (int)at.thread; n < ROWS * plan.inner.wide; n += threads)
            shared[plan.inner_in + n] = 0;
        SQ_UNROLL
        for (int x = 0; x < UNITS; x++)
            begin_unit(at, own, own.of[x], x);
    }

    SQ_BOTH void begin_unit(const sq_place &at, const state &own, unit &of, int x) const
    {
        of.place = sq_sweep_place_of(sweep, plan, at, x);
        of.h = of.C = of.mask = of.b_h[0] = of.b_h[1] = of.b_h[2] = 0;
        for (int g = 0; g < 4; g++)
            of.gates[g] = of.next[g] = 0;
        if (of.place.length < 0)
            return;
        const seqnn_size j = unit_of(at, of), here = sequence_of(at, of) * sweep.units + j;
        of.h = sweep.h_state[here];
        of.C = sweep.cell == SQ_CELL_LSTM ? sweep.C_state[here] : 0;
        of.mask = sweep.mask ? sweep.mask[here] : 1;
        for (int g = 0; sweep.b_h && g < 3; g++)
            of.b_h[g] = sweep.b_h[g * sweep.units + j];
        load(at, of, 0, own.next);
    }

    SQ_BOTH seqnn_size unit_of(const sq_place &at, const unit &of) const
    {
        return at.rank * plan.units + of.place.unit;
    }

    SQ_BOTH seqnn_size sequence_of(const sq_place &at, const unit &of) const
    {
        return at.block / plan.ranks * ROWS + of.place.row;
    }

    SQ_BOTH void load(const sq_place &at, unit &of, int step, seqnn_size first) const
    {
        if (step >= sweep.packing.steps || sq_cuda_step(sweep, step) >= of.place.length)
            return;
        const seqnn_real *gates = sweep.gates +
                                  (first + sequence_of(at, of)) * sweep.gate_count *
                                      sweep.units +
                                  unit_of(at, of);
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                of.next[g] = gates[g * sweep.units];
    }

    /* The units of this thread, at the step, or the first half of it before the product
     * with the columns of h~. */
    SQ_BOTH void units(const sq_place &at, state &own, bool reset) const
    {
        const bool first = reset || plan.inner.groups == 0;
        if (first) {
            own.row = own.next;
            own.next = own.last;
            own.last = sq_sweep_row(sweep, own.step + 2);
        }
        SQ_UNROLL
        for (int x = 0; x < UNITS; x++) {
            unit &of = own.of[x];
            if (first) {
                SQ_UNROLL
                for (int g = 0; g < 4; g++)
                    of.gates[g] = of.next[g];
                load(at, of, own.step + 1, own.next);
            }
            if (sq_cuda_step(sweep, own.step) < of.place.length) {
                if (reset)
                    before_reset(at, own, of);
                else
                    step(at, own, of);
            }
            if (!reset && own.step + 1 == sweep.packing.steps && of.place.length >= 0) {
                const seqnn_size here =
                    sequence_of(at, of) * sweep.units + unit_of(at, of);
                sweep.h_state[here] = of.h;
                if (sweep.cell == SQ_CELL_LSTM)
                    sweep.C_state[here] = of.C;
            }
        }
    }

    /* (h_prev W_h) of one gate. */
    SQ_BOTH seqnn_real product(const sq_place &at, const sq_tile &tile, const unit &of,
                               int gate) const
    {
        return sq_tile_sum<ROWS>(tile, (const seqnn_real *)at.shared + plan.parts,
                                 of.place.row, gate * plan.units + of.place.unit);
    }

    /* z, r and r * h_prev of the GRU with reset before. */
    SQ_BOTH void before_reset(const sq_place &at, const state &own, unit &of) const
    {
        of.gates[0] = sq_logistic(of.gates[0] + product(at, plan.outer, of, 0));
        of.gates[1] = sq_logistic(of.gates[1] + product(at, plan.outer, of, 1));
        const seqnn_real inner = of.gates[1] * (of.h * of.mask);
        sweep.inner[(own.row + sequence_of(at, of)) * sweep.units + unit_of(at, of)] = inner;
        tell(at, of, (seqnn_real *)at.shared + plan.inner_in, plan.inner.wide, inner);
    }

    SQ_BOTH void step(const sq_place &at, const state &own, unit &of) const
    {
        const seqnn_size row = own.row + sequence_of(at, of);
        const seqnn_size here = row * sweep.units + unit_of(at, of);
        const seqnn_real before = of.h;
        seqnn_real *gates = of.gates, tanh_C;
        switch (sweep.cell) {
        case SQ_CELL_RNN:
            of.h = sq_simple_rnn_unit(sweep.activation,
                                      gates[0] + product(at, plan.outer, of, 0));
            break;
        case SQ_CELL_LSTM:
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                gates[g] += product(at, plan.outer, of, g);
            sq_lstm_unit(1, gates, of.C, &of.C, &tanh_C, &of.h);
            sweep.C[here] = of.C;
            sweep.tanh_C[here] = tanh_C;
            break;
        default:
            if (plan.inner.groups > 0) {
                gates[2] += product(at, plan.inner, of, 0);
            } else {
                gates[0] = sq_logistic(gates[0] + of.b_h[0] + product(at, plan.outer, of, 0));
                gates[1] = sq_logistic(gates[1] + of.b_h[1] + product(at, plan.outer, of, 1));
                const seqnn_real inner = of.b_h[2] + product(at, plan.outer, of, 2);
                gates[2] += gates[1] * inner;
                sweep.inner[here] = inner;
            }
            of.h = sq_gru_unit(1, gates, before);
        }
        if (sweep.cell != SQ_CELL_RNN) {
            seqnn_real *to = sweep.gates + row * sweep.gate_count * sweep.units +
                             unit_of(at, of);
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                if (g < sweep.gate_count)
                    to[g * sweep.units] = gates[g];
        }
        sweep.h[here] = of.h;
        if (sweep.keeps_h_prev)
            sweep.h_prev[here] = before * of.mask;
        tell(at, of, h_prev((seqnn_real *)at.shared, own.step + 1), plan.outer.wide,
             of.h * of.mask);
    }

    /* A unit's number, to all blocks of the cluster. */
    SQ_BOTH void tell(const sq_place &at, const unit &of, seqnn_real *rows, int wide,
                      seqnn_real x) const
    {
        for (int rank = 0; rank < plan.ranks; rank++)
            *sq_of_rank(at, rank, rows + of.place.row * wide + unit_of(at, of)) = x;
    }
};

#endif
