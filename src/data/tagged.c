#include "tagged.h"
#include "csv.h"
#include "unicode.h"
#include "words.h"

/* Names that come again and again: a table, and those that were seen last. */
enum { SQ_RECENT_NAMES = 256 };
typedef struct sq_names {
    sq_words table;
    sq_csv_field recent[SQ_RECENT_NAMES];
} sq_names;

/* What stands behind the public struct, which comes first. Words lie one behind the
 * other, tags and parts of speech once each. */
typedef struct sq_tagged {
    seqnn_tagged public_part;
    sq_pool pool;
    sq_names tags, pos_names;
    seqnn_size *begin;
    const char **word, **tag, **pos, **tag_names;
    seqnn_size used, capacity, expected, begin_capacity;
    char *utf8, *sentence; /* scratch; the name of the sentence in a CSV */
    seqnn_size utf8_capacity, sentence_capacity;
    bool has_pos;
} sq_tagged;

/* Most words are shorter than eight bytes. */
static bool sq_is_ascii(const char *text, seqnn_size length)
{
    uint64_t any = 0, eight;
    uint32_t first, last;
    for (; length >= 8; length -= 8, text += 8) {
        memcpy(&eight, text, 8);
        any |= eight;
    }
    if (length >= 4) { /* the first four and the last four */
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        any |= first | last;
    } else {
        while (length > 0)
            any |= (uint64_t)(unsigned char)text[--length];
    }
    return (any & 0x8080808080808080u) == 0;
}

/* The cell in UTF-8; it stands until the next call. */
static seqnn_status sq_tagged_repair(sq_tagged *t, sq_csv_field *cell)
{
    if (sq_is_ascii(cell->text, cell->length))
        return SEQNN_OK;
    void *memory = t->utf8;
    seqnn_status status =
        sq_grow(&memory, &t->utf8_capacity, sq_multiply(cell->length, 3), 1);
    if (status != SEQNN_OK)
        return status;
    t->utf8 = (char *)memory;
    cell->length = sq_windows1252_to_utf8(cell->text, cell->length, true, t->utf8);
    cell->text = t->utf8;
    return SEQNN_OK;
}

/* The one copy of a name that is not empty; NULL: no memory. */
static const char *sq_tagged_name(sq_tagged *t, sq_names *names, const sq_csv_field *cell)
{
    const char *text = cell->text;
    seqnn_size last = cell->length - 1;
    unsigned slot = (unsigned char)text[0] * 31u + (unsigned char)text[last] * 7u;
    sq_csv_field *recent = &names->recent[(slot + (unsigned)last) % SQ_RECENT_NAMES];
    if (recent->length == cell->length && recent->text[0] == text[0] &&
        recent->text[last / 2] == text[last / 2] && recent->text[last] == text[last] &&
        (last < 3 || memcmp(recent->text, text, (size_t)last) == 0))
        return recent->text;
    sq_csv_field name = *cell;
    if (sq_tagged_repair(t, &name) != SEQNN_OK)
        return NULL;
    int32_t number = sq_words_add(&names->table, name.text, name.length);
    if (number < 0)
        return NULL;
    recent->text = names->table.word[number].text;
    recent->length = name.length;
    return recent->text;
}

static seqnn_status sq_grow_names(const char ***names, seqnn_size capacity,
                                  seqnn_size needed)
{
    void *memory = (void *)*names;
    seqnn_status status = sq_grow(&memory, &capacity, needed, sizeof(char *));
    *names = (const char **)memory;
    return status;
}

static seqnn_status sq_tagged_reserve(sq_tagged *t)
{
    if (t->used < t->capacity)
        return SEQNN_OK;
    seqnn_size needed = t->capacity > 0 ? t->capacity * 2 : t->expected;
    seqnn_status status = sq_grow_names(&t->word, t->capacity, needed);
    if (status == SEQNN_OK)
        status = sq_grow_names(&t->tag, t->capacity, needed);
    if (status == SEQNN_OK && t->has_pos)
        status = sq_grow_names(&t->pos, t->capacity, needed);
    if (status == SEQNN_OK)
        t->capacity = needed;
    return status;
}

