/* data/npy.c - a magic string, the description as a Python dictionary, the elements */
#include "npy.h"
#include "named_array.h"
#include "output.h"

enum { SQ_LONGEST_NPY_HEADER = 1 << 20, SQ_NPY_WORD = 16 };

static const char sq_npy_magic[] = "\x93NUMPY";

typedef struct sq_npy_header {
    const char *at;         /* a NUL is at the end */
    char type[SQ_NPY_WORD]; /* <f4, |u1, ...: byte order, kind, bytes */
    bool fortran;
    int rank, keys; /* keys: a bit for each that was there */
    seqnn_size shape[SEQNN_ARRAY_RANK];
} sq_npy_header;

/* Element types, and what each becomes; unsigned integers need a wider one. */
static const struct {
    char name[3];
    seqnn_dtype dtype;
} sq_npy_types[] = {{"f4", SEQNN_F32}, {"f8", SEQNN_F64}, {"f2", SEQNN_F16},
                    {"i8", SEQNN_I64}, {"i4", SEQNN_I32}, {"i2", SEQNN_I16},
                    {"i1", SEQNN_I8},  {"u1", SEQNN_U8},  {"b1", SEQNN_BOOL},
                    {"u2", SEQNN_I32}, {"u4", SEQNN_I64}, {"u8", SEQNN_I64}};

static bool sq_npy_take(sq_npy_header *header, char wanted)
{
    while (*header->at == ' ' || *header->at == '\n' || *header->at == '\t')
        header->at++;
    if (*header->at != wanted || wanted == '\0')
        return *header->at == wanted;
    header->at++;
    return true;
}

static bool sq_npy_take_word(sq_npy_header *header, const char *word)
{
    size_t length = strlen(word);
    if (!sq_npy_take(header, word[0]) || strncmp(header->at, word + 1, length - 1) != 0)
        return false;
    header->at += length - 1;
    return true;
}

/* A string of Python without escapes, of less than SQ_NPY_WORD bytes. */
static bool sq_npy_take_string(sq_npy_header *header, char text[SQ_NPY_WORD])
{
    char quote = sq_npy_take(header, '"') ? '"' : '\'';
    int length = 0;
    if (quote == '\'' && !sq_npy_take(header, '\''))
        return false;
    for (; *header->at && *header->at != quote; header->at++) {
        if (*header->at == '\\' || length == SQ_NPY_WORD - 1)
            return false;
        text[length++] = *header->at;
    }
    text[length] = '\0';
    return sq_npy_take(header, quote);
}

/* (), (3,), (3, 4), (3, 4,); Python 2 wrote 3L. */
static bool sq_npy_take_shape(sq_npy_header *header)
{
    bool comma = true;
    if (!sq_npy_take(header, '('))
        return false;
    while (!sq_npy_take(header, ')')) {
        seqnn_size size = 0;
        if (!comma || *header->at < '0' || *header->at > '9' ||
            header->rank == SEQNN_ARRAY_RANK)
            return false;
        for (; *header->at >= '0' && *header->at <= '9'; header->at++) {
            if (size > (PTRDIFF_MAX - 9) / 10)
                return false;
            size = size * 10 + (*header->at - '0');
        }
        header->at += *header->at == 'L';
        header->shape[header->rank++] = size;
        comma = sq_npy_take(header, ',');
    }
    return header->rank != 1 || comma; /* (3) is a number */
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } in any order. */
static bool sq_npy_take_dictionary(sq_npy_header *header)
{
    bool comma = true;
    if (!sq_npy_take(header, '{'))
        return false;
    while (!sq_npy_take(header, '}')) {
        char key[SQ_NPY_WORD];
        int bit = 0;
        if (!comma || !sq_npy_take_string(header, key) || !sq_npy_take(header, ':'))
            return false;
        if (strcmp(key, "descr") == 0) {
            bit = sq_npy_take_string(header, header->type) ? 1 : 0;
        } else if (strcmp(key, "fortran_order") == 0) {
            header->fortran = sq_npy_take_word(header, "True");
            bit = header->fortran || sq_npy_take_word(header, "False") ? 2 : 0;
        } else if (strcmp(key, "shape") == 0 && !(header->keys & 4)) {
            bit = sq_npy_take_shape(header) ? 4 : 0;
        }
        if (bit == 0 || (header->keys & bit))
            return false;
        header->keys |= bit;
        comma = sq_npy_take(header, ',');
    }
    return sq_npy_take(header, '\0') && header->keys == 7;
}

/* ---- reading ---- */

