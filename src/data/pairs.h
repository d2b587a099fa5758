/* data/pairs.h - pairs of texts, one to be made from the other: a sentence and its
 * translation, an article and its summary
 *
 *     seqnn_text_pairs *pairs = seqnn_read_pairs_tsv("datasets/pairs/pairs.tsv");
 *     seqnn_encode_pairs_options options = {.padding = SEQNN_POST};
 *     options.source_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
 *     options.target_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
 *     seqnn_dataset *data = seqnn_encode_pairs(pairs, options);
 */
#ifndef SEQNN_PAIRS_H
#define SEQNN_PAIRS_H

#include "texts.h"
#include "tokenizer.h"

/* Text i of one list belongs to text i of the other; their ids are equal. */
typedef struct seqnn_text_pairs {
    seqnn_texts *source, *target;
} seqnn_text_pairs;

/* Lines of source<TAB>target, as the sentence pairs of Anki (manythings.org) are; what
 * stands behind a second tab is not read. The id is the 0-based line. Empty lines are
 * left out. Bytes that are not UTF-8 are taken as Latin-1; gzip-compressed files are read
 * too. Error: a line without tab or with an empty side, a NUL byte, no pair at all. */
SEQNN_API seqnn_text_pairs *seqnn_read_pairs_tsv(const char *path);

/* Two files, line i of one belonging to line i of the other (Multi30k, Europarl). The id
 * is the 0-based line; a pair with an empty side is left out. Error: files of different
 * length, a NUL byte, no pair at all. */
SEQNN_API seqnn_text_pairs *seqnn_read_pairs(const char *source_path,
                                             const char *target_path);

SEQNN_API void seqnn_text_pairs_free(seqnn_text_pairs *pairs);

typedef struct seqnn_encode_pairs_options {
    seqnn_side padding;    /* to be named */
    seqnn_side truncating; /* what is too long loses its first or last words; DEFAULT is
                              an error if something is too long */
    seqnn_size source_length; /* steps; 0: the longest */
    seqnn_size target_length; /* with a mark; 0: the longest */
    /* Fitted on the sources and on the marked targets if they have seen no text,
     * otherwise left as they are. To be given: a trained model is asked with them. */
    seqnn_tokenizer *source_tokenizer, *target_tokenizer;
    const char *begin_mark, *end_mark; /* words that no text has; NULL: "startseq" and
                                          "endseq" */
} seqnn_encode_pairs_options;

/* For an encoder and a decoder that is taught with the right words (teacher forcing):
 *
 *     x[0].indices [count, source_length]  the source
 *     x[1].indices [count, target_length]  begin_mark, then the words of the target
 *     y.indices    [count, target_length]  the words of the target, then end_mark
 *
 * each with start and length. vocabulary is the source tokenizer's, classes the target
 * tokenizer's: the rows of the decoder's embedding and its outputs. A target that is cut
 * keeps its marks. pairs NULL: NULL, and the error stands. Error: lists of different
 * length, a tokenizer that splits a mark or does not know it. */
SEQNN_API seqnn_dataset *seqnn_encode_pairs(const seqnn_text_pairs *pairs,
                                            seqnn_encode_pairs_options options);

#endif
