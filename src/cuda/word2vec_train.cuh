/* cuda/word2vec_train.cuh - a training of word2vec on a device (private)
 *
 * Batches are taken in rounds of some dozen. While the device works on one round, the CPU
 * reads the text and draws the next: every thread whole batches, for windows do not
 * depend on the vectors. Up go the windows and the rows they change, down comes a handful
 * of numbers, among them the losses if they are wanted.
 */
#ifndef SQ_CUDA_WORD2VEC_TRAIN_H
#define SQ_CUDA_WORD2VEC_TRAIN_H
#ifdef SEQNN_WORDS

#include "word2vec.cuh"

enum {
    SQ_WORDS_MEMBERS = 64,          /* threads of the CPU at most */
    SQ_WORDS_PASSAGES = 16,         /* read at a time */
    SQ_WORDS_ROUND_BYTES = 8 << 20, /* of windows, unless one batch has more */
    SQ_WORDS_ROUND = 256,           /* batches at most */
    SQ_WORDS_SEEN = 3               /* numbers of sq_look_at_words */
};

/* A passage, and where its batches begin. */
struct sq_words_passage {
    sq_passage passage;
    sq_centre *before; /* [batches] the last centre ahead of each */
    seqnn_size batches, capacity;
    seqnn_status status;
    char error[512]; /* its sentence: seqnn_error() is the thread's own */
};

/* A batch of a round: what is to be drawn, and how much it came to. */
struct sq_words_batch {
    const sq_passage *passage;
    sq_centre before;
    double rate;
    sq_word_lists lists; /* in the CPU's memory */
    seqnn_size contexts, predictions, inputs, bytes;
};

struct sq_words_round {
    sq_words_batch *batch;
    seqnn_size count, epoch;
    int64_t words; /* of the corpus, when it is done; -1: no passage ends in it */
    char *memory;  /* [most, batch_bytes] their lists */
};

/* What a thread of the CPU needs to draw. */
struct sq_words_helper {
    sq_batch batch;
    int32_t *place;                /* [words] all zero between two lists */
    int32_t *word, *entry, *which; /* [of a list] */
};

struct sq_cuda_words {
    sq_word2vec *w;
    sq_device *device;
    sq_word_matrices matrices;
    sq_word_signals signals;
    seqnn_size lanes, inputs; /* inputs: of a window at most */
    char *lists;              /* the copy of a round's */
    double *loss;             /* [most, capacity] of the windows, or NULL */
    double *seen;             /* what comes down: SQ_WORDS_SEEN, then 1 of each batch */
    double *seen_here;
    seqnn_size capacity, batch_bytes, most; /* windows of a batch, batches of a round */
    sq_words_round round[2], *drawn, *next; /* drawn: goes up at the next step, or NULL */
    sq_words_helper *helper;
    seqnn_size members, taken; /* batches of a round that a thread has taken */
    sq_words_passage passage[SQ_WORDS_PASSAGES];
    seqnn_size first, ahead;         /* passages, over all epochs; how many are read */
    seqnn_size at_passage, at_batch; /* the next of them */
    int64_t words;                   /* of the corpus, before at_passage */
    bool stopped;
};

/* ---- what the CPU prepares ---- */

/* Lists the rows among word[0 .. count), and the entries of each in their order: a
 * counting sort. */
static void sq_list_changed(sq_words_helper *helper, const int32_t *word,
                            const int32_t *entry, seqnn_size count, sq_changed_rows *rows)
{
    int32_t *place = helper->place, *which = helper->which, *begin = rows->begin;
    int32_t found = 0;
    for (seqnn_size n = 0; n < count; n++) {
        int32_t *mine = &place[word[n]];
        if (*mine == 0) {
            rows->row[found] = word[n];
            begin[found] = 0;
            *mine = ++found;
        }
        which[n] = *mine - 1;
        begin[which[n]]++;
    }
    for (int32_t r = 0; r < found; r++)
        place[rows->row[r]] = 0;
    for (int32_t r = 1; r < found; r++) /* where each one's entries end ... */
        begin[r] += begin[r - 1];
    begin[found] = (int32_t)count;
    for (seqnn_size n = count - 1; n >= 0; n--) /* ... and, walked down, begin */
        rows->entry[--begin[which[n]]] = entry[n];
    rows->count = found;
}

