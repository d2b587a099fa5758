#include "tagged_build.h"

static bool sq_is_separator(char c)
{
    return c == ' ' || c == '\t';
}

/* The rest of a line, as pieces between blanks or tabs. */
typedef struct sq_pieces {
    const char *text, *end; /* where the next piece is looked for; the end of the line */
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const char *line,
        *block; /* eight bytes, the high bits of those at most a blank set */
    uint64_t stops;
#endif
} sq_pieces;

#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Looks at the eight bytes at block; at the end of a longer line, at its last eight. */
static inline void sq_pieces_look(sq_pieces *p, const char *block)
{
    const uint64_t low = 0x7F7F7F7F7F7F7F7Fu, beyond = 0x5F5F5F5F5F5F5F5Fu;
    uint64_t v = 0;
    p->block = block;
    if (p->end - block >= 8) {
        memcpy(&v, block, 8);
    } else if (p->end - p->line >= 8 && block < p->end) {
        memcpy(&v, p->end - 8, 8);
        v >>= 8 * (8 - (p->end - block));
    } else {
        for (const char *at = p->end; at > block;)
            v = v << 8 | (unsigned char)*--at;
    }
    p->stops = ~(((v & low) + beyond) | v | low); /* a blank and 5F are 7F */
}

static inline void sq_pieces_begin(sq_pieces *p, const char *line, const char *end)
{
    p->text = p->line = line;
    p->end = end;
    sq_pieces_look(p, line);
}

/* The next blank or tab, or the end of the line. */
static inline const char *sq_pieces_stop(sq_pieces *p)
{
    for (;;) {
        while (p->stops) {
            const char *stop = p->block + __builtin_ctzll(p->stops) / 8;
            p->stops &= p->stops - 1;
            if (stop >= p->end)
                return p->end;
            if (sq_is_separator(*stop))
                return stop;
        }
        if (p->end - p->block <= 8)
            return p->end;
        sq_pieces_look(p, p->block + 8);
    }
}
#else
static void sq_pieces_begin(sq_pieces *p, const char *line, const char *end)
{
    p->text = line;
    p->end = end;
}

static const char *sq_pieces_stop(sq_pieces *p)
{
    const char *stop = p->text;
    while (stop < p->end && !sq_is_separator(*stop))
        stop++;
    return stop;
}
#endif

/* The next piece; false at the end of the line. */
static inline bool sq_next_piece(sq_pieces *p, sq_csv_field *piece)
{
    while (p->text < p->end) {
        const char *stop = sq_pieces_stop(p);
        piece->text = p->text;
        piece->length = stop - p->text;
        p->text = stop + 1;
        if (piece->length > 0)
            return true;
    }
    return false;
}

/* One line of words and the line of their tags. */
static seqnn_status sq_tagged_line(sq_tagged *t, const sq_reader *words,
                                   sq_csv_field line, const sq_reader *labels,
                                   sq_csv_field label_line)
{
    sq_csv_field word = {"", 0}, tag = {"", 0};
    sq_pieces line_pieces, label_pieces;
    sq_pieces_begin(&line_pieces, line.text, line.text + line.length);
    sq_pieces_begin(&label_pieces, label_line.text, label_line.text + label_line.length);
    for (;;) {
        bool has_word = sq_next_piece(&line_pieces, &word),
             has_tag = sq_next_piece(&label_pieces, &tag);
        if (has_word != has_tag)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s words than tags in %s:%td",
                           words->path, words->line, has_word ? "more" : "fewer",
                           labels->path, labels->line);
        if (!has_word)
            return sq_tagged_end(t);
        seqnn_status status = sq_tagged_push(t, &word, &tag, NULL);
        if (status != SEQNN_OK)
            return status;
    }
}

