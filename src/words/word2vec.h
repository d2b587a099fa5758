/* words/word2vec.h - word vectors learnt from a text: CBOW and skip-gram
 *
 *     seqnn_word2vec_options options = {.dimension = 100, .window = 5, .verbose = 1};
 *     seqnn_word2vec *trained = seqnn_word2vec_train("corpus.txt", options);
 *     if (!trained)
 *         fprintf(stderr, "%s\n", seqnn_error());
 *     seqnn_word_vectors_write(trained->vectors, "vectors.bin", SEQNN_VECTORS_BINARY);
 *     seqnn_word2vec_free(trained);
 *
 * A word is known by the company it keeps. Each word of the text is the centre of a
 * window once; its contexts are the words up to `window` places before and behind it in
 * the same line. With v_w the input vector of a word and u_w its output vector, the
 * centre is predicted from h:
 *
 *     CBOW       h = 1/C (v_1 + ... + v_C)   the mean of the contexts predicts it
 *     skip-gram  h = v_c                     each context c predicts it, one by one
 *
 * (Mikolov's program lets the contexts of skip-gram predict the centre, his paper the
 * centre its contexts: over a whole text these are the same pairs.) The output layer says
 * how probable the centre w is, by its scores s_j = u_j . h:
 *
 *     full softmax           L = -log(exp(s_w) / sum_j exp(s_j)), over all words j
 *     negative sampling      L = -log sigmoid(s_w) - sum_n log sigmoid(-s_n), over
 *                            `negative` words n drawn by count^0.75; those that are w are
 *                            left out
 *     hierarchical softmax   L = -sum_k log sigmoid(y_k s_k), over the inner nodes k on
 *                            the way from the root of the Huffman tree to the word, y_k
 *                            being 1 where it turns left and -1 where right
 *
 * All three have the same gradient: with e_j = dL/ds_j, which is p_j - [j = w] or
 * sigmoid(s_j) - [label],
 *
 *     dL/du_j = e_j h
 *     dL/dh   = sum_j e_j u_j
 *     dL/dv_c = dL/dh          in CBOW 1/C dL/dh
 *
 * and a step of gradient descent subtracts it, times a learning rate that falls linearly
 * over the whole training. Frequent words are left out of the text now and then
 * ("subsampling"): a word of relative frequency f stays with probability
 * sqrt(t/f) + t/f.
 *
 * SHARED NEGATIVES. In skip-gram the contexts of one centre share its negative words, so
 * that a window is two small matrix products (Ji, Satish, Li and Dubey, "Parallelizing
 * word2vec in shared and distributed memory", 2016).
 *
 * TWO MODES. SEQNN_REPRODUCIBLE: the same seed gives the same bits, whatever the number
 * of threads; windows are taken in batches cut by the corpus, whose gradients are
 * computed side by side at the same vectors and then added in the order of the text. A
 * batch is small enough that no vector makes more than some 64 steps in it: hundreds of
 * windows on a large vocabulary, which keep a few threads busy, a handful on a small one
 * or in skip-gram with hierarchical softmax, which keep one. SEQNN_LOCK_FREE is faster:
 * every thread reads and writes the vectors whenever it wants to, as the original does
 * (Niu, Recht, Re and Wright, "Hogwild!", 2011). With one thread it is reproducible too.
 *
 * ON A GPU. A program that was built with SEQNN_CUDA (device.h) trains CBOW and skip-gram
 * with negative sampling in the reproducible mode on the GPU, if there is one: batches,
 * random numbers and results are those of the processor up to rounding, and the same bits
 * in every run on the same card. The processor draws the windows of the next batches
 * meanwhile. The full softmax, the hierarchical one and the lock-free mode stay on the
 * processor.
 *
 * Mikolov, Chen, Corrado and Dean, "Efficient estimation of word representations in
 * vector space", 2013; Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed
 * representations of words and phrases and their compositionality", 2013
 */
#ifndef SEQNN_WORD2VEC_H
#define SEQNN_WORD2VEC_H
#ifdef SEQNN_WORDS

#include "device.h"
#include "word_vectors.h"

typedef enum seqnn_word2vec_architecture {
    SEQNN_WORD2VEC_DEFAULT = 0, /* SEQNN_CBOW */
    SEQNN_CBOW,
    SEQNN_SKIP_GRAM
} seqnn_word2vec_architecture;

typedef enum seqnn_word2vec_output {
    SEQNN_WORD2VEC_OUTPUT_DEFAULT = 0, /* SEQNN_NEGATIVE_SAMPLING */
    SEQNN_NEGATIVE_SAMPLING,
    SEQNN_HIERARCHICAL_SOFTMAX,
    SEQNN_FULL_SOFTMAX /* for small vocabularies: each step goes over all words */
} seqnn_word2vec_output;

