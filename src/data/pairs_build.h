/* data/pairs_build.h - how readers fill pairs of texts (private) */
#ifndef SQ_PAIRS_BUILD_H
#define SQ_PAIRS_BUILD_H

#include "memory.h"
#include "pairs.h"

/* Makes UTF-8 of a reader's bytes: sq_latin1_to_utf8 or sq_windows1252_to_utf8. */
typedef seqnn_size (*sq_decode)(const char *bytes, seqnn_size length, bool keep_utf8,
                                char *out);

typedef struct sq_pairs_builder {
    seqnn_text_pairs *pairs;
    sq_decode decode;
    void *utf8;
    seqnn_size capacity;
} sq_pairs_builder;

/* Begins with no pair; finish it in any case. */
SQ_LOCAL seqnn_status sq_pairs_begin(sq_pairs_builder *builder, sq_decode decode);

/* One more pair; its id is the number. */
SQ_LOCAL seqnn_status sq_pairs_add(sq_pairs_builder *builder, const char *source,
                                   seqnn_size source_length, const char *target,
                                   seqnn_size target_length, seqnn_size number);

/* The pairs, or NULL if status is not SEQNN_OK or there is none. */
SQ_LOCAL seqnn_text_pairs *sq_pairs_finish(sq_pairs_builder *builder, seqnn_status status,
                                           const char *path);

#endif
