#include "product.h"
#include "parallel.h"
#include "simd.h"

#ifdef SEQNN_USE_CBLAS
#include <cblas.h>
#endif

enum {
    SQ_DEPTH = 320,       /* longest stretch of k that one chain of additions runs over */
    SQ_GROUP = 64,        /* columns of B that are packed together */
    SQ_PANEL_MOST = 32,   /* columns of the widest panel of all instruction sets */
    SQ_TILE_ROWS = 768,   /* most rows of a tile, if SQ_LARGE_A allows as many; */
    SQ_TILE_LEAST = 24,   /* it is not cut finer for more threads than this, */
    SQ_TILE_COLUMNS = 64, /* or across than this */
    SQ_FEW_ROWS = 12,     /* up to here B is read where it lies; */
    SQ_SOME_ROWS = 64,    /* up to here A is, and B if it is small; */
    SQ_SOME_COLUMNS = 320, /* up to here A is */
    SQ_SMALL_B = 32768     /* elements that the second cache holds: packed once for all */
};

/* Elements of A in a tile at a stretch of k. Its rows share what is packed of B: half a
 * megabyte is better than what the second cache holds, since A is read in one stream. It
 * lies on the stack, which is small for the threads of some systems. */
#ifdef __GLIBC__
#define SQ_LARGE_A ((1 << 19) / (seqnn_size)sizeof(seqnn_real))
#else
#define SQ_LARGE_A ((1 << 17) / (seqnn_size)sizeof(seqnn_real))
#endif
/* Where A is smaller than this a tile does not ask for the large stack. */
#define SQ_SMALL_A 16384

/* Room on the stack: behind each block of rows of A a vector is left free. */
#define SQ_ROOM_B (SQ_DEPTH * SQ_GROUP)
#define SQ_ROOM_GAPS ((SQ_TILE_ROWS / 6 + 1) * 16)

/* From this number of multiplications on, threads are worth their start. */
#define SQ_PRODUCT_PARALLEL ((double)(1 << 20))

#if defined(__GNUC__)
#define SQ_ALIGNED __attribute__((aligned(64)))
#define SQ_OWN_STACK __attribute__((noinline))
#else
#define SQ_ALIGNED
#define SQ_OWN_STACK
#endif

/* The product as it was asked for. */
typedef struct sq_product {
    bool transpose_a, transpose_b, accumulate;
    seqnn_size m, n, k;
    const seqnn_real *a, *b;
    const seqnn_real *bias; /* what C was before, one row for all; or NULL */
    seqnn_real *c;
    seqnn_size lda, ldb, ldc;
    seqnn_size tile_rows, tile_columns;
    const seqnn_real *packed; /* all of op(B), or NULL: every tile packs what it needs */
} sq_product;

/* A part of C at one stretch of k. Element (row, k) of A lies at a[row a_row + k a_step];
 * packed, every block of rows is [depth, height]. Row k of panel j of B lies at
 * b + j b_panel + k b_step. The sums are added to start[row start_row + column]: C
 * itself, or the bias, which has one row for all; or to nothing (NULL). */
typedef struct sq_block {
    const seqnn_real *a, *b, *start;
    seqnn_real *c;
    seqnn_size a_row, a_step, b_step, b_panel, start_row, ldc;
    seqnn_size columns, depth;
    bool a_packed;
} sq_block;

/* k is cut into this many stretches of nearly equal length. Their sums are added in
 * order; that keeps rounding errors small, and depends on k alone. */
static seqnn_size sq_stretches(seqnn_size k)
{
    return sq_max(1, (k + SQ_DEPTH - 1) / SQ_DEPTH);
}

/* How many rows of A make at most so many elements at one stretch of k. */
static seqnn_size sq_rows_in(seqnn_size elements, seqnn_size k)
{
    const seqnn_size depth = sq_max(1, (k + sq_stretches(k) - 1) / sq_stretches(k));
    return sq_min(elements / depth, SQ_TILE_ROWS);
}

/* Whether the rows of A are read where they are. To pack them takes time, which comes
 * back only where many rows meet many columns. */
