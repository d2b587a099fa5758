#include "ngram.h"
#include "memory.h"

/* An n-gram is its context, an n-gram of one word less, and its last word: two numbers,
 * however long it is. Each length has a table of its own; the contexts of length m are
 * the n-grams in the table of length m. */
typedef struct sq_ngram_entry {
    int32_t context; /* in the table of the next shorter length */
    int32_t word;
    int32_t count; /* c(hw) */
} sq_ngram_entry;

/* What an n-gram is as a context h of longer ones. */
typedef struct sq_ngram_context {
    int32_t total;     /* c(h) = sum_w c(hw) */
    int32_t followers; /* K(h), different words behind it */
    int32_t before;    /* different words in front of it */
    int32_t ways;      /* sum of `before` over all hw */
} sq_ngram_context;

typedef struct sq_ngram_table {
    sq_ngram_entry *entry;     /* [count] */
    sq_ngram_context *context; /* [count], NULL for the longest n-grams */
    seqnn_size count, capacity, context_capacity;
    int32_t *slots; /* number + 1 of the entry that lies here; 0: free */
    seqnn_size slot_count;
} sq_ngram_table;

struct seqnn_ngram {
    seqnn_size n, vocabulary;
    int64_t words;
    sq_ngram_table table[SEQNN_NGRAM_MAX + 1]; /* [0] has one entry, the empty context */
};

/* The n-grams of every length that end at one place of a text: ends[m] is a number in the
 * table of length m, or -1 if there is none. */
typedef struct sq_ngram_place {
    int32_t ends[SEQNN_NGRAM_MAX + 1];
} sq_ngram_place;

/* ---- the tables ---- */

enum { SQ_NGRAM_FIRST_SLOTS = 64 };

static seqnn_size sq_ngram_hash(int32_t context, int32_t word)
{
    uint64_t hash = ((uint64_t)(uint32_t)context << 32 | (uint32_t)word);
    hash = (hash ^ hash >> 29) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 32) * 0xBF58476D1CE4E5B9u;
    return (seqnn_size)(hash >> 33);
}

