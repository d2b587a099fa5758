/* data/tagged.h - sentences with a tag for every word: named entities, parts of speech
 *
 * Three formats are read, gzip-compressed too:
 *
 *   CSV           the Annotated Corpus for Named Entity Recognition (an extract of the
 *                 Groningen Meaning Bank) as published: Sentence #,Word,POS,Tag
 *   line pairs    sentences.txt and labels.txt: one sentence a line, words and tags
 *                 between blanks
 *   CoNLL         a word a line in columns, an empty line behind each sentence
 *
 * Bytes that are not UTF-8 are taken as Windows-1252. A NUL byte is an error, and so is a
 * file without a sentence.
 */
#ifndef SEQNN_TAGGED_H
#define SEQNN_TAGGED_H

#include "tokenizer.h"

/* Sentence i is the words begin[i] .. begin[i + 1] - 1. Words, tags and parts of speech
 * are numbers of names: word k is word_names[word[k]]. All memory belongs to it. */
typedef struct seqnn_tagged {
    seqnn_size count;        /* sentences */
    const seqnn_size *begin; /* [count + 1] */
    const int32_t *word;     /* [begin[count]] */
    const int32_t *tag;      /* [begin[count]] */
    const int32_t *pos;      /* [begin[count]] parts of speech; NULL if there are none */
    seqnn_size words, tags, poses; /* different ones */
    const char *const *word_names; /* [words], UTF-8, as they first come */
    const char *const *tag_names;  /* [tags], in byte order */
    const char *const
        *pos_names; /* [poses], as they first come; NULL if there are none */
} seqnn_tagged;

/* The CSV. Columns are found by their names; POS may be missing. A sentence begins where
 * the cell "Sentence #" is neither empty nor that of the row before. Error: a row with
 * more or fewer fields than the header, without word or tag, or before the first
 * sentence.
 */
SEQNN_API seqnn_tagged *seqnn_read_tagged_csv(const char *path);

/* The line pairs. Words end at blanks and tabs only: a no-break space is a part of its
 * word. A line that is empty in both files is left out. Error: a line with another number
 * of words than tags, files of different length. */
SEQNN_API seqnn_tagged *seqnn_read_tagged_lines(const char *sentences_path,
                                                const char *labels_path);

typedef struct seqnn_conll_options {
    /* Columns, counted from 1. */
    seqnn_size word_column; /* 0: the first */
    seqnn_size tag_column;  /* 0: the last */
    seqnn_size pos_column;  /* 0: the second, if there are three or more */
    bool
        iob2; /* from IOB1, where I- may begin an entity, to IOB2, where B- always does */
} seqnn_conll_options;

/* The columns, between blanks or tabs. Lines that begin with -DOCSTART- end a sentence
 * and are left out. Error: a line with fewer or more columns than the first. */
SEQNN_API seqnn_tagged *seqnn_read_conll(const char *path, seqnn_conll_options options);

SEQNN_API void seqnn_tagged_free(seqnn_tagged *tagged);

typedef struct seqnn_encode_tagged_options {
    seqnn_side padding, truncating; /* both to be named */
    seqnn_size length;              /* steps; 0: the longest sentence */

    /* A new vocabulary of the words, as they are or in lower case ... */
    bool lower_case;
    seqnn_size num_words;  /* numbers are below it; 0: all words */
    const char *oov_token; /* has number 1; NULL: "[UNK]" */

    /* ... or this one, of .filters "" and with an .oov_token: fitted on the words if it
     * has seen none, otherwise left as it is. */
    seqnn_tokenizer *tokenizer;

    /* Tags are numbered as in this data set, say that of training; NULL: in byte order.
     */
    const seqnn_dataset *tags_of;
} seqnn_encode_tagged_options;

/* Words as x[0].indices [count, time] and their tags as y.indices [count, time], both
 * with start and length; vocabulary and class names. Every word has a number above 0,
 * that of the oov_token if it is unknown, rarer than num_words - 2 others, or holds a
 * blank (which a word of the CSV may). tagged NULL: NULL, and the error stands. Error:
 * a tag that tags_of does not have, a tokenizer that has no number for a word. */
SEQNN_API seqnn_dataset *seqnn_encode_tagged(const seqnn_tagged *tagged,
                                             seqnn_encode_tagged_options options);

#endif
