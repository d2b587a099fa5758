/* plot/terminal_page.h - rows of text on their way to a terminal (private)
 *
 * A page counts in columns of the terminal, not in bytes. A text of the user may hold
 * anything: control characters and those that turn the direction of writing do not pass,
 * a byte that is no UTF-8 counts as Latin-1, and in plain ASCII a character beyond it
 * becomes a question mark. Blanks at the end of a row are not written.
 */
#ifndef SQ_TERMINAL_PAGE_H
#define SQ_TERMINAL_PAGE_H

#include "private.h"

#ifdef SEQNN_TERMINAL

/* How characters look: one of these or a colour of xterm's table of 256, 16 to 255. */
enum { SQ_STYLE_PLAIN = 0, SQ_STYLE_BOLD = 1, SQ_STYLE_FAINT = 244 };

typedef struct sq_page {
    bool unicode, colour; /* what the terminal can */
    char *text;
    seqnn_size used, room;
    seqnn_size *widths; /* of the finished rows, in columns */
    seqnn_size rows, rows_room;
    seqnn_size column;   /* where the next character goes */
    seqnn_size blanks;   /* before it, not yet written */
    int style, wanted;   /* of the last character, of the next one */
    seqnn_status status; /* sticky */
} sq_page;

SQ_LOCAL void sq_page_clear(sq_page *page);
SQ_LOCAL void sq_page_free(sq_page *page);

SQ_LOCAL void sq_page_style(sq_page *page, int style);
/* Blanks up to a column; none if the row is there already. */
SQ_LOCAL void sq_page_move(sq_page *page, seqnn_size column);
/* One character of one column, `times` times. */
SQ_LOCAL void sq_page_glyph(sq_page *page, int32_t point, seqnn_size times);
/* A text, shortened with an ellipsis to so many columns. NULL is "". */
SQ_LOCAL void sq_page_text(sq_page *page, const char *text, seqnn_size widest);
/* The columns that it takes so. */
SQ_LOCAL seqnn_size sq_page_width(const sq_page *page, const char *text,
                                  seqnn_size widest);
SQ_LOCAL void sq_page_end_row(sq_page *page);

/* The colour of the table for 0xRRGGBB: one that can be read on black and on white. A
 * grey becomes SQ_STYLE_PLAIN, the terminal's own. */
SQ_LOCAL int sq_style_of_colour(uint32_t colour);

#endif
#endif
