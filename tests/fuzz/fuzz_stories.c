/* seeds: datasets/bbc/bbc-titles.tsv README.md */
#include "bbc.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *folder = fuzz_folder("business/001.txt", bytes, count);
    seqnn_texts *texts = seqnn_read_bbc(folder);
    fuzz_outcome(texts != NULL);
    for (seqnn_size i = 0; texts && i < texts->count; i++)
        fuzz_utf8(texts->text[i]);
    seqnn_texts_free(texts);
    return 0;
}
