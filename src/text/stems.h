/* text/stems.h - words without their endings, by Snowball: running - run, happily - happi
 *
 * Faster than lemmas and without a dictionary; a stem need not be a word. Compile with
 * SEQNN_USE_SNOWBALL and link with -lstemmer (Debian: libstemmer-dev). Without it
 * seqnn_stemmer_new fails and says so. One stemmer serves one thread.
 */
#ifndef SEQNN_STEMS_H
#define SEQNN_STEMS_H

#include "config.h"
#include "error.h"

typedef struct seqnn_stemmer seqnn_stemmer;

/* language: a name of Snowball's, such as "english" (Porter 2; NULL means it), "porter",
 * "german", or its ISO 639 code. Error: unknown, or SEQNN_USE_SNOWBALL not defined. */
SEQNN_API seqnn_stemmer *seqnn_stemmer_new(const char *language);

/* The stem of a lower-case word; it stands until the next call. A word that is not UTF-8
 * stays as it is. NULL with the error set if there is no memory. */
SEQNN_API const char *seqnn_stem(seqnn_stemmer *stemmer, const char *word);

SEQNN_API void seqnn_stemmer_free(seqnn_stemmer *stemmer);

#endif
