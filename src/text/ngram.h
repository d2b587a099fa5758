/* text/ngram.h - n-gram language models: the next word by counting
 *
 *     seqnn_ngram *model = seqnn_ngram_new(3, vocabulary);
 *     seqnn_ngram_fit(model, words, count);
 *     p = seqnn_ngram_probability(model, (int32_t[]){the, students}, 2, opened, options);
 *     of = seqnn_ngram_evaluate(model, held_out, held_out_count, options);
 *     next = seqnn_ngram_sample(model, text, length, &random, options);
 *
 * Words are numbers 0 .. V - 1: of words or of characters, as a tokenizer gives them (its
 * 0, the padding, is one of the V and never occurs, as in a softmax).
 *
 * An n-gram model assumes that the next word depends on the n - 1 words before it alone,
 * its context h. With c(hw) how often h was followed by w in the text, c(h) = sum_w c(hw)
 * how often by anything, K(h) by how many different words, and P' = P(w | h'), the same
 * probability of the model of order n - 1, whose context h' lacks the first word of h
 * (below the unigram, n = 1, it is 1/V):
 *
 *   unsmoothed    P(w | h) = c(hw) / c(h)           maximum likelihood; 0 if c(h) is 0
 *   add-k         P(w | h) = (c(hw) + k) / (c(h) + k V)             k = 1: Laplace
 *   interpolated  P(w | h) = lambda c(hw) / c(h) + (1 - lambda) P'
 *   Witten-Bell   P(w | h) = (c(hw) + K(h) P') / (c(h) + K(h))
 *   Kneser-Ney    P(w | h) = (max(c(hw) - D, 0) + D K(h) P') / c(h)
 *
 * In P' of Kneser-Ney, and below it, the number of different words that were seen in
 * front of hw stands for c(hw). In the last three a context that was never seen leaves P
 * = P'. At the beginning of a text, where fewer than n - 1 words stand before w, h is
 * those.
 *
 * The sum over w is 1, but for the unsmoothed model in a context that was never seen. All
 * of it is computed in double, whatever seqnn_real is.
 *
 * Sources: Shannon 1948 (n-grams); Lidstone 1920 (add-k); Jelinek and Mercer 1980
 * (interpolated); Witten and Bell 1991, method C; Kneser and Ney 1995, in the
 * interpolated form of Chen and Goodman 1999, who compare them all.
 */
#ifndef SEQNN_NGRAM_H
#define SEQNN_NGRAM_H

#include "config.h"
#include "error.h"
#include "random.h"

enum { SEQNN_NGRAM_MAX = 16 }; /* the longest n-gram */

typedef struct seqnn_ngram seqnn_ngram;

typedef enum seqnn_ngram_smoothing {
    SEQNN_SMOOTHING_DEFAULT = 0, /* Kneser-Ney */
    SEQNN_UNSMOOTHED,
    SEQNN_ADD_K,
    SEQNN_INTERPOLATED,
    SEQNN_WITTEN_BELL,
    SEQNN_KNESER_NEY
} seqnn_ngram_smoothing;

/* How probabilities are made of the counts. One count serves all of them. */
typedef struct seqnn_ngram_options {
    seqnn_ngram_smoothing smoothing;
    seqnn_size n;        /* of the n-grams asked for; 0: the model's, the most */
    seqnn_real k;        /* of add-k, above 0; default 1 */
    seqnn_real lambda;   /* of interpolated, in (0, 1); default 0.75 */
    seqnn_real discount; /* D of Kneser-Ney, in (0, 1); default 0.75 */
} seqnn_ngram_options;

/* A model of n-grams, and of all shorter ones, over V = vocabulary words. NULL with the
 * error set: n outside 1 .. SEQNN_NGRAM_MAX, vocabulary outside 1 .. 2^31 - 1. */
SEQNN_API seqnn_ngram *seqnn_ngram_new(seqnn_size n, seqnn_size vocabulary);

/* Counts all n-grams of words[0..count), which may be called again for more texts: no
 * n-gram reaches from one into the next. Error: a number outside 0 .. V - 1, and nothing
 * is counted; no memory, or 2^31 words in all, and the words before are. */
SEQNN_API seqnn_status seqnn_ngram_fit(seqnn_ngram *model, const int32_t *words,
                                       seqnn_size count);

/* c(words[0..length)), how often this n-gram was counted; of length 0: all words. -1 with
 * the error set: a length that is not 0 .. n, a number outside 0 .. V - 1. */
SEQNN_API int64_t seqnn_ngram_occurrences(const seqnn_ngram *model, const int32_t *words,
                                          seqnn_size length);

/* P(word | context[0..length)), of which the last n - 1 words are read. NaN with the
 * error set: an option out of its range, a number outside 0 .. V - 1. */
SEQNN_API double seqnn_ngram_probability(const seqnn_ngram *model, const int32_t *context,
                                         seqnn_size length, int32_t word,
                                         seqnn_ngram_options options);

/* The next word behind context[0..length), drawn by its probability; one uniform number
 * of *random. -1 with the error set: as above, and where no word has a probability, in a
 * context that the unsmoothed model never saw. */
SEQNN_API int32_t seqnn_ngram_sample(const seqnn_ngram *model, const int32_t *context,
                                     seqnn_size length, seqnn_random *random,
                                     seqnn_ngram_options options);

typedef struct seqnn_ngram_evaluation {
    seqnn_status status;
    double loss;           /* -1/T sum_t ln P(w_t | h_t), nats for each word */
    double perplexity;     /* exp(loss); infinite if one word has the probability 0 */
    seqnn_size words;      /* T */
    seqnn_size impossible; /* words of probability 0 */
    double unseen; /* share of the T - n + 1 n-grams that were never counted; 0 of none */
} seqnn_ngram_evaluation;

/* How well the model foresees words[0..count), each from those before it. */
SEQNN_API seqnn_ngram_evaluation seqnn_ngram_evaluate(const seqnn_ngram *model,
                                                      const int32_t *words,
                                                      seqnn_size count,
                                                      seqnn_ngram_options options);

/* How many different n-grams of this length are stored; of length 0: of all lengths 1 ..
 * n together. -1 with the error set if the model has none of this length. */
SEQNN_API seqnn_size seqnn_ngram_different(const seqnn_ngram *model, seqnn_size length);

/* Bytes that the model takes: 12 for each n-gram, 16 more for each shorter one, which is
 * a context, and 8 to 16 of a hash table; what is allocated ahead is counted too. */
SEQNN_API seqnn_size seqnn_ngram_memory(const seqnn_ngram *model);

SEQNN_API void seqnn_ngram_free(seqnn_ngram *model);

#endif
