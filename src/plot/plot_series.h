/* plot/plot_series.h - the points of a line, for pictures and for the terminal */
#ifndef SEQNN_PLOT_SERIES_H
#define SEQNN_PLOT_SERIES_H

#include "config.h"

typedef enum seqnn_line {
    SEQNN_LINE_DEFAULT = 0, /* solid; dashed with the 8th to 14th colour of the palette,
                               then dotted */
    SEQNN_LINE_SOLID,
    SEQNN_LINE_DASHED,
    SEQNN_LINE_DOTTED,
    SEQNN_LINE_NONE /* markers only */
} seqnn_line;

typedef enum seqnn_marker {
    SEQNN_MARKER_DEFAULT = 0, /* none; a circle for points that no line touches */
    SEQNN_MARKER_NONE,
    SEQNN_MARKER_CIRCLE,
    SEQNN_MARKER_SQUARE,
    SEQNN_MARKER_TRIANGLE,
    SEQNN_MARKER_DIAMOND
} seqnn_marker;

/* One line of a chart. A point whose x or y is NaN or infinite, or not above 0 on a log
 * axis, is left out and the line is broken there. */
typedef struct seqnn_plot_series {
    const char *label;   /* in the legend; NULL: not there */
    const seqnn_real *y; /* [count] */
    const seqnn_real *x; /* [count], or NULL: x_first, x_first + 1, ... */
    seqnn_size count;
    seqnn_real x_first;
    seqnn_line line;
    seqnn_marker marker;
    uint32_t colour; /* 0xRRGGBB; 0: the next of the palette (black: 0x000001) */
    /* [count], or NULL. A pale band from y - deviation to y + deviation: the standard
     * deviation over seeds, say. It is broken where one is NaN or infinite. A terminal
     * leaves it out. */
    const seqnn_real *deviation;
    seqnn_real width; /* of the line in a picture, in units; 0: 1.9 */
} seqnn_plot_series;

#endif
