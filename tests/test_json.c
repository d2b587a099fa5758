/* JSON: documents as Python's json reads them (golden/json_cases.py), and numbers that
 * come back as they were, in any locale. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comma_locale.h"
#include "json.h"
#include "json_record.h"
#include "outcomes.h"
#include "random.h"

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* The document in one line, numbers as the bits of their double. */
static void write_line(sq_buffer *line, const sq_json_value *value)
{
    char text[24];
    seqnn_size count = 0;
    switch (value->kind) {
    case SQ_JSON_NULL:
        sq_buffer_text(line, "null");
        break;
    case SQ_JSON_FALSE:
        sq_buffer_text(line, "false");
        break;
    case SQ_JSON_TRUE:
        sq_buffer_text(line, "true");
        break;
    case SQ_JSON_NUMBER:
        snprintf(text, sizeof text, "#%016llx",
                 (unsigned long long)bits_of(value->number));
        sq_buffer_text(line, text);
        break;
    case SQ_JSON_STRING:
        assert_int_equal(strlen(value->text), value->length);
        sq_buffer_string(line, value->text);
        break;
    case SQ_JSON_ARRAY:
    case SQ_JSON_OBJECT:
        sq_buffer_text(line, value->kind == SQ_JSON_ARRAY ? "[" : "{");
        for (const sq_json_value *child = value->first; child; child = child->next) {
            sq_buffer_text(line, count++ > 0 ? "," : "");
            if (value->kind == SQ_JSON_OBJECT) {
                sq_buffer_string(line, child->key);
                sq_buffer_text(line, ":");
            } else {
                assert_null(child->key);
            }
            write_line(line, child);
        }
        assert_int_equal(count, value->count);
        sq_buffer_text(line, value->kind == SQ_JSON_ARRAY ? "]" : "}");
    }
}

/* In memory of its very size: a sanitizer sees a byte read behind the end. */
static seqnn_status parse_copy(sq_json *json, const char *text, size_t length)
{
    char *copy = (char *)malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    seqnn_status status = sq_json_parse(json, "test.json", copy, (seqnn_size)length);
    free(copy);
    return status;
}

static void documents_as_python_reads_them(void **state)
{
    (void)state;
    sq_json json = {0};
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        sq_buffer line = {0};
        seqnn_status status =
            parse_copy(&json, documents[i].text, (size_t)documents[i].length);
        if (!documents[i].line) {
            if (status != SEQNN_ERROR_FORMAT)
                fail_msg("document %zu is read: %s", i, documents[i].text);
            assert_error("test.json: ");
            assert_int_equal(json.count, 0);
            continue;
        }
        if (status)
            fail_msg("document %zu is not read: %s", i, seqnn_error());
        write_line(&line, json.value);
        assert_int_equal(line.status, SEQNN_OK);
        assert_string_equal(line.text, documents[i].line);
        sq_buffer_free(&line);
    }
    sq_json_free(&json);
}

static void what_errors_say(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "test.json: byte 0: expected a value"},
        {"[1,]", "byte 3: expected a value"},
        {"[1 2]", "byte 3: expected ',' or ']'"},
        {"{\"a\":1 2}", "byte 7: expected ',' or '}'"},
        {"{\"a\" 1}", "byte 5: expected ':' behind a key"},
        {"{a:1}", "byte 1: expected a key in quotes"},
        {"1 x", "byte 2: something behind the document"},
        {" \"abc", "byte 1: a string without its end"},
        {"\"a\nb\"", "byte 2: a control character in a string"},
        {"\"a\xFF\"", "byte 2: a byte that is not UTF-8"},
        {"\"a\\x\"", "byte 2: an unknown escape"},
        {"\"\\u12x4\"", "byte 1: \\u without four hexadecimal digits"},
        {"\"\\u0000\"", "byte 1: U+0000 in a string"},
        {"\"\\ud800\"", "byte 1: half of a surrogate pair"},
        {"1e999", "byte 0: a number too long or too large"},
        {"{\"a\":1,\"a\":2}", "test.json: the key 'a' comes twice"},
    };
    sq_json json = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse_copy(&json, bad[i][0], strlen(bad[i][0])),
                         SEQNN_ERROR_FORMAT);
        assert_error(bad[i][1]);
    }
    sq_json_free(&json);
}

static void members_sizes_and_strings(void **state)
{
    (void)state;
    static const char text[] = "{\"n\": 12, \"half\": 0.5, \"less\": -1, \"far\": 1e300, "
                               "\"exact\": 9007199254740992, \"s\": \"x\", \"a\": [7]}";
    sq_json json = {0};
    assert_int_equal(sq_json_parse(&json, "test", text, sizeof text - 1), SEQNN_OK);
    const sq_json_value *top = json.value;
    assert_int_equal(sq_json_size(sq_json_member(top, "n"), 100), 12);
    assert_int_equal(sq_json_size(sq_json_member(top, "n"), 12), 12);
    assert_int_equal(sq_json_size(sq_json_member(top, "n"), 11), -1);
    assert_int_equal(sq_json_size(sq_json_member(top, "half"), 100), -1);
    assert_int_equal(sq_json_size(sq_json_member(top, "less"), 100), -1);
    assert_int_equal(sq_json_size(sq_json_member(top, "far"), PTRDIFF_MAX), -1);
    assert_int_equal(sq_json_size(sq_json_member(top, "exact"), PTRDIFF_MAX),
                     9007199254740992);
    assert_int_equal(sq_json_size(sq_json_member(top, "s"), 100), -1);
    assert_int_equal(sq_json_size(sq_json_member(top, "missing"), 100), -1);
    assert_int_equal(sq_json_size(sq_json_member(top, "a")->first, 100), 7);
    assert_string_equal(sq_json_string(sq_json_member(top, "s")), "x");
    assert_null(sq_json_string(sq_json_member(top, "n")));
    assert_null(sq_json_member(sq_json_member(top, "a"), "n"));
    assert_null(sq_json_member(NULL, "n"));
    sq_json_free(&json);
}

