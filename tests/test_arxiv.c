/* arXiv's abstracts: Python's lists, CSV, JSON lines and OAI-PMH pages, good and bad, and
 * the public set with its known counts. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#ifdef SEQNN_USE_ZLIB
#include <zlib.h>
#endif

#include "arxiv.h"
#include "label_filter.h"
#include "python_lists_record.h"
#include "string_list.h"

static seqnn_texts *read_as(const char *path, seqnn_arxiv_text text)
{
    seqnn_arxiv_options options;
    memset(&options, 0, sizeof options);
    options.text = text;
    return seqnn_read_arxiv(path, options);
}

static seqnn_texts *read_text(const char *name, const char *text)
{
    return read_as(write_text(name, text), SEQNN_ARXIV_TITLE_AND_ABSTRACT);
}

/* The labels of a text with a blank behind each. */
static const char *labels(const seqnn_texts *texts, seqnn_size i)
{
    static char line[256];
    line[0] = '\0';
    for (seqnn_size k = texts->labels_begin[i]; k < texts->labels_begin[i + 1]; k++) {
        strcat(line, texts->class_names[texts->labels[k]]);
        strcat(line, " ");
    }
    return line;
}

/* ---- Python's lists ---- */

/* What Python reads and we do not: \N{...}, prefixes, triple marks, comments, lines that
 * a backslash joins. */
static bool beyond_us(const char *text)
{
    static const char *const signs[] = {"\\N{", "'''", "\"\"\"", "[u'",
                                        "[r'",  "#",   "\\\n"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strstr(text, signs[i]))
            return true;
    return false;
}

static void test_python_lists(void **state)
{
    (void)state;
    sq_string_list list;
    memset(&list, 0, sizeof list);
    int same = 0, beyond = 0;
    for (size_t i = 0; i < sizeof python_lists / sizeof python_lists[0]; i++) {
        const char *text = python_lists[i][0], *python = python_lists[i][1];
        char ours[4096] = "";
        seqnn_status status =
            sq_string_list_python(&list, "list", 1, text, (seqnn_size)strlen(text));
        for (seqnn_size k = 0; k < list.count && status == SEQNN_OK; k++) {
            strcat(ours, list.item[k]);
            strcat(ours, "\x1f");
        }
        if (status == SEQNN_OK && !python)
            fail_msg("%s: read, Python refuses it", text);
        else if (status == SEQNN_OK && strcmp(ours, python) != 0)
            fail_msg("%s: read as %s, Python reads %s", text, ours, python);
        else if (status != SEQNN_OK && python && !beyond_us(text))
            fail_msg("%s: %s, Python reads %s", text, seqnn_error(), python);
        same += status == SEQNN_OK;
        beyond += status != SEQNN_OK && python;
    }
    assert_true(same > 150);
    assert_in_range(beyond, 1, 10);
    assert_int_equal(sq_string_list_split(&list, " cs.CV\tmath-ph\n", 15), SEQNN_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.item[1], "math-ph");
    sq_string_list_free(&list);
}

/* ---- CSV ---- */

static void test_csv(void **state)
{
    (void)state;
    static const char table[] = "titles,summaries,terms\r\n"
                                "First,\" Lines\nbroken, \"\"here\"\".\n\",\"['cs.CV', "
                                "'cs.AI', 'cs.CV']\"\r\n"
                                "Caf\xE9,Caf\xC3\xA9,\"[\"\"it's\"\"]\"\r\n"
                                "Last,None,[]\r\n";
    seqnn_texts *texts = read_text("a.csv", table);
    assert_non_null(texts);
    assert_int_equal(texts->count, 3);
    assert_int_equal(texts->classes, 3);
    assert_string_equal(texts->class_names[0], "cs.AI"); /* byte order */
    assert_null(texts->label);
    assert_string_equal(texts->text[0], "First\nLines\nbroken, \"here\".");
    assert_string_equal(texts->text[1], "Caf\xC3\xA9\nCaf\xC3\xA9");
    assert_string_equal(texts->id[2], "2");
    assert_string_equal(labels(texts, 0), "cs.CV cs.AI ");
    assert_string_equal(labels(texts, 1), "it's ");
    assert_string_equal(labels(texts, 2), "");
    seqnn_texts_free(texts);
    texts = read_as(write_text("a.csv", table), SEQNN_ARXIV_TITLE);
    assert_string_equal(texts->text[0], "First");
    seqnn_texts_free(texts);
    texts = read_as(write_text("a.csv", table), SEQNN_ARXIV_DEFAULT);
    assert_string_equal(texts->text[2], "None");
    seqnn_texts_free(texts);
    /* other names of the columns, other order, no title, blanks between the labels */
    texts = read_as(write_text("a.csv", "categories,id,abstract\ncs.LG stat.ML,7,Deep\n"),
                    SEQNN_ARXIV_ABSTRACT);
    assert_non_null(texts);
    assert_string_equal(texts->text[0], "Deep");
    assert_string_equal(labels(texts, 0), "cs.LG stat.ML ");
    seqnn_texts_free(texts);
}

