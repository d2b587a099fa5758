/* cuda/sweep_tile.cuh - a matrix that the threads of a block hold (private)
 *
 * A persistent sweep multiplies a few rows by the same matrix M at every step,
 *
 *     y [rows, outputs] = v [rows, inputs] M [inputs, outputs],
 *
 * so a thread keeps its part of M: four columns of it, by some of its rows, in chunks of
 * 4 by 4 numbers. The first chunks are in registers, which a multiprocessor reads at the
 * speed of its arithmetic; the rest is in shared memory, chunk by chunk and thread by
 * thread, so that a vector load of a warp is one line of it, without bank conflicts.
 *
 * Threads of the same four columns are its slices. Chunk q of slice s meets the inputs
 * 4 (q slices + s) .. + 3: the threads of a warp read one vector of v, or neighbours.
 * Each leaves its sum in `parts` [slices, rows, 4 groups]; who needs y adds them in
 * order.
 *
 * Weights are held as they are, or (sq_eight) in BF16, twice as many in the same room; v
 * and the sums are as they are.
 */
#ifndef SQ_CUDA_SWEEP_TILE_H
#define SQ_CUDA_SWEEP_TILE_H

#include "precision.cuh"
#include "sweep.cuh"

#ifdef __CUDA_ARCH__
#define SQ_UNROLL _Pragma("unroll")
#define SQ_NO_UNROLL _Pragma("unroll 1") /* it would take registers */
#else
#define SQ_UNROLL
#define SQ_NO_UNROLL
#endif

/* Threads of a block at most; numbers of a chunk. */
enum { SQ_TILE_THREADS = 512, SQ_CHUNK = 16 };

/* What is loaded and stored at once: four numbers, or eight weights in BF16, the first of
 * a pair in the lower half. */
struct alignas(16) sq_four {
    enum { NUMBERS = 4 };
    seqnn_real at[4];
};
struct alignas(16) sq_eight {
    enum { NUMBERS = 8 };
    uint32_t at[4];
};

/* In one store: of four, threads side by side would be in each other's way. */
SQ_BOTH static inline void sq_store_four(const seqnn_real *from, seqnn_real *to)
{
#if defined(__CUDA_ARCH__) && !defined(SEQNN_DOUBLE)
    *(float4 *)to = make_float4(from[0], from[1], from[2], from[3]);
#else
    *(sq_four *)to = *(const sq_four *)from;
#endif
}

/* A chunk is so many of them, and so many chunks of a thread are in registers: of the 128
 * of 32 bits that each of so many threads has, 64. */
template <class Vector> struct sq_held {
    enum {
        VECTORS = SQ_CHUNK / Vector::NUMBERS,
        BYTES = sizeof(Vector) / Vector::NUMBERS, /* of a weight */
        KEPT = 16 / BYTES
    };
};

SQ_BOTH static inline void sq_pack_chunk(const seqnn_real *numbers, sq_four *chunk)
{
    SQ_UNROLL
    for (int n = 0; n < SQ_CHUNK; n++)
        chunk[n / 4].at[n % 4] = numbers[n];
}

SQ_BOTH static inline void sq_pack_chunk(const seqnn_real *numbers, sq_eight *chunk)
{
    SQ_UNROLL
    for (int n = 0; n < SQ_CHUNK; n += 2)
        chunk[n / 8].at[n % 8 / 2] =
            sq_bits_of(sq_round_off((float)numbers[n], 16)) >> 16 |
            sq_bits_of(sq_round_off((float)numbers[n + 1], 16));
}

SQ_BOTH static inline seqnn_real sq_weight_of(const sq_four *chunk, int n)
{
    return chunk[n / 4].at[n % 4];
}

SQ_BOTH static inline seqnn_real sq_weight_of(const sq_eight *chunk, int n)
{
    const uint32_t pair = chunk[n / 8].at[n % 8 / 2];
    return sq_float_of(n % 2 ? pair & 0xffff0000 : pair << 16);
}

struct sq_tile {
    int inputs, outputs;
    int groups, slices; /* of four outputs; threads that share the inputs of a group */
    int chunks, kept;   /* of a thread; those in registers */
    int bytes;          /* of a weight */
    int wide;           /* numbers of a row of v: inputs, and zeros */
    int weights;        /* where the other chunks are, in numbers from the start of the
                           shared memory */
};