static bool sq_left_as_it_is(seqnn_size rows, seqnn_size columns)
{
    return rows <= SQ_SOME_ROWS || columns <= SQ_SOME_COLUMNS;
}

/* ceil(size / pieces) for the smallest number of pieces not above `most`. */
static seqnn_size sq_even_piece(seqnn_size size, seqnn_size most)
{
    const seqnn_size pieces = (size + most - 1) / most;
    return (size + pieces - 1) / pieces;
}

/* What the sums of the first stretch of k are added to. */
static const seqnn_real *sq_product_first(const sq_product *product, seqnn_size row,
                                          seqnn_size column, seqnn_size *start_row)
{
    *start_row = product->bias ? 0 : product->ldc;
    return product->bias         ? product->bias + column
           : product->accumulate ? product->c + row * product->ldc + column
                                 : NULL;
}

/* What a micro-kernel does for row r, written out so that every sum has a name of its own
 * and stays in a register. */
#define SQ_EACH_ROW_1(DO) DO(0)
#define SQ_EACH_ROW_2(DO) SQ_EACH_ROW_1(DO) DO(1)
#define SQ_EACH_ROW_3(DO) SQ_EACH_ROW_2(DO) DO(2)
#define SQ_EACH_ROW_4(DO) SQ_EACH_ROW_3(DO) DO(3)
#define SQ_EACH_ROW_5(DO) SQ_EACH_ROW_4(DO) DO(4)
#define SQ_EACH_ROW_6(DO) SQ_EACH_ROW_5(DO) DO(5)
#define SQ_EACH_ROW_7(DO) SQ_EACH_ROW_6(DO) DO(6)
#define SQ_EACH_ROW_8(DO) SQ_EACH_ROW_7(DO) DO(7)
#define SQ_EACH_ROW_9(DO) SQ_EACH_ROW_8(DO) DO(8)
#define SQ_EACH_ROW_10(DO) SQ_EACH_ROW_9(DO) DO(9)
#define SQ_EACH_ROW_11(DO) SQ_EACH_ROW_10(DO) DO(10)
#define SQ_EACH_ROW_12(DO) SQ_EACH_ROW_11(DO) DO(11)

/* Rows of C are far apart: they are asked for before the sums are made. */
#define SQ_AHEAD(r) SQ_PREFETCH(c + (r)*ldc);

#define SQ_CLEAR(r, v) SQ_VECTOR c##r##_##v = SQ_V(set)(0);
#define SQ_CLEAR_2(r) SQ_CLEAR(r, 0) SQ_CLEAR(r, 1)
#define SQ_CLEAR_4(r) SQ_CLEAR_2(r) SQ_CLEAR(r, 2) SQ_CLEAR(r, 3)
#define SQ_CLEAR_8(r)                                                                    \
    SQ_CLEAR_4(r) SQ_CLEAR(r, 4) SQ_CLEAR(r, 5) SQ_CLEAR(r, 6) SQ_CLEAR(r, 7)

#define SQ_LOAD(v)                                                                       \
    const SQ_VECTOR b##v = SQ_V(load)(b + (v) / 2 * b_panel + (v) % 2 * SQ_WIDTH);
#define SQ_LOAD_2 SQ_LOAD(0) SQ_LOAD(1)
#define SQ_LOAD_4 SQ_LOAD_2 SQ_LOAD(2) SQ_LOAD(3)
#define SQ_LOAD_8 SQ_LOAD_4 SQ_LOAD(4) SQ_LOAD(5) SQ_LOAD(6) SQ_LOAD(7)

#define SQ_STEP(r, v) c##r##_##v = SQ_V(fma)(a##r, b##v, c##r##_##v);
#define SQ_STEP_2(r)                                                                     \
    const SQ_VECTOR a##r = SQ_V(set)(a[r * a_row]);                                      \
    SQ_STEP(r, 0) SQ_STEP(r, 1)
#define SQ_STEP_4(r) SQ_STEP_2(r) SQ_STEP(r, 2) SQ_STEP(r, 3)
#define SQ_STEP_8(r) SQ_STEP_4(r) SQ_STEP(r, 4) SQ_STEP(r, 5) SQ_STEP(r, 6) SQ_STEP(r, 7)

