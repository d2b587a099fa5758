#include "plain_sweep.h"
#include "functions.h"
#include "product.h"

SQ_LOCAL void sq_add_product(seqnn_size rows, seqnn_size columns, const seqnn_real *v,
                             const seqnn_real *W, seqnn_size distance, seqnn_real *z)
{
    for (seqnn_size i = 0; i < rows; i++)
        for (seqnn_size j = 0; j < columns; j++)
            z[j] += v[i] * W[i * distance + j];
}

SQ_LOCAL void sq_add_product_back(seqnn_size rows, seqnn_size columns,
                                  const seqnn_real *dz, const seqnn_real *W,
                                  seqnn_size distance, const seqnn_real *mask,
                                  seqnn_real *dv)
{
    for (seqnn_size i = 0; i < rows; i++) {
        seqnn_real sum = 0;
        for (seqnn_size j = 0; j < columns; j++)
            sum += dz[j] * W[i * distance + j];
        dv[i] += mask ? mask[i] * sum : sum;
    }
}

static bool sq_all_zero(seqnn_size n, const seqnn_real *x)
{
    seqnn_size i = 0;
    while (i < n && x[i] == 0)
        i++;
    return i == n;
}

/* Without h_prev: h_0 at the first step, then the h of the step before. */
SQ_LOCAL int sq_rows_that_met(const sq_sweep *sweep, sq_met_rows met[2])
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units, batch = packing->batch, rows = packing->rows;
    if (sq_keeps_h_prev(sweep)) {
        met[0].h = sweep->h_prev;
        met[0].first = 0;
        met[0].rows = rows;
        return 1;
    }
    const seqnn_size from = sweep->backwards ? batch : 0;
    met[0].h = sweep->h_0;
    met[0].first = sweep->backwards ? rows - batch : 0;
    met[0].rows = batch;
    met[1].h = sweep->h + from * units;
    met[1].first = batch - from;
    met[1].rows = rows - batch;
    return rows > batch ? 2 : rows > 0 ? 1 : 0;
}

SQ_LOCAL void sq_add_recurrent_gradient(const sq_sweep *sweep, seqnn_size columns,
                                        const seqnn_real *dz, seqnn_size dz_row,
                                        seqnn_real *dW, seqnn_size dW_row)
{
    sq_met_rows met[2];
    const seqnn_size units = sweep->units;
    const int pieces = sq_rows_that_met(sweep, met);
    for (int i = 0; i < pieces; i++)
        if (met[i].h != sweep->h_0 || !sq_all_zero(met[i].rows * units, met[i].h))
            sq_matmul(true, false, units, columns, met[i].rows, met[i].h, units,
                      dz + met[i].first * dz_row, dz_row, true, dW, dW_row);
}

SQ_LOCAL const seqnn_real *sq_masked_state(const sq_sweep *sweep, seqnn_size row,
                                           seqnn_size k)
{
    const seqnn_real *h_state = sweep->h_state + k * sweep->units;
    const seqnn_real *mask = sq_mask_of(sweep, k);
    seqnn_real *h_prev = sweep->h_prev + row * sweep->units;
    for (seqnn_size j = 0; j < sweep->units; j++)
        h_prev[j] = mask ? h_state[j] * mask[j] : h_state[j];
    return h_prev;
}

SQ_LOCAL void sq_add_skipped(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                             seqnn_real *z)
{
    const seqnn_size units = sweep->units;
    const seqnn_size from =
        sweep->skip > 0 ? sq_row_earlier(sweep, s, k, sweep->skip) : -1;
    if (from >= 0)
        sq_add_product(units, units, sweep->h + from * units, sweep->W_s, units, z);
}

/* dh [units] += dz_(t + skip) W_s^T, which step t + skip has left in dgates. */
static void sq_add_from_skip(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                             seqnn_real *dh)
{
    const seqnn_size units = sweep->units;
    const seqnn_size from = sweep->skip > 0 ? sq_row_later(sweep, s, k, sweep->skip) : -1;
    if (from >= 0)
        sq_add_product_back(units, units, sweep->dgates + from * units, sweep->W_s, units,
                            NULL, dh);
}

