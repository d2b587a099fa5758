/* words/word2vec.c - a training of word2vec from its options to its vectors */
#include "word2vec.h"

#ifdef SEQNN_WORDS

#include "clock.h"
#include "random.h"
#include "simd.h"
#include "word2vec_training.h"
#include "word_vectors_build.h"

static double sq_real_option(double value, double otherwise)
{
    if (value == 0)
        return otherwise;
    return value == (double)SEQNN_ZERO ? 0 : value;
}

/* Not NaN, not infinite, not below 0. */
static bool sq_is_size(double value)
{
    return value >= 0 && value - value == 0;
}

static seqnn_status sq_word2vec_ranges(const seqnn_word2vec_options *o)
{
    if (o->architecture < SEQNN_WORD2VEC_DEFAULT || o->architecture > SEQNN_SKIP_GRAM ||
        o->output < SEQNN_WORD2VEC_OUTPUT_DEFAULT || o->output > SEQNN_FULL_SOFTMAX ||
        o->mode < SEQNN_WORD2VEC_MODE_DEFAULT || o->mode > SEQNN_LOCK_FREE)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "word2vec: architecture %d, output %d, mode %d: expected the names "
            "of word2vec.h",
            (int)o->architecture, (int)o->output, (int)o->mode);
    if ((int)o->device < 0 || o->device > SEQNN_GPU)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word2vec: device %d; expected one of seqnn_device",
                       (int)o->device);
    const struct {
        const char *name;
        seqnn_size value, most;
    } size[] = {{"dimension", o->dimension, 65536},
                {"window", o->window, SQ_MOST_WINDOW},
                {"negative", o->negative, SQ_MOST_NEGATIVES},
                {"min_count", o->min_count, INT32_MAX},
                {"max_words", o->max_words, INT32_MAX},
                {"epochs", o->epochs, 1000000}};
    for (seqnn_size i = 0; i < SQ_COUNT(size); i++)
        if (size[i].value < 0 || size[i].value > size[i].most)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "word2vec: %s is %td, expected 1 to %td, or 0 for the default",
                           size[i].name, size[i].value, size[i].most);
    if (o->max_words == 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word2vec: max_words is 1, expected 2 or more, or 0 for all");
    const double learning_rate = sq_real_option(o->learning_rate, 0.05);
    const double final_rate = sq_real_option(o->final_learning_rate, 0);
    if (!sq_is_size(learning_rate) || !sq_is_size(final_rate) ||
        !sq_is_size(sq_real_option(o->subsampling, 0)))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word2vec: learning_rate %g, final_learning_rate %g, subsampling "
                       "%g: expected finite numbers from 0",
                       o->learning_rate, o->final_learning_rate, o->subsampling);
    return SEQNN_OK;
}

static seqnn_word2vec_options sq_word2vec_defaults(seqnn_word2vec_options o)
{
    if (o.architecture == SEQNN_WORD2VEC_DEFAULT)
        o.architecture = SEQNN_CBOW;
    if (o.output == SEQNN_WORD2VEC_OUTPUT_DEFAULT)
        o.output = SEQNN_NEGATIVE_SAMPLING;
    if (o.mode == SEQNN_WORD2VEC_MODE_DEFAULT)
        o.mode = SEQNN_REPRODUCIBLE;
    o.dimension = o.dimension ? o.dimension : 100;
    o.window = o.window ? o.window : 5;
    o.negative = o.negative ? o.negative : 5;
    o.min_count = o.min_count ? o.min_count : 5;
    o.epochs = o.epochs ? o.epochs : 5;
    o.subsampling = sq_real_option(o.subsampling, 1e-3);
    o.learning_rate =
        sq_real_option(o.learning_rate, o.architecture == SEQNN_CBOW ? 0.05 : 0.025);
    o.final_learning_rate = sq_real_option(o.final_learning_rate, 1e-4 * o.learning_rate);
    return o;
}

/* A word of relative frequency f stays with probability sqrt(t/f) + t/f. */
static seqnn_status sq_word2vec_subsampling(sq_word2vec *w)
{
    if (w->o.subsampling == 0)
        return SEQNN_OK;
    w->keep = (uint32_t *)sq_allocate(w->vocabulary.count, sizeof(uint32_t));
    if (!w->keep)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < w->vocabulary.count; i++) {
        const double f =
            (double)w->vocabulary.occurrences[i] / (double)w->vocabulary.kept_words;
        const double p = sqrt(w->o.subsampling / f) + w->o.subsampling / f;
        w->keep[i] = p < 1 ? (uint32_t)(p * 4294967296.0) : UINT32_MAX;
    }
    return SEQNN_OK;
}

