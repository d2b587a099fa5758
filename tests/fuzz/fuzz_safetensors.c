#include "safetensors.h"
#include "fuzz.h"

/* An array that is read is there whole, whatever its header said. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    seqnn_safetensors *file = seqnn_safetensors_read(fuzz_file(bytes, count));
    fuzz_outcome(file != NULL);
    for (seqnn_size i = 0; file && i < file->count; i++) {
        const seqnn_named_array *array = &file->array[i];
        seqnn_size elements = seqnn_named_array_count(array);
        fuzz_utf8(array->name);
        fuzz_must(seqnn_safetensors_find(file, array->name) == array, "a name is lost");
        fuzz_must((uintptr_t)array->data % 8 == 0, "an array is not aligned");
        fuzz_bytes(array->data, (size_t)(elements * seqnn_dtype_size(array->dtype)));
        fuzz_must(elements <= (seqnn_size)count, "more elements than bytes");
        seqnn_real *values = (seqnn_real *)malloc((size_t)elements * sizeof *values + 1);
        seqnn_named_array_read(array, values);
        free(values);
    }
    for (seqnn_size i = 0; file && i < file->metadata_count; i++)
        fuzz_utf8(file->metadata[i].value);
    seqnn_safetensors_free(file);
    return 0;
}
