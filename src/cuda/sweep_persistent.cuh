/* cuda/sweep_persistent.cuh - recurrent sweeps of one kernel each (private)
 *
 * One launch goes through all time steps, instead of a product and a pointwise kernel for
 * each: W_h is read once, into registers and shared memory (sweep_tile.cuh), and states
 * stay where they are computed. Any lengths, directions, masks, initial states and all
 * resets of the GRU; not the sliding window of truncated BPTT, nor skips.
 *
 * Floors, of a step on one multiprocessor (128 multiplications or 128 bytes of shared
 * memory in a clock), for each row of a block:
 *
 *     weights in registers        gates H^2 / 128 / ranks clocks, the arithmetic
 *     weights in shared memory    gates H^2 / 32 / ranks for up to four rows together
 *
 * and, whatever the size, some 330 clocks of barriers and of one unit after the other's
 * exponentials, 350 more across a cluster, and its messages. What the plans make of that
 * for an H100 is in bench/results/gpu.md: within 2.5 times of the shared memory's floor
 * for an LSTM or a GRU of 64 to 512 units, in most cases within 2. None of it has been
 * measured.
 *
 * Of float32, 16 blocks hold an LSTM or GRU of 512 units and a vanilla RNN of 1024; where
 * BF16 is allowed (seqnn_use_precision) 8 hold the same. Larger ones take the plain
 * sweep.
 */
#ifndef SQ_CUDA_SWEEP_PERSISTENT_H
#define SQ_CUDA_SWEEP_PERSISTENT_H

#include "sweep_backward.cuh"
#include "sweep_forward.cuh"

/* Not the default before it has been seen to run on a device and to be the faster one. */
static SQ_UNUSED bool sq_persistent_wanted = false;

/* Whether the device can do the sweep so, both ways (W_h fits the registers and the
 * shared memory of a block, or of the blocks of a cluster), and is thought to do it
 * sooner than by the plain one. */
static inline bool sq_persistent_fits(const sq_device *device, const sq_cuda_sweep &sweep)
{
    if (sweep.truncate != 0 || sweep.skip != 0)
        return false;
    const double forward = sq_plan_sweep(device, sweep, false).clocks,
                 backward = sq_plan_sweep(device, sweep, true).clocks;
    return forward > 0 && backward > 0 &&
           forward + backward < 2 * sq_plain_clocks(device, sweep);
}

template <template <int, class> class Sweep, class Vector>
static void sq_persistent_run_held(sq_device *device, const sq_cuda_sweep &sweep,
                                   const sq_sweep_plan &plan)
{
    const sq_grid grid = {(seqnn_size)plan.clusters * plan.ranks, plan.threads,
                          plan.shared, plan.ranks};
    switch (plan.rows) {
    case 1:
        sq_device_run(device, grid, Sweep<1, Vector>{sweep, plan});
        break;
    case 2:
        sq_device_run(device, grid, Sweep<2, Vector>{sweep, plan});
        break;
    case 4:
        sq_device_run(device, grid, Sweep<4, Vector>{sweep, plan});
        break;
    default:
        sq_device_run(device, grid, Sweep<8, Vector>{sweep, plan});
    }
}

template <template <int, class> class Sweep>
static void sq_persistent_run(sq_device *device, const sq_cuda_sweep &sweep,
                              const sq_sweep_plan &plan)
{
    if (plan.bf16)
        sq_persistent_run_held<Sweep, sq_eight>(device, sweep, plan);
    else
        sq_persistent_run_held<Sweep, sq_four>(device, sweep, plan);
}

/* As the functions of an sq_cell (layers/sweep.h), for the whole batch; of sweeps that
 * fit. */
static inline void sq_persistent_forward(sq_device *device, const sq_cuda_sweep &sweep)
{
    if (sweep.packing.batch > 0)
        sq_persistent_run<sq_sweep_forward>(device, sweep,
                                            sq_plan_sweep(device, sweep, false));
}

static inline void sq_persistent_backward(sq_device *device, const sq_cuda_sweep &sweep)
{
    if (sweep.packing.batch > 0)
        sq_persistent_run<sq_sweep_backward>(device, sweep,
                                             sq_plan_sweep(device, sweep, true));
}

#endif
