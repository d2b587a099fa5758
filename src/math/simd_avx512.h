/* math/simd_avx512.h - the vocabulary of simd.h for AVX-512F (private) */
#ifndef SQ_SIMD_AVX512_H
#define SQ_SIMD_AVX512_H

#include "private.h"

#include <immintrin.h>

#ifndef SQ_TARGET_AVX512 /* a test that emulates the set has its own */
#define SQ_TARGET_AVX512 __attribute__((target("avx512f,avx2,fma")))
#endif

#ifdef SEQNN_DOUBLE
typedef __m512d sq_vector_avx512;
typedef __mmask8 sq_lanes_avx512;
#define SQ_AVX512(operation) _mm512_##operation##_pd
#define SQ_AVX512_COMPARE _mm512_cmp_pd_mask
#else
typedef __m512 sq_vector_avx512;
typedef __mmask16 sq_lanes_avx512;
#define SQ_AVX512(operation) _mm512_##operation##_ps
#define SQ_AVX512_COMPARE _mm512_cmp_ps_mask
#endif

#include "simd_use_avx512.inc"

/* With all lanes named, "maskz" is the plain instruction; the plain intrinsics of some
 * compilers start from an undefined register and draw a warning for it. */
#define SQ_AVX512_ALL ((sq_lanes_avx512)-1)

static SQ_INLINE SQ_VECTOR SQ_V(load)(const seqnn_real *p)
{
    return SQ_AVX512(loadu)(p);
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, SQ_VECTOR x)
{
    SQ_AVX512(storeu)(p, x);
}

static SQ_INLINE sq_lanes_avx512 SQ_V(mask)(seqnn_size count)
{
    return (sq_lanes_avx512)((1u << count) - 1u);
}

static SQ_INLINE SQ_VECTOR SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    return SQ_AVX512(maskz_loadu)(SQ_V(mask)(count), p);
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    SQ_AVX512(mask_storeu)(p, SQ_V(mask)(count), x);
}

static SQ_INLINE SQ_VECTOR SQ_V(set)(seqnn_real s)
{
    return SQ_AVX512(set1)(s);
}

static SQ_INLINE SQ_VECTOR SQ_V(add)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(add)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sub)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(sub)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(mul)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(mul)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(div)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(div)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sqrt)(SQ_VECTOR x)
{
    return SQ_AVX512(maskz_sqrt)(SQ_AVX512_ALL, x);
}

static SQ_INLINE SQ_VECTOR SQ_V(fma)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR z)
{
    return SQ_AVX512(fmadd)(x, y, z);
}

static SQ_INLINE SQ_VECTOR SQ_V(min)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(maskz_min)(SQ_AVX512_ALL, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(max)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(maskz_max)(SQ_AVX512_ALL, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(select_less)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR u,
                                             SQ_VECTOR v)
{
    return SQ_AVX512(mask_blend)(SQ_AVX512_COMPARE(x, y, _CMP_LT_OQ), v, u);
}

static SQ_INLINE seqnn_real SQ_V(sum)(SQ_VECTOR x)
{
    seqnn_real s[SQ_WIDTH];
    SQ_V(store)(s, x);
    for (int half = SQ_WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            s[i] += s[i + half];
    return s[0];
}

/* By quarters, with the vectors of AVX2. */
static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    enum { HALF = SQ_WIDTH / 2 };
    for (int row = 0; row < SQ_WIDTH; row += HALF)
        for (int column = 0; column < SQ_WIDTH; column += HALF)
            sq_transpose_avx2(from + row * from_row + column, from_row,
                              to + column * to_row + row, to_row);
}

#ifndef SEQNN_DOUBLE
/* The nearest integer, as a number; 2 to a whole n in [-126, 127]. At -O0 gcc has the
 * rounding as a macro that warns of its own conversion. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static SQ_INLINE SQ_VECTOR SQ_V(round)(SQ_VECTOR x)
{
    return _mm512_maskz_roundscale_ps(SQ_AVX512_ALL, x,
                                      _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
#pragma GCC diagnostic pop

static SQ_INLINE SQ_VECTOR SQ_V(power_of_two)(SQ_VECTOR n)
{
    __m512i exponent = _mm512_add_epi32(_mm512_maskz_cvtps_epi32(SQ_AVX512_ALL, n),
                                        _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(SQ_AVX512_ALL, exponent, 23));
}
#endif

#include "simd_end.inc"

#endif
