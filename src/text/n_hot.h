/* text/n_hot.h - texts as vectors over the vocabulary: n-hot, counts, tf-idf, one-hot */
#ifndef SEQNN_N_HOT_H
#define SEQNN_N_HOT_H

#include "sequences.h"

/* What stands in column j of the row of a text that holds word j c times, c > 0, and n
 * words in all; 0 where c = 0. These are the modes of Keras' texts_to_matrix; only
 * for an oov_token its tf-idf differs: Keras counts no document for it. */
typedef enum seqnn_n_hot_mode {
    SEQNN_N_HOT_DEFAULT = 0, /* as SEQNN_BINARY */
    SEQNN_BINARY,            /* 1 */
    SEQNN_COUNT,             /* c */
    SEQNN_FREQUENCY,         /* c / n */
    SEQNN_TF_IDF /* (1 + log c) log(1 + D / (1 + d)): word j is in d of D documents */
} seqnn_n_hot_mode;

typedef struct seqnn_n_hot_options {
    seqnn_n_hot_mode mode;
    /* The documents of SEQNN_TF_IDF; NULL: the sequences themselves. For texts that are
     * to be judged by what was trained on others, name the others. */
    const seqnn_token_sequences *documents;
} seqnn_n_hot_options;

/* The sequences as x[0].values [count, num_words] of a new data set, whose vocabulary is
 * num_words. Column 0 is that of the padding: 0. Error: a number that is not below
 * num_words, an unknown mode, a product count * num_words that is no size. */
SEQNN_API seqnn_dataset *seqnn_n_hot(const seqnn_token_sequences *sequences,
                                     seqnn_size num_words, seqnn_n_hot_options options);

/* A copy of data whose x[0].indices [count, time] have become x[0].values [count, time,
 * vocabulary], a 1 in the column of each word; the steps of padding are rows of 0. For
 * small vocabularies: seqnn_one_hot_source and an embedding compute the same without the
 * zeros. Error: x[0] has no indices or no time, or the vocabulary is 0 or not above every
 * index. */
SEQNN_API seqnn_dataset *seqnn_one_hot(const seqnn_dataset *data);

#endif
