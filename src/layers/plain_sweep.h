/* layers/plain_sweep.h - what the plain sweeps of the three cells share (private) */
#ifndef SQ_PLAIN_SWEEP_H
#define SQ_PLAIN_SWEEP_H

#include "cell_units.h"
#include "sweep.h"

/* z [columns] += v W, where W is [rows, columns] and its rows are `distance` apart. */
SQ_LOCAL void sq_add_product(seqnn_size rows, seqnn_size columns, const seqnn_real *v,
                             const seqnn_real *W, seqnn_size distance, seqnn_real *z);

/* dv [rows] += mask * (dz W^T), the way back. mask may be NULL. */
SQ_LOCAL void sq_add_product_back(seqnn_size rows, seqnn_size columns,
                                  const seqnn_real *dz, const seqnn_real *W,
                                  seqnn_size distance, const seqnn_real *mask,
                                  seqnn_real *dv);

/* Rows that met W_h: those of h, `units` wide, at the packed rows from `first` on. They
 * are where h_prev is, or would be, in one or two pieces; gives how many. */
typedef struct sq_met_rows {
    const seqnn_real *h;
    seqnn_size first, rows;
} sq_met_rows;
SQ_LOCAL int sq_rows_that_met(const sq_sweep *sweep, sq_met_rows met[2]);

/* dW [units, columns] += sum_t h_(t-1)^T dz_t, where the rows of dz [rows, columns] and
 * dW are dz_row and dW_row apart: the gradient of some columns of W_h. */
SQ_LOCAL void sq_add_recurrent_gradient(const sq_sweep *sweep, seqnn_size columns,
                                        const seqnn_real *dz, seqnn_size dz_row,
                                        seqnn_real *dW, seqnn_size dW_row);

/* h_prev = h_(t-1) * mask of position k, at packed row `row`; returns it. */
SQ_LOCAL const seqnn_real *sq_masked_state(const sq_sweep *sweep, seqnn_size row,
                                           seqnn_size k);

/* z [units] += h_(t - skip) W_s, and dW_s += sum_t h_(t - skip)^T dz_t. */
SQ_LOCAL void sq_add_skipped(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                             seqnn_real *z);
SQ_LOCAL void sq_add_skip_gradient(const sq_sweep *sweep, seqnn_real *dW_s);

/* Position k's mask, or NULL. */
static inline const seqnn_real *sq_mask_of(const sq_sweep *sweep, seqnn_size k)
{
    return sweep->mask ? sweep->mask + k * sweep->units : NULL;
}

/* The state of position k before step s: that of the step before (a row of `states`), or
 * the initial one. */
static inline const seqnn_real *sq_state_before(const sq_sweep *sweep, seqnn_size s,
                                                seqnn_size k, const seqnn_real *states,
                                                const seqnn_real *initial)
{
    const seqnn_size before = sq_row_before(sweep, s, k);
    return before < 0 ? initial + k * sweep->units : states + before * sweep->units;
}

/* One step of position k back, the equations of a cell: dh and dC [units] hold dL/dh_t
 * and dL/dC_t of step s and receive those of the step before. The gradient of the gates
 * is written to row `into` of dgates (and dinner). */
typedef void (*sq_backward_step)(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                 seqnn_size into, seqnn_real *dh, seqnn_real *dC);

/* Backpropagation through time over all steps; or, with sweep->truncate = p, through a
 * sliding window: the loss of step j reaches back to step j - p and no further. */
SQ_LOCAL void sq_plain_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                seqnn_size gates, bool has_C, sq_backward_step step);

#endif
