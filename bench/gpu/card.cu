/* card.h on an NVIDIA GPU, and the library's functions for it. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"
#include "../../seqnn_cuda.cuh"

#include "inside.h"

static cudaEvent_t marks[CARD_MARKS];

static bool card_failed(cudaError_t result, const char *what)
{
    if (result != cudaSuccess)
        sq_fail(SEQNN_ERROR_DEVICE, "device: %s: %s", what, cudaGetErrorString(result));
    return result != cudaSuccess;
}

static double attribute(cudaDeviceAttr which)
{
    int value = 0;
    card_failed(cudaDeviceGetAttribute(&value, which, 0), "an attribute");
    return value;
}

extern "C" bool card_find(card_facts *facts)
{
    sq_device *device = sq_device_open();
    if (!device)
        return false;
    memset(facts, 0, sizeof *facts);
    snprintf(facts->name, sizeof facts->name, "%s", sq_device_name(device));
    facts->major = device->properties.major;
    facts->minor = device->properties.minor;
    sq_device_close(device);
    facts->multiprocessors = (int)attribute(cudaDevAttrMultiProcessorCount);
    facts->clock = 1e3 * attribute(cudaDevAttrClockRate);
    facts->shared = attribute(cudaDevAttrMaxSharedMemoryPerMultiprocessor);
    facts->bandwidth = 2 * 1e3 * attribute(cudaDevAttrMemoryClockRate) *
                       attribute(cudaDevAttrGlobalMemoryBusWidth) / 8;
    for (cudaEvent_t &mark : marks)
        if (card_failed(cudaEventCreate(&mark), "an event"))
            return false;
    return true;
}

extern "C" void card_mark(const seqnn_model *model, int mark)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    card_failed(cudaEventRecord(marks[mark], cuda->device->stream), "an event");
}

extern "C" bool card_between(int count, double *milliseconds)
{
    if (card_failed(cudaEventSynchronize(marks[count]), "the marked work"))
        return false;
    for (int i = 0; i < count; i++) {
        float took;
        if (card_failed(cudaEventElapsedTime(&took, marks[i], marks[i + 1]), "an event"))
            return false;
        milliseconds[i] = took;
    }
    return true;
}

extern "C" bool card_sweeps(seqnn_model *model, int runs, double milliseconds[2])
{
    for (int back = 0; back < 2; back++) {
        card_mark(model, 0);
        for (int run = 0; run < runs; run++)
            for_each_recurrent(model,
                               back ? sq_cuda_sweep_backward : sq_cuda_sweep_forward);
        card_mark(model, 1);
        if (!card_between(1, &milliseconds[back]))
            return false;
        milliseconds[back] /= runs;
    }
    return seqnn_ok(model) && !sq_cuda_wait(model);
}

extern "C" bool card_count(card_counts *)
{
    return false;
}
