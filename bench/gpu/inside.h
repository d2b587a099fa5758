/* The functions of card.h that look into the library; behind seqnn_cuda.cuh, or its
 * files. */
#ifndef BENCH_INSIDE_H
#define BENCH_INSIDE_H

#include "card.h"

template <class Function>
static void for_each_recurrent(seqnn_model *model, const Function &function)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        if (sq_is_recurrent(seqnn_model_layer_at(model, i)))
            function((sq_recurrent *)seqnn_model_layer_at(model, i));
}

extern "C" void card_persist(bool wanted)
{
    sq_persistent_wanted = wanted;
}

extern "C" void card_recurrent(seqnn_model *model, int *layers, int *persistent)
{
    *layers = *persistent = 0;
    for_each_recurrent(model, [=](const sq_recurrent *own) {
        ++*layers;
        *persistent += model->backend && sq_cuda_persists(own);
    });
}

extern "C" void card_record(bool wanted)
{
    sq_graphs_wanted = wanted;
}

extern "C" uint64_t card_work(const seqnn_model *model)
{
    const sq_notes *notes = sq_device_notes(((const sq_cuda *)model->device)->device);
    for (const sq_kept_notes &kept : notes->kept)
        if (kept.recording && kept.last_use == notes->written)
            return kept.hash;
    return notes->seen[(notes->next_seen - 1) % SQ_COUNT(notes->seen)];
}

extern "C" void card_guess(seqnn_model *model, double cycles[2])
{
    cycles[0] = cycles[1] = 0;
    for_each_recurrent(model, [=](const sq_recurrent *own) {
        if (!model->backend || !sq_cuda_persists(own))
            return;
        const sq_cuda_sweep sweep = sq_cuda_sweep_on(own);
        for (int back = 0; back < 2; back++)
            cycles[back] += (double)sweep.packing.steps *
                            sq_plan_sweep(sq_device_of(&own->base), sweep, back).clocks;
    });
}

extern "C" bool card_plan(const char *cell, int units, int batch,
                          seqnn_precision precision, double cycles[3])
{
    sq_device *device = sq_device_open();
    if (!device)
        return false;
    sq_cuda_sweep sweep = {};
    sweep.cell = strcmp(cell, "lstm") == 0  ? SQ_CELL_LSTM
                 : strcmp(cell, "gru") == 0 ? SQ_CELL_GRU
                                            : SQ_CELL_RNN;
    sweep.units = units;
    sweep.gate_count = sweep.cell == SQ_CELL_LSTM ? 4 : sweep.cell == SQ_CELL_GRU ? 3 : 1;
    sweep.reset = SEQNN_RESET_AFTER;
    sweep.packing.batch = sweep.packing.rows = batch;
    const bool known = !sq_device_use_precision(device, precision);
    for (int back = 0; known && back < 2; back++)
        cycles[back] = sq_plan_sweep(device, sweep, back).clocks;
    cycles[2] = known ? sq_plain_clocks(device, sweep) : 0;
    sq_device_close(device);
    return known;
}

#endif
