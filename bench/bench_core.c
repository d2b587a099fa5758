/* Steps of seqnn:
 *
 *   bench_core WORKLOAD DATA_FILE BATCH TIME VOCABULARY FEATURES UNITS CLASSES ANSWER
 *
 * bench/run.py runs it; the sizes and the file are those of workloads.py. After a few
 * steps it says "ready", with the number of trained parameters and the megabytes it held
 * before the network was made; then every line it reads is a number of seconds, and it
 * answers with the median milliseconds of the steps that it took in that time, their
 * number, the last loss, and the processor's milliseconds for a step.
 */
#define _POSIX_C_SOURCE 199309L
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"
#include "networks.h"

#include <time.h>

enum { MOST_STEPS = 1 << 20 };

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Megabytes of this process that are in memory now. */
static double resident(void)
{
    double kilobytes = 0;
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kilobytes * 1024e-6;
}

/* ---- the steps ---- */

/* The loss, or the first probability that was predicted; of one batch after the other. */
static seqnn_real step(seqnn_model *model, const network *net,
                       const seqnn_dataset *batches)
{
    static int turn;
    const seqnn_dataset *batch = &batches[turn];
    turn = (turn + 1) % BATCHES;
    return net->prediction ? predict(model, batch) : train(model, net, batch);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **word)
{
    if (count != 10) {
        stop("expected WORKLOAD DATA_FILE BATCH TIME VOCABULARY FEATURES UNITS CLASSES "
             "ANSWER");
    }
    const sizes s = {atol(word[3]), atol(word[4]), atol(word[5]), atol(word[6]),
                     atol(word[7]), atol(word[8]), atol(word[9])};
    const network *net = network_named(word[1]);
    seqnn_dataset batches[BATCHES];
    read_batches(word[2], net, s, batches);
    double *took = (double *)malloc(MOST_STEPS * sizeof *took);
    if (took == NULL) {
        stop("no memory");
    }
    const double before = resident();
    seqnn_model *model = seqnn_model_new(1);
    net->build(model, s);
    for (int i = 0; i < WARM_UP; i++) {
        step(model, net, batches);
    }
    printf("ready %td %.6g\n", trained_parameters(model), before);
    fflush(stdout);

    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        const double end = seconds_of(CLOCK_MONOTONIC) + atof(line);
        int steps = 0;
        seqnn_real loss = 0;
        while (steps < MOST_STEPS && (steps < 3 || seconds_of(CLOCK_MONOTONIC) < end)) {
            const double begin = seconds_of(CLOCK_MONOTONIC);
            loss = step(model, net, batches);
            took[steps++] = seconds_of(CLOCK_MONOTONIC) - begin;
        }
        const double cpu_step = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / steps;
        qsort(took, (size_t)steps, sizeof *took, by_size);
        printf("%.6g %d %.6g %.6g\n", 1e3 * took[steps / 2], steps, (double)loss,
               1e3 * cpu_step);
        fflush(stdout);
    }
    seqnn_free(model);
    free_batches(batches);
    free(took);
    return 0;
}
