/* math/simd.h - one kernel source for every instruction set (private)
 *
 * A fast kernel is written once, in a file x_kernels.inc, over the vocabulary below, and
 * compiled once for each instruction set of the machine at hand. Which copy runs is
 * decided at run time (sq_isa), so a program built without -march=native is fast too.
 *
 * HOW TO WRITE KERNELS. In x_kernels.inc, functions carry SQ_TARGET and a name in SQ_V():
 *
 *     static SQ_TARGET void SQ_V(x_scale)(seqnn_real *x, seqnn_size n, seqnn_real factor)
 *     {
 *         const SQ_VECTOR f = SQ_V(set)(factor);
 *         seqnn_size i = 0;
 *         for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)
 *             SQ_V(store)(x + i, SQ_V(mul)(SQ_V(load)(x + i), f));
 *         if (i < n) {
 *             const SQ_VECTOR last = SQ_V(load_part)(x + i, n - i);
 *             SQ_V(store_part)(x + i, SQ_V(mul)(last, f), n - i);
 *         }
 *     }
 *
 * In x_kernels.c the file is included once for each set, and a table picks the copy:
 *
 *     #include "simd_use_plain.inc"
 *     #include "x_kernels.inc"
 *     #include "simd_end.inc"
 *     #ifdef SQ_HAVE_AVX2
 *     #include "simd_use_avx2.inc"
 *     #include "x_kernels.inc"
 *     #include "simd_end.inc"
 *     #endif
 *     ... SQ_HAVE_AVX512 with simd_use_avx512.inc, SQ_HAVE_NEON with simd_use_neon.inc
 *
 *     SQ_ISA_TABLE(sq_x_scale_table, sq_x_scale_function, x_scale);
 *     ...  sq_x_scale_table[sq_isa()](x, n, factor);
 *
 * SQ_V(x_scale) is sq_x_scale_plain, sq_x_scale_avx2, ... A table entry of a set that was
 * not compiled is NULL and sq_isa() never returns it. Resolve the table once per sweep,
 * not once per row. Helpers of a kernel are static SQ_INLINE.
 *
 * THE VOCABULARY. SQ_VECTOR holds SQ_WIDTH numbers of type seqnn_real (plain: 1); memory
 * need not be aligned. count is in [1, SQ_WIDTH].
 *
 *     load(p)  store(p, x)  load_part(p, count)  store_part(p, x, count)
 *                                  missing elements are read as 0, and never touched
 *     set(s)                       s in every element
 *     add  sub  mul  div (x, y)    sqrt(x)
 *     fma(x, y, z)                 x y + z
 *     min(x, y)  max(x, y)         x < y ? x : y and x > y ? x : y: y if either is NaN
 *     select_less(x, y, u, v)      x < y ? u : v, element by element
 *     sum(x)                       over the elements, in a fixed order
 *     transpose(p, ld_p, q, ld_q)  q = the transposed SQ_WIDTH x SQ_WIDTH block at p
 *     exp(x)  tanh(x)  sigmoid(x)  see functions.h
 *
 * CONTRACTION. GCC may fuse mul and add into one rounding (-ffp-contract=fast is its
 * default outside -std=c99). Where two code paths must agree to the bit, write fma().
 * On a machine without the instruction, plain fma() is a multiplication and an addition.
 */
#ifndef SQ_SIMD_H
#define SQ_SIMD_H

#include "private.h"

typedef enum sq_isa_kind {
    SQ_ISA_PLAIN,
    SQ_ISA_NEON,
    SQ_ISA_AVX2,
    SQ_ISA_AVX512,
    SQ_ISA_COUNT
} sq_isa_kind;

/* The instruction set of the kernels: the best the processor has, or what SEQNN_ISA in
 * the environment names (a name that is unknown or not available: the best). Decided at
 * the first call and the same from then on. */
SQ_LOCAL sq_isa_kind sq_isa(void);
SQ_LOCAL bool sq_isa_available(sq_isa_kind isa);
SQ_LOCAL const char *sq_isa_name(sq_isa_kind isa);
/* For tests: from now on this one, which must be available. */
SQ_LOCAL void sq_isa_force(sq_isa_kind isa);
/* For tests: the next sq_isa() asks the environment again. */
SQ_LOCAL void sq_isa_forget(void);

/* On x86 every set is compiled, to be chosen at run time, unless the compiler was told the
 * processor (-march=native, -mavx2): then its best one and plain C are enough, and a third
 * of the kernels' compile time is saved. */
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#define SQ_X86
#if !defined(__AVX512F__)
#define SQ_HAVE_AVX2
#endif
#if defined(__AVX512F__) || !defined(__AVX2__)
#define SQ_HAVE_AVX512
#endif
#elif defined(__GNUC__) && defined(__aarch64__)
#define SQ_HAVE_NEON
#endif

#if defined(__GNUC__)
#define SQ_INLINE_ANYWHERE inline __attribute__((always_inline, unused))
#else
#define SQ_INLINE_ANYWHERE inline
#endif

/* An array of SQ_ISA_COUNT function pointers, in the order of sq_isa_kind. */
#define SQ_ISA_TABLE(table, type, name)                                                  \
    SQ_ISA_TABLE_BESIDE(table, type, sq_##name##_plain, name)
/* The same for a kernel that is not compiled as plain C: `plain` is called instead. */
#define SQ_ISA_TABLE_BESIDE(table, type, plain, name)                                    \
    static const type table[SQ_ISA_COUNT] = {plain, SQ_NEON_COPY(name),                  \
                                             SQ_AVX2_COPY(name), SQ_AVX512_COPY(name)}
#ifdef SQ_HAVE_NEON
#define SQ_NEON_COPY(name) sq_##name##_neon
#else
#define SQ_NEON_COPY(name) NULL
#endif
#ifdef SQ_HAVE_AVX2
#define SQ_AVX2_COPY(name) sq_##name##_avx2
#else
#define SQ_AVX2_COPY(name) NULL
#endif
#ifdef SQ_HAVE_AVX512
#define SQ_AVX512_COPY(name) sq_##name##_avx512
#else
#define SQ_AVX512_COPY(name) NULL
#endif

#include "simd_plain.h"

#ifdef SQ_X86
#include "simd_avx2.h"
#endif
#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "simd_functions.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_avx512.h" /* stands on simd_avx2.h */
#include "simd_use_avx512.inc"
#include "simd_functions.inc"
#include "simd_end.inc"
#endif

#ifdef SQ_HAVE_NEON
#include "simd_neon.h"
#include "simd_use_neon.inc"
#include "simd_functions.inc"
#include "simd_end.inc"
#endif

#endif
