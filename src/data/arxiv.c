#include "arxiv.h"
#include "arxiv_build.h"
#include "csv.h"
#include "unicode.h"

/* Appends a text without the white space around it. */
static seqnn_status sq_arxiv_part(sq_arxiv *arxiv, const char *text, bool any_bytes)
{
    seqnn_size length = (seqnn_size)strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        length--;
    for (; length > 0 && strchr(" \t\r\n", *text); length--)
        text++;
    sq_buffer *out = &arxiv->scratch;
    if (!any_bytes) {
        sq_buffer_bytes(out, text, length);
        return out->status;
    }
    void *memory = out->text;
    seqnn_status status =
        sq_grow(&memory, &out->capacity, out->length + 2 * length + 1, 1);
    out->text = (char *)memory;
    if (status != SEQNN_OK)
        return status;
    out->length += sq_latin1_to_utf8(text, length, true, out->text + out->length);
    out->text[out->length] = '\0';
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_arxiv_add(sq_arxiv *arxiv, const sq_paper *paper,
                                   const char *path, seqnn_size line)
{
    const bool title = arxiv->text >= SEQNN_ARXIV_TITLE;
    const bool abstract = arxiv->text != SEQNN_ARXIV_TITLE;
    if ((title && !paper->title) || (abstract && !paper->abstract))
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: a paper without %s", path, line,
                       title && !paper->title ? "title" : "abstract");
    if (paper->id) {
        seqnn_size known = arxiv->ids.count;
        if (sq_words_add(&arxiv->ids, paper->id, (seqnn_size)strlen(paper->id)) < 0)
            return SEQNN_ERROR_MEMORY;
        if (arxiv->ids.count == known)
            return SEQNN_OK;
    }
    seqnn_status status = SEQNN_OK;
    arxiv->scratch.length = 0;
    if (title)
        status = sq_arxiv_part(arxiv, paper->title, paper->any_bytes);
    if (title && abstract)
        sq_buffer_bytes(&arxiv->scratch, "\n", 1);
    if (abstract && status == SEQNN_OK)
        status = sq_arxiv_part(arxiv, paper->abstract, paper->any_bytes);
    if (status == SEQNN_OK)
        status = arxiv->scratch.status;
    if (status != SEQNN_OK)
        return status;
    return sq_texts_add_labels(
        arxiv->texts, arxiv->scratch.text ? arxiv->scratch.text : "",
        arxiv->scratch.length, arxiv->labels.item, arxiv->labels.count, paper->id);
}

/* ---- CSV ---- */

/* The place of the first of two columns that is there; -1 with the error set. */
static seqnn_size sq_arxiv_column(const sq_csv *csv, const char *name,
                                  const char *other_name)
{
    for (seqnn_size i = 0; i < csv->count; i++)
        if (strcmp(csv->field[i].text, other_name) == 0)
            return i;
    return sq_csv_column(csv, name);
}

static seqnn_status sq_arxiv_csv_rows(sq_arxiv *arxiv, sq_csv *csv)
{
    const sq_csv_field *field;
    seqnn_size count, title = 0, abstract = 0, terms;
    seqnn_status status = sq_csv_row(csv, &field, &count);
    if (status != SEQNN_OK)
        return status;
    if (count == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the file is empty, expected papers",
                       csv->reader.path);
    if (arxiv->text >= SEQNN_ARXIV_TITLE)
        title = sq_arxiv_column(csv, "titles", "title");
    if (arxiv->text != SEQNN_ARXIV_TITLE && title >= 0)
        abstract = sq_arxiv_column(csv, "summaries", "abstract");
    terms = title < 0 || abstract < 0 ? -1 : sq_arxiv_column(csv, "terms", "categories");
    if (terms < 0)
        return SEQNN_ERROR_FORMAT;
    while ((status = sq_csv_record(csv, &field, &count)) == SEQNN_OK && count > 0) {
        const sq_csv_field *list = &field[terms];
        sq_paper paper = {NULL, field[title].text, field[abstract].text, true};
        status = list->text[strspn(list->text, " \t")] == '['
                     ? sq_string_list_python(&arxiv->labels, csv->reader.path, csv->line,
                                             list->text, list->length)
                     : sq_string_list_split(&arxiv->labels, list->text, list->length);
        if (status == SEQNN_OK)
            status = sq_arxiv_add(arxiv, &paper, csv->reader.path, csv->line);
        if (status != SEQNN_OK)
            return status;
    }
    return status;
}

static seqnn_status sq_arxiv_csv(sq_arxiv *arxiv, const char *path)
{
    sq_csv csv;
    seqnn_status status = sq_csv_open(&csv, path, ',');
    if (status == SEQNN_OK)
        status = sq_arxiv_csv_rows(arxiv, &csv);
    sq_csv_close(&csv);
    return status;
}

/* ---- JSON lines ---- */

/* "categories": a list of strings, or one string with blanks. */
static seqnn_status sq_arxiv_json_labels(sq_arxiv *arxiv, const sq_json_value *list,
                                         const sq_reader *reader)
{
    seqnn_status status = SEQNN_OK;
    bool strings = list && list->kind == SQ_JSON_ARRAY;
    if (list && list->kind == SQ_JSON_STRING)
        return sq_string_list_split(&arxiv->labels, list->text, list->length);
    arxiv->labels.count = 0;
    if (strings)
        for (const sq_json_value *item = list->first;
             item && strings && status == SEQNN_OK; item = item->next) {
            strings = item->kind == SQ_JSON_STRING;
            if (strings)
                status = sq_string_list_add(&arxiv->labels, item->text);
        }
    if (strings)
        return status;
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s:%td: \"categories\" is %s, expected strings or one with blanks",
                   reader->path, reader->line, list ? "something else" : "not there");
}

