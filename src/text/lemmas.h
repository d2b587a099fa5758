/* text/lemmas.h - words in their dictionary form: geese - goose, running - run
 *
 *     seqnn_lemmas *lemmas = seqnn_lemmas_new();
 *     printf("%s\n", seqnn_lemma(lemmas, "better", SEQNN_ADJECTIVE)); // good
 *     seqnn_lemmas_free(lemmas);
 *
 * The dictionary is WordNet, its rules are morphy (G. A. Miller, WordNet: a lexical
 * database for English, 1995): exceptions by list, then endings that are taken off if
 * the rest is a word of that part of speech. It knows English alone.
 *
 * Compile with SEQNN_USE_WORDNET and link with -lwordnet (Debian: wordnet-dev and
 * wordnet-base; the dictionary is looked for in $WNSEARCHDIR, $WNHOME/dict, then where
 * the library was told to). Without it seqnn_lemmas_new fails and says so. That library
 * works in static memory: one thread at a time may ask for lemmas, whoever asks. A word
 * takes it 0.2 ms, so each is looked up once and kept.
 */
#ifndef SEQNN_LEMMAS_H
#define SEQNN_LEMMAS_H

#include "config.h"
#include "error.h"

typedef enum seqnn_part_of_speech {
    SEQNN_PART_OF_SPEECH_DEFAULT = 0, /* unknown: all four are tried */
    SEQNN_NOUN,
    SEQNN_VERB,
    SEQNN_ADJECTIVE,
    SEQNN_ADVERB
} seqnn_part_of_speech;

typedef struct seqnn_lemmas seqnn_lemmas;

/* Opens the dictionary. Error: it is not there, or SEQNN_USE_WORDNET is not defined. */
SEQNN_API seqnn_lemmas *seqnn_lemmas_new(void);

/* The lemma, in lower case, or the word as it stands where morphy has no other form. With
 * a part of speech, what morphy answers first for it. Without: asked as noun, verb,
 * adjective and adverb, the first answer that is not the word itself; one or two letters
 * are an answer for a verb alone ("was" is no plural of "Wa", nor "gas" one of "Ga").
 * Words longer than 64 bytes, and words of other characters than ASCII letters,
 * hyphen, apostrophe and full stop, are their own lemmas. The string belongs to lemmas.
 * NULL with the error set if there is no memory. */
SEQNN_API const char *seqnn_lemma(seqnn_lemmas *lemmas, const char *word,
                                  seqnn_part_of_speech part_of_speech);

/* The part of speech of a Penn Treebank tag (NN.. noun, VB.. and MD verb, JJ.. adjective,
 * RB.. adverb), as tagged sentences carry them; unknown for all other tags. */
SEQNN_API seqnn_part_of_speech seqnn_part_of_speech_of_tag(const char *tag);

SEQNN_API void seqnn_lemmas_free(seqnn_lemmas *lemmas);

#endif
