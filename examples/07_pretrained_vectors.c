//%% [markdown]
/*
# 07 · Pretrained word vectors

A dense classifier sorts newsgroup posts. Its words do not have to start at random: they
can come with vectors from a file, in which related words already lie together.

    cc -O3 -march=native -fopenmp examples/07_pretrained_vectors.c -o 07 -lm && ./07

It prints how many words the file knows, that an embedding is a one-hot product, and the
accuracy with three tables of word vectors: started at random, from the file and frozen,
from the file and trained on. It draws the words as points and validation accuracy by
epoch, `07_pretrained_vectors.png`. `--scale 0.05` makes the file's vectors shorter.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h" /* posts, vectors and their sizes: LENGTH = 150, VECTOR = 100 */

enum { RANDOM, FROZEN, TRAINABLE, TABLES };
static const char *const names[] = {"random", "frozen", "trainable"};

enum { UNITS = 32, EPOCHS = 10, BATCH = 32, RANK = 80, POINTS = 80 };

//%% [markdown]
/*
## The model

The 150 vectors of a post are laid side by side, 15,000 numbers, and two dense layers make
a group of them:

$$x_t = E_{w_t}, \qquad h = \mathrm{relu}([x_1, x_2, \dots, x_{150}]\, W + b), \qquad
y = \mathrm{softmax}(h W_y + b_y)$$
*/
//%%
static seqnn_model *classifier(const newsgroups *set, int table, seqnn_activation hidden,
                               uint64_t seed)
{
    const seqnn_real *vectors = table == RANDOM ? NULL : set->vectors;
    seqnn_embedding_options embedding = {.vectors = vectors, .time = LENGTH};
    embedding.frozen = table == FROZEN;
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, set->data->vocabulary, VECTOR, embedding);
    seqnn_flatten(model, (seqnn_pooling_options){0});
    seqnn_dense(model, UNITS, (seqnn_dense_options){.activation = hidden});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## An embedding is a table look-up

Word $w_t$ as a one-hot vector, times a table $E$ of shape $[V, F]$, is row $w_t$:

$$\mathrm{onehot}(w_t)\, E = E_{w_t}$$

Two models say so for a post: one that looks up, and one that multiplies.
*/
//%%
static int compare_with_product(const newsgroups *set)
{
    const seqnn_dataset post = seqnn_dataset_slice(set->data, 0, 1);
    const seqnn_size V = set->data->vocabulary;
    seqnn_model *look_up = seqnn_model_new(0), *product = seqnn_model_new(0);
    seqnn_embedding(look_up, V, VECTOR,
                    (seqnn_embedding_options){.vectors = set->vectors});
    seqnn_one_hot_source(product, V, (seqnn_one_hot_options){0});
    seqnn_dense_options linear = {.no_bias = true};
    seqnn_layer_set(seqnn_dense(product, VECTOR, linear), "W", set->vectors);
    int status = seqnn_forward(look_up, &post, SEQNN_EVALUATE) ||
                 seqnn_forward(product, &post, SEQNN_EVALUATE);
    const seqnn_real *a = seqnn_output(look_up).data, *b = seqnn_output(product).data;
    double difference = 0;
    for (int i = 0; !status && i < LENGTH * VECTOR; i++)
        difference = fmax(difference, fabs((double)(a[i] - b[i])));
    seqnn_free(look_up), seqnn_free(product);
    printf("rows of E, and one-hot vectors times E: largest difference %.3f\n",
           difference);
    printf("one copies %d numbers, the other multiplies %td\n", LENGTH * VECTOR,
           LENGTH * VECTOR * V);
    return status;
}

//%% [markdown]
/*
## Words as points

Of 100 dimensions the two in which the words differ most, their first two principal
components; from the 80th most frequent word on, for those before say little. A word
without a vector is known by its length: it has small random numbers.
*/
//%%
static seqnn_status draw_words(const newsgroups *set, seqnn_axes *axes)
{
    static seqnn_real rows[POINTS][VECTOR], xy[2 * POINTS];
    const char *words[POINTS];
    seqnn_size count = 0;
    for (int32_t w = RANK; w < set->data->vocabulary && count < POINTS; w++) {
        double square = 0;
        for (int i = 0; i < VECTOR; i++)
            square += pow((double)set->vectors[w * VECTOR + i], 2);
        if (square < 1)
            continue;
        memcpy(rows[count], set->vectors + w * VECTOR, sizeof rows[count]);
        words[count++] = seqnn_tokenizer_word(set->words, w);
    }
    double share[2];
    seqnn_status status = seqnn_principal_components(
        seqnn_tensor_2d(rows[0], count, VECTOR), seqnn_tensor_2d(xy, 2, count), share);
    if (!status)
        printf("two of %d dimensions hold %.0f %% of the variance of %td words\n", VECTOR,
               100 * (share[0] + share[1]), count);
    seqnn_axes_scatter(axes, xy, xy + count, count,
                       (seqnn_scatter_options){.names = words});
    return status;
}

