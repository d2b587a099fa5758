/* layers/simple_rnn.h - the vanilla (Elman) recurrent layer
 *
 *   z_t = x_t W_x + h_(t-1) W_h + b
 *   h_t = g(z_t)                          g: tanh, relu, sigmoid or linear
 *
 * W_x: [inputs, units], W_h: [units, units], b: [units]. The same weights at every step.
 * Source: Elman 1990; lecture "Recurrent neural networks".
 *
 * Backwards, with dh_t = dL/dh_t (from above plus from step t+1):
 *
 *   dz_t     = dh_t * g'(z_t)
 *   dh_(t-1) = dz_t W_h^T
 *   dW_x = sum_t x_t^T dz_t,  dW_h = sum_t h_(t-1)^T dz_t,  db = sum_t dz_t
 *
 * With the option skip = d a second matrix W_s [units, units] connects steps that are d
 * apart, d from 2 on, and a gradient takes T / d steps from the end to the beginning:
 *
 *   z_t  = x_t W_x + h_(t-1) W_h + h_(t-d) W_s + b       h_(t-d) = 0 for t <= d
 *   dh_t = ... + dz_(t+1) W_h^T + dz_(t+d) W_s^T          dW_s = sum_t h_(t-d)^T dz_t
 *
 * W_s begins as W_h does, by recurrent_initializer. The skip sees nothing of before the
 * first step, not even an initial state; recurrent dropout is of h_(t-1) alone; and it
 * does not go with bptt_window. Sources: Lin et al. 1996; Zhang et al. 2016.
 */
#ifndef SEQNN_SIMPLE_RNN_H
#define SEQNN_SIMPLE_RNN_H

#include "recurrent.h"

SEQNN_API seqnn_layer *seqnn_simple_rnn(seqnn_model *model, seqnn_size units,
                                        seqnn_rnn_options options);

/* One step by hand, for one sample: h_t [units] from x_t [inputs] and h_(t-1) [units].
 * b may be NULL. h_t is not h_prev: write a loop over h[t] and h[t + 1]. The activation
 * is tanh, relu, sigmoid or linear; any other counts as tanh. */
SEQNN_API void seqnn_simple_rnn_step(seqnn_size inputs, seqnn_size units,
                                     seqnn_activation activation, const seqnn_real *W_x,
                                     const seqnn_real *W_h, const seqnn_real *b,
                                     const seqnn_real *x_t, const seqnn_real *h_prev,
                                     seqnn_real *h_t);

#endif
