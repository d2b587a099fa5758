//%% [markdown]
/*
# 04 · Fixed-window neural language model

The last words, each as a vector, stand side by side; a hidden layer reads them and a
softmax says what comes next. No n-gram is stored any more, but the window has an end.

    cc -O3 -march=native -fopenmp examples/04_fixed_window_language_model.c -o 04 -lm \
        && ./04

It prints what a wider window costs in parameters and what it gains in perplexity, beside
the n-grams of section 03, and what a word learnt at one place of the window says at
another; draws `04_fixed_window_language_model.png`. `./04 characters` reads characters in
place of words.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { WINDOWS = 5, WIDEST = 8, F = 16 };
static const seqnn_real wide[WINDOWS] = {1, 2, 3, 5, WIDEST};

//%% [markdown]
/*
## The model

$$\begin{aligned}
x &= [E_{w_{t-m}}, \dots, E_{w_{t-1}}]\\
h &= \tanh(x W + b)\\
y &= \mathrm{softmax}(h W_y + b_y)
\end{aligned}$$

$x$ has $m F$ numbers for a window of $m$ words, and $W$ as many rows. `MEAN` and `RNN`,
of which the last cell speaks, take one matrix for all words instead.
*/
//%%
enum { WINDOW, MEAN, RNN, KINDS };
static const char *const kind_name[] = {"window", "mean", "RNN"};

