/* layers/sweep_kernels.h - what the fast sweeps of the three cells share (private)
 *
 * A fast sweep takes the active sequences of [begin, end) at a step together: their rows
 * lie side by side, so the recurrent product is one matrix product, and what is done
 * element by element runs over vectors. A row's result does not depend on the rows beside
 * it: the product sums in one order, and vectors never mix rows. None is compiled as plain
 * C: where the instruction set is SQ_ISA_PLAIN, the sweeps of lstm.c and its like run.
 */
#ifndef SQ_SWEEP_KERNELS_H
#define SQ_SWEEP_KERNELS_H

#include "functions.h"
#include "simd.h"
#include "sweep.h"

typedef void (*sq_sweep_function)(const sq_sweep *sweep, seqnn_size begin,
                                  seqnn_size end);

#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "sweep_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "sweep_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "sweep_kernels.inc"
#include "simd_end.inc"
#endif

#endif
