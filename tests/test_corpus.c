/* The corpus of word vectors: segments, vocabulary, noise and Huffman tree, against plain
 * ways to the same and closed forms. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "corpus.h"
#include "huffman.h"
#include "noise.h"
#include "outcomes.h"
#include "random.h"

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/seqnn_corpus_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/corpus.txt", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void put(const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fwrite(bytes, 1, count, file) == count);
    fclose(file);
}

/* ---- the plain way ---- */

typedef struct plain_word {
    char *text;
    long line, place, occurrences;
    struct plain_word *same; /* the first one of this text */
} plain_word;

typedef struct plain_text {
    plain_word *word;
    long count, lines, kinds;
    char *memory;
} plain_text;

static bool plain_separator(unsigned char c, bool clean)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f')
        return true;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return clean && !letter && !(c >= '0' && c <= '9') && c != '\'' && c < 128;
}

static int by_text(const void *a, const void *b)
{
    const plain_word *x = *(plain_word *const *)a, *y = *(plain_word *const *)b;
    int order = strcmp(x->text, y->text);
    return order ? order : x->place < y->place ? -1 : 1;
}

/* Every word in order, with its line and its first occurrence. */
static plain_text plain_words(const char *bytes, long size, bool clean)
{
    plain_text plain = {0};
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    char *text = plain.memory = (char *)malloc((size_t)size + 1);
    memcpy(text, bytes, (size_t)size);
    text[size] = '\0';
    plain.word = (plain_word *)calloc((size_t)size + 1, sizeof(plain_word));
    bool inside = false;
    for (long i = 0; i < size; i++) {
        char c = text[i];
        if (plain_separator((unsigned char)c, clean)) {
            text[i] = '\0';
            inside = false;
        } else {
            if (clean && c >= 'A' && c <= 'Z')
                text[i] = (char)(c - 'A' + 'a');
            if (!inside) {
                plain_word word = {text + i, plain.lines, plain.count, 0, NULL};
                plain.word[plain.count++] = word;
            }
            inside = true;
        }
        plain.lines += c == '\n' || i == size - 1;
    }
    plain_word **order = (plain_word **)calloc((size_t)plain.count + 1, sizeof *order);
    for (long i = 0; i < plain.count; i++)
        order[i] = &plain.word[i];
    qsort(order, (size_t)plain.count, sizeof *order, by_text);
    for (long i = 0; i < plain.count; i++) {
        bool new_kind = i == 0 || strcmp(order[i]->text, order[i - 1]->text) != 0;
        order[i]->same = new_kind ? order[i] : order[i - 1]->same;
        order[i]->same->occurrences++;
        plain.kinds += new_kind;
    }
    free(order);
    return plain;
}

static void plain_free(plain_text *plain)
{
    free(plain->word);
    free(plain->memory);
}

/* The vocabulary holds what comes min_count times, in its order; *numbers become the
 * words of the text in it or -1. */
static void same_vocabulary(const sq_vocabulary *vocabulary, const plain_text *plain,
                            long min_count, int32_t *numbers)
{
    long kept = 0, kept_words = 0;
    for (long i = 0; i < plain->count; i++) {
        const plain_word *word = &plain->word[i];
        if (word->same == word && word->occurrences >= min_count) {
            kept++;
            kept_words += word->occurrences;
        }
    }
    assert_int_equal(vocabulary->count, kept);
    assert_int_equal(vocabulary->kept_words, kept_words);
    assert_int_equal(vocabulary->corpus_words, plain->count);
    assert_int_equal(vocabulary->lines, plain->lines);
    long place = -1;
    for (seqnn_size i = 0; i < vocabulary->count; i++) {
        char room[5000];
        snprintf(room, sizeof room, "%s", vocabulary->word[i]);
        sq_token token = sq_token_of(room, (seqnn_size)strlen(room));
        assert_int_equal(sq_vocabulary_find(vocabulary, &token), i);
        if (i > 0 && vocabulary->occurrences[i] > vocabulary->occurrences[i - 1])
            fail_msg("word %td is more frequent than the one before", i);
    }
    for (long i = 0; i < plain->count; i++) {
        char room[5000];
        snprintf(room, sizeof room, "%s", plain->word[i].text);
        sq_token token = sq_token_of(room, (seqnn_size)strlen(room));
        numbers[i] = sq_vocabulary_find(vocabulary, &token);
        const plain_word *first = plain->word[i].same;
        assert_int_equal(numbers[i] >= 0, first->occurrences >= min_count);
        if (numbers[i] < 0)
            continue;
        assert_string_equal(vocabulary->word[numbers[i]], first->text);
        assert_int_equal(vocabulary->occurrences[numbers[i]], first->occurrences);
        assert_int_equal(vocabulary->length[numbers[i]], strlen(first->text));
    }
    /* Of equally frequent words the first one comes first. */
    int32_t *first_place = (int32_t *)calloc((size_t)vocabulary->count, sizeof(int32_t));
    for (long i = 0; i < plain->count; i++)
        if (numbers[i] >= 0)
            first_place[numbers[i]] = (int32_t)plain->word[i].same->place;
    for (seqnn_size i = 0; i < vocabulary->count; i++) {
        bool tie = i > 0 && vocabulary->occurrences[i] == vocabulary->occurrences[i - 1];
        assert_true(!tie || first_place[i] > place);
        place = first_place[i];
    }
    free(first_place);
}

