/* The states of a recurrent layer, by sample in the user's order: kept, set and asked
 * for. */
#include "recurrent_states.h"

static void sq_states_take(sq_states *states, const sq_recurrent *own, seqnn_size count)
{
    const seqnn_size cells = sq_multiply(count, own->units);
    const seqnn_size C_cells = own->kind->has_C ? cells : 0;
    states->h = (seqnn_real *)sq_arena_take(&states->memory, cells, sizeof(seqnn_real));
    states->C = (seqnn_real *)sq_arena_take(&states->memory, C_cells, sizeof(seqnn_real));
    states->capacity = count;
}

/* Room for count samples in such memory. */
static seqnn_status sq_states_move(sq_states *states, const sq_recurrent *own,
                                   seqnn_size count, const sq_memory *from)
{
    sq_states larger;
    memset(&larger, 0, sizeof larger);
    larger.memory.from = from;
    larger.count = states->count;
    sq_states_take(&larger, own, count);
    seqnn_status status = sq_arena_commit(&larger.memory);
    if (!status)
        status = sq_wait(own->base.model);
    if (status) {
        sq_arena_free(&larger.memory);
        return status;
    }
    sq_states_take(&larger, own, count);
    const size_t bytes = (size_t)(states->count * own->units) * sizeof(seqnn_real);
    if (bytes > 0)
        memcpy(larger.h, states->h, bytes);
    if (bytes > 0 && own->kind->has_C)
        memcpy(larger.C, states->C, bytes);
    sq_states_free(states);
    *states = larger;
    return SEQNN_OK;
}

/* States may be given before the model is built, and with it the memory it computes in.
 */
SQ_LOCAL seqnn_status sq_states_reserve(sq_states *states, const sq_recurrent *own,
                                        seqnn_size count)
{
    const sq_memory *from = own->base.model->activations.from;
    if (count <= states->capacity && states->memory.from == from)
        return SEQNN_OK;
    count = sq_max(count, states->count);
    if (sq_multiply(count, own->units) < 0)
        return sq_fail(SEQNN_ERROR_MEMORY, "%s: too many states", own->base.name);
    return sq_states_move(states, own, count, from);
}

SQ_LOCAL seqnn_status sq_states_to_heap(seqnn_model *model)
{
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < model->layer_count && !status; i++) {
        sq_recurrent *own = (sq_recurrent *)model->layers[i];
        if (!sq_is_recurrent(model->layers[i]))
            continue;
        sq_states *all[] = {&own->given, &own->final, &own->final_gradient,
                            &own->initial_gradient};
        for (seqnn_size k = 0; k < SQ_COUNT(all) && !status; k++)
            if (all[k]->memory.from)
                status = sq_states_move(all[k], own, all[k]->count, NULL);
    }
    return status;
}

SQ_LOCAL void sq_states_free(sq_states *states)
{
    sq_arena_free(&states->memory);
}

SQ_LOCAL void sq_states_pack(const sq_packing *packing, seqnn_size units,
                             const seqnn_real *samples, seqnn_real *packed)
{
    size_t bytes = (size_t)units * sizeof *packed;
    for (seqnn_size k = 0; k < packing->batch; k++)
        if (samples)
            memcpy(packed + k * units, samples + packing->order[k] * units, bytes);
        else
            memset(packed + k * units, 0, bytes);
}

SQ_LOCAL void sq_states_unpack(const sq_packing *packing, seqnn_size units,
                               const seqnn_real *packed, seqnn_real *samples)
{
    for (seqnn_size k = 0; k < packing->batch; k++)
        memcpy(samples + packing->order[k] * units, packed + k * units,
               (size_t)units * sizeof *packed);
}

SQ_LOCAL bool sq_is_recurrent(const seqnn_layer *layer)
{
    return layer && layer->type->forward == sq_recurrent_forward;
}

SQ_LOCAL const sq_recurrent *sq_recurrent_or_fail(const seqnn_layer *layer,
                                                  const char *who)
{
    if (sq_is_recurrent(layer))
        return (const sq_recurrent *)layer;
    sq_fail(SEQNN_ERROR_ARGUMENT, "%s: '%s' is not a recurrent layer", who,
            seqnn_layer_name(layer));
    return NULL;
}

static void sq_states_copy_out(const sq_recurrent *own, const sq_states *states,
                               seqnn_real *h, seqnn_real *C)
{
    size_t bytes = (size_t)(states->count * own->units) * sizeof *h;
    if (h)
        memcpy(h, states->h, bytes);
    if (C && own->kind->has_C)
        memcpy(C, states->C, bytes);
}

SEQNN_API seqnn_status seqnn_get_state(const seqnn_layer *layer, seqnn_real *h,
                                       seqnn_real *C)
{
    const sq_recurrent *own = sq_recurrent_or_fail(layer, "get_state");
    if (!own)
        return SEQNN_ERROR_ARGUMENT;
    if (own->final.count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "get_state: '%s' has not run", layer->name);
    sq_states_copy_out(own, &own->final, h, C);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_states_copy_in(sq_recurrent *own, sq_states *states,
                                        seqnn_size count, const seqnn_real *h,
                                        const seqnn_real *C)
{
    seqnn_status status = sq_states_reserve(states, own, count);
    if (status)
        return status;
    size_t bytes = (size_t)(count * own->units) * sizeof *h;
    memcpy(states->h, h, bytes);
    if (own->kind->has_C && C)
        memcpy(states->C, C, bytes);
    else if (own->kind->has_C)
        memset(states->C, 0, bytes);
    states->count = count;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_set_state(seqnn_layer *layer, seqnn_size batch,
                                       const seqnn_real *h, const seqnn_real *C)
{
    if (!sq_recurrent_or_fail(layer, "set_state"))
        return SEQNN_ERROR_ARGUMENT;
    if (batch < 1 || !h)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "set_state: '%s' needs h of at least 1 sample", layer->name);
    sq_recurrent *own = (sq_recurrent *)layer;
    return sq_states_copy_in(own, &own->given, batch, h, C);
}

SEQNN_API seqnn_status seqnn_get_state_gradient(const seqnn_layer *layer, seqnn_real *dh,
                                                seqnn_real *dC)
{
    const sq_recurrent *own = sq_recurrent_or_fail(layer, "get_state_gradient");
    if (!own)
        return SEQNN_ERROR_ARGUMENT;
    if (own->initial_gradient.count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "get_state_gradient: '%s' has not run back",
                       layer->name);
    sq_states_copy_out(own, &own->initial_gradient, dh, dC);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_set_state_gradient(seqnn_layer *layer, const seqnn_real *dh,
                                                const seqnn_real *dC)
{
    if (!sq_recurrent_or_fail(layer, "set_state_gradient"))
        return SEQNN_ERROR_ARGUMENT;
    sq_recurrent *own = (sq_recurrent *)layer;
    if (own->final.count == 0 || !dh)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "set_state_gradient: '%s' has not run, or dh is "
                       "NULL",
                       layer->name);
    layer->state_gradient = true;
    return sq_states_copy_in(own, &own->final_gradient, own->final.count, dh, dC);
}

SEQNN_API void seqnn_reset_states(seqnn_model *model)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        if (sq_is_recurrent(model->layers[i])) {
            ((sq_recurrent *)model->layers[i])->final.count = 0;
            ((sq_recurrent *)model->layers[i])->given.count = 0;
        }
}
