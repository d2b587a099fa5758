/* plot/heatmap.h - tables of numbers as coloured cells
 *
 *     seqnn_plot_heatmap(W, 50, 50, "weights.png", (seqnn_heatmap_options){
 *         .title = "$W_h$", .map = SEQNN_MAP_DIVERGING});
 *
 * The colours run through the map in steps that look equal (in OKLab), for colour-blind
 * readers too, and from dark to light or light to dark, so that they survive a
 * photocopier.
 */
#ifndef SEQNN_HEATMAP_H
#define SEQNN_HEATMAP_H
#ifdef SEQNN_PLOT

#include "figure.h"

typedef enum seqnn_colour_map {
    SEQNN_MAP_DEFAULT = 0, /* viridis-like: violet, blue, green, yellow */
    SEQNN_MAP_VIRIDIS,
    SEQNN_MAP_BLUES,     /* white to blue */
    SEQNN_MAP_DIVERGING, /* blue, white, red; white is 0 unless low or high is given */
    SEQNN_MAP_GREYS      /* white to black */
} seqnn_colour_map;

typedef struct seqnn_heatmap_options {
    const char *const *row_names;    /* [rows], NULL: 0, 1, 2, ... */
    const char *const *column_names; /* [columns] */
    seqnn_colour_map map;
    seqnn_real low, high; /* values of the map's ends; 0: from the data; SEQNN_ZERO: 0 */
    bool log;             /* equal ratios, not differences, are equal steps of colour */
    bool peaks;           /* see below */
    bool square;          /* cells as high as wide */
    seqnn_size decimals;  /* of the numbers, at most 12; 0: enough for three digits; -1:
                             none, whole numbers */
    bool no_numbers, no_colour_bar;
    const char *bar_label; /* what the colours mean */
    /* Of seqnn_plot_heatmap only; elsewhere they are the axes' and the figure's. */
    const char *title, *x_label, *y_label;
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* 1 */
    const char *font;         /* path of a font file */
} seqnn_heatmap_options;

/* values [rows, columns], row 0 on top, each number written into its cell if all fit.
 * NaN is grey; what lies beyond the map's ends, infinities too, has the end's colour. On
 * a log scale 0 lies below every end, and what is negative has no place: it is grey.
 *
 * A table may have up to 5000 rows and columns, more than the picture has pixels. A pixel
 * then has the colour of the mean of the cells it covers (of their logarithms on a log
 * scale; NaN does not count, but shades it grey), which keeps what is true of regions and
 * draws no patterns that are not there. With `peaks` it has the colour of the strongest
 * of them, furthest from the map's low end (from the middle of a diverging map): single
 * cells of a sparse table stay visible. */
SEQNN_API seqnn_status seqnn_axes_heatmap(seqnn_axes *axes, const seqnn_real *values,
                                          seqnn_size rows, seqnn_size columns,
                                          seqnn_heatmap_options options);

/* A figure of one heat map. */
SEQNN_API seqnn_status seqnn_plot_heatmap(const seqnn_real *values, seqnn_size rows,
                                          seqnn_size columns, const char *path,
                                          seqnn_heatmap_options options);

#endif
#endif
