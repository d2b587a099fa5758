/* words/noise.h - drawing negative words (private)
 *
 * A word is drawn with probability count^0.75 / sum of count^0.75, by the alias method
 * (Walker 1977; Vose 1991): a column is drawn uniformly, and then one of the two words
 * that share it. Eight bytes for each word, whatever the counts.
 */
#ifndef SQ_NOISE_H
#define SQ_NOISE_H
#ifdef SEQNN_WORDS

#include "private.h"

typedef struct sq_noise_column {
    uint32_t keep; /* of 2^32: how often the column's own word is taken */
    int32_t other;
} sq_noise_column;

typedef struct sq_noise {
    seqnn_size count;
    sq_noise_column *column; /* [count] */
} sq_noise;

/* count^0.75 by square roots, the same bits everywhere. */
static inline double sq_noise_weight(int64_t occurrences)
{
    const double root = sqrt((double)occurrences);
    return root * sqrt(root);
}

/* Of words that occur so often. */
SQ_LOCAL seqnn_status sq_noise_new(sq_noise *noise, const int64_t *occurrences,
                                   seqnn_size count);
SQ_LOCAL void sq_noise_free(sq_noise *noise);

/* The column of 32 random bits, for who wants to ask for it early. */
static inline const sq_noise_column *sq_noise_column_of(const sq_noise *noise,
                                                        uint32_t bits)
{
    return &noise->column[((uint64_t)bits * (uint64_t)noise->count) >> 32];
}

/* A word from 32 random bits: the high part of bits x count is the column, the low part
 * chooses in it. */
static inline int32_t sq_noise_word(const sq_noise *noise, uint32_t bits)
{
    const uint64_t product = (uint64_t)bits * (uint64_t)noise->count;
    const int32_t own = (int32_t)(product >> 32);
    const sq_noise_column column = noise->column[own];
    /* As arithmetic: no processor foresees which of the two it is. */
    const int32_t mask = -(int32_t)((uint32_t)product < column.keep);
    return (own & mask) | (column.other & ~mask);
}

#endif
#endif