//%% [markdown]
/*
## One table, all seeds

RMSprop in batches of 32, as the lecture has it; the curve is the mean of the seeds.
*/
//%%
static int train(const newsgroups *set, int table, const example_options *options,
                 seqnn_axes *curves)
{
    seqnn_fit_options how = {.batch_size = BATCH, .validation = set->parts.validation};
    how.epochs = options->epochs ? options->epochs : options->quick ? 1 : EPOCHS;
    how.optimizer = seqnn_rmsprop((seqnn_real)0.001);
    seqnn_real *curve = example_memory((size_t)how.epochs, sizeof *curve);
    example_mean accuracy = {0}, validation = {0}, seconds = {0};
    seqnn_size trained = table == FROZEN ? -set->data->vocabulary * VECTOR : 0;
    for (long seed = options->seed; seed < options->seed + options->seeds; seed++) {
        seqnn_model *model = classifier(set, table, SEQNN_RELU, (uint64_t)seed);
        seqnn_history history = seqnn_fit(model, set->parts.train, how);
        if (history.status)
            return 1;
        for (seqnn_size e = 0; e < history.epochs; e++) {
            curve[e] += history.val_accuracy[e] / (seqnn_real)options->seeds;
            example_mean_add(&seconds, history.seconds[e]);
        }
        example_mean_add(&accuracy, (double)history.accuracy[how.epochs - 1]);
        example_mean_add(&validation, (double)history.val_accuracy[how.epochs - 1]);
        if (seed == options->seed)
            trained += seqnn_model_parameters(model);
        seqnn_free(model);
    }
    printf("%-10s %8td %9.3f %11.3f", names[table], trained, accuracy.mean,
           validation.mean);
    if (options->seeds > 1)
        printf(" +- %.3f", example_standard_deviation(&validation));
    printf("  %.2f s/epoch\n", seconds.mean);
    seqnn_plot_series series = {.label = names[table], .y = curve, .x_first = 1};
    series.count = how.epochs;
    seqnn_axes_line(curves, series);
    free(curve);
    return 0;
}

//%% [markdown]
/*
## Posts and vectors

The last 150 words of each post, padded in front. Of the words, how many has the file, and
how much of what is written do they make up?
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(
        argc, argv, NULL, EXAMPLE_SEEDS EXAMPLE_EPOCHS " [--scale X]");
    newsgroups set;
    if (newsgroups_load(&set, &options, SEQNN_PRE))
        return 1;
    if (options.grad_check) {
        /* A difference straddles the kink of relu; tanh has none. */
        seqnn_dataset few = seqnn_dataset_slice(set.data, 0, 4);
        seqnn_model *model =
            classifier(&set, TRAINABLE, SEQNN_TANH, (uint64_t)options.seed);
        int status = example_gradient_check(model, &few, (seqnn_loss_options){0});
        seqnn_free(model);
        newsgroups_free(&set);
        return status;
    }
    if (compare_with_product(&set))
        return example_fail();
    seqnn_figure *figure = seqnn_figure_new(
        (seqnn_figure_options){.columns = 2, .width = 1000, .height = 460});
    seqnn_axes *points = seqnn_figure_axes(
        figure, 0, 0,
        (seqnn_axes_options){.title = "Frequent words and their vectors",
                             .x_label = "first principal component",
                             .y_label = "second principal component"});
    if (draw_words(&set, points))
        return example_fail();
    const seqnn_real scale = (seqnn_real)example_number(&options, "--scale", 1);
    for (seqnn_size i = 0; i < set.data->vocabulary * VECTOR; i++)
        set.vectors[i] *= scale;

    //%% [markdown]
    // ## Train
    // Guessing among 20 groups is right once in twenty. `trained` counts the weights that
    // may move; accuracies are those of the last epoch, the mean of the seeds.
    //%%
    seqnn_axes *curves = seqnn_figure_axes(
        figure, 0, 1,
        (seqnn_axes_options){
            .title = "Posts held back", .x_label = "epoch", .y_label = "accuracy"});
    printf("%-10s %8s %9s %11s\n", "table", "trained", "accuracy", "validation");
    for (int table = 0; table < TABLES; table++)
        if (train(&set, table, &options, curves))
            return example_fail();

    //%% [markdown]
    // ## The picture
    //%%
    const char *picture = example_path(&options, "07_pretrained_vectors.png");
    if (seqnn_figure_save(figure, picture))
        return example_fail();
    printf("words, and accuracy by epoch: %s\n", picture);
    seqnn_figure_free(figure);
    newsgroups_free(&set);
    return 0;
}
