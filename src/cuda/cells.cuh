/* cuda/cells.cuh - a step of the three cells for all sequences that take it (private)
 *
 * What is left of a step when the product with W_h is made. A thread has one unit j of
 * one sequence k: element i = k * units + j of every matrix [batch, units]. The equations
 * are those of layers/cell_units.h.
 */
#ifndef SQ_CUDA_CELLS_H
#define SQ_CUDA_CELLS_H

#include "activations.cuh"
#include "rows.cuh"

/* step(k, j, i) for element i of `units` columns. */
template <class Step> struct sq_unit {
    seqnn_size units;
    Step step;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i <= (seqnn_size)UINT32_MAX /* a quicker division */
                                 ? (seqnn_size)((uint32_t)i / (uint32_t)units)
                                 : i / units;
        step(k, i - k * units, i);
    }
};

template <class Step>
static void sq_for_each_unit(sq_device *device, seqnn_size sequences, seqnn_size units,
                             const Step &step)
{
    sq_for_each(device, sequences * units, sq_unit<Step>{units, step});
}

/* ---- forward ---- */

/* Rows of this step (gates, inner, h, C, tanh_C, h_prev), and what is kept for each
 * sequence. */
struct sq_cell_step {
    seqnn_size units;
    sq_wide<seqnn_activation> activation;
    seqnn_real *gates, *inner, *h, *C, *tanh_C;
    seqnn_real *h_prev;            /* or NULL: not kept */
    seqnn_real *h_state, *C_state; /* [batch, units] */
    const seqnn_real *mask;        /* [batch, units] or NULL */
    seqnn_real *met;               /* h_state * mask, or h_state itself */
    const seqnn_real *b_h;         /* of a GRU, or NULL */
    const seqnn_real *products;    /* of a GRU: [sequences, 3 units] h_(t-1) W_h */

    /* h_t is known: what met W_h is kept, and makes room for what meets it next. */
    SQ_BOTH void end(seqnn_size i, seqnn_real h_t) const
    {
        if (h_prev)
            h_prev[i] = met[i];
        h[i] = h_t;
        h_state[i] = h_t;
        if (mask)
            met[i] = h_t * mask[i];
    }
};

struct sq_simple_rnn_step {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size, seqnn_size, seqnn_size i) const
    {
        of.end(i, sq_simple_rnn_unit(of.activation, of.gates[i]));
    }
};

struct sq_lstm_step {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        seqnn_real h_t;
        sq_lstm_unit(of.units, of.gates + k * 4 * of.units + j, of.C_state[i], of.C + i,
                     of.tanh_C + i, &h_t);
        of.C_state[i] = of.C[i];
        of.end(i, h_t);
    }
};

/* The reset gate after the product: everything at once. */
struct sq_gru_step {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size units = of.units;
        seqnn_real *gates = of.gates + k * 3 * units + j;
        const seqnn_real *product = of.products + k * 3 * units + j, *b_h = of.b_h;
        const seqnn_real inner = product[2 * units] + (b_h ? b_h[2 * units + j] : 0);
        gates[0] = sq_logistic(gates[0] + (b_h ? b_h[j] : 0) + product[0]);
        gates[units] =
            sq_logistic(gates[units] + (b_h ? b_h[units + j] : 0) + product[units]);
        gates[2 * units] += gates[units] * inner;
        of.inner[i] = inner;
        of.end(i, sq_gru_unit(units, gates, of.h_state[i]));
    }
};

/* The reset gate before it: z, r and r * h_prev; and, after their product, the rest. */
struct sq_gru_before_gates {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        seqnn_real *gates = of.gates + k * 3 * of.units + j;
        gates[0] = sq_logistic(gates[0]);
        gates[of.units] = sq_logistic(gates[of.units]);
        of.inner[i] = gates[of.units] * of.met[i];
    }
};

struct sq_gru_before_state {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        of.end(i, sq_gru_unit(of.units, of.gates + k * 3 * of.units + j, of.h_state[i]));
    }
};

/* ---- backward ---- */

/* Rows of this step again, of the step before it, and what came back from the one after.
 * dL/dh of the step before is dh_state and, through W_h and the mask, met. */
struct sq_cell_step_back {
    seqnn_size units;
    sq_wide<seqnn_activation> activation;
    const seqnn_real *gates, *inner, *h, *tanh_C, *h_prev;
    const seqnn_real *above;            /* dL/dh_t from above, or NULL */
    const seqnn_real *before, *initial; /* h of the step before (LSTM: C), h_0 (C_0) */
    seqnn_size have_before, have_after; /* sequences that took such a step */
    const seqnn_real *mask, *met;
    seqnn_real *dh_state, *dC_state; /* [batch, units] */
    seqnn_real *dgates, *dinner;
    seqnn_real *products; /* of a GRU: [sequences, 3 units] what goes through W_h */

    SQ_BOTH seqnn_real dh(seqnn_size k, seqnn_size i) const
    {
        seqnn_real sum = dh_state[i];
        if (k < have_after)
            sum += mask ? mask[i] * met[i] : met[i];
        return above ? sum + above[i] : sum;
    }
    SQ_BOTH seqnn_real state_before(seqnn_size k, seqnn_size i) const
    {
        return k < have_before ? before[i] : initial[i];
    }
};

