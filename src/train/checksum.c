#include "checksum.h"

static uint64_t sq_fnv(uint64_t hash, const void *bytes, seqnn_size count)
{
    const unsigned char *at = (const unsigned char *)bytes;
    for (seqnn_size i = 0; i < count; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

static const uint64_t sq_fnv_start = 0xcbf29ce484222325u;

/* The elements as they stand in the file, the lowest byte first. */
static uint64_t sq_fnv_array(const seqnn_named_array *array)
{
    const uint16_t one = 1;
    const bool little = *(const unsigned char *)&one == 1;
    const seqnn_size count = seqnn_named_array_count(array);
    const seqnn_size size = seqnn_dtype_size(array->dtype);
    const unsigned char *data = (const unsigned char *)array->data;
    uint64_t hash =
        sq_fnv(sq_fnv_start, array->name, (seqnn_size)strlen(array->name) + 1);
    if (little)
        return sq_fnv(hash, data, count * size);
    for (seqnn_size i = 0; i < count; i++)
        for (seqnn_size b = size; b > 0; b--)
            hash = sq_fnv(hash, data + i * size + b - 1, 1);
    return hash;
}

SQ_LOCAL void sq_checksum(const seqnn_named_array *arrays, seqnn_size count,
                          const char *text, char out[SQ_CHECKSUM_SIZE])
{
    uint64_t sum = sq_fnv(sq_fnv_start, text, (seqnn_size)strlen(text));
    for (seqnn_size i = 0; i < count; i++)
        sum += sq_fnv_array(&arrays[i]);
    snprintf(out, SQ_CHECKSUM_SIZE, "fnv1a64:%016llx", (unsigned long long)sum);
}
