/* plot/axis.h - limits and ticks as a person would choose them (private)
 *
 * An axis maps values to a stretch of a picture or of a terminal's line. A log axis keeps
 * its limits and ticks as log10.
 */
#ifndef SQ_AXIS_H
#define SQ_AXIS_H

#include "private.h"

#ifdef SEQNN_TERMINAL

enum { SQ_NUMBER = 64, SQ_TICKS = 32 };

/* value with `digits` digits after the point (form 'f') or in all (form 'g'), with a
 * point and a real minus sign whatever the locale. */
SQ_LOCAL void sq_number_text(char text[SQ_NUMBER], char form, int digits, double value);

typedef struct sq_axis {
    double low, high; /* limits */
    bool log;         /* limits and ticks are log10 of the values */
    bool whole;       /* only whole numbers: no tick between them */
    bool tight;       /* the limits are the data's: no room beyond them */
    bool reversed;    /* from right to left, from top to bottom */
    int ticks;
    double tick[SQ_TICKS];
    char text[SQ_TICKS][SQ_NUMBER]; /* numbers, or with `powers` exponents of 10 */
    bool powers;
    int power; /* the texts stand for multiples of 10^power */
} sq_axis;

/* Widens the range [low, high] of data (low > high: none) to limits and chooses ticks,
 * about `spacing` units apart on a stretch of `length` units. A limit that is not NaN is
 * kept. */
SQ_LOCAL void sq_axis_fit(sq_axis *axis, double low, double high, double keep_low,
                          double keep_high, double length, double spacing);

/* A value on the axis' scale: itself or its log10; NaN if it has no place there. */
SQ_LOCAL double sq_axis_scale(const sq_axis *axis, double value);
/* Where a value lies between the limits: 0 at low, 1 at high; NaN if it has no place. */
SQ_LOCAL double sq_axis_share(const sq_axis *axis, double value);
/* The same of a tick. */
SQ_LOCAL double sq_axis_tick_share(const sq_axis *axis, int tick);

/* A limit that an options struct gives, on a linear or log scale: 0 is none (NaN),
 * SEQNN_ZERO is 0. */
SQ_LOCAL double sq_axis_given(seqnn_real limit, bool log);

#endif
#endif
