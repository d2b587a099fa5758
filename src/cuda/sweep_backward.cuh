/* cuda/sweep_backward.cuh - all steps of a recurrent cell back, in one kernel (private) */
#ifndef SQ_CUDA_SWEEP_BACKWARD_H
#define SQ_CUDA_SWEEP_BACKWARD_H

#include "sweep_plan.cuh"

template <int ROWS> struct sq_sweep_backward {
    enum { MOST_THREADS = SQ_TILE_THREADS, UNITS = ROWS > 2 ? 2 : 1 };
    sq_cuda_sweep sweep;
    sq_sweep_plan plan;

    /* What the way forward has left of a unit at a step. */
    struct values {
        seqnn_real gates[4]; /* of the vanilla RNN the first: h_t */
        seqnn_real kept;     /* tanh C_t (LSTM), inner (GRU) */
        seqnn_real before;   /* C_(t-1) (LSTM), h_(t-1) (GRU) */
        seqnn_real dh;       /* from above */
    };
    /* A unit of a sequence: what a thread keeps of it from step to step. */
    struct unit {
        sq_sweep_place place;
        seqnn_real dh, dC, mask; /* dh: without what the product gives */
        seqnn_real dz;           /* of the GRU with reset before, until it knows dr */
        bool multiplied;         /* the step before, in time after it, was one of its */
        values now, next;        /* next is loaded while now is computed */
    };
    struct state {
        int step, which;  /* of its phases */
        int group, slice; /* of the tile */
        int longest;      /* of the cluster's sequences */
        int buffer;       /* of `received`, last written */
        seqnn_size row, next, then, last; /* the first packed row of this step and the three
                                             that are before it in time */
        seqnn_real weights[SQ_TILE_KEPT][SQ_CHUNK];
        unit of[UNITS];
    };

    /* After the last step dh_state is written. */
    SQ_BOTH seqnn_size phases() const
    {
        return 2 + sweep.packing.steps * plan.phases;
    }

    SQ_BOTH bool of_cluster(const state &own) const
    {
        const int phase = sq_phase_of(plan, own.which);
        return plan.ranks > 1 && (phase == SQ_GATHER || phase == SQ_FLOW_PARTS || own.step < 0);
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
        const bool active = own.step >= 0 && sq_cuda_step(sweep, own.step) < own.longest;
        if (phase == SQ_UNITS)
            units(at, own);
        else if (phase == SQ_GATHER)
            own.buffer ^= 1; /* of all blocks alike */
        if (!active)
            return;
        switch (phase) {
        case SQ_RESET:
            SQ_UNROLL
            for (int x = 0; x < UNITS; x++)
                if (sq_cuda_step(sweep, own.step) < own.of[x].place.length)
                    after_reset(at, own, own.of[x]);
            break;
        case SQ_FLOW_PARTS:
            flow_parts(at);
            break;
        case SQ_FLOW:
            flow(at, own);
            break;
        case SQ_PRODUCT:
            sq_tile_product<ROWS>(plan.outer, (int)at.thread, own.group, own.slice,
                                  own.weights, shared, shared + plan.outer_in,
                                  shared + plan.parts);
            break;
        case SQ_PRODUCT_INNER:
            sq_tile_product<ROWS>(plan.inner, (int)at.thread,
                                  (int)at.thread % plan.inner.groups,
                                  (int)at.thread / plan.inner.groups, own.weights, shared,
                                  shared + plan.inner_in, shared + plan.parts);
            break;
        case SQ_GATHER:
            gather(at, own, plan.inner.groups > 0 && own.which + 1 < plan.phases ? plan.inner
                                                                               : plan.outer);
            break;
        default:
            break;
        }
    }

  private:
    SQ_BOTH void begin(const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        const int last = (int)sweep.packing.steps - 1, threads = (int)at.threads;
        own.step = last + 1;
        own.which = plan.phases - 1;
        own.buffer = 0;
        own.group = (int)at.thread % plan.outer.groups;
        own.slice = (int)at.thread / plan.outer.groups;
        own.longest = sweep.packing.length[at.block / plan.ranks * ROWS];
        own.next = sq_sweep_row(sweep, last);
        own.then = sq_sweep_row(sweep, last - 1);
        own.last = sq_sweep_row(sweep, last - 2);
        sq_tile_hold(plan.outer, (int)at.thread, sq_columns_of(sweep, plan, at, 0, true),
                     own.weights, shared);
        if (plan.inner.groups > 0)
            sq_tile_hold(plan.inner, (int)at.thread, sq_columns_of(sweep, plan, at, 2, true),
                         own.weights, shared);
        for (int n = (int)at.thread; n < ROWS * plan.outer.wide; n += threads)
            shared[plan.outer_in + n] = 0;
        for (int n = (int)at.thread; n < ROWS * plan.inner.wide; n += threads)
            shared[plan.inner_in + n] = 0;
        SQ_UNROLL
        for (int x = 0; x < UNITS; x++) {
            unit &of = own.of[x];
            of.place = sq_sweep_place_of(sweep, plan, at, x);
            of.dh = of.dC = of.dz = 0;
            of.mask = 1;
            of.multiplied = false;
            of.next = values{};
            if (of.place.length < 0)
                continue;
            const seqnn_size here = state_of(at, of);
            of.dh = sweep.dh_state[here];
            of.dC = sweep.cell == SQ_CELL_LSTM ? sweep.dC_state[here] : 0;
            of.mask = sweep.mask ? sweep.mask[here] : 1;
            load(at, of, last, own.next, own.then);
        }
    }

    SQ_BOTH seqnn_size unit_of(const sq_place &at, const unit &of) const
    {
        return at.rank * plan.units + of.place.unit;
    }

    SQ_BOTH seqnn_size sequence_of(const sq_place &at, const unit &of) const
    {
        return at.block / plan.ranks * ROWS + of.place.row;
    }

    SQ_BOTH seqnn_size state_of(const sq_place &at, const unit &of) const
    {
        return sequence_of(at, of) * sweep.units + unit_of(at, of);
    }

    /* The values of a step, of which `first` is the first packed row, and `earlier` that of
     * the step before it. */
    SQ_BOTH void load(const sq_place &at, unit &of, int step, seqnn_size first,
                      seqnn_size earlier) const
    {
        if (step < 0 || sq_cuda_step(sweep, step) >= of.place.length)
            return;
        const seqnn_size row = first + sequence_of(at, of), H = sweep.units;
        const seqnn_size here = row * H + unit_of(at, of);
        values &to = of.next;
        to.dh = sweep.dh ? sweep.dh[here] : 0;
        if (sweep.cell == SQ_CELL_RNN) {
            to.gates[0] = sweep.h[here];
            return;
        }
        const seqnn_real *gates = sweep.gates + row * sweep.gate_count * H + unit_of(at, of);
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                to.gates[g] = gates[g * H];
        const bool lstm = sweep.cell == SQ_CELL_LSTM;
        const bool initial = step == 0 || sq_cuda_step(sweep, step - 1) >= of.place.length;
        const seqnn_real *states = lstm ? (initial ? sweep.C_0 : sweep.C)
                                        : (initial ? sweep.h_0 : sweep.h);
        to.kept = (lstm ? sweep.tanh_C : sweep.inner)[here];
        to.before = states[initial ? state_of(at, of) : earlier * H + state_of(at, of)];
    }

    /* What the last product gave, of the unit. */
    SQ_BOTH seqnn_real product(const sq_place &at, const state &own, const sq_tile &tile,
                               const unit &of) const
    {
        const seqnn_real *shared = (const seqnn_real *)at.shared;
        if (plan.ranks == 1)
            return sq_tile_sum<ROWS>(tile, shared + plan.parts, of.place.row, of.place.unit);
        const int next = ROWS * plan.units;
        const seqnn_real *received = shared + plan.received + own.buffer * plan.ranks * next +
                                     of.place.row * plan.units + of.place.unit;
        seqnn_real sum = 0;
        for (int rank = 0; rank < plan.ranks; rank++)
            sum += received[rank * next];
        return sum;
    }

    /* The sums of this block's slices, each to the block whose unit it is. */
    SQ_BOTH void gather(const sq_place &at, const state &own, const sq_tile &tile) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        const int H = (int)sweep.units;
        seqnn_real *received =
            shared + plan.received +
            (own.buffer * plan.ranks + (int)at.rank) * ROWS * plan.units;
        for (int n = (int)at.thread; n < ROWS * H; n += (int)at.threads) {
            const int row = n / H, unit = n % H, rank = unit / plan.units;
            *sq_of_rank(at, rank, received + row * plan.units + unit % plan.units) =
                sq_tile_sum<ROWS>(tile, shared + plan.parts, row, unit);
        }
    }

    SQ_BOTH void units(const sq_place &at, state &own) const
    {
        own.row = own.next;
        own.next = own.then;
        own.then = own.last;
        own.last = sq_sweep_row(sweep, own.step - 3);
        SQ_UNROLL
        for (int x = 0; x < UNITS; x++) {
            unit &of = own.of[x];
            of.now = of.next;
            load(at, of, own.step - 1, own.next, own.then);
            if (of.multiplied)
                of.dh += of.mask * product(at, own, plan.outer, of);
            of.multiplied =
                own.step >= 0 && sq_cuda_step(sweep, own.step) < of.place.length;
            if (of.multiplied)
                step(at, own, of);
            if (own.step < 0 && of.place.length >= 0) {
                sweep.dh_state[state_of(at, of)] = of.dh;
                if (sweep.cell == SQ_CELL_LSTM)
                    sweep.dC_state[state_of(at, of)] = of.dC;
            }
        }
    }

    /* The row of the product's input for a unit. */
    SQ_BOTH seqnn_real *input(const sq_place &at, const unit &of, int from, int wide) const
    {
        return (seqnn_real *)at.shared + from + of.place.row * wide + of.place.unit;
    }

    SQ_BOTH void step(const sq_place &at, const state &own, unit &of) const
    {
        const seqnn_size row = own.row + sequence_of(at, of), H = sweep.units;
        const values &now = of.now;
        const seqnn_real *gates = now.gates;
        const seqnn_real dh = of.dh + now.dh;
        seqnn_real *in = input(at, of, plan.outer_in, plan.outer.wide);
        seqnn_real *to = sweep.dgates + row * sweep.gate_count * H + unit_of(at, of);
        seqnn_real d[4];
        if (sweep.flow)
            squares(at)[of.place.row * plan.units + of.place.unit] = (double)dh * (double)dh;
        of.dh = 0;
        switch (sweep.cell) {
        case SQ_CELL_RNN:
            in[0] = to[0] = dh * sq_simple_rnn_slope(sweep.activation, gates[0]);
            return;
        case SQ_CELL_LSTM:
            sq_lstm_unit_back(1, gates, now.before, now.kept, dh, &of.dC, d);
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                in[g * plan.units] = to[g * H] = d[g];
            return;
        default:
            of.dh = sq_gru_unit_back(1, gates, now.before, dh, d);
        }
        to[2 * H] = d[2];
        if (plan.inner.groups > 0) {
            of.dz = d[0];
            *input(at, of, plan.inner_in, plan.inner.wide) = d[2];
            return;
        }
        const seqnn_real d_inner = d[2] * gates[1];
        d[1] = sq_gru_reset_back(gates[1], now.kept, d[2]);
        sweep.dinner[row * H + unit_of(at, of)] = d_inner;
        in[0] = to[0] = d[0];
        in[plan.units] = to[H] = d[1];
        in[2 * plan.units] = d_inner;
    }

    /* The GRU with reset before: dz and dr, once the gradient of r * h_prev is known. */
    SQ_BOTH void after_reset(const sq_place &at, const state &own, unit &of) const
    {
        const seqnn_size row = own.row + sequence_of(at, of), H = sweep.units;
        const seqnn_real r = of.now.gates[1], h_prev = of.now.before * of.mask;
        const seqnn_real d_inner = product(at, own, plan.inner, of);
        seqnn_real *in = input(at, of, plan.outer_in, plan.outer.wide);
        seqnn_real *to = sweep.dgates + row * 3 * H + unit_of(at, of);
        of.dh += of.mask * d_inner * r;
        in[0] = to[0] = of.dz;
        in[plan.units] = to[H] = sq_gru_reset_back(r, h_prev, d_inner);
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
        const int row = (int)at.thread / SQ_FLOW_LANES, lane = (int)at.thread % SQ_FLOW_LANES;
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
        const seqnn_size k = at.block / plan.ranks * ROWS + at.thread;
        if (at.rank > 0 || at.thread >= ROWS || k >= sweep.packing.batch ||
            sq_cuda_step(sweep, own.step) >= sweep.packing.length[k])
            return;
        double sum = 0;
        for (int rank = 0; rank < plan.ranks; rank++)
            for (int lane = 0; lane < SQ_FLOW_LANES; lane++)
                sum += *sq_of_rank(at, rank, lanes(at) + at.thread * SQ_FLOW_LANES + lane);
        sweep.flow[own.row + k] = sum;
    }
};

#endif
