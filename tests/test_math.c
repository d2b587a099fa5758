/* The room src/math: tensors, the matrix product and the vector functions, on every
 * instruction set of this machine. */
#define _POSIX_C_SOURCE 200112L /* setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "functions.h"
#include "matmul.h"
#include "memory.h"
#include "product.h"
#include "random.h"
#include "shape.h"
#include "simd.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* Runs test(); once for every instruction set at hand. */
static void on_every_isa(void (*test)(void))
{
    const sq_isa_kind before = sq_isa();
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++)
        if (sq_isa_available((sq_isa_kind)isa)) {
            sq_isa_force((sq_isa_kind)isa);
            test();
        }
    sq_isa_force(before);
}

static seqnn_real *random_reals(seqnn_size count, uint64_t seed)
{
    seqnn_real *x = (seqnn_real *)sq_allocate(count + 1, sizeof *x);
    assert_non_null(x);
    seqnn_random random = {seed, 0, 0};
    for (seqnn_size i = 0; i < count; i++)
        x[i] = (seqnn_real)(2 * seqnn_random_uniform(&random) - 1);
    return x;
}

/* ---- simd.h */

static void environment_names_the_isa(void **state)
{
    (void)state;
    const char *given = getenv("SEQNN_ISA");
    char *before = given ? sq_copy_string(given) : NULL;
    unsetenv("SEQNN_ISA");
    sq_isa_forget();
    const sq_isa_kind best = sq_isa();
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++) {
        setenv("SEQNN_ISA", sq_isa_name((sq_isa_kind)isa), 1);
        sq_isa_forget();
        assert_int_equal(sq_isa(), sq_isa_available((sq_isa_kind)isa) ? isa : (int)best);
    }
    setenv("SEQNN_ISA", "abacus", 1);
    sq_isa_forget();
    assert_int_equal(sq_isa(), best);
    if (before)
        setenv("SEQNN_ISA", before, 1);
    else
        unsetenv("SEQNN_ISA");
    sq_isa_forget();
    sq_free(before);
}

/* ---- product.h */

typedef struct product {
    bool transpose_a, transpose_b, accumulate;
    seqnn_size m, n, k, lda, ldb, ldc;
    seqnn_real *a, *b, *c;
} product;

/* Matrices with gaps between their rows, and exactly as long as they need be, so that the
 * sanitizer sees a step too far. */
static product make_product(int flags, seqnn_size m, seqnn_size n, seqnn_size k,
                            seqnn_size gap)
{
    product p;
    p.transpose_a = flags & 1;
    p.transpose_b = flags >> 1 & 1;
    p.accumulate = flags >> 2 & 1;
    p.m = m;
    p.n = n;
    p.k = k;
    p.lda = (p.transpose_a ? m : k) + gap;
    p.ldb = (p.transpose_b ? k : n) + 2 * gap;
    p.ldc = n + gap;
    p.a = random_reals((p.transpose_a ? k : m) * p.lda, 1);
    p.b = random_reals((p.transpose_b ? n : k) * p.ldb, 2);
    p.c = random_reals(m * p.ldc, 3);
    return p;
}

static void free_product(product p)
{
    sq_free(p.a);
    sq_free(p.b);
    sq_free(p.c);
}

static void run_product(product p)
{
    sq_matmul(p.transpose_a, p.transpose_b, p.m, p.n, p.k, p.a, p.lda, p.b, p.ldb,
              p.accumulate, p.c, p.ldc);
}

/* One element, in double. */
static double exact_element(product p, const seqnn_real *before, seqnn_size i,
                            seqnn_size j)
{
    double sum = p.accumulate ? (double)before[i * p.ldc + j] : 0;
    for (seqnn_size l = 0; l < p.k; l++)
        sum += (double)(p.transpose_a ? p.a[l * p.lda + i] : p.a[i * p.lda + l]) *
               (double)(p.transpose_b ? p.b[j * p.ldb + l] : p.b[l * p.ldb + j]);
    return sum;
}

