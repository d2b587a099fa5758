//%% [markdown]
/*
# 05 · CBOW on six words

*Surf big waves. Drive fast cars.* A network learns which words stand beside which, and
two numbers for each word are what it remembers: few enough to draw.

    cc -O3 -march=native -fopenmp examples/05_cbow_six_words.c -o 05 -lm && ./05

It prints the training table, the loss, the word vectors and, for 20 seeds, which word
comes to lie opposite *surf*; then what skip-gram and CBOW of the library make of the same
words. It draws the three sets of vectors, `05_cbow_six_words.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#define SEQNN_WORDS
#include "../seqnn.h"
#include "options.h"

enum { V = 6, F = 2, WINDOW = 1, PAIRS = WINDOW > 1 ? 12 : 8, EPOCHS = 300, SEEDS = 20 };
static const double RATE = 1.6, START = 0.1;

static const char *const sentences[] = {"surf big waves", "drive fast cars"};
static const char *const words[V] = {"surf", "big", "waves", "drive", "fast", "cars"};
static const int32_t sentence_of[V] = {0, 0, 0, 1, 1, 1};

//%% [markdown]
/*
## The table

One word is the *context*, a word beside it the *target*. The network is given the
context's *one-hot* vector $x$, which has a place for every word and a 1 at its own.
*/
//%%
static int x[PAIRS][V], target[PAIRS];

static void make_table(void)
{
    printf("context  target   x\n");
    for (int c = 0, row = 0; c < V; c++)
        for (int k = c - WINDOW; k <= c + WINDOW; k++)
            if (k != c && k >= 0 && k < V && sentence_of[k] == sentence_of[c]) {
                printf("%-7s  %-6s  ", words[c], words[k]);
                for (int w = 0; w < V; w++)
                    printf(" %d", x[row][w] = w == c);
                printf("\n");
                target[row++] = k;
            }
}

//%% [markdown]
/*
## The network and its gradient

For a row $x$ of the table with target word $k$,

$$h = x E, \qquad s = h U, \qquad y = \mathrm{softmax}(s), \qquad L = -\ln y_k$$

$$\frac{\partial L}{\partial s} = y - e_k, \qquad
\frac{\partial L}{\partial U} = h^\top \frac{\partial L}{\partial s}, \qquad
\frac{\partial L}{\partial E} = x^\top \frac{\partial L}{\partial s} U^\top$$

with $e_k$ the one-hot vector of the target. `ds` is $\partial L / \partial s_j$.
*/
//%%
typedef struct network { /* or the gradient by each of its numbers */
    double E[V][F], U[F][V];
} network;

typedef union numbers { /* the same in a row */
    network of;
    double row[2 * V * F];
} numbers;

/* The mean loss of the rows; adds its gradient to d. */
static double add_gradient(const network *n, network *d)
{
    double loss = 0;
    for (int row = 0; row < PAIRS; row++) {
        double h[F] = {0}, y[V], sum = 0;
        for (int w = 0; w < V; w++)
            for (int i = 0; i < F; i++)
                h[i] += x[row][w] * n->E[w][i];
        for (int j = 0; j < V; j++)
            sum += y[j] = exp(h[0] * n->U[0][j] + h[1] * n->U[1][j]);
        for (int j = 0; j < V; j++) {
            const double ds = (y[j] / sum - (j == target[row])) / PAIRS;
            for (int i = 0; i < F; i++) {
                d->U[i][j] += h[i] * ds;
                for (int w = 0; w < V; w++)
                    d->E[w][i] += x[row][w] * ds * n->U[i][j];
            }
        }
        loss -= log(y[target[row]] / sum) / PAIRS;
    }
    return loss;
}

//%% [markdown]
/*
## Gradient descent

From small random numbers down the gradient of the whole table, one step in each epoch.
*/
//%%
static network train(uint64_t seed, long epochs, double *losses)
{
    numbers n;
    seqnn_random random = {.seed = seed};
    for (int i = 0; i < 2 * V * F; i++)
        n.row[i] = START * seqnn_random_normal(&random);
    for (long epoch = 0; epoch < epochs; epoch++) {
        numbers d = {.row = {0}};
        losses[epoch] = add_gradient(&n.of, &d.of);
        for (int i = 0; i < 2 * V * F; i++)
            n.row[i] -= RATE * d.row[i];
    }
    return n.of;
}

/* Every element of the first gradient beside a central difference of the loss. */
static int check_gradient(uint64_t seed)
{
    numbers n = {train(seed, 0, NULL)}, d = {.row = {0}}, unused = d;
    int status = 0;
    add_gradient(&n.of, &d.of);
    example_check_head("word of dL/dE, dL/dU");
    for (int i = 0; i < 2 * V * F; i++) {
        numbers up = n, down = n;
        up.row[i] += 1e-5;
        down.row[i] -= 1e-5;
        double L_up = add_gradient(&up.of, &unused.of);
        double slope = (L_up - add_gradient(&down.of, &unused.of)) / 2e-5;
        status |=
            example_check_line(words[i < V * F ? i / F : i % V], d.row[i], slope, 0);
    }
    return status;
}

