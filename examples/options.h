/* examples/options.h - the options that all examples share, and what is printed about
 * several runs
 *
 *   --data DIR    where the data is; default: $SEQNN_DATA, datasets/cache, datasets
 *   --out DIR     where pictures go; default: the current folder
 *   --seed N      of the first run; default 0
 *   --seeds N     that many runs, of seeds seed, seed + 1, ...
 *   --epochs N    in place of the example's own number
 *   --quick       a small run for tests
 */
#ifndef EXAMPLE_OPTIONS_H
#define EXAMPLE_OPTIONS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct example_options {
    const char *data, *out;
    long seed, seeds, epochs;
    int quick;
    const char *variant; /* the example's own word: "07_pretrained_vectors frozen" */
} example_options;

#define EXAMPLE_OPTIONS                                                                  \
    "[--data DIR] [--out DIR] [--seed N] [--seeds N] [--epochs N] [--quick]"

/* Says what is wrong, if anything is, and how the example is called; then ends. */
static void example_usage(const char *program, const char *variants, const char *known,
                          const char *wrong)
{
    FILE *to = wrong ? stderr : stdout;
    if (wrong)
        fprintf(to, "%s: %s\n", program, wrong);
    fprintf(to, "usage: %s%s%s%s %s\n", program, variants ? " [" : "",
            variants ? variants : "", variants ? "]" : "", known);
    exit(wrong ? 2 : 0);
}

/* Whether word is one of "this|that|other". */
static int example_is_variant(const char *variants, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = variants; at && length > 0; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, word, length) == 0 && (at[length] == '|' || at[length] == 0))
            return 1;
    }
    return 0;
}

/* Whether word is one of "[--this N] [--that]". */
static int example_is_known(const char *known, const char *word)
{
    char start[20];
    size_t length = (size_t)snprintf(start, sizeof start, "[%s", word);
    const char *at = length < sizeof start ? strstr(known, start) : NULL;
    return at && (at[length] == ' ' || at[length] == ']');
}

/* For an example that has no use for some of the options: known lists the others. */
static example_options example_read_some(int argc, char **argv, const char *variants,
                                         const char *known)
{
    example_options options = {.out = ".", .seeds = 1};
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        long *number = strcmp(word, "--seed") == 0     ? &options.seed
                       : strcmp(word, "--seeds") == 0  ? &options.seeds
                       : strcmp(word, "--epochs") == 0 ? &options.epochs
                                                       : NULL;
        const char **text = strcmp(word, "--data") == 0  ? &options.data
                            : strcmp(word, "--out") == 0 ? &options.out
                                                         : NULL;
        if (strcmp(word, "--help") == 0)
            example_usage(argv[0], variants, known, NULL);
        else if (example_is_variant(variants, word))
            options.variant = word;
        else if (!example_is_known(known, word))
            example_usage(argv[0], variants, known, "an option it does not know");
        else if (strcmp(word, "--quick") == 0)
            options.quick = 1;
        else if (!value)
            example_usage(argv[0], variants, known, "the last option lacks its value");
        else if (text)
            *text = argv[++i];
        else {
            char *end;
            *number = strtol(argv[++i], &end, 10);
            if (*end || *number < 0)
                example_usage(argv[0], variants, known,
                              "a number was expected, 0 or more");
        }
    }
    return options;
}

static inline example_options example_read_options(int argc, char **argv,
                                                   const char *variants)
{
    return example_read_some(argc, argv, variants, EXAMPLE_OPTIONS);
}

/* "out/name" in memory that the next call uses again. */
static const char *example_path(const example_options *options, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", options->out, name);
    return path;
}

/* Zeroed memory; without it the program says so and ends. */
static inline void *example_memory(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) {
        fprintf(stderr, "no memory for %zu elements of %zu bytes\n", count, size);
        exit(1);
    }
    return memory;
}

/* The fixed split of a public set, which is known by its number of texts; the bundled
 * texts, or any others, are split by a seed. */
static inline seqnn_parts example_split(const seqnn_dataset *data,
                                        const seqnn_texts *texts, seqnn_size public_count,
                                        const char *file)
{
    if (texts->count != public_count)
        return seqnn_split(data, 0.2, 56);
    seqnn_parts parts = seqnn_split_file(data, texts, file);
    if (parts.status == SEQNN_ERROR_FILE)
        fprintf(stderr, "run this program from the root of the repository: %s is there\n",
                file);
    return parts;
}

/* The mean of what the seeds reached, one added after the other, and the sum of squared
 * distances from it (Welford 1962). Starts as all zero. */
typedef struct example_mean {
    long count;
    double mean, squares;
} example_mean;

static inline void example_mean_add(example_mean *of, double value)
{
    double distance = value - of->mean;
    of->mean += distance / (double)++of->count;
    of->squares += distance * (value - of->mean);
}

static inline double example_standard_deviation(const example_mean *of)
{
    return of->count > 1 ? sqrt(of->squares / (double)(of->count - 1)) : 0;
}

#endif
