#include "loss_position.h"
#include "functions.h"

/* Keras' clamp of probabilities: log never sees 0. */
#define SQ_LEAST_PROBABILITY 1e-7

static double sq_target_of(sq_target target, seqnn_size c)
{
    return target.values ? (double)target.values[c]
                         : (double)(target.index == (int32_t)c);
}

static double sq_class_weight(const sq_position_loss *loss, seqnn_size c)
{
    return loss->class_weight ? (double)loss->class_weight[c] : 1;
}

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

static double sq_clamp(double p)
{
    return fmin(fmax(p, SQ_LEAST_PROBABILITY), 1 - SQ_LEAST_PROBABILITY);
}

/* l = -sum_c w_c t_c log y_c; where y is clamped the gradient is 0. A NaN stays one. */
static double sq_probability_crossentropy(const sq_position_loss *loss,
                                          const seqnn_real *y, sq_target target,
                                          double factor, seqnn_real *gradient)
{
    double l = 0;
    for (seqnn_size c = 0; c < loss->outputs; c++) {
        double t = sq_class_weight(loss, c) * sq_target_of(target, c);
        double p = (double)y[c] == (double)y[c] ? sq_clamp((double)y[c]) : (double)y[c];
        if (t != 0)
            l -= t * log(p);
        if (gradient)
            gradient[c] = (seqnn_real)(p == (double)y[c] ? -factor * t / p : 0);
    }
    return l;
}

/* The weight of output c; of a single binary output, that of its target. */
static double sq_binary_weight(const sq_position_loss *loss, seqnn_size c, double t)
{
    if (!loss->class_weight || loss->outputs > 1)
        return sq_class_weight(loss, c);
    return (1 - t) * (double)loss->class_weight[0] + t * (double)loss->class_weight[1];
}

/* -t log s - (1 - t) log(1 - s) = max(z, 0) - t z + log(1 + exp(-|z|)) */
static double sq_binary_crossentropy(const sq_position_loss *loss, const seqnn_real *z,
                                     sq_target target, double factor,
                                     seqnn_real *gradient)
{
    double l = 0;
    bool single = loss->outputs == 1 && !target.values;
    if (gradient && !loss->probabilities)
        sq_sigmoid(loss->outputs, z, gradient);
    for (seqnn_size c = 0; c < loss->outputs; c++) {
        double x = (double)z[c];
        double t = single ? (double)target.index : sq_target_of(target, c);
        double w = loss->scale * sq_binary_weight(loss, c, t);
        double dl;
        if (loss->probabilities) {
            double p = x == x ? sq_clamp(x) : x;
            l -= w * (t * log(p) + (1 - t) * log(1 - p));
            dl = p == x ? w * (p - t) / (p * (1 - p)) : 0;
        } else {
            l += w * ((x < 0 ? 0 : x) - t * x + log1p(exp(-fabs(x))));
            dl = gradient ? w * ((double)gradient[c] - t) : 0;
        }
        if (gradient)
            gradient[c] = (seqnn_real)(factor * dl);
    }
    return l;
}

static double sq_regression(const sq_position_loss *loss, const seqnn_real *y,
                            sq_target target, double factor, seqnn_real *gradient)
{
    double l = 0;
    for (seqnn_size c = 0; c < loss->outputs; c++) {
        double e = (double)y[c] - sq_target_of(target, c);
        double w = loss->scale * sq_class_weight(loss, c);
        double sign = e > 0 ? 1 : e < 0 ? -1 : 0;
        l += w * (loss->kind == SEQNN_MSE ? e * e : fabs(e));
        if (gradient)
            gradient[c] =
                (seqnn_real)(factor * w * (loss->kind == SEQNN_MSE ? 2 * e : sign));
    }
    return l;
}

SQ_LOCAL double sq_loss_of_position(const sq_position_loss *loss, const seqnn_real *z,
                                    sq_target target, double factor, seqnn_real *gradient)
{
    switch (loss->kind) {
    case SEQNN_CATEGORICAL_CROSSENTROPY:
        if (loss->probabilities)
            return sq_probability_crossentropy(loss, z, target, factor, gradient);
        return sq_softmax_crossentropy(loss, z, target, factor, gradient);
    case SEQNN_BINARY_CROSSENTROPY:
        return sq_binary_crossentropy(loss, z, target, factor, gradient);
    default:
        return sq_regression(loss, z, target, factor, gradient);
    }
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
