/* layers/layer_options.h - what a layer was made from, as a table (private)
 *
 * The arguments of a constructor, its model left out, are one struct: the layer keeps a
 * copy, and the table of its kind names the fields. That is all a model file needs to
 * write a layer down and to make it again.
 */
#ifndef SQ_LAYER_OPTIONS_H
#define SQ_LAYER_OPTIONS_H

#include "model.h"
#include "private.h"

typedef enum sq_option_kind {
    SQ_OPTION_BOOL,
    SQ_OPTION_SIZE,
    SQ_OPTION_REAL,
    SQ_OPTION_WORD, /* an enum */
    SQ_OPTION_INITIALIZER,
    SQ_OPTION_LAYER, /* of the same model, made before this one */
    SQ_OPTION_NAME   /* of the layer itself */
} sq_option_kind;

typedef struct sq_layer_option {
    const char *name; /* NULL ends a table */
    sq_option_kind kind;
    size_t offset;            /* of the field */
    const char *(*word)(int); /* of an enum's value, NULL beyond the last */
} sq_layer_option;

typedef struct sq_layer_type sq_layer_type;

/* The kind of this name, or NULL. */
SQ_LOCAL const sq_layer_type *sq_layer_type_named(const char *kind);

/* Every kind of layer; a new one is added to the list in kinds.c too. */
SQ_LOCAL const sq_layer_type *sq_embedding_kind(void);
SQ_LOCAL const sq_layer_type *sq_one_hot_kind(void);
SQ_LOCAL const sq_layer_type *sq_sequences_kind(void);
SQ_LOCAL const sq_layer_type *sq_vectors_kind(void);
SQ_LOCAL const sq_layer_type *sq_dense_kind(void);
SQ_LOCAL const sq_layer_type *sq_dropout_kind(void);
SQ_LOCAL const sq_layer_type *sq_simple_rnn_kind(void);
SQ_LOCAL const sq_layer_type *sq_lstm_kind(void);
SQ_LOCAL const sq_layer_type *sq_gru_kind(void);
SQ_LOCAL const sq_layer_type *sq_max_pool_kind(void);
SQ_LOCAL const sq_layer_type *sq_mean_pool_kind(void);
SQ_LOCAL const sq_layer_type *sq_flatten_kind(void);
SQ_LOCAL const sq_layer_type *sq_add_kind(void);
SQ_LOCAL const sq_layer_type *sq_concat_kind(void);
SQ_LOCAL const sq_layer_type *sq_activation_kind(void);

#endif
