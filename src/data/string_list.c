#include "string_list.h"
#include "unicode.h"

SQ_LOCAL void sq_string_list_free(sq_string_list *list)
{
    sq_free((void *)list->item);
    sq_free(list->bytes);
    memset(list, 0, sizeof *list);
}

SQ_LOCAL seqnn_status sq_string_list_add(sq_string_list *list, const char *item)
{
    void *memory = (void *)list->item;
    seqnn_status status =
        sq_grow(&memory, &list->capacity, list->count + 1, sizeof(char *));
    list->item = (const char **)memory;
    if (status == SEQNN_OK)
        list->item[list->count++] = item;
    return status;
}

/* Empties the list; its bytes hold size of them. */
static seqnn_status sq_string_list_begin(sq_string_list *list, seqnn_size size)
{
    void *memory = list->bytes;
    seqnn_status status = sq_grow(&memory, &list->byte_capacity, size, 1);
    list->bytes = (char *)memory;
    list->count = 0;
    return status;
}

/* Blank, tab, line break: ASCII's white space. */
static bool sq_is_list_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

SQ_LOCAL seqnn_status sq_string_list_split(sq_string_list *list, const char *text,
                                           seqnn_size length)
{
    seqnn_status status = sq_string_list_begin(list, length + 1);
    if (status != SEQNN_OK)
        return status;
    char *at = list->bytes, *end = at + length;
    if (length > 0)
        memcpy(at, text, (size_t)length);
    *end = '\0';
    while (at < end && status == SEQNN_OK) {
        char *begin = at;
        while (at < end && !sq_is_list_blank(*at))
            at++;
        if (at > begin)
            status = sq_string_list_add(list, begin);
        if (at < end)
            *at++ = '\0';
    }
    return status;
}

/* ---- Python's lists ---- */

typedef struct sq_python {
    const char *begin, *at, *end;
    char *out;
    const char *wrong; /* what was expected at `at`; NULL while all is well */
} sq_python;

static void sq_python_blanks(sq_python *p)
{
    while (p->at < p->end && sq_is_list_blank(*p->at) && *p->at != '\v')
        p->at++;
}

static bool sq_python_take(sq_python *p, char c)
{
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

/* digits of a base as a code point; fewer are allowed if `least` says so. */
static int32_t sq_python_digits(sq_python *p, int base, int least, int most)
{
    int32_t point = 0;
    int count = 0;
    for (; count < most && p->at < p->end; count++, p->at++) {
        char c = *p->at;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 16;
        if (digit >= base)
            break;
        point = point > 0x10FFFF ? point : point * base + digit; /* 8 digits overflow */
    }
    if (count < least)
        p->wrong = "more digits of the escape";
    return point;
}

/* What follows a backslash. */
static void sq_python_escape(sq_python *p)
{
    static const char letters[] = "\\'\"abfnrtv", bytes[] = "\\'\"\a\b\f\n\r\t\v";
    if (p->at == p->end) {
        p->wrong = "a closing quotation mark";
        return;
    }
    char c = *p->at++;
    const char *letter = c ? strchr(letters, c) : NULL;
    int32_t point;
    if (letter) {
        *p->out++ = bytes[letter - letters];
        return;
    }
    if (c == '\n') /* the string goes on on the next line */
        return;
    if (c == '\r') {
        sq_python_take(p, '\n');
        return;
    }
    if (c == 'x') {
        point = sq_python_digits(p, 16, 2, 2);
    } else if (c == 'u') {
        point = sq_python_digits(p, 16, 4, 4);
    } else if (c == 'U') {
        point = sq_python_digits(p, 16, 8, 8);
    } else if (c >= '0' && c <= '7') {
        p->at--;
        point = sq_python_digits(p, 8, 1, 3);
    } else if (c == 'N') {
        p->wrong = "no character by its name";
        return;
    } else {
        *p->out++ = '\\';
        *p->out++ = c;
        return;
    }
    if (!p->wrong &&
        (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)))
        p->wrong = "the number of a character in the escape";
    if (!p->wrong)
        p->out += sq_utf8_write(point, p->out);
}

/* A string literal; `at` is at its quotation mark. */
static void sq_python_string(sq_python *p)
{
    char quote = *p->at++;
    if (p->end - p->at >= 2 && p->at[0] == quote && p->at[1] == quote) {
        p->wrong = "no triple quotation mark";
        return;
    }
    while (!p->wrong) {
        if (p->at == p->end || *p->at == '\n' || *p->at == '\r') {
            p->wrong = "a closing quotation mark";
        } else if (*p->at == quote) {
            p->at++;
            return;
        } else if (*p->at == '\\') {
            p->at++;
            sq_python_escape(p);
        } else {
            *p->out++ = *p->at++;
        }
    }
}

static bool sq_python_at_string(const sq_python *p)
{
    return p->at < p->end && (*p->at == '\'' || *p->at == '"');
}

/* The items up to the closing bracket. A decoded string with its NUL is not longer than
 * it was with its quotation marks. */
static seqnn_status sq_python_items(sq_python *p, sq_string_list *list)
{
    for (;;) {
        sq_python_blanks(p);
        if (sq_python_take(p, ']'))
            return SEQNN_OK;
        if (!sq_python_at_string(p)) {
            p->wrong = "a string or ]";
            return SEQNN_OK;
        }
        const char *item = p->out;
        while (!p->wrong && sq_python_at_string(p)) {
            sq_python_string(p);
            sq_python_blanks(p);
        }
        *p->out++ = '\0';
        seqnn_status status = sq_string_list_add(list, item);
        if (status != SEQNN_OK || p->wrong || sq_python_take(p, ']'))
            return status;
        if (!sq_python_take(p, ','))
            p->wrong = "a comma or ]";
        if (p->wrong)
            return SEQNN_OK;
    }
}

SQ_LOCAL seqnn_status sq_string_list_python(sq_string_list *list, const char *path,
                                            seqnn_size line, const char *text,
                                            seqnn_size length)
{
    seqnn_status status = sq_string_list_begin(list, length + 1);
    sq_python p = {text, text, text + length, list->bytes, NULL};
    if (status != SEQNN_OK)
        return status;
    sq_python_blanks(&p);
    if (sq_python_take(&p, '['))
        status = sq_python_items(&p, list);
    else
        p.wrong = "[";
    sq_python_blanks(&p);
    if (status == SEQNN_OK && !p.wrong && p.at < p.end)
        p.wrong = "nothing behind ]";
    if (status != SEQNN_OK || !p.wrong)
        return status;
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s:%td: the list '%.*s%s': expected %s at character %td", path, line,
                   (int)sq_min(length, 60), text, length > 60 ? "..." : "", p.wrong,
                   p.at - p.begin + 1);
}
