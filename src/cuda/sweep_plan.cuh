/* cuda/sweep_plan.cuh - how a persistent sweep is shared by blocks (private)
 *
 * A cluster of `ranks` blocks (mostly one) takes `rows` sequences of the batch through
 * all of time. Each block holds the columns of W_h of its own units, of all their gates;
 * it keeps the states of these units and has all that is computed of them.
 *
 * Forward, the blocks of a cluster tell each other their part of h_t (and with reset
 * before of r * h_prev). Backward, each multiplies its dz by its columns: what comes out
 * is a part of dh_(t-1) of every unit, and the block of a unit adds up the parts of all.
 * Both are one number for each unit and row, sent once.
 */
#ifndef SQ_CUDA_SWEEP_PLAN_H
#define SQ_CUDA_SWEEP_PLAN_H

#include "sweep_tile.cuh"

/* The phases of a step. */
enum {
    SQ_PRODUCT,       /* with W_h; of the GRU with reset before the columns of z and r */
    SQ_PRODUCT_INNER, /* with the columns of h~, there */
    SQ_GATHER,        /* the parts of the blocks, sent to who adds them */
    SQ_UNITS,         /* the equations of the cell */
    SQ_RESET,         /* what of them stands between the two products */
    SQ_FLOW_PARTS,    /* sums of squares */
    SQ_FLOW
};

enum { SQ_FLOW_LANES = 16 };

struct sq_sweep_plan {
    int rows, ranks, units; /* of a cluster; of a block */
    int threads, clusters;
    sq_tile outer, inner; /* the columns of W_h of both products */
    int outer_in, inner_in, parts, received, flow; /* where in the shared memory, in
                                                      numbers */
    int in_buffers;
    uint32_t order; /* the phases of a step, four bits each */
    int phases;
    int bf16; /* W_h is held so */
    size_t shared;
    double clocks; /* guessed, of a step of the whole batch */
};

SQ_BOTH static inline int sq_phase_of(const sq_sweep_plan &plan, int which)
{
    return (int)(plan.order >> (4 * which) & 15);
}

static inline void sq_plan_phase(sq_sweep_plan *plan, int phase)
{
    plan->order |= (uint32_t)phase << (4 * plan->phases++);
}

static inline void sq_plan_order(sq_sweep_plan *plan, bool two, bool back, bool flow)
{
    if (!back) {
        sq_plan_phase(plan, SQ_PRODUCT);
        if (two) {
            sq_plan_phase(plan, SQ_RESET);
            sq_plan_phase(plan, SQ_PRODUCT_INNER);
        }
        sq_plan_phase(plan, SQ_UNITS);
        return;
    }
    sq_plan_phase(plan, SQ_UNITS);
    if (flow) {
        sq_plan_phase(plan, SQ_FLOW_PARTS);
        sq_plan_phase(plan, SQ_FLOW);
    }
    if (two) {
        sq_plan_phase(plan, SQ_PRODUCT_INNER);
        if (plan->ranks > 1)
            sq_plan_phase(plan, SQ_GATHER);
        sq_plan_phase(plan, SQ_RESET);
    }
    sq_plan_phase(plan, SQ_PRODUCT);
    if (plan->ranks > 1)
        sq_plan_phase(plan, SQ_GATHER);
}

/* Takes numbers of the shared memory, a multiple of four. */
static inline int sq_plan_take(seqnn_size *numbers, seqnn_size count)
{
    const seqnn_size at = *numbers;
    *numbers += (count + 3) / 4 * 4;
    return (int)sq_min(at, INT_MAX);
}

static inline void sq_plan_memory(sq_sweep_plan *plan, bool back, bool flow)
{
    seqnn_size numbers = 0;
    plan->outer.weights = sq_plan_take(&numbers, sq_tile_weights(plan->outer));
    plan->inner.weights = sq_plan_take(&numbers, sq_tile_weights(plan->inner));
    plan->in_buffers = plan->ranks > 1 && !back ? 2 : 1;
    plan->outer_in = sq_plan_take(&numbers, (seqnn_size)plan->in_buffers * plan->rows *
                                                plan->outer.wide);
    plan->inner_in = sq_plan_take(&numbers, (seqnn_size)plan->rows * plan->inner.wide);
    plan->parts = sq_plan_take(&numbers, sq_max(sq_tile_parts(plan->outer, plan->rows),
                                                sq_tile_parts(plan->inner, plan->rows)));
    if (back && plan->ranks > 1)
        plan->received = sq_plan_take(&numbers, (seqnn_size)2 * plan->ranks * plan->rows *
                                                    plan->units);
    if (flow)
        plan->flow =
            sq_plan_take(&numbers, (seqnn_size)(sizeof(double) / sizeof(seqnn_real)) *
                                       plan->rows * (plan->units + SQ_FLOW_LANES));
    plan->shared = (size_t)numbers * sizeof(seqnn_real);
}