/* How much the windows came to; one without contexts predicts nothing. */
static void sq_count_batch(const sq_batch *windows, sq_words_batch *batch)
{
    batch->contexts = batch->inputs = batch->predictions = 0;
    for (seqnn_size i = 0; i < windows->count; i++) {
        const sq_window *window = &windows->window[i];
        batch->contexts += window->contexts;
        batch->inputs += window->inputs;
        batch->predictions += window->inputs * window->outputs;
    }
}

static void sq_write_windows(const sq_batch *windows, sq_words_helper *helper,
                             sq_word_lists *lists)
{
    const seqnn_size most = lists->most_outputs;
    int32_t inputs = 0, contexts = 0;
    seqnn_size listed = 0;
    for (seqnn_size i = 0; i < windows->count; i++) {
        const sq_window *window = &windows->window[i];
        const size_t outputs = (size_t)window->outputs;
        lists->input_begin[i] = inputs;
        lists->context_begin[i] = contexts;
        lists->outputs[i] = (int32_t)outputs;
        memcpy(lists->context + contexts, window->context,
               (size_t)window->contexts * sizeof(int32_t));
        memcpy(lists->output + i * most, window->output, outputs * sizeof(int32_t));
        memcpy(lists->times + i * most, window->times, outputs * sizeof(seqnn_real));
        for (seqnn_size k = 0; k < window->outputs; k++)
            for (seqnn_size in = 0; in < window->inputs; in++) {
                helper->word[listed] = window->output[k];
                helper->entry[listed++] = (int32_t)((inputs + in) * most + k);
            }
        inputs += (int32_t)window->inputs;
        contexts += (int32_t)window->contexts;
    }
    lists->input_begin[windows->count] = inputs;
    lists->context_begin[windows->count] = contexts;
    sq_list_changed(helper, helper->word, helper->entry, listed, &lists->u);
    for (seqnn_size i = 0, n = 0; i < windows->count; i++)
        for (seqnn_size c = 0; c < windows->window[i].contexts; c++)
            helper->entry[n++] =
                lists->input_begin[i] + (windows->window[i].mean ? 0 : (int32_t)c);
    sq_list_changed(helper, lists->context, helper->entry, contexts, &lists->v);
}

static void sq_draw_batch(const sq_cuda_words *words, sq_words_helper *helper,
                          sq_words_batch *batch, char *memory)
{
    const sq_word2vec *w = words->w;
    sq_batch *windows = &helper->batch;
    sq_centre last = batch->before;
    sq_batch_take_centres(windows, batch->passage, &last);
    sq_windows_draw(windows, 0, windows->count, w, batch->passage, batch->rate);
    sq_count_batch(windows, batch);
    sq_arena arena = {};
    arena.memory = memory;
    batch->lists = sq_cut_word_lists(&arena, windows->count, batch->contexts,
                                     batch->predictions, w->most_outputs);
    batch->bytes = arena.used;
    sq_write_windows(windows, helper, &batch->lists);
}

static void sq_read_passage(const sq_cuda_words *words, sq_words_helper *helper,
                            sq_words_passage *passage, seqnn_size number)
{
    const seqnn_size segments = words->w->corpus.segments;
    sq_centre last = {-1, -1};
    passage->batches = 0;
    passage->status = sq_passage_read(&passage->passage, words->w, number / segments,
                                      number % segments);
    while (!passage->status && last.number + 1 < passage->passage.centres) {
        passage->status = sq_grow((void **)&passage->before, &passage->capacity,
                                  passage->batches + 1, sizeof *passage->before);
        if (!passage->status)
            passage->before[passage->batches++] = last;
        sq_batch_take_centres(&helper->batch, &passage->passage, &last);
    }
    if (passage->status)
        snprintf(passage->error, sizeof passage->error, "%s", seqnn_error());
}

