//%% [markdown]
/*
# 09 · A character language model: "hello"

Four letters, [h, e, l, o], and one word to learn. At every step the network is given a
letter and is to say which one comes next.

    cc -O3 -march=native -fopenmp examples/09_character_language_model.c -o 09 -lm && ./09

It prints scores, probabilities and loss of each step before and after training, what the
state makes of the two l's, the best that a model without memory can do, and words that
the network writes; draws the probabilities and the loss, `09_hello.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { V = 4, H = 3, T = 4, UPDATES = 200, WORDS = 8 };

static const char letters[] = "helo";
static const int32_t inputs[T] = {0, 1, 2, 2};  /* h e l l */
static const int32_t targets[T] = {1, 2, 2, 3}; /* e l l o */
static const char *const steps[T] = {"h, 1", "e, 2", "l, 3", "l, 4"};
static const char *const titles[] = {"trained without memory", "trained RNN",
                                     "RNN before training"};

//%% [markdown]
/*
## The network

$$h_t = \tanh(x_t W_x + h_{t-1} W_h + b), \qquad s_t = h_t W_y + b_y$$

$x_t$ is one-hot, of $V = 4$ numbers; the state has $H = 3$; $s_t$ is a score for each
letter. The rival without memory lacks $h_{t-1} W_h$ and is the same in everything else.
*/
//%%
static seqnn_model *network(uint64_t seed, int memory)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_one_hot_source(model, V, (seqnn_one_hot_options){0});
    if (memory)
        seqnn_simple_rnn(model, H, (seqnn_rnn_options){.return_sequences = true});
    else
        seqnn_dense(model, H, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_dense(model, V, (seqnn_dense_options){0});
    return model;
}

//%% [markdown]
/*
## Probabilities and loss

$$y_t = \mathrm{softmax}(s_t), \qquad L_t = -\ln y_{t,k_t}, \qquad
L = \frac{1}{T} \sum_{t=1}^{T} L_t$$

with $k_t$ the letter that follows. To know nothing is to give each letter $1/4$: a loss
of $\ln 4 \approx 1.386$.
*/
//%%
static void softmax(const seqnn_real *s, seqnn_real *y)
{
    double sum = 0;
    for (int k = 0; k < V; k++)
        sum += exp((double)s[k]);
    for (int k = 0; k < V; k++)
        y[k] = (seqnn_real)(exp((double)s[k]) / sum);
}

/* Prints a line for each step; y[which] receives the probabilities, a column for each. */
static int look(seqnn_model *model, const seqnn_dataset *hello, seqnn_real y[][V][T],
                int which)
{
    if (seqnn_forward(model, hello, SEQNN_EVALUATE))
        return 1;
    const seqnn_real *s = seqnn_output(model).data;
    double L = 0;
    printf("t      scores  h      e      l      o  probabilities  h     e     l     o    "
           "L_t\n");
    for (int t = 0; t < T; t++, s += V) {
        seqnn_real p[V];
        softmax(s, p);
        double L_t = -log((double)p[targets[t]]);
        L += L_t / T;
        printf("%d %c -> %c", t + 1, letters[inputs[t]], letters[targets[t]]);
        for (int k = 0; k < V; k++)
            printf(" %6.2f", (double)s[k]);
        printf("           ");
        for (int k = 0; k < V; k++) {
            y[which][k][t] = p[k];
            printf(" %5.3f", (double)p[k]);
        }
        printf(" %6.3f\n", L_t);
    }
    printf("%s: loss %.3f\n", titles[which], L);
    return 0;
}

//%% [markdown]
/*
## Without memory

Whoever sees only the letter that is there can do no better than to count what followed
it: after h always e, after e always l, after l once l and once o.

$$y_t(b) = \frac{\text{how often } b \text{ followed } a}{\text{how often } a \text{ was
there}}$$
*/
//%%
static double bigram_loss(void)
{
    double L = 0;
    for (int t = 0; t < T; t++) {
        int letter = 0, pair = 0;
        for (int i = 0; i < T; i++) {
            letter += inputs[i] == inputs[t];
            pair += inputs[i] == inputs[t] && targets[i] == targets[t];
        }
        L -= log((double)pair / letter) / T;
    }
    return L;
}

