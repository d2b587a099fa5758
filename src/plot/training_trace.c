/* plot/training_trace.c - values of millions of iterations, joined where they are many */
#include "training_trace.h"

#ifdef SEQNN_PLOT

static void sq_trace_join(sq_trace_place *to, const sq_trace_place *from)
{
    if (from->finite > 0) {
        to->low = to->finite > 0 ? fmin(to->low, from->low) : from->low;
        to->high = to->finite > 0 ? fmax(to->high, from->high) : from->high;
    }
    to->sum += from->sum;
    to->finite += from->finite;
    to->values += from->values;
    to->x = from->x;
}

static void sq_trace_halve(sq_trace *trace)
{
    for (seqnn_size i = 0; i < SQ_TRACE_ROOM / 2; i++) {
        sq_trace_place both = trace->places[2 * i];
        sq_trace_join(&both, &trace->places[2 * i + 1]);
        trace->places[i] = both;
    }
    trace->count = SQ_TRACE_ROOM / 2;
    trace->each *= 2;
}

void sq_trace_add(sq_trace *trace, double x, double value)
{
    const bool finite = fabs(value) < 1e300;
    sq_trace_place one;
    memset(&one, 0, sizeof one);
    one.x = x;
    one.values = 1;
    if (finite) {
        one.low = one.high = one.sum = value;
        one.finite = 1;
        trace->low = trace->any ? fmin(trace->low, value) : value;
        trace->high = trace->any ? fmax(trace->high, value) : value;
        trace->any = true;
    }
    trace->each = sq_max(trace->each, 1);
    if (trace->count > 0 && trace->places[trace->count - 1].values < trace->each) {
        sq_trace_join(&trace->places[trace->count - 1], &one);
        return;
    }
    if (trace->count == SQ_TRACE_ROOM)
        sq_trace_halve(trace);
    trace->places[trace->count++] = one;
}

seqnn_size sq_trace_points(const sq_trace *trace, seqnn_real *x, seqnn_real *y)
{
    seqnn_size count = 0;
    for (seqnn_size i = 0; i < trace->count; i++) {
        const sq_trace_place *place = &trace->places[i];
        x[count] = (seqnn_real)place->x;
        y[count++] = place->finite > 0 ? (seqnn_real)place->low : (seqnn_real)NAN;
        if (place->finite > 1) {
            x[count] = (seqnn_real)place->x;
            y[count++] = (seqnn_real)place->high;
        }
    }
    return count;
}

seqnn_size sq_trace_smooth(const sq_trace *trace, double sigma, seqnn_real *x,
                           seqnn_real *y)
{
    const double width = sigma / (double)sq_max(trace->each, 1);
    const seqnn_size most = (seqnn_size)ceil(3 * fmin(width, SQ_TRACE_ROOM));
    double window[3 * SQ_TRACE_ROOM + 1];
    for (seqnn_size k = 0; k <= most; k++)
        window[k] = width > 0 ? exp(-0.5 * ((double)k / width) * ((double)k / width)) : 1;
    for (seqnn_size i = 0; i < trace->count; i++) {
        const seqnn_size reach = sq_min(most, i);
        double sum = 0, weights = 0;
        for (seqnn_size j = i - reach; j <= i + reach && j < trace->count; j++) {
            const double w = window[j < i ? i - j : j - i];
            sum += w * trace->places[j].sum;
            weights += w * (double)trace->places[j].finite;
        }
        x[i] = (seqnn_real)trace->places[i].x;
        y[i] =
            trace->places[i].finite > 0 ? (seqnn_real)(sum / weights) : (seqnn_real)NAN;
    }
    return trace->count;
}

#endif
