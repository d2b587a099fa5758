/* plot/layout.h - where everything of a figure stands (private) */
#ifndef SQ_LAYOUT_H
#define SQ_LAYOUT_H
#ifdef SEQNN_PLOT

#include "marks.h"

enum { SQ_FIGURE_GRID = 64 }; /* the most rows and columns */

typedef struct sq_kept sq_kept;

struct seqnn_figure {
    const char *who;              /* in the sentences of errors */
    seqnn_figure_options options; /* texts are copies */
    seqnn_axes *axes, *last;
    sq_kept *kept; /* what is freed with the figure */
    seqnn_status status;
    char sentence[512]; /* of the first error */
};

/* Fits all axes to their marks and places their frames in the picture. An error if there
 * is no room for them. */
SQ_LOCAL seqnn_status sq_layout(seqnn_figure *figure, const sq_picture *picture);

/* Does anything that the axes hold lie in the rectangle (left, top, right, bottom)? */
SQ_LOCAL bool sq_axes_covered(const seqnn_axes *axes, const double box[4]);

/* Grid and frame, and the texts around it: numbers or names, labels, heading, colour bar
 * (frame.c). */
SQ_LOCAL void sq_frame_draw_grid(const seqnn_axes *axes, sq_picture *picture);
SQ_LOCAL void sq_frame_draw(const seqnn_axes *axes, sq_picture *picture);
/* What the texts of the axes need beside a frame of this width and height: everything of
 * places but the legend's. */
SQ_LOCAL void sq_frame_measure(seqnn_axes *axes, const sq_picture *picture, double width,
                               double height);
/* Width of the widest name; of every stride-th. */
SQ_LOCAL double sq_frame_widest(const sq_picture *picture, sq_axis_names names,
                                seqnn_size stride);

/* Chooses a box in a free corner or rows above the frame, of usual or smaller text, so
 * that as much of the legend as possible is seen (legend.c). */
SQ_LOCAL void sq_legend_choose(seqnn_axes *axes, const sq_picture *picture);
/* What its rows take above the frame; 0 for a box or if there is nothing to tell. */
SQ_LOCAL double sq_legend_height(const seqnn_axes *axes, const sq_picture *picture);
/* Is there still a corner for the box that no mark comes into? */
SQ_LOCAL bool sq_legend_fits(const seqnn_axes *axes, const sq_picture *picture);
SQ_LOCAL void sq_legend_draw(const seqnn_axes *axes, sq_picture *picture);

#endif
#endif
