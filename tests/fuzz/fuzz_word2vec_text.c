/* Any file of word vectors, the header included. */
#include "fuzz_word_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(fuzz_file(bytes, count));
    fuzz_outcome(vectors != NULL);
    if (vectors)
        fuzz_word_vectors(vectors);
    seqnn_word_vectors_free(vectors);
    return 0;
}
