/* datasets/measure.c - how hard are the bundled sets, and does the order of words matter?
 *
 *     make measure        writes the table of datasets/README.md
 *
 *     measure [--quick] [--seeds N] [--write FILE] [set ...]
 *
 * Every set is learnt by the same five, on the same part of it, and judged on the rest:
 *
 *   majority      the most frequent class, always
 *   naive Bayes   argmax_c log P(c) + sum log P(w | c) over the different words w of a
 *                 text, P(w | c) = (texts of c with w + 1) / (words in texts of c + V)
 *   bag of words  the n-hot vector of the words, one dense layer
 *   vanilla RNN   embedding of 16, tanh units: 32, dense layer
 *   LSTM          the same with LSTM units
 *
 * Networks train with Adam at 0.01, batches of 16, recurrent dropout 0.1 and gradients
 * clipped to a norm of 1. A seed decides initial weights, the order of batches and, where
 * a set has no test part of its own, what is held out (a quarter). The weather is learnt
 * at 0.002 and without dropout. --quick looks at the sets in which order decides, with
 * one seed. The exit status is 1 if an order does not hold.
 */
#include "measure/sets.h"
#include <stdarg.h>

enum { MAX_SEEDS = 20 };

static const char *const MODEL_NAMES[MODELS] = {"majority", "naive Bayes", "bag of words",
                                                "vanilla RNN", "LSTM"};

/* ---- the table ---- */

typedef struct bundled_set {
    const char *name, *measure;
    bool lower_is_better;
    int level[MODELS]; /* whoever has a higher one does better; -1: nothing is claimed */
    void (*score)(uint64_t seed, double score[MODELS]);
} bundled_set;

static const bundled_set SETS[] = {
    {"reviews", "accuracy", false, {0, 1, 1, 2, 3}, reviews},
    {"agreement", "accuracy", false, {0, 1, 1, 2, 3}, agreement},
    {"tags", "F1", false, {0, 1, 1, 2, 3}, tags},
    {"titles", "accuracy", false, {0, -1, 2, 1, 1}, titles},
    {"posts", "accuracy", false, {0, -1, 2, -1, 1}, posts},
    {"abstracts", "F-score", false, {0, -1, 2, 1, 1}, abstracts},
    {"pairs", "next word", false, {0, -1, -1, 1, 2}, pairs},
    {"stories", "perplexity", true, {0, 1, -1, 2, 3}, stories},
    {"weather", "MAE, degrees", true, {0, -1, -1, 1, 1}, weather},
};
enum { SET_COUNT = sizeof SETS / sizeof SETS[0] };

typedef struct text {
    char bytes[16384];
    size_t length;
} text;

static void add(text *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->bytes + to->length, sizeof to->bytes - to->length, format,
                           arguments);
    va_end(arguments);
    if (length < 0 || to->length + (size_t)length >= sizeof to->bytes) {
        fprintf(stderr, "measure: the table is too long\n");
        exit(1);
    }
    to->length += (size_t)length;
}

static bool order_holds(const bundled_set *set, const double score[MODELS])
{
    for (int low = 0; low < MODELS; low++)
        for (int high = 0; high < MODELS; high++)
            if (set->level[low] >= 0 && set->level[low] < set->level[high] &&
                !(set->lower_is_better ? score[high] < score[low]
                                       : score[high] > score[low]))
                return false;
    return true;
}

static void add_order(text *to, const bundled_set *set)
{
    for (int level = 0; level < MODELS; level++) {
        bool first = true;
        for (int model = 0; model < MODELS; model++)
            if (set->level[model] == level) {
                add(to, "%s%s",
                    !first      ? ", "
                    : level > 0 ? " < "
                                : "",
                    MODEL_NAMES[model]);
                first = false;
            }
    }
}

