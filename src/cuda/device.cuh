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
#ifndef SQ_CUDA_DEVICE_H
#define SQ_CUDA_DEVICE_H

#include "kernel.cuh"

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

#endif
