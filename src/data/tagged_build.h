/* data/tagged_build.h - how readers fill tagged sentences (private) */
#ifndef SQ_TAGGED_BUILD_H
#define SQ_TAGGED_BUILD_H

#include "csv.h"
#include "tagged.h"
#include "words.h"

/* Names that come again and again: each once in a table, and where those of at most 16
 * bytes were seen last, as they stand in the file. */
enum { SQ_RECENT_NAMES = 4096 };
typedef struct sq_recent_name {
    uint64_t first, last; /* its bytes */
    int32_t length, number;
} sq_recent_name;

typedef struct sq_names {
    sq_words table;
    sq_recent_name *recent; /* [SQ_RECENT_NAMES] */
} sq_names;

/* What stands behind the public struct, which comes first. */
typedef struct sq_tagged {
    seqnn_tagged public_part;
    sq_names words, tags, poses;
    seqnn_size *begin;
    int32_t *word, *tag, *pos;
    const char **word_names, **tag_names, **pos_names;
    seqnn_size used, capacity, expected, begin_capacity;
    char *utf8, *sentence; /* scratch; the name of the sentence in a CSV */
    seqnn_size utf8_capacity, sentence_capacity;
    bool has_pos;
} sq_tagged;

/* With room for the words that a file of this size may hold: arrays that grow cost as
 * much time as reading them. */
SQ_LOCAL sq_tagged *sq_tagged_new(const char *path, seqnn_size bytes_of_word);

/* One more word of the sentence that is being read; pos counts if there are any. */
SQ_LOCAL seqnn_status sq_tagged_push(sq_tagged *t, const sq_csv_field *word,
                                     const sq_csv_field *tag, const sq_csv_field *pos);

/* The sentence ends here, if it has a word. */
SQ_LOCAL seqnn_status sq_tagged_end(sq_tagged *t);

/* Ends the last sentence and hands out what was read; NULL if that failed. */
SQ_LOCAL seqnn_tagged *sq_tagged_finish(sq_tagged *t, seqnn_status status,
                                        const char *path);

#endif
