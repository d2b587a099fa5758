//%% [markdown]
/*
# 05 · CBOW on six words

*Surf big waves. Drive fast cars.* A network learns which words stand beside which, and
what it has to remember for that is two numbers for each word: few enough to draw.

    cc -O3 -march=native -fopenmp examples/05_cbow_six_words.c -o 05 -lm && ./05

It prints the training table, the loss, the embedding matrix and, for 20 seeds, whether
the two sentences are apart in it; then it trains skip-gram and CBOW on the same words
with the library's word2vec. It draws the vectors, `05_embedding.png` and
`05_skip_gram_cbow.png`, and the loss, `05_loss.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#define SEQNN_WORDS
#include "../seqnn.h"
#include "options.h"

enum { WORDS = 6, WINDOW = 1, SIZE = 2, PAIRS = 8, EPOCHS = 300, SEEDS = 20 };

static const char *const lines[] = {"Surf big waves", "Drive fast cars"};
static const char *const words[WORDS] = {"surf", "big", "waves", "drive", "fast", "cars"};
static const char *const sentences[] = {"surf big waves", "drive fast cars"};
static const int32_t sentence_of[WORDS] = {0, 0, 0, 1, 1, 1};

static int fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

//%% [markdown]
/*
## The training table

Nobody labels anything: the text is its own teacher. One word is the *context*, a word
beside it the *target* to be predicted. With a window of 1 only direct neighbours count,
and only those of the same sentence. What the network is given is not a word but its
*one-hot* vector, which has a place for every word and a 1 at its own.
*/
//%%
static seqnn_real one_hot[WORDS][WORDS], contexts[PAIRS][WORDS];
static int32_t targets[PAIRS];

static void print_one_hot(const seqnn_real *x)
{
    for (int i = 0; i < WORDS; i++)
        printf("%s%.0f", i ? " " : "  ", (double)x[i]);
}

static void make_table(void)
{
    for (int w = 0; w < WORDS; w++)
        one_hot[w][w] = 1;
    printf("context  target   context      target\n");
    for (int c = 0, pair = 0; c < WORDS; c++)
        for (int t = c - WINDOW; t <= c + WINDOW; t++) {
            if (t == c || t < 0 || t >= WORDS || sentence_of[t] != sentence_of[c])
                continue;
            memcpy(contexts[pair], one_hot[c], sizeof one_hot[c]);
            targets[pair++] = t;
            printf("%-7s  %-5s ", words[c], words[t]);
            print_one_hot(one_hot[c]);
            print_one_hot(one_hot[t]);
            printf("\n");
        }
}

//%% [markdown]
/*
## The network

$x$ is the one-hot vector of the context $c$. The hidden layer has two units, no bias and
no activation; the output layer has a score for every word, and softmax makes
probabilities of them:

$$h = x E, \qquad s = h U, \qquad p_j = \frac{e^{s_j}}{\sum_k e^{s_k}}, \qquad
L = -\ln p_{\text{target}}$$

$E$ is $[6, 2]$ and $U$ is $[2, 6]$. Six words must pass through two numbers. Words that
have the same neighbours may as well share them.
*/
//%%
static seqnn_model *cbow(uint64_t seed)
{
    seqnn_initializer normal = {SEQNN_NORMAL, (seqnn_real)0.1, 0};
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_vectors(model, WORDS, (seqnn_source_options){0});
    seqnn_dense(
        model, SIZE,
        (seqnn_dense_options){.name = "hidden", .no_bias = true, .initializer = normal});
    seqnn_dense(model, WORDS,
                (seqnn_dense_options){
                    .no_bias = true, .activation = SEQNN_SOFTMAX, .initializer = normal});
    return model;
}

static seqnn_history train(seqnn_model *model, const example_options *options)
{
    seqnn_dataset pairs = {.count = PAIRS, .classes = WORDS};
    pairs.x[0] = (seqnn_array){.values = contexts[0], .features = WORDS};
    pairs.y = (seqnn_array){.indices = targets};
    return seqnn_fit(
        model, &pairs,
        (seqnn_fit_options){.epochs = options->epochs ? options->epochs : EPOCHS,
                            .batch_size = PAIRS,
                            .optimizer = seqnn_sgd((seqnn_real)1.6)});
}

