/* t-SNE: its parts against brute force and finite differences, its pictures against
 * scikit-learn's (tests/golden/tsne.py), and bad input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "random.h"
#include "tsne_record.h"
#include "tsne_steps.h"

enum { LARGEST = 700, MOST = 20 };

static seqnn_real points[LARGEST * MOST], map[3 * LARGEST], other[3 * LARGEST];

static seqnn_tensor matrix(seqnn_real *data, seqnn_size rows, seqnn_size columns)
{
    return seqnn_tensor_2d(data, rows, columns);
}

static void noise(seqnn_size n, seqnn_size m, uint64_t seed)
{
    seqnn_random random = {seed, 0, 0};
    for (seqnn_size i = 0; i < n * m; i++)
        points[i] = (seqnn_real)seqnn_random_normal(&random);
}

static double distance(seqnn_size m, seqnn_size i, seqnn_size j)
{
    double sum = 0;
    for (seqnn_size c = 0; c < m; c++)
        sum += pow((double)points[i * m + c] - (double)points[j * m + c], 2);
    return sum;
}

/* p_j|i of the definition, out of a given sigma, is what p_ij was made of: for every row
 * the sigma is searched here by another way, and its entropy is what was asked for. */
static void neighbours_have_the_perplexity(void **state)
{
    (void)state;
    enum { N = 37, M = 5 };
    const double perplexities[] = {1.5, 5, 12, 35};
    noise(N, M, 5);
    for (int c = 0; c < M; c++)
        points[3 * M + c] += 30; /* a point far from all */
    for (int k = 0; k < 4; k++) {
        static double conditional[N][N];
        sq_tsne tsne;
        assert_int_equal(sq_tsne_new(&tsne, N, 2), SEQNN_OK);
        sq_tsne_neighbours(&tsne, points, M, perplexities[k]);
        for (int i = 0; i < N; i++) {
            double low = -40, high = 40; /* log of 1 / 2 sigma^2, entropy falls in it */
            double entropy = 0;
            for (int step = 0; step < 200; step++) {
                const double beta = exp((low + high) / 2);
                double sum = 0, nearest = INFINITY;
                for (int j = 0; j < N; j++)
                    if (j != i)
                        nearest = fmin(nearest, distance(M, i, j));
                for (int j = 0; j < N; j++) {
                    conditional[i][j] =
                        j == i ? 0 : exp(-beta * (distance(M, i, j) - nearest));
                    sum += conditional[i][j];
                }
                entropy = 0;
                for (int j = 0; j < N; j++) {
                    conditional[i][j] /= sum;
                    if (conditional[i][j] > 0)
                        entropy -= conditional[i][j] * log(conditional[i][j]);
                }
                if (exp(entropy) > perplexities[k])
                    low = (low + high) / 2;
                else
                    high = (low + high) / 2;
            }
            assert_true(fabs(exp(entropy) / perplexities[k] - 1) < 1e-6);
        }
        double all = 0;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                const double p = tsne.p[i * tsne.width + j];
                all += p;
                assert_true(fabs(p - (conditional[i][j] + conditional[j][i]) / (2 * N)) <
                            1e-8);
            }
        assert_true(fabs(all - 1) < 1e-12);
        sq_tsne_free(&tsne);
    }
}

/* C by its definition. */
static double brute_force_divergence(const sq_tsne *tsne)
{
    double all = 0, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (seqnn_size i = 0; i < tsne->n; i++)
            for (seqnn_size j = 0; j < tsne->n; j++) {
                double w = 1, p = tsne->p[i * tsne->width + j];
                for (seqnn_size c = 0; c < tsne->k; c++)
                    w += pow(tsne->y[c * tsne->width + i] - tsne->y[c * tsne->width + j],
                             2);
                if (i == j)
                    continue;
                if (pass == 0)
                    all += 1 / w;
                else if (p > 0)
                    sum += p * log(p / (1 / w / all));
            }
    return sum;
}

