/* layers/lstm.h - long short-term memory
 *
 *   i_t  = sigmoid(x_t W_x^i + h_(t-1) W_h^i + b^i)     input gate
 *   f_t  = sigmoid(x_t W_x^f + h_(t-1) W_h^f + b^f)     forget gate
 *   C~_t = tanh   (x_t W_x^C + h_(t-1) W_h^C + b^C)     candidate
 *   o_t  = sigmoid(x_t W_x^o + h_(t-1) W_h^o + b^o)     output gate
 *   C_t  = f_t * C_(t-1) + i_t * C~_t                   cell state
 *   h_t  = o_t * tanh(C_t)                              output
 *
 * W_x: [inputs, 4 units], W_h: [units, 4 units], b: [4 units], columns in the order
 * i, f, C~, o. One bias (PyTorch has two, whose sum this is). The forget bias starts at 1.
 * Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000 (forget gate).
 *
 * Backwards, with dh_t = dL/dh_t and dC_t = dL/dC_t (from step t+1):
 *
 *   do   = dh_t * tanh(C_t)
 *   dC_t = dC_t + dh_t * o_t * (1 - tanh(C_t)^2)
 *   di = dC_t * C~_t,  dC~ = dC_t * i_t,  df = dC_t * C_(t-1),  dC_(t-1) = dC_t * f_t
 *   dz = [di i (1-i), df f (1-f), dC~ (1 - C~^2), do o (1-o)]
 *   dh_(t-1) = dz W_h^T
 */
#ifndef SEQNN_LSTM_H
#define SEQNN_LSTM_H

#include "recurrent.h"

SEQNN_API seqnn_layer *seqnn_lstm(seqnn_model *model, seqnn_size units,
                                  seqnn_lstm_options options);

/* One step by hand, for one sample. gates [4 units] receives i, f, C~, o; C_t and h_t
 * [units] the new state, which may take the place of the old one. b may be NULL. */
SEQNN_API void seqnn_lstm_step(seqnn_size inputs, seqnn_size units, const seqnn_real *W_x,
                               const seqnn_real *W_h, const seqnn_real *b,
                               const seqnn_real *x_t, const seqnn_real *h_prev,
                               const seqnn_real *C_prev, seqnn_real *gates,
                               seqnn_real *C_t, seqnn_real *h_t);

/* The gates of the last forward pass: [batch, time, 4 units], zero at padded steps. */
SEQNN_API seqnn_tensor seqnn_lstm_gates(seqnn_layer *layer);

#endif
