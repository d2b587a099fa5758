//%% [markdown]
/*
# 06 · CBOW and skip-gram on a text

A vector for every word of a text, made of nothing but the company that words keep:
*king* comes to lie beside *queen*, and *Paris* is to *France* as *Rome* is to *Italy*.

    cc -O3 -march=native -fopenmp examples/06_word_vectors.c -o 06 -lm && ./06

It prints the most frequent words, a progress line with words a second and the time that
is left, analogy questions and similarities, neighbours, and analogies one by one. It
saves the vectors as `06_vectors.bin`, `.txt` and `.safetensors` and draws words and their
neighbours, `06_pca.png` and `06_tsne.png`. It is also a tool for texts of your own:

    make run EX=06 ARGS="--train my.txt --skip-gram --near coffee --save my.bin"

`--help` lists its options; gensim and others open the `.bin`. The text is cleaned by
ASCII's rules: capitals beyond it stay, and so do curly quotes and dashes, as part of
their words.

The bundled text in `datasets/words` is generated, so that training takes seconds; what is
asked for was put in there. For a real one `make word-corpus` makes a text of 23.7 million
words from public sets; with `--data datasets/cache` it is read, and the public questions
are asked, which are much harder.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#define SEQNN_WORDS
#include "../seqnn.h"
#include "word_vectors.h"

//%% [markdown]
/*
## A window slides over the text

Each word is the centre $w$ of a window once; the $C$ words around it are its contexts.
Every word has two vectors, $v$ as a context and $u$ as a centre. *CBOW* takes the mean of
the contexts at once, *skip-gram* each context by itself:

$$h = \frac{1}{C} \sum_{c} v_c \qquad \text{or} \qquad h = v_c$$

Softmax over all words, as in example 05, would cost $V$ products for each prediction.
*Negative sampling* asks something easier: is $w$ the real centre, or one of $k = 5$ words
that were drawn at random?

$$L = -\ln \sigma(u_w \cdot h) - \sum_{n=1}^{k} \ln \sigma(-u_n \cdot h)$$

That is logistic regression, and costs $k + 1$ products, whatever the vocabulary.
*Hierarchical softmax* (`--hierarchical`) asks about $\log_2 V$ questions of left or right
on the way down a tree that has the words as leaves.
*/
//%%
static seqnn_word2vec *train(const word_options *options,
                             seqnn_word2vec_architecture architecture)
{
    printf("%s on %s\n", architecture == SEQNN_SKIP_GRAM ? "skip-gram" : "CBOW",
           options->corpus);
    return seqnn_word2vec_train(options->corpus, word_training(options, architecture));
}

//%% [markdown]
/*
## Frequent words

*the* stands beside everything and says little about its neighbours. So words are left out
of the text now and then: one of relative frequency $f$ stays with probability
$\sqrt{t/f} + t/f$, $t = 0.001$. Rare words profit twice, for the windows become wider
when words between are left out.
*/
//%%
static void print_frequent(const seqnn_word2vec *trained, double subsampling)
{
    const double t = subsampling == 0 ? 1e-3 : subsampling; /* below 0: none */
    int64_t kept = 0;
    for (seqnn_size w = 0; w < trained->vectors->count; w++)
        kept += trained->counts[w];
    printf("%lld words in %lld lines; the vocabulary of %td covers %.1f %% of them\n",
           (long long)trained->corpus_words, (long long)trained->lines,
           trained->vectors->count, 100.0 * (double)kept / (double)trained->corpus_words);
    printf("%-12s %10s %8s\n", "word", "count", "stays");
    for (seqnn_size w = 0; w < trained->vectors->count && w < 8; w++) {
        double f = (double)trained->counts[w] / (double)kept;
        double stays = t > 0 ? fmin(1, sqrt(t / f) + t / f) : 1;
        const char *word = trained->vectors->word[w];
        printf("%s%*s %10lld %6.0f %%\n", word, word_blanks(word, 12), "",
               (long long)trained->counts[w], 100 * stays);
    }
}