static inline int sq_tile_threads(const sq_tile &tile)
{
    return tile.groups * tile.slices;
}

/* The fewest slices with which all chunks are in registers and all four schedulers of a
 * multiprocessor have work; if that cannot be, the most. No groups: too many outputs. */
static inline sq_tile sq_tile_of(seqnn_size inputs, seqnn_size outputs, int kept,
                                 int bytes)
{
    const seqnn_size busy = 256, blocks = (inputs + 3) / 4, groups = (outputs + 3) / 4;
    sq_tile tile = {};
    if (groups > SQ_TILE_THREADS)
        return tile;
    const seqnn_size most = sq_min(blocks, SQ_TILE_THREADS / groups);
    seqnn_size slices = 1;
    while (slices < most &&
           (slices * groups < busy || (blocks + slices - 1) / slices > kept))
        slices++;
    tile.inputs = (int)inputs;
    tile.outputs = (int)outputs;
    tile.groups = (int)groups;
    tile.slices = (int)slices;
    tile.chunks = (int)((blocks + slices - 1) / slices);
    tile.kept = (int)sq_min(kept, tile.chunks);
    tile.bytes = bytes;
    tile.wide = 4 * tile.chunks * tile.slices;
    return tile;
}

/* Numbers of shared memory: the chunks that are not in registers; the sums of slices. */
static inline seqnn_size sq_tile_weights(const sq_tile &tile)
{
    const seqnn_size weights =
        (seqnn_size)(tile.chunks - tile.kept) * SQ_CHUNK * sq_tile_threads(tile);
    return weights * tile.bytes / (seqnn_size)sizeof(seqnn_real);
}

static inline seqnn_size sq_tile_parts(const sq_tile &tile, int rows)
{
    return (seqnn_size)4 * sq_tile_threads(tile) * rows;
}

/* Chunk q of a thread. M(input, output) is matrix.W[matrix.input(input) +
 * matrix.output(output)], and 0 where one of the two is below 0. */
template <class Matrix, class Vector>
SQ_BOTH static inline void sq_tile_chunk(const sq_tile &tile, int group, int slice, int q,
                                         const Matrix &matrix, Vector *chunk)
{
    seqnn_real numbers[SQ_CHUNK];
    int from[4], to[4];
    SQ_UNROLL
    for (int n = 0; n < 4; n++) {
        const int input = 4 * (q * tile.slices + slice) + n;
        from[n] = q < tile.chunks && input < tile.inputs ? matrix.input(input) : -1;
        to[n] = 4 * group + n < tile.outputs ? matrix.output(4 * group + n) : -1;
    }
    const bool neighbours = from[0] >= 0 && from[1] == from[0] + 1 &&
                            from[2] == from[0] + 2 && from[3] == from[0] + 3;
    SQ_UNROLL
    for (int n = 0; n < 4; n++) {
        const seqnn_real *first =
            neighbours && to[n] >= 0 ? matrix.W + from[0] + to[n] : NULL;
        if (first && (uintptr_t)first % sizeof(sq_four) == 0) {
            const sq_four four = *(const sq_four *)first; /* whole lines of W_h */
            SQ_UNROLL
            for (int c = 0; c < 4; c++)
                numbers[4 * c + n] = four.at[c];
        } else {
            SQ_UNROLL
            for (int c = 0; c < 4; c++)
                numbers[4 * c + n] =
                    from[c] < 0 || to[n] < 0 ? 0 : matrix.W[from[c] + to[n]];
        }
    }
    sq_pack_chunk(numbers, chunk);
}

/* Where a thread's first vector of its first chunk in shared memory is; each of the
 * others is that of all threads further. */
template <class Vector>
SQ_BOTH static inline Vector *sq_tile_shared(const sq_tile &tile, int thread,
                                             seqnn_real *shared)
{
    return (Vector *)(shared + tile.weights) + thread;
}

