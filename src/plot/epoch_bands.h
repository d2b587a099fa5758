/* plot/epoch_bands.h - every second epoch shaded behind lines over iterations (private)
 */
#ifndef SQ_EPOCH_BANDS_H
#define SQ_EPOCH_BANDS_H
#ifdef SEQNN_PLOT

#include "marks.h"

enum { SQ_EPOCH_ROOM = 4096 };

/* Where epochs end. When the room is full only every tenth is kept. */
typedef struct sq_epochs {
    seqnn_size each;   /* epochs between two entries; 0: 1 */
    seqnn_size epochs; /* all that have ended */
    double last;       /* where the last of them did */
    seqnn_size count;
    double ends[SQ_EPOCH_ROOM];
} sq_epochs;

SQ_LOCAL void sq_epochs_add(sq_epochs *epochs, double end);

/* Shades epochs on the axes, or groups of 2, 5, 10, ... where they would be narrower than
 * the eye can follow, and writes their numbers along the bottom, or the top. */
SQ_LOCAL seqnn_status sq_axes_epoch_bands(seqnn_axes *axes, const sq_epochs *epochs,
                                          bool numbers, bool top);

#endif
#endif
