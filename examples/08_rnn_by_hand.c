//%% [markdown]
/*
# 08 · An RNN by hand

*Gravity is not good*: four words, four steps of the same weights. Every number is
computed by loops that can be read, then once more by `seqnn_simple_rnn`.

    cc -O3 -march=native -fopenmp examples/08_rnn_by_hand.c -o 08 -lm && ./08

It prints every intermediate number of the four steps, the library's numbers beside them,
and what becomes of the sentence when its words change places; draws the states of two
orders of the words and the output of each step, `08_rnn_by_hand.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { WORDS = 4, HIDDEN = 2, STEPS = 4, ORDERS = 24 };

static const char *const words[WORDS] = {"Gravity", "is", "not", "good"};
static const char *const sentences[] = {"Gravity is not good", "Gravity is good not"};
static const int32_t orders[][STEPS] = {{0, 1, 2, 3}, {0, 1, 3, 2}};

//%% [markdown]
/*
## The weights

They are chosen by hand, so that the two hidden units mean something: the first one notes
a *not*, the second one holds how good it all sounds. There is no bias, as in the lecture.
*/
//%%
/* A row for each word. "not" lifts unit 1, "good" lifts unit 2. */
static const seqnn_real W_x[WORDS][HIDDEN] = {
    {-0.2f, 0.1f}, {0.1f, -0.1f}, {1.5f, 0.2f}, {-0.3f, 1.0f}};
/* A row for each unit. What unit 1 noted takes unit 2 down, one step later; unit 2
 * remembers itself. */
static const seqnn_real W_h[HIDDEN][HIDDEN] = {{0.3f, -2.0f}, {0.1f, 0.9f}};
static const seqnn_real W_y[HIDDEN] = {-0.2f, 1.5f};

//%% [markdown]
/*
## The loop

$$z_t = x_t W_x + h_{t-1} W_h, \qquad h_t = \tanh(z_t), \qquad y_t = \tanh(h_t W_y)$$

with $h_0 = 0$. In all four steps `W_x`, `W_h` and `W_y` are the same arrays.
*/
//%%
typedef struct steps { /* [t] for t = 1 .. STEPS; h[0] is the initial state */
    double x[STEPS + 1][WORDS], x_W[STEPS + 1][HIDDEN], h_W[STEPS + 1][HIDDEN];
    double z[STEPS + 1][HIDDEN], h[STEPS + 1][HIDDEN], y[STEPS + 1];
} steps;

static steps read_by_hand(const int32_t sentence[STEPS])
{
    steps s = {0};
    for (int t = 1; t <= STEPS; t++) {
        s.x[t][sentence[t - 1]] = 1; /* one-hot */
        for (int j = 0; j < HIDDEN; j++) {
            for (int i = 0; i < WORDS; i++)
                s.x_W[t][j] += s.x[t][i] * (double)W_x[i][j];
            for (int i = 0; i < HIDDEN; i++)
                s.h_W[t][j] += s.h[t - 1][i] * (double)W_h[i][j];
            s.z[t][j] = s.x_W[t][j] + s.h_W[t][j];
            s.h[t][j] = tanh(s.z[t][j]);
            s.y[t] += s.h[t][j] * (double)W_y[j];
        }
        s.y[t] = tanh(s.y[t]);
    }
    return s;
}

static void print_steps(const steps *s)
{
    printf(
        "t  x_t      x_t W_x        h_(t-1) W_h    z_t            h_t            y_t\n");
    for (int t = 1; t <= STEPS; t++) {
        printf("%d ", t);
        for (int i = 0; i < WORDS; i++)
            printf(" %.0f", s->x[t][i]);
        const double *const pairs[] = {s->x_W[t], s->h_W[t], s->z[t], s->h[t]};
        for (int i = 0; i < 4; i++)
            printf(" %6.3f %6.3f ", pairs[i][0], pairs[i][1]);
        printf(" %6.3f  %s\n", s->y[t], words[orders[0][t - 1]]);
    }
}

//%% [markdown]
/*
## The same by the library

A source that makes one-hot vectors of word numbers, a recurrent layer, and a dense layer
for the output of every step. Given the same weights, they must give the same numbers.
*/
//%%
static seqnn_model *rnn(void)
{
    seqnn_rnn_options recurrent = {.return_sequences = true, .no_bias = true};
    seqnn_dense_options dense = {.no_bias = true, .activation = SEQNN_TANH};
    seqnn_model *model = seqnn_model_new(0);
    seqnn_one_hot_source(model, WORDS, (seqnn_one_hot_options){0});
    seqnn_layer *hidden = seqnn_simple_rnn(model, HIDDEN, recurrent);
    seqnn_layer *output = seqnn_dense(model, 1, dense);
    seqnn_layer_set(hidden, "W_x", W_x[0]);
    seqnn_layer_set(hidden, "W_h", W_h[0]);
    seqnn_layer_set(output, "W", W_y);
    return model;
}

