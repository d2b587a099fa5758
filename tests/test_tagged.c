/* Tagged sentences: three formats, good and bad; the public sets with their counts. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include "tagged.h"
#include "unicode.h"

static const char gmb[] = "Sentence #,Word,POS,Tag\r\nSentence: 1,Thousands,NNS,O\r\n"
                          ",of,IN,O\r\n,\",\",\",\",O\r\n,Citro\xEBn,NNP,B-org\r\n"
                          "Sentence: 2,\x93,``,O\r\n,Gr\xC3\xB6n,NNP,B-per\r\n";

/* "sentence|word/tag/pos word/tag/pos|..." of everything. */
static const char *told(const seqnn_tagged *t)
{
    static char text[4096];
    size_t used = 0;
    assert_non_null(t);
    for (seqnn_size i = 0; i < t->count; i++)
        for (seqnn_size k = t->begin[i]; k < t->begin[i + 1]; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s/%s%s%s",
                                     k > t->begin[i] ? " "
                                     : i > 0         ? "|"
                                                     : "",
                                     t->word_names[t->word[k]], t->tag_names[t->tag[k]],
                                     t->pos ? "/" : "",
                                     t->pos ? t->pos_names[t->pos[k]] : "");
    return text;
}

static void expect_told(seqnn_tagged *t, const char *expected)
{
    if (!t)
        fail_msg("%s", seqnn_error());
    assert_string_equal(told(t), expected);
    seqnn_tagged_free(t);
}

static void expect_failure(seqnn_tagged *t, const char *part)
{
    assert_null(t);
    assert_error(part);
}

static void test_csv(void **state)
{
    (void)state;
    static const char expected[] =
        "Thousands/O/NNS of/O/IN ,/O/, Citro\xC3\xABn/B-org/NNP|"
        "\xE2\x80\x9C/O/`` Gr\xC3\xB6n/B-per/NNP";
    seqnn_tagged *t = seqnn_read_tagged_csv(write_text("gmb.csv", gmb));
    assert_non_null(t);
    assert_int_equal(t->tags, 3);
    assert_string_equal(t->tag_names[0], "B-org");
    assert_string_equal(t->tag_names[1], "B-per");
    assert_string_equal(t->tag_names[2], "O");
    expect_told(t, expected);
    /* Without parts of speech, columns elsewhere, the sentence named in every row. */
    expect_told(
        seqnn_read_tagged_csv(write_text(
            "gmb.csv", "\xEF\xBB\xBFTag,Sentence #,Word\nO,1,a\nB-x,1,b\nO,2,c\n")),
        "a/O b/B-x|c/O");
    /* An empty part of speech; names that are alike at both ends. */
    expect_told(seqnn_read_tagged_csv(write_text(
                    "gmb.csv",
                    "Sentence #,Word,POS,Tag\n1,a,,AxB\n,b,NN,AyB\n,c,N,AxB\n,d,NN,A\n")),
                "a/AxB/ b/AyB/NN c/AxB/N d/A/NN");
}

/* What Python's bytes.decode("cp1252") makes of 80 to 9F but the five it refuses. */
static void test_windows_1252(void **state)
{
    (void)state;
    static const char expected[] =
        "\342\202\254\342\200\232\306\222\342\200\236\342\200\246\342\200"
        "\240\342\200\241\313\206\342\200\260\305\240\342\200\271\305\222"
        "\305\275\342\200\230\342\200\231\342\200\234\342\200\235\342\200"
        "\242\342\200\223\342\200\224\313\234\342\204\242\305\241\342\200"
        "\272\305\223\305\276\305\270";
    char bytes[32], out[96];
    seqnn_size count = 0;
    for (int byte = 0x80; byte < 0xA0; byte++)
        if (byte != 0x81 && byte != 0x8D && byte != 0x8F && byte != 0x90 && byte != 0x9D)
            bytes[count++] = (char)byte;
    assert_int_equal(sq_windows1252_to_utf8(bytes, count, false, out), strlen(expected));
    assert_memory_equal(out, expected, strlen(expected));
    assert_int_equal(sq_windows1252_to_utf8("\x90\xC3\xA9\xFF", 4, true, out), 6);
    assert_memory_equal(out, "\xC2\x90\xC3\xA9\xC3\xBF", 6);
    assert_int_equal(sq_windows1252_to_utf8("\xC3\xA9", 2, false, out), 4);
    assert_memory_equal(out, "\xC3\x83\xC2\xA9", 4);
}

