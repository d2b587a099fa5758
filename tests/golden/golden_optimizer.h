/* The optimiser that a recorded case asks for. */
#ifndef GOLDEN_OPTIMIZER_H
#define GOLDEN_OPTIMIZER_H

#include "golden.h"

static inline seqnn_schedule schedule_of(const golden_case *c)
{
    static const char *const names[] = {"constant", "step", "exponential", "cosine",
                                        "inverse_time"};
    seqnn_schedule schedule = {.steps = golden_number(c, "steps"),
                               .decay = golden_real(c, "decay", SEQNN_ZERO),
                               .minimum = golden_real(c, "minimum", 0),
                               .warm_up = golden_number(c, "warm_up")};
    for (int i = 0; i < 5; i++)
        if (golden_is(c, "schedule", names[i]))
            schedule.kind = (seqnn_schedule_kind)(SEQNN_SCHEDULE_CONSTANT + i);
    return schedule;
}

static inline seqnn_optimizer optimizer_of(const golden_case *c)
{
    static const char *const names[] = {"sgd", "rmsprop", "adam", "adamw", "adagrad"};
    seqnn_optimizer optimizer = {
        .learning_rate = golden_real(c, "learning_rate", 0),
        .schedule = schedule_of(c),
        .momentum = golden_real(c, "momentum", 0),
        .nesterov = golden_number(c, "nesterov"),
        .rho = golden_real(c, "rho", SEQNN_ZERO),
        .beta1 = golden_real(c, "beta1", SEQNN_ZERO),
        .beta2 = golden_real(c, "beta2", SEQNN_ZERO),
        .epsilon = golden_real(c, "epsilon", SEQNN_ZERO),
        .initial_accumulator = golden_real(c, "initial_accumulator", SEQNN_ZERO),
        .weight_decay = golden_real(c, "weight_decay", SEQNN_ZERO),
        .l2 = golden_real(c, "l2", 0),
        .pytorch_epsilon = golden_is(c, "framework", "torch")};
    for (int i = 0; i < 5; i++)
        if (golden_is(c, "kind", names[i]))
            optimizer.kind = (seqnn_optimizer_kind)(SEQNN_SGD + i);
    return optimizer;
}

#endif
