/* seqnn_cuda.cuh - models of seqnn.h on an NVIDIA GPU
 *
 * The layers forward and backward, losses, clips and optimisers, and word vectors (CBOW and
 * skip-gram with negative sampling), as CUDA kernels; large matrix products by cuBLAS. It
 * stands behind seqnn.h in one file of the program, gpu.cu:
 *
 *     #define SEQNN_IMPLEMENTATION
 *     #define SEQNN_CUDA
 *     #include "seqnn.h"
 *     #include "seqnn_cuda.cuh"
 *
 *     nvcc -std=c++17 -O3 -arch=native -Xcompiler -march=native,-fopenmp -c gpu.cu
 *     cc -O3 -march=native -fopenmp -DSEQNN_IMPLEMENTED -c program.c
 *     nvcc -Xcompiler -fopenmp program.o gpu.o -o program -lcublas -lm
 *
 * The program does not change: a model computes on the GPU if there is one, and on the
 * processor if there is none. seqnn_use chooses (device.h, in seqnn.h). Compute capability
 * 7.5 or later, CUDA 12 or later, C++17.
 *
 * Results are those of the processor up to rounding, and the same bits in every run on the
 * same card: there are no atomic operations.
 */
/* Generated from src/cuda/ by `make amalgamate`: change the files there, not this one. */
#ifndef SEQNN_CUDA_CUH
#define SEQNN_CUDA_CUH

#if !defined(SQ_SINGLE_FILE) || !defined(SEQNN_CUDA)
#error "Write #define SEQNN_IMPLEMENTATION, #define SEQNN_CUDA and #include \"seqnn.h\" first."
#endif
#ifndef __CUDACC__
#error "seqnn_cuda.cuh is for nvcc: put it into a file gpu.cu, as it says above."
#endif
#if defined(__CUDACC_VER_MAJOR__) && __CUDACC_VER_MAJOR__ < 12
#error "seqnn_cuda.cuh needs CUDA 12 or later; nvcc --version says which this is."
#endif

#include <cublas_v2.h>
#include <cuda_runtime.h>

/* ------------------------------------------------------------------- cuda/kernel.cuh */

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

/* ------------------------------------------------------------------- cuda/device.cuh */

/* cuda/device.cuh - a device: its memory, its products, its launches (private)
 *
 * Two implementations: the CUDA runtime with cuBLAS (device_cuda.cuh), and in the tests
 * the processor itself (tests/cuda/host_device.h), which runs every kernel as its phases.
 *
 * Work is put on one stream and done in order. A failure stays: all further work is
 * refused without doing anything, and sq_device_status_now says what was wrong, once the
 * work is waited for. Nothing here fails halfway: memory that could not be had is NULL.
 * What is named _now is asked for by graph.cuh alone.
 */

struct sq_device;
struct sq_recording;

/* What graph.cuh keeps with a device: the calls that are written down, and recordings of
 * such calls. */
struct sq_kept_notes {
    sq_recording *recording; /* NULL: the place is free */
    char *bytes;             /* what was written */
    seqnn_size size;
    uint64_t hash;
    long last_use;
};
struct sq_notes {
    bool writes; /* calls are written down */
    char *bytes;
    seqnn_size used, capacity;
    sq_kept_notes kept[8];
    uint64_t seen[64]; /* hashes of what was written lately */
    size_t next_seen;
    long written, replays; /* how often something was */
    bool fails;            /* the device cannot record */
    bool waited;           /* nothing was asked for since the last wait, */
    seqnn_status status;   /* which came to this */
};
static sq_notes *sq_device_notes(sq_device *device);

/* The device that is there, or NULL with the error set: none, one too old, no memory. */
static sq_device *sq_device_open(void);
static void sq_device_close(sq_device *device);
/* "NVIDIA H100 80GB HBM3" */
static const char *sq_device_name(const sq_device *device);
/* Bytes of shared memory that a block may ask for, and blocks of a cluster at most (1:
 * the device has none). */
static size_t sq_device_shared(const sq_device *device);
static seqnn_size sq_device_cluster(const sq_device *device);
/* How many clusters of 1, 2, 4, 8 or 16 blocks can run at a time if each block needs a
 * whole multiprocessor. */
static seqnn_size sq_device_clusters(const sq_device *device, seqnn_size blocks);

/* Zeroed memory, NULL if there is none (then the device is in error): the device's own;
 * of both sides, which lies where it was last used and is the host's to read or write
 * after a wait; the host's, that the device copies from quickly. */
typedef enum sq_memory_kind { SQ_OF_DEVICE, SQ_OF_BOTH, SQ_OF_HOST } sq_memory_kind;
static void *sq_device_take_now(sq_device *device, sq_memory_kind kind, seqnn_size bytes);
static void sq_device_give_now(sq_device *device, sq_memory_kind kind, void *memory);
/* Host to device (the host's memory may be used again at once, SQ_OF_HOST after a wait),
 * device to host (which waits, and tells the status), within the device, zeros. */
static void sq_device_up_now(sq_device *device, void *to, const void *from, size_t bytes);
static seqnn_status sq_device_down_now(sq_device *device, void *to, const void *from,
                                       size_t bytes);
static void sq_device_copy_now(sq_device *device, void *to, const void *from,
                               size_t bytes);
static void sq_device_clear_now(sq_device *device, void *to, size_t bytes);
/* Memory of both that the host has written comes to the device in one piece, not page by
 * page when it is used. It is advice: nothing fails, and nobody has to wait. */
static void sq_device_fetch_now(sq_device *device, const void *memory, size_t bytes);

/* What the factors of products may be rounded to from now on; SEQNN_FLOAT32 at
 * first. An error if the device cannot. */
static seqnn_status sq_device_use_precision(sq_device *device, seqnn_precision precision);
static seqnn_precision sq_device_precision(const sq_device *device);

/* C [m, n] = (or += if add) A [m, k] B [k, n]; transpose_a: A is stored [k, m]. Rows are
 * a_row, b_row, c_row numbers apart. As sq_matmul (math/product.h). */
static void sq_device_product_now(sq_device *device, bool transpose_a, bool transpose_b,
                                  seqnn_size m, seqnn_size n, seqnn_size k,
                                  const seqnn_real *a, seqnn_size a_row,
                                  const seqnn_real *b, seqnn_size b_row, bool add,
                                  seqnn_real *c, seqnn_size c_row);

/* What the work since the last call came to; waits for it. */
static seqnn_status sq_device_status_now(sq_device *device);

/* Work between the two is recorded, not done; the result is done again and again by
 * replay. NULL if the device cannot, and nothing was done. */
static void sq_device_record(sq_device *device);
static sq_recording *sq_device_recorded(sq_device *device);
static void sq_device_replay(sq_device *device, sq_recording *recording);
static void sq_recording_free(sq_recording *recording);

/* Runs a kernel (kernel.cuh). */
template <class Kernel>
static void sq_device_run_now(sq_device *device, const sq_grid &grid,
                              const Kernel &kernel);

/* Blocks of 256 threads, one for each of `count` elements, or some for many. */
static inline sq_grid sq_grid_of(seqnn_size count)
{
    const seqnn_size threads = 256, most = 4096;
    const seqnn_size blocks = sq_max(1, (count + threads - 1) / threads);
    return sq_grid{sq_min(blocks, most), threads, 0, 0};
}

/* -------------------------------------------------------------- cuda/device_cuda.cuh */

/* The device of device.cuh by the CUDA runtime and cuBLAS. */

struct sq_recording {
    cudaGraphExec_t graph;
};

struct sq_device {
    sq_notes notes;
    int number;        /* CUDA's */
    bool both_at_once; /* the host may touch SQ_OF_BOTH while a kernel runs */
    cudaStream_t stream;
    void *workspace; /* of cuBLAS */
    bool records;
    cublasHandle_t cublas;
    cudaDeviceProp properties;
    size_t shared;
    seqnn_size cluster;
    int clusters[4]; /* of 2, 4, 8 and 16 blocks: how many at a time */
    seqnn_precision precision;
    seqnn_status status; /* stays */
};

static void sq_device_check(sq_device *device, cudaError_t result, const char *what)
{
    if (result == cudaSuccess || device->status)
        return;
    device->status = sq_fail(result == cudaErrorMemoryAllocation ? SEQNN_ERROR_MEMORY
                                                                 : SEQNN_ERROR_DEVICE,
                             "device: %s: %s", what, cudaGetErrorString(result));
    cudaGetLastError(); /* the next user of the device begins anew */
}

/* CUDA keeps a device for every thread: makes this one that of the thread which calls.
 * False if it has failed. */
static bool sq_device_works(sq_device *device)
{
    if (!device->status)
        sq_device_check(device, cudaSetDevice(device->number), "choosing it");
    return !device->status;
}

static void sq_device_check_product(sq_device *device, cublasStatus_t result)
{
    if (result != CUBLAS_STATUS_SUCCESS && !device->status)
        device->status = sq_fail(SEQNN_ERROR_DEVICE, "device: cuBLAS: %s",
                                 cublasGetStatusString(result));
}

static void sq_device_close(sq_device *device)
{
    if (!device)
        return;
    if (device->cublas)
        cublasDestroy(device->cublas);
    cudaFree(device->workspace);
    if (device->stream)
        cudaStreamDestroy(device->stream);
    sq_free(device);
}

/* Whether this program has code for the device. */
__global__ static void sq_device_probe(void)
{
}

/* A launch of so many blocks of a cluster; the attribute stays where it is. */
static cudaLaunchConfig_t sq_device_launch(const sq_device *device, const sq_grid &grid,
                                           cudaLaunchAttribute *cluster)
{
    cudaLaunchConfig_t launch = {};
    cluster->id = cudaLaunchAttributeClusterDimension;
    cluster->val.clusterDim.x = (unsigned)sq_max(grid.cluster, 1);
    cluster->val.clusterDim.y = cluster->val.clusterDim.z = 1;
    launch.gridDim = dim3((unsigned)grid.blocks);
    launch.blockDim = dim3((unsigned)grid.threads);
    launch.dynamicSmemBytes = grid.shared;
    launch.stream = device->stream;
    launch.attrs = cluster;
    launch.numAttrs = grid.cluster > 1 ? 1 : 0;
    return launch;
}

/* Multiprocessors are in groups, and a cluster does not reach from one to the next; one
 * of 16 blocks is more than every card of the architecture has room for. What cannot be
 * had is not used: the persistent sweep alone asks for clusters. */
static void sq_device_count_clusters(sq_device *device)
{
    cudaFuncSetAttribute(sq_device_probe, cudaFuncAttributeMaxDynamicSharedMemorySize,
                         (int)device->shared);
    cudaFuncSetAttribute(sq_device_probe, cudaFuncAttributeNonPortableClusterSizeAllowed,
                         1);
    for (int i = 0; i < 4; i++) {
        cudaLaunchAttribute cluster;
        const sq_grid grid = {2 << i, 256, device->shared, 2 << i};
        const cudaLaunchConfig_t launch = sq_device_launch(device, grid, &cluster);
        if (cudaOccupancyMaxActiveClusters(&device->clusters[i], sq_device_probe,
                                           &launch) != cudaSuccess)
            device->clusters[i] = 0;
        if (device->clusters[i] > 0)
            device->cluster = grid.cluster;
    }
    cudaGetLastError();
}

static int sq_device_attribute(sq_device *device, cudaDeviceAttr attribute)
{
    int value = 0;
    sq_device_check(device, cudaDeviceGetAttribute(&value, attribute, device->number),
                    "its properties");
    return value;
}

/* Whether this program has code for it, and whether that knows clusters: what was
 * compiled for an older card does not, though the driver translates it for this one. */
static void sq_device_check_code(sq_device *device)
{
    cudaFuncAttributes probe = {};
    const cudaError_t result = cudaFuncGetAttributes(&probe, sq_device_probe);
    const cudaDeviceProp &card = device->properties;
    if (result != cudaErrorInvalidDeviceFunction &&
        result != cudaErrorNoKernelImageForDevice &&
        result != cudaErrorUnsupportedPtxVersion) {
        sq_device_check(device, result, "its code");
        if (!device->status && probe.ptxVersion >= 90 && card.major >= 9)
            sq_device_count_clusters(device);
        return;
    }
    cudaGetLastError();
    device->status = sq_fail(
        SEQNN_ERROR_DEVICE,
        "device: %s is of compute capability %d.%d, for which this program was not "
        "compiled (nvcc -arch=sm_%d%d, from 7.5 on)",
        card.name, card.major, card.minor, card.major, card.minor);
}

static void sq_device_look(sq_device *device)
{
    sq_device_check(device, cudaGetDeviceProperties(&device->properties, device->number),
                    "its properties");
    device->shared =
        (size_t)sq_device_attribute(device, cudaDevAttrMaxSharedMemoryPerBlockOptin);
    device->both_at_once =
        sq_device_attribute(device, cudaDevAttrConcurrentManagedAccess) != 0;
    device->cluster = 1;
    if (sq_device_attribute(device, cudaDevAttrManagedMemory) == 0 && !device->status)
        device->status = sq_fail(SEQNN_ERROR_DEVICE,
                                 "device: %s has no memory that it shares with the host "
                                 "(cudaMallocManaged)",
                                 device->properties.name);
}

static void sq_device_start(sq_device *device)
{
    if (sq_device_works(device))
        sq_device_look(device);
    if (!device->status)
        sq_device_check_code(device);
    if (!device->status)
        sq_device_check(device,
                        cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking),
                        "a stream");
}

/* The first one, of those that CUDA_VISIBLE_DEVICES leaves. */
static sq_device *sq_device_open(void)
{
    int count = 0;
    const cudaError_t result = cudaGetDeviceCount(&count);
    if (result != cudaSuccess || count == 0) {
        cudaGetLastError();
        sq_fail(SEQNN_ERROR_DEVICE, "device: there is no GPU, or no driver for it: %s",
                cudaGetErrorString(result ? result : cudaErrorNoDevice));
        return NULL;
    }
    sq_device *device = (sq_device *)sq_allocate(1, sizeof *device);
    if (!device)
        return NULL;
    sq_device_start(device);
    if (!device->status)
        return device;
    sq_device_close(device);
    return NULL;
}

static sq_notes *sq_device_notes(sq_device *device)
{
    return &device->notes;
}

static const char *sq_device_name(const sq_device *device)
{
    return device->properties.name;
}

static size_t sq_device_shared(const sq_device *device)
{
    return device->shared;
}

static seqnn_size sq_device_cluster(const sq_device *device)
{
    return device->cluster;
}

static seqnn_size sq_device_clusters(const sq_device *device, seqnn_size blocks)
{
    return blocks == 1   ? device->properties.multiProcessorCount
           : blocks == 2 ? device->clusters[0]
           : blocks == 4 ? device->clusters[1]
           : blocks == 8 ? device->clusters[2]
                         : device->clusters[3];
}

/* Memory of both may be asked for beyond what the card has: its pages would then come and
 * go with every kernel, and cards have hung over it. So a part is never asked for. */
static bool sq_device_has(sq_device *device, size_t bytes)
{
    size_t there = 0, whole = 0;
    sq_device_check(device, cudaMemGetInfo(&there, &whole), "how much memory is free");
    const size_t kept = sq_max(whole / 20, (size_t)256 << 20);
    if (!device->status && (there < kept || there - kept < bytes))
        device->status =
            sq_fail(SEQNN_ERROR_MEMORY,
                    "device: no memory for %zu bytes: of the %zu of %s %zu are free, and "
                    "%zu are kept so (SEQNN_DEVICE=cpu does without it)",
                    bytes, whole, device->properties.name, there, kept);
    return !device->status;
}

/* This card as a place of memory. */
static auto sq_device_here(const sq_device *device)
{
#if CUDART_VERSION >= 13000
    return cudaMemLocation{cudaMemLocationTypeDevice, device->number};
#else
    return device->number;
#endif
}

/* Pages that the host looked at come back to the card. Where it may not look while a
 * kernel runs (Windows, also under WSL), those of other streams, of other models, do not
 * count. */
static void sq_device_settle(sq_device *device, void *memory, size_t bytes)
{
    if (!device->both_at_once) {
        sq_device_check(
            device,
            cudaStreamAttachMemAsync(device->stream, memory, 0, cudaMemAttachSingle),
            "memory of both");
        return;
    }
    if (cudaMemAdvise(memory, bytes, cudaMemAdviseSetPreferredLocation,
                      sq_device_here(device)))
        cudaGetLastError(); /* it was advice */
}

static void *sq_device_take_now(sq_device *device, sq_memory_kind kind, seqnn_size bytes)
{
    void *memory = NULL;
    const size_t size = (size_t)sq_max(bytes, 1);
    if (!sq_device_works(device))
        return NULL;
    if (bytes < 0)
        device->status = sq_fail(SEQNN_ERROR_MEMORY, "device: too many numbers");
    else if (kind == SQ_OF_HOST)
        sq_device_check(device, cudaMallocHost(&memory, size), "memory of the host");
    else if (sq_device_has(device, size) && kind == SQ_OF_DEVICE)
        sq_device_check(device, cudaMalloc(&memory, size), "memory");
    else if (!device->status)
        sq_device_check(device, cudaMallocManaged(&memory, size), "memory of both");
    if (!memory)
        return NULL;
    if (kind == SQ_OF_HOST)
        memset(memory, 0, size);
    if (kind == SQ_OF_BOTH)
        sq_device_settle(device, memory, size);
    if (kind != SQ_OF_HOST)
        sq_device_clear_now(device, memory, size);
    if (kind == SQ_OF_BOTH) /* only now its pages are not free any more */
        sq_device_status_now(device);
    if (!device->status)
        return memory;
    sq_device_give_now(device, kind, memory);
    return NULL;
}

/* CUDA would wait too, but does not promise it of every kind. After an error that stays,
 * as of a kernel that wrote where nothing is, it gives nothing back before the program
 * ends. */
static void sq_device_give_now(sq_device *device, sq_memory_kind kind, void *memory)
{
    if (!memory)
        return;
    cudaStreamSynchronize(device->stream);
    if (kind == SQ_OF_HOST)
        cudaFreeHost(memory);
    else
        cudaFree(memory);
    cudaGetLastError();
}

static void sq_device_up_now(sq_device *device, void *to, const void *from, size_t bytes)
{
    if (sq_device_works(device))
        sq_device_check(
            device,
            cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, device->stream),
            "copying to it");
}

static seqnn_status sq_device_down_now(sq_device *device, void *to, const void *from,
                                       size_t bytes)
{
    if (!sq_device_works(device))
        return device->status;
    sq_device_check(
        device, cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, device->stream),
        "copying from it");
    sq_device_check(device, cudaStreamSynchronize(device->stream), "its work");
    return device->status;
}

static void sq_device_copy_now(sq_device *device, void *to, const void *from,
                               size_t bytes)
{
    if (sq_device_works(device))
        sq_device_check(
            device,
            cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, device->stream),
            "copying within it");
}

static void sq_device_clear_now(sq_device *device, void *to, size_t bytes)
{
    if (sq_device_works(device))
        sq_device_check(device, cudaMemsetAsync(to, 0, bytes, device->stream),
                        "clearing");
}

/* Where the host may not look while a kernel runs, launches bring the pages anyway. */
static void sq_device_fetch_now(sq_device *device, const void *memory, size_t bytes)
{
    if (!device->both_at_once || !sq_device_works(device))
        return;
    const auto here = sq_device_here(device);
#if CUDART_VERSION >= 13000
    const cudaError_t result =
        cudaMemPrefetchAsync(memory, bytes, here, 0, device->stream);
#else
    const cudaError_t result = cudaMemPrefetchAsync(memory, bytes, here, device->stream);
#endif
    if (result)
        cudaGetLastError(); /* it was advice */
}

static seqnn_status sq_device_use_precision(sq_device *device, seqnn_precision precision)
{
    const cudaDeviceProp &card = device->properties;
    if (precision != SEQNN_FLOAT32 && card.major < 8)
        return sq_fail(
            SEQNN_ERROR_DEVICE,
            "device: %s is of compute capability %d.%d; TF32 and BF16 need 8.0",
            card.name, card.major, card.minor);
    device->precision = precision;
    return SEQNN_OK;
}

static seqnn_precision sq_device_precision(const sq_device *device)
{
    return device->precision;
}

/* Numbers are of seqnn_real wherever they lie, and so are sums. With a FAST type cuBLAS
 * may round factors on their way into the tensor cores. */
static cublasComputeType_t sq_device_compute_type(const sq_device *device)
{
    if (sizeof(seqnn_real) > sizeof(float))
        return CUBLAS_COMPUTE_64F;
    return device->precision == SEQNN_BFLOAT16 ? CUBLAS_COMPUTE_32F_FAST_16BF
           : device->precision == SEQNN_TF32   ? CUBLAS_COMPUTE_32F_FAST_TF32
                                               : CUBLAS_COMPUTE_32F;
}

/* At the first product, for some models have none; never while a recording is made, for
 * what is recorded was done before. cuBLAS would take memory of its own in every
 * recording, and share one workspace among streams: it is given as much as NVIDIA
 * advises, which cublasSetStream would take away again. */
static bool sq_device_start_cublas(sq_device *device)
{
    const size_t size = (size_t)(device->properties.major >= 9 ? 32 : 4) << 20;
    if (device->workspace)
        return !device->status;
    sq_device_check_product(device, cublasCreate(&device->cublas));
    if (!device->status)
        sq_device_check_product(device, cublasSetStream(device->cublas, device->stream));
    if (!device->status)
        sq_device_check(device, cudaMalloc(&device->workspace, size),
                        "memory for cuBLAS");
    if (!device->status)
        sq_device_check_product(
            device, cublasSetWorkspace(device->cublas, device->workspace, size));
    return !device->status;
}

/* cuBLAS counts by columns: C^T = B^T A^T is the same memory. */
static void sq_device_product_now(sq_device *device, bool transpose_a, bool transpose_b,
                                  seqnn_size m, seqnn_size n, seqnn_size k,
                                  const seqnn_real *a, seqnn_size a_row,
                                  const seqnn_real *b, seqnn_size b_row, bool add,
                                  seqnn_real *c, seqnn_size c_row)
{
    const seqnn_real one = 1, beta = add ? 1 : 0;
    if (m == 0 || n == 0 || !sq_device_works(device))
        return;
    if (k == 0) {
        if (!add)
            for (seqnn_size i = 0; i < m; i++)
                sq_device_clear_now(device, c + i * c_row, (size_t)n * sizeof *c);
        return;
    }
    if (!sq_device_start_cublas(device))
        return;
    const cudaDataType_t type = sizeof *a > sizeof(float) ? CUDA_R_64F : CUDA_R_32F;
    sq_device_check_product(
        device,
        cublasGemmEx(device->cublas, transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                     transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, (int)n, (int)m, (int)k,
                     &one, b, type, (int)b_row, a, type, (int)a_row, &beta, c, type,
                     (int)c_row, sq_device_compute_type(device), CUBLAS_GEMM_DEFAULT));
}

static seqnn_status sq_device_status_now(sq_device *device)
{
    if (!device->status)
        sq_device_check(device, cudaStreamSynchronize(device->stream), "its work");
    return device->status;
}

static void sq_device_record(sq_device *device)
{
    if (sq_device_works(device))
        sq_device_check(
            device,
            cudaStreamBeginCapture(device->stream, cudaStreamCaptureModeThreadLocal),
            "recording");
    device->records = !device->status;
}

/* What cannot be recorded can still be done: that is no failure of the device. */
static sq_recording *sq_device_recorded(sq_device *device)
{
    cudaGraph_t graph = NULL;
    if (!device->records)
        return NULL;
    device->records = false;
    sq_recording *recording = (sq_recording *)sq_allocate(1, sizeof *recording);
    cudaError_t result = cudaStreamEndCapture(device->stream, &graph);
    if (result == cudaSuccess && !device->status && recording)
        result = cudaGraphInstantiate(&recording->graph, graph, 0);
    if (graph)
        cudaGraphDestroy(graph);
    if (result == cudaSuccess && !device->status && recording)
        return recording;
    cudaGetLastError();
    device->status = SEQNN_OK;
    sq_free(recording);
    return NULL;
}

static void sq_device_replay(sq_device *device, sq_recording *recording)
{
    if (sq_device_works(device))
        sq_device_check(device, cudaGraphLaunch(recording->graph, device->stream),
                        "a recording");
}

static void sq_recording_free(sq_recording *recording)
{
    if (!recording)
        return;
    cudaGraphExecDestroy(recording->graph);
    sq_free(recording);
}

/* ---- launches ---- */

extern __shared__ __align__(16) char sq_shared_memory[];

static __device__ inline void sq_cluster_barrier(void)
{
#if __CUDA_ARCH__ >= 900
    __cluster_barrier_arrive(); /* what was written is seen by all that wait */
    __cluster_barrier_wait();
#else
    __syncthreads(); /* no launch has clusters there */
#endif
}

template <class Kernel>
__global__ void __launch_bounds__(sq_threads_of<Kernel>::MOST)
    sq_launch(const __grid_constant__ Kernel kernel)
{
#if __CUDA_ARCH__ >= 900
    const seqnn_size rank = __clusterRelativeBlockRank(), ranks = __clusterSizeInBlocks();
#else
    const seqnn_size rank = 0, ranks = 1;
#endif
    const sq_place at = {blockIdx.x, gridDim.x, threadIdx.x,      blockDim.x,
                         rank,       ranks,     sq_shared_memory, NULL};
    typename Kernel::state own;
    const seqnn_size phases = kernel.phases();
    for (seqnn_size p = 0; p < phases; p++) {
        kernel.phase(p, at, own);
        if (sq_of_cluster(kernel, own, 0))
            sq_cluster_barrier();
        else
            __syncthreads();
    }
}

template <class Kernel>
static void sq_device_run_now(sq_device *device, const sq_grid &grid,
                              const Kernel &kernel)
{
    if (!sq_device_works(device))
        return;
    if (grid.shared > 48 * 1024)
        sq_device_check(device,
                        cudaFuncSetAttribute(sq_launch<Kernel>,
                                             cudaFuncAttributeMaxDynamicSharedMemorySize,
                                             (int)grid.shared),
                        "shared memory");
    if (grid.cluster > 8)
        sq_device_check(
            device,
            cudaFuncSetAttribute(sq_launch<Kernel>,
                                 cudaFuncAttributeNonPortableClusterSizeAllowed, 1),
            "a cluster of 16");
    if (device->status)
        return;
    cudaLaunchAttribute cluster;
    const cudaLaunchConfig_t launch = sq_device_launch(device, grid, &cluster);
    sq_device_check(device, cudaLaunchKernelEx(&launch, sq_launch<Kernel>, kernel),
                    "a launch");
}

/* -------------------------------------------------------------------- cuda/graph.cuh */

/* cuda/graph.cuh - work that repeats is given to a device in one piece (private)
 *
 * Everything that a device is asked to do is asked for here. It is passed on at once; but
 * from sq_device_begin to the next wait it is written down instead, every call with all
 * its arguments by value, and done at the wait:
 *
 *     what was never written before      call after call
 *     what was written once before       the same, and recorded: a CUDA graph
 *     what was recorded                  its recording is replayed, in one call
 *
 * The recording is found by what was written, so nothing that has changed can be replayed
 * as it was: other sizes, options, pointers or numbers are other work. What is to repeat
 * reads the numbers of its step (rates, counts of passes, words) from the device's
 * memory, to which they are copied as a part of the work. And as it was written down
 * without being done, a recording holds no wait and takes no memory.
 *
 * Memory of the host that is copied from while work is written down is SQ_OF_HOST, and is
 * read when the work is done.
 */

/* For tests: whether anything is written down. */
static SQ_UNUSED bool sq_graphs_wanted = true;

/* ---- what is written ---- */

/* One call; its arguments follow, and then the next one. */
struct alignas(16) sq_call {
    void (*make)(sq_device *device, const void *arguments);
    size_t size; /* of the arguments, in whole alignments */
};

template <class Call> static void sq_make(sq_device *device, const void *arguments)
{
    ((const Call *)arguments)->make(device);
}

