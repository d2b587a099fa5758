/* Any file of word vectors, the header included. */
#include "fuzz.h"
#include "word_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(fuzz_file(bytes, count));
    fuzz_outcome(vectors != NULL);
    if (vectors)
        fuzz_bytes(vectors->values,
                   (size_t)(vectors->count * vectors->dimension) * sizeof(seqnn_real));
    for (seqnn_size i = 0; vectors && i < vectors->count; i++)
        fuzz_text(vectors->word[i]);
    seqnn_word_vectors_free(vectors);
    return 0;
}
