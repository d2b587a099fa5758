/* plot/font.h - text on a canvas (private)
 *
 * DejaVu Sans or the font that the environment variable SEQNN_FONT names, through
 * stb_truetype; without either, or with SEQNN_FONT=strokes, the built-in strokes. Text is
 * UTF-8; a byte that is none counts as Latin-1.
 */
#ifndef SQ_FONT_H
#define SQ_FONT_H
#ifdef SEQNN_PLOT

#include "canvas.h"

typedef struct sq_font sq_font;

/* path names a font file; one that is not readable as a font is an error. NULL searches:
 * then nothing fails for want of a font file. */
SQ_LOCAL sq_font *sq_font_open(const char *path);
SQ_LOCAL void sq_font_close(sq_font *font);

/* Heights of capitals and of what hangs below the base line, for text of size 1. */
#define SQ_FONT_CAPITALS 0.729
#define SQ_FONT_BELOW 0.236

/* Width in units of text in `size` units. */
SQ_LOCAL double sq_font_width(const sq_font *font, const char *text, double size);

/* Leaves the coverage of the text in the canvas' mask. (x, y) lies on the base line, at
 * the text's left end (anchor 0), middle (0.5) or right end (1). Upwards: the text is
 * turned a quarter to the left and runs from the bottom to the top. */
SQ_LOCAL void sq_font_draw(const sq_font *font, sq_canvas *canvas, double x, double y,
                           double size, double anchor, bool upwards, const char *text);

/* Copies text to fitted[0..room), shortened with an ellipsis if it is wider than
 * `width`. */
SQ_LOCAL void sq_font_fit(const sq_font *font, const char *text, double size,
                          double width, char *fitted, seqnn_size room);

#endif
#endif
