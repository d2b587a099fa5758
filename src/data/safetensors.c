/* data/safetensors.c - the container format of the same name */
#include "safetensors.h"
#include "named_array.h"
#include "output.h"

enum { SQ_LONGEST_HEADER = 100000000, SQ_SWAP_SIZE = 4096 };

static const char *const sq_dtype_names[] = {"F32", "F32", "F64", "F16", "BF16", "I64",
                                             "I32", "I16", "I8",  "U8",  "BOOL"};
static const char sq_metadata_key[] = "__metadata__";

static seqnn_size sq_align8(seqnn_size size)
{
    return (size + 7) & ~(seqnn_size)7;
}

/* ---- reading ---- */

/* An array and where the file has it. */
typedef struct sq_placed_array {
    seqnn_size begin, end, order; /* order: in the header, for equal places */
    seqnn_named_array array;
} sq_placed_array;

static int sq_compare_places(const void *a, const void *b)
{
    const sq_placed_array *x = (const sq_placed_array *)a;
    const sq_placed_array *y = (const sq_placed_array *)b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]} */
static seqnn_status sq_read_placed(const char *path, const sq_json_value *member,
                                   sq_placed_array *placed)
{
    seqnn_named_array *array = &placed->array;
    const char *dtype = sq_json_string(sq_json_member(member, "dtype"));
    const sq_json_value *shape = sq_json_member(member, "shape");
    const sq_json_value *place = sq_json_member(member, "data_offsets");
    array->name = member->key;
    for (int i = SEQNN_F32; dtype && i <= SEQNN_BOOL; i++)
        if (strcmp(dtype, sq_dtype_names[i]) == 0)
            array->dtype = (seqnn_dtype)i;
    if (!array->dtype)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: '%.100s' has dtype '%.20s', expected F32, F64, F16, BF16, "
                       "I64, I32, I16, I8, U8 or BOOL",
                       path, member->key, dtype ? dtype : "");
    if (!shape || shape->kind != SQ_JSON_ARRAY || shape->count > SEQNN_ARRAY_RANK)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: '%.100s' has no shape of at most %d dimensions", path,
                       member->key, (int)SEQNN_ARRAY_RANK);
    bool valid = true;
    for (const sq_json_value *size = shape->first; size; size = size->next) {
        array->shape[array->rank] = sq_json_size(size, PTRDIFF_MAX);
        valid = array->shape[array->rank++] >= 0 && valid;
    }
    seqnn_size bytes = valid ? sq_array_bytes(array) : -1;
    if (bytes < 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the shape of '%.100s' is no size", path,
                       member->key);
    bool pair = place && place->kind == SQ_JSON_ARRAY && place->count == 2;
    placed->begin = pair ? sq_json_size(place->first, PTRDIFF_MAX) : -1;
    placed->end = pair ? sq_json_size(place->first->next, PTRDIFF_MAX) : -1;
    if (placed->begin < 0 || placed->end - placed->begin != bytes)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: the data_offsets of '%.100s' are not %td bytes apart", path,
                       member->key, bytes);
    return SEQNN_OK;
}

static seqnn_status sq_read_metadata(const char *path, const sq_json_value *object,
                                     sq_array_file *file)
{
    if (object->kind != SQ_JSON_OBJECT)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: __metadata__ is no object", path);
    file->metadata = (seqnn_metadata *)sq_allocate(object->count, sizeof *file->metadata);
    if (!file->metadata)
        return SEQNN_ERROR_MEMORY;
    for (const sq_json_value *member = object->first; member; member = member->next) {
        seqnn_metadata *entry = &file->metadata[file->shown.metadata_count++];
        entry->key = member->key;
        entry->value = sq_json_string(member);
        if (!entry->value)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s: __metadata__ has a '%.100s' that is no string", path,
                           member->key);
    }
    return SEQNN_OK;
}

/* All arrays of the header in the order of their data, which must follow each other
 * without a gap over exactly `bytes` bytes. */
