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
#ifndef SQ_CUDA_GRAPH_H
#define SQ_CUDA_GRAPH_H

#include "device.cuh"

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

#endif
