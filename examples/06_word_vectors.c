//%% [markdown]
/*
# 06 · CBOW and skip-gram on a text

A vector for every word of a text, made of nothing but the company that words keep:
*king* comes to lie beside *queen*, and *Paris* is to *France* as *Rome* is to *Italy*.

    cc -O3 -march=native -fopenmp examples/06_word_vectors.c -o 06 -lm && ./06

It prints, for CBOW and for skip-gram, how many analogies come out right and how well the
cosines agree with given similarities, then neighbours and analogies one by one. It draws
words and their neighbours by principal components and by t-SNE, `06_word_vectors.png`.

The bundled text is generated; `--data datasets/cache` reads 23.7 million words of real
text (`make word-corpus`). `examples/word2vec.c` trains on any text of yours and saves.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#define SEQNN_WORDS
#include "../seqnn.h"
#include "options.h"

enum { WINDOW = 5, NEGATIVE = 5, NEAR = 6, ASKED = 5, POINTS = ASKED * (NEAR + 1) };
static const char *const asked[ASKED] = {"king", "paris", "dog", "cold", "baked"};

/* Of the bundled text, and of the public one. */
static const char questions[] = "words/questions.txt|wordvec/questions-words.txt";
static const char pairs[] = "words/similarity.txt|wordsim/EN-WS-353-ALL.txt";

//%% [markdown]
/*
## One window

The contexts $c_1 \dots c_C$ of a centre $w$, by their mean, are to tell $w$ from $k$
words $n$ that were drawn at random:

$$h = \frac{1}{C} \sum_c v_c, \qquad
L = -\ln \sigma(u_w \cdot h) - \sum_n \ln \sigma(-u_n \cdot h)$$

$$e_j = \frac{\partial L}{\partial s_j} = \sigma(u_j \cdot h) - [j = w], \qquad
\frac{\partial L}{\partial u_j} = e_j\, h, \qquad
\frac{\partial L}{\partial v_c} = \frac{1}{C} \sum_j e_j\, u_j$$
*/
//%%
static int check_gradient(uint64_t seed)
{
    enum { V = 12, F = 4, C = 4, N = 2, J = 1 + NEGATIVE }; /* a window, as a model */
    static const int32_t contexts[N * C] = {1, 7, 4, 10, 2, 7, 3, 11};
    static const seqnn_real labels[N * J] = {
        [0] = 1, [J] = 1}; /* the centre comes first */
    seqnn_dataset windows = {.count = N, .vocabulary = V};
    windows.x[0] = (seqnn_array){.indices = contexts, .time = C};
    windows.y = (seqnn_array){.values = labels, .features = J};
    seqnn_initializer normal = {SEQNN_NORMAL, (seqnn_real)0.5, 0};
    seqnn_dense_options sigmoid = {.no_bias = true, .initializer = normal};
    sigmoid.activation = SEQNN_SIGMOID;
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, V, F, (seqnn_embedding_options){.initializer = normal});
    seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
    seqnn_dense(model, J, sigmoid);
    seqnn_loss_options loss = {.over_outputs = SEQNN_REDUCE_SUM};
    int status = example_gradient_check(model, &windows, loss);
    seqnn_free(model);
    return status;
}

//%% [markdown]
/*
## The whole text

The library slides the window over the text. A small text is read more often, in larger
steps, and gets shorter vectors.
*/
//%%
static seqnn_word2vec *train(const char *text, seqnn_word2vec_architecture architecture,
                             const example_options *options)
{
    FILE *file = fopen(text, "rb");
    const bool large = file && fseek(file, 2000000, SEEK_SET) == 0 && fgetc(file) != EOF;
    if (file)
        fclose(file);
    seqnn_word2vec_options how = {.architecture = architecture, .window = WINDOW};
    how.negative = NEGATIVE;
    how.dimension = large ? 100 : 50;
    how.epochs = options->epochs ? options->epochs : options->quick ? 1 : large ? 5 : 20;
    how.learning_rate = large || architecture == SEQNN_SKIP_GRAM ? 0 : 0.1;
    how.clean = true;
    how.seed = (uint64_t)options->seed;
    how.verbose = large;
    return seqnn_word2vec_train(text, how);
}

//%% [markdown]
/*
## Questions with known answers

An *analogy*, $a$ is to $b$ as $c$ is to ?, is answered by the word whose vector is
nearest to $v_b - v_a + v_c$ by its angle. Spearman's coefficient says how well cosines
put pairs of words into the order that a list of similarities gives them.
*/
//%%
static int evaluate(const seqnn_word_space *space, const char *data)
{
    char path[SEQNN_PATH_SIZE];
    const seqnn_evaluation_options usual = {0};
    seqnn_analogy_scores *scores =
        seqnn_analogies_evaluate(space, seqnn_find_data(path, data, questions), usual);
    seqnn_similarity_score similarity =
        seqnn_similarities_evaluate(space, seqnn_find_data(path, data, pairs), usual);
    if (!scores || similarity.status)
        return 1;
    seqnn_analogies_print(scores, stdout);
    printf("analogies %.2f, similarity (Spearman) %.2f\n", scores->total.accuracy,
           similarity.spearman);
    seqnn_analogy_scores_free(scores);
    return 0;
}

