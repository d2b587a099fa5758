#include "n_hot.h"
#include "dataset_rows.h"
#include "sequences_build.h"

/* True if all numbers are 0 .. num_words - 1. */
static seqnn_status sq_check_numbers(const seqnn_token_sequences *sequences,
                                     seqnn_size num_words)
{
    for (seqnn_size i = 0; i < sequences->begin[sequences->count]; i++)
        if (sequences->indices[i] < 0 || sequences->indices[i] >= num_words)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "n-hot: number %d, expected 0 to %td (num_words - 1)",
                           (int)sequences->indices[i], num_words - 1);
    return SEQNN_OK;
}

/* How many documents hold each word. last is as long, all 0. */
static void sq_count_documents(const seqnn_token_sequences *documents,
                               seqnn_size *holding, seqnn_size *last)
{
    for (seqnn_size i = 0; i < documents->count; i++)
        for (seqnn_size k = documents->begin[i]; k < documents->begin[i + 1]; k++) {
            int32_t word = documents->indices[k];
            holding[word] += last[word] != i + 1;
            last[word] = i + 1;
        }
}

/* One row, which holds zeros, of the words[0..size). */
static void sq_n_hot_row(const int32_t *words, seqnn_size size, seqnn_n_hot_mode mode,
                         const seqnn_real *idf, seqnn_real *row)
{
    for (seqnn_size k = 0; k < size; k++)
        row[words[k]] += 1;
    /* The first time a word is met its count becomes its value, -value until the end, so
     * that it is not taken for a count again. */
    for (seqnn_size k = 0; k < size; k++) {
        seqnn_real *value = &row[words[k]], c = *value;
        if (c < 0)
            continue;
        if (mode == SEQNN_FREQUENCY)
            c /= (seqnn_real)size;
        else if (mode == SEQNN_TF_IDF)
            c = (1 + SQ_MATH(log)(c)) * idf[words[k]];
        else if (mode != SEQNN_COUNT)
            c = 1;
        *value = -c;
    }
    for (seqnn_size k = 0; k < size; k++)
        if (row[words[k]] < 0)
            row[words[k]] = -row[words[k]];
}

/* log(1 + D / (1 + d)) of every word; NULL with the error set. */
static seqnn_real *sq_idf(const seqnn_token_sequences *documents, seqnn_size num_words)
{
    seqnn_size *holding = (seqnn_size *)sq_allocate(num_words, sizeof(seqnn_size));
    seqnn_size *last = (seqnn_size *)sq_allocate(num_words, sizeof(seqnn_size));
    seqnn_real *idf = (seqnn_real *)sq_allocate(num_words, sizeof(seqnn_real));
    if (holding && last && idf) {
        sq_count_documents(documents, holding, last);
        for (seqnn_size j = 0; j < num_words; j++)
            idf[j] = SQ_MATH(log)(1 + (seqnn_real)documents->count /
                                          (seqnn_real)(1 + holding[j]));
    } else {
        sq_free(idf);
        idf = NULL;
    }
    sq_free(holding);
    sq_free(last);
    return idf;
}

SQ_LOCAL seqnn_dataset *sq_n_hot(const seqnn_token_sequences *sequences,
                                 seqnn_size num_words, seqnn_n_hot_options options,
                                 seqnn_dataset like)
{
    static const seqnn_real some = 0; /* only the shape is asked of `like` */
    const seqnn_token_sequences *documents =
        options.documents ? options.documents : sequences;
    if (!sequences)
        return NULL; /* what made them has left its sentence */
    if ((int)options.mode < 0 || options.mode > SEQNN_TF_IDF || num_words < 1) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "n-hot: mode %d and %td words, expected a SEQNN_... mode and at least 1",
                (int)options.mode, num_words);
        return NULL;
    }
    if (sq_check_numbers(sequences, num_words) != SEQNN_OK ||
        sq_check_numbers(documents, num_words) != SEQNN_OK)
        return NULL;
    seqnn_real *idf = NULL;
    if (options.mode == SEQNN_TF_IDF && (idf = sq_idf(documents, num_words)) == NULL)
        return NULL;
    like.x[0].values = &some;
    like.x[0].features = like.vocabulary = num_words;
    seqnn_dataset *data = sq_dataset_new(&like, sequences->count);
    for (seqnn_size i = 0; data && i < sequences->count; i++) {
        seqnn_size begin = sequences->begin[i], size = sequences->begin[i + 1] - begin;
        if (size > 0)
            sq_n_hot_row(sequences->indices + begin, size, options.mode, idf,
                         (seqnn_real *)data->x[0].values + i * num_words);
    }
    sq_free(idf);
    return data;
}

SEQNN_API seqnn_dataset *seqnn_n_hot(const seqnn_token_sequences *sequences,
                                     seqnn_size num_words, seqnn_n_hot_options options)
{
    seqnn_dataset like;
    memset(&like, 0, sizeof like);
    return sq_n_hot(sequences, num_words, options, like);
}

/* Steps begin .. end - 1 of row i are words. */
static void sq_row_steps(const seqnn_array *x, seqnn_size i, seqnn_size *begin,
                         seqnn_size *end)
{
    *begin = x->start ? x->start[i] : 0;
    *end = x->length ? *begin + x->length[i] : x->time;
}

SEQNN_API seqnn_dataset *seqnn_one_hot(const seqnn_dataset *data)
{
    static const seqnn_real some = 0; /* only the shape is asked of `like` */
    if (!data)
        return NULL; /* what made it has left its sentence */
    const seqnn_array *x = &data->x[0];
    if (!x->indices || x->time < 1 || data->vocabulary < 1) {
        sq_fail(SEQNN_ERROR_SHAPE,
                "one-hot: %s, time %td, vocabulary %td; expected indices [count, time] "
                "and a vocabulary",
                x->indices ? "indices" : "no indices", x->time, data->vocabulary);
        return NULL;
    }
    for (seqnn_size i = 0; i < data->count * x->time; i++)
        if (x->indices[i] < 0 || x->indices[i] >= data->vocabulary) {
            sq_fail(SEQNN_ERROR_ARGUMENT, "one-hot: number %d in a vocabulary of %td",
                    (int)x->indices[i], data->vocabulary);
            return NULL;
        }
    seqnn_dataset like = *data, rest = *data;
    rest.x[0].indices = NULL;
    like.x[0].indices = NULL;
    like.x[0].values = &some;
    like.x[0].features = data->vocabulary;
    seqnn_dataset *hot = sq_dataset_new(&like, data->count);
    for (seqnn_size i = 0; hot && i < data->count; i++) {
        seqnn_size begin, end;
        sq_row_steps(x, i, &begin, &end);
        sq_dataset_copy_row(hot, i, &rest, i);
        for (seqnn_size t = begin; t < end; t++) {
            seqnn_size step = i * x->time + t;
            seqnn_real *row = (seqnn_real *)hot->x[0].values + step * data->vocabulary;
            row[x->indices[step]] = 1;
        }
    }
    return hot;
}
