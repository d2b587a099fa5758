/* Models on the CPU and on the stand-in of a device, and how near they are. Work on the
 * device is done as late as it may be, so that a wait that is missing shows. */
#ifndef BOTH_SIDES_H
#define BOTH_SIDES_H

#include "host_device.h"

#include "../../src/cuda/backend.cuh"

#include <setjmp.h>
#include <string>
extern "C" {
#include <cmocka.h>
}

typedef std::vector<seqnn_real> numbers;

static inline seqnn_model *new_model(bool device)
{
    seqnn_model *model = seqnn_model_new(5);
    assert_int_equal(seqnn_use(model, device ? SEQNN_GPU : SEQNN_CPU), SEQNN_OK);
    return model;
}

static inline void succeeds(const seqnn_model *model)
{
    if (!seqnn_ok(model))
        fail_msg("%s", seqnn_error());
}

/* Apart by no more than `tolerance` of the largest. */
static inline void near(const char *what, const seqnn_real *cpu, const seqnn_real *gpu,
                        seqnn_size count, double tolerance)
{
    double worst = 0, largest = 1e-30;
    for (seqnn_size i = 0; i < count; i++) {
        if (isnan(cpu[i]) != isnan(gpu[i]))
            fail_msg("%s: number %td is %g and %g", what, i, (double)cpu[i],
                     (double)gpu[i]);
        worst = fmax(worst, fabs((double)cpu[i] - (double)gpu[i]));
        largest = fmax(largest, fabs((double)cpu[i]));
    }
    if (!(worst <= tolerance * largest))
        fail_msg("%s: apart by %g, the largest is %g", what, worst, largest);
}

static inline void near(const char *what, double cpu, double gpu, double tolerance)
{
    if (isnan(cpu) != isnan(gpu) || fabs(cpu - gpu) > tolerance * fmax(1, fabs(cpu)))
        fail_msg("%s: %.9g and %.9g", what, cpu, gpu);
}

static inline numbers normal(seqnn_size count, uint64_t stream)
{
    numbers x((size_t)count);
    seqnn_random random = {11, stream, 0};
    for (seqnn_real &one : x)
        one = (seqnn_real)seqnn_random_normal(&random);
    return x;
}

#endif
