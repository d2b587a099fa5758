/* plot/training_trace.h - values of millions of iterations in bounded memory (private)
 *
 * A trace has room for SQ_TRACE_ROOM places. Each holds one iteration at first; when all
 * are taken, neighbours are joined and every place holds twice as many. What is drawn is
 * wider than a pixel anyway.
 */
#ifndef SQ_TRAINING_TRACE_H
#define SQ_TRAINING_TRACE_H
#ifdef SEQNN_PLOT

#include "private.h"

enum { SQ_TRACE_ROOM = 2048 };

typedef struct sq_trace_place {
    double x; /* of the last value */
    double low, high, sum;
    seqnn_size values, finite; /* how many; how many of them are in low, high and sum */
} sq_trace_place;

typedef struct sq_trace {
    seqnn_size each; /* values in a full place; 0: 1 */
    seqnn_size count;
    double low, high; /* of all finite values */
    bool any;         /* there is one */
    sq_trace_place places[SQ_TRACE_ROOM];
} sq_trace;

/* x must not fall. Of a value that is not finite only the place is kept. */
SQ_LOCAL void sq_trace_add(sq_trace *trace, double x, double value);

/* The points of a line, into x and y of [2 SQ_TRACE_ROOM]: every value, or the lowest and
 * the highest of each place. NaN where nothing was finite. Returns how many. */
SQ_LOCAL seqnn_size sq_trace_points(const sq_trace *trace, seqnn_real *x, seqnn_real *y);

/* The places' means, smoothed by a Gaussian window of standard deviation sigma, in
 * values; 0: not. Near the first place the window is as narrow on the right as on the
 * left, so that the line begins where the data do, also where they fall fast. Nothing is
 * made up where nothing was finite. */
SQ_LOCAL seqnn_size sq_trace_smooth(const sq_trace *trace, double sigma, seqnn_real *x,
                                    seqnn_real *y);

#endif
#endif
