//%% [markdown]
/*
# 02 · Naive Bayes

Where it is words that decide, counting them is enough to sort texts: no training, one
pass over the data, and a result that can be read.

    cc -O3 -march=native -fopenmp examples/02_naive_bayes.c -o 02 -lm && ./02

It prints the counts and probabilities of five tiny reviews, by hand and from the library,
and how many news titles and film reviews are sorted rightly, with smoothing and without.
It draws the words that decide, `02_naive_bayes_titles.png` and
`02_naive_bayes_reviews.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { PUBLIC_TITLES = 2002, VOCABULARY = 10000, FREQUENT = 1000 };

//%% [markdown]
/*
## Five reviews, by hand

Bayes' rule turns what can be counted into what is asked for:

$$P(c \mid d) = \frac{P(d \mid c)\, P(c)}{P(d)}, \qquad
P(d \mid c) = \prod_{t=1}^T P(w_t \mid c), \qquad
P(w \mid c) = \frac{N_{c,w} + 1}{N_c + V}$$

The product is what is naive: as if each word were drawn by itself. The 1 is there so that
a word that class $c$ has never shown does not make everything 0.
*/
//%%
enum { TINY = 5, STEPS = 4, V = 6, GOOD = 0, BAD = 1, CLASSES = 2 };
static const char *const words[] = {"", "great", "fun", "cast", "film", "dull", "weak"};
/* great fun great cast, fun film, great film; dull film dull cast, weak cast; and the one
 * to be judged: great film weak cast */
static const int32_t reviews[TINY + 1][STEPS] = {{1, 2, 1, 3}, {2, 4}, {1, 4},
                                                 {5, 4, 5, 3}, {6, 3}, {1, 4, 6, 3}};
static const int32_t classes[TINY] = {GOOD, GOOD, GOOD, BAD, BAD};

static int by_hand(void)
{
    double D_c[CLASSES] = {0}, N_c[CLASSES] = {0}, N_cw[CLASSES][V + 1] = {{0}};
    double joint[CLASSES]; /* P(d, c) = P(d | c) P(c) */
    for (int i = 0; i < TINY; i++) {
        const int c = classes[i];
        D_c[c]++;
        for (int t = 0; t < STEPS && reviews[i][t] > 0; t++, N_c[c]++)
            N_cw[c][reviews[i][t]]++;
    }
    printf("word    N(good)  N(bad)  P(w|good)  P(w|bad)\n");
    for (int w = 1; w <= V; w++)
        printf("%-8s%7.0f%8.0f%11.3f%10.3f\n", words[w], N_cw[GOOD][w], N_cw[BAD][w],
               (N_cw[GOOD][w] + 1) / (N_c[GOOD] + V),
               (N_cw[BAD][w] + 1) / (N_c[BAD] + V));
    for (int c = 0; c < CLASSES; c++) {
        double plain = joint[c] = D_c[c] / TINY;
        for (int t = 0; t < STEPS; t++) {
            plain *= N_cw[c][reviews[TINY][t]] / N_c[c];
            joint[c] *= (N_cw[c][reviews[TINY][t]] + 1) / (N_c[c] + V);
        }
        printf("great film weak cast, %s: P(d|c) P(c) = %.2e, without the 1 %.2e\n",
               c == GOOD ? "good" : "bad", joint[c], plain);
    }

    //%% [markdown]
    // ## The same numbers from the library
    //%%
    seqnn_dataset data = {.count = TINY, .classes = CLASSES, .vocabulary = V + 1};
    data.x[0] = (seqnn_array){.indices = reviews[0], .time = STEPS};
    data.y.indices = classes;
    seqnn_naive_bayes *model =
        seqnn_naive_bayes_fit(&data, (seqnn_naive_bayes_options){.smoothing = 1});
    seqnn_real posterior[CLASSES];
    data.count = 1; /* the text to be judged */
    data.x[0].indices = reviews[TINY];
    if (seqnn_naive_bayes_log_posterior(model, &data, posterior))
        return example_fail();
    printf("P(good|d) by hand %.4f, from the library %.4f\n",
           joint[GOOD] / (joint[GOOD] + joint[BAD]), exp((double)posterior[GOOD]));
    seqnn_naive_bayes_free(model);
    return 0;
}

