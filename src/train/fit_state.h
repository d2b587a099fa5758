/* train/fit_state.h - a run of seqnn_fit from the inside (private) */
#ifndef SQ_FIT_STATE_H
#define SQ_FIT_STATE_H

#include "batches.h"
#include "chunks.h"
#include "fit.h"
#include "json.h"
#include "progress.h"
#include "training.h"

/* Where the run is. With what the model has (checkpoint_file.h), the sums and the history
 * it is all that the rest of the run depends on, and what a checkpoint stores. All fields
 * are of one type: the file has them as an array. */
typedef struct sq_run_place {
    seqnn_size epoch, batch, chunk; /* the next to come */
    seqnn_size carrying; /* 1: a chunk of this batch has left its states to the next */
    seqnn_size has_accuracy; /* 1: the loss has one */
    seqnn_size monitor;      /* what the default was found to be */
    seqnn_size best_epoch;
    seqnn_size stopped; /* 1: on_epoch did not want to go on */
} sq_run_place;

typedef struct sq_run_sums {
    double loss, divisors, right, asked; /* over the batches of this epoch */
    double seconds;                      /* of this epoch, up to the last look */
    double best;                         /* monitored value, larger is better */
} sq_run_sums;

typedef struct sq_fit {
    seqnn_model *model;
    const seqnn_fit_options *options;
    seqnn_train_options step;
    seqnn_size epochs, batch_size;
    const seqnn_dataset *data, *validation;
    seqnn_dataset *kept, *held; /* both parts of a validation split */
    seqnn_batches *batches;
    bool stateful;    /* a layer is */
    sq_chunks chunks; /* if options->bptt_chunk */
    sq_progress progress;
    seqnn_history history;
    sq_run_place at;
    sq_run_sums sums;
    double looked;         /* at the clock */
    sq_buffer description; /* of the run, if it has a checkpoint */
    seqnn_size saved_step; /* the optimiser's, at the last checkpoint */
} sq_fit;

/* ---- fit_setup.c ---- */

SQ_LOCAL seqnn_status sq_fit_start(sq_fit *fit, const seqnn_dataset *data);
SQ_LOCAL void sq_fit_end(sq_fit *fit);

/* ---- fit_resume.c ---- */

/* Goes on from the checkpoint, or writes the first one. Nothing without the option. */
SQ_LOCAL seqnn_status sq_fit_resume(sq_fit *fit);
SQ_LOCAL seqnn_status sq_fit_save(sq_fit *fit);
/* After an update: saves if checkpoint_steps of them have passed. */
SQ_LOCAL seqnn_status sq_fit_save_if_due(sq_fit *fit);
/* Moves the seconds since the last look into the sums. */
SQ_LOCAL void sq_fit_look_at_clock(sq_fit *fit);

#endif
