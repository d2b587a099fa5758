/* Analogy questions; the first byte is the options. */
#include "fuzz_word_space.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count < 1)
        return 0;
    seqnn_analogy_scores *scores = seqnn_analogies_evaluate(
        fuzz_space(), fuzz_file(bytes + 1, count - 1), fuzz_evaluation(bytes[0]));
    fuzz_outcome(scores != NULL);
    seqnn_size questions = 0;
    for (seqnn_size i = 0; scores && i < scores->count; i++) {
        const seqnn_analogy_score *score = &scores->score[i];
        fuzz_text(score->section);
        fuzz_must(0 <= score->correct && score->correct <= score->seen &&
                      score->seen <= score->questions,
                  "more right than asked");
        questions += score->questions;
    }
    if (scores)
        fuzz_must(questions > 0 && questions == scores->total.questions &&
                      questions ==
                          scores->semantic.questions + scores->syntactic.questions,
                  "the sections are not the total");
    seqnn_analogy_scores_free(scores);
    return 0;
}
