/* data/numbers.h - decimal numbers from text, in any locale (private) */
#ifndef SQ_NUMBERS_H
#define SQ_NUMBERS_H

#include "private.h"

/* Reads the decimal number at text ("-0.038194", "1e-3", ".5") up to the blank, tab or
 * NUL behind it, rounded to the nearest seqnn_real. Returns where it ends; NULL if it is
 * no finite decimal number or longer than 500 characters. */
SQ_LOCAL const char *sq_parse_real(const char *text, seqnn_real *value);

/* The same, rounded to the nearest double in any build. */
SQ_LOCAL const char *sq_parse_double(const char *text, double *value);

#endif
