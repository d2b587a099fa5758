/* plot/strokes.h - the built-in font: letters as strokes of a pen (private)
 *
 * For machines without a font file, and for what a font file lacks. A glyph is a path of
 * the pen's middle, in hundredths of the text's size, y up from the base line:
 *
 *   M x y              lifts the pen and puts it down at (x, y)
 *   L x y              draws a straight line
 *   C x y x y x y      draws a Bezier curve: two control points, end
 *   A cx cy rx ry f t  lifts the pen and draws an arc of an ellipse from angle f to t
 *   a ...              the same arc, joined to the last point by a line
 *   G c % dx dy        another glyph, the ASCII character c, scaled and moved
 *   W %                makes the pen thinner for what follows
 *
 * Angles are in degrees, counter-clockwise from the right; all numbers are integers.
 * Letters with accents and raised or lowered ones are made from others, in font.c.
 */
#ifndef SQ_STROKES_H
#define SQ_STROKES_H
#ifdef SEQNN_PLOT

#include "private.h"

/* The pen's width, for text of size 1. */
#define SQ_STROKES_PEN 0.09

typedef struct sq_strokes {
    const char *path;
    int advance; /* to the next glyph, in hundredths */
} sq_strokes;

/* The glyph of a character; false, and an empty box, if the strokes lack it. */
SQ_LOCAL bool sq_strokes_find(uint32_t character, sq_strokes *glyph);

/* Calls line(context, weight, x0, y0, x1, y1) for every piece of the glyph, in its unit,
 * 0.01; weight is the pen's width, usually 1. A curve is so many pieces. */
typedef void (*sq_strokes_line)(void *context, double weight, double x0, double y0,
                                double x1, double y1);
SQ_LOCAL void sq_strokes_trace(const sq_strokes *glyph, int steps, sq_strokes_line line,
                               void *context);

#endif
#endif
