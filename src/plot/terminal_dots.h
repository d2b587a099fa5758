/* plot/terminal_dots.h - lines as dots, several to a character (private)
 *
 * A character of Unicode's Braille block shows any subset of 2 x 4 dots; in plain ASCII a
 * character is one dot. Coordinates are dots from the left and from the top; dot k
 * reaches from k - 0.5 to k + 0.5.
 */
#ifndef SQ_TERMINAL_DOTS_H
#define SQ_TERMINAL_DOTS_H

#include "private.h"

#ifdef SEQNN_TERMINAL

#include "plot_series.h"
#include "terminal_page.h"

typedef struct sq_braille {
    int32_t mark;       /* a character instead of the dots; 0: none */
    short style;        /* of the last series that came here */
    unsigned char dots; /* U+2800 + dots */
} sq_braille;

typedef struct sq_dots {
    seqnn_size columns, rows; /* cells */
    seqnn_size width, height; /* dots */
    bool unicode;
    sq_braille *cells; /* [rows, columns] */
    /* The pen, for sq_dots_line. */
    seqnn_line line;
    int style;
    int32_t mark; /* in ASCII its character; in Unicode for marks along the line */
    seqnn_size marks_each, marks_at; /* columns of cells: where these stand; 0: nowhere */
    seqnn_size travelled;            /* dots, for dashes */
    seqnn_size last_x, last_y;
    seqnn_size column, low, high; /* all dots here are done; low > high: none */
    seqnn_size marked;            /* the last column with a mark; -1: none */
} sq_dots;

SQ_LOCAL seqnn_status sq_dots_open(sq_dots *dots, seqnn_size columns, seqnn_size rows,
                                   bool unicode);
SQ_LOCAL void sq_dots_close(sq_dots *dots);

/* The pen starts afresh. */
SQ_LOCAL void sq_dots_pen(sq_dots *dots, seqnn_line line, int style, int32_t mark);
SQ_LOCAL void sq_dots_line(sq_dots *dots, double x0, double y0, double x1, double y1);
SQ_LOCAL void sq_dots_point(sq_dots *dots, double x, double y);
/* The pen's mark at a place. */
SQ_LOCAL void sq_dots_mark(sq_dots *dots, double x, double y);

/* The characters of one row. */
SQ_LOCAL void sq_dots_write(const sq_dots *dots, seqnn_size row, sq_page *page);

#endif
#endif
