/* What this machine can do at best:
 *
 *   bench_floor MULTIPLY_ADDS ARRAYS MATRICES [ROWS COLUMNS TOUCHED] ...
 *
 * run.py lets it take turns with the programs that are measured, with as many threads. It
 * says "ready"; then for every line it reads it measures, for a fifth of a second, the
 * peak of fused multiply-adds and the memory traffic of an optimiser, and answers
 *
 *   <floor ms> <arithmetic ms> <traffic ms> <floor, CPU ms> <10^9 multiply-adds a second>
 *
 * The traffic is that of ARRAYS (3: weights, gradient, v; 4: and m; 0: no optimiser) of
 * MATRICES numbers, all of them read and, but for the gradient, written; and of tables of
 * ROWS x COLUMNS, of which a step touches TOUCHED rows, others from step to step.
 * bench/README.md says what the floor means.
 */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

enum { STEPS = 16, MOST_TABLES = 4, AHEAD = 2 };

typedef struct block {
    long rows, columns, touched;
    int32_t *list;   /* [STEPS, touched] rows in rising order; NULL: all */
    float *array[4]; /* w, g, v, m */
} block;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *memory(size_t size)
{
    void *given = aligned_alloc(64, (size / 64 + 1) * 64);
    if (given == NULL) {
        fprintf(stderr, "bench_floor: no memory\n");
        exit(1);
    }
    return given;
}

/* ---- arithmetic ---- */

#ifdef __AVX512F__
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif
typedef float vector __attribute__((vector_size(VECTOR_BYTES)));

/* Multiply-adds of one thread: chains of them in registers, more than the latency needs.
 */
static double multiply_adds(void)
{
    enum { CHAINS = 12, LINKS = 50000, LANES = sizeof(vector) / sizeof(float) };
    volatile float unknown = 0.5f, sink = 0; /* or the compiler leaves things out */
    vector chain[CHAINS], x = unknown - (vector){0}, y = x * unknown;
    for (int c = 0; c < CHAINS; c++)
        chain[c] = unknown - (vector){0};
    for (int i = 0; i < LINKS; i++)
        for (int c = 0; c < CHAINS; c++)
            chain[c] = chain[c] * x + y;
    for (int c = 0; c < CHAINS; c++)
        for (int l = 0; l < LANES; l++)
            sink = sink + chain[c][l];
    return (double)LINKS * CHAINS * LANES;
}

/* ---- traffic ---- */

/* An optimiser without its square root: m is NULL where it keeps none. */
static void update(float *restrict w, const float *restrict g, float *restrict v,
                   float *restrict m, long count)
{
    if (m == NULL)
        for (long i = 0; i < count; i++) {
            v[i] += 0.001f * (g[i] * g[i] - v[i]);
            w[i] -= 1e-6f * g[i] * v[i];
        }
    else
        for (long i = 0; i < count; i++) {
            v[i] += 0.001f * (g[i] * g[i] - v[i]);
            m[i] += 0.1f * (g[i] - m[i]);
            w[i] -= 1e-6f * m[i] * v[i];
        }
}

static void fetch_row(const block *b, long at)
{
    for (int a = 0; a < 4 && b->array[a] != NULL; a++)
        for (long i = 0; i < b->columns; i += 16)
            __builtin_prefetch(b->array[a] + at + i, 1);
}

static void update_rows(const block *b, long step, long begin, long end)
{
    float *const *array = b->array;
    if (b->list == NULL) {
        const long at = begin * b->columns;
        update(array[0] + at, array[1] + at, array[2] + at,
               array[3] ? array[3] + at : NULL, (end - begin) * b->columns);
        return;
    }
    const int32_t *list = b->list + step % STEPS * b->touched;
    for (long i = begin; i < end; i++) {
        const long at = list[i] * b->columns;
        if (i + AHEAD < end)
            fetch_row(b, list[i + AHEAD] * b->columns);
        update(array[0] + at, array[1] + at, array[2] + at,
               array[3] ? array[3] + at : NULL, b->columns);
    }
}