static seqnn_tagged *bad_csv(const char *text)
{
    return seqnn_read_tagged_csv(write_text("bad.csv", text));
}

static void test_bad_csv(void **state)
{
    (void)state;
    expect_failure(bad_csv(""), "no column 'Sentence #'");
    expect_failure(bad_csv("a,b\n1,2\n"),
                   "no column 'Sentence #', the columns are: a, b");
    expect_failure(bad_csv("Sentence #,Word\n"), "no column 'Tag'");
    expect_failure(bad_csv("Sentence #,Word,POS,Tag\n"), "no sentence in it");
    expect_failure(bad_csv("Sentence #,Word,POS,Tag\n,a,b,c\n"),
                   ":2: no sentence number");
    expect_failure(bad_csv("Sentence #,Word,POS,Tag\n1,,b,c\n"),
                   ":2: no word in the row");
    expect_failure(bad_csv("Sentence #,Word,POS,Tag\n1,a,b,\n"), ":2: no tag in the row");
    expect_failure(bad_csv("Sentence #,Word,POS,Tag\n1,a,b\n"),
                   ":2: the row has 3 fields");
    expect_failure(bad_csv("Sentence #,Word,POS,Tag\n1,\"a,b,c\n"),
                   ":2: the quotation mark");
    sq_fail(SEQNN_ERROR_FILE, "the one before");
    expect_failure(seqnn_read_tagged_csv(NULL), "the one before");
    expect_failure(seqnn_read_tagged_csv(in_folder("nowhere")), "cannot be opened");
}

static seqnn_tagged *line_pair(const char *words, const char *labels)
{
    return seqnn_read_tagged_lines(write_text("words.txt", words),
                                   write_text("labels.txt", labels));
}

static void test_lines(void **state)
{
    (void)state;
    expect_told(line_pair("a 5\xC2\xA0storm\tb \r\n\nc", "O B-nat I-nat\n\nO\n"),
                "a/O 5\xC2\xA0storm/B-nat b/I-nat|c/O");
    expect_failure(line_pair("a b\nc\n", "O O\nO O\n"),
                   "words.txt:2: fewer words than tags in ");
    expect_failure(line_pair("a b\n", "O\n"), "labels.txt:1");
    expect_failure(line_pair("a b\n", "O\n"), ":1: more words than tags");
    expect_failure(line_pair("a\nb\n", "O\n"), "labels.txt: ends after 1 lines");
    expect_failure(line_pair("a\n", "O\nO\nO\n"), "words.txt: ends after 1 lines");
    expect_failure(line_pair("\n\n", "\n\n"), "words.txt: no sentence in it");
    expect_failure(line_pair("", ""), "no sentence in it");
    expect_failure(seqnn_read_tagged_lines(in_folder("words.txt"), NULL), "");
    expect_failure(seqnn_read_tagged_lines(in_folder("words.txt"), in_folder("none")),
                   "none: cannot be opened");
    const char *words = write_bytes("words.txt", "a\0b\n", 4);
    expect_failure(seqnn_read_tagged_lines(words, write_text("labels.txt", "O\n")),
                   "NUL");
}

static seqnn_tagged *conll(const char *text, seqnn_conll_options options)
{
    return seqnn_read_conll(write_text("conll.txt", text), options);
}

