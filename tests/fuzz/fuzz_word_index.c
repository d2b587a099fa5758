#include "fuzz.h"
#include "imdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const char *const texts[] = {"the film was bad", "a film"};
    seqnn_tokenizer *words = seqnn_read_word_index(fuzz_file(bytes, count));
    fuzz_outcome(words != NULL);
    if (words) {
        seqnn_imdb_index_options options = {7, 2, false, false};
        seqnn_size known = seqnn_tokenizer_words(words);
        for (seqnn_size i = 2; i < known + 2; i++)
            fuzz_must(seqnn_tokenizer_index(words, seqnn_tokenizer_word(words, i)) == i,
                      "a word has another number");
        seqnn_token_sequences *numbers = seqnn_imdb_index(words, texts, 2, options);
        fuzz_must(numbers && numbers->begin[2] == 8, "not as many numbers as words");
        seqnn_token_sequences_free(numbers);
    }
    seqnn_tokenizer_free(words);
    return 0;
}