/* ---- what the device does ---- */

/* The lists as they are in the device's memory. */
static sq_word_lists sq_lists_there(const sq_words_batch *batch, char *memory)
{
    sq_arena arena = {};
    arena.memory = memory;
    sq_word_lists lists =
        sq_cut_word_lists(&arena, batch->lists.windows, batch->contexts,
                          batch->predictions, batch->lists.most_outputs);
    lists.u.count = batch->lists.u.count;
    lists.v.count = batch->lists.v.count;
    return lists;
}

static void sq_run_batch(sq_cuda_words *words, const sq_words_batch *batch,
                         char *lists_at, double *loss)
{
    enum { THREADS = sq_window_forward::THREADS };
    const sq_word2vec *w = words->w;
    const sq_word_lists lists = sq_lists_there(batch, lists_at);
    const seqnn_size scores = words->inputs * w->most_outputs * words->lanes;
    const size_t shared =
        (size_t)sq_max(words->lanes > 1 ? scores * (seqnn_size)sizeof(seqnn_real) : 0,
                       THREADS * (seqnn_size)sizeof(double));
    sq_device_run(words->device, sq_grid{lists.windows, THREADS, shared, 0},
                  sq_window_forward{lists, words->matrices, words->signals,
                                    w->o.architecture == SEQNN_CBOW, w->o.historical_cbow,
                                    words->lanes, (seqnn_real)batch->rate, loss});
    const seqnn_size rows = lists.u.count + lists.v.count;
    const seqnn_size threads = sq_min(256, (words->matrices.row + 31) / 32 * 32);
    if (rows > 0)
        sq_device_run(words->device, sq_grid{rows, threads, 0, 0},
                      sq_rows_step{lists, words->matrices, words->signals});
}

/* The losses of a round are added up together, once all batches have been through. */
static void sq_put_losses(const sq_cuda_words *words, seqnn_size batches)
{
    const seqnn_size threads = sq_sum_losses::THREADS;
    if (words->loss && batches > 0)
        sq_device_run(
            words->device, sq_grid{batches, threads, (size_t)threads * sizeof(double), 0},
            sq_sum_losses{words->capacity, words->loss, words->seen + SQ_WORDS_SEEN});
}

static void sq_put_round(sq_cuda_words *words, const sq_words_round *round)
{
    if (words->loss)
        sq_device_clear(words->device, words->loss,
                        (size_t)(round->count * words->capacity) * sizeof(double));
    for (seqnn_size i = 0; i < round->count; i++)
        sq_device_up(words->device, words->lists + i * words->batch_bytes,
                     round->memory + i * words->batch_bytes,
                     (size_t)round->batch[i].bytes);
    for (seqnn_size i = 0; i < round->count; i++)
        sq_run_batch(words, &round->batch[i], words->lists + i * words->batch_bytes,
                     words->loss ? words->loss + i * words->capacity : NULL);
    sq_put_losses(words, round->count);
    sq_for_each(
        words->device, SQ_WORDS_SEEN,
        sq_look_at_words{words->matrices, words->w->result.output_rows - 1, words->seen});
}

/* Waits for a round, and says how far the training is. */
static seqnn_status sq_end_round(sq_cuda_words *words, const sq_words_round *round)
{
    sq_word2vec *w = words->w;
    const double *seen = words->seen_here;
    const seqnn_size numbers = SQ_WORDS_SEEN + (words->loss ? round->count : 0);
    const seqnn_status status = sq_device_down(
        words->device, words->seen_here, words->seen, (size_t)numbers * sizeof(double));
    if (status)
        return status;
    const seqnn_size last = (w->result.output_rows - 1) * w->matrices.row;
    w->matrices.input[0] = (seqnn_real)seen[0];
    w->matrices.output[0] = (seqnn_real)seen[1];
    w->matrices.output[last] = (seqnn_real)seen[2];
    for (seqnn_size i = 0; i < round->count && words->loss; i++) {
        w->losses[round->epoch] += seen[SQ_WORDS_SEEN + i];
        w->predictions[round->epoch] += (double)round->batch[i].inputs;
    }
    if (round->words >= 0)
        words->stopped = !sq_word2vec_tell(w, round->words);
    return SEQNN_OK;
}

