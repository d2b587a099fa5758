/* The CUDA runtime and cuBLAS, played by functions of their names that take memory and do
 * nothing else, so that every call of cuda/device_cuda.cuh can fail where there is no
 * card: each comes to a status and a sentence, all that was taken is given back, and the
 * processor computes what it always does. Linked with gpu.o. */
#include "seqnn.h"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    long calls, fails_at; /* the number of the call that fails */
    const char *failed;   /* its name */
    long taken;
    int no_code, full;
    int captures, failed_captured; /* between a capture's beginning and its end */
} card;

static int fails(const char *name)
{
    if (card.calls++ != card.fails_at)
        return 0;
    card.failed = name;
    card.failed_captured = card.captures;
    return 1;
}

#define CALL(name)                                                                       \
    do {                                                                                 \
        if (fails(name))                                                                 \
            return cudaErrorUnknown;                                                     \
    } while (0)
#define BLAS(name)                                                                       \
    do {                                                                                 \
        if (fails(name))                                                                 \
            return CUBLAS_STATUS_INTERNAL_ERROR;                                         \
    } while (0)

static cudaError_t take(const char *name, void **memory, size_t bytes)
{
    *memory = NULL;
    if (fails(name))
        return cudaErrorMemoryAllocation;
    *memory = calloc(1, bytes);
    card.taken++;
    return cudaSuccess;
}

static cudaError_t give(void *memory)
{
    card.taken -= memory != NULL;
    free(memory);
    return cudaSuccess;
}

/* ---- the runtime ---- */

