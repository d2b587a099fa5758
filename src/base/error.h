/* base/error.h - the one error rule
 *
 * A function that can fail returns a seqnn_status, or NULL where it returns a pointer,
 * and leaves one sentence in seqnn_error(): what was given, what was expected, and where.
 * The sentence belongs to the calling thread and stands until its next failure.
 *
 * Building a model is sticky: after a failed call the model stays in error and later
 * calls on it do nothing, so that one check, seqnn_ok(model), before training is enough.
 */
#ifndef SEQNN_ERROR_H
#define SEQNN_ERROR_H

#include "config.h"

typedef enum seqnn_status {
    SEQNN_OK = 0,
    SEQNN_ERROR_ARGUMENT, /* an option or argument outside its range */
    SEQNN_ERROR_SHAPE,    /* two shapes that do not fit each other */
    SEQNN_ERROR_MEMORY,   /* no memory, or a size too large to be one */
    SEQNN_ERROR_FILE,     /* a file that cannot be opened, read or written */
    SEQNN_ERROR_FORMAT,   /* a file whose content is not what its format says */
    SEQNN_ERROR_NUMBER,   /* NaN or infinity where a finite number must be */
    SEQNN_ERROR_DEVICE    /* a GPU that is not there, or that failed */
} seqnn_status;

/* The sentence of this thread's last failure, "" before the first. */
SEQNN_API const char *seqnn_error(void);

/* "ok", "argument", "shape", ... for messages and tests. */
SEQNN_API const char *seqnn_status_name(seqnn_status status);

#endif
