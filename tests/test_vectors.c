/* Word vectors: the four formats, good and bad, and the public files beside numpy's
 * reading of them. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#ifdef SEQNN_USE_ZLIB
#include <zlib.h>
#endif

#include "embedding.h"
#include "model.h"
#include "safetensors.h"
#include "word_vectors.h"
#include "word_vectors_build.h"
#include "word_vectors_record.h"

static void test_glove(void **state)
{
    (void)state;
    const char *path = write_text("v.txt", "the 0.5 -1e-1 3\r\n, 1 2 3 \ncaf\xC3\xA9 "
                                           "-.25 7 8\nthe 9 9 9\ncat 4 5 6");
    seqnn_word_vectors *v = seqnn_word_vectors_read(path);
    assert_non_null(v);
    assert_int_equal(v->count, 4);
    assert_int_equal(v->dimension, 3);
    static const seqnn_real the[] = {(seqnn_real)0.5, (seqnn_real)-0.1, 3},
                            cat[] = {4, 5, 6};
    assert_string_equal(v->word[2], "caf\xC3\xA9");
    assert_memory_equal(seqnn_word_vectors_find(v, "the"), the, sizeof the);
    assert_memory_equal(seqnn_word_vectors_find(v, "cat"), cat, sizeof cat);
    assert_null(seqnn_word_vectors_find(v, "dog"));
    assert_null(seqnn_word_vectors_find(v, NULL));
    assert_null(seqnn_word_vectors_find(NULL, "cat"));
    seqnn_word_vectors_free(v);
    seqnn_word_vectors_free(NULL);
}

/* The words that both texts below hold. */
static seqnn_tokenizer *some_words(void)
{
    static const char *const texts[] = {"dog dog dog cat cat the the mat caf\xC3\xA9"};
    seqnn_tokenizer_options options;
    memset(&options, 0, sizeof options);
    options.num_words = 5;
    options.oov_token = "<unk>";
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(options);
    if (tokenizer && seqnn_tokenizer_fit(tokenizer, texts, 1) == SEQNN_OK)
        return tokenizer;
    seqnn_tokenizer_free(tokenizer);
    return NULL;
}

enum { FORMATS = 6 };

static const char *write_arrays(const char *name, const seqnn_named_array *arrays,
                                seqnn_size count)
{
    const char *path = in_folder(name);
    assert_int_equal(seqnn_safetensors_write(path, arrays, count, NULL, 0), SEQNN_OK);
    return path;
}

/* Two vectors of three numbers, 0.5 -1 3 and 4 5 6, in each format. */
static const char *write_format(int format)
{
    static const float single[] = {0.5f, -1, 3, 4, 5, 6};
    static const double twice[] = {0.5, -1, 3, 4, 5, 6};
    const seqnn_named_array arrays[] = {
        {.name = "other", .rank = 1, .shape = {1}, .data = single},
        {.name = "vectors", .rank = 2, .shape = {2, 3}, .data = single},
        {.name = "words",
         .dtype = SEQNN_U8,
         .rank = 1,
         .shape = {8},
         .data = "the\ncat\n"},
        {.name = "vectors",
         .dtype = SEQNN_F64,
         .rank = 2,
         .shape = {2, 3},
         .data = twice}};
    static const char lines[] = "the 0.5 -1 3\ncat 4 5 6\n",
                      headed[] = "2 3\nthe 0.5 -1 3\ncat 4 5 6\n",
                      binary[] = "2 3\nthe \0\0\0\x3F\0\0\x80\xBF\0\0\x40\x40"
                                 "cat \0\0\x80\x40\0\0\xA0\x40\0\0\xC0\x40",
                      with_feeds[] = "2 3 \r\nthe \0\0\0\x3F\0\0\x80\xBF\0\0\x40\x40\n"
                                     "cat \0\0\x80\x40\0\0\xA0\x40\0\0\xC0\x40\n";
    switch (format) {
    case 0:
        return write_bytes("v0", lines, sizeof lines - 1);
    case 1:
        return write_bytes("v1", headed, sizeof headed - 1);
    case 2:
        return write_bytes("v2", binary, sizeof binary - 1);
    case 3:
        return write_bytes("v3", with_feeds, sizeof with_feeds - 1);
    case 4:
        return write_arrays("v4", arrays, 3);
    default:
        return write_arrays("v5", arrays + 2, 2);
    }
}

