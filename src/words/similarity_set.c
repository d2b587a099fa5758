#include "word_evaluation.h"

#ifdef SEQNN_WORDS

#include "files.h"
#include "functions.h"
#include "numbers.h"
#include "word_names.h"

/* ---- correlation ---- */

typedef struct sq_ranked {
    double value;
    seqnn_size number;
} sq_ranked;

static int sq_compare_ranked(const void *a, const void *b)
{
    const sq_ranked *x = (const sq_ranked *)a, *y = (const sq_ranked *)b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

/* rank[i] of value[i]: 1 is the smallest, equal values have the mean of their ranks. */
static void sq_ranks(const double *value, seqnn_size count, sq_ranked *order,
                     double *rank)
{
    for (seqnn_size i = 0; i < count; i++) {
        order[i].value = value[i];
        order[i].number = i;
    }
    qsort(order, (size_t)count, sizeof *order, sq_compare_ranked);
    for (seqnn_size i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && order[end].value == order[i].value;)
            end++;
        for (seqnn_size k = i; k < end; k++)
            rank[order[k].number] = (double)(i + 1 + end) / 2;
    }
}

/* The largest value less the smallest. */
static double sq_spread(const double *value, seqnn_size count)
{
    double least = value[0], most = value[0];
    for (seqnn_size i = 1; i < count; i++) {
        least = fmin(least, value[i]);
        most = fmax(most, value[i]);
    }
    return most - least;
}

/* Pearson's correlation coefficient of values that are not all the same. */
static double sq_correlation(const double *x, const double *y, seqnn_size count)
{
    double mean_x = 0, mean_y = 0, xy = 0, xx = 0, yy = 0;
    for (seqnn_size i = 0; i < count; i++) {
        mean_x += x[i] / (double)count;
        mean_y += y[i] / (double)count;
    }
    for (seqnn_size i = 0; i < count; i++) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
    }
    return fmax(-1, fmin(1, xy / sqrt(xx) / sqrt(yy)));
}

/* ---- the file ---- */

/* One pair: people's score, and our cosine. */
typedef struct sq_judged_pair {
    double score, cosine;
} sq_judged_pair;

typedef struct sq_similarity_set {
    sq_reader reader;
    sq_word_names names;
    sq_judged_pair *pair; /* [count] */
    seqnn_size count, capacity, unknown;
    bool begun; /* a line that is no comment was read */
} sq_similarity_set;

typedef struct sq_field {
    char *text; /* a NUL behind it */
    seqnn_size length;
} sq_field;

/* Cuts a line into fields without the blanks around them, at most three; how many there
 * are. A separator of blanks is any number of them. */
static seqnn_size sq_cut_fields(char *line, sq_field field[3])
{
    const char *cut = strchr(line, '\t') ? "\t" : strchr(line, ',') ? "," : " ";
    seqnn_size count = 0;
    for (char *at = line; at;) {
        at += strspn(at, " ");
        char *end = at + strcspn(at, cut), *next = *end ? end + 1 : NULL;
        if (*cut == ' ' && end == at)
            break;
        while (end > at && end[-1] == ' ')
            end--;
        *end = '\0';
        if (count < 3) {
            field[count].text = at;
            field[count].length = end - at;
        }
        count++;
        at = next;
    }
    return count;
}

static seqnn_status sq_add_pair(sq_similarity_set *set, double score, const int32_t *word)
{
    const seqnn_word_space *space = set->names.space;
    if (word[0] < 0 || word[1] < 0) {
        set->unknown++;
        return SEQNN_OK;
    }
    void *memory = set->pair;
    seqnn_status status =
        sq_grow(&memory, &set->capacity, set->count + 1, sizeof(sq_judged_pair));
    if (status != SEQNN_OK)
        return status;
    set->pair = (sq_judged_pair *)memory;
    const seqnn_size a = set->names.word_of[word[0]], b = set->names.word_of[word[1]];
    set->pair[set->count].score = score;
    set->pair[set->count++].cosine =
        sq_dot(space->dimension, space->unit + a * space->dimension,
               space->unit + b * space->dimension);
    return SEQNN_OK;
}

