/* Word vectors:
 *
 *   bench_word2vec train CORPUS [OPTION ...] [--save FILE]
 *   bench_word2vec speed CORPUS [OPTION ...]
 *   bench_word2vec score VECTORS QUESTIONS PAIRS ...
 *
 *   --architecture cbow|skip-gram   --mode fast|reproducible   --epochs 5   --seed 1
 *   --alpha A (the library's)       --historical
 *
 * train trains once, writes word2vec's binary format and says how long that took and what
 * memory it needed. speed says "ready" and then answers each line of its input: "train"
 * with the seconds of a training of one epoch, by the clock on the wall and of the
 * processors, those of the vocabulary pass before it, the words of the corpus, the peak
 * memory and its limit in megabytes; "floor", after a "train", with what this machine can
 * do at best, see floor_of_machine. It ends when its input ends. score prints accuracy
 * and count of the analogy questions, and then Spearman's correlation and count of each
 * similarity set. word2vec.py and word2vec_quality.py run it beside gensim.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#define SEQNN_WORDS
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OUTPUTS = 6, ROWS = 1 + OUTPUTS, GROUPS = 1 << 18, AHEAD = 3 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Megabytes of the process at its largest. (What getrusage says includes the program that
 * started this one.) */
static double peak_memory(void)
{
    double kilobytes = 0;
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf", &kilobytes) == 1)
            break;
    if (file)
        fclose(file);
    return kilobytes * 1024e-6;
}

/* Both matrices, and of each word its letters, their place and its count. */
static double least_memory(const seqnn_word2vec *trained)
{
    const seqnn_word_vectors *vectors = trained->vectors;
    double bytes = (double)(vectors->count + trained->output_rows) *
                   (double)vectors->dimension * sizeof(seqnn_real);
    for (seqnn_size w = 0; w < vectors->count; w++)
        bytes +=
            (double)(strlen(vectors->word[w]) + 1 + sizeof(char *) + sizeof(int64_t));
    return bytes * 1e-6;
}

/* How often a word of the text stays, by subsampling. */
static double kept(const seqnn_word2vec *trained, double all, seqnn_size word)
{
    double share = 1e-3 * all / (double)trained->counts[word];
    return fmin(1, sqrt(share) + share);
}

/* Fused multiply-adds of all threads in a second, 10^9: chains of them in registers, more
 * than the latency needs. */
#ifdef __AVX512F__
enum { VECTOR_BYTES = 64 };
#else
enum { VECTOR_BYTES = 32 };
#endif
typedef float bench_vector __attribute__((vector_size(VECTOR_BYTES)));

static double multiply_adds(void)
{
    enum { CHAINS = 12, STEPS = 10000000, LANES = sizeof(bench_vector) / sizeof(float) };
    double done = 0, start = seconds();
#pragma omp parallel reduction(+ : done)
    {
        volatile float unknown = 0.5f, sink = 0; /* or the compiler leaves things out */
        bench_vector chain[CHAINS], x = unknown - (bench_vector){0}, y = x * unknown;
        for (int c = 0; c < CHAINS; c++)
            for (int l = 0; l < LANES; l++)
                chain[c][l] = unknown;
        for (int i = 0; i < STEPS; i++)
            for (int c = 0; c < CHAINS; c++)
                chain[c] = chain[c] * x + y;
        for (int c = 0; c < CHAINS; c++)
            for (int l = 0; l < LANES; l++)
                sink = sink + chain[c][l];
        done += (double)STEPS * CHAINS * LANES;
    }
    return done / (seconds() - start) * 1e-9;
}

/* The first entry of rising sums that is above a part of the last. */
static int32_t draw(const double *sums, seqnn_size count, double part)
{
    seqnn_size low = 0, high = count - 1;
    while (low < high) {
        seqnn_size middle = (low + high) / 2;
        if (sums[middle] > part * sums[count - 1])
            high = middle;
        else
            low = middle + 1;
    }
    return (int32_t)low;
}

/* Nanoseconds in which all threads together read and write the rows that a centre brings
 * with it: one of the words of the text and the outputs of the centre and of five words
 * by count^0.75, drawn so from two tables of the vocabulary's size. Told ahead of time
 * where they lie, so nothing waits longer than it must. */
