/* plot/terminal_ticks.h - numbers and label of an axis on a page of text (private) */
#ifndef SQ_TERMINAL_TICKS_H
#define SQ_TERMINAL_TICKS_H

#include "private.h"

#ifdef SEQNN_TERMINAL

#include "axis.h"
#include "terminal_page.h"

SQ_LOCAL void sq_ticks_text(const sq_page *page, const sq_axis *axis, int tick,
                            char text[SQ_NUMBER]);
SQ_LOCAL seqnn_size sq_ticks_widest(const sq_page *page, const sq_axis *axis);

/* What is common to all numbers of an axis, as x 10^6; "" if nothing is. */
SQ_LOCAL void sq_ticks_common_power(const sq_page *page, const sq_axis *axis,
                                    char text[SQ_NUMBER]);

/* A label (or NULL) and such a power behind it: the columns of both, and both in so many,
 * the label shortened. */
SQ_LOCAL seqnn_size sq_ticks_label_width(const sq_page *page, const char *label,
                                         const char *power);
SQ_LOCAL void sq_ticks_write_label(sq_page *page, const char *label, const char *power,
                                   seqnn_size widest);

#endif
#endif
