/* metrics/metrics.h - how good a prediction is
 *
 * Plain functions over arrays; no metric knows a model. Scores are row-major
 * [count, classes], the higher the likelier (logits, log-probabilities and probabilities
 * all serve); classes are int32 in [0, classes). Results are double whatever seqnn_real
 * is. A function that fails leaves its result as it was and says which entry is wrong.
 *
 * 0/0: a class that is never predicted has precision 0, a class that never occurs has
 * recall 0, a class with neither has F1 0 (scikit-learn's zero_division=0). A mean over
 * no position is 0.
 */
#ifndef SEQNN_METRICS_H
#define SEQNN_METRICS_H

#include "config.h"
#include "error.h"

/* predicted[i] = argmax_c scores[i, c]; the first of equal scores. A NaN score is an
 * error; infinities are compared as numbers. */
SEQNN_API seqnn_status seqnn_predicted_classes(const seqnn_real *scores, seqnn_size count,
                                               seqnn_size classes, int32_t *predicted);

/* Accuracy: the share of positions whose highest score is the true class,
 *
 *     accuracy = sum_i w_i [argmax_c scores[i, c] = truth[i]] / sum_i w_i
 *
 * weight [count] is a mask (0 or 1) or any weights >= 0; NULL counts every position once.
 * Positions of weight 0 are not looked at: padding may hold anything, NaN too. If the
 * weights sum to 0 the accuracy is 0. */
SEQNN_API seqnn_status seqnn_accuracy(const seqnn_real *scores, const int32_t *truth,
                                      const seqnn_real *weight, seqnn_size count,
                                      seqnn_size classes, double *accuracy);

/* Top-k accuracy: the true class is among the k highest scores. Of equal scores the lower
 * class ranks first, so that k = 1 is seqnn_accuracy. k in [1, classes]. */
SEQNN_API seqnn_status seqnn_top_k_accuracy(const seqnn_real *scores,
                                            const int32_t *truth,
                                            const seqnn_real *weight, seqnn_size count,
                                            seqnn_size classes, seqnn_size k,
                                            double *accuracy);

/* confusion [classes, classes] is overwritten: entry [t, p] counts the positions of true
 * class t (row) that were predicted as p (column). */
SEQNN_API seqnn_status seqnn_confusion_matrix(const int32_t *truth,
                                              const int32_t *predicted, seqnn_size count,
                                              seqnn_size classes, int64_t *confusion);

/* Of one class c, with TP = confusion[c, c]:
 *
 *     precision = TP / (column sum)        recall = TP / (row sum)
 *     F1 = 2 TP / (row sum + column sum)   support = row sum
 */
typedef struct seqnn_class_score {
    double precision, recall, f1;
    int64_t support;
} seqnn_class_score;

/* scores [classes], from a confusion matrix. */
SEQNN_API seqnn_status seqnn_class_scores(const int64_t *confusion, seqnn_size classes,
                                          seqnn_class_score *scores);

typedef enum seqnn_average {
    SEQNN_AVERAGE_DEFAULT = 0, /* macro */
    SEQNN_AVERAGE_MACRO,       /* the plain mean over all classes, absent ones too */
    SEQNN_AVERAGE_WEIGHTED,    /* the mean weighted by support */
    SEQNN_AVERAGE_MICRO        /* from the counts of all classes together: with one label
                                  for each text, all three are the accuracy */
} seqnn_average;

/* Precision, recall and F1 averaged over the classes; support is the total. Macro F1 is
 * the mean of the F1 values, not the F1 of the means. */
SEQNN_API seqnn_status seqnn_average_score(const int64_t *confusion, seqnn_size classes,
                                           seqnn_average average,
                                           seqnn_class_score *score);

/* A table of seqnn_class_scores and the averages, as scikit-learn's classification_report
 * prints it, two decimals, into text[0..size). class_names [classes] may be NULL. A
 * buffer that is too short is an error that says how many bytes the table takes. */
SEQNN_API seqnn_status seqnn_classification_report(const int64_t *confusion,
                                                   seqnn_size classes,
                                                   const char *const *class_names,
                                                   char *text, seqnn_size size);

/* Labeling F-score of texts that carry several labels each: the mean over texts of
 *
 *     2 sum_l Y_l T_l / sum_l (Y_l + T_l)
 *
 * T = truth [count, labels], each 0 or 1; Y_l = 1 where probabilities [count, labels] is
 * at least threshold (0: 0.5; SEQNN_ZERO: 0). A text with neither true nor predicted
 * labels is predicted rightly and counts 1 (scikit-learn: f1_score, average 'samples',
 * zero_division=1). */
SEQNN_API seqnn_status seqnn_labeling_f_score(const seqnn_real *probabilities,
                                              const seqnn_real *truth, seqnn_size count,
                                              seqnn_size labels, seqnn_real threshold,
                                              double *score);

/* Which labels stand in for which, where a text carries several: confusion
 * [labels, labels] is overwritten with
 *
 *     confusion[i, i] = sum_n T_ni Y_ni                        the true positives of i
 *     confusion[i, j] = sum_n T_ni (1 - Y_ni) (1 - T_nj) Y_nj  how often j was given
 *                       wrongly to a text from which i was withheld wrongly
 *
 * (T, Y and threshold as above). Unlike the entries of a confusion matrix of one class
 * for each text, those of a row do not sum to the texts of label i: one missed label
 * meets any number of wrong ones, or none. */
SEQNN_API seqnn_status seqnn_labeling_confusion(const seqnn_real *probabilities,
                                                const seqnn_real *truth, seqnn_size count,
                                                seqnn_size labels, seqnn_real threshold,
                                                int64_t *confusion);

/* Perplexity of a mean cross-entropy in nats: exp(loss). A model that guesses among V
 * words at random has perplexity V. */
SEQNN_API double seqnn_perplexity(double mean_cross_entropy);

/* The same from the probabilities the model gave to the true classes:
 *
 *     perplexity = exp(-sum_i w_i ln p_i / sum_i w_i)
 *
 * p in [0, 1]; one counted p = 0 makes it infinite. weight as in seqnn_accuracy; with no
 * counted position the loss is 0 and the perplexity 1. */
SEQNN_API seqnn_status seqnn_perplexity_of(const seqnn_real *probabilities,
                                           const seqnn_real *weight, seqnn_size count,
                                           double *perplexity);

#endif