static seqnn_status sq_read_line_pairs(sq_tagged *t, sq_reader *words, sq_reader *labels)
{
    char *line, *label_line;
    seqnn_size length, label_length;
    for (;;) {
        seqnn_status status = sq_reader_line(words, &line, &length);
        if (status == SEQNN_OK)
            status = sq_reader_line(labels, &label_line, &label_length);
        if (status != SEQNN_OK)
            return status;
        if (!line && !label_line)
            return SEQNN_OK;
        if (!line || !label_line)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: ends after %td lines, %s does not",
                           line ? labels->path : words->path,
                           line ? labels->line : words->line,
                           line ? words->path : labels->path);
        sq_csv_field sentence = {line, length}, tags = {label_line, label_length};
        status = sq_tagged_line(t, words, sentence, labels, tags);
        if (status != SEQNN_OK)
            return status;
    }
}

SEQNN_API seqnn_tagged *seqnn_read_tagged_lines(const char *sentences_path,
                                                const char *labels_path)
{
    sq_tagged *t =
        sentences_path && labels_path ? sq_tagged_new(sentences_path, 5) : NULL;
    if (!t)
        return NULL;
    sq_reader words, labels;
    memset(&labels, 0, sizeof labels);
    seqnn_status status = sq_reader_open(&words, sentences_path);
    if (status == SEQNN_OK)
        status = sq_reader_open(&labels, labels_path);
    if (status == SEQNN_OK)
        status = sq_read_line_pairs(t, &words, &labels);
    sq_reader_close(&words);
    sq_reader_close(&labels);
    return sq_tagged_finish(t, status, sentences_path);
}

/* Which columns of `count` the options mean, counted from 0; pos -1: none. */
static seqnn_status sq_conll_columns(const sq_reader *reader, seqnn_size count,
                                     seqnn_conll_options *o)
{
    if (o->word_column == 0)
        o->word_column = 1;
    if (o->tag_column == 0)
        o->tag_column = count;
    if (o->pos_column == 0 && count >= 3)
        o->pos_column = 2;
    seqnn_size last = sq_max(o->word_column, sq_max(o->tag_column, o->pos_column));
    if (sq_min(o->word_column, sq_min(o->tag_column, o->pos_column)) < 0 || last > count)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: %td columns, but .word_column is %td, .tag_column %td, "
                       ".pos_column %td",
                       reader->path, reader->line, count, o->word_column, o->tag_column,
                       o->pos_column);
    return count >= 2 ? SEQNN_OK
                      : sq_fail(SEQNN_ERROR_FORMAT,
                                "%s:%td: one column, expected a word and its tag",
                                reader->path, reader->line);
}

static seqnn_status sq_conll_line(sq_tagged *t, const sq_reader *reader, const char *line,
                                  const char *end, seqnn_size *columns,
                                  seqnn_conll_options *options)
{
    sq_csv_field piece, word = {"", 0}, tag = {"", 0}, pos = {"", 0};
    seqnn_size count = 0;
    sq_pieces pieces;
    sq_pieces_begin(&pieces, line, end);
    if (*columns == 0) {
        while (sq_next_piece(&pieces, &piece))
            ++*columns;
        seqnn_status status = sq_conll_columns(reader, *columns, options);
        if (status != SEQNN_OK)
            return status;
        t->has_pos = options->pos_column > 0;
        sq_pieces_begin(&pieces, line, end);
    }
    while (sq_next_piece(&pieces, &piece)) {
        count++;
        if (count == options->word_column)
            word = piece;
        if (count == options->tag_column)
            tag = piece;
        if (count == options->pos_column)
            pos = piece;
    }
    if (count != *columns)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %td columns, expected %td as before",
                       reader->path, reader->line, count, *columns);
    return sq_tagged_push(t, &word, &tag, &pos);
}

/* A tag of IOB1: the number of what stands behind its B or I, and its numbers in IOB2, as
 * it is and as B-; -1: none, or not yet. */
typedef struct sq_iob1_tag {
    int32_t kind, same, begins;
    bool inside; /* I-, which is B- where the tag before it is of another kind */
} sq_iob1_tag;

