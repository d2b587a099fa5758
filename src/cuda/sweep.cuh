/* cuda/sweep.cuh - one pass of a recurrent cell over all time steps, on a device
 * (private)
 *
 * sq_sweep (layers/sweep.h) as a kernel can take it: by value, with the batch's lists on
 * the device. Two implementations do the same with it: the plain sweep (recurrent.cuh), a
 * product and a pointwise kernel for each step, and the persistent one
 * (sweep_persistent.cuh), one kernel for all steps.
 */
#ifndef SQ_CUDA_SWEEP_H
#define SQ_CUDA_SWEEP_H

#include "rows.cuh"

typedef enum sq_cell_name { SQ_CELL_RNN, SQ_CELL_LSTM, SQ_CELL_GRU } sq_cell_name;

/* The fields mean what those of sq_sweep mean, and are read and written as there. */
struct sq_cuda_sweep {
    sq_wide<sq_cell_name> cell;
    sq_packed packing;      /* on the device */
    const sq_packing *host; /* the same on the host, for the sizes of launches */
    seqnn_size units, gate_count;
    sq_wide<bool> backwards, keeps_h_prev;
    seqnn_size truncate, skip;
    seqnn_activation activation;
    seqnn_reset reset;

    const seqnn_real *W_h, *W_s, *b_h, *mask, *h_0, *C_0;
    seqnn_real *gates, *h_prev, *h, *C, *tanh_C, *inner, *h_state, *C_state;

    const seqnn_real *dh;
    seqnn_real *dgates, *dinner, *dh_state, *dC_state;
    double *flow;
};

static inline sq_cuda_sweep sq_cuda_sweep_of(sq_cell_name cell, const sq_sweep *sweep,
                                             const sq_packed &packing)
{
    sq_cuda_sweep on = {};
    on.cell = cell;
    on.packing = packing;
    on.host = sweep->packing;
    on.units = sweep->units;
    on.gate_count = cell == SQ_CELL_RNN ? 1 : cell == SQ_CELL_LSTM ? 4 : 3;
    on.backwards = sweep->backwards;
    on.keeps_h_prev = sq_keeps_h_prev(sweep);
    on.truncate = sweep->truncate;
    on.skip = sweep->skip;
    on.activation = sweep->activation;
    on.reset = sweep->reset;
    on.W_h = sweep->W_h;
    on.W_s = sweep->W_s;
    on.b_h = sweep->b_h;
    on.mask = sweep->mask;
    on.h_0 = sweep->h_0;
    on.C_0 = sweep->C_0;
    on.gates = sweep->gates;
    on.h_prev = sweep->h_prev;
    on.h = sweep->h;
    on.C = sweep->C;
    on.tanh_C = sweep->tanh_C;
    on.inner = sweep->inner;
    on.h_state = sweep->h_state;
    on.C_state = sweep->C_state;
    on.dh = sweep->dh;
    on.dgates = sweep->dgates;
    on.dinner = sweep->dinner;
    on.dh_state = sweep->dh_state;
    on.dC_state = sweep->dC_state;
    on.flow = sweep->flow;
    return on;
}

/* As sq_sweep_step. */
SQ_BOTH static inline seqnn_size sq_cuda_step(const sq_cuda_sweep &sweep, seqnn_size i)
{
    return sweep.backwards ? sweep.packing.steps - 1 - i : i;
}

#endif
