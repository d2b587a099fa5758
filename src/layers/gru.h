/* layers/gru.h - gated recurrent unit
 *
 *   z_t  = sigmoid(x_t W_x^z + h_(t-1) W_h^z + b^z)     update gate
 *   r_t  = sigmoid(x_t W_x^r + h_(t-1) W_h^r + b^r)     reset gate
 *   h~_t = tanh(x_t W_x^h + ... + b^h)                  candidate, where ... is
 *            (r_t * h_(t-1)) W_h^h          SEQNN_RESET_BEFORE
 *            r_t * (h_(t-1) W_h^h)          SEQNN_RESET_AFTER
 *            r_t * (h_(t-1) W_h^h + b_h^h)  SEQNN_RESET_AFTER_RECURRENT_BIAS
 *   h_t  = z_t * h_(t-1) + (1 - z_t) * h~_t
 *
 * W_x: [inputs, 3 units], W_h: [units, 3 units], b: [3 units], columns in the order
 * z, r, h~; with a recurrent bias also b_h: [3 units], added to h_(t-1) W_h in all three.
 * z_t keeps the old state, as in PyTorch, Keras and MATLAB; one of the lectures writes
 * 1 - z_t in its place. Source: Cho et al. 2014.
 *
 * Backwards, with dh_t = dL/dh_t, a_t what stands for ... above, and dz, dr, da the
 * gradients of what the three activations are applied to:
 *
 *   dz = dh_t * (h_(t-1) - h~_t) * z_t (1 - z_t)
 *   da = dh_t * (1 - z_t) * (1 - h~_t^2)
 *   reset after    s = h_(t-1) W_h^h (+ b_h^h)   a = r * s   ds = da * r
 *                  dr = da * s * r (1 - r)
 *                  dh_(t-1) = dh_t * z_t + [dz, dr, ds] W_h^T
 *   reset before   s = da (W_h^h)^T, the gradient of r * h_(t-1)
 *                  dr = s * h_(t-1) * r (1 - r)
 *                  dh_(t-1) = dh_t * z_t + s * r + [dz, dr] [W_h^z, W_h^r]^T
 *   dW_x = sum_t x_t^T [dz, dr, da],  db = sum_t [dz, dr, da],  db_h = sum_t [dz, dr, ds]
 */
#ifndef SEQNN_GRU_H
#define SEQNN_GRU_H

#include "recurrent.h"

SEQNN_API seqnn_layer *seqnn_gru(seqnn_model *model, seqnn_size units,
                                 seqnn_gru_options options);

/* One step by hand, for one sample. gates [3 units] receives z, r, h~. b and b_h may be
 * NULL (b_h is read by SEQNN_RESET_AFTER_RECURRENT_BIAS only). h_t is not h_prev: write a
 * loop over h[t] and h[t + 1]. */
SEQNN_API void seqnn_gru_step(seqnn_size inputs, seqnn_size units, seqnn_reset reset,
                              const seqnn_real *W_x, const seqnn_real *W_h,
                              const seqnn_real *b, const seqnn_real *b_h,
                              const seqnn_real *x_t, const seqnn_real *h_prev,
                              seqnn_real *gates, seqnn_real *h_t);

/* The gates of the last forward pass: [batch, time, 3 units], zero at padded steps. */
SEQNN_API seqnn_tensor seqnn_gru_gates(seqnn_layer *layer);

#endif
