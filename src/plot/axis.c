/* plot/axis.c - round numbers for limits and ticks */
#include "axis.h"

#ifdef SEQNN_TERMINAL

#include <locale.h>

void sq_number_text(char text[SQ_NUMBER], char form, int digits, double value)
{
    static const char minus[] = "\xE2\x88\x92";
    const char *point = localeconv()->decimal_point, *from;
    size_t length = strlen(point), used = 0;
    char plain[SQ_NUMBER];
    if (form == 'f' && fabs(value) < 0.5 * pow(10, -digits))
        value = 0; /* not "-0.00" */
    snprintf(plain, sizeof plain, form == 'f' ? "%.*f" : "%.*g", digits,
             value == 0 ? 0.0 : value); /* nor "-0" */
    for (from = plain; *from != '\0' && used + 4 < SQ_NUMBER;) {
        if (length > 0 && strncmp(from, point, length) == 0) {
            text[used++] = '.';
            from += length;
        } else if (*from == '-') {
            memcpy(text + used, minus, 3);
            used += 3;
            from++;
        } else if (from[0] == 'e') {
            /* 1e+05 and 1e-05 as 1e5 and 1e-5 */
            text[used++] = 'e';
            from++;
            if (*from == '-') {
                memcpy(text + used, minus, 3);
                used += 3;
            }
            from++;
            while (from[0] == '0' && from[1] != '\0')
                from++;
        } else {
            text[used++] = *from++;
        }
    }
    text[used] = '\0';
}

/* The step of 1, 2 or 5 times a power of ten, not below `step`. */
static double sq_axis_round_step(double step)
{
    double power = floor(log10(step)), base = pow(10, power), part = step / base;
    double digit = part <= 1.0001 ? 1 : part <= 2.0001 ? 2 : part <= 5.0001 ? 5 : 10;
    return digit * base;
}

/* Powers of ten, every one or, where they crowd, every second, fifth, ... */
static void sq_axis_decades(sq_axis *axis, double length, double spacing)
{
    double step =
        sq_axis_round_step(fmax(1, (axis->high - axis->low) * spacing / length));
    double first = ceil(axis->low / step - 1e-6);
    axis->ticks = 0;
    axis->powers = true;
    for (double k = first; axis->ticks < SQ_TICKS; k++) {
        if (k * step > axis->high + 1e-6)
            break;
        axis->tick[axis->ticks] = k * step;
        sq_number_text(axis->text[axis->ticks++], 'f', 0, k * step);
    }
}

static void sq_axis_steps(sq_axis *axis, double length, double spacing)
{
    double step = sq_axis_round_step((axis->high - axis->low) * spacing / length);
    double largest = fmax(fabs(axis->low), fabs(axis->high)), first;
    int decimals, digits = (int)floor(log10(largest) + 1e-9);
    if (axis->whole && step < 1)
        step = 1;
    axis->power = digits >= 6 || digits < -3 ? digits : 0;
    /* 1000000.2 rather than 1.0000002 times 10^6. */
    if (digits >= 6 && digits <= 8 && digits - floor(log10(step) + 1e-9) > 4)
        axis->power = 0;
    decimals = (int)sq_max(0, -(seqnn_size)floor(log10(step) + 1e-9) + axis->power);
    first = ceil(axis->low / step - 1e-6);
    axis->ticks = 0;
    for (double k = first; axis->ticks < SQ_TICKS; k++) {
        double value = k * step;
        if (value > axis->high + 1e-6 * step)
            break;
        axis->tick[axis->ticks] = value;
        sq_number_text(axis->text[axis->ticks++], 'f', (int)sq_min(decimals, 17),
                       value / pow(10, axis->power));
    }
}

/* 1, 2 and 5 times the powers of ten; false if there are fewer than three of them, or
 * if they crowd. */
static bool sq_axis_digits(sq_axis *axis, double length, double spacing)
{
    static const int digits[] = {1, 2, 5};
    if (log10(2) * length / (axis->high - axis->low) < 0.8 * spacing)
        return false;
    axis->ticks = 0;
    for (double power = floor(axis->low); power <= axis->high; power++) {
        for (int i = 0; i < 3; i++) {
            double tick = power + log10(digits[i]);
            if (tick < axis->low - 1e-6 || tick > axis->high + 1e-6 ||
                axis->ticks == SQ_TICKS)
                continue;
            axis->tick[axis->ticks] = tick;
            sq_number_text(axis->text[axis->ticks++], 'g', 6, pow(10, tick));
        }
    }
    return axis->ticks >= 3;
}

