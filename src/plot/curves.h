/* plot/curves.h - lines and markers inside axes, and their legend (private) */
#ifndef SQ_CURVES_H
#define SQ_CURVES_H
#ifdef SEQNN_PLOT

#include "figure.h"

/* Series whose defaults (colour, line) have been filled in. */
SQ_LOCAL seqnn_plot_series sq_curve_complete(const seqnn_plot_series *series,
                                             seqnn_size i);

/* Point i. False if it has no place: NaN, infinite, or not above 0 where log is set. */
SQ_LOCAL bool sq_curve_point(const seqnn_plot_series *series, seqnn_size i, bool log_y,
                             double *x, double *y);

/* Draws one complete series, cut at the axes. */
SQ_LOCAL void sq_curve_draw(sq_figure *figure, const sq_axes *axes,
                            const seqnn_plot_series *series);

/* A dashed reference line across the axes, from (x0, y0) to (x1, y1) in units. */
SQ_LOCAL void sq_curve_reference(sq_figure *figure, double x0, double y0, double x1,
                                 double y1);

/* The legend as a row above `bottom`, or in columns of up to `most` rows; drawn if draw
 * is set. The height it takes. What does not fit is counted in the last place. */
SQ_LOCAL double sq_legend_rows(sq_figure *figure, const seqnn_plot_series *series,
                               seqnn_size count, double left, double right, double bottom,
                               seqnn_size most, bool draw);
/* How many rows leave the larger part of axes of this height to the lines: at most 4. */
SQ_LOCAL seqnn_size sq_legend_most(double height);

/* A framed box in the corner of the axes that no line crosses. False if there is none,
 * or if there are too many labels or too long ones. */
SQ_LOCAL bool sq_legend_box(sq_figure *figure, const sq_axes *axes,
                            const seqnn_plot_series *series, seqnn_size count, bool draw);

#endif
#endif