static void test_conll(void **state)
{
    (void)state;
    static const char text[] =
        "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n"
        "-DOCSTART- -X- O O\nA NN\tB I-LOC\r\nB NN B I-LOC\nC NN B B-LOC\nD NN B "
        "I-PER\n\n \n"
        "E NN B I-PER\nF NN B O\nG NN B I-PER";
    seqnn_conll_options plain = {0}, iob2 = {0}, chunks = {0}, far = {0};
    iob2.iob2 = true;
    chunks.tag_column = 3;
    chunks.pos_column = 4;
    chunks.word_column = 1;
    expect_told(conll(text, plain),
                "EU/I-ORG/NNP rejects/O/VBZ|A/I-LOC/NN B/I-LOC/NN C/B-LOC/NN D/I-PER/NN|"
                "E/I-PER/NN F/O/NN G/I-PER/NN");
    seqnn_tagged *t = conll(text, iob2);
    assert_non_null(t);
    assert_int_equal(t->tags, 5); /* no I-ORG and no I-PER any more */
    expect_told(t, "EU/B-ORG/NNP rejects/O/VBZ|A/B-LOC/NN B/I-LOC/NN C/B-LOC/NN "
                   "D/B-PER/NN|E/B-PER/NN F/O/NN G/B-PER/NN");
    expect_told(conll("a b c d\n", chunks), "a/c/d");
    expect_told(conll("a x\nb y\n", plain), "a/x b/y");
    far.pos_column = 5;
    expect_failure(conll("a b c d\n", far), ":1: 4 columns, but .word_column is 1");
    far.pos_column = 0;
    far.tag_column = -1;
    expect_failure(conll("a b c d\n", far), ".tag_column -1");
    expect_failure(conll("\na\n", plain), ":2: one column, expected a word and its tag");
    expect_failure(conll("a b\nc d e\n", plain), ":2: 3 columns, expected 2 as before");
    expect_failure(conll("a b\nc\n", plain), ":2: 1 columns, expected 2 as before");
    expect_failure(conll("-DOCSTART-\n\n", plain), "no sentence in it");
    char longest[400] = "a I-";
    memset(longest + 4, 'x', 300);
    t = conll(longest, iob2); /* a name of any length */
    assert_non_null(t);
    assert_memory_equal(t->tag_names[0], "B-xxx", 5);
    assert_int_equal(strlen(t->tag_names[0]), 302);
    seqnn_tagged_free(t);
}

static void test_encode(void **state)
{
    (void)state;
    seqnn_tagged *t = line_pair("the cat saw The dog\nthe end", "O B-a O O B-b\nO O");
    seqnn_encode_tagged_options options = {0};
    options.padding = SEQNN_PRE;
    options.truncating = SEQNN_POST;
    seqnn_dataset *data = seqnn_encode_tagged(t, options);
    assert_non_null(data);
    static const int32_t words[] = {2, 3, 4, 5, 6, 0, 0, 0, 2, 7},
                         tags[] = {2, 0, 2, 2, 1, 0, 0, 0, 2, 2};
    assert_int_equal(data->count, 2);
    assert_int_equal(data->x[0].time, 5);
    assert_int_equal(data->y.time, 5);
    assert_int_equal(data->vocabulary, 8); /* padding, [UNK] and six words */
    assert_int_equal(data->classes, 3);
    assert_string_equal(data->class_names[1], "B-b");
    assert_memory_equal(data->x[0].indices, words, sizeof words);
    assert_memory_equal(data->y.indices, tags, sizeof tags);
    assert_int_equal(data->x[0].start[1], 3);
    assert_int_equal(data->x[0].length[1], 2);
    assert_int_equal(data->y.start[1], 3);
    assert_int_equal(data->y.length[1], 2);

    /* Lower case, a small vocabulary, cut behind; the tags numbered as before. */
    options.lower_case = true;
    options.num_words = 3;
    options.length = 3;
    options.tags_of = data;
    seqnn_dataset *small = seqnn_encode_tagged(t, options);
    static const int32_t small_words[] = {2, 1, 1, 0, 2, 1};
    assert_non_null(small);
    assert_int_equal(small->vocabulary, 3);
    assert_memory_equal(small->x[0].indices, small_words, sizeof small_words);
    seqnn_dataset_free(small);

    /* A tokenizer of one's own, for training and for what comes later. */
    seqnn_encode_tagged_options later = {0};
    seqnn_tokenizer_options with_unknown = {0};
    with_unknown.oov_token = "?";
    with_unknown.filters = "";
    later.padding = later.truncating = SEQNN_POST;
    later.tokenizer = seqnn_tokenizer_new(with_unknown);
    later.tags_of = data;
    seqnn_dataset *first = seqnn_encode_tagged(t, later);
    assert_non_null(first);
    seqnn_tagged_free(t);
    t = seqnn_read_tagged_csv(
        write_text("new.csv", "Sentence #,Word,Tag\n1,a dog,O\n,Dog,B-b\n,the,B-a\n"));
    seqnn_dataset *second = seqnn_encode_tagged(t, later);
    assert_non_null(second);
    static const int32_t new_words[] = {1, 5, 2}, new_tags[] = {2, 1, 0};
    assert_memory_equal(second->x[0].indices, new_words, sizeof new_words);
    assert_memory_equal(second->y.indices, new_tags, sizeof new_tags);
    assert_int_equal(second->vocabulary, first->vocabulary);
    seqnn_dataset_free(first);
    seqnn_dataset_free(second);
    seqnn_tagged_free(t);

    t = line_pair("the", "B-c");
    assert_null(seqnn_encode_tagged(t, later));
    assert_error("the tag 'B-c' is not among the 3 of .tags_of");
    later.num_words = 5;
    assert_null(seqnn_encode_tagged(t, later));
    assert_error("with a .tokenizer");
    seqnn_tokenizer_free(later.tokenizer);
    with_unknown.oov_token = NULL;
    with_unknown.num_words = 1;
    later.num_words = 0;
    later.tokenizer = seqnn_tokenizer_new(with_unknown);
    assert_null(seqnn_encode_tagged(t, later));
    assert_error("'the' has no number: make the tokenizer with an .oov_token");
    later.tags_of = data;
    data->class_names = NULL;
    assert_null(seqnn_encode_tagged(t, later));
    assert_error("has no class names");
    options = (seqnn_encode_tagged_options){0};
    assert_null(seqnn_encode_tagged(t, options));
    assert_error(".padding is 0");
    assert_null(seqnn_encode_tagged(NULL, options));
    seqnn_tokenizer_free(later.tokenizer);
    seqnn_tagged_free(t);
    seqnn_dataset_free(data);
}