static void gradient_is_that_of_the_divergence(void **state)
{
    (void)state;
    const seqnn_size sizes[] = {4, 7, 8, 9, 30};
    for (seqnn_size k = 1; k <= 3; k++)
        for (int s = 0; s < 5; s++) {
            const seqnn_size n = sizes[s];
            sq_tsne tsne;
            seqnn_random random = {7, (uint64_t)n, 0};
            noise(n, 6, (uint64_t)k);
            assert_int_equal(sq_tsne_new(&tsne, n, k), SEQNN_OK);
            sq_tsne_neighbours(&tsne, points, 6, 2.5);
            for (seqnn_size c = 0; c < k; c++)
                for (seqnn_size i = 0; i < n; i++)
                    tsne.y[c * tsne.width + i] = 2 * seqnn_random_normal(&random);
            assert_true(fabs(sq_tsne_divergence(&tsne) / brute_force_divergence(&tsne) -
                             1) < 1e-12);
            sq_tsne_gradient(&tsne, 1);
            for (seqnn_size c = 0; c < k; c++)
                for (seqnn_size i = 0; i < n; i++) {
                    double *y = tsne.y + c * tsne.width + i, e = 1e-5, was = *y;
                    *y = was + e;
                    double above = brute_force_divergence(&tsne);
                    *y = was - e;
                    double below = brute_force_divergence(&tsne);
                    *y = was;
                    assert_true(fabs((above - below) / (2 * e) -
                                     tsne.gradient[c * tsne.width + i]) < 1e-8);
                }
            sq_tsne_free(&tsne);
        }
}

/* The points of tests/golden/tsne.py. */
static uint32_t generator;

static double uniform(void)
{
    generator = 1664525 * generator + 1013904223;
    return ((int)((generator >> 16) % 256) - 128) / 64.0;
}

static void recorded_points(const struct tsne_case *c)
{
    double centres[5][MOST];
    generator = c->seed;
    for (int k = 0; k < 5; k++)
        for (int j = 0; j < c->m; j++)
            centres[k][j] = 4 * uniform();
    for (int i = 0; i < c->n; i++)
        for (int j = 0; j < c->m; j++) {
            double value = uniform();
            const int group = i % 8 < 4 ? i % 8 : 4;
            if (c->kind == 0)
                value += centres[group < 2 ? 0 : group][j] + (group == 1 && j == 0) * 8;
            else if (c->kind == 1)
                value = value / 16 + (i + c->m - 1 - j) / c->m;
            points[i * c->m + j] = (seqnn_real)value;
        }
}

/* How many of its `near` neighbours in the map a point has among those that it has in
 * truth, counted by rank (Venna and Kaski 2001); 1 if all. */
static double trust(const struct tsne_case *c, int near)
{
    double sum = 0;
    for (int i = 0; i < c->n; i++)
        for (int j = 0; j < c->n; j++) {
            int rank = 1, in_map = 1;
            for (int k = 0; k < c->n && j != i; k++)
                if (k != i) {
                    rank += distance(c->m, i, k) < distance(c->m, i, j);
                    in_map += hypot(map[i] - map[k], map[c->n + i] - map[c->n + k]) <
                              hypot(map[i] - map[j], map[c->n + i] - map[c->n + j]);
                }
            if (j != i && in_map <= near && rank > near)
                sum += rank - near;
        }
    return 1 - sum * 2 / ((double)c->n * near * (2.0 * c->n - 3.0 * near - 1));
}

static void as_good_as_scikit_learn(void **state)
{
    (void)state;
    for (int k = 0; k < (int)(sizeof recorded_tsne / sizeof *recorded_tsne); k++) {
        const struct tsne_case *c = &recorded_tsne[k];
        seqnn_tsne_options options = {.perplexity = c->perplexity};
        double divergence;
        options.metric = c->cosine ? SEQNN_TSNE_COSINE : SEQNN_TSNE_METRIC_DEFAULT;
        recorded_points(c);
        assert_int_equal(seqnn_tsne(matrix(points, c->n, c->m), matrix(map, 2, c->n),
                                    &divergence, options),
                         SEQNN_OK);
        for (int i = 0; i < c->n && c->cosine; i++) {
            double length = 0;
            for (int j = 0; j < c->m; j++)
                length += (double)(points[i * c->m + j] * points[i * c->m + j]);
            for (int j = 0; j < c->m; j++)
                points[i * c->m + j] /= (seqnn_real)sqrt(length);
        }
        print_message("divergence %.4f, scikit-learn's %.4f; trust %.4f %.4f, its %.4f "
                      "%.4f\n",
                      divergence, c->divergence, trust(c, 5), trust(c, 15), c->trust[0],
                      c->trust[1]);
        assert_true(divergence < 1.03 * c->divergence);
        assert_true(divergence > 0.9 * c->divergence); /* else it is no divergence */
        assert_true(trust(c, 5) > c->trust[0] - 0.01);
        assert_true(trust(c, 15) > c->trust[1] - 0.01);
    }
}

