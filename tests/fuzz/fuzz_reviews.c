/* seeds: README.md */
#include "imdb.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *folder = fuzz_folder("train/pos/0_9.txt", bytes, count);
    seqnn_imdb_options options = {.break_to_blank = count % 2 == 1};
    seqnn_texts *texts = seqnn_read_imdb(folder, options);
    fuzz_outcome(texts != NULL);
    for (seqnn_size i = 0; texts && i < texts->count; i++)
        fuzz_utf8(texts->text[i]);
    seqnn_texts_free(texts);
    return 0;
}