/* What is written, parsed. */
static double written_and_read(sq_json *json, double number, bool real)
{
    sq_buffer text = {0};
    if (real)
        sq_buffer_real(&text, (seqnn_real)number);
    else
        sq_buffer_number(&text, number);
    assert_int_equal(text.status, SEQNN_OK);
    if (sq_json_parse(json, "number", text.text, text.length))
        fail_msg("'%s' is no JSON: %s", text.text, seqnn_error());
    assert_int_equal(json->value->kind, SQ_JSON_NUMBER);
    /* and by the C library, in the C locale */
    const char *locale = setlocale(LC_NUMERIC, NULL);
    if (strcmp(locale, "C") == 0)
        assert_true(strtod(text.text, NULL) == json->value->number);
    assert_null(strchr(text.text, ','));
    sq_buffer_free(&text);
    return json->value->number;
}

static void check_numbers(void)
{
    sq_json json = {0};
    seqnn_random random = {.seed = 4};
    for (int i = 0; i < 1000; i++) {
        uint64_t bits = (uint64_t)seqnn_random_bits(&random) << 32;
        bits |= seqnn_random_bits(&random);
        double number = double_of(bits);
        if (!(fabs(number) < HUGE_VAL))
            continue;
        if (bits_of(written_and_read(&json, number, false)) != bits)
            fail_msg("%a does not come back", number);
        float part;
        uint32_t half = (uint32_t)bits;
        memcpy(&part, &half, sizeof part);
        if (fabsf(part) < HUGE_VALF &&
            (seqnn_real)written_and_read(&json, (double)part, true) != (seqnn_real)part)
            fail_msg("%a does not come back as a float", (double)part);
    }
    sq_json_free(&json);
}

static void numbers_come_back(void **state)
{
    (void)state;
    check_numbers();
    for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++) {
        sq_buffer text = {0};
        char digits[64] = "";
        sq_buffer_number(&text, double_of(shortest[i].bits));
        for (const char *at = text.text; *at && *at != 'e'; at++)
            if (*at >= '0' && *at <= '9' && (*at != '0' || digits[0]))
                strncat(digits, at, 1);
        for (size_t length = strlen(digits); length > 0 && digits[length - 1] == '0';)
            digits[--length] = '\0';
        assert_string_equal(digits[0] ? digits : "0", shortest[i].digits);
        sq_buffer_free(&text);
    }
}

static void numbers_look_plain(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } plain[] = {{0, "0"},
                 {-0.0, "-0"},
                 {1, "1"},
                 {-1.5, "-1.5"},
                 {100, "100"},
                 {0.001, "0.001"},
                 {0.00001234, "0.00001234"},
                 {1e-6, "1e-6"},
                 {1.25e-7, "1.25e-7"},
                 {1e16, "10000000000000000"},
                 {123456.75, "123456.75"},
                 {1e17, "1e17"},
                 {-1.5e300, "-1.5e300"}};
    sq_buffer text = {0};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        text.length = 0;
        sq_buffer_number(&text, plain[i].number);
        assert_string_equal(text.text, plain[i].text);
    }
    text.length = 0;
    sq_buffer_real(&text, (seqnn_real)0.2);
    sq_buffer_text(&text, " ");
    sq_buffer_integer(&text, INT64_MIN);
    assert_string_equal(text.text, "0.2 -9223372036854775808");
    sq_buffer_number(&text, (double)NAN);
    assert_int_equal(text.status, SEQNN_ERROR_NUMBER);
    assert_error("NaN cannot be written");
    sq_buffer_text(&text, "more");
    assert_string_equal(text.text, "0.2 -9223372036854775808"); /* sticky */
    sq_buffer_free(&text);
    sq_buffer_number(&text, -(double)INFINITY);
    assert_error("infinity cannot be written");
    sq_buffer_free(&text);
    sq_buffer_string(&text, "a\xFF");
    assert_int_equal(text.status, SEQNN_ERROR_FORMAT);
    sq_buffer_free(&text);
}

static void numbers_in_a_comma_locale(void **state)
{
    (void)state;
    if (!set_comma_locale())
        skip();
    check_numbers();
    sq_json json = {0};
    assert_int_equal(parse_copy(&json, "[1.5,-2.5e-3]", 13), SEQNN_OK);
    assert_true(json.value->first->number == 1.5);
    assert_true(json.value->first->next->number == -0.0025);
    sq_json_free(&json);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_as_python_reads_them),
        cmocka_unit_test(what_errors_say),
        cmocka_unit_test(members_sizes_and_strings),
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(numbers_look_plain),
        cmocka_unit_test(numbers_in_a_comma_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
