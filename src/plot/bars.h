/* plot/bars.h - one number for each name
 *
 *     seqnn_axes_bars(axes, names, recalls, 20, (seqnn_bars_options){.sorted = true});
 *
 * Called again for the same axes, it sets a second series beside the first:
 *
 *     seqnn_axes_bars(axes, cells, train, 3, (seqnn_bars_options){.label = "train"});
 *     seqnn_axes_bars(axes, cells, test, 3, (seqnn_bars_options){
 *         .label = "test", .deviation = over_seeds});
 */
#ifndef SEQNN_BARS_H
#define SEQNN_BARS_H
#ifdef SEQNN_PLOT

#include "figure.h"

typedef enum seqnn_bars_direction {
    SEQNN_BARS_DEFAULT = 0, /* horizontal if the names have more than 80 letters in all,
                               or do not fit side by side in the picture */
    SEQNN_BARS_VERTICAL,
    SEQNN_BARS_HORIZONTAL /* the first name on top */
} seqnn_bars_direction;

typedef struct seqnn_bars_options {
    const char *label; /* in the legend */
    uint32_t colour;   /* 0xRRGGBB; 0: the next of the palette */

    /* [count], or NULL: lines from value - deviation to value + deviation, where that is
     * above 0. */
    const seqnn_real *deviation;

    /* The numbers at the bars' ends, where there is room for them and no other mark:
     * the values, also where the axis' numbers are multiples of a power of ten. */
    bool no_numbers;
    seqnn_size decimals; /* 0: enough for three digits of the largest, at most 12; -1:
                            none, whole numbers */

    /* Of the first series; the others follow it. */
    seqnn_bars_direction direction;
    bool sorted;     /* the largest value first; otherwise in the order given */
    seqnn_size most; /* only so many names, those of the largest values; 0: all */
} seqnn_bars_options;

/* values[i] of names[i] as bars from 0. A value that is NaN or infinite has none. On a
 * log axis bars begin at its lower end: their lengths compare no more.
 *
 * names NULL: 0, 1, 2, ..., all of them in this order; for a second series: the names of
 * the first. A second series may name them in another order and leave some out; a name
 * that the first has not is an error. */
SEQNN_API seqnn_status seqnn_axes_bars(seqnn_axes *axes, const char *const *names,
                                       const seqnn_real *values, seqnn_size count,
                                       seqnn_bars_options options);

#endif
#endif
