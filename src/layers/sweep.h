/* layers/sweep.h - one pass of a recurrent cell over all time steps (private)
 *
 * The input products of all steps, x_t W_x + b, are made before the sweep as one matrix
 * product, and the weight gradients after it, again as one product each. What is left is
 * the recurrence itself: for every step the product with W_h and the gates. A sweep does
 * it for the sequences at the packed positions [begin, end), so that threads may share a
 * batch by rows, each going through all of time on its own, without a barrier. No result
 * depends on how the rows were shared.
 *
 * Every cell has two: the plain one in its own file (lstm.c), which is the lecture's
 * equations, and the fast one beside it (lstm_kernels.c).
 */
#ifndef SQ_SWEEP_H
#define SQ_SWEEP_H

#include "packing.h"
#include "recurrent.h"

typedef struct sq_sweep {
    const sq_packing *packing;
    seqnn_size units;
    bool backwards;              /* from the last step of each sequence to its first */
    seqnn_size truncate;         /* window of the sliding truncated BPTT; 0: all steps */
    seqnn_activation activation; /* of the vanilla RNN */
    seqnn_reset reset;           /* of the GRU, never the default */

    const seqnn_real *W_h;  /* [units, gates * units] */
    seqnn_size skip;        /* of the vanilla RNN: h_(t - skip) W_s is added; 0: not */
    const seqnn_real *W_s;  /* [units, units] */
    const seqnn_real *b_h;  /* [3 units], the GRU's recurrent bias, or NULL */
    const seqnn_real *mask; /* [batch, units] recurrent dropout of h_(t-1), or NULL */
    const seqnn_real *h_0, *C_0; /* [batch, units] initial states */

    /* Forward. A row per real step (packed), a state per sequence (packed position). */
    seqnn_real *gates;  /* [rows, gates * units] in: x_t W_x + b; out: activated gates
                           (of the vanilla RNN: h_t itself is kept in h) */
    seqnn_real *h_prev; /* [rows, units] out: h_(t-1) times mask, what met W_h; of the GRU
                           with reset before it is what met the z and r columns. Only
                           where sq_keeps_h_prev: else it is found in h */
    seqnn_real *h;      /* [rows, units] out: h_t */
    seqnn_real *C;      /* [rows, units] out: C_t (LSTM) */
    seqnn_real *tanh_C; /* [rows, units] out (LSTM) */
    seqnn_real *inner;  /* [rows, units] out (GRU): h_prev W_h^h + b_h^h (reset after), or
                           r_t * h_prev (reset before) */
    seqnn_real *h_state, *C_state; /* [batch, units] in: h_0, C_0; out: h_T, C_T */

    /* Backward. */
    const seqnn_real *dh; /* [rows, units] dL/dh_t from above, or NULL: none */
    seqnn_real *dgates;   /* [rows, gates * units] out: dL/d(x_t W_x + b) */
    seqnn_real
        *dinner; /* [rows, units] out (GRU, reset after): dL/d(h_prev W_h^h + b_h^h) */
    seqnn_real *dh_state, *dC_state; /* [batch, units] in: dL/dh_T, dL/dC_T; out:
                                        dL/dh_0, dL/dC_0 */
    double *flow; /* [rows] out: the sum of squares of dL/dh_t, or NULL; in double, for
                     the square of 1e-23 is no float */

    seqnn_real *workspace; /* what workspace() asked for; shared, written by prepare() */
} sq_sweep;

/* The functions of one implementation of a cell. prepare_* run once before the rows are
 * shared (to pack W_h); workspace counts the reals they need. They may be NULL. */
typedef struct sq_cell {
    void (*forward)(const sq_sweep *sweep, seqnn_size begin, seqnn_size end);
    void (*backward)(const sq_sweep *sweep, seqnn_size begin, seqnn_size end);
    seqnn_size (*workspace)(seqnn_size units);
    void (*prepare_forward)(const sq_sweep *sweep);
    void (*prepare_backward)(const sq_sweep *sweep);
} sq_cell;

