/* A GPU in the place of the processor that plays one: included ahead of a test of this
 * folder when nvcc compiles it, it is what host_device.h would be. The same counters, the
 * same failures on demand, and at the end of the program the names of the kernels that
 * ran (tests/cuda/check.py). */
#ifndef HOST_DEVICE_H
#define HOST_DEVICE_H

#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#define SEQNN_WORDS
#include "../../seqnn.h"

#define sq_device sq_card
#define sq_device_open sq_card_open
#define sq_device_close sq_card_close
#define sq_device_name sq_card_name
#define sq_device_shared sq_card_shared
#define sq_device_cluster sq_card_cluster
#define sq_device_clusters sq_card_clusters
#define sq_device_take sq_card_take
#define sq_device_give sq_card_give
#define sq_device_up sq_card_up
#define sq_device_down sq_card_down
#define sq_device_copy sq_card_copy
#define sq_device_clear sq_card_clear
#define sq_device_use_precision sq_card_use_precision
#define sq_device_precision sq_card_precision
#define sq_device_product sq_card_product
#define sq_device_status sq_card_status
#define sq_device_record sq_card_record
#define sq_device_recorded sq_card_recorded
#define sq_device_replay sq_card_replay
#define sq_device_run sq_card_run
#include "../../src/cuda/device_cuda.cuh"
#undef sq_device
#undef sq_device_open
#undef sq_device_close
#undef sq_device_name
#undef sq_device_shared
#undef sq_device_cluster
#undef sq_device_clusters
#undef sq_device_take
#undef sq_device_give
#undef sq_device_up
#undef sq_device_down
#undef sq_device_copy
#undef sq_device_clear
#undef sq_device_use_precision
#undef sq_device_precision
#undef sq_device_product
#undef sq_device_status
#undef sq_device_record
#undef sq_device_recorded
#undef sq_device_replay
#undef sq_device_run

#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

struct sq_device {
    sq_card *card;
    seqnn_status &status;
    size_t shared;
    seqnn_size cluster;
    long launches = 0, waits = 0;
    std::mt19937 order{20261122}; /* of the threads: here the card's own */
};

static struct {
    bool absent, late, old;
    long takings = -1, launches = -1;
    long open;
} host_device;

static struct card_kernels : std::set<std::string> {
    ~card_kernels()
    {
        for (const std::string &name : *this)
            printf("# ran %s\n", name.c_str());
    }
} card_kernels;

/* Whether this is the one that fails. */
static bool card_fails(sq_device *device, long *until, seqnn_status status,
                       const char *sentence)
{
    if (device->status || *until < 0)
        return false;
    if ((*until)-- > 0)
        return false;
    *until = 0;
    device->status = sq_fail(status, "device: %s", sentence);
    return true;
}

static sq_device *sq_device_open(void)
{
    if (host_device.absent) {
        sq_fail(SEQNN_ERROR_DEVICE, "device: there is none");
        return NULL;
    }
    sq_card *card = sq_card_open();
    if (!card)
        return NULL;
    host_device.open++;
    return new sq_device{card, card->status, sq_card_shared(card), sq_card_cluster(card)};
}

static void sq_device_close(sq_device *device)
{
    if (!device)
        return;
    sq_card_close(device->card);
    host_device.open--;
    delete device;
}

static const char *sq_device_name(const sq_device *device)
{
    return sq_card_name(device->card);
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
    return sq_card_clusters(device->card, blocks);
}

static void *sq_device_take(sq_device *device, sq_memory_kind kind, seqnn_size bytes)
{
    if (card_fails(device, &host_device.takings, SEQNN_ERROR_MEMORY, "no memory for it"))
        return NULL;
    return sq_card_take(device->card, kind, bytes);
}

static void sq_device_give(sq_device *device, sq_memory_kind kind, void *memory)
{
    sq_card_give(device->card, kind, memory);
}

static void sq_device_up(sq_device *device, void *to, const void *from, size_t bytes)
{
    sq_card_up(device->card, to, from, bytes);
}

static seqnn_status sq_device_down(sq_device *device, void *to, const void *from,
                                   size_t bytes)
{
    device->waits++;
    return sq_card_down(device->card, to, from, bytes);
}

static void sq_device_copy(sq_device *device, void *to, const void *from, size_t bytes)
{
    sq_card_copy(device->card, to, from, bytes);
}

static void sq_device_clear(sq_device *device, void *to, size_t bytes)
{
    sq_card_clear(device->card, to, bytes);
}

static seqnn_status sq_device_use_precision(sq_device *device, seqnn_precision precision)
{
    if (host_device.old && precision != SEQNN_FLOAT32)
        return sq_fail(SEQNN_ERROR_DEVICE, "device: TF32 and BF16 need a newer one");
    return sq_card_use_precision(device->card, precision);
}

static seqnn_precision sq_device_precision(const sq_device *device)
{
    return sq_card_precision(device->card);
}

static void sq_device_product(sq_device *device, bool transpose_a, bool transpose_b,
                              seqnn_size m, seqnn_size n, seqnn_size k,
                              const seqnn_real *a, seqnn_size a_row, const seqnn_real *b,
                              seqnn_size b_row, bool add, seqnn_real *c, seqnn_size c_row)
{
    sq_card_product(device->card, transpose_a, transpose_b, m, n, k, a, a_row, b, b_row,
                    add, c, c_row);
}

static seqnn_status sq_device_status(sq_device *device)
{
    device->waits++;
    return sq_card_status(device->card);
}

static void sq_device_record(sq_device *device)
{
    sq_card_record(device->card);
}

static sq_recording *sq_device_recorded(sq_device *device)
{
    return sq_card_recorded(device->card);
}

static void sq_device_replay(sq_device *device, sq_recording *recording)
{
    sq_card_replay(device->card, recording);
}

template <class Kernel>
static void sq_device_run(sq_device *device, const sq_grid &grid, const Kernel &kernel)
{
    if (card_fails(device, &host_device.launches, SEQNN_ERROR_DEVICE, "a launch failed"))
        return;
    sq_card_run(device->card, grid, kernel);
    device->launches++;
    const std::string name = __PRETTY_FUNCTION__; /* ... [with Kernel = sq_...] */
    const size_t begin = name.find("Kernel = ") + 9;
    if (!device->status)
        card_kernels.insert(name.substr(begin, name.find_last_of(']') - begin));
}

#include "../../src/cuda/backend.cuh"

#endif
