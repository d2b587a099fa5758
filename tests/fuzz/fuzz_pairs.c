/* seeds: datasets/pairs/pairs.tsv */
#include "fuzz.h"
#include "news_summary.h"
#include "pairs.h"
#include "plain_text.h"

static void check_pairs(seqnn_text_pairs *pairs)
{
    fuzz_outcome(pairs != NULL);
    if (!pairs)
        return;
    fuzz_must(pairs->source->count == pairs->target->count && pairs->source->count > 0,
              "a text without its other");
    for (seqnn_size i = 0; i < pairs->source->count; i++) {
        fuzz_utf8(pairs->source->text[i]);
        fuzz_utf8(pairs->target->text[i]);
    }
    seqnn_encode_pairs_options options = {0};
    options.padding = options.truncating = SEQNN_POST;
    options.source_length = options.target_length = 6;
    options.source_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    options.target_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_dataset *data = seqnn_encode_pairs(pairs, options);
    fuzz_outcome(data != NULL);
    for (seqnn_size i = 0; data && i < data->count * 6; i++)
        fuzz_must(data->x[0].indices[i] < data->vocabulary &&
                      data->x[1].indices[i] < data->classes &&
                      data->y.indices[i] < data->classes,
                  "a number beyond the vocabulary");
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(options.source_tokenizer);
    seqnn_tokenizer_free(options.target_tokenizer);
    seqnn_text_pairs_free(pairs);
}

static void check_texts(seqnn_texts *texts)
{
    fuzz_outcome(texts != NULL);
    for (seqnn_size i = 0; texts && i < texts->count; i++)
        fuzz_utf8(texts->text[i]);
    seqnn_texts_free(texts);
}

/* The first byte chooses: news, two files (on either side of a line "--"), plain text;
 * anything else is the TSV. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char kind = count > 0 ? (char)bytes[0] : '\0';
    seqnn_news_options options = {0};
    if (kind == 'N') {
        options.keep_empty = count % 2 == 1;
        check_pairs(seqnn_read_news_summary(fuzz_file(bytes + 1, count - 1), options));
    } else if (kind == 'F') {
        size_t cut = 1;
        while (cut + 4 <= count && memcmp(bytes + cut, "\n--\n", 4) != 0)
            cut++;
        size_t rest = cut + 4 <= count ? cut + 4 : count;
        const char *source = fuzz_file_number(0, bytes + 1, cut - 1);
        check_pairs(
            seqnn_read_pairs(source, fuzz_file_number(1, bytes + rest, count - rest)));
    } else if (kind == 'P') {
        const char *path = fuzz_file(bytes + 1, count - 1);
        check_texts(seqnn_read_text(path));
        check_texts(seqnn_read_lines(path));
        check_texts(seqnn_read_paragraphs(path));
    } else {
        check_pairs(seqnn_read_pairs_tsv(fuzz_file(bytes, count)));
    }
    return 0;
}
