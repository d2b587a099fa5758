/* layers/recurrent_layer.h - the layer around a recurrent cell (private) */
#ifndef SQ_RECURRENT_LAYER_H
#define SQ_RECURRENT_LAYER_H

#include "graph.h"
#include "sweep.h"

enum { SQ_W_X, SQ_W_H }; /* its first parameters; then b and b_h, where it has them */

/* What a recurrent layer is made from. */
typedef struct sq_recurrent_given {
    seqnn_size units;
    seqnn_recurrent_options options;
} sq_recurrent_given;

SQ_LOCAL const sq_layer_option *sq_recurrent_options(void);

/* What tells one cell from another, for the layer around it. */
typedef struct sq_cell_kind {
    sq_layer_type type;
    seqnn_size gates;
    bool has_C;
    const sq_cell *(*plain)(void), *(*fast)(void);
    /* Adds the gradients of W_h and b_h, from h_prev, inner, dgates and dinner. */
    void (*recurrent_gradient)(const sq_sweep *sweep, seqnn_real *dW_h, seqnn_real *db_h);
} sq_cell_kind;

/* States by sample in the user's order, kept between passes. */
typedef struct sq_states {
    seqnn_real *h, *C; /* [count, units]; C only for cells that have it */
    seqnn_size count, capacity; /* samples */
    sq_arena memory;            /* of the kind that the model's activations are of */
} sq_states;

typedef struct sq_recurrent {
    seqnn_layer base;
    const sq_cell_kind *kind;
    seqnn_size units;
    bool return_sequences, stateful;
    seqnn_real dropout, recurrent_dropout;
    seqnn_layer *initial_state;

    sq_sweep sweep;
    seqnn_real *x, *x_mask;  /* [rows, inputs] x after dropout; [batch, inputs] */
    seqnn_real *h_mask;      /* [batch, units] */
    seqnn_real *h_0, *C_0;   /* [batch, units] by packed position */
    seqnn_real *met;         /* of a backend: [batch, units] what meets W_h at a step, or
                                on the way back what came through it */
    seqnn_real *products;    /* of a backend, GRU: [batch, 3 units] h_(t-1) W_h, or on the
                                way back what goes through W_h */
    double *flow;            /* [rows] see sq_sweep */
    double *flow_of_step;    /* [time] summed over the batch */
    const seqnn_real *input; /* x, or the input signal itself without dropout */
    seqnn_real *dz_of_words; /* [words, gates * units] dgates summed by distinct words */
    seqnn_real *W_x_then;    /* [inputs, gates * units] W_x of the pass back over words */
    bool x_dropped;
    seqnn_layer *state_from; /* whose final state this pass started from, or NULL */
    bool x_spent;            /* the backward pass has used x for the gradient of x */

    sq_states final;            /* h_T, C_T of the last pass */
    sq_states given;            /* seqnn_set_state: for the next pass, if count > 0 */
    sq_states final_gradient;   /* dL/dh_T, dL/dC_T from outside, if count > 0 */
    sq_states initial_gradient; /* dL/dh_0, dL/dC_0 of the last backward pass */
} sq_recurrent;

/* The constructor behind seqnn_simple_rnn, seqnn_lstm and seqnn_gru; with the option
 * bidirectional it makes two layers and their merge. */
SQ_LOCAL seqnn_layer *sq_recurrent_new(seqnn_model *model, const sq_cell_kind *kind,
                                       seqnn_size units,
                                       const seqnn_recurrent_options *options);

/* The functions of sq_layer_type, the same for every cell; its size is
 * sizeof(sq_recurrent). */
SQ_LOCAL void sq_recurrent_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                                seqnn_size rows);
SQ_LOCAL seqnn_status sq_recurrent_forward(seqnn_layer *layer, seqnn_mode mode);
SQ_LOCAL void sq_recurrent_backward(seqnn_layer *layer);
SQ_LOCAL void sq_recurrent_destroy(seqnn_layer *layer);

/* Its parameter b or b_h, or NULL. */
SQ_LOCAL const seqnn_parameter *sq_recurrent_bias(const seqnn_layer *layer,
                                                  const char *name);

/* ---- recurrent_input.c ---- */

SQ_LOCAL void sq_input_plan(sq_recurrent *own, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows);
/* Draws the dropout masks of the pass and makes x_t W_x + b, in sweep.gates. */
SQ_LOCAL void sq_input_forward(sq_recurrent *own, seqnn_mode mode);
/* The gradients of W_x, b and the input, from sweep.dgates. */
SQ_LOCAL void sq_input_backward(sq_recurrent *own);

/* Whether it can read a row for each distinct word in such a pass. */
SQ_LOCAL bool sq_takes_distinct(const seqnn_layer *layer, seqnn_mode mode);

/* Makes dL/dx of every step of the last pass back, which made that of each distinct word
 * alone; add: to what is in the input's gradient. */
SQ_LOCAL void sq_recurrent_settle(seqnn_layer *layer, bool add);

/* The gates of the last forward pass, for the getters of the cells. */
SQ_LOCAL seqnn_tensor sq_recurrent_gates(seqnn_layer *layer, const sq_cell_kind *kind);

#endif