/* The slot that holds the n-gram, or the free one where it belongs. */
static seqnn_size sq_ngram_slot(const sq_ngram_table *table, int32_t context,
                                int32_t word)
{
    seqnn_size mask = table->slot_count - 1, slot = sq_ngram_hash(context, word) & mask;
    while (table->slots[slot] != 0) {
        const sq_ngram_entry *entry = &table->entry[table->slots[slot] - 1];
        if (entry->word == word && entry->context == context)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* The number of an n-gram, or -1. */
static int32_t sq_ngram_find(const sq_ngram_table *table, int32_t context, int32_t word)
{
    if (context < 0 || table->count == 0)
        return -1;
    return table->slots[sq_ngram_slot(table, context, word)] - 1;
}

/* Doubles the slots. */
static seqnn_status sq_ngram_widen(sq_ngram_table *table)
{
    seqnn_size slot_count = sq_max(SQ_NGRAM_FIRST_SLOTS, table->slot_count * 2);
    int32_t *slots = (int32_t *)sq_allocate(slot_count, sizeof(int32_t));
    if (!slots)
        return SEQNN_ERROR_MEMORY;
    sq_free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    for (seqnn_size i = 0; i < table->count; i++) {
        const sq_ngram_entry *entry = &table->entry[i];
        slots[sq_ngram_slot(table, entry->context, entry->word)] = (int32_t)(i + 1);
    }
    return SEQNN_OK;
}

/* Room for one n-gram more, at most half of the slots being taken: adding cannot fail. */
static seqnn_status sq_ngram_reserve(sq_ngram_table *table, bool is_context)
{
    void *entry = table->entry, *context = table->context;
    if (sq_grow(&entry, &table->capacity, table->count + 1, sizeof(sq_ngram_entry)) !=
        SEQNN_OK)
        return SEQNN_ERROR_MEMORY;
    table->entry = (sq_ngram_entry *)entry;
    if (is_context && sq_grow(&context, &table->context_capacity, table->count + 1,
                              sizeof(sq_ngram_context)) != SEQNN_OK)
        return SEQNN_ERROR_MEMORY;
    table->context = (sq_ngram_context *)context;
    if (table->count >= table->slot_count / 2)
        return sq_ngram_widen(table);
    return SEQNN_OK;
}

/* The number of an n-gram, which is new if *is_new. */
static int32_t sq_ngram_add(sq_ngram_table *table, int32_t context, int32_t word,
                            bool *is_new)
{
    seqnn_size slot = sq_ngram_slot(table, context, word);
    *is_new = table->slots[slot] == 0;
    if (*is_new) {
        sq_ngram_entry *entry = &table->entry[table->count];
        entry->context = context;
        entry->word = word;
        entry->count = 0;
        if (table->context)
            memset(&table->context[table->count], 0, sizeof(sq_ngram_context));
        table->slots[slot] = (int32_t)++table->count;
    }
    return table->slots[slot] - 1;
}

/* ---- counting ---- */

static sq_ngram_place sq_ngram_beginning(void)
{
    sq_ngram_place place;
    for (seqnn_size m = 0; m <= SEQNN_NGRAM_MAX; m++)
        place.ends[m] = m == 0 ? 0 : -1;
    return place;
}

/* The n-gram of length m has one more word in front of it. */
static void sq_ngram_extend(seqnn_ngram *model, seqnn_size m, int32_t number)
{
    int32_t context = model->table[m].entry[number].context;
    model->table[m].context[number].before++;
    model->table[m - 1].context[context].ways++;
}

/* Counts the n-grams that end with this word. The beginning of a text is a word in front
 * of an n-gram that is new there, so that every one has something in front of it. */
static seqnn_status sq_ngram_count_word(seqnn_ngram *model, sq_ngram_place *place,
                                        int32_t word)
{
    sq_ngram_place here = sq_ngram_beginning();
    for (seqnn_size m = 1; m <= model->n; m++)
        if (sq_ngram_reserve(&model->table[m], m < model->n) != SEQNN_OK)
            return SEQNN_ERROR_MEMORY;
    for (seqnn_size m = 1; m <= model->n && place->ends[m - 1] >= 0; m++) {
        sq_ngram_table *table = &model->table[m];
        int32_t before = place->ends[m - 1];
        sq_ngram_context *context = &model->table[m - 1].context[before];
        bool is_new;
        here.ends[m] = sq_ngram_add(table, before, word, &is_new);
        table->entry[here.ends[m]].count++;
        context->total++;
        if (is_new) {
            context->followers++;
            if (m > 1)
                sq_ngram_extend(model, m - 1, here.ends[m - 1]);
            if (m < model->n && place->ends[m] < 0)
                sq_ngram_extend(model, m, here.ends[m]);
        }
    }
    model->words++;
    *place = here;
    return SEQNN_OK;
}

static seqnn_status sq_ngram_check_words(const seqnn_ngram *model, const int32_t *words,
                                         seqnn_size count)
{
    if (count < 0 || (count > 0 && !words))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "n-gram: %td words at %s, expected 0 or more", count,
                       words ? "an address" : "NULL");
    for (seqnn_size i = 0; i < count; i++)
        if (words[i] < 0 || words[i] >= model->vocabulary)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "n-gram: word %td has the number %d, expected 0 to %td", i,
                           (int)words[i], model->vocabulary - 1);
    return SEQNN_OK;
}

SEQNN_API seqnn_ngram *seqnn_ngram_new(seqnn_size n, seqnn_size vocabulary)
{
    if (n < 1 || n > SEQNN_NGRAM_MAX || vocabulary < 1 || vocabulary > INT32_MAX) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "n-gram: n %td and a vocabulary of %td; expected n from 1 to %d and a "
                "vocabulary from 1 to %d",
                n, vocabulary, (int)SEQNN_NGRAM_MAX, (int)INT32_MAX);
        return NULL;
    }
    seqnn_ngram *model = (seqnn_ngram *)sq_allocate(1, sizeof *model);
    if (!model)
        return NULL;
    model->n = n;
    model->vocabulary = vocabulary;
    bool is_new;
    if (sq_ngram_reserve(&model->table[0], true) != SEQNN_OK) {
        seqnn_ngram_free(model);
        return NULL;
    }
    sq_ngram_add(&model->table[0], 0, 0, &is_new);
    return model;
}

