//%% [markdown]
/*
# 15 · Eigenvalues and stability

What does a matrix do to a vector that it multiplies a hundred times? Its eigenvalues
tell, in the end; what happens first, and what ReLU makes of it, they do not tell.

    cc -O3 -march=native -fopenmp examples/15_eigenvalues_and_stability.c -o 15 -lm \
        && ./15

It prints the norms that a linear RNN goes through beside those that its eigenvalues
predict, for $\rho(W_h)$ = 0.9, 1 and 1.1, what ReLU changes, and six matrices of two
units, some of which behave unlike their eigenvalues; draws
`15_eigenvalues_and_stability.png`, `15_transients.png` and `15_eigenvalues.png`.
*/
//%%
#include <complex.h>
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { H = 20, T = 60, CASES = 6 }; /* units, steps, small matrices */

//%% [markdown]
/*
## Simulated

An RNN without input, $h_t = g(h_{t-1} W_h)$, and the lengths $\|h_t\|$ it goes through.
*/
//%%
static seqnn_real norm_of(seqnn_size n, const seqnn_real *h)
{
    double squares = 0;
    for (seqnn_size j = 0; j < n; j++)
        squares += (double)h[j] * (double)h[j];
    return (seqnn_real)sqrt(squares);
}

/* h[0] is given; fills h[1 .. T] and their norms. */
static void simulate(seqnn_activation g, seqnn_size n, const seqnn_real *W_h,
                     seqnn_real h[T + 1][H], seqnn_real *norms)
{
    norms[0] = norm_of(n, h[0]);
    for (int t = 1; t <= T; t++) {
        seqnn_simple_rnn_step(0, n, g, NULL, W_h, NULL, NULL, h[t - 1], h[t]);
        norms[t] = norm_of(n, h[t]);
    }
}

//%% [markdown]
/*
## Predicted

$$h_t = h_0 W_h^t = h_0 \, Q^{-1} \Lambda^t Q$$

The rows of $Q$ are the eigenvectors, $q_i W_h = \lambda_i q_i$. So $c = h_0 Q^{-1}$ once,
and then every step multiplies each $c_i$ by its $\lambda_i$: no matrix is needed any
more.
*/
//%%
static seqnn_status predict(seqnn_size n, seqnn_real *W_h, const seqnn_real *h_0,
                            seqnn_real *norms, double *condition)
{
    double complex lambda[H], q[H * H], inverse[H * H], c[H] = {0};
    seqnn_status status = seqnn_diagonalize(seqnn_tensor_2d(W_h, n, n), (double *)lambda,
                                            (double *)q, (double *)inverse, condition);
    for (seqnn_size i = 0; i < n * n && !status; i++)
        c[i % n] += (double)h_0[i / n] * inverse[i];
    for (int t = 0; t <= T && !status; t++) {
        seqnn_real h[H] = {0};
        for (seqnn_size i = 0; i < n; i++) {
            for (seqnn_size j = 0; j < n; j++)
                h[j] += (seqnn_real)creal(c[i] * q[i * n + j]);
            c[i] *= lambda[i];
        }
        norms[t] = norm_of(n, h);
    }
    return status;
}

static int draw(const seqnn_plot_series *lines, seqnn_size count, const char *path)
{
    seqnn_plot_options axes = {.x_label = "time step $t$", .y_label = "$\\|h_t\\|$"};
    axes.log_y = true;
    return seqnn_plot_lines(lines, count, path, axes) ? example_fail() : 0;
}

//%% [markdown]
/*
## Six small matrices

Where $\|h_t\|$ goes first is decided by the eigenvectors, and where ReLU takes it by the
units that are active.
*/
//%%
static struct {
    const char *name;
    seqnn_real W_h[4];
} cases[CASES] = {
    {"rotation", {0.878f, 0.364f, -0.364f, 0.878f}}, /* 0.95, by 22.5 degrees */
    {"diagonal", {0.9f, 0, 0, 0.8f}},
    {"not normal", {0.9f, 4, 0, 0.8f}},
    {"Jordan block", {0.9f, 4, 0, 0.9f}},
    {"negative", {-1.1f, 0, 0, -1.1f}},
    {"opposed", {1.2f, -1.2f, 1.2f, -1.2f}},
};

