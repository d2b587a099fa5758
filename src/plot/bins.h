/* plot/bins.h - how a histogram divides its range (private) */
#ifndef SQ_BINS_H
#define SQ_BINS_H

#include "private.h"

/* WHOLE: so many neighbouring whole numbers have a bin each. */
enum { SQ_BINS_CHOSEN = 200, SQ_BINS_MOST = 10000, SQ_BINS_WHOLE = 30 };

/* `count` bins of one width; count 0: there was no value. */
typedef struct sq_bins {
    double low, high;
    seqnn_size count;
    bool whole; /* for whole numbers: the ends lie 1/2 beyond them */
} sq_bins;

/* Divides [low, high], where NaN means the data's end, into `bins`, 0 for as many as the
 * data ask for. All values are finite; their order changes. numbers: they are no
 * logarithms, so that whole numbers may have edges between them. */
SQ_LOCAL sq_bins sq_bins_choose(double *values, seqnn_size count, seqnn_size bins,
                                double low, double high, bool numbers);

SQ_LOCAL double sq_bins_edge(const sq_bins *bins, seqnn_size i);

/* The bin of a value: edge(i) <= value < edge(i + 1), the last with its upper edge; -1
 * outside and for NaN. */
SQ_LOCAL seqnn_size sq_bins_find(const sq_bins *bins, double value);

#endif
