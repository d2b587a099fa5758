/* Pairs of texts, news summaries and plain text: good and bad files, encoding, the public
 * sets with their counts. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include "news_summary.h"
#include "pairs.h"
#include "plain_text.h"

/* "id:source=target|..." of all pairs. */
static void expect_pairs(seqnn_text_pairs *pairs, const char *expected)
{
    char told[2048] = "";
    size_t used = 0;
    if (!pairs)
        fail_msg("%s", seqnn_error());
    assert_int_equal(pairs->source->count, pairs->target->count);
    for (seqnn_size i = 0; i < pairs->source->count; i++) {
        assert_string_equal(pairs->source->id[i], pairs->target->id[i]);
        used += (size_t)snprintf(told + used, sizeof told - used, "%s%s:%s=%s",
                                 i > 0 ? "|" : "", pairs->source->id[i],
                                 pairs->source->text[i], pairs->target->text[i]);
    }
    assert_string_equal(told, expected);
    seqnn_text_pairs_free(pairs);
}

static void expect_texts(seqnn_texts *texts, const char *expected)
{
    char told[2048] = "";
    size_t used = 0;
    if (!texts)
        fail_msg("%s", seqnn_error());
    for (seqnn_size i = 0; i < texts->count; i++)
        used += (size_t)snprintf(told + used, sizeof told - used, "%s%s:%s",
                                 i > 0 ? "|" : "", texts->id[i], texts->text[i]);
    assert_string_equal(told, expected);
    seqnn_texts_free(texts);
}

static void expect_failure(seqnn_text_pairs *pairs, const char *part)
{
    assert_null(pairs);
    assert_error(part);
}

static seqnn_text_pairs *tsv(const char *text)
{
    return seqnn_read_pairs_tsv(write_text("pairs.tsv", text));
}

static void test_tsv(void **state)
{
    (void)state;
    expect_pairs(tsv("\xEF\xBB\xBFGo.\tGeh.\tCC-BY 2.0 (France)\tmore\r\n\n"
                     "\"Hi!\"\tGr\xFC\xC3\x9F Gott!"),
                 "0:Go.=Geh.|2:\"Hi!\"=Gr\xC3\xBC\xC3\x9F Gott!");
    expect_failure(tsv(""), "no pair of texts in it");
    expect_failure(tsv("\n\r\n"), "no pair of texts in it");
    expect_failure(tsv("a\tb\nc\n"), ":2: no tab, expected source<TAB>target");
    expect_failure(tsv("a\tb\n\tc\n"), ":2: no text before the tab");
    expect_failure(tsv("a\tb\nc\t\n"), ":2: no text behind the tab");
    expect_failure(tsv("a\t\tb\n"), ":1: no text behind the tab");
    const char *nul = write_bytes("nul.tsv", "a\tb\0\n", 5);
    expect_failure(seqnn_read_pairs_tsv(nul), "NUL");
    expect_failure(seqnn_read_pairs_tsv(NULL), "NUL");
    expect_failure(seqnn_read_pairs_tsv(in_folder("nowhere")), "cannot be opened");
}

static seqnn_text_pairs *two_files(const char *source, const char *target)
{
    return seqnn_read_pairs(write_text("source.txt", source),
                            write_text("target.txt", target));
}

static void test_two_files(void **state)
{
    (void)state;
    expect_pairs(two_files("a b\r\nc\n\nd\ne\n", "x\ny z\nv\n\nw"),
                 "0:a b=x|1:c=y z|4:e=w");
    expect_failure(two_files("a\nb\n", "x\n"), "target.txt: ends after 1 lines, ");
    expect_failure(two_files("a\n", "x\ny\n"), "source.txt: ends after 1 lines, ");
    expect_failure(two_files("", "x\n"), "source.txt: ends after 0 lines, ");
    expect_failure(two_files("", ""), "no pair of texts in it");
    expect_failure(seqnn_read_pairs(in_folder("source.txt"), NULL), "");
    expect_failure(seqnn_read_pairs(in_folder("source.txt"), in_folder("none")),
                   "none: cannot be opened");
}

