/* text/cleaning.h - texts before they are tokenized: case, punctuation, stop words */
#ifndef SEQNN_CLEANING_H
#define SEQNN_CLEANING_H

#include "texts.h"

/* What is done to a text, in this order. The lecture has two recipes, that of its news
 * titles and that of its abstracts, and their order differs. For titles it names stop
 * words, punctuation, lower case, full stops; here case and full stops come first, or
 * "The" were no stop word, and no full stop would be left to put a blank behind.
 *
 * The order matters: with punctuation first, "can't" becomes "cant", a stop word, and
 * "U.S." becomes "us", another.
 *
 * Lower case is Unicode's simple mapping of each character (Python's str.lower() but for
 * U+0130 and a Greek sigma at the end of a word); blanks are those of Python's
 * str.split(). Punctuation is ASCII's, !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~, deleted without
 * a blank in its place; that of abstracts is described below. */
typedef enum seqnn_cleaning {
    SEQNN_CLEAN_DEFAULT = 0,       /* as SEQNN_CLEAN_NONE */
    SEQNN_CLEAN_NONE,              /* nothing: the tokenizer's filters are enough */
    SEQNN_CLEAN_PUNCTUATION_FIRST, /* lower case; punctuation; stop words; lemmas or
                                      stems; short words */
    SEQNN_CLEAN_TITLES,   /* lower case; "." becomes ". "; stop words; punctuation; lemmas
                             or stems; short words */
    SEQNN_CLEAN_ABSTRACTS /* equations to one word each; lower case; words; punctuation;
                             lemmas; stop words; stems; words of one or two letters */
} seqnn_cleaning;

/* Abstracts. An equation goes from a dollar sign to the next, or from $$ to $$; a dollar
 * sign behind a backslash is neither ("\$5"), one without a partner is punctuation, and
 * two prices in one text are taken for an equation. It becomes the word SEQNN_EQUATION,
 * which no stop word list and no length takes away. The words of the rest stand between
 * blanks and punctuation: ASCII's, that of Latin-1, and U+2010 to U+2027 and U+2030 to
 * U+205E (dashes, quotation marks, ...). Within a word stand an apostrophe between
 * letters and a full stop or comma between digits; they are deleted: "graph-based" is two
 * words, "Euler's" is "eulers", "3.14" is "314". */
#define SEQNN_EQUATION "eqn"

typedef struct seqnn_clean_options {
    seqnn_cleaning cleaning;
    const char *const *stop_words; /* ends with NULL; NULL: seqnn_stop_words() */
    seqnn_size min_length; /* shorter words go; 0: the recipe's, 3 in abstracts and
                              1 (none) else */
    bool lemmas;           /* words in their dictionary form, see lemmas.h ... */
    bool stems;            /* ... or English stems, see stems.h */
    bool keep_equations; /* in abstracts: each equation is a word of its own, without its
                            blanks: "$(k,\ell)$", to be tokenized with filters "" */
} seqnn_clean_options;

/* The cleaned texts as a new list, words with one blank between them; classes, labels and
 * ids stay. A text of which nothing is left stays as an empty one. Error: an unknown
 * recipe; lemmas and stems at once, or with none; no dictionary. */
SEQNN_API seqnn_texts *seqnn_clean(const seqnn_texts *texts, seqnn_clean_options options);

/* 318 English stop words, ending with NULL: the Glasgow list (C. J. van Rijsbergen's,
 * extended by the Information Retrieval Group, University of Glasgow) in the form that
 * scikit-learn uses, lower-case and without apostrophes. */
SEQNN_API const char *const *seqnn_stop_words(void);

#endif
