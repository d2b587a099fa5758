/* The IMDB reviews and Keras' numbers of their words, beside Keras. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include "imdb.h"
#include "imdb_record.h"
#include "n_hot.h"
#include "words.h"

static seqnn_texts *read_part(const char *path, seqnn_imdb_part part, bool blanks)
{
    seqnn_imdb_options options;
    memset(&options, 0, sizeof options);
    options.part = part;
    options.break_to_blank = blanks;
    return seqnn_read_imdb(path, options);
}

static void make_reviews(void)
{
    static const char *const folders[] = {"set",
                                          "set/aclImdb",
                                          "set/aclImdb/test",
                                          "set/aclImdb/train",
                                          "set/aclImdb/test/neg",
                                          "set/aclImdb/test/pos",
                                          "set/aclImdb/train/neg",
                                          "set/aclImdb/train/pos",
                                          "set/aclImdb/train/unsup"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        mkdir(in_folder(folders[i]), 0700);
    write_text("set/aclImdb/imdb.vocab", "left out");
    write_text("set/aclImdb/train/unsup/0_0.txt", "left out");
    write_text("set/aclImdb/train/neg/9_1.txt", "Bad.<br /><br />Really <br/> bad<br />");
    write_text("set/aclImdb/train/neg/10_4.txt", "\xEF\xBB\xBF"
                                                 "Dull Caf\xE9");
    write_text("set/aclImdb/train/pos/0_10.txt", "Good!");
    write_text("set/aclImdb/test/neg/0_2.txt", "");
    write_text("set/aclImdb/test/pos/0_7.txt", "<br />");
}

static void test_reviews(void **state)
{
    (void)state;
    static const char *const ids[] = {"test/neg/0_2.txt", "test/pos/0_7.txt",
                                      "train/neg/10_4.txt", "train/neg/9_1.txt",
                                      "train/pos/0_10.txt"};
    make_reviews();
    seqnn_texts *texts = read_part(in_folder("set"), SEQNN_IMDB_DEFAULT, false);
    assert_non_null(texts);
    assert_int_equal(texts->count, 5);
    assert_int_equal(texts->classes, 2);
    assert_string_equal(texts->class_names[0], "neg");
    for (int i = 0; i < 5; i++) {
        assert_string_equal(texts->id[i], ids[i]);
        assert_int_equal(texts->label[i], i == 1 || i == 4);
    }
    assert_string_equal(texts->text[2], "Dull Caf\xC3\xA9");
    assert_string_equal(texts->text[3], "Bad.<br /><br />Really <br/> bad<br />");
    seqnn_texts_free(texts);
    texts = read_part(in_folder("set/aclImdb"), SEQNN_IMDB_TRAIN, true);
    assert_non_null(texts);
    assert_int_equal(texts->count, 3);
    assert_string_equal(texts->text[1], "Bad.  Really <br/> bad ");
    seqnn_texts_free(texts);
    texts = read_part(in_folder("set"), SEQNN_IMDB_TEST, true);
    assert_int_equal(texts->count, 2);
    assert_string_equal(texts->text[1], " ");
    seqnn_texts_free(texts);
}

static void test_bad_reviews(void **state)
{
    (void)state;
    make_reviews();
    assert_null(read_part(in_folder("none"), SEQNN_IMDB_DEFAULT, false));
    assert_error("none: is no folder");
    mkdir(in_folder("none"), 0700);
    assert_null(read_part(in_folder("none"), SEQNN_IMDB_DEFAULT, false));
    assert_error("none: neither test nor train is in it");
    assert_null(read_part(in_folder("none"), SEQNN_IMDB_TRAIN, false));
    assert_error("none: no folder train is in it");
    mkdir(in_folder("none/test"), 0700);
    assert_null(read_part(in_folder("none"), SEQNN_IMDB_DEFAULT, false));
    assert_error("none/test/neg: the folder cannot be opened: ");
    mkdir(in_folder("none/test/neg"), 0700);
    assert_null(read_part(in_folder("none"), SEQNN_IMDB_TEST, false));
    assert_error("none/test/neg: there is no review in it");
    assert_null(read_part(in_folder("set"), (seqnn_imdb_part)5, false));
    assert_error(".part is 5");
    assert_null(read_part("data/imdb.npz", SEQNN_IMDB_DEFAULT, false));
    assert_error(
        "imdb.npz: holds pickled Python objects, which are not read; imdb.h shows");
    assert_null(read_part(NULL, SEQNN_IMDB_DEFAULT, false));
    write_bytes("set/aclImdb/train/pos/1_9.txt", "a\0b", 3);
    assert_null(read_part(in_folder("set"), SEQNN_IMDB_DEFAULT, false));
    assert_error("train/pos/1_9.txt: holds a NUL byte");
    remove(in_folder("set/aclImdb/train/pos/1_9.txt"));
}

/* ---- Keras' numbers ---- */

