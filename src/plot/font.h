/* plot/font.h - text on a canvas (private)
 *
 * The font is the file that the caller names, or the one that the environment variable
 * SEQNN_FONT names (SEQNN_FONT=strokes: the built-in strokes; a file that is no readable
 * font is passed over), or DejaVu Sans or another sans serif where systems keep them, or
 * the strokes. A character that the file lacks is taken from the strokes; one that both
 * lack is an empty box. Letters with accents, and raised or lowered ones, are made from
 * the file's own where it has the letter alone.
 *
 * Text is UTF-8; a byte that is none counts as Latin-1. A combining accent (U+0302,
 * U+0303, ...) stands above the letter before it.
 *
 * Text comes in two kinds. Literal text, as names that come from data, is drawn as it is.
 * In marked-up text mathematics stands between dollars, written as in TeX:
 *
 *   $h_t$  $x^2$  $W_{xh}$  $e^{-x_i}$       subscripts and superscripts
 *   $\partial L / \partial h_t$  $\sigma$    names of Greek letters and signs
 *   $\|g\| \leq 5$                           the norm's double bar
 *   $\tilde{C}_t$  $\hat{y}$  $\bar{x}$      accents
 *   $\mathbb{R}$  $\text{as it is}$  $\log$  and the names of functions
 *
 * As in TeX, spaces between dollars count for nothing, operators and relations bring
 * their own, a hyphen is a minus, and "\ " "\," "\;" "\quad" are spaces. Letters stand
 * upright in every style, and \frac{a}{b} is a/b. An unknown \name is written as it is. A
 * dollar without a partner is a dollar, \$ is one everywhere.
 *
 * A font serves one thread at a time.
 */
#ifndef SQ_FONT_H
#define SQ_FONT_H
#ifdef SEQNN_PLOT

#include "canvas.h"
#include "truetype.h"

typedef struct sq_font sq_font;

/* path names a font file; one that is not readable as a font is an error. NULL searches:
 * then nothing fails for want of a font file, only for want of memory. */
SQ_LOCAL sq_font *sq_font_open(const char *path);
SQ_LOCAL void sq_font_close(sq_font *font);

/* Heights of capitals and of what hangs below the base line, for text of size 1. */
#define SQ_FONT_CAPITALS 0.729
#define SQ_FONT_BELOW 0.236

/* Width in units of text in `size` units. */
SQ_LOCAL double sq_font_width(const sq_font *font, const char *text, double size);
SQ_LOCAL double sq_font_math_width(const sq_font *font, const char *text, double size);

/* Leaves the coverage of the text in the canvas' mask. (x, y) lies on the base line, at
 * the text's left end (anchor 0), middle (0.5) or right end (1). Upwards: the text is
 * turned a quarter to the left and runs from the bottom to the top. */
SQ_LOCAL void sq_font_draw(const sq_font *font, sq_canvas *canvas, double x, double y,
                           double size, double anchor, bool upwards, const char *text);
SQ_LOCAL void sq_font_math_draw(const sq_font *font, sq_canvas *canvas, double x,
                                double y, double size, double anchor, bool upwards,
                                const char *text);

/* What the ink of such text covers, relative to (x, y); drawn, it may differ by a pixel,
 * for the base line and the height of small letters are moved to whole ones. All 0 for
 * text without ink. */
SQ_LOCAL sq_font_extent sq_font_box(const sq_font *font, const char *text, double size,
                                    double anchor, bool upwards);
SQ_LOCAL sq_font_extent sq_font_math_box(const sq_font *font, const char *text,
                                         double size, double anchor, bool upwards);

/* Copies text to fitted[0..room), shortened with an ellipsis if it is wider than
 * `width` or longer than room. Marked-up text is cut between its parts and stays valid.
 */
SQ_LOCAL void sq_font_fit(const sq_font *font, const char *text, double size,
                          double width, char *fitted, seqnn_size room);
SQ_LOCAL void sq_font_math_fit(const sq_font *font, const char *text, double size,
                               double width, char *fitted, seqnn_size room);

#endif
#endif
