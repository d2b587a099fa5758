//%% [markdown]
/*
# 12 · News titles

A vanilla RNN reads a headline, word by word, and says which desk of the newsroom wrote
it: business, entertainment, politics, sport or tech.

    cc -O3 -march=native -fopenmp examples/12_news_titles.c -o 12 -lm && ./12

It prints the model, a line per epoch, and what the network knows with the weights of its
last epoch and of its best; draws loss and accuracy while it trains,
`12_news_titles_progress.png`, and who is taken for whom, `12_news_titles_confusion.png`;
saves what it has learnt as `12_news_titles.safetensors`, from which a fresh process then
sorts titles that you type:

    echo "Champion wins cup final" | ./12 predict

The titles in `datasets/bbc` are generated, in the format of the BBC's. With the public
ones (`make datasets SET=bbc`) the program is the same and the task is harder.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

/* 2002 of the BBC's titles, nine tenths, have a fixed split */
enum { EMBEDDING = 100, UNITS = 50, EPOCHS = 30, PATIENCE = 5, PUBLIC_TITLES = 2002 };

static const char model_file[] = "12_news_titles.safetensors";
static int predict(const example_options *options); /* it follows after main */

//%% [markdown]
/*
## The model

Word number $w_t$ picks its row of a table of vectors, $x_t = E[w_t]$; the RNN mixes it
with what it remembers, and only the last state, $h_T$, is asked for the desk:

$$h_t = \tanh(x_t W_x + h_{t-1} W_h + b), \qquad y = \mathrm{softmax}(h_T W_y + b_y),
\qquad L = -\ln y_k$$
*/
//%%
static seqnn_model *title_classifier(const seqnn_dataset *data, long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_embedding(model, data->vocabulary, EMBEDDING,
                    (seqnn_embedding_options){.mask_zero = true});
    seqnn_simple_rnn(model, UNITS, (seqnn_rnn_options){.recurrent_dropout = 0.2f});
    seqnn_dense(model, data->classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## Early stopping

After five epochs without a new best accuracy on the validation titles training ends. The
network then holds the weights of its *last* epoch; with `restore_best` it gets those of
the best one back. `plot` may be NULL.
*/
//%%
static seqnn_history train(seqnn_model *model, const seqnn_dataset *titles,
                           const seqnn_dataset *validation, bool restore_best,
                           const example_options *options, seqnn_progress_plot *plot)
{
    seqnn_size epochs = options->epochs ? options->epochs : options->quick ? 2 : EPOCHS;
    return seqnn_fit(model, titles,
                     (seqnn_fit_options){.epochs = epochs,
                                         .batch_size = 64,
                                         .validation = validation,
                                         .monitor = SEQNN_MONITOR_VAL_ACCURACY,
                                         .patience = PATIENCE,
                                         .restore_best = restore_best,
                                         .verbose = plot != NULL,
                                         .on_step = seqnn_progress_plot_on_step,
                                         .on_epoch = seqnn_progress_plot_on_epoch,
                                         .context = plot});
}

//%% [markdown]
/*
## Three parts

A title becomes a row of word numbers, the most frequent word being 1, filled up with
zeros behind its words. Four fifths of the titles train. Of the others one half decides
when to stop and which epoch was best; the other half, the *test*, decides nothing, and
can therefore judge.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, "predict", EXAMPLE_EPOCHS EXAMPLE_SEEDS);
    if (options.variant)
        return predict(&options);
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *titles =
        seqnn_read_bbc_titles(seqnn_find_data(path, options.data, "bbc"));
    seqnn_encode_options encoding = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    encoding.cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST;
    encoding.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_dataset *data = seqnn_encode(titles, encoding);
    if (!data)
        return example_fail();
    seqnn_parts parts =
        example_split(data, titles, PUBLIC_TITLES, "datasets/splits/bbc_titles.txt");
    seqnn_parts halves = seqnn_split(parts.validation, 0.5, 56);
    if (parts.status || halves.status)
        return example_fail();
    const seqnn_dataset *validation = halves.train, *test = halves.validation;
    printf("%td titles in %td classes from %s\n", titles->count, titles->classes, path);
    printf("%td train, %td decide when to stop, %td judge in the end\n",
           parts.train->count, validation->count, test->count);
    seqnn_texts_free(titles);

    //%% [markdown]
    /*
    ## Count the parameters

    Check the summary by hand: $E$ has a row of 100 for every word and for the padding;
    $W_x$, $W_h$ and $b$ are $100 \cdot 50 + 50 \cdot 50 + 50 = 7550$; $W_y$ and $b_y$
    $50 \cdot 5 + 5 = 255$. The length of the titles is nowhere in it.
    */
    //%%
    seqnn_model *model = title_classifier(data, options.seed);
    if (options.grad_check) {
        seqnn_dataset batch = seqnn_dataset_slice(parts.train, 0, 16);
        int status = example_gradient_check(model, &batch, (seqnn_loss_options){0});
        seqnn_free(model);
        seqnn_parts_free(&halves);
        seqnn_parts_free(&parts);
        seqnn_dataset_free(data);
        seqnn_tokenizer_free(encoding.tokenizer);
        return status;
    }
    seqnn_model_summary(model, stdout);

    //%% [markdown]
    /*
    ## Train, twice the same

    A network that knows nothing gives each desk $1/5$: the loss begins near
    $\ln 5 = 1.61$. Both trainings are the same to the bit, for they have the same seed;
    one keeps the weights of the last epoch, the other those of the best.
    */
    //%%
    const char *picture = example_path(&options, "12_news_titles_progress.png");
    seqnn_progress_plot *plot = seqnn_progress_plot_new(
        picture, (seqnn_progress_plot_options){.width = 600, .height = 420});
    if (!plot)
        return example_fail();
    printf("drawn while it trains: %s\n", picture);
    example_mean loss[2] = {{0}}, accuracy[2] = {{0}}; /* of the last weights, the best */
    for (long run = 0; run < 2 * options.seeds; run++) {
        const bool best = run % 2;
        const long seed = options.seed + run / 2;
        seqnn_free(model);
        model = title_classifier(data, seed);
        seqnn_history history =
            train(model, parts.train, validation, best, &options, run ? NULL : plot);
        if (!seqnn_ok(model))
            return example_fail();
        if (!best)
            printf("seed %ld: best epoch %td of %td, validation accuracy %.3f\n", seed,
                   history.best_epoch + 1, history.epochs,
                   (double)history.val_accuracy[history.best_epoch]);
        seqnn_evaluation of = seqnn_evaluate(model, test, (seqnn_evaluate_options){0});
        printf("  %s weights: test loss %.3f, test accuracy %.3f\n",
               best ? "best" : "last", (double)of.loss, (double)of.accuracy);
        example_mean_add(&loss[best], (double)of.loss);
        example_mean_add(&accuracy[best], (double)of.accuracy);
    }
    if (seqnn_progress_plot_free(plot))
        return example_fail();
    if (options.seeds > 1)
        for (int best = 0; best < 2; best++)
            printf("%s weights, mean of %ld seeds: loss %.3f, accuracy %.4f (sd %.4f)\n",
                   best ? "best" : "last", options.seeds, loss[best].mean,
                   accuracy[best].mean, example_standard_deviation(&accuracy[best]));

    //%% [markdown]
    /*
    ## Who is taken for whom

    A row is what a title was, a column what it was taken for; the diagonal is right.
    */
    //%%
    int64_t *confusion =
        example_memory((size_t)(data->classes * data->classes), sizeof *confusion);
    picture = example_path(&options, "12_news_titles_confusion.png");
    if (seqnn_evaluate_confusion(model, test, confusion) ||
        seqnn_plot_confusion(confusion, data->classes, data->class_names, picture,
                             (seqnn_confusion_options){.title = "News titles, test"}))
        return example_fail();
    printf("confusion matrix: %s\n", picture);

    //%% [markdown]
    /*
    ## Keep it

    The file holds weights, layers, words and the names of the desks: all that
    `./12 predict` needs.
    */
    //%%
    const char *file = example_path(&options, model_file);
    if (seqnn_save(model, file,
                   (seqnn_save_options){.encoding = &encoding, .data = data}))
        return example_fail();
    printf("trained model: %s\n", file);

    free(confusion);
    seqnn_free(model);
    seqnn_parts_free(&halves);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(encoding.tokenizer);
    return 0;
}

//%% [markdown]
/*
## A trained model reads titles

`./12 predict` takes one title a line from the standard input. Encoding is part of the
model: the words must get the numbers they had in training.
*/
//%%
static int predict(const example_options *options)
{
    const char *file = example_path(options, model_file);
    seqnn_model *model = seqnn_load(file);
    seqnn_encoding *encoding = seqnn_load_encoding(file);
    char line[4096];
    while (model && encoding && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        seqnn_texts *title = seqnn_texts_new();
        seqnn_texts_add(title, line, NULL, NULL);
        seqnn_dataset *data = seqnn_encode(title, encoding->options);
        seqnn_tensor y = seqnn_predict(model, data, (seqnn_predict_options){0});
        int32_t desk;
        if (seqnn_predicted_classes(y.data, 1, encoding->classes, &desk))
            return example_fail();
        printf("%-14s %.3f  %s\n", encoding->class_names[desk], (double)y.data[desk],
               line);
        seqnn_dataset_free(data);
        seqnn_texts_free(title);
    }
    int status = model && encoding ? 0 : example_fail();
    seqnn_encoding_free(encoding);
    seqnn_free(model);
    return status;
}