/* Appends a call; false if there is no memory. It is compared by its bytes: sq_wide. */
template <class Call> static bool sq_write_down(sq_notes *notes, const Call &call)
{
    const sq_call head = {sq_make<Call>, (sizeof call + 15) / 16 * 16};
    const seqnn_size size = (seqnn_size)(sizeof head + head.size);
    void *bytes = notes->bytes;
    if (sq_grow(&bytes, &notes->capacity, notes->used + size, 1))
        return false;
    notes->bytes = (char *)bytes;
    char *to = notes->bytes + notes->used;
    memset(to, 0, (size_t)size);
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, (const void *)&call, sizeof call);
    notes->used += size;
    return true;
}

static void sq_make_all(sq_device *device, const sq_notes *notes)
{
    for (seqnn_size at = 0; at < notes->used;) {
        const sq_call *call = (const sq_call *)(notes->bytes + at);
        call->make(device, call + 1);
        at += (seqnn_size)(sizeof *call + call->size);
    }
}

/* ---- what was written before ---- */

static uint64_t sq_hash_of(const sq_notes *notes)
{
    uint64_t hash =
        14695981039346656037u; /* FNV-1a, by words: sizes are multiples of 16 */
    for (seqnn_size at = 0; at < notes->used; at += (seqnn_size)sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, notes->bytes + at, sizeof word);
        hash = (hash ^ word) * 1099511628211u;
        hash ^= hash >> 29;
    }
    return hash;
}

/* The recording of what is written, or NULL. */
static sq_kept_notes *sq_find_recording(sq_notes *notes, uint64_t hash)
{
    for (sq_kept_notes &kept : notes->kept)
        if (kept.recording && kept.hash == hash && kept.size == notes->used &&
            memcmp(kept.bytes, notes->bytes, (size_t)notes->used) == 0)
            return &kept;
    return NULL;
}

static bool sq_seen_before(const sq_notes *notes, uint64_t hash)
{
    for (uint64_t seen : notes->seen)
        if (seen == hash)
            return true;
    return false;
}

static void sq_forget_recording(sq_kept_notes *kept)
{
    sq_recording_free(kept->recording);
    sq_free(kept->bytes);
    memset(kept, 0, sizeof *kept);
}

/* Where a recording may go: a free place, or that of one that was not used for long, or
 * NULL. To record costs more than to do the work: what comes again after many others
 * would be recorded and pushed out in a circle. */
static sq_kept_notes *sq_place_of_recording(sq_notes *notes)
{
    sq_kept_notes *oldest = &notes->kept[0];
    for (sq_kept_notes &kept : notes->kept)
        if (kept.last_use < oldest->last_use)
            oldest = &kept;
    const long unused = notes->written - oldest->last_use;
    return !oldest->recording || unused > (long)SQ_COUNT(notes->seen) ? oldest : NULL;
}

/* Records what is written. NULL if there is no place for it, or the device cannot, and
 * then it is not tried again. */
static sq_kept_notes *sq_record_notes(sq_device *device, sq_notes *notes, uint64_t hash)
{
    sq_kept_notes *oldest = sq_place_of_recording(notes);
    if (!oldest)
        return NULL;
    char before[512];
    snprintf(before, sizeof before, "%s", seqnn_error());
    sq_forget_recording(oldest);
    oldest->bytes = (char *)sq_allocate(notes->used, 1);
    if (oldest->bytes) {
        sq_device_record(device);
        sq_make_all(device, notes);
        oldest->recording = sq_device_recorded(device);
    }
    if (!oldest->recording) {
        sq_forget_recording(oldest);
        sq_fail(SEQNN_OK, "%s", before); /* the work itself has not failed */
        notes->fails = true;
        return NULL;
    }
    memcpy(oldest->bytes, notes->bytes, (size_t)notes->used);
    oldest->size = notes->used;
    oldest->hash = hash;
    return oldest;
}

/* Does what is written; from now on everything is done at once. */
static void sq_device_do_written(sq_device *device)
{
    sq_notes *notes = sq_device_notes(device);
    if (!notes->writes)
        return;
    notes->writes = false;
    notes->written++;
    const uint64_t hash = sq_hash_of(notes);
    sq_kept_notes *kept = sq_find_recording(notes, hash);
    if (!kept && !notes->fails && sq_seen_before(notes, hash))
        kept = sq_record_notes(device, notes, hash);
    if (kept) {
        kept->last_use = notes->written;
        notes->replays++;
        sq_device_replay(device, kept->recording);
        return;
    }
    notes->seen[notes->next_seen++ % SQ_COUNT(notes->seen)] = hash;
    sq_make_all(device, notes);
}

/* From here to the next wait work may repeat. */
static void sq_device_begin(sq_device *device)
{
    sq_notes *notes = sq_device_notes(device);
    sq_device_do_written(device);
    notes->writes = sq_graphs_wanted && !notes->fails;
    notes->used = 0;
}

/* None of them may be running. */
static void sq_forget_recordings(sq_device *device)
{
    for (sq_kept_notes &kept : sq_device_notes(device)->kept) {
        if (kept.recording)
            sq_device_status_now(device);
        sq_forget_recording(&kept);
    }
}

static void sq_notes_free(sq_device *device)
{
    sq_forget_recordings(device);
    sq_free(sq_device_notes(device)->bytes);
    *sq_device_notes(device) = sq_notes{};
}

/* ---- what a device is asked for ---- */

template <class Call> static void sq_device_ask(sq_device *device, const Call &call)
{
    sq_notes *notes = sq_device_notes(device);
    notes->waited = false;
    if (notes->writes && sq_write_down(notes, call))
        return;
    sq_device_do_written(device);
    call.make(device);
}

struct sq_call_up {
    void *to;
    const void *from;
    size_t bytes;
    void make(sq_device *device) const
    {
        sq_device_up_now(device, to, from, bytes);
    }
};

struct sq_call_copy {
    void *to;
    const void *from;
    size_t bytes;
    void make(sq_device *device) const
    {
        sq_device_copy_now(device, to, from, bytes);
    }
};

struct sq_call_clear {
    void *to;
    size_t bytes;
    void make(sq_device *device) const
    {
        sq_device_clear_now(device, to, bytes);
    }
};

struct sq_call_product {
    sq_wide<bool> transpose_a, transpose_b, add;
    seqnn_size m, n, k, a_row, b_row, c_row;
    const seqnn_real *a, *b;
    seqnn_real *c;
    void make(sq_device *device) const
    {
        sq_device_product_now(device, transpose_a, transpose_b, m, n, k, a, a_row, b,
                              b_row, add, c, c_row);
    }
};

template <class Kernel> struct sq_call_run {
    sq_grid grid;
    Kernel kernel;
    void make(sq_device *device) const
    {
        sq_device_run_now(device, grid, kernel);
    }
};

/* The host's memory may be used again at once; SQ_OF_HOST after a wait. */
static void sq_device_up(sq_device *device, void *to, const void *from, size_t bytes)
{
    sq_device_ask(device, sq_call_up{to, from, bytes});
}

static void sq_device_copy(sq_device *device, void *to, const void *from, size_t bytes)
{
    sq_device_ask(device, sq_call_copy{to, from, bytes});
}

static void sq_device_clear(sq_device *device, void *to, size_t bytes)
{
    sq_device_ask(device, sq_call_clear{to, bytes});
}

/* Never a part of a recording. */
static void sq_device_fetch(sq_device *device, const void *memory, size_t bytes)
{
    sq_device_do_written(device);
    sq_device_fetch_now(device, memory, bytes);
}

static void sq_device_product(sq_device *device, bool transpose_a, bool transpose_b,
                              seqnn_size m, seqnn_size n, seqnn_size k,
                              const seqnn_real *a, seqnn_size a_row, const seqnn_real *b,
                              seqnn_size b_row, bool add, seqnn_real *c, seqnn_size c_row)
{
    sq_device_ask(device, sq_call_product{transpose_a, transpose_b, add, m, n, k, a_row,
                                          b_row, c_row, a, b, c});
}

template <class Kernel>
static void sq_device_run(sq_device *device, const sq_grid &grid, const Kernel &kernel)
{
    sq_device_ask(device, sq_call_run<Kernel>{grid, kernel});
}

static void *sq_device_take(sq_device *device, sq_memory_kind kind, seqnn_size bytes)
{
    sq_device_notes(device)->waited = false; /* for its zeros */
    return sq_device_take_now(device, kind, bytes);
}

/* After the work that needs it; no recording may name it any more. */
static void sq_device_give(sq_device *device, sq_memory_kind kind, void *memory)
{
    if (memory) {
        sq_device_do_written(device);
        sq_forget_recordings(device);
    }
    sq_device_give_now(device, kind, memory);
}

static seqnn_status sq_device_down(sq_device *device, void *to, const void *from,
                                   size_t bytes)
{
    sq_notes *notes = sq_device_notes(device);
    sq_device_do_written(device);
    notes->waited = true;
    return notes->status = sq_device_down_now(device, to, from, bytes);
}

/* What the work since the last call came to; waits for it. */
static seqnn_status sq_device_status(sq_device *device)
{
    sq_notes *notes = sq_device_notes(device);
    if (notes->waited)
        return notes->status;
    sq_device_do_written(device);
    notes->waited = true;
    return notes->status = sq_device_status_now(device);
}

/* --------------------------------------------------------------------- cuda/rows.cuh */

/* cuda/rows.cuh - what is done to the elements and rows of matrices (private)
 *
 * Nothing here depends on the order in which threads run: an element is written by one
 * thread, and a sum is added up in an order that is fixed by its shape. There are no
 * atomic operations.
 */

/* body(i) for every i below count. */
template <class Body> struct sq_each {
    seqnn_size count;
    Body body;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        for (seqnn_size i = sq_first(at); i < count; i += sq_stride(at))
            body(i);
    }
};

template <class Body>
static void sq_for_each(sq_device *device, seqnn_size count, const Body &body)
{
    if (count > 0)
        sq_device_run(device, sq_grid_of(count), sq_each<Body>{count, body});
}

/* The length of a list, rounded up by less than a quarter: lists of about one length are
 * the same work, which may then be recorded (graph.cuh). */
static inline seqnn_size sq_rounded_up(seqnn_size count, seqnn_size most)
{
    seqnn_size grain = 1;
    while (8 * grain <= count)
        grain *= 2;
    return sq_min(most, (count + grain - 1) / grain * grain);
}

/* ---- rows that move ---- */

/* A negative index, here and below, is that of no row: lists are filled up with them
 * (sq_rounded_up). out[r] = from[index[r]] (+ b), or from[index[of_row[r]]] (+ b); rows
 * of so many columns. */
struct sq_gather_rows {
    seqnn_size columns;
    const seqnn_real *from;
    const int32_t *index, *of_row; /* of_row: or NULL */
    const seqnn_real *b;           /* [columns] or NULL */
    seqnn_real *out;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size r = i / columns, j = i % columns;
        const int32_t row = index[of_row ? of_row[r] : r];
        const seqnn_real value = row < 0 ? 0 : from[row * columns + j];
        out[i] = value + (b ? b[j] : 0);
    }
};

/* to[into[u]] += from[u], each row of `to` at most once. */
struct sq_scatter_rows {
    seqnn_size columns;
    const seqnn_real *from;
    const int32_t *into;
    seqnn_real *to;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const int32_t row = into[i / columns];
        if (row >= 0)
            to[row * columns + i % columns] += from[i];
    }
};

/* Every row of z is b. */
struct sq_repeat_row {
    seqnn_size columns;
    const seqnn_real *b;
    seqnn_real *z;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        z[i] = b[i % columns];
    }
};

/* out[r] = the one-hot vector of word index[of_row[r]]. */
struct sq_write_one_hot {
    seqnn_size columns;
    const int32_t *index, *of_row;
    seqnn_real *out;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        out[i] =
            index[of_row[i / columns]] == i % columns ? (seqnn_real)1 : (seqnn_real)0;
    }
};

/* Columns [at, at + narrow) of `wide` columns out of, or into, a matrix of `narrow`. */
struct sq_columns_out {
    seqnn_size wide, at, narrow;
    const seqnn_real *from;
    seqnn_real *to;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        to[i] = from[i / narrow * wide + at + i % narrow];
    }
};
struct sq_columns_in {
    seqnn_size wide, at, narrow;
    const seqnn_real *from;
    seqnn_real *to;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        to[i / narrow * wide + at + i % narrow] = from[i];
    }
};

/* ---- sums ---- */

/* y = a + b; y += a; y *= factor; y = a * b (+ y). */
struct sq_sum_of_two {
    const seqnn_real *a, *b;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = a[i] + b[i];
    }
};
struct sq_add_to {
    const seqnn_real *a;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] += a[i];
    }
};
struct sq_scale_by {
    double factor;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = (seqnn_real)((double)y[i] * factor);
    }
};
struct sq_product_of_two {
    const seqnn_real *a, *b;
    sq_wide<bool> add;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = (add ? y[i] : 0) + a[i] * b[i];
    }
};

/* to[word[u]] += (add) or to[u] = (word NULL) the sum of values[row] over the rows of
 * distinct word u: rows[begin[u]] ... rows[begin[u + 1] - 1]. A word below 0 is none.
 *
 * A block has 16 words and 32 columns. The 32 threads of a word take its first 32 rows;
 * the others of a word that is frequent (a padding, an article) are shared by all. */
struct sq_sum_word_rows {
    enum { COLUMNS = 32, WORDS = 16, FEW = 32, MOST_THREADS = COLUMNS * WORDS };
    seqnn_size words, columns;
    const seqnn_real *values;
    const seqnn_size *rows, *begin;
    const int32_t *word;
    sq_wide<bool> add;
    seqnn_real *to;
    struct state {
        seqnn_real sum;
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 2;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const seqnn_size across = (columns + COLUMNS - 1) / COLUMNS;
        const seqnn_size lane = at.thread % COLUMNS, group = at.thread / COLUMNS;
        const seqnn_size j = at.block % across * COLUMNS + lane;
        const seqnn_size first = at.block / across * WORDS, u = first + group;
        seqnn_real *sums = (seqnn_real *)at.shared; /* [WORDS, WORDS, COLUMNS] */
        if (j >= columns)
            return;
        if (p == 0) {
            own.sum = u < words
                          ? sum_of(j, begin[u], 1, sq_min(begin[u] + FEW, begin[u + 1]))
                          : 0;
            for (int w = 0; w < WORDS; w++)
                if (is_frequent(first + w))
                    sums[(w * WORDS + group) * COLUMNS + lane] = sum_of(
                        j, begin[first + w] + FEW + group, WORDS, begin[first + w + 1]);
            return;
        }
        if (u >= words || (word && word[u] < 0))
            return;
        for (int g = 0; g < WORDS && is_frequent(u); g++)
            own.sum += sums[(group * WORDS + g) * COLUMNS + lane];
        seqnn_real *sum = to + (word ? word[u] : u) * columns + j;
        *sum = add ? *sum + own.sum : own.sum;
    }

  private:
    SQ_BOTH bool is_frequent(seqnn_size u) const
    {
        return u < words && begin[u + 1] - begin[u] > FEW;
    }

    SQ_BOTH seqnn_real sum_of(seqnn_size j, seqnn_size r, seqnn_size step,
                              seqnn_size end) const
    {
        seqnn_real sum = 0;
        for (; r < end; r += step)
            sum += values[rows[r] * columns + j];
        return sum;
    }
};

static inline void sq_device_sum_word_rows(sq_device *device,
                                           const sq_sum_word_rows &sums)
{
    const seqnn_size wide = sq_sum_word_rows::COLUMNS, words = sq_sum_word_rows::WORDS;
    const seqnn_size across = (sums.columns + wide - 1) / wide;
    if (sums.words > 0)
        sq_device_run(device,
                      sq_grid{(sums.words + words - 1) / words * across, wide * words,
                              (size_t)(words * words * wide) * sizeof(seqnn_real), 0},
                      sums);
}

/* db[j] += sum_r dz[r, j]. A block has 8 columns; its 128 groups of 8 threads take every
 * 128th row. The sums of the groups are added in order, those of every 16th first. */
struct sq_column_sums {
    enum { COLUMNS = 8, GROUPS = 128, FIRST = 16, MOST_THREADS = COLUMNS * GROUPS };
    seqnn_size rows, columns, row;
    const seqnn_real *dz;
    seqnn_real *db;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 3;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        seqnn_real *sums = (seqnn_real *)at.shared; /* [GROUPS, COLUMNS] */
        const seqnn_size lane = at.thread % COLUMNS, group = at.thread / COLUMNS;
        const seqnn_size j = at.block * COLUMNS + lane;
        seqnn_real sum = 0;
        if (j >= columns)
            return;
        if (p == 0) {
            for (seqnn_size r = group; r < rows; r += GROUPS)
                sum += dz[r * row + j];
            sums[at.thread] = sum;
        } else if (p == 1 && group < FIRST) {
            for (seqnn_size g = group; g < GROUPS; g += FIRST)
                sum += sums[g * COLUMNS + lane];
            sums[at.thread] = sum;
        } else if (p == 2 && group == 0) {
            for (seqnn_size g = 0; g < FIRST; g++)
                sum += sums[g * COLUMNS + lane];
            db[j] += sum;
        }
    }
};

static inline void sq_device_column_sums(sq_device *device, seqnn_size rows,
                                         seqnn_size columns, const seqnn_real *dz,
                                         seqnn_size row, seqnn_real *db)
{
    const seqnn_size wide = sq_column_sums::COLUMNS,
                     threads = wide * sq_column_sums::GROUPS;
    if (rows > 0)
        sq_device_run(device,
                      sq_grid{(columns + wide - 1) / wide, threads,
                              (size_t)threads * sizeof(seqnn_real), 0},
                      sq_column_sums{rows, columns, row, dz, db});
}

/* ---- random masks ---- */

/* y = x * mask, the mask that dropout.c's sq_dropout_mask gives: value i of a row that is
 * number `at` of the user's is Philox number at * features + i of the stream. */
struct sq_draw_mask {
    seqnn_size features, time; /* time > 0: one mask for a whole sequence */
    const seqnn_size *number;  /* [rows] row -> the user's, or NULL: the same */
    uint64_t seed, stream;     /* of pass 0: that of a pass is *pass later */
    const uint64_t *pass;
    uint32_t dropped;
    seqnn_real kept;
    seqnn_real *mask;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size r = i / features, j = i % features;
        seqnn_size at = number ? number[r] : r;
        if (time > 0)
            at /= time;
        const uint64_t n = (uint64_t)(at * features + j);
        uint32_t numbers[4];
        sq_random_block(seed, stream + *pass, n / 4, numbers);
        mask[i] = numbers[n % 4] < dropped ? (seqnn_real)0 : kept;
    }
};

/* ---- over time ---- */

/* A packed batch on the device (layers/packing.h). */
struct sq_packed {
    seqnn_size batch, time, steps, rows;
    const int32_t *order, *length; /* [batch] */
    const seqnn_size *offset;      /* [steps + 1] */
    const seqnn_size *source;      /* [rows] */
};

/* y and winner of sequence k, feature j: the largest x over its steps and where it is. */
struct sq_max_over_time {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *x;
    seqnn_real *y;
    int32_t *winner;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i / features, j = i % features;
        seqnn_real most = 0;
        int32_t where = 0;
        for (int32_t s = 0; s < packing.length[k]; s++) {
            const seqnn_real here = x[(packing.offset[s] + k) * features + j];
            if (s == 0 || here > most) {
                most = here;
                where = s;
            }
        }
        y[packing.order[k] * features + j] = most;
        winner[i] = where;
    }
};

struct sq_max_over_time_back {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *dy;
    const int32_t *winner;
    sq_wide<bool> add;
    seqnn_real *dx;
    SQ_BOTH void operator()(seqnn_size i) const /* of [batch, features] */
    {
        const seqnn_size k = i / features, j = i % features;
        for (int32_t s = 0; s < packing.length[k]; s++) {
            seqnn_real *to = dx + (packing.offset[s] + k) * features + j;
            const seqnn_real here =
                winner[i] == s ? dy[packing.order[k] * features + j] : (seqnn_real)0;
            *to = add ? *to + here : here;
        }
    }
};

struct sq_mean_over_time {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *x;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i / features, j = i % features;
        seqnn_real sum = 0;
        for (int32_t s = 0; s < packing.length[k]; s++)
            sum += x[(packing.offset[s] + k) * features + j];
        y[packing.order[k] * features + j] =
            packing.length[k] > 0 ? sum / (seqnn_real)packing.length[k] : sum;
    }
};

struct sq_mean_over_time_back {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *dy;
    sq_wide<bool> add;
    seqnn_real *dx;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i / features, j = i % features;
        for (int32_t s = 0; s < packing.length[k]; s++) {
            seqnn_real *to = dx + (packing.offset[s] + k) * features + j;
            const seqnn_real here =
                dy[packing.order[k] * features + j] / (seqnn_real)packing.length[k];
            *to = add ? *to + here : here;
        }
    }
};

/* rows [rows, features] of a packed batch <-> the user's order [batch, time, features].
 */
struct sq_unpack_row {
    seqnn_size features;
    const seqnn_size *source;
    const seqnn_real *rows;
    seqnn_real *values;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        values[source[i / features] * features + i % features] = rows[i];
    }
};
struct sq_pack_row {
    seqnn_size features;
    const seqnn_size *source;
    const seqnn_real *values;
    sq_wide<bool> add;
    seqnn_real *rows;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        rows[i] =
            (add ? rows[i] : 0) + values[source[i / features] * features + i % features];
    }
};

/* -------------------------------------------------------------- cuda/activations.cuh */

/* cuda/activations.cuh - activations of rows, forward and backward (private) */

SQ_BOTH static inline seqnn_real sq_device_exp(seqnn_real x)
{
    return SQ_MATH(exp)(x);
}

SQ_BOTH static inline seqnn_real sq_device_tanh(seqnn_real x)
{
    return SQ_MATH(tanh)(x);
}

/* 1 / (1 + e^-x), without e^x of a large x. */
SQ_BOTH static inline seqnn_real sq_device_logistic(seqnn_real x)
{
    const seqnn_real e = sq_device_exp(x < 0 ? x : -x);
    return (x < 0 ? e : (seqnn_real)1) / (1 + e);
}

/* y = g(z), and g'(z) from y; of an activation that looks at one number at a time. */
SQ_BOTH static inline seqnn_real sq_device_activate(seqnn_activation g, seqnn_real z)
{
    switch (g) {
    case SEQNN_TANH:
        return sq_device_tanh(z);
    case SEQNN_SIGMOID:
        return sq_device_logistic(z);
    case SEQNN_RELU:
        return z < 0 ? 0 : z; /* NaN passes */
    default:
        return z;
    }
}

SQ_BOTH static inline seqnn_real sq_device_slope(seqnn_activation g, seqnn_real y)
{
    switch (g) {
    case SEQNN_TANH:
        return 1 - y * y;
    case SEQNN_SIGMOID:
        return y * (1 - y);
    case SEQNN_RELU:
        return y > 0 ? (seqnn_real)1 : (seqnn_real)0;
    default:
        return 1;
    }
}

struct sq_activate_element {
    sq_wide<seqnn_activation> g;
    const seqnn_real *z;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = sq_device_activate(g, z[i]);
    }
};

struct sq_activate_back {
    sq_wide<seqnn_activation> g;
    const seqnn_real *y, *dy;
    seqnn_real *dz;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        dz[i] = dy[i] * sq_device_slope(g, y[i]);
    }
};

/* ---- rows that sum to one ---- */

/* The threads of a block add up, or take the largest of, what each has: the value of
 * thread 0 in `own`, then halves of the threads in turn, a fixed order. Takes
 * sq_block_phases(threads) phases, after which shared[0] is the result. */
SQ_BOTH static inline seqnn_size sq_block_phases(seqnn_size threads)
{
    seqnn_size phases = 1;
    for (seqnn_size n = threads; n > 1; n /= 2)
        phases++;
    return phases;
}

/* Phase p of it; threads is a power of two. */
SQ_BOTH static inline void sq_block_combine(seqnn_size p, const sq_place &at, double own,
                                            bool largest, double *shared)
{
    if (p == 0) {
        shared[at.thread] = own;
        return;
    }
    const seqnn_size half = at.threads >> p;
    if (at.thread >= half)
        return;
    const double other = shared[at.thread + half];
    if (!largest)
        shared[at.thread] += other;
    else if (!(shared[at.thread] >= other)) /* NaN stays */
        shared[at.thread] = shared[at.thread] != shared[at.thread] ? shared[at.thread] : other;
}

/* y = softmax(z) of a row, or its logarithm; one block for each row. */
struct sq_softmax_rows {
    seqnn_size columns;
    sq_wide<bool> logarithm;
    const seqnn_real *z;
    seqnn_real *y;
    struct state {
        double most;
    };
    enum { THREADS = 128, COMBINE = 8 }; /* sq_block_phases(THREADS) */
    SQ_BOTH seqnn_size phases() const
    {
        return 2 * COMBINE + 2;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const seqnn_real *from = z + at.block * columns;
        double *shared = (double *)at.shared;
        if (p < COMBINE) { /* the largest */
            double most = -INFINITY;
            for (seqnn_size j = at.thread; p == 0 && j < columns; j += at.threads)
                most = from[j] > most || from[j] != from[j] ? (double)from[j] : most;
            sq_block_combine(p, at, most, true, shared);
        } else if (p == COMBINE) {
            own.most = shared[0];
        } else if (p <= 2 * COMBINE) { /* the sum */
            double sum = 0;
            for (seqnn_size j = at.thread; p == COMBINE + 1 && j < columns; j += at.threads)
                sum += (double)sq_device_exp((seqnn_real)((double)from[j] - own.most));
            sq_block_combine(p - COMBINE - 1, at, sum, false, shared);
        } else {
            const double sum = shared[0], log_sum = log(sum);
            for (seqnn_size j = at.thread; j < columns; j += at.threads) {
                const double above = (double)from[j] - own.most;
                y[at.block * columns + j] =
                    logarithm ? (seqnn_real)(above - log_sum)
                              : (seqnn_real)((double)sq_device_exp((seqnn_real)above) / sum);
            }
        }
    }
};

/* dz = y * (dy - sum y dy), or of log-softmax dy - e^y sum dy. */
struct sq_softmax_back {
    seqnn_size columns;
    sq_wide<bool> logarithm;
    const seqnn_real *y, *dy;
    seqnn_real *dz;
    struct state {};
    enum { THREADS = 128, COMBINE = 8 };
    SQ_BOTH seqnn_size phases() const
    {
        return COMBINE + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        const seqnn_size row = at.block * columns;
        double *shared = (double *)at.shared;
        if (p < COMBINE) {
            double sum = 0;
            for (seqnn_size j = at.thread; p == 0 && j < columns; j += at.threads)
                sum += (double)dy[row + j] * (logarithm ? 1 : (double)y[row + j]);
            sq_block_combine(p, at, sum, false, shared);
            return;
        }
        const seqnn_real sum = (seqnn_real)shared[0];
        for (seqnn_size j = at.thread; j < columns; j += at.threads) {
            const seqnn_real here = y[row + j];
            dz[row + j] = logarithm ? dy[row + j] - sq_device_exp(here) * sum
                                    : here * (dy[row + j] - sum);
        }
    }
};

static inline bool sq_looks_at_rows(seqnn_activation g)
{
    return g == SEQNN_SOFTMAX || g == SEQNN_LOG_SOFTMAX;
}

static inline void sq_device_activation(sq_device *device, seqnn_activation g,
                                        seqnn_size rows, seqnn_size columns,
                                        const seqnn_real *z, seqnn_real *y)
{
    const seqnn_size threads = sq_softmax_rows::THREADS;
    if (!sq_looks_at_rows(g))
        sq_for_each(device, rows * columns, sq_activate_element{g, z, y});
    else if (rows > 0)
        sq_device_run(device, sq_grid{rows, threads, (size_t)threads * sizeof(double), 0},
                      sq_softmax_rows{columns, g == SEQNN_LOG_SOFTMAX, z, y});
}

