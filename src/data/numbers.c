#include "numbers.h"

enum { SQ_LONGEST_NUMBER = 500, SQ_EXACT_POWERS = 22 };

/* The C library rounds right, but reads the decimal point of the user's locale: the
 * number is given to it without one, as digits and an exponent. */
static seqnn_real sq_parse_slowly(const char *text, const char *end, int exponent)
{
    char digits[SQ_LONGEST_NUMBER + 32];
    int count = 0;
    for (; text < end && *text != 'e' && *text != 'E'; text++)
        if (*text != '.')
            digits[count++] = *text;
    snprintf(digits + count, sizeof digits - (size_t)count, "e%d", exponent);
#ifdef SEQNN_DOUBLE
    return strtod(digits, NULL);
#else
    return strtof(digits, NULL);
#endif
}

/* mantissa * 10^exponent if one exactly rounded operation gives it: both factors are
 * exact in double. False if it is not certain to be the nearest seqnn_real. */
static bool sq_parse_fast(uint64_t mantissa, int exponent, seqnn_real *value)
{
    static const double power[SQ_EXACT_POWERS + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa > (uint64_t)1 << 53 || exponent < -SQ_EXACT_POWERS ||
        exponent > SQ_EXACT_POWERS)
        return false;
    double nearest = (double)mantissa;
    if (exponent < 0)
        nearest /= power[-exponent];
    else
        nearest *= power[exponent];
#ifndef SEQNN_DOUBLE
    /* Rounded a second time, to float: right unless the double lies half-way between two
     * floats, or below the normal ones. */
    uint64_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    if ((bits & 0x1FFFFFFF) == 0x10000000 || (nearest < 1.2e-38 && nearest > 0))
        return false;
#endif
    *value = (seqnn_real)nearest;
    return true;
}

/* The signed decimal exponent behind an 'e'; NULL if there is none. */
static const char *sq_parse_exponent(const char *at, int *exponent)
{
    bool negative = *at == '-';
    int value = 0;
    at += *at == '-' || *at == '+';
    if (*at < '0' || *at > '9')
        return NULL;
    for (; *at >= '0' && *at <= '9'; at++)
        if (value < 100000)
            value = value * 10 + (*at - '0');
    *exponent += negative ? -value : value;
    return at;
}

/* Appends the digits at text to the mantissa and returns where they end. */
static const char *sq_parse_digits(const char *text, uint64_t *mantissa)
{
    uint64_t value = *mantissa;
    for (unsigned digit; (digit = (unsigned)(unsigned char)*text - '0') <= 9; text++)
        value = value * 10 + digit; /* wraps: not used beyond 19 digits */
    *mantissa = value;
    return text;
}

SQ_LOCAL const char *sq_parse_real(const char *text, seqnn_real *value)
{
    bool negative = *text == '-';
    const char *digits = text + (*text == '-' || *text == '+');
    uint64_t mantissa = 0;
    int exponent = 0;
    const char *end = sq_parse_digits(digits, &mantissa);
    ptrdiff_t count = end - digits;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = sq_parse_digits(fraction, &mantissa);
        count += end - fraction;
        exponent = (int)sq_max(fraction - end, -SQ_LONGEST_NUMBER);
    }
    if (count < 1 || count > SQ_LONGEST_NUMBER)
        return NULL;
    const char *at = end;
    if (*at == 'e' || *at == 'E') {
        at = sq_parse_exponent(at + 1, &exponent);
        if (!at)
            return NULL;
    }
    if (*at != ' ' && *at != '\t' && *at != '\0')
        return NULL;
    seqnn_real nearest;
    if (count > 19 || !sq_parse_fast(mantissa, exponent, &nearest))
        nearest = sq_parse_slowly(digits, end, exponent);
    if (!(nearest < (seqnn_real)HUGE_VAL))
        return NULL;
    *value = negative ? -nearest : nearest;
    return at;
}
