#include "texts_build.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_texts {
    seqnn_texts public_part;
    sq_pool pool;
    sq_words class_table;
    const char **text, **id, **class_names;
    int32_t *label, *labels;
    seqnn_size *labels_begin;
    seqnn_size text_capacity, id_capacity, label_capacity, class_capacity;
    seqnn_size labels_capacity, begin_capacity;
} sq_texts;

SEQNN_API seqnn_texts *seqnn_texts_new(void)
{
    return (seqnn_texts *)sq_allocate(1, sizeof(sq_texts));
}

static void sq_texts_publish(sq_texts *t)
{
    seqnn_texts *texts = &t->public_part;
    texts->text = t->text;
    texts->id = t->id;
    texts->labels_begin = t->labels_begin;
    texts->labels = t->labels;
    texts->label = texts->classes > 0 && !t->labels_begin ? t->label : NULL;
    texts->class_names = texts->classes > 0 ? t->class_names : NULL;
}

/* Room for one more text and `classes` more classes. */
static seqnn_status sq_texts_reserve(sq_texts *t, seqnn_size classes)
{
    seqnn_size count = t->public_part.count + 1;
    if (count <= t->label_capacity &&
        classes + t->public_part.classes <= t->class_capacity)
        return SEQNN_OK;
    void *text = (void *)t->text, *id = (void *)t->id, *names = (void *)t->class_names;
    void *label = t->label;
    classes += t->public_part.classes;
    seqnn_status status = sq_grow(&text, &t->text_capacity, count, sizeof(char *));
    t->text = (const char **)text;
    if (status == SEQNN_OK)
        status = sq_grow(&id, &t->id_capacity, count, sizeof(char *));
    t->id = (const char **)id;
    if (status == SEQNN_OK)
        status = sq_grow(&label, &t->label_capacity, count, sizeof(int32_t));
    t->label = (int32_t *)label;
    if (status == SEQNN_OK)
        status = sq_grow(&names, &t->class_capacity, classes, sizeof(char *));
    t->class_names = (const char **)names;
    sq_texts_publish(t);
    return status;
}

/* Room for the labels of one more text. */
static seqnn_status sq_texts_reserve_labels(sq_texts *t, seqnn_size count)
{
    void *begin = t->labels_begin, *labels = t->labels;
    seqnn_size used = begin ? t->labels_begin[t->public_part.count] : 0;
    seqnn_status status =
        sq_grow(&labels, &t->labels_capacity, used + count + 1, sizeof(int32_t));
    t->labels = (int32_t *)labels;
    if (status == SEQNN_OK)
        status = sq_grow(&begin, &t->begin_capacity, t->public_part.count + 2,
                         sizeof(seqnn_size));
    t->labels_begin = (seqnn_size *)begin;
    sq_texts_publish(t);
    return status;
}

/* The number of a class, added if it is new (there must be room); -1: no memory. */
static int32_t sq_texts_class(sq_texts *t, const char *name)
{
    int32_t label = sq_words_add(&t->class_table, name, (seqnn_size)strlen(name));
    if (label >= 0) {
        t->class_names[label] = t->class_table.word[label].text;
        t->public_part.classes = t->class_table.count;
    }
    return label;
}

SQ_LOCAL seqnn_status sq_texts_set_classes(seqnn_texts *texts, const char *const *names,
                                           seqnn_size classes)
{
    for (seqnn_size i = 0; i < classes; i++)
        if (sq_texts_reserve((sq_texts *)texts, 1) != SEQNN_OK ||
            sq_texts_class((sq_texts *)texts, names[i]) < 0)
            return SEQNN_ERROR_MEMORY;
    return SEQNN_OK;
}

SQ_LOCAL const char *sq_decimal(char digits[SQ_DECIMAL_SIZE], seqnn_size number)
{
    char *at = digits + SQ_DECIMAL_SIZE - 1;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return at;
}

/* The id itself, or the number of the next text. */
static const char *sq_texts_id(const seqnn_texts *texts, const char *id,
                               char number[SQ_DECIMAL_SIZE])
{
    return id ? id : sq_decimal(number, texts->count);
}

