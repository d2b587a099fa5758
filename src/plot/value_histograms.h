/* plot/value_histograms.h - the values of every layer, in one picture
 *
 *     seqnn_named_values layers[] = {{"$W_x$", w_x, 100 * 64},
 *                                    {"$W_h$", w_h, 64 * 64},
 *                                    {"$h_t$", states, 640 * 64}};
 *     seqnn_plot_histograms(layers, 3, "layers.png", (seqnn_histograms_options){0});
 *
 * WHAT TO SEE. Weights start uniform or normal around 0 and grow tails while they learn;
 * a layer whose picture never changes does not learn. Activations of tanh and sigmoid
 * piled up at the ends of their range are saturated: their slope there is almost 0, and
 * no gradient passes. Activations of ReLU that are all 0 are dead. Gradients whose layers
 * differ by powers of ten vanish or explode (Glorot, Bengio, Understanding the difficulty
 * of training deep feedforward neural networks, 2010, figures 2 and 6 to 8).
 *
 * For a picture of another kind see seqnn_axes_histogram (histogram.h): this function
 * does no more than call it for each place of a grid.
 */
#ifndef SEQNN_VALUE_HISTOGRAMS_H
#define SEQNN_VALUE_HISTOGRAMS_H
#ifdef SEQNN_PLOT

#include "config.h"
#include "error.h"

typedef struct seqnn_named_values {
    const char *name; /* may hold mathematics: "$W_h$" */
    const seqnn_real *values;
    seqnn_size count;
} seqnn_named_values;

typedef struct seqnn_histograms_options {
    const char *title;
    seqnn_size columns;       /* of the grid; 0: so that places are a little wide */
    bool same_range;          /* all over one range of values, to compare them */
    seqnn_size bins;          /* 0: see histogram.h */
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_histograms_options;

/* One histogram for each, row by row, with mean and standard deviation below it where
 * there is room. NaN and infinities are not counted. */
SEQNN_API seqnn_status seqnn_plot_histograms(const seqnn_named_values *arrays,
                                             seqnn_size count, const char *path,
                                             seqnn_histograms_options options);

#endif
#endif
