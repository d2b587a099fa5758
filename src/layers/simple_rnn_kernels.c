/* The fast sweeps of the vanilla RNN; for the equations read simple_rnn.c. */
#include "product.h"
#include "sweep_kernels.h"

#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "simple_rnn_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "simple_rnn_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "simple_rnn_kernels.inc"
#include "simd_end.inc"
#endif

SQ_ISA_TABLE_BESIDE(sq_simple_rnn_forward_table, sq_sweep_function, NULL,
                    simple_rnn_forward);
SQ_ISA_TABLE_BESIDE(sq_simple_rnn_backward_table, sq_sweep_function, NULL,
                    simple_rnn_backward);

static void sq_simple_rnn_forward_fast(const sq_sweep *sweep, seqnn_size begin,
                                       seqnn_size end)
{
    sq_simple_rnn_forward_table[sq_isa()](sweep, begin, end);
}

static void sq_simple_rnn_backward_fast(const sq_sweep *sweep, seqnn_size begin,
                                        seqnn_size end)
{
    sq_simple_rnn_backward_table[sq_isa()](sweep, begin, end);
}

static seqnn_size sq_simple_rnn_workspace(seqnn_size units)
{
    return sq_matmul_packed_size(units, units);
}

static void sq_simple_rnn_pack(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(false, units, units, sweep->W_h, units, sweep->workspace);
}

static void sq_simple_rnn_pack_back(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(true, units, units, sweep->W_h, units, sweep->workspace);
}

SQ_LOCAL const sq_cell *sq_simple_rnn_fast(void)
{
    if (sq_isa() == SQ_ISA_PLAIN)
        return sq_simple_rnn_plain();
    static const sq_cell cell = {sq_simple_rnn_forward_fast, sq_simple_rnn_backward_fast,
                                 sq_simple_rnn_workspace, sq_simple_rnn_pack,
                                 sq_simple_rnn_pack_back};
    return &cell;
}
