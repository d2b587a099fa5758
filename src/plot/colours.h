/* plot/colours.h - colours that every reader can tell apart (private) */
#ifndef SQ_COLOURS_H
#define SQ_COLOURS_H
#ifdef SEQNN_PLOT

#include "canvas.h"
#include "heatmap.h"
#include "palette.h"

#define SQ_INK 0x262626u      /* text, axes */
#define SQ_FAINT 0x6E6E6Eu    /* remarks, reference lines */
#define SQ_GRID 0xE2E2E2u     /* grid lines */
#define SQ_OUTLINE 0xC6C6C6u  /* of a table whose cells are as pale as the paper */
#define SQ_PALE_BLUE 0xA9CFE8u /* beside the palette's blue: what it sums up */
#define SQ_NO_VALUE 0xD9D9D9u /* a cell without a number */

/* The colour of a share in [0, 1] of a map. The maps are lines, an arc and a helix in
 * OKLab (Ottosson 2020), run through at an even pace: equal steps look equal. */
SQ_LOCAL sq_colour sq_colour_of_map(seqnn_colour_map map, double share);

/* Does the map come near to white? */
SQ_LOCAL bool sq_map_is_pale(seqnn_colour_map map);

/* Contrast of two colours, 1 to 21, and what a text must have (WCAG 2.1). */
SQ_LOCAL double sq_colour_contrast(sq_colour one, sq_colour other);
#define SQ_CONTRAST 4.5

/* White, ink or black: one of them has that contrast with any background. */
SQ_LOCAL sq_colour sq_colour_of_text(sq_colour background);

#endif
#endif
