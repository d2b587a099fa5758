/* The device of cuda/device.cuh, played by the processor: memory is the host's, a product
 * is the plain triple loop, and a kernel is run phase by phase, block by block (cluster
 * by cluster), blocks and their threads in a shuffled order, so that a result that
 * depends on the order of either does not stay the same. Memory that was taken is listed:
 * a device that is closed with some of it is not counted as closed, and tests may let the
 * n-th taking or launch fail.
 *
 * With `late`, work is done as late as a device may do it: when it is waited for. What
 * the processor reads before a wait is then old, and what it writes too early is
 * overwritten; and while there is work to do, memory of both is closed to it, as it is on
 * Windows: who touches it without a wait dies of SIGSEGV. Kept apart, it stays closed
 * after a wait too: there the processor reads nothing but what was copied to it. */
#ifndef HOST_DEVICE_H
#define HOST_DEVICE_H

#include "../../src/cuda/precision.cuh"

#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <vector>

#include <sys/mman.h>

struct sq_recording {
    std::vector<std::function<void()>> work;
};

struct host_piece {
    size_t bytes;
    bool of_both;
};

struct sq_device {
    sq_notes notes = {};
    seqnn_status status = SEQNN_OK;
    std::map<void *, host_piece> taken;
    std::mt19937 order{20261122};
    bool recording = false;
    sq_recording *record = nullptr;
    size_t shared = 227 * 1024;
    seqnn_size cluster = 16;
    seqnn_size multiprocessors = 132;
    seqnn_precision precision = SEQNN_FLOAT32;
    long launches = 0, waits = 0, ups = 0;
    std::map<const void *, std::vector<char>> fetched; /* what it was then */
    std::vector<std::function<void()>> waiting;
};

/* What tests set: takings, launches, and calls of every kind until one fails (negative:
 * none does), whether there is a device at all, and whether it is too old for TF32 and
 * BF16. */
static struct {
    bool absent, late, old, forgets; /* forgets: it cannot record */
    bool apart;
    long takings = -1, launches = -1, calls = -1;
    long open; /* devices that were not closed, with all memory given back */
} host_device;

/* Whether this is the one that fails. */
static bool host_fails(sq_device *device, long *until, seqnn_status status,
                       const char *sentence)
{
    if (device->status || *until < 0 || (*until)-- > 0)
        return false;
    *until = 0;
    device->status = sq_fail(status, "device: %s", sentence);
    return true;
}

/* ---- pages of both sides ---- */

enum { HOST_PAGE = 4096 };

/* Its bytes end where a page does that nobody may touch. */
static size_t host_pages(size_t bytes)
{
    return (bytes + HOST_PAGE - 1) / HOST_PAGE * HOST_PAGE;
}

static char *host_take_pages(size_t bytes)
{
    const size_t size = host_pages(bytes);
    char *pages = (char *)mmap(NULL, size + HOST_PAGE, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + size, HOST_PAGE, PROT_NONE))
        abort();
    return pages + size - bytes;
}

static char *host_first_page(void *memory, size_t bytes)
{
    return (char *)memory + bytes - host_pages(bytes);
}

static void host_free(void *memory, const host_piece &piece)
{
    if (piece.of_both)
        munmap(host_first_page(memory, piece.bytes), host_pages(piece.bytes) + HOST_PAGE);
    else
        free(memory);
}

/* To whom the memory of both is open: to the processor, or to the device alone. */
static void host_open(const sq_device *device, bool open)
{
    for (const auto &piece : device->taken)
        if (piece.second.of_both)
            mprotect(host_first_page(piece.first, piece.second.bytes),
                     host_pages(piece.second.bytes),
                     open ? PROT_READ | PROT_WRITE : PROT_NONE);
}

/* ---- work ---- */

static void host_do(sq_device *device, std::function<void()> work)
{
    const auto made = [=] {
        if (!host_fails(device, &host_device.calls, SEQNN_ERROR_DEVICE, "a call failed"))
            work();
    };
    if (device->status)
        return;
    if (device->recording) {
        device->record->work.push_back(made);
    } else if (!host_device.late) {
        made();
    } else {
        if (device->waiting.empty())
            host_open(device, false);
        device->waiting.push_back(made);
    }
}

static void host_wait(sq_device *device)
{
    if (!device->waiting.empty())
        host_open(device, true);
    for (auto &work : device->waiting)
        if (!device->status)
            work();
    device->waiting.clear();
    device->waits++;
    if (host_device.apart)
        host_open(device, false);
}

/* Of one device, whose work is late. */
static void host_keep_apart(const sq_device *device, bool apart)
{
    host_device.apart = apart;
    host_open(device, !apart);
}

