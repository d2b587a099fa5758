/* base/clock.h - the time that passes (private) */
#ifndef SQ_CLOCK_H
#define SQ_CLOCK_H

#include "private.h"

/* Seconds of a clock on the wall. */
SQ_LOCAL double sq_seconds(void);

#endif
