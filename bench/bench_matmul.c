/* Speed of the matrix product, beside the fused multiply-add peak of one core and a plain
 * i-j-k loop. One line per shape:
 *
 *   BENCH matmul_MxKxN threads=T gflops=... plain_gflops=... ratio=... of_peak=...
 *
 * where 1024x1024x1024 is called matmul_1024, and for one thread with a transposed factor
 * or one that is packed already. make bench ONLY=matmul
 */
#include "product.h"
#include "simd.h"
#include "memory.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#include <time.h>

static int threads = 1;

/* Seconds; of the processor with one thread, so that other programs disturb little. */
static double now(void)
{
    if (threads == 1)
        return (double)clock() / CLOCKS_PER_SEC;
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What a student writes first. */
static void plain_product(seqnn_size m, seqnn_size n, seqnn_size k, const seqnn_real *a,
                          const seqnn_real *b, seqnn_real *c)
{
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++) {
            seqnn_real sum = 0;
            for (seqnn_size p = 0; p < k; p++)
                sum += a[i * k + p] * b[p * n + j];
            c[i * n + j] = sum;
        }
}

/* Twelve chains of fused multiply-adds in registers: more than the latency needs. */
#define CHAINS(DO)                                                                       \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define START(i) SQ_VECTOR c##i = SQ_V(set)((seqnn_real)i);
#define CHAIN(i) c##i = SQ_V(fma)(c##i, x, y);
#define ADD(i) total = SQ_V(add)(total, c##i);
#define PEAK                                                                             \
    static SQ_TARGET seqnn_real SQ_V(bench_peak)(seqnn_size steps, double *flops)        \
    {                                                                                    \
        const SQ_VECTOR x = SQ_V(set)((seqnn_real)0.5), y = SQ_V(set)((seqnn_real)0.25); \
        SQ_VECTOR total = SQ_V(set)(0);                                                  \
        CHAINS(START)                                                                    \
        for (seqnn_size i = 0; i < steps; i++) {                                         \
            CHAINS(CHAIN)                                                                \
        }                                                                                \
        CHAINS(ADD)                                                                      \
        *flops = 24.0 * SQ_WIDTH * (double)steps;                                        \
        return SQ_V(sum)(total);                                                         \
    }

#include "simd_use_plain.inc"
PEAK
#include "simd_end.inc"
#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
    PEAK
#include "simd_end.inc"
#include "simd_use_avx512.inc"
        PEAK
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
            PEAK
#include "simd_end.inc"
#endif
    typedef seqnn_real (*peak_function)(seqnn_size, double *);
SQ_ISA_TABLE(peak_table, peak_function, bench_peak);

static volatile seqnn_real sink;

static double peak_gflops(void)
{
    double best = 0;
    for (int trial = 0; trial < 5; trial++) {
        double flops, start = now();
        sink = peak_table[sq_isa()](20000000 / 8, &flops);
        double rate = flops / (now() - start) * 1e-9;
        best = rate > best ? rate : best;
    }
    return best;
}

enum { PRODUCT, PLAIN, PACKED };

/* The best of several runs of at least 0.05 s each. */
static double gflops(int kind, seqnn_size m, seqnn_size n, seqnn_size k, bool ta, bool tb,
                     const seqnn_real *a, const seqnn_real *b, seqnn_real *packed,
                     seqnn_real *c, int trials)
{
    const double flops = 2.0 * (double)m * (double)n * (double)k;
    double best = 0;
    if (kind == PACKED)
        sq_matmul_pack(tb, n, k, b, tb ? k : n, packed);
    for (int trial = 0; trial < trials; trial++) {
        double start = now(), spent = 0;
        long runs = 0;
        do {
            if (kind == PLAIN)
                plain_product(m, n, k, a, b, c);
            else if (kind == PACKED)
                sq_matmul_packed(m, n, k, a, k, packed, false, c, n);
            else
                sq_matmul(ta, tb, m, n, k, a, ta ? m : k, b, tb ? k : n, false, c, n);
            runs++;
            spent = now() - start;
        } while (spent < 0.01);
        double rate = flops * (double)runs / spent * 1e-9;
        best = rate > best ? rate : best;
    }
    return best;
}

int main(void)
{
    static const seqnn_size shapes[][3] = {
        /* M, K, N */
        {1024, 1024, 1024}, {4800, 256, 100},  {44800, 750, 300}, {256, 750, 250},
        {50, 2048, 512},    {2500, 2048, 512}, {32, 256, 64},     {1, 256, 64}};
    const double peak = peak_gflops();
    printf("instruction set %s, peak of one core %.1f GFLOP/s\n", sq_isa_name(sq_isa()),
           peak);
    for (seqnn_size s = 0; s < SQ_COUNT(shapes); s++) {
        const seqnn_size m = shapes[s][0], k = shapes[s][1], n = shapes[s][2];
        char name[64];
        if (m == k && k == n)
            snprintf(name, sizeof name, "%td", m);
        else
            snprintf(name, sizeof name, "%tdx%tdx%td", m, k, n);
        seqnn_real *a = (seqnn_real *)sq_allocate(m * k, sizeof *a);
        seqnn_real *b = (seqnn_real *)sq_allocate(k * n, sizeof *b);
        seqnn_real *c = (seqnn_real *)sq_allocate(m * n, sizeof *c);
        seqnn_real *packed =
            (seqnn_real *)sq_allocate(sq_matmul_packed_size(k, n), sizeof *packed);
        if (!a || !b || !c || !packed) {
            fprintf(stderr, "%s\n", seqnn_error());
            return 1;
        }
        for (seqnn_size i = 0; i < m * k; i++)
            a[i] = (seqnn_real)(i % 17) - 8;
        for (seqnn_size i = 0; i < k * n; i++)
            b[i] = (seqnn_real)(i % 13) - 6;
        const bool huge = (double)m * (double)n * (double)k > 3e9;
        const double plain =
            huge ? NAN : gflops(PLAIN, m, n, k, 0, 0, a, b, packed, c, s == 0 ? 1 : 3);
        for (threads = 1; threads <= 2; threads++) {
#ifdef _OPENMP
            omp_set_num_threads(threads);
#else
            if (threads > 1)
                break;
#endif
            const int trials = huge ? 1 : 8;
            const double fast = gflops(PRODUCT, m, n, k, 0, 0, a, b, packed, c, trials);
            printf("BENCH matmul_%s threads=%d gflops=%.1f plain_gflops=%.2f "
                   "ratio=%.1f of_peak=%.2f\n",
                   name, threads, fast, plain, fast / plain, fast / (threads * peak));
            if (threads > 1)
                continue;
            printf("BENCH matmul_%s threads=1 at_b=%.1f a_bt=%.1f packed=%.1f\n", name,
                   gflops(PRODUCT, m, n, k, 1, 0, a, b, packed, c, trials),
                   gflops(PRODUCT, m, n, k, 0, 1, a, b, packed, c, trials),
                   gflops(PACKED, m, n, k, 0, 0, a, b, packed, c, trials));
        }
        threads = 1;
        sq_free(a);
        sq_free(b);
        sq_free(c);
        sq_free(packed);
    }
    return 0;
}
