/* seeds: datasets/wordvec/vectors.100d.txt */
#include "fuzz_word_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static seqnn_tokenizer *tokenizer;
    if (!tokenizer) {
        static const char *const texts[] = {"the of and to a in"};
        tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
        fuzz_must(!seqnn_tokenizer_fit(tokenizer, texts, 1), "no tokenizer");
    }
    const char *path = fuzz_file(bytes, count);
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(path);
    fuzz_outcome(vectors != NULL);
    if (vectors) {
        fuzz_word_vectors(vectors);
        seqnn_size rows = seqnn_tokenizer_vocabulary(tokenizer);
        seqnn_real *table =
            (seqnn_real *)calloc((size_t)(rows * vectors->dimension), sizeof *table);
        seqnn_coverage coverage =
            seqnn_word_vectors_into(tokenizer, path, table, vectors->dimension);
        fuzz_must(!coverage.status, "the second reader refuses what the first took");
        fuzz_bytes(table, (size_t)(rows * vectors->dimension) * sizeof *table);
        free(table);
    }
    seqnn_word_vectors_free(vectors);
    return 0;
}
