#include "bbc.h"
#include "folders.h"
#include "unicode.h"

/* A line class<TAB>text, cut at its tab. */
static seqnn_status sq_tsv_line(seqnn_texts *texts, const sq_reader *reader, char *line,
                                seqnn_size length, char *utf8)
{
    char id[SQ_DECIMAL_SIZE];
    char *tab = (char *)memchr(line, '\t', (size_t)length);
    if (!tab || tab == line)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no %s, expected class<TAB>text",
                       reader->path, reader->line, tab ? "class before the tab" : "tab");
    *tab = '\0';
    seqnn_size size = length - (tab + 1 - line);
    if (memchr(tab + 1, '\t', (size_t)size))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: a second tab, expected class<TAB>text", reader->path,
                       reader->line);
    size = sq_latin1_to_utf8(tab + 1, size, true, utf8);
    return sq_texts_add(texts, utf8, size, line, sq_decimal(id, reader->line - 1));
}

static seqnn_status sq_read_tsv_lines(seqnn_texts *texts, sq_reader *reader)
{
    void *utf8 = NULL;
    seqnn_size capacity = 0, length;
    char *line;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        if (length == 0)
            continue;
        status = sq_grow(&utf8, &capacity, 2 * length, 1);
        if (status == SEQNN_OK)
            status = sq_tsv_line(texts, reader, line, length, (char *)utf8);
        if (status != SEQNN_OK)
            break;
    }
    sq_free(utf8);
    if (status == SEQNN_OK && texts->count == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: the file is empty, expected lines of class<TAB>text",
                         reader->path);
    return status;
}

SEQNN_API seqnn_texts *seqnn_read_tsv(const char *path)
{
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts)
        return NULL;
    sq_reader reader;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_read_tsv_lines(texts, &reader);
    if (status == SEQNN_OK)
        status = sq_texts_sort_classes(texts);
    sq_reader_close(&reader);
    if (status == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

/* The whole story, or its first line. */
static seqnn_status sq_add_story(seqnn_texts *texts, const sq_document *document,
                                 bool title)
{
    seqnn_size length = document->length;
    if (title)
        length = (seqnn_size)strcspn(document->bytes, "\r\n");
    length = sq_latin1_to_utf8(document->bytes, length, true, document->utf8);
    return sq_texts_add(texts, document->utf8, length, document->class_name,
                        document->id);
}

static seqnn_status sq_add_whole_story(seqnn_texts *texts, const sq_document *document)
{
    return sq_add_story(texts, document, false);
}

static seqnn_status sq_add_story_title(seqnn_texts *texts, const sq_document *document)
{
    return sq_add_story(texts, document, true);
}

static seqnn_texts *sq_read_stories(const char *directory, sq_add_document add)
{
    char inside[SQ_PATH_SIZE];
    if (sq_join_path(inside, sizeof inside, directory, "bbc") && sq_is_folder(inside))
        directory = inside;
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts)
        return NULL;
    if (sq_read_class_folders(texts, directory, "", add) == SEQNN_OK &&
        sq_texts_sort_classes(texts) == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

SEQNN_API seqnn_texts *seqnn_read_bbc(const char *directory)
{
    return directory ? sq_read_stories(directory, sq_add_whole_story) : NULL;
}

SEQNN_API seqnn_texts *seqnn_read_bbc_titles(const char *directory)
{
    char path[SQ_PATH_SIZE];
    if (!directory)
        return NULL;
    if (sq_join_path(path, sizeof path, directory, "bbc-titles.tsv") && sq_is_file(path))
        return seqnn_read_tsv(path);
    return sq_read_stories(directory, sq_add_story_title);
}
