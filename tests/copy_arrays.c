/* Reads a file of arrays, prints what is in it, and writes it again: the C side of
 * test_safetensors.py. Word vectors are written as safetensors.
 *   copy_arrays safetensors|npy|vectors in [out]  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npy.h"
#include "word_vectors.h"

static int copy_vectors(const char *in, const char *out)
{
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(in);
    bool done =
        vectors && !seqnn_word_vectors_write(vectors, out, SEQNN_VECTORS_SAFETENSORS);
    if (!done)
        printf("%s\n", seqnn_error());
    seqnn_word_vectors_free(vectors);
    return done ? 0 : 1;
}

int main(int count, char **words)
{
    bool npy = count > 1 && strcmp(words[1], "npy") == 0;
    if (count < 3)
        return 2;
    if (count > 3 && strcmp(words[1], "vectors") == 0)
        return copy_vectors(words[2], words[3]);
    seqnn_safetensors *file =
        npy ? seqnn_npy_read(words[2]) : seqnn_safetensors_read(words[2]);
    if (!file) {
        printf("%s\n", seqnn_error());
        return 1;
    }
    for (seqnn_size i = 0; i < file->count; i++) {
        const seqnn_named_array *array = &file->array[i];
        seqnn_size elements = seqnn_named_array_count(array);
        seqnn_real *values = (seqnn_real *)malloc((size_t)elements * sizeof *values + 1);
        seqnn_named_array_read(array, values);
        printf("%s %d", array->name, (int)array->dtype);
        for (int k = 0; k < array->rank; k++)
            printf(" %td", array->shape[k]);
        printf(" :");
        for (seqnn_size k = 0; k < elements; k++)
            printf(" %.9g", (double)values[k]);
        printf("\n");
        free(values);
    }
    seqnn_status status = SEQNN_OK;
    if (count > 3)
        status = npy ? seqnn_npy_write(words[3], file->array)
                     : seqnn_safetensors_write(words[3], file->array, file->count,
                                               file->metadata, file->metadata_count);
    seqnn_safetensors_free(file);
    if (status)
        printf("%s\n", seqnn_error());
    return status ? 1 : 0;
}
