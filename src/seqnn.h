/* seqnn.h - recurrent networks for sequences, trained by backpropagation through time
 *
 * One header, C99 and C++17, no dependency beyond the C library. In exactly one file:
 *
 *     #define SEQNN_IMPLEMENTATION
 *     #include "seqnn.h"
 *
 * and in every other file the #include alone. Build with
 *
 *     cc -O3 -march=native -fopenmp program.c -o program -lm
 *
 * MIT licence: see LICENSE.
 */
#ifndef SEQNN_H
#define SEQNN_H

#include "config.h"
#include "dataset.h"
#include "error.h"
#include "random.h"

#include "activation.h"
#include "dense.h"
#include "dropout.h"
#include "embedding.h"
#include "gru.h"
#include "layer.h"
#include "lstm.h"
#include "merge.h"
#include "model.h"
#include "pooling.h"
#include "recurrent.h"
#include "simple_rnn.h"

#include "metrics.h"

#endif