static void check_product(int flags, seqnn_size m, seqnn_size n, seqnn_size k,
                          seqnn_size gap)
{
    product p = make_product(flags, m, n, k, gap);
    seqnn_real *before = random_reals(m * p.ldc, 3);
    seqnn_real *plain = random_reals(m * p.ldc, 3);
    run_product(p);
    sq_matmul_plain(p.transpose_a, p.transpose_b, m, n, k, p.a, p.lda, p.b, p.ldb,
                    p.accumulate, plain, p.ldc);
    /* The plain loop adds k terms in one chain. */
    const double tolerance = 1e-6 * (1 + sqrt((double)k));
    const double of_plain = 1e-6 + 2e-7 * (double)k;
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < p.ldc; j++) {
            const seqnn_size at = i * p.ldc + j;
            if (j >= n) {
                assert_true(p.c[at] == before[at]); /* the gap is nobody's */
                continue;
            }
            const double exact = exact_element(p, before, i, j);
            if (!(fabs((double)p.c[at] - exact) <= tolerance) ||
                !(fabs((double)plain[at] - exact) <= of_plain))
                fail_msg(
                    "%s: %tdx%tdx%td, flags %d: [%td, %td] is %g, plain %g, exact %g",
                    sq_isa_name(sq_isa()), m, k, n, flags, i, j, (double)p.c[at],
                    (double)plain[at], exact);
        }
    if (!p.transpose_a) {
        /* The packed form: the same bits. */
        seqnn_real *packed = random_reals(sq_matmul_packed_size(k, n), 4);
        sq_matmul_pack(p.transpose_b, n, k, p.b, p.ldb, packed);
        sq_matmul_packed(m, n, k, p.a, p.lda, packed, p.accumulate, before, p.ldc);
        assert_memory_equal(before, p.c, (size_t)(m * p.ldc) * sizeof *before);
        sq_free(packed);
    }
    sq_free(before);
    sq_free(plain);
    free_product(p);
}

static void products_of_all_sizes(void)
{
    for (seqnn_size size = 0; size <= 70; size++) {
        const int flags = (int)size % 8;
        check_product(flags, size, 37, 19, 0);
        check_product(flags, 13, size, 19, 3);
        check_product(flags, 7, 37, size, 1);
        check_product(7 - flags, size, size, size, 0);
    }
    for (int flags = 0; flags < 8; flags++) {
        check_product(flags, 1, 1, 1, 0);
        check_product(flags, 97, 67, 257, 5);
        check_product(flags, 5, 40, 600, 0);
        check_product(flags, 150, 130, 70, 0);
        check_product(flags, 801, 70, 21, 1);  /* two tiles of rows */
        check_product(flags, 70, 37, 700, 4);  /* more of A than a small tile holds */
        check_product(flags, 900, 65, 150, 0); /* and both */
    }
}

static void product_equals_double(void **state)
{
    (void)state;
    on_every_isa(products_of_all_sizes);
}

/* Any rows of A give the bits of the whole product. */
static void product_of_row_ranges(void)
{
    static const seqnn_size sizes[][3] = {{40, 70, 300}, {101, 5, 64}, {200, 96, 80}};
    for (seqnn_size s = 0; s < SQ_COUNT(sizes); s++)
        for (int flags = 0; flags < 8; flags++) {
            const seqnn_size m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
            product whole = make_product(flags, m, n, k, 0);
            product part = make_product(flags, m, n, k, 0);
            run_product(whole);
            seqnn_random random = {5, 0, 0};
            seqnn_real *a = part.a, *c = part.c;
            for (seqnn_size row = 0; row < m; row += part.m) {
                part.m = 1 + seqnn_random_below(&random, 14);
                part.m = part.m < m - row ? part.m : m - row;
                part.a = a + (part.transpose_a ? row : row * part.lda);
                part.c = c + row * part.ldc;
                run_product(part);
            }
            assert_memory_equal(c, whole.c, (size_t)(m * n) * sizeof *c);
            part.a = a;
            part.c = c;
            free_product(part);
            free_product(whole);
        }
}

static void rows_have_the_same_bits(void **state)
{
    (void)state;
    on_every_isa(product_of_row_ranges);
}

