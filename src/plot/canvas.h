/* plot/canvas.h - a picture that shapes are drawn into (private)
 *
 * Drawing has two steps. Shapes first leave their coverage, 0 to 255, in a mask, where
 * overlapping parts take the larger value: the joints of a polyline and the crossing
 * strokes of a letter are not painted twice. sq_canvas_paint then blends one colour
 * through the mask and empties it.
 *
 * Coordinates are in units, x to the right, y down; a unit is `scale` pixels. Edges are
 * antialiased by their distance from the pixel's centre.
 */
#ifndef SQ_CANVAS_H
#define SQ_CANVAS_H
#ifdef SEQNN_PLOT

#include "private.h"

#define SQ_PI 3.14159265358979

/* 0xRRGGBB */
typedef uint32_t sq_colour;

typedef struct sq_box {
    int left, top, right, bottom; /* right and bottom are outside */
} sq_box;

typedef struct sq_canvas {
    int width, height; /* pixels */
    double scale;
    unsigned char *pixels; /* [height, width, 3], white at first */
    unsigned char *mask;   /* [height, width] */
    sq_box touched;        /* what of the mask is not empty */
    sq_box clip;           /* shapes leave no coverage outside */
} sq_canvas;

/* width and height in units. An impossible size is an error. */
SQ_LOCAL seqnn_status sq_canvas_open(sq_canvas *canvas, const char *who, seqnn_size width,
                                     seqnn_size height, seqnn_size scale);
SQ_LOCAL void sq_canvas_close(sq_canvas *canvas);

/* Shapes are cut at this rectangle, until sq_canvas_unclip. */
SQ_LOCAL void sq_canvas_clip(sq_canvas *canvas, double left, double top, double right,
                             double bottom);
SQ_LOCAL void sq_canvas_unclip(sq_canvas *canvas);

/* A line with round ends; the same point twice is a dot. */
SQ_LOCAL void sq_canvas_line(sq_canvas *canvas, double x0, double y0, double x1,
                             double y1, double thickness);
SQ_LOCAL void sq_canvas_disc(sq_canvas *canvas, double x, double y, double radius);
/* A filled convex polygon, its corners in either direction: [count][x, y], at most
 * SQ_CANVAS_CORNERS of them. */
enum { SQ_CANVAS_CORNERS = 16 };
SQ_LOCAL void sq_canvas_polygon(sq_canvas *canvas, double (*corners)[2], int count);
/* A filled rectangle with its edges moved to whole pixels. */
SQ_LOCAL void sq_canvas_rectangle(sq_canvas *canvas, double left, double top,
                                  double right, double bottom);
/* A horizontal or vertical line of `thickness`, at least a pixel, on whole pixels. */
SQ_LOCAL void sq_canvas_hairline(sq_canvas *canvas, double x0, double y0, double x1,
                                 double y1, double thickness);
/* Four of them, around a rectangle. */
SQ_LOCAL void sq_canvas_outline(sq_canvas *canvas, double left, double top, double right,
                                double bottom, double thickness);
/* One pixel of a glyph's bitmap. */
SQ_LOCAL void sq_canvas_cover(sq_canvas *canvas, int x, int y, int coverage);

/* Empties the mask without painting. */
SQ_LOCAL void sq_canvas_wipe(sq_canvas *canvas);

/* Blends colour, times opacity in [0, 1], through the mask. */
SQ_LOCAL void sq_canvas_paint(sq_canvas *canvas, sq_colour colour, double opacity);

#endif
#endif