//%% [markdown]
/*
## The embedding matrix

After training every one-hot vector is pushed through the hidden layer, and what comes out
there is collected. `push` does so; and it compares with the weights, for a one-hot row
times a matrix is nothing but a row of that matrix: $\mathrm{onehot}(w)\,E = E_w = v_w$.
The multiplication is a table look-up.
*/
//%%
static const seqnn_real *push(seqnn_model *model, double *difference)
{
    seqnn_dataset all = {.count = WORDS};
    all.x[0] = (seqnn_array){.values = one_hot[0], .features = WORDS};
    if (seqnn_forward(model, &all, SEQNN_EVALUATE))
        return NULL;
    seqnn_layer *hidden = seqnn_model_layer(model, "hidden");
    const seqnn_real *h = seqnn_layer_output(hidden).data;
    const seqnn_real *rows = seqnn_layer_parameter(hidden, "W")->value;
    *difference = 0;
    for (int i = 0; i < WORDS * SIZE; i++)
        *difference = fmax(*difference, fabs((double)(h[i] - rows[i])));
    return h;
}

static void print_matrix(const seqnn_real *v)
{
    for (int w = 0; w < WORDS; w++)
        printf("%7s", words[w]);
    for (int i = 0; i < SIZE; i++)
        for (int w = 0; w < WORDS; w++)
            printf("%s%7.2f", w ? "" : "\n", (double)v[w * SIZE + i]);
    printf("\n");
}

//%% [markdown]
/*
## Are the sentences apart?

They are if a straight line has one sentence on either side. For 360 directions the six
points are projected onto the direction; between the lowest of one sentence and the
highest of the other there is a gap, or they overlap and it is negative. The widest gap
counts.
*/
//%%
static double widest_gap(const seqnn_real *v)
{
    double widest = -INFINITY;
    for (int degrees = 0; degrees < 360; degrees++) {
        double angle = degrees * 3.14159265358979 / 180;
        double lowest = INFINITY, highest = -INFINITY;
        for (int w = 0; w < WORDS; w++) {
            double at =
                cos(angle) * (double)v[w * SIZE] + sin(angle) * (double)v[w * SIZE + 1];
            if (sentence_of[w] == 0)
                lowest = fmin(lowest, at);
            else
                highest = fmax(highest, at);
        }
        widest = fmax(widest, lowest - highest);
    }
    return widest;
}

static void print_gap(const char *name, const seqnn_real *v)
{
    double gap = widest_gap(v);
    printf("%s: the sentences are %s (gap %.1f)\n", name, gap > 0 ? "apart" : "not apart",
           gap);
}

//%% [markdown]
/*
## word2vec, from the library

The same softmax, without one-hot vectors, and one step of gradient descent for each
prediction in place of one for the whole table: eight steps of 0.2 (at first; it falls) in
an epoch, where the network above makes one of 1.6 down the mean of eight gradients.
*Skip-gram* predicts from one context at a time, $h = v_c$. *CBOW*, the continuous bag of
words, predicts each word once, from the mean of all its contexts:
$h = \frac{1}{C} \sum_c v_c$.
*/
//%%
static seqnn_word2vec *word2vec(seqnn_word2vec_architecture architecture,
                                const example_options *options)
{
    return seqnn_word2vec_train_lines(
        lines, 2,
        (seqnn_word2vec_options){.architecture = architecture,
                                 .output = SEQNN_FULL_SOFTMAX,
                                 .dimension = SIZE,
                                 .window = WINDOW,
                                 .fixed_window = true,
                                 .min_count = 1,
                                 .subsampling = SEQNN_ZERO,
                                 .epochs = options->epochs ? options->epochs : EPOCHS,
                                 .learning_rate = 0.2,
                                 .clean = true,
                                 .compute_loss = true,
                                 .seed = (uint64_t)options->seed});
}

static void print_word2vec(const char *name, const seqnn_word2vec *trained)
{
    const seqnn_real *v = trained->vectors->values;
    printf("%s: loss %.3f at first, %.3f at last\n", name, trained->losses[0],
           trained->losses[trained->epochs - 1]);
    print_matrix(v);
    print_gap(name, v);
    printf("distance of surf and waves %.2f\n\n",
           hypot((double)(v[0] - v[2 * SIZE]), (double)(v[1] - v[2 * SIZE + 1])));
}

/* Axes that reach as far as limit in all directions, so that two are alike. */
static void add_axes(seqnn_figure *figure, int column, const char *title,
                     const seqnn_real *v, seqnn_real limit)
{
    seqnn_real x[WORDS], y[WORDS];
    for (int w = 0; w < WORDS; w++) {
        x[w] = v[w * SIZE];
        y[w] = v[w * SIZE + 1];
    }
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, column,
                                         (seqnn_axes_options){.title = title,
                                                              .x_label = "$v_1$",
                                                              .y_label = "$v_2$",
                                                              .x_min = -limit,
                                                              .x_max = limit,
                                                              .y_min = -limit,
                                                              .y_max = limit,
                                                              .equal_aspect = true});
    seqnn_axes_scatter(axes, x, y, WORDS,
                       (seqnn_scatter_options){.names = words,
                                               .classes = sentence_of,
                                               .class_names = sentences});
}

