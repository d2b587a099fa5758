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
 * padding. */
static bool sq_cut_array(seqnn_array *into, const seqnn_array *from, seqnn_size count,
                         seqnn_size begin, seqnn_size steps)
{
    bool sequence = from->time > 0, real = !from->length || !sequence;
    into->time = sequence ? steps : 0;
    for (seqnn_size b = 0; b < count; b++) {
        sq_array_copy_steps(into, b, from, b, begin, steps);
        real = real || into->length[b] > 0;
    }
    return real;
}

SQ_LOCAL const seqnn_dataset *sq_chunk_at(sq_chunks *chunks, const seqnn_dataset *batch,
                                          seqnn_size k)
{
    seqnn_dataset *chunk = chunks->chunk;
    seqnn_size begin = k * chunks->steps;
    seqnn_size steps = sq_min(chunks->steps, batch->y.time - begin);
    if (steps < 1) /* of a batch that was cut to its longest row */
        return NULL;
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
