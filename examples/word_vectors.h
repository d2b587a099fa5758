/* examples/word_vectors.h - what the command line of 06 understands, and where it looks
 * for its text and its questions
 */
#ifndef EXAMPLE_WORD_VECTORS_H
#define EXAMPLE_WORD_VECTORS_H

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
    const char *data, *out, *train;
    const char *save[MAX_GIVEN], *asked[MAX_GIVEN], *questions, *similarity;
    int saves, asked_count;
    bool both;       /* architectures: none was named, nor a text */
    bool short_text; /* the text has less than two megabytes */
    int threads;
    seqnn_word2vec_options training;
    char corpus[SEQNN_PATH_SIZE]; /* the text to be read */
} word_options;

static int word_fail(void)
{
    fprintf(stderr, "%s\n", seqnn_error());
    return 1;
}

static const char word_usage_text[] =
    "  --train FILE         any text, a sentence or paragraph a line; cleaning knows\n"
    "                       ASCII only: of other characters capitals stay capitals,\n"
    "                       and curly quotes and dashes stay part of their words\n"
    "                       (default: words/corpus.txt in the folder datasets)\n"
    "  --data DIR           a folder in place of datasets: datasets/cache for a large\n"
    "                       text, see datasets/make_word_corpus.py\n"
    "  --cbow, --skip-gram  default: CBOW; without --train, one after the other\n"
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
    "  --out DIR            where pictures and, without --save, vectors go\n"
    "  --quick              one epoch\n";

/* Says what is wrong, if anything is, and how to call it; then ends. */
static void word_usage(const char *program, const char *word, const char *wrong)
{
    FILE *to = wrong ? stderr : stdout;
    if (wrong)
        fprintf(to, "%s: %s: %s\nusage: %s [options]; --help lists them\n", program, word,
                wrong, program);
    else
        fprintf(to, "usage: %s [options]\n%s", program, word_usage_text);
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
    const char *asked[] = {options->questions, options->similarity};
    for (int i = 0; i < 2; i++)
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
           : strcmp(word, "--data") == 0       ? &options->data
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
    word_check_paths(argv[0], &options);
    options.both = !options.train && !training->architecture;
    return options;
}

/* The blanks behind a word in a column: characters are counted, not bytes. */
static int word_blanks(const char *word, int width)
{
    for (; *word; word++)
        width -= ((unsigned char)*word & 0xC0) != 0x80;
    return width > 0 ? width : 0;
}

/* "out/name" in memory that the next call uses again. */
static const char *word_path(const word_options *options, const char *name)
{
    static char path[SEQNN_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", options->out, name);
    return path;
}

/* Finds the text: the bundled one, wherever others lie, unless another is named. */
static bool word_find_text(word_options *options)
{
    if (options->train)
        snprintf(options->corpus, sizeof options->corpus, "%s", options->train);
    else if (!seqnn_find_data(options->corpus, options->data ? options->data : "datasets",
                              "words/corpus.txt"))
        return false;
    FILE *file = fopen(options->corpus, "rb");
    options->short_text =
        file && fseek(file, 2000000, SEEK_SET) == 0 && fgetc(file) == EOF;
    if (file)
        fclose(file);
    if (options->threads || options->short_text)
        word_threads(options->threads ? options->threads : 1);
    return true;
}

/* How to train. A small text is read more often, in larger steps, and has shorter
 * vectors, if the options do not say otherwise. */
static seqnn_word2vec_options word_training(const word_options *options,
                                            seqnn_word2vec_architecture architecture)
{
    seqnn_word2vec_options training = options->training;
    training.architecture = architecture;
    if (options->short_text && !training.dimension)
        training.dimension = 50;
    if (options->short_text && !training.epochs)
        training.epochs = 20;
    if (options->short_text && training.learning_rate == 0 &&
        architecture != SEQNN_SKIP_GRAM)
        training.learning_rate = 0.1;
    return training;
}

/* A file of the text's own folder, if it is one of the course's texts; or NULL. */
static const char *word_beside_text(const word_options *options, const char *name,
                                    char path[SEQNN_PATH_SIZE])
{
    const char *end = strrchr(options->corpus, '/');
    if (options->train || !end)
        return NULL;
    snprintf(path, SEQNN_PATH_SIZE, "%.*s/%s", (int)(end - options->corpus),
             options->corpus, name);
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file ? path : NULL;
}

enum { ASKED = 8, NEIGHBOURS = 12, POINTS = MAX_GIVEN * (NEIGHBOURS + 1) };

/* What is asked for: --near, or what the text knows of a list, or any two words. */
static int word_choose(const word_options *options, const seqnn_word_space *space,
                       const char *asked[MAX_GIVEN])
{
    static const char *const list[] = {"king",  "paris",  "germany", "dog",  "cats",
                                       "cold",  "higher", "baked",   "good", "river",
                                       "music", "model",  "film",    "war"};
    int count = 0;
    for (int i = 0; i < options->asked_count; i++) {
        int before = 0;
        while (before < count && strcmp(asked[before], options->asked[i]) != 0)
            before++;
        if (before == count)
            asked[count++] = options->asked[i];
    }
    for (int i = 0; i < 14 && !options->asked_count && count < ASKED; i++)
        if (seqnn_word_space_find(space, list[i]) >= 0)
            asked[count++] = list[i];
    for (seqnn_size w = space->count / 10; w < space->count && count < 2; w++) {
        if (options->asked_count)
            break;
        asked[count++] = space->word[w];
    }
    return count;
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

/* Writes the files of --save, or one of each kind. */
static int word_save(const char *program, const word_options *options,
                     const seqnn_word_vectors *vectors)
{
    static const char *const usual[] = {"06_vectors.bin", "06_vectors.txt",
                                        "06_vectors.safetensors"};
    for (int i = 0; i < (options->saves ? options->saves : 3); i++) {
        const char *path =
            options->saves ? options->save[i] : word_path(options, usual[i]);
        if (seqnn_word_vectors_write(vectors, path, word_format(program, path)))
            return word_fail();
        printf("vectors: %s\n", path);
    }
    return 0;
}

#endif
