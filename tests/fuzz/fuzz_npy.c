#include "npy.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    seqnn_safetensors *file = seqnn_npy_read(fuzz_file(bytes, count));
    fuzz_outcome(file != NULL);
    if (file) {
        const seqnn_named_array *array = file->array;
        seqnn_size elements = seqnn_named_array_count(array);
        fuzz_must(file->count == 1 && elements <= (seqnn_size)count,
                  "more elements than bytes");
        fuzz_bytes(array->data, (size_t)(elements * seqnn_dtype_size(array->dtype)));
        seqnn_real *values = (seqnn_real *)malloc((size_t)elements * sizeof *values + 1);
        seqnn_named_array_read(array, values);
        free(values);
    }
    seqnn_safetensors_free(file);
    return 0;
}
