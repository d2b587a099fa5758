/* words/word2vec_lock_free.c - every thread reads and writes whenever it wants to */
#include "word2vec_training.h"

#ifdef SEQNN_WORDS

#include "parallel.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* Windows are drawn so many at a time, so that rows can be asked for in time. */
enum { SQ_WINDOWS_AHEAD = 16 };

typedef struct sq_worker {
    sq_passage passage;
    sq_batch batch;
    double loss, predictions; /* of the segment */
    seqnn_status status;
    char error[512]; /* its sentence: that of seqnn_error() is the thread's own */
} sq_worker;

typedef struct sq_workers {
    sq_word2vec *w;
    sq_worker *worker; /* [count] */
    seqnn_size count;
    seqnn_size next; /* segment, over all epochs, that nobody has taken */
    int64_t words;   /* done */
    bool stop;
#ifdef _OPENMP
    omp_lock_t lock; /* of the three above, and of telling the user */
#endif
} sq_workers;

static void sq_workers_lock(sq_workers *workers)
{
#ifdef _OPENMP
    omp_set_lock(&workers->lock);
#else
    (void)workers;
#endif
}

static void sq_workers_unlock(sq_workers *workers)
{
#ifdef _OPENMP
    omp_unset_lock(&workers->lock);
#else
    (void)workers;
#endif
}

static void sq_lock_free_windows(const sq_word2vec *w, sq_batch *batch)
{
    if (batch->count > 0)
        sq_window_prefetch(&batch->window[0], &w->matrices);
    for (seqnn_size i = 0; i < batch->count; i++) {
        if (i + 1 < batch->count)
            sq_window_prefetch(&batch->window[i + 1], &w->matrices);
        if (batch->window[i].contexts > 0)
            w->kernels->step(&batch->window[i], &w->matrices);
    }
}

/* One segment; `before` words were done when it began. */
static void sq_lock_free_passage(const sq_word2vec *w, sq_worker *worker, int64_t before)
{
    const sq_passage *passage = &worker->passage;
    sq_batch *batch = &worker->batch;
    const double share =
        (double)passage->segment.words / (double)sq_max(passage->centres, 1);
    sq_centre last = {-1, -1};
    worker->loss = worker->predictions = 0;
    do {
        const double rate =
            sq_word2vec_rate(w, (double)before + share * (double)(last.number + 1));
        sq_batch_take_centres(batch, passage, &last);
        sq_windows_draw(batch, 0, batch->count, w, passage, rate);
        sq_lock_free_windows(w, batch);
        for (seqnn_size i = 0; i < batch->count && w->o.compute_loss; i++) {
            worker->loss += batch->loss[i];
            worker->predictions += (double)batch->window[i].inputs;
        }
    } while (batch->count == batch->capacity);
}

/* The number of a segment that is this worker's now; -1 when there is none. */
static seqnn_size sq_workers_take(sq_workers *workers, int64_t *words)
{
    const sq_word2vec *w = workers->w;
    sq_workers_lock(workers);
    seqnn_size mine = workers->next;
    if (workers->stop || mine == w->o.epochs * w->corpus.segments)
        mine = -1;
    else
        workers->next++;
    *words = workers->words;
    sq_workers_unlock(workers);
    return mine;
}

static void sq_workers_done(sq_workers *workers, const sq_worker *worker)
{
    sq_word2vec *w = workers->w;
    sq_workers_lock(workers);
    workers->words += worker->passage.segment.words;
    w->losses[worker->passage.epoch] += worker->loss;
    w->predictions[worker->passage.epoch] += worker->predictions;
    if (worker->status != SEQNN_OK || !sq_word2vec_tell(w, workers->words))
        workers->stop = true;
    sq_workers_unlock(workers);
}

static void sq_lock_free_work(void *context, seqnn_size begin, seqnn_size end)
{
    sq_workers *workers = (sq_workers *)context;
    const sq_word2vec *w = workers->w;
    for (seqnn_size i = begin; i < end; i++) {
        sq_worker *worker = &workers->worker[i];
        int64_t words;
        seqnn_size mine;
        while ((mine = sq_workers_take(workers, &words)) >= 0) {
            worker->status =
                sq_passage_read(&worker->passage, w, mine / w->corpus.segments,
                                mine % w->corpus.segments);
            if (worker->status == SEQNN_OK)
                sq_lock_free_passage(w, worker, words);
            else
                snprintf(worker->error, sizeof worker->error, "%s", seqnn_error());
            sq_workers_done(workers, worker);
        }
    }
}

SQ_LOCAL seqnn_status sq_train_lock_free(sq_word2vec *w)
{
    sq_workers workers;
    memset(&workers, 0, sizeof workers);
    workers.w = w;
    workers.count = sq_min(sq_threads(), w->corpus.segments);
    workers.worker = (sq_worker *)sq_allocate(workers.count, sizeof(sq_worker));
    if (!workers.worker)
        return SEQNN_ERROR_MEMORY;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < workers.count && status == SEQNN_OK; i++)
        status = sq_batch_new(&workers.worker[i].batch, w, SQ_WINDOWS_AHEAD, true);
#ifdef _OPENMP
    omp_init_lock(&workers.lock);
#endif
    if (status == SEQNN_OK)
        sq_parallel(workers.count, 1, sq_lock_free_work, &workers);
#ifdef _OPENMP
    omp_destroy_lock(&workers.lock);
#endif
    for (seqnn_size i = 0; i < workers.count; i++) {
        sq_worker *worker = &workers.worker[i];
        if (worker->status != SEQNN_OK && status == SEQNN_OK)
            status = sq_fail(worker->status, "%s", worker->error);
        sq_segment_free(&worker->passage.segment);
        sq_batch_free(&worker->batch);
    }
    sq_free(workers.worker);
    return status;
}

#endif
