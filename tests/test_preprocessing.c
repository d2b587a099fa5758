/* Preprocessing: lower case, abstracts, lemmas, stems and vectors against Python, NLTK,
 * Snowball and Keras (tests/golden/preprocessing.tsv, recorded by
 * tests/golden/preprocessing.py); labels, streams and parts by hand and by counting. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsv.h"
#include "unicode.h"

static const char record[] = "tests/golden/preprocessing.tsv";

/* ---- lower case ---- */

static void check_lower(const char *text, const char *expected)
{
    char got[MAX_LINE];
    seqnn_size length = sq_lower(text, (seqnn_size)strlen(text), got);
    got[length] = '\0';
    assert_string_equal(got, expected);
}

static void test_lower_case_is_pythons(void **state)
{
    (void)state;
    golden g;
    int texts = 0;
    golden_open(&g, record);
    while (golden_next(&g))
        if (golden_is(&g, "lower")) {
            check_lower(g.field[1], g.field[2]);
            texts++;
        }
    fclose(g.file);
    assert_int_equal(texts, 22);
    /* The two letters where Python's differs. */
    check_lower("\xC4\xB0", "i");
    check_lower("\xCE\xA3", "\xCF\x83");
    /* Three bytes for two fit into length + length / 2; what is no UTF-8 stays. */
    check_lower("\xC8\xBA", "\xE2\xB1\xA5");
    check_lower("\xFF\xC3 A\xC9 \xE2\x82 \xED\xA0\x80 \xC0\xC1",
                "\xFF\xC3 a\xC9 \xE2\x82 "
                "\xED\xA0\x80 \xC0\xC1");
}

/* ---- stems and lemmas ---- */

static void test_stems_are_snowballs(void **state)
{
    (void)state;
    golden g;
    seqnn_stemmer *stemmer = NULL;
    char language[32] = "";
    int words = 0;
    golden_open(&g, record);
    while (golden_next(&g)) {
        if (!golden_is(&g, "stem"))
            continue;
        if (strcmp(language, g.field[1]) != 0) {
            seqnn_stemmer_free(stemmer);
            stemmer = seqnn_stemmer_new(g.field[1]);
            assert_non_null(stemmer);
            strcpy(language, g.field[1]);
        }
        assert_string_equal(seqnn_stem(stemmer, g.field[2]), g.field[3]);
        words++;
    }
    fclose(g.file);
    assert_true(words > 120);
    assert_string_equal(seqnn_stem(stemmer, "\xFFrunning"), "\xFFrunning");
    assert_string_equal(seqnn_stem(stemmer, ""), "");
    assert_null(seqnn_stem(stemmer, NULL));
    assert_error("the word is NULL");
    seqnn_stemmer_free(stemmer);
    assert_null(seqnn_stemmer_new("klingon"));
    assert_error("no language 'klingon'");
    assert_null(seqnn_stem(NULL, "running"));
    assert_error("the stemmer is NULL");
}

/* First of all tests: later the library has its dictionary open. */
static void test_no_dictionary(void **state)
{
    (void)state;
    char path[300];
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    setenv("WNSEARCHDIR", path, 1);
    assert_null(seqnn_lemmas_new());
    assert_error("$WNSEARCHDIR has 299 characters");
    setenv("WNSEARCHDIR", "/nowhere", 1);
    assert_null(seqnn_lemmas_new());
    assert_error("dictionary is not there");
    unsetenv("WNSEARCHDIR");
}

static seqnn_part_of_speech part_named(const char *name)
{
    return *name == 'n'   ? SEQNN_NOUN
           : *name == 'v' ? SEQNN_VERB
           : *name == 'a' ? SEQNN_ADJECTIVE
           : *name == 'r' ? SEQNN_ADVERB
                          : SEQNN_PART_OF_SPEECH_DEFAULT;
}

/* NLTK takes the shortest of morphy's forms and of the word itself, we the first form. */
static const char *const not_nltks[][4] = {
    /* part, word, ours, NLTK's */
    {"", "best", "good", "best"},
    {"a", "best", "good", "best"},
    {"r", "best", "well", "best"},
};

static const char *ours(const char *part, const char *word, const char *theirs)
{
    for (size_t i = 0; i < sizeof not_nltks / sizeof not_nltks[0]; i++)
        if (strcmp(not_nltks[i][0], part) == 0 && strcmp(not_nltks[i][1], word) == 0) {
            assert_string_equal(not_nltks[i][3], theirs);
            return not_nltks[i][2];
        }
    return theirs;
}

static void test_lemmas_are_nltks(void **state)
{
    (void)state;
    golden g;
    int words = 0;
    seqnn_lemmas *lemmas = seqnn_lemmas_new();
    if (!lemmas)
        fail_msg("%s", seqnn_error());
    golden_open(&g, record);
    while (golden_next(&g)) {
        if (!golden_is(&g, "lemma"))
            continue;
        const char *part = g.field[1], *word = g.field[2];
        const char *got = seqnn_lemma(lemmas, word, part_named(part));
        const char *expected = ours(part, word, g.field[3]);
        if (strcmp(got, expected) != 0)
            fail_msg("%s (%s) is %s, expected %s", word, part, got, expected);
        words++;
    }
    fclose(g.file);
    assert_true(words > 550);
    seqnn_lemmas_free(lemmas);
}