static void test_bad_csv(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "a.csv: the file is empty"},
        {"titles,summaries,terms\n", "a.csv: there is no paper in it"},
        {"titles,terms\na,b\n", "a.csv:1: no column 'summaries'"},
        {"summaries,terms\na,b\n", "a.csv:1: no column 'titles'"},
        {"titles,summaries\na,b\n", "a.csv:1: no column 'terms'"},
        {"titles,summaries,terms\na,b\n", "a.csv:2: the row has 2 fields, expected 3"},
        {"titles,summaries,terms\na,b,\"['c\"\n", "a.csv:2: the list '['c': expected"},
        {"titles,summaries,terms\na,\"b\n\n\",\"['c'] x\"\nd,e,['f']\n",
         "a.csv:2: the list"},
        {"titles,summaries,terms\na,b,\"['c']\n", "a.csv:2: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(read_text("a.csv", bad[i][0]));
        assert_error(bad[i][1]);
    }
    assert_null(read_as(write_bytes("a.csv", "terms,abstract\na,b\0\n", 20),
                        SEQNN_ARXIV_ABSTRACT));
    assert_error("a.csv:2: ");
    assert_null(read_as(NULL, SEQNN_ARXIV_ABSTRACT));
    assert_null(read_as("x", (seqnn_arxiv_text)7));
    assert_error(".text is 7");
    assert_null(read_as(in_folder("missing"), SEQNN_ARXIV_ABSTRACT));
    assert_error("missing: cannot be opened: ");
}

/* ---- JSON lines ---- */