static void test_news(void **state)
{
    (void)state;
    static const char text[] =
        "author,date,headlines,read_more,text,ctext\r\n"
        "A,\"1 Aug 2017,Tuesday\",Floods \x96 a report,http://x,\"Short, \x93one\x94.\","
        "\"Long:\r\none \"\"two\"\"\"\r\n"
        "B,2,Second,http://y,Text,\r\n";
    const char *path = write_text("news.csv", text);
    seqnn_news_options options = {0};
    expect_pairs(seqnn_read_news_summary(path, options),
                 "0:Long:\r\none \"two\"=Short, \xE2\x80\x9Cone\xE2\x80\x9D.");
    options.keep_empty = true;
    options.target = SEQNN_NEWS_HEADLINE;
    expect_pairs(seqnn_read_news_summary(path, options),
                 "0:Long:\r\none \"two\"=Floods \xE2\x80\x93 a report|1:=Second");
    options.keep_empty = false;
    options.source = SEQNN_NEWS_SUMMARY;
    expect_pairs(seqnn_read_news_summary(path, options),
                 "0:Short, \xE2\x80\x9Cone\xE2\x80\x9D.=Floods \xE2\x80\x93 a report|"
                 "1:Text=Second");
    /* news_summary_more.csv has two of the columns. */
    path = write_text("news.csv", "headlines,text\na,b\n");
    expect_pairs(seqnn_read_news_summary(path, options), "0:b=a");
    options.source = SEQNN_NEWS_ARTICLE;
    expect_failure(seqnn_read_news_summary(path, options), "no column 'ctext'");
    options.source = (seqnn_news_part)9;
    expect_failure(seqnn_read_news_summary(path, options), ".source is 9");
    options.source = SEQNN_NEWS_DEFAULT;
    path = write_text("news.csv", "headlines,text,ctext\na,b,\n");
    expect_failure(seqnn_read_news_summary(path, options), "no pair of texts in it");
    path = write_text("news.csv", "headlines,text,ctext\na,b\n");
    expect_failure(seqnn_read_news_summary(path, options), ":2: the row has 2 fields");
    expect_failure(seqnn_read_news_summary(NULL, options), "");
}

static void test_plain(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF\nfirst\r\nline\n\n\nsec\xE9nd\rx\n";
    const char *path = write_text("plain.txt", text);
    expect_texts(seqnn_read_text(path), "0:\nfirst\nline\n\n\nsec\xC3\xA9nd\rx\n");
    expect_texts(seqnn_read_lines(path), "1:first|2:line|5:sec\xC3\xA9nd\rx");
    expect_texts(seqnn_read_paragraphs(path), "1:first\nline|5:sec\xC3\xA9nd\rx");
    expect_texts(seqnn_read_text(write_text("plain.txt", "\r\r\n\r")), "0:\r\n\r");
    assert_null(seqnn_read_text(write_text("plain.txt", "")));
    assert_error("plain.txt: no text in it");
    assert_null(seqnn_read_lines(write_text("plain.txt", "\n\n")));
    assert_error("no text in it");
    assert_null(seqnn_read_paragraphs(write_text("plain.txt", "\n\n")));
    assert_error("no text in it");
    assert_null(seqnn_read_text(write_bytes("plain.txt", "a\0b", 3)));
    assert_error("NUL");
    assert_null(seqnn_read_text(NULL));
    path = write_large("plain.txt", "", "0123456789abcdef", 100000000);
    assert_null(seqnn_read_lines(path));
    assert_error(":1: the line is longer than 67108864 bytes");
    seqnn_texts *whole = seqnn_read_text(path);
    assert_non_null(whole);
    assert_true(strlen(whole->text[0]) >= 100000000);
    seqnn_texts_free(whole);
    remove(path);
}

/* Two short pairs and tokenizers for them. */
static seqnn_encode_pairs_options start(seqnn_text_pairs **pairs)
{
    seqnn_encode_pairs_options options = {0};
    *pairs = tsv("a b c\tx y z\nb\ty\n");
    assert_non_null(*pairs);
    options.padding = SEQNN_POST;
    options.source_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    options.target_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    return options;
}

static void finish(seqnn_text_pairs *pairs, seqnn_encode_pairs_options options)
{
    seqnn_text_pairs_free(pairs);
    seqnn_tokenizer_free(options.source_tokenizer);
    seqnn_tokenizer_free(options.target_tokenizer);
}

static void expect_row(const seqnn_array *a, seqnn_size row, const char *expected)
{
    char told[256] = "";
    for (seqnn_size t = 0; t < a->time; t++)
        snprintf(told + strlen(told), sizeof told - strlen(told), "%s%d", t ? " " : "",
                 (int)a->indices[row * a->time + t]);
    snprintf(told + strlen(told), sizeof told - strlen(told), " from %d, %d",
             (int)a->start[row], (int)a->length[row]);
    assert_string_equal(told, expected);
}

