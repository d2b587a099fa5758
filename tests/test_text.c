/* Text: tokenizer, padding and cleaning against Keras, Python and scikit-learn
 * (tests/golden/text.tsv, recorded by tests/golden/text.py), and encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "dataset_rows.h"
#include "tsv.h"

static void check_sequence(const seqnn_tokenizer *tokenizer, const char *text,
                           const char *expected)
{
    char got[MAX_LINE];
    seqnn_token_sequences *s = seqnn_tokenizer_sequences(tokenizer, &text, 1);
    assert_non_null(s);
    assert_int_equal(s->count, 1);
    write_numbers(got, s->indices, s->begin[1]);
    assert_string_equal(got, expected);
    seqnn_token_sequences_free(s);
}

static void test_tokenizer_is_keras(void **state)
{
    (void)state;
    golden g;
    seqnn_tokenizer *tokenizer = NULL;
    seqnn_size num_words = 0;
    int cases = 0, words = 0, sequences = 0;
    golden_open(&g, "tests/golden/text.tsv");
    while (golden_next(&g)) {
        if (golden_is(&g, "tokenizer")) {
            seqnn_tokenizer_free(tokenizer);
            seqnn_tokenizer_options options = {0};
            options.num_words = num_words = atoi(g.field[1]);
            options.oov_token = *g.field[2] ? g.field[2] : NULL;
            options.filters = strcmp(g.field[3], "default") == 0 ? NULL : g.field[3];
            options.keep_case = *g.field[4] == '0';
            tokenizer = seqnn_tokenizer_new(options);
            assert_non_null(tokenizer);
            cases++;
        } else if (golden_is(&g, "fit")) {
            const char *text = g.field[1];
            assert_int_equal(seqnn_tokenizer_fit(tokenizer, &text, 1), SEQNN_OK);
        } else if (golden_is(&g, "word")) {
            int index = atoi(g.field[2]);
            assert_string_equal(seqnn_tokenizer_word(tokenizer, index), g.field[1]);
            assert_int_equal(seqnn_tokenizer_count(tokenizer, index), atoi(g.field[3]));
            if (num_words == 0)
                assert_int_equal(seqnn_tokenizer_index(tokenizer, g.field[1]), index);
            words++;
        } else if (golden_is(&g, "sequence")) {
            check_sequence(tokenizer, g.field[1], g.field[2]);
            sequences++;
        }
    }
    seqnn_tokenizer_free(tokenizer);
    fclose(g.file);
    assert_int_equal(cases, 6);
    assert_int_equal(sequences, 6 * 14);
    assert_true(words > 100);
}

static seqnn_side side_of(const char *name)
{
    return strcmp(name, "pre") == 0 ? SEQNN_PRE : SEQNN_POST;
}

/* "1|2 3||4" as sequences. */
static seqnn_size parse_sequences(const char *text, seqnn_size *begin, int32_t *indices)
{
    seqnn_size count = 0, used = 0;
    begin[0] = 0;
    for (;;) {
        while (*text && *text != '|') {
            char *end;
            indices[used++] = (int32_t)strtol(text, &end, 10);
            text = end + (*end == ' ');
        }
        begin[++count] = used;
        if (!*text++)
            return count;
    }
}

static void test_padding_is_keras(void **state)
{
    (void)state;
    golden g;
    int cases = 0;
    golden_open(&g, "tests/golden/text.tsv");
    while (golden_next(&g)) {
        if (!golden_is(&g, "pad"))
            continue;
        seqnn_size begin[16];
        int32_t indices[64], expected[64];
        seqnn_size expected_begin[16];
        seqnn_token_sequences s = {0, begin, indices};
        s.count = parse_sequences(g.field[4], begin, indices);
        parse_sequences(g.field[5], expected_begin, expected);
        seqnn_pad_options options = {side_of(g.field[1]), side_of(g.field[2]),
                                     atoi(g.field[3])};
        seqnn_dataset *data = seqnn_pad_sequences(&s, options);
        assert_non_null(data);
        assert_int_equal(data->count, s.count);
        assert_int_equal(data->x[0].time, expected_begin[1]);
        assert_memory_equal(data->x[0].indices, expected,
                            (size_t)expected_begin[s.count] * sizeof(int32_t));
        /* start and length say where the words are: nothing else is other than zero */
        for (seqnn_size i = 0; i < s.count; i++)
            for (seqnn_size t = 0; t < data->x[0].time; t++) {
                seqnn_size start = data->x[0].start[i], length = data->x[0].length[i];
                bool word = t >= start && t < start + length;
                assert_int_equal(word, expected[i * data->x[0].time + t] != 0);
            }
        seqnn_dataset_free(data);
        cases++;
    }
    fclose(g.file);
    assert_int_equal(cases, 16);
}

