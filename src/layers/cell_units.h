/* layers/cell_units.h - the equations of the three cells for one unit (private)
 *
 * What a step does to one unit of one sequence, once the products with W_x and W_h are
 * made, and the way back. The gates of a unit are `units` apart: gates points to the
 * first. Gradients of gates are of what stands inside the sigmoid or the tanh.
 */
#ifndef SQ_CELL_UNITS_H
#define SQ_CELL_UNITS_H

#include "activation.h"
#include "private.h"

SQ_BOTH static inline seqnn_real sq_logistic(seqnn_real z)
{
    return 1 / (1 + SQ_MATH(exp)(-z));
}

/* ---- vanilla RNN ---- */

/* h_t = g(z_t). */
SQ_BOTH static inline seqnn_real sq_simple_rnn_unit(seqnn_activation activation,
                                                    seqnn_real z)
{
    switch (activation) {
    case SEQNN_LINEAR:
        return z;
    case SEQNN_SIGMOID:
        return sq_logistic(z);
    case SEQNN_RELU:
        return z < 0 ? 0 : z; /* NaN passes */
    default:
        return SQ_MATH(tanh)(z);
    }
}

/* g'(z_t), from h_t = g(z_t). */
SQ_BOTH static inline seqnn_real sq_simple_rnn_slope(seqnn_activation activation,
                                                     seqnn_real h)
{
    switch (activation) {
    case SEQNN_LINEAR:
        return 1;
    case SEQNN_SIGMOID:
        return h * (1 - h);
    case SEQNN_RELU:
        return h > 0 ? (seqnn_real)1 : (seqnn_real)0;
    default:
        return 1 - h * h;
    }
}

/* ---- LSTM ---- */

/* gates: in z = x_t W_x + h_(t-1) W_h + b, out i, f, C~, o. */
SQ_BOTH static inline void sq_lstm_unit(seqnn_size units, seqnn_real *gates,
                                        seqnn_real C_prev, seqnn_real *C,
                                        seqnn_real *tanh_C, seqnn_real *h)
{
    const seqnn_real i = sq_logistic(gates[0]), f = sq_logistic(gates[units]);
    const seqnn_real C_tilde = SQ_MATH(tanh)(gates[2 * units]);
    const seqnn_real o = sq_logistic(gates[3 * units]);
    const seqnn_real state = f * C_prev + i * C_tilde, bent = SQ_MATH(tanh)(state);
    gates[0] = i;
    gates[units] = f;
    gates[2 * units] = C_tilde;
    gates[3 * units] = o;
    *C = state;
    *tanh_C = bent;
    *h = o * bent;
}

/* dC: in dL/dC_t but for what comes through h_t, out dL/dC_(t-1). */
SQ_BOTH static inline void sq_lstm_unit_back(seqnn_size units, const seqnn_real *gates,
                                             seqnn_real C_prev, seqnn_real tanh_C,
                                             seqnn_real dh, seqnn_real *dC,
                                             seqnn_real *dgates)
{
    const seqnn_real i = gates[0], f = gates[units], C_tilde = gates[2 * units];
    const seqnn_real o = gates[3 * units];
    const seqnn_real d_o = dh * tanh_C, d_C = *dC + dh * o * (1 - tanh_C * tanh_C);
    const seqnn_real d_i = d_C * C_tilde, d_f = d_C * C_prev, d_C_tilde = d_C * i;
    dgates[0] = d_i * i * (1 - i);
    dgates[units] = d_f * f * (1 - f);
    dgates[2 * units] = d_C_tilde * (1 - C_tilde * C_tilde);
    dgates[3 * units] = d_o * o * (1 - o);
    *dC = d_C * f;
}

/* ---- GRU ---- */

/* gates: z, r and what stands inside the tanh; the last becomes h~. Gives h_t. */
SQ_BOTH static inline seqnn_real sq_gru_unit(seqnn_size units, seqnn_real *gates,
                                             seqnn_real h_before)
{
    const seqnn_real z = gates[0], h_tilde = SQ_MATH(tanh)(gates[2 * units]);
    gates[2 * units] = h_tilde;
    return z * h_before + (1 - z) * h_tilde;
}

/* dz and dh~ in dgates. Gives what of dL/dh_t passes by to h_(t-1). */
SQ_BOTH static inline seqnn_real sq_gru_unit_back(seqnn_size units,
                                                  const seqnn_real *gates,
                                                  seqnn_real h_before, seqnn_real dh,
                                                  seqnn_real *dgates)
{
    const seqnn_real z = gates[0], h_tilde = gates[2 * units];
    dgates[0] = dh * (h_before - h_tilde) * z * (1 - z);
    dgates[2 * units] = dh * (1 - z) * (1 - h_tilde * h_tilde);
    return dh * z;
}

/* dr, from the gradient of r * inner. */
SQ_BOTH static inline seqnn_real sq_gru_reset_back(seqnn_real r, seqnn_real inner,
                                                   seqnn_real d_product)
{
    return d_product * inner * r * (1 - r);
}

#endif
