/* plot/figure.h - pictures: a grid of axes, and what is drawn into them
 *
 * Compiled in with SEQNN_PLOT, which needs stb_image_write.h, and uses stb_truetype.h if
 * it is there (both: Debian's package libstb-dev, or the two files beside the program). A
 * file that uses those headers itself includes them before this one.
 *
 *     seqnn_figure *figure = seqnn_figure_new((seqnn_figure_options){.columns = 2});
 *     seqnn_axes *left = seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){
 *         .title = "Gradient flow", .x_label = "time step $t$", .log_y = true});
 *     seqnn_plot_series lstm = {.label = "LSTM", .y = norms, .count = 50};
 *     seqnn_axes_line(left, lstm);
 *     seqnn_axes_horizontal(left, 1e-3f, (seqnn_reference_options){.label = "lost"});
 *     if (seqnn_figure_save(figure, "flow.png")) puts(seqnn_error());
 *     seqnn_figure_free(figure);
 *
 * Numbers and texts are copied: they need not outlive the call. Errors stick: after a
 * call that failed the figure does nothing more, and seqnn_figure_save gives the first
 * error, so that it is enough to look there. It also stands a NULL figure, and everything
 * else NULL axes: that is what comes of an error before.
 *
 * Sizes are in units: pixels at scale 1. The same numbers give the same bytes.
 *
 * TEXT is UTF-8, in the font file that the options name, in the one of the environment
 * variable SEQNN_FONT, in DejaVu Sans where it is installed, or in a built-in font
 * (always with SEQNN_FONT=strokes). Titles and labels, but not what comes from data
 * (names of classes, words), may hold mathematics between dollar signs: "$h_t$",
 * "$W^{xh}$", "$\\partial L/\\partial h_t$"; "\\$" is a dollar. A text too long for its
 * place ends in an ellipsis.
 */
#ifndef SEQNN_FIGURE_H
#define SEQNN_FIGURE_H
#ifdef SEQNN_PLOT

#include "error.h"
#include "plot_series.h"

typedef struct seqnn_figure seqnn_figure;
typedef struct seqnn_axes seqnn_axes;

typedef struct seqnn_figure_options {
    const char *title;
    seqnn_size rows, columns;        /* of the grid: 1 x 1 */
    const seqnn_real *row_heights;   /* [rows], relative; NULL: all alike */
    const seqnn_real *column_widths; /* [columns] */
    seqnn_size width, height;        /* 800 x 600 */
    seqnn_size scale;                /* pixels for each unit: 1; 2 for print; at most 8 */
    const char *font;                /* path of a font file */
} seqnn_figure_options;

SEQNN_API seqnn_figure *seqnn_figure_new(seqnn_figure_options options);
SEQNN_API void seqnn_figure_free(seqnn_figure *figure);

/* Writes the PNG file: beside its place first, moved there when it is whole, so that a
 * viewer never sees half a picture. The figure can be added to and saved again. */
SEQNN_API seqnn_status seqnn_figure_save(seqnn_figure *figure, const char *path);

typedef struct seqnn_axes_options {
    const char *title, *x_label, *y_label;
    bool log_x, log_y;
    bool equal_aspect; /* a unit of x is as long as one of y: circles are round */
    /* Limits; 0: a little beyond the data; SEQNN_ZERO: at 0. */
    seqnn_real x_min, x_max, y_min, y_max;
    bool no_grid, no_legend;
    bool no_x_numbers; /* the axes below have the same ones: no x_label either */
    seqnn_size row_span, column_span; /* places of the grid it takes: 1 x 1 */
    /* [x_name_count]: what stands below x = 0, 1, 2, ... in place of numbers: the words
     * of a sentence. Bars and tables have names of their own. */
    const char *const *x_names;
    seqnn_size x_name_count;
    bool bare; /* neither frame, grid, numbers nor labels: diagram.h */
} seqnn_axes_options;

/* Axes at a place of the grid, row 0 on top; a place can be taken once. Each holds as
 * many marks as are added; what has a label is in the legend. */
SEQNN_API seqnn_axes *seqnn_figure_axes(seqnn_figure *figure, seqnn_size row,
                                        seqnn_size column, seqnn_axes_options options);

SEQNN_API seqnn_status seqnn_axes_line(seqnn_axes *axes, seqnn_plot_series series);

typedef struct seqnn_reference_options {
    const char *label; /* beside the line */
    seqnn_line line;   /* dashed */
    uint32_t colour;   /* 0xRRGGBB; 0: grey */
} seqnn_reference_options;

/* Reference lines across the axes, which widen the axes' limits to show them; outside
 * limits that are given they are not drawn. */
SEQNN_API seqnn_status seqnn_axes_vertical(seqnn_axes *axes, seqnn_real x,
                                           seqnn_reference_options options);
SEQNN_API seqnn_status seqnn_axes_horizontal(seqnn_axes *axes, seqnn_real y,
                                             seqnn_reference_options options);
/* x^2 + y^2 = 1, within which the eigenvalues of a matrix must lie for its powers to
 * vanish. Not on log axes. */
SEQNN_API seqnn_status seqnn_axes_unit_circle(seqnn_axes *axes,
                                              seqnn_reference_options options);

typedef struct seqnn_annotation_options {
    seqnn_real right, up; /* units from the point to the text; both 0: 36 and 36, or
                             where there is room */
    bool no_arrow;        /* the text's middle is at the point, moved by right and up */
    uint32_t colour;
} seqnn_annotation_options;

/* A remark with an arrow that points at (x, y). It is moved off other texts and left out
 * where they leave it no room, or if (x, y) lies outside limits that are given. */
SEQNN_API seqnn_status seqnn_axes_annotate(seqnn_axes *axes, seqnn_real x, seqnn_real y,
                                           const char *text,
                                           seqnn_annotation_options options);

#endif
#endif
