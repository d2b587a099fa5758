/* layers/activation_rows.h - activations over rows of memory (private) */
#ifndef SQ_ACTIVATION_ROWS_H
#define SQ_ACTIVATION_ROWS_H

#include "activation.h"
#include "functions.h"
#include "private.h"

/* y = g(z), [rows, features]; y may be z, except for the softmaxes. */
SQ_LOCAL void sq_activation_rows(seqnn_activation activation, seqnn_size rows,
                                 seqnn_size features, const seqnn_real *z, seqnn_real *y);

/* dz = dL/dz from y and dy = dL/dy. dz may be dy. */
SQ_LOCAL void sq_activation_gradient(seqnn_activation activation, seqnn_size rows,
                                     seqnn_size features, const seqnn_real *y,
                                     const seqnn_real *dy, seqnn_real *dz);

/* The largest of n > 0 numbers; any of them if there are NaNs. */
SQ_LOCAL seqnn_real sq_largest(seqnn_size n, const seqnn_real *x);

/* For tables of options: "tanh", ...; NULL beyond the last. */
SQ_LOCAL const char *sq_activation_word(int activation);

/* Puts the model into error if it is not one. */
SQ_LOCAL bool sq_check_activation(seqnn_layer *layer, seqnn_activation activation);

#endif
