/* seeds: datasets/20news/20news-bydate-train/sci.space/?* */
#include "newsgroups.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *folder = fuzz_folder("20news-bydate-train/sci.space/1", bytes, count);
    seqnn_texts *texts = seqnn_read_newsgroups(folder);
    fuzz_outcome(texts != NULL);
    for (seqnn_size i = 0; texts && i < texts->count; i++)
        fuzz_utf8(texts->text[i]);
    seqnn_texts_free(texts);
    return 0;
}