/* All segments, one behind the other or from the last one to the first, hold the kept
 * words of the text, each once; a line end stands between two words of one segment if and
 * only if their lines differ, and behind the last one. */
static long same_segments(const sq_corpus *corpus, const sq_vocabulary *vocabulary,
                          const plain_text *plain, const int32_t *numbers, bool backward)
{
    sq_segment segment;
    memset(&segment, 0, sizeof segment);
    int32_t *got = (int32_t *)calloc((size_t)plain->count + 1, sizeof(int32_t));
    long *begin = (long *)calloc((size_t)corpus->segments + 1, sizeof(long));
    long words = 0, lines = 0, filled = 0;
    for (int round = 0; round < (backward ? 2 : 1); round++) {
        words = lines = filled = 0;
        for (seqnn_size k = 0; k < corpus->segments; k++) {
            seqnn_size i = round ? corpus->segments - 1 - k : k;
            assert_int_equal(sq_segment_read(&segment, corpus, vocabulary, i), SEQNN_OK);
            if (round == 0)
                begin[i] = words;
            words += segment.words;
            lines += segment.lines;
            filled += segment.words > 0;
            long at = begin[i];
            int32_t last = SQ_LINE_END;
            for (seqnn_size n = 0; n < segment.count; n++) {
                if (segment.number[n] == SQ_LINE_END) {
                    assert_true(last != SQ_LINE_END);
                } else {
                    bool follows = last != SQ_LINE_END;
                    long before = at - 1;
                    while (at < plain->count && numbers[at] < 0)
                        at++;
                    assert_true(at < plain->count);
                    got[at] = segment.number[n];
                    assert_int_equal(segment.number[n], numbers[at]);
                    if (n > 0)
                        assert_int_equal(follows, plain->word[at].line ==
                                                      plain->word[before].line);
                    at++;
                }
                last = segment.number[n];
            }
            assert_int_equal(last, SQ_LINE_END);
        }
    }
    assert_int_equal(words, plain->count);
    assert_int_equal(lines, plain->lines);
    for (long i = 0; i < plain->count; i++)
        assert_int_equal(got[i], numbers[i] < 0 ? 0 : numbers[i]);
    free(got);
    free(begin);
    sq_segment_free(&segment);
    return filled;
}

static void cut_anew(sq_corpus *corpus, seqnn_size size)
{
    corpus->segment_bytes = size;
    corpus->segments = (seqnn_size)((corpus->bytes + size - 1) / size);
}

/* The corpus, cut into pieces of these sizes, is the text. Returns how many segments held
 * words at the last size. */
static long check_corpus(sq_corpus *corpus, const plain_text *plain, long min_count,
                         const seqnn_size *sizes)
{
    sq_vocabulary vocabulary;
    int32_t *numbers = (int32_t *)calloc((size_t)plain->count + 1, sizeof(int32_t));
    long filled = 0;
    for (; *sizes; sizes++) {
        cut_anew(corpus, *sizes);
        seqnn_status status = sq_corpus_vocabulary(corpus, min_count, 0, &vocabulary);
        long kept = 0;
        for (long i = 0; i < plain->count; i++)
            kept += plain->word[i].same == &plain->word[i] &&
                    plain->word[i].occurrences >= min_count;
        assert_int_equal(status, kept < 2 ? SEQNN_ERROR_FORMAT : SEQNN_OK);
        if (!status) {
            same_vocabulary(&vocabulary, plain, min_count, numbers);
            filled = same_segments(corpus, &vocabulary, plain, numbers, true);
        }
        sq_vocabulary_free(&vocabulary);
    }
    free(numbers);
    return filled;
}

/* ---- segments ---- */

