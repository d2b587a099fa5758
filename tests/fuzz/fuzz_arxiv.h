/* tests/fuzz/fuzz_arxiv.h - the same for each format of arXiv's abstracts */
#ifndef FUZZ_ARXIV_H
#define FUZZ_ARXIV_H

#include "arxiv.h"
#include "fuzz.h"

/* Reads a file of count bytes as one of the texts; what was read is whole. */
static inline void fuzz_arxiv(const char *path, size_t count)
{
    seqnn_arxiv_options options = {(seqnn_arxiv_text)(count % 4)};
    seqnn_texts *texts = seqnn_read_arxiv(path, options);
    fuzz_outcome(texts != NULL);
    for (seqnn_size i = 0; texts && i < texts->count; i++) {
        fuzz_utf8(texts->text[i]);
        fuzz_text(texts->id[i]);
        for (seqnn_size k = texts->labels_begin[i]; k < texts->labels_begin[i + 1]; k++)
            fuzz_must(texts->labels[k] >= 0 && texts->labels[k] < texts->classes,
                      "a label is no class");
    }
    for (seqnn_size i = 0; texts && i < texts->classes; i++)
        fuzz_text(texts->class_names[i]);
    seqnn_texts_free(texts);
}

#endif
