/* data/named_array.c - elements of every type, and files of bytes */
#include "named_array.h"
#include "files.h"

#include <errno.h>

SQ_LOCAL bool sq_dtype_resolve(seqnn_dtype *dtype)
{
    if (*dtype == SEQNN_DTYPE_DEFAULT)
        *dtype = SEQNN_F32;
    return (int)*dtype > 0 && *dtype <= SEQNN_BOOL;
}

SEQNN_API seqnn_size seqnn_dtype_size(seqnn_dtype dtype)
{
    static const seqnn_size sizes[] = {4, 4, 8, 2, 2, 8, 4, 2, 1, 1, 1};
    return (int)dtype >= 0 && (int)dtype < SQ_COUNT(sizes) ? sizes[dtype] : 0;
}

SQ_LOCAL seqnn_size sq_shape_count(const seqnn_size *shape, int rank)
{
    seqnn_size count = 1;
    bool empty = false;
    for (int i = 0; i < rank; i++) {
        if (shape[i] == 0)
            empty = true;
        else
            count = sq_multiply(count, shape[i]);
    }
    return empty && count > 0 ? 0 : count;
}

SEQNN_API seqnn_size seqnn_named_array_count(const seqnn_named_array *array)
{
    return sq_shape_count(array->shape, array->rank);
}

SQ_LOCAL seqnn_size sq_array_bytes(const seqnn_named_array *array)
{
    return sq_multiply(seqnn_named_array_count(array), seqnn_dtype_size(array->dtype));
}

SQ_LOCAL bool sq_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

SQ_LOCAL void sq_swap_bytes(unsigned char *bytes, seqnn_size count, seqnn_size size)
{
    for (seqnn_size i = 0; i < count; i++, bytes += size)
        for (seqnn_size k = 0; k < size / 2; k++) {
            unsigned char first = bytes[k];
            bytes[k] = bytes[size - 1 - k];
            bytes[size - 1 - k] = first;
        }
}

/* IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
static seqnn_real sq_half_to_real(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double value = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(1024 + fraction, exponent - 25);
    return (seqnn_real)(half & 0x8000 ? -value : value);
}

/* The upper half of a float. */
static seqnn_real sq_bfloat_to_real(uint16_t upper)
{
    uint32_t bits = (uint32_t)upper << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (seqnn_real)value;
}

static bool sq_is_not_zero(uint8_t byte)
{
    return byte != 0;
}

#define SQ_READ_ELEMENTS(kind, type, number)                                             \
    case kind:                                                                           \
        for (seqnn_size i = 0; i < count; i++) {                                         \
            const type element = ((const type *)array->data)[i];                         \
            values[i] = (seqnn_real)number(element);                                     \
        }                                                                                \
        break

SEQNN_API void seqnn_named_array_read(const seqnn_named_array *array, seqnn_real *values)
{
    const seqnn_size count = seqnn_named_array_count(array);
    switch (array->dtype) {
        SQ_READ_ELEMENTS(SEQNN_F64, double, );
        SQ_READ_ELEMENTS(SEQNN_F16, uint16_t, sq_half_to_real);
        SQ_READ_ELEMENTS(SEQNN_BF16, uint16_t, sq_bfloat_to_real);
        SQ_READ_ELEMENTS(SEQNN_I64, int64_t, );
        SQ_READ_ELEMENTS(SEQNN_I32, int32_t, );
        SQ_READ_ELEMENTS(SEQNN_I16, int16_t, );
        SQ_READ_ELEMENTS(SEQNN_I8, int8_t, );
        SQ_READ_ELEMENTS(SEQNN_U8, uint8_t, );
        SQ_READ_ELEMENTS(SEQNN_BOOL, uint8_t, sq_is_not_zero);
        SQ_READ_ELEMENTS(SEQNN_DTYPE_DEFAULT, float, );
        SQ_READ_ELEMENTS(SEQNN_F32, float, );
    }
}

#undef SQ_READ_ELEMENTS

SQ_LOCAL void sq_array_file_free(sq_array_file *file)
{
    if (!file)
        return;
    sq_free(file->array);
    sq_free(file->metadata);
    sq_free(file->data);
    sq_json_free(&file->json);
    sq_free(file);
}

SQ_LOCAL seqnn_status sq_open_bytes(const char *path, FILE **file, seqnn_size *size)
{
    if (!path || !path[0])
        return sq_fail(SEQNN_ERROR_ARGUMENT, "no path was given for the file");
    if (sq_is_folder(path))
        return sq_fail(SEQNN_ERROR_FILE, "%s: is a folder, expected a file", path);
    *file = fopen(path, "rb");
    if (!*file)
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened: %s", path,
                       strerror(errno));
    long end = fseek(*file, 0, SEEK_END) == 0 ? ftell(*file) : -1;
    *size = (seqnn_size)end;
    if (end >= 0 && fseek(*file, 0, SEEK_SET) == 0)
        return SEQNN_OK;
    sq_fail(SEQNN_ERROR_FILE, "%s: cannot be read: %s", path, strerror(errno));
    fclose(*file);
    return SEQNN_ERROR_FILE;
}

SQ_LOCAL seqnn_status sq_read_bytes(FILE *file, const char *path, void *bytes,
                                    seqnn_size count)
{
    errno = 0;
    if (count == 0 || fread(bytes, 1, (size_t)count, file) == (size_t)count)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be read: %s", path,
                   errno != 0 ? strerror(errno) : "it became shorter");
}
