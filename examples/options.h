/* examples/options.h - what the course's programs share beside seqnn.h: their options,
 * and what is printed about several runs and about gradients
 *
 *     example_options options =
 *         example_read_options(argc, argv, "pre|post", EXAMPLE_SEEDS " [--rho X]");
 *
 * reads the options below, one of the words "pre" and "post", which becomes
 * options.variant, and a number of the program's own: example_number(&options, "--rho",
 * 1). What is wrong is said with the usage, and ends the program with status 2.
 *
 *   --data DIR     where the data is; default: $SEQNN_DATA, datasets/cache, datasets
 *   --out DIR      where pictures go; default: the current folder
 *   --seed N       of the first run; default 0
 *   --quick        a small run for tests
 *   --grad-check   backpropagation beside finite differences, in place of the program
 *   --seeds N      that many runs, of seeds seed, seed + 1, ...     (EXAMPLE_SEEDS)
 *   --epochs N     in place of the example's own number             (EXAMPLE_EPOCHS)
 */
#ifndef EXAMPLE_OPTIONS_H
#define EXAMPLE_OPTIONS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLE_OPTIONS "[--data DIR] [--out DIR] [--seed N] [--quick] [--grad-check]"
#define EXAMPLE_SEEDS " [--seeds N]"
#define EXAMPLE_EPOCHS " [--epochs N]"

enum { EXAMPLE_NUMBERS = 8 };

typedef struct example_options {
    const char *data, *out;
    long seed, seeds, epochs;
    int seeds_given, quick, grad_check;
    const char *variant; /* the example's own word: "25_lstm_newsgroups pre" */
    const char *number_name[EXAMPLE_NUMBERS];
    double number[EXAMPLE_NUMBERS]; /* its own numbers, see example_number */
} example_options;

/* How a program is called. */
typedef struct example_call {
    const char *program, *variants, *more;
} example_call;

/* Says what is wrong, if anything is, and how the example is called; then ends. */
static void example_usage(const example_call *call, const char *word, const char *wrong)
{
    FILE *to = wrong ? stderr : stdout;
    if (wrong)
        fprintf(to, "%s: %s: %s\n", call->program, word, wrong);
    fprintf(to, "usage: %s%s%s%s %s%s\n", call->program, call->variants ? " [" : "",
            call->variants ? call->variants : "", call->variants ? "]" : "",
            EXAMPLE_OPTIONS, call->more);
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
    char start[40];
    size_t length = (size_t)snprintf(start, sizeof start, "[%s", word);
    const char *at = length < sizeof start ? strstr(known, start) : NULL;
    return at && (at[length] == ' ' || at[length] == ']');
}

/* The number after word. */
static double example_read_number(const example_call *call, const char *word,
                                  const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end)
        example_usage(call, word, "a number was expected");
    return number;
}

/* One that counts: whole, and no less than that. */
static long example_read_count(const example_call *call, const char *word,
                               const char *text, long least)
{
    double number = example_read_number(call, word, text);
    if (!(number >= (double)least && number <= 1e9) || number != floor(number))
        example_usage(call, word,
                      least ? "a number was expected, whole and 1 or more"
                            : "a number was expected, whole and 0 or more");
    return (long)number;
}

static void example_own_number(const example_call *call, example_options *options,
                               const char *word, const char *text)
{
    int i = 0;
    while (i < EXAMPLE_NUMBERS - 1 && options->number_name[i] &&
           strcmp(options->number_name[i], word) != 0)
        i++;
    options->number_name[i] = word;
    options->number[i] = example_read_number(call, word, text);
}

