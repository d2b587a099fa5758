#include "tagged_build.h"
#include "unicode.h"

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

seqnn_status sq_tagged_push(sq_tagged *t, const sq_csv_field *word,
                            const sq_csv_field *tag, const sq_csv_field *pos)
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

seqnn_status sq_tagged_end(sq_tagged *t)
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

seqnn_tagged *sq_tagged_finish(sq_tagged *t, seqnn_status status, const char *path)
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

sq_tagged *sq_tagged_new(const char *path, seqnn_size bytes_of_word)
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