/* Memory of the host that was taken for fast copies is read when the copy is made. */
static bool host_is_taken(const sq_device *device, const void *memory)
{
    auto after = device->taken.upper_bound((void *)memory);
    if (after == device->taken.begin())
        return false;
    const auto piece = std::prev(after);
    return (const char *)memory < (const char *)piece->first + piece->second.bytes;
}

static sq_device *sq_device_open(void)
{
    if (host_device.absent) {
        sq_fail(SEQNN_ERROR_DEVICE, "device: there is none");
        return NULL;
    }
    host_device.open++;
    return new sq_device;
}

static void sq_device_close(sq_device *device)
{
    if (!device)
        return;
    if (device->taken.empty())
        host_device.open--; /* else it counts as open for ever: a leak */
    for (auto &piece : device->taken)
        host_free(piece.first, piece.second);
    delete device;
}

/* What lies on the stack is another number every time: bytes of a kernel that are no
 * field's differ from call to call (cuda/graph.cuh). */
static sq_notes *sq_device_notes(sq_device *device)
{
    volatile unsigned char dirt[2048];
    static unsigned char number;
    number++;
    for (volatile unsigned char &byte : dirt)
        byte = number;
    return &device->notes;
}

static const char *sq_device_name(const sq_device *device)
{
    (void)device;
    return "host executor";
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
    return device->multiprocessors / blocks;
}

static void *sq_device_take_now(sq_device *device, sq_memory_kind kind, seqnn_size bytes)
{
    if (device->status)
        return NULL;
    if (host_device.takings == 0 || bytes < 0) {
        device->status =
            sq_fail(SEQNN_ERROR_MEMORY, "device: no memory for %td bytes", bytes);
        return NULL;
    }
    if (host_device.takings > 0)
        host_device.takings--;
    const size_t whole = ((size_t)sq_max(bytes, 1) + 63) / 64 * 64;
    const host_piece piece = {whole, kind == SQ_OF_BOTH};
    void *memory = piece.of_both ? host_take_pages(whole) : aligned_alloc(64, whole);
    memset(memory, kind == SQ_OF_HOST ? 0 : 0x7f, whole);
    if (!device->waiting.empty() && piece.of_both)
        host_wait(device); /* it is open, and the others are not */
    device->taken[memory] = piece;
    if (kind != SQ_OF_HOST)
        host_do(device, [=] { memset(memory, 0, whole); });
    return memory;
}

static void sq_device_give_now(sq_device *device, sq_memory_kind kind, void *memory)
{
    (void)kind;
    if (!memory)
        return;
    host_wait(device);
    const auto piece = device->taken.find(memory);
    if (piece == device->taken.end())
        abort();
    host_free(memory, piece->second);
    device->taken.erase(piece);
}

static void sq_device_up_now(sq_device *device, void *to, const void *from, size_t bytes)
{
    device->ups++;
    if (host_is_taken(device, from)) {
        host_do(device, [=] { memcpy(to, from, bytes); });
    } else {
        const std::vector<char> copy((const char *)from, (const char *)from + bytes);
        host_do(device, [=] { memcpy(to, copy.data(), copy.size()); });
    }
}

static seqnn_status sq_device_down_now(sq_device *device, void *to, const void *from,
                                       size_t bytes)
{
    host_do(device, [=] { memcpy(to, from, bytes); });
    host_wait(device);
    return device->status;
}

static void sq_device_copy_now(sq_device *device, void *to, const void *from,
                               size_t bytes)
{
    host_do(device, [=] { memmove(to, from, bytes); });
}

static void sq_device_clear_now(sq_device *device, void *to, size_t bytes)
{
    host_do(device, [=] { memset(to, 0, bytes); });
}

static void sq_device_fetch_now(sq_device *device, const void *memory, size_t bytes)
{
    const char *from = (const char *)memory;
    device->fetched[memory].assign(from, from + bytes);
}

static seqnn_status sq_device_use_precision(sq_device *device, seqnn_precision precision)
{
    if (host_device.old && precision != SEQNN_FLOAT32)
        return sq_fail(SEQNN_ERROR_DEVICE, "device: TF32 and BF16 need a newer one");
    device->precision = precision;
    return SEQNN_OK;
}

static seqnn_precision sq_device_precision(const sq_device *device)
{
    return device->precision;
}

