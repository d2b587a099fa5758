/* data/named_array.h - what readers and writers of named arrays share (private) */
#ifndef SQ_NAMED_ARRAY_H
#define SQ_NAMED_ARRAY_H

#include "json.h"
#include "safetensors.h"

/* A seqnn_safetensors with its memory. */
typedef struct sq_array_file {
    seqnn_safetensors shown; /* first: what users hold is the whole */
    seqnn_named_array *array;
    seqnn_metadata *metadata;
    unsigned char *data; /* of all arrays, each begins at a multiple of 8 */
    sq_json json;        /* holds the strings */
} sq_array_file;

SQ_LOCAL void sq_array_file_free(sq_array_file *file);

/* seqnn_safetensors_read that says what kind of failure it was. */
SQ_LOCAL seqnn_status sq_safetensors_read(const char *path, seqnn_safetensors **file);

/* A file of bytes, opened with its size. Close it with fclose. */
SQ_LOCAL seqnn_status sq_open_bytes(const char *path, FILE **file, seqnn_size *size);
/* The next count bytes; an error if there are fewer. */
SQ_LOCAL seqnn_status sq_read_bytes(FILE *file, const char *path, void *bytes,
                                    seqnn_size count);

/* Elements of a shape, bytes of all of them; -1 if that is no size. */
SQ_LOCAL seqnn_size sq_shape_count(const seqnn_size *shape, int rank);
SQ_LOCAL seqnn_size sq_array_bytes(const seqnn_named_array *array);

/* A value that is no dtype: false. SEQNN_DTYPE_DEFAULT becomes SEQNN_F32. */
SQ_LOCAL bool sq_dtype_resolve(seqnn_dtype *dtype);
SQ_LOCAL bool sq_little_endian(void);
/* Turns the bytes of each element round. */
SQ_LOCAL void sq_swap_bytes(unsigned char *bytes, seqnn_size count, seqnn_size size);

#endif