static void test_formats(void **state)
{
    (void)state;
    static const seqnn_real numbers[] = {(seqnn_real)0.5, -1, 3, 4, 5, 6};
    for (int format = 0; format < FORMATS; format++) {
        const char *path = write_format(format);
        seqnn_word_vectors *v = seqnn_word_vectors_read(path);
        assert_non_null(v);
        assert_int_equal(v->count, 2);
        assert_int_equal(v->dimension, 3);
        assert_string_equal(v->word[0], "the");
        assert_string_equal(v->word[1], "cat");
        assert_memory_equal(v->values, numbers, sizeof numbers);
        seqnn_tokenizer *tokenizer = some_words();
        seqnn_real table[5][3], other[5][3];
        for (int i = 0; i < 15; i++)
            table[i / 3][i % 3] = other[i / 3][i % 3] = -7;
        seqnn_coverage c = seqnn_word_vectors_fill(tokenizer, v, &other[0][0], 3);
        seqnn_coverage again = seqnn_word_vectors_into(tokenizer, path, &table[0][0], 3);
        assert_int_equal(again.status, SEQNN_OK);
        assert_int_equal(again.words_covered, c.words_covered);
        assert_int_equal(again.tokens_covered, c.tokens_covered);
        assert_memory_equal(table, other, sizeof table);
        seqnn_word_vectors_free(v);
        assert_int_equal(c.status, SEQNN_OK);
        assert_int_equal(c.words, 3); /* dog, cat, the: below num_words */
        assert_int_equal(c.words_covered, 2);
        assert_int_equal(c.tokens, 7);
        assert_int_equal(c.tokens_covered, 4);
        assert_memory_equal(table[seqnn_tokenizer_index(tokenizer, "the")], numbers, 12);
        assert_memory_equal(table[seqnn_tokenizer_index(tokenizer, "cat")], numbers + 3,
                            12);
        for (int i = 0; i < 3; i++) /* padding, <unk> and dog stay as they were */
            assert_true(table[i][0] == -7 && table[i][2] == -7);
        c = seqnn_word_vectors_into(tokenizer, path, &table[0][0], 2);
        assert_int_equal(c.status, SEQNN_ERROR_FORMAT);
        assert_error("3 numbers behind the word 'the', expected 2");

        /* the table is what an embedding layer starts from */
        seqnn_model *model = seqnn_model_new(1);
        seqnn_embedding(model, seqnn_tokenizer_vocabulary(tokenizer), 3,
                        (seqnn_embedding_options){.vectors = other[0]});
        assert_true(seqnn_ok(model));
        seqnn_size count;
        assert_memory_equal(seqnn_weights(model, &count), other, sizeof other);
        assert_true(count >= 15);
        seqnn_free(model);
        seqnn_tokenizer_free(tokenizer);
    }
}

