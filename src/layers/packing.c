#include "packing.h"

SQ_LOCAL void sq_packing_plan(sq_packing *packing, sq_arena *arena, seqnn_size batch,
                              seqnn_size time)
{
    seqnn_size cells = sq_multiply(batch, time);
    /* A backend copies all from `order` to `source` in one piece. */
    packing->order = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
    packing->start = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
    packing->length = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
    packing->offset = (seqnn_size *)sq_arena_take(arena, time + 1, sizeof(seqnn_size));
    packing->source = (seqnn_size *)sq_arena_take(arena, cells, sizeof(seqnn_size));
    packing->count = (seqnn_size *)sq_arena_take(arena, time + 2, sizeof(seqnn_size));
}

static seqnn_status sq_check_lengths(const char *who, seqnn_size batch, seqnn_size time,
                                     const int32_t *start, const int32_t *length)
{
    for (seqnn_size b = 0; b < batch; b++)
        if (start[b] < 0 || length[b] < 0 || (seqnn_size)start[b] + length[b] > time)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "%s: sample %td has start %d and length %d, but there are %td "
                           "steps",
                           who, b, (int)start[b], (int)length[b], time);
    return SEQNN_OK;
}

/* Longest first; equal lengths stay in the user's order. A counting sort by length. */
static void sq_order_by_length(sq_packing *packing, const int32_t *length)
{
    seqnn_size batch = packing->batch, time = packing->time;
    seqnn_size *first = packing->count; /* first[l]: position of the next length l */
    memset(first, 0, (size_t)(time + 2) * sizeof *first);
    for (seqnn_size b = 0; b < batch; b++)
        first[length ? length[b] : time]++;
    seqnn_size position = 0;
    for (seqnn_size l = time; l >= 0; l--) {
        seqnn_size here = first[l];
        first[l] = position;
        position += here;
    }
    for (seqnn_size b = 0; b < batch; b++)
        packing->order[first[length ? length[b] : time]++] = (int32_t)b;
}

SQ_LOCAL seqnn_status sq_pack(sq_packing *packing, const char *who, seqnn_size batch,
                              seqnn_size time, const int32_t *start,
                              const int32_t *length)
{
    if (length) {
        seqnn_status status = sq_check_lengths(who, batch, time, start, length);
        if (status)
            return status;
    }
    packing->batch = batch;
    packing->time = time;
    sq_order_by_length(packing, length);
    for (seqnn_size k = 0; k < batch; k++) {
        packing->start[k] = length ? start[packing->order[k]] : 0;
        packing->length[k] = length ? length[packing->order[k]] : (int32_t)time;
    }
    packing->steps = batch > 0 ? packing->length[0] : 0;
    seqnn_size row = 0, active = batch;
    for (seqnn_size s = 0; s < packing->steps; s++) {
        packing->offset[s] = row;
        while (active > 0 && packing->length[active - 1] <= s)
            active--;
        for (seqnn_size k = 0; k < active; k++)
            packing->source[row++] = packing->order[k] * time + packing->start[k] + s;
    }
    packing->offset[packing->steps] = row;
    packing->rows = row;
    return SEQNN_OK;
}

SQ_LOCAL void sq_pack_rows(const sq_packing *packing, seqnn_size features,
                           const seqnn_real *values, seqnn_real *rows)
{
    size_t bytes = (size_t)features * sizeof(seqnn_real);
    for (seqnn_size r = 0; r < packing->rows; r++)
        memcpy(rows + r * features, values + packing->source[r] * features, bytes);
}

SQ_LOCAL void sq_unpack_rows(const sq_packing *packing, seqnn_size features,
                             const seqnn_real *rows, seqnn_real *values)
{
    size_t bytes = (size_t)features * sizeof(seqnn_real);
    if (packing->rows < packing->batch * packing->time)
        memset(values, 0, (size_t)(packing->batch * packing->time) * bytes);
    for (seqnn_size r = 0; r < packing->rows; r++)
        memcpy(values + packing->source[r] * features, rows + r * features, bytes);
}
