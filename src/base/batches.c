#include "batches.h"
#include "batches_check.h"
#include "dataset_rows.h"
#include "random.h"

/* Philox stream of epoch 0; one stream for each epoch follows. */
#define SQ_BATCHES_STREAM ((uint64_t)0x62617463 << 32)

struct seqnn_batches {
    const seqnn_dataset *data;
    seqnn_size batch_size, count;
    seqnn_batches_options options;
    int32_t *order;       /* [data->count] */
    int32_t *unsorted;    /* [data->count] the order before it is sorted */
    seqnn_size *first;    /* [time + 2] of the counting sort */
    seqnn_dataset *batch; /* batch_size rows */
    seqnn_size next;      /* the batch to come */
    const int32_t *rows;  /* of the last batch */
    bool padded_in_front[SEQNN_MAX_INPUTS];
    int target_axis; /* the input whose steps the target has, or -1 */
};

/* ---- checks ---- */

static bool sq_asks_for_lengths(const seqnn_batches_options *o)
{
    return o->by_length || o->sortagrad || o->buckets != 0;
}

static seqnn_status sq_check_batch_options(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           const seqnn_batches_options *o)
{
    if (data->count < 1 || data->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: a data set of %td samples, expected 1 to %d",
                       data->count, (int)INT32_MAX);
    if (batch_size < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: batch_size is %td, expected at least 1", batch_size);
    if (o->drop_last && data->count < batch_size)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "batches: %td samples are fewer than one batch of %td, and drop_last leaves "
            "out the rest: at least %td samples are needed",
            data->count, batch_size, batch_size);
    if (o->buckets < 0 || o->max_length < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: buckets %td, max_length %td; expected 0 (none) or more",
                       o->buckets, o->max_length);
    if (o->by_length && (o->sortagrad || o->buckets))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: by_length and %s exclude each other",
                       o->sortagrad ? "sortagrad" : "buckets");
    if (o->keep_order && o->buckets)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: keep_order and buckets exclude each other");
    if (sq_asks_for_lengths(o) && (!data->x[0].length || !data->x[0].time))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: %s needs the rows' lengths, and x[0] has no %s",
                       o->by_length   ? "by_length"
                       : o->sortagrad ? "sortagrad"
                                      : "buckets",
                       data->x[0].time ? "start and length" : "steps");
    return SEQNN_OK;
}

/* Lengths that are used here must be right here. */
static seqnn_status sq_check_steps(const char *what, int k, const seqnn_array *a,
                                   seqnn_size count)
{
    if (!a->start != !a->length)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "batches: start and length of %s[%d] come together or not at all",
                       what, k);
    for (seqnn_size i = 0; a->length && a->time && i < count; i++)
        if (a->start[i] < 0 || a->length[i] < 0 ||
            (seqnn_size)a->start[i] + a->length[i] > a->time)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "batches: %s[%d]: sample %td has start %d and length %d, but "
                           "there are %td steps",
                           what, k, i, (int)a->start[i], (int)a->length[i], a->time);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_check_batches(const seqnn_dataset *data, seqnn_size batch_size,
                                       const seqnn_batches_options *options)
{
    seqnn_status status = sq_check_batch_options(data, batch_size, options);
    if (status || (!options->max_length && !sq_asks_for_lengths(options)))
        return status;
    status = sq_check_steps("y", 0, &data->y, data->count);
    for (int k = 0; k < SEQNN_MAX_INPUTS && !status; k++)
        status = sq_check_steps("x", k, &data->x[k], data->count);
    return status;
}

/* ---- making ---- */

static bool sq_same_steps(const seqnn_array *a, const seqnn_array *b, seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++)
        if (a->start[i] != b->start[i] || a->length[i] != b->length[i])
            return false;
    return true;
}

static void sq_find_axes(seqnn_batches *batches)
{
    const seqnn_dataset *data = batches->data;
    const seqnn_array *y = &data->y;
    bool same = false;
    batches->target_axis = -1;
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++) {
        const seqnn_array *x = &data->x[k];
        if (!x->time)
            continue;
        for (seqnn_size i = 0; x->start && i < data->count; i++)
            if (x->start[i] > 0 && x->length[i] > 0)
                batches->padded_in_front[k] = true;
        if (y->time != x->time || same)
            continue;
        same = y->start && x->start && sq_same_steps(y, x, data->count);
        if (same || batches->target_axis < 0)
            batches->target_axis = k;
    }
}