SEQNN_API seqnn_status seqnn_ngram_fit(seqnn_ngram *model, const int32_t *words,
                                       seqnn_size count)
{
    if (!model)
        return SEQNN_ERROR_ARGUMENT; /* what failed to make it has left its sentence */
    if (sq_ngram_check_words(model, words, count) != SEQNN_OK)
        return SEQNN_ERROR_ARGUMENT;
    sq_ngram_place place = sq_ngram_beginning();
    for (seqnn_size i = 0; i < count; i++) {
        if (model->words >= INT32_MAX - 1)
            return sq_fail(SEQNN_ERROR_MEMORY, "n-gram: more than %d words in all",
                           (int)INT32_MAX - 1);
        if (sq_ngram_count_word(model, &place, words[i]) != SEQNN_OK)
            return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

/* ---- asking ---- */

/* The options with their defaults; P is that of n-grams of length n. */
typedef struct sq_ngram_rule {
    seqnn_ngram_smoothing smoothing;
    seqnn_size n;
    double k, lambda, discount;
} sq_ngram_rule;

static seqnn_status sq_ngram_rule_of(const seqnn_ngram *model,
                                     const seqnn_ngram_options *options,
                                     sq_ngram_rule *rule)
{
    if (!model)
        return SEQNN_ERROR_ARGUMENT; /* what failed to make it has left its sentence */
    rule->smoothing = options->smoothing != SEQNN_SMOOTHING_DEFAULT ? options->smoothing
                                                                    : SEQNN_KNESER_NEY;
    rule->n = options->n != 0 ? options->n : model->n;
    rule->k = (double)sq_option(options->k, (seqnn_real)1);
    rule->lambda = (double)sq_option(options->lambda, (seqnn_real)0.75);
    rule->discount = (double)sq_option(options->discount, (seqnn_real)0.75);
    if ((int)rule->smoothing < 0 || rule->smoothing > SEQNN_KNESER_NEY)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "n-gram: smoothing %d, expected SEQNN_UNSMOOTHED to "
                       "SEQNN_KNESER_NEY",
                       (int)rule->smoothing);
    if (rule->n < 1 || rule->n > model->n)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "n-gram: n %td, expected 1 to the model's %td", rule->n, model->n);
    if (!(rule->k > 0 && rule->k < HUGE_VAL) || !(rule->lambda > 0 && rule->lambda < 1) ||
        !(rule->discount > 0 && rule->discount < 1))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "n-gram: k %g, lambda %g, discount %g; expected k above 0 and the "
                       "others between 0 and 1",
                       rule->k, rule->lambda, rule->discount);
    return SEQNN_OK;
}

/* The n-grams of at most n words behind `place` and this word. */
static sq_ngram_place sq_ngram_next(const seqnn_ngram *model, const sq_ngram_place *place,
                                    int32_t word, seqnn_size n)
{
    sq_ngram_place here = sq_ngram_beginning();
    for (seqnn_size m = 1; m <= n && place->ends[m - 1] >= 0; m++)
        here.ends[m] = sq_ngram_find(&model->table[m], place->ends[m - 1], word);
    return here;
}

/* The place behind a context, of which the last n - 1 words are read. */
static seqnn_status sq_ngram_behind(const seqnn_ngram *model, const int32_t *context,
                                    seqnn_size length, seqnn_size n,
                                    sq_ngram_place *place)
{
    seqnn_size read = sq_min(length, n - 1);
    const int32_t *words = context && length > read ? context + (length - read) : context;
    if (sq_ngram_check_words(model, words, read) != SEQNN_OK)
        return SEQNN_ERROR_ARGUMENT;
    *place = sq_ngram_beginning();
    for (seqnn_size i = 0; i < read; i++)
        *place = sq_ngram_next(model, place, words[i], n - 1);
    return SEQNN_OK;
}