//%% [markdown]
/*
## Eight rows

Each sentence gives four. The table is symmetric: with *surf* as context of *big* comes
*big* as context of *surf*.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_some(argc, argv, NULL, "[--out DIR] [--seed N] [--epochs N]");
    make_table();

    //%% [markdown]
    /*
    ## Train

    A network that knows nothing gives each word $1/6$: the loss must begin at
    $\ln 6 \approx 1.79$. It cannot reach 0. *surf* is always followed or preceded by
    *big*, but the neighbour of *big* is *surf* as often as *waves*, and of such a coin
    toss nobody knows more than $\ln 2$. Four of the eight rows are certain, four are coin
    tosses: $\frac{4}{8} \ln 2 \approx 0.347$ is the end.
    */
    //%%
    seqnn_model *model = cbow((uint64_t)options.seed);
    seqnn_history history = train(model, &options);
    if (history.status)
        return fail();
    printf("seed %ld, %td epochs: loss %.3f at first, %.3f at last\n", options.seed,
           history.epochs, (double)history.loss[0],
           (double)history.loss[history.epochs - 1]);

    //%% [markdown]
    /*
    ## Two numbers for each word

    Read the matrix by columns. *surf* and *waves* have the same vector, and so have
    *drive* and *cars*: they have the same neighbours, and to this network a word *is* its
    neighbours. That *surf* is a verb and *waves* a noun it cannot know.
    */
    //%%
    double difference;
    const seqnn_real *v = push(model, &difference);
    if (!v)
        return fail();
    print_matrix(v);
    printf("one-hot vectors times E, and the rows of E: largest difference %g\n",
           difference);
    print_gap("this network", v);

    //%% [markdown]
    /*
    ## The picture

    The sentences lie on two sides of the plane, as on the slide. But look closer: *big*
    is no nearer to *surf* than *cars* is. There are four kinds of context, {surf, waves},
    {big}, {drive, cars} and {fast}, each with an answer of its own, and to tell four
    answers apart in the plane, they point into four directions, a quarter turn from one
    another. So the picture is a square.
    */
    //%%
    seqnn_real x[WORDS], y[WORDS];
    for (int w = 0; w < WORDS; w++) {
        x[w] = v[w * SIZE];
        y[w] = v[w * SIZE + 1];
    }
    const char *path = example_path(&options, "05_embedding.png");
    if (seqnn_plot_embedding(
            x, y, words, WORDS, path,
            (seqnn_embedding_chart_options){.title = "Six words in two dimensions",
                                            .x_label = "$v_1$",
                                            .y_label = "$v_2$",
                                            .classes = sentence_of,
                                            .class_names = sentences}))
        return fail();
    printf("the vectors: %s\n", path);

    //%% [markdown]
    /*
    ## Were we lucky?

    There are three ways to put four kinds of words on the corners of a square: opposite
    {surf, waves} stands either {drive, cars}, or {fast}, or {big}. All three predict
    equally well, and which one comes about is decided by the random start. In the first
    two a line parts the sentences; in the third it would have to cut through a diagonal.
    So two in three are to be expected. Below are the gaps of 20 seeds.

    The table itself says so, too. As a matrix of counts, $6 \times 6$, less the mean of
    each row (softmax does not mind what is added to a row), it has three singular values,
    all of them $\sqrt 2$: three patterns of the same strength, and a plane holds two.
    */
    //%%
    int apart = 0;
    double lowest = INFINITY, highest = -INFINITY;
    for (int seed = 0; seed < SEEDS; seed++) {
        seqnn_model *other = cbow((uint64_t)seed);
        seqnn_history of = train(other, &options);
        if (of.status || !(v = push(other, &difference)))
            return fail();
        double loss = (double)of.loss[of.epochs - 1];
        lowest = fmin(lowest, loss);
        highest = fmax(highest, loss);
        double gap = widest_gap(v);
        apart += gap > 0;
        printf("%5.1f%s", gap, seed % 10 == 9 ? "\n" : "");
        seqnn_free(other);
    }
    printf("the sentences are apart for %d of %d seeds; loss %.3f to %.3f at last\n",
           apart, SEEDS, lowest, highest);

    //%% [markdown]
    /*
    ## Skip-gram, and CBOW in earnest

    The slide's table has one context in each row, so its rows are the pairs of skip-gram,
    exactly: skip-gram is the same model, and ends at the same loss. In CBOW with all
    contexts *big* is predicted once, from the mean of *surf* and *waves*, and there are
    six rows in place of eight. Four of them are coin tosses:
    $\frac{4}{6} \ln 2 \approx 0.462$ is the end.

    Look at the distance of *surf* and *waves*. Both models began with the same random
    numbers. In skip-gram each word is trained on its own, and they come closer. In CBOW
    they only ever appear together, in one mean, and get the same gradient every time: the
    distance with which they began stays forever.
    */
    //%%
    seqnn_word2vec *skip_gram = word2vec(SEQNN_SKIP_GRAM, &options);
    seqnn_word2vec *mean = word2vec(SEQNN_CBOW, &options);
    if (!skip_gram || !mean)
        return fail();
    print_word2vec("skip-gram", skip_gram);
    print_word2vec("CBOW", mean);
    double limit = 0;
    for (int i = 0; i < WORDS * SIZE; i++) {
        limit = fmax(limit, 1.2 * fabs((double)skip_gram->vectors->values[i]));
        limit = fmax(limit, 1.2 * fabs((double)mean->vectors->values[i]));
    }
    seqnn_figure *figure = seqnn_figure_new(
        (seqnn_figure_options){.columns = 2, .width = 1000, .height = 520});
    add_axes(figure, 0, "Skip-gram", skip_gram->vectors->values, (seqnn_real)limit);
    add_axes(figure, 1, "CBOW, mean of all contexts", mean->vectors->values,
             (seqnn_real)limit);
    path = example_path(&options, "05_skip_gram_cbow.png");
    if (seqnn_figure_save(figure, path))
        return fail();
    printf("both: %s\n", path);

    //%% [markdown]
    /*
    ## The loss

    For the first few epochs both are flat. The gradient of $E$ is a product with $U$ and
    that of $U$ one with $E$; while both are small, so are the gradients.

    Then the network rests again, near 0.8. There three of the four kinds of words have
    found their corner, but *drive* and *cars* are still near 0, and with $h = 0$ all six
    words are equally probable. Two of the eight rows cost $\ln 6$ each:
    $0.347 + \frac{2}{8} \ln 6 = 0.795$. That is bad luck and no property of the network:
    other seeds (`--seed 1`) hardly stop there, and skip-gram, which began with other
    numbers, does not.
    */
    //%%
    seqnn_real *losses = example_memory((size_t)skip_gram->epochs, sizeof *losses);
    for (seqnn_size i = 0; i < skip_gram->epochs; i++)
        losses[i] = (seqnn_real)skip_gram->losses[i];
    seqnn_plot_series curves[] = {
        {.label = "the lecture's network",
         .y = history.loss,
         .count = history.epochs,
         .x_first = 1},
        {.label = "skip-gram", .y = losses, .count = skip_gram->epochs, .x_first = 1}};
    path = example_path(&options, "05_loss.png");
    if (seqnn_plot_lines(curves, 2, path,
                         (seqnn_plot_options){.title = "Six words",
                                              .x_label = "epoch",
                                              .y_label = "loss",
                                              .y_line = (seqnn_real)0.3466,
                                              .y_line_label = "half of ln 2"}))
        return fail();
    printf("loss: %s\n", path);

    free(losses);
    seqnn_figure_free(figure);
    seqnn_word2vec_free(skip_gram);
    seqnn_word2vec_free(mean);
    seqnn_free(model);
    return 0;
}

