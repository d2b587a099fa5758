#include "words.h"

enum { SQ_POOL_BLOCK = 65536, SQ_FIRST_SLOTS = 64 };

struct sq_pool_block {
    sq_pool_block *previous;
    seqnn_size used, size; /* of the text behind this struct */
};

SQ_LOCAL char *sq_pool_copy(sq_pool *pool, const char *text, seqnn_size length)
{
    sq_pool_block *block = pool->last;
    if (!block || block->size - block->used <= length) {
        seqnn_size size = sq_max(SQ_POOL_BLOCK, length + 1);
        block = (sq_pool_block *)sq_allocate((seqnn_size)sizeof *block + size, 1);
        if (!block)
            return NULL;
        block->previous = pool->last;
        block->size = size;
        pool->last = block;
    }
    char *copy = (char *)(block + 1) + block->used;
    if (length > 0)
        memcpy(copy, text, (size_t)length);
    copy[length] = '\0';
    block->used += length + 1;
    return copy;
}

SQ_LOCAL void sq_pool_free(sq_pool *pool)
{
    while (pool->last) {
        sq_pool_block *previous = pool->last->previous;
        sq_free(pool->last);
        pool->last = previous;
    }
}

/* FNV-1a (Fowler, Noll and Vo). */
static uint32_t sq_hash(const char *text, seqnn_size length)
{
    uint32_t hash = 2166136261u;
    for (seqnn_size i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* The slot that holds the string, or the free one where it belongs. */
static seqnn_size sq_words_slot(const sq_words *words, const char *text,
                                seqnn_size length, uint32_t hash)
{
    seqnn_size mask = words->slot_count - 1, slot = (seqnn_size)hash & mask;
    while (words->slots[slot] != 0) {
        const sq_word *word = &words->word[words->slots[slot] - 1];
        if (word->hash == hash && word->length == length &&
            memcmp(word->text, text, (size_t)length) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

SQ_LOCAL int32_t sq_words_find(const sq_words *words, const char *text, seqnn_size length)
{
    if (words->count == 0)
        return -1;
    seqnn_size slot = sq_words_slot(words, text, length, sq_hash(text, length));
    return words->slots[slot] - 1;
}

/* Doubles the slots, so that at most half of them are taken. */
static seqnn_status sq_words_widen(sq_words *words)
{
    seqnn_size slot_count = sq_max(SQ_FIRST_SLOTS, words->slot_count * 2);
    int32_t *slots = (int32_t *)sq_allocate(slot_count, sizeof(int32_t));
    if (!slots)
        return SEQNN_ERROR_MEMORY;
    sq_free(words->slots);
    words->slots = slots;
    words->slot_count = slot_count;
    for (seqnn_size i = 0; i < words->count; i++) {
        seqnn_size slot = (seqnn_size)words->word[i].hash & (slot_count - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (slot_count - 1);
        slots[slot] = (int32_t)(i + 1);
    }
    return SEQNN_OK;
}

SQ_LOCAL int32_t sq_words_add(sq_words *words, const char *text, seqnn_size length)
{
    if (words->count >= words->slot_count / 2 && sq_words_widen(words) != SEQNN_OK)
        return -1;
    uint32_t hash = sq_hash(text, length);
    seqnn_size slot = sq_words_slot(words, text, length, hash);
    if (words->slots[slot] != 0)
        return words->slots[slot] - 1;
    if (words->count >= INT32_MAX - 2) {
        sq_fail(SEQNN_ERROR_MEMORY, "words: more than %d distinct words",
                (int)INT32_MAX - 2);
        return -1;
    }
    void *memory = words->word;
    if (sq_grow(&memory, &words->capacity, words->count + 1, sizeof(sq_word)) != SEQNN_OK)
        return -1;
    words->word = (sq_word *)memory;
    const char *copy = sq_pool_copy(&words->pool, text, length);
    if (!copy)
        return -1;
    sq_word *word = &words->word[words->count++];
    word->text = copy;
    word->length = length;
    word->hash = hash;
    words->slots[slot] = (int32_t)words->count;
    return (int32_t)(words->count - 1);
}

SQ_LOCAL void sq_words_free(sq_words *words)
{
    sq_pool_free(&words->pool);
    sq_free(words->word);
    sq_free(words->slots);
    memset(words, 0, sizeof *words);
}
