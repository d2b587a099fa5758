/* The NEON kernels beside plain C: run on a 64-bit ARM processor, or an emulated one. */
#define SEQNN_IMPLEMENTATION
#include "seqnn.h"

enum { N = 203, ROWS = 37, COLUMNS = 29, DEPTH = 53 };

typedef void (*elementwise)(seqnn_size n, const seqnn_real *x, seqnn_real *y);

static int failures, number;

/* Rounding may differ between the sets, by far less than this. */
static void compare(const char *name, const seqnn_real *plain, const seqnn_real *neon,
                    seqnn_size count)
{
    double largest = 0, error = 0;
    for (seqnn_size i = 0; i < count; i++) {
        double difference = fabs((double)plain[i] - (double)neon[i]);
        largest = fmax(largest, fabs((double)plain[i]));
        error = difference > error || difference != difference ? difference : error;
    }
    bool good = error <= 1e-6 * largest;
    failures += !good;
    printf("%s %d - %s: %.2g of %.2g\n", good ? "ok" : "not ok", ++number, name, error,
           largest);
}

static void compare_function(const char *name, elementwise function, double low, double high)
{
    seqnn_random random = {1, 0, 0};
    seqnn_real x[N], plain[N], neon[N];
    for (int i = 0; i < N; i++)
        x[i] = (seqnn_real)(low + (high - low) * seqnn_random_uniform(&random));
    sq_isa_force(SQ_ISA_PLAIN);
    function(N, x, plain);
    sq_isa_force(SQ_ISA_NEON);
    function(N, x, neon);
    compare(name, plain, neon, N);
}

static void compare_products(bool transpose_a, bool transpose_b)
{
    seqnn_random random = {2, 0, 0};
    seqnn_real a[ROWS * DEPTH], b[DEPTH * COLUMNS];
    seqnn_real plain[ROWS * COLUMNS], neon[ROWS * COLUMNS];
    char name[64];
    for (int i = 0; i < ROWS * DEPTH; i++)
        a[i] = (seqnn_real)seqnn_random_normal(&random);
    for (int i = 0; i < DEPTH * COLUMNS; i++)
        b[i] = (seqnn_real)seqnn_random_normal(&random);
    seqnn_size lda = transpose_a ? ROWS : DEPTH, ldb = transpose_b ? DEPTH : COLUMNS;
    sq_isa_force(SQ_ISA_PLAIN);
    sq_matmul(transpose_a, transpose_b, ROWS, COLUMNS, DEPTH, a, lda, b, ldb, false, plain,
              COLUMNS);
    sq_isa_force(SQ_ISA_NEON);
    sq_matmul(transpose_a, transpose_b, ROWS, COLUMNS, DEPTH, a, lda, b, ldb, false, neon,
              COLUMNS);
    snprintf(name, sizeof name, "product, %s, %s", transpose_a ? "A'" : "A",
             transpose_b ? "B'" : "B");
    compare(name, plain, neon, ROWS * COLUMNS);
}

int main(void)
{
    if (!sq_isa_available(SQ_ISA_NEON)) {
        printf("not ok 1 - NEON is not available\n");
        return 1;
    }
    compare_function("exp", sq_exp, -20, 20);
    compare_function("tanh", sq_tanh, -6, 6);
    compare_function("sigmoid", sq_sigmoid, -20, 20);
    for (int i = 0; i < 4; i++)
        compare_products(i & 1, i >> 1);
    return failures > 0;
}