static void test_cleaning_is_pythons(void **state)
{
    (void)state;
    golden g;
    int cases = 0;
    golden_open(&g, "tests/golden/text.tsv");
    while (golden_next(&g)) {
        if (golden_is(&g, "clean")) {
            seqnn_clean_options options = {0};
            options.cleaning = strcmp(g.field[1], "punctuation") == 0
                                   ? SEQNN_CLEAN_PUNCTUATION_FIRST
                                   : SEQNN_CLEAN_TITLES;
            seqnn_texts *texts = seqnn_texts_new();
            assert_int_equal(seqnn_texts_add(texts, g.field[2], NULL, NULL), SEQNN_OK);
            seqnn_texts *cleaned = seqnn_clean(texts, options);
            assert_non_null(cleaned);
            assert_string_equal(cleaned->text[0], g.field[3]);
            seqnn_texts_free(texts);
            seqnn_texts_free(cleaned);
            cases++;
        } else if (golden_is(&g, "stop words")) {
            char all[MAX_LINE] = "";
            int count = 0;
            for (const char *const *word = seqnn_stop_words(); *word; word++, count++)
                sprintf(all + strlen(all), count > 0 ? " %s" : "%s", *word);
            assert_int_equal(count, atoi(g.field[1]));
            assert_string_equal(all, g.field[2]);
            cases++;
        }
    }
    fclose(g.file);
    assert_int_equal(cases, 2 * 15 + 1);
}

static void test_own_stop_words_and_short_words(void **state)
{
    (void)state;
    static const char *const stop_words[] = {"red", NULL}, *const none[] = {NULL};
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, "The red \xC3\xA9\xC3\xA8 a", NULL, NULL);
    seqnn_clean_options options = {.cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST,
                                   .stop_words = stop_words};
    seqnn_texts *cleaned = seqnn_clean(texts, options);
    assert_string_equal(cleaned->text[0], "the \xC3\xA9\xC3\xA8 a");
    seqnn_texts_free(cleaned);
    options.stop_words = none;
    options.min_length = 2; /* characters, not bytes */
    cleaned = seqnn_clean(texts, options);
    assert_string_equal(cleaned->text[0], "the red \xC3\xA9\xC3\xA8");
    seqnn_texts_free(cleaned);
    options.min_length = 3;
    cleaned = seqnn_clean(texts, options);
    assert_string_equal(cleaned->text[0], "the red");
    seqnn_texts_free(cleaned);
    options.cleaning = (seqnn_cleaning)9;
    assert_null(seqnn_clean(texts, options));
    assert_error("cleaning is 9");
    seqnn_texts_free(texts);
}

static seqnn_texts *three_texts(void)
{
    seqnn_texts *texts = seqnn_texts_new();
    assert_int_equal(seqnn_texts_add(texts, "big cat", "pets", NULL), SEQNN_OK);
    assert_int_equal(seqnn_texts_add(texts, "...", "art", "second"), SEQNN_OK);
    assert_int_equal(seqnn_texts_add(texts, "cat sat down", "pets", NULL), SEQNN_OK);
    return texts;
}

