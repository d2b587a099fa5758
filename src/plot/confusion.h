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
    SEQNN_ORDER_DEFAULT = 0, /* as the classes come */
    SEQNN_ORDER_RATE,        /* the largest share on the diagonal first */
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
} seqnn_confusion_options;

/* counts [classes, classes], true classes in rows, as seqnn_confusion_matrix fills it:
 * each cell its count, where all fit, and its share, which is also its colour. Shares are
 * of the sum over all classes, also where only some are drawn. class_names may be NULL.
 *
 * Up to 5000 classes; where a pixel covers several cells it shows the largest share (see
 * `peaks` in heatmap.h).
 *
 * What seqnn_labeling_confusion counts, true positives on the diagonal, false positives
 * of one label given that another was missed off it, is drawn with SEQNN_SHARES_NONE: its
 * rows sum to nothing that has a name. */
SEQNN_API seqnn_status seqnn_axes_confusion(seqnn_axes *axes, const int64_t *counts,
                                            seqnn_size classes,
                                            const char *const *class_names,
                                            seqnn_confusion_options options);

/* A figure of one confusion matrix. */
SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_confusion_options options);

#endif
#endif
