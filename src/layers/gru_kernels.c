/* The fast sweeps of the GRU; for the equations read gru.c. */
#include "product.h"
#include "sweep_kernels.h"

/* A step back needs room for dL/dh_prev beside that for dL/dh_(t-1): so many numbers, on
 * the stack, and as many rows at a time as fit. */
enum { SQ_GRU_ROOM = 8192 };

#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "gru_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "gru_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "gru_kernels.inc"
#include "simd_end.inc"
#endif

SQ_ISA_TABLE_BESIDE(sq_gru_forward_table, sq_sweep_function, NULL, gru_forward);
SQ_ISA_TABLE_BESIDE(sq_gru_backward_table, sq_sweep_function, NULL, gru_backward);

static void sq_gru_forward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_gru_forward_table[sq_isa()](sweep, begin, end);
}

static void sq_gru_backward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    if (sweep->units > SQ_GRU_ROOM)
        sq_gru_plain()->backward(sweep, begin, end);
    else
        sq_gru_backward_table[sq_isa()](sweep, begin, end);
}

/* The columns z and r of W_h, then those of h~; or of W_h^T: never both at once. */
static seqnn_size sq_gru_workspace(seqnn_size units)
{
    const seqnn_size gates = sq_multiply(3, units);
    const seqnn_size forward = sq_matmul_packed_size(units, gates);
    const seqnn_size backward = sq_matmul_packed_size(gates, units);
    if (forward < 0 || backward < 0)
        return -1;
    return sq_max(sq_matmul_packed_size(units, 2 * units),
                  sq_matmul_packed_size(2 * units, units)) +
           sq_matmul_packed_size(units, units);
}

static void sq_gru_pack(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    seqnn_real *W_candidate = sweep->workspace + sq_matmul_packed_size(units, 2 * units);
    sq_matmul_pack(false, 2 * units, units, sweep->W_h, 3 * units, sweep->workspace);
    sq_matmul_pack(false, units, units, sweep->W_h + 2 * units, 3 * units, W_candidate);
}

static void sq_gru_pack_back(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    seqnn_real *W_candidate = sweep->workspace + sq_matmul_packed_size(2 * units, units);
    sq_matmul_pack(true, units, 2 * units, sweep->W_h, 3 * units, sweep->workspace);
    sq_matmul_pack(true, units, units, sweep->W_h + 2 * units, 3 * units, W_candidate);
}

SQ_LOCAL const sq_cell *sq_gru_fast(void)
{
    if (sq_isa() == SQ_ISA_PLAIN)
        return sq_gru_plain();
    static const sq_cell cell = {sq_gru_forward_fast, sq_gru_backward_fast,
                                 sq_gru_workspace, sq_gru_pack, sq_gru_pack_back};
    return &cell;
}