/* Sequence i as "1 2 3". */
static const char *numbers_of(const seqnn_token_sequences *s, seqnn_size i)
{
    static char line[512];
    size_t used = 0;
    line[0] = '\0';
    for (seqnn_size k = s->begin[i]; k < s->begin[i + 1]; k++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%d",
                                 used > 0 ? " " : "", (int)s->indices[k]);
    return line;
}

static void check_keras(const seqnn_tokenizer *words)
{
    for (size_t i = 0; i < sizeof keras_cases / sizeof keras_cases[0]; i++) {
        const struct keras_case *c = &keras_cases[i];
        seqnn_imdb_index_options options;
        options.num_words = c->num_words;
        options.skip_top = c->skip_top;
        options.no_start = c->no_start;
        options.no_oov = c->no_oov;
        seqnn_token_sequences *s = seqnn_imdb_index(words, keras_texts, 5, options);
        assert_non_null(s);
        assert_int_equal(s->count, 5);
        for (int k = 0; k < 5; k++)
            assert_string_equal(numbers_of(s, k), c->numbers[k]);
        seqnn_token_sequences_free(s);
    }
}

static void test_keras(void **state)
{
    (void)state;
    /* words counted by ourselves, with and without an oov_token, and Keras' file */
    for (int oov = 0; oov < 2; oov++) {
        seqnn_tokenizer_options options;
        memset(&options, 0, sizeof options);
        options.oov_token = oov ? "[OOV]" : NULL;
        seqnn_tokenizer *words = seqnn_tokenizer_new(options);
        assert_int_equal(seqnn_tokenizer_fit(words, keras_texts, 5), SEQNN_OK);
        check_keras(words);
        static const char *const unknown[] = {"the unknown film"};
        seqnn_imdb_index_options all;
        memset(&all, 0, sizeof all);
        seqnn_token_sequences *s = seqnn_imdb_index(words, unknown, 1, all);
        assert_string_equal(numbers_of(s, 0), oov ? "1 4 2 5" : "1 4 5");
        seqnn_token_sequences_free(s);
        all.skip_top = -1;
        assert_null(seqnn_imdb_index(words, unknown, 1, all));
        assert_error("skip_top of at least 0");
        seqnn_tokenizer_free(words);
    }
    seqnn_tokenizer *words = seqnn_read_word_index(write_text("index.json", keras_index));
    assert_non_null(words);
    assert_int_equal(seqnn_tokenizer_words(words), 16);
    assert_int_equal(seqnn_tokenizer_index(words, "caf\xC3\xA9"), 14);
    check_keras(words);
    seqnn_tokenizer_free(words);
}

static void test_bad_index(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "i.json: "},
        {"{\"the\": 1", "i.json: "},
        {"{}", "i.json: no words, expected {\"word\": number, ...}"},
        {"[1, 2]", "i.json: no words"},
        {"{\"the\": 1, \"a\": 1}", "the word 'a' has come before, expected 1 to 2"},
        {"{\"the\": 1, \"a\": 3}", "the word 'a' is something else, expected 1 to 2"},
        {"{\"the\": 0}", "is something else"},
        {"{\"the\": 1.5}", "is something else"},
        {"{\"the\": \"1\"}", "is something else"},
        {"{\"the\": 1e300}", "is something else"},
        {"{\"the\": 1, \"The\": 2}", "'The' is no word as the tokenizer finds it"},
        {"{\"a b\": 1}", "'a b' is no word"},
        {"{\"a.\": 1, \"b\": 2}", "'a.' is no word"},
        {"{\"\": 1}", "'' is no word"},
        {"{\"<unk>\": 1}", "'<unk>' is no word"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(seqnn_read_word_index(write_text("i.json", bad[i][0])));
        assert_error(bad[i][1]);
    }
    assert_null(seqnn_read_word_index(NULL));
    assert_null(seqnn_read_word_index(in_folder("missing.json")));
    assert_error("missing.json: cannot be opened: ");
}

/* An index as large as the published one: nothing in it is quadratic. */
static void test_large_index(void **state)
{
    (void)state;
    const char *path = in_folder("large.json");
    FILE *file = fopen(path, "wb");
    fputs("{", file);
    for (int i = 0; i < 88584; i++)
        fprintf(file, "%s\"word%d\": %d", i > 0 ? ", " : "", i, (i * 7919) % 88584 + 1);
    fputs("}", file);
    fclose(file);
    seqnn_tokenizer *words = seqnn_read_word_index(path);
    assert_non_null(words);
    assert_int_equal(seqnn_tokenizer_words(words), 88584);
    assert_int_equal(seqnn_tokenizer_index(words, "word1"), 7919 + 2);
    seqnn_tokenizer_free(words);
}

/* ---- no memory ---- */

static bool read_all(void)
{
    static const seqnn_imdb_index_options all = {0, 0, false, false};
    seqnn_texts *texts = read_part(in_folder("set"), SEQNN_IMDB_DEFAULT, true);
    seqnn_tokenizer *words =
        texts ? seqnn_read_word_index(in_folder("index.json")) : NULL;
    seqnn_token_sequences *s =
        words ? seqnn_imdb_index(words, texts->text, texts->count, all) : NULL;
    bool done = s != NULL;
    seqnn_token_sequences_free(s);
    seqnn_tokenizer_free(words);
    seqnn_texts_free(texts);
    return done;
}