static seqnn_status sq_arxiv_json_line(sq_arxiv *arxiv, sq_json *json,
                                       const sq_reader *reader, const char *line,
                                       seqnn_size length)
{
    char what[SQ_PATH_SIZE + 32];
    snprintf(what, sizeof what, "%s:%td", reader->path, reader->line);
    seqnn_status status = sq_json_parse(json, what, line, length);
    if (status != SEQNN_OK)
        return status;
    const sq_json_value *object = json->value;
    sq_paper paper = {sq_json_string(sq_json_member(object, "id")),
                      sq_json_string(sq_json_member(object, "title")),
                      sq_json_string(sq_json_member(object, "abstract")), false};
    if (!paper.abstract)
        paper.abstract = sq_json_string(sq_json_member(object, "summary"));
    status = sq_arxiv_json_labels(arxiv, sq_json_member(object, "categories"), reader);
    return status == SEQNN_OK ? sq_arxiv_add(arxiv, &paper, reader->path, reader->line)
                              : status;
}

static seqnn_status sq_arxiv_json(sq_arxiv *arxiv, const char *path)
{
    sq_reader reader;
    sq_json json;
    char *line = NULL;
    seqnn_size length;
    memset(&json, 0, sizeof json);
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        while ((status = sq_reader_line(&reader, &line, &length)) == SEQNN_OK && line) {
            if (length > 0)
                status = sq_arxiv_json_line(arxiv, &json, &reader, line, length);
            if (status != SEQNN_OK)
                break;
        }
    sq_json_free(&json);
    sq_reader_close(&reader);
    return status;
}

/* ---- files and folders ---- */

static bool sq_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static seqnn_status sq_arxiv_pages(sq_arxiv *arxiv, const char *folder)
{
    char inside[SQ_PATH_SIZE], path[SQ_PATH_SIZE];
    sq_listing files;
    seqnn_size pages = 0;
    if (sq_join_path(inside, sizeof inside, folder, "pages") && sq_is_folder(inside))
        folder = inside;
    seqnn_status status = sq_list_folder(folder, &files);
    for (seqnn_size i = 0; i < files.count && status == SEQNN_OK; i++) {
        const char *name = files.name[i];
        if (!sq_ends_with(name, ".xml") && !sq_ends_with(name, ".xml.gz"))
            continue;
        pages++;
        if (sq_join_path(path, sizeof path, folder, name))
            status = sq_arxiv_xml(arxiv, path);
        else
            status = sq_fail(SEQNN_ERROR_FILE, "%s: a path in it is too long", folder);
    }
    sq_listing_free(&files);
    if (status == SEQNN_OK && pages == 0)
        status =
            sq_fail(SEQNN_ERROR_FORMAT,
                    "%s: no .xml or .xml.gz in it, expected harvested pages", folder);
    return status;
}

/* The first byte that is no white space says what it is; UTF-16 is left to expat. */
static seqnn_status sq_arxiv_file(sq_arxiv *arxiv, const char *path)
{
    sq_reader reader;
    const char *bytes = "";
    char first = '\0';
    seqnn_size count = 0;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_reader_peek(&reader, 4096, &bytes, &count);
    for (seqnn_size i = 0; i < count && (first == '\0' || strchr(" \t\r\n", first)); i++)
        first = bytes[i];
    sq_reader_close(&reader);
    if (status != SEQNN_OK)
        return status;
    if (first == '<' || first == '\xFE' || first == '\xFF')
        return sq_arxiv_xml(arxiv, path);
    return first == '{' || first == '[' ? sq_arxiv_json(arxiv, path)
                                        : sq_arxiv_csv(arxiv, path);
}

SEQNN_API seqnn_texts *seqnn_read_arxiv(const char *path, seqnn_arxiv_options options)
{
    sq_arxiv arxiv;
    memset(&arxiv, 0, sizeof arxiv);
    if (!path)
        return NULL;
    if (options.text < SEQNN_ARXIV_DEFAULT ||
        options.text > SEQNN_ARXIV_TITLE_AND_ABSTRACT) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "arXiv: .text is %d, expected a seqnn_arxiv_text",
                (int)options.text);
        return NULL;
    }
    arxiv.text = options.text;
    arxiv.texts = seqnn_texts_new();
    if (!arxiv.texts)
        return NULL;
    seqnn_status status =
        sq_is_folder(path) ? sq_arxiv_pages(&arxiv, path) : sq_arxiv_file(&arxiv, path);
    if (status == SEQNN_OK && arxiv.texts->count == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: there is no paper in it", path);
    if (status == SEQNN_OK)
        status = sq_texts_sort_classes(arxiv.texts);
    sq_words_free(&arxiv.ids);
    sq_string_list_free(&arxiv.labels);
    sq_buffer_free(&arxiv.scratch);
    if (status == SEQNN_OK)
        return arxiv.texts;
    seqnn_texts_free(arxiv.texts);
    return NULL;
}
