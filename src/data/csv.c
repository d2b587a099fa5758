#include "csv.h"

enum { SQ_CSV_LONGEST_ROW = 1 << 26, SQ_CSV_MOST_FIELDS = 1 << 16 };

SQ_LOCAL seqnn_status sq_csv_open(sq_csv *csv, const char *path, char separator)
{
    memset(csv, 0, sizeof *csv);
    csv->stops[0] = true; /* NUL: the end of what was read */
    csv->stops[(unsigned char)'\n'] = true;
    csv->stops[(unsigned char)(separator ? separator : ',')] = true;
    seqnn_status status = sq_reader_open(&csv->reader, path);
    if (status == SEQNN_OK)
        csv->reader.buffer[csv->reader.end] = '\0';
    return status;
}

SQ_LOCAL void sq_csv_close(sq_csv *csv)
{
    sq_reader_close(&csv->reader);
    sq_free(csv->field);
    sq_free(csv->end);
    memset(csv, 0, sizeof *csv);
}

/* Where the field at text ends: at a separator, a line feed, a NUL byte or the end of the
 * file; NULL if that lies beyond what was read. */
static char *sq_csv_field_end(const sq_csv *csv, char *text)
{
    char *end = csv->reader.buffer + csv->reader.end;
    if (*text == '"') {
        do {
            text = (char *)memchr(text + 1, '"', (size_t)(end - text - 1));
            if (!text || (text + 1 == end && !csv->reader.ended))
                return NULL;
            text++;
        } while (*text == '"'); /* doubled: one of the text */
    }
    while (!csv->stops[(unsigned char)*text])
        text++;
    return text < end || csv->reader.ended ? text : NULL;
}

/* More of the row that field `at` belongs to, or why there is none. */
static seqnn_status sq_csv_more(sq_csv *csv, seqnn_size at)
{
    sq_reader *reader = &csv->reader;
    seqnn_size line = reader->line + 1;
    bool quoted =
        at < reader->end - reader->begin && reader->buffer[reader->begin + at] == '"';
    if (reader->ended)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: the quotation mark that begins a field on this line is "
                       "not closed",
                       reader->path, line);
    if (reader->end - reader->begin > SQ_CSV_LONGEST_ROW)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the row is longer than %d bytes%s",
                       reader->path, line, (int)SQ_CSV_LONGEST_ROW,
                       quoted ? "; is a quotation mark on this line not closed?" : "");
    seqnn_status status = sq_reader_fill(reader);
    if (status == SEQNN_OK)
        reader->buffer[reader->end] = '\0';
    return status;
}

/* Counts the line breaks of a field in quotation marks, and looks for what is no text. */
static seqnn_status sq_csv_check_quoted(sq_csv *csv, const char *text, const char *end)
{
    seqnn_size line = csv->reader.line + 1;
    if (memchr(text, '\0', (size_t)(end - text)))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: the field in quotation marks that begins on this line "
                       "holds a NUL byte, expected text",
                       csv->reader.path, line);
    while ((text = (const char *)memchr(text, '\n', (size_t)(end - text))) != NULL) {
        csv->reader.line++;
        text++;
    }
    return SEQNN_OK;
}

/* Finds where the fields of the row end. Nothing is changed yet: the buffer may still
 * move. *last is the byte behind the row. */
static seqnn_status sq_csv_find_ends(sq_csv *csv, char *last)
{
    sq_reader *reader = &csv->reader;
    seqnn_size at = 0;
    csv->count = 0;
    do {
        char *text = reader->buffer + reader->begin + at, *end;
        while ((end = sq_csv_field_end(csv, text)) == NULL) {
            seqnn_status status = sq_csv_more(csv, at);
            if (status != SEQNN_OK)
                return status;
            text = reader->buffer + reader->begin + at;
        }
        if (*text == '"') {
            seqnn_status status = sq_csv_check_quoted(csv, text, end);
            if (status != SEQNN_OK)
                return status;
        }
        if (*end == '\0' && end < reader->buffer + reader->end)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s:%td: the line holds a NUL byte, expected text",
                           reader->path, reader->line + 1);
        if (csv->count == csv->end_capacity) {
            if (csv->count == SQ_CSV_MOST_FIELDS)
                return sq_fail(SEQNN_ERROR_FORMAT,
                               "%s:%td: the row has more than %d fields", reader->path,
                               csv->line, (int)SQ_CSV_MOST_FIELDS);
            void *memory = csv->end;
            seqnn_status status = sq_grow(&memory, &csv->end_capacity,
                                          sq_max(csv->count + 1, 16), sizeof *csv->end);
            if (status != SEQNN_OK)
                return status;
            csv->end = (seqnn_size *)memory;
        }
        *last = *end;
        at = end - reader->buffer - reader->begin;
        csv->end[csv->count++] = at++;
    } while (*last != '\0' && *last != '\n');
    return SEQNN_OK;
}