static void test_random_texts(void **state)
{
    (void)state;
    static const char alphabet[] = "aabbcABZ'09.-\x01\x1F\x7F\x80\xC3\xFF \t\r\v\f  \n";
    static const seqnn_size sizes[] = {3, 4, 7, 8, 9, 31, 64, 1000, 0};
    char text[400];
    seqnn_random random = {1, 0, 0};
    for (int round = 0; round < 200; round++) {
        /* Every second one in a single line: it can only be cut between words. */
        long letters = (long)sizeof alphabet - 1 - (round & 1), size = 0;
        long wanted = 1 + seqnn_random_below(&random, round % 8 ? 60 : 390);
        bool clean = (round & 2) != 0;
        long min_count = round % 3 == 0 ? 2 : 1;
        if ((round & 12) == 4 && wanted > 3)
            for (; size < 3; size++)
                text[size] = "\xEF\xBB\xBF"[size];
        while (size < wanted)
            text[size++] = alphabet[seqnn_random_below(&random, letters)];
        put(text, (size_t)size);
        plain_text plain = plain_words(text, size, clean);
        sq_corpus corpus;
        assert_int_equal(sq_corpus_open(&corpus, path, clean), SEQNN_OK);
        assert_int_equal(corpus.bytes, size);
        check_corpus(&corpus, &plain, min_count, sizes);
        plain_free(&plain);
    }
}

/* The same from lines in memory, of which some are empty, and some hold line feeds. */
static void test_lines_in_memory(void **state)
{
    (void)state;
    static const char *const lines[] = {"the cat sat",
                                        "",
                                        "on the mat",
                                        " ",
                                        "a\nline in\na line",
                                        "the end",
                                        "a longer line of words that are cut",
                                        "the"};
    static const seqnn_size sizes[] = {3, 5, 11, 40, 1000, 0};
    char text[400] = "";
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        strcat(strcat(text, lines[i]), "\n");
    plain_text plain = plain_words(text, (long)strlen(text), false);
    sq_corpus corpus;
    assert_int_equal(
        sq_corpus_open_lines(&corpus, lines, sizeof lines / sizeof *lines, false),
        SEQNN_OK);
    check_corpus(&corpus, &plain, 1, sizes);
    check_corpus(&corpus, &plain, 2, sizes);
    plain_free(&plain);
}

/* Lines longer and shorter than what is looked through for a cut, and a last word without
 * an end. */
static void test_long_lines(void **state)
{
    (void)state;
    enum { SIZE = 400000 };
    static const seqnn_size sizes[] = {5000, 65536, SQ_SEGMENT_BYTES, 0};
    char *text = (char *)malloc(SIZE);
    seqnn_random random = {2, 0, 0};
    for (int kind = 0; kind < 4; kind++) {
        long next_line = 0;
        for (long i = 0; i < SIZE;) {
            int32_t length = 1 + seqnn_random_below(&random, 12);
            for (int32_t k = 0; k < length && i < SIZE; k++)
                text[i++] = (char)('a' + seqnn_random_below(&random, 3));
            bool ends = kind > 0 && i > next_line;
            if (i < SIZE)
                text[i++] = ends ? '\n' : ' ';
            if (ends)
                next_line = i + seqnn_random_below(&random, kind == 1   ? 200
                                                            : kind == 2 ? 20000
                                                                        : 300000);
        }
        put(text, SIZE);
        plain_text plain = plain_words(text, SIZE, false);
        sq_corpus corpus;
        assert_int_equal(sq_corpus_open(&corpus, path, false), SEQNN_OK);
        long filled = check_corpus(&corpus, &plain, 1, sizes);
        assert_int_equal(filled, (SIZE + SQ_SEGMENT_BYTES - 1) / SQ_SEGMENT_BYTES);
        plain_free(&plain);
    }
    free(text);
}

/* Short lines are never cut: between the segments there are no more line ends than lines.
 */
