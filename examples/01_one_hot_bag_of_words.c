//%% [markdown]
/*
# 01 · One-hot vectors and the bag of words

A network takes numbers. The simplest way to make numbers of words forgets what they mean,
and the simplest way to make them of a text forgets the order of its words.

    cc -O3 -march=native -fopenmp examples/01_one_hot_bag_of_words.c -o 01 -lm && ./01

It prints the distances between four words, as one-hot vectors and in a table of three
features; how well a network that reads texts as bags of words tells good film reviews
from bad ones; and what it makes of texts that mean the opposite and are one bag. It draws
the distances, `01_one_hot_distances.png`, and the training, `01_one_hot_reviews.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

/* NO_KINK: a seed with no relu so near 0 that a difference meets its kink */
enum { VOCABULARY = 10000, UNITS = 16, FEW = 5000, NO_KINK = 2 };

//%% [markdown]
/*
## Any two words are equally far apart

Word $w$ of a vocabulary of $V$ words becomes a vector of $V$ numbers: 1 in place $w$, 0
elsewhere. Two of them differ in two places, so that

$$\lVert e_v - e_w \rVert = \sqrt{1^2 + 1^2} = \sqrt 2$$

whatever the words are. A table of three features knows better.
*/
//%%
enum { WORDS = 4 };
static const char *const words[WORDS] = {"surf", "swell", "car", "jeep"};
static const char *const names[] = {"one-hot vectors", "three features"};
static const seqnn_real vectors[2][WORDS][WORDS] = {
    {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}},
    {{(seqnn_real)-0.9, (seqnn_real)0.8, (seqnn_real)0.8},
     {(seqnn_real)-0.8, (seqnn_real)0.7, (seqnn_real)0.9},
     {(seqnn_real)0.9, (seqnn_real)-0.5, (seqnn_real)0.2},
     {(seqnn_real)0.95, (seqnn_real)-0.7, (seqnn_real)0.4}}};