static void test_json(void **state)
{
    (void)state;
    seqnn_texts *texts = read_text(
        "a.jsonl",
        "{\"id\":\"0704.1\",\"title\":\"  A\\n title\",\"abstract\":\" Caf\\u00e9 "
        "\\ud83d\\ude00.\\n\",\"categories\":\"hep-ph cs.LG\",\"n\":[1,{}]}\r\n\n"
        "{\"id\":\"0704.2\",\"title\":\"B\",\"summary\":\"C\",\"categories\":[\"cs.CV\"]}"
        "\n"
        "{\"id\":\"0704.1\",\"title\":\"X\",\"summary\":\"again\",\"categories\":[]}\n"
        "{\"title\":\"D\",\"abstract\":\"E\",\"summary\":\"F\",\"categories\":[]}");
    assert_non_null(texts);
    assert_int_equal(texts->count, 3);
    assert_string_equal(texts->text[0], "A\n title\nCaf\xC3\xA9 \xF0\x9F\x98\x80.");
    assert_string_equal(texts->id[0], "0704.1");
    assert_string_equal(labels(texts, 0), "hep-ph cs.LG ");
    assert_string_equal(texts->text[1], "B\nC");
    assert_string_equal(labels(texts, 1), "cs.CV ");
    assert_string_equal(texts->text[2], "D\nE");
    assert_string_equal(texts->id[2], "2");
    seqnn_texts_free(texts);

    static const char *const bad[][2] = {
        {"{\"title\":\"A\",\"abstract\":\"B\"}\n",
         "a.jsonl:1: \"categories\" is not there"},
        {"{\"title\":\"A\",\"abstract\":\"B\",\"categories\":[1]}\n", "something else"},
        {"{\"title\":\"A\",\"abstract\":\"B\",\"categories\":{}}\n", "something else"},
        {"{\"title\":\"A\",\"categories\":[]}\n", "a.jsonl:1: a paper without abstract"},
        {"{\"abstract\":\"A\",\"categories\":[]}\n", "a.jsonl:1: a paper without title"},
        {"{\"title\":5,\"abstract\":\"A\",\"categories\":[]}\n", "without title"},
        {"\n{\"title\":\"A\",\n", "a.jsonl:2: "},
        {"{\"title\":\"\xFF\"}\n", "a.jsonl:1: "},
        {"[{\"title\":\"A\"}]\n", "a.jsonl:1: \"categories\" is not there"},
        {"{}\n", "a.jsonl:1: \"categories\" is not there"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(read_text("a.jsonl", bad[i][0]));
        assert_error(bad[i][1]);
    }
}

/* ---- pages of OAI-PMH ---- */

#define PAGE                                                                             \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                       \
    "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">\n"                         \
    "<request "                                                                          \
    "verb=\"ListRecords\">http://export.arxiv.org/oai2</request><ListRecords>\n"
#define PAGE_END                                                                         \
    "<resumptionToken cursor=\"0\">6511260|1001</resumptionToken>\n"                     \
    "</ListRecords></OAI-PMH>\n"
#define RECORD(id, title, categories, abstract)                                          \
    "<record>\n<header><identifier>oai:arXiv.org:" id "</identifier>"                    \
    "<datestamp>2008-11-26</datestamp><setSpec>cs</setSpec></header>\n"                  \
    "<metadata><arXiv xmlns=\"http://arxiv.org/OAI/arXiv/\"><id>" id                     \
    "</id><created>2007-04-01</created><authors><author><keyname>N</keyname></author>"   \
    "</authors><title>" title "</title><categories>" categories                          \
    "</categories><license>none</license><abstract>  " abstract                          \
    "\n</abstract></arXiv></metadata>\n</record>\n"
#define GONE                                                                             \
    "<record><header status=\"deleted\"><identifier>oai:arXiv.org:1</identifier>"        \
    "</header></record>"

#ifdef SEQNN_USE_EXPAT
static const char page[] =
    PAGE RECORD("0704.0046", "Entropy &amp; <![CDATA[<codes>]]>",
                "quant-ph cs.IT math.IT", "We show\n  that &lt;x&gt; &#233;\xC3\xA9.")
        GONE RECORD("0704.0047", "B", "cs.NE", "C")
            RECORD("0704.0046", "X", "cs.XX", "again") PAGE_END;

static void check_page(seqnn_texts *texts)
{
    assert_non_null(texts);
    assert_int_equal(texts->count, 2);
    assert_int_equal(texts->classes, 4);
    assert_string_equal(texts->id[0], "0704.0046");
    assert_string_equal(texts->text[0],
                        "Entropy & <codes>\nWe show\n  that <x> \xC3\xA9\xC3\xA9.");
    assert_string_equal(labels(texts, 0), "quant-ph cs.IT math.IT ");
    assert_string_equal(texts->text[1], "B\nC");
    assert_string_equal(labels(texts, 1), "cs.NE ");
    seqnn_texts_free(texts);
}

static void test_page(void **state)
{
    (void)state;
    check_page(read_text("a.xml", page));
    /* cut anywhere it is no page */
    for (size_t cut = 0; cut < sizeof page - 2; cut++)
        assert_null(read_as(write_bytes("a.xml", page, cut), SEQNN_ARXIV_DEFAULT));
    /* a prefix for the name space, UTF-16 */
    static const char prefixed[] =
        "<o:P xmlns:o=\"u\"><o:record><o:id>1</o:id><o:title>A</o:title>"
        "<o:categories>c</o:categories><o:abstract>B</o:abstract></o:record></o:P>";
    seqnn_texts *texts = read_text("a.xml", prefixed);
    assert_non_null(texts);
    assert_string_equal(texts->text[0], "A\nB");
    seqnn_texts_free(texts);
    char wide[2 * sizeof prefixed] = "\xFF\xFE";
    for (size_t i = 0; i < sizeof prefixed - 1; i++) {
        wide[2 * i + 2] = prefixed[i];
        wide[2 * i + 3] = '\0';
    }
    texts = read_as(write_bytes("a.xml", wide, 2 * sizeof prefixed), SEQNN_ARXIV_TITLE);
    assert_non_null(texts);
    assert_string_equal(texts->text[0], "A");
    seqnn_texts_free(texts);
}

static void test_pages(void **state)
{
    (void)state;
    mkdir(in_folder("harvest"), 0700);
    assert_null(read_as(in_folder("harvest"), SEQNN_ARXIV_TITLE));
    assert_error("harvest: no .xml or .xml.gz in it");
    write_text("harvest/2.xml", PAGE RECORD("7", "second", "a", "x") PAGE_END);
    write_text("harvest/1.xml", PAGE RECORD("8", "first", "b", "x") PAGE_END);
    write_text("harvest/state", "left out");
    for (int inside = 0; inside < 2; inside++) {
        seqnn_texts *texts = read_as(in_folder("harvest"), SEQNN_ARXIV_TITLE);
        assert_non_null(texts);
        assert_int_equal(texts->count, 2);
        assert_string_equal(texts->text[0], inside ? "inside" : "first");
        seqnn_texts_free(texts);
        mkdir(in_folder("harvest/pages"), 0700);
        write_text("harvest/pages/000001.xml",
                   PAGE RECORD("7", "inside", "a", "x") RECORD("8", "more", "b", "x")
                       PAGE_END);
    }
#ifdef SEQNN_USE_ZLIB
    gzFile out = gzopen(in_folder("a.xml.gz"), "wb");
    gzputs(out, page);
    gzclose(out);
    check_page(read_as(in_folder("a.xml.gz"), SEQNN_ARXIV_TITLE_AND_ABSTRACT));
#endif
}

static void test_bad_pages(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"<!DOCTYPE b [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]><x>&b;</x>",
         "a.xml:1: a document type"},
        {"<?xml version=\"1.0\"?>\n<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>",
         "a.xml:2: a document type"},
        {"<x>&nbsp;</x>", "a.xml:1: undefined entity"},
        {"<x>\n<y></x>", "a.xml:2: mismatched tag"},
        {"<x>\xFF</x>", "a.xml:1: not well-formed"},
        {PAGE PAGE_END, "a.xml: there is no paper in it"},
        {PAGE GONE PAGE_END, "a.xml: there is no paper in it"},
        {"<OAI-PMH><error code=\"badResumptionToken\">expired</error></OAI-PMH>",
         "the server answered with the error 'badResumptionToken'"},
        {PAGE
         "<record><id>1</id><title>A</title><abstract>B</abstract></record>" PAGE_END,
         "a.xml:4: a record without categories"},
        {PAGE "<record><title>A</title><categories>c</categories></record>" PAGE_END,
         "a.xml:4: a record without id"},
        {PAGE
         "<record><id>1</id><title>A</title><categories>c</categories></record>" PAGE_END,
         "a.xml:4: a paper without abstract"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(read_text("a.xml", bad[i][0]));
        assert_error(bad[i][1]);
    }
    assert_null(read_as(write_bytes("a.xml", "<x>a\0b</x>", 10), SEQNN_ARXIV_TITLE));
    assert_error("a.xml:1: not well-formed");
    assert_null(read_as(write_large("a.xml", "<x>", "<y>", 300000), SEQNN_ARXIV_TITLE));
    assert_error("a.xml:1: more than 64 elements inside each other");
    assert_null(
        read_as(write_large("a.xml", "<x a=\"", "y", 100000000), SEQNN_ARXIV_TITLE));
    assert_error("a.xml:1: a tag or comment of more than 1048576 bytes");
    assert_null(
        read_as(write_large("a.xml", "<x>", "words ", 100000000), SEQNN_ARXIV_TITLE));
    assert_error("a.xml:1: no element found");
}
#else
static void test_no_expat(void **state)
{
    (void)state;
    assert_null(read_text("a.xml", PAGE RECORD("1", "A", "c", "B") GONE PAGE_END));
    assert_error("a.xml: is XML: compile with -DSEQNN_USE_EXPAT and link with -lexpat");
}
#endif

