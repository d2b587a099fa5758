/* plot/histogram.h - how often values occur
 *
 *     seqnn_axes_histogram(axes, weights, count, (seqnn_histogram_options){
 *         .label = "W_h before training"});
 *     seqnn_axes_histogram(axes, trained, count, (seqnn_histogram_options){
 *         .label = "after"});
 *
 * Several on the same axes show through each other and share their bins, chosen from the
 * values of all.
 */
#ifndef SEQNN_HISTOGRAM_H
#define SEQNN_HISTOGRAM_H
#ifdef SEQNN_PLOT

#include "figure.h"

typedef struct seqnn_histogram_options {
    const char *label; /* in the legend */
    uint32_t colour;   /* 0xRRGGBB; 0: the next of the palette */
    bool density;      /* shares for each unit of x: the area is 1; otherwise counts. The
                          same for all of the axes. */

    /* Of the first histogram of the axes; the others follow it. */
    seqnn_size bins;      /* at most 10000; 0: as below */
    seqnn_real low, high; /* ends of the first and last bin; 0: the least and the largest
                             value, as below; SEQNN_ZERO: 0 */
} seqnn_histogram_options;

/* Counts the values in bins of one width (on a log axis: of one ratio). The last bin has
 * both its edges, the others the lower. Not counted are values outside the bins, NaN and
 * infinities, and on a log axis what is not above 0.
 *
 * The number of bins is that of numpy's 'auto': Freedman and Diaconis' width of
 * 2 (q_0.75 - q_0.25) / n^(1/3), where that gives at least Sturges' log2(n) + 1 and at
 * most 2 sqrt(n) bins; and at most 200.
 *
 * If all values are whole numbers, and neither end is given, the first bin begins 1/2
 * below the least. Its width is 1 where that makes at most 30 bins, otherwise a whole
 * number near the width above: all edges lie halfway between numbers. So many `bins` as
 * are given have one width from 1/2 below the least to 1/2 above the largest. */
SEQNN_API seqnn_status seqnn_axes_histogram(seqnn_axes *axes, const seqnn_real *values,
                                            seqnn_size count,
                                            seqnn_histogram_options options);

#endif
#endif
