/* 12 - News titles: a vanilla RNN reads a headline and says which desk wrote it
 *
 *   cc -O3 -march=native -fopenmp examples/12_news_titles.c -o 12 -lm && ./12
 *
 * Prints the model, a line of progress per epoch, and how well each class is told apart.
 * Draws 12_news_titles_history.png (loss and accuracy) and
 * 12_news_titles_confusion.png (who is taken for whom).
 *
 * With --seeds 15 it repeats the training on the fixed split instead, and compares what
 * padding behind the words does with and without a mask: without one the RNN goes on
 * through the zeros, and what it prints is what it still remembers at the end of them.
 */
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

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

static seqnn_dataset *encode(const seqnn_texts *titles, seqnn_side padding)
{
    return seqnn_encode(
        titles, (seqnn_encode_options){.padding = padding,
                                       .truncating = SEQNN_POST,
                                       .cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST});
}

/* The 90 % of the public set that the fixed split was made for, or any other titles. */
static seqnn_parts split(const seqnn_dataset *data, const seqnn_texts *titles)
{
    if (titles->count == 2002)
        return seqnn_split_file(data, titles, "datasets/splits/bbc_titles.txt");
    return seqnn_split(data, 0.2, 56);
}

static int fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

/* ---- one run, with its pictures ---- */

static int draw_confusion(seqnn_model *model, const seqnn_dataset *data, const char *path)
{
    seqnn_tensor scores = seqnn_predict(model, data, (seqnn_predict_options){0});
    int32_t *predicted = malloc((size_t)data->count * sizeof *predicted);
    int64_t counts[8 * 8];
    seqnn_status status =
        seqnn_predicted_classes(scores.data, data->count, data->classes, predicted);
    if (!status)
        status = seqnn_confusion_matrix(data->y.indices, predicted, data->count,
                                        data->classes, counts);
    if (!status)
        status = seqnn_plot_confusion(counts, data->classes, data->class_names, path,
                                      (seqnn_heatmap_options){.title = "News titles"});
    free(predicted);
    return status;
}

static int train_once(const seqnn_dataset *data, const seqnn_parts *parts,
                      const example_options *options)
{
    seqnn_model *model = title_classifier(data, (uint64_t)options->seed, true);
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
    seqnn_free(model);
    return 0;
}

/* ---- many runs: does the side of the padding matter, does the mask? ---- */

static int compare(const seqnn_texts *titles, seqnn_side padding, bool mask,
                   const example_options *options)
{
    seqnn_dataset *data = encode(titles, padding);
    seqnn_parts parts = split(data, titles);
    double sum = 0, squares = 0, seconds = 0, epochs = 0;
    if (parts.status)
        return fail();
    for (long seed = options->seed; seed < options->seed + options->seeds; seed++) {
        seqnn_model *model = title_classifier(data, (uint64_t)seed, mask);
        seqnn_history history = seqnn_fit(
            model, parts.train,
            (seqnn_fit_options){.epochs = options->epochs ? options->epochs : 50,
                                .batch_size = 64,
                                .validation = parts.validation,
                                .monitor = SEQNN_MONITOR_VAL_ACCURACY,
                                .patience = 5});
        if (!seqnn_ok(model))
            return fail();
        double best = (double)history.val_accuracy[history.best_epoch];
        printf(
            "  padding %s, %s: seed %2ld, best validation accuracy %.4f in epoch %td of "
            "%td\n",
            padding == SEQNN_POST ? "post" : "pre", mask ? "mask" : "no mask", seed, best,
            history.best_epoch + 1, history.epochs);
        sum += best;
        squares += best * best;
        for (seqnn_size e = 0; e < history.epochs; e++, epochs++)
            seconds += history.seconds[e];
        seqnn_free(model);
    }
    double n = (double)options->seeds, mean = sum / n;
    printf("padding %s, %s: mean of %ld seeds %.4f, standard deviation %.4f, %.3f s an "
           "epoch\n",
           padding == SEQNN_POST ? "post" : "pre", mask ? "mask" : "no mask",
           options->seeds, mean,
           n > 1 ? sqrt((squares - n * mean * mean) / (n - 1)) : 0.0, seconds / epochs);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    return 0;
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL);
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *titles =
        seqnn_read_bbc_titles(seqnn_find_data(path, options.data, "bbc"));
    if (!titles)
        return fail();
    printf("%td titles in %td classes from %s\n", titles->count, titles->classes, path);

    int status = 0;
    if (options.seeds > 1) {
        status = compare(titles, SEQNN_POST, false, &options) ||
                 compare(titles, SEQNN_POST, true, &options) ||
                 compare(titles, SEQNN_PRE, false, &options) ||
                 compare(titles, SEQNN_PRE, true, &options);
    } else {
        seqnn_dataset *data = encode(titles, SEQNN_POST);
        seqnn_parts parts = split(data, titles);
        if (parts.status)
            return fail();
        status = train_once(data, &parts, &options);
        seqnn_parts_free(&parts);
        seqnn_dataset_free(data);
    }
    seqnn_texts_free(titles);
    return status;
}
