#include "naive_bayes.h"
#include "memory.h"

/* ---- the words of a row ---- */

/* What a row says, in a form that is the same for indices and values: amount[k] of
 * word[k]. A word may come several times. */
typedef struct sq_row_words {
    int32_t *word;
    double *amount;
    seqnn_size *seen; /* [words] the last row that had the word, + 1; for binary counts */
} sq_row_words;

static void sq_row_words_free(sq_row_words *row)
{
    sq_free(row->word);
    sq_free(row->amount);
    sq_free(row->seen);
}

static seqnn_status sq_row_words_new(sq_row_words *row, const seqnn_dataset *data,
                                     seqnn_size words)
{
    const seqnn_size most = sq_max(data->x[0].indices ? data->x[0].time : words, 1);
    row->word = (int32_t *)sq_allocate(most, sizeof *row->word);
    row->amount = (double *)sq_allocate(most, sizeof *row->amount);
    row->seen = (seqnn_size *)sq_allocate(words, sizeof *row->seen);
    if (row->word && row->amount && row->seen)
        return SEQNN_OK;
    sq_row_words_free(row);
    return SEQNN_ERROR_MEMORY;
}

/* Reads row i; returns how many entries it has, or -1 with the error set. */
static seqnn_size sq_read_row(sq_row_words *row, const seqnn_naive_bayes *model,
                              const seqnn_dataset *data, seqnn_size i)
{
    const seqnn_array *x = &data->x[0];
    const seqnn_size begin = x->indices && x->start ? x->start[i] : 0;
    const seqnn_size end = !x->indices ? x->features
                           : x->length ? begin + x->length[i]
                                       : x->time;
    seqnn_size count = 0;
    for (seqnn_size k = begin; k < end; k++) {
        const seqnn_size word = x->indices ? x->indices[i * x->time + k] : k;
        double amount = x->indices ? 1 : (double)x->values[i * x->features + k];
        if (word < 0 || word >= model->words) {
            sq_fail(SEQNN_ERROR_ARGUMENT,
                    "naive Bayes: text %td holds word number %td, expected 0 to %td", i,
                    word, model->words - 1);
            return -1;
        }
        if (!(amount >= 0 && isfinite(amount))) {
            sq_fail(SEQNN_ERROR_NUMBER,
                    "naive Bayes: text %td has the amount %g of word %td, expected a "
                    "finite number that is not negative",
                    i, amount, word);
            return -1;
        }
        if (amount == 0 || (model->padding && word == 0))
            continue;
        if (model->binary) {
            if (row->seen[word] == i + 1)
                continue;
            row->seen[word] = i + 1;
            amount = 1;
        }
        row->word[count] = (int32_t)word;
        row->amount[count++] = amount;
    }
    return count;
}

/* ---- counting ---- */

/* How many word numbers there are, or -1 with the error set. */
static seqnn_size sq_word_numbers(const seqnn_dataset *data)
{
    const seqnn_array *x = &data->x[0];
    if (x->indices && x->time > 0 && data->vocabulary > 0)
        return data->vocabulary;
    if (x->values && x->time == 0 && x->features > 0 && x->features <= INT32_MAX &&
        (data->vocabulary == 0 || data->vocabulary == x->features))
        return x->features;
    sq_fail(SEQNN_ERROR_SHAPE,
            "naive Bayes: x[0] is %s with time %td and features %td, the vocabulary %td; "
            "expected indices [count, time] with a vocabulary, or values [count, "
            "features]",
            x->indices  ? "indices"
            : x->values ? "values"
                        : "nothing",
            x->time, x->features, data->vocabulary);
    return -1;
}

static seqnn_status sq_check_text_classes(const seqnn_dataset *data)
{
    if (!data->y.indices || data->y.time != 0 || data->classes < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "naive Bayes: %s, time %td, %td classes; expected one class for "
                       "each text, y.indices [count]",
                       data->y.indices ? "y.indices" : "no y.indices", data->y.time,
                       data->classes);
    for (seqnn_size i = 0; i < data->count; i++)
        if (data->y.indices[i] < 0 || data->y.indices[i] >= data->classes)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "naive Bayes: text %td has class %d of %td classes", i,
                           (int)data->y.indices[i], data->classes);
    return SEQNN_OK;
}

/* D_c, N_cw and N_c. */
static seqnn_status sq_count_words(const seqnn_naive_bayes *model,
                                   const seqnn_dataset *data, double *texts,
                                   double *counts, double *totals)
{
    sq_row_words row;
    if (sq_row_words_new(&row, data, model->words))
        return SEQNN_ERROR_MEMORY;
    seqnn_size size = 0;
    for (seqnn_size i = 0; i < data->count && size >= 0; i++) {
        const seqnn_size c = data->y.indices[i];
        const double weight = data->weight ? (double)data->weight[i] : 1;
        size = sq_read_row(&row, model, data, i);
        texts[c] += weight;
        for (seqnn_size k = 0; k < size; k++) {
            counts[c * model->words + row.word[k]] += weight * row.amount[k];
            totals[c] += weight * row.amount[k];
        }
    }
    sq_row_words_free(&row);
    return size < 0 ? SEQNN_ERROR_ARGUMENT : SEQNN_OK;
}

/* ln (part + smoothing) / (whole + smoothing * parts): -inf, not NaN, for 0/0. */
static double sq_log_share(double part, double whole, double smoothing, seqnn_size parts)
{
    const double share = part + smoothing;
    return share > 0 ? log(share / (whole + smoothing * (double)parts)) : -HUGE_VAL;
}

static seqnn_status sq_check_smoothing(const char *name, double smoothing)
{
    if (smoothing >= 0 && isfinite(smoothing))
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_ARGUMENT,
                   "naive Bayes: %s %g, expected a finite number that is not negative",
                   name, smoothing);
}

