#include "series.h"
#include "csv.h"
#include "numbers.h"
#include "series_build.h"
#include "unicode.h"

/* Columns of the file: which one each of the series' comes from, and where the time is.
 */
typedef struct sq_series_source {
    seqnn_size *column;
    seqnn_size time; /* -1: none */
    seqnn_series_options options;
} sq_series_source;

static bool sq_is_missing(const char *text)
{
    static const char *const words[] = {"", "NA", "NaN", "nan", "?"};
    for (seqnn_size i = 0; i < SQ_COUNT(words); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static const char *sq_behind_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

/* A number between blanks, or NaN for a missing one; false if it is neither. */
static inline bool sq_parse_measured(const char *text, seqnn_real missing_value,
                                     seqnn_real *value)
{
    const char *end = sq_parse_plain(text, value);
    if (!end) {
        text = sq_behind_blanks(text);
        end = sq_parse_real(text, value);
    }
    if (end ? *sq_behind_blanks(end) != '\0' : !sq_is_missing(text))
        return false;
    if (!end || (missing_value != 0 && *value == missing_value))
        *value = (seqnn_real)NAN;
    return true;
}

/* Sets up the arrays of so many columns. */
static seqnn_status sq_series_set_columns(sq_series *s, seqnn_size columns)
{
    s->public_part.columns = columns;
    s->names = (const char **)sq_allocate(columns, sizeof(char *));
    s->missing = (seqnn_size *)sq_allocate(columns, sizeof(seqnn_size));
    s->offset = (double *)sq_allocate(columns, sizeof(double));
    s->scale = (double *)sq_allocate(columns, sizeof(double));
    if (!s->names || !s->missing || !s->offset || !s->scale)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < columns; i++)
        s->scale[i] = 1;
    return SEQNN_OK;
}

/* A copy of a text of the file in UTF-8. */
static const char *sq_series_text(sq_series *s, const char *text, seqnn_size length)
{
    void *memory = s->utf8;
    if (sq_grow(&memory, &s->utf8_capacity, sq_multiply(length + 1, 2), 1) != SEQNN_OK)
        return NULL;
    s->utf8 = (char *)memory;
    length = sq_latin1_to_utf8(text, length, true, s->utf8);
    return sq_pool_copy(&s->pool, s->utf8, length);
}

/* The columns that the options name, in their order. */
static seqnn_status sq_series_named_columns(sq_series *s, const sq_csv *header,
                                            sq_series_source *source)
{
    const char *const *names = source->options.columns;
    seqnn_size columns = 0;
    while (names[columns])
        columns++;
    if (columns == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "series: .columns names no column");
    seqnn_status status = sq_series_set_columns(s, columns);
    source->column = (seqnn_size *)sq_allocate(columns, sizeof(seqnn_size));
    if (status != SEQNN_OK || !source->column)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < columns; i++) {
        source->column[i] = sq_csv_column(header, names[i]);
        if (source->column[i] < 0)
            return SEQNN_ERROR_FORMAT;
        for (seqnn_size k = 0; k < i; k++)
            if (source->column[k] == source->column[i])
                return sq_fail(SEQNN_ERROR_ARGUMENT,
                               "series: the column '%s' is named twice", names[i]);
        s->names[i] = sq_pool_copy(&s->pool, names[i], (seqnn_size)strlen(names[i]));
        if (!s->names[i])
            return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

/* The names of all columns, before the first row is read over them. */
static seqnn_status sq_series_copy_header(sq_series *s, const sq_csv_field *header,
                                          seqnn_size fields, const char **copies)
{
    for (seqnn_size i = 0; i < fields; i++) {
        copies[i] = sq_series_text(s, header[i].text, header[i].length);
        if (!copies[i])
            return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

/* The columns of numbers in the first row. */
static seqnn_status sq_series_number_columns(sq_series *s, const sq_csv *csv,
                                             const char *const *header,
                                             sq_series_source *source)
{
    seqnn_size columns = 0;
    seqnn_real value;
    source->column = (seqnn_size *)sq_allocate(csv->count, sizeof(seqnn_size));
    if (!source->column)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < csv->count; i++)
        if (i != source->time && sq_parse_measured(csv->field[i].text, 0, &value))
            source->column[columns++] = i;
    if (columns == 0)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: no number in the row, expected measurements",
                       csv->reader.path, csv->line);
    seqnn_status status = sq_series_set_columns(s, columns);
    for (seqnn_size i = 0; i < columns && status == SEQNN_OK; i++)
        s->names[i] = header[source->column[i]];
    return status;
}

/* Reads the header and the first row, which say what the columns are. */
static seqnn_status sq_series_begin(sq_series *s, sq_csv *csv, sq_series_source *source)
{
    const sq_csv_field *row;
    seqnn_size fields;
    seqnn_real value;
    seqnn_status status = sq_csv_row(csv, &row, &fields);
    if (status == SEQNN_OK && fields == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: the file is empty, expected a header",
                         csv->reader.path);
    source->time = -1;
    if (status == SEQNN_OK && source->options.time_column) {
        source->time = sq_csv_column(csv, source->options.time_column);
        if (source->time < 0)
            status = SEQNN_ERROR_FORMAT;
    }
    if (status == SEQNN_OK && source->options.columns)
        status = sq_series_named_columns(s, csv, source);
    const char **header = NULL;
    if (status == SEQNN_OK) {
        header = (const char **)sq_allocate(fields, sizeof(char *));
        status =
            header ? sq_series_copy_header(s, row, fields, header) : SEQNN_ERROR_MEMORY;
    }
    if (status == SEQNN_OK)
        status = sq_csv_record(csv, &row, &fields);
    if (status == SEQNN_OK && fields == 0)
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: no row below the header", csv->reader.path);
    if (status == SEQNN_OK && source->time < 0 &&
        !sq_parse_measured(row[0].text, 0, &value))
        source->time = 0;
    if (status == SEQNN_OK && !source->options.columns)
        status = sq_series_number_columns(s, csv, header, source);
    sq_free((void *)header);
    return status;
}

/* Room for as many rows as the file has, if all are as long as the one in csv, the first;
 * for twice as many as there were when that was too few. */
static seqnn_status sq_series_reserve(sq_series *s, const sq_csv *csv,
                                      const sq_series_source *source)
{
    const sq_csv_field *last = &csv->field[csv->count - 1];
    seqnn_size row = last->text + last->length + 1 - csv->field[0].text;
    seqnn_size rows =
        sq_max(s->public_part.count + 1,
               s->value_capacity > 0 ? 0 : sq_file_size(csv->reader.path) / row);
    void *values = s->values, *time = (void *)s->time;
    seqnn_status status = sq_grow(&values, &s->value_capacity, rows,
                                  (size_t)s->public_part.columns * sizeof(seqnn_real));
    s->values = (seqnn_real *)values;
    if (status == SEQNN_OK && source->time >= 0)
        status = sq_grow(&time, &s->time_capacity, s->value_capacity, sizeof(char *));
    s->time = (const char **)time;
    return status;
}

static seqnn_status sq_series_add_row(sq_series *s, const sq_csv *csv,
                                      const sq_series_source *source)
{
    seqnn_size columns = s->public_part.columns, count = s->public_part.count;
    if (count == s->value_capacity && sq_series_reserve(s, csv, source) != SEQNN_OK)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < columns; i++) {
        const char *text = csv->field[source->column[i]].text;
        seqnn_real *value = &s->values[count * columns + i];
        if (!sq_parse_measured(text, source->options.missing_value, value))
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s:%td: '%.40s' in column '%s' is no finite number",
                           csv->reader.path, csv->line, text, s->names[i]);
        if (*value == *value)
            continue;
        s->missing[i]++;
        if (source->options.missing == SEQNN_MISSING_DEFAULT)
            return sq_fail(
                SEQNN_ERROR_FORMAT,
                "%s:%td: no value in column '%s': say with .missing what is to "
                "stand there",
                csv->reader.path, csv->line, s->names[i]);
    }
    if (source->time >= 0) {
        const sq_csv_field *field = &csv->field[source->time];
        s->time[count] = sq_series_text(s, field->text, field->length);
        if (!s->time[count])
            return SEQNN_ERROR_MEMORY;
    }
    s->public_part.count++;
    return SEQNN_OK;
}

