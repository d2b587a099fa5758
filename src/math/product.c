#include "product.h"
#include "parallel.h"
#include "simd.h"

#ifdef SEQNN_USE_CBLAS
#include <cblas.h>
#endif

enum {
    SQ_DEPTH = 256,     /* longest stretch of k that one chain of additions runs over */
    SQ_TILE_ROWS = 96,  /* of C, that one thread works on at a time */
    SQ_FEW_ROWS = 12,   /* up to here B is not packed */
    SQ_PANEL_MOST = 32, /* columns of the widest panel of all instruction sets */
    SQ_TILES_WANTED = 16
};

/* From this number of multiplications on, threads are worth their start. */
#define SQ_PRODUCT_PARALLEL ((double)(1 << 20))

#if defined(__GNUC__)
#define SQ_ALIGNED __attribute__((aligned(64)))
#else
#define SQ_ALIGNED
#endif

/* The product as it was asked for. */
typedef struct sq_product {
    bool transpose_a, transpose_b, accumulate;
    seqnn_size m, n, k;
    const seqnn_real *a, *b;
    seqnn_real *c;
    seqnn_size lda, ldb, ldc;
    seqnn_size tile_rows, tile_columns;
} sq_product;

/* A part of C at one stretch of k. Element (row, k) of A lies at a[row a_row + k a_step];
 * packed, every block of rows is [depth, height]. Row k of panel j of B lies at
 * b + j b_panel + k b_step. */
typedef struct sq_block {
    const seqnn_real *a, *b;
    seqnn_real *c;
    seqnn_size a_row, a_step, b_step, b_panel, ldc;
    seqnn_size columns, depth;
    bool a_packed, add;
} sq_block;

/* k is cut into this many stretches of nearly equal length. Their sums are added in
 * order; that keeps rounding errors small, and depends on k alone. */
static seqnn_size sq_stretches(seqnn_size k)
{
    return sq_max(1, (k + SQ_DEPTH - 1) / SQ_DEPTH);
}

/* ceil(size / pieces) for the smallest number of pieces not above `most`. */
static seqnn_size sq_even_piece(seqnn_size size, seqnn_size most)
{
    const seqnn_size pieces = (size + most - 1) / most;
    return (size + pieces - 1) / pieces;
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

#define SQ_PUT(r, v) SQ_V(product_put)(c + (r)*ldc + (v)*SQ_WIDTH, c##r##_##v, add);
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
                                         seqnn_size, seqnn_size);
typedef void (*sq_product_pack_function)(bool, seqnn_size, seqnn_size, const seqnn_real *,
                                         seqnn_size, seqnn_real *);
typedef void (*sq_product_packed_function)(seqnn_size, seqnn_size, seqnn_size,
                                           const seqnn_real *, seqnn_size,
                                           const seqnn_real *, bool, seqnn_real *,
                                           seqnn_size);
SQ_ISA_TABLE(sq_product_tile_table, sq_product_tile_function, product_tile);
SQ_ISA_TABLE(sq_product_pack_table, sq_product_pack_function, product_pack);
SQ_ISA_TABLE(sq_product_packed_table, sq_product_packed_function, product_packed);

/* Tiles are counted along the rows of C first, then along its columns. */
static void sq_product_work(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_product *product = (const sq_product *)context;
    const seqnn_size down = (product->m + product->tile_rows - 1) / product->tile_rows;
    for (seqnn_size tile = begin; tile < end; tile++) {
        const seqnn_size row = tile % down * product->tile_rows;
        const seqnn_size column = tile / down * product->tile_columns;
        sq_product_tile_table[sq_isa()](
            product, row, sq_min(product->tile_rows, product->m - row), column,
            sq_min(product->tile_columns, product->n - column));
    }
}

SQ_LOCAL void sq_matmul(bool transpose_a, bool transpose_b, seqnn_size m, seqnn_size n,
                        seqnn_size k, const seqnn_real *a, seqnn_size lda,
                        const seqnn_real *b, seqnn_size ldb, bool accumulate,
                        seqnn_real *c, seqnn_size ldc)
{
    if (m <= 0 || n <= 0)
        return;
    const double multiplications = (double)m * (double)n * (double)k;
#ifdef SEQNN_USE_CBLAS
    if (multiplications >= SQ_PRODUCT_PARALLEL && m <= INT_MAX && n <= INT_MAX &&
        k <= INT_MAX && lda <= INT_MAX && ldb <= INT_MAX && ldc <= INT_MAX) {
        const CBLAS_TRANSPOSE op_a = transpose_a ? CblasTrans : CblasNoTrans;
        const CBLAS_TRANSPOSE op_b = transpose_b ? CblasTrans : CblasNoTrans;
#ifdef SEQNN_DOUBLE
        cblas_dgemm(CblasRowMajor, op_a, op_b, (int)m, (int)n, (int)k, 1, a, (int)lda, b,
                    (int)ldb, accumulate, c, (int)ldc);
#else
        cblas_sgemm(CblasRowMajor, op_a, op_b, (int)m, (int)n, (int)k, 1, a, (int)lda, b,
                    (int)ldb, accumulate, c, (int)ldc);
#endif
        return;
    }
#endif
    sq_product product;
    product.transpose_a = transpose_a;
    product.transpose_b = transpose_b;
    product.accumulate = accumulate;
    product.m = m;
    product.n = n;
    product.k = k;
    product.a = a;
    product.b = b;
    product.c = c;
    product.lda = lda;
    product.ldb = ldb;
    product.ldc = ldc;
    product.tile_rows = sq_even_piece(m, SQ_TILE_ROWS);
    product.tile_columns = n;
    const seqnn_size down = (m + product.tile_rows - 1) / product.tile_rows;
    if (multiplications < SQ_PRODUCT_PARALLEL) {
        sq_product_work(&product, 0, down);
        return;
    }
    seqnn_size across = sq_min((SQ_TILES_WANTED + down - 1) / down, n / 128);
    across = sq_max(across, 1);
    /* Whole panels, of whatever instruction set. */
    product.tile_columns =
        ((n + across - 1) / across + SQ_PANEL_MOST - 1) / SQ_PANEL_MOST * SQ_PANEL_MOST;
    across = (n + product.tile_columns - 1) / product.tile_columns;
    sq_parallel(down * across, 1, sq_product_work, &product);
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
        sq_product_packed_table[sq_isa()](m, n, k, a, lda, packed, accumulate, c, ldc);
}
