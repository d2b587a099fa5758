/* metrics/thresholds.c - precision, recall and F-scores against the threshold */
#include "thresholds.h"

#include "memory.h"

/* Probabilities in [0, 1] and truth of 0 and 1. */
static seqnn_status sq_sweep_check(const char *who, const seqnn_real *probabilities,
                                   const seqnn_real *truth, seqnn_size texts,
                                   seqnn_size labels)
{
    if (texts < 0 || labels < 1 || sq_multiply(sq_max(texts, 1), labels) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the table is [%td, %td], expected [texts >= 0, labels >= 1]",
                       who, texts, labels);
    for (seqnn_size i = 0; i < texts * labels; i++) {
        const double p = (double)probabilities[i], t = (double)truth[i];
        if (!(p >= 0 && p <= 1))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: the probability of label %td at text %td is %g, expected "
                           "0 to 1",
                           who, i % labels, i / labels, p);
        if (t != 0 && t != 1)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: truth[%td, %td] is %g, expected 0 or 1", who, i / labels,
                           i % labels, t);
    }
    return SEQNN_OK;
}

static seqnn_real sq_sweep_threshold(seqnn_size k, seqnn_size count)
{
    return (seqnn_real)((double)k / (double)(count - 1));
}

/* How many of the thresholds a probability reaches. */
static seqnn_size sq_sweep_reached(seqnn_real p, seqnn_size count)
{
    seqnn_size k = (seqnn_size)((double)p * (double)(count - 1));
    while (k < count && p >= sq_sweep_threshold(k, count))
        k++;
    while (k > 0 && !(p >= sq_sweep_threshold(k - 1, count)))
        k--;
    return k;
}

/* Labels that reach exactly k of the thresholds, k in [0, count]. */
typedef struct sq_sweep_tally {
    int64_t *given, *right; /* [count + 1]; right: those that are true */
    int64_t truth;          /* of all k together */
} sq_sweep_tally;

static void sq_sweep_clear(sq_sweep_tally *tally, seqnn_size count)
{
    memset(tally->given, 0, (size_t)(count + 1) * sizeof *tally->given);
    memset(tally->right, 0, (size_t)(count + 1) * sizeof *tally->right);
    tally->truth = 0;
}

static void sq_sweep_count(sq_sweep_tally *tally, seqnn_size reached, bool truth)
{
    tally->given[reached]++;
    tally->right[reached] += truth;
    tally->truth += truth;
}

/* 2 right / (given + truth) at each threshold, added to the sums; a text that has no
 * label and gets none counts 1. */
static void sq_sweep_add_f_scores(const sq_sweep_tally *text,
                                  seqnn_threshold_score *sweep, seqnn_size count)
{
    int64_t given = 0, right = 0;
    for (seqnn_size k = count; k-- > 0;) {
        given += text->given[k + 1];
        right += text->right[k + 1];
        sweep[k].labeling_f_score +=
            given + text->truth == 0 ? 1
                                     : 2 * (double)right / (double)(given + text->truth);
    }
}

static double sq_sweep_ratio(int64_t part, int64_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

static void sq_sweep_scores(const sq_sweep_tally *all, seqnn_threshold_score *sweep,
                            seqnn_size count, seqnn_size texts, seqnn_size labels)
{
    int64_t given = 0, right = 0;
    for (seqnn_size k = count; k-- > 0;) {
        seqnn_threshold_score *score = &sweep[k];
        given += all->given[k + 1];
        right += all->right[k + 1];
        score->threshold = (double)sq_sweep_threshold(k, count);
        score->precision = given > 0 ? sq_sweep_ratio(right, given) : (double)NAN;
        score->recall = sq_sweep_ratio(right, all->truth);
        score->f1 = sq_sweep_ratio(2 * right, given + all->truth);
        score->labeling_f_score = labels == 1 ? (double)NAN
                                  : texts > 0 ? score->labeling_f_score / (double)texts
                                              : 0;
    }
}

SEQNN_API seqnn_status seqnn_threshold_sweep(const seqnn_real *probabilities,
                                             const seqnn_real *truth, seqnn_size texts,
                                             seqnn_size labels,
                                             seqnn_threshold_score *sweep,
                                             seqnn_size count)
{
    const char *who = "threshold sweep";
    sq_sweep_tally all, text;
    seqnn_status status = sq_sweep_check(who, probabilities, truth, texts, labels);
    if (status)
        return status;
    if (count < 2 || count >= INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: %td thresholds, expected at least 2, which are 0 and 1", who,
                       count);
    int64_t *memory = (int64_t *)sq_allocate(sq_multiply(4, count + 1), sizeof *memory);
    if (memory == NULL)
        return SEQNN_ERROR_MEMORY;
    all.given = memory;
    all.right = memory + (count + 1);
    text.given = memory + 2 * (count + 1);
    text.right = memory + 3 * (count + 1);
    sq_sweep_clear(&all, count);
    memset(sweep, 0, (size_t)count * sizeof *sweep);
    for (seqnn_size i = 0; i < texts; i++) {
        sq_sweep_clear(&text, count);
        for (seqnn_size j = i * labels; j < (i + 1) * labels; j++) {
            const seqnn_size reached = sq_sweep_reached(probabilities[j], count);
            sq_sweep_count(&all, reached, truth[j] == 1);
            sq_sweep_count(&text, reached, truth[j] == 1);
        }
        sq_sweep_add_f_scores(&text, sweep, count);
    }
    sq_sweep_scores(&all, sweep, count, texts, labels);
    sq_free(memory);
    return SEQNN_OK;
}

SEQNN_API seqnn_size seqnn_best_threshold(const seqnn_threshold_score *sweep,
                                          seqnn_size count)
{
    seqnn_size best = -1;
    double most = 0;
    for (seqnn_size k = 0; k < count; k++) {
        const seqnn_threshold_score *score = &sweep[k];
        const double value =
            isnan(score->labeling_f_score) ? score->f1 : score->labeling_f_score;
        if (best < 0 || value > most ||
            (value == most &&
             fabs(score->threshold - 0.5) < fabs(sweep[best].threshold - 0.5))) {
            best = k;
            most = value;
        }
    }
    return best;
}

SEQNN_API seqnn_status seqnn_true_positive_rates(const seqnn_real *probabilities,
                                                 const seqnn_real *truth,
                                                 seqnn_size texts, seqnn_size labels,
                                                 seqnn_real threshold, double *rates)
{
    const seqnn_real limit = sq_option(threshold, (seqnn_real)0.5);
    seqnn_status status =
        sq_sweep_check("true positive rates", probabilities, truth, texts, labels);
    for (seqnn_size l = 0; !status && l < labels; l++) {
        int64_t right = 0, carry = 0;
        for (seqnn_size i = 0; i < texts; i++) {
            carry += truth[i * labels + l] == 1;
            right += truth[i * labels + l] == 1 && probabilities[i * labels + l] >= limit;
        }
        rates[l] = sq_sweep_ratio(right, carry);
    }
    return status;
}
