/* plot/curve_line.h - a curve and how its line is drawn (private) */
#ifndef SQ_CURVE_LINE_H
#define SQ_CURVE_LINE_H
#ifdef SEQNN_PLOT

#include "marks.h"

/* From so many points on time is saved. */
enum { SQ_CURVE_MANY = 50000 };

typedef struct sq_curve {
    sq_mark mark;
    seqnn_plot_series series; /* complete, its arrays the figure's */
    sq_range range;           /* of a million points, found once */
} sq_curve;

/* Point i in units. False if it has no place. */
SQ_LOCAL bool sq_curve_at(const sq_curve *curve, const seqnn_axes *axes, seqnn_size i,
                          double *x, double *y);

SQ_LOCAL void sq_curve_draw_line(const sq_curve *curve, const seqnn_axes *axes,
                                 sq_picture *picture);

#endif
#endif
