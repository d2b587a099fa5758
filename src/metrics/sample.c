/* metrics/sample.c - a class drawn by its probability */
#include "sample.h"

#include "private.h"

#include <math.h>

/* The first of the largest probabilities, or -1 with the error set. */
static int32_t sq_sample_likeliest(const seqnn_real *probabilities, seqnn_size classes)
{
    seqnn_size best = 0;
    for (seqnn_size k = 0; k < classes; k++) {
        if (!(probabilities[k] >= 0) || isinf(probabilities[k])) {
            sq_fail(SEQNN_ERROR_NUMBER,
                    "sample: the probability of class %td is %g, expected a finite "
                    "number of at least 0",
                    k, (double)probabilities[k]);
            return -1;
        }
        if (probabilities[k] > probabilities[best])
            best = k;
    }
    if (probabilities[best] > 0)
        return (int32_t)best;
    sq_fail(SEQNN_ERROR_NUMBER, "sample: the probabilities of all %td classes are 0",
            classes);
    return -1;
}

/* (p / p_max)^(1/tau), in (0, 1]: no power overflows, and that of the likeliest class
 * does not vanish. */
static double sq_sample_share(double p, double p_max, double temperature)
{
    return p > 0 ? exp(log(p / p_max) / temperature) : 0;
}

SEQNN_API int32_t seqnn_sample(const seqnn_real *probabilities, seqnn_size classes,
                               double temperature, seqnn_random *random)
{
    int32_t best;
    double sum = 0, rest, p_max;
    if (classes < 1 || classes > INT32_MAX) {
        sq_fail(SEQNN_ERROR_SHAPE, "sample: %td classes, expected 1 to %d", classes,
                (int)INT32_MAX);
        return -1;
    }
    if (!(temperature >= 0) || isinf(temperature)) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "sample: the temperature is %g, expected a finite number of at least 0",
                temperature);
        return -1;
    }
    best = sq_sample_likeliest(probabilities, classes);
    if (best < 0 || temperature == 0)
        return best;
    p_max = (double)probabilities[best];
    for (seqnn_size k = 0; k < classes; k++)
        sum += sq_sample_share((double)probabilities[k], p_max, temperature);
    rest = seqnn_random_uniform(random) * sum;
    for (seqnn_size k = 0; k < classes; k++) {
        double share = sq_sample_share((double)probabilities[k], p_max, temperature);
        if (rest < share)
            return (int32_t)k;
        rest -= share;
    }
    return best; /* the shares' rounding took the very end of the last one */
}