static inline void sq_device_activation_back(sq_device *device, seqnn_activation g,
                                             seqnn_size rows, seqnn_size columns,
                                             const seqnn_real *y, const seqnn_real *dy,
                                             seqnn_real *dz)
{
    const seqnn_size threads = sq_softmax_back::THREADS;
    if (!sq_looks_at_rows(g))
        sq_for_each(device, rows * columns, sq_activate_back{g, y, dy, dz});
    else if (rows > 0)
        sq_device_run(device, sq_grid{rows, threads, (size_t)threads * sizeof(double), 0},
                      sq_softmax_back{columns, g == SEQNN_LOG_SOFTMAX, y, dy, dz});
}

/* -------------------------------------------------------------------- cuda/model.cuh */

/* cuda/model.cuh - a model on a device (private)
 *
 * The layers' own structs are used as they are: their reals lie in the memory of both
 * sides. Lists of a batch (packings, distinct words) are the CPU's; a copy of them lies
 * in a block of the device at the same distances, so that sq_list finds what a pointer
 * into the one is in the other.
 */

/* Elements of a gradient that a block sums up, clips or updates. */
enum { SQ_GRADIENT_PIECE = 4096 };

/* Memory that grows with what is asked of it. */
struct sq_cuda_room {
    void *memory;
    seqnn_size size;
};

/* Whether an update is to be made, and what the gradients are taken times. */
struct sq_cuda_go {
    double stop; /* 0: it is made */
    double factor;
};

/* What is another number in every step, though the work is the same: read from the
 * device's memory. */
struct sq_cuda_numbers {
    uint64_t pass;    /* of sq_stream_of_pass */
    sq_update update; /* of the optimiser */
    sq_cuda_go go;    /* of an update that the CPU has decided */
};

struct sq_cuda {
    sq_device *device;
    sq_memory both, host; /* for the arenas */
    char *lists;          /* the copy of model->lists, in the device's memory */
    seqnn_size lists_size;
    sq_cuda_room numbers_here, numbers;
    sq_cuda_room given_here[SEQNN_MAX_INPUTS]; /* values of sources */
    sq_cuda_room targets_here, targets;        /* of the loss: the CPU's, and the copy */
    sq_cuda_room judged;                       /* what a step comes to: update.cuh */
    sq_cuda_room down_here;                    /* what came down last */
    bool judges;                               /* a step whose end the device decides */
};

/* At least so many bytes; what was in them is lost if they grow. NULL: the device is in
 * error. */
static void *sq_cuda_room_for(const sq_cuda *cuda, sq_memory_kind kind,
                              sq_cuda_room *room, seqnn_size bytes)
{
    if (bytes >= 0 && bytes <= room->size && room->memory)
        return room->memory;
    sq_device_give(cuda->device, kind, room->memory);
    room->memory = sq_device_take(cuda->device, kind, bytes);
    room->size = room->memory ? bytes : 0;
    return room->memory;
}

/* A copy in memory of the host's that stands until the next; waits. NULL: the device is
 * in error. */
static void *sq_cuda_down(sq_cuda *cuda, const void *from, seqnn_size bytes)
{
    void *here = sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->down_here, bytes);
    if (!here || sq_device_down(cuda->device, here, from, (size_t)bytes))
        return NULL;
    return here;
}

/* What a step comes to; of all but the last two a copy comes down. */
struct sq_cuda_judged {
    seqnn_size parameters; /* of the model, frozen ones too */
    double *sums;          /* the loss, and how many were right */
    sq_cuda_go *go;        /* of its update */
    double *squares;       /* [SQ_MOST_CLIPS, parameters] sums of squares */
    double *factors;       /* [parameters] what their gradients are taken times */
    double *pieces;        /* of sums of squares */
};

static sq_cuda_judged sq_cut_judged(const seqnn_model *model, sq_arena *arena)
{
    sq_cuda_judged to = {};
    seqnn_size pieces = 0;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            to.parameters++;
            pieces += view->rows * view->columns / SQ_GRADIENT_PIECE + 1;
        }
    to.sums = (double *)sq_arena_take(arena, 2, sizeof(double));
    to.go = (sq_cuda_go *)sq_arena_take(arena, 1, sizeof(sq_cuda_go));
    to.squares =
        (double *)sq_arena_take(arena, SQ_MOST_CLIPS * to.parameters, sizeof(double));
    to.factors = (double *)sq_arena_take(arena, to.parameters, sizeof(double));
    to.pieces = (double *)sq_arena_take(arena, pieces, sizeof(double));
    return to;
}

/* False: the device is in error. */
static bool sq_cuda_judged_there(const seqnn_model *model, sq_cuda_judged *to)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_arena plan = {}, there = {};
    sq_cut_judged(model, &plan);
    there.memory = (char *)sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->judged, plan.used);
    if (!there.memory || !sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->down_here, plan.used))
        return false;
    *to = sq_cut_judged(model, &there);
    return true;
}

/* Memory for the numbers of a step; false: the device is in error. */
static bool sq_cuda_has_numbers(sq_cuda *cuda)
{
    const seqnn_size size = (seqnn_size)sizeof(sq_cuda_numbers);
    return sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->numbers_here, size) &&
           sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->numbers, size);
}

static sq_cuda_numbers *sq_cuda_numbers_there(const sq_cuda *cuda)
{
    return (sq_cuda_numbers *)cuda->numbers.memory;
}

static inline sq_cuda *sq_cuda_of(const seqnn_layer *layer)
{
    return (sq_cuda *)layer->model->device;
}

/* Where the copy of a list is. */
template <class T> static T *sq_list(const seqnn_model *model, T *list)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    return (T *)(cuda->lists + ((const char *)list - model->lists.memory));
}

/* Copies lists of the batch that lie one behind the other, of the last so many elements:
 * one more copy would cost more than what lies between them. */
template <class First, class Last>
static void sq_lists_up(const seqnn_model *model, const First *first, const Last *last,
                        seqnn_size count)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    sq_device_up(cuda->device, (void *)sq_list(model, first), first,
                 (size_t)((const char *)(last + count) - (const char *)first));
}

static inline sq_packed sq_packed_of(const seqnn_model *model, const sq_packing *packing)
{
    return sq_packed{packing->batch,
                     packing->time,
                     packing->steps,
                     packing->rows,
                     sq_list(model, packing->order),
                     sq_list(model, packing->length),
                     sq_list(model, packing->offset),
                     sq_list(model, packing->source)};
}

/* ---- memory ---- */

static void *sq_cuda_take_both(void *context, seqnn_size bytes)
{
    return sq_device_take((sq_device *)context, SQ_OF_BOTH, bytes);
}

static void sq_cuda_give_both(void *context, void *memory)
{
    sq_device_give((sq_device *)context, SQ_OF_BOTH, memory);
}

static void *sq_cuda_take_host(void *context, seqnn_size bytes)
{
    return sq_device_take((sq_device *)context, SQ_OF_HOST, bytes);
}

static void sq_cuda_give_host(void *context, void *memory)
{
    sq_device_give((sq_device *)context, SQ_OF_HOST, memory);
}

/* ---- a batch ---- */

static seqnn_status sq_cuda_batch(seqnn_model *model)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    if (cuda->lists_size < model->lists.size) {
        sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->lists);
        cuda->lists =
            (char *)sq_device_take(cuda->device, SQ_OF_DEVICE, model->lists.size);
        cuda->lists_size = cuda->lists ? model->lists.size : 0;
        if (!cuda->lists)
            return sq_device_status(cuda->device);
    }
    if (!sq_cuda_has_numbers(cuda))
        return sq_device_status(cuda->device);
    if (model->mode == SEQNN_TRAIN) {
        sq_cuda_numbers *here = (sq_cuda_numbers *)cuda->numbers_here.memory;
        here->pass = sq_stream_of_pass(model);
        sq_device_up(cuda->device, &sq_cuda_numbers_there(cuda)->pass, &here->pass,
                     sizeof here->pass);
    }
    for (int k = 0; k < model->source_count; k++) {
        const sq_packing *packing = &model->sources[k].packing;
        if (model->sources[k].kind == SQ_VECTORS)
            continue;
        sq_lists_up(model, packing->order, packing->source, packing->rows);
    }
    return SEQNN_OK;
}

/* ---- sources ---- */

/* How many distinct words work is made for: those of no row (-1) make up the rest. */
static seqnn_size sq_cuda_word_rows(const seqnn_layer *layer, const sq_distinct *distinct)
{
    return sq_rounded_up(distinct->count, sq_min(layer->out.rows, layer->vocabulary));
}

static void sq_cuda_words_up(const seqnn_layer *layer, const sq_distinct *distinct)
{
    const seqnn_size words = sq_cuda_word_rows(layer, distinct);
    for (seqnn_size u = distinct->count; u < words; u++)
        distinct->words[u] = -1;
    sq_lists_up(layer->model, distinct->words, distinct->of_row, layer->out.rows);
}

/* --------------------------------------------------------------------- cuda/loss.cuh */

/* cuda/loss.cuh - losses, their gradients, and what was right, on a device (private)
 *
 * Targets, weights and the factors of the rows are laid out by the CPU in one piece of
 * memory (train/loss.c has worked them out) and go up together; two numbers come back.
 */

/* ---- what goes up, and what is worked on ---- */

struct sq_loss_pieces {
    double *factor;           /* [rows] of the gradient; 0: of no weight */
    seqnn_real *class_weight; /* as in loss.h, or NULL */
    int32_t *target;          /* [rows] -1: not counted. Else the class; of a binary loss
                                 whose targets are `values`, 0 */
    seqnn_real *values;       /* [rows, outputs] or NULL */
    double *row_loss;         /* from here on of the device alone */
    int32_t *right;           /* [rows] */
};

/* Cuts them out of an arena; *up: the bytes that go up. */
static sq_loss_pieces sq_cut_loss(sq_arena *arena, const sq_positions *positions,
                                  seqnn_size *up)
{
    const seqnn_size rows = positions->rows, n = positions->loss.outputs;
    sq_loss_pieces pieces;
    memset(&pieces, 0, sizeof pieces);
    pieces.factor = (double *)sq_arena_take(arena, rows, sizeof(double));
    pieces.target = (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
    if (positions->loss.class_weight)
        pieces.class_weight =
            (seqnn_real *)sq_arena_take(arena, sq_max(n, 2), sizeof(seqnn_real));
    if (positions->y->values)
        pieces.values =
            (seqnn_real *)sq_arena_take(arena, sq_multiply(rows, n), sizeof(seqnn_real));
    *up = arena->used;
    pieces.row_loss = (double *)sq_arena_take(arena, rows, sizeof(double));
    pieces.right = (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
    return pieces;
}

/* The CPU's part of them. */
static void sq_write_loss(const sq_positions *positions, const sq_loss_pieces *to)
{
    const sq_position_loss *loss = &positions->loss;
    const bool categorical = loss->kind == SEQNN_CATEGORICAL_CROSSENTROPY;
    const seqnn_size n = loss->outputs;
    memcpy(to->factor, positions->factor, (size_t)positions->rows * sizeof(double));
    if (to->class_weight) {
        const bool single = n == 1 && loss->kind == SEQNN_BINARY_CROSSENTROPY;
        memcpy(to->class_weight, loss->class_weight,
               (size_t)(single ? 2 : n) * sizeof(seqnn_real));
    }
    for (seqnn_size r = 0; r < positions->rows; r++) {
        const sq_target target = sq_target_at(positions, r);
        if (target.values)
            memcpy(to->values + r * n, target.values, (size_t)n * sizeof(seqnn_real));
        if (!sq_is_counted(positions, r))
            to->target[r] = -1;
        else if (target.values)
            to->target[r] = categorical ? (int32_t)sq_best_class(n, target.values) : 0;
        else
            to->target[r] = target.index;
    }
}

/* ---- rows ---- */

/* Rows share a block: each has `lanes` threads, a power of two. */
struct sq_rows_of_lanes {
    enum { THREADS = 256 };
    seqnn_size rows, lanes;

    SQ_BOTH seqnn_size row(const sq_place &at) const
    {
        return at.block * (at.threads / lanes) + at.thread / lanes;
    }
    /* The lane as if it were a thread of a block of its row's own. */
    SQ_BOTH sq_place lane(const sq_place &at, size_t size) const
    {
        sq_place own = at;
        own.thread = at.thread % lanes;
        own.threads = lanes;
        own.shared = at.shared + (size_t)(at.thread - own.thread) * size;
        return own;
    }
};

static sq_rows_of_lanes sq_lanes_for(seqnn_size rows, seqnn_size columns)
{
    sq_rows_of_lanes of = {rows, 1};
    while (of.lanes < columns && of.lanes < sq_rows_of_lanes::THREADS)
        of.lanes *= 2;
    return of;
}

static sq_grid sq_grid_of_lanes(const sq_rows_of_lanes &of, size_t size)
{
    const seqnn_size threads = sq_rows_of_lanes::THREADS, at_once = threads / of.lanes;
    return sq_grid{(of.rows + at_once - 1) / at_once, threads, (size_t)threads * size, 0};
}

/* The loss of every row and its gradient: loss_position.c's equations, the outputs shared
 * out among the lanes. A softmax needs the largest logit first, then the sum of the
 * exponentials, which wait in the place of the gradient, and the weight of the targets.
 */
struct sq_loss_rows {
    sq_position_loss loss;
    sq_rows_of_lanes of;
    const seqnn_real *z;
    const double *factor;
    const int32_t *target;
    const seqnn_real *values;
    seqnn_real *gradient;
    double *row_loss;
    struct state {
        double largest, sum, weight;
    };
    enum { LARGEST, SUM, WEIGHT, LOSS, STAGES };

    SQ_BOTH bool softmax() const
    {
        return loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY && !loss.probabilities;
    }
    SQ_BOTH seqnn_size first() const
    {
        return softmax() ? LARGEST : LOSS;
    }
    SQ_BOTH seqnn_size steps() const /* of a stage: to combine, and to read */
    {
        return sq_block_phases(of.lanes) + 1;
    }
    SQ_BOTH seqnn_size phases() const
    {
        return (STAGES - first()) * steps();
    }
    SQ_BOTH sq_target target_of(seqnn_size row) const
    {
        sq_target own = {target[row], values ? values + row * loss.outputs : NULL};
        return own;
    }
    SQ_BOTH double weighted_target(sq_target own, seqnn_size c) const
    {
        if (!own.values && c != own.index)
            return 0;
        return sq_class_weight(&loss, c) * sq_target_of(own, c);
    }

    /* What this lane adds to a stage. */
    SQ_BOTH double part(seqnn_size stage, seqnn_size row, const sq_place &lane,
                        const state &own) const
    {
        const seqnn_size n = loss.outputs;
        const seqnn_real *x = z + row * n;
        seqnn_real *dx = gradient + row * n;
        const sq_target t = target_of(row);
        const bool ends = stage == LOSS && softmax();
        const double log_sum = ends ? log(own.sum) : 0;
        const seqnn_real to_share =
            (seqnn_real)(ends ? factor[row] * own.weight / own.sum : 0);
        double sum = stage == LARGEST ? -INFINITY : 0;
        for (seqnn_size c = lane.thread; c < n; c += lane.threads) {
            if (stage == LARGEST) {
                if (!((double)x[c] <= sum)) /* NaN too, which stays */
                    sum = sum != sum ? sum : (double)x[c];
            } else if (stage == SUM) {
                dx[c] = sq_device_exp(x[c] - (seqnn_real)own.largest);
                sum += (double)dx[c];
            } else if (stage == WEIGHT) {
                sum += weighted_target(t, c);
            } else if (!softmax()) {
                const bool logits =
                    loss.kind == SEQNN_BINARY_CROSSENTROPY && !loss.probabilities;
                double slope;
                sum += sq_loss_of_output(
                    &loss, c, x[c], logits ? sq_device_logistic(x[c]) : 0, t, &slope);
                dx[c] = (seqnn_real)(factor[row] * slope);
            } else {
                const double share = weighted_target(t, c);
                seqnn_real slope = dx[c] * to_share;
                if (share != 0) {
                    sum -= share * ((double)x[c] - own.largest - log_sum);
                    slope -= (seqnn_real)(factor[row] * share);
                }
                dx[c] = slope;
            }
        }
        return sum;
    }

    /* Of no weight: no loss, no gradient. */
    SQ_BOTH void pass_by(seqnn_size row, const sq_place &lane) const
    {
        for (seqnn_size c = lane.thread; c < loss.outputs; c += lane.threads)
            gradient[row * loss.outputs + c] = 0;
        if (lane.thread == 0)
            row_loss[row] = 0;
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const seqnn_size row = of.row(at), stage = first() + p / steps(), q = p % steps();
        const sq_place lane = of.lane(at, sizeof(double));
        double *shared = (double *)lane.shared;
        if (row >= of.rows)
            return;
        if (factor[row] == 0) {
            if (p == 0)
                pass_by(row, lane);
            return;
        }
        if (q < steps() - 1)
            sq_block_combine(q, lane, q == 0 ? part(stage, row, lane, own) : 0,
                             stage == LARGEST, shared);
        else if (stage == LARGEST)
            own.largest = shared[0];
        else if (stage == SUM)
            own.sum = shared[0];
        else if (stage == WEIGHT)
            own.weight = shared[0];
        else if (lane.thread == 0)
            row_loss[row] = factor[row] * shared[0];
    }
};

/* best[r] = the first of the largest of a row; or, with targets, whether it is the
 * target. A NaN is the largest if it comes first, else it is none: as sq_best_class. */
struct sq_best_of_rows {
    struct found {
        seqnn_real most;
        int32_t where;
    };
    seqnn_size columns;
    sq_rows_of_lanes of;
    const seqnn_real *y;
    const int32_t *target; /* or NULL */
    int32_t *best;
    struct state {
    };

    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(of.lanes) + 1;
    }
    SQ_BOTH static bool better(const found &a, const found &b)
    {
        return a.most > b.most || (a.most == b.most && a.where < b.where);
    }
    SQ_BOTH found look(seqnn_size row, const sq_place &lane) const
    {
        found most = {(seqnn_real)-INFINITY, INT32_MAX};
        for (seqnn_size c = lane.thread; c < columns; c += lane.threads) {
            seqnn_real here = y[row * columns + c];
            if (here != here)
                here = (seqnn_real)(c == 0 ? INFINITY : -INFINITY);
            const found one = {here, (int32_t)c};
            if (better(one, most))
                most = one;
        }
        return most;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        const seqnn_size row = of.row(at);
        const sq_place lane = of.lane(at, sizeof(found));
        found *shared = (found *)lane.shared;
        const seqnn_size half = lane.threads >> p;
        if (row >= of.rows)
            return;
        if (p == 0)
            shared[lane.thread] = look(row, lane);
        else if (p == phases() - 1 && lane.thread == 0)
            best[row] = target ? shared[0].where == target[row] : shared[0].where;
        else if (p < phases() - 1 && lane.thread < half &&
                 better(shared[lane.thread + half], shared[lane.thread]))
            shared[lane.thread] = shared[lane.thread + half];
    }
};

/* right[r] = the labels of a row on the right side. */
struct sq_labels_of_row {
    seqnn_size columns;
    const seqnn_real *y, *values;
    const int32_t *target;
    double middle;
    int32_t *right;
    SQ_BOTH void operator()(seqnn_size row) const
    {
        const sq_target own = {target[row], values ? values + row * columns : NULL};
        right[row] = own.index < 0 ? 0
                                   : (int32_t)sq_right_labels(columns, y + row * columns,
                                                              own, (seqnn_real)middle);
    }
};

/* sums = the losses of all rows, and how many were right. One block. */
struct sq_sum_rows {
    enum { THREADS = 1024, MOST_THREADS = THREADS };
    seqnn_size rows;
    const double *row_loss;
    const int32_t *right; /* or NULL: the kind of loss knows no right */
    double *sums;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 2 * (sq_block_phases(THREADS) + 1);
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        const seqnn_size steps = phases() / 2, which = p / steps, q = p % steps;
        double *shared = (double *)at.shared;
        double sum = 0;
        if (q == steps - 1) {
            if (at.thread == 0)
                sums[which] = shared[0];
            return;
        }
        for (seqnn_size r = at.thread; q == 0 && r < rows; r += at.threads)
            sum += which == 0 ? row_loss[r] : right ? (double)right[r] : 0;
        sq_block_combine(q, at, sum, false, shared);
    }
};

/* ---- the loss of a batch ---- */

static void sq_run_loss(sq_device *device, const sq_positions *positions,
                        const sq_loss_pieces &there, double *sums)
{
    const seqnn_size rows = positions->rows, n = positions->loss.outputs;
    const sq_rows_of_lanes of = sq_lanes_for(rows, n);
    sq_position_loss loss = positions->loss;
    const bool categorical = loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY;
    const bool asks = categorical || loss.kind == SEQNN_BINARY_CROSSENTROPY;
    loss.class_weight = there.class_weight;
    if (rows > 0)
        sq_device_run(device, sq_grid_of_lanes(of, sizeof(double)),
                      sq_loss_rows{loss, of, positions->z, there.factor, there.target,
                                   there.values, positions->gradient, there.row_loss});
    if (categorical && rows > 0)
        sq_device_run(
            device, sq_grid_of_lanes(of, sizeof(sq_best_of_rows::found)),
            sq_best_of_rows{n, of, positions->output, there.target, there.right});
    else if (asks)
        sq_for_each(device, rows,
                    sq_labels_of_row{n, positions->output, there.values, there.target,
                                     positions->middle, there.right});
    const seqnn_size threads = sq_sum_rows::THREADS;
    sq_device_run(device, sq_grid{1, threads, (size_t)threads * sizeof(double), 0},
                  sq_sum_rows{rows, there.row_loss, asks ? there.right : NULL, sums});
}

static seqnn_status sq_cuda_loss(seqnn_model *model, const sq_positions *positions,
                                 sq_loss_sums *sums)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_arena plan, here, there;
    sq_cuda_judged judged;
    seqnn_size up = 0;
    memset(&plan, 0, sizeof plan);
    sq_cut_loss(&plan, positions, &up);
    if (plan.overflow)
        return sq_fail(SEQNN_ERROR_MEMORY, "loss: too many numbers");
    here = there = sq_arena{};
    here.memory =
        (char *)sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->targets_here, plan.used);
    there.memory =
        (char *)sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->targets, plan.used);
    if (!here.memory || !there.memory || !sq_cuda_judged_there(model, &judged))
        return sq_device_status(cuda->device);
    const sq_loss_pieces written = sq_cut_loss(&here, positions, &up);
    const sq_loss_pieces copied = sq_cut_loss(&there, positions, &up);
    sq_write_loss(positions, &written);
    sq_device_up(cuda->device, there.memory, here.memory, (size_t)up);
    sq_run_loss(cuda->device, positions, copied, judged.sums);
    if (!sums)
        return SEQNN_OK;
    const double *found =
        (const double *)sq_cuda_down(cuda, judged.sums, 2 * (seqnn_size)sizeof(double));
    if (!found)
        return sq_device_status(cuda->device);
    sums->loss = found[0];
    sums->right = found[1];
    return SEQNN_OK;
}

static const int32_t *sq_cuda_best_classes(seqnn_model *model, const sq_signal *out)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    const seqnn_size bytes = sq_multiply(out->rows, (seqnn_size)sizeof(int32_t));
    int32_t *here =
        (int32_t *)sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->targets_here, bytes);
    int32_t *there =
        (int32_t *)sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->targets, bytes);
    if (!here || !there)
        return NULL;
    const sq_rows_of_lanes of = sq_lanes_for(out->rows, out->features);
    if (out->rows > 0)
        sq_device_run(cuda->device, sq_grid_of_lanes(of, sizeof(sq_best_of_rows::found)),
                      sq_best_of_rows{out->features, of, out->value, NULL, there});
    return sq_device_down(cuda->device, here, there, (size_t)bytes) ? NULL : here;
}

/* -------------------------------------------------------------------- cuda/cells.cuh */

/* cuda/cells.cuh - a step of the three cells for all sequences that take it (private)
 *
 * What is left of a step when the product with W_h is made. A thread has one unit j of
 * one sequence k: element i = k * units + j of every matrix [batch, units]. The equations
 * are those of layers/cell_units.h.
 */

/* step(k, j, i) for element i of `units` columns. */
template <class Step> struct sq_unit {
    seqnn_size units;
    Step step;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i <= (seqnn_size)UINT32_MAX /* a quicker division */
                                 ? (seqnn_size)((uint32_t)i / (uint32_t)units)
                                 : i / units;
        step(k, i - k * units, i);
    }
};

template <class Step>
static void sq_for_each_unit(sq_device *device, seqnn_size sequences, seqnn_size units,
                             const Step &step)
{
    sq_for_each(device, sequences * units, sq_unit<Step>{units, step});
}

/* ---- forward ---- */

/* Rows of this step (gates, inner, h, C, tanh_C, h_prev), and what is kept for each
 * sequence. */
struct sq_cell_step {
    seqnn_size units;
    sq_wide<seqnn_activation> activation;
    seqnn_real *gates, *inner, *h, *C, *tanh_C;
    seqnn_real *h_prev;            /* or NULL: not kept */
    seqnn_real *h_state, *C_state; /* [batch, units] */
    const seqnn_real *mask;        /* [batch, units] or NULL */
    seqnn_real *met;               /* h_state * mask, or h_state itself */
    const seqnn_real *b_h;         /* of a GRU, or NULL */
    const seqnn_real *products;    /* of a GRU: [sequences, 3 units] h_(t-1) W_h */

    /* h_t is known: what met W_h is kept, and makes room for what meets it next. */
    SQ_BOTH void end(seqnn_size i, seqnn_real h_t) const
    {
        if (h_prev)
            h_prev[i] = met[i];
        h[i] = h_t;
        h_state[i] = h_t;
        if (mask)
            met[i] = h_t * mask[i];
    }
};

struct sq_simple_rnn_step {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size, seqnn_size, seqnn_size i) const
    {
        of.end(i, sq_simple_rnn_unit(of.activation, of.gates[i]));
    }
};

struct sq_lstm_step {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        seqnn_real h_t;
        sq_lstm_unit(of.units, of.gates + k * 4 * of.units + j, of.C_state[i], of.C + i,
                     of.tanh_C + i, &h_t);
        of.C_state[i] = of.C[i];
        of.end(i, h_t);
    }
};

/* The reset gate after the product: everything at once. */
struct sq_gru_step {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size units = of.units;
        seqnn_real *gates = of.gates + k * 3 * units + j;
        const seqnn_real *product = of.products + k * 3 * units + j, *b_h = of.b_h;
        const seqnn_real inner = product[2 * units] + (b_h ? b_h[2 * units + j] : 0);
        gates[0] = sq_logistic(gates[0] + (b_h ? b_h[j] : 0) + product[0]);
        gates[units] =
            sq_logistic(gates[units] + (b_h ? b_h[units + j] : 0) + product[units]);
        gates[2 * units] += gates[units] * inner;
        of.inner[i] = inner;
        of.end(i, sq_gru_unit(units, gates, of.h_state[i]));
    }
};

/* The reset gate before it: z, r and r * h_prev; and, after their product, the rest. */
struct sq_gru_before_gates {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        seqnn_real *gates = of.gates + k * 3 * of.units + j;
        gates[0] = sq_logistic(gates[0]);
        gates[of.units] = sq_logistic(gates[of.units]);
        of.inner[i] = gates[of.units] * of.met[i];
    }
};

struct sq_gru_before_state {
    sq_cell_step of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        of.end(i, sq_gru_unit(of.units, of.gates + k * 3 * of.units + j, of.h_state[i]));
    }
};

/* ---- backward ---- */

/* Rows of this step again, of the step before it, and what came back from the one after.
 * dL/dh of the step before is dh_state and, through W_h and the mask, met. */
struct sq_cell_step_back {
    seqnn_size units;
    sq_wide<seqnn_activation> activation;
    const seqnn_real *gates, *inner, *h, *tanh_C, *h_prev;
    const seqnn_real *above;            /* dL/dh_t from above, or NULL */
    const seqnn_real *before, *initial; /* h of the step before (LSTM: C), h_0 (C_0) */
    seqnn_size have_before, have_after; /* sequences that took such a step */
    const seqnn_real *mask, *met;
    seqnn_real *dh_state, *dC_state; /* [batch, units] */
    seqnn_real *dgates, *dinner;
    seqnn_real *products; /* of a GRU: [sequences, 3 units] what goes through W_h */