/* ---- no memory ---- */

static bool read_each_format(void)
{
    static const char *const names[] = {"m.csv", "m.jsonl", "m.xml"};
    bool done = true;
    for (int i = 0; i < 3 && done; i++) {
        seqnn_texts *texts = read_as(in_folder(names[i]), SEQNN_ARXIV_TITLE_AND_ABSTRACT);
        done = texts != NULL;
        seqnn_texts_free(texts);
    }
    return done;
}

static void test_no_memory(void **state)
{
    (void)state;
    write_text("m.csv", "titles,summaries,terms\na,b,\"['c', 'd']\"\n");
    write_text("m.jsonl",
               "{\"id\":\"1\",\"title\":\"A\",\"abstract\":\"B\",\"categories\":"
               "[\"c\",\"d\"]}\n");
#ifdef SEQNN_USE_EXPAT
    write_text("m.xml", page);
#else
    write_text("m.xml", "abstract,titles,terms\na,b,c\n");
#endif
    each_allocation(read_each_format, 40);
}

/* ---- the public set ---- */

static seqnn_size papers_of(const seqnn_texts *texts, const char *label)
{
    seqnn_size papers = 0;
    for (seqnn_size i = 0; i < texts->labels_begin[texts->count]; i++)
        papers += strcmp(texts->class_names[texts->labels[i]], label) == 0;
    return papers;
}

