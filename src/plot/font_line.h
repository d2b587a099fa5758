/* plot/font_line.h - a line of text, glyph by glyph (private)
 *
 * The reader (markup.c) takes the text apart and puts character after character on the
 * line (font.c), which knows where the next one goes and shows each glyph to a visitor:
 * one that draws, one that measures ink, or none where only the width is wanted. Lengths
 * are those of text of size 1.
 */
#ifndef SQ_FONT_LINE_H
#define SQ_FONT_LINE_H
#ifdef SEQNN_PLOT

#include "font.h"
#include "strokes.h"

/* A glyph and where it stands. */
typedef struct sq_font_glyph {
    int index;          /* of the font file; 0: the strokes */
    sq_strokes strokes; /* if index is 0 */
    double advance;     /* 0: a combining accent */
    double x, raise;    /* its origin on the line and above the base line */
    double scale;
} sq_font_glyph;

typedef struct sq_font_line {
    const sq_font *font;
    double x, raise, scale; /* of the pen */
    sq_font_glyph last;     /* what an accent goes on, and a pair is made with */
    bool pair;              /* the last one is next to the pen */
    seqnn_size letters;     /* so far */
    double center;          /* where the next accent goes; NaN: above the last letter */
    double stacked;         /* the height of the accents above that */
    void (*visit)(void *context, const sq_font_glyph *glyph);
    void *context;
} sq_font_line;

/* A combining accent: it stands above the letter before it. */
static inline bool sq_font_combines(uint32_t character)
{
    return character >= 0x300 && character <= 0x36F;
}

SQ_LOCAL void sq_font_place(sq_font_line *line, uint32_t character);
/* The next accent goes above x, not above the last letter's own middle. */
SQ_LOCAL void sq_font_center(sq_font_line *line, double x);

/* The character at *text, which moves behind it; 0 at the end. */
SQ_LOCAL uint32_t sq_font_next(const char **text);

typedef struct sq_markup {
    const char *at;    /* the part of the text that is still to be read */
    const char *close; /* the dollar that ends the mathematics; NULL outside of it */
    bool literal;      /* dollars are dollars */
    int before;        /* what kind of sign stood before, for the space between them */
    double space;      /* to be left before the next */
} sq_markup;

/* Puts the next part that must not be cut on the line: a letter with its accents, a sign
 * with its sub- and superscripts. False at the end. */
SQ_LOCAL bool sq_markup_next(sq_markup *text, sq_font_line *line);

#endif
#endif
