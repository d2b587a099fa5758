/* words/window_kernels.c - one step of word2vec, fast; for the equations read window.c */
#include "window.h"

#ifdef SEQNN_WORDS

#include "simd.h"

#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "window_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "window_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "window_kernels.inc"
#include "simd_end.inc"
#endif

SQ_LOCAL const sq_window_kernels *sq_window_fast(void)
{
    switch (sq_isa()) {
#ifdef SQ_HAVE_AVX2
    case SQ_ISA_AVX2:
        return &sq_window_kernels_avx2;
#endif
#ifdef SQ_HAVE_AVX512
    case SQ_ISA_AVX512:
        return &sq_window_kernels_avx512;
#endif
#ifdef SQ_HAVE_NEON
    case SQ_ISA_NEON:
        return &sq_window_kernels_neon;
#endif
    default:
        return sq_window_plain();
    }
}

#endif
