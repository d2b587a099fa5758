/* Abstracts with labels on their way to vectors, streams and parts: the bytes are texts,
 * with a line feed between them; the first byte of each says which labels it has. The
 * first byte of all chooses what is done. */
/* seeds: README.md datasets/bbc/bbc-titles.tsv datasets/arxiv/?*.json */
#include "cleaning.h"
#include "encode.h"
#include "fuzz.h"
#include "label_filter.h"
#include "split.h"
#include "stream.h"

static seqnn_texts *texts_of(const uint8_t *bytes, size_t count)
{
    static const char *const names[] = {"cs.LG", "cs.AI", "stat.ML"};
    seqnn_texts *texts = seqnn_texts_new();
    char *copy = (char *)calloc(count + 1, 1);
    fuzz_must(texts && copy, "no memory");
    memcpy(copy, bytes, count);
    for (char *line = copy, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        int labels = line[0] & 3;
        fuzz_must(!seqnn_texts_add_labels(texts, line, names + 3 - labels, labels, NULL),
                  "a text was refused");
    }
    free(copy);
    return texts;
}

/* Words with one blank between them, without ASCII punctuation. */
static void check_cleaned(const char *text)
{
    fuzz_text(text);
    size_t length = strlen(text);
    fuzz_must(length == 0 || (text[0] != ' ' && text[length - 1] != ' '),
              "a blank at an end");
    fuzz_must(!strstr(text, "  "), "two blanks");
    fuzz_must(!strpbrk(text, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\n"), "punctuation");
}

static void check_vectors(const seqnn_texts *texts, seqnn_n_hot_mode mode)
{
    seqnn_encode_options options = {.n_hot = mode, .num_words = 50};
    seqnn_dataset *data = seqnn_encode(texts, options);
    fuzz_must(data && data->x[0].features == data->vocabulary, "no vectors");
    for (seqnn_size i = 0; i < data->count * data->vocabulary; i++)
        fuzz_must(data->x[0].values[i] >= 0, "a value below 0");
    for (seqnn_size i = 0; i < data->count; i++) {
        seqnn_real sum = 0;
        for (seqnn_size c = 0; c < data->classes; c++)
            sum += data->y.values[i * data->classes + c];
        fuzz_must(data->classes == 0 || sum == (seqnn_real)(texts->labels_begin[i + 1] -
                                                            texts->labels_begin[i]),
                  "a label was lost");
    }
    seqnn_partition_options parts = {.validation = 0.3, .test = 0.2, .seed = 1};
    parts.duplicates_together = mode == SEQNN_BINARY;
    seqnn_parts taken = seqnn_partition(data, parts);
    fuzz_outcome(taken.status == SEQNN_OK);
    if (taken.status == SEQNN_OK)
        fuzz_must(taken.train->count + taken.validation->count + taken.test->count ==
                      data->count,
                  "a sample was lost");
    seqnn_parts_free(&taken);
    seqnn_dataset_free(data);
}

static void check_stream(const char *text, int first)
{
    seqnn_tokenizer_options characters = {.char_level = true, .keep_case = first & 1};
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(characters);
    seqnn_stream_options options = {.batch_size = first / 2 % 4};
    seqnn_dataset *data = seqnn_encode_stream(text, tokenizer, 1 + first % 5, options);
    fuzz_outcome(data != NULL);
    for (seqnn_size i = 0; data && i < data->count * data->x[0].time; i++)
        fuzz_must(data->x[0].indices[i] > 0 && data->x[0].indices[i] < data->vocabulary,
                  "a number beyond the vocabulary");
    seqnn_dataset *hot = data && data->vocabulary < 50 ? seqnn_one_hot(data) : NULL;
    fuzz_must(hot || !data || data->vocabulary >= 50, "no one-hot vectors");
    seqnn_dataset_free(hot);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(tokenizer);
}

static void check_filter(const seqnn_texts *texts, int first)
{
    seqnn_label_filter_options filter = {.prefix = first & 1 ? "cs." : NULL,
                                         .min_texts = first / 64};
    seqnn_texts *chosen = seqnn_filter_labels(texts, filter);
    fuzz_outcome(chosen != NULL);
    for (seqnn_size i = 0; chosen && i < chosen->count; i++)
        fuzz_must(chosen->labels_begin[i + 1] > chosen->labels_begin[i], "no label");
    seqnn_texts_free(chosen);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const char *const few[] = {"the", "we", "a", NULL};
    int first = count ? bytes[0] : 0;
    seqnn_texts *texts = texts_of(bytes, count);
    seqnn_clean_options clean = {.cleaning = SEQNN_CLEAN_ABSTRACTS,
                                 .stop_words = first % 32 ? few : NULL, /* faster */
                                 .min_length = first / 4 % 4,
                                 .stems = first & 1,
                                 .lemmas = first == 254, /* slow */
                                 .keep_equations = first & 2};
    seqnn_texts *cleaned = seqnn_clean(texts, clean);
    fuzz_must(cleaned && cleaned->count == texts->count, "cleaning lost a text");
    for (seqnn_size i = 0; i < cleaned->count && !clean.keep_equations; i++)
        if (!clean.lemmas)
            check_cleaned(cleaned->text[i]);
    if (first / 16 % 4 == 0)
        check_vectors(cleaned, (seqnn_n_hot_mode)(SEQNN_BINARY + first / 64));
    else if (first / 16 % 4 == 1)
        check_stream(texts->text[0], first);
    else if (first / 16 % 4 == 2)
        check_filter(cleaned, first);
    seqnn_texts_free(cleaned);
    seqnn_texts_free(texts);
    return 0;
}