/* Takes the quotation marks off, in place, and gives the new length. text stands behind
 * the opening mark. */
static seqnn_size sq_csv_unquote(char *text, const char *end)
{
    char *out = text, *at = text, *mark;
    while ((mark = (char *)memchr(at, '"', (size_t)(end - at))) != NULL) {
        bool doubled = mark + 1 < end && mark[1] == '"';
        size_t length = (size_t)(mark - at) + doubled;
        if (out != at)
            memmove(out, at, length);
        out += length;
        at = mark + 1 + doubled;
        if (!doubled)
            break;
    }
    memmove(out, at, (size_t)(end - at));
    return out - text + (end - at);
}

/* The fields between the ends that were found, with a NUL behind each. */
static void sq_csv_cut(sq_csv *csv, char last)
{
    char *row = csv->reader.buffer + csv->reader.begin, *text = row;
    for (seqnn_size i = 0; i < csv->count; i++) {
        char *end = row + csv->end[i], *next = end + 1;
        if (i == csv->count - 1 && end > text && end[-1] == '\r')
            end--;
        seqnn_size length = end - text;
        if (*text == '"') {
            text++;
            length = sq_csv_unquote(text, end);
        }
        text[length] = '\0';
        csv->field[i].text = text;
        csv->field[i].length = length;
        text = next;
    }
    csv->reader.begin += csv->end[csv->count - 1] + (last != '\0');
    csv->reader.line++;
}

SQ_LOCAL seqnn_status sq_csv_row(sq_csv *csv, const sq_csv_field **fields,
                                 seqnn_size *count)
{
    sq_reader *reader = &csv->reader;
    bool empty;
    *fields = NULL;
    *count = 0;
    do {
        while (reader->begin == reader->end) {
            if (reader->ended)
                return SEQNN_OK;
            seqnn_status status = sq_csv_more(csv, 0);
            if (status != SEQNN_OK)
                return status;
        }
        char last = '\0';
        csv->line = reader->line + 1;
        seqnn_status status = sq_csv_find_ends(csv, &last);
        if (status == SEQNN_OK && csv->count > csv->field_capacity) {
            void *memory = csv->field;
            status = sq_grow(&memory, &csv->field_capacity, csv->end_capacity,
                             sizeof *csv->field);
            csv->field = (sq_csv_field *)memory;
        }
        if (status != SEQNN_OK)
            return status;
        char first = reader->buffer[reader->begin];
        sq_csv_cut(csv, last);
        empty = csv->count == 1 && csv->field[0].length == 0 && first != '"';
    } while (empty);
    if (csv->columns == 0)
        csv->columns = csv->count;
    *fields = csv->field;
    *count = csv->count;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_csv_record(sq_csv *csv, const sq_csv_field **fields,
                                    seqnn_size *count)
{
    seqnn_status status = sq_csv_row(csv, fields, count);
    if (status == SEQNN_OK && *count > 0 && *count != csv->columns)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s:%td: the row has %td fields, expected %td as in the first",
                         csv->reader.path, csv->line, *count, csv->columns);
    return status;
}

SQ_LOCAL seqnn_size sq_csv_column(const sq_csv *header, const char *name)
{
    char list[200] = "";
    size_t used = 0;
    for (seqnn_size i = 0; i < header->count; i++) {
        if (strcmp(header->field[i].text, name) == 0)
            return i;
        if (used < sizeof list - 1)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     i > 0 ? ", " : "", header->field[i].text);
    }
    sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no column '%s', the columns are: %s%s",
            header->reader.path, header->line, name, list,
            used >= sizeof list ? " ..." : "");
    return -1;
}
