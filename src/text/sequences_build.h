/* text/sequences_build.h - sequences under construction (private) */
#ifndef SQ_SEQUENCES_BUILD_H
#define SQ_SEQUENCES_BUILD_H

#include "memory.h"
#include "sequences.h"

/* Empty sequences, room for count; NULL with the error set if there is no memory. */
SQ_LOCAL seqnn_token_sequences *sq_sequences_new(seqnn_size count);
/* One more index of the sequence that is being written ... */
SQ_LOCAL seqnn_status sq_sequences_push(seqnn_token_sequences *sequences, int32_t index);
/* ... which ends here. */
SQ_LOCAL void sq_sequences_end(seqnn_token_sequences *sequences);

#endif
