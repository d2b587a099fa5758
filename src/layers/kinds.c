/* Every kind of layer, found by its name. */
#include "graph.h"

SQ_LOCAL const sq_layer_type *sq_layer_type_named(const char *kind)
{
    static const sq_layer_type *(*const kinds[])(void) = {
        sq_embedding_kind, sq_sequences_kind,  sq_vectors_kind, sq_dense_kind,
        sq_dropout_kind,   sq_simple_rnn_kind, sq_lstm_kind,    sq_gru_kind,
        sq_max_pool_kind,  sq_mean_pool_kind,  sq_flatten_kind, sq_add_kind,
        sq_concat_kind,    sq_activation_kind, sq_one_hot_kind};
    for (seqnn_size i = 0; i < SQ_COUNT(kinds); i++)
        if (strcmp(kinds[i]()->kind, kind) == 0)
            return kinds[i]();
    return NULL;
}
