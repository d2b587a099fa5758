/* metrics/metrics.c - accuracy, confusion, precision and recall, F-score, perplexity */
#include "metrics.h"

#include "memory.h"

/* Every metric wants at least one class and a count that is not negative. */
static seqnn_status sq_metric_shape(const char *who, seqnn_size count, seqnn_size classes)
{
    if (count < 0 || classes < 1 || sq_multiply(sq_max(count, 1), classes) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the table is [%td, %td], expected [count >= 0, classes >= 1]",
                       who, count, classes);
    return SEQNN_OK;
}

static seqnn_status sq_metric_class(const char *who, const char *kind, int32_t id,
                                    seqnn_size position, seqnn_size classes)
{
    if (id < 0 || id >= classes)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: %s class %d at position %td, expected 0 to %td", who, kind,
                       (int)id, position, classes - 1);
    return SEQNN_OK;
}

/* The weight of position i, or -1 with the error set. */
static double sq_metric_weight(const char *who, const seqnn_real *weight, seqnn_size i)
{
    if (weight == NULL)
        return 1;
    if (!(weight[i] >= 0) || isinf(weight[i])) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "%s: weight %g at position %td, expected a finite number of at least 0",
                who, (double)weight[i], i);
        return -1;
    }
    return (double)weight[i];
}

static seqnn_status sq_metric_scores(const char *who, const seqnn_real *scores,
                                     seqnn_size row, seqnn_size classes)
{
    for (seqnn_size c = 0; c < classes; c++)
        if (isnan(scores[c]))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "%s: the score of class %td at position %td "
                           "is NaN",
                           who, c, row);
    return SEQNN_OK;
}

/* How many classes rank before class c: a higher score, or the same and a lower number.
 */
static seqnn_size sq_metric_rank(const seqnn_real *scores, seqnn_size classes,
                                 seqnn_size c)
{
    seqnn_size before = 0;
    for (seqnn_size other = 0; other < classes; other++)
        before += scores[other] > scores[c] || (scores[other] == scores[c] && other < c);
    return before;
}

static double sq_metric_ratio(int64_t part, int64_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

SEQNN_API seqnn_status seqnn_predicted_classes(const seqnn_real *scores, seqnn_size count,
                                               seqnn_size classes, int32_t *predicted)
{
    const char *who = "predicted classes";
    seqnn_status status = sq_metric_shape(who, count, classes);
    if (status == SEQNN_OK && classes > INT32_MAX)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: %td classes do not fit in int32", who,
                       classes);
    for (seqnn_size i = 0; status == SEQNN_OK && i < count; i++)
        status = sq_metric_scores(who, scores + i * classes, i, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        const seqnn_real *row = scores + i * classes;
        seqnn_size best = 0;
        for (seqnn_size c = 1; c < classes; c++)
            if (row[c] > row[best])
                best = c;
        predicted[i] = (int32_t)best;
    }
    return SEQNN_OK;
}

/* Top-k accuracy under the name of its caller. */
static seqnn_status sq_metric_top_k(const char *who, const seqnn_real *scores,
                                    const int32_t *truth, const seqnn_real *weight,
                                    seqnn_size count, seqnn_size classes, seqnn_size k,
                                    double *accuracy)
{
    double right = 0, total = 0;
    seqnn_status status = sq_metric_shape(who, count, classes);
    if (status != SEQNN_OK)
        return status;
    if (k < 1 || k > classes)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: k is %td, expected 1 to %td", who, k,
                       classes);
    for (seqnn_size i = 0; i < count; i++) {
        const seqnn_real *row = scores + i * classes;
        double w = sq_metric_weight(who, weight, i);
        if (w < 0)
            return SEQNN_ERROR_ARGUMENT;
        if (w == 0)
            continue;
        status = sq_metric_class(who, "true", truth[i], i, classes);
        if (status == SEQNN_OK)
            status = sq_metric_scores(who, row, i, classes);
        if (status != SEQNN_OK)
            return status;
        total += w;
        if (sq_metric_rank(row, classes, truth[i]) < k)
            right += w;
    }
    *accuracy = total > 0 ? right / total : 0;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_accuracy(const seqnn_real *scores, const int32_t *truth,
                                      const seqnn_real *weight, seqnn_size count,
                                      seqnn_size classes, double *accuracy)
{
    return sq_metric_top_k("accuracy", scores, truth, weight, count, classes, 1,
                           accuracy);
}

