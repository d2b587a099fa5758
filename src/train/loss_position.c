#include "loss_position.h"
#include "functions.h"

/* Keras' clamp of probabilities: log never sees 0. */
#define SQ_LEAST_PROBABILITY 1e-7

/* What one number or one output says: cuda/loss.cuh runs these too. */

SQ_BOTH static inline double sq_target_of(sq_target target, seqnn_size c)
{
    return target.values ? (double)target.values[c]
                         : (double)(target.index == (int32_t)c);
}

SQ_BOTH static inline double sq_class_weight(const sq_position_loss *loss, seqnn_size c)
{
    return loss->class_weight ? (double)loss->class_weight[c] : 1;
}

SQ_BOTH static inline double sq_clamp(double p)
{
    return fmin(fmax(p, SQ_LEAST_PROBABILITY), 1 - SQ_LEAST_PROBABILITY);
}

/* l = -w t log y; where y is clamped the gradient is 0. A NaN stays one. */
SQ_BOTH static inline double sq_probability_loss(double y, double t, double *slope)
{
    const double p = y == y ? sq_clamp(y) : y;
    *slope = p == y ? -t / p : 0;
    return t != 0 ? -t * log(p) : 0;
}

/* The weight of output c; of a single binary output, that of its target. */
SQ_BOTH static inline double sq_binary_weight(const sq_position_loss *loss, seqnn_size c,
                                              double t)
{
    if (!loss->class_weight || loss->outputs > 1)
        return sq_class_weight(loss, c);
    return (1 - t) * (double)loss->class_weight[0] + t * (double)loss->class_weight[1];
}

/* -t log s - (1 - t) log(1 - s) = max(z, 0) - t z + log(1 + exp(-|z|)), s = sigmoid(z) */
SQ_BOTH static inline double sq_binary_loss(const sq_position_loss *loss, double x,
                                            double s, double t, double w, double *slope)
{
    if (!loss->probabilities) {
        *slope = w * (s - t);
        return w * ((x < 0 ? 0 : x) - t * x + log1p(exp(-fabs(x))));
    }
    const double p = x == x ? sq_clamp(x) : x;
    *slope = p == x ? w * (p - t) / (p * (1 - p)) : 0;
    return -w * (t * log(p) + (1 - t) * log(1 - p));
}

SQ_BOTH static inline double sq_regression_loss(const sq_position_loss *loss, double e,
                                                double w, double *slope)
{
    const double sign = e > 0 ? 1 : e < 0 ? -1 : 0;
    *slope = w * (loss->kind == SEQNN_MSE ? 2 * e : sign);
    return w * (loss->kind == SEQNN_MSE ? e * e : fabs(e));
}

/* The loss of output c, and its slope; s is sigmoid(z), of a binary loss that starts from
 * logits. Not for a categorical one that does: there each output depends on all. */
SQ_BOTH static inline double sq_loss_of_output(const sq_position_loss *loss, seqnn_size c,
                                               seqnn_real z, seqnn_real s,
                                               sq_target target, double *slope)
{
    const bool single = loss->outputs == 1 && !target.values;
    double t = sq_target_of(target, c);
    switch (loss->kind) {
    case SEQNN_CATEGORICAL_CROSSENTROPY:
        return sq_probability_loss((double)z, sq_class_weight(loss, c) * t, slope);
    case SEQNN_BINARY_CROSSENTROPY:
        if (single)
            t = (double)target.index;
        return sq_binary_loss(loss, (double)z, (double)s, t,
                              loss->scale * sq_binary_weight(loss, c, t), slope);
    default:
        return sq_regression_loss(loss, (double)z - t,
                                  loss->scale * sq_class_weight(loss, c), slope);
    }
}

/* ---- one position ---- */

SQ_LOCAL seqnn_size sq_best_class(seqnn_size n, const seqnn_real *y)
{
    seqnn_size best = 0;
    for (seqnn_size c = 1; c < n; c++)
        if (y[c] > y[best])
            best = c;
    return best;
}

/* The sum of exp(z_c - shift); e [n] receives the terms if it is not NULL. */
static double sq_sum_exp(seqnn_size n, const seqnn_real *z, seqnn_real shift,
                         seqnn_real *e)
{
    double sum = 0;
    if (!e) {
        for (seqnn_size c = 0; c < n; c++)
            sum += exp((double)(z[c] - shift));
        return sum;
    }
    for (seqnn_size c = 0; c < n; c++)
        e[c] = z[c] - shift;
    sq_exp(n, e, e);
    return sq_sum(n, e);
}

/* l = -sum_c w_c t_c log softmax(z)_c,   dl/dz_c = softmax(z)_c sum_k w_k t_k - w_c t_c
 */
static double sq_softmax_crossentropy(const sq_position_loss *loss, const seqnn_real *z,
                                      sq_target target, double factor,
                                      seqnn_real *gradient)
{
    seqnn_size n = loss->outputs;
    seqnn_real shift = z[sq_best_class(n, z)];
    double sum = sq_sum_exp(n, z, shift, gradient), log_sum = log(sum);
    double total = 0, l = 0;
    seqnn_size first = target.values ? 0 : target.index;
    seqnn_size end = target.values ? n : (seqnn_size)target.index + 1;
    for (seqnn_size c = first; c < end; c++) {
        double t = sq_class_weight(loss, c) * sq_target_of(target, c);
        total += t;
        if (t != 0)
            l -= t * ((double)z[c] - (double)shift - log_sum);
    }
    if (!gradient)
        return l;
    sq_scale(n, (seqnn_real)(factor * total / sum), gradient);
    for (seqnn_size c = first; c < end; c++)
        gradient[c] -=
            (seqnn_real)(factor * sq_class_weight(loss, c) * sq_target_of(target, c));
    return l;
}

static double sq_loss_of_outputs(const sq_position_loss *loss, const seqnn_real *z,
                                 sq_target target, double factor, seqnn_real *gradient)
{
    const bool logits = loss->kind == SEQNN_BINARY_CROSSENTROPY && !loss->probabilities;
    double l = 0;
    if (gradient && logits)
        sq_sigmoid(loss->outputs, z, gradient);
    for (seqnn_size c = 0; c < loss->outputs; c++) {
        double slope;
        l += sq_loss_of_output(loss, c, z[c], gradient && logits ? gradient[c] : 0,
                               target, &slope);
        if (gradient)
            gradient[c] = (seqnn_real)(factor * slope);
    }
    return l;
}

SQ_LOCAL double sq_loss_of_position(const sq_position_loss *loss, const seqnn_real *z,
                                    sq_target target, double factor, seqnn_real *gradient)
{
    if (loss->kind == SEQNN_CATEGORICAL_CROSSENTROPY && !loss->probabilities)
        return sq_softmax_crossentropy(loss, z, target, factor, gradient);
    return sq_loss_of_outputs(loss, z, target, factor, gradient);
}

SQ_LOCAL double sq_weight_of_position(const sq_position_loss *loss, sq_target target)
{
    if (loss->kind != SEQNN_CATEGORICAL_CROSSENTROPY || !loss->class_weight)
        return 1;
    if (!target.values)
        return (double)loss->class_weight[target.index];
    double weight = 0;
    for (seqnn_size c = 0; c < loss->outputs; c++)
        weight += (double)loss->class_weight[c] * (double)target.values[c];
    return weight;
}
