/* text/encode.h - from texts to a data set in one call
 *
 *     seqnn_encode_options options = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
 *     seqnn_texts *titles = seqnn_read_bbc_titles("datasets/bbc");
 *     seqnn_dataset *data = seqnn_encode(titles, options);
 *
 * To encode new texts for a trained model, name the tokenizer before the first call, and
 * the length before the second:
 *
 *     seqnn_tokenizer_options most_frequent = {.num_words = 20000};
 *     options.tokenizer = seqnn_tokenizer_new(most_frequent);
 *     data = seqnn_encode(titles, options);
 *     ...
 *     options.length = data->x[0].time;
 *     seqnn_dataset *more = seqnn_encode(new_titles, options);
 */
#ifndef SEQNN_ENCODE_H
#define SEQNN_ENCODE_H

#include "cleaning.h"
#include "n_hot.h"
#include "tokenizer.h"

typedef struct seqnn_encode_options {
    seqnn_side padding, truncating; /* both to be named */
    seqnn_size length;              /* steps; 0: the longest text */
    seqnn_n_hot_mode n_hot;         /* n_hot.h: no sequences, and no sides to be named */

    /* cleaning.h */
    seqnn_cleaning cleaning;
    const char *const *stop_words;
    seqnn_size min_length;
    bool lemmas, stems, keep_equations;

    /* tokenizer.h: a new one is made from these and fitted on the texts ... */
    seqnn_size num_words;
    const char *oov_token;
    const char *filters; /* with keep_equations NULL means "" */
    bool keep_case;

    /* ... or this one is used, and none of the four above is set. It is fitted on the
     * texts if it has seen none, and otherwise left as it is. */
    seqnn_tokenizer *tokenizer;
} seqnn_encode_options;

/* Texts as x[0].indices [count, time] with start and length, their classes as y.indices
 * [count] or, of a multi-label list, as y.values [count, classes] of 0 and 1 (none if no
 * text has a label), class names, and vocabulary = words + 1, for the padding is number
 * 0. Rows stand in the order of the texts; a text without a word is a row of padding.
 * With n_hot x[0] is values [count, vocabulary] instead, SEQNN_TF_IDF counting these
 * texts (for other documents call seqnn_n_hot). The data set keeps nothing of texts or
 * tokenizer. texts NULL: NULL, and the error stands. */
SEQNN_API seqnn_dataset *seqnn_encode(const seqnn_texts *texts,
                                      seqnn_encode_options options);

#endif
