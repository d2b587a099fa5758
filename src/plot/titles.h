/* plot/titles.h - numbers that charts write into their titles (private) */
#ifndef SQ_TITLES_H
#define SQ_TITLES_H
#ifdef SEQNN_PLOT

#include "axis.h"

/* So many significant digits, with their zeros: 1.10, 0.0250; very large and very small
 * numbers as 1.1e12. */
SQ_LOCAL void sq_title_number(char text[SQ_NUMBER], int digits, double value);

/* "title: remark", whatever the title's length, to be freed by sq_free; NULL without
 * memory. */
SQ_LOCAL char *sq_title_new(const char *title, const char *remark);

#endif
#endif
