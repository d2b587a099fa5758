/* base/random.h - random numbers that can be counted
 *
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", 2011). The i-th number of a stream is a function of (seed, stream, i) alone:
 * nothing is shared, nothing depends on the number of threads, and a generator is
 * restored by copying three integers.
 */
#ifndef SEQNN_RANDOM_H
#define SEQNN_RANDOM_H

#include "config.h"

typedef struct seqnn_random {
    uint64_t seed;
    uint64_t stream; /* independent sequences of one seed */
    uint64_t index;  /* how many numbers were drawn */
} seqnn_random;

/* The i-th 32-bit number of a stream. */
SEQNN_API uint32_t seqnn_random_at(uint64_t seed, uint64_t stream, uint64_t i);

/* The next 32 bits; uniform in [0, 1); normal with mean 0 and variance 1 (Box-Muller, two
 * numbers of the stream each); an integer in [0, n), unbiased, n in [1, 2^31]. */
SEQNN_API uint32_t seqnn_random_bits(seqnn_random *random);
SEQNN_API double seqnn_random_uniform(seqnn_random *random);
SEQNN_API double seqnn_random_normal(seqnn_random *random);
SEQNN_API int32_t seqnn_random_below(seqnn_random *random, seqnn_size n);

/* Puts items[0..count) into a random order (Fisher-Yates). */
SEQNN_API void seqnn_random_shuffle(seqnn_random *random, int32_t *items, seqnn_size count);

#endif