static void product_by_threads(void)
{
#ifdef _OPENMP
    static const int threads[] = {1, 2, 3, 4, 7};
    static const seqnn_size sizes[][3] = {
        {300, 260, 70}, {100, 256, 600}, {1000, 20, 90}, {64, 256, 900}};
    const int before = omp_get_max_threads();
    for (seqnn_size s = 0; s < SQ_COUNT(sizes); s++)
        for (int flags = 0; flags < 4; flags++) {
            seqnn_real *first = NULL;
            const seqnn_size m = sizes[s][0], n = sizes[s][1];
            for (seqnn_size t = 0; t < SQ_COUNT(threads); t++) {
                omp_set_num_threads(threads[t]);
                product p = make_product(flags, m, n, sizes[s][2], 0);
                run_product(p);
                if (first)
                    assert_memory_equal(first, p.c, (size_t)(m * n) * sizeof *first);
                else {
                    first = p.c;
                    p.c = NULL;
                }
                free_product(p);
            }
            sq_free(first);
        }
    omp_set_num_threads(before);
#endif
}

static void threads_give_the_same_bits(void **state)
{
    (void)state;
    on_every_isa(product_by_threads);
}

static void packed_sizes_are_checked(void **state)
{
    (void)state;
    assert_int_equal(sq_matmul_packed_size(3, 0), 0);
    assert_true(sq_matmul_packed_size(10, 33) >= 330);
    assert_int_equal(sq_matmul_packed_size(PTRDIFF_MAX / 4, 64), -1);
    assert_int_equal(sq_matmul_packed_size(1, PTRDIFF_MAX), -1);
}

/* ---- matmul.h and tensor.h */

