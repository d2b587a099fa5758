/* cuda/kernel.cuh - what a kernel is (private)
 *
 * A kernel is a struct that is given everything by value: pointers into the device's
 * memory and sizes. It works in phases. Every thread of a block goes through phase p, and
 * none begins phase p + 1 before all have ended phase p:
 *
 *     struct sq_example {
 *         const seqnn_real *x;
 *         struct state { double sum; };            what a thread keeps between phases
 *         static constexpr bool clusters = false;  a barrier is of the block
 *         SQ_BOTH seqnn_size phases() const { return 2; }
 *         SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const;
 *     };
 *
 * So the same code runs on a device, where a phase ends with __syncthreads, and on any
 * processor, where a loop takes the threads of each phase in an arbitrary order: that is
 * how the tests run every kernel without a device (tests/cuda/host_device.h). Where
 * clusters is true the barrier is one of the whole cluster, and its blocks may read and
 * write each other's shared memory.
 */
#ifndef SQ_CUDA_KERNEL_H
#define SQ_CUDA_KERNEL_H


/* Which thread this is. */
struct sq_place {
    seqnn_size block, blocks;   /* of the grid */
    seqnn_size thread, threads; /* of the block */
    seqnn_size rank, ranks;     /* of the block in its cluster; 0 of 1 without one */
    char *shared;               /* this block's memory */
    char *const *others;        /* that of every rank; on a device it is mapped instead */
};

/* The number of this thread in the grid, and how many there are: for loops over elements. */
SQ_BOTH static inline seqnn_size sq_first(const sq_place &at)
{
    return at.block * at.threads + at.thread;
}

SQ_BOTH static inline seqnn_size sq_stride(const sq_place &at)
{
    return at.blocks * at.threads;
}

/* Where a launch runs, and with how much. */
struct sq_grid {
    seqnn_size blocks, threads;
    size_t shared;        /* bytes for each block */
    seqnn_size cluster;   /* blocks of a cluster; 0 or 1: none */
};

#endif