static void test_cuts_at_line_ends(void **state)
{
    (void)state;
    enum { LINES = 5000 };
    char *text = (char *)malloc(LINES * 200);
    long size = 0;
    for (int i = 0; i < LINES; i++)
        size +=
            sprintf(text + size, "line %d holds some words %0*d\n", i, 1 + i % 100, i);
    put(text, (size_t)size);
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    sq_segment segment;
    memset(&segment, 0, sizeof segment);
    assert_int_equal(sq_corpus_open(&corpus, path, true), SEQNN_OK);
    assert_int_equal(corpus.segments, (size + SQ_SEGMENT_BYTES - 1) / SQ_SEGMENT_BYTES);
    assert_int_equal(sq_corpus_vocabulary(&corpus, 1, 0, &vocabulary), SEQNN_OK);
    seqnn_size ends = 0;
    for (seqnn_size i = 0; i < corpus.segments; i++) {
        assert_int_equal(sq_segment_read(&segment, &corpus, &vocabulary, i), SEQNN_OK);
        assert_string_equal(vocabulary.word[segment.number[0]], "line");
        assert_true(segment.words > 1000);
        for (seqnn_size k = 0; k < segment.count; k++)
            ends += segment.number[k] == SQ_LINE_END;
    }
    assert_int_equal(ends, LINES);
    sq_segment_free(&segment);
    sq_vocabulary_free(&vocabulary);
    free(text);
}

/* A hole of 5 GB, and words behind it. */
static void test_beyond_four_gigabytes(void **state)
{
    (void)state;
    static const char words[] = " far away from the beginning\nfar away\n";
    static const char *const lines[] = {"far away from the beginning"};
    const off_t hole = (off_t)5 << 30;
    put("", 0);
    if (truncate(path, hole) != 0)
        skip();
    FILE *file = fopen(path, "ab");
    assert_true(fwrite(words, 1, sizeof words - 1, file) == sizeof words - 1);
    fclose(file);
    sq_corpus corpus, near;
    sq_vocabulary vocabulary;
    sq_segment segment;
    memset(&segment, 0, sizeof segment);
    assert_int_equal(sq_corpus_open_lines(&near, lines, 1, false), SEQNN_OK);
    assert_int_equal(sq_corpus_vocabulary(&near, 1, 0, &vocabulary), SEQNN_OK);
    assert_int_equal(sq_corpus_open(&corpus, path, false), SEQNN_OK);
    assert_true(corpus.bytes == hole + (off_t)sizeof words - 1);
    cut_anew(&corpus, SQ_SEGMENT_BYTES);
    assert_int_equal(hole / SQ_SEGMENT_BYTES, corpus.segments - 1);
    /* The cut is due at the blank, and comes at the end of the first line. */
    assert_int_equal(sq_segment_read(&segment, &corpus, &vocabulary, corpus.segments - 1),
                     SEQNN_OK);
    assert_int_equal(segment.count, 3);
    assert_string_equal(vocabulary.word[segment.number[0]], "far");
    assert_string_equal(vocabulary.word[segment.number[1]], "away");
    sq_segment_free(&segment);
    sq_vocabulary_free(&vocabulary);
    remove(path);
}

/* ---- errors ---- */

static seqnn_status count_file(seqnn_size min_count, seqnn_size max_words)
{
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    memset(&vocabulary, 0, sizeof vocabulary);
    seqnn_status status = sq_corpus_open(&corpus, path, false);
    if (!status)
        status = sq_corpus_vocabulary(&corpus, min_count, max_words, &vocabulary);
    if (status) /* every sentence names the file */
        assert_error("corpus.txt");
    sq_vocabulary_free(&vocabulary);
    return status;
}

