#include "tagged.h"
#include "csv.h"
#include "unicode.h"
#include "words.h"

/* Names that come again and again: each once in a table, and where those of at most 16
 * bytes were seen last, as they stand in the file. */
enum { SQ_RECENT_NAMES = 4096 };
typedef struct sq_recent_name {
    uint64_t first, last; /* its bytes */
    int32_t length, number;
} sq_recent_name;

typedef struct sq_names {
    sq_words table;
    sq_recent_name *recent; /* [SQ_RECENT_NAMES] */
} sq_names;

/* What stands behind the public struct, which comes first. */
typedef struct sq_tagged {
    seqnn_tagged public_part;
    sq_names words, tags, poses;
    seqnn_size *begin;
    int32_t *word, *tag, *pos;
    const char **word_names, **tag_names, **pos_names;
    seqnn_size used, capacity, expected, begin_capacity;
    char *utf8, *sentence; /* scratch; the name of the sentence in a CSV */
    seqnn_size utf8_capacity, sentence_capacity;
    bool has_pos;
} sq_tagged;

static bool sq_is_ascii(const char *text, seqnn_size length)
{
    unsigned char any = 0;
    for (seqnn_size i = 0; i < length; i++)
        any |= (unsigned char)text[i];
    return any < 0x80;
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

/* The bytes of a name of 1 to 16 in two numbers. */
static inline void sq_name_bytes(const char *text, seqnn_size length,
                                 sq_recent_name *name)
{
    name->length = (int32_t)length;
    name->last = 0;
    if (length >= 8) {
        memcpy(&name->first, text, 8);
        memcpy(&name->last, text + length - 8, 8);
    } else if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        name->first = first | (uint64_t)last << 32;
    } else {
        name->first = (uint64_t)(unsigned char)text[0] |
                      (uint64_t)(unsigned char)text[length / 2] << 8 |
                      (uint64_t)(unsigned char)text[length - 1] << 16;
    }
}

/* The number of a name of any length; -1: no memory. */
static int32_t sq_tagged_look_up(sq_tagged *t, sq_names *names, sq_csv_field name)
{
    return sq_tagged_repair(t, &name) == SEQNN_OK
               ? sq_words_add(&names->table, name.text, name.length)
               : -1;
}

/* The same, quick where it was seen lately. */
static inline int32_t sq_tagged_number(sq_tagged *t, sq_names *names,
                                       const sq_csv_field *name)
{
    if (name->length < 1 || name->length > 16)
        return sq_tagged_look_up(t, names, *name);
    sq_recent_name now;
    sq_name_bytes(name->text, name->length, &now);
    uint64_t hash = (now.first + (uint64_t)now.length) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ now.last) * 0x9E3779B97F4A7C15u;
    sq_recent_name *recent = &names->recent[hash >> 52];
    if (recent->first == now.first && recent->last == now.last &&
        recent->length == now.length)
        return recent->number;
    now.number = sq_tagged_look_up(t, names, *name);
    if (now.number >= 0)
        *recent = now;
    return now.number;
}

static seqnn_status sq_grow_numbers(int32_t **numbers, seqnn_size capacity,
                                    seqnn_size needed)
{
    void *memory = *numbers;
    seqnn_status status = sq_grow(&memory, &capacity, needed, sizeof(int32_t));
    *numbers = (int32_t *)memory;
    return status;
}

static seqnn_status sq_tagged_reserve(sq_tagged *t)
{
    seqnn_size needed = t->capacity > 0 ? t->capacity * 2 : t->expected;
    seqnn_status status = sq_grow_numbers(&t->word, t->capacity, needed);
    if (status == SEQNN_OK)
        status = sq_grow_numbers(&t->tag, t->capacity, needed);
    if (status == SEQNN_OK && t->has_pos)
        status = sq_grow_numbers(&t->pos, t->capacity, needed);
    if (status == SEQNN_OK)
        t->capacity = needed;
    return status;
}

