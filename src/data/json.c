#include "json.h"
#include "numbers.h"
#include "unicode.h"

enum { SQ_JSON_DEPTH = 64, SQ_JSON_FEW_MEMBERS = 16, SQ_JSON_LONGEST_NUMBER = 500 };

typedef struct sq_json_parser {
    sq_json *json;
    const char *what, *begin, *at, *end;
    char *out; /* where the next string goes */
} sq_json_parser;

static seqnn_status sq_json_fail(const sq_json_parser *parser, const char *at,
                                 const char *problem)
{
    return sq_fail(SEQNN_ERROR_FORMAT, "%s: byte %td: %s", parser->what,
                   at - parser->begin, problem);
}

static void sq_json_skip_blanks(sq_json_parser *parser)
{
    while (parser->at < parser->end && (*parser->at == ' ' || *parser->at == '\n' ||
                                        *parser->at == '\r' || *parser->at == '\t'))
        parser->at++;
}

/* The next byte that is no blank, 0 at the end (and for a NUL, which nothing expects). */
static char sq_json_peek(sq_json_parser *parser)
{
    sq_json_skip_blanks(parser);
    return parser->at < parser->end ? *parser->at : '\0';
}

/* Four hexadecimal digits behind \u; -1 if they are not there. */
static int32_t sq_json_hex(const sq_json_parser *parser, const char *at)
{
    int32_t value = 0;
    if (parser->end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = at[i] >= '0' && at[i] <= '9'   ? at[i] - '0'
                    : at[i] >= 'a' && at[i] <= 'f' ? at[i] - 'a' + 10
                    : at[i] >= 'A' && at[i] <= 'F' ? at[i] - 'A' + 10
                                                   : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* What stands behind a backslash; characters beyond U+FFFF are two escapes. */
static seqnn_status sq_json_escape(sq_json_parser *parser)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *at = parser->at++;
    const char *name =
        parser->at < parser->end && *parser->at ? strchr(names, *parser->at) : NULL;
    if (name) {
        *parser->out++ = meanings[name - names];
        parser->at++;
        return SEQNN_OK;
    }
    if (parser->at == parser->end || *parser->at != 'u')
        return sq_json_fail(parser, at, "an unknown escape");
    int32_t point = sq_json_hex(parser, ++parser->at);
    if (point < 0)
        return sq_json_fail(parser, at, "\\u without four hexadecimal digits");
    if (point == 0)
        return sq_json_fail(parser, at, "U+0000 in a string");
    parser->at += 4;
    if (point >= 0xD800 && point < 0xE000) {
        int32_t low = -1;
        if (point < 0xDC00 && parser->end - parser->at >= 6 && parser->at[0] == '\\' &&
            parser->at[1] == 'u')
            low = sq_json_hex(parser, parser->at + 2);
        if (low < 0xDC00 || low >= 0xE000)
            return sq_json_fail(parser, at, "half of a surrogate pair");
        parser->at += 6;
        point = 0x10000 + (point - 0xD800) * 0x400 + (low - 0xDC00);
    }
    parser->out += sq_utf8_write(point, parser->out);
    return SEQNN_OK;
}

/* Decodes the string that begins at the quotation mark; a decoded string is shorter than
 * the written one, which has two marks around it. */
static seqnn_status sq_json_quoted(sq_json_parser *parser, const char **text,
                                   seqnn_size *length)
{
    const char *quote = parser->at++;
    char *begin = parser->out;
    for (;;) {
        const char *run = parser->at, *end = parser->end;
        while (run < end && *run != '"' && *run != '\\' && (unsigned char)*run >= 0x20 &&
               (unsigned char)*run < 0x80)
            run++;
        memcpy(parser->out, parser->at, (size_t)(run - parser->at));
        parser->out += run - parser->at;
        parser->at = run;
        if (run == end)
            return sq_json_fail(parser, quote, "a string without its end");
        if (*run == '"')
            break;
        if (*run == '\\') {
            seqnn_status status = sq_json_escape(parser);
            if (status != SEQNN_OK)
                return status;
            continue;
        }
        if ((unsigned char)*run < 0x20)
            return sq_json_fail(parser, run, "a control character in a string");
        int32_t point;
        seqnn_size size = sq_utf8_next(run, end - run, &point);
        if (point < 0)
            return sq_json_fail(parser, run, "a byte that is not UTF-8");
        memcpy(parser->out, run, (size_t)size);
        parser->out += size;
        parser->at += size;
    }
    parser->at++;
    *text = begin;
    *length = parser->out - begin;
    *parser->out++ = '\0';
    return SEQNN_OK;
}

static const char *sq_json_digits(const sq_json_parser *parser, const char *at)
{
    while (at < parser->end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* The end of the number by RFC 8259: -? (0 | [1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)?
 * NULL if there is none. */
static const char *sq_json_number_end(const sq_json_parser *parser)
{
    const char *at = parser->at, *end = parser->end, *digits;
    at += *at == '-';
    digits = at;
    at = sq_json_digits(parser, at);
    if (at == digits || (at - digits > 1 && *digits == '0'))
        return NULL;
    if (at < end && *at == '.') {
        digits = at + 1;
        at = sq_json_digits(parser, digits);
        if (at == digits)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        digits = at;
        at = sq_json_digits(parser, at);
        if (at == digits)
            return NULL;
    }
    return at;
}

static seqnn_status sq_json_parse_number(sq_json_parser *parser, sq_json_value *value)
{
    const char *begin = parser->at, *end = sq_json_number_end(parser);
    if (!end)
        return sq_json_fail(parser, begin, "expected a value");
    value->kind = SQ_JSON_NUMBER;
    value->text = parser->out;
    value->length = end - begin;
    memcpy(parser->out, begin, (size_t)value->length);
    parser->out += value->length;
    *parser->out++ = '\0';
    parser->at = end;
    if (value->length > SQ_JSON_LONGEST_NUMBER ||
        !sq_parse_double(value->text, &value->number))
        return sq_json_fail(parser, begin, "a number too long or too large");
    return SEQNN_OK;
}

static bool sq_json_parse_word(sq_json_parser *parser, sq_json_value *value)
{
    static const char *const words[] = {"null", "false", "true"};
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(parser->end - parser->at) >= length &&
            memcmp(parser->at, words[i], length) == 0) {
            value->kind = (sq_json_kind)(SQ_JSON_NULL + i);
            parser->at += length;
            return true;
        }
    }
    return false;
}

/* A new value; the array may move, so that values are known by their place until the
 * end. */
static seqnn_status sq_json_new(sq_json *json, seqnn_size *place)
{
    void *memory = json->value;
    seqnn_status status =
        sq_grow(&memory, &json->capacity, json->count + 1, sizeof *json->value);
    if (status != SEQNN_OK)
        return status;
    json->value = (sq_json_value *)memory;
    *place = json->count++;
    memset(&json->value[*place], 0, sizeof *json->value);
    return SEQNN_OK;
}

static seqnn_status sq_json_parse_value(sq_json_parser *parser, const char *key,
                                        int depth);

/* Elements or members up to the closing bracket. */
static seqnn_status sq_json_parse_list(sq_json_parser *parser, seqnn_size place,
                                       int depth)
{
    bool object = *parser->at == '{';
    const char *open = parser->at++;
    char close = object ? '}' : ']';
    seqnn_size count = 0;
    parser->json->value[place].kind = object ? SQ_JSON_OBJECT : SQ_JSON_ARRAY;
    if (depth == SQ_JSON_DEPTH)
        return sq_json_fail(parser, open, "more than 64 levels");
    for (char next = sq_json_peek(parser); next != close || count > 0;) {
        const char *key = NULL;
        seqnn_status status = SEQNN_OK;
        seqnn_size length;
        if (object) {
            if (next != '"')
                return sq_json_fail(parser, parser->at, "expected a key in quotes");
            status = sq_json_quoted(parser, &key, &length);
            if (status == SEQNN_OK && sq_json_peek(parser) != ':')
                status = sq_json_fail(parser, parser->at, "expected ':' behind a key");
            parser->at += status == SEQNN_OK;
        }
        if (status == SEQNN_OK)
            status = sq_json_parse_value(parser, key, depth + 1);
        if (status != SEQNN_OK)
            return status;
        count++;
        next = sq_json_peek(parser);
        if (next == close)
            break;
        if (next != ',')
            return sq_json_fail(parser, parser->at,
                                object ? "expected ',' or '}'" : "expected ',' or ']'");
        parser->at++;
        next = sq_json_peek(parser);
    }
    parser->at++;
    /* `length` of a list is the number of values below it, until they are linked. */
    parser->json->value[place].count = count;
    parser->json->value[place].length = parser->json->count - place - 1;
    return SEQNN_OK;
}

static seqnn_status sq_json_parse_value(sq_json_parser *parser, const char *key,
                                        int depth)
{
    seqnn_size place;
    char next = sq_json_peek(parser);
    seqnn_status status = sq_json_new(parser->json, &place);
    if (status != SEQNN_OK)
        return status;
    sq_json_value *value = &parser->json->value[place];
    value->key = key;
    if (next == '{' || next == '[')
        return sq_json_parse_list(parser, place, depth);
    if (next == '"') {
        value->kind = SQ_JSON_STRING;
        return sq_json_quoted(parser, &value->text, &value->length);
    }
    if (next == '-' || (next >= '0' && next <= '9'))
        return sq_json_parse_number(parser, value);
    if (!sq_json_parse_word(parser, value))
        return sq_json_fail(parser, parser->at, "expected a value");
    return SEQNN_OK;
}

static int sq_json_compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first key of an object that comes twice in *twice, or NULL. */
static seqnn_status sq_json_find_twice(const sq_json_value *object, const char **twice)
{
    *twice = NULL;
    if (object->count <= SQ_JSON_FEW_MEMBERS) {
        for (const sq_json_value *a = object->first; a; a = a->next)
            for (const sq_json_value *b = a->next; b; b = b->next)
                if (strcmp(a->key, b->key) == 0)
                    *twice = a->key;
        return SEQNN_OK;
    }
    const char **keys = (const char **)sq_allocate(object->count, sizeof *keys);
    if (!keys)
        return SEQNN_ERROR_MEMORY;
    seqnn_size count = 0;
    for (const sq_json_value *member = object->first; member; member = member->next)
        keys[count++] = member->key;
    qsort((void *)keys, (size_t)count, sizeof *keys, sq_json_compare_keys);
    for (seqnn_size i = 1; i < count; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            *twice = keys[i];
    sq_free((void *)keys);
    return SEQNN_OK;
}

/* Values stand before their children and these one after the other, each followed by what
 * is below it. */
static seqnn_status sq_json_link(const sq_json_parser *parser)
{
    sq_json_value *value = parser->json->value;
    for (seqnn_size i = 0; i < parser->json->count; i++) {
        if (value[i].count == 0)
            continue;
        sq_json_value *child = &value[i + 1];
        value[i].first = child;
        for (seqnn_size k = 1; k < value[i].count; k++) {
            sq_json_value *sibling = child + 1;
            if (child->kind == SQ_JSON_ARRAY || child->kind == SQ_JSON_OBJECT)
                sibling += child->length;
            child->next = sibling;
            child = sibling;
        }
        value[i].length = 0;
        const char *twice = NULL;
        if (value[i].kind == SQ_JSON_OBJECT &&
            sq_json_find_twice(&value[i], &twice) != SEQNN_OK)
            return SEQNN_ERROR_MEMORY;
        if (twice)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: the key '%.100s' comes twice",
                           parser->what, twice);
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_json_parse(sq_json *json, const char *what, const char *text,
                                    seqnn_size length)
{
    void *strings = json->strings;
    json->count = 0;
    /* The string or number at the very end has a NUL behind it. */
    seqnn_status status = sq_grow(&strings, &json->strings_capacity, length + 1, 1);
    if (status != SEQNN_OK)
        return status;
    json->strings = (char *)strings;
    sq_json_parser parser = {json, what, text, text, text + length, json->strings};
    status = sq_json_parse_value(&parser, NULL, 0);
    if (status == SEQNN_OK) {
        sq_json_skip_blanks(&parser);
        if (parser.at < parser.end)
            status = sq_json_fail(&parser, parser.at, "something behind the document");
    }
    if (status == SEQNN_OK)
        status = sq_json_link(&parser);
    if (status != SEQNN_OK)
        json->count = 0;
    return status;
}

SQ_LOCAL void sq_json_free(sq_json *json)
{
    sq_free(json->value);
    sq_free(json->strings);
    memset(json, 0, sizeof *json);
}

SQ_LOCAL const sq_json_value *sq_json_member(const sq_json_value *value, const char *key)
{
    if (!value || value->kind != SQ_JSON_OBJECT)
        return NULL;
    for (const sq_json_value *member = value->first; member; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member;
    return NULL;
}

SQ_LOCAL seqnn_size sq_json_size(const sq_json_value *value, seqnn_size limit)
{
    const double exact = 9007199254740992.0; /* beyond 2^53 integers have gaps */
    if (!value || value->kind != SQ_JSON_NUMBER || !(value->number >= 0) ||
        value->number > (double)limit || value->number > exact)
        return -1;
    seqnn_size whole = (seqnn_size)value->number;
    return (double)whole == value->number ? whole : -1;
}

SQ_LOCAL const char *sq_json_string(const sq_json_value *value)
{
    return value && value->kind == SQ_JSON_STRING ? value->text : NULL;
}

/* ---- text that grows ---- */

SQ_LOCAL void sq_buffer_bytes(sq_buffer *buffer, const char *bytes, seqnn_size count)
{
    void *memory = buffer->text;
    if (buffer->status != SEQNN_OK)
        return;
    if (buffer->length > PTRDIFF_MAX - 1 - count)
        buffer->status = sq_fail(SEQNN_ERROR_MEMORY, "memory: a text is too long");
    else
        buffer->status =
            sq_grow(&memory, &buffer->capacity, buffer->length + count + 1, 1);
    if (buffer->status != SEQNN_OK)
        return;
    buffer->text = (char *)memory;
    if (count > 0)
        memcpy(buffer->text + buffer->length, bytes, (size_t)count);
    buffer->length += count;
    buffer->text[buffer->length] = '\0';
}

SQ_LOCAL void sq_buffer_text(sq_buffer *buffer, const char *text)
{
    sq_buffer_bytes(buffer, text, (seqnn_size)strlen(text));
}

SQ_LOCAL void sq_buffer_integer(sq_buffer *buffer, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    sq_buffer_text(buffer, text);
}

/* d.ddde+xx with so many digits, in the locale's way, becomes their row in digits and the
 * decimal exponent of the first. */
static int sq_decimal_digits(double number, int count, char *digits)
{
    char text[64];
    int written = 0;
    snprintf(text, sizeof text, "%.*e", count - 1, number);
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            digits[written++] = *at;
    while (written > 1 && digits[written - 1] == '0')
        written--;
    digits[written] = '\0';
    return atoi(at + 1);
}

/* Plainly if it is neither very small nor very large, else with an exponent. */
static void sq_write_decimal(char *text, size_t size, bool negative, const char *digits,
                             int exponent)
{
    int count = (int)strlen(digits);
    const char *sign = negative ? "-" : "";
    if (exponent < -5 || exponent > 16)
        snprintf(text, size, "%s%c%s%se%d", sign, digits[0], count > 1 ? "." : "",
                 digits + 1, exponent);
    else if (exponent < 0)
        snprintf(text, size, "%s0.%.*s%s", sign, -exponent - 1, "0000", digits);
    else if (count <= exponent + 1)
        snprintf(text, size, "%s%s%.*s", sign, digits, exponent + 1 - count,
                 "0000000000000000");
    else
        snprintf(text, size, "%s%.*s.%s", sign, exponent + 1, digits,
                 digits + exponent + 1);
}

/* What each number of digits reads back as, until it is the number itself. */
static void sq_buffer_shortest(sq_buffer *buffer, double number, bool real)
{
    char text[64] = "", digits[32];
    double back = 0;
    if (!(fabs(number) < HUGE_VAL)) {
        if (buffer->status == SEQNN_OK)
            buffer->status =
                sq_fail(SEQNN_ERROR_NUMBER,
                        "json: %s cannot be written, expected a finite number",
                        number == number ? "infinity" : "NaN");
        return;
    }
    for (int count = 1; count <= 17; count++) {
        int exponent = sq_decimal_digits(fabs(number), count, digits);
        sq_write_decimal(text, sizeof text, signbit(number) != 0, digits, exponent);
        if (!sq_parse_double(text, &back))
            continue; /* rounded up beyond the largest */
        if (real ? (seqnn_real)back == (seqnn_real)number : back == number)
            break;
    }
    sq_buffer_text(buffer, text);
}

SQ_LOCAL void sq_buffer_number(sq_buffer *buffer, double number)
{
    sq_buffer_shortest(buffer, number, false);
}

SQ_LOCAL void sq_buffer_real(sq_buffer *buffer, seqnn_real number)
{
    sq_buffer_shortest(buffer, (double)number, true);
}

SQ_LOCAL void sq_buffer_string(sq_buffer *buffer, const char *text)
{
    static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    seqnn_size length = (seqnn_size)strlen(text), plain = 0, at = 0;
    sq_buffer_bytes(buffer, "\"", 1);
    while (at < length) {
        int32_t point;
        seqnn_size size = sq_utf8_next(text + at, length - at, &point);
        if (point < 0) {
            if (buffer->status == SEQNN_OK)
                buffer->status = sq_fail(SEQNN_ERROR_FORMAT,
                                         "json: the text '%.100s' is not UTF-8", text);
            return;
        }
        const char *special = strchr(named, (int)point % 0x80);
        if (point < 0x20 || (point < 0x80 && special)) {
            char escape[8];
            if (special)
                snprintf(escape, sizeof escape, "\\%c", names[special - named]);
            else
                snprintf(escape, sizeof escape, "\\u%04x", (unsigned)point);
            sq_buffer_bytes(buffer, text + plain, at - plain);
            sq_buffer_text(buffer, escape);
            plain = at + size;
        }
        at += size;
    }
    sq_buffer_bytes(buffer, text + plain, length - plain);
    sq_buffer_bytes(buffer, "\"", 1);
}

SQ_LOCAL void sq_buffer_free(sq_buffer *buffer)
{
    sq_free(buffer->text);
    memset(buffer, 0, sizeof *buffer);
}
