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
 * TF32 and BF16 would be another chunk and another sq_multiply_chunk.
 */
#ifndef SQ_CUDA_SWEEP_TILE_H
#define SQ_CUDA_SWEEP_TILE_H

#include "sweep.cuh"

#ifdef __CUDA_ARCH__
#define SQ_UNROLL _Pragma("unroll")
#else
#define SQ_UNROLL
#endif

/* Threads of a block at most, and chunks of a thread that are in registers: of the 128 32
 * bit registers that so many threads have, 64. */
enum { SQ_TILE_THREADS = 512, SQ_CHUNK = 16, SQ_TILE_KEPT = 16 / sizeof(seqnn_real) };

/* Four numbers, loaded and stored at once. */
struct alignas(16) sq_four {
    seqnn_real at[4];
};

struct sq_tile {
    int inputs, outputs;
    int groups, slices; /* of four outputs; threads that share the inputs of a group */
    int chunks, kept;   /* of a thread; those in registers */
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
static inline sq_tile sq_tile_of(seqnn_size inputs, seqnn_size outputs, int kept)
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
    tile.wide = 4 * tile.chunks * tile.slices;
    return tile;
}

/* Numbers of shared memory: the chunks that are not in registers; the sums of slices. */
static inline seqnn_size sq_tile_weights(const sq_tile &tile)
{
    return (seqnn_size)(tile.chunks - tile.kept) * SQ_CHUNK * sq_tile_threads(tile);
}

static inline seqnn_size sq_tile_parts(const sq_tile &tile, int rows)
{
    return (seqnn_size)4 * sq_tile_threads(tile) * rows;
}

/* Fills a thread's chunks. M(input, output) is matrix.W[matrix.input(input) +
 * matrix.output(output)], and 0 where one of the two is below 0. */
template <int KEPT, class Matrix>
SQ_BOTH static inline void
sq_tile_hold(const sq_tile &tile, int thread, const Matrix &matrix,
             seqnn_real (*registers)[SQ_CHUNK], seqnn_real *shared)
{
    const int threads = tile.groups * tile.slices;
    const int group = thread % tile.groups, slice = thread / tile.groups;
    int to[4];
    if (thread >= threads)
        return;
    SQ_UNROLL
    for (int n = 0; n < 4; n++)
        to[n] = 4 * group + n < tile.outputs ? matrix.output(4 * group + n) : -1;
    SQ_UNROLL
    for (int q = 0; q < KEPT; q++)
        SQ_UNROLL
    for (int c = 0; c < 4; c++) {
        const int input = 4 * (q * tile.slices + slice) + c;
        const int from = q < tile.kept && input < tile.inputs ? matrix.input(input) : -1;
        SQ_UNROLL
        for (int n = 0; n < 4; n++)
            registers[q][4 * c + n] = from < 0 || to[n] < 0 ? 0 : matrix.W[from + to[n]];
    }
    for (int q = tile.kept; q < tile.chunks; q++)
        for (int c = 0; c < 4; c++) {
            const int input = 4 * (q * tile.slices + slice) + c;
            const int from = input < tile.inputs ? matrix.input(input) : -1;
            seqnn_real *four = shared + tile.weights +
                               (((q - tile.kept) * 4 + c) * threads + thread) * 4;
            SQ_UNROLL
            for (int n = 0; n < 4; n++)
                four[n] = from < 0 || to[n] < 0 ? 0 : matrix.W[from + to[n]];
        }
}

/* sum [rows, 4] += four numbers of each row of v times a chunk. */
template <int ROWS>
SQ_BOTH static inline void sq_multiply_chunk(const seqnn_real *v, int wide,
                                             const seqnn_real *chunk,
                                             seqnn_real (*sum)[4])
{
    SQ_UNROLL
    for (int r = 0; r < ROWS; r++) {
        const sq_four in = *(const sq_four *)(v + r * wide);
        SQ_UNROLL
        for (int n = 0; n < SQ_CHUNK; n++)
            sum[r][n % 4] += in.at[n / 4] * chunk[n];
    }
}

/* Leaves the parts of v M. Four rows at a time use a chunk once it is loaded. A tile that
 * has KEPT 0 of registers is all in shared memory. */
template <int ROWS, int KEPT>
SQ_BOTH static inline void
sq_tile_product(const sq_tile &tile, int thread, int group, int slice,
                const seqnn_real (*registers)[SQ_CHUNK], const seqnn_real *shared,
                const seqnn_real *v, seqnn_real *parts)
{
    enum { AT_ONCE = ROWS < 4 ? ROWS : 4 };
    const int threads = tile.groups * tile.slices, wide = tile.wide;
    const int next = 4 * tile.slices; /* from the inputs of a chunk to the next one's */
    if (thread >= threads)
        return;
    for (int row = 0; row < ROWS; row += AT_ONCE) {
        const seqnn_real *from = v + row * wide + 4 * slice;
        seqnn_real sum[AT_ONCE][4] = {};
        SQ_UNROLL
        for (int q = 0; q < KEPT; q++)
            if (q < tile.kept)
                sq_multiply_chunk<AT_ONCE>(from + q * next, wide, registers[q], sum);
        for (int q = tile.kept; q < tile.chunks; q++) {
            const seqnn_real *weights =
                shared + tile.weights + ((q - tile.kept) * 4 * threads + thread) * 4;
            seqnn_real chunk[SQ_CHUNK];
            SQ_UNROLL
            for (int c = 0; c < 4; c++) {
                const sq_four four = *(const sq_four *)(weights + c * threads * 4);
                SQ_UNROLL
                for (int n = 0; n < 4; n++)
                    chunk[4 * c + n] = four.at[n];
            }
            sq_multiply_chunk<AT_ONCE>(from + q * next, wide, chunk, sum);
        }
        SQ_UNROLL
        for (int r = 0; r < AT_ONCE; r++) {
            sq_four out;
            SQ_UNROLL
            for (int n = 0; n < 4; n++)
                out.at[n] = sum[r][n];
            *(sq_four *)(parts + ((slice * ROWS + row + r) * tile.groups + group) * 4) =
                out;
        }
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
