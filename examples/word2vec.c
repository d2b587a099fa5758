/* examples/word2vec.c - word vectors of any text, from the command line
 *
 *     cc -O3 -march=native -fopenmp examples/word2vec.c -o word2vec -lm
 *     ./word2vec --train my.txt --skip-gram --near coffee --save my.bin
 *
 * It prints the most frequent words, a progress line with words a second and the time
 * that is left, neighbours and, if they are asked for, analogy questions and
 * similarities. It saves the vectors, which gensim and others open, and draws words and
 * their neighbours, word2vec_pca.png and word2vec_tsne.png. --help lists the options;
 * section 06 of the course says what is computed.
 */
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#define SEQNN_WORDS
#include "../seqnn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif
#include <unistd.h>

enum { MAX_GIVEN = 16 };

typedef struct word_options {
    const char *out, *train;
    const char *save[MAX_GIVEN], *asked[MAX_GIVEN], *questions, *similarity;
    int saves, asked_count;
    bool short_text; /* the text has less than two megabytes */
    int threads;
    seqnn_word2vec_options training;
} word_options;

static int word_fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

/* ---- the command line ---- */

static const char word_usage_text[] =
    "  --train FILE         any text, a sentence or paragraph a line; cleaning knows\n"
    "                       ASCII only: of other characters capitals stay capitals,\n"
    "                       and curly quotes and dashes stay part of their words\n"
    "  --cbow, --skip-gram  default: CBOW\n"
    "  --dimension N        of the vectors: 100, of a small text 50\n"
    "  --window N           words on each side: 5\n"
    "  --negative N         words for negative sampling: 5\n"
    "  --hierarchical       hierarchical softmax in place of it\n"
    "  --full-softmax       full softmax: for some hundreds of words\n"
    "  --min-count N        leave rarer words out: 5\n"
    "  --subsampling T      of frequent words: 0.001; 0: none\n"
    "  --epochs N           5, of a small text 20\n"
    "  --learning-rate X    at the start: 0.05, of a small text 0.1, of skip-gram 0.025\n"
    "  --lock-free          faster, but with several threads not the same every time\n"
    "  --threads N          default: all, for a small text one\n"
    "  --as-is              words as they stand between blanks: no lower case, no\n"
    "                       cleaning\n"
    "  --seed N             0\n"
    "  --near WORD          show its neighbours; may be given again\n"
    "  --questions FILE     analogy questions\n"
    "  --similarity FILE    pairs of words and their similarity\n"
    "  --save FILE          vectors, as .bin (word2vec's), .txt or .safetensors; may be\n"
    "                       given again\n"
    "  --out DIR            where pictures go\n"
    "  --quick              one epoch\n";

/* Says what is wrong, if anything is, and how to call it; then ends. */
static void word_usage(const char *program, const char *word, const char *wrong)
{
    FILE *to = wrong ? stderr : stdout;
    if (wrong)
        fprintf(to, "%s: %s: %s\nusage: %s --train FILE [options]; --help lists them\n",
                program, word, wrong, program);
    else
        fprintf(to, "usage: %s --train FILE [options]\n%s", program, word_usage_text);
    exit(wrong ? 2 : 0);
}

static double word_number(const char *program, const char *word, const char *value,
                          double least, double most)
{
    char *end, wrong[100];
    double number = strtod(value, &end);
    if (end != value && *end == 0 && number >= least && number <= most)
        return number;
    snprintf(wrong, sizeof wrong, "a number was expected, %g to %.15g, not \"%.30s\"",
             least, most, value);
    word_usage(program, word, wrong);
    return 0;
}

static int64_t word_whole_number(const char *program, const char *word, const char *value,
                                 double least, double most)
{
    double number = word_number(program, word, value, least, most);
    if (number != (double)(int64_t)number)
        word_usage(program, word, "a whole number was expected");
    return (int64_t)number;
}

static void word_threads(int count)
{
#ifdef _OPENMP
    omp_set_num_threads(count);
#else
    (void)count; /* compiled without -fopenmp: there is one */
#endif
}

static seqnn_vector_format word_format(const char *program, const char *path)
{
    const char *end = strrchr(path, '.');
    if (end && strcmp(end, ".bin") == 0)
        return SEQNN_VECTORS_BINARY;
    if (end && strcmp(end, ".txt") == 0)
        return SEQNN_VECTORS_WORD2VEC;
    if (end && strcmp(end, ".safetensors") == 0)
        return SEQNN_VECTORS_SAFETENSORS;
    word_usage(program, path, "vectors are saved as .bin, .txt or .safetensors");
    return SEQNN_VECTORS_DEFAULT;
}

/* What would otherwise fail when the training is over: folders to write into, files to be
 * asked. */
