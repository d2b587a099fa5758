/* The device of device.cuh by the CUDA runtime and cuBLAS. */
#ifndef SQ_CUDA_DEVICE_CUDA_H
#define SQ_CUDA_DEVICE_CUDA_H

#include "device.cuh"

#include <cublas_v2.h>
#include <cuda_runtime.h>

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

#endif
