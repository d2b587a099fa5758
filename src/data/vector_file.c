#include "vector_file.h"
#include "named_array.h"
#include "numbers.h"

enum { SQ_HEADER_SIZE = 64 };

/* A whole number behind *at, which moves on; -1 if there is none. Beyond 10^17 it counts
 * no further. */
static int64_t sq_header_number(const char **at, const char *end)
{
    int64_t number = -1;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at)
        if (number < (int64_t)100000000000000000)
            number = sq_max(number, 0) * 10 + (**at - '0');
    return number;
}

/* "count dimension" and a line feed: word2vec. Anything else is left unread: GloVe. */
static seqnn_status sq_vector_header(sq_vector_file *file)
{
    const char *begin;
    seqnn_size size;
    seqnn_status status = sq_reader_peek(&file->reader, SQ_HEADER_SIZE, &begin, &size);
    if (status != SEQNN_OK)
        return status;
    const char *at = begin, *end = begin + size;
    int64_t count = sq_header_number(&at, end), dimension = -1;
    if (count >= 0 && at < end && *at == ' ') {
        at++;
        dimension = sq_header_number(&at, end);
    }
    while (at < end && (*at == ' ' || *at == '\r'))
        at++;
    if (dimension < 0 || at == end || *at != '\n')
        return SEQNN_OK;
    if (count < 1 || count > SQ_MOST_VECTORS || dimension < 1 ||
        dimension > SQ_MOST_NUMBERS)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:1: the header says %lld vectors of %lld numbers, expected 1 "
                       "to %d of 1 to %d",
                       file->reader.path, (long long)count, (long long)dimension,
                       (int)SQ_MOST_VECTORS, (int)SQ_MOST_NUMBERS);
    file->announced = (seqnn_size)count;
    file->dimension = (seqnn_size)dimension;
    file->reader.line = 1;
    sq_reader_skip(&file->reader, at + 1 - begin);
    return SEQNN_OK;
}

/* Behind a header: is it text? Then nothing but numbers stands between the first word and
 * the line feed. Of a wrong number in a long vector the reader of text knows more to say,
 * so any characters will do there if they are enough for its numbers: as many float32
 * do not look like characters. */
static bool sq_vector_is_text(const char *at, const char *end, seqnn_size dimension)
{
    const char *begin = at;
    bool numbers = true, characters = true;
    for (; at < end && *at != '\n' && characters; at++) {
        numbers &= *at && strchr("0123456789+-.eE \t\rnaifNAIF", *at);
        characters = (*at >= ' ' && *at <= '~') || *at == '\t' || *at == '\r';
    }
    return characters && at > begin &&
           (numbers || (dimension >= 8 && at - begin >= 2 * dimension - 1));
}

static seqnn_status sq_vector_format(sq_vector_file *file)
{
    const char *begin;
    seqnn_size size;
    seqnn_status status =
        sq_reader_peek(&file->reader, 2 * SQ_LONGEST_WORD, &begin, &size);
    if (status != SEQNN_OK || size == 0)
        return status;
    const char *blank = (const char *)memchr(begin, ' ', (size_t)size);
    bool text = blank ? sq_vector_is_text(blank + 1, begin + size, file->dimension)
                      : memchr(begin, '\n', (size_t)size) != NULL;
    file->layout = text ? SQ_VECTORS_TEXT : SQ_VECTORS_BINARY;
    return SEQNN_OK;
}

/* Four NUL bytes, the upper half of a size, and a brace: no word vectors in another
 * format begin so. */
static seqnn_status sq_vector_is_safetensors(sq_vector_file *file, bool *is)
{
    const char *begin;
    seqnn_size size;
    seqnn_status status = sq_reader_peek(&file->reader, 9, &begin, &size);
    *is = status == SEQNN_OK && size >= 9 && memcmp(begin + 4, "\0\0\0\0{", 5) == 0;
    if (*is && file->reader.compressed)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: a compressed safetensors file, expected it decompressed",
                         file->reader.path);
    return status;
}

