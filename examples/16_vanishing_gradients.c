//%% [markdown]
/*
# 16 · Vanishing gradients

How much of the gradient at the end of a sequence reaches its beginning? One option
changes the picture: the spectral radius, the cell, or the length.

    cc -O3 -march=native -fopenmp examples/16_vanishing_gradients.c -o 16 -lm && ./16

It prints the factor by which $\|\partial L/\partial h_t\|$ changes with each step back,
for $\rho(W_h)$ = 0.5, 1 and 1.5 beside Pascanu's bound, and for six cells; draws
`16_vanishing_gradients.png` and `16_cells.png`. For the lecture hall, one run at a time,
in the terminal and as `16_live.png`:

    ./16 --rho 0.9
    ./16 lstm --steps 200
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { F = 8, H = 50, K = 4, MOST = 1000 }; /* features, units, classes, steps at most */
static const double input_size = 0.3;       /* standard deviation of x_t */
static seqnn_real x[MOST * F];              /* [T, F], the one sequence */
static const seqnn_plot_options axes = {.y_min = 1e-18f, .y_max = 1e10f};

//%% [markdown]
// ## The cells
// Every one reads the same $x_t$ and ends in the same dense layer; none is trained.
//%%
typedef struct kind {
    const char *word, *label;
    seqnn_layer *(*add)(seqnn_model *, seqnn_size, seqnn_recurrent_options);
    seqnn_activation g;
    seqnn_initializer_kind W_h; /* 0: orthogonal */
    seqnn_real forget_bias;
} kind;

static const kind cells[] = {
    {"linear", "linear RNN", seqnn_simple_rnn, SEQNN_LINEAR, 0, 0},
    {"random", "RNN, random $W_h$", seqnn_simple_rnn, SEQNN_TANH, SEQNN_NORMAL, 0},
    {"tanh", "RNN", seqnn_simple_rnn, SEQNN_TANH, 0, 0},
    {"irnn", "IRNN", seqnn_simple_rnn, SEQNN_RELU, SEQNN_IDENTITY, 0},
    {"np_rnn", "np-RNN", seqnn_simple_rnn, SEQNN_RELU, SEQNN_NP_RNN, 0},
    {"lstm0", "LSTM, forget bias 0", seqnn_lstm, 0, 0, SEQNN_ZERO},
    {"lstm", "LSTM, forget bias 1", seqnn_lstm, 0, 0, 1},
    {"gru", "GRU", seqnn_gru, 0, 0, 0},
};
enum { LINEAR, RANDOM, TANH, CELLS = sizeof cells / sizeof *cells };

/* W_h of a vanilla RNN gets the spectral radius rho; of a gated cell it is taken times
 * rho. */
static seqnn_model *network(const kind *of, double rho, long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_sequences(model, F, (seqnn_source_options){.name = "x"});
    seqnn_recurrent_options how = {.activation = of->g, .forget_bias = of->forget_bias};
    how.recurrent_initializer.kind = of->W_h;
    seqnn_layer *rnn = of->add(model, H, how);
    seqnn_dense(model, K, (seqnn_dense_options){.name = "scores"});
    seqnn_parameter *W_h = seqnn_layer_parameter(rnn, "W_h");
    double radius = 1;
    if (of->g)
        seqnn_spectral_radius(seqnn_tensor_2d(W_h->value, H, H), &radius);
    for (seqnn_size i = 0; i < W_h->rows * W_h->columns; i++)
        W_h->value[i] *= (seqnn_real)(rho / radius);
    return model;
}

//%% [markdown]
/*
## Pascanu's bound

$$\left\|\frac{\partial L}{\partial h_t}\right\| \le
\left\|\frac{\partial L}{\partial h_T}\right\| \, \|W_h\|^{T-t}
\prod_{m=t+1}^{T} \|\mathrm{diag}(g'(z_m))\|$$

Norms are 2-norms: of $W_h$ the largest singular value, of a diagonal matrix its largest
element. The forward pass is done once more by hand, for the $z_m$.
*/
//%%
typedef struct run {
    seqnn_real flow[MOST], bound[MOST]; /* || dL/dh_t ||, t = 1 .. T, and the bound */
} run;

static void pascanu(seqnn_layer *rnn, seqnn_activation g, seqnn_size T, run *of)
{
    static seqnn_real h[MOST + 1][H]; /* h[0] stays zero */
    const seqnn_real *W_x = seqnn_layer_parameter(rnn, "W_x")->value;
    seqnn_real *W_h = seqnn_layer_parameter(rnn, "W_h")->value;
    double norm;
    seqnn_spectral_norm(seqnn_tensor_2d(W_h, H, H), &norm);
    for (seqnn_size t = 1; t <= T; t++)
        seqnn_simple_rnn_step(F, H, g, W_x, W_h, NULL, x + (t - 1) * F, h[t - 1], h[t]);

    double bound = (double)of->flow[T - 1];
    seqnn_size holds = 0;
    for (seqnn_size t = T; t >= 1; t--) {
        of->bound[t - 1] = (seqnn_real)bound;
        holds += (double)of->flow[t - 1] <= bound * (1 + 1e-4); /* rounding */
        double diag = 0; /* the largest g'(z), from h = g(z) */
        for (int j = 0; j < H; j++)
            diag = fmax(diag, g == SEQNN_LINEAR ? 1
                              : g == SEQNN_RELU ? h[t][j] > 0
                                                : 1 - pow((double)h[t][j], 2));
        bound *= norm * diag;
    }
    printf("%9.3f %9.1e, holds at %td of %td steps", norm,
           (double)of->bound[0] / (double)of->flow[T - 1], holds, T);
}

