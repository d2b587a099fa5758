/* 12 - News titles: a vanilla RNN reads a headline and says which desk wrote it
 *
 *   cc -O3 -march=native -fopenmp examples/12_news_titles.c -o 12 -lm && ./12
 *
 * Prints the model, a line of progress per epoch, and how well each class is told apart.
 * Draws 12_news_titles_history.png (loss and accuracy) and
 * 12_news_titles_confusion.png (who is taken for whom), and saves the trained model as
 * 12_news_titles.safetensors. `12 predict` loads it and reads titles, one a line:
 *
 *   echo "United win the cup" | ./12 predict
 *
 * With --seeds 15 it repeats the training on the fixed split instead, and compares what
 * padding behind the words does with and without a mask: without one the RNN goes on
 * through the zeros, and what it prints is what it still remembers at the end of them.
 */
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { PUBLIC_TITLES = 2002 }; /* the 90 % of BBC news that have a fixed split */

/* h_t = tanh(x_t W_x + h_(t-1) W_h + b), and softmax(h_T W + b) over the classes. */
static seqnn_model *title_classifier(const seqnn_dataset *data, uint64_t seed, bool mask)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, data->vocabulary, 100,
                    (seqnn_embedding_options){.mask_zero = mask});
    seqnn_simple_rnn(model, 50, (seqnn_rnn_options){.recurrent_dropout = 0.2f});
    seqnn_dense(model, data->classes, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

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

static int fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

/* ---- one run, with its pictures ---- */

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
                                      (seqnn_heatmap_options){.title = "News titles"});
    free(predicted);
    free(counts);
    return status;
}

static int train_once(seqnn_model *model, const seqnn_parts *parts,
                      const example_options *options)
{
    printf("seed %ld\n", options->seed);
    seqnn_model_summary(model, stdout);
    seqnn_history history = seqnn_fit(model, parts->train,
                                      (seqnn_fit_options){
                                          .epochs = options->epochs  ? options->epochs
                                                    : options->quick ? 2
                                                                     : 10,
                                          .batch_size = 64,
                                          .validation = parts->validation,
                                          .monitor = SEQNN_MONITOR_VAL_ACCURACY,
                                          .patience = 5,
                                          .verbose = 1,
                                      });
    if (!seqnn_ok(model))
        return fail();
    printf("best validation accuracy %.3f in epoch %td of %td\n",
           (double)history.val_accuracy[history.best_epoch], history.best_epoch + 1,
           history.epochs);

    const char *path = example_path(options, "12_news_titles_history.png");
    if (seqnn_plot_history(&history, path))
        return fail();
    printf("loss and accuracy: %s\n", path);
    path = example_path(options, "12_news_titles_confusion.png");
    if (draw_confusion(model, parts->validation, path))
        return fail();
    printf("confusion matrix:  %s\n", path);
    return 0;
}

static const char model_file[] = "12_news_titles.safetensors";

static int save(seqnn_model *model, const seqnn_encode_options *encoding,
                const seqnn_dataset *data, const example_options *options)
{
    const char *path = example_path(options, model_file);
    if (seqnn_save(model, path, (seqnn_save_options){.encoding = encoding, .data = data}))
        return fail();
    printf("trained model:     %s\n", path);
    return 0;
}

/* ---- a trained model reads titles from the standard input ---- */

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

/* ---- many runs: does the side of the padding matter, does the mask? ---- */

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

static int run_once(const seqnn_texts *titles, const example_options *options)
{
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_encode_options encoding = encoding_of(SEQNN_POST, tokenizer);
    seqnn_dataset *data = seqnn_encode(titles, encoding);
    seqnn_parts parts = split(data, titles);
    int status = parts.status ? fail() : 0;
    if (!status) {
        seqnn_model *model = title_classifier(data, (uint64_t)options->seed, true);
        status =
            train_once(model, &parts, options) || save(model, &encoding, data, options);
        seqnn_free(model);
    }
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(tokenizer);
    return status;
}

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

    int status = 0;
    if (options.seeds > 1)
        status = compare(titles, SEQNN_POST, false, &options) ||
                 compare(titles, SEQNN_POST, true, &options) ||
                 compare(titles, SEQNN_PRE, false, &options) ||
                 compare(titles, SEQNN_PRE, true, &options);
    else
        status = run_once(titles, &options);
    seqnn_texts_free(titles);
    return status;
}