/* The positions that have a step s have its neighbour at s - skip too. */
SQ_LOCAL void sq_add_skip_gradient(const sq_sweep *sweep, seqnn_real *dW_s)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size s = sweep->skip; s < packing->steps; s++) {
        const seqnn_size here = packing->offset[s] * units;
        const seqnn_size there = packing->offset[s - sweep->skip] * units;
        sq_matmul(true, false, units, units, sq_active(packing, s),
                  sweep->h + (sweep->backwards ? here : there), units,
                  sweep->dgates + (sweep->backwards ? there : here), units, true, dW_s,
                  units);
    }
}

/* dL/dh_t is what came from step t+1 plus what comes from above. */
static void sq_add_from_above(const sq_sweep *sweep, seqnn_size row, seqnn_real *dh)
{
    for (seqnn_size j = 0; sweep->dh && j < sweep->units; j++)
        dh[j] += sweep->dh[row * sweep->units + j];
}

static void sq_write_flow(const sq_sweep *sweep, seqnn_size row, const seqnn_real *dh)
{
    if (sweep->flow)
        sweep->flow[row] = sq_sum_squares(sweep->units, dh);
}

static void sq_backward_all_steps(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                  bool has_C, sq_backward_step step)
{
    const sq_packing *packing = sweep->packing;
    for (seqnn_size i = packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            seqnn_real *dh = sweep->dh_state + k * sweep->units;
            seqnn_real *dC = has_C ? sweep->dC_state + k * sweep->units : NULL;
            sq_add_from_above(sweep, row, dh);
            sq_add_from_skip(sweep, s, k, dh);
            sq_write_flow(sweep, row, dh);
            step(sweep, s, k, row, dh, dC);
        }
    }
}

/* The sliding window. Step t receives gradient from the losses of the steps t .. t + p.
 * Backpropagation is linear, so their sum is one pass back from step t + p to step t that
 * takes up each loss on its way, and the gradient of the gates at t is what that pass
 * finds at its end. One such pass for every t; flow, too, is the norm of that sum.
 *
 * A pass needs a dh and a dC of its own. Steps are done last to first, so the row of
 * dgates of the step before t is still unused: it lends the memory. The pass of the first
 * step goes on to the initial state, which is what dh_state is to receive. */
static void sq_backward_window(const sq_sweep *sweep, seqnn_size k, seqnn_size gates,
                               bool has_C, sq_backward_step step)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units, length = packing->length[k];
    const size_t bytes = (size_t)units * sizeof(seqnn_real);
    seqnn_real *dh_T = sweep->dh_state + k * units;
    seqnn_real *dC_T = has_C ? sweep->dC_state + k * units : NULL;

    for (seqnn_size t = length - 1; t >= 0; t--) {
        const seqnn_size last = sq_min(length - 1, t + sq_min(length, sweep->truncate));
        const seqnn_size step_t = sweep->backwards ? length - 1 - t : t;
        const seqnn_size row_t = packing->offset[step_t] + k;
        const seqnn_size before = sq_row_before(sweep, step_t, k);
        seqnn_real *dh = before < 0 ? dh_T : sweep->dgates + before * gates * units;
        seqnn_real *dC = !has_C ? NULL : before < 0 ? dC_T : dh + units;

        if (last < length - 1) {
            memset(dh, 0, bytes);
            if (dC)
                memset(dC, 0, bytes);
        } else if (dh != dh_T) {
            memcpy(dh, dh_T, bytes);
            if (dC)
                memcpy(dC, dC_T, bytes);
        }
        for (seqnn_size j = last; j >= t; j--) {
            const seqnn_size s = sweep->backwards ? length - 1 - j : j;
            sq_add_from_above(sweep, packing->offset[s] + k, dh);
            if (j == t)
                sq_write_flow(sweep, row_t, dh);
            step(sweep, s, k, row_t, dh, dC);
        }
    }
}

SQ_LOCAL void sq_plain_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                seqnn_size gates, bool has_C, sq_backward_step step)
{
    if (sweep->truncate == 0)
        sq_backward_all_steps(sweep, begin, end, has_C, step);
    else
        for (seqnn_size k = begin; k < end; k++)
            sq_backward_window(sweep, k, gates, has_C, step);
}