/* The magic string, version, length and dictionary; leaves the file at its data. */
static seqnn_status sq_npy_read_header(FILE *in, const char *path, seqnn_size size,
                                       sq_npy_header *header, seqnn_size *begin)
{
    unsigned char start[12] = {0};
    seqnn_status status = sq_read_bytes(in, path, start, sq_min(size, 8));
    if (status != SEQNN_OK)
        return status;
    if (size < 10 || memcmp(start, sq_npy_magic, 6) != 0 || start[6] < 1 || start[6] > 3)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: is no .npy file of version 1, 2 or 3 (or is cut off)", path);
    *begin = start[6] == 1 ? 10 : 12;
    if (size >= *begin)
        status = sq_read_bytes(in, path, start + 8, *begin - 8);
    if (status != SEQNN_OK)
        return status;
    seqnn_size length = start[8] + start[9] * 256 + start[10] * 65536;
    if (size - *begin < length || start[11] != 0 || length > SQ_LONGEST_NPY_HEADER)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: the header of %td bytes is cut off or too long", path,
                       length);
    char *text = (char *)sq_allocate(length + 1, 1);
    if (!text)
        return SEQNN_ERROR_MEMORY;
    *begin += length;
    header->at = text;
    status = sq_read_bytes(in, path, text, length);
    if (status == SEQNN_OK &&
        (memchr(text, '\0', (size_t)length) || !sq_npy_take_dictionary(header)))
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: expected {'descr': '<f4', 'fortran_order': False, 'shape': "
                         "(3, 4)} and at most %d dimensions, found %.100s",
                         path, (int)SEQNN_ARRAY_RANK, text);
    sq_free(text);
    return status;
}

/* From Fortran order, where the first subscript runs fastest, to C order. */
static void sq_npy_transpose(const sq_npy_header *header, const unsigned char *from,
                             seqnn_size count, seqnn_size size, unsigned char *to)
{
    seqnn_size at[SEQNN_ARRAY_RANK] = {0};
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_size place = 0;
        for (int k = header->rank - 1; k >= 0; k--)
            place = place * header->shape[k] + at[k];
        memcpy(to + i * size, from + place * size, (size_t)size);
        for (int k = header->rank - 1; k >= 0 && ++at[k] == header->shape[k]; k--)
            at[k] = 0;
    }
}

/* Unsigned integers into wider ones; false if one does not fit. From the last to the
 * first, for they share their memory. */
static bool sq_npy_widen(const char *type, unsigned char *bytes, seqnn_size count)
{
    const seqnn_size size = type[1] - '0';
    if (type[0] != 'u' || size == 1)
        return true;
    for (seqnn_size i = count - 1; i >= 0; i--) {
        uint64_t value = 0;
        for (int k = (int)size - 1; k >= 0; k--) /* little-endian: see the caller */
            value = value << 8 | bytes[i * size + k];
        if (value > INT64_MAX)
            return false;
        if (size == 2) {
            int32_t element = (int32_t)value;
            memcpy(bytes + i * 4, &element, 4);
        } else {
            int64_t element = (int64_t)value;
            memcpy(bytes + i * 8, &element, 8);
        }
    }
    return true;
}

static seqnn_status sq_npy_read_data(FILE *in, const char *path, seqnn_size bytes,
                                     const sq_npy_header *header, sq_array_file *file)
{
    seqnn_named_array *array = file->array;
    const char *type = header->type + 1;
    seqnn_size count = seqnn_named_array_count(array), size = type[1] - '0';
    seqnn_size expected = sq_multiply(count, size), wide = sq_array_bytes(array);
    if (expected != bytes || wide < 0)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: %td bytes behind the header, expected %td: %s", path, bytes,
                       expected,
                       expected > bytes ? "cut off?" : "something is behind the array");
    file->data = (unsigned char *)sq_allocate(wide, 1);
    array->data = file->data;
    if (!file->data)
        return SEQNN_ERROR_MEMORY;
    seqnn_status status = sq_read_bytes(in, path, file->data, bytes);
    if (status != SEQNN_OK)
        return status;
    if (header->fortran && header->rank > 1) {
        unsigned char *turned = (unsigned char *)sq_allocate(wide, 1);
        if (!turned)
            return SEQNN_ERROR_MEMORY;
        sq_npy_transpose(header, file->data, count, size, turned);
        sq_free(file->data);
        array->data = file->data = turned;
    }
    /* What is widened is made little-endian first, the rest this machine's. */
    bool widened = wide != bytes || type[0] == 'u';
    bool little =
        header->type[0] == '<' || (header->type[0] != '>' && sq_little_endian());
    if (little != (widened || sq_little_endian()))
        sq_swap_bytes(file->data, count, size);
    if (!sq_npy_widen(type, file->data, count))
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: a number beyond 2^63 - 1", path);
    return SEQNN_OK;
}

