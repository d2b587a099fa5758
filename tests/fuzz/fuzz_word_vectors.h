/* What holds for all word vectors that a reader has let pass. */
#ifndef FUZZ_WORD_VECTORS_H
#define FUZZ_WORD_VECTORS_H

#include "fuzz.h"
#include "word_vectors.h"

static inline void fuzz_word_vectors(const seqnn_word_vectors *vectors)
{
    for (seqnn_size i = 0; i < vectors->count; i++) {
        fuzz_text(vectors->word[i]);
        fuzz_must(seqnn_word_vectors_find(vectors, vectors->word[i]) ==
                      vectors->values + i * vectors->dimension,
                  "a word is not found");
    }
    for (seqnn_size i = 0; i < vectors->count * vectors->dimension; i++)
        fuzz_must(vectors->values[i] - vectors->values[i] == 0, "no finite number");
}

#endif