/* ---- both at a time ---- */

/* The round that was drawn goes to the device, by the thread that opened it. */
static void sq_member_begins(sq_cuda_words *words, seqnn_size member)
{
    if (member == 0 && words->drawn)
        sq_put_round(words, words->drawn);
}

static void sq_words_read(void *context, seqnn_size member, seqnn_size members)
{
    sq_cuda_words *words = (sq_cuda_words *)context;
    sq_member_begins(words, member);
    for (seqnn_size i = member; i < words->ahead; i += members)
        sq_read_passage(words, &words->helper[member], &words->passage[i],
                        words->first + i);
}

/* The next batch that no thread has taken. */
static seqnn_size sq_take_batch(sq_cuda_words *words)
{
#ifdef __GNUC__
    return __atomic_fetch_add(&words->taken, 1, __ATOMIC_RELAXED);
#else
    return words->taken++; /* a team has one member there */
#endif
}

static void sq_words_draw(void *context, seqnn_size member, seqnn_size)
{
    sq_cuda_words *words = (sq_cuda_words *)context;
    sq_words_round *round = words->next;
    sq_member_begins(words, member);
    for (;;) {
        const seqnn_size i = sq_take_batch(words);
        if (i >= round->count)
            return;
        sq_draw_batch(words, &words->helper[member], &round->batch[i],
                      round->memory + i * words->batch_bytes);
    }
}

static void sq_words_nothing(void *context, seqnn_size member, seqnn_size)
{
    sq_member_begins((sq_cuda_words *)context, member);
}

static seqnn_status sq_words_step(sq_cuda_words *words, sq_team *team, sq_team_work work)
{
    const sq_words_round *put = words->drawn;
    words->taken = 0;
    sq_team_step(team, work, words);
    words->drawn = NULL;
    return put ? sq_end_round(words, put) : SEQNN_OK;
}

/* The next batches of the passages that were read, of one epoch; false: there are no
 * more. An epoch so ends with a round. */
static bool sq_next_round(sq_cuda_words *words)
{
    sq_words_round *round = words->next;
    round->count = 0;
    round->words = -1;
    while (words->at_passage < words->ahead) {
        const sq_words_passage *at = &words->passage[words->at_passage];
        const sq_passage *passage = &at->passage;
        if (round->count > 0 && passage->epoch != round->epoch)
            break;
        if (words->at_batch == at->batches) {
            words->words += passage->segment.words;
            round->words = words->words;
            words->at_passage++;
            words->at_batch = 0;
            continue;
        }
        if (round->count == words->most)
            break;
        sq_words_batch *batch = &round->batch[round->count++];
        const double share =
            (double)passage->segment.words / (double)sq_max(passage->centres, 1);
        round->epoch = passage->epoch;
        batch->passage = passage;
        batch->before = at->before[words->at_batch++];
        batch->rate = sq_word2vec_rate(
            words->w, (double)words->words + share * (double)(batch->before.number + 1));
    }
    return round->count > 0 || round->words >= 0;
}

static seqnn_status sq_words_lead(sq_team *team, void *context)
{
    sq_cuda_words *words = (sq_cuda_words *)context;
    const seqnn_size total = words->w->o.epochs * words->w->corpus.segments;
    seqnn_status status = SEQNN_OK;
    for (words->first = 0; words->first < total; words->first += SQ_WORDS_PASSAGES) {
        words->ahead = sq_min(total - words->first, SQ_WORDS_PASSAGES);
        words->at_passage = words->at_batch = 0;
        status = sq_words_step(words, team, sq_words_read);
        for (seqnn_size i = 0; i < words->ahead && !status; i++)
            if (words->passage[i].status)
                status = sq_fail(words->passage[i].status, "%s", words->passage[i].error);
        while (!status && !words->stopped && sq_next_round(words)) {
            status = sq_words_step(words, team, sq_words_draw);
            words->drawn = words->next;
            words->next = &words->round[words->next == words->round];
        }
        if (status || words->stopped)
            return status;
    }
    return sq_words_step(words, team, sq_words_nothing);
}