/* Clocks of a product on one multiprocessor: its multiplications, 128 in a clock (and a
 * weight in BF16 is made a float32 for every four rows), or what it reads of shared
 * memory, 128 bytes in a clock, whatever is more. */
static inline double sq_tile_clocks(const sq_tile &tile, int rows)
{
    const double threads = sq_tile_threads(tile), bytes = sizeof(seqnn_real);
    const int times = (rows + 3) / 4;
    const int of_weight = rows + (tile.bytes < (int)sizeof(seqnn_real) ? times : 0);
    const double sums = threads * tile.chunks * SQ_CHUNK * of_weight / 128;
    const double loads =
        threads * tile.chunks * rows / 32 +
        threads * (tile.chunks - tile.kept) * SQ_CHUNK * tile.bytes / 128 * times;
    const double leaves = 2 * threads * 4 * rows * bytes / 128;
    return (sums > loads ? sums : loads) + leaves;
}

/* What a step of a block costs: what keeps a multiprocessor busy, and what is waited for
 * (barriers, the functions of one unit, and the way of a message within a cluster), in
 * which another block of the same multiprocessor can work. The numbers are guesses for an
 * H100: 160 instructions for a unit; 330 clocks for two barriers and what one unit's
 * functions take after each other; 350 for a barrier of a cluster and a message's way
 * (180 of them: Luo et al. 2024, arXiv 2402.13499); 10 bytes in a clock from each block
 * to the others (there 11 to 14, of two to four blocks). */
static inline void sq_plan_clocks(sq_sweep_plan *plan, seqnn_size clusters, size_t shared)
{
    const double of_unit = 160, wait = 330, wait_cluster = 350, sent = 10;
    const seqnn_size each = (plan->clusters + clusters - 1) / clusters;
    const seqnn_size together =
        sq_max(1, sq_min(SQ_TILE_THREADS / plan->threads,
                         (seqnn_size)(shared / (plan->shared + 1024))));
    const bool two = plan->inner.groups > 0;
    double busy =
        sq_tile_clocks(plan->outer, plan->rows) + sq_tile_clocks(plan->inner, plan->rows);
    const double states = (double)plan->rows * plan->units;
    busy += of_unit * states / 128;
    busy += (two ? 2 : 1) * states * sizeof(seqnn_real) * (plan->ranks - 1) / sent;
    const double waits = (two ? 2 : 1) * (wait + (plan->ranks > 1 ? wait_cluster : 0));
    plan->clocks =
        busy * (double)each + waits * (double)((each + together - 1) / together);
}

/* Such a plan, on a device that runs so many clusters at a time; its clocks are 0 if it
 * cannot be. */
static inline sq_sweep_plan sq_plan_of(const sq_cuda_sweep &sweep, bool back, int rows,
                                       int ranks, seqnn_size clusters, size_t shared,
                                       bool bf16)
{
    const seqnn_size H = sweep.units;
    const bool two = sweep.cell == SQ_CELL_GRU && sweep.reset == SEQNN_RESET_BEFORE;
    const bool flow = back && sweep.flow;
    sq_sweep_plan plan = {};
    const int bytes = bf16 ? (int)sq_held<sq_eight>::BYTES : (int)sq_held<sq_four>::BYTES;
    plan.bf16 = bf16;
    plan.rows = rows;
    plan.ranks = ranks;
    plan.units = (int)((H + ranks - 1) / ranks);
    plan.clusters = (int)((sweep.packing.batch + rows - 1) / rows);
    const seqnn_size columns = (two ? 2 : sweep.gate_count) * plan.units;
    plan.outer = sq_tile_of(back ? columns : H, back ? H : columns, 16 / bytes, bytes);
    if (two)
        plan.inner = sq_tile_of(back ? plan.units : H, back ? H : plan.units, 0, bytes);
    if (plan.outer.groups == 0 || (two && plan.inner.groups == 0))
        return plan;
    const seqnn_size states = (seqnn_size)rows * plan.units;
    seqnn_size threads = sq_max(sq_tile_threads(plan.outer), sq_tile_threads(plan.inner));
    threads = sq_max(sq_max(128, threads), sq_min(states, SQ_TILE_THREADS));
    plan.threads = (int)((threads + 31) / 32 * 32);
    sq_plan_order(&plan, two, back, flow);
    sq_plan_memory(&plan, back, flow);
    if (states <= plan.threads && plan.shared <= shared && clusters > 0)
        sq_plan_clocks(&plan, clusters, shared);
    return plan;
}

/* With other work on the card there may be no room for 16 blocks: they must be worth it.
 */
