/* words/huffman.h - the tree of hierarchical softmax (private)
 *
 * A binary tree whose leaves are the words, and in which a frequent word is near the root
 * (Huffman 1952): the mean length of the way to a word, weighed by its count, is the
 * shortest possible.
 */
#ifndef SQ_HUFFMAN_H
#define SQ_HUFFMAN_H
#ifdef SEQNN_WORDS

#include "private.h"

typedef struct sq_huffman {
    seqnn_size count;   /* words; inner nodes are count - 1, the root the last one */
    seqnn_size longest; /* way */
    /* The way of word w is [begin[w], begin[w + 1]) of the two arrays below. */
    seqnn_size *begin; /* [count + 1] */
    int32_t *node;     /* the inner nodes from the root */
    seqnn_real *label; /* 1 where the way turns left there, 0 where right */
} sq_huffman;

/* Of words by falling occurrences. Of equally frequent nodes words come before inner
 * nodes, and later words before earlier ones. */
SQ_LOCAL seqnn_status sq_huffman_new(sq_huffman *tree, const int64_t *occurrences,
                                     seqnn_size count);
SQ_LOCAL void sq_huffman_free(sq_huffman *tree);

#endif
#endif
