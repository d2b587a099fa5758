/* AVX-512 on a processor without it: given to the compiler with -include, together with
 * -mavx2 -mfma, it lets SIMDe do what the vocabulary in simd_avx512.h asks for. */
#ifndef EMULATED_AVX512_H
#define EMULATED_AVX512_H

#include <immintrin.h>
#include <simde/x86/avx512.h>

/* What simd.h and simd.c would find on a processor that has the set. */
#define SQ_HAVE_AVX512
#define SQ_TARGET_AVX512 __attribute__((target("avx2,fma")))
#define __builtin_cpu_supports(set) 1

#define __m512 simde__m512
#define __m512d simde__m512d
#define __m512i simde__m512i
#define __mmask8 simde__mmask8
#define __mmask16 simde__mmask16

/* What this SIMDe lacks; lanes that are not named must not be touched. */
static inline __attribute__((unused)) simde__m512
emulated_maskz_loadu_ps(simde__mmask16 lanes, const float *p)
{
    float element[16];
    for (int i = 0; i < 16; i++)
        element[i] = lanes >> i & 1 ? p[i] : 0;
    return simde_mm512_loadu_ps(element);
}

static inline __attribute__((unused)) void
emulated_mask_storeu_ps(float *p, simde__mmask16 lanes, simde__m512 x)
{
    float element[16];
    simde_mm512_storeu_ps(element, x);
    for (int i = 0; i < 16; i++)
        if (lanes >> i & 1)
            p[i] = element[i];
}

static inline __attribute__((unused)) simde__m512i
emulated_maskz_cvtps_epi32(simde__mmask16 lanes, simde__m512 x)
{
    float element[16];
    int whole[16];
    simde_mm512_storeu_ps(element, x);
    for (int i = 0; i < 16; i += 8)
        _mm256_storeu_si256((__m256i *)(whole + i),
                            _mm256_cvtps_epi32(_mm256_loadu_ps(element + i)));
    return simde_mm512_maskz_mov_epi32(lanes, simde_mm512_loadu_si512(whole));
}

/* Without optimisation some of these are macros of the compiler. */
#undef _mm512_cmp_ps_mask
#undef _mm512_cmp_pd_mask
#undef _mm512_maskz_roundscale_ps
#undef _mm512_maskz_slli_epi32

#define _mm512_loadu_ps simde_mm512_loadu_ps
#define _mm512_storeu_ps simde_mm512_storeu_ps
#define _mm512_maskz_loadu_ps emulated_maskz_loadu_ps
#define _mm512_mask_storeu_ps emulated_mask_storeu_ps
#define _mm512_set1_ps simde_mm512_set1_ps
#define _mm512_add_ps simde_mm512_add_ps
#define _mm512_sub_ps simde_mm512_sub_ps
#define _mm512_mul_ps simde_mm512_mul_ps
#define _mm512_div_ps simde_mm512_div_ps
#define _mm512_maskz_sqrt_ps(k, x) simde_mm512_maskz_mov_ps(k, simde_mm512_sqrt_ps(x))
#define _mm512_fmadd_ps simde_mm512_fmadd_ps
#define _mm512_maskz_min_ps simde_mm512_maskz_min_ps
#define _mm512_maskz_max_ps simde_mm512_maskz_max_ps
#define _mm512_mask_blend_ps simde_mm512_mask_blend_ps
#define _mm512_cmp_ps_mask simde_mm512_cmp_ps_mask
#define _mm512_maskz_roundscale_ps simde_mm512_maskz_roundscale_ps
#define _mm512_maskz_cvtps_epi32 emulated_maskz_cvtps_epi32
#define _mm512_add_epi32 simde_mm512_add_epi32
#define _mm512_set1_epi32 simde_mm512_set1_epi32
#define _mm512_maskz_slli_epi32(lanes, x, by)                                            \
    simde_mm512_maskz_mov_epi32(lanes, simde_mm512_slli_epi32(x, by))
#define _mm512_castsi512_ps simde_mm512_castsi512_ps

#endif
