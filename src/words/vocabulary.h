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
    seqnn_size *length;       /* [count] */
    sq_vocabulary_slot *slot; /* open addressing, a power of two of them */
    seqnn_size slot_count;
} sq_vocabulary;

SQ_LOCAL void sq_vocabulary_free(sq_vocabulary *vocabulary);

/* The token of length bytes at text; eight more bytes must be readable. */
SQ_LOCAL sq_token sq_token_of(const char *text, seqnn_size length);

/* The number of a word, or -1. */
static inline int32_t sq_vocabulary_find(const sq_vocabulary *vocabulary,
                                         const sq_token *token)
{
    const seqnn_size mask = vocabulary->slot_count - 1;
    for (seqnn_size i = (seqnn_size)token->hash & mask;; i = (i + 1) & mask) {
        const sq_vocabulary_slot *slot = &vocabulary->slot[i];
        if (slot->number < 0)
            return -1;
        if (slot->hash == token->hash && slot->first == token->first &&
            (token->length < 8 || (vocabulary->length[slot->number] == token->length &&
                                   memcmp(vocabulary->words[slot->number], token->text,
                                          (size_t)token->length) == 0)))
            return slot->number;
    }
}

/* Words while they are counted, in the order in which they came. All zero: none yet. */
typedef struct sq_counted_word {
    sq_token token;
    int64_t occurrences;
} sq_counted_word;

typedef struct sq_word_counts {
    sq_counted_word *word; /* [count] */
    seqnn_size count, capacity;
    sq_pool pool;
    sq_vocabulary_slot *slot;
    seqnn_size slot_count;
} sq_word_counts;

/* One occurrence more. */
SQ_LOCAL seqnn_status sq_word_counts_add(sq_word_counts *counts, const sq_token *token);
SQ_LOCAL void sq_word_counts_free(sq_word_counts *counts);

/* The words that come min_count times or more, at most max_words of them (0: all).
 * `name` stands for the corpus in the error: fewer than two are left. */
SQ_LOCAL seqnn_status sq_vocabulary_new(sq_vocabulary *vocabulary,
                                        const sq_word_counts *counts,
                                        seqnn_size min_count, seqnn_size max_words,
                                        const char *name);

#endif
#endif
