#include "optimizer_update.h"
#include "simd.h"

#include "simd_use_plain.inc"
#ifdef __CUDACC__ /* a GPU runs these, a thread for each number: cuda/update.cuh */
#undef SQ_TARGET
#define SQ_TARGET SQ_BOTH
#endif
#include "optimizer_kernels.inc"
#include "simd_end.inc"

#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "optimizer_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "optimizer_kernels.inc"
#include "simd_end.inc"
#endif

#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "optimizer_kernels.inc"
#include "simd_end.inc"
#endif

SQ_ISA_TABLE(sq_update_sgd_table, sq_update_function, update_sgd);
SQ_ISA_TABLE(sq_update_rmsprop_table, sq_update_function, update_rmsprop);
SQ_ISA_TABLE(sq_update_adam_table, sq_update_function, update_adam);
SQ_ISA_TABLE(sq_update_adagrad_table, sq_update_function, update_adagrad);

SQ_LOCAL sq_update_function sq_update_of(seqnn_optimizer_kind kind)
{
    switch (kind) {
    case SEQNN_SGD:
        return sq_update_sgd_table[sq_isa()];
    case SEQNN_RMSPROP:
        return sq_update_rmsprop_table[sq_isa()];
    case SEQNN_ADAGRAD:
        return sq_update_adagrad_table[sq_isa()];
    default:
        return sq_update_adam_table[sq_isa()];
    }
}
