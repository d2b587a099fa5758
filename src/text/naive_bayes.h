/* text/naive_bayes.h - the multinomial naive Bayes classifier: counting, and no training
 *
 *     seqnn_naive_bayes *model = seqnn_naive_bayes_fit(train, options);
 *     seqnn_real *scores = ...;                           [test->count, model->classes]
 *     seqnn_naive_bayes_log_posterior(model, test, scores);
 *     seqnn_accuracy(scores, test->y.indices, NULL, test->count, ...);
 *     seqnn_naive_bayes_free(model);
 *
 * A text d of class c is taken for n words drawn one after the other, each with the
 * probability P(w | c), whatever stands before and behind it: that is the naive
 * assumption. With n_w(d) the count of word w in d, Bayes' rule gives
 *
 *     P(c | d) = P(c) P(d | c) / P(d),      P(d | c) = prod_w P(w | c)^n_w(d)
 *
 * up to a number of arrangements that is the same for all classes, and the class of the
 * text is the most probable one (maximum a posteriori, MAP)
 *
 *     c_MAP = argmax_c  ln P(c) + sum_w n_w(d) ln P(w | c)
 *
 * Both probabilities are counted. With D_c of the D texts in class c, N_cw the count of
 * word w in them, N_c = sum_w N_cw, V words and K classes, smoothing alpha and beta,
 *
 *     P(c) = (D_c + beta) / (D + beta K)      P(w | c) = (N_cw + alpha) / (N_c + alpha V)
 *
 * For alpha = 0 that is the maximum of the likelihood, and a word that class c has never
 * shown makes P(d | c) = 0, whatever the other words say; alpha = 1 is Laplace's rule.
 *
 * WORDS. x[0] is a data set of word numbers (indices [count, time], seqnn_encode) or of
 * amounts (values [count, features] >= 0: n-hot, counts, tf-idf, seqnn_n_hot). Where it
 * has a vocabulary, number 0 is the padding and no word: it is not counted, and V =
 * vocabulary - 1. Without one, values are features of any kind, and all are counted.
 *
 * Sums are in double, whatever seqnn_real is. This is scikit-learn's MultinomialNB.
 *
 * Sources: Maron 1961; McCallum and Nigam 1998 (multinomial); Pang, Lee and
 * Vaithyanathan 2002 (binary counts on film reviews); the lecture on Bayes' rule applied
 * to documents and classes.
 */
#ifndef SEQNN_NAIVE_BAYES_H
#define SEQNN_NAIVE_BAYES_H

#include "dataset.h"

typedef struct seqnn_naive_bayes_options {
    seqnn_real smoothing;       /* alpha; default 1; SEQNN_ZERO: none */
    seqnn_real class_smoothing; /* beta; default 0 */
    bool binary;                /* a word counts once in a text, however often it stands
                                   there; in the texts to be judged, too */
} seqnn_naive_bayes_options;

/* Read it freely. */
typedef struct seqnn_naive_bayes {
    seqnn_size classes, words;    /* K; word numbers are below words */
    const double *log_prior;      /* [classes], ln P(c); -inf for a class without texts */
    const double *log_likelihood; /* [classes, words], ln P(w | c); of the padding 0 */
    const double *texts;          /* [classes], D_c */
    const double *counts;         /* [classes, words], N_cw */
    const double *totals;         /* [classes], N_c */
    bool binary, padding;         /* padding: number 0 is no word */
} seqnn_naive_bayes;

/* Counts texts with one class each, y.indices [count]; sample weights, where there are
 * any, multiply. Error: no classes, an index or a class out of its range, an amount or a
 * smoothing that is negative or not finite. data NULL: NULL, and the error stands. */
SEQNN_API seqnn_naive_bayes *seqnn_naive_bayes_fit(const seqnn_dataset *data,
                                                   seqnn_naive_bayes_options options);

/* scores [data->count, classes] receives ln P(c | d), from which exp makes probabilities
 * and seqnn_predicted_classes c_MAP. A text that no class can have written (without
 * smoothing) has -inf in all. Error: x[0] is not what the model was made from, or holds
 * words it does not know. model or data NULL: the error stands. */
SEQNN_API seqnn_status seqnn_naive_bayes_log_posterior(const seqnn_naive_bayes *model,
                                                       const seqnn_dataset *data,
                                                       seqnn_real *scores);

/* The vote of word w for class c: the log-likelihood ratio
 *
 *     ln P(w | c) - max_(other classes k) ln P(w | k)
 *
 * which is above 0 if w is likeliest in c. NaN with the error set if the model has no
 * such class or word, or one class only; 0 if no class can have written w. */
SEQNN_API double seqnn_naive_bayes_ratio(const seqnn_naive_bayes *model, seqnn_size c,
                                         seqnn_size w);

SEQNN_API void seqnn_naive_bayes_free(seqnn_naive_bayes *model);

#endif
