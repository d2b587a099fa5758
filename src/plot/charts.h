/* plot/charts.h - PNG pictures: lines, training history
 *
 * Compiled in with SEQNN_PLOT, which needs stb_image_write.h, and uses stb_truetype.h if
 * it is there (both: Debian's package libstb-dev, or the two files beside the program). A
 * file that uses those headers itself includes them before this one.
 *
 * Every function writes one file: beside its place first, moved there when it is whole.
 * Arguments come as what, where, how: the numbers, the path, the options. The same
 * numbers give the same bytes. Text is UTF-8, in DejaVu Sans where it is installed, in
 * the font file that the environment variable SEQNN_FONT names, or in a built-in one
 * (always with SEQNN_FONT=strokes). A text too long for its place ends in an ellipsis.
 * Sizes are in units: pixels at scale 1.
 */
#ifndef SEQNN_CHARTS_H
#define SEQNN_CHARTS_H
#ifdef SEQNN_PLOT

#include "config.h"
#include "dataset.h"
#include "error.h"
#include "plot_series.h"

typedef struct seqnn_plot_options {
    const char *title, *x_label, *y_label;
    bool log_x, log_y;
    bool equal_aspect; /* a unit of x is as long as one of y */
    /* Limits of the axes; 0: from the data; SEQNN_ZERO: at 0. */
    seqnn_real x_min, x_max, y_min, y_max;
    /* Dashed reference lines; 0: none; SEQNN_ZERO: at 0. */
    seqnn_real x_line, y_line;
    const char *x_line_label, *y_line_label;
    bool no_legend;
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* pixels for each unit: 1; 2 for print; at most 8 */
    const char *font;         /* path of a font file */
} seqnn_plot_options;

/* A line chart of count series. Axes have round ticks. */
SEQNN_API seqnn_status seqnn_plot_lines(const seqnn_plot_series *series, seqnn_size count,
                                        const char *path, seqnn_plot_options options);

/* ||dL/dh_t|| against the time step t on a log axis: seqnn_plot_lines with other
 * defaults. A series without x and x_first counts steps from 1. A gradient that is
 * exactly 0 has no place on the axis: its line ends there. */
SEQNN_API seqnn_status seqnn_plot_gradient_flow(const seqnn_plot_series *series,
                                                seqnn_size count, const char *path,
                                                seqnn_plot_options options);

/* Accuracy above, loss below, of training and validation, by epoch; the best epoch is
 * marked. What was not measured (all NaN) is not drawn; at least one epoch of loss. */
SEQNN_API seqnn_status seqnn_plot_history(const seqnn_history *history, const char *path);

typedef struct seqnn_history_options {
    const char *title;        /* "Training history" */
    const char *score;        /* what the history's accuracy is: "accuracy"; "F-score" */
    bool log_loss;            /* log axis for the loss */
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_history_options;

/* The same picture, for print or of another score:
 *
 *     seqnn_plot_training(&history, "training.png",
 *                         (seqnn_history_options){.score = "F-score", .scale = 2});
 */
SEQNN_API seqnn_status seqnn_plot_training(const seqnn_history *history, const char *path,
                                           seqnn_history_options options);

#endif
#endif
