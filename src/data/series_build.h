/* data/series_build.h - a series from within (private) */
#ifndef SQ_SERIES_BUILD_H
#define SQ_SERIES_BUILD_H

#include "series.h"
#include "words.h"

/* What stands behind the public struct, which comes first. */
typedef struct sq_series {
    seqnn_series public_part;
    sq_pool pool;
    const char **names, **time;
    seqnn_real *values;
    seqnn_size *missing;
    double *offset, *scale;
    seqnn_size value_capacity /* in rows */, time_capacity, utf8_capacity;
    char *utf8; /* scratch */
    bool scaled;
} sq_series;

#endif
