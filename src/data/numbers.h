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

/* Appends the digits at text to the mantissa and returns where they end. */
static inline const char *sq_parse_digits(const char *text, uint64_t *mantissa)
{
    uint64_t value = *mantissa;
    for (unsigned digit; (digit = (unsigned)(unsigned char)*text - '0') <= 9; text++)
        value = value * 10 + digit; /* wraps: not used beyond 19 digits */
    *mantissa = value;
    return text;
}

/* sq_parse_real for most numbers: at most 15 digits, no exponent. NULL sends the others
 * the long way. */
static inline const char *sq_parse_plain(const char *text, seqnn_real *value)
{
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const bool negative = *text == '-';
    const char *begin = text + negative;
    uint64_t mantissa = 0;
    const char *end = sq_parse_digits(begin, &mantissa);
    ptrdiff_t digits = end - begin, places = 0;
    if (*end == '.') {
        begin = end + 1;
        end = sq_parse_digits(begin, &mantissa);
        places = end - begin;
        digits += places;
    }
    if (digits < 1 || digits > 15 || (*end != '\0' && *end != ' ' && *end != '\t'))
        return NULL;
    double exact = (double)(int64_t)mantissa;
    if (places > 0)
        exact /= power[places];
#ifndef SEQNN_DOUBLE
    uint64_t bits;
    memcpy(&bits, &exact, sizeof bits);
    if ((bits & 0x1FFFFFFF) == 0x10000000)
        return NULL; /* half-way between two floats */
#endif
    *value = (seqnn_real)(negative ? -exact : exact);
    return end;
}

#endif