/* ---- from the beginning to the end ---- */

static void sq_matrices_up(const sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const size_t row = (size_t)w->matrices.row * sizeof(seqnn_real);
    sq_device_up(words->device, words->matrices.input, w->matrices.input,
                 (size_t)w->vocabulary.count * row);
    sq_device_up(words->device, words->matrices.output, w->matrices.output,
                 (size_t)w->result.output_rows * row);
}

static seqnn_status sq_matrices_down(const sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const size_t row = (size_t)w->matrices.row * sizeof(seqnn_real);
    const seqnn_status status =
        sq_device_down(words->device, w->matrices.input, words->matrices.input,
                       (size_t)w->vocabulary.count * row);
    return status
               ? status
               : sq_device_down(words->device, w->matrices.output, words->matrices.output,
                                (size_t)w->result.output_rows * row);
}

static seqnn_status sq_cuda_words_train(sq_cuda_words *words)
{
    sq_matrices_up(words);
    const seqnn_status status = sq_team_run(words->members, sq_words_lead, words);
    return status ? status : sq_matrices_down(words);
}

static void *sq_words_take(sq_cuda_words *words, sq_memory_kind kind, seqnn_size count,
                           size_t size)
{
    return sq_device_take(words->device, kind, sq_multiply(count, (seqnn_size)size));
}

/* So many lanes that their sums fit into the shared memory that every block has. */
static seqnn_size sq_lanes_of_pairs(seqnn_size pairs)
{
    seqnn_size lanes = sq_window_forward::LANES;
    while (lanes > 1 && pairs * lanes * (seqnn_size)sizeof(seqnn_real) > 32 * 1024)
        lanes /= 2;
    return lanes;
}

/* How large a batch and a round can become. */
static void sq_words_sizes(sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const seqnn_size capacity = sq_batch_capacity(w);
    sq_arena plan = {};
    words->inputs = w->o.architecture == SEQNN_CBOW ? 1 : w->most_contexts;
    sq_cut_word_lists(&plan, capacity, capacity * w->most_contexts,
                      capacity * words->inputs * w->most_outputs, w->most_outputs);
    words->capacity = capacity;
    words->batch_bytes = plan.used;
    words->members = sq_max(1, sq_min(sq_threads(), SQ_WORDS_MEMBERS));
    words->most = sq_min(SQ_WORDS_ROUND, SQ_WORDS_ROUND_BYTES / plan.used);
    if (words->most > words->members)
        words->most -= words->most % words->members;
    words->most = sq_max(1, words->most);
    words->lanes = sq_lanes_of_pairs(words->inputs * w->most_outputs);
}

static seqnn_status sq_words_memory_there(sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const size_t real = sizeof(seqnn_real);
    const seqnn_size row = words->matrices.row = w->matrices.row;
    const seqnn_size inputs = sq_multiply(words->capacity, words->inputs);
    const seqnn_size seen = SQ_WORDS_SEEN + words->most;
    words->matrices.input = (seqnn_real *)sq_words_take(
        words, SQ_OF_DEVICE, sq_multiply(w->vocabulary.count, row), real);
    words->matrices.output = (seqnn_real *)sq_words_take(
        words, SQ_OF_DEVICE, sq_multiply(w->result.output_rows, row), real);
    words->signals.h =
        (seqnn_real *)sq_words_take(words, SQ_OF_DEVICE, sq_multiply(inputs, row), real);
    words->signals.back =
        (seqnn_real *)sq_words_take(words, SQ_OF_DEVICE, sq_multiply(inputs, row), real);
    words->signals.error = (seqnn_real *)sq_words_take(
        words, SQ_OF_DEVICE, sq_multiply(inputs, w->most_outputs), real);
    words->lists = (char *)sq_words_take(words, SQ_OF_DEVICE, words->most,
                                         (size_t)words->batch_bytes);
    words->seen = (double *)sq_words_take(words, SQ_OF_DEVICE, seen, sizeof(double));
    words->seen_here = (double *)sq_words_take(words, SQ_OF_HOST, seen, sizeof(double));
    if (w->o.compute_loss)
        words->loss = (double *)sq_words_take(words, SQ_OF_DEVICE,
                                              sq_multiply(words->most, words->capacity),
                                              sizeof(double));
    for (sq_words_round &round : words->round)
        round.memory = (char *)sq_words_take(words, SQ_OF_HOST, words->most,
                                             (size_t)words->batch_bytes);
    return sq_device_status(words->device);
}

