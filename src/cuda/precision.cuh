/* cuda/precision.cuh - float32 numbers that are rounded to fewer bits (private)
 *
 * BF16 is the upper half of a float32, TF32 a float32 whose lowest 13 bits count for
 * nothing. Rounding is to the nearest, and of two equally near to the even one.
 */
#ifndef SQ_CUDA_PRECISION_H
#define SQ_CUDA_PRECISION_H

#include "device.cuh"

SQ_BOTH static inline uint32_t sq_bits_of(float x)
{
#ifdef __CUDA_ARCH__
    return __float_as_uint(x);
#else
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
#endif
}

SQ_BOTH static inline float sq_float_of(uint32_t bits)
{
#ifdef __CUDA_ARCH__
    return __uint_as_float(bits);
#else
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
#endif
}

/* x rounded, so that its lowest `dropped` bits are 0; what is not finite stays so. */
SQ_BOTH static inline float sq_round_off(float x, int dropped)
{
    const uint32_t bits = sq_bits_of(x), rest = ((uint32_t)1 << dropped) - 1;
    if (x != x)
        return sq_float_of(0x7fc00000);
    return sq_float_of((bits + (rest >> 1) + (bits >> dropped & 1)) & ~rest);
}

/* A factor as a product may see it. */
SQ_BOTH static inline seqnn_real sq_factor(seqnn_precision precision, seqnn_real x)
{
    if (precision == SEQNN_FLOAT32)
        return x;
    return sq_round_off((float)x, precision == SEQNN_TF32 ? 13 : 16);
}

#endif