static seqnn_status count_text(const char *text)
{
    put(text, strlen(text));
    return count_file(1, 0);
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    sq_corpus corpus;
    assert_int_equal(sq_corpus_open(&corpus, folder, false), SEQNN_ERROR_FILE);
    assert_error("is a folder, expected a file");
    assert_int_equal(sq_corpus_open(&corpus, "/no/such/file", false), SEQNN_ERROR_FILE);
    assert_error("/no/such/file: cannot be opened: No such file");
    assert_int_equal(sq_corpus_open(&corpus, "/dev/null", false), SEQNN_ERROR_FILE);
    assert_error("/dev/null: is no ordinary file");
    assert_int_equal(count_text(""), SEQNN_ERROR_FORMAT);
    assert_error("the corpus is empty");
    assert_int_equal(count_text("\x1F\x8B\x08 words"), SEQNN_ERROR_FORMAT);
    assert_error("unpack it first (gunzip)");
    assert_int_equal(sq_corpus_open(&corpus, NULL, false), SEQNN_ERROR_FILE);
    assert_int_equal(sq_corpus_open_lines(&corpus, NULL, 5, false), SEQNN_ERROR_ARGUMENT);
    assert_error("there are 0");
    const char *lines[] = {"one", NULL};
    assert_int_equal(sq_corpus_open_lines(&corpus, lines, 2, false),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("line 1 is NULL");
}

static void test_too_few_words(void **state)
{
    (void)state;
    static const char *const blank[] = {"\xEF\xBB\xBF", "\xEF\xBB\xBF\n", " ", "\n\n",
                                        "\t\r\n\v\f "};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
        assert_int_equal(count_text(blank[i]), SEQNN_ERROR_FORMAT);
        assert_error("the corpus is empty, expected words");
    }
    assert_int_equal(count_text("word"), SEQNN_ERROR_FORMAT);
    assert_error("one word only, 'word', 1 times; expected at least two different ones");
    assert_int_equal(count_text("\xEF\xBB\xBFword word\nword"), SEQNN_ERROR_FORMAT);
    assert_error("one word only, 'word', 3 times");
    assert_int_equal(count_text("b a b"), SEQNN_OK);
    assert_int_equal(count_file(2, 0), SEQNN_ERROR_FORMAT);
    assert_error("1 of 2 different words come min_count = 2 times or more, expected at "
                 "least two; the most frequent, 'b', comes 2 times");
    assert_int_equal(count_file(9, 0), SEQNN_ERROR_FORMAT);
    assert_error("0 of 2 different words");
    assert_int_equal(count_file(1, 1), SEQNN_ERROR_ARGUMENT);
    assert_error("max_words is 1, expected 0 (all) or at least 2");
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    char *text = (char *)malloc(SIZE);
    sq_corpus corpus;
    for (int kind = 0; kind < 6; kind++) {
        const bool nul = kind < 3;
        long line = 1, at = (const long[]){0, 131072, SIZE - 5001}[kind % 3];
        for (long i = 0; i < SIZE; i++)
            text[i] = i % 9 ? 'w' : i % 90 ? ' ' : '\n';
        if (nul)
            text[at] = '\0';
        else
            memset(text + at, 'x', SQ_SEGMENT_BYTES / 32 + 1);
        for (long i = 0; i < at; i++)
            line += text[i] == '\n';
        put(text, SIZE);
        char expected[100];
        snprintf(expected, sizeof expected, "corpus.txt:%ld: %s", line,
                 nul ? "the line holds a NUL byte" : "a word is longer than 4096 bytes");
        assert_int_equal(count_file(1, 0), SEQNN_ERROR_FORMAT);
        assert_error(expected);
        /* And where one stands before a segment that is read alone, it is found there. */
        if (at == 131072 && nul) {
            static const char *const lines[] = {"wwwwwwww other"};
            sq_vocabulary vocabulary;
            sq_segment segment;
            memset(&segment, 0, sizeof segment);
            sq_corpus_open_lines(&corpus, lines, 1, false);
            assert_int_equal(sq_corpus_vocabulary(&corpus, 1, 0, &vocabulary), SEQNN_OK);
            assert_int_equal(sq_corpus_open(&corpus, path, false), SEQNN_OK);
            assert_int_equal(sq_segment_read(&segment, &corpus, &vocabulary, 2),
                             SEQNN_OK);
            assert_int_equal(sq_segment_read(&segment, &corpus, &vocabulary, 0),
                             SEQNN_ERROR_FORMAT);
            assert_error(expected);
            sq_segment_free(&segment);
            sq_vocabulary_free(&vocabulary);
        }
    }
    /* 4096 bytes are a word, and what has no blank at all is one that is too long. */
    memset(text, 'x', SIZE);
    text[4096] = ' ';
    put(text, 4096 + 1 + 4095);
    assert_int_equal(count_file(1, 0), SEQNN_OK);
    text[4096] = 'x';
    put(text, SIZE);
    assert_int_equal(count_file(1, 0), SEQNN_ERROR_FORMAT);
    assert_error("corpus.txt:1: a word is longer than 4096 bytes");
    /* In lines of memory the line is the place in the array. */
    text[5000] = '\0';
    const char *lines[] = {"short", text};
    sq_vocabulary vocabulary;
    assert_int_equal(sq_corpus_open_lines(&corpus, lines, 2, false), SEQNN_OK);
    assert_int_equal(sq_corpus_vocabulary(&corpus, 1, 0, &vocabulary),
                     SEQNN_ERROR_FORMAT);
    assert_error("lines:2: a word is longer");
    sq_vocabulary_free(&vocabulary);
    free(text);
}