static void test_lemmas_of_strange_words(void **state)
{
    (void)state;
    enum { LONG = 100000 };
    seqnn_lemmas *lemmas = seqnn_lemmas_new();
    char *word = (char *)malloc(LONG + 1);
    memset(word, 's', LONG);
    word[LONG] = '\0';
    assert_string_equal(seqnn_lemma(lemmas, word, SEQNN_NOUN), word);
    word[65] = '\0';
    assert_string_equal(seqnn_lemma(lemmas, word, SEQNN_NOUN), word);
    free(word);
    static const char *const strange[] = {
        "",   "\xFFs", "caf\xC3\xA9s", "two words", "../nouns", "under_s", "%s%s%n",
        "'s", "-",     "--------",     "1990s.",    "."};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        for (int part = SEQNN_PART_OF_SPEECH_DEFAULT; part <= SEQNN_ADVERB; part++)
            assert_string_equal(
                seqnn_lemma(lemmas, strange[i], (seqnn_part_of_speech)part), strange[i]);
    assert_string_equal(seqnn_lemma(lemmas, "Geese", SEQNN_NOUN), "goose");
    assert_string_equal(seqnn_lemma(lemmas, "Goose", SEQNN_NOUN), "Goose");
    assert_null(seqnn_lemma(lemmas, "x", (seqnn_part_of_speech)5));
    assert_error("unknown part of speech");
    assert_null(seqnn_lemma(lemmas, NULL, SEQNN_NOUN));
    assert_null(seqnn_lemma(NULL, "x", SEQNN_NOUN));
    seqnn_lemmas_free(lemmas);
    assert_int_equal(seqnn_part_of_speech_of_tag("NNPS"), SEQNN_NOUN);
    assert_int_equal(seqnn_part_of_speech_of_tag("VBD"), SEQNN_VERB);
    assert_int_equal(seqnn_part_of_speech_of_tag("MD"), SEQNN_VERB);
    assert_int_equal(seqnn_part_of_speech_of_tag("JJR"), SEQNN_ADJECTIVE);
    assert_int_equal(seqnn_part_of_speech_of_tag("RBS"), SEQNN_ADVERB);
    assert_int_equal(seqnn_part_of_speech_of_tag("RP"), SEQNN_PART_OF_SPEECH_DEFAULT);
    assert_int_equal(seqnn_part_of_speech_of_tag("N"), SEQNN_PART_OF_SPEECH_DEFAULT);
    assert_int_equal(seqnn_part_of_speech_of_tag(NULL), SEQNN_PART_OF_SPEECH_DEFAULT);
}

/* ---- recipes ---- */

static void check_clean(const char *text, seqnn_clean_options options,
                        const char *expected)
{
    seqnn_texts *texts = seqnn_texts_new();
    assert_int_equal(seqnn_texts_add(texts, text, NULL, NULL), SEQNN_OK);
    seqnn_texts *cleaned = seqnn_clean(texts, options);
    if (!cleaned)
        fail_msg("%s", seqnn_error());
    assert_string_equal(cleaned->text[0], expected);
    seqnn_texts_free(cleaned);
    seqnn_texts_free(texts);
}

static void test_abstracts_are_pythons(void **state)
{
    (void)state;
    golden g;
    int texts = 0;
    golden_open(&g, record);
    while (golden_next(&g)) {
        if (!golden_is(&g, "abstract"))
            continue;
        seqnn_clean_options options = {.cleaning = SEQNN_CLEAN_ABSTRACTS};
        options.lemmas = strcmp(g.field[1], "lemmas") == 0;
        options.stems = strcmp(g.field[1], "stems") == 0;
        options.min_length = strcmp(g.field[1], "short") == 0;
        options.keep_equations = strcmp(g.field[2], "1") == 0;
        check_clean(g.field[3], options, g.field[4]);
        texts++;
    }
    fclose(g.file);
    assert_int_equal(texts, 95);
}

static void test_recipes_with_lemmas_and_stems(void **state)
{
    (void)state;
    seqnn_clean_options options = {.cleaning = SEQNN_CLEAN_TITLES, .lemmas = true};
    check_clean("The geese; wings were beating.Running was better", options,
                "goose wing beat run good");
    options.cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST;
    options.lemmas = false;
    options.stems = true;
    check_clean("The happily running U.S. horses!", options, "happili run hors");

    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, "text", NULL, NULL);
    options.lemmas = true;
    assert_null(seqnn_clean(texts, options));
    assert_error("choose one");
    options.stems = false;
    options.cleaning = SEQNN_CLEAN_DEFAULT;
    assert_null(seqnn_clean(texts, options));
    assert_error("lemmas need a recipe");
    seqnn_texts_free(texts);
}

/* Equations that are kept stay whole words on their way into a data set. */
static void test_equations_are_words(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, "Graphs $(k, \\ell)$-sparse and $(k,\\ell)$ tight", NULL,
                    NULL);
    seqnn_encode_options options = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    options.cleaning = SEQNN_CLEAN_ABSTRACTS;
    options.keep_equations = true;
    options.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){.filters = ""});
    seqnn_dataset *data = seqnn_encode(texts, options);
    assert_int_equal(data->x[0].time, 5);
    assert_string_equal(seqnn_tokenizer_word(options.tokenizer, 1), "$(k,\\ell)$");
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(options.tokenizer);
    options.tokenizer = NULL;
    data = seqnn_encode(texts, options);
    assert_int_equal(data->x[0].time, 5);
    assert_int_equal(data->vocabulary, 5); /* graphs, the equation, sparse, tight */
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

