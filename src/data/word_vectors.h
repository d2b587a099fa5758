/* data/word_vectors.h - pretrained word vectors in GloVe's text format
 *
 * One word a line, a blank, its numbers with blanks between them, no header line:
 *
 *     the -0.038194 -0.24487 0.72812 ...
 *
 * (Pennington, Socher and Manning, "GloVe: global vectors for word representation", 2014)
 */
#ifndef SEQNN_WORD_VECTORS_H
#define SEQNN_WORD_VECTORS_H

#include "tokenizer.h"

typedef struct seqnn_word_vectors {
    seqnn_size count, dimension;
    const char *const *word;  /* [count] */
    const seqnn_real *values; /* [count, dimension] */
} seqnn_word_vectors;

/* The whole file; a word that comes again keeps its first vector. Error: a line whose
 * count of numbers differs from the first line's, or with something that is no finite
 * number; an empty file. The sentence names file and line. */
SEQNN_API seqnn_word_vectors *seqnn_word_vectors_read(const char *path);

/* The vector of a word, [dimension], or NULL. */
SEQNN_API const seqnn_real *seqnn_word_vectors_find(const seqnn_word_vectors *vectors,
                                                    const char *word);

SEQNN_API void seqnn_word_vectors_free(seqnn_word_vectors *vectors);

/* How much of a vocabulary the vectors cover: of its words (padding, oov_token and words
 * beyond num_words do not count), and of their occurrences in the texts it was fitted on.
 */
typedef struct seqnn_coverage {
    seqnn_status status;
    seqnn_size words, words_covered;
    int64_t tokens, tokens_covered;
} seqnn_coverage;

/* Puts the vectors of the tokenizer's words into their rows of table
 * [seqnn_tokenizer_vocabulary(tokenizer), dimension] and leaves the other rows as they
 * are. Only these words' numbers are read; lines of other words are checked for their
 * count of numbers alone. Errors as above, or another dimension. */
SEQNN_API seqnn_coverage seqnn_word_vectors_into(const seqnn_tokenizer *tokenizer,
                                                 const char *path, seqnn_real *table,
                                                 seqnn_size dimension);

#endif