    SQ_BOTH seqnn_real dh(seqnn_size k, seqnn_size i) const
    {
        seqnn_real sum = dh_state[i];
        if (k < have_after)
            sum += mask ? mask[i] * met[i] : met[i];
        return above ? sum + above[i] : sum;
    }
    SQ_BOTH seqnn_real state_before(seqnn_size k, seqnn_size i) const
    {
        return k < have_before ? before[i] : initial[i];
    }
};

struct sq_simple_rnn_step_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size, seqnn_size i) const
    {
        of.dgates[i] = of.dh(k, i) * sq_simple_rnn_slope(of.activation, of.h[i]);
        of.dh_state[i] = 0;
    }
};

struct sq_lstm_step_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size first = k * 4 * of.units + j;
        sq_lstm_unit_back(of.units, of.gates + first, of.state_before(k, i), of.tanh_C[i],
                          of.dh(k, i), of.dC_state + i, of.dgates + first);
        of.dh_state[i] = 0;
    }
};

struct sq_gru_step_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size units = of.units, first = k * 3 * units + j;
        const seqnn_real *gates = of.gates + first;
        seqnn_real *dgates = of.dgates + first, *product = of.products + first;
        of.dh_state[i] =
            sq_gru_unit_back(units, gates, of.state_before(k, i), of.dh(k, i), dgates);
        const seqnn_real d_inner = dgates[2 * units] * gates[units];
        dgates[units] = sq_gru_reset_back(gates[units], of.inner[i], dgates[2 * units]);
        of.dinner[i] = d_inner;
        product[0] = dgates[0];
        product[units] = dgates[units];
        product[2 * units] = d_inner;
    }
};

/* The reset gate before the product: the gates but r; and, once the gradient of
 * r * h_prev is in dinner, r. */
struct sq_gru_before_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size first = k * 3 * of.units + j;
        of.dh_state[i] =
            sq_gru_unit_back(of.units, of.gates + first, of.state_before(k, i),
                             of.dh(k, i), of.dgates + first);
    }
};

struct sq_gru_before_reset_back {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size at = k * 3 * of.units + of.units + j;
        const seqnn_real r = of.gates[at], d_product = of.dinner[i];
        of.dh_state[i] += (of.mask ? of.mask[i] : 1) * d_product * r;
        of.dgates[at] = sq_gru_reset_back(r, of.h_prev[i], d_product);
    }
};

/* After the first step: dL/dh_0, in dh_state. */
struct sq_sweep_back_end {
    sq_cell_step_back of;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size, seqnn_size i) const
    {
        of.dh_state[i] = of.dh(k, i);
    }
};

/* flow[k] = || dL/dh_t ||^2 of sequence k; one block for each. */
struct sq_flow_rows {
    sq_cell_step_back of;
    double *flow;
    struct state {
    };
    enum { THREADS = 128, COMBINE = 8 }; /* sq_block_phases(THREADS) */
    SQ_BOTH seqnn_size phases() const
    {
        return COMBINE + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        double sum = 0;
        for (seqnn_size j = at.thread; p == 0 && j < of.units; j += at.threads) {
            const double dh = (double)of.dh(at.block, at.block * of.units + j);
            sum += dh * dh;
        }
        if (p < COMBINE)
            sq_block_combine(p, at, sum, false, shared);
        else if (at.thread == 0)
            flow[at.block] = shared[0];
    }
};

/* ---- states, by packed position and by sample ---- */

/* h_0 of position k from the states of samples (NULL: zeros), where the sweep looks for
 * it: in `initial`, `state`, and times the mask in `met` (or NULL). */
struct sq_first_states {
    seqnn_size units;
    const int32_t *order;
    const seqnn_real *samples, *mask;
    seqnn_real *initial, *state, *met;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_real here = samples ? samples[order[k] * units + j] : 0;
        initial[i] = here;
        state[i] = here;
        if (mask)
            met[i] = here * mask[i];
    }
};

/* The state of each sample, also in `more` if that is not NULL. */
struct sq_states_of_samples {
    seqnn_size units;
    const int32_t *order;
    const seqnn_real *states;
    seqnn_real *samples, *more;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size to = order[k] * units + j;
        samples[to] = states[i];
        if (more)
            more[to] = states[i];
    }
};

/* sum[k] = a[sample of k] + b[sample of k]; either may be NULL. */
struct sq_sum_of_samples {
    seqnn_size units;
    const int32_t *order;
    const seqnn_real *a, *b;
    seqnn_real *sum;
    SQ_BOTH void operator()(seqnn_size k, seqnn_size j, seqnn_size i) const
    {
        const seqnn_size from = order[k] * units + j;
        sum[i] = (a ? a[from] : 0) + (b ? b[from] : 0);
    }
};

/* ---- dropout of the input ---- */

/* The position of the sequence that packed row r belongs to. */
SQ_BOTH static inline seqnn_size sq_position_of(const sq_packed &packing, seqnn_size r)
{
    seqnn_size first = 0, last = packing.steps; /* offset[first] <= r < offset[last] */
    while (last - first > 1) {
        const seqnn_size middle = first + (last - first) / 2;
        if (packing.offset[middle] <= r)
            first = middle;
        else
            last = middle;
    }
    return r - packing.offset[first];
}

/* out = (or += if add) values times the mask [batch, features] of their sequence. */
struct sq_mask_rows_of {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *mask, *values;
    sq_wide<bool> add;
    seqnn_real *out;
    SQ_BOTH void operator()(seqnn_size r, seqnn_size j, seqnn_size i) const
    {
        const seqnn_real here =
            values[i] * mask[sq_position_of(packing, r) * features + j];
        out[i] = add ? out[i] + here : here;
    }
};

/* ------------------------------------------------------------------- cuda/layers.cuh */

/* cuda/layers.cuh - the layers without a memory, forward and backward (private)
 *
 * Each does what the function of its kind in layers/ does, on the same struct.
 */

static sq_device *sq_device_of(const seqnn_layer *layer)
{
    return sq_cuda_of(layer)->device;
}

static seqnn_size sq_cells_of(const sq_signal *signal)
{
    return signal->rows * signal->features;
}

/* signal's gradient += gradient, if it is wanted. */
static void sq_cuda_add_gradient(sq_device *device, sq_signal *signal,
                                 const seqnn_real *gradient)
{
    if (!signal->gradient_wanted)
        return;
    if (signal->gradient_written)
        sq_for_each(device, sq_cells_of(signal), sq_add_to{gradient, signal->gradient});
    else
        sq_device_copy(device, signal->gradient, gradient,
                       (size_t)sq_cells_of(signal) * sizeof *gradient);
    signal->gradient_written = true;
}

/* ---- sources ---- */

static seqnn_status sq_cuda_embedding(seqnn_layer *layer, seqnn_mode mode)
{
    sq_distinct *distinct = &((sq_embedding *)layer)->distinct;
    sq_signal *out = &layer->out;
    seqnn_status status = sq_distinct_read(distinct, layer);
    if (status)
        return status;
    if (distinct->count <= out->rows * 9 / 10 && sq_readers_take_distinct(layer, mode))
        out->distinct = distinct;
    sq_cuda_words_up(layer, distinct);
    sq_for_each(
        sq_device_of(layer),
        out->distinct ? sq_cuda_word_rows(layer, distinct) * out->features
                      : sq_cells_of(out),
        sq_gather_rows{out->features, layer->parameters[0].view.value,
                       sq_list(layer->model, distinct->words),
                       out->distinct ? NULL : sq_list(layer->model, distinct->of_row),
                       NULL, out->value});
    return SEQNN_OK;
}

/* Where the rows of each word are, as the CPU lists them; what makes up the rest has
 * none. */
static void sq_cuda_list_rows(const seqnn_layer *layer, sq_distinct *distinct)
{
    const seqnn_size words = sq_cuda_word_rows(layer, distinct);
    sq_list_rows(distinct, layer->out.rows);
    if (distinct->listed_there)
        return;
    distinct->listed_there = true;
    for (seqnn_size u = distinct->count; u < words; u++)
        distinct->begin[u + 1] = distinct->begin[u];
    sq_lists_up(layer->model, distinct->rows, distinct->begin, words + 1);
}

static void sq_cuda_embedding_back(seqnn_layer *layer)
{
    sq_embedding *own = (sq_embedding *)layer;
    sq_distinct *distinct = &own->distinct;
    const sq_signal *out = &layer->out;
    seqnn_real *table = layer->parameters[0].view.gradient;
    if (!sq_trains(layer, 0))
        return;
    sq_touch(&own->touched, distinct->count, distinct->words);
    const int32_t *words = sq_list(layer->model, distinct->words);
    const seqnn_size cells = sq_cuda_word_rows(layer, distinct) * out->features;
    if (out->distinct) {
        sq_for_each(sq_device_of(layer), cells,
                    sq_scatter_rows{out->features, out->gradient, words, table});
        return;
    }
    sq_cuda_list_rows(layer, distinct);
    sq_device_sum_word_rows(
        sq_device_of(layer),
        sq_sum_word_rows{cells / out->features, out->features, out->gradient,
                         sq_list(layer->model, distinct->rows),
                         sq_list(layer->model, distinct->begin), words, true, table});
}

static seqnn_status sq_cuda_one_hot(seqnn_layer *layer, seqnn_mode mode)
{
    sq_distinct *distinct = &((sq_one_hot *)layer)->distinct;
    sq_signal *out = &layer->out;
    seqnn_status status = sq_distinct_read(distinct, layer);
    if (status)
        return status;
    sq_cuda_words_up(layer, distinct);
    if (!out->value || sq_readers_take_distinct(layer, mode))
        out->distinct = distinct;
    else
        sq_for_each(
            sq_device_of(layer), sq_cells_of(out),
            sq_write_one_hot{out->features, sq_list(layer->model, distinct->words),
                             sq_list(layer->model, distinct->of_row), out->value});
    return SEQNN_OK;
}

/* Values given as numbers: packed by the CPU, and copied. */
static seqnn_status sq_cuda_given(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *out = &layer->out;
    sq_cuda *cuda = sq_cuda_of(layer);
    const seqnn_size most =
        out->packing ? out->packing->batch * out->packing->time : out->rows;
    (void)mode;
    seqnn_real *here = (seqnn_real *)sq_cuda_room_for(
        cuda, SQ_OF_HOST, &cuda->given_here[sq_source_number(layer)],
        most * out->features * (seqnn_size)sizeof *here);
    if (!here)
        return sq_device_status(cuda->device);
    sq_source_rows(layer, here);
    sq_device_up(cuda->device, out->value, here, (size_t)sq_cells_of(out) * sizeof *here);
    return SEQNN_OK;
}

static void sq_cuda_nothing_back(seqnn_layer *layer)
{
    (void)layer;
}

/* ---- dense and activation ---- */

/* z = x W + b */
static void sq_cuda_affine(sq_device *device, seqnn_size rows, seqnn_size columns,
                           seqnn_size inputs, const seqnn_real *x, const seqnn_real *W,
                           const seqnn_real *b, seqnn_real *z)
{
    if (b)
        sq_for_each(device, rows * columns, sq_repeat_row{columns, b, z});
    sq_device_product(device, false, false, rows, columns, inputs, x, inputs, W, columns,
                      b != NULL, z, columns);
}

static seqnn_status sq_cuda_dense(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dense *own = (sq_dense *)layer;
    const sq_signal *x = layer->in;
    sq_device *device = sq_device_of(layer);
    const bool has_b = layer->parameter_count > SQ_DENSE_B;
    (void)mode;
    sq_cuda_affine(device, x->rows, layer->out.features, x->features, x->value,
                   layer->parameters[SQ_DENSE_W].view.value,
                   has_b ? layer->parameters[SQ_DENSE_B].view.value : NULL, own->z);
    if (own->activation != SEQNN_LINEAR)
        sq_device_activation(device, own->activation, x->rows, layer->out.features,
                             own->z, layer->out.value);
    layer->out.logits = own->z;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

static void sq_cuda_dense_back(seqnn_layer *layer)
{
    sq_dense *own = (sq_dense *)layer;
    sq_device *device = sq_device_of(layer);
    sq_signal *x = layer->in;
    const sq_signal *y = &layer->out;
    const seqnn_size units = y->features, inputs = x->features;
    const seqnn_parameter *W = &layer->parameters[SQ_DENSE_W].view;
    const seqnn_real *dz = own->dz;
    if (y->gradient_is_of_logits)
        dz = y->gradient;
    else if (own->activation != SEQNN_LINEAR)
        sq_device_activation_back(device, own->activation, y->rows, units, y->value,
                                  y->gradient, own->dz);
    if (!W->frozen)
        sq_device_product(device, true, false, inputs, units, x->rows, x->value, inputs,
                          dz, units, true, W->gradient, units);
    if (layer->parameter_count > SQ_DENSE_B && sq_trains(layer, SQ_DENSE_B))
        sq_device_column_sums(device, y->rows, units, dz, units,
                              layer->parameters[SQ_DENSE_B].view.gradient);
    if (!x->gradient_wanted)
        return;
    sq_device_product(device, false, true, x->rows, inputs, units, dz, units, W->value,
                      units, x->gradient_written, x->gradient, inputs);
    x->gradient_written = true;
}

static seqnn_status sq_cuda_activation(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    (void)mode;
    sq_device_activation(sq_device_of(layer), own->activation, layer->out.rows,
                         layer->out.features, layer->in->value, layer->out.value);
    layer->out.logits = layer->in->value;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

static void sq_cuda_activation_back(seqnn_layer *layer)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    const sq_signal *out = &layer->out;
    const seqnn_real *dz = out->gradient;
    if (!layer->in->gradient_wanted)
        return;
    if (!out->gradient_is_of_logits) {
        sq_device_activation_back(sq_device_of(layer), own->activation, out->rows,
                                  out->features, out->value, out->gradient, own->dz);
        dz = own->dz;
    }
    sq_cuda_add_gradient(sq_device_of(layer), layer->in, dz);
}

/* ---- dropout ---- */

/* A mask of rows [rows, features], each numbered by `number` (NULL: by itself), or by
 * number / time. */
static void sq_cuda_mask(const seqnn_layer *layer, int which, seqnn_real rate,
                         seqnn_size rows, seqnn_size features, const seqnn_size *number,
                         seqnn_size time, seqnn_real *mask)
{
    const sq_mask_numbers of = sq_dropout_numbers(layer, which, rate);
    sq_for_each(sq_device_of(layer), rows * features,
                sq_draw_mask{features, time, number, layer->model->seed,
                             of.stream - sq_stream_of_pass(layer->model),
                             &sq_cuda_numbers_there(sq_cuda_of(layer))->pass, of.dropped,
                             of.kept, mask});
}

static seqnn_status sq_cuda_dropout(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dropout *own = (sq_dropout *)layer;
    const sq_signal *out = &layer->out;
    sq_device *device = sq_device_of(layer);
    const sq_packing *packing = out->packing;
    own->dropped = mode == SEQNN_TRAIN && own->rate > 0;
    if (!own->dropped) {
        sq_device_copy(device, out->value, layer->in->value,
                       (size_t)sq_cells_of(out) * sizeof *out->value);
        return SEQNN_OK;
    }
    sq_cuda_mask(layer, 0, own->rate, out->rows, out->features,
                 packing ? sq_list(layer->model, packing->source) : NULL,
                 packing && own->per_sequence ? packing->time : 0, own->mask);
    sq_for_each(device, sq_cells_of(out),
                sq_product_of_two{layer->in->value, own->mask, false, out->value});
    return SEQNN_OK;
}

static void sq_cuda_dropout_back(seqnn_layer *layer)
{
    sq_dropout *own = (sq_dropout *)layer;
    sq_signal *in = layer->in;
    if (!own->dropped) {
        sq_cuda_add_gradient(sq_device_of(layer), in, layer->out.gradient);
        return;
    }
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), sq_cells_of(in),
                sq_product_of_two{layer->out.gradient, own->mask, in->gradient_written,
                                  in->gradient});
    in->gradient_written = true;
}

/* ---- merges ---- */

static seqnn_status sq_cuda_add(seqnn_layer *layer, seqnn_mode mode)
{
    (void)mode;
    sq_for_each(sq_device_of(layer), sq_cells_of(&layer->out),
                sq_sum_of_two{layer->inputs[0]->out.value, layer->inputs[1]->out.value,
                              layer->out.value});
    return SEQNN_OK;
}

static void sq_cuda_add_back(seqnn_layer *layer)
{
    for (int i = 0; i < 2; i++)
        sq_cuda_add_gradient(sq_device_of(layer), &layer->inputs[i]->out,
                             layer->out.gradient);
}

static seqnn_status sq_cuda_concat(seqnn_layer *layer, seqnn_mode mode)
{
    seqnn_size column = 0;
    (void)mode;
    for (int i = 0; i < 2; i++) {
        const sq_signal *in = &layer->inputs[i]->out;
        sq_for_each(sq_device_of(layer), sq_cells_of(in),
                    sq_columns_in{layer->out.features, column, in->features, in->value,
                                  layer->out.value});
        column += in->features;
    }
    return SEQNN_OK;
}

static void sq_cuda_concat_back(seqnn_layer *layer)
{
    seqnn_real *part = ((sq_merge_layer *)layer)->part;
    seqnn_size column = 0;
    for (int i = 0; i < 2; i++) {
        sq_signal *in = &layer->inputs[i]->out;
        sq_for_each(sq_device_of(layer), sq_cells_of(in),
                    sq_columns_out{layer->out.features, column, in->features,
                                   layer->out.gradient, part});
        sq_cuda_add_gradient(sq_device_of(layer), in, part);
        column += in->features;
    }
}

/* ---- over time ---- */

static seqnn_status sq_cuda_max(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *in = layer->in;
    (void)mode;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_max_over_time{sq_packed_of(layer->model, in->packing), in->features,
                                 in->value, layer->out.value,
                                 ((sq_max_pool *)layer)->winner});
    return SEQNN_OK;
}

static void sq_cuda_max_back(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_max_over_time_back{sq_packed_of(layer->model, in->packing),
                                      in->features, layer->out.gradient,
                                      ((sq_max_pool *)layer)->winner,
                                      in->gradient_written, in->gradient});
    in->gradient_written = true;
}

static seqnn_status sq_cuda_mean(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *in = layer->in;
    (void)mode;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_mean_over_time{sq_packed_of(layer->model, in->packing), in->features,
                                  in->value, layer->out.value});
    return SEQNN_OK;
}

static void sq_cuda_mean_back(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_mean_over_time_back{sq_packed_of(layer->model, in->packing),
                                       in->features, layer->out.gradient,
                                       in->gradient_written, in->gradient});
    in->gradient_written = true;
}

static seqnn_status sq_cuda_flatten(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_packing *packing = layer->in->packing;
    (void)mode;
    seqnn_status status = sq_check_flatten(layer);
    if (status)
        return status;
    sq_for_each(sq_device_of(layer), sq_cells_of(layer->in),
                sq_unpack_row{layer->in->features, sq_list(layer->model, packing->source),
                              layer->in->value, layer->out.value});
    return SEQNN_OK;
}

static void sq_cuda_flatten_back(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), sq_cells_of(in),
                sq_pack_row{in->features, sq_list(layer->model, in->packing->source),
                            layer->out.gradient, in->gradient_written, in->gradient});
    in->gradient_written = true;
}

/* ---------------------------------------------------------------- cuda/precision.cuh */

/* cuda/precision.cuh - float32 numbers that are rounded to fewer bits (private)
 *
 * BF16 is the upper half of a float32, TF32 a float32 whose lowest 13 bits count for
 * nothing. Rounding is to the nearest, and of two equally near to the even one.
 */

SQ_BOTH static inline uint32_t sq_bits_of(float x)
{
#ifdef __CUDA_ARCH__
    return __float_as_uint(x);
#else
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
#endif
}

SQ_BOTH static inline float sq_float_of(uint32_t bits)
{
#ifdef __CUDA_ARCH__
    return __uint_as_float(bits);
#else
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
#endif
}

/* x rounded, so that its lowest `dropped` bits are 0; what is not finite stays so. */
SQ_BOTH static inline float sq_round_off(float x, int dropped)
{
    const uint32_t bits = sq_bits_of(x), rest = ((uint32_t)1 << dropped) - 1;
    if (x != x)
        return sq_float_of(0x7fc00000);
    return sq_float_of((bits + (rest >> 1) + (bits >> dropped & 1)) & ~rest);
}

/* A factor as a product may see it. */
SQ_BOTH static inline seqnn_real sq_factor(seqnn_precision precision, seqnn_real x)
{
    if (precision == SEQNN_FLOAT32)
        return x;
    return sq_round_off((float)x, precision == SEQNN_TF32 ? 13 : 16);
}

/* -------------------------------------------------------------------- cuda/sweep.cuh */

/* cuda/sweep.cuh - one pass of a recurrent cell over all time steps, on a device
 * (private)
 *
 * sq_sweep (layers/sweep.h) as a kernel can take it: by value, with the batch's lists on
 * the device. Two implementations do the same with it: the plain sweep (recurrent.cuh), a
 * product and a pointwise kernel for each step, and the persistent one
 * (sweep_persistent.cuh), one kernel for all steps.
 */

typedef enum sq_cell_name { SQ_CELL_RNN, SQ_CELL_LSTM, SQ_CELL_GRU } sq_cell_name;

/* The fields mean what those of sq_sweep mean, and are read and written as there. */
struct sq_cuda_sweep {
    sq_wide<sq_cell_name> cell;
    sq_packed packing;      /* on the device */
    const sq_packing *host; /* the same on the host, for the sizes of launches */
    seqnn_size units, gate_count;
    sq_wide<bool> backwards, keeps_h_prev;
    seqnn_size truncate, skip;
    seqnn_activation activation;
    seqnn_reset reset;

    const seqnn_real *W_h, *W_s, *b_h, *mask, *h_0, *C_0;
    seqnn_real *gates, *h_prev, *h, *C, *tanh_C, *inner, *h_state, *C_state;

    const seqnn_real *dh;
    seqnn_real *dgates, *dinner, *dh_state, *dC_state;
    double *flow;
};

static inline sq_cuda_sweep sq_cuda_sweep_of(sq_cell_name cell, const sq_sweep *sweep,
                                             const sq_packed &packing)
{
    sq_cuda_sweep on = {};
    on.cell = cell;
    on.packing = packing;
    on.host = sweep->packing;
    on.units = sweep->units;
    on.gate_count = cell == SQ_CELL_RNN ? 1 : cell == SQ_CELL_LSTM ? 4 : 3;
    on.backwards = sweep->backwards;
    on.keeps_h_prev = sq_keeps_h_prev(sweep);
    on.truncate = sweep->truncate;
    on.skip = sweep->skip;
    on.activation = sweep->activation;
    on.reset = sweep->reset;
    on.W_h = sweep->W_h;
    on.W_s = sweep->W_s;
    on.b_h = sweep->b_h;
    on.mask = sweep->mask;
    on.h_0 = sweep->h_0;
    on.C_0 = sweep->C_0;
    on.gates = sweep->gates;
    on.h_prev = sweep->h_prev;
    on.h = sweep->h;
    on.C = sweep->C;
    on.tanh_C = sweep->tanh_C;
    on.inner = sweep->inner;
    on.h_state = sweep->h_state;
    on.C_state = sweep->C_state;
    on.dh = sweep->dh;
    on.dgates = sweep->dgates;
    on.dinner = sweep->dinner;
    on.dh_state = sweep->dh_state;
    on.dC_state = sweep->dC_state;
    on.flow = sweep->flow;
    return on;
}

/* As sq_sweep_step. */
SQ_BOTH static inline seqnn_size sq_cuda_step(const sq_cuda_sweep &sweep, seqnn_size i)
{
    return sweep.backwards ? sweep.packing.steps - 1 - i : i;
}

/* --------------------------------------------------------------- cuda/sweep_tile.cuh */

/* cuda/sweep_tile.cuh - a matrix that the threads of a block hold (private)
 *
 * A persistent sweep multiplies a few rows by the same matrix M at every step,
 *
 *     y [rows, outputs] = v [rows, inputs] M [inputs, outputs],
 *
 * so a thread keeps its part of M: four columns of it, by some of its rows, in chunks of
 * 4 by 4 numbers. The first chunks are in registers, which a multiprocessor reads at the
 * speed of its arithmetic; the rest is in shared memory, chunk by chunk and thread by
 * thread, so that a vector load of a warp is one line of it, without bank conflicts.
 *
 * Threads of the same four columns are its slices. Chunk q of slice s meets the inputs
 * 4 (q slices + s) .. + 3: the threads of a warp read one vector of v, or neighbours.
 * Each leaves its sum in `parts` [slices, rows, 4 groups]; who needs y adds them in
 * order.
 *
 * Weights are held as they are, or (sq_eight) in BF16, twice as many in the same room; v
 * and the sums are as they are.
 */

#ifdef __CUDA_ARCH__
#define SQ_UNROLL _Pragma("unroll")
#define SQ_NO_UNROLL _Pragma("unroll 1") /* it would take registers */
#else
#define SQ_UNROLL
#define SQ_NO_UNROLL
#endif

/* Threads of a block at most; numbers of a chunk. */
enum { SQ_TILE_THREADS = 512, SQ_CHUNK = 16 };

/* What is loaded and stored at once: four numbers, or eight weights in BF16, the first of
 * a pair in the lower half. */
struct alignas(16) sq_four {
    enum { NUMBERS = 4 };
    seqnn_real at[4];
};
struct alignas(16) sq_eight {
    enum { NUMBERS = 8 };
    uint32_t at[4];
};

/* In one store: of four, threads side by side would be in each other's way. */
SQ_BOTH static inline void sq_store_four(const seqnn_real *from, seqnn_real *to)
{
#if defined(__CUDA_ARCH__) && !defined(SEQNN_DOUBLE)
    *(float4 *)to = make_float4(from[0], from[1], from[2], from[3]);
#else
    *(sq_four *)to = *(const sq_four *)from;
#endif
}

/* A chunk is so many of them, and so many chunks of a thread are in registers: of the 128
 * of 32 bits that each of so many threads has, 64. */
template <class Vector> struct sq_held {
    enum {
        VECTORS = SQ_CHUNK / Vector::NUMBERS,
        BYTES = sizeof(Vector) / Vector::NUMBERS, /* of a weight */
        KEPT = 16 / BYTES
    };
};

SQ_BOTH static inline void sq_pack_chunk(const seqnn_real *numbers, sq_four *chunk)
{
    SQ_UNROLL
    for (int n = 0; n < SQ_CHUNK; n++)
        chunk[n / 4].at[n % 4] = numbers[n];
}

SQ_BOTH static inline void sq_pack_chunk(const seqnn_real *numbers, sq_eight *chunk)
{
    SQ_UNROLL
    for (int n = 0; n < SQ_CHUNK; n += 2)
        chunk[n / 8].at[n % 8 / 2] =
            sq_bits_of(sq_round_off((float)numbers[n], 16)) >> 16 |
            sq_bits_of(sq_round_off((float)numbers[n + 1], 16));
}

SQ_BOTH static inline seqnn_real sq_weight_of(const sq_four *chunk, int n)
{
    return chunk[n / 4].at[n % 4];
}

SQ_BOTH static inline seqnn_real sq_weight_of(const sq_eight *chunk, int n)
{
    const uint32_t pair = chunk[n / 8].at[n % 8 / 2];
    return sq_float_of(n % 2 ? pair & 0xffff0000 : pair << 16);
}

struct sq_tile {
    int inputs, outputs;
    int groups, slices; /* of four outputs; threads that share the inputs of a group */
    int chunks, kept;   /* of a thread; those in registers */
    int bytes;          /* of a weight */
    int wide;           /* numbers of a row of v: inputs, and zeros */
    int weights;        /* where the other chunks are, in numbers from the start of the
                           shared memory */
};

