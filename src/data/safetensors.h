/* data/safetensors.h - named arrays in a file, readable by Python's safetensors package
 *
 *     8 bytes   n, little-endian
 *     n bytes   JSON: {"__metadata__": {"key": "string"}, "name": {"dtype": "F32",
 *               "shape": [3, 4], "data_offsets": [0, 48]}}
 *     the rest  the arrays, row-major, little-endian, without gaps
 *
 * Everything is checked before it is believed: sizes, offsets, overlaps, gaps, the end of
 * the file. A file is read whole, or not at all. Element types other than those below
 * (U16, U32, U64, 8-bit floats) are an error.
 */
#ifndef SEQNN_SAFETENSORS_H
#define SEQNN_SAFETENSORS_H

#include "config.h"
#include "error.h"

typedef enum seqnn_dtype {
    SEQNN_DTYPE_DEFAULT = 0, /* SEQNN_F32 */
    SEQNN_F32,
    SEQNN_F64,
    SEQNN_F16,
    SEQNN_BF16,
    SEQNN_I64,
    SEQNN_I32,
    SEQNN_I16,
    SEQNN_I8,
    SEQNN_U8,
    SEQNN_BOOL
} seqnn_dtype;

enum { SEQNN_ARRAY_RANK = 8 };

typedef struct seqnn_named_array {
    const char *name;
    seqnn_dtype dtype;
    int rank; /* 0: one number */
    seqnn_size shape[SEQNN_ARRAY_RANK];
    const void *data; /* in this machine's byte order, aligned to 8 bytes or more */
} seqnn_named_array;

typedef struct seqnn_metadata {
    const char *key, *value;
} seqnn_metadata;

typedef struct seqnn_safetensors {
    seqnn_size count;
    const seqnn_named_array *array; /* [count], in the order of the file's data */
    seqnn_size metadata_count;
    const seqnn_metadata *metadata; /* [metadata_count] */
} seqnn_safetensors;

/* The whole file; NULL with the error set if it is not one. */
SEQNN_API seqnn_safetensors *seqnn_safetensors_read(const char *path);
SEQNN_API void seqnn_safetensors_free(seqnn_safetensors *file);

/* By name; NULL if there is none (no error is set). */
SEQNN_API const seqnn_named_array *seqnn_safetensors_find(const seqnn_safetensors *file,
                                                          const char *name);
SEQNN_API const char *seqnn_safetensors_metadata(const seqnn_safetensors *file,
                                                 const char *key);

/* Elements; bytes of one. */
SEQNN_API seqnn_size seqnn_named_array_count(const seqnn_named_array *array);
SEQNN_API seqnn_size seqnn_dtype_size(seqnn_dtype dtype);

/* All elements as seqnn_real into values[0..seqnn_named_array_count): half precision and
 * integers are converted. */
SEQNN_API void seqnn_named_array_read(const seqnn_named_array *array, seqnn_real *values);

/* Writes a file, whole or not at all. Error: a name that is empty, not UTF-8, comes twice
 * or is "__metadata__", a shape that is no size, a file that cannot be written. */
SEQNN_API seqnn_status seqnn_safetensors_write(const char *path,
                                               const seqnn_named_array *arrays,
                                               seqnn_size count,
                                               const seqnn_metadata *metadata,
                                               seqnn_size metadata_count);

#endif
