/* words/word2vec_windows.c - from a text to windows: subsampling, contexts, negatives */
#include "word2vec_training.h"

#ifdef SEQNN_WORDS

#include "random_block.h"

/* An input vector is asked for so many words before the first window reads it. */
enum { SQ_WORDS_AHEAD = 3 };

static uint64_t sq_passage_stream(const sq_word2vec *w, const sq_passage *passage)
{
    return 2 * ((uint64_t)passage->epoch * (uint64_t)w->corpus.segments +
                (uint64_t)passage->number) +
           1;
}

SQ_LOCAL seqnn_status sq_passage_read(sq_passage *passage, const sq_word2vec *w,
                                      seqnn_size epoch, seqnn_size number)
{
    sq_segment *segment = &passage->segment;
    passage->epoch = epoch;
    passage->number = number;
    passage->centres = 0;
    seqnn_status status = sq_segment_read(segment, &w->corpus, &w->vocabulary, number);
    if (status != SEQNN_OK)
        return status;
    const uint64_t stream = sq_passage_stream(w, passage);
    uint32_t bits[4] = {0, 0, 0, 0};
    seqnn_size kept = 0;
    uint64_t words = 0;
    for (seqnn_size i = 0; i < segment->count; i++) {
        const int32_t word = segment->number[i];
        if (word != SQ_LINE_END) {
            if (w->keep) {
                if (words % 4 == 0)
                    sq_random_block(w->o.seed, stream, words / 4, bits);
                if (bits[words++ % 4] > w->keep[word])
                    continue;
            }
            passage->centres++;
        }
        segment->number[kept++] = word;
    }
    segment->count = kept;
    return SEQNN_OK;
}

/* Takes the pieces of a batch from its arena: once to add them up, once in earnest. */
static void sq_batch_take(sq_batch *batch, const sq_word2vec *w)
{
    const seqnn_size scratch = batch->shared ? 1 : batch->capacity;
    sq_arena *arena = &batch->arena;
    const seqnn_size width = w->kernels->width, row = w->matrices.row;
    const seqnn_size inputs = w->o.architecture == SEQNN_CBOW ? 1 : w->most_contexts;
    const seqnn_size error_row = (w->most_outputs + width - 1) / width * width;
    batch->window = (sq_window *)sq_arena_take(arena, batch->capacity, sizeof(sq_window));
    batch->centre = (sq_centre *)sq_arena_take(arena, batch->capacity, sizeof(sq_centre));
    batch->bits = (uint32_t *)sq_arena_take(
        arena, sq_multiply(batch->capacity, w->numbers), sizeof(uint32_t));
    batch->loss = (double *)sq_arena_take(arena, batch->capacity, sizeof(double));
    batch->context = (int32_t *)sq_arena_take(
        arena, sq_multiply(batch->capacity, w->most_contexts), sizeof(int32_t));
    batch->input = (const seqnn_real **)sq_arena_take(
        arena, sq_multiply(batch->capacity, inputs), sizeof(const seqnn_real *));
    batch->output = (int32_t *)sq_arena_take(
        arena, sq_multiply(batch->capacity, 1 + w->o.negative), sizeof(int32_t));
    batch->times = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(batch->capacity, 1 + w->o.negative), sizeof(seqnn_real));
    batch->own = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(sq_multiply(scratch, batch->shared ? 1 : inputs), row),
        sizeof(seqnn_real));
    batch->error = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(sq_multiply(scratch, inputs), error_row), sizeof(seqnn_real));
    batch->back = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(sq_multiply(scratch, inputs), row), sizeof(seqnn_real));
    if (!arena->memory)
        return;
    for (seqnn_size i = 0; i < batch->capacity; i++) {
        sq_window *window = &batch->window[i];
        const seqnn_size own = batch->shared ? 0 : i;
        window->context = batch->context + i * w->most_contexts;
        window->input = batch->input + i * inputs;
        window->error_row = error_row;
        window->error = batch->error + own * inputs * error_row;
        window->back = batch->back + own * inputs * row;
        window->mean = w->o.architecture == SEQNN_CBOW ? batch->own + own * row : NULL;
        window->input[0] = window->mean;
        window->loss = w->o.compute_loss ? &batch->loss[i] : NULL;
    }
}

SQ_LOCAL seqnn_status sq_batch_new(sq_batch *batch, const sq_word2vec *w,
                                   seqnn_size capacity, bool shared)
{
    memset(batch, 0, sizeof *batch);
    batch->capacity = capacity;
    batch->shared = shared;
    sq_batch_take(batch, w);
    seqnn_status status = sq_arena_commit(&batch->arena);
    if (status == SEQNN_OK)
        sq_batch_take(batch, w);
    return status;
}

SQ_LOCAL void sq_batch_free(sq_batch *batch)
{
    sq_arena_free(&batch->arena);
}

SQ_LOCAL void sq_batch_take_centres(sq_batch *batch, const sq_passage *passage,
                                    sq_centre *last)
{
    const sq_segment *segment = &passage->segment;
    batch->count = 0;
    while (batch->count < batch->capacity && ++last->place < segment->count) {
        if (segment->number[last->place] == SQ_LINE_END)
            continue;
        last->number++;
        batch->centre[batch->count++] = *last;
    }
}

