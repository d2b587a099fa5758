/* seqnn.h - recurrent networks, trained by backpropagation through time
 *
 * One header for C99 and C++17 without dependencies: tensors, the vanilla RNN, the LSTM
 * and the GRU with their backward passes written out by hand, the layers around them,
 * losses, optimisers, gradient clipping, initialisers, model files and checkpoints, text
 * and data readers, metrics and plots. In exactly one file of your program write
 *
 *     #define SEQNN_IMPLEMENTATION
 *     #include "seqnn.h"
 *
 * and in every other file the #include alone. Compile with
 *
 *     cc -O3 -march=native -fopenmp program.c -o program -lm
 *
 * (-fopenmp for more than one thread, and without it the fast kernels are still chosen at
 * run time for the processor at hand).
 *
 * THE SMALLEST PROGRAM: which way does a series go next?
 *
 *     #define SEQNN_IMPLEMENTATION
 *     #include "seqnn.h"
 *
 *     int main(void)
 *     {
 *         seqnn_real x[64 * 5], y[64];
 *         for (int i = 0; i < 64; i++) {
 *             for (int t = 0; t < 5; t++)
 *                 x[5 * i + t] = (seqnn_real)(i + t) / 70;
 *             y[i] = (seqnn_real)(i + 5) / 70;
 *         }
 *         seqnn_dataset data = {.count = 64,
 *                               .x = {{.values = x, .time = 5, .features = 1}},
 *                               .y = {.values = y, .features = 1}};
 *
 *         seqnn_model *model = seqnn_model_new(1);
 *         seqnn_sequences(model, 1, (seqnn_source_options){0});
 *         seqnn_lstm(model, 4, (seqnn_lstm_options){0});
 *         seqnn_dense(model, 1, (seqnn_dense_options){0});
 *         seqnn_fit(model, &data, (seqnn_fit_options){.epochs = 200,
 *                                                     .optimizer = seqnn_adam(0.01f)});
 *         seqnn_tensor next = seqnn_predict(model, &data, (seqnn_predict_options){0});
 *         if (next.data) // row 59 is 59/70 ... 63/70
 *             printf("after 63/70 comes %.3f, truly %.3f\n", (double)next.data[59],
 *                    (double)y[59]);
 *         else
 *             fprintf(stderr, "%s\n", seqnn_error());
 *         seqnn_free(model);
 *     }
 *
 * HOW TO READ IT. Symbols are those of the lectures: x_t, h_t, C_t, W_x, W_h, b; each
 * layer's header below gives its equations forward and backward, and the function of the
 * same name in the second half is these equations as loops (lstm.c: sq_lstm_state,
 * sq_lstm_backward_step). The fast sweep beside it (lstm_kernels) computes the same.
 *
 * CONVENTIONS. Required things are arguments, all others fields of an options struct,
 * whose zero is the default. Arrays are row-major, batch first: [batch, time, features].
 * The model owns its layers: one seqnn_free. Nothing is printed unless asked for, nothing
 * exits, nothing is global. The same seed gives the same bits with any number of threads.
 *
 * ERRORS. What can fail returns a status or NULL and leaves a sentence in seqnn_error().
 * Building a model is sticky: check seqnn_ok(model) once, before training.
 *
 * FROM TEXT TO A MODEL THAT STAYS. A reader (bbc.h, imdb.h, arxiv.h, tagged.h, pairs.h,
 * series.h, ...) gives texts; seqnn_clean and seqnn_encode make a data set of them, with a
 * tokenizer; seqnn_fit trains, with .checkpoint in a way that no lost process can harm;
 * seqnn_save keeps the model with its tokenizer, seqnn_load brings both back. Weights come
 * from PyTorch and Keras, and go there, by seqnn_import_weights and seqnn_export_weights.
 * The files are safetensors.
 *
 * PICTURES. seqnn_plot_... draws one in a call (history, gradient flow, confusion,
 * eigenvalues, attention, ...); seqnn_figure_new and seqnn_axes_... make one of your own,
 * of a grid of axes. They are PNG files, and need SEQNN_PLOT. seqnn_progress_plot grows
 * in a file while a network trains; seqnn_print_lines and seqnn_live_... draw in the
 * terminal, and need no library (SEQNN_TERMINAL).
 *
 * LIBRARIES are optional, each behind a switch of config.h: zlib for compressed files,
 * expat for XML, libstemmer for stems, WordNet for lemmas, stb for pictures. Without its
 * switch a function says what it needs.
 *
 * ON A GPU. Built with nvcc and seqnn_cuda.cuh the same program trains on an NVIDIA GPU if
 * there is one, else on the processor: device.h says how it is built (make run EX=12
 * CUDA=1 does it for an example), seqnn_use chooses.
 *
 * WHAT IT IS NOT. No automatic differentiation, no convolution, no attention (it is a
 * course's header, not a framework); one machine; float, or double throughout.
 *
 * MIT licence: see LICENSE.
 */
#ifndef SEQNN_H
#define SEQNN_H

#include "config.h"
#include "dataset.h"
#include "error.h"
#include "random.h"
#include "batches.h"
#include "device.h"

#include "matmul.h"
#include "tensor.h"
#include "linalg.h"
#include "principal_components.h"

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
#include "initializers.h"
#include "one_hot.h"

#include "clip.h"
#include "loss.h"
#include "optimizer.h"
#include "train.h"
#include "fit.h"
#include "gradient_check.h"
#include "summary.h"
#include "model_file.h"
#include "checkpoint.h"
#include "weights_file.h"

#include "texts.h"
#include "cleaning.h"
#include "encode.h"
#include "sequences.h"
#include "tokenizer.h"
#include "lemmas.h"
#include "stems.h"
#include "label_filter.h"
#include "n_hot.h"
#include "stream.h"
#include "naive_bayes.h"
#include "ngram.h"

#include "bbc.h"
#include "find.h"
#include "newsgroups.h"
#include "split.h"
#include "word_vectors.h"
#include "safetensors.h"
#include "arxiv.h"
#include "imdb.h"
#include "tagged.h"
#include "npy.h"
#include "news_summary.h"
#include "pairs.h"
#include "plain_text.h"
#include "series.h"

#include "word2vec.h"
#include "tsne.h"
#include "word_space.h"
#include "word_evaluation.h"

#include "metrics.h"
#include "thresholds.h"
#include "sample.h"

#include "charts.h"
#include "plot_series.h"
#include "attention.h"
#include "bars.h"
#include "confusion.h"
#include "eigenvalue_charts.h"
#include "embedding_chart.h"
#include "figure.h"
#include "heatmap.h"
#include "histogram.h"
#include "label_charts.h"
#include "prediction_chart.h"
#include "progress_plot.h"
#include "scatter.h"
#include "terminal.h"
#include "value_histograms.h"
#include "word_cloud.h"
#include "diagram.h"

#endif
