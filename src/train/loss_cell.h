/* train/loss_cell.h - the loss of one cell (private) */
#ifndef SQ_LOSS_CELL_H
#define SQ_LOSS_CELL_H

#include "private.h"
#include "loss.h"

typedef struct sq_cell_loss {
    seqnn_loss_kind kind; /* never the default */
    bool probabilities;   /* the output is no logits */
    seqnn_size outputs;
    const seqnn_real *class_weight; /* or NULL */
    double scale;                   /* 1 / outputs, or 1 */
} sq_cell_loss;

/* One cell's target: a class, or one number for each output (then `values` is set). */
typedef struct sq_target {
    int32_t index;
    const seqnn_real *values;
} sq_target;

/* The loss of a cell with output (or logits) z. gradient [outputs] receives
 * factor * dl/dz; it may be NULL. */
SQ_LOCAL double sq_loss_of_cell(const sq_cell_loss *loss, const seqnn_real *z,
                                sq_target target, double factor, seqnn_real *gradient);

/* The class weight of a whole cell: what a mean by weights divides by. */
SQ_LOCAL double sq_weight_of_cell(const sq_cell_loss *loss, sq_target target);

#endif
