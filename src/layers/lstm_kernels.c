/* The fast sweeps of the LSTM; for the equations read lstm.c. */
#include "product.h"
#include "sweep_kernels.h"

#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "lstm_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "lstm_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "lstm_kernels.inc"
#include "simd_end.inc"
#endif

SQ_ISA_TABLE_BESIDE(sq_lstm_forward_table, sq_sweep_function, NULL, lstm_forward);
SQ_ISA_TABLE_BESIDE(sq_lstm_backward_table, sq_sweep_function, NULL, lstm_backward);

static void sq_lstm_forward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_lstm_forward_table[sq_isa()](sweep, begin, end);
}

static void sq_lstm_backward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_lstm_backward_table[sq_isa()](sweep, begin, end);
}

/* W_h, or W_h^T: never both at once. */
static seqnn_size sq_lstm_workspace(seqnn_size units)
{
    const seqnn_size gates = sq_multiply(4, units);
    const seqnn_size forward = sq_matmul_packed_size(units, gates);
    const seqnn_size backward = sq_matmul_packed_size(gates, units);
    return forward < 0 || backward < 0 ? -1 : sq_max(forward, backward);
}

static void sq_lstm_pack(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(false, 4 * units, units, sweep->W_h, 4 * units, sweep->workspace);
}

static void sq_lstm_pack_back(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(true, units, 4 * units, sweep->W_h, 4 * units, sweep->workspace);
}

SQ_LOCAL const sq_cell *sq_lstm_fast(void)
{
    if (sq_isa() == SQ_ISA_PLAIN)
        return sq_lstm_plain();
    static const sq_cell cell = {sq_lstm_forward_fast, sq_lstm_backward_fast,
                                 sq_lstm_workspace, sq_lstm_pack, sq_lstm_pack_back};
    return &cell;
}