static seqnn_model *network(int of, seqnn_size V, seqnn_size m, seqnn_size H, long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_embedding(model, V, F, (seqnn_embedding_options){.time = m});
    if (of == WINDOW)
        seqnn_flatten(model, (seqnn_pooling_options){0});
    if (of == RNN)
        seqnn_simple_rnn(model, H, (seqnn_rnn_options){0});
    else
        seqnn_dense(model, H, (seqnn_dense_options){.activation = SEQNN_TANH});
    if (of == MEAN)
        seqnn_global_mean_pool(model, (seqnn_pooling_options){0});
    seqnn_dense(model, V, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## The data

Every $m$ words in a row are a sample, the word behind them its class.
*/
//%%
static seqnn_dataset windows(int32_t *x, const int32_t *text, seqnn_size T, seqnn_size m)
{
    for (seqnn_size i = 0; i < T - m; i++)
        memcpy(x + i * m, text + i, (size_t)m * sizeof *x);
    return (seqnn_dataset){
        .count = T - m, .x = {{.indices = x, .time = m}}, .y = {.indices = text + m}};
}

//%% [markdown]
/*
## One place of the window is not another

A marker, one of eight words, stands at one place among words that mean nothing, and is
the class. In training it stands at place 1 only. Asked where it stands at place 2, 3 or
4, a network that shares nothing between places can but guess: about 1/8.
*/
//%%
enum { PLACES = 4, MARKERS = 8, WORDS = 40, SAMPLES = 2000 };

static seqnn_dataset marked(int32_t *x, int32_t *y, int place, long seed)
{
    seqnn_random random = {.seed = (uint64_t)seed};
    for (int i = 0; i < SAMPLES * PLACES; i++)
        x[i] = MARKERS + seqnn_random_below(&random, WORDS - MARKERS);
    for (int i = 0; i < SAMPLES; i++)
        x[i * PLACES + place] = y[i] = seqnn_random_below(&random, MARKERS);
    return (seqnn_dataset){
        .count = SAMPLES, .x = {{.indices = x, .time = PLACES}}, .y = {.indices = y}};
}

static int ask_elsewhere(const example_options *options)
{
    static int32_t x[2][SAMPLES * PLACES], y[2][SAMPLES];
    seqnn_dataset first = marked(x[0], y[0], 0, options->seed);
    first.count = options->grad_check ? 20 : SAMPLES;
    int wrong = 0;
    for (int k = 0; k < KINDS; k++) {
        seqnn_model *model = network(k, WORDS, PLACES, 64, options->seed);
        printf("%-6s%s", kind_name[k],
               options->grad_check ? "\n" : " learnt from place 1");
        if (options->grad_check)
            wrong |= example_gradient_check(model, &first, (seqnn_loss_options){0});
        else
            seqnn_fit(model, &first,
                      (seqnn_fit_options){.epochs = 10, .optimizer = seqnn_adam(0.003f)});
        for (int place = 0; place < PLACES && !options->grad_check; place++) {
            seqnn_dataset asked = marked(x[1], y[1], place, options->seed + 1);
            seqnn_evaluation of =
                seqnn_evaluate(model, &asked, (seqnn_evaluate_options){0});
            printf(", at %d: %.3f", place + 1, (double)of.accuracy);
        }
        printf("\n");
        if (!seqnn_ok(model))
            return example_fail();
        seqnn_free(model);
    }
    return wrong;
}

/* The cosine of the rows of W that belong to the first two words of the window. */
static double alike(seqnn_model *model)
{
    seqnn_parameter *W = seqnn_layer_parameter(seqnn_model_layer_at(model, 2), "W");
    double ab = 0, aa = 0, bb = 0;
    for (seqnn_size i = 0, next = F * W->columns; i < next; i++) {
        ab += (double)W->value[i] * (double)W->value[i + next];
        aa += (double)W->value[i] * (double)W->value[i];
        bb += (double)W->value[i + next] * (double)W->value[i + next];
    }
    return ab / sqrt(aa * bb);
}

//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, "words|characters", EXAMPLE_EPOCHS);
    if (options.grad_check)
        return ask_elsewhere(&options);
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *book = seqnn_read_text(seqnn_find_data(
        path, options.data, "charlm/tinyshakespeare.txt|charlm/stories.txt"));
    bool characters = options.variant ? strcmp(options.variant, "characters") == 0
                                      : book && strstr(path, "shakespeare") != NULL;
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){
        .keep_case = true, .char_level = characters, .filters = "\t\n"});
    seqnn_token_sequences *words = NULL;
    if (!book || seqnn_tokenizer_fit(tokenizer, book->text, 1) ||
        !(words = seqnn_tokenizer_sequences(tokenizer, book->text, 1)))
        return example_fail();
    const int32_t *text = words->indices; /* w_1 ... w_T, the last tenth held out */
    seqnn_size V = seqnn_tokenizer_vocabulary(tokenizer), H = characters ? 200 : 64;
    seqnn_size T = words->begin[1], train = T * 9 / 10;
    int32_t *x = example_memory((size_t)(T * WIDEST), sizeof *x);
    printf("%s: T = %td, V = %td\n", path, T, V);

    //%% [markdown]
    /*
    ## A wider window

    Every model foresees the same words of the held-out tenth. The n-gram that knows as
    much as a window of $m$ words has $n = m + 1$. The rows of $W$ for two places of the
    window have hardly anything in common.
    */
    //%%
    int count = options.quick ? 2 : WINDOWS;
    seqnn_real curve[2][WINDOWS];
    printf(" m        W  parameters  training  held out   n  n-grams  held out\n");
    for (int i = 0; i < count; i++) {
        seqnn_size m = (seqnn_size)wide[i], from = train + WIDEST - m;
        seqnn_dataset known = windows(x, text, train, m);
        seqnn_dataset unknown = windows(x + train * m, text + from, T - from, m);
        seqnn_model *model = network(WINDOW, V, m, H, options.seed);
        seqnn_history of =
            seqnn_fit(model, &known,
                      (seqnn_fit_options){.epochs = options.epochs ? options.epochs : 8,
                                          .batch_size = 128,
                                          .optimizer = seqnn_adam(0.003f),
                                          .validation = &unknown});
        seqnn_ngram *counts = seqnn_ngram_new(m + 1, V);
        if (of.status || seqnn_ngram_fit(counts, text, train))
            return example_fail();
        double loss = 0;
        for (seqnn_size t = train + WIDEST; t < T; t++)
            loss -= log(seqnn_ngram_probability(counts, text, t, text[t],
                                                (seqnn_ngram_options){0}));
        curve[0][i] = (seqnn_real)seqnn_perplexity((double)of.val_loss[of.epochs - 1]);
        curve[1][i] = (seqnn_real)seqnn_perplexity(loss / (double)unknown.count);
        printf("%2td %3td x %3td %11td %9.2f %9.2f %3td %8td %9.2f\n", m, m * F, H,
               seqnn_model_parameters(model),
               seqnn_perplexity((double)of.loss[of.epochs - 1]), (double)curve[0][i],
               m + 1, seqnn_ngram_different(counts, 0), (double)curve[1][i]);
        if (m == WIDEST)
            printf("rows of W for word 1 and word 2: cosine %.2f\n", alike(model));
        seqnn_ngram_free(counts);
        seqnn_free(model);
    }
    seqnn_plot_series series[] = {
        {.label = "fixed window", .y = curve[0], .x = wide, .count = count},
        {.label = "n-gram", .y = curve[1], .x = wide, .count = count}};
    series[0].marker = series[1].marker = SEQNN_MARKER_CIRCLE;
    if (seqnn_plot_lines(series, 2,
                         example_path(&options, "04_fixed_window_language_model.png"),
                         (seqnn_plot_options){.x_label = "words in the window, $m$",
                                              .y_label = "perplexity, held out"}))
        return example_fail();
    free(x);
    seqnn_token_sequences_free(words);
    seqnn_tokenizer_free(tokenizer);
    seqnn_texts_free(book);
    return ask_elsewhere(&options);
}
