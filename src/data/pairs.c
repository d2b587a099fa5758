#include "pairs.h"
#include "files.h"
#include "pairs_build.h"
#include "texts_build.h"
#include "unicode.h"

SQ_LOCAL seqnn_status sq_pairs_begin(sq_pairs_builder *builder, sq_decode decode)
{
    memset(builder, 0, sizeof *builder);
    builder->decode = decode;
    seqnn_text_pairs *pairs = (seqnn_text_pairs *)sq_allocate(1, sizeof *pairs);
    builder->pairs = pairs;
    if (!pairs)
        return SEQNN_ERROR_MEMORY;
    pairs->source = seqnn_texts_new();
    pairs->target = seqnn_texts_new();
    return pairs->source && pairs->target ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

static seqnn_status sq_pairs_add_text(sq_pairs_builder *builder, seqnn_texts *texts,
                                      const char *text, seqnn_size length, const char *id)
{
    seqnn_status status =
        sq_grow(&builder->utf8, &builder->capacity, sq_multiply(length, 3), 1);
    if (status != SEQNN_OK)
        return status;
    length = builder->decode(text, length, true, (char *)builder->utf8);
    return sq_texts_add(texts, (const char *)builder->utf8, length, NULL, id);
}

SQ_LOCAL seqnn_status sq_pairs_add(sq_pairs_builder *builder, const char *source,
                                   seqnn_size source_length, const char *target,
                                   seqnn_size target_length, seqnn_size number)
{
    char id[32];
    snprintf(id, sizeof id, "%td", number);
    seqnn_status status =
        sq_pairs_add_text(builder, builder->pairs->source, source, source_length, id);
    if (status == SEQNN_OK)
        status =
            sq_pairs_add_text(builder, builder->pairs->target, target, target_length, id);
    return status;
}

SQ_LOCAL seqnn_text_pairs *sq_pairs_finish(sq_pairs_builder *builder, seqnn_status status,
                                           const char *path)
{
    seqnn_text_pairs *pairs = builder->pairs;
    sq_free(builder->utf8);
    if (status == SEQNN_OK && pairs->source->count == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: no pair of texts in it", path);
    if (status == SEQNN_OK)
        return pairs;
    seqnn_text_pairs_free(pairs);
    return NULL;
}

SEQNN_API void seqnn_text_pairs_free(seqnn_text_pairs *pairs)
{
    if (!pairs)
        return;
    seqnn_texts_free(pairs->source);
    seqnn_texts_free(pairs->target);
    sq_free(pairs);
}

/* A line source<TAB>target, and perhaps <TAB> and more. */
static seqnn_status sq_pair_line(sq_pairs_builder *builder, const sq_reader *reader,
                                 const char *line, seqnn_size length)
{
    const char *end = line + length, *target_end = end;
    const char *tab = (const char *)memchr(line, '\t', (size_t)length);
    if (tab)
        target_end = (const char *)memchr(tab + 1, '\t', (size_t)(end - tab - 1));
    if (!target_end)
        target_end = end;
    if (!tab || tab == line || target_end == tab + 1)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no %s, expected source<TAB>target",
                       reader->path, reader->line,
                       !tab          ? "tab"
                       : tab == line ? "text before the tab"
                                     : "text behind the tab");
    return sq_pairs_add(builder, line, tab - line, tab + 1, target_end - tab - 1,
                        reader->line - 1);
}

SEQNN_API seqnn_text_pairs *seqnn_read_pairs_tsv(const char *path)
{
    if (!path)
        return NULL; /* what should have found it has left its sentence */
    sq_pairs_builder builder;
    sq_reader reader;
    memset(&reader, 0, sizeof reader);
    char *line;
    seqnn_size length;
    seqnn_status status = sq_pairs_begin(&builder, sq_latin1_to_utf8);
    if (status == SEQNN_OK)
        status = sq_reader_open(&reader, path);
    while (status == SEQNN_OK &&
           (status = sq_reader_line(&reader, &line, &length)) == SEQNN_OK && line)
        if (length > 0)
            status = sq_pair_line(&builder, &reader, line, length);
    sq_reader_close(&reader);
    return sq_pairs_finish(&builder, status, path);
}

static seqnn_status sq_read_aligned(sq_pairs_builder *builder, sq_reader *source,
                                    sq_reader *target)
{
    char *source_line, *target_line;
    seqnn_size source_length, target_length;
    for (;;) {
        seqnn_status status = sq_reader_line(source, &source_line, &source_length);
        if (status == SEQNN_OK)
            status = sq_reader_line(target, &target_line, &target_length);
        if (status != SEQNN_OK || (!source_line && !target_line))
            return status;
        if (!source_line || !target_line) {
            const sq_reader *ended = source_line ? target : source,
                            *other = source_line ? source : target;
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: ends after %td lines, %s does not",
                           ended->path, ended->line, other->path);
        }
        if (source_length > 0 && target_length > 0)
            status = sq_pairs_add(builder, source_line, source_length, target_line,
                                  target_length, source->line - 1);
        if (status != SEQNN_OK)
            return status;
    }
}

SEQNN_API seqnn_text_pairs *seqnn_read_pairs(const char *source_path,
                                             const char *target_path)
{
    if (!source_path || !target_path)
        return NULL;
    sq_pairs_builder builder;
    sq_reader source, target;
    memset(&source, 0, sizeof source);
    memset(&target, 0, sizeof target);
    seqnn_status status = sq_pairs_begin(&builder, sq_latin1_to_utf8);
    if (status == SEQNN_OK)
        status = sq_reader_open(&source, source_path);
    if (status == SEQNN_OK)
        status = sq_reader_open(&target, target_path);
    if (status == SEQNN_OK)
        status = sq_read_aligned(&builder, &source, &target);
    sq_reader_close(&source);
    sq_reader_close(&target);
    return sq_pairs_finish(&builder, status, source_path);
}
