#include "plain_text.h"
#include "files.h"
#include "texts_build.h"
#include "unicode.h"

/* A text that grows by lines. */
typedef struct sq_paragraph {
    void *utf8;
    seqnn_size used, capacity;
    seqnn_size line; /* on which it begins, from 0 */
} sq_paragraph;

static seqnn_status sq_paragraph_append(sq_paragraph *p, const char *line,
                                        seqnn_size length)
{
    seqnn_size room = sq_multiply(length, 2);
    seqnn_status status = sq_grow(&p->utf8, &p->capacity, p->used + room + 1, 1);
    if (status != SEQNN_OK)
        return status;
    char *text = (char *)p->utf8;
    if (p->used > 0)
        text[p->used++] = '\n';
    p->used += sq_latin1_to_utf8(line, length, true, text + p->used);
    return SEQNN_OK;
}

/* Adds the paragraph, if there is one, and begins the next. */
static seqnn_status sq_paragraph_end(sq_paragraph *p, seqnn_texts *texts)
{
    char digits[SQ_DECIMAL_SIZE];
    seqnn_size length = p->used;
    p->used = 0;
    return length == 0 ? SEQNN_OK
                       : sq_texts_add(texts, (const char *)p->utf8, length, NULL,
                                      sq_decimal(digits, p->line));
}

/* Every line, or every group of lines between empty ones. */
static seqnn_status sq_read_pieces(seqnn_texts *texts, sq_reader *reader, bool lines)
{
    sq_paragraph p;
    memset(&p, 0, sizeof p);
    char *line;
    seqnn_size length;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        if (p.used == 0)
            p.line = reader->line - 1;
        if (length > 0)
            status = sq_paragraph_append(&p, line, length);
        if (status == SEQNN_OK && (lines || length == 0))
            status = sq_paragraph_end(&p, texts);
        if (status != SEQNN_OK)
            break;
    }
    if (status == SEQNN_OK)
        status = sq_paragraph_end(&p, texts);
    sq_free(p.utf8);
    return status;
}

static seqnn_status sq_read_lines(seqnn_texts *texts, sq_reader *reader)
{
    return sq_read_pieces(texts, reader, true);
}

static seqnn_status sq_read_paragraphs(seqnn_texts *texts, sq_reader *reader)
{
    return sq_read_pieces(texts, reader, false);
}

/* CR LF becomes LF, in place; the new length. */
static seqnn_size sq_plain_line_ends(char *text, seqnn_size length)
{
    seqnn_size out = 0;
    for (seqnn_size i = 0; i < length;) {
        const char *found = (const char *)memchr(text + i, '\r', (size_t)(length - i));
        seqnn_size end = found ? found - text : length;
        if (out != i)
            memmove(text + out, text + i, (size_t)(end - i));
        out += end - i;
        i = end + 1;
        if (found && !(i < length && text[i] == '\n'))
            text[out++] = '\r';
    }
    return out;
}

static seqnn_status sq_read_whole(seqnn_texts *texts, sq_reader *reader)
{
    char *bytes;
    seqnn_size length;
    seqnn_status status = sq_reader_all(reader, &bytes, &length);
    if (status != SEQNN_OK || length == 0)
        return status;
    length = sq_plain_line_ends(bytes, length);
    char *utf8 = (char *)sq_allocate(sq_multiply(length, 2), 1);
    if (!utf8)
        return SEQNN_ERROR_MEMORY;
    length = sq_latin1_to_utf8(bytes, length, true, utf8);
    status = sq_texts_add(texts, utf8, length, NULL, NULL);
    sq_free(utf8);
    return status;
}

static seqnn_texts *sq_read_plain(const char *path,
                                  seqnn_status (*read)(seqnn_texts *, sq_reader *))
{
    seqnn_texts *texts = path ? seqnn_texts_new() : NULL;
    if (!texts)
        return NULL; /* what should have found the path has left its sentence */
    sq_reader reader;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = read(texts, &reader);
    sq_reader_close(&reader);
    if (status == SEQNN_OK && texts->count == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: no text in it", path);
    if (status == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

SEQNN_API seqnn_texts *seqnn_read_text(const char *path)
{
    return sq_read_plain(path, sq_read_whole);
}

SEQNN_API seqnn_texts *seqnn_read_lines(const char *path)
{
    return sq_read_plain(path, sq_read_lines);
}

SEQNN_API seqnn_texts *seqnn_read_paragraphs(const char *path)
{
    return sq_read_plain(path, sq_read_paragraphs);
}
