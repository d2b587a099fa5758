/* text/sequences.h - texts as lists of word numbers, and their padding to one length */
#ifndef SEQNN_SEQUENCES_H
#define SEQNN_SEQUENCES_H

#include "dataset.h"

/* Sequence i is indices[begin[i]] .. indices[begin[i + 1] - 1]. */
typedef struct seqnn_token_sequences {
    seqnn_size count;
    const seqnn_size *begin; /* [count + 1] */
    const int32_t *indices;  /* [begin[count]] */
} seqnn_token_sequences;

SEQNN_API void seqnn_token_sequences_free(seqnn_token_sequences *sequences);

/* The side of a sequence: its front or its end. There is no default: Keras and MATLAB pad
 * in front, the lecture's titles behind, and it matters to an RNN that is not masked. */
typedef enum seqnn_side {
    SEQNN_SIDE_DEFAULT = 0, /* an error: name the side */
    SEQNN_PRE,              /* zeros in front; what is too long loses its first words */
    SEQNN_POST              /* zeros behind; what is too long loses its last words */
} seqnn_side;

typedef struct seqnn_pad_options {
    seqnn_side padding, truncating; /* both to be named */
    seqnn_size length;              /* of all rows; 0: of the longest sequence */
} seqnn_pad_options;

/* The sequences as x[0].indices [count, length] of a new data set, padded with 0 and cut
 * to one length; x[0].start and x[0].length [count] say which steps are words (an empty
 * sequence is a row of padding with length 0). Error: a side that is not named, a
 * negative length, a product count * length that is no size. */
SEQNN_API seqnn_dataset *seqnn_pad_sequences(const seqnn_token_sequences *sequences,
                                             seqnn_pad_options options);

#endif