/* Vectors of one's own, where a word may come twice. */
static void test_fill(void **state)
{
    (void)state;
    static const char *const words[] = {"the", "horse", "the", "cat"};
    seqnn_real values[] = {1, 2, 3, 4, 5, 6, 7, 8}, table[5][2] = {{0}};
    const seqnn_word_vectors ours = {4, 2, words, values};
    seqnn_tokenizer *tokenizer = some_words();
    seqnn_coverage c = seqnn_word_vectors_fill(tokenizer, &ours, &table[0][0], 2);
    assert_int_equal(c.status, SEQNN_OK);
    assert_int_equal(c.words, 3);
    assert_int_equal(c.words_covered, 2);
    assert_int_equal(c.tokens, 7);
    assert_int_equal(c.tokens_covered, 4);
    assert_memory_equal(table[seqnn_tokenizer_index(tokenizer, "the")], values,
                        2 * sizeof *values);
    assert_memory_equal(table[seqnn_tokenizer_index(tokenizer, "cat")], values + 6,
                        2 * sizeof *values);
    c = seqnn_word_vectors_fill(tokenizer, &ours, &table[0][0], 3);
    assert_int_equal(c.status, SEQNN_ERROR_ARGUMENT);
    assert_error("vectors of 2 numbers for a table of 3");
    /* vectors that could not be read: what was wrong with them stays */
    assert_null(seqnn_word_vectors_read(in_folder("missing.txt")));
    assert_int_equal(seqnn_word_vectors_fill(tokenizer, NULL, &table[0][0], 2).status,
                     SEQNN_ERROR_ARGUMENT);
    assert_error("missing.txt: cannot be opened: ");
    assert_int_equal(seqnn_word_vectors_into(tokenizer, NULL, &table[0][0], 2).status,
                     SEQNN_ERROR_FILE);
    assert_error("missing.txt: cannot be opened: ");
    assert_int_equal(seqnn_word_vectors_fill(NULL, &ours, &table[0][0], 2).status,
                     SEQNN_ERROR_ARGUMENT);
    assert_error("no tokenizer");
    assert_int_equal(seqnn_word_vectors_fill(tokenizer, &ours, NULL, 2).status,
                     SEQNN_ERROR_ARGUMENT);
    assert_error("no table of dimension 2");
    assert_int_equal(seqnn_word_vectors_fill(tokenizer, &ours, &table[0][0], 0).status,
                     SEQNN_ERROR_ARGUMENT);
    assert_error("a table of dimension 0");
    values[7] = (seqnn_real)HUGE_VAL;
    c = seqnn_word_vectors_fill(tokenizer, &ours, &table[0][0], 2);
    assert_int_equal(c.status, SEQNN_ERROR_NUMBER);
    assert_error("number 1 of 'cat' is not finite");
    seqnn_tokenizer_free(tokenizer);
}

