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
 * MIT licence: its text closes the generated seqnn.h.
 */
#ifndef SEQNN_H
#define SEQNN_H

#include "config.h"
#include "dataset.h"
#include "error.h"
#include "random.h"
#include "batches.h"

#include "matmul.h"
#include "tensor.h"

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

#include "clip.h"
#include "loss.h"
#include "optimizer.h"
#include "train.h"

#include "texts.h"
#include "cleaning.h"
#include "encode.h"
#include "sequences.h"
#include "tokenizer.h"

#include "bbc.h"
#include "find.h"
#include "newsgroups.h"
#include "split.h"
#include "word_vectors.h"

#include "metrics.h"

#include "charts.h"

#endif