static void test_no_memory(void **state)
{
    (void)state;
    make_reviews();
    write_text("index.json", keras_index);
    each_allocation(read_all, 30);
}

/* ---- the public set ---- */

/* FNV-1a over a number's bytes, as tests/golden/imdb.py does it. */
static uint32_t add_number(uint32_t hash, int32_t number)
{
    for (int byte = 0; byte < 4; byte++)
        hash = (hash ^ (((uint32_t)number >> (8 * byte)) & 0xFF)) * 16777619u;
    return hash;
}

static void test_public_counts(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    int seen[2][2] = {{0, 0}, {0, 0}}, ratings[11] = {0};
    seqnn_texts *texts =
        read_part(public_file(path, "imdb[aclImdb/train]"), SEQNN_IMDB_DEFAULT, false);
    assert_non_null(texts);
    assert_int_equal(texts->count, 50000);
    sq_words distinct;
    memset(&distinct, 0, sizeof distinct);
    for (seqnn_size i = 0; i < texts->count; i++) {
        sq_words_add(&distinct, texts->text[i], (seqnn_size)strlen(texts->text[i]));
        seen[texts->id[i][1] == 'r'][texts->label[i]]++;
        ratings[atoi(strchr(texts->id[i], '_') + 1)]++;
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(seen[i / 2][i % 2], 12500);
    assert_int_equal(ratings[1] + ratings[2] + ratings[3] + ratings[4], 25000);
    assert_int_equal(ratings[0] + ratings[5] + ratings[6], 0);
    assert_int_equal(distinct.count, 49582);
    sq_words_free(&distinct);
    seqnn_texts_free(texts);
}

static void test_public_numbers(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *texts =
        read_part(public_file(path, "imdb[aclImdb/train]"), SEQNN_IMDB_TRAIN, false);
    assert_non_null(texts);
    seqnn_tokenizer_options words_options;
    memset(&words_options, 0, sizeof words_options);
    seqnn_tokenizer *words = seqnn_tokenizer_new(words_options);
    assert_int_equal(seqnn_tokenizer_fit(words, texts->text, texts->count), SEQNN_OK);
    assert_int_equal(seqnn_tokenizer_words(words), imdb_words);
    assert_int_equal(seqnn_tokenizer_tokens(words), imdb_tokens);
    seqnn_imdb_index_options options;
    memset(&options, 0, sizeof options);
    options.num_words = 10000;
    seqnn_token_sequences *s =
        seqnn_imdb_index(words, texts->text, texts->count, options);
    assert_non_null(s);
    assert_int_equal(s->begin[s->count], imdb_numbers);
    uint32_t hash = 2166136261u;
    for (seqnn_size i = 0; i < s->count; i++) {
        hash = add_number(hash, (int32_t)(s->begin[i + 1] - s->begin[i]));
        for (seqnn_size k = s->begin[i]; k < s->begin[i + 1]; k++)
            hash = add_number(hash, s->indices[k]);
    }
    assert_int_equal(hash, imdb_checksum);

    /* the first hundred as rows of 10,000 columns */
    seqnn_token_sequences first = *s;
    seqnn_n_hot_options binary;
    memset(&binary, 0, sizeof binary);
    first.count = 100;
    seqnn_dataset *rows = seqnn_n_hot(&first, 10000, binary);
    assert_non_null(rows);
    for (seqnn_size i = 0; i < 100; i++)
        for (seqnn_size k = s->begin[i]; k < s->begin[i + 1]; k++)
            assert_true(rows->x[0].values[i * 10000 + s->indices[k]] == 1);
    seqnn_dataset_free(rows);
    seqnn_token_sequences_free(s);
    seqnn_tokenizer_free(words);
    seqnn_texts_free(texts);
}

/* The published index, where it was downloaded: the first words are known to everyone. */
static void test_public_index(void **state)
{
    (void)state;
    static const char *const first[] = {"the", "and", "a",  "of", "to",
                                        "is",  "br",  "in", "it", "i"};
    char path[SEQNN_PATH_SIZE];
    seqnn_tokenizer *words =
        seqnn_read_word_index(public_file(path, "imdb/imdb_word_index.json"));
    assert_non_null(words);
    assert_int_equal(seqnn_tokenizer_words(words), 88584);
    for (int i = 0; i < 10; i++)
        assert_int_equal(seqnn_tokenizer_index(words, first[i]), i + 2);
    seqnn_tokenizer_free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reviews),       cmocka_unit_test(test_bad_reviews),
        cmocka_unit_test(test_keras),         cmocka_unit_test(test_bad_index),
        cmocka_unit_test(test_large_index),   cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_public_counts), cmocka_unit_test(test_public_numbers),
        cmocka_unit_test(test_public_index),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
