/* base/random_block.h - four counted random numbers at once (private) */
#ifndef SQ_RANDOM_BLOCK_H
#define SQ_RANDOM_BLOCK_H

#include "private.h"

/* Numbers 4 block .. 4 block + 3 of a stream, as seqnn_random_at gives them. */
SQ_LOCAL void sq_random_block(uint64_t seed, uint64_t stream, uint64_t block,
                              uint32_t out[4]);

#endif