/* The words at most `reach` places from the centre, in the order of the text. */
static seqnn_size sq_window_contexts(const sq_segment *segment, seqnn_size place,
                                     seqnn_size reach, int32_t *context)
{
    const int32_t *word = segment->number;
    seqnn_size first = place, last = place, count = 0;
    while (first > 0 && place - first < reach && word[first - 1] != SQ_LINE_END)
        first--;
    while (last + 1 < segment->count && last - place < reach &&
           word[last + 1] != SQ_LINE_END)
        last++;
    for (seqnn_size i = first; i <= last; i++)
        if (i != place)
            context[count++] = word[i];
    return count;
}

/* The centre, then the negative words; one that is drawn again counts twice. */
static seqnn_size sq_window_negatives(const sq_word2vec *w, int32_t centre,
                                      const uint32_t *bits, int32_t *output,
                                      seqnn_real *times)
{
    seqnn_size count = 1;
    output[0] = centre;
    times[0] = 1;
    for (seqnn_size n = 0; n < w->o.negative; n++) {
        const int32_t word = sq_noise_word(&w->noise, bits[n]);
        seqnn_size k = 0;
        while (k < count && output[k] != word)
            k++;
        if (k == count) {
            output[count] = word;
            times[count++] = 1;
        } else if (k > 0) {
            times[k]++;
        }
    }
    return count;
}

/* The inputs of skip-gram are the vectors of the contexts. Where windows do not work one
 * after the other these change before all have been read: then copies of them. */
static void sq_window_inputs(sq_batch *batch, seqnn_size i, const sq_word2vec *w)
{
    const seqnn_size row = w->matrices.row;
    sq_window *window = &batch->window[i];
    for (seqnn_size c = 0; c < window->contexts; c++) {
        const seqnn_real *v = w->matrices.input + window->context[c] * row;
        window->input[c] = v;
        if (!batch->shared) {
            seqnn_real *copy = batch->own + (i * w->most_contexts + c) * row;
            memcpy(copy, v, (size_t)row * sizeof *copy);
            window->input[c] = copy;
        }
    }
}

/* The random numbers of a window, and what will be looked up by them: the vector of a
 * word that the window of a later centre reads, and the columns of the noise. */
static void sq_window_bits(sq_batch *batch, seqnn_size i, const sq_word2vec *w,
                           const sq_passage *passage)
{
    const sq_centre centre = batch->centre[i];
    uint32_t *bits = batch->bits + i * w->numbers;
    const uint64_t blocks = (uint64_t)w->numbers / 4;
    const seqnn_size ahead = centre.place + w->o.window + SQ_WORDS_AHEAD;
    if (!w->device && ahead < passage->segment.count &&
        passage->segment.number[ahead] != SQ_LINE_END)
        sq_prefetch_row(w->matrices.input +
                            passage->segment.number[ahead] * w->matrices.row,
                        w->matrices.row);
    for (uint64_t b = 0; b < blocks; b++)
        sq_random_block(w->o.seed, sq_passage_stream(w, passage) + 1,
                        (uint64_t)centre.number * blocks + b, bits + 4 * b);
    for (seqnn_size n = 0; n < w->o.negative && w->noise.column; n++)
        SQ_PREFETCH(sq_noise_column_of(&w->noise, bits[1 + n]));
}

static void sq_window_draw(sq_batch *batch, seqnn_size i, const sq_word2vec *w,
                           const sq_passage *passage, double rate)
{
    sq_window *window = &batch->window[i];
    const sq_centre centre = batch->centre[i];
    const uint32_t *bits = batch->bits + i * w->numbers;
    const int32_t word = passage->segment.number[centre.place];
    seqnn_size reach = w->o.window;
    if (!w->o.fixed_window)
        reach = 1 + (seqnn_size)(((uint64_t)bits[0] * (uint64_t)w->o.window) >> 32);
    window->contexts = sq_window_contexts(&passage->segment, centre.place, reach,
                                          batch->context + i * w->most_contexts);
    window->inputs = window->mean && window->contexts > 0 ? 1 : window->contexts;
    if (!window->mean)
        sq_window_inputs(batch, i, w);
    window->rate = (seqnn_real)rate;
    window->share = window->mean && !w->o.historical_cbow && window->contexts > 0
                        ? 1 / (seqnn_real)window->contexts
                        : 1;
    batch->loss[i] = 0;
    if (w->o.output == SEQNN_FULL_SOFTMAX) {
        window->output = w->all_outputs;
        window->outputs = w->vocabulary.count;
        window->target = word;
    } else if (w->o.output == SEQNN_HIERARCHICAL_SOFTMAX) {
        const seqnn_size begin = w->tree.begin[word];
        window->output = w->tree.node + begin;
        window->label = w->tree.label + begin;
        window->outputs = w->tree.begin[word + 1] - begin;
    } else {
        int32_t *output = batch->output + i * (1 + w->o.negative);
        seqnn_real *times = batch->times + i * (1 + w->o.negative);
        window->outputs = sq_window_negatives(w, word, bits + 1, output, times);
        window->output = output;
        window->label = w->label;
        window->times = times;
    }
}

SQ_LOCAL void sq_windows_draw(sq_batch *batch, seqnn_size begin, seqnn_size end,
                              const sq_word2vec *w, const sq_passage *passage,
                              double rate)
{
    for (seqnn_size i = begin; i < end; i++)
        sq_window_bits(batch, i, w, passage);
    for (seqnn_size i = begin; i < end; i++)
        sq_window_draw(batch, i, w, passage, rate);
}

SQ_LOCAL void sq_window_prefetch(const sq_window *window,
                                 const sq_word_matrices *matrices)
{
    for (seqnn_size k = 0; k < window->outputs; k++)
        sq_prefetch_row(matrices->output + window->output[k] * matrices->row,
                        matrices->row);
}

#endif