/* Puts a text and its id behind the others, which may have `classes` new classes; it is
 * not counted yet. */
static seqnn_status sq_texts_append(sq_texts *t, const char *text, seqnn_size length,
                                    const char *id, seqnn_size classes)
{
    seqnn_size count = t->public_part.count;
    if (count >= INT32_MAX)
        return sq_fail(SEQNN_ERROR_MEMORY, "texts: more than %d texts", (int)INT32_MAX);
    seqnn_status status = sq_texts_reserve(t, classes);
    if (status != SEQNN_OK)
        return status;
    t->text[count] = sq_pool_copy(&t->pool, text, length);
    t->id[count] = sq_pool_copy(&t->pool, id, (seqnn_size)strlen(id));
    return t->text[count] && t->id[count] ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

SQ_LOCAL seqnn_status sq_texts_add(seqnn_texts *texts, const char *text,
                                   seqnn_size length, const char *class_name,
                                   const char *id)
{
    sq_texts *t = (sq_texts *)texts;
    char number[SQ_DECIMAL_SIZE];
    id = sq_texts_id(texts, id, number);
    if (texts->labels_begin)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "texts: text '%s' by seqnn_texts_add, those before it by "
                       "seqnn_texts_add_labels",
                       id);
    if (texts->count > 0 && (class_name != NULL) != (texts->classes > 0))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "texts: text '%s' has %s class, those before it have %s", id,
                       class_name ? "a" : "no", class_name ? "none" : "one");
    seqnn_status status = sq_texts_append(t, text, length, id, 1);
    if (status != SEQNN_OK)
        return status;
    int32_t label = class_name ? sq_texts_class(t, class_name) : -1;
    if (class_name && label < 0)
        return SEQNN_ERROR_MEMORY;
    t->label[texts->count++] = label;
    sq_texts_publish(t);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_texts_add_labels(seqnn_texts *texts, const char *text,
                                          seqnn_size length,
                                          const char *const *class_names,
                                          seqnn_size count, const char *id)
{
    sq_texts *t = (sq_texts *)texts;
    char number[SQ_DECIMAL_SIZE];
    id = sq_texts_id(texts, id, number);
    if (texts->count > 0 && !texts->labels_begin)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "texts: text '%s' by seqnn_texts_add_labels, those before it by "
                       "seqnn_texts_add",
                       id);
    seqnn_status status = sq_texts_append(t, text, length, id, count);
    if (status == SEQNN_OK)
        status = sq_texts_reserve_labels(t, count);
    if (status != SEQNN_OK)
        return status;
    seqnn_size first = t->labels_begin[texts->count], end = first;
    for (seqnn_size i = 0; i < count; i++) {
        int32_t label = sq_texts_class(t, class_names[i]);
        if (label < 0)
            return SEQNN_ERROR_MEMORY;
        seqnn_size known = first;
        while (known < end && t->labels[known] != label)
            known++;
        if (known == end)
            t->labels[end++] = label;
    }
    t->labels_begin[++texts->count] = end;
    sq_texts_publish(t);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_texts_add_like(seqnn_texts *texts, const char *text,
                                        seqnn_size length, const seqnn_texts *like,
                                        seqnn_size i)
{
    if (!like->labels_begin)
        return sq_texts_add(texts, text, length,
                            like->label ? like->class_names[like->label[i]] : NULL,
                            like->id[i]);
    seqnn_size begin = like->labels_begin[i], count = like->labels_begin[i + 1] - begin;
    const char **names = (const char **)sq_allocate(sq_max(count, 1), sizeof(char *));
    if (!names)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size k = 0; k < count; k++)
        names[k] = like->class_names[like->labels[begin + k]];
    seqnn_status status =
        sq_texts_add_labels(texts, text, length, names, count, like->id[i]);
    sq_free((void *)names);
    return status;
}

SEQNN_API seqnn_status seqnn_texts_add(seqnn_texts *texts, const char *text,
                                       const char *class_name, const char *id)
{
    if (!texts || !text)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "texts: the %s is NULL",
                       texts ? "text" : "list");
    return sq_texts_add(texts, text, (seqnn_size)strlen(text), class_name, id);
}

