#include "vector_file.h"
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
    file->binary = blank ? !sq_vector_is_text(blank + 1, begin + size, file->dimension)
                         : !memchr(begin, '\n', (size_t)size);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_vector_file_open(sq_vector_file *file, const char *path)
{
    memset(file, 0, sizeof *file);
    file->announced = -1;
    seqnn_status status = sq_reader_open(&file->reader, path);
    if (status == SEQNN_OK)
        status = sq_vector_header(file);
    if (status == SEQNN_OK && file->announced >= 0)
        status = sq_vector_format(file);
    return status;
}

SQ_LOCAL void sq_vector_file_close(sq_vector_file *file)
{
    sq_reader_close(&file->reader);
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

SQ_LOCAL seqnn_status sq_vector_file_next(sq_vector_file *file)
{
    file->word = NULL;
    seqnn_status status =
        file->binary ? sq_vector_next_binary(file) : sq_vector_next_line(file);
    if (status != SEQNN_OK)
        file->word = NULL;
    return status;
}

SQ_LOCAL seqnn_status sq_vector_file_check(const sq_vector_file *file,
                                           seqnn_size dimension)
{
    seqnn_size numbers = 0;
    if (file->binary)
        numbers = file->dimension;
    else
        for (const char *at = file->numbers; *at; at++)
            numbers += *at == ' ';
    if (numbers == dimension)
        return SEQNN_OK;
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
    if (finite)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s: vector %td of %td, '%.*s', holds a number that is not finite",
                   file->reader.path, file->read, file->announced, sq_vector_shown(file),
                   file->word);
}

SQ_LOCAL seqnn_status sq_vector_file_values(const sq_vector_file *file,
                                            seqnn_real *values)
{
    return file->binary ? sq_vector_unpack(file, values) : sq_vector_parse(file, values);
}
