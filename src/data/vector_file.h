/* data/vector_file.h - word vectors one after the other, in any of four formats
 * (private)
 */
#ifndef SQ_VECTOR_FILE_H
#define SQ_VECTOR_FILE_H

#include "files.h"
#include "safetensors.h"

enum {
    SQ_MOST_VECTORS = INT32_MAX - 2, /* sq_words numbers them */
    SQ_MOST_NUMBERS = 65536,         /* in a vector, by a header */
    SQ_LONGEST_WORD = 4096
};

typedef enum sq_vector_layout {
    SQ_VECTORS_TEXT, /* GloVe, word2vec */
    SQ_VECTORS_BINARY,
    SQ_VECTORS_ARRAYS /* safetensors */
} sq_vector_layout;

typedef struct sq_vector_file {
    sq_reader reader;
    sq_vector_layout layout;
    seqnn_size announced; /* vectors by the header, or -1 */
    seqnn_size dimension; /* 0 before the first vector of a file without header */
    seqnn_size read;      /* vectors so far */
    const char *word;     /* of the vector that was read last; NULL at the end */
    seqnn_size length;
    const char *numbers;       /* text: up to a NUL, a blank before each; binary: float32;
                                  arrays: elements of the array */
    seqnn_safetensors *arrays; /* the whole file */
    const seqnn_named_array *vectors;
    const char *words, *words_end; /* those not read yet */
} sq_vector_file;

/* Opens path, which must outlive the file, and finds its format. Close it in any case. */
SQ_LOCAL seqnn_status sq_vector_file_open(sq_vector_file *file, const char *path);
SQ_LOCAL void sq_vector_file_close(sq_vector_file *file);

/* The next vector; it stands until the next call. */
SQ_LOCAL seqnn_status sq_vector_file_next(sq_vector_file *file);

/* Its numbers, [dimension]; or only how many they are. */
SQ_LOCAL seqnn_status sq_vector_file_values(const sq_vector_file *file,
                                            seqnn_real *values);
SQ_LOCAL seqnn_status sq_vector_file_check(const sq_vector_file *file,
                                           seqnn_size dimension);

#endif
