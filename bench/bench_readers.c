/* Speed of the reader of word vectors, on a file of at least 100 MB in the page cache:
 *
 *   BENCH read_glove mb_per_s=... cpu_mb_per_s=... file_mb=... words=...
 *
 * The medians of five readings by wall time and by processor time; 1 MB is 10^6 bytes.
 * The file is made from the vectors at hand, over and over with other words:
 *
 *   bench_readers FILE-TO-MAKE
 */
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READINGS = 5 };
static const long LEAST = 100000000;

static double wall(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
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

/* The file as a string, or NULL. */
static char *whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = size < 0 ? NULL : (char *)calloc((size_t)size + 1, 1);
    if (text && fread(text, 1, (size_t)size, file) != (size_t)size) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

/* Copies of the lines, their words with a number behind them. Its size, or -1. */
static long make(const char *lines, const char *path)
{
    FILE *file = fopen(path, "wb");
    long size = 0;
    if (!file)
        return -1;
    for (int copy = 0; size >= 0 && size < LEAST; copy++) {
        const char *at = lines;
        while (*at && size >= 0) {
            int word = (int)strcspn(at, " "), length = (int)strcspn(at, "\n");
            int written =
                fprintf(file, "%.*s_%d%.*s\n", word, at, copy, length - word, at + word);
            size = written < 0 ? -1 : size + written;
            at += length + (at[length] == '\n');
        }
    }
    return fclose(file) == 0 ? size : -1;
}

int main(int argc, char **argv)
{
    char path[SEQNN_PATH_SIZE];
    const char *source =
        seqnn_find_data(path, NULL,
                        "wordvec/glove.6B.100d.txt|wordvec/glove.6B.100d.first2604.txt|"
                        "wordvec/vectors.100d.txt");
    char *lines = source ? whole(source) : NULL;
    long size = lines && argc == 2 ? make(lines, argv[1]) : -1;
    free(lines);
    if (size <= 0) {
        fprintf(stderr, "usage: %s FILE-TO-MAKE, from the root of the repository\n",
                argv[0]);
        return 1;
    }

    double walls[READINGS], processors[READINGS];
    seqnn_size words = 0;
    for (int i = -1; i < READINGS; i++) { /* the first is not counted */
        double wall_start = wall(), processor_start = processor();
        seqnn_word_vectors *vectors = seqnn_word_vectors_read(argv[1]);
        if (!vectors) {
            fprintf(stderr, "%s\n", seqnn_error());
            return 1;
        }
        if (i >= 0) {
            walls[i] = wall() - wall_start;
            processors[i] = processor() - processor_start;
        }
        words = vectors->count;
        seqnn_word_vectors_free(vectors);
    }
    double megabytes = (double)size * 1e-6;
    printf("BENCH read_glove mb_per_s=%.0f cpu_mb_per_s=%.0f file_mb=%.0f words=%td\n",
           megabytes / median(walls), megabytes / median(processors), megabytes, words);
    remove(argv[1]);
    return 0;
}