/* One row of the table; returns on how many seeds the order holds. */
static int measure_set(const bundled_set *set, int seeds, text *table)
{
    double score[MAX_SEEDS][MODELS];
    int holds = 0;
    for (int seed = 0; seed < seeds; seed++) {
        for (int model = 0; model < MODELS; model++)
            score[seed][model] = NAN;
        set->score((uint64_t)seed, score[seed]);
        holds += order_holds(set, score[seed]);
        printf("%s, seed %d:", set->name, seed);
        for (int model = 0; model < MODELS; model++)
            printf(" %.3f", score[seed][model]);
        printf("\n");
        fflush(stdout);
    }
    add(table, "| %s | %s |", set->name, set->measure);
    for (int model = 0; model < MODELS; model++) {
        double sum = 0, least = INFINITY, most = -INFINITY;
        for (int seed = 0; seed < seeds; seed++) {
            sum += score[seed][model];
            least = fmin(least, score[seed][model]);
            most = fmax(most, score[seed][model]);
        }
        if (isnan(sum))
            add(table, " - |");
        else
            add(table, " %.3f (%.3f-%.3f) |", sum / seeds, least, most);
    }
    add(table, "\n");
    return holds;
}

/* Replaces what stands between the two marks of a file. */
static void write_between_marks(const char *path, const text *table)
{
    static const char BEGIN[] = "<!-- measured -->\n", END[] = "<!-- end -->";
    static char page[65536];
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(page, 1, sizeof page - 1, file) : 0;
    if (file)
        fclose(file);
    char *begin = strstr(page, BEGIN), *end = strstr(page, END);
    file = begin && end && length + 1 < sizeof page ? fopen(path, "wb") : NULL;
    if (!file) {
        fprintf(stderr, "measure: %s is not there or lacks the marks\n", path);
        exit(1);
    }
    fwrite(page, 1, (size_t)(begin - page) + strlen(BEGIN), file);
    fwrite(table->bytes, 1, table->length, file);
    fwrite(end, 1, strlen(end), file);
    fclose(file);
}

static bool is_wanted(const char *name, int argc, char **argv, bool quick)
{
    bool named = false;
    for (int i = 1; i < argc; i++) {
        named |= argv[i][0] != '-';
        if (strcmp(argv[i], name) == 0)
            return true;
    }
    return !named && (!quick || strcmp(name, "reviews") == 0 ||
                      strcmp(name, "agreement") == 0 || strcmp(name, "tags") == 0);
}

int main(int argc, char **argv)
{
    static text table, claims;
    const char *path = NULL;
    int seeds = 5, broken = 0;
    bool quick = false;
    while (argc > 1 && argv[1][0] == '-') {
        if (strcmp(argv[1], "--quick") == 0) {
            quick = true;
            seeds = 1;
        } else if (strcmp(argv[1], "--write") == 0 && argc > 2) {
            path = argv[2];
        } else if (strcmp(argv[1], "--seeds") == 0 && argc > 2) {
            seeds = atoi(argv[2]);
        } else {
            fprintf(stderr,
                    "usage: measure [--quick] [--seeds N] [--write FILE] [set ...]\n");
            return 2;
        }
        int taken = strcmp(argv[1], "--quick") == 0 ? 1 : 2;
        argc -= taken, argv += taken;
    }
    seeds = seeds < 1 ? 1 : seeds > MAX_SEEDS ? MAX_SEEDS : seeds;

    add(&table, "| set | measure |");
    for (int model = 0; model < MODELS; model++)
        add(&table, " %s |", MODEL_NAMES[model]);
    add(&table, "\n|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < SET_COUNT; i++) {
        if (!is_wanted(SETS[i].name, argc, argv, quick))
            continue;
        int holds = measure_set(&SETS[i], seeds, &table);
        add(&claims, "- %s: from worst to best, ", SETS[i].name);
        add_order(&claims, &SETS[i]);
        add(&claims, ": the order holds on %d of %d seeds\n", holds, seeds);
        broken += holds < seeds;
    }
    if (is_wanted("summaries", argc, argv, quick)) {
        double first, last;
        measure_summaries(&first, &last);
        add(&claims,
            "- summaries: of the articles, the first sentence has ROUGE-1 %.3f with "
            "the summary, the last %.3f; no network is measured here\n",
            first, last);
        broken += first <= last;
    }
    add(&table, "\n%s", claims.bytes);
    printf("\n%s", table.bytes);
    if (path)
        write_between_marks(path, &table);
    return broken > 0;
}