static void test_encode(void **state)
{
    (void)state;
    seqnn_text_pairs *pairs;
    seqnn_encode_pairs_options options = start(&pairs);
    seqnn_dataset *data = seqnn_encode_pairs(pairs, options);
    assert_non_null(data);
    /* b 1, a 2, c 3; startseq 1, y 2, endseq 3, x 4, z 5 */
    assert_int_equal(data->vocabulary, 4);
    assert_int_equal(data->classes, 6);
    assert_int_equal(seqnn_tokenizer_index(options.target_tokenizer, "endseq"), 3);
    expect_row(&data->x[0], 0, "2 1 3 from 0, 3");
    expect_row(&data->x[0], 1, "1 0 0 from 0, 1");
    expect_row(&data->x[1], 0, "1 4 2 5 from 0, 4");
    expect_row(&data->x[1], 1, "1 2 0 0 from 0, 2");
    expect_row(&data->y, 0, "4 2 5 3 from 0, 4");
    expect_row(&data->y, 1, "2 3 0 0 from 0, 2");
    seqnn_dataset_free(data);

    options.target_length = 3;
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error(
        "a target is 4 steps long, .target_length is 3: name the side .truncating");
    options.truncating = SEQNN_POST;
    options.source_length = 2;
    data = seqnn_encode_pairs(pairs, options);
    assert_non_null(data);
    expect_row(&data->x[0], 0, "2 1 from 0, 2");
    expect_row(&data->x[1], 0, "1 4 2 from 0, 3");
    expect_row(&data->y, 0, "4 2 3 from 0, 3");
    seqnn_dataset_free(data);
    options.truncating = options.padding = SEQNN_PRE;
    data = seqnn_encode_pairs(pairs, options);
    assert_non_null(data);
    expect_row(&data->x[0], 0, "1 3 from 0, 2");
    expect_row(&data->x[1], 0, "1 2 5 from 0, 3");
    expect_row(&data->y, 0, "2 5 3 from 0, 3");
    expect_row(&data->y, 1, "0 2 3 from 1, 2");
    seqnn_dataset_free(data);
    options.target_length = 1;
    data = seqnn_encode_pairs(pairs, options);
    assert_non_null(data);
    expect_row(&data->x[1], 0, "1 from 0, 1");
    expect_row(&data->y, 0, "3 from 0, 1");
    seqnn_dataset_free(data);
    options.target_length = 0;
    options.truncating = SEQNN_SIDE_DEFAULT;
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error("a source is 3 steps long, .source_length is 2");
    finish(pairs, options);
}

static void test_bad_encode(void **state)
{
    (void)state;
    seqnn_text_pairs *pairs;
    seqnn_encode_pairs_options options = start(&pairs);
    assert_null(seqnn_encode_pairs(NULL, options));
    options.begin_mark = "<start>"; /* the filters take its brackets away */
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error("'<start>' and 'endseq' are not two words of the target tokenizer");
    options.begin_mark = NULL; /* and now it has been fitted without the usual one */
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error("'startseq' and 'endseq' are not two words");
    finish(pairs, options);
    options = start(&pairs);
    options.begin_mark = options.end_mark = "mark";
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error("'mark' and 'mark' are not two words");
    finish(pairs, options);
    options = start(&pairs);
    options.target_length = -1;
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error(".target_length -1");
    options.target_length = 0;
    options.padding = SEQNN_SIDE_DEFAULT;
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error(".padding is 0");
    options.padding = SEQNN_POST;
    assert_int_equal(seqnn_texts_add(pairs->source, "d", NULL, NULL), SEQNN_OK);
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error("3 sources and 2 targets");
    seqnn_tokenizer *target = options.target_tokenizer;
    options.target_tokenizer = NULL;
    assert_null(seqnn_encode_pairs(pairs, options));
    assert_error(".source_tokenizer and .target_tokenizer are to be given");
    options.target_tokenizer = target;
    finish(pairs, options);
}

static bool read_and_encode(void)
{
    seqnn_encode_pairs_options options = {0};
    seqnn_news_options news_options = {0};
    options.padding = SEQNN_POST;
    seqnn_text_pairs *pairs = seqnn_read_pairs_tsv(in_folder("pairs.tsv")), *news = NULL;
    if (pairs)
        news = seqnn_read_news_summary(in_folder("news.csv"), news_options);
    seqnn_texts *plain = news ? seqnn_read_paragraphs(in_folder("plain.txt")) : NULL;
    seqnn_texts *whole = plain ? seqnn_read_text(in_folder("plain.txt")) : NULL;
    if (whole)
        options.source_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    if (options.source_tokenizer)
        options.target_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_dataset *data =
        options.target_tokenizer ? seqnn_encode_pairs(pairs, options) : NULL;
    bool succeeded = data != NULL;
    seqnn_dataset_free(data);
    seqnn_texts_free(plain);
    seqnn_texts_free(whole);
    seqnn_text_pairs_free(news);
    finish(pairs, options);
    return succeeded;
}

