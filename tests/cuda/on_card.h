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
#define sq_device_notes sq_card_notes
#define sq_device_shared sq_card_shared
#define sq_device_cluster sq_card_cluster
#define sq_device_clusters sq_card_clusters
#define sq_device_take_now sq_card_take_now
#define sq_device_give_now sq_card_give_now
#define sq_device_up_now sq_card_up_now
#define sq_device_down_now sq_card_down_now
#define sq_device_copy_now sq_card_copy_now
#define sq_device_clear_now sq_card_clear_now
#define sq_device_fetch_now sq_card_fetch_now
#define sq_device_use_precision sq_card_use_precision
#define sq_device_precision sq_card_precision
#define sq_device_product_now sq_card_product_now
#define sq_device_status_now sq_card_status_now
#define sq_device_record sq_card_record
#define sq_device_recorded sq_card_recorded
#define sq_device_replay sq_card_replay
#define sq_device_run_now sq_card_run_now
#include "../../src/cuda/device_cuda.cuh"
#undef sq_device
#undef sq_device_open
#undef sq_device_close
#undef sq_device_name
#undef sq_device_notes
#undef sq_device_shared
#undef sq_device_cluster
#undef sq_device_clusters
#undef sq_device_take_now
#undef sq_device_give_now
#undef sq_device_up_now
#undef sq_device_down_now
#undef sq_device_copy_now
#undef sq_device_clear_now
#undef sq_device_fetch_now
#undef sq_device_use_precision
#undef sq_device_precision
#undef sq_device_product_now
#undef sq_device_status_now
#undef sq_device_record
#undef sq_device_recorded
#undef sq_device_replay
#undef sq_device_run_now

#include <functional>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

struct sq_device {
    sq_notes notes;
    sq_card *card;
    seqnn_status &status;
    size_t shared;
    seqnn_size cluster;
    long launches = 0, waits = 0, ups = 0;
    std::map<const void *, std::vector<char>> fetched;
    std::mt19937 order{20261122}; /* of the threads: here the card's own */
    bool recording = false;
};

static struct {
    bool absent, late, old, forgets;
    long takings = -1, launches = -1, calls = -1;
    long open;
} host_device;

static struct card_kernels : std::set<std::string> {
    ~card_kernels()
    {
        for (const std::string &name : *this)
            printf("# ran %s\n", name.c_str());
        if (host_device.open == 0)
            cudaDeviceReset(); /* compute-sanitizer tells of leaks only now */
    }
} card_kernels;

/* Whether this is the one that fails. What is being recorded is not done, and a recording
 * that cannot be made is no failure. */
static bool card_fails(sq_device *device, long *until, seqnn_status status,
                       const char *sentence)
{
    if (device->status || device->recording || *until < 0)
        return false;
    if ((*until)-- > 0)
        return false;
    *until = 0;
    device->status = sq_fail(status, "device: %s", sentence);
    return true;
}

/* A card copes with who looks at its memory. */
static void host_keep_apart(const sq_device *device, bool apart)
{
    (void)device, (void)apart;
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
    return new sq_device{
        {}, card, card->status, sq_card_shared(card), sq_card_cluster(card)};
}

static void sq_device_close(sq_device *device)
{
    if (!device)
        return;
    sq_card_close(device->card);
    host_device.open--;
    delete device;
}

static sq_notes *sq_device_notes(sq_device *device)
{
    return &device->notes;
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

static void *sq_device_take_now(sq_device *device, sq_memory_kind kind, seqnn_size bytes)
{
    if (card_fails(device, &host_device.takings, SEQNN_ERROR_MEMORY, "no memory for it"))
        return NULL;
    return sq_card_take_now(device->card, kind, bytes);
}

static void sq_device_give_now(sq_device *device, sq_memory_kind kind, void *memory)
{
    sq_card_give_now(device->card, kind, memory);
}

static void sq_device_up_now(sq_device *device, void *to, const void *from, size_t bytes)
{
    device->ups++;
    if (!card_fails(device, &host_device.calls, SEQNN_ERROR_DEVICE, "a call failed"))
        sq_card_up_now(device->card, to, from, bytes);
}

static seqnn_status sq_device_down_now(sq_device *device, void *to, const void *from,
                                       size_t bytes)
{
    device->waits++;
    return sq_card_down_now(device->card, to, from, bytes);
}

static void sq_device_copy_now(sq_device *device, void *to, const void *from,
                               size_t bytes)
{
    if (!card_fails(device, &host_device.calls, SEQNN_ERROR_DEVICE, "a call failed"))
        sq_card_copy_now(device->card, to, from, bytes);
}

static void sq_device_clear_now(sq_device *device, void *to, size_t bytes)
{
    if (!card_fails(device, &host_device.calls, SEQNN_ERROR_DEVICE, "a call failed"))
        sq_card_clear_now(device->card, to, bytes);
}

static void sq_device_fetch_now(sq_device *device, const void *memory, size_t bytes)
{
    const char *from = (const char *)memory;
    device->fetched[memory].assign(from, from + bytes);
    sq_card_fetch_now(device->card, memory, bytes);
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

static void sq_device_product_now(sq_device *device, bool transpose_a, bool transpose_b,
                                  seqnn_size m, seqnn_size n, seqnn_size k,
                                  const seqnn_real *a, seqnn_size a_row,
                                  const seqnn_real *b, seqnn_size b_row, bool add,
                                  seqnn_real *c, seqnn_size c_row)
{
    if (!card_fails(device, &host_device.calls, SEQNN_ERROR_DEVICE, "a call failed"))
        sq_card_product_now(device->card, transpose_a, transpose_b, m, n, k, a, a_row, b,
                            b_row, add, c, c_row);
}

static seqnn_status sq_device_status_now(sq_device *device)
{
    device->waits++;
    return sq_card_status_now(device->card);
}

static void sq_device_record(sq_device *device)
{
    sq_card_record(device->card);
    device->recording = true;
}

static sq_recording *sq_device_recorded(sq_device *device)
{
    sq_recording *recording = sq_card_recorded(device->card);
    device->recording = false;
    if (!host_device.forgets)
        return recording;
    sq_recording_free(recording);
    return NULL;
}

static void sq_device_replay(sq_device *device, sq_recording *recording)
{
    sq_card_replay(device->card, recording);
}

template <class Kernel>
static void sq_device_run_now(sq_device *device, const sq_grid &grid,
                              const Kernel &kernel)
{
    if (card_fails(device, &host_device.launches, SEQNN_ERROR_DEVICE,
                   "a launch failed") ||
        card_fails(device, &host_device.calls, SEQNN_ERROR_DEVICE, "a call failed"))
        return;
    sq_card_run_now(device->card, grid, kernel);
    device->launches++;
    const std::string name = __PRETTY_FUNCTION__; /* ... [with Kernel = sq_...] */
    const size_t begin = name.find("Kernel = ") + 9;
    static std::mutex one_at_a_time;
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    if (!device->status)
        card_kernels.insert(name.substr(begin, name.find_last_of(']') - begin));
}

#include "../../src/cuda/backend.cuh"

#endif
