#include "split.h"
#include "files.h"
#include "partition.h"
#include "words.h"

/* A line id<TAB>class of the file: marks its text. */
static seqnn_status sq_split_line(const sq_reader *reader, char *line,
                                  const sq_words *ids, const seqnn_texts *texts,
                                  bool *validates)
{
    size_t size = strcspn(line, "\t");
    const char *class_name = line[size] == '\t' ? line + size + 1 : NULL;
    line[size] = '\0';
    int32_t text = sq_words_find(ids, line, (seqnn_size)size);
    if (text < 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no text has the id '%s'",
                       reader->path, reader->line, line);
    if (validates[text])
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the id '%s' comes a second time",
                       reader->path, reader->line, line);
    const char *own = texts->label ? texts->class_names[texts->label[text]] : NULL;
    if (class_name && own && strcmp(class_name, own) != 0)
        return sq_fail(
            SEQNN_ERROR_FORMAT,
            "%s:%td: the text '%s' is of class %s, expected %s: another data set",
            reader->path, reader->line, line, own, class_name);
    validates[text] = true;
    return SEQNN_OK;
}

/* The counts in "# documents N validation M"; false if it is another comment. */
static bool sq_split_counts(const char *line, seqnn_size *documents,
                            seqnn_size *validation)
{
    static const char first[] = "# documents ", second[] = " validation ";
    char *end;
    if (strncmp(line, first, sizeof first - 1) != 0)
        return false;
    *documents = (seqnn_size)strtol(line + sizeof first - 1, &end, 10);
    if (strncmp(end, second, sizeof second - 1) != 0)
        return false;
    *validation = (seqnn_size)strtol(end + sizeof second - 1, &end, 10);
    return true;
}

static seqnn_status sq_split_lines(sq_reader *reader, const sq_words *ids,
                                   const seqnn_texts *texts, bool *validates,
                                   seqnn_size *chosen)
{
    char *line;
    seqnn_size length, documents = texts->count, expected = -1;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        if (length == 0 || line[0] == '#') {
            sq_split_counts(line, &documents, &expected);
            continue;
        }
        if (documents != texts->count)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: is for %td documents, these are %td",
                           reader->path, documents, texts->count);
        status = sq_split_line(reader, line, ids, texts, validates);
        if (status != SEQNN_OK)
            return status;
        ++*chosen;
    }
    if (status == SEQNN_OK && expected >= 0 && *chosen != expected)
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: lists %td documents, expected %td: cut off?",
                    reader->path, *chosen, expected);
    if (status == SEQNN_OK && (*chosen == 0 || *chosen == texts->count))
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: lists %td of %td documents: a part is empty",
                    reader->path, *chosen, texts->count);
    return status;
}

static seqnn_status sq_split_read(const char *path, const seqnn_texts *texts,
                                  bool *validates, seqnn_size *chosen)
{
    sq_words ids;
    memset(&ids, 0, sizeof ids);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        int32_t number =
            sq_words_add(&ids, texts->id[i], (seqnn_size)strlen(texts->id[i]));
        if (number < 0)
            status = SEQNN_ERROR_MEMORY;
        else if (number != i)
            status = sq_fail(SEQNN_ERROR_ARGUMENT, "split: two texts have the id '%s'",
                             texts->id[i]);
    }
    sq_reader reader;
    if (status == SEQNN_OK) {
        status = sq_reader_open(&reader, path);
        if (status == SEQNN_OK)
            status = sq_split_lines(&reader, &ids, texts, validates, chosen);
        sq_reader_close(&reader);
    }
    sq_words_free(&ids);
    return status;
}

SEQNN_API seqnn_parts seqnn_split_file(const seqnn_dataset *data,
                                       const seqnn_texts *texts, const char *path)
{
    seqnn_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL, NULL};
    if (!data || !texts || !path)
        return parts; /* what made it has left its sentence */
    if (data->count != texts->count) {
        parts.status = sq_fail(SEQNN_ERROR_SHAPE,
                               "split: %td samples, expected one for each of %td texts",
                               data->count, texts->count);
        return parts;
    }
    bool *validates = (bool *)sq_allocate(texts->count, sizeof(bool));
    unsigned char *part = (unsigned char *)sq_allocate(texts->count, 1);
    int32_t *rows = (int32_t *)sq_allocate(texts->count, sizeof(int32_t));
    seqnn_size chosen = 0;
    parts.status = SEQNN_ERROR_MEMORY;
    if (validates && part && rows)
        parts.status = sq_split_read(path, texts, validates, &chosen);
    if (parts.status == SEQNN_OK) {
        for (seqnn_size i = 0; i < texts->count; i++) {
            part[i] = validates[i] ? SQ_VALIDATION : SQ_TRAIN;
            rows[i] = (int32_t)i;
        }
        parts = sq_take_parts(data, rows, part);
    }
    sq_free(validates);
    sq_free(part);
    sq_free(rows);
    return parts;
}
