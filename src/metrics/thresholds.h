/* metrics/thresholds.h - several labels for each text, and where to cut their
 * probabilities
 *
 * A text gets label l where its probability is at least the threshold: Y_l = 1. With the
 * truth T_l (0 or 1), over all texts and labels together,
 *
 *     precision = sum Y T / sum Y       of the labels that were given, those that are
 * true recall    = sum Y T / sum T       of the labels that are true, those that were
 * given F1        = 2 sum Y T / (sum Y + sum T)
 *
 * A low threshold finds every label and many that are wrong, a high one finds few: as it
 * grows recall can only fall, while precision mostly rises. 0/0 is 0, as in metrics.h,
 * but for precision, which is NaN where no label is given.
 *
 * With one label this is the threshold of an ordinary classifier of two classes.
 */
#ifndef SEQNN_THRESHOLDS_H
#define SEQNN_THRESHOLDS_H

#include "dataset.h"
#include "error.h"

/* Scores at `count` thresholds that lie evenly from 0 to 1 (the lecture's
 * linspace(0, 1, 10)), into sweep[0..count), count >= 2. probabilities and truth are
 * [texts, labels]; probabilities in [0, 1]. labeling_f_score is that of
 * seqnn_labeling_f_score; NaN with a single label, which cannot be partly right. */
SEQNN_API seqnn_status seqnn_threshold_sweep(const seqnn_real *probabilities,
                                             const seqnn_real *truth, seqnn_size texts,
                                             seqnn_size labels,
                                             seqnn_threshold_score *sweep,
                                             seqnn_size count);

/* The entry of a sweep that scores best: by the labeling F-score, if there is one, else
 * by F1; of equals the one closest to 0.5. -1 if count is 0. */
SEQNN_API seqnn_size seqnn_best_threshold(const seqnn_threshold_score *sweep,
                                          seqnn_size count);

/* For each label l, of the texts that carry it the share that was given it,
 *
 *     rates[l] = sum_i Y_il T_il / sum_i T_il
 *
 * (recall by another name), at a threshold; 0: 0.5, SEQNN_ZERO: 0. */
SEQNN_API seqnn_status seqnn_true_positive_rates(const seqnn_real *probabilities,
                                                 const seqnn_real *truth,
                                                 seqnn_size texts, seqnn_size labels,
                                                 seqnn_real threshold, double *rates);

#endif