static double rows_of_a_centre(const seqnn_word2vec *trained, seqnn_size row)
{
    seqnn_size words = trained->vectors->count;
    double *text = (double *)malloc((size_t)words * 2 * sizeof *text),
           *noise = text + words;
    int32_t *drawn = (int32_t *)malloc(sizeof *drawn * GROUPS * ROWS);
    float *tables = (float *)calloc((size_t)(2 * words * row), sizeof *tables);
    if (!text || !drawn || !tables) {
        fprintf(stderr, "bench_word2vec: no memory for the floor\n");
        exit(1);
    }
    double all = 0, best = HUGE_VAL, texts = 0, noises = 0;
    for (seqnn_size w = 0; w < words; w++)
        all += (double)trained->counts[w];
    for (seqnn_size w = 0; w < words; w++) {
        text[w] = texts += (double)trained->counts[w] * kept(trained, all, w);
        noise[w] = noises += pow((double)trained->counts[w], 0.75);
    }
    seqnn_random random = {.seed = 1};
    for (seqnn_size i = 0; i < GROUPS * ROWS; i++) {
        seqnn_size k = i % ROWS; /* 0: the input row, 1: the centre's output */
        drawn[i] = draw(k < 2 ? text : noise, words, seqnn_random_uniform(&random));
        if (k > 0)
            drawn[i] += (int32_t)words;
    }
    for (int trial = 0; trial < 3; trial++) {
        double start = seconds();
#pragma omp parallel for schedule(static)
        for (seqnn_size i = 0; i < GROUPS * ROWS; i++) {
            if (i + AHEAD * ROWS < GROUPS * ROWS) {
                const char *next = (const char *)(tables + drawn[i + AHEAD * ROWS] * row);
                for (seqnn_size byte = 0; byte < row * (seqnn_size)sizeof(float);
                     byte += 64)
                    __builtin_prefetch(next + byte, 1);
            }
            float *here = tables + drawn[i] * row;
            for (seqnn_size j = 0; j < row; j++)
                here[j] += 1;
        }
        best = fmin(best, seconds() - start);
    }
    free(text);
    free(drawn);
    free(tables);
    return best / GROUPS * 1e9;
}

/* Prints: words of the corpus that stay in a window, of one; contexts of a centre;
 * multiply-adds of a centre, counted as bench/README.md says; 10^9 of them in a second;
 * nanoseconds of a centre's rows; and the words per second that these two allow. */
static void floor_of_machine(const seqnn_word2vec *trained,
                             const seqnn_word2vec_options *options)
{
    double all = 0, centres = 0;
    for (seqnn_size w = 0; w < trained->vectors->count; w++)
        all += (double)trained->counts[w];
    for (seqnn_size w = 0; w < trained->vectors->count; w++)
        centres += (double)trained->counts[w] * kept(trained, all, w);
    /* A window of b has 2b contexts, but at both ends of a line b(b + 1)/2 are missing;
     * b is 1 to 5. */
    double contexts = 6 - 14 * (double)trained->lines / centres;
    double dimension = (double)trained->vectors->dimension;
    double work = options->architecture == SEQNN_SKIP_GRAM
                      ? 3 * OUTPUTS * contexts * dimension
                      : (2 * contexts + 3 * OUTPUTS) * dimension;
    seqnn_size row = (trained->vectors->dimension + 7) / 8 * 8;
    double stay = centres / (double)trained->corpus_words;
    double rate = multiply_adds(), rows = rows_of_a_centre(trained, row);
    printf("%.4f %.3f %.0f %.2f %.2f %.0f %.0f\n", stay, contexts, work, rate, rows,
           rate * 1e9 / work / stay, 1e9 / rows / stay);
}

static seqnn_word2vec *train(const char *corpus, seqnn_word2vec_options options)
{
    seqnn_word2vec *trained = seqnn_word2vec_train(corpus, options);
    if (!trained) {
        fprintf(stderr, "bench_word2vec: %s\n", seqnn_error());
        exit(1);
    }
    return trained;
}

static void train_once(const char *corpus, const char *into,
                       seqnn_word2vec_options options)
{
    double start = seconds();
    seqnn_word2vec *trained = train(corpus, options);
    double took = seconds() - start, peak = peak_memory();
    double words = (double)trained->corpus_words * (double)trained->epochs;
    if (into && seqnn_word_vectors_write(trained->vectors, into, SEQNN_VECTORS_BINARY)) {
        fprintf(stderr, "bench_word2vec: %s\n", seqnn_error());
        exit(1);
    }
    printf(
        "%.0f words/s, %.0f with the vocabulary pass (%.2f s); %.1f MB, two matrices and "
        "vocabulary %.1f\n",
        words / trained->training_seconds, words / took, trained->vocabulary_seconds,
        peak, least_memory(trained));
    seqnn_word2vec_free(trained);
}

/* Where processor time begins to count: at the first news of the training itself. */
typedef struct start {
    bool told;
    clock_t clock;
    int64_t words;
} start;