//%% [markdown]
/*
## What to take home, and what not

*A word vector is a row of the first weight matrix*: no more is behind it. The network was
never wanted for its predictions, which are half coin tosses, but for the rows.

A misunderstanding to avoid: words that stand side by side do not get similar vectors.
Words that *could replace each other* do. *surf* and *big* are neighbours in the text and
a quarter turn apart in the plane; *surf* and *waves* never touch and coincide. Whatever
likeness *surf* and *big* have in larger texts comes from neighbours they share.

And do not trust one picture of one seed. The loss was nearly the same in all 20.

## Try it

1. Give the network three dimensions: `SIZE = 3`. Four corners of a tetrahedron can be
   parted two and two by a plane, however they are arranged. (`widest_gap` looks at the
   first two dimensions only.)
2. `WINDOW = 2`: *surf* and *waves* become neighbours (and `PAIRS` 12). What do the three
   words of a sentence have in common now, and how does the square look?
3. The output layer has a vector for each word, too: the columns of $U$ (give the layer a
   name, then `seqnn_layer_parameter`). Whose row of $E$ points where the column of *big*
   does?
4. Start with larger weights: 1 in place of 0.1 in `cbow`. What happens to the first loss,
   and do *surf* and *waves* still coincide?
5. `.optimizer = seqnn_sgd(0.1f)`: how many epochs does the same loss take? (Give it
   `--epochs 5000`.)
*/