#define SQ_SPILL(r, v) SQ_V(store)(sums + (r)*width + (v)*SQ_WIDTH, c##r##_##v);
#define SQ_SPILL_2(r) SQ_SPILL(r, 0) SQ_SPILL(r, 1)
#define SQ_SPILL_4(r) SQ_SPILL_2(r) SQ_SPILL(r, 2) SQ_SPILL(r, 3)
#define SQ_SPILL_8(r)                                                                    \
    SQ_SPILL_4(r) SQ_SPILL(r, 4) SQ_SPILL(r, 5) SQ_SPILL(r, 6) SQ_SPILL(r, 7)

#define SQ_PUT(r, v)                                                                     \
    SQ_V(product_put)                                                                    \
    (c + (r)*ldc + (v)*SQ_WIDTH, c##r##_##v,                                             \
     start ? start + (r)*start_row + (v)*SQ_WIDTH : NULL);
#define SQ_PUT_2(r) SQ_PUT(r, 0) SQ_PUT(r, 1)
#define SQ_PUT_4(r) SQ_PUT_2(r) SQ_PUT(r, 2) SQ_PUT(r, 3)
#define SQ_PUT_8(r) SQ_PUT_4(r) SQ_PUT(r, 4) SQ_PUT(r, 5) SQ_PUT(r, 6) SQ_PUT(r, 7)

#include "simd_use_plain.inc"
#include "product_kernels.inc"
#include "simd_end.inc"
#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "product_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "product_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "product_kernels.inc"
#include "simd_end.inc"
#endif

typedef void (*sq_product_tile_function)(const sq_product *, seqnn_size, seqnn_size,
                                         seqnn_size, seqnn_size, seqnn_real *);
typedef void (*sq_product_pack_function)(bool, seqnn_size, seqnn_size, const seqnn_real *,
                                         seqnn_size, seqnn_real *);
typedef void (*sq_product_packed_function)(seqnn_size, seqnn_size, seqnn_size,
                                           const seqnn_real *, seqnn_size,
                                           const seqnn_real *, const seqnn_real *,
                                           seqnn_size, seqnn_real *, seqnn_size);
SQ_ISA_TABLE(sq_product_tile_table, sq_product_tile_function, product_tile);
SQ_ISA_TABLE(sq_product_pack_table, sq_product_pack_function, product_pack);
SQ_ISA_TABLE(sq_product_packed_table, sq_product_packed_function, product_packed);

static SQ_OWN_STACK void sq_product_small_tile(const sq_product *product, seqnn_size row,
                                               seqnn_size rows, seqnn_size column,
                                               seqnn_size columns)
{
    SQ_ALIGNED seqnn_real room[SQ_ROOM_B + SQ_SMALL_A + SQ_ROOM_GAPS];
    sq_product_tile_table[sq_isa()](product, row, rows, column, columns, room);
}

static SQ_OWN_STACK void sq_product_large_tile(const sq_product *product, seqnn_size row,
                                               seqnn_size rows, seqnn_size column,
                                               seqnn_size columns)
{
    SQ_ALIGNED seqnn_real room[SQ_ROOM_B + SQ_LARGE_A + SQ_ROOM_GAPS];
    sq_product_tile_table[sq_isa()](product, row, rows, column, columns, room);
}

/* Whole rows of C, times a B that is packed already. */
static void sq_product_whole_rows(const sq_product *product, seqnn_size row,
                                  seqnn_size rows)
{
    seqnn_size start_row;
    const seqnn_real *start = sq_product_first(product, row, 0, &start_row);
    sq_product_packed_table[sq_isa()](
        rows, product->n, product->k, product->a + row * product->lda, product->lda,
        product->packed, start, start_row, product->c + row * product->ldc, product->ldc);
}

