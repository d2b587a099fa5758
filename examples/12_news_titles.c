//%% [markdown]
/*
# 12 · News titles

A vanilla RNN reads a headline, word by word, and says which desk of the newsroom wrote
it: business, entertainment, politics, sport or tech.

    cc -O3 -march=native -fopenmp examples/12_news_titles.c -o 12 -lm && ./12

It prints the model, a line of progress per epoch and the best accuracy; draws loss and
accuracy, `12_news_titles_progress.png`, which grows while it trains, and how well each
class is told apart, `12_news_titles_confusion.png`; and saves what it has learnt as
`12_news_titles.safetensors`, from which it then sorts titles that you type:

    echo "Champion wins cup final" | ./12 predict

The titles in `datasets/bbc` are generated, in the format of the BBC's. With the public
ones (`make datasets SET=bbc`) the program is the same and the task is harder.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { PUBLIC_TITLES = 2002 }; /* the 90 % of BBC news that have a fixed split */

static int predict(const example_options *options); /* these follow after main */
static int compare_paddings(const seqnn_texts *titles, const example_options *options);

static const char model_file[] = "12_news_titles.safetensors";

static int fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

//%% [markdown]
/*
## From words to numbers

A title becomes a row of word numbers, the most frequent word being 1. All rows of a batch
must be of one length, so short titles are filled up with zeros. Here the zeros stand
*behind* the words ("post"). Small as it is, that is a decision: an RNN reads from left to
right, and what it says at the end is what it still remembers there.
*/
//%%
static seqnn_encode_options encoding_of(seqnn_side padding, seqnn_tokenizer *tokenizer)
{
    return (seqnn_encode_options){.padding = padding,
                                  .truncating = SEQNN_POST,
                                  .cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST,
                                  .tokenizer = tokenizer};
}

static seqnn_parts split(const seqnn_dataset *data, const seqnn_texts *titles)
{
    return example_split(data, titles, PUBLIC_TITLES, "datasets/splits/bbc_titles.txt");
}