/* "vectors" [count, dimension] and "words", bytes. */
static seqnn_status sq_vector_arrays(sq_vector_file *file)
{
    const char *path = file->reader.path;
    file->layout = SQ_VECTORS_ARRAYS;
    seqnn_status status = sq_safetensors_read(path, &file->arrays);
    if (status != SEQNN_OK)
        return status;
    const seqnn_named_array *vectors = seqnn_safetensors_find(file->arrays, "vectors");
    const seqnn_named_array *words = seqnn_safetensors_find(file->arrays, "words");
    if (!vectors || vectors->rank != 2 || !words || words->rank != 1 ||
        words->dtype != SEQNN_U8)
        return sq_fail(
            SEQNN_ERROR_FORMAT,
            "%s: %s, expected tensors 'vectors' [count, dimension] and 'words' "
            "of bytes (U8)",
            path,
            !vectors             ? "no tensor 'vectors'"
            : vectors->rank != 2 ? "'vectors' is no matrix"
            : !words             ? "no tensor 'words'"
                                 : "'words' is no row of bytes");
    if (vectors->shape[0] < 1 || vectors->shape[0] > SQ_MOST_VECTORS ||
        vectors->shape[1] < 1 || vectors->shape[1] > SQ_MOST_NUMBERS)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: 'vectors' is [%td, %td], expected 1 to %d vectors of 1 to %d "
                       "numbers",
                       path, vectors->shape[0], vectors->shape[1], (int)SQ_MOST_VECTORS,
                       (int)SQ_MOST_NUMBERS);
    file->announced = vectors->shape[0];
    file->dimension = vectors->shape[1];
    file->vectors = vectors;
    file->words = (const char *)words->data;
    file->words_end = file->words + words->shape[0];
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_vector_file_open(sq_vector_file *file, const char *path)
{
    bool arrays = false;
    memset(file, 0, sizeof *file);
    file->announced = -1;
    seqnn_status status = sq_reader_open(&file->reader, path);
    if (status == SEQNN_OK)
        status = sq_vector_is_safetensors(file, &arrays);
    if (status == SEQNN_OK && arrays)
        return sq_vector_arrays(file);
    if (status == SEQNN_OK)
        status = sq_vector_header(file);
    if (status == SEQNN_OK && file->announced >= 0)
        status = sq_vector_format(file);
    return status;
}

SQ_LOCAL void sq_vector_file_close(sq_vector_file *file)
{
    sq_reader_close(&file->reader);
    seqnn_safetensors_free(file->arrays);
    file->arrays = NULL;
}

/* How much of the word a message shows. */
static int sq_vector_shown(const sq_vector_file *file)
{
    return (int)sq_min(file->length, 40);
}

static seqnn_status sq_vector_end(const sq_vector_file *file)
{
    if (file->announced >= 0 && file->read < file->announced)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: the header says %td vectors, the file ends behind %td",
                       file->reader.path, file->announced, file->read);
    if (file->read == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the file is empty, expected word vectors",
                       file->reader.path);
    return SEQNN_OK;
}

static seqnn_status sq_vector_surplus(const sq_vector_file *file)
{
    return sq_fail(SEQNN_ERROR_FORMAT, "%s: the header says %td vectors, more follow",
                   file->reader.path, file->announced);
}

static seqnn_status sq_vector_next_line(sq_vector_file *file)
{
    sq_reader *reader = &file->reader;
    char *text;
    seqnn_size length;
    seqnn_status status = sq_reader_line(reader, &text, &length);
    if (status != SEQNN_OK)
        return status;
    if (!text)
        return sq_vector_end(file);
    if (file->read == file->announced)
        return sq_vector_surplus(file);
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
    seqnn_size word = (seqnn_size)strcspn(text, " ");
    if (word == 0 || word == length || word > SQ_LONGEST_WORD)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s, expected a word and its numbers",
                       reader->path, reader->line,
                       length == 0     ? "an empty line"
                       : word == 0     ? "a blank in front"
                       : word < length ? "a word of more than 4096 bytes"
                                       : "a word without numbers");
    file->word = text;
    file->length = word;
    file->numbers = text + word;
    if (file->dimension == 0)
        for (seqnn_size i = word; i < length; i++)
            file->dimension += text[i] == ' ';
    file->read++;
    return SEQNN_OK;
}

static seqnn_status sq_vector_next_binary(sq_vector_file *file)
{
    sq_reader *reader = &file->reader;
    const seqnn_size bytes = 4 * file->dimension;
    const char *begin, *blank = NULL;
    seqnn_size size;
    seqnn_status status =
        sq_reader_peek(reader, SQ_LONGEST_WORD + bytes + 2, &begin, &size);
    if (status != SEQNN_OK)
        return status;
    seqnn_size feed = size > 0 && *begin == '\n'; /* behind the vector before */
    if (file->read == file->announced)
        return size == feed ? SEQNN_OK : sq_vector_surplus(file);
    if (size == feed)
        return sq_vector_end(file);
    file->word = begin + feed;
    size -= feed;
    blank =
        (const char *)memchr(file->word, ' ', (size_t)sq_min(size, SQ_LONGEST_WORD + 1));
    file->length = blank ? blank - file->word : 0;
    if (file->length == 0 || memchr(file->word, '\0', (size_t)file->length))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: vector %td of %td: %s, expected a word and a blank",
                       reader->path, file->read + 1, file->announced,
                       blank == file->word      ? "an empty word"
                       : blank                  ? "a word that holds a NUL byte"
                       : size > SQ_LONGEST_WORD ? "a word of more than 4096 bytes"
                                                : "the file ends in the word");
    if (size - file->length - 1 < bytes)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: vector %td of %td, '%.*s', is cut off: %td of its %td bytes",
                       reader->path, file->read + 1, file->announced,
                       sq_vector_shown(file), file->word, size - file->length - 1, bytes);
    file->numbers = blank + 1;
    sq_reader_skip(reader, feed + file->length + 1 + bytes);
    file->read++;
    return SEQNN_OK;
}

