//%% [markdown]
/*
# 13 · Sentiment: when the order of words decides

"Boring at the beginning, but then exciting" praises a film; with the same words in
another order it does not. A bag of words cannot see the difference, an RNN can.

    cc -O3 -march=native -fopenmp examples/13_sentiment_word_order.c -o 13 -lm && ./13

It prints how often two bags of words and a vanilla RNN judge reviews right that they have
not seen, and what they say of pairs of sentences of the same words; draws the RNN's
opinion after every word, `13_sentiment_word_order.png`.

The reviews in `datasets/imdb` are generated, and order decides in most of them. With
those of IMDB (`--data datasets/cache`) it seldom does: there the bag of words wins.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { WORDS = 10000, LONGEST = 200, FEATURES = 16, UNITS = 32 };
enum { SENTENCES = 6, PAIR = 2, TEXTS = 32, SEEDS = 5 };

//%% [markdown]
/*
## Three readers

All look up the same kind of word vectors $x_t = E_{w_t}$ and end in the probability
$y = \sigma(s)$ that the review is good. What stands between is the whole difference:

$$\text{bag: } \bar x = \frac1T \sum_{t=1}^T x_t \qquad
\text{RNN: } h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$$

A sum has no order. With a hidden layer the bag at least sees which words come together.
*/
//%%
enum { VOTES, BAG, RNN, READERS };

static const char *const READER[READERS] = {"bag of words", "bag + layer", "vanilla RNN"};

