/* train/foreign_weights.h - a layer's weights as PyTorch and Keras see them (private) */
#ifndef SQ_FOREIGN_WEIGHTS_H
#define SQ_FOREIGN_WEIGHTS_H

#include "graph.h"
#include "safetensors.h"
#include "weights_file.h"

/* A layer's tensors on the other side. */
enum { SQ_INPUT_WEIGHT, SQ_RECURRENT_WEIGHT, SQ_BIAS, SQ_SECOND_BIAS, SQ_ROLES };

enum { SQ_FOREIGN_NAME = 512 };

/* How a layer's parameters lie in the other framework. */
typedef struct sq_foreign {
    seqnn_layer *layer;
    bool keras;
    int gates;                   /* 0: no recurrent layer */
    bool swapped;                /* gates z r h~ here, r z n there */
    bool transposed;             /* matrices are */
    int bias_rows;               /* 0: none; 2: of input and of recurrence */
    bool one_tensor;             /* both biases are one tensor [2, columns] */
    bool reverse;                /* the backward half of a bidirectional layer */
    const char *part;            /* Keras: "forward_lstm/" and the like, or "" */
    seqnn_size base;             /* bytes of the layer's name that are the module's */
    char first[SQ_FOREIGN_NAME]; /* name of its input weight */
} sq_foreign;

/* ---- names ---- */

SQ_LOCAL bool sq_begins(const char *text, const char *with);
/* What stands behind the last point or slash. */
SQ_LOCAL const char *sq_last_part(const char *name);
SQ_LOCAL bool sq_is_input_weight(const char *name, bool keras);
/* Whether it says that it is of the backward direction. */
SQ_LOCAL bool sq_is_reverse(const char *name, bool keras);
/* The tensor of another role beside the input weight of this name: its last part is
 * exchanged. False if the name is too long. */
SQ_LOCAL bool sq_other_name(const char *first, bool keras, int role,
                            char out[SQ_FOREIGN_NAME]);
/* Whether two names differ in their numbers only; *first tells whether a's are lower. */
SQ_LOCAL bool sq_differ_in_numbers(const char *a, const char *b, bool *first);
/* What the option names gives a layer, or NULL. */
SQ_LOCAL const char *sq_name_given(const seqnn_weights_options *options,
                                   const char *layer);

/* ---- layers ---- */

SQ_LOCAL seqnn_status sq_foreign_layer(sq_foreign *out, seqnn_layer *layer,
                                       const seqnn_weights_options *options);
/* The shape of one of its tensors; its rank, 0 if it has none of this role. */
SQ_LOCAL int sq_foreign_shape(const sq_foreign *of, int role, seqnn_size shape[2]);
/* Our parameter for a row of their biases, or NULL. */
SQ_LOCAL const seqnn_parameter *sq_foreign_bias(const sq_foreign *of, int row);
/* Matrix or bias: theirs to ours (in), or ours to theirs. */
SQ_LOCAL void sq_exchange(const sq_foreign *of, const seqnn_parameter *shape, bool matrix,
                          seqnn_real *ours, seqnn_real *theirs, bool in);

#endif