/* Tiles are counted along the rows of C first, then along its columns. */
static void sq_product_work(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_product *product = (const sq_product *)context;
    const seqnn_size down = (product->m + product->tile_rows - 1) / product->tile_rows;
    for (seqnn_size tile = begin; tile < end; tile++) {
        const seqnn_size row = tile % down * product->tile_rows;
        const seqnn_size column = tile / down * product->tile_columns;
        const seqnn_size rows = sq_min(product->tile_rows, product->m - row);
        const seqnn_size columns = sq_min(product->tile_columns, product->n - column);
        if (product->packed)
            sq_product_whole_rows(product, row, rows);
        else if (rows <= sq_rows_in(SQ_SMALL_A, product->k))
            sq_product_small_tile(product, row, rows, column, columns);
        else
            sq_product_large_tile(product, row, rows, column, columns);
    }
}

/* Whole rows of C, times a B that is packed here. */
static SQ_OWN_STACK void sq_product_run_packed(const sq_product *product, seqnn_size down)
{
    SQ_ALIGNED seqnn_real packed[SQ_SMALL_B];
    sq_product work = *product;
    sq_matmul_pack(work.transpose_b, work.n, work.k, work.b, work.ldb, packed);
    work.packed = packed;
    sq_parallel(down, 1, sq_product_work, &work);
}

static seqnn_size sq_common_divisor(seqnn_size a, seqnn_size b)
{
    return b == 0 ? a : sq_common_divisor(b, a % b);
}

/* Tiles as large as the caches like them, and as many for one thread as for another. For
 * that the columns are cut or, where a tile has more rows than columns, the rows. */
static void sq_product_run(sq_product *product)
{
    const seqnn_size m = product->m, n = product->n;
    const double multiplications = (double)m * (double)n * (double)product->k;
    product->packed = NULL;
    product->tile_columns = n;
    product->tile_rows = sq_even_piece(m, sq_rows_in(SQ_LARGE_A, product->k));
    seqnn_size down = (m + product->tile_rows - 1) / product->tile_rows;
    if (multiplications < SQ_PRODUCT_PARALLEL) {
        sq_product_work(product, 0, down);
        return;
    }
    const seqnn_size threads = sq_threads();
    const seqnn_size even = (down + threads - 1) / threads * threads;
    const bool small_b = !product->transpose_a && m >= 2 * SQ_TILE_LEAST * even &&
                         sq_matmul_packed_size(product->k, n) <= SQ_SMALL_B;
    seqnn_size across = threads / sq_common_divisor(down, threads);
    if (small_b || n < across * SQ_TILE_COLUMNS || n / across < m / even) {
        across = 1;
        product->tile_rows =
            sq_max((m + even - 1) / even, sq_min(SQ_TILE_LEAST, product->tile_rows));
        down = (m + product->tile_rows - 1) / product->tile_rows;
    }
    if (small_b) {
        sq_product_run_packed(product, down);
        return;
    }
    /* Whole panels, of whatever instruction set. */
    product->tile_columns =
        ((n + across - 1) / across + SQ_PANEL_MOST - 1) / SQ_PANEL_MOST * SQ_PANEL_MOST;
    across = (n + product->tile_columns - 1) / product->tile_columns;
    sq_parallel(down * across, 1, sq_product_work, product);
}

#ifdef SEQNN_USE_CBLAS
/* Hands a large product to the BLAS; false if it is not one. */
static bool sq_product_blas(const sq_product *p)
{
    const seqnn_size largest = sq_max(sq_max(p->m, p->n), p->k);
    if ((double)p->m * (double)p->n * (double)p->k < SQ_PRODUCT_PARALLEL ||
        sq_max(largest, sq_max(sq_max(p->lda, p->ldb), p->ldc)) > INT_MAX)
        return false;
    const CBLAS_TRANSPOSE op_a = p->transpose_a ? CblasTrans : CblasNoTrans;
    const CBLAS_TRANSPOSE op_b = p->transpose_b ? CblasTrans : CblasNoTrans;
    for (seqnn_size row = 0; p->bias && row < p->m; row++)
        memcpy(p->c + row * p->ldc, p->bias, (size_t)p->n * sizeof *p->c);
#ifdef SEQNN_DOUBLE
    cblas_dgemm(CblasRowMajor, op_a, op_b, (int)p->m, (int)p->n, (int)p->k, 1, p->a,
                (int)p->lda, p->b, (int)p->ldb, p->accumulate, p->c, (int)p->ldc);
#else
    cblas_sgemm(CblasRowMajor, op_a, op_b, (int)p->m, (int)p->n, (int)p->k, 1, p->a,
                (int)p->lda, p->b, (int)p->ldb, p->accumulate, p->c, (int)p->ldc);
#endif
    return true;
}
#endif