/* Room for the largest batch. */
static seqnn_status sq_batches_memory(seqnn_batches *batches)
{
    const seqnn_dataset *data = batches->data;
    seqnn_dataset like = *data;
    seqnn_size cap = batches->options.max_length;
    for (int k = 0; cap && k < SEQNN_MAX_INPUTS; k++)
        like.x[k].time = sq_min(like.x[k].time, cap);
    if (cap && batches->target_axis >= 0)
        like.y.time = sq_min(like.y.time, cap);
    batches->batch = sq_dataset_new(&like, batches->batch_size);
    batches->order = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    if (!batches->batch || !batches->order)
        return SEQNN_ERROR_MEMORY;
    if (!sq_asks_for_lengths(&batches->options))
        return SEQNN_OK;
    batches->unsorted = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    batches->first = (seqnn_size *)sq_allocate(data->x[0].time + 2, sizeof(seqnn_size));
    return batches->unsorted && batches->first ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

SEQNN_API seqnn_batches *seqnn_batches_new(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           seqnn_batches_options options)
{
    if (!data) /* what should have made it has left its sentence */
        return NULL;
    if (sq_check_batches(data, batch_size, &options))
        return NULL;
    seqnn_batches *batches = (seqnn_batches *)sq_allocate(1, sizeof(seqnn_batches));
    if (!batches)
        return NULL;
    batches->data = data;
    batches->batch_size = sq_min(batch_size, data->count);
    batches->options = options;
    batches->count = data->count / batches->batch_size;
    if (!options.drop_last && data->count % batches->batch_size != 0)
        batches->count++;
    if (options.max_length)
        sq_find_axes(batches);
    if (sq_batches_memory(batches)) {
        seqnn_batches_free(batches);
        return NULL;
    }
    seqnn_batches_start(batches, 0);
    return batches;
}

SEQNN_API void seqnn_batches_free(seqnn_batches *batches)
{
    if (!batches)
        return;
    sq_free(batches->order);
    sq_free(batches->unsorted);
    sq_free(batches->first);
    seqnn_dataset_free(batches->batch);
    sq_free(batches);
}

/* ---- the order of an epoch ---- */

/* order[0..rows), shortest first; equal lengths stay in their order. A counting sort. */
static void sq_sort_by_length(seqnn_batches *batches, seqnn_size rows)
{
    const int32_t *length = batches->data->x[0].length;
    seqnn_size time = batches->data->x[0].time, *first = batches->first;
    memcpy(batches->unsorted, batches->order, (size_t)rows * sizeof(int32_t));
    memset(first, 0, (size_t)(time + 2) * sizeof *first);
    for (seqnn_size i = 0; i < rows; i++)
        first[length[batches->unsorted[i]] + 1]++;
    for (seqnn_size l = 0; l < time; l++)
        first[l + 1] += first[l];
    for (seqnn_size i = 0; i < rows; i++) {
        int32_t row = batches->unsorted[i];
        batches->order[first[length[row]]++] = row;
    }
}

/* Whole batches in a random order (Fisher-Yates). */
static void sq_shuffle_batches(seqnn_random *random, int32_t *order, seqnn_size batches,
                               seqnn_size batch_size)
{
    for (seqnn_size b = batches - 1; b > 0; b--) {
        int32_t *mine = order + b * batch_size;
        int32_t *other = order + seqnn_random_below(random, b + 1) * batch_size;
        for (seqnn_size i = 0; i < batch_size; i++) {
            int32_t row = mine[i];
            mine[i] = other[i];
            other[i] = row;
        }
    }
}

static void sq_order_in_buckets(seqnn_batches *batches, seqnn_random *random)
{
    seqnn_size size = batches->batch_size, full = batches->data->count / size;
    seqnn_size buckets = sq_min(batches->options.buckets, full);
    sq_sort_by_length(batches, full * size);
    for (seqnn_size k = 0; k < buckets; k++) {
        seqnn_size begin = full / buckets * k + sq_min(k, full % buckets);
        seqnn_size here = full / buckets + (k < full % buckets);
        seqnn_random_shuffle(random, batches->order + begin * size, here * size);
    }
    sq_shuffle_batches(random, batches->order, full, size);
}

SEQNN_API void seqnn_batches_seek(seqnn_batches *batches, seqnn_size epoch,
                                  seqnn_size first)
{
    const seqnn_batches_options *o = &batches->options;
    seqnn_size count = batches->data->count;
    seqnn_random random = {o->seed, SQ_BATCHES_STREAM + (uint64_t)epoch, 0};
    for (seqnn_size i = 0; i < count; i++)
        batches->order[i] = (int32_t)i;
    if (!o->keep_order)
        seqnn_random_shuffle(&random, batches->order, count);
    if (o->by_length || (o->sortagrad && epoch == 0))
        sq_sort_by_length(batches, sq_min(count, batches->count * batches->batch_size));
    else if (o->buckets)
        sq_order_in_buckets(batches, &random);
    batches->next = sq_max(0, sq_min(first, batches->count));
    batches->rows = batches->order;
}

SEQNN_API void seqnn_batches_start(seqnn_batches *batches, seqnn_size epoch)
{
    seqnn_batches_seek(batches, epoch, 0);
}

SEQNN_API seqnn_size seqnn_batches_count(const seqnn_batches *batches)
{
    return batches->count;
}

SEQNN_API const int32_t *seqnn_batches_rows(const seqnn_batches *batches)
{
    return batches->rows;
}

/* ---- a batch ---- */

/* The steps of the batch on a time axis of the data: its longest row on one of the inputs
 * of this time, or the cap. */
static seqnn_size sq_steps_of_batch(const seqnn_batches *batches, seqnn_size time)
{
    const seqnn_dataset *data = batches->data;
    seqnn_size longest = 1;
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++) {
        const seqnn_array *x = &data->x[k];
        if (x->time != time || !(x->indices || x->values))
            continue;
        for (seqnn_size i = 0; i < batches->batch->count; i++)
            longest = sq_max(longest, x->length ? x->length[batches->rows[i]] : time);
    }
    return sq_min(longest, batches->options.max_length);
}

