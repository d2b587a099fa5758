/* base/dataset.h - what readers, models and plots hand around
 *
 * A data set is a table of samples; a batch is a small data set. Both are this struct.
 */
#ifndef SEQNN_DATASET_H
#define SEQNN_DATASET_H

#include "config.h"
#include "error.h"

/* One input, or the target, of every sample: real features or integer indices.
 *
 *   indices  [count, time]            words of a text; classes of every step
 *   indices  [count]        time = 0  one class per sample
 *   values   [count, time, features]  a series; a target per step
 *   values   [count, features] time = 0  a vector per sample
 *
 * The memory is row-major and belongs to whoever made it. start and length ([count], or
 * both NULL for "all of time") say which steps of each row are real: steps
 * start .. start+length-1. The rest is padding, whatever it holds. */
typedef struct seqnn_array {
    const int32_t *indices;
    const seqnn_real *values;
    seqnn_size time;
    seqnn_size features; /* of values; 0 for indices */
    const int32_t *start, *length;
} seqnn_array;

enum { SEQNN_MAX_INPUTS = 4 };

typedef struct seqnn_dataset {
    seqnn_size count;                /* samples */
    seqnn_array x[SEQNN_MAX_INPUTS]; /* x[0], and more for models of several inputs */
    seqnn_array y;                   /* target */
    const seqnn_real *weight;        /* [count] sample weights, or NULL */
    seqnn_size vocabulary;           /* indices of x[0] are below it; 0 if none */
    seqnn_size classes;              /* classes of y are below it; 0 if none */
    const char *const *class_names;  /* [classes], or NULL */
    void *memory; /* what seqnn_dataset_free gives back; NULL: a view */
} seqnn_dataset;

/* The samples rows[0..count) of data, copied in that order into a new data set. NULL with
 * the error set: a row that data does not have, a negative count, no memory. */
SEQNN_API seqnn_dataset *seqnn_dataset_take(const seqnn_dataset *data,
                                            const int32_t *rows, seqnn_size count);

/* Rows [begin, end) as a view: nothing is copied, data must outlive it. Where begin and
 * end are not 0 <= begin <= end <= data->count, the error is set and the view is empty:
 * its count is 0. */
SEQNN_API seqnn_dataset seqnn_dataset_slice(const seqnn_dataset *data, seqnn_size begin,
                                            seqnn_size end);

SEQNN_API void seqnn_dataset_free(seqnn_dataset *data);

/* Loss and accuracy by epoch, as seqnn_fit returns them. The arrays belong to the model
 * and stand until its next fit. Values that were not measured are NaN. */
typedef struct seqnn_history {
    seqnn_status status;
    seqnn_size epochs;     /* that were run */
    seqnn_size best_epoch; /* 0 = the first, by the monitored value */
    const seqnn_real *loss, *accuracy, *val_loss, *val_accuracy; /* [epochs] */
    const double *seconds;                                       /* [epochs] */
} seqnn_history;

/* What seqnn_fit tells after each step: one batch, or one chunk of it. */
typedef struct seqnn_fit_step {
    seqnn_size step;           /* of the whole run, from 1 */
    seqnn_size steps;          /* of an epoch */
    seqnn_size epoch;          /* 0 = the first */
    seqnn_real loss, accuracy; /* of this batch, before its update; NaN: not measured */
    const seqnn_history *history; /* of the epochs that are complete */
} seqnn_fit_step;

/* How labels are told apart at one threshold: see seqnn_threshold_sweep. */
typedef struct seqnn_threshold_score {
    double threshold, precision, recall, f1;
    double labeling_f_score; /* NaN with a single label */
} seqnn_threshold_score;

#endif