static void test_bad_text(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"the 1 2 3\ncat 1 2\n", "v.txt:2: 2 numbers behind the word 'cat', expected 3"},
        {"the 1 2 3\ncat 1 2 3 4\n",
         "v.txt:2: 4 numbers behind the word 'cat', expected 3"},
        {"the 1 2 3\ncat 1 x 3\n", "v.txt:2: 'x' in place 2 is no finite number"},
        {"the 1 2 3\ncat 1 2 0.5", NULL},             /* whole */
        {"\xEF\xBB\xBFthe 1 2 3\n", NULL},            /* a byte-order mark */
        {"the 1 2 3\ncat 1 2", "v.txt:2: 2 numbers"}, /* cut off */
        {"the 1 2 3\ncat 1 2 nan\n", "'nan' in place 3 is no finite number"},
        {"the 1 2 3\ncat 1  3\n", "'' in place 2 is no finite number"},
        {"the 1 2 1e99\n", "v.txt:1: '1e99' in place 3"},
        {"the 1 2 3\n\ncat 1 2 3\n", "v.txt:2: an empty line"},
        {"the\n", "v.txt:1: a word without numbers"},
        {" 1 2 3\n", "v.txt:1: a blank in front"},
        {"", "v.txt: the file is empty"},
        /* headers */
        {"4 100\nthe 1 2 3\n", "v.txt:2: 3 numbers behind the word 'the', expected 100"},
        {"2 3\nthe 1 2 3\n", "v.txt: the header says 2 vectors, the file ends behind 1"},
        {"1 3\nthe 1 2 3\ncat 4 5 6\n", "v.txt: the header says 1 vectors, more follow"},
        {"2 3\n", "v.txt: the header says 2 vectors, the file ends behind 0"},
        {"2 3\nthe 1 2 nan\ncat 4 5 6\n", "v.txt:2: 'nan' in place 3"},
        {"2 8\nthe 1 2 3 4 5 6 7 eight\n", "v.txt:2: 'eight' in place 8"},
        {"0 3\n", "the header says 0 vectors of 3 numbers, expected 1 to 2147483645"},
        {"1000000000000 3\nthe 1 2 3\n",
         "v.txt:1: the header says 1000000000000 vectors"},
        {"1 1000000000000\nthe 1 2 3\n", "of 1000000000000 numbers, expected"},
        {"99999999999999999999999999 3\nthe 1 2 3\n", "v.txt:1: the header says 99999"},
        {"2 0\nthe 1\n", "vectors of 0 numbers"},
        {"2 3", "v.txt: "}, /* no header: the word 2 and the number 3 */
        {"2 3\nword", "vector 1 of 2: the file ends in the word"},
        {"2 3\n 1 2 3\n", "v.txt:2: a blank in front"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        seqnn_word_vectors *v = seqnn_word_vectors_read(write_text("v.txt", bad[i][0]));
        if (strcmp(bad[i][0], "2 3") == 0) {
            assert_non_null(v);
            assert_string_equal(v->word[0], "2");
        } else if (bad[i][1]) {
            assert_null(v);
            assert_error(bad[i][1]);
        } else {
            assert_non_null(v);
            assert_string_equal(v->word[0], "the");
        }
        seqnn_word_vectors_free(v);
    }
    assert_null(seqnn_word_vectors_read(write_bytes("v.txt", "a 1\nb\0 2\n", 9)));
    assert_error("v.txt:2: the line holds a NUL byte");
    assert_null(seqnn_word_vectors_read(in_folder("missing.txt")));
    assert_error("missing.txt: cannot be opened: ");
    assert_null(seqnn_word_vectors_read(NULL));
    seqnn_real row[1] = {0};
    assert_int_equal(seqnn_word_vectors_into(NULL, "x", row, 1).status,
                     SEQNN_ERROR_ARGUMENT);
    assert_null(seqnn_word_vectors_read(write_large("v.txt", "", "x", 100000000)));
    assert_error("v.txt:1: the line is longer than 67108864 bytes");
    assert_null(seqnn_word_vectors_read(write_large("v.txt", "", "x", 100000)));
    assert_error("v.txt:1: a word without numbers");
}