static seqnn_status sq_npy_read(FILE *in, const char *path, seqnn_size size,
                                sq_array_file *file)
{
    sq_npy_header header;
    seqnn_size begin = 0;
    memset(&header, 0, sizeof header);
    seqnn_status status = sq_npy_read_header(in, path, size, &header, &begin);
    if (status != SEQNN_OK)
        return status;
    file->array = (seqnn_named_array *)sq_allocate(1, sizeof *file->array);
    if (!file->array)
        return SEQNN_ERROR_MEMORY;
    file->shown.array = file->array;
    file->shown.count = 1;
    file->array->name = "array";
    file->array->rank = header.rank;
    memcpy(file->array->shape, header.shape, sizeof header.shape);
    for (int i = 0; i < SQ_COUNT(sq_npy_types); i++)
        if (header.type[0] && strchr("<>=|", header.type[0]) &&
            strcmp(header.type + 1, sq_npy_types[i].name) == 0)
            file->array->dtype = sq_npy_types[i].dtype;
    if (!file->array->dtype)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: elements are '%s', expected f2, f4, f8, i1, i2, i4, i8, u1, "
                       "u2, u4, u8 or b1",
                       path, header.type);
    return sq_npy_read_data(in, path, size - begin, &header, file);
}

SEQNN_API seqnn_safetensors *seqnn_npy_read(const char *path)
{
    seqnn_size size = 0;
    FILE *in = NULL;
    if (sq_open_bytes(path, &in, &size) != SEQNN_OK)
        return NULL;
    sq_array_file *file = (sq_array_file *)sq_allocate(1, sizeof *file);
    if (file && sq_npy_read(in, path, size, file) != SEQNN_OK) {
        sq_array_file_free(file);
        file = NULL;
    }
    fclose(in);
    return (seqnn_safetensors *)file;
}

/* ---- writing ---- */

SEQNN_API seqnn_status seqnn_npy_write(const char *path, const seqnn_named_array *array)
{
    char header[512] = "", shape[256] = "";
    seqnn_dtype dtype = array->dtype;
    const char *type = NULL;
    sq_output output;
    if (!path || !path[0])
        return sq_fail(SEQNN_ERROR_ARGUMENT, "no path was given for the file");
    if (sq_dtype_resolve(&dtype))
        for (int i = SQ_COUNT(sq_npy_types) - 1; i >= 0; i--)
            if (sq_npy_types[i].dtype == dtype)
                type = sq_npy_types[i].name;
    if (!type || array->rank < 0 || array->rank > SEQNN_ARRAY_RANK)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: dtype %d and rank %d, expected a seqnn_dtype that NumPy has "
                       "and at most %d",
                       path, (int)array->dtype, array->rank, (int)SEQNN_ARRAY_RANK);
    seqnn_size bytes = sq_array_bytes(array);
    if (bytes < 0 || (bytes > 0 && !array->data))
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: the array has %s", path,
                       bytes < 0 ? "a shape that is no size" : "no data");
    for (int i = 0, at = 0; i < array->rank; i++)
        at += snprintf(shape + at, sizeof shape - (size_t)at, "%td%s", array->shape[i],
                       array->rank == 1      ? ","
                       : i + 1 < array->rank ? ", "
                                             : "");
    const char order = seqnn_dtype_size(dtype) == 1 ? '|'
                       : sq_little_endian()         ? '<'
                                                    : '>';
    /* The data begins at a multiple of 64: blanks, and a line feed at the end. */
    int length = snprintf(header, sizeof header,
                          "{'descr': '%c%s', 'fortran_order': False, 'shape': (%s), }",
                          order, type, shape);
    int padded = (10 + length + 1 + 63) / 64 * 64 - 10;
    memset(header + length, ' ', (size_t)(padded - length));
    header[padded - 1] = '\n';
    const unsigned char start[] = {1, 0, (unsigned char)(padded % 256),
                                   (unsigned char)(padded / 256)};
    sq_output_open(&output, path);
    sq_output_bytes(&output, sq_npy_magic, 6);
    sq_output_bytes(&output, start, 4);
    sq_output_bytes(&output, header, padded);
    sq_output_bytes(&output, array->data, bytes);
    return sq_output_close(&output);
}
