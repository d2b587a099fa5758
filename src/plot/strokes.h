/* plot/strokes.h - the built-in font: letters as strokes of a pen (private)
 *
 * For machines without a font file. A glyph is a path on a grid where capitals are 14
 * units high, y up from the base line:
 *
 *   M x y              lifts the pen and puts it down at (x, y)
 *   L x y              draws a straight line
 *   A cx cy rx ry f t  lifts the pen and draws an arc of an ellipse from angle f to t
 *   a ...              the same arc, joined to the last point by a line
 *
 * Angles are in degrees, counter-clockwise from the right; all numbers are integers.
 */
#ifndef SQ_STROKES_H
#define SQ_STROKES_H
#ifdef SEQNN_PLOT

#include "private.h"

typedef struct sq_strokes {
    uint32_t character; /* Unicode */
    int advance;        /* grid units to the next glyph */
    const char *path;
} sq_strokes;

/* The glyph of a character; an empty box for those the font lacks. */
SQ_LOCAL const sq_strokes *sq_strokes_find(uint32_t character);

/* Calls line(context, x0, y0, x1, y1) for every piece of the glyph, in grid units. */
typedef void (*sq_strokes_line)(void *context, double x0, double y0, double x1,
                                double y1);
SQ_LOCAL void sq_strokes_trace(const sq_strokes *glyph, sq_strokes_line line,
                               void *context);

#endif
#endif
