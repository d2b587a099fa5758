//%% [markdown]
/*
# 10 · Backpropagation through time

A recurrent weight is used at every step, so it reaches each loss by many paths. Here
every path is walked by itself and their sum taken; then one sweep backwards does it all.

    cc -O3 -march=native -fopenmp examples/10_backpropagation_through_time.c -o 10 -lm \
        && ./10

It prints each path with its product of Jacobians and its share of the gradient; then the
gradient of every weight in four columns that agree: the sum over all paths, the backward
sweep, the library, finite differences. It draws the share of every path of a sequence of
16 steps, `10_paths.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { H = 2, STEPS = 3, LONG = 16, SIDE = LONG + 1, WEIGHTS = H + H * H + H };

typedef struct weights { /* or the gradient by each of them */
    seqnn_real W_x[H], W_h[H][H], W_y[H];
} weights;

typedef union numbers { /* the same in a row */
    weights of;
    seqnn_real row[WEIGHTS];
} numbers;

static const weights w = {{0.5f, -0.8f}, {{0.6f, -0.7f}, {0.4f, 0.5f}}, {0.9f, 0.7f}};
static const char names[] = "x1 x2 h11h12h21h22y1 y2 "; /* three letters each */
static const seqnn_real x[] = {0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1};

//%% [markdown]
/*
## Forward

A bit comes in at each step, and the network is to say the one before it, $x_{t-1}$. There
are no biases, as in the lecture.

$$z_t = x_t W_x + h_{t-1} W_h, \quad h_t = \tanh z_t, \quad y_t = h_t W_y, \quad
L = \sum_{t=1}^{T} L_t = \sum_{t=1}^{T} (y_t - x_{t-1})^2$$
*/
//%%
/* Of the last forward pass. h[0] is the initial state; were it zero, the use of W_h at
 * step 1 would add nothing. */
static double h[LONG + 1][H] = {{0.5, -0.5}}, y[LONG + 1];

static double forward(const weights *v, int T)
{
    double L = 0;
    for (int t = 1; t <= T; t++) {
        y[t] = 0;
        for (int j = 0; j < H; j++) {
            double z = x[t] * v->W_x[j];
            for (int i = 0; i < H; i++)
                z += h[t - 1][i] * v->W_h[i][j];
            h[t][j] = tanh(z);
            y[t] += h[t][j] * v->W_y[j];
        }
        L += pow(y[t] - x[t - 1], 2);
    }
    return L;
}

//%% [markdown]
/*
## The links of a path

A path comes in through a loss, $\partial L_j/\partial y_j$ times
$\partial y_j/\partial h_j = W_y^\top$; goes back through steps,

$$J_m = \frac{\partial h_m}{\partial h_{m-1}} = \mathrm{diag}(1 - h_m * h_m)\, W_h^\top;$$

and leaves into the weights where step $k$ uses them, $h_{k-1}$ being what it is.
*/
//%%
static void from_loss(int j, double dh[H], weights *d)
{
    double dy = 2 * (y[j] - x[j - 1]); /* dL_j/dy_j */
    for (int i = 0; i < H; i++) {
        d->W_y[i] += (seqnn_real)(h[j][i] * dy);
        dh[i] += dy * w.W_y[i];
    }
}

static void through_step(int m, double dh[H]) /* dh = dh J_m */
{
    double before[H] = {0};
    for (int i = 0; i < H; i++)
        for (int l = 0; l < H; l++)
            before[l] += dh[i] * (1 - h[m][i] * h[m][i]) * w.W_h[l][i];
    memcpy(dh, before, sizeof before);
}

static void into_weights(int k, const double dh[H], weights *d)
{
    for (int j = 0; j < H; j++) {
        double dz = dh[j] * (1 - h[k][j] * h[k][j]);
        d->W_x[j] += (seqnn_real)(x[k] * dz);
        for (int i = 0; i < H; i++)
            d->W_h[i][j] += (seqnn_real)(h[k - 1][i] * dz);
    }
}

//%% [markdown]
/*
## Every path by itself

$$\frac{\partial L}{\partial W_h} = \sum_{j=1}^{T} \sum_{k=1}^{j}
\frac{\partial L_j}{\partial y_j} \frac{\partial y_j}{\partial h_j}
\, J_j J_{j-1} \cdots J_{k+1} \, \frac{\partial^{+} h_k}{\partial W_h}$$
*/
//%%
static weights along_path(int j, int k)
{
    weights d = {.W_x = {0}}, unused = d; /* all of it is zero */
    double dh[H] = {0};
    from_loss(j, dh, k == j ? &d : &unused); /* W_y lies on the way once for each j */
    for (int m = j; m > k; m--)
        through_step(m, dh);
    into_weights(k, dh, &d);
    return d;
}

//%% [markdown]
/*
## All of them in one sweep

Paths that have come together at $h_t$ go on together, so they may be added up there:

$$\frac{\partial L}{\partial h_t} = \frac{\partial L_t}{\partial h_t}
+ \frac{\partial L}{\partial h_{t+1}} J_{t+1}$$
*/
//%%
static weights sweep(int T)
{
    weights d = {.W_x = {0}};
    double dh[H] = {0};
    for (int t = T; t >= 1; t--) {
        from_loss(t, dh, &d);    /* adds to what has come from step t + 1 */
        into_weights(t, dh, &d); /* dh is whole now: L_t, L_(t+1), .. L_T are in it */
        through_step(t, dh);
    }
    return d;
}

