#include "recurrent.h"
#include "private.h"

static bool sq_has_logarithm(seqnn_real norm)
{
    return norm > 0 && isfinite(norm);
}

/* ln norms[t] = a - b t: b is the covariance of t and -ln norms over the variance of t.
 */
SEQNN_API double seqnn_gradient_rate(const seqnn_real *norms, seqnn_size time)
{
    double count = 0, mean_t = 0, mean_log = 0, variance = 0, covariance = 0;
    for (seqnn_size t = 0; t < time; t++)
        if (sq_has_logarithm(norms[t])) {
            count++;
            mean_t += (double)t;
            mean_log += log((double)norms[t]);
        }
    if (count < 2)
        return (double)NAN;
    mean_t /= count;
    mean_log /= count;
    for (seqnn_size t = 0; t < time; t++)
        if (sq_has_logarithm(norms[t])) {
            const double distance = (double)t - mean_t;
            variance += distance * distance;
            covariance += distance * (mean_log - log((double)norms[t]));
        }
    return exp(covariance / variance);
}
