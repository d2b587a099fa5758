/* cuda/kernel.cuh - what a kernel is (private)
 *
 * A kernel is a struct that is given everything by value: pointers into the device's
 * memory and sizes. It works in phases. Every thread of a block goes through phase p, and
 * none begins phase p + 1 before all have ended phase p:
 *
 *     struct sq_example {
 *         const seqnn_real *x;
 *         struct state { double sum; };            what a thread keeps between phases
 *         SQ_BOTH seqnn_size phases() const { return 2; }
 *         SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const;
 *     };
 *
 * So the same code runs on a device, where a phase ends with __syncthreads, and on any
 * processor, where a loop takes the threads of each phase in an arbitrary order: that is
 * how the tests run every kernel without a device (tests/cuda/host_device.h).
 *
 * Blocks of a cluster may read and write each other's shared memory (sq_of_rank). Such a
 * kernel has a function more, which says of the phase that just ended whether its barrier
 * is one of the whole cluster; the last must be. One whose blocks have more than 256
 * threads says how many they have at most: the more there are, the fewer registers has
 * each.
 *
 *         SQ_BOTH bool of_cluster(const state &own) const;
 *         enum { MOST_THREADS = 512 };
 */
#ifndef SQ_CUDA_KERNEL_H
#define SQ_CUDA_KERNEL_H

/* A bool or an enum in a kernel, as wide as a pointer: a kernel has no bytes that are no
 * field's, and may be compared by its bytes (graph.cuh). */
template <class T> struct sq_wide {
    int64_t value;
    sq_wide() = default;
    SQ_BOTH sq_wide(T from) : value((int64_t)from)
    {
    }
    SQ_BOTH operator T() const
    {
        return (T)value;
    }
};

/* Which thread this is. */
struct sq_place {
    seqnn_size block, blocks;   /* of the grid */
    seqnn_size thread, threads; /* of the block */
    seqnn_size rank, ranks;     /* of the block in its cluster; 0 of 1 without one */
    char *shared;               /* this block's memory */
    char *const *others;        /* that of every rank; on a device it is mapped instead */
};

/* Where another block of the cluster has what lies at `mine` in this block's memory. */
template <class T>
SQ_BOTH static inline T *sq_of_rank(const sq_place &at, seqnn_size rank, T *mine)
{
#if !defined(__CUDA_ARCH__)
    return (T *)(at.others[rank] + ((char *)mine - at.shared));
#elif __CUDA_ARCH__ >= 900
    return at.ranks == 1 ? mine : (T *)__cluster_map_shared_rank(mine, (unsigned)rank);
#else
    return mine;
#endif
}

/* kernel.of_cluster(own), or false if there is none; kernel.MOST_THREADS, or 256. */
template <class Kernel>
SQ_BOTH static inline auto sq_of_cluster(const Kernel &kernel,
                                         const typename Kernel::state &own, int)
    -> decltype(kernel.of_cluster(own))
{
    return kernel.of_cluster(own);
}
template <class Kernel>
SQ_BOTH static inline bool sq_of_cluster(const Kernel &, const typename Kernel::state &,
                                         long)
{
    return false;
}

template <class Kernel, class = void> struct sq_threads_of {
    enum { MOST = 256 };
};
template <class Kernel>
struct sq_threads_of<Kernel, decltype((void)Kernel::MOST_THREADS)> {
    enum { MOST = Kernel::MOST_THREADS };
};

/* The number of this thread in the grid, and how many there are: for loops over elements.
 */
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
    size_t shared;      /* bytes for each block */
    seqnn_size cluster; /* blocks of a cluster; 0 or 1: none */
};

#endif
