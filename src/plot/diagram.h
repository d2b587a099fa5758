/* plot/diagram.h - boxes and arrows: networks as they are drawn on a board
 *
 *     seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){
 *         .bare = true, .equal_aspect = true});
 *     for (int t = 1; t <= 3; t++) {
 *         seqnn_axes_box(axes, t, 0, "$x_t$", (seqnn_box_options){0});
 *         seqnn_axes_box(axes, t, 1, "$h_t$", (seqnn_box_options){.colour = 0x0072B2});
 *         seqnn_axes_arrow(axes, t, 0, t, 1, (seqnn_arrow_options){0});
 *         if (t > 1)
 *             seqnn_axes_arrow(axes, t - 1, 1, t, 1, (seqnn_arrow_options){0});
 *     }
 *
 * Positions and sizes are numbers on the axes, as those of lines: boxes may also mark a
 * region of a chart. Not on log axes.
 */
#ifndef SEQNN_DIAGRAM_H
#define SEQNN_DIAGRAM_H
#ifdef SEQNN_PLOT

#include "figure.h"

typedef struct seqnn_box_options {
    seqnn_real width, height; /* 0: 0.6 */
    uint32_t colour;          /* 0xRRGGBB, of its frame, and pale inside it; 0: grey */
    bool no_frame;            /* the text alone */
} seqnn_box_options;

/* A box with its middle at (x, y) and a text in it (NULL: none), in letters that fit. */
SEQNN_API seqnn_status seqnn_axes_box(seqnn_axes *axes, seqnn_real x, seqnn_real y,
                                      const char *text, seqnn_box_options options);

typedef struct seqnn_arrow_options {
    seqnn_line line;  /* solid */
    uint32_t colour;  /* 0xRRGGBB; 0: grey */
    bool no_head;     /* a mere line */
    seqnn_real width; /* of the line, in units: 1.4 */
} seqnn_arrow_options;

/* An arrow from one point to another. An end that lies in a box (of the same axes, added
 * before or after) is drawn only to the box's edge, so that arrows are told to go from
 * the middle of one box to that of another. */
SEQNN_API seqnn_status seqnn_axes_arrow(seqnn_axes *axes, seqnn_real x_from,
                                        seqnn_real y_from, seqnn_real x_to,
                                        seqnn_real y_to, seqnn_arrow_options options);

#endif
#endif
