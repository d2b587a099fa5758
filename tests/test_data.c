/* Data: readers on good and bad files, splits; the public sets where they are.
 * Bad input is tested with the sentence it gets. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=strtof */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batches.h"
#include "bbc.h"
#include "dataset_rows.h"
#include "encode.h"
#include "files.h"
#include "find.h"
#include "imdb.h"
#include "newsgroups.h"
#include "numbers.h"
#include "pairs.h"
#include "random.h"
#include "outcomes.h"
#include "split.h"
#include "word_vectors.h"

/* The linker leads every call of malloc and strtof here: allocations are counted, and one
 * of them fails on demand; a decimal point in the hands of strtof is noted. */
static long allocations, failing = -1;
static bool point_seen;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
float __real_strtof(const char *text, char **end);
float __wrap_strtof(const char *text, char **end);

void *__wrap_malloc(size_t size)
{
    return allocations++ == failing ? NULL : __real_malloc(size);
}

float __wrap_strtof(const char *text, char **end)
{
    if (strpbrk(text, ".,"))
        point_seen = true;
    return __real_strtof(text, end);
}

/* ---- files of the tests' own ---- */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/seqnn_data_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* The path of a name below the folder; it stands until the next but three. */
static const char *in_folder(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *write_bytes(const char *name, const char *bytes, size_t size)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    return path;
}

static const char *write_text(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

static void make(const char *name)
{
    mkdir(in_folder(name), 0700);
}

/* ---- data sets ---- */

enum { SAMPLES = 10, TIME = 3, FEATURES = 2 };
static int32_t words[SAMPLES][TIME], starts[SAMPLES], lengths[SAMPLES], labels[SAMPLES];
static seqnn_real series[SAMPLES][TIME][FEATURES], weights[SAMPLES];
static const char *const names[] = {"even", "odd"};

/* Row i is recognised by any of its numbers. */
static seqnn_dataset sample_data(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        for (int t = 0; t < TIME; t++) {
            words[i][t] = 100 * i + t;
            for (int f = 0; f < FEATURES; f++)
                series[i][t][f] = (seqnn_real)(100 * i + 10 * t + f);
        }
        starts[i] = i % 2;
        lengths[i] = 1 + i % 3;
        labels[i] = i % 2;
        weights[i] = (seqnn_real)i;
    }
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    data.count = SAMPLES;
    data.x[0].indices = &words[0][0];
    data.x[0].time = TIME;
    data.x[0].start = starts;
    data.x[0].length = lengths;
    data.x[1].values = &series[0][0][0];
    data.x[1].time = TIME;
    data.x[1].features = FEATURES;
    data.y.indices = labels;
    data.weight = weights;
    data.vocabulary = 1000;
    data.classes = 2;
    data.class_names = names;
    return data;
}

static void check_row(const seqnn_dataset *data, seqnn_size row, int sample)
{
    assert_memory_equal(data->x[0].indices + row * TIME, words[sample], sizeof words[0]);
    assert_memory_equal(data->x[1].values + row * TIME * FEATURES, series[sample],
                        sizeof series[0]);
    assert_int_equal(data->x[0].start[row], starts[sample]);
    assert_int_equal(data->x[0].length[row], lengths[sample]);
    assert_int_equal(data->y.indices[row], labels[sample]);
    assert_true(data->weight[row] == weights[sample]);
}