//%% [markdown]
/*
## The model

Word number $w_t$ picks its row out of a table of vectors; that row is the input $x_t$
with $F = 100$ numbers. The RNN mixes it with what it remembers, $H = 50$ numbers:

$$h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$$

It begins with $h_0 = 0$ and goes on to the last word, $t = T$. Only the last state is
asked for the class. A dense layer turns it into one score per desk, and softmax turns
scores into probabilities:

$$\begin{aligned}
y &= \mathrm{softmax}(h_T W_y + b_y)\\
L &= -\ln y_{\text{true class}}
\end{aligned}$$

The same $W_x$, $W_h$ and $b$ serve every step, so a title may have any length. In
training, recurrent dropout leaves out a fifth of $h_{t-1}$, and the *same* fifth at every
step of a title: a memory that flickered from step to step would be none.

With `mask_zero` a padded step is no step at all: $h_t = h_{t-1}$, no gradient, and no
place in any mean.
*/
//%%
static seqnn_model *title_classifier(const seqnn_dataset *data, uint64_t seed, bool mask)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, data->vocabulary, 100,
                    (seqnn_embedding_options){.mask_zero = mask});
    seqnn_simple_rnn(model, 50, (seqnn_rnn_options){.recurrent_dropout = 0.2f});
    seqnn_dense(model, data->classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## Who is taken for whom

The scores of `seqnn_predict` become classes, and pairs of true and predicted class are
counted.
*/
//%%
static seqnn_status draw_confusion(seqnn_model *model, const seqnn_dataset *data,
                                   const char *path)
{
    const size_t classes = (size_t)data->classes;
    int32_t *predicted = example_memory((size_t)data->count, sizeof *predicted);
    int64_t *counts = example_memory(classes * classes, sizeof *counts);
    seqnn_tensor scores = seqnn_predict(model, data, (seqnn_predict_options){0});
    seqnn_status status =
        seqnn_predicted_classes(scores.data, data->count, data->classes, predicted);
    if (!status)
        status = seqnn_confusion_matrix(data->y.indices, predicted, data->count,
                                        data->classes, counts);
    if (!status)
        status = seqnn_plot_confusion(counts, data->classes, data->class_names, path,
                                      (seqnn_confusion_options){.title = "News titles"});
    free(predicted);
    free(counts);
    return status;
}

//%% [markdown]
/*
## The data

Titles become numbers, and a fifth of them is held back for validation: the network never
trains on these, so they can say what it will do with a headline it has not seen.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, "predict");
    if (options.variant)
        return predict(&options);
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *titles =
        seqnn_read_bbc_titles(seqnn_find_data(path, options.data, "bbc"));
    if (!titles)
        return fail();
    printf("%td titles in %td classes from %s\n", titles->count, titles->classes, path);
    if (options.seeds > 1) {
        int status = compare_paddings(titles, &options);
        seqnn_texts_free(titles);
        return status;
    }

    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_encode_options encoding = encoding_of(SEQNN_POST, tokenizer);
    seqnn_dataset *data = seqnn_encode(titles, encoding);
    seqnn_parts parts = split(data, titles);
    if (parts.status)
        return fail();

    //%% [markdown]
    /*
    ## Count the parameters

    Check the summary by hand. The table has a row of 100 for every word and for the
    padding. The RNN has $W_x$ with $100 \cdot 50$, $W_h$ with $50 \cdot 50$ and $b$ with
    $50$ numbers: $7550$. The dense layer has $50 \cdot 5 + 5 = 255$. The length of the
    titles is nowhere in it.
    */
    //%%
    printf("seed %ld\n", options.seed);
    seqnn_model *model = title_classifier(data, (uint64_t)options.seed, true);
    seqnn_model_summary(model, stdout);

    //%% [markdown]
    /*
    ## Train

    A network that knows nothing gives each of the five desks the probability $1/5$, and
    its loss is $\ln 5 \approx 1.61$. The first epoch must begin there: a first loss far
    above it says that something is wrong, before anything is learnt. Then watch two
    numbers part. `accuracy` is of the titles that are trained on, `val_accuracy` of the
    fifth that was held back; the distance between them is what was learnt by heart.

    The picture is drawn again every second: open it in an image viewer that notices. Each
    iteration is one batch of 64 titles and one step of the weights. The pale lines are
    these batches as they come, which differ a lot; the strong ones are smoothed.
    */
    //%%
    const char *picture = example_path(&options, "12_news_titles_progress.png");
    printf("drawn while it trains: %s\n", picture);
    seqnn_progress_plot *progress =
        seqnn_progress_plot_new(picture, (seqnn_progress_plot_options){0});
    if (!progress)
        return fail();
    seqnn_history history = seqnn_fit(model, parts.train,
                                      (seqnn_fit_options){
                                          .epochs = options.epochs  ? options.epochs
                                                    : options.quick ? 2
                                                                    : 10,
                                          .batch_size = 64,
                                          .validation = parts.validation,
                                          .monitor = SEQNN_MONITOR_VAL_ACCURACY,
                                          .patience = 5,
                                          .verbose = 1,
                                          .on_step = seqnn_progress_plot_on_step,
                                          .on_epoch = seqnn_progress_plot_on_epoch,
                                          .context = progress,
                                      });
    if (seqnn_progress_plot_free(progress) || !seqnn_ok(model))
        return fail();
    printf("best validation accuracy %.3f in epoch %td of %td\n",
           (double)history.val_accuracy[history.best_epoch], history.best_epoch + 1,
           history.epochs);
    printf("loss and accuracy: %s\n", picture);

    //%% [markdown]
    /*
    ## What the curves say

    About nine in ten of the generated titles come to the right desk, and the last epochs
    add little: both curves are flat, and training has reached what this model can do.

    The public titles tell another story. There accuracy on the training set climbs to 1
    while validation stays at two in three ($0.67 \pm 0.04$ over 15 seeds), and validation
    *loss* turns upwards after a few epochs although accuracy holds: the network is not
    wrong more often, it is more certain when it is wrong.
    */

    //%% [markdown]
    /*
    ## What the mistakes say

    A row is what a title was, a column what it was taken for; the diagonal is right. Read
    it by rows first: which desk is missed most often? Then look for pairs. Some
    words serve two desks: *owner* stands in titles of business and of sport, *deal* in
    business and entertainment, *fans* in entertainment and tech. A title that has little
    else ends off the diagonal.

    One warning belongs to this picture. On these titles a bag of words, which knows
    nothing of order, does *better* than the RNN (`datasets/README.md` has the table). A
    desk is told by its words, and reading in order is only one more way to forget them.
    Try the simple model first.
    */
    //%%
    picture = example_path(&options, "12_news_titles_confusion.png");
    if (draw_confusion(model, parts.validation, picture))
        return fail();
    printf("confusion matrix:  %s\n", picture);

    //%% [markdown]
    /*
    ## Keep it

    The file holds the weights, the layers, the words and the names of the desks: all that
    `./12 predict` needs.
    */
    //%%
    const char *file = example_path(&options, model_file);
    if (seqnn_save(model, file,
                   (seqnn_save_options){.encoding = &encoding, .data = data}))
        return fail();
    printf("trained model:     %s\n", file);

    seqnn_free(model);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(tokenizer);
    seqnn_texts_free(titles);
    return 0;
}

