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
    int32_t number =
        v && word ? sq_words_find(&v->words, word, (seqnn_size)strlen(word)) : -1;
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

/* ---- into the table of an embedding ---- */

typedef struct sq_cover {
    const seqnn_tokenizer *tokenizer;
    seqnn_real *table; /* [vocabulary, dimension] */
    seqnn_size dimension;
    bool *seen; /* [vocabulary]: rows that have their vector */
    seqnn_coverage coverage;
} sq_cover;

/* Counts the words. seen is to be freed in any case. */
static seqnn_status sq_cover_begin(sq_cover *cover, const seqnn_tokenizer *tokenizer,
                                   seqnn_real *table, seqnn_size dimension)
{
    memset(cover, 0, sizeof *cover);
    if (!tokenizer)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word vectors: no tokenizer, expected one that knows its words");
    if (!table || dimension < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word vectors: %s of dimension %td, expected one of at least 1",
                       table ? "a table" : "no table", dimension);
    cover->tokenizer = tokenizer;
    cover->table = table;
    cover->dimension = dimension;
    seqnn_size vocabulary = seqnn_tokenizer_vocabulary(tokenizer);
    for (seqnn_size i = 1; i < vocabulary; i++) {
        int64_t count = seqnn_tokenizer_count(tokenizer, i);
        cover->coverage.words += count > 0;
        cover->coverage.tokens += count;
    }
    cover->seen = (bool *)sq_allocate(vocabulary, sizeof(bool));
    return cover->seen ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

/* The row that waits for the vector of this word; NULL: it is unknown, the oov_token, or
 * has its vector. */
static seqnn_real *sq_cover_row(const sq_cover *cover, const char *word,
                                seqnn_size length, int32_t *row)
{
    *row = sq_tokenizer_number(cover->tokenizer, word, length);
    bool wanted = *row > 0 && seqnn_tokenizer_count(cover->tokenizer, *row) > 0 &&
                  !cover->seen[*row];
    return wanted ? cover->table + *row * cover->dimension : NULL;
}

static void sq_cover_done(sq_cover *cover, int32_t row)
{
    cover->seen[row] = true;
    cover->coverage.words_covered++;
    cover->coverage.tokens_covered += seqnn_tokenizer_count(cover->tokenizer, row);
}

static seqnn_coverage sq_cover_end(sq_cover *cover, seqnn_status status)
{
    sq_free(cover->seen);
    cover->coverage.status = status;
    return cover->coverage;
}

/* From a file, of which only the vectors of the tokenizer's words are read. */
static seqnn_status sq_cover_from_file(sq_cover *cover, sq_vector_file *file)
{
    seqnn_status status;
    while ((status = sq_vector_file_next(file)) == SEQNN_OK && file->word) {
        int32_t row;
        seqnn_real *values = sq_cover_row(cover, file->word, file->length, &row);
        if (!values || file->dimension != cover->dimension)
            status = sq_vector_file_check(file, cover->dimension);
        else
            status = sq_vector_file_values(file, values);
        if (status != SEQNN_OK)
            return status;
        if (values)
            sq_cover_done(cover, row);
    }
    return status;
}

SEQNN_API seqnn_coverage seqnn_word_vectors_into(const seqnn_tokenizer *tokenizer,
                                                 const char *path, seqnn_real *table,
                                                 seqnn_size dimension)
{
    sq_cover cover;
    sq_vector_file file;
    seqnn_status status = sq_cover_begin(&cover, tokenizer, table, dimension);
    if (status == SEQNN_OK) {
        status = sq_vector_file_open(&file, path);
        if (status == SEQNN_OK)
            status = sq_cover_from_file(&cover, &file);
        sq_vector_file_close(&file);
    }
    return sq_cover_end(&cover, status);
}

static seqnn_status sq_cover_from_memory(sq_cover *cover,
                                         const seqnn_word_vectors *vectors)
{
    const seqnn_size dimension = cover->dimension;
    if (vectors->dimension != dimension)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word vectors: vectors of %td numbers for a table of %td",
                       vectors->dimension, dimension);
    for (seqnn_size i = 0; i < vectors->count; i++) {
        const char *word = vectors->word[i];
        const seqnn_real *from = vectors->values + i * dimension;
        int32_t row;
        seqnn_real *values =
            word ? sq_cover_row(cover, word, (seqnn_size)strlen(word), &row) : NULL;
        if (!values)
            continue;
        for (seqnn_size k = 0; k < dimension; k++)
            if (!(from[k] - from[k] == 0))
                return sq_fail(SEQNN_ERROR_NUMBER,
                               "word vectors: number %td of '%.40s' is not finite", k,
                               word);
        memcpy(values, from, (size_t)dimension * sizeof *values);
        sq_cover_done(cover, row);
    }
    return SEQNN_OK;
}

SEQNN_API seqnn_coverage seqnn_word_vectors_fill(const seqnn_tokenizer *tokenizer,
                                                 const seqnn_word_vectors *vectors,
                                                 seqnn_real *table, seqnn_size dimension)
{
    sq_cover cover;
    seqnn_status status = sq_cover_begin(&cover, tokenizer, table, dimension);
    if (status == SEQNN_OK) /* what should have made the vectors has left its sentence */
        status = vectors ? sq_cover_from_memory(&cover, vectors) : SEQNN_ERROR_ARGUMENT;
    return sq_cover_end(&cover, status);
}