static void test_encode(void **state)
{
    (void)state;
    seqnn_texts *texts = three_texts();
    assert_string_equal(texts->id[0], "0");
    assert_string_equal(texts->id[1], "second");
    seqnn_encode_options options = {0};
    options.padding = SEQNN_PRE;
    options.truncating = SEQNN_POST;
    seqnn_dataset *data = seqnn_encode(texts, options);
    seqnn_texts_free(texts); /* the data set keeps nothing of it */
    assert_non_null(data);
    static const int32_t rows[] = {0, 2, 1, 0, 0, 0, 1, 3, 4};
    assert_int_equal(data->count, 3);
    assert_int_equal(data->x[0].time, 3);
    assert_int_equal(data->vocabulary, 5);
    assert_memory_equal(data->x[0].indices, rows, sizeof rows);
    assert_int_equal(data->x[0].start[0], 1);
    assert_int_equal(data->x[0].length[0], 2);
    assert_int_equal(data->x[0].length[1], 0); /* no word: a row of padding */
    assert_int_equal(data->classes, 2);
    assert_int_equal(data->y.time, 0);
    assert_int_equal(data->y.indices[1], 1);
    assert_string_equal(data->class_names[data->y.indices[0]], "pets");
    assert_string_equal(data->class_names[data->y.indices[1]], "art");
    seqnn_dataset_free(data);
}

static void test_encode_new_texts(void **state)
{
    (void)state;
    seqnn_texts *texts = three_texts(), *fresh = seqnn_texts_new();
    seqnn_texts_add(fresh, "the cat sat", NULL, NULL);
    seqnn_tokenizer_options words = {0};
    words.oov_token = "<unk>";
    seqnn_encode_options options = {0};
    options.padding = options.truncating = SEQNN_POST;
    options.tokenizer = seqnn_tokenizer_new(words);
    seqnn_dataset *data = seqnn_encode(texts, options);
    assert_non_null(data);
    assert_int_equal(data->vocabulary, 6);
    options.length = 4;
    seqnn_dataset *more = seqnn_encode(fresh, options);
    assert_non_null(more);
    static const int32_t row[] = {1, 2, 4, 0};
    assert_memory_equal(more->x[0].indices, row, sizeof row);
    assert_int_equal(more->vocabulary, 6); /* not fitted again */
    assert_null(more->y.indices);
    options.num_words = 3;
    assert_null(seqnn_encode(fresh, options));
    assert_error("leave them out");
    seqnn_dataset_free(data);
    seqnn_dataset_free(more);
    seqnn_tokenizer_free(options.tokenizer);
    seqnn_texts_free(texts);
    seqnn_texts_free(fresh);
}

static void test_sides_have_no_default(void **state)
{
    (void)state;
    seqnn_texts *texts = three_texts();
    seqnn_encode_options options = {0};
    assert_null(seqnn_encode(texts, options));
    assert_error(".padding is 0; it has no default, name SEQNN_PRE or SEQNN_POST");
    options.padding = SEQNN_POST;
    assert_null(seqnn_encode(texts, options));
    assert_error(".truncating is 0; it has no default");
    options.truncating = (seqnn_side)7;
    assert_null(seqnn_encode(texts, options));
    assert_error(".truncating is 7");
    seqnn_texts_free(texts);
}

static void test_bad_arguments(void **state)
{
    (void)state;
    seqnn_texts *texts = three_texts(), *empty = seqnn_texts_new();
    seqnn_encode_options options = {0};
    options.padding = options.truncating = SEQNN_POST;
    assert_null(seqnn_encode(NULL, options));
    assert_null(seqnn_encode(empty, options));
    assert_error("the list of texts is empty");
    options.length = -1;
    assert_null(seqnn_encode(texts, options));
    assert_error(".length is -1");
    options.length = (seqnn_size)1 << 40;
    assert_null(seqnn_encode(texts, options));
    assert_error(".length is 1099511627776");
    options.length = 0;
    options.num_words = -5;
    assert_null(seqnn_encode(texts, options));
    assert_error("num_words is -5");
    options.num_words = 0;
    options.filters = "\xC3\xA9";
    assert_null(seqnn_encode(texts, options));
    assert_error("byte 0xC3 among the filters");
    assert_int_equal(seqnn_texts_add(texts, "no class", NULL, "x"), SEQNN_ERROR_ARGUMENT);
    assert_error("text 'x' has no class, those before it have one");
    assert_int_equal(seqnn_texts_add(texts, NULL, "pets", NULL), SEQNN_ERROR_ARGUMENT);
    assert_error("the text is NULL");
    seqnn_texts_free(texts);
    seqnn_texts_free(empty);
}

