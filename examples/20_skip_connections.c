//%% [markdown]
/*
# 20 · Skip connections

A gradient that has to go through fifty steps is lost. What if some connections are ten
steps long, and what if a layer can be passed by?

    cc -O3 -march=native -fopenmp examples/20_skip_connections.c -o 20 -lm && ./20

It prints how much of the gradient reaches the first step and the first layer, with and
without skips, and how well each network recalls a class that was named 99 steps ago;
draws `20_skip_connections.png`. `./20 --skip 5 --steps 60` does it with another skip and
another length.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { K = 4, H = 16, MOST = 200, DEPTH = 31, COUNT = 500 };
/* classes, units, steps at most, layers, samples */

//%% [markdown]
/*
## A task with a long lag

The first step says which of four classes it is; then comes noise, and after the last step
the class is asked for. Who has forgotten guesses: one in four.
*/
//%%
static seqnn_dataset recall(seqnn_random *random, int count, seqnn_size T)
{
    static seqnn_real numbers[4][COUNT * MOST * K]; /* of the four sets made here */
    static int32_t classes[4][COUNT], set;
    seqnn_real *x = numbers[set];
    int32_t *k = classes[set++];
    for (int n = 0; n < count; n++) {
        k[n] = seqnn_random_below(random, K);
        for (seqnn_size i = 0; i < T * K; i++)
            x[n * T * K + i] = i < K ? (seqnn_real)(i == k[n])
                                     : (seqnn_real)(0.1 * seqnn_random_normal(random));
    }
    seqnn_dataset data = {.count = count, .y.indices = k, .classes = K};
    data.x[0] = (seqnn_array){.values = x, .time = T, .features = K};
    return data;
}

