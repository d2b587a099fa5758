/* train/summary.h - the layers of a model as a table, as Keras prints it
 *
 *     Layer (kind)                  Output shape          Param #
 *     ================================================================
 *     embedding_1 (embedding)       (None, None, 100)     336000
 *     simple_rnn_1 (simple_rnn)     (None, 50)            7550
 *     dense_1 (dense)               (None, 5)             255
 *     ================================================================
 *     Total params: 343805
 *     Trainable params: 343805
 *     Non-trainable params: 0
 *
 * None is what a batch decides: the number of samples, the number of steps.
 */
#ifndef SEQNN_SUMMARY_H
#define SEQNN_SUMMARY_H

#include "model.h"

#include <stdio.h>

/* Prints the table; a model in error prints its error. */
SEQNN_API void seqnn_model_summary(seqnn_model *model, FILE *file);

#endif