/* Between two passes the file is cut off, touched, or gone. */
static void test_files_that_change(void **state)
{
    (void)state;
    static const char text[] = "some words here\nand some there\n";
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    for (int kind = 0; kind < 4; kind++) {
        sq_segment segment;
        memset(&segment, 0, sizeof segment);
        put(text, sizeof text - 1);
        assert_int_equal(sq_corpus_open(&corpus, path, false), SEQNN_OK);
        assert_int_equal(sq_corpus_vocabulary(&corpus, 1, 0, &vocabulary), SEQNN_OK);
        if (kind % 2 == 0)
            assert_int_equal(sq_segment_read(&segment, &corpus, &vocabulary, 0),
                             SEQNN_OK);
        struct utimbuf old = {1000, 1000};
        if (kind < 2)
            put(text, 20);
        else if (kind == 2)
            assert_int_equal(utime(path, &old), 0);
        else
            remove(path);
        assert_int_equal(sq_segment_read(&segment, &corpus, &vocabulary, 0),
                         SEQNN_ERROR_FILE);
        assert_error("corpus.txt: has changed since it was opened");
        sq_segment_free(&segment);
        sq_vocabulary_free(&vocabulary);
    }
}

/* ---- vocabulary ---- */

static void test_most_frequent_words(void **state)
{
    (void)state;
    static const char *const line[] = {"d c c b b b a a a a e e"};
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    assert_int_equal(sq_corpus_open_lines(&corpus, line, 1, false), SEQNN_OK);
    assert_int_equal(sq_corpus_vocabulary(&corpus, 2, 3, &vocabulary), SEQNN_OK);
    assert_int_equal(vocabulary.count, 3);
    assert_string_equal(vocabulary.word[0], "a");
    assert_string_equal(vocabulary.word[1], "b");
    assert_string_equal(vocabulary.word[2], "c"); /* as often as e, and before it */
    assert_int_equal(vocabulary.kept_words, 9);
    assert_int_equal(vocabulary.corpus_words, 12);
    assert_int_equal(vocabulary.lines, 1);
    sq_vocabulary_free(&vocabulary);
}

enum { LONGEST = 40 };

/* a..a, but for one letter at its end or in its middle. */
static sq_token word_of(char *text, int length, int letter, bool middle, bool same_hash)
{
    memset(text, 'a', LONGEST);
    text[middle ? length / 2 : length - 1] = (char)letter;
    sq_token token = sq_token_of(text, length);
    if (same_hash)
        token.hash = 77;
    return token;
}

/* Words that begin alike, from short to long or from long to short, with hashes of their
 * own or all with one. */
static void test_words_that_collide(void **state)
{
    (void)state;
    char text[LONGEST + 8] = "";
    for (int kind = 0; kind < 8; kind++) {
        const bool same_hash = kind & 1, falling = kind & 2, middle = kind & 4;
        sq_word_counts counts;
        memset(&counts, 0, sizeof counts);
        for (int i = 0; i < 3 * LONGEST; i++)
            for (int letter = 'a'; letter <= 'c'; letter++) {
                int length = 1 + (falling ? 3 * LONGEST - 1 - i : i) % LONGEST;
                sq_token token = word_of(text, length, letter, middle, same_hash);
                assert_int_equal(sq_word_counts_add(&counts, &token, 1), SEQNN_OK);
            }
        sq_vocabulary vocabulary;
        assert_int_equal(counts.all.count, 3 * LONGEST);
        assert_int_equal(sq_vocabulary_new(&vocabulary, &counts, 3, 0, "test"), SEQNN_OK);
        assert_int_equal(vocabulary.count, 3 * LONGEST);
        for (int i = 0; i < LONGEST; i++)
            for (int letter = 'a'; letter <= 'd'; letter++) {
                int length = falling ? LONGEST - i : i + 1;
                sq_token token = word_of(text, length, letter, middle, same_hash);
                int32_t expected = letter == 'd' ? -1 : i * 3 + letter - 'a';
                assert_int_equal(sq_vocabulary_find(&vocabulary, &token), expected);
            }
        sq_vocabulary_free(&vocabulary);
        sq_word_counts_free(&counts);
    }
}

/* ---- noise ---- */

static void make_counts(int kind, int64_t *counts, seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++)
        counts[i] = kind == 0   ? 7
                    : kind == 1 ? 1000000 / (i + 1) + 1
                    : kind == 2 ? (i == 0 ? (int64_t)1 << 52 : 1)
                                : (count - i) * (count - i);
}

