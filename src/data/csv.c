#include "csv.h"

enum { SQ_CSV_LONGEST_ROW = 1 << 26, SQ_CSV_MOST_FIELDS = 1 << 16 };

SQ_LOCAL seqnn_status sq_csv_open(sq_csv *csv, const char *path, char separator)
{
    memset(csv, 0, sizeof *csv);
    csv->separator = separator ? separator : ',';
    seqnn_status status = sq_reader_open(&csv->reader, path);
    if (status == SEQNN_OK)
        csv->reader.buffer[csv->reader.end] = '\0';
    return status;
}

SQ_LOCAL void sq_csv_close(sq_csv *csv)
{
    sq_reader_close(&csv->reader);
    sq_free(csv->field);
    memset(csv, 0, sizeof *csv);
}

/* Where the text without quotation marks ends: at a separator, a line feed or a NUL byte,
 * which stands at the limit too. */
static inline char *sq_csv_stop(char *text, const char *limit, char separator)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* Eight bytes at once: v - ones & ~v has the high bit set in the first byte that is
     * zero (and perhaps in some behind it). */
    const uint64_t ones = 0x0101010101010101u;
    for (; limit - text >= 8; text += 8) {
        uint64_t v, stops;
        memcpy(&v, text, 8);
        uint64_t a = v ^ ones * (unsigned char)separator, b = v ^ ones * '\n';
        stops = (((v - ones) & ~v) | ((a - ones) & ~a) | ((b - ones) & ~b)) & ones << 7;
        if (stops)
            return text + __builtin_ctzll(stops) / 8;
    }
#endif
    (void)limit;
    while (*text != separator && *text != '\n' && *text != '\0')
        text++;
    return text;
}

/* Where the field at text ends; NULL if that lies beyond the limit of what was read. */
static inline char *sq_csv_field_end(char *text, const char *limit, const sq_csv *csv)
{
    if (*text == '"') {
        do {
            text = (char *)memchr(text + 1, '"', (size_t)(limit - text - 1));
            if (!text || (text + 1 == limit && !csv->reader.ended))
                return NULL;
            text++;
        } while (*text == '"'); /* doubled: one of the text */
    }
    text = sq_csv_stop(text, limit, csv->separator);
    return text < limit || csv->reader.ended ? text : NULL;
}

static seqnn_size sq_csv_count_feeds(const char *text, const char *end)
{
    seqnn_size feeds = 0;
    while ((text = (const char *)memchr(text, '\n', (size_t)(end - text))) != NULL) {
        feeds++;
        text++;
    }
    return feeds;
}

static seqnn_status sq_csv_too_long(const sq_csv *csv)
{
    return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the row is longer than %d bytes",
                   csv->reader.path, csv->line, (int)SQ_CSV_LONGEST_ROW);
}

static seqnn_status sq_csv_nul(const sq_csv *csv)
{
    return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the row holds a NUL byte, expected text",
                   csv->reader.path, csv->line);
}

/* Reads more of the row whose last field begins `at` bytes behind the row's beginning. */
static seqnn_status sq_csv_more(sq_csv *csv, seqnn_size at)
{
    sq_reader *reader = &csv->reader;
    const char *row = reader->buffer + reader->begin,
               *limit = reader->buffer + reader->end;
    bool quoted = row + at < limit && row[at] == '"';
    if (reader->ended || limit - row > SQ_CSV_LONGEST_ROW) {
        seqnn_size line = csv->line + sq_csv_count_feeds(row, row + at);
        if (quoted)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s:%td: the quotation mark that begins a field on this line "
                           "is not closed%s",
                           reader->path, line, reader->ended ? "" : " within 64 MiB");
        return sq_csv_too_long(csv);
    }
    seqnn_status status = sq_reader_fill(reader);
    if (status == SEQNN_OK)
        reader->buffer[reader->end] = '\0';
    return status;
}

static seqnn_status sq_csv_add_field(sq_csv *csv, const char *text, seqnn_size length)
{
    if (csv->count == csv->capacity) {
        if (csv->count >= SQ_CSV_MOST_FIELDS)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the row has more than %d fields",
                           csv->reader.path, csv->line, (int)SQ_CSV_MOST_FIELDS);
        void *memory = csv->field;
        seqnn_status status = sq_grow(&memory, &csv->capacity, sq_max(csv->count + 1, 16),
                                      sizeof *csv->field);
        if (status != SEQNN_OK)
            return status;
        csv->field = (sq_csv_field *)memory;
    }
    csv->field[csv->count].text = text;
    csv->field[csv->count++].length = length;
    return SEQNN_OK;
}

/* Puts the separators back, for the row begins anew when more must be read. */
static void sq_csv_uncut(sq_csv *csv)
{
    for (seqnn_size i = 0; i < csv->count; i++)
        ((char *)csv->field[i].text)[csv->field[i].length] = csv->separator;
    csv->count = 0;
    csv->quoted = false;
}

/* Finds the fields of the row, quotation marks and all, and puts a NUL behind each; *last
 * is the place of the last. */
