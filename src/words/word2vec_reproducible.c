/* words/word2vec_reproducible.c - the same bits with any number of threads
 *
 * The windows of a batch go forward side by side, at the same vectors. Then every row is
 * changed by one thread, in the order of the text. Nothing depends on which one that is,
 * so it is one that has the row in its cache.
 */
#include "word2vec_training.h"

#ifdef SEQNN_WORDS

#include "parallel.h"
#include "team.h"

enum {
    SQ_PASSAGES_AHEAD = 8,
    SQ_BATCH_WINDOWS = 1024,    /* at most */
    SQ_BATCH_NUMBERS = 1 << 18, /* at most, in the errors and gradients of a batch */
    SQ_STEPS_AT_ONCE = 64,      /* of one row, as to be expected */
    SQ_MEMBER_PRODUCTS = 200000 /* multiply-adds that are worth a thread */
};

typedef struct sq_synchronous {
    sq_word2vec *w;
    sq_passage passage[SQ_PASSAGES_AHEAD];
    seqnn_status status[SQ_PASSAGES_AHEAD];
    seqnn_size first, ahead; /* segment among them, over all epochs; how many there are */
    const sq_passage *current;
    sq_batch batch;
    double rate;
    uint8_t *output_owner, *input_owner;
    /* The sentence of each: seqnn_error() is the thread's own. */
    char error[SQ_PASSAGES_AHEAD][512];
} sq_synchronous;

static void sq_read_ahead(void *context, seqnn_size member, seqnn_size members)
{
    sq_synchronous *s = (sq_synchronous *)context;
    const seqnn_size segments = s->w->corpus.segments;
    for (seqnn_size i = member; i < s->ahead; i += members) {
        const seqnn_size at = s->first + i;
        s->status[i] =
            sq_passage_read(&s->passage[i], s->w, at / segments, at % segments);
        if (s->status[i] != SEQNN_OK)
            snprintf(s->error[i], sizeof s->error[i], "%s", seqnn_error());
    }
}

/* Two threads may claim a row at once: either may have it. */
static void sq_claim_row(uint8_t *owner, uint8_t part)
{
#ifdef __GNUC__
    __atomic_store_n(owner, part, __ATOMIC_RELAXED);
#else
    *owner = part;
#endif
}

/* Inner nodes near the root, and all outputs of a full softmax, are in every window:
 * these rows are dealt out once. */
static void sq_deal_outputs(void *context, seqnn_size member, seqnn_size members)
{
    sq_synchronous *s = (sq_synchronous *)context;
    for (seqnn_size i = member; i < s->w->result.output_rows; i += members)
        s->output_owner[i] = (uint8_t)member;
}

/* The rows of a window belong to its thread now, unless another takes them. */
static void sq_claim_rows(const sq_synchronous *s, const sq_window *window, uint8_t part)
{
    const bool outputs = s->w->o.output == SEQNN_NEGATIVE_SAMPLING;
    for (seqnn_size k = 0; k < window->outputs && outputs; k++)
        sq_claim_row(&s->output_owner[window->output[k]], part);
    for (seqnn_size c = 0; c < window->contexts; c++)
        sq_claim_row(&s->input_owner[window->context[c]], part);
}

static void sq_batch_forward(void *context, seqnn_size member, seqnn_size members)
{
    sq_synchronous *s = (sq_synchronous *)context;
    const sq_word2vec *w = s->w;
    const seqnn_size begin = s->batch.count * member / members;
    const seqnn_size end = s->batch.count * (member + 1) / members;
    sq_windows_draw(&s->batch, begin, end, w, s->current, s->rate);
    for (seqnn_size i = begin; i < end && members > 1; i++)
        sq_claim_rows(s, &s->batch.window[i], (uint8_t)member);
    for (seqnn_size i = begin; i < end; i++) {
        if (i + 1 < end)
            sq_window_prefetch(&s->batch.window[i + 1], &w->matrices);
        if (s->batch.window[i].contexts > 0)
            w->kernels->forward(&s->batch.window[i], &w->matrices);
    }
}

static void sq_batch_update(void *context, seqnn_size member, seqnn_size members)
{
    sq_synchronous *s = (sq_synchronous *)context;
    const sq_word2vec *w = s->w;
    sq_rows_part part = {NULL, NULL, (uint8_t)member};
    if (members > 1) {
        part.output_owner = s->output_owner;
        part.input_owner = s->input_owner;
    }
    for (seqnn_size i = 0; i < s->batch.count; i++) {
        const sq_window *window = &s->batch.window[i];
        if (window->contexts == 0)
            continue;
        w->kernels->update_outputs(window, &w->matrices, part);
        w->kernels->update_inputs(window, &w->matrices, part);
    }
}

static void sq_batch_step(sq_synchronous *s, sq_team *team)
{
    sq_word2vec *w = s->w;
    sq_team_step(team, sq_batch_forward, s);
    sq_team_step(team, sq_batch_update, s);
    for (seqnn_size i = 0; i < s->batch.count && w->o.compute_loss; i++) {
        w->losses[s->current->epoch] += s->batch.loss[i];
        w->predictions[s->current->epoch] += (double)s->batch.window[i].inputs;
    }
}

