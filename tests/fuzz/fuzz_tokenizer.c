/* Texts on their way to numbers: the bytes are texts, with a line feed between them.
 * The first byte chooses the recipe. */
/* max_len: 150 */
/* seeds: datasets/bbc/bbc-titles.tsv README.md */
#include "cleaning.h"
#include "encode.h"
#include "fuzz.h"

static seqnn_texts *texts_of(const uint8_t *bytes, size_t count)
{
    seqnn_texts *texts = seqnn_texts_new();
    char *copy = (char *)calloc(count + 1, 1);
    fuzz_must(texts && copy, "no memory");
    memcpy(copy, bytes, count);
    for (char *line = copy, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        fuzz_must(!seqnn_texts_add(texts, line, line[0] & 1 ? "odd" : "even", NULL),
                  "a text was refused");
    }
    free(copy);
    return texts;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    int first = count ? bytes[0] : 0;
    seqnn_texts *texts = texts_of(bytes, count);
    seqnn_clean_options clean = {.cleaning = (seqnn_cleaning)(1 + first % 3),
                                 .min_length = first / 4 % 4};
    seqnn_texts *cleaned = seqnn_clean(texts, clean);
    fuzz_must(cleaned && cleaned->count == texts->count, "cleaning lost a text");
    seqnn_tokenizer_options words = {.num_words = first / 16 % 4 * 2,
                                     .oov_token = first & 64 ? "<unk>" : NULL,
                                     .keep_case = first & 128};
    seqnn_encode_options options = {
        .padding = SEQNN_POST, .truncating = SEQNN_PRE, .length = first % 8};
    options.tokenizer = seqnn_tokenizer_new(words);
    seqnn_dataset *data = seqnn_encode(cleaned, options);
    fuzz_outcome(data != NULL);
    if (data) {
        seqnn_size all = data->count * data->x[0].time;
        for (seqnn_size i = 0; i < all; i++)
            fuzz_must(data->x[0].indices[i] >= 0 &&
                          data->x[0].indices[i] < data->vocabulary,
                      "a number beyond the vocabulary");
    }
    for (seqnn_size i = 1; i <= seqnn_tokenizer_words(options.tokenizer); i++)
        fuzz_text(seqnn_tokenizer_word(options.tokenizer, i));
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(options.tokenizer);
    seqnn_texts_free(cleaned);
    seqnn_texts_free(texts);
    return 0;
}
