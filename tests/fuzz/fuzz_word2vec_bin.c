/* A word2vec file with a header, so that most inputs reach the vectors; the first byte is
 * its dimension. What was read can be written and read again the same. */
#include "fuzz_word_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static uint8_t file[1 << 20];
    if (count < 2 || count > sizeof file - 64)
        return 0;
    int header = snprintf((char *)file, 64, "%d %d\n", bytes[1] % 8, bytes[0] % 16);
    memcpy(file + header, bytes + 2, count - 2);
    const char *path = fuzz_file(file, (size_t)header + count - 2);
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(path);
    fuzz_outcome(vectors != NULL);
    if (vectors) {
        fuzz_must(vectors->dimension == bytes[0] % 16, "another dimension");
        fuzz_word_vectors(vectors);
    }
    seqnn_word_vectors_free(vectors);
    return 0;
}