static inline int sq_tile_threads(const sq_tile &tile)
{
    return tile.groups * tile.slices;
}

/* The fewest slices with which all chunks are in registers and all four schedulers of a
 * multiprocessor have work; if that cannot be, the most. No groups: too many outputs. */
static inline sq_tile sq_tile_of(seqnn_size inputs, seqnn_size outputs, int kept,
                                 int bytes)
{
    const seqnn_size busy = 256, blocks = (inputs + 3) / 4, groups = (outputs + 3) / 4;
    sq_tile tile = {};
    if (groups > SQ_TILE_THREADS)
        return tile;
    const seqnn_size most = sq_min(blocks, SQ_TILE_THREADS / groups);
    seqnn_size slices = 1;
    while (slices < most &&
           (slices * groups < busy || (blocks + slices - 1) / slices > kept))
        slices++;
    tile.inputs = (int)inputs;
    tile.outputs = (int)outputs;
    tile.groups = (int)groups;
    tile.slices = (int)slices;
    tile.chunks = (int)((blocks + slices - 1) / slices);
    tile.kept = (int)sq_min(kept, tile.chunks);
    tile.bytes = bytes;
    tile.wide = 4 * tile.chunks * tile.slices;
    return tile;
}

/* Numbers of shared memory: the chunks that are not in registers; the sums of slices. */
static inline seqnn_size sq_tile_weights(const sq_tile &tile)
{
    const seqnn_size weights =
        (seqnn_size)(tile.chunks - tile.kept) * SQ_CHUNK * sq_tile_threads(tile);
    return weights * tile.bytes / (seqnn_size)sizeof(seqnn_real);
}

static inline seqnn_size sq_tile_parts(const sq_tile &tile, int rows)
{
    return (seqnn_size)4 * sq_tile_threads(tile) * rows;
}

/* Chunk q of a thread. M(input, output) is matrix.W[matrix.input(input) +
 * matrix.output(output)], and 0 where one of the two is below 0. */
template <class Matrix, class Vector>
SQ_BOTH static inline void sq_tile_chunk(const sq_tile &tile, int group, int slice, int q,
                                         const Matrix &matrix, Vector *chunk)
{
    seqnn_real numbers[SQ_CHUNK];
    int from[4], to[4];
    SQ_UNROLL
    for (int n = 0; n < 4; n++) {
        const int input = 4 * (q * tile.slices + slice) + n;
        from[n] = q < tile.chunks && input < tile.inputs ? matrix.input(input) : -1;
        to[n] = 4 * group + n < tile.outputs ? matrix.output(4 * group + n) : -1;
    }
    const bool neighbours = from[0] >= 0 && from[1] == from[0] + 1 &&
                            from[2] == from[0] + 2 && from[3] == from[0] + 3;
    SQ_UNROLL
    for (int n = 0; n < 4; n++) {
        const seqnn_real *first =
            neighbours && to[n] >= 0 ? matrix.W + from[0] + to[n] : NULL;
        if (first && (uintptr_t)first % sizeof(sq_four) == 0) {
            const sq_four four = *(const sq_four *)first; /* whole lines of W_h */
            SQ_UNROLL
            for (int c = 0; c < 4; c++)
                numbers[4 * c + n] = four.at[c];
        } else {
            SQ_UNROLL
            for (int c = 0; c < 4; c++)
                numbers[4 * c + n] =
                    from[c] < 0 || to[n] < 0 ? 0 : matrix.W[from[c] + to[n]];
        }
    }
    sq_pack_chunk(numbers, chunk);
}

/* Where a thread's first vector of its first chunk in shared memory is; each of the
 * others is that of all threads further. */
template <class Vector>
SQ_BOTH static inline Vector *sq_tile_shared(const sq_tile &tile, int thread,
                                             seqnn_real *shared)
{
    return (Vector *)(shared + tile.weights) + thread;
}

/* Fills a thread's chunks, KEPT of them in registers. */
template <int KEPT, class Matrix, class Vector>
SQ_BOTH static inline void
sq_tile_hold(const sq_tile &tile, int thread, const Matrix &matrix,
             Vector (*registers)[sq_held<Vector>::VECTORS], seqnn_real *shared)
{
    enum { VECTORS = sq_held<Vector>::VECTORS };
    const int threads = tile.groups * tile.slices;
    const int group = thread % tile.groups, slice = thread / tile.groups;
    Vector *there = sq_tile_shared<Vector>(tile, thread, shared);
    if (thread >= threads)
        return;
    SQ_UNROLL
    for (int q = 0; q < KEPT; q++)
        sq_tile_chunk(tile, group, slice, q, matrix, registers[q]);
    for (int q = tile.kept; q < tile.chunks; q++) {
        Vector chunk[VECTORS];
        sq_tile_chunk(tile, group, slice, q, matrix, chunk);
        SQ_UNROLL
        for (int c = 0; c < VECTORS; c++)
            there[((q - tile.kept) * VECTORS + c) * threads] = chunk[c];
    }
}

/* sum [rows, 4] += four numbers of each row of v times a chunk. */
template <int ROWS, class Vector>
SQ_BOTH static inline void sq_multiply_chunk(const seqnn_real *v, int wide,
                                             const Vector *chunk, seqnn_real (*sum)[4])
{
    SQ_UNROLL
    for (int r = 0; r < ROWS; r++) {
        const sq_four in = *(const sq_four *)(v + r * wide);
        SQ_UNROLL
        for (int n = 0; n < SQ_CHUNK; n++)
            sum[r][n % 4] += in.at[n / 4] * sq_weight_of(chunk, n);
    }
}

/* Leaves the parts of v M. Four rows at a time use a chunk once it is loaded. A tile that
 * has KEPT 0 of registers is all in shared memory. */
template <int ROWS, int KEPT, class Vector>
SQ_BOTH static inline void
sq_tile_product(const sq_tile &tile, int thread, int group, int slice,
                const Vector (*registers)[sq_held<Vector>::VECTORS], seqnn_real *shared,
                const seqnn_real *v, seqnn_real *parts)
{
    enum { AT_ONCE = ROWS < 4 ? ROWS : 4, VECTORS = sq_held<Vector>::VECTORS };
    const int threads = tile.groups * tile.slices, wide = tile.wide;
    const int next = 4 * tile.slices; /* from the inputs of a chunk to the next one's */
    const Vector *there = sq_tile_shared<Vector>(tile, thread, shared);
    if (thread >= threads)
        return;
    SQ_NO_UNROLL
    for (int row = 0; row < ROWS; row += AT_ONCE) {
        const seqnn_real *from = v + row * wide + 4 * slice;
        alignas(16) seqnn_real sum[AT_ONCE][4] = {};
        SQ_UNROLL
        for (int q = 0; q < KEPT; q++)
            if (q < tile.kept)
                sq_multiply_chunk<AT_ONCE>(from + q * next, wide, registers[q], sum);
        SQ_NO_UNROLL
        for (int q = tile.kept; q < tile.chunks; q++) {
            Vector chunk[VECTORS];
            SQ_UNROLL
            for (int c = 0; c < VECTORS; c++)
                chunk[c] = there[((q - tile.kept) * VECTORS + c) * threads];
            sq_multiply_chunk<AT_ONCE>(from + q * next, wide, chunk, sum);
        }
        SQ_UNROLL
        for (int r = 0; r < AT_ONCE; r++)
            sq_store_four(sum[r],
                          parts + ((slice * ROWS + row + r) * tile.groups + group) * 4);
    }
}

/* y [row, output] and `count` - 1 more that are `apart`, from the parts. */
template <int ROWS, int MOST>
SQ_BOTH static inline void sq_tile_sums(const sq_tile &tile, const seqnn_real *parts,
                                        int row, int output, int apart, int count,
                                        seqnn_real *sums)
{
    const int next = ROWS * tile.groups * 4;
    const seqnn_real *part = parts + row * tile.groups * 4 + output;
    SQ_UNROLL
    for (int g = 0; g < MOST; g++)
        sums[g] = 0;
    for (int s = 0; s < tile.slices; s++)
        SQ_UNROLL
    for (int g = 0; g < MOST; g++)
        if (g < count)
            sums[g] += part[s * next + g * apart];
}

/* --------------------------------------------------------------- cuda/sweep_plan.cuh */

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

/* ----------------------------------------------------------- cuda/sweep_backward.cuh */

/* cuda/sweep_backward.cuh - all steps of a recurrent cell back, in one kernel (private)
 */

template <int ROWS, class Vector> struct sq_sweep_backward {
    enum { MOST_THREADS = SQ_TILE_THREADS, KEPT = sq_held<Vector>::KEPT };
    sq_cuda_sweep sweep;
    sq_sweep_plan plan;

    /* What the way forward has left of a unit at a step. */
    struct values {
        seqnn_real gates[4]; /* of the vanilla RNN the first: h_t */
        seqnn_real kept;     /* tanh C_t (LSTM), inner (GRU) */
        seqnn_real before;   /* C_(t-1) (LSTM), h_(t-1) (GRU) */
        seqnn_real dh;       /* from above */
    };
    /* What a thread keeps from step to step: its part of W_h, and a unit of a sequence.
     */
    struct state {
        int step, which;           /* of its phases */
        int longest;               /* of the cluster's sequences */
        int group, slice;          /* of the tile */
        int buffer;                /* of `received`, last written */
        int row, next, then, last; /* the first packed row of this step and the
                                      three that are before it in time */
        sq_sweep_place of;
        seqnn_real dh, dC, mask;  /* dh: without what the product gives */
        seqnn_real r, h_prev, dz; /* of the GRU with reset before, until it knows dr */
        bool multiplied;          /* the step after it was one of the sequence's */
        values coming;            /* of the next, loaded while this one is computed */
        Vector weights[KEPT][sq_held<Vector>::VECTORS];
    };

    /* After the last step dh_state is written. */
    SQ_BOTH seqnn_size phases() const
    {
        return 2 + sweep.packing.steps * plan.phases;
    }

    SQ_BOTH bool of_cluster(const state &own) const
    {
        const int phase = sq_phase_of(plan, own.which);
        return plan.ranks > 1 &&
               (phase == SQ_GATHER || phase == SQ_FLOW_PARTS || own.step < 0);
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        if (p == 0) {
            begin(at, own);
            return;
        }
        if (++own.which == plan.phases) {
            own.which = 0;
            own.step--;
        }
        const int phase = sq_phase_of(plan, own.which);
        const seqnn_size s = sq_cuda_step(sweep, own.step);
        if (phase == SQ_UNITS)
            units(at, own);
        if (phase == SQ_GATHER)
            own.buffer ^= 1; /* of all blocks alike */
        if (own.step < 0 || s >= own.longest)
            return;
        if (phase == SQ_RESET && s < own.of.length)
            after_reset(at, own);
        if (phase == SQ_FLOW_PARTS)
            flow_parts(at);
        if (phase == SQ_FLOW)
            flow(at, own);
        if (phase == SQ_PRODUCT)
            sq_tile_product<ROWS, KEPT, Vector>(
                plan.outer, (int)at.thread, own.group, own.slice, own.weights, shared,
                shared + plan.outer_in, shared + plan.parts);
        if (phase == SQ_PRODUCT_INNER)
            sq_tile_product<ROWS, 0, Vector>(
                plan.inner, (int)at.thread, (int)at.thread % plan.inner.groups,
                (int)at.thread / plan.inner.groups, own.weights, shared,
                shared + plan.inner_in, shared + plan.parts);
        if (phase == SQ_GATHER)
            gather(at, own,
                   two() && own.which + 1 < plan.phases ? plan.inner : plan.outer);
    }

  private:
    /* Whether there are two products: reset before. */
    SQ_BOTH bool two() const
    {
        return plan.inner.groups > 0;
    }

    SQ_BOTH void begin(const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        const int last = (int)sweep.packing.steps - 1;
        own.step = last + 1;
        own.which = plan.phases - 1;
        own.longest = sweep.packing.length[(int)at.block / plan.ranks * ROWS];
        own.group = (int)at.thread % plan.outer.groups;
        own.slice = (int)at.thread / plan.outer.groups;
        own.buffer = 0;
        own.row = 0;
        own.next = sq_sweep_row(sweep, last);
        own.then = sq_sweep_row(sweep, last - 1);
        own.last = sq_sweep_row(sweep, last - 2);
        sq_tile_hold<KEPT>(plan.outer, (int)at.thread,
                           sq_columns_of(sweep, plan, at, 0, true), own.weights, shared);
        if (two())
            sq_tile_hold<0>(plan.inner, (int)at.thread,
                            sq_columns_of(sweep, plan, at, 2, true), own.weights, shared);
        for (int n = (int)at.thread; n < ROWS * plan.outer.wide; n += (int)at.threads)
            shared[plan.outer_in + n] = 0;
        for (int n = (int)at.thread; n < ROWS * plan.inner.wide; n += (int)at.threads)
            shared[plan.inner_in + n] = 0;
        begin_unit(at, own);
    }

    SQ_BOTH void begin_unit(const sq_place &at, state &own) const
    {
        own.of = sq_sweep_place_of(sweep, plan, at);
        own.dh = own.dC = own.r = own.h_prev = own.dz = 0;
        own.mask = 1;
        own.multiplied = false;
        own.coming = values{};
        if (own.of.length < 0)
            return;
        const seqnn_size i = own.of.k * sweep.units + own.of.j;
        own.dh = sweep.dh_state[i];
        own.dC = sweep.cell == SQ_CELL_LSTM ? sweep.dC_state[i] : 0;
        own.mask = sweep.mask ? sweep.mask[i] : 1;
        load(own, own.step - 1);
    }

    /* The values of a step, whose first row is own.next, with own.then before it. */
    SQ_BOTH void load(state &own, int step) const
    {
        if (step < 0 || sq_cuda_step(sweep, step) >= own.of.length)
            return;
        const seqnn_size H = sweep.units, row = own.next + own.of.k,
                         i = row * H + own.of.j;
        values &to = own.coming;
        to.dh = sweep.dh ? sweep.dh[i] : 0;
        if (sweep.cell == SQ_CELL_RNN) {
            to.gates[0] = sweep.h[i];
            return;
        }
        const seqnn_real *gates = sweep.gates + row * sweep.gate_count * H + own.of.j;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                to.gates[g] = gates[g * H];
        const bool lstm = sweep.cell == SQ_CELL_LSTM;
        const bool first = step == 0 || sq_cuda_step(sweep, step - 1) >= own.of.length;
        const seqnn_real *states =
            lstm ? (first ? sweep.C_0 : sweep.C) : (first ? sweep.h_0 : sweep.h);
        to.kept = (lstm ? sweep.tanh_C : sweep.inner)[i];
        to.before = states[((first ? 0 : own.then) + own.of.k) * H + own.of.j];
    }

    /* What the last product gave, of the unit. */
    SQ_BOTH seqnn_real product(const sq_place &at, const state &own,
                               const sq_tile &tile) const
    {
        const seqnn_real *shared = (const seqnn_real *)at.shared;
        seqnn_real sum;
        if (plan.ranks == 1) {
            sq_tile_sums<ROWS, 1>(tile, shared + plan.parts, own.of.row, own.of.column, 0,
                                  1, &sum);
            return sum;
        }
        const int next = ROWS * plan.units;
        const seqnn_real *received = shared + plan.received +
                                     own.buffer * plan.ranks * next +
                                     own.of.row * plan.units + own.of.column;
        sum = 0;
        for (int rank = 0; rank < plan.ranks; rank++)
            sum += received[rank * next];
        return sum;
    }

    /* The sums of this block's slices, each to the block whose unit it is. */
    SQ_BOTH void gather(const sq_place &at, const state &own, const sq_tile &tile) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        seqnn_real *received =
            shared + plan.received +
            (own.buffer * plan.ranks + (int)at.rank) * ROWS * plan.units;
        const int H = (int)sweep.units;
        for (int n = (int)at.thread; n < ROWS * H; n += (int)at.threads) {
            const int row = n / H, unit = n % H, rank = unit / plan.units;
            seqnn_real sum;
            sq_tile_sums<ROWS, 1>(tile, shared + plan.parts, row, unit, 0, 1, &sum);
            *sq_of_rank(at, rank, received + row * plan.units + unit % plan.units) = sum;
        }
    }

    /* A step begins, or all are done. What was asked for a step ago is here. */
    SQ_BOTH void units(const sq_place &at, state &own) const
    {
        own.row = own.next;
        own.next = own.then;
        own.then = own.last;
        own.last = sq_sweep_row(sweep, own.step - 3);
        if (own.multiplied)
            own.dh += own.mask * product(at, own, plan.outer);
        own.multiplied = own.step >= 0 && sq_cuda_step(sweep, own.step) < own.of.length;
        if (own.multiplied)
            unit(at, own, own.coming);
        load(own, own.step - 1);
        if (own.step >= 0 || own.of.length < 0)
            return;
        sweep.dh_state[own.of.k * sweep.units + own.of.j] = own.dh;
        if (sweep.cell == SQ_CELL_LSTM)
            sweep.dC_state[own.of.k * sweep.units + own.of.j] = own.dC;
    }

    /* Where a product takes its inputs from a unit. */
    SQ_BOTH seqnn_real *input(const sq_place &at, const state &own, int from,
                              int wide) const
    {
        return (seqnn_real *)at.shared + from + own.of.row * wide + own.of.column;
    }

    SQ_BOTH void unit(const sq_place &at, state &own, const values &now) const
    {
        const seqnn_size row = own.row + own.of.k, H = sweep.units;
        const seqnn_real *gates = now.gates, dh = own.dh + now.dh;
        seqnn_real *in = input(at, own, plan.outer_in, plan.outer.wide);
        seqnn_real *to = sweep.dgates + row * sweep.gate_count * H + own.of.j;
        seqnn_real d[4];
        if (sweep.flow)
            squares(at)[own.of.row * plan.units + own.of.column] =
                (double)dh * (double)dh;
        own.dh = 0;
        if (sweep.cell == SQ_CELL_RNN) {
            in[0] = to[0] = dh * sq_simple_rnn_slope(sweep.activation, gates[0]);
        } else if (sweep.cell == SQ_CELL_LSTM) {
            sq_lstm_unit_back(1, gates, now.before, now.kept, dh, &own.dC, d);
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                in[g * plan.units] = to[g * H] = d[g];
        } else {
            own.dh = sq_gru_unit_back(1, gates, now.before, dh, d);
            to[2 * H] = d[2];
            if (two()) {
                own.r = gates[1];
                own.h_prev = now.before * own.mask;
                own.dz = d[0];
                *input(at, own, plan.inner_in, plan.inner.wide) = d[2];
                return;
            }
            const seqnn_real d_inner = d[2] * gates[1];
            d[1] = sq_gru_reset_back(gates[1], now.kept, d[2]);
            sweep.dinner[row * H + own.of.j] = d_inner;
            in[0] = to[0] = d[0];
            in[plan.units] = to[H] = d[1];
            in[2 * plan.units] = d_inner;
        }
    }

    /* The GRU with reset before: dz and dr, once the gradient of r * h_prev is known. */
    SQ_BOTH void after_reset(const sq_place &at, state &own) const
    {
        const seqnn_size H = sweep.units;
        const seqnn_real d_inner = product(at, own, plan.inner);
        seqnn_real *in = input(at, own, plan.outer_in, plan.outer.wide);
        seqnn_real *to = sweep.dgates + (own.row + own.of.k) * (3 * H) + own.of.j;
        own.dh += own.mask * d_inner * own.r;
        in[0] = to[0] = own.dz;
        in[plan.units] = to[H] = sq_gru_reset_back(own.r, own.h_prev, d_inner);
    }

    /* ---- gradient flow ---- */

    SQ_BOTH double *squares(const sq_place &at) const /* [ROWS, units] */
    {
        return (double *)((seqnn_real *)at.shared + plan.flow);
    }

    SQ_BOTH double *lanes(const sq_place &at) const /* [ROWS, SQ_FLOW_LANES] */
    {
        return squares(at) + ROWS * plan.units;
    }

    SQ_BOTH void flow_parts(const sq_place &at) const
    {
        const int row = (int)at.thread / SQ_FLOW_LANES,
                  lane = (int)at.thread % SQ_FLOW_LANES;
        if (row >= ROWS)
            return;
        double sum = 0;
        for (int j = lane; j < plan.units; j += SQ_FLOW_LANES)
            if (at.rank * plan.units + j < sweep.units)
                sum += squares(at)[row * plan.units + j];
        lanes(at)[row * SQ_FLOW_LANES + lane] = sum;
    }

    SQ_BOTH void flow(const sq_place &at, const state &own) const
    {
        const seqnn_size k = (int)at.block / plan.ranks * ROWS + at.thread;
        if (at.rank > 0 || at.thread >= ROWS || k >= sweep.packing.batch ||
            sq_cuda_step(sweep, own.step) >= sweep.packing.length[k])
            return;
        double sum = 0;
        for (int rank = 0; rank < plan.ranks; rank++)
            for (int lane = 0; lane < SQ_FLOW_LANES; lane++)
                sum +=
                    *sq_of_rank(at, rank, lanes(at) + at.thread * SQ_FLOW_LANES + lane);
        sweep.flow[own.row + k] = sum;
    }
};

/* ------------------------------------------------------------ cuda/sweep_forward.cuh */

/* cuda/sweep_forward.cuh - all steps of a recurrent cell in one kernel (private) */

template <int ROWS, class Vector> struct sq_sweep_forward {
    enum { MOST_THREADS = SQ_TILE_THREADS, KEPT = sq_held<Vector>::KEPT };
    sq_cuda_sweep sweep;
    sq_sweep_plan plan;

    /* What a thread keeps from step to step: its part of W_h, and a unit of a sequence.
     */
    struct state {
        int step, which;     /* of its phases */
        int longest;         /* of the cluster's sequences */
        int group, slice;    /* of the tile */
        int row, next, last; /* the first packed row of this step and two more */
        sq_sweep_place of;
        seqnn_real h, C, mask, b_h[3];
        seqnn_real kept,
            h_prev; /* of this step: tanh C_t (LSTM) or inner (GRU); h_(t-1) */
        seqnn_real gates[4], coming[4]; /* x_t W_x + b of this step, and of the next,
                                           which is loaded while this one is computed */
        Vector weights[KEPT][sq_held<Vector>::VECTORS];
    };

    SQ_BOTH seqnn_size phases() const
    {
        return 1 + sweep.packing.steps * plan.phases;
    }

    SQ_BOTH bool of_cluster(const state &own) const
    {
        const int phase = sq_phase_of(plan, own.which);
        return plan.ranks > 1 && (phase == SQ_UNITS || phase == SQ_RESET);
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        if (p == 0) {
            begin(at, own);
            return;
        }
        if (++own.which == plan.phases) {
            own.which = 0;
            own.step++;
        }
        const int phase = sq_phase_of(plan, own.which);
        const seqnn_size s = sq_cuda_step(sweep, own.step);
        if (phase == SQ_PRODUCT)
            go_on(own);
        if (phase == SQ_RESET && s < own.of.length)
            before_reset(at, own);
        if (phase == SQ_UNITS && s < own.of.length)
            units(at, own);
        if (phase == SQ_UNITS && own.step + 1 == sweep.packing.steps)
            end(own);
        if (phase == SQ_PRODUCT && s < own.longest)
            sq_tile_product<ROWS, KEPT, Vector>(
                plan.outer, (int)at.thread, own.group, own.slice, own.weights, shared,
                h_prev(shared, own.step), shared + plan.parts);
        if (phase == SQ_PRODUCT_INNER && s < own.longest)
            sq_tile_product<ROWS, 0, Vector>(
                plan.inner, (int)at.thread, (int)at.thread % plan.inner.groups,
                (int)at.thread / plan.inner.groups, own.weights, shared,
                shared + plan.inner_in, shared + plan.parts);
    }

  private:
    /* Whether there are two products: reset before. */
    SQ_BOTH bool two() const
    {
        return plan.inner.groups > 0;
    }

    /* h_(t-1) times mask, [ROWS, all units], as it is read at a step. A cluster has two,
     * for one block writes the next while another still reads. */
    SQ_BOTH seqnn_real *h_prev(seqnn_real *shared, int step) const
    {
        const int buffer = plan.in_buffers > 1 ? step % 2 : 0;
        return shared + plan.outer_in + buffer * ROWS * plan.outer.wide;
    }

    SQ_BOTH void begin(const sq_place &at, state &own) const
    {
        seqnn_real *shared = (seqnn_real *)at.shared;
        const int first = (int)at.block / plan.ranks * ROWS, H = (int)sweep.units;
        own.step = -1;
        own.which = plan.phases - 1;
        own.longest = sweep.packing.length[first];
        own.group = (int)at.thread % plan.outer.groups;
        own.slice = (int)at.thread / plan.outer.groups;
        own.row = 0;
        own.next = sq_sweep_row(sweep, 0);
        own.last = sq_sweep_row(sweep, 1);
        sq_tile_hold<KEPT>(plan.outer, (int)at.thread,
                           sq_columns_of(sweep, plan, at, 0, false), own.weights, shared);
        if (two())
            sq_tile_hold<0>(plan.inner, (int)at.thread,
                            sq_columns_of(sweep, plan, at, 2, false), own.weights,
                            shared);
        for (int n = (int)at.thread; n < ROWS * plan.outer.wide; n += (int)at.threads) {
            const int j = n % plan.outer.wide, k = first + n / plan.outer.wide;
            seqnn_real h = 0;
            if (j < H && k < sweep.packing.batch)
                h = masked(sweep.h_state, k * sweep.units + j);
            for (int buffer = 0; buffer < plan.in_buffers; buffer++)
                h_prev(shared, buffer)[n] = h;
        }
        for (int n = (int)at.thread; n < ROWS * plan.inner.wide; n += (int)at.threads)
            shared[plan.inner_in + n] = 0;
        begin_unit(at, own);
    }

    SQ_BOTH seqnn_real masked(const seqnn_real *states, seqnn_size i) const
    {
        return sweep.mask ? states[i] * sweep.mask[i] : states[i];
    }

    SQ_BOTH void begin_unit(const sq_place &at, state &own) const
    {
        own.of = sq_sweep_place_of(sweep, plan, at);
        own.h = own.C = own.mask = own.kept = own.h_prev = own.b_h[0] = own.b_h[1] =
            own.b_h[2] = 0;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            own.gates[g] = own.coming[g] = 0;
        if (own.of.length < 0)
            return;
        const seqnn_size i = own.of.k * sweep.units + own.of.j;
        own.h = sweep.h_state[i];
        own.C = sweep.cell == SQ_CELL_LSTM ? sweep.C_state[i] : 0;
        own.mask = sweep.mask ? sweep.mask[i] : 1;
        SQ_UNROLL
        for (int g = 0; g < 3; g++)
            own.b_h[g] = sweep.b_h ? sweep.b_h[g * sweep.units + own.of.j] : 0;
        load(own, 0);
    }

    /* The gates of the step whose first row is own.next. */
    SQ_BOTH void load(state &own, int step) const
    {
        if (step >= sweep.packing.steps || sq_cuda_step(sweep, step) >= own.of.length)
            return;
        const seqnn_real *gates = sweep.gates +
                                  (own.next + own.of.k) * sweep.gate_count * sweep.units +
                                  own.of.j;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                own.coming[g] = gates[g * sweep.units];
    }

    /* A step begins for the unit. What was asked for a step ago is here. What a step has
     * left is written now, not before the barrier that ended it: one of a cluster waits
     * for all that is on its way to memory. */
    SQ_BOTH void go_on(state &own) const
    {
        if (own.step > 0)
            write(own, own.step - 1);
        own.row = own.next;
        own.next = own.last;
        own.last = sq_sweep_row(sweep, own.step + 2);
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            own.gates[g] = own.coming[g];
        load(own, own.step + 1);
    }

    SQ_BOTH void write(const state &own, int step) const
    {
        const seqnn_size row = own.row + own.of.k, i = row * sweep.units + own.of.j;
        if (sq_cuda_step(sweep, step) >= own.of.length)
            return;
        sweep.h[i] = own.h;
        if (sweep.keeps_h_prev)
            sweep.h_prev[i] = own.h_prev;
        if (sweep.cell == SQ_CELL_RNN)
            return;
        if (sweep.cell == SQ_CELL_LSTM)
            sweep.C[i] = own.C;
        (sweep.cell == SQ_CELL_LSTM ? sweep.tanh_C : sweep.inner)[i] = own.kept;
        seqnn_real *to = sweep.gates + row * sweep.gate_count * sweep.units + own.of.j;
        SQ_UNROLL
        for (int g = 0; g < 4; g++)
            if (g < sweep.gate_count)
                to[g * sweep.units] = own.gates[g];
    }

    /* What the last step has left, h_T and C_T. */
    SQ_BOTH void end(const state &own) const
    {
        write(own, own.step);
        const seqnn_size i = own.of.k * sweep.units + own.of.j;
        if (own.of.length < 0)
            return;
        sweep.h_state[i] = own.h;
        if (sweep.cell == SQ_CELL_LSTM)
            sweep.C_state[i] = own.C;
    }

    /* h_prev W_h of the first gates of a tile. */
    SQ_BOTH void products(const sq_place &at, const sq_tile &tile, const state &own,
                          int gates, seqnn_real *sums) const
    {
        sq_tile_sums<ROWS, 4>(tile, (const seqnn_real *)at.shared + plan.parts,
                              own.of.row, own.of.column, plan.units, gates, sums);
    }

    /* z, r and r * h_prev of the GRU with reset before. */
    SQ_BOTH void before_reset(const sq_place &at, state &own) const
    {
        seqnn_real sums[4];
        products(at, plan.outer, own, 2, sums);
        own.gates[0] = sq_logistic(own.gates[0] + sums[0]);
        own.gates[1] = sq_logistic(own.gates[1] + sums[1]);
        own.kept = own.gates[1] * (own.h * own.mask);
        tell(at, own, (seqnn_real *)at.shared + plan.inner_in, plan.inner.wide, own.kept);
    }

    SQ_BOTH void units(const sq_place &at, state &own) const
    {
        const seqnn_real before = own.h;
        seqnn_real *gates = own.gates, sums[4];
        products(at, two() ? plan.inner : plan.outer, own,
                 two() ? 1 : (int)sweep.gate_count, sums);
        switch (sweep.cell) {
        case SQ_CELL_RNN:
            own.h = sq_simple_rnn_unit(sweep.activation, gates[0] + sums[0]);
            break;
        case SQ_CELL_LSTM:
            SQ_UNROLL
            for (int g = 0; g < 4; g++)
                gates[g] += sums[g];
            sq_lstm_unit(1, gates, own.C, &own.C, &own.kept, &own.h);
            break;
        default:
            if (two()) {
                gates[2] += sums[0];
            } else {
                own.kept = own.b_h[2] + sums[2];
                gates[0] = sq_logistic(gates[0] + own.b_h[0] + sums[0]);
                gates[1] = sq_logistic(gates[1] + own.b_h[1] + sums[1]);
                gates[2] += gates[1] * own.kept;
            }
            own.h = sq_gru_unit(1, gates, before);
        }
        own.h_prev = before * own.mask;
        tell(at, own, h_prev((seqnn_real *)at.shared, own.step + 1), plan.outer.wide,
             own.h * own.mask);
    }

    /* A number of the unit, to all blocks of the cluster: each begins with another one.
     */
    SQ_BOTH void tell(const sq_place &at, const state &own, seqnn_real *rows, int wide,
                      seqnn_real x) const
    {
        for (int i = 0; i < plan.ranks; i++)
            *sq_of_rank(at, (at.rank + i) % plan.ranks,
                        rows + own.of.row * wide + own.of.j) = x;
    }
};