static seqnn_status sq_read_pair(sq_similarity_set *set, char *line)
{
    sq_field field[3];
    if (line[0] == '#' || line[strspn(line, " \t")] == '\0')
        return SEQNN_OK;
    bool first = !set->begun;
    set->begun = true;
    seqnn_size count = sq_cut_fields(line, field);
    if (count != 3)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: %td fields, expected two words and a score with tabs, "
                       "commas or blanks between them",
                       set->reader.path, set->reader.line, count);
    double score;
    const char *end = sq_parse_double(field[2].text, &score);
    if (!end || *end) {
        if (first)
            return SEQNN_OK; /* the heading */
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: the score '%.40s' is no finite number", set->reader.path,
                       set->reader.line, field[2].text);
    }
    int32_t word[2];
    for (int k = 0; k < 2; k++) {
        seqnn_status status =
            sq_word_names_find(&set->names, field[k].text, field[k].length, &word[k]);
        if (status != SEQNN_OK)
            return status;
    }
    return sq_add_pair(set, score, word);
}

static seqnn_status sq_read_similarity_set(sq_similarity_set *set)
{
    char *line;
    seqnn_size length;
    seqnn_status status;
    while ((status = sq_reader_line(&set->reader, &line, &length)) == SEQNN_OK && line) {
        status = sq_read_pair(set, line);
        if (status != SEQNN_OK)
            return status;
    }
    if (status == SEQNN_OK && set->count == 0)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       set->unknown > 0
                           ? "%s: none of the %td pairs has both words among "
                             "those of the space"
                           : "%s: the file holds %td pairs of words",
                       set->reader.path, set->unknown);
    return status;
}

static seqnn_status sq_correlate(const sq_similarity_set *set,
                                 seqnn_similarity_score *result)
{
    const seqnn_size count = set->count;
    double *memory = (double *)sq_allocate(sq_multiply(count, 4), sizeof(double));
    sq_ranked *order = (sq_ranked *)sq_allocate(count, sizeof(sq_ranked));
    seqnn_status status = memory && order ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK) {
        double *score = memory, *cosine = memory + count,
               *score_rank = memory + 2 * count, *cosine_rank = memory + 3 * count;
        for (seqnn_size i = 0; i < count; i++) {
            score[i] = set->pair[i].score;
            cosine[i] = set->pair[i].cosine;
        }
        sq_ranks(score, count, order, score_rank);
        sq_ranks(cosine, count, order, cosine_rank);
        /* Of vectors of one direction the cosines differ by rounding. */
        const bool defined =
            sq_spread(score, count) > 0 && sq_spread(cosine, count) > 1e-6;
        result->pearson = defined ? sq_correlation(score, cosine, count) : (double)NAN;
        result->spearman =
            defined ? sq_correlation(score_rank, cosine_rank, count) : (double)NAN;
        result->pairs = count;
        result->unknown = set->unknown;
        result->unknown_ratio = (double)set->unknown / (double)(count + set->unknown);
    }
    sq_free(memory);
    sq_free(order);
    return status;
}

SEQNN_API seqnn_similarity_score seqnn_similarities_evaluate(
    const seqnn_word_space *space, const char *path, seqnn_evaluation_options options)
{
    seqnn_similarity_score result;
    sq_similarity_set set;
    memset(&result, 0, sizeof result);
    memset(&set, 0, sizeof set);
    result.status = sq_word_names_open(&set.names, space, &options);
    if (result.status == SEQNN_OK)
        result.status = sq_reader_open(&set.reader, path);
    if (result.status == SEQNN_OK)
        result.status = sq_read_similarity_set(&set);
    if (result.status == SEQNN_OK)
        result.status = sq_correlate(&set, &result);
    sq_reader_close(&set.reader);
    sq_word_names_free(&set.names);
    sq_free(set.pair);
    return result;
}

#endif
