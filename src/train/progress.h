/* train/progress.h - the line that grows while a model is trained (private)
 *
 *     Epoch 3/10
 *     26/26 - 0s 4ms/step - loss: 1.2003 - accuracy: 0.5102 - val_loss: 1.1020 - ...
 */
#ifndef SQ_PROGRESS_H
#define SQ_PROGRESS_H

#include "clock.h"
#include "dataset.h"
#include "status_line.h"

typedef struct sq_progress {
    sq_status_line line;
    seqnn_size steps; /* of an epoch */
    double started;
} sq_progress;

SQ_LOCAL sq_progress sq_progress_new(bool on, seqnn_size steps);
SQ_LOCAL void sq_progress_epoch(sq_progress *progress, seqnn_size epoch,
                                seqnn_size epochs);
/* After a step: shown at most ten times a second, and on a terminal only. */
SQ_LOCAL void sq_progress_step(sq_progress *progress, seqnn_size done, double loss,
                               double accuracy);
/* The final line of the epoch; what is NaN is left out. */
SQ_LOCAL void sq_progress_end(sq_progress *progress, double loss, double accuracy,
                              double val_loss, double val_accuracy);

#endif
