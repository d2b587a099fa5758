/* plot/label_charts.h - several labels for each text: the threshold, and label by label
 *
 *     seqnn_threshold_score sweep[51];
 *     seqnn_threshold_sweep(probabilities, truth, texts, labels, sweep, 51);
 *     seqnn_plot_threshold_sweep(sweep, 51, "threshold.png",
 *                                (seqnn_label_chart_options){.threshold = 0.5f});
 *
 * The scores are defined in thresholds.h. Source: the lecture on arXiv abstracts, "Effect
 * of labeling threshold" and "True positive rates".
 */
#ifndef SEQNN_LABEL_CHARTS_H
#define SEQNN_LABEL_CHARTS_H
#ifdef SEQNN_PLOT

#include "dataset.h"
#include "error.h"

typedef struct seqnn_label_chart_options {
    const char *title;    /* "Effect of the labeling threshold", "True positive rates" */
    seqnn_real threshold; /* the one in use, a dashed line in the sweep; 0: none */
    seqnn_size width, height; /* 800 x 600; of the rates as high as the labels need */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_label_chart_options;

/* Precision, recall and the F-score against the threshold, as seqnn_threshold_sweep gives
 * them: the labeling F-score, or F1 where that was not measured (NaN).
 *
 * WHAT TO SEE. Recall falls from the left to the right, precision mostly rises; where
 * they meet as many labels are given as there are. The F-score has its best (marked)
 * between: a flat top means that the threshold hardly matters; a best far from 0.5 that
 * the model's probabilities are all too low or too high, or that labels are rare. The
 * threshold is chosen on validation data, not on the test's. */
SEQNN_API seqnn_status seqnn_plot_threshold_sweep(const seqnn_threshold_score *sweep,
                                                  seqnn_size count, const char *path,
                                                  seqnn_label_chart_options options);

/* rates[l] of each label, the share of its texts that were given it
 * (seqnn_true_positive_rates, or recalls of seqnn_class_scores) as bars, the best on top;
 * the title tells their mean. The labels at the bottom are those that the model misses:
 * often the rare ones. names may be NULL. */
SEQNN_API seqnn_status seqnn_plot_true_positive_rates(const double *rates,
                                                      const char *const *names,
                                                      seqnn_size labels, const char *path,
                                                      seqnn_label_chart_options options);

#endif
#endif