static example_options example_read_options(int argc, char **argv, const char *variants,
                                            const char *more)
{
    const example_call call = {argv[0], variants, more};
    example_options options = {.out = ".", .seeds = 1};
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        long *count = strcmp(word, "--seed") == 0     ? &options.seed
                      : strcmp(word, "--seeds") == 0  ? &options.seeds
                      : strcmp(word, "--epochs") == 0 ? &options.epochs
                                                      : NULL;
        const char **text = strcmp(word, "--data") == 0  ? &options.data
                            : strcmp(word, "--out") == 0 ? &options.out
                                                         : NULL;
        int *flag = strcmp(word, "--quick") == 0        ? &options.quick
                    : strcmp(word, "--grad-check") == 0 ? &options.grad_check
                                                        : NULL;
        if (strcmp(word, "--help") == 0)
            example_usage(&call, word, NULL);
        else if (example_is_variant(variants, word))
            options.variant = word;
        else if (!example_is_known(EXAMPLE_OPTIONS, word) &&
                 !example_is_known(more, word))
            example_usage(&call, word, "an option it does not know");
        else if (flag)
            *flag = 1;
        else if (!value)
            example_usage(&call, word, "this option lacks its value");
        else if (text)
            *text = argv[++i];
        else if (count) {
            *count = example_read_count(&call, word, argv[++i], count != &options.seed);
            options.seeds_given |= count == &options.seeds;
        } else
            example_own_number(&call, &options, word, argv[++i]);
    }
    return options;
}

/* What the call says of a number of the example's own, "--rho". */
static inline double example_number(const example_options *options, const char *name,
                                    double otherwise)
{
    for (int i = 0; i < EXAMPLE_NUMBERS && options->number_name[i]; i++)
        if (strcmp(options->number_name[i], name) == 0)
            return options->number[i];
    return otherwise;
}

/* Prints what went wrong; the program's exit status. */
static inline int example_fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

/* "out/name" in memory that the next call uses again. */
static inline const char *example_path(const example_options *options, const char *name)
{
    static char path[4096];
    if (strcmp(options->out, ".") == 0)
        return name;
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

/* How far a gradient may be from its finite difference, which loses half the digits. */
static inline double example_gradient_limit(void)
{
    return sizeof(seqnn_real) == sizeof(double) ? 1e-6 : 2e-2;
}

/* One line of a table of gradients: what was derived, what the difference says, and
 * whether they agree, up to the limit times the larger of scale and the two. 0 if so. */
static inline int example_check_line(const char *what, double derived, double difference,
                                     double scale)
{
    double size = fmax(fabs(scale), fmax(fabs(derived), fabs(difference)));
    int good = fabs(derived - difference) <= example_gradient_limit() * size;
    printf("%-24s %13.6f %13.6f  %s\n", what, derived, difference,
           good ? "agree" : "DIFFER");
    return !good;
}

static inline void example_check_head(const char *what)
{
    printf("%-24s %13s %13s\n", what, "derived", "difference");
}

/* Backpropagation beside finite differences (seqnn_gradient_check): of every parameter
 * tensor the element where they are farthest apart. 0 if all agree. Compiled with
 * -DSEQNN_DOUBLE, they agree to 1e-6 and better. */
static inline int example_gradient_check(seqnn_model *model, const seqnn_dataset *batch,
                                         seqnn_loss_options loss)
{
    enum { TENSORS = 64 };
    seqnn_gradient_error errors[TENSORS];
    seqnn_size count = 0;
    double worst = seqnn_gradient_check(
        model, batch, (seqnn_gradient_check_options){.loss = loss, .limit = 100}, errors,
        TENSORS, &count);
    if (!(worst >= 0))
        return example_fail();
    example_check_head("parameter");
    for (seqnn_size i = 0; i < count && i < TENSORS; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s.%s[%td]", errors[i].layer, errors[i].parameter,
                 errors[i].worst);
        printf("%-24s %13.6f %13.6f  %s\n", name, errors[i].gradient,
               errors[i].difference,
               errors[i].error <= example_gradient_limit() ? "agree" : "DIFFER");
    }
    int good = worst <= example_gradient_limit();
    printf("gradients %s finite differences to %g of the largest of each tensor\n",
           good ? "agree with" : "DIFFER FROM", example_gradient_limit());
    return !good;
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