static void test_no_memory(void **state)
{
    (void)state;
    write_text("pairs.tsv", "a b\tc d\ne\tf\n");
    write_text("news.csv", "headlines,text,ctext\na,b,c\n");
    write_text("plain.txt", "a\nb\n\nc\n");
    each_allocation(read_and_encode, 80);
}

/* ---- the public sets ---- */

static void test_public_multi30k(void **state)
{
    (void)state;
    static const char *const parts[] = {"train", "val", "test_2016_flickr"},
                             *const languages[] = {"de", "fr"};
    static const int counts[] = {29000, 1014, 1000};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            char source[SEQNN_PATH_SIZE], target[SEQNN_PATH_SIZE], name[64];
            snprintf(name, sizeof name, "multi30k/%s.en.gz", parts[i]);
            public_file(source, name);
            snprintf(name, sizeof name, "multi30k/%s.%s.gz", parts[i], languages[k]);
            public_file(target, name);
            seqnn_text_pairs *pairs = seqnn_read_pairs(source, target);
            if (!pairs)
                fail_msg("%s", seqnn_error());
            assert_int_equal(pairs->source->count, counts[i]);
            assert_int_equal(pairs->target->count, counts[i]);
            seqnn_text_pairs_free(pairs);
        }
}

static void test_public_news(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    public_file(path, "news-summary/news_summary.csv.gz|news-summary/news_summary.csv");
    seqnn_news_options options = {0};
    seqnn_text_pairs *pairs = seqnn_read_news_summary(path, options);
    if (!pairs)
        fail_msg("%s", seqnn_error());
    assert_int_equal(pairs->source->count, 4514 - 118);
    seqnn_text_pairs_free(pairs);
    options.keep_empty = true;
    options.target = SEQNN_NEWS_HEADLINE;
    pairs = seqnn_read_news_summary(path, options);
    assert_non_null(pairs);
    assert_int_equal(pairs->source->count, 4514);
    int empty = 0;
    for (int i = 0; i < 4514; i++)
        empty += pairs->source->text[i][0] == '\0';
    assert_int_equal(empty, 118);
    /* 4514 different headlines. */
    seqnn_texts *headlines = seqnn_texts_new();
    for (int i = 0; i < 4514; i++)
        assert_int_equal(seqnn_texts_add(headlines, "", pairs->target->text[i], NULL),
                         SEQNN_OK);
    assert_int_equal(headlines->classes, 4514);
    seqnn_texts_free(headlines);
    seqnn_text_pairs_free(pairs);
}

static void test_public_text(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *text = seqnn_read_text(public_file(path, "charlm/tinyshakespeare.txt"));
    assert_non_null(text);
    assert_int_equal(strlen(text->text[0]), 1115394);
    int characters = 0, lines = 0;
    for (int c = 1; c < 256; c++)
        characters += strchr(text->text[0], c) != NULL;
    for (const char *c = text->text[0]; (c = strchr(c, '\n')) != NULL; c++)
        lines++;
    assert_int_equal(characters, 65);
    assert_int_equal(lines, 40000);
    seqnn_texts_free(text);
    text = seqnn_read_lines(public_file(path, "charlm/names.txt"));
    assert_non_null(text);
    assert_int_equal(text->count, 32033);
    seqnn_texts_free(text);
    text = seqnn_read_text(public_file(path, "charlm/mahabharata-books01-12.txt.gz"));
    assert_non_null(text);
    assert_int_equal(strlen(text->text[0]), 12394636);
    seqnn_texts_free(text);
}

/* The sets that come with the library. */
static void test_bundled(void **state)
{
    (void)state;
    seqnn_news_options options = {0};
    seqnn_text_pairs *pairs = seqnn_read_pairs_tsv("datasets/pairs/pairs.tsv");
    assert_non_null(pairs);
    assert_true(pairs->source->count > 1000);
    seqnn_text_pairs_free(pairs);
    pairs = seqnn_read_news_summary("datasets/news-summary/news_summary.csv", options);
    assert_non_null(pairs);
    assert_true(pairs->source->count > 100);
    seqnn_text_pairs_free(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tsv),         cmocka_unit_test(test_two_files),
        cmocka_unit_test(test_news),        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_encode),      cmocka_unit_test(test_bad_encode),
        cmocka_unit_test(test_no_memory),   cmocka_unit_test(test_public_multi30k),
        cmocka_unit_test(test_public_news), cmocka_unit_test(test_public_text),
        cmocka_unit_test(test_bundled),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
