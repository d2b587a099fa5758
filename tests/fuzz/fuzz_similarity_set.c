/* Similarity sets; the first byte is the options. */
#include "fuzz_word_space.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count < 1)
        return 0;
    const char *path = fuzz_file(bytes + 1, count - 1);
    seqnn_similarity_score score =
        seqnn_similarities_evaluate(fuzz_space(), path, fuzz_evaluation(bytes[0]));
    fuzz_outcome(!score.status);
    if (!score.status) {
        fuzz_must(score.pairs > 0 && score.unknown >= 0 && score.unknown_ratio < 1,
                  "no pair");
        fuzz_must(!(score.spearman < -1 || score.spearman > 1 || score.pearson < -1 ||
                    score.pearson > 1),
                  "no correlation");
        fuzz_must(score.pairs > 1 || score.spearman != score.spearman,
                  "one pair correlates");
    }
    return 0;
}