cudaError_t cudaGetDeviceCount(int *count)
{
    CALL("cudaGetDeviceCount");
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    (void)device;
    CALL("cudaSetDevice");
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *of, int device)
{
    (void)device;
    CALL("cudaGetDeviceProperties");
    memset(of, 0, sizeof *of);
    strcpy(of->name, "A Card");
    of->major = 9;
    of->multiProcessorCount = 4;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr which, int device)
{
    (void)device;
    CALL("cudaDeviceGetAttribute");
    *value = which == cudaDevAttrMaxSharedMemoryPerBlockOptin ? 200000 : 1;
    return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *of, const void *function)
{
    (void)function;
    CALL("cudaFuncGetAttributes");
    memset(of, 0, sizeof *of);
    of->ptxVersion = 90;
    return card.no_code ? cudaErrorNoKernelImageForDevice : cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void *function, enum cudaFuncAttribute which,
                                 int value)
{
    (void)function, (void)which, (void)value;
    CALL("cudaFuncSetAttribute");
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveClusters(int *clusters, const void *function,
                                           const cudaLaunchConfig_t *launch)
{
    (void)function, (void)launch;
    CALL("cudaOccupancyMaxActiveClusters");
    *clusters = 1;
    return cudaSuccess;
}

cudaError_t cudaGetLastError(void)
{
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *there, size_t *whole)
{
    CALL("cudaMemGetInfo");
    *whole = (size_t)8 << 30;
    *there = card.full ? (size_t)100 << 20 : (size_t)6 << 30;
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    return take("cudaMalloc", memory, bytes);
}

cudaError_t cudaMallocManaged(void **memory, size_t bytes, unsigned flags)
{
    (void)flags;
    return take("cudaMallocManaged", memory, bytes);
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
    return take("cudaMallocHost", memory, bytes);
}

cudaError_t cudaFree(void *memory)
{
    return give(memory);
}

cudaError_t cudaFreeHost(void *memory)
{
    return give(memory);
}

#if CUDART_VERSION >= 13000
#define PLACE struct cudaMemLocation
#define FLAGS unsigned flags,
#define NO_FLAGS (void)flags
#else
#define PLACE int
#define FLAGS
#define NO_FLAGS (void)0
#endif

cudaError_t cudaMemAdvise(const void *memory, size_t bytes, enum cudaMemoryAdvise advice,
                          PLACE place)
{
    (void)memory, (void)bytes, (void)advice, (void)place;
    CALL("cudaMemAdvise");
    return cudaSuccess;
}

cudaError_t cudaMemPrefetchAsync(const void *memory, size_t bytes, PLACE place,
                                 FLAGS cudaStream_t stream)
{
    (void)memory, (void)bytes, (void)place, (void)stream, NO_FLAGS;
    CALL("cudaMemPrefetchAsync");
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes,
                            enum cudaMemcpyKind kind, cudaStream_t stream)
{
    (void)kind, (void)stream;
    CALL("cudaMemcpyAsync");
    memmove(to, from, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    (void)stream;
    CALL("cudaMemsetAsync");
    memset(to, value, bytes);
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags)
{
    (void)flags;
    return take("cudaStreamCreateWithFlags", (void **)stream, 1);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    return give(stream);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    (void)stream;
    CALL("cudaStreamSynchronize");
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    (void)stream, (void)mode;
    CALL("cudaStreamBeginCapture");
    card.captures = 1;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    (void)stream;
    card.captures = 0;
    return take("cudaStreamEndCapture", (void **)graph, 1);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *made, cudaGraph_t graph,
                                 unsigned long long flags)
{
    (void)graph, (void)flags;
    return take("cudaGraphInstantiate", (void **)made, 1);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    return give(graph);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t made)
{
    return give(made);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t made, cudaStream_t stream)
{
    (void)made, (void)stream;
    CALL("cudaGraphLaunch");
    return cudaSuccess;
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *launch, const void *function,
                                void **arguments)
{
    (void)launch, (void)function, (void)arguments;
    CALL("cudaLaunchKernelExC");
    return cudaSuccess;
}

/* ---- cuBLAS ---- */

cublasStatus_t cublasCreate_v2(cublasHandle_t *handle)
{
    BLAS("cublasCreate");
    return take("cublasCreate's memory", (void **)handle, 1) ? CUBLAS_STATUS_ALLOC_FAILED
                                                             : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle)
{
    give(handle);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream)
{
    (void)handle, (void)stream;
    BLAS("cublasSetStream");
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void *memory, size_t bytes)
{
    (void)handle, (void)memory, (void)bytes;
    BLAS("cublasSetWorkspace");
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t of_a,
                            cublasOperation_t of_b, int m, int n, int k,
                            const void *alpha, const void *a, cudaDataType a_type,
                            int a_row, const void *b, cudaDataType b_type, int b_row,
                            const void *beta, void *c, cudaDataType c_type, int c_row,
                            cublasComputeType_t type, cublasGemmAlgo_t how)
{
    (void)handle, (void)of_a, (void)of_b, (void)m, (void)n, (void)k, (void)alpha, (void)a;
    (void)a_type, (void)a_row, (void)b, (void)b_type, (void)b_row, (void)beta, (void)c;
    (void)c_type, (void)c_row, (void)type, (void)how;
    BLAS("cublasGemmEx");
    return CUBLAS_STATUS_SUCCESS;
}

/* ---- a program ---- */

static const int32_t words[8] = {1, 2, 3, 4, 2, 2, 4, 1};
static const int32_t classes[4] = {0, 1, 0, 1};
enum { STEPS = 5 };

static int wrong;

static void expect(int good, const char *what)
{
    if (!good)
        printf("%s; call %ld, %s: '%s'\n", what, card.fails_at,
               card.failed ? card.failed : "none", seqnn_error());
    wrong += !good;
}

/* The loss of the last step. */
static seqnn_real train(seqnn_model *model)
{
    seqnn_dataset data;
    seqnn_embedding_options table;
    seqnn_lstm_options lstm;
    seqnn_dense_options dense;
    seqnn_train_options options;
    seqnn_real loss = 0;
    memset(&data, 0, sizeof data);
    memset(&table, 0, sizeof table);
    memset(&lstm, 0, sizeof lstm);
    memset(&dense, 0, sizeof dense);
    memset(&options, 0, sizeof options);
    data.count = 4;
    data.classes = 2;
    data.x[0].indices = words;
    data.x[0].time = 2;
    data.y.indices = classes;
    dense.activation = SEQNN_SOFTMAX;
    options.clip_global_norm = 1;
    seqnn_embedding(model, 6, 4, table);
    seqnn_lstm(model, 3, lstm);
    seqnn_dense(model, 2, dense);
    for (int s = 0; s < STEPS && seqnn_ok(model); s++)
        loss = seqnn_train_step(model, &data, options);
    return loss;
}

/* Whether it is no failure of the device: advice, what is asked of clusters, a recording
 * that cannot be made, and waiting for memory to be given back. */
static int may_fail(const char *name)
{
    static const char *const names[] = {"cudaMemAdvise",
                                        "cudaMemPrefetchAsync",
                                        "cudaOccupancyMaxActiveClusters",
                                        "cudaFuncSetAttribute",
                                        "cudaStreamEndCapture",
                                        "cudaGraphInstantiate",
                                        "cudaStreamBeginCapture",
                                        "cudaStreamSynchronize"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

static void on_the_cpu(seqnn_real loss)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_use(model, SEQNN_CPU);
    expect(train(model) == loss && seqnn_ok(model),
           "the processor computes something else");
    seqnn_free(model);
}

/* One call fails, of all that a model makes until it is freed. */
static int one_failure(long n, seqnn_real loss)
{
    memset(&card, 0, sizeof card);
    card.fails_at = n;
    seqnn_model *model = seqnn_model_new(1);
    if (!seqnn_use(model, SEQNN_GPU))
        train(model);
    if (card.failed && seqnn_ok(model))
        expect(card.failed_captured || may_fail(card.failed), "nothing was noticed");
    if (!seqnn_ok(model))
        expect(card.failed && strstr(seqnn_error(), "device: ") != NULL, "another error");
    seqnn_free(model);
    expect(card.taken == 0, "something was not given back");
    on_the_cpu(loss);
    return card.failed != NULL;
}

/* A card that is not used, and says why: an error if it was asked for. */
static void not_used(const char *sentence, seqnn_real loss)
{
    seqnn_model *model = seqnn_model_new(1);
    if (!seqnn_use(model, SEQNN_GPU))
        train(model);
    expect(!seqnn_ok(model) && strstr(seqnn_error(), sentence), sentence);
    seqnn_free(model);
    expect(card.taken == 0, "something was not given back");
    on_the_cpu(loss);
}

int main(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_use(model, SEQNN_CPU);
    const seqnn_real loss = train(model);
    seqnn_free(model);

    memset(&card, 0, sizeof card);
    card.fails_at = -1;
    card.no_code = 1;
    not_used("is of compute capability 9.0, for which this program was not compiled",
             loss);
    model = seqnn_model_new(1);
    expect(train(model) == loss && strcmp(seqnn_device_name(model), "CPU") == 0,
           "unasked, the processor does it");
    seqnn_free(model);
    card.no_code = 0;
    card.full = 1;
    not_used("device: no memory for ", loss);

    long n = 0;
    while (n < 20000 && wrong < 5 && one_failure(n, loss))
        n++;
    expect(n > 300, "there are more calls");
    printf("each of %ld calls failed, %d went wrong\n", n, wrong);
    return wrong != 0;
}