static void test_take_and_slice(void **state)
{
    (void)state;
    seqnn_dataset data = sample_data();
    static const int32_t rows[] = {7, 0, 7};
    seqnn_dataset *taken = seqnn_dataset_take(&data, rows, 3);
    assert_non_null(taken);
    assert_int_equal(taken->count, 3);
    for (int i = 0; i < 3; i++)
        check_row(taken, i, rows[i]);
    assert_ptr_not_equal(taken->class_names, names);
    assert_string_equal(taken->class_names[1], "odd");
    seqnn_dataset view = seqnn_dataset_slice(&data, 4, 9);
    assert_int_equal(view.count, 5);
    assert_ptr_equal(view.x[0].indices, words[4]);
    for (int i = 0; i < 5; i++)
        check_row(&view, i, 4 + i);
    seqnn_dataset_free(&view); /* a view gives nothing back */
    seqnn_dataset_free(taken);
    seqnn_dataset_free(NULL);

    static const int32_t beyond[] = {0, SAMPLES}, before[] = {-1};
    assert_null(seqnn_dataset_take(&data, beyond, 2));
    assert_error("row 10 of 10");
    assert_null(seqnn_dataset_take(&data, before, 1));
    assert_error("row -1 of 10");
    assert_null(seqnn_dataset_take(&data, rows, -1));
    assert_error("-1 rows");
    view = seqnn_dataset_slice(&data, 4, 11);
    assert_int_equal(view.count, 0);
    assert_error("rows 4 to 11 of 10");
}

static void test_absurd_sizes(void **state)
{
    (void)state;
    seqnn_dataset data = sample_data();
    data.x[1].time = data.x[1].features = (seqnn_size)1 << 40;
    assert_null(sq_dataset_new(&data, SAMPLES));
    assert_error("too large");
    data.x[1].features = 1;
    assert_null(sq_dataset_new(&data, (seqnn_size)1 << 40));
    assert_error("too large");
}

/* ---- splits ---- */

static void test_split(void **state)
{
    (void)state;
    seqnn_dataset data = sample_data();
    seqnn_parts a = seqnn_split(&data, 0.3, 1), b = seqnn_split(&data, 0.3, 1),
                c = seqnn_split(&data, 0.3, 2);
    assert_int_equal(a.status, SEQNN_OK);
    assert_int_equal(a.train->count, 7);
    assert_int_equal(a.validation->count, 3);
    int seen[SAMPLES] = {0};
    for (seqnn_size i = 0; i < SAMPLES; i++) {
        const seqnn_dataset *part = i < 7 ? a.train : a.validation;
        seqnn_size row = i < 7 ? i : i - 7;
        int sample = part->x[0].indices[row * TIME] / 100;
        check_row(part, row, sample);
        seen[sample]++;
    }
    for (int i = 0; i < SAMPLES; i++)
        assert_int_equal(seen[i], 1);
    assert_memory_equal(a.train->x[0].indices, b.train->x[0].indices,
                        7 * sizeof words[0]);
    assert_memory_not_equal(a.train->x[0].indices, c.train->x[0].indices,
                            7 * sizeof words[0]);
    seqnn_parts_free(&a);
    seqnn_parts_free(&b);
    seqnn_parts_free(&c);
    static const double wrong[] = {0, 1, -0.5, 1.5};
    for (int i = 0; i < 4; i++) {
        a = seqnn_split(&data, wrong[i], 1);
        assert_int_equal(a.status, SEQNN_ERROR_ARGUMENT);
        assert_null(a.train);
        assert_error("expected between 0 and 1");
    }
    assert_int_equal(seqnn_split(&data, 0.04, 1).status, SEQNN_ERROR_ARGUMENT);
    assert_error("10 samples to train, 0 to validate");
    assert_int_equal(seqnn_split(NULL, 0.5, 1).status, SEQNN_ERROR_ARGUMENT);
}

static seqnn_texts *ten_texts(void)
{
    seqnn_texts *texts = seqnn_texts_new();
    for (int i = 0; i < SAMPLES; i++)
        assert_int_equal(seqnn_texts_add(texts, "text", names[i % 2], NULL), SEQNN_OK);
    return texts;
}