static void word_check_folder(const char *program, const char *folder, int length)
{
    char path[SEQNN_PATH_SIZE], inside[SEQNN_PATH_SIZE + 2];
    snprintf(path, sizeof path, "%.*s", length, folder);
    snprintf(inside, sizeof inside, "%s/.", path);
    if (access(inside, W_OK) != 0)
        word_usage(program, path, "no folder, or none that can be written into");
}

static void word_check_paths(const char *program, const word_options *options)
{
    word_check_folder(program, options->out, (int)strlen(options->out));
    for (int i = 0; i < options->saves; i++) {
        const char *end = strrchr(options->save[i], '/');
        word_format(program, options->save[i]);
        if (end != options->save[i])
            word_check_folder(program, end ? options->save[i] : ".",
                              end ? (int)(end - options->save[i]) : 1);
    }
    const char *asked[] = {options->train, options->questions, options->similarity};
    for (int i = 0; i < 3; i++)
        if (asked[i] && access(asked[i], R_OK) != 0)
            word_usage(program, asked[i], "this file cannot be read");
}

/* An option without a value; false: word is none. */
static bool word_flag(word_options *options, const char *word)
{
    seqnn_word2vec_options *training = &options->training;
    if (strcmp(word, "--cbow") == 0)
        training->architecture = SEQNN_CBOW;
    else if (strcmp(word, "--skip-gram") == 0)
        training->architecture = SEQNN_SKIP_GRAM;
    else if (strcmp(word, "--hierarchical") == 0)
        training->output = SEQNN_HIERARCHICAL_SOFTMAX;
    else if (strcmp(word, "--full-softmax") == 0)
        training->output = SEQNN_FULL_SOFTMAX;
    else if (strcmp(word, "--lock-free") == 0)
        training->mode = SEQNN_LOCK_FREE;
    else if (strcmp(word, "--as-is") == 0)
        training->clean = false;
    else if (strcmp(word, "--quick") == 0)
        training->epochs = 1;
    else
        return false;
    return true;
}

/* The place of an option's text; NULL: word is none of these. */
static const char **word_text(const char *program, word_options *options,
                              const char *word)
{
    const bool save = strcmp(word, "--save") == 0, ask = strcmp(word, "--near") == 0;
    if ((save && options->saves == MAX_GIVEN) ||
        (ask && options->asked_count == MAX_GIVEN))
        word_usage(program, word, "16 of them are the most");
    return save                                ? &options->save[options->saves++]
           : ask                               ? &options->asked[options->asked_count++]
           : strcmp(word, "--train") == 0      ? &options->train
           : strcmp(word, "--out") == 0        ? &options->out
           : strcmp(word, "--questions") == 0  ? &options->questions
           : strcmp(word, "--similarity") == 0 ? &options->similarity
                                               : NULL;
}

static word_options word_read_options(int argc, char **argv)
{
    word_options options = {.out = "."};
    seqnn_word2vec_options *training = &options.training;
    training->clean = true;
    training->verbose = 1;
    const struct {
        const char *word;
        seqnn_size *number;
        double most;
    } sizes[] = {{"--dimension", &training->dimension, 65536},
                 {"--window", &training->window, 1000},
                 {"--negative", &training->negative, 1000},
                 {"--min-count", &training->min_count, 1e9},
                 {"--epochs", &training->epochs, 1e6}};
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(word, "--help") == 0)
            word_usage(argv[0], word, NULL);
        if (word_flag(&options, word))
            continue;
        const char **text = word_text(argv[0], &options, word);
        int size = 0;
        while (size < 5 && strcmp(word, sizes[size].word) != 0)
            size++;
        const bool seed = strcmp(word, "--seed") == 0,
                   threads = strcmp(word, "--threads") == 0,
                   subsampling = strcmp(word, "--subsampling") == 0,
                   rate = strcmp(word, "--learning-rate") == 0;
        if (!text && size == 5 && !seed && !threads && !subsampling && !rate)
            word_usage(argv[0], word, "an option it does not know");
        if (!value)
            word_usage(argv[0], word, "this option lacks its value");
        i++;
        if (text)
            *text = value;
        else if (size < 5)
            *sizes[size].number =
                (seqnn_size)word_whole_number(argv[0], word, value, 1, sizes[size].most);
        else if (seed)
            training->seed = (uint64_t)word_whole_number(argv[0], word, value, 0, 1e15);
        else if (threads)
            options.threads = (int)word_whole_number(argv[0], word, value, 1, 1024);
        else if (rate)
            training->learning_rate = word_number(argv[0], word, value, 1e-9, 10);
        else {
            training->subsampling = word_number(argv[0], word, value, 0, 1);
            if (training->subsampling == 0)
                training->subsampling = SEQNN_ZERO;
        }
    }
    if (!options.train)
        word_usage(argv[0], "--train", "which text? A file was expected");
    word_check_paths(argv[0], &options);
    return options;
}