/* A copy of the text in UTF-8 that stays; NULL: no memory. */
static char *sq_tagged_keep(sq_tagged *t, const char *text, seqnn_size length)
{
    sq_csv_field cell = {text, length};
    return sq_tagged_repair(t, &cell) == SEQNN_OK
               ? sq_pool_copy(&t->pool, cell.text, cell.length)
               : NULL;
}

/* One more word, which is kept already, of the sentence that is being read; pos counts if
 * there are any. */
static seqnn_status sq_tagged_push(sq_tagged *t, const char *word,
                                   const sq_csv_field *tag, const sq_csv_field *pos)
{
    seqnn_size i = t->used;
    seqnn_status status = sq_tagged_reserve(t);
    if (status != SEQNN_OK)
        return status;
    t->word[i] = word;
    t->tag[i] = sq_tagged_name(t, &t->tags, tag);
    if (t->has_pos)
        t->pos[i] = pos->length > 0 ? sq_tagged_name(t, &t->pos_names, pos) : "";
    if (!t->tag[i] || (t->has_pos && !t->pos[i]))
        return SEQNN_ERROR_MEMORY;
    t->used++;
    return SEQNN_OK;
}

/* The sentence ends here, if it has a word. */
static seqnn_status sq_tagged_end(sq_tagged *t)
{
    seqnn_size count = t->public_part.count;
    if (t->begin && t->begin[count] == t->used)
        return SEQNN_OK;
    void *memory = t->begin;
    seqnn_status status =
        sq_grow(&memory, &t->begin_capacity, count + 2, sizeof(seqnn_size));
    if (status != SEQNN_OK)
        return status;
    t->begin = (seqnn_size *)memory;
    if (t->used > 0)
        t->begin[++t->public_part.count] = t->used;
    return SEQNN_OK;
}