static seqnn_status sq_read_places(const char *path, seqnn_size bytes,
                                   sq_array_file *file, sq_placed_array *placed)
{
    seqnn_size count = 0, at = 0;
    for (const sq_json_value *m = file->json.value->first; m; m = m->next) {
        placed[count].order = count;
        seqnn_status status = strcmp(m->key, sq_metadata_key) == 0
                                  ? sq_read_metadata(path, m, file)
                                  : sq_read_placed(path, m, &placed[count++]);
        if (status != SEQNN_OK)
            return status;
    }
    if (count > 1)
        qsort(placed, (size_t)count, sizeof *placed, sq_compare_places);
    for (seqnn_size i = 0; i < count; at = placed[i++].end)
        if (placed[i].begin != at)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s: '%.100s' begins at byte %td of the data, expected %td",
                           path, placed[i].array.name, placed[i].begin, at);
    if (at != bytes)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: the arrays take %td bytes, the file has %td: %s", path, at,
                       bytes, at > bytes ? "cut off?" : "something is behind them");
    file->shown.count = count;
    return SEQNN_OK;
}

/* Reads the data, array by array, each to a place aligned to 8 bytes. */
static seqnn_status sq_read_data(FILE *in, const char *path, sq_array_file *file,
                                 const sq_placed_array *placed)
{
    seqnn_size count = file->shown.count, size = 0;
    for (seqnn_size i = 0; i < count; i++)
        size += sq_align8(placed[i].end - placed[i].begin);
    file->data = (unsigned char *)sq_allocate(size, 1);
    file->array = (seqnn_named_array *)sq_allocate(count, sizeof *file->array);
    if (!file->data || !file->array)
        return SEQNN_ERROR_MEMORY;
    unsigned char *to = file->data;
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_size bytes = placed[i].end - placed[i].begin;
        seqnn_named_array *array = &file->array[i];
        *array = placed[i].array;
        array->data = to;
        seqnn_status status = sq_read_bytes(in, path, to, bytes);
        if (status != SEQNN_OK)
            return status;
        if (!sq_little_endian())
            sq_swap_bytes(to, seqnn_named_array_count(array),
                          seqnn_dtype_size(array->dtype));
        to += sq_align8(bytes);
    }
    return SEQNN_OK;
}

static seqnn_status sq_parse_safetensors(FILE *in, const char *path, seqnn_size size,
                                         sq_array_file *file)
{
    unsigned char eight[8];
    if (size < 8)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: %td bytes are no safetensors file", path,
                       size);
    seqnn_status status = sq_read_bytes(in, path, eight, 8);
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | eight[i];
    if (status == SEQNN_OK && (length > SQ_LONGEST_HEADER || length > (uint64_t)size - 8))
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: a header of %llu bytes in a file of %td, expected at most "
                         "100 MB of it: cut off, or no safetensors file",
                         path, (unsigned long long)length, size);
    if (status != SEQNN_OK)
        return status;
    char *header = (char *)sq_allocate((seqnn_size)length, 1);
    if (!header)
        return SEQNN_ERROR_MEMORY;
    status = sq_read_bytes(in, path, header, (seqnn_size)length);
    if (status == SEQNN_OK)
        status = sq_json_parse(&file->json, path, header, (seqnn_size)length);
    sq_free(header);
    if (status == SEQNN_OK && file->json.value->kind != SQ_JSON_OBJECT)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: the header is no JSON object", path);
    if (status != SEQNN_OK)
        return status;
    sq_placed_array *placed =
        (sq_placed_array *)sq_allocate(file->json.value->count, sizeof *placed);
    if (!placed)
        return SEQNN_ERROR_MEMORY;
    status = sq_read_places(path, size - 8 - (seqnn_size)length, file, placed);
    if (status == SEQNN_OK)
        status = sq_read_data(in, path, file, placed);
    sq_free(placed);
    file->shown.array = file->array;
    file->shown.metadata = file->metadata;
    return status;
}

