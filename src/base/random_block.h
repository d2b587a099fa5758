/* base/random_block.h - counted random numbers, several at once (private) */
#ifndef SQ_RANDOM_BLOCK_H
#define SQ_RANDOM_BLOCK_H

#include "private.h"

/* Numbers 4 block .. 4 block + 3 of a stream, as seqnn_random_at gives them: ten rounds over
 * the counter (block, stream) with the seed as the key. */
SQ_BOTH static inline void sq_random_block(uint64_t seed, uint64_t stream, uint64_t block,
                                           uint32_t out[4])
{
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* Many blocks at once, the numbers one after the other: 4 block and following. */
enum { SQ_RANDOM_BLOCKS = 8 };
SQ_LOCAL void sq_random_blocks(uint64_t seed, uint64_t stream, uint64_t block,
                               uint32_t out[4 * SQ_RANDOM_BLOCKS]);

#endif
