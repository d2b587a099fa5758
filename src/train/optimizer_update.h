/* train/optimizer_update.h - one update of a stretch of parameters (private) */
#ifndef SQ_OPTIMIZER_UPDATE_H
#define SQ_OPTIMIZER_UPDATE_H

#include "optimizer.h"
#include "private.h"

/* The numbers of one step: what optimizer.h writes in Greek, worked out. */
typedef struct sq_update {
    seqnn_real rate;   /* eta, of Adam with its bias corrections */
    seqnn_real shrink; /* 1 - eta weight_decay */
    seqnn_real l2, momentum;
    seqnn_real move1, move2;            /* 1 - beta1, 1 - beta2 (or 1 - rho) */
    seqnn_real epsilon, epsilon_inside; /* sqrt(v + inside) + epsilon */
    bool nesterov;
} sq_update;

/* Updates n weights. g is NULL where every gradient is zero; m and v are NULL where the
 * kind of optimiser has none. */
typedef void (*sq_update_function)(const sq_update *update, seqnn_size n, seqnn_real *w,
                                   const seqnn_real *g, seqnn_real *m, seqnn_real *v);

SQ_LOCAL sq_update_function sq_update_of(seqnn_optimizer_kind kind);

#endif
