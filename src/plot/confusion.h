/* plot/confusion.h - which classes are taken for which
 *
 *     seqnn_confusion_matrix(truth, predicted, count, 5, counts);
 *     seqnn_plot_confusion(counts, 5, names, "confusion.png",
 *                          (seqnn_confusion_options){.order = SEQNN_ORDER_RATE});
 */
#ifndef SEQNN_CONFUSION_H
#define SEQNN_CONFUSION_H
#ifdef SEQNN_PLOT

#include "heatmap.h"

/* Which share a count is of, and its cell's colour. */
typedef enum seqnn_confusion_shares {
    SEQNN_SHARES_DEFAULT = 0, /* of the true class */
    SEQNN_SHARES_TRUE,        /* of the row's sum: the diagonal is the recall */
    SEQNN_SHARES_PREDICTED,   /* of the column's sum: the diagonal is the precision */
    SEQNN_SHARES_NONE         /* none; colours go by the count, up to the largest */
} seqnn_confusion_shares;

typedef enum seqnn_confusion_order {
    SEQNN_ORDER_DEFAULT = 0, /* as given; of labels: by count */
    SEQNN_ORDER_GIVEN,       /* as the classes come */
    SEQNN_ORDER_RATE,        /* the largest share on the diagonal first, classes without
                                examples last */
    SEQNN_ORDER_COUNT        /* the largest count on the diagonal first */
} seqnn_confusion_order;

typedef struct seqnn_confusion_options {
    seqnn_confusion_shares shares;
    seqnn_confusion_order order;
    bool rates;           /* shares are written, not counts */
    seqnn_size most;      /* only so many classes: those most often taken for another or
                             another for them; 0: all */
    seqnn_colour_map map; /* blues */
    bool no_numbers;
    /* As of seqnn_heatmap_options. */
    const char *title, *x_label, *y_label;
    seqnn_size width, height, scale;
    const char *font;
} seqnn_confusion_options;

/* counts [classes, classes], true classes in rows, as seqnn_confusion_matrix fills it:
 * each cell its count, where all fit, and its share, which is also its colour: a colour
 * bar stands beside them where numbers might not fit. Shares are of the sum over all
 * classes, also where only some are drawn; those of a class without examples (of one that
 * was never predicted) are grey, and a dash. class_names may be NULL.
 *
 * Up to 5000 classes; where a pixel covers several cells it shows the largest share (see
 * `peaks` in heatmap.h).
 */
SEQNN_API seqnn_status seqnn_axes_confusion(seqnn_axes *axes, const int64_t *counts,
                                            seqnn_size classes,
                                            const char *const *class_names,
                                            seqnn_confusion_options options);

/* A figure of one confusion matrix. */
SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_confusion_options options);

/* Which labels stand in for which, where a text carries several: counts [labels, labels]
 * as seqnn_labeling_confusion fills it. In blue, on the diagonal, how often a label was
 * found; in red, off it, how often the label of the column was given wrongly to a text
 * from which the label of the row was withheld wrongly. The two are different things and
 * have scales of their own, each up to its largest count, which the legend tells. Of the
 * options, those about shares, rates and the map do not apply.
 *
 * WHAT TO SEE. The reddest cells are labels that are taken for each other: neighbouring
 * fields, or one that is part of another. A row of red is a label that is missed and
 * replaced by anything; a column of red is one that is given too often. Source: the
 * lecture on arXiv abstracts, "True positives, false positives". */
SEQNN_API seqnn_status seqnn_axes_labeling_confusion(seqnn_axes *axes,
                                                     const int64_t *counts,
                                                     seqnn_size labels,
                                                     const char *const *names,
                                                     seqnn_confusion_options options);
SEQNN_API seqnn_status seqnn_plot_labeling_confusion(const int64_t *counts,
                                                     seqnn_size labels,
                                                     const char *const *names,
                                                     const char *path,
                                                     seqnn_confusion_options options);

#endif
#endif
