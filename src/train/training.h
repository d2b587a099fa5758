/* train/training.h - what training keeps with a model (private) */
#ifndef SQ_TRAINING_H
#define SQ_TRAINING_H

#include "graph.h"
#include "train.h"

typedef struct sq_training {
    /* Optimiser. */
    seqnn_optimizer_kind kind; /* whose m and v these are; default: none yet */
    seqnn_size step;
    seqnn_real *m, *v;     /* [weight_count], made when first needed, */
    const sq_memory *from; /* of the memory that the weights are of */

    /* Gradient accumulation. */
    seqnn_size gathered; /* batches in the gradients */
    double divisor;      /* sum of theirs */

    /* Scratch, grown on demand. */
    double *sums;
    seqnn_size sums_capacity;
    double *norms; /* of the gradients' tensors: sq_gradient_norms' last */
    seqnn_size norms_capacity;
    double *position_loss;
    seqnn_size position_capacity;
    double right; /* what a backend found right when it computed the last loss */
    seqnn_real *predicted;
    seqnn_size predicted_capacity;

    /* Of the last fit. */
    seqnn_real *best; /* [weight_count] weights of the best epoch */
    seqnn_real *history[4];
    double *seconds;
} sq_training;

/* The model's, made at the first call; NULL with the error set if there is no memory. The
 * model must be built. */
SQ_LOCAL sq_training *sq_training_of(seqnn_model *model);

/* A failure of training is one of the model's last pass: seqnn_ok tells. */
SQ_LOCAL seqnn_status sq_training_fail(seqnn_model *model, seqnn_status status,
                                       const char *format, ...) SQ_PRINTF(3, 4);

/* Waits for a backend: before control, or what it computed, is given to the user. */
SQ_LOCAL seqnn_status sq_training_wait(seqnn_model *model);

/* A data set that is NULL was not made: whoever failed to make it has left the sentence.
 */
SQ_LOCAL seqnn_status sq_check_samples(const char *who, const seqnn_dataset *data);

/* ---- loss.c ---- */

/* What a backend tells of a loss. */
typedef struct sq_loss_sums {
    double loss, right;
} sq_loss_sums;

/* seqnn_loss, which also tells the divisor of its mean (0: it is a sum). */
SQ_LOCAL seqnn_real sq_loss(seqnn_model *model, const seqnn_dataset *batch,
                            const seqnn_loss_options *options, double *divisor);

/* The same on a backend, without a wait: what it comes to is judged with the gradients.
 */
SQ_LOCAL seqnn_status sq_loss_there(seqnn_model *model, const seqnn_dataset *batch,
                                    const seqnn_loss_options *options, double *divisor);

/* Adds what the last forward pass, whose loss was computed, got right, and how many it
 * was asked. False if the kind of loss has no accuracy. */
SQ_LOCAL bool sq_count_right(const seqnn_model *model, const seqnn_dataset *batch,
                             const seqnn_loss_options *options, double *right,
                             double *asked);

/* Adds what the last forward pass took for what, [classes, classes]; its loss is known to
 * be a categorical cross-entropy. */
SQ_LOCAL seqnn_status sq_count_confusion(seqnn_model *model, const seqnn_dataset *batch,
                                         const seqnn_loss_options *options,
                                         int64_t *confusion);

/* ---- train.c ---- */

/* seqnn_train_step, which also tells the divisor, and does not wait for the update. If
 * the model's last pass failed, so did the step. */
SQ_LOCAL seqnn_real sq_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                  const seqnn_train_options *options, double *divisor);

/* The update with what was gathered; nothing if nothing was. */
SQ_LOCAL seqnn_status sq_train_update(seqnn_model *model,
                                      const seqnn_train_options *options);

/* ---- optimizer.c ---- */

/* seqnn_step along the gradients times factor; they are known to be finite. Like what
 * follows here it does not wait for the update. */
SQ_LOCAL seqnn_status sq_step(seqnn_model *model, const seqnn_optimizer *optimizer,
                              double factor);
