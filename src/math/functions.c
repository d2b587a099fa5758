#include "functions.h"
#include "simd.h"

#include "simd_use_plain.inc"
#include "functions_kernels.inc"
#include "simd_end.inc"
#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
#include "functions_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
#include "functions_kernels.inc"
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
#include "functions_kernels.inc"
#include "simd_end.inc"
#endif

typedef void (*sq_array_function)(seqnn_size, const seqnn_real *, seqnn_real *);
typedef void (*sq_axpy_function)(seqnn_size, seqnn_real, const seqnn_real *,
                                 seqnn_real *);
typedef void (*sq_scale_function)(seqnn_size, seqnn_real, seqnn_real *);
SQ_ISA_TABLE(sq_exp_table, sq_array_function, array_exp);
SQ_ISA_TABLE(sq_tanh_table, sq_array_function, array_tanh);
SQ_ISA_TABLE(sq_sigmoid_table, sq_array_function, array_sigmoid);
SQ_ISA_TABLE(sq_axpy_table, sq_axpy_function, array_axpy);
SQ_ISA_TABLE(sq_scale_table, sq_scale_function, array_scale);

SQ_LOCAL void sq_exp(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    sq_exp_table[sq_isa()](n, x, y);
}

SQ_LOCAL void sq_log(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    for (seqnn_size i = 0; i < n; i++)
        y[i] = SQ_MATH(log)(x[i]);
}

SQ_LOCAL void sq_tanh(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    sq_tanh_table[sq_isa()](n, x, y);
}

SQ_LOCAL void sq_sigmoid(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    sq_sigmoid_table[sq_isa()](n, x, y);
}

SQ_LOCAL void sq_axpy(seqnn_size n, seqnn_real factor, const seqnn_real *x, seqnn_real *y)
{
    sq_axpy_table[sq_isa()](n, factor, x, y);
}

SQ_LOCAL void sq_scale(seqnn_size n, seqnn_real factor, seqnn_real *x)
{
    sq_scale_table[sq_isa()](n, factor, x);
}

/* Element i goes to running sum i mod 8: eight chains of additions instead of one. */
enum { SQ_CHAINS = 8 };

static double sq_sum_chains(const double s[SQ_CHAINS])
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

SQ_LOCAL double sq_sum(seqnn_size n, const seqnn_real *x)
{
    double s[SQ_CHAINS] = {0};
    seqnn_size i = 0;
    for (; i + SQ_CHAINS <= n; i += SQ_CHAINS)
        for (int chain = 0; chain < SQ_CHAINS; chain++)
            s[chain] += (double)x[i + chain];
    for (int chain = 0; i < n; i++, chain++)
        s[chain] += (double)x[i];
    return sq_sum_chains(s);
}

SQ_LOCAL double sq_dot(seqnn_size n, const seqnn_real *x, const seqnn_real *y)
{
    double s[SQ_CHAINS] = {0};
    seqnn_size i = 0;
    for (; i + SQ_CHAINS <= n; i += SQ_CHAINS)
        for (int chain = 0; chain < SQ_CHAINS; chain++)
            s[chain] += (double)x[i + chain] * (double)y[i + chain];
    for (int chain = 0; i < n; i++, chain++)
        s[chain] += (double)x[i] * (double)y[i];
    return sq_sum_chains(s);
}

SQ_LOCAL double sq_sum_squares(seqnn_size n, const seqnn_real *x)
{
    return sq_dot(n, x, x);
}
