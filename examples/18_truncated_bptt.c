//%% [markdown]
/*
# 18 · Truncated backpropagation through time

A text has no end, so backpropagation through all of it cannot be waited for. It is cut:
into chunks of 20 words, or by a window that slides. What is lost, and what is not?

    cc -O3 -march=native -fopenmp examples/18_truncated_bptt.c -o 18 -lm && ./18

It prints the four updates that 80 words give, the gradient without the paths that are
cut, and what windows of several lengths cost and learn; draws the paths,
`18_truncated_bptt.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"
#include "long_memory.h"

enum { T = 80, WINDOW = 20, H = 16, V = 4 }; /* words of a row, of a chunk; vocabulary */
enum { LAG = 10, ROWS = 128, EPOCHS = 10, UNITS = 32 };

//%% [markdown]
/*
## A task with a distance

Sentences of 80 words out of a vocabulary of four, at random. Asked at step $t$ is the
word of step $t - 10$. Who guesses is right in a quarter.
*/
//%%
static seqnn_model *network(seqnn_size units, seqnn_size window, long seed)
{
    seqnn_rnn_options options = {.return_sequences = true, .bptt_window = window};
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_one_hot_source(model, V, (seqnn_one_hot_options){0});
    seqnn_simple_rnn(model, units, options);
    seqnn_dense(model, V, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

/* Forward and back over some steps of a row; h goes in and, as it stands then, out. The
 * row's first ten steps, which have nothing to echo, are asked for word 0 here. */
static double pass(seqnn_model *model, const seqnn_dataset *row, int begin, int steps,
                   seqnn_real *h)
{
    seqnn_dataset part = {.count = 1,
                          .x = {{.indices = row->x[0].indices + begin, .time = steps}},
                          .y = {.indices = row->y.indices + begin, .time = steps}};
    seqnn_set_state(seqnn_model_layer_at(model, 1), 1, h, NULL);
    seqnn_forward(model, &part, SEQNN_TRAIN);
    seqnn_get_state(seqnn_model_layer_at(model, 1), h, NULL);
    seqnn_loss_options sum = {.over_steps = SEQNN_REDUCE_SUM};
    double loss = (double)seqnn_loss(model, &part, sum);
    seqnn_backward(model);
    return loss;
}

//%% [markdown]
/*
## The double sum

$\partial L/\partial W_h = \sum_j \sum_k$ over the paths that lead from step $k$ to the
loss of step $j$ (section 10). A cut lets $k$ begin later: at the first step of $j$'s
chunk, or at $j - p$. Nothing else changes.
*/
//%%
static void double_sum(seqnn_model *model, const int32_t *answer, double sums[3][H * H],
                       seqnn_real norms[3][T * T])
{
    seqnn_layer *rnn = seqnn_model_layer_at(model, 1);
    seqnn_layer *dense = seqnn_model_layer_at(model, 2);
    const seqnn_real *W_h = seqnn_layer_parameter(rnn, "W_h")->value;
    const seqnn_real *W_y = seqnn_layer_parameter(dense, "W")->value;
    const seqnn_real *h = seqnn_layer_output(rnn).data, *y = seqnn_output(model).data;
    for (int j = 0; j < T; j++) {
        const int first_k[3] = {0, j - j % WINDOW, j - WINDOW};
        double dh[H] = {0}, dz[H];
        for (int i = 0; i < H * V; i++) /* dL_j/dh_j = (y_j - answer) W_y^T */
            dh[i / V] += (double)((y[j * V + i % V] - (i % V == answer[j])) * W_y[i]);
        for (int k = j; k >= 0; k--) {
            double square = 0;
            for (int a = 0; a < H; a++) {
                square += dh[a] * dh[a];
                dz[a] = dh[a] * (1 - (double)(h[k * H + a] * h[k * H + a]));
                dh[a] = 0;
            }
            for (int cut = 0; cut < 3; cut++)
                for (int i = 0; i < H * H && k >= first_k[cut]; i++) {
                    norms[cut][j * T + k] = (seqnn_real)sqrt(square);
                    sums[cut][i] += k ? (double)h[(k - 1) * H + i / H] * dz[i % H] : 0;
                }
            for (int i = 0; i < H * H; i++)
                dh[i / H] += dz[i % H] * (double)W_h[i];
        }
    }
}

//%% [markdown]
/*
## What a window learns

A window of so many steps in chunks, or one that slides. The last column is of the same
network when it must read each chunk of 20 from the state 0.
*/
//%%
static void train(const seqnn_dataset *data, int chunk, int sliding, long seed,
                  int epochs)
{
    seqnn_dataset train = seqnn_dataset_slice(data, ROWS / 4, ROWS);
    seqnn_dataset test = seqnn_dataset_slice(data, 0, ROWS / 4), pieces = test;
    seqnn_fit_options options = {.epochs = epochs, .batch_size = 8, .bptt_chunk = chunk};
    options.optimizer = seqnn_adam(0.01f);
    options.clip_global_norm = 1;
    seqnn_model *model = network(UNITS, sliding, seed);
    seqnn_history history = seqnn_fit(model, &train, options);
    seqnn_evaluation whole = seqnn_evaluate(model, &test, (seqnn_evaluate_options){0});
    pieces.count *= T / WINDOW;
    pieces.x[0].time = pieces.y.time = WINDOW;
    pieces.y.start = pieces.y.length = NULL;
    seqnn_evaluation cold = seqnn_evaluate(model, &pieces, (seqnn_evaluate_options){0});
    printf("%-8s %3d  %12d %9d  %12.3f %9.3f  %.3f s/epoch\n",
           sliding ? "sliding" : "chunks", sliding ? sliding : chunk,
           sliding ? 1 : T / chunk, sliding ? T : chunk, (double)whole.accuracy,
           (double)cold.accuracy, history.status ? 0 : history.seconds[epochs - 1]);
    seqnn_free(model);
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    seqnn_dataset data = echo((uint64_t)options.seed, ROWS, T, V, LAG);
    seqnn_dataset row = seqnn_dataset_slice(&data, 0, 1);
    seqnn_model *model = network(H, 0, options.seed);
    if (options.grad_check) {
        int status = example_gradient_check(model, &row, (seqnn_loss_options){0});
        seqnn_free(model);
        return status;
    }

    //%% [markdown]
    /*
    ## 80 words, four updates

    The lecture's figure: a row of 80 words is cut into chunks of 20, and each is an
    update. $h$ goes on over the border, the gradient does not.
    */
    //%%
    seqnn_real h[H] = {0};
    for (int begin = 0; begin < T; begin += WINDOW) {
        seqnn_zero_gradients(model);
        double loss = pass(model, &row, begin, WINDOW, h) / WINDOW;
        seqnn_step(model, seqnn_sgd(0.01f));
        printf("update %td: words %2d to %2d, loss %.3f\n", seqnn_steps(model), begin + 1,
               begin + WINDOW, loss);
    }
    seqnn_free(model);

    //%% [markdown]
    /*
    ## Which paths are cut

    The sums by hand beside the library's gradient, and how much of the whole is missing.
    */
    //%%
    static const char *const names[] = {"all paths", "chunks", "sliding window"};
    static double sums[3][H * H];
    static seqnn_real norms[3][T * T];
    printf("\n%-16s  missing  by hand and by the library\n", "dL/dW_h");
    for (int cut = 0; cut < 3; cut++) {
        model = network(H, cut == 2 ? WINDOW : 0, options.seed);
        seqnn_layer *rnn = seqnn_model_layer_at(model, 1);
        memset(h, 0, sizeof h);
        int steps = cut == 1 ? WINDOW : T;
        for (int begin = 0; begin < T; begin += steps)
            pass(model, &row, begin, steps, h);
        if (cut == 0)
            double_sum(model, row.y.indices, sums, norms);
        double square = 0, missing = 0, error = 0;
        for (int i = 0; i < H * H; i++) {
            square += sums[0][i] * sums[0][i];
            missing += pow(sums[0][i] - sums[cut][i], 2);
            double library = (double)seqnn_layer_parameter(rnn, "W_h")->gradient[i];
            error += pow(sums[cut][i] - library, 2);
        }
        printf("%-16s  %6.1f%%  %s\n", names[cut], 100 * sqrt(missing / square),
               error < 1e-8 * square ? "equal" : "DIFFERENT");
        seqnn_free(model);
    }

    static const char *const ticks[T] = {"1", [20] = "21", [40] = "41", [60] = "61"};
    seqnn_figure_options wide = {.columns = 3, .width = 1200, .height = 400};
    seqnn_figure *figure = seqnn_figure_new(wide);
    seqnn_heatmap_options heat = {.row_names = ticks, .column_names = ticks, .log = true};
    heat.no_numbers = heat.square = true;
    heat.low = 1e-3f;
    heat.bar_label = "$\\|\\partial L_j/\\partial h_k\\|$";
    for (int cut = 0; cut < 3; cut++) {
        seqnn_axes_options at = {names[cut], "step $k$", "loss of step $j$", .log_x = 0};
        heat.no_colour_bar = cut < 2;
        seqnn_axes *axes = seqnn_figure_axes(figure, 0, cut, at);
        seqnn_axes_heatmap(axes, norms[cut], T, T, heat);
    }
    if (seqnn_figure_save(figure, example_path(&options, "18_truncated_bptt.png")))
        return example_fail();
    seqnn_figure_free(figure);

    //%% [markdown]
    /*
    ## Ten steps back

    A window reaches ten steps back, or it does not.
    */
    //%%
    const int windows[] = {5, 10, 20, 80}, epochs = options.quick ? 1 : EPOCHS;
    printf("\nwindow        updates/row  states kept  accuracy  from 0\n");
    for (int i = 0; i < 4; i++)
        train(&data, windows[i], 0, options.seed, epochs);
    for (int i = 0; i < 2; i++)
        train(&data, 0, windows[i], options.seed, epochs);
    return 0;
}
