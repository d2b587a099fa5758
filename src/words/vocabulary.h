/* words/vocabulary.h - the words of a corpus, the most frequent first (private)
 *
 * A word is found in an open-addressing table by its hash. A slot holds the first eight
 * bytes of its word too: most words are no longer, and are compared in that one cache
 * line.
 */
#ifndef SQ_VOCABULARY_H
#define SQ_VOCABULARY_H
#ifdef SEQNN_WORDS

#include "words.h"

/* A word of the text, as the table wants it. It holds no NUL byte. */
typedef struct sq_token {
    const char *text;
    uint64_t first; /* its first eight bytes, zeros behind a shorter one */
    uint32_t hash;
    int32_t length;
} sq_token;

typedef struct sq_vocabulary_slot {
    uint64_t first;
    uint32_t hash;
    int32_t number; /* -1: free */
} sq_vocabulary_slot;

typedef struct sq_vocabulary {
    seqnn_size count;        /* words */
    const char *const *word; /* [count], by falling occurrences, then by first place */
    int64_t *occurrences;    /* [count] */
    int64_t kept_words;      /* the sum of them: what an epoch sees */
    int64_t corpus_words;    /* with those that are too rare */
    int64_t lines;
    sq_pool pool;             /* where the words lie */
    const char **words;       /* the memory behind word */
    uint16_t *length;         /* [count] */
    sq_vocabulary_slot *slot; /* open addressing, a power of two of them */
    seqnn_size slot_count;
} sq_vocabulary;

SQ_LOCAL void sq_vocabulary_free(sq_vocabulary *vocabulary);

/* Eight bytes, the first one lowest; compilers make one load of it. */
static inline uint64_t sq_load_bytes(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    return (uint64_t)byte[0] | (uint64_t)byte[1] << 8 | (uint64_t)byte[2] << 16 |
           (uint64_t)byte[3] << 24 | (uint64_t)byte[4] << 32 | (uint64_t)byte[5] << 40 |
           (uint64_t)byte[6] << 48 | (uint64_t)byte[7] << 56;
}

/* Eight bytes at a time are multiplied in and folded down; the high half of a last
 * product is the hash, since every byte has come there. */
static inline uint64_t sq_hash_bytes(uint64_t hash, uint64_t bytes)
{
    hash = (hash ^ bytes) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static inline uint32_t sq_hash_end(uint64_t hash)
{
    return (uint32_t)((hash * 0xBF58476D1CE4E5B9u) >> 32);
}

/* The token of length bytes at text; eight more bytes must be readable. */
SQ_LOCAL sq_token sq_token_of(const char *text, seqnn_size length);

/* Whether two words of length bytes, 8 or more, are the same, if their first eight are.
 */
static inline bool sq_same_rest(const char *a, const char *b, seqnn_size length)
{
    for (seqnn_size i = 8; i + 8 < length; i += 8)
        if (sq_load_bytes(a + i) != sq_load_bytes(b + i))
            return false;
    return sq_load_bytes(a + length - 8) == sq_load_bytes(b + length - 8);
}

/* The slot of a word, or the free one where it belongs. A word of less than eight bytes
 * is all in the slot. */
static inline sq_vocabulary_slot *sq_vocabulary_slot_of(const sq_vocabulary *vocabulary,
                                                        const sq_token *token)
{
    const seqnn_size mask = vocabulary->slot_count - 1;
    for (seqnn_size i = (seqnn_size)token->hash & mask;; i = (i + 1) & mask) {
        sq_vocabulary_slot *slot = &vocabulary->slot[i];
        if (slot->number < 0)
            return slot;
        if (slot->hash == token->hash && slot->first == token->first &&
            (token->length < 8 ||
             (vocabulary->length[slot->number] == token->length &&
              sq_same_rest(vocabulary->words[slot->number], token->text, token->length))))
            return slot;
    }
}

/* The number of a word, or -1. */
static inline int32_t sq_vocabulary_find(const sq_vocabulary *vocabulary,
                                         const sq_token *token)
{
    return sq_vocabulary_slot_of(vocabulary, token)->number;
}

/* Words while they are counted, in the order in which they came. All zero: none yet. */
typedef struct sq_word_counts {
    sq_vocabulary all; /* without word */
    seqnn_size capacity, length_capacity, occurrence_capacity;
} sq_word_counts;

/* One occurrence of each more. */
SQ_LOCAL seqnn_status sq_word_counts_add(sq_word_counts *counts, const sq_token *token,
                                         seqnn_size count);
SQ_LOCAL void sq_word_counts_free(sq_word_counts *counts);

/* The words that come min_count times or more, at most max_words of them (0: all).
 * `name` stands for the corpus in the error: fewer than two are left. */
SQ_LOCAL seqnn_status sq_vocabulary_new(sq_vocabulary *vocabulary,
                                        const sq_word_counts *counts,
                                        seqnn_size min_count, seqnn_size max_words,
                                        const char *name);

#endif
#endif