/* --------------------------------------------------------- cuda/sweep_persistent.cuh */

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

/* ---------------------------------------------------------------- cuda/recurrent.cuh */

/* cuda/recurrent.cuh - the recurrent layers, forward and backward (private)
 *
 * Each does what layers/recurrent.c and layers/recurrent_input.c do, on the same struct.
 * The sweep through time is the plain one, for every step a product with W_h and a kernel
 * for the rest; or, where it is wanted and W_h fits, the persistent one.
 */

/* The sliding window of truncated BPTT, and skips, are left to the CPU. */
static bool sq_cuda_sweeps(const seqnn_layer *layer)
{
    const sq_sweep *sweep = &((const sq_recurrent *)layer)->sweep;
    return sweep->truncate == 0 && sweep->skip == 0;
}

/* ---- the sweep forward ---- */

/* W_h's columns from `column` on: out (or += if add) = met W_h, for the sequences of a
 * step. */
static void sq_cuda_through_W_h(const sq_recurrent *own, seqnn_size sequences,
                                seqnn_size column, seqnn_size columns,
                                const seqnn_real *met, bool add, seqnn_real *out,
                                seqnn_size out_row)
{
    const seqnn_size units = own->units, all = own->kind->gates * units;
    sq_device_product(sq_device_of(&own->base), false, false, sequences, columns, units,
                      met, units, own->sweep.W_h + column, all, add, out, out_row);
}

/* The same, back: out (or += if add) = dz W_h^T. */
static void sq_cuda_back_through_W_h(const sq_recurrent *own, seqnn_size sequences,
                                     seqnn_size column, seqnn_size columns,
                                     const seqnn_real *dz, seqnn_real *out)
{
    const seqnn_size units = own->units, all = own->kind->gates * units;
    sq_device_product(sq_device_of(&own->base), false, true, sequences, units, columns,
                      dz, all, own->sweep.W_h + column, all, false, out, units);
}

static sq_cell_step sq_rows_of_step(const sq_recurrent *own, seqnn_size row)
{
    const sq_sweep *sweep = &own->sweep;
    const seqnn_size units = own->units, at = row * units;
    sq_cell_step step = {};
    step.units = units;
    step.activation = sweep->activation;
    step.gates = sweep->gates + own->kind->gates * at;
    step.inner = sweep->inner + at;
    step.h = sweep->h + at;
    step.C = sweep->C + at;
    step.tanh_C = sweep->tanh_C + at;
    step.h_prev = sq_keeps_h_prev(sweep) ? sweep->h_prev + at : NULL;
    step.h_state = sweep->h_state;
    step.C_state = sweep->C_state;
    step.mask = sweep->mask;
    step.met = sweep->mask ? own->met : sweep->h_state;
    step.b_h = sweep->b_h;
    step.products = own->products;
    return step;
}

static void sq_cuda_gru_step(const sq_recurrent *own, seqnn_size sequences,
                             const sq_cell_step &step)
{
    sq_device *device = sq_device_of(&own->base);
    const seqnn_size units = own->units, all = 3 * units;
    if (own->sweep.reset != SEQNN_RESET_BEFORE) {
        sq_cuda_through_W_h(own, sequences, 0, all, step.met, false, own->products, all);
        sq_for_each_unit(device, sequences, units, sq_gru_step{step});
        return;
    }
    sq_cuda_through_W_h(own, sequences, 0, 2 * units, step.met, true, step.gates, all);
    sq_for_each_unit(device, sequences, units, sq_gru_before_gates{step});
    sq_cuda_through_W_h(own, sequences, 2 * units, units, step.inner, true,
                        step.gates + 2 * units, all);
    sq_for_each_unit(device, sequences, units, sq_gru_before_state{step});
}

/* The recurrence, from sweep.gates = x_t W_x + b, h_0 and C_0; what it leaves is what a
 * sweep of layers/sweep.h leaves. */
static void sq_cuda_plain_sweep(const sq_recurrent *own)
{
    const sq_sweep *sweep = &own->sweep;
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = own->units, all = own->kind->gates * units;
    sq_device *device = sq_device_of(&own->base);
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i), sequences = sq_active(packing, s);
        const sq_cell_step step = sq_rows_of_step(own, packing->offset[s]);
        if (own->kind->gates == 3) {
            sq_cuda_gru_step(own, sequences, step);
            continue;
        }
        sq_cuda_through_W_h(own, sequences, 0, all, step.met, true, step.gates, all);
        if (own->kind->has_C)
            sq_for_each_unit(device, sequences, units, sq_lstm_step{step});
        else
            sq_for_each_unit(device, sequences, units, sq_simple_rnn_step{step});
    }
}

/* ---- the sweep backward ---- */

/* Step s, once the steps after it in the order of the sweep have been gone back
 * through. */
static sq_cell_step_back sq_rows_of_step_back(const sq_recurrent *own, seqnn_size s)
{
    const sq_sweep *sweep = &own->sweep;
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = own->units, at = packing->offset[s] * units;
    const seqnn_size active = sq_active(packing, s);
    const seqnn_size next = s + 1 < packing->steps ? sq_active(packing, s + 1) : 0;
    const seqnn_size earlier =
        sweep->backwards ? s + 1 : s - 1; /* in time of the sweep */
    const seqnn_real *states = own->kind->has_C ? sweep->C : sweep->h;
    sq_cell_step_back step = {};
    step.units = units;
    step.activation = sweep->activation;
    step.gates = sweep->gates + own->kind->gates * at;
    step.inner = sweep->inner + at;
    step.h = sweep->h + at;
    step.tanh_C = sweep->tanh_C + at;
    step.h_prev = sweep->h_prev + at;
    step.above = sweep->dh ? sweep->dh + at : NULL;
    step.have_before = sweep->backwards ? next : s > 0 ? active : 0;
    step.have_after = sweep->backwards ? (s > 0 ? active : 0) : next;
    step.before = step.have_before > 0 ? states + packing->offset[earlier] * units : NULL;
    step.initial = own->kind->has_C ? sweep->C_0 : sweep->h_0;
    step.mask = sweep->mask;
    step.met = own->met;
    step.dh_state = sweep->dh_state;
    step.dC_state = sweep->dC_state;
    step.dgates = sweep->dgates + own->kind->gates * at;
    step.dinner = sweep->dinner + at;
    step.products = own->products;
    return step;
}

static void sq_cuda_gru_step_back(const sq_recurrent *own, seqnn_size sequences,
                                  const sq_cell_step_back &step)
{
    sq_device *device = sq_device_of(&own->base);
    const seqnn_size units = own->units;
    if (own->sweep.reset != SEQNN_RESET_BEFORE) {
        sq_for_each_unit(device, sequences, units, sq_gru_step_back{step});
        sq_cuda_back_through_W_h(own, sequences, 0, 3 * units, own->products, own->met);
        return;
    }
    sq_for_each_unit(device, sequences, units, sq_gru_before_back{step});
    sq_cuda_back_through_W_h(own, sequences, 2 * units, units, step.dgates + 2 * units,
                             step.dinner);
    sq_for_each_unit(device, sequences, units, sq_gru_before_reset_back{step});
    sq_cuda_back_through_W_h(own, sequences, 0, 2 * units, step.dgates, own->met);
}

static void sq_cuda_flow(const sq_recurrent *own, seqnn_size s,
                         const sq_cell_step_back &step)
{
    const sq_sweep *sweep = &own->sweep;
    const seqnn_size threads = sq_flow_rows::THREADS;
    sq_device_run(sq_device_of(&own->base),
                  sq_grid{sq_active(sweep->packing, s), threads,
                          (size_t)threads * sizeof(double), 0},
                  sq_flow_rows{step, sweep->flow + sweep->packing->offset[s]});
}

/* All steps back: from dL/dh_T and dL/dC_T to the gradients of the gates, dL/dh_0 and
 * dL/dC_0. */
static void sq_cuda_plain_sweep_back(const sq_recurrent *own)
{
    const sq_sweep *sweep = &own->sweep;
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    for (seqnn_size i = packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i), sequences = sq_active(packing, s);
        const sq_cell_step_back step = sq_rows_of_step_back(own, s);
        if (sweep->flow)
            sq_cuda_flow(own, s, step);
        if (own->kind->gates == 3) {
            sq_cuda_gru_step_back(own, sequences, step);
            continue;
        }
        if (own->kind->has_C)
            sq_for_each_unit(device, sequences, units, sq_lstm_step_back{step});
        else
            sq_for_each_unit(device, sequences, units, sq_simple_rnn_step_back{step});
        sq_cuda_back_through_W_h(own, sequences, 0, own->kind->gates * units, step.dgates,
                                 own->met);
    }
    if (packing->steps == 0)
        return;
    sq_cell_step_back last = sq_rows_of_step_back(own, 0);
    last.above = NULL;
    last.have_after = sq_active(packing, 0);
    sq_for_each_unit(device, last.have_after, units, sq_sweep_back_end{last});
}

/* ---- either sweep ---- */

static sq_cuda_sweep sq_cuda_sweep_on(const sq_recurrent *own)
{
    const sq_cell_name cell = own->kind->has_C        ? SQ_CELL_LSTM
                              : own->kind->gates == 3 ? SQ_CELL_GRU
                                                      : SQ_CELL_RNN;
    return sq_cuda_sweep_of(cell, &own->sweep,
                            sq_packed_of(own->base.model, own->sweep.packing));
}

static bool sq_cuda_persists(const sq_recurrent *own)
{
    return sq_persistent_wanted &&
           sq_persistent_fits(sq_device_of(&own->base), sq_cuda_sweep_on(own));
}

static void sq_cuda_sweep_forward(const sq_recurrent *own)
{
    if (sq_cuda_persists(own))
        sq_persistent_forward(sq_device_of(&own->base), sq_cuda_sweep_on(own));
    else
        sq_cuda_plain_sweep(own);
}

static void sq_cuda_sweep_backward(const sq_recurrent *own)
{
    if (sq_cuda_persists(own))
        sq_persistent_backward(sq_device_of(&own->base), sq_cuda_sweep_on(own));
    else
        sq_cuda_plain_sweep_back(own);
}

/* ---- states ---- */

/* As sq_start_states. */
static seqnn_status sq_cuda_start_states(sq_recurrent *own, const sq_packing *packing)
{
    const sq_states *from;
    seqnn_status status = sq_choose_states(own, packing, &from);
    if (status)
        return status;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    sq_for_each_unit(device, packing->batch, units,
                     sq_first_states{units, order, from ? from->h : NULL, own->sweep.mask,
                                     own->h_0, own->sweep.h_state, own->met});
    if (own->kind->has_C)
        sq_for_each_unit(device, packing->batch, units,
                         sq_first_states{units, order, from ? from->C : NULL, NULL,
                                         own->C_0, own->sweep.C_state, NULL});
    return SEQNN_OK;
}

/* h_T and C_T of the samples; h_T is also the output, where that is no sequence. */
static void sq_cuda_final_states(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    sq_for_each_unit(
        device, packing->batch, units,
        sq_states_of_samples{units, order, own->sweep.h_state, own->final.h,
                             own->return_sequences ? NULL : own->base.out.value});
    if (own->kind->has_C)
        sq_for_each_unit(
            device, packing->batch, units,
            sq_states_of_samples{units, order, own->sweep.C_state, own->final.C, NULL});
}

/* As sq_final_gradients. */
static void sq_cuda_final_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const sq_states *outside = &own->final_gradient;
    const bool more = outside->count > 0;
    const seqnn_size units = own->units;
    sq_device *device = sq_device_of(&own->base);
    sq_for_each_unit(
        device, packing->batch, units,
        sq_sum_of_samples{units, order,
                          own->return_sequences ? NULL : own->base.out.gradient,
                          more ? outside->h : NULL, own->sweep.dh_state});
    if (own->kind->has_C)
        sq_for_each_unit(device, packing->batch, units,
                         sq_sum_of_samples{units, order, NULL, more ? outside->C : NULL,
                                           own->sweep.dC_state});
    own->final_gradient.count = 0;
}

/* to = or += (add) from, of so many numbers. */
static void sq_cuda_hand_on(sq_device *device, seqnn_size count, const seqnn_real *from,
                            bool add, seqnn_real *to)
{
    if (add)
        sq_for_each(device, count, sq_add_to{from, to});
    else
        sq_device_copy(device, to, from, (size_t)count * sizeof *to);
}

/* As sq_initial_gradients: dL/dh_0 and dL/dC_0 go to the layer that the state came
 * from. */
static void sq_cuda_initial_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    const int32_t *order = sq_list(own->base.model, packing->order);
    const seqnn_size units = own->units, cells = packing->batch * units;
    sq_states *mine = &own->initial_gradient;
    sq_device *device = sq_device_of(&own->base);
    mine->count = packing->batch;
    sq_for_each_unit(
        device, packing->batch, units,
        sq_states_of_samples{units, order, own->sweep.dh_state, mine->h, NULL});
    if (own->kind->has_C)
        sq_for_each_unit(
            device, packing->batch, units,
            sq_states_of_samples{units, order, own->sweep.dC_state, mine->C, NULL});
    sq_recurrent *from = (sq_recurrent *)own->state_from;
    if (!from || !from->base.out.gradient_wanted)
        return;
    const bool add = from->final_gradient.count > 0;
    sq_cuda_hand_on(device, cells, mine->h, add, from->final_gradient.h);
    if (own->kind->has_C)
        sq_cuda_hand_on(device, cells, mine->C, add, from->final_gradient.C);
    from->final_gradient.count = mine->count;
    from->base.state_gradient = true;
}

/* ---- the input ---- */

/* The mask of each sequence; it is numbered by its sample, and the rows of the first step
 * name that: source / time. Sequences without a step need none. */
static void sq_cuda_sequence_masks(const sq_recurrent *own, int which, seqnn_real rate,
                                   seqnn_size features, seqnn_real *mask)
{
    const sq_packing *packing = own->base.in->packing;
    if (packing->steps > 0)
        sq_cuda_mask(&own->base, which, rate, sq_active(packing, 0), features,
                     sq_list(own->base.model, packing->source), packing->time, mask);
}

/* out = (or += if add) values * x_mask, of rows like those of x. */
static void sq_cuda_mask_rows(const sq_recurrent *own, const seqnn_real *values, bool add,
                              seqnn_real *out)
{
    const sq_signal *in = own->base.in;
    sq_for_each_unit(sq_device_of(&own->base), in->rows, in->features,
                     sq_mask_rows_of{sq_packed_of(own->base.model, in->packing),
                                     in->features, own->x_mask, values, add, out});
}

/* As sq_start_dropout. */
static void sq_cuda_start_dropout(sq_recurrent *own, seqnn_mode mode)
{
    const sq_signal *in = own->base.in;
    own->x_dropped = mode == SEQNN_TRAIN && own->dropout > 0;
    own->input = in->value;
    own->x_spent = false;
    if (own->x_dropped) {
        sq_cuda_sequence_masks(own, 1, own->dropout, in->features, own->x_mask);
        sq_cuda_mask_rows(own, in->value, false, own->x);
        own->input = own->x;
    }
    own->sweep.mask = NULL;
    if (mode == SEQNN_TRAIN && own->recurrent_dropout > 0) {
        sq_cuda_sequence_masks(own, 2, own->recurrent_dropout, own->units, own->h_mask);
        own->sweep.mask = own->h_mask;
    }
}

/* As sq_input_forward, but that b is added where rows are gathered. */
static void sq_cuda_input(sq_recurrent *own)
{
    const sq_signal *in = own->base.in;
    const seqnn_model *model = own->base.model;
    const sq_distinct *distinct = in->distinct;
    const seqnn_parameter *b_of = sq_recurrent_bias(&own->base, "b");
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    const seqnn_real *b = b_of ? b_of->value : NULL;
    const seqnn_size columns = own->kind->gates * own->units;
    sq_device *device = sq_device_of(&own->base);
    if (!distinct) {
        sq_cuda_affine(device, in->rows, columns, in->features, own->input, W_x, b,
                       own->sweep.gates);
        return;
    }
    const int32_t *of_row = sq_list(model, distinct->of_row);
    if (distinct->one_hot) { /* W_x[words[of_row]] */
        sq_for_each(device, in->rows * columns,
                    sq_gather_rows{columns, W_x, sq_list(model, distinct->words), of_row,
                                   b, own->sweep.gates});
        return;
    }
    sq_cuda_affine(device, sq_cuda_word_rows(own->base.inputs[0], distinct), columns,
                   in->features, own->input, W_x, NULL, own->sweep.dgates);
    sq_for_each(
        device, in->rows * columns,
        sq_gather_rows{columns, own->sweep.dgates, of_row, NULL, b, own->sweep.gates});
}

/* dx_t = dz_t W_x^T, as sq_input_gradient. */
static void sq_cuda_input_gradient(sq_recurrent *own, seqnn_size rows,
                                   const seqnn_real *dz)
{
    sq_signal *in = own->base.in;
    const seqnn_size columns = own->kind->gates * own->units;
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    sq_device *device = sq_device_of(&own->base);
    sq_device_product(device, false, true, rows, in->features, columns, dz, columns, W_x,
                      columns, !own->x_dropped && in->gradient_written,
                      own->x_dropped ? own->x : in->gradient, in->features);
    if (own->x_dropped) {
        sq_cuda_mask_rows(own, own->x, in->gradient_written, in->gradient);
        own->x_spent = true;
    }
    in->gradient_written = true;
    if (!in->distinct)
        return;
    sq_device_copy(device, own->W_x_then, W_x,
                   (size_t)(in->features * columns) * sizeof *W_x);
    own->base.owes_rows = true;
}

/* dW_x += sum_t x_t^T dz_t,  db += sum_t dz_t,  and dx, as sq_input_backward. */
static void sq_cuda_input_back(sq_recurrent *own)
{
    seqnn_layer *layer = &own->base;
    const sq_signal *in = layer->in;
    sq_distinct *distinct = in->distinct;
    const seqnn_parameter *W_x = &layer->parameters[SQ_W_X].view;
    const seqnn_parameter *b = sq_recurrent_bias(layer, "b");
    const seqnn_size columns = own->kind->gates * own->units;
    const seqnn_real *dz = own->sweep.dgates;
    seqnn_size rows = in->rows;
    sq_device *device = sq_device_of(layer);

    if (own->x_spent) /* a second way back over the same pass */
        sq_cuda_mask_rows(own, in->value, false, own->x);
    own->x_spent = false;
    if (distinct && (!W_x->frozen || in->gradient_wanted)) {
        sq_cuda_list_rows(layer->inputs[0], distinct);
        rows = sq_cuda_word_rows(layer->inputs[0], distinct);
        sq_device_sum_word_rows(device,
                                sq_sum_word_rows{rows, columns, dz,
                                                 sq_list(layer->model, distinct->rows),
                                                 sq_list(layer->model, distinct->begin),
                                                 NULL, false, own->dz_of_words});
        dz = own->dz_of_words;
    }
    if (!W_x->frozen && distinct && distinct->one_hot)
        sq_for_each(device, rows * columns,
                    sq_scatter_rows{columns, dz, sq_list(layer->model, distinct->words),
                                    W_x->gradient});
    else if (!W_x->frozen)
        sq_device_product(device, true, false, in->features, columns, rows, own->input,
                          in->features, dz, columns, true, W_x->gradient, columns);
    if (b && !b->frozen)
        sq_device_column_sums(device, rows, columns, dz, columns, b->gradient);
    if (in->gradient_wanted)
        sq_cuda_input_gradient(own, rows, dz);
}

/* ---- the weights of the recurrence ---- */

/* dW = dL/d(some columns of W_h) += sum_t h_(t-1)^T dz_t. */
static void sq_cuda_add_recurrent_gradient(const sq_recurrent *own, seqnn_size columns,
                                           const seqnn_real *dz, seqnn_size dz_row,
                                           seqnn_real *dW)
{
    const seqnn_size units = own->units;
    sq_met_rows met[2];
    const int pieces = sq_rows_that_met(&own->sweep, met);
    for (int i = 0; i < pieces; i++)
        sq_device_product(sq_device_of(&own->base), true, false, units, columns,
                          met[i].rows, met[i].h, units, dz + met[i].first * dz_row,
                          dz_row, true, dW, own->kind->gates * units);
}

static void sq_cuda_gru_gradient(const sq_recurrent *own, seqnn_real *dW_h,
                                 seqnn_real *db_h)
{
    const sq_sweep *sweep = &own->sweep;
    const seqnn_size units = own->units, all = 3 * units, rows = sweep->packing->rows;
    sq_device *device = sq_device_of(&own->base);
    sq_cuda_add_recurrent_gradient(own, 2 * units, sweep->dgates, all, dW_h);
    if (sweep->reset == SEQNN_RESET_BEFORE)
        sq_device_product(device, true, false, units, units, rows, sweep->inner, units,
                          sweep->dgates + 2 * units, all, true, dW_h + 2 * units, all);
    else
        sq_cuda_add_recurrent_gradient(own, units, sweep->dinner, units,
                                       dW_h + 2 * units);
    if (!db_h)
        return;
    sq_device_column_sums(device, rows, 2 * units, sweep->dgates, all, db_h);
    sq_device_column_sums(device, rows, units, sweep->dinner, units, db_h + 2 * units);
}

/* ---- the layer ---- */

static seqnn_status sq_cuda_recurrent(seqnn_layer *layer, seqnn_mode mode)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    seqnn_status status = sq_check_sequences(layer);
    if (status)
        return status;
    own->sweep.packing = layer->in->packing;
    sq_cuda_start_dropout(own, mode);
    status = sq_cuda_start_states(own, layer->in->packing);
    if (status)
        return status;
    sq_cuda_input(own);
    sq_sweep_weights(own);
    sq_cuda_sweep_forward(own);
    sq_cuda_final_states(own);
    sq_recurrent_ran(own);
    return SEQNN_OK;
}

static void sq_cuda_recurrent_back(seqnn_layer *layer)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    const seqnn_parameter *b_h = sq_recurrent_bias(layer, "b_h");
    const seqnn_size columns = own->kind->gates * own->units;
    sq_cuda_final_gradients(own);
    own->sweep.dh = own->return_sequences ? layer->out.gradient : NULL;
    own->sweep.flow = layer->model->record_flow ? own->flow : NULL;
    sq_cuda_sweep_backward(own);
    sq_cuda_initial_gradients(own);
    sq_cuda_input_back(own);
    if (!sq_trains(layer, SQ_W_H))
        return;
    seqnn_real *dW_h = layer->parameters[SQ_W_H].view.gradient;
    if (own->kind->gates == 3)
        sq_cuda_gru_gradient(own, dW_h, b_h ? b_h->gradient : NULL);
    else
        sq_cuda_add_recurrent_gradient(own, columns, own->sweep.dgates, columns, dW_h);
}

/* ------------------------------------------------------------------- cuda/update.cuh */

/* cuda/update.cuh - norms, clips and updates on a device (private)
 *
 * What train/clip.c and train/optimizer.c do, for all gradients at once: a launch takes a
 * list of tensors by value, cut into pieces of equal size, and each block has one piece.
 * Of an embedding's table only the rows that the batch has touched are in the list.
 */

/* ---- touched rows of a table ---- */

/* How many there are; those that are no rows (-1) make up the rest. */
static seqnn_size sq_cuda_touched_rows(const sq_parameter *table)
{
    return sq_rounded_up(table->touched->count, table->view.rows);
}

/* The list of them on the device, to which the CPU only appends until the gradients are
 * cleared. */
static const int32_t *sq_cuda_touched(const sq_cuda *cuda, const sq_parameter *table)
{
    sq_touched *touched = table->touched;
    const seqnn_size rows = sq_cuda_touched_rows(table), first = touched->copied;
    for (seqnn_size t = touched->count; t < rows && first < touched->count; t++)
        touched->rows[t] = -1;
    if (first < touched->count)
        sq_device_up(cuda->device, touched->copy + first, touched->rows + first,
                     (size_t)(rows - first) * sizeof(int32_t));
    touched->copied = touched->count;
    return touched->copy;
}

struct sq_clear_rows {
    seqnn_size columns;
    const int32_t *rows;
    seqnn_real *table;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const int32_t row = rows[i / columns];
        if (row >= 0)
            table[row * columns + i % columns] = 0;
    }
};

static void sq_cuda_clear_rows(seqnn_model *model, const sq_parameter *parameter)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const seqnn_size columns = parameter->view.columns;
    const bool copied = parameter->touched->copied == parameter->touched->count;
    const int32_t *rows = sq_cuda_touched(cuda, parameter);
    sq_for_each(cuda->device, sq_cuda_touched_rows(parameter) * columns,
                sq_clear_rows{columns, rows, parameter->view.gradient});
    if (!copied) /* the CPU begins the list anew */
        sq_device_status(cuda->device);
}