/* Every point is nearer to all of its own cluster's than to any other's; k and both ways
 * to start. */
static void clusters_stay_apart(void **state)
{
    (void)state;
    enum { N = 60, M = 10 };
    for (seqnn_size k = 1; k <= 3; k++)
        for (int start = 1; start <= 2; start++) {
            seqnn_tsne_options options = {.perplexity = 12, .seed = 4};
            options.start = (seqnn_tsne_start)start;
            if (k == 1 && start == SEQNN_TSNE_RANDOM)
                continue; /* on a line, points cannot walk around each other */
            noise(N, M, 2);
            for (int i = 0; i < N; i++)
                points[i * M + i % 3] += 20;
            assert_int_equal(
                seqnn_tsne(matrix(points, N, M), matrix(map, k, N), NULL, options),
                SEQNN_OK);
            double apart = INFINITY, within = 0;
            for (int i = 0; i < N; i++)
                for (int j = 0; j < i; j++) {
                    double sum = 0;
                    for (seqnn_size c = 0; c < k; c++)
                        sum += pow((double)(map[c * N + i] - map[c * N + j]), 2);
                    if (i % 3 == j % 3)
                        within = fmax(within, sqrt(sum));
                    else
                        apart = fmin(apart, sqrt(sum));
                }
            if (!(apart > within))
                fail_msg("%td dimensions, start %d: %g apart, %g within", k, start, apart,
                         within);
            for (seqnn_size c = 0; c < k; c++) {
                double mean = 0;
                for (int i = 0; i < N; i++)
                    mean += (double)map[c * N + i] / N;
                assert_true(fabs(mean) < 1e-4);
            }
        }
}

/* Large enough that rows go to several threads. */
static void same_bits_with_any_number_of_threads(void **state)
{
    (void)state;
    seqnn_tsne_options options = {.iterations = 20, .start = SEQNN_TSNE_RANDOM};
    double divergence[2];
    noise(LARGEST, 5, 9);
    seqnn_tensor of = matrix(points, LARGEST, 5), into = matrix(map, 2, LARGEST);
    assert_int_equal(seqnn_tsne(of, into, divergence, options), SEQNN_OK);
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        assert_int_equal(
            seqnn_tsne(of, matrix(other, 2, LARGEST), divergence + 1, options), SEQNN_OK);
        assert_memory_equal(map, other, 2 * LARGEST * sizeof *map);
        assert_memory_equal(divergence, divergence + 1, sizeof *divergence);
    }
    omp_set_num_threads(before);
#endif
    options.seed = 1;
    assert_int_equal(seqnn_tsne(of, matrix(other, 2, LARGEST), NULL, options), SEQNN_OK);
    assert_memory_not_equal(map, other, 2 * LARGEST * sizeof *map);
}

static void duplicates_and_points_on_a_line(void **state)
{
    (void)state;
    enum { N = 40 };
    /* 30 equal points, more than neighbours: they end together, apart from the others. */
    for (int i = 0; i < N; i++)
        for (int j = 0; j < 3; j++)
            points[i * 3 + j] = i < 30 ? 1 : (seqnn_real)(5 + (i * 7 + j * 3) % 5);
    seqnn_tsne_options options = {.perplexity = 5};
    assert_int_equal(seqnn_tsne(matrix(points, N, 3), matrix(map, 2, N), NULL, options),
                     SEQNN_OK);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < 30; j++) {
            double d =
                hypot((double)(map[i] - map[j]), (double)(map[N + i] - map[N + j]));
            assert_true(isfinite(d) && (i < 30 || d > 1));
        }
    /* One column into two: a line keeps its order, but for a fold or two. */
    for (int i = 0; i < N; i++)
        points[i] = (seqnn_real)(1e30 * i);
    assert_int_equal(seqnn_tsne(matrix(points, N, 1), matrix(map, 2, N), NULL, options),
                     SEQNN_OK);
    for (int i = 2; i < N; i++)
        assert_true(
            hypot((double)(map[i] - map[i - 1]), (double)(map[N + i] - map[N + i - 1])) <
            hypot((double)(map[i] - map[(i + N / 2) % N]),
                  (double)(map[N + i] - map[N + (i + N / 2) % N])));
    /* The smallest there is, and every perplexity from 1 to n - 1. */
    noise(4, 2, 3);
    for (int p = 0; p <= 3; p++) {
        options.perplexity = p;
        assert_int_equal(
            seqnn_tsne(matrix(points, 4, 2), matrix(map, 2, 4), NULL, options), SEQNN_OK);
        for (int i = 0; i < 8; i++)
            assert_true(isfinite(map[i]));
    }
}