SEQNN_API seqnn_naive_bayes *seqnn_naive_bayes_fit(const seqnn_dataset *data,
                                                   seqnn_naive_bayes_options options)
{
    if (!data)
        return NULL; /* what should have made it has left its sentence */
    const double alpha = (double)sq_option(options.smoothing, 1);
    const double beta = (double)sq_option(options.class_smoothing, 0);
    const seqnn_size words = sq_word_numbers(data), classes = data->classes;
    if (words < 0 || sq_check_text_classes(data) ||
        sq_check_smoothing("smoothing", alpha) ||
        sq_check_smoothing("class_smoothing", beta))
        return NULL;
    const seqnn_size table = sq_multiply(classes, words);
    const seqnn_size numbers = sq_multiply(sq_multiply(classes, words + 2), 2);
    seqnn_naive_bayes *model = (seqnn_naive_bayes *)sq_allocate(1, sizeof *model);
    double *log_prior = (double *)sq_allocate(numbers, sizeof *log_prior);
    if (!model || !log_prior) {
        sq_free(model);
        sq_free(log_prior);
        return NULL;
    }
    double *texts = log_prior + classes, *totals = texts + classes;
    double *log_likelihood = totals + classes, *counts = log_likelihood + table;
    model->classes = classes;
    model->words = words;
    model->log_prior = log_prior;
    model->log_likelihood = log_likelihood;
    model->texts = texts;
    model->counts = counts;
    model->totals = totals;
    model->binary = options.binary;
    model->padding = data->vocabulary > 0;
    if (sq_count_words(model, data, texts, counts, totals)) {
        seqnn_naive_bayes_free(model);
        return NULL;
    }
    double all = 0;
    for (seqnn_size c = 0; c < classes; c++)
        all += texts[c];
    for (seqnn_size c = 0; c < classes; c++) {
        log_prior[c] = sq_log_share(texts[c], all, beta, classes);
        for (seqnn_size w = model->padding; w < words; w++)
            log_likelihood[c * words + w] = sq_log_share(counts[c * words + w], totals[c],
                                                         alpha, words - model->padding);
    }
    return model;
}

/* ---- judging ---- */

/* joint [classes], ln P(c) + ln P(d | c), becomes ln P(c | d) in scores: the logarithm of
 * P(d) = sum_c P(c) P(d | c) is taken away, the largest term before the exponentials. */
static void sq_normalise(const double *joint, seqnn_size classes, seqnn_real *scores)
{
    double most = -HUGE_VAL, sum = 0;
    for (seqnn_size c = 0; c < classes; c++)
        most = joint[c] > most ? joint[c] : most;
    for (seqnn_size c = 0; c < classes; c++)
        sum += joint[c] > -HUGE_VAL ? exp(joint[c] - most) : 0;
    for (seqnn_size c = 0; c < classes; c++)
        scores[c] = joint[c] > -HUGE_VAL ? (seqnn_real)(joint[c] - most - log(sum))
                                         : (seqnn_real)-HUGE_VAL;
}

SEQNN_API seqnn_status seqnn_naive_bayes_log_posterior(const seqnn_naive_bayes *model,
                                                       const seqnn_dataset *data,
                                                       seqnn_real *scores)
{
    if (!model || !data)
        return SEQNN_ERROR_ARGUMENT; /* what should have made it has left its sentence */
    const seqnn_size words = sq_word_numbers(data), classes = model->classes;
    if (words < 0)
        return SEQNN_ERROR_SHAPE;
    if (words != model->words || model->padding != (data->vocabulary > 0))
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "naive Bayes: texts of %td word numbers %s padding for a model of "
                       "%td %s: encode both with one tokenizer",
                       words, data->vocabulary > 0 ? "with" : "without", model->words,
                       model->padding ? "with" : "without");
    sq_row_words row;
    double *joint = (double *)sq_allocate(classes, sizeof *joint);
    if (!joint || sq_row_words_new(&row, data, words)) {
        sq_free(joint);
        return SEQNN_ERROR_MEMORY;
    }
    seqnn_size size = 0;
    for (seqnn_size i = 0; i < data->count && size >= 0; i++) {
        size = sq_read_row(&row, model, data, i);
        for (seqnn_size c = 0; c < classes; c++) {
            joint[c] = model->log_prior[c];
            for (seqnn_size k = 0; k < size; k++)
                joint[c] +=
                    row.amount[k] * model->log_likelihood[c * words + row.word[k]];
        }
        if (size >= 0)
            sq_normalise(joint, classes, scores + i * classes);
    }
    sq_row_words_free(&row);
    sq_free(joint);
    return size < 0 ? SEQNN_ERROR_ARGUMENT : SEQNN_OK;
}

SEQNN_API double seqnn_naive_bayes_ratio(const seqnn_naive_bayes *model, seqnn_size c,
                                         seqnn_size w)
{
    if (!model)
        return (double)NAN; /* what should have made it has left its sentence */
    if (c < 0 || c >= model->classes || w < 0 || w >= model->words ||
        model->classes < 2) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "naive Bayes: class %td and word %td of a model of %td classes and %td "
                "words",
                c, w, model->classes, model->words);
        return (double)NAN;
    }
    const double own = model->log_likelihood[c * model->words + w];
    double next = -HUGE_VAL;
    for (seqnn_size k = 0; k < model->classes; k++)
        if (k != c)
            next = fmax(next, model->log_likelihood[k * model->words + w]);
    return own == next ? 0 : own - next;
}

SEQNN_API void seqnn_naive_bayes_free(seqnn_naive_bayes *model)
{
    if (!model)
        return;
    sq_free((void *)model->log_prior); /* the block of all arrays */
    sq_free(model);
}
