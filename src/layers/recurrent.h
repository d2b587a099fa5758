/* layers/recurrent.h - what the vanilla RNN, the LSTM and the GRU have in common
 *
 *   h_t = cell(x_t, h_(t-1))      t = 1 .. length of the sequence
 *
 * Input [batch, time, features]; output the last state h_T, [batch, units], or with
 * return_sequences every state, [batch, time, units]. "Last" is the last real step:
 * padded steps carry the state through and receive no gradient. A sequence of length 0
 * gives its initial state.
 *
 * The cells: simple_rnn.h, lstm.h, gru.h.
 */
#ifndef SEQNN_RECURRENT_H
#define SEQNN_RECURRENT_H

#include "activation.h"
#include "merge.h"

/* Where the GRU's reset gate acts. */
typedef enum seqnn_reset {
    SEQNN_RESET_DEFAULT = 0,
    SEQNN_RESET_BEFORE,              /* (r * h) W_h + b: Cho et al. 2014 */
    SEQNN_RESET_AFTER,               /* r * (h W_h) + b: MATLAB's default */
    SEQNN_RESET_AFTER_RECURRENT_BIAS /* r * (h W_h + b_h) + b: PyTorch, Keras; default */
} seqnn_reset;

typedef struct seqnn_recurrent_options {
    const char *name;
    seqnn_layer *input;
    bool return_sequences; /* every h_t instead of the last */
    bool go_backwards; /* from the last real step to the first; outputs stay in place */
    bool stateful;     /* start from the final state of the batch before, which must
                          be of as many samples */
    seqnn_merge bidirectional;    /* SEQNN_CONCAT or SEQNN_SUM of both directions */
    seqnn_real dropout;           /* of x_t: one mask per sequence (Gal and Ghahramani) */
    seqnn_real recurrent_dropout; /* of h_(t-1) in h W_h: one mask per sequence */
    seqnn_layer *initial_state;   /* a recurrent layer of the same cell and units */
    seqnn_size bptt_window;       /* truncated BPTT: L_j reaches back to h_(j - window);
                                     0: to the first step. For chunks see fit.h */
    bool no_bias;
    bool frozen;
    seqnn_initializer input_initializer;     /* W_x; default Glorot uniform */
    seqnn_initializer recurrent_initializer; /* W_h; default orthogonal */
    seqnn_initializer bias_initializer;      /* b; default zeros */
    seqnn_activation
        activation;         /* simple_rnn only: tanh (default), relu, sigmoid, linear */
    seqnn_size skip;        /* simple_rnn only: h_(t - skip) reaches h_t too; 0: not */
    seqnn_real forget_bias; /* lstm only: default 1; SEQNN_ZERO for 0 */
    seqnn_reset reset;      /* gru only */
} seqnn_recurrent_options;

typedef seqnn_recurrent_options seqnn_rnn_options;
typedef seqnn_recurrent_options seqnn_lstm_options;
typedef seqnn_recurrent_options seqnn_gru_options;

/* ---- states ----
 *
 * h and C are [batch, units]; C is the LSTM's cell state and is left alone (may be NULL)
 * by the other cells; h may be NULL where it is read. Of a bidirectional layer name one
 * direction, for states and for gradient flow: "<name>_forward" or "<name>_backward". */

/* The final state of the last forward pass (Keras' return_state). */
SEQNN_API seqnn_status seqnn_get_state(const seqnn_layer *layer, seqnn_real *h,
                                       seqnn_real *C);

/* The state that the next forward pass starts from, once; stateful layers go on from
 * there. It stands before initial_state. */
SEQNN_API seqnn_status seqnn_set_state(seqnn_layer *layer, seqnn_size batch,
                                       const seqnn_real *h, const seqnn_real *C);

/* dL/dh_0 and dL/dC_0 of the last backward pass: what an encoder is to be told. */
SEQNN_API seqnn_status seqnn_get_state_gradient(const seqnn_layer *layer, seqnn_real *dh,
                                                seqnn_real *dC);

/* dL/dh_T and dL/dC_T from outside, added in the next backward pass. */
SEQNN_API seqnn_status seqnn_set_state_gradient(seqnn_layer *layer, const seqnn_real *dh,
                                                const seqnn_real *dC);

/* Stateful layers start from zero again. */
SEQNN_API void seqnn_reset_states(seqnn_model *model);

/* ---- gradient flow ----
 *
 * The norm of dL/dh_t over the batch, for every step t of the user's time axis: the
 * gradient that vanishes or explodes. Recorded by every recurrent layer in every backward
 * pass once switched on. */
SEQNN_API void seqnn_record_gradient_flow(seqnn_model *model, bool on);

/* Writes time norms, norms[t] = || dL/dh_t ||, of the last backward pass (0 where every
 * sequence is padded). For a bidirectional layer name one direction: "<name>_forward" or
 * "<name>_backward". */
SEQNN_API seqnn_status seqnn_gradient_flow(const seqnn_layer *layer, seqnn_real *norms,
                                           seqnn_size time);

/* The factor by which norms change with each step back in time: the r of the series
 * c r^(time - 1 - t) that fits norms[t] best, by least squares on the logarithms. Below 1
 * they vanish, above 1 they explode. Norms that are 0 or not finite are left out; NaN if
 * fewer than two are left. */
SEQNN_API double seqnn_gradient_rate(const seqnn_real *norms, seqnn_size time);

#endif