/* Fills the gaps of a column. */
static seqnn_status sq_series_fill(sq_series *s, seqnn_size column, const char *path,
                                   seqnn_missing missing)
{
    seqnn_size columns = s->public_part.columns, count = s->public_part.count, last = -1;
    if (s->missing[column] == count)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the column '%s' has no value at all",
                       path, s->names[column]);
    seqnn_real *values = s->values + column;
    for (seqnn_size t = 0; t < count; t++) {
        seqnn_real next = values[t * columns];
        if (next != next)
            continue;
        seqnn_real before = last < 0 ? next : values[last * columns];
        for (seqnn_size k = last + 1; k < t; k++) {
            double part = (double)(k - last) / (double)(t - last);
            values[k * columns] =
                missing == SEQNN_MISSING_CARRY
                    ? before
                    : (seqnn_real)((double)before +
                                   part * ((double)next - (double)before));
        }
        last = t;
    }
    for (seqnn_size k = last + 1; k < count; k++)
        values[k * columns] = values[last * columns];
    return SEQNN_OK;
}

static seqnn_status sq_series_read(sq_series *s, sq_csv *csv, sq_series_source *source)
{
    const sq_csv_field *row;
    seqnn_size fields = 1;
    seqnn_status status = sq_series_begin(s, csv, source);
    while (status == SEQNN_OK && fields > 0) {
        status = sq_series_add_row(s, csv, source);
        if (status == SEQNN_OK)
            status = sq_csv_record(csv, &row, &fields);
    }
    for (seqnn_size i = 0; i < s->public_part.columns && status == SEQNN_OK; i++)
        if (s->missing[i] > 0)
            status = sq_series_fill(s, i, csv->reader.path, source->options.missing);
    return status;
}

SEQNN_API seqnn_series *seqnn_read_series(const char *path, seqnn_series_options options)
{
    sq_series *s = path ? (sq_series *)sq_allocate(1, sizeof(sq_series)) : NULL;
    if (!s)
        return NULL; /* what should have found the path has left its sentence */
    sq_series_source source = {NULL, -1, options};
    sq_csv csv;
    seqnn_status status = sq_csv_open(&csv, path, options.separator);
    if (status == SEQNN_OK)
        status = sq_series_read(s, &csv, &source);
    sq_csv_close(&csv);
    sq_free(source.column);
    if (status != SEQNN_OK) {
        seqnn_series_free(&s->public_part);
        return NULL;
    }
    s->public_part.names = s->names;
    s->public_part.values = s->values;
    s->public_part.missing = s->missing;
    s->public_part.time = s->time;
    s->public_part.offset = s->offset;
    s->public_part.scale = s->scale;
    return &s->public_part;
}

SEQNN_API void seqnn_series_free(seqnn_series *series)
{
    if (!series)
        return;
    sq_series *s = (sq_series *)series;
    sq_pool_free(&s->pool);
    sq_free((void *)s->names);
    sq_free((void *)s->time);
    sq_free(s->values);
    sq_free(s->missing);
    sq_free(s->offset);
    sq_free(s->scale);
    sq_free(s->utf8);
    sq_free(s);
}