static inline double sq_plan_price(const sq_sweep_plan &plan)
{
    return plan.ranks > 8 ? 1.05 * plan.clocks : plan.clocks;
}

/* The cheapest plan; its clocks are 0 if there is none. A weight that may be rounded need
 * not be: it costs an instruction to make it a float32 again. */
static inline sq_sweep_plan sq_plan_sweep(const sq_device *device,
                                          const sq_cuda_sweep &sweep, bool back)
{
    sq_sweep_plan best = {};
    if (sweep.units > 4096 || sweep.packing.batch == 0 || sweep.packing.rows > INT_MAX)
        return best;
    const int held = sq_device_precision(device) == SEQNN_BFLOAT16 ? 2 : 1;
    for (int ranks = 1; ranks <= sq_device_cluster(device); ranks *= 2)
        for (int rows = 1; rows <= 8; rows *= 2)
            for (int bf16 = 0; bf16 < held; bf16++) {
                const sq_sweep_plan plan = sq_plan_of(sweep, back, rows, ranks,
                                                      sq_device_clusters(device, ranks),
                                                      sq_device_shared(device), bf16);
                if (plan.clocks > 0 &&
                    (best.clocks == 0 || sq_plan_price(plan) < sq_plan_price(best)))
                    best = plan;
            }
    return best;
}

/* Clocks of a step of the plain sweep, guessed of an H100 as well: 4000 for each kernel,
 * the products' included; multiplications of cuBLAS at 60 percent of float32's peak, or
 * 30 of the tensor cores', if W_h is not longer on its way from the second cache, 2500
 * bytes in a clock. */
static inline double sq_plain_clocks(const sq_device *device, const sq_cuda_sweep &sweep)
{
    const bool two = sweep.cell == SQ_CELL_GRU && sweep.reset == SEQNN_RESET_BEFORE;
    const double weights =
        (double)sweep.gate_count * (double)sweep.units * (double)sweep.units;
    const seqnn_precision precision = sq_device_precision(device);
    const double rate = precision == SEQNN_BFLOAT16 ? 600
                        : precision == SEQNN_TF32   ? 300
                                                    : 77;
    const double sums = weights * (double)sweep.packing.batch /
                        (rate * (double)sq_device_clusters(device, 1));
    const double loads = weights * sizeof(seqnn_real) / 2500;
    return (two ? 4 : 2) * 4000 + (sums > loads ? sums : loads);
}

/* ---- what both kernels share ---- */

/* The columns of W_h of a block's units, gate by gate: forward its inputs are all units
 * and its outputs these columns, backward the other way round. */
struct sq_own_columns {
    const seqnn_real *W;
    int H, units, first, gate, row; /* the first unit and gate; numbers of a row of W_h */
    bool back;
    SQ_BOTH int column(int c) const
    {
        const int unit = first + c % units;
        return unit < H ? (gate + c / units) * H + unit : -1;
    }
    SQ_BOTH int input(int i) const
    {
        return back ? column(i) : i * row;
    }
    SQ_BOTH int output(int i) const
    {
        return back ? i * row : column(i);
    }
};

SQ_BOTH static inline sq_own_columns sq_columns_of(const sq_cuda_sweep &sweep,
                                                   const sq_sweep_plan &plan,
                                                   const sq_place &at, int gate,
                                                   bool back)
{
    const int H = (int)sweep.units;
    return sq_own_columns{sweep.W_h,  H,
                          plan.units, (int)at.rank * plan.units,
                          gate,       (int)sweep.gate_count * H,
                          back};
}

/* The unit of a sequence that a thread computes, and of which it keeps the state. */
struct sq_sweep_place {
    int row, column; /* in the cluster; among the units of the block */
    int k, j,
        length; /* in the batch, among all units; of the sequence, -1: there is none */
};

SQ_BOTH static inline sq_sweep_place sq_sweep_place_of(const sq_cuda_sweep &sweep,
                                                       const sq_sweep_plan &plan,
                                                       const sq_place &at)
{
    sq_sweep_place place;
    place.row = (int)at.thread / plan.units;
    place.column = (int)at.thread % plan.units;
    place.k = (int)at.block / plan.ranks * plan.rows + place.row;
    place.j = (int)at.rank * plan.units + place.column;
    place.length = -1;
    if (place.row < plan.rows && place.k < sweep.packing.batch && place.j < sweep.units)
        place.length = sweep.packing.length[place.k];
    return place;
}

/* The first packed row of the i-th step of the sweep, 0 for none. */
SQ_BOTH static inline int sq_sweep_row(const sq_cuda_sweep &sweep, seqnn_size i)
{
    return i < 0 || i >= sweep.packing.steps
               ? 0
               : (int)sweep.packing.offset[sq_cuda_step(sweep, i)];
}

#endif
