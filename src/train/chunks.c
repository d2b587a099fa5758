#include "chunks.h"
#include "dataset_rows.h"
#include "recurrent_states.h"

/* Everything with a time axis has the same one, and so has the target. */
static seqnn_status sq_check_chunks(const seqnn_model *model, const seqnn_dataset *data,
                                    seqnn_size steps)
{
    const seqnn_layer *last = model->layers[model->layer_count - 1];
    seqnn_size time = data->y.time;
    if (steps < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "fit: bptt_chunk is %td", steps);
    if (time < 1 || last->source < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: bptt_chunk needs an output and a target for each step");
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        if (data->x[k].time && data->x[k].time != time)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "fit: bptt_chunk: x[%d] has %td steps, y has %td", k,
                           data->x[k].time, time);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        if (sq_is_recurrent(model->layers[i]) &&
            ((const sq_recurrent *)model->layers[i])->sweep.backwards)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "fit: bptt_chunk: '%s' runs backwards in time",
                           model->layers[i]->name);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_chunks_new(sq_chunks *chunks, seqnn_model *model,
                                    const seqnn_dataset *data, seqnn_size batch_size,
                                    seqnn_size steps)
{
    memset(chunks, 0, sizeof *chunks);
    seqnn_status status = sq_check_chunks(model, data, steps);
    if (status)
        return status;
    chunks->model = model;
    chunks->time = data->y.time;
    chunks->steps = sq_min(steps, chunks->time);
    seqnn_dataset like = *data;
    like.class_names = NULL;
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        like.x[k].time = like.x[k].time ? chunks->steps : 0;
    like.y.time = chunks->steps;
    seqnn_size rows = sq_min(batch_size, data->count), widest = 1;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        if (sq_is_recurrent(model->layers[i]))
            widest = sq_max(widest, model->layers[i]->out.features);
    chunks->chunk = sq_dataset_new(&like, rows);
    chunks->h = (seqnn_real *)sq_allocate(sq_multiply(rows, widest), sizeof(seqnn_real));
    chunks->C = (seqnn_real *)sq_allocate(sq_multiply(rows, widest), sizeof(seqnn_real));
    if (chunks->chunk && chunks->h && chunks->C)
        return SEQNN_OK;
    sq_chunks_free(chunks);
    return SEQNN_ERROR_MEMORY;
}

SQ_LOCAL void sq_chunks_free(sq_chunks *chunks)
{
    seqnn_dataset_free(chunks->chunk);
    sq_free(chunks->h);
    sq_free(chunks->C);
    memset(chunks, 0, sizeof *chunks);
}

SQ_LOCAL seqnn_size sq_chunks_count(const sq_chunks *chunks)
{
    return (chunks->time + chunks->steps - 1) / chunks->steps;
}

/* Steps [begin, begin + steps) of every row. True if one of them is not known to be
 * padding. The memory behind the constant pointers is the chunk's own. */
static bool sq_cut_array(seqnn_array *into, const seqnn_array *from, seqnn_size count,
                         seqnn_size begin, seqnn_size steps)
{
    bool sequence = from->time > 0, real = !from->length || !sequence;
    seqnn_size row = sequence ? from->time : 1, cut = sequence ? steps : 1;
    seqnn_size first = sequence ? begin : 0;
    seqnn_size width = from->features;
    into->time = sequence ? steps : 0;
    for (seqnn_size b = 0; b < count; b++) {
        if (from->indices)
            memcpy((int32_t *)into->indices + b * cut, from->indices + b * row + first,
                   (size_t)cut * sizeof(int32_t));
        if (from->values)
            memcpy((seqnn_real *)into->values + b * cut * width,
                   from->values + (b * row + first) * width,
                   (size_t)(cut * width) * sizeof(seqnn_real));
        if (!from->start || !from->length)
            continue;
        seqnn_size left = sq_max(0, from->start[b] - begin);
        seqnn_size right =
            sq_min(steps, (seqnn_size)from->start[b] + from->length[b] - begin);
        ((int32_t *)into->start)[b] = (int32_t)(left < right ? left : 0);
        ((int32_t *)into->length)[b] = (int32_t)(left < right ? right - left : 0);
        real = real || left < right;
    }
    return real;
}

SQ_LOCAL const seqnn_dataset *sq_chunk_at(sq_chunks *chunks, const seqnn_dataset *batch,
                                          seqnn_size k)
{
    seqnn_dataset *chunk = chunks->chunk;
    seqnn_size begin = k * chunks->steps;
    seqnn_size steps = sq_min(chunks->steps, chunks->time - begin);
    chunk->count = batch->count;
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        if (batch->x[i].indices || batch->x[i].values)
            if (!sq_cut_array(&chunk->x[i], &batch->x[i], batch->count, begin, steps))
                return NULL;
    if (!sq_cut_array(&chunk->y, &batch->y, batch->count, begin, steps))
        return NULL;
    if (batch->weight)
        memcpy((seqnn_real *)chunk->weight, batch->weight,
               (size_t)batch->count * sizeof(seqnn_real));
    return chunk;
}

SQ_LOCAL seqnn_status sq_chunks_carry(sq_chunks *chunks, seqnn_size count)
{
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < chunks->model->layer_count && !status; i++) {
        seqnn_layer *layer = chunks->model->layers[i];
        if (!sq_is_recurrent(layer))
            continue;
        status = seqnn_get_state(layer, chunks->h, chunks->C);
        if (!status)
            status = seqnn_set_state(layer, count, chunks->h, chunks->C);
    }
    return status;
}