//%% [markdown]
/*
## Writing

Give it an h, draw a letter from the probabilities, append it, and let the network read
all that is there by now.
*/
//%%
static int write_words(seqnn_model *model, seqnn_random *random)
{
    printf("sample words:");
    for (int word = 0; word < WORDS; word++) {
        int32_t text[T + 1] = {0}; /* h */
        printf(" %c", letters[text[0]]);
        for (int n = 1; n <= T; n++) {
            seqnn_dataset so_far = {.count = 1, .x = {{.indices = text, .time = n}}};
            seqnn_real y[V];
            if (seqnn_forward(model, &so_far, SEQNN_EVALUATE))
                return 1;
            softmax(seqnn_output(model).data + (n - 1) * V, y);
            text[n] = seqnn_sample(y, V, 1, random);
            printf("%c", letters[text[n]]);
        }
    }
    printf("\n");
    return 0;
}

//%% [markdown]
/*
## The picture

Above, the probabilities before and after training: a column is a step, a row a letter
that may follow. Below, the loss of both networks.
*/
//%%
static int draw(seqnn_real y[3][V][T], seqnn_real loss[2][UPDATES], const char *path)
{
    static const char *const rows[V] = {"h", "e", "l", "o"};
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.rows = 2, .columns = 3, .height = 540});
    seqnn_axes_options wide = {
        .column_span = 3, .x_label = "update", .y_label = "loss $L$"};
    seqnn_axes *below = seqnn_figure_axes(figure, 1, 0, wide);
    for (int i = 0; i < 3; i++) {
        seqnn_axes_options text = {.title = titles[i], .x_label = "letter, step $t$"};
        seqnn_heatmap_options cells = {.row_names = rows, .column_names = steps};
        cells.map = SEQNN_MAP_BLUES, cells.low = SEQNN_ZERO, cells.high = 1;
        cells.decimals = 2, cells.no_colour_bar = true;
        seqnn_axes *above = seqnn_figure_axes(figure, 0, (i + 1) % 3, text);
        seqnn_axes_heatmap(above, y[i][0], V, T, cells);
        seqnn_plot_series line = {.label = titles[i], .y = loss[i], .count = UPDATES};
        if (i < 2)
            seqnn_axes_line(below, line);
    }
    seqnn_reference_options bigram = {.label = "the best without memory"};
    seqnn_axes_horizontal(below, (seqnn_real)bigram_loss(), bigram);
    printf("probabilities and loss: %s\n", path);
    int status = seqnn_figure_save(figure, path) ? example_fail() : 0;
    seqnn_figure_free(figure);
    return status;
}

//%% [markdown]
/*
## Before training
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    seqnn_dataset hello = {.count = 1, .x = {{.indices = inputs, .time = T}}};
    hello.y = (seqnn_array){.indices = targets, .time = T};
    seqnn_random random = {.seed = (uint64_t)options.seed};
    static seqnn_real y[3][V][T], loss[2][UPDATES];
    /* without memory, and with it */
    seqnn_model *model[2] = {network(random.seed, 0), network(random.seed, 1)};
    if (options.grad_check) {
        int wrong = example_gradient_check(model[1], &hello, (seqnn_loss_options){0});
        seqnn_free(model[0]), seqnn_free(model[1]);
        return wrong;
    }
    if (look(model[1], &hello, y, 2) || write_words(model[1], &random))
        return example_fail();

    //%% [markdown]
    // ## After 200 updates
    // The network without memory first. Compare its third and its fourth line.
    //%%
    seqnn_train_options adam = {.optimizer = seqnn_adam(0.05f)};
    for (int i = 0; i < 2; i++) {
        for (int update = 0; update < UPDATES; update++)
            loss[i][update] = seqnn_train_step(model[i], &hello, adam);
        if (!seqnn_ok(model[i]) || look(model[i], &hello, y, i))
            return example_fail();
    }

    //%% [markdown]
    // What counting pairs reaches, the states of the RNN, and what it writes now.
    //%%
    const seqnn_real *h = seqnn_layer_output(seqnn_model_layer_at(model[1], 1)).data;
    printf("the best by counting pairs: loss %.3f\nletter, t  h_t\n", bigram_loss());
    for (int i = 0; i < T * H; i++)
        printf("%s%6.2f%s", i % H ? "" : steps[i / H], (double)h[i],
               (i + 1) % H ? "" : "\n");
    int status = write_words(model[1], &random)
                     ? example_fail()
                     : draw(y, loss, example_path(&options, "09_hello.png"));
    seqnn_free(model[0]), seqnn_free(model[1]);
    return status;
}
