/* metrics/sample.h - drawing from the probabilities that a model gives */
#ifndef SEQNN_SAMPLE_H
#define SEQNN_SAMPLE_H

#include "error.h"
#include "random.h"

/* A class drawn by its probability p_k at a temperature tau: class k comes with
 *
 *     q_k = p_k^(1/tau) / sum_j p_j^(1/tau)  =  softmax(s / tau)_k    if p = softmax(s)
 *
 *   tau 1        the probabilities as they are
 *   tau below 1  the likely becomes likelier; towards 0 the likeliest class is all
 *                that is left, and 0 gives just that (the first of equal ones)
 *   tau above 1  the differences shrink, towards one chance for all with p_k > 0
 *
 * probabilities [classes] are finite and at least 0, one of them above 0; their sum need
 * not be 1, so that counts serve as well. One number of random is used, at temperature 0
 * none. To leave out the padding, number 0 of a tokenizer:
 *
 *     next = 1 + seqnn_sample(p + 1, vocabulary - 1, 0.5, &random);
 *
 * Returns the class, or -1 with the error set. */
SEQNN_API int32_t seqnn_sample(const seqnn_real *probabilities, seqnn_size classes,
                               double temperature, seqnn_random *random);

#endif