/* Texts in which a search that starts again and again would take hours. */
static void test_long_lines_take_linear_time(void **state)
{
    (void)state;
    enum { LONG = 1000000 };
    static const char *const patterns[] = {
        "$$ a ", "$\\",          "$",        "\\", "'", "a'", "1.",
        "$$$ ",  "\xE2\x80\x99", "\xE2\x80", ". ", "x"};
    char *text = (char *)malloc(LONG + 1);
    for (size_t p = 0; p < sizeof patterns / sizeof patterns[0]; p++) {
        size_t size = strlen(patterns[p]);
        for (size_t i = 0; i < LONG; i++)
            text[i] = patterns[p][i % size];
        text[LONG] = '\0';
        text[0] = '$';
        text[1] = '$'; /* never closed by most of them */
        seqnn_texts *texts = seqnn_texts_new();
        seqnn_texts_add(texts, text, NULL, NULL);
        for (int cleaning = SEQNN_CLEAN_NONE; cleaning <= SEQNN_CLEAN_ABSTRACTS;
             cleaning++) {
            seqnn_clean_options options = {.cleaning = (seqnn_cleaning)cleaning};
            options.stems = cleaning == SEQNN_CLEAN_ABSTRACTS;
            seqnn_texts *cleaned = seqnn_clean(texts, options);
            assert_non_null(cleaned);
            seqnn_texts_free(cleaned);
        }
        seqnn_texts_free(texts);
    }
    free(text);
}

/* ---- vectors ---- */

static void check_row(const seqnn_dataset *data, seqnn_size row, char *numbers)
{
    seqnn_size column = 0;
    const seqnn_real *values = data->x[0].values + row * data->x[0].features;
    for (char *at = strtok(numbers, " "); at; at = strtok(NULL, " "))
        assert_float_equal(values[column++], strtod(at, NULL), 1e-6);
    assert_int_equal(column, data->x[0].features);
}

static void test_n_hot_is_keras(void **state)
{
    (void)state;
    static const char *const modes[] = {"", "binary", "count", "freq", "tfidf"};
    enum { TEXTS = 6 };
    char texts[TEXTS][128], rows[TEXTS][1024];
    golden g;
    int count = 0, matrices = 0;
    golden_open(&g, record);
    while (golden_next(&g)) {
        if (!golden_is(&g, "matrix"))
            continue;
        strcpy(texts[count], g.field[4]);
        strcpy(rows[count], g.field[5]);
        if (++count < TEXTS)
            continue;
        seqnn_tokenizer_options words = {.num_words = atoi(g.field[2])};
        words.oov_token = g.field[1][0] ? g.field[1] : NULL;
        seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(words);
        const char *list[TEXTS];
        for (int i = 0; i < TEXTS; i++)
            list[i] = texts[i];
        seqnn_tokenizer_fit(tokenizer, list, TEXTS);
        seqnn_token_sequences *sequences =
            seqnn_tokenizer_sequences(tokenizer, list, TEXTS);
        seqnn_n_hot_options options = {0};
        for (int m = SEQNN_BINARY; m <= SEQNN_TF_IDF; m++)
            if (strcmp(g.field[3], modes[m]) == 0)
                options.mode = (seqnn_n_hot_mode)m;
        seqnn_dataset *data =
            seqnn_n_hot(sequences, seqnn_tokenizer_vocabulary(tokenizer), options);
        for (int i = 0; i < TEXTS; i++)
            check_row(data, i, rows[i]);
        seqnn_dataset_free(data);
        seqnn_token_sequences_free(sequences);
        seqnn_tokenizer_free(tokenizer);
        count = 0;
        matrices++;
    }
    fclose(g.file);
    assert_int_equal(matrices, 11);
}

static void test_n_hot_by_encode(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, "b a a", "yes", NULL);
    seqnn_texts_add(texts, "c", "no", NULL);
    seqnn_encode_options options = {.n_hot = SEQNN_COUNT};
    seqnn_dataset *data = seqnn_encode(texts, options);
    static const seqnn_real expected[] = {0, 2, 1, 0, 0, 0, 0, 1};
    assert_int_equal(data->x[0].features, 4);
    assert_int_equal(data->x[0].time, 0);
    assert_null(data->x[0].indices);
    assert_memory_equal(data->x[0].values, expected, sizeof expected);
    assert_int_equal(data->y.indices[1], 1);
    assert_string_equal(data->class_names[1], "no");
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