/* P(w | h) without shorter contexts: h is the last `length` words, which end at `before`;
 * hw ends at `here`. */
static double sq_ngram_plain(const seqnn_ngram *model, const sq_ngram_place *before,
                             const sq_ngram_place *here, seqnn_size length, double k)
{
    double count = 0, total = 0;
    if (before->ends[length] >= 0)
        total = model->table[length].context[before->ends[length]].total;
    if (total > 0 && here->ends[length + 1] >= 0)
        count = model->table[length + 1].entry[here->ends[length + 1]].count;
    double of = total + k * (double)model->vocabulary;
    return of > 0 ? (count + k) / of : 0;
}

/* P(w | h) from P' = P(w | h'), for a context that was seen. */
static double sq_ngram_mixed(const seqnn_ngram *model, const sq_ngram_place *before,
                             const sq_ngram_place *here, seqnn_size length,
                             const sq_ngram_rule *rule, double shorter)
{
    const sq_ngram_context *context = &model->table[length].context[before->ends[length]];
    const sq_ngram_table *table = &model->table[length + 1];
    int32_t number = here->ends[length + 1];
    double count = number >= 0 ? table->entry[number].count : 0, total = context->total;
    double followers = context->followers, discount = rule->discount;
    if (rule->smoothing == SEQNN_INTERPOLATED)
        return rule->lambda * count / total + (1 - rule->lambda) * shorter;
    if (rule->smoothing == SEQNN_WITTEN_BELL)
        return (count + followers * shorter) / (total + followers);
    if (length + 1 < rule->n) { /* Kneser-Ney below the longest n-grams */
        count = number >= 0 ? table->context[number].before : 0;
        total = context->ways;
    }
    return ((count > discount ? count - discount : 0) + discount * followers * shorter) /
           total;
}

/* P(word | h), h being the context that ends at `before`, behind `position` words. */
static double sq_ngram_p(const seqnn_ngram *model, const sq_ngram_place *before,
                         const sq_ngram_place *here, seqnn_size position,
                         const sq_ngram_rule *rule)
{
    seqnn_size longest = sq_min(rule->n - 1, position);
    if (rule->smoothing == SEQNN_UNSMOOTHED)
        return sq_ngram_plain(model, before, here, longest, 0);
    if (rule->smoothing == SEQNN_ADD_K)
        return sq_ngram_plain(model, before, here, longest, rule->k);
    double p = 1 / (double)model->vocabulary;
    for (seqnn_size length = 0; length <= longest && before->ends[length] >= 0; length++)
        if (model->table[length].context[before->ends[length]].total > 0)
            p = sq_ngram_mixed(model, before, here, length, rule, p);
    return p;
}

SEQNN_API int64_t seqnn_ngram_occurrences(const seqnn_ngram *model, const int32_t *words,
                                          seqnn_size length)
{
    if (!model)
        return -1;
    if (length < 0 || length > model->n) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "n-gram: a length of %td, expected 0 to %td",
                length, model->n);
        return -1;
    }
    if (sq_ngram_check_words(model, words, length) != SEQNN_OK)
        return -1;
    if (length == 0)
        return model->words;
    int32_t number = 0;
    for (seqnn_size m = 1; m <= length; m++)
        number = sq_ngram_find(&model->table[m], number, words[m - 1]);
    return number >= 0 ? model->table[length].entry[number].count : 0;
}

SEQNN_API double seqnn_ngram_probability(const seqnn_ngram *model, const int32_t *context,
                                         seqnn_size length, int32_t word,
                                         seqnn_ngram_options options)
{
    sq_ngram_rule rule;
    sq_ngram_place before;
    if (sq_ngram_rule_of(model, &options, &rule) != SEQNN_OK ||
        sq_ngram_check_words(model, &word, 1) != SEQNN_OK ||
        sq_ngram_behind(model, context, length, rule.n, &before) != SEQNN_OK)
        return (double)NAN;
    sq_ngram_place here = sq_ngram_next(model, &before, word, rule.n);
    return sq_ngram_p(model, &before, &here, length, &rule);
}

