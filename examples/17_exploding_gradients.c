//%% [markdown]
/*
# 17 · Exploding gradients and clipping

Section 16 watched a gradient vanish; here it explodes, and the second step of a training
ends in NaN. Clipping keeps the step short. Some ways to clip keep its direction too.

    cc -O3 -march=native -fopenmp examples/17_exploding_gradients.c -o 17 -lm && ./17

It prints one training that fails and three that are clipped, what each way to clip does
to length and direction of a gradient, gradient descent at the edge of a cliff, and what
clipping does for vanishing gradients; draws the cliff, `17_exploding_gradients.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"
#include "long_memory.h"

enum { T = 100, N = 20, H = 50, BATCHES = 600 }; /* steps, samples of a batch, units */
enum { LAST = 50, WALK = 30, CELLS = 120, STEPS = 20 };

//%% [markdown]
/*
## A network that explodes

The adding problem: $x_t$ is a random number and a mark, the answer is the sum of the two
numbers that are marked. The network is an IRNN: ReLU, and $W_h = I$ to begin with.
*/
//%%
static const seqnn_rnn_options irnn = {.activation = SEQNN_RELU,
                                       .input_initializer = {SEQNN_NORMAL, 0.02f, 0},
                                       .recurrent_initializer = {SEQNN_IDENTITY, 0, 0}};

static void train(const char *how, seqnn_train_options options, long seed, int batches)
{
    seqnn_model *model = one_number(2, H, irnn, seed);
    seqnn_random random = {(uint64_t)seed, 17, 0};
    double last = 0, norm = NAN;
    options.optimizer = seqnn_sgd(0.01f);
    printf("%-20s", how);
    for (int k = 1; k <= batches && (k == 1 || seqnn_ok(model)); k++) {
        seqnn_dataset batch = adding_problem(&random, N, T);
        double loss = (double)seqnn_train_step(model, &batch, options);
        last += (loss - last) / (k < 50 ? k : 50);
        if (k <= 3)
            printf(" %9.3f", loss);
    }
    printf("   in the end: %.3f\n", last);
    if (!seqnn_ok(model)) {
        seqnn_parameter *W = seqnn_layer_parameter(seqnn_model_layer_at(model, 1), "W_h");
        printf("    %s\n", seqnn_error());
        seqnn_spectral_norm(seqnn_tensor_2d(W->value, H, H), &norm);
        printf("    ||W_h|| was 1.00 and has become %.2f\n", norm);
    }
    seqnn_free(model);
}

//%% [markdown]
/*
## Length and direction

Has clipping turned $G$? The cosine between $G$ before and $G'$ after,
$G \cdot G' / (\lVert G \rVert \lVert G' \rVert)$, is 1 where it has not.
*/
//%%
typedef seqnn_real clipping(seqnn_model *, seqnn_real, seqnn_real);

static void clip_row(const char *how, seqnn_model *model, const seqnn_real *raw,
                     seqnn_size dW_h, clipping *clip, double upper, double lower)
{
    seqnn_size count;
    seqnn_real *G = seqnn_gradients(model, &count);
    memcpy(G, raw, (size_t)count * sizeof *G);
    double before = (double)seqnn_gradient_norm(model), dot = 0;
    clip(model, (seqnn_real)upper, (seqnn_real)lower);
    double after = (double)seqnn_gradient_norm(model);
    for (seqnn_size i = 0; i < count; i++)
        dot += (double)raw[i] * (double)G[i];
    printf("%-22s %9.3g %8.3g %8.3g %8.2f   %.4f\n", how, (double)G[0],
           (double)G[STEPS - 1], (double)G[dW_h], after, dot / (before * after));
}

//%% [markdown]
/*
## The cliff

One unit without input, $h_t = \sigma(w h_{t-1} + b)$ from $h_0 = 0$, and the loss
$L = (h_{50} - 0.7)^2$ (after Pascanu et al. 2013). Two weights make $L$ a landscape. Its
slope $G$ is backpropagation through time by hand.
*/
//%%
static const double target = 0.7, eta = 1, w_0 = 5.5, b_0 = -2.2, cell = 0.005;

static double cliff(double w, double b, double G[2])
{
    double h[LAST + 1] = {0};
    for (int t = 1; t <= LAST; t++)
        h[t] = 1 / (1 + exp(-(w * h[t - 1] + b)));
    double dh = 2 * (h[LAST] - target);
    G[0] = G[1] = 0;
    for (int t = LAST; t >= 1; t--) {
        double dz = dh * h[t] * (1 - h[t]);
        G[0] += dz * h[t - 1];
        G[1] += dz;
        dh = dz * w;
    }
    return (h[LAST] - target) * (h[LAST] - target);
}

