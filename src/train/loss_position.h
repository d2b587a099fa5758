/* train/loss_position.h - the loss of one position (private) */
#ifndef SQ_LOSS_POSITION_H
#define SQ_LOSS_POSITION_H

#include "private.h"
#include "loss.h"

typedef struct sq_position_loss {
    seqnn_loss_kind kind; /* never the default */
    int probabilities;    /* 1: the output is no logits; an int leaves no gap */
    seqnn_size outputs;
    const seqnn_real *class_weight; /* or NULL */
    double scale;                   /* 1 / outputs, or 1 */
} sq_position_loss;

/* One position's target: a class, or one number for each output (then `values` is set).
 */
typedef struct sq_target {
    int32_t index;
    const seqnn_real *values;
} sq_target;

/* The loss of a position with output (or logits) z. gradient [outputs] receives
 * factor * dl/dz; it may be NULL. */
SQ_LOCAL double sq_loss_of_position(const sq_position_loss *loss, const seqnn_real *z,
                                    sq_target target, double factor,
                                    seqnn_real *gradient);

/* argmax_c y[c], the first of equal ones. */
SQ_LOCAL seqnn_size sq_best_class(seqnn_size n, const seqnn_real *y);

/* The class weight of a whole position: what a mean by weights divides by. */
SQ_LOCAL double sq_weight_of_position(const sq_position_loss *loss, sq_target target);

#endif