static void tensors_are_multiplied(void **state)
{
    (void)state;
    seqnn_real x[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; /* [2, 3, 2] */
    seqnn_real w[4] = {1, -1, 2, 3}, z[12] = {0};
    const seqnn_real expected[12] = {5, 5, 11, 9, 17, 13, 23, 17, 29, 21, 35, 25};
    seqnn_tensor steps = seqnn_tensor_3d(x, 2, 3, 2), weights = seqnn_tensor_2d(w, 2, 2);
    assert_int_equal(
        seqnn_matmul(false, false, steps, weights, false, seqnn_tensor_3d(z, 2, 3, 2)),
        SEQNN_OK);
    assert_memory_equal(z, expected, sizeof z);
    assert_int_equal(
        seqnn_matmul(true, false, steps, weights, false, seqnn_tensor_2d(z, 2, 2)),
        SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(),
                        "matmul: [2, 3, 2]^T times [2, 2] does not give [2, 2]");
}

static void tensors_check_their_shapes(void **state)
{
    (void)state;
    seqnn_real memory[24];
    for (int i = 0; i < 24; i++)
        memory[i] = (seqnn_real)i;
    seqnn_tensor x = seqnn_tensor_3d(memory, 2, 3, 4);
    assert_int_equal(seqnn_tensor_size(x), 24);
    assert_int_equal(seqnn_tensor_rows(x), 6);
    assert_int_equal(seqnn_tensor_columns(x), 4);
    assert_string_equal(sq_shape_text(x.shape, x.rank).text, "[2, 3, 4]");

    const seqnn_size inside[3] = {1, 2, 3}, outside[3] = {1, 3, 0};
    assert_true(*seqnn_tensor_at(x, inside) == 23);
    assert_null(seqnn_tensor_at(x, outside));
    assert_string_equal(seqnn_error(), "tensor at: element [1, 3, 0] of [2, 3, 4]");

    seqnn_tensor second = seqnn_tensor_slice(x, 1, 2);
    assert_true(second.data == memory + 12 && seqnn_tensor_size(second) == 12);
    assert_int_equal(seqnn_tensor_size(seqnn_tensor_slice(x, 2, 2)), 0);
    assert_null(seqnn_tensor_slice(x, 1, 3).data);
    assert_string_equal(seqnn_error(), "tensor slice: entries [1, 3) of [2, 3, 4]");

    const seqnn_size flat[2] = {6, 4}, wrong[2] = {5, 5}, negative[2] = {-2, -12};
    seqnn_tensor y = seqnn_tensor_reshape(x, 2, flat);
    assert_true(y.data == memory && y.rank == 2 && y.shape[0] == 6);
    assert_null(seqnn_tensor_reshape(x, 2, wrong).data);
    assert_string_equal(seqnn_error(),
                        "tensor reshape: [5, 5] has not as many elements as [2, 3, 4]");
    assert_null(seqnn_tensor_reshape(x, 2, negative).data);
    assert_null(seqnn_tensor_view(memory, 5, flat).data);
    assert_int_equal(seqnn_tensor_copy(x, y), SEQNN_ERROR_SHAPE);
    assert_string_equal(seqnn_error(), "tensor copy: from [6, 4] to [2, 3, 4]");

    seqnn_tensor own = seqnn_tensor_new(2, flat);
    assert_non_null(own.data);
    assert_true(own.data[23] == 0);
    assert_int_equal(seqnn_tensor_copy(own, y), SEQNN_OK);
    assert_memory_equal(own.data, memory, sizeof memory);
    seqnn_tensor_free(&own);
    assert_null(own.data);

    const seqnn_size huge[3] = {PTRDIFF_MAX / 2, 3, 1};
    assert_null(seqnn_tensor_new(3, huge).data);
    assert_non_null(strstr(seqnn_error(), "has too many elements"));
}

/* ---- functions.h */

/* The error of got in units in the last place of a float near `exact`. */
static double ulps(float got, double exact)
{
    if (isnan(exact))
        return isnan(got) ? 0 : INFINITY;
    if (fabs(exact) > 3.40282357e38)
        return (double)got == (exact > 0 ? INFINITY : -INFINITY) ? 0 : INFINITY;
    int exponent;
    frexp(exact, &exponent);
    return fabs((double)got - exact) / ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

/* Floats of every exponent and sign, infinities and NaN among them. */
static void functions_over_the_range(void)
{
    enum { BLOCK = 4096 };
    static seqnn_real x[BLOCK], e[BLOCK], t[BLOCK], s[BLOCK], l[BLOCK];
    int count = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 4057) {
        const uint32_t word = (uint32_t)bits;
        float value;
        memcpy(&value, &word, sizeof value);
        x[count++] = (seqnn_real)value;
        if (count < BLOCK)
            continue;
        count = 0;
        sq_exp(BLOCK, x, e);
        sq_tanh(BLOCK, x, t);
        sq_sigmoid(BLOCK, x, s);
        sq_log(BLOCK, x, l);
        for (int i = 0; i < BLOCK; i++) {
            const double at = (double)x[i], sigmoid = 1 / (1 + exp(-at));
            const bool good = ulps((float)e[i], exp(at)) <= 2 &&
                              ulps((float)t[i], tanh(at)) <= 3 &&
                              (at < -87 ? (double)s[i] >= 0 && (double)s[i] < 1e-37
                                        : ulps((float)s[i], sigmoid) <= 4) &&
                              (isnan(at) || (fabs((double)t[i] - tanh(at)) <= 1e-6 &&
                                             fabs((double)s[i] - sigmoid) <= 1e-6)) &&
                              ulps((float)l[i], log(at)) <= 2;
            if (!good)
                fail_msg("%s: x = %.9g: exp %.9g tanh %.9g sigmoid %.9g log %.9g",
                         sq_isa_name(sq_isa()), at, (double)e[i], (double)t[i],
                         (double)s[i], (double)l[i]);
        }
    }
}

static void functions_are_accurate(void **state)
{
    (void)state;
    on_every_isa(functions_over_the_range);
}

static void functions_at_special_points(void)
{
    const seqnn_real infinity = (seqnn_real)INFINITY;
    seqnn_real x[5] = {0, infinity, -infinity, (seqnn_real)NAN, 100}, y[5];
    sq_exp(5, x, y);
    assert_true(y[0] == 1 && y[1] == infinity && y[2] == 0 && isnan(y[3]));
    sq_tanh(5, x, y);
    assert_true(y[0] == 0 && y[1] == 1 && y[2] == -1 && isnan(y[3]) && y[4] == 1);
    sq_sigmoid(5, x, y);
    assert_true(y[0] == (seqnn_real)0.5 && y[1] == 1 && isnan(y[3]) && y[4] == 1);
}

/* Lengths 0 to 70 at offsets 0 to 3: the bits of a value depend on the value alone, and
 * nothing is written behind the end. */
static void functions_at_any_place(void)
{
    void (*const functions[])(seqnn_size, const seqnn_real *,
                              seqnn_real *) = {sq_exp, sq_tanh, sq_sigmoid, sq_log};
    enum { MOST = 80 };
    seqnn_real *x = random_reals(MOST, 9);
    seqnn_real y[MOST], one[1];
    for (int i = 0; i < MOST; i++)
        x[i] = 3 + 2 * x[i];
    for (seqnn_size f = 0; f < SQ_COUNT(functions); f++)
        for (int n = 0; n <= 70; n++)
            for (int offset = 0; offset < 4; offset++) {
                for (int i = 0; i < MOST; i++)
                    y[i] = 77;
                functions[f](n, x + offset, y + offset);
                for (int i = 0; i < MOST; i++)
                    if (i >= offset && i < offset + n) {
                        functions[f](1, x + i, one);
                        assert_memory_equal(one, y + i, sizeof *y);
                    } else {
                        assert_true(y[i] == 77);
                    }
            }
    sq_free(x);
}

static void functions_at_special_places(void **state)
{
    (void)state;
    on_every_isa(functions_at_special_points);
    on_every_isa(functions_at_any_place);
}

/* From one x to the next, 1/1024 further, a result falls by no more than its rounding,
 * and it stays within its bounds. */
static void functions_rise(void)
{
    enum { COUNT = 1 << 15 };
    static seqnn_real x[COUNT], y[COUNT];
    const seqnn_real rounding = (seqnn_real)1.2e-7;
    for (int i = 0; i < COUNT; i++)
        x[i] = ((seqnn_real)i - COUNT / 2) / 1024;
    sq_tanh(COUNT, x, y);
    for (int i = 1; i < COUNT; i++)
        assert_true(y[i] >= y[i - 1] - rounding && y[i] <= 1 && y[i] >= -1);
    sq_sigmoid(COUNT, x, y);
    for (int i = 1; i < COUNT; i++)
        assert_true(y[i] >= y[i - 1] - rounding && y[i] <= 1 && y[i] >= 0);
}

static void functions_are_monotone(void **state)
{
    (void)state;
    on_every_isa(functions_rise);
}

static void sums_over_arrays(void)
{
    for (int n = 0; n <= 70; n++) {
        seqnn_real *x = random_reals(n, 11), *y = random_reals(n, 12);
        seqnn_real *z = random_reals(n, 12);
        double sum = 0, dot = 0, squares = 0;
        for (int i = 0; i < n; i++) {
            sum += (double)x[i];
            dot += (double)x[i] * (double)y[i];
            squares += (double)x[i] * (double)x[i];
        }
        assert_true(fabs(sq_sum(n, x) - sum) < 1e-13);
        assert_true(fabs(sq_dot(n, x, y) - dot) < 1e-13);
        assert_true(fabs(sq_sum_squares(n, x) - squares) < 1e-13);
        sq_axpy(n, (seqnn_real)0.75, x, y);
        for (int i = 0; i < n; i++)
            assert_true(fabs((double)y[i] - (0.75 * (double)x[i] + (double)z[i])) < 2e-7);
        sq_scale(n, -2, z);
        seqnn_real *again = random_reals(n, 12);
        for (int i = 0; i < n; i++)
            assert_true(z[i] == -2 * again[i]);
        sq_free(x);
        sq_free(y);
        sq_free(z);
        sq_free(again);
    }
}

static void sums_are_right(void **state)
{
    (void)state;
    on_every_isa(sums_over_arrays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_names_the_isa),
        cmocka_unit_test(product_equals_double),
        cmocka_unit_test(rows_have_the_same_bits),
        cmocka_unit_test(threads_give_the_same_bits),
        cmocka_unit_test(packed_sizes_are_checked),
        cmocka_unit_test(tensors_are_multiplied),
        cmocka_unit_test(tensors_check_their_shapes),
        cmocka_unit_test(functions_are_accurate),
        cmocka_unit_test(functions_at_special_places),
        cmocka_unit_test(functions_are_monotone),
        cmocka_unit_test(sums_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