static seqnn_status sq_words_memory_here(sq_cuda_words *words)
{
    const sq_word2vec *w = words->w;
    const seqnn_size longest = sq_multiply(
        words->capacity, sq_max(w->most_contexts, words->inputs * w->most_outputs));
    for (sq_words_round &round : words->round) {
        round.batch = (sq_words_batch *)sq_allocate(words->most, sizeof *round.batch);
        if (!round.batch)
            return SEQNN_ERROR_MEMORY;
    }
    words->helper = (sq_words_helper *)sq_allocate(words->members, sizeof *words->helper);
    if (!words->helper)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < words->members; i++) {
        sq_words_helper *helper = &words->helper[i];
        const seqnn_status status =
            sq_batch_new(&helper->batch, w, words->capacity, true);
        if (status)
            return status;
        helper->place = (int32_t *)sq_allocate(w->vocabulary.count, sizeof(int32_t));
        helper->word = (int32_t *)sq_allocate(longest, sizeof(int32_t));
        helper->entry = (int32_t *)sq_allocate(longest, sizeof(int32_t));
        helper->which = (int32_t *)sq_allocate(longest, sizeof(int32_t));
        if (!helper->place || !helper->word || !helper->entry || !helper->which)
            return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

static void sq_words_memory_free(sq_cuda_words *words)
{
    for (sq_words_passage &passage : words->passage) {
        sq_segment_free(&passage.passage.segment);
        sq_free(passage.before);
    }
    for (seqnn_size i = 0; i < words->members && words->helper; i++) {
        sq_batch_free(&words->helper[i].batch);
        sq_free(words->helper[i].place);
        sq_free(words->helper[i].word);
        sq_free(words->helper[i].entry);
        sq_free(words->helper[i].which);
    }
    sq_free(words->helper);
    for (sq_words_round &round : words->round)
        sq_free(round.batch);
}

static void sq_cuda_words_close(sq_cuda_words *words)
{
    sq_device *device = words->device;
    void *there[] = {words->matrices.input, words->matrices.output,
                     words->signals.h,      words->signals.back,
                     words->signals.error,  words->lists,
                     words->seen,           words->loss};
    if (device) {
        for (void *memory : there)
            sq_device_give(device, SQ_OF_DEVICE, memory);
        sq_device_give(device, SQ_OF_HOST, words->seen_here);
        for (sq_words_round &round : words->round)
            sq_device_give(device, SQ_OF_HOST, round.memory);
        sq_device_close(device);
    }
    sq_words_memory_free(words);
    sq_free(words);
}

static sq_cuda_words *sq_cuda_words_open(sq_word2vec *w)
{
    sq_cuda_words *words = (sq_cuda_words *)sq_allocate(1, sizeof *words);
    if (!words)
        return NULL;
    words->w = w;
    words->next = &words->round[0];
    sq_words_sizes(words);
    seqnn_status status = sq_words_memory_here(words);
    if (!status) {
        words->device = sq_device_open();
        status = words->device ? sq_words_memory_there(words) : SEQNN_ERROR_DEVICE;
    }
    if (!status) {
        w->batch_windows = words->capacity;
        return words;
    }
    sq_cuda_words_close(words);
    return NULL;
}

static const char *sq_cuda_words_name(const sq_cuda_words *words)
{
    return sq_device_name(words->device);
}

#endif
#endif
