/* The words that the questions and similarity sets of fuzz targets may know. */
#ifndef FUZZ_WORD_SPACE_H
#define FUZZ_WORD_SPACE_H

#include "fuzz.h"
#include "word_evaluation.h"

static inline const seqnn_word_space *fuzz_space(void)
{
    static seqnn_word_space *space;
    static const char *const words[] = {"a", "B", "b", "c", "\xC3\xA9", "\xFF", "d e"};
    static const seqnn_real values[] = {1, 0, 0, 1, 1, 1, 0, 0, -1, 2, 3, 3, 1, -1};
    if (!space) {
        const seqnn_word_vectors vectors = {7, 2, words, values};
        space = seqnn_word_space_new(&vectors);
        fuzz_must(space != NULL, "no word space");
    }
    return space;
}

/* By the first byte: letters of either case the same or not, the first words only. */
static inline seqnn_evaluation_options fuzz_evaluation(uint8_t byte)
{
    return (seqnn_evaluation_options){.case_sensitive = byte & 1,
                                      .restrict_vocab = byte & 2 ? 3 : 0,
                                      .method = byte & 4 ? SEQNN_COS_MUL : SEQNN_COS_ADD};
}

#endif