/* Powers of ten; where these are fewer than three, numbers between them. */
static void sq_axis_log_ticks(sq_axis *axis, double length, double spacing)
{
    const double low = axis->low, high = axis->high, span = high - low;
    sq_axis linear = *axis;
    sq_axis_decades(axis, length, spacing);
    if (axis->ticks >= 3 || span > 2.2 || fabs(axis->high) > 300)
        return;
    if (sq_axis_digits(axis, length, spacing)) {
        axis->powers = false;
        return;
    }
    sq_axis_decades(axis, length, spacing);
    /* Equal steps, as long as they do not crowd at the upper end. */
    linear.low = pow(10, low);
    linear.high = pow(10, high);
    for (double close = 2 * spacing; span <= 1.1 && close > spacing / 8; close /= 1.5) {
        int last;
        double gap;
        sq_axis_steps(&linear, length, close);
        last = linear.ticks - 1;
        if (last < 1)
            continue;
        gap = log10(linear.tick[last] / linear.tick[last - 1]) * length / span;
        if (gap < 0.7 * spacing)
            break;
        *axis = linear;
        for (int i = 0; i <= last; i++)
            axis->tick[i] = log10(linear.tick[i]);
    }
    axis->low = low;
    axis->high = high;
}

void sq_axis_fit(sq_axis *axis, double low, double high, double keep_low,
                 double keep_high, double length, double spacing)
{
    double largest, span;
    length = fmax(length, 1);
    spacing = fmax(spacing, length / (SQ_TICKS - 4));
    if (!(low <= high)) {
        low = axis->log ? -1 : 0;
        high = axis->log ? 0 : 1;
    }
    if (!isnan(keep_low))
        low = keep_low;
    if (!isnan(keep_high))
        high = keep_high;
    if (low > high) { /* a given limit lies beyond the data */
        if (isnan(keep_low))
            low = high - 1;
        else
            high = low + 1;
    }
    /* One value, or values that differ by rounding only: room around it. */
    largest = fmax(fabs(low), fabs(high));
    if (high - low <= 1e-6 * largest || high == low) {
        bool one = (axis->whole && largest < 1e6) || axis->log || largest == 0;
        span = one ? 1 : 0.1 * largest;
        low -= isnan(keep_low) ? span : 0;
        high += isnan(keep_high) || high == low ? span : 0;
    } else if (!axis->tight) {
        span = high - low;
        low -= isnan(keep_low) ? 0.05 * span : 0;
        high += isnan(keep_high) ? 0.05 * span : 0;
    }
    axis->low = low;
    axis->high = high;
    axis->power = 0;
    axis->powers = false;
    if (axis->log)
        sq_axis_log_ticks(axis, length, spacing);
    else
        sq_axis_steps(axis, length, spacing);
}

/* The part from low to high, counted from the other end on a reversed axis. */
static double sq_axis_part(const sq_axis *axis, double scaled)
{
    double share = (scaled - axis->low) / (axis->high - axis->low);
    return axis->reversed ? 1 - share : share;
}

double sq_axis_scale(const sq_axis *axis, double value)
{
    if (axis->log)
        value = value > 0 ? log10(value) : (double)NAN;
    return fabs(value) < 1e300 ? value : (double)NAN;
}

double sq_axis_share(const sq_axis *axis, double value)
{
    return sq_axis_part(axis, sq_axis_scale(axis, value));
}

double sq_axis_tick_share(const sq_axis *axis, int tick)
{
    return sq_axis_part(axis, axis->tick[tick]);
}

double sq_axis_given(seqnn_real limit, bool log)
{
    double value = limit == SEQNN_ZERO ? 0 : (double)limit;
    if (limit == 0)
        return (double)NAN;
    if (log)
        return value > 0 ? log10(value) : (double)NAN;
    return value;
}

#endif