/* Fills a thread's chunks, KEPT of them in registers. */
template <int KEPT, class Matrix, class Vector>
SQ_BOTH static inline void
sq_tile_hold(const sq_tile &tile, int thread, const Matrix &matrix,
             Vector (*registers)[sq_held<Vector>::VECTORS], seqnn_real *shared)
{
    enum { VECTORS = sq_held<Vector>::VECTORS };
    const int threads = tile.groups * tile.slices;
    const int group = thread % tile.groups, slice = thread / tile.groups;
    Vector *there = sq_tile_shared<Vector>(tile, thread, shared);
    if (thread >= threads)
        return;
    SQ_UNROLL
    for (int q = 0; q < KEPT; q++)
        sq_tile_chunk(tile, group, slice, q, matrix, registers[q]);
    for (int q = tile.kept; q < tile.chunks; q++) {
        Vector chunk[VECTORS];
        sq_tile_chunk(tile, group, slice, q, matrix, chunk);
        SQ_UNROLL
        for (int c = 0; c < VECTORS; c++)
            there[((q - tile.kept) * VECTORS + c) * threads] = chunk[c];
    }
}

/* sum [rows, 4] += four numbers of each row of v times a chunk. */
template <int ROWS, class Vector>
SQ_BOTH static inline void sq_multiply_chunk(const seqnn_real *v, int wide,
                                             const Vector *chunk, seqnn_real (*sum)[4])
{
    SQ_UNROLL
    for (int r = 0; r < ROWS; r++) {
        const sq_four in = *(const sq_four *)(v + r * wide);
        SQ_UNROLL
        for (int n = 0; n < SQ_CHUNK; n++)
            sum[r][n % 4] += in.at[n / 4] * sq_weight_of(chunk, n);
    }
}

/* Leaves the parts of v M. Four rows at a time use a chunk once it is loaded. A tile that
 * has KEPT 0 of registers is all in shared memory. */
template <int ROWS, int KEPT, class Vector>
SQ_BOTH static inline void
sq_tile_product(const sq_tile &tile, int thread, int group, int slice,
                const Vector (*registers)[sq_held<Vector>::VECTORS], seqnn_real *shared,
                const seqnn_real *v, seqnn_real *parts)
{
    enum { AT_ONCE = ROWS < 4 ? ROWS : 4, VECTORS = sq_held<Vector>::VECTORS };
    const int threads = tile.groups * tile.slices, wide = tile.wide;
    const int next = 4 * tile.slices; /* from the inputs of a chunk to the next one's */
    const Vector *there = sq_tile_shared<Vector>(tile, thread, shared);
    if (thread >= threads)
        return;
    SQ_NO_UNROLL
    for (int row = 0; row < ROWS; row += AT_ONCE) {
        const seqnn_real *from = v + row * wide + 4 * slice;
        alignas(16) seqnn_real sum[AT_ONCE][4] = {};
        SQ_UNROLL
        for (int q = 0; q < KEPT; q++)
            if (q < tile.kept)
                sq_multiply_chunk<AT_ONCE>(from + q * next, wide, registers[q], sum);
        SQ_NO_UNROLL
        for (int q = tile.kept; q < tile.chunks; q++) {
            Vector chunk[VECTORS];
            SQ_UNROLL
            for (int c = 0; c < VECTORS; c++)
                chunk[c] = there[((q - tile.kept) * VECTORS + c) * threads];
            sq_multiply_chunk<AT_ONCE>(from + q * next, wide, chunk, sum);
        }
        SQ_UNROLL
        for (int r = 0; r < AT_ONCE; r++)
            sq_store_four(sum[r],
                          parts + ((slice * ROWS + row + r) * tile.groups + group) * 4);
    }
}

/* y [row, output] and `count` - 1 more that are `apart`, from the parts. */
template <int ROWS, int MOST>
SQ_BOTH static inline void sq_tile_sums(const sq_tile &tile, const seqnn_real *parts,
                                        int row, int output, int apart, int count,
                                        seqnn_real *sums)
{
    const int next = ROWS * tile.groups * 4;
    const seqnn_real *part = parts + row * tile.groups * 4 + output;
    SQ_UNROLL
    for (int g = 0; g < MOST; g++)
        sums[g] = 0;
    for (int s = 0; s < tile.slices; s++)
        SQ_UNROLL
    for (int g = 0; g < MOST; g++)
        if (g < count)
            sums[g] += part[s * next + g * apart];
}

#endif
