/* plot/palette.h - the colours of lines, on paper and on a terminal (private) */
#ifndef SQ_PALETTE_H
#define SQ_PALETTE_H

#include "private.h"

#ifdef SEQNN_TERMINAL

enum { SQ_PALETTE = 7 };

/* The i-th colour for lines, 0xRRGGBB: Okabe and Ito's palette, which colour-blind
 * readers can tell apart ("Color universal design", 2008), without its yellow, which is
 * lost on white. */
SQ_LOCAL uint32_t sq_colour_of_series(seqnn_size i);

#endif
#endif
