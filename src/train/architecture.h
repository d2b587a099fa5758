/* train/architecture.h - how a model was built, as JSON (private)
 *
 *     {"seed": "56", "layers": [
 *       {"kind": "embedding", "name": "embedding_1", "vocabulary": 2702, "features": 100,
 *        "mask_zero": true, "frozen": ["table"]},
 *       {"kind": "lstm", "name": "lstm_1", "units": 50, "recurrent_dropout": 0.2}, ...]}
 *
 * An option at zero is left out. A bidirectional layer is what it was made into: two
 * layers and their merge.
 */
#ifndef SQ_ARCHITECTURE_H
#define SQ_ARCHITECTURE_H

#include "graph.h"
#include "json.h"

/* What stands before a member or element; a member's name. */
SQ_LOCAL void sq_write_comma(sq_buffer *out);
SQ_LOCAL void sq_write_key(sq_buffer *out, const char *key);

/* The options of a table that are not zero, as members. what names their owner in
 * messages. */
SQ_LOCAL seqnn_status sq_write_options(sq_buffer *out, const char *what,
                                       const sq_layer_option *table, const void *given);

/* The members of an object into the fields of such a table ("kind" and "frozen" are left
 * to others); layers are those of model. */
SQ_LOCAL seqnn_status sq_read_options(const char *what, const sq_layer_option *table,
                                      const sq_json_value *object, seqnn_model *model,
                                      void *given);

/* "seed": ..., "layers": [...]: two members of an object. */
SQ_LOCAL seqnn_status sq_write_architecture(sq_buffer *out, const seqnn_model *model);

/* A new model, without weights yet, from an object with these members. NULL with the
 * error set. */
SQ_LOCAL seqnn_model *sq_read_architecture(const sq_json_value *object);

#endif
