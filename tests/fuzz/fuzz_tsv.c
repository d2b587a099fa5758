/* seeds: datasets/bbc/bbc-titles.tsv */
#include "bbc.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    seqnn_texts *texts = seqnn_read_tsv(fuzz_file(bytes, count));
    fuzz_outcome(texts != NULL);
    for (seqnn_size i = 0; texts && i < texts->count; i++) {
        fuzz_utf8(texts->text[i]);
        fuzz_text(texts->id[i]);
        fuzz_text(texts->class_names[texts->label[i]]);
    }
    seqnn_texts_free(texts);
    return 0;
}