//%% [markdown]
/*
## One run

One sequence of noise, one loss at its end: $L = s_{T,k}$, the score of one class, so that
$\partial L/\partial h_T$ is a column of $W_y$ whatever the forward pass does. All other
$\partial L/\partial h_t$ come from it by backpropagation, and the layer records their
norms.
*/
//%%
static int backpropagate(const kind *cell, double rho, seqnn_size T,
                         const example_options *options, run *of)
{
    seqnn_random noise = {(uint64_t)options->seed, 7, 0};
    for (seqnn_size i = 0; i < T * F; i++)
        x[i] = (seqnn_real)(input_size * seqnn_random_normal(&noise));
    seqnn_dataset one = {.count = 1, .y.indices = (const int32_t[]){2}};
    one.x[0] = (seqnn_array){.values = x, .time = T, .features = F};

    seqnn_model *model = network(cell, rho, options->seed);
    seqnn_layer *rnn = seqnn_model_layer_at(model, 1);
    int status = 0;
    seqnn_record_gradient_flow(model, true);
    if (options->grad_check)
        status = example_gradient_check(model, &one, (seqnn_loss_options){0});
    else if (seqnn_forward(model, &one, SEQNN_TRAIN) || /* then dL/ds_T: */
             seqnn_set_output_gradient(model, (const seqnn_real[K]){[2] = 1}) ||
             seqnn_backward(model) || seqnn_gradient_flow(rnn, of->flow, T))
        status = example_fail();
    else {
        printf("%-7s %4.2f %7.4f %16.1e", cell->word, rho,
               seqnn_gradient_rate(of->flow, T),
               (double)of->flow[0] / (double)of->flow[T - 1]);
        if (cell->g)
            pascanu(rnn, cell->g, T, of);
        printf("\n");
    }
    seqnn_free(model);
    return status;
}

//%% [markdown]
/*
## Three spectral radii, or one of yours

The last three lines of the table are drawn: $W_h = \rho Q$ with $Q$ orthogonal, so that
$\|W_h\| = \rho$. The norm of a random $W_h$ of the same radius is nearly twice that.
With an option there is one run, in the terminal and in the place of the last: on a log
axis a constant factor per step is a straight line, and the axis does not move.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, "linear|random|tanh|irnn|np_rnn|lstm0|lstm|gru",
                             " [--rho R] [--steps T]");
    double rho = example_number(&options, "--rho", 1);
    double steps = example_number(&options, "--steps", options.grad_check ? 10 : 50);
    if (!(steps >= 2 && steps <= MOST && rho > 0)) {
        fprintf(stderr, "expected --rho above 0, and --steps from 2 to %d\n", MOST);
        return 2;
    }
    const seqnn_size T = (seqnn_size)steps;
    const bool live = options.variant || options.grad_check || options.number_name[0];
    int first = live ? TANH : LINEAR, last = TANH, count = live ? 1 : 3;
    for (int c = 0; options.variant && c < CELLS; c++)
        first = last = strcmp(cells[c].word, options.variant) == 0 ? c : last;

    const double radii[] = {live ? rho : 0.5, 1, 1.5};
    static run of[CELLS];
    seqnn_plot_series lines[2 * CELLS];
    const char *const labels[] = {live ? cells[last].label : "$\\rho = 0.5$",
                                  "$\\rho = 1$", "$\\rho = 1.5$"};
    const uint32_t colours[] = {0x1f77b4, 0x2ca02c, 0xd62728};
    if (!options.grad_check)
        printf("cell     rho     rate   from h_T to h_1   ||W_h||   Pascanu's bound\n");
    for (int c = first; c <= last; c++)
        for (int r = 0; r < count; r++) {
            int status = backpropagate(&cells[c], radii[r], T, &options, &of[r]);
            if (status || options.grad_check)
                return status;
            lines[2 * r] = (seqnn_plot_series){labels[r], of[r].flow,          NULL, T,
                                               1,         .colour = colours[r]};
            lines[2 * r + 1] =
                (seqnn_plot_series){"its bound",       of[r].bound,         NULL, T, 1,
                                    SEQNN_LINE_DASHED, .colour = colours[r]};
        }
    const char *picture = live ? "16_live.png" : "16_vanishing_gradients.png";
    if (seqnn_plot_gradient_flow(lines, cells[last].g ? 2 * count : 1,
                                 example_path(&options, picture), axes) ||
        (live &&
         seqnn_print_lines(lines, 1, stdout, (seqnn_terminal_options){.log_y = true})))
        return example_fail();

    //%% [markdown]
    /*
    ## Six cells

    Each as its inventors begin it, all with the same inputs: `16_cells.png`.
    */
    //%%
    for (int c = TANH; c < CELLS && !live; c++) {
        if (backpropagate(&cells[c], 1, T, &options, &of[c]))
            return 1;
        lines[c] = (seqnn_plot_series){cells[c].label, of[c].flow, NULL, T, 1, .line = 0};
    }
    picture = example_path(&options, "16_cells.png");
    if (!live && seqnn_plot_gradient_flow(lines + TANH, CELLS - TANH, picture, axes))
        return example_fail();
    return 0;
}