static seqnn_status sq_vector_next_row(sq_vector_file *file)
{
    const seqnn_size left = file->words_end - file->words;
    if (file->read == file->announced) {
        if (left == 0)
            return SEQNN_OK;
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: 'words' holds more than %td words",
                       file->reader.path, file->announced);
    }
    const char *feed =
        left > 0 ? (const char *)memchr(file->words, '\n', (size_t)left) : NULL;
    if (!feed)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: 'words' ends %s word %td of %td, expected a line feed behind "
                       "each",
                       file->reader.path, left > 0 ? "within" : "before", file->read + 1,
                       file->announced);
    file->length = feed - file->words;
    if (file->length == 0 || file->length > SQ_LONGEST_WORD ||
        memchr(file->words, '\0', (size_t)file->length))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: word %td of %td: %s, expected 1 to %d bytes other than NUL",
                       file->reader.path, file->read + 1, file->announced,
                       file->length == 0                ? "it is empty"
                       : file->length > SQ_LONGEST_WORD ? "it is longer"
                                                        : "it holds a NUL byte",
                       (int)SQ_LONGEST_WORD);
    file->word = file->words;
    file->words = feed + 1;
    file->numbers = (const char *)file->vectors->data +
                    file->read * file->dimension * seqnn_dtype_size(file->vectors->dtype);
    file->read++;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_vector_file_next(sq_vector_file *file)
{
    file->word = NULL;
    seqnn_status status = file->layout == SQ_VECTORS_TEXT ? sq_vector_next_line(file)
                          : file->layout == SQ_VECTORS_BINARY
                              ? sq_vector_next_binary(file)
                              : sq_vector_next_row(file);
    if (status != SEQNN_OK)
        file->word = NULL;
    return status;
}

SQ_LOCAL seqnn_status sq_vector_file_check(const sq_vector_file *file,
                                           seqnn_size dimension)
{
    seqnn_size numbers = 0;
    if (file->layout != SQ_VECTORS_TEXT)
        numbers = file->dimension;
    else
        for (const char *at = file->numbers; *at; at++)
            numbers += *at == ' ';
    if (numbers == dimension)
        return SEQNN_OK;
    if (file->layout != SQ_VECTORS_TEXT)
        return sq_fail(
            SEQNN_ERROR_FORMAT, "%s: %td numbers behind the word '%.*s', expected %td",
            file->reader.path, numbers, sq_vector_shown(file), file->word, dimension);
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s:%td: %td numbers behind the word '%.*s', expected %td",
                   file->reader.path, file->reader.line, numbers, sq_vector_shown(file),
                   file->word, dimension);
}

/* The numbers of a line. They are counted only to say what is wrong. */
static seqnn_status sq_vector_parse(const sq_vector_file *file, seqnn_real *values)
{
    const char *at = file->numbers;
    for (seqnn_size i = 0; i < file->dimension; i++) {
        const char *number = at + 1; /* behind the blank */
        at = *at == ' ' ? sq_parse_real(number, &values[i]) : NULL;
        if (at)
            continue;
        seqnn_status status = sq_vector_file_check(file, file->dimension);
        if (status != SEQNN_OK)
            return status;
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: '%.*s' in place %td is no finite number",
                       file->reader.path, file->reader.line,
                       (int)sq_min((seqnn_size)strcspn(number, " "), 40), number, i + 1);
    }
    return *at == '\0' ? SEQNN_OK : sq_vector_file_check(file, file->dimension);
}

static seqnn_status sq_vector_not_finite(const sq_vector_file *file)
{
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s: vector %td of %td, '%.*s', holds a number that is not finite",
                   file->reader.path, file->read, file->announced, sq_vector_shown(file),
                   file->word);
}

/* Little-endian float32. */
static seqnn_status sq_vector_unpack(const sq_vector_file *file, seqnn_real *values)
{
    const unsigned char *byte = (const unsigned char *)file->numbers;
    bool finite = true;
    for (seqnn_size i = 0; i < file->dimension; i++, byte += 4) {
        uint32_t bits = (uint32_t)byte[0] | (uint32_t)byte[1] << 8 |
                        (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
        float value;
        memcpy(&value, &bits, sizeof value);
        values[i] = (seqnn_real)value;
        finite &= (bits & 0x7F800000) != 0x7F800000;
    }
    return finite ? SEQNN_OK : sq_vector_not_finite(file);
}

/* The elements of an array, of whatever type. */
static seqnn_status sq_vector_convert(const sq_vector_file *file, seqnn_real *values)
{
    seqnn_named_array row = *file->vectors;
    bool finite = true;
    row.rank = 1;
    row.shape[0] = file->dimension;
    row.data = file->numbers;
    seqnn_named_array_read(&row, values);
    for (seqnn_size i = 0; i < file->dimension; i++)
        finite &= values[i] - values[i] == 0;
    return finite ? SEQNN_OK : sq_vector_not_finite(file);
}

SQ_LOCAL seqnn_status sq_vector_file_values(const sq_vector_file *file,
                                            seqnn_real *values)
{
    return file->layout == SQ_VECTORS_TEXT     ? sq_vector_parse(file, values)
           : file->layout == SQ_VECTORS_BINARY ? sq_vector_unpack(file, values)
                                               : sq_vector_convert(file, values);
}
