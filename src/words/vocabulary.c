#include "vocabulary.h"

#ifdef SEQNN_WORDS

enum { SQ_FIRST_WORD_SLOTS = 1 << 12 };

SQ_LOCAL sq_token sq_token_of(const char *text, seqnn_size length)
{
    sq_token token;
    uint64_t hash = 0;
    const seqnn_size last = (length - 1) / 8 * 8; /* where the last eight bytes begin */
    for (seqnn_size i = 0; i < last; i += 8)
        hash = sq_hash_bytes(hash, sq_load_bytes(text + i));
    uint64_t bytes = sq_load_bytes(text + last);
    bytes &= ~(uint64_t)0 >> (64 - 8 * (length - last));
    token.text = text;
    token.first = length <= 8 ? bytes : sq_load_bytes(text);
    token.hash = sq_hash_end(sq_hash_bytes(hash, bytes));
    token.length = (int32_t)length;
    return token;
}

/* ---- counting ---- */

/* So many free slots; NULL without memory. */
static sq_vocabulary_slot *sq_free_slots(seqnn_size slot_count)
{
    sq_vocabulary_slot *slot =
        (sq_vocabulary_slot *)sq_allocate(slot_count, sizeof(sq_vocabulary_slot));
    for (seqnn_size i = 0; slot && i < slot_count; i++)
        slot[i].number = -1;
    return slot;
}

/* Puts a taken slot of another table, whose words are others, into this one. */
static void sq_take_slot(sq_vocabulary *vocabulary, const sq_vocabulary_slot *taken,
                         int32_t number)
{
    const seqnn_size mask = vocabulary->slot_count - 1;
    seqnn_size at = (seqnn_size)taken->hash & mask;
    while (vocabulary->slot[at].number >= 0)
        at = (at + 1) & mask;
    vocabulary->slot[at] = *taken;
    vocabulary->slot[at].number = number;
}

/* Doubles the slots, so that at most half of them are taken. */
static seqnn_status sq_word_counts_widen(sq_vocabulary *all)
{
    sq_vocabulary old = *all;
    all->slot_count = sq_max(SQ_FIRST_WORD_SLOTS, old.slot_count * 2);
    all->slot = sq_free_slots(all->slot_count);
    if (!all->slot) {
        *all = old;
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < old.slot_count; i++)
        if (old.slot[i].number >= 0)
            sq_take_slot(all, &old.slot[i], old.slot[i].number);
    sq_free(old.slot);
    return SEQNN_OK;
}

static seqnn_status sq_word_counts_new_word(sq_word_counts *counts, const sq_token *token,
                                            sq_vocabulary_slot *slot)
{
    sq_vocabulary *all = &counts->all;
    const seqnn_size needed = all->count + 1;
    if (needed > INT32_MAX - 2)
        return sq_fail(SEQNN_ERROR_MEMORY, "corpus: more than %d different words",
                       (int)INT32_MAX - 2);
    void *words = (void *)all->words, *length = all->length;
    void *occurrences = all->occurrences;
    seqnn_status status = sq_grow(&words, &counts->capacity, needed, sizeof(char *));
    all->words = (const char **)words;
    if (status == SEQNN_OK)
        status = sq_grow(&length, &counts->length_capacity, needed, sizeof(uint16_t));
    all->length = (uint16_t *)length;
    if (status == SEQNN_OK)
        status =
            sq_grow(&occurrences, &counts->occurrence_capacity, needed, sizeof(int64_t));
    all->occurrences = (int64_t *)occurrences;
    const char *copy =
        status == SEQNN_OK ? sq_pool_copy(&all->pool, token->text, token->length) : NULL;
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    slot->first = token->first;
    slot->hash = token->hash;
    slot->number = (int32_t)all->count;
    all->words[all->count] = copy;
    all->length[all->count] = (uint16_t)token->length;
    all->occurrences[all->count++] = 0;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_word_counts_add(sq_word_counts *counts, const sq_token *token,
                                         seqnn_size count)
{
    sq_vocabulary *all = &counts->all;
    seqnn_status status = SEQNN_OK;
    while (all->count + count > all->slot_count / 2 && status == SEQNN_OK)
        status = sq_word_counts_widen(all);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++)
        SQ_PREFETCH(&all->slot[(seqnn_size)token[i].hash & (all->slot_count - 1)]);
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        if (token[i].length == 0) {
            all->lines++;
            continue;
        }
        sq_vocabulary_slot *slot = sq_vocabulary_slot_of(all, &token[i]);
        if (slot->number < 0)
            status = sq_word_counts_new_word(counts, &token[i], slot);
        if (status == SEQNN_OK)
            all->occurrences[slot->number]++;
    }
    return status;
}

