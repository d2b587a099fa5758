/* Drawing and writing an 800 x 600 line chart:
 *
 *   bench_plots FILE
 *
 * prints the points of its two lines together and the milliseconds, by the clock on the
 * wall and by processor time: the medians of several pictures. peer_matplotlib.py does
 * the same.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#define SEQNN_PLOT
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"

#include <time.h>

enum { PICTURES = 9, MOST = 500000 };

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

int main(int words, char **word)
{
    static const int counts[] = {50, 500, MOST};
    static float lines[2][MOST];
    if (words != 2)
        return 2;
    for (int k = 0; k < 3; k++) {
        int count = counts[k];
        double took[PICTURES], worked[PICTURES];
        seqnn_plot_series series[2] = {
            {.label = "training", .y = lines[0], .count = count},
            {.label = "validation", .y = lines[1], .count = count}};
        for (int i = 0; i < count; i++) {
            lines[0][i] =
                sinf(10.0f * (float)i / (float)count) + 0.1f * sinf(12.9898f * (float)i);
            lines[1][i] = cosf(10.0f * (float)i / (float)count);
        }
        for (int p = 0; p < PICTURES; p++) {
            double began = milliseconds();
            clock_t start = clock();
            if (seqnn_plot_lines(series, 2, word[1],
                                 (seqnn_plot_options){.title = "Two lines",
                                                      .x_label = "time",
                                                      .y_label = "value"})) {
                fprintf(stderr, "%s\n", seqnn_error());
                return 1;
            }
            took[p] = milliseconds() - began;
            worked[p] = 1e3 * (double)(clock() - start) / CLOCKS_PER_SEC;
        }
        qsort(took, PICTURES, sizeof *took, ascending);
        qsort(worked, PICTURES, sizeof *worked, ascending);
        printf("%d %.4g %.4g\n", 2 * count, took[PICTURES / 2], worked[PICTURES / 2]);
    }
    return 0;
}