SEQNN_API seqnn_status seqnn_top_k_accuracy(const seqnn_real *scores,
                                            const int32_t *truth,
                                            const seqnn_real *weight, seqnn_size count,
                                            seqnn_size classes, seqnn_size k,
                                            double *accuracy)
{
    return sq_metric_top_k("top-k accuracy", scores, truth, weight, count, classes, k,
                           accuracy);
}

SEQNN_API seqnn_status seqnn_confusion_matrix(const int32_t *truth,
                                              const int32_t *predicted, seqnn_size count,
                                              seqnn_size classes, int64_t *confusion)
{
    const char *who = "confusion matrix";
    seqnn_status status = sq_metric_shape(who, count, classes);
    if (status == SEQNN_OK && sq_multiply(classes, classes) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: %td classes are too many", who, classes);
    for (seqnn_size i = 0; status == SEQNN_OK && i < count; i++) {
        status = sq_metric_class(who, "true", truth[i], i, classes);
        if (status == SEQNN_OK)
            status = sq_metric_class(who, "predicted", predicted[i], i, classes);
    }
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < classes * classes; i++)
        confusion[i] = 0;
    for (seqnn_size i = 0; i < count; i++)
        confusion[truth[i] * classes + predicted[i]]++;
    return SEQNN_OK;
}

/* A confusion matrix that came from outside: counts, not negative. */
static seqnn_status sq_metric_counts(const char *who, const int64_t *confusion,
                                     seqnn_size classes)
{
    if (classes < 1 || sq_multiply(classes, classes) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the confusion matrix has %td classes, "
                       "expected at least 1",
                       who, classes);
    for (seqnn_size i = 0; i < classes * classes; i++)
        if (confusion[i] < 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: confusion[%td, %td] is negative, expected a count", who,
                           i / classes, i % classes);
    return SEQNN_OK;
}

static seqnn_class_score sq_metric_of_class(const int64_t *confusion, seqnn_size classes,
                                            seqnn_size c)
{
    seqnn_class_score score;
    int64_t right = confusion[c * classes + c], row = 0, column = 0;
    for (seqnn_size other = 0; other < classes; other++) {
        row += confusion[c * classes + other];
        column += confusion[other * classes + c];
    }
    score.precision = sq_metric_ratio(right, column);
    score.recall = sq_metric_ratio(right, row);
    score.f1 = sq_metric_ratio(2 * right, row + column);
    score.support = row;
    return score;
}

SEQNN_API seqnn_status seqnn_class_scores(const int64_t *confusion, seqnn_size classes,
                                          seqnn_class_score *scores)
{
    seqnn_status status = sq_metric_counts("class scores", confusion, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size c = 0; c < classes; c++)
        scores[c] = sq_metric_of_class(confusion, classes, c);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_average_score(const int64_t *confusion, seqnn_size classes,
                                           seqnn_average average,
                                           seqnn_class_score *score)
{
    seqnn_class_score sum = {0, 0, 0, 0};
    int64_t right = 0;
    double weights = 0;
    seqnn_status status = sq_metric_counts("average score", confusion, classes);
    if (status != SEQNN_OK)
        return status;
    if ((int)average < 0 || average > SEQNN_AVERAGE_MICRO)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "average score: average is %d, expected a SEQNN_AVERAGE_...",
                       (int)average);
    for (seqnn_size c = 0; c < classes; c++) {
        seqnn_class_score of_class = sq_metric_of_class(confusion, classes, c);
        double w = average == SEQNN_AVERAGE_WEIGHTED ? (double)of_class.support : 1;
        sum.precision += w * of_class.precision;
        sum.recall += w * of_class.recall;
        sum.f1 += w * of_class.f1;
        sum.support += of_class.support;
        weights += w;
        right += confusion[c * classes + c];
    }
    if (average == SEQNN_AVERAGE_MICRO) {
        /* Every wrong answer is one false positive and one false negative. */
        sum.precision = sum.recall = sum.f1 = sq_metric_ratio(right, sum.support);
    } else if (weights > 0) {
        sum.precision /= weights;
        sum.recall /= weights;
        sum.f1 /= weights;
    }
    *score = sum;
    return SEQNN_OK;
}