/* What the output layer needs, and how large it is. */
static seqnn_status sq_word2vec_outputs(sq_word2vec *w)
{
    const seqnn_size words = w->vocabulary.count;
    seqnn_status status = SEQNN_OK;
    w->numbers = 4;
    w->most_outputs = words;
    w->result.output_rows = words;
    if (w->o.output == SEQNN_FULL_SOFTMAX) {
        w->all_outputs = (int32_t *)sq_allocate(words, sizeof(int32_t));
        if (!w->all_outputs)
            return SEQNN_ERROR_MEMORY;
        for (seqnn_size i = 0; i < words; i++)
            w->all_outputs[i] = (int32_t)i;
    } else if (w->o.output == SEQNN_HIERARCHICAL_SOFTMAX) {
        status = sq_huffman_new(&w->tree, w->vocabulary.occurrences, words);
        w->most_outputs = w->tree.longest;
        w->result.output_rows = words - 1;
    } else {
        w->numbers = (1 + w->o.negative + 3) / 4 * 4;
        w->most_outputs = 1 + w->o.negative;
        status = sq_noise_new(&w->noise, w->vocabulary.occurrences, words);
        w->label = (seqnn_real *)sq_allocate(w->most_outputs, sizeof(seqnn_real));
        if (status == SEQNN_OK && !w->label)
            status = SEQNN_ERROR_MEMORY;
        if (w->label)
            w->label[0] = 1;
    }
    return status;
}

/* v is uniform in [-1/2, 1/2) / dimension, u is 0. */
static seqnn_status sq_word2vec_matrices(sq_word2vec *w)
{
    const seqnn_size width = w->kernels->width, dimension = w->o.dimension;
    const seqnn_size row = (dimension + width - 1) / width * width;
    w->matrices.row = row;
    w->matrices.input = (seqnn_real *)sq_allocate(sq_multiply(w->vocabulary.count, row),
                                                  sizeof(seqnn_real));
    w->matrices.output = (seqnn_real *)sq_allocate(
        sq_multiply(w->result.output_rows, row), sizeof(seqnn_real));
    if (!w->matrices.input || !w->matrices.output)
        return SEQNN_ERROR_MEMORY;
    seqnn_random random = {w->o.seed, 0, 0};
    for (seqnn_size i = 0; i < w->vocabulary.count; i++)
        for (seqnn_size j = 0; j < dimension; j++)
            w->matrices.input[i * row + j] =
                (seqnn_real)((seqnn_random_uniform(&random) - 0.5) / (double)dimension);
    return SEQNN_OK;
}

static seqnn_status sq_word2vec_prepare(sq_word2vec *w)
{
    const double began = sq_seconds();
    w->kernels = sq_window_fast();
    seqnn_status status =
        sq_corpus_vocabulary(&w->corpus, w->o.min_count, w->o.max_words, &w->vocabulary);
    sq_return_memory(); /* that of the rare words */
    if (status != SEQNN_OK)
        return status;
    w->result.vocabulary_seconds = sq_seconds() - began;
    w->result.corpus_words = w->vocabulary.corpus_words;
    w->result.lines = w->vocabulary.lines;
    w->result.counts = w->vocabulary.occurrences;
    w->most_contexts = 2 * w->o.window;
    w->losses = (double *)sq_allocate(w->o.epochs, sizeof(double));
    w->predictions = (double *)sq_allocate(w->o.epochs, sizeof(double));
    if (!w->losses || !w->predictions)
        return SEQNN_ERROR_MEMORY;
    status = sq_word2vec_subsampling(w);
    if (status == SEQNN_OK)
        status = sq_word2vec_outputs(w);
    return status == SEQNN_OK ? sq_word2vec_matrices(w) : status;
}

SQ_LOCAL double sq_word2vec_rate(const sq_word2vec *w, double words)
{
    const double total = (double)w->vocabulary.corpus_words * (double)w->o.epochs;
    const double done = words < total ? words / total : 1;
    return w->o.learning_rate + (w->o.final_learning_rate - w->o.learning_rate) * done;
}