//%% [markdown]
/*
## Is it any good?

Two kinds of questions with known answers. An *analogy*, $a$ is to $b$ as $c$ is to ?, is
answered by the word whose vector is nearest to $v_b - v_a + v_c$ by its angle; right is
only the one word. *Similarity* is a list of pairs with a score, and Spearman's
coefficient says how well the cosines put the pairs into the same order.
*/
//%%
static int evaluate(const word_options *options, const seqnn_word_space *space)
{
    char path[SEQNN_PATH_SIZE];
    const char *file = options->questions;
    if (!file)
        file = word_beside_text(options, "questions.txt", path);
    if (!file)
        file = seqnn_find_data(path, options->data, "wordvec/questions-words.txt");
    if (file) {
        seqnn_analogy_scores *scores =
            seqnn_analogies_evaluate(space, file, (seqnn_evaluation_options){0});
        if (!scores)
            return word_fail();
        printf("analogies: %s\n", file);
        if (scores->total.seen > 0)
            seqnn_analogies_print(scores, stdout);
        else
            printf("no question has all its words in the vocabulary\n");
        seqnn_analogy_scores_free(scores);
    }
    static const char *const sets[] = {"EN-WS-353-ALL.txt", "EN-SIMLEX-999.txt",
                                       "EN-MEN-TR-3k.txt"};
    const char *own = options->similarity;
    if (!own)
        own = word_beside_text(options, "similarity.txt", path);
    for (int i = 0; i < (own ? 1 : 3); i++) {
        char name[40];
        snprintf(name, sizeof name, "wordsim/%s", sets[i]);
        file = own ? own : seqnn_find_data(path, options->data, name);
        if (!file)
            continue;
        seqnn_similarity_score score =
            seqnn_similarities_evaluate(space, file, (seqnn_evaluation_options){0});
        if (score.status && own)
            return word_fail();
        if (score.status)
            continue;
        if (score.pairs < 30) { /* chance decides about so few */
            if (options->similarity)
                printf("similarity: the text has %td of %td pairs, too few\n",
                       score.pairs, score.pairs + score.unknown);
            continue;
        }
        printf("similarity: Spearman %.3f, %td of %td pairs, %s\n", score.spearman,
               score.pairs, score.pairs + score.unknown, file);
    }
    return 0;
}

//%% [markdown]
/*
## Neighbours

Near is what has a small angle, $\cos(x, y) = x \cdot y / (|x|\,|y|)$. The words asked for
are `--near`, or those of a short list that the text knows.
*/
//%%
static int print_neighbours(const seqnn_word_space *space, const char *const *asked,
                            int count)
{
    for (int i = 0; i < count; i++) {
        seqnn_neighbour found[6];
        if (seqnn_word_neighbours(space, asked[i], 6, found))
            return word_fail();
        printf("%s%*s", asked[i], word_blanks(asked[i], 8), "");
        for (int n = 0; n < 6 && found[n].word; n++)
            printf("  %s %.2f", found[n].word, found[n].similarity);
        printf("\n");
    }
    return 0;
}

//%% [markdown]
/*
## Analogies

What has *Paris* that *France* has not? To be a capital. That difference is a direction,
and the direction leads from *Italy* to *Rome*.
*/
//%%
static int print_analogies(const seqnn_word_space *space)
{
    static const char *const list[][3] = {
        {"man", "woman", "king"},     {"france", "paris", "italy"},
        {"cold", "colder", "high"},   {"dog", "dogs", "cat"},
        {"bakes", "baked", "paints"}, {"good", "better", "bad"}};
    int asked = 0;
    for (int i = 0; i < 6; i++) {
        seqnn_neighbour add[2], mul[1];
        const char *const *of = list[i];
        if (seqnn_word_space_find(space, of[0]) < 0 ||
            seqnn_word_space_find(space, of[1]) < 0 ||
            seqnn_word_space_find(space, of[2]) < 0)
            continue;
        seqnn_analogy_options product = {.method = SEQNN_COS_MUL};
        if (seqnn_word_analogy(space, of[0], of[1], of[2], 2, add,
                               (seqnn_analogy_options){0}) ||
            seqnn_word_analogy(space, of[0], of[1], of[2], 1, mul, product))
            return word_fail();
        if (asked++ == 0)
            printf("%-34s%-27s%s\n", "", "sum of cosines", "product");
        const char *second = add[1].word ? add[1].word : "";
        printf("%-6s is to %-6s as %-6s to  %s%*s %s%*s %s\n", of[0], of[1], of[2],
               add[0].word, word_blanks(add[0].word, 10), "", second,
               word_blanks(second, 15), "", mul[0].word);
    }
    return 0;
}

//%% [markdown]
/*
## Many dimensions on paper

The words asked for and their neighbours, each group in a colour, drawn twice. *Principal
components* are a shadow: straight lines stay straight and parallels parallel, but most of
the variance lies in the other dimensions. *t-SNE* gives up on that and only tries to keep
neighbours neighbours.
*/
//%%
static int draw(const word_options *options, const seqnn_word_space *space,
                const char *const *asked, int count)
{
    static seqnn_real xy[2 * POINTS];
    const char *words[POINTS];
    int32_t groups[POINTS];
    seqnn_real *rows =
        calloc((size_t)POINTS * (size_t)space->dimension, sizeof(seqnn_real));
    seqnn_size points = rows ? word_gather(space, asked, count, words, groups, rows) : 0;
    seqnn_embedding_chart_options chart = {
        .title = "Words and their neighbours: principal components",
        .x_label = "first component",
        .y_label = "second component",
        .classes = groups,
        .class_names = asked,
        .class_count = count};
    seqnn_tensor a = seqnn_tensor_2d(rows, points, space->dimension);
    seqnn_tensor map = seqnn_tensor_2d(xy, 2, points);
    double share[2];
    const char *path = word_path(options, "06_pca.png");
    int status = !rows || seqnn_principal_components(a, map, share) ||
                 seqnn_plot_embedding(xy, xy + points, words, points, path, chart);
    if (!status) {
        printf("principal components, with %.0f %% of the variance: %s\n",
               100 * (share[0] + share[1]), path);
        path = word_path(options, "06_tsne.png");
        chart.title = "Words and their neighbours: t-SNE";
        chart.x_label = chart.y_label = NULL;
        if (points < 4)
            printf("t-SNE: no picture, for it wants 4 words and here are %td\n", points);
        else {
            seqnn_tsne_options cosine = {.metric = SEQNN_TSNE_COSINE};
            status = seqnn_tsne(a, map, NULL, cosine) ||
                     seqnn_plot_embedding(xy, xy + points, words, points, path, chart);
            if (!status)
                printf("t-SNE: %s\n", path);
        }
    }
    free(rows);
    return status ? word_fail() : 0;
}

