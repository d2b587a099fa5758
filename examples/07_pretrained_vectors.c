//%% [markdown]
/*
# 07 · Pretrained word vectors

A dense classifier sorts newsgroup posts. Its words do not start at random: they come with
vectors from a file, in which related words already point into similar directions.

    cc -O3 -march=native -fopenmp examples/07_pretrained_vectors.c -o 07 -lm && ./07

It prints how many of the words the vector file knows, the model, and the accuracy epoch
by epoch, with the table trained on (`./07 trainable`, the default) or left as it came
(`./07 frozen`). It draws the words as points, `07_words.png`, and loss and accuracy,
`07_trainable.png` or `07_frozen.png`.

The posts in `datasets/20news` are generated in the format of 20 Newsgroups, the vectors
in that of GloVe. Nobody trained the bundled vectors: they were drawn for this course, so
that the words of a group point into similar directions, as trained ones do. With the
public posts and GloVe (`make datasets SET=20news`) the program is the same.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h"

//%% [markdown]
/*
## An embedding is a table look-up

Word number $w_t$ as a one-hot vector, times a table $E$ of shape $[V, F]$, is row $w_t$
of that table. So nobody multiplies: the layer copies the row, and the backward pass adds
$\partial L/\partial x_t$ to that row alone.

$$x_t = \mathrm{onehot}(w_t)\, E = E_{w_t}$$

With little data the rows of rare words hardly ever move. Pretrained vectors start them at
a better place, those of GloVe with what billions of words told; a row without a
pretrained vector starts at random. `frozen` says whether training may move the table.

## Flatten, and what is lost

The dense layer wants one vector, so the 150 vectors of a post are laid side by side:

$$z = [\,x_1, x_2, \dots, x_{150}\,]\; W + b, \quad W : [15000, 32]$$

$W$ has rows of its own for every place in the post. What it learns about *orbit* as the
third word is of no use when *orbit* comes eighth. No weight is shared between positions;
example 25 reads the same posts with an LSTM, which shares all of them.
*/
//%%
static seqnn_model *dense(const newsgroups *set, uint64_t seed, bool frozen)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, set->data->vocabulary, VECTOR,
                    (seqnn_embedding_options){
                        .vectors = set->vectors, .time = LENGTH, .frozen = frozen});
    seqnn_flatten(model, (seqnn_pooling_options){0});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static seqnn_model *trainable(const newsgroups *set, uint64_t seed)
{
    return dense(set, seed, false);
}

static seqnn_model *frozen(const newsgroups *set, uint64_t seed)
{
    return dense(set, seed, true);
}

//%% [markdown]
/*
## Words as points

Nobody can look at 100 dimensions, so the cloud of vectors is turned until its two longest
extents lie on the paper, the first two principal components. Of the matrix $A$ with a
vector in each row, first the mean $\bar a$ of all rows is taken away. The directions are
the eigenvectors $v_1, v_2$ with the largest eigenvalues of $X^\top X$, and row $X_i$ is
drawn at $(X_i v_1,\ X_i v_2)$:

$$X_i = A_i - \bar a, \qquad X^\top X\, v_k = \lambda_k v_k$$

A word that the vector file does not have is left out; it is known by its length, for it
starts with small random numbers.
*/
//%%
enum { POINTS = 150 };

static int draw_words(const newsgroups *set, const example_options *options)
{
    static seqnn_real rows[POINTS][VECTOR], xy[2 * POINTS];
    const char *words[POINTS];
    seqnn_size count = 0;
    for (int32_t w = 1; w < set->data->vocabulary && count < POINTS; w++) {
        const seqnn_real *vector = set->vectors + w * VECTOR;
        double square = 0;
        for (int i = 0; i < VECTOR; i++)
            square += (double)(vector[i] * vector[i]);
        if (square < 1)
            continue;
        memcpy(rows[count], vector, sizeof rows[count]);
        words[count++] = seqnn_tokenizer_word(set->words, w);
    }

    double share[2];
    const char *path = example_path(options, "07_words.png");
    seqnn_status status = seqnn_principal_components(
        seqnn_tensor_2d(rows[0], count, VECTOR), seqnn_tensor_2d(xy, 2, count), share);
    if (!status)
        status = seqnn_plot_embedding(
            xy, xy + count, words, count, path,
            (seqnn_embedding_chart_options){.title = "Frequent words and their vectors",
                                            .x_label = "first principal component",
                                            .y_label = "second principal component"});
    if (status)
        return newsgroups_fail();
    printf("two of %d dimensions, with %.0f %% of the variance: %s\n", VECTOR,
           100 * (share[0] + share[1]), path);
    return 0;
}

//%% [markdown]
/*
## Posts and vectors

A post is cut to its last 150 words or filled up in front. The second line is worth
reading before any training: of the words of the posts, how many have a vector, and how
much of what is written do they make up? A word without a vector starts with random
numbers.

In the picture, look for neighbours that belong together. In the bundled vectors they were
put together: each word was drawn around the centre of its group. With GloVe the same
picture is a finding, for GloVe was trained on other texts and knows nothing of our
groups. And mind what a shadow on paper leaves out, most of the variance: two words that
seem close may be far apart in the other 98 dimensions.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, "trainable|frozen");
    newsgroups set;
    int status = newsgroups_load(&set, &options, SEQNN_PRE);
    if (!status)
        status = draw_words(&set, &options);

    //%% [markdown]
    /*
    ## Train

    Look at the summary first: the dense layer has $15000 \cdot 32 + 32 = 480032$ weights
    for a few hundred posts. Guessing among 20 groups is right once in twenty, and has the
    loss $\ln 20 \approx 3.0$.
    */
    //%%
    bool freeze = options.variant && strcmp(options.variant, "frozen") == 0;
    if (!status)
        status = freeze ? newsgroups_train(&set, "dense, frozen table", "07_frozen.png",
                                           frozen, &options)
                        : newsgroups_train(&set, "dense, trainable table",
                                           "07_trainable.png", trainable, &options);
    newsgroups_free(&set);
    return status;
}

//%% [markdown]
/*
## What the curves say

After four epochs every post of the training set is right and the loss goes to zero; of
the posts held back about one in three is. That distance has a name, overfitting, and here
its cause can be counted: fifteen hundred weights for every post. Stopping earlier would
not help, since validation gets better to the end; sharing weights would.

On the public posts (15,077 to train on, 3 seeds) it is the same picture: 0.98 in
training, 0.47 in validation. The LSTM of example 25 reaches 0.77 there, with less than a
tenth of the weights outside the table. The lecture reports 0.58 for this model, on more
posts and with all of GloVe: not to be compared.

A misunderstanding to avoid: pretrained vectors do not make a network *know* the words.
They are a place to start from. The table takes part in training unless it is frozen, and
after training *orbit* may have moved far from where the file put it.

## Try it

1. `./07 frozen`. Fewer weights are trained: does validation suffer or gain?
2. Leave `.vectors` away. Which epoch reaches the accuracy of the first one above?
3. Set `LENGTH` in `newsgroups.h` to 50. How many weights are left, and what does it cost?
4. Replace `seqnn_flatten` by `seqnn_global_mean_pool`: a bag of vectors, and one set of
   weights for all places.
*/