/* What the tags of the table are in IOB1; NULL: no memory. */
static sq_iob1_tag *sq_iob1_tags(const sq_words *table)
{
    sq_iob1_tag *tags = (sq_iob1_tag *)sq_allocate(table->count, sizeof(sq_iob1_tag));
    sq_words kinds;
    memset(&kinds, 0, sizeof kinds);
    for (seqnn_size i = 0; tags && i < table->count; i++) {
        const sq_word *tag = &table->word[i];
        tags[i].kind = tags[i].same = tags[i].begins = -1;
        tags[i].inside = tag->text[0] == 'I' && tag->text[1] == '-';
        if (tag->text[0] != 'I' && tag->text[0] != 'B')
            continue;
        tags[i].kind = sq_words_add(&kinds, tag->text + 1, tag->length - 1);
        if (tags[i].kind < 0) {
            sq_free(tags);
            tags = NULL;
        }
    }
    sq_words_free(&kinds);
    return tags;
}

/* The number in table of a tag, or of the B- that it becomes; -1: no memory. */
static int32_t sq_iob2_number(sq_tagged *t, sq_words *table, const sq_word *tag,
                              bool begins)
{
    void *memory = t->utf8;
    if (sq_grow(&memory, &t->utf8_capacity, tag->length, 1) != SEQNN_OK)
        return -1;
    t->utf8 = (char *)memory;
    memcpy(t->utf8, tag->text, (size_t)tag->length);
    if (begins)
        t->utf8[0] = 'B';
    return sq_words_add(table, t->utf8, tag->length);
}

static seqnn_status sq_tagged_to_iob2(sq_tagged *t)
{
    sq_words table;
    memset(&table, 0, sizeof table);
    seqnn_status status = sq_tagged_end(t);
    sq_iob1_tag *tags =
        status == SEQNN_OK && t->used > 0 ? sq_iob1_tags(&t->tags.table) : NULL;
    if (!tags)
        return t->used > 0 ? SEQNN_ERROR_MEMORY : status;
    for (seqnn_size s = 0; s < t->public_part.count; s++) {
        int32_t kind = -1; /* of the tag before */
        for (seqnn_size i = t->begin[s]; i < t->begin[s + 1]; i++) {
            sq_iob1_tag *tag = &tags[t->tag[i]];
            bool begins = tag->inside && tag->kind != kind;
            int32_t *number = begins ? &tag->begins : &tag->same;
            kind = tag->kind;
            if (*number < 0)
                *number =
                    sq_iob2_number(t, &table, &t->tags.table.word[t->tag[i]], begins);
            if (*number < 0)
                status = SEQNN_ERROR_MEMORY;
            t->tag[i] = *number;
        }
    }
    sq_free(tags);
    sq_words_free(&t->tags.table);
    t->tags.table = table;
    return status;
}

SEQNN_API seqnn_tagged *seqnn_read_conll(const char *path, seqnn_conll_options options)
{
    sq_tagged *t = path ? sq_tagged_new(path, 14) : NULL;
    if (!t)
        return NULL;
    sq_reader reader;
    char *line;
    seqnn_size length, columns = 0;
    seqnn_status status = sq_reader_open(&reader, path);
    while (status == SEQNN_OK &&
           (status = sq_reader_line(&reader, &line, &length)) == SEQNN_OK && line) {
        const char *end = line + length;
        while (sq_is_separator(*line))
            line++;
        if (*line == '\0' || (*line == '-' && strncmp(line, "-DOCSTART-", 10) == 0))
            status = sq_tagged_end(t);
        else
            status = sq_conll_line(t, &reader, line, end, &columns, &options);
    }
    sq_reader_close(&reader);
    if (status == SEQNN_OK && options.iob2)
        status = sq_tagged_to_iob2(t);
    return sq_tagged_finish(t, status, path);
}