//%% [markdown]
/*
## Train CBOW

The text is read once to count its words and then once in every epoch; it never lies in
the memory as a whole, so it may be of any size. The bundled one is small and is read 20
times. The learning rate falls from its first value to nearly nothing.

Below the frequent words stand the answers. Each section of the questions asks for one
relation, by different pairs of words: `family` for he and she, `capital-country` for
*Paris* and *France*. Guessing one of 574 words is right in 0.2 of 100 cases, and a
program that trains on the same words *in random order* gets no further: what is learnt
here is nothing but order, who stands beside whom.
*/
//%%
int main(int argc, char **argv)
{
    word_options options = word_read_options(argc, argv);
    if (!word_find_text(&options))
        return word_fail();
    seqnn_word2vec *trained = train(&options, options.training.architecture);
    if (!trained)
        return word_fail();
    if (!options.both && word_save(argv[0], &options, trained->vectors))
        return 1;
    print_frequent(trained, options.training.subsampling);
    seqnn_word_space *space = seqnn_word_space_new(trained->vectors);
    if (!space || evaluate(&options, space))
        return word_fail();

    //%% [markdown]
    /*
    ## And skip-gram

    Skip-gram makes a prediction for each context where CBOW makes one for all. It takes
    longer, and of a small text, or of rare words, it learns more: compare the two rows of
    `capital-country`. On comparatives CBOW is no worse. What comes next uses the vectors
    that were trained last, and they are saved, before anything else can go wrong. The
    three files hold the same. `seqnn_word_vectors_read` reads each, gensim the first two;
    `seqnn_word_vectors_into` fills the table of an embedding layer with one (example 07)
    and says how much of its vocabulary is covered.
    */
    //%%
    if (options.both) {
        seqnn_word_space_free(space);
        seqnn_word2vec_free(trained);
        trained = train(&options, SEQNN_SKIP_GRAM);
        if (!trained)
            return word_fail();
        if (word_save(argv[0], &options, trained->vectors))
            return 1;
        space = seqnn_word_space_new(trained->vectors);
        if (!space || evaluate(&options, space))
            return word_fail();
    }

    //%% [markdown]
    /*
    ## Who is near

    Two kinds of neighbours stand in these lists. *Rome* is near *Paris* because it
    could stand in its place; *kennel* is near *dog* because it stands around it. A small
    window favours the first kind, a large one the second. Opposites
    are near, too, in most texts: *higher* and *lower* are said of the same things.
    */
    //%%
    const char *asked[MAX_GIVEN];
    int count = word_choose(&options, space, asked);
    if (print_neighbours(space, asked, count))
        return 1;

    //%% [markdown]
    /*
    ## What is to what

    The first two answers by $v_b - v_a + v_c$, and the first by a product in place of the
    sum (3CosMul). The three words of the question are left out, and that is part of the
    trick: the nearest to $v_b - v_a + v_c$ is $v_b$ or $v_c$ itself, here for one
    question in ten, with GloVe's vectors of real text for one in two.
    */
    //%%
    if (print_analogies(space))
        return 1;

    //%% [markdown]
    /*
    ## Two pictures

    On the shadow look for parallels: from *france* to *paris* leads the same direction
    as from any country to a capital. In t-SNE look for groups and for nothing else; the
    distance between two groups, their size and the axes mean nothing.
    */
    //%%
    if (draw(&options, space, asked, count))
        return 1;
    seqnn_word_space_free(space);
    seqnn_word2vec_free(trained);
    return 0;
}

//%% [markdown]
/*
## Two misunderstandings

*Near means synonymous.* It means used alike. *cold* and *chilly* are near, and so are
*cold* and *sweet*: both are said of things, in front of them, with *very* before.

*The analogies prove that the vectors understand.* They work where the text says the same
of many pairs, as this one does by construction, and the measure is kind: a vocabulary of
574 words leaves few wrong answers. On 23.7 million words of real text, five epochs answer
far fewer of the public questions.

## Try it

1. `--window 1`, then `--window 10`: what changes in the neighbours of *dog*?
2. `--subsampling 0`: every *the* counts. What happens to the accuracy, and to the time?
3. `--dimension 2`, `10`, `200`: how small can vectors be before *king* loses *queen*?
4. `--hierarchical` in place of negative samples. Which is better here?
5. `--lock-free --threads 2`, twice: are the saved vectors the same? With one thread?
*/