/* --- the report: snprintf into what is left, and counting what was wanted --- */

typedef struct sq_report {
    char *text;
    seqnn_size size, used;
} sq_report;

static void sq_report_add(sq_report *report, const char *format, ...) SQ_PRINTF(2, 3);

static void sq_report_add(sq_report *report, const char *format, ...)
{
    seqnn_size left = sq_max(report->size - report->used, 0);
    va_list arguments;
    va_start(arguments, format);
    report->used += (seqnn_size)vsnprintf(left > 0 ? report->text + report->used : NULL,
                                          (size_t)left, format, arguments);
    va_end(arguments);
}

/* A share with two decimals, whatever the locale's decimal point is. */
static void sq_report_share(sq_report *report, double share)
{
    int hundredths = (int)rint(share * 100);
    sq_report_add(report, "      %d.%02d", hundredths / 100, hundredths % 100);
}

/* How many columns a UTF-8 text takes: the bytes that do not continue a character. */
static int sq_report_columns(const char *text)
{
    int columns = 0;
    for (; *text != '\0'; text++)
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    return columns;
}

static void sq_report_row(sq_report *report, int width, const char *name,
                          const seqnn_class_score *score)
{
    sq_report_add(report, "%*s%s ", width - sq_report_columns(name), "", name);
    sq_report_share(report, score->precision);
    sq_report_share(report, score->recall);
    sq_report_share(report, score->f1);
    sq_report_add(report, " %9lld\n", (long long)score->support);
}

SEQNN_API seqnn_status seqnn_classification_report(const int64_t *confusion,
                                                   seqnn_size classes,
                                                   const char *const *class_names,
                                                   char *text, seqnn_size size)
{
    sq_report report = {text, sq_max(size, 0), 0};
    seqnn_class_score micro, macro, weighted, score;
    char number[32];
    int width = sq_report_columns("weighted avg");
    seqnn_status status = sq_metric_counts("classification report", confusion, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size c = 0; class_names != NULL && c < classes; c++)
        width = (int)sq_max(width, sq_report_columns(class_names[c]));

    sq_report_add(&report, "%*s  precision    recall  f1-score   support\n\n", width, "");
    for (seqnn_size c = 0; c < classes; c++) {
        score = sq_metric_of_class(confusion, classes, c);
        snprintf(number, sizeof number, "%td", c);
        sq_report_row(&report, width, class_names != NULL ? class_names[c] : number,
                      &score);
    }
    status = seqnn_average_score(confusion, classes, SEQNN_AVERAGE_MICRO, &micro);
    if (status == SEQNN_OK)
        status = seqnn_average_score(confusion, classes, SEQNN_AVERAGE_MACRO, &macro);
    if (status == SEQNN_OK)
        status =
            seqnn_average_score(confusion, classes, SEQNN_AVERAGE_WEIGHTED, &weighted);
    if (status != SEQNN_OK)
        return status;
    sq_report_add(&report, "\n%*s%*s", width, "accuracy", 21, "");
    sq_report_share(&report, micro.f1);
    sq_report_add(&report, " %9lld\n", (long long)micro.support);
    sq_report_row(&report, width, "macro avg", &macro);
    sq_report_row(&report, width, "weighted avg", &weighted);
    if (report.used >= report.size)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "classification report: the table takes %td bytes, the buffer has "
                       "%td",
                       report.used + 1, size);
    return SEQNN_OK;
}

