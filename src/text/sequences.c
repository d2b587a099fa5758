#include "sequences_build.h"
#include "dataset_rows.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_sequences {
    seqnn_token_sequences public_part;
    seqnn_size *begin;
    int32_t *indices;
    seqnn_size used, capacity;
} sq_sequences;

SQ_LOCAL seqnn_token_sequences *sq_sequences_new(seqnn_size count)
{
    sq_sequences *s = (sq_sequences *)sq_allocate(1, sizeof(sq_sequences));
    if (!s)
        return NULL;
    s->begin = (seqnn_size *)sq_allocate(count + 1, sizeof(seqnn_size));
    s->public_part.begin = s->begin;
    if (s->begin)
        return &s->public_part;
    sq_free(s);
    return NULL;
}

SQ_LOCAL seqnn_status sq_sequences_push(seqnn_token_sequences *sequences, int32_t index)
{
    sq_sequences *s = (sq_sequences *)sequences;
    void *memory = s->indices;
    seqnn_status status = sq_grow(&memory, &s->capacity, s->used + 1, sizeof(int32_t));
    if (status != SEQNN_OK)
        return status;
    s->indices = (int32_t *)memory;
    s->indices[s->used++] = index;
    return SEQNN_OK;
}

SQ_LOCAL void sq_sequences_end(seqnn_token_sequences *sequences)
{
    sq_sequences *s = (sq_sequences *)sequences;
    s->begin[++sequences->count] = s->used;
    sequences->indices = s->indices;
}

SEQNN_API void seqnn_token_sequences_free(seqnn_token_sequences *sequences)
{
    if (!sequences)
        return;
    sq_sequences *s = (sq_sequences *)sequences;
    sq_free(s->begin);
    sq_free(s->indices);
    sq_free(s);
}

static seqnn_status sq_check_side(seqnn_side side, const char *name)
{
    if (side == SEQNN_PRE || side == SEQNN_POST)
        return SEQNN_OK;
    return sq_fail(
        SEQNN_ERROR_ARGUMENT,
        "pad sequences: .%s is %d; it has no default, name SEQNN_PRE or SEQNN_POST", name,
        (int)side);
}

/* Checks the options and puts the length in where it is 0. */
static seqnn_status sq_pad_check(const seqnn_token_sequences *sequences,
                                 seqnn_pad_options *options)
{
    seqnn_status status = sq_check_side(options->padding, "padding");
    if (status == SEQNN_OK)
        status = sq_check_side(options->truncating, "truncating");
    if (status != SEQNN_OK)
        return status;
    if (options->length < 0 || options->length > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "pad sequences: .length is %td, expected 0 (the longest) to %d",
                       options->length, (int)INT32_MAX);
    if (options->length > 0)
        return SEQNN_OK;
    options->length = 1; /* even if every sequence is empty */
    for (seqnn_size i = 0; i < sequences->count; i++)
        options->length =
            sq_max(options->length, sequences->begin[i + 1] - sequences->begin[i]);
    return SEQNN_OK;
}

/* One sequence into row[0 .. options.length), which holds zeros. */
static void sq_pad_row(const int32_t *sequence, seqnn_size size,
                       seqnn_pad_options options, int32_t *row, int32_t *start,
                       int32_t *length)
{
    seqnn_size kept = sq_min(size, options.length);
    if (options.truncating == SEQNN_PRE && size > kept)
        sequence += size - kept;
    *start = options.padding == SEQNN_PRE ? (int32_t)(options.length - kept) : 0;
    *length = (int32_t)kept;
    if (kept > 0)
        memcpy(row + *start, sequence, (size_t)kept * sizeof(int32_t));
}

SQ_LOCAL seqnn_dataset *sq_pad_sequences(const seqnn_token_sequences *sequences,
                                         seqnn_pad_options options, seqnn_dataset like)
{
    if (!sequences || sq_pad_check(sequences, &options) != SEQNN_OK)
        return NULL;
    /* Only the shape is asked of `like`: any pointer says "there is one". */
    static const int32_t some = 0;
    like.x[0].indices = like.x[0].start = like.x[0].length = &some;
    like.x[0].time = options.length;
    seqnn_dataset *data = sq_dataset_new(&like, sequences->count);
    if (!data)
        return NULL;
    for (seqnn_size i = 0; i < sequences->count; i++) {
        seqnn_size begin = sequences->begin[i], size = sequences->begin[i + 1] - begin;
        sq_pad_row(size > 0 ? sequences->indices + begin : NULL, size, options,
                   (int32_t *)data->x[0].indices + i * options.length,
                   (int32_t *)data->x[0].start + i, (int32_t *)data->x[0].length + i);
    }
    return data;
}

SEQNN_API seqnn_dataset *seqnn_pad_sequences(const seqnn_token_sequences *sequences,
                                             seqnn_pad_options options)
{
    seqnn_dataset like;
    memset(&like, 0, sizeof like);
    return sq_pad_sequences(sequences, options, like);
}