static void test_split_file(void **state)
{
    (void)state;
    seqnn_dataset data = sample_data();
    seqnn_texts *texts = ten_texts();
    seqnn_parts parts = seqnn_split_file(
        &data, texts,
        write_text("split", "# a split\n# documents 10 validation 2\n7\todd\r\n2\teven"));
    assert_int_equal(parts.status, SEQNN_OK);
    static const int train[] = {0, 1, 3, 4, 5, 6, 8, 9};
    assert_int_equal(parts.train->count, 8);
    assert_int_equal(parts.validation->count, 2);
    for (int i = 0; i < 8; i++)
        check_row(parts.train, i, train[i]);
    check_row(parts.validation, 0, 2);
    check_row(parts.validation, 1, 7);
    seqnn_parts_free(&parts);

    static const char *const bad[][2] = {
        {"7\todd\n11\teven\n", "split:2: no text has the id '11'"},
        {"7\todd\n7\todd\n", "split:2: the id '7' comes a second time"},
        {"7\teven\n", "split:1: the text '7' is of class odd, expected even"},
        {"# documents 2002 validation 400\n7\todd\n",
         "is for 2002 documents, these are 10"},
        {"# documents 10 validation 3\n7\todd\n",
         "lists 1 documents, expected 3: cut off?"},
        {"# nothing\n", "lists 0 of 10 documents"},
        {"", "lists 0 of 10 documents"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        parts = seqnn_split_file(&data, texts, write_text("split", bad[i][0]));
        assert_int_equal(parts.status, SEQNN_ERROR_FORMAT);
        assert_null(parts.train);
        assert_error(bad[i][1]);
    }
    data.count = 9;
    assert_int_equal(seqnn_split_file(&data, texts, in_folder("split")).status,
                     SEQNN_ERROR_SHAPE);
    assert_error("9 samples, expected one for each of 10 texts");
    seqnn_texts_free(texts);
}

/* ---- numbers ---- */

static void check_number(const char *text)
{
    seqnn_real value = 0;
    float expected = strtof(text, NULL); /* the C locale's, correctly rounded */
    const char *end = sq_parse_real(text, &value);
    if (!end || *end != '\0' || memcmp(&value, &expected, sizeof value) != 0)
        fail_msg("'%s' is read as %.9g, expected %.9g", text, (double)value,
                 (double)expected);
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0", "-0", "1", "+1", ".5", "5.", "-0.038194", "1e3", "1E-3", "-1.5e+2",
        "3.4028235e38", "1e-45", "1.1754942e-38", "1.17549435e-38", "1e-60", "0e9999",
        "16777217", "16777219", "0.1000000014901161193847656250000000000000001",
        "9007199254740993", "1e23", "100000000000000000000000000000",
        "18446744073709551616", "99999999999999999999", "7.038531e-26", "5.9604645e-8",
        "0.00000000000000000000000000000000000000000000000000001e53",
        /* half-way between two floats, a hair above, a hair below */
        "1.00000005960464477539062500", "1.00000005960464477539062501",
        "1.00000005960464477539062499", "1.00000017881393432617187500"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        check_number(good[i]);
    seqnn_random random = {1, 0, 0};
    char text[64];
    for (int i = 0; i < 200000; i++) { /* brute force over bits and lengths */
        uint32_t bits = seqnn_random_bits(&random) & 0xBFFFFFFFu;
        float value;
        memcpy(&value, &bits, sizeof value);
        snprintf(text, sizeof text, i % 2 ? "%.*g" : "%.*f", 1 + i % 12, (double)value);
        if (isfinite(value) && strlen(text) < 60)
            check_number(text);
    }
    static const char *const bad[] = {"",      "-",      ".",    "e5",  "1e",    "1e+",
                                      "nan",   "inf",    "0x10", "1,5", "1.2.3", "--1",
                                      "1e999", "-1e999", "1f",   "12a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        seqnn_real value;
        if (sq_parse_real(bad[i], &value))
            fail_msg("'%s' is read as a number", bad[i]);
    }
    char digits[1000];
    memset(digits, '1', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    seqnn_real value;
    assert_null(sq_parse_real(digits, &value));
}

/* strtof reads the decimal point of the user's locale: it must never see one. */
static void test_numbers_in_any_locale(void **state)
{
    (void)state;
    static const char *const numbers[] = {"0.5", "0.50000000000000000000000000000",
                                          "-.5e-30", "1.00000005960464477539062501"};
    point_seen = false;
    for (int i = 0; i < 4; i++) {
        seqnn_real value;
        assert_non_null(sq_parse_real(numbers[i], &value));
    }
    assert_false(point_seen);
    strtof("0.5", NULL); /* the watch itself works */
    assert_true(point_seen);
}

/* ---- titles ---- */

static void test_tsv(void **state)
{
    (void)state;
    /* CRLF, an empty line, UTF-8, a Latin-1 byte, no line feed at the end */
    seqnn_texts *texts =
        seqnn_read_tsv(write_text("t.tsv", "tech\tOne two\r\n\nart\tCaf\xC3\xA9 \xA3"
                                           "5\nart\t\ntech\tlast"));
    assert_non_null(texts);
    assert_int_equal(texts->count, 4);
    assert_int_equal(texts->classes, 2);
    assert_string_equal(texts->class_names[0], "art"); /* byte order */
    assert_int_equal(texts->label[0], 1);
    assert_string_equal(texts->text[0], "One two");
    assert_string_equal(texts->text[1], "Caf\xC3\xA9 \xC2\xA3"
                                        "5");
    assert_string_equal(texts->id[1], "2"); /* lines from 0 */
    assert_string_equal(texts->text[2], "");
    assert_string_equal(texts->text[3], "last");
    seqnn_texts_free(texts);
}

static void test_bad_tsv(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"tech\tone\nno tab here\n", "t.tsv:2: no tab, expected class<TAB>text"},
        {"tech\tone\n\ttwo\n", "t.tsv:2: no class before the tab"},
        {"a\tb\tc\n", "t.tsv:1: a second tab"},
        {"", "t.tsv: the file is empty"},
        {"\n\r\n\n", "t.tsv: the file is empty"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(seqnn_read_tsv(write_text("t.tsv", bad[i][0])));
        assert_error(bad[i][1]);
    }
    assert_null(seqnn_read_tsv(write_bytes("t.tsv", "a\tb\na\tb\0c\n", 10)));
    assert_error("t.tsv:2: the line holds a NUL byte");
    assert_null(seqnn_read_tsv(in_folder("missing.tsv")));
    assert_error("missing.tsv: cannot be opened: ");
    assert_null(seqnn_read_tsv(folder));
    assert_error("is a folder, expected a file");
}

/* A line of 3 MB is read, one beyond the limit is refused. */
static void test_huge_line(void **state)
{
    (void)state;
    size_t sizes[] = {3000000, ((size_t)1 << 26) + 1000000};
    for (int i = 0; i < 2; i++) {
        char *text = (char *)malloc(sizes[i]);
        memset(text, 'x', sizes[i]);
        text[1] = '\t';
        seqnn_texts *texts = seqnn_read_tsv(write_bytes("t.tsv", text, sizes[i]));
        if (i == 0) {
            assert_non_null(texts);
            assert_int_equal(strlen(texts->text[0]), sizes[i] - 2);
        } else {
            assert_null(texts);
            assert_error("t.tsv:1: the line is longer than 67108864 bytes");
        }
        seqnn_texts_free(texts);
        free(text);
    }
}

static void test_stories(void **state)
{
    (void)state;
    make("stories");
    assert_null(seqnn_read_bbc_titles(in_folder("stories")));
    assert_error("stories: no folder in it");
    make("stories/bbc");
    make("stories/bbc/tech");
    make("stories/bbc/art");
    assert_null(seqnn_read_bbc_titles(in_folder("stories")));
    assert_error("stories/bbc: its class folders hold no file");
    write_text("stories/bbc/README.TXT", "left out");
    write_text("stories/bbc/tech/.hidden", "left out");
    write_text("stories/bbc/tech/010.txt", "Second title\n\nBody.\n");
    write_text("stories/bbc/tech/002.txt", "First title\r\n\r\nA \xA3 body.");
    write_text("stories/bbc/art/001.txt", "");
    seqnn_texts *texts = seqnn_read_bbc_titles(in_folder("stories"));
    assert_non_null(texts);
    assert_int_equal(texts->count, 3);
    assert_string_equal(texts->id[0], "art/001.txt");
    assert_string_equal(texts->text[0], "");
    assert_string_equal(texts->id[1], "tech/002.txt");
    assert_string_equal(texts->text[1], "First title");
    assert_string_equal(texts->text[2], "Second title");
    assert_string_equal(texts->class_names[texts->label[2]], "tech");
    seqnn_texts_free(texts);
    texts = seqnn_read_bbc(in_folder("stories"));
    assert_string_equal(texts->text[1], "First title\r\n\r\nA \xC2\xA3 body.");
    seqnn_texts_free(texts);
    write_bytes("stories/bbc/tech/099.txt", "a\0b", 3);
    assert_null(seqnn_read_bbc(in_folder("stories")));
    assert_error("tech/099.txt: holds a NUL byte");
    assert_null(seqnn_read_bbc(in_folder("nowhere")));
    assert_error("nowhere: the folder cannot be opened: ");
    assert_null(seqnn_read_bbc_titles(NULL));
}

static void test_posts(void **state)
{
    (void)state;
    make("news");
    assert_null(seqnn_read_newsgroups(in_folder("news")));
    assert_error("news: neither 20news-bydate-test nor 20news-bydate-train is in it");
    make("news/20news-bydate-train");
    make("news/20news-bydate-train/sci.space");
    make("news/20news-bydate-train/alt.atheism");
    write_text("news/20news-bydate-train/sci.space/9",
               "From: a\nSubject: b\n\nCaf\xE9\n\nend\n");
    write_text("news/20news-bydate-train/sci.space/10", "From: a\r\n\r\nbody\r\n");
    write_text("news/20news-bydate-train/alt.atheism/1", "From: only a header\n");
    seqnn_texts *texts = seqnn_read_newsgroups(in_folder("news"));
    assert_non_null(texts);
    assert_int_equal(texts->count, 3);
    assert_string_equal(texts->text[0], "");
    assert_string_equal(texts->id[1],
                        "20news-bydate-train/sci.space/10"); /* bytes: 10 < 9 */
    assert_string_equal(texts->text[1], "body\r\n");
    assert_string_equal(texts->text[2], "Caf\xC3\xA9\n\nend\n");
    make("news/20news-bydate-test");
    make("news/20news-bydate-test/sci.space");
    write_text("news/20news-bydate-test/sci.space/5", "\nbody at once");
    seqnn_texts_free(texts);
    texts = seqnn_read_newsgroups(in_folder("news"));
    assert_int_equal(texts->count, 4);
    assert_string_equal(texts->text[0], "body at once");
    assert_int_equal(texts->label[0],
                     1); /* alt.atheism is class 0 although it comes later */
    assert_string_equal(texts->class_names[0], "alt.atheism");
    seqnn_texts_free(texts);
    /* one part by itself keeps its ids */
    texts = seqnn_read_newsgroups(in_folder("news/20news-bydate-test//"));
    assert_non_null(texts);
    assert_int_equal(texts->count, 1);
    assert_string_equal(texts->id[0], "20news-bydate-test/sci.space/5");
    seqnn_texts_free(texts);
    texts = seqnn_read_newsgroups(in_folder("news/20news-bydate-train"));
    assert_non_null(texts);
    assert_int_equal(texts->count, 3);
    seqnn_texts_free(texts);
    assert_null(seqnn_read_newsgroups(in_folder("news/x20news-bydate-train")));
    assert_error("x20news-bydate-train: is no folder");
}

/* ---- no memory ---- */

/* From a file to a batch; false if something failed, with everything given back. */
static bool run_all(const char *titles_path, const char *split_path,
                    const char *vectors_path)
{
    seqnn_encode_options options = {0};
    seqnn_tokenizer_options words_options = {0, "<unk>", NULL, false, false};
    seqnn_batches_options batch_options = {0};
    seqnn_real table[16][2];
    options.padding = options.truncating = SEQNN_POST;
    options.cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST;
    options.tokenizer = seqnn_tokenizer_new(words_options);
    seqnn_texts *titles = options.tokenizer ? seqnn_read_tsv(titles_path) : NULL;
    seqnn_dataset *data = seqnn_encode(titles, options);
    seqnn_parts parts = {SEQNN_OK, NULL, NULL, NULL};
    if (data)
        parts = seqnn_split_file(data, titles, split_path);
    seqnn_batches *batches = seqnn_batches_new(parts.train, 2, batch_options);
    seqnn_word_vectors *vectors = batches ? seqnn_word_vectors_read(vectors_path) : NULL;
    bool done = vectors &&
                seqnn_word_vectors_into(options.tokenizer, vectors_path, &table[0][0], 2)
                        .status == SEQNN_OK;
    seqnn_word_vectors_free(vectors);
    seqnn_batches_free(batches);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_texts_free(titles);
    seqnn_tokenizer_free(options.tokenizer);
    return done;
}

/* Every allocation fails once; the sanitizers see what is lost or used wrongly. */
static void test_no_memory(void **state)
{
    (void)state;
    const char *titles = write_text("t.tsv", "b\tBig dog\na\tSmall cat\nb\tBig fish\n");
    const char *split = write_text("split", "1\ta\n");
    const char *vectors = write_text("v.txt", "big 1 2\ncat 3 4\n");
    for (long n = 0;; n++) {
        allocations = 0;
        failing = n;
        bool done = run_all(titles, split, vectors);
        failing = -1;
        if (done) {
            assert_true(n > 30);
            break;
        }
        assert_error("memory: ");
        assert_error("memory: no room for ");
    }
}

/* ---- where data is looked for ---- */

static void test_find(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    char *old = getenv("SEQNN_DATA");
    old = old ? strdup(old) : NULL;
    make("a");
    make("a/set");
    make("b");
    make("b/set");
    make("b/set/inside");
    write_text("b/only_b", "x");
    write_text("b/second", "x");
    setenv("SEQNN_DATA", in_folder("b"), 1);
    char first[256]; /* in_folder gives its memory out again */
    snprintf(first, sizeof first, "%s", in_folder("a"));
    assert_string_equal(seqnn_find_data(path, first, "set"), in_folder("a/set"));
    assert_string_equal(seqnn_find_data(path, NULL, "set"), in_folder("b/set"));
    /* a place that has the folder, but not what must be in it, is passed over */
    assert_string_equal(seqnn_find_data(path, first, "set[inside]"), in_folder("b/set"));
    assert_string_equal(seqnn_find_data(path, first, "only_b"), in_folder("b/only_b"));
    assert_string_equal(seqnn_find_data(path, first, "none|second"),
                        in_folder("b/second"));
    assert_null(seqnn_find_data(path, first, "no_such_set"));
    assert_null(seqnn_read_tsv(NULL)); /* what was not found may be given to a reader */
    assert_null(seqnn_read_word_index(NULL));
    assert_null(seqnn_read_pairs_tsv(NULL));
    assert_error("'no_such_set' is not in ");
    assert_error("b ($SEQNN_DATA), datasets/cache or datasets");
    assert_null(seqnn_find_data(path, in_folder("nowhere"), "set"));
    assert_error("nowhere' is not a folder that can be opened");
    unsetenv("SEQNN_DATA");
    assert_non_null(seqnn_find_data(path, NULL, "wordvec/vectors.100d.txt"));
    assert_string_equal(path, "datasets/wordvec/vectors.100d.txt");
    if (old)
        setenv("SEQNN_DATA", old, 1);
    free(old);
}

/* ---- the bundled sets ---- */

static void test_bundled_sets(void **state)
{
    (void)state;
    static const int sizes[] = {343, 260, 281, 345, 271};
    seqnn_texts *titles = seqnn_read_bbc_titles("datasets/bbc");
    assert_non_null(titles);
    assert_int_equal(titles->count, 1500);
    assert_int_equal(titles->classes, 5);
    int seen[5] = {0};
    for (seqnn_size i = 0; i < titles->count; i++)
        seen[titles->label[i]]++;
    assert_memory_equal(seen, sizes, sizeof sizes);
    seqnn_texts_free(titles);

    seqnn_texts *posts = seqnn_read_newsgroups("datasets/20news");
    assert_non_null(posts);
    assert_int_equal(posts->count, 400);
    assert_int_equal(posts->classes, 20);
    seqnn_encode_options options = {0};
    options.padding = options.truncating = SEQNN_PRE;
    seqnn_tokenizer_options words_options = {0};
    options.tokenizer = seqnn_tokenizer_new(words_options);
    seqnn_dataset *data = seqnn_encode(posts, options);
    assert_non_null(data);
    seqnn_size rows = seqnn_tokenizer_vocabulary(options.tokenizer);
    seqnn_real *table = (seqnn_real *)calloc((size_t)rows * 100, sizeof *table);
    seqnn_coverage c = seqnn_word_vectors_into(
        options.tokenizer, "datasets/wordvec/vectors.100d.txt", table, 100);
    assert_int_equal(c.status, SEQNN_OK);
    assert_true(c.words_covered > 200 && c.words_covered < c.words);
    assert_true(c.tokens_covered * 10 > c.tokens * 8);
    free(table);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(options.tokenizer);
    seqnn_texts_free(posts);
}

/* ---- the public sets, where they are; the figures are Keras' (tests/golden/text.tsv)
 * ---- */

/* The place of a public set, or the test is skipped. */
static const char *public_set(char path[SEQNN_PATH_SIZE], const char *name,
                              const char *mark)
{
    const char *roots[] = {getenv("SEQNN_DATA"), "datasets/cache", "../shared/data"};
    for (int i = 0; i < 3; i++) {
        char inside[SEQNN_PATH_SIZE];
        if (roots[i] && sq_join_path(path, SEQNN_PATH_SIZE, roots[i], name) &&
            sq_join_path(inside, sizeof inside, path, mark) &&
            (sq_is_file(inside) || sq_is_folder(inside)))
            return path;
    }
    skip();
    return NULL;
}

/* FNV-1a over the bytes of the numbers, as tests/golden/text.py does it. */
static uint32_t checksum(const int32_t *numbers, seqnn_size count)
{
    uint32_t hash = 2166136261u;
    for (seqnn_size i = 0; i < count; i++)
        for (int byte = 0; byte < 4; byte++)
            hash = (hash ^ (((uint32_t)numbers[i] >> (8 * byte)) & 0xFF)) * 16777619u;
    return hash;
}

/* The fields of a line of the golden file that begins with these words. */
static void golden_line(const char *begin, char *line, int size)
{
    FILE *file = fopen("tests/golden/text.tsv", "rb");
    assert_non_null(file);
    while (fgets(line, size, file))
        if (strncmp(line, begin, strlen(begin)) == 0) {
            memmove(line, line + strlen(begin), strlen(line) - strlen(begin) + 1);
            fclose(file);
            return;
        }
    fail_msg("tests/golden/text.tsv has no line '%s'", begin);
}

static void test_public_titles(void **state)
{
    (void)state;
    static const int sizes[] = {459, 347, 375, 460, 361};
    char path[SEQNN_PATH_SIZE], line[8192];
    seqnn_texts *titles =
        seqnn_read_bbc_titles(public_set(path, "bbc", "bbc-titles.tsv"));
    assert_non_null(titles);
    assert_int_equal(titles->count, 2002);
    int seen[5] = {0};
    for (seqnn_size i = 0; i < titles->count; i++)
        seen[titles->label[i]]++;
    assert_memory_equal(seen, sizes, sizeof sizes);
    for (int recipe = 0; recipe < 2; recipe++) {
        long count, words_seen, time;
        unsigned long sum;
        golden_line(recipe == 0 ? "titles\tpunctuation\t" : "titles\tstop words\t", line,
                    sizeof line);
        assert_int_equal(
            sscanf(line, "%ld %ld %ld %lu", &count, &words_seen, &time, &sum), 4);
        seqnn_encode_options options = {0};
        options.padding = options.truncating = SEQNN_POST;
        options.cleaning =
            recipe == 0 ? SEQNN_CLEAN_PUNCTUATION_FIRST : SEQNN_CLEAN_TITLES;
        seqnn_dataset *data = seqnn_encode(titles, options);
        assert_non_null(data);
        assert_int_equal(data->vocabulary, words_seen + 1);
        assert_int_equal(data->x[0].time, time);
        assert_int_equal(checksum(data->x[0].indices, data->count * data->x[0].time),
                         sum);
        seqnn_parts parts =
            seqnn_split_file(data, titles, "datasets/splits/bbc_titles.txt");
        assert_int_equal(parts.status, SEQNN_OK);
        assert_int_equal(parts.train->count, 1602);
        assert_int_equal(parts.validation->count, 400);
        seqnn_parts_free(&parts);
        seqnn_dataset_free(data);
    }
    seqnn_texts_free(titles);
}

static void test_public_stories(void **state)
{
    (void)state;
    static const int sizes[] = {459, 347, 375, 460, 361};
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *stories = seqnn_read_bbc(public_set(path, "bbc", "bbc/sport"));
    assert_non_null(stories);
    assert_int_equal(stories->count, 2002);
    assert_int_equal(stories->classes, 5);
    int seen[5] = {0};
    for (seqnn_size i = 0; i < stories->count; i++)
        seen[stories->label[i]]++;
    assert_memory_equal(seen, sizes, sizeof sizes);
    seqnn_texts_free(stories);
}

static void test_public_newsgroups(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE], line[8192];
    long count, words_seen, tokens;
    unsigned long sum;
    golden_line("newsgroups\t", line, sizeof line);
    assert_int_equal(sscanf(line, "%ld %ld %ld %lu", &count, &words_seen, &tokens, &sum),
                     4);
    seqnn_texts *posts =
        seqnn_read_newsgroups(public_set(path, "20news", "20news-bydate-train"));
    assert_non_null(posts);
    assert_int_equal(posts->count, 18846);
    assert_int_equal(posts->classes, 20);
    int train = 0;
    for (seqnn_size i = 0; i < posts->count; i++)
        train += strncmp(posts->id[i], "20news-bydate-train/", 20) == 0;
    assert_int_equal(train, 11314);
    seqnn_tokenizer_options words_options = {20000, NULL, NULL, false, false};
    seqnn_encode_options options = {0};
    options.padding = options.truncating = SEQNN_PRE;
    options.length = 150;
    options.tokenizer = seqnn_tokenizer_new(words_options);
    seqnn_dataset *data = seqnn_encode(posts, options);
    assert_non_null(data);
    assert_int_equal(seqnn_tokenizer_words(options.tokenizer), words_seen);
    assert_int_equal(seqnn_tokenizer_tokens(options.tokenizer), tokens);
    assert_int_equal(checksum(data->x[0].indices, data->count * 150), sum);
    seqnn_parts parts = seqnn_split_file(data, posts, "datasets/splits/20news.txt");
    assert_int_equal(parts.status, SEQNN_OK);
    assert_int_equal(parts.train->count, 15077);
    assert_int_equal(parts.validation->count, 3769);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(options.tokenizer);
    seqnn_texts_free(posts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_and_slice),
        cmocka_unit_test(test_absurd_sizes),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_file),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_in_any_locale),
        cmocka_unit_test(test_tsv),
        cmocka_unit_test(test_bad_tsv),
        cmocka_unit_test(test_huge_line),
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_posts),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_bundled_sets),
        cmocka_unit_test(test_public_titles),
        cmocka_unit_test(test_public_stories),
        cmocka_unit_test(test_public_newsgroups),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
