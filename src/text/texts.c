#include "texts_build.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_texts {
    seqnn_texts public_part;
    sq_pool pool;
    sq_words class_table;
    const char **text, **id, **class_names;
    int32_t *label;
    seqnn_size text_capacity, id_capacity, label_capacity, class_capacity;
} sq_texts;

SEQNN_API seqnn_texts *seqnn_texts_new(void)
{
    return (seqnn_texts *)sq_allocate(1, sizeof(sq_texts));
}

static void sq_texts_publish(sq_texts *t)
{
    t->public_part.text = t->text;
    t->public_part.id = t->id;
    t->public_part.label = t->public_part.classes > 0 ? t->label : NULL;
    t->public_part.class_names = t->public_part.classes > 0 ? t->class_names : NULL;
}

/* Room for one more text and one more class. */
static seqnn_status sq_texts_reserve(sq_texts *t)
{
    seqnn_size count = t->public_part.count + 1, classes = t->public_part.classes + 1;
    void *text = (void *)t->text, *id = (void *)t->id, *names = (void *)t->class_names;
    void *label = t->label;
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
        if (sq_texts_reserve((sq_texts *)texts) != SEQNN_OK ||
            sq_texts_class((sq_texts *)texts, names[i]) < 0)
            return SEQNN_ERROR_MEMORY;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_texts_add(seqnn_texts *texts, const char *text,
                                   seqnn_size length, const char *class_name,
                                   const char *id)
{
    sq_texts *t = (sq_texts *)texts;
    char number[32];
    if (!id) {
        snprintf(number, sizeof number, "%td", texts->count);
        id = number;
    }
    if (texts->count >= INT32_MAX)
        return sq_fail(SEQNN_ERROR_MEMORY, "texts: more than %d texts", (int)INT32_MAX);
    if (texts->count > 0 && (class_name != NULL) != (texts->classes > 0))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "texts: text '%s' has %s class, those before it have %s", id,
                       class_name ? "a" : "no", class_name ? "none" : "one");
    seqnn_status status = sq_texts_reserve(t);
    if (status != SEQNN_OK)
        return status;
    const char *text_copy = sq_pool_copy(&t->pool, text, length);
    const char *id_copy = sq_pool_copy(&t->pool, id, (seqnn_size)strlen(id));
    if (!text_copy || !id_copy)
        return SEQNN_ERROR_MEMORY;
    int32_t label = class_name ? sq_texts_class(t, class_name) : -1;
    if (class_name && label < 0)
        return SEQNN_ERROR_MEMORY;
    t->text[texts->count] = text_copy;
    t->id[texts->count] = id_copy;
    t->label[texts->count] = label;
    texts->count++;
    sq_texts_publish(t);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_texts_add(seqnn_texts *texts, const char *text,
                                       const char *class_name, const char *id)
{
    if (!texts || !text)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "texts: the %s is NULL",
                       texts ? "text" : "list");
    return sq_texts_add(texts, text, (seqnn_size)strlen(text), class_name, id);
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
    if (!word)
        return SEQNN_ERROR_MEMORY;
    memcpy(word, t->class_table.word, (size_t)classes * sizeof(sq_word));
    qsort(word, (size_t)classes, sizeof(sq_word), sq_compare_words);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < classes && status == SEQNN_OK; i++)
        if (sq_words_add(&sorted, word[i].text, word[i].length) < 0)
            status = SEQNN_ERROR_MEMORY;
    sq_free(word);
    if (status != SEQNN_OK) {
        sq_words_free(&sorted);
        return status;
    }
    for (seqnn_size i = 0; i < texts->count; i++) {
        const sq_word *name = &t->class_table.word[t->label[i]];
        t->label[i] = sq_words_find(&sorted, name->text, name->length);
    }
    sq_words_free(&t->class_table);
    t->class_table = sorted;
    for (seqnn_size i = 0; i < classes; i++)
        t->class_names[i] = sorted.word[i].text;
    return SEQNN_OK;
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
    sq_free(t);
}