static void test_tf_idf_of_other_documents(void **state)
{
    (void)state;
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    const char *const train[] = {"a b", "a", "a c"}, *const test[] = {"a b b"};
    seqnn_tokenizer_fit(tokenizer, train, 3);
    seqnn_token_sequences *documents = seqnn_tokenizer_sequences(tokenizer, train, 3);
    seqnn_token_sequences *sequences = seqnn_tokenizer_sequences(tokenizer, test, 1);
    seqnn_n_hot_options options = {SEQNN_TF_IDF, documents};
    seqnn_dataset *data = seqnn_n_hot(sequences, 4, options);
    assert_float_equal(data->x[0].values[1], log(1 + 3.0 / 4), 1e-6);
    assert_float_equal(data->x[0].values[2], (float)((1 + log(2)) * log(2.5)), 1e-6);
    seqnn_dataset_free(data);
    assert_null(seqnn_n_hot(sequences, 2, options));
    assert_error("number 2, expected 0 to 1");
    assert_null(seqnn_n_hot(sequences, 0, options));
    assert_error("0 words");
    options.mode = (seqnn_n_hot_mode)9;
    assert_null(seqnn_n_hot(sequences, 4, options));
    assert_error("mode 9");
    assert_null(seqnn_n_hot(NULL, 4, options));
    seqnn_token_sequences_free(documents);
    seqnn_token_sequences_free(sequences);
    seqnn_tokenizer_free(tokenizer);
}

static void test_one_hot(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add(texts, "a b", "x", NULL);
    seqnn_texts_add(texts, "b", "y", NULL);
    seqnn_encode_options options = {.padding = SEQNN_PRE, .truncating = SEQNN_PRE};
    seqnn_dataset *data = seqnn_encode(texts, options), *hot = seqnn_one_hot(data);
    /* b is number 1, a number 2; the second text is padded in front. */
    static const seqnn_real expected[] = {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0};
    assert_memory_equal(hot->x[0].values, expected, sizeof expected);
    assert_null(hot->x[0].indices);
    assert_int_equal(hot->x[0].features, 3);
    assert_int_equal(hot->x[0].time, 2);
    assert_int_equal(hot->x[0].start[1], 1);
    assert_int_equal(hot->y.indices[1], 1);
    assert_null(seqnn_one_hot(hot));
    assert_error("no indices");
    seqnn_dataset view = *data;
    view.vocabulary = 2;
    assert_null(seqnn_one_hot(&view));
    assert_error("number 2 in a vocabulary of 2");
    seqnn_dataset_free(hot);
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

/* ---- streams ---- */

static void test_characters_are_keras(void **state)
{
    (void)state;
    static const char *const fitted[] = {"Hello, hello!\n", "\xC3\x9Cn\xC3\xAF Code"};
    golden g;
    int texts = 0;
    golden_open(&g, record);
    while (golden_next(&g)) {
        if (!golden_is(&g, "characters"))
            continue;
        seqnn_tokenizer_options options = {.char_level = true};
        options.keep_case = g.field[1][0] == '0';
        seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(options);
        seqnn_tokenizer_fit(tokenizer, fitted, 2);
        const char *text = g.field[2];
        seqnn_token_sequences *s = seqnn_tokenizer_sequences(tokenizer, &text, 1);
        char got[1024];
        write_numbers(got, s->indices, s->begin[1]);
        assert_string_equal(got, g.field[3]);
        seqnn_token_sequences_free(s);
        seqnn_tokenizer_free(tokenizer);
        texts++;
    }
    fclose(g.file);
    assert_int_equal(texts, 8);
}

/* Row by row, word by word: the text again, its next characters as y. */
static void check_stream(const char *text, seqnn_size time, seqnn_stream_options options,
                         seqnn_size rows, const seqnn_size *begins)
{
    seqnn_tokenizer_options characters = {.char_level = true, .keep_case = true};
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(characters);
    seqnn_dataset *data = seqnn_encode_stream(text, tokenizer, time, options);
    if (!data)
        fail_msg("%s", seqnn_error());
    assert_int_equal(data->count, rows);
    assert_int_equal(data->x[0].time, time);
    assert_int_equal(data->y.time, time);
    assert_int_equal(data->vocabulary, seqnn_tokenizer_vocabulary(tokenizer));
    assert_int_equal(data->classes, data->vocabulary);
    for (seqnn_size i = 0; i < rows * time; i++) {
        seqnn_size at = begins[i / time] + i % time;
        assert_int_equal(*seqnn_tokenizer_word(tokenizer, data->x[0].indices[i]),
                         text[at]);
        assert_int_equal(*seqnn_tokenizer_word(tokenizer, data->y.indices[i]),
                         text[at + 1]);
    }
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(tokenizer);
}

static void test_streams(void **state)
{
    (void)state;
    const char *text = "The quick brown Fox.\n"; /* 21 characters */
    static const seqnn_size windows[] = {0, 5, 10, 15};
    static const seqnn_size overlapping[] = {0, 3, 6, 9, 12, 15};
    /* 20 guesses, 2 streams of 10, 2 batches of 5 steps: rows 0, 1 of batch 0, of batch 1
     */
    static const seqnn_size contiguous[] = {0, 10, 5, 15};
    static const seqnn_size three[] = {0, 6, 12, 3, 9, 15};
    seqnn_stream_options options = {0};
    check_stream(text, 5, options, 4, windows);
    check_stream(text, 20, options, 1, windows);
    options.stride = 3;
    check_stream(text, 5, options, 6, overlapping);
    options.stride = 0;
    options.batch_size = 2;
    check_stream(text, 5, options, 4, contiguous);
    options.batch_size = 3;
    check_stream(text, 3, options, 6, three);
}

static void test_parts_of_a_text(void **state)
{
    (void)state;
    const char *text =
        "The quick brown Fox.\n"; /* 21 characters: 18.9 are the first 18 */
    static const seqnn_size first[] = {0, 5, 10}, rest[] = {18, 19};
    static const seqnn_size middle[] = {5, 9, 7, 11}; /* of 5 to 14 in two streams */
    seqnn_stream_options options = {.to = 0.9};
    check_stream(text, 5, options, 3, first);
    check_stream(text, 17, options, 1, first);
    options.to = 0;
    options.from = 0.9;
    check_stream(text, 1, options, 2, rest);
    options.to = 1;
    check_stream(text, 1, options, 2, rest);
    options.from = 0.24;
    options.to = 0.7;
    options.batch_size = 2;
    check_stream(text, 2, options, 4, middle);
}

static void test_parts_that_are_none(void **state)
{
    (void)state;
    static const double bad[][2] = {{-0.1, 1}, {0.5, 0.5}, {0.6, 0.5}, {0, 1.1},
                                    {NAN, 1},  {0, NAN},   {1, 0}};
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        seqnn_stream_options options = {.from = bad[i][0], .to = bad[i][1]};
        assert_null(seqnn_encode_stream("a the a", tokenizer, 1, options));
        assert_error("expected 0 <= from < to <= 1");
    }
    seqnn_stream_options half = {.to = 0.5};
    assert_null(seqnn_encode_stream("a the a", tokenizer, 1, half));
    assert_error("the text has 1 tokens, expected at least 2");
    seqnn_tokenizer_free(tokenizer);
}