/* The i-th step in the order of the sweep, i = 0 .. steps - 1. Forwards the active
 * sequences leave one by one, backwards they join one by one. */
static inline seqnn_size sq_sweep_step(const sq_sweep *sweep, seqnn_size i)
{
    return sweep->backwards ? sweep->packing->steps - 1 - i : i;
}

/* The packed row of the step that position k took before step s, or -1 if s is its first
 * step: then the initial state comes before. */
static inline seqnn_size sq_row_before(const sq_sweep *sweep, seqnn_size s, seqnn_size k)
{
    const sq_packing *packing = sweep->packing;
    if (!sweep->backwards)
        return s > 0 ? packing->offset[s - 1] + k : -1;
    return s + 1 < packing->length[k] ? packing->offset[s + 1] + k : -1;
}

/* The packed row of the step that position k took n steps before step s, or n steps after
 * it; -1 if there is none. */
static inline seqnn_size sq_row_earlier(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                        seqnn_size n)
{
    const sq_packing *packing = sweep->packing;
    if (!sweep->backwards)
        return s >= n ? packing->offset[s - n] + k : -1;
    return n < packing->length[k] - s ? packing->offset[s + n] + k : -1;
}

static inline seqnn_size sq_row_later(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                      seqnn_size n)
{
    const sq_packing *packing = sweep->packing;
    if (sweep->backwards)
        return s >= n ? packing->offset[s - n] + k : -1;
    return n < packing->length[k] - s ? packing->offset[s + n] + k : -1;
}

/* How many positions from `begin` on have taken a step before step s. */
static inline seqnn_size sq_going_on(const sq_sweep *sweep, seqnn_size s,
                                     seqnn_size begin)
{
    const sq_packing *packing = sweep->packing;
    if (!sweep->backwards)
        return s > 0 ? packing->batch - begin : 0;
    return s + 1 < packing->steps ? sq_max(0, sq_active(packing, s + 1) - begin) : 0;
}

/* After the last step: h_T (or C_T) of the positions [begin, end), from their rows. */
static inline void sq_last_states(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                  const seqnn_real *rows, seqnn_real *states)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size k = begin; k < end; k++) {
        const seqnn_size last = sweep->backwards ? 0 : packing->length[k] - 1;
        if (packing->length[k] > 0)
            memcpy(states + k * units, rows + (packing->offset[last] + k) * units,
                   (size_t)units * sizeof *rows);
    }
}

/* Whether h_prev is written. Without a mask it holds rows of h, and where all sequences
 * are equally long even in the same order, one step later. (The GRU with reset before
 * reads it on its way back.) */
static inline bool sq_keeps_h_prev(const sq_sweep *sweep)
{
    const sq_packing *packing = sweep->packing;
    return sweep->mask || sweep->reset == SEQNN_RESET_BEFORE ||
           packing->rows != packing->batch * packing->steps;
}

/* The last of [begin, end) that is active at step s, plus one. */
static inline seqnn_size sq_sweep_end(const sq_sweep *sweep, seqnn_size s, seqnn_size end)
{
    return sq_min(end, sq_active(sweep->packing, s));
}

/* Plain: the equations. Fast: vectorised, for full BPTT; the choice at run time falls on
 * plain where the fast one does not do what is asked (sliding truncation, skips). */
SQ_LOCAL const sq_cell *sq_simple_rnn_plain(void);
SQ_LOCAL const sq_cell *sq_lstm_plain(void);
SQ_LOCAL const sq_cell *sq_gru_plain(void);
SQ_LOCAL const sq_cell *sq_simple_rnn_fast(void);
SQ_LOCAL const sq_cell *sq_lstm_fast(void);
SQ_LOCAL const sq_cell *sq_gru_fast(void);

#endif