static int small_matrices(const example_options *options)
{
    static seqnn_real h[T + 1][H] = {{1, 0}}, norms[CASES][T + 1], relu[T + 1];
    seqnn_plot_series lines[CASES + 1];
    printf("\ntwo units     lambda_1    ||W_h||  condition  linear, longest  at the end"
           "    ReLU\n");
    for (int k = 0; k < CASES; k++) {
        seqnn_real *W_h = cases[k].W_h;
        double re[2], im[2], norm, condition;
        if (seqnn_eigenvalues(seqnn_tensor_2d(W_h, 2, 2), re, im) ||
            seqnn_spectral_norm(seqnn_tensor_2d(W_h, 2, 2), &norm))
            return example_fail();
        if (predict(2, W_h, h[0], relu, &condition))
            condition = INFINITY; /* too few eigenvectors */
        simulate(SEQNN_RELU, 2, W_h, h, relu);
        simulate(SEQNN_LINEAR, 2, W_h, h, norms[k]);
        int longest = 0;
        for (int t = 1; t <= T; t++)
            longest = norms[k][t] > norms[k][longest] ? t : longest;
        printf("%-12s %5.2f%+.2fi %8.2f %10.1f %8.2f, t = %-2d %10.3f %9.3f\n",
               cases[k].name, re[0], im[0], norm, condition, (double)norms[k][longest],
               longest, (double)norms[k][T], (double)relu[T]);
        lines[k] = (seqnn_plot_series){cases[k].name, norms[k], NULL, T + 1, .width = 2};
    }
    lines[CASES] = (seqnn_plot_series){"opposed, ReLU",   relu,       NULL, T + 1, 0,
                                       SEQNN_LINE_DASHED, .colour = 1};
    return draw(lines, CASES + 1, example_path(options, "15_transients.png"));
}

//%% [markdown]
/*
## Below, at and above 1

A random $W_h$ of twenty units, and the same times a factor: three spectral radii. Of the
ReLU network the rate at the end is set beside $\rho(W_A)$, the spectral radius of $W_h$
between the units that are active there.
*/
//%%
static void print_norms(const char *what, double rho, const seqnn_real *norms)
{
    printf("%-12s %4.1f", what, rho);
    for (int t = 0; t <= T; t += 10)
        printf(" %9.4f", (double)norms[t]);
    printf("\n");
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    static seqnn_real W_h[H * H], h[T + 1][H], norms[3][T + 1], predicted[3][T + 1],
        relu[T + 1], W_A[H * H];
    for (int j = 0; j < H; j++)
        h[0][j] = (seqnn_real)sqrt(1.0 / H);
    if (options.grad_check) {
        seqnn_model *model = seqnn_model_new((uint64_t)options.seed);
        seqnn_sequences(model, 2, (seqnn_source_options){.name = "x"});
        seqnn_simple_rnn(model, H, (seqnn_rnn_options){.activation = SEQNN_LINEAR});
        seqnn_dataset one = {.count = 1, .y.indices = (const int32_t[]){3}};
        one.x[0] = (seqnn_array){.values = h[0], .time = H / 2, .features = 2};
        int status = example_gradient_check(model, &one, (seqnn_loss_options){0});
        seqnn_free(model);
        return status;
    }

    static const char *const labels[] = {"$\\rho = 0.9$", "$\\rho = 1$", "$\\rho = 1.1$"};
    const seqnn_initializer normal = {.kind = SEQNN_NORMAL};
    seqnn_plot_series lines[6];
    double radius, real[H], imaginary[H], condition;
    printf("||h_t||       rho   t = 0, 10, ... 60\n");
    for (int r = 0; r < 3; r++) {
        const double rho = 0.9 + 0.1 * r;
        if (seqnn_initialize(normal, W_h, H, H, 1, (uint64_t)options.seed + 1, 0) ||
            seqnn_spectral_radius(seqnn_tensor_2d(W_h, H, H), &radius))
            return example_fail();
        for (int i = 0; i < H * H; i++)
            W_h[i] *= (seqnn_real)(rho / radius);
        simulate(SEQNN_LINEAR, H, W_h, h, norms[r]);
        if (predict(H, W_h, h[0], predicted[r], &condition))
            return example_fail();
        simulate(SEQNN_RELU, H, W_h, h, relu);
        for (int i = 0; i < H * H; i++) /* W_h between the units active at the end */
            W_A[i] = h[T][i / H] > 0 && h[T][i % H] > 0 ? W_h[i] : 0;
        if (seqnn_spectral_radius(seqnn_tensor_2d(W_A, H, H), &radius))
            return example_fail();
        print_norms("linear", rho, norms[r]);
        print_norms("predicted", rho, predicted[r]);
        print_norms("ReLU", rho, relu);
        printf("ReLU, last step: times %.4f; rho of the active units: %.4f\n\n",
               (double)(relu[T] / relu[T - 1]), radius);
        lines[r] = (seqnn_plot_series){labels[r], norms[r], NULL, T + 1, .width = 3};
        lines[3 + r] =
            (seqnn_plot_series){r ? NULL : "predicted", predicted[r], NULL, T + 1, 0,
                                SEQNN_LINE_DASHED,      .colour = 1};
    }
    printf("||W_h^t|| <= %.1f rho^t, for that is the condition of Q\n", condition);
    if (seqnn_eigenvalues(seqnn_tensor_2d(W_h, H, H), real, imaginary) ||
        seqnn_plot_eigenvalues(real, imaginary, H,
                               example_path(&options, "15_eigenvalues.png"),
                               (seqnn_eigenvalues_options){.title = "$W_h$"}))
        return example_fail();
    return draw(lines, 6, example_path(&options, "15_eigenvalues_and_stability.png")) ||
           small_matrices(&options);
}