static void test_streams_of_words(void **state)
{
    (void)state;
    seqnn_tokenizer *tokenizer =
        seqnn_tokenizer_new((seqnn_tokenizer_options){.num_words = 3});
    seqnn_stream_options options = {0};
    /* "b" and "c" are beyond num_words: left out */
    seqnn_dataset *data =
        seqnn_encode_stream("a the a the b a c the", tokenizer, 5, options);
    static const int32_t x[] = {1, 2, 1, 2, 1}, y[] = {2, 1, 2, 1, 2};
    assert_int_equal(data->count, 1);
    assert_memory_equal(data->x[0].indices, x, sizeof x);
    assert_memory_equal(data->y.indices, y, sizeof y);
    seqnn_dataset_free(data);
    assert_null(seqnn_encode_stream("a the a", tokenizer, 3, options));
    assert_error("the text has 3 tokens, expected at least 4 (1 rows of 3");
    assert_null(seqnn_encode_stream("", tokenizer, 3, options));
    assert_error("the text has 0 tokens");
    assert_null(seqnn_encode_stream("a the a", tokenizer, 0, options));
    assert_error("time 0");
    options.batch_size = 2;
    assert_null(seqnn_encode_stream("a the a the", tokenizer, 2, options));
    assert_error("expected at least 5 (2 rows of 2");
    options.stride = 1;
    assert_null(seqnn_encode_stream("a the a the a", tokenizer, 2, options));
    assert_error("stride 1, batch_size 2");
    options.batch_size = -1;
    assert_null(seqnn_encode_stream("a the a the a", tokenizer, 2, options));
    assert_null(seqnn_encode_stream(NULL, tokenizer, 2, options));
    assert_null(seqnn_encode_stream("a", NULL, 2, options));
    seqnn_tokenizer_free(tokenizer);
}

/* ---- labels ---- */

static const char *const cs_lg[] = {"cs.LG", "stat.ML", "cs.LG"};
static const char *const cs_ai[] = {"cs.AI", "cs.LG"};
static const char *const math[] = {"math.CO"};

static seqnn_texts *labelled_texts(void)
{
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_texts_add_labels(texts, "First one.", cs_lg, 3, "1");
    seqnn_texts_add_labels(texts, "second two", NULL, 0, "2");
    seqnn_texts_add_labels(texts, "third three", cs_ai, 2, "3");
    assert_int_equal(seqnn_texts_add_labels(texts, "fourth", math, 1, "4"), SEQNN_OK);
    return texts;
}

