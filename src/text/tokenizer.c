#include "tokenizer.h"
#include "sequences_build.h"
#include "tokenizer_lookup.h"
#include "tokenizer_table.h"
#include "unicode.h"

static const char sq_keras_filters[] = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

SEQNN_API seqnn_tokenizer *seqnn_tokenizer_new(seqnn_tokenizer_options options)
{
    const char *filters = options.filters ? options.filters : sq_keras_filters;
    if (options.num_words < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "tokenizer: num_words is %td, expected 0 (all) or more",
                options.num_words);
        return NULL;
    }
    for (const char *c = filters; *c; c++)
        if ((unsigned char)*c >= 0x80) {
            sq_fail(SEQNN_ERROR_ARGUMENT,
                    "tokenizer: byte 0x%02X among the filters, expected ASCII characters",
                    (unsigned)(unsigned char)*c);
            return NULL;
        }
    seqnn_tokenizer *t = (seqnn_tokenizer *)sq_allocate(1, sizeof(seqnn_tokenizer));
    if (!t)
        return NULL;
    t->num_words = options.num_words;
    t->keep_case = options.keep_case;
    t->char_level = options.char_level;
    for (const char *c = filters; *c; c++)
        t->filter[(unsigned char)*c] = true;
    if (options.oov_token) {
        t->oov_token = sq_copy_string(options.oov_token);
        if (!t->oov_token) {
            seqnn_tokenizer_free(t);
            return NULL;
        }
    }
    return t;
}

/* A text's words, or characters, one after the other: text is a copy that may be written
 * to. */
typedef struct sq_word_walk {
    char *text;
    seqnn_size length, at;
    bool char_level;
} sq_word_walk;

/* Copies a text into *scratch, lower-cased and filtered (characters are not filtered). */
static seqnn_status sq_walk_begin(const seqnn_tokenizer *t, const char *text,
                                  sq_word_walk *walk, void **scratch,
                                  seqnn_size *capacity)
{
    seqnn_size length = (seqnn_size)strlen(text);
    seqnn_status status = sq_grow(scratch, capacity, length + length / 2 + 1, 1);
    if (status != SEQNN_OK)
        return status;
    walk->text = (char *)*scratch;
    walk->at = 0;
    walk->char_level = t->char_level;
    if (t->keep_case)
        memcpy(walk->text, text, (size_t)length);
    else
        length = sq_lower(text, length, walk->text);
    walk->length = length;
    for (seqnn_size i = 0; i < length && !t->char_level; i++)
        if (t->filter[(unsigned char)walk->text[i]])
            walk->text[i] = ' ';
    return SEQNN_OK;
}

/* The next word, *size bytes long; NULL at the end. */
static const char *sq_walk_next(sq_word_walk *walk, seqnn_size *size)
{
    if (walk->char_level && walk->at < walk->length) {
        int32_t point;
        char *character = walk->text + walk->at;
        *size = sq_utf8_next(character, walk->length - walk->at, &point);
        walk->at += *size;
        return character;
    }
    while (walk->at < walk->length && walk->text[walk->at] == ' ')
        walk->at++;
    seqnn_size begin = walk->at;
    while (walk->at < walk->length && walk->text[walk->at] != ' ')
        walk->at++;
    *size = walk->at - begin;
    return *size > 0 ? walk->text + begin : NULL;
}

SQ_LOCAL seqnn_status sq_tokenizer_see(seqnn_tokenizer *t, const char *word,
                                       seqnn_size size, int64_t times)
{
    void *memory = t->count;
    seqnn_status status =
        sq_grow(&memory, &t->count_capacity, t->words.count + 1, sizeof(int64_t));
    if (status != SEQNN_OK)
        return status;
    t->count = (int64_t *)memory;
    seqnn_size known = t->words.count;
    int32_t number = sq_words_add(&t->words, word, size);
    if (number < 0)
        return SEQNN_ERROR_MEMORY;
    if (number >= known)
        t->count[number] = 0;
    t->count[number] += times;
    t->tokens += times;
    return SEQNN_OK;
}

static seqnn_status sq_tokenizer_count_text(seqnn_tokenizer *t, sq_word_walk *walk)
{
    seqnn_size size;
    seqnn_status status = SEQNN_OK;
    for (const char *word; !status && (word = sq_walk_next(walk, &size)) != NULL;)
        status = sq_tokenizer_see(t, word, size, 1);
    return status;
}

/* More frequent first, then by first appearance. */
static int sq_compare_counted(const void *a, const void *b)
{
    const sq_counted *x = (const sq_counted *)a, *y = (const sq_counted *)b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->word < y->word ? -1 : x->word > y->word;
}

