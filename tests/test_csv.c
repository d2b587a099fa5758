/* Tables of separated values, beside Python's csv module and on bad input. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include "csv.h"
#include "csv_record.h"

/* The first rows of a table in the notation of csv_record.h; NULL with the error set. */
static char *rows_of(const char *path, char separator)
{
    static char rows[1 << 16];
    size_t used = 0;
    sq_csv csv;
    const sq_csv_field *fields;
    seqnn_size count;
    seqnn_status status = sq_csv_open(&csv, path, separator);
    while (!status && !(status = sq_csv_row(&csv, &fields, &count)) && count > 0) {
        for (seqnn_size i = 0; i < count; i++) {
            assert_int_equal(strlen(fields[i].text), fields[i].length);
            if (used + (size_t)fields[i].length + 3 > sizeof rows)
                continue; /* the tests of size do not look at it */
            memcpy(rows + used, fields[i].text, (size_t)fields[i].length);
            used += (size_t)fields[i].length;
            rows[used++] = 037;
        }
        if (used + 1 < sizeof rows)
            rows[used++] = 036;
    }
    rows[used] = '\0';
    sq_csv_close(&csv);
    return status ? NULL : rows;
}

static void test_as_python_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof csv_cases / sizeof csv_cases[0]; i++) {
        const struct csv_case *c = &csv_cases[i];
        const char *rows = rows_of(write_text("case.csv", c->table), 0);
        if (!c->rows) {
            if (rows)
                fail_msg("case %zu: an open quotation mark is taken", i);
            assert_error("is not closed");
        } else if (!rows || strcmp(rows, c->rows) != 0) {
            fail_msg("case %zu, '%s': '%s', Python reads '%s'", i, c->table,
                     rows ? rows : seqnn_error(), c->rows);
        }
    }
}

/* What Python reads otherwise, or cannot: documented in csv.h. */
static void test_beyond_python(void **state)
{
    (void)state;
    static const struct {
        const char *table, *rows;
    } cases[] = {
        {"\xEF\xBB\xBF\"a\",b\n", "a\037b\037\036"},
        {"a\rb,c\n", "a\rb\037c\037\036"},
        {"a\r\r\nb\r", "a\r\037\036b\037\036"},
        {"\r\na", "a\037\036"},
        {"\xEF\xBB\xBF", ""},
        {"\"a\r\"\r\n", "a\r\037\036"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *rows = rows_of(write_text("case.csv", cases[i].table), 0);
        assert_non_null(rows);
        assert_string_equal(rows, cases[i].rows);
    }
    assert_string_equal(rows_of(write_text("case.csv", "a;\"b;c\",d\n"), ';'),
                        "a\037b;c,d\037\036");
    assert_string_equal(rows_of(write_text("case.tsv", "a\tb,c\n"), '\t'),
                        "a\037b,c\037\036");
}

/* Every place of the end of the buffer, in every state: long fields before it. */
static void test_any_offset(void **state)
{
    (void)state;
    static const char tail[] = "\",\"b\"\"c\r\nd\",e\"f,\"\"\r\ng,h\n";
    enum { BUFFER = 1 << 15 };
    char *table = (char *)malloc(BUFFER + sizeof tail);
    assert_non_null(table);
    for (size_t before = BUFFER - sizeof tail - 4; before < BUFFER + 2; before++) {
        memset(table, 'x', before);
        table[0] = '"';
        memcpy(table + before, tail, sizeof tail - 1);
        const char *path = write_bytes("offset.csv", table, before + sizeof tail - 1);
        const char *rows = rows_of(path, 0);
        assert_non_null(rows);
        assert_int_equal(strspn(rows, "x"), before - 1);
        assert_string_equal(rows + before - 1,
                            "\037b\"c\r\nd\037e\"f\037\037\036g\037h\037\036");
    }
    free(table);
}

static void test_lines_and_columns(void **state)
{
    (void)state;
    sq_csv csv;
    const sq_csv_field *fields;
    seqnn_size count;
    const char *path =
        write_text("lines.csv", "\n\"a\nb\",c\n\n1,2\n\"\n\n\",\"\n\"\n3\n");
    static const int lines[] = {2, 5, 6, 10};
    assert_int_equal(sq_csv_open(&csv, path, 0), SEQNN_OK);
    for (int i = 0; i < 4; i++) {
        seqnn_status status = sq_csv_record(&csv, &fields, &count);
        assert_int_equal(csv.line, lines[i]);
        assert_int_equal(status, i < 3 ? SEQNN_OK : SEQNN_ERROR_FORMAT);
        if (i == 0) {
            assert_int_equal(sq_csv_column(&csv, "c"), 1);
            assert_int_equal(sq_csv_column(&csv, "a\nb"), 0);
            assert_int_equal(sq_csv_column(&csv, "d"), -1);
            assert_error(":2: no column 'd', the columns are: a\nb, c");
        }
    }
    assert_error(":10: the row has 1 fields, expected 2 as in the first");
    sq_csv_close(&csv);
    char wide[1200] = "";
    for (int i = 0; i < 100; i++)
        strcat(wide, "column,");
    assert_int_equal(sq_csv_open(&csv, write_text("wide.csv", wide), 0), SEQNN_OK);
    assert_int_equal(sq_csv_row(&csv, &fields, &count), SEQNN_OK);
    assert_int_equal(count, 101);
    assert_int_equal(sq_csv_column(&csv, "d"), -1);
    assert_error(" ...");
    sq_csv_close(&csv);
}

static void expect_failure(const char *path, const char *part)
{
    if (rows_of(path, 0))
        fail_msg("%s is read", path);
    assert_error(part);
    assert_error(path);
}

static void test_bad_tables(void **state)
{
    (void)state;
    expect_failure(in_folder("nowhere.csv"), "cannot be opened");
    expect_failure(folder, "is a folder");
    expect_failure(write_text("open.csv", "a,b\n\"c\nd\",\"e\n\nf,g\n"),
                   ":3: the quotation mark that begins a field on this line is not");
    expect_failure(write_bytes("nul.csv", "a\nb,\0\n", 6),
                   ":2: the row holds a NUL byte");
    expect_failure(write_bytes("nul.csv", "a\n\"b\0\"\n", 7), ":2: the row holds a NUL");
    expect_failure(write_bytes("nul.csv", "a\n\"b\"\0\n", 7), ":2: the row holds a NUL");
    expect_failure(write_large("wide.csv", "a\n", ",", 1 << 17),
                   ":2: the row has more than 65536 fields");
    expect_failure(write_large("long.csv", "a\n", "0123456789abcdef", 100000000),
                   ":2: the row is longer than 67108864 bytes");
    expect_failure(
        write_large("open.csv", "a\nb,\"c\nd\",\"", "0123456789abcd\n", 100000000),
        ":3: the quotation mark that begins a field on this line is not "
        "closed");
    remove(in_folder("long.csv"));
    remove(in_folder("open.csv"));
}

static bool read_once(void)
{
    return rows_of(in_folder("memory.csv"), 0) != NULL;
}

static void test_no_memory(void **state)
{
    (void)state;
    write_large("memory.csv", "a,b\n\"", "a line of a long field\n", 40000);
    FILE *file = fopen(in_folder("memory.csv"), "ab");
    assert_non_null(file);
    for (int i = 0; i < 41; i++)
        fputs("\",", file);
    fclose(file);
    each_allocation(read_once, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_python_reads), cmocka_unit_test(test_beyond_python),
        cmocka_unit_test(test_any_offset),      cmocka_unit_test(test_lines_and_columns),
        cmocka_unit_test(test_bad_tables),      cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