static void expect(seqnn_status status, const char *sentence)
{
    if (status == SEQNN_OK || strstr(seqnn_error(), sentence) == NULL)
        fail_msg("status %s, \"%s\", expected \"%s\"", seqnn_status_name(status),
                 seqnn_error(), sentence);
}

static void bad_input(void **state)
{
    (void)state;
    const seqnn_tensor of = matrix(points, 20, 4), into = matrix(map, 2, 20);
    noise(20, 4, 1);
    seqnn_tsne_options options = {.perplexity = 0};
    expect(seqnn_tsne(matrix(points, 3, 4), matrix(map, 2, 3), NULL, options),
           "of 3 points, expected 4 or more");
    expect(seqnn_tsne(of, matrix(map, 20, 2), NULL, options),
           "of [20, 4] into [20, 2], expected [n, m] into [k, n], k from 1 to 3");
    expect(seqnn_tsne(of, matrix(map, 4, 20), NULL, options), "into [4, 20]");
    options.perplexity = 19.5;
    expect(seqnn_tsne(of, into, NULL, options), "perplexity 19.5, expected 1 to 19");
    options.perplexity = NAN;
    expect(seqnn_tsne(of, into, NULL, options), "perplexity");
    options.perplexity = 0.5;
    expect(seqnn_tsne(of, into, NULL, options), "perplexity 0.5");
    options.perplexity = 0;
    options.iterations = -1;
    expect(seqnn_tsne(of, into, NULL, options), "iterations -1");
    options.iterations = 0;
    options.learning_rate = INFINITY;
    expect(seqnn_tsne(of, into, NULL, options), "learning rate inf");
    options.learning_rate = 1e40;
    expect(seqnn_tsne(of, into, NULL, options), "smaller learning rate");
    options.learning_rate = 0;
    options.early_exaggeration = -2;
    expect(seqnn_tsne(of, into, NULL, options), "early exaggeration -2");
    options.early_exaggeration = 0;
    options.metric = (seqnn_tsne_metric)3;
    expect(seqnn_tsne(of, into, NULL, options), "metric 3");

    options.metric = SEQNN_TSNE_COSINE;
    for (int j = 0; j < 4; j++)
        points[5 * 4 + j] = 0;
    expect(seqnn_tsne(of, into, NULL, options), "row 5 is all zero");
    for (int i = 0; i < 80; i++)
        points[i] = (seqnn_real)(i % 4 + 1) * (seqnn_real)(1 + i / 4) / 7;
    expect(seqnn_tsne(of, into, NULL, options), "have one direction");
    options.metric = SEQNN_TSNE_METRIC_DEFAULT;
    assert_int_equal(seqnn_tsne(of, into, NULL, options), SEQNN_OK);
    points[17] = (seqnn_real)NAN;
    expect(seqnn_tsne(of, into, NULL, options), "row 4 is not finite");
    for (int i = 0; i < 80; i++)
        points[i] = (seqnn_real)0.1;
    expect(seqnn_tsne(of, into, NULL, options), "all 20 points are the same");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_have_the_perplexity),
        cmocka_unit_test(gradient_is_that_of_the_divergence),
        cmocka_unit_test(as_good_as_scikit_learn),
        cmocka_unit_test(clusters_stay_apart),
        cmocka_unit_test(same_bits_with_any_number_of_threads),
        cmocka_unit_test(duplicates_and_points_on_a_line),
        cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