SQ_LOCAL seqnn_status sq_safetensors_read(const char *path, seqnn_safetensors **file)
{
    seqnn_size size = 0;
    FILE *in = NULL;
    *file = NULL;
    seqnn_status status = sq_open_bytes(path, &in, &size);
    if (status != SEQNN_OK)
        return status;
    sq_array_file *read = (sq_array_file *)sq_allocate(1, sizeof *read);
    status = read ? sq_parse_safetensors(in, path, size, read) : SEQNN_ERROR_MEMORY;
    fclose(in);
    if (status == SEQNN_OK)
        *file = &read->shown;
    else
        sq_array_file_free(read);
    return status;
}

SEQNN_API seqnn_safetensors *seqnn_safetensors_read(const char *path)
{
    seqnn_safetensors *file;
    sq_safetensors_read(path, &file);
    return file;
}

SEQNN_API void seqnn_safetensors_free(seqnn_safetensors *file)
{
    sq_array_file_free((sq_array_file *)file);
}

SEQNN_API const seqnn_named_array *seqnn_safetensors_find(const seqnn_safetensors *file,
                                                          const char *name)
{
    for (seqnn_size i = 0; file && i < file->count; i++)
        if (strcmp(file->array[i].name, name) == 0)
            return &file->array[i];
    return NULL;
}

SEQNN_API const char *seqnn_safetensors_metadata(const seqnn_safetensors *file,
                                                 const char *key)
{
    for (seqnn_size i = 0; file && i < file->metadata_count; i++)
        if (strcmp(file->metadata[i].key, key) == 0)
            return file->metadata[i].value;
    return NULL;
}

/* ---- writing ---- */

static seqnn_status sq_check_array(const char *path, const seqnn_named_array *array)
{
    seqnn_dtype dtype = array->dtype;
    if (!array->name || !array->name[0] || strcmp(array->name, sq_metadata_key) == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: an array is named '%s', expected a name of its own", path,
                       array->name ? array->name : "");
    if (!sq_dtype_resolve(&dtype) || array->rank < 0 || array->rank > SEQNN_ARRAY_RANK)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: '%.100s' has dtype %d and rank %d, expected a seqnn_dtype and "
            "at most %d",
            path, array->name, (int)array->dtype, array->rank, (int)SEQNN_ARRAY_RANK);
    seqnn_size bytes = sq_array_bytes(array);
    if (bytes < 0 || (bytes > 0 && !array->data))
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: '%.100s' has %s", path, array->name,
                       bytes < 0 ? "a shape that is no size" : "no data");
    return SEQNN_OK;
}

static void sq_describe_tensor(sq_buffer *header, const seqnn_named_array *array,
                               seqnn_size *at)
{
    sq_buffer_text(header, header->length > 1 ? "," : "");
    sq_buffer_string(header, array->name);
    sq_buffer_text(header, ":{\"dtype\":");
    sq_buffer_string(header, sq_dtype_names[array->dtype]);
    sq_buffer_text(header, ",\"shape\":[");
    for (int i = 0; i < array->rank; i++) {
        sq_buffer_text(header, i > 0 ? "," : "");
        sq_buffer_integer(header, array->shape[i]);
    }
    sq_buffer_text(header, "],\"data_offsets\":[");
    sq_buffer_integer(header, *at);
    *at += sq_array_bytes(array);
    sq_buffer_text(header, ",");
    sq_buffer_integer(header, *at);
    sq_buffer_text(header, "]}");
}

/* Large elements first, so that each array is aligned to its own; otherwise in the order
 * in which they are given. begin is the next to look at; NULL after the last. */
static const seqnn_named_array *sq_next_by_size(const seqnn_named_array *arrays,
                                                seqnn_size count, seqnn_size *begin,
                                                seqnn_size *size)
{
    for (; *size > 0; *size /= 2, *begin = 0)
        while (*begin < count) {
            const seqnn_named_array *array = &arrays[(*begin)++];
            if (seqnn_dtype_size(array->dtype) == *size)
                return array;
        }
    return NULL;
}

/* The JSON, with blanks behind it up to a multiple of 8 bytes. What cannot be read again,
 * above all a name that comes twice, is not written. */