//%% [markdown]
/*
## The words that decide

The class of a text is the most probable one (maximum a posteriori, MAP):

$$c_{MAP} = \arg\max_c\ \ln P(c) + \sum_{t=1}^T \ln P(w_t \mid c)$$

A sum of logarithms, since some hundred probabilities multiplied are 0 to a computer. Each
word has a vote, and its weight is known: $\ln P(w \mid c)$ less that of the class that
comes next, a log-likelihood ratio. Drawn are the largest among the 1000 most frequent
words.
*/
//%%
static seqnn_status draw_words(const seqnn_naive_bayes *model, const char *const *names,
                               const seqnn_tokenizer *tokenizer, const char *path)
{
    static const char *word[FREQUENT];
    static seqnn_real ratio[FREQUENT];
    const seqnn_size K = model->classes;
    const seqnn_bars_options most = {
        .direction = SEQNN_BARS_HORIZONTAL, .sorted = true, .most = 8, .decimals = 1};
    seqnn_figure *figure = seqnn_figure_new(
        (seqnn_figure_options){.columns = K, .width = 100 + 220 * K, .height = 300});
    for (seqnn_size c = 0; c < K; c++) {
        seqnn_size w = 1;
        for (; w < model->words && w <= FREQUENT; w++) {
            word[w - 1] = seqnn_tokenizer_word(tokenizer, w);
            ratio[w - 1] = (seqnn_real)seqnn_naive_bayes_ratio(model, c, w);
        }
        seqnn_axes_options of = {.title = names[c], .x_label = "log-likelihood ratio"};
        seqnn_axes_bars(seqnn_figure_axes(figure, 0, c, of), word, ratio, w - 1, most);
    }
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

/* Frees parts and tokenizer. */
static int sort_texts(const char *what, seqnn_parts *parts, seqnn_tokenizer *tokenizer,
                      const char *picture)
{
    const seqnn_dataset *train = parts->train, *test = parts->validation;
    if (!train || !test)
        return example_fail();
    const seqnn_size n = test->count, K = test->classes;
    seqnn_real *score = example_memory((size_t)(n * K), sizeof *score);
    printf("\n%s: %td texts to count, %td to judge, %td words\n", what, train->count, n,
           test->vocabulary - 1);
    for (int k = 0; k < 4; k++) {
        const seqnn_naive_bayes_options options = {.smoothing = k % 2 ? SEQNN_ZERO : 1,
                                                   .binary = k >= 2};
        double accuracy = 0;
        seqnn_naive_bayes *model = seqnn_naive_bayes_fit(train, options);
        if (seqnn_naive_bayes_log_posterior(model, test, score) ||
            seqnn_accuracy(score, test->y.indices, NULL, n, K, &accuracy) ||
            (k == 0 && draw_words(model, test->class_names, tokenizer, picture)))
            return example_fail();
        printf("  %s, %s smoothing: accuracy %.3f\n", k < 2 ? "counts" : "binary",
               k % 2 ? "no" : "with", accuracy);
        seqnn_naive_bayes_free(model);
    }
    free(score);
    seqnn_parts_free(parts);
    seqnn_tokenizer_free(tokenizer);
    return 0;
}

//%% [markdown]
/*
## Counts are the maximum

Let $P(w) = e^{s_w} / S$ with $S = \sum_v e^{s_v}$. The log-likelihood
$\ell = \sum_w N_w \ln P(w)$ of $N$ words has the derivative
$\partial \ell / \partial s_w = N_w - N P(w)$: it is 0 where $P(w)$ is the share of word
$w$. `--grad-check` sets it beside finite differences.
*/
//%%
static int check(void)
{
    /* of the good reviews, 1 added */
    static const double N_w[V] = {4, 3, 2, 3, 1, 1}, N = 14, step = 1e-5;
    int wrong = 0;
    example_check_head("at P = 1/6, at the shares");
    for (int i = 0; i < 2 * V; i++) {
        const int w = i % V, counted = i >= V;
        const double e = counted ? N_w[w] : 1,
                     S = counted ? N : V; /* e^s_w, and their sum */
        const double ln_S = log(S + e * expm1(step)) - log(S + e * expm1(-step));
        wrong += example_check_line(words[w + 1], N_w[w] - N * e / S,
                                    N_w[w] - N * ln_S / (2 * step), 1);
    }
    return wrong > 0;
}

//%% [markdown]
/*
## Titles, and reviews

News titles are sorted by their words. The bundled reviews are made so that the order of
the words decides, and naive Bayes does not know it.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, "");
    if (options.grad_check)
        return check();
    if (by_hand())
        return 1;

    char path[SEQNN_PATH_SIZE];
    seqnn_encode_options encode = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    const seqnn_tokenizer_options frequent = {.num_words = VOCABULARY + 1};
    encode.tokenizer = seqnn_tokenizer_new(frequent);
    encode.cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST;
    seqnn_texts *text = seqnn_read_bbc_titles(seqnn_find_data(path, options.data, "bbc"));
    seqnn_dataset *titles = seqnn_encode(text, encode);
    if (!titles)
        return example_fail();
    seqnn_parts parts =
        example_split(titles, text, PUBLIC_TITLES, "datasets/splits/bbc_titles.txt");
    if (sort_texts(path, &parts, encode.tokenizer,
                   example_path(&options, "02_naive_bayes_titles.png")))
        return 1;
    seqnn_texts_free(text);
    seqnn_dataset_free(titles);

    encode.tokenizer = seqnn_tokenizer_new(frequent);
    encode.cleaning = SEQNN_CLEAN_NONE;
    for (int p = 0; p < 2; p++) {
        seqnn_imdb_options of = {p ? SEQNN_IMDB_TEST : SEQNN_IMDB_TRAIN, true};
        text = seqnn_read_imdb(seqnn_find_data(path, options.data, "imdb"), of);
        *(p ? &parts.validation : &parts.train) = seqnn_encode(text, encode);
        seqnn_texts_free(text);
    }
    return sort_texts(path, &parts, encode.tokenizer,
                      example_path(&options, "02_naive_bayes_reviews.png"));
}
