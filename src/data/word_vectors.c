#include "word_vectors.h"
#include "tokenizer_lookup.h"
#include "vector_file.h"
#include "word_vectors_build.h"
#include "words.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_word_vectors {
    seqnn_word_vectors public_part;
    sq_words words;
    const char **word;
    seqnn_real *values;
    seqnn_size value_capacity; /* in vectors */
} sq_word_vectors;

static seqnn_status sq_vectors_add(sq_word_vectors *v, const sq_vector_file *file)
{
    seqnn_word_vectors *vectors = &v->public_part;
    vectors->dimension = file->dimension;
    void *memory = v->values;
    seqnn_status status = sq_grow(&memory, &v->value_capacity, vectors->count + 1,
                                  (size_t)vectors->dimension * sizeof(seqnn_real));
    if (status != SEQNN_OK)
        return status;
    v->values = (seqnn_real *)memory;
    status = sq_vector_file_values(file, v->values + vectors->count * vectors->dimension);
    if (status != SEQNN_OK)
        return status;
    int32_t number = sq_words_add(&v->words, file->word, file->length);
    vectors->count = v->words.count; /* a repeated word's vector is written over */
    return number < 0 ? SEQNN_ERROR_MEMORY : SEQNN_OK;
}

static seqnn_status sq_vectors_read_all(sq_word_vectors *v, sq_vector_file *file)
{
    seqnn_status status;
    while ((status = sq_vector_file_next(file)) == SEQNN_OK && file->word) {
        status = sq_vectors_add(v, file);
        if (status != SEQNN_OK)
            return status;
    }
    return status;
}

/* Fills the public members. */
static seqnn_status sq_vectors_show(sq_word_vectors *v)
{
    v->word = (const char **)sq_allocate(v->words.count, sizeof(char *));
    if (!v->word)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < v->words.count; i++)
        v->word[i] = v->words.word[i].text;
    v->public_part.word = v->word;
    v->public_part.values = v->values;
    return SEQNN_OK;
}

SEQNN_API seqnn_word_vectors *seqnn_word_vectors_read(const char *path)
{
    if (!path)
        return NULL; /* what should have found it has left its sentence */
    sq_word_vectors *v = (sq_word_vectors *)sq_allocate(1, sizeof(sq_word_vectors));
    if (!v)
        return NULL;
    sq_vector_file file;
    seqnn_status status = sq_vector_file_open(&file, path);
    if (status == SEQNN_OK)
        status = sq_vectors_read_all(v, &file);
    sq_vector_file_close(&file);
    if (status == SEQNN_OK)
        status = sq_vectors_show(v);
    if (status == SEQNN_OK)
        return &v->public_part;
    seqnn_word_vectors_free(&v->public_part);
    return NULL;
}

static seqnn_status sq_vectors_name(sq_word_vectors *v, const char *const *word,
                                    seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++) {
        int32_t number = sq_words_add(&v->words, word[i], (seqnn_size)strlen(word[i]));
        if (number < 0)
            return SEQNN_ERROR_MEMORY;
        if (number < i)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "word vectors: word %td is '%.40s', which is word %d already",
                           i, word[i], (int)number);
    }
    return sq_vectors_show(v);
}

SQ_LOCAL seqnn_word_vectors *sq_word_vectors_build(const char *const *word,
                                                   seqnn_size count, seqnn_size dimension,
                                                   seqnn_real *values)
{
    if (!word || !values || count < 1 || count > SQ_MOST_VECTORS || dimension < 1) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "word vectors: %td words with %td numbers each, expected 1 to %d words "
                "with their numbers",
                count, dimension, (int)SQ_MOST_VECTORS);
        return NULL;
    }
    sq_word_vectors *v = (sq_word_vectors *)sq_allocate(1, sizeof(sq_word_vectors));
    if (!v)
        return NULL;
    if (sq_vectors_name(v, word, count) != SEQNN_OK) {
        seqnn_word_vectors_free(&v->public_part);
        return NULL;
    }
    v->values = values;
    v->public_part.values = values;
    v->public_part.count = count;
    v->public_part.dimension = dimension;
    return &v->public_part;
}

SEQNN_API const seqnn_real *seqnn_word_vectors_find(const seqnn_word_vectors *vectors,
                                                    const char *word)
{
    const sq_word_vectors *v = (const sq_word_vectors *)vectors;
    int32_t number = sq_words_find(&v->words, word, (seqnn_size)strlen(word));
    return number < 0 ? NULL : vectors->values + number * vectors->dimension;
}

SEQNN_API void seqnn_word_vectors_free(seqnn_word_vectors *vectors)
{
    if (!vectors)
        return;
    sq_word_vectors *v = (sq_word_vectors *)vectors;
    sq_words_free(&v->words);
    sq_free((void *)v->word);
    sq_free(v->values);
    sq_free(v);
}

/* Reads the vectors of the tokenizer's words; seen marks the rows that have theirs. */
static seqnn_status sq_vectors_cover(const seqnn_tokenizer *tokenizer,
                                     sq_vector_file *file, seqnn_real *table,
                                     seqnn_size dimension, bool *seen,
                                     seqnn_coverage *coverage)
{
    seqnn_status status;
    while ((status = sq_vector_file_next(file)) == SEQNN_OK && file->word) {
        int32_t row = sq_tokenizer_number(tokenizer, file->word, file->length);
        /* Unknown, the oov_token that stands for it, or covered before? */
        bool wanted = row > 0 && seqnn_tokenizer_count(tokenizer, row) > 0 && !seen[row];
        if (!wanted || file->dimension != dimension)
            status = sq_vector_file_check(file, dimension);
        else
            status = sq_vector_file_values(file, table + row * dimension);
        if (status != SEQNN_OK)
            return status;
        if (!wanted)
            continue;
        seen[row] = true;
        coverage->words_covered++;
        coverage->tokens_covered += seqnn_tokenizer_count(tokenizer, row);
    }
    return status;
}

SEQNN_API seqnn_coverage seqnn_word_vectors_into(const seqnn_tokenizer *tokenizer,
                                                 const char *path, seqnn_real *table,
                                                 seqnn_size dimension)
{
    seqnn_coverage coverage;
    memset(&coverage, 0, sizeof coverage);
    if (!tokenizer || !path || !table || dimension < 1) {
        coverage.status = sq_fail(SEQNN_ERROR_ARGUMENT,
                                  "word vectors: expected a tokenizer, a path, a table "
                                  "and a dimension of at least 1");
        return coverage;
    }
    seqnn_size vocabulary = seqnn_tokenizer_vocabulary(tokenizer);
    for (seqnn_size i = 1; i < vocabulary; i++) {
        int64_t count = seqnn_tokenizer_count(tokenizer, i);
        coverage.words += count > 0;
        coverage.tokens += count;
    }
    bool *seen = (bool *)sq_allocate(vocabulary, sizeof(bool));
    coverage.status = SEQNN_ERROR_MEMORY;
    if (!seen)
        return coverage;
    sq_vector_file file;
    coverage.status = sq_vector_file_open(&file, path);
    if (coverage.status == SEQNN_OK)
        coverage.status =
            sq_vectors_cover(tokenizer, &file, table, dimension, seen, &coverage);
    sq_vector_file_close(&file);
    sq_free(seen);
    return coverage;
}
