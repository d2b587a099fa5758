/* seeds: datasets/words/corpus.txt */
/* max_len: 120 */
/* The first two bytes choose the size of the segments and whether the text is cleaned,
 * the rest is the corpus: as a file and as a line in memory it has the same words, each
 * once. */
#include "fuzz.h"

#include "corpus.h"

enum { MOST_WORDS = 1 << 16 };

/* The words of all segments into numbers; how many, or -1. */
static seqnn_size words_of(const sq_corpus *corpus, const sq_vocabulary *vocabulary,
                           int32_t *numbers)
{
    seqnn_size count = 0, words = 0;
    sq_segment segment;
    memset(&segment, 0, sizeof segment);
    for (seqnn_size i = 0; i < corpus->segments; i++) {
        fuzz_must(!sq_segment_read(&segment, corpus, vocabulary, i),
                  "a segment is refused after all were taken");
        words += segment.words;
        for (seqnn_size k = 0; k < segment.count; k++) {
            int32_t number = segment.number[k];
            fuzz_must(number >= SQ_LINE_END && number < vocabulary->count,
                      "no word has this number");
            if (number >= 0 && count < MOST_WORDS)
                numbers[count++] = number;
        }
        fuzz_must(segment.count == 0 || segment.number[segment.count - 1] == SQ_LINE_END,
                  "a segment has no end");
    }
    sq_segment_free(&segment);
    fuzz_must(words == vocabulary->corpus_words, "a word is lost or comes twice");
    fuzz_must(count == vocabulary->kept_words, "a frequent word is lost or comes twice");
    return count;
}

static bool count_words(sq_corpus *corpus, const uint8_t *choice,
                        sq_vocabulary *vocabulary)
{
    corpus->segment_bytes = 3 + choice[0];
    corpus->segments =
        (seqnn_size)((corpus->bytes + corpus->segment_bytes - 1) / corpus->segment_bytes);
    return !sq_corpus_vocabulary(corpus, 1 + (choice[1] >> 1) % 4, 0, vocabulary);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static int32_t numbers[2][MOST_WORDS];
    if (count < 3 || count > MOST_WORDS)
        return 0;
    const uint8_t *choice = bytes;
    bool clean = choice[1] & 1;
    bytes += 2;
    count -= 2;
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    const char *path = fuzz_file(bytes, count);
    memset(&vocabulary, 0, sizeof vocabulary);
    bool opened = !sq_corpus_open(&corpus, path, clean);
    bool taken = opened && count_words(&corpus, choice, &vocabulary);
    fuzz_outcome(taken);
    seqnn_size words = taken ? words_of(&corpus, &vocabulary, numbers[0]) : 0;
    for (seqnn_size i = 0; taken && i < vocabulary.count; i++)
        fuzz_text(vocabulary.word[i]);
    sq_vocabulary_free(&vocabulary);

    char *line = (char *)malloc(count + 1);
    memcpy(line, bytes, count);
    line[count] = '\0';
    bool marked = count >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    if (opened && !marked && strlen(line) == count) {
        const char *const lines[] = {line};
        fuzz_must(!sq_corpus_open_lines(&corpus, lines, 1, clean), "no lines");
        bool same = count_words(&corpus, choice, &vocabulary) == taken;
        fuzz_must(same, "a file and a line differ in what is wrong");
        if (taken)
            fuzz_must(
                words_of(&corpus, &vocabulary, numbers[1]) == words &&
                    memcmp(numbers[0], numbers[1], (size_t)words * sizeof(int32_t)) == 0,
                "a file and a line differ");
        sq_vocabulary_free(&vocabulary);
    }
    free(line);
    return 0;
}
