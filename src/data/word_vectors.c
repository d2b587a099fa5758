#include "word_vectors.h"
#include "files.h"
#include "numbers.h"
#include "words.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_word_vectors {
    seqnn_word_vectors public_part;
    sq_words words;
    const char **word;
    seqnn_real *values;
    seqnn_size value_capacity; /* in vectors */
} sq_word_vectors;

/* Numbers on a line, which are as many as its blanks. */
static seqnn_size sq_count_numbers(const char *line, seqnn_size length)
{
    seqnn_size numbers = 0;
    for (seqnn_size i = 0; i < length; i++)
        numbers += line[i] == ' ';
    return numbers;
}

/* Checks that a line is a word and `dimension` numbers; *word ends at the first blank. */
static seqnn_status sq_vector_line(const sq_reader *reader, const char *line,
                                   seqnn_size *length, seqnn_size dimension,
                                   seqnn_size *word)
{
    while (*length > 0 && line[*length - 1] == ' ')
        --*length;
    seqnn_size numbers = sq_count_numbers(line, *length);
    *word = (seqnn_size)strcspn(line, " ");
    if (*word == 0 || numbers == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s, expected a word and its numbers",
                       reader->path, reader->line,
                       *length == 0 ? "an empty line"
                       : *word == 0 ? "a blank in front"
                                    : "a word without numbers");
    if (numbers != dimension)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: %td numbers behind the word '%.*s', expected %td",
                       reader->path, reader->line, numbers, (int)sq_min(*word, 40), line,
                       dimension);
    return SEQNN_OK;
}

static seqnn_status sq_vector_numbers(const sq_reader *reader, const char *at,
                                      seqnn_size dimension, seqnn_real *values)
{
    for (seqnn_size i = 0; i < dimension; i++) {
        const char *number = at + 1; /* behind the blank */
        at = sq_parse_real(number, &values[i]);
        if (!at || *at == '\t')
            return sq_fail(
                SEQNN_ERROR_FORMAT, "%s:%td: '%.*s' in place %td is no finite number",
                reader->path, reader->line,
                (int)sq_min((seqnn_size)strcspn(number, " "), 40), number, i + 1);
    }
    return SEQNN_OK;
}

static seqnn_status sq_vectors_add(sq_word_vectors *v, const sq_reader *reader,
                                   const char *line, seqnn_size length)
{
    seqnn_word_vectors *vectors = &v->public_part;
    seqnn_size word;
    if (vectors->dimension == 0) {
        seqnn_size trimmed = length;
        while (trimmed > 0 && line[trimmed - 1] == ' ')
            trimmed--;
        vectors->dimension = sq_count_numbers(line, trimmed);
    }
    seqnn_status status =
        sq_vector_line(reader, line, &length, vectors->dimension, &word);
    if (status != SEQNN_OK)
        return status;
    void *memory = v->values;
    status = sq_grow(&memory, &v->value_capacity, vectors->count + 1,
                     (size_t)vectors->dimension * sizeof(seqnn_real));
    if (status != SEQNN_OK)
        return status;
    v->values = (seqnn_real *)memory;
    status = sq_vector_numbers(reader, line + word, vectors->dimension,
                               v->values + vectors->count * vectors->dimension);
    if (status != SEQNN_OK)
        return status;
    int32_t number = sq_words_add(&v->words, line, word);
    if (number < 0)
        return SEQNN_ERROR_MEMORY;
    vectors->count = v->words.count; /* a repeated word's vector is written over */
    return SEQNN_OK;
}

static seqnn_status sq_vectors_read_lines(sq_word_vectors *v, sq_reader *reader)
{
    char *line;
    seqnn_size length;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        status = sq_vectors_add(v, reader, line, length);
        if (status != SEQNN_OK)
            return status;
    }
    if (status == SEQNN_OK && v->words.count == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: the file is empty, expected word vectors", reader->path);
    return status;
}

SEQNN_API seqnn_word_vectors *seqnn_word_vectors_read(const char *path)
{
    if (!path)
        return NULL; /* what should have found it has left its sentence */
    sq_word_vectors *v = (sq_word_vectors *)sq_allocate(1, sizeof(sq_word_vectors));
    if (!v)
        return NULL;
    sq_reader reader;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_vectors_read_lines(v, &reader);
    sq_reader_close(&reader);
    if (status == SEQNN_OK) {
        v->word = (const char **)sq_allocate(v->words.count, sizeof(char *));
        status = v->word ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    }
    if (status != SEQNN_OK) {
        seqnn_word_vectors_free(&v->public_part);
        return NULL;
    }
    for (seqnn_size i = 0; i < v->words.count; i++)
        v->word[i] = v->words.word[i].text;
    v->public_part.word = v->word;
    v->public_part.values = v->values;
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

/* What is covered so far; seen marks the rows that have their vector. */
static seqnn_status sq_vectors_cover(const seqnn_tokenizer *tokenizer, sq_reader *reader,
                                     seqnn_real *table, seqnn_size dimension, bool *seen,
                                     seqnn_coverage *coverage)
{
    char *line;
    seqnn_size length, word;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        status = sq_vector_line(reader, line, &length, dimension, &word);
        if (status != SEQNN_OK)
            return status;
        line[word] = '\0';
        int32_t row = seqnn_tokenizer_index(tokenizer, line);
        line[word] = ' ';
        if (row == 0 || seen[row] || seqnn_tokenizer_count(tokenizer, row) == 0)
            continue; /* unknown, covered before, or the oov_token */
        status =
            sq_vector_numbers(reader, line + word, dimension, table + row * dimension);
        if (status != SEQNN_OK)
            return status;
        seen[row] = true;
        coverage->words_covered++;
        coverage->tokens_covered += seqnn_tokenizer_count(tokenizer, row);
    }
    if (status == SEQNN_OK && reader->line == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: the file is empty, expected word vectors", reader->path);
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
    sq_reader reader;
    coverage.status = sq_reader_open(&reader, path);
    if (coverage.status == SEQNN_OK)
        coverage.status =
            sq_vectors_cover(tokenizer, &reader, table, dimension, seen, &coverage);
    sq_reader_close(&reader);
    sq_free(seen);
    return coverage;
}