/* So many steps of one thread, on its share of the rows. */
static void traffic(const block *blocks, int count, long thread, long threads, long steps)
{
    for (long step = 0; step < steps; step++)
        for (int b = 0; b < count; b++)
            update_rows(&blocks[b], step, blocks[b].touched * thread / threads,
                        blocks[b].touched * (thread + 1) / threads);
}

static double random_part(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static block new_block(long rows, long columns, long touched, int arrays)
{
    block b = {.rows = rows, .columns = columns, .touched = touched};
    if (touched < rows) {
        b.list = (int32_t *)memory((size_t)(STEPS * touched) * sizeof *b.list);
        for (long step = 0, at = 0; step < STEPS; step++)
            for (long row = 0, left = touched; left > 0; row++)
                if (random_part() * (double)(rows - row) < (double)left) {
                    b.list[at++] = (int32_t)row;
                    left--;
                }
    }
    for (int a = 0; a < arrays; a++) {
        b.array[a] = (float *)memory((size_t)(rows * columns) * sizeof(float));
        for (long i = 0; i < rows * columns; i++)
            b.array[a][i] = 0.5f;
    }
    return b;
}

static void free_block(block *b)
{
    free(b->list);
    for (int a = 0; a < 4; a++)
        free(b->array[a]);
}

/* ---- both ---- */

typedef struct best {
    long threads;
    double rate; /* multiply-adds in a second, of all threads */
    double slowest,
        traffic; /* seconds of a step's traffic: of the slowest thread, of all */
} best;

/* Each thread times short pieces of work, all at once, and its best piece counts: a
 * thread that another program interrupts does not hold up the rest. */
static best measure(const block *blocks, int count, bool optimizer, long steps)
{
    best all = {0};
#pragma omp parallel
    {
        long thread = 0, threads = 1;
#ifdef _OPENMP
        thread = omp_get_thread_num();
        threads = omp_get_num_threads();
#endif
        double rate = 0, least = optimizer ? 1e9 : 0;
        for (const double start = seconds(); seconds() - start < 0.1;) {
            const double begin = seconds(), done = multiply_adds();
            rate = fmax(rate, done / (seconds() - begin));
        }
#pragma omp barrier
        for (const double start = seconds(); optimizer && seconds() - start < 0.1;) {
            const double begin = seconds();
            traffic(blocks, count, thread, threads, steps);
            least = fmin(least, (seconds() - begin) / (double)steps);
        }
#pragma omp critical
        {
            all.threads = threads;
            all.rate += rate;
            all.traffic += least;
            all.slowest = fmax(all.slowest, least);
        }
    }
    return all;
}

int main(int count, char **word)
{
    block blocks[1 + MOST_TABLES];
    const int tables = (count - 4) / 3;
    if (count < 4 || count != 4 + 3 * tables || tables > MOST_TABLES) {
        fprintf(stderr, "usage: bench_floor MULTIPLY_ADDS ARRAYS MATRICES [ROWS COLUMNS "
                        "TOUCHED] ...\n");
        return 1;
    }
    const double work = atof(word[1]);
    const int arrays = atoi(word[2]);
    blocks[0] = new_block(atol(word[3]), 1, atol(word[3]), arrays);
    for (int i = 0; i < tables; i++) {
        char **size = word + 4 + 3 * i;
        blocks[1 + i] = new_block(atol(size[0]), atol(size[1]), atol(size[2]), arrays);
    }
    long steps = 1; /* a piece: about a millisecond of one thread */
    for (double took = 0; arrays > 0 && took < 1e-3 && steps < 1 << 24; steps *= 2) {
        const double begin = seconds();
        traffic(blocks, 1 + tables, 0, 1, steps);
        took = seconds() - begin;
    }
    printf("ready\n");
    fflush(stdout);

    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        const best b = measure(blocks, 1 + tables, arrays > 0, steps);
        const double arithmetic = 1e3 * work / b.rate, moving = 1e3 * b.slowest;
        printf("%.6g %.6g %.6g %.6g %.6g\n", arithmetic + moving, arithmetic, moving,
               arithmetic * (double)b.threads + 1e3 * b.traffic, 1e-9 * b.rate);
        fflush(stdout);
    }
    for (int i = 0; i <= tables; i++)
        free_block(&blocks[i]);
    return 0;
}
