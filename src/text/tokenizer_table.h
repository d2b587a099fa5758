/* text/tokenizer_table.h - a tokenizer from the inside (private)
 *
 * tokenizer_bytes.c writes every option of it to model files.
 */
#ifndef SQ_TOKENIZER_TABLE_H
#define SQ_TOKENIZER_TABLE_H

#include "tokenizer.h"
#include "words.h"

/* A word of the table and how often it was seen. */
typedef struct sq_counted {
    int64_t count;
    int32_t word;
} sq_counted;

struct seqnn_tokenizer {
    seqnn_size num_words;
    char *oov_token;
    bool keep_case, char_level;
    bool filter[256];
    sq_words words; /* by first appearance */
    int64_t *count; /* [words.count] */
    seqnn_size count_capacity;
    sq_counted *order; /* [words.count], most frequent first */
    int32_t *rank;     /* [words.count], place in order */
    seqnn_size ranked; /* words that order and rank cover */
    int64_t tokens;
};

/* A word that was seen so many times more. */
SQ_LOCAL seqnn_status sq_tokenizer_see(seqnn_tokenizer *tokenizer, const char *word,
                                       seqnn_size size, int64_t times);
/* Numbers all words seen so far. */
SQ_LOCAL seqnn_status sq_tokenizer_rank(seqnn_tokenizer *tokenizer);

#endif
