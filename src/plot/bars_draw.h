/* plot/bars_draw.h - a series of bars and how it is drawn (private) */
#ifndef SQ_BARS_DRAW_H
#define SQ_BARS_DRAW_H
#ifdef SEQNN_PLOT

#include "bars.h"
#include "marks.h"

/* One series. Values are in the order in which they are shown. */
typedef struct sq_bars {
    sq_mark mark;
    const seqnn_real *values, *deviation; /* [places] */
    seqnn_size places;
    bool horizontal, numbers;
    int decimals; /* of the numbers; -1: three digits of each */
    sq_colour colour;

    /* The first series knows where each name stands, or -1: not shown. */
    const char *const *names; /* [given], or NULL */
    const seqnn_size *place;
    seqnn_size given;
} sq_bars;

SQ_LOCAL const sq_mark_kind *sq_bars_kind(void);

/* The next series of the axes, from a mark on; NULL: there is none. */
SQ_LOCAL const sq_bars *sq_bars_next(const sq_mark *mark);

#endif
#endif
