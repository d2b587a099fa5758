/* math/simd_plain.h - the vocabulary of simd.h in plain C, one number wide (private) */
#ifndef SQ_SIMD_PLAIN_H
#define SQ_SIMD_PLAIN_H

#include "private.h"

/* Hardly an x86 of today runs these: they are not worth the time gcc takes at -O3. */
#if defined(SQ_X86) && !defined(__clang__) && defined(__OPTIMIZE__)
#define SQ_TARGET_PLAIN __attribute__((optimize("O1")))
#else
#define SQ_TARGET_PLAIN
#endif

#include "simd_use_plain.inc"

static SQ_INLINE seqnn_real SQ_V(load)(const seqnn_real *p)
{
    return *p;
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, seqnn_real x)
{
    *p = x;
}

static SQ_INLINE seqnn_real SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    (void)count;
    return *p;
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, seqnn_real x, seqnn_size count)
{
    (void)count;
    *p = x;
}

static SQ_INLINE seqnn_real SQ_V(set)(seqnn_real s)
{
    return s;
}

static SQ_INLINE seqnn_real SQ_V(add)(seqnn_real x, seqnn_real y)
{
    return x + y;
}

static SQ_INLINE seqnn_real SQ_V(sub)(seqnn_real x, seqnn_real y)
{
    return x - y;
}

static SQ_INLINE seqnn_real SQ_V(mul)(seqnn_real x, seqnn_real y)
{
    return x * y;
}

static SQ_INLINE seqnn_real SQ_V(div)(seqnn_real x, seqnn_real y)
{
    return x / y;
}

static SQ_INLINE seqnn_real SQ_V(sqrt)(seqnn_real x)
{
    return SQ_MATH(sqrt)(x);
}

/* A compiler that targets a machine with fused multiply-add may use it in one place and
 * not in another. There it is asked for; elsewhere it cannot occur. */
static SQ_INLINE seqnn_real SQ_V(fma)(seqnn_real x, seqnn_real y, seqnn_real z)
{
#if defined(__FMA__) || defined(__aarch64__) || defined(FP_FAST_FMAF)
    return SQ_MATH(fma)(x, y, z);
#else
    return x * y + z;
#endif
}

static SQ_INLINE seqnn_real SQ_V(min)(seqnn_real x, seqnn_real y)
{
    return x < y ? x : y;
}

static SQ_INLINE seqnn_real SQ_V(max)(seqnn_real x, seqnn_real y)
{
    return x > y ? x : y;
}

static SQ_INLINE seqnn_real SQ_V(select_less)(seqnn_real x, seqnn_real y, seqnn_real u,
                                              seqnn_real v)
{
    return x < y ? u : v;
}

static SQ_INLINE seqnn_real SQ_V(sum)(seqnn_real x)
{
    return x;
}

static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    (void)from_row;
    (void)to_row;
    *to = *from;
}

static SQ_INLINE seqnn_real SQ_V(exp)(seqnn_real x)
{
    return SQ_MATH(exp)(x);
}

static SQ_INLINE seqnn_real SQ_V(tanh)(seqnn_real x)
{
    return SQ_MATH(tanh)(x);
}

static SQ_INLINE seqnn_real SQ_V(sigmoid)(seqnn_real x)
{
    return 1 / (1 + SQ_MATH(exp)(-x));
}

#include "simd_end.inc"

#endif
