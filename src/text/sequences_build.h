/* text/sequences_build.h - sequences under construction (private) */
#ifndef SQ_SEQUENCES_BUILD_H
#define SQ_SEQUENCES_BUILD_H

#include "memory.h"
#include "n_hot.h"
#include "sequences.h"

/* Empty sequences, room for count; NULL with the error set if there is no memory. */
SQ_LOCAL seqnn_token_sequences *sq_sequences_new(seqnn_size count);
/* One more index of the sequence that is being written ... */
SQ_LOCAL seqnn_status sq_sequences_push(seqnn_token_sequences *sequences, int32_t index);
/* ... which ends here. */
SQ_LOCAL void sq_sequences_end(seqnn_token_sequences *sequences);

/* seqnn_pad_sequences and seqnn_n_hot into a data set that has, beside x[0], what `like`
 * has (see dataset_rows.h), zeroed. */
SQ_LOCAL seqnn_dataset *sq_pad_sequences(const seqnn_token_sequences *sequences,
                                         seqnn_pad_options options, seqnn_dataset like);
SQ_LOCAL seqnn_dataset *sq_n_hot(const seqnn_token_sequences *sequences,
                                 seqnn_size num_words, seqnn_n_hot_options options,
                                 seqnn_dataset like);

#endif
