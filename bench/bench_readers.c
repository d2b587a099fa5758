/* Speed of the readers, on files in the page cache:
 *
 *   BENCH read_<format> mb_per_s=... cpu_mb_per_s=... mb=... count=... [files_per_s=...]
 *
 * The medians of five readings by wall time and by processor time; 1 MB is 10^6 bytes, of
 * the file as it is read, not unpacked. Files of at least 100 MB are made from the public
 * data (or the bundled sets, where they are not) over and over, with other words where a
 * reader would notice, and removed again:
 *
 *   bench_readers FOLDER [FORMAT ...]
 */
#define _POSIX_C_SOURCE 200809L /* popen, clock_gettime */
#include "seqnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { READINGS = 5, LEAST = 100000000 };

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double processor(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static int ascending(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static double median(double *times)
{
    qsort(times, READINGS, sizeof *times, ascending);
    return times[READINGS / 2];
}

/* ---- the readers: how many rows, vectors or texts; 0 for a failure ---- */

static seqnn_size count_texts(seqnn_texts *texts)
{
    seqnn_size count = texts ? texts->count : 0;
    seqnn_texts_free(texts);
    return count;
}

static seqnn_size read_tsv(const char *path)
{
    return count_texts(seqnn_read_tsv(path));
}

static seqnn_size read_vectors(const char *path)
{
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(path);
    seqnn_size count = vectors ? vectors->count : 0;
    seqnn_word_vectors_free(vectors);
    return count;
}

static seqnn_size read_arxiv(const char *path)
{
    seqnn_arxiv_options options = {SEQNN_ARXIV_TITLE_AND_ABSTRACT};
    return count_texts(seqnn_read_arxiv(path, options));
}

static seqnn_size count_tagged(seqnn_tagged *tagged)
{
    seqnn_size count = tagged ? tagged->begin[tagged->count] : 0;
    seqnn_tagged_free(tagged);
    return count;
}

static seqnn_size read_gmb(const char *path)
{
    return count_tagged(seqnn_read_tagged_csv(path));
}

static seqnn_size read_conll(const char *path)
{
    seqnn_conll_options options = {0, 0, 0, true};
    return count_tagged(seqnn_read_conll(path, options));
}

/* The parts of a folder. */
static seqnn_size read_tagged_lines(const char *path)
{
    static const char *const parts[] = {"train", "val", "test"};
    seqnn_size count = 0;
    for (int i = 0; i < 3; i++) {
        char words[SEQNN_PATH_SIZE + 32], labels[SEQNN_PATH_SIZE + 32];
        snprintf(words, sizeof words, "%s/%s/sentences.txt", path, parts[i]);
        snprintf(labels, sizeof labels, "%s/%s/labels.txt", path, parts[i]);
        count += count_tagged(seqnn_read_tagged_lines(words, labels));
    }
    return count;
}

static seqnn_size count_pairs(seqnn_text_pairs *pairs)
{
    seqnn_size count = pairs ? pairs->source->count : 0;
    seqnn_text_pairs_free(pairs);
    return count;
}

static seqnn_size read_news(const char *path)
{
    seqnn_news_options options = {SEQNN_NEWS_DEFAULT, SEQNN_NEWS_DEFAULT, true};
    return count_pairs(seqnn_read_news_summary(path, options));
}

static seqnn_size read_pairs_tsv(const char *path)
{
    return count_pairs(seqnn_read_pairs_tsv(path));
}

/* A file beside itself. */
static seqnn_size read_pairs(const char *path)
{
    return count_pairs(seqnn_read_pairs(path, path));
}

static seqnn_size read_columns(const char *path, const char *const *columns)
{
    seqnn_series_options options;
    memset(&options, 0, sizeof options);
    options.columns = columns;
    options.missing = SEQNN_MISSING_CARRY;
    seqnn_series *series = seqnn_read_series(path, options);
    seqnn_size count = series ? series->count : 0;
    seqnn_series_free(series);
    return count;
}

/* Every number of the file, or the two of a lecture. */
static seqnn_size read_weather(const char *path)
{
    return read_columns(path, NULL);
}

static seqnn_size read_two_columns(const char *path)
{
    static const char *const columns[] = {"TEMP", "PRES", NULL};
    return read_columns(path, columns);
}

static seqnn_size read_text(const char *path)
{
    return count_texts(seqnn_read_text(path));
}

static seqnn_size read_lines(const char *path)
{
    return count_texts(seqnn_read_lines(path));
}

static seqnn_size read_newsgroups(const char *path)
{
    return count_texts(seqnn_read_newsgroups(path));
}

static seqnn_size read_stories(const char *path)
{
    return count_texts(seqnn_read_bbc(path));
}

static seqnn_size read_imdb(const char *path)
{
    seqnn_imdb_options options = {SEQNN_IMDB_DEFAULT, false};
    return count_texts(seqnn_read_imdb(path, options));
}

/* ---- the files ---- */

/* How a file grows out of the source: copies; below the header; with other first words;
 * with other ids; each line beside itself; from vectors; or not at all. TWICE: copies,
 * and the reader reads the file two times. */
enum {
    AGAIN,
    TWICE,
    HEADER_ONCE,
    OTHER_WORDS,
    OTHER_IDS,
    TABS,
    WORD2VEC,
    BINARY,
    FOLDER
};

static const char glove[] =
    "wordvec/glove.6B.100d.txt|wordvec/glove.6B.100d.first2604.txt|"
    "wordvec/vectors.100d.txt";

static const struct format {
    const char *name, *source;
    int growth;
    seqnn_size (*read)(const char *path);
} formats[] = {
    {"tsv", "bbc/bbc-titles.tsv", AGAIN, read_tsv},
    {"glove", glove, OTHER_WORDS, read_vectors},
    {"word2vec_text", glove, WORD2VEC, read_vectors},
    {"word2vec_bin", glove, BINARY, read_vectors},
    {"gmb_csv", "ner-gmb/ner_dataset.csv|ner-gmb/ner_dataset.csv.gz", HEADER_ONCE,
     read_gmb},
    {"conll", "ner-conll2003/eng.train|ner-conll2003/eng.train.gz", AGAIN, read_conll},
    {"news_csv", "news-summary/news_summary.csv|news-summary/news_summary.csv.gz",
     HEADER_ONCE, read_news},
    {"arxiv_csv", "arxiv/arxiv_data.csv|arxiv/arxiv_data.csv.gz", HEADER_ONCE,
     read_arxiv},
    {"arxiv_jsonl", "arxiv/arxiv_sample.jsonl|arxiv/arxiv_sample.jsonl.gz", OTHER_IDS,
     read_arxiv},
    {"pairs_tsv", "multi30k/train.en|multi30k/train.en.gz", TABS, read_pairs_tsv},
    {"pairs", "multi30k/train.en|multi30k/train.en.gz", TWICE, read_pairs},
    {"weather_csv", "timeseries/PRSA_data_2010.1.1-2014.12.31.csv", HEADER_ONCE,
     read_weather},
    {"weather_two_columns", "timeseries/PRSA_data_2010.1.1-2014.12.31.csv", HEADER_ONCE,
     read_two_columns},
    {"text", "charlm/mahabharata-books01-12.txt|charlm/mahabharata-books01-12.txt.gz",
     AGAIN, read_text},
    {"lines", "charlm/mahabharata-books01-12.txt|charlm/mahabharata-books01-12.txt.gz",
     AGAIN, read_lines},
    {"tagged_lines", "ner-gmb/gmb[train]", FOLDER, read_tagged_lines},
    {"newsgroups_folders", "20news[20news-bydate-train]", FOLDER, read_newsgroups},
    {"bbc_folders", "bbc[bbc]", FOLDER, read_stories},
    {"imdb_folders", "imdb[aclImdb]", FOLDER, read_imdb},
};

/* The file, unpacked, as a string, or NULL. */
static char *whole(const char *path)
{
    size_t used = 0, room = 1 << 20;
    gzFile file = gzopen(path, "rb");
    char *text = file ? (char *)malloc(room) : NULL;
    for (int got = 1; text && got > 0; used += (size_t)got) {
        char *larger = (char *)realloc(text, room = used + (1 << 22));
        text = larger ? larger : text;
        got = larger ? gzread(file, text + used, (1 << 22) - 1) : 0;
    }
    if (text)
        text[used] = '\0';
    if (file)
        gzclose(file);
    return text;
}

/* One copy of the lines from begin on; its size. */
static long write_copy(const char *begin, int growth, int copy, FILE *file)
{
    long size = 0;
    if (growth == AGAIN || growth == TWICE || growth == HEADER_ONCE)
        return (long)fwrite(begin, 1, strlen(begin), file);
    for (const char *at = begin; *at;) {
        int length = (int)strcspn(at, "\n"), cut = (int)strcspn(at, " ");
        const char *id = growth == OTHER_IDS ? strstr(at, "\"id\": \"") : NULL;
        if (id)
            cut = (int)(id + 7 - at);
        if (growth == TABS)
            size += fprintf(file, "%.*s\t%.*s\n", length, at, length, at);
        else
            size += fprintf(file, "%.*s_%d%.*s\n", cut, at, copy, length - cut, at + cut);
        at += length + (at[length] == '\n');
    }
    return size;
}

/* At least 100 MB; the size, or 0. */
static long make(const char *lines, int growth, const char *path)
{
    FILE *file = fopen(path, "wb");
    long size = 0;
    if (!file)
        return 0;
    if (growth == HEADER_ONCE) {
        size = (long)fwrite(lines, 1, strcspn(lines, "\n") + 1, file);
        lines += size;
    }
    for (int copy = 0; size < LEAST; copy++) {
        long added = write_copy(lines, growth, copy, file);
        if (added <= 0)
            break;
        size += added;
    }
    return fclose(file) == 0 && size >= LEAST ? size : 0;
}

/* The vectors of a text file in another format; the size, or 0. */
static long make_vectors(const char *source, int growth, const char *path)
{
    char *lines = whole(source);
    long size = lines ? make(lines, OTHER_WORDS, path) : 0;
    seqnn_word_vectors *vectors = size > 0 ? seqnn_word_vectors_read(path) : NULL;
    FILE *file = NULL;
    if (vectors &&
        seqnn_word_vectors_write(vectors, path,
                                 growth == BINARY ? SEQNN_VECTORS_BINARY
                                                  : SEQNN_VECTORS_WORD2VEC) == SEQNN_OK)
        file = fopen(path, "rb");
    size = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    if (file)
        fclose(file);
    seqnn_word_vectors_free(vectors);
    free(lines);
    return size;
}

/* ---- measuring ---- */

static seqnn_size read_five_times(const struct format *format, const char *path,
                                  double *walls, double *processors)
{
    seqnn_size count = 0;
    for (int i = -1; i < READINGS; i++) { /* the first is not counted */
        double wall_start = wall(), processor_start = processor();
        count = format->read(path);
        if (count == 0)
            return 0;
        if (i >= 0) {
            walls[i] = wall() - wall_start;
            processors[i] = processor() - processor_start;
        }
    }
    return count;
}

/* The bytes of the files of a folder: C has no function for it. */
static double folder_size(const char *path)
{
    char command[SEQNN_PATH_SIZE + 128], line[64] = "";
    snprintf(command, sizeof command,
             "find -L '%s' -type f -printf '%%s\\n' | "
             "awk '{s += $1} END {printf \"%%.0f\", s}'",
             path);
    FILE *pipe = popen(command, "r");
    if (pipe && !fgets(line, sizeof line, pipe))
        line[0] = '\0';
    if (pipe)
        pclose(pipe);
    return atof(line);
}

static int measure(const struct format *format, const char *folder)
{
    char source[SEQNN_PATH_SIZE], path[SEQNN_PATH_SIZE];
    double walls[READINGS], processors[READINGS], size;
    if (!seqnn_find_data(source, NULL, format->source) &&
        !seqnn_find_data(source, "../shared/data", format->source)) {
        printf("BENCH read_%s left out: no %s\n", format->name, format->source);
        return 0;
    }
    const bool made = format->growth != FOLDER;
    if (made) {
        snprintf(path, sizeof path, "%s/%s", folder, format->name);
        const bool vectors = format->growth == WORD2VEC || format->growth == BINARY;
        char *lines = vectors ? NULL : whole(source);
        size = (double)(vectors ? make_vectors(source, format->growth, path)
                        : lines ? make(lines, format->growth, path)
                                : 0);
        free(lines);
        if (format->growth == TWICE)
            size *= 2;
        if (size == 0) {
            fprintf(stderr, "%s: could not be made from %s\n", path, source);
            return 1;
        }
    } else {
        strcpy(path, source);
        size = folder_size(path);
    }
    seqnn_size count = read_five_times(format, path, walls, processors);
    if (made)
        remove(path);
    if (count == 0) {
        fprintf(stderr, "%s: %s\n", format->name, seqnn_error());
        return 1;
    }
    double wall_median = median(walls);
    printf("BENCH read_%s mb_per_s=%.0f cpu_mb_per_s=%.0f mb=%.0f count=%td",
           format->name, 1e-6 * size / wall_median, 1e-6 * size / median(processors),
           1e-6 * size, count);
    if (strstr(format->name, "_folders"))
        printf(" files_per_s=%.0f", (double)count / wall_median);
    printf("\n");
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc < 2) {
        fprintf(stderr,
                "usage: %s FOLDER [FORMAT ...], from the root of the repository\n",
                argv[0]);
        return 1;
    }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        bool wanted = argc == 2;
        for (int k = 2; k < argc; k++)
            wanted |= strcmp(argv[k], formats[i].name) == 0;
        if (wanted)
            failed |= measure(&formats[i], argv[1]);
    }
    return failed;
}