/* ---- all trained gradients ---- */

struct sq_gradient_tensor {
    seqnn_real *g;
    const int32_t *rows;              /* of a table, or NULL: all of it */
    seqnn_size columns, count, block; /* elements; the first of its blocks */
    double factor;                    /* of a change */
};

struct sq_gradient_tensors {
    enum { MOST = 32, PIECE = SQ_GRADIENT_PIECE, THREADS = 256 };
    seqnn_size count, blocks;
    sq_gradient_tensor tensor[MOST];

    SQ_BOTH int of_block(seqnn_size block) const
    {
        int k = (int)count - 1;
        while (tensor[k].block > block)
            k--;
        return k;
    }
};

/* Element i of a tensor; NULL: it is none. */
SQ_BOTH static inline seqnn_real *sq_gradient_at(const sq_gradient_tensor &tensor,
                                                 seqnn_size i)
{
    if (!tensor.rows)
        return tensor.g + i;
    const int32_t row = tensor.rows[i / tensor.columns];
    return row < 0 ? NULL : tensor.g + row * tensor.columns + i % tensor.columns;
}

/* The next of the model's trained parameters, as many as a launch takes; none: the end.
 */
static sq_gradient_tensors sq_next_tensors(const seqnn_model *model, seqnn_size *layer,
                                           int *number)
{
    sq_gradient_tensors list;
    memset(&list, 0, sizeof list);
    while (list.count < sq_gradient_tensors::MOST) {
        const sq_parameter *p = sq_next_trained(model, layer, number);
        if (!p)
            break;
        sq_gradient_tensor *tensor = &list.tensor[list.count++];
        tensor->g = p->view.gradient;
        tensor->columns = p->view.columns;
        tensor->count = p->view.rows * p->view.columns;
        tensor->block = list.blocks;
        if (p->touched) {
            tensor->rows = sq_cuda_touched((const sq_cuda *)model->device, p);
            tensor->count = sq_cuda_touched_rows(p) * p->view.columns;
        }
        list.blocks +=
            (tensor->count + sq_gradient_tensors::PIECE - 1) / sq_gradient_tensors::PIECE;
    }
    return list;
}

/* sums[block] = the sum of squares of its piece. */
struct sq_sum_squares_of_pieces {
    sq_gradient_tensors list;
    double *sums;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(sq_gradient_tensors::THREADS) + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        if (p == phases() - 1) {
            if (at.thread == 0)
                sums[at.block] = shared[0];
            return;
        }
        double sum = 0;
        if (p == 0) {
            const sq_gradient_tensor &tensor = list.tensor[list.of_block(at.block)];
            const seqnn_size piece = sq_gradient_tensors::PIECE;
            const seqnn_size begin = (at.block - tensor.block) * piece;
            const seqnn_size end = sq_min(tensor.count, begin + piece);
            for (seqnn_size i = begin + at.thread; i < end; i += at.threads) {
                const seqnn_real *g = sq_gradient_at(tensor, i);
                sum += g ? (double)*g * (double)*g : 0;
            }
        }
        sq_block_combine(p, at, sum, false, shared);
    }
};

/* squares[tensor] = the sum of the sums of its pieces. A block for each tensor. */
struct sq_sum_pieces {
    sq_gradient_tensors list;
    const double *sums;
    double *squares;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(sq_gradient_tensors::THREADS) + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        if (p == phases() - 1) {
            if (at.thread == 0)
                squares[at.block] = shared[0];
            return;
        }
        const bool last = at.block == list.count - 1;
        const seqnn_size end = last ? list.blocks : list.tensor[at.block + 1].block;
        double sum = 0;
        for (seqnn_size i = list.tensor[at.block].block + at.thread; p == 0 && i < end;
             i += at.threads)
            sum += sums[i];
        sq_block_combine(p, at, sum, false, shared);
    }
};

static sq_grid sq_grid_of_sums(seqnn_size blocks)
{
    const seqnn_size threads = sq_gradient_tensors::THREADS;
    return sq_grid{blocks, threads, (size_t)threads * sizeof(double), 0};
}

/* squares = the sums of squares of the trained parameters; returns how many they are. */
static seqnn_size sq_run_squares(const seqnn_model *model, double *pieces,
                                 double *squares)
{
    sq_device *device = ((const sq_cuda *)model->device)->device;
    seqnn_size layer = 0, tensors = 0;
    int number = 0;
    for (;;) {
        const sq_gradient_tensors list = sq_next_tensors(model, &layer, &number);
        if (list.count == 0)
            return tensors;
        if (list.blocks > 0)
            sq_device_run(device, sq_grid_of_sums(list.blocks),
                          sq_sum_squares_of_pieces{list, pieces});
        sq_device_run(device, sq_grid_of_sums(list.count),
                      sq_sum_pieces{list, pieces, squares + tensors});
        tensors += list.count;
    }
}

static seqnn_status sq_cuda_squares(seqnn_model *model, double *squares)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    const void *found = NULL;
    sq_cuda_judged judged;
    if (sq_cuda_judged_there(model, &judged)) {
        const seqnn_size tensors = sq_run_squares(model, judged.pieces, judged.squares);
        const seqnn_size bytes = tensors * (seqnn_size)sizeof *squares;
        found = sq_cuda_down(cuda, judged.squares, bytes);
        if (found)
            memcpy(squares, found, (size_t)bytes);
    }
    return found ? SEQNN_OK : sq_device_status(cuda->device);
}

struct sq_change_pieces {
    sq_gradient_tensors list;
    sq_wide<bool> clamps;
    double least, most;
    const double *factors; /* of each tensor; NULL: those of the list */
    const sq_cuda_go *go;  /* or NULL */
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        const int k = list.of_block(at.block);
        const sq_gradient_tensor &tensor = list.tensor[k];
        const seqnn_size piece = sq_gradient_tensors::PIECE;
        const seqnn_size begin = (at.block - tensor.block) * piece;
        const seqnn_size end = sq_min(tensor.count, begin + piece);
        const double factor = factors ? factors[k] : tensor.factor;
        if ((!clamps && factor == 1) || (go && go->stop != 0))
            return;
        for (seqnn_size i = begin + at.thread; i < end; i += at.threads) {
            seqnn_real *g = sq_gradient_at(tensor, i);
            if (g)
                *g = clamps ? sq_clamped(*g, (seqnn_real)least, (seqnn_real)most)
                            : sq_scaled(*g, factor);
        }
    }
};

/* The change by the CPU's factors, or (judged) by those that were judged. */
static void sq_run_change(const seqnn_model *model, const sq_gradient_change *change,
                          const sq_cuda_judged *judged)
{
    const double *factors = change->factors, *there = judged ? judged->factors : NULL;
    seqnn_size layer = 0;
    int number = 0;
    for (;;) {
        sq_gradient_tensors list = sq_next_tensors(model, &layer, &number);
        if (list.count == 0)
            return;
        for (int k = 0; k < list.count; k++)
            list.tensor[k].factor = factors ? *factors++ : change->factor;
        if (list.blocks > 0)
            sq_device_run(((const sq_cuda *)model->device)->device,
                          sq_grid{list.blocks, sq_gradient_tensors::THREADS, 0, 0},
                          sq_change_pieces{list, change->clamps, change->least,
                                           change->most, there,
                                           judged ? judged->go : NULL});
        if (there)
            there += list.count;
    }
}

static void sq_cuda_change(seqnn_model *model, const sq_gradient_change *change)
{
    sq_run_change(model, change, NULL);
}

static void sq_cuda_scale(seqnn_model *model, seqnn_real *x, seqnn_size count,
                          double factor)
{
    sq_for_each(((const sq_cuda *)model->device)->device, count, sq_scale_by{factor, x});
}

/* ---- a step that is judged here ---- */

/* What clip.c and train.c decide from the loss and the sums of squares: whether the step
 * is to stop, and what the gradients are taken times. One block. */
struct sq_judge_step {
    sq_clip clip;
    sq_wide<bool> first; /* of the step */
    seqnn_size tensors;
    const double *loss, *squares;
    double *factors;
    sq_cuda_go *go;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 3;
    }
    SQ_BOTH void decide() const
    {
        bool stop = first ? !isfinite((seqnn_real)*loss) : go->stop != 0;
        double total = 0;
        for (seqnn_size k = 0; k < tensors; k++) {
            stop = stop || !isfinite(squares[k]);
            total += squares[k];
        }
        go->stop = stop;
        if (clip.kind == SQ_CLIP_NORM)
            go->factor = sq_clip_factor(sqrt(total), clip.threshold, clip.lower);
        else if (first)
            go->factor = 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        if (p == 0 && at.thread == 0)
            decide();
        for (seqnn_size k = at.thread; p == 1 && k < tensors; k += at.threads)
            factors[k] =
                clip.kind == SQ_CLIP_NORMS
                    ? sq_clip_factor(sqrt(squares[k]), clip.threshold, clip.lower)
                    : go->factor;
        /* What grows has grown in memory. */
        if (p == 2 && at.thread == 0 && clip.kind == SQ_CLIP_NORM && go->factor > 1)
            go->factor = 1;
    }
};

static void sq_cuda_begin(seqnn_model *model)
{
    sq_device_begin(((sq_cuda *)model->device)->device);
}

static void sq_cuda_judge(seqnn_model *model, const sq_clip *clip, int number)
{
    sq_cuda_judged judged;
    if (!sq_cuda_judged_there(model, &judged))
        return;
    double *squares = judged.squares + number * judged.parameters;
    const seqnn_size tensors = sq_run_squares(model, judged.pieces, squares);
    sq_device_run(((sq_cuda *)model->device)->device, sq_grid{1, 64, 0, 0},
                  sq_judge_step{*clip, number == 0, tensors, judged.sums, squares,
                                judged.factors, judged.go});
    sq_gradient_change change = {false, 0, 0, 1, NULL};
    if (clip->kind == SQ_CLIP_VALUES)
        change = sq_change_of_values(clip->threshold, clip->lower);
    if (clip->kind == SQ_CLIP_VALUES || clip->kind == SQ_CLIP_NORMS ||
        (clip->kind == SQ_CLIP_NORM && clip->lower > 0))
        sq_run_change(model, &change, &judged);
}

static seqnn_status sq_cuda_judged_down(seqnn_model *model, int clips, sq_loss_sums *sums,
                                        double *squares)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_cuda_judged there;
    sq_arena arena = {};
    if (sq_cuda_judged_there(model, &there))
        arena.memory = (char *)sq_cuda_down(cuda, there.sums,
                                            (char *)there.factors - (char *)there.sums);
    if (!arena.memory)
        return sq_device_status(cuda->device);
    const sq_cuda_judged here = sq_cut_judged(model, &arena);
    sums->loss = here.sums[0];
    sums->right = here.sums[1];
    seqnn_size layer = 0, tensors = 0;
    int number = 0;
    while (sq_next_trained(model, &layer, &number))
        tensors++;
    for (int i = 0; i < clips; i++)
        memcpy(squares + i * tensors, here.squares + i * here.parameters,
               (size_t)tensors * sizeof *squares);
    return SEQNN_OK;
}

/* ---- updates ---- */

/* Weight i by the equations of train/optimizer_kernels.inc, for one number. */
struct sq_update_weight {
    const sq_update *numbers;
    const sq_cuda_go *go;
    sq_wide<seqnn_optimizer_kind> kind;
    seqnn_real *w;
    const seqnn_real *g;
    seqnn_real *m, *v; /* or NULL */

    SQ_BOTH void apply(seqnn_size i, bool gradient) const
    {
        const sq_update update = *numbers;
        seqnn_real scaled = 0;
        if (go->stop != 0)
            return;
        if (gradient)
            scaled = go->factor == 1 ? g[i] : sq_scaled(g[i], go->factor);
        const seqnn_real *from = gradient ? &scaled : NULL;
        seqnn_real *own_m = m ? m + i : NULL, *own_v = v ? v + i : NULL;
        switch (kind) {
        case SEQNN_SGD:
            sq_update_sgd_plain(&update, 1, w + i, from, own_m, own_v);
            break;
        case SEQNN_RMSPROP:
            sq_update_rmsprop_plain(&update, 1, w + i, from, own_m, own_v);
            break;
        case SEQNN_ADAGRAD:
            sq_update_adagrad_plain(&update, 1, w + i, from, own_m, own_v);
            break;
        default:
            sq_update_adam_plain(&update, 1, w + i, from, own_m, own_v);
        }
    }
    SQ_BOTH void operator()(seqnn_size i) const
    {
        apply(i, true);
    }
};

/* Touched rows alone. */
struct sq_update_touched {
    sq_update_weight weight;
    seqnn_size columns;
    const int32_t *rows;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const int32_t row = rows[i / columns];
        if (row >= 0)
            weight.apply(row * columns + i % columns, true);
    }
};

/* While a table is updated, what a row's `moved` says of it. */
enum { SQ_RESTS = 0, SQ_MOVED = 1, SQ_TOUCHED = 2 };

struct sq_mark_rows {
    const int32_t *rows;
    const sq_cuda_go *go;
    uint8_t *moved;
    sq_wide<uint8_t> mark;
    SQ_BOTH void operator()(seqnn_size t) const
    {
        if (rows[t] >= 0 && go->stop == 0)
            moved[rows[t]] = mark;
    }
};

struct sq_update_table_rows {
    sq_update_weight weight;
    seqnn_size columns;
    sq_wide<bool> skip_unmoved;
    const uint8_t *moved;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const uint8_t mark = moved[i / columns];
        if (mark != SQ_RESTS || !skip_unmoved)
            weight.apply(i, mark == SQ_TOUCHED);
    }
};

/* Touched rows have moved, and if none is left to rest, all have. */
struct sq_settle_marks {
    const sq_cuda_go *go;
    uint8_t *moved;
    sq_wide<bool> all;
    SQ_BOTH void operator()(seqnn_size row) const
    {
        if (go->stop == 0 && (all || moved[row] == SQ_TOUCHED))
            moved[row] = SQ_MOVED;
    }
};

/* Which rows are updated, and how, is what optimizer.c's sq_update_of_row says. */
static void sq_cuda_update_table(const sq_cuda *cuda, const sq_update_range *range,
                                 const sq_update_weight &weight)
{
    const sq_parameter *table = range->table;
    uint8_t *moved = table->touched->moved;
    const seqnn_size columns = table->view.columns, rows = table->view.rows;
    const seqnn_size count = sq_cuda_touched_rows(table);
    const int32_t *list = sq_cuda_touched(cuda, table);
    const uint8_t mark = range->skip_untouched ? SQ_MOVED : SQ_TOUCHED;
    sq_for_each(cuda->device, count, sq_mark_rows{list, weight.go, moved, mark});
    if (range->skip_untouched) {
        sq_for_each(cuda->device, count * columns,
                    sq_update_touched{weight, columns, list});
        return;
    }
    sq_for_each(cuda->device, rows * columns,
                sq_update_table_rows{weight, columns, range->skip_unmoved, moved});
    sq_for_each(cuda->device, rows,
                sq_settle_marks{weight.go, moved, !range->skip_unmoved});
}

static void sq_cuda_numbers_up(seqnn_model *model, const sq_update *update,
                               const double *factor)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    cuda->judges = !factor;
    if (!sq_cuda_has_numbers(cuda))
        return;
    sq_cuda_numbers *here = (sq_cuda_numbers *)cuda->numbers_here.memory;
    here->update = *update;
    here->go = sq_cuda_go{0, factor ? *factor : 1};
    sq_device_up(cuda->device, &sq_cuda_numbers_there(cuda)->update, &here->update,
                 sizeof *here - offsetof(sq_cuda_numbers, update));
}

static void sq_cuda_update(seqnn_model *model, const sq_update_range *range,
                           seqnn_size count)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const sq_cuda_numbers *numbers = sq_cuda_numbers_there(cuda);
    sq_cuda_judged judged;
    if (!numbers || !sq_cuda_judged_there(model, &judged))
        return; /* the device is in error */
    const sq_update_weight weight = {
        &numbers->update, cuda->judges ? judged.go : &numbers->go,
        range->kind,      range->w,
        range->g,         range->m,
        range->v};
    if (range->table)
        sq_cuda_update_table(cuda, range, weight);
    else
        sq_for_each(cuda->device, count, weight);
}

/* ----------------------------------------------------------------- cuda/word2vec.cuh */

/* cuda/word2vec.cuh - a batch of word2vec on a device (private)
 *
 * The equations are those of words/window.h. The windows of a batch go forward side by
 * side, a block of threads for each; then every row that changes has a block, which adds
 * up its steps in the order of the text. The CPU says which rows these are, and of which
 * windows:
 *
 *     output rows      7       2     11        row
 *     predictions      0 5 9 | 1 4 | 2         entry: of the batch, in order
 *                      0       3     5    6    begin
 */
#ifdef SEQNN_WORDS

/* Rows of a matrix, and what changes each. */
struct sq_changed_rows {
    seqnn_size count;
    int32_t *row, *begin, *entry;
};

/* A batch as the CPU has drawn it. Its inputs h are the means of CBOW, one for each
 * window that has contexts, or all contexts of skip-gram; both are numbered through the
 * batch. */
struct sq_word_lists {
    seqnn_size windows, most_outputs;
    int32_t *input_begin, *context_begin; /* [windows + 1] */
    int32_t *context;
    int32_t *outputs; /* [windows] K */
    int32_t *output;  /* [windows, most_outputs] */
    seqnn_real *times;
    sq_changed_rows u; /* entry: the prediction, input most_outputs + k */
    sq_changed_rows v; /* entry: the input whose gradient it takes */
};

/* Cuts them out of an arena: for so many contexts, and predictions. */
static sq_word_lists sq_cut_word_lists(sq_arena *arena, seqnn_size windows,
                                       seqnn_size contexts, seqnn_size predictions,
                                       seqnn_size most_outputs)
{
    const size_t size = sizeof(int32_t);
    const seqnn_size all = sq_multiply(windows, most_outputs);
    sq_word_lists lists;
    memset(&lists, 0, sizeof lists);
    lists.windows = windows;
    lists.most_outputs = most_outputs;
    lists.input_begin = (int32_t *)sq_arena_take(arena, windows + 1, size);
    lists.context_begin = (int32_t *)sq_arena_take(arena, windows + 1, size);
    lists.context = (int32_t *)sq_arena_take(arena, contexts, size);
    lists.outputs = (int32_t *)sq_arena_take(arena, windows, size);
    lists.output = (int32_t *)sq_arena_take(arena, all, size);
    lists.times = (seqnn_real *)sq_arena_take(arena, all, sizeof(seqnn_real));
    sq_changed_rows *changed[] = {&lists.u, &lists.v};
    const seqnn_size entries[] = {predictions, contexts};
    for (int m = 0; m < 2; m++) {
        changed[m]->row = (int32_t *)sq_arena_take(arena, entries[m], size);
        changed[m]->begin = (int32_t *)sq_arena_take(arena, entries[m] + 1, size);
        changed[m]->entry = (int32_t *)sq_arena_take(arena, entries[m], size);
    }
    return lists;
}

/* What the windows of a batch leave for the rows. */
struct sq_word_signals {
    seqnn_real *h, *back; /* [inputs, row] h; share g */
    seqnn_real *error;    /* [inputs, most_outputs] e */
};

/* A window goes forward: a block for each. Its scores are sums of `lanes` threads each.
 */
struct sq_window_forward {
    enum { THREADS = 128, LANES = 16 };
    sq_word_lists lists;
    sq_word_matrices matrices;
    sq_word_signals to;
    bool cbow, historical;
    seqnn_size lanes;
    seqnn_real rate;
    double *loss; /* [windows] or NULL */
    struct state {
        double loss;
    };
    enum { INPUTS, PRODUCTS, ERRORS, BACK, LOSS };

    SQ_BOTH seqnn_size phases() const
    {
        return loss ? LOSS + sq_block_phases(THREADS) + 1 : (seqnn_size)LOSS;
    }

    /* This thread's window. */
    struct view {
        int32_t window, first, inputs, outputs;
        const int32_t *context, *output;
        int32_t contexts;
    };
    SQ_BOTH view of(const sq_place &at) const
    {
        const seqnn_size w = at.block;
        const int32_t first = lists.input_begin[w], begin = lists.context_begin[w];
        return view{(int32_t)w,
                    first,
                    lists.input_begin[w + 1] - first,
                    lists.outputs[w],
                    lists.context + begin,
                    lists.output + w * lists.most_outputs,
                    lists.context_begin[w + 1] - begin};
    }
    SQ_BOTH const seqnn_real *u(const view &own, int32_t k) const
    {
        return matrices.output + own.output[k] * matrices.row;
    }
    SQ_BOTH seqnn_real *e(const view &own, int32_t i) const
    {
        return to.error + (own.first + i) * lists.most_outputs;
    }

    /* h is copied for skip-gram too: the rows change before all steps are made. */
    SQ_BOTH void write_inputs(const view &own, const sq_place &at) const
    {
        const seqnn_size row = matrices.row;
        for (int32_t i = 0; i < own.inputs; i++)
            for (seqnn_size j = at.thread; j < row; j += at.threads) {
                seqnn_real sum = 0;
                for (int32_t c = cbow ? 0 : i; c < (cbow ? own.contexts : i + 1); c++)
                    sum += matrices.input[own.context[c] * row + j];
                to.h[(own.first + i) * row + j] =
                    cbow ? sum / (seqnn_real)own.contexts : sum;
            }
    }

    /* Every lane's part of the score of a pair (i, k). */
    SQ_BOTH void write_products(const view &own, const sq_place &at,
                                seqnn_real *shared) const
    {
        const int32_t pairs = own.inputs * own.outputs, width = (int32_t)lanes;
        const int32_t lane = (int32_t)at.thread % width;
        for (int32_t pair = (int32_t)at.thread / width; pair < pairs;
             pair += (int32_t)at.threads / width) {
            const int32_t i = pair / own.outputs, k = pair % own.outputs;
            const seqnn_real *h = to.h + (own.first + i) * matrices.row, *u_k = u(own, k);
            seqnn_real sum = 0;
            for (seqnn_size j = lane; j < matrices.row; j += width)
                sum += u_k[j] * h[j];
            if (width > 1)
                shared[pair * width + lane] = sum;
            else
                e(own, i)[k] = sum;
        }
    }

    /* e = rate m (label - sigmoid(s)); returns the loss. */
    SQ_BOTH double write_errors(const view &own, const sq_place &at,
                                const seqnn_real *shared) const
    {
        const int32_t pairs = own.inputs * own.outputs;
        const seqnn_real *times = lists.times + own.window * lists.most_outputs;
        double sum = 0;
        for (int32_t pair = (int32_t)at.thread; pair < pairs;
             pair += (int32_t)at.threads) {
            const int32_t i = pair / own.outputs, k = pair % own.outputs;
            seqnn_real s = lanes > 1 ? shared[pair * lanes] : e(own, i)[k];
            for (seqnn_size lane = 1; lane < lanes; lane++)
                s += shared[pair * lanes + lane];
            const seqnn_real label = k == 0 ? 1 : 0;
            if (loss)
                sum += (double)times[k] * sq_logistic_loss((double)(k == 0 ? s : -s));
            e(own, i)[k] = rate * times[k] * (label - sq_device_logistic(s));
        }
        return sum;
    }

    SQ_BOTH void write_back(const view &own, const sq_place &at) const
    {
        const seqnn_size row = matrices.row;
        const bool mean = cbow && !historical;
        const seqnn_real share = mean ? 1 / (seqnn_real)sq_max(own.contexts, 1) : 1;
        for (int32_t i = 0; i < own.inputs; i++)
            for (seqnn_size j = at.thread; j < row; j += at.threads) {
                const seqnn_real *error = e(own, i);
                seqnn_real sum = 0;
                for (int32_t k = 0; k < own.outputs; k++)
                    sum += error[k] * u(own, k)[j];
                to.back[(own.first + i) * row + j] = share * sum;
            }
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const view window = of(at);
        if (p == INPUTS)
            write_inputs(window, at);
        else if (p == PRODUCTS)
            write_products(window, at, (seqnn_real *)at.shared);
        else if (p == ERRORS)
            own.loss = write_errors(window, at, (const seqnn_real *)at.shared);
        else if (p == BACK)
            write_back(window, at);
        else if (p < phases() - 1)
            sq_block_combine(p - LOSS, at, own.loss, false, (double *)at.shared);
        else if (at.thread == 0)
            loss[at.block] = *(const double *)at.shared;
    }
};

/* Every row takes its steps: a block for each, the output rows first.
 *
 *     u_k += sum e_ik h_i      v_c += sum share g
 */
struct sq_rows_step {
    sq_word_lists lists;
    sq_word_matrices matrices;
    sq_word_signals from;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void change_output(seqnn_size r, const sq_place &at) const
    {
        const sq_changed_rows &of = lists.u;
        const int32_t outputs = (int32_t)lists.most_outputs, end = of.begin[r + 1];
        seqnn_real *u = matrices.output + of.row[r] * matrices.row;
        for (seqnn_size j = at.thread; j < matrices.row; j += at.threads) {
            seqnn_real sum = u[j];
            for (int32_t n = of.begin[r]; n < end; n++) {
                const int32_t at_n = of.entry[n];
                sum += from.error[at_n] * from.h[at_n / outputs * matrices.row + j];
            }
            u[j] = sum;
        }
    }
    SQ_BOTH void change_input(seqnn_size r, const sq_place &at) const
    {
        const sq_changed_rows &of = lists.v;
        const int32_t end = of.begin[r + 1];
        seqnn_real *v = matrices.input + of.row[r] * matrices.row;
        for (seqnn_size j = at.thread; j < matrices.row; j += at.threads) {
            seqnn_real sum = v[j];
            for (int32_t n = of.begin[r]; n < end; n++)
                sum += from.back[of.entry[n] * matrices.row + j];
            v[j] = sum;
        }
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        if (at.block < lists.u.count)
            change_output(at.block, at);
        else
            change_input(at.block - lists.u.count, at);
    }
};

/* The loss of every batch of a round: a block for each. */
struct sq_sum_losses {
    enum { THREADS = 256 };
    seqnn_size capacity;
    const double *loss; /* [batches, capacity] of the windows, 0 where there is none */
    double *sums;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(THREADS) + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        double sum = 0;
        if (p == phases() - 1) {
            if (at.thread == 0)
                sums[at.block] = shared[0];
            return;
        }
        for (seqnn_size w = at.thread; p == 0 && w < capacity; w += at.threads)
            sum += loss[at.block * capacity + w];
        sq_block_combine(p, at, sum, false, shared);
    }
};

/* The numbers that sq_word2vec_tell looks at. */
struct sq_look_at_words {
    sq_word_matrices matrices;
    seqnn_size last; /* row of the outputs */
    double *seen;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size at = i == 0 ? 0 : (i - 1) * last * matrices.row;
        seen[i] = (double)(i == 0 ? matrices.input : matrices.output)[at];
    }
};

#endif

/* ----------------------------------------------------------- cuda/word2vec_train.cuh */

/* cuda/word2vec_train.cuh - a training of word2vec on a device (private)
 *
 * Batches are taken in rounds of some dozen. While the device works on one round, the CPU
 * reads the text and draws the next: every thread whole batches, for windows do not
 * depend on the vectors. Up go the windows and the rows they change, down comes a handful
 * of numbers, among them the losses if they are wanted.
 */
#ifdef SEQNN_WORDS

enum {
    SQ_WORDS_MEMBERS = 64,          /* threads of the CPU at most */
    SQ_WORDS_PASSAGES = 16,         /* read at a time */
    SQ_WORDS_ROUND_BYTES = 8 << 20, /* of windows, unless one batch has more */
    SQ_WORDS_ROUND = 256,           /* batches at most */
    SQ_WORDS_SEEN = 3               /* numbers of sq_look_at_words */
};

/* A passage, and where its batches begin. */
struct sq_words_passage {
    sq_passage passage;
    sq_centre *before; /* [batches] the last centre ahead of each */
    seqnn_size batches, capacity;
    seqnn_status status;
    char error[512]; /* its sentence: seqnn_error() is the thread's own */
};