static void test_noise_probabilities(void **state)
{
    (void)state;
    static const seqnn_size sizes[] = {1, 2, 3, 10, 1000, 20001};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < 4; kind++) {
            const seqnn_size count = sizes[s];
            int64_t *counts = (int64_t *)calloc((size_t)count, sizeof *counts);
            double *share = (double *)calloc((size_t)count, sizeof *share), sum = 0;
            make_counts(kind, counts, count);
            for (seqnn_size i = 0; i < count; i++)
                sum += pow((double)counts[i], 0.75);
            sq_noise noise;
            assert_int_equal(sq_noise_new(&noise, counts, count), SEQNN_OK);
            for (seqnn_size i = 0; i < count; i++) {
                const sq_noise_column *column = &noise.column[i];
                assert_in_range(column->other, 0, count - 1);
                share[i] += column->keep / 4294967296.0;
                share[column->other] += 1 - column->keep / 4294967296.0;
            }
            for (seqnn_size i = 0; i < count; i++) {
                double p = pow((double)counts[i], 0.75) / sum;
                if (fabs(share[i] / (double)count - p) > 0x1p-31)
                    fail_msg("word %td of %td has %.12g, expected %.12g", i, count,
                             share[i] / (double)count, p);
            }
            sq_noise_free(&noise);
            free(counts);
            free(share);
        }
}

/* Draws of 50 words: chi-square with 49 degrees of freedom is above 85.4 once in 1000. */
static void test_noise_draws(void **state)
{
    (void)state;
    enum { COUNT = 50, DRAWS = 300000 };
    int64_t counts[COUNT];
    for (int kind = 0; kind < 4; kind += kind == 1 ? 2 : 1) { /* not the one of 2^52 */
        long drawn[COUNT] = {0};
        double sum = 0, chi = 0;
        make_counts(kind, counts, COUNT);
        sq_noise noise;
        assert_int_equal(sq_noise_new(&noise, counts, COUNT), SEQNN_OK);
        seqnn_random random = {3, (uint64_t)kind, 0};
        for (int i = 0; i < DRAWS; i++)
            drawn[sq_noise_word(&noise, seqnn_random_bits(&random))]++;
        for (int i = 0; i < COUNT; i++)
            sum += pow((double)counts[i], 0.75);
        for (int i = 0; i < COUNT; i++) {
            double expected = DRAWS * pow((double)counts[i], 0.75) / sum;
            chi +=
                ((double)drawn[i] - expected) * ((double)drawn[i] - expected) / expected;
        }
        if (chi > 85.4)
            fail_msg("chi-square of kind %d is %g", kind, chi);
        sq_noise_free(&noise);
    }
}

/* ---- Huffman ---- */

/* The sum of all inner weights, which is that of count times length of way: the two
 * lightest are looked for among all. */
static int64_t plain_huffman(const int64_t *counts, seqnn_size count)
{
    int64_t *weight = (int64_t *)malloc((size_t)count * sizeof *weight), sum = 0;
    memcpy(weight, counts, (size_t)count * sizeof *weight);
    for (seqnn_size left = count; left > 1; left--) {
        for (int k = 1; k <= 2; k++) { /* the lightest to the end, then the next one */
            seqnn_size least = 0;
            for (seqnn_size i = 0; i <= left - k; i++)
                if (weight[i] < weight[least])
                    least = i;
            int64_t other = weight[left - k];
            weight[left - k] = weight[least];
            weight[least] = other;
        }
        weight[left - 2] += weight[left - 1];
        sum += weight[left - 2];
    }
    free(weight);
    return sum;
}

static void check_huffman(const int64_t *counts, seqnn_size count, bool compare)
{
    sq_huffman tree;
    assert_int_equal(sq_huffman_new(&tree, counts, count), SEQNN_OK);
    assert_int_equal(tree.count, count);
    assert_int_equal(tree.begin[0], 0);
    /* child[node][side]: leaves are the words, inner nodes count + number. Each way
     * follows it, each child is reached one way only: no word lies on the way to another,
     * and all leaves are words. */
    int32_t(*child)[2] = (int32_t(*)[2])malloc((size_t)count * sizeof *child);
    memset(child, -1, (size_t)count * sizeof *child);
    double kraft = 0;
    int64_t length = 0;
    seqnn_size longest = 0, edges = 0;
    for (seqnn_size w = 0; w < count; w++) {
        seqnn_size begin = tree.begin[w], end = tree.begin[w + 1];
        assert_true(end > begin);
        assert_int_equal(tree.node[begin], count - 2); /* the root */
        for (seqnn_size i = begin; i < end; i++) {
            assert_in_range(tree.node[i], 0, count - 2);
            assert_true(tree.label[i] == 0 || tree.label[i] == 1);
            int32_t next = (int32_t)(i + 1 < end ? count + tree.node[i + 1] : w);
            int32_t *at = &child[tree.node[i]][tree.label[i] == 1];
            edges += *at == -1;
            assert_true(*at == -1 || *at == next);
            *at = next;
        }
        kraft += ldexp(1, -(int)(end - begin));
        length += counts[w] * (end - begin);
        longest = sq_max(longest, end - begin);
        if (w > 0) /* a rarer word is never nearer */
            assert_true(end - begin >= begin - tree.begin[w - 1] ||
                        counts[w] == counts[w - 1]);
    }
    assert_int_equal(edges, 2 * (count - 1));
    assert_true(kraft == 1);
    assert_int_equal(tree.longest, longest);
    if (compare)
        assert_int_equal(length, plain_huffman(counts, count));
    free(child);
    sq_huffman_free(&tree);
}