static void sq_synchronous_passage(sq_synchronous *s, sq_team *team, int64_t before)
{
    const sq_passage *passage = s->current;
    const double share =
        (double)passage->segment.words / (double)sq_max(passage->centres, 1);
    sq_centre last = {-1, -1};
    do {
        s->rate =
            sq_word2vec_rate(s->w, (double)before + share * (double)(last.number + 1));
        sq_batch_take_centres(&s->batch, passage, &last);
        sq_batch_step(s, team);
    } while (s->batch.count == s->batch.capacity);
}

static seqnn_status sq_synchronous_train(sq_team *team, void *context)
{
    sq_synchronous *s = (sq_synchronous *)context;
    sq_word2vec *w = s->w;
    const seqnn_size total = w->o.epochs * w->corpus.segments;
    int64_t words = 0;
    sq_team_step(team, sq_deal_outputs, s);
    for (s->first = 0; s->first < total; s->first += SQ_PASSAGES_AHEAD) {
        s->ahead = sq_min(total - s->first, SQ_PASSAGES_AHEAD);
        sq_team_step(team, sq_read_ahead, s);
        for (seqnn_size i = 0; i < s->ahead; i++) {
            if (s->status[i] != SEQNN_OK)
                return sq_fail(s->status[i], "%s", s->error[i]);
            s->current = &s->passage[i];
            sq_synchronous_passage(s, team, words);
            words += s->current->segment.words;
            if (!sq_word2vec_tell(w, words))
                return SEQNN_OK;
        }
    }
    return SEQNN_OK;
}

/* How many steps a prediction makes of the output row that is wanted most: every one in
 * two of the three output layers; in negative sampling, those of the most frequent word,
 * as a centre and as noise. */
static double sq_heaviest_row(const sq_word2vec *w)
{
    if (w->o.output != SEQNN_NEGATIVE_SAMPLING)
        return 1;
    double first = 0, centres = 0, first_noise = 0, noise = 0;
    for (seqnn_size i = 0; i < w->vocabulary.count; i++) {
        const double occurrences = (double)w->vocabulary.occurrences[i];
        centres += occurrences * (w->keep ? w->keep[i] / 4294967296.0 : 1);
        noise += sq_noise_weight(w->vocabulary.occurrences[i]);
        if (i == 0) {
            first = centres;
            first_noise = noise;
        }
    }
    return fmin(1, first / centres + (double)w->o.negative * first_noise / noise);
}

/* A row goes as many steps by gradients at one and the same place as it has predictions
 * in the batch; after some hundred it has overshot. So the batch is as large as the most
 * frequent row allows. It depends on the corpus and the options alone. */
SQ_LOCAL seqnn_size sq_batch_capacity(const sq_word2vec *w)
{
    const seqnn_size inputs = w->o.architecture == SEQNN_CBOW ? 1 : w->most_contexts;
    const seqnn_size numbers = sq_multiply(inputs, w->most_outputs + 2 * w->o.dimension);
    double predictions = 1; /* of a centre, on average */
    if (w->o.architecture == SEQNN_SKIP_GRAM)
        predictions = (double)(w->o.fixed_window ? 2 * w->o.window : w->o.window + 1);
    const double most = (double)SQ_STEPS_AT_ONCE / (sq_heaviest_row(w) * predictions);
    seqnn_size capacity = (seqnn_size)fmin(most, (double)SQ_BATCH_WINDOWS);
    if (numbers > 0)
        capacity = sq_min(capacity, SQ_BATCH_NUMBERS / numbers);
    return sq_max(1, capacity);
}

SQ_LOCAL seqnn_status sq_train_reproducible(sq_word2vec *w)
{
    sq_synchronous *s = (sq_synchronous *)sq_allocate(1, sizeof(sq_synchronous));
    if (!s)
        return SEQNN_ERROR_MEMORY;
    const seqnn_size inputs = w->o.architecture == SEQNN_CBOW ? 1 : w->most_contexts;
    const seqnn_size capacity = w->batch_windows = sq_batch_capacity(w);
    const double products =
        3.0 * (double)inputs * (double)w->most_outputs * (double)w->matrices.row;
    s->w = w;
    w->members =
        (seqnn_size)fmin((double)sq_min(sq_threads(), UINT8_MAX),
                         (double)capacity * products / (double)SQ_MEMBER_PRODUCTS);
    s->output_owner = (uint8_t *)sq_allocate(w->result.output_rows, 1);
    s->input_owner = (uint8_t *)sq_allocate(w->vocabulary.count, 1);
    seqnn_status status = sq_batch_new(&s->batch, w, capacity, false);
    if (status == SEQNN_OK)
        status = s->output_owner && s->input_owner
                     ? sq_team_run(w->members, sq_synchronous_train, s)
                     : SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < SQ_PASSAGES_AHEAD; i++)
        sq_segment_free(&s->passage[i].segment);
    sq_batch_free(&s->batch);
    sq_free(s->output_owner);
    sq_free(s->input_owner);
    sq_free(s);
    return status;
}

#endif
