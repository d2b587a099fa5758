/* bench/twins/titles.c - the other side of titles.py: the same model, split and protocol
 * (datasets/splits/README.md), for each side of the padding, with a mask and without
 *
 *     cc -O3 -march=native -fopenmp -I. bench/twins/titles.c -o build/titles -lm
 *     OMP_NUM_THREADS=1 build/titles datasets/cache/bbc 15
 */
#define SEQNN_IMPLEMENTATION
#include "seqnn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

/* The best validation accuracy of one seed, NaN after an error. */
static double train(const seqnn_parts *parts, bool mask, uint64_t seed,
                    seqnn_size *epochs)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, parts->train->vocabulary, 100,
                    (seqnn_embedding_options){.mask_zero = mask});
    seqnn_simple_rnn(model, 50,
                     (seqnn_rnn_options){.recurrent_dropout = (seqnn_real)0.2});
    seqnn_dense(model, parts->train->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    seqnn_history history =
        seqnn_fit(model, parts->train,
                  (seqnn_fit_options){.epochs = 50,
                                      .batch_size = 64,
                                      .validation = parts->validation,
                                      .monitor = SEQNN_MONITOR_VAL_ACCURACY,
                                      .patience = 5});
    double best =
        seqnn_ok(model) ? (double)history.val_accuracy[history.best_epoch] : (double)NAN;
    *epochs += history.epochs;
    seqnn_free(model);
    return best;
}

/* All seeds of one setting. */
static int measure(const seqnn_texts *titles, seqnn_side padding, bool mask, long seeds)
{
    seqnn_dataset *data = seqnn_encode(
        titles, (seqnn_encode_options){.padding = padding,
                                       .truncating = SEQNN_POST,
                                       .cleaning = SEQNN_CLEAN_PUNCTUATION_FIRST});
    seqnn_parts parts = seqnn_split_file(data, titles, "datasets/splits/bbc_titles.txt");
    double sum = 0, squares = 0;
    seqnn_size epochs = 0;
    clock_t start = clock();
    if (parts.status)
        return fail();
    printf("titles %s %s:", padding == SEQNN_POST ? "post" : "pre",
           mask ? "mask" : "no-mask");
    for (long seed = 0; seed < seeds; seed++) {
        double best = train(&parts, mask, (uint64_t)seed, &epochs);
        if (isnan(best))
            return fail();
        printf(" %.4f", best);
        fflush(stdout);
        sum += best;
        squares += best * best;
    }
    double mean = sum / (double)seeds, variance = squares / (double)seeds - mean * mean;
    printf("\n  %ld seeds, mean %.4f, sd %.4f, %.3f CPU s an epoch\n", seeds, mean,
           sqrt(fmax(variance, 0) * (double)seeds / (double)(seeds - 1)),
           (double)(clock() - start) / CLOCKS_PER_SEC / (double)epochs);
    seqnn_parts_free(&parts);
    seqnn_dataset_free(data);
    return 0;
}

int main(int argc, char **argv)
{
    long seeds = argc > 2 ? atol(argv[2]) : 15;
    if (argc < 2 || seeds < 2) {
        fprintf(stderr, "usage: %s FOLDER_OF_BBC [SEEDS, at least 2]\n", argv[0]);
        return 2;
    }
    seqnn_texts *titles = seqnn_read_bbc_titles(argv[1]);
    if (!titles)
        return fail();
    int status = 0;
    for (int setting = 0; setting < 4 && !status; setting++)
        status =
            measure(titles, setting < 2 ? SEQNN_POST : SEQNN_PRE, setting % 2, seeds);
    seqnn_texts_free(titles);
    return status;
}