/* One more word of the sentence that is being read; pos counts if there are any. */
static inline seqnn_status sq_tagged_push(sq_tagged *t, const sq_csv_field *word,
                                          const sq_csv_field *tag,
                                          const sq_csv_field *pos)
{
    seqnn_size i = t->used;
    if (i == t->capacity && sq_tagged_reserve(t) != SEQNN_OK)
        return SEQNN_ERROR_MEMORY;
    t->word[i] = sq_tagged_number(t, &t->words, word);
    t->tag[i] = sq_tagged_number(t, &t->tags, tag);
    if (t->has_pos)
        t->pos[i] = sq_tagged_number(t, &t->poses, pos);
    if (t->word[i] < 0 || t->tag[i] < 0 || (t->has_pos && t->pos[i] < 0))
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

/* The names of a table in the order of their numbers; NULL: no memory. */
static const char **sq_names_of(const sq_words *table)
{
    const char **names = (const char **)sq_allocate(table->count, sizeof(char *));
    for (seqnn_size i = 0; names && i < table->count; i++)
        names[i] = table->word[i].text;
    return names;
}

static int sq_compare_tags(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers the tags anew, in byte order. */
static seqnn_status sq_tagged_sort_tags(sq_tagged *t)
{
    seqnn_size tags = t->tags.table.count;
    int32_t *number = (int32_t *)sq_allocate(tags, sizeof(int32_t));
    t->tag_names = sq_names_of(&t->tags.table);
    if (!number || !t->tag_names) {
        sq_free(number);
        return SEQNN_ERROR_MEMORY;
    }
    qsort((void *)t->tag_names, (size_t)tags, sizeof(char *), sq_compare_tags);
    for (seqnn_size i = 0; i < tags; i++) {
        const char *name = t->tag_names[i];
        number[sq_words_find(&t->tags.table, name, (seqnn_size)strlen(name))] =
            (int32_t)i;
    }
    for (seqnn_size i = 0; i < t->used; i++)
        t->tag[i] = number[t->tag[i]];
    sq_free(number);
    return SEQNN_OK;
}

static void sq_tagged_free_scratch(sq_tagged *t)
{
    sq_free(t->words.recent);
    sq_free(t->tags.recent);
    sq_free(t->poses.recent);
    sq_free(t->utf8);
    sq_free(t->sentence);
    t->words.recent = t->tags.recent = t->poses.recent = NULL;
    t->utf8 = t->sentence = NULL;
}

/* Ends the last sentence and hands out what was read; NULL if that failed. */
static seqnn_tagged *sq_tagged_finish(sq_tagged *t, seqnn_status status, const char *path)
{
    if (status == SEQNN_OK)
        status = sq_tagged_end(t);
    if (status == SEQNN_OK && t->used == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: no sentence in it", path);
    if (status == SEQNN_OK)
        status = sq_tagged_sort_tags(t);
    if (status == SEQNN_OK) {
        t->word_names = sq_names_of(&t->words.table);
        t->pos_names = t->has_pos ? sq_names_of(&t->poses.table) : NULL;
        if (!t->word_names || (t->has_pos && !t->pos_names))
            status = SEQNN_ERROR_MEMORY;
    }
    if (status != SEQNN_OK) {
        seqnn_tagged_free(&t->public_part);
        return NULL;
    }
    sq_tagged_free_scratch(t);
    seqnn_tagged *p = &t->public_part;
    p->begin = t->begin;
    p->word = t->word;
    p->tag = t->tag;
    p->pos = t->pos;
    p->words = t->words.table.count;
    p->tags = t->tags.table.count;
    p->poses = t->poses.table.count;
    p->word_names = t->word_names;
    p->tag_names = t->tag_names;
    p->pos_names = t->pos_names;
    return p;
}

SEQNN_API void seqnn_tagged_free(seqnn_tagged *tagged)
{
    if (!tagged)
        return;
    sq_tagged *t = (sq_tagged *)tagged;
    sq_tagged_free_scratch(t);
    sq_words_free(&t->words.table);
    sq_words_free(&t->tags.table);
    sq_words_free(&t->poses.table);
    sq_free(t->begin);
    sq_free(t->word);
    sq_free(t->tag);
    sq_free(t->pos);
    sq_free((void *)t->word_names);
    sq_free((void *)t->tag_names);
    sq_free((void *)t->pos_names);
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
        status = sq_tagged_push(t, &row[word], &row[tag], &row[sq_max(pos, 0)]);
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
    if (!t)
        return NULL;
    t->expected = sq_max(1024, sq_file_size(path) / bytes_of_word);
    sq_names *names[] = {&t->words, &t->tags, &t->poses};
    for (int i = 0; i < 3; i++) {
        names[i]->recent =
            (sq_recent_name *)sq_allocate(SQ_RECENT_NAMES, sizeof(sq_recent_name));
        if (!names[i]->recent) {
            seqnn_tagged_free(&t->public_part);
            return NULL;
        }
    }
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
