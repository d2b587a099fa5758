/* data/series.h - series of measurements: weather, passengers, ...
 *
 *     const char *columns[] = {"TEMP", "DEWP", "PRES", NULL}, *target[] = {"TEMP", NULL};
 *     seqnn_series_options options = {.columns = columns,
 *                                     .missing = SEQNN_MISSING_INTERPOLATE};
 *     seqnn_series *weather = seqnn_read_series("PRSA_data.csv", options);
 *     seqnn_series_scale(weather, SEQNN_STANDARDIZE, 30000);
 *     seqnn_windows_options train = {.targets = target, .end = 30000},
 *                           test = {.targets = target, .begin = 30000};
 *     seqnn_dataset *data = seqnn_series_windows(weather, 24, train);
 *     ...
 *     seqnn_real degrees = seqnn_series_unscale(weather, 0, prediction);
 */
#ifndef SEQNN_SERIES_H
#define SEQNN_SERIES_H

#include "dataset.h"

/* Row t is what was measured at time t. All memory belongs to it. */
typedef struct seqnn_series {
    seqnn_size count;          /* rows */
    seqnn_size columns;        /* numbers in a row */
    const char *const *names;  /* [columns] */
    const seqnn_real *values;  /* [count, columns], every one finite */
    const seqnn_size *missing; /* [columns] values that were not there and are filled */
    const char *const *time; /* [count] as it stands in the file; NULL: no such column */
    const double *offset, *scale; /* [columns] values = (measured - offset) / scale */
} seqnn_series;

typedef enum seqnn_missing {
    SEQNN_MISSING_DEFAULT = 0, /* an error: say what is to be done */
    SEQNN_MISSING_CARRY,       /* the last value before the gap */
    SEQNN_MISSING_INTERPOLATE  /* the straight line from the last to the next value */
} seqnn_missing;

typedef struct seqnn_series_options {
    const char *const *columns; /* names, a NULL behind the last; NULL: every column that
                                   has a number, or nothing, in the first row */
    const char *time_column;    /* kept as text; NULL: the first column, if it has no
                                   number in the first row */
    seqnn_missing missing;
    seqnn_real
        missing_value; /* a number that stands for a missing one, -9999 say; 0: none */
    char separator;    /* 0: comma */
} seqnn_series_options;

/* A CSV with a header (csv.c reads it: quotation marks, CR LF, gzip). Missing values are
 * empty, NA, NaN, nan or ?; a gap at the beginning takes the first value behind it, one
 * at the end the last before it. Numbers have a decimal point in any locale. Error: a
 * column that is not there or comes twice, no column of numbers, a text that is no finite
 * number, a row with more or fewer fields than the header, a missing value where .missing
 * does not say what to do, a column without any value, no row. */
SEQNN_API seqnn_series *seqnn_read_series(const char *path, seqnn_series_options options);

SEQNN_API void seqnn_series_free(seqnn_series *series);

typedef enum seqnn_scaling {
    SEQNN_SCALING_DEFAULT = 0, /* standardise */
    SEQNN_STANDARDIZE,         /* mean 0 and standard deviation 1 (of all, not n - 1) */
    SEQNN_MIN_MAX              /* from 0 to 1 */
} seqnn_scaling;

/* Scales every column by what its first `rows` rows show (0: all): those to train on, for
 * the others are not known yet. A column that is constant there is only shifted. A series
 * that is scaled already is an error. */
SEQNN_API seqnn_status seqnn_series_scale(seqnn_series *series, seqnn_scaling scaling,
                                          seqnn_size rows);

/* Scales a series as another of the same columns was: a later year, another place. */
SEQNN_API seqnn_status seqnn_series_scale_like(seqnn_series *series,
                                               const seqnn_series *like);

/* A value of a column as it was measured: value * scale + offset. */
SEQNN_API seqnn_real seqnn_series_unscale(const seqnn_series *series, seqnn_size column,
                                          seqnn_real value);

/* The place of a column; -1 with the error set if there is none of this name. */
SEQNN_API seqnn_size seqnn_series_column(const seqnn_series *series, const char *name);

typedef struct seqnn_windows_options {
    const char *const *inputs;  /* names of columns, a NULL behind; NULL: all */
    const char *const *targets; /* the same for y */
    seqnn_size horizon;         /* y is so many values behind the window; 0: one */
    seqnn_size gap;             /* steps between the window and y */
    seqnn_size stride;          /* from one window to the next; 0: 1 */
    seqnn_size begin, end; /* rows that windows and targets are taken from; end 0: all */
} seqnn_windows_options;

/* Windows of the series: x[0].values [count, steps, inputs] and y.values
 * [count, horizon * targets], the targets of one step beside each other. series NULL:
 * NULL, and the error stands. Error: steps below 1, a column that is not there, too few
 * rows for one window. */
SEQNN_API seqnn_dataset *seqnn_series_windows(const seqnn_series *series,
                                              seqnn_size steps,
                                              seqnn_windows_options options);

#endif
