/* train/chunks.h - a batch cut along time, for truncated backpropagation (private) */
#ifndef SQ_CHUNKS_H
#define SQ_CHUNKS_H

#include "graph.h"

typedef struct sq_chunks {
    seqnn_model *model;
    seqnn_size steps, time; /* of a chunk, of the data */
    seqnn_dataset *chunk;
    seqnn_real *h, *C; /* one layer's state on its way */
} sq_chunks;

/* Chunks of `steps` steps of batches of up to batch_size samples of data. */
SQ_LOCAL seqnn_status sq_chunks_new(sq_chunks *chunks, seqnn_model *model,
                                    const seqnn_dataset *data, seqnn_size batch_size,
                                    seqnn_size steps);
SQ_LOCAL void sq_chunks_free(sq_chunks *chunks);
SQ_LOCAL seqnn_size sq_chunks_count(const sq_chunks *chunks);

/* The k-th chunk of a batch; NULL if all its steps are padding. */
SQ_LOCAL const seqnn_dataset *sq_chunk_at(sq_chunks *chunks, const seqnn_dataset *batch,
                                          seqnn_size k);

/* The final states of the last forward pass become the initial states of the next. */
SQ_LOCAL seqnn_status sq_chunks_carry(sq_chunks *chunks, seqnn_size count);

#endif