SQ_LOCAL seqnn_status sq_tokenizer_rank(seqnn_tokenizer *t)
{
    sq_counted *order = (sq_counted *)sq_allocate(t->words.count, sizeof(sq_counted));
    int32_t *rank = (int32_t *)sq_allocate(t->words.count, sizeof(int32_t));
    if (!order || !rank) {
        sq_free(order);
        sq_free(rank);
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < t->words.count; i++) {
        order[i].count = t->count[i];
        order[i].word = (int32_t)i;
    }
    qsort(order, (size_t)t->words.count, sizeof(sq_counted), sq_compare_counted);
    for (seqnn_size i = 0; i < t->words.count; i++)
        rank[order[i].word] = (int32_t)i;
    sq_free(t->order);
    sq_free(t->rank);
    t->order = order;
    t->rank = rank;
    t->ranked = t->words.count;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_tokenizer_fit(seqnn_tokenizer *tokenizer,
                                           const char *const *texts, seqnn_size count)
{
    void *scratch = NULL;
    seqnn_size capacity = 0;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        sq_word_walk walk = {NULL, 0, 0, false};
        status = sq_walk_begin(tokenizer, texts[i], &walk, &scratch, &capacity);
        if (status == SEQNN_OK)
            status = sq_tokenizer_count_text(tokenizer, &walk);
    }
    sq_free(scratch);
    seqnn_status ranked = sq_tokenizer_rank(tokenizer);
    return status != SEQNN_OK ? status : ranked;
}

/* The number of the most frequent word. */
static seqnn_size sq_first_number(const seqnn_tokenizer *t)
{
    return t->oov_token ? 2 : 1;
}

SQ_LOCAL int32_t sq_tokenizer_number(const seqnn_tokenizer *t, const char *word,
                                     seqnn_size size)
{
    int32_t known = sq_words_find(&t->words, word, size);
    if (known >= 0 && known < t->ranked) {
        seqnn_size number = t->rank[known] + sq_first_number(t);
        if (t->num_words == 0 || number < t->num_words)
            return (int32_t)number;
    }
    return t->oov_token ? 1 : 0;
}

SEQNN_API seqnn_token_sequences *
seqnn_tokenizer_sequences(const seqnn_tokenizer *tokenizer, const char *const *texts,
                          seqnn_size count)
{
    seqnn_token_sequences *sequences = sq_sequences_new(count);
    if (!sequences)
        return NULL;
    void *scratch = NULL;
    seqnn_size capacity = 0, size;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        sq_word_walk walk = {NULL, 0, 0, false};
        status = sq_walk_begin(tokenizer, texts[i], &walk, &scratch, &capacity);
        const char *word;
        while (status == SEQNN_OK && (word = sq_walk_next(&walk, &size)) != NULL) {
            int32_t number = sq_tokenizer_number(tokenizer, word, size);
            if (number > 0)
                status = sq_sequences_push(sequences, number);
        }
        if (status == SEQNN_OK)
            sq_sequences_end(sequences);
    }
    sq_free(scratch);
    if (status != SEQNN_OK) {
        seqnn_token_sequences_free(sequences);
        return NULL;
    }
    return sequences;
}

SEQNN_API seqnn_size seqnn_tokenizer_vocabulary(const seqnn_tokenizer *tokenizer)
{
    seqnn_size all = tokenizer->ranked + sq_first_number(tokenizer);
    return tokenizer->num_words > 0 ? sq_min(all, sq_max(tokenizer->num_words, 2)) : all;
}

SEQNN_API seqnn_size seqnn_tokenizer_words(const seqnn_tokenizer *tokenizer)
{
    return tokenizer->ranked;
}

SEQNN_API int64_t seqnn_tokenizer_tokens(const seqnn_tokenizer *tokenizer)
{
    return tokenizer->tokens;
}

SEQNN_API int32_t seqnn_tokenizer_index(const seqnn_tokenizer *tokenizer,
                                        const char *word)
{
    return sq_tokenizer_number(tokenizer, word, (seqnn_size)strlen(word));
}

/* The word of a number, NULL where there is none. */
static const sq_counted *sq_tokenizer_at(const seqnn_tokenizer *t, seqnn_size index)
{
    index -= sq_first_number(t);
    return index >= 0 && index < t->ranked ? &t->order[index] : NULL;
}

SEQNN_API const char *seqnn_tokenizer_word(const seqnn_tokenizer *tokenizer,
                                           seqnn_size index)
{
    const sq_counted *at = sq_tokenizer_at(tokenizer, index);
    if (at)
        return tokenizer->words.word[at->word].text;
    return index == 1 ? tokenizer->oov_token : NULL;
}

SEQNN_API int64_t seqnn_tokenizer_count(const seqnn_tokenizer *tokenizer,
                                        seqnn_size index)
{
    const sq_counted *at = sq_tokenizer_at(tokenizer, index);
    return at ? at->count : 0;
}

SEQNN_API void seqnn_tokenizer_free(seqnn_tokenizer *tokenizer)
{
    if (!tokenizer)
        return;
    sq_words_free(&tokenizer->words);
    sq_free(tokenizer->oov_token);
    sq_free(tokenizer->count);
    sq_free(tokenizer->order);
    sq_free(tokenizer->rank);
    sq_free(tokenizer);
}
