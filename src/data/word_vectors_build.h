/* data/word_vectors_build.h - word vectors that come from no file (private) */
#ifndef SQ_WORD_VECTORS_BUILD_H
#define SQ_WORD_VECTORS_BUILD_H

#include "private.h"
#include "word_vectors.h"

/* Vectors as if read from a file: takes `values` [count, dimension] (from sq_allocate)
 * over and copies the words. NULL with the error set: values stay the caller's. Error: no
 * vector, a word that comes twice, no memory. */
SQ_LOCAL seqnn_word_vectors *sq_word_vectors_build(const char *const *word,
                                                   seqnn_size count, seqnn_size dimension,
                                                   seqnn_real *values);

#endif
