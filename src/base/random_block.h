/* base/random_block.h - counted random numbers, several at once (private) */
#ifndef SQ_RANDOM_BLOCK_H
#define SQ_RANDOM_BLOCK_H

#include "private.h"

/* Numbers 4 block .. 4 block + 3 of a stream, as seqnn_random_at gives them. */
SQ_LOCAL void sq_random_block(uint64_t seed, uint64_t stream, uint64_t block,
                              uint32_t out[4]);

/* Many blocks at once, the numbers one after the other: 4 block and following. */
enum { SQ_RANDOM_BLOCKS = 8 };
SQ_LOCAL void sq_random_blocks(uint64_t seed, uint64_t stream, uint64_t block,
                               uint32_t out[4 * SQ_RANDOM_BLOCKS]);

#endif
