/* Word vectors as safetensors: the first three bytes are their count, their dimension and
 * the length of the words; the numbers and the words follow. */
#include "fuzz_word_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static uint8_t file[1 << 20];
    if (count < 3 || count > sizeof file - 512)
        return 0;
    const int rows = bytes[0] % 8, columns = bytes[1] % 8, words = bytes[2];
    const int numbers = 4 * rows * columns;
    int header =
        snprintf((char *)file + 8, 500,
                 "{\"vectors\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,"
                 "%d]},\"words\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,"
                 "%d]}}",
                 rows, columns, numbers, words, numbers, numbers + words);
    memset(file, 0, 8);
    file[0] = (uint8_t)(header & 255);
    file[1] = (uint8_t)(header >> 8);
    memcpy(file + 8 + header, bytes + 3, count - 3);
    seqnn_word_vectors *vectors =
        seqnn_word_vectors_read(fuzz_file(file, (size_t)(8 + header) + count - 3));
    fuzz_outcome(vectors != NULL);
    if (vectors) {
        fuzz_must(vectors->count <= rows && vectors->dimension == columns,
                  "another shape");
        fuzz_word_vectors(vectors);
    }
    seqnn_word_vectors_free(vectors);
    return 0;
}