static void sq_product_make(bool transpose_a, bool transpose_b, seqnn_size m,
                            seqnn_size n, seqnn_size k, const seqnn_real *a,
                            seqnn_size lda, const seqnn_real *b, seqnn_size ldb,
                            const seqnn_real *bias, bool accumulate, seqnn_real *c,
                            seqnn_size ldc)
{
    if (m <= 0 || n <= 0)
        return;
    sq_product product;
    product.transpose_a = transpose_a;
    product.transpose_b = transpose_b;
    product.accumulate = accumulate;
    product.m = m;
    product.n = n;
    product.k = k;
    product.a = a;
    product.b = b;
    product.bias = bias;
    product.c = c;
    product.lda = lda;
    product.ldb = ldb;
    product.ldc = ldc;
#ifdef SEQNN_USE_CBLAS
    if (sq_product_blas(&product))
        return;
#endif
    sq_product_run(&product);
}

SQ_LOCAL void sq_matmul(bool transpose_a, bool transpose_b, seqnn_size m, seqnn_size n,
                        seqnn_size k, const seqnn_real *a, seqnn_size lda,
                        const seqnn_real *b, seqnn_size ldb, bool accumulate,
                        seqnn_real *c, seqnn_size ldc)
{
    sq_product_make(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, NULL, accumulate,
                    c, ldc);
}

SQ_LOCAL void sq_matmul_bias(seqnn_size m, seqnn_size n, seqnn_size k,
                             const seqnn_real *a, seqnn_size lda, const seqnn_real *b,
                             seqnn_size ldb, const seqnn_real *bias, seqnn_real *c,
                             seqnn_size ldc)
{
    sq_product_make(false, false, m, n, k, a, lda, b, ldb, bias, bias != NULL, c, ldc);
}

SQ_LOCAL void sq_matmul_plain(bool transpose_a, bool transpose_b, seqnn_size m,
                              seqnn_size n, seqnn_size k, const seqnn_real *a,
                              seqnn_size lda, const seqnn_real *b, seqnn_size ldb,
                              bool accumulate, seqnn_real *c, seqnn_size ldc)
{
    for (seqnn_size row = 0; row < m; row++)
        for (seqnn_size column = 0; column < n; column++) {
            seqnn_real sum = accumulate ? c[row * ldc + column] : 0;
            for (seqnn_size i = 0; i < k; i++)
                sum += (transpose_a ? a[i * lda + row] : a[row * lda + i]) *
                       (transpose_b ? b[column * ldb + i] : b[i * ldb + column]);
            c[row * ldc + column] = sum;
        }
}

SQ_LOCAL seqnn_size sq_matmul_packed_size(seqnn_size k, seqnn_size n)
{
    if (n < 0 || n > PTRDIFF_MAX - SQ_PANEL_MOST)
        return -1;
    const seqnn_size columns = (n + SQ_PANEL_MOST - 1) / SQ_PANEL_MOST * SQ_PANEL_MOST;
    if (k < 0 || (columns > 0 && k > PTRDIFF_MAX / columns))
        return -1;
    return k * columns;
}

SQ_LOCAL void sq_matmul_pack(bool transpose_b, seqnn_size n, seqnn_size k,
                             const seqnn_real *b, seqnn_size ldb, seqnn_real *packed)
{
    sq_product_pack_table[sq_isa()](transpose_b, n, k, b, ldb, packed);
}

SQ_LOCAL void sq_matmul_packed(seqnn_size m, seqnn_size n, seqnn_size k,
                               const seqnn_real *a, seqnn_size lda,
                               const seqnn_real *packed, bool accumulate, seqnn_real *c,
                               seqnn_size ldc)
{
    if (m > 0 && n > 0)
        sq_product_packed_table[sq_isa()](m, n, k, a, lda, packed, accumulate ? c : NULL,
                                          ldc, c, ldc);
}