SQ_LOCAL void sq_word_counts_free(sq_word_counts *counts)
{
    sq_vocabulary_free(&counts->all);
    memset(counts, 0, sizeof *counts);
}

/* ---- the words that are kept ---- */

typedef struct sq_ranked_word {
    int64_t occurrences;
    int32_t number; /* by first places */
} sq_ranked_word;

static int sq_by_falling_count(const void *a, const void *b)
{
    const sq_ranked_word *x = (const sq_ranked_word *)a, *y = (const sq_ranked_word *)b;
    if (x->occurrences != y->occurrences)
        return x->occurrences > y->occurrences ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

/* The words rank[0..count) of all; place [all->count] is for their new numbers. */
static seqnn_status sq_vocabulary_fill(sq_vocabulary *vocabulary,
                                       const sq_vocabulary *all,
                                       const sq_ranked_word *rank, seqnn_size count,
                                       int32_t *place)
{
    vocabulary->count = count;
    vocabulary->words = (const char **)sq_allocate(count, sizeof(char *));
    vocabulary->length = (uint16_t *)sq_allocate(count, sizeof(uint16_t));
    vocabulary->occurrences = (int64_t *)sq_allocate(count, sizeof(int64_t));
    /* For the epochs fewer slots than for counting: at most two in three are taken. */
    for (vocabulary->slot_count = 4; vocabulary->slot_count < count + count / 2;)
        vocabulary->slot_count *= 2;
    vocabulary->slot = sq_free_slots(vocabulary->slot_count);
    vocabulary->word = vocabulary->words;
    if (!vocabulary->words || !vocabulary->length || !vocabulary->occurrences ||
        !vocabulary->slot)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < all->count; i++)
        place[i] = -1;
    for (seqnn_size i = 0; i < count; i++) {
        const int32_t number = rank[i].number;
        place[number] = (int32_t)i;
        vocabulary->length[i] = all->length[number];
        vocabulary->occurrences[i] = rank[i].occurrences;
        vocabulary->kept_words += rank[i].occurrences;
        vocabulary->words[i] =
            sq_pool_copy(&vocabulary->pool, all->words[number], all->length[number]);
        if (!vocabulary->words[i])
            return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < all->slot_count; i++)
        if (all->slot[i].number >= 0 && place[all->slot[i].number] >= 0)
            sq_take_slot(vocabulary, &all->slot[i], place[all->slot[i].number]);
    return SEQNN_OK;
}

static seqnn_status sq_fail_vocabulary(const sq_vocabulary *all, seqnn_size kept,
                                       seqnn_size min_count, const char *name)
{
    if (all->count == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the corpus is empty, expected words",
                       name);
    seqnn_size most = 0;
    for (seqnn_size i = 1; i < all->count; i++)
        if (all->occurrences[i] > all->occurrences[most])
            most = i;
    const char *word = all->words[most];
    const long long times = (long long)all->occurrences[most];
    if (all->count == 1)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: the corpus has one word only, '%.100s', %lld times; expected "
                       "at least two different ones",
                       name, word, times);
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s: %td of %td different words come min_count = %td times or more, "
                   "expected at least two; the most frequent, '%.100s', comes %lld times",
                   name, kept, all->count, min_count, word, times);
}

SQ_LOCAL seqnn_status sq_vocabulary_new(sq_vocabulary *vocabulary,
                                        const sq_word_counts *counts,
                                        seqnn_size min_count, seqnn_size max_words,
                                        const char *name)
{
    const sq_vocabulary *all = &counts->all;
    memset(vocabulary, 0, sizeof *vocabulary);
    vocabulary->lines = all->lines;
    seqnn_size kept = 0;
    for (seqnn_size i = 0; i < all->count; i++) {
        vocabulary->corpus_words += all->occurrences[i];
        kept += all->occurrences[i] >= min_count;
    }
    if (kept < 2)
        return sq_fail_vocabulary(all, kept, min_count, name);
    if (max_words == 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: max_words is 1, expected 0 (all) or at least 2", name);
    sq_ranked_word *rank = (sq_ranked_word *)sq_allocate(kept, sizeof(sq_ranked_word));
    int32_t *place = (int32_t *)sq_allocate(all->count, sizeof(int32_t));
    seqnn_status status = SEQNN_ERROR_MEMORY;
    if (rank && place) {
        kept = 0;
        for (seqnn_size i = 0; i < all->count; i++)
            if (all->occurrences[i] >= min_count) {
                rank[kept].occurrences = all->occurrences[i];
                rank[kept++].number = (int32_t)i;
            }
        qsort(rank, (size_t)kept, sizeof *rank, sq_by_falling_count);
        status = sq_vocabulary_fill(
            vocabulary, all, rank, max_words > 0 ? sq_min(kept, max_words) : kept, place);
    }
    sq_free(rank);
    sq_free(place);
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