//%% [markdown]
/*
## A trained model reads titles

`./12 predict` takes one title a line from the standard input. Encoding is part of the
model: the words must get the numbers they had in training.
*/
//%%
static int print_desks(seqnn_model *model, const seqnn_encoding *encoding,
                       const seqnn_texts *titles)
{
    seqnn_dataset *data = seqnn_encode(titles, encoding->options);
    seqnn_tensor p = {0};
    if (data)
        p = seqnn_predict(model, data, (seqnn_predict_options){0});
    for (seqnn_size i = 0; p.data && i < titles->count; i++) {
        const seqnn_real *row = p.data + i * encoding->classes;
        int32_t best = 0;
        for (int32_t k = 1; k < encoding->classes; k++)
            best = row[k] > row[best] ? k : best;
        printf("%-14s %.3f  %s\n", encoding->class_names[best], (double)row[best],
               titles->text[i]);
    }
    seqnn_dataset_free(data);
    return p.data ? 0 : fail();
}

static int predict(const example_options *options)
{
    const char *path = example_path(options, model_file);
    seqnn_model *model = seqnn_load(path);
    seqnn_encoding *encoding = seqnn_load_encoding(path);
    seqnn_texts *titles = seqnn_texts_new();
    char line[4096];
    int status = model && encoding && titles ? 0 : fail();
    while (!status && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        status = seqnn_texts_add(titles, line, NULL, NULL) ? fail() : 0;
    }
    if (!status)
        status = print_desks(model, encoding, titles);
    seqnn_texts_free(titles);
    seqnn_encoding_free(encoding);
    seqnn_free(model);
    return status;
}

//%% [markdown]
/*
## Does the padding matter, does the mask?

One run is an anecdote. `./12 --seeds 15` trains four settings with 15 seeds each on one
split and prints mean and standard deviation. Behind the words and not masked, the RNN
goes on through the zeros, and what it prints is what it still remembers at the end of
them. With a mask the side of the padding cannot matter, because no padded step is
computed: the accuracies of the two masked settings are equal to the last digit.
*/
//%%
typedef struct findings {
    example_mean accuracy, seconds; /* by seed; by epoch */
} findings;

static int train_seed(const seqnn_parts *parts, seqnn_model *model, const char *setting,
                      long seed, const example_options *options, findings *all)
{
    seqnn_history history =
        seqnn_fit(model, parts->train,
                  (seqnn_fit_options){.epochs = options->epochs ? options->epochs : 50,
                                      .batch_size = 64,
                                      .validation = parts->validation,
                                      .monitor = SEQNN_MONITOR_VAL_ACCURACY,
                                      .patience = 5});
    if (!seqnn_ok(model))
        return fail();
    double best = (double)history.val_accuracy[history.best_epoch];
    printf("  %s: seed %2ld, best validation accuracy %.4f in epoch %td of %td\n",
           setting, seed, best, history.best_epoch + 1, history.epochs);
    example_mean_add(&all->accuracy, best);
    for (seqnn_size e = 0; e < history.epochs; e++)
        example_mean_add(&all->seconds, history.seconds[e]);
    return 0;
}

static int compare(const seqnn_texts *titles, seqnn_side padding, bool mask,
                   const example_options *options)
{
    seqnn_dataset *data = seqnn_encode(titles, encoding_of(padding, NULL));
    seqnn_parts parts = split(data, titles);
    int status = parts.status ? fail() : 0;
    findings all = {0};
    char setting[40];
    snprintf(setting, sizeof setting, "padding %s, %s",
             padding == SEQNN_POST ? "post" : "pre", mask ? "mask" : "no mask");
    for (long run = 0; run < options->seeds && !status; run++) {
        long seed = options->seed + run;
        seqnn_model *model = title_classifier(data, (uint64_t)seed, mask);
        status = train_seed(&parts, model, setting, seed, options, &all);
        seqnn_free(model);
    }
    if (!status)
        printf("%s: mean of %ld seeds %.4f, standard deviation %.4f, %.3f s an epoch\n",
               setting, all.accuracy.count, all.accuracy.mean,
               example_standard_deviation(&all.accuracy), all.seconds.mean);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    return status;
}

static int compare_paddings(const seqnn_texts *titles, const example_options *options)
{
    return compare(titles, SEQNN_POST, false, options) ||
           compare(titles, SEQNN_POST, true, options) ||
           compare(titles, SEQNN_PRE, false, options) ||
           compare(titles, SEQNN_PRE, true, options);
}

//%% [markdown]
/*
## Try it

1. Take `mask_zero` away, or pad in front (`SEQNN_PRE`). Which of the two does more? Use
   `--seeds 15` before you believe it.
2. Set `recurrent_dropout` to 0, then to 0.5. How far apart are `accuracy` and
   `val_accuracy` in the last epoch?
3. Give the RNN 5 units in place of 50, then 500. Which part of the summary grows?
4. Let the RNN read from right to left (`.go_backwards = true`). Should that change the
   accuracy here? Does it?
5. Ask `./12 predict` for the desk of "United win the cup". All five come out alike: which
   words has the network never seen?
*/