static int compare(seqnn_model *model, const seqnn_dataset *sentence, const steps *s)
{
    if (!seqnn_ok(model) || seqnn_forward(model, sentence, SEQNN_EVALUATE))
        return example_fail();
    const seqnn_real *h = seqnn_layer_output(seqnn_model_layer_at(model, 1)).data;
    const seqnn_real *y = seqnn_output(model).data;
    printf("t  h_t by seqnn_simple_rnn        y_t  largest difference\n");
    for (int t = 1; t <= STEPS; t++, h += HIDDEN, y++) {
        double difference = fabs((double)y[0] - s->y[t]);
        for (int j = 0; j < HIDDEN; j++)
            difference = fmax(difference, fabs((double)h[j] - s->h[t][j]));
        printf("%d  %9.6f %9.6f  %9.6f  %.6f\n", t, (double)h[0], (double)h[1],
               (double)y[0], difference);
    }
    return 0;
}

//%% [markdown]
/*
## Another order

The four words in all their orders. A bag of words adds up the same four rows each time
and cannot tell one order from another; the state can.
*/
//%%
static void try_all_orders(void)
{
    double y[ORDERS];
    int count = 0, different = 0;
    for (int32_t i = 0; i < WORDS * WORDS * WORDS; i++) {
        int32_t a = i / 16, b = i / 4 % 4, c = i % 4, rest = 0 + 1 + 2 + 3 - a - b - c;
        if (a == b || b == c || a == c)
            continue;
        y[count] = read_by_hand((const int32_t[]){a, b, c, rest}).y[STEPS];
        int before = 0; /* how many orders ended in the same number */
        for (int j = 0; j < count; j++)
            before += fabs(y[j] - y[count]) < 1e-4;
        different += before == 0;
        count++;
    }
    printf("%d orders of the same words: %d different y_4\n", count, different);
}

//%% [markdown]
/*
## The picture

Above, a column is a step and a row one of the three numbers that the network holds then;
below, the output as the sentence goes on.
*/
//%%
static int draw(const char *path)
{
    static const char *const rows[] = {"unit 1", "unit 2", "output"};
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.rows = 2, .columns = 2});
    seqnn_axes_options wide = {
        .column_span = 2, .x_label = "step $t$", .y_label = "$y_t$"};
    seqnn_axes *below = seqnn_figure_axes(figure, 1, 0, wide);
    for (int o = 0; o < 2; o++) {
        steps s = read_by_hand(orders[o]);
        seqnn_real table[HIDDEN + 1][STEPS];
        const char *columns[STEPS];
        for (int t = 1; t <= STEPS; t++) {
            columns[t - 1] = words[orders[o][t - 1]];
            table[0][t - 1] = (seqnn_real)s.h[t][0];
            table[1][t - 1] = (seqnn_real)s.h[t][1];
            table[2][t - 1] = (seqnn_real)s.y[t];
        }
        seqnn_axes_options title = {.title = sentences[o]};
        seqnn_axes *above = seqnn_figure_axes(figure, 0, o, title);
        seqnn_heatmap_options cells = {.row_names = rows, .column_names = columns};
        cells.map = SEQNN_MAP_DIVERGING, cells.low = -1, cells.high = 1;
        cells.decimals = 2, cells.no_colour_bar = true;
        seqnn_axes_heatmap(above, table[0], HIDDEN + 1, STEPS, cells);
        seqnn_plot_series y = {.label = sentences[o], .y = table[2], .count = STEPS};
        y.x_first = 1, y.marker = SEQNN_MARKER_CIRCLE;
        seqnn_axes_line(below, y);
    }
    seqnn_axes_horizontal(below, 0, (seqnn_reference_options){0});
    printf("states and outputs: %s\n", path);
    int status = seqnn_figure_save(figure, path) ? example_fail() : 0;
    seqnn_figure_free(figure);
    return status;
}

//%% [markdown]
/*
## Four steps

Follow one row from left to right, then go on with its $h_t$ in the next row.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    const seqnn_real wanted[STEPS] = {0, 0, -1, -1}; /* only --grad-check has a loss */
    seqnn_dataset sentence = {.count = 1};
    sentence.x[0] = (seqnn_array){.indices = orders[0], .time = STEPS};
    sentence.y = (seqnn_array){.values = wanted, .time = STEPS, .features = 1};
    steps by_hand = read_by_hand(orders[0]);
    print_steps(&by_hand);

    //%% [markdown]
    // The library reads the same sentence.
    //%%
    seqnn_model *model = rnn();
    int status = options.grad_check
                     ? example_gradient_check(model, &sentence, (seqnn_loss_options){0})
                     : compare(model, &sentence, &by_hand);
    seqnn_free(model);
    if (status || options.grad_check)
        return status;

    //%% [markdown]
    // The last two words change places, and the output its sign.
    //%%
    for (int o = 0; o < 2; o++)
        printf("%s: y_4 = %6.3f\n", sentences[o], read_by_hand(orders[o]).y[STEPS]);
    try_all_orders();

    //%% [markdown]
    // Watch the second unit: a *not* that comes last has no step left in which to act.
    //%%
    return draw(example_path(&options, "08_rnn_by_hand.png"));
}
