#include "batches.h"
#include "dataset_rows.h"
#include "random.h"

/* Philox stream of epoch 0; one stream for each epoch follows. */
#define SQ_BATCHES_STREAM ((uint64_t)0x62617463 << 32)

struct seqnn_batches {
    const seqnn_dataset *data;
    seqnn_size batch_size, count;
    seqnn_batches_options options;
    int32_t *order;       /* [data->count] */
    seqnn_dataset *batch; /* batch_size rows */
    seqnn_size next;      /* the batch to come */
    const int32_t *rows;  /* of the last batch */
};

SEQNN_API seqnn_batches *seqnn_batches_new(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           seqnn_batches_options options)
{
    if (!data)
        return NULL; /* what made it has left its sentence */
    if (data->count < 1 || data->count > INT32_MAX) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "batches: a data set of %td samples, expected 1 to %d", data->count,
                (int)INT32_MAX);
        return NULL;
    }
    if (batch_size < 1) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "batches: batch_size is %td, expected at least 1",
                batch_size);
        return NULL;
    }
    if (options.drop_last && data->count < batch_size) {
        sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "batches: %td samples are fewer than one batch of %td, and drop_last leaves "
            "out the rest: at least %td samples are needed",
            data->count, batch_size, batch_size);
        return NULL;
    }
    seqnn_batches *batches = (seqnn_batches *)sq_allocate(1, sizeof(seqnn_batches));
    if (!batches)
        return NULL;
    batches->data = data;
    batches->batch_size = sq_min(batch_size, data->count);
    batches->options = options;
    batches->count = data->count / batches->batch_size;
    if (!options.drop_last && data->count % batches->batch_size != 0)
        batches->count++;
    batches->order = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    batches->batch = sq_dataset_new(data, batches->batch_size);
    if (!batches->order || !batches->batch) {
        seqnn_batches_free(batches);
        return NULL;
    }
    seqnn_batches_start(batches, 0);
    return batches;
}

SEQNN_API seqnn_size seqnn_batches_count(const seqnn_batches *batches)
{
    return batches->count;
}

SEQNN_API void seqnn_batches_start(seqnn_batches *batches, seqnn_size epoch)
{
    for (seqnn_size i = 0; i < batches->data->count; i++)
        batches->order[i] = (int32_t)i;
    if (!batches->options.keep_order) {
        seqnn_random random = {batches->options.seed, SQ_BATCHES_STREAM + (uint64_t)epoch,
                               0};
        seqnn_random_shuffle(&random, batches->order, batches->data->count);
    }
    batches->next = 0;
    batches->rows = batches->order;
}

SEQNN_API const seqnn_dataset *seqnn_batches_next(seqnn_batches *batches)
{
    if (batches->next >= batches->count)
        return NULL;
    seqnn_size begin = batches->next++ * batches->batch_size;
    seqnn_dataset *batch = batches->batch;
    batch->count = sq_min(batches->batch_size, batches->data->count - begin);
    batches->rows = batches->order + begin;
    for (seqnn_size i = 0; i < batch->count; i++)
        sq_dataset_copy_row(batch, i, batches->data, batches->rows[i]);
    return batch;
}

SEQNN_API const int32_t *seqnn_batches_rows(const seqnn_batches *batches)
{
    return batches->rows;
}

SEQNN_API void seqnn_batches_free(seqnn_batches *batches)
{
    if (!batches)
        return;
    sq_free(batches->order);
    seqnn_dataset_free(batches->batch);
    sq_free(batches);
}
