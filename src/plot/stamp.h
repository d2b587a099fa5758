/* plot/stamp.h - a small shape drawn at many places: a marker (private)
 *
 * Its coverage is worked out once, at 4 x 4 positions inside a pixel; after that a marker
 * costs little more than its pixels.
 */
#ifndef SQ_STAMP_H
#define SQ_STAMP_H
#ifdef SEQNN_PLOT

#include "canvas.h"

typedef struct sq_stamp {
    int reach;               /* pixels on each side of the middle one */
    unsigned char *coverage; /* [16, 2 reach + 1, 2 reach + 1] */
    sq_box ink[16];          /* what of it is not empty */
} sq_stamp;

/* Leaves a shape around (x, y) in the canvas's mask. */
typedef void (*sq_stamp_shape)(sq_canvas *canvas, double x, double y,
                               const void *context);

/* A shape that stays within `radius` units of its middle. The canvas's mask is empty. */
SQ_LOCAL seqnn_status sq_stamp_open(sq_stamp *stamp, sq_canvas *canvas, double radius,
                                    sq_stamp_shape shape, const void *context);
SQ_LOCAL void sq_stamp_close(sq_stamp *stamp);

/* Paints the shape around (x, y), to an eighth of a pixel, cut at the canvas's clip. */
SQ_LOCAL void sq_stamp_paint(const sq_stamp *stamp, sq_canvas *canvas, double x, double y,
                             sq_colour colour, double opacity);

#endif
#endif