static double sq_word2vec_loss(const sq_word2vec *w, seqnn_size epoch)
{
    if (!w->o.compute_loss || w->predictions[epoch] == 0)
        return (double)NAN;
    return w->losses[epoch] / w->predictions[epoch];
}

/* Epoch 2/5 - 37% - 1482k words/s - 12s left - learning_rate: 0.0312 - loss: 2.1402 */
static void sq_word2vec_show(sq_word2vec *w, const seqnn_word2vec_progress *progress,
                             bool ended)
{
    char text[256];
    const double done = (double)progress->words / (double)progress->total;
    const double speed = (double)progress->words / fmax(progress->seconds, 1e-9);
    snprintf(text, sizeof text, "Epoch %td/%td", progress->epoch + 1, progress->epochs);
    size_t used = strlen(text);
    if (ended)
        snprintf(text + used, sizeof text - used, " - %.0fs", progress->seconds);
    else
        snprintf(text + used, sizeof text - used, " - %.0f%%",
                 100 * (done * (double)progress->epochs - (double)progress->epoch));
    used = strlen(text);
    snprintf(text + used, sizeof text - used, " - %.0fk words/s", 1e-3 * speed);
    used = strlen(text);
    if (!ended)
        snprintf(text + used, sizeof text - used, " - %.0fs left",
                 progress->seconds * (1 / done - 1));
    used = strlen(text);
    snprintf(text + used, sizeof text - used, " - learning_rate: ");
    sq_append_number(text, sizeof text, "%.4g", progress->learning_rate);
    if (w->o.compute_loss) {
        used = strlen(text);
        snprintf(text + used, sizeof text - used, " - loss: ");
        sq_append_number(text, sizeof text, "%.4f", progress->loss);
    }
    sq_status_line_show(&w->line, text, ended);
}

/* A look at the words and nodes that are changed most often: there it begins. */
static bool sq_word2vec_is_finite(const sq_word2vec *w)
{
    const seqnn_real *u = w->matrices.output;
    const seqnn_real *root = u + (w->result.output_rows - 1) * w->matrices.row;
    const seqnn_real sum = w->matrices.input[0] + u[0] + root[0];
    return sum - sum == 0;
}

SQ_LOCAL bool sq_word2vec_tell(sq_word2vec *w, int64_t words)
{
    const int64_t of_epoch = w->vocabulary.corpus_words;
    words = words < of_epoch * w->o.epochs ? words : of_epoch * w->o.epochs;
    const seqnn_size epochs = (seqnn_size)(words / of_epoch);
    const bool ended = epochs > w->result.epochs;
    const double now = sq_seconds();
    if (w->stopped || (!ended && now - w->told < 0.1))
        return !w->stopped;
    w->told = now;
    w->result.epochs = epochs;
    if (!sq_word2vec_is_finite(w)) {
        w->stopped = true; /* sq_word2vec_compact says why */
        return false;
    }
    seqnn_word2vec_progress progress;
    progress.epoch = ended ? epochs - 1 : epochs;
    progress.epochs = w->o.epochs;
    progress.words = words;
    progress.total = of_epoch * w->o.epochs;
    progress.seconds = now - w->started;
    progress.learning_rate = sq_word2vec_rate(w, (double)words);
    progress.loss = sq_word2vec_loss(w, progress.epoch);
    if (ended || sq_status_line_due(&w->line))
        sq_word2vec_show(w, &progress, ended);
    if (w->o.on_progress && !w->o.on_progress(w->o.context, &progress))
        w->stopped = true;
    return !w->stopped;
}

/* Moves the vectors together, and sees that they are numbers. */
static seqnn_status sq_word2vec_compact(const char *name, seqnn_real *values,
                                        seqnn_size rows, seqnn_size row,
                                        seqnn_size dimension)
{
    for (seqnn_size i = 0; i < rows; i++)
        for (seqnn_size j = 0; j < dimension; j++) {
            const seqnn_real value = values[i * row + j];
            if (!(value - value == 0))
                return sq_fail(SEQNN_ERROR_NUMBER,
                               "word2vec: %s vector %td has grown beyond all numbers; a "
                               "smaller learning_rate is needed",
                               name, i);
            values[i * dimension + j] = value;
        }
    return SEQNN_OK;
}

