//%% [markdown]
/*
# 03 · n-gram language model

The simplest model that writes: count what stood behind the last words, and guess that it
will again. First by hand on a few words, then with the library on a text.

    cc -O3 -march=native -fopenmp examples/03_ngram_language_model.c -o 03 -lm && ./03

It prints counts by hand beside the library's, a table of what becomes of n-grams and of
perplexity as n grows, and what each model writes; draws `03_ngram_language_model.png`.
`./03 characters` counts characters in place of words, and prints a line break as `/`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { LONGEST = 6, SAMPLED = 300, SHOWN = 24, COLUMNS = 6 };

static const struct {
    const char *name;
    seqnn_ngram_options how;
} columns[COLUMNS] = {
    /* the first on training text, the others held out */
    {"training", {.smoothing = SEQNN_UNSMOOTHED}},
    {"unsmoothed", {.smoothing = SEQNN_UNSMOOTHED}},
    {"add-0.1", {.smoothing = SEQNN_ADD_K, .k = (seqnn_real)0.1}},
    {"interpolated", {.smoothing = SEQNN_INTERPOLATED}},
    {"Witten-Bell", {.smoothing = SEQNN_WITTEN_BELL}},
    {"Kneser-Ney", {.smoothing = SEQNN_KNESER_NEY}},
};

//%% [markdown]
/*
## Counting by hand

With $c(h)$ how often the words $h$ were followed by anything, and $c(hw)$ by $w$,

$$P(w \mid h) = \frac{c(hw)}{c(h)}$$

Here $n = 2$: $h$ is one word, and the counts are a table.
*/
//%%
enum { THE, STUDENTS, OPENED, THEIR, BOOKS, MINDS, CLOSED, TEACHER, DOOR, V_TINY };
static const char *const name[] = {"the",   "students", "opened",  "their", "books",
                                   "minds", "closed",   "teacher", "door"};
static const int32_t tiny[] = {
    THE, STUDENTS, OPENED, THEIR, BOOKS, THE, STUDENTS, OPENED, THEIR, MINDS,
    THE, STUDENTS, CLOSED, THEIR, BOOKS, THE, TEACHER,  OPENED, THE,   DOOR};
enum { T_TINY = sizeof tiny / sizeof tiny[0] };

static int count_by_hand(const seqnn_ngram *model)
{
    int pairs[V_TINY][V_TINY] = {{0}}, followed[V_TINY] = {0};
    for (int t = 1; t < T_TINY; t++) {
        pairs[tiny[t - 1]][tiny[t]]++;
        followed[tiny[t - 1]]++;
    }
    printf("by hand, and by the library:\n");
    for (int32_t h = THE; h <= THEIR; h++)
        for (int32_t w = 0; w < V_TINY; w++)
            if (pairs[h][w] > 0)
                printf("  P(%-8s | %-8s) = %d/%d = %.3f  %.3f\n", name[w], name[h],
                       pairs[h][w], followed[h], (double)pairs[h][w] / followed[h],
                       seqnn_ngram_probability(model, &h, 1, w, columns[1].how));
    printf("\"their door\" never came: P(door | their) is\n");
    for (int i = 1; i < COLUMNS; i++)
        printf(
            "  %-12s %.3f\n", columns[i].name,
            seqnn_ngram_probability(model, (int32_t[]){THEIR}, 1, DOOR, columns[i].how));
    return 0;
}

//%% [markdown]
/*
## Are these counts the best probabilities?

Write $P = \mathrm{softmax}(s)$. The log-likelihood of the text under single words,
$n = 1$, is $\sum_w N_w \ln P_w$ and has the derivative $N_w - N P_w$ by $s_w$: zero
where $P_w = N_w / N$. `--grad-check` holds it beside finite differences: where $s_w$
grows by $\varepsilon$, it grows by $N_w \varepsilon - N \ln(1 + P_w
(e^\varepsilon - 1))$.
*/
//%%
static int check_gradients(const seqnn_ngram *model)
{
    const double step = 1e-4;
    int wrong = 0;
    for (int i = 1; i <= 2; i++) {
        printf("N_w - N P_w, where P is %s\n", columns[i].name);
        example_check_head("by the score of");
        for (int32_t w = 0; w < V_TINY; w++) {
            double N_w = (double)seqnn_ngram_occurrences(model, &w, 1);
            double P_w = seqnn_ngram_probability(model, NULL, 0, w, columns[i].how);
            double ln_S = log1p(P_w * expm1(step)) - log1p(P_w * expm1(-step));
            wrong |= example_check_line(name[w], N_w - T_TINY * P_w,
                                        N_w - T_TINY * ln_S / (2 * step), 1);
        }
    }
    return wrong;
}