static bool note_start(void *context, const seqnn_word2vec_progress *progress)
{
    start *first = (start *)context;
    if (!first->told) {
        first->told = true;
        first->clock = clock();
        first->words = progress->words;
    }
    return true;
}

static void take_turns(const char *corpus, seqnn_word2vec_options options)
{
    char line[64];
    seqnn_word2vec *trained = NULL;
    double peak = 0; /* of the first training; what comes later may add to it */
    options.epochs = 1;
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (!strcmp(line, "floor\n") && trained) {
            floor_of_machine(trained, &options);
        } else {
            start first = {0};
            seqnn_word2vec_free(trained);
            options.on_progress = note_start;
            options.context = &first;
            trained = train(corpus, options);
            double worked = (double)(clock() - first.clock) / CLOCKS_PER_SEC;
            worked *= (double)trained->corpus_words /
                      (double)(trained->corpus_words - first.words);
            peak = peak > 0 ? peak : peak_memory();
            printf("%.6f %.6f %.6f %" PRId64 " %.1f %.1f\n", trained->training_seconds,
                   worked, trained->vocabulary_seconds, trained->corpus_words, peak,
                   1.2 * least_memory(trained));
        }
        fflush(stdout);
    }
    seqnn_word2vec_free(trained);
}

static int score(char **file, int files)
{
    seqnn_evaluation_options as_gensim = {0};
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(file[0]);
    seqnn_word_space *space = vectors ? seqnn_word_space_new(vectors) : NULL;
    seqnn_analogy_scores *analogies =
        space ? seqnn_analogies_evaluate(space, file[1], as_gensim) : NULL;
    bool good = analogies != NULL;
    if (good)
        printf("%.6f %lld\n", analogies->total.accuracy,
               (long long)analogies->total.seen);
    for (int i = 2; good && i < files; i++) {
        seqnn_similarity_score pairs =
            seqnn_similarities_evaluate(space, file[i], as_gensim);
        good = !pairs.status;
        if (good)
            printf("%.6f %lld\n", pairs.spearman, (long long)pairs.pairs);
    }
    if (!good)
        fprintf(stderr, "bench_word2vec: %s\n", seqnn_error());
    seqnn_analogy_scores_free(analogies);
    seqnn_word_space_free(space);
    seqnn_word_vectors_free(vectors);
    return good ? 0 : 1;
}

int main(int words, char **word)
{
    seqnn_word2vec_options options = {.dimension = 100,
                                      .window = 5,
                                      .negative = 5,
                                      .min_count = 5,
                                      .subsampling = 1e-3,
                                      .epochs = 5,
                                      .seed = 1,
                                      .architecture = SEQNN_CBOW,
                                      .mode = SEQNN_LOCK_FREE};
    const char *into = NULL;
    if (words > 3 && !strcmp(word[1], "score"))
        return score(word + 2, words - 2);
    if (words < 3 || (strcmp(word[1], "train") && strcmp(word[1], "speed"))) {
        fprintf(stderr, "bench_word2vec train|speed CORPUS [OPTION ...]\n"
                        "bench_word2vec score VECTORS QUESTIONS PAIRS ...\n");
        return 2;
    }
    for (int i = 3; i < words; i++) {
        const char *value = i + 1 < words ? word[i + 1] : "";
        if (!strcmp(word[i], "--historical")) {
            options.historical_cbow = true;
            continue;
        }
        if (!strcmp(word[i], "--architecture") && !strcmp(value, "cbow"))
            options.architecture = SEQNN_CBOW;
        else if (!strcmp(word[i], "--architecture") && !strcmp(value, "skip-gram"))
            options.architecture = SEQNN_SKIP_GRAM;
        else if (!strcmp(word[i], "--mode") && !strcmp(value, "fast"))
            options.mode = SEQNN_LOCK_FREE;
        else if (!strcmp(word[i], "--mode") && !strcmp(value, "reproducible"))
            options.mode = SEQNN_REPRODUCIBLE;
        else if (!strcmp(word[i], "--epochs"))
            options.epochs = atoi(value);
        else if (!strcmp(word[i], "--seed"))
            options.seed = (uint64_t)atoi(value);
        else if (!strcmp(word[i], "--alpha"))
            options.learning_rate = atof(value);
        else if (!strcmp(word[i], "--save"))
            into = value;
        else {
            fprintf(stderr, "bench_word2vec: what is %s %s?\n", word[i], value);
            return 2;
        }
        i++;
    }
    if (!strcmp(word[1], "train"))
        train_once(word[2], into, options);
    else
        take_turns(word[2], options);
    return 0;
}
