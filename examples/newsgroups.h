/* examples/newsgroups.h - what the newsgroup classifiers (07, 25, 26) share: posts as
 * word numbers, pretrained vectors for the words, the loop over seeds
 */
#ifndef EXAMPLE_NEWSGROUPS_H
#define EXAMPLE_NEWSGROUPS_H

#include "options.h"

enum { WORDS = 20000, LENGTH = 150, VECTOR = 100 };
enum { PUBLIC_POSTS = 18846 }; /* of 20 Newsgroups, bydate, both parts */

typedef struct newsgroups {
    seqnn_texts *posts;
    seqnn_tokenizer *words;
    seqnn_dataset *data; /* the last 150 words of each post */
    seqnn_parts parts;
    seqnn_real *vectors; /* [vocabulary, 100] */
} newsgroups;

/* Builds one of the models to be compared, with the activation of its dense layer. */
typedef seqnn_model *(*newsgroups_model)(const newsgroups *set, seqnn_activation dense,
                                         uint64_t seed);

static void newsgroups_free(newsgroups *set)
{
    free(set->vectors);
    seqnn_parts_free(&set->parts);
    seqnn_dataset_free(set->data);
    seqnn_tokenizer_free(set->words);
    seqnn_texts_free(set->posts);
}

/* Words without a pretrained vector start uniform in +-0.05. */
static seqnn_real *newsgroups_vectors(const seqnn_tokenizer *words, const char *path)
{
    size_t count = (size_t)seqnn_tokenizer_vocabulary(words) * VECTOR;
    seqnn_real *vectors = example_memory(count, sizeof *vectors);
    seqnn_random random = {.seed = 20};
    for (size_t i = 0; i < count; i++)
        vectors[i] = (seqnn_real)(0.1 * seqnn_random_uniform(&random) - 0.05);
    seqnn_coverage coverage = seqnn_word_vectors_into(words, path, vectors, VECTOR);
    if (coverage.status) {
        free(vectors);
        return NULL;
    }
    printf("vectors: %s has %td of %td words, %.1f %% of what is written\n", path,
           coverage.words_covered, coverage.words,
           100.0 * (double)coverage.tokens_covered / (double)coverage.tokens);
    return vectors;
}

static int newsgroups_load(newsgroups *set, const example_options *options,
                           seqnn_side padding)
{
    char path[SEQNN_PATH_SIZE];
    memset(set, 0, sizeof *set);
    set->posts = seqnn_read_newsgroups(
        seqnn_find_data(path, options->data, "20news[20news-bydate-train]"));
    if (!set->posts)
        return example_fail();
    printf("%td posts in %td groups from %s\n", set->posts->count, set->posts->classes,
           path);
    set->words = seqnn_tokenizer_new((seqnn_tokenizer_options){.num_words = WORDS});
    set->data = seqnn_encode(set->posts, (seqnn_encode_options){.tokenizer = set->words,
                                                                .length = LENGTH,
                                                                .padding = padding,
                                                                .truncating = SEQNN_PRE});
    if (!set->data)
        return example_fail();
    set->parts =
        example_split(set->data, set->posts, PUBLIC_POSTS, "datasets/splits/20news.txt");
    if (set->parts.status)
        return example_fail();
    const char *file =
        seqnn_find_data(path, options->data,
                        "wordvec/glove.6B.100d.first2604.txt|"
                        "wordvec/glove.6B.100d.txt|wordvec/vectors.100d.txt");
    set->vectors = file ? newsgroups_vectors(set->words, file) : NULL;
    return set->vectors ? 0 : example_fail();
}

/* Trains one model and says what it reached in its last epoch; draws the picture, unless
 * that is NULL. */
static int newsgroups_train_one(const newsgroups *set, seqnn_model *model,
                                const char *title, long seed, const char *picture,
                                const example_options *options, double *reached)
{
    seqnn_history history =
        seqnn_fit(model, set->parts.train,
                  (seqnn_fit_options){.epochs = options->epochs  ? options->epochs
                                                : options->quick ? 1
                                                                 : 10,
                                      .batch_size = 32,
                                      .optimizer = seqnn_rmsprop(0.001f),
                                      .validation = set->parts.validation,
                                      .verbose = 1});
    if (!seqnn_ok(model))
        return example_fail();
    double seconds = 0;
    for (seqnn_size e = 0; e < history.epochs; e++)
        seconds += history.seconds[e] / (double)history.epochs;
    *reached = (double)history.val_accuracy[history.epochs - 1];
    printf("%s, seed %ld: validation accuracy %.4f, %.2f s an epoch\n", title, seed,
           *reached, seconds);
    if (picture) {
        const char *path = example_path(options, picture);
        if (seqnn_plot_history(&history, path))
            return example_fail();
        printf("loss and accuracy: %s\n", path);
    }
    return 0;
}

/* --grad-check on four posts. A difference straddles the kink of relu; tanh has none. */
static inline int newsgroups_check(const newsgroups *set, newsgroups_model build,
                                   const example_options *options)
{
    seqnn_dataset few = seqnn_dataset_slice(set->data, 0, 4);
    seqnn_model *model = build(set, SEQNN_TANH, (uint64_t)options->seed);
    int status = example_gradient_check(model, &few, (seqnn_loss_options){0});
    seqnn_free(model);
    return status;
}

/* Trains one model per seed and prints what each reached, and their mean; the picture is
 * of the last. */
static inline int newsgroups_train(const newsgroups *set, const char *title,
                                   const char *picture, newsgroups_model build,
                                   const example_options *options)
{
    if (options->grad_check)
        return newsgroups_check(set, build, options);
    const long end = options->seed + options->seeds;
    example_mean accuracy = {0};
    int status = 0;
    for (long seed = options->seed; seed < end && !status; seed++) {
        seqnn_model *model = build(set, SEQNN_RELU, (uint64_t)seed);
        double reached = 0;
        if (seed == options->seed)
            seqnn_model_summary(model, stdout);
        printf("%s, seed %ld\n", title, seed);
        status = newsgroups_train_one(
            set, model, title, seed, seed == end - 1 ? picture : NULL, options, &reached);
        example_mean_add(&accuracy, reached);
        seqnn_free(model);
    }
    if (!status && options->seeds > 1)
        printf("%s: mean of %ld seeds %.4f, standard deviation %.4f\n", title,
               accuracy.count, accuracy.mean, example_standard_deviation(&accuracy));
    return status;
}

#endif
