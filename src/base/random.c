#include "random.h"
#include "random_block.h"

/* GCC unrolls a short loop first, and finds no vectors in it any more. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && __GNUC__ >= 8
#define SQ_KEEP_LOOP _Pragma("GCC unroll 1")
#else
#define SQ_KEEP_LOOP
#endif

/* The same rounds, side by side: loops that the compiler makes vectors of. */
SQ_LOCAL void sq_random_blocks(uint64_t seed, uint64_t stream, uint64_t block,
                               uint32_t out[4 * SQ_RANDOM_BLOCKS])
{
    uint32_t c0[SQ_RANDOM_BLOCKS], c1[SQ_RANDOM_BLOCKS];
    uint32_t c2[SQ_RANDOM_BLOCKS], c3[SQ_RANDOM_BLOCKS];
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < SQ_RANDOM_BLOCKS; i++) {
        const uint64_t counter = block + (uint64_t)i;
        c0[i] = (uint32_t)counter;
        c1[i] = (uint32_t)(counter >> 32);
        c2[i] = (uint32_t)stream;
        c3[i] = (uint32_t)(stream >> 32);
    }
    for (int round = 0; round < 10; round++) {
        SQ_KEEP_LOOP
        for (int i = 0; i < SQ_RANDOM_BLOCKS; i++) {
            const uint64_t p0 = (uint64_t)0xD2511F53u * c0[i];
            const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c1[i] = (uint32_t)p1;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c3[i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < SQ_RANDOM_BLOCKS; i++) {
        out[4 * i] = c0[i];
        out[4 * i + 1] = c1[i];
        out[4 * i + 2] = c2[i];
        out[4 * i + 3] = c3[i];
    }
}

SEQNN_API uint32_t seqnn_random_at(uint64_t seed, uint64_t stream, uint64_t i)
{
    uint32_t out[4];
    sq_random_block(seed, stream, i / 4, out);
    return out[i % 4];
}

SEQNN_API uint32_t seqnn_random_bits(seqnn_random *random)
{
    return seqnn_random_at(random->seed, random->stream, random->index++);
}

SEQNN_API double seqnn_random_uniform(seqnn_random *random)
{
    return seqnn_random_bits(random) * (1.0 / 4294967296.0);
}

SEQNN_API double seqnn_random_normal(seqnn_random *random)
{
    /* 1 - u lies in (0, 1]: its logarithm is finite. */
    double radius = sqrt(-2.0 * log(1.0 - seqnn_random_uniform(random)));
    return radius * cos(6.283185307179586 * seqnn_random_uniform(random));
}

SEQNN_API int32_t seqnn_random_below(seqnn_random *random, seqnn_size n)
{
    /* The 2^32 mod n smallest products are drawn again (Lemire 2019). */
    uint32_t range = (uint32_t)n;
    uint32_t reject = (0u - range) % range;
    uint64_t product;
    do {
        product = (uint64_t)seqnn_random_bits(random) * range;
    } while ((uint32_t)product < reject);
    return (int32_t)(product >> 32);
}

SEQNN_API void seqnn_random_shuffle(seqnn_random *random, int32_t *items,
                                    seqnn_size count)
{
    for (seqnn_size i = count - 1; i > 0; i--) {
        seqnn_size j = seqnn_random_below(random, i + 1);
        int32_t item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}
