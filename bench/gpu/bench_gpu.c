/* Steps of seqnn on a GPU, timed by the card's own events:
 *
 *   bench_gpu
 *
 * bench/gpu/run.py runs it. It says what card there is,
 *
 *   card MAJOR MINOR MULTIPROCESSORS HERTZ BYTES_PER_SECOND SHARED_BYTES NAME
 *   none WHY
 *
 * and answers the lines it reads, each with a line:
 *
 *   build NETWORK FILE BATCH TIME VOCABULARY FEATURES UNITS CLASSES ANSWER SWEEP
 *       ready PARAMETERS LOSS RECURRENT PERSISTENT
 *       after three steps; SWEEP: plain or persistent; the layers with a memory, and
 *       those whose sweep is the persistent one
 *   train SECONDS
 *       MILLISECONDS STEPS LOSS, the median of the steps
 *   predict SECONDS
 *       MILLISECONDS STEPS NUMBER
 *   sweeps RUNS
 *       FORWARD BACKWARD, the sweeps alone; the last order of a network
 *   count train|predict
 *       LAUNCHES PRODUCTS COPIES CLEARS UP DOWN WAITS TAKINGS BYTES_UP of a step, on
 *       average, CYCLES_FORWARD CYCLES_BACKWARD of the sweeps, guessed, and WORKS, how
 *       many different ones the batches are (cuda/graph.cuh; 0 of a prediction); only of
 *       the program that counts (counted.cpp)
 *   plan CELL UNITS BATCH PRECISION
 *       FORWARD BACKWARD PLAIN, cycles of a step of a sweep, guessed
 *
 * What fails ends the program with a sentence.
 */
#define _POSIX_C_SOURCE 199309L
#include "card.h"

#include "../networks.h"

#include <time.h>

static struct {
    const network *net;
    seqnn_dataset batches[BATCHES];
    seqnn_model *model;
    int turn;
} now;

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static seqnn_real step(bool training)
{
    const seqnn_dataset *batch = &now.batches[now.turn++ % BATCHES];
    return training ? train(now.model, now.net, batch) : predict(now.model, batch);
}

static void end_network(void)
{
    seqnn_free(now.model);
    if (now.net != NULL) {
        free_batches(now.batches);
    }
    now.model = NULL;
    now.net = NULL;
}

static void build(const char *line)
{
    char name[64], path[4096], sweep[16];
    long n[7];
    if (sscanf(line, "build %63s %4095s %ld %ld %ld %ld %ld %ld %ld %15s", name, path,
               &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], sweep) != 10) {
        stop("build: expected NETWORK FILE, seven sizes, and plain or persistent");
    }
    const bool persistent = strcmp(sweep, "persistent") == 0;
    if (!persistent && strcmp(sweep, "plain") != 0) {
        stop("build: a sweep is plain or persistent");
    }
    end_network();
    const sizes s = {n[0], n[1], n[2], n[3], n[4], n[5], n[6]};
    const network *net = network_named(name);
    read_batches(path, net, s, now.batches);
    now.net = net;
    now.turn = 0;
    now.model = seqnn_model_new(1);
    if (seqnn_use(now.model, SEQNN_GPU) != SEQNN_OK) {
        stop(seqnn_error());
    }
    net->build(now.model, s);
    card_persist(persistent);
    seqnn_real loss = 0;
    for (int i = 0; i < WARM_UP; i++) {
        loss = step(!net->prediction);
    }
    int recurrent, persisting;
    card_recurrent(now.model, &recurrent, &persisting);
    printf("ready %td %.6g %d %d\n", trained_parameters(now.model), (double)loss,
           recurrent, persisting);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void time_steps(double duration, bool training)
{
    static double took[CARD_MARKS];
    seqnn_real result = step(training);
    const double end = seconds() + duration;
    int steps = 0;
    card_mark(now.model, 0);
    while (steps < CARD_MARKS - 1 && (steps < 3 || seconds() < end)) {
        result = step(training);
        card_mark(now.model, ++steps);
    }
    if (!card_between(steps, took)) {
        stop(seqnn_error());
    }
    qsort(took, (size_t)steps, sizeof *took, by_size);
    printf("%.6g %d %.6g\n", took[steps / 2], steps, (double)result);
}

static void time_sweeps(int runs)
{
    double took[2];
    if (!card_sweeps(now.model, runs > 0 ? runs : 1, took)) {
        stop(seqnn_error());
    }
    printf("%.6g %.6g\n", took[0], took[1]);
}

/* How many different works the batches are: 1 if a step can be replayed for every other. */
static int count_works(bool training)
{
    uint64_t work[BATCHES];
    int different = 0;
    for (int i = 0; i < BATCHES; i++) {
        step(training);
        const uint64_t own = card_work(now.model);
        int k = 0;
        while (k < different && work[k] != own) {
            k++;
        }
        work[k] = own;
        different += k == different;
    }
    return different;
}

static void count_step(bool training)
{
    card_counts one;
    double cycles[2];
    const int works = training ? count_works(training) : 0;
    card_record(false);
    step(training); /* memory that was not there yet */
    if (!card_count(&one)) {
        stop("count: a card does not count");
    }
    for (int i = 0; i < BATCHES; i++) {
        step(training);
    }
    card_count(&one);
    card_record(true);
    card_guess(now.model, cycles);
    const long all[] = {one.launches, one.products, one.copies, one.clears,
                        one.up,       one.down,     one.waits,  one.takings};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        printf("%.4g ", (double)all[i] / BATCHES);
    }
    printf("%.6g %.6g %.6g %d\n", one.bytes_up / BATCHES, cycles[0], cycles[1], works);
}

static void plan(const char *line)
{
    char cell[16];
    int units, batch, precision;
    double cycles[3];
    if (sscanf(line, "plan %15s %d %d %d", cell, &units, &batch, &precision) != 4) {
        stop("plan: expected CELL UNITS BATCH PRECISION");
    }
    if (!card_plan(cell, units, batch, (seqnn_precision)precision, cycles)) {
        stop(seqnn_error());
    }
    printf("%.6g %.6g %.6g\n", cycles[0], cycles[1], cycles[2]);
}

static void obey(const char *line)
{
    char order[16] = "", what[16] = "";
    sscanf(line, "%15s %15s", order, what);
    if (strcmp(order, "plan") == 0) {
        plan(line);
        return;
    }
    if (strcmp(order, "build") == 0) {
        build(line);
        return;
    }
    if (now.model == NULL) {
        stop("the first order is to build a network");
    }
    if (strcmp(order, "train") == 0 && !now.net->prediction) {
        time_steps(atof(what), true);
    } else if (strcmp(order, "predict") == 0) {
        time_steps(atof(what), false);
    } else if (strcmp(order, "sweeps") == 0) {
        time_sweeps(atoi(what));
    } else if (strcmp(order, "count") == 0) {
        count_step(strcmp(what, "train") == 0 && !now.net->prediction);
    } else {
        stop("the orders are build, train, predict, sweeps and count");
    }
}

int main(int count, char **word)
{
    char line[8192];
    card_facts card;
    if (count != 1) {
        fprintf(stderr, "%s: expected no arguments; orders are read from the input\n",
                word[0]);
        return 2;
    }
    if (!card_find(&card)) {
        printf("none %s\n", seqnn_error());
        return 0;
    }
    printf("card %d %d %d %.9g %.9g %.9g %s\n", card.major, card.minor,
           card.multiprocessors, card.clock, card.bandwidth, card.shared, card.name);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        obey(line);
        fflush(stdout);
    }
    end_network();
    return 0;
}
