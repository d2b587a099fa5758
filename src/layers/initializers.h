/* layers/initializers.h - the first values of the weights
 *
 * A layer's options take initialisers by value; zero means the layer's default:
 *
 *     { .recurrent_initializer = { SEQNN_IDENTITY } }           IRNN
 *     { .recurrent_initializer = { SEQNN_ORTHOGONAL, 0.5f } }   spectral radius 0.5
 *
 * A weight matrix is [fan_in, fan_out], as in Z = X W. The recurrent matrix of an LSTM or
 * GRU with H units is [H, 4H] or [H, 3H]: one block of H columns for each gate. As in
 * Keras, fan_out counts the columns of all gates, and an orthogonal matrix is one
 * [H, 4H] matrix with orthonormal rows; identity and np-RNN are made for each gate.
 *
 * kind                     values                                           a (default)
 * ZEROS                    0
 * CONSTANT                 a                                                0
 * NORMAL                   N(b, a^2)                                        0.05
 * UNIFORM                  U(b - a, b + a)                                  0.05
 * GAUSSIAN                 N(0, 0.01^2)
 * GLOROT_UNIFORM           U(-l, l), l = sqrt(6 / (fan_in + fan_out))
 * GLOROT_NORMAL            variance 2 / (fan_in + fan_out), truncated
 * HE_UNIFORM               U(-l, l), l = sqrt(6 / fan_in)
 * HE_NORMAL                variance 2 / fan_in, truncated
 * LECUN_UNIFORM            U(-l, l), l = sqrt(3 / fan_in)
 * LECUN_NORMAL             variance 1 / fan_in, truncated
 * ORTHOGONAL               a Q; Q from the QR of a Gaussian matrix          gain 1
 * IDENTITY                 a I (a on the diagonal)                          gain 1
 * NP_RNN                   (A + I) / largest eigenvalue of A + I,
 *                          A = R R^T / H, R Gaussian [H, H]
 * SQUARE_ROOT_UNITS        U(-l, l), l = 1 / sqrt(columns of one block)
 *
 * Glorot is also called Xavier. a = 0 means the default in the last column; write
 * SEQNN_ZERO for 0 itself. The truncated normal is Keras': drawn again beyond two
 * standard deviations of the normal, which is widened so that what remains has the
 * variance named. NP_RNN is positive definite: its largest eigenvalue is 1 and the others
 * lie between 0 and 1. SQUARE_ROOT_UNITS is what PyTorch's recurrent layers begin with.
 *
 * Sources: Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998; Saxe, McClelland
 * and Ganguli 2014 (orthogonal); Le, Jaitly and Hinton 2015 (identity: the IRNN);
 * Talathi and Vartak 2015 (np-RNN).
 */
#ifndef SEQNN_INITIALIZERS_H
#define SEQNN_INITIALIZERS_H

#include "config.h"
#include "error.h"

typedef enum seqnn_initializer_kind {
    SEQNN_INITIALIZER_DEFAULT = 0,
    SEQNN_ZEROS,
    SEQNN_CONSTANT,
    SEQNN_NORMAL,
    SEQNN_UNIFORM,
    SEQNN_GAUSSIAN,
    SEQNN_GLOROT_UNIFORM,
    SEQNN_GLOROT_NORMAL,
    SEQNN_HE_UNIFORM,
    SEQNN_HE_NORMAL,
    SEQNN_LECUN_UNIFORM,
    SEQNN_LECUN_NORMAL,
    SEQNN_ORTHOGONAL,
    SEQNN_IDENTITY,
    SEQNN_NP_RNN,
    SEQNN_SQUARE_ROOT_UNITS
} seqnn_initializer_kind;

typedef struct seqnn_initializer {
    seqnn_initializer_kind kind;
    seqnn_real a, b; /* see the table */
} seqnn_initializer;

/* "glorot_uniform", ... for summaries and messages. */
SEQNN_API const char *seqnn_initializer_name(seqnn_initializer_kind kind);

/* Fills weights[rows, columns], where columns is a multiple of blocks, the number of
 * gates (1 for other layers). The values are a function of the arguments alone.
 * SEQNN_INITIALIZER_DEFAULT is an error here: only a layer knows its default. */
SEQNN_API seqnn_status seqnn_initialize(seqnn_initializer how, seqnn_real *weights,
                                        seqnn_size rows, seqnn_size columns,
                                        seqnn_size blocks, uint64_t seed,
                                        uint64_t stream);

#endif
