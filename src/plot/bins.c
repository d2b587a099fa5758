/* plot/bins.c - how a histogram divides its range */
#include "bins.h"

static void sq_bins_swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* Puts the k-th smallest at values[k], no larger ones before it (Hoare's selection). */
static double sq_bins_select(double *values, seqnn_size count, seqnn_size k)
{
    seqnn_size low = 0, high = count - 1;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        seqnn_size i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i <= j)
                sq_bins_swap(&values[i++], &values[j--]);
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            break;
    }
    return values[k];
}

/* Between two values where the share falls between them. */
static double sq_bins_quantile(double *values, seqnn_size count, double share)
{
    double at = share * (double)(count - 1), below = floor(at);
    double value = sq_bins_select(values, count, (seqnn_size)below), next = value;
    if (at > below) {
        next = values[(seqnn_size)below + 1];
        for (seqnn_size i = (seqnn_size)below + 2; i < count; i++)
            next = fmin(next, values[i]);
    }
    return value + (at - below) * (next - value);
}

/* Freedman and Diaconis' width between limits that keep small and odd samples readable:
 * no wider than Sturges', no narrower than half of the square root rule's. */
static double sq_bins_width(double *values, seqnn_size count, double range)
{
    double n = (double)count, spread, width;
    spread = sq_bins_quantile(values, count, 0.75);
    spread -= sq_bins_quantile(values, count, 0.25);
    width = fmax(2 * spread / cbrt(n), range / sqrt(n) / 2);
    return fmin(width, range / (log2(n) + 1));
}

/* Ends of the values within [low, high], which are put in front; how many they are. */
static seqnn_size sq_bins_ends(double *values, seqnn_size count, double *low,
                               double *high, bool *whole)
{
    double least = HUGE_VAL, most = -HUGE_VAL;
    seqnn_size inside = 0;
    for (seqnn_size i = 0; i < count; i++) {
        double value = values[i];
        if (value < *low || value > *high) /* NaN: no limit */
            continue;
        *whole = *whole && value == floor(value) && fabs(value) < 1e9;
        least = fmin(least, value);
        most = fmax(most, value);
        values[i] = values[inside];
        values[inside++] = value;
    }
    if (isnan(*low))
        *low = inside > 0 ? least : 0;
    if (isnan(*high))
        *high = inside > 0 ? most : 0;
    return inside;
}

sq_bins sq_bins_choose(double *values, seqnn_size count, seqnn_size bins, double low,
                       double high, bool numbers)
{
    bool whole = numbers && isnan(low) && isnan(high);
    seqnn_size inside = sq_bins_ends(values, count, &low, &high, &whole);
    sq_bins result;
    double width, step;
    memset(&result, 0, sizeof result);
    if (inside == 0 && !(low < high))
        return result;
    result.low = low;
    result.high = high;
    if (!(high - low > 1e-12 * fmax(fabs(low), fabs(high)))) {
        /* One value: a bin around it, of 1 or, far from 1, of a tenth of the value. */
        step = whole || low == 0 ? 0.5 : 0.05 * fabs(low);
        result.low = low - step;
        result.high = low + step;
        result.count = bins > 0 ? bins : 1;
        result.whole = whole;
        return result;
    }
    result.count = bins > 0 ? bins : 1;
    result.whole = whole && inside > 0;
    if (result.whole) {
        result.low -= 0.5;
        result.high += 0.5;
    }
    if (bins > 0 || inside == 0)
        return result;
    width = sq_bins_width(values, inside, high - low);
    if (whole) {
        step = high - low < (double)SQ_BINS_WHOLE ? 1 : fmax(floor(width + 0.5), 1);
        step = fmax(step, ceil((high - low + 1) / (double)SQ_BINS_CHOSEN));
        result.count = (seqnn_size)ceil((high - low + 1) / step);
        result.high = result.low + step * (double)result.count;
    } else {
        result.count =
            (seqnn_size)fmin(ceil((high - low) / width), (double)SQ_BINS_CHOSEN);
    }
    return result;
}

double sq_bins_edge(const sq_bins *bins, seqnn_size i)
{
    if (i == bins->count)
        return bins->high;
    return bins->low + (double)i * ((bins->high - bins->low) / (double)bins->count);
}

seqnn_size sq_bins_find(const sq_bins *bins, double value)
{
    double width = bins->high - bins->low;
    seqnn_size i;
    if (bins->count == 0 || !(value >= bins->low && value <= bins->high))
        return -1;
    i = (seqnn_size)((value - bins->low) / width * (double)bins->count);
    i = sq_min(i, bins->count - 1);
    /* The quotient may round over an edge. */
    if (value < sq_bins_edge(bins, i))
        i--;
    else if (i + 1 < bins->count && value >= sq_bins_edge(bins, i + 1))
        i++;
    return i;
}
