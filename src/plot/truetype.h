/* plot/truetype.h - glyphs of a font file, through stb_truetype (private)
 *
 * stb_truetype trusts what it reads, so the file is examined first: its tables' checksums
 * (accidental damage), and every number that stb_truetype would follow further than the
 * zeros reach that are kept behind the file's bytes (malice). Fonts with TrueType
 * outlines are read, of a collection (.ttc) the first face; fonts with CFF outlines
 * (.otf) are not: stb_truetype follows those without a bound.
 */
#ifndef SQ_TRUETYPE_H
#define SQ_TRUETYPE_H
#ifdef SEQNN_PLOT

#include "canvas.h"

typedef struct sq_truetype sq_truetype;

/* What a font occupies: in units, x to the right, y down. */
typedef struct sq_font_extent {
    double left, top, right, bottom;
} sq_font_extent;

/* NULL with the reason in *why, which is NULL if there was no memory. */
SQ_LOCAL sq_truetype *sq_truetype_open(const char *path, const char **why);
SQ_LOCAL void sq_truetype_close(sq_truetype *font);

/* The glyph of a character; 0 if the font has none. */
SQ_LOCAL int sq_truetype_glyph(const sq_truetype *font, uint32_t character);

/* For text of size 1: to the next glyph, what a pair adds to that, and the glyph's
 * outline from its origin; false if it has none, as a space. */
SQ_LOCAL double sq_truetype_advance(const sq_truetype *font, int glyph);
SQ_LOCAL double sq_truetype_kern(const sq_truetype *font, int left, int right);
SQ_LOCAL bool sq_truetype_extent(const sq_truetype *font, int glyph,
                                 sq_font_extent *extent);

/* Leaves the glyph's coverage in the canvas' mask. All in pixels: its origin and the
 * size of text, which may differ across the line's direction. */
SQ_LOCAL void sq_truetype_draw(const sq_truetype *font, sq_canvas *canvas, int glyph,
                               double x, double y, double wide, double high,
                               bool upwards);

#endif
#endif
