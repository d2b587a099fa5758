/* text/words.h - a table of distinct strings (private)
 *
 * Strings are numbered 0, 1, 2, ... in the order in which they were added, and found by
 * hashing. Their memory never moves.
 */
#ifndef SQ_WORDS_H
#define SQ_WORDS_H

#include "memory.h"

/* Strings of any length, one behind the other, in blocks. */
typedef struct sq_pool_block sq_pool_block;
typedef struct sq_pool {
    sq_pool_block *last;
} sq_pool;

/* A copy with a NUL behind it; NULL with the error set if there is no memory. */
SQ_LOCAL char *sq_pool_copy(sq_pool *pool, const char *text, seqnn_size length);
SQ_LOCAL void sq_pool_free(sq_pool *pool);

typedef struct sq_word {
    const char *text;
    seqnn_size length;
    uint32_t hash;
} sq_word;

/* All zero: an empty table. */
typedef struct sq_words {
    sq_pool pool;
    sq_word *word; /* [count] */
    seqnn_size count, capacity;
    int32_t *slots; /* number + 1 of the word that lies here; 0: free */
    seqnn_size slot_count;
} sq_words;

/* The number of a string, or -1. */
SQ_LOCAL int32_t sq_words_find(const sq_words *words, const char *text,
                               seqnn_size length);
/* The same, added if it is new; -1 with the error set if there is no memory. */
SQ_LOCAL int32_t sq_words_add(sq_words *words, const char *text, seqnn_size length);
SQ_LOCAL void sq_words_free(sq_words *words);

#endif
