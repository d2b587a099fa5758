/* words/word2vec_training.h - a training of word2vec while it runs (private)
 *
 * RANDOM NUMBERS are those of random.h with the user's seed. With e the epoch and s the
 * segment of the corpus, both from 0,
 *
 *   stream 0                        the first v: number w dimension + j makes v_wj
 *   stream 2 (e segments + s) + 1   number i says whether the i-th word of the segment
 *                                   stays (of those in the vocabulary)
 *   stream 2 (e segments + s) + 2   the c-th centre of the segment, of those that stayed,
 *                                   has n numbers from c n on: its window, then its
 *                                   negative words; n is 1 + negative, rounded up to 4 (4
 * without negatives)
 *
 * A window is 1 + floor(window bits / 2^32); a negative word see noise.h.
 */
#ifndef SQ_WORD2VEC_TRAINING_H
#define SQ_WORD2VEC_TRAINING_H
#ifdef SEQNN_WORDS

#include "corpus.h"
#include "huffman.h"
#include "noise.h"
#include "status_line.h"
#include "window.h"
#include "word2vec.h"

/* The most that an option may ask for: every window of a batch has room for it. */
enum { SQ_MOST_NEGATIVES = 1020, SQ_MOST_WINDOW = 1000 };

typedef struct sq_word2vec {
    seqnn_word2vec result;    /* what the user sees: it comes first */
    seqnn_word2vec_options o; /* defaults filled in */
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    uint32_t *keep; /* [words] of 2^32: how often subsampling lets a word stay */
    sq_noise noise;
    sq_huffman tree;
    int32_t *all_outputs; /* 0, 1, 2, ... of a full softmax */
    seqnn_real *label;    /* 1, 0, 0, ... of negative sampling */
    sq_word_matrices matrices;
    const sq_window_kernels *kernels;
    seqnn_size most_contexts, most_outputs; /* of a window */
    seqnn_size numbers;                     /* random ones of a centre */
    seqnn_size members;           /* threads that are worth while, and windows */
    seqnn_size batch_windows;     /* at the same vectors: reproducible mode */
    double *losses, *predictions; /* [epochs] sums, and of how many */
    double started, told;
    bool stopped; /* on_progress has said so */
    sq_status_line line;
    struct sq_cuda_words *device; /* or NULL: the processor */
    char device_name[256], why_not_gpu[160];
} sq_word2vec;

/* A segment whose words are thinned out by subsampling, and the streams of it. */
typedef struct sq_passage {
    sq_segment segment;
    seqnn_size epoch, number;
    seqnn_size centres; /* words that stayed */
} sq_passage;

SQ_LOCAL seqnn_status sq_passage_read(sq_passage *passage, const sq_word2vec *w,
                                      seqnn_size epoch, seqnn_size number);

/* Where a window of a passage is. */
typedef struct sq_centre {
    seqnn_size place, number; /* among the numbers of the segment; among the centres */
} sq_centre;

/* Windows with the memory that they need: capacity of them. */
typedef struct sq_batch {
    seqnn_size capacity, count;
    sq_window *window;
    sq_centre *centre;
    uint32_t *bits; /* random ones, so many as a centre has numbers */
    double *loss;   /* of each window */
    int32_t *context, *output;
    const seqnn_real **input;
    seqnn_real *times, *own, *error, *back;
    bool shared;
    sq_arena arena;
} sq_batch;

/* shared: all windows work in the memory of one, one after the other. */
SQ_LOCAL seqnn_status sq_batch_new(sq_batch *batch, const sq_word2vec *w,
                                   seqnn_size capacity, bool shared);
SQ_LOCAL void sq_batch_free(sq_batch *batch);

/* Takes the next centres of a passage into the batch, as many as fit: those behind *last,
 * which is {-1, -1} at the beginning. Fewer than fit: the passage is over. */
SQ_LOCAL void sq_batch_take_centres(sq_batch *batch, const sq_passage *passage,
                                    sq_centre *last);

/* Draws the windows [begin, end) of the batch. */
SQ_LOCAL void sq_windows_draw(sq_batch *batch, seqnn_size begin, seqnn_size end,
                              const sq_word2vec *w, const sq_passage *passage,
                              double rate);

/* Asks for the rows of a window before they are read. */
SQ_LOCAL void sq_window_prefetch(const sq_window *window,
                                 const sq_word_matrices *matrices);

/* After so many words of the corpus, over all epochs. */
SQ_LOCAL double sq_word2vec_rate(const sq_word2vec *w, double words);

/* Tells the user that so many words are done, over all epochs; false if the training is
 * to end. */
SQ_LOCAL bool sq_word2vec_tell(sq_word2vec *w, int64_t words);

/* How many windows a batch of the reproducible mode has. */
SQ_LOCAL seqnn_size sq_batch_capacity(const sq_word2vec *w);

SQ_LOCAL seqnn_status sq_train_reproducible(sq_word2vec *w);
SQ_LOCAL seqnn_status sq_train_lock_free(sq_word2vec *w);

/* Opens the device that is wanted, if there is one. Everything else is prepared; the
 * training comes next. */
SQ_LOCAL seqnn_status sq_word2vec_choose_device(sq_word2vec *w);
/* The reproducible mode there. Then it is closed. */
SQ_LOCAL seqnn_status sq_train_on_device(sq_word2vec *w);

#ifdef SEQNN_CUDA
/* What seqnn_cuda.cuh does for these two: NULL with the error set if there is no device,
 * or no memory on it; the vectors are those of w->matrices before and after. */
static struct sq_cuda_words *sq_cuda_words_open(sq_word2vec *w);
static const char *sq_cuda_words_name(const struct sq_cuda_words *words);
static seqnn_status sq_cuda_words_train(struct sq_cuda_words *words);
static void sq_cuda_words_close(struct sq_cuda_words *words);
#endif

#endif
#endif