static seqnn_status compare_words(const char *path)
{
    seqnn_figure *figure = seqnn_figure_new(
        (seqnn_figure_options){.columns = 2, .width = 900, .height = 360});
    for (int k = 0; k < 2; k++) {
        seqnn_real distance[WORDS][WORDS];
        printf("%-16s%7s%7s%7s%7s\n", names[k], words[0], words[1], words[2], words[3]);
        for (int v = 0; v < WORDS; v++) {
            printf("%16s", words[v]);
            for (int w = 0; w < WORDS; w++) {
                double squares = 0;
                for (int i = 0; i < WORDS; i++)
                    squares += pow((double)(vectors[k][v][i] - vectors[k][w][i]), 2);
                distance[v][w] = (seqnn_real)sqrt(squares);
                printf("%7.2f%s", sqrt(squares), w + 1 < WORDS ? "" : "\n");
            }
        }
        seqnn_axes_heatmap(
            seqnn_figure_axes(figure, 0, k, (seqnn_axes_options){.title = names[k]}),
            distance[0], WORDS, WORDS,
            (seqnn_heatmap_options){.row_names = words,
                                    .column_names = words,
                                    .map = SEQNN_MAP_BLUES,
                                    .low = SEQNN_ZERO,
                                    .high = (seqnn_real)2.5, /* the same in both */
                                    .decimals = 2,
                                    .no_colour_bar = true});
    }
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

//%% [markdown]
/*
## A network on bags of words

The one-hot vectors of a text's words laid over each other make its bag: $x_w = 1$ if word
$w$ occurs in it, and 0 if not. However long the text, $x$ is $[V]$. Two dense layers of
16 units read it, a third one answers:

$$P(\text{good} \mid x) =
\sigma(\mathrm{relu}(\mathrm{relu}(x W_1 + b_1)\, W_2 + b_2)\, W_3 + b_3)$$
*/
//%%
static seqnn_dataset *bags(const seqnn_texts *texts, seqnn_tokenizer *tokenizer)
{
    return seqnn_encode(
        texts, (seqnn_encode_options){.n_hot = SEQNN_BINARY, .tokenizer = tokenizer});
}

static seqnn_model *bag_network(seqnn_size V, long seed)
{
    const seqnn_dense_options relu = {.activation = SEQNN_RELU};
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_vectors(model, V, (seqnn_source_options){0});
    seqnn_dense(model, UNITS, relu);
    seqnn_dense(model, UNITS, relu);
    seqnn_dense(model, 1, (seqnn_dense_options){.activation = SEQNN_SIGMOID});
    return model;
}

//%% [markdown]
/*
## The same words in another order

What does the trained network say of a few short texts? Those in a pair hold the same
words and mean the opposite.
*/
//%%
static int judge(seqnn_model *model, seqnn_tokenizer *tokenizer)
{
    static const char *const some[] = {"good",
                                       "not good",
                                       "bad",
                                       "not bad",
                                       "good, not bad",
                                       "bad, not good",
                                       "boring at first, but then exciting",
                                       "exciting at first, but then boring"};
    enum { SOME = sizeof some / sizeof *some };
    seqnn_texts *texts = seqnn_texts_new();
    bool added = texts != NULL;
    for (int i = 0; added && i < SOME; i++)
        added = !seqnn_texts_add(texts, some[i], NULL, NULL);
    seqnn_dataset *x = added ? bags(texts, tokenizer) : NULL;
    const seqnn_real *y = seqnn_predict(model, x, (seqnn_predict_options){0}).data;
    for (int i = 0; y && i < SOME; i++)
        printf("P(good) = %.3f  %s\n", (double)y[i], some[i]);
    seqnn_dataset_free(x);
    seqnn_texts_free(texts);
    return y ? 0 : 1;
}

//%% [markdown]
/*
## The reviews

The 10,000 most frequent words of the training part are the vocabulary; number 0 is the
padding of later sections and always 0 here. The test part is looked at after each epoch,
but nothing is chosen by it.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, NULL, EXAMPLE_SEEDS EXAMPLE_EPOCHS);
    char path[SEQNN_PATH_SIZE];
    const char *imdb = seqnn_find_data(path, options.data, "imdb");
    seqnn_tokenizer *tokenizer =
        seqnn_tokenizer_new((seqnn_tokenizer_options){.num_words = VOCABULARY + 1});
    seqnn_parts parts = {0};
    for (int p = 0; p < 2; p++) {
        seqnn_imdb_options of = {p ? SEQNN_IMDB_TEST : SEQNN_IMDB_TRAIN, true};
        seqnn_texts *texts = seqnn_read_imdb(imdb, of);
        *(p ? &parts.validation : &parts.train) = bags(texts, tokenizer);
        seqnn_texts_free(texts);
    }
    if (!parts.train || !parts.validation)
        return example_fail();
    const seqnn_size count = parts.train->count, V = parts.train->vocabulary;
    if (options.grad_check) { /* on two bad and two good reviews */
        seqnn_dataset X = seqnn_dataset_slice(parts.train, count / 2 - 2, count / 2 + 2);
        seqnn_model *model = bag_network(V, NO_KINK);
        int wrong = example_gradient_check(model, &X, (seqnn_loss_options){0});
        seqnn_free(model);
        seqnn_parts_free(&parts);
        seqnn_tokenizer_free(tokenizer);
        return wrong;
    }
    if (compare_words(example_path(&options, "01_one_hot_distances.png")))
        return example_fail();
    printf("\n%s: X is [%td, %td], and [%td, %td] in the test\n", imdb, count, V,
           parts.validation->count, V);

    //%% [markdown]
    // ## Training
    // By RMSprop, in batches of 512, of 16 if the reviews are few.
    //%%
    const bool few = count < FEW;
    const long epochs = options.epochs  ? options.epochs
                        : options.quick ? 1
                        : few           ? 40
                                        : 4;
    example_mean accuracy = {0}, seconds = {0};
    for (long run = 0; run < options.seeds; run++) {
        seqnn_model *model = bag_network(V, options.seed + run);
        seqnn_history h =
            seqnn_fit(model, parts.train,
                      (seqnn_fit_options){.epochs = epochs,
                                          .batch_size = few ? 16 : 512,
                                          .optimizer = seqnn_rmsprop((seqnn_real)0.001),
                                          .validation = parts.validation});
        for (long e = 0; e < h.epochs; e++) {
            if (run == 0 && (e + 1) % (few ? 8 : 1) == 0)
                printf("epoch %2ld: accuracy %.3f in training, %.3f in the test\n", e + 1,
                       (double)h.accuracy[e], (double)h.val_accuracy[e]);
            example_mean_add(&seconds, h.seconds[e]);
        }
        const char *picture = example_path(&options, "01_one_hot_reviews.png");
        if (!seqnn_ok(model) ||
            (run == 0 && (judge(model, tokenizer) || seqnn_plot_history(&h, picture))))
            return example_fail();
        example_mean_add(&accuracy, (double)h.val_accuracy[epochs - 1]);
        seqnn_free(model);
    }
    printf("test accuracy %.3f (seeds: %ld, standard deviation %.3f), %.2f s an epoch\n",
           accuracy.mean, accuracy.count, example_standard_deviation(&accuracy),
           seconds.mean);
    seqnn_parts_free(&parts);
    seqnn_tokenizer_free(tokenizer);
    return 0;
}