typedef enum seqnn_word2vec_mode {
    SEQNN_WORD2VEC_MODE_DEFAULT = 0, /* SEQNN_REPRODUCIBLE */
    SEQNN_REPRODUCIBLE,
    SEQNN_LOCK_FREE
} seqnn_word2vec_mode;

/* How far a training is. */
typedef struct seqnn_word2vec_progress {
    seqnn_size epoch, epochs; /* epoch counts from 0 */
    int64_t words, total;     /* of the corpus, over all epochs */
    double seconds;           /* since the first step */
    double learning_rate;
    double loss; /* mean of a prediction in this epoch so far; NaN unless wanted */
} seqnn_word2vec_progress;

typedef struct seqnn_word2vec_options {
    seqnn_word2vec_architecture architecture;
    seqnn_word2vec_output output;
    seqnn_word2vec_mode mode;
    seqnn_device device;  /* as seqnn_use chooses: the GPU for what it trains (above) */
    seqnn_size dimension; /* of the vectors: 100 */
    seqnn_size window;    /* words on each side: 5 */
    bool fixed_window;    /* else each centre draws its own, uniformly from 1 to window */
    seqnn_size negative;  /* words for negative sampling: 5 */
    seqnn_size min_count; /* rarer words are left out of text and vocabulary: 5 */
    seqnn_size max_words; /* keep the most frequent ones; 0: all */
    double subsampling;   /* t above: 1e-3; SEQNN_ZERO: none */
    seqnn_size epochs;    /* 5 */
    /* At the start, 0.025 for skip-gram, 0.05 for CBOW, and at the end, a ten-thousandth
     * of it. */
    double learning_rate, final_learning_rate;
    /* The update of the original CBOW and of gensim: contexts are averaged forward, but
     * the error goes back to each undivided (dL/dv_c = dL/dh), C times the gradient. It
     * is no gradient of any loss, it only looks like a larger learning rate that grows
     * with the window; Irsoy, Benton and Stratos, "Corrected CBOW performs as well as
     * skip-gram", 2021. */
    bool historical_cbow;
    /* The words of the text: what stands between white space, as it is; or, with clean,
     * runs of letters, digits and apostrophes in lower case (ASCII; other characters
     * count as letters and keep their case). */
    bool clean;
    /* Mean loss of a prediction in every epoch. It takes a fifth (CBOW) to two fifths
     * more time, and other roundings of the sigmoid than a training without. */
    bool compute_loss;
    uint64_t seed;
    int verbose; /* 1: a line with words/s and time left on stdout */
    /* Ten times a second or so, and at the end of every epoch; false ends the training
     * there, with the vectors as they are. In the lock-free mode any thread may call it,
     * one at a time. */
    bool (*on_progress)(void *context, const seqnn_word2vec_progress *progress);
    void *context;
} seqnn_word2vec_options;

typedef struct seqnn_word2vec {
    const seqnn_word_vectors *vectors; /* v: words by falling count */
    const int64_t *counts;             /* [vectors->count] */
    /* u [output_rows, dimension]: of the same words, or of count - 1 inner nodes. */
    const seqnn_real *output;
    seqnn_size output_rows;
    int64_t corpus_words; /* in one pass, rare ones and all */
    int64_t lines;
    seqnn_size epochs;    /* that were ended */
    const double *losses; /* [epochs]; NULL unless compute_loss */
    double vocabulary_seconds, training_seconds;
    const char *device; /* where it was trained: "CPU", or the name of the card */
} seqnn_word2vec;

/* From a file, which is read once to count its words and once more in every epoch, never
 * as a whole: it may be larger than the memory. A line is a sentence, of any length; but
 * about every 128 KB of a very long one is a cut that no window reaches across.
 *
 * Memory: two matrices [words, dimension], each row rounded up to whole vectors of the
 * processor; the vocabulary; and some megabytes (in a full softmax, 2 window words
 * numbers for skip-gram). On a GPU the two matrices once more there, and some 16
 * megabytes. While the words are counted, all that differ, rare ones too.
 *
 * Error: no file or an empty one, one without two different words of min_count
 * occurrences, a NUL byte, a word of more than 4096 bytes, options out of range, no
 * memory, vectors that have grown beyond all numbers (a learning rate too large); with
 * SEQNN_GPU, no device, or a training that is the processor's. */
SEQNN_API seqnn_word2vec *seqnn_word2vec_train(const char *path,
                                               seqnn_word2vec_options options);

/* From lines in memory: line[0..count). */
SEQNN_API seqnn_word2vec *seqnn_word2vec_train_lines(const char *const *line,
                                                     seqnn_size count,
                                                     seqnn_word2vec_options options);

SEQNN_API void seqnn_word2vec_free(seqnn_word2vec *trained);

#endif
#endif
