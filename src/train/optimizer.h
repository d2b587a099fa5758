/* train/optimizer.h - from gradients to better weights
 *
 * With g the gradient of a weight w, eta the learning rate of this step, and t = 1, 2,
 * ... the number of the step. First, where these options are given,
 *
 *   l2            g = g + l2 w          the gradient of a penalty l2/2 w^2, which the
 *                                       reported loss does not contain (Keras' l2(a) is
 *                                       2 a here, PyTorch's weight_decay of SGD and Adam
 *                                       is l2)
 *   weight_decay  w = w - eta weight_decay w     decoupled, as AdamW and all of Keras
 *
 * for every trained parameter, biases too. Then
 *
 *   SGD           w = w - eta g
 *     momentum    m = momentum m - eta g,   w = w + m
 *     Nesterov    m = momentum m - eta g,   w = w + momentum m - eta g
 *   RMSprop       v = rho v + (1 - rho) g^2
 *                 w = w - eta g / sqrt(v + epsilon)
 *     momentum    m = momentum m + eta g / sqrt(v + epsilon),   w = w - m
 *   Adam, AdamW   m = beta1 m + (1 - beta1) g
 *                 v = beta2 v + (1 - beta2) g^2
 *                 w = w - eta sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
 *   AdaGrad       v = v + g^2                v starts at `initial_accumulator`
 *                 w = w - eta g / sqrt(v + epsilon)
 *
 * These are Keras' equations. PyTorch places epsilon elsewhere; with pytorch_epsilon:
 *
 *   RMSprop, AdaGrad   eta g / (sqrt(v) + epsilon)
 *   Adam               sqrt(v / (1 - beta2^t)) + epsilon under m / (1 - beta1^t)
 *
 * PyTorch's momentum of SGD, m = momentum m + g, w = w - eta m, is the same as long as
 * eta does not change; its RMSprop has rho (alpha) 0.99, its AdaGrad starts at 0.
 *
 * Sources: Robbins and Monro 1951; Nesterov 1983; Hinton, lecture 6e, 2012 (RMSprop);
 * Duchi et al. 2011; Kingma and Ba 2015; Loshchilov and Hutter 2019.
 */
#ifndef SEQNN_OPTIMIZER_H
#define SEQNN_OPTIMIZER_H

#include "model.h"

typedef enum seqnn_optimizer_kind {
    SEQNN_OPTIMIZER_DEFAULT = 0, /* Adam */
    SEQNN_SGD,
    SEQNN_RMSPROP,
    SEQNN_ADAM,
    SEQNN_ADAMW,
    SEQNN_ADAGRAD
} seqnn_optimizer_kind;

/* The learning rate of step k = 0, 1, 2, ...; u = k / steps:
 *
 *   constant      eta_0
 *   step          eta_0 decay^floor(u)
 *   exponential   eta_0 decay^u
 *   cosine        minimum + (eta_0 - minimum) (1 + cos(pi min(u, 1))) / 2
 *   inverse time  eta_0 / (1 + decay u)
 *
 * and never below minimum. With warm_up, the first steps are eta_0 (k + 1) / warm_up, and
 * k counts from their end. */
typedef enum seqnn_schedule_kind {
    SEQNN_SCHEDULE_DEFAULT = 0, /* constant */
    SEQNN_SCHEDULE_CONSTANT,
    SEQNN_SCHEDULE_STEP,
    SEQNN_SCHEDULE_EXPONENTIAL,
    SEQNN_SCHEDULE_COSINE,
    SEQNN_SCHEDULE_INVERSE_TIME
} seqnn_schedule_kind;

typedef struct seqnn_schedule {
    seqnn_schedule_kind kind;
    seqnn_size steps; /* required unless constant */
    seqnn_real decay; /* default: step 0.1, exponential 0.96, inverse time 1 */
    seqnn_real minimum;
    seqnn_size warm_up;
} seqnn_schedule;

/* All zero: Adam as Keras has it. SEQNN_ZERO where 0 itself is meant. The learning rate
 * and all amounts are 0 or more, momentum, rho, beta1 and beta2 in [0, 1): anything else,
 * NaN too, is an error. */
typedef struct seqnn_optimizer {
    seqnn_optimizer_kind kind;
    seqnn_real learning_rate; /* eta_0; default 0.001, of SGD 0.01 */
    seqnn_schedule schedule;
    seqnn_real momentum; /* of SGD and RMSprop; default 0 */
    bool nesterov;
    seqnn_real rho;                 /* default 0.9 */
    seqnn_real beta1, beta2;        /* default 0.9 and 0.999 */
    seqnn_real epsilon;             /* default 1e-7 */
    seqnn_real initial_accumulator; /* default 0.1 */
    seqnn_real weight_decay;        /* default 0, of AdamW 0.004 */
    seqnn_real l2;                  /* default 0 */
    bool pytorch_epsilon;
} seqnn_optimizer;

/* { kind, learning_rate }; change what you like. */
SEQNN_API seqnn_optimizer seqnn_sgd(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_rmsprop(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_adam(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_adamw(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_adagrad(seqnn_real learning_rate);

/* The learning rate of step k; NaN with the error set if the optimiser's kind, learning
 * rate or schedule is out of its range. */
SEQNN_API seqnn_real seqnn_learning_rate(seqnn_optimizer optimizer, seqnn_size k);

/* One step of all trained parameters along their gradients. m, v and the number of the
 * step belong to the model and are made at the first step, of this kind. The gradients
 * are read, not cleared. A gradient that is not finite is an error that names step, layer
 * and parameter, and nothing moves. */
SEQNN_API seqnn_status seqnn_step(seqnn_model *model, seqnn_optimizer optimizer);

/* Steps taken so far. */
SEQNN_API seqnn_size seqnn_steps(const seqnn_model *model);

/* Forgets m, v and the number of steps: the next step is the first. */
SEQNN_API void seqnn_reset_optimizer(seqnn_model *model);

#endif