static void test_only_empty_texts(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, "", "a", NULL);
    seqnn_texts_add(texts, " ?! ", "b", NULL);
    seqnn_encode_options options = {0};
    options.padding = options.truncating = SEQNN_POST;
    options.cleaning = SEQNN_CLEAN_TITLES;
    seqnn_dataset *data = seqnn_encode(texts, options);
    assert_non_null(data);
    assert_int_equal(data->x[0].time, 1);
    assert_int_equal(data->vocabulary, 1);
    assert_int_equal(data->x[0].length[1], 0);
    assert_int_equal(data->x[0].indices[1], 0);
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

/* Bytes that are no UTF-8, and a word of a million letters. */
static void test_strange_texts(void **state)
{
    (void)state;
    enum { LONG = 1000000 };
    char *text = (char *)malloc(LONG + 1);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, text, NULL, NULL);
    seqnn_texts_add(texts, "\xFF\xC3 caf\xE9 \xE2\x82 \xC3\x89\xC0\x80", NULL, NULL);
    for (int cleaning = SEQNN_CLEAN_NONE; cleaning <= SEQNN_CLEAN_TITLES; cleaning++) {
        seqnn_encode_options options = {0};
        options.padding = options.truncating = SEQNN_POST;
        options.cleaning = (seqnn_cleaning)cleaning;
        seqnn_dataset *data = seqnn_encode(texts, options);
        assert_non_null(data);
        assert_int_equal(data->x[0].length[0], 1);
        assert_int_equal(data->x[0].length[1], 4);
        assert_int_equal(data->vocabulary, 6);
        seqnn_dataset_free(data);
    }
    seqnn_texts_free(texts);
    free(text);
}

/* More words than one block of slots or text holds: every one is found again. */
static void test_many_words(void **state)
{
    (void)state;
    enum { WORDS = 50000 };
    seqnn_tokenizer_options options = {0};
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(options);
    char *text = (char *)malloc(WORDS * 8);
    text[0] = '\0';
    char *at = text;
    for (int i = 0; i < WORDS; i++)
        at += sprintf(at, "w%d ", i);
    const char *const texts[] = {text};
    assert_int_equal(seqnn_tokenizer_fit(tokenizer, texts, 1), SEQNN_OK);
    assert_int_equal(seqnn_tokenizer_words(tokenizer), WORDS);
    assert_int_equal(seqnn_tokenizer_tokens(tokenizer), WORDS);
    assert_int_equal(seqnn_tokenizer_vocabulary(tokenizer), WORDS + 1);
    for (int i = 0; i < WORDS; i++) { /* ties: by first appearance */
        char word[16];
        sprintf(word, "w%d", i);
        assert_int_equal(seqnn_tokenizer_index(tokenizer, word), i + 1);
    }
    assert_int_equal(seqnn_tokenizer_index(tokenizer, "w50000"), 0);
    assert_null(seqnn_tokenizer_word(tokenizer, 0));
    assert_null(seqnn_tokenizer_word(tokenizer, WORDS + 1));
    seqnn_tokenizer_free(tokenizer);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokenizer_is_keras),
        cmocka_unit_test(test_padding_is_keras),
        cmocka_unit_test(test_cleaning_is_pythons),
        cmocka_unit_test(test_own_stop_words_and_short_words),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_encode_new_texts),
        cmocka_unit_test(test_sides_have_no_default),
        cmocka_unit_test(test_bad_arguments),
        cmocka_unit_test(test_only_empty_texts),
        cmocka_unit_test(test_strange_texts),
        cmocka_unit_test(test_many_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