//%% [markdown]
/*
## Six paths

A loss $L_j$ is reached by $j$ paths, one from each use of the weights before it: 1, 2 and
3 of them. $P = J_j J_{j-1} \cdots J_{k+1}$ is printed beside the share of each; its row
$a$ is what becomes of the $a$-th unit vector on the way from step $j$ to step $k$.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    forward(&w, STEPS);
    numbers paths = {.row = {0}}, swept = {sweep(STEPS)}, library;
    printf("j  k   J_j ... J_(k+1)                 share of dL/dW_h\n");
    for (int j = 1; j <= STEPS; j++)
        for (int k = 1; k <= j; k++) {
            double P[H][H] = {{1, 0}, {0, 1}};
            for (int a = 0; a < H; a++)
                for (int m = j; m > k; m--)
                    through_step(m, P[a]);
            numbers d = {along_path(j, k)};
            for (int i = 0; i < WEIGHTS; i++)
                paths.row[i] += d.row[i];
            printf("%d  %d  %6.3f %6.3f; %6.3f %6.3f   %7.4f %7.4f; %7.4f %7.4f\n", j, k,
                   P[0][0], P[0][1], P[1][0], P[1][1], (double)d.row[H],
                   (double)d.row[H + 1], (double)d.row[H + 2], (double)d.row[H + 3]);
        }

    //%% [markdown]
    // The library is given the same weights, the same bits and the same $h_0$.
    //%%
    seqnn_rnn_options every_step = {.return_sequences = true, .no_bias = true};
    seqnn_dataset data = {.count = 1, .y = {.values = x, .time = STEPS, .features = 1}};
    data.x[0] = (seqnn_array){.values = x + 1, .time = STEPS, .features = 1};
    seqnn_model *model = seqnn_model_new(0);
    seqnn_sequences(model, 1, (seqnn_source_options){0});
    seqnn_layer *rnn = seqnn_simple_rnn(model, H, every_step);
    seqnn_layer *dense = seqnn_dense(model, 1, (seqnn_dense_options){.no_bias = true});
    seqnn_layer_set(rnn, "W_x", w.W_x), seqnn_layer_set(rnn, "W_h", w.W_h[0]);
    seqnn_layer_set(dense, "W", w.W_y);
    seqnn_set_state(rnn, 1, (seqnn_real[]){(seqnn_real)h[0][0], (seqnn_real)h[0][1]},
                    NULL);
    seqnn_forward(model, &data, SEQNN_TRAIN);
    seqnn_loss(model, &data, (seqnn_loss_options){.over_steps = SEQNN_REDUCE_SUM});
    if (seqnn_backward(model))
        return example_fail();
    memcpy(library.of.W_x, seqnn_layer_parameter(rnn, "W_x")->gradient, sizeof w.W_x);
    memcpy(library.of.W_h, seqnn_layer_parameter(rnn, "W_h")->gradient, sizeof w.W_h);
    memcpy(library.of.W_y, seqnn_layer_parameter(dense, "W")->gradient, sizeof w.W_y);
    seqnn_free(model);

    //%% [markdown]
    // Four columns: the six paths added up, the sweep, the library; and for the last one
    // each weight is moved a little, up and down: how much does $L$ change?
    //%%
    int wrong = 0;
    printf("             all paths   one sweep     library differences\n");
    for (int i = 0; i < WEIGHTS; i++) {
        numbers up = {w}, down = {w};
        up.row[i] += 1e-4f, down.row[i] -= 1e-4f;
        double slope = (forward(&up.of, STEPS) - forward(&down.of, STEPS)) /
                       (double)(up.row[i] - down.row[i]);
        printf("dL/dW_%.3s  %11.5f %11.5f %11.5f %11.5f\n", names + 3 * i,
               (double)paths.row[i], (double)swept.row[i], (double)library.row[i], slope);
        double off = fabs(paths.row[i] - slope) + fabs(swept.row[i] - slope);
        wrong |= !(off + fabs(library.row[i] - slope) <= example_gradient_limit());
    }
    printf("the four columns %s\n", wrong ? "DO NOT AGREE" : "agree");
    if (wrong || options.grad_check)
        return wrong;

    //%% [markdown]
    // Sixteen steps have 136 paths. Row $j$ is a loss, column $k$ the step whose use of
    // $W_h$ the path leads to; the colour, on a log scale, is the norm of the path's
    // share. What is printed is its last row.
    //%%
    static seqnn_real share[SIDE][SIDE];
    forward(&w, LONG);
    memset(share, 0xff, sizeof share); /* all bits set is no number: no path, grey */
    for (int j = 1; j <= LONG; j++)
        for (int k = 1; k <= j; k++) {
            weights d = along_path(j, k);
            share[j][k] = (seqnn_real)hypot(hypot(d.W_h[0][0], d.W_h[0][1]),
                                            hypot(d.W_h[1][0], d.W_h[1][1]));
        }
    for (int k = LONG; k >= 1; k -= 5)
        printf("path (%d, %2d): share of norm %.1e\n", LONG, k, (double)share[LONG][k]);
    seqnn_heatmap_options cells = {.log = true, .no_numbers = true, .square = true};
    cells.x_label = "step $k$ that used $W_h$", cells.y_label = "loss $L_j$";
    cells.bar_label = "norm of the path's share of $\\partial L/\\partial W_h$";
    const char *picture = example_path(&options, "10_paths.png");
    printf("the share of every path: %s\n", picture);
    return seqnn_plot_heatmap(share[0], SIDE, SIDE, picture, cells) ? example_fail() : 0;
}