//%% [markdown]
/*
## word2vec, from the library

The same softmax, but one small step of gradient descent for each prediction. *Skip-gram*
predicts from one context at a time, as the table does; *CBOW* from the mean of them all.
*/
//%%
static int word2vec(network *n, bool cbow)
{
    seqnn_word2vec_options how = {.dimension = F, .window = WINDOW, .min_count = 1};
    how.architecture = cbow ? SEQNN_CBOW : SEQNN_SKIP_GRAM;
    how.output = SEQNN_FULL_SOFTMAX;
    how.subsampling = SEQNN_ZERO;
    how.epochs = EPOCHS;
    how.learning_rate = RATE / PAIRS;
    how.compute_loss = true;
    seqnn_word2vec *trained = seqnn_word2vec_train_lines(sentences, 2, how);
    if (!trained)
        return 1;
    for (int i = 0; i < V * F; i++)
        n->E[i / F][i % F] = (double)trained->vectors->values[i];
    double apart = hypot(n->E[0][0] - n->E[2][0], n->E[0][1] - n->E[2][1]);
    printf("%-9s  loss %.3f at last, surf and waves %.2f apart\n",
           cbow ? "CBOW" : "skip-gram", trained->losses[EPOCHS - 1], apart);
    seqnn_word2vec_free(trained);
    return 0;
}

//%% [markdown]
/*
## Eight rows

Each sentence gives four, and the table is symmetric: with *surf* as context of *big*
comes *big* as context of *surf*.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    double losses[EPOCHS];
    make_table();
    if (options.grad_check)
        return check_gradient((uint64_t)options.seed);

    //%% [markdown]
    // ## Train
    // A network that knows nothing gives every word 1/6: the loss begins at $\ln 6$. It
    // ends at $\frac48 \ln 2$: four rows are certain, four are tosses of a coin.
    //%%
    network n = train((uint64_t)options.seed, EPOCHS, losses);
    printf("loss %.3f at first, %.3f at last\n", losses[0], losses[EPOCHS - 1]);

    //%% [markdown]
    // ## Two numbers for each word
    // Row $w$ of $E$ is what the hidden layer makes of the one-hot vector of $w$.
    //%%
    for (int w = 0; w < V; w++)
        printf("%-6s %6.2f %6.2f\n", words[w], n.E[w][0], n.E[w][1]);

    //%% [markdown]
    // ## Were we lucky?
    // The word opposite *surf*, for 20 seeds. Only where it is not *big* does a straight
    // line have *surf big waves* on one side and *drive fast cars* on the other.
    //%%
    for (uint64_t other = 0; other < SEEDS; other++) {
        network m = train(other, EPOCHS, losses);
        int opposite = 1;
        double product[V] = {0};
        for (int w = 1; w < V; w++) {
            product[w] = m.E[0][0] * m.E[w][0] + m.E[0][1] * m.E[w][1];
            opposite = product[w] < product[opposite] ? w : opposite;
        }
        printf("%-5s%s", words[opposite], other % 10 == 9 ? "\n" : "  ");
    }

    //%% [markdown]
    // ## Beside it, skip-gram and CBOW
    // Skip-gram is the same model and ends at the same loss. In CBOW *big* is predicted
    // once, from both its neighbours: $\frac46 \ln 2 \approx 0.462$ is the end.
    //%%
    static const char *const names[] = {"This network", "Skip-gram", "CBOW"};
    seqnn_figure_options size = {.columns = 3, .width = 1200, .height = 440};
    seqnn_figure *figure = seqnn_figure_new(size);
    for (int i = 0; i < 3; i++) {
        seqnn_axes_options axes = {
            .title = names[i], .x_label = "first number", .y_label = "second number"};
        axes.x_min = axes.y_min = (seqnn_real)-3.5;
        axes.x_max = axes.y_max = (seqnn_real)3.5;
        seqnn_real first[V], second[V];
        if (i > 0 && word2vec(&n, i == 2))
            return example_fail();
        for (int w = 0; w < V; w++) {
            first[w] = (seqnn_real)n.E[w][0];
            second[w] = (seqnn_real)n.E[w][1];
        }
        seqnn_axes_scatter(
            seqnn_figure_axes(figure, 0, i, axes), first, second, V,
            (seqnn_scatter_options){.names = words, .classes = sentence_of});
    }
    if (seqnn_figure_save(figure, example_path(&options, "05_cbow_six_words.png")))
        return example_fail();
    seqnn_figure_free(figure);
    return 0;
}