static void test_labels(void **state)
{
    (void)state;
    seqnn_texts *texts = labelled_texts();
    static const seqnn_size begin[] = {0, 2, 2, 4, 5};
    static const int32_t labels[] = {0, 1, 2, 0, 3};
    assert_int_equal(texts->classes, 4);
    assert_null(texts->label);
    assert_memory_equal(texts->labels_begin, begin, sizeof begin);
    assert_memory_equal(texts->labels, labels, sizeof labels);
    assert_int_equal(seqnn_texts_add(texts, "x", "cs.LG", NULL), SEQNN_ERROR_ARGUMENT);
    assert_error(
        "text '4' by seqnn_texts_add, those before it by seqnn_texts_add_labels");
    static const char *const null_name[] = {"a", NULL};
    assert_int_equal(seqnn_texts_add_labels(texts, "x", null_name, 2, NULL),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("label 1 is NULL");
    assert_int_equal(seqnn_texts_add_labels(texts, "x", NULL, 1, NULL),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_texts_add_labels(texts, NULL, cs_lg, 1, NULL),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_texts_add_labels(texts, "x", cs_lg, -1, NULL),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(texts->count, 4);
    assert_int_equal(texts->classes, 4);

    seqnn_encode_options options = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    options.cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST;
    seqnn_dataset *data = seqnn_encode(texts, options);
    static const seqnn_real y[] = {1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1};
    assert_null(data->y.indices);
    assert_int_equal(data->y.features, 4);
    assert_memory_equal(data->y.values, y, sizeof y);
    assert_string_equal(data->class_names[3], "math.CO");
    static const int32_t rows[] = {3, 0};
    seqnn_dataset *taken = seqnn_dataset_take(data, rows, 2);
    assert_memory_equal(taken->y.values, y + 12, 4 * sizeof y[0]);
    assert_memory_equal(taken->y.values + 4, y, 4 * sizeof y[0]);
    seqnn_dataset_free(taken);
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);

    texts = seqnn_texts_new();
    seqnn_texts_add(texts, "x", NULL, NULL);
    assert_int_equal(seqnn_texts_add_labels(texts, "x", cs_lg, 1, NULL),
                     SEQNN_ERROR_ARGUMENT);
    assert_error(
        "text '1' by seqnn_texts_add_labels, those before it by seqnn_texts_add");
    seqnn_texts_free(texts);

    texts = seqnn_texts_new();
    seqnn_texts_add_labels(texts, "x", NULL, 0, NULL);
    data = seqnn_encode(texts, options);
    assert_null(data->y.values);
    assert_int_equal(data->classes, 0);
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

static void test_label_filter(void **state)
{
    (void)state;
    seqnn_texts *texts = labelled_texts();
    seqnn_label_filter_options options = {.prefix = "cs."};
    seqnn_texts *cs = seqnn_filter_labels(texts, options);
    assert_int_equal(cs->count, 2); /* without labels: the second and the fourth */
    assert_int_equal(cs->classes, 2);
    assert_string_equal(cs->class_names[0], "cs.AI"); /* in the order of their names */
    assert_string_equal(cs->class_names[1], "cs.LG");
    static const seqnn_size begin[] = {0, 1, 3};
    static const int32_t labels[] = {1, 0, 1};
    assert_memory_equal(cs->labels_begin, begin, sizeof begin);
    assert_memory_equal(cs->labels, labels, sizeof labels);
    assert_string_equal(cs->id[1], "3");
    assert_string_equal(cs->text[1], "third three");
    seqnn_texts_free(cs);
    options.min_texts = 2;
    cs = seqnn_filter_labels(texts, options);
    assert_int_equal(cs->count, 2);
    assert_int_equal(cs->classes, 1);
    seqnn_texts_free(cs);
    options.prefix = NULL;
    options.min_texts = 0;
    cs = seqnn_filter_labels(texts, options);
    assert_int_equal(cs->count, 3);
    assert_int_equal(cs->classes, 4);
    seqnn_texts_free(cs);
    options.prefix = "physics.";
    assert_null(seqnn_filter_labels(texts, options));
    assert_error("of 4 texts none has a class that begins with 'physics.'");
    options.min_texts = -1;
    assert_null(seqnn_filter_labels(texts, options));
    assert_error("below 0");
    assert_null(seqnn_filter_labels(NULL, options));
    seqnn_texts_free(texts);

    texts = seqnn_texts_new(); /* one class each */
    seqnn_texts_add(texts, "a", "tech", NULL);
    seqnn_texts_add(texts, "b", "sport", NULL);
    seqnn_texts_add(texts, "c", "tech", NULL);
    cs = seqnn_filter_labels(texts, (seqnn_label_filter_options){.min_texts = 2});
    assert_int_equal(cs->count, 2);
    assert_int_equal(cs->label[1], 0);
    assert_string_equal(cs->class_names[0], "tech");
    seqnn_texts_free(cs);
    seqnn_texts_free(texts);
    texts = seqnn_texts_new();
    seqnn_texts_add(texts, "a", NULL, NULL);
    assert_null(seqnn_filter_labels(texts, (seqnn_label_filter_options){0}));
    assert_error("no classes");
    seqnn_texts_free(texts);
}

/* ---- parts ---- */

enum { SAMPLES = 1000, CLASSES = 3 };
static int32_t words[SAMPLES], classes[SAMPLES];

/* 600, 300 and 100 samples of the classes 0, 1, 2; sample i is the word i. */
static seqnn_dataset numbered(void)
{
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    for (int i = 0; i < SAMPLES; i++) {
        words[i] = i;
        classes[i] = i % 10 == 9 ? 2 : i % 10 > 5;
    }
    data.count = SAMPLES;
    data.x[0].indices = words;
    data.x[0].time = 1;
    data.y.indices = classes;
    data.classes = CLASSES;
    data.vocabulary = SAMPLES;
    return data;
}

/* How often each word is in the part. */
static void see(const seqnn_dataset *part, int *seen)
{
    for (seqnn_size i = 0; i < part->count; i++)
        seen[part->x[0].indices[i]]++;
}

static void test_three_parts(void **state)
{
    (void)state;
    seqnn_dataset data = numbered();
    seqnn_partition_options options = {.validation = 0.2, .test = 0.1, .seed = 7};
    seqnn_parts a = seqnn_partition(&data, options), b = seqnn_partition(&data, options);
    assert_int_equal(a.status, SEQNN_OK);
    assert_int_equal(a.train->count, 700);
    assert_int_equal(a.validation->count, 200);
    assert_int_equal(a.test->count, 100);
    int seen[SAMPLES] = {0};
    see(a.train, seen);
    see(a.validation, seen);
    see(a.test, seen);
    for (int i = 0; i < SAMPLES; i++)
        assert_int_equal(seen[i], 1);
    assert_memory_equal(a.train->x[0].indices, b.train->x[0].indices,
                        700 * sizeof words[0]);
    seqnn_parts_free(&b);
    options.seed = 8;
    b = seqnn_partition(&data, options);
    assert_memory_not_equal(a.test->x[0].indices, b.test->x[0].indices,
                            100 * sizeof words[0]);
    seqnn_parts_free(&a);
    seqnn_parts_free(&b);
    /* With two parts it is seqnn_split. */
    options.test = 0;
    a = seqnn_partition(&data, options);
    b = seqnn_split(&data, 0.2, 8);
    assert_null(a.test);
    assert_memory_equal(a.validation->x[0].indices, b.validation->x[0].indices,
                        200 * sizeof words[0]);
    assert_memory_equal(a.train->x[0].indices, b.train->x[0].indices,
                        800 * sizeof words[0]);
    seqnn_parts_free(&a);
    seqnn_parts_free(&b);
}

static void test_stratified_parts(void **state)
{
    (void)state;
    seqnn_dataset data = numbered();
    seqnn_partition_options options = {
        .validation = 0.25, .test = 0.1, .stratified = true};
    static const int expected[3][CLASSES] = {{390, 195, 65}, {150, 75, 25}, {60, 30, 10}};
    for (uint64_t seed = 0; seed < 5; seed++) {
        options.seed = seed;
        seqnn_parts parts = seqnn_partition(&data, options);
        const seqnn_dataset *const part[] = {parts.train, parts.validation, parts.test};
        for (int p = 0; p < 3; p++) {
            int count[CLASSES] = {0};
            for (seqnn_size i = 0; i < part[p]->count; i++)
                count[part[p]->y.indices[i]]++;
            assert_memory_equal(count, expected[p], sizeof count);
        }
        seqnn_parts_free(&parts);
    }
    data.y.indices = NULL;
    assert_int_equal(seqnn_partition(&data, options).status, SEQNN_ERROR_SHAPE);
    assert_error("the samples have no class each");
    data = numbered();
    data.classes = 2;
    assert_int_equal(seqnn_partition(&data, options).status, SEQNN_ERROR_ARGUMENT);
    assert_error("sample 9 is of class 2 of 2");
}

/* Every word four times: no word is in two parts. */
static void test_duplicates_stay_together(void **state)
{
    (void)state;
    seqnn_dataset data = numbered();
    for (int i = 0; i < SAMPLES; i++)
        words[i] = i % (SAMPLES / 4);
    seqnn_partition_options options = {.validation = 0.2, .test = 0.2, .seed = 3};
    for (int together = 0; together < 2; together++) {
        options.duplicates_together = together;
        seqnn_parts parts = seqnn_partition(&data, options);
        int seen[3][SAMPLES] = {{0}}, shared = 0;
        see(parts.train, seen[0]);
        see(parts.validation, seen[1]);
        see(parts.test, seen[2]);
        for (int w = 0; w < SAMPLES / 4; w++) {
            assert_int_equal(seen[0][w] + seen[1][w] + seen[2][w], 4);
            shared += (seen[0][w] > 0) + (seen[1][w] > 0) + (seen[2][w] > 0) > 1;
        }
        assert_true(together ? shared == 0 : shared > 100);
        if (together) /* the parts are about as large as they were to be */
            assert_true(labs((long)parts.test->count - 200) <= 8);
        seqnn_parts_free(&parts);
    }
    seqnn_dataset nothing;
    memset(&nothing, 0, sizeof nothing);
    nothing.count = 10;
    assert_int_equal(seqnn_partition(&nothing, options).status, SEQNN_ERROR_SHAPE);
    assert_error("without x[0]");
}

/* Padding is no part of a sample: texts are equal whatever stands around them. */
static void test_duplicates_of_padded_texts(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_texts_new();
    for (int i = 0; i < 60; i++)
        seqnn_texts_add(texts, i % 2 ? "a b" : i % 4 ? "" : "a b c", NULL, NULL);
    seqnn_encode_options encode = {.padding = SEQNN_PRE, .truncating = SEQNN_PRE};
    seqnn_dataset *data = seqnn_encode(texts, encode);
    seqnn_partition_options options = {.validation = 0.3, .duplicates_together = true};
    seqnn_parts parts = seqnn_partition(data, options);
    assert_int_equal(parts.status, SEQNN_OK);
    assert_int_equal(parts.train->count % 15, 0);
    assert_true(parts.validation->count > 0);
    for (seqnn_size i = 0; i < parts.train->count; i++)
        for (seqnn_size k = 0; k < parts.validation->count; k++)
            assert_int_not_equal(parts.train->x[0].length[i],
                                 parts.validation->x[0].length[k]);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
}

static void test_impossible_parts(void **state)
{
    (void)state;
    seqnn_dataset data = numbered();
    static const double wrong[][2] = {
        {0, 0}, {0.6, 0.4}, {-0.1, 0.5}, {0.5, -0.1}, {1, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        seqnn_partition_options options = {.validation = wrong[i][0],
                                           .test = wrong[i][1]};
        seqnn_parts parts = seqnn_partition(&data, options);
        assert_int_equal(parts.status, SEQNN_ERROR_ARGUMENT);
        assert_null(parts.train);
        assert_error("expected between 0 and 1");
    }
    seqnn_partition_options options = {.validation = 0.2, .test = 0.0001};
    assert_int_equal(seqnn_partition(&data, options).status, SEQNN_ERROR_ARGUMENT);
    assert_error(
        "800 samples to train, 200 to validate and 0 to test leave a part empty");
    options.test = NAN;
    assert_int_equal(seqnn_partition(&data, options).status, SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_partition(NULL, options).status, SEQNN_ERROR_ARGUMENT);
}

/* The tokenizer sees only the texts that train. */
static void test_parts_of_texts(void **state)
{
    (void)state;
    static const char *const names[] = {"even", "odd"};
    char text[32];
    seqnn_texts *texts = seqnn_texts_new();
    for (int i = 0; i < 100; i++) {
        sprintf(text, "w%d", i % 50);
        seqnn_texts_add(texts, text, names[i % 2], NULL);
    }
    seqnn_partition_options options = {.validation = 0.1, .test = 0.2, .seed = 4};
    options.stratified = options.duplicates_together = true;
    seqnn_text_parts parts = seqnn_partition_texts(texts, options);
    assert_int_equal(parts.status, SEQNN_OK);
    assert_int_equal(parts.train->count, 68); /* 10 of 50: 5 pairs; 5: 3 pairs; twice */
    assert_int_equal(parts.validation->count, 12);
    assert_int_equal(parts.test->count, 20);
    seqnn_encode_options encode = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    encode.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_dataset *train = seqnn_encode(parts.train, encode);
    seqnn_dataset *test = seqnn_encode(parts.test, encode);
    assert_int_equal(train->vocabulary, 35);
    assert_int_equal(test->vocabulary, 35);
    assert_string_equal(test->class_names[1], "odd");
    int odd = 0;
    for (seqnn_size i = 0; i < test->count; i++) {
        assert_int_equal(test->x[0].length[i], 0);
        odd += test->y.indices[i];
        assert_int_equal(atoi(parts.test->id[i]) % 2, test->y.indices[i]);
    }
    assert_int_equal(odd, 10);
    seqnn_dataset_free(train);
    seqnn_dataset_free(test);
    seqnn_tokenizer_free(encode.tokenizer);
    seqnn_text_parts_free(&parts);
    static const int32_t rows[] = {3, 100};
    seqnn_texts *taken = seqnn_texts_take(texts, rows, 1);
    assert_string_equal(taken->text[0], "w3");
    assert_int_equal(taken->label[0], 1);
    assert_int_equal(taken->classes, 2);
    seqnn_texts_free(taken);
    assert_null(seqnn_texts_take(texts, rows, 2));
    assert_error("row 100 of 100");
    assert_null(seqnn_texts_take(texts, rows, -1));
    assert_error("-1 rows");
    seqnn_texts_free(texts);

    texts = labelled_texts();
    options.stratified = false;
    options.validation = 0;
    options.test = 0.25;
    parts = seqnn_partition_texts(texts, options);
    assert_null(parts.validation);
    assert_int_equal(parts.test->count, 1);
    assert_int_equal(parts.test->classes, 4);
    assert_non_null(parts.test->labels_begin);
    seqnn_text_parts_free(&parts);
    options.stratified = true;
    assert_int_equal(seqnn_partition_texts(texts, options).status, SEQNN_ERROR_SHAPE);
    seqnn_texts_free(texts);
    assert_int_equal(seqnn_partition_texts(NULL, options).status, SEQNN_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_dictionary),
        cmocka_unit_test(test_lower_case_is_pythons),
        cmocka_unit_test(test_stems_are_snowballs),
        cmocka_unit_test(test_lemmas_are_nltks),
        cmocka_unit_test(test_lemmas_of_strange_words),
        cmocka_unit_test(test_abstracts_are_pythons),
        cmocka_unit_test(test_recipes_with_lemmas_and_stems),
        cmocka_unit_test(test_equations_are_words),
        cmocka_unit_test(test_long_lines_take_linear_time),
        cmocka_unit_test(test_n_hot_is_keras),
        cmocka_unit_test(test_n_hot_by_encode),
        cmocka_unit_test(test_tf_idf_of_other_documents),
        cmocka_unit_test(test_one_hot),
        cmocka_unit_test(test_characters_are_keras),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_parts_of_a_text),
        cmocka_unit_test(test_parts_that_are_none),
        cmocka_unit_test(test_streams_of_words),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_label_filter),
        cmocka_unit_test(test_three_parts),
        cmocka_unit_test(test_stratified_parts),
        cmocka_unit_test(test_duplicates_stay_together),
        cmocka_unit_test(test_duplicates_of_padded_texts),
        cmocka_unit_test(test_impossible_parts),
        cmocka_unit_test(test_parts_of_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
