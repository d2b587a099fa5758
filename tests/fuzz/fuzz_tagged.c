/* seeds: datasets/ner-gmb/ner_dataset.csv */
#include "fuzz.h"
#include "tagged.h"

/* The first byte chooses the format: the CSV, line pairs (words and labels on either side
 * of a line "--"), columns in IOB1 or IOB2. A seed without it is the CSV. */
static seqnn_tagged *read_tagged(const uint8_t *bytes, size_t count)
{
    char kind = count > 0 ? (char)bytes[0] : '\0';
    if (kind != 'L' && kind != '1' && kind != '2')
        return seqnn_read_tagged_csv(fuzz_file(bytes, count));
    bytes++;
    count--;
    if (kind == 'L') {
        size_t cut = 0;
        while (cut + 4 <= count && memcmp(bytes + cut, "\n--\n", 4) != 0)
            cut++;
        size_t rest = cut + 4 <= count ? cut + 4 : count;
        const char *words = fuzz_file_number(0, bytes, cut + 4 <= count ? cut + 1 : cut);
        return seqnn_read_tagged_lines(words,
                                       fuzz_file_number(1, bytes + rest, count - rest));
    }
    seqnn_conll_options options = {0};
    options.iob2 = kind == '2';
    return seqnn_read_conll(fuzz_file(bytes, count), options);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    seqnn_tagged *t = read_tagged(bytes, count);
    fuzz_outcome(t != NULL);
    if (!t)
        return 0;
    fuzz_must(t->count > 0 && t->begin[0] == 0, "no sentence");
    for (seqnn_size i = 0; i < t->count; i++)
        fuzz_must(t->begin[i + 1] > t->begin[i], "an empty sentence");
    for (seqnn_size i = 0; i < t->begin[t->count]; i++) {
        fuzz_must(t->word[i] >= 0 && t->word[i] < t->words && t->tag[i] >= 0 &&
                      t->tag[i] < t->tags,
                  "a word or tag without a name");
        fuzz_must(!t->pos || (t->pos[i] >= 0 && t->pos[i] < t->poses),
                  "a part of speech without a name");
    }
    for (seqnn_size i = 0; i < t->words; i++)
        fuzz_utf8(t->word_names[i]);
    for (seqnn_size i = 0; i < t->tags; i++)
        fuzz_utf8(t->tag_names[i]);
    for (seqnn_size i = 0; i < t->poses; i++)
        fuzz_utf8(t->pos_names[i]);
    for (seqnn_size i = 1; i < t->tags; i++)
        fuzz_must(strcmp(t->tag_names[i - 1], t->tag_names[i]) < 0, "tags out of order");
    seqnn_encode_tagged_options options = {0};
    options.padding = options.truncating = SEQNN_POST;
    options.length = 8;
    seqnn_dataset *data = seqnn_encode_tagged(t, options);
    fuzz_must(data != NULL, "the sentences are not encoded");
    for (seqnn_size i = 0; i < data->count * 8; i++)
        fuzz_must(data->x[0].indices[i] < data->vocabulary &&
                      data->y.indices[i] < data->classes,
                  "a number beyond the vocabulary or the tags");
    seqnn_dataset_free(data);
    seqnn_tagged_free(t);
    return 0;
}
