/* plot/figure.h - a canvas with text and axes (private)
 *
 * All positions are in units, y down. An axis maps values to a stretch of the picture; a
 * log axis keeps its limits and ticks as log10.
 */
#ifndef SQ_FIGURE_H
#define SQ_FIGURE_H
#ifdef SEQNN_PLOT

#include "axis.h"
#include "canvas.h"
#include "colours.h"
#include "font.h"

/* Sizes of text and the space around it. */
#define SQ_TITLE_SIZE 16.0
#define SQ_LABEL_SIZE 13.0
#define SQ_TICK_SIZE 11.5
#define SQ_MARGIN 16.0

typedef struct sq_figure {
    sq_canvas canvas;
    sq_font *font;
    double width, height;
} sq_figure;

/* Zero width, height or scale mean 800, 600 and 1. */
SQ_LOCAL seqnn_status sq_figure_open(sq_figure *figure, const char *who, seqnn_size width,
                                     seqnn_size height, seqnn_size scale);
SQ_LOCAL void sq_figure_close(sq_figure *figure);

/* Text as sq_font_draw places it, shortened to `width` unless that is 0. */
SQ_LOCAL void sq_figure_text(sq_figure *figure, double x, double y, double size,
                             double anchor, double width, sq_colour colour,
                             const char *text);
SQ_LOCAL void sq_figure_text_up(sq_figure *figure, double x, double y, double size,
                                double anchor, double width, sq_colour colour,
                                const char *text);
/* The title above what spans from left to right. */
SQ_LOCAL void sq_figure_title(sq_figure *figure, double left, double right,
                              const char *title);
/* Space that the title takes at the top. */
SQ_LOCAL double sq_figure_title_height(const char *title);

typedef struct sq_axes {
    double left, top, right, bottom;
    sq_axis x, y;
} sq_axes;

/* Space that ticks and label take left of and below the axes: whole units, so that the
 * frame's lines meet on the same pixel. */
SQ_LOCAL double sq_axes_left_space(const sq_figure *figure, const sq_axis *y);
SQ_LOCAL double sq_axes_bottom_space(const sq_axis *x);
/* Space that a common power of ten takes above them. */
SQ_LOCAL double sq_axes_top_space(const sq_axis *y);

/* What is common to all texts of an axis: x 10^power; nothing if that is 0. */
SQ_LOCAL void sq_axes_power(sq_figure *figure, double x, double y, double anchor,
                            int power);

/* Grid, frame, ticks and labels; x_texts false leaves those below out. */
SQ_LOCAL void sq_axes_draw(sq_figure *figure, const sq_axes *axes, bool x_texts);
SQ_LOCAL double sq_axes_x(const sq_axes *axes, double value);
SQ_LOCAL double sq_axes_y(const sq_axes *axes, double value);

#endif
#endif