/* ---- the text and its training ---- */

/* Whether the text is short; it is then trained with one thread, if no number is given.
 */
static void word_measure_text(word_options *options)
{
    FILE *file = fopen(options->train, "rb");
    options->short_text =
        file && fseek(file, 2000000, SEEK_SET) == 0 && fgetc(file) == EOF;
    if (file)
        fclose(file);
    if (options->threads || options->short_text)
        word_threads(options->threads ? options->threads : 1);
}

/* How to train. A small text is read more often, in larger steps, and has shorter
 * vectors, if the options do not say otherwise. */
static seqnn_word2vec_options word_training(const word_options *options)
{
    seqnn_word2vec_options training = options->training;
    if (options->short_text && !training.dimension)
        training.dimension = 50;
    if (options->short_text && !training.epochs)
        training.epochs = 20;
    if (options->short_text && training.learning_rate == 0 &&
        training.architecture != SEQNN_SKIP_GRAM)
        training.learning_rate = 0.1;
    return training;
}

/* Writes the files of --save. */
static int word_save(const char *program, const word_options *options,
                     const seqnn_word_vectors *vectors)
{
    for (int i = 0; i < options->saves; i++) {
        const char *path = options->save[i];
        if (seqnn_word_vectors_write(vectors, path, word_format(program, path)))
            return word_fail();
        printf("vectors: %s\n", path);
    }
    return 0;
}

/* ---- what it says of the vectors ---- */

/* The blanks behind a word in a column: characters are counted, not bytes. */
static int word_blanks(const char *word, int width)
{
    for (; *word; word++)
        width -= ((unsigned char)*word & 0xC0) != 0x80;
    return width > 0 ? width : 0;
}

static void print_frequent(const seqnn_word2vec *trained, double subsampling)
{
    const double t = subsampling == 0 ? 1e-3 : subsampling; /* below 0: none */
    int64_t kept = 0;
    for (seqnn_size w = 0; w < trained->vectors->count; w++)
        kept += trained->counts[w];
    printf("%lld words in %lld lines; the vocabulary of %td covers %.1f %% of them\n",
           (long long)trained->corpus_words, (long long)trained->lines,
           trained->vectors->count, 100.0 * (double)kept / (double)trained->corpus_words);
    printf("%-12s %10s %8s\n", "word", "count", "stays");
    for (seqnn_size w = 0; w < trained->vectors->count && w < 8; w++) {
        double f = (double)trained->counts[w] / (double)kept;
        double stays = t > 0 ? fmin(1, sqrt(t / f) + t / f) : 1;
        const char *word = trained->vectors->word[w];
        printf("%s%*s %10lld %6.0f %%\n", word, word_blanks(word, 12), "",
               (long long)trained->counts[w], 100 * stays);
    }
}

static int evaluate(const word_options *options, const seqnn_word_space *space)
{
    const seqnn_evaluation_options usual = {0};
    if (options->questions) {
        seqnn_analogy_scores *scores =
            seqnn_analogies_evaluate(space, options->questions, usual);
        if (!scores)
            return word_fail();
        printf("analogies: %s\n", options->questions);
        if (scores->total.seen > 0)
            seqnn_analogies_print(scores, stdout);
        else
            printf("no question has all its words in the vocabulary\n");
        seqnn_analogy_scores_free(scores);
    }
    if (options->similarity) {
        seqnn_similarity_score score =
            seqnn_similarities_evaluate(space, options->similarity, usual);
        if (score.status)
            return word_fail();
        if (score.pairs < 30) /* chance decides about so few */
            printf("similarity: the text has %td of %td pairs, too few\n", score.pairs,
                   score.pairs + score.unknown);
        else
            printf("similarity: Spearman %.3f, %td of %td pairs, %s\n", score.spearman,
                   score.pairs, score.pairs + score.unknown, options->similarity);
    }
    return 0;
}

enum { ASKED = 8, NEIGHBOURS = 12, POINTS = MAX_GIVEN * (NEIGHBOURS + 1) };

/* What is asked for, each word once: --near, or words in the midst of the vocabulary. */
static int word_choose(const word_options *options, const seqnn_word_space *space,
                       const char *asked[MAX_GIVEN])
{
    int count = 0;
    for (int i = 0; i < options->asked_count; i++) {
        int before = 0;
        while (before < count && strcmp(asked[before], options->asked[i]) != 0)
            before++;
        if (before == count)
            asked[count++] = options->asked[i];
    }
    for (seqnn_size w = space->count / 10; w < space->count; w += 1 + space->count / 20)
        if (!options->asked_count && count < ASKED)
            asked[count++] = space->word[w];
    return count;
}