//%% [markdown]
/*
## It writes

The next word is drawn by its probability, and is context from then on. `copied` is the
share of the 6-grams of what comes out that stand in the training text as they are.
*/
//%%
static int sample(const seqnn_ngram *model, int n, uint64_t seed,
                  const seqnn_tokenizer *tokenizer, bool characters)
{
    int32_t w[SAMPLED];
    seqnn_random random = {.seed = seed};
    const seqnn_ngram_options how = {.n = n}; /* Kneser-Ney */
    int copied = 0, last = SAMPLED - LONGEST;
    for (int t = 0; t < SAMPLED; t++)
        if ((w[t] = seqnn_ngram_sample(model, w, t, &random, how)) < 0)
            return example_fail();
    for (int t = 0; t <= last; t++)
        copied += seqnn_ngram_occurrences(model, w + t, LONGEST) > 0;
    printf("n = %d, copied %.2f: ", n, (double)copied / (last + 1));
    for (int t = 0; t < (characters ? 4 : 1) * SHOWN; t++) {
        const char *word = seqnn_tokenizer_word(tokenizer, w[t]);
        printf("%s%s", word && *word != '\n' ? word : "/", characters ? "" : " ");
    }
    return printf("\n") < 0;
}

//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, "words|characters", "");
    bool characters = options.variant && strcmp(options.variant, "characters") == 0;
    seqnn_ngram *few = seqnn_ngram_new(2, V_TINY);
    if (seqnn_ngram_fit(few, tiny, T_TINY))
        return example_fail();
    int status = options.grad_check ? check_gradients(few) : count_by_hand(few);
    seqnn_ngram_free(few);
    if (options.grad_check)
        return status;

    //%% [markdown]
    /*
    ## A text

    Words are what stands between blanks, with their capitals and full stops. The last
    tenth is held out: nothing is counted there.
    */
    //%%
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *book = seqnn_read_text(seqnn_find_data(
        path, options.data, "charlm/tinyshakespeare.txt|charlm/stories.txt"));
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){
        .keep_case = true, .char_level = characters, .filters = "\t\n"});
    seqnn_token_sequences *text = NULL;
    if (!book || !tokenizer || seqnn_tokenizer_fit(tokenizer, book->text, 1) ||
        !(text = seqnn_tokenizer_sequences(tokenizer, book->text, 1)))
        return example_fail();
    seqnn_size V = seqnn_tokenizer_vocabulary(tokenizer), T = text->begin[1];
    seqnn_size train = T * 9 / 10;
    printf("\n%s: %td %s, %td different; the last %td are held out\n", path, T,
           characters ? "characters" : "words", V - 1, T - train);

    //%% [markdown]
    /*
    ## What becomes of it as n grows

    A long context foresees better where it was seen, and was seen less often. Perplexity
    is as if the model chose among so many words at random:

    $$\exp\Bigl(-\frac1T \sum_{t=1}^T \ln P(w_t \mid h_t)\Bigr)$$

    One word of probability 0 makes it infinite.
    */
    //%%
    seqnn_ngram *model = seqnn_ngram_new(LONGEST, V); /* and all shorter ones */
    if (seqnn_ngram_fit(model, text->indices, train))
        return example_fail();
    seqnn_real curve[COLUMNS][LONGEST];
    seqnn_plot_series series[COLUMNS];
    printf("n   stored  possible  unseen   perplexity\n%25s", "");
    for (int i = 0; i < COLUMNS; i++)
        printf(" %12s", columns[i].name);
    for (int n = 1; n <= LONGEST; n++) {
        seqnn_ngram_evaluation of[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            seqnn_ngram_options how = columns[i].how;
            how.n = n;
            of[i] = seqnn_ngram_evaluate(model, text->indices + (i == 0 ? 0 : train),
                                         i == 0 ? train : T - train, how);
            if (of[i].status)
                return example_fail();
            curve[i][n - 1] = (seqnn_real)of[i].perplexity;
            series[i] = (seqnn_plot_series){.label = columns[i].name,
                                            .y = curve[i],
                                            .count = LONGEST,
                                            .x_first = 1,
                                            .marker = SEQNN_MARKER_CIRCLE};
        }
        printf("\n%d %8td %9.0e %5.1f %%", n, seqnn_ngram_different(model, n),
               pow((double)(V - 1), n), 100 * of[1].unseen);
        for (int i = 0; i < COLUMNS; i++)
            printf(" %12.3f", of[i].perplexity);
    }
    printf("\n%td n-grams in all, in %.1f MB\n\n", seqnn_ngram_different(model, 0),
           (double)seqnn_ngram_memory(model) / 1e6);
    const char *picture = example_path(&options, "03_ngram_language_model.png");
    seqnn_plot_options axes = {.x_label = "$n$", .y_label = "perplexity", .log_y = true};
    series[1] = series[0]; /* unsmoothed is infinite from n = 2 on, and is not drawn */
    if (seqnn_plot_lines(series + 1, COLUMNS - 1, picture, axes))
        return example_fail();

    for (int n = 1; n <= LONGEST; n++)
        if (sample(model, n, (uint64_t)options.seed, tokenizer, characters))
            return 1;
    seqnn_ngram_free(model);
    seqnn_token_sequences_free(text);
    seqnn_tokenizer_free(tokenizer);
    seqnn_texts_free(book);
    return 0;
}