static seqnn_status sq_write_header(const char *path, sq_buffer *header,
                                    const seqnn_named_array *arrays, seqnn_size count,
                                    const seqnn_metadata *metadata,
                                    seqnn_size metadata_count)
{
    seqnn_size at = 0, begin = 0, size = 8;
    sq_buffer_text(header, "{");
    for (seqnn_size i = 0; i < metadata_count; i++) {
        sq_buffer_text(header, i > 0 ? "," : "\"__metadata__\":{");
        sq_buffer_string(header, metadata[i].key);
        sq_buffer_text(header, ":");
        sq_buffer_string(header, metadata[i].value);
    }
    sq_buffer_text(header, metadata_count > 0 ? "}" : "");
    for (const seqnn_named_array *array;
         (array = sq_next_by_size(arrays, count, &begin, &size)) != NULL;) {
        if (at > PTRDIFF_MAX - sq_array_bytes(array))
            return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: the arrays are too large together",
                           path);
        sq_describe_tensor(header, array, &at);
    }
    sq_buffer_text(header, "}");
    sq_buffer_bytes(header, "       ", sq_align8(header->length) - header->length);
    sq_json json;
    memset(&json, 0, sizeof json);
    seqnn_status status = header->status;
    if (status == SEQNN_OK)
        status = sq_json_parse(&json, path, header->text, header->length);
    sq_json_free(&json);
    if (status == SEQNN_OK && header->length > SQ_LONGEST_HEADER)
        status = sq_fail(SEQNN_ERROR_ARGUMENT,
                         "%s: a header of %td bytes, expected at most 100 MB", path,
                         header->length);
    if (status == SEQNN_ERROR_FORMAT)
        status = sq_fail(SEQNN_ERROR_ARGUMENT, "%s", seqnn_error());
    return status;
}

/* The elements in little-endian order. */
static void sq_write_array(sq_output *output, const seqnn_named_array *array)
{
    unsigned char turned[SQ_SWAP_SIZE];
    const unsigned char *bytes = (const unsigned char *)array->data;
    seqnn_size left = sq_array_bytes(array), size = seqnn_dtype_size(array->dtype);
    if (sq_little_endian()) {
        sq_output_bytes(output, bytes, left);
        return;
    }
    while (left > 0) {
        seqnn_size count = sq_min(left, SQ_SWAP_SIZE);
        memcpy(turned, bytes, (size_t)count);
        sq_swap_bytes(turned, count / size, size);
        sq_output_bytes(output, turned, count);
        bytes += count;
        left -= count;
    }
}

SEQNN_API seqnn_status seqnn_safetensors_write(const char *path,
                                               const seqnn_named_array *arrays,
                                               seqnn_size count,
                                               const seqnn_metadata *metadata,
                                               seqnn_size metadata_count)
{
    sq_buffer header;
    sq_output output;
    memset(&header, 0, sizeof header);
    if (!path || !path[0])
        return sq_fail(SEQNN_ERROR_ARGUMENT, "no path was given for the file");
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++)
        status = sq_check_array(path, &arrays[i]);
    for (seqnn_size i = 0; i < metadata_count && status == SEQNN_OK; i++)
        if (!metadata[i].key || !metadata[i].value)
            status = sq_fail(SEQNN_ERROR_ARGUMENT,
                             "%s: metadata without a key or a value", path);
    if (status == SEQNN_OK)
        status = sq_write_header(path, &header, arrays, count, metadata, metadata_count);
    if (status == SEQNN_OK) {
        unsigned char eight[8];
        seqnn_size begin = 0, size = 8;
        for (int i = 0; i < 8; i++)
            eight[i] = (unsigned char)((uint64_t)header.length >> (8 * i) & 0xFF);
        sq_output_open(&output, path);
        sq_output_bytes(&output, eight, 8);
        sq_output_bytes(&output, header.text, header.length);
        for (const seqnn_named_array *array;
             (array = sq_next_by_size(arrays, count, &begin, &size)) != NULL;)
            sq_write_array(&output, array);
        status = sq_output_close(&output);
    }
    sq_buffer_free(&header);
    return status;
}