static int print_analogies(const seqnn_word_space *space)
{
    static const char *const list[] = {"man",   "woman", "king", "france",
                                       "paris", "italy", "cold", "colder",
                                       "high",  "dog",   "dogs", "cat"};
    for (int i = 0; i < 12; i += 3) {
        const char *a = list[i], *b = list[i + 1], *c = list[i + 2];
        seqnn_neighbour d;
        if (seqnn_word_analogy(space, a, b, c, 1, &d, (seqnn_analogy_options){0}))
            return 1;
        printf("%s is to %s as %s to %s (%.2f)\n", a, b, c, d.word, d.similarity);
    }
    return 0;
}

//%% [markdown]
/*
## Many dimensions on paper

The words asked for and their neighbours, drawn twice. *Principal components* are a
shadow: parallels stay parallel, most of the variance is lost. *t-SNE* only tries to keep
neighbours neighbours.
*/
//%%
static int show_neighbours(const seqnn_word_space *space, const char *path)
{
    const seqnn_size F = space->dimension;
    static seqnn_real pca[2 * POINTS], tsne[2 * POINTS];
    seqnn_real *rows = example_memory(POINTS, (size_t)F * sizeof *rows);
    const char *words[POINTS];
    int32_t group[POINTS];
    for (int i = 0, p = 0; i < ASKED; i++) {
        seqnn_neighbour found[NEAR + 1] = {{.word = asked[i], .similarity = 1}};
        found[0].number = seqnn_word_space_find(space, asked[i]);
        if (seqnn_word_neighbours(space, asked[i], NEAR, found + 1))
            return 1;
        for (int n = 0; n <= NEAR; n++, p++) {
            memcpy(rows + p * F, space->unit + found[n].number * F,
                   (size_t)F * sizeof *rows);
            words[p] = found[n].word;
            group[p] = i;
            printf("%s %.2f%s", words[p], found[n].similarity, n < NEAR ? "  " : "\n");
        }
    }
    seqnn_tensor points = seqnn_tensor_2d(rows, POINTS, F);
    seqnn_tsne_options cosine = {.metric = SEQNN_TSNE_COSINE};
    seqnn_scatter_options names = {.names = words, .classes = group};
    seqnn_figure_options size = {.columns = 2, .width = 1100, .height = 500};
    seqnn_figure *figure = seqnn_figure_new(size);
    seqnn_axes_options left = {.title = "Principal components"},
                       right = {.title = "t-SNE (its axes mean nothing)"};
    left.x_label = "first component";
    left.y_label = "second component";
    int status =
        seqnn_principal_components(points, seqnn_tensor_2d(pca, 2, POINTS), NULL) ||
        seqnn_tsne(points, seqnn_tensor_2d(tsne, 2, POINTS), NULL, cosine);
    seqnn_axes_scatter(seqnn_figure_axes(figure, 0, 0, left), pca, pca + POINTS, POINTS,
                       names);
    seqnn_axes_scatter(seqnn_figure_axes(figure, 0, 1, right), tsne, tsne + POINTS,
                       POINTS, names);
    status = status || seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    free(rows);
    return status;
}

//%% [markdown]
/*
## Train both

The text is read once to count its words and once more in every epoch. *CBOW* predicts a
word from the mean of its contexts, *skip-gram* ($h = v_c$) from one after the other.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, EXAMPLE_EPOCHS);
    const char *data = options.data ? options.data : "datasets"; /* others take minutes */
    char text[SEQNN_PATH_SIZE];
    if (options.grad_check)
        return check_gradient((uint64_t)options.seed);
    if (!seqnn_find_data(text, data, "words/corpus.txt"))
        return example_fail();
    seqnn_word_space *space = NULL;
    for (int skip_gram = 0; skip_gram < 2; skip_gram++) {
        seqnn_word2vec *trained =
            train(text, skip_gram ? SEQNN_SKIP_GRAM : SEQNN_CBOW, &options);
        if (!trained)
            return example_fail();
        printf("%s on %s, %lld words, %td different ones\n",
               skip_gram ? "skip-gram" : "CBOW", text, (long long)trained->corpus_words,
               trained->vectors->count);
        seqnn_word_space_free(space);
        space = seqnn_word_space_new(trained->vectors);
        seqnn_word2vec_free(trained);
        if (!space || evaluate(space, data))
            return example_fail();
    }

    //%% [markdown]
    // ## Who is near, what is to what
    // By the vectors of skip-gram.
    //%%
    const char *picture = example_path(&options, "06_word_vectors.png");
    if (print_analogies(space) || show_neighbours(space, picture))
        return example_fail();
    printf("words and their neighbours: %s\n", picture);
    seqnn_word_space_free(space);
    return 0;
}
