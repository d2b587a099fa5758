#include "vocabulary.h"

#ifdef SEQNN_WORDS

enum { SQ_FIRST_WORD_SLOTS = 1 << 12 };

/* Eight bytes, the first one lowest; compilers make one load of it. */
static inline uint64_t sq_load_bytes(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    return (uint64_t)byte[0] | (uint64_t)byte[1] << 8 | (uint64_t)byte[2] << 16 |
           (uint64_t)byte[3] << 24 | (uint64_t)byte[4] << 32 | (uint64_t)byte[5] << 40 |
           (uint64_t)byte[6] << 48 | (uint64_t)byte[7] << 56;
}

/* Eight bytes at a time, each multiplied in and folded down; the high half of a last
 * product is the hash, since every byte has come there. */
SQ_LOCAL sq_token sq_token_of(const char *text, seqnn_size length)
{
    sq_token token;
    uint64_t hash = 0, bytes;
    for (seqnn_size i = 0; i + 8 < length; i += 8) {
        hash = (hash ^ sq_load_bytes(text + i)) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    seqnn_size rest = (length - 1) & 7; /* one byte less than are left */
    bytes = sq_load_bytes(text + length - 1 - rest) & ~(uint64_t)0 >> (56 - 8 * rest);
    hash = (hash ^ bytes) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9u;
    token.text = text;
    token.first = length <= 8 ? bytes : sq_load_bytes(text);
    token.hash = (uint32_t)(hash >> 32);
    token.length = (int32_t)length;
    return token;
}

/* A table of slot_count slots with words 0 .. count - 1 in it. */
static sq_vocabulary_slot *sq_new_slots(const sq_counted_word *word, seqnn_size count,
                                        seqnn_size slot_count)
{
    sq_vocabulary_slot *slot =
        (sq_vocabulary_slot *)sq_allocate(slot_count, sizeof(sq_vocabulary_slot));
    if (!slot)
        return NULL;
    for (seqnn_size i = 0; i < slot_count; i++)
        slot[i].number = -1;
    for (seqnn_size i = 0; i < count; i++) {
        const sq_token *token = &word[i].token;
        seqnn_size at = (seqnn_size)token->hash & (slot_count - 1);
        while (slot[at].number >= 0)
            at = (at + 1) & (slot_count - 1);
        slot[at].first = token->first;
        slot[at].hash = token->hash;
        slot[at].number = (int32_t)i;
    }
    return slot;
}

static seqnn_status sq_word_counts_widen(sq_word_counts *counts)
{
    seqnn_size slot_count = sq_max(SQ_FIRST_WORD_SLOTS, counts->slot_count * 2);
    sq_vocabulary_slot *slot = sq_new_slots(counts->word, counts->count, slot_count);
    if (!slot)
        return SEQNN_ERROR_MEMORY;
    sq_free(counts->slot);
    counts->slot = slot;
    counts->slot_count = slot_count;
    return SEQNN_OK;
}

static seqnn_status sq_word_counts_new_word(sq_word_counts *counts, const sq_token *token,
                                            sq_vocabulary_slot *slot)
{
    if (counts->count >= INT32_MAX - 2)
        return sq_fail(SEQNN_ERROR_MEMORY, "corpus: more than %d different words",
                       (int)INT32_MAX - 2);
    void *memory = counts->word;
    if (sq_grow(&memory, &counts->capacity, counts->count + 1, sizeof(sq_counted_word)) !=
        SEQNN_OK)
        return SEQNN_ERROR_MEMORY;
    counts->word = (sq_counted_word *)memory;
    const char *copy = sq_pool_copy(&counts->pool, token->text, token->length);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    sq_counted_word *word = &counts->word[counts->count];
    word->token = *token;
    word->token.text = copy;
    word->occurrences = 1;
    slot->first = token->first;
    slot->hash = token->hash;
    slot->number = (int32_t)counts->count++;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_word_counts_add(sq_word_counts *counts, const sq_token *token)
{
    if (counts->count >= counts->slot_count / 2) {
        seqnn_status status = sq_word_counts_widen(counts);
        if (status != SEQNN_OK)
            return status;
    }
    const seqnn_size mask = counts->slot_count - 1;
    for (seqnn_size i = (seqnn_size)token->hash & mask;; i = (i + 1) & mask) {
        sq_vocabulary_slot *slot = &counts->slot[i];
        if (slot->number < 0)
            return sq_word_counts_new_word(counts, token, slot);
        if (slot->hash != token->hash || slot->first != token->first)
            continue;
        sq_counted_word *word = &counts->word[slot->number];
        if (word->token.length == token->length &&
            memcmp(word->token.text, token->text, (size_t)token->length) == 0) {
            word->occurrences++;
            return SEQNN_OK;
        }
    }
}

SQ_LOCAL void sq_word_counts_free(sq_word_counts *counts)
{
    sq_free(counts->word);
    sq_free(counts->slot);
    sq_pool_free(&counts->pool);
    memset(counts, 0, sizeof *counts);
}

/* Where a word came first: words lie in that order. */
static int sq_by_falling_count(const void *a, const void *b)
{
    const sq_counted_word *x = *(const sq_counted_word *const *)a;
    const sq_counted_word *y = *(const sq_counted_word *const *)b;
    if (x->occurrences != y->occurrences)
        return x->occurrences > y->occurrences ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The words order[0..count) and the table of them. */
static seqnn_status sq_vocabulary_fill(sq_vocabulary *vocabulary,
                                       const sq_counted_word *const *order,
                                       seqnn_size count)
{
    vocabulary->words = (const char **)sq_allocate(count, sizeof(char *));
    vocabulary->length = (seqnn_size *)sq_allocate(count, sizeof(seqnn_size));
    vocabulary->occurrences = (int64_t *)sq_allocate(count, sizeof(int64_t));
    sq_counted_word *word =
        (sq_counted_word *)sq_allocate(count, sizeof(sq_counted_word));
    bool room =
        vocabulary->words && vocabulary->length && vocabulary->occurrences && word;
    vocabulary->word = vocabulary->words;
    vocabulary->count = count;
    for (seqnn_size i = 0; i < count && room; i++) {
        word[i] = *order[i];
        const sq_token *token = &word[i].token;
        vocabulary->words[i] =
            sq_pool_copy(&vocabulary->pool, token->text, token->length);
        room = vocabulary->words[i] != NULL;
        vocabulary->length[i] = token->length;
        vocabulary->occurrences[i] = word[i].occurrences;
        vocabulary->kept_words += word[i].occurrences;
    }
    for (vocabulary->slot_count = 4; vocabulary->slot_count < 2 * count;)
        vocabulary->slot_count *= 2;
    if (room)
        vocabulary->slot = sq_new_slots(word, count, vocabulary->slot_count);
    sq_free(word);
    return vocabulary->slot ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

static seqnn_status sq_fail_vocabulary(const sq_word_counts *counts, seqnn_size kept,
                                       seqnn_size min_count, const char *name)
{
    if (counts->count == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the corpus is empty, expected words",
                       name);
    const sq_counted_word *most = counts->word;
    for (seqnn_size i = 0; i < counts->count; i++)
        if (counts->word[i].occurrences > most->occurrences)
            most = &counts->word[i];
    if (counts->count == 1)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: the corpus has one word only, '%.100s', %lld times; expected "
                       "at least two different ones",
                       name, most->token.text, (long long)most->occurrences);
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s: %td of %td different words come min_count = %td times or more, "
                   "expected at least two; the most frequent, '%.100s', comes %lld times",
                   name, kept, counts->count, min_count, most->token.text,
                   (long long)most->occurrences);
}

SQ_LOCAL seqnn_status sq_vocabulary_new(sq_vocabulary *vocabulary,
                                        const sq_word_counts *counts,
                                        seqnn_size min_count, seqnn_size max_words,
                                        const char *name)
{
    memset(vocabulary, 0, sizeof *vocabulary);
    seqnn_size kept = 0;
    for (seqnn_size i = 0; i < counts->count; i++) {
        vocabulary->corpus_words += counts->word[i].occurrences;
        kept += counts->word[i].occurrences >= min_count;
    }
    if (kept < 2)
        return sq_fail_vocabulary(counts, kept, min_count, name);
    if (max_words == 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: max_words is 1, expected 0 (all) or at least 2", name);
    const sq_counted_word **order =
        (const sq_counted_word **)sq_allocate(kept, sizeof(sq_counted_word *));
    if (!order)
        return SEQNN_ERROR_MEMORY;
    kept = 0;
    for (seqnn_size i = 0; i < counts->count; i++)
        if (counts->word[i].occurrences >= min_count)
            order[kept++] = &counts->word[i];
    qsort((void *)order, (size_t)kept, sizeof *order, sq_by_falling_count);
    seqnn_status status = sq_vocabulary_fill(
        vocabulary, order, max_words > 0 ? sq_min(kept, max_words) : kept);
    sq_free((void *)order);
    return status;
}

SQ_LOCAL void sq_vocabulary_free(sq_vocabulary *vocabulary)
{
    sq_pool_free(&vocabulary->pool);
    sq_free((void *)vocabulary->words);
    sq_free(vocabulary->length);
    sq_free(vocabulary->occurrences);
    sq_free(vocabulary->slot);
    memset(vocabulary, 0, sizeof *vocabulary);
}

#endif