static int sq_compare_tags(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Ends the last sentence and hands out what was read; NULL if that failed. */
static seqnn_tagged *sq_tagged_finish(sq_tagged *t, seqnn_status status, const char *path)
{
    if (status == SEQNN_OK)
        status = sq_tagged_end(t);
    if (status == SEQNN_OK && t->used == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: no sentence in it", path);
    if (status == SEQNN_OK)
        status = sq_grow_names(&t->tag_names, 0, t->tags.table.count);
    if (status != SEQNN_OK) {
        seqnn_tagged_free(&t->public_part);
        return NULL;
    }
    for (seqnn_size i = 0; i < t->tags.table.count; i++)
        t->tag_names[i] = t->tags.table.word[i].text;
    qsort((void *)t->tag_names, (size_t)t->tags.table.count, sizeof(char *),
          sq_compare_tags);
    t->public_part.begin = t->begin;
    t->public_part.word = t->word;
    t->public_part.tag = t->tag;
    t->public_part.pos = t->pos;
    t->public_part.tags = t->tags.table.count;
    t->public_part.tag_names = t->tag_names;
    return &t->public_part;
}

SEQNN_API void seqnn_tagged_free(seqnn_tagged *tagged)
{
    if (!tagged)
        return;
    sq_tagged *t = (sq_tagged *)tagged;
    sq_pool_free(&t->pool);
    sq_words_free(&t->tags.table);
    sq_words_free(&t->pos_names.table);
    sq_free(t->begin);
    sq_free((void *)t->word);
    sq_free((void *)t->tag);
    sq_free((void *)t->pos);
    sq_free((void *)t->tag_names);
    sq_free(t->utf8);
    sq_free(t->sentence);
    sq_free(t);
}

/* Ends the sentence where the cell names another one than before. */
static seqnn_status sq_tagged_sentence(sq_tagged *t, const sq_csv_field *name)
{
    if (name->length == 0 || (t->sentence && strcmp(t->sentence, name->text) == 0))
        return SEQNN_OK;
    void *memory = t->sentence;
    seqnn_status status = sq_grow(&memory, &t->sentence_capacity, name->length + 1, 1);
    if (status != SEQNN_OK)
        return status;
    t->sentence = (char *)memory;
    memcpy(t->sentence, name->text, (size_t)name->length + 1);
    return sq_tagged_end(t);
}

/* The rows of the CSV below its header. */
static seqnn_status sq_read_tagged_rows(sq_tagged *t, sq_csv *csv)
{
    const sq_csv_field *row;
    seqnn_size fields;
    seqnn_status status = sq_csv_row(csv, &row, &fields);
    if (status != SEQNN_OK)
        return status;
    seqnn_size sentence = sq_csv_column(csv, "Sentence #"),
               word = sentence < 0 ? -1 : sq_csv_column(csv, "Word"),
               tag = word < 0 ? -1 : sq_csv_column(csv, "Tag");
    if (tag < 0)
        return SEQNN_ERROR_FORMAT;
    seqnn_size pos = sq_csv_column(csv, "POS");
    t->has_pos = pos >= 0;
    while ((status = sq_csv_record(csv, &row, &fields)) == SEQNN_OK && fields > 0) {
        status = sq_tagged_sentence(t, &row[sentence]);
        if (status != SEQNN_OK)
            return status;
        if (row[word].length == 0 || row[tag].length == 0 || !t->sentence)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s, expected one for every word",
                           csv->reader.path, csv->line,
                           row[word].length == 0  ? "no word in the row"
                           : row[tag].length == 0 ? "no tag in the row"
                                                  : "no sentence number so far");
        const char *kept = sq_tagged_keep(t, row[word].text, row[word].length);
        status = kept ? sq_tagged_push(t, kept, &row[tag], &row[sq_max(pos, 0)])
                      : SEQNN_ERROR_MEMORY;
        if (status != SEQNN_OK)
            return status;
    }
    return status;
}

/* With room for the words that a file of this size may hold: arrays that grow cost as
 * much time as reading them. */
static sq_tagged *sq_tagged_new(const char *path, seqnn_size bytes_of_word)
{
    sq_tagged *t = (sq_tagged *)sq_allocate(1, sizeof(sq_tagged));
    if (t)
        t->expected = sq_max(1024, sq_file_size(path) / bytes_of_word);
    return t;
}

SEQNN_API seqnn_tagged *seqnn_read_tagged_csv(const char *path)
{
    sq_tagged *t = path ? sq_tagged_new(path, 14) : NULL;
    if (!t)
        return NULL;
    sq_csv csv;
    seqnn_status status = sq_csv_open(&csv, path, 0);
    if (status == SEQNN_OK)
        status = sq_read_tagged_rows(t, &csv);
    sq_csv_close(&csv);
    return sq_tagged_finish(t, status, path);
}

static bool sq_is_separator(char c)
{
    return c == ' ' || c == '\t';
}

/* Where the piece at text ends: at a blank, a tab or the end of the line. */
static inline const char *sq_piece_end(const char *text, const char *end)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* Eight bytes at once: the high bit of the first that is at most a blank is set. */
    const uint64_t ones = 0x0101010101010101u;
    for (; end - text >= 8; text += 8) {
        uint64_t v;
        memcpy(&v, text, 8);
        uint64_t low = (v - ones * (' ' + 1)) & ~v & ones << 7;
        if (low) {
            text += __builtin_ctzll(low) / 8;
            break;
        }
    }
#endif
    while (text < end && !sq_is_separator(*text))
        text++;
    return text;
}