static bool read_and_encode(void)
{
    seqnn_encode_tagged_options options = {0};
    seqnn_conll_options iob2 = {0};
    iob2.iob2 = true;
    options.padding = options.truncating = SEQNN_POST;
    seqnn_tagged *csv = seqnn_read_tagged_csv(in_folder("gmb.csv"));
    seqnn_tagged *lines =
        csv ? seqnn_read_tagged_lines(in_folder("words.txt"), in_folder("labels.txt"))
            : NULL;
    seqnn_tagged *columns = lines ? seqnn_read_conll(in_folder("conll.txt"), iob2) : NULL;
    seqnn_dataset *data = columns ? seqnn_encode_tagged(csv, options) : NULL;
    bool succeeded = data != NULL;
    seqnn_dataset_free(data);
    seqnn_tagged_free(csv);
    seqnn_tagged_free(lines);
    seqnn_tagged_free(columns);
    return succeeded;
}

static void test_no_memory(void **state)
{
    (void)state;
    write_text("gmb.csv", gmb);
    write_text("words.txt", "a b\n");
    write_text("labels.txt", "O O\n");
    write_text("conll.txt", "a I-x\n");
    each_allocation(read_and_encode, 40);
}

/* ---- the public sets ---- */

static seqnn_size tags_of_name(const seqnn_tagged *t, const char *name)
{
    seqnn_size seen = 0;
    for (seqnn_size i = 0; i < t->begin[t->count]; i++)
        seen += strcmp(t->tag_names[t->tag[i]], name) == 0;
    return seen;
}