/* A batch of a round: what is to be drawn, and how much it came to. */
struct sq_words_batch {
    const sq_passage *passage;
    sq_centre before;
    double rate;
    sq_word_lists lists; /* in the CPU's memory */
    seqnn_size contexts, predictions, inputs, bytes;
};

struct sq_words_round {
    sq_words_batch *batch;
    seqnn_size count, epoch;
    int64_t words; /* of the corpus, when it is done; -1: no passage ends in it */
    char *memory;  /* [most, batch_bytes] their lists */
};

/* What a thread of the CPU needs to draw. */
struct sq_words_helper {
    sq_batch batch;
    int32_t *place;                /* [words] all zero between two lists */
    int32_t *word, *entry, *which; /* [of a list] */
};

struct sq_cuda_words {
    sq_word2vec *w;
    sq_device *device;
    sq_word_matrices matrices;
    sq_word_signals signals;
    seqnn_size lanes, inputs; /* inputs: of a window at most */
    char *lists;              /* the copy of a round's */
    double *loss;             /* [most, capacity] of the windows, or NULL */
    double *seen;             /* what comes down: SQ_WORDS_SEEN, then 1 of each batch */
    double *seen_here;
    seqnn_size capacity, batch_bytes, most; /* windows of a batch, batches of a round */
    sq_words_round round[2], *drawn, *next; /* drawn: goes up at the next step, or NULL */
    sq_words_helper *helper;
    seqnn_size members, taken; /* batches of a round that a thread has taken */
    sq_words_passage passage[SQ_WORDS_PASSAGES];
    seqnn_size first, ahead;         /* passages, over all epochs; how many are read */
    seqnn_size at_passage, at_batch; /* the next of them */
    int64_t words;                   /* of the corpus, before at_passage */
    bool stopped;
};

/* ---- what the CPU prepares ---- */

/* Lists the rows among word[0 .. count), and the entries of each in their order: a
 * counting sort. */
static void sq_list_changed(sq_words_helper *helper, const int32_t *word,
                            const int32_t *entry, seqnn_size count, sq_changed_rows *rows)
{
    int32_t *place = helper->place, *which = helper->which, *begin = rows->begin;
    int32_t found = 0;
    for (seqnn_size n = 0; n < count; n++) {
        int32_t *mine = &place[word[n]];
        if (*mine == 0) {
            rows->row[found] = word[n];
            begin[found] = 0;
            *mine = ++found;
        }
        which[n] = *mine - 1;
        begin[which[n]]++;
    }
    for (int32_t r = 0; r < found; r++)
        place[rows->row[r]] = 0;
    for (int32_t r = 1; r < found; r++) /* where each one's entries end ... */
        begin[r] += begin[r - 1];
    begin[found] = (int32_t)count;
    for (seqnn_size n = count - 1; n >= 0; n--) /* ... and, walked down, begin */
        rows->entry[--begin[which[n]]] = entry[n];
    rows->count = found;
}

/* How much the windows came to; one without contexts predicts nothing. */
static void sq_count_batch(const sq_batch *windows, sq_words_batch *batch)
{
    batch->contexts = batch->inputs = batch->predictions = 0;
    for (seqnn_size i = 0; i < windows->count; i++) {
        const sq_window *window = &windows->window[i];
        batch->contexts += window->contexts;
        batch->inputs += window->inputs;
        batch->predictions += window->inputs * window->outputs;
    }
}

static void sq_write_windows(const sq_batch *windows, sq_words_helper *helper,
                             sq_word_lists *lists)
{
    const seqnn_size most = lists->most_outputs;
    int32_t inputs = 0, contexts = 0;
    seqnn_size listed = 0;
    for (seqnn_size i = 0; i < windows->count; i++) {
        const sq_window *window = &windows->window[i];
        const size_t outputs = (size_t)window->outputs;
        lists->input_begin[i] = inputs;
        lists->context_begin[i] = contexts;
        lists->outputs[i] = (int32_t)outputs;
        memcpy(lists->context + contexts, window->context,
               (size_t)window->contexts * sizeof(int32_t));
        memcpy(lists->output + i * most, window->output, outputs * sizeof(int32_t));
        memcpy(lists->times + i * most, window->times, outputs * sizeof(seqnn_real));
        for (seqnn_size k = 0; k < window->outputs; k++)
            for (seqnn_size in = 0; in < window->inputs; in++) {
                helper->word[listed] = window->output[k];
                helper->entry[listed++] = (int32_t)((inputs + in) * most + k);
            }
        inputs += (int32_t)window->inputs;
        contexts += (int32_t)window->contexts;
    }
    lists->input_begin[windows->count] = inputs;
    lists->context_begin[windows->count] = contexts;
    sq_list_changed(helper, helper->word, helper->entry, listed, &lists->u);
    for (seqnn_size i = 0, n = 0; i < windows->count; i++)
        for (seqnn_size c = 0; c < windows->window[i].contexts; c++)
            helper->entry[n++] =
                lists->input_begin[i] + (windows->window[i].mean ? 0 : (int32_t)c);
    sq_list_changed(helper, lists->context, helper->entry, contexts, &lists->v);
}

static void sq_draw_batch(const sq_cuda_words *words, sq_words_helper *helper,
                          sq_words_batch *batch, char *memory)
{
    const sq_word2vec *w = words->w;
    sq_batch *windows = &helper->batch;
    sq_centre last = batch->before;
    sq_batch_take_centres(windows, batch->passage, &last);
    sq_windows_draw(windows, 0, windows->count, w, batch->passage, batch->rate);
    sq_count_batch(windows, batch);
    sq_arena arena = {};
    arena.memory = memory;
    batch->lists = sq_cut_word_lists(&arena, windows->count, batch->contexts,
                                     batch->predictions, w->most_outputs);
    batch->bytes = arena.used;
    sq_write_windows(windows, helper, &batch->lists);
}

static void sq_read_passage(const sq_cuda_words *words, sq_words_helper *helper,
                            sq_words_passage *passage, seqnn_size number)
{
    const seqnn_size segments = words->w->corpus.segments;
    sq_centre last = {-1, -1};
    passage->batches = 0;
    passage->status = sq_passage_read(&passage->passage, words->w, number / segments,
                                      number % segments);
    while (!passage->status && last.number + 1 < passage->passage.centres) {
        passage->status = sq_grow((void **)&passage->before, &passage->capacity,
                                  passage->batches + 1, sizeof *passage->before);
        if (!passage->status)
            passage->before[passage->batches++] = last;
        sq_batch_take_centres(&helper->batch, &passage->passage, &last);
    }
    if (passage->status)
        snprintf(passage->error, sizeof passage->error, "%s", seqnn_error());
}

/* ---- what the device does ---- */

/* The lists as they are in the device's memory. */
static sq_word_lists sq_lists_there(const sq_words_batch *batch, char *memory)
{
    sq_arena arena = {};
    arena.memory = memory;
    sq_word_lists lists =
        sq_cut_word_lists(&arena, batch->lists.windows, batch->contexts,
                          batch->predictions, batch->lists.most_outputs);
    lists.u.count = batch->lists.u.count;
    lists.v.count = batch->lists.v.count;
    return lists;
}

static void sq_run_batch(sq_cuda_words *words, const sq_words_batch *batch,
                         char *lists_at, double *loss)
{
    enum { THREADS = sq_window_forward::THREADS };
    const sq_word2vec *w = words->w;
    const sq_word_lists lists = sq_lists_there(batch, lists_at);
    const seqnn_size scores = words->inputs * w->most_outputs * words->lanes;
    const size_t shared =
        (size_t)sq_max(words->lanes > 1 ? scores * (seqnn_size)sizeof(seqnn_real) : 0,
                       THREADS * (seqnn_size)sizeof(double));
    sq_device_run(words->device, sq_grid{lists.windows, THREADS, shared, 0},
                  sq_window_forward{lists, words->matrices, words->signals,
                                    w->o.architecture == SEQNN_CBOW, w->o.historical_cbow,
                                    words->lanes, (seqnn_real)batch->rate, loss});
    const seqnn_size rows = lists.u.count + lists.v.count;
    const seqnn_size threads = sq_min(256, (words->matrices.row + 31) / 32 * 32);
    if (rows > 0)
        sq_device_run(words->device, sq_grid{rows, threads, 0, 0},
                      sq_rows_step{lists, words->matrices, words->signals});
}

/* The losses of a round are added up together, once all batches have been through. */
static void sq_put_losses(const sq_cuda_words *words, seqnn_size batches)
{
    const seqnn_size threads = sq_sum_losses::THREADS;
    if (words->loss && batches > 0)
        sq_device_run(
            words->device, sq_grid{batches, threads, (size_t)threads * sizeof(double), 0},
            sq_sum_losses{words->capacity, words->loss, words->seen + SQ_WORDS_SEEN});
}

static void sq_put_round(sq_cuda_words *words, const sq_words_round *round)
{
    if (words->loss)
        sq_device_clear(words->device, words->loss,
                        (size_t)(round->count * words->capacity) * sizeof(double));
    for (seqnn_size i = 0; i < round->count; i++)
        sq_device_up(words->device, words->lists + i * words->batch_bytes,
                     round->memory + i * words->batch_bytes,
                     (size_t)round->batch[i].bytes);
    for (seqnn_size i = 0; i < round->count; i++)
        sq_run_batch(words, &round->batch[i], words->lists + i * words->batch_bytes,
                     words->loss ? words->loss + i * words->capacity : NULL);
    sq_put_losses(words, round->count);
    sq_for_each(
        words->device, SQ_WORDS_SEEN,
        sq_look_at_words{words->matrices, words->w->result.output_rows - 1, words->seen});
}

/* Waits for a round, and says how far the training is. */
static seqnn_status sq_end_round(sq_cuda_words *words, const sq_words_round *round)
{
    sq_word2vec *w = words->w;
    const double *seen = words->seen_here;
    const seqnn_size numbers = SQ_WORDS_SEEN + (words->loss ? round->count : 0);
    const seqnn_status status = sq_device_down(
        words->device, words->seen_here, words->seen, (size_t)numbers * sizeof(double));
    if (status)
        return status;
    const seqnn_size last = (w->result.output_rows - 1) * w->matrices.row;
    w->matrices.input[0] = (seqnn_real)seen[0];
    w->matrices.output[0] = (seqnn_real)seen[1];
    w->matrices.output[last] = (seqnn_real)seen[2];
    for (seqnn_size i = 0; i < round->count && words->loss; i++) {
        w->losses[round->epoch] += seen[SQ_WORDS_SEEN + i];
        w->predictions[round->epoch] += (double)round->batch[i].inputs;
    }
    if (round->words >= 0)
        words->stopped = !sq_word2vec_tell(w, round->words);
    return SEQNN_OK;
}

/* ---- both at a time ---- */

/* The round that was drawn goes to the device, by the thread that opened it. */
static void sq_member_begins(sq_cuda_words *words, seqnn_size member)
{
    if (member == 0 && words->drawn)
        sq_put_round(words, words->drawn);
}

static void sq_words_read(void *context, seqnn_size member, seqnn_size members)
{
    sq_cuda_words *words = (sq_cuda_words *)context;
    sq_member_begins(words, member);
    for (seqnn_size i = member; i < words->ahead; i += members)
        sq_read_passage(words, &words->helper[member], &words->passage[i],
                        words->first + i);
}

/* The next batch that no thread has taken. */
static seqnn_size sq_take_batch(sq_cuda_words *words)
{
#ifdef __GNUC__
    return __atomic_fetch_add(&words->taken, 1, __ATOMIC_RELAXED);
#else
    return words->taken++; /* a team has one member there */
#endif
}

static void sq_words_draw(void *context, seqnn_size member, seqnn_size)
{
    sq_cuda_words *words = (sq_cuda_words *)context;
    sq_words_round *round = words->next;
    sq_member_begins(words, member);
    for (;;) {
        const seqnn_size i = sq_take_batch(words);
        if (i >= round->count)
            return;
        sq_draw_batch(words, &words->helper[member], &round->batch[i],
                      round->memory + i * words->batch_bytes);
    }
}

static void sq_words_nothing(void *context, seqnn_size member, seqnn_size)
{
    sq_member_begins((sq_cuda_words *)context, member);
}

static seqnn_status sq_words_step(sq_cuda_words *words, sq_team *team, sq_team_work work)
{
    const sq_words_round *put = words->drawn;
    words->taken = 0;
    sq_team_step(team, work, words);
    words->drawn = NULL;
    return put ? sq_end_round(words, put) : SEQNN_OK;
}

/* The next batches of the passages that were read, of one epoch; false: there are no
 * more. An epoch so ends with a round. */
static bool sq_next_round(sq_cuda_words *words)
{
    sq_words_round *round = words->next;
    round->count = 0;
    round->words = -1;
    while (words->at_passage < words->ahead) {
        const sq_words_passage *at = &words->passage[words->at_passage];
        const sq_passage *passage = &at->passage;
        if (round->count > 0 && passage->epoch != round->epoch)
            break;
        if (words->at_batch == at->batches) {
            words->words += passage->segment.words;
            round->words = words->words;
            words->at_passage++;
            words->at_batch = 0;
            continue;
        }
        if (round->count == words->most)
            break;
        sq_words_batch *batch = &round->batch[round->count++];
        const double share =
            (double)passage->segment.words / (double)sq_max(passage->centres, 1);
        round->epoch = passage->epoch;
        batch->passage = passage;
        batch->before = at->before[words->at_batch++];
        batch->rate = sq_word2vec_rate(
            words->w, (double)words->words + share * (double)(batch->before.number + 1));
    }
    return round->count > 0 || round->words >= 0;
}

static seqnn_status sq_words_lead(sq_team *team, void *context)
{
    sq_cuda_words *words = (sq_cuda_words *)context;
    const seqnn_size total = words->w->o.epochs * words->w->corpus.segments;
    seqnn_status status = SEQNN_OK;
    for (words->first = 0; words->first < total; words->first += SQ_WORDS_PASSAGES) {
        words->ahead = sq_min(total - words->first, SQ_WORDS_PASSAGES);
        words->at_passage = words->at_batch = 0;
        status = sq_words_step(words, team, sq_words_read);
        for (seqnn_size i = 0; i < words->ahead && !status; i++)
            if (words->passage[i].status)
                status = sq_fail(words->passage[i].status, "%s", words->passage[i].error);
        while (!status && !words->stopped && sq_next_round(words)) {
            status = sq_words_step(words, team, sq_words_draw);
            words->drawn = words->next;
            words->next = &words->round[words->next == words->round];
        }
        if (status || words->stopped)
            return status;
    }
    return sq_words_step(words, team, sq_words_nothing);
}

/* ---- from the beginning to the end ---- */

static void sq_matrices_up(const sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const size_t row = (size_t)w->matrices.row * sizeof(seqnn_real);
    sq_device_up(words->device, words->matrices.input, w->matrices.input,
                 (size_t)w->vocabulary.count * row);
    sq_device_up(words->device, words->matrices.output, w->matrices.output,
                 (size_t)w->result.output_rows * row);
}

static seqnn_status sq_matrices_down(const sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const size_t row = (size_t)w->matrices.row * sizeof(seqnn_real);
    const seqnn_status status =
        sq_device_down(words->device, w->matrices.input, words->matrices.input,
                       (size_t)w->vocabulary.count * row);
    return status
               ? status
               : sq_device_down(words->device, w->matrices.output, words->matrices.output,
                                (size_t)w->result.output_rows * row);
}

static seqnn_status sq_cuda_words_train(sq_cuda_words *words)
{
    sq_matrices_up(words);
    const seqnn_status status = sq_team_run(words->members, sq_words_lead, words);
    return status ? status : sq_matrices_down(words);
}

static void *sq_words_take(sq_cuda_words *words, sq_memory_kind kind, seqnn_size count,
                           size_t size)
{
    return sq_device_take(words->device, kind, sq_multiply(count, (seqnn_size)size));
}

/* So many lanes that their sums fit into the shared memory that every block has. */
static seqnn_size sq_lanes_of_pairs(seqnn_size pairs)
{
    seqnn_size lanes = sq_window_forward::LANES;
    while (lanes > 1 && pairs * lanes * (seqnn_size)sizeof(seqnn_real) > 32 * 1024)
        lanes /= 2;
    return lanes;
}

/* How large a batch and a round can become. */
static void sq_words_sizes(sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const seqnn_size capacity = sq_batch_capacity(w);
    sq_arena plan = {};
    words->inputs = w->o.architecture == SEQNN_CBOW ? 1 : w->most_contexts;
    sq_cut_word_lists(&plan, capacity, capacity * w->most_contexts,
                      capacity * words->inputs * w->most_outputs, w->most_outputs);
    words->capacity = capacity;
    words->batch_bytes = plan.used;
    words->members = sq_max(1, sq_min(sq_threads(), SQ_WORDS_MEMBERS));
    words->most = sq_min(SQ_WORDS_ROUND, SQ_WORDS_ROUND_BYTES / plan.used);
    if (words->most > words->members)
        words->most -= words->most % words->members;
    words->most = sq_max(1, words->most);
    words->lanes = sq_lanes_of_pairs(words->inputs * w->most_outputs);
}

static seqnn_status sq_words_memory_there(sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const size_t real = sizeof(seqnn_real);
    const seqnn_size row = words->matrices.row = w->matrices.row;
    const seqnn_size inputs = sq_multiply(words->capacity, words->inputs);
    const seqnn_size seen = SQ_WORDS_SEEN + words->most;
    words->matrices.input = (seqnn_real *)sq_words_take(
        words, SQ_OF_DEVICE, sq_multiply(w->vocabulary.count, row), real);
    words->matrices.output = (seqnn_real *)sq_words_take(
        words, SQ_OF_DEVICE, sq_multiply(w->result.output_rows, row), real);
    words->signals.h =
        (seqnn_real *)sq_words_take(words, SQ_OF_DEVICE, sq_multiply(inputs, row), real);
    words->signals.back =
        (seqnn_real *)sq_words_take(words, SQ_OF_DEVICE, sq_multiply(inputs, row), real);
    words->signals.error = (seqnn_real *)sq_words_take(
        words, SQ_OF_DEVICE, sq_multiply(inputs, w->most_outputs), real);
    words->lists = (char *)sq_words_take(words, SQ_OF_DEVICE, words->most,
                                         (size_t)words->batch_bytes);
    words->seen = (double *)sq_words_take(words, SQ_OF_DEVICE, seen, sizeof(double));
    words->seen_here = (double *)sq_words_take(words, SQ_OF_HOST, seen, sizeof(double));
    if (w->o.compute_loss)
        words->loss = (double *)sq_words_take(words, SQ_OF_DEVICE,
                                              sq_multiply(words->most, words->capacity),
                                              sizeof(double));
    for (sq_words_round &round : words->round)
        round.memory = (char *)sq_words_take(words, SQ_OF_HOST, words->most,
                                             (size_t)words->batch_bytes);
    return sq_device_status(words->device);
}

static seqnn_status sq_words_memory_here(sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const seqnn_size longest = sq_multiply(
        words->capacity, sq_max(w->most_contexts, words->inputs * w->most_outputs));
    for (sq_words_round &round : words->round) {
        round.batch = (sq_words_batch *)sq_allocate(words->most, sizeof *round.batch);
        if (!round.batch)
            return SEQNN_ERROR_MEMORY;
    }
    words->helper = (sq_words_helper *)sq_allocate(words->members, sizeof *words->helper);
    if (!words->helper)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < words->members; i++) {
        sq_words_helper *helper = &words->helper[i];
        const seqnn_status status =
            sq_batch_new(&helper->batch, w, words->capacity, true);
        if (status)
            return status;
        helper->place = (int32_t *)sq_allocate(w->vocabulary.count, sizeof(int32_t));
        helper->word = (int32_t *)sq_allocate(longest, sizeof(int32_t));
        helper->entry = (int32_t *)sq_allocate(longest, sizeof(int32_t));
        helper->which = (int32_t *)sq_allocate(longest, sizeof(int32_t));
        if (!helper->place || !helper->word || !helper->entry || !helper->which)
            return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

static void sq_words_memory_free(sq_cuda_words *words)
{
    for (sq_words_passage &passage : words->passage) {
        sq_segment_free(&passage.passage.segment);
        sq_free(passage.before);
    }
    for (seqnn_size i = 0; i < words->members && words->helper; i++) {
        sq_batch_free(&words->helper[i].batch);
        sq_free(words->helper[i].place);
        sq_free(words->helper[i].word);
        sq_free(words->helper[i].entry);
        sq_free(words->helper[i].which);
    }
    sq_free(words->helper);
    for (sq_words_round &round : words->round)
        sq_free(round.batch);
}

static void sq_cuda_words_close(sq_cuda_words *words)
{
    sq_device *device = words->device;
    void *there[] = {words->matrices.input, words->matrices.output,
                     words->signals.h,      words->signals.back,
                     words->signals.error,  words->lists,
                     words->seen,           words->loss};
    if (device) {
        for (void *memory : there)
            sq_device_give(device, SQ_OF_DEVICE, memory);
        sq_device_give(device, SQ_OF_HOST, words->seen_here);
        for (sq_words_round &round : words->round)
            sq_device_give(device, SQ_OF_HOST, round.memory);
        sq_device_close(device);
    }
    sq_words_memory_free(words);
    sq_free(words);
}

static sq_cuda_words *sq_cuda_words_open(sq_word2vec *w)
{
    sq_cuda_words *words = (sq_cuda_words *)sq_allocate(1, sizeof *words);
    if (!words)
        return NULL;
    words->w = w;
    words->next = &words->round[0];
    sq_words_sizes(words);
    seqnn_status status = sq_words_memory_here(words);
    if (!status) {
        words->device = sq_device_open();
        status = words->device ? sq_words_memory_there(words) : SEQNN_ERROR_DEVICE;
    }
    if (!status) {
        w->batch_windows = words->capacity;
        return words;
    }
    sq_cuda_words_close(words);
    return NULL;
}

static const char *sq_cuda_words_name(const sq_cuda_words *words)
{
    return sq_device_name(words->device);
}

#endif

/* ------------------------------------------------------------------ cuda/backend.cuh */

/* cuda/backend.cuh - the table of layers/backend.h for a device (private) */

struct sq_cuda_kind {
    const sq_layer_type *type;
    seqnn_status (*forward)(seqnn_layer *layer, seqnn_mode mode);
    void (*backward)(seqnn_layer *layer);
};

static const sq_cuda_kind *sq_cuda_kind_of(const seqnn_layer *layer)
{
    static const sq_cuda_kind kinds[] = {
        {sq_embedding_kind(), sq_cuda_embedding, sq_cuda_embedding_back},
        {sq_one_hot_kind(), sq_cuda_one_hot, sq_cuda_nothing_back},
        {sq_sequences_kind(), sq_cuda_given, sq_cuda_nothing_back},
        {sq_vectors_kind(), sq_cuda_given, sq_cuda_nothing_back},
        {sq_dense_kind(), sq_cuda_dense, sq_cuda_dense_back},
        {sq_activation_kind(), sq_cuda_activation, sq_cuda_activation_back},
        {sq_dropout_kind(), sq_cuda_dropout, sq_cuda_dropout_back},
        {sq_add_kind(), sq_cuda_add, sq_cuda_add_back},
        {sq_concat_kind(), sq_cuda_concat, sq_cuda_concat_back},
        {sq_max_pool_kind(), sq_cuda_max, sq_cuda_max_back},
        {sq_mean_pool_kind(), sq_cuda_mean, sq_cuda_mean_back},
        {sq_flatten_kind(), sq_cuda_flatten, sq_cuda_flatten_back},
        {sq_simple_rnn_kind(), sq_cuda_recurrent, sq_cuda_recurrent_back},
        {sq_lstm_kind(), sq_cuda_recurrent, sq_cuda_recurrent_back},
        {sq_gru_kind(), sq_cuda_recurrent, sq_cuda_recurrent_back},
    };
    if (sq_is_recurrent(layer) && !sq_cuda_sweeps(layer))
        return NULL;
    for (const sq_cuda_kind &kind : kinds)
        if (kind.type == layer->type)
            return &kind;
    return NULL;
}

static bool sq_cuda_forward(seqnn_layer *layer, seqnn_mode mode, seqnn_status *status)
{
    const sq_cuda_kind *kind = sq_cuda_kind_of(layer);
    if (kind)
        *status = kind->forward(layer, mode);
    return kind != NULL;
}

static bool sq_cuda_backward(seqnn_layer *layer)
{
    const sq_cuda_kind *kind = sq_cuda_kind_of(layer);
    if (kind)
        kind->backward(layer);
    return kind != NULL;
}

static seqnn_status sq_cuda_wait(seqnn_model *model)
{
    return sq_device_status(((sq_cuda *)model->device)->device);
}

static seqnn_status sq_cuda_precision(seqnn_model *model, seqnn_precision precision)
{
    return sq_device_use_precision(((sq_cuda *)model->device)->device, precision);
}

static const char *sq_cuda_name(const seqnn_model *model)
{
    return sq_device_name(((const sq_cuda *)model->device)->device);
}

static void sq_cuda_clear(seqnn_model *model, seqnn_real *x, seqnn_size count)
{
    sq_device_clear(((sq_cuda *)model->device)->device, x, (size_t)count * sizeof *x);
}

static void sq_cuda_fetch(seqnn_model *model, const seqnn_real *x, seqnn_size count)
{
    sq_device_fetch(((sq_cuda *)model->device)->device, x, (size_t)count * sizeof *x);
}

static seqnn_status sq_cuda_read(seqnn_model *model, const seqnn_real **x,
                                 seqnn_size count)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    const void *here = sq_cuda_down(cuda, *x, count * (seqnn_size)sizeof **x);
    if (here)
        *x = (const seqnn_real *)here;
    return here ? SEQNN_OK : sq_device_status(cuda->device);
}

static void sq_cuda_close(seqnn_model *model)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->lists);
    sq_device_give(cuda->device, SQ_OF_HOST, cuda->targets_here.memory);
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->targets.memory);
    sq_device_give(cuda->device, SQ_OF_HOST, cuda->down_here.memory);
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->judged.memory);
    sq_device_give(cuda->device, SQ_OF_HOST, cuda->numbers_here.memory);
    sq_device_give(cuda->device, SQ_OF_DEVICE, cuda->numbers.memory);
    for (const sq_cuda_room &given : cuda->given_here)
        sq_device_give(cuda->device, SQ_OF_HOST, given.memory);
    sq_notes_free(cuda->device);
    sq_device_close(cuda->device);
    sq_free(cuda);
    model->device = NULL;
    model->backend = NULL;
}

static const sq_backend *sq_cuda_open(seqnn_model *model)
{
    static const sq_backend table = {
        sq_cuda_name,       sq_cuda_close,        sq_cuda_wait,       sq_cuda_precision,
        sq_cuda_batch,      sq_cuda_forward,      sq_cuda_backward,   sq_cuda_fetch,
        sq_cuda_read,       sq_cuda_clear,        sq_cuda_clear_rows, sq_cuda_scale,
        sq_cuda_loss,       sq_cuda_best_classes, sq_cuda_squares,    sq_cuda_change,
        sq_cuda_numbers_up, sq_cuda_update,       sq_cuda_begin,      sq_cuda_judge,
        sq_cuda_judged_down};
    sq_cuda *cuda = (sq_cuda *)sq_allocate(1, sizeof *cuda);
    if (!cuda)
        return NULL;
    cuda->device = sq_device_open();
    if (!cuda->device) {
        sq_free(cuda);
        return NULL;
    }
    cuda->both = sq_memory{sq_cuda_take_both, sq_cuda_give_both, cuda->device};
    cuda->host = sq_memory{sq_cuda_take_host, sq_cuda_give_host, cuda->device};
    model->device = cuda;
    model->blocks.from = model->activations.from = &cuda->both;
    model->lists.from = model->marks.from = &cuda->host;
    return &table;
}

#endif

/*
 * MIT License
 *
 * Copyright (c) 2026 the seqnn authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */
