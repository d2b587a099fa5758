/* Speed of the matrix product, beside the peak of fused multiply-adds and the libraries
 * that PyTorch (MKL) and NumPy (OpenBLAS) bring. One line for each product of a layer
 * with M rows of K inputs and N outputs, all of M N K multiply-adds:
 *
 *   forward   Z[M, N] = X[M, K] W[K, N]        packed  the same, W packed beforehand
 *   weights   dW[K, N] = X^T dZ, of depth M    inputs  dX[M, K] = dZ W^T, of depth N
 *
 *   BENCH matmul_MxNxK product=P threads=T gflops=... openblas_gflops=... mkl_gflops=...
 *         peak_gflops=... of_peak=... of_openblas=... of_mkl=... [scaling=...]
 *
 * Everything of a line takes turns of some milliseconds. of_... is the median over the
 * turns of the quotient within a turn: a machine that slows down for a while, slows down
 * both. scaling is the speed on T threads by that on one. With one thread all times are
 * the processor's, with more those of the clock on the wall.
 *
 * usage: bench_matmul [--only SHAPE] [LIBRARY:KIND ...]
 * KIND is openblas (as NumPy has it) or mkl (as PyTorch has it); see matmul.py.
 */
#define _POSIX_C_SOURCE 200809L
#include "memory.h"
#include "parallel.h"
#include "product.h"
#include "simd.h"

#include <dlfcn.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include <time.h>

enum { TURNS = 9, TURNS_OF_HUGE = 3 };

/* Seconds; of this thread on its processor, so that other programs disturb little. */
static double now(int threads)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the peak ---- */

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

/* clang-format off */
#include "simd_use_plain.inc"
PEAK
#include "simd_end.inc"
#ifdef SQ_HAVE_AVX2
#include "simd_use_avx2.inc"
PEAK
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_AVX512
#include "simd_use_avx512.inc"
PEAK
#include "simd_end.inc"
#endif
#ifdef SQ_HAVE_NEON
#include "simd_use_neon.inc"
PEAK
#include "simd_end.inc"
#endif
    /* clang-format on */

    typedef seqnn_real (*peak_function)(seqnn_size, double *);
SQ_ISA_TABLE(peak_table, peak_function, bench_peak);

static volatile seqnn_real sink;

static void peak_work(void *context, seqnn_size begin, seqnn_size end)
{
    double *flops = (double *)context;
    for (seqnn_size i = begin; i < end; i++)
        sink = peak_table[sq_isa()](40000, flops + i);
}

/* On every thread at once; returns the multiply-adds, twice. */
static double run_peak(int threads)
{
    double flops[64] = {0}, total = 0;
    sq_parallel(threads, 1, peak_work, flops);
    for (int i = 0; i < threads; i++)
        total += flops[i];
    return total;
}

/* ---- the libraries, by their Fortran interface ---- */

/* The sizes behind these pointers have 32 bits in PyTorch's library, 64 in NumPy's. */
typedef void (*sgemm_function)(const char *, const char *, const void *, const void *,
                               const void *, const float *, const float *, const void *,
                               const float *, const void *, const float *, float *,
                               const void *);

typedef struct library {
    const char *name;
    sgemm_function sgemm;
    void (*set_threads)(int);
    int (*set_threads_local)(int);
    bool wide;
} library;

static bool open_library(char *given, library *found)
{
    char *colon = strrchr(given, ':');
    if (!colon)
        return false;
    *colon = 0;
    const bool openblas = strcmp(colon + 1, "openblas") == 0;
    void *file = dlopen(given, RTLD_NOW | RTLD_LOCAL);
    if (!file) {
        fprintf(stderr, "bench_matmul: %s\n", dlerror());
        return false;
    }
    void *sgemm = dlsym(file, openblas ? "scipy_sgemm_64_" : "sgemm_");
    void *threads = dlsym(file, openblas ? "scipy_openblas_set_num_threads64_"
                                         : "MKL_Set_Num_Threads_Local");
    if (!sgemm || !threads) {
        fprintf(stderr, "bench_matmul: %s is not as expected\n", given);
        return false;
    }
    memset(found, 0, sizeof *found);
    found->name = openblas ? "openblas" : "mkl";
    found->wide = openblas;
    /* The only way from an object pointer to a function in ISO C. */
    memcpy(&found->sgemm, &sgemm, sizeof sgemm);
    memcpy(openblas ? (void *)&found->set_threads : (void *)&found->set_threads_local,
           &threads, sizeof threads);
    if (openblas) {
        char *(*core)(void) = NULL;
        void *symbol = dlsym(file, "scipy_openblas_get_corename64_");
        memcpy(&core, &symbol, sizeof symbol);
        printf("OpenBLAS has chosen its kernels for %s\n", core ? core() : "?");
    }
    return true;
}

static void use_threads(const library *library, int threads)
{
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
    if (library && library->set_threads)
        library->set_threads(threads);
    else if (library)
        library->set_threads_local(threads);
}

/* ---- the products ---- */

typedef struct problem {
    bool ta, tb, is_packed;
    seqnn_size m, n, k;
    const seqnn_real *a, *b, *packed;
    seqnn_real *c;
} problem;

/* Row after row C is the transpose of what Fortran calls C: C^T = op(B)^T op(A)^T. */
static void multiply(const library *library, const problem *p)
{
    const seqnn_size lda = p->ta ? p->m : p->k, ldb = p->tb ? p->k : p->n;
    if (library) {
        const long long wide[] = {p->n, p->m, p->k, ldb, lda};
        const int narrow[] = {(int)p->n, (int)p->m, (int)p->k, (int)ldb, (int)lda};
        const void *size[5];
        for (int i = 0; i < 5; i++)
            size[i] = library->wide ? (const void *)&wide[i] : (const void *)&narrow[i];
        const float one = 1, zero = 0;
        library->sgemm(p->tb ? "T" : "N", p->ta ? "T" : "N", size[0], size[1], size[2],
                       &one, p->b, size[3], p->a, size[4], &zero, p->c, size[0]);
    } else if (p->is_packed)
        sq_matmul_packed(p->m, p->n, p->k, p->a, lda, p->packed, false, p->c, p->n);
    else
        sq_matmul(p->ta, p->tb, p->m, p->n, p->k, p->a, lda, p->b, ldb, false, p->c,
                  p->n);
}

/* GFLOP/s over at least 5 ms; without a problem the peak. */
static double rate(const library *library, const problem *p, int threads, int timed_as)
{
    use_threads(library, threads);
    const double of_one = p ? 2.0 * (double)p->m * (double)p->n * (double)p->k : 0;
    double flops = 0, spent, start = now(timed_as);
    do {
        /* The clock is not looked at before a tenth of a millisecond has passed. */
        double some = 0;
        while (some < 1e7) {
            if (p)
                multiply(library, p);
            some += p ? of_one : run_peak(threads);
        }
        flops += some;
        spent = now(timed_as) - start;
    } while (spent < 0.005);
    return flops / spent * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, int count, const double *divisors)
{
    double sorted[TURNS];
    for (int i = 0; i < count; i++)
        sorted[i] = values[i] / (divisors ? divisors[i] : 1);
    qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    return sorted[count / 2];
}

static void measure(const char *name, const char *product, const problem *p, int threads,
                    const library *libraries, int count)
{
    double ours[TURNS], peak[TURNS], alone[TURNS], peer[2][TURNS];
    const bool huge = (double)p->m * (double)p->n * (double)p->k > 3e9;
    const int turns = huge ? TURNS_OF_HUGE : TURNS;
    for (int turn = -1; turn < turns; turn++) { /* the first one warms up */
        const int at = turn < 0 ? 0 : turn;
        peak[at] = rate(NULL, NULL, threads, threads);
        ours[at] = rate(NULL, p, threads, threads);
        for (int i = 0; i < count; i++)
            peer[i][at] = rate(&libraries[i], p, threads, threads);
        if (threads > 1)
            alone[at] = rate(NULL, p, 1, threads);
    }
    printf("BENCH matmul_%s product=%s threads=%d gflops=%.1f", name, product, threads,
           median(ours, turns, NULL));
    for (int i = 0; i < count; i++)
        printf(" %s_gflops=%.1f", libraries[i].name, median(peer[i], turns, NULL));
    printf(" peak_gflops=%.1f of_peak=%.2f", median(peak, turns, NULL),
           median(ours, turns, peak));
    for (int i = 0; i < count; i++)
        printf(" of_%s=%.2f", libraries[i].name, median(ours, turns, peer[i]));
    if (threads > 1)
        printf(" scaling=%.2f", median(ours, turns, alone));
    printf("\n");
    fflush(stdout);
}

static seqnn_real *numbers(seqnn_size count)
{
    seqnn_real *x = (seqnn_real *)sq_allocate(count, sizeof *x);
    if (!x) {
        fprintf(stderr, "%s\n", seqnn_error());
        exit(1);
    }
    for (seqnn_size i = 0; i < count; i++)
        x[i] = (seqnn_real)(i % 17) - 8;
    return x;
}

static void measure_layer(const char *name, seqnn_size m, seqnn_size n, seqnn_size k,
                          int threads, const library *libraries, int count)
{
    seqnn_real *X = numbers(m * k), *W = numbers(k * n), *Z = numbers(m * n);
    seqnn_real *packed = numbers(sq_matmul_packed_size(k, n));
    seqnn_real *dW = numbers(k * n), *dX = numbers(m * k);
    sq_matmul_pack(false, n, k, W, n, packed);
    const problem forward = {false, false, false, m, n, k, X, W, NULL, Z};
    const problem weights = {true, false, false, k, n, m, X, Z, NULL, dW};
    const problem inputs = {false, true, false, m, k, n, Z, W, NULL, dX};
    const problem again = {false, false, true, m, n, k, X, W, packed, Z};
    measure(name, "forward", &forward, threads, libraries, count);
    measure(name, "weights", &weights, threads, libraries, count);
    measure(name, "inputs", &inputs, threads, libraries, count);
    if (threads == 1 && m <= 256)
        measure(name, "packed", &again, threads, libraries, count);
    sq_free(X);
    sq_free(W);
    sq_free(Z);
    sq_free(packed);
    sq_free(dW);
    sq_free(dX);
}

int main(int argc, char **argv)
{
    static const seqnn_size shapes[][3] = {
        /* M, N, K */
        {1024, 1024, 1024}, {4800, 256, 100},  {44800, 750, 300}, {256, 750, 250},
        {50, 2048, 512},    {2500, 2048, 512}, {32, 256, 64},     {1, 256, 64}};
    library libraries[2];
    int count = 0;
    const char *only = NULL;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (count < 2)
            count += open_library(argv[i], &libraries[count]);
    printf("instruction set %s\n", sq_isa_name(sq_isa()));

#ifdef _OPENMP
    const int most = 2;
#else
    const int most = 1;
#endif
    for (int threads = 1; threads <= most; threads++)
        for (seqnn_size s = 0; s < SQ_COUNT(shapes); s++) {
            const seqnn_size m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
            char name[64];
            if (m == k && k == n)
                snprintf(name, sizeof name, "%td", m);
            else
                snprintf(name, sizeof name, "%tdx%tdx%td", m, n, k);
            if (!only || strcmp(only, name) == 0)
                measure_layer(name, m, n, k, threads, libraries, count);
        }
    return 0;
}