/* Probabilities and truth [count, labels] of texts that carry several labels each. */
static seqnn_status sq_metric_labels(const char *who, const seqnn_real *probabilities,
                                     const seqnn_real *truth, seqnn_size count,
                                     seqnn_size labels)
{
    seqnn_status status = sq_metric_shape(who, count, labels);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        for (seqnn_size l = 0; l < labels; l++) {
            seqnn_real t = truth[i * labels + l];
            if (isnan(probabilities[i * labels + l]))
                return sq_fail(SEQNN_ERROR_NUMBER,
                               "%s: the probability of label %td at text %td is NaN", who,
                               l, i);
            if (t != 0 && t != 1)
                return sq_fail(SEQNN_ERROR_ARGUMENT,
                               "%s: truth[%td, %td] is %g, expected 0 or 1", who, i, l,
                               (double)t);
        }
    }
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_labeling_f_score(const seqnn_real *probabilities,
                                              const seqnn_real *truth, seqnn_size count,
                                              seqnn_size labels, seqnn_real threshold,
                                              double *score)
{
    seqnn_real limit = sq_option(threshold, (seqnn_real)0.5);
    double sum = 0;
    seqnn_status status =
        sq_metric_labels("labeling F-score", probabilities, truth, count, labels);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        int64_t both = 0, either = 0;
        for (seqnn_size l = 0; l < labels; l++) {
            bool y = probabilities[i * labels + l] >= limit;
            bool t = truth[i * labels + l] != 0;
            both += y && t;
            either += y + t;
        }
        sum += either == 0 ? 1 : 2 * (double)both / (double)either;
    }
    *score = count > 0 ? sum / (double)count : 0;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_labeling_confusion(const seqnn_real *probabilities,
                                                const seqnn_real *truth, seqnn_size count,
                                                seqnn_size labels, seqnn_real threshold,
                                                int64_t *confusion)
{
    const char *who = "labeling confusion";
    seqnn_real limit = sq_option(threshold, (seqnn_real)0.5);
    seqnn_status status;
    if (labels > 0 && sq_multiply(labels, labels) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: %td labels are too many", who, labels);
    status = sq_metric_labels(who, probabilities, truth, count, labels);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < labels * labels; i++)
        confusion[i] = 0;
    for (seqnn_size n = 0; n < count; n++) {
        const seqnn_real *y = probabilities + n * labels, *t = truth + n * labels;
        for (seqnn_size i = 0; i < labels; i++) {
            int64_t *row = confusion + i * labels;
            if (t[i] == 0)
                continue;
            if (y[i] >= limit) {
                row[i]++;
                continue;
            }
            for (seqnn_size j = 0; j < labels; j++)
                row[j] += t[j] == 0 && y[j] >= limit;
        }
    }
    return SEQNN_OK;
}

SEQNN_API double seqnn_perplexity(double mean_cross_entropy)
{
    return exp(mean_cross_entropy);
}

SEQNN_API seqnn_status seqnn_perplexity_of(const seqnn_real *probabilities,
                                           const seqnn_real *weight, seqnn_size count,
                                           double *perplexity)
{
    const char *who = "perplexity";
    double loss = 0, total = 0;
    seqnn_status status = sq_metric_shape(who, count, 1);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        double w = sq_metric_weight(who, weight, i), p;
        if (w < 0)
            return SEQNN_ERROR_ARGUMENT;
        if (w == 0)
            continue;
        p = (double)probabilities[i];
        if (!(p >= 0 && p <= 1))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: probability %g at position %td, expected 0 to 1", who, p,
                           i);
        loss -= w * log(p);
        total += w;
    }
    *perplexity = seqnn_perplexity(total > 0 ? loss / total : 0);
    return SEQNN_OK;
}