static void test_huffman_random(void **state)
{
    (void)state;
    enum { MOST = 300 };
    int64_t counts[MOST];
    seqnn_random random = {4, 0, 0};
    for (int round = 0; round < 60; round++) {
        seqnn_size count = round < 20 ? 2 + round : 2 + seqnn_random_below(&random, 299);
        int64_t last = 1 + seqnn_random_below(&random, 3);
        for (seqnn_size i = count - 1; i >= 0; i--) {
            counts[i] = last;
            last += seqnn_random_below(&random, round % 2 ? 3 : 1000);
        }
        check_huffman(counts, count, true);
    }
    for (int kind = 0; kind < 4; kind++) {
        make_counts(kind, counts, MOST);
        check_huffman(counts, MOST, true);
    }
}

/* The longest ways there are: the counts of Fibonacci make a chain. */
static void test_huffman_chain(void **state)
{
    (void)state;
    enum { COUNT = 88 };
    int64_t counts[COUNT];
    counts[COUNT - 1] = counts[COUNT - 2] = 1;
    for (int i = COUNT - 3; i >= 0; i--)
        counts[i] = counts[i + 1] + counts[i + 2];
    sq_huffman tree;
    assert_int_equal(sq_huffman_new(&tree, counts, COUNT), SEQNN_OK);
    assert_int_equal(tree.longest, COUNT - 1);
    for (int w = 0; w < COUNT - 1; w++)
        assert_int_equal(tree.begin[w + 1] - tree.begin[w], w + 1);
    sq_huffman_free(&tree);
    check_huffman(counts, 50, false); /* 2^-87 is no double's last place from 1 */
}

/* Three words: the two rarer ones are joined, the last one first and so to the left. */
static void test_huffman_by_hand(void **state)
{
    (void)state;
    static const int64_t counts[] = {5, 2, 1};
    sq_huffman tree;
    assert_int_equal(sq_huffman_new(&tree, counts, 3), SEQNN_OK);
    static const seqnn_size begin[] = {0, 1, 3, 5};
    static const int32_t node[] = {1, 1, 0, 1, 0};
    static const int label[] = {0, 1, 0, 1, 1};
    for (int i = 0; i < 4; i++)
        assert_int_equal(tree.begin[i], begin[i]);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tree.node[i], node[i]);
        assert_int_equal((int)tree.label[i], label[i]);
    }
    sq_huffman_free(&tree);
    /* As heavy as the other two: the word comes before the inner node. */
    static const int64_t equal[] = {2, 1, 1};
    assert_int_equal(sq_huffman_new(&tree, equal, 3), SEQNN_OK);
    assert_int_equal((int)tree.label[0], 1);
    assert_int_equal((int)tree.label[tree.begin[2]], 0);
    sq_huffman_free(&tree);
    assert_int_equal(sq_huffman_new(&tree, counts, 1), SEQNN_ERROR_ARGUMENT);
    assert_error("of 1 words, expected at least 2");
}

static void test_huffman_large(void **state)
{
    (void)state;
    enum { COUNT = 30000 };
    int64_t *counts = (int64_t *)calloc(COUNT, sizeof *counts);
    for (int kind = 0; kind < 4; kind++) {
        make_counts(kind, counts, COUNT);
        check_huffman(counts, COUNT, false);
    }
    free(counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_texts),
        cmocka_unit_test(test_lines_in_memory),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_cuts_at_line_ends),
        cmocka_unit_test(test_beyond_four_gigabytes),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_too_few_words),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_files_that_change),
        cmocka_unit_test(test_most_frequent_words),
        cmocka_unit_test(test_words_that_collide),
        cmocka_unit_test(test_noise_probabilities),
        cmocka_unit_test(test_noise_draws),
        cmocka_unit_test(test_huffman_random),
        cmocka_unit_test(test_huffman_chain),
        cmocka_unit_test(test_huffman_by_hand),
        cmocka_unit_test(test_huffman_large),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