/* The first of so many steps that hold the row's own, or as many of them as fit. */
static seqnn_size sq_first_step(const seqnn_batches *batches, int k, int32_t row,
                                seqnn_size steps)
{
    const seqnn_array *x = &batches->data->x[k];
    if (!x->length)
        return 0;
    if (batches->padded_in_front[k])
        return sq_max(0, (seqnn_size)x->start[row] + x->length[row] - steps);
    return sq_min(x->start[row], x->time - steps);
}

static void sq_copy_cut_rows(seqnn_batches *batches)
{
    const seqnn_dataset *data = batches->data;
    seqnn_dataset *batch = batches->batch;
    int axis = batches->target_axis;
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        if (data->x[k].time)
            batch->x[k].time = sq_steps_of_batch(batches, data->x[k].time);
    if (axis >= 0)
        batch->y.time = batch->x[axis].time;
    for (seqnn_size i = 0; i < batch->count; i++) {
        int32_t row = batches->rows[i];
        for (int k = 0; k < SEQNN_MAX_INPUTS; k++) {
            seqnn_size steps = batch->x[k].time;
            seqnn_size first = steps ? sq_first_step(batches, k, row, steps) : 0;
            sq_array_copy_steps(&batch->x[k], i, &data->x[k], row, first, steps);
        }
        seqnn_size first =
            axis >= 0 ? sq_first_step(batches, axis, row, batch->y.time) : 0;
        sq_array_copy_steps(&batch->y, i, &data->y, row, first, batch->y.time);
        if (data->weight)
            ((seqnn_real *)batch->weight)[i] = data->weight[row];
    }
}

SEQNN_API const seqnn_dataset *seqnn_batches_next(seqnn_batches *batches)
{
    if (batches->next >= batches->count)
        return NULL;
    seqnn_size begin = batches->next++ * batches->batch_size;
    seqnn_dataset *batch = batches->batch;
    batch->count = sq_min(batches->batch_size, batches->data->count - begin);
    batches->rows = batches->order + begin;
    if (batches->options.max_length)
        sq_copy_cut_rows(batches);
    else
        for (seqnn_size i = 0; i < batch->count; i++)
            sq_dataset_copy_row(batch, i, batches->data, batches->rows[i]);
    return batch;
}
