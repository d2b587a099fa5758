/* layers/backend.h - where a model computes (private)
 *
 * Without a backend the functions of the layers, of the loss and of the optimiser are
 * those of this library on the CPU. A backend, seqnn_cuda.cuh, takes their place. Nothing
 * else changes: the layers' structs are the same, and the reals of a model (weights,
 * gradients, what the optimiser keeps, activations, states) lie in memory that both
 * sides can read, so that whatever a backend does not do the CPU does, after a wait.
 *
 * What the CPU writes anew for every batch (packings, lists of words) lies in memory of
 * its own, and is copied to the device by `batch`.
 */
#ifndef SQ_BACKEND_H
#define SQ_BACKEND_H

#include "graph.h"

struct sq_positions;
struct sq_loss_sums;
struct sq_clip;
struct sq_update;
struct sq_gradient_change;
struct sq_update_range;

typedef struct sq_backend {
    const char *(*name)(const seqnn_model *model); /* of the device */
    void (*close)(seqnn_model *model);
    /* All work is done; what failed since the last wait. */
    seqnn_status (*wait)(seqnn_model *model);
    /* What factors of products may be rounded to, from now on. */
    seqnn_status (*precision)(seqnn_model *model, seqnn_precision precision);

    /* A batch was packed. */
    seqnn_status (*batch)(seqnn_model *model);
    /* The functions of a layer. False: not done here, the CPU is to do it. */
    bool (*forward)(seqnn_layer *layer, seqnn_mode mode, seqnn_status *status);
    bool (*backward)(seqnn_layer *layer);

    /* ---- vectors in the memory of both ---- */

    /* The CPU has written them, and the next to use them is the backend. */
    void (*fetch)(seqnn_model *model, const seqnn_real *x, seqnn_size count);
    /* *x becomes a copy in the CPU's memory, until the next call. Waits. */
    seqnn_status (*read)(seqnn_model *model, const seqnn_real **x, seqnn_size count);
    void (*clear)(seqnn_model *model, seqnn_real *x, seqnn_size count);
    /* Clears rows of a table. */
    void (*clear_rows)(seqnn_model *model, const sq_parameter *parameter);
    void (*scale)(seqnn_model *model, seqnn_real *x, seqnn_size count, double factor);

    /* ---- training (train/) ---- */

    /* The loss of the positions, whose factors are known, and how many of them are right;
     * the output's gradient is written. Waits; not if sums is NULL: `judged` tells. */
    seqnn_status (*loss)(seqnn_model *model, const struct sq_positions *positions,
                         struct sq_loss_sums *sums);
    /* The best class of every row of a signal, until the next call; NULL: a failure.
     * Waits. */
    const int32_t *(*best_classes)(seqnn_model *model, const sq_signal *out);
    /* The sums of squares of the trained parameters' gradients, in their order. Waits. */
    seqnn_status (*squares)(seqnn_model *model, double *squares);
    void (*change)(seqnn_model *model, const struct sq_gradient_change *change);
    /* The numbers of the update that follows; factor: what gradients are taken times,
     * NULL: what was judged. */
    void (*numbers)(seqnn_model *model, const struct sq_update *update,
                    const double *factor);
    /* A stretch of weights, or a table. */
    void (*update)(seqnn_model *model, const struct sq_update_range *range,
                   seqnn_size count);

    /* ---- a step or a pass with one wait, at its end ---- */

    /* What follows may be kept until the wait, and repeated from step to step. */
    void (*begin)(seqnn_model *model);
    /* Looks at the loss (of `loss` without sums) and at the gradients, and clips them; it
     * is number 0, 1, ... of the step. Once something is not finite, no clip and no
     * update does anything. */
    void (*judge)(seqnn_model *model, const struct sq_clip *clip, int number);
    /* What the loss was, and the sums of squares that each clip has seen. Waits. */
    seqnn_status (*judged)(seqnn_model *model, int clips, struct sq_loss_sums *sums,
                           double *squares);
} sq_backend;

#ifdef SEQNN_CUDA
#ifndef __cplusplus
#error "SEQNN_CUDA is for the .cu file that nvcc compiles: see device.h"
#endif
/* The backend of this program's GPU (seqnn_cuda.cuh), the device opened; NULL with the
 * error set if there is none. */
static const sq_backend *sq_cuda_open(seqnn_model *model);
#endif

#endif