SEQNN_API seqnn_status seqnn_texts_add_labels(seqnn_texts *texts, const char *text,
                                              const char *const *class_names,
                                              seqnn_size count, const char *id)
{
    if (!texts || !text || count < 0 || (count > 0 && !class_names))
        return sq_fail(SEQNN_ERROR_ARGUMENT, !texts  ? "texts: the list is NULL"
                                             : !text ? "texts: the text is NULL"
                                             : count < 0
                                                 ? "texts: fewer than 0 labels"
                                                 : "texts: the list of labels is NULL");
    for (seqnn_size i = 0; i < count; i++)
        if (!class_names[i])
            return sq_fail(SEQNN_ERROR_ARGUMENT, "texts: label %td is NULL", i);
    return sq_texts_add_labels(texts, text, (seqnn_size)strlen(text), class_names, count,
                               id);
}

static int sq_compare_words(const void *a, const void *b)
{
    return strcmp(((const sq_word *)a)->text, ((const sq_word *)b)->text);
}

SQ_LOCAL seqnn_status sq_texts_sort_classes(seqnn_texts *texts)
{
    sq_texts *t = (sq_texts *)texts;
    seqnn_size classes = texts->classes;
    if (classes == 0)
        return SEQNN_OK;
    sq_words sorted;
    memset(&sorted, 0, sizeof sorted);
    sq_word *word = (sq_word *)sq_allocate(classes, sizeof(sq_word));
    int32_t *number = (int32_t *)sq_allocate(classes, sizeof(int32_t));
    seqnn_status status = word && number ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK) {
        memcpy(word, t->class_table.word, (size_t)classes * sizeof(sq_word));
        qsort(word, (size_t)classes, sizeof(sq_word), sq_compare_words);
    }
    for (seqnn_size i = 0; i < classes && status == SEQNN_OK; i++) {
        number[sq_words_find(&t->class_table, word[i].text, word[i].length)] = (int32_t)i;
        if (sq_words_add(&sorted, word[i].text, word[i].length) < 0)
            status = SEQNN_ERROR_MEMORY;
    }
    sq_free(word);
    if (status != SEQNN_OK) {
        sq_free(number);
        sq_words_free(&sorted);
        return status;
    }
    int32_t *labels = texts->labels_begin ? t->labels : t->label;
    seqnn_size count =
        texts->labels_begin ? texts->labels_begin[texts->count] : texts->count;
    for (seqnn_size i = 0; i < count; i++)
        labels[i] = number[labels[i]];
    sq_free(number);
    sq_words_free(&t->class_table);
    t->class_table = sorted;
    for (seqnn_size i = 0; i < classes; i++)
        t->class_names[i] = sorted.word[i].text;
    return SEQNN_OK;
}

SEQNN_API seqnn_texts *seqnn_texts_take(const seqnn_texts *texts, const int32_t *rows,
                                        seqnn_size count)
{
    if (count < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "texts: %td rows", count);
        return NULL;
    }
    for (seqnn_size i = 0; i < count; i++)
        if (rows[i] < 0 || rows[i] >= texts->count) {
            sq_fail(SEQNN_ERROR_ARGUMENT, "texts: row %d of %td", (int)rows[i],
                    texts->count);
            return NULL;
        }
    seqnn_texts *taken = seqnn_texts_new();
    seqnn_status status = SEQNN_ERROR_MEMORY;
    if (taken)
        status = sq_texts_set_classes(taken, texts->class_names, texts->classes);
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        const char *text = texts->text[rows[i]];
        status = sq_texts_add_like(taken, text, (seqnn_size)strlen(text), texts, rows[i]);
    }
    if (status == SEQNN_OK)
        return taken;
    seqnn_texts_free(taken);
    return NULL;
}

SEQNN_API void seqnn_texts_free(seqnn_texts *texts)
{
    if (!texts)
        return;
    sq_texts *t = (sq_texts *)texts;
    sq_pool_free(&t->pool);
    sq_words_free(&t->class_table);
    sq_free((void *)t->text);
    sq_free((void *)t->id);
    sq_free((void *)t->class_names);
    sq_free(t->label);
    sq_free(t->labels);
    sq_free(t->labels_begin);
    sq_free(t);
}
