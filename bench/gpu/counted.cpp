/* card.h without a card: memory is the host's, and what a card would do is counted and
 * not done, so every number is 0. Its sizes are those of an H100, so that sweeps are cut
 * as they would be there. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"
#include "card.h"
#include "../../src/cuda/device.cuh"

static card_counts counted;

struct sq_device {
    sq_notes notes;
    seqnn_status status;
    seqnn_precision precision;
};

static sq_device *sq_device_open(void)
{
    static sq_device device;
    return &device;
}

static void sq_device_close(sq_device *)
{
}

static sq_notes *sq_device_notes(sq_device *device)
{
    return &device->notes;
}

/* Nothing is done, so a recording of it holds nothing. */
struct sq_recording {
};

static void sq_device_record(sq_device *)
{
}

static sq_recording *sq_device_recorded(sq_device *)
{
    return new sq_recording;
}

static void sq_device_replay(sq_device *, sq_recording *)
{
}

static void sq_recording_free(sq_recording *recording)
{
    delete recording;
}

static const char *sq_device_name(const sq_device *)
{
    return "a device that only counts";
}

static size_t sq_device_shared(const sq_device *)
{
    return 227 * 1024;
}

static seqnn_size sq_device_cluster(const sq_device *)
{
    return 16;
}

static seqnn_size sq_device_clusters(const sq_device *, seqnn_size blocks)
{
    return 132 / blocks;
}

static void *sq_device_take_now(sq_device *, sq_memory_kind, seqnn_size bytes)
{
    counted.takings++;
    return calloc((size_t)sq_max(bytes, 1), 1);
}

static void sq_device_give_now(sq_device *, sq_memory_kind, void *memory)
{
    free(memory);
}

static void sq_device_up_now(sq_device *, void *, const void *, size_t bytes)
{
    counted.up++;
    counted.bytes_up += (double)bytes;
}

/* Sums of doubles, of the loss and of squares: large ones, so that gradients are clipped.
 */
static seqnn_status sq_device_down_now(sq_device *, void *to, const void *, size_t bytes)
{
    counted.down++;
    for (size_t i = 0; i < bytes / sizeof(double); i++)
        ((double *)to)[i] = 1e4;
    return SEQNN_OK;
}

static void sq_device_copy_now(sq_device *, void *, const void *, size_t)
{
    counted.copies++;
}

static void sq_device_clear_now(sq_device *, void *, size_t)
{
    counted.clears++;
}

/* Advice, of what the host has written: not in a step after the first. */
static void sq_device_fetch_now(sq_device *, const void *, size_t)
{
}

static seqnn_status sq_device_use_precision(sq_device *device, seqnn_precision precision)
{
    device->precision = precision;
    return SEQNN_OK;
}

static seqnn_precision sq_device_precision(const sq_device *device)
{
    return device->precision;
}

static void sq_device_product_now(sq_device *, bool, bool, seqnn_size m, seqnn_size n,
                              seqnn_size, const seqnn_real *, seqnn_size,
                              const seqnn_real *, seqnn_size, bool, seqnn_real *,
                              seqnn_size)
{
    counted.products += m > 0 && n > 0;
}

static seqnn_status sq_device_status_now(sq_device *)
{
    counted.waits++;
    return SEQNN_OK;
}

template <class Kernel>
static void sq_device_run_now(sq_device *, const sq_grid &, const Kernel &)
{
    counted.launches++;
}

#include "../../src/cuda/backend.cuh"

#include "inside.h"

extern "C" bool card_find(card_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    snprintf(facts->name, sizeof facts->name, "%s", sq_device_name(NULL));
    return true;
}

extern "C" void card_mark(const seqnn_model *, int)
{
}

extern "C" bool card_between(int, double *)
{
    sq_fail(SEQNN_ERROR_DEVICE, "device: it only counts");
    return false;
}

extern "C" bool card_sweeps(seqnn_model *, int, double *)
{
    return card_between(0, NULL);
}

extern "C" bool card_count(card_counts *counts)
{
    *counts = counted;
    memset(&counted, 0, sizeof counted);
    return true;
}