static int print_neighbours(const seqnn_word_space *space, const char *const *asked,
                            int count)
{
    for (int i = 0; i < count; i++) {
        seqnn_neighbour found[6];
        if (seqnn_word_neighbours(space, asked[i], 6, found))
            return word_fail();
        printf("%s%*s", asked[i], word_blanks(asked[i], 8), "");
        for (int n = 0; n < 6 && found[n].word; n++)
            printf("  %s %.2f", found[n].word, found[n].similarity);
        printf("\n");
    }
    return 0;
}

/* "out/name" in memory that the next call uses again. */
static const char *word_path(const word_options *options, const char *name)
{
    static char path[SEQNN_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", options->out, name);
    return path;
}

/* The words asked for and their neighbours, each once: [points] words, the number of the
 * word asked for, and vectors of length 1. Returns points. */
static seqnn_size word_gather(const seqnn_word_space *space, const char *const *asked,
                              int count, const char **words, int32_t *groups,
                              seqnn_real *rows)
{
    const seqnn_size dimension = space->dimension;
    seqnn_size points = 0;
    for (int i = 0; i < count; i++) {
        seqnn_neighbour found[NEIGHBOURS + 1];
        found[0].number = seqnn_word_space_find(space, asked[i]);
        if (seqnn_word_neighbours(space, asked[i], NEIGHBOURS, found + 1))
            break;
        for (int n = 0; n <= NEIGHBOURS && found[n].number >= 0; n++) {
            const char *word = space->word[found[n].number];
            seqnn_size before = 0;
            while (before < points && words[before] != word)
                before++;
            if (before < points)
                continue; /* it is there, as a neighbour of another */
            memcpy(rows + points * dimension, space->unit + found[n].number * dimension,
                   (size_t)dimension * sizeof *rows);
            groups[points] = i;
            words[points++] = word;
        }
    }
    return points;
}

/* Words and their neighbours, as principal components and by t-SNE. */
static int draw(const word_options *options, const seqnn_word_space *space,
                const char *const *asked, int count)
{
    static seqnn_real xy[2 * POINTS];
    const char *words[POINTS];
    int32_t groups[POINTS];
    seqnn_real *rows =
        calloc((size_t)POINTS * (size_t)space->dimension, sizeof(seqnn_real));
    seqnn_size points = rows ? word_gather(space, asked, count, words, groups, rows) : 0;
    seqnn_embedding_chart_options chart = {
        .title = "Words and their neighbours: principal components",
        .x_label = "first component",
        .y_label = "second component",
        .classes = groups,
        .class_names = asked,
        .class_count = count};
    seqnn_tensor a = seqnn_tensor_2d(rows, points, space->dimension);
    seqnn_tensor map = seqnn_tensor_2d(xy, 2, points);
    double share[2];
    const char *path = word_path(options, "word2vec_pca.png");
    int status = !rows || seqnn_principal_components(a, map, share) ||
                 seqnn_plot_embedding(xy, xy + points, words, points, path, chart);
    if (!status) {
        printf("principal components, with %.0f %% of the variance: %s\n",
               100 * (share[0] + share[1]), path);
        path = word_path(options, "word2vec_tsne.png");
        chart.title = "Words and their neighbours: t-SNE";
        chart.x_label = chart.y_label = NULL;
        if (points < 4)
            printf("t-SNE: no picture, for it wants 4 words and here are %td\n", points);
        else {
            seqnn_tsne_options cosine = {.metric = SEQNN_TSNE_COSINE};
            status = seqnn_tsne(a, map, NULL, cosine) ||
                     seqnn_plot_embedding(xy, xy + points, words, points, path, chart);
            if (!status)
                printf("t-SNE: %s\n", path);
        }
    }
    free(rows);
    return status ? word_fail() : 0;
}

int main(int argc, char **argv)
{
    word_options options = word_read_options(argc, argv);
    word_measure_text(&options);
    const seqnn_word2vec_options training = word_training(&options);
    printf("%s on %s\n", training.architecture == SEQNN_SKIP_GRAM ? "skip-gram" : "CBOW",
           options.train);
    seqnn_word2vec *trained = seqnn_word2vec_train(options.train, training);
    if (!trained || word_save(argv[0], &options, trained->vectors))
        return trained ? 1 : word_fail();
    print_frequent(trained, training.subsampling);
    seqnn_word_space *space = seqnn_word_space_new(trained->vectors);
    if (!space)
        return word_fail();
    const char *asked[MAX_GIVEN];
    int count = word_choose(&options, space, asked);
    int status = evaluate(&options, space) || print_neighbours(space, asked, count) ||
                 draw(&options, space, asked, count);
    seqnn_word_space_free(space);
    seqnn_word2vec_free(trained);
    return status;
}
