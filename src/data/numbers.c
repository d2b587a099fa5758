#include "numbers.h"

enum { SQ_LONGEST_NUMBER = 500, SQ_EXACT_POWERS = 22 };

/* A decimal number as it is written: mantissa * 10^exponent, if it has at most 19 digits.
 */
typedef struct sq_decimal_text {
    const char *digits, *end; /* of its digits and its point */
    uint64_t mantissa;
    int count, exponent;
    bool negative;
} sq_decimal_text;

/* The C library rounds right, but reads the decimal point of the user's locale: it is
 * given the number without one, as digits and an exponent. */
static const char *sq_decimal_without_point(const sq_decimal_text *decimal, char *digits,
                                            size_t size)
{
    int count = 0;
    for (const char *text = decimal->digits; text < decimal->end; text++)
        if (*text != '.')
            digits[count++] = *text;
    snprintf(digits + count, size - (size_t)count, "e%d", decimal->exponent);
    return digits;
}

/* mantissa * 10^exponent if one exactly rounded operation gives it: both factors are
 * exact in double. False if it is not certain to be the nearest double. */
static bool sq_decimal_fast(const sq_decimal_text *decimal, double *value)
{
    static const double power[SQ_EXACT_POWERS + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (decimal->count > 19 || decimal->mantissa > (uint64_t)1 << 53 ||
        decimal->exponent < -SQ_EXACT_POWERS || decimal->exponent > SQ_EXACT_POWERS)
        return false;
    *value = (double)decimal->mantissa;
    if (decimal->exponent < 0)
        *value /= power[-decimal->exponent];
    else
        *value *= power[decimal->exponent];
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

/* Reads up to the blank, tab or NUL behind the number; NULL if it is none. */
static const char *sq_decimal_scan(const char *text, sq_decimal_text *decimal)
{
    decimal->negative = *text == '-';
    decimal->digits = text + (*text == '-' || *text == '+');
    decimal->mantissa = 0;
    decimal->exponent = 0;
    const char *end = sq_parse_digits(decimal->digits, &decimal->mantissa);
    ptrdiff_t count = end - decimal->digits;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = sq_parse_digits(fraction, &decimal->mantissa);
        count += end - fraction;
        decimal->exponent = (int)sq_max(fraction - end, -SQ_LONGEST_NUMBER);
    }
    if (count < 1 || count > SQ_LONGEST_NUMBER)
        return NULL;
    decimal->count = (int)count;
    decimal->end = end;
    if (*end == 'e' || *end == 'E') {
        end = sq_parse_exponent(end + 1, &decimal->exponent);
        if (!end)
            return NULL;
    }
    return *end == ' ' || *end == '\t' || *end == '\0' ? end : NULL;
}

SQ_LOCAL const char *sq_parse_double(const char *text, double *value)
{
    char digits[SQ_LONGEST_NUMBER + 32];
    sq_decimal_text decimal;
    const char *end = sq_decimal_scan(text, &decimal);
    if (!end)
        return NULL;
    double nearest;
    if (!sq_decimal_fast(&decimal, &nearest))
        nearest = strtod(sq_decimal_without_point(&decimal, digits, sizeof digits), NULL);
    if (!(nearest < HUGE_VAL))
        return NULL;
    *value = decimal.negative ? -nearest : nearest;
    return end;
}

SQ_LOCAL const char *sq_parse_real(const char *text, seqnn_real *value)
{
    const char *plain = sq_parse_plain(text, value);
    if (plain)
        return plain;
#ifdef SEQNN_DOUBLE
    return sq_parse_double(text, value);
#else
    char digits[SQ_LONGEST_NUMBER + 32];
    sq_decimal_text decimal;
    const char *end = sq_decimal_scan(text, &decimal);
    if (!end)
        return NULL;
    /* The double is rounded a second time, to float: right unless it lies half-way
     * between two floats, or below the normal ones. */
    double exact = 0;
    uint64_t bits = 0x10000000;
    if (sq_decimal_fast(&decimal, &exact) && (exact >= 1.2e-38 || exact == 0))
        memcpy(&bits, &exact, sizeof bits);
    float nearest =
        (bits & 0x1FFFFFFF) == 0x10000000
            ? strtof(sq_decimal_without_point(&decimal, digits, sizeof digits), NULL)
            : (float)exact;
    if (!(nearest < HUGE_VALF))
        return NULL;
    *value = decimal.negative ? -nearest : nearest;
    return end;
#endif
}
