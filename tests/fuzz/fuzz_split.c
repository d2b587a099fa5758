/* seeds: datasets/splits/bbc_titles.txt */
#include "fuzz.h"
#include "split.h"

/* The file names rows of ten texts, or is refused. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    enum { TEXTS = 10 };
    static seqnn_texts *texts;
    static int32_t words[TEXTS], labels[TEXTS];
    if (!texts) {
        texts = seqnn_texts_new();
        for (int i = 0; i < TEXTS; i++) {
            words[i] = i;
            labels[i] = i % 2;
            fuzz_must(!seqnn_texts_add(texts, "text", i % 2 ? "odd" : "even", NULL),
                      "no texts");
        }
    }
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    data.count = TEXTS;
    data.x[0].indices = words;
    data.x[0].time = 1;
    data.y.indices = labels;
    seqnn_parts parts = seqnn_split_file(&data, texts, fuzz_file(bytes, count));
    fuzz_outcome(!parts.status);
    if (!parts.status) {
        fuzz_must(parts.train->count + parts.validation->count == TEXTS, "a row is lost");
        int seen[TEXTS] = {0};
        for (seqnn_size i = 0; i < TEXTS; i++) {
            bool first = i < parts.train->count;
            seqnn_size row = first ? i : i - parts.train->count;
            seen[(first ? parts.train : parts.validation)->x[0].indices[row]]++;
        }
        for (int i = 0; i < TEXTS; i++)
            fuzz_must(seen[i] == 1, "a row comes twice");
    }
    seqnn_parts_free(&parts);
    return 0;
}