static seqnn_model *new_reader(int kind, seqnn_size vocabulary, uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding_options o = {.mask_zero = true,
                                 .initializer = {.kind = SEQNN_UNIFORM, .a = 0.5f}};
    seqnn_embedding(model, vocabulary, FEATURES, o);
    if (kind == RNN)
        seqnn_simple_rnn(model, UNITS, (seqnn_rnn_options){.recurrent_dropout = 0.1f});
    else
        seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
    if (kind == BAG)
        seqnn_dense(model, 16, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_dense(model, 1, (seqnn_dense_options){.activation = SEQNN_SIGMOID});
    return model;
}

//%% [markdown]
/*
## Learning

$L = -\ln y$ for a good review, $-\ln(1 - y)$ for a bad one, in the mean over a batch
of 32. On IMDB a tenth of the training reviews chooses the epoch to keep; the test part is
looked at once, at the end.
*/
//%%
static seqnn_history learn(seqnn_model *model, const seqnn_dataset *train,
                           const example_options *options)
{
    const bool large = train->count > 10000;
    seqnn_fit_options how = {.batch_size = 32, .clip_global_norm = 1};
    how.epochs = options->epochs ? options->epochs : options->quick ? 2 : large ? 6 : 40;
    how.optimizer = seqnn_adam(large ? 0.002f : 0.01f);
    how.validation_split = large ? 0.1f : 0, how.restore_best = large;
    return seqnn_fit(model, train, how);
}

//%% [markdown]
/*
## What they are asked

Two sentences of the same words, three times; the last pair is the lecture's, shortened.
Of the first pair every beginning is a text of its own: what a reader says of it is its
opinion after word $t$.
*/
//%%
static const char *const SENTENCE[SENTENCES] = {
    "The plot was boring at the beginning, but then it was exciting",
    "The plot was exciting at the beginning, but then it was boring",
    "I had expected something weak and got something moving",
    "I had expected something moving and got something weak",
    "The concert was boring for 15 minutes but then was terribly exciting",
    "The concert was exciting for 15 minutes but then was terribly boring"};

static void add_beginnings(seqnn_texts *texts, const char *sentence)
{
    char beginning[100];
    for (size_t end = 1; end <= strlen(sentence); end++)
        if (sentence[end] == ' ' || sentence[end] == 0) {
            snprintf(beginning, sizeof beginning, "%.*s", (int)end, sentence);
            seqnn_texts_add(texts, beginning, NULL, NULL);
        }
}

//%% [markdown]
/*
## The answers, and the picture

The words of one sentence from left to right, above each the probability of "good" when a
reader has come so far: the mean of all seeds, and of the RNN a band of one standard
deviation.
*/
//%%
static int show(const seqnn_texts *texts, example_mean opinion[][TEXTS], const char *path)
{
    printf("\nprobability of good: bag of words, bag + layer, vanilla RNN\n");
    for (int i = 0; i < SENTENCES; i++)
        printf("%5.2f %5.2f %5.2f %-4s  %s\n", opinion[VOTES][i].mean,
               opinion[BAG][i].mean, opinion[RNN][i].mean,
               opinion[RNN][i].mean > 0.5 ? "good" : "bad", texts->text[i]);
    const seqnn_size T = (texts->count - SENTENCES) / PAIR;
    seqnn_figure_options two = {.rows = PAIR, .title = "Is it good? After each word"};
    seqnn_figure *figure = seqnn_figure_new(two);
    for (seqnn_size row = 0, at = SENTENCES; row < PAIR; row++, at += T) {
        const char *words[TEXTS];
        for (seqnn_size t = 0; t < T; t++)
            words[t] = t ? strrchr(texts->text[at + t], ' ') + 1 : texts->text[at];
        seqnn_axes_options below = {.x_names = words, .x_name_count = T, .y_max = 1};
        below.y_min = SEQNN_ZERO, below.y_label = "probability of good";
        seqnn_axes *axes = seqnn_figure_axes(figure, row, 0, below);
        for (int kind = RNN; kind >= BAG; kind--) {
            seqnn_real y[TEXTS], band[TEXTS];
            for (seqnn_size t = 0; t < T; t++) {
                y[t] = (seqnn_real)opinion[kind][at + t].mean;
                band[t] = (seqnn_real)example_standard_deviation(&opinion[kind][at + t]);
            }
            seqnn_plot_series line = {.label = READER[kind], .y = y, .count = T};
            line.deviation = kind == RNN ? band : NULL, line.marker = SEQNN_MARKER_CIRCLE;
            seqnn_axes_line(axes, line);
        }
        seqnn_axes_horizontal(axes, 0.5f, (seqnn_reference_options){0});
    }
    if (seqnn_figure_save(figure, path))
        return example_fail();
    seqnn_figure_free(figure);
    printf("\nopinion after each word: %s\n", path);
    return 0;
}

static seqnn_dataset *read_part(const char *path, seqnn_imdb_part part,
                                seqnn_encode_options form)
{
    seqnn_texts *reviews = seqnn_read_imdb(path, (seqnn_imdb_options){.part = part});
    seqnn_dataset *data = seqnn_encode(reviews, form);
    seqnn_texts_free(reviews);
    return data;
}

//%% [markdown]
/*
## The reviews

The tokenizer is fitted on the training part: the 9,999 most frequent words have numbers,
others are left out. Of a review longer than 200 words the last 200 are read.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, NULL, EXAMPLE_SEEDS EXAMPLE_EPOCHS);
    char path[SEQNN_PATH_SIZE];
    seqnn_encode_options form = {.length = LONGEST, .truncating = SEQNN_PRE};
    form.padding = SEQNN_POST;
    form.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){.num_words = WORDS});
    const char *folder = seqnn_find_data(path, options.data, "imdb");
    seqnn_dataset *train = read_part(folder, SEQNN_IMDB_TRAIN, form);
    seqnn_dataset *test = train ? read_part(folder, SEQNN_IMDB_TEST, form) : NULL;
    if (!test)
        return example_fail();
    printf("%td reviews to learn from, %td held out, half of them good: %s\n",
           train->count, test->count, path);
    seqnn_texts *texts = seqnn_texts_new();
    for (int i = 0; i < SENTENCES; i++)
        seqnn_texts_add(texts, SENTENCE[i], NULL, NULL);
    for (int i = 0; i < PAIR; i++)
        add_beginnings(texts, SENTENCE[i]);
    seqnn_dataset *asked = seqnn_encode(texts, form);

    //%% [markdown]
    // ## The readers learn, and judge reviews that they have not seen
    //%%
    int status = 0;
    const long seeds = options.seeds_given || options.quick ? options.seeds : SEEDS;
    example_mean opinion[READERS][TEXTS] = {{{0}}}, accuracy[READERS] = {{0}};
    for (long run = 0; run < READERS * (options.grad_check ? 1 : seeds); run++) {
        const long kind = run % READERS, seed = options.seed + run / READERS;
        seqnn_model *model = new_reader((int)kind, train->vocabulary, (uint64_t)seed);
        if (options.grad_check) {
            seqnn_dataset few = seqnn_dataset_slice(train, 0, 4);
            status |= example_gradient_check(model, &few, (seqnn_loss_options){0});
        } else {
            seqnn_history history = learn(model, train, &options);
            seqnn_evaluation exam =
                seqnn_evaluate(model, test, (seqnn_evaluate_options){0});
            seqnn_tensor says = seqnn_predict(model, asked, (seqnn_predict_options){0});
            if (!seqnn_ok(model))
                return example_fail();
            for (seqnn_size i = 0; i < texts->count; i++)
                example_mean_add(&opinion[kind][i], (double)says.data[i]);
            example_mean_add(&accuracy[kind], (double)exam.accuracy);
            printf("seed %ld, %s: %.3f of the held-out reviews right, %.2f s/epoch\n",
                   seed, READER[kind], (double)exam.accuracy, history.seconds[0]);
        }
        seqnn_free(model);
    }
    for (int kind = 0; kind < READERS && !options.grad_check; kind++)
        printf("mean of %ld seeds, %s: %.3f, deviation %.3f\n", seeds, READER[kind],
               accuracy[kind].mean, example_standard_deviation(&accuracy[kind]));

    //%% [markdown]
    // ## The same words in another order; the RNN's opinion turns before "but"
    //%%
    if (!options.grad_check)
        status =
            show(texts, opinion, example_path(&options, "13_sentiment_word_order.png"));

    seqnn_texts_free(texts);
    seqnn_tokenizer_free(form.tokenizer);
    seqnn_dataset_free(asked);
    seqnn_dataset_free(train), seqnn_dataset_free(test);
    return status;
}
