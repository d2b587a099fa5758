/* words/word_names.h - words of a space by name, in either case (private)
 *
 * Words that differ in case alone have one spelling; a spelling stands for the first of
 * its words, which is the most frequent in vectors sorted by frequency.
 */
#ifndef SQ_WORD_NAMES_H
#define SQ_WORD_NAMES_H
#ifdef SEQNN_WORDS

#include "word_evaluation.h"
#include "words.h"

typedef struct sq_word_names {
    const seqnn_word_space *space;
    bool case_sensitive;
    seqnn_size count;     /* so many words of the space take part, the first ones */
    sq_words spellings;   /* in lower case unless case_sensitive */
    int32_t *spelling_of; /* [count] */
    int32_t *word_of;     /* [spellings.count]: the first word */
    char *lower;
    seqnn_size lower_capacity;
} sq_word_names;

/* Free it in any case. */
SQ_LOCAL seqnn_status sq_word_names_open(sq_word_names *names,
                                         const seqnn_word_space *space,
                                         const seqnn_evaluation_options *options);
SQ_LOCAL void sq_word_names_free(sq_word_names *names);

/* The spelling of a text, -1 if no word has it. */
SQ_LOCAL seqnn_status sq_word_names_find(sq_word_names *names, const char *text,
                                         seqnn_size length, int32_t *spelling);

#endif
#endif