/* A binary file that is cut, that lies, that holds what no vector may. */
static void test_bad_binary(void **state)
{
    (void)state;
    static const char whole[] =
        "2 2\nthe \0\0\0\x3F\0\0\x80\xBF\ncat \0\0\x80\x40\0\0\xA0"
        "\x40\n";
    const size_t size = sizeof whole - 1;
    for (size_t cut = 0; cut <= size; cut++) {
        seqnn_word_vectors *v = seqnn_word_vectors_read(write_bytes("v.bin", whole, cut));
        if (cut >= size - 1) /* the last line feed may be missing */
            assert_non_null(v);
        else if (cut == 3) /* "2 2": a GloVe file */
            assert_non_null(v);
        else
            assert_null(v);
        seqnn_word_vectors_free(v);
    }
    static const struct {
        const char *bytes;
        int size;
        const char *error;
    } bad[] = {
        {"2 2\nthe \0\0\0\x3F\0\0\x80", 15,
         "v.bin: vector 1 of 2, 'the', is cut off: 7 of"},
        {"1 1\nthe \0\0\x80\x7F", 12, "vector 1 of 1, 'the', holds a number that is not"},
        {"1 1\nthe \1\0\xC0\xFF", 12, "vector 1 of 1, 'the', holds a number that is not"},
        {"1 1\nthe \0\0\0\x3F\nx", 14, "v.bin: the header says 1 vectors, more follow"},
        {"1 1\n \0\0\0\x3F", 9, "vector 1 of 1: an empty word"},
        {"1 1\nt\0e \0\0\0\x3F", 12, "vector 1 of 1: a word that holds a NUL byte"},
        {"2 1\nthe \0\0\0\x3F", 12, "the header says 2 vectors, the file ends behind 1"},
        {"2 1\nthe \0\0\0\x3Fthe", 15, "vector 2 of 2: the file ends in the word"},
        {"3 1\nthe \0\0\0\x3F\ncat \0\0\0\x3F\n", 22,
         "v.bin: the header says 3 vectors, the file ends behind 2"},
        {"2147483645 1\nthe \0\0\0\x3F", 21,
         "the header says 2147483645 vectors, the file ends behind 1"},
        {"2147483646 1\nthe \0\0\0\x3F", 21, "v.bin:1: the header says 2147483646"},
        {"99999999999999 1\nthe \0\0\0\x3F", 25, "the header says 99999999999999"},
        {"0 1\nthe \0\0\0\x3F", 12, "the header says 0 vectors of 1 numbers"},
        {"1 0\nthe \0\0\0\x3F", 12, "the header says 1 vectors of 0 numbers"},
        {"1 65537\nthe \0\0\0\x3F", 16, "1 vectors of 65537 numbers, expected"},
        {"1 65536\nthe \0\0\0\x3F", 16, "is cut off: 4 of its 262144 bytes"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(seqnn_word_vectors_read(
            write_bytes("v.bin", bad[i].bytes, (size_t)bad[i].size)));
        assert_error(bad[i].error);
    }
    assert_null(seqnn_word_vectors_read(write_large("v.bin", "9 9\n", "x", 100000000)));
    assert_error("vector 1 of 9: a word of more than 4096 bytes");
}

/* Safetensors that are cut, that lie, that hold something else. */
static void test_bad_arrays(void **state)
{
    (void)state;
    static const float numbers[] = {1, 2, 3, 4}, odd[] = {1, 2, 3, (float)HUGE_VAL};
    static char longest[5000];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\n';
    static const struct {
        const char *name;
        int rank;
        seqnn_size rows, columns;
        const float *numbers;
        const char *words;
        seqnn_size size;
        const char *error;
    } bad[] = {
        {"vector", 2, 2, 2, numbers, "a\nb\n", 4,
         "v.safetensors: no tensor 'vectors', expected tensors 'vectors' [count,"},
        {"vectors", 1, 4, 0, numbers, "a\nb\n", 4, "'vectors' is no matrix"},
        {"vectors", 2, 2, 2, numbers, NULL, 0, "no tensor 'words'"},
        {"vectors", 2, 0, 2, numbers, "", 0,
         "'vectors' is [0, 2], expected 1 to 2147483645 vectors of 1 to 65536"},
        {"vectors", 2, 2, 0, numbers, "a\nb\n", 4, "'vectors' is [2, 0], expected"},
        {"vectors", 2, 2, 2, numbers, "a\n", 2, "'words' ends before word 2 of 2"},
        {"vectors", 2, 2, 2, numbers, "a\nb", 3,
         "'words' ends within word 2 of 2, expected a line feed behind each"},
        {"vectors", 2, 2, 2, numbers, "a\nb\nc\n", 6, "'words' holds more than 2 words"},
        {"vectors", 2, 2, 2, numbers, "a\n\n", 3, "word 2 of 2: it is empty"},
        {"vectors", 2, 2, 2, numbers, "a\nb\0\n", 5, "word 2 of 2: it holds a NUL byte"},
        {"vectors", 2, 1, 4, numbers, longest, sizeof longest,
         "word 1 of 1: it is longer, expected 1 to 4096 bytes"},
        {"vectors", 2, 2, 2, odd, "a\nb\n", 4,
         "vector 2 of 2, 'b', holds a number that is not finite"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const seqnn_named_array arrays[] = {{.name = bad[i].name,
                                             .rank = bad[i].rank,
                                             .shape = {bad[i].rows, bad[i].columns},
                                             .data = bad[i].numbers},
                                            {.name = "words",
                                             .dtype = SEQNN_U8,
                                             .rank = 1,
                                             .shape = {bad[i].size},
                                             .data = bad[i].words}};
        assert_null(seqnn_word_vectors_read(
            write_arrays("v.safetensors", arrays, bad[i].words ? 2 : 1)));
        assert_error(bad[i].error);
    }
    const seqnn_named_array wrong[] = {
        {.name = "vectors", .rank = 2, .shape = {2, 2}, .data = numbers},
        {.name = "words", .dtype = SEQNN_I8, .rank = 1, .shape = {4}, .data = "a\nb\n"}};
    assert_null(seqnn_word_vectors_read(write_arrays("v.safetensors", wrong, 2)));
    assert_error("'words' is no row of bytes");

    FILE *file = fopen(write_format(4), "rb");
    char bytes[1000];
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut++) {
        sq_fail(SEQNN_OK, "%s", "");
        assert_null(seqnn_word_vectors_read(write_bytes("v.safetensors", bytes, cut)));
        assert_true(seqnn_error()[0] != '\0');
    }
    assert_error("cut off?");
#ifdef SEQNN_USE_ZLIB
    gzFile packed = gzopen(in_folder("v.safetensors"), "wb");
    gzwrite(packed, bytes, (unsigned)size);
    gzclose(packed);
    assert_null(seqnn_word_vectors_read(in_folder("v.safetensors")));
    assert_error("a compressed safetensors file, expected it decompressed");
#endif
}

static void test_compressed(void **state)
{
    (void)state;
#ifdef SEQNN_USE_ZLIB
    const char *path = in_folder("v.gz");
    gzFile out = gzopen(path, "wb");
    for (int i = 0; i < 50000; i++)
        gzprintf(out, "w%d %d.5 -%d\n", i, i, i);
    gzclose(out);
    seqnn_word_vectors *v = seqnn_word_vectors_read(path);
    assert_non_null(v);
    assert_int_equal(v->count, 50000);
    assert_true(seqnn_word_vectors_find(v, "w49999")[1] == -49999);
    seqnn_word_vectors_free(v);
    FILE *file = fopen(path, "rb");
    char *bytes = (char *)malloc(1 << 20);
    size_t size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    path = write_bytes("cut.gz", bytes, size / 2);
    assert_null(seqnn_word_vectors_read(path));
    assert_error("cut.gz: damaged or cut off gzip file (unexpected end)");
    bytes[size / 2] = (char)~bytes[size / 2];
    path = write_bytes("bad.gz", bytes, size);
    assert_null(seqnn_word_vectors_read(path));
    assert_error("bad.gz:");
    free(bytes);
#else
    assert_null(seqnn_word_vectors_read(write_text("v.gz", "\x1F\x8B\x08")));
    assert_error("is gzip-compressed");
#endif
}

static bool read_each_format(void)
{
    bool done = true;
    seqnn_tokenizer *tokenizer = some_words();
    for (int format = 0; format < FORMATS && done; format++) {
        char name[] = "v0";
        name[1] = (char)('0' + format);
        seqnn_real table[5][3];
        seqnn_word_vectors *v =
            tokenizer ? seqnn_word_vectors_read(in_folder(name)) : NULL;
        done =
            v &&
            !seqnn_word_vectors_into(tokenizer, in_folder(name), &table[0][0], 3).status;
        seqnn_word_vectors_free(v);
    }
    seqnn_tokenizer_free(tokenizer);
    return done;
}

static void test_no_memory(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++)
        write_format(format);
    each_allocation(read_each_format, 50);
}

