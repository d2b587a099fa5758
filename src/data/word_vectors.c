#include "word_vectors.h"
#include "files.h"
#include "numbers.h"
#include "tokenizer_lookup.h"
#include "words.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_word_vectors {
    seqnn_word_vectors public_part;
    sq_words words;
    const char **word;
    seqnn_real *values;
    seqnn_size value_capacity; /* in vectors */
} sq_word_vectors;

/* A line of the file: its word, and the numbers behind it. */
typedef struct sq_vector_line {
    const char *text;
    seqnn_size length, word; /* bytes of the line and of the word */
} sq_vector_line;

/* The next line, without blanks at its end; text NULL at the end of the file. */
static seqnn_status sq_vector_next(sq_reader *reader, sq_vector_line *line)
{
    char *text;
    seqnn_status status = sq_reader_line(reader, &text, &line->length);
    line->text = status == SEQNN_OK ? text : NULL;
    if (status != SEQNN_OK)
        return status;
    if (!text)
        return reader->line > 0 ? SEQNN_OK
                                : sq_fail(SEQNN_ERROR_FORMAT,
                                          "%s: the file is empty, expected word vectors",
                                          reader->path);
    while (line->length > 0 && text[line->length - 1] == ' ')
        text[--line->length] = '\0';
    line->word = (seqnn_size)strcspn(text, " ");
    if (line->word > 0 && line->word < line->length)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s, expected a word and its numbers",
                   reader->path, reader->line,
                   line->length == 0 ? "an empty line"
                   : line->word == 0 ? "a blank in front"
                                     : "a word without numbers");
}

/* Numbers on a line, which are as many as its blanks. */
static seqnn_size sq_count_numbers(const sq_vector_line *line)
{
    seqnn_size numbers = 0;
    for (seqnn_size i = line->word; i < line->length; i++)
        numbers += line->text[i] == ' ';
    return numbers;
}

static seqnn_status sq_check_numbers(const sq_reader *reader, const sq_vector_line *line,
                                     seqnn_size dimension)
{
    seqnn_size numbers = sq_count_numbers(line);
    if (numbers == dimension)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s:%td: %td numbers behind the word '%.*s', expected %td",
                   reader->path, reader->line, numbers, (int)sq_min(line->word, 40),
                   line->text, dimension);
}

/* The numbers of a line. They are counted only to say what is wrong. */
static seqnn_status sq_vector_numbers(const sq_reader *reader, const sq_vector_line *line,
                                      seqnn_size dimension, seqnn_real *values)
{
    const char *at = line->text + line->word;
    for (seqnn_size i = 0; i < dimension; i++) {
        const char *number = at + 1; /* behind the blank */
        at = *at == ' ' ? sq_parse_real(number, &values[i]) : NULL;
        if (at)
            continue;
        seqnn_status status = sq_check_numbers(reader, line, dimension);
        if (status != SEQNN_OK)
            return status;
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: '%.*s' in place %td is no finite number", reader->path,
                       reader->line, (int)sq_min((seqnn_size)strcspn(number, " "), 40),
                       number, i + 1);
    }
    return *at == '\0' ? SEQNN_OK : sq_check_numbers(reader, line, dimension);
}

static seqnn_status sq_vectors_add(sq_word_vectors *v, const sq_reader *reader,
                                   const sq_vector_line *line)
{
    seqnn_word_vectors *vectors = &v->public_part;
    if (vectors->dimension == 0)
        vectors->dimension = sq_count_numbers(line);
    void *memory = v->values;
    seqnn_status status = sq_grow(&memory, &v->value_capacity, vectors->count + 1,
                                  (size_t)vectors->dimension * sizeof(seqnn_real));
    if (status != SEQNN_OK)
        return status;
    v->values = (seqnn_real *)memory;
    status = sq_vector_numbers(reader, line, vectors->dimension,
                               v->values + vectors->count * vectors->dimension);
    if (status != SEQNN_OK)
        return status;
    int32_t number = sq_words_add(&v->words, line->text, line->word);
    vectors->count = v->words.count; /* a repeated word's vector is written over */
    return number < 0 ? SEQNN_ERROR_MEMORY : SEQNN_OK;
}

static seqnn_status sq_vectors_read_lines(sq_word_vectors *v, sq_reader *reader)
{
    sq_vector_line line;
    seqnn_status status;
    while ((status = sq_vector_next(reader, &line)) == SEQNN_OK && line.text) {
        status = sq_vectors_add(v, reader, &line);
        if (status != SEQNN_OK)
            return status;
    }
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

/* Reads the vectors of the tokenizer's words; seen marks the rows that have theirs. */
static seqnn_status sq_vectors_cover(const seqnn_tokenizer *tokenizer, sq_reader *reader,
                                     seqnn_real *table, seqnn_size dimension, bool *seen,
                                     seqnn_coverage *coverage)
{
    sq_vector_line line;
    seqnn_status status;
    while ((status = sq_vector_next(reader, &line)) == SEQNN_OK && line.text) {
        int32_t row = sq_tokenizer_number(tokenizer, line.text, line.word);
        /* Unknown, the oov_token that stands for it, or covered before? */
        if (row == 0 || seqnn_tokenizer_count(tokenizer, row) == 0 || seen[row]) {
            status = sq_check_numbers(reader, &line, dimension);
            if (status != SEQNN_OK)
                return status;
            continue;
        }
        status = sq_vector_numbers(reader, &line, dimension, table + row * dimension);
        if (status != SEQNN_OK)
            return status;
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
    sq_reader reader;
    coverage.status = sq_reader_open(&reader, path);
    if (coverage.status == SEQNN_OK)
        coverage.status =
            sq_vectors_cover(tokenizer, &reader, table, dimension, seen, &coverage);
    sq_reader_close(&reader);
    sq_free(seen);
    return coverage;
}
