/* math/simd_avx2.h - the vocabulary of simd.h for AVX2 with FMA (private) */
#ifndef SQ_SIMD_AVX2_H
#define SQ_SIMD_AVX2_H

#include "private.h"

#include <immintrin.h>

#define SQ_TARGET_AVX2 __attribute__((target("avx2,fma")))

#ifdef SEQNN_DOUBLE
typedef __m256d sq_vector_avx2;
#define SQ_AVX2(operation) _mm256_##operation##_pd
#else
typedef __m256 sq_vector_avx2;
#define SQ_AVX2(operation) _mm256_##operation##_ps
#endif

#include "simd_use_avx2.inc"

static SQ_INLINE SQ_VECTOR SQ_V(load)(const seqnn_real *p)
{
    return SQ_AVX2(loadu)(p);
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, SQ_VECTOR x)
{
    SQ_AVX2(storeu)(p, x);
}

/* All bits of the first count elements. */
static SQ_INLINE __m256i SQ_V(mask)(seqnn_size count)
{
#ifdef SEQNN_DOUBLE
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
#else
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
#endif
}

static SQ_INLINE SQ_VECTOR SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    return SQ_AVX2(maskload)(p, SQ_V(mask)(count));
}

/* In halves: AMD's processors take some twenty cycles over a masked store. */
static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    if (count >= SQ_WIDTH) {
        SQ_V(store)(p, x);
        return;
    }
#ifdef SEQNN_DOUBLE
    __m128d half = _mm256_castpd256_pd128(x);
    if (count & 2) {
        _mm_storeu_pd(p, half);
        half = _mm256_extractf128_pd(x, 1);
        p += 2;
    }
    if (count & 1)
        _mm_store_sd(p, half);
#else
    __m128 half = _mm256_castps256_ps128(x);
    if (count & 4) {
        _mm_storeu_ps(p, half);
        half = _mm256_extractf128_ps(x, 1);
        p += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)(void *)p, half);
        half = _mm_movehl_ps(half, half);
        p += 2;
    }
    if (count & 1)
        _mm_store_ss(p, half);
#endif
}

static SQ_INLINE SQ_VECTOR SQ_V(set)(seqnn_real s)
{
    return SQ_AVX2(set1)(s);
}

static SQ_INLINE SQ_VECTOR SQ_V(add)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(add)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sub)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(sub)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(mul)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(mul)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(div)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(div)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sqrt)(SQ_VECTOR x)
{
    return SQ_AVX2(sqrt)(x);
}

static SQ_INLINE SQ_VECTOR SQ_V(fma)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR z)
{
    return SQ_AVX2(fmadd)(x, y, z);
}

static SQ_INLINE SQ_VECTOR SQ_V(min)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(min)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(max)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(max)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(select_less)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR u,
                                             SQ_VECTOR v)
{
    return SQ_AVX2(blendv)(v, u, SQ_AVX2(cmp)(x, y, _CMP_LT_OQ));
}

static SQ_INLINE seqnn_real SQ_V(sum)(SQ_VECTOR x)
{
    seqnn_real s[SQ_WIDTH];
    SQ_V(store)(s, x);
#ifdef SEQNN_DOUBLE
    return (s[0] + s[2]) + (s[1] + s[3]);
#else
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
#endif
}

/* The elements p[0 ..) in the lower half, q[0 ..) in the upper half. */
static SQ_INLINE SQ_VECTOR SQ_V(pair)(const seqnn_real *p, const seqnn_real *q)
{
#ifdef SEQNN_DOUBLE
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p)), _mm_loadu_pd(q),
                                1);
#else
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(q),
                                1);
#endif
}

static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    enum { HALF = SQ_WIDTH / 2 };
    const seqnn_real *lower = from + HALF * from_row;
    for (int i = 0; i < SQ_WIDTH; i += HALF) {
        SQ_VECTOR x0 = SQ_V(pair)(from + i, lower + i);
        SQ_VECTOR x1 = SQ_V(pair)(from + from_row + i, lower + from_row + i);
#ifdef SEQNN_DOUBLE
        SQ_V(store)(to + i * to_row, _mm256_unpacklo_pd(x0, x1));
        SQ_V(store)(to + (i + 1) * to_row, _mm256_unpackhi_pd(x0, x1));
#else
        SQ_VECTOR x2 = SQ_V(pair)(from + 2 * from_row + i, lower + 2 * from_row + i);
        SQ_VECTOR x3 = SQ_V(pair)(from + 3 * from_row + i, lower + 3 * from_row + i);
        SQ_VECTOR y0 = _mm256_unpacklo_ps(x0, x1), y1 = _mm256_unpackhi_ps(x0, x1);
        SQ_VECTOR y2 = _mm256_unpacklo_ps(x2, x3), y3 = _mm256_unpackhi_ps(x2, x3);
        SQ_V(store)(to + i * to_row, _mm256_shuffle_ps(y0, y2, 0x44));
        SQ_V(store)(to + (i + 1) * to_row, _mm256_shuffle_ps(y0, y2, 0xEE));
        SQ_V(store)(to + (i + 2) * to_row, _mm256_shuffle_ps(y1, y3, 0x44));
        SQ_V(store)(to + (i + 3) * to_row, _mm256_shuffle_ps(y1, y3, 0xEE));
#endif
    }
}

#ifndef SEQNN_DOUBLE
/* The nearest integer, as a number; 2 to a whole n in [-126, 127]. */
static SQ_INLINE SQ_VECTOR SQ_V(round)(SQ_VECTOR x)
{
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static SQ_INLINE SQ_VECTOR SQ_V(power_of_two)(SQ_VECTOR n)
{
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}
#endif

#include "simd_end.inc"

#endif