static void test_public_gmb(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int count;
    } tags[] = {{"B-art", 402}, {"B-eve", 308},   {"B-geo", 37644}, {"B-gpe", 15870},
                {"B-nat", 201}, {"B-org", 20143}, {"B-per", 16990}, {"B-tim", 20333},
                {"I-art", 297}, {"I-eve", 253},   {"I-geo", 7414},  {"I-gpe", 198},
                {"I-nat", 51},  {"I-org", 16784}, {"I-per", 17251}, {"I-tim", 6528},
                {"O", 887908}};
    char path[SEQNN_PATH_SIZE];
    seqnn_tagged *t = seqnn_read_tagged_csv(
        public_file(path, "ner-gmb/ner_dataset.csv.gz|ner-gmb/ner_dataset.csv"));
    if (!t)
        fail_msg("%s", seqnn_error());
    assert_int_equal(t->count, 47959);
    assert_int_equal(t->begin[t->count], 1048575);
    assert_int_equal(t->tags, 17);
    assert_int_equal(t->words, 35178);
    for (int i = 0; i < 17; i++) {
        assert_string_equal(t->tag_names[i], tags[i].name);
        assert_int_equal(tags_of_name(t, tags[i].name), tags[i].count);
    }
    seqnn_encode_tagged_options options = {0};
    options.padding = options.truncating = SEQNN_POST;
    seqnn_dataset *data = seqnn_encode_tagged(t, options);
    assert_non_null(data);
    assert_int_equal(data->vocabulary, 35178 + 2);
    assert_int_equal(data->x[0].time, 104);
    seqnn_dataset_free(data);
    /* The bytes of Windows-1252. */
    static const char *const words[] = {"\xE2\x80\xA6",
                                        "\xC2\xB0"
                                        "C",
                                        "\xE2\x80\x99s", "5\xC2\xA0storm",
                                        "Citro\xC3\xABn"};
    for (int i = 0; i < 5; i++) {
        seqnn_size k = 0;
        while (k < t->words && strcmp(t->word_names[k], words[i]) != 0)
            k++;
        assert_true(k < t->words);
    }
    seqnn_tagged_free(t);
}

static void test_public_conll(void **state)
{
    (void)state;
    static const char *const files[] = {
        "ner-conll2003/eng.train.gz|ner-conll2003/eng.train",
        "ner-conll2003/eng.testa.gz|ner-conll2003/eng.testa"};
    static const int sentences[] = {14041, 3250}, tokens[] = {203621, 51362};
    for (int i = 0; i < 2; i++) {
        char path[SEQNN_PATH_SIZE];
        seqnn_conll_options options = {0};
        seqnn_tagged *t = seqnn_read_conll(public_file(path, files[i]), options);
        assert_non_null(t);
        assert_int_equal(t->count, sentences[i]);
        assert_int_equal(t->begin[t->count], tokens[i]);
        assert_int_equal(t->tags, i == 0 ? 8 : 6);
        seqnn_size entities = tags_of_name(t, "B-LOC");
        seqnn_tagged_free(t);
        options.iob2 = true;
        t = seqnn_read_conll(path, options);
        assert_non_null(t);
        assert_int_equal(t->count, sentences[i]);
        if (i == 0) { /* the published number of entities in the training part */
            assert_int_equal(entities, 11);
            assert_int_equal(tags_of_name(t, "B-LOC"), 7140);
            assert_int_equal(tags_of_name(t, "B-PER"), 6600);
            assert_int_equal(tags_of_name(t, "B-ORG"), 6321);
            assert_int_equal(tags_of_name(t, "B-MISC"), 3438);
        }
        seqnn_tagged_free(t);
    }
}

/* The line pairs are the CSV cut up: the same words and tags, in the same order. */
static void test_public_lines(void **state)
{
    (void)state;
    static const char *const parts[] = {"train", "val", "test"};
    static const int sentences[] = {33571, 7194, 7194};
    char path[SEQNN_PATH_SIZE];
    public_file(path, "ner-gmb/gmb/train/sentences.txt|ner-gmb/train/sentences.txt");
    *strstr(path, "train/sentences.txt") = '\0';
    seqnn_size tokens = 0;
    for (int i = 0; i < 3; i++) {
        char words[SEQNN_PATH_SIZE + 32], labels[SEQNN_PATH_SIZE + 32];
        snprintf(words, sizeof words, "%s%s/sentences.txt", path, parts[i]);
        snprintf(labels, sizeof labels, "%s%s/labels.txt", path, parts[i]);
        seqnn_tagged *t = seqnn_read_tagged_lines(words, labels);
        assert_non_null(t);
        assert_int_equal(t->count, sentences[i]);
        tokens += t->begin[t->count];
        seqnn_tagged_free(t);
    }
    assert_int_equal(tokens, 1048575);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),          cmocka_unit_test(test_windows_1252),
        cmocka_unit_test(test_bad_csv),      cmocka_unit_test(test_lines),
        cmocka_unit_test(test_conll),        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_no_memory),    cmocka_unit_test(test_public_gmb),
        cmocka_unit_test(test_public_conll), cmocka_unit_test(test_public_lines),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