/* The next piece between blanks or tabs; false at the end of the line. */
static bool sq_next_piece(const char **at, const char *end, sq_csv_field *piece)
{
    const char *text = *at;
    while (text < end && sq_is_separator(*text))
        text++;
    *at = sq_piece_end(text, end);
    piece->text = text;
    piece->length = *at - text;
    return piece->length > 0;
}

/* One line of words and the line of their tags. */
static seqnn_status sq_tagged_line(sq_tagged *t, const sq_reader *words,
                                   sq_csv_field line, const sq_reader *labels,
                                   sq_csv_field label_line)
{
    char *kept = sq_tagged_keep(t, line.text, line.length);
    if (!kept)
        return SEQNN_ERROR_MEMORY;
    const char *at = kept, *end = kept + strlen(kept), *label = label_line.text;
    sq_csv_field word, tag;
    for (;;) {
        bool has_word = sq_next_piece(&at, end, &word),
             has_tag = sq_next_piece(&label, label_line.text + label_line.length, &tag);
        if (has_word != has_tag)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s words than tags in %s:%td",
                           words->path, words->line, has_word ? "more" : "fewer",
                           labels->path, labels->line);
        if (!has_word)
            return sq_tagged_end(t);
        seqnn_status status = sq_tagged_push(t, word.text, &tag, NULL);
        if (status != SEQNN_OK)
            return status;
        kept[at - kept] = '\0'; /* at a blank, or at the end already */
        at += at < end;
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
    const char *at = line;
    if (*columns == 0) {
        while (sq_next_piece(&at, end, &piece))
            ++*columns;
        seqnn_status status = sq_conll_columns(reader, *columns, options);
        if (status != SEQNN_OK)
            return status;
        t->has_pos = options->pos_column > 0;
        at = line;
    }
    while (sq_next_piece(&at, end, &piece)) {
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
    const char *kept = sq_tagged_keep(t, word.text, word.length);
    return kept ? sq_tagged_push(t, kept, &tag, &pos) : SEQNN_ERROR_MEMORY;
}

/* Writes the tag of IOB2 for one of IOB1 into text: I-X is B-X where the tag before it in
 * the sentence is neither B-X nor I-X. */
static bool sq_iob2_tag(const char *tag, const char *before, char *text, size_t size)
{
    bool inside = tag[0] == 'I' && tag[1] == '-';
    bool goes_on = before && (before[0] == 'B' || before[0] == 'I') &&
                   strcmp(before + 1, tag + 1) == 0;
    size_t length = strlen(tag);
    if (length >= size)
        return false;
    memcpy(text, tag, length + 1);
    if (inside && !goes_on)
        text[0] = 'B';
    return true;
}

static seqnn_status sq_tagged_to_iob2(sq_tagged *t)
{
    char text[256];
    const char *before = NULL;
    const char *outside = NULL, *outside_copy = NULL; /* the last that was no I-X: O */
    sq_words tags;
    memset(&tags, 0, sizeof tags);
    seqnn_status status = sq_tagged_end(t);
    for (seqnn_size s = 0, i = 0; i < t->used && status == SEQNN_OK; i++) {
        if (i == t->begin[s]) {
            before = NULL;
            s++;
        }
        int32_t number = -1;
        if (t->tag[i] == outside) {
            before = outside;
            t->tag[i] = outside_copy;
            continue;
        }
        if (!sq_iob2_tag(t->tag[i], before, text, sizeof text))
            status =
                sq_fail(SEQNN_ERROR_FORMAT, "tags: '%.40s...' is too long", t->tag[i]);
        else if ((number = sq_words_add(&tags, text, (seqnn_size)strlen(text))) < 0)
            status = SEQNN_ERROR_MEMORY;
        before = t->tag[i];
        if (status == SEQNN_OK)
            t->tag[i] = tags.word[number].text;
        if (status == SEQNN_OK && before[0] != 'I') {
            outside = before;
            outside_copy = t->tag[i];
        }
    }
    sq_words_free(&t->tags.table);
    t->tags.table = tags;
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