static void test_public_csv(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int papers;
    } frequent[] = {{"cs.CV", 26140}, {"cs.AI", 19583}, {"cs.CL", 16833}, {"cs.LG", 7343},
                    {"cs.RO", 1366},  {"cs.GR", 1116},  {"eess.IV", 1011}};
    static const int sizes[] = {0, 25540, 15897, 6173, 1767, 519, 104};
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *texts = read_as(public_file(path, "arxiv/arxiv_data.csv.gz"),
                                 SEQNN_ARXIV_TITLE_AND_ABSTRACT);
    assert_non_null(texts);
    assert_int_equal(texts->count, 50000);
    assert_int_equal(texts->classes, 979);
    int seen[7] = {0};
    for (seqnn_size i = 0; i < texts->count; i++) {
        seqnn_size count = texts->labels_begin[i + 1] - texts->labels_begin[i];
        seen[count > 6 ? 6 : count]++;
    }
    assert_memory_equal(seen, sizes, sizeof sizes);
    for (size_t i = 0; i < sizeof frequent / sizeof frequent[0]; i++)
        assert_int_equal(papers_of(texts, frequent[i].label), frequent[i].papers);
    seqnn_label_filter_options filter = {NULL, 100};
    seqnn_texts *filtered = seqnn_filter_labels(texts, filter);
    assert_non_null(filtered);
    assert_int_equal(filtered->classes, 32); /* labels of 100 papers or more */
    seqnn_texts_free(filtered);

    /* the sample in the other format holds the first of them */
    seqnn_texts *sample = read_as(public_file(path, "arxiv/arxiv_sample.jsonl.gz"),
                                  SEQNN_ARXIV_TITLE_AND_ABSTRACT);
    assert_non_null(sample);
    assert_int_equal(sample->count, 2000);
    for (seqnn_size i = 0; i < sample->count; i++) {
        char line[256];
        assert_string_equal(sample->text[i], texts->text[i]);
        strcpy(line, labels(sample, i));
        assert_string_equal(line, labels(texts, i));
    }
    seqnn_texts_free(sample);
    seqnn_texts_free(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python_lists), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_bad_csv),      cmocka_unit_test(test_json),
#ifdef SEQNN_USE_EXPAT
        cmocka_unit_test(test_page),         cmocka_unit_test(test_pages),
        cmocka_unit_test(test_bad_pages),
#else
        cmocka_unit_test(test_no_expat),
#endif
        cmocka_unit_test(test_no_memory),    cmocka_unit_test(test_public_csv),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