static seqnn_status sq_csv_find_fields(sq_csv *csv, char **last)
{
    sq_reader *reader = &csv->reader;
    char *text = reader->buffer + reader->begin, *limit = reader->buffer + reader->end;
    csv->count = 0;
    csv->quoted = false;
    for (;;) {
        char *end = sq_csv_field_end(text, limit, csv);
        if (!end) {
            sq_csv_uncut(csv);
            seqnn_status status = sq_csv_more(csv, text - reader->buffer - reader->begin);
            if (status != SEQNN_OK)
                return status;
            text = reader->buffer + reader->begin;
            limit = reader->buffer + reader->end;
            continue;
        }
        seqnn_status status = sq_csv_add_field(csv, text, end - text);
        if (status != SEQNN_OK)
            return status;
        csv->quoted |= *text == '"';
        char stop = *end;
        *end = '\0';
        text = end + 1;
        if (stop == csv->separator)
            continue;
        *last = end;
        if (stop == '\0' && end < limit)
            return sq_csv_nul(csv);
        return end - reader->buffer - reader->begin > SQ_CSV_LONGEST_ROW
                   ? sq_csv_too_long(csv)
                   : SEQNN_OK;
    }
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

/* Takes the quotation marks off the fields that have them. */
static seqnn_status sq_csv_unquote_fields(sq_csv *csv)
{
    for (seqnn_size i = 0; i < csv->count; i++) {
        sq_csv_field *field = &csv->field[i];
        char *text = (char *)field->text; /* in the reader's buffer */
        const char *end = text + field->length;
        if (*text != '"')
            continue;
        if (memchr(text, '\0', (size_t)field->length))
            return sq_csv_nul(csv);
        csv->reader.line += sq_csv_count_feeds(text, end);
        field->text = ++text;
        field->length = sq_csv_unquote(text, end);
        text[field->length] = '\0';
    }
    return SEQNN_OK;
}

#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The high bits of those bytes of v that are zero. */
static inline uint64_t sq_zero_bytes(uint64_t v)
{
    const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;
    return ~(((v & low) + low) | v | low);
}

/* The short way for a row that lies in the buffer, has no quotation marks and not more
 * fields than the rows before: eight bytes at once, and every stop among them in turn.
 * False leaves the row to sq_csv_find_fields. */
static bool sq_csv_find_plain_fields(sq_csv *csv, char **last)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t separators = ones * (unsigned char)csv->separator;
    const char separator = csv->separator;
    if (csv->capacity == 0) /* the first row */
        return false;
    char *text = csv->reader.buffer + csv->reader.begin;
    const char *limit = csv->reader.buffer + csv->reader.end;
    sq_csv_field *field = csv->field, *full = field + csv->capacity;
    for (char *block = text; limit - block >= 8; block += 8) {
        uint64_t v, stops;
        memcpy(&v, block, 8);
        stops = sq_zero_bytes(v ^ separators) | sq_zero_bytes(v ^ ones * '\n') |
                sq_zero_bytes(v);
        for (; stops; stops &= stops - 1) {
            char *end = block + __builtin_ctzll(stops) / 8;
            if (field == full || *text == '"' || *end == '\0')
                return false;
            field->text = text;
            field++->length = end - text;
            text = end + 1;
            if (*end != separator) {
                if (end - csv->field->text > SQ_CSV_LONGEST_ROW)
                    return false;
                *last = end;
                csv->count = field - csv->field;
                csv->quoted = false;
                for (field = csv->field; field->text + field->length < end; field++)
                    ((char *)field->text)[field->length] = '\0';
                *end = '\0';
                return true;
            }
        }
    }
    return false;
}
#else
static bool sq_csv_find_plain_fields(sq_csv *csv, char **last)
{
    (void)csv;
    (void)last;
    return false;
}
#endif

/* The next line's fields: none at the end of the file, one that is empty for an empty
 * line. */
static seqnn_status sq_csv_line_fields(sq_csv *csv, bool *empty)
{
    sq_reader *reader = &csv->reader;
    csv->line = reader->line + 1;
    csv->count = 0;
    *empty = false;
    while (reader->begin == reader->end) {
        if (reader->ended)
            return SEQNN_OK;
        seqnn_status status = sq_csv_more(csv, 0);
        if (status != SEQNN_OK)
            return status;
    }
    char *last = NULL;
    if (!sq_csv_find_plain_fields(csv, &last)) {
        seqnn_status status = sq_csv_find_fields(csv, &last);
        if (status != SEQNN_OK)
            return status;
    }
    sq_csv_field *field = &csv->field[csv->count - 1];
    if (field->length > 0 && last[-1] == '\r') {
        last[-1] = '\0';
        field->length--;
    }
    *empty = csv->count == 1 && field->length == 0;
    reader->begin = sq_min(last + 1 - reader->buffer, reader->end);
    reader->line++;
    return csv->quoted ? sq_csv_unquote_fields(csv) : SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_csv_row(sq_csv *csv, const sq_csv_field **fields,
                                 seqnn_size *count)
{
    bool empty;
    *fields = NULL;
    *count = 0;
    do {
        seqnn_status status = sq_csv_line_fields(csv, &empty);
        if (status != SEQNN_OK)
            return status;
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