struct sq_simple_rnn_step_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size, seqnn_size i) const
    {
        of.dgates[i] = of.dh(k, i) * sq_simple_rnn_slope(of.activation, of.h[i]);
        of.dh_state[i] = 0;
    }
};

struct sq_lstm_step_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size first = k * 4 * of.units + j;
        sq_lstm_unit_back(of.units, of.gates + first, of.state_before(k, i), of.tanh_C[i],
                          of.dh(k, i), of.dC_state + i, of.dgates + first);
        of.dh_state[i] = 0;
    }
};

struct sq_gru_step_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size units = of.units, first = k * 3 * units + j;
        const seqnn_real *gates = of.gates + first;
        seqnn_real *dgates = of.dgates + first, *product = of.products + first;
        of.dh_state[i] =
            sq_gru_unit_back(units, gates, of.state_before(k, i), of.dh(k, i), dgates);
        const seqnn_real d_inner = dgates[2 * units] * gates[units];
        dgates[units] = sq_gru_reset_back(gates[units], of.inner[i], dgates[2 * units]);
        of.dinner[i] = d_inner;
        product[0] = dgates[0];
        product[units] = dgates[units];
        product[2 * units] = d_inner;
    }
};

/* The reset gate before the product: the gates but r; and, once the gradient of
 * r * h_prev is in dinner, r. */
struct sq_gru_before_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size first = k * 3 * of.units + j;
        of.dh_state[i] =
            sq_gru_unit_back(of.units, of.gates + first, of.state_before(k, i),
                             of.dh(k, i), of.dgates + first);
    }
};

struct sq_gru_before_reset_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size at = k * 3 * of.units + of.units + j;
        const seqnn_real r = of.gates[at], d_product = of.dinner[i];
        of.dh_state[i] += (of.mask ? of.mask[i] : 1) * d_product * r;
        of.dgates[at] = sq_gru_reset_back(r, of.h_prev[i], d_product);
    }
};

/* After the first step: dL/dh_0, in dh_state. */
struct sq_sweep_back_end {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size, seqnn_size i) const
    {
        of.dh_state[i] = of.dh(k, i);
    }
};

/* flow[k] = || dL/dh_t ||^2 of sequence k; one block for each. */
struct sq_flow_rows {
    sq_cell_step_back of;
    double *flow;
    struct state {
    };
    enum { THREADS = 128, COMBINE = 8 }; /* sq_block_phases(THREADS) */
    SQ_BOTH seqnn_size phases() const
    {
        return COMBINE + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        double sum = 0;
        for (seqnn_size j = at.thread; p == 0 && j < of.units; j += at.threads) {
            const double dh = (double)of.dh(at.block, at.block * of.units + j);
            sum += dh * dh;
        }
        if (p < COMBINE)
            sq_block_combine(p, at, sum, false, shared);
        else if (at.thread == 0)
            flow[at.block] = shared[0];
    }
};

/* ---- states, by packed position and by sample ---- */

/* h_0 of position k from the states of samples (NULL: zeros), where the sweep looks for
 * it: in `initial`, `state`, and times the mask in `met` (or NULL). */
struct sq_first_states {
    seqnn_size units;
    const int32_t *order;
    const seqnn_real *samples, *mask;
    seqnn_real *initial, *state, *met;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_real here = samples ? samples[order[k] * units + j] : 0;
        initial[i] = here;
        state[i] = here;
        if (mask)
            met[i] = here * mask[i];
    }
};

/* The state of each sample, also in `more` if that is not NULL. */
struct sq_states_of_samples {
    seqnn_size units;
    const int32_t *order;
    const seqnn_real *states;
    seqnn_real *samples, *more;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size to = order[k] * units + j;
        samples[to] = states[i];
        if (more)
            more[to] = states[i];
    }
};

/* sum[k] = a[sample of k] + b[sample of k]; either may be NULL. */
struct sq_sum_of_samples {
    seqnn_size units;
    const int32_t *order;
    const seqnn_real *a, *b;
    seqnn_real *sum;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size from = order[k] * units + j;
        sum[i] = (a ? a[from] : 0) + (b ? b[from] : 0);
    }
};

/* ---- dropout of the input ---- */

/* The position of the sequence that packed row r belongs to. */
SQ_BOTH static inline seqnn_size sq_position_of(const sq_packed &packing, seqnn_size r)
{
    seqnn_size first = 0, last = packing.steps; /* offset[first] <= r < offset[last] */
    while (last - first > 1) {
        const seqnn_size middle = first + (last - first) / 2;
        if (packing.offset[middle] <= r)
            first = middle;
        else
            last = middle;
    }
    return r - packing.offset[first];
}

/* out = (or += if add) values times the mask [batch, features] of their sequence. */
struct sq_mask_rows_of {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *mask, *values;
    sq_wide<bool> add;
    seqnn_real *out;
    SQ_BOTH void operator()(seqnn_size r, seqnn_size j, seqnn_size i) const
    {
        const seqnn_real here =
            values[i] * mask[sq_position_of(packing, r) * features + j];
        out[i] = add ? out[i] + here : here;
    }
};

#endif
