/* A word2vec file with a header, so that most inputs reach the vectors; the first byte is
 * its dimension. What was read can be written and read again the same. */
#include "fuzz.h"
#include "word_vectors.h"

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
        for (seqnn_size i = 0; i < vectors->count; i++) {
            fuzz_text(vectors->word[i]);
            fuzz_must(seqnn_word_vectors_find(vectors, vectors->word[i]) ==
                          vectors->values + i * vectors->dimension,
                      "a word is not found");
        }
        for (seqnn_size i = 0; i < vectors->count * vectors->dimension; i++)
            fuzz_must(vectors->values[i] - vectors->values[i] == 0, "no finite number");
    }
    seqnn_word_vectors_free(vectors);
    return 0;
}