/* ---- writing ---- */

static const char *const written_words[] = {"the", "caf\xC3\xA9", "a\tb", "2"};
static const seqnn_real written_numbers[] = {(seqnn_real)0.1,
                                             (seqnn_real)-1e-30,
                                             (seqnn_real)3.4e38,
                                             0,
                                             16777216,
                                             (seqnn_real)1e-45,
                                             -2.5,
                                             7};

static void test_write(void **state)
{
    (void)state;
    const char *path = in_folder("written");
    seqnn_word_vectors ours = {4, 2, written_words, written_numbers};
    for (int format = 0; format <= SEQNN_VECTORS_SAFETENSORS; format++) {
        assert_int_equal(
            seqnn_word_vectors_write(&ours, path, (seqnn_vector_format)format), SEQNN_OK);
        seqnn_word_vectors *v = seqnn_word_vectors_read(path);
        assert_non_null(v);
        assert_int_equal(v->count, 4);
        assert_memory_equal(v->values, written_numbers, sizeof written_numbers);
        for (int i = 0; i < 4; i++)
            assert_string_equal(v->word[i], written_words[i]);
        seqnn_word_vectors_free(v);
    }
    /* what cannot be written leaves the old file */
    static const char *const blank[] = {"the", "a b"}, *const empty[] = {"the", ""};
    seqnn_real infinite[] = {1, 2, 3, (seqnn_real)HUGE_VAL};
    ours.count = 2;
    ours.word = blank;
    assert_int_equal(seqnn_word_vectors_write(&ours, path, SEQNN_VECTORS_GLOVE),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("word vectors: word 1 is 'a b', expected 1 to 4096 bytes without");
    assert_int_equal(
        seqnn_word_vectors_write(&ours, in_folder("blank"), SEQNN_VECTORS_SAFETENSORS),
        SEQNN_OK);
    seqnn_word_vectors *blanks = seqnn_word_vectors_read(in_folder("blank"));
    assert_non_null(blanks);
    assert_string_equal(blanks->word[1], "a b");
    seqnn_word_vectors_free(blanks);
    static const char *const feed[] = {"the", "a\nb"};
    ours.word = feed;
    assert_int_equal(seqnn_word_vectors_write(&ours, path, SEQNN_VECTORS_SAFETENSORS),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("expected 1 to 4096 bytes without line feed");
    static const char *const twice[] = {"the", "the"};
    ours.word = twice;
    for (int format = 0; format <= SEQNN_VECTORS_SAFETENSORS; format++) {
        assert_int_equal(
            seqnn_word_vectors_write(&ours, path, (seqnn_vector_format)format),
            SEQNN_ERROR_ARGUMENT);
        assert_error("word 1 is 'the', which is word 0 already");
    }
    ours.word = empty;
    assert_int_equal(seqnn_word_vectors_write(&ours, path, SEQNN_VECTORS_GLOVE),
                     SEQNN_ERROR_ARGUMENT);
    ours.word = written_words;
    ours.values = infinite;
    assert_int_equal(seqnn_word_vectors_write(&ours, path, SEQNN_VECTORS_DEFAULT),
                     SEQNN_ERROR_NUMBER);
    assert_error("number 1 of 'caf\xC3\xA9' is not finite");
    assert_int_equal(seqnn_word_vectors_write(&ours, path, SEQNN_VECTORS_SAFETENSORS),
                     SEQNN_ERROR_NUMBER);
    ours.count = 0;
    assert_int_equal(seqnn_word_vectors_write(&ours, path, SEQNN_VECTORS_DEFAULT),
                     SEQNN_ERROR_ARGUMENT);
    seqnn_word_vectors *v = seqnn_word_vectors_read(path);
    assert_non_null(v);
    assert_int_equal(v->count, 4);
    seqnn_word_vectors_free(v);
    ours.count = 1;
    assert_int_equal(
        seqnn_word_vectors_write(&ours, in_folder("no/folder"), SEQNN_VECTORS_DEFAULT),
        SEQNN_ERROR_FILE);
    assert_int_equal(seqnn_word_vectors_write(NULL, path, SEQNN_VECTORS_DEFAULT),
                     SEQNN_ERROR_ARGUMENT);
}

static bool write_each_format(void)
{
    seqnn_word_vectors ours = {4, 2, written_words, written_numbers};
    bool done = true;
    for (int format = 1; format <= SEQNN_VECTORS_SAFETENSORS && done; format++)
        done = seqnn_word_vectors_write(&ours, in_folder("written"),
                                        (seqnn_vector_format)format) == SEQNN_OK;
    return done;
}

static void test_write_without_memory(void **state)
{
    (void)state;
    each_allocation(write_each_format, 8);
    assert_null(fopen(in_folder("written.part"), "rb"));
}

/* ---- vectors of no file ---- */

static bool build_vectors(void)
{
    char words[4][8] = {"the", "caf\xC3\xA9", "a b", ""};
    const char *word[] = {words[0], words[1], words[2], words[3]};
    seqnn_real *values = (seqnn_real *)sq_allocate(8, sizeof *values);
    if (!values)
        return false;
    seqnn_word_vectors *v = sq_word_vectors_build(word, 4, 2, values);
    if (!v) {
        sq_free(values);
        return false;
    }
    memset(words, 'x', sizeof words); /* the words were copied */
    assert_int_equal(v->count, 4);
    assert_int_equal(v->dimension, 2);
    assert_ptr_equal(v->values, values);
    assert_string_equal(v->word[1], "caf\xC3\xA9");
    assert_ptr_equal(seqnn_word_vectors_find(v, "a b"), values + 4);
    assert_null(seqnn_word_vectors_find(v, "xxx"));
    seqnn_word_vectors_free(v);
    return true;
}

static void test_build(void **state)
{
    (void)state;
    assert_true(build_vectors());
    each_allocation(build_vectors, 4);
    static const char *const twice[] = {"the", "cat", "the"};
    seqnn_real values[3] = {1, 2, 3};
    assert_null(sq_word_vectors_build(twice, 3, 1, values));
    assert_error("word 2 is 'the', which is word 0 already");
    assert_null(sq_word_vectors_build(twice, 0, 1, values));
    assert_error("0 words with 1 numbers each, expected 1 to");
}

/* ---- the public files ---- */

/* FNV-1a, as tests/golden/word_vectors.py does it. */
static uint32_t checksum(uint32_t hash, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619u;
    return hash;
}

static void check_public(const struct public_vectors *file)
{
    char path[SEQNN_PATH_SIZE];
    seqnn_word_vectors *v = seqnn_word_vectors_read(public_file(path, file->name));
    assert_non_null(v);
    assert_int_equal(v->count, file->count);
    assert_int_equal(v->dimension, file->dimension);
    uint32_t words = 2166136261u;
    for (seqnn_size i = 0; i < v->count; i++) {
        words = checksum(words, v->word[i], strlen(v->word[i]));
        words = checksum(words, "\n", 1);
        assert_ptr_equal(seqnn_word_vectors_find(v, v->word[i]),
                         v->values + i * v->dimension);
    }
    assert_int_equal(words, file->words);
    size_t bytes = (size_t)(v->count * v->dimension) * sizeof *v->values;
    assert_int_equal(checksum(2166136261u, v->values, bytes), file->values);
    seqnn_word_vectors_free(v);
}

static void test_public_binary(void **state)
{
    (void)state;
    check_public(&public_vectors[0]);
}

static void test_public_text(void **state)
{
    (void)state;
    check_public(&public_vectors[1]);
    check_public(&public_vectors[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_glove),       cmocka_unit_test(test_formats),
        cmocka_unit_test(test_fill),        cmocka_unit_test(test_bad_arrays),
        cmocka_unit_test(test_bad_text),    cmocka_unit_test(test_bad_binary),
        cmocka_unit_test(test_compressed),  cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_write),       cmocka_unit_test(test_write_without_memory),
        cmocka_unit_test(test_build),       cmocka_unit_test(test_public_binary),
        cmocka_unit_test(test_public_text),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
