/* words/word2vec_reproducible.c - the same bits with any number of threads
 *
 * The windows of a batch go forward side by side, at the same vectors. Then every row is
 * changed by one thread, in the order of the text. Nothing depends on who did what.
 */
#include "word2vec_training.h"

#ifdef SEQNN_WORDS

#include "parallel.h"

enum {
    SQ_PASSAGES_AHEAD = 8,
    SQ_BATCH_PIECES = 16,
    SQ_BATCH_NUMBERS = 1 << 22 /* at most, in the errors and gradients of a batch */
};

typedef struct sq_synchronous {
    sq_word2vec *w;
    sq_passage passage[SQ_PASSAGES_AHEAD];
    seqnn_status status[SQ_PASSAGES_AHEAD];
    seqnn_size first; /* segment among them, over all epochs */
    const sq_passage *current;
    sq_batch batch;
    sq_centre *centre; /* [capacity] */
    double rate;
    bool outputs, inputs; /* which of them change now */
    seqnn_size parts;
    char error[512];
} sq_synchronous;

static void sq_read_ahead(void *context, seqnn_size begin, seqnn_size end)
{
    sq_synchronous *s = (sq_synchronous *)context;
    const seqnn_size segments = s->w->corpus.segments;
    for (seqnn_size i = begin; i < end; i++) {
        const seqnn_size at = s->first + i;
        s->status[i] =
            sq_passage_read(&s->passage[i], s->w, at / segments, at % segments);
        if (s->status[i] != SEQNN_OK) {
#ifdef _OPENMP
#pragma omp critical(sq_word2vec_read)
#endif
            snprintf(s->error, sizeof s->error, "%s", seqnn_error());
        }
    }
}

static void sq_batch_forward(void *context, seqnn_size begin, seqnn_size end)
{
    sq_synchronous *s = (sq_synchronous *)context;
    const sq_word2vec *w = s->w;
    for (seqnn_size i = begin; i < end; i++)
        sq_window_draw(&s->batch, i, w, s->current, s->centre[i], s->rate);
    for (seqnn_size i = begin; i < end; i++) {
        if (i + 1 < end)
            sq_window_prefetch(&s->batch.window[i + 1], &w->matrices);
        if (s->batch.window[i].contexts > 0)
            w->kernels->forward(&s->batch.window[i], &w->matrices);
    }
}

static void sq_batch_update(void *context, seqnn_size begin, seqnn_size end)
{
    sq_synchronous *s = (sq_synchronous *)context;
    const sq_word2vec *w = s->w;
    for (seqnn_size p = begin; p < end; p++) {
        const sq_rows_part part = {(int32_t)p, (int32_t)s->parts};
        for (seqnn_size i = 0; i < s->batch.count; i++) {
            const sq_window *window = &s->batch.window[i];
            if (window->contexts == 0)
                continue;
            if (s->outputs)
                w->kernels->update_outputs(window, &w->matrices, part);
            if (s->inputs)
                w->kernels->update_inputs(window, &w->matrices, part);
        }
    }
}

static void sq_batch_step(sq_synchronous *s)
{
    sq_word2vec *w = s->w;
    sq_parallel(s->batch.count, s->batch.capacity / SQ_BATCH_PIECES + 1, sq_batch_forward,
                s);
    /* The change of u reads the contexts' v of skip-gram, so these change later. */
    const bool at_once = w->o.architecture == SEQNN_CBOW;
    s->outputs = true;
    s->inputs = at_once;
    sq_parallel(s->parts, 1, sq_batch_update, s);
    if (!at_once) {
        s->outputs = false;
        s->inputs = true;
        sq_parallel(s->parts, 1, sq_batch_update, s);
    }
    for (seqnn_size i = 0; i < s->batch.count && w->o.compute_loss; i++) {
        w->losses[s->current->epoch] += s->batch.loss[i];
        w->predictions[s->current->epoch] += (double)s->batch.window[i].inputs;
    }
}

static void sq_synchronous_passage(sq_synchronous *s, int64_t before)
{
    const sq_passage *passage = s->current;
    const double share =
        (double)passage->segment.words / (double)sq_max(passage->centres, 1);
    sq_centre centre = {-1, -1};
    bool more = true;
    while (more) {
        s->rate =
            sq_word2vec_rate(s->w, (double)before + share * (double)(centre.number + 1));
        s->batch.count = 0;
        while (s->batch.count < s->batch.capacity &&
               (more = sq_centre_next(&centre, passage)) != false)
            s->centre[s->batch.count++] = centre;
        sq_batch_step(s);
    }
}

static seqnn_status sq_synchronous_train(sq_synchronous *s)
{
    sq_word2vec *w = s->w;
    const seqnn_size total = w->o.epochs * w->corpus.segments;
    int64_t words = 0;
    for (s->first = 0; s->first < total; s->first += SQ_PASSAGES_AHEAD) {
        const seqnn_size count = sq_min(total - s->first, SQ_PASSAGES_AHEAD);
        sq_parallel(count, 1, sq_read_ahead, s);
        for (seqnn_size i = 0; i < count; i++) {
            if (s->status[i] != SEQNN_OK)
                return sq_fail(s->status[i], "%s", s->error);
            s->current = &s->passage[i];
            sq_synchronous_passage(s, words);
            words += s->current->segment.words;
            if (!sq_word2vec_tell(w, words))
                return SEQNN_OK;
        }
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_train_reproducible(sq_word2vec *w)
{
    sq_synchronous *s = (sq_synchronous *)sq_allocate(1, sizeof(sq_synchronous));
    if (!s)
        return SEQNN_ERROR_MEMORY;
    s->w = w;
    s->parts = sq_threads();
    const seqnn_size inputs = w->o.architecture == SEQNN_CBOW ? 1 : w->most_contexts;
    const seqnn_size numbers = sq_multiply(inputs, w->most_outputs + w->matrices.row);
    seqnn_size capacity = numbers > 0 ? SQ_BATCH_NUMBERS / numbers : 1;
    capacity = sq_max(1, sq_min(capacity, SQ_BATCH_PREDICTIONS / inputs));
    seqnn_status status = sq_batch_new(&s->batch, w, capacity, false);
    s->centre = (sq_centre *)sq_allocate(capacity, sizeof(sq_centre));
    if (status == SEQNN_OK)
        status = s->centre ? sq_synchronous_train(s) : SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < SQ_PASSAGES_AHEAD; i++)
        sq_segment_free(&s->passage[i].segment);
    sq_batch_free(&s->batch);
    sq_free(s->centre);
    sq_free(s);
    return status;
}

#endif
