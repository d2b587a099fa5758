/* math/simd_neon.h - the vocabulary of simd.h for 64-bit Arm (private) */
#ifndef SQ_SIMD_NEON_H
#define SQ_SIMD_NEON_H

#include "private.h"

#include <arm_neon.h>

#define SQ_TARGET_NEON

#ifdef SEQNN_DOUBLE
typedef float64x2_t sq_vector_neon;
#define SQ_NEON(operation) operation##q_f64
#define SQ_NEON_N(operation) operation##q_n_f64
#else
typedef float32x4_t sq_vector_neon;
#define SQ_NEON(operation) operation##q_f32
#define SQ_NEON_N(operation) operation##q_n_f32
#endif

#include "simd_use_neon.inc"

static SQ_INLINE SQ_VECTOR SQ_V(load)(const seqnn_real *p)
{
    return SQ_NEON(vld1)(p);
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, SQ_VECTOR x)
{
    SQ_NEON(vst1)(p, x);
}

static SQ_INLINE SQ_VECTOR SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    seqnn_real part[SQ_WIDTH] = {0};
    for (seqnn_size i = 0; i < count; i++)
        part[i] = p[i];
    return SQ_V(load)(part);
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    seqnn_real part[SQ_WIDTH];
    SQ_V(store)(part, x);
    for (seqnn_size i = 0; i < count; i++)
        p[i] = part[i];
}

static SQ_INLINE SQ_VECTOR SQ_V(set)(seqnn_real s)
{
    return SQ_NEON_N(vdup)(s);
}

static SQ_INLINE SQ_VECTOR SQ_V(add)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vadd)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sub)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vsub)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(mul)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vmul)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(div)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vdiv)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sqrt)(SQ_VECTOR x)
{
    return SQ_NEON(vsqrt)(x);
}

static SQ_INLINE SQ_VECTOR SQ_V(fma)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR z)
{
    return SQ_NEON(vfma)(z, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(select_less)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR u,
                                             SQ_VECTOR v)
{
    return SQ_NEON(vbsl)(SQ_NEON(vclt)(x, y), u, v);
}

static SQ_INLINE SQ_VECTOR SQ_V(min)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_V(select_less)(x, y, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(max)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_V(select_less)(y, x, x, y);
}

static SQ_INLINE seqnn_real SQ_V(sum)(SQ_VECTOR x)
{
    seqnn_real s[SQ_WIDTH];
    SQ_V(store)(s, x);
#ifdef SEQNN_DOUBLE
    return s[0] + s[1];
#else
    return (s[0] + s[2]) + (s[1] + s[3]);
#endif
}

static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    SQ_VECTOR x0 = SQ_V(load)(from), x1 = SQ_V(load)(from + from_row);
#ifdef SEQNN_DOUBLE
    SQ_V(store)(to, SQ_NEON(vzip1)(x0, x1));
    SQ_V(store)(to + to_row, SQ_NEON(vzip2)(x0, x1));
#else
    SQ_VECTOR x2 = SQ_V(load)(from + 2 * from_row), x3 = SQ_V(load)(from + 3 * from_row);
    SQ_VECTOR y0 = SQ_NEON(vzip1)(x0, x2), y1 = SQ_NEON(vzip2)(x0, x2);
    SQ_VECTOR y2 = SQ_NEON(vzip1)(x1, x3), y3 = SQ_NEON(vzip2)(x1, x3);
    SQ_V(store)(to, SQ_NEON(vzip1)(y0, y2));
    SQ_V(store)(to + to_row, SQ_NEON(vzip2)(y0, y2));
    SQ_V(store)(to + 2 * to_row, SQ_NEON(vzip1)(y1, y3));
    SQ_V(store)(to + 3 * to_row, SQ_NEON(vzip2)(y1, y3));
#endif
}

#ifndef SEQNN_DOUBLE
/* The nearest integer, as a number; 2 to a whole n in [-126, 127]. */
static SQ_INLINE SQ_VECTOR SQ_V(round)(SQ_VECTOR x)
{
    return vrndnq_f32(x);
}

static SQ_INLINE SQ_VECTOR SQ_V(power_of_two)(SQ_VECTOR n)
{
    int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
    return vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23));
}
#endif

#include "simd_end.inc"

#endif
