/* text/word_forms.h - lemmas and stems of words without a NUL behind them (private) */
#ifndef SQ_WORD_FORMS_H
#define SQ_WORD_FORMS_H

#include "lemmas.h"
#include "stems.h"
#include "words.h"

/* seqnn_lemma of word[0..size). */
SQ_LOCAL const sq_word *sq_lemma(seqnn_lemmas *lemmas, const char *word, seqnn_size size,
                                 seqnn_part_of_speech part);

/* seqnn_stem of word[0..*size); *size becomes that of the stem. */
SQ_LOCAL const char *sq_stem(seqnn_stemmer *stemmer, const char *word, seqnn_size *size);

#endif