/* seqnn_step: the gradients are looked at first. */
SQ_LOCAL seqnn_status sq_checked_step(seqnn_model *model,
                                      const seqnn_optimizer *optimizer);
/* Whether sq_judged_step could be made: the options are in order, and there is memory for
 * what the optimiser keeps, which is its own. */
SQ_LOCAL bool sq_optimizer_is_ready(const seqnn_model *model,
                                    const seqnn_optimizer *optimizer);
/* The update of a backend, if what it has judged says so; it is not counted. */
SQ_LOCAL void sq_judged_step(seqnn_model *model, const seqnn_optimizer *optimizer);
/* Memory for an m or v, zeroed; NULL with the error set. */
SQ_LOCAL seqnn_real *sq_moments_new(seqnn_model *model, sq_training *training);
/* Whether the optimiser has to do with rows that no batch touches: 0 while its m and v
 * are new, 1 if they may hold anything. */
SQ_LOCAL void sq_set_moved(seqnn_model *model, int moved);

/* ---- clip.c ---- */

/* Every trained tensor must be finite; *norm receives the global norm, *largest that of
 * the largest tensor (either may be NULL). */
SQ_LOCAL seqnn_status sq_gradient_norms(seqnn_model *model, const char *who, double *norm,
                                        double *largest);
/* seqnn_clip_by_value and seqnn_clip_by_norm. */
SQ_LOCAL seqnn_real sq_clip_values(seqnn_model *model, seqnn_real threshold,
                                   seqnn_real lower);
SQ_LOCAL seqnn_real sq_clip_norms(seqnn_model *model, const char *who, bool each,
                                  seqnn_real threshold, seqnn_real lower);
/* One of the things that a step does to its gradients, once they are seen to be finite;
 * who: of the sentence if they are not. */
typedef enum sq_clip_kind {
    SQ_LOOK, /* at them alone */
    SQ_CLIP_VALUES,
    SQ_CLIP_NORMS, /* of each tensor */
    SQ_CLIP_NORM   /* of all, on the way into the update; in memory only if it grows */
} sq_clip_kind;
typedef struct sq_clip {
    const char *who;
    seqnn_size kind; /* sq_clip_kind */
    seqnn_real threshold, lower;
} sq_clip;
enum { SQ_MOST_CLIPS = 4 };
/* Whether the thresholds are in order, so that a backend can judge by them (backend.h),
 * and there is memory for what comes of it. */
SQ_LOCAL bool sq_can_judge(seqnn_model *model, const sq_clip *clips, int count);
/* The first gradient that was not finite is an error, by the sums of squares in
 * training->norms that the backend has told. */
SQ_LOCAL seqnn_status sq_check_judged(seqnn_model *model, const sq_clip *clips,
                                      int count);
/* A change of all trained gradients. */
typedef struct sq_gradient_change {
    bool clamps; /* the size of each number is brought between two */
    double least, most;
    double factor;         /* else it is taken times this, */
    const double *factors; /* or, one for each parameter, these */
} sq_gradient_change;
/* What seqnn_clip_by_global_norm would take the gradients times. */
SQ_LOCAL seqnn_status sq_clip_factor_of_all(seqnn_model *model, seqnn_real threshold,
                                            seqnn_real lower, double *factor);
/* In double: a factor of 1e40 brings a gradient of 1e-42 up. */
SQ_BOTH static inline seqnn_real sq_scaled(seqnn_real g, double factor)
{
    return (seqnn_real)((double)g * factor);
}
SQ_LOCAL void sq_scale_into(seqnn_size n, double factor, const seqnn_real *from,
                            seqnn_real *to);
/* All trained gradients times factor. */
SQ_LOCAL void sq_scale_gradients(seqnn_model *model, double factor);

/* Elements in a piece of a parallel loop over parameters: cut by shape. Of a table it is
 * sq_piece_rows. */
enum { SQ_PARAMETER_GRAIN = 16384 };

#endif
