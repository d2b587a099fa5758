#include "json.h"
#include "output.h"
#include "safetensors.h"
#include "vector_file.h"
#include "word_vectors.h"
#include "words.h"

/* Appends one vector to the buffer, as text or as float32. */
static void sq_vector_line(sq_buffer *out, const char *word, const seqnn_real *values,
                           seqnn_size dimension, bool binary)
{
    sq_buffer_text(out, word);
    if (binary)
        sq_buffer_bytes(out, " ", 1);
    for (seqnn_size i = 0; i < dimension; i++) {
        if (!binary) {
            sq_buffer_bytes(out, " ", 1);
            sq_buffer_real(out, values[i]);
            continue;
        }
        float value = (float)values[i];
        uint32_t bits;
        char bytes[4];
        memcpy(&bits, &value, sizeof bits);
        for (int k = 0; k < 4; k++, bits >>= 8)
            bytes[k] = (char)(bits & 0xFF);
        sq_buffer_bytes(out, bytes, 4);
    }
    sq_buffer_bytes(out, "\n", 1);
}

/* The format must be able to say where a word ends, and a word that came before would
 * lose its vector when the file is read. */
static seqnn_status sq_vector_writable(const seqnn_word_vectors *vectors, seqnn_size i,
                                       seqnn_vector_format format, sq_words *written)
{
    const bool blanks = format == SEQNN_VECTORS_SAFETENSORS;
    const char *word = vectors->word[i];
    size_t length = word ? strlen(word) : 0;
    if (length == 0 || length > SQ_LONGEST_WORD || strpbrk(word, blanks ? "\n" : " \n"))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word vectors: word %td is '%.40s', expected 1 to %d bytes "
                       "without %sline feed",
                       i, word ? word : "", (int)SQ_LONGEST_WORD,
                       blanks ? "" : "blank or ");
    const int32_t number = sq_words_add(written, word, (seqnn_size)length);
    if (number < 0)
        return SEQNN_ERROR_MEMORY;
    if (number < i)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word vectors: word %td is '%.40s', which is word %d already", i,
                       word, (int)number);
    for (seqnn_size k = 0; k < vectors->dimension; k++) {
        float value = (float)vectors->values[i * vectors->dimension + k];
        if (!(value - value == 0))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "word vectors: number %td of '%.40s' is not finite", k, word);
    }
    return SEQNN_OK;
}

static seqnn_status sq_vectors_write_all(const seqnn_word_vectors *vectors,
                                         sq_output *output, sq_buffer *line,
                                         sq_words *written, seqnn_vector_format format)
{
    seqnn_status status = output->status;
    if (format != SEQNN_VECTORS_GLOVE) {
        sq_buffer_integer(line, vectors->count);
        sq_buffer_bytes(line, " ", 1);
        sq_buffer_integer(line, vectors->dimension);
        sq_buffer_bytes(line, "\n", 1);
    }
    for (seqnn_size i = 0; i < vectors->count && status == SEQNN_OK; i++) {
        status = sq_vector_writable(vectors, i, format, written);
        if (status != SEQNN_OK)
            break;
        sq_vector_line(line, vectors->word[i], vectors->values + i * vectors->dimension,
                       vectors->dimension, format == SEQNN_VECTORS_BINARY);
        status = line->status;
        if (status == SEQNN_OK)
            status = sq_output_bytes(output, line->text, line->length);
        line->length = 0;
    }
    return status;
}

/* The words with a line feed behind each, and the numbers as float32. */
static seqnn_status sq_vectors_gather(const seqnn_word_vectors *vectors, sq_buffer *words,
                                      sq_words *written, float *values)
{
    for (seqnn_size i = 0; i < vectors->count; i++) {
        seqnn_status status =
            sq_vector_writable(vectors, i, SEQNN_VECTORS_SAFETENSORS, written);
        if (status != SEQNN_OK)
            return status;
        sq_buffer_text(words, vectors->word[i]);
        sq_buffer_bytes(words, "\n", 1);
    }
    for (seqnn_size i = 0; i < vectors->count * vectors->dimension; i++)
        values[i] = (float)vectors->values[i];
    return words->status;
}

static seqnn_status sq_vectors_write_arrays(const seqnn_word_vectors *vectors,
                                            const char *path, sq_words *written)
{
    seqnn_named_array arrays[2];
    sq_buffer words;
    memset(&words, 0, sizeof words);
    memset(arrays, 0, sizeof arrays);
    float *values = (float *)sq_allocate(sq_multiply(vectors->count, vectors->dimension),
                                         sizeof(float));
    seqnn_status status =
        values ? sq_vectors_gather(vectors, &words, written, values) : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK) {
        arrays[0].name = "vectors";
        arrays[0].rank = 2;
        arrays[0].shape[0] = vectors->count;
        arrays[0].shape[1] = vectors->dimension;
        arrays[0].data = values;
        arrays[1].name = "words";
        arrays[1].dtype = SEQNN_U8;
        arrays[1].rank = 1;
        arrays[1].shape[0] = words.length;
        arrays[1].data = words.text;
        status = seqnn_safetensors_write(path, arrays, 2, NULL, 0);
    }
    sq_buffer_free(&words);
    sq_free(values);
    return status;
}

SEQNN_API seqnn_status seqnn_word_vectors_write(const seqnn_word_vectors *vectors,
                                                const char *path,
                                                seqnn_vector_format format)
{
    if (!vectors || !path || vectors->count < 1 || vectors->count > SQ_MOST_VECTORS ||
        vectors->dimension < 1 || vectors->dimension > SQ_MOST_NUMBERS ||
        format < SEQNN_VECTORS_DEFAULT || format > SEQNN_VECTORS_SAFETENSORS)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word vectors: expected a path, a format and 1 to %d vectors of 1 "
                       "to %d numbers to write",
                       (int)SQ_MOST_VECTORS, (int)SQ_MOST_NUMBERS);
    seqnn_status status;
    sq_words written;
    memset(&written, 0, sizeof written);
    if (format == SEQNN_VECTORS_SAFETENSORS) {
        status = sq_vectors_write_arrays(vectors, path, &written);
        sq_words_free(&written);
        return status;
    }
    sq_output output;
    sq_buffer line;
    memset(&line, 0, sizeof line);
    sq_output_open(&output, path);
    status = sq_vectors_write_all(vectors, &output, &line, &written, format);
    sq_buffer_free(&line);
    sq_words_free(&written);
    if (status == SEQNN_OK)
        return sq_output_close(&output);
    sq_output_abandon(&output);
    return status;
}