/* Factors are rounded as those of a card may be. */
static void sq_device_product_now(sq_device *device, bool transpose_a, bool transpose_b,
                                  seqnn_size m, seqnn_size n, seqnn_size k,
                                  const seqnn_real *a, seqnn_size a_row,
                                  const seqnn_real *b, seqnn_size b_row, bool add,
                                  seqnn_real *c, seqnn_size c_row)
{
    const seqnn_precision precision = device->precision;
    host_do(device, [=] {
        std::vector<seqnn_real> row((size_t)k), columns((size_t)(n * k));
        for (seqnn_size j = 0; j < n; j++)
            for (seqnn_size l = 0; l < k; l++)
                columns[(size_t)(j * k + l)] = sq_factor(
                    precision, transpose_b ? b[j * b_row + l] : b[l * b_row + j]);
        for (seqnn_size i = 0; i < m; i++) {
            for (seqnn_size l = 0; l < k; l++)
                row[(size_t)l] = sq_factor(precision, transpose_a ? a[l * a_row + i]
                                                                  : a[i * a_row + l]);
            for (seqnn_size j = 0; j < n; j++) {
                double sum = add ? (double)c[i * c_row + j] : 0;
                for (seqnn_size l = 0; l < k; l++)
                    sum += (double)row[(size_t)l] * (double)columns[(size_t)(j * k + l)];
                c[i * c_row + j] = (seqnn_real)sum;
            }
        }
    });
}

static seqnn_status sq_device_status_now(sq_device *device)
{
    host_wait(device);
    return device->status;
}

static void sq_device_record(sq_device *device)
{
    device->recording = true;
    device->record = new sq_recording;
}

static sq_recording *sq_device_recorded(sq_device *device)
{
    device->recording = false;
    if (!host_device.forgets)
        return device->record;
    delete device->record;
    return NULL;
}

static void sq_device_replay(sq_device *device, sq_recording *recording)
{
    for (auto &work : recording->work)
        host_do(device, work);
}

static void sq_recording_free(sq_recording *recording)
{
    delete recording;
}

/* The threads of one block, in some order, up to a barrier of the cluster. */
template <class Kernel>
static seqnn_size host_run_block(sq_device *device, sq_place at, seqnn_size p,
                                 const Kernel &kernel,
                                 std::vector<typename Kernel::state> &own)
{
    std::vector<seqnn_size> order((size_t)at.threads);
    std::iota(order.begin(), order.end(), 0);
    do {
        std::shuffle(order.begin(), order.end(), device->order);
        for (seqnn_size thread : order) {
            at.thread = thread;
            kernel.phase(p, at, own[(size_t)(at.rank * at.threads + thread)]);
        }
        p++;
    } while (p < kernel.phases() &&
             !sq_of_cluster(kernel, own[(size_t)(at.rank * at.threads)], 0));
    return p;
}

/* The blocks of one cluster: one after the other from a barrier of the cluster to the
 * next, so that a block that is fast meets one that is slow. */
template <class Kernel>
static void host_run_cluster(sq_device *device, const sq_grid &grid, seqnn_size first,
                             seqnn_size ranks, const Kernel &kernel)
{
    std::vector<std::vector<char>> shared((size_t)ranks);
    std::vector<char *> others;
    for (auto &memory : shared) { /* what is not written first must not matter */
        memory.assign(grid.shared + 32, (char)0x7f);
        others.push_back(memory.data() + (32 - (uintptr_t)memory.data() % 32) % 32);
    }
    std::vector<typename Kernel::state> own((size_t)(ranks * grid.threads));
    std::vector<seqnn_size> order((size_t)ranks);
    std::iota(order.begin(), order.end(), 0);
    for (seqnn_size p = 0; p < kernel.phases();) {
        seqnn_size reached = p;
        std::shuffle(order.begin(), order.end(), device->order);
        for (seqnn_size rank : order)
            reached =
                host_run_block(device,
                               sq_place{first + rank, grid.blocks, 0, grid.threads, rank,
                                        ranks, others[(size_t)rank], others.data()},
                               p, kernel, own);
        p = reached;
    }
    if (ranks > 1 && !sq_of_cluster(kernel, own[0], 0))
        abort(); /* one that has ended may still be read by the others (kernel.cuh) */
}

template <class Kernel>
static void sq_device_run_now(sq_device *device, const sq_grid &grid,
                              const Kernel &kernel)
{
    host_do(device, [=] {
        if (host_fails(device, &host_device.launches, SEQNN_ERROR_DEVICE,
                       "a launch failed"))
            return;
        if (grid.threads > sq_threads_of<Kernel>::MOST || grid.blocks < 1)
            abort(); /* a launch that no device does */
        device->launches++;
        const seqnn_size ranks = sq_max(grid.cluster, 1);
        std::vector<seqnn_size> order;
        for (seqnn_size first = 0; first < grid.blocks; first += ranks)
            order.push_back(first);
        std::shuffle(order.begin(), order.end(), device->order);
        for (seqnn_size first : order)
            host_run_cluster(device, grid, first, ranks, kernel);
    });
}

#endif
