/* text/tokenizer.h - words and their numbers, as the Keras Tokenizer counts them
 *
 * Number 0 is the padding. The words of all texts it was fitted on are numbered from 1,
 * the most frequent first, equally frequent ones in the order of their first appearance.
 * With an oov_token that one is number 1 and the words follow. A word encoding of the
 * 5000 most frequent words is num_words 5001 (MATLAB pads it with 5001, we with 0).
 *
 * A text is lower-cased, every filter character becomes a blank, and words are what
 * stands between blanks (U+0020 alone: other white space belongs to a word unless it is
 * filtered; tab and line feed are). Lower case is Unicode's simple mapping of each
 * character; Python's and with it Keras' differ at U+0130, here "i", there "i" and a dot
 * above, and at a Greek sigma that ends a word.
 */
#ifndef SEQNN_TOKENIZER_H
#define SEQNN_TOKENIZER_H

#include "sequences.h"

typedef struct seqnn_tokenizer seqnn_tokenizer;

typedef struct seqnn_tokenizer_options {
    seqnn_size num_words;  /* numbers are below it: num_words - 1 words; 0: all words */
    const char *oov_token; /* stands for unknown and rarer words; NULL: they are left out.
                              It should not occur as a word of the texts. */
    const char *filters; /* ASCII; NULL: !"#$%&()*+,-./:;<=>?@[\]^_`{|}~ tab, line feed */
    bool keep_case;
    bool char_level; /* "words" are the characters of a text, blanks and all; there are no
                        filters. A byte that is no UTF-8 is a character of its own. */
} seqnn_tokenizer_options;

/* Error: num_words below 0, a filter character that is not ASCII. */
SEQNN_API seqnn_tokenizer *seqnn_tokenizer_new(seqnn_tokenizer_options options);

/* Counts the words of texts[0..count) and numbers all words seen so far. */
SEQNN_API seqnn_status seqnn_tokenizer_fit(seqnn_tokenizer *tokenizer,
                                           const char *const *texts, seqnn_size count);

/* The numbers of the words of each text. */
SEQNN_API seqnn_token_sequences *
seqnn_tokenizer_sequences(const seqnn_tokenizer *tokenizer, const char *const *texts,
                          seqnn_size count);

/* Every number is below it: words seen + 1 (+ 1 with an oov_token), at most num_words.
 * The embedding has this many rows. */
SEQNN_API seqnn_size seqnn_tokenizer_vocabulary(const seqnn_tokenizer *tokenizer);

/* Distinct words seen, and how often all of them. */
SEQNN_API seqnn_size seqnn_tokenizer_words(const seqnn_tokenizer *tokenizer);
SEQNN_API int64_t seqnn_tokenizer_tokens(const seqnn_tokenizer *tokenizer);

/* The number of a word as it stands in sequences: that of the oov_token, or 0 without
 * one, if the word is unknown or beyond num_words. */
SEQNN_API int32_t seqnn_tokenizer_index(const seqnn_tokenizer *tokenizer,
                                        const char *word);

/* The word of a number, and how often it was seen; NULL and 0 for the padding and beyond
 * the words seen. The oov_token was seen 0 times. */
SEQNN_API const char *seqnn_tokenizer_word(const seqnn_tokenizer *tokenizer,
                                           seqnn_size index);
SEQNN_API int64_t seqnn_tokenizer_count(const seqnn_tokenizer *tokenizer,
                                        seqnn_size index);

SEQNN_API void seqnn_tokenizer_free(seqnn_tokenizer *tokenizer);

#endif