/* What only the training needs. */
static void sq_word2vec_tables_free(sq_word2vec *w)
{
    sq_noise_free(&w->noise);
    sq_huffman_free(&w->tree);
    sq_free(w->keep);
    sq_free(w->all_outputs);
    sq_free(w->label);
    sq_free(w->vocabulary.slot);
    w->keep = NULL;
    w->all_outputs = NULL;
    w->label = NULL;
    w->vocabulary.slot = NULL;
}

static seqnn_status sq_word2vec_run(sq_word2vec *w)
{
    seqnn_status status = sq_word2vec_prepare(w);
    if (status != SEQNN_OK)
        return status;
    status = sq_word2vec_choose_device(w);
    if (status != SEQNN_OK)
        return status;
    w->started = sq_seconds();
    w->line = sq_status_line_new(w->o.verbose > 0);
    if (w->device)
        status = sq_train_on_device(w);
    else if (w->o.mode == SEQNN_LOCK_FREE)
        status = sq_train_lock_free(w);
    else
        status = sq_train_reproducible(w);
    sq_status_line_leave(&w->line);
    if (status != SEQNN_OK)
        return status;
    w->result.training_seconds = sq_seconds() - w->started;
    sq_word2vec_tables_free(w);
    for (seqnn_size e = 0; e < w->o.epochs; e++)
        w->losses[e] = sq_word2vec_loss(w, e);
    w->result.losses = w->o.compute_loss ? w->losses : NULL;
    status = sq_word2vec_compact("input", w->matrices.input, w->vocabulary.count,
                                 w->matrices.row, w->o.dimension);
    if (status == SEQNN_OK)
        status = sq_word2vec_compact("output", w->matrices.output, w->result.output_rows,
                                     w->matrices.row, w->o.dimension);
    if (status != SEQNN_OK)
        return status;
    w->result.output = w->matrices.output;
    w->result.vectors = sq_word_vectors_build(w->vocabulary.word, w->vocabulary.count,
                                              w->o.dimension, w->matrices.input);
    if (!w->result.vectors)
        return SEQNN_ERROR_MEMORY;
    w->matrices.input = NULL; /* they have it now */
    return SEQNN_OK;
}

/* Exactly one of path and line is given. */
static seqnn_word2vec *sq_word2vec_train(const char *path, const char *const *line,
                                         seqnn_size count, seqnn_word2vec_options options)
{
    if (sq_word2vec_ranges(&options) != SEQNN_OK)
        return NULL;
    sq_word2vec *w = (sq_word2vec *)sq_allocate(1, sizeof(sq_word2vec));
    if (!w)
        return NULL;
    w->o = sq_word2vec_defaults(options);
    seqnn_status status = path
                              ? sq_corpus_open(&w->corpus, path, w->o.clean)
                              : sq_corpus_open_lines(&w->corpus, line, count, w->o.clean);
    if (status == SEQNN_OK)
        status = sq_word2vec_run(w);
    if (status != SEQNN_OK) {
        seqnn_word2vec_free(&w->result);
        return NULL;
    }
    return &w->result;
}

SEQNN_API seqnn_word2vec *seqnn_word2vec_train(const char *path,
                                               seqnn_word2vec_options options)
{
    if (!path)
        return NULL; /* what should have found it has left its sentence */
    return sq_word2vec_train(path, NULL, 0, options);
}

SEQNN_API seqnn_word2vec *seqnn_word2vec_train_lines(const char *const *line,
                                                     seqnn_size count,
                                                     seqnn_word2vec_options options)
{
    if (!line || count < 1) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "word2vec: expected at least one line");
        return NULL;
    }
    return sq_word2vec_train(NULL, line, count, options);
}

SEQNN_API void seqnn_word2vec_free(seqnn_word2vec *trained)
{
    if (!trained)
        return;
    sq_word2vec *w = (sq_word2vec *)trained;
    seqnn_word_vectors_free((seqnn_word_vectors *)w->result.vectors);
    sq_word2vec_tables_free(w);
    sq_vocabulary_free(&w->vocabulary);
    sq_free(w->matrices.input);
    sq_free(w->matrices.output);
    sq_free(w->losses);
    sq_free(w->predictions);
    sq_free(w);
}

#endif