SEQNN_API int32_t seqnn_ngram_sample(const seqnn_ngram *model, const int32_t *context,
                                     seqnn_size length, seqnn_random *random,
                                     seqnn_ngram_options options)
{
    sq_ngram_rule rule;
    sq_ngram_place before;
    if (sq_ngram_rule_of(model, &options, &rule) != SEQNN_OK ||
        sq_ngram_behind(model, context, length, rule.n, &before) != SEQNN_OK)
        return -1;
    if (!random) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "n-gram: no random numbers to draw a word with");
        return -1;
    }
    double u = seqnn_random_uniform(random), sum = 0;
    int32_t drawn = -1; /* the last word with a probability, if rounding leaves a rest */
    for (int32_t word = 0; word < model->vocabulary && sum <= u; word++) {
        sq_ngram_place here = sq_ngram_next(model, &before, word, rule.n);
        double p = sq_ngram_p(model, &before, &here, length, &rule);
        sum += p;
        drawn = p > 0 ? word : drawn;
    }
    if (drawn < 0)
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "n-gram: no word was ever seen behind the last %td; a smoothed model has "
                "one",
                sq_min(rule.n - 1, length));
    return drawn;
}

SEQNN_API seqnn_ngram_evaluation seqnn_ngram_evaluate(const seqnn_ngram *model,
                                                      const int32_t *words,
                                                      seqnn_size count,
                                                      seqnn_ngram_options options)
{
    seqnn_ngram_evaluation of;
    sq_ngram_rule rule;
    memset(&of, 0, sizeof of);
    of.loss = of.perplexity = of.unseen = (double)NAN;
    of.status = sq_ngram_rule_of(model, &options, &rule);
    if (of.status == SEQNN_OK)
        of.status = sq_ngram_check_words(model, words, count);
    if (of.status == SEQNN_OK && count < 1)
        of.status = sq_fail(SEQNN_ERROR_ARGUMENT, "n-gram: no words to foresee");
    if (of.status != SEQNN_OK)
        return of;
    sq_ngram_place before = sq_ngram_beginning();
    seqnn_size unseen = 0;
    double sum = 0;
    for (seqnn_size t = 0; t < count; t++) {
        sq_ngram_place here = sq_ngram_next(model, &before, words[t], rule.n);
        double p = sq_ngram_p(model, &before, &here, t, &rule);
        sum += log(p); /* of 0: minus infinity */
        of.impossible += p <= 0;
        unseen += t >= rule.n - 1 && here.ends[rule.n] < 0;
        before = here;
    }
    of.words = count;
    of.loss = -sum / (double)count;
    of.perplexity = exp(of.loss);
    of.unseen = count >= rule.n ? (double)unseen / (double)(count - rule.n + 1) : 0;
    return of;
}

SEQNN_API seqnn_size seqnn_ngram_different(const seqnn_ngram *model, seqnn_size length)
{
    if (!model)
        return -1;
    if (length < 0 || length > model->n) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "n-gram: a length of %td, expected 0 to %td",
                length, model->n);
        return -1;
    }
    seqnn_size all = 0;
    for (seqnn_size m = 1; m <= model->n; m++)
        all += model->table[m].count;
    return length > 0 ? model->table[length].count : all;
}

SEQNN_API seqnn_size seqnn_ngram_memory(const seqnn_ngram *model)
{
    if (!model)
        return 0;
    size_t bytes = sizeof *model;
    for (seqnn_size m = 0; m <= model->n; m++) {
        const sq_ngram_table *table = &model->table[m];
        bytes += (size_t)table->capacity * sizeof *table->entry +
                 (size_t)table->context_capacity * sizeof *table->context +
                 (size_t)table->slot_count * sizeof *table->slots;
    }
    return (seqnn_size)bytes;
}

SEQNN_API void seqnn_ngram_free(seqnn_ngram *model)
{
    if (!model)
        return;
    for (seqnn_size m = 0; m <= model->n; m++) {
        sq_free(model->table[m].entry);
        sq_free(model->table[m].context);
        sq_free(model->table[m].slots);
    }
    sq_free(model);
}
