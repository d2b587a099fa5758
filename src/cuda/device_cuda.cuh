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
    cudaStream_t stream;
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
 * of 16 blocks is more than every card of the architecture has room for. */
static void sq_device_count_clusters(sq_device *device)
{
    if (device->cluster == 1)
        return;
    sq_device_check(device,
                    cudaFuncSetAttribute(sq_device_probe,
                                         cudaFuncAttributeMaxDynamicSharedMemorySize,
                                         (int)device->shared),
                    "shared memory");
    sq_device_check(device,
                    cudaFuncSetAttribute(sq_device_probe,
                                         cudaFuncAttributeNonPortableClusterSizeAllowed,
                                         1),
                    "its clusters");
    for (int i = 0; i < 4; i++) {
        cudaLaunchAttribute cluster;
        const sq_grid grid = {2 << i, 256, device->shared, 2 << i};
        const cudaLaunchConfig_t launch = sq_device_launch(device, grid, &cluster);
        const cudaError_t result = cudaOccupancyMaxActiveClusters(
            &device->clusters[i], sq_device_probe, &launch);
        if (i == 3 && result != cudaSuccess) { /* nor must it know of such */
            cudaGetLastError();
            device->clusters[i] = 0;
            continue;
        }
        sq_device_check(device, result, "its clusters");
    }
    if (device->clusters[3] > 0)
        device->cluster = 16;
}

static void sq_device_start(sq_device *device, int number)
{
    sq_device_check(device, cudaGetDeviceProperties(&device->properties, number),
                    "its properties");
    sq_device_check(device, cudaSetDevice(number), "choosing it");
    int shared = 0;
    sq_device_check(
        device,
        cudaDeviceGetAttribute(&shared, cudaDevAttrMaxSharedMemoryPerBlockOptin, number),
        "its shared memory");
    device->shared = (size_t)shared;
    device->cluster = device->properties.major >= 9 ? 8 : 1;
    cudaFuncAttributes probe;
    if (!device->status &&
        cudaFuncGetAttributes(&probe, sq_device_probe) != cudaSuccess) {
        cudaGetLastError();
        device->status = sq_fail(
            SEQNN_ERROR_DEVICE,
            "device: %s is of compute capability %d.%d, for which this program was not "
            "compiled (nvcc -arch=sm_%d%d)",
            device->properties.name, device->properties.major, device->properties.minor,
            device->properties.major, device->properties.minor);
    }
    if (!device->status)
        sq_device_count_clusters(device);
    sq_device_check(device,
                    cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking),
                    "a stream");
    if (!device->status)
        sq_device_check_product(device, cublasCreate(&device->cublas));
    if (!device->status)
        sq_device_check_product(device, cublasSetStream(device->cublas, device->stream));
}

static sq_device *sq_device_open(void)
{
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
        cudaGetLastError();
        sq_fail(SEQNN_ERROR_DEVICE, "device: there is no GPU, or no driver for it");
        return NULL;
    }
    sq_device *device = (sq_device *)sq_allocate(1, sizeof *device);
    if (!device)
        return NULL;
    sq_device_start(device, 0);
    if (!device->status)
        return device;
    sq_device_close(device);
    return NULL;
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

static void *sq_device_take(sq_device *device, sq_memory_kind kind, seqnn_size bytes)
{
    void *memory = NULL;
    const size_t size = (size_t)sq_max(bytes, 1);
    if (device->status)
        return NULL;
    if (bytes < 0)
        device->status = sq_fail(SEQNN_ERROR_MEMORY, "device: too many numbers");
    else if (kind == SQ_OF_DEVICE)
        sq_device_check(device, cudaMalloc(&memory, size), "memory");
    else if (kind == SQ_OF_BOTH)
        sq_device_check(device, cudaMallocManaged(&memory, size), "memory");
    else
        sq_device_check(device, cudaMallocHost(&memory, size), "memory of the host");
    if (memory && kind == SQ_OF_HOST)
        memset(memory, 0, size);
    else if (memory)
        sq_device_clear(device, memory, size);
    return memory;
}

static void sq_device_give(sq_device *device, sq_memory_kind kind, void *memory)
{
    (void)device;
    if (kind == SQ_OF_HOST)
        cudaFreeHost(memory);
    else
        cudaFree(memory);
}

static void sq_device_up(sq_device *device, void *to, const void *from, size_t bytes)
{
    if (!device->status)
        sq_device_check(
            device,
            cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, device->stream),
            "copying to it");
}

static seqnn_status sq_device_down(sq_device *device, void *to, const void *from,
                                   size_t bytes)
{
    if (device->status)
        return device->status;
    sq_device_check(
        device, cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, device->stream),
        "copying from it");
    sq_device_check(device, cudaStreamSynchronize(device->stream), "its work");
    return device->status;
}

static void sq_device_copy(sq_device *device, void *to, const void *from, size_t bytes)
{
    if (!device->status)
        sq_device_check(
            device,
            cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, device->stream),
            "copying within it");
}

static void sq_device_clear(sq_device *device, void *to, size_t bytes)
{
    if (!device->status)
        sq_device_check(device, cudaMemsetAsync(to, 0, bytes, device->stream),
                        "clearing");
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

/* cuBLAS counts by columns: C^T = B^T A^T is the same memory. */
static void sq_device_product(sq_device *device, bool transpose_a, bool transpose_b,
                              seqnn_size m, seqnn_size n, seqnn_size k,
                              const seqnn_real *a, seqnn_size a_row, const seqnn_real *b,
                              seqnn_size b_row, bool add, seqnn_real *c, seqnn_size c_row)
{
    const seqnn_real one = 1, beta = add ? 1 : 0;
    if (device->status || m == 0 || n == 0)
        return;
    if (k == 0) {
        if (!add)
            for (seqnn_size i = 0; i < m; i++)
                sq_device_clear(device, c + i * c_row, (size_t)n * sizeof *c);
        return;
    }
    const cudaDataType_t type = sizeof *a > sizeof(float) ? CUDA_R_64F : CUDA_R_32F;
    sq_device_check_product(
        device,
        cublasGemmEx(device->cublas, transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                     transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, (int)n, (int)m, (int)k,
                     &one, b, type, (int)b_row, a, type, (int)a_row, &beta, c, type,
                     (int)c_row, sq_device_compute_type(device), CUBLAS_GEMM_DEFAULT));
}

static seqnn_status sq_device_status(sq_device *device)
{
    if (!device->status)
        sq_device_check(device, cudaStreamSynchronize(device->stream), "its work");
    return device->status;
}

static void sq_device_record(sq_device *device)
{
    if (!device->status)
        sq_device_check(
            device,
            cudaStreamBeginCapture(device->stream, cudaStreamCaptureModeThreadLocal),
            "recording");
}

static sq_recording *sq_device_recorded(sq_device *device)
{
    cudaGraph_t graph = NULL;
    sq_recording *recording = (sq_recording *)sq_allocate(1, sizeof *recording);
    if (device->status || !recording) {
        sq_free(recording);
        return NULL;
    }
    sq_device_check(device, cudaStreamEndCapture(device->stream, &graph), "recording");
    if (!device->status)
        sq_device_check(device, cudaGraphInstantiate(&recording->graph, graph, 0),
                        "a recording");
    if (graph)
        cudaGraphDestroy(graph);
    if (!device->status)
        return recording;
    sq_free(recording);
    return NULL;
}

static void sq_device_replay(sq_device *device, sq_recording *recording)
{
    if (!device->status)
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
static void sq_device_run(sq_device *device, const sq_grid &grid, const Kernel &kernel)
{
    if (device->status)
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