/* Gradient descent from w = 6, b = -2.3; x and y are where it walks on the picture. */
static void walk(const char *how, double theta, seqnn_real *x, seqnn_real *y)
{
    double w = 6, b = -2.3, G[2];
    printf("\nstep       w      b    loss    norm   %s\n", how);
    for (int k = 0; k < WALK; k++) {
        double loss = cliff(w, b, G), norm = hypot(G[0], G[1]);
        if (k == 0 || (k >= 9 && k <= 12) || k == WALK - 1)
            printf("%4d  %6.2f %6.2f   %.3f   %.1e\n", k + 1, w, b, loss, norm);
        x[k] = (seqnn_real)((w - w_0) / cell);
        y[k] = (seqnn_real)((b_0 - b) / cell);
        w -= eta * fmin(1, theta / norm) * G[0];
        b -= eta * fmin(1, theta / norm) * G[1];
    }
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    const long seed = options.seed;
    const int batches = options.quick ? 60 : BATCHES;
    if (options.grad_check) {
        seqnn_dataset batch = adding_problem(&(seqnn_random){17, 0, 0}, 4, 10);
        /* tanh in place of ReLU, whose corner finite differences would straddle */
        seqnn_model *model = one_number(2, H, (seqnn_rnn_options){0}, seed);
        int status = example_gradient_check(model, &batch, (seqnn_loss_options){0});
        seqnn_free(model);
        return status;
    }
    printf("the adding problem, %d steps; loss of the first batches\n", T);
    train("not clipped", (seqnn_train_options){0}, seed, batches);
    train("value 0.01", (seqnn_train_options){.clip_value = 0.01f}, seed, batches);
    train("norm 1, each tensor", (seqnn_train_options){.clip_norm = 1}, seed, batches);
    train("global norm 1", (seqnn_train_options){.clip_global_norm = 1}, seed, batches);

    //%% [markdown]
    /*
    ## 32 becomes 25

    The lecture's 32, in a gradient of three numbers that are not zero: two belong to
    $W_x$, one to $W_h$. The network is that of the last cell.
    */
    //%%
    seqnn_rnn_options half = {.recurrent_initializer = {SEQNN_CONSTANT, 0.5f, 0}};
    seqnn_model *model = one_number(STEPS, 1, half, seed);
    seqnn_size count;
    /* dW_x comes first, then dW_h */
    const seqnn_real *G = seqnn_gradients(model, &count);
    seqnn_layer *rnn = seqnn_model_layer_at(model, 1);
    seqnn_size dW_h = seqnn_layer_parameter(rnn, "W_h")->gradient - G;
    seqnn_real raw[STEPS * STEPS] = {32, [STEPS - 1] = 64}; /* more than there are */
    raw[dW_h] = -4;
    printf("\n%-22s      dW_x     dW_x     dW_h     norm   cosine\n", "");
    clip_row("as it is", model, raw, dW_h, seqnn_clip_by_value, 1000, 0);
    clip_row("value 25", model, raw, dW_h, seqnn_clip_by_value, 25, 0);
    clip_row("norm 25, each tensor", model, raw, dW_h, seqnn_clip_by_norm, 25, 0);
    clip_row("global norm 25", model, raw, dW_h, seqnn_clip_by_global_norm, 25, 0);

    //%% [markdown]
    /*
    ## Over the edge

    Both walks begin at $w = 6$, $b = -2.3$ with $\eta = 1$. Step 11 stands on the wall.
    */
    //%%
    static seqnn_real x[2][WALK], y[2][WALK], L[CELLS][CELLS];
    static const char *w[CELLS] = {[0] = "5.5", [40] = "5.7", [80] = "5.9"};
    static const char *b[CELLS] = {[0] = "-2.2", [40] = "-2.4", [80] = "-2.6"};
    static const char *const how[] = {"not clipped", "clipped"};
    walk(how[0], INFINITY, x[0], y[0]);
    walk(how[1], 0.1, x[1], y[1]);
    for (int i = 0; i < CELLS; i++)
        for (int j = 0; j < CELLS; j++)
            L[i][j] = (seqnn_real)cliff(w_0 + j * cell, b_0 - i * cell, (double[2]){0});
    seqnn_figure *figure = seqnn_figure_new((seqnn_figure_options){0});
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, (seqnn_axes_options){.x_label = "$w$", .y_label = "$b$"});
    seqnn_heatmap_options heat = {.column_names = w, .row_names = b, .no_numbers = true};
    heat.map = SEQNN_MAP_BLUES;
    heat.bar_label = "loss $L(w, b)$";
    seqnn_axes_heatmap(axes, L[0], CELLS, CELLS, heat);
    for (int k = 0; k < 2; k++) {
        seqnn_plot_series path = {.label = how[k], .x = x[k], .y = y[k], .count = WALK};
        path.marker = SEQNN_MARKER_CIRCLE;
        path.colour = k ? 0x000001 : 0xe02020;
        seqnn_axes_line(axes, path);
    }
    if (seqnn_figure_save(figure, example_path(&options, "17_exploding_gradients.png")))
        return example_fail();
    seqnn_figure_free(figure);

    //%% [markdown]
    /*
    ## What clipping does for a gradient that vanishes

    One unit with $W_h = 0.5$; $x_t$ is the one-hot vector of $t$, so that row $t$ of
    $\partial L/\partial W_x$ is $\partial L/\partial z_t$: what step $t$ receives.
    */
    //%%
    seqnn_real one_hot[STEPS][STEPS] = {{0}}, answer = 1;
    for (int t = 0; t < STEPS; t++)
        one_hot[t][t] = 1;
    seqnn_dataset one = {.count = 1,
                         .x = {{.values = one_hot[0], .time = STEPS, .features = STEPS}},
                         .y = {.values = &answer, .features = 1}};
    seqnn_train_step(model, &one, (seqnn_train_options){0});
    memcpy(raw, G, (size_t)count * sizeof *raw);
    printf("\n%-22s    step 1  step 20     dW_h     norm   cosine\n", "");
    clip_row("as it is", model, raw, dW_h, seqnn_clip_by_value, 1000, 0);
    clip_row("global norm up to 25", model, raw, dW_h, seqnn_clip_by_global_norm, 25, 0);
    clip_row("global norm from 100", model, raw, dW_h, seqnn_clip_by_global_norm, 0, 100);
    clip_row("value from 0.1", model, raw, dW_h, seqnn_clip_by_value, 0, 0.1);
    seqnn_free(model);
    return 0;
}
