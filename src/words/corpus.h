/* words/corpus.h - a text of any size as the numbers of its words (private)
 *
 * The corpus is cut into segments of about SQ_SEGMENT_BYTES, at the end of a line where
 * there is one near, else between two words. The cut depends on the bytes of the corpus
 * alone, and every word belongs to one segment. Any thread may read any segment through a
 * reader of its own.
 *
 * White space is blank, tab, CR, LF, VT and FF; a line ends with LF. A byte-order mark in
 * front of a file is left out. In a cleaned text an apostrophe alone is a word.
 */
#ifndef SQ_CORPUS_H
#define SQ_CORPUS_H
#ifdef SEQNN_WORDS

#include "vocabulary.h"

enum {
    SQ_SEGMENT_BYTES = 1 << 17,
    SQ_LINE_END = -1 /* stands among the numbers behind the words of a line */
};

/* A file, or lines in memory. */
typedef struct sq_corpus {
    const char *path; /* NULL: */
    const char *const *line;
    seqnn_size line_count;
    bool clean; /* lower case, letters, digits and apostrophes (word2vec.h) */
    int64_t bytes;
    seqnn_size segments;
    seqnn_size segment_bytes; /* tests choose both anew; 3 at least */
    int64_t modified;         /* the time of the file, by which a change is seen */
} sq_corpus;

/* One segment as read last. */
typedef struct sq_segment {
    int32_t *number; /* [count]: words of the vocabulary; SQ_LINE_END behind those of each
                        line, and of what the segment holds of a longer one */
    seqnn_size count;
    seqnn_size capacity;
    int64_t words; /* of the corpus, rare ones and all */
    int64_t lines; /* that end here */
    void *file;    /* FILE */
    char *text;
    seqnn_size text_capacity;
    seqnn_size line; /* of lines in memory: the one read last, its bytes in the corpus */
    int64_t line_begin, line_end;
} sq_segment;

/* path and line must outlive the corpus. Errors name the file. */
SQ_LOCAL seqnn_status sq_corpus_open(sq_corpus *corpus, const char *path, bool clean);
SQ_LOCAL seqnn_status sq_corpus_open_lines(sq_corpus *corpus, const char *const *line,
                                           seqnn_size count, bool clean);

/* Counts all words: the first pass. Error: as seqnn_word2vec_train says. The vocabulary
 * is to be freed in any case. */
SQ_LOCAL seqnn_status sq_corpus_vocabulary(const sq_corpus *corpus, seqnn_size min_count,
                                           seqnn_size max_words,
                                           sq_vocabulary *vocabulary);

/* Reads segment i; `segment` is all zero before its first. Allocates nothing once it has
 * read the longest. */
SQ_LOCAL seqnn_status sq_segment_read(sq_segment *segment, const sq_corpus *corpus,
                                      const sq_vocabulary *vocabulary, seqnn_size i);
SQ_LOCAL void sq_segment_free(sq_segment *segment);

#endif
#endif