//%% [markdown]
/*
## Over time

$$h_t = \tanh(x_t W_x + h_{t-1} W_h + h_{t-d} W_s + b)$$

Plain and skip begin alike, with $W_h$ and $W_s$ uniform in $\pm 1/\sqrt H$, which is
PyTorch's way; the third has an orthogonal $W_h$ and no skip.
*/
//%%
static seqnn_model *over_time(seqnn_size skip, seqnn_initializer_kind W_h, long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_sequences(model, K, (seqnn_source_options){.name = "x"});
    seqnn_rnn_options rnn = {.skip = skip, .recurrent_initializer = {.kind = W_h}};
    rnn.name = "h_1";
    seqnn_simple_rnn(model, H, rnn);
    seqnn_dense(model, K, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## Over layers

$$u_t^{(\ell)} = u_t^{(\ell-1)} + h_t^{(\ell)}, \qquad h^{(\ell)} =
\mathrm{RNN}(u^{(\ell-1)})$$

`seqnn_add` is the skip: what comes in goes out again, with the layer's answer added.
*/
//%%
static seqnn_model *over_layers(bool residual, long seed)
{
    const seqnn_initializer W = {.kind = SEQNN_SQUARE_ROOT_UNITS};
    seqnn_rnn_options rnn = {.return_sequences = true, .input_initializer = W};
    rnn.recurrent_initializer = W;
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_layer *u = seqnn_sequences(model, K, (seqnn_source_options){.name = "x"});
    for (int l = 1; l <= DEPTH; l++) {
        char name[16];
        snprintf(name, sizeof name, "h_%d", l);
        rnn.name = name;
        rnn.input = u;
        seqnn_layer *h = seqnn_simple_rnn(model, H, rnn);
        u = residual && l > 1 ? seqnn_add(model, u, h, (seqnn_merge_options){0}) : h;
    }
    seqnn_simple_rnn(model, H, (seqnn_rnn_options){.name = "last", .input = u});
    seqnn_dense(model, K, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## Measure, then train

One backward pass before training records the gradients; then a few epochs of Adam.
*/
//%%
static int measure(seqnn_model *model, const seqnn_dataset *data)
{
    seqnn_record_gradient_flow(model, true);
    if (!seqnn_ok(model) || seqnn_forward(model, data, SEQNN_TRAIN) ||
        isnan(seqnn_loss(model, data, (seqnn_loss_options){0})) || seqnn_backward(model))
        return example_fail();
    return 0;
}

/* Trains on data[0]; accuracy after each epoch on data[1]. */
static int train(seqnn_model *model, const seqnn_dataset *data, seqnn_size epochs,
                 seqnn_real *accuracy)
{
    seqnn_fit_options how = {.epochs = epochs, .batch_size = 50, .clip_global_norm = 1};
    how.optimizer = seqnn_adam(0.005f);
    how.validation = &data[1];
    seqnn_record_gradient_flow(model, false);
    seqnn_history history = seqnn_fit(model, &data[0], how);
    if (history.status)
        return example_fail();
    memcpy(accuracy, history.val_accuracy, (size_t)epochs * sizeof *accuracy);
    seqnn_free(model);
    return 0;
}

//%% [markdown]
/*
## A lag of 99 steps

`rate` is the factor by which the gradient changes with each step back.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, NULL, EXAMPLE_EPOCHS " [--skip D] [--steps T]");
    double steps = example_number(&options, "--steps", options.quick ? 40 : 100);
    double skip = example_number(&options, "--skip", 10);
    if (!(fmin(steps, skip) >= 2 && fmax(steps, skip) <= MOST) || options.epochs > MOST) {
        fprintf(stderr, "--steps and --skip: 2 to %d; --epochs: up to %d\n", MOST, MOST);
        return 2;
    }
    const seqnn_size T = (seqnn_size)steps, D = (seqnn_size)skip;
    const seqnn_size epochs = options.epochs ? options.epochs : options.quick ? 1 : 8;
    const int count = options.grad_check ? 5 : options.quick ? 100 : COUNT;
    seqnn_random random = {(uint64_t)options.seed, 20, 0};
    const seqnn_dataset near[] = {recall(&random, count, 10), recall(&random, count, 10)},
                        far[] = {recall(&random, count, T), recall(&random, count, T)};
    if (options.grad_check) {
        seqnn_model *model = over_time(4, SEQNN_ORTHOGONAL, options.seed);
        int status = example_gradient_check(model, near, (seqnn_loss_options){0});
        seqnn_free(model);
        return status;
    }

    static const char *const names[] = {"plain", "skip", "orthogonal"};
    static seqnn_real flow[MOST], accuracy[MOST];
    seqnn_figure *figure = seqnn_figure_new(
        (seqnn_figure_options){.columns = 2, .width = 1000, .height = 460});
    seqnn_axes_options axes[] = {
        {NULL, "time step $t$", "$\\|\\partial L/\\partial h_t\\|$", .log_y = true},
        {NULL, "epoch", "validation accuracy", .y_max = 1.05f}};
    seqnn_axes *left = seqnn_figure_axes(figure, 0, 0, axes[0]),
               *right = seqnn_figure_axes(figure, 0, 1, axes[1]);
    printf("%td steps      at T     at 1    rate\n", T);
    for (int n = 0; n < 3; n++) {
        seqnn_initializer_kind W_h = n == 2 ? SEQNN_ORTHOGONAL : SEQNN_SQUARE_ROOT_UNITS;
        seqnn_model *model = over_time(n == 1 ? D : 0, W_h, options.seed);
        if (measure(model, far) ||
            seqnn_gradient_flow(seqnn_model_layer(model, "h_1"), flow, T) ||
            train(model, far, epochs, accuracy))
            return 1;
        printf("%-11s %.1e  %.1e  %.4f\n%s recalls %.3f\n", names[n], (double)flow[T - 1],
               (double)flow[0], seqnn_gradient_rate(flow, T), names[n],
               (double)accuracy[epochs - 1]);
        seqnn_axes_line(left, (seqnn_plot_series){names[n], flow, NULL, T, 1, .line = 0});
        seqnn_axes_line(
            right, (seqnn_plot_series){names[n], accuracy, NULL, epochs, 1, .line = 0});
    }
    printf("guessing recalls %.3f\n", 1.0 / K);
    seqnn_axes_horizontal(right, 1.0f / K, (seqnn_reference_options){"guessing", 0, 0});
    if (seqnn_figure_save(figure, example_path(&options, "20_skip_connections.png")))
        return example_fail();
    seqnn_figure_free(figure);

    //%% [markdown]
    // ## Thirty-one layers
    // The same task with ten steps, and $\|\partial L/\partial h^{(\ell)}\|$ over all
    // steps.
    //%%
    printf("\nlayer   ");
    for (int l = DEPTH; l >= 1; l -= 10)
        printf("%9d", l);
    printf("\n");
    for (int residual = 0; residual < 2; residual++) {
        const char *name = residual ? "residual" : "stacked";
        char layer[16];
        seqnn_model *model = over_layers(residual, options.seed);
        if (measure(model, near))
            return 1;
        printf("%-8s", name);
        for (int l = DEPTH; l >= 1; l -= 10) {
            snprintf(layer, sizeof layer, "h_%d", l);
            double squares = 0;
            if (seqnn_gradient_flow(seqnn_model_layer(model, layer), flow, 10))
                return example_fail();
            for (int t = 0; t < 10; t++)
                squares += (double)flow[t] * (double)flow[t];
            printf("  %.1e", sqrt(squares));
        }
        if (train(model, near, epochs, accuracy))
            return 1;
        printf("\n%s recalls %.3f\n", name, (double)accuracy[epochs - 1]);
    }
    return 0;
}
