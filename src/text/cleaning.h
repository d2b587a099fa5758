/* text/cleaning.h - texts before they are tokenized: case, punctuation, stop words */
#ifndef SEQNN_CLEANING_H
#define SEQNN_CLEANING_H

#include "texts.h"

/* What is done to a text, in this order. Lower case and blanks are those of Unicode's
 * Latin-1 part and of Python's str.split(); punctuation is the ASCII one,
 * !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~, deleted without a blank in its place.
 *
 * The order matters: with punctuation first, "can't" becomes "cant", a stop word, and
 * "U.S." becomes "us", another. */
typedef enum seqnn_cleaning {
    SEQNN_CLEAN_DEFAULT = 0,       /* as SEQNN_CLEAN_NONE */
    SEQNN_CLEAN_NONE,              /* nothing: the tokenizer's filters are enough */
    SEQNN_CLEAN_PUNCTUATION_FIRST, /* lower case; punctuation; stop words; short words */
    SEQNN_CLEAN_STOP_WORDS_FIRST   /* the lecture's recipe: lower case; "." becomes ". ";
                                      stop words; punctuation; short words */
} seqnn_cleaning;

typedef struct seqnn_clean_options {
    seqnn_cleaning cleaning;
    const char *const *stop_words; /* ends with NULL; NULL: seqnn_stop_words() */
    seqnn_size min_length;         /* shorter words go; 0 and 1: none */
} seqnn_clean_options;

/* The cleaned texts as a new list, words with one blank between them; classes and ids
 * stay. A text of which nothing is left stays as an empty one. */
SEQNN_API seqnn_texts *seqnn_clean(const seqnn_texts *texts, seqnn_clean_options options);

/* 318 English stop words, ending with NULL: the Glasgow list (C. J. van Rijsbergen's,
 * extended by the Information Retrieval Group, University of Glasgow) in the form that
 * scikit-learn uses, lower-case and without apostrophes. */
SEQNN_API const char *const *seqnn_stop_words(void);

#endif
