/* seqnn.h - recurrent networks, trained by backpropagation through time
 *
 * One header for C99 and C++17 without dependencies: tensors, the vanilla RNN, the LSTM
 * and the GRU with their backward passes written out by hand, the layers around them,
 * losses, optimisers, gradient clipping, initialisers, text and data readers, metrics and
 * plots. In exactly one file of your program write
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
 * WHAT IT IS NOT. No automatic differentiation, no convolution, no attention (it is a
 * course's header, not a framework); one machine; float, or double throughout.
 *
 * MIT licence: see LICENSE.
 */
/* Generated from src/ by `make amalgamate`: change the files there, not this one. */
#ifndef SQ_PASTE
#ifndef SEQNN_H
#define SEQNN_H

/* Contents (search for the name; what is private follows the banner further down)
 *
 *   base/config.h - the number type, sizes, and the switches of this header
 *   base/error.h - the one error rule
 *   base/dataset.h - what readers, models and plots hand around
 *   base/random.h - random numbers that can be counted
 *   base/batches.h - a data set, one batch at a time
 *
 *   math/tensor.h - an array of numbers with its shape
 *   math/matmul.h - the matrix product
 *   math/linalg.h - eigenvalues and orthogonal factors
 *
 *   layers/initializers.h - the first values of the weights
 *   layers/layer.h - a layer and its parameters
 *   layers/activation.h - tanh, sigmoid, relu, softmax and their derivatives
 *   layers/dense.h - the fully connected layer
 *   layers/dropout.h - dropout
 *   layers/embedding.h - a vector for every word
 *   layers/merge.h - two branches become one
 *   layers/recurrent.h - what the vanilla RNN, the LSTM and the GRU have in common
 *   layers/gru.h - gated recurrent unit
 *   layers/lstm.h - long short-term memory
 *   layers/model.h - a network: layers in order, forward, backward
 *   layers/pooling.h - from a sequence to one vector
 *   layers/simple_rnn.h - the vanilla (Elman) recurrent layer
 *
 *   train/clip.h - against exploding gradients: three ways to clip
 *   train/loss.h - how wrong the output is, and the gradient that says how to be less so
 *   train/optimizer.h - from gradients to better weights
 *   train/train.h - one step of training, and what a trained model says
 *   train/fit.h - training over epochs: shuffling, validation, early stopping, progress
 *   train/gradient_check.h - backpropagation against finite differences
 *   train/summary.h - the layers of a model as a table, as Keras prints it
 *
 *   text/texts.h - a list of texts, each with its class and a name of its own
 *   text/cleaning.h - texts before they are tokenized: case, punctuation, stop words
 *   text/sequences.h - texts as lists of word numbers, and their padding to one length
 *   text/tokenizer.h - words and their numbers, as the Keras Tokenizer counts them
 *   text/encode.h - from texts to a data set in one call
 *
 *   data/bbc.h - the BBC News data set (D. Greene and P. Cunningham, 2006)
 *   data/find.h - where the data lies
 *   data/newsgroups.h - 20 Newsgroups, the version that is sorted by date (Ken Lang, Jason
 *   data/split.h - one part of the samples to train on, another to validate
 *   data/word_vectors.h - pretrained word vectors in GloVe's text format
 *
 *   metrics/metrics.h - how good a prediction is
 *
 *   plot/charts.h - PNG pictures: lines, training history, heat map, confusion matrix
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* --------------------------------------------------------------------- base/config.h */

/* base/config.h - the number type, sizes, and the switches of this header
 *
 *   SEQNN_IMPLEMENTATION   in exactly one C or C++ file: the functions themselves
 *   SEQNN_STATIC           everything static: a private copy for this file
 *   SEQNN_DOUBLE           seqnn_real is double (gradient checks); the functions get
 *                          other link names, so that float and double files of one
 *                          program cannot be mixed by accident
 *   SEQNN_PLOT             PNG figures (needs stb_image_write.h)
 *   SEQNN_USE_ZLIB         readers open gzip-compressed files (link with -lz)
 *   SEQNN_USE_CBLAS        large matrix products go to a BLAS (link one)
 *   SEQNN_MALLOC, SEQNN_FREE   your own allocator: define both or none
 *
 * The fast kernels use the best instruction set that the processor has. The environment
 * variable SEQNN_ISA=plain|avx2|avx512|neon chooses another; a name that is unknown, or
 * not available on this machine, is ignored.
 */

#ifdef SEQNN_DOUBLE
/* The link names of a double build, written by `make amalgamate`. */
#define seqnn_dataset_take seqnn_dataset_take_f64
#define seqnn_dataset_slice seqnn_dataset_slice_f64
#define seqnn_dataset_free seqnn_dataset_free_f64
#define seqnn_error seqnn_error_f64
#define seqnn_status_name seqnn_status_name_f64
#define seqnn_random_at seqnn_random_at_f64
#define seqnn_random_bits seqnn_random_bits_f64
#define seqnn_random_uniform seqnn_random_uniform_f64
#define seqnn_random_normal seqnn_random_normal_f64
#define seqnn_random_below seqnn_random_below_f64
#define seqnn_random_shuffle seqnn_random_shuffle_f64
#define seqnn_batches_new seqnn_batches_new_f64
#define seqnn_batches_count seqnn_batches_count_f64
#define seqnn_batches_start seqnn_batches_start_f64
#define seqnn_batches_next seqnn_batches_next_f64
#define seqnn_batches_rows seqnn_batches_rows_f64
#define seqnn_batches_free seqnn_batches_free_f64
#define seqnn_matmul seqnn_matmul_f64
#define seqnn_tensor_view seqnn_tensor_view_f64
#define seqnn_tensor_1d seqnn_tensor_1d_f64
#define seqnn_tensor_2d seqnn_tensor_2d_f64
#define seqnn_tensor_3d seqnn_tensor_3d_f64
#define seqnn_tensor_new seqnn_tensor_new_f64
#define seqnn_tensor_free seqnn_tensor_free_f64
#define seqnn_tensor_size seqnn_tensor_size_f64
#define seqnn_tensor_columns seqnn_tensor_columns_f64
#define seqnn_tensor_rows seqnn_tensor_rows_f64
#define seqnn_tensor_reshape seqnn_tensor_reshape_f64
#define seqnn_tensor_slice seqnn_tensor_slice_f64
#define seqnn_tensor_at seqnn_tensor_at_f64
#define seqnn_tensor_copy seqnn_tensor_copy_f64
#define seqnn_eigenvalues seqnn_eigenvalues_f64
#define seqnn_spectral_radius seqnn_spectral_radius_f64
#define seqnn_orthogonal_factor seqnn_orthogonal_factor_f64
#define seqnn_activation_name seqnn_activation_name_f64
#define seqnn_activate seqnn_activate_f64
#define seqnn_dense seqnn_dense_f64
#define seqnn_dropout seqnn_dropout_f64
#define seqnn_embedding seqnn_embedding_f64
#define seqnn_gru seqnn_gru_f64
#define seqnn_gru_step seqnn_gru_step_f64
#define seqnn_gru_gates seqnn_gru_gates_f64
#define seqnn_layer_name seqnn_layer_name_f64
#define seqnn_layer_kind seqnn_layer_kind_f64
#define seqnn_layer_features seqnn_layer_features_f64
#define seqnn_layer_is_sequence seqnn_layer_is_sequence_f64
#define seqnn_layer_parameters seqnn_layer_parameters_f64
#define seqnn_layer_parameter_at seqnn_layer_parameter_at_f64
#define seqnn_layer_parameter seqnn_layer_parameter_f64
#define seqnn_layer_set seqnn_layer_set_f64
#define seqnn_layer_output seqnn_layer_output_f64
#define seqnn_layer_output_gradient seqnn_layer_output_gradient_f64
#define seqnn_lstm seqnn_lstm_f64
#define seqnn_lstm_step seqnn_lstm_step_f64
#define seqnn_lstm_gates seqnn_lstm_gates_f64
#define seqnn_add seqnn_add_f64
#define seqnn_concat seqnn_concat_f64
#define seqnn_model_new seqnn_model_new_f64
#define seqnn_free seqnn_free_f64
#define seqnn_ok seqnn_ok_f64
#define seqnn_sequences seqnn_sequences_f64
#define seqnn_vectors seqnn_vectors_f64
#define seqnn_forward seqnn_forward_f64
#define seqnn_output seqnn_output_f64
#define seqnn_set_output_gradient seqnn_set_output_gradient_f64
#define seqnn_backward seqnn_backward_f64
#define seqnn_zero_gradients seqnn_zero_gradients_f64
#define seqnn_model_layers seqnn_model_layers_f64
#define seqnn_model_layer_at seqnn_model_layer_at_f64
#define seqnn_model_layer seqnn_model_layer_f64
#define seqnn_weights seqnn_weights_f64
#define seqnn_gradients seqnn_gradients_f64
#define seqnn_model_parameters seqnn_model_parameters_f64
#define seqnn_mark_gradients seqnn_mark_gradients_f64
#define seqnn_reserve seqnn_reserve_f64
#define seqnn_layer_forward seqnn_layer_forward_f64
#define seqnn_as_input seqnn_as_input_f64
#define seqnn_layer_backward seqnn_layer_backward_f64
#define seqnn_global_max_pool seqnn_global_max_pool_f64
#define seqnn_global_mean_pool seqnn_global_mean_pool_f64
#define seqnn_flatten seqnn_flatten_f64
#define seqnn_get_state seqnn_get_state_f64
#define seqnn_set_state seqnn_set_state_f64
#define seqnn_get_state_gradient seqnn_get_state_gradient_f64
#define seqnn_set_state_gradient seqnn_set_state_gradient_f64
#define seqnn_reset_states seqnn_reset_states_f64
#define seqnn_record_gradient_flow seqnn_record_gradient_flow_f64
#define seqnn_gradient_flow seqnn_gradient_flow_f64
#define seqnn_simple_rnn seqnn_simple_rnn_f64
#define seqnn_simple_rnn_step seqnn_simple_rnn_step_f64
#define seqnn_initializer_name seqnn_initializer_name_f64
#define seqnn_initialize seqnn_initialize_f64
#define seqnn_clip_by_value seqnn_clip_by_value_f64
#define seqnn_clip_by_norm seqnn_clip_by_norm_f64
#define seqnn_clip_by_global_norm seqnn_clip_by_global_norm_f64
#define seqnn_gradient_norm seqnn_gradient_norm_f64
#define seqnn_loss seqnn_loss_f64
#define seqnn_loss_of seqnn_loss_of_f64
#define seqnn_loss_name seqnn_loss_name_f64
#define seqnn_sgd seqnn_sgd_f64
#define seqnn_rmsprop seqnn_rmsprop_f64
#define seqnn_adam seqnn_adam_f64
#define seqnn_adamw seqnn_adamw_f64
#define seqnn_adagrad seqnn_adagrad_f64
#define seqnn_learning_rate seqnn_learning_rate_f64
#define seqnn_step seqnn_step_f64
#define seqnn_steps seqnn_steps_f64
#define seqnn_reset_optimizer seqnn_reset_optimizer_f64
#define seqnn_train_step seqnn_train_step_f64
#define seqnn_evaluate seqnn_evaluate_f64
#define seqnn_predict seqnn_predict_f64
#define seqnn_fit seqnn_fit_f64
#define seqnn_gradient_check seqnn_gradient_check_f64
#define seqnn_model_summary seqnn_model_summary_f64
#define seqnn_texts_new seqnn_texts_new_f64
#define seqnn_texts_add seqnn_texts_add_f64
#define seqnn_texts_free seqnn_texts_free_f64
#define seqnn_clean seqnn_clean_f64
#define seqnn_stop_words seqnn_stop_words_f64
#define seqnn_encode seqnn_encode_f64
#define seqnn_token_sequences_free seqnn_token_sequences_free_f64
#define seqnn_pad_sequences seqnn_pad_sequences_f64
#define seqnn_tokenizer_new seqnn_tokenizer_new_f64
#define seqnn_tokenizer_fit seqnn_tokenizer_fit_f64
#define seqnn_tokenizer_sequences seqnn_tokenizer_sequences_f64
#define seqnn_tokenizer_vocabulary seqnn_tokenizer_vocabulary_f64
#define seqnn_tokenizer_words seqnn_tokenizer_words_f64
#define seqnn_tokenizer_tokens seqnn_tokenizer_tokens_f64
#define seqnn_tokenizer_index seqnn_tokenizer_index_f64
#define seqnn_tokenizer_word seqnn_tokenizer_word_f64
#define seqnn_tokenizer_count seqnn_tokenizer_count_f64
#define seqnn_tokenizer_free seqnn_tokenizer_free_f64
#define seqnn_read_bbc_titles seqnn_read_bbc_titles_f64
#define seqnn_read_bbc seqnn_read_bbc_f64
#define seqnn_read_tsv seqnn_read_tsv_f64
#define seqnn_find_data seqnn_find_data_f64
#define seqnn_read_newsgroups seqnn_read_newsgroups_f64
#define seqnn_split seqnn_split_f64
#define seqnn_split_file seqnn_split_file_f64
#define seqnn_parts_free seqnn_parts_free_f64
#define seqnn_word_vectors_read seqnn_word_vectors_read_f64
#define seqnn_word_vectors_find seqnn_word_vectors_find_f64
#define seqnn_word_vectors_free seqnn_word_vectors_free_f64
#define seqnn_word_vectors_into seqnn_word_vectors_into_f64
#define seqnn_predicted_classes seqnn_predicted_classes_f64
#define seqnn_accuracy seqnn_accuracy_f64
#define seqnn_top_k_accuracy seqnn_top_k_accuracy_f64
#define seqnn_confusion_matrix seqnn_confusion_matrix_f64
#define seqnn_class_scores seqnn_class_scores_f64
#define seqnn_average_score seqnn_average_score_f64
#define seqnn_classification_report seqnn_classification_report_f64
#define seqnn_labeling_f_score seqnn_labeling_f_score_f64
#define seqnn_perplexity seqnn_perplexity_f64
#define seqnn_perplexity_of seqnn_perplexity_of_f64
#define seqnn_plot_lines seqnn_plot_lines_f64
#define seqnn_plot_gradient_flow seqnn_plot_gradient_flow_f64
#define seqnn_plot_history seqnn_plot_history_f64
#define seqnn_plot_heatmap seqnn_plot_heatmap_f64
#define seqnn_plot_confusion seqnn_plot_confusion_f64
typedef double seqnn_real;
#else
typedef float seqnn_real;
#endif

/* Every count, length and subscript. Signed, so that loops may run downwards and a
 * subtraction never wraps. */
typedef ptrdiff_t seqnn_size;

#if defined(SEQNN_STATIC) && defined(__GNUC__)
#define SEQNN_API static __attribute__((unused))
#elif defined(SEQNN_STATIC)
#define SEQNN_API static
#elif defined(__cplusplus)
#define SEQNN_API extern "C"
#else
#define SEQNN_API extern
#endif

/* An option left at zero means its default. Where zero itself is wanted (a forget bias
 * of 0, Adam with beta1 = 0) write SEQNN_ZERO. */
#define SEQNN_ZERO ((seqnn_real)-1e30)

/* ---------------------------------------------------------------------- base/error.h */

/* base/error.h - the one error rule
 *
 * A function that can fail returns a seqnn_status, or NULL where it returns a pointer,
 * and leaves one sentence in seqnn_error(): what was given, what was expected, and where.
 * The sentence belongs to the calling thread and stands until its next failure.
 *
 * Building a model is sticky: after a failed call the model stays in error and later
 * calls on it do nothing, so that one check, seqnn_ok(model), before training is enough.
 */

typedef enum seqnn_status {
    SEQNN_OK = 0,
    SEQNN_ERROR_ARGUMENT, /* an option or argument outside its range */
    SEQNN_ERROR_SHAPE,    /* two shapes that do not fit each other */
    SEQNN_ERROR_MEMORY,   /* no memory, or a size too large to be one */
    SEQNN_ERROR_FILE,     /* a file that cannot be opened, read or written */
    SEQNN_ERROR_FORMAT,   /* a file whose content is not what its format says */
    SEQNN_ERROR_NUMBER    /* NaN or infinity where a finite number must be */
} seqnn_status;

/* The sentence of this thread's last failure, "" before the first. */
SEQNN_API const char *seqnn_error(void);

/* "ok", "argument", "shape", ... for messages and tests. */
SEQNN_API const char *seqnn_status_name(seqnn_status status);

/* -------------------------------------------------------------------- base/dataset.h */

/* base/dataset.h - what readers, models and plots hand around
 *
 * A data set is a table of samples; a batch is a small data set. Both are this struct.
 */

/* One input, or the target, of every sample: real features or integer indices.
 *
 *   indices  [count, time]            words of a text; classes of every step
 *   indices  [count]        time = 0  one class per sample
 *   values   [count, time, features]  a series; a target per step
 *   values   [count, features] time = 0  a vector per sample
 *
 * The memory is row-major and belongs to whoever made it. start and length ([count], or
 * both NULL for "all of time") say which steps of each row are real: steps
 * start .. start+length-1. The rest is padding, whatever it holds. */
typedef struct seqnn_array {
    const int32_t *indices;
    const seqnn_real *values;
    seqnn_size time;
    seqnn_size features; /* of values; 0 for indices */
    const int32_t *start, *length;
} seqnn_array;

enum { SEQNN_MAX_INPUTS = 4 };

typedef struct seqnn_dataset {
    seqnn_size count;                /* samples */
    seqnn_array x[SEQNN_MAX_INPUTS]; /* x[0], and more for models of several inputs */
    seqnn_array y;                   /* target */
    const seqnn_real *weight;        /* [count] sample weights, or NULL */
    seqnn_size vocabulary;           /* indices of x[0] are below it; 0 if none */
    seqnn_size classes;              /* classes of y are below it; 0 if none */
    const char *const *class_names;  /* [classes], or NULL */
    void *memory; /* what seqnn_dataset_free gives back; NULL: a view */
} seqnn_dataset;

/* The samples rows[0..count) of data, copied in that order into a new data set. NULL with
 * the error set: a row that data does not have, a negative count, no memory. */
SEQNN_API seqnn_dataset *seqnn_dataset_take(const seqnn_dataset *data,
                                            const int32_t *rows, seqnn_size count);

/* Rows [begin, end) as a view: nothing is copied, data must outlive it. Where begin and
 * end are not 0 <= begin <= end <= data->count, the error is set and the view is empty:
 * its count is 0. */
SEQNN_API seqnn_dataset seqnn_dataset_slice(const seqnn_dataset *data, seqnn_size begin,
                                            seqnn_size end);

SEQNN_API void seqnn_dataset_free(seqnn_dataset *data);

/* Loss and accuracy by epoch, as seqnn_fit returns them. The arrays belong to the model
 * and stand until its next fit. Values that were not measured are NaN. */
typedef struct seqnn_history {
    seqnn_status status;
    seqnn_size epochs;     /* that were run */
    seqnn_size best_epoch; /* 0 = the first, by the monitored value */
    const seqnn_real *loss, *accuracy, *val_loss, *val_accuracy; /* [epochs] */
    const double *seconds;                                       /* [epochs] */
} seqnn_history;

/* --------------------------------------------------------------------- base/random.h */

/* base/random.h - random numbers that can be counted
 *
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", 2011). The i-th number of a stream is a function of (seed, stream, i) alone:
 * nothing is shared, nothing depends on the number of threads, and a generator is
 * restored by copying three integers.
 */

typedef struct seqnn_random {
    uint64_t seed;
    uint64_t stream; /* independent sequences of one seed */
    uint64_t index;  /* how many numbers were drawn */
} seqnn_random;

/* The i-th 32-bit number of a stream. */
SEQNN_API uint32_t seqnn_random_at(uint64_t seed, uint64_t stream, uint64_t i);

/* The next 32 bits; uniform in [0, 1); normal with mean 0 and variance 1 (Box-Muller, two
 * numbers of the stream each); an integer in [0, n), unbiased, n in [1, 2^31]. */
SEQNN_API uint32_t seqnn_random_bits(seqnn_random *random);
SEQNN_API double seqnn_random_uniform(seqnn_random *random);
SEQNN_API double seqnn_random_normal(seqnn_random *random);
SEQNN_API int32_t seqnn_random_below(seqnn_random *random, seqnn_size n);

/* Puts items[0..count) into a random order (Fisher-Yates). */
SEQNN_API void seqnn_random_shuffle(seqnn_random *random, int32_t *items, seqnn_size count);

/* -------------------------------------------------------------------- base/batches.h */

/* base/batches.h - a data set, one batch at a time
 *
 *     seqnn_batches_options options = {.seed = 7};
 *     seqnn_batches *batches = seqnn_batches_new(data, 64, options);
 *     for (seqnn_size epoch = 0; epoch < 10; epoch++) {
 *         const seqnn_dataset *batch;
 *         seqnn_batches_start(batches, epoch);
 *         while ((batch = seqnn_batches_next(batches)) != NULL)
 *             ...
 *     }
 *     seqnn_batches_free(batches);
 *
 * The order of the rows is a function of (seed, epoch) alone: an epoch that is started
 * again gives the same batches. Rows are copied into memory that was set aside at the
 * start; nothing is allocated per batch.
 */

typedef struct seqnn_batches seqnn_batches;

typedef struct seqnn_batches_options {
    uint64_t seed;
    bool keep_order; /* rows in the order of the data, not shuffled */
    bool drop_last;  /* leave out the last batch where it is smaller than the others; an
                        error if that leaves no batch at all */
} seqnn_batches_options;

/* Batches over data, which must outlive them. The first epoch is 0. Error: no rows, or
 * batch_size below 1. */
SEQNN_API seqnn_batches *seqnn_batches_new(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           seqnn_batches_options options);

/* Batches in one epoch. */
SEQNN_API seqnn_size seqnn_batches_count(const seqnn_batches *batches);

/* Goes to the first batch of an epoch. */
SEQNN_API void seqnn_batches_start(seqnn_batches *batches, seqnn_size epoch);

/* The next batch, or NULL at the end of the epoch. It belongs to batches and stands until
 * the next call. */
SEQNN_API const seqnn_dataset *seqnn_batches_next(seqnn_batches *batches);

/* Which rows of the data the last batch holds, [batch->count]. */
SEQNN_API const int32_t *seqnn_batches_rows(const seqnn_batches *batches);

SEQNN_API void seqnn_batches_free(seqnn_batches *batches);

/* --------------------------------------------------------------------- math/tensor.h */

/* math/tensor.h - an array of numbers with its shape
 *
 * A tensor is a row-major view: element (i, j, k) of shape [A, B, C] lies at
 * data[(i B + j) C + k]. It is a small struct, handed around by value, that owns nothing:
 * whoever made the memory frees it. Only tensors of seqnn_tensor_new own theirs, and go
 * back through seqnn_tensor_free.
 *
 *     seqnn_tensor x = seqnn_tensor_3d(memory, 32, 150, 64);    [batch, time, features]
 *     seqnn_tensor sample = seqnn_tensor_slice(x, 5, 6);        [1, 150, 64]
 *
 * A function that cannot give the tensor asked for returns one without data (data is
 * NULL, rank 0) and leaves the reason in seqnn_error().
 */

enum { SEQNN_MAX_RANK = 4 };

typedef struct seqnn_tensor {
    seqnn_real *data;
    seqnn_size rank;                  /* number of axes, 1 .. SEQNN_MAX_RANK */
    seqnn_size shape[SEQNN_MAX_RANK]; /* shape[rank] and on are 0 */
} seqnn_tensor;

/* Views of given memory. Sizes may be 0; negative ones are an error. */
SEQNN_API seqnn_tensor seqnn_tensor_view(seqnn_real *data, seqnn_size rank,
                                         const seqnn_size *shape);
SEQNN_API seqnn_tensor seqnn_tensor_1d(seqnn_real *data, seqnn_size a);
SEQNN_API seqnn_tensor seqnn_tensor_2d(seqnn_real *data, seqnn_size a, seqnn_size b);
SEQNN_API seqnn_tensor seqnn_tensor_3d(seqnn_real *data, seqnn_size a, seqnn_size b,
                                       seqnn_size c);

/* A tensor of zeros with memory of its own; and how to free it. */
SEQNN_API seqnn_tensor seqnn_tensor_new(seqnn_size rank, const seqnn_size *shape);
SEQNN_API void seqnn_tensor_free(seqnn_tensor *tensor);

/* The number of elements; the size of the last axis; elements / size of the last axis
 * (the rows, when all axes but the last are taken together). 0 for a tensor of rank 0. */
SEQNN_API seqnn_size seqnn_tensor_size(seqnn_tensor tensor);
SEQNN_API seqnn_size seqnn_tensor_columns(seqnn_tensor tensor);
SEQNN_API seqnn_size seqnn_tensor_rows(seqnn_tensor tensor);

/* The same elements under another shape of the same size. */
SEQNN_API seqnn_tensor seqnn_tensor_reshape(seqnn_tensor tensor, seqnn_size rank,
                                            const seqnn_size *shape);

/* Entries [begin, end) of the first axis. */
SEQNN_API seqnn_tensor seqnn_tensor_slice(seqnn_tensor tensor, seqnn_size begin,
                                          seqnn_size end);

/* The address of the element at index[0 .. rank); NULL with the error set if it is
 * outside. For tests and debugging: inner loops walk over data. */
SEQNN_API seqnn_real *seqnn_tensor_at(seqnn_tensor tensor, const seqnn_size *index);

/* Copies the elements; both shapes must be the same. */
SEQNN_API seqnn_status seqnn_tensor_copy(seqnn_tensor to, seqnn_tensor from);

/* --------------------------------------------------------------------- math/matmul.h */

/* math/matmul.h - the matrix product
 *
 *     C = op(A) op(B)        or        C = C + op(A) op(B)
 *
 * op(A) is [M, K], op(B) is [K, N], C is [M, N]; op(X) is X or its transpose. A dense or
 * recurrent layer uses three of them: Z = X W forward, dW = X^T dZ and dX = dZ W^T
 * backward.
 *
 * Every element of C is summed over k in one order, which depends on K alone: not on M or
 * N, not on which rows or columns are asked for, not on the number of threads. So the
 * product of some rows of A equals those rows of the product of A, to the bit. (Not so
 * for the products that -DSEQNN_USE_CBLAS hands to a BLAS.)
 */

/* c = op(a) op(b), or c + op(a) op(b) if accumulate. Matrices of rank 2; a tensor of more
 * axes counts as the matrix of its last axis: [batch, time, features] times
 * [features, units] is the product of all steps. c must not overlap a or b.
 *
 * SEQNN_ERROR_SHAPE if the shapes do not fit. */
SEQNN_API seqnn_status seqnn_matmul(bool transpose_a, bool transpose_b, seqnn_tensor a,
                                    seqnn_tensor b, bool accumulate, seqnn_tensor c);

/* --------------------------------------------------------------------- math/linalg.h */

/* math/linalg.h - eigenvalues and orthogonal factors
 *
 * What the lectures on vanishing and exploding gradients need: the spectrum of a
 * recurrent matrix, its spectral radius, and orthogonal matrices. Computed in double.
 */

/* All eigenvalues of a real matrix a [n, n], by decreasing absolute value; of a conjugate
 * pair the one with the positive imaginary part first. real and imaginary hold n numbers.
 *
 * Reduction to Hessenberg form, then the QR algorithm with Francis' double shifts (Golub
 * and Van Loan, Matrix Computations, chapter 7). The error is of the order of the
 * rounding of ||a||; an eigenvalue of a defective matrix loses digits, as it must.
 * SEQNN_ERROR_NUMBER if a holds NaN or infinity. */
SEQNN_API seqnn_status seqnn_eigenvalues(seqnn_tensor a, double *real, double *imaginary);

/* The largest absolute value of an eigenvalue. */
SEQNN_API seqnn_status seqnn_spectral_radius(seqnn_tensor a, double *radius);

/* The orthogonal factor of a = Q R, a [m, n], by Householder reflections, with the
 * diagonal of R made positive: so Q is unique, and uniformly (Haar) distributed if a is
 * Gaussian. q [m, n] has orthonormal columns; if m < n, it is made from the transpose and
 * has orthonormal rows. q may be a. */
SEQNN_API seqnn_status seqnn_orthogonal_factor(seqnn_tensor a, seqnn_tensor q);

/* ------------------------------------------------------------- layers/initializers.h */

/* layers/initializers.h - the first values of the weights
 *
 * A layer's options take initialisers by value; zero means the layer's default:
 *
 *     { .recurrent_initializer = { SEQNN_IDENTITY } }           IRNN
 *     { .recurrent_initializer = { SEQNN_ORTHOGONAL, 0.5f } }   spectral radius 0.5
 *
 * A weight matrix is [fan_in, fan_out], as in Z = X W. The recurrent matrix of an LSTM or
 * GRU with H units is [H, 4H] or [H, 3H]: one block of H columns for each gate. As in
 * Keras, fan_out counts the columns of all gates, and an orthogonal matrix is one
 * [H, 4H] matrix with orthonormal rows; identity and np-RNN are made for each gate.
 *
 * kind                     values                                           a (default)
 * ZEROS                    0
 * CONSTANT                 a                                                0
 * NORMAL                   N(b, a^2)                                        0.05
 * UNIFORM                  U(b - a, b + a)                                  0.05
 * GAUSSIAN                 N(0, 0.01^2)
 * GLOROT_UNIFORM           U(-l, l), l = sqrt(6 / (fan_in + fan_out))
 * GLOROT_NORMAL            variance 2 / (fan_in + fan_out), truncated
 * HE_UNIFORM               U(-l, l), l = sqrt(6 / fan_in)
 * HE_NORMAL                variance 2 / fan_in, truncated
 * LECUN_UNIFORM            U(-l, l), l = sqrt(3 / fan_in)
 * LECUN_NORMAL             variance 1 / fan_in, truncated
 * ORTHOGONAL               a Q; Q from the QR of a Gaussian matrix          gain 1
 * IDENTITY                 a I (a on the diagonal)                          gain 1
 * NP_RNN                   (A + I) / largest eigenvalue of A + I,
 *                          A = R R^T / H, R Gaussian [H, H]
 * SQUARE_ROOT_UNITS        U(-l, l), l = 1 / sqrt(columns of one block)
 *
 * Glorot is also called Xavier. a = 0 means the default in the last column; write
 * SEQNN_ZERO for 0 itself. The truncated normal is Keras': drawn again beyond two
 * standard deviations of the normal, which is widened so that what remains has the
 * variance named. NP_RNN is positive definite: its largest eigenvalue is 1 and the others
 * lie between 0 and 1. SQUARE_ROOT_UNITS is what PyTorch's recurrent layers begin with.
 *
 * Sources: Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998; Saxe, McClelland
 * and Ganguli 2014 (orthogonal); Le, Jaitly and Hinton 2015 (identity: the IRNN);
 * Talathi and Vartak 2015 (np-RNN).
 */

typedef enum seqnn_initializer_kind {
    SEQNN_INITIALIZER_DEFAULT = 0,
    SEQNN_ZEROS,
    SEQNN_CONSTANT,
    SEQNN_NORMAL,
    SEQNN_UNIFORM,
    SEQNN_GAUSSIAN,
    SEQNN_GLOROT_UNIFORM,
    SEQNN_GLOROT_NORMAL,
    SEQNN_HE_UNIFORM,
    SEQNN_HE_NORMAL,
    SEQNN_LECUN_UNIFORM,
    SEQNN_LECUN_NORMAL,
    SEQNN_ORTHOGONAL,
    SEQNN_IDENTITY,
    SEQNN_NP_RNN,
    SEQNN_SQUARE_ROOT_UNITS
} seqnn_initializer_kind;

typedef struct seqnn_initializer {
    seqnn_initializer_kind kind;
    seqnn_real a, b; /* see the table */
} seqnn_initializer;

/* "glorot_uniform", ... for summaries and messages. */
SEQNN_API const char *seqnn_initializer_name(seqnn_initializer_kind kind);

/* Fills weights[rows, columns], where columns is a multiple of blocks, the number of
 * gates (1 for other layers). The values are a function of the arguments alone.
 * SEQNN_INITIALIZER_DEFAULT is an error here: only a layer knows its default. */
SEQNN_API seqnn_status seqnn_initialize(seqnn_initializer how, seqnn_real *weights,
                                        seqnn_size rows, seqnn_size columns,
                                        seqnn_size blocks, uint64_t seed,
                                        uint64_t stream);

/* -------------------------------------------------------------------- layers/layer.h */

/* layers/layer.h - a layer and its parameters
 *
 * A layer is made by a function named after it (seqnn_dense, seqnn_lstm, ...), belongs to
 * the model it was added to, and reads the layer added before it unless its option
 * `input` names another. All layers share these options:
 *
 *   name     for summaries, errors and files; default: "lstm_1" and so on
 *   input    the layer it reads; default: the layer before
 *   frozen   its parameters are not trained
 *
 * What flows between layers is a vector per sample, [batch, features], or a vector per
 * step, [batch, time, features].
 */

typedef struct seqnn_model seqnn_model;
typedef struct seqnn_layer seqnn_layer;

/* A weight matrix or bias with its gradient. Both are views into the model's flat blocks.
 * Weight matrices are [inputs, outputs]: y = x W + b. Of gated layers the columns are
 * blocks of `units`, one per gate: LSTM i, f, C~, o; GRU z, r, h~. */
typedef struct seqnn_parameter {
    const char *name; /* "W_x", "W_h", "b", "W", "table", ... */
    seqnn_size rows, columns;
    seqnn_real *value, *gradient; /* [rows, columns]; a bias has one row */
    bool frozen;
} seqnn_parameter;

SEQNN_API const char *seqnn_layer_name(const seqnn_layer *layer);

/* "lstm", "dense", ... */
SEQNN_API const char *seqnn_layer_kind(const seqnn_layer *layer);

/* Features of its output; whether it gives a vector per step. */
SEQNN_API seqnn_size seqnn_layer_features(const seqnn_layer *layer);
SEQNN_API bool seqnn_layer_is_sequence(const seqnn_layer *layer);

/* Its parameters, by position or by name; NULL with the error set if there is none.
 * The first call makes the model's parameters: no layer can be added after it. */
SEQNN_API seqnn_size seqnn_layer_parameters(const seqnn_layer *layer);
SEQNN_API seqnn_parameter *seqnn_layer_parameter_at(seqnn_layer *layer, seqnn_size i);
SEQNN_API seqnn_parameter *seqnn_layer_parameter(seqnn_layer *layer, const char *name);

/* Copies rows * columns numbers into a parameter; values must be that many. */
SEQNN_API seqnn_status seqnn_layer_set(seqnn_layer *layer, const char *name,
                                       const seqnn_real *values);

/* Its output and dL/d(output) of the last forward and backward pass, in the user's order:
 * [batch, features] or [batch, time, features], zero at padded steps. The memory belongs
 * to the layer and stands until the next call on it. */
SEQNN_API seqnn_tensor seqnn_layer_output(seqnn_layer *layer);
SEQNN_API seqnn_tensor seqnn_layer_output_gradient(seqnn_layer *layer);

/* --------------------------------------------------------------- layers/activation.h */

/* layers/activation.h - tanh, sigmoid, relu, softmax and their derivatives
 *
 *   linear       y = z
 *   tanh         y = tanh z                      dy/dz = 1 - y^2
 *   sigmoid      y = 1 / (1 + exp(-z))           dy/dz = y (1 - y)
 *   relu         y = max(0, z)                   dy/dz = 1 if z > 0, else 0
 *   softmax      y_i = exp z_i / sum_j exp z_j   over the features of a row
 *   log-softmax  y_i = z_i - log sum_j exp z_j
 *
 * As the last activation of a model, softmax, log-softmax and sigmoid are fused with
 * their cross-entropy: the loss is computed from z, never from a logarithm of y.
 */

typedef enum seqnn_activation {
    SEQNN_ACTIVATION_DEFAULT = 0, /* of a layer: dense linear, simple_rnn tanh */
    SEQNN_LINEAR,
    SEQNN_TANH,
    SEQNN_SIGMOID,
    SEQNN_RELU,
    SEQNN_SOFTMAX,
    SEQNN_LOG_SOFTMAX
} seqnn_activation;

SEQNN_API const char *seqnn_activation_name(seqnn_activation activation);

typedef struct seqnn_activation_options {
    const char *name;
    seqnn_layer *input;
} seqnn_activation_options;

/* An activation as a layer of its own. */
SEQNN_API seqnn_layer *seqnn_activate(seqnn_model *model, seqnn_activation activation,
                                      seqnn_activation_options options);

/* -------------------------------------------------------------------- layers/dense.h */

/* layers/dense.h - the fully connected layer
 *
 *   y = g(x W + b)          W: [inputs, units], b: [units]
 *
 * Backwards, with dz = dy * g'(x W + b), sums over all rows x:
 *
 *   dW = sum x^T dz,  db = sum dz,  dx = dz W^T
 *
 * On a sequence the same W and b serve every step (Keras' TimeDistributed(Dense)); padded
 * steps are not computed.
 */

typedef struct seqnn_dense_options {
    const char *name;
    seqnn_layer *input;
    seqnn_activation activation; /* g; default linear */
    bool no_bias;
    bool frozen;
    seqnn_initializer initializer;      /* of W; default Glorot uniform */
    seqnn_initializer bias_initializer; /* default zeros */
} seqnn_dense_options;

SEQNN_API seqnn_layer *seqnn_dense(seqnn_model *model, seqnn_size units,
                                   seqnn_dense_options options);

/* ------------------------------------------------------------------ layers/dropout.h */

/* layers/dropout.h - dropout
 *
 *   y = x * m / (1 - rate)      m = 0 with probability rate, else 1
 *   dx = dy * m / (1 - rate)
 *
 * Inverted scaling: in evaluation the layer is the identity. On a sequence the mask is
 * drawn anew for every step unless per_sequence holds one for all steps of a sequence.
 * Masks are counted random numbers: the same on every thread count and machine.
 */

typedef struct seqnn_dropout_options {
    const char *name;
    seqnn_layer *input;
    bool per_sequence;
} seqnn_dropout_options;

/* rate in [0, 1). */
SEQNN_API seqnn_layer *seqnn_dropout(seqnn_model *model, seqnn_real rate,
                                     seqnn_dropout_options options);

/* ---------------------------------------------------------------- layers/embedding.h */

/* layers/embedding.h - a vector for every word
 *
 *   y_t = table[x_t]        table: [vocabulary, features]
 *
 * the same as a one-hot row times the table; backwards dtable[x_t] += dy_t. Reads word
 * indices, so it is a source: the k-th source of a model reads batch.x[k].indices,
 * [batch, time]. An index outside [0, vocabulary) is an error that names sample and step.
 *
 * mask_zero: index 0 is padding, at the front or at the end: those steps are left out of
 * every later layer. A zero between two words is an error. Where the batch carries start
 * and length they are used, else the zeros are looked for. Without mask_zero the padding
 * is a word like any other, as in Keras.
 */

typedef struct seqnn_embedding_options {
    const char *name;
    bool mask_zero;
    bool frozen;
    seqnn_size time;               /* length, if always the same: Flatten needs it */
    const seqnn_real *vectors;     /* [vocabulary, features] to start from; copied */
    seqnn_initializer initializer; /* default U(-0.05, 0.05), as Keras */
} seqnn_embedding_options;

SEQNN_API seqnn_layer *seqnn_embedding(seqnn_model *model, seqnn_size vocabulary,
                                       seqnn_size features,
                                       seqnn_embedding_options options);

/* -------------------------------------------------------------------- layers/merge.h */

/* layers/merge.h - two branches become one
 *
 *   add      y = a + b          the skip (residual) connection; same features
 *   concat   y = [a, b]         side by side
 *
 * Both inputs are vectors, or both are sequences of the same source.
 */

typedef enum seqnn_merge { SEQNN_MERGE_DEFAULT = 0, SEQNN_CONCAT, SEQNN_SUM } seqnn_merge;

typedef struct seqnn_merge_options {
    const char *name;
} seqnn_merge_options;

SEQNN_API seqnn_layer *seqnn_add(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                 seqnn_merge_options options);
SEQNN_API seqnn_layer *seqnn_concat(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                    seqnn_merge_options options);

/* ---------------------------------------------------------------- layers/recurrent.h */

/* layers/recurrent.h - what the vanilla RNN, the LSTM and the GRU have in common
 *
 *   h_t = cell(x_t, h_(t-1))      t = 1 .. length of the sequence
 *
 * Input [batch, time, features]; output the last state h_T, [batch, units], or with
 * return_sequences every state, [batch, time, units]. "Last" is the last real step:
 * padded steps carry the state through and receive no gradient. A sequence of length 0
 * gives its initial state.
 *
 * The cells: simple_rnn.h, lstm.h, gru.h.
 */

/* Where the GRU's reset gate acts. */
typedef enum seqnn_reset {
    SEQNN_RESET_DEFAULT = 0,
    SEQNN_RESET_BEFORE,              /* (r * h) W_h + b: Cho et al. 2014 */
    SEQNN_RESET_AFTER,               /* r * (h W_h) + b: MATLAB's default */
    SEQNN_RESET_AFTER_RECURRENT_BIAS /* r * (h W_h + b_h) + b: PyTorch, Keras; default */
} seqnn_reset;

typedef struct seqnn_recurrent_options {
    const char *name;
    seqnn_layer *input;
    bool return_sequences; /* every h_t instead of the last */
    bool go_backwards; /* from the last real step to the first; outputs stay in place */
    bool stateful;     /* start from the final state of the batch before, which must
                          be of as many samples */
    seqnn_merge bidirectional;    /* SEQNN_CONCAT or SEQNN_SUM of both directions */
    seqnn_real dropout;           /* of x_t: one mask per sequence (Gal and Ghahramani) */
    seqnn_real recurrent_dropout; /* of h_(t-1) in h W_h: one mask per sequence */
    seqnn_layer *initial_state;   /* a recurrent layer of the same cell and units */
    seqnn_size bptt_window;       /* truncated BPTT: L_j reaches back to h_(j - window);
                                     0: to the first step. For chunks see fit.h */
    bool no_bias;
    bool frozen;
    seqnn_initializer input_initializer;     /* W_x; default Glorot uniform */
    seqnn_initializer recurrent_initializer; /* W_h; default orthogonal */
    seqnn_initializer bias_initializer;      /* b; default zeros */
    seqnn_activation
        activation;         /* simple_rnn only: tanh (default), relu, sigmoid, linear */
    seqnn_real forget_bias; /* lstm only: default 1; SEQNN_ZERO for 0 */
    seqnn_reset reset;      /* gru only */
} seqnn_recurrent_options;

typedef seqnn_recurrent_options seqnn_rnn_options;
typedef seqnn_recurrent_options seqnn_lstm_options;
typedef seqnn_recurrent_options seqnn_gru_options;

/* ---- states ----
 *
 * h and C are [batch, units]; C is the LSTM's cell state and is left alone (may be NULL)
 * by the other cells; h may be NULL where it is read. Of a bidirectional layer name one
 * direction, for states and for gradient flow: "<name>_forward" or "<name>_backward". */

/* The final state of the last forward pass (Keras' return_state). */
SEQNN_API seqnn_status seqnn_get_state(const seqnn_layer *layer, seqnn_real *h,
                                       seqnn_real *C);

/* The state that the next forward pass starts from, once; stateful layers go on from
 * there. It stands before initial_state. */
SEQNN_API seqnn_status seqnn_set_state(seqnn_layer *layer, seqnn_size batch,
                                       const seqnn_real *h, const seqnn_real *C);

/* dL/dh_0 and dL/dC_0 of the last backward pass: what an encoder is to be told. */
SEQNN_API seqnn_status seqnn_get_state_gradient(const seqnn_layer *layer, seqnn_real *dh,
                                                seqnn_real *dC);

/* dL/dh_T and dL/dC_T from outside, added in the next backward pass. */
SEQNN_API seqnn_status seqnn_set_state_gradient(seqnn_layer *layer, const seqnn_real *dh,
                                                const seqnn_real *dC);

/* Stateful layers start from zero again. */
SEQNN_API void seqnn_reset_states(seqnn_model *model);

/* ---- gradient flow ----
 *
 * The norm of dL/dh_t over the batch, for every step t of the user's time axis: the
 * gradient that vanishes or explodes. Recorded by every recurrent layer in every backward
 * pass once switched on. */
SEQNN_API void seqnn_record_gradient_flow(seqnn_model *model, bool on);

/* Writes time norms, norms[t] = || dL/dh_t ||, of the last backward pass (0 where every
 * sequence is padded). For a bidirectional layer name one direction: "<name>_forward" or
 * "<name>_backward". */
SEQNN_API seqnn_status seqnn_gradient_flow(const seqnn_layer *layer, seqnn_real *norms,
                                           seqnn_size time);

/* ---------------------------------------------------------------------- layers/gru.h */

/* layers/gru.h - gated recurrent unit
 *
 *   z_t  = sigmoid(x_t W_x^z + h_(t-1) W_h^z + b^z)     update gate
 *   r_t  = sigmoid(x_t W_x^r + h_(t-1) W_h^r + b^r)     reset gate
 *   h~_t = tanh(x_t W_x^h + ... + b^h)                  candidate, where ... is
 *            (r_t * h_(t-1)) W_h^h          SEQNN_RESET_BEFORE
 *            r_t * (h_(t-1) W_h^h)          SEQNN_RESET_AFTER
 *            r_t * (h_(t-1) W_h^h + b_h^h)  SEQNN_RESET_AFTER_RECURRENT_BIAS
 *   h_t  = z_t * h_(t-1) + (1 - z_t) * h~_t
 *
 * W_x: [inputs, 3 units], W_h: [units, 3 units], b: [3 units], columns in the order
 * z, r, h~; with a recurrent bias also b_h: [3 units], added to h_(t-1) W_h in all three.
 * z_t keeps the old state, as in PyTorch, Keras and MATLAB; one of the lectures writes
 * 1 - z_t in its place. Source: Cho et al. 2014.
 *
 * Backwards, with dh_t = dL/dh_t, a_t what stands for ... above, and dz, dr, da the
 * gradients of what the three activations are applied to:
 *
 *   dz = dh_t * (h_(t-1) - h~_t) * z_t (1 - z_t)
 *   da = dh_t * (1 - z_t) * (1 - h~_t^2)
 *   reset after    s = h_(t-1) W_h^h (+ b_h^h)   a = r * s   ds = da * r
 *                  dr = da * s * r (1 - r)
 *                  dh_(t-1) = dh_t * z_t + [dz, dr, ds] W_h^T
 *   reset before   s = da (W_h^h)^T, the gradient of r * h_(t-1)
 *                  dr = s * h_(t-1) * r (1 - r)
 *                  dh_(t-1) = dh_t * z_t + s * r + [dz, dr] [W_h^z, W_h^r]^T
 *   dW_x = sum_t x_t^T [dz, dr, da],  db = sum_t [dz, dr, da],  db_h = sum_t [dz, dr, ds]
 */

SEQNN_API seqnn_layer *seqnn_gru(seqnn_model *model, seqnn_size units,
                                 seqnn_gru_options options);

/* One step by hand, for one sample. gates [3 units] receives z, r, h~. b and b_h may be
 * NULL (b_h is read by SEQNN_RESET_AFTER_RECURRENT_BIAS only). h_t is not h_prev: write a
 * loop over h[t] and h[t + 1]. */
SEQNN_API void seqnn_gru_step(seqnn_size inputs, seqnn_size units, seqnn_reset reset,
                              const seqnn_real *W_x, const seqnn_real *W_h,
                              const seqnn_real *b, const seqnn_real *b_h,
                              const seqnn_real *x_t, const seqnn_real *h_prev,
                              seqnn_real *gates, seqnn_real *h_t);

/* The gates of the last forward pass: [batch, time, 3 units], zero at padded steps. */
SEQNN_API seqnn_tensor seqnn_gru_gates(seqnn_layer *layer);

/* --------------------------------------------------------------------- layers/lstm.h */

/* layers/lstm.h - long short-term memory
 *
 *   i_t  = sigmoid(x_t W_x^i + h_(t-1) W_h^i + b^i)     input gate
 *   f_t  = sigmoid(x_t W_x^f + h_(t-1) W_h^f + b^f)     forget gate
 *   C~_t = tanh   (x_t W_x^C + h_(t-1) W_h^C + b^C)     candidate
 *   o_t  = sigmoid(x_t W_x^o + h_(t-1) W_h^o + b^o)     output gate
 *   C_t  = f_t * C_(t-1) + i_t * C~_t                   cell state
 *   h_t  = o_t * tanh(C_t)                              output
 *
 * W_x: [inputs, 4 units], W_h: [units, 4 units], b: [4 units], columns in the order
 * i, f, C~, o. One bias (PyTorch has two, whose sum this is). The forget bias starts at 1.
 * Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000 (forget gate).
 *
 * Backwards, with dh_t = dL/dh_t and dC_t = dL/dC_t (from step t+1):
 *
 *   do   = dh_t * tanh(C_t)
 *   dC_t = dC_t + dh_t * o_t * (1 - tanh(C_t)^2)
 *   di = dC_t * C~_t,  dC~ = dC_t * i_t,  df = dC_t * C_(t-1),  dC_(t-1) = dC_t * f_t
 *   dz = [di i (1-i), df f (1-f), dC~ (1 - C~^2), do o (1-o)]
 *   dh_(t-1) = dz W_h^T
 */

SEQNN_API seqnn_layer *seqnn_lstm(seqnn_model *model, seqnn_size units,
                                  seqnn_lstm_options options);

/* One step by hand, for one sample. gates [4 units] receives i, f, C~, o; C_t and h_t
 * [units] the new state, which may take the place of the old one. b may be NULL. */
SEQNN_API void seqnn_lstm_step(seqnn_size inputs, seqnn_size units, const seqnn_real *W_x,
                               const seqnn_real *W_h, const seqnn_real *b,
                               const seqnn_real *x_t, const seqnn_real *h_prev,
                               const seqnn_real *C_prev, seqnn_real *gates,
                               seqnn_real *C_t, seqnn_real *h_t);

/* The gates of the last forward pass: [batch, time, 4 units], zero at padded steps. */
SEQNN_API seqnn_tensor seqnn_lstm_gates(seqnn_layer *layer);

/* -------------------------------------------------------------------- layers/model.h */

/* layers/model.h - a network: layers in order, forward, backward
 *
 * A model owns its layers. Each reads the one before, so that a stack is written from top
 * to bottom; an option `input` makes branches and joins (seqnn_add, seqnn_concat), and
 * `initial_state` hands a recurrent state on (encoder and decoder). The last layer is the
 * output. Forward runs the layers in the order they were added, backward in reverse.
 *
 * Sources: every seqnn_embedding, seqnn_sequences and seqnn_vectors starts from data. The
 * k-th of them reads batch.x[k].
 *
 * Parameters lie in one flat block, their gradients in another of the same layout. The
 * activations lie in one arena, planned for the largest batch and length seen: a forward
 * and backward pass no larger than an earlier one allocates nothing.
 */

typedef enum seqnn_mode {
    SEQNN_EVALUATE = 0, /* dropout is the identity */
    SEQNN_TRAIN
} seqnn_mode;

/* An empty model. The seed decides initial weights, dropout masks and shuffling. */
SEQNN_API seqnn_model *seqnn_model_new(uint64_t seed);

/* Frees the model, its layers and everything they own. Takes NULL. */
SEQNN_API void seqnn_free(seqnn_model *model);

/* Whether the model was built without an error (those stay) and the last pass, step, fit
 * or prediction succeeded. */
SEQNN_API bool seqnn_ok(const seqnn_model *model);

/* ---- sources that are not embeddings ---- */

typedef struct seqnn_source_options {
    const char *name;
    seqnn_size time; /* if it is always the same: Flatten needs it */
} seqnn_source_options;

/* A series: x[k].values is [batch, time, features]. */
SEQNN_API seqnn_layer *seqnn_sequences(seqnn_model *model, seqnn_size features,
                                       seqnn_source_options options);
/* A vector per sample: x[k].values is [batch, features]. */
SEQNN_API seqnn_layer *seqnn_vectors(seqnn_model *model, seqnn_size features,
                                     seqnn_source_options options);

/* ---- one pass ---- */

/* Runs the network on a batch (a small data set; only x is read). */
SEQNN_API seqnn_status seqnn_forward(seqnn_model *model, const seqnn_dataset *batch,
                                     seqnn_mode mode);

/* The last layer's output: [batch, features] or [batch, time, features]. */
SEQNN_API seqnn_tensor seqnn_output(seqnn_model *model);

/* Sets dL/d(output), same shape as seqnn_output, for a loss of your own; seqnn_loss does
 * it for the losses of train/loss.h. */
SEQNN_API seqnn_status seqnn_set_output_gradient(seqnn_model *model,
                                                 const seqnn_real *gradient);

/* Backpropagation (through time) from the output gradient: ADDS dL/dW to every
 * parameter's gradient, so that several batches accumulate. */
SEQNN_API seqnn_status seqnn_backward(seqnn_model *model);

/* Sets all gradients to zero. */
SEQNN_API void seqnn_zero_gradients(seqnn_model *model);

/* ---- looking in ---- */

SEQNN_API seqnn_size seqnn_model_layers(const seqnn_model *model);
SEQNN_API seqnn_layer *seqnn_model_layer_at(seqnn_model *model, seqnn_size i);
SEQNN_API seqnn_layer *seqnn_model_layer(seqnn_model *model, const char *name);

/* The flat blocks. *count (may be NULL) receives the number of values, the few zeros that
 * align each parameter to a cache line included; seqnn_model_parameters counts without.
 *
 * The rows of an embedding's gradient that no batch has touched are known to be zero:
 * norms, clips, steps and seqnn_zero_gradients pass them by. Whoever writes gradients by
 * hand (an average over machines, say) calls seqnn_mark_gradients, and all rows count
 * until the next seqnn_zero_gradients. */
SEQNN_API seqnn_real *seqnn_weights(seqnn_model *model, seqnn_size *count);
SEQNN_API seqnn_real *seqnn_gradients(seqnn_model *model, seqnn_size *count);
SEQNN_API seqnn_size seqnn_model_parameters(seqnn_model *model);
SEQNN_API void seqnn_mark_gradients(seqnn_model *model);

/* Plans the activations for batches up to this size now, rather than at the first
 * forward pass. time applies to every source. */
SEQNN_API seqnn_status seqnn_reserve(seqnn_model *model, seqnn_size batch,
                                     seqnn_size time);

/* ---- one layer alone ---- */

/* Runs a single layer on x (values or, for an embedding, indices; x as in a batch of
 * `count` samples), in place of its input. A recurrent layer starts from the state set
 * (seqnn_set_state), or that of its initial_state, or from zero. The output is
 * seqnn_layer_output(layer). */
SEQNN_API seqnn_status seqnn_layer_forward(seqnn_layer *layer, const seqnn_array *x,
                                           seqnn_size count, seqnn_mode mode);

/* What one layer gave as what another reads: [batch, time, features] or [batch,
 * features]. Nothing is copied. */
SEQNN_API seqnn_array seqnn_as_input(seqnn_tensor tensor);

/* The backward pass of that call. dy has the output's shape; NULL means zero (only a
 * state's gradient flows). dx, if not NULL, receives dL/dx in the shape of x.values;
 * the parameters' gradients are added to. */
SEQNN_API seqnn_status seqnn_layer_backward(seqnn_layer *layer, const seqnn_real *dy,
                                            seqnn_real *dx);

/* ------------------------------------------------------------------ layers/pooling.h */

/* layers/pooling.h - from a sequence to one vector
 *
 *   max      y_k = max_t x_t,k          gradient to the first step that has the maximum
 *   mean     y_k = 1/length sum_t x_t,k
 *   flatten  y = [x_1, x_2, ..., x_T]   every sequence must have all T steps
 *
 * Over the real steps only; a sequence of length 0 gives zeros. Flatten needs the length
 * when the model is built (option `time` of the source) and takes no masked sequences.
 */

typedef struct seqnn_pooling_options {
    const char *name;
    seqnn_layer *input;
} seqnn_pooling_options;

SEQNN_API seqnn_layer *seqnn_global_max_pool(seqnn_model *model,
                                             seqnn_pooling_options options);
SEQNN_API seqnn_layer *seqnn_global_mean_pool(seqnn_model *model,
                                              seqnn_pooling_options options);
SEQNN_API seqnn_layer *seqnn_flatten(seqnn_model *model, seqnn_pooling_options options);

/* --------------------------------------------------------------- layers/simple_rnn.h */

/* layers/simple_rnn.h - the vanilla (Elman) recurrent layer
 *
 *   z_t = x_t W_x + h_(t-1) W_h + b
 *   h_t = g(z_t)                          g: tanh, relu, sigmoid or linear
 *
 * W_x: [inputs, units], W_h: [units, units], b: [units]. The same weights at every step.
 * Source: Elman 1990; lecture "Recurrent neural networks".
 *
 * Backwards, with dh_t = dL/dh_t (from above plus from step t+1):
 *
 *   dz_t     = dh_t * g'(z_t)
 *   dh_(t-1) = dz_t W_h^T
 *   dW_x = sum_t x_t^T dz_t,  dW_h = sum_t h_(t-1)^T dz_t,  db = sum_t dz_t
 */

SEQNN_API seqnn_layer *seqnn_simple_rnn(seqnn_model *model, seqnn_size units,
                                        seqnn_rnn_options options);

/* One step by hand, for one sample: h_t [units] from x_t [inputs] and h_(t-1) [units].
 * b may be NULL. h_t is not h_prev: write a loop over h[t] and h[t + 1]. The activation is
 * tanh, relu, sigmoid or linear; any other counts as tanh. */
SEQNN_API void seqnn_simple_rnn_step(seqnn_size inputs, seqnn_size units,
                                     seqnn_activation activation, const seqnn_real *W_x,
                                     const seqnn_real *W_h, const seqnn_real *b,
                                     const seqnn_real *x_t, const seqnn_real *h_prev,
                                     seqnn_real *h_t);

/* ---------------------------------------------------------------------- train/clip.h */

/* train/clip.h - against exploding gradients: three ways to clip
 *
 * Three functions that are easily confused. With g the gradient of one parameter tensor
 * and G that of all of them together:
 *
 *   by value         every element: g_i = max(-threshold, min(threshold, g_i))
 *   by norm          every tensor:  g = g threshold / ||g||   if ||g|| > threshold
 *   by global norm   all at once:   G = G threshold / ||G||   if ||G|| > threshold
 *
 * The last keeps the direction of the step (Pascanu et al. 2013); the second changes it
 * between tensors, the first also within them. After a clip the norm equals the
 * threshold. Norms are Euclidean, over the trained parameters.
 *
 * lower (0: none) is a second threshold from below, as one of the lectures draws it: what
 * is smaller is scaled up to it. A gradient of zero stays zero. threshold 0 means none
 * above. Clipping is no cure for vanishing gradients: lower lengthens the step, it does
 * not bring back what early time steps have lost.
 *
 * Each returns the norm before: the global norm, or by norm the largest norm of a tensor.
 * On error, that is thresholds that are negative or crossed or both 0, or a gradient that
 * is not finite (named by layer and parameter), they return NaN and change nothing.
 */

SEQNN_API seqnn_real seqnn_clip_by_value(seqnn_model *model, seqnn_real threshold,
                                         seqnn_real lower);
SEQNN_API seqnn_real seqnn_clip_by_norm(seqnn_model *model, seqnn_real threshold,
                                        seqnn_real lower);
SEQNN_API seqnn_real seqnn_clip_by_global_norm(seqnn_model *model, seqnn_real threshold,
                                               seqnn_real lower);

/* ||G||, summed in double in an order that does not depend on the threads. NaN with the
 * error set if it is not finite. */
SEQNN_API seqnn_real seqnn_gradient_norm(seqnn_model *model);

/* ---------------------------------------------------------------------- train/loss.h */

/* train/loss.h - how wrong the output is, and the gradient that says how to be less so
 *
 * A position is one output vector: of a sample, or of a real step of a sample (padded
 * steps are no positions and count in no mean). With z the logits, y the output, t the
 * target, and C classes or outputs, the loss l of a position and its gradient are
 *
 *   categorical cross-entropy  l = -sum_c t_c log softmax(z)_c    dl/dz = softmax(z) - t
 *   binary cross-entropy       l = -sum_c t_c log s_c + (1 - t_c) log(1 - s_c)
 *                              with s = sigmoid(z)                dl/dz = s - t
 *   mean squared error         l = sum_c (y_c - t_c)^2            dl/dy = 2 (y - t)
 *   mean absolute error        l = sum_c |y_c - t_c|              dl/dy = sign(y - t)
 *
 * The sum over c is divided by C (over_outputs), as in Keras and PyTorch, but never for
 * the categorical cross-entropy, where one class is the right one. A first softmax loss
 * is about ln C: the network knows nothing yet.
 *
 * THE BATCH. With w the sample weight of a position times its class weight, over N
 * positions of S samples (samples without a real step are not counted), T_s of them in
 * sample s:
 *
 *   over_steps  over_samples   L
 *   mean        mean           1/N sum w l                Keras, PyTorch; the default
 *   sum         mean           1/S sum w l                MATLAB
 *   mean        sum            sum_s 1/T_s sum_t w l
 *   sum         sum            sum w l
 *
 * Weights multiply, but a mean divides by the number of positions, as in Keras; with
 * divide_by_weights the first line is sum w l / sum w, as PyTorch does with class
 * weights. With no position, or no weight, L is 0 and its gradient is 0.
 *
 * TARGETS (batch.y). The categorical cross-entropy is sparse, one class index per
 * position in y.indices, or dense, C probabilities per position in y.values; the others
 * take y.values of the shape of the output, and the binary one, if C is 1, also y.indices
 * of 0 and 1. Where y has start and length of its own, the steps outside them do not
 * count either.
 *
 * LOGITS. A softmax, log-softmax or sigmoid at the end is fused with its cross-entropy:
 * the loss is computed from z by log-sum-exp, never as the logarithm of y, so that a
 * probability of 1e-40 gives a loss of 92 and not infinity. The output of any other last
 * layer is taken as logits by the cross-entropies, unless the option `probabilities` says
 * that it is probabilities already (a softmax or sigmoid under the other cross-entropy
 * always is); then it is clamped to [1e-7, 1 - 1e-7] as in Keras, which also divides each
 * row by its sum first: rows that sum to 1 give the same loss.
 */

typedef enum seqnn_loss_kind {
    SEQNN_LOSS_DEFAULT = 0, /* softmax, log-softmax: categorical cross-entropy;
                               sigmoid: binary; anything else: MSE, or categorical
                               cross-entropy if y is indices */
    SEQNN_CATEGORICAL_CROSSENTROPY,
    SEQNN_BINARY_CROSSENTROPY,
    SEQNN_MSE,
    SEQNN_MAE
} seqnn_loss_kind;

typedef enum seqnn_reduction {
    SEQNN_REDUCE_DEFAULT = 0, /* mean */
    SEQNN_REDUCE_MEAN,
    SEQNN_REDUCE_SUM
} seqnn_reduction;

typedef struct seqnn_loss_options {
    seqnn_loss_kind kind;
    seqnn_reduction over_outputs;
    seqnn_reduction over_steps;
    seqnn_reduction over_samples;
    /* [C] or NULL: multiplies the term of class or output c. Binary cross-entropy of one
     * output: [2], of target 0 and of target 1. */
    const seqnn_real *class_weight;
    bool divide_by_weights;
    bool probabilities; /* the output is probabilities, not logits */
} seqnn_loss_options;

/* The loss L of the model's last forward pass, which was on this batch; leaves dL/dz or
 * dL/dy as the output gradient, so that seqnn_backward can follow. NaN with the error set
 * if the targets do not fit. */
SEQNN_API seqnn_real seqnn_loss(seqnn_model *model, const seqnn_dataset *batch,
                                seqnn_loss_options options);

/* The same for output [count, outputs] of your own (no time axis), with targets y of
 * count samples and sample weights [count] or NULL. The default kind is by y: indices,
 * categorical cross-entropy; values, MSE. gradient [count, outputs] receives
 * dL/d(output), or is NULL. */
SEQNN_API seqnn_real seqnn_loss_of(const seqnn_real *output, seqnn_size count,
                                   seqnn_size outputs, const seqnn_array *y,
                                   const seqnn_real *weight, seqnn_real *gradient,
                                   seqnn_loss_options options);

/* "categorical cross-entropy", ... */
SEQNN_API const char *seqnn_loss_name(seqnn_loss_kind kind);

/* ----------------------------------------------------------------- train/optimizer.h */

/* train/optimizer.h - from gradients to better weights
 *
 * With g the gradient of a weight w, eta the learning rate of this step, and t = 1, 2,
 * ... the number of the step. First, where these options are given,
 *
 *   l2            g = g + l2 w          the gradient of a penalty l2/2 w^2, which the
 *                                       reported loss does not contain (Keras' l2(a) is
 *                                       2 a here, PyTorch's weight_decay of SGD and Adam
 *                                       is l2)
 *   weight_decay  w = w - eta weight_decay w     decoupled, as AdamW and all of Keras
 *
 * for every trained parameter, biases too. Then
 *
 *   SGD           w = w - eta g
 *     momentum    m = momentum m - eta g,   w = w + m
 *     Nesterov    m = momentum m - eta g,   w = w + momentum m - eta g
 *   RMSprop       v = rho v + (1 - rho) g^2
 *                 w = w - eta g / sqrt(v + epsilon)
 *     momentum    m = momentum m + eta g / sqrt(v + epsilon),   w = w - m
 *   Adam, AdamW   m = beta1 m + (1 - beta1) g
 *                 v = beta2 v + (1 - beta2) g^2
 *                 w = w - eta sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
 *   AdaGrad       v = v + g^2                v starts at `initial_accumulator`
 *                 w = w - eta g / sqrt(v + epsilon)
 *
 * These are Keras' equations. PyTorch places epsilon elsewhere; with pytorch_epsilon:
 *
 *   RMSprop, AdaGrad   eta g / (sqrt(v) + epsilon)
 *   Adam               sqrt(v / (1 - beta2^t)) + epsilon under m / (1 - beta1^t)
 *
 * PyTorch's momentum of SGD, m = momentum m + g, w = w - eta m, is the same as long as
 * eta does not change; its RMSprop has rho (alpha) 0.99, its AdaGrad starts at 0.
 *
 * Sources: Robbins and Monro 1951; Nesterov 1983; Hinton, lecture 6e, 2012 (RMSprop);
 * Duchi et al. 2011; Kingma and Ba 2015; Loshchilov and Hutter 2019.
 */

typedef enum seqnn_optimizer_kind {
    SEQNN_OPTIMIZER_DEFAULT = 0, /* Adam */
    SEQNN_SGD,
    SEQNN_RMSPROP,
    SEQNN_ADAM,
    SEQNN_ADAMW,
    SEQNN_ADAGRAD
} seqnn_optimizer_kind;

/* The learning rate of step k = 0, 1, 2, ...; u = k / steps:
 *
 *   constant      eta_0
 *   step          eta_0 decay^floor(u)
 *   exponential   eta_0 decay^u
 *   cosine        minimum + (eta_0 - minimum) (1 + cos(pi min(u, 1))) / 2
 *   inverse time  eta_0 / (1 + decay u)
 *
 * and never below minimum. With warm_up, the first steps are eta_0 (k + 1) / warm_up, and
 * k counts from their end. */
typedef enum seqnn_schedule_kind {
    SEQNN_SCHEDULE_DEFAULT = 0, /* constant */
    SEQNN_SCHEDULE_CONSTANT,
    SEQNN_SCHEDULE_STEP,
    SEQNN_SCHEDULE_EXPONENTIAL,
    SEQNN_SCHEDULE_COSINE,
    SEQNN_SCHEDULE_INVERSE_TIME
} seqnn_schedule_kind;

typedef struct seqnn_schedule {
    seqnn_schedule_kind kind;
    seqnn_size steps; /* required unless constant */
    seqnn_real decay; /* default: step 0.1, exponential 0.96, inverse time 1 */
    seqnn_real minimum;
    seqnn_size warm_up;
} seqnn_schedule;

/* All zero: Adam as Keras has it. SEQNN_ZERO where 0 itself is meant. The learning rate
 * and all amounts are 0 or more, momentum, rho, beta1 and beta2 in [0, 1): anything else,
 * NaN too, is an error. */
typedef struct seqnn_optimizer {
    seqnn_optimizer_kind kind;
    seqnn_real learning_rate; /* eta_0; default 0.001, of SGD 0.01 */
    seqnn_schedule schedule;
    seqnn_real momentum; /* of SGD and RMSprop; default 0 */
    bool nesterov;
    seqnn_real rho;                 /* default 0.9 */
    seqnn_real beta1, beta2;        /* default 0.9 and 0.999 */
    seqnn_real epsilon;             /* default 1e-7 */
    seqnn_real initial_accumulator; /* default 0.1 */
    seqnn_real weight_decay;        /* default 0, of AdamW 0.004 */
    seqnn_real l2;                  /* default 0 */
    bool pytorch_epsilon;
} seqnn_optimizer;

/* { kind, learning_rate }; change what you like. */
SEQNN_API seqnn_optimizer seqnn_sgd(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_rmsprop(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_adam(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_adamw(seqnn_real learning_rate);
SEQNN_API seqnn_optimizer seqnn_adagrad(seqnn_real learning_rate);

/* The learning rate of step k; NaN with the error set if the optimiser's kind, learning
 * rate or schedule is out of its range. */
SEQNN_API seqnn_real seqnn_learning_rate(seqnn_optimizer optimizer, seqnn_size k);

/* One step of all trained parameters along their gradients. m, v and the number of the
 * step belong to the model and are made at the first step, of this kind. The gradients
 * are read, not cleared. A gradient that is not finite is an error that names step, layer
 * and parameter, and nothing moves. */
SEQNN_API seqnn_status seqnn_step(seqnn_model *model, seqnn_optimizer optimizer);

/* Steps taken so far. */
SEQNN_API seqnn_size seqnn_steps(const seqnn_model *model);

/* Forgets m, v and the number of steps: the next step is the first. */
SEQNN_API void seqnn_reset_optimizer(seqnn_model *model);

/* --------------------------------------------------------------------- train/train.h */

/* train/train.h - one step of training, and what a trained model says
 *
 * The loop of the slides, by hand (seqnn_fit of fit.h runs it for you):
 *
 *     for (seqnn_size epoch = 0; epoch < 10; epoch++) {
 *         seqnn_batches_start(batches, epoch);
 *         for (const seqnn_dataset *batch; (batch = seqnn_batches_next(batches));)
 *             loss = seqnn_train_step(model, batch, options);
 *     }
 *
 * and one step of it, by hand:
 *
 *     seqnn_zero_gradients(model);
 *     seqnn_forward(model, batch, SEQNN_TRAIN);
 *     loss = seqnn_loss(model, batch, options.loss);
 *     seqnn_backward(model);
 *     norm = seqnn_clip_by_global_norm(model, 5, 0);
 *     seqnn_step(model, options.optimizer);
 *
 * ERRORS. After a failure of anything here seqnn_ok(model) is false, until a later pass
 * succeeds.
 */

typedef struct seqnn_train_options {
    seqnn_optimizer optimizer;
    seqnn_loss_options loss;
    /* Thresholds of clip.h, applied in this order; 0: none. */
    seqnn_real clip_value, clip_value_lower;
    seqnn_real clip_norm, clip_norm_lower;
    seqnn_real clip_global_norm, clip_global_norm_lower;
    /* Gradients of so many batches are gathered before each update, which is then the
     * update of one batch with all their samples; 0 and 1: every batch. seqnn_train_step
     * knows no last batch: what was gathered waits for the next ones. seqnn_fit makes an
     * update of it at the end of each epoch. */
    seqnn_size accumulate;
} seqnn_train_options;

/* Forward, loss, backward, clip, update on one batch. Returns the loss before the update,
 * or NaN with the error set. A loss or gradient that is not finite is an error that names
 * the step and the layer; the weights then stay as they were. */
SEQNN_API seqnn_real seqnn_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_train_options options);

typedef struct seqnn_evaluate_options {
    seqnn_size batch_size; /* default 32; changes no result but its rounding */
    seqnn_loss_options loss;
} seqnn_evaluate_options;

typedef struct seqnn_evaluation {
    seqnn_status status;
    seqnn_real loss;
    seqnn_real accuracy;
} seqnn_evaluation;

/* Loss and accuracy on a data set, without dropout. The loss is that of the whole set as
 * one batch. Accuracy, over all positions (see loss.h), unweighted:
 *
 *   categorical   the share of positions whose largest output is the right class
 *   binary        the share of labels on the right side of probability 1/2
 *   MSE, MAE      NaN
 */
SEQNN_API seqnn_evaluation seqnn_evaluate(seqnn_model *model, const seqnn_dataset *data,
                                          seqnn_evaluate_options options);

typedef struct seqnn_predict_options {
    seqnn_size batch_size; /* default 32 */
} seqnn_predict_options;

/* The outputs for all samples, [count, features] or [count, time, features], zero at
 * padded steps. The memory belongs to the model and stands until the next prediction.
 * On error its data is NULL. */
SEQNN_API seqnn_tensor seqnn_predict(seqnn_model *model, const seqnn_dataset *data,
                                     seqnn_predict_options options);

/* ----------------------------------------------------------------------- train/fit.h */

/* train/fit.h - training over epochs: shuffling, validation, early stopping, progress
 *
 *     seqnn_history h = seqnn_fit(model, data, (seqnn_fit_options){
 *         .epochs = 10, .batch_size = 64, .validation_split = 0.2f, .patience = 5,
 *         .verbose = 1 });
 *     if (h.status) ...
 *
 * runs the loop of train.h: in every epoch all batches in a new random order, each one
 * update, then loss and accuracy on the validation data. The order is decided by the
 * model's seed and the epoch, so that a run is repeated to the bit, with any number of
 * threads.
 *
 * Loss and accuracy of training are those of the passes of the epoch, with dropout on and
 * the weights moving; those of validation are seqnn_evaluate's. So the first may be worse
 * than the second.
 *
 * VALIDATION. Either a data set of its own, or validation_split: the samples are shuffled
 * once (files are often ordered by class; Keras does not shuffle here) and the last
 * ceil(split * count) of them are held out. Beware when models are compared: it is the
 * model's seed that shuffles, so that models of different seeds are validated on
 * different samples. Split the data once, with seqnn_split, and give `validation`.
 *
 * EARLY STOPPING. With patience p the training ends after p epochs in a row without a new
 * best of the monitored value: an accuracy must grow, a loss must fall. restore_best puts
 * the weights of the best epoch back at the end, with or without patience; otherwise the
 * model keeps those of the last epoch.
 *
 * TRUNCATED BACKPROPAGATION. With bptt_chunk k, each batch is cut into chunks of k
 * steps; the final states of one chunk are the initial states of the next, the gradient
 * stops at the border, and every chunk is one update. It needs a target for each step,
 * and recurrent layers that run forwards. Every batch starts from zero states, that of a
 * stateful layer too. (The other way the lectures write it, a window that slides step by
 * step, is the option bptt_window of the recurrent layers.)
 *
 * STATEFUL LAYERS go on from batch to batch within an epoch: sample i of a batch is what
 * follows sample i of the batch before, so ask for keep_order. All batches must have one
 * size (drop_last leaves a smaller one out). They start from zero in every epoch, for
 * validation, and after fit.
 *
 * ACCUMULATION. With accumulate n, n batches (or chunks) make one update, as in train.h;
 * what is left at the end of an epoch makes an update of its own. Nothing that was
 * gathered before fit takes part.
 *
 * ERRORS are in history.status, and seqnn_ok(model) is false. A loss that is not finite
 * ends the training with the weights of the step before; the sentence names epoch, step
 * and layer.
 */

typedef enum seqnn_monitor {
    SEQNN_MONITOR_DEFAULT = 0, /* validation accuracy, if there is one; else validation
                                  loss; without validation the training loss */
    SEQNN_MONITOR_VAL_ACCURACY,
    SEQNN_MONITOR_VAL_LOSS,
    SEQNN_MONITOR_ACCURACY,
    SEQNN_MONITOR_LOSS
} seqnn_monitor;

typedef struct seqnn_fit_options {
    seqnn_size epochs;     /* default 1 */
    seqnn_size batch_size; /* default 32 */
    seqnn_optimizer optimizer;
    seqnn_loss_options loss;
    seqnn_real validation_split; /* in (0, 1); 0: none */
    const seqnn_dataset *validation;
    seqnn_size patience; /* 0: no early stopping */
    seqnn_monitor monitor;
    bool restore_best;
    bool keep_order;       /* do not shuffle the batches */
    bool drop_last;        /* leave out a last batch that is smaller than the others */
    seqnn_size bptt_chunk; /* 0: backpropagation through all of time */
    seqnn_real clip_value, clip_value_lower; /* see train.h */
    seqnn_real clip_norm, clip_norm_lower;
    seqnn_real clip_global_norm, clip_global_norm_lower;
    seqnn_size accumulate;
    int verbose; /* 1: a line per epoch on stdout, growing in place on a terminal */
    /* Called after each epoch with the history so far; returns whether to go on. */
    bool (*on_epoch)(seqnn_model *model, const seqnn_history *history, void *context);
    void *context;
} seqnn_fit_options;

/* Trains the model. m, v and the step number of the optimiser go on from an earlier fit
 * (seqnn_reset_optimizer starts afresh). The arrays of the history belong to the model
 * and stand until its next fit. */
SEQNN_API seqnn_history seqnn_fit(seqnn_model *model, const seqnn_dataset *data,
                                  seqnn_fit_options options);

/* ------------------------------------------------------------ train/gradient_check.h */

/* train/gradient_check.h - backpropagation against finite differences
 *
 * For every trained parameter tensor, the gradient g of the loss by seqnn_backward
 * against the central difference
 *
 *     d_i = (L(w + epsilon e_i) - L(w - epsilon e_i)) / (2 epsilon)
 *
 * and the relative error of the tensor, max_i |g_i - d_i| / max(max_i |g_i|, max_i
 * |d_i|), 0 if both are zero. In a double build a correct backward pass is below 1e-7; in
 * float 1e-2 is what can be hoped for. Dropout stays on, with the same masks in every
 * pass. Beware of kinks (relu, max pooling, absolute error): the difference straddles
 * them.
 */

typedef struct seqnn_gradient_check_options {
    seqnn_loss_options loss;
    seqnn_real epsilon; /* default 1e-5 in double, 1e-2 in float */
    seqnn_size limit;   /* elements looked at in each tensor, spread evenly; 0: all */
} seqnn_gradient_check_options;

typedef struct seqnn_gradient_error {
    const char *layer, *parameter; /* names, belonging to the model */
    double error;                  /* of the tensor, as above */
    seqnn_size worst;              /* the element where |g - d| is largest */
    double gradient, difference;   /* there */
    seqnn_size checked;            /* elements */
} seqnn_gradient_error;

/* Checks all trained parameters on one batch; returns the largest error, or NaN with the
 * error set. errors [capacity] receives one entry for each tensor, in the model's order;
 * *count (may be NULL) how many tensors there are, which may be more. errors may be NULL.
 * Weights are as before at the end; the gradients are those of the batch. Every pass
 * starts from zero states (or from its initial_state): those of stateful layers and of
 * seqnn_set_state are forgotten. */
SEQNN_API double seqnn_gradient_check(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_gradient_check_options options,
                                      seqnn_gradient_error *errors, seqnn_size capacity,
                                      seqnn_size *count);

/* ------------------------------------------------------------------- train/summary.h */

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

/* Prints the table; a model in error prints its error. */
SEQNN_API void seqnn_model_summary(seqnn_model *model, FILE *file);

/* ---------------------------------------------------------------------- text/texts.h */

/* text/texts.h - a list of texts, each with its class and a name of its own */

/* Read it freely, change it by the functions below. All memory belongs to it. */
typedef struct seqnn_texts {
    seqnn_size count;
    const char *const *text;        /* [count], UTF-8 */
    const char *const *id;          /* [count], unique: a line number, a path, ... */
    const int32_t *label;           /* [count], the class; NULL if the texts have none */
    seqnn_size classes;             /* 0 if they have none */
    const char *const *class_names; /* [classes] */
} seqnn_texts;

/* An empty list. */
SEQNN_API seqnn_texts *seqnn_texts_new(void);

/* Adds a copy of one text. class_name is NULL for texts without classes (all of them or
 * none); classes are numbered in the order of their first text, readers number them in
 * the byte order of their names. id NULL: the number of the text. */
SEQNN_API seqnn_status seqnn_texts_add(seqnn_texts *texts, const char *text,
                                       const char *class_name, const char *id);

SEQNN_API void seqnn_texts_free(seqnn_texts *texts);

/* ------------------------------------------------------------------- text/cleaning.h */

/* text/cleaning.h - texts before they are tokenized: case, punctuation, stop words */

/* What is done to a text, in this order. Lower case and blanks are those of Unicode's
 * Latin-1 part and of Python's str.split(); punctuation is the ASCII one,
 * !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~, deleted without a blank in its place.
 *
 * The order matters: with punctuation first, "can't" becomes "cant", a stop word, and
 * "U.S." becomes "us", another. */
typedef enum seqnn_cleaning {
    SEQNN_CLEAN_DEFAULT = 0,       /* as SEQNN_CLEAN_NONE */
    SEQNN_CLEAN_NONE,              /* nothing: the tokenizer's filters are enough */
    SEQNN_CLEAN_PUNCTUATION_FIRST, /* lower case; punctuation; stop words; short words */
    SEQNN_CLEAN_STOP_WORDS_FIRST   /* the lecture's recipe: lower case; "." becomes ". ";
                                      stop words; punctuation; short words */
} seqnn_cleaning;

typedef struct seqnn_clean_options {
    seqnn_cleaning cleaning;
    const char *const *stop_words; /* ends with NULL; NULL: seqnn_stop_words() */
    seqnn_size min_length;         /* shorter words go; 0 and 1: none */
} seqnn_clean_options;

/* The cleaned texts as a new list, words with one blank between them; classes and ids
 * stay. A text of which nothing is left stays as an empty one. */
SEQNN_API seqnn_texts *seqnn_clean(const seqnn_texts *texts, seqnn_clean_options options);

/* 318 English stop words, ending with NULL: the Glasgow list (C. J. van Rijsbergen's,
 * extended by the Information Retrieval Group, University of Glasgow) in the form that
 * scikit-learn uses, lower-case and without apostrophes. */
SEQNN_API const char *const *seqnn_stop_words(void);

/* ------------------------------------------------------------------ text/sequences.h */

/* text/sequences.h - texts as lists of word numbers, and their padding to one length */

/* Sequence i is indices[begin[i]] .. indices[begin[i + 1] - 1]. */
typedef struct seqnn_token_sequences {
    seqnn_size count;
    const seqnn_size *begin; /* [count + 1] */
    const int32_t *indices;  /* [begin[count]] */
} seqnn_token_sequences;

SEQNN_API void seqnn_token_sequences_free(seqnn_token_sequences *sequences);

/* The side of a sequence: its front or its end. There is no default: Keras and MATLAB pad
 * in front, the lecture's titles behind, and it matters to an RNN that is not masked. */
typedef enum seqnn_side {
    SEQNN_SIDE_DEFAULT = 0, /* an error: name the side */
    SEQNN_PRE,              /* zeros in front; what is too long loses its first words */
    SEQNN_POST              /* zeros behind; what is too long loses its last words */
} seqnn_side;

typedef struct seqnn_pad_options {
    seqnn_side padding, truncating; /* both to be named */
    seqnn_size length;              /* of all rows; 0: of the longest sequence */
} seqnn_pad_options;

/* The sequences as x[0].indices [count, length] of a new data set, padded with 0 and cut
 * to one length; x[0].start and x[0].length [count] say which steps are words (an empty
 * sequence is a row of padding with length 0). Error: a side that is not named, a
 * negative length, a product count * length that is no size. */
SEQNN_API seqnn_dataset *seqnn_pad_sequences(const seqnn_token_sequences *sequences,
                                             seqnn_pad_options options);

/* ------------------------------------------------------------------ text/tokenizer.h */

/* text/tokenizer.h - words and their numbers, as the Keras Tokenizer counts them
 *
 * Number 0 is the padding. The words of all texts it was fitted on are numbered from 1,
 * the most frequent first, equally frequent ones in the order of their first appearance.
 * With an oov_token that one is number 1 and the words follow.
 *
 * A text is lower-cased, every filter character becomes a blank, and words are what
 * stands between blanks (U+0020 alone: other white space belongs to a word unless it is
 * filtered; tab and line feed are). Lower case covers A-Z and the letters of the Latin-1
 * supplement in UTF-8; Keras lower-cases all of Unicode.
 */

typedef struct seqnn_tokenizer seqnn_tokenizer;

typedef struct seqnn_tokenizer_options {
    seqnn_size num_words;  /* numbers are below it: num_words - 1 words; 0: all words */
    const char *oov_token; /* stands for unknown and rarer words; NULL: they are left out.
                              It should not occur as a word of the texts. */
    const char *filters; /* ASCII; NULL: !"#$%&()*+,-./:;<=>?@[\]^_`{|}~ tab, line feed */
    bool keep_case;
} seqnn_tokenizer_options;

/* Error: num_words below 0, a filter character that is not ASCII. */
SEQNN_API seqnn_tokenizer *seqnn_tokenizer_new(seqnn_tokenizer_options options);

/* Counts the words of texts[0..count) and numbers all words seen so far. */
SEQNN_API seqnn_status seqnn_tokenizer_fit(seqnn_tokenizer *tokenizer,
                                           const char *const *texts, seqnn_size count);

/* The numbers of the words of each text. */
SEQNN_API seqnn_token_sequences *
seqnn_tokenizer_sequences(const seqnn_tokenizer *tokenizer, const char *const *texts,
                          seqnn_size count);

/* Every number is below it: words seen + 1 (+ 1 with an oov_token), at most num_words.
 * The embedding has this many rows. */
SEQNN_API seqnn_size seqnn_tokenizer_vocabulary(const seqnn_tokenizer *tokenizer);

/* Distinct words seen, and how often all of them. */
SEQNN_API seqnn_size seqnn_tokenizer_words(const seqnn_tokenizer *tokenizer);
SEQNN_API int64_t seqnn_tokenizer_tokens(const seqnn_tokenizer *tokenizer);

/* The number of a word as it stands in sequences: that of the oov_token, or 0 without
 * one, if the word is unknown or beyond num_words. */
SEQNN_API int32_t seqnn_tokenizer_index(const seqnn_tokenizer *tokenizer,
                                        const char *word);

/* The word of a number, and how often it was seen; NULL and 0 for the padding and beyond
 * the words seen. The oov_token was seen 0 times. */
SEQNN_API const char *seqnn_tokenizer_word(const seqnn_tokenizer *tokenizer,
                                           seqnn_size index);
SEQNN_API int64_t seqnn_tokenizer_count(const seqnn_tokenizer *tokenizer,
                                        seqnn_size index);

SEQNN_API void seqnn_tokenizer_free(seqnn_tokenizer *tokenizer);

/* --------------------------------------------------------------------- text/encode.h */

/* text/encode.h - from texts to a data set in one call
 *
 *     seqnn_encode_options options = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
 *     seqnn_texts *titles = seqnn_read_bbc_titles("datasets/bbc");
 *     seqnn_dataset *data = seqnn_encode(titles, options);
 *
 * To encode new texts for a trained model, name the tokenizer before the first call, and
 * the length before the second:
 *
 *     seqnn_tokenizer_options most_frequent = {.num_words = 20000};
 *     options.tokenizer = seqnn_tokenizer_new(most_frequent);
 *     data = seqnn_encode(titles, options);
 *     ...
 *     options.length = data->x[0].time;
 *     seqnn_dataset *more = seqnn_encode(new_titles, options);
 */

typedef struct seqnn_encode_options {
    seqnn_side padding, truncating; /* both to be named */
    seqnn_size length;              /* steps; 0: the longest text */

    /* cleaning.h */
    seqnn_cleaning cleaning;
    const char *const *stop_words;
    seqnn_size min_length;

    /* tokenizer.h: a new one is made from these and fitted on the texts ... */
    seqnn_size num_words;
    const char *oov_token;
    const char *filters;
    bool keep_case;

    /* ... or this one is used, and none of the four above is set. It is fitted on the
     * texts if it has seen none, and otherwise left as it is. */
    seqnn_tokenizer *tokenizer;
} seqnn_encode_options;

/* Texts as x[0].indices [count, time] with start and length, their classes as y.indices
 * [count], class names, and vocabulary = words + 1, for the padding is number 0. Rows
 * stand in the order of the texts; a text without a word is a row of padding. The data
 * set keeps nothing of texts or tokenizer. texts NULL: NULL, and the error stands. */
SEQNN_API seqnn_dataset *seqnn_encode(const seqnn_texts *texts,
                                      seqnn_encode_options options);

/* ------------------------------------------------------------------------ data/bbc.h */

/* data/bbc.h - the BBC News data set (D. Greene and P. Cunningham, 2006)
 *
 * Two layouts are read:
 *
 *     DIR/bbc-titles.tsv       class<TAB>title, one a line; the id is the 0-based line
 *     DIR/<class>/<name>.txt   one story a file, the first line is its title; the id is
 *                              "class/name.txt"; DIR/bbc/<class>/... is found as well
 *
 * Texts come in the order of the lines, or of the paths by bytes; classes in the byte
 * order of their names. Bytes that are not UTF-8 are taken as Latin-1.
 */

/* The titles, from bbc-titles.tsv if it is there, else from the stories. directory NULL:
 * NULL, and the error of what should have given it stands. */
SEQNN_API seqnn_texts *seqnn_read_bbc_titles(const char *directory);

/* The stories with their titles; they are only in the folders. */
SEQNN_API seqnn_texts *seqnn_read_bbc(const char *directory);

/* Any file of class<TAB>text lines; empty lines are left out. The id is the 0-based
 * line. Error: a line without tab, without class or with a second tab; no line at all. */
SEQNN_API seqnn_texts *seqnn_read_tsv(const char *path);

/* ----------------------------------------------------------------------- data/find.h */

/* data/find.h - where the data lies */

enum { SEQNN_PATH_SIZE = 4096 };

/* The path of a file or folder of the course's data, written to path: the first of
 *
 *     directory/name             if directory is not NULL (an example's --data DIR)
 *     $SEQNN_DATA/name           if the variable is set
 *     datasets/cache/name        what `make datasets` and `make unpack` put there
 *     datasets/name              the small sets that come with the library
 *
 * that exists. name may list alternatives, tried in each place in turn, and a folder may
 * be asked for by something it must hold, in brackets:
 *
 *     seqnn_find_data(path, dir, "wordvec/glove.6B.100d.txt|wordvec/vectors.100d.txt");
 *     seqnn_find_data(path, dir, "20news[20news-bydate-train]");
 *
 * Returns path, or NULL with the places in the error. */
SEQNN_API const char *seqnn_find_data(char path[SEQNN_PATH_SIZE], const char *directory,
                                      const char *name);

/* ----------------------------------------------------------------- data/newsgroups.h */

/* data/newsgroups.h - 20 Newsgroups, the version that is sorted by date (Ken Lang, Jason
 * Rennie)
 *
 *     DIR/20news-bydate-test/<group>/<number>
 *     DIR/20news-bydate-train/<group>/<number>
 *
 * A post's header ends at its first empty line and is cut off (a post without one is
 * left with nothing); bytes are Latin-1. Posts come in the byte order of their paths,
 * which are their ids, groups in the byte order of their names.
 */

/* Both parts, or the one that is there. directory NULL: NULL, and the error of what
 * should have given it stands. */
SEQNN_API seqnn_texts *seqnn_read_newsgroups(const char *directory);

/* ---------------------------------------------------------------------- data/split.h */

/* data/split.h - one part of the samples to train on, another to validate */

/* Both NULL if status is not SEQNN_OK. */
typedef struct seqnn_parts {
    seqnn_status status;
    seqnn_dataset *train, *validation;
} seqnn_parts;

/* Shuffles the samples by the seed and gives the last round(count * fraction) of them to
 * validation. Error: a fraction outside (0, 1), or a part without a sample. */
SEQNN_API seqnn_parts seqnn_split(const seqnn_dataset *data, double fraction,
                                  uint64_t seed);

/* The fixed split of datasets/splits/README.md: the texts whose ids the file lists go to
 * validation, all others train, both in the order of data (which seqnn_encode made of
 * texts). Error: an id that is not among the texts or comes twice, another class, or a
 * "# documents N validation M" line that does not fit. */
SEQNN_API seqnn_parts seqnn_split_file(const seqnn_dataset *data,
                                       const seqnn_texts *texts, const char *path);

SEQNN_API void seqnn_parts_free(seqnn_parts *parts);

/* --------------------------------------------------------------- data/word_vectors.h */

/* data/word_vectors.h - pretrained word vectors in GloVe's text format
 *
 * One word a line, a blank, its numbers with blanks between them, no header line:
 *
 *     the -0.038194 -0.24487 0.72812 ...
 *
 * (Pennington, Socher and Manning, "GloVe: global vectors for word representation", 2014)
 */

typedef struct seqnn_word_vectors {
    seqnn_size count, dimension;
    const char *const *word;  /* [count] */
    const seqnn_real *values; /* [count, dimension] */
} seqnn_word_vectors;

/* The whole file; a word that comes again keeps its first vector. Error: a line whose
 * count of numbers differs from the first line's, or with something that is no finite
 * number; an empty file. The sentence names file and line. */
SEQNN_API seqnn_word_vectors *seqnn_word_vectors_read(const char *path);

/* The vector of a word, [dimension], or NULL. */
SEQNN_API const seqnn_real *seqnn_word_vectors_find(const seqnn_word_vectors *vectors,
                                                    const char *word);

SEQNN_API void seqnn_word_vectors_free(seqnn_word_vectors *vectors);

/* How much of a vocabulary the vectors cover: of its words (padding, oov_token and words
 * beyond num_words do not count), and of their occurrences in the texts it was fitted on.
 */
typedef struct seqnn_coverage {
    seqnn_status status;
    seqnn_size words, words_covered;
    int64_t tokens, tokens_covered;
} seqnn_coverage;

/* Puts the vectors of the tokenizer's words into their rows of table
 * [seqnn_tokenizer_vocabulary(tokenizer), dimension] and leaves the other rows as they
 * are. Only these words' numbers are read; lines of other words are checked for their
 * count of numbers alone. Errors as above, or another dimension. */
SEQNN_API seqnn_coverage seqnn_word_vectors_into(const seqnn_tokenizer *tokenizer,
                                                 const char *path, seqnn_real *table,
                                                 seqnn_size dimension);

/* ----------------------------------------------------------------- metrics/metrics.h */

/* metrics/metrics.h - how good a prediction is
 *
 * Plain functions over arrays; no metric knows a model. Scores are row-major
 * [count, classes], the higher the likelier (logits, log-probabilities and probabilities
 * all serve); classes are int32 in [0, classes). Results are double whatever seqnn_real
 * is. A function that fails leaves its result as it was and says which entry is wrong.
 *
 * 0/0: a class that is never predicted has precision 0, a class that never occurs has
 * recall 0, a class with neither has F1 0 (scikit-learn's zero_division=0). A mean over
 * no position is 0.
 */

/* predicted[i] = argmax_c scores[i, c]; the first of equal scores. A NaN score is an
 * error; infinities are compared as numbers. */
SEQNN_API seqnn_status seqnn_predicted_classes(const seqnn_real *scores, seqnn_size count,
                                               seqnn_size classes, int32_t *predicted);

/* Accuracy: the share of positions whose highest score is the true class,
 *
 *     accuracy = sum_i w_i [argmax_c scores[i, c] = truth[i]] / sum_i w_i
 *
 * weight [count] is a mask (0 or 1) or any weights >= 0; NULL counts every position once.
 * Positions of weight 0 are not looked at: padding may hold anything, NaN too. If the
 * weights sum to 0 the accuracy is 0. */
SEQNN_API seqnn_status seqnn_accuracy(const seqnn_real *scores, const int32_t *truth,
                                      const seqnn_real *weight, seqnn_size count,
                                      seqnn_size classes, double *accuracy);

/* Top-k accuracy: the true class is among the k highest scores. Of equal scores the lower
 * class ranks first, so that k = 1 is seqnn_accuracy. k in [1, classes]. */
SEQNN_API seqnn_status seqnn_top_k_accuracy(const seqnn_real *scores,
                                            const int32_t *truth,
                                            const seqnn_real *weight, seqnn_size count,
                                            seqnn_size classes, seqnn_size k,
                                            double *accuracy);

/* confusion [classes, classes] is overwritten: entry [t, p] counts the positions of true
 * class t (row) that were predicted as p (column). */
SEQNN_API seqnn_status seqnn_confusion_matrix(const int32_t *truth,
                                              const int32_t *predicted, seqnn_size count,
                                              seqnn_size classes, int64_t *confusion);

/* Of one class c, with TP = confusion[c, c]:
 *
 *     precision = TP / (column sum)        recall = TP / (row sum)
 *     F1 = 2 TP / (row sum + column sum)   support = row sum
 */
typedef struct seqnn_class_score {
    double precision, recall, f1;
    int64_t support;
} seqnn_class_score;

/* scores [classes], from a confusion matrix. */
SEQNN_API seqnn_status seqnn_class_scores(const int64_t *confusion, seqnn_size classes,
                                          seqnn_class_score *scores);

typedef enum seqnn_average {
    SEQNN_AVERAGE_DEFAULT = 0, /* macro */
    SEQNN_AVERAGE_MACRO,       /* the plain mean over all classes, absent ones too */
    SEQNN_AVERAGE_WEIGHTED,    /* the mean weighted by support */
    SEQNN_AVERAGE_MICRO        /* from the counts of all classes together: with one label
                                  for each text, all three are the accuracy */
} seqnn_average;

/* Precision, recall and F1 averaged over the classes; support is the total. Macro F1 is
 * the mean of the F1 values, not the F1 of the means. */
SEQNN_API seqnn_status seqnn_average_score(const int64_t *confusion, seqnn_size classes,
                                           seqnn_average average,
                                           seqnn_class_score *score);

/* A table of seqnn_class_scores and the averages, as scikit-learn's classification_report
 * prints it, two decimals, into text[0..size). class_names [classes] may be NULL. A
 * buffer that is too short is an error that says how many bytes the table takes. */
SEQNN_API seqnn_status seqnn_classification_report(const int64_t *confusion,
                                                   seqnn_size classes,
                                                   const char *const *class_names,
                                                   char *text, seqnn_size size);

/* Labeling F-score of texts that carry several labels each: the mean over texts of
 *
 *     2 sum_l Y_l T_l / sum_l (Y_l + T_l)
 *
 * T = truth [count, labels], each 0 or 1; Y_l = 1 where probabilities [count, labels] is
 * at least threshold (0: 0.5; SEQNN_ZERO: 0). A text with neither true nor predicted
 * labels is predicted rightly and counts 1 (scikit-learn: f1_score, average 'samples',
 * zero_division=1). */
SEQNN_API seqnn_status seqnn_labeling_f_score(const seqnn_real *probabilities,
                                              const seqnn_real *truth, seqnn_size count,
                                              seqnn_size labels, seqnn_real threshold,
                                              double *score);

/* Perplexity of a mean cross-entropy in nats: exp(loss). A model that guesses among V
 * words at random has perplexity V. */
SEQNN_API double seqnn_perplexity(double mean_cross_entropy);

/* The same from the probabilities the model gave to the true classes:
 *
 *     perplexity = exp(-sum_i w_i ln p_i / sum_i w_i)
 *
 * p in [0, 1]; one counted p = 0 makes it infinite. weight as in seqnn_accuracy; with no
 * counted position the loss is 0 and the perplexity 1. */
SEQNN_API seqnn_status seqnn_perplexity_of(const seqnn_real *probabilities,
                                           const seqnn_real *weight, seqnn_size count,
                                           double *perplexity);

/* --------------------------------------------------------------------- plot/charts.h */

/* plot/charts.h - PNG pictures: lines, training history, heat map, confusion matrix
 *
 * Compiled in with SEQNN_PLOT, which needs stb_image_write.h, and uses stb_truetype.h if
 * it is there (both: Debian's package libstb-dev, or the two files beside the program). A
 * file that uses those headers itself includes them before this one.
 *
 * Every function writes one file: beside its place first, moved there when it is whole.
 * Arguments come as what, where, how: the numbers, the path, the options. The same
 * numbers give the same bytes. Text is UTF-8, in DejaVu Sans where it is installed, in
 * the font file that the environment variable SEQNN_FONT names, or in a built-in one
 * (always with SEQNN_FONT=strokes). A text too long for its place ends in an ellipsis.
 * Sizes are in units: pixels at scale 1.
 */
#ifdef SEQNN_PLOT

typedef enum seqnn_line {
    SEQNN_LINE_DEFAULT = 0, /* solid; dashed for the 8th to 14th series, then dotted */
    SEQNN_LINE_SOLID,
    SEQNN_LINE_DASHED,
    SEQNN_LINE_DOTTED,
    SEQNN_LINE_NONE /* markers only */
} seqnn_line;

typedef enum seqnn_marker {
    SEQNN_MARKER_DEFAULT = 0, /* none; a circle for points that no line touches */
    SEQNN_MARKER_NONE,
    SEQNN_MARKER_CIRCLE,
    SEQNN_MARKER_SQUARE,
    SEQNN_MARKER_TRIANGLE,
    SEQNN_MARKER_DIAMOND
} seqnn_marker;

/* One line of a chart. A point whose x or y is NaN or infinite, or not above 0 on a log
 * axis, is left out and the line is broken there. */
typedef struct seqnn_plot_series {
    const char *label;   /* in the legend; NULL: not there */
    const seqnn_real *y; /* [count] */
    const seqnn_real *x; /* [count], or NULL: x_first, x_first + 1, ... */
    seqnn_size count;
    seqnn_real x_first;
    seqnn_line line;
    seqnn_marker marker;
    uint32_t colour; /* 0xRRGGBB; 0: the next of the palette (black: 0x000001) */
} seqnn_plot_series;

typedef struct seqnn_plot_options {
    const char *title, *x_label, *y_label;
    bool log_y;
    /* Limits of the axes; 0: from the data; SEQNN_ZERO: at 0. */
    seqnn_real x_min, x_max, y_min, y_max;
    /* Dashed reference lines; 0: none; SEQNN_ZERO: at 0. */
    seqnn_real x_line, y_line;
    const char *x_line_label, *y_line_label;
    bool no_legend;
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* pixels for each unit: 1; 2 for print; at most 8 */
} seqnn_plot_options;

/* A line chart of count series. Axes have round ticks; a log axis whole decades. */
SEQNN_API seqnn_status seqnn_plot_lines(const seqnn_plot_series *series, seqnn_size count,
                                        const char *path, seqnn_plot_options options);

/* ||dL/dh_t|| against the time step t on a log axis: seqnn_plot_lines with other
 * defaults. A series without x and x_first counts steps from 1. A gradient that is
 * exactly 0 has no place on the axis: its line ends there. */
SEQNN_API seqnn_status seqnn_plot_gradient_flow(const seqnn_plot_series *series,
                                                seqnn_size count, const char *path,
                                                seqnn_plot_options options);

/* Accuracy above, loss below, of training and validation, by epoch; the best epoch is
 * marked. What was not measured (all NaN) is not drawn; at least one epoch of loss. */
SEQNN_API seqnn_status seqnn_plot_history(const seqnn_history *history, const char *path);

typedef enum seqnn_colour_map {
    SEQNN_MAP_DEFAULT = 0, /* viridis-like: violet, blue, green, yellow */
    SEQNN_MAP_VIRIDIS,
    SEQNN_MAP_BLUES,    /* white to blue */
    SEQNN_MAP_DIVERGING /* blue, white, red; white is 0 unless low or high is given */
} seqnn_colour_map;

typedef struct seqnn_heatmap_options {
    const char *title, *x_label, *y_label;
    const char *const *row_names;    /* [rows], NULL: 0, 1, 2, ... */
    const char *const *column_names; /* [columns] */
    seqnn_colour_map map;
    seqnn_real low, high; /* values of the map's ends; 0: from the data; SEQNN_ZERO: 0 */
    seqnn_size decimals;  /* of the numbers; 0: enough for three digits; -1: none */
    bool no_numbers, no_colour_bar;
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* 1 */
} seqnn_heatmap_options;

/* values [rows, columns] as coloured cells, row 0 on top, with their numbers where they
 * fit. NaN is grey; infinities take the colour of the map's end. */
SEQNN_API seqnn_status seqnn_plot_heatmap(const seqnn_real *values, seqnn_size rows,
                                          seqnn_size columns, const char *path,
                                          seqnn_heatmap_options options);

/* A confusion matrix, counts [classes, classes] with true classes in rows, as
 * seqnn_confusion_matrix fills it: each cell its count and its share of the row, which is
 * also its colour. class_names may be NULL. Of the options title, labels and size count.
 */
SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_heatmap_options options);

#endif

#endif /* SEQNN_H */

/* ========================================================================================
 *
 *   Stop here if you only want the API. Everything below is how it is done.
 *
 * ===================================================================================== */

#if defined(SEQNN_IMPLEMENTATION) && !defined(SEQNN_IMPLEMENTED)
#define SEQNN_IMPLEMENTED
#define SQ_SINGLE_FILE

/* The name of this file, for the kernels at its end. */
#ifndef SEQNN_FILE
#define SEQNN_FILE "seqnn.h"
#endif
#ifdef __has_include
#if !__has_include(SEQNN_FILE)
#error "this header includes itself as seqnn.h: for another name define SEQNN_FILE, in quotes"
#endif
#endif

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* -------------------------------------------------------------------- base/private.h */

/* base/private.h - what the parts of the library share and users never see
 *
 * Private names begin with sq_ (functions, types) and SQ_ (macros).
 */

/* One translation unit (the generated header): private functions are static. Separate
 * objects (libseqnn.a, for tests): they are linked. The amalgamator sets SQ_SINGLE_FILE. */
#ifdef SQ_SINGLE_FILE
#define SQ_LOCAL static SQ_UNUSED /* a switch may turn its only user off */
#else
#define SQ_LOCAL extern
#endif

#if defined(__GNUC__)
#define SQ_RESTRICT __restrict__
#define SQ_THREAD_LOCAL __thread
#define SQ_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define SQ_UNUSED __attribute__((unused))
#elif defined(_MSC_VER)
#define SQ_RESTRICT __restrict
#define SQ_THREAD_LOCAL __declspec(thread)
#define SQ_PRINTF(text, first)
#define SQ_UNUSED
#else
#define SQ_RESTRICT
#define SQ_THREAD_LOCAL
#define SQ_PRINTF(text, first)
#define SQ_UNUSED
#endif

/* A hint that p will be wanted soon; nothing else. */
#if defined(__GNUC__)
#define SQ_PREFETCH(p) __builtin_prefetch(p)
#else
#define SQ_PREFETCH(p) ((void)0)
#endif

#define SQ_COUNT(array) ((seqnn_size)(sizeof(array) / sizeof((array)[0])))

/* Leaves the sentence in seqnn_error() and returns status. */
SQ_LOCAL seqnn_status sq_fail(seqnn_status status, const char *format, ...)
    SQ_PRINTF(2, 3);

static inline seqnn_size sq_min(seqnn_size a, seqnn_size b)
{
    return a < b ? a : b;
}

static inline seqnn_size sq_max(seqnn_size a, seqnn_size b)
{
    return a > b ? a : b;
}

/* An option whose zero means a default, and whose SEQNN_ZERO means 0. */
static inline seqnn_real sq_option(seqnn_real value, seqnn_real otherwise)
{
    if (value == (seqnn_real)0)
        return otherwise;
    return value == SEQNN_ZERO ? (seqnn_real)0 : value;
}

/* The functions of <math.h> at the precision of seqnn_real. */
#ifdef SEQNN_DOUBLE
#define SQ_MATH(name) name
#else
#define SQ_MATH(name) name##f
#endif

/* --------------------------------------------------------------------- base/memory.h */

/* base/memory.h - allocation (private)
 *
 * Everything the library allocates goes through sq_allocate: sizes are checked products,
 * memory is zeroed and aligned to a cache line, and SEQNN_MALLOC/SEQNN_FREE replace the
 * system's allocator.
 *
 * An arena is a plan followed by one block: the same sequence of sq_arena_take calls is
 * made twice, first with no memory to add the sizes up, then, after sq_arena_commit, to
 * hand the pieces out.
 */

/* count elements of size bytes, zeroed, 64-byte aligned; NULL with the error set if there
 * is no memory or the product overflows. sq_free takes NULL. */
SQ_LOCAL void *sq_allocate(seqnn_size count, size_t size);
SQ_LOCAL void sq_free(void *memory);

/* Grows *memory (from sq_allocate) to hold at least `needed` elements, doubling; keeps
 * the content. *capacity counts elements. On failure everything stays as it was. */
SQ_LOCAL seqnn_status sq_grow(void **memory, seqnn_size *capacity, seqnn_size needed,
                              size_t size);

/* A copy of a string; NULL with the error set if there is no memory. */
SQ_LOCAL char *sq_copy_string(const char *text);

/* a * b, or -1 if the product is not a seqnn_size or an operand is negative. */
SQ_LOCAL seqnn_size sq_multiply(seqnn_size a, seqnn_size b);

/* Asks for a row of numbers before it is read: rows of a table come in the order of the
 * text, which no processor foresees. */
static inline void sq_prefetch_row(const seqnn_real *row, seqnn_size count)
{
    const seqnn_size line = 64 / (seqnn_size)sizeof *row;
    for (seqnn_size i = 0; i < count; i += line)
        SQ_PREFETCH(row + i);
}

/* So many rows ahead of the one that is worked on. */
enum { SQ_PREFETCH_ROWS = 4 };

typedef struct sq_arena {
    char *memory; /* NULL while sizes are added up */
    seqnn_size used, size;
    bool overflow;
} sq_arena;

/* count elements of size bytes, or NULL while planning. */
SQ_LOCAL void *sq_arena_take(sq_arena *arena, seqnn_size count, size_t size);
/* Ends the plan: allocates the block. */
SQ_LOCAL seqnn_status sq_arena_commit(sq_arena *arena);
SQ_LOCAL void sq_arena_free(sq_arena *arena);

/* --------------------------------------------------------------- base/dataset_rows.h */

/* base/dataset_rows.h - making data sets row by row (private) */

/* A data set of count rows with the shapes, class names and sizes of `like`, its rows
 * zeroed, in one block of memory. Of like's arrays only the shapes matter, and whether a
 * pointer is NULL. */
SQ_LOCAL seqnn_dataset *sq_dataset_new(const seqnn_dataset *like, seqnn_size count);

/* Row `to` of a data set from sq_dataset_new(from, ...) becomes row `row` of from. */
SQ_LOCAL void sq_dataset_copy_row(seqnn_dataset *into, seqnn_size to,
                                  const seqnn_dataset *from, seqnn_size row);

/* ------------------------------------------------------------------- base/parallel.h */

/* base/parallel.h - parallel loops (private)
 *
 * Every piece writes memory of its own, and work is cut by shape, so that the bits of a
 * result do not depend on how many threads took part. Only where each item is computed by
 * itself, so that no cut can change a bit, may the cut follow the number of threads.
 */

/* work(context, begin, end) for the pieces [0, grain), [grain, 2 grain), ... of
 * [0, count), on all threads. One piece, or no OpenMP: a plain call. */
typedef void (*sq_work)(void *context, seqnn_size begin, seqnn_size end);
SQ_LOCAL void sq_parallel(seqnn_size count, seqnn_size grain, sq_work work, void *context);

/* How many threads a parallel loop would use. */
SQ_LOCAL seqnn_size sq_threads(void);

/* --------------------------------------------------------------- base/random_block.h */

/* base/random_block.h - four counted random numbers at once (private) */

/* Numbers 4 block .. 4 block + 3 of a stream, as seqnn_random_at gives them. */
SQ_LOCAL void sq_random_block(uint64_t seed, uint64_t stream, uint64_t block,
                              uint32_t out[4]);

/* ---------------------------------------------------------------------- math/eigen.h */

/* math/eigen.h - linear algebra in double for the initialisers (private) */

/* The largest eigenvalue of a symmetric a[n, n], which is destroyed. work: 2n numbers. */
SQ_LOCAL double sq_symmetric_largest(seqnn_size n, double *a, double *work);

/* Replaces a[m, n], m >= n, by its orthogonal factor (see linalg.h). work: 3n + m. */
SQ_LOCAL void sq_orthogonal_columns(seqnn_size m, seqnn_size n, double *a, double *work);

/* ------------------------------------------------------------------ math/functions.h */

/* math/functions.h - functions of every element of an array, and sums (private)
 *
 * An element's result depends on its value alone, not on its place in the array. y may be
 * x itself.
 *
 * In float, with the vector kernels:
 *   exp      within 2 units in the last place over the whole range: infinity above 88.72,
 *            subnormal numbers below -87.33, 0 below -103.97
 *   tanh     within 3 units in the last place, so small x keep their digits
 *   sigmoid  within 1e-7 absolute, and 4 units in the last place above x = -87, where it
 *            stays at 2e-38
 *   log      libm's
 * NaN gives NaN. In plain C and in double all of them are libm's.
 */

SQ_LOCAL void sq_exp(seqnn_size n, const seqnn_real *x, seqnn_real *y);
SQ_LOCAL void sq_log(seqnn_size n, const seqnn_real *x, seqnn_real *y);
SQ_LOCAL void sq_tanh(seqnn_size n, const seqnn_real *x, seqnn_real *y);
SQ_LOCAL void sq_sigmoid(seqnn_size n, const seqnn_real *x, seqnn_real *y);

/* Sums run in double, in one order for all instruction sets and thread counts. */
SQ_LOCAL double sq_sum(seqnn_size n, const seqnn_real *x);
SQ_LOCAL double sq_dot(seqnn_size n, const seqnn_real *x, const seqnn_real *y);
SQ_LOCAL double sq_sum_squares(seqnn_size n, const seqnn_real *x);

/* y += factor x;  x *= factor. */
SQ_LOCAL void sq_axpy(seqnn_size n, seqnn_real factor, const seqnn_real *x,
                      seqnn_real *y);
SQ_LOCAL void sq_scale(seqnn_size n, seqnn_real factor, seqnn_real *x);

/* -------------------------------------------------------------------- math/product.h */

/* math/product.h - the matrix product on plain memory (private)
 *
 * lda, ldb, ldc are the distances between rows, in elements. The guarantee of matmul.h
 * on the order of the sum holds for all functions here, and between them, on one
 * instruction set; sq_matmul_plain alone has its own order.
 */

/* C[m, n] = op(A) op(B), plus C if accumulate. A is [m, k] ([k, m] if transpose_a), B is
 * [k, n] ([n, k] if transpose_b). Large products use all threads. Allocates nothing;
 * needs 192 KB of stack (twice that in double). */
SQ_LOCAL void sq_matmul(bool transpose_a, bool transpose_b, seqnn_size m, seqnn_size n,
                        seqnn_size k, const seqnn_real *a, seqnn_size lda,
                        const seqnn_real *b, seqnn_size ldb, bool accumulate,
                        seqnn_real *c, seqnn_size ldc);

/* C[m, n] = A[m, k] B[k, n] + bias, which is one row [n], or NULL for none. */
SQ_LOCAL void sq_matmul_bias(seqnn_size m, seqnn_size n, seqnn_size k,
                             const seqnn_real *a, seqnn_size lda, const seqnn_real *b,
                             seqnn_size ldb, const seqnn_real *bias, seqnn_real *c,
                             seqnn_size ldc);

/* sq_matmul as three loops to read: what sq_matmul must equal up to rounding. */
SQ_LOCAL void sq_matmul_plain(bool transpose_a, bool transpose_b, seqnn_size m,
                              seqnn_size n, seqnn_size k, const seqnn_real *a,
                              seqnn_size lda, const seqnn_real *b, seqnn_size ldb,
                              bool accumulate, seqnn_real *c, seqnn_size ldc);

/* A right factor that is used many times, as W_h in a sweep over time, is packed once
 * into the kernel's order: sq_matmul_packed then multiplies a few rows, on the calling
 * thread, without packing anything. packed holds sq_matmul_packed_size(k, n) elements (-1
 * if that is too many), any content before the first pack; 64-byte alignment helps. */
SQ_LOCAL seqnn_size sq_matmul_packed_size(seqnn_size k, seqnn_size n);
SQ_LOCAL void sq_matmul_pack(bool transpose_b, seqnn_size n, seqnn_size k,
                             const seqnn_real *b, seqnn_size ldb, seqnn_real *packed);
/* C[m, n] = A[m, k] B, plus C if accumulate, with B from sq_matmul_pack. */
SQ_LOCAL void sq_matmul_packed(seqnn_size m, seqnn_size n, seqnn_size k,
                               const seqnn_real *a, seqnn_size lda,
                               const seqnn_real *packed, bool accumulate, seqnn_real *c,
                               seqnn_size ldc);

/* ---------------------------------------------------------------------- math/shape.h */

/* math/shape.h - shapes in words, for error messages (private) */

/* "[32, 150, 64]". Used as sq_shape_text(shape, rank).text in a call of sq_fail. */
typedef struct sq_text_of_shape {
    char text[96];
} sq_text_of_shape;

SQ_LOCAL sq_text_of_shape sq_shape_text(const seqnn_size *shape, seqnn_size rank);
SQ_LOCAL bool sq_same_shape(seqnn_tensor a, seqnn_tensor b);

/* ----------------------------------------------------------------------- math/simd.h */

/* math/simd.h - one kernel source for every instruction set (private)
 *
 * A fast kernel is written once, in a file x_kernels.inc, over the vocabulary below, and
 * compiled once for each instruction set of the machine at hand. Which copy runs is
 * decided at run time (sq_isa), so a program built without -march=native is fast too.
 *
 * HOW TO WRITE KERNELS. In x_kernels.inc, functions carry SQ_TARGET and a name in SQ_V():
 *
 *     static SQ_TARGET void SQ_V(x_scale)(seqnn_real *x, seqnn_size n, seqnn_real factor)
 *     {
 *         const SQ_VECTOR f = SQ_V(set)(factor);
 *         seqnn_size i = 0;
 *         for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)
 *             SQ_V(store)(x + i, SQ_V(mul)(SQ_V(load)(x + i), f));
 *         if (i < n) {
 *             const SQ_VECTOR last = SQ_V(load_part)(x + i, n - i);
 *             SQ_V(store_part)(x + i, SQ_V(mul)(last, f), n - i);
 *         }
 *     }
 *
 * In x_kernels.c the file is included once for each set, and a table picks the copy:
 *
 *     #include "simd_use_plain.inc"
 *     #include "x_kernels.inc"
 *     #include "simd_end.inc"
 *     #ifdef SQ_HAVE_AVX2
 *     #include "simd_use_avx2.inc"
 *     #include "x_kernels.inc"
 *     #include "simd_end.inc"
 *     #endif
 *     ... SQ_HAVE_AVX512 with simd_use_avx512.inc, SQ_HAVE_NEON with simd_use_neon.inc
 *
 *     SQ_ISA_TABLE(sq_x_scale_table, sq_x_scale_function, x_scale);
 *     ...  sq_x_scale_table[sq_isa()](x, n, factor);
 *
 * SQ_V(x_scale) is sq_x_scale_plain, sq_x_scale_avx2, ... A table entry of a set that was
 * not compiled is NULL and sq_isa() never returns it. Resolve the table once per sweep,
 * not once per row. Helpers of a kernel are static SQ_INLINE.
 *
 * THE VOCABULARY. SQ_VECTOR holds SQ_WIDTH numbers of type seqnn_real (plain: 1); memory
 * need not be aligned. count is in [1, SQ_WIDTH].
 *
 *     load(p)  store(p, x)  load_part(p, count)  store_part(p, x, count)
 *                                  missing elements are read as 0, and never touched
 *     set(s)                       s in every element
 *     add  sub  mul  div (x, y)    sqrt(x)
 *     fma(x, y, z)                 x y + z
 *     min(x, y)  max(x, y)         x < y ? x : y and x > y ? x : y: y if either is NaN
 *     select_less(x, y, u, v)      x < y ? u : v, element by element
 *     sum(x)                       over the elements, in a fixed order
 *     transpose(p, ld_p, q, ld_q)  q = the transposed SQ_WIDTH x SQ_WIDTH block at p
 *     exp(x)  tanh(x)  sigmoid(x)  see functions.h
 *
 * CONTRACTION. GCC may fuse mul and add into one rounding (-ffp-contract=fast is its
 * default outside -std=c99). Where two code paths must agree to the bit, write fma().
 * On a machine without the instruction, plain fma() is a multiplication and an addition.
 */

typedef enum sq_isa_kind {
    SQ_ISA_PLAIN,
    SQ_ISA_NEON,
    SQ_ISA_AVX2,
    SQ_ISA_AVX512,
    SQ_ISA_COUNT
} sq_isa_kind;

/* The instruction set of the kernels: the best the processor has, or what SEQNN_ISA in
 * the environment names (a name that is unknown or not available: the best). Decided at
 * the first call and the same from then on. */
SQ_LOCAL sq_isa_kind sq_isa(void);
SQ_LOCAL bool sq_isa_available(sq_isa_kind isa);
SQ_LOCAL const char *sq_isa_name(sq_isa_kind isa);
/* For tests: from now on this one, which must be available. */
SQ_LOCAL void sq_isa_force(sq_isa_kind isa);
/* For tests: the next sq_isa() asks the environment again. */
SQ_LOCAL void sq_isa_forget(void);

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#define SQ_HAVE_AVX2
#define SQ_HAVE_AVX512
#elif defined(__GNUC__) && defined(__aarch64__)
#define SQ_HAVE_NEON
#endif

#if defined(__GNUC__)
#define SQ_INLINE_ANYWHERE inline __attribute__((always_inline, unused))
#else
#define SQ_INLINE_ANYWHERE inline
#endif

/* An array of SQ_ISA_COUNT function pointers, in the order of sq_isa_kind. */
#define SQ_ISA_TABLE(table, type, name)                                                  \
    SQ_ISA_TABLE_BESIDE(table, type, sq_##name##_plain, name)
/* The same for a kernel that is not compiled as plain C: `plain` is called instead. */
#ifdef SQ_HAVE_AVX2
#define SQ_ISA_TABLE_BESIDE(table, type, plain, name)                                    \
    static const type table[SQ_ISA_COUNT] = {plain, NULL, sq_##name##_avx2,              \
                                             sq_##name##_avx512}
#elif defined(SQ_HAVE_NEON)
#define SQ_ISA_TABLE_BESIDE(table, type, plain, name)                                    \
    static const type table[SQ_ISA_COUNT] = {plain, sq_##name##_neon, NULL, NULL}
#else
#define SQ_ISA_TABLE_BESIDE(table, type, plain, name)                                    \
    static const type table[SQ_ISA_COUNT] = {plain, NULL, NULL, NULL}
#endif

/* math/simd_plain.h - the vocabulary of simd.h in plain C, one number wide (private) */

/* Hardly an x86 of today runs these: they are not worth the time gcc takes at -O3. */
#if defined(SQ_HAVE_AVX2) && !defined(__clang__) && defined(__OPTIMIZE__)
#define SQ_TARGET_PLAIN __attribute__((optimize("O1")))
#else
#define SQ_TARGET_PLAIN
#endif

#define SQ_V(name) sq_##name##_plain
#define SQ_VECTOR seqnn_real
#define SQ_WIDTH 1
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_PLAIN
#define SQ_INLINE SQ_INLINE_ANYWHERE

static SQ_INLINE seqnn_real SQ_V(load)(const seqnn_real *p)
{
    return *p;
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, seqnn_real x)
{
    *p = x;
}

static SQ_INLINE seqnn_real SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    (void)count;
    return *p;
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, seqnn_real x, seqnn_size count)
{
    (void)count;
    *p = x;
}

static SQ_INLINE seqnn_real SQ_V(set)(seqnn_real s)
{
    return s;
}

static SQ_INLINE seqnn_real SQ_V(add)(seqnn_real x, seqnn_real y)
{
    return x + y;
}

static SQ_INLINE seqnn_real SQ_V(sub)(seqnn_real x, seqnn_real y)
{
    return x - y;
}

static SQ_INLINE seqnn_real SQ_V(mul)(seqnn_real x, seqnn_real y)
{
    return x * y;
}

static SQ_INLINE seqnn_real SQ_V(div)(seqnn_real x, seqnn_real y)
{
    return x / y;
}

static SQ_INLINE seqnn_real SQ_V(sqrt)(seqnn_real x)
{
    return SQ_MATH(sqrt)(x);
}

/* A compiler that targets a machine with fused multiply-add may use it in one place and
 * not in another. There it is asked for; elsewhere it cannot occur. */
static SQ_INLINE seqnn_real SQ_V(fma)(seqnn_real x, seqnn_real y, seqnn_real z)
{
#if defined(__FMA__) || defined(__aarch64__) || defined(FP_FAST_FMAF)
    return SQ_MATH(fma)(x, y, z);
#else
    return x * y + z;
#endif
}

static SQ_INLINE seqnn_real SQ_V(min)(seqnn_real x, seqnn_real y)
{
    return x < y ? x : y;
}

static SQ_INLINE seqnn_real SQ_V(max)(seqnn_real x, seqnn_real y)
{
    return x > y ? x : y;
}

static SQ_INLINE seqnn_real SQ_V(select_less)(seqnn_real x, seqnn_real y, seqnn_real u,
                                              seqnn_real v)
{
    return x < y ? u : v;
}

static SQ_INLINE seqnn_real SQ_V(sum)(seqnn_real x)
{
    return x;
}

static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    (void)from_row;
    (void)to_row;
    *to = *from;
}

static SQ_INLINE seqnn_real SQ_V(exp)(seqnn_real x)
{
    return SQ_MATH(exp)(x);
}

static SQ_INLINE seqnn_real SQ_V(tanh)(seqnn_real x)
{
    return SQ_MATH(tanh)(x);
}

static SQ_INLINE seqnn_real SQ_V(sigmoid)(seqnn_real x)
{
    return 1 / (1 + SQ_MATH(exp)(-x));
}

#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

#ifdef SQ_HAVE_AVX2
/* math/simd_avx2.h - the vocabulary of simd.h for AVX2 with FMA (private) */

#include <immintrin.h>

#define SQ_TARGET_AVX2 __attribute__((target("avx2,fma")))

#ifdef SEQNN_DOUBLE
typedef __m256d sq_vector_avx2;
#define SQ_AVX2(operation) _mm256_##operation##_pd
#else
typedef __m256 sq_vector_avx2;
#define SQ_AVX2(operation) _mm256_##operation##_ps
#endif

#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2

static SQ_INLINE SQ_VECTOR SQ_V(load)(const seqnn_real *p)
{
    return SQ_AVX2(loadu)(p);
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, SQ_VECTOR x)
{
    SQ_AVX2(storeu)(p, x);
}

/* All bits of the first count elements. */
static SQ_INLINE __m256i SQ_V(mask)(seqnn_size count)
{
#ifdef SEQNN_DOUBLE
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
#else
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
#endif
}

static SQ_INLINE SQ_VECTOR SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    return SQ_AVX2(maskload)(p, SQ_V(mask)(count));
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    SQ_AVX2(maskstore)(p, SQ_V(mask)(count), x);
}

static SQ_INLINE SQ_VECTOR SQ_V(set)(seqnn_real s)
{
    return SQ_AVX2(set1)(s);
}

static SQ_INLINE SQ_VECTOR SQ_V(add)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(add)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sub)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(sub)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(mul)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(mul)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(div)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(div)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sqrt)(SQ_VECTOR x)
{
    return SQ_AVX2(sqrt)(x);
}

static SQ_INLINE SQ_VECTOR SQ_V(fma)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR z)
{
    return SQ_AVX2(fmadd)(x, y, z);
}

static SQ_INLINE SQ_VECTOR SQ_V(min)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(min)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(max)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX2(max)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(select_less)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR u,
                                             SQ_VECTOR v)
{
    return SQ_AVX2(blendv)(v, u, SQ_AVX2(cmp)(x, y, _CMP_LT_OQ));
}

static SQ_INLINE seqnn_real SQ_V(sum)(SQ_VECTOR x)
{
    seqnn_real s[SQ_WIDTH];
    SQ_V(store)(s, x);
#ifdef SEQNN_DOUBLE
    return (s[0] + s[2]) + (s[1] + s[3]);
#else
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
#endif
}

/* The elements p[0 ..) in the lower half, q[0 ..) in the upper half. */
static SQ_INLINE SQ_VECTOR SQ_V(pair)(const seqnn_real *p, const seqnn_real *q)
{
#ifdef SEQNN_DOUBLE
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p)), _mm_loadu_pd(q),
                                1);
#else
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(q),
                                1);
#endif
}

static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    enum { HALF = SQ_WIDTH / 2 };
    const seqnn_real *lower = from + HALF * from_row;
    for (int i = 0; i < SQ_WIDTH; i += HALF) {
        SQ_VECTOR x0 = SQ_V(pair)(from + i, lower + i);
        SQ_VECTOR x1 = SQ_V(pair)(from + from_row + i, lower + from_row + i);
#ifdef SEQNN_DOUBLE
        SQ_V(store)(to + i * to_row, _mm256_unpacklo_pd(x0, x1));
        SQ_V(store)(to + (i + 1) * to_row, _mm256_unpackhi_pd(x0, x1));
#else
        SQ_VECTOR x2 = SQ_V(pair)(from + 2 * from_row + i, lower + 2 * from_row + i);
        SQ_VECTOR x3 = SQ_V(pair)(from + 3 * from_row + i, lower + 3 * from_row + i);
        SQ_VECTOR y0 = _mm256_unpacklo_ps(x0, x1), y1 = _mm256_unpackhi_ps(x0, x1);
        SQ_VECTOR y2 = _mm256_unpacklo_ps(x2, x3), y3 = _mm256_unpackhi_ps(x2, x3);
        SQ_V(store)(to + i * to_row, _mm256_shuffle_ps(y0, y2, 0x44));
        SQ_V(store)(to + (i + 1) * to_row, _mm256_shuffle_ps(y0, y2, 0xEE));
        SQ_V(store)(to + (i + 2) * to_row, _mm256_shuffle_ps(y1, y3, 0x44));
        SQ_V(store)(to + (i + 3) * to_row, _mm256_shuffle_ps(y1, y3, 0xEE));
#endif
    }
}

#ifndef SEQNN_DOUBLE
/* The nearest integer, as a number; 2 to a whole n in [-126, 127]. */
static SQ_INLINE SQ_VECTOR SQ_V(round)(SQ_VECTOR x)
{
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static SQ_INLINE SQ_VECTOR SQ_V(power_of_two)(SQ_VECTOR n)
{
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}
#endif

#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 1 /* simd_functions.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

/* math/simd_avx512.h - the vocabulary of simd.h for AVX-512F (private) */

#include <immintrin.h>

#define SQ_TARGET_AVX512 __attribute__((target("avx512f,avx2,fma")))

#ifdef SEQNN_DOUBLE
typedef __m512d sq_vector_avx512;
typedef __mmask8 sq_lanes_avx512;
#define SQ_AVX512(operation) _mm512_##operation##_pd
#define SQ_AVX512_COMPARE _mm512_cmp_pd_mask
#else
typedef __m512 sq_vector_avx512;
typedef __mmask16 sq_lanes_avx512;
#define SQ_AVX512(operation) _mm512_##operation##_ps
#define SQ_AVX512_COMPARE _mm512_cmp_ps_mask
#endif

#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512

/* With all lanes named, "maskz" is the plain instruction; the plain intrinsics of some
 * compilers start from an undefined register and draw a warning for it. */
#define SQ_AVX512_ALL ((sq_lanes_avx512)-1)

static SQ_INLINE SQ_VECTOR SQ_V(load)(const seqnn_real *p)
{
    return SQ_AVX512(loadu)(p);
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, SQ_VECTOR x)
{
    SQ_AVX512(storeu)(p, x);
}

static SQ_INLINE sq_lanes_avx512 SQ_V(mask)(seqnn_size count)
{
    return (sq_lanes_avx512)((1u << count) - 1u);
}

static SQ_INLINE SQ_VECTOR SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    return SQ_AVX512(maskz_loadu)(SQ_V(mask)(count), p);
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    SQ_AVX512(mask_storeu)(p, SQ_V(mask)(count), x);
}

static SQ_INLINE SQ_VECTOR SQ_V(set)(seqnn_real s)
{
    return SQ_AVX512(set1)(s);
}

static SQ_INLINE SQ_VECTOR SQ_V(add)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(add)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sub)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(sub)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(mul)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(mul)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(div)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(div)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sqrt)(SQ_VECTOR x)
{
    return SQ_AVX512(maskz_sqrt)(SQ_AVX512_ALL, x);
}

static SQ_INLINE SQ_VECTOR SQ_V(fma)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR z)
{
    return SQ_AVX512(fmadd)(x, y, z);
}

static SQ_INLINE SQ_VECTOR SQ_V(min)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(maskz_min)(SQ_AVX512_ALL, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(max)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_AVX512(maskz_max)(SQ_AVX512_ALL, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(select_less)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR u,
                                             SQ_VECTOR v)
{
    return SQ_AVX512(mask_blend)(SQ_AVX512_COMPARE(x, y, _CMP_LT_OQ), v, u);
}

static SQ_INLINE seqnn_real SQ_V(sum)(SQ_VECTOR x)
{
    seqnn_real s[SQ_WIDTH];
    SQ_V(store)(s, x);
    for (int half = SQ_WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            s[i] += s[i + half];
    return s[0];
}

/* By quarters, with the vectors of AVX2. */
static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    enum { HALF = SQ_WIDTH / 2 };
    for (int row = 0; row < SQ_WIDTH; row += HALF)
        for (int column = 0; column < SQ_WIDTH; column += HALF)
            sq_transpose_avx2(from + row * from_row + column, from_row,
                              to + column * to_row + row, to_row);
}

#ifndef SEQNN_DOUBLE
/* The nearest integer, as a number; 2 to a whole n in [-126, 127]. At -O0 gcc has the
 * rounding as a macro that warns of its own conversion. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static SQ_INLINE SQ_VECTOR SQ_V(round)(SQ_VECTOR x)
{
    return _mm512_maskz_roundscale_ps(SQ_AVX512_ALL, x,
                                      _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
#pragma GCC diagnostic pop

static SQ_INLINE SQ_VECTOR SQ_V(power_of_two)(SQ_VECTOR n)
{
    __m512i exponent = _mm512_add_epi32(_mm512_maskz_cvtps_epi32(SQ_AVX512_ALL, n),
                                        _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(SQ_AVX512_ALL, exponent, 23));
}
#endif

#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 1 /* simd_functions.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

#ifdef SQ_HAVE_NEON
/* math/simd_neon.h - the vocabulary of simd.h for 64-bit Arm (private) */

#include <arm_neon.h>

#define SQ_TARGET_NEON

#ifdef SEQNN_DOUBLE
typedef float64x2_t sq_vector_neon;
#define SQ_NEON(operation) operation##q_f64
#define SQ_NEON_N(operation) operation##q_n_f64
#else
typedef float32x4_t sq_vector_neon;
#define SQ_NEON(operation) operation##q_f32
#define SQ_NEON_N(operation) operation##q_n_f32
#endif

#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON

static SQ_INLINE SQ_VECTOR SQ_V(load)(const seqnn_real *p)
{
    return SQ_NEON(vld1)(p);
}

static SQ_INLINE void SQ_V(store)(seqnn_real *p, SQ_VECTOR x)
{
    SQ_NEON(vst1)(p, x);
}

static SQ_INLINE SQ_VECTOR SQ_V(load_part)(const seqnn_real *p, seqnn_size count)
{
    seqnn_real part[SQ_WIDTH] = {0};
    for (seqnn_size i = 0; i < count; i++)
        part[i] = p[i];
    return SQ_V(load)(part);
}

static SQ_INLINE void SQ_V(store_part)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    seqnn_real part[SQ_WIDTH];
    SQ_V(store)(part, x);
    for (seqnn_size i = 0; i < count; i++)
        p[i] = part[i];
}

static SQ_INLINE SQ_VECTOR SQ_V(set)(seqnn_real s)
{
    return SQ_NEON_N(vdup)(s);
}

static SQ_INLINE SQ_VECTOR SQ_V(add)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vadd)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sub)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vsub)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(mul)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vmul)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(div)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_NEON(vdiv)(x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(sqrt)(SQ_VECTOR x)
{
    return SQ_NEON(vsqrt)(x);
}

static SQ_INLINE SQ_VECTOR SQ_V(fma)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR z)
{
    return SQ_NEON(vfma)(z, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(select_less)(SQ_VECTOR x, SQ_VECTOR y, SQ_VECTOR u,
                                             SQ_VECTOR v)
{
    return SQ_NEON(vbsl)(SQ_NEON(vclt)(x, y), u, v);
}

static SQ_INLINE SQ_VECTOR SQ_V(min)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_V(select_less)(x, y, x, y);
}

static SQ_INLINE SQ_VECTOR SQ_V(max)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_V(select_less)(y, x, x, y);
}

static SQ_INLINE seqnn_real SQ_V(sum)(SQ_VECTOR x)
{
    seqnn_real s[SQ_WIDTH];
    SQ_V(store)(s, x);
#ifdef SEQNN_DOUBLE
    return s[0] + s[1];
#else
    return (s[0] + s[2]) + (s[1] + s[3]);
#endif
}

static SQ_INLINE void SQ_V(transpose)(const seqnn_real *from, seqnn_size from_row,
                                      seqnn_real *to, seqnn_size to_row)
{
    SQ_VECTOR x0 = SQ_V(load)(from), x1 = SQ_V(load)(from + from_row);
#ifdef SEQNN_DOUBLE
    SQ_V(store)(to, SQ_NEON(vzip1)(x0, x1));
    SQ_V(store)(to + to_row, SQ_NEON(vzip2)(x0, x1));
#else
    SQ_VECTOR x2 = SQ_V(load)(from + 2 * from_row), x3 = SQ_V(load)(from + 3 * from_row);
    SQ_VECTOR y0 = SQ_NEON(vzip1)(x0, x2), y1 = SQ_NEON(vzip2)(x0, x2);
    SQ_VECTOR y2 = SQ_NEON(vzip1)(x1, x3), y3 = SQ_NEON(vzip2)(x1, x3);
    SQ_V(store)(to, SQ_NEON(vzip1)(y0, y2));
    SQ_V(store)(to + to_row, SQ_NEON(vzip2)(y0, y2));
    SQ_V(store)(to + 2 * to_row, SQ_NEON(vzip1)(y1, y3));
    SQ_V(store)(to + 3 * to_row, SQ_NEON(vzip2)(y1, y3));
#endif
}

#ifndef SEQNN_DOUBLE
/* The nearest integer, as a number; 2 to a whole n in [-126, 127]. */
static SQ_INLINE SQ_VECTOR SQ_V(round)(SQ_VECTOR x)
{
    return vrndnq_f32(x);
}

static SQ_INLINE SQ_VECTOR SQ_V(power_of_two)(SQ_VECTOR n)
{
    int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
    return vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23));
}
#endif

#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 1 /* simd_functions.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

/* ---------------------------------------------------------- layers/activation_rows.h */

/* layers/activation_rows.h - activations over rows of memory (private) */

/* y = g(z), [rows, features]; y may be z, except for the softmaxes. */
SQ_LOCAL void sq_activation_rows(seqnn_activation activation, seqnn_size rows,
                                 seqnn_size features, const seqnn_real *z, seqnn_real *y);

/* dz = dL/dz from y and dy = dL/dy. dz may be dy. */
SQ_LOCAL void sq_activation_gradient(seqnn_activation activation, seqnn_size rows,
                                     seqnn_size features, const seqnn_real *y,
                                     const seqnn_real *dy, seqnn_real *dz);

/* Puts the model into error if it is not one. */
SQ_LOCAL bool sq_check_activation(seqnn_layer *layer, seqnn_activation activation);

/* --------------------------------------------------------------------- layers/bias.h */

/* layers/bias.h - the gradient of a row that was added to all rows (private) */

/* db += the sum of the rows of dy, first to last; rows of dy are `distance` apart. */
SQ_LOCAL void sq_bias_gradient(seqnn_size rows, seqnn_size columns, const seqnn_real *dy,
                               seqnn_size distance, seqnn_real *db);

/* ------------------------------------------------------------------ layers/packing.h */

/* layers/packing.h - sequences of different lengths, packed by time (private)
 *
 * Inside the network a batch of sequences is one matrix with a row for every real step:
 * first step 1 of all sequences, longest sequence first, then step 2 of those that have
 * one, and so on. A finished sequence leaves the batch instead of being multiplied by
 * zero, and the active rows of a step are always the first n of the step before:
 *
 *   lengths 3, 1, 2     order 0, 2, 1     rows  a1 c1 b1 | a2 c2 | a3
 *                                         offset 0        3       5    6
 */

typedef struct sq_packing {
    seqnn_size batch, time; /* the user's [batch, time] */
    seqnn_size steps;       /* the longest length */
    seqnn_size rows;        /* the sum of the lengths */
    int32_t *order;         /* [batch] user's sample at each packed position */
    int32_t *start, *length; /* [batch] by packed position */
    seqnn_size *offset;      /* [time + 1] first row of each step, offset[steps] = rows */
    seqnn_size *source;      /* [batch * time] row -> sample * time + step, user's order */
    seqnn_size *count;       /* [time + 2] scratch of the counting sort */
} sq_packing;

/* Sequences that are active at step s. */
static inline seqnn_size sq_active(const sq_packing *packing, seqnn_size s)
{
    return packing->offset[s + 1] - packing->offset[s];
}

/* Takes the arrays for at most this batch and time. */
SQ_LOCAL void sq_packing_plan(sq_packing *packing, sq_arena *arena, seqnn_size batch,
                              seqnn_size time);

/* Packs: start and length are the user's, [batch], or both NULL. Lengths outside
 * [0, time] are an error naming `who` and the sample. */
SQ_LOCAL seqnn_status sq_pack(sq_packing *packing, const char *who, seqnn_size batch,
                              seqnn_size time, const int32_t *start,
                              const int32_t *length);

/* [batch, time, features] <-> packed rows. Unpacking writes zeros at padded steps. */
SQ_LOCAL void sq_pack_rows(const sq_packing *packing, seqnn_size features,
                           const seqnn_real *values, seqnn_real *rows);
SQ_LOCAL void sq_unpack_rows(const sq_packing *packing, seqnn_size features,
                             const seqnn_real *rows, seqnn_real *values);

/* -------------------------------------------------------------------- layers/graph.h */

/* layers/graph.h - models and layers from the inside (private)
 *
 * A layer kind is a struct that begins with seqnn_layer and a table of three functions.
 * To write one: sq_layer_new in the public constructor, sq_layer_add_parameter for each
 * weight, the three functions, done. Life of a model:
 *
 *   build     at the first use: the flat blocks are allocated, parameters initialised
 *   plan      at the first batch of a larger size: every layer takes its activations
 *   forward   reads inputs' out.value, writes out.value
 *   backward  reads out.gradient, adds to parameters' and inputs' gradients
 */

enum { SQ_MAX_PARAMETERS = 4, SQ_MAX_LAYER_INPUTS = 2, SQ_NAME_SIZE = 64 };

/* Wider than any memory; sums and small multiples of it do not overflow. */
#define SQ_MAX_FEATURES ((seqnn_size)(PTRDIFF_MAX / 64))

/* What a layer gives to the next: one row per real step of a sequence (packing), or one
 * per sample in the user's order (packing NULL). */
typedef struct sq_signal {
    const sq_packing *packing;
    seqnn_size features, rows;
    seqnn_real *value, *gradient; /* [rows, features] */
    /* Where a last activation was applied: what it was applied to, so that a loss may
     * start from logits. */
    const seqnn_real *logits;
    seqnn_activation activation;
    bool gradient_is_of_logits; /* the loss has already gone through the activation */
    bool gradient_written;      /* a later layer has written gradient: add from now on */
    bool gradient_wanted;       /* something below is trained */
} sq_signal;

typedef struct sq_layer_type {
    const char *kind;
    size_t size; /* of the struct that begins with seqnn_layer */
    /* Takes memory for at most `rows` rows (steps * batch, or batch) of activations. */
    void (*plan)(seqnn_layer *layer, sq_arena *arena, seqnn_size batch, seqnn_size rows);
    seqnn_status (*forward)(seqnn_layer *layer, seqnn_mode mode);
    void (*backward)(seqnn_layer *layer);
    void (*destroy)(seqnn_layer *layer); /* frees what is not in the arena; or NULL */
} sq_layer_type;

/* Rows of a table whose gradient is not zero: what to clear, to clip and to update. */
typedef struct sq_touched {
    int32_t *rows; /* each once, in order of first use */
    seqnn_size count;
    uint8_t *mark; /* [table rows] 1 if listed */
} sq_touched;

typedef struct sq_parameter {
    seqnn_parameter view; /* what users see */
    seqnn_initializer initializer;
    seqnn_size blocks; /* gates side by side in the columns */
    seqnn_real *given;       /* values to start from, owned, until built; or NULL */
    seqnn_real forget_bias;  /* of an LSTM's bias, else 0: added to the second block */
    seqnn_size offset;       /* in the flat blocks */
    sq_touched *touched;     /* NULL: every row counts */
} sq_parameter;

struct seqnn_layer {
    const sq_layer_type *type;
    seqnn_model *model;
    seqnn_size index; /* in the model */
    char name[SQ_NAME_SIZE];
    bool frozen;
    seqnn_layer *inputs[SQ_MAX_LAYER_INPUTS];
    int input_count;
    sq_parameter parameters[SQ_MAX_PARAMETERS];
    int parameter_count;
    int source;      /* whose time axis a sequence has; -1 for vectors */
    seqnn_size time; /* fixed length of the time axis, or 0 */
    sq_signal *in;   /* inputs[0]->out, or the given x of seqnn_layer_forward */
    sq_signal out;
    bool state_gradient; /* a gradient reached its final state: backward must run */
    seqnn_real *unpacked; /* what seqnn_layer_output hands out, grown on demand */
    seqnn_size unpacked_capacity;
};

typedef enum sq_source_kind { SQ_INDICES, SQ_SERIES, SQ_VECTORS } sq_source_kind;

typedef struct sq_source {
    sq_source_kind kind;
    bool mask_zero;
    seqnn_layer *layer;
    sq_packing packing;
    seqnn_size planned_time;
    int32_t *start, *length; /* [batch] of mask_zero, when looked for */
} sq_source;

struct seqnn_model {
    uint64_t seed;
    uint64_t pass;       /* training passes so far: every one has its own dropout masks */
    seqnn_status status; /* of building: sticky */
    seqnn_status run_status; /* of the last pass */
    char message[512];       /* of the failed building call */
    bool built;
    seqnn_layer **layers;
    seqnn_size layer_count, layer_capacity;
    sq_source sources[SEQNN_MAX_INPUTS];
    int source_count;
    sq_arena blocks; /* weights and gradients, and which embedding rows were touched */
    seqnn_real *weights, *gradients;
    seqnn_size weight_count;
    sq_arena activations;
    seqnn_size planned_batch;
    const seqnn_dataset *batch; /* while a forward pass runs */
    seqnn_size count;           /* samples of the last forward pass */
    seqnn_mode mode;
    bool record_flow;
    sq_source lone;     /* the x of seqnn_layer_forward */
    sq_signal lone_in;
    seqnn_size lone_capacity;
    bool lone_forward; /* the last forward pass was of one layer */
    const seqnn_layer *lone_layer; /* and of this one */
    void *training; /* optimiser state and history, owned by train/ */
    void (*free_training)(void *training);
};

/* Adds a layer of this type that reads `input` (NULL: the layer before), or nothing if it
 * is a source. NULL if the model is in error; then the constructor returns NULL too. */
SQ_LOCAL seqnn_layer *sq_layer_new(seqnn_model *model, const sq_layer_type *type,
                                   const char *name, seqnn_layer *input);
SQ_LOCAL seqnn_layer *sq_source_new(seqnn_model *model, const sq_layer_type *type,
                                    const char *name, sq_source_kind kind,
                                    seqnn_size features, seqnn_size time);

/* Declares a parameter; memory comes when the model is built. fallback is the
 * initialiser used if `how` is the default. */
SQ_LOCAL sq_parameter *sq_layer_add_parameter(seqnn_layer *layer, const char *name,
                                              seqnn_size rows, seqnn_size columns,
                                              seqnn_size blocks, seqnn_initializer how,
                                              seqnn_initializer_kind fallback);

/* A second input. */
SQ_LOCAL void sq_layer_add_input(seqnn_layer *layer, seqnn_layer *input);

/* The output is a vector per step on the time axis of `like`, or a vector per sample. */
SQ_LOCAL void sq_layer_shape(seqnn_layer *layer, seqnn_size features,
                             const seqnn_layer *like, bool sequence);

/* Puts the model into (sticky) error. */
SQ_LOCAL seqnn_status sq_model_fail(seqnn_model *model, seqnn_status status,
                                    const char *format, ...) SQ_PRINTF(3, 4);

/* Allocates and initialises the parameters, once. */
SQ_LOCAL seqnn_status sq_model_build(seqnn_model *model);
/* Activations for this batch and these times (one per source). */
SQ_LOCAL seqnn_status sq_model_plan(seqnn_model *model, seqnn_size batch,
                                    const seqnn_size *times);

/* signal's gradient += gradient, if it is wanted. */
SQ_LOCAL void sq_signal_add_gradient(sq_signal *signal, const seqnn_real *gradient);

/* Rows of this packing (NULL: one per sample) in the user's order, in memory of the layer
 * that stands until the next call. */
SQ_LOCAL seqnn_tensor sq_unpacked_rows(seqnn_layer *layer, const sq_packing *packing,
                                       const seqnn_real *rows, seqnn_size features);

/* Whether dL/d(signal's value) is wanted, or dL/d(parameter). */
SQ_LOCAL bool sq_wants_gradient(const seqnn_layer *layer);
static inline bool sq_trains(const seqnn_layer *layer, int parameter)
{
    return !layer->parameters[parameter].view.frozen;
}

/* Inverted-scaling mask: count values that are 0 with probability rate, else
 * 1 / (1 - rate); value i depends on (model seed, training pass, layer, which, first + i)
 * alone. */
SQ_LOCAL void sq_dropout_mask(const seqnn_layer *layer, int which, seqnn_real rate,
                              seqnn_size first, seqnn_size count, seqnn_real *mask);

/* -------------------------------------------------------------------- layers/sweep.h */

/* layers/sweep.h - one pass of a recurrent cell over all time steps (private)
 *
 * The input products of all steps, x_t W_x + b, are made before the sweep as one matrix
 * product, and the weight gradients after it, again as one product each. What is left is
 * the recurrence itself: for every step the product with W_h and the gates. A sweep does
 * it for the sequences at the packed positions [begin, end), so that threads may share a
 * batch by rows, each going through all of time on its own, without a barrier. No result
 * depends on how the rows were shared.
 *
 * Every cell has two: the plain one in its own file (lstm.c), which is the lecture's
 * equations, and the fast one beside it (lstm_kernels.c).
 */

typedef struct sq_sweep {
    const sq_packing *packing;
    seqnn_size units;
    bool backwards;              /* from the last step of each sequence to its first */
    seqnn_size truncate;         /* window of the sliding truncated BPTT; 0: all steps */
    seqnn_activation activation; /* of the vanilla RNN */
    seqnn_reset reset;           /* of the GRU, never the default */

    const seqnn_real *W_h;  /* [units, gates * units] */
    const seqnn_real *b_h;  /* [3 units], the GRU's recurrent bias, or NULL */
    const seqnn_real *mask; /* [batch, units] recurrent dropout of h_(t-1), or NULL */
    const seqnn_real *h_0, *C_0; /* [batch, units] initial states */

    /* Forward. A row per real step (packed), a state per sequence (packed position). */
    seqnn_real *gates;  /* [rows, gates * units] in: x_t W_x + b; out: activated gates
                           (of the vanilla RNN: h_t itself is kept in h) */
    seqnn_real *h_prev; /* [rows, units] out: h_(t-1) times mask, what met W_h; of the GRU
                           with reset before it is what met the z and r columns */
    seqnn_real *h;      /* [rows, units] out: h_t */
    seqnn_real *C;      /* [rows, units] out: C_t (LSTM) */
    seqnn_real *tanh_C; /* [rows, units] out (LSTM) */
    seqnn_real *inner;  /* [rows, units] out (GRU): h_prev W_h^h + b_h^h (reset after), or
                           r_t * h_prev (reset before) */
    seqnn_real *h_state, *C_state; /* [batch, units] in: h_0, C_0; out: h_T, C_T */

    /* Backward. */
    const seqnn_real *dh; /* [rows, units] dL/dh_t from above, or NULL: none */
    seqnn_real *dgates;   /* [rows, gates * units] out: dL/d(x_t W_x + b) */
    seqnn_real *dinner;   /* [rows, units] out (GRU, reset after): dL/d(h_prev W_h^h + b_h^h) */
    seqnn_real *dh_state, *dC_state; /* [batch, units] in: dL/dh_T, dL/dC_T; out:
                                        dL/dh_0, dL/dC_0 */
    double *flow; /* [rows] out: the sum of squares of dL/dh_t, or NULL; in double, for
                     the square of 1e-23 is no float */

    seqnn_real *workspace; /* what workspace() asked for; shared, written by prepare() */
} sq_sweep;

/* The functions of one implementation of a cell. prepare_* run once before the rows are
 * shared (to pack W_h); workspace counts the reals they need. They may be NULL. */
typedef struct sq_cell {
    void (*forward)(const sq_sweep *sweep, seqnn_size begin, seqnn_size end);
    void (*backward)(const sq_sweep *sweep, seqnn_size begin, seqnn_size end);
    seqnn_size (*workspace)(seqnn_size units);
    void (*prepare_forward)(const sq_sweep *sweep);
    void (*prepare_backward)(const sq_sweep *sweep);
} sq_cell;

/* The i-th step in the order of the sweep, i = 0 .. steps - 1. Forwards the active
 * sequences leave one by one, backwards they join one by one. */
static inline seqnn_size sq_sweep_step(const sq_sweep *sweep, seqnn_size i)
{
    return sweep->backwards ? sweep->packing->steps - 1 - i : i;
}

/* The packed row of the step that position k took before step s, or -1 if s is its first
 * step: then the initial state comes before. */
static inline seqnn_size sq_row_before(const sq_sweep *sweep, seqnn_size s, seqnn_size k)
{
    const sq_packing *packing = sweep->packing;
    if (!sweep->backwards)
        return s > 0 ? packing->offset[s - 1] + k : -1;
    return s + 1 < packing->length[k] ? packing->offset[s + 1] + k : -1;
}

/* The last of [begin, end) that is active at step s, plus one. */
static inline seqnn_size sq_sweep_end(const sq_sweep *sweep, seqnn_size s, seqnn_size end)
{
    return sq_min(end, sq_active(sweep->packing, s));
}

/* Plain: the equations. Fast: vectorised, for full BPTT; the choice at run time falls on
 * plain where the fast one does not do what is asked (sliding truncation). */
SQ_LOCAL const sq_cell *sq_simple_rnn_plain(void);
SQ_LOCAL const sq_cell *sq_lstm_plain(void);
SQ_LOCAL const sq_cell *sq_gru_plain(void);
SQ_LOCAL const sq_cell *sq_simple_rnn_fast(void);
SQ_LOCAL const sq_cell *sq_lstm_fast(void);
SQ_LOCAL const sq_cell *sq_gru_fast(void);

/* -------------------------------------------------------------- layers/plain_sweep.h */

/* layers/plain_sweep.h - what the plain sweeps of the three cells share (private) */

static inline seqnn_real sq_logistic(seqnn_real z)
{
    return 1 / (1 + SQ_MATH(exp)(-z));
}

/* z [columns] += v W, where W is [rows, columns] and its rows are `distance` apart. */
SQ_LOCAL void sq_add_product(seqnn_size rows, seqnn_size columns, const seqnn_real *v,
                             const seqnn_real *W, seqnn_size distance, seqnn_real *z);

/* dv [rows] += mask * (dz W^T), the way back. mask may be NULL. */
SQ_LOCAL void sq_add_product_back(seqnn_size rows, seqnn_size columns,
                                  const seqnn_real *dz, const seqnn_real *W,
                                  seqnn_size distance, const seqnn_real *mask,
                                  seqnn_real *dv);

/* h_prev = h_(t-1) * mask of position k, at packed row `row`; returns it. */
SQ_LOCAL const seqnn_real *sq_masked_state(const sq_sweep *sweep, seqnn_size row,
                                           seqnn_size k);

/* Position k's mask, or NULL. */
static inline const seqnn_real *sq_mask_of(const sq_sweep *sweep, seqnn_size k)
{
    return sweep->mask ? sweep->mask + k * sweep->units : NULL;
}

/* The state of position k before step s: that of the step before (a row of `states`), or
 * the initial one. */
static inline const seqnn_real *sq_state_before(const sq_sweep *sweep, seqnn_size s,
                                                seqnn_size k, const seqnn_real *states,
                                                const seqnn_real *initial)
{
    const seqnn_size before = sq_row_before(sweep, s, k);
    return before < 0 ? initial + k * sweep->units : states + before * sweep->units;
}

/* One step of position k back, the equations of a cell: dh and dC [units] hold dL/dh_t
 * and dL/dC_t of step s and receive those of the step before. The gradient of the gates
 * is written to row `into` of dgates (and dinner). */
typedef void (*sq_backward_step)(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                 seqnn_size into, seqnn_real *dh, seqnn_real *dC);

/* Backpropagation through time over all steps; or, with sweep->truncate = p, through a
 * sliding window: the loss of step j reaches back to step j - p and no further. */
SQ_LOCAL void sq_plain_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                seqnn_size gates, bool has_C, sq_backward_step step);

/* ---------------------------------------------------------- layers/recurrent_layer.h */

/* layers/recurrent_layer.h - the layer around a recurrent cell (private) */

/* What tells one cell from another, for the layer around it. */
typedef struct sq_cell_kind {
    sq_layer_type type;
    seqnn_size gates;
    bool has_C;
    const sq_cell *(*plain)(void), *(*fast)(void);
    /* Adds the gradients of W_h and b_h, from h_prev, inner, dgates and dinner. */
    void (*recurrent_gradient)(const sq_sweep *sweep, seqnn_real *dW_h, seqnn_real *db_h);
} sq_cell_kind;

/* States by sample in the user's order, kept between passes. */
typedef struct sq_states {
    seqnn_real *h, *C; /* [count, units]; C only for cells that have it */
    seqnn_size count;
    seqnn_size h_capacity, C_capacity;
} sq_states;

typedef struct sq_recurrent {
    seqnn_layer base;
    const sq_cell_kind *kind;
    seqnn_size units;
    bool return_sequences, stateful;
    seqnn_real dropout, recurrent_dropout;
    seqnn_layer *initial_state;

    sq_sweep sweep;
    seqnn_real *x, *x_mask;      /* [rows, inputs] x after dropout; [batch, inputs] */
    seqnn_real *h_mask;          /* [batch, units] */
    seqnn_real *h_0, *C_0;       /* [batch, units] by packed position */
    double *flow;                /* [rows] see sq_sweep */
    double *flow_of_step;        /* [time] summed over the batch */
    const seqnn_real *input;     /* x, or the input signal itself without dropout */
    bool x_dropped;
    seqnn_layer *state_from;     /* whose final state this pass started from, or NULL */
    bool x_spent;                /* the backward pass has used x for the gradient of x */

    sq_states final;             /* h_T, C_T of the last pass */
    sq_states given;             /* seqnn_set_state: for the next pass, if count > 0 */
    sq_states final_gradient;    /* dL/dh_T, dL/dC_T from outside, if count > 0 */
    sq_states initial_gradient;  /* dL/dh_0, dL/dC_0 of the last backward pass */
} sq_recurrent;

/* The constructor behind seqnn_simple_rnn, seqnn_lstm and seqnn_gru; with the option
 * bidirectional it makes two layers and their merge. */
SQ_LOCAL seqnn_layer *sq_recurrent_new(seqnn_model *model, const sq_cell_kind *kind,
                                       seqnn_size units,
                                       const seqnn_recurrent_options *options);

/* The functions of sq_layer_type, the same for every cell; its size is
 * sizeof(sq_recurrent). */
SQ_LOCAL void sq_recurrent_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                                seqnn_size rows);
SQ_LOCAL seqnn_status sq_recurrent_forward(seqnn_layer *layer, seqnn_mode mode);
SQ_LOCAL void sq_recurrent_backward(seqnn_layer *layer);
SQ_LOCAL void sq_recurrent_destroy(seqnn_layer *layer);

/* The gates of the last forward pass, for the getters of the cells. */
SQ_LOCAL seqnn_tensor sq_recurrent_gates(seqnn_layer *layer, const sq_cell_kind *kind);

/* --------------------------------------------------------- layers/recurrent_states.h */

/* layers/recurrent_states.h - the states a recurrent layer keeps (private) */

/* Room for count samples; the content is kept. */
SQ_LOCAL seqnn_status sq_states_reserve(sq_states *states, const sq_recurrent *own,
                                        seqnn_size count);
SQ_LOCAL void sq_states_free(sq_states *states);

/* Copies h and C (NULL: zeros) of count samples. */
SQ_LOCAL seqnn_status sq_states_copy_in(sq_recurrent *own, sq_states *states,
                                        seqnn_size count, const seqnn_real *h,
                                        const seqnn_real *C);

/* Rows by packed position from rows by sample (NULL: zeros), and back. */
SQ_LOCAL void sq_states_pack(const sq_packing *packing, seqnn_size units,
                             const seqnn_real *samples, seqnn_real *packed);
SQ_LOCAL void sq_states_unpack(const sq_packing *packing, seqnn_size units,
                               const seqnn_real *packed, seqnn_real *samples);

SQ_LOCAL bool sq_is_recurrent(const seqnn_layer *layer);

/* The layer as what it is, or NULL and an error that begins with who. */
SQ_LOCAL const sq_recurrent *sq_recurrent_or_fail(const seqnn_layer *layer,
                                                  const char *who);

/* ------------------------------------------------------------ layers/sweep_kernels.h */

/* layers/sweep_kernels.h - what the fast sweeps of the three cells share (private)
 *
 * A fast sweep takes the active sequences of [begin, end) at a step together: their rows
 * lie side by side, so the recurrent product is one matrix product, and what is done
 * element by element runs over vectors. A row's result does not depend on the rows beside
 * it: the product sums in one order, and vectors never mix rows. None is compiled as plain
 * C: where the instruction set is SQ_ISA_PLAIN, the sweeps of lstm.c and its like run.
 */

typedef void (*sq_sweep_function)(const sq_sweep *sweep, seqnn_size begin,
                                  seqnn_size end);

#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 2 /* sweep_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 2 /* sweep_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 2 /* sweep_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

/* -------------------------------------------------------------------- train/chunks.h */

/* train/chunks.h - a batch cut along time, for truncated backpropagation (private) */

typedef struct sq_chunks {
    seqnn_model *model;
    seqnn_size steps, time; /* of a chunk, of the data */
    seqnn_dataset *chunk;
    seqnn_real *h, *C; /* one layer's state on its way */
} sq_chunks;

/* Chunks of `steps` steps of batches of up to batch_size samples of data. */
SQ_LOCAL seqnn_status sq_chunks_new(sq_chunks *chunks, seqnn_model *model,
                                    const seqnn_dataset *data, seqnn_size batch_size,
                                    seqnn_size steps);
SQ_LOCAL void sq_chunks_free(sq_chunks *chunks);
SQ_LOCAL seqnn_size sq_chunks_count(const sq_chunks *chunks);

/* The k-th chunk of a batch; NULL if all its steps are padding. */
SQ_LOCAL const seqnn_dataset *sq_chunk_at(sq_chunks *chunks, const seqnn_dataset *batch,
                                          seqnn_size k);

/* The final states of the last forward pass become the initial states of the next. */
SQ_LOCAL seqnn_status sq_chunks_carry(sq_chunks *chunks, seqnn_size count);

/* ------------------------------------------------------------- train/loss_position.h */

/* train/loss_position.h - the loss of one position (private) */

typedef struct sq_position_loss {
    seqnn_loss_kind kind; /* never the default */
    bool probabilities;   /* the output is no logits */
    seqnn_size outputs;
    const seqnn_real *class_weight; /* or NULL */
    double scale;                   /* 1 / outputs, or 1 */
} sq_position_loss;

/* One position's target: a class, or one number for each output (then `values` is set).
 */
typedef struct sq_target {
    int32_t index;
    const seqnn_real *values;
} sq_target;

/* The loss of a position with output (or logits) z. gradient [outputs] receives
 * factor * dl/dz; it may be NULL. */
SQ_LOCAL double sq_loss_of_position(const sq_position_loss *loss, const seqnn_real *z,
                                    sq_target target, double factor,
                                    seqnn_real *gradient);

/* argmax_c y[c], the first of equal ones. */
SQ_LOCAL seqnn_size sq_best_class(seqnn_size n, const seqnn_real *y);

/* The class weight of a whole position: what a mean by weights divides by. */
SQ_LOCAL double sq_weight_of_position(const sq_position_loss *loss, sq_target target);

/* ---------------------------------------------------------- train/optimizer_update.h */

/* train/optimizer_update.h - one update of a stretch of parameters (private) */

/* The numbers of one step: what optimizer.h writes in Greek, worked out. */
typedef struct sq_update {
    seqnn_real rate;   /* eta, of Adam with its bias corrections */
    seqnn_real shrink; /* 1 - eta weight_decay */
    seqnn_real l2, momentum;
    seqnn_real move1, move2;            /* 1 - beta1, 1 - beta2 (or 1 - rho) */
    seqnn_real epsilon, epsilon_inside; /* sqrt(v + inside) + epsilon */
    bool nesterov;
} sq_update;

/* Updates n weights. g is NULL where every gradient is zero; m and v are NULL where the
 * kind of optimiser has none. */
typedef void (*sq_update_function)(const sq_update *update, seqnn_size n, seqnn_real *w,
                                   const seqnn_real *g, seqnn_real *m, seqnn_real *v);

SQ_LOCAL sq_update_function sq_update_of(seqnn_optimizer_kind kind);

/* ------------------------------------------------------------------ train/progress.h */

/* train/progress.h - the line that grows while a model is trained (private)
 *
 *     Epoch 3/10
 *     26/26 - 0s 4ms/step - loss: 1.2003 - accuracy: 0.5102 - val_loss: 1.1020 - ...
 */

typedef struct sq_progress {
    bool on, terminal;
    seqnn_size steps; /* of an epoch */
    double started, shown;
    seqnn_size length; /* of the line on the terminal */
} sq_progress;

/* Seconds of a clock on the wall. */
SQ_LOCAL double sq_seconds(void);

SQ_LOCAL sq_progress sq_progress_new(bool on, seqnn_size steps);
SQ_LOCAL void sq_progress_epoch(sq_progress *progress, seqnn_size epoch,
                                seqnn_size epochs);
/* After a step: shown at most ten times a second, and on a terminal only. */
SQ_LOCAL void sq_progress_step(sq_progress *progress, seqnn_size done, double loss,
                               double accuracy);
/* The final line of the epoch; what is NaN is left out. */
SQ_LOCAL void sq_progress_end(sq_progress *progress, double loss, double accuracy,
                              double val_loss, double val_accuracy);

/* ------------------------------------------------------------------ train/training.h */

/* train/training.h - what training keeps with a model (private) */

typedef struct sq_training {
    /* Optimiser. */
    seqnn_optimizer_kind kind; /* whose m and v these are; default: none yet */
    seqnn_size step;
    seqnn_real *m, *v; /* [weight_count], made when first needed */

    /* Gradient accumulation. */
    seqnn_size gathered; /* batches in the gradients */
    double divisor;      /* sum of theirs */

    /* Scratch, grown on demand. */
    double *sums;
    seqnn_size sums_capacity;
    double *norms; /* of the gradients' tensors: sq_gradient_norms' last */
    seqnn_size norms_capacity;
    double *position_loss;
    seqnn_size position_capacity;
    seqnn_real *predicted;
    seqnn_size predicted_capacity;

    /* Of the last fit. */
    seqnn_real *best; /* [weight_count] weights of the best epoch */
    seqnn_real *history[4];
    double *seconds;
} sq_training;

/* The model's, made at the first call; NULL with the error set if there is no memory. The
 * model must be built. */
SQ_LOCAL sq_training *sq_training_of(seqnn_model *model);

/* A failure of training is one of the model's last pass: seqnn_ok tells. */
SQ_LOCAL seqnn_status sq_training_fail(seqnn_model *model, seqnn_status status,
                                       const char *format, ...) SQ_PRINTF(3, 4);

/* A data set that is NULL was not made: whoever failed to make it has left the sentence.
 */
SQ_LOCAL seqnn_status sq_check_samples(const char *who, const seqnn_dataset *data);

/* ---- loss.c ---- */

/* seqnn_loss, which also tells the divisor of its mean (0: it is a sum). */
SQ_LOCAL seqnn_real sq_loss(seqnn_model *model, const seqnn_dataset *batch,
                            const seqnn_loss_options *options, double *divisor);

/* Adds what the last forward pass got right, and how many it was asked. False if the kind
 * of loss has no accuracy. */
SQ_LOCAL bool sq_count_right(const seqnn_model *model, const seqnn_dataset *batch,
                             const seqnn_loss_options *options, double *right,
                             double *asked);

/* ---- train.c ---- */

/* seqnn_train_step, which also tells the divisor. If the model's last pass failed, so did
 * the step. */
SQ_LOCAL seqnn_real sq_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                  const seqnn_train_options *options, double *divisor);

/* The update with what was gathered; nothing if nothing was. */
SQ_LOCAL seqnn_status sq_train_update(seqnn_model *model,
                                      const seqnn_train_options *options);

/* ---- clip.c ---- */

/* Every trained tensor must be finite; *norm receives the global norm, *largest that of
 * the largest tensor (either may be NULL). */
SQ_LOCAL seqnn_status sq_gradient_norms(seqnn_model *model, const char *who, double *norm,
                                        double *largest);
/* All trained gradients times factor. */
SQ_LOCAL void sq_scale_gradients(seqnn_model *model, double factor);

/* Elements in a piece of a parallel loop over parameters: cut by shape. */
enum { SQ_PARAMETER_GRAIN = 16384 };

/* Rows of a table in such a piece. */
static inline seqnn_size sq_row_grain(seqnn_size columns)
{
    return sq_max(1, SQ_PARAMETER_GRAIN / columns);
}

/* ------------------------------------------------------------ text/sequences_build.h */

/* text/sequences_build.h - sequences under construction (private) */

/* Empty sequences, room for count; NULL with the error set if there is no memory. */
SQ_LOCAL seqnn_token_sequences *sq_sequences_new(seqnn_size count);
/* One more index of the sequence that is being written ... */
SQ_LOCAL seqnn_status sq_sequences_push(seqnn_token_sequences *sequences, int32_t index);
/* ... which ends here. */
SQ_LOCAL void sq_sequences_end(seqnn_token_sequences *sequences);

/* ---------------------------------------------------------------------- text/words.h */

/* text/words.h - a table of distinct strings (private)
 *
 * Strings are numbered 0, 1, 2, ... in the order in which they were added, and found by
 * hashing. Their memory never moves.
 */

/* Strings of any length, one behind the other, in blocks. */
typedef struct sq_pool_block sq_pool_block;
typedef struct sq_pool {
    sq_pool_block *last;
} sq_pool;

/* A copy with a NUL behind it; NULL with the error set if there is no memory. */
SQ_LOCAL char *sq_pool_copy(sq_pool *pool, const char *text, seqnn_size length);
SQ_LOCAL void sq_pool_free(sq_pool *pool);

typedef struct sq_word {
    const char *text;
    seqnn_size length;
    uint32_t hash;
} sq_word;

/* All zero: an empty table. */
typedef struct sq_words {
    sq_pool pool;
    sq_word *word; /* [count] */
    seqnn_size count, capacity;
    int32_t *slots; /* number + 1 of the word that lies here; 0: free */
    seqnn_size slot_count;
} sq_words;

/* The number of a string, or -1. */
SQ_LOCAL int32_t sq_words_find(const sq_words *words, const char *text,
                               seqnn_size length);
/* The same, added if it is new; -1 with the error set if there is no memory. */
SQ_LOCAL int32_t sq_words_add(sq_words *words, const char *text, seqnn_size length);
SQ_LOCAL void sq_words_free(sq_words *words);

/* ---------------------------------------------------------------- text/texts_build.h */

/* text/texts_build.h - how readers fill a list of texts (private) */

/* seqnn_texts_add of text[0..length). */
SQ_LOCAL seqnn_status sq_texts_add(seqnn_texts *texts, const char *text,
                                   seqnn_size length, const char *class_name,
                                   const char *id);

/* Gives a list without texts its classes beforehand, in this order. */
SQ_LOCAL seqnn_status sq_texts_set_classes(seqnn_texts *texts, const char *const *names,
                                           seqnn_size classes);

/* Renumbers the classes in the byte order of their names. */
SQ_LOCAL seqnn_status sq_texts_sort_classes(seqnn_texts *texts);

/* ----------------------------------------------------------- text/tokenizer_lookup.h */

/* text/tokenizer_lookup.h - looking words up without a NUL behind them (private) */

/* seqnn_tokenizer_index of word[0..size). */
SQ_LOCAL int32_t sq_tokenizer_number(const seqnn_tokenizer *tokenizer, const char *word,
                                     seqnn_size size);

/* -------------------------------------------------------------------- text/unicode.h */

/* text/unicode.h - the little of Unicode that cleaning and readers need (private) */

/* Bytes of the UTF-8 character at text (length > 0), its code point in *point; a byte
 * that belongs to no valid character counts as one of its own, *point = -1. */
SQ_LOCAL seqnn_size sq_utf8_next(const char *text, seqnn_size length, int32_t *point);

/* What Python's str.split() splits at. */
SQ_LOCAL bool sq_is_space(int32_t point);

/* Lower-cases A-Z and the letters of the Latin-1 supplement (U+00C0 to U+00DE), in
 * place: their UTF-8 keeps its length. Other letters stay as they are. */
SQ_LOCAL void sq_lower(char *text, seqnn_size length);

/* Latin-1 bytes as UTF-8 into out (room for 2 length bytes); how many were written.
 * With keep_utf8, valid UTF-8 is copied and only the other bytes are taken as Latin-1. */
SQ_LOCAL seqnn_size sq_latin1_to_utf8(const char *bytes, seqnn_size length,
                                      bool keep_utf8, char *out);

/* ---------------------------------------------------------------------- data/files.h */

/* data/files.h - reading files and folders (private)
 *
 * Files are read through one large buffer, line by line or whole; gzip-compressed ones
 * too when compiled with SEQNN_USE_ZLIB. Errors name the file.
 */

typedef struct sq_reader {
    const char *path; /* of the caller, for messages */
    void *file;       /* FILE, or gzFile */
    bool compressed;
    bool ended;   /* nothing is left in the file */
    char *buffer; /* bytes [begin, end) are unread */
    seqnn_size begin, end, capacity;
    seqnn_size line; /* number of the last line, from 1 */
} sq_reader;

/* Opens path, which must outlive the reader. Close it in any case. */
SQ_LOCAL seqnn_status sq_reader_open(sq_reader *reader, const char *path);
SQ_LOCAL void sq_reader_close(sq_reader *reader);

/* The next line without its line feed and a carriage return before it, a NUL behind it:
 * it stands until the next call. *line is NULL at the end of the file. A line that holds
 * a NUL byte or more than 64 MiB is an error. */
SQ_LOCAL seqnn_status sq_reader_line(sq_reader *reader, char **line, seqnn_size *length);

/* A whole file with a NUL behind it; it belongs to the reader. A NUL byte in it or more
 * than 1 GiB is an error. */
SQ_LOCAL seqnn_status sq_reader_all(sq_reader *reader, char **text, seqnn_size *length);

/* Names in a folder in byte order, without those that begin with a dot. */
typedef struct sq_listing {
    char **name;
    seqnn_size count, capacity;
} sq_listing;

SQ_LOCAL seqnn_status sq_list_folder(const char *path, sq_listing *listing);
SQ_LOCAL void sq_listing_free(sq_listing *listing);

SQ_LOCAL bool sq_is_folder(const char *path);
SQ_LOCAL bool sq_is_file(const char *path);

/* "folder/name" into out[0..size); false if it does not fit. */
SQ_LOCAL bool sq_join_path(char *out, size_t size, const char *folder, const char *name);

enum { SQ_PATH_SIZE = 4096 };

/* -------------------------------------------------------------------- data/folders.h */

/* data/folders.h - data sets of one folder per class, one file per document (private) */

typedef struct sq_document {
    const char *class_name, *id;
    const char *bytes; /* the file, with a NUL behind it */
    seqnn_size length;
    char *utf8; /* room for 2 length bytes */
} sq_document;

typedef seqnn_status (*sq_add_document)(seqnn_texts *texts, const sq_document *document);

/* Calls add for every file folder/<class>/<name>, classes and names in byte order; the id
 * is prefix + "<class>/<name>". Files beside the class folders are left out. Error: no
 * class folder, no document, or what a file or add reports. */
SQ_LOCAL seqnn_status sq_read_class_folders(seqnn_texts *texts, const char *folder,
                                            const char *prefix, sq_add_document add);

/* -------------------------------------------------------------------- data/numbers.h */

/* data/numbers.h - decimal numbers from text, in any locale (private) */

/* Reads the decimal number at text ("-0.038194", "1e-3", ".5") up to the blank, tab or
 * NUL behind it, rounded to the nearest seqnn_real. Returns where it ends; NULL if it is
 * no finite decimal number or longer than 500 characters. */
SQ_LOCAL const char *sq_parse_real(const char *text, seqnn_real *value);

/* --------------------------------------------------------------------- plot/canvas.h */

/* plot/canvas.h - a picture that shapes are drawn into (private)
 *
 * Drawing has two steps. Shapes first leave their coverage, 0 to 255, in a mask, where
 * overlapping parts take the larger value: the joints of a polyline and the crossing
 * strokes of a letter are not painted twice. sq_canvas_paint then blends one colour
 * through the mask and empties it.
 *
 * Coordinates are in units, x to the right, y down; a unit is `scale` pixels. Edges are
 * antialiased by their distance from the pixel's centre.
 */
#ifdef SEQNN_PLOT

/* 0xRRGGBB */
typedef uint32_t sq_colour;

typedef struct sq_box {
    int left, top, right, bottom; /* right and bottom are outside */
} sq_box;

typedef struct sq_canvas {
    int width, height; /* pixels */
    double scale;
    unsigned char *pixels; /* [height, width, 3], white at first */
    unsigned char *mask;   /* [height, width] */
    sq_box touched;        /* what of the mask is not empty */
    sq_box clip;           /* shapes leave no coverage outside */
} sq_canvas;

/* width and height in units. An impossible size is an error. */
SQ_LOCAL seqnn_status sq_canvas_open(sq_canvas *canvas, const char *who, seqnn_size width,
                                     seqnn_size height, seqnn_size scale);
SQ_LOCAL void sq_canvas_close(sq_canvas *canvas);

/* Shapes are cut at this rectangle, until sq_canvas_unclip. */
SQ_LOCAL void sq_canvas_clip(sq_canvas *canvas, double left, double top, double right,
                             double bottom);
SQ_LOCAL void sq_canvas_unclip(sq_canvas *canvas);

/* A line with round ends; the same point twice is a dot. */
SQ_LOCAL void sq_canvas_line(sq_canvas *canvas, double x0, double y0, double x1,
                             double y1, double thickness);
SQ_LOCAL void sq_canvas_disc(sq_canvas *canvas, double x, double y, double radius);
/* A filled convex polygon, its corners in either direction: [count][x, y]. */
SQ_LOCAL void sq_canvas_polygon(sq_canvas *canvas, double (*corners)[2], int count);
/* A filled rectangle with its edges moved to whole pixels. */
SQ_LOCAL void sq_canvas_rectangle(sq_canvas *canvas, double left, double top,
                                  double right, double bottom);
/* A horizontal or vertical line of `thickness`, at least a pixel, on whole pixels. */
SQ_LOCAL void sq_canvas_hairline(sq_canvas *canvas, double x0, double y0, double x1,
                                 double y1, double thickness);
/* One pixel of a glyph's bitmap. */
SQ_LOCAL void sq_canvas_cover(sq_canvas *canvas, int x, int y, int coverage);

/* Blends colour, times opacity in [0, 1], through the mask. */
SQ_LOCAL void sq_canvas_paint(sq_canvas *canvas, sq_colour colour, double opacity);

#endif

/* -------------------------------------------------------------------- plot/colours.h */

/* plot/colours.h - colours that every reader can tell apart (private) */
#ifdef SEQNN_PLOT

#define SQ_INK 0x262626u      /* text, axes */
#define SQ_FAINT 0x6E6E6Eu    /* remarks, reference lines */
#define SQ_PALE 0xA8B2BAu     /* the zeros of a confusion matrix */
#define SQ_GRID 0xE2E2E2u     /* grid lines */
#define SQ_NO_VALUE 0xD9D9D9u /* a cell without a number */

enum { SQ_PALETTE = 7 };

/* The i-th colour for lines: Okabe and Ito's palette, which colour-blind readers can
 * tell apart ("Color universal design", 2008), without its yellow, which is lost on
 * white. */
SQ_LOCAL sq_colour sq_colour_of_series(seqnn_size i);

/* The colour of a share in [0, 1] of a map. The maps are straight or hue-turning paths in
 * OKLab (Ottosson 2020), in which equal steps look equal. */
SQ_LOCAL sq_colour sq_colour_of_map(seqnn_colour_map map, double share);

/* Black or white, whichever reads better on a background. */
SQ_LOCAL sq_colour sq_colour_of_text(sq_colour background);

#endif

/* ----------------------------------------------------------------------- plot/font.h */

/* plot/font.h - text on a canvas (private)
 *
 * DejaVu Sans or the font that the environment variable SEQNN_FONT names, through
 * stb_truetype; without either, or with SEQNN_FONT=strokes, the built-in strokes. Text is
 * UTF-8; a byte that is none counts as Latin-1.
 */
#ifdef SEQNN_PLOT

typedef struct sq_font sq_font;

/* Never fails for want of a font file: NULL only without memory. */
SQ_LOCAL sq_font *sq_font_open(void);
SQ_LOCAL void sq_font_close(sq_font *font);

/* Heights of capitals and of what hangs below the base line, for text of size 1. */
#define SQ_FONT_CAPITALS 0.729
#define SQ_FONT_BELOW 0.236

/* Width in units of text in `size` units. */
SQ_LOCAL double sq_font_width(const sq_font *font, const char *text, double size);

/* Leaves the coverage of the text in the canvas' mask. (x, y) lies on the base line, at
 * the text's left end (anchor 0), middle (0.5) or right end (1). Upwards: the text is
 * turned a quarter to the left and runs from the bottom to the top. */
SQ_LOCAL void sq_font_draw(const sq_font *font, sq_canvas *canvas, double x, double y,
                           double size, double anchor, bool upwards, const char *text);

/* Copies text to fitted[0..room), shortened with an ellipsis if it is wider than
 * `width`. */
SQ_LOCAL void sq_font_fit(const sq_font *font, const char *text, double size,
                          double width, char *fitted, seqnn_size room);

#endif

/* --------------------------------------------------------------------- plot/figure.h */

/* plot/figure.h - a canvas with text and axes (private)
 *
 * All positions are in units, y down. An axis maps values to a stretch of the picture; a
 * log axis keeps its limits and ticks as log10.
 */
#ifdef SEQNN_PLOT

/* Sizes of text and the space around it. */
#define SQ_TITLE_SIZE 16.0
#define SQ_LABEL_SIZE 13.0
#define SQ_TICK_SIZE 11.5
#define SQ_MARGIN 16.0

typedef struct sq_figure {
    sq_canvas canvas;
    sq_font *font;
    double width, height;
} sq_figure;

/* Zero width, height or scale mean 800, 600 and 1. */
SQ_LOCAL seqnn_status sq_figure_open(sq_figure *figure, const char *who, seqnn_size width,
                                     seqnn_size height, seqnn_size scale);
SQ_LOCAL void sq_figure_close(sq_figure *figure);

/* Text as sq_font_draw places it, shortened to `width` unless that is 0. */
SQ_LOCAL void sq_figure_text(sq_figure *figure, double x, double y, double size,
                             double anchor, double width, sq_colour colour,
                             const char *text);
SQ_LOCAL void sq_figure_text_up(sq_figure *figure, double x, double y, double size,
                                double anchor, double width, sq_colour colour,
                                const char *text);
/* The title above what spans from left to right. */
SQ_LOCAL void sq_figure_title(sq_figure *figure, double left, double right,
                              const char *title);
/* Space that the title takes at the top. */
SQ_LOCAL double sq_figure_title_height(const char *title);

/* value with `digits` digits after the point (form 'f') or in all (form 'g'), with a
 * point and a real minus sign whatever the locale. */
enum { SQ_NUMBER = 64 };
SQ_LOCAL void sq_figure_number(char text[SQ_NUMBER], char form, int digits, double value);

enum { SQ_TICKS = 32 };

typedef struct sq_axis {
    double low, high; /* limits */
    bool log;         /* limits and ticks are log10 of the values */
    bool whole;       /* only whole numbers: no tick between them */
    const char *label;
    int ticks;
    double tick[SQ_TICKS];
    char text[SQ_TICKS][SQ_NUMBER]; /* of a log axis: the exponent */
    int power;                      /* the texts stand for multiples of 10^power */
} sq_axis;

typedef struct sq_axes {
    double left, top, right, bottom;
    sq_axis x, y;
} sq_axes;

/* Widens the range [low, high] of data (low > high: none) to limits and chooses ticks,
 * about `spacing` units apart on a stretch of `length` units. A limit that is not NaN is
 * kept. */
SQ_LOCAL void sq_axis_fit(sq_axis *axis, double low, double high, double keep_low,
                          double keep_high, double length, double spacing);
/* Where a value lies between the limits: 0 at low, 1 at high; NaN if it has no place. */
SQ_LOCAL double sq_axis_share(const sq_axis *axis, double value);

/* Space that ticks and label take left of and below the axes: whole units, so that the
 * frame's lines meet on the same pixel. */
SQ_LOCAL double sq_axes_left_space(const sq_figure *figure, const sq_axis *y);
SQ_LOCAL double sq_axes_bottom_space(const sq_axis *x);
/* Space that a common power of ten takes above them. */
SQ_LOCAL double sq_axes_top_space(const sq_axis *y);

/* What is common to all texts of an axis: x 10^power; nothing if that is 0. */
SQ_LOCAL void sq_axes_power(sq_figure *figure, double x, double y, double anchor,
                            int power);

/* Grid, frame, ticks and labels; x_texts false leaves those below out. */
SQ_LOCAL void sq_axes_draw(sq_figure *figure, const sq_axes *axes, bool x_texts);
SQ_LOCAL double sq_axes_x(const sq_axes *axes, double value);
SQ_LOCAL double sq_axes_y(const sq_axes *axes, double value);

#endif

/* --------------------------------------------------------------------- plot/curves.h */

/* plot/curves.h - lines and markers inside axes, and their legend (private) */
#ifdef SEQNN_PLOT

/* Series whose defaults (colour, line) have been filled in. */
SQ_LOCAL seqnn_plot_series sq_curve_complete(const seqnn_plot_series *series,
                                             seqnn_size i);

/* Point i. False if it has no place: NaN, infinite, or not above 0 where log is set. */
SQ_LOCAL bool sq_curve_point(const seqnn_plot_series *series, seqnn_size i, bool log_y,
                             double *x, double *y);

/* Draws one complete series, cut at the axes. */
SQ_LOCAL void sq_curve_draw(sq_figure *figure, const sq_axes *axes,
                            const seqnn_plot_series *series);

/* A dashed reference line across the axes, from (x0, y0) to (x1, y1) in units. */
SQ_LOCAL void sq_curve_reference(sq_figure *figure, double x0, double y0, double x1,
                                 double y1);

/* The legend as a row above `bottom`, or in columns of up to `most` rows; drawn if draw
 * is set. The height it takes. What does not fit is counted in the last place. */
SQ_LOCAL double sq_legend_rows(sq_figure *figure, const seqnn_plot_series *series,
                               seqnn_size count, double left, double right, double bottom,
                               seqnn_size most, bool draw);
/* How many rows leave the larger part of axes of this height to the lines: at most 4. */
SQ_LOCAL seqnn_size sq_legend_most(double height);

/* A framed box in the corner of the axes that no line crosses. False if there is none,
 * or if there are too many labels or too long ones. */
SQ_LOCAL bool sq_legend_box(sq_figure *figure, const sq_axes *axes,
                            const seqnn_plot_series *series, seqnn_size count, bool draw);

#endif

/* ------------------------------------------------------------------- plot/png_file.h */

/* plot/png_file.h - a canvas as a PNG file (private) */
#ifdef SEQNN_PLOT

/* Writes the file beside its place and moves it there once it is whole: a viewer never
 * sees half a picture, and a failure leaves the old one. */
SQ_LOCAL seqnn_status sq_png_write(const sq_canvas *canvas, const char *who,
                                   const char *path);

#endif

/* -------------------------------------------------------------------- plot/strokes.h */

/* plot/strokes.h - the built-in font: letters as strokes of a pen (private)
 *
 * For machines without a font file. A glyph is a path on a grid where capitals are 14
 * units high, y up from the base line:
 *
 *   M x y              lifts the pen and puts it down at (x, y)
 *   L x y              draws a straight line
 *   A cx cy rx ry f t  lifts the pen and draws an arc of an ellipse from angle f to t
 *   a ...              the same arc, joined to the last point by a line
 *
 * Angles are in degrees, counter-clockwise from the right; all numbers are integers.
 */
#ifdef SEQNN_PLOT

typedef struct sq_strokes {
    uint32_t character; /* Unicode */
    int advance;        /* grid units to the next glyph */
    const char *path;
} sq_strokes;

/* The glyph of a character; an empty box for those the font lacks. */
SQ_LOCAL const sq_strokes *sq_strokes_find(uint32_t character);

/* Calls line(context, x0, y0, x1, y1) for every piece of the glyph, in grid units. */
typedef void (*sq_strokes_line)(void *context, double x0, double y0, double x1,
                                double y1);
SQ_LOCAL void sq_strokes_trace(const sq_strokes *glyph, sq_strokes_line line,
                               void *context);

#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ---------------------------------------------------------------------- base/error.c */

static SQ_THREAD_LOCAL char sq_error_text[512];

SEQNN_API const char *seqnn_error(void)
{
    return sq_error_text;
}

SEQNN_API const char *seqnn_status_name(seqnn_status status)
{
    static const char *const names[] = {"ok",   "argument", "shape", "memory",
                                        "file", "format",   "number"};
    int i = (int)status;
    return i >= 0 && i < SQ_COUNT(names) ? names[i] : "unknown";
}

SQ_LOCAL seqnn_status sq_fail(seqnn_status status, const char *format, ...)
{
    /* The arguments may point into the old sentence: write beside it, then copy. */
    char text[sizeof sq_error_text];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    memcpy(sq_error_text, text, sizeof text);
    return status;
}

/* -------------------------------------------------------------------- base/dataset.c */

/* Elements of one row: a class without time is one index, a vector one row of values. */
static seqnn_size sq_row_indices(const seqnn_array *a)
{
    return a->indices ? sq_max(a->time, 1) : 0;
}

static seqnn_size sq_row_values(const seqnn_array *a)
{
    return a->values ? sq_multiply(sq_max(a->time, 1), a->features) : 0;
}

/* The pieces of one array for count rows. The structs hand out constant pointers to
 * users; the memory behind them is the data set's own. */
static void sq_array_take(seqnn_array *into, const seqnn_array *like, seqnn_size count,
                          sq_arena *arena)
{
    *into = *like;
    if (like->indices)
        into->indices = (const int32_t *)sq_arena_take(
            arena, sq_multiply(count, sq_row_indices(like)), sizeof(int32_t));
    if (like->values)
        into->values = (const seqnn_real *)sq_arena_take(
            arena, sq_multiply(count, sq_row_values(like)), sizeof(seqnn_real));
    if (like->start)
        into->start = (const int32_t *)sq_arena_take(arena, count, sizeof(int32_t));
    if (like->length)
        into->length = (const int32_t *)sq_arena_take(arena, count, sizeof(int32_t));
}

static void sq_array_copy(seqnn_array *into, seqnn_size to, const seqnn_array *from,
                          seqnn_size row)
{
    seqnn_size indices = sq_row_indices(from), values = sq_row_values(from);
    if (indices > 0)
        memcpy((int32_t *)into->indices + to * indices, from->indices + row * indices,
               (size_t)indices * sizeof(int32_t));
    if (values > 0)
        memcpy((seqnn_real *)into->values + to * values, from->values + row * values,
               (size_t)values * sizeof(seqnn_real));
    if (from->start)
        ((int32_t *)into->start)[to] = from->start[row];
    if (from->length)
        ((int32_t *)into->length)[to] = from->length[row];
}

/* Takes the arrays and the class names from the arena: once to plan, once for good. */
static void sq_dataset_plan(seqnn_dataset *data, const seqnn_dataset *like,
                            seqnn_size count, sq_arena *arena)
{
    *data = *like;
    data->count = count;
    data->memory = arena->memory;
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        sq_array_take(&data->x[i], &like->x[i], count, arena);
    sq_array_take(&data->y, &like->y, count, arena);
    if (like->weight)
        data->weight =
            (const seqnn_real *)sq_arena_take(arena, count, sizeof(seqnn_real));
    if (like->class_names) {
        const char **names =
            (const char **)sq_arena_take(arena, like->classes, sizeof(const char *));
        for (seqnn_size i = 0; i < like->classes; i++) {
            size_t size = strlen(like->class_names[i]) + 1;
            char *name = (char *)sq_arena_take(arena, (seqnn_size)size, 1);
            if (name)
                memcpy(name, like->class_names[i], size);
            if (names)
                names[i] = name;
        }
        data->class_names = names;
    }
}

SQ_LOCAL seqnn_dataset *sq_dataset_new(const seqnn_dataset *like, seqnn_size count)
{
    sq_arena arena;
    memset(&arena, 0, sizeof arena);
    if (count < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "data set: %td rows", count);
        return NULL;
    }
    /* The struct itself lies in front of its arrays. */
    seqnn_dataset plan;
    sq_arena_take(&arena, 1, sizeof(seqnn_dataset));
    sq_dataset_plan(&plan, like, count, &arena);
    if (sq_arena_commit(&arena) != SEQNN_OK)
        return NULL;
    seqnn_dataset *data =
        (seqnn_dataset *)sq_arena_take(&arena, 1, sizeof(seqnn_dataset));
    sq_dataset_plan(data, like, count, &arena);
    return data;
}

SQ_LOCAL void sq_dataset_copy_row(seqnn_dataset *into, seqnn_size to,
                                  const seqnn_dataset *from, seqnn_size row)
{
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        sq_array_copy(&into->x[i], to, &from->x[i], row);
    sq_array_copy(&into->y, to, &from->y, row);
    if (from->weight)
        ((seqnn_real *)into->weight)[to] = from->weight[row];
}

SEQNN_API seqnn_dataset *seqnn_dataset_take(const seqnn_dataset *data,
                                            const int32_t *rows, seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++)
        if (rows[i] < 0 || rows[i] >= data->count) {
            sq_fail(SEQNN_ERROR_ARGUMENT, "data set: row %d of %td", (int)rows[i],
                    data->count);
            return NULL;
        }
    seqnn_dataset *taken = sq_dataset_new(data, count);
    if (taken)
        for (seqnn_size i = 0; i < count; i++)
            sq_dataset_copy_row(taken, i, data, rows[i]);
    return taken;
}

static seqnn_array sq_array_slice(const seqnn_array *a, seqnn_size begin)
{
    seqnn_array slice = *a;
    if (slice.indices)
        slice.indices += begin * sq_row_indices(a);
    if (slice.values)
        slice.values += begin * sq_row_values(a);
    if (slice.start)
        slice.start += begin;
    if (slice.length)
        slice.length += begin;
    return slice;
}

SEQNN_API seqnn_dataset seqnn_dataset_slice(const seqnn_dataset *data, seqnn_size begin,
                                            seqnn_size end)
{
    seqnn_dataset slice = *data;
    slice.memory = NULL;
    slice.count = 0;
    if (begin < 0 || end < begin || end > data->count) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "data set: rows %td to %td of %td", begin, end,
                data->count);
        return slice;
    }
    slice.count = end - begin;
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        slice.x[i] = sq_array_slice(&data->x[i], begin);
    slice.y = sq_array_slice(&data->y, begin);
    if (slice.weight)
        slice.weight += begin;
    return slice;
}

SEQNN_API void seqnn_dataset_free(seqnn_dataset *data)
{
    if (data)
        sq_free(data->memory);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* --------------------------------------------------------------------- base/random.c */

/* Ten rounds over the counter (i/4, stream) with the seed as the key; each block gives
 * four numbers. */
SQ_LOCAL void sq_random_block(uint64_t seed, uint64_t stream, uint64_t block,
                              uint32_t out[4])
{
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

SEQNN_API uint32_t seqnn_random_at(uint64_t seed, uint64_t stream, uint64_t i)
{
    uint32_t out[4];
    sq_random_block(seed, stream, i / 4, out);
    return out[i % 4];
}

SEQNN_API uint32_t seqnn_random_bits(seqnn_random *random)
{
    return seqnn_random_at(random->seed, random->stream, random->index++);
}

SEQNN_API double seqnn_random_uniform(seqnn_random *random)
{
    return seqnn_random_bits(random) * (1.0 / 4294967296.0);
}

SEQNN_API double seqnn_random_normal(seqnn_random *random)
{
    /* 1 - u lies in (0, 1]: its logarithm is finite. */
    double radius = sqrt(-2.0 * log(1.0 - seqnn_random_uniform(random)));
    return radius * cos(6.283185307179586 * seqnn_random_uniform(random));
}

SEQNN_API int32_t seqnn_random_below(seqnn_random *random, seqnn_size n)
{
    /* The 2^32 mod n smallest products are drawn again (Lemire 2019). */
    uint32_t range = (uint32_t)n;
    uint32_t reject = (0u - range) % range;
    uint64_t product;
    do {
        product = (uint64_t)seqnn_random_bits(random) * range;
    } while ((uint32_t)product < reject);
    return (int32_t)(product >> 32);
}

SEQNN_API void seqnn_random_shuffle(seqnn_random *random, int32_t *items, seqnn_size count)
{
    for (seqnn_size i = count - 1; i > 0; i--) {
        seqnn_size j = seqnn_random_below(random, i + 1);
        int32_t item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* -------------------------------------------------------------------- base/batches.c */

/* Philox stream of epoch 0; one stream for each epoch follows. */
#define SQ_BATCHES_STREAM ((uint64_t)0x62617463 << 32)

struct seqnn_batches {
    const seqnn_dataset *data;
    seqnn_size batch_size, count;
    seqnn_batches_options options;
    int32_t *order;       /* [data->count] */
    seqnn_dataset *batch; /* batch_size rows */
    seqnn_size next;      /* the batch to come */
    const int32_t *rows;  /* of the last batch */
};

SEQNN_API seqnn_batches *seqnn_batches_new(const seqnn_dataset *data,
                                           seqnn_size batch_size,
                                           seqnn_batches_options options)
{
    if (!data)
        return NULL; /* what made it has left its sentence */
    if (data->count < 1 || data->count > INT32_MAX) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "batches: a data set of %td samples, expected 1 to %d", data->count,
                (int)INT32_MAX);
        return NULL;
    }
    if (batch_size < 1) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "batches: batch_size is %td, expected at least 1",
                batch_size);
        return NULL;
    }
    if (options.drop_last && data->count < batch_size) {
        sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "batches: %td samples are fewer than one batch of %td, and drop_last leaves "
            "out the rest: at least %td samples are needed",
            data->count, batch_size, batch_size);
        return NULL;
    }
    seqnn_batches *batches = (seqnn_batches *)sq_allocate(1, sizeof(seqnn_batches));
    if (!batches)
        return NULL;
    batches->data = data;
    batches->batch_size = sq_min(batch_size, data->count);
    batches->options = options;
    batches->count = data->count / batches->batch_size;
    if (!options.drop_last && data->count % batches->batch_size != 0)
        batches->count++;
    batches->order = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    batches->batch = sq_dataset_new(data, batches->batch_size);
    if (!batches->order || !batches->batch) {
        seqnn_batches_free(batches);
        return NULL;
    }
    seqnn_batches_start(batches, 0);
    return batches;
}

SEQNN_API seqnn_size seqnn_batches_count(const seqnn_batches *batches)
{
    return batches->count;
}

SEQNN_API void seqnn_batches_start(seqnn_batches *batches, seqnn_size epoch)
{
    for (seqnn_size i = 0; i < batches->data->count; i++)
        batches->order[i] = (int32_t)i;
    if (!batches->options.keep_order) {
        seqnn_random random = {batches->options.seed, SQ_BATCHES_STREAM + (uint64_t)epoch,
                               0};
        seqnn_random_shuffle(&random, batches->order, batches->data->count);
    }
    batches->next = 0;
    batches->rows = batches->order;
}

SEQNN_API const seqnn_dataset *seqnn_batches_next(seqnn_batches *batches)
{
    if (batches->next >= batches->count)
        return NULL;
    seqnn_size begin = batches->next++ * batches->batch_size;
    seqnn_dataset *batch = batches->batch;
    batch->count = sq_min(batches->batch_size, batches->data->count - begin);
    batches->rows = batches->order + begin;
    for (seqnn_size i = 0; i < batch->count; i++)
        sq_dataset_copy_row(batch, i, batches->data, batches->rows[i]);
    return batch;
}

SEQNN_API const int32_t *seqnn_batches_rows(const seqnn_batches *batches)
{
    return batches->rows;
}

SEQNN_API void seqnn_batches_free(seqnn_batches *batches)
{
    if (!batches)
        return;
    sq_free(batches->order);
    seqnn_dataset_free(batches->batch);
    sq_free(batches);
}

/* --------------------------------------------------------------------- base/memory.c */

#ifndef SEQNN_MALLOC
#define SEQNN_MALLOC malloc
#define SEQNN_FREE free
#endif

enum { SQ_ALIGNMENT = 64 };

SQ_LOCAL seqnn_size sq_multiply(seqnn_size a, seqnn_size b)
{
    if (a < 0 || b < 0 || (b > 0 && a > PTRDIFF_MAX / b))
        return -1;
    return a * b;
}

SQ_LOCAL void *sq_allocate(seqnn_size count, size_t size)
{
    seqnn_size bytes = sq_multiply(count, (seqnn_size)size);
    if (bytes < 0 || bytes > PTRDIFF_MAX - 2 * SQ_ALIGNMENT) {
        sq_fail(SEQNN_ERROR_MEMORY, "memory: %td elements of %zu bytes are too many",
                count, size);
        return NULL;
    }
    void *block = SEQNN_MALLOC((size_t)bytes + 2 * SQ_ALIGNMENT);
    if (!block) {
        sq_fail(SEQNN_ERROR_MEMORY, "memory: no room for %td bytes", bytes);
        return NULL;
    }
    /* The line before the memory keeps the address that SEQNN_FREE wants. */
    uintptr_t aligned =
        ((uintptr_t)block + 2 * SQ_ALIGNMENT - 1) & ~(uintptr_t)(SQ_ALIGNMENT - 1);
    void *memory = (char *)block + (aligned - (uintptr_t)block);
    memcpy((char *)memory - sizeof block, &block, sizeof block);
    memset(memory, 0, (size_t)bytes);
    return memory;
}

SQ_LOCAL void sq_free(void *memory)
{
    if (!memory)
        return;
    void *block;
    memcpy(&block, (char *)memory - sizeof block, sizeof block);
    SEQNN_FREE(block);
}

SQ_LOCAL seqnn_status sq_grow(void **memory, seqnn_size *capacity, seqnn_size needed,
                              size_t size)
{
    if (needed <= *capacity)
        return SEQNN_OK;
    seqnn_size grown =
        sq_max(needed, *capacity > PTRDIFF_MAX / 2 ? needed : *capacity * 2);
    void *larger = sq_allocate(grown, size);
    if (!larger)
        return SEQNN_ERROR_MEMORY;
    if (*capacity > 0)
        memcpy(larger, *memory, (size_t)*capacity * size);
    sq_free(*memory);
    *memory = larger;
    *capacity = grown;
    return SEQNN_OK;
}

SQ_LOCAL char *sq_copy_string(const char *text)
{
    size_t length = strlen(text);
    char *copy = (char *)sq_allocate((seqnn_size)length + 1, 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

SQ_LOCAL void *sq_arena_take(sq_arena *arena, seqnn_size count, size_t size)
{
    seqnn_size bytes = sq_multiply(count, (seqnn_size)size);
    if (bytes < 0 || bytes > PTRDIFF_MAX - SQ_ALIGNMENT - arena->used) {
        arena->overflow = true;
        return NULL;
    }
    void *piece = arena->memory ? arena->memory + arena->used : NULL;
    arena->used += (bytes + SQ_ALIGNMENT - 1) & ~(seqnn_size)(SQ_ALIGNMENT - 1);
    return piece;
}

SQ_LOCAL seqnn_status sq_arena_commit(sq_arena *arena)
{
    if (arena->overflow)
        return sq_fail(SEQNN_ERROR_MEMORY,
                       "memory: the plan is too large to be one block");
    arena->size = arena->used;
    arena->used = 0;
    arena->memory = (char *)sq_allocate(arena->size, 1);
    return arena->memory ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

SQ_LOCAL void sq_arena_free(sq_arena *arena)
{
    sq_free(arena->memory);
    memset(arena, 0, sizeof *arena);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------------------- base/parallel.c */

#ifdef _OPENMP
#include <omp.h>
#endif

SQ_LOCAL void sq_parallel(seqnn_size count, seqnn_size grain, sq_work work, void *context)
{
    if (count <= 0)
        return;
    seqnn_size pieces = (count - 1) / grain + 1; /* count + grain may overflow */
    if (pieces == 1) {
        work(context, 0, count);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 1)
#endif
    for (seqnn_size piece = 0; piece < pieces; piece++)
        work(context, piece * grain, sq_min(count, (piece + 1) * grain));
}

SQ_LOCAL seqnn_size sq_threads(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* --------------------------------------------------------------------- math/tensor.c */

SQ_LOCAL sq_text_of_shape sq_shape_text(const seqnn_size *shape, seqnn_size rank)
{
    sq_text_of_shape result;
    size_t used = 1;
    strcpy(result.text, "[");
    for (seqnn_size axis = 0; axis < rank && used < sizeof result.text; axis++)
        used += (size_t)snprintf(result.text + used, sizeof result.text - used, "%s%td",
                                 axis > 0 ? ", " : "", shape[axis]);
    if (used < sizeof result.text)
        snprintf(result.text + used, sizeof result.text - used, "]");
    return result;
}

SQ_LOCAL bool sq_same_shape(seqnn_tensor a, seqnn_tensor b)
{
    if (a.rank != b.rank)
        return false;
    for (seqnn_size axis = 0; axis < a.rank; axis++)
        if (a.shape[axis] != b.shape[axis])
            return false;
    return true;
}

/* The number of elements of a shape, or -1 with the error set. */
static seqnn_size sq_shape_size(const char *who, seqnn_size rank, const seqnn_size *shape)
{
    if (rank < 1 || rank > SEQNN_MAX_RANK) {
        sq_fail(SEQNN_ERROR_SHAPE, "%s: %td axes, expected 1 to %d", who, rank,
                SEQNN_MAX_RANK);
        return -1;
    }
    seqnn_size size = 1;
    for (seqnn_size axis = 0; axis < rank; axis++) {
        if (shape[axis] < 0) {
            sq_fail(SEQNN_ERROR_SHAPE, "%s: %s has a negative size", who,
                    sq_shape_text(shape, rank).text);
            return -1;
        }
        size = sq_multiply(size, shape[axis]);
        if (size < 0) {
            sq_fail(SEQNN_ERROR_MEMORY, "%s: %s has too many elements", who,
                    sq_shape_text(shape, rank).text);
            return -1;
        }
    }
    return size;
}

static seqnn_tensor sq_no_tensor(void)
{
    seqnn_tensor none;
    memset(&none, 0, sizeof none);
    return none;
}

SEQNN_API seqnn_tensor seqnn_tensor_view(seqnn_real *data, seqnn_size rank,
                                         const seqnn_size *shape)
{
    seqnn_tensor tensor = sq_no_tensor();
    if (sq_shape_size("tensor view", rank, shape) < 0)
        return tensor;
    tensor.data = data;
    tensor.rank = rank;
    for (seqnn_size axis = 0; axis < rank; axis++)
        tensor.shape[axis] = shape[axis];
    return tensor;
}

SEQNN_API seqnn_tensor seqnn_tensor_1d(seqnn_real *data, seqnn_size a)
{
    return seqnn_tensor_view(data, 1, &a);
}

SEQNN_API seqnn_tensor seqnn_tensor_2d(seqnn_real *data, seqnn_size a, seqnn_size b)
{
    const seqnn_size shape[2] = {a, b};
    return seqnn_tensor_view(data, 2, shape);
}

SEQNN_API seqnn_tensor seqnn_tensor_3d(seqnn_real *data, seqnn_size a, seqnn_size b,
                                       seqnn_size c)
{
    const seqnn_size shape[3] = {a, b, c};
    return seqnn_tensor_view(data, 3, shape);
}

SEQNN_API seqnn_tensor seqnn_tensor_new(seqnn_size rank, const seqnn_size *shape)
{
    const seqnn_size size = sq_shape_size("tensor", rank, shape);
    if (size < 0)
        return sq_no_tensor();
    seqnn_real *data = (seqnn_real *)sq_allocate(size, sizeof *data);
    if (!data)
        return sq_no_tensor();
    return seqnn_tensor_view(data, rank, shape);
}

SEQNN_API void seqnn_tensor_free(seqnn_tensor *tensor)
{
    sq_free(tensor->data);
    *tensor = sq_no_tensor();
}

SEQNN_API seqnn_size seqnn_tensor_size(seqnn_tensor tensor)
{
    seqnn_size size = tensor.rank > 0 ? 1 : 0;
    for (seqnn_size axis = 0; axis < tensor.rank; axis++)
        size *= tensor.shape[axis];
    return size;
}

SEQNN_API seqnn_size seqnn_tensor_columns(seqnn_tensor tensor)
{
    return tensor.rank > 0 ? tensor.shape[tensor.rank - 1] : 0;
}

SEQNN_API seqnn_size seqnn_tensor_rows(seqnn_tensor tensor)
{
    seqnn_size rows = tensor.rank > 0 ? 1 : 0;
    for (seqnn_size axis = 0; axis + 1 < tensor.rank; axis++)
        rows *= tensor.shape[axis];
    return rows;
}

SEQNN_API seqnn_tensor seqnn_tensor_reshape(seqnn_tensor tensor, seqnn_size rank,
                                            const seqnn_size *shape)
{
    const seqnn_size size = sq_shape_size("tensor reshape", rank, shape);
    if (size < 0)
        return sq_no_tensor();
    if (size != seqnn_tensor_size(tensor)) {
        sq_fail(SEQNN_ERROR_SHAPE, "tensor reshape: %s has not as many elements as %s",
                sq_shape_text(shape, rank).text,
                sq_shape_text(tensor.shape, tensor.rank).text);
        return sq_no_tensor();
    }
    return seqnn_tensor_view(tensor.data, rank, shape);
}

SEQNN_API seqnn_tensor seqnn_tensor_slice(seqnn_tensor tensor, seqnn_size begin,
                                          seqnn_size end)
{
    if (tensor.rank < 1 || begin < 0 || end < begin || end > tensor.shape[0]) {
        sq_fail(SEQNN_ERROR_SHAPE, "tensor slice: entries [%td, %td) of %s", begin, end,
                sq_shape_text(tensor.shape, tensor.rank).text);
        return sq_no_tensor();
    }
    seqnn_size entry = 1;
    for (seqnn_size axis = 1; axis < tensor.rank; axis++)
        entry *= tensor.shape[axis];
    tensor.data += begin * entry;
    tensor.shape[0] = end - begin;
    return tensor;
}

SEQNN_API seqnn_real *seqnn_tensor_at(seqnn_tensor tensor, const seqnn_size *index)
{
    seqnn_size offset = 0;
    for (seqnn_size axis = 0; axis < tensor.rank; axis++) {
        if (index[axis] < 0 || index[axis] >= tensor.shape[axis]) {
            sq_fail(SEQNN_ERROR_ARGUMENT, "tensor at: element %s of %s",
                    sq_shape_text(index, tensor.rank).text,
                    sq_shape_text(tensor.shape, tensor.rank).text);
            return NULL;
        }
        offset = offset * tensor.shape[axis] + index[axis];
    }
    return tensor.data ? tensor.data + offset : NULL;
}

SEQNN_API seqnn_status seqnn_tensor_copy(seqnn_tensor to, seqnn_tensor from)
{
    if (!sq_same_shape(to, from))
        return sq_fail(SEQNN_ERROR_SHAPE, "tensor copy: from %s to %s",
                       sq_shape_text(from.shape, from.rank).text,
                       sq_shape_text(to.shape, to.rank).text);
    const seqnn_size size = seqnn_tensor_size(from);
    if (size > 0)
        memmove(to.data, from.data, (size_t)size * sizeof *to.data);
    return SEQNN_OK;
}

/* --------------------------------------------------------------------- math/matmul.c */

SEQNN_API seqnn_status seqnn_matmul(bool transpose_a, bool transpose_b, seqnn_tensor a,
                                    seqnn_tensor b, bool accumulate, seqnn_tensor c)
{
    const seqnn_size lda = seqnn_tensor_columns(a), ldb = seqnn_tensor_columns(b);
    const seqnn_size rows_a = seqnn_tensor_rows(a), rows_b = seqnn_tensor_rows(b);
    const seqnn_size m = transpose_a ? lda : rows_a, k = transpose_a ? rows_a : lda;
    const seqnn_size n = transpose_b ? rows_b : ldb, k_b = transpose_b ? ldb : rows_b;
    if (k != k_b || seqnn_tensor_rows(c) != m || seqnn_tensor_columns(c) != n)
        return sq_fail(SEQNN_ERROR_SHAPE, "matmul: %s%s times %s%s does not give %s",
                       sq_shape_text(a.shape, a.rank).text, transpose_a ? "^T" : "",
                       sq_shape_text(b.shape, b.rank).text, transpose_b ? "^T" : "",
                       sq_shape_text(c.shape, c.rank).text);
    sq_matmul(transpose_a, transpose_b, m, n, k, a.data, lda, b.data, ldb, accumulate,
              c.data, n);
    return SEQNN_OK;
}

/* --------------------------------------------------------------------- math/linalg.c */

/* ---- Householder reflections: H = I - beta v v^T ---- */

/* Turns x[0 .. n) into the v of the reflection that maps x to (alpha, 0, ..., 0). Returns
 * beta, 0 if nothing is to be done. */
static double sq_reflector(seqnn_size n, double *x, double *alpha)
{
    double scale = 0, squares = 0;
    for (seqnn_size i = 0; i < n; i++)
        scale = fmax(scale, fabs(x[i]));
    double rest = 0;
    for (seqnn_size i = 1; i < n; i++)
        rest = fmax(rest, fabs(x[i]));
    *alpha = x[0];
    if (rest == 0)
        return 0;
    for (seqnn_size i = 0; i < n; i++) {
        x[i] /= scale;
        squares += x[i] * x[i];
    }
    /* The sign that avoids cancellation in v[0]. */
    const double norm = x[0] > 0 ? -sqrt(squares) : sqrt(squares);
    *alpha = norm * scale;
    x[0] -= norm;
    return -1 / (norm * x[0]);
}

/* H a, for rows [row, row + n) and columns [first, last) of a. sums is work space. */
static void sq_reflect_rows(double *a, seqnn_size lda, seqnn_size row, seqnn_size n,
                            const double *v, double beta, seqnn_size first,
                            seqnn_size last, double *sums)
{
    for (seqnn_size j = first; j < last; j++)
        sums[j] = 0;
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = first; j < last; j++)
            sums[j] += v[i] * a[(row + i) * lda + j];
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = first; j < last; j++)
            a[(row + i) * lda + j] -= beta * v[i] * sums[j];
}

/* a H, for columns [column, column + n) and rows [first, last) of a. */
static void sq_reflect_columns(double *a, seqnn_size lda, seqnn_size column, seqnn_size n,
                               const double *v, double beta, seqnn_size first,
                               seqnn_size last)
{
    for (seqnn_size i = first; i < last; i++) {
        double *row = a + i * lda + column;
        double sum = 0;
        for (seqnn_size j = 0; j < n; j++)
            sum += row[j] * v[j];
        for (seqnn_size j = 0; j < n; j++)
            row[j] -= beta * sum * v[j];
    }
}

/* ---- eigenvalues ---- */

/* Q^T a Q, zero below the first subdiagonal. work: 2n numbers. */
static void sq_hessenberg(seqnn_size n, double *a, double *work)
{
    double *v = work, *sums = work + n;
    for (seqnn_size k = 0; k + 2 < n; k++) {
        const seqnn_size below = n - k - 1;
        double alpha;
        for (seqnn_size i = 0; i < below; i++)
            v[i] = a[(k + 1 + i) * n + k];
        const double beta = sq_reflector(below, v, &alpha);
        sq_reflect_rows(a, n, k + 1, below, v, beta, k, n, sums);
        sq_reflect_columns(a, n, k + 1, below, v, beta, 0, n);
        a[(k + 1) * n + k] = alpha;
        for (seqnn_size i = k + 2; i < n; i++)
            a[i * n + k] = 0;
    }
}

/* The two eigenvalues of [[a, b], [c, d]]. */
static void sq_eigenvalues_2x2(double a, double b, double c, double d, double *real,
                               double *imaginary)
{
    const double half = (a - d) / 2;
    const double discriminant = half * half + b * c;
    if (discriminant < 0) {
        real[0] = real[1] = d + half;
        imaginary[0] = sqrt(-discriminant);
        imaginary[1] = -imaginary[0];
        return;
    }
    const double z = half < 0 ? half - sqrt(discriminant) : half + sqrt(discriminant);
    real[0] = d + z;
    real[1] = z == 0 ? d : d - b * c / z;
    imaginary[0] = imaginary[1] = 0;
}

/* One step of Francis' QR iteration on rows and columns [low, high] of h (at least three
 * of them): two shifts at once, the roots of x^2 - trace x + determinant, in real
 * arithmetic. The first column of (h - s1)(h - s2) fixes the first reflection; the others
 * chase the bulge that it makes down the subdiagonal. */
static void sq_francis_step(seqnn_size n, double *h, seqnn_size low, seqnn_size high,
                            double trace, double determinant, double *sums)
{
    const double *h0 = h + low * n + low, *h1 = h0 + n, *h2 = h1 + n;
    double v[3];
    v[0] = h0[0] * (h0[0] - trace) + determinant + h0[1] * h1[0];
    v[1] = h1[0] * (h0[0] + h1[1] - trace);
    v[2] = h1[0] * h2[1];
    for (seqnn_size k = low; k < high; k++) {
        const seqnn_size size = sq_min(3, high - k + 1);
        double alpha;
        if (k > low)
            for (seqnn_size i = 0; i < size; i++)
                v[i] = h[(k + i) * n + k - 1];
        const double beta = sq_reflector(size, v, &alpha);
        sq_reflect_rows(h, n, k, size, v, beta, k, high + 1, sums);
        sq_reflect_columns(h, n, k, size, v, beta, low, sq_min(k + 3, high) + 1);
        if (k > low) {
            h[k * n + k - 1] = alpha;
            for (seqnn_size i = 1; i < size; i++)
                h[(k + i) * n + k - 1] = 0;
        }
    }
}

/* All eigenvalues of a Hessenberg matrix, which is destroyed. A subdiagonal element that
 * is negligible splits the problem; the block at the end shrinks until it is 1x1 or 2x2.
 */
static bool sq_hessenberg_eigenvalues(seqnn_size n, double *h, double *real,
                                      double *imaginary, double *sums)
{
    double norm = 0;
    for (seqnn_size i = 0; i < n * n; i++)
        norm = fmax(norm, fabs(h[i]));

    seqnn_size high = n - 1;
    int steps = 0;
    while (high >= 0) {
        seqnn_size low = high;
        for (; low > 0; low--) {
            double size = fabs(h[(low - 1) * n + low - 1]) + fabs(h[low * n + low]);
            if (size == 0)
                size = norm;
            if (fabs(h[low * n + low - 1]) <= DBL_EPSILON * size)
                break;
        }
        const double *last = h + high * n + high;
        if (low == high) {
            real[high] = last[0];
            imaginary[high] = 0;
            high -= 1;
            steps = 0;
        } else if (low == high - 1) {
            sq_eigenvalues_2x2(last[-n - 1], last[-n], last[-1], last[0], real + low,
                               imaginary + low);
            high -= 2;
            steps = 0;
        } else {
            double trace = last[-n - 1] + last[0];
            double determinant = last[-n - 1] * last[0] - last[-n] * last[-1];
            if (++steps > 300)
                return false;
            if (steps % 10 == 0) {
                /* Other shifts break the cycles that the usual ones can run into. */
                const double size = fabs(last[-1]) + fabs(last[-n - 2]);
                trace = 1.5 * size;
                determinant = size * size;
            }
            sq_francis_step(n, h, low, high, trace, determinant, sums);
        }
    }
    return true;
}

/* A copy of a [n, n] in double, and 2n numbers of work space behind it. */
static seqnn_status sq_square_copy(const char *who, seqnn_tensor a, double **copy)
{
    const seqnn_size n = a.rank == 2 ? a.shape[0] : 0;
    if (n < 1 || a.shape[1] != n)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: the matrix is %s, expected [n, n]", who,
                       sq_shape_text(a.shape, a.rank).text);
    for (seqnn_size i = 0; i < n * n; i++)
        if (!(fabs((double)a.data[i]) <= DBL_MAX))
            return sq_fail(SEQNN_ERROR_NUMBER, "%s: element [%td, %td] is not finite",
                           who, i / n, i % n);
    *copy = (double *)sq_allocate(sq_multiply(n, n + 2), sizeof **copy);
    if (!*copy)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < n * n; i++)
        (*copy)[i] = (double)a.data[i];
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_eigenvalues(seqnn_tensor a, double *real, double *imaginary)
{
    double *h = NULL;
    const seqnn_status status = sq_square_copy("eigenvalues", a, &h);
    if (status)
        return status;
    const seqnn_size n = a.shape[0];
    double *work = h + n * n;
    sq_hessenberg(n, h, work);
    const bool converged = sq_hessenberg_eigenvalues(n, h, real, imaginary, work);
    sq_free(h);
    if (!converged)
        return sq_fail(SEQNN_ERROR_NUMBER, "eigenvalues: no convergence for %s",
                       sq_shape_text(a.shape, a.rank).text);

    for (seqnn_size i = 1; i < n; i++)
        for (seqnn_size j = i;
             j > 0 && hypot(real[j], imaginary[j]) > hypot(real[j - 1], imaginary[j - 1]);
             j--) {
            const double re = real[j], im = imaginary[j];
            real[j] = real[j - 1];
            imaginary[j] = imaginary[j - 1];
            real[j - 1] = re;
            imaginary[j - 1] = im;
        }
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_spectral_radius(seqnn_tensor a, double *radius)
{
    const seqnn_size n = a.rank > 0 ? a.shape[0] : 0;
    double *values = (double *)sq_allocate(sq_multiply(2, n), sizeof *values);
    if (!values)
        return SEQNN_ERROR_MEMORY;
    const seqnn_status status = seqnn_eigenvalues(a, values, values + n);
    if (!status)
        *radius = hypot(values[0], values[n]);
    sq_free(values);
    return status;
}

/* A symmetric matrix in Hessenberg form is tridiagonal. The pivots of the elimination of
 * T - x I count the eigenvalues below x (Sylvester's law of inertia); bisection does the
 * rest. */
SQ_LOCAL double sq_symmetric_largest(seqnn_size n, double *a, double *work)
{
    sq_hessenberg(n, a, work);
    double low = -DBL_MAX, high = -DBL_MAX;
    for (seqnn_size i = 0; i < n; i++) {
        const double left = i > 0 ? fabs(a[i * n + i - 1]) : 0;
        const double right = i + 1 < n ? fabs(a[(i + 1) * n + i]) : 0;
        low = fmax(low, a[i * n + i]);
        high = fmax(high, a[i * n + i] + left + right);
    }
    for (int step = 0; step < 100 && low < high; step++) {
        const double x = low + (high - low) / 2;
        double pivot = 1;
        bool all_below = true;
        for (seqnn_size i = 0; i < n && all_below; i++) {
            const double off = i > 0 ? a[i * n + i - 1] : 0;
            pivot = a[i * n + i] - x - off * off / pivot;
            all_below = pivot < 0;
        }
        if (all_below)
            high = x;
        else
            low = x;
    }
    return high;
}

/* ---- orthogonal factor ---- */

SQ_LOCAL void sq_orthogonal_columns(seqnn_size m, seqnn_size n, double *a, double *work)
{
    double *beta = work, *sign = work + n, *sums = work + 2 * n, *v = work + 3 * n;
    for (seqnn_size k = 0; k < n; k++) {
        double alpha;
        for (seqnn_size i = k; i < m; i++)
            v[i] = a[i * n + k];
        beta[k] = sq_reflector(m - k, v + k, &alpha);
        sign[k] = alpha < 0 ? -1 : 1;
        sq_reflect_rows(a, n, k, m - k, v + k, beta[k], k + 1, n, sums);
        for (seqnn_size i = k; i < m; i++)
            a[i * n + k] = v[i];
    }
    /* The first n columns of H_0 H_1 ... H_{n-1} take the place of the v, from the last
     * reflection on, which changes the fewest columns. */
    for (seqnn_size k = n - 1; k >= 0; k--) {
        for (seqnn_size i = k; i < m; i++) {
            v[i] = a[i * n + k];
            a[i * n + k] = i == k;
        }
        for (seqnn_size j = k + 1; j < n; j++)
            a[k * n + j] = 0;
        sq_reflect_rows(a, n, k, m - k, v + k, beta[k], k, n, sums);
    }
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++)
            a[i * n + j] *= sign[j];
}

SEQNN_API seqnn_status seqnn_orthogonal_factor(seqnn_tensor a, seqnn_tensor q)
{
    if (a.rank != 2 || !sq_same_shape(a, q))
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "orthogonal factor: of %s into %s, expected two matrices alike",
                       sq_shape_text(a.shape, a.rank).text,
                       sq_shape_text(q.shape, q.rank).text);
    const bool wide = a.shape[0] < a.shape[1];
    const seqnn_size m = wide ? a.shape[1] : a.shape[0];
    const seqnn_size n = wide ? a.shape[0] : a.shape[1];
    double *copy = (double *)sq_allocate(m * n + 3 * n + m, sizeof *copy);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++)
            copy[i * n + j] = (double)a.data[wide ? j * m + i : i * n + j];
    sq_orthogonal_columns(m, n, copy, copy + m * n);
    for (seqnn_size i = 0; i < m; i++)
        for (seqnn_size j = 0; j < n; j++)
            q.data[wide ? j * m + i : i * n + j] = (seqnn_real)copy[i * n + j];
    sq_free(copy);
    return SEQNN_OK;
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------------------ math/functions.c */

#define SQ_V(name) sq_##name##_plain
#define SQ_VECTOR seqnn_real
#define SQ_WIDTH 1
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_PLAIN
#define SQ_INLINE SQ_INLINE_ANYWHERE
#define SQ_PASTE 3 /* functions_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 3 /* functions_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_AVX512
#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 3 /* functions_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 3 /* functions_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

typedef void (*sq_array_function)(seqnn_size, const seqnn_real *, seqnn_real *);
typedef void (*sq_axpy_function)(seqnn_size, seqnn_real, const seqnn_real *,
                                 seqnn_real *);
typedef void (*sq_scale_function)(seqnn_size, seqnn_real, seqnn_real *);
SQ_ISA_TABLE(sq_exp_table, sq_array_function, array_exp);
SQ_ISA_TABLE(sq_tanh_table, sq_array_function, array_tanh);
SQ_ISA_TABLE(sq_sigmoid_table, sq_array_function, array_sigmoid);
SQ_ISA_TABLE(sq_axpy_table, sq_axpy_function, array_axpy);
SQ_ISA_TABLE(sq_scale_table, sq_scale_function, array_scale);

SQ_LOCAL void sq_exp(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    sq_exp_table[sq_isa()](n, x, y);
}

SQ_LOCAL void sq_log(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    for (seqnn_size i = 0; i < n; i++)
        y[i] = SQ_MATH(log)(x[i]);
}

SQ_LOCAL void sq_tanh(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    sq_tanh_table[sq_isa()](n, x, y);
}

SQ_LOCAL void sq_sigmoid(seqnn_size n, const seqnn_real *x, seqnn_real *y)
{
    sq_sigmoid_table[sq_isa()](n, x, y);
}

SQ_LOCAL void sq_axpy(seqnn_size n, seqnn_real factor, const seqnn_real *x, seqnn_real *y)
{
    sq_axpy_table[sq_isa()](n, factor, x, y);
}

SQ_LOCAL void sq_scale(seqnn_size n, seqnn_real factor, seqnn_real *x)
{
    sq_scale_table[sq_isa()](n, factor, x);
}

/* Element i goes to running sum i mod 8: eight chains of additions instead of one. */
enum { SQ_CHAINS = 8 };

static double sq_sum_chains(const double s[SQ_CHAINS])
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

SQ_LOCAL double sq_sum(seqnn_size n, const seqnn_real *x)
{
    double s[SQ_CHAINS] = {0};
    seqnn_size i = 0;
    for (; i + SQ_CHAINS <= n; i += SQ_CHAINS)
        for (int chain = 0; chain < SQ_CHAINS; chain++)
            s[chain] += (double)x[i + chain];
    for (int chain = 0; i < n; i++, chain++)
        s[chain] += (double)x[i];
    return sq_sum_chains(s);
}

SQ_LOCAL double sq_dot(seqnn_size n, const seqnn_real *x, const seqnn_real *y)
{
    double s[SQ_CHAINS] = {0};
    seqnn_size i = 0;
    for (; i + SQ_CHAINS <= n; i += SQ_CHAINS)
        for (int chain = 0; chain < SQ_CHAINS; chain++)
            s[chain] += (double)x[i + chain] * (double)y[i + chain];
    for (int chain = 0; i < n; i++, chain++)
        s[chain] += (double)x[i] * (double)y[i];
    return sq_sum_chains(s);
}

SQ_LOCAL double sq_sum_squares(seqnn_size n, const seqnn_real *x)
{
    return sq_dot(n, x, x);
}

/* -------------------------------------------------------------------- math/product.c */

#ifdef SEQNN_USE_CBLAS
#include <cblas.h>
#endif

enum {
    SQ_DEPTH = 256,       /* longest stretch of k that one chain of additions runs over */
    SQ_TILE_ROWS = 128,   /* of C, that one thread works on at a time */
    SQ_TILE_COLUMNS = 64, /* not cut finer for more threads, nor the rows than this: */
    SQ_TILE_LEAST = 24,
    SQ_FEW_ROWS = 12,   /* up to here B is not packed */
    SQ_SMALL_B = 32768, /* a B of so many elements is packed once for all tiles */
    SQ_PANEL_MOST = 32  /* columns of the widest panel of all instruction sets */
};

/* From this number of multiplications on, threads are worth their start. */
#define SQ_PRODUCT_PARALLEL ((double)(1 << 20))

#if defined(__GNUC__)
#define SQ_ALIGNED __attribute__((aligned(64)))
#else
#define SQ_ALIGNED
#endif

/* The product as it was asked for. */
typedef struct sq_product {
    bool transpose_a, transpose_b, accumulate;
    seqnn_size m, n, k;
    const seqnn_real *a, *b;
    const seqnn_real *bias; /* what C was before, one row for all; or NULL */
    seqnn_real *c;
    seqnn_size lda, ldb, ldc;
    seqnn_size tile_rows, tile_columns;
    const seqnn_real *packed; /* all of op(B), or NULL: every tile packs what it needs */
} sq_product;

/* A part of C at one stretch of k. Element (row, k) of A lies at a[row a_row + k a_step];
 * packed, every block of rows is [depth, height]. Row k of panel j of B lies at
 * b + j b_panel + k b_step. */
typedef struct sq_block {
    const seqnn_real *a, *b;
    seqnn_real *c;
    seqnn_size a_row, a_step, b_step, b_panel, ldc;
    seqnn_size columns, depth;
    bool a_packed, add;
} sq_block;

/* k is cut into this many stretches of nearly equal length. Their sums are added in
 * order; that keeps rounding errors small, and depends on k alone. */
static seqnn_size sq_stretches(seqnn_size k)
{
    return sq_max(1, (k + SQ_DEPTH - 1) / SQ_DEPTH);
}

/* ceil(size / pieces) for the smallest number of pieces not above `most`. */
static seqnn_size sq_even_piece(seqnn_size size, seqnn_size most)
{
    const seqnn_size pieces = (size + most - 1) / most;
    return (size + pieces - 1) / pieces;
}

/* What a micro-kernel does for row r, written out so that every sum has a name of its own
 * and stays in a register. */
#define SQ_EACH_ROW_1(DO) DO(0)
#define SQ_EACH_ROW_2(DO) SQ_EACH_ROW_1(DO) DO(1)
#define SQ_EACH_ROW_3(DO) SQ_EACH_ROW_2(DO) DO(2)
#define SQ_EACH_ROW_4(DO) SQ_EACH_ROW_3(DO) DO(3)
#define SQ_EACH_ROW_5(DO) SQ_EACH_ROW_4(DO) DO(4)
#define SQ_EACH_ROW_6(DO) SQ_EACH_ROW_5(DO) DO(5)
#define SQ_EACH_ROW_7(DO) SQ_EACH_ROW_6(DO) DO(6)
#define SQ_EACH_ROW_8(DO) SQ_EACH_ROW_7(DO) DO(7)
#define SQ_EACH_ROW_9(DO) SQ_EACH_ROW_8(DO) DO(8)
#define SQ_EACH_ROW_10(DO) SQ_EACH_ROW_9(DO) DO(9)
#define SQ_EACH_ROW_11(DO) SQ_EACH_ROW_10(DO) DO(10)
#define SQ_EACH_ROW_12(DO) SQ_EACH_ROW_11(DO) DO(11)

/* Rows of C are far apart: they are asked for before the sums are made. */
#define SQ_AHEAD(r) SQ_PREFETCH(c + (r)*ldc);

#define SQ_CLEAR(r, v) SQ_VECTOR c##r##_##v = SQ_V(set)(0);
#define SQ_CLEAR_2(r) SQ_CLEAR(r, 0) SQ_CLEAR(r, 1)
#define SQ_CLEAR_4(r) SQ_CLEAR_2(r) SQ_CLEAR(r, 2) SQ_CLEAR(r, 3)
#define SQ_CLEAR_8(r)                                                                    \
    SQ_CLEAR_4(r) SQ_CLEAR(r, 4) SQ_CLEAR(r, 5) SQ_CLEAR(r, 6) SQ_CLEAR(r, 7)

#define SQ_LOAD(v)                                                                       \
    const SQ_VECTOR b##v = SQ_V(load)(b + (v) / 2 * b_panel + (v) % 2 * SQ_WIDTH);
#define SQ_LOAD_2 SQ_LOAD(0) SQ_LOAD(1)
#define SQ_LOAD_4 SQ_LOAD_2 SQ_LOAD(2) SQ_LOAD(3)
#define SQ_LOAD_8 SQ_LOAD_4 SQ_LOAD(4) SQ_LOAD(5) SQ_LOAD(6) SQ_LOAD(7)

#define SQ_STEP(r, v) c##r##_##v = SQ_V(fma)(a##r, b##v, c##r##_##v);
#define SQ_STEP_2(r)                                                                     \
    const SQ_VECTOR a##r = SQ_V(set)(a[r * a_row]);                                      \
    SQ_STEP(r, 0) SQ_STEP(r, 1)
#define SQ_STEP_4(r) SQ_STEP_2(r) SQ_STEP(r, 2) SQ_STEP(r, 3)
#define SQ_STEP_8(r) SQ_STEP_4(r) SQ_STEP(r, 4) SQ_STEP(r, 5) SQ_STEP(r, 6) SQ_STEP(r, 7)

#define SQ_SPILL(r, v) SQ_V(store)(sums + (r)*width + (v)*SQ_WIDTH, c##r##_##v);
#define SQ_SPILL_2(r) SQ_SPILL(r, 0) SQ_SPILL(r, 1)
#define SQ_SPILL_4(r) SQ_SPILL_2(r) SQ_SPILL(r, 2) SQ_SPILL(r, 3)
#define SQ_SPILL_8(r)                                                                    \
    SQ_SPILL_4(r) SQ_SPILL(r, 4) SQ_SPILL(r, 5) SQ_SPILL(r, 6) SQ_SPILL(r, 7)

#define SQ_PUT(r, v) SQ_V(product_put)(c + (r)*ldc + (v)*SQ_WIDTH, c##r##_##v, add);
#define SQ_PUT_2(r) SQ_PUT(r, 0) SQ_PUT(r, 1)
#define SQ_PUT_4(r) SQ_PUT_2(r) SQ_PUT(r, 2) SQ_PUT(r, 3)
#define SQ_PUT_8(r) SQ_PUT_4(r) SQ_PUT(r, 4) SQ_PUT(r, 5) SQ_PUT(r, 6) SQ_PUT(r, 7)

#define SQ_V(name) sq_##name##_plain
#define SQ_VECTOR seqnn_real
#define SQ_WIDTH 1
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_PLAIN
#define SQ_INLINE SQ_INLINE_ANYWHERE
#define SQ_PASTE 4 /* product_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 4 /* product_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_AVX512
#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 4 /* product_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 4 /* product_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

typedef void (*sq_product_tile_function)(const sq_product *, seqnn_size, seqnn_size,
                                         seqnn_size, seqnn_size);
typedef void (*sq_product_pack_function)(bool, seqnn_size, seqnn_size, const seqnn_real *,
                                         seqnn_size, seqnn_real *);
typedef void (*sq_product_packed_function)(seqnn_size, seqnn_size, seqnn_size,
                                           const seqnn_real *, seqnn_size,
                                           const seqnn_real *, bool, seqnn_real *,
                                           seqnn_size);
SQ_ISA_TABLE(sq_product_tile_table, sq_product_tile_function, product_tile);
SQ_ISA_TABLE(sq_product_pack_table, sq_product_pack_function, product_pack);
SQ_ISA_TABLE(sq_product_packed_table, sq_product_packed_function, product_packed);

/* Every row of C[rows, columns] becomes the bias. */
static void sq_product_start(const sq_product *product, seqnn_size row, seqnn_size rows,
                             seqnn_size column, seqnn_size columns)
{
    for (seqnn_size r = row; r < row + rows; r++)
        memcpy(product->c + r * product->ldc + column, product->bias + column,
               (size_t)columns * sizeof(seqnn_real));
}

/* Tiles are counted along the rows of C first, then along its columns. */
static void sq_product_work(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_product *product = (const sq_product *)context;
    const seqnn_size down = (product->m + product->tile_rows - 1) / product->tile_rows;
    for (seqnn_size tile = begin; tile < end; tile++) {
        const seqnn_size row = tile % down * product->tile_rows;
        const seqnn_size column = tile / down * product->tile_columns;
        const seqnn_size rows = sq_min(product->tile_rows, product->m - row);
        const seqnn_size columns = sq_min(product->tile_columns, product->n - column);
        if (product->bias)
            sq_product_start(product, row, rows, column, columns);
        if (product->packed)
            sq_matmul_packed(rows, product->n, product->k,
                             product->a + row * product->lda, product->lda,
                             product->packed, product->accumulate,
                             product->c + row * product->ldc, product->ldc);
        else
            sq_product_tile_table[sq_isa()](product, row, rows, column, columns);
    }
}

/* Whole rows of C, times a B that is packed here. In a function of its own, for its
 * stack. */
static void sq_product_run_packed(sq_product *product)
{
    SQ_ALIGNED seqnn_real packed[SQ_SMALL_B];
    sq_matmul_pack(product->transpose_b, product->n, product->k, product->b, product->ldb,
                   packed);
    product->packed = packed;
    sq_parallel((product->m + product->tile_rows - 1) / product->tile_rows, 1,
                sq_product_work, product);
}

/* Tiles as large as the caches like them, but some for every thread. */
static void sq_product_run(sq_product *product)
{
    const seqnn_size m = product->m, n = product->n;
    const double multiplications = (double)m * (double)n * (double)product->k;
    product->packed = NULL;
    product->tile_columns = n;
    product->tile_rows = sq_even_piece(m, SQ_TILE_ROWS);
    if (multiplications < SQ_PRODUCT_PARALLEL) {
        sq_product_work(product, 0, (m + product->tile_rows - 1) / product->tile_rows);
        return;
    }
    const seqnn_size threads = sq_threads();
    seqnn_size down = (m + product->tile_rows - 1) / product->tile_rows;
    if (!product->transpose_a && down > 1 &&
        sq_matmul_packed_size(product->k, n) <= SQ_SMALL_B) {
        sq_product_run_packed(product);
        return;
    }
    seqnn_size across = sq_min((threads + down - 1) / down, n / SQ_TILE_COLUMNS);
    across = sq_max(across, 1);
    if (down * across < threads) { /* narrow: the rows are cut finer */
        const seqnn_size rows = (m * across + threads - 1) / threads;
        product->tile_rows = sq_even_piece(m, sq_max(rows, SQ_TILE_LEAST));
        down = (m + product->tile_rows - 1) / product->tile_rows;
    }
    /* Whole panels, of whatever instruction set. */
    product->tile_columns =
        ((n + across - 1) / across + SQ_PANEL_MOST - 1) / SQ_PANEL_MOST * SQ_PANEL_MOST;
    across = (n + product->tile_columns - 1) / product->tile_columns;
    sq_parallel(down * across, 1, sq_product_work, product);
}

#ifdef SEQNN_USE_CBLAS
/* Hands a large product to the BLAS; false if it is not one. */
static bool sq_product_blas(const sq_product *p)
{
    const seqnn_size largest = sq_max(sq_max(p->m, p->n), p->k);
    if ((double)p->m * (double)p->n * (double)p->k < SQ_PRODUCT_PARALLEL ||
        sq_max(largest, sq_max(sq_max(p->lda, p->ldb), p->ldc)) > INT_MAX)
        return false;
    const CBLAS_TRANSPOSE op_a = p->transpose_a ? CblasTrans : CblasNoTrans;
    const CBLAS_TRANSPOSE op_b = p->transpose_b ? CblasTrans : CblasNoTrans;
    if (p->bias)
        sq_product_start(p, 0, p->m, 0, p->n);
#ifdef SEQNN_DOUBLE
    cblas_dgemm(CblasRowMajor, op_a, op_b, (int)p->m, (int)p->n, (int)p->k, 1, p->a,
                (int)p->lda, p->b, (int)p->ldb, p->accumulate, p->c, (int)p->ldc);
#else
    cblas_sgemm(CblasRowMajor, op_a, op_b, (int)p->m, (int)p->n, (int)p->k, 1, p->a,
                (int)p->lda, p->b, (int)p->ldb, p->accumulate, p->c, (int)p->ldc);
#endif
    return true;
}
#endif

static void sq_product_make(bool transpose_a, bool transpose_b, seqnn_size m,
                            seqnn_size n, seqnn_size k, const seqnn_real *a,
                            seqnn_size lda, const seqnn_real *b, seqnn_size ldb,
                            const seqnn_real *bias, bool accumulate, seqnn_real *c,
                            seqnn_size ldc)
{
    if (m <= 0 || n <= 0)
        return;
    sq_product product;
    product.transpose_a = transpose_a;
    product.transpose_b = transpose_b;
    product.accumulate = accumulate;
    product.m = m;
    product.n = n;
    product.k = k;
    product.a = a;
    product.b = b;
    product.bias = bias;
    product.c = c;
    product.lda = lda;
    product.ldb = ldb;
    product.ldc = ldc;
#ifdef SEQNN_USE_CBLAS
    if (sq_product_blas(&product))
        return;
#endif
    sq_product_run(&product);
}

SQ_LOCAL void sq_matmul(bool transpose_a, bool transpose_b, seqnn_size m, seqnn_size n,
                        seqnn_size k, const seqnn_real *a, seqnn_size lda,
                        const seqnn_real *b, seqnn_size ldb, bool accumulate,
                        seqnn_real *c, seqnn_size ldc)
{
    sq_product_make(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, NULL, accumulate,
                    c, ldc);
}

SQ_LOCAL void sq_matmul_bias(seqnn_size m, seqnn_size n, seqnn_size k,
                             const seqnn_real *a, seqnn_size lda, const seqnn_real *b,
                             seqnn_size ldb, const seqnn_real *bias, seqnn_real *c,
                             seqnn_size ldc)
{
    sq_product_make(false, false, m, n, k, a, lda, b, ldb, bias, bias != NULL, c, ldc);
}

SQ_LOCAL void sq_matmul_plain(bool transpose_a, bool transpose_b, seqnn_size m,
                              seqnn_size n, seqnn_size k, const seqnn_real *a,
                              seqnn_size lda, const seqnn_real *b, seqnn_size ldb,
                              bool accumulate, seqnn_real *c, seqnn_size ldc)
{
    for (seqnn_size row = 0; row < m; row++)
        for (seqnn_size column = 0; column < n; column++) {
            seqnn_real sum = accumulate ? c[row * ldc + column] : 0;
            for (seqnn_size i = 0; i < k; i++)
                sum += (transpose_a ? a[i * lda + row] : a[row * lda + i]) *
                       (transpose_b ? b[column * ldb + i] : b[i * ldb + column]);
            c[row * ldc + column] = sum;
        }
}

SQ_LOCAL seqnn_size sq_matmul_packed_size(seqnn_size k, seqnn_size n)
{
    if (n < 0 || n > PTRDIFF_MAX - SQ_PANEL_MOST)
        return -1;
    const seqnn_size columns = (n + SQ_PANEL_MOST - 1) / SQ_PANEL_MOST * SQ_PANEL_MOST;
    if (k < 0 || (columns > 0 && k > PTRDIFF_MAX / columns))
        return -1;
    return k * columns;
}

SQ_LOCAL void sq_matmul_pack(bool transpose_b, seqnn_size n, seqnn_size k,
                             const seqnn_real *b, seqnn_size ldb, seqnn_real *packed)
{
    sq_product_pack_table[sq_isa()](transpose_b, n, k, b, ldb, packed);
}

SQ_LOCAL void sq_matmul_packed(seqnn_size m, seqnn_size n, seqnn_size k,
                               const seqnn_real *a, seqnn_size lda,
                               const seqnn_real *packed, bool accumulate, seqnn_real *c,
                               seqnn_size ldc)
{
    if (m > 0 && n > 0)
        sq_product_packed_table[sq_isa()](m, n, k, a, lda, packed, accumulate, c, ldc);
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ----------------------------------------------------------------------- math/simd.c */

/* -1 until it is decided. Two threads that decide at once write the same value. */
static int sq_isa_chosen = -1;

#if defined(__GNUC__)
#define SQ_READ_ONCE(variable) __atomic_load_n(&(variable), __ATOMIC_RELAXED)
#define SQ_WRITE_ONCE(variable, value)                                                   \
    __atomic_store_n(&(variable), (value), __ATOMIC_RELAXED)
#else
#define SQ_READ_ONCE(variable) (variable)
#define SQ_WRITE_ONCE(variable, value) ((variable) = (value))
#endif

SQ_LOCAL const char *sq_isa_name(sq_isa_kind isa)
{
    static const char *const names[SQ_ISA_COUNT] = {"plain", "neon", "avx2", "avx512"};
    return names[isa];
}

SQ_LOCAL bool sq_isa_available(sq_isa_kind isa)
{
    if (isa == SQ_ISA_PLAIN)
        return true;
#ifdef SQ_HAVE_NEON
    if (isa == SQ_ISA_NEON)
        return true;
#endif
#ifdef SQ_HAVE_AVX2
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == SQ_ISA_AVX2)
        return avx2;
    if (isa == SQ_ISA_AVX512)
        return avx2 && __builtin_cpu_supports("avx512f");
#endif
    return false;
}

SQ_LOCAL sq_isa_kind sq_isa(void)
{
    int chosen = SQ_READ_ONCE(sq_isa_chosen);
    if (chosen >= 0)
        return (sq_isa_kind)chosen;

    const char *wanted = getenv("SEQNN_ISA");
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++)
        if (sq_isa_available((sq_isa_kind)isa))
            chosen = isa;
    for (int isa = 0; wanted && isa < SQ_ISA_COUNT; isa++)
        if (strcmp(wanted, sq_isa_name((sq_isa_kind)isa)) == 0 &&
            sq_isa_available((sq_isa_kind)isa))
            chosen = isa;
    SQ_WRITE_ONCE(sq_isa_chosen, chosen);
    return (sq_isa_kind)chosen;
}

SQ_LOCAL void sq_isa_force(sq_isa_kind isa)
{
    SQ_WRITE_ONCE(sq_isa_chosen, (int)isa);
}

SQ_LOCAL void sq_isa_forget(void)
{
    SQ_WRITE_ONCE(sq_isa_chosen, -1);
}

/* ------------------------------------------------------------- layers/initializers.c */

SEQNN_API const char *seqnn_initializer_name(seqnn_initializer_kind kind)
{
    static const char *const names[] = {
        "default",    "zeros",     "constant",       "normal",
        "uniform",    "gaussian",  "glorot_uniform", "glorot_normal",
        "he_uniform", "he_normal", "lecun_uniform",  "lecun_normal",
        "orthogonal", "identity",  "np_rnn",         "square_root_units"};
    return (size_t)kind < (size_t)SQ_COUNT(names) ? names[kind] : "unknown";
}

static void sq_fill_uniform(seqnn_random *random, seqnn_real *weights, seqnn_size size,
                            double limit, double centre)
{
    for (seqnn_size i = 0; i < size; i++)
        weights[i] =
            (seqnn_real)(centre + limit * (2 * seqnn_random_uniform(random) - 1));
}

static void sq_fill_normal(seqnn_random *random, seqnn_real *weights, seqnn_size size,
                           double deviation, double mean)
{
    for (seqnn_size i = 0; i < size; i++)
        weights[i] = (seqnn_real)(mean + deviation * seqnn_random_normal(random));
}

/* A standard normal number cut off at two has this standard deviation. */
#define SQ_TRUNCATED_DEVIATION 0.87962566103423978

static void sq_fill_truncated(seqnn_random *random, seqnn_real *weights, seqnn_size size,
                              double deviation)
{
    for (seqnn_size i = 0; i < size; i++) {
        double x;
        do {
            x = seqnn_random_normal(random);
        } while (fabs(x) > 2);
        weights[i] = (seqnn_real)(deviation / SQ_TRUNCATED_DEVIATION * x);
    }
}

/* The orthogonal factor of a Gaussian matrix [rows, columns]; of its transpose if it is
 * wide. */
static seqnn_status sq_fill_orthogonal(seqnn_random *random, seqnn_real *weights,
                                       seqnn_size rows, seqnn_size columns, double gain)
{
    const seqnn_size m = sq_max(rows, columns), n = sq_min(rows, columns);
    double *q = (double *)sq_allocate(sq_multiply(m, n + 4), sizeof *q);
    if (!q)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < m * n; i++)
        q[i] = seqnn_random_normal(random);
    sq_orthogonal_columns(m, n, q, q + m * n);
    for (seqnn_size i = 0; i < rows; i++)
        for (seqnn_size j = 0; j < columns; j++)
            weights[i * columns + j] =
                (seqnn_real)(gain * (rows < columns ? q[j * n + i] : q[i * n + j]));
    sq_free(q);
    return SEQNN_OK;
}

/* One block [n, n] of weights, whose rows are `columns` apart. */
static seqnn_status sq_fill_np_rnn(seqnn_random *random, seqnn_real *weights,
                                   seqnn_size n, seqnn_size columns)
{
    double *memory = (double *)sq_allocate(sq_multiply(n, 3 * n + 2), sizeof *memory);
    if (!memory)
        return SEQNN_ERROR_MEMORY;
    double *r = memory, *a = r + n * n, *reduced = a + n * n, *work = reduced + n * n;
    for (seqnn_size i = 0; i < n * n; i++)
        r[i] = seqnn_random_normal(random);
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = 0; j <= i; j++) {
            double sum = 0;
            for (seqnn_size k = 0; k < n; k++)
                sum += r[i * n + k] * r[j * n + k];
            a[i * n + j] = a[j * n + i] = sum / (double)n + (i == j);
        }
    memcpy(reduced, a, (size_t)(n * n) * sizeof *a);
    const double largest = sq_symmetric_largest(n, reduced, work);
    for (seqnn_size i = 0; i < n; i++)
        for (seqnn_size j = 0; j < n; j++)
            weights[i * columns + j] = (seqnn_real)(a[i * n + j] / largest);
    sq_free(memory);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_initialize(seqnn_initializer how, seqnn_real *weights,
                                        seqnn_size rows, seqnn_size columns,
                                        seqnn_size blocks, uint64_t seed, uint64_t stream)
{
    const seqnn_size size = sq_multiply(rows, columns);
    if (rows < 1 || columns < 1 || blocks < 1 || columns % blocks != 0 || size < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "initializer %s: [%td, %td] in %td blocks of columns",
                       seqnn_initializer_name(how.kind), rows, columns, blocks);
    seqnn_random random;
    random.seed = seed;
    random.stream = stream;
    random.index = 0;
    const seqnn_size units = columns / blocks;
    const double in = (double)rows, both = in + (double)columns;
    const double spread = (double)sq_option(how.a, (seqnn_real)0.05);
    const double gain = (double)sq_option(how.a, 1);
    const double centre = (double)sq_option(how.b, 0);

    switch (how.kind) {
    case SEQNN_ZEROS:
        memset(weights, 0, (size_t)size * sizeof *weights);
        return SEQNN_OK;
    case SEQNN_CONSTANT:
        for (seqnn_size i = 0; i < size; i++)
            weights[i] = sq_option(how.a, 0);
        return SEQNN_OK;
    case SEQNN_NORMAL:
        sq_fill_normal(&random, weights, size, spread, centre);
        return SEQNN_OK;
    case SEQNN_UNIFORM:
        sq_fill_uniform(&random, weights, size, spread, centre);
        return SEQNN_OK;
    case SEQNN_GAUSSIAN:
        sq_fill_normal(&random, weights, size, 0.01, 0);
        return SEQNN_OK;
    case SEQNN_GLOROT_UNIFORM:
        sq_fill_uniform(&random, weights, size, sqrt(6 / both), 0);
        return SEQNN_OK;
    case SEQNN_GLOROT_NORMAL:
        sq_fill_truncated(&random, weights, size, sqrt(2 / both));
        return SEQNN_OK;
    case SEQNN_HE_UNIFORM:
        sq_fill_uniform(&random, weights, size, sqrt(6 / in), 0);
        return SEQNN_OK;
    case SEQNN_HE_NORMAL:
        sq_fill_truncated(&random, weights, size, sqrt(2 / in));
        return SEQNN_OK;
    case SEQNN_LECUN_UNIFORM:
        sq_fill_uniform(&random, weights, size, sqrt(3 / in), 0);
        return SEQNN_OK;
    case SEQNN_LECUN_NORMAL:
        sq_fill_truncated(&random, weights, size, sqrt(1 / in));
        return SEQNN_OK;
    case SEQNN_ORTHOGONAL:
        return sq_fill_orthogonal(&random, weights, rows, columns, gain);
    case SEQNN_IDENTITY:
        for (seqnn_size i = 0; i < rows; i++)
            for (seqnn_size j = 0; j < columns; j++)
                weights[i * columns + j] = j % units == i ? (seqnn_real)gain : 0;
        return SEQNN_OK;
    case SEQNN_NP_RNN:
        if (rows != units)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "initializer np_rnn: a block is [%td, %td], expected [n, n]",
                           rows, units);
        for (seqnn_size block = 0; block < blocks; block++) {
            seqnn_status status =
                sq_fill_np_rnn(&random, weights + block * units, units, columns);
            if (status)
                return status;
        }
        return SEQNN_OK;
    case SEQNN_SQUARE_ROOT_UNITS:
        sq_fill_uniform(&random, weights, size, 1 / sqrt((double)units), 0);
        return SEQNN_OK;
    case SEQNN_INITIALIZER_DEFAULT:
    default:
        return sq_fail(SEQNN_ERROR_ARGUMENT, "initializer: %s (%d) names no values",
                       seqnn_initializer_name(how.kind), (int)how.kind);
    }
}

/* -------------------------------------------------------------------- layers/layer.c */

SEQNN_API const char *seqnn_layer_name(const seqnn_layer *layer)
{
    return layer ? layer->name : "";
}

SEQNN_API const char *seqnn_layer_kind(const seqnn_layer *layer)
{
    return layer ? layer->type->kind : "";
}

SEQNN_API seqnn_size seqnn_layer_features(const seqnn_layer *layer)
{
    return layer ? layer->out.features : 0;
}

SEQNN_API bool seqnn_layer_is_sequence(const seqnn_layer *layer)
{
    return layer && layer->source >= 0;
}

SEQNN_API seqnn_size seqnn_layer_parameters(const seqnn_layer *layer)
{
    return layer ? layer->parameter_count : 0;
}

SEQNN_API seqnn_parameter *seqnn_layer_parameter_at(seqnn_layer *layer, seqnn_size i)
{
    if (i < 0 || i >= seqnn_layer_parameters(layer)) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "%s: there is no parameter %td",
                layer ? layer->name : "layer NULL", i);
        return NULL;
    }
    return sq_model_build(layer->model) ? NULL : &layer->parameters[i].view;
}

SEQNN_API seqnn_parameter *seqnn_layer_parameter(seqnn_layer *layer, const char *name)
{
    for (seqnn_size i = 0; i < seqnn_layer_parameters(layer); i++)
        if (strcmp(layer->parameters[i].view.name, name) == 0)
            return seqnn_layer_parameter_at(layer, i);
    sq_fail(SEQNN_ERROR_ARGUMENT, "%s: there is no parameter '%s'",
            layer ? layer->name : "layer NULL", name);
    return NULL;
}

SEQNN_API seqnn_status seqnn_layer_set(seqnn_layer *layer, const char *name,
                                       const seqnn_real *values)
{
    seqnn_parameter *parameter = seqnn_layer_parameter(layer, name);
    if (!parameter)
        return SEQNN_ERROR_ARGUMENT;
    if (!values)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: the values of '%s' are NULL",
                       layer->name, name);
    memcpy(parameter->value, values,
           (size_t)(parameter->rows * parameter->columns) * sizeof *values);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_tensor sq_unpacked_rows(seqnn_layer *layer, const sq_packing *packing,
                                       const seqnn_real *rows, seqnn_size features)
{
    seqnn_tensor tensor;
    memset(&tensor, 0, sizeof tensor);
    seqnn_size cells = packing ? packing->batch * packing->time : layer->out.rows;
    void *memory = layer->unpacked;
    if (sq_grow(&memory, &layer->unpacked_capacity, cells * features, sizeof *rows))
        return tensor;
    layer->unpacked = (seqnn_real *)memory;
    if (packing)
        sq_unpack_rows(packing, features, rows, layer->unpacked);
    else
        memcpy(layer->unpacked, rows, (size_t)(cells * features) * sizeof *rows);
    tensor.data = layer->unpacked;
    if (packing) {
        tensor.rank = 3;
        tensor.shape[0] = packing->batch;
        tensor.shape[1] = packing->time;
        tensor.shape[2] = features;
    } else {
        tensor.rank = 2;
        tensor.shape[0] = layer->out.rows;
        tensor.shape[1] = features;
    }
    return tensor;
}

static seqnn_tensor sq_layer_tensor(seqnn_layer *layer, bool gradient)
{
    seqnn_tensor nothing;
    memset(&nothing, 0, sizeof nothing);
    if (!layer || !layer->model->count || layer->model->run_status) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "layer output: there was no forward pass");
        return nothing;
    }
    return sq_unpacked_rows(layer, layer->out.packing,
                            gradient ? layer->out.gradient : layer->out.value,
                            layer->out.features);
}

SEQNN_API seqnn_tensor seqnn_layer_output(seqnn_layer *layer)
{
    return sq_layer_tensor(layer, false);
}

SEQNN_API seqnn_tensor seqnn_layer_output_gradient(seqnn_layer *layer)
{
    return sq_layer_tensor(layer, true);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* --------------------------------------------------------------- layers/activation.c */

SEQNN_API const char *seqnn_activation_name(seqnn_activation activation)
{
    static const char *const names[] = {"default", "linear",  "tanh",       "sigmoid",
                                        "relu",    "softmax", "log_softmax"};
    int i = (int)activation;
    return i >= 0 && i < SQ_COUNT(names) ? names[i] : "unknown";
}

/* ---- rows ---- */

static void sq_softmax_row(seqnn_size n, const seqnn_real *z, bool logarithm, seqnn_real *y)
{
    seqnn_real largest = z[0], sum = 0;
    for (seqnn_size j = 1; j < n; j++)
        largest = z[j] > largest ? z[j] : largest;
    for (seqnn_size j = 0; j < n; j++)
        sum += SQ_MATH(exp)(z[j] - largest);
    seqnn_real log_sum = SQ_MATH(log)(sum);
    for (seqnn_size j = 0; j < n; j++)
        y[j] = logarithm ? z[j] - largest - log_sum : SQ_MATH(exp)(z[j] - largest) / sum;
}

SQ_LOCAL void sq_activation_rows(seqnn_activation activation, seqnn_size rows,
                                 seqnn_size features, const seqnn_real *z, seqnn_real *y)
{
    seqnn_size count = rows * features;
    switch (activation) {
    case SEQNN_TANH:
        sq_tanh(count, z, y);
        break;
    case SEQNN_SIGMOID:
        sq_sigmoid(count, z, y);
        break;
    case SEQNN_RELU:
        /* Written so that NaN passes. */
        for (seqnn_size i = 0; i < count; i++)
            y[i] = z[i] < 0 ? 0 : z[i];
        break;
    case SEQNN_SOFTMAX:
    case SEQNN_LOG_SOFTMAX:
        for (seqnn_size r = 0; r < rows; r++)
            sq_softmax_row(features, z + r * features, activation == SEQNN_LOG_SOFTMAX,
                           y + r * features);
        break;
    default:
        if (y != z)
            memcpy(y, z, (size_t)count * sizeof *y);
    }
}

/* dz_i = y_i (dy_i - sum_j dy_j y_j) of softmax, dy_i - exp(y_i) sum_j dy_j of its log. */
static void sq_softmax_gradient_row(seqnn_size n, const seqnn_real *y, const seqnn_real *dy,
                                    bool logarithm, seqnn_real *dz)
{
    seqnn_real sum = 0;
    for (seqnn_size j = 0; j < n; j++)
        sum += logarithm ? dy[j] : dy[j] * y[j];
    for (seqnn_size j = 0; j < n; j++)
        dz[j] = logarithm ? dy[j] - SQ_MATH(exp)(y[j]) * sum : y[j] * (dy[j] - sum);
}

SQ_LOCAL void sq_activation_gradient(seqnn_activation activation, seqnn_size rows,
                                     seqnn_size features, const seqnn_real *y,
                                     const seqnn_real *dy, seqnn_real *dz)
{
    seqnn_size count = rows * features;
    switch (activation) {
    case SEQNN_TANH:
        for (seqnn_size i = 0; i < count; i++)
            dz[i] = dy[i] * (1 - y[i] * y[i]);
        break;
    case SEQNN_SIGMOID:
        for (seqnn_size i = 0; i < count; i++)
            dz[i] = dy[i] * y[i] * (1 - y[i]);
        break;
    case SEQNN_RELU:
        for (seqnn_size i = 0; i < count; i++)
            dz[i] = y[i] > 0 ? dy[i] : 0;
        break;
    case SEQNN_SOFTMAX:
    case SEQNN_LOG_SOFTMAX:
        for (seqnn_size r = 0; r < rows; r++)
            sq_softmax_gradient_row(features, y + r * features, dy + r * features,
                                    activation == SEQNN_LOG_SOFTMAX, dz + r * features);
        break;
    default:
        if (dz != dy)
            memcpy(dz, dy, (size_t)count * sizeof *dz);
    }
}

/* ---- the layer ---- */

typedef struct sq_activation_layer {
    seqnn_layer base;
    seqnn_activation activation;
    seqnn_real *dz; /* [rows, features] */
} sq_activation_layer;

static void sq_activation_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                               seqnn_size rows)
{
    sq_activation_layer *own = (sq_activation_layer *)layer;
    (void)batch;
    own->dz = (seqnn_real *)sq_arena_take(arena, sq_multiply(rows, layer->out.features),
                                          sizeof(seqnn_real));
}

static seqnn_status sq_activation_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    (void)mode;
    sq_activation_rows(own->activation, layer->out.rows, layer->out.features,
                       layer->in->value, layer->out.value);
    layer->out.logits = layer->in->value;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

static void sq_activation_backward(seqnn_layer *layer)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    const sq_signal *out = &layer->out;
    if (!layer->in->gradient_wanted)
        return;
    const seqnn_real *dz = out->gradient;
    if (!out->gradient_is_of_logits) {
        sq_activation_gradient(own->activation, out->rows, out->features, out->value,
                               out->gradient, own->dz);
        dz = own->dz;
    }
    sq_signal_add_gradient(layer->in, dz);
}

static const sq_layer_type sq_activation_type = {
    "activation", sizeof(sq_activation_layer), sq_activation_plan, sq_activation_forward,
    sq_activation_backward, NULL};

SQ_LOCAL bool sq_check_activation(seqnn_layer *layer, seqnn_activation activation)
{
    if ((int)activation >= SEQNN_ACTIVATION_DEFAULT && activation <= SEQNN_LOG_SOFTMAX)
        return true;
    sq_model_fail(layer->model, SEQNN_ERROR_ARGUMENT, "%s '%s': %d is not an activation",
                  layer->type->kind, layer->name, (int)activation);
    return false;
}

SEQNN_API seqnn_layer *seqnn_activate(seqnn_model *model, seqnn_activation activation,
                                      seqnn_activation_options options)
{
    seqnn_layer *layer =
        sq_layer_new(model, &sq_activation_type, options.name, options.input);
    if (!layer || !sq_check_activation(layer, activation))
        return NULL;
    ((sq_activation_layer *)layer)->activation = activation;
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], true);
    return layer;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* -------------------------------------------------------------------- layers/dense.c */

typedef struct sq_dense {
    seqnn_layer base;
    seqnn_activation activation;
    seqnn_real *z, *dz; /* [rows, units]; y and dL/dy themselves if linear */
} sq_dense;

enum { SQ_DENSE_W, SQ_DENSE_B };

static void sq_dense_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                          seqnn_size rows)
{
    sq_dense *own = (sq_dense *)layer;
    (void)batch;
    own->z = layer->out.value;
    own->dz = layer->out.gradient;
    if (own->activation == SEQNN_LINEAR)
        return;
    seqnn_size cells = sq_multiply(rows, layer->out.features);
    own->z = (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
    own->dz = (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
}

/* y = g(x W + b) */
static seqnn_status sq_dense_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dense *own = (sq_dense *)layer;
    const sq_signal *x = layer->in;
    seqnn_size units = layer->out.features;
    const seqnn_real *W = layer->parameters[SQ_DENSE_W].view.value;
    const seqnn_real *b =
        layer->parameter_count > SQ_DENSE_B ? layer->parameters[SQ_DENSE_B].view.value : NULL;
    (void)mode;
    sq_matmul_bias(x->rows, units, x->features, x->value, x->features, W, units, b,
                   own->z, units);
    if (own->activation != SEQNN_LINEAR)
        sq_activation_rows(own->activation, x->rows, units, own->z, layer->out.value);
    layer->out.logits = own->z;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

/* dz = dy * g'(z),  dW += x^T dz,  db += sum dz,  dx = dz W^T */
static void sq_dense_backward(seqnn_layer *layer)
{
    sq_dense *own = (sq_dense *)layer;
    sq_signal *x = layer->in;
    const sq_signal *y = &layer->out;
    seqnn_size units = y->features, inputs = x->features;
    const seqnn_real *dz = own->dz;
    if (y->gradient_is_of_logits)
        dz = y->gradient;
    else if (own->activation != SEQNN_LINEAR)
        sq_activation_gradient(own->activation, y->rows, units, y->value, y->gradient,
                               own->dz);
    seqnn_parameter *W = &layer->parameters[SQ_DENSE_W].view;
    if (!W->frozen)
        sq_matmul(true, false, inputs, units, x->rows, x->value, inputs, dz, units, true,
                  W->gradient, units);
    if (layer->parameter_count > SQ_DENSE_B && sq_trains(layer, SQ_DENSE_B))
        sq_bias_gradient(y->rows, units, dz, units,
                         layer->parameters[SQ_DENSE_B].view.gradient);
    if (!x->gradient_wanted)
        return;
    sq_matmul(false, true, x->rows, inputs, units, dz, units, W->value, units,
              x->gradient_written, x->gradient, inputs);
    x->gradient_written = true;
}

static const sq_layer_type sq_dense_type = {
    "dense", sizeof(sq_dense), sq_dense_plan, sq_dense_forward, sq_dense_backward, NULL};

SEQNN_API seqnn_layer *seqnn_dense(seqnn_model *model, seqnn_size units,
                                   seqnn_dense_options options)
{
    seqnn_layer *layer = sq_layer_new(model, &sq_dense_type, options.name, options.input);
    if (!layer || !sq_check_activation(layer, options.activation))
        return NULL;
    if (units < 1) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "dense '%s': %td units, expected at least 1", layer->name, units);
        return NULL;
    }
    sq_dense *own = (sq_dense *)layer;
    own->activation = options.activation ? options.activation : SEQNN_LINEAR;
    layer->frozen = options.frozen;
    sq_layer_shape(layer, units, layer->inputs[0], true);
    sq_layer_add_parameter(layer, "W", layer->in->features, units, 1, options.initializer,
                           SEQNN_GLOROT_UNIFORM);
    if (!options.no_bias)
        sq_layer_add_parameter(layer, "b", 1, units, 1, options.bias_initializer,
                               SEQNN_ZEROS);
    return model->status ? NULL : layer;
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------------------ layers/dropout.c */

typedef struct sq_dropout {
    seqnn_layer base;
    seqnn_real rate;
    bool per_sequence;
    bool dropped;     /* the last forward pass was a training pass */
    seqnn_real *mask; /* [rows, features] */
} sq_dropout;

static void sq_dropout_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    (void)batch;
    ((sq_dropout *)layer)->mask = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->out.features), sizeof(seqnn_real));
}

/* The mask of a row is numbered by the user's sample and step, not by its place in the
 * packed batch. */
static void sq_dropout_draw(sq_dropout *own)
{
    const sq_signal *out = &own->base.out;
    for (seqnn_size r = 0; r < out->rows; r++) {
        seqnn_size at = r;
        if (out->packing) {
            at = out->packing->source[r];
            if (own->per_sequence)
                at /= out->packing->time;
        }
        sq_dropout_mask(&own->base, 0, own->rate, at * out->features, out->features,
                        own->mask + r * out->features);
    }
}

/* y = x * mask */
static seqnn_status sq_dropout_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dropout *own = (sq_dropout *)layer;
    const seqnn_real *x = layer->in->value;
    seqnn_real *y = layer->out.value;
    seqnn_size count = layer->out.rows * layer->out.features;
    own->dropped = mode == SEQNN_TRAIN && own->rate > 0;
    if (!own->dropped) {
        memcpy(y, x, (size_t)count * sizeof *y);
        return SEQNN_OK;
    }
    sq_dropout_draw(own);
    for (seqnn_size i = 0; i < count; i++)
        y[i] = x[i] * own->mask[i];
    return SEQNN_OK;
}

/* dx = dy * mask */
static void sq_dropout_backward(seqnn_layer *layer)
{
    const sq_dropout *own = (const sq_dropout *)layer;
    const seqnn_real *dy = layer->out.gradient;
    sq_signal *in = layer->in;
    seqnn_size count = layer->out.rows * layer->out.features;
    if (!own->dropped) {
        sq_signal_add_gradient(in, dy);
        return;
    }
    if (!in->gradient_wanted)
        return;
    for (seqnn_size i = 0; i < count; i++)
        in->gradient[i] =
            (in->gradient_written ? in->gradient[i] : 0) + own->mask[i] * dy[i];
    in->gradient_written = true;
}

static const sq_layer_type sq_dropout_type = {"dropout",           sizeof(sq_dropout),
                                              sq_dropout_plan,     sq_dropout_forward,
                                              sq_dropout_backward, NULL};

SEQNN_API seqnn_layer *seqnn_dropout(seqnn_model *model, seqnn_real rate,
                                     seqnn_dropout_options options)
{
    seqnn_layer *layer =
        sq_layer_new(model, &sq_dropout_type, options.name, options.input);
    if (!layer)
        return NULL;
    if (!(rate >= 0 && rate < 1)) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "dropout '%s': rate %g, expected 0 <= rate < 1", layer->name,
                      (double)rate);
        return NULL;
    }
    sq_dropout *own = (sq_dropout *)layer;
    own->rate = rate;
    own->per_sequence = options.per_sequence;
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], true);
    return layer;
}

/* ---------------------------------------------------------------- layers/embedding.c */

/* Numbers that are worth a thread. */
enum { SQ_EMBEDDING_GRAIN = 65536 };

typedef struct sq_embedding {
    seqnn_layer base;
    bool mask_zero;
    int32_t *words; /* [rows] the word of every packed row */
    sq_touched touched;
} sq_embedding;

static void sq_embedding_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                              seqnn_size rows)
{
    (void)batch;
    ((sq_embedding *)layer)->words =
        (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
}

/* Reads the words in packed order; each must be in the vocabulary. */
static seqnn_status sq_embedding_words(sq_embedding *own, const sq_packing *packing)
{
    const seqnn_layer *layer = &own->base;
    const int32_t *words = layer->model->batch->x[layer->source].indices;
    seqnn_size vocabulary = layer->parameters[0].view.rows;
    for (seqnn_size r = 0; r < packing->rows; r++) {
        seqnn_size at = packing->source[r];
        int32_t word = words[at];
        if (word < 0 || word >= vocabulary)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "embedding '%s': word %d at sample %td, step %td; the "
                           "vocabulary is 0 .. %td",
                           layer->name, (int)word, at / packing->time, at % packing->time,
                           vocabulary - 1);
        if (own->mask_zero && word == 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "embedding '%s': padding (0) inside the text of sample %td, "
                           "step %td; mask_zero takes it at the front or the end",
                           layer->name, at / packing->time, at % packing->time);
        own->words[r] = word;
    }
    return SEQNN_OK;
}

/* y_t = table[x_t] */
static void sq_embedding_gather(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_embedding *own = (const sq_embedding *)context;
    const seqnn_real *table = own->base.parameters[0].view.value;
    seqnn_size features = own->base.out.features;
    for (seqnn_size r = begin; r < end; r++) {
        if (r + SQ_PREFETCH_ROWS < end)
            sq_prefetch_row(table + own->words[r + SQ_PREFETCH_ROWS] * features,
                            features);
        memcpy(own->base.out.value + r * features, table + own->words[r] * features,
               (size_t)features * sizeof *table);
    }
}

static seqnn_status sq_embedding_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_embedding *own = (sq_embedding *)layer;
    sq_signal *out = &layer->out;
    (void)mode;
    seqnn_status status = sq_embedding_words(own, out->packing);
    if (status)
        return status;
    sq_parallel(out->rows, sq_max(1, SQ_EMBEDDING_GRAIN / out->features),
                sq_embedding_gather, own);
    return SEQNN_OK;
}

static void sq_embedding_scatter(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_embedding *own = (const sq_embedding *)context;
    const sq_signal *out = &own->base.out;
    seqnn_size features = out->features;
    seqnn_real *gradient = own->base.parameters[0].view.gradient;
    for (seqnn_size r = 0; r < out->rows; r++) {
        if (r + SQ_PREFETCH_ROWS < out->rows)
            sq_prefetch_row(gradient + own->words[r + SQ_PREFETCH_ROWS] * features +
                                begin,
                            end - begin);
        seqnn_real *SQ_RESTRICT dtable = gradient + own->words[r] * features;
        const seqnn_real *SQ_RESTRICT dy = out->gradient + r * features;
        for (seqnn_size j = begin; j < end; j++)
            dtable[j] += dy[j];
    }
}

/* dtable[x_t] += dy_t. The columns are shared out among threads, so that every sum runs
 * over the rows in order. */
static void sq_embedding_backward(seqnn_layer *layer)
{
    sq_embedding *own = (sq_embedding *)layer;
    if (!sq_trains(layer, 0))
        return;
    sq_touched *touched = &own->touched;
    for (seqnn_size r = 0; r < layer->out.rows; r++)
        if (!touched->mark[own->words[r]]) {
            touched->mark[own->words[r]] = 1;
            touched->rows[touched->count++] = own->words[r];
        }
    seqnn_size features = layer->out.features;
    seqnn_size pieces =
        layer->out.rows * features < SQ_EMBEDDING_GRAIN ? 1 : sq_threads();
    sq_parallel(features, sq_max(16, (features + pieces - 1) / pieces),
                sq_embedding_scatter, own);
}

static const sq_layer_type sq_embedding_type = {
    "embedding",          sizeof(sq_embedding),  sq_embedding_plan,
    sq_embedding_forward, sq_embedding_backward, NULL};

SEQNN_API seqnn_layer *seqnn_embedding(seqnn_model *model, seqnn_size vocabulary,
                                       seqnn_size features,
                                       seqnn_embedding_options options)
{
    seqnn_layer *layer = sq_source_new(model, &sq_embedding_type, options.name,
                                       SQ_INDICES, features, options.time);
    if (!layer)
        return NULL;
    if (vocabulary < 1 || vocabulary > INT32_MAX) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "embedding '%s': a vocabulary of %td words, expected 1 to %d",
                      layer->name, vocabulary, (int)INT32_MAX);
        return NULL;
    }
    sq_embedding *own = (sq_embedding *)layer;
    own->mask_zero = options.mask_zero;
    model->sources[layer->source].mask_zero = options.mask_zero;
    layer->frozen = options.frozen;
    sq_parameter *table = sq_layer_add_parameter(layer, "table", vocabulary, features, 1,
                                                 options.initializer, SEQNN_UNIFORM);
    table->touched = &own->touched;
    if (options.vectors && !model->status) {
        seqnn_size count = vocabulary * features;
        table->given = (seqnn_real *)sq_allocate(count, sizeof *table->given);
        if (table->given)
            memcpy(table->given, options.vectors, (size_t)count * sizeof *table->given);
        else
            sq_model_fail(model, SEQNN_ERROR_MEMORY,
                          "embedding '%s': no memory for %td "
                          "vectors",
                          layer->name, vocabulary);
    }
    return model->status ? NULL : layer;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* -------------------------------------------------------------------- layers/merge.c */

typedef struct sq_merge_layer {
    seqnn_layer base;
    seqnn_real *part; /* [rows, features of one input] a gradient on its way down */
} sq_merge_layer;

static void sq_merge_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                          seqnn_size rows)
{
    (void)batch;
    ((sq_merge_layer *)layer)->part = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->out.features), sizeof(seqnn_real));
}

/* ---- y = a + b ---- */

static seqnn_status sq_add_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const seqnn_real *a = layer->inputs[0]->out.value, *b = layer->inputs[1]->out.value;
    seqnn_size count = layer->out.rows * layer->out.features;
    (void)mode;
    for (seqnn_size i = 0; i < count; i++)
        layer->out.value[i] = a[i] + b[i];
    return SEQNN_OK;
}

static void sq_add_backward(seqnn_layer *layer)
{
    for (int i = 0; i < 2; i++)
        sq_signal_add_gradient(&layer->inputs[i]->out, layer->out.gradient);
}

/* ---- y = [a, b] ---- */

static seqnn_status sq_concat_forward(seqnn_layer *layer, seqnn_mode mode)
{
    seqnn_size features = layer->out.features, column = 0;
    (void)mode;
    for (int i = 0; i < 2; i++) {
        const sq_signal *in = &layer->inputs[i]->out;
        for (seqnn_size r = 0; r < in->rows; r++)
            memcpy(layer->out.value + r * features + column, in->value + r * in->features,
                   (size_t)in->features * sizeof(seqnn_real));
        column += in->features;
    }
    return SEQNN_OK;
}

static void sq_concat_backward(seqnn_layer *layer)
{
    seqnn_real *part = ((sq_merge_layer *)layer)->part;
    seqnn_size features = layer->out.features, column = 0;
    for (int i = 0; i < 2; i++) {
        sq_signal *in = &layer->inputs[i]->out;
        for (seqnn_size r = 0; r < in->rows; r++)
            memcpy(part + r * in->features, layer->out.gradient + r * features + column,
                   (size_t)in->features * sizeof(seqnn_real));
        sq_signal_add_gradient(in, part);
        column += in->features;
    }
}

static const sq_layer_type sq_add_type = {"add",          sizeof(sq_merge_layer),
                                          NULL,           sq_add_forward,
                                          sq_add_backward, NULL};
static const sq_layer_type sq_concat_type = {"concat",          sizeof(sq_merge_layer),
                                             sq_merge_plan,     sq_concat_forward,
                                             sq_concat_backward, NULL};

static seqnn_layer *sq_merge_new(seqnn_model *model, const sq_layer_type *type,
                                 seqnn_layer *a, seqnn_layer *b, const char *name)
{
    if (seqnn_ok(model) && (!a || !b)) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT, "%s: an input is NULL", type->kind);
        return NULL;
    }
    seqnn_layer *layer = sq_layer_new(model, type, name, a);
    if (!layer)
        return NULL;
    bool same = type == &sq_concat_type || a->out.features == b->out.features;
    if (b->model != model || a->source != b->source || !same) {
        sq_model_fail(model, SEQNN_ERROR_SHAPE,
                      "%s '%s': '%s' (%s of %td) and '%s' (%s of %td) do not fit", type->kind,
                      layer->name, a->name, a->source < 0 ? "vectors" : "sequences",
                      a->out.features, b->name, b->source < 0 ? "vectors" : "sequences",
                      b->out.features);
        return NULL;
    }
    sq_layer_add_input(layer, b);
    seqnn_size features = a->out.features;
    if (features > SQ_MAX_FEATURES || b->out.features > SQ_MAX_FEATURES) {
        sq_model_fail(model, SEQNN_ERROR_MEMORY,
                      "%s '%s': %td and %td features are too many", type->kind,
                      layer->name, features, b->out.features);
        return NULL;
    }
    sq_layer_shape(layer, type == &sq_concat_type ? features + b->out.features : features, a,
                   true);
    return layer;
}

SEQNN_API seqnn_layer *seqnn_add(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                 seqnn_merge_options options)
{
    return sq_merge_new(model, &sq_add_type, a, b, options.name);
}

SEQNN_API seqnn_layer *seqnn_concat(seqnn_model *model, seqnn_layer *a, seqnn_layer *b,
                                    seqnn_merge_options options)
{
    return sq_merge_new(model, &sq_concat_type, a, b, options.name);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ---------------------------------------------------------------- layers/recurrent.c */

/* The layer around a recurrent cell: everything the three cells share. */

enum { SQ_W_X, SQ_W_H }; /* then b and b_h, where the layer has them */

/* ---- states ---- */

/* The states a pass starts from: set by hand, or another layer's last, or this one's. */
static const sq_states *sq_initial_states(const sq_recurrent *own)
{
    if (own->given.count > 0)
        return &own->given;
    if (own->initial_state)
        return &((const sq_recurrent *)own->initial_state)->final;
    if (own->stateful && own->final.count > 0)
        return &own->final;
    return NULL;
}

static seqnn_status sq_start_states(sq_recurrent *own, const sq_packing *packing)
{
    const sq_states *from = sq_initial_states(own);
    if (from && from->count != packing->batch)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': the initial state is of %td samples, the batch has %td",
                       own->base.type->kind, own->base.name, from->count, packing->batch);
    sq_states_pack(packing, own->units, from ? from->h : NULL, own->h_0);
    memcpy(own->sweep.h_state, own->h_0,
           (size_t)(packing->batch * own->units) * sizeof(seqnn_real));
    if (own->kind->has_C) {
        sq_states_pack(packing, own->units, from ? from->C : NULL, own->C_0);
        memcpy(own->sweep.C_state, own->C_0,
               (size_t)(packing->batch * own->units) * sizeof(seqnn_real));
    }
    own->state_from = own->given.count > 0 ? NULL : own->initial_state;
    own->given.count = 0;
    /* All that the way back will need too: it cannot fail. */
    seqnn_status status = sq_states_reserve(&own->final, own, packing->batch);
    if (!status)
        status = sq_states_reserve(&own->initial_gradient, own, packing->batch);
    if (!status)
        status = sq_states_reserve(&own->final_gradient, own, packing->batch);
    return status;
}

/* ---- memory ---- */

SQ_LOCAL void sq_recurrent_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                                seqnn_size rows)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_sweep *sweep = &own->sweep;
    size_t size = sizeof(seqnn_real);
    seqnn_size units = own->units, inputs = layer->inputs[0]->out.features;
    seqnn_size wide = sq_multiply(rows, own->kind->gates * units);
    seqnn_size narrow = sq_multiply(rows, units), states = sq_multiply(batch, units);
    bool gated = own->kind->gates == 3;

    sweep->gates = (seqnn_real *)sq_arena_take(arena, wide, size);
    sweep->dgates = (seqnn_real *)sq_arena_take(arena, wide, size);
    sweep->h_prev = (seqnn_real *)sq_arena_take(arena, narrow, size);
    sweep->h = own->return_sequences ? layer->out.value
                                     : (seqnn_real *)sq_arena_take(arena, narrow, size);
    sweep->C = (seqnn_real *)sq_arena_take(arena, own->kind->has_C ? narrow : 0, size);
    sweep->tanh_C =
        (seqnn_real *)sq_arena_take(arena, own->kind->has_C ? narrow : 0, size);
    sweep->inner = (seqnn_real *)sq_arena_take(arena, gated ? narrow : 0, size);
    sweep->dinner = (seqnn_real *)sq_arena_take(arena, gated ? narrow : 0, size);
    own->flow = (double *)sq_arena_take(arena, rows, sizeof(double));
    own->flow_of_step = (double *)sq_arena_take(arena, rows, sizeof(double));
    sweep->h_state = (seqnn_real *)sq_arena_take(arena, states, size);
    sweep->dh_state = (seqnn_real *)sq_arena_take(arena, states, size);
    sweep->C_state = (seqnn_real *)sq_arena_take(arena, states, size);
    sweep->dC_state = (seqnn_real *)sq_arena_take(arena, states, size);
    own->h_0 = (seqnn_real *)sq_arena_take(arena, states, size);
    own->C_0 = (seqnn_real *)sq_arena_take(arena, states, size);
    seqnn_size room =
        own->kind->fast()->workspace ? own->kind->fast()->workspace(units) : 0;
    sweep->workspace = (seqnn_real *)sq_arena_take(arena, room, size);
    own->h_mask =
        (seqnn_real *)sq_arena_take(arena, own->recurrent_dropout > 0 ? states : 0, size);
    bool drops = own->dropout > 0;
    own->x =
        (seqnn_real *)sq_arena_take(arena, drops ? sq_multiply(rows, inputs) : 0, size);
    own->x_mask =
        (seqnn_real *)sq_arena_take(arena, drops ? sq_multiply(batch, inputs) : 0, size);
}

SQ_LOCAL void sq_recurrent_destroy(seqnn_layer *layer)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_states_free(&own->final);
    sq_states_free(&own->given);
    sq_states_free(&own->final_gradient);
    sq_states_free(&own->initial_gradient);
}

/* ---- dropout: one mask per sequence, for all of its steps ---- */

static void sq_sequence_masks(const sq_recurrent *own, const sq_packing *packing,
                              int which, seqnn_real rate, seqnn_size features,
                              seqnn_real *mask)
{
    for (seqnn_size k = 0; k < packing->batch; k++)
        sq_dropout_mask(&own->base, which, rate, packing->order[k] * features, features,
                        mask + k * features);
}

/* values [rows, features] times the mask of their sequence. */
static void sq_mask_rows(const sq_packing *packing, seqnn_size features,
                         const seqnn_real *mask, const seqnn_real *values,
                         seqnn_real *out)
{
    for (seqnn_size s = 0; s < packing->steps; s++)
        for (seqnn_size k = 0; k < sq_active(packing, s); k++) {
            seqnn_size row = (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                out[row + j] = values[row + j] * mask[k * features + j];
        }
}

static void sq_start_dropout(sq_recurrent *own, seqnn_mode mode)
{
    const sq_signal *in = own->base.in;
    own->x_dropped = mode == SEQNN_TRAIN && own->dropout > 0;
    own->input = in->value;
    if (own->x_dropped) {
        sq_sequence_masks(own, in->packing, 1, own->dropout, in->features, own->x_mask);
        sq_mask_rows(in->packing, in->features, own->x_mask, in->value, own->x);
        own->input = own->x;
    }
    own->x_spent = false;
    own->sweep.mask = NULL;
    if (mode == SEQNN_TRAIN && own->recurrent_dropout > 0) {
        sq_sequence_masks(own, in->packing, 2, own->recurrent_dropout, own->units,
                          own->h_mask);
        own->sweep.mask = own->h_mask;
    }
}

/* ---- the sweep ---- */

static const sq_cell *sq_recurrent_cell(const sq_recurrent *own)
{
    return own->sweep.truncate > 0 ? own->kind->plain() : own->kind->fast();
}

typedef struct sq_sweep_work {
    const sq_sweep *sweep;
    void (*run)(const sq_sweep *sweep, seqnn_size begin, seqnn_size end);
} sq_sweep_work;

static void sq_sweep_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_sweep_work *work = (const sq_sweep_work *)context;
    work->run(work->sweep, begin, end);
}

/* A sequence's bits do not depend on which others share its piece, so there is one piece
 * for each thread: the larger it is, the more often W_h is used while it is in the cache.
 * Sequences of different lengths are cut finer, for the first pieces have the longest.
 * Too little work for a second thread is one piece. */
static void sq_sweep_run(const sq_recurrent *own,
                         void (*run)(const sq_sweep *, seqnn_size, seqnn_size))
{
    const sq_packing *packing = own->sweep.packing;
    sq_sweep_work work = {&own->sweep, run};
    double products = (double)packing->rows * (double)own->units *
                      (double)(own->units * own->kind->gates);
    bool even = packing->rows == packing->batch * packing->steps;
    seqnn_size pieces = even ? sq_threads() : 4 * sq_threads();
    if (products < 250000.0 || sq_threads() == 1)
        pieces = 1;
    seqnn_size grain = sq_max(even ? 1 : 8, (packing->batch + pieces - 1) / pieces);
    sq_parallel(packing->batch, grain, sq_sweep_piece, &work);
}

static const seqnn_parameter *sq_recurrent_bias(const seqnn_layer *layer,
                                                const char *name)
{
    for (int p = SQ_W_H + 1; p < layer->parameter_count; p++)
        if (strcmp(layer->parameters[p].view.name, name) == 0)
            return &layer->parameters[p].view;
    return NULL;
}

static seqnn_status sq_check_sequences(const seqnn_layer *layer)
{
    if (layer->in->packing)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_SHAPE,
                   "%s '%s': input is [batch, %td], expected [batch, "
                   "time, features]",
                   layer->type->kind, layer->name, layer->in->features);
}

SQ_LOCAL seqnn_status sq_recurrent_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_sweep *sweep = &own->sweep;
    const sq_signal *in = layer->in;
    seqnn_size columns = own->kind->gates * own->units;
    seqnn_status status = sq_check_sequences(layer);
    sweep->packing = in->packing;
    if (!status)
        status = sq_start_states(own, in->packing);
    if (status)
        return status;
    sq_start_dropout(own, mode);

    /* x_t W_x + b of all steps at once. */
    const seqnn_parameter *b = sq_recurrent_bias(layer, "b");
    const seqnn_parameter *b_h = sq_recurrent_bias(layer, "b_h");
    sq_matmul_bias(in->rows, columns, in->features, own->input, in->features,
                   layer->parameters[SQ_W_X].view.value, columns, b ? b->value : NULL,
                   sweep->gates, columns);

    const sq_cell *cell = sq_recurrent_cell(own);
    sweep->flow = NULL;
    sweep->W_h = layer->parameters[SQ_W_H].view.value;
    sweep->b_h = b_h ? b_h->value : NULL;
    sweep->h_0 = own->h_0;
    sweep->C_0 = own->C_0;
    if (cell->prepare_forward)
        cell->prepare_forward(sweep);
    sq_sweep_run(own, cell->forward);

    own->final.count = in->packing->batch;
    own->final_gradient.count = 0;
    layer->state_gradient = false;
    sq_states_unpack(in->packing, own->units, sweep->h_state, own->final.h);
    if (own->kind->has_C)
        sq_states_unpack(in->packing, own->units, sweep->C_state, own->final.C);
    if (!own->return_sequences)
        memcpy(layer->out.value, own->final.h,
               (size_t)(own->final.count * own->units) * sizeof(seqnn_real));
    layer->out.logits = NULL;
    layer->out.activation = SEQNN_LINEAR;
    return SEQNN_OK;
}

/* dL/dh_T and dL/dC_T: the output's gradient, if that is h_T, plus what came from
 * outside. */
static void sq_final_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    seqnn_size units = own->units, cells = packing->batch * units;
    const sq_states *outside = &own->final_gradient;
    bool more = outside->count > 0;
    const seqnn_real *dy = own->return_sequences ? NULL : own->base.out.gradient;
    sq_states_pack(packing, units, dy, own->sweep.dh_state);
    if (more)
        for (seqnn_size k = 0; k < packing->batch; k++)
            for (seqnn_size j = 0; j < units; j++)
                own->sweep.dh_state[k * units + j] +=
                    outside->h[packing->order[k] * units + j];
    if (own->kind->has_C)
        sq_states_pack(packing, units, more ? outside->C : NULL, own->sweep.dC_state);
    else
        memset(own->sweep.dC_state, 0, (size_t)cells * sizeof(seqnn_real));
    own->final_gradient.count = 0;
}

static void sq_states_add(const sq_recurrent *own, const sq_states *gradient,
                          sq_states *sum)
{
    seqnn_size cells = gradient->count * own->units;
    for (seqnn_size i = 0; i < cells; i++)
        sum->h[i] += gradient->h[i];
    for (seqnn_size i = 0; own->kind->has_C && i < cells; i++)
        sum->C[i] += gradient->C[i];
}

/* dL/dh_0 and dL/dC_0 go to the layer that the state came from. */
static void sq_initial_gradients(sq_recurrent *own)
{
    const sq_packing *packing = own->sweep.packing;
    sq_states *mine = &own->initial_gradient;
    if (sq_states_reserve(mine, own, packing->batch))
        return;
    mine->count = packing->batch;
    sq_states_unpack(packing, own->units, own->sweep.dh_state, mine->h);
    if (own->kind->has_C)
        sq_states_unpack(packing, own->units, own->sweep.dC_state, mine->C);
    sq_recurrent *from = (sq_recurrent *)own->state_from;
    if (!from || own->base.model->lone_forward || !from->base.out.gradient_wanted)
        return;
    if (from->final_gradient.count == 0)
        sq_states_copy_in(from, &from->final_gradient, mine->count, mine->h, mine->C);
    else
        sq_states_add(own, mine, &from->final_gradient);
    from->base.state_gradient = true;
}

/* dx_t = dz_t W_x^T, through the dropout mask of x. */
static void sq_input_gradient(sq_recurrent *own)
{
    sq_signal *in = own->base.in;
    seqnn_size columns = own->kind->gates * own->units;
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    if (!in->gradient_wanted)
        return;
    if (own->x_dropped) {
        sq_matmul(false, true, in->rows, in->features, columns, own->sweep.dgates,
                  columns, W_x, columns, false, own->x, in->features);
        sq_mask_rows(in->packing, in->features, own->x_mask, own->x, own->x);
        sq_signal_add_gradient(in, own->x);
        own->x_spent = true;
        return;
    }
    sq_matmul(false, true, in->rows, in->features, columns, own->sweep.dgates, columns,
              W_x, columns, in->gradient_written, in->gradient, in->features);
    in->gradient_written = true;
}

SQ_LOCAL void sq_recurrent_backward(seqnn_layer *layer)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_sweep *sweep = &own->sweep;
    const sq_signal *in = layer->in;
    seqnn_size columns = own->kind->gates * own->units;
    const sq_cell *cell = sq_recurrent_cell(own);

    if (own->x_spent) { /* a second way back over the same pass */
        sq_mask_rows(in->packing, in->features, own->x_mask, in->value, own->x);
        own->x_spent = false;
    }
    sq_final_gradients(own);
    sweep->dh = own->return_sequences ? layer->out.gradient : NULL;
    sweep->flow = layer->model->record_flow ? own->flow : NULL;
    if (cell->prepare_backward)
        cell->prepare_backward(sweep);
    sq_sweep_run(own, cell->backward);
    sq_initial_gradients(own);

    /* The sums over all steps: dW_x = sum_t x_t^T dz_t and so on. */
    if (sq_trains(layer, SQ_W_X))
        sq_matmul(true, false, in->features, columns, in->rows, own->input, in->features,
                  sweep->dgates, columns, true, layer->parameters[SQ_W_X].view.gradient,
                  columns);
    const seqnn_parameter *b = sq_recurrent_bias(layer, "b");
    const seqnn_parameter *b_h = sq_recurrent_bias(layer, "b_h");
    if (b && !b->frozen)
        sq_bias_gradient(in->rows, columns, sweep->dgates, columns, b->gradient);
    if (sq_trains(layer, SQ_W_H))
        own->kind->recurrent_gradient(sweep, layer->parameters[SQ_W_H].view.gradient,
                                      b_h ? b_h->gradient : NULL);
    sq_input_gradient(own);
}

/* ---- looking in ---- */

SQ_LOCAL seqnn_tensor sq_recurrent_gates(seqnn_layer *layer, const sq_cell_kind *kind)
{
    seqnn_tensor nothing;
    memset(&nothing, 0, sizeof nothing);
    const sq_recurrent *own = (const sq_recurrent *)layer;
    if (!sq_is_recurrent(layer) || own->kind != kind || !layer->model->count ||
        layer->model->run_status || own->final.count == 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "gates: '%s' is not a %s layer that has run",
                seqnn_layer_name(layer), kind->type.kind);
        return nothing;
    }
    return sq_unpacked_rows(layer, own->sweep.packing, own->sweep.gates,
                            kind->gates * own->units);
}

SEQNN_API void seqnn_record_gradient_flow(seqnn_model *model, bool on)
{
    if (model)
        model->record_flow = on;
}

SEQNN_API seqnn_status seqnn_gradient_flow(const seqnn_layer *layer, seqnn_real *norms,
                                           seqnn_size time)
{
    const sq_recurrent *own = sq_recurrent_or_fail(layer, "gradient_flow");
    if (!own)
        return SEQNN_ERROR_ARGUMENT;
    const sq_packing *packing = own->sweep.packing;
    if (!layer->model->count || layer->model->run_status || !own->sweep.flow ||
        packing->time != time)
        return sq_fail(
            SEQNN_ERROR_SHAPE,
            "gradient_flow: '%s' has not recorded a backward pass over %td steps",
            layer->name, time);
    memset(own->flow_of_step, 0, (size_t)time * sizeof(double));
    for (seqnn_size r = 0; r < packing->rows; r++)
        own->flow_of_step[packing->source[r] % time] += own->flow[r];
    for (seqnn_size t = 0; t < time; t++)
        norms[t] = (seqnn_real)sqrt(own->flow_of_step[t]);
    return SEQNN_OK;
}

/* ---- construction ---- */

static bool sq_check_recurrent(seqnn_layer *layer, const sq_cell_kind *kind,
                               seqnn_size units, const seqnn_recurrent_options *options)
{
    seqnn_model *model = layer->model;
    const char *who = kind->type.kind;
    if (layer->inputs[0]->source < 0)
        sq_model_fail(model, SEQNN_ERROR_SHAPE,
                      "%s '%s': input '%s' is [batch, %td], expected [batch, time, "
                      "features]",
                      who, layer->name, layer->inputs[0]->name, layer->in->features);
    else if (units < 1 || units > SQ_MAX_FEATURES)
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%s': %td units, expected at least 1, and weights that fit in "
                      "memory",
                      who, layer->name, units);
    else if (!(options->dropout >= 0 && options->dropout < 1) ||
             !(options->recurrent_dropout >= 0 && options->recurrent_dropout < 1))
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s '%s': dropout %g and recurrent_dropout %g, expected 0 <= rate < 1", who,
            layer->name, (double)options->dropout, (double)options->recurrent_dropout);
    else if (options->bptt_window < 0)
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%s': bptt_window is %td, expected 0 or more steps", who,
                      layer->name, options->bptt_window);
    else if ((options->activation && kind->gates != 1) ||
             (options->forget_bias != 0 && kind->gates != 4) ||
             (options->reset && kind->gates != 3))
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s '%s': activation is an option of simple_rnn, forget_bias of lstm, "
            "reset of gru",
            who, layer->name);
    else if (options->activation > SEQNN_RELU || options->activation < 0 ||
             options->reset > SEQNN_RESET_AFTER_RECURRENT_BIAS || options->reset < 0)
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s '%s': activation is one of linear, tanh, sigmoid, relu; reset one "
            "of its three kinds",
            who, layer->name);
    return !model->status;
}

static bool sq_check_initial_state(seqnn_layer *layer, const sq_cell_kind *kind,
                                   seqnn_size units, const seqnn_layer *initial)
{
    if (!initial)
        return true;
    if (sq_is_recurrent(initial) && initial->model == layer->model &&
        ((const sq_recurrent *)initial)->kind == kind &&
        ((const sq_recurrent *)initial)->units == units)
        return true;
    sq_model_fail(
        layer->model, SEQNN_ERROR_SHAPE,
        "%s '%s': its initial_state '%s' is not a %s layer of %td units in this "
        "model",
        kind->type.kind, layer->name, initial->name, kind->type.kind, units);
    return false;
}

static seqnn_layer *sq_one_direction(seqnn_model *model, const sq_cell_kind *kind,
                                     seqnn_size units,
                                     const seqnn_recurrent_options *options)
{
    seqnn_layer *layer = sq_layer_new(model, &kind->type, options->name, options->input);
    if (!layer || !sq_check_recurrent(layer, kind, units, options) ||
        !sq_check_initial_state(layer, kind, units, options->initial_state))
        return NULL;
    sq_recurrent *own = (sq_recurrent *)layer;
    seqnn_size columns = kind->gates * units;
    own->kind = kind;
    own->units = units;
    own->return_sequences = options->return_sequences;
    own->stateful = options->stateful;
    own->dropout = options->dropout;
    own->recurrent_dropout = options->recurrent_dropout;
    own->initial_state = options->initial_state;
    own->sweep.units = units;
    own->sweep.backwards = options->go_backwards;
    own->sweep.truncate = options->bptt_window;
    own->sweep.activation = options->activation ? options->activation : SEQNN_TANH;
    own->sweep.reset = options->reset ? options->reset : SEQNN_RESET_AFTER_RECURRENT_BIAS;
    layer->frozen = options->frozen;
    sq_layer_shape(layer, units, layer->inputs[0], options->return_sequences);

    sq_layer_add_parameter(layer, "W_x", layer->in->features, columns, kind->gates,
                           options->input_initializer, SEQNN_GLOROT_UNIFORM);
    sq_layer_add_parameter(layer, "W_h", units, columns, kind->gates,
                           options->recurrent_initializer, SEQNN_ORTHOGONAL);
    if (options->no_bias)
        return model->status ? NULL : layer;
    sq_parameter *b = sq_layer_add_parameter(layer, "b", 1, columns, kind->gates,
                                             options->bias_initializer, SEQNN_ZEROS);
    if (kind->gates == 4)
        b->forget_bias = sq_option(options->forget_bias, 1);
    if (kind->gates == 3 && own->sweep.reset == SEQNN_RESET_AFTER_RECURRENT_BIAS)
        sq_layer_add_parameter(layer, "b_h", 1, columns, kind->gates,
                               options->bias_initializer, SEQNN_ZEROS);
    return model->status ? NULL : layer;
}

/* Two layers over the same input, one of them from the end, and their merge. */
static seqnn_layer *sq_both_directions(seqnn_model *model, const sq_cell_kind *kind,
                                       seqnn_size units,
                                       const seqnn_recurrent_options *options)
{
    char name[SQ_NAME_SIZE], part[SQ_NAME_SIZE + 16];
    seqnn_recurrent_options one = *options;
    seqnn_merge_options merge;
    if (options->go_backwards || options->initial_state || options->bidirectional < 0 ||
        options->bidirectional > SEQNN_SUM) {
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: bidirectional is SEQNN_CONCAT or SEQNN_SUM, without go_backwards "
            "and initial_state",
            kind->type.kind);
        return NULL;
    }
    int number = 1;
    snprintf(name, sizeof name, "%s", options->name ? options->name : "bidirectional_1");
    while (!options->name && seqnn_model_layer(model, name))
        snprintf(name, sizeof name, "bidirectional_%d", ++number);
    one.name = part;
    one.bidirectional = SEQNN_MERGE_DEFAULT;
    if (!one.input)
        one.input = seqnn_model_layer_at(model, seqnn_model_layers(model) - 1);
    snprintf(part, sizeof part, "%s_forward", name);
    seqnn_layer *forward = sq_one_direction(model, kind, units, &one);
    snprintf(part, sizeof part, "%s_backward", name);
    one.go_backwards = true;
    seqnn_layer *backward = sq_one_direction(model, kind, units, &one);
    merge.name = name;
    if (!backward)
        return NULL;
    return options->bidirectional == SEQNN_SUM
               ? seqnn_add(model, forward, backward, merge)
               : seqnn_concat(model, forward, backward, merge);
}

SQ_LOCAL seqnn_layer *sq_recurrent_new(seqnn_model *model, const sq_cell_kind *kind,
                                       seqnn_size units,
                                       const seqnn_recurrent_options *options)
{
    if (options->bidirectional && seqnn_ok(model))
        return sq_both_directions(model, kind, units, options);
    return sq_one_direction(model, kind, units, options);
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ---------------------------------------------------------------------- layers/gru.c */

/* ---- the equations ----
 *
 * Where h_(t-1) meets W_h it is h_prev, with the mask of the recurrent dropout on it; in
 * h_t = z_t * h_(t-1) + (1 - z_t) * h~_t it is the state itself. */

/* gates: in x_t W_x + b, out z, r, h~. inner [units] receives r * h_prev (reset before)
 * or h_prev W_h^h + b_h^h (reset after). inner may be h. */
static void sq_gru_state(seqnn_size units, seqnn_reset reset, const seqnn_real *W_h,
                         const seqnn_real *b_h, const seqnn_real *h_prev,
                         const seqnn_real *h_before, seqnn_real *gates, seqnn_real *inner,
                         seqnn_real *h)
{
    seqnn_real *z = gates, *r = z + units, *h_tilde = r + units;
    const seqnn_real *W_h_h = W_h + 2 * units;

    for (seqnn_size j = 0; b_h && j < 2 * units; j++)
        gates[j] += b_h[j];
    sq_add_product(units, 2 * units, h_prev, W_h, 3 * units, gates);
    for (seqnn_size j = 0; j < 2 * units; j++)
        gates[j] = sq_logistic(gates[j]);

    if (reset == SEQNN_RESET_BEFORE) {
        for (seqnn_size j = 0; j < units; j++)
            inner[j] = r[j] * h_prev[j];
        sq_add_product(units, units, inner, W_h_h, 3 * units, h_tilde);
    } else {
        for (seqnn_size j = 0; j < units; j++)
            inner[j] = b_h ? b_h[2 * units + j] : 0;
        sq_add_product(units, units, h_prev, W_h_h, 3 * units, inner);
        for (seqnn_size j = 0; j < units; j++)
            h_tilde[j] += r[j] * inner[j];
    }

    for (seqnn_size j = 0; j < units; j++) {
        h_tilde[j] = SQ_MATH(tanh)(h_tilde[j]);
        h[j] = z[j] * h_before[j] + (1 - z[j]) * h_tilde[j];
    }
}

SEQNN_API void seqnn_gru_step(seqnn_size inputs, seqnn_size units, seqnn_reset reset,
                              const seqnn_real *W_x, const seqnn_real *W_h,
                              const seqnn_real *b, const seqnn_real *b_h,
                              const seqnn_real *x_t, const seqnn_real *h_prev,
                              seqnn_real *gates, seqnn_real *h_t)
{
    if (reset == SEQNN_RESET_DEFAULT)
        reset = SEQNN_RESET_AFTER_RECURRENT_BIAS;
    if (reset != SEQNN_RESET_AFTER_RECURRENT_BIAS)
        b_h = NULL;
    for (seqnn_size j = 0; j < 3 * units; j++)
        gates[j] = b ? b[j] : 0;
    sq_add_product(inputs, 3 * units, x_t, W_x, 3 * units, gates);
    sq_gru_state(units, reset, W_h, b_h, h_prev, h_prev, gates, h_t, h_t);
}

/* ---- the sweep through time ---- */

static void sq_gru_forward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            const seqnn_real *h_prev = sq_masked_state(sweep, row, k);
            seqnn_real *h_state = sweep->h_state + k * units;
            seqnn_real *h = sweep->h + row * units;
            sq_gru_state(units, sweep->reset, sweep->W_h, sweep->b_h, h_prev, h_state,
                         sweep->gates + row * 3 * units, sweep->inner + row * units, h);
            memcpy(h_state, h, (size_t)units * sizeof *h);
        }
    }
}

static void sq_gru_backward_step(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                 seqnn_size into, seqnn_real *dh, seqnn_real *dC)
{
    (void)dC;
    const seqnn_size units = sweep->units, row = sweep->packing->offset[s] + k;
    const seqnn_real *z = sweep->gates + row * 3 * units, *r = z + units;
    const seqnn_real *h_tilde = r + units;
    const seqnn_real *h_before = sq_state_before(sweep, s, k, sweep->h, sweep->h_0);
    const seqnn_real *h_prev = sweep->h_prev + row * units;
    const seqnn_real *inner = sweep->inner + row * units;
    const seqnn_real *mask = sq_mask_of(sweep, k);
    const seqnn_real *W_h = sweep->W_h, *W_h_h = W_h + 2 * units;
    seqnn_real *dz = sweep->dgates + into * 3 * units, *dr = dz + units;
    seqnn_real *dh_tilde = dr + units;

    /* All three are gradients of what stands inside the sigmoid or the tanh. */
    for (seqnn_size j = 0; j < units; j++) {
        dz[j] = dh[j] * (h_before[j] - h_tilde[j]) * z[j] * (1 - z[j]);
        dh_tilde[j] = dh[j] * (1 - z[j]) * (1 - h_tilde[j] * h_tilde[j]);
        dr[j] = 0;
        dh[j] *= z[j];
    }

    if (sweep->reset == SEQNN_RESET_BEFORE) {
        sq_add_product_back(units, units, dh_tilde, W_h_h, 3 * units, NULL, dr);
        for (seqnn_size j = 0; j < units; j++) {
            const seqnn_real d_inner = dr[j]; /* of r * h_prev */
            dh[j] += (mask ? mask[j] : 1) * d_inner * r[j];
            dr[j] = d_inner * h_prev[j] * r[j] * (1 - r[j]);
        }
    } else {
        seqnn_real *d_inner = sweep->dinner + into * units;
        for (seqnn_size j = 0; j < units; j++) {
            d_inner[j] = dh_tilde[j] * r[j];
            dr[j] = dh_tilde[j] * inner[j] * r[j] * (1 - r[j]);
        }
        sq_add_product_back(units, units, d_inner, W_h_h, 3 * units, mask, dh);
    }
    sq_add_product_back(units, 2 * units, dz, W_h, 3 * units, mask, dh); /* z and r */
}

static void sq_gru_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_plain_backward(sweep, begin, end, 3, false, sq_gru_backward_step);
}

SQ_LOCAL const sq_cell *sq_gru_plain(void)
{
    static const sq_cell cell = {sq_gru_forward, sq_gru_backward, NULL, NULL, NULL};
    return &cell;
}

/* The columns z and r of W_h have met h_prev; those of h~ have met r * h_prev (reset
 * before), or h_prev too, with the gradient of their product in dinner (reset after). */
static void sq_gru_recurrent_gradient(const sq_sweep *sweep, seqnn_real *dW_h,
                                      seqnn_real *db_h)
{
    const seqnn_size units = sweep->units, rows = sweep->packing->rows;
    const bool before = sweep->reset == SEQNN_RESET_BEFORE;
    const seqnn_real *dgates_h = sweep->dgates + 2 * units;

    sq_matmul(true, false, units, 2 * units, rows, sweep->h_prev, units, sweep->dgates,
              3 * units, true, dW_h, 3 * units);
    if (before)
        sq_matmul(true, false, units, units, rows, sweep->inner, units, dgates_h,
                  3 * units, true, dW_h + 2 * units, 3 * units);
    else
        sq_matmul(true, false, units, units, rows, sweep->h_prev, units, sweep->dinner,
                  units, true, dW_h + 2 * units, 3 * units);

    if (db_h) {
        sq_bias_gradient(rows, 2 * units, sweep->dgates, 3 * units, db_h);
        sq_bias_gradient(rows, units, sweep->dinner, units, db_h + 2 * units);
    }
}

/* ---- the layer ---- */

static const sq_cell_kind sq_gru_kind = {{"gru", sizeof(sq_recurrent), sq_recurrent_plan,
                                          sq_recurrent_forward, sq_recurrent_backward,
                                          sq_recurrent_destroy},
                                         3,     /* gates */
                                         false, /* has_C */
                                         sq_gru_plain,
                                         sq_gru_fast,
                                         sq_gru_recurrent_gradient};

SEQNN_API seqnn_layer *seqnn_gru(seqnn_model *model, seqnn_size units,
                                 seqnn_gru_options options)
{
    return sq_recurrent_new(model, &sq_gru_kind, units, &options);
}

SEQNN_API seqnn_tensor seqnn_gru_gates(seqnn_layer *layer)
{
    return sq_recurrent_gates(layer, &sq_gru_kind);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* -------------------------------------------------------------- layers/gru_kernels.c */

/* The fast sweeps of the GRU; for the equations read gru.c. */

/* A step back needs room for dL/dh_prev beside that for dL/dh_(t-1): so many numbers, on
 * the stack, and as many rows at a time as fit. */
enum { SQ_GRU_ROOM = 8192 };

#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 5 /* gru_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 5 /* gru_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 5 /* gru_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

SQ_ISA_TABLE_BESIDE(sq_gru_forward_table, sq_sweep_function, NULL, gru_forward);
SQ_ISA_TABLE_BESIDE(sq_gru_backward_table, sq_sweep_function, NULL, gru_backward);

static void sq_gru_forward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_gru_forward_table[sq_isa()](sweep, begin, end);
}

static void sq_gru_backward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    if (sweep->units > SQ_GRU_ROOM)
        sq_gru_plain()->backward(sweep, begin, end);
    else
        sq_gru_backward_table[sq_isa()](sweep, begin, end);
}

/* The columns z and r of W_h, then those of h~; or of W_h^T: never both at once. */
static seqnn_size sq_gru_workspace(seqnn_size units)
{
    const seqnn_size gates = sq_multiply(3, units);
    const seqnn_size forward = sq_matmul_packed_size(units, gates);
    const seqnn_size backward = sq_matmul_packed_size(gates, units);
    if (forward < 0 || backward < 0)
        return -1;
    return sq_max(sq_matmul_packed_size(units, 2 * units),
                  sq_matmul_packed_size(2 * units, units)) +
           sq_matmul_packed_size(units, units);
}

static void sq_gru_pack(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    seqnn_real *W_candidate = sweep->workspace + sq_matmul_packed_size(units, 2 * units);
    sq_matmul_pack(false, 2 * units, units, sweep->W_h, 3 * units, sweep->workspace);
    sq_matmul_pack(false, units, units, sweep->W_h + 2 * units, 3 * units, W_candidate);
}

static void sq_gru_pack_back(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    seqnn_real *W_candidate = sweep->workspace + sq_matmul_packed_size(2 * units, units);
    sq_matmul_pack(true, units, 2 * units, sweep->W_h, 3 * units, sweep->workspace);
    sq_matmul_pack(true, units, units, sweep->W_h + 2 * units, 3 * units, W_candidate);
}

SQ_LOCAL const sq_cell *sq_gru_fast(void)
{
    if (sq_isa() == SQ_ISA_PLAIN)
        return sq_gru_plain();
    static const sq_cell cell = {sq_gru_forward_fast, sq_gru_backward_fast,
                                 sq_gru_workspace, sq_gru_pack, sq_gru_pack_back};
    return &cell;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* --------------------------------------------------------------------- layers/lstm.c */

/* ---- the equations ---- */

/* gates: in z = x_t W_x + h_(t-1) W_h + b, out i, f, C~, o. C may be C_prev, and h may be
 * tanh_C if that is not wanted. */
static void sq_lstm_state(seqnn_size units, seqnn_real *gates, const seqnn_real *C_prev,
                          seqnn_real *C, seqnn_real *tanh_C, seqnn_real *h)
{
    seqnn_real *i = gates, *f = i + units, *C_tilde = f + units, *o = C_tilde + units;
    for (seqnn_size j = 0; j < units; j++) {
        i[j] = sq_logistic(i[j]);
        f[j] = sq_logistic(f[j]);
        C_tilde[j] = SQ_MATH(tanh)(C_tilde[j]);
        o[j] = sq_logistic(o[j]);
        C[j] = f[j] * C_prev[j] + i[j] * C_tilde[j];
        tanh_C[j] = SQ_MATH(tanh)(C[j]);
        h[j] = o[j] * tanh_C[j];
    }
}

SEQNN_API void seqnn_lstm_step(seqnn_size inputs, seqnn_size units, const seqnn_real *W_x,
                               const seqnn_real *W_h, const seqnn_real *b,
                               const seqnn_real *x_t, const seqnn_real *h_prev,
                               const seqnn_real *C_prev, seqnn_real *gates,
                               seqnn_real *C_t, seqnn_real *h_t)
{
    for (seqnn_size j = 0; j < 4 * units; j++)
        gates[j] = b ? b[j] : 0;
    sq_add_product(inputs, 4 * units, x_t, W_x, 4 * units, gates);
    sq_add_product(units, 4 * units, h_prev, W_h, 4 * units, gates);
    sq_lstm_state(units, gates, C_prev, C_t, h_t, h_t);
}

/* ---- the sweep through time ---- */

static void sq_lstm_forward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    const size_t bytes = (size_t)units * sizeof(seqnn_real);
    for (seqnn_size n = 0; n < packing->steps; n++) {
        const seqnn_size s = sq_sweep_step(sweep, n);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            const seqnn_real *h_prev = sq_masked_state(sweep, row, k);
            seqnn_real *gates = sweep->gates + row * 4 * units;
            seqnn_real *C_state = sweep->C_state + k * units;
            seqnn_real *h = sweep->h + row * units, *C = sweep->C + row * units;
            sq_add_product(units, 4 * units, h_prev, sweep->W_h, 4 * units, gates);
            sq_lstm_state(units, gates, C_state, C, sweep->tanh_C + row * units, h);
            memcpy(sweep->h_state + k * units, h, bytes);
            memcpy(C_state, C, bytes);
        }
    }
}

static void sq_lstm_backward_step(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                  seqnn_size into, seqnn_real *dh, seqnn_real *dC)
{
    const seqnn_size units = sweep->units, row = sweep->packing->offset[s] + k;
    const seqnn_real *i = sweep->gates + row * 4 * units, *f = i + units;
    const seqnn_real *C_tilde = f + units, *o = C_tilde + units;
    const seqnn_real *tanh_C = sweep->tanh_C + row * units;
    const seqnn_real *C_prev = sq_state_before(sweep, s, k, sweep->C, sweep->C_0);
    seqnn_real *dz = sweep->dgates + into * 4 * units;
    seqnn_real *dz_i = dz, *dz_f = dz_i + units, *dz_C = dz_f + units,
               *dz_o = dz_C + units;

    for (seqnn_size j = 0; j < units; j++) {
        const seqnn_real d_o = dh[j] * tanh_C[j];
        dC[j] += dh[j] * o[j] * (1 - tanh_C[j] * tanh_C[j]);
        const seqnn_real d_i = dC[j] * C_tilde[j], d_f = dC[j] * C_prev[j];
        const seqnn_real d_C_tilde = dC[j] * i[j];
        dz_i[j] = d_i * i[j] * (1 - i[j]);
        dz_f[j] = d_f * f[j] * (1 - f[j]);
        dz_C[j] = d_C_tilde * (1 - C_tilde[j] * C_tilde[j]);
        dz_o[j] = d_o * o[j] * (1 - o[j]);
        dC[j] *= f[j]; /* dC_(t-1) */
        dh[j] = 0;
    }
    /* dh_(t-1) = dz W_h^T */
    sq_add_product_back(units, 4 * units, dz, sweep->W_h, 4 * units, sq_mask_of(sweep, k),
                        dh);
}

static void sq_lstm_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_plain_backward(sweep, begin, end, 4, true, sq_lstm_backward_step);
}

SQ_LOCAL const sq_cell *sq_lstm_plain(void)
{
    static const sq_cell cell = {sq_lstm_forward, sq_lstm_backward, NULL, NULL, NULL};
    return &cell;
}

/* dW_h = sum_t h_(t-1)^T dz_t. */
static void sq_lstm_recurrent_gradient(const sq_sweep *sweep, seqnn_real *dW_h,
                                       seqnn_real *db_h)
{
    (void)db_h;
    const seqnn_size units = sweep->units;
    sq_matmul(true, false, units, 4 * units, sweep->packing->rows, sweep->h_prev, units,
              sweep->dgates, 4 * units, true, dW_h, 4 * units);
}

/* ---- the layer ---- */

static const sq_cell_kind sq_lstm_kind = {{"lstm", sizeof(sq_recurrent),
                                           sq_recurrent_plan, sq_recurrent_forward,
                                           sq_recurrent_backward, sq_recurrent_destroy},
                                          4,    /* gates */
                                          true, /* has_C */
                                          sq_lstm_plain,
                                          sq_lstm_fast,
                                          sq_lstm_recurrent_gradient};

SEQNN_API seqnn_layer *seqnn_lstm(seqnn_model *model, seqnn_size units,
                                  seqnn_lstm_options options)
{
    return sq_recurrent_new(model, &sq_lstm_kind, units, &options);
}

SEQNN_API seqnn_tensor seqnn_lstm_gates(seqnn_layer *layer)
{
    return sq_recurrent_gates(layer, &sq_lstm_kind);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------------- layers/lstm_kernels.c */

/* The fast sweeps of the LSTM; for the equations read lstm.c. */

#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 6 /* lstm_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 6 /* lstm_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 6 /* lstm_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

SQ_ISA_TABLE_BESIDE(sq_lstm_forward_table, sq_sweep_function, NULL, lstm_forward);
SQ_ISA_TABLE_BESIDE(sq_lstm_backward_table, sq_sweep_function, NULL, lstm_backward);

static void sq_lstm_forward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_lstm_forward_table[sq_isa()](sweep, begin, end);
}

static void sq_lstm_backward_fast(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_lstm_backward_table[sq_isa()](sweep, begin, end);
}

/* W_h, or W_h^T: never both at once. */
static seqnn_size sq_lstm_workspace(seqnn_size units)
{
    const seqnn_size gates = sq_multiply(4, units);
    const seqnn_size forward = sq_matmul_packed_size(units, gates);
    const seqnn_size backward = sq_matmul_packed_size(gates, units);
    return forward < 0 || backward < 0 ? -1 : sq_max(forward, backward);
}

static void sq_lstm_pack(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(false, 4 * units, units, sweep->W_h, 4 * units, sweep->workspace);
}

static void sq_lstm_pack_back(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(true, units, 4 * units, sweep->W_h, 4 * units, sweep->workspace);
}

SQ_LOCAL const sq_cell *sq_lstm_fast(void)
{
    if (sq_isa() == SQ_ISA_PLAIN)
        return sq_lstm_plain();
    static const sq_cell cell = {sq_lstm_forward_fast, sq_lstm_backward_fast,
                                 sq_lstm_workspace, sq_lstm_pack, sq_lstm_pack_back};
    return &cell;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* -------------------------------------------------------------------- layers/model.c */

/* Running a network: the batch's sequences are packed, layers run in order, and back. */

/* ---- looking in ---- */

SEQNN_API seqnn_size seqnn_model_layers(const seqnn_model *model)
{
    return model ? model->layer_count : 0;
}

SEQNN_API seqnn_layer *seqnn_model_layer_at(seqnn_model *model, seqnn_size i)
{
    return model && i >= 0 && i < model->layer_count ? model->layers[i] : NULL;
}

SEQNN_API seqnn_layer *seqnn_model_layer(seqnn_model *model, const char *name)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        if (strcmp(model->layers[i]->name, name) == 0)
            return model->layers[i];
    return NULL;
}

SEQNN_API seqnn_real *seqnn_weights(seqnn_model *model, seqnn_size *count)
{
    bool built = !sq_model_build(model);
    if (count)
        *count = built ? model->weight_count : 0;
    return built ? model->weights : NULL;
}

SEQNN_API seqnn_real *seqnn_gradients(seqnn_model *model, seqnn_size *count)
{
    return seqnn_weights(model, count) ? model->gradients : NULL;
}

SEQNN_API seqnn_size seqnn_model_parameters(seqnn_model *model)
{
    seqnn_size total = 0;
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++)
            total += model->layers[i]->parameters[p].view.rows *
                     model->layers[i]->parameters[p].view.columns;
    return total;
}

/* ---- the batch comes in ---- */

static const char *sq_source_wants(const sq_source *source)
{
    switch (source->kind) {
    case SQ_INDICES:
        return "word indices [batch, time]";
    case SQ_SERIES:
        return "values [batch, time, features]";
    default:
        return "values [batch, features]";
    }
}

static seqnn_status sq_check_source(const seqnn_layer *layer, const sq_source *source,
                                    const seqnn_array *x, seqnn_size count)
{
    seqnn_size features = layer->out.features;
    bool right = source->kind == SQ_INDICES ? x->indices != NULL : x->values != NULL;
    if (!right || (x->time > 0) != (source->kind != SQ_VECTORS))
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': input is %s with %td steps, expected %s",
                       layer->type->kind, layer->name,
                       x->indices  ? "word indices"
                       : x->values ? "values"
                                   : "nothing",
                       x->time, sq_source_wants(source));
    if (source->kind != SQ_INDICES && x->features != features)
        return sq_fail(
            SEQNN_ERROR_SHAPE, "%s '%s': input is [%td, %td, %td], expected %td features",
            layer->type->kind, layer->name, count, x->time, x->features, features);
    if (layer->time && x->time != layer->time)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': input has %td steps, expected the %td it was built for",
                       layer->type->kind, layer->name, x->time, layer->time);
    return SEQNN_OK;
}

/* Where mask_zero finds no start and length in the batch, the zeros tell. */
static void sq_find_padding(sq_source *source, const seqnn_array *x, seqnn_size count)
{
    for (seqnn_size b = 0; b < count; b++) {
        const int32_t *row = x->indices + b * x->time;
        seqnn_size begin = 0, end = x->time;
        while (end > 0 && row[end - 1] == 0)
            end--;
        while (begin < end && row[begin] == 0)
            begin++;
        source->start[b] = (int32_t)begin;
        source->length[b] = (int32_t)(end - begin);
    }
}

static seqnn_status sq_pack_source(sq_source *source, sq_packing *packing,
                                   const seqnn_array *x, seqnn_size count)
{
    const int32_t *start = x->start, *length = x->length;
    if (source->kind == SQ_INDICES && !source->mask_zero)
        start = length = NULL;
    else if (source->mask_zero && !length) {
        sq_find_padding(source, x, count);
        start = source->start;
        length = source->length;
    } else if (!start != !length)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: start and length come together or not at all",
                       source->layer->name);
    return sq_pack(packing, source->layer->name, count, x->time, start, length);
}

static void sq_signal_rows(sq_signal *signal, const sq_packing *packing, seqnn_size count)
{
    signal->packing = packing;
    signal->rows = packing ? packing->rows : count;
    signal->gradient_written = false;
    signal->gradient_is_of_logits = false;
}

static seqnn_status sq_batch_in(seqnn_model *model, const seqnn_dataset *batch)
{
    seqnn_size times[SEQNN_MAX_INPUTS] = {0};
    if (!batch || batch->count < 1)
        return sq_fail(SEQNN_ERROR_SHAPE, "forward: the batch has no samples");
    for (int k = 0; k < model->source_count; k++) {
        const sq_source *source = &model->sources[k];
        seqnn_status status =
            sq_check_source(source->layer, source, &batch->x[k], batch->count);
        if (status)
            return status;
        times[k] = batch->x[k].time;
    }
    seqnn_status status = sq_model_plan(model, batch->count, times);
    for (int k = 0; k < model->source_count && !status; k++) {
        sq_source *source = &model->sources[k];
        if (source->kind != SQ_VECTORS)
            status = sq_pack_source(source, &source->packing, &batch->x[k], batch->count);
    }
    return status;
}

/* ---- forward and backward ---- */

SQ_LOCAL bool sq_wants_gradient(const seqnn_layer *layer)
{
    for (int p = 0; p < layer->parameter_count; p++)
        if (sq_trains(layer, p))
            return true;
    for (int i = 0; i < layer->input_count; i++)
        if (sq_wants_gradient(layer->inputs[i]))
            return true;
    return false;
}

static seqnn_status sq_run_forward(seqnn_model *model, const seqnn_dataset *batch)
{
    seqnn_status status = sq_batch_in(model, batch);
    if (status)
        return status;
    model->count = batch->count;
    model->batch = batch;
    for (seqnn_size i = 0; i < model->layer_count && !status; i++) {
        seqnn_layer *layer = model->layers[i];
        sq_signal_rows(&layer->out,
                       layer->source >= 0 ? &model->sources[layer->source].packing : NULL,
                       batch->count);
        if (layer->input_count > 0)
            layer->in = &layer->inputs[0]->out;
        status = layer->type->forward(layer, model->mode);
    }
    model->batch = NULL;
    return status;
}

SEQNN_API seqnn_status seqnn_forward(seqnn_model *model, const seqnn_dataset *batch,
                                     seqnn_mode mode)
{
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    model->mode = mode;
    model->lone_forward = false;
    model->run_status = sq_run_forward(model, batch);
    if (mode == SEQNN_TRAIN)
        model->pass++;
    return model->run_status;
}

SEQNN_API seqnn_tensor seqnn_output(seqnn_model *model)
{
    return seqnn_layer_output(seqnn_model_layer_at(model, seqnn_model_layers(model) - 1));
}

SEQNN_API seqnn_status seqnn_set_output_gradient(seqnn_model *model,
                                                 const seqnn_real *gradient)
{
    if (!model || !model->count || model->run_status || model->lone_forward)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "set_output_gradient: there was no forward pass to go back");
    if (!gradient)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "set_output_gradient: gradient is NULL");
    sq_signal *out = &model->layers[model->layer_count - 1]->out;
    if (out->packing)
        sq_pack_rows(out->packing, out->features, gradient, out->gradient);
    else
        memcpy(out->gradient, gradient,
               (size_t)(out->rows * out->features) * sizeof *gradient);
    out->gradient_written = true;
    out->gradient_is_of_logits = false;
    return SEQNN_OK;
}

/* A gradient reached the layer: from above, or through its final state. */
static void sq_run_backward(seqnn_layer *layer)
{
    sq_signal *out = &layer->out;
    if (!out->gradient_written && !layer->state_gradient)
        return;
    if (!out->gradient_written)
        memset(out->gradient, 0,
               (size_t)(out->rows * out->features) * sizeof *out->gradient);
    layer->type->backward(layer);
    layer->state_gradient = false;
}

SEQNN_API seqnn_status seqnn_backward(seqnn_model *model)
{
    if (!model || !model->count || model->run_status || model->lone_forward)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "backward: there was no forward pass to go back");
    for (seqnn_size i = 0; i < model->layer_count; i++)
        model->layers[i]->out.gradient_wanted = sq_wants_gradient(model->layers[i]);
    for (seqnn_size i = model->layer_count - 1; i >= 0; i--)
        sq_run_backward(model->layers[i]);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        model->layers[i]->out.gradient_written = false;
    return SEQNN_OK;
}

SEQNN_API void seqnn_zero_gradients(seqnn_model *model)
{
    if (!model || !model->built)
        return;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const sq_parameter *parameter = &model->layers[i]->parameters[p];
            const seqnn_parameter *view = &parameter->view;
            sq_touched *touched = parameter->touched;
            size_t row_bytes = (size_t)view->columns * sizeof(seqnn_real);
            if (!touched) {
                memset(view->gradient, 0, (size_t)view->rows * row_bytes);
                continue;
            }
            for (seqnn_size t = 0; t < touched->count; t++) {
                seqnn_size row = touched->rows[t];
                memset(view->gradient + row * view->columns, 0, row_bytes);
                touched->mark[row] = 0;
            }
            touched->count = 0;
        }
}

SEQNN_API void seqnn_mark_gradients(seqnn_model *model)
{
    if (!model || !model->built)
        return;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const sq_parameter *parameter = &model->layers[i]->parameters[p];
            sq_touched *touched = parameter->touched;
            for (seqnn_size row = 0; touched && row < parameter->view.rows; row++)
                if (!touched->mark[row]) {
                    touched->mark[row] = 1;
                    touched->rows[touched->count++] = (int32_t)row;
                }
        }
}

/* ---- one layer alone ---- */

/* The given x becomes the signal that the layer reads. */
static seqnn_status sq_lone_signal(seqnn_layer *layer, const seqnn_array *x,
                                   seqnn_size count)
{
    seqnn_model *model = layer->model;
    sq_signal *in = &model->lone_in;
    seqnn_size features = layer->inputs[0]->out.features;
    bool sequence = layer->inputs[0]->source >= 0;
    if (!x->values || x->features != features || (x->time > 0) != sequence)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s '%s': input is [%td, %td, %td], expected %s%td]",
                       layer->type->kind, layer->name, count, x->time, x->features,
                       sequence ? "[batch, time, " : "[batch, ", features);
    if (!x->start != !x->length)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: start and length come together or not at all", layer->name);
    if (sequence) {
        seqnn_status status = sq_pack(&model->lone.packing, layer->name, count, x->time,
                                      x->start, x->length);
        if (status)
            return status;
    }
    sq_signal_rows(in, sequence ? &model->lone.packing : NULL, count);
    seqnn_size cells = sq_multiply(sq_multiply(count, sequence ? x->time : 1), features);
    if (cells > model->lone_capacity || cells < 0) {
        sq_free(in->value);
        sq_free(in->gradient);
        in->value = (seqnn_real *)sq_allocate(cells, sizeof(seqnn_real));
        in->gradient = (seqnn_real *)sq_allocate(cells, sizeof(seqnn_real));
        model->lone_capacity = in->value && in->gradient ? cells : 0;
        if (!model->lone_capacity)
            return SEQNN_ERROR_MEMORY;
    }
    in->features = features;
    in->activation = SEQNN_LINEAR;
    in->logits = NULL;
    if (sequence)
        sq_pack_rows(in->packing, features, x->values, in->value);
    else
        memcpy(in->value, x->values, (size_t)cells * sizeof(seqnn_real));
    layer->in = in;
    return SEQNN_OK;
}

static seqnn_status sq_run_lone(seqnn_layer *layer, const seqnn_array *x,
                                seqnn_size count, seqnn_mode mode)
{
    seqnn_model *model = layer->model;
    seqnn_dataset batch;
    seqnn_size times[SEQNN_MAX_INPUTS];
    memset(&batch, 0, sizeof batch);
    if (count < 1)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: no samples", layer->name);
    if (layer->input_count > 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: a layer of two inputs cannot run alone",
                       layer->name);
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        times[k] = sq_max(x->time, 1);
    seqnn_status status = sq_model_plan(model, count, times);
    if (!status && layer->input_count == 0) { /* a source reads the batch itself */
        int k = 0;
        while (model->sources[k].layer != layer)
            k++;
        status = sq_check_source(layer, &model->sources[k], x, count);
        if (!status && model->sources[k].kind != SQ_VECTORS)
            status = sq_pack_source(&model->sources[k], &model->lone.packing, x, count);
        batch.x[k] = *x;
    } else if (!status) {
        status = sq_lone_signal(layer, x, count);
    }
    if (status)
        return status;
    batch.count = count;
    model->count = count;
    model->mode = mode;
    model->lone_forward = true;
    model->lone_layer = layer;
    model->batch = &batch;
    sq_signal_rows(&layer->out, layer->source >= 0 ? &model->lone.packing : NULL, count);
    status = layer->type->forward(layer, mode);
    model->batch = NULL;
    return status;
}

SEQNN_API seqnn_status seqnn_layer_forward(seqnn_layer *layer, const seqnn_array *x,
                                           seqnn_size count, seqnn_mode mode)
{
    if (!layer || !x)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "layer_forward: NULL");
    seqnn_status status = sq_model_build(layer->model);
    if (status)
        return status;
    layer->model->run_status = sq_run_lone(layer, x, count, mode);
    if (mode == SEQNN_TRAIN)
        layer->model->pass++;
    return layer->model->run_status;
}

SEQNN_API seqnn_array seqnn_as_input(seqnn_tensor tensor)
{
    seqnn_array x;
    memset(&x, 0, sizeof x);
    x.values = tensor.data;
    x.time = tensor.rank == 3 ? tensor.shape[1] : 0;
    x.features = seqnn_tensor_columns(tensor);
    return x;
}

SEQNN_API seqnn_status seqnn_layer_backward(seqnn_layer *layer, const seqnn_real *dy,
                                            seqnn_real *dx)
{
    if (!layer || !layer->model->lone_forward || layer->model->lone_layer != layer ||
        !layer->model->count || layer->model->run_status)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "layer_backward: there was no forward pass of this layer alone");
    sq_signal *out = &layer->out, *in = layer->in;
    size_t out_bytes = (size_t)(out->rows * out->features) * sizeof(seqnn_real);
    if (!dy)
        memset(out->gradient, 0, out_bytes);
    else if (out->packing)
        sq_pack_rows(out->packing, out->features, dy, out->gradient);
    else
        memcpy(out->gradient, dy, out_bytes);
    out->gradient_written = true;
    if (in) {
        in->gradient_wanted = dx != NULL;
        in->gradient_written = false;
    }
    sq_run_backward(layer);
    out->gradient_written = false;
    if (!in || !dx)
        return SEQNN_OK;
    if (in->packing)
        sq_unpack_rows(in->packing, in->features, in->gradient, dx);
    else
        memcpy(dx, in->gradient, (size_t)(in->rows * in->features) * sizeof(seqnn_real));
    return SEQNN_OK;
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------------------ layers/pooling.c */

/* ---- max over time ---- */

typedef struct sq_max_pool {
    seqnn_layer base;
    seqnn_size *winner; /* [batch, features] packed row of the maximum, -1 if none */
} sq_max_pool;

static void sq_max_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                        seqnn_size rows)
{
    (void)rows;
    ((sq_max_pool *)layer)->winner = (seqnn_size *)sq_arena_take(
        arena, sq_multiply(batch, layer->out.features), sizeof(seqnn_size));
}

static seqnn_status sq_max_forward(seqnn_layer *layer, seqnn_mode mode)
{
    seqnn_size *winner = ((sq_max_pool *)layer)->winner;
    const sq_packing *packing = layer->in->packing;
    seqnn_size features = layer->out.features;
    (void)mode;
    for (seqnn_size k = 0; k < packing->batch; k++) {
        seqnn_real *y = layer->out.value + packing->order[k] * features;
        seqnn_size *from = winner + packing->order[k] * features;
        for (seqnn_size j = 0; j < features; j++) {
            y[j] = 0;
            from[j] = -1;
        }
        for (seqnn_size s = 0; s < packing->length[k]; s++) {
            seqnn_size row = packing->offset[s] + k;
            const seqnn_real *x = layer->in->value + row * features;
            for (seqnn_size j = 0; j < features; j++)
                if (s == 0 || x[j] > y[j]) {
                    y[j] = x[j];
                    from[j] = row;
                }
        }
    }
    return SEQNN_OK;
}

static void sq_max_backward(seqnn_layer *layer)
{
    const seqnn_size *winner = ((const sq_max_pool *)layer)->winner;
    sq_signal *in = layer->in;
    seqnn_size features = layer->out.features;
    if (!in->gradient_wanted)
        return;
    if (!in->gradient_written)
        memset(in->gradient, 0, (size_t)(in->rows * features) * sizeof(seqnn_real));
    in->gradient_written = true;
    for (seqnn_size i = 0; i < layer->out.rows * features; i++)
        if (winner[i] >= 0)
            in->gradient[winner[i] * features + i % features] += layer->out.gradient[i];
}

/* ---- mean over time ---- */

static seqnn_status sq_mean_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_packing *packing = layer->in->packing;
    seqnn_size features = layer->out.features;
    (void)mode;
    for (seqnn_size k = 0; k < packing->batch; k++) {
        seqnn_real *y = layer->out.value + packing->order[k] * features;
        memset(y, 0, (size_t)features * sizeof *y);
        for (seqnn_size s = 0; s < packing->length[k]; s++) {
            const seqnn_real *x = layer->in->value + (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                y[j] += x[j];
        }
        seqnn_real length = (seqnn_real)sq_max(packing->length[k], 1);
        for (seqnn_size j = 0; j < features; j++)
            y[j] /= length;
    }
    return SEQNN_OK;
}

static void sq_mean_backward(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    const sq_packing *packing = in->packing;
    seqnn_size features = layer->out.features;
    if (!in->gradient_wanted)
        return;
    if (!in->gradient_written)
        memset(in->gradient, 0, (size_t)(in->rows * features) * sizeof(seqnn_real));
    in->gradient_written = true;
    for (seqnn_size k = 0; k < packing->batch; k++) {
        const seqnn_real *dy = layer->out.gradient + packing->order[k] * features;
        seqnn_real length = (seqnn_real)packing->length[k];
        for (seqnn_size s = 0; s < packing->length[k]; s++) {
            seqnn_real *dx = in->gradient + (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                dx[j] += dy[j] / length;
        }
    }
}

/* ---- flatten ---- */

typedef struct sq_flatten_layer {
    seqnn_layer base;
    seqnn_real *part; /* [rows, features of a step] the gradient in packed order */
} sq_flatten_layer;

static void sq_flatten_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    (void)batch;
    ((sq_flatten_layer *)layer)->part = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->inputs[0]->out.features), sizeof(seqnn_real));
}

static seqnn_status sq_flatten_forward(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_packing *packing = layer->in->packing;
    (void)mode;
    if (packing->rows != packing->batch * packing->time || packing->time != layer->inputs[0]->time)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "flatten '%s': takes sequences of %td steps each, none of them "
                       "padding; a batch of %td has %td steps in all",
                       layer->name, layer->inputs[0]->time, packing->batch, packing->rows);
    sq_unpack_rows(packing, layer->in->features, layer->in->value, layer->out.value);
    return SEQNN_OK;
}

static void sq_flatten_backward(seqnn_layer *layer)
{
    seqnn_real *part = ((sq_flatten_layer *)layer)->part;
    sq_signal *in = layer->in;
    sq_pack_rows(in->packing, in->features, layer->out.gradient, part);
    sq_signal_add_gradient(in, part);
}

static const sq_layer_type sq_max_type = {"global_max_pool", sizeof(sq_max_pool),
                                          sq_max_plan,       sq_max_forward,
                                          sq_max_backward,   NULL};
static const sq_layer_type sq_mean_type = {"global_mean_pool", sizeof(seqnn_layer),
                                           NULL,               sq_mean_forward,
                                           sq_mean_backward,   NULL};
static const sq_layer_type sq_flatten_type = {"flatten",           sizeof(sq_flatten_layer),
                                              sq_flatten_plan,     sq_flatten_forward,
                                              sq_flatten_backward, NULL};

static seqnn_layer *sq_pooling_new(seqnn_model *model, const sq_layer_type *type,
                                   const seqnn_pooling_options *options)
{
    seqnn_layer *layer = sq_layer_new(model, type, options->name, options->input);
    if (!layer)
        return NULL;
    if (layer->inputs[0]->source < 0) {
        sq_model_fail(model, SEQNN_ERROR_SHAPE,
                      "%s '%s': input '%s' is [batch, %td], expected [batch, time, features]",
                      type->kind, layer->name, layer->inputs[0]->name, layer->in->features);
        return NULL;
    }
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], false);
    return layer;
}

SEQNN_API seqnn_layer *seqnn_global_max_pool(seqnn_model *model,
                                             seqnn_pooling_options options)
{
    return sq_pooling_new(model, &sq_max_type, &options);
}

SEQNN_API seqnn_layer *seqnn_global_mean_pool(seqnn_model *model,
                                              seqnn_pooling_options options)
{
    return sq_pooling_new(model, &sq_mean_type, &options);
}

SEQNN_API seqnn_layer *seqnn_flatten(seqnn_model *model, seqnn_pooling_options options)
{
    seqnn_layer *layer = sq_pooling_new(model, &sq_flatten_type, &options);
    if (!layer)
        return NULL;
    seqnn_size time = layer->inputs[0]->time;
    seqnn_size features = sq_multiply(time, layer->in->features);
    if (time == 0 || features < 0) {
        sq_model_fail(model, SEQNN_ERROR_SHAPE,
                      "flatten '%s': the length of '%s' is not fixed; give its source the "
                      "option time",
                      layer->name, layer->inputs[0]->name);
        return NULL;
    }
    layer->out.features = features;
    return layer;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* --------------------------------------------------------------- layers/simple_rnn.c */

/* ---- the equations ---- */

/* h_t = g(z_t); h may be z. */
static void sq_simple_rnn_state(seqnn_activation activation, seqnn_size units,
                                const seqnn_real *z, seqnn_real *h)
{
    for (seqnn_size j = 0; j < units; j++)
        switch (activation) {
        case SEQNN_LINEAR:
            h[j] = z[j];
            break;
        case SEQNN_SIGMOID:
            h[j] = sq_logistic(z[j]);
            break;
        case SEQNN_RELU:
            h[j] = z[j] < 0 ? 0 : z[j]; /* NaN passes */
            break;
        default:
            h[j] = SQ_MATH(tanh)(z[j]);
        }
}

/* g'(z_t), from h_t = g(z_t). */
static seqnn_real sq_simple_rnn_slope(seqnn_activation activation, seqnn_real h)
{
    switch (activation) {
    case SEQNN_LINEAR:
        return 1;
    case SEQNN_SIGMOID:
        return h * (1 - h);
    case SEQNN_RELU:
        return h > 0 ? (seqnn_real)1 : (seqnn_real)0;
    default:
        return 1 - h * h;
    }
}

SEQNN_API void seqnn_simple_rnn_step(seqnn_size inputs, seqnn_size units,
                                     seqnn_activation activation, const seqnn_real *W_x,
                                     const seqnn_real *W_h, const seqnn_real *b,
                                     const seqnn_real *x_t, const seqnn_real *h_prev,
                                     seqnn_real *h_t)
{
    for (seqnn_size j = 0; j < units; j++) {
        seqnn_real z = b ? b[j] : 0;
        for (seqnn_size i = 0; i < inputs; i++)
            z += x_t[i] * W_x[i * units + j];
        for (seqnn_size i = 0; i < units; i++)
            z += h_prev[i] * W_h[i * units + j];
        h_t[j] = z;
    }
    sq_simple_rnn_state(activation, units, h_t, h_t);
}

/* ---- the sweep through time ---- */

static void sq_simple_rnn_forward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            const seqnn_real *h_prev = sq_masked_state(sweep, row, k);
            seqnn_real *z = sweep->gates + row * units;
            seqnn_real *h = sweep->h + row * units;
            sq_add_product(units, units, h_prev, sweep->W_h, units, z);
            sq_simple_rnn_state(sweep->activation, units, z, h);
            memcpy(sweep->h_state + k * units, h, (size_t)units * sizeof *h);
        }
    }
}

/* dz_t = dh_t * g'(z_t),  dh_(t-1) = dz_t W_h^T. */
static void sq_simple_rnn_backward_step(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                        seqnn_size into, seqnn_real *dh, seqnn_real *dC)
{
    (void)dC;
    const seqnn_size units = sweep->units;
    const seqnn_real *h = sweep->h + (sweep->packing->offset[s] + k) * units;
    seqnn_real *dz = sweep->dgates + into * units;
    for (seqnn_size j = 0; j < units; j++) {
        dz[j] = dh[j] * sq_simple_rnn_slope(sweep->activation, h[j]);
        dh[j] = 0;
    }
    sq_add_product_back(units, units, dz, sweep->W_h, units, sq_mask_of(sweep, k), dh);
}

static void sq_simple_rnn_backward(const sq_sweep *sweep, seqnn_size begin,
                                   seqnn_size end)
{
    sq_plain_backward(sweep, begin, end, 1, false, sq_simple_rnn_backward_step);
}

SQ_LOCAL const sq_cell *sq_simple_rnn_plain(void)
{
    static const sq_cell cell = {sq_simple_rnn_forward, sq_simple_rnn_backward, NULL,
                                 NULL, NULL};
    return &cell;
}

/* dW_h = sum_t h_(t-1)^T dz_t. */
static void sq_simple_rnn_recurrent_gradient(const sq_sweep *sweep, seqnn_real *dW_h,
                                             seqnn_real *db_h)
{
    (void)db_h;
    const seqnn_size units = sweep->units;
    sq_matmul(true, false, units, units, sweep->packing->rows, sweep->h_prev, units,
              sweep->dgates, units, true, dW_h, units);
}

/* ---- the layer ---- */

static const sq_cell_kind sq_simple_rnn_kind = {
    {"simple_rnn", sizeof(sq_recurrent), sq_recurrent_plan, sq_recurrent_forward,
     sq_recurrent_backward, sq_recurrent_destroy},
    1,     /* gates */
    false, /* has_C */
    sq_simple_rnn_plain,
    sq_simple_rnn_fast,
    sq_simple_rnn_recurrent_gradient};

SEQNN_API seqnn_layer *seqnn_simple_rnn(seqnn_model *model, seqnn_size units,
                                        seqnn_rnn_options options)
{
    return sq_recurrent_new(model, &sq_simple_rnn_kind, units, &options);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------- layers/simple_rnn_kernels.c */

/* The fast sweeps of the vanilla RNN; for the equations read simple_rnn.c. */

#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 7 /* simple_rnn_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 7 /* simple_rnn_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif
#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 7 /* simple_rnn_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

SQ_ISA_TABLE_BESIDE(sq_simple_rnn_forward_table, sq_sweep_function, NULL,
                    simple_rnn_forward);
SQ_ISA_TABLE_BESIDE(sq_simple_rnn_backward_table, sq_sweep_function, NULL,
                    simple_rnn_backward);

static void sq_simple_rnn_forward_fast(const sq_sweep *sweep, seqnn_size begin,
                                       seqnn_size end)
{
    sq_simple_rnn_forward_table[sq_isa()](sweep, begin, end);
}

static void sq_simple_rnn_backward_fast(const sq_sweep *sweep, seqnn_size begin,
                                        seqnn_size end)
{
    sq_simple_rnn_backward_table[sq_isa()](sweep, begin, end);
}

static seqnn_size sq_simple_rnn_workspace(seqnn_size units)
{
    return sq_matmul_packed_size(units, units);
}

static void sq_simple_rnn_pack(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(false, units, units, sweep->W_h, units, sweep->workspace);
}

static void sq_simple_rnn_pack_back(const sq_sweep *sweep)
{
    const seqnn_size units = sweep->units;
    sq_matmul_pack(true, units, units, sweep->W_h, units, sweep->workspace);
}

SQ_LOCAL const sq_cell *sq_simple_rnn_fast(void)
{
    if (sq_isa() == SQ_ISA_PLAIN)
        return sq_simple_rnn_plain();
    static const sq_cell cell = {sq_simple_rnn_forward_fast, sq_simple_rnn_backward_fast,
                                 sq_simple_rnn_workspace, sq_simple_rnn_pack,
                                 sq_simple_rnn_pack_back};
    return &cell;
}

/* --------------------------------------------------------------------- layers/bias.c */

typedef struct sq_bias_work {
    seqnn_size rows, distance;
    const seqnn_real *dy;
    seqnn_real *db;
} sq_bias_work;

static void sq_bias_columns(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_bias_work *work = (const sq_bias_work *)context;
    seqnn_real *SQ_RESTRICT db = work->db;
    for (seqnn_size r = 0; r < work->rows; r++) {
        const seqnn_real *SQ_RESTRICT dy = work->dy + r * work->distance;
        for (seqnn_size j = begin; j < end; j++)
            db[j] += dy[j];
    }
}

SQ_LOCAL void sq_bias_gradient(seqnn_size rows, seqnn_size columns, const seqnn_real *dy,
                               seqnn_size distance, seqnn_real *db)
{
    sq_bias_work work = {rows, distance, dy, db};
    /* Columns are shared out, so that every sum runs over the rows in order. */
    seqnn_size pieces = rows * columns > 100000 ? sq_threads() : 1;
    sq_parallel(columns, sq_max(16, (columns + pieces - 1) / pieces), sq_bias_columns,
                &work);
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ------------------------------------------------------------------ layers/packing.c */

SQ_LOCAL void sq_packing_plan(sq_packing *packing, sq_arena *arena, seqnn_size batch,
                              seqnn_size time)
{
    seqnn_size cells = sq_multiply(batch, time);
    packing->order = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
    packing->start = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
    packing->length = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
    packing->offset = (seqnn_size *)sq_arena_take(arena, time + 1, sizeof(seqnn_size));
    packing->source = (seqnn_size *)sq_arena_take(arena, cells, sizeof(seqnn_size));
    packing->count = (seqnn_size *)sq_arena_take(arena, time + 2, sizeof(seqnn_size));
}

static seqnn_status sq_check_lengths(const char *who, seqnn_size batch, seqnn_size time,
                                     const int32_t *start, const int32_t *length)
{
    for (seqnn_size b = 0; b < batch; b++)
        if (start[b] < 0 || length[b] < 0 || (seqnn_size)start[b] + length[b] > time)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "%s: sample %td has start %d and length %d, but there are %td "
                           "steps",
                           who, b, (int)start[b], (int)length[b], time);
    return SEQNN_OK;
}

/* Longest first; equal lengths stay in the user's order. A counting sort by length. */
static void sq_order_by_length(sq_packing *packing, const int32_t *length)
{
    seqnn_size batch = packing->batch, time = packing->time;
    seqnn_size *first = packing->count; /* first[l]: position of the next length l */
    memset(first, 0, (size_t)(time + 2) * sizeof *first);
    for (seqnn_size b = 0; b < batch; b++)
        first[length ? length[b] : time]++;
    seqnn_size position = 0;
    for (seqnn_size l = time; l >= 0; l--) {
        seqnn_size here = first[l];
        first[l] = position;
        position += here;
    }
    for (seqnn_size b = 0; b < batch; b++)
        packing->order[first[length ? length[b] : time]++] = (int32_t)b;
}

SQ_LOCAL seqnn_status sq_pack(sq_packing *packing, const char *who, seqnn_size batch,
                              seqnn_size time, const int32_t *start, const int32_t *length)
{
    if (length) {
        seqnn_status status = sq_check_lengths(who, batch, time, start, length);
        if (status)
            return status;
    }
    packing->batch = batch;
    packing->time = time;
    sq_order_by_length(packing, length);
    for (seqnn_size k = 0; k < batch; k++) {
        packing->start[k] = length ? start[packing->order[k]] : 0;
        packing->length[k] = length ? length[packing->order[k]] : (int32_t)time;
    }
    packing->steps = batch > 0 ? packing->length[0] : 0;
    seqnn_size row = 0, active = batch;
    for (seqnn_size s = 0; s < packing->steps; s++) {
        packing->offset[s] = row;
        while (active > 0 && packing->length[active - 1] <= s)
            active--;
        for (seqnn_size k = 0; k < active; k++)
            packing->source[row++] = packing->order[k] * time + packing->start[k] + s;
    }
    packing->offset[packing->steps] = row;
    packing->rows = row;
    return SEQNN_OK;
}

SQ_LOCAL void sq_pack_rows(const sq_packing *packing, seqnn_size features,
                           const seqnn_real *values, seqnn_real *rows)
{
    size_t bytes = (size_t)features * sizeof(seqnn_real);
    for (seqnn_size r = 0; r < packing->rows; r++)
        memcpy(rows + r * features, values + packing->source[r] * features, bytes);
}

SQ_LOCAL void sq_unpack_rows(const sq_packing *packing, seqnn_size features,
                             const seqnn_real *rows, seqnn_real *values)
{
    size_t bytes = (size_t)features * sizeof(seqnn_real);
    if (packing->rows < packing->batch * packing->time)
        memset(values, 0, (size_t)(packing->batch * packing->time) * bytes);
    for (seqnn_size r = 0; r < packing->rows; r++)
        memcpy(values + packing->source[r] * features, rows + r * features, bytes);
}

/* -------------------------------------------------------------------- layers/graph.c */

/* ---- errors that stay ---- */

SQ_LOCAL seqnn_status sq_model_fail(seqnn_model *model, seqnn_status status,
                                    const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(model->message, sizeof model->message, format, list);
    va_end(list);
    model->status = status;
    return sq_fail(status, "%s", model->message);
}

/* True if the model takes no more calls; its sentence is told again. */
static bool sq_model_refuses(seqnn_model *model)
{
    if (!model) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "model: NULL");
        return true;
    }
    if (model->status)
        sq_fail(model->status, "%s", model->message);
    return model->status != SEQNN_OK;
}

/* ---- building ---- */

SEQNN_API seqnn_model *seqnn_model_new(uint64_t seed)
{
    seqnn_model *model = (seqnn_model *)sq_allocate(1, sizeof *model);
    if (model)
        model->seed = seed;
    return model;
}

static void sq_layer_free(seqnn_layer *layer)
{
    if (layer->type->destroy)
        layer->type->destroy(layer);
    for (int p = 0; p < layer->parameter_count; p++)
        sq_free(layer->parameters[p].given);
    sq_free(layer->unpacked);
    sq_free(layer);
}

SEQNN_API void seqnn_free(seqnn_model *model)
{
    if (!model)
        return;
    if (model->free_training)
        model->free_training(model->training);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        sq_layer_free(model->layers[i]);
    sq_free(model->layers);
    sq_free(model->lone_in.value);
    sq_free(model->lone_in.gradient);
    sq_arena_free(&model->blocks);
    sq_arena_free(&model->activations);
    sq_free(model);
}

SEQNN_API bool seqnn_ok(const seqnn_model *model)
{
    return model && !model->status && !model->run_status;
}

/* "lstm_2": the second of its kind. */
static void sq_default_name(seqnn_layer *layer)
{
    char name[SQ_NAME_SIZE];
    int number = 1;
    for (seqnn_size i = 0; i < layer->model->layer_count; i++)
        number += layer->model->layers[i]->type == layer->type;
    do /* the user may have given the name to another layer */
        snprintf(name, sizeof name, "%s_%d", layer->type->kind, number++);
    while (seqnn_model_layer(layer->model, name));
    memcpy(layer->name, name, sizeof name);
}

static seqnn_layer *sq_layer_append(seqnn_model *model, const sq_layer_type *type,
                                    const char *name)
{
    if (sq_model_refuses(model))
        return NULL;
    if (model->built) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s: the model is in use; layers are added before its first pass",
                      type->kind);
        return NULL;
    }
    if (name && (strlen(name) >= SQ_NAME_SIZE || seqnn_model_layer(model, name))) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s '%.80s': a name is unique in its model and under %d bytes",
                      type->kind, name, (int)SQ_NAME_SIZE);
        return NULL;
    }
    void *list = model->layers;
    seqnn_layer *layer = NULL;
    if (!sq_grow(&list, &model->layer_capacity, model->layer_count + 1,
                 sizeof *model->layers)) {
        model->layers = (seqnn_layer **)list;
        layer = (seqnn_layer *)sq_allocate(1, type->size);
    }
    if (!layer) {
        sq_model_fail(model, SEQNN_ERROR_MEMORY, "%s: no memory for a layer", type->kind);
        return NULL;
    }
    layer->type = type;
    layer->model = model;
    layer->index = model->layer_count;
    layer->source = -1;
    if (name)
        memcpy(layer->name, name, strlen(name) + 1);
    else
        sq_default_name(layer);
    model->layers[model->layer_count++] = layer;
    return layer;
}

SQ_LOCAL seqnn_layer *sq_layer_new(seqnn_model *model, const sq_layer_type *type,
                                   const char *name, seqnn_layer *input)
{
    if (sq_model_refuses(model))
        return NULL;
    if (!input && model->layer_count == 0) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s: the first layer is an embedding, sequences or vectors",
                      type->kind);
        return NULL;
    }
    if (!input)
        input = model->layers[model->layer_count - 1];
    if (input->model != model) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "%s: its input '%s' is in another model", type->kind, input->name);
        return NULL;
    }
    seqnn_layer *layer = sq_layer_append(model, type, name);
    if (layer)
        sq_layer_add_input(layer, input);
    return layer;
}

SQ_LOCAL seqnn_layer *sq_source_new(seqnn_model *model, const sq_layer_type *type,
                                    const char *name, sq_source_kind kind,
                                    seqnn_size features, seqnn_size time)
{
    if (sq_model_refuses(model))
        return NULL;
    if (features < 1 || features > SQ_MAX_FEATURES || time < 0 || time > INT32_MAX) {
        sq_model_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: %td features and length %td; expected at least 1, and 0 or more, and "
            "numbers that fit in memory",
            type->kind, features, time);
        return NULL;
    }
    if (model->source_count == SEQNN_MAX_INPUTS) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT, "%s: a model has at most %d sources",
                      type->kind, (int)SEQNN_MAX_INPUTS);
        return NULL;
    }
    seqnn_layer *layer = sq_layer_append(model, type, name);
    if (!layer)
        return NULL;
    sq_source *source = &model->sources[model->source_count];
    source->kind = kind;
    source->layer = layer;
    layer->source = kind == SQ_VECTORS ? -1 : model->source_count;
    layer->time = kind == SQ_VECTORS ? 0 : time;
    layer->out.features = features;
    model->source_count++;
    return layer;
}

SQ_LOCAL void sq_layer_add_input(seqnn_layer *layer, seqnn_layer *input)
{
    if (layer->input_count == 0)
        layer->in = &input->out;
    layer->inputs[layer->input_count++] = input;
}

SQ_LOCAL void sq_layer_shape(seqnn_layer *layer, seqnn_size features,
                             const seqnn_layer *like, bool sequence)
{
    layer->out.features = features;
    layer->source = sequence ? like->source : -1;
    layer->time = sequence ? like->time : 0;
}

SQ_LOCAL sq_parameter *sq_layer_add_parameter(seqnn_layer *layer, const char *name,
                                              seqnn_size rows, seqnn_size columns,
                                              seqnn_size blocks, seqnn_initializer how,
                                              seqnn_initializer_kind fallback)
{
    sq_parameter *parameter = &layer->parameters[layer->parameter_count++];
    parameter->view.name = name;
    parameter->view.rows = rows;
    parameter->view.columns = columns;
    parameter->view.frozen = layer->frozen;
    parameter->initializer = how;
    if (how.kind == SEQNN_INITIALIZER_DEFAULT)
        parameter->initializer.kind = fallback;
    parameter->blocks = blocks;
    seqnn_size size = sq_multiply(rows, columns);
    bool possible = rows >= 1 && columns >= 1 && size >= 0 &&
                    size <= (seqnn_size)(PTRDIFF_MAX / (64 * sizeof(seqnn_real)));
    if (!possible && !layer->model->status) /* the first sentence stays */
        sq_model_fail(layer->model, SEQNN_ERROR_MEMORY,
                      "%s '%s': a parameter %s of [%td, %td] values is not possible",
                      layer->type->kind, layer->name, name, rows, columns);
    return parameter;
}

/* ---- the flat blocks ---- */

static sq_parameter *sq_each_parameter(seqnn_model *model, seqnn_size *layer, int *number)
{
    while (*layer < model->layer_count) {
        seqnn_layer *at = model->layers[*layer];
        if (*number < at->parameter_count)
            return &at->parameters[(*number)++];
        *number = 0;
        (*layer)++;
    }
    return NULL;
}

/* Taken twice: once to count, once to hand out. */
static void sq_take_blocks(seqnn_model *model)
{
    enum { LINE = 64 / sizeof(seqnn_real) }; /* a parameter begins a cache line */
    seqnn_size total = 0, layer = 0;
    int number = 0;
    sq_parameter *p;
    while ((p = sq_each_parameter(model, &layer, &number)) != NULL) {
        p->offset = total;
        seqnn_size size = (p->view.rows * p->view.columns + LINE - 1) / LINE * LINE;
        if (size > PTRDIFF_MAX / (4 * (seqnn_size)sizeof(seqnn_real)) - total)
            model->blocks.overflow = true;
        else
            total += size;
    }
    model->weight_count = total;
    model->weights =
        (seqnn_real *)sq_arena_take(&model->blocks, total, sizeof(seqnn_real));
    model->gradients =
        (seqnn_real *)sq_arena_take(&model->blocks, total, sizeof(seqnn_real));
    layer = 0;
    number = 0;
    while ((p = sq_each_parameter(model, &layer, &number)) != NULL) {
        if (!p->touched)
            continue;
        p->touched->rows =
            (int32_t *)sq_arena_take(&model->blocks, p->view.rows, sizeof(int32_t));
        p->touched->mark = (uint8_t *)sq_arena_take(&model->blocks, p->view.rows, 1);
    }
}

static seqnn_status sq_initialize_parameters(seqnn_model *model)
{
    seqnn_size layer = 0;
    int number = 0;
    uint64_t stream = 1;
    sq_parameter *p;
    while ((p = sq_each_parameter(model, &layer, &number)) != NULL) {
        seqnn_parameter *view = &p->view;
        view->value = model->weights + p->offset;
        view->gradient = model->gradients + p->offset;
        seqnn_status status = SEQNN_OK;
        if (p->given)
            memcpy(view->value, p->given,
                   (size_t)(view->rows * view->columns) * sizeof(seqnn_real));
        else
            status = seqnn_initialize(p->initializer, view->value, view->rows,
                                      view->columns, p->blocks, model->seed, stream);
        if (status)
            return status;
        sq_free(p->given);
        p->given = NULL;
        seqnn_size units = view->columns / p->blocks;
        if (p->forget_bias != 0)
            for (seqnn_size j = units; j < 2 * units; j++)
                view->value[j] += p->forget_bias;
        stream++;
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_model_build(seqnn_model *model)
{
    if (sq_model_refuses(model))
        return model ? model->status : SEQNN_ERROR_ARGUMENT;
    if (model->built)
        return SEQNN_OK;
    if (model->layer_count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "model: it has no layers");
    sq_take_blocks(model);
    seqnn_status status = sq_arena_commit(&model->blocks);
    if (!status) {
        sq_take_blocks(model);
        status = sq_initialize_parameters(model);
    }
    if (status) {
        sq_arena_free(&model->blocks);
        char cause[sizeof model->message];
        snprintf(cause, sizeof cause, "%s", seqnn_error());
        return sq_model_fail(model, status, "model: cannot be built: %s", cause);
    }
    model->built = true;
    return SEQNN_OK;
}

/* ---- the activations ---- */

static void sq_take_activations(seqnn_model *model, seqnn_size batch)
{
    sq_arena *arena = &model->activations;
    seqnn_size longest = 0;
    for (int k = 0; k < model->source_count; k++) {
        sq_source *source = &model->sources[k];
        sq_packing_plan(&source->packing, arena, batch, source->planned_time);
        source->start = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
        source->length = (int32_t *)sq_arena_take(arena, batch, sizeof(int32_t));
        longest = sq_max(longest, source->planned_time);
    }
    sq_packing_plan(&model->lone.packing, arena, batch, longest);
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        seqnn_layer *layer = model->layers[i];
        seqnn_size rows = batch;
        if (layer->source >= 0)
            rows = sq_multiply(batch, model->sources[layer->source].planned_time);
        seqnn_size cells = sq_multiply(rows, layer->out.features);
        layer->out.value = (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
        layer->out.gradient =
            (seqnn_real *)sq_arena_take(arena, cells, sizeof(seqnn_real));
        if (layer->type->plan) {
            seqnn_size in_rows = rows;
            if (layer->input_count && layer->inputs[0]->source >= 0)
                in_rows = sq_multiply(
                    batch, model->sources[layer->inputs[0]->source].planned_time);
            layer->type->plan(layer, arena, batch, in_rows);
        }
    }
}

/* Samples and steps are counted in 32 bits in a packing. */
static seqnn_status sq_check_plan(const seqnn_model *model, seqnn_size batch,
                                  const seqnn_size *times)
{
    for (int k = 0; k < model->source_count; k++)
        if (batch > INT32_MAX || times[k] > INT32_MAX)
            return sq_fail(
                SEQNN_ERROR_MEMORY,
                "%s '%s': a batch of %td samples of %td steps is too large; at "
                "most %d of each",
                model->sources[k].layer->type->kind, model->sources[k].layer->name, batch,
                times[k], (int)INT32_MAX);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_model_plan(seqnn_model *model, seqnn_size batch,
                                    const seqnn_size *times)
{
    bool fits = batch <= model->planned_batch;
    for (int k = 0; k < model->source_count; k++)
        fits = fits && times[k] <= model->sources[k].planned_time;
    if (fits)
        return SEQNN_OK;
    seqnn_status status = sq_check_plan(model, batch, times);
    if (status)
        return status;
    sq_arena_free(&model->activations);
    model->count = 0; /* what the last pass left is gone */
    model->planned_batch = sq_max(batch, model->planned_batch);
    for (int k = 0; k < model->source_count; k++)
        model->sources[k].planned_time = sq_max(times[k], model->sources[k].planned_time);
    sq_take_activations(model, model->planned_batch);
    status = sq_arena_commit(&model->activations);
    if (status) { /* a smaller batch may still find room */
        model->planned_batch = 0;
        for (int k = 0; k < model->source_count; k++)
            model->sources[k].planned_time = 0;
        sq_arena_free(&model->activations);
        return status;
    }
    sq_take_activations(model, model->planned_batch);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_reserve(seqnn_model *model, seqnn_size batch,
                                     seqnn_size time)
{
    seqnn_size times[SEQNN_MAX_INPUTS];
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    if (batch < 1 || time < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "reserve: batch %td and time %td; expected at least 1", batch,
                       time);
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        times[k] = time;
    return sq_model_plan(model, batch, times);
}

SQ_LOCAL void sq_signal_add_gradient(sq_signal *signal, const seqnn_real *gradient)
{
    seqnn_size count = signal->rows * signal->features;
    if (!signal->gradient_wanted)
        return;
    if (!signal->gradient_written)
        memcpy(signal->gradient, gradient, (size_t)count * sizeof *gradient);
    else
        for (seqnn_size i = 0; i < count; i++)
            signal->gradient[i] += gradient[i];
    signal->gradient_written = true;
}

SQ_LOCAL void sq_dropout_mask(const seqnn_layer *layer, int which, seqnn_real rate,
                              seqnn_size first, seqnn_size count, seqnn_real *mask)
{
    const seqnn_model *model = layer->model;
    uint64_t stream =
        ((model->pass + 1) << 24) | ((uint64_t)layer->index << 2) | (uint64_t)which;
    uint32_t dropped = (uint32_t)(rate * (seqnn_real)4294967040.0);
    seqnn_real kept = (seqnn_real)1 / (1 - rate);
    uint32_t numbers[4]; /* one call of the generator makes four */
    for (seqnn_size i = 0; i < count; i++) {
        uint64_t at = (uint64_t)(first + i);
        if (i == 0 || at % 4 == 0)
            sq_random_block(model->seed, stream, at / 4, numbers);
        mask[i] = numbers[at % 4] < dropped ? (seqnn_real)0 : kept;
    }
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* -------------------------------------------------------------- layers/plain_sweep.c */

SQ_LOCAL void sq_add_product(seqnn_size rows, seqnn_size columns, const seqnn_real *v,
                             const seqnn_real *W, seqnn_size distance, seqnn_real *z)
{
    for (seqnn_size i = 0; i < rows; i++)
        for (seqnn_size j = 0; j < columns; j++)
            z[j] += v[i] * W[i * distance + j];
}

SQ_LOCAL void sq_add_product_back(seqnn_size rows, seqnn_size columns,
                                  const seqnn_real *dz, const seqnn_real *W,
                                  seqnn_size distance, const seqnn_real *mask,
                                  seqnn_real *dv)
{
    for (seqnn_size i = 0; i < rows; i++) {
        seqnn_real sum = 0;
        for (seqnn_size j = 0; j < columns; j++)
            sum += dz[j] * W[i * distance + j];
        dv[i] += mask ? mask[i] * sum : sum;
    }
}

SQ_LOCAL const seqnn_real *sq_masked_state(const sq_sweep *sweep, seqnn_size row,
                                           seqnn_size k)
{
    const seqnn_real *h_state = sweep->h_state + k * sweep->units;
    const seqnn_real *mask = sq_mask_of(sweep, k);
    seqnn_real *h_prev = sweep->h_prev + row * sweep->units;
    for (seqnn_size j = 0; j < sweep->units; j++)
        h_prev[j] = mask ? h_state[j] * mask[j] : h_state[j];
    return h_prev;
}

/* dL/dh_t is what came from step t+1 plus what comes from above. */
static void sq_add_from_above(const sq_sweep *sweep, seqnn_size row, seqnn_real *dh)
{
    for (seqnn_size j = 0; sweep->dh && j < sweep->units; j++)
        dh[j] += sweep->dh[row * sweep->units + j];
}

static void sq_write_flow(const sq_sweep *sweep, seqnn_size row, const seqnn_real *dh)
{
    if (sweep->flow)
        sweep->flow[row] = sq_sum_squares(sweep->units, dh);
}

static void sq_backward_all_steps(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                  bool has_C, sq_backward_step step)
{
    const sq_packing *packing = sweep->packing;
    for (seqnn_size i = packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            seqnn_real *dh = sweep->dh_state + k * sweep->units;
            seqnn_real *dC = has_C ? sweep->dC_state + k * sweep->units : NULL;
            sq_add_from_above(sweep, row, dh);
            sq_write_flow(sweep, row, dh);
            step(sweep, s, k, row, dh, dC);
        }
    }
}

/* The sliding window. Step t receives gradient from the losses of the steps t .. t + p.
 * Backpropagation is linear, so their sum is one pass back from step t + p to step t that
 * takes up each loss on its way, and the gradient of the gates at t is what that pass
 * finds at its end. One such pass for every t; flow, too, is the norm of that sum.
 *
 * A pass needs a dh and a dC of its own. Steps are done last to first, so the row of
 * dgates of the step before t is still unused: it lends the memory. The pass of the first
 * step goes on to the initial state, which is what dh_state is to receive. */
static void sq_backward_window(const sq_sweep *sweep, seqnn_size k, seqnn_size gates,
                               bool has_C, sq_backward_step step)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units, length = packing->length[k];
    const size_t bytes = (size_t)units * sizeof(seqnn_real);
    seqnn_real *dh_T = sweep->dh_state + k * units;
    seqnn_real *dC_T = has_C ? sweep->dC_state + k * units : NULL;

    for (seqnn_size t = length - 1; t >= 0; t--) {
        const seqnn_size last = sq_min(length - 1, t + sq_min(length, sweep->truncate));
        const seqnn_size step_t = sweep->backwards ? length - 1 - t : t;
        const seqnn_size row_t = packing->offset[step_t] + k;
        const seqnn_size before = sq_row_before(sweep, step_t, k);
        seqnn_real *dh = before < 0 ? dh_T : sweep->dgates + before * gates * units;
        seqnn_real *dC = !has_C ? NULL : before < 0 ? dC_T : dh + units;

        if (last < length - 1) {
            memset(dh, 0, bytes);
            if (dC)
                memset(dC, 0, bytes);
        } else if (dh != dh_T) {
            memcpy(dh, dh_T, bytes);
            if (dC)
                memcpy(dC, dC_T, bytes);
        }
        for (seqnn_size j = last; j >= t; j--) {
            const seqnn_size s = sweep->backwards ? length - 1 - j : j;
            sq_add_from_above(sweep, packing->offset[s] + k, dh);
            if (j == t)
                sq_write_flow(sweep, row_t, dh);
            step(sweep, s, k, row_t, dh, dC);
        }
    }
}

SQ_LOCAL void sq_plain_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end,
                                seqnn_size gates, bool has_C, sq_backward_step step)
{
    if (sweep->truncate == 0)
        sq_backward_all_steps(sweep, begin, end, has_C, step);
    else
        for (seqnn_size k = begin; k < end; k++)
            sq_backward_window(sweep, k, gates, has_C, step);
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* --------------------------------------------------------- layers/recurrent_states.c */

/* The states of a recurrent layer, by sample in the user's order: kept, set and asked
 * for. */

SQ_LOCAL seqnn_status sq_states_reserve(sq_states *states, const sq_recurrent *own,
                                        seqnn_size count)
{
    seqnn_size cells = sq_multiply(count, own->units);
    void *h = states->h, *C = states->C;
    if (cells < 0)
        return sq_fail(SEQNN_ERROR_MEMORY, "%s: too many states", own->base.name);
    seqnn_status status = sq_grow(&h, &states->h_capacity, cells, sizeof(seqnn_real));
    states->h = (seqnn_real *)h;
    if (!status && own->kind->has_C) {
        status = sq_grow(&C, &states->C_capacity, cells, sizeof(seqnn_real));
        states->C = (seqnn_real *)C;
    }
    return status;
}

SQ_LOCAL void sq_states_free(sq_states *states)
{
    sq_free(states->h);
    sq_free(states->C);
}

SQ_LOCAL void sq_states_pack(const sq_packing *packing, seqnn_size units,
                             const seqnn_real *samples, seqnn_real *packed)
{
    size_t bytes = (size_t)units * sizeof *packed;
    for (seqnn_size k = 0; k < packing->batch; k++)
        if (samples)
            memcpy(packed + k * units, samples + packing->order[k] * units, bytes);
        else
            memset(packed + k * units, 0, bytes);
}

SQ_LOCAL void sq_states_unpack(const sq_packing *packing, seqnn_size units,
                               const seqnn_real *packed, seqnn_real *samples)
{
    for (seqnn_size k = 0; k < packing->batch; k++)
        memcpy(samples + packing->order[k] * units, packed + k * units,
               (size_t)units * sizeof *packed);
}

SQ_LOCAL bool sq_is_recurrent(const seqnn_layer *layer)
{
    return layer && layer->type->forward == sq_recurrent_forward;
}

SQ_LOCAL const sq_recurrent *sq_recurrent_or_fail(const seqnn_layer *layer,
                                                  const char *who)
{
    if (sq_is_recurrent(layer))
        return (const sq_recurrent *)layer;
    sq_fail(SEQNN_ERROR_ARGUMENT, "%s: '%s' is not a recurrent layer", who,
            seqnn_layer_name(layer));
    return NULL;
}

static void sq_states_copy_out(const sq_recurrent *own, const sq_states *states,
                               seqnn_real *h, seqnn_real *C)
{
    size_t bytes = (size_t)(states->count * own->units) * sizeof *h;
    if (h)
        memcpy(h, states->h, bytes);
    if (C && own->kind->has_C)
        memcpy(C, states->C, bytes);
}

SEQNN_API seqnn_status seqnn_get_state(const seqnn_layer *layer, seqnn_real *h,
                                       seqnn_real *C)
{
    const sq_recurrent *own = sq_recurrent_or_fail(layer, "get_state");
    if (!own)
        return SEQNN_ERROR_ARGUMENT;
    if (own->final.count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "get_state: '%s' has not run", layer->name);
    sq_states_copy_out(own, &own->final, h, C);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_states_copy_in(sq_recurrent *own, sq_states *states,
                                        seqnn_size count, const seqnn_real *h,
                                        const seqnn_real *C)
{
    seqnn_status status = sq_states_reserve(states, own, count);
    if (status)
        return status;
    size_t bytes = (size_t)(count * own->units) * sizeof *h;
    memcpy(states->h, h, bytes);
    if (own->kind->has_C && C)
        memcpy(states->C, C, bytes);
    else if (own->kind->has_C)
        memset(states->C, 0, bytes);
    states->count = count;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_set_state(seqnn_layer *layer, seqnn_size batch,
                                       const seqnn_real *h, const seqnn_real *C)
{
    if (!sq_recurrent_or_fail(layer, "set_state"))
        return SEQNN_ERROR_ARGUMENT;
    if (batch < 1 || !h)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "set_state: '%s' needs h of at least 1 sample", layer->name);
    sq_recurrent *own = (sq_recurrent *)layer;
    return sq_states_copy_in(own, &own->given, batch, h, C);
}

SEQNN_API seqnn_status seqnn_get_state_gradient(const seqnn_layer *layer, seqnn_real *dh,
                                                seqnn_real *dC)
{
    const sq_recurrent *own = sq_recurrent_or_fail(layer, "get_state_gradient");
    if (!own)
        return SEQNN_ERROR_ARGUMENT;
    if (own->initial_gradient.count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "get_state_gradient: '%s' has not run back",
                       layer->name);
    sq_states_copy_out(own, &own->initial_gradient, dh, dC);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_set_state_gradient(seqnn_layer *layer, const seqnn_real *dh,
                                                const seqnn_real *dC)
{
    if (!sq_recurrent_or_fail(layer, "set_state_gradient"))
        return SEQNN_ERROR_ARGUMENT;
    sq_recurrent *own = (sq_recurrent *)layer;
    if (own->final.count == 0 || !dh)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "set_state_gradient: '%s' has not run, or dh is "
                       "NULL",
                       layer->name);
    layer->state_gradient = true;
    return sq_states_copy_in(own, &own->final_gradient, own->final.count, dh, dC);
}

SEQNN_API void seqnn_reset_states(seqnn_model *model)
{
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++)
        if (sq_is_recurrent(model->layers[i])) {
            ((sq_recurrent *)model->layers[i])->final.count = 0;
            ((sq_recurrent *)model->layers[i])->given.count = 0;
        }
}

/* ------------------------------------------------------------------- layers/source.c */

/* The sources that are not embeddings: a series, or a vector, for every sample. */

static seqnn_status sq_source_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_signal *out = &layer->out;
    (void)mode;
    const seqnn_dataset *batch = layer->model->batch;
    int k = 0;
    while (layer->model->sources[k].layer != layer)
        k++;
    const seqnn_real *values = batch->x[k].values;
    if (out->packing)
        sq_pack_rows(out->packing, out->features, values, out->value);
    else
        memcpy(out->value, values, (size_t)(out->rows * out->features) * sizeof *values);
    return SEQNN_OK;
}

/* Nothing lies below. */
static void sq_source_backward(seqnn_layer *layer)
{
    (void)layer;
}

static const sq_layer_type sq_sequences_type = {
    "sequences", sizeof(seqnn_layer), NULL, sq_source_forward, sq_source_backward, NULL};
static const sq_layer_type sq_vectors_type = {
    "vectors", sizeof(seqnn_layer), NULL, sq_source_forward, sq_source_backward, NULL};

SEQNN_API seqnn_layer *seqnn_sequences(seqnn_model *model, seqnn_size features,
                                       seqnn_source_options options)
{
    return sq_source_new(model, &sq_sequences_type, options.name, SQ_SERIES, features,
                         options.time);
}

SEQNN_API seqnn_layer *seqnn_vectors(seqnn_model *model, seqnn_size features,
                                     seqnn_source_options options)
{
    return sq_source_new(model, &sq_vectors_type, options.name, SQ_VECTORS, features,
                         options.time);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ---------------------------------------------------------------------- train/clip.c */

/* ---- pieces of one gradient tensor ---- */

typedef struct sq_tensor_work {
    const sq_parameter *parameter;
    double *sums;               /* of each piece */
    double factor, least, most; /* of a change */
    void (*change)(const struct sq_tensor_work *work, seqnn_real *g, seqnn_size n);
} sq_tensor_work;

/* Elements, or touched rows of a table, and how many a piece has. */
static seqnn_size sq_tensor_items(const sq_parameter *parameter)
{
    if (parameter->touched)
        return parameter->touched->count;
    return parameter->view.rows * parameter->view.columns;
}

static seqnn_size sq_tensor_grain(const sq_parameter *parameter)
{
    if (parameter->touched)
        return sq_row_grain(parameter->view.columns);
    return SQ_PARAMETER_GRAIN;
}

static void sq_sum_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_tensor_work *work = (const sq_tensor_work *)context;
    const sq_parameter *parameter = work->parameter;
    const seqnn_real *g = parameter->view.gradient;
    seqnn_size columns = parameter->view.columns;
    double sum = 0;
    if (!parameter->touched)
        sum = sq_sum_squares(end - begin, g + begin);
    else
        for (seqnn_size t = begin; t < end; t++) {
            const int32_t *rows = parameter->touched->rows;
            if (t + SQ_PREFETCH_ROWS < end)
                sq_prefetch_row(g + rows[t + SQ_PREFETCH_ROWS] * columns, columns);
            sum += sq_sum_squares(columns, g + rows[t] * columns);
        }
    work->sums[begin / sq_tensor_grain(parameter)] = sum;
}

static void sq_change_piece(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_tensor_work *work = (const sq_tensor_work *)context;
    const sq_parameter *parameter = work->parameter;
    seqnn_real *g = parameter->view.gradient;
    seqnn_size columns = parameter->view.columns;
    if (!parameter->touched)
        work->change(work, g + begin, end - begin);
    else
        for (seqnn_size t = begin; t < end; t++)
            work->change(work, g + parameter->touched->rows[t] * columns, columns);
}

static void sq_change_tensor(const sq_parameter *parameter, sq_tensor_work *work)
{
    work->parameter = parameter;
    sq_parallel(sq_tensor_items(parameter), sq_tensor_grain(parameter), sq_change_piece,
                work);
}

/* In double: a factor of 1e40 brings a gradient of 1e-42 up. */
static void sq_scale_values(const sq_tensor_work *work, seqnn_real *g, seqnn_size n)
{
    for (seqnn_size i = 0; i < n; i++)
        g[i] = (seqnn_real)((double)g[i] * work->factor);
}

static void sq_clamp_values(const sq_tensor_work *work, seqnn_real *g, seqnn_size n)
{
    seqnn_real most = (seqnn_real)work->most, least = (seqnn_real)work->least;
    for (seqnn_size i = 0; i < n; i++) {
        seqnn_real size = SQ_MATH(fabs)(g[i]);
        if (size > most)
            size = most;
        else if (size < least)
            size = least;
        else
            continue;
        g[i] = g[i] > 0 ? size : g[i] < 0 ? -size : 0;
    }
}

/* ---- norms ---- */

/* The sum of squares of one tensor, piece by piece in order; negative if there is no
 * memory. */
static double sq_tensor_squares(sq_training *training, const sq_parameter *parameter)
{
    sq_tensor_work work;
    memset(&work, 0, sizeof work);
    seqnn_size items = sq_tensor_items(parameter), grain = sq_tensor_grain(parameter);
    seqnn_size pieces = (items + grain - 1) / grain;
    void *sums = training->sums;
    if (sq_grow(&sums, &training->sums_capacity, pieces, sizeof(double)))
        return -1;
    training->sums = (double *)sums;
    work.parameter = parameter;
    work.sums = training->sums;
    sq_parallel(items, grain, sq_sum_piece, &work);
    double total = 0;
    for (seqnn_size i = 0; i < pieces; i++)
        total += training->sums[i];
    return total;
}

/* The next trained parameter, or NULL. */
static const sq_parameter *sq_next_trained(const seqnn_model *model, seqnn_size *layer,
                                           int *number)
{
    for (; *layer < model->layer_count; (*layer)++, *number = 0)
        while (*number < model->layers[*layer]->parameter_count) {
            const sq_parameter *found = &model->layers[*layer]->parameters[(*number)++];
            if (!found->view.frozen)
                return found;
        }
    return NULL;
}

static seqnn_status sq_bad_gradient(seqnn_model *model, const char *who, seqnn_size layer,
                                    const sq_parameter *parameter)
{
    return sq_training_fail(model, SEQNN_ERROR_NUMBER,
                            "%s: step %td: the gradient of %s '%s', parameter %s, is not "
                            "finite",
                            who, seqnn_steps(model) + 1, model->layers[layer]->type->kind,
                            model->layers[layer]->name, parameter->view.name);
}

SQ_LOCAL seqnn_status sq_gradient_norms(seqnn_model *model, const char *who, double *norm,
                                        double *largest)
{
    seqnn_status status = sq_model_build(model);
    sq_training *training = status ? NULL : sq_training_of(model);
    if (!training)
        return status ? status : SEQNN_ERROR_MEMORY;
    double total = 0, most = 0;
    seqnn_size layer = 0, tensors = 0;
    int number = 0;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;) {
        double squares = sq_tensor_squares(training, p);
        void *norms = training->norms;
        if (squares < 0 ||
            sq_grow(&norms, &training->norms_capacity, tensors + 1, sizeof(double)))
            return model->run_status = SEQNN_ERROR_MEMORY;
        training->norms = (double *)norms;
        training->norms[tensors++] = sqrt(squares);
        if (!isfinite(squares))
            return sq_bad_gradient(model, who, layer, p);
        total += squares;
        most = fmax(most, squares);
    }
    if (norm)
        *norm = sqrt(total);
    if (largest)
        *largest = sqrt(most);
    return SEQNN_OK;
}

SEQNN_API seqnn_real seqnn_gradient_norm(seqnn_model *model)
{
    double norm = 0;
    if (sq_gradient_norms(model, "gradient_norm", &norm, NULL))
        return (seqnn_real)NAN;
    return (seqnn_real)norm;
}

/* ---- clipping ---- */

static void sq_change_all(seqnn_model *model, sq_tensor_work *work)
{
    seqnn_size layer = 0;
    int number = 0;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;)
        sq_change_tensor(p, work);
}

SQ_LOCAL void sq_scale_gradients(seqnn_model *model, double factor)
{
    sq_tensor_work work;
    memset(&work, 0, sizeof work);
    work.change = sq_scale_values;
    work.factor = factor;
    sq_change_all(model, &work);
}

static bool sq_thresholds_fit(seqnn_model *model, const char *who, seqnn_real threshold,
                              seqnn_real lower)
{
    if (threshold >= 0 && lower >= 0 && (threshold > 0 || lower > 0) &&
        (threshold == 0 || lower <= threshold))
        return true;
    if (model)
        sq_training_fail(
            model, SEQNN_ERROR_ARGUMENT,
            "%s: threshold %g and lower %g; expected 0 <= lower <= threshold, "
            "and not both 0",
            who, (double)threshold, (double)lower);
    else
        sq_fail(SEQNN_ERROR_ARGUMENT, "%s: model NULL", who);
    return false;
}

/* What brings a norm between the thresholds; 1: it is there already. */
static double sq_clip_factor(double norm, seqnn_real threshold, seqnn_real lower)
{
    if (threshold > 0 && norm > (double)threshold)
        return (double)threshold / norm;
    if (norm > 0 && norm < (double)lower)
        return (double)lower / norm;
    return 1;
}

SEQNN_API seqnn_real seqnn_clip_by_value(seqnn_model *model, seqnn_real threshold,
                                         seqnn_real lower)
{
    const char *who = "clip_by_value";
    double norm = 0;
    if (!sq_thresholds_fit(model, who, threshold, lower) ||
        sq_gradient_norms(model, who, &norm, NULL))
        return (seqnn_real)NAN;
    sq_tensor_work work;
    memset(&work, 0, sizeof work);
    work.change = sq_clamp_values;
    work.least = (double)lower;
    work.most = threshold > 0 ? (double)threshold : (double)INFINITY;
    sq_change_all(model, &work);
    return (seqnn_real)norm;
}

/* Scales the gradients by their norms: of each tensor, or one of all. Returns the norm
 * before. */
static seqnn_real sq_clip_norms(seqnn_model *model, const char *who, bool each,
                                seqnn_real threshold, seqnn_real lower)
{
    double norm = 0, largest = 0;
    if (!sq_thresholds_fit(model, who, threshold, lower) ||
        sq_gradient_norms(model, who, &norm, &largest))
        return (seqnn_real)NAN;
    sq_tensor_work work;
    memset(&work, 0, sizeof work);
    work.change = sq_scale_values;
    const double *norms = sq_training_of(model)->norms;
    seqnn_size layer = 0, tensor = 0;
    int number = 0;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;) {
        double own = each ? norms[tensor++] : norm;
        work.factor = sq_clip_factor(own, threshold, lower);
        if (work.factor != 1)
            sq_change_tensor(p, &work);
    }
    return (seqnn_real)(each ? largest : norm);
}

SEQNN_API seqnn_real seqnn_clip_by_norm(seqnn_model *model, seqnn_real threshold,
                                        seqnn_real lower)
{
    return sq_clip_norms(model, "clip_by_norm", true, threshold, lower);
}

SEQNN_API seqnn_real seqnn_clip_by_global_norm(seqnn_model *model, seqnn_real threshold,
                                               seqnn_real lower)
{
    return sq_clip_norms(model, "clip_by_global_norm", false, threshold, lower);
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ---------------------------------------------------------------------- train/loss.c */

SEQNN_API const char *seqnn_loss_name(seqnn_loss_kind kind)
{
    static const char *const names[] = {"default", "categorical cross-entropy",
                                        "binary cross-entropy", "mean squared error",
                                        "mean absolute error"};
    int i = (int)kind;
    return i >= 0 && i < SQ_COUNT(names) ? names[i] : "unknown";
}

/* A batch of positions: rows of output, each with its sample and step. */
typedef struct sq_positions {
    sq_position_loss loss;
    const seqnn_real *z; /* [rows, outputs] logits or outputs */
    seqnn_real *gradient;
    seqnn_size rows;
    seqnn_size count, time;   /* the user's [count, time]; time 0: a row per sample */
    const seqnn_size *source; /* row -> sample * time + step, or NULL */
    const seqnn_array *y;
    const seqnn_real *weight; /* [count] or NULL */
    /* Scratch: the factor of each row's gradient (0: not counted), each row's loss, and
     * the counted positions of each sample. */
    double *factor, *position_loss, *counted;
} sq_positions;

/* ---- targets ---- */

static seqnn_size sq_position_at(const sq_positions *positions, seqnn_size row)
{
    return positions->source ? positions->source[row] : row;
}

static seqnn_size sq_sample_at(const sq_positions *positions, seqnn_size row)
{
    return positions->time ? sq_position_at(positions, row) / positions->time : row;
}

static bool sq_is_counted(const sq_positions *positions, seqnn_size row)
{
    const seqnn_array *y = positions->y;
    if (!y->start || !y->length || !positions->time)
        return true;
    seqnn_size sample = sq_sample_at(positions, row);
    seqnn_size step = sq_position_at(positions, row) % positions->time;
    return step >= y->start[sample] && step - y->start[sample] < y->length[sample];
}

static sq_target sq_target_at(const sq_positions *positions, seqnn_size row)
{
    seqnn_size position = sq_position_at(positions, row);
    sq_target target = {0, NULL};
    if (positions->y->indices)
        target.index = positions->y->indices[position];
    else
        target.values = positions->y->values + position * positions->loss.outputs;
    return target;
}

/* "[32, 7, 5] values", "[32] indices" */
static void sq_describe_array(char *text, size_t size, const char *what, seqnn_size count,
                              seqnn_size time, seqnn_size features)
{
    char steps[32] = "", last[32] = "";
    if (time)
        snprintf(steps, sizeof steps, ", %td", time);
    if (features)
        snprintf(last, sizeof last, ", %td", features);
    snprintf(text, size, "[%td%s%s] %s", count, steps, last, what);
}

static seqnn_status sq_check_target_shape(const sq_positions *positions)
{
    const seqnn_array *y = positions->y;
    seqnn_size outputs = positions->loss.outputs;
    seqnn_loss_kind kind = positions->loss.kind;
    bool sparse = kind == SEQNN_CATEGORICAL_CROSSENTROPY ||
                  (kind == SEQNN_BINARY_CROSSENTROPY && outputs == 1);
    bool fits = y->time == positions->time &&
                (y->indices ? sparse : y->values && y->features == outputs);
    if (fits)
        return SEQNN_OK;
    char came[128] = "nothing", values[128], indices[128];
    if (y->indices || y->values)
        sq_describe_array(came, sizeof came, y->indices ? "indices" : "values",
                          positions->count, y->time, y->indices ? 0 : y->features);
    sq_describe_array(values, sizeof values, "values", positions->count, positions->time,
                      outputs);
    sq_describe_array(indices, sizeof indices, "indices", positions->count,
                      positions->time, 0);
    return sq_fail(SEQNN_ERROR_SHAPE, "loss: the target y is %s; %s expects %s%s%s", came,
                   seqnn_loss_name(kind), values, sparse ? " or " : "",
                   sparse ? indices : "");
}

static seqnn_status sq_check_classes(const sq_positions *positions)
{
    seqnn_size classes = positions->loss.outputs;
    if (positions->loss.kind == SEQNN_BINARY_CROSSENTROPY)
        classes = 2;
    for (seqnn_size r = 0; positions->y->indices && r < positions->rows; r++) {
        seqnn_size position = sq_position_at(positions, r);
        int32_t index = positions->y->indices[position];
        if (!sq_is_counted(positions, r) || (index >= 0 && (seqnn_size)index < classes))
            continue;
        if (positions->time)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "loss: sample %td, step %td: class %d is outside [0, %td)",
                           position / positions->time, position % positions->time,
                           (int)index, classes);
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "loss: sample %td: class %d is outside [0, %td)", position,
                       (int)index, classes);
    }
    return SEQNN_OK;
}

/* A weight that is no number would be taken for a bad loss. */
static seqnn_status sq_check_weights(const sq_positions *positions)
{
    const seqnn_real *class_weight = positions->loss.class_weight;
    seqnn_size classes = positions->loss.outputs;
    if (positions->loss.kind == SEQNN_BINARY_CROSSENTROPY && classes == 1)
        classes = 2;
    for (seqnn_size s = 0; positions->weight && s < positions->count; s++)
        if (!isfinite(positions->weight[s]))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "loss: the weight of sample %td is %g, expected a number", s,
                           (double)positions->weight[s]);
    for (seqnn_size c = 0; class_weight && c < classes; c++)
        if (!isfinite(class_weight[c]))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "loss: class_weight[%td] is %g, expected a number", c,
                           (double)class_weight[c]);
    return SEQNN_OK;
}

static bool sq_is_sum(seqnn_reduction reduction)
{
    return reduction == SEQNN_REDUCE_SUM;
}

/* Kind and form are decided; do the options make sense, and do the targets fit? */
static seqnn_status sq_check_loss(const sq_positions *positions,
                                  const seqnn_loss_options *options)
{
    const seqnn_reduction over[] = {options->over_outputs, options->over_steps,
                                    options->over_samples};
    if ((int)options->kind < 0 || options->kind > SEQNN_MAE)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "loss: %d is not a kind of loss",
                       (int)options->kind);
    for (int i = 0; i < 3; i++)
        if ((int)over[i] < 0 || over[i] > SEQNN_REDUCE_SUM)
            return sq_fail(SEQNN_ERROR_ARGUMENT, "loss: %d is not a reduction",
                           (int)over[i]);
    if (options->divide_by_weights &&
        (sq_is_sum(options->over_steps) || sq_is_sum(options->over_samples)))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "loss: divide_by_weights is for the mean over steps and samples");
    seqnn_status status = sq_check_target_shape(positions);
    if (!status)
        status = sq_check_classes(positions);
    return status ? status : sq_check_weights(positions);
}

/* ---- reductions ---- */

/* Fills factor with w / divisor for each counted row; returns the divisor of the mean
 * over the batch, 0 where there is none (a sum over samples), and -1 if nothing is
 * counted. */
static double sq_reduce(sq_positions *positions, const seqnn_loss_options *options)
{
    bool sum_steps = sq_is_sum(options->over_steps);
    bool sum_samples = sq_is_sum(options->over_samples);
    double number = 0, samples = 0, weights = 0;
    memset(positions->counted, 0, (size_t)positions->count * sizeof(double));
    for (seqnn_size r = 0; r < positions->rows; r++) {
        seqnn_size sample = sq_sample_at(positions, r);
        positions->factor[r] = 0;
        if (!sq_is_counted(positions, r))
            continue;
        samples += positions->counted[sample] == 0;
        positions->counted[sample] += 1;
        positions->factor[r] = positions->weight ? (double)positions->weight[sample] : 1;
        number += 1;
        if (options->divide_by_weights)
            weights +=
                positions->factor[r] *
                sq_weight_of_position(&positions->loss, sq_target_at(positions, r));
    }
    double divisor = sum_steps ? samples : number;
    if (options->divide_by_weights)
        divisor = weights;
    bool nothing = number == 0 || divisor == 0;
    for (seqnn_size r = 0; r < positions->rows; r++) {
        double own = sum_samples ? 1 : divisor;
        if (sum_samples && !sum_steps)
            own = positions->counted[sq_sample_at(positions, r)];
        positions->factor[r] = nothing || own == 0 ? 0 : positions->factor[r] / own;
    }
    return nothing ? -1 : sum_samples ? 0 : divisor;
}

static void sq_loss_of_rows(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_positions *positions = (const sq_positions *)context;
    seqnn_size n = positions->loss.outputs;
    for (seqnn_size r = begin; r < end; r++) {
        seqnn_real *gradient = positions->gradient ? positions->gradient + r * n : NULL;
        positions->position_loss[r] = 0;
        if (positions->factor[r] != 0)
            positions->position_loss[r] =
                positions->factor[r] *
                sq_loss_of_position(&positions->loss, positions->z + r * n,
                                    sq_target_at(positions, r), positions->factor[r],
                                    gradient);
        else if (gradient)
            memset(gradient, 0, (size_t)n * sizeof *gradient);
    }
}

/* Losses of the positions, then their sum in the order of the rows. */
static double sq_loss_of_positions(sq_positions *positions,
                                   const seqnn_loss_options *options, double *divisor)
{
    bool mean_outputs = positions->loss.kind != SEQNN_CATEGORICAL_CROSSENTROPY &&
                        !sq_is_sum(options->over_outputs);
    positions->loss.scale = mean_outputs ? 1.0 / (double)positions->loss.outputs : 1;
    double total = 0, by = sq_reduce(positions, options);
    if (divisor)
        *divisor = by < 0 ? 0 : by;
    sq_parallel(positions->rows, sq_max(1, 4096 / positions->loss.outputs),
                sq_loss_of_rows, positions);
    for (seqnn_size r = 0; r < positions->rows; r++)
        total += positions->position_loss[r];
    return total;
}

/* ---- of a model ---- */

static seqnn_loss_kind sq_loss_kind(const seqnn_loss_options *options,
                                    seqnn_activation activation, const seqnn_array *y)
{
    if (options->kind)
        return options->kind;
    if (activation == SEQNN_SOFTMAX || activation == SEQNN_LOG_SOFTMAX)
        return SEQNN_CATEGORICAL_CROSSENTROPY;
    if (activation == SEQNN_SIGMOID)
        return SEQNN_BINARY_CROSSENTROPY;
    return y->indices ? SEQNN_CATEGORICAL_CROSSENTROPY : SEQNN_MSE;
}

/* The last activation belongs to this loss, and what it was applied to is known. */
static bool sq_is_fused(const sq_signal *out, seqnn_loss_kind kind)
{
    if (!out->logits)
        return false;
    if (kind == SEQNN_CATEGORICAL_CROSSENTROPY)
        return out->activation == SEQNN_SOFTMAX || out->activation == SEQNN_LOG_SOFTMAX;
    return kind == SEQNN_BINARY_CROSSENTROPY && out->activation == SEQNN_SIGMOID;
}

static bool sq_is_probability(const sq_signal *out, const seqnn_loss_options *options)
{
    return options->probabilities || out->activation == SEQNN_SOFTMAX ||
           out->activation == SEQNN_SIGMOID;
}

/* The positions of the last forward pass; the scratch is not set. */
static sq_positions sq_positions_of(const sq_signal *out, const seqnn_dataset *batch,
                                    const seqnn_loss_options *options)
{
    sq_positions positions;
    memset(&positions, 0, sizeof positions);
    positions.loss.kind = sq_loss_kind(options, out->activation, &batch->y);
    positions.loss.outputs = out->features;
    positions.loss.class_weight = options->class_weight;
    bool fused = !options->probabilities && sq_is_fused(out, positions.loss.kind);
    positions.loss.probabilities = !fused && sq_is_probability(out, options);
    positions.z = fused ? out->logits : out->value;
    positions.gradient = out->gradient;
    positions.rows = out->rows;
    positions.count = batch->count;
    positions.time = out->packing ? out->packing->time : 0;
    positions.source = out->packing ? out->packing->source : NULL;
    positions.y = &batch->y;
    positions.weight = batch->weight;
    return positions;
}

SQ_LOCAL seqnn_real sq_loss(seqnn_model *model, const seqnn_dataset *batch,
                            const seqnn_loss_options *options, double *divisor)
{
    if (!model || !batch || !model->count || model->run_status || model->lone_forward) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "loss: there was no forward pass of this model");
        return (seqnn_real)NAN;
    }
    if (batch->count != model->count) {
        sq_training_fail(model, SEQNN_ERROR_SHAPE,
                         "loss: the batch has %td samples, the last forward pass had %td",
                         batch->count, model->count);
        return (seqnn_real)NAN;
    }
    sq_training *training = sq_training_of(model);
    sq_signal *out = &model->layers[model->layer_count - 1]->out;
    sq_positions positions = sq_positions_of(out, batch, options);
    seqnn_status status =
        training ? sq_check_loss(&positions, options) : SEQNN_ERROR_MEMORY;
    if (!status) {
        /* Room for all steps: how many are padding changes from batch to batch. */
        seqnn_size most = positions.count * sq_max(positions.time, 1);
        void *scratch = training->position_loss;
        status = sq_grow(&scratch, &training->position_capacity,
                         2 * most + positions.count, sizeof(double));
        training->position_loss = (double *)scratch;
    }
    if (status) {
        model->run_status = status;
        return (seqnn_real)NAN;
    }
    positions.factor = training->position_loss;
    positions.position_loss = positions.factor + positions.rows;
    positions.counted = positions.position_loss + positions.rows;
    double loss = sq_loss_of_positions(&positions, options, divisor);
    out->gradient_written = true;
    out->gradient_is_of_logits =
        !options->probabilities && sq_is_fused(out, positions.loss.kind);
    return (seqnn_real)loss;
}

SEQNN_API seqnn_real seqnn_loss(seqnn_model *model, const seqnn_dataset *batch,
                                seqnn_loss_options options)
{
    return sq_loss(model, batch, &options, NULL);
}

SEQNN_API seqnn_real seqnn_loss_of(const seqnn_real *output, seqnn_size count,
                                   seqnn_size outputs, const seqnn_array *y,
                                   const seqnn_real *weight, seqnn_real *gradient,
                                   seqnn_loss_options options)
{
    sq_positions positions;
    memset(&positions, 0, sizeof positions);
    if (!output || !y || count < 0 || outputs < 1 || sq_multiply(count, 3) < 0) {
        sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "loss: output [%td, %td]; expected output and target of at least 1 output",
            count, outputs);
        return (seqnn_real)NAN;
    }
    positions.loss.kind = sq_loss_kind(&options, SEQNN_ACTIVATION_DEFAULT, y);
    positions.loss.outputs = outputs;
    positions.loss.class_weight = options.class_weight;
    positions.loss.probabilities = options.probabilities;
    positions.z = output;
    positions.gradient = gradient;
    positions.rows = positions.count = count;
    positions.y = y;
    positions.weight = weight;
    if (sq_check_loss(&positions, &options))
        return (seqnn_real)NAN;
    double *scratch = (double *)sq_allocate(3 * count, sizeof(double));
    if (!scratch)
        return (seqnn_real)NAN;
    positions.factor = scratch;
    positions.position_loss = scratch + count;
    positions.counted = scratch + 2 * count;
    double loss = sq_loss_of_positions(&positions, &options, NULL);
    sq_free(scratch);
    return (seqnn_real)loss;
}

/* ---- accuracy ---- */

SQ_LOCAL bool sq_count_right(const seqnn_model *model, const seqnn_dataset *batch,
                             const seqnn_loss_options *options, double *right,
                             double *asked)
{
    const sq_signal *out = &model->layers[model->layer_count - 1]->out;
    sq_positions positions = sq_positions_of(out, batch, options);
    seqnn_size n = out->features;
    bool categorical = positions.loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY;
    if (!categorical && positions.loss.kind != SEQNN_BINARY_CROSSENTROPY)
        return false;
    seqnn_real middle = (seqnn_real)(sq_is_probability(out, options) ? 0.5 : 0);
    for (seqnn_size r = 0; r < positions.rows; r++) {
        if (!sq_is_counted(&positions, r))
            continue;
        const seqnn_real *y = out->value + r * n;
        sq_target target = sq_target_at(&positions, r);
        if (categorical) {
            seqnn_size expected =
                target.values ? sq_best_class(n, target.values) : target.index;
            *right += sq_best_class(n, y) == expected;
            *asked += 1;
            continue;
        }
        for (seqnn_size c = 0; c < n; c++) {
            bool label =
                target.values ? target.values[c] > (seqnn_real)0.5 : target.index;
            *right += (y[c] > middle) == label;
        }
        *asked += (double)n;
    }
    return true;
}

/* ----------------------------------------------------------------- train/optimizer.c */

static seqnn_optimizer sq_optimizer(seqnn_optimizer_kind kind, seqnn_real learning_rate)
{
    seqnn_optimizer optimizer;
    memset(&optimizer, 0, sizeof optimizer);
    optimizer.kind = kind;
    optimizer.learning_rate = learning_rate;
    return optimizer;
}

SEQNN_API seqnn_optimizer seqnn_sgd(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_SGD, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_rmsprop(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_RMSPROP, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_adam(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_ADAM, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_adamw(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_ADAMW, learning_rate);
}

SEQNN_API seqnn_optimizer seqnn_adagrad(seqnn_real learning_rate)
{
    return sq_optimizer(SEQNN_ADAGRAD, learning_rate);
}

/* ---- learning rate ---- */

static double sq_default_decay(seqnn_schedule_kind kind)
{
    switch (kind) {
    case SEQNN_SCHEDULE_STEP:
        return 0.1;
    case SEQNN_SCHEDULE_EXPONENTIAL:
        return 0.96;
    default:
        return 1;
    }
}

static bool sq_is_amount(seqnn_real value)
{
    return value >= 0 && isfinite(value);
}

/* Defaults of kind, learning rate and schedule filled in, and every number in its range.
 */
static seqnn_status sq_resolve_rate(seqnn_optimizer *o)
{
    seqnn_schedule *schedule = &o->schedule;
    if ((int)o->kind < 0 || o->kind > SEQNN_ADAGRAD)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "optimizer: %d is not an optimiser",
                       (int)o->kind);
    if (o->kind == SEQNN_OPTIMIZER_DEFAULT)
        o->kind = SEQNN_ADAM;
    if ((int)schedule->kind < 0 || schedule->kind > SEQNN_SCHEDULE_INVERSE_TIME ||
        schedule->warm_up < 0 ||
        (schedule->kind > SEQNN_SCHEDULE_CONSTANT && schedule->steps < 1))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "optimizer: schedule %d over %td steps with warm_up %td; expected a kind "
            "of schedule, at least 1 step, and no negative warm_up",
            (int)schedule->kind, schedule->steps, schedule->warm_up);
    o->learning_rate =
        sq_option(o->learning_rate, (seqnn_real)(o->kind == SEQNN_SGD ? 0.01 : 0.001));
    schedule->decay =
        sq_option(schedule->decay, (seqnn_real)sq_default_decay(schedule->kind));
    schedule->minimum = sq_option(schedule->minimum, 0);
    if (!sq_is_amount(o->learning_rate) || !sq_is_amount(schedule->decay) ||
        !sq_is_amount(schedule->minimum))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "optimizer: learning_rate %g, and of the schedule decay %g, "
                       "minimum %g; expected 0 or more",
                       (double)o->learning_rate, (double)schedule->decay,
                       (double)schedule->minimum);
    return SEQNN_OK;
}

static double sq_scheduled(const seqnn_schedule *schedule, double eta_0, seqnn_size k)
{
    double decay = (double)schedule->decay, minimum = (double)schedule->minimum;
    double u = (double)k / (double)sq_max(schedule->steps, 1), eta = eta_0;
    switch (schedule->kind) {
    case SEQNN_SCHEDULE_STEP:
        eta = eta_0 * pow(decay, floor(u));
        break;
    case SEQNN_SCHEDULE_EXPONENTIAL:
        eta = eta_0 * pow(decay, u);
        break;
    case SEQNN_SCHEDULE_COSINE:
        eta = minimum +
              (eta_0 - minimum) * (1 + cos(3.14159265358979323846 * fmin(u, 1))) / 2;
        break;
    case SEQNN_SCHEDULE_INVERSE_TIME:
        eta = eta_0 / (1 + decay * u);
        break;
    default:
        break;
    }
    return fmax(eta, minimum);
}

/* Of an optimiser whose numbers are resolved. */
static seqnn_real sq_rate_at(const seqnn_optimizer *o, seqnn_size k)
{
    seqnn_size warm_up = o->schedule.warm_up;
    if (k < warm_up)
        return o->learning_rate * (seqnn_real)(k + 1) / (seqnn_real)warm_up;
    return (seqnn_real)sq_scheduled(&o->schedule, (double)o->learning_rate, k - warm_up);
}

SEQNN_API seqnn_real seqnn_learning_rate(seqnn_optimizer optimizer, seqnn_size k)
{
    if (sq_resolve_rate(&optimizer))
        return (seqnn_real)NAN;
    return sq_rate_at(&optimizer, k);
}

/* ---- options ---- */

static bool sq_is_factor(seqnn_real value)
{
    return value >= 0 && value < 1;
}

/* Defaults filled in, and every number in its range. */
static seqnn_status sq_resolve_optimizer(seqnn_optimizer *o)
{
    seqnn_status status = sq_resolve_rate(o);
    if (status)
        return status;
    o->momentum = sq_option(o->momentum, 0);
    o->rho = sq_option(o->rho, (seqnn_real)0.9);
    o->beta1 = sq_option(o->beta1, (seqnn_real)0.9);
    o->beta2 = sq_option(o->beta2, (seqnn_real)0.999);
    o->epsilon = sq_option(o->epsilon, (seqnn_real)1e-7);
    o->initial_accumulator = sq_option(o->initial_accumulator, (seqnn_real)0.1);
    o->weight_decay =
        sq_option(o->weight_decay, (seqnn_real)(o->kind == SEQNN_ADAMW ? 0.004 : 0));
    o->l2 = sq_option(o->l2, 0);
    if (!sq_is_factor(o->momentum) || !sq_is_factor(o->rho) || !sq_is_factor(o->beta1) ||
        !sq_is_factor(o->beta2))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "optimizer: momentum %g, rho %g, beta1 %g, beta2 %g; expected [0, 1)",
            (double)o->momentum, (double)o->rho, (double)o->beta1, (double)o->beta2);
    if (!sq_is_amount(o->epsilon) || !sq_is_amount(o->initial_accumulator) ||
        !sq_is_amount(o->weight_decay) || !sq_is_amount(o->l2))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "optimizer: epsilon %g, initial_accumulator %g, weight_decay %g, l2 %g; "
            "expected 0 or more",
            (double)o->epsilon, (double)o->initial_accumulator, (double)o->weight_decay,
            (double)o->l2);
    return SEQNN_OK;
}

/* ---- the state ---- */

static bool sq_has_m(const seqnn_optimizer *o)
{
    if (o->kind == SEQNN_SGD || o->kind == SEQNN_RMSPROP)
        return o->momentum > 0;
    return o->kind != SEQNN_ADAGRAD;
}

SEQNN_API void seqnn_reset_optimizer(seqnn_model *model)
{
    sq_training *training = model ? (sq_training *)model->training : NULL;
    if (!training)
        return;
    sq_free(training->m);
    sq_free(training->v);
    training->m = training->v = NULL;
    training->kind = SEQNN_OPTIMIZER_DEFAULT;
    training->step = 0;
    training->gathered = 0;
}

SEQNN_API seqnn_size seqnn_steps(const seqnn_model *model)
{
    return model && model->training ? ((const sq_training *)model->training)->step : 0;
}

static seqnn_status sq_optimizer_state(seqnn_model *model, sq_training *training,
                                       const seqnn_optimizer *o)
{
    seqnn_size count = model->weight_count;
    if (training->kind && training->kind != o->kind)
        seqnn_reset_optimizer(model);
    training->kind = o->kind;
    if (sq_has_m(o) && !training->m) {
        training->m = (seqnn_real *)sq_allocate(count, sizeof(seqnn_real));
        if (!training->m)
            return SEQNN_ERROR_MEMORY;
    }
    if (o->kind != SEQNN_SGD && !training->v) {
        training->v = (seqnn_real *)sq_allocate(count, sizeof(seqnn_real));
        if (!training->v)
            return SEQNN_ERROR_MEMORY;
        for (seqnn_size i = 0; o->kind == SEQNN_ADAGRAD && i < count; i++)
            training->v[i] = o->initial_accumulator;
    }
    return SEQNN_OK;
}

/* ---- the step ---- */

static sq_update sq_update_numbers(const seqnn_optimizer *o, seqnn_size step)
{
    sq_update u;
    memset(&u, 0, sizeof u);
    double eta = (double)sq_rate_at(o, step), t = (double)(step + 1);
    u.rate = (seqnn_real)eta;
    u.shrink = (seqnn_real)(1 - eta * (double)o->weight_decay);
    u.l2 = o->l2;
    u.momentum = o->momentum;
    u.nesterov = o->nesterov;
    u.move1 = (seqnn_real)(1 - (double)o->beta1);
    if (o->kind == SEQNN_ADAM || o->kind == SEQNN_ADAMW) {
        double root = sqrt(1 - pow((double)o->beta2, t));
        u.move2 = (seqnn_real)(1 - (double)o->beta2);
        u.rate = (seqnn_real)(eta * root / (1 - pow((double)o->beta1, t)));
        u.epsilon = (seqnn_real)((double)o->epsilon * (o->pytorch_epsilon ? root : 1));
        return u;
    }
    u.move2 = (seqnn_real)(1 - (double)o->rho);
    u.epsilon = o->pytorch_epsilon ? o->epsilon : 0;
    u.epsilon_inside = o->pytorch_epsilon ? 0 : o->epsilon;
    return u;
}

typedef struct sq_update_range {
    const sq_update *update;
    sq_update_function apply;
    seqnn_real *w, *g, *m, *v;
    const sq_parameter *table; /* if rows of it were not touched */
    bool skip_untouched;       /* no gradient, no change */
} sq_update_range;

static void sq_update_stretch(const sq_update_range *range, seqnn_size begin,
                              seqnn_size end, bool gradient)
{
    range->apply(range->update, end - begin, range->w + begin,
                 gradient ? range->g + begin : NULL, range->m ? range->m + begin : NULL,
                 range->v ? range->v + begin : NULL);
}

static void sq_update_flat(void *context, seqnn_size begin, seqnn_size end)
{
    sq_update_stretch((const sq_update_range *)context, begin, end, true);
}

/* Rows [begin, end) of a table, in runs that were touched or not. */
static void sq_update_table(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_update_range *range = (const sq_update_range *)context;
    const uint8_t *mark = range->table->touched->mark;
    seqnn_size columns = range->table->view.columns;
    while (begin < end) {
        bool touched = mark[begin] != 0;
        seqnn_size stop = begin + 1;
        while (stop < end && (mark[stop] != 0) == touched)
            stop++;
        if (touched || !range->skip_untouched)
            sq_update_stretch(range, begin * columns, stop * columns, touched);
        begin = stop;
    }
}

static sq_update_range sq_range_at(const sq_update_range *all, seqnn_size offset)
{
    sq_update_range range = *all;
    range.w += offset;
    range.g += offset;
    if (range.m)
        range.m += offset;
    if (range.v)
        range.v += offset;
    return range;
}

static void sq_update_between(const sq_update_range *all, seqnn_size begin,
                              seqnn_size end)
{
    sq_update_range range = sq_range_at(all, begin);
    sq_parallel(end - begin, SQ_PARAMETER_GRAIN, sq_update_flat, &range);
}

/* Neighbouring parameters that are trained are one stretch of the flat block; frozen ones
 * and tables interrupt it. */
static void sq_update_all(seqnn_model *model, const sq_update_range *all)
{
    seqnn_size begin = 0, end = 0;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const sq_parameter *parameter = &model->layers[i]->parameters[p];
            const seqnn_parameter *view = &parameter->view;
            seqnn_size stop = parameter->offset + view->rows * view->columns;
            if (!view->frozen && !parameter->touched) {
                end = stop;
                continue;
            }
            sq_update_between(all, begin, end);
            begin = end = stop;
            if (view->frozen)
                continue;
            sq_update_range range = sq_range_at(all, parameter->offset);
            range.table = parameter;
            sq_parallel(view->rows, sq_row_grain(view->columns), sq_update_table, &range);
        }
    sq_update_between(all, begin, end);
}

SEQNN_API seqnn_status seqnn_step(seqnn_model *model, seqnn_optimizer optimizer)
{
    seqnn_status status = sq_model_build(model);
    sq_training *training = status ? NULL : sq_training_of(model);
    if (!training)
        return status ? status : SEQNN_ERROR_MEMORY;
    seqnn_optimizer o = optimizer;
    status = sq_resolve_optimizer(&o);
    if (!status)
        status = sq_optimizer_state(model, training, &o);
    if (!status)
        status = sq_gradient_norms(model, "step", NULL, NULL);
    if (status) {
        model->run_status = status;
        return status;
    }
    sq_update update = sq_update_numbers(&o, training->step);
    sq_update_range all;
    memset(&all, 0, sizeof all);
    all.update = &update;
    all.apply = sq_update_of(o.kind);
    all.w = model->weights;
    all.g = model->gradients;
    all.m = sq_has_m(&o) ? training->m : NULL;
    all.v = training->v;
    all.skip_untouched = o.l2 == 0 && o.weight_decay == 0 && !all.m &&
                         (o.kind == SEQNN_SGD || o.kind == SEQNN_ADAGRAD);
    sq_update_all(model, &all);
    training->step++;
    return SEQNN_OK;
}

/* --------------------------------------------------------------------- train/train.c */

/* ---- one step ---- */

static seqnn_layer *sq_last_layer(seqnn_model *model)
{
    return model->layers[model->layer_count - 1];
}

static bool sq_all_finite(seqnn_size n, const seqnn_real *x)
{
    for (seqnn_size i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* A loss that is not finite: the first layer where something was not tells where it came
 * from. */
static void sq_bad_loss(seqnn_model *model, seqnn_real loss)
{
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        const seqnn_layer *layer = model->layers[i];
        if (sq_all_finite(layer->out.rows * layer->out.features, layer->out.value))
            continue;
        sq_training_fail(model, SEQNN_ERROR_NUMBER,
                         "train_step: step %td: the loss is %g; the first output that is "
                         "not finite is that of %s '%s'",
                         seqnn_steps(model) + 1, (double)loss, layer->type->kind,
                         layer->name);
        return;
    }
    sq_training_fail(
        model, SEQNN_ERROR_NUMBER,
        "train_step: step %td: the loss is %g, though all outputs are finite: "
        "the targets are not, or they are too far away",
        seqnn_steps(model) + 1, (double)loss);
}

/* Forward, loss, backward: adds to the gradients. Where several batches are gathered it
 * is the gradient of their sums that is added, not of their means. */
static seqnn_real sq_add_batch(seqnn_model *model, sq_training *training,
                               const seqnn_dataset *batch,
                               const seqnn_train_options *options, double *divisor)
{
    if (seqnn_forward(model, batch, SEQNN_TRAIN))
        return (seqnn_real)NAN;
    seqnn_real loss = sq_loss(model, batch, &options->loss, divisor);
    if (model->run_status)
        return (seqnn_real)NAN;
    if (!isfinite(loss)) {
        sq_bad_loss(model, loss);
        return (seqnn_real)NAN;
    }
    sq_signal *out = &sq_last_layer(model)->out;
    if (options->accumulate > 1 && *divisor > 0) {
        for (seqnn_size i = 0; i < out->rows * out->features; i++)
            out->gradient[i] *= (seqnn_real)*divisor;
        training->divisor += *divisor;
    }
    return seqnn_backward(model) ? (seqnn_real)NAN : loss;
}

static seqnn_status sq_clip_and_step(seqnn_model *model,
                                     const seqnn_train_options *options)
{
    if ((options->clip_value != 0 || options->clip_value_lower != 0) &&
        isnan(seqnn_clip_by_value(model, options->clip_value, options->clip_value_lower)))
        return model->run_status;
    if ((options->clip_norm != 0 || options->clip_norm_lower != 0) &&
        isnan(seqnn_clip_by_norm(model, options->clip_norm, options->clip_norm_lower)))
        return model->run_status;
    if ((options->clip_global_norm != 0 || options->clip_global_norm_lower != 0) &&
        isnan(seqnn_clip_by_global_norm(model, options->clip_global_norm,
                                        options->clip_global_norm_lower)))
        return model->run_status;
    return seqnn_step(model, options->optimizer);
}

SQ_LOCAL seqnn_status sq_train_update(seqnn_model *model,
                                      const seqnn_train_options *options)
{
    sq_training *training = (sq_training *)model->training;
    if (training->gathered == 0)
        return SEQNN_OK;
    training->gathered = 0;
    if (training->divisor > 0)
        sq_scale_gradients(model, 1 / training->divisor);
    return sq_clip_and_step(model, options);
}

SQ_LOCAL seqnn_real sq_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                  const seqnn_train_options *options, double *divisor)
{
    if (sq_model_build(model))
        return (seqnn_real)NAN;
    sq_training *training = sq_training_of(model);
    if (!training)
        model->run_status = SEQNN_ERROR_MEMORY;
    else if (options->accumulate < 0)
        sq_training_fail(model, SEQNN_ERROR_ARGUMENT,
                         "train_step: accumulate is %td, expected 0 or more",
                         options->accumulate);
    if (!training || options->accumulate < 0)
        return (seqnn_real)NAN;
    if (training->gathered == 0) {
        seqnn_zero_gradients(model);
        training->divisor = 0;
    }
    seqnn_real loss = sq_add_batch(model, training, batch, options, divisor);
    if (model->run_status)
        return (seqnn_real)NAN;
    if (++training->gathered < options->accumulate)
        return loss;
    return sq_train_update(model, options) ? (seqnn_real)NAN : loss;
}

SEQNN_API seqnn_real seqnn_train_step(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_train_options options)
{
    double divisor = 0;
    return sq_train_step(model, batch, &options, &divisor);
}

/* ---- what the model says ---- */

enum { SQ_DEFAULT_BATCH = 32 };

/* The next rows of data as a batch, or false. */
static bool sq_next_rows(const seqnn_dataset *data, seqnn_size *begin,
                         seqnn_size batch_size, seqnn_dataset *batch)
{
    if (*begin >= data->count)
        return false;
    seqnn_size end = sq_min(data->count, *begin + sq_min(batch_size, data->count));
    *batch = seqnn_dataset_slice(data, *begin, end);
    *begin = end;
    return true;
}

static seqnn_status sq_check_data(seqnn_model *model, const char *who,
                                  const seqnn_dataset *data, seqnn_size *batch_size)
{
    seqnn_status status = sq_model_build(model);
    if (status)
        return status;
    status = sq_check_samples(who, data);
    if (!status && *batch_size < 0)
        status = sq_fail(SEQNN_ERROR_ARGUMENT,
                         "%s: batch_size is %td, expected 0 (the default) or more", who,
                         *batch_size);
    if (*batch_size == 0)
        *batch_size = SQ_DEFAULT_BATCH;
    if (status)
        model->run_status = status;
    return status;
}

SEQNN_API seqnn_evaluation seqnn_evaluate(seqnn_model *model, const seqnn_dataset *data,
                                          seqnn_evaluate_options options)
{
    seqnn_evaluation result = {SEQNN_OK, (seqnn_real)NAN, (seqnn_real)NAN};
    double loss = 0, divisors = 0, right = 0, asked = 0;
    seqnn_size begin = 0;
    seqnn_dataset batch;
    result.status = sq_check_data(model, "evaluate", data, &options.batch_size);
    if (result.status)
        return result;
    bool counted = true;
    while (sq_next_rows(data, &begin, options.batch_size, &batch)) {
        double divisor = 0, part = 0;
        result.status = seqnn_forward(model, &batch, SEQNN_EVALUATE);
        if (!result.status) {
            part = (double)sq_loss(model, &batch, &options.loss, &divisor);
            result.status = model->run_status;
        }
        if (result.status)
            return result;
        loss += divisor > 0 ? part * divisor : part;
        divisors += divisor;
        counted = sq_count_right(model, &batch, &options.loss, &right, &asked);
    }
    result.loss = (seqnn_real)(divisors > 0 ? loss / divisors : loss);
    if (counted)
        result.accuracy = (seqnn_real)(asked > 0 ? right / asked : 0);
    return result;
}

/* Makes room for the outputs of all samples. */
static seqnn_status sq_predict_room(seqnn_model *model, const seqnn_dataset *data,
                                    seqnn_tensor *tensor)
{
    sq_training *training = sq_training_of(model);
    const seqnn_layer *last = sq_last_layer(model);
    seqnn_size time = last->source >= 0 ? data->x[last->source].time : 0;
    seqnn_size positions = sq_multiply(data->count, last->source >= 0 ? time : 1);
    seqnn_size needed = sq_multiply(positions, last->out.features);
    if (!training)
        return model->run_status = SEQNN_ERROR_MEMORY;
    if (needed < 0)
        return sq_training_fail(model, SEQNN_ERROR_MEMORY,
                                "predict: %td outputs of %td steps are too many",
                                data->count, time);
    void *memory = training->predicted;
    seqnn_status status =
        sq_grow(&memory, &training->predicted_capacity, needed, sizeof(seqnn_real));
    training->predicted = (seqnn_real *)memory;
    if (status)
        model->run_status = status;
    tensor->rank = 0;
    tensor->shape[tensor->rank++] = data->count;
    if (last->source >= 0)
        tensor->shape[tensor->rank++] = time;
    tensor->shape[tensor->rank++] = last->out.features;
    return status;
}

SEQNN_API seqnn_tensor seqnn_predict(seqnn_model *model, const seqnn_dataset *data,
                                     seqnn_predict_options options)
{
    seqnn_tensor nothing, result;
    memset(&nothing, 0, sizeof nothing);
    memset(&result, 0, sizeof result);
    if (sq_check_data(model, "predict", data, &options.batch_size) ||
        sq_predict_room(model, data, &result))
        return nothing;
    seqnn_size begin = 0;
    seqnn_dataset batch;
    seqnn_real *to = ((sq_training *)model->training)->predicted;
    result.data = to;
    while (sq_next_rows(data, &begin, options.batch_size, &batch)) {
        const sq_signal *out = &sq_last_layer(model)->out;
        if (seqnn_forward(model, &batch, SEQNN_EVALUATE))
            return nothing;
        if (out->packing) {
            sq_unpack_rows(out->packing, out->features, out->value, to);
            to += batch.count * out->packing->time * out->features;
        } else {
            memcpy(to, out->value, (size_t)(out->rows * out->features) * sizeof *to);
            to += out->rows * out->features;
        }
    }
    return result;
}

/* ----------------------------------------------------------------------- train/fit.c */

/* Philox stream of the shuffle before a validation split. */
#define SQ_SPLIT_STREAM ((uint64_t)0x73706c69 << 32)

/* What is summed up over the batches of an epoch. */
typedef struct sq_epoch_sums {
    double loss, divisors, right, asked;
    bool has_accuracy;
} sq_epoch_sums;

typedef struct sq_fit {
    seqnn_model *model;
    const seqnn_fit_options *options;
    seqnn_train_options step;
    seqnn_size epochs, batch_size;
    const seqnn_dataset *data, *validation;
    seqnn_dataset *kept, *held; /* both parts of a validation split */
    seqnn_batches *batches;
    bool stateful;    /* a layer is */
    sq_chunks chunks; /* if options->bptt_chunk */
    sq_progress progress;
    sq_epoch_sums sums;
    seqnn_history history;
    seqnn_monitor monitor;
    seqnn_real best;
} sq_fit;

/* ---- preparations ---- */

static seqnn_status sq_split_validation(sq_fit *fit, const seqnn_dataset *data)
{
    double split = (double)fit->options->validation_split;
    if (!(split > 0 && split < 1))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: validation_split is %g, expected (0, 1)", split);
    /* 0.2f of 10 is a little more than 2. */
    seqnn_size held = (seqnn_size)ceil(split * (double)data->count -
                                       1e-6 * split * (double)data->count);
    if (held >= data->count || data->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: validation_split %g of %td samples leaves none to train on; "
                       "at least 2 samples are needed",
                       split, data->count);
    int32_t *order = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    if (!order)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < data->count; i++)
        order[i] = (int32_t)i;
    seqnn_random random = {fit->model->seed, SQ_SPLIT_STREAM, 0};
    seqnn_random_shuffle(&random, order, data->count);
    seqnn_size first = data->count - held;
    fit->kept = seqnn_dataset_take(data, order, first);
    fit->held = seqnn_dataset_take(data, order + first, held);
    sq_free(order);
    fit->data = fit->kept;
    fit->validation = fit->held;
    return fit->kept && fit->held ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

static seqnn_status sq_check_fit(const sq_fit *fit, const seqnn_dataset *data)
{
    const seqnn_fit_options *o = fit->options;
    seqnn_status status = sq_check_samples("fit", data);
    if (status)
        return status;
    if (o->epochs < 0 || o->batch_size < 0 || o->patience < 0 || o->bptt_chunk < 0 ||
        o->accumulate < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: epochs %td, batch_size %td, patience %td, bptt_chunk %td, "
                       "accumulate %td; expected 0 (the default) or more",
                       o->epochs, o->batch_size, o->patience, o->bptt_chunk,
                       o->accumulate);
    if (data->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "fit: %td samples, expected at most %d",
                       data->count, (int)INT32_MAX);
    if (o->validation && o->validation_split != 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: validation and validation_split exclude each other");
    bool watches_validation =
        o->monitor == SEQNN_MONITOR_VAL_ACCURACY || o->monitor == SEQNN_MONITOR_VAL_LOSS;
    if ((int)o->monitor < 0 || o->monitor > SEQNN_MONITOR_LOSS ||
        (watches_validation && !o->validation && o->validation_split == 0))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "fit: monitor %d; expected one of seqnn_monitor, and validation data "
            "for those of validation",
            (int)o->monitor);
    return SEQNN_OK;
}

static const char *sq_stateful_layer(const seqnn_model *model)
{
    for (seqnn_size i = 0; i < model->layer_count; i++)
        if (sq_is_recurrent(model->layers[i]) &&
            ((const sq_recurrent *)model->layers[i])->stateful)
            return model->layers[i]->name;
    return NULL;
}

/* A batch of b samples leaves states of b samples: the next one must have as many. */
static seqnn_status sq_check_stateful(const sq_fit *fit, const char *name)
{
    seqnn_size rest = fit->data->count % sq_min(fit->batch_size, fit->data->count);
    if (rest && !fit->options->drop_last && !fit->options->bptt_chunk)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: '%s' is stateful, and %td samples in batches of %td leave a "
                       "last batch of %td; choose another batch_size, or drop_last",
                       name, fit->data->count, fit->batch_size, rest);
    if (!fit->validation || fit->validation->count < 1)
        return SEQNN_OK;
    rest = fit->validation->count % sq_min(fit->batch_size, fit->validation->count);
    if (rest)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: '%s' is stateful, and %td samples of validation in batches "
                       "of %td leave a last batch of %td; choose another batch_size",
                       name, fit->validation->count, fit->batch_size, rest);
    return SEQNN_OK;
}

/* Of the data that is trained on, after a split. */
static seqnn_status sq_check_batches(sq_fit *fit)
{
    const char *stateful = sq_stateful_layer(fit->model);
    seqnn_size count = fit->data->count, size = fit->batch_size;
    if (fit->options->drop_last && count < size)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "fit: %td samples are fewer than one batch of %td, and drop_last leaves "
            "out the rest: at least %td samples are needed",
            count, size, size);
    fit->stateful = stateful != NULL;
    return stateful ? sq_check_stateful(fit, stateful) : SEQNN_OK;
}

static void sq_step_options(sq_fit *fit)
{
    const seqnn_fit_options *o = fit->options;
    fit->step.optimizer = o->optimizer;
    fit->step.loss = o->loss;
    fit->step.clip_value = o->clip_value;
    fit->step.clip_value_lower = o->clip_value_lower;
    fit->step.clip_norm = o->clip_norm;
    fit->step.clip_norm_lower = o->clip_norm_lower;
    fit->step.clip_global_norm = o->clip_global_norm;
    fit->step.clip_global_norm_lower = o->clip_global_norm_lower;
    fit->step.accumulate = o->accumulate;
}

/* New arrays for the history, and for the best weights. */
static seqnn_status sq_fit_memory(sq_fit *fit)
{
    sq_training *training = sq_training_of(fit->model);
    if (!training)
        return SEQNN_ERROR_MEMORY;
    bool complete = true;
    training->gathered = 0;
    for (int i = 0; i < 4; i++) {
        sq_free(training->history[i]);
        training->history[i] = (seqnn_real *)sq_allocate(fit->epochs, sizeof(seqnn_real));
        complete = complete && training->history[i];
    }
    sq_free(training->seconds);
    training->seconds = (double *)sq_allocate(fit->epochs, sizeof(double));
    if (!complete || !training->seconds)
        return SEQNN_ERROR_MEMORY;
    fit->history.loss = training->history[0];
    fit->history.accuracy = training->history[1];
    fit->history.val_loss = training->history[2];
    fit->history.val_accuracy = training->history[3];
    fit->history.seconds = training->seconds;
    if (fit->options->restore_best && !training->best)
        training->best =
            (seqnn_real *)sq_allocate(fit->model->weight_count, sizeof(seqnn_real));
    return fit->options->restore_best && !training->best ? SEQNN_ERROR_MEMORY : SEQNN_OK;
}

static seqnn_status sq_fit_start(sq_fit *fit, const seqnn_dataset *data)
{
    const seqnn_fit_options *o = fit->options;
    seqnn_batches_options order;
    memset(&order, 0, sizeof order);
    seqnn_status status = sq_check_fit(fit, data);
    if (status)
        return status;
    fit->epochs = o->epochs ? o->epochs : 1;
    fit->batch_size = o->batch_size ? o->batch_size : 32;
    fit->data = data;
    fit->validation = o->validation;
    fit->monitor = o->monitor;
    sq_step_options(fit);
    if (o->validation_split != 0)
        status = sq_split_validation(fit, data);
    if (!status)
        status = sq_check_batches(fit);
    if (!status)
        status = sq_fit_memory(fit);
    if (status)
        return status;
    order.seed = fit->model->seed;
    order.keep_order = o->keep_order;
    order.drop_last = o->drop_last;
    fit->batches = seqnn_batches_new(fit->data, fit->batch_size, order);
    if (!fit->batches) /* what else can be wrong was checked */
        return SEQNN_ERROR_MEMORY;
    if (o->bptt_chunk)
        status = sq_chunks_new(&fit->chunks, fit->model, fit->data, fit->batch_size,
                               o->bptt_chunk);
    if (status)
        return status;
    seqnn_size chunks = o->bptt_chunk ? sq_chunks_count(&fit->chunks) : 1;
    fit->progress =
        sq_progress_new(o->verbose > 0, seqnn_batches_count(fit->batches) * chunks);
    return SEQNN_OK;
}

static void sq_fit_end(sq_fit *fit)
{
    seqnn_dataset_free(fit->kept);
    seqnn_dataset_free(fit->held);
    seqnn_batches_free(fit->batches);
    sq_chunks_free(&fit->chunks);
    if (fit->model->training) /* after an error: the next step begins anew */
        ((sq_training *)fit->model->training)->gathered = 0;
}

/* ---- an epoch ---- */

static double sq_epoch_loss(const sq_epoch_sums *sums)
{
    return sums->divisors > 0 ? sums->loss / sums->divisors : sums->loss;
}

static double sq_epoch_accuracy(const sq_epoch_sums *sums)
{
    return sums->has_accuracy && sums->asked > 0 ? sums->right / sums->asked
                                                 : (double)NAN;
}

static seqnn_status sq_fit_batch(sq_fit *fit, const seqnn_dataset *batch)
{
    sq_epoch_sums *sums = &fit->sums;
    double divisor = 0;
    double loss = (double)sq_train_step(fit->model, batch, &fit->step, &divisor);
    if (fit->model->run_status)
        return fit->model->run_status;
    sums->loss += divisor > 0 ? loss * divisor : loss;
    sums->divisors += divisor;
    sums->has_accuracy =
        sq_count_right(fit->model, batch, &fit->step.loss, &sums->right, &sums->asked);
    return SEQNN_OK;
}

/* The states of stateful layers pass from batch to batch, not from one data set or epoch
 * to another. */
static void sq_fit_forget_states(sq_fit *fit)
{
    if (fit->stateful)
        seqnn_reset_states(fit->model);
}

/* A batch in chunks of time. Each goes on from the states that the one before ended in.
 */
static seqnn_status sq_fit_chunks(sq_fit *fit, const seqnn_dataset *batch)
{
    seqnn_size count = sq_chunks_count(&fit->chunks);
    seqnn_status status = SEQNN_OK;
    bool running = false;
    seqnn_reset_states(fit->model);
    for (seqnn_size k = 0; k < count && !status; k++) {
        const seqnn_dataset *chunk = sq_chunk_at(&fit->chunks, batch, k);
        if (!chunk)
            continue;
        if (running)
            status = sq_chunks_carry(&fit->chunks, batch->count);
        if (!status)
            status = sq_fit_batch(fit, chunk);
        running = true;
    }
    return status;
}

static seqnn_status sq_fit_batches(sq_fit *fit, seqnn_size epoch)
{
    const seqnn_dataset *batch;
    seqnn_status status = SEQNN_OK;
    seqnn_size done = 0, chunks = 1;
    if (fit->options->bptt_chunk)
        chunks = sq_chunks_count(&fit->chunks);
    memset(&fit->sums, 0, sizeof fit->sums);
    seqnn_batches_start(fit->batches, epoch);
    while (!status && (batch = seqnn_batches_next(fit->batches)) != NULL) {
        status = fit->options->bptt_chunk ? sq_fit_chunks(fit, batch)
                                          : sq_fit_batch(fit, batch);
        sq_progress_step(&fit->progress, ++done * chunks, sq_epoch_loss(&fit->sums),
                         sq_epoch_accuracy(&fit->sums));
    }
    return status ? status : sq_train_update(fit->model, &fit->step);
}

/* The epoch's line of the history. */
static seqnn_status sq_fit_epoch(sq_fit *fit, seqnn_size epoch)
{
    sq_training *training = sq_training_of(fit->model);
    seqnn_evaluation validation = {SEQNN_OK, (seqnn_real)NAN, (seqnn_real)NAN};
    seqnn_evaluate_options how;
    double started = sq_seconds();
    sq_progress_epoch(&fit->progress, epoch, fit->epochs);
    sq_fit_forget_states(fit);
    seqnn_status status = sq_fit_batches(fit, epoch);
    if (status)
        return status;
    sq_fit_forget_states(fit);
    memset(&how, 0, sizeof how);
    how.batch_size = fit->batch_size;
    how.loss = fit->options->loss;
    if (fit->validation)
        validation = seqnn_evaluate(fit->model, fit->validation, how);
    sq_fit_forget_states(fit);
    if (validation.status)
        return validation.status;
    training->history[0][epoch] = (seqnn_real)sq_epoch_loss(&fit->sums);
    training->history[1][epoch] = (seqnn_real)sq_epoch_accuracy(&fit->sums);
    training->history[2][epoch] = validation.loss;
    training->history[3][epoch] = validation.accuracy;
    training->seconds[epoch] = sq_seconds() - started;
    fit->history.epochs = epoch + 1;
    sq_progress_end(&fit->progress, sq_epoch_loss(&fit->sums),
                    sq_epoch_accuracy(&fit->sums), (double)validation.loss,
                    (double)validation.accuracy);
    return SEQNN_OK;
}

/* ---- early stopping ---- */

static seqnn_monitor sq_default_monitor(const sq_fit *fit, seqnn_size epoch)
{
    if (!fit->validation)
        return SEQNN_MONITOR_LOSS;
    return isnan(fit->history.val_accuracy[epoch]) ? SEQNN_MONITOR_VAL_LOSS
                                                   : SEQNN_MONITOR_VAL_ACCURACY;
}

/* The monitored value, so that larger is better. */
static seqnn_real sq_monitored(const sq_fit *fit, seqnn_size epoch)
{
    switch (fit->monitor) {
    case SEQNN_MONITOR_VAL_ACCURACY:
        return fit->history.val_accuracy[epoch];
    case SEQNN_MONITOR_VAL_LOSS:
        return -fit->history.val_loss[epoch];
    case SEQNN_MONITOR_ACCURACY:
        return fit->history.accuracy[epoch];
    default:
        return -fit->history.loss[epoch];
    }
}

static seqnn_status sq_watch(sq_fit *fit, seqnn_size epoch)
{
    sq_training *training = sq_training_of(fit->model);
    if (fit->monitor == SEQNN_MONITOR_DEFAULT)
        fit->monitor = sq_default_monitor(fit, epoch);
    seqnn_real value = sq_monitored(fit, epoch);
    if (isnan(value))
        return sq_fail(SEQNN_ERROR_NUMBER,
                       "the monitored value is NaN (regression has no accuracy)");
    if (epoch > 0 && !(value > fit->best))
        return SEQNN_OK;
    fit->best = value;
    fit->history.best_epoch = epoch;
    if (fit->options->restore_best)
        memcpy(training->best, fit->model->weights,
               (size_t)fit->model->weight_count * sizeof(seqnn_real));
    return SEQNN_OK;
}

static bool sq_goes_on(const sq_fit *fit, seqnn_size epoch)
{
    const seqnn_fit_options *o = fit->options;
    bool patient = !o->patience || epoch - fit->history.best_epoch < o->patience;
    bool asked = !o->on_epoch || o->on_epoch(fit->model, &fit->history, o->context);
    return patient && asked;
}

static seqnn_status sq_fit_epochs(sq_fit *fit)
{
    seqnn_status status = SEQNN_OK;
    bool goes_on = true;
    for (seqnn_size epoch = 0; epoch < fit->epochs && !status && goes_on; epoch++) {
        status = sq_fit_epoch(fit, epoch);
        if (!status)
            status = sq_watch(fit, epoch);
        if (!status)
            goes_on = sq_goes_on(fit, epoch);
        if (status) {
            char cause[512];
            snprintf(cause, sizeof cause, "%s", seqnn_error());
            sq_fail(status, "fit: epoch %td: %s", epoch + 1, cause);
        }
    }
    return status;
}

SEQNN_API seqnn_history seqnn_fit(seqnn_model *model, const seqnn_dataset *data,
                                  seqnn_fit_options options)
{
    sq_fit fit;
    memset(&fit, 0, sizeof fit);
    fit.model = model;
    fit.options = &options;
    fit.history.status = sq_model_build(model);
    if (fit.history.status)
        return fit.history;
    fit.history.status = sq_fit_start(&fit, data);
    if (!fit.history.status)
        fit.history.status = sq_fit_epochs(&fit);
    if (!fit.history.status && options.restore_best && fit.history.epochs > 0)
        memcpy(model->weights, ((sq_training *)model->training)->best,
               (size_t)model->weight_count * sizeof(seqnn_real));
    sq_fit_end(&fit);
    if (fit.history.status)
        model->run_status = fit.history.status;
    return fit.history;
}

/* ------------------------------------------------------------ train/gradient_check.c */

/* What every evaluation of the loss starts from. */
typedef struct sq_check {
    seqnn_model *model;
    const seqnn_dataset *batch;
    const seqnn_loss_options *loss;
    double epsilon;
    uint64_t pass; /* so that all passes draw the same dropout masks */
} sq_check;

static seqnn_real sq_check_loss_now(const sq_check *check)
{
    check->model->pass = check->pass;
    seqnn_reset_states(check->model);
    if (seqnn_forward(check->model, check->batch, SEQNN_TRAIN))
        return (seqnn_real)NAN;
    return sq_loss(check->model, check->batch, check->loss, NULL);
}

/* The step that was really taken is what the sum of floats says, not epsilon. */
static double sq_central_difference(const sq_check *check, seqnn_real *w)
{
    seqnn_real before = *w;
    *w = before + (seqnn_real)check->epsilon;
    double above = (double)*w, loss_above = (double)sq_check_loss_now(check);
    *w = before - (seqnn_real)check->epsilon;
    double below = (double)*w, loss_below = (double)sq_check_loss_now(check);
    *w = before;
    return (loss_above - loss_below) / (above - below);
}

static void sq_check_tensor(const sq_check *check, const seqnn_parameter *view,
                            seqnn_size limit, seqnn_gradient_error *result)
{
    seqnn_size size = view->rows * view->columns;
    seqnn_size count = limit > 0 ? sq_min(limit, size) : size;
    double largest = 0, most = -1;
    for (seqnn_size k = 0; k < count; k++) {
        seqnn_size i = k * size / count;
        double g = (double)view->gradient[i];
        double d = sq_central_difference(check, &view->value[i]);
        result->checked++;
        largest = fmax(largest, fmax(fabs(g), fabs(d)));
        if (fabs(g - d) <= most)
            continue; /* a NaN is no smaller: it is kept */
        most = fabs(g - d);
        result->worst = i;
        result->gradient = g;
        result->difference = d;
        if (isnan(most))
            break;
    }
    result->error = largest > 0 || isnan(most) ? most / largest : 0;
}

/* The analytic gradients, once. */
static seqnn_status sq_check_backward(const sq_check *check)
{
    seqnn_zero_gradients(check->model);
    sq_check_loss_now(check);
    return check->model->run_status ? check->model->run_status
                                    : seqnn_backward(check->model);
}

SEQNN_API double seqnn_gradient_check(seqnn_model *model, const seqnn_dataset *batch,
                                      seqnn_gradient_check_options options,
                                      seqnn_gradient_error *errors, seqnn_size capacity,
                                      seqnn_size *count)
{
    bool is_double = sizeof(seqnn_real) == sizeof(double);
    double worst = 0;
    seqnn_size tensors = 0;
    if (sq_model_build(model))
        return (double)NAN;
    sq_check check = {model, batch, &options.loss, is_double ? 1e-5 : 1e-2, model->pass};
    if (options.epsilon != 0)
        check.epsilon = (double)options.epsilon;
    if (sq_check_backward(&check))
        return (double)NAN;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int p = 0; p < model->layers[i]->parameter_count; p++) {
            const seqnn_parameter *view = &model->layers[i]->parameters[p].view;
            seqnn_gradient_error result;
            if (view->frozen)
                continue;
            memset(&result, 0, sizeof result);
            result.layer = model->layers[i]->name;
            result.parameter = view->name;
            sq_check_tensor(&check, view, options.limit, &result);
            if (model->run_status)
                return (double)NAN;
            if (errors && tensors < capacity)
                errors[tensors] = result;
            tensors++;
            if (!(result.error <= worst))
                worst = result.error;
        }
    if (count)
        *count = tensors;
    return worst;
}

/* ------------------------------------------------------------------- train/summary.c */

static void sq_summary_line(FILE *file, char c)
{
    for (int i = 0; i < 65; i++)
        fputc(c, file);
    fputc('\n', file);
}

static void sq_summary_shape(const seqnn_layer *layer, char *text, size_t size)
{
    if (layer->source < 0)
        snprintf(text, size, "(None, %td)", layer->out.features);
    else if (layer->time)
        snprintf(text, size, "(None, %td, %td)", layer->time, layer->out.features);
    else
        snprintf(text, size, "(None, None, %td)", layer->out.features);
}

/* Parameters of a layer, and those of them that are trained. */
static seqnn_size sq_summary_count(const seqnn_layer *layer, seqnn_size *trained)
{
    seqnn_size total = 0;
    for (int p = 0; p < layer->parameter_count; p++) {
        const seqnn_parameter *view = &layer->parameters[p].view;
        total += view->rows * view->columns;
        *trained += view->frozen ? 0 : view->rows * view->columns;
    }
    return total;
}

SEQNN_API void seqnn_model_summary(seqnn_model *model, FILE *file)
{
    if (!model || model->status) {
        fprintf(file, "%s\n", model ? model->message : "model: NULL");
        return;
    }
    seqnn_size total = 0, trained = 0;
    fprintf(file, "%-32s%-24s%s\n", "Layer (kind)", "Output shape", "Param #");
    sq_summary_line(file, '=');
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        const seqnn_layer *layer = model->layers[i];
        char name[SQ_NAME_SIZE + 32], shape[80];
        snprintf(name, sizeof name, "%s (%s)", layer->name, layer->type->kind);
        sq_summary_shape(layer, shape, sizeof shape);
        seqnn_size count = sq_summary_count(layer, &trained);
        fprintf(file, "%-31s %-23s %td\n", name, shape, count);
        total += count;
    }
    sq_summary_line(file, '=');
    fprintf(file, "Total params: %td\nTrainable params: %td\nNon-trainable params: %td\n",
            total, trained, total - trained);
}

/* -------------------------------------------------------------------- train/chunks.c */

/* Everything with a time axis has the same one, and so has the target. */
static seqnn_status sq_check_chunks(const seqnn_model *model, const seqnn_dataset *data,
                                    seqnn_size steps)
{
    const seqnn_layer *last = model->layers[model->layer_count - 1];
    seqnn_size time = data->y.time;
    if (steps < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "fit: bptt_chunk is %td", steps);
    if (time < 1 || last->source < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "fit: bptt_chunk needs an output and a target for each step");
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        if (data->x[k].time && data->x[k].time != time)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "fit: bptt_chunk: x[%d] has %td steps, y has %td", k,
                           data->x[k].time, time);
    for (seqnn_size i = 0; i < model->layer_count; i++)
        if (sq_is_recurrent(model->layers[i]) &&
            ((const sq_recurrent *)model->layers[i])->sweep.backwards)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "fit: bptt_chunk: '%s' runs backwards in time",
                           model->layers[i]->name);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_chunks_new(sq_chunks *chunks, seqnn_model *model,
                                    const seqnn_dataset *data, seqnn_size batch_size,
                                    seqnn_size steps)
{
    memset(chunks, 0, sizeof *chunks);
    seqnn_status status = sq_check_chunks(model, data, steps);
    if (status)
        return status;
    chunks->model = model;
    chunks->time = data->y.time;
    chunks->steps = sq_min(steps, chunks->time);
    seqnn_dataset like = *data;
    like.class_names = NULL;
    for (int k = 0; k < SEQNN_MAX_INPUTS; k++)
        like.x[k].time = like.x[k].time ? chunks->steps : 0;
    like.y.time = chunks->steps;
    seqnn_size rows = sq_min(batch_size, data->count), widest = 1;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        if (sq_is_recurrent(model->layers[i]))
            widest = sq_max(widest, model->layers[i]->out.features);
    chunks->chunk = sq_dataset_new(&like, rows);
    chunks->h = (seqnn_real *)sq_allocate(sq_multiply(rows, widest), sizeof(seqnn_real));
    chunks->C = (seqnn_real *)sq_allocate(sq_multiply(rows, widest), sizeof(seqnn_real));
    if (chunks->chunk && chunks->h && chunks->C)
        return SEQNN_OK;
    sq_chunks_free(chunks);
    return SEQNN_ERROR_MEMORY;
}

SQ_LOCAL void sq_chunks_free(sq_chunks *chunks)
{
    seqnn_dataset_free(chunks->chunk);
    sq_free(chunks->h);
    sq_free(chunks->C);
    memset(chunks, 0, sizeof *chunks);
}

SQ_LOCAL seqnn_size sq_chunks_count(const sq_chunks *chunks)
{
    return (chunks->time + chunks->steps - 1) / chunks->steps;
}

/* Steps [begin, begin + steps) of every row. True if one of them is not known to be
 * padding. The memory behind the constant pointers is the chunk's own. */
static bool sq_cut_array(seqnn_array *into, const seqnn_array *from, seqnn_size count,
                         seqnn_size begin, seqnn_size steps)
{
    bool sequence = from->time > 0, real = !from->length || !sequence;
    seqnn_size row = sequence ? from->time : 1, cut = sequence ? steps : 1;
    seqnn_size first = sequence ? begin : 0;
    seqnn_size width = from->features;
    into->time = sequence ? steps : 0;
    for (seqnn_size b = 0; b < count; b++) {
        if (from->indices)
            memcpy((int32_t *)into->indices + b * cut, from->indices + b * row + first,
                   (size_t)cut * sizeof(int32_t));
        if (from->values)
            memcpy((seqnn_real *)into->values + b * cut * width,
                   from->values + (b * row + first) * width,
                   (size_t)(cut * width) * sizeof(seqnn_real));
        if (!from->start || !from->length)
            continue;
        seqnn_size left = sq_max(0, from->start[b] - begin);
        seqnn_size right =
            sq_min(steps, (seqnn_size)from->start[b] + from->length[b] - begin);
        ((int32_t *)into->start)[b] = (int32_t)(left < right ? left : 0);
        ((int32_t *)into->length)[b] = (int32_t)(left < right ? right - left : 0);
        real = real || left < right;
    }
    return real;
}

SQ_LOCAL const seqnn_dataset *sq_chunk_at(sq_chunks *chunks, const seqnn_dataset *batch,
                                          seqnn_size k)
{
    seqnn_dataset *chunk = chunks->chunk;
    seqnn_size begin = k * chunks->steps;
    seqnn_size steps = sq_min(chunks->steps, chunks->time - begin);
    chunk->count = batch->count;
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        if (batch->x[i].indices || batch->x[i].values)
            if (!sq_cut_array(&chunk->x[i], &batch->x[i], batch->count, begin, steps))
                return NULL;
    if (!sq_cut_array(&chunk->y, &batch->y, batch->count, begin, steps))
        return NULL;
    if (batch->weight)
        memcpy((seqnn_real *)chunk->weight, batch->weight,
               (size_t)batch->count * sizeof(seqnn_real));
    return chunk;
}

SQ_LOCAL seqnn_status sq_chunks_carry(sq_chunks *chunks, seqnn_size count)
{
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < chunks->model->layer_count && !status; i++) {
        seqnn_layer *layer = chunks->model->layers[i];
        if (!sq_is_recurrent(layer))
            continue;
        status = seqnn_get_state(layer, chunks->h, chunks->C);
        if (!status)
            status = seqnn_set_state(layer, count, chunks->h, chunks->C);
    }
    return status;
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* ------------------------------------------------------------- train/loss_position.c */

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

/* ---------------------------------------------------------- train/optimizer_update.c */

#define SQ_V(name) sq_##name##_plain
#define SQ_VECTOR seqnn_real
#define SQ_WIDTH 1
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_PLAIN
#define SQ_INLINE SQ_INLINE_ANYWHERE
#define SQ_PASTE 8 /* optimizer_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

#ifdef SQ_HAVE_AVX2
#define SQ_V(name) sq_##name##_avx2
#define SQ_VECTOR sq_vector_avx2
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 4
#else
#define SQ_WIDTH 8
#endif
#define SQ_MAX_ROWS 6
#define SQ_TARGET SQ_TARGET_AVX2
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX2
#define SQ_PASTE 8 /* optimizer_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE

#define SQ_V(name) sq_##name##_avx512
#define SQ_VECTOR sq_vector_avx512
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 8
#else
#define SQ_WIDTH 16
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_AVX512
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_AVX512
#define SQ_PASTE 8 /* optimizer_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

#ifdef SQ_HAVE_NEON
#define SQ_V(name) sq_##name##_neon
#define SQ_VECTOR sq_vector_neon
#ifdef SEQNN_DOUBLE
#define SQ_WIDTH 2
#else
#define SQ_WIDTH 4
#endif
#define SQ_MAX_ROWS 12
#define SQ_TARGET SQ_TARGET_NEON
#define SQ_INLINE SQ_INLINE_ANYWHERE SQ_TARGET_NEON
#define SQ_PASTE 8 /* optimizer_kernels.inc */
#include SEQNN_FILE
#undef SQ_PASTE
#undef SQ_V
#undef SQ_VECTOR
#undef SQ_WIDTH
#undef SQ_MAX_ROWS
#undef SQ_TARGET
#undef SQ_INLINE
#endif

SQ_ISA_TABLE(sq_update_sgd_table, sq_update_function, update_sgd);
SQ_ISA_TABLE(sq_update_rmsprop_table, sq_update_function, update_rmsprop);
SQ_ISA_TABLE(sq_update_adam_table, sq_update_function, update_adam);
SQ_ISA_TABLE(sq_update_adagrad_table, sq_update_function, update_adagrad);

SQ_LOCAL sq_update_function sq_update_of(seqnn_optimizer_kind kind)
{
    switch (kind) {
    case SEQNN_SGD:
        return sq_update_sgd_table[sq_isa()];
    case SEQNN_RMSPROP:
        return sq_update_rmsprop_table[sq_isa()];
    case SEQNN_ADAGRAD:
        return sq_update_adagrad_table[sq_isa()];
    default:
        return sq_update_adam_table[sq_isa()];
    }
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ------------------------------------------------------------------ train/progress.c */

#if defined(_OPENMP)
#include <omp.h>
#elif defined(__unix__) || defined(__APPLE__)
#include <sys/time.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

SQ_LOCAL double sq_seconds(void)
{
#if defined(_OPENMP)
    return omp_get_wtime();
#elif defined(__unix__) || defined(__APPLE__)
    struct timeval now;
    gettimeofday(&now, NULL);
    return (double)now.tv_sec + 1e-6 * (double)now.tv_usec;
#else
    return (double)time(NULL);
#endif
}

/* Whether stdout is a terminal; where nobody can tell, it is not. */
static bool sq_is_terminal(void)
{
#if defined(__unix__) || defined(__APPLE__)
    return isatty(1) != 0;
#else
    return false;
#endif
}

/* " - name: 1.2003" behind the text; the decimal point is one in every locale. */
static void sq_append_value(char *text, size_t size, const char *name, double value)
{
    char number[64];
    size_t used = strlen(text), n = 0;
    bool plain = value == 0 || (fabs(value) >= 1e-3 && fabs(value) < 1e6);
    if (isnan(value))
        return;
    if (plain)
        snprintf(number, sizeof number, "%.4f", value);
    else
        snprintf(number, sizeof number, "%.4e", value);
    for (const char *c = number; *c; c++) {
        bool known = strchr("0123456789+-einfa", *c) != NULL;
        if (known)
            number[n++] = *c;
        else if (n > 0 && number[n - 1] != '.')
            number[n++] = '.';
    }
    number[n] = '\0';
    snprintf(text + used, size - used, " - %s: %s", name, number);
}

static void sq_progress_time(const sq_progress *progress, seqnn_size done, char *text,
                             size_t size)
{
    double seconds = sq_seconds() - progress->started;
    double step = seconds / (double)sq_max(done, 1);
    const char *unit = step >= 1 ? "s" : step >= 1e-3 ? "ms" : "us";
    double scaled = step >= 1 ? step : step >= 1e-3 ? 1e3 * step : 1e6 * step;
    snprintf(text, size, "%td/%td - %.0fs %.0f%s/step", done, progress->steps, seconds,
             scaled, unit);
}

SQ_LOCAL sq_progress sq_progress_new(bool on, seqnn_size steps)
{
    sq_progress progress;
    memset(&progress, 0, sizeof progress);
    progress.on = on;
    progress.terminal = on && sq_is_terminal();
    progress.steps = steps;
    return progress;
}

SQ_LOCAL void sq_progress_epoch(sq_progress *progress, seqnn_size epoch,
                                seqnn_size epochs)
{
    progress->started = progress->shown = sq_seconds();
    progress->length = 0;
    if (progress->on)
        printf("Epoch %td/%td\n", epoch + 1, epochs);
}

/* Overwrites the line on a terminal, with blanks where the old one was longer. */
static void sq_progress_show(sq_progress *progress, const char *text)
{
    seqnn_size length = (seqnn_size)strlen(text);
    printf("%s%s%*s", progress->length ? "\r" : "", text,
           (int)sq_max(0, progress->length - length), "");
    progress->length = progress->terminal ? length : 0;
}

SQ_LOCAL void sq_progress_step(sq_progress *progress, seqnn_size done, double loss,
                               double accuracy)
{
    char text[256];
    if (!progress->terminal || sq_seconds() - progress->shown < 0.1)
        return;
    progress->shown = sq_seconds();
    sq_progress_time(progress, done, text, sizeof text);
    sq_append_value(text, sizeof text, "loss", loss);
    sq_append_value(text, sizeof text, "accuracy", accuracy);
    sq_progress_show(progress, text);
    fflush(stdout);
}

SQ_LOCAL void sq_progress_end(sq_progress *progress, double loss, double accuracy,
                              double val_loss, double val_accuracy)
{
    char text[256];
    if (!progress->on)
        return;
    sq_progress_time(progress, progress->steps, text, sizeof text);
    sq_append_value(text, sizeof text, "loss", loss);
    sq_append_value(text, sizeof text, "accuracy", accuracy);
    sq_append_value(text, sizeof text, "val_loss", val_loss);
    sq_append_value(text, sizeof text, "val_accuracy", val_accuracy);
    sq_progress_show(progress, text);
    printf("\n");
    fflush(stdout);
}

/* ------------------------------------------------------------------ train/training.c */

static void sq_training_free(void *memory)
{
    sq_training *training = (sq_training *)memory;
    if (!training)
        return;
    sq_free(training->m);
    sq_free(training->v);
    sq_free(training->sums);
    sq_free(training->norms);
    sq_free(training->position_loss);
    sq_free(training->predicted);
    sq_free(training->best);
    for (int i = 0; i < 4; i++)
        sq_free(training->history[i]);
    sq_free(training->seconds);
    sq_free(training);
}

SQ_LOCAL sq_training *sq_training_of(seqnn_model *model)
{
    if (!model->training) {
        model->training = sq_allocate(1, sizeof(sq_training));
        model->free_training = sq_training_free;
    }
    return (sq_training *)model->training;
}

SQ_LOCAL seqnn_status sq_training_fail(seqnn_model *model, seqnn_status status,
                                       const char *format, ...)
{
    char message[512];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    model->run_status = status;
    return sq_fail(status, "%s", message);
}

SQ_LOCAL seqnn_status sq_check_samples(const char *who, const seqnn_dataset *data)
{
    if (data && data->count > 0)
        return SEQNN_OK;
    if (data || seqnn_error()[0] == '\0')
        sq_fail(SEQNN_ERROR_ARGUMENT, "%s: the data set has no samples", who);
    return SEQNN_ERROR_ARGUMENT;
}

/* ---------------------------------------------------------------------- text/texts.c */

/* What stands behind the public struct, which comes first. */
typedef struct sq_texts {
    seqnn_texts public_part;
    sq_pool pool;
    sq_words class_table;
    const char **text, **id, **class_names;
    int32_t *label;
    seqnn_size text_capacity, id_capacity, label_capacity, class_capacity;
} sq_texts;

SEQNN_API seqnn_texts *seqnn_texts_new(void)
{
    return (seqnn_texts *)sq_allocate(1, sizeof(sq_texts));
}

static void sq_texts_publish(sq_texts *t)
{
    t->public_part.text = t->text;
    t->public_part.id = t->id;
    t->public_part.label = t->public_part.classes > 0 ? t->label : NULL;
    t->public_part.class_names = t->public_part.classes > 0 ? t->class_names : NULL;
}

/* Room for one more text and one more class. */
static seqnn_status sq_texts_reserve(sq_texts *t)
{
    seqnn_size count = t->public_part.count + 1, classes = t->public_part.classes + 1;
    void *text = (void *)t->text, *id = (void *)t->id, *names = (void *)t->class_names;
    void *label = t->label;
    seqnn_status status = sq_grow(&text, &t->text_capacity, count, sizeof(char *));
    t->text = (const char **)text;
    if (status == SEQNN_OK)
        status = sq_grow(&id, &t->id_capacity, count, sizeof(char *));
    t->id = (const char **)id;
    if (status == SEQNN_OK)
        status = sq_grow(&label, &t->label_capacity, count, sizeof(int32_t));
    t->label = (int32_t *)label;
    if (status == SEQNN_OK)
        status = sq_grow(&names, &t->class_capacity, classes, sizeof(char *));
    t->class_names = (const char **)names;
    sq_texts_publish(t);
    return status;
}

/* The number of a class, added if it is new (there must be room); -1: no memory. */
static int32_t sq_texts_class(sq_texts *t, const char *name)
{
    int32_t label = sq_words_add(&t->class_table, name, (seqnn_size)strlen(name));
    if (label >= 0) {
        t->class_names[label] = t->class_table.word[label].text;
        t->public_part.classes = t->class_table.count;
    }
    return label;
}

SQ_LOCAL seqnn_status sq_texts_set_classes(seqnn_texts *texts, const char *const *names,
                                           seqnn_size classes)
{
    for (seqnn_size i = 0; i < classes; i++)
        if (sq_texts_reserve((sq_texts *)texts) != SEQNN_OK ||
            sq_texts_class((sq_texts *)texts, names[i]) < 0)
            return SEQNN_ERROR_MEMORY;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_texts_add(seqnn_texts *texts, const char *text,
                                   seqnn_size length, const char *class_name,
                                   const char *id)
{
    sq_texts *t = (sq_texts *)texts;
    char number[32];
    if (!id) {
        snprintf(number, sizeof number, "%td", texts->count);
        id = number;
    }
    if (texts->count >= INT32_MAX)
        return sq_fail(SEQNN_ERROR_MEMORY, "texts: more than %d texts", (int)INT32_MAX);
    if (texts->count > 0 && (class_name != NULL) != (texts->classes > 0))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "texts: text '%s' has %s class, those before it have %s", id,
                       class_name ? "a" : "no", class_name ? "none" : "one");
    seqnn_status status = sq_texts_reserve(t);
    if (status != SEQNN_OK)
        return status;
    const char *text_copy = sq_pool_copy(&t->pool, text, length);
    const char *id_copy = sq_pool_copy(&t->pool, id, (seqnn_size)strlen(id));
    if (!text_copy || !id_copy)
        return SEQNN_ERROR_MEMORY;
    int32_t label = class_name ? sq_texts_class(t, class_name) : -1;
    if (class_name && label < 0)
        return SEQNN_ERROR_MEMORY;
    t->text[texts->count] = text_copy;
    t->id[texts->count] = id_copy;
    t->label[texts->count] = label;
    texts->count++;
    sq_texts_publish(t);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_texts_add(seqnn_texts *texts, const char *text,
                                       const char *class_name, const char *id)
{
    if (!texts || !text)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "texts: the %s is NULL",
                       texts ? "text" : "list");
    return sq_texts_add(texts, text, (seqnn_size)strlen(text), class_name, id);
}

static int sq_compare_words(const void *a, const void *b)
{
    return strcmp(((const sq_word *)a)->text, ((const sq_word *)b)->text);
}

SQ_LOCAL seqnn_status sq_texts_sort_classes(seqnn_texts *texts)
{
    sq_texts *t = (sq_texts *)texts;
    seqnn_size classes = texts->classes;
    if (classes == 0)
        return SEQNN_OK;
    sq_words sorted;
    memset(&sorted, 0, sizeof sorted);
    sq_word *word = (sq_word *)sq_allocate(classes, sizeof(sq_word));
    if (!word)
        return SEQNN_ERROR_MEMORY;
    memcpy(word, t->class_table.word, (size_t)classes * sizeof(sq_word));
    qsort(word, (size_t)classes, sizeof(sq_word), sq_compare_words);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < classes && status == SEQNN_OK; i++)
        if (sq_words_add(&sorted, word[i].text, word[i].length) < 0)
            status = SEQNN_ERROR_MEMORY;
    sq_free(word);
    if (status != SEQNN_OK) {
        sq_words_free(&sorted);
        return status;
    }
    for (seqnn_size i = 0; i < texts->count; i++) {
        const sq_word *name = &t->class_table.word[t->label[i]];
        t->label[i] = sq_words_find(&sorted, name->text, name->length);
    }
    sq_words_free(&t->class_table);
    t->class_table = sorted;
    for (seqnn_size i = 0; i < classes; i++)
        t->class_names[i] = sorted.word[i].text;
    return SEQNN_OK;
}

SEQNN_API void seqnn_texts_free(seqnn_texts *texts)
{
    if (!texts)
        return;
    sq_texts *t = (sq_texts *)texts;
    sq_pool_free(&t->pool);
    sq_words_free(&t->class_table);
    sq_free((void *)t->text);
    sq_free((void *)t->id);
    sq_free((void *)t->class_names);
    sq_free(t->label);
    sq_free(t);
}

/* ------------------------------------------------------------------- text/cleaning.c */

static const char *const sq_english_stop_words[] = {
    /* clang-format off */
    "a", "about", "above", "across", "after", "afterwards", "again", "against", "all",
    "almost", "alone", "along", "already", "also", "although", "always", "am", "among",
    "amongst", "amoungst", "amount", "an", "and", "another", "any", "anyhow", "anyone",
    "anything", "anyway", "anywhere", "are", "around", "as", "at", "back", "be", "became",
    "because", "become", "becomes", "becoming", "been", "before", "beforehand", "behind",
    "being", "below", "beside", "besides", "between", "beyond", "bill", "both", "bottom",
    "but", "by", "call", "can", "cannot", "cant", "co", "con", "could", "couldnt", "cry",
    "de", "describe", "detail", "do", "done", "down", "due", "during", "each", "eg",
    "eight", "either", "eleven", "else", "elsewhere", "empty", "enough", "etc", "even",
    "ever", "every", "everyone", "everything", "everywhere", "except", "few", "fifteen",
    "fifty", "fill", "find", "fire", "first", "five", "for", "former", "formerly",
    "forty", "found", "four", "from", "front", "full", "further", "get", "give", "go",
    "had", "has", "hasnt", "have", "he", "hence", "her", "here", "hereafter", "hereby",
    "herein", "hereupon", "hers", "herself", "him", "himself", "his", "how", "however",
    "hundred", "i", "ie", "if", "in", "inc", "indeed", "interest", "into", "is", "it",
    "its", "itself", "keep", "last", "latter", "latterly", "least", "less", "ltd", "made",
    "many", "may", "me", "meanwhile", "might", "mill", "mine", "more", "moreover", "most",
    "mostly", "move", "much", "must", "my", "myself", "name", "namely", "neither",
    "never", "nevertheless", "next", "nine", "no", "nobody", "none", "noone", "nor",
    "not", "nothing", "now", "nowhere", "of", "off", "often", "on", "once", "one", "only",
    "onto", "or", "other", "others", "otherwise", "our", "ours", "ourselves", "out",
    "over", "own", "part", "per", "perhaps", "please", "put", "rather", "re", "same",
    "see", "seem", "seemed", "seeming", "seems", "serious", "several", "she", "should",
    "show", "side", "since", "sincere", "six", "sixty", "so", "some", "somehow",
    "someone", "something", "sometime", "sometimes", "somewhere", "still", "such",
    "system", "take", "ten", "than", "that", "the", "their", "them", "themselves", "then",
    "thence", "there", "thereafter", "thereby", "therefore", "therein", "thereupon",
    "these", "they", "thick", "thin", "third", "this", "those", "though", "three",
    "through", "throughout", "thru", "thus", "to", "together", "too", "top", "toward",
    "towards", "twelve", "twenty", "two", "un", "under", "until", "up", "upon", "us",
    "very", "via", "was", "we", "well", "were", "what", "whatever", "when", "whence",
    "whenever", "where", "whereafter", "whereas", "whereby", "wherein", "whereupon",
    "wherever", "whether", "which", "while", "whither", "who", "whoever", "whole", "whom",
    "whose", "why", "will", "with", "within", "without", "would", "yet", "you", "your",
    "yours", "yourself", "yourselves", NULL
    /* clang-format on */
};

SEQNN_API const char *const *seqnn_stop_words(void)
{
    return sq_english_stop_words;
}

static bool sq_is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

/* Without punctuation, in place; the new length. */
static seqnn_size sq_delete_punctuation(char *text, seqnn_size length)
{
    seqnn_size kept = 0;
    for (seqnn_size i = 0; i < length; i++)
        if (!sq_is_punctuation(text[i]))
            text[kept++] = text[i];
    return kept;
}

/* Bytes up to the next blank, or the blanks before the next word. */
static seqnn_size sq_span(const char *text, seqnn_size length, bool blanks)
{
    seqnn_size i = 0;
    while (i < length) {
        int32_t point;
        seqnn_size size = sq_utf8_next(text + i, length - i, &point);
        if (sq_is_space(point) != blanks)
            break;
        i += size;
    }
    return i;
}

static seqnn_size sq_characters(const char *text, seqnn_size length)
{
    seqnn_size characters = 0;
    int32_t point;
    for (seqnn_size i = 0; i < length; characters++)
        i += sq_utf8_next(text + i, length - i, &point);
    return characters;
}

/* text[0..length), which has room for twice its length, becomes its cleaned words with
 * one blank between them; the new length. */
static seqnn_size sq_clean_text(char *text, seqnn_size length, seqnn_cleaning cleaning,
                                const sq_words *stop_words, seqnn_size min_length,
                                char *out)
{
    bool punctuation_first = cleaning == SEQNN_CLEAN_PUNCTUATION_FIRST;
    sq_lower(text, length);
    if (punctuation_first) {
        length = sq_delete_punctuation(text, length);
    } else {
        seqnn_size stops = 0;
        for (seqnn_size i = 0; i < length; i++)
            stops += text[i] == '.';
        for (seqnn_size i = length - 1, to = length + stops - 1; i >= 0; i--) {
            if (text[i] == '.')
                text[to--] = ' ';
            text[to--] = text[i];
        }
        length += stops;
    }
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        i += sq_span(text + i, length - i, true);
        seqnn_size size = sq_span(text + i, length - i, false);
        char *word = text + i;
        i += size;
        if (size == 0 || sq_words_find(stop_words, word, size) >= 0)
            continue;
        if (!punctuation_first)
            size = sq_delete_punctuation(word, size);
        if (size == 0 || sq_characters(word, size) < min_length)
            continue;
        if (written > 0)
            out[written++] = ' ';
        memcpy(out + written, word, (size_t)size);
        written += size;
    }
    return written;
}

static seqnn_status sq_clean_all(const seqnn_texts *texts, seqnn_clean_options options,
                                 const sq_words *stop_words, seqnn_texts *cleaned)
{
    void *scratch = NULL;
    seqnn_size capacity = 0;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        const char *class_name =
            texts->classes > 0 ? texts->class_names[texts->label[i]] : NULL;
        seqnn_size length = (seqnn_size)strlen(texts->text[i]);
        if (options.cleaning <= SEQNN_CLEAN_NONE) {
            status =
                sq_texts_add(cleaned, texts->text[i], length, class_name, texts->id[i]);
            continue;
        }
        status = sq_grow(&scratch, &capacity, sq_multiply(sq_max(length, 1), 4), 1);
        if (status != SEQNN_OK)
            break;
        char *text = (char *)scratch, *out = text + 2 * length;
        memcpy(text, texts->text[i], (size_t)length);
        length = sq_clean_text(text, length, options.cleaning, stop_words,
                               options.min_length, out);
        status = sq_texts_add(cleaned, out, length, class_name, texts->id[i]);
    }
    sq_free(scratch);
    return status;
}

SEQNN_API seqnn_texts *seqnn_clean(const seqnn_texts *texts, seqnn_clean_options options)
{
    if (!texts)
        return NULL; /* the reader has left its sentence */
    if ((int)options.cleaning < 0 || options.cleaning > SEQNN_CLEAN_STOP_WORDS_FIRST) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "clean: cleaning is %d, expected a SEQNN_CLEAN_... name",
                (int)options.cleaning);
        return NULL;
    }
    sq_words stop_words;
    memset(&stop_words, 0, sizeof stop_words);
    const char *const *list =
        options.stop_words ? options.stop_words : sq_english_stop_words;
    seqnn_texts *cleaned = seqnn_texts_new();
    seqnn_status status = cleaned ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    for (; *list && status == SEQNN_OK; list++)
        if (sq_words_add(&stop_words, *list, (seqnn_size)strlen(*list)) < 0)
            status = SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK)
        status = sq_texts_set_classes(cleaned, texts->class_names, texts->classes);
    if (status == SEQNN_OK)
        status = sq_clean_all(texts, options, &stop_words, cleaned);
    sq_words_free(&stop_words);
    if (status != SEQNN_OK) {
        seqnn_texts_free(cleaned);
        return NULL;
    }
    return cleaned;
}

/* ------------------------------------------------------------------ text/sequences.c */

/* What stands behind the public struct, which comes first. */
typedef struct sq_sequences {
    seqnn_token_sequences public_part;
    seqnn_size *begin;
    int32_t *indices;
    seqnn_size used, capacity;
} sq_sequences;

SQ_LOCAL seqnn_token_sequences *sq_sequences_new(seqnn_size count)
{
    sq_sequences *s = (sq_sequences *)sq_allocate(1, sizeof(sq_sequences));
    if (!s)
        return NULL;
    s->begin = (seqnn_size *)sq_allocate(count + 1, sizeof(seqnn_size));
    s->public_part.begin = s->begin;
    if (s->begin)
        return &s->public_part;
    sq_free(s);
    return NULL;
}

SQ_LOCAL seqnn_status sq_sequences_push(seqnn_token_sequences *sequences, int32_t index)
{
    sq_sequences *s = (sq_sequences *)sequences;
    void *memory = s->indices;
    seqnn_status status = sq_grow(&memory, &s->capacity, s->used + 1, sizeof(int32_t));
    if (status != SEQNN_OK)
        return status;
    s->indices = (int32_t *)memory;
    s->indices[s->used++] = index;
    return SEQNN_OK;
}

SQ_LOCAL void sq_sequences_end(seqnn_token_sequences *sequences)
{
    sq_sequences *s = (sq_sequences *)sequences;
    s->begin[++sequences->count] = s->used;
    sequences->indices = s->indices;
}

SEQNN_API void seqnn_token_sequences_free(seqnn_token_sequences *sequences)
{
    if (!sequences)
        return;
    sq_sequences *s = (sq_sequences *)sequences;
    sq_free(s->begin);
    sq_free(s->indices);
    sq_free(s);
}

static seqnn_status sq_check_side(seqnn_side side, const char *name)
{
    if (side == SEQNN_PRE || side == SEQNN_POST)
        return SEQNN_OK;
    return sq_fail(
        SEQNN_ERROR_ARGUMENT,
        "pad sequences: .%s is %d; it has no default, name SEQNN_PRE or SEQNN_POST", name,
        (int)side);
}

/* Checks the options and puts the length in where it is 0. */
static seqnn_status sq_pad_check(const seqnn_token_sequences *sequences,
                                 seqnn_pad_options *options)
{
    seqnn_status status = sq_check_side(options->padding, "padding");
    if (status == SEQNN_OK)
        status = sq_check_side(options->truncating, "truncating");
    if (status != SEQNN_OK)
        return status;
    if (options->length < 0 || options->length > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "pad sequences: .length is %td, expected 0 (the longest) to %d",
                       options->length, (int)INT32_MAX);
    if (options->length > 0)
        return SEQNN_OK;
    options->length = 1; /* even if every sequence is empty */
    for (seqnn_size i = 0; i < sequences->count; i++)
        options->length =
            sq_max(options->length, sequences->begin[i + 1] - sequences->begin[i]);
    return SEQNN_OK;
}

/* One sequence into row[0 .. options.length), which holds zeros. */
static void sq_pad_row(const int32_t *sequence, seqnn_size size,
                       seqnn_pad_options options, int32_t *row, int32_t *start,
                       int32_t *length)
{
    seqnn_size kept = sq_min(size, options.length);
    if (options.truncating == SEQNN_PRE && size > kept)
        sequence += size - kept;
    *start = options.padding == SEQNN_PRE ? (int32_t)(options.length - kept) : 0;
    *length = (int32_t)kept;
    if (kept > 0)
        memcpy(row + *start, sequence, (size_t)kept * sizeof(int32_t));
}

SEQNN_API seqnn_dataset *seqnn_pad_sequences(const seqnn_token_sequences *sequences,
                                             seqnn_pad_options options)
{
    if (!sequences || sq_pad_check(sequences, &options) != SEQNN_OK)
        return NULL;
    /* Only the shape is asked of `like`: any pointer says "there is one". */
    static const int32_t some = 0;
    seqnn_dataset like;
    memset(&like, 0, sizeof like);
    like.x[0].indices = like.x[0].start = like.x[0].length = &some;
    like.x[0].time = options.length;
    seqnn_dataset *data = sq_dataset_new(&like, sequences->count);
    if (!data)
        return NULL;
    for (seqnn_size i = 0; i < sequences->count; i++) {
        seqnn_size begin = sequences->begin[i], size = sequences->begin[i + 1] - begin;
        sq_pad_row(size > 0 ? sequences->indices + begin : NULL, size, options,
                   (int32_t *)data->x[0].indices + i * options.length,
                   (int32_t *)data->x[0].start + i, (int32_t *)data->x[0].length + i);
    }
    return data;
}

/* ------------------------------------------------------------------ text/tokenizer.c */

static const char sq_keras_filters[] = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

/* A word of the table and how often it was seen. */
typedef struct sq_counted {
    int64_t count;
    int32_t word;
} sq_counted;

struct seqnn_tokenizer {
    seqnn_size num_words;
    char *oov_token;
    bool keep_case;
    bool filter[256];
    sq_words words; /* by first appearance */
    int64_t *count; /* [words.count] */
    seqnn_size count_capacity;
    sq_counted *order; /* [words.count], most frequent first */
    int32_t *rank;     /* [words.count], place in order */
    seqnn_size ranked; /* words that order and rank cover */
    int64_t tokens;
};

SEQNN_API seqnn_tokenizer *seqnn_tokenizer_new(seqnn_tokenizer_options options)
{
    const char *filters = options.filters ? options.filters : sq_keras_filters;
    if (options.num_words < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "tokenizer: num_words is %td, expected 0 (all) or more",
                options.num_words);
        return NULL;
    }
    for (const char *c = filters; *c; c++)
        if ((unsigned char)*c >= 0x80) {
            sq_fail(SEQNN_ERROR_ARGUMENT,
                    "tokenizer: byte 0x%02X among the filters, expected ASCII characters",
                    (unsigned)(unsigned char)*c);
            return NULL;
        }
    seqnn_tokenizer *t = (seqnn_tokenizer *)sq_allocate(1, sizeof(seqnn_tokenizer));
    if (!t)
        return NULL;
    t->num_words = options.num_words;
    t->keep_case = options.keep_case;
    for (const char *c = filters; *c; c++)
        t->filter[(unsigned char)*c] = true;
    if (options.oov_token) {
        t->oov_token = sq_copy_string(options.oov_token);
        if (!t->oov_token) {
            seqnn_tokenizer_free(t);
            return NULL;
        }
    }
    return t;
}

/* A text's words, one after the other: text is a copy that may be written to. */
typedef struct sq_word_walk {
    char *text;
    seqnn_size length, at;
} sq_word_walk;

/* Copies a text into *scratch, lower-cased and filtered. */
static seqnn_status sq_walk_begin(const seqnn_tokenizer *t, const char *text,
                                  sq_word_walk *walk, void **scratch,
                                  seqnn_size *capacity)
{
    seqnn_size length = (seqnn_size)strlen(text);
    seqnn_status status = sq_grow(scratch, capacity, length + 1, 1);
    if (status != SEQNN_OK)
        return status;
    walk->text = (char *)*scratch;
    walk->length = length;
    walk->at = 0;
    memcpy(walk->text, text, (size_t)length);
    if (!t->keep_case)
        sq_lower(walk->text, length);
    for (seqnn_size i = 0; i < length; i++)
        if (t->filter[(unsigned char)walk->text[i]])
            walk->text[i] = ' ';
    return SEQNN_OK;
}

/* The next word, *size bytes long; NULL at the end. */
static const char *sq_walk_next(sq_word_walk *walk, seqnn_size *size)
{
    while (walk->at < walk->length && walk->text[walk->at] == ' ')
        walk->at++;
    seqnn_size begin = walk->at;
    while (walk->at < walk->length && walk->text[walk->at] != ' ')
        walk->at++;
    *size = walk->at - begin;
    return *size > 0 ? walk->text + begin : NULL;
}

static seqnn_status sq_tokenizer_count_text(seqnn_tokenizer *t, sq_word_walk *walk)
{
    seqnn_size size;
    for (const char *word; (word = sq_walk_next(walk, &size)) != NULL;) {
        void *memory = t->count;
        seqnn_status status =
            sq_grow(&memory, &t->count_capacity, t->words.count + 1, sizeof(int64_t));
        if (status != SEQNN_OK)
            return status;
        t->count = (int64_t *)memory;
        seqnn_size known = t->words.count;
        int32_t number = sq_words_add(&t->words, word, size);
        if (number < 0)
            return SEQNN_ERROR_MEMORY;
        if (number >= known)
            t->count[number] = 0;
        t->count[number]++;
        t->tokens++;
    }
    return SEQNN_OK;
}

/* More frequent first, then by first appearance. */
static int sq_compare_counted(const void *a, const void *b)
{
    const sq_counted *x = (const sq_counted *)a, *y = (const sq_counted *)b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->word < y->word ? -1 : x->word > y->word;
}

static seqnn_status sq_tokenizer_rank(seqnn_tokenizer *t)
{
    sq_counted *order = (sq_counted *)sq_allocate(t->words.count, sizeof(sq_counted));
    int32_t *rank = (int32_t *)sq_allocate(t->words.count, sizeof(int32_t));
    if (!order || !rank) {
        sq_free(order);
        sq_free(rank);
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < t->words.count; i++) {
        order[i].count = t->count[i];
        order[i].word = (int32_t)i;
    }
    qsort(order, (size_t)t->words.count, sizeof(sq_counted), sq_compare_counted);
    for (seqnn_size i = 0; i < t->words.count; i++)
        rank[order[i].word] = (int32_t)i;
    sq_free(t->order);
    sq_free(t->rank);
    t->order = order;
    t->rank = rank;
    t->ranked = t->words.count;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_tokenizer_fit(seqnn_tokenizer *tokenizer,
                                           const char *const *texts, seqnn_size count)
{
    void *scratch = NULL;
    seqnn_size capacity = 0;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        sq_word_walk walk = {NULL, 0, 0};
        status = sq_walk_begin(tokenizer, texts[i], &walk, &scratch, &capacity);
        if (status == SEQNN_OK)
            status = sq_tokenizer_count_text(tokenizer, &walk);
    }
    sq_free(scratch);
    seqnn_status ranked = sq_tokenizer_rank(tokenizer);
    return status != SEQNN_OK ? status : ranked;
}

/* The number of the most frequent word. */
static seqnn_size sq_first_number(const seqnn_tokenizer *t)
{
    return t->oov_token ? 2 : 1;
}

SQ_LOCAL int32_t sq_tokenizer_number(const seqnn_tokenizer *t, const char *word,
                                     seqnn_size size)
{
    int32_t known = sq_words_find(&t->words, word, size);
    if (known >= 0 && known < t->ranked) {
        seqnn_size number = t->rank[known] + sq_first_number(t);
        if (t->num_words == 0 || number < t->num_words)
            return (int32_t)number;
    }
    return t->oov_token ? 1 : 0;
}

SEQNN_API seqnn_token_sequences *
seqnn_tokenizer_sequences(const seqnn_tokenizer *tokenizer, const char *const *texts,
                          seqnn_size count)
{
    seqnn_token_sequences *sequences = sq_sequences_new(count);
    if (!sequences)
        return NULL;
    void *scratch = NULL;
    seqnn_size capacity = 0, size;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        sq_word_walk walk = {NULL, 0, 0};
        status = sq_walk_begin(tokenizer, texts[i], &walk, &scratch, &capacity);
        const char *word;
        while (status == SEQNN_OK && (word = sq_walk_next(&walk, &size)) != NULL) {
            int32_t number = sq_tokenizer_number(tokenizer, word, size);
            if (number > 0)
                status = sq_sequences_push(sequences, number);
        }
        if (status == SEQNN_OK)
            sq_sequences_end(sequences);
    }
    sq_free(scratch);
    if (status != SEQNN_OK) {
        seqnn_token_sequences_free(sequences);
        return NULL;
    }
    return sequences;
}

SEQNN_API seqnn_size seqnn_tokenizer_vocabulary(const seqnn_tokenizer *tokenizer)
{
    seqnn_size all = tokenizer->ranked + sq_first_number(tokenizer);
    return tokenizer->num_words > 0 ? sq_min(all, sq_max(tokenizer->num_words, 2)) : all;
}

SEQNN_API seqnn_size seqnn_tokenizer_words(const seqnn_tokenizer *tokenizer)
{
    return tokenizer->ranked;
}

SEQNN_API int64_t seqnn_tokenizer_tokens(const seqnn_tokenizer *tokenizer)
{
    return tokenizer->tokens;
}

SEQNN_API int32_t seqnn_tokenizer_index(const seqnn_tokenizer *tokenizer,
                                        const char *word)
{
    return sq_tokenizer_number(tokenizer, word, (seqnn_size)strlen(word));
}

/* The word of a number, NULL where there is none. */
static const sq_counted *sq_tokenizer_at(const seqnn_tokenizer *t, seqnn_size index)
{
    index -= sq_first_number(t);
    return index >= 0 && index < t->ranked ? &t->order[index] : NULL;
}

SEQNN_API const char *seqnn_tokenizer_word(const seqnn_tokenizer *tokenizer,
                                           seqnn_size index)
{
    const sq_counted *at = sq_tokenizer_at(tokenizer, index);
    if (at)
        return tokenizer->words.word[at->word].text;
    return index == 1 ? tokenizer->oov_token : NULL;
}

SEQNN_API int64_t seqnn_tokenizer_count(const seqnn_tokenizer *tokenizer,
                                        seqnn_size index)
{
    const sq_counted *at = sq_tokenizer_at(tokenizer, index);
    return at ? at->count : 0;
}

SEQNN_API void seqnn_tokenizer_free(seqnn_tokenizer *tokenizer)
{
    if (!tokenizer)
        return;
    sq_words_free(&tokenizer->words);
    sq_free(tokenizer->oov_token);
    sq_free(tokenizer->count);
    sq_free(tokenizer->order);
    sq_free(tokenizer->rank);
    sq_free(tokenizer);
}

/* --------------------------------------------------------------------- text/encode.c */

static seqnn_token_sequences *sq_encode_sequences(const seqnn_texts *texts,
                                                  seqnn_tokenizer *tokenizer)
{
    if (seqnn_tokenizer_words(tokenizer) == 0 &&
        seqnn_tokenizer_fit(tokenizer, texts->text, texts->count) != SEQNN_OK)
        return NULL;
    return seqnn_tokenizer_sequences(tokenizer, texts->text, texts->count);
}

/* Sequences and classes in one data set. */
static seqnn_dataset *sq_encode_dataset(const seqnn_texts *texts,
                                        const seqnn_token_sequences *sequences,
                                        seqnn_size vocabulary, seqnn_pad_options options)
{
    seqnn_dataset *padded = seqnn_pad_sequences(sequences, options);
    if (!padded)
        return NULL;
    seqnn_dataset whole = *padded;
    whole.vocabulary = vocabulary;
    whole.classes = texts->classes;
    whole.class_names = texts->class_names;
    whole.y.indices = texts->label;
    seqnn_dataset *data = sq_dataset_new(&whole, texts->count);
    if (data)
        for (seqnn_size i = 0; i < texts->count; i++)
            sq_dataset_copy_row(data, i, &whole, i);
    seqnn_dataset_free(padded);
    return data;
}

SEQNN_API seqnn_dataset *seqnn_encode(const seqnn_texts *texts,
                                      seqnn_encode_options options)
{
    if (!texts)
        return NULL; /* the reader has left its sentence */
    if (options.tokenizer && (options.num_words != 0 || options.oov_token ||
                              options.filters || options.keep_case)) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "encode: with a .tokenizer, .num_words, .oov_token, "
                ".filters and .keep_case are its own: leave them out");
        return NULL;
    }
    if (texts->count == 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "encode: the list of texts is empty");
        return NULL;
    }
    seqnn_pad_options pad = {options.padding, options.truncating, options.length};
    seqnn_clean_options clean = {options.cleaning, options.stop_words,
                                 options.min_length};
    seqnn_tokenizer_options own = {options.num_words, options.oov_token, options.filters,
                                   options.keep_case};
    seqnn_texts *cleaned = seqnn_clean(texts, clean);
    if (!cleaned)
        return NULL;
    seqnn_tokenizer *tokenizer =
        options.tokenizer ? options.tokenizer : seqnn_tokenizer_new(own);
    seqnn_token_sequences *sequences =
        tokenizer ? sq_encode_sequences(cleaned, tokenizer) : NULL;
    seqnn_dataset *data = NULL;
    if (sequences)
        data = sq_encode_dataset(cleaned, sequences,
                                 seqnn_tokenizer_vocabulary(tokenizer), pad);
    seqnn_token_sequences_free(sequences);
    seqnn_texts_free(cleaned);
    if (!options.tokenizer)
        seqnn_tokenizer_free(tokenizer);
    return data;
}

/* ---------------------------------------------------------------------- text/words.c */

enum { SQ_POOL_BLOCK = 65536, SQ_FIRST_SLOTS = 64 };

struct sq_pool_block {
    sq_pool_block *previous;
    seqnn_size used, size; /* of the text behind this struct */
};

SQ_LOCAL char *sq_pool_copy(sq_pool *pool, const char *text, seqnn_size length)
{
    sq_pool_block *block = pool->last;
    if (!block || block->size - block->used <= length) {
        seqnn_size size = sq_max(SQ_POOL_BLOCK, length + 1);
        block = (sq_pool_block *)sq_allocate((seqnn_size)sizeof *block + size, 1);
        if (!block)
            return NULL;
        block->previous = pool->last;
        block->size = size;
        pool->last = block;
    }
    char *copy = (char *)(block + 1) + block->used;
    if (length > 0)
        memcpy(copy, text, (size_t)length);
    copy[length] = '\0';
    block->used += length + 1;
    return copy;
}

SQ_LOCAL void sq_pool_free(sq_pool *pool)
{
    while (pool->last) {
        sq_pool_block *previous = pool->last->previous;
        sq_free(pool->last);
        pool->last = previous;
    }
}

/* FNV-1a (Fowler, Noll and Vo). */
static uint32_t sq_hash(const char *text, seqnn_size length)
{
    uint32_t hash = 2166136261u;
    for (seqnn_size i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* The slot that holds the string, or the free one where it belongs. */
static seqnn_size sq_words_slot(const sq_words *words, const char *text,
                                seqnn_size length, uint32_t hash)
{
    seqnn_size mask = words->slot_count - 1, slot = (seqnn_size)hash & mask;
    while (words->slots[slot] != 0) {
        const sq_word *word = &words->word[words->slots[slot] - 1];
        if (word->hash == hash && word->length == length &&
            memcmp(word->text, text, (size_t)length) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

SQ_LOCAL int32_t sq_words_find(const sq_words *words, const char *text, seqnn_size length)
{
    if (words->count == 0)
        return -1;
    seqnn_size slot = sq_words_slot(words, text, length, sq_hash(text, length));
    return words->slots[slot] - 1;
}

/* Doubles the slots, so that at most half of them are taken. */
static seqnn_status sq_words_widen(sq_words *words)
{
    seqnn_size slot_count = sq_max(SQ_FIRST_SLOTS, words->slot_count * 2);
    int32_t *slots = (int32_t *)sq_allocate(slot_count, sizeof(int32_t));
    if (!slots)
        return SEQNN_ERROR_MEMORY;
    sq_free(words->slots);
    words->slots = slots;
    words->slot_count = slot_count;
    for (seqnn_size i = 0; i < words->count; i++) {
        seqnn_size slot = (seqnn_size)words->word[i].hash & (slot_count - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (slot_count - 1);
        slots[slot] = (int32_t)(i + 1);
    }
    return SEQNN_OK;
}

SQ_LOCAL int32_t sq_words_add(sq_words *words, const char *text, seqnn_size length)
{
    if (words->count >= words->slot_count / 2 && sq_words_widen(words) != SEQNN_OK)
        return -1;
    uint32_t hash = sq_hash(text, length);
    seqnn_size slot = sq_words_slot(words, text, length, hash);
    if (words->slots[slot] != 0)
        return words->slots[slot] - 1;
    if (words->count >= INT32_MAX - 2) {
        sq_fail(SEQNN_ERROR_MEMORY, "words: more than %d distinct words",
                (int)INT32_MAX - 2);
        return -1;
    }
    void *memory = words->word;
    if (sq_grow(&memory, &words->capacity, words->count + 1, sizeof(sq_word)) != SEQNN_OK)
        return -1;
    words->word = (sq_word *)memory;
    const char *copy = sq_pool_copy(&words->pool, text, length);
    if (!copy)
        return -1;
    sq_word *word = &words->word[words->count++];
    word->text = copy;
    word->length = length;
    word->hash = hash;
    words->slots[slot] = (int32_t)words->count;
    return (int32_t)(words->count - 1);
}

SQ_LOCAL void sq_words_free(sq_words *words)
{
    sq_pool_free(&words->pool);
    sq_free(words->word);
    sq_free(words->slots);
    memset(words, 0, sizeof *words);
}

/* -------------------------------------------------------------------- text/unicode.c */

SQ_LOCAL seqnn_size sq_utf8_next(const char *text, seqnn_size length, int32_t *point)
{
    const unsigned char *byte = (const unsigned char *)text;
    static const int32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    seqnn_size bytes = byte[0] < 0x80             ? 1
                       : (byte[0] & 0xE0) == 0xC0 ? 2
                       : (byte[0] & 0xF0) == 0xE0 ? 3
                       : (byte[0] & 0xF8) == 0xF0 ? 4
                                                  : 0;
    *point = -1;
    if (bytes == 0 || bytes > length)
        return 1;
    int32_t value = bytes == 1 ? byte[0] : byte[0] & (0x7F >> bytes);
    for (seqnn_size i = 1; i < bytes; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 1;
        value = value * 64 + (byte[i] & 0x3F);
    }
    /* Longer than needed, half of a surrogate pair, or beyond Unicode: not UTF-8. */
    if (value < smallest[bytes] || (value >= 0xD800 && value < 0xE000) ||
        value > 0x10FFFF)
        return 1;
    *point = value;
    return bytes;
}

SQ_LOCAL bool sq_is_space(int32_t point)
{
    return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) ||
           point == 0x85 || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

SQ_LOCAL void sq_lower(char *text, seqnn_size length)
{
    for (seqnn_size i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool latin1 = i > 0 && (unsigned char)text[i - 1] == 0xC3 && byte >= 0x80 &&
                      byte <= 0x9E && byte != 0x97; /* 0x97: the sign of multiplication */
        if ((byte >= 'A' && byte <= 'Z') || latin1)
            text[i] = (char)(byte + 0x20);
    }
}

SQ_LOCAL seqnn_size sq_latin1_to_utf8(const char *bytes, seqnn_size length,
                                      bool keep_utf8, char *out)
{
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        int32_t point = -1;
        seqnn_size size = keep_utf8 ? sq_utf8_next(bytes + i, length - i, &point) : 1;
        unsigned char byte = (unsigned char)bytes[i];
        if (point >= 0 || byte < 0x80) {
            for (seqnn_size k = 0; k < size; k++)
                out[written++] = bytes[i + k];
        } else {
            out[written++] = (char)(0xC0 | byte >> 6);
            out[written++] = (char)(0x80 | (byte & 0x3F));
        }
        i += size;
    }
    return written;
}

/* ------------------------------------------------------------------------ data/bbc.c */

/* A line class<TAB>text, cut at its tab. */
static seqnn_status sq_tsv_line(seqnn_texts *texts, const sq_reader *reader, char *line,
                                seqnn_size length, char *utf8)
{
    char id[32];
    char *tab = (char *)memchr(line, '\t', (size_t)length);
    if (!tab || tab == line)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no %s, expected class<TAB>text",
                       reader->path, reader->line, tab ? "class before the tab" : "tab");
    *tab = '\0';
    seqnn_size size = length - (tab + 1 - line);
    if (memchr(tab + 1, '\t', (size_t)size))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: a second tab, expected class<TAB>text", reader->path,
                       reader->line);
    snprintf(id, sizeof id, "%td", reader->line - 1);
    size = sq_latin1_to_utf8(tab + 1, size, true, utf8);
    return sq_texts_add(texts, utf8, size, line, id);
}

static seqnn_status sq_read_tsv_lines(seqnn_texts *texts, sq_reader *reader)
{
    void *utf8 = NULL;
    seqnn_size capacity = 0, length;
    char *line;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        if (length == 0)
            continue;
        status = sq_grow(&utf8, &capacity, 2 * length, 1);
        if (status == SEQNN_OK)
            status = sq_tsv_line(texts, reader, line, length, (char *)utf8);
        if (status != SEQNN_OK)
            break;
    }
    sq_free(utf8);
    if (status == SEQNN_OK && texts->count == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: the file is empty, expected lines of class<TAB>text",
                         reader->path);
    return status;
}

SEQNN_API seqnn_texts *seqnn_read_tsv(const char *path)
{
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts)
        return NULL;
    sq_reader reader;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_read_tsv_lines(texts, &reader);
    if (status == SEQNN_OK)
        status = sq_texts_sort_classes(texts);
    sq_reader_close(&reader);
    if (status == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

/* The whole story, or its first line. */
static seqnn_status sq_add_story(seqnn_texts *texts, const sq_document *document,
                                 bool title)
{
    seqnn_size length = document->length;
    if (title)
        length = (seqnn_size)strcspn(document->bytes, "\r\n");
    length = sq_latin1_to_utf8(document->bytes, length, true, document->utf8);
    return sq_texts_add(texts, document->utf8, length, document->class_name,
                        document->id);
}

static seqnn_status sq_add_whole_story(seqnn_texts *texts, const sq_document *document)
{
    return sq_add_story(texts, document, false);
}

static seqnn_status sq_add_story_title(seqnn_texts *texts, const sq_document *document)
{
    return sq_add_story(texts, document, true);
}

static seqnn_texts *sq_read_stories(const char *directory, sq_add_document add)
{
    char inside[SQ_PATH_SIZE];
    if (sq_join_path(inside, sizeof inside, directory, "bbc") && sq_is_folder(inside))
        directory = inside;
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts)
        return NULL;
    if (sq_read_class_folders(texts, directory, "", add) == SEQNN_OK &&
        sq_texts_sort_classes(texts) == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

SEQNN_API seqnn_texts *seqnn_read_bbc(const char *directory)
{
    return directory ? sq_read_stories(directory, sq_add_whole_story) : NULL;
}

SEQNN_API seqnn_texts *seqnn_read_bbc_titles(const char *directory)
{
    char path[SQ_PATH_SIZE];
    if (!directory)
        return NULL;
    if (sq_join_path(path, sizeof path, directory, "bbc-titles.tsv") && sq_is_file(path))
        return seqnn_read_tsv(path);
    return sq_read_stories(directory, sq_add_story_title);
}

/* ----------------------------------------------------------------------- data/find.c */

/* One alternative, "name" or "name[holds]", below one root. */
static bool sq_find_below(char path[SEQNN_PATH_SIZE], const char *root, const char *name,
                          size_t length)
{
    char wanted[SEQNN_PATH_SIZE], inside[SEQNN_PATH_SIZE];
    if (length >= sizeof wanted)
        return false;
    memcpy(wanted, name, length);
    wanted[length] = '\0';
    char *holds = strchr(wanted, '[');
    if (holds) {
        *holds++ = '\0';
        holds[strcspn(holds, "]")] = '\0';
    }
    if (!sq_join_path(path, SEQNN_PATH_SIZE, root, wanted))
        return false;
    if (!holds)
        return sq_is_file(path) || sq_is_folder(path);
    return sq_join_path(inside, sizeof inside, path, holds) &&
           (sq_is_file(inside) || sq_is_folder(inside));
}

SEQNN_API const char *seqnn_find_data(char path[SEQNN_PATH_SIZE], const char *directory,
                                      const char *name)
{
    const char *environment = getenv("SEQNN_DATA");
    const char *roots[4] = {directory, environment && *environment ? environment : NULL,
                            "datasets/cache", "datasets"};
    for (int i = 0; i < 4; i++)
        for (const char *at = name; roots[i] && *at;) {
            size_t length = strcspn(at, "|");
            if (sq_find_below(path, roots[i], at, length))
                return path;
            at += length;
            at += *at == '|';
        }
    path[0] = '\0';
    sq_fail(SEQNN_ERROR_FILE, "data: '%s' is not in %s%s%s%sdatasets/cache or datasets",
            name, roots[0] ? roots[0] : "", roots[0] ? ", " : "",
            roots[1] ? roots[1] : "", roots[1] ? " ($SEQNN_DATA), " : "");
    return NULL;
}

/* ----------------------------------------------------------------- data/newsgroups.c */

/* What follows the first empty line; the end of the text if there is none. */
static const char *sq_post_body(const char *post)
{
    while (*post) {
        size_t length = strcspn(post, "\n");
        bool empty = length == 0 || (length == 1 && *post == '\r');
        post += length;
        post += *post == '\n';
        if (empty)
            break;
    }
    return post;
}

static seqnn_status sq_add_post(seqnn_texts *texts, const sq_document *document)
{
    const char *body = sq_post_body(document->bytes);
    seqnn_size length = document->length - (body - document->bytes);
    length = sq_latin1_to_utf8(body, length, false, document->utf8);
    return sq_texts_add(texts, document->utf8, length, document->class_name,
                        document->id);
}

SEQNN_API seqnn_texts *seqnn_read_newsgroups(const char *directory)
{
    static const char *const parts[] = {"20news-bydate-test", "20news-bydate-train"};
    if (!directory)
        return NULL;
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts)
        return NULL;
    seqnn_status status = SEQNN_OK;
    int found = 0;
    for (int i = 0; i < 2 && status == SEQNN_OK; i++) {
        char folder[SQ_PATH_SIZE], prefix[64];
        snprintf(prefix, sizeof prefix, "%s/", parts[i]);
        if (sq_join_path(folder, sizeof folder, directory, parts[i]) &&
            sq_is_folder(folder)) {
            found++;
            status = sq_read_class_folders(texts, folder, prefix, sq_add_post);
        }
    }
    if (found == 0)
        status = sq_fail(SEQNN_ERROR_FILE, "%s: neither %s nor %s is in it", directory,
                         parts[0], parts[1]);
    if (status == SEQNN_OK)
        status = sq_texts_sort_classes(texts);
    if (status == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

/* ---------------------------------------------------------------------- data/split.c */

#define SQ_PARTS_STREAM ((uint64_t)0x73706C69 << 32)

/* rows[0..train) train, rows[train..count) validate. */
static seqnn_parts sq_take_parts(const seqnn_dataset *data, const int32_t *rows,
                                 seqnn_size train)
{
    seqnn_parts parts = {SEQNN_OK, NULL, NULL};
    parts.train = seqnn_dataset_take(data, rows, train);
    if (parts.train)
        parts.validation = seqnn_dataset_take(data, rows + train, data->count - train);
    if (!parts.validation) {
        seqnn_parts_free(&parts);
        parts.status = SEQNN_ERROR_MEMORY;
    }
    return parts;
}

SEQNN_API seqnn_parts seqnn_split(const seqnn_dataset *data, double fraction,
                                  uint64_t seed)
{
    seqnn_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL};
    if (!data)
        return parts; /* what made it has left its sentence */
    if (!(fraction > 0 && fraction < 1)) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "split: the fraction is %g, expected between 0 and 1", fraction);
        return parts;
    }
    seqnn_size validation = (seqnn_size)floor((double)data->count * fraction + 0.5);
    if (validation < 1 || validation >= data->count || data->count > INT32_MAX) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "split: %td of %td samples to validate leave a part empty", validation,
                data->count);
        return parts;
    }
    int32_t *rows = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    parts.status = SEQNN_ERROR_MEMORY;
    if (!rows)
        return parts;
    for (seqnn_size i = 0; i < data->count; i++)
        rows[i] = (int32_t)i;
    seqnn_random random = {seed, SQ_PARTS_STREAM, 0};
    seqnn_random_shuffle(&random, rows, data->count);
    parts = sq_take_parts(data, rows, data->count - validation);
    sq_free(rows);
    return parts;
}

/* A line id<TAB>class of the file: marks its text. */
static seqnn_status sq_split_line(const sq_reader *reader, char *line,
                                  const sq_words *ids, const seqnn_texts *texts,
                                  bool *validates)
{
    size_t size = strcspn(line, "\t");
    const char *class_name = line[size] == '\t' ? line + size + 1 : NULL;
    line[size] = '\0';
    int32_t text = sq_words_find(ids, line, (seqnn_size)size);
    if (text < 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no text has the id '%s'",
                       reader->path, reader->line, line);
    if (validates[text])
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the id '%s' comes a second time",
                       reader->path, reader->line, line);
    const char *own = texts->classes > 0 ? texts->class_names[texts->label[text]] : NULL;
    if (class_name && own && strcmp(class_name, own) != 0)
        return sq_fail(
            SEQNN_ERROR_FORMAT,
            "%s:%td: the text '%s' is of class %s, expected %s: another data set",
            reader->path, reader->line, line, own, class_name);
    validates[text] = true;
    return SEQNN_OK;
}

/* The counts in "# documents N validation M"; false if it is another comment. */
static bool sq_split_counts(const char *line, seqnn_size *documents,
                            seqnn_size *validation)
{
    static const char first[] = "# documents ", second[] = " validation ";
    char *end;
    if (strncmp(line, first, sizeof first - 1) != 0)
        return false;
    *documents = (seqnn_size)strtol(line + sizeof first - 1, &end, 10);
    if (strncmp(end, second, sizeof second - 1) != 0)
        return false;
    *validation = (seqnn_size)strtol(end + sizeof second - 1, &end, 10);
    return true;
}

static seqnn_status sq_split_lines(sq_reader *reader, const sq_words *ids,
                                   const seqnn_texts *texts, bool *validates,
                                   seqnn_size *chosen)
{
    char *line;
    seqnn_size length, documents = texts->count, expected = -1;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        if (length == 0 || line[0] == '#') {
            sq_split_counts(line, &documents, &expected);
            continue;
        }
        if (documents != texts->count)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: is for %td documents, these are %td",
                           reader->path, documents, texts->count);
        status = sq_split_line(reader, line, ids, texts, validates);
        if (status != SEQNN_OK)
            return status;
        ++*chosen;
    }
    if (status == SEQNN_OK && expected >= 0 && *chosen != expected)
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: lists %td documents, expected %td: cut off?",
                    reader->path, *chosen, expected);
    if (status == SEQNN_OK && (*chosen == 0 || *chosen == texts->count))
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: lists %td of %td documents: a part is empty",
                    reader->path, *chosen, texts->count);
    return status;
}

static seqnn_status sq_split_read(const char *path, const seqnn_texts *texts,
                                  bool *validates, seqnn_size *chosen)
{
    sq_words ids;
    memset(&ids, 0, sizeof ids);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        int32_t number =
            sq_words_add(&ids, texts->id[i], (seqnn_size)strlen(texts->id[i]));
        if (number < 0)
            status = SEQNN_ERROR_MEMORY;
        else if (number != i)
            status = sq_fail(SEQNN_ERROR_ARGUMENT, "split: two texts have the id '%s'",
                             texts->id[i]);
    }
    sq_reader reader;
    if (status == SEQNN_OK) {
        status = sq_reader_open(&reader, path);
        if (status == SEQNN_OK)
            status = sq_split_lines(&reader, &ids, texts, validates, chosen);
        sq_reader_close(&reader);
    }
    sq_words_free(&ids);
    return status;
}

SEQNN_API seqnn_parts seqnn_split_file(const seqnn_dataset *data,
                                       const seqnn_texts *texts, const char *path)
{
    seqnn_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL};
    if (!data || !texts || !path)
        return parts; /* what made it has left its sentence */
    if (data->count != texts->count) {
        parts.status = sq_fail(SEQNN_ERROR_SHAPE,
                               "split: %td samples, expected one for each of %td texts",
                               data->count, texts->count);
        return parts;
    }
    bool *validates = (bool *)sq_allocate(texts->count, sizeof(bool));
    int32_t *rows = (int32_t *)sq_allocate(texts->count, sizeof(int32_t));
    seqnn_size chosen = 0, train = 0;
    parts.status = SEQNN_ERROR_MEMORY;
    if (validates && rows)
        parts.status = sq_split_read(path, texts, validates, &chosen);
    if (parts.status == SEQNN_OK) {
        seqnn_size validation = texts->count - chosen;
        for (seqnn_size i = 0; i < texts->count; i++)
            rows[validates[i] ? validation++ : train++] = (int32_t)i;
        parts = sq_take_parts(data, rows, train);
    }
    sq_free(validates);
    sq_free(rows);
    return parts;
}

SEQNN_API void seqnn_parts_free(seqnn_parts *parts)
{
    seqnn_dataset_free(parts->train);
    seqnn_dataset_free(parts->validation);
    parts->train = parts->validation = NULL;
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* --------------------------------------------------------------- data/word_vectors.c */

/* What stands behind the public struct, which comes first. */
typedef struct sq_word_vectors {
    seqnn_word_vectors public_part;
    sq_words words;
    const char **word;
    seqnn_real *values;
    seqnn_size value_capacity; /* in vectors */
} sq_word_vectors;

/* A line of the file: its word, and the numbers behind it. */
typedef struct sq_vector_line {
    const char *text;
    seqnn_size length, word; /* bytes of the line and of the word */
} sq_vector_line;

/* The next line, without blanks at its end; text NULL at the end of the file. */
static seqnn_status sq_vector_next(sq_reader *reader, sq_vector_line *line)
{
    char *text;
    seqnn_status status = sq_reader_line(reader, &text, &line->length);
    line->text = status == SEQNN_OK ? text : NULL;
    if (status != SEQNN_OK)
        return status;
    if (!text)
        return reader->line > 0 ? SEQNN_OK
                                : sq_fail(SEQNN_ERROR_FORMAT,
                                          "%s: the file is empty, expected word vectors",
                                          reader->path);
    while (line->length > 0 && text[line->length - 1] == ' ')
        text[--line->length] = '\0';
    line->word = (seqnn_size)strcspn(text, " ");
    if (line->word > 0 && line->word < line->length)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s, expected a word and its numbers",
                   reader->path, reader->line,
                   line->length == 0 ? "an empty line"
                   : line->word == 0 ? "a blank in front"
                                     : "a word without numbers");
}

/* Numbers on a line, which are as many as its blanks. */
static seqnn_size sq_count_numbers(const sq_vector_line *line)
{
    seqnn_size numbers = 0;
    for (seqnn_size i = line->word; i < line->length; i++)
        numbers += line->text[i] == ' ';
    return numbers;
}

static seqnn_status sq_check_numbers(const sq_reader *reader, const sq_vector_line *line,
                                     seqnn_size dimension)
{
    seqnn_size numbers = sq_count_numbers(line);
    if (numbers == dimension)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s:%td: %td numbers behind the word '%.*s', expected %td",
                   reader->path, reader->line, numbers, (int)sq_min(line->word, 40),
                   line->text, dimension);
}

/* The numbers of a line. They are counted only to say what is wrong. */
static seqnn_status sq_vector_numbers(const sq_reader *reader, const sq_vector_line *line,
                                      seqnn_size dimension, seqnn_real *values)
{
    const char *at = line->text + line->word;
    for (seqnn_size i = 0; i < dimension; i++) {
        const char *number = at + 1; /* behind the blank */
        at = *at == ' ' ? sq_parse_real(number, &values[i]) : NULL;
        if (at)
            continue;
        seqnn_status status = sq_check_numbers(reader, line, dimension);
        if (status != SEQNN_OK)
            return status;
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: '%.*s' in place %td is no finite number", reader->path,
                       reader->line, (int)sq_min((seqnn_size)strcspn(number, " "), 40),
                       number, i + 1);
    }
    return *at == '\0' ? SEQNN_OK : sq_check_numbers(reader, line, dimension);
}

static seqnn_status sq_vectors_add(sq_word_vectors *v, const sq_reader *reader,
                                   const sq_vector_line *line)
{
    seqnn_word_vectors *vectors = &v->public_part;
    if (vectors->dimension == 0)
        vectors->dimension = sq_count_numbers(line);
    void *memory = v->values;
    seqnn_status status = sq_grow(&memory, &v->value_capacity, vectors->count + 1,
                                  (size_t)vectors->dimension * sizeof(seqnn_real));
    if (status != SEQNN_OK)
        return status;
    v->values = (seqnn_real *)memory;
    status = sq_vector_numbers(reader, line, vectors->dimension,
                               v->values + vectors->count * vectors->dimension);
    if (status != SEQNN_OK)
        return status;
    int32_t number = sq_words_add(&v->words, line->text, line->word);
    vectors->count = v->words.count; /* a repeated word's vector is written over */
    return number < 0 ? SEQNN_ERROR_MEMORY : SEQNN_OK;
}

static seqnn_status sq_vectors_read_lines(sq_word_vectors *v, sq_reader *reader)
{
    sq_vector_line line;
    seqnn_status status;
    while ((status = sq_vector_next(reader, &line)) == SEQNN_OK && line.text) {
        status = sq_vectors_add(v, reader, &line);
        if (status != SEQNN_OK)
            return status;
    }
    return status;
}

SEQNN_API seqnn_word_vectors *seqnn_word_vectors_read(const char *path)
{
    if (!path)
        return NULL; /* what should have found it has left its sentence */
    sq_word_vectors *v = (sq_word_vectors *)sq_allocate(1, sizeof(sq_word_vectors));
    if (!v)
        return NULL;
    sq_reader reader;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_vectors_read_lines(v, &reader);
    sq_reader_close(&reader);
    if (status == SEQNN_OK) {
        v->word = (const char **)sq_allocate(v->words.count, sizeof(char *));
        status = v->word ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    }
    if (status != SEQNN_OK) {
        seqnn_word_vectors_free(&v->public_part);
        return NULL;
    }
    for (seqnn_size i = 0; i < v->words.count; i++)
        v->word[i] = v->words.word[i].text;
    v->public_part.word = v->word;
    v->public_part.values = v->values;
    return &v->public_part;
}

SEQNN_API const seqnn_real *seqnn_word_vectors_find(const seqnn_word_vectors *vectors,
                                                    const char *word)
{
    const sq_word_vectors *v = (const sq_word_vectors *)vectors;
    int32_t number = sq_words_find(&v->words, word, (seqnn_size)strlen(word));
    return number < 0 ? NULL : vectors->values + number * vectors->dimension;
}

SEQNN_API void seqnn_word_vectors_free(seqnn_word_vectors *vectors)
{
    if (!vectors)
        return;
    sq_word_vectors *v = (sq_word_vectors *)vectors;
    sq_words_free(&v->words);
    sq_free((void *)v->word);
    sq_free(v->values);
    sq_free(v);
}

/* Reads the vectors of the tokenizer's words; seen marks the rows that have theirs. */
static seqnn_status sq_vectors_cover(const seqnn_tokenizer *tokenizer, sq_reader *reader,
                                     seqnn_real *table, seqnn_size dimension, bool *seen,
                                     seqnn_coverage *coverage)
{
    sq_vector_line line;
    seqnn_status status;
    while ((status = sq_vector_next(reader, &line)) == SEQNN_OK && line.text) {
        int32_t row = sq_tokenizer_number(tokenizer, line.text, line.word);
        /* Unknown, the oov_token that stands for it, or covered before? */
        if (row == 0 || seqnn_tokenizer_count(tokenizer, row) == 0 || seen[row]) {
            status = sq_check_numbers(reader, &line, dimension);
            if (status != SEQNN_OK)
                return status;
            continue;
        }
        status = sq_vector_numbers(reader, &line, dimension, table + row * dimension);
        if (status != SEQNN_OK)
            return status;
        seen[row] = true;
        coverage->words_covered++;
        coverage->tokens_covered += seqnn_tokenizer_count(tokenizer, row);
    }
    return status;
}

SEQNN_API seqnn_coverage seqnn_word_vectors_into(const seqnn_tokenizer *tokenizer,
                                                 const char *path, seqnn_real *table,
                                                 seqnn_size dimension)
{
    seqnn_coverage coverage;
    memset(&coverage, 0, sizeof coverage);
    if (!tokenizer || !path || !table || dimension < 1) {
        coverage.status = sq_fail(SEQNN_ERROR_ARGUMENT,
                                  "word vectors: expected a tokenizer, a path, a table "
                                  "and a dimension of at least 1");
        return coverage;
    }
    seqnn_size vocabulary = seqnn_tokenizer_vocabulary(tokenizer);
    for (seqnn_size i = 1; i < vocabulary; i++) {
        int64_t count = seqnn_tokenizer_count(tokenizer, i);
        coverage.words += count > 0;
        coverage.tokens += count;
    }
    bool *seen = (bool *)sq_allocate(vocabulary, sizeof(bool));
    coverage.status = SEQNN_ERROR_MEMORY;
    if (!seen)
        return coverage;
    sq_reader reader;
    coverage.status = sq_reader_open(&reader, path);
    if (coverage.status == SEQNN_OK)
        coverage.status =
            sq_vectors_cover(tokenizer, &reader, table, dimension, seen, &coverage);
    sq_reader_close(&reader);
    sq_free(seen);
    return coverage;
}

/* ---------------------------------------------------------------------- data/files.c */

#ifdef _WIN32
#include <io.h>
#define SQ_IS_FOLDER(mode) (((mode)&_S_IFMT) == _S_IFDIR)
#define SQ_IS_FILE(mode) (((mode)&_S_IFMT) == _S_IFREG)
#else
#include <dirent.h>
#define SQ_IS_FOLDER(mode) S_ISDIR(mode)
#define SQ_IS_FILE(mode) S_ISREG(mode)
#endif
#ifdef SEQNN_USE_ZLIB
#include <zlib.h>
#endif

enum { SQ_READ_SIZE = 1 << 15, SQ_LONGEST_LINE = 1 << 26, SQ_LARGEST_FILE = 1 << 30 };

SQ_LOCAL seqnn_status sq_reader_open(sq_reader *reader, const char *path)
{
    memset(reader, 0, sizeof *reader);
    reader->path = path;
    if (sq_is_folder(path))
        return sq_fail(SEQNN_ERROR_FILE, "%s: is a folder, expected a file", path);
    FILE *file = fopen(path, "rb");
    if (!file)
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened: %s", path,
                       strerror(errno));
    reader->file = file;
    unsigned char magic[2] = {0, 0};
    if (fread(magic, 1, 2, file) == 2 && magic[0] == 0x1F && magic[1] == 0x8B) {
#ifdef SEQNN_USE_ZLIB
        fclose(file);
        gzFile compressed = gzopen(path, "rb");
        reader->file = (void *)compressed;
        reader->compressed = true;
        if (!compressed)
            return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened by zlib", path);
        gzbuffer(compressed, SQ_READ_SIZE);
#else
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: is gzip-compressed: unpack it, or compile with "
                       "-DSEQNN_USE_ZLIB and link with -lz",
                       path);
#endif
    } else {
        rewind(file);
    }
    reader->capacity = SQ_READ_SIZE;
    reader->buffer = (char *)sq_allocate(reader->capacity, 1);
    return reader->buffer ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

SQ_LOCAL void sq_reader_close(sq_reader *reader)
{
#ifdef SEQNN_USE_ZLIB
    if (reader->compressed) {
        if (reader->file)
            gzclose((gzFile)reader->file);
        reader->file = NULL;
    }
#endif
    if (reader->file)
        fclose((FILE *)reader->file);
    sq_free(reader->buffer);
    memset(reader, 0, sizeof *reader);
}

/* Moves what is unread to the front and reads more behind it; one byte stays free. */
static seqnn_status sq_reader_fill(sq_reader *reader)
{
    if (reader->begin > 0) {
        reader->end -= reader->begin;
        memmove(reader->buffer, reader->buffer + reader->begin, (size_t)reader->end);
        reader->begin = 0;
    }
    if (reader->capacity - reader->end <= SQ_READ_SIZE / 2) {
        void *memory = reader->buffer;
        seqnn_status status =
            sq_grow(&memory, &reader->capacity, reader->capacity + 1, 1);
        if (status != SEQNN_OK)
            return status;
        reader->buffer = (char *)memory;
    }
    seqnn_size room = sq_min(reader->capacity - reader->end - 1, SQ_LARGEST_FILE);
    char *to = reader->buffer + reader->end;
    seqnn_size got;
#ifdef SEQNN_USE_ZLIB
    if (reader->compressed) {
        int code = Z_OK;
        got = gzread((gzFile)reader->file, to, (unsigned)room);
        const char *reason = gzerror((gzFile)reader->file, &code);
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: damaged or cut off gzip file (%s)",
                           reader->path, code == Z_BUF_ERROR ? "unexpected end" : reason);
    } else
#endif
    {
        got = (seqnn_size)fread(to, 1, (size_t)room, (FILE *)reader->file);
        if (ferror((FILE *)reader->file))
            return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be read: %s", reader->path,
                           strerror(errno));
    }
    reader->end += got;
    reader->ended = got == 0;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_reader_line(sq_reader *reader, char **line, seqnn_size *length)
{
    char *feed = NULL;
    for (seqnn_size searched = 0;;) {
        seqnn_size unread = reader->end - reader->begin;
        if (unread > searched)
            feed = (char *)memchr(reader->buffer + reader->begin + searched, '\n',
                                  (size_t)(unread - searched));
        if (feed || reader->ended)
            break;
        if (unread > SQ_LONGEST_LINE)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the line is longer than %d bytes",
                           reader->path, reader->line + 1, (int)SQ_LONGEST_LINE);
        searched = unread;
        seqnn_status status = sq_reader_fill(reader);
        if (status != SEQNN_OK)
            return status;
    }
    *line = NULL;
    *length = 0;
    if (reader->begin == reader->end)
        return SEQNN_OK;
    char *text = reader->buffer + reader->begin;
    char *end = feed ? feed : reader->buffer + reader->end;
    reader->begin = (feed ? feed + 1 : end) - reader->buffer;
    reader->line++;
    if (end > text && end[-1] == '\r')
        end--;
    *end = '\0';
    if (memchr(text, '\0', (size_t)(end - text)))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: the line holds a NUL byte, expected text", reader->path,
                       reader->line);
    *line = text;
    *length = end - text;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_reader_all(sq_reader *reader, char **text, seqnn_size *length)
{
    while (!reader->ended) {
        seqnn_status status = sq_reader_fill(reader);
        if (status != SEQNN_OK)
            return status;
        if (reader->end > SQ_LARGEST_FILE)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: is larger than %d bytes",
                           reader->path, (int)SQ_LARGEST_FILE);
    }
    reader->buffer[reader->end] = '\0';
    if (memchr(reader->buffer, '\0', (size_t)reader->end))
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: holds a NUL byte, expected text",
                       reader->path);
    *text = reader->buffer;
    *length = reader->end;
    return SEQNN_OK;
}

static seqnn_status sq_listing_add(sq_listing *listing, const char *name)
{
    if (name[0] == '.')
        return SEQNN_OK;
    void *memory = (void *)listing->name;
    seqnn_status status =
        sq_grow(&memory, &listing->capacity, listing->count + 1, sizeof(char *));
    if (status != SEQNN_OK)
        return status;
    listing->name = (char **)memory;
    char *copy = sq_copy_string(name);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    listing->name[listing->count++] = copy;
    return SEQNN_OK;
}

/* strcmp compares unsigned bytes. */
static int sq_compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

SQ_LOCAL seqnn_status sq_list_folder(const char *path, sq_listing *listing)
{
    seqnn_status status = SEQNN_OK;
    memset(listing, 0, sizeof *listing);
#ifdef _WIN32
    char pattern[SQ_PATH_SIZE];
    struct _finddata_t entry;
    intptr_t search = -1;
    if (sq_join_path(pattern, sizeof pattern, path, "*"))
        search = _findfirst(pattern, &entry);
    if (search == -1)
        return sq_fail(SEQNN_ERROR_FILE, "%s: the folder cannot be opened", path);
    do
        status = sq_listing_add(listing, entry.name);
    while (status == SEQNN_OK && _findnext(search, &entry) == 0);
    _findclose(search);
#else
    DIR *folder = opendir(path);
    if (!folder)
        return sq_fail(SEQNN_ERROR_FILE, "%s: the folder cannot be opened: %s", path,
                       strerror(errno));
    for (struct dirent *entry; status == SEQNN_OK && (entry = readdir(folder)) != NULL;)
        status = sq_listing_add(listing, entry->d_name);
    closedir(folder);
#endif
    if (listing->count > 1)
        qsort((void *)listing->name, (size_t)listing->count, sizeof(char *),
              sq_compare_names);
    if (status != SEQNN_OK)
        sq_listing_free(listing);
    return status;
}

SQ_LOCAL void sq_listing_free(sq_listing *listing)
{
    for (seqnn_size i = 0; i < listing->count; i++)
        sq_free(listing->name[i]);
    sq_free((void *)listing->name);
    memset(listing, 0, sizeof *listing);
}

SQ_LOCAL bool sq_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && SQ_IS_FOLDER(status.st_mode);
}

SQ_LOCAL bool sq_is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && SQ_IS_FILE(status.st_mode);
}

SQ_LOCAL bool sq_join_path(char *out, size_t size, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    int written = snprintf(out, size, "%s%s%s", folder, slash, name);
    return written > 0 && (size_t)written < size;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* -------------------------------------------------------------------- data/folders.c */

static seqnn_status sq_read_document(seqnn_texts *texts, const char *path,
                                     sq_document *document, sq_add_document add)
{
    sq_reader reader;
    char *bytes = NULL;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_reader_all(&reader, &bytes, &document->length);
    document->bytes = bytes;
    document->utf8 = NULL;
    if (status == SEQNN_OK) {
        document->utf8 = (char *)sq_allocate(2 * document->length + 1, 1);
        status = document->utf8 ? add(texts, document) : SEQNN_ERROR_MEMORY;
    }
    sq_free(document->utf8);
    sq_reader_close(&reader);
    return status;
}

static seqnn_status sq_read_class(seqnn_texts *texts, const char *folder,
                                  const char *class_name, const char *prefix,
                                  sq_add_document add)
{
    char path[SQ_PATH_SIZE], id[SQ_PATH_SIZE];
    sq_listing files;
    seqnn_status status = sq_list_folder(folder, &files);
    for (seqnn_size i = 0; i < files.count && status == SEQNN_OK; i++) {
        const char *name = files.name[i];
        int size = snprintf(id, sizeof id, "%s%s/%s", prefix, class_name, name);
        if (size < 0 || (size_t)size >= sizeof id ||
            !sq_join_path(path, sizeof path, folder, name)) {
            status = sq_fail(SEQNN_ERROR_FILE, "%s: a path in it is too long", folder);
        } else if (sq_is_file(path)) {
            sq_document document = {class_name, id, NULL, 0, NULL};
            status = sq_read_document(texts, path, &document, add);
        }
    }
    sq_listing_free(&files);
    return status;
}

SQ_LOCAL seqnn_status sq_read_class_folders(seqnn_texts *texts, const char *folder,
                                            const char *prefix, sq_add_document add)
{
    char path[SQ_PATH_SIZE];
    sq_listing classes;
    seqnn_size before = texts->count, folders = 0;
    seqnn_status status = sq_list_folder(folder, &classes);
    for (seqnn_size i = 0; i < classes.count && status == SEQNN_OK; i++) {
        if (!sq_join_path(path, sizeof path, folder, classes.name[i]))
            status = sq_fail(SEQNN_ERROR_FILE, "%s: a path in it is too long", folder);
        else if (sq_is_folder(path)) {
            folders++;
            status = sq_read_class(texts, path, classes.name[i], prefix, add);
        }
    }
    sq_listing_free(&classes);
    if (status == SEQNN_OK && folders == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: no folder in it, expected one for each class", folder);
    else if (status == SEQNN_OK && texts->count == before)
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: its class folders hold no file", folder);
    return status;
}
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

/* -------------------------------------------------------------------- data/numbers.c */

enum { SQ_LONGEST_NUMBER = 500, SQ_EXACT_POWERS = 22 };

/* The C library rounds right, but reads the decimal point of the user's locale: the
 * number is given to it without one, as digits and an exponent. */
static seqnn_real sq_parse_slowly(const char *text, const char *end, int exponent)
{
    char digits[SQ_LONGEST_NUMBER + 32];
    int count = 0;
    for (; text < end && *text != 'e' && *text != 'E'; text++)
        if (*text != '.')
            digits[count++] = *text;
    snprintf(digits + count, sizeof digits - (size_t)count, "e%d", exponent);
#ifdef SEQNN_DOUBLE
    return strtod(digits, NULL);
#else
    return strtof(digits, NULL);
#endif
}

/* mantissa * 10^exponent if one exactly rounded operation gives it: both factors are
 * exact in double. False if it is not certain to be the nearest seqnn_real. */
static bool sq_parse_fast(uint64_t mantissa, int exponent, seqnn_real *value)
{
    static const double power[SQ_EXACT_POWERS + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa > (uint64_t)1 << 53 || exponent < -SQ_EXACT_POWERS ||
        exponent > SQ_EXACT_POWERS)
        return false;
    double nearest = (double)mantissa;
    if (exponent < 0)
        nearest /= power[-exponent];
    else
        nearest *= power[exponent];
#ifndef SEQNN_DOUBLE
    /* Rounded a second time, to float: right unless the double lies half-way between two
     * floats, or below the normal ones. */
    uint64_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    if ((bits & 0x1FFFFFFF) == 0x10000000 || (nearest < 1.2e-38 && nearest > 0))
        return false;
#endif
    *value = (seqnn_real)nearest;
    return true;
}

/* The signed decimal exponent behind an 'e'; NULL if there is none. */
static const char *sq_parse_exponent(const char *at, int *exponent)
{
    bool negative = *at == '-';
    int value = 0;
    at += *at == '-' || *at == '+';
    if (*at < '0' || *at > '9')
        return NULL;
    for (; *at >= '0' && *at <= '9'; at++)
        if (value < 100000)
            value = value * 10 + (*at - '0');
    *exponent += negative ? -value : value;
    return at;
}

/* Appends the digits at text to the mantissa and returns where they end. */
static const char *sq_parse_digits(const char *text, uint64_t *mantissa)
{
    uint64_t value = *mantissa;
    for (unsigned digit; (digit = (unsigned)(unsigned char)*text - '0') <= 9; text++)
        value = value * 10 + digit; /* wraps: not used beyond 19 digits */
    *mantissa = value;
    return text;
}

SQ_LOCAL const char *sq_parse_real(const char *text, seqnn_real *value)
{
    bool negative = *text == '-';
    const char *digits = text + (*text == '-' || *text == '+');
    uint64_t mantissa = 0;
    int exponent = 0;
    const char *end = sq_parse_digits(digits, &mantissa);
    ptrdiff_t count = end - digits;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = sq_parse_digits(fraction, &mantissa);
        count += end - fraction;
        exponent = (int)sq_max(fraction - end, -SQ_LONGEST_NUMBER);
    }
    if (count < 1 || count > SQ_LONGEST_NUMBER)
        return NULL;
    const char *at = end;
    if (*at == 'e' || *at == 'E') {
        at = sq_parse_exponent(at + 1, &exponent);
        if (!at)
            return NULL;
    }
    if (*at != ' ' && *at != '\t' && *at != '\0')
        return NULL;
    seqnn_real nearest;
    if (count > 19 || !sq_parse_fast(mantissa, exponent, &nearest))
        nearest = sq_parse_slowly(digits, end, exponent);
    if (!(nearest < (seqnn_real)HUGE_VAL))
        return NULL;
    *value = negative ? -nearest : nearest;
    return at;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC push_options
#pragma GCC optimize("O1") /* these parts need not be fast */
#endif

/* ----------------------------------------------------------------- metrics/metrics.c */

/* metrics/metrics.c - accuracy, confusion, precision and recall, F-score, perplexity */

/* Every metric wants at least one class and a count that is not negative. */
static seqnn_status sq_metric_shape(const char *who, seqnn_size count, seqnn_size classes)
{
    if (count < 0 || classes < 1 || sq_multiply(sq_max(count, 1), classes) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the table is [%td, %td], expected [count >= 0, classes >= 1]",
                       who, count, classes);
    return SEQNN_OK;
}

static seqnn_status sq_metric_class(const char *who, const char *kind, int32_t id,
                                    seqnn_size position, seqnn_size classes)
{
    if (id < 0 || id >= classes)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: %s class %d at position %td, expected 0 to %td", who, kind,
                       (int)id, position, classes - 1);
    return SEQNN_OK;
}

/* The weight of position i, or -1 with the error set. */
static double sq_metric_weight(const char *who, const seqnn_real *weight, seqnn_size i)
{
    if (weight == NULL)
        return 1;
    if (!(weight[i] >= 0) || isinf(weight[i])) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "%s: weight %g at position %td, expected a finite number of at least 0",
                who, (double)weight[i], i);
        return -1;
    }
    return (double)weight[i];
}

static seqnn_status sq_metric_scores(const char *who, const seqnn_real *scores,
                                     seqnn_size row, seqnn_size classes)
{
    for (seqnn_size c = 0; c < classes; c++)
        if (isnan(scores[c]))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "%s: the score of class %td at position %td "
                           "is NaN",
                           who, c, row);
    return SEQNN_OK;
}

/* How many classes rank before class c: a higher score, or the same and a lower number.
 */
static seqnn_size sq_metric_rank(const seqnn_real *scores, seqnn_size classes,
                                 seqnn_size c)
{
    seqnn_size before = 0;
    for (seqnn_size other = 0; other < classes; other++)
        before += scores[other] > scores[c] || (scores[other] == scores[c] && other < c);
    return before;
}

static double sq_metric_ratio(int64_t part, int64_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

SEQNN_API seqnn_status seqnn_predicted_classes(const seqnn_real *scores, seqnn_size count,
                                               seqnn_size classes, int32_t *predicted)
{
    const char *who = "predicted classes";
    seqnn_status status = sq_metric_shape(who, count, classes);
    if (status == SEQNN_OK && classes > INT32_MAX)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: %td classes do not fit in int32", who,
                       classes);
    for (seqnn_size i = 0; status == SEQNN_OK && i < count; i++)
        status = sq_metric_scores(who, scores + i * classes, i, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        const seqnn_real *row = scores + i * classes;
        seqnn_size best = 0;
        for (seqnn_size c = 1; c < classes; c++)
            if (row[c] > row[best])
                best = c;
        predicted[i] = (int32_t)best;
    }
    return SEQNN_OK;
}

/* Top-k accuracy under the name of its caller. */
static seqnn_status sq_metric_top_k(const char *who, const seqnn_real *scores,
                                    const int32_t *truth, const seqnn_real *weight,
                                    seqnn_size count, seqnn_size classes, seqnn_size k,
                                    double *accuracy)
{
    double right = 0, total = 0;
    seqnn_status status = sq_metric_shape(who, count, classes);
    if (status != SEQNN_OK)
        return status;
    if (k < 1 || k > classes)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: k is %td, expected 1 to %td", who, k,
                       classes);
    for (seqnn_size i = 0; i < count; i++) {
        const seqnn_real *row = scores + i * classes;
        double w = sq_metric_weight(who, weight, i);
        if (w < 0)
            return SEQNN_ERROR_ARGUMENT;
        if (w == 0)
            continue;
        status = sq_metric_class(who, "true", truth[i], i, classes);
        if (status == SEQNN_OK)
            status = sq_metric_scores(who, row, i, classes);
        if (status != SEQNN_OK)
            return status;
        total += w;
        if (sq_metric_rank(row, classes, truth[i]) < k)
            right += w;
    }
    *accuracy = total > 0 ? right / total : 0;
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_accuracy(const seqnn_real *scores, const int32_t *truth,
                                      const seqnn_real *weight, seqnn_size count,
                                      seqnn_size classes, double *accuracy)
{
    return sq_metric_top_k("accuracy", scores, truth, weight, count, classes, 1,
                           accuracy);
}

SEQNN_API seqnn_status seqnn_top_k_accuracy(const seqnn_real *scores,
                                            const int32_t *truth,
                                            const seqnn_real *weight, seqnn_size count,
                                            seqnn_size classes, seqnn_size k,
                                            double *accuracy)
{
    return sq_metric_top_k("top-k accuracy", scores, truth, weight, count, classes, k,
                           accuracy);
}

SEQNN_API seqnn_status seqnn_confusion_matrix(const int32_t *truth,
                                              const int32_t *predicted, seqnn_size count,
                                              seqnn_size classes, int64_t *confusion)
{
    const char *who = "confusion matrix";
    seqnn_status status = sq_metric_shape(who, count, classes);
    if (status == SEQNN_OK && sq_multiply(classes, classes) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE, "%s: %td classes are too many", who, classes);
    for (seqnn_size i = 0; status == SEQNN_OK && i < count; i++) {
        status = sq_metric_class(who, "true", truth[i], i, classes);
        if (status == SEQNN_OK)
            status = sq_metric_class(who, "predicted", predicted[i], i, classes);
    }
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < classes * classes; i++)
        confusion[i] = 0;
    for (seqnn_size i = 0; i < count; i++)
        confusion[truth[i] * classes + predicted[i]]++;
    return SEQNN_OK;
}

/* A confusion matrix that came from outside: counts, not negative. */
static seqnn_status sq_metric_counts(const char *who, const int64_t *confusion,
                                     seqnn_size classes)
{
    if (classes < 1 || sq_multiply(classes, classes) < 0)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the confusion matrix has %td classes, "
                       "expected at least 1",
                       who, classes);
    for (seqnn_size i = 0; i < classes * classes; i++)
        if (confusion[i] < 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: confusion[%td, %td] is negative, expected a count", who,
                           i / classes, i % classes);
    return SEQNN_OK;
}

static seqnn_class_score sq_metric_of_class(const int64_t *confusion, seqnn_size classes,
                                            seqnn_size c)
{
    seqnn_class_score score;
    int64_t right = confusion[c * classes + c], row = 0, column = 0;
    for (seqnn_size other = 0; other < classes; other++) {
        row += confusion[c * classes + other];
        column += confusion[other * classes + c];
    }
    score.precision = sq_metric_ratio(right, column);
    score.recall = sq_metric_ratio(right, row);
    score.f1 = sq_metric_ratio(2 * right, row + column);
    score.support = row;
    return score;
}

SEQNN_API seqnn_status seqnn_class_scores(const int64_t *confusion, seqnn_size classes,
                                          seqnn_class_score *scores)
{
    seqnn_status status = sq_metric_counts("class scores", confusion, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size c = 0; c < classes; c++)
        scores[c] = sq_metric_of_class(confusion, classes, c);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_average_score(const int64_t *confusion, seqnn_size classes,
                                           seqnn_average average,
                                           seqnn_class_score *score)
{
    seqnn_class_score sum = {0, 0, 0, 0};
    int64_t right = 0;
    double weights = 0;
    seqnn_status status = sq_metric_counts("average score", confusion, classes);
    if (status != SEQNN_OK)
        return status;
    if ((int)average < 0 || average > SEQNN_AVERAGE_MICRO)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "average score: average is %d, expected a SEQNN_AVERAGE_...",
                       (int)average);
    for (seqnn_size c = 0; c < classes; c++) {
        seqnn_class_score of_class = sq_metric_of_class(confusion, classes, c);
        double w = average == SEQNN_AVERAGE_WEIGHTED ? (double)of_class.support : 1;
        sum.precision += w * of_class.precision;
        sum.recall += w * of_class.recall;
        sum.f1 += w * of_class.f1;
        sum.support += of_class.support;
        weights += w;
        right += confusion[c * classes + c];
    }
    if (average == SEQNN_AVERAGE_MICRO) {
        /* Every wrong answer is one false positive and one false negative. */
        sum.precision = sum.recall = sum.f1 = sq_metric_ratio(right, sum.support);
    } else if (weights > 0) {
        sum.precision /= weights;
        sum.recall /= weights;
        sum.f1 /= weights;
    }
    *score = sum;
    return SEQNN_OK;
}

/* --- the report: snprintf into what is left, and counting what was wanted --- */

typedef struct sq_report {
    char *text;
    seqnn_size size, used;
} sq_report;

static void sq_report_add(sq_report *report, const char *format, ...) SQ_PRINTF(2, 3);

static void sq_report_add(sq_report *report, const char *format, ...)
{
    seqnn_size left = sq_max(report->size - report->used, 0);
    va_list arguments;
    va_start(arguments, format);
    report->used += (seqnn_size)vsnprintf(left > 0 ? report->text + report->used : NULL,
                                          (size_t)left, format, arguments);
    va_end(arguments);
}

/* A share with two decimals, whatever the locale's decimal point is. */
static void sq_report_share(sq_report *report, double share)
{
    int hundredths = (int)rint(share * 100);
    sq_report_add(report, "      %d.%02d", hundredths / 100, hundredths % 100);
}

/* How many columns a UTF-8 text takes: the bytes that do not continue a character. */
static int sq_report_columns(const char *text)
{
    int columns = 0;
    for (; *text != '\0'; text++)
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    return columns;
}

static void sq_report_row(sq_report *report, int width, const char *name,
                          const seqnn_class_score *score)
{
    sq_report_add(report, "%*s%s ", width - sq_report_columns(name), "", name);
    sq_report_share(report, score->precision);
    sq_report_share(report, score->recall);
    sq_report_share(report, score->f1);
    sq_report_add(report, " %9lld\n", (long long)score->support);
}

SEQNN_API seqnn_status seqnn_classification_report(const int64_t *confusion,
                                                   seqnn_size classes,
                                                   const char *const *class_names,
                                                   char *text, seqnn_size size)
{
    sq_report report = {text, sq_max(size, 0), 0};
    seqnn_class_score micro, macro, weighted, score;
    char number[32];
    int width = sq_report_columns("weighted avg");
    seqnn_status status = sq_metric_counts("classification report", confusion, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size c = 0; class_names != NULL && c < classes; c++)
        width = (int)sq_max(width, sq_report_columns(class_names[c]));

    sq_report_add(&report, "%*s  precision    recall  f1-score   support\n\n", width, "");
    for (seqnn_size c = 0; c < classes; c++) {
        score = sq_metric_of_class(confusion, classes, c);
        snprintf(number, sizeof number, "%td", c);
        sq_report_row(&report, width, class_names != NULL ? class_names[c] : number,
                      &score);
    }
    status = seqnn_average_score(confusion, classes, SEQNN_AVERAGE_MICRO, &micro);
    if (status == SEQNN_OK)
        status = seqnn_average_score(confusion, classes, SEQNN_AVERAGE_MACRO, &macro);
    if (status == SEQNN_OK)
        status =
            seqnn_average_score(confusion, classes, SEQNN_AVERAGE_WEIGHTED, &weighted);
    if (status != SEQNN_OK)
        return status;
    sq_report_add(&report, "\n%*s%*s", width, "accuracy", 21, "");
    sq_report_share(&report, micro.f1);
    sq_report_add(&report, " %9lld\n", (long long)micro.support);
    sq_report_row(&report, width, "macro avg", &macro);
    sq_report_row(&report, width, "weighted avg", &weighted);
    if (report.used >= report.size)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "classification report: the table takes %td bytes, the buffer has "
                       "%td",
                       report.used + 1, size);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_labeling_f_score(const seqnn_real *probabilities,
                                              const seqnn_real *truth, seqnn_size count,
                                              seqnn_size labels, seqnn_real threshold,
                                              double *score)
{
    const char *who = "labeling F-score";
    seqnn_real limit = sq_option(threshold, (seqnn_real)0.5);
    double sum = 0;
    seqnn_status status = sq_metric_shape(who, count, labels);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        int64_t both = 0, either = 0;
        for (seqnn_size l = 0; l < labels; l++) {
            seqnn_real y = probabilities[i * labels + l], t = truth[i * labels + l];
            if (isnan(y))
                return sq_fail(SEQNN_ERROR_NUMBER,
                               "%s: the probability of label %td at text %td is NaN", who,
                               l, i);
            if (t != 0 && t != 1)
                return sq_fail(SEQNN_ERROR_ARGUMENT,
                               "%s: truth[%td, %td] is %g, expected 0 or 1", who, i, l,
                               (double)t);
            both += y >= limit && t == 1;
            either += (y >= limit) + (t == 1);
        }
        sum += either == 0 ? 1 : 2 * (double)both / (double)either;
    }
    *score = count > 0 ? sum / (double)count : 0;
    return SEQNN_OK;
}

SEQNN_API double seqnn_perplexity(double mean_cross_entropy)
{
    return exp(mean_cross_entropy);
}

SEQNN_API seqnn_status seqnn_perplexity_of(const seqnn_real *probabilities,
                                           const seqnn_real *weight, seqnn_size count,
                                           double *perplexity)
{
    const char *who = "perplexity";
    double loss = 0, total = 0;
    seqnn_status status = sq_metric_shape(who, count, 1);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count; i++) {
        double w = sq_metric_weight(who, weight, i), p;
        if (w < 0)
            return SEQNN_ERROR_ARGUMENT;
        if (w == 0)
            continue;
        p = (double)probabilities[i];
        if (!(p >= 0 && p <= 1))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: probability %g at position %td, expected 0 to 1", who, p,
                           i);
        loss -= w * log(p);
        total += w;
    }
    *perplexity = seqnn_perplexity(total > 0 ? loss / total : 0);
    return SEQNN_OK;
}

/* --------------------------------------------------------------------- plot/charts.c */

/* plot/charts.c - line charts: lines, gradient flow, training history */

#ifdef SEQNN_PLOT

#define SQ_CHART_X_SPACING 80.0
#define SQ_CHART_Y_SPACING 52.0

/* A limit or reference of the options as a position on the axis; NaN if none is given. */
static double sq_chart_limit(seqnn_real value, bool log)
{
    double limit = value == SEQNN_ZERO ? 0 : (double)value;
    if (value == 0)
        return (double)NAN;
    if (log)
        return limit > 0 ? log10(limit) : (double)NAN;
    return limit;
}

/* The range of all points of all series, on the axes' scale. low > high: no point. */
typedef struct sq_chart_range {
    double x_low, x_high, y_low, y_high;
    bool whole_x;
} sq_chart_range;

static sq_chart_range sq_chart_find_range(const seqnn_plot_series *series,
                                          seqnn_size count, bool log_y)
{
    sq_chart_range range = {INFINITY, -INFINITY, INFINITY, -INFINITY, true};
    for (seqnn_size s = 0; s < count; s++) {
        for (seqnn_size i = 0; i < series[s].count; i++) {
            double x, y;
            if (!sq_curve_point(&series[s], i, log_y, &x, &y))
                continue;
            if (log_y)
                y = log10(y);
            range.whole_x = range.whole_x && x == floor(x);
            range.x_low = fmin(range.x_low, x);
            range.x_high = fmax(range.x_high, x);
            range.y_low = fmin(range.y_low, y);
            range.y_high = fmax(range.y_high, y);
        }
    }
    return range;
}

static void sq_chart_include(double *low, double *high, double value)
{
    if (!isnan(value)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

/* Limits and ticks of one pair of axes whose edges stand. */
static void sq_chart_fit(sq_axes *axes, const sq_chart_range *range,
                         const seqnn_plot_options *options)
{
    double x_low = range->x_low, x_high = range->x_high;
    double y_low = range->y_low, y_high = range->y_high;
    sq_chart_include(&x_low, &x_high, sq_chart_limit(options->x_line, false));
    sq_chart_include(&y_low, &y_high, sq_chart_limit(options->y_line, options->log_y));
    axes->x.label = options->x_label;
    axes->y.label = options->y_label;
    axes->x.whole = range->whole_x;
    axes->y.log = options->log_y;
    sq_axis_fit(&axes->x, x_low, x_high, sq_chart_limit(options->x_min, false),
                sq_chart_limit(options->x_max, false), axes->right - axes->left,
                SQ_CHART_X_SPACING);
    sq_axis_fit(&axes->y, y_low, y_high, sq_chart_limit(options->y_min, options->log_y),
                sq_chart_limit(options->y_max, options->log_y), axes->bottom - axes->top,
                options->log_y ? 34.0 : SQ_CHART_Y_SPACING);
}

static void sq_chart_references(sq_figure *figure, const sq_axes *axes,
                                const seqnn_plot_options *options)
{
    double x = sq_chart_limit(options->x_line, false);
    double y = sq_chart_limit(options->y_line, false);
    x = isnan(x) ? x : sq_axes_x(axes, x);
    y = isnan(y) ? y : sq_axes_y(axes, y);
    if (x >= axes->left && x <= axes->right) {
        bool right = x < (axes->left + axes->right) / 2;
        sq_curve_reference(figure, x, axes->top, x, axes->bottom);
        sq_figure_text(figure, right ? x + 6 : x - 6, axes->top + 12, SQ_TICK_SIZE,
                       right ? 0 : 1, 0, SQ_FAINT, options->x_line_label);
    }
    if (y >= axes->top && y <= axes->bottom) {
        sq_curve_reference(figure, axes->left, y, axes->right, y);
        sq_figure_text(figure, axes->right - 4, y < axes->top + 20 ? y + 15 : y - 6,
                       SQ_TICK_SIZE, 1, 0, SQ_FAINT, options->y_line_label);
    }
}

/* Grid, lines and the remark of an empty chart. */
static void sq_chart_draw(sq_figure *figure, const sq_axes *axes,
                          const seqnn_plot_series *series, seqnn_size count,
                          const sq_chart_range *range, const seqnn_plot_options *options,
                          bool x_texts)
{
    sq_axes_draw(figure, axes, x_texts);
    sq_chart_references(figure, axes, options);
    for (seqnn_size i = 0; i < count; i++)
        sq_curve_draw(figure, axes, &series[i]);
    if (range->x_low > range->x_high)
        sq_figure_text(figure, (axes->left + axes->right) / 2,
                       (axes->top + axes->bottom) / 2, SQ_LABEL_SIZE, 0.5, 0, SQ_FAINT,
                       "no data");
}

static seqnn_status sq_chart_check(const char *who, const seqnn_plot_series *series,
                                   seqnn_size count, const seqnn_plot_options *options)
{
    const struct {
        const char *name;
        seqnn_real value;
        bool log;
    } numbers[] = {
        {"x_min", options->x_min, false},
        {"x_max", options->x_max, false},
        {"y_min", options->y_min, options->log_y},
        {"y_max", options->y_max, options->log_y},
        {"x_line", options->x_line, false},
        {"y_line", options->y_line, options->log_y},
    };
    if (count < 1 || series == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td series, expected at least one", who,
                       series == NULL ? (seqnn_size)0 : count);
    for (seqnn_size i = 0; i < count; i++) {
        if (series[i].count < 0 || (series[i].y == NULL && series[i].count > 0))
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: series %td has count %td and %s, expected count >= 0 and "
                           "y values",
                           who, i, series[i].count, series[i].y == NULL ? "no y" : "y");
        if ((int)series[i].line < 0 || series[i].line > SEQNN_LINE_NONE ||
            (int)series[i].marker < 0 || series[i].marker > SEQNN_MARKER_DIAMOND)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: series %td has line %d and marker %d, expected a "
                           "SEQNN_LINE_... and a SEQNN_MARKER_...",
                           who, i, (int)series[i].line, (int)series[i].marker);
    }
    for (seqnn_size i = 0; i < SQ_COUNT(numbers); i++) {
        double value = (double)numbers[i].value;
        if (isnan(value) || (fabs(value) > 1e300) || isinf(value) ||
            (numbers[i].log && value < 0))
            return sq_fail(
                SEQNN_ERROR_ARGUMENT, "%s: %s is %g, expected a finite number%s", who,
                numbers[i].name, value, numbers[i].log ? " above 0 on a log axis" : "");
    }
    if ((options->x_min != 0 && options->x_max != 0 &&
         !(sq_chart_limit(options->x_min, false) <
           sq_chart_limit(options->x_max, false))) ||
        (options->y_min != 0 && options->y_max != 0 &&
         !(sq_chart_limit(options->y_min, false) <
           sq_chart_limit(options->y_max, false))))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: a lower limit is not below the upper one: x %g to %g, y %g to "
            "%g",
            who, (double)options->x_min, (double)options->x_max, (double)options->y_min,
            (double)options->y_max);
    return SEQNN_OK;
}

/* Lays one pair of axes out on a whole figure and draws it. */
static void sq_chart_compose(sq_figure *figure, const seqnn_plot_series *series,
                             seqnn_size count, const seqnn_plot_options *options)
{
    sq_chart_range range = sq_chart_find_range(series, count, options->log_y);
    double title = sq_figure_title_height(options->title), space;
    bool box;
    sq_axes axes;
    memset(&axes, 0, sizeof axes);
    axes.right = figure->width - SQ_MARGIN - 10;
    axes.left = SQ_MARGIN + 60;
    axes.top = title;
    axes.x.label = options->x_label;
    axes.bottom = figure->height - sq_axes_bottom_space(&axes.x);
    sq_chart_fit(&axes, &range, options); /* the ticks say how wide their texts are */
    axes.left = sq_axes_left_space(figure, &axes.y);
    axes.top = title + sq_axes_top_space(&axes.y);
    sq_chart_fit(&axes, &range, options);

    box = !options->no_legend && sq_legend_box(figure, &axes, series, count, false);
    if (!options->no_legend && !box) {
        seqnn_size most = sq_legend_most(axes.bottom - axes.top);
        space =
            sq_legend_rows(figure, series, count, axes.left, axes.right, 0, most, false);
        axes.top += space;
        sq_chart_fit(&axes, &range, options);
        sq_legend_rows(figure, series, count, axes.left, axes.right, title + space - 4,
                       most, true);
    }
    sq_figure_title(figure, axes.left, axes.right, options->title);
    sq_chart_draw(figure, &axes, series, count, &range, options, true);
    if (box)
        sq_legend_box(figure, &axes, series, count, true);
}

static seqnn_status sq_chart_lines(const char *who, const char *path,
                                   const seqnn_plot_series *series, seqnn_size count,
                                   const seqnn_plot_options *options)
{
    sq_figure figure;
    seqnn_plot_series *complete;
    seqnn_status status = sq_chart_check(who, series, count, options);
    if (status == SEQNN_OK)
        status =
            sq_figure_open(&figure, who, options->width, options->height, options->scale);
    if (status != SEQNN_OK)
        return status;
    complete = (seqnn_plot_series *)sq_allocate(count, sizeof *complete);
    if (complete == NULL) {
        sq_figure_close(&figure);
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size i = 0; i < count; i++)
        complete[i] = sq_curve_complete(&series[i], i);
    sq_chart_compose(&figure, complete, count, options);
    status = sq_png_write(&figure.canvas, who, path);
    sq_free(complete);
    sq_figure_close(&figure);
    return status;
}

SEQNN_API seqnn_status seqnn_plot_lines(const seqnn_plot_series *series, seqnn_size count,
                                        const char *path, seqnn_plot_options options)
{
    return sq_chart_lines("plot lines", path, series, count, &options);
}

SEQNN_API seqnn_status seqnn_plot_gradient_flow(const seqnn_plot_series *series,
                                                seqnn_size count, const char *path,
                                                seqnn_plot_options options)
{
    const char *who = "plot gradient flow";
    seqnn_plot_series *numbered;
    seqnn_status status = sq_chart_check(who, series, count, &options);
    if (status != SEQNN_OK)
        return status;
    numbered = (seqnn_plot_series *)sq_allocate(count, sizeof *numbered);
    if (numbered == NULL)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < count; i++) {
        numbered[i] = series[i];
        if (series[i].x == NULL && series[i].x_first == 0)
            numbered[i].x_first = 1;
    }
    options.log_y = true;
    if (options.title == NULL)
        options.title = "Gradient flow";
    if (options.x_label == NULL)
        options.x_label = "time step t";
    if (options.y_label == NULL) /* norm of dL/dh_t */
        options.y_label =
            "\xE2\x80\x96\xE2\x88\x82L/\xE2\x88\x82h\xE2\x82\x9C\xE2\x80\x96";
    status = sq_chart_lines(who, path, numbered, count, &options);
    sq_free(numbered);
    return status;
}

/* --- history --- */

static bool sq_history_measured(const seqnn_real *values, seqnn_size epochs)
{
    for (seqnn_size i = 0; values != NULL && i < epochs; i++)
        if (isfinite(values[i]))
            return true;
    return false;
}

/* One panel of the history: training, validation, and the best epoch's ring. */
typedef struct sq_history_panel {
    sq_axes axes;
    seqnn_plot_series series[2];
    seqnn_size count;
    seqnn_plot_options options;
    sq_chart_range range;
} sq_history_panel;

static void sq_history_panel_open(sq_history_panel *panel, const seqnn_history *history,
                                  const seqnn_real *train, const seqnn_real *validation,
                                  const char *label)
{
    const seqnn_real *values[2] = {train, validation};
    static const char *const names[2] = {"training", "validation"};
    memset(panel, 0, sizeof *panel);
    for (int i = 0; i < 2; i++) {
        seqnn_plot_series *series = &panel->series[panel->count];
        if (!sq_history_measured(values[i], history->epochs))
            continue;
        series->label = names[i];
        series->y = values[i];
        series->count = history->epochs;
        series->x_first = 1;
        *series = sq_curve_complete(series, i);
        if (history->epochs <= 30)
            series->marker = SEQNN_MARKER_CIRCLE;
        panel->count++;
    }
    panel->options.y_label = label;
    panel->range = sq_chart_find_range(panel->series, panel->count, false);
}

/* A vertical line at the best epoch, and a ring around its value. */
static void sq_history_best(sq_figure *figure, const sq_history_panel *panel,
                            seqnn_size best, bool named)
{
    const sq_axes *axes = &panel->axes;
    const seqnn_plot_series *series = &panel->series[panel->count - 1];
    double x = sq_axes_x(axes, (double)best + 1), y = 0, value;
    sq_canvas *canvas = &figure->canvas;
    sq_curve_reference(figure, x, axes->top, x, axes->bottom);
    if (named) {
        char text[64];
        snprintf(text, sizeof text, "best epoch: %td", best + 1);
        sq_figure_text(figure, axes->right, axes->top - 9, SQ_TICK_SIZE, 1, 0, SQ_FAINT,
                       text);
    }
    if (!sq_curve_point(series, best, false, &value, &y))
        return;
    y = sq_axes_y(axes, y);
    sq_canvas_disc(canvas, x, y, 7.5);
    sq_canvas_paint(canvas, series->colour, 1);
    sq_canvas_disc(canvas, x, y, 5.7);
    sq_canvas_paint(canvas, 0xFFFFFFu, 1);
    sq_canvas_disc(canvas, x, y, 3.6);
    sq_canvas_paint(canvas, series->colour, 1);
}

/* Panels below each other over one axis of epochs. */
static void sq_history_compose(sq_figure *figure, sq_history_panel *panels, int count,
                               const seqnn_history *history)
{
    const char *title = "Training history";
    const sq_history_panel *widest = &panels[0];
    double gap = 26, legend = 24, left = 0, top, bottom, height;
    sq_axis epochs;
    memset(&epochs, 0, sizeof epochs);
    epochs.label = panels[count - 1].options.x_label = "epoch";
    bottom = figure->height - sq_axes_bottom_space(&epochs);
    top = sq_figure_title_height(title) + legend;
    height = floor((bottom - top - gap * (count - 1)) / count);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < count; i++) {
            sq_axes *axes = &panels[i].axes;
            axes->left = pass == 0 ? 80 : left;
            axes->right = figure->width - SQ_MARGIN - 10;
            axes->top = top + i * (height + gap);
            axes->bottom = axes->top + height;
            panels[i].range.x_low = 1;
            panels[i].range.x_high = (double)history->epochs;
            sq_chart_fit(axes, &panels[i].range, &panels[i].options);
        }
        for (int i = 0; i < count; i++)
            left = fmax(left, sq_axes_left_space(figure, &panels[i].axes.y));
    }
    for (int i = 0; i < count; i++) {
        sq_chart_draw(figure, &panels[i].axes, panels[i].series, panels[i].count,
                      &panels[i].range, &panels[i].options, i + 1 == count);
        if (history->best_epoch >= 0 && history->best_epoch < history->epochs)
            sq_history_best(figure, &panels[i], history->best_epoch, i == 0);
        if (panels[i].count > widest->count)
            widest = &panels[i];
    }
    sq_legend_rows(figure, widest->series, widest->count, left,
                   panels[0].axes.right - 110, panels[0].axes.top - 4, 1, true);
    sq_figure_title(figure, left, panels[0].axes.right, title);
}

SEQNN_API seqnn_status seqnn_plot_history(const seqnn_history *history, const char *path)
{
    const char *who = "plot history";
    sq_history_panel panels[2];
    sq_figure figure;
    seqnn_status status;
    int count = 0;
    if (history == NULL || history->epochs < 1 || history->loss == NULL)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: the history has %td epochs, expected at least one with a loss", who,
            history == NULL ? (seqnn_size)0 : history->epochs);
    if (sq_history_measured(history->accuracy, history->epochs) ||
        sq_history_measured(history->val_accuracy, history->epochs))
        sq_history_panel_open(&panels[count++], history, history->accuracy,
                              history->val_accuracy, "accuracy");
    sq_history_panel_open(&panels[count], history, history->loss, history->val_loss,
                          "loss");
    if (panels[count].count == 0)
        return sq_fail(SEQNN_ERROR_NUMBER, "%s: no epoch of %td has a finite loss", who,
                       history->epochs);
    count++;
    status = sq_figure_open(&figure, who, 0, 0, 0);
    if (status != SEQNN_OK)
        return status;
    sq_history_compose(&figure, panels, count, history);
    status = sq_png_write(&figure.canvas, who, path);
    sq_figure_close(&figure);
    return status;
}

#endif

/* --------------------------------------------------------------------- plot/canvas.c */

/* plot/canvas.c - antialiased shapes on a picture of pixels */

#ifdef SEQNN_PLOT

enum { SQ_CANVAS_SMALLEST = 16, SQ_CANVAS_LARGEST = 16384, SQ_CANVAS_SCALE = 8 };

static void sq_canvas_forget(sq_canvas *canvas)
{
    canvas->touched.left = canvas->width;
    canvas->touched.top = canvas->height;
    canvas->touched.right = canvas->touched.bottom = 0;
}

seqnn_status sq_canvas_open(sq_canvas *canvas, const char *who, seqnn_size width,
                            seqnn_size height, seqnn_size scale)
{
    memset(canvas, 0, sizeof *canvas);
    if (scale < 1 || scale > SQ_CANVAS_SCALE)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: scale is %td, expected 1 to %d", who,
                       scale, (int)SQ_CANVAS_SCALE);
    if (width < SQ_CANVAS_SMALLEST || height < SQ_CANVAS_SMALLEST ||
        width > SQ_CANVAS_LARGEST / scale || height > SQ_CANVAS_LARGEST / scale)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the picture is %td x %td at scale %td, expected %d to %d "
                       "pixels on each side",
                       who, width, height, scale, (int)SQ_CANVAS_SMALLEST,
                       (int)SQ_CANVAS_LARGEST);
    canvas->width = (int)(width * scale);
    canvas->height = (int)(height * scale);
    canvas->scale = (double)scale;
    canvas->pixels =
        (unsigned char *)sq_allocate((seqnn_size)canvas->width * canvas->height, 3);
    canvas->mask =
        (unsigned char *)sq_allocate((seqnn_size)canvas->width * canvas->height, 1);
    if (canvas->pixels == NULL || canvas->mask == NULL) {
        sq_canvas_close(canvas);
        return SEQNN_ERROR_MEMORY;
    }
    memset(canvas->pixels, 255, (size_t)canvas->width * (size_t)canvas->height * 3);
    sq_canvas_forget(canvas);
    sq_canvas_unclip(canvas);
    return SEQNN_OK;
}

void sq_canvas_close(sq_canvas *canvas)
{
    sq_free(canvas->pixels);
    sq_free(canvas->mask);
    canvas->pixels = canvas->mask = NULL;
}

/* A coordinate in pixels as an int of [low, high]; NaN gives low. */
static int sq_canvas_pixel(double value, int low, int high)
{
    if (!(value > low))
        return low;
    return value < high ? (int)value : high;
}

void sq_canvas_clip(sq_canvas *canvas, double left, double top, double right,
                    double bottom)
{
    double s = canvas->scale;
    canvas->clip.left = sq_canvas_pixel(floor(left * s), 0, canvas->width);
    canvas->clip.top = sq_canvas_pixel(floor(top * s), 0, canvas->height);
    canvas->clip.right = sq_canvas_pixel(ceil(right * s), 0, canvas->width);
    canvas->clip.bottom = sq_canvas_pixel(ceil(bottom * s), 0, canvas->height);
}

void sq_canvas_unclip(sq_canvas *canvas)
{
    canvas->clip.left = canvas->clip.top = 0;
    canvas->clip.right = canvas->width;
    canvas->clip.bottom = canvas->height;
}

/* Unchecked: x and y lie inside the clip. */
static void sq_canvas_raise(sq_canvas *canvas, int x, int y, int coverage)
{
    unsigned char *at = canvas->mask + (size_t)y * (size_t)canvas->width + (size_t)x;
    if (coverage > *at)
        *at = (unsigned char)coverage;
}

/* The pixels of [left, right] x [top, bottom] (in pixels) that the clip leaves, noted as
 * touched. */
static sq_box sq_canvas_touch(sq_canvas *canvas, double left, double top, double right,
                              double bottom)
{
    const sq_box *clip = &canvas->clip;
    sq_box *touched = &canvas->touched, box;
    box.left = sq_canvas_pixel(floor(left), clip->left, clip->right);
    box.top = sq_canvas_pixel(floor(top), clip->top, clip->bottom);
    box.right = sq_canvas_pixel(ceil(right), clip->left, clip->right);
    box.bottom = sq_canvas_pixel(ceil(bottom), clip->top, clip->bottom);
    if (box.left < box.right && box.top < box.bottom) {
        touched->left = (int)sq_min(touched->left, box.left);
        touched->top = (int)sq_min(touched->top, box.top);
        touched->right = (int)sq_max(touched->right, box.right);
        touched->bottom = (int)sq_max(touched->bottom, box.bottom);
    }
    return box;
}

/* Coverage of a pixel whose centre lies `inside` pixels inside an edge. */
static int sq_canvas_edge(double inside)
{
    if (inside >= 0.5)
        return 255;
    return inside <= -0.5 ? 0 : (int)((inside + 0.5) * 255 + 0.5);
}

void sq_canvas_line(sq_canvas *canvas, double x0, double y0, double x1, double y1,
                    double thickness)
{
    double s = canvas->scale, radius = thickness * s / 2, reach = radius + 0.5;
    double dx, dy, length2;
    sq_box box;
    x0 *= s;
    y0 *= s;
    x1 *= s;
    y1 *= s;
    dx = x1 - x0;
    dy = y1 - y0;
    length2 = dx * dx + dy * dy;
    box = sq_canvas_touch(canvas, fmin(x0, x1) - reach, fmin(y0, y1) - reach,
                          fmax(x0, x1) + reach, fmax(y0, y1) + reach);
    for (int y = box.top; y < box.bottom; y++) {
        double cy = y + 0.5 - y0, left = box.left, right = box.right;
        /* Along this row only the part near the line can be covered. */
        if (fabs(dy) > 1e-9) {
            double slope = dx / dy, middle = x0 + cy * slope;
            double half = reach * sqrt(1 + slope * slope) + 1;
            left = fmax(left, floor(middle - half));
            right = fmin(right, ceil(middle + half));
        }
        for (int x = (int)left; x < (int)right; x++) {
            double cx = x + 0.5 - x0, t, ex, ey;
            t = length2 > 0 ? (cx * dx + cy * dy) / length2 : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            ex = cx - t * dx;
            ey = cy - t * dy;
            if (ex * ex + ey * ey < reach * reach)
                sq_canvas_raise(canvas, x, y,
                                sq_canvas_edge(radius - sqrt(ex * ex + ey * ey)));
        }
    }
}

void sq_canvas_disc(sq_canvas *canvas, double x, double y, double radius)
{
    sq_canvas_line(canvas, x, y, x, y, 2 * radius);
}

void sq_canvas_polygon(sq_canvas *canvas, double (*corners)[2], int count)
{
    double s = canvas->scale, area = 0;
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    sq_box box;
    for (int i = 0; i < count; i++) {
        const double *p = corners[i], *q = corners[(i + 1) % count];
        area += p[0] * q[1] - q[0] * p[1];
        left = fmin(left, p[0] * s);
        right = fmax(right, p[0] * s);
        top = fmin(top, p[1] * s);
        bottom = fmax(bottom, p[1] * s);
    }
    box = sq_canvas_touch(canvas, left - 1, top - 1, right + 1, bottom + 1);
    for (int y = box.top; y < box.bottom; y++) {
        for (int x = box.left; x < box.right; x++) {
            double inside = 1;
            for (int i = 0; i < count; i++) {
                const double *p = corners[i], *q = corners[(i + 1) % count];
                double dx = (q[0] - p[0]) * s, dy = (q[1] - p[1]) * s;
                double cross = dx * (y + 0.5 - p[1] * s) - dy * (x + 0.5 - p[0] * s);
                double length = sqrt(dx * dx + dy * dy);
                if (length > 0)
                    inside = fmin(inside, (area < 0 ? -cross : cross) / length);
            }
            sq_canvas_raise(canvas, x, y, sq_canvas_edge(inside));
        }
    }
}

/* Full coverage of whole pixels. */
static void sq_canvas_block(sq_canvas *canvas, double left, double top, double right,
                            double bottom)
{
    sq_box box = sq_canvas_touch(canvas, left, top, right, bottom);
    for (int y = box.top; y < box.bottom; y++)
        for (int x = box.left; x < box.right; x++)
            sq_canvas_raise(canvas, x, y, 255);
}

void sq_canvas_rectangle(sq_canvas *canvas, double left, double top, double right,
                         double bottom)
{
    double s = canvas->scale;
    sq_canvas_block(canvas, floor(left * s + 0.5), floor(top * s + 0.5),
                    floor(right * s + 0.5), floor(bottom * s + 0.5));
}

void sq_canvas_hairline(sq_canvas *canvas, double x0, double y0, double x1, double y1,
                        double thickness)
{
    double s = canvas->scale, wide = fmax(1, floor(thickness * s + 0.5));
    double x = floor(fmin(x0, x1) * s - wide / 2 + 0.5);
    double y = floor(fmin(y0, y1) * s - wide / 2 + 0.5);
    sq_canvas_block(canvas, x, y, x + floor(fabs(x1 - x0) * s + 0.5) + wide,
                    y + floor(fabs(y1 - y0) * s + 0.5) + wide);
}

void sq_canvas_cover(sq_canvas *canvas, int x, int y, int coverage)
{
    if (x >= canvas->clip.left && x < canvas->clip.right && y >= canvas->clip.top &&
        y < canvas->clip.bottom && coverage > 0) {
        sq_canvas_touch(canvas, x, y, x + 1, y + 1);
        sq_canvas_raise(canvas, x, y, coverage);
    }
}

void sq_canvas_paint(sq_canvas *canvas, sq_colour colour, double opacity)
{
    const sq_box *box = &canvas->touched;
    int rgb[3], alpha = (int)(opacity * 256 + 0.5);
    for (int i = 0; i < 3; i++)
        rgb[i] = (int)(colour >> (16 - 8 * i)) & 255;
    for (int y = box->top; y < box->bottom; y++) {
        size_t row = (size_t)y * (size_t)canvas->width;
        for (int x = box->left; x < box->right; x++) {
            unsigned char *mask = canvas->mask + row + (size_t)x;
            unsigned char *pixel = canvas->pixels + (row + (size_t)x) * 3;
            int a = *mask * alpha; /* of 255 * 256 */
            *mask = 0;
            for (int i = 0; a > 0 && i < 3; i++)
                pixel[i] = (unsigned char)((pixel[i] * (65280 - a) + rgb[i] * a + 32640) /
                                           65280);
        }
    }
    sq_canvas_forget(canvas);
}

#endif

/* -------------------------------------------------------------------- plot/colours.c */

/* plot/colours.c - palette and colour maps */

#ifdef SEQNN_PLOT

sq_colour sq_colour_of_series(seqnn_size i)
{
    static const sq_colour palette[SQ_PALETTE] = {
        0x0072B2, /* blue */
        0xD55E00, /* vermilion */
        0x009E73, /* bluish green */
        0xCC79A7, /* reddish purple */
        0xE69F00, /* orange */
        0x56B4E9, /* sky blue */
        0x333333  /* black */
    };
    return palette[i % SQ_PALETTE];
}

/* One channel of linear light in [0, 1] as the byte of a screen (sRGB). */
static sq_colour sq_colour_byte(double light)
{
    double v = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
    return (sq_colour)(fmin(fmax(v, 0), 1) * 255 + 0.5);
}

/* OKLab to sRGB; the matrices are those of the definition. */
static sq_colour sq_colour_from_oklab(double lightness, double a, double b)
{
    double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    sq_colour red =
        sq_colour_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    sq_colour green =
        sq_colour_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    sq_colour blue =
        sq_colour_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return red << 16 | green << 8 | blue;
}

sq_colour sq_colour_of_map(seqnn_colour_map map, double share)
{
    double t = fmin(fmax(share, 0), 1), degree = 3.14159265358979 / 180;
    double lightness, chroma, hue; /* chosen so that no channel is cut off */
    if (map == SEQNN_MAP_BLUES) {
        lightness = 0.985 - 0.565 * t;
        chroma = 0.008 + 0.115 * t;
        hue = (240 + 12 * t) * degree;
    } else if (map == SEQNN_MAP_DIVERGING) {
        double far = fabs(2 * t - 1);
        lightness = 0.97 - 0.45 * far;
        chroma = 0.148 * far;
        hue = (t < 0.5 ? 250 : 40) * degree;
    } else {
        /* From violet through blue and green to yellow, evenly lighter. */
        lightness = 0.29 + 0.62 * t;
        chroma = 0.115 - 0.13 * t + 0.175 * t * t;
        hue = (308 - 203 * t) * degree;
    }
    return sq_colour_from_oklab(lightness, chroma * cos(hue), chroma * sin(hue));
}

static double sq_colour_light(sq_colour byte)
{
    double v = (byte & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

sq_colour sq_colour_of_text(sq_colour background)
{
    double light = 0.2126 * sq_colour_light(background >> 16) +
                   0.7152 * sq_colour_light(background >> 8) +
                   0.0722 * sq_colour_light(background);
    /* Contrast as WCAG defines it: (lighter + 0.05) / (darker + 0.05). */
    double on_white = 1.05 / (light + 0.05), on_ink = (light + 0.05) / (0.0194 + 0.05);
    /* On colours between both, thin dark letters drown before white ones do. */
    return 1.3 * on_white > on_ink ? 0xFFFFFFu : SQ_INK;
}

#endif

/* ----------------------------------------------------------------------- plot/font.c */

/* plot/font.c - text by stb_truetype, or by the built-in strokes */

#ifdef SEQNN_PLOT

/* As in png_file.c: a copy included before this file serves, otherwise a private one
 * does. Without the header there are the strokes. */
#ifndef __STB_INCLUDE_STB_TRUETYPE_H__
#if defined(__has_include)
#if __has_include(<stb/stb_truetype.h>)
#define SQ_FONT_TRUETYPE <stb/stb_truetype.h>
#elif __has_include(<stb_truetype.h>)
#define SQ_FONT_TRUETYPE <stb_truetype.h>
#elif __has_include("stb_truetype.h")
#define SQ_FONT_TRUETYPE "stb_truetype.h"
#endif
#endif
#ifdef SQ_FONT_TRUETYPE
#define STBTT_STATIC
#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_malloc(size, context) ((void)(context), sq_allocate((seqnn_size)(size), 1))
#define STBTT_free(memory, context) ((void)(context), sq_free(memory))
#define STBTT_assert(condition) ((void)0)
#if defined(__GNUC__)
#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#endif
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#include SQ_FONT_TRUETYPE
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef STBTT_STATIC
#undef STB_TRUETYPE_IMPLEMENTATION
#undef STBTT_malloc
#undef STBTT_free
#undef STBTT_assert
#undef SQ_FONT_TRUETYPE
#endif
#endif

/* The proportions of the strokes: capitals of 14 grid units are as high as DejaVu's. */
#define SQ_FONT_GRID (SQ_FONT_CAPITALS / 14)
#define SQ_FONT_PEN 0.088

struct sq_font {
    unsigned char *file; /* NULL: the strokes */
#ifdef __STB_INCLUDE_STB_TRUETYPE_H__
    stbtt_fontinfo info;
    double em; /* size 1 in the font's own units */
#endif
};

/* The character at *text, which moves behind it; 0 at the end. */
static uint32_t sq_font_next(const char **text)
{
    const unsigned char *byte = (const unsigned char *)*text;
    int more = *byte >= 0xF0 && *byte < 0xF8 ? 3
               : *byte >= 0xE0               ? 2
               : *byte >= 0xC0               ? 1
                                             : 0;
    uint32_t character = *byte;
    if (character == 0)
        return 0;
    if (*byte >= 0xF8)
        more = 0;
    if (more > 0)
        character &= 0x3Fu >> more;
    for (int i = 1; i <= more; i++) {
        if ((byte[i] & 0xC0) != 0x80) {
            (*text)++;
            return *byte;
        }
        character = character << 6 | (byte[i] & 0x3Fu);
    }
    *text += more + 1;
    return character < ' ' ? ' ' : character;
}

#ifdef __STB_INCLUDE_STB_TRUETYPE_H__

static uint32_t sq_font_big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

/* stb_truetype trusts the file's offsets, so at least every table must lie inside it. */
static bool sq_font_whole(const unsigned char *file, size_t size)
{
    size_t tables;
    if (size < 12)
        return false;
    tables = (size_t)(file[4] << 8 | file[5]);
    if (size < 12 + 16 * tables)
        return false;
    for (size_t i = 0; i < tables; i++) {
        const unsigned char *entry = file + 12 + 16 * i;
        uint64_t end =
            (uint64_t)sq_font_big_endian(entry + 8) + sq_font_big_endian(entry + 12);
        if (end > size)
            return false;
    }
    return true;
}

/* The file's bytes, or NULL if there is no readable font of a sensible size. */
static unsigned char *sq_font_read(const char *path)
{
    enum { LARGEST = 64 << 20 };
    unsigned char *bytes = NULL;
    long size = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 && size < LARGEST &&
        fseek(file, 0, SEEK_SET) == 0)
        bytes = (unsigned char *)sq_allocate(size, 1);
    if (bytes != NULL && (fread(bytes, 1, (size_t)size, file) != (size_t)size ||
                          !sq_font_whole(bytes, (size_t)size))) {
        sq_free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

static bool sq_font_load(sq_font *font, const char *path)
{
    font->file = sq_font_read(path);
    if (font->file == NULL)
        return false;
    if (!stbtt_InitFont(&font->info, font->file, 0)) {
        sq_free(font->file);
        font->file = NULL;
        return false;
    }
    font->em = (double)stbtt_ScaleForMappingEmToPixels(&font->info, 1);
    return true;
}

sq_font *sq_font_open(void)
{
    static const char *const places[] = {
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/TTF/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu/DejaVuSans.ttf",
        "/usr/local/share/fonts/dejavu/DejaVuSans.ttf",
        "/opt/homebrew/share/fonts/DejaVuSans.ttf",
        "/Library/Fonts/DejaVuSans.ttf",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
        "/System/Library/Fonts/Supplemental/Arial.ttf",
        "C:\\Windows\\Fonts\\DejaVuSans.ttf",
        "C:\\Windows\\Fonts\\segoeui.ttf",
        "C:\\Windows\\Fonts\\arial.ttf",
    };
    const char *named = getenv("SEQNN_FONT");
    sq_font *font = (sq_font *)sq_allocate(1, sizeof *font);
    if (font == NULL || (named != NULL && strcmp(named, "strokes") == 0))
        return font;
    if (named != NULL && sq_font_load(font, named))
        return font;
    for (seqnn_size i = 0; i < SQ_COUNT(places); i++)
        if (sq_font_load(font, places[i]))
            break;
    return font;
}

static bool sq_font_has(const sq_font *font, uint32_t character)
{
    return font->file != NULL && stbtt_FindGlyphIndex(&font->info, (int)character) != 0;
}

/* Width of a glyph of the file, with its kerning towards the next, for size 1. */
static double sq_font_glyph_width(const sq_font *font, uint32_t character, uint32_t next)
{
    int advance, bearing, kern = 0;
    stbtt_GetCodepointHMetrics(&font->info, (int)character, &advance, &bearing);
    if (next != 0)
        kern = stbtt_GetCodepointKernAdvance(&font->info, (int)character, (int)next);
    return (advance + kern) * font->em;
}

/* A glyph with its origin `along` pixels from (x, y) in the direction of the text. */
static void sq_font_glyph_draw(const sq_font *font, sq_canvas *canvas, int x, int y,
                               double along, double size, bool upwards,
                               uint32_t character)
{
    float scale = (float)(font->em * size * canvas->scale);
    double whole = floor(along);
    int width, height, left, top;
    unsigned char *bitmap = stbtt_GetCodepointBitmapSubpixel(
        &font->info, scale, scale, (float)(along - whole), 0, (int)character, &width,
        &height, &left, &top);
    if (bitmap == NULL)
        return;
    for (int j = 0; j < height; j++) {
        for (int i = 0; i < width; i++) {
            int u = (int)whole + left + i, v = top + j, coverage = bitmap[j * width + i];
            if (upwards)
                sq_canvas_cover(canvas, x + v, y - 1 - u, coverage);
            else
                sq_canvas_cover(canvas, x + u, y + v, coverage);
        }
    }
    stbtt_FreeBitmap(bitmap, NULL);
}

#else

sq_font *sq_font_open(void)
{
    return (sq_font *)sq_allocate(1, sizeof(sq_font));
}

static bool sq_font_has(const sq_font *font, uint32_t character)
{
    (void)font;
    (void)character;
    return false;
}

static double sq_font_glyph_width(const sq_font *font, uint32_t character, uint32_t next)
{
    (void)font;
    (void)character;
    (void)next;
    return 0;
}

static void sq_font_glyph_draw(const sq_font *font, sq_canvas *canvas, int x, int y,
                               double along, double size, bool upwards,
                               uint32_t character)
{
    (void)font, (void)canvas, (void)x, (void)y;
    (void)along, (void)size, (void)upwards, (void)character;
}

#endif

void sq_font_close(sq_font *font)
{
    if (font != NULL)
        sq_free(font->file);
    sq_free(font);
}

static double sq_font_advance(const sq_font *font, uint32_t character, uint32_t next)
{
    if (sq_font_has(font, character))
        return sq_font_glyph_width(font, character, next);
    return sq_strokes_find(character)->advance * SQ_FONT_GRID;
}

double sq_font_width(const sq_font *font, const char *text, double size)
{
    double width = 0;
    uint32_t character = sq_font_next(&text);
    while (character != 0) {
        uint32_t next = sq_font_next(&text);
        width += sq_font_advance(font, character, next);
        character = next;
    }
    return width * size;
}

/* Where a stroke glyph stands, for the lines that sq_strokes_trace reports. */
typedef struct sq_font_pen {
    sq_canvas *canvas;
    double x, y, size;
    bool upwards;
} sq_font_pen;

static void sq_font_stroke(void *context, double x0, double y0, double x1, double y1)
{
    const sq_font_pen *pen = (const sq_font_pen *)context;
    double g = SQ_FONT_GRID * pen->size, thickness = SQ_FONT_PEN * pen->size;
    if (pen->upwards)
        sq_canvas_line(pen->canvas, pen->x - y0 * g, pen->y - x0 * g, pen->x - y1 * g,
                       pen->y - x1 * g, thickness);
    else
        sq_canvas_line(pen->canvas, pen->x + x0 * g, pen->y - y0 * g, pen->x + x1 * g,
                       pen->y - y1 * g, thickness);
}

void sq_font_draw(const sq_font *font, sq_canvas *canvas, double x, double y, double size,
                  double anchor, bool upwards, const char *text)
{
    double s = canvas->scale, along = -anchor * sq_font_width(font, text, size);
    uint32_t character = sq_font_next(&text);
    while (character != 0) {
        uint32_t next = sq_font_next(&text);
        if (sq_font_has(font, character)) {
            /* The base line on a whole pixel keeps the letters' feet sharp. */
            double across = floor((upwards ? x : y) * s + 0.5);
            double start = (upwards ? -y : x) * s, whole = floor(start);
            double offset = along * s + start - whole;
            if (upwards)
                sq_font_glyph_draw(font, canvas, (int)across, -(int)whole, offset, size,
                                   true, character);
            else
                sq_font_glyph_draw(font, canvas, (int)whole, (int)across, offset, size,
                                   false, character);
        } else {
            sq_font_pen pen;
            pen.canvas = canvas;
            pen.x = upwards ? x : x + along;
            pen.y = upwards ? y - along : y;
            pen.size = size;
            pen.upwards = upwards;
            sq_strokes_trace(sq_strokes_find(character), sq_font_stroke, &pen);
        }
        along += sq_font_advance(font, character, next) * size;
        character = next;
    }
}

void sq_font_fit(const sq_font *font, const char *text, double size, double width,
                 char *fitted, seqnn_size room)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    seqnn_size length = (seqnn_size)strlen(text), kept = 0;
    const char *end = text;
    double used = sq_font_width(font, ellipsis, size);
    if (length < room && sq_font_width(font, text, size) <= width) {
        memcpy(fitted, text, (size_t)length + 1);
        return;
    }
    while (*end != '\0') {
        const char *after = end;
        uint32_t character = sq_font_next(&after);
        used += sq_font_advance(font, character, 0) * size;
        if (used > width || after - text + SQ_COUNT(ellipsis) > room)
            break;
        end = after;
        if (character != ' ')
            kept = end - text;
    }
    memcpy(fitted, text, (size_t)kept);
    memcpy(fitted + kept, ellipsis, sizeof ellipsis);
}

#endif

/* --------------------------------------------------------------------- plot/figure.c */

/* plot/figure.c - text, ticks, grid and frame */

#ifdef SEQNN_PLOT

#include <locale.h>

#define SQ_TICK_LENGTH 4.0
#define SQ_TICK_GAP 7.0   /* from the frame to the tick's text */
#define SQ_LABEL_GAP 10.0 /* from there to the label */
#define SQ_RAISED 0.72    /* size of an exponent */

enum { SQ_FIGURE_NARROWEST = 240, SQ_FIGURE_LOWEST = 180 };

seqnn_status sq_figure_open(sq_figure *figure, const char *who, seqnn_size width,
                            seqnn_size height, seqnn_size scale)
{
    seqnn_status status;
    memset(figure, 0, sizeof *figure);
    width = width == 0 ? 800 : width;
    height = height == 0 ? 600 : height;
    if (width < SQ_FIGURE_NARROWEST || height < SQ_FIGURE_LOWEST)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the picture is %td x %td, expected at least %d x %d", who,
                       width, height, (int)SQ_FIGURE_NARROWEST, (int)SQ_FIGURE_LOWEST);
    status = sq_canvas_open(&figure->canvas, who, width, height, scale == 0 ? 1 : scale);
    if (status != SEQNN_OK)
        return status;
    figure->width = (double)width;
    figure->height = (double)height;
    figure->font = sq_font_open();
    if (figure->font == NULL) {
        sq_figure_close(figure);
        return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

void sq_figure_close(sq_figure *figure)
{
    sq_canvas_close(&figure->canvas);
    sq_font_close(figure->font);
    figure->font = NULL;
}

/* --- text --- */

static void sq_figure_write(sq_figure *figure, double x, double y, double size,
                            double anchor, double width, bool upwards, sq_colour colour,
                            const char *text)
{
    char fitted[1024];
    if (text == NULL)
        return;
    sq_font_fit(figure->font, text, size, width == 0 ? 1e9 : width, fitted,
                (seqnn_size)sizeof fitted);
    sq_font_draw(figure->font, &figure->canvas, x, y, size, anchor, upwards, fitted);
    sq_canvas_paint(&figure->canvas, colour, 1);
}

void sq_figure_text(sq_figure *figure, double x, double y, double size, double anchor,
                    double width, sq_colour colour, const char *text)
{
    sq_figure_write(figure, x, y, size, anchor, width, false, colour, text);
}

void sq_figure_text_up(sq_figure *figure, double x, double y, double size, double anchor,
                       double width, sq_colour colour, const char *text)
{
    sq_figure_write(figure, x, y, size, anchor, width, true, colour, text);
}

void sq_figure_title(sq_figure *figure, double left, double right, const char *title)
{
    double middle = (left + right) / 2, widest = figure->width - 2 * SQ_MARGIN, half;
    if (title == NULL)
        return;
    half = fmin(sq_font_width(figure->font, title, SQ_TITLE_SIZE), widest) / 2;
    middle = fmax(middle, SQ_MARGIN + half);
    middle = fmin(middle, figure->width - SQ_MARGIN - half);
    sq_figure_text(figure, middle, SQ_MARGIN + SQ_TITLE_SIZE * SQ_FONT_CAPITALS,
                   SQ_TITLE_SIZE, 0.5, widest, SQ_INK, title);
}

double sq_figure_title_height(const char *title)
{
    return title == NULL ? SQ_MARGIN : SQ_MARGIN + SQ_TITLE_SIZE + 10;
}

void sq_figure_number(char text[SQ_NUMBER], char form, int digits, double value)
{
    static const char minus[] = "\xE2\x88\x92";
    const char *point = localeconv()->decimal_point, *from;
    size_t length = strlen(point), used = 0;
    char plain[SQ_NUMBER];
    if (form == 'f' && fabs(value) < 0.5 * pow(10, -digits))
        value = 0; /* not "-0.00" */
    snprintf(plain, sizeof plain, form == 'f' ? "%.*f" : "%.*g", digits,
             value == 0 ? 0.0 : value); /* nor "-0" */
    for (from = plain; *from != '\0' && used + 4 < SQ_NUMBER;) {
        if (length > 0 && strncmp(from, point, length) == 0) {
            text[used++] = '.';
            from += length;
        } else if (*from == '-') {
            memcpy(text + used, minus, 3);
            used += 3;
            from++;
        } else if (from[0] == 'e') {
            /* 1e+05 and 1e-05 as 1e5 and 1e-5 */
            text[used++] = 'e';
            from++;
            if (*from == '-') {
                memcpy(text + used, minus, 3);
                used += 3;
            }
            from++;
            while (from[0] == '0' && from[1] != '\0')
                from++;
        } else {
            text[used++] = *from++;
        }
    }
    text[used] = '\0';
}

/* mantissa and 10 to the power of a small raised number; its width if x is NaN. */
static double sq_figure_power(sq_figure *figure, double x, double y, double anchor,
                              const char *mantissa, const char *power)
{
    double size = SQ_TICK_SIZE, small = size * SQ_RAISED;
    double left = sq_font_width(figure->font, mantissa, size) + 0.5;
    double width = left + sq_font_width(figure->font, power, small);
    sq_figure_text(figure, x - anchor * width, y, size, 0, 0, SQ_INK, mantissa);
    sq_figure_text(figure, x - anchor * width + left, y - 0.42 * size, small, 0, 0,
                   SQ_INK, power);
    return width;
}

/* --- limits and ticks --- */

/* The step of 1, 2 or 5 times a power of ten, not below `step`. */
static double sq_axis_round_step(double step)
{
    double power = floor(log10(step)), base = pow(10, power), part = step / base;
    double digit = part <= 1.0001 ? 1 : part <= 2.0001 ? 2 : part <= 5.0001 ? 5 : 10;
    return digit * base;
}

/* Whole decades, every one or, where they crowd, every second, fifth, ... */
static void sq_axis_decades(sq_axis *axis, double length, double spacing)
{
    double step =
        sq_axis_round_step(fmax(1, (axis->high - axis->low) * spacing / length));
    double first = ceil(axis->low / step - 1e-9);
    axis->ticks = 0;
    for (double k = first; axis->ticks < SQ_TICKS; k++) {
        if (k * step > axis->high + 1e-9)
            break;
        axis->tick[axis->ticks] = k * step;
        sq_figure_number(axis->text[axis->ticks++], 'f', 0, k * step);
    }
}

static void sq_axis_steps(sq_axis *axis, double length, double spacing)
{
    double step = sq_axis_round_step((axis->high - axis->low) * spacing / length);
    double largest = fmax(fabs(axis->low), fabs(axis->high)), first;
    int decimals, digits = (int)floor(log10(largest) + 1e-9);
    if (axis->whole && step < 1)
        step = 1;
    axis->power = digits >= 6 || digits < -3 ? digits : 0;
    decimals = (int)sq_max(0, -(seqnn_size)floor(log10(step) + 1e-9) + axis->power);
    first = ceil(axis->low / step - 1e-9);
    axis->ticks = 0;
    for (double k = first; axis->ticks < SQ_TICKS; k++) {
        double value = k * step;
        if (value > axis->high + 1e-9 * step)
            break;
        axis->tick[axis->ticks] = value;
        sq_figure_number(axis->text[axis->ticks++], 'f', (int)sq_min(decimals, 17),
                         value / pow(10, axis->power));
    }
}

void sq_axis_fit(sq_axis *axis, double low, double high, double keep_low,
                 double keep_high, double length, double spacing)
{
    double largest, span;
    length = fmax(length, 1);
    spacing = fmax(spacing, length / (SQ_TICKS - 4));
    if (!(low <= high)) {
        low = axis->log ? -1 : 0;
        high = axis->log ? 0 : 1;
    }
    if (!isnan(keep_low))
        low = keep_low;
    if (!isnan(keep_high))
        high = keep_high;
    if (low > high) { /* a given limit lies beyond the data */
        if (isnan(keep_low))
            low = high - 1;
        else
            high = low + 1;
    }
    /* One value, or values that differ by rounding only: room around it. */
    largest = fmax(fabs(low), fabs(high));
    if (high - low <= 1e-6 * largest || high == low) {
        span = axis->whole || axis->log || largest == 0 ? 1 : 0.1 * largest;
        low -= span;
        high += span;
    } else if (axis->log) {
        low = isnan(keep_low) ? floor(low + 1e-9) : low;
        high = isnan(keep_high) ? ceil(high - 1e-9) : high;
    } else {
        span = high - low;
        low -= isnan(keep_low) ? 0.05 * span : 0;
        high += isnan(keep_high) ? 0.05 * span : 0;
    }
    axis->low = low;
    axis->high = high;
    axis->power = 0;
    if (axis->log)
        sq_axis_decades(axis, length, spacing);
    else
        sq_axis_steps(axis, length, spacing);
}

double sq_axis_share(const sq_axis *axis, double value)
{
    if (axis->log)
        value = value > 0 ? log10(value) : (double)NAN;
    if (isnan(value) || fabs(value) > 1e300)
        return (double)NAN;
    return (value - axis->low) / (axis->high - axis->low);
}

/* --- the frame --- */

double sq_axes_x(const sq_axes *axes, double value)
{
    return axes->left + sq_axis_share(&axes->x, value) * (axes->right - axes->left);
}

double sq_axes_y(const sq_axes *axes, double value)
{
    return axes->bottom - sq_axis_share(&axes->y, value) * (axes->bottom - axes->top);
}

double sq_axes_left_space(const sq_figure *figure, const sq_axis *y)
{
    double widest = 0;
    for (int i = 0; i < y->ticks; i++) {
        double width = sq_font_width(figure->font, y->text[i],
                                     y->log ? SQ_TICK_SIZE * SQ_RAISED : SQ_TICK_SIZE);
        if (y->log)
            width += sq_font_width(figure->font, "10", SQ_TICK_SIZE) + 0.5;
        widest = fmax(widest, width);
    }
    return ceil(SQ_MARGIN + (y->label != NULL ? SQ_LABEL_SIZE + SQ_LABEL_GAP : 0) +
                widest + SQ_TICK_GAP);
}

double sq_axes_bottom_space(const sq_axis *x)
{
    return ceil(SQ_MARGIN + (x->label != NULL ? SQ_LABEL_SIZE + SQ_LABEL_GAP : 0) +
                SQ_TICK_SIZE + SQ_TICK_GAP);
}

double sq_axes_top_space(const sq_axis *y)
{
    return y->power != 0 ? ceil(SQ_TICK_SIZE + 6) : 0;
}

/* Faint lines at 2, 3, ... 9 times each decade, where there is room for them. */
static void sq_axes_minor_grid(sq_figure *figure, const sq_axes *axes)
{
    double decade = (axes->bottom - axes->top) / (axes->y.high - axes->y.low);
    if (!axes->y.log || decade < 60)
        return;
    for (double power = floor(axes->y.low); power < axes->y.high; power++) {
        for (int digit = 2; digit <= 9; digit++) {
            double at = power + log10(digit);
            double y = axes->bottom - (at - axes->y.low) * decade;
            if (at > axes->y.low && at < axes->y.high)
                sq_canvas_hairline(&figure->canvas, axes->left, y, axes->right, y, 0.6);
        }
    }
    sq_canvas_paint(&figure->canvas, 0xF1F1F1u, 1);
}

void sq_axes_power(sq_figure *figure, double x, double y, double anchor, int power)
{
    char text[SQ_NUMBER];
    if (power == 0)
        return;
    sq_figure_number(text, 'f', 0, power);
    sq_figure_power(figure, x, y, anchor,
                    "\xC3\x97"
                    "10",
                    text);
}

void sq_axes_draw(sq_figure *figure, const sq_axes *axes, bool x_texts)
{
    sq_canvas *canvas = &figure->canvas;
    const sq_axis *x = &axes->x, *y = &axes->y;
    double width = axes->right - axes->left, height = axes->bottom - axes->top;
    double at[SQ_TICKS],
        base = axes->bottom + SQ_TICK_GAP + 2 + SQ_TICK_SIZE * SQ_FONT_CAPITALS;
    sq_axes_minor_grid(figure, axes);
    for (int i = 0; i < x->ticks; i++) {
        at[i] = axes->left + width * (x->tick[i] - x->low) / (x->high - x->low);
        sq_canvas_hairline(canvas, at[i], axes->top, at[i], axes->bottom, 0.6);
    }
    for (int i = 0; i < y->ticks; i++) {
        double v = axes->bottom - height * (y->tick[i] - y->low) / (y->high - y->low);
        sq_canvas_hairline(canvas, axes->left, v, axes->right, v, 0.6);
    }
    sq_canvas_paint(canvas, SQ_GRID, 1);

    for (int i = 0; i < x->ticks; i++)
        sq_canvas_hairline(canvas, at[i], axes->bottom, at[i],
                           axes->bottom + SQ_TICK_LENGTH, 0.8);
    for (int i = 0; i < y->ticks; i++) {
        double v = axes->bottom - height * (y->tick[i] - y->low) / (y->high - y->low);
        sq_canvas_hairline(canvas, axes->left - SQ_TICK_LENGTH, v, axes->left, v, 0.8);
    }
    sq_canvas_hairline(canvas, axes->left, axes->top, axes->left, axes->bottom, 0.8);
    sq_canvas_hairline(canvas, axes->left, axes->bottom, axes->right, axes->bottom, 0.8);
    sq_canvas_paint(canvas, SQ_INK, 1);

    for (int i = 0; x_texts && i < x->ticks; i++)
        sq_figure_text(figure, at[i], base, SQ_TICK_SIZE, 0.5, 0, SQ_INK, x->text[i]);
    for (int i = 0; i < y->ticks; i++) {
        double v = axes->bottom - height * (y->tick[i] - y->low) / (y->high - y->low) +
                   SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2;
        if (y->log)
            sq_figure_power(figure, axes->left - SQ_TICK_GAP, v + 1, 1, "10", y->text[i]);
        else
            sq_figure_text(figure, axes->left - SQ_TICK_GAP, v, SQ_TICK_SIZE, 1, 0,
                           SQ_INK, y->text[i]);
    }
    sq_axes_power(figure, axes->left, axes->top - 8, 0, y->power);
    if (x_texts) {
        sq_axes_power(figure, axes->right, base + SQ_TICK_SIZE + 4, 1, x->power);
        sq_figure_text(figure, (axes->left + axes->right) / 2,
                       figure->height - SQ_MARGIN - SQ_LABEL_SIZE * SQ_FONT_BELOW,
                       SQ_LABEL_SIZE, 0.5, width, SQ_INK, x->label);
    }
    sq_figure_text_up(figure, SQ_MARGIN + SQ_LABEL_SIZE * SQ_FONT_CAPITALS,
                      (axes->top + axes->bottom) / 2, SQ_LABEL_SIZE, 0.5, height, SQ_INK,
                      y->label);
}

#endif

/* --------------------------------------------------------------------- plot/curves.c */

/* plot/curves.c - lines, dashes, markers, legends */

#ifdef SEQNN_PLOT

#define SQ_CURVE_WIDTH 1.9
#define SQ_LEGEND_SIZE 12.0
#define SQ_LEGEND_ROW 19.0
#define SQ_LEGEND_SAMPLE 26.0 /* length of the line in front of a label */
#define SQ_LEGEND_GAP 7.0     /* between them */
#define SQ_LEGEND_PAD 9.0
#define SQ_LEGEND_INSET 12.0 /* from the box to the axes */

enum { SQ_LEGEND_ROWS = 4, SQ_LEGEND_BOXED = 8 };

seqnn_plot_series sq_curve_complete(const seqnn_plot_series *series, seqnn_size i)
{
    seqnn_plot_series complete = *series;
    if (complete.colour == 0)
        complete.colour = sq_colour_of_series(i);
    if (complete.line == SEQNN_LINE_DEFAULT)
        complete.line = i < SQ_PALETTE       ? SEQNN_LINE_SOLID
                        : i < 2 * SQ_PALETTE ? SEQNN_LINE_DASHED
                                             : SEQNN_LINE_DOTTED;
    return complete;
}

bool sq_curve_point(const seqnn_plot_series *series, seqnn_size i, bool log_y, double *x,
                    double *y)
{
    *x = series->x != NULL ? (double)series->x[i] : (double)series->x_first + (double)i;
    *y = (double)series->y[i];
    return fabs(*x) < 1e300 && fabs(*y) < 1e300 && !(log_y && !(*y > 0));
}

/* A pen that draws dashes: how long they and the gaps are, and how far it has come. */
typedef struct sq_curve_pen {
    sq_canvas *canvas;
    double dash, gap, travelled;
} sq_curve_pen;

static sq_curve_pen sq_curve_pen_for(sq_canvas *canvas, seqnn_line line)
{
    sq_curve_pen pen = {canvas, 0, 0, 0};
    if (line == SEQNN_LINE_DASHED) {
        pen.dash = 7;
        pen.gap = 5;
    } else if (line == SEQNN_LINE_DOTTED) {
        pen.dash = 0.01;
        pen.gap = 4.5;
    }
    return pen;
}

/* The part of a line inside a rectangle that lies `room` outside the picture: a point
 * that a narrow limit puts a million units away must not be dashed all the way. */
static bool sq_curve_cut(const sq_canvas *canvas, double *x0, double *y0, double *x1,
                         double *y1)
{
    double room = 50, from = 0, to = 1, dx = *x1 - *x0, dy = *y1 - *y0;
    double low[2] = {-room, -room}, start[2] = {*x0, *y0}, step[2] = {dx, dy};
    double high[2] = {canvas->width / canvas->scale + room,
                      canvas->height / canvas->scale + room};
    for (int i = 0; i < 2; i++) {
        double enter, leave;
        if (step[i] == 0) {
            if (start[i] < low[i] || start[i] > high[i])
                return false;
            continue;
        }
        enter = (low[i] - start[i]) / step[i];
        leave = (high[i] - start[i]) / step[i];
        from = fmax(from, fmin(enter, leave));
        to = fmin(to, fmax(enter, leave));
    }
    if (!(from < to || (from <= to && dx == 0 && dy == 0)))
        return false;
    *x1 = start[0] + to * dx;
    *y1 = start[1] + to * dy;
    *x0 = start[0] + from * dx;
    *y0 = start[1] + from * dy;
    return true;
}

static void sq_curve_move(sq_curve_pen *pen, double x0, double y0, double x1, double y1,
                          double width)
{
    double length, period = pen->dash + pen->gap, at = 0;
    if (!sq_curve_cut(pen->canvas, &x0, &y0, &x1, &y1))
        return;
    if (pen->gap == 0) {
        sq_canvas_line(pen->canvas, x0, y0, x1, y1, width);
        return;
    }
    length = sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
    while (at < length) {
        double phase = fmod(pen->travelled, period), step;
        bool drawing = phase < pen->dash;
        step = fmin(length - at, fmax((drawing ? pen->dash : period) - phase, 1e-3));
        if (drawing)
            sq_canvas_line(pen->canvas, x0 + (x1 - x0) * at / length,
                           y0 + (y1 - y0) * at / length,
                           x0 + (x1 - x0) * (at + step) / length,
                           y0 + (y1 - y0) * (at + step) / length, width);
        at += step;
        pen->travelled += step;
    }
}

static void sq_curve_marker(sq_canvas *canvas, seqnn_marker marker, double x, double y,
                            double size)
{
    double r = 3.6 * size;
    double square[4][2] = {{x - 0.9 * r, y - 0.9 * r},
                           {x + 0.9 * r, y - 0.9 * r},
                           {x + 0.9 * r, y + 0.9 * r},
                           {x - 0.9 * r, y + 0.9 * r}};
    double triangle[3][2] = {
        {x, y - 1.2 * r}, {x + 1.1 * r, y + 0.75 * r}, {x - 1.1 * r, y + 0.75 * r}};
    double diamond[4][2] = {
        {x, y - 1.3 * r}, {x + 1.1 * r, y}, {x, y + 1.3 * r}, {x - 1.1 * r, y}};
    if (marker == SEQNN_MARKER_CIRCLE)
        sq_canvas_disc(canvas, x, y, r);
    else if (marker == SEQNN_MARKER_SQUARE)
        sq_canvas_polygon(canvas, square, 4);
    else if (marker == SEQNN_MARKER_TRIANGLE)
        sq_canvas_polygon(canvas, triangle, 3);
    else if (marker == SEQNN_MARKER_DIAMOND)
        sq_canvas_polygon(canvas, diamond, 4);
}

/* A marker with a thin white rim, so that crossing lines do not swallow it. */
static void sq_curve_rimmed(sq_figure *figure, const seqnn_plot_series *series,
                            seqnn_marker marker, double x, double y)
{
    sq_curve_marker(&figure->canvas, marker, x, y, 1.3);
    sq_canvas_paint(&figure->canvas, 0xFFFFFFu, 1);
    sq_curve_marker(&figure->canvas, marker, x, y, 1);
    sq_canvas_paint(&figure->canvas, series->colour, 1);
}

void sq_curve_draw(sq_figure *figure, const sq_axes *axes,
                   const seqnn_plot_series *series)
{
    sq_curve_pen pen = sq_curve_pen_for(&figure->canvas, series->line);
    double px = 0, py = 0, skip = 0.3 / figure->canvas.scale;
    bool joined = false;
    /* Half the line may lie outside: a line along the limit keeps its width. */
    sq_canvas_clip(&figure->canvas, axes->left - 1, axes->top - 2, axes->right + 1,
                   axes->bottom + 1);
    for (seqnn_size i = 0; series->line != SEQNN_LINE_NONE && i < series->count; i++) {
        double x, y;
        if (!sq_curve_point(series, i, axes->y.log, &x, &y)) {
            joined = false;
            continue;
        }
        x = sq_axes_x(axes, x);
        y = sq_axes_y(axes, y);
        /* Thousands of points to a pixel: those that would not move the pen are left. */
        if (joined && i + 1 < series->count && fabs(x - px) + fabs(y - py) < skip)
            continue;
        if (joined)
            sq_curve_move(&pen, px, py, x, y, SQ_CURVE_WIDTH);
        px = x;
        py = y;
        joined = true;
    }
    sq_canvas_paint(&figure->canvas, series->colour, 1);

    /* Markers may reach over the frame. */
    sq_canvas_unclip(&figure->canvas);
    joined = false;
    for (seqnn_size i = 0; i < series->count; i++) {
        seqnn_marker marker = series->marker;
        double x, y, nx, ny;
        bool here = sq_curve_point(series, i, axes->y.log, &x, &y);
        bool lonely = here && !joined &&
                      (i + 1 == series->count ||
                       !sq_curve_point(series, i + 1, axes->y.log, &nx, &ny));
        joined = here;
        if (marker == SEQNN_MARKER_DEFAULT && (lonely || series->line == SEQNN_LINE_NONE))
            marker = SEQNN_MARKER_CIRCLE;
        if (!here || marker <= SEQNN_MARKER_NONE)
            continue;
        x = sq_axes_x(axes, x);
        y = sq_axes_y(axes, y);
        if (x >= axes->left - 0.5 && x <= axes->right + 0.5 && y >= axes->top - 0.5 &&
            y <= axes->bottom + 0.5)
            sq_curve_rimmed(figure, series, marker, x, y);
    }
}

void sq_curve_reference(sq_figure *figure, double x0, double y0, double x1, double y1)
{
    sq_curve_pen pen = {&figure->canvas, 5, 4, 0};
    double s = figure->canvas.scale;
    /* On the middle of pixels it is as sharp as the grid. */
    if (x0 == x1)
        x0 = x1 = (floor(x0 * s) + 0.5) / s;
    if (y0 == y1)
        y0 = y1 = (floor(y0 * s) + 0.5) / s;
    sq_curve_move(&pen, x0, y0, x1, y1, 1.1);
    sq_canvas_paint(&figure->canvas, SQ_FAINT, 1);
}

/* --- legend --- */

/* A short piece of the line with its marker, its middle at height y. */
static void sq_legend_sample(sq_figure *figure, const seqnn_plot_series *series, double x,
                             double y)
{
    sq_curve_pen pen = sq_curve_pen_for(&figure->canvas, series->line);
    seqnn_marker marker = series->marker;
    if (series->line != SEQNN_LINE_NONE)
        sq_curve_move(&pen, x, y, x + SQ_LEGEND_SAMPLE, y, SQ_CURVE_WIDTH);
    else if (marker == SEQNN_MARKER_DEFAULT)
        marker = SEQNN_MARKER_CIRCLE;
    sq_canvas_paint(&figure->canvas, series->colour, 1);
    if (marker > SEQNN_MARKER_NONE)
        sq_curve_rimmed(figure, series, marker, x + SQ_LEGEND_SAMPLE / 2, y);
}

static void sq_legend_entry(sq_figure *figure, const seqnn_plot_series *series, double x,
                            double y, double width)
{
    sq_legend_sample(figure, series, x, y);
    sq_figure_text(figure, x + SQ_LEGEND_SAMPLE + SQ_LEGEND_GAP,
                   y + SQ_LEGEND_SIZE * SQ_FONT_CAPITALS / 2, SQ_LEGEND_SIZE, 0, width,
                   SQ_INK, series->label);
}

/* Width of one entry with the space behind it; 0 for a series without a label. */
static double sq_legend_width(const sq_figure *figure, const seqnn_plot_series *series)
{
    if (series->label == NULL)
        return 0;
    return SQ_LEGEND_SAMPLE + 3 * SQ_LEGEND_GAP +
           sq_font_width(figure->font, series->label, SQ_LEGEND_SIZE);
}

seqnn_size sq_legend_most(double height)
{
    return sq_max(0, sq_min(SQ_LEGEND_ROWS, (seqnn_size)(0.35 * height / SQ_LEGEND_ROW)));
}

double sq_legend_rows(sq_figure *figure, const seqnn_plot_series *series,
                      seqnn_size count, double left, double right, double bottom,
                      seqnn_size most, bool draw)
{
    double width = right - left, total = 0, widest = 0, x = left;
    seqnn_size labels = 0, columns, rows, shown, drawn = 0;
    for (seqnn_size i = 0; i < count; i++) {
        double entry = sq_legend_width(figure, &series[i]);
        labels += entry > 0;
        total += entry;
        widest = fmax(widest, entry);
    }
    if (labels == 0 || most < 1)
        return 0;
    /* One row as it comes, or several in columns of the same width. */
    columns = total <= width ? labels : sq_max(1, (seqnn_size)floor(width / widest));
    rows = sq_min((labels + columns - 1) / columns, most);
    shown = sq_min(labels, rows * columns);
    if (shown < labels && columns > 1)
        shown--; /* the last place says how many are missing */
    for (seqnn_size i = 0; draw && i < count && drawn < shown; i++) {
        double entry = sq_legend_width(figure, &series[i]);
        double y = bottom - ((double)(rows - drawn / columns) - 0.5) * SQ_LEGEND_ROW;
        if (entry <= 0)
            continue;
        if (total > width)
            x = left + (double)(drawn % columns) * fmin(widest, width);
        sq_legend_entry(figure, &series[i], x, y,
                        right - x - SQ_LEGEND_SAMPLE - SQ_LEGEND_GAP);
        x += entry;
        drawn++;
    }
    if (draw && shown < labels && columns > 1) {
        char more[48];
        snprintf(more, sizeof more, "and %td more", labels - shown);
        sq_figure_text(figure, left + (double)(columns - 1) * widest,
                       bottom - 0.5 * SQ_LEGEND_ROW +
                           SQ_LEGEND_SIZE * SQ_FONT_CAPITALS / 2,
                       SQ_LEGEND_SIZE, 0, 0, SQ_FAINT, more);
    }
    return (double)rows * SQ_LEGEND_ROW + 4;
}

/* Does a series come into the rectangle (left, top, right, bottom)? */
static bool sq_legend_covers(const sq_axes *axes, const seqnn_plot_series *series,
                             const double box[4])
{
    double px = 0, py = 0;
    bool joined = false;
    for (seqnn_size i = 0; i < series->count; i++) {
        double x, y, steps;
        if (!sq_curve_point(series, i, axes->y.log, &x, &y)) {
            joined = false;
            continue;
        }
        x = sq_axes_x(axes, x);
        y = sq_axes_y(axes, y);
        if (!joined || series->line == SEQNN_LINE_NONE) {
            px = x;
            py = y;
        }
        /* Every few units along the line is near enough for a box with a margin. */
        steps = fmin(ceil((fabs(x - px) + fabs(y - py)) / 4), 2000);
        for (double k = 0; k <= steps; k++) {
            double t = steps > 0 ? k / steps : 0;
            double at_x = px + (x - px) * t, at_y = py + (y - py) * t;
            if (at_x > box[0] && at_x < box[2] && at_y > box[1] && at_y < box[3])
                return true;
        }
        px = x;
        py = y;
        joined = true;
    }
    return false;
}

bool sq_legend_box(sq_figure *figure, const sq_axes *axes,
                   const seqnn_plot_series *series, seqnn_size count, bool draw)
{
    /* Upper right, upper left, lower right, lower left, right, left. */
    static const double places[6][2] = {{1, 0}, {0, 0},   {1, 1},
                                        {0, 1}, {1, 0.5}, {0, 0.5}};
    double width = 0, height, room_x, room_y;
    seqnn_size labels = 0;
    for (seqnn_size i = 0; i < count; i++) {
        if (series[i].label != NULL) {
            labels++;
            width =
                fmax(width, sq_font_width(figure->font, series[i].label, SQ_LEGEND_SIZE));
        }
    }
    width += 2 * SQ_LEGEND_PAD + SQ_LEGEND_SAMPLE + SQ_LEGEND_GAP;
    height = (double)labels * SQ_LEGEND_ROW + SQ_LEGEND_PAD;
    room_x = axes->right - axes->left - width - 2 * SQ_LEGEND_INSET;
    room_y = axes->bottom - axes->top - height - 2 * SQ_LEGEND_INSET;
    if (labels == 0 || labels > SQ_LEGEND_BOXED || room_x < 0.45 * width || room_y < 0)
        return false;
    for (int place = 0; place < 6; place++) {
        double left = axes->left + SQ_LEGEND_INSET + places[place][0] * room_x;
        double top = axes->top + SQ_LEGEND_INSET + places[place][1] * room_y;
        double box[4] = {left - 8, top - 8, left + width + 8, top + height + 8};
        bool free = true;
        for (seqnn_size i = 0; free && i < count; i++)
            free = !sq_legend_covers(axes, &series[i], box);
        if (!free)
            continue;
        if (draw) {
            double y = top + SQ_LEGEND_PAD / 2 + SQ_LEGEND_ROW / 2;
            sq_canvas_rectangle(&figure->canvas, left, top, left + width, top + height);
            sq_canvas_paint(&figure->canvas, 0xFFFFFFu, 1);
            sq_canvas_hairline(&figure->canvas, left, top, left + width, top, 0.8);
            sq_canvas_hairline(&figure->canvas, left, top + height, left + width,
                               top + height, 0.8);
            sq_canvas_hairline(&figure->canvas, left, top, left, top + height, 0.8);
            sq_canvas_hairline(&figure->canvas, left + width, top, left + width,
                               top + height, 0.8);
            sq_canvas_paint(&figure->canvas, 0xCFCFCFu, 1);
            for (seqnn_size i = 0; i < count; i++) {
                if (series[i].label == NULL)
                    continue;
                sq_legend_entry(figure, &series[i], left + SQ_LEGEND_PAD, y, 0);
                y += SQ_LEGEND_ROW;
            }
        }
        return true;
    }
    return false;
}

#endif

/* ------------------------------------------------------------------- plot/png_file.c */

/* plot/png_file.c - the PNG encoder is stb_image_write, taken from the system */

#ifdef SEQNN_PLOT

#include <errno.h>

/* A file that has included stb_image_write.h before this one keeps its own copy, and that
 * copy serves here. Otherwise the encoder becomes a private part of this file. */
#ifndef INCLUDE_STB_IMAGE_WRITE_H
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBIW_MALLOC(size) sq_allocate((seqnn_size)(size), 1)
#define STBIW_REALLOC_SIZED(p, old_size, new_size)                                       \
    sq_png_resize(p, (size_t)(old_size), (size_t)(new_size))
#define STBIW_FREE(p) sq_free(p)

static void *sq_png_resize(void *memory, size_t old_size, size_t new_size)
{
    void *resized = sq_allocate((seqnn_size)new_size, 1);
    if (resized != NULL && memory != NULL)
        memcpy(resized, memory, old_size < new_size ? old_size : new_size);
    if (resized != NULL)
        sq_free(memory);
    return resized;
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#endif
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#if defined(__has_include)
#if __has_include(<stb/stb_image_write.h>)
#include <stb/stb_image_write.h>
#elif __has_include(<stb_image_write.h>)
#include <stb_image_write.h>
#elif __has_include("stb_image_write.h")
#include "stb_image_write.h"
#else
#error                                                                                   \
    "SEQNN_PLOT needs stb_image_write.h: install Debian's package libstb-dev, or put the file beside the program"
#endif
#else
#include "stb_image_write.h"
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef STB_IMAGE_WRITE_STATIC
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STBIW_MALLOC
#undef STBIW_REALLOC_SIZED
#undef STBIW_FREE
#endif

typedef struct sq_png_file {
    FILE *file;
    bool failed;
} sq_png_file;

static void sq_png_put(void *context, void *data, int size)
{
    sq_png_file *out = (sq_png_file *)context;
    if (fwrite(data, 1, (size_t)size, out->file) != (size_t)size)
        out->failed = true;
}

seqnn_status sq_png_write(const sq_canvas *canvas, const char *who, const char *path)
{
    sq_png_file out = {NULL, false};
    seqnn_status status = SEQNN_OK;
    size_t length = path == NULL ? 0 : strlen(path);
    char *part;
    if (length == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: no path was given for the picture",
                       who);
    part = (char *)sq_allocate((seqnn_size)length + 6, 1);
    if (part == NULL)
        return SEQNN_ERROR_MEMORY;
    memcpy(part, path, length);
    memcpy(part + length, ".part", 6);

    out.file = fopen(part, "wb");
    if (out.file == NULL) {
        status = sq_fail(SEQNN_ERROR_FILE, "%s: cannot write '%s': %s", who, path,
                         strerror(errno));
    } else {
        int encoded =
            stbi_write_png_to_func(sq_png_put, &out, canvas->width, canvas->height, 3,
                                   canvas->pixels, canvas->width * 3);
        errno = 0;
        out.failed = fclose(out.file) != 0 || out.failed;
        if (encoded == 0)
            status =
                sq_fail(SEQNN_ERROR_MEMORY, "%s: no memory to encode '%s'", who, path);
        else if (out.failed)
            status =
                sq_fail(SEQNN_ERROR_FILE, "%s: '%s' could not be written whole%s%s", who,
                        path, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
#ifdef _WIN32
        if (status == SEQNN_OK)
            remove(path); /* rename does not replace there */
#endif
        if (status == SEQNN_OK && rename(part, path) != 0)
            status = sq_fail(SEQNN_ERROR_FILE, "%s: cannot write '%s': %s", who, path,
                             strerror(errno));
        if (status != SEQNN_OK)
            remove(part);
    }
    sq_free(part);
    return status;
}

#endif

/* -------------------------------------------------------------------- plot/strokes.c */

/* plot/strokes.c - the built-in font's glyphs, and the pen that follows their paths */

#ifdef SEQNN_PLOT

/* clang-format off */
/* Space to tilde, in the order of ASCII. */
static const sq_strokes sq_strokes_ascii[] = {
    {' ',  5, ""},
    {'!',  5, "M2 14L2 5M2 0L2 1"},
    {'"',  7, "M2 14L2 10M5 14L5 10"},
    {'#', 12, "M5 14L3 0M10 14L8 0M1 9L12 9M1 4L11 4"},
    {'$', 11, "A5 10 4 3 35 270a5 4 4 3 90 -145M5 15L5 -1"},
    {'%', 14, "A3 11 2 3 0 360A11 3 2 3 0 360M11 14L3 0"},
    {'&', 12, "M11 0L4 9a5 11 2 3 220 -40L3 7a4 4 3 4 130 310L10 6"},
    {'\'', 4, "M2 14L2 10"},
    {'(',  6, "A6 6 4 10 125 235"},
    {')',  6, "A0 6 4 10 55 -55"},
    {'*',  8, "M4 14L4 7M1 12L7 9M1 9L7 12"},
    {'+', 12, "M6 11L6 1M1 6L11 6"},
    {',',  5, "M2 1L2 0L1 -3"},
    {'-',  6, "M1 5L5 5"},
    {'.',  5, "M2 0L2 1"},
    {'/',  6, "M1 -1L5 14"},
    {'0', 10, "A5 7 4 7 0 360"},
    {'1', 10, "M2 12L5 14L5 0M2 0L8 0"},
    {'2', 10, "A5 10 4 4 160 -35L1 0L9 0"},
    {'3', 10, "A5 11 3 3 150 -90a5 4 4 4 90 -150"},
    {'4', 10, "M7 0L7 14L1 4L9 4"},
    {'5', 10, "M8 14L2 14L2 8a5 5 4 5 125 -145"},
    {'6', 10, "A5 5 4 5 0 360A9 5 8 9 95 180"},
    {'7', 10, "M1 14L9 14L4 0"},
    {'8', 10, "A5 11 3 3 0 360A5 4 4 4 0 360"},
    {'9', 10, "A5 9 4 5 0 360A1 9 8 9 -85 0"},
    {':',  5, "M2 9L2 8M2 0L2 1"},
    {';',  5, "M2 9L2 8M2 1L2 0L1 -3"},
    {'<', 12, "M10 11L2 6L10 1"},
    {'=', 12, "M1 8L11 8M1 4L11 4"},
    {'>', 12, "M2 11L10 6L2 1"},
    {'?',  9, "A4 11 3 3 170 -50L4 6L4 4M4 0L4 1"},
    {'@', 16, "A7 5 3 3 0 360M10 8L10 4a12 4 2 2 180 360a7 5 7 8 0 300"},
    {'A', 12, "M1 0L6 14L11 0M3 5L9 5"},
    {'B', 11, "M2 0L2 14L5 14a5 11 3 3 90 -90L2 8M5 8a5 4 4 4 90 -90L2 0"},
    {'C', 12, "A7 7 6 7 45 315"},
    {'D', 13, "M2 0L2 14L5 14a5 7 6 7 90 -90L2 0"},
    {'E', 10, "M9 14L2 14L2 0L9 0M2 7L8 7"},
    {'F',  9, "M9 14L2 14L2 0M2 7L7 7"},
    {'G', 13, "A7 7 6 7 50 310L11 7L7 7"},
    {'H', 12, "M2 0L2 14M10 0L10 14M2 7L10 7"},
    {'I',  4, "M2 0L2 14"},
    {'J',  7, "M5 14L5 3a2 3 3 3 0 -110"},
    {'K', 11, "M2 0L2 14M10 14L2 6M4 8L10 0"},
    {'L',  9, "M2 14L2 0L9 0"},
    {'M', 14, "M2 0L2 14L7 4L12 14L12 0"},
    {'N', 12, "M2 0L2 14L10 0L10 14"},
    {'O', 14, "A7 7 6 7 0 360"},
    {'P', 10, "M2 0L2 14L5 14a5 10 4 4 90 -90L2 6"},
    {'Q', 14, "A7 7 6 7 0 360M8 4L12 -1"},
    {'R', 11, "M2 0L2 14L5 14a5 10 4 4 90 -90L2 6M5 6L10 0"},
    {'S', 10, "A5 11 4 3 35 270a5 4 4 4 90 -145"},
    {'T', 11, "M1 14L10 14M5 14L5 0"},
    {'U', 12, "M2 14L2 5a6 5 4 5 180 360L10 14"},
    {'V', 11, "M1 14L6 0L11 14"},
    {'W', 16, "M1 14L4 0L8 13L12 0L15 14"},
    {'X', 11, "M1 14L10 0M10 14L1 0"},
    {'Y', 10, "M1 14L5 7L9 14M5 7L5 0"},
    {'Z', 11, "M1 14L10 14L1 0L10 0"},
    {'[',  6, "M4 15L2 15L2 -3L4 -3"},
    {'\\', 6, "M1 14L5 -1"},
    {']',  6, "M1 15L3 15L3 -3L1 -3"},
    {'^', 12, "M2 9L6 14L10 9"},
    {'_',  8, "M0 -3L8 -3"},
    {'`',  6, "M1 14L3 12"},
    {'a', 10, "A5 7 3 3 140 0L8 0M8 6L4 6a4 3 3 3 90 270a5 3 3 3 270 360"},
    {'b', 11, "M2 14L2 0A6 5 4 5 0 360"},
    {'c',  9, "A5 5 4 5 50 310"},
    {'d', 11, "M9 14L9 0A5 5 4 5 0 360"},
    {'e', 10, "M1 5L9 5a5 5 4 5 0 315"},
    {'f',  6, "A5 11 2 3 80 180L3 0M1 10L6 10"},
    {'g', 11, "A5 5 4 5 0 360M9 10L9 0a5 0 4 4 0 -140"},
    {'h', 10, "M2 14L2 0M2 6a5 6 3 4 180 0L8 0"},
    {'i',  4, "M2 10L2 0M2 13L2 14"},
    {'j',  4, "M2 10L2 -2a0 -2 2 2 0 -90M2 13L2 14"},
    {'k',  9, "M2 14L2 0M8 10L2 4M4 6L8 0"},
    {'l',  4, "M2 14L2 0"},
    {'m', 16, "M2 10L2 0M2 6a5 6 3 4 180 0L8 0M8 6a11 6 3 4 180 0L14 0"},
    {'n', 10, "M2 10L2 0M2 6a5 6 3 4 180 0L8 0"},
    {'o', 10, "A5 5 4 5 0 360"},
    {'p', 11, "M2 10L2 -4A6 5 4 5 0 360"},
    {'q', 11, "M9 10L9 -4A5 5 4 5 0 360"},
    {'r',  7, "M2 10L2 0M2 6a5 6 3 4 180 80"},
    {'s',  8, "A4 8 3 2 35 270a4 3 3 3 90 -145"},
    {'t',  7, "M3 13L3 3a5 3 2 3 180 270L6 0M1 10L6 10"},
    {'u', 10, "M2 10L2 4a5 4 3 4 180 360M8 10L8 0"},
    {'v', 10, "M1 10L5 0L9 10"},
    {'w', 14, "M1 10L4 0L7 9L10 0L13 10"},
    {'x',  9, "M1 10L8 0M8 10L1 0"},
    {'y', 10, "M1 10L5 0M9 10L4 -3L2 -4"},
    {'z',  9, "M1 10L8 10L1 0L8 0"},
    {'{',  8, "M6 15L4 13L4 8L2 6L4 4L4 -1L6 -3"},
    {'|',  6, "M3 15L3 -4"},
    {'}',  8, "M2 15L4 13L4 8L6 6L4 4L4 -1L2 -3"},
    {'~', 12, "A4 5 2 2 180 0a8 5 2 2 180 360"},
};

/* Signs of the lectures and of tick labels. */
static const sq_strokes sq_strokes_signs[] = {
    {0x00A0, 5, ""},
    {0x00B7, 5, "M2 5L2 6"},                                      /* middle dot */
    {0x00D7, 12, "M2 10L10 2M10 10L2 2"},                         /* times */
    {0x0394, 12, "M1 0L6 14L11 0L1 0"},                           /* Delta */
    {0x03A3, 11, "M9 14L1 14L6 7L1 0L9 0"},                       /* Sigma */
    {0x03B1, 12, "A5 5 4 5 0 360M10 10L9 5L11 0"},                /* alpha */
    {0x03B7, 10, "M2 10L2 0M2 6a5 6 3 4 180 0L8 -4"},             /* eta */
    {0x03B8, 10, "A5 7 4 7 0 360M1 7L9 7"},                       /* theta */
    {0x03BB, 11, "M1 14L3 14L10 0M6 8L1 0"},                      /* lambda */
    {0x03BC, 10, "M2 10L2 -4M2 4a5 4 3 4 180 360M8 10L8 0"},      /* mu */
    {0x03C1, 11, "M2 5L2 -4A6 5 4 5 0 360"},                      /* rho */
    {0x03C3, 11, "A5 5 4 5 0 360M5 10L11 10"},                    /* sigma */
    {0x2013, 9, "M1 5L8 5"},                                      /* en dash */
    {0x2014, 14, "M1 5L13 5"},                                    /* em dash */
    {0x2016, 8, "M2 15L2 -4M6 15L6 -4"},                          /* norm */
    {0x2026, 14, "M2 0L2 1M7 0L7 1M12 0L12 1"},                   /* ellipsis */
    {0x209C, 6, "M2 4L2 -1a4 -1 2 3 180 270L4 -4M1 2L4 2"},       /* subscript t */
    {0x2192, 15, "M1 6L13 6M9 10L13 6L9 2"},                      /* right arrow */
    {0x2202, 11, "A5 4 4 4 0 360A2 5 7 9 0 90"},                  /* partial */
    {0x2207, 12, "M1 14L6 0L11 14L1 14"},                         /* nabla */
    {0x2211, 11, "M9 14L1 14L6 7L1 0L9 0"},                       /* sum */
    {0x2212, 12, "M1 6L11 6"},                                    /* minus */
    {0x221E, 14, "A4 5 3 3 0 360A10 5 3 3 0 360"},                /* infinity */
    {0x2225, 8, "M2 15L2 -4M6 15L6 -4"},                          /* norm, parallel */
    {0x2248, 12, "A4 8 2 1 180 0a8 8 2 1 180 360A4 4 2 1 180 0a8 4 2 1 180 360"},
    {0x2264, 12, "M10 12L2 8L10 4M2 1L10 1"},                     /* at most */
    {0x2265, 12, "M2 12L10 8L2 4M2 1L10 1"},                      /* at least */
};
/* clang-format on */

static const sq_strokes sq_strokes_missing = {0, 10, "M2 0L2 14L8 14L8 0L2 0"};

const sq_strokes *sq_strokes_find(uint32_t character)
{
    if (character >= ' ' && character <= '~')
        return &sq_strokes_ascii[character - ' '];
    for (seqnn_size i = 0; i < SQ_COUNT(sq_strokes_signs); i++)
        if (sq_strokes_signs[i].character == character)
            return &sq_strokes_signs[i];
    return &sq_strokes_missing;
}

static const char *sq_strokes_numbers(const char *path, int count, int *numbers)
{
    for (int i = 0; i < count; i++) {
        int sign = 1;
        while (*path == ' ')
            path++;
        if (*path == '-') {
            sign = -1;
            path++;
        }
        for (numbers[i] = 0; *path >= '0' && *path <= '9'; path++)
            numbers[i] = 10 * numbers[i] + sign * (*path - '0');
    }
    return path;
}

void sq_strokes_trace(const sq_strokes *glyph, sq_strokes_line line, void *context)
{
    const char *path = glyph->path;
    double pen_x = 0, pen_y = 0;
    while (*path != '\0') {
        char command = *path++;
        int n[6];
        if (command == 'M' || command == 'L') {
            path = sq_strokes_numbers(path, 2, n);
            if (command == 'L')
                line(context, pen_x, pen_y, n[0], n[1]);
            pen_x = n[0];
            pen_y = n[1];
            continue;
        }
        path = sq_strokes_numbers(path, 6, n);
        enum { STEPS_PER_TURN = 48 };
        int steps = (int)sq_max(2, abs(n[5] - n[4]) * STEPS_PER_TURN / 360);
        for (int i = 0; i <= steps; i++) {
            double angle =
                (n[4] + (n[5] - n[4]) * (double)i / steps) * 3.14159265358979 / 180;
            double x = n[0] + n[2] * cos(angle), y = n[1] + n[3] * sin(angle);
            if (i > 0 || command == 'a')
                line(context, pen_x, pen_y, x, y);
            pen_x = x;
            pen_y = y;
        }
    }
}

#endif

/* -------------------------------------------------------------------- plot/heatmap.c */

/* plot/heatmap.c - coloured cells: heat maps and confusion matrices */

#ifdef SEQNN_PLOT

#define SQ_HEAT_CELL_TEXT 13.0    /* the numbers' size, where cells are large enough */
#define SQ_HEAT_SMALLEST_TEXT 6.5 /* below it they are left out */
#define SQ_HEAT_BAR 16.0          /* width of the colour bar */
#define SQ_HEAT_BAR_GAP 18.0

/* One cell: its place on the colour map (NaN: no colour) and up to two lines of text. */
typedef struct sq_heat_cell {
    double share;
    bool faint; /* nothing to look at: the text is pale */
    char text[SQ_NUMBER], below[SQ_NUMBER];
} sq_heat_cell;

typedef void (*sq_heat_fill)(const void *context, seqnn_size row, seqnn_size column,
                             sq_heat_cell *cell);

/* A table to draw, whatever its numbers mean. */
typedef struct sq_heat {
    const seqnn_heatmap_options *options;
    seqnn_size rows, columns;
    sq_heat_fill fill;
    const void *context;
    double low, high; /* values at the ends of the colour bar */
    bool bar, square;
    seqnn_colour_map map;
} sq_heat;

/* The name of row or column i: given, or its number. */
static const char *sq_heat_name(const char *const *names, seqnn_size i,
                                char number[SQ_NUMBER])
{
    if (names != NULL)
        return names[i] != NULL ? names[i] : "";
    sq_figure_number(number, 'f', 0, (double)i);
    return number;
}

static double sq_heat_widest(const sq_figure *figure, const char *const *names,
                             seqnn_size count)
{
    char number[SQ_NUMBER];
    double widest = 0;
    for (seqnn_size i = 0; i < count; i++)
        widest = fmax(widest, sq_font_width(figure->font, sq_heat_name(names, i, number),
                                            SQ_TICK_SIZE));
    return widest;
}

/* Every how many names one is written, when a name takes `size` and a cell `cell`. */
static seqnn_size sq_heat_stride(double size, double cell)
{
    static const seqnn_size steps[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
    for (seqnn_size i = 0; i < SQ_COUNT(steps); i++)
        if ((double)steps[i] * cell >= size)
            return steps[i];
    return 5000;
}

/* The sizes of the cells' texts, 0 where they do not fit. */
typedef struct sq_heat_sizes {
    double text, below;
} sq_heat_sizes;

static sq_heat_sizes sq_heat_text_sizes(const sq_figure *figure, const sq_heat *heat,
                                        double width, double height)
{
    sq_heat_sizes sizes = {0, 0};
    double widest = 0.1, both;
    bool two = false;
    sq_heat_cell cell;
    if (heat->options->no_numbers || heat->options->decimals < 0 ||
        fmin(width, height) < SQ_HEAT_SMALLEST_TEXT)
        return sizes;
    for (seqnn_size i = 0; i < heat->rows; i++) {
        for (seqnn_size j = 0; j < heat->columns; j++) {
            heat->fill(heat->context, i, j, &cell);
            widest = fmax(widest, sq_font_width(figure->font, cell.text, 1));
            two = two || cell.below[0] != '\0';
        }
    }
    sizes.text = fmin(SQ_HEAT_CELL_TEXT, fmin(0.84 * width / widest, height / 1.5));
    if (sizes.text < SQ_HEAT_SMALLEST_TEXT)
        sizes.text = 0;
    both = fmin(sizes.text, height / 2.4);
    if (two && 0.8 * both >= SQ_HEAT_SMALLEST_TEXT && width > 3.4 * both) {
        sizes.text = both;
        sizes.below = 0.8 * both;
    }
    return sizes;
}

static void sq_heat_cells(sq_figure *figure, const sq_heat *heat, const sq_axes *axes)
{
    double width = (axes->right - axes->left) / (double)heat->columns;
    double height = (axes->bottom - axes->top) / (double)heat->rows;
    sq_heat_sizes sizes = sq_heat_text_sizes(figure, heat, width, height);
    double gap = fmin(width, height) >= 12 ? 1 : 0; /* between cells */
    sq_heat_cell cell;
    for (seqnn_size i = 0; i < heat->rows; i++) {
        for (seqnn_size j = 0; j < heat->columns; j++) {
            double left = axes->left + width * (double)j;
            double top = axes->top + height * (double)i;
            double middle = left + width / 2, base = top + height / 2;
            sq_colour colour = SQ_NO_VALUE, ink;
            heat->fill(heat->context, i, j, &cell);
            if (!isnan(cell.share))
                colour = sq_colour_of_map(heat->map, cell.share);
            sq_canvas_rectangle(&figure->canvas, left, top, left + width - gap,
                                top + height - gap);
            sq_canvas_paint(&figure->canvas, colour, 1);
            if (sizes.text <= 0)
                continue;
            ink = cell.faint ? SQ_PALE : sq_colour_of_text(colour);
            if (sizes.below > 0 && cell.below[0] != '\0') {
                base -= 0.08 * sizes.text;
                sq_figure_text(figure, middle, base + 1.25 * sizes.below, sizes.below,
                               0.5, 0, ink, cell.below);
            } else {
                base += sizes.text * SQ_FONT_CAPITALS / 2;
            }
            sq_figure_text(figure, middle, base, sizes.text, 0.5, 0, ink, cell.text);
        }
    }
}

static void sq_heat_colour_bar(sq_figure *figure, const sq_heat *heat, double left,
                               double top, double bottom, sq_axis *values)
{
    sq_canvas *canvas = &figure->canvas;
    int pixels = (int)((bottom - top) * canvas->scale + 0.5);
    double right = left + SQ_HEAT_BAR;
    for (int i = 0; i < pixels; i++) {
        double y = top + i / canvas->scale;
        sq_canvas_rectangle(canvas, left, y, right, y + 1 / canvas->scale);
        sq_canvas_paint(canvas, sq_colour_of_map(heat->map, 1 - (i + 0.5) / pixels), 1);
    }
    for (int i = 0; i < values->ticks; i++) {
        double y = bottom - (bottom - top) * (values->tick[i] - values->low) /
                                (values->high - values->low);
        sq_canvas_hairline(canvas, right, y, right + 3, y, 0.8);
        sq_canvas_paint(canvas, SQ_INK, 1);
        sq_figure_text(figure, right + 7, y + SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2,
                       SQ_TICK_SIZE, 0, 0, SQ_INK, values->text[i]);
    }
    sq_axes_power(figure, left, top - 8, 0, values->power);
}

/* Names beside the rows and below the columns, and the labels of both sides. */
static void sq_heat_names(sq_figure *figure, const sq_heat *heat, const sq_axes *axes,
                          double row_room, double column_room, bool upright)
{
    const seqnn_heatmap_options *options = heat->options;
    double width = (axes->right - axes->left) / (double)heat->columns;
    double height = (axes->bottom - axes->top) / (double)heat->rows;
    double half = SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2, base;
    double widest = sq_heat_widest(figure, options->column_names, heat->columns) + 8;
    double apart = options->row_names != NULL ? 1.15 : 2; /* numbers need not crowd */
    seqnn_size stride = sq_heat_stride(SQ_TICK_SIZE * apart, height);
    char number[SQ_NUMBER];
    for (seqnn_size i = 0; i < heat->rows; i += stride)
        sq_figure_text(figure, axes->left - 8,
                       axes->top + height * ((double)i + 0.5) + half, SQ_TICK_SIZE, 1,
                       row_room, SQ_INK, sq_heat_name(options->row_names, i, number));
    stride = sq_heat_stride(upright ? SQ_TICK_SIZE * 1.15 : widest, width);
    for (seqnn_size j = 0; j < heat->columns; j += stride) {
        double x = axes->left + width * ((double)j + 0.5);
        const char *name = sq_heat_name(options->column_names, j, number);
        if (upright)
            sq_figure_text_up(figure, x + half, axes->bottom + 7, SQ_TICK_SIZE, 1,
                              column_room, SQ_INK, name);
        else
            sq_figure_text(figure, x, axes->bottom + 7 + 2 * half, SQ_TICK_SIZE, 0.5, 0,
                           SQ_INK, name);
    }
    base = axes->bottom + 7 + (upright ? column_room : SQ_TICK_SIZE);
    sq_figure_text(figure, (axes->left + axes->right) / 2,
                   base + 10 + SQ_LABEL_SIZE * SQ_FONT_CAPITALS, SQ_LABEL_SIZE, 0.5,
                   axes->right - axes->left, SQ_INK, options->x_label);
    sq_figure_text_up(figure, axes->left - 8 - row_room - 12,
                      (axes->top + axes->bottom) / 2, SQ_LABEL_SIZE, 0.5,
                      axes->bottom - axes->top, SQ_INK, options->y_label);
}

static void sq_heat_compose(sq_figure *figure, const sq_heat *heat)
{
    const seqnn_heatmap_options *options = heat->options;
    double label = SQ_LABEL_SIZE + 12, side_left, side_right, below, cell, spare;
    double row_room = fmin(sq_heat_widest(figure, options->row_names, heat->rows),
                           0.28 * figure->width);
    double column_widest = sq_heat_widest(figure, options->column_names, heat->columns);
    double column_room = SQ_TICK_SIZE, bar = 0;
    bool upright = false;
    sq_axis values;
    sq_axes axes;
    memset(&axes, 0, sizeof axes);
    memset(&values, 0, sizeof values);

    axes.top = sq_figure_title_height(options->title);
    if (heat->bar) {
        sq_axis_fit(&values, heat->low, heat->high, heat->low, heat->high,
                    figure->height - 150, 50);
        for (int i = 0; i < values.ticks; i++)
            bar = fmax(bar, sq_font_width(figure->font, values.text[i], SQ_TICK_SIZE));
        bar += SQ_HEAT_BAR_GAP + SQ_HEAT_BAR + 7;
        axes.top += sq_axes_top_space(&values);
    }
    side_left = SQ_MARGIN + (options->y_label != NULL ? label : 0) + row_room + 8;
    side_right = SQ_MARGIN + bar;
    axes.left = side_left;
    axes.right = figure->width - side_right;
    cell = (axes.right - axes.left) / (double)heat->columns;
    /* Names that do not fit side by side stand upright; mere numbers are thinned out. */
    if (options->column_names != NULL && column_widest + 8 > cell) {
        upright = true;
        column_room = fmin(column_widest, 0.22 * figure->height);
    }
    below = SQ_MARGIN + (options->x_label != NULL ? label : 0) + column_room + 7;
    axes.bottom = figure->height - below;
    if (heat->square) {
        /* Square cells, and what is left over on both sides of the whole block. */
        double high = (axes.bottom - axes.top) / (double)heat->rows;
        double side = fmin(fmin(cell, high), 150);
        if (!upright && options->column_names != NULL && column_widest + 8 > side)
            side = fmin(fmin(cell, column_widest + 8), high * 1.6);
        spare = axes.right - axes.left - side * (double)heat->columns;
        axes.left += spare / 2;
        axes.right -= spare / 2;
        axes.bottom = axes.top + fmin(high, side) * (double)heat->rows;
    }
    sq_figure_title(figure, axes.left, axes.right, options->title);
    sq_heat_cells(figure, heat, &axes);
    sq_heat_names(figure, heat, &axes, row_room, column_room, upright);
    if (heat->bar) {
        sq_axis_fit(&values, heat->low, heat->high, heat->low, heat->high,
                    axes.bottom - axes.top, 50);
        sq_heat_colour_bar(figure, heat, axes.right + SQ_HEAT_BAR_GAP, axes.top,
                           axes.bottom - 1, &values);
    }
}

static seqnn_status sq_heat_plot(const char *who, const char *path, const sq_heat *heat)
{
    sq_figure figure;
    seqnn_status status = sq_figure_open(&figure, who, heat->options->width,
                                         heat->options->height, heat->options->scale);
    if (status != SEQNN_OK)
        return status;
    sq_heat_compose(&figure, heat);
    status = sq_png_write(&figure.canvas, who, path);
    sq_figure_close(&figure);
    return status;
}

/* --- heat map --- */

typedef struct sq_heat_values {
    const seqnn_real *values;
    seqnn_size columns;
    double low, high;
    char form; /* of the numbers, as sq_figure_number has it */
    int digits;
} sq_heat_values;

static void sq_heat_fill_value(const void *context, seqnn_size row, seqnn_size column,
                               sq_heat_cell *cell)
{
    const sq_heat_values *table = (const sq_heat_values *)context;
    double value = (double)table->values[row * table->columns + column];
    double span = table->high - table->low;
    cell->below[0] = '\0';
    cell->faint = false;
    cell->share = (value - table->low) / span;
    if (isnan(value))
        memcpy(cell->text, "NaN", 4);
    else if (isinf(value))
        sq_figure_number(cell->text, 'g', 3, value);
    else
        sq_figure_number(cell->text, table->form, table->digits, value);
}

/* How many digits the cells' numbers need: none for whole numbers, otherwise three. */
static void sq_heat_digits(sq_heat_values *table, seqnn_size count, seqnn_size decimals)
{
    double largest = 0;
    bool whole = true;
    for (seqnn_size i = 0; i < count; i++) {
        double value = (double)table->values[i];
        if (!isfinite(value))
            continue;
        largest = fmax(largest, fabs(value));
        whole = whole && value == floor(value);
    }
    table->form = 'f';
    table->digits = (int)sq_min(decimals, 12);
    if (decimals > 0)
        return;
    if (whole && largest < 1e7)
        table->digits = 0;
    else if (largest >= 0.1 && largest < 1e4)
        table->digits = largest < 10 ? 2 : largest < 100 ? 1 : 0;
    else {
        table->form = 'g';
        table->digits = 3;
    }
}

static seqnn_status sq_heat_check(const char *who, const void *values, seqnn_size rows,
                                  seqnn_size columns)
{
    enum { LARGEST = 5000 };
    if (values == NULL || rows < 1 || columns < 1 || rows > LARGEST || columns > LARGEST)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the table is %s[%td, %td], expected 1 to %d "
                       "rows and columns",
                       who, values == NULL ? "NULL " : "", rows, columns, (int)LARGEST);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_plot_heatmap(const seqnn_real *values, seqnn_size rows,
                                          seqnn_size columns, const char *path,
                                          seqnn_heatmap_options options)
{
    const char *who = "plot heat map";
    sq_heat_values table = {values, columns, INFINITY, -INFINITY, 'f', 0};
    sq_heat heat = {&options, rows, columns, sq_heat_fill_value, &table, 0,
                    1,        true, false,   options.map};
    seqnn_status status = sq_heat_check(who, values, rows, columns);
    if (status != SEQNN_OK)
        return status;
    if ((int)options.map < 0 || options.map > SEQNN_MAP_DIVERGING)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: map is %d, expected a SEQNN_MAP_...",
                       who, (int)options.map);
    for (seqnn_size i = 0; i < rows * columns; i++) {
        double value = (double)values[i];
        if (fabs(value) < 1e300) { /* neither NaN nor infinite */
            table.low = fmin(table.low, value);
            table.high = fmax(table.high, value);
        }
    }
    if (table.low > table.high) {
        table.low = 0;
        table.high = 1;
    }
    if (options.map == SEQNN_MAP_DIVERGING && options.low == 0 && options.high == 0) {
        table.high = fmax(fabs(table.low), fabs(table.high));
        table.low = -table.high;
    }
    if (options.low != 0)
        table.low = options.low == SEQNN_ZERO ? 0 : (double)options.low;
    if (options.high != 0)
        table.high = options.high == SEQNN_ZERO ? 0 : (double)options.high;
    if (!(fabs(table.low) < 1e300 && fabs(table.high) < 1e300) ||
        (options.low != 0 && options.high != 0 && table.low >= table.high))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the colours run from %g to %g, expected a lower and a higher "
                       "finite number",
                       who, table.low, table.high);
    /* One value, or one limit beyond the data: room for a colour bar. */
    if (table.high - table.low <= 1e-6 * fmax(fabs(table.low), fabs(table.high)) ||
        table.low == table.high) {
        double room = table.low == 0 ? 1 : 0.1 * fabs(table.low);
        double one = options.high != 0 ? table.high : table.low;
        table.low = options.low != 0 ? table.low : one - room;
        table.high = options.high != 0 ? table.high : table.low + 2 * room;
    }
    sq_heat_digits(&table, rows * columns, options.decimals);
    heat.low = table.low;
    heat.high = table.high;
    heat.bar = !options.no_colour_bar;
    return sq_heat_plot(who, path, &heat);
}

/* --- confusion matrix --- */

typedef struct sq_heat_counts {
    const int64_t *counts;
    seqnn_size classes;
    double *row_sums;
} sq_heat_counts;

static void sq_heat_fill_count(const void *context, seqnn_size row, seqnn_size column,
                               sq_heat_cell *cell)
{
    const sq_heat_counts *table = (const sq_heat_counts *)context;
    double count = (double)table->counts[row * table->classes + column];
    double sum = table->row_sums[row];
    cell->share = sum > 0 ? count / sum : 0;
    cell->faint = count == 0;
    sq_figure_number(cell->text, 'f', 0, count);
    cell->below[0] = '\0';
    if (sum > 0 && count > 0) {
        sq_figure_number(cell->below, 'f', 0, 100 * cell->share);
        strcat(cell->below, " %");
    }
}

SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_heatmap_options options)
{
    const char *who = "plot confusion";
    sq_heat_counts table = {counts, classes, NULL};
    sq_heat heat = {&options, classes, classes, sq_heat_fill_count, &table, 0,
                    1,        false,   true,    SEQNN_MAP_BLUES};
    seqnn_status status = sq_heat_check(who, counts, classes, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < classes * classes; i++)
        if (counts[i] < 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: counts[%td, %td] is negative, expected a count", who,
                           i / classes, i % classes);
    table.row_sums = (double *)sq_allocate(classes, sizeof *table.row_sums);
    if (table.row_sums == NULL)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < classes * classes; i++)
        table.row_sums[i / classes] += (double)counts[i];
    options.row_names = options.column_names = class_names;
    if (options.title == NULL)
        options.title = "Confusion matrix";
    if (options.x_label == NULL)
        options.x_label = "predicted class";
    if (options.y_label == NULL)
        options.y_label = "true class";
    status = sq_heat_plot(who, path, &heat);
    sq_free(table.row_sums);
    return status;
}

#endif
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#pragma GCC pop_options
#endif

#endif /* SEQNN_IMPLEMENTATION */
#endif /* SQ_PASTE */

/* ========================================================================================
 *
 *   The kernels: each stands here once and is compiled for every instruction set, by the
 *   implementation above including this file again.
 *
 * ===================================================================================== */

#if defined(SQ_PASTE) && SQ_PASTE == 1
/* ----------------------------------------------------------- math/simd_functions.inc */

/* exp, tanh and sigmoid of a vector, over the vocabulary of simd.h; for plain C see
 * simd_plain.h, which calls libm. */

#ifdef SEQNN_DOUBLE

/* Double precision serves gradient checks: libm, element by element. */
static SQ_INLINE SQ_VECTOR SQ_V(exp)(SQ_VECTOR x)
{
    double element[SQ_WIDTH];
    SQ_V(store)(element, x);
    for (int i = 0; i < SQ_WIDTH; i++)
        element[i] = exp(element[i]);
    return SQ_V(load)(element);
}

static SQ_INLINE SQ_VECTOR SQ_V(tanh)(SQ_VECTOR x)
{
    double element[SQ_WIDTH];
    SQ_V(store)(element, x);
    for (int i = 0; i < SQ_WIDTH; i++)
        element[i] = tanh(element[i]);
    return SQ_V(load)(element);
}

static SQ_INLINE SQ_VECTOR SQ_V(sigmoid)(SQ_VECTOR x)
{
    const SQ_VECTOR one = SQ_V(set)(1);
    SQ_VECTOR e = SQ_V(exp)(SQ_V(sub)(SQ_V(set)(0), x));
    return SQ_V(div)(one, SQ_V(add)(one, e));
}

#else

/* x = n ln 2 + r with whole n and |r| <= ln 2 / 2; returns e^r - 1. ln 2 is split into a
 * part of few bits, whose multiples are exact, and a rest. The polynomial is the minimax
 * approximation of (e^r - 1 - r) / r^2 on that interval: relative error of e^r 4e-9. */
static SQ_INLINE SQ_VECTOR SQ_V(reduced_exp)(SQ_VECTOR x, SQ_VECTOR *n)
{
    *n = SQ_V(round)(SQ_V(mul)(x, SQ_V(set)(1.44269504f)));
    SQ_VECTOR r = SQ_V(fma)(*n, SQ_V(set)(-0.693359375f), x);
    r = SQ_V(fma)(*n, SQ_V(set)(2.12194440e-4f), r);
    SQ_VECTOR p = SQ_V(set)(1.3813144394e-3f);
    p = SQ_V(fma)(p, r, SQ_V(set)(8.3694188465e-3f));
    p = SQ_V(fma)(p, r, SQ_V(set)(4.1668456790e-2f));
    p = SQ_V(fma)(p, r, SQ_V(set)(1.6666514791e-1f));
    p = SQ_V(fma)(p, r, SQ_V(set)(4.9999993051e-1f));
    return SQ_V(fma)(SQ_V(mul)(r, r), p, r);
}

/* The power of two is applied in two halves: the first product is exact, the second
 * rounds once, to infinity above and to a subnormal number or zero below. */
static SQ_INLINE SQ_VECTOR SQ_V(exp)(SQ_VECTOR x)
{
    SQ_VECTOR n;
    x = SQ_V(max)(SQ_V(set)(-105.0f), SQ_V(min)(SQ_V(set)(89.0f), x));
    SQ_VECTOR e = SQ_V(add)(SQ_V(reduced_exp)(x, &n), SQ_V(set)(1));
    SQ_VECTOR half = SQ_V(round)(SQ_V(mul)(n, SQ_V(set)(0.5f)));
    e = SQ_V(mul)(e, SQ_V(power_of_two)(half));
    return SQ_V(mul)(e, SQ_V(power_of_two)(SQ_V(sub)(n, half)));
}

/* tanh x = t / (t + 2) with t = e^{2x} - 1, computed without the cancellation near 0;
 * from |x| = 10 on it is +-1. */
static SQ_INLINE SQ_VECTOR SQ_V(tanh)(SQ_VECTOR x)
{
    SQ_VECTOR n;
    x = SQ_V(max)(SQ_V(set)(-10.0f), SQ_V(min)(SQ_V(set)(10.0f), x));
    SQ_VECTOR q = SQ_V(reduced_exp)(SQ_V(add)(x, x), &n);
    SQ_VECTOR scale = SQ_V(power_of_two)(n);
    SQ_VECTOR t = SQ_V(fma)(scale, q, SQ_V(sub)(scale, SQ_V(set)(1)));
    return SQ_V(div)(t, SQ_V(add)(t, SQ_V(set)(2)));
}

/* 1 / (1 + e^-x); below -87 it stays at e^-87 = 2e-38. */
static SQ_INLINE SQ_VECTOR SQ_V(sigmoid)(SQ_VECTOR x)
{
    const SQ_VECTOR one = SQ_V(set)(1);
    SQ_VECTOR n;
    x = SQ_V(max)(SQ_V(set)(-87.0f), SQ_V(min)(SQ_V(set)(87.0f), x));
    SQ_VECTOR q = SQ_V(reduced_exp)(SQ_V(sub)(SQ_V(set)(0), x), &n);
    SQ_VECTOR scale = SQ_V(power_of_two)(n);
    SQ_VECTOR e = SQ_V(fma)(scale, q, scale);
    return SQ_V(div)(one, SQ_V(add)(one, e));
}

#endif
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 2
/* ---------------------------------------------------------- layers/sweep_kernels.inc */

/* Vector loops of sweep_kernels.h, once for each instruction set. */

/* A whole vector, or its first count elements; the compiler keeps one of the two where it
 * sees that count is SQ_WIDTH. */
static SQ_INLINE SQ_VECTOR SQ_V(load_up_to)(const seqnn_real *p, seqnn_size count)
{
    return count >= SQ_WIDTH ? SQ_V(load)(p) : SQ_V(load_part)(p, count);
}

static SQ_INLINE void SQ_V(store_up_to)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    if (count >= SQ_WIDTH)
        SQ_V(store)(p, x);
    else
        SQ_V(store_part)(p, x, count);
}

/* z = x y */
static SQ_INLINE void SQ_V(multiply_all)(seqnn_size n, const seqnn_real *x,
                                         const seqnn_real *y, seqnn_real *z)
{
    seqnn_size i = 0;
    for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)
        SQ_V(store)(z + i, SQ_V(mul)(SQ_V(load)(x + i), SQ_V(load)(y + i)));
    if (i < n)
        SQ_V(store_part)
        (z + i, SQ_V(mul)(SQ_V(load_part)(x + i, n - i), SQ_V(load_part)(y + i, n - i)),
         n - i);
}

/* z += x */
static SQ_INLINE void SQ_V(add_all)(seqnn_size n, const seqnn_real *x, seqnn_real *z)
{
    seqnn_size i = 0;
    for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)
        SQ_V(store)(z + i, SQ_V(add)(SQ_V(load)(z + i), SQ_V(load)(x + i)));
    if (i < n)
        SQ_V(store_part)
        (z + i, SQ_V(add)(SQ_V(load_part)(z + i, n - i), SQ_V(load_part)(x + i, n - i)),
         n - i);
}

/* h_prev = h_(t-1) * mask for the positions begin .. begin + n - 1, from packed row `row`
 * on. */
static SQ_INLINE void SQ_V(sweep_h_prev)(const sq_sweep *sweep, seqnn_size row,
                                         seqnn_size begin, seqnn_size n)
{
    const seqnn_size units = sweep->units;
    const seqnn_real *h_state = sweep->h_state + begin * units;
    seqnn_real *h_prev = sweep->h_prev + row * units;
    if (sweep->mask)
        SQ_V(multiply_all)(n * units, h_state, sweep->mask + begin * units, h_prev);
    else
        memcpy(h_prev, h_state, (size_t)(n * units) * sizeof *h_prev);
}

/* dL/dh_t = what came from step t+1, in dh_state, plus what comes from above. */
static SQ_INLINE void SQ_V(sweep_dh)(const sq_sweep *sweep, seqnn_size row,
                                     seqnn_size begin, seqnn_size n)
{
    const seqnn_size units = sweep->units;
    seqnn_real *dh = sweep->dh_state + begin * units;
    if (sweep->dh)
        SQ_V(add_all)(n * units, sweep->dh + row * units, dh);
    for (seqnn_size k = 0; sweep->flow && k < n; k++)
        sweep->flow[row + k] = sq_sum_squares(units, dh + k * units);
}

/* dL/dh_(t-1) = mask * (dz W_h^T), where the product is in dh_state. */
static SQ_INLINE void SQ_V(sweep_mask_dh)(const sq_sweep *sweep, seqnn_size begin,
                                          seqnn_size n)
{
    seqnn_real *dh = sweep->dh_state + begin * sweep->units;
    if (sweep->mask)
        SQ_V(multiply_all)(n * sweep->units, dh, sweep->mask + begin * sweep->units, dh);
}
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 3
/* -------------------------------------------------------- math/functions_kernels.inc */

/* Functions over arrays, over the vocabulary of simd.h. */

#define SQ_ARRAY_FUNCTION(name)                                                          \
    static SQ_TARGET void SQ_V(array_##name)(seqnn_size n, const seqnn_real *x,          \
                                             seqnn_real *y)                              \
    {                                                                                    \
        seqnn_size i = 0;                                                                \
        for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)                                         \
            SQ_V(store)(y + i, SQ_V(name)(SQ_V(load)(x + i)));                           \
        if (i < n)                                                                       \
            SQ_V(store_part)(y + i, SQ_V(name)(SQ_V(load_part)(x + i, n - i)), n - i);   \
    }
SQ_ARRAY_FUNCTION(exp)
SQ_ARRAY_FUNCTION(tanh)
SQ_ARRAY_FUNCTION(sigmoid)
#undef SQ_ARRAY_FUNCTION

static SQ_TARGET void SQ_V(array_axpy)(seqnn_size n, seqnn_real factor,
                                       const seqnn_real *x, seqnn_real *y)
{
    const SQ_VECTOR f = SQ_V(set)(factor);
    seqnn_size i = 0;
    for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)
        SQ_V(store)(y + i, SQ_V(fma)(f, SQ_V(load)(x + i), SQ_V(load)(y + i)));
    if (i < n)
        SQ_V(store_part)
    (y + i, SQ_V(fma)(f, SQ_V(load_part)(x + i, n - i), SQ_V(load_part)(y + i, n - i)),
     n - i);
}

static SQ_TARGET void SQ_V(array_scale)(seqnn_size n, seqnn_real factor, seqnn_real *x)
{
    const SQ_VECTOR f = SQ_V(set)(factor);
    seqnn_size i = 0;
    for (; i + SQ_WIDTH <= n; i += SQ_WIDTH)
        SQ_V(store)(x + i, SQ_V(mul)(f, SQ_V(load)(x + i)));
    if (i < n)
        SQ_V(store_part)(x + i, SQ_V(mul)(f, SQ_V(load_part)(x + i, n - i)), n - i);
}
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 4
/* ---------------------------------------------------------- math/product_kernels.inc */

/* The matrix product over the vocabulary of simd.h. A micro-kernel keeps a block of C,
 * some rows by some vectors, in registers and runs over k. B comes in panels of two
 * vectors: for every k the panel's columns, side by side. */

/* One vector of C = sum, or += sum. */
static SQ_INLINE void SQ_V(product_put)(seqnn_real *c, SQ_VECTOR sum, bool add)
{
    SQ_V(store)(c, add ? SQ_V(add)(SQ_V(load)(c), sum) : sum);
}

/* The same for a block at the right edge of C, of which only block->columns are there. */
static SQ_TARGET void SQ_V(product_put_edge)(const sq_block *block, seqnn_size rows,
                                             seqnn_size width, const seqnn_real *sums)
{
    for (seqnn_size row = 0; row < rows; row++)
        for (seqnn_size column = 0; column < block->columns; column += SQ_WIDTH) {
            const seqnn_size count = sq_min(block->columns - column, SQ_WIDTH);
            seqnn_real *c = block->c + row * block->ldc + column;
            SQ_VECTOR sum = SQ_V(load)(sums + row * width + column);
            if (block->add)
                sum = SQ_V(add)(SQ_V(load_part)(c, count), sum);
            SQ_V(store_part)(c, sum, count);
        }
}

#define SQ_MICRO_KERNEL(rows, vectors)                                                   \
    static SQ_TARGET void SQ_V(product_##rows##x##vectors)(const sq_block *block)        \
    {                                                                                    \
        const seqnn_real *a = block->a, *b = block->b;                                   \
        const seqnn_size a_row = block->a_row, a_step = block->a_step;                   \
        const seqnn_size b_step = block->b_step;                                         \
        const seqnn_size b_panel = block->b_panel;                                       \
        seqnn_real *c = block->c;                                                        \
        const seqnn_size ldc = block->ldc;                                               \
        SQ_EACH_ROW_##rows(SQ_AHEAD);                                                    \
        SQ_EACH_ROW_##rows(SQ_CLEAR_##vectors);                                          \
        for (seqnn_size k = block->depth; k > 0; k--) {                                  \
            SQ_LOAD_##vectors;                                                           \
            SQ_EACH_ROW_##rows(SQ_STEP_##vectors);                                       \
            a += a_step;                                                                 \
            b += b_step;                                                                 \
        }                                                                                \
        (void)b_panel;                                                                   \
        if (block->columns < (vectors)*SQ_WIDTH) {                                       \
            enum { width = (vectors)*SQ_WIDTH };                                         \
            seqnn_real sums[(rows)*width];                                               \
            SQ_EACH_ROW_##rows(SQ_SPILL_##vectors);                                      \
            SQ_V(product_put_edge)(block, rows, width, sums);                            \
            return;                                                                      \
        }                                                                                \
        const bool add = block->add;                                                     \
        SQ_EACH_ROW_##rows(SQ_PUT_##vectors);                                            \
    }

SQ_MICRO_KERNEL(1, 2)
SQ_MICRO_KERNEL(1, 4)
SQ_MICRO_KERNEL(1, 8)
SQ_MICRO_KERNEL(2, 2)
SQ_MICRO_KERNEL(2, 4)
SQ_MICRO_KERNEL(3, 2)
SQ_MICRO_KERNEL(3, 4)
SQ_MICRO_KERNEL(4, 2)
SQ_MICRO_KERNEL(5, 2)
SQ_MICRO_KERNEL(6, 2)
#if SQ_MAX_ROWS > 6
SQ_MICRO_KERNEL(7, 2)
SQ_MICRO_KERNEL(8, 2)
SQ_MICRO_KERNEL(9, 2)
SQ_MICRO_KERNEL(10, 2)
SQ_MICRO_KERNEL(11, 2)
SQ_MICRO_KERNEL(12, 2)
#endif
#undef SQ_MICRO_KERNEL

/* Any number of rows and columns at one stretch of k. The rows are cut into blocks of
 * nearly equal height; where few rows leave registers free, a block is wider. */
static SQ_TARGET void SQ_V(product_rows)(const sq_block *all, seqnn_size rows)
{
    static void (*const kernels[SQ_MAX_ROWS][3])(const sq_block *) = {
        {SQ_V(product_1x2), SQ_V(product_1x4), SQ_V(product_1x8)},
        {SQ_V(product_2x2), SQ_V(product_2x4), NULL},
        {SQ_V(product_3x2), SQ_V(product_3x4), NULL},
        {SQ_V(product_4x2), NULL, NULL},
        {SQ_V(product_5x2), NULL, NULL},
        {SQ_V(product_6x2), NULL, NULL},
#if SQ_MAX_ROWS > 6
        {SQ_V(product_7x2), NULL, NULL},
        {SQ_V(product_8x2), NULL, NULL},
        {SQ_V(product_9x2), NULL, NULL},
        {SQ_V(product_10x2), NULL, NULL},
        {SQ_V(product_11x2), NULL, NULL},
        {SQ_V(product_12x2), NULL, NULL},
#endif
    };
    const seqnn_size panel = 2 * SQ_WIDTH;
    const seqnn_size blocks = (rows + SQ_MAX_ROWS - 1) / SQ_MAX_ROWS;
    const seqnn_size tallest = (rows + blocks - 1) / blocks;
    const int widest = tallest == 1 ? 2 : tallest <= 3 ? 1 : 0;

    sq_block part = *all;
    seqnn_size column = 0;
    while (column < all->columns) {
        const seqnn_size panels = (all->columns - column + panel - 1) / panel;
        int wide = widest;
        while ((seqnn_size)1 << wide > panels)
            wide--;
        part.columns = all->columns - column;
        part.b = all->b + column / panel * all->b_panel;
        for (seqnn_size block = 0; block < blocks; block++) {
            const seqnn_size first = block * rows / blocks;
            const seqnn_size height = (block + 1) * rows / blocks - first;
            part.c = all->c + first * all->ldc + column;
            if (all->a_packed) {
                part.a = all->a + first * all->depth + block * SQ_WIDTH;
                part.a_step = height;
            } else {
                part.a = all->a + first * all->a_row;
            }
            kernels[height - 1][wide](&part);
        }
        column += panel << wide;
    }
}

/* op(A)[rows, depth] of a transposed A, in the blocks of rows that product_rows makes. A
 * is read a few of its rows at a time, in the order of memory. Whole vectors are copied where `readable` columns of A
 * allow it: what is too much is overwritten by the next copy into the block; its last one
 * needs SQ_WIDTH elements of room. */
static SQ_TARGET void SQ_V(product_pack_a)(const seqnn_real *a, seqnn_size lda,
                                           seqnn_size readable, seqnn_size rows,
                                           seqnn_size depth, seqnn_real *packed)
{
    const seqnn_size blocks = (rows + SQ_MAX_ROWS - 1) / SQ_MAX_ROWS;
    enum { SLAB = 8 };
    for (seqnn_size begin = 0; begin < depth; begin += SLAB)
        for (seqnn_size block = 0; block < blocks; block++) {
            const seqnn_size first = block * rows / blocks;
            const seqnn_size height = (block + 1) * rows / blocks - first;
            const bool whole = first + height + SQ_WIDTH <= readable;
            const seqnn_size end = sq_min(depth, begin + SLAB);
            seqnn_real *to = packed + first * depth + block * SQ_WIDTH + begin * height;
            for (seqnn_size k = begin; k < end; k++, to += height) {
                const seqnn_real *from = a + k * lda + first;
                if (whole)
                    for (seqnn_size row = 0; row < height; row += SQ_WIDTH)
                        SQ_V(store)(to + row, SQ_V(load)(from + row));
                else
                    for (seqnn_size row = 0; row < height; row++)
                        to[row] = from[row];
            }
        }
}

/* One panel of op(B)[depth, columns], filled up with zeros to its width. */
static SQ_TARGET void SQ_V(product_pack_panel)(bool transpose, const seqnn_real *b,
                                               seqnn_size ldb, seqnn_size columns,
                                               seqnn_size depth, seqnn_real *packed)
{
    const seqnn_size panel = 2 * SQ_WIDTH;
    seqnn_size k = 0;
    if (columns >= panel && transpose)
        for (; k + SQ_WIDTH <= depth; k += SQ_WIDTH) {
            seqnn_real *to = packed + k * panel;
            SQ_V(transpose)(b + k, ldb, to, panel);
            SQ_V(transpose)(b + k + SQ_WIDTH * ldb, ldb, to + SQ_WIDTH, panel);
        }
    else if (columns >= panel)
        for (; k < depth; k++) {
            seqnn_real *to = packed + k * panel;
            SQ_PREFETCH(b + k * ldb + panel); /* the next panel */
            SQ_V(store)(to, SQ_V(load)(b + k * ldb));
            SQ_V(store)(to + SQ_WIDTH, SQ_V(load)(b + k * ldb + SQ_WIDTH));
        }

    const seqnn_size step_k = transpose ? 1 : ldb, step_column = transpose ? ldb : 1;
    for (; k < depth; k++)
        for (seqnn_size column = 0; column < panel; column++)
            packed[k * panel + column] =
                column < columns ? b[k * step_k + column * step_column] : 0;
}

/* A tile of C, over all of k. */
static SQ_TARGET void SQ_V(product_tile)(const sq_product *product, seqnn_size row,
                                         seqnn_size rows, seqnn_size column,
                                         seqnn_size columns)
{
    SQ_ALIGNED seqnn_real b_panel[SQ_DEPTH * 2 * SQ_WIDTH];
    SQ_ALIGNED seqnn_real a_block[SQ_DEPTH * SQ_TILE_ROWS + SQ_TILE_ROWS * SQ_WIDTH];
    const seqnn_size panel = 2 * SQ_WIDTH;
    const seqnn_size stretches = sq_stretches(product->k);

    for (seqnn_size stretch = 0; stretch < stretches; stretch++) {
        const seqnn_size k = stretch * product->k / stretches;
        sq_block block;
        block.depth = (stretch + 1) * product->k / stretches - k;
        block.add = product->accumulate || stretch > 0;
        block.ldc = product->ldc;
        block.a_packed = product->transpose_a;
        if (product->transpose_a) {
            SQ_V(product_pack_a)
            (product->a + k * product->lda + row, product->lda, product->m - row, rows,
             block.depth, a_block);
            block.a = a_block;
            block.a_row = 1;
            block.a_step = 0;
        } else {
            block.a = product->a + row * product->lda + k;
            block.a_row = product->lda;
            block.a_step = 1;
        }

        seqnn_size done = 0;
        if (!product->transpose_b && rows <= SQ_FEW_ROWS) {
            /* Few rows: full panels are read where they are. */
            done = columns / panel * panel;
            block.b = product->b + k * product->ldb + column;
            block.b_step = product->ldb;
            block.b_panel = panel;
            block.c = product->c + row * product->ldc + column;
            block.columns = done;
            SQ_V(product_rows)(&block, rows);
        }
        block.b = b_panel;
        block.b_step = panel;
        block.b_panel = 0;
        for (; done < columns; done += panel) {
            const seqnn_size first = column + done;
            const seqnn_real *b = product->transpose_b
                                      ? product->b + first * product->ldb + k
                                      : product->b + k * product->ldb + first;
            block.columns = sq_min(columns - done, panel);
            block.c = product->c + row * product->ldc + first;
            SQ_V(product_pack_panel)
            (product->transpose_b, b, product->ldb, block.columns, block.depth, b_panel);
            SQ_V(product_rows)(&block, rows);
        }
    }
}

/* All panels of op(B)[k, n], one after the other. */
static SQ_TARGET void SQ_V(product_pack)(bool transpose, seqnn_size n, seqnn_size k,
                                         const seqnn_real *b, seqnn_size ldb,
                                         seqnn_real *packed)
{
    const seqnn_size panel = 2 * SQ_WIDTH;
    for (seqnn_size column = 0; column < n; column += panel)
        SQ_V(product_pack_panel)
    (transpose, transpose ? b + column * ldb : b + column, ldb, sq_min(n - column, panel),
     k, packed + column * k);
}

static SQ_TARGET void SQ_V(product_packed)(seqnn_size m, seqnn_size n, seqnn_size k,
                                           const seqnn_real *a, seqnn_size lda,
                                           const seqnn_real *packed, bool accumulate,
                                           seqnn_real *c, seqnn_size ldc)
{
    const seqnn_size panel = 2 * SQ_WIDTH;
    const seqnn_size stretches = sq_stretches(k);
    const seqnn_size chunk = sq_even_piece(m, SQ_TILE_ROWS);
    for (seqnn_size row = 0; row < m; row += chunk)
        for (seqnn_size stretch = 0; stretch < stretches; stretch++) {
            const seqnn_size first = stretch * k / stretches;
            sq_block block;
            block.a = a + row * lda + first;
            block.a_row = lda;
            block.a_step = 1;
            block.a_packed = false;
            block.b = packed + first * panel;
            block.b_step = panel;
            block.b_panel = k * panel;
            block.c = c + row * ldc;
            block.ldc = ldc;
            block.columns = n;
            block.depth = (stretch + 1) * k / stretches - first;
            block.add = accumulate || stretch > 0;
            SQ_V(product_rows)(&block, sq_min(chunk, m - row));
        }
}
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 5
/* ------------------------------------------------------------ layers/gru_kernels.inc */

/* The fast sweeps of the GRU, once for each instruction set. z, r and h~ of a row lie
 * side by side in its gates. */

/* sigmoid of z or r, with the recurrent bias where there is one. */
static SQ_INLINE SQ_VECTOR SQ_V(gru_gate)(const seqnn_real *gate, const seqnn_real *b_h,
                                          seqnn_size count)
{
    SQ_VECTOR z = SQ_V(load_up_to)(gate, count);
    if (b_h)
        z = SQ_V(add)(z, SQ_V(load_up_to)(b_h, count));
    return SQ_V(sigmoid)(z);
}

/* h = z h_(t-1) + (1 - z) h~ */
static SQ_INLINE void SQ_V(gru_h_at)(seqnn_size count, SQ_VECTOR z, SQ_VECTOR h_tilde,
                                     seqnn_real *h, seqnn_real *h_state)
{
    const SQ_VECTOR h_before = SQ_V(load_up_to)(h_state, count);
    const SQ_VECTOR kept = SQ_V(mul)(z, h_before);
    const SQ_VECTOR h_t = SQ_V(fma)(SQ_V(sub)(SQ_V(set)(1), z), h_tilde, kept);
    SQ_V(store_up_to)(h, h_t, count);
    SQ_V(store_up_to)(h_state, h_t, count);
}

/* Reset after: everything, once both products are there. */
static SQ_INLINE void SQ_V(gru_after_at)(seqnn_size units, seqnn_size count,
                                         const seqnn_real *b_h, seqnn_real *gates,
                                         seqnn_real *inner, seqnn_real *h,
                                         seqnn_real *h_state)
{
    const SQ_VECTOR z = SQ_V(gru_gate)(gates, b_h, count);
    const SQ_VECTOR r = SQ_V(gru_gate)(gates + units, b_h ? b_h + units : NULL, count);
    SQ_VECTOR a = SQ_V(load_up_to)(inner, count);
    if (b_h) {
        a = SQ_V(add)(a, SQ_V(load_up_to)(b_h + 2 * units, count));
        SQ_V(store_up_to)(inner, a, count);
    }
    const SQ_VECTOR h_tilde =
        SQ_V(tanh)(SQ_V(fma)(r, a, SQ_V(load_up_to)(gates + 2 * units, count)));
    SQ_V(store_up_to)(gates, z, count);
    SQ_V(store_up_to)(gates + units, r, count);
    SQ_V(store_up_to)(gates + 2 * units, h_tilde, count);
    SQ_V(gru_h_at)(count, z, h_tilde, h, h_state);
}

/* Reset before: the gates and r * h_prev, which is then multiplied by W_h^h ... */
static SQ_INLINE void SQ_V(gru_reset_at)(seqnn_size units, seqnn_size count,
                                         seqnn_real *gates, const seqnn_real *h_prev,
                                         seqnn_real *inner)
{
    const SQ_VECTOR r = SQ_V(gru_gate)(gates + units, NULL, count);
    SQ_V(store_up_to)(gates, SQ_V(gru_gate)(gates, NULL, count), count);
    SQ_V(store_up_to)(gates + units, r, count);
    SQ_V(store_up_to)(inner, SQ_V(mul)(r, SQ_V(load_up_to)(h_prev, count)), count);
}

/* ... and the rest. */
static SQ_INLINE void SQ_V(gru_before_at)(seqnn_size units, seqnn_size count,
                                          seqnn_real *gates, seqnn_real *h,
                                          seqnn_real *h_state)
{
    const SQ_VECTOR z = SQ_V(load_up_to)(gates, count);
    const SQ_VECTOR h_tilde = SQ_V(tanh)(SQ_V(load_up_to)(gates + 2 * units, count));
    SQ_V(store_up_to)(gates + 2 * units, h_tilde, count);
    SQ_V(gru_h_at)(count, z, h_tilde, h, h_state);
}

static SQ_TARGET void SQ_V(gru_after)(const sq_sweep *sweep, seqnn_size row,
                                      seqnn_size begin, seqnn_size n)
{
    const seqnn_size units = sweep->units;
    const seqnn_real *b_h = sweep->b_h;
    for (seqnn_size k = 0; k < n; k++) {
        seqnn_real *gates = sweep->gates + (row + k) * 3 * units;
        seqnn_real *inner = sweep->inner + (row + k) * units;
        seqnn_real *h = sweep->h + (row + k) * units;
        seqnn_real *h_state = sweep->h_state + (begin + k) * units;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(gru_after_at)
            (units, SQ_WIDTH, b_h ? b_h + j : NULL, gates + j, inner + j, h + j,
             h_state + j);
        if (j < units)
            SQ_V(gru_after_at)
            (units, units - j, b_h ? b_h + j : NULL, gates + j, inner + j, h + j,
             h_state + j);
    }
}

static SQ_TARGET void SQ_V(gru_reset)(const sq_sweep *sweep, seqnn_size row, seqnn_size n)
{
    const seqnn_size units = sweep->units;
    for (seqnn_size k = row; k < row + n; k++) {
        seqnn_real *gates = sweep->gates + k * 3 * units;
        const seqnn_real *h_prev = sweep->h_prev + k * units;
        seqnn_real *inner = sweep->inner + k * units;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(gru_reset_at)(units, SQ_WIDTH, gates + j, h_prev + j, inner + j);
        if (j < units)
            SQ_V(gru_reset_at)(units, units - j, gates + j, h_prev + j, inner + j);
    }
}

static SQ_TARGET void SQ_V(gru_before)(const sq_sweep *sweep, seqnn_size row,
                                       seqnn_size begin, seqnn_size n)
{
    const seqnn_size units = sweep->units;
    for (seqnn_size k = 0; k < n; k++) {
        seqnn_real *gates = sweep->gates + (row + k) * 3 * units;
        seqnn_real *h = sweep->h + (row + k) * units;
        seqnn_real *h_state = sweep->h_state + (begin + k) * units;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(gru_before_at)(units, SQ_WIDTH, gates + j, h + j, h_state + j);
        if (j < units)
            SQ_V(gru_before_at)(units, units - j, gates + j, h + j, h_state + j);
    }
}

static SQ_TARGET void SQ_V(gru_forward)(const sq_sweep *sweep, seqnn_size begin,
                                        seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    const seqnn_real *W_zr = sweep->workspace;
    const seqnn_real *W_candidate = W_zr + sq_matmul_packed_size(units, 2 * units);
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        const seqnn_size n = sq_sweep_end(sweep, s, end) - begin;
        if (n <= 0)
            continue;
        const seqnn_size row = packing->offset[s] + begin;
        const seqnn_real *h_prev = sweep->h_prev + row * units;
        seqnn_real *gates = sweep->gates + row * 3 * units;
        seqnn_real *inner = sweep->inner + row * units;
        SQ_V(sweep_h_prev)(sweep, row, begin, n);
        sq_matmul_packed(n, 2 * units, units, h_prev, units, W_zr, true, gates,
                         3 * units);
        if (sweep->reset == SEQNN_RESET_BEFORE) {
            SQ_V(gru_reset)(sweep, row, n);
            sq_matmul_packed(n, units, units, inner, units, W_candidate, true,
                             gates + 2 * units, 3 * units);
            SQ_V(gru_before)(sweep, row, begin, n);
        } else {
            sq_matmul_packed(n, units, units, h_prev, units, W_candidate, false, inner,
                             units);
            SQ_V(gru_after)(sweep, row, begin, n);
        }
    }
}

/* ---- backward ---- */

/* x * y * (1 - y) */
static SQ_INLINE SQ_VECTOR SQ_V(gru_sigmoid_gradient)(SQ_VECTOR x, SQ_VECTOR y)
{
    return SQ_V(mul)(x, SQ_V(mul)(y, SQ_V(sub)(SQ_V(set)(1), y)));
}

/* dz and dh~; dh becomes dh z, the direct way to h_(t-1). Reset after (d_inner not NULL):
 * dr and the gradient of the inner product as well. */
static SQ_INLINE void SQ_V(gru_dz_at)(seqnn_size units, seqnn_size count,
                                      const seqnn_real *gates, const seqnn_real *h_before,
                                      const seqnn_real *inner, seqnn_real *dh,
                                      seqnn_real *dz, seqnn_real *d_inner)
{
    const SQ_VECTOR one = SQ_V(set)(1);
    const SQ_VECTOR z = SQ_V(load_up_to)(gates, count);
    const SQ_VECTOR h_tilde = SQ_V(load_up_to)(gates + 2 * units, count);
    const SQ_VECTOR dh_t = SQ_V(load_up_to)(dh, count);
    const SQ_VECTOR change = SQ_V(sub)(SQ_V(load_up_to)(h_before, count), h_tilde);
    const SQ_VECTOR slope = SQ_V(sub)(one, SQ_V(mul)(h_tilde, h_tilde));
    const SQ_VECTOR dh_tilde = SQ_V(mul)(SQ_V(mul)(dh_t, SQ_V(sub)(one, z)), slope);
    SQ_V(store_up_to)
    (dz, SQ_V(gru_sigmoid_gradient)(SQ_V(mul)(dh_t, change), z), count);
    SQ_V(store_up_to)(dz + 2 * units, dh_tilde, count);
    SQ_V(store_up_to)(dh, SQ_V(mul)(dh_t, z), count);
    if (d_inner) {
        const SQ_VECTOR r = SQ_V(load_up_to)(gates + units, count);
        const SQ_VECTOR dr = SQ_V(mul)(dh_tilde, SQ_V(load_up_to)(inner, count));
        SQ_V(store_up_to)(dz + units, SQ_V(gru_sigmoid_gradient)(dr, r), count);
        SQ_V(store_up_to)(d_inner, SQ_V(mul)(dh_tilde, r), count);
    }
}

/* Reset before: from d_inner = dL/d(r * h_prev) to dr, and to the way on to h_prev. */
static SQ_INLINE void SQ_V(gru_dr_at)(seqnn_size count, const seqnn_real *gate_r,
                                      const seqnn_real *h_prev, seqnn_real *dr,
                                      seqnn_real *d_inner)
{
    const SQ_VECTOR r = SQ_V(load_up_to)(gate_r, count);
    const SQ_VECTOR d = SQ_V(load_up_to)(d_inner, count);
    const SQ_VECTOR d_r = SQ_V(mul)(d, SQ_V(load_up_to)(h_prev, count));
    SQ_V(store_up_to)(dr, SQ_V(gru_sigmoid_gradient)(d_r, r), count);
    SQ_V(store_up_to)(d_inner, SQ_V(mul)(d, r), count);
}

static SQ_TARGET void SQ_V(gru_dz)(const sq_sweep *sweep, seqnn_size s, seqnn_size begin,
                                   seqnn_size n)
{
    const seqnn_size units = sweep->units;
    const bool after = sweep->reset != SEQNN_RESET_BEFORE;
    for (seqnn_size k = begin; k < begin + n; k++) {
        const seqnn_size row = sweep->packing->offset[s] + k;
        const seqnn_size before = sq_row_before(sweep, s, k);
        const seqnn_real *gates = sweep->gates + row * 3 * units;
        const seqnn_real *inner = sweep->inner + row * units;
        const seqnn_real *h_before =
            before < 0 ? sweep->h_0 + k * units : sweep->h + before * units;
        seqnn_real *dh = sweep->dh_state + k * units;
        seqnn_real *dz = sweep->dgates + row * 3 * units;
        seqnn_real *d_inner = after ? sweep->dinner + row * units : NULL;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(gru_dz_at)
            (units, SQ_WIDTH, gates + j, h_before + j, inner + j, dh + j, dz + j,
             after ? d_inner + j : NULL);
        if (j < units)
            SQ_V(gru_dz_at)
            (units, units - j, gates + j, h_before + j, inner + j, dh + j, dz + j,
             after ? d_inner + j : NULL);
    }
}

static SQ_TARGET void SQ_V(gru_dr)(const sq_sweep *sweep, seqnn_size row, seqnn_size n,
                                   seqnn_real *d_inner)
{
    const seqnn_size units = sweep->units;
    for (seqnn_size k = row; k < row + n; k++, d_inner += units) {
        const seqnn_real *r = sweep->gates + k * 3 * units + units;
        const seqnn_real *h_prev = sweep->h_prev + k * units;
        seqnn_real *dr = sweep->dgates + k * 3 * units + units;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(gru_dr_at)(SQ_WIDTH, r + j, h_prev + j, dr + j, d_inner + j);
        if (j < units)
            SQ_V(gru_dr_at)(units - j, r + j, h_prev + j, dr + j, d_inner + j);
    }
}

/* One step back of n sequences. dh_prev is what reaches h_prev, before its mask. */
static SQ_TARGET void SQ_V(gru_backward_rows)(const sq_sweep *sweep, seqnn_size s,
                                              seqnn_size begin, seqnn_size n,
                                              seqnn_real *dh_prev)
{
    const seqnn_size units = sweep->units, row = sweep->packing->offset[s] + begin;
    const seqnn_real *W_zr = sweep->workspace;
    const seqnn_real *W_candidate = W_zr + sq_matmul_packed_size(2 * units, units);
    const seqnn_real *dz = sweep->dgates + row * 3 * units;

    SQ_V(sweep_dh)(sweep, row, begin, n);
    SQ_V(gru_dz)(sweep, s, begin, n);
    if (sweep->reset == SEQNN_RESET_BEFORE) {
        sq_matmul_packed(n, units, units, dz + 2 * units, 3 * units, W_candidate, false,
                         dh_prev, units);
        SQ_V(gru_dr)(sweep, row, n, dh_prev);
    } else {
        sq_matmul_packed(n, units, units, sweep->dinner + row * units, units, W_candidate,
                         false, dh_prev, units);
    }
    sq_matmul_packed(n, units, 2 * units, dz, 3 * units, W_zr, true, dh_prev, units);
    if (sweep->mask)
        SQ_V(multiply_all)(n * units, dh_prev, sweep->mask + begin * units, dh_prev);
    SQ_V(add_all)(n * units, dh_prev, sweep->dh_state + begin * units);
}

static SQ_TARGET void SQ_V(gru_backward)(const sq_sweep *sweep, seqnn_size begin,
                                         seqnn_size end)
{
    seqnn_real dh_prev[SQ_GRU_ROOM];
    const seqnn_size most = SQ_GRU_ROOM / sweep->units;
    for (seqnn_size i = sweep->packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        const seqnn_size last = sq_sweep_end(sweep, s, end);
        for (seqnn_size k = begin; k < last; k += most)
            SQ_V(gru_backward_rows)(sweep, s, k, sq_min(most, last - k), dh_prev);
    }
}
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 6
/* ----------------------------------------------------------- layers/lstm_kernels.inc */

/* The fast sweeps of the LSTM, once for each instruction set. */

/* The equations for `count` units: gates and C_t ... */
static SQ_INLINE void SQ_V(lstm_C_at)(seqnn_size units, seqnn_size count,
                                      seqnn_real *gates, seqnn_real *C_state,
                                      seqnn_real *C)
{
    const SQ_VECTOR i = SQ_V(sigmoid)(SQ_V(load_up_to)(gates, count));
    const SQ_VECTOR f = SQ_V(sigmoid)(SQ_V(load_up_to)(gates + units, count));
    const SQ_VECTOR C_tilde = SQ_V(tanh)(SQ_V(load_up_to)(gates + 2 * units, count));
    const SQ_VECTOR o = SQ_V(sigmoid)(SQ_V(load_up_to)(gates + 3 * units, count));
    const SQ_VECTOR C_prev = SQ_V(load_up_to)(C_state, count);
    const SQ_VECTOR C_t = SQ_V(fma)(f, C_prev, SQ_V(mul)(i, C_tilde));
    SQ_V(store_up_to)(gates, i, count);
    SQ_V(store_up_to)(gates + units, f, count);
    SQ_V(store_up_to)(gates + 2 * units, C_tilde, count);
    SQ_V(store_up_to)(gates + 3 * units, o, count);
    SQ_V(store_up_to)(C, C_t, count);
    SQ_V(store_up_to)(C_state, C_t, count);
}

/* ... and h_t. In a loop of its own, so that no tanh waits for the one C_t it needs. */
static SQ_INLINE void SQ_V(lstm_h_at)(seqnn_size count, const seqnn_real *o,
                                      const seqnn_real *C, seqnn_real *tanh_C,
                                      seqnn_real *h, seqnn_real *h_state)
{
    const SQ_VECTOR tanh_C_t = SQ_V(tanh)(SQ_V(load_up_to)(C, count));
    const SQ_VECTOR h_t = SQ_V(mul)(SQ_V(load_up_to)(o, count), tanh_C_t);
    SQ_V(store_up_to)(tanh_C, tanh_C_t, count);
    SQ_V(store_up_to)(h, h_t, count);
    SQ_V(store_up_to)(h_state, h_t, count);
}

/* The gates and states of n sequences, from packed row `row` and position `begin` on. */
static SQ_TARGET void SQ_V(lstm_state)(const sq_sweep *sweep, seqnn_size row,
                                       seqnn_size begin, seqnn_size n)
{
    const seqnn_size units = sweep->units;
    for (seqnn_size k = 0; k < n; k++) {
        seqnn_real *gates = sweep->gates + (row + k) * 4 * units;
        const seqnn_real *o = gates + 3 * units;
        seqnn_real *C = sweep->C + (row + k) * units;
        seqnn_real *tanh_C = sweep->tanh_C + (row + k) * units;
        seqnn_real *h = sweep->h + (row + k) * units;
        seqnn_real *C_state = sweep->C_state + (begin + k) * units;
        seqnn_real *h_state = sweep->h_state + (begin + k) * units;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(lstm_C_at)(units, SQ_WIDTH, gates + j, C_state + j, C + j);
        if (j < units)
            SQ_V(lstm_C_at)(units, units - j, gates + j, C_state + j, C + j);
        for (j = 0; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(lstm_h_at)(SQ_WIDTH, o + j, C + j, tanh_C + j, h + j, h_state + j);
        if (j < units)
            SQ_V(lstm_h_at)(units - j, o + j, C + j, tanh_C + j, h + j, h_state + j);
    }
}

static SQ_TARGET void SQ_V(lstm_forward)(const sq_sweep *sweep, seqnn_size begin,
                                         seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        const seqnn_size n = sq_sweep_end(sweep, s, end) - begin;
        if (n <= 0)
            continue;
        const seqnn_size row = packing->offset[s] + begin;
        SQ_V(sweep_h_prev)(sweep, row, begin, n);
        sq_matmul_packed(n, 4 * units, units, sweep->h_prev + row * units, units,
                         sweep->workspace, true, sweep->gates + row * 4 * units,
                         4 * units);
        SQ_V(lstm_state)(sweep, row, begin, n);
    }
}

static SQ_INLINE void SQ_V(lstm_dz_at)(seqnn_size units, seqnn_size j, seqnn_size count,
                                       const seqnn_real *gates, const seqnn_real *tanh_C,
                                       const seqnn_real *C_prev, const seqnn_real *dh,
                                       seqnn_real *dC, seqnn_real *dz)
{
    const SQ_VECTOR one = SQ_V(set)(1);
    const SQ_VECTOR i = SQ_V(load_up_to)(gates + j, count);
    const SQ_VECTOR f = SQ_V(load_up_to)(gates + units + j, count);
    const SQ_VECTOR C_tilde = SQ_V(load_up_to)(gates + 2 * units + j, count);
    const SQ_VECTOR o = SQ_V(load_up_to)(gates + 3 * units + j, count);
    const SQ_VECTOR tanh_C_t = SQ_V(load_up_to)(tanh_C + j, count);
    const SQ_VECTOR dh_t = SQ_V(load_up_to)(dh + j, count);

    const SQ_VECTOR d_o = SQ_V(mul)(dh_t, tanh_C_t);
    const SQ_VECTOR slope = SQ_V(sub)(one, SQ_V(mul)(tanh_C_t, tanh_C_t));
    const SQ_VECTOR dC_t = SQ_V(fma)(SQ_V(mul)(dh_t, o), slope,
                                     SQ_V(load_up_to)(dC + j, count));
    const SQ_VECTOR d_i = SQ_V(mul)(dC_t, C_tilde);
    const SQ_VECTOR d_f = SQ_V(mul)(dC_t, SQ_V(load_up_to)(C_prev + j, count));
    const SQ_VECTOR d_C_tilde = SQ_V(mul)(dC_t, i);

    SQ_V(store_up_to)(dz + j, SQ_V(mul)(d_i, SQ_V(mul)(i, SQ_V(sub)(one, i))), count);
    SQ_V(store_up_to)
    (dz + units + j, SQ_V(mul)(d_f, SQ_V(mul)(f, SQ_V(sub)(one, f))), count);
    SQ_V(store_up_to)
    (dz + 2 * units + j,
     SQ_V(mul)(d_C_tilde, SQ_V(sub)(one, SQ_V(mul)(C_tilde, C_tilde))), count);
    SQ_V(store_up_to)
    (dz + 3 * units + j, SQ_V(mul)(d_o, SQ_V(mul)(o, SQ_V(sub)(one, o))), count);
    SQ_V(store_up_to)(dC + j, SQ_V(mul)(dC_t, f), count);
}

/* dz, and dC of the step before, of n sequences at step s. */
static SQ_TARGET void SQ_V(lstm_dz)(const sq_sweep *sweep, seqnn_size s, seqnn_size begin,
                                    seqnn_size n)
{
    const seqnn_size units = sweep->units;
    for (seqnn_size k = begin; k < begin + n; k++) {
        const seqnn_size row = sweep->packing->offset[s] + k;
        const seqnn_size before = sq_row_before(sweep, s, k);
        const seqnn_real *gates = sweep->gates + row * 4 * units;
        const seqnn_real *tanh_C = sweep->tanh_C + row * units;
        const seqnn_real *C_prev =
            before < 0 ? sweep->C_0 + k * units : sweep->C + before * units;
        const seqnn_real *dh = sweep->dh_state + k * units;
        seqnn_real *dC = sweep->dC_state + k * units;
        seqnn_real *dz = sweep->dgates + row * 4 * units;
        seqnn_size j = 0;
        for (; j + SQ_WIDTH <= units; j += SQ_WIDTH)
            SQ_V(lstm_dz_at)(units, j, SQ_WIDTH, gates, tanh_C, C_prev, dh, dC, dz);
        if (j < units)
            SQ_V(lstm_dz_at)(units, j, units - j, gates, tanh_C, C_prev, dh, dC, dz);
    }
}

static SQ_TARGET void SQ_V(lstm_backward)(const sq_sweep *sweep, seqnn_size begin,
                                          seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        const seqnn_size n = sq_sweep_end(sweep, s, end) - begin;
        if (n <= 0)
            continue;
        const seqnn_size row = packing->offset[s] + begin;
        SQ_V(sweep_dh)(sweep, row, begin, n);
        SQ_V(lstm_dz)(sweep, s, begin, n);
        sq_matmul_packed(n, units, 4 * units, sweep->dgates + row * 4 * units, 4 * units,
                         sweep->workspace, false, sweep->dh_state + begin * units, units);
        SQ_V(sweep_mask_dh)(sweep, begin, n);
    }
}
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 7
/* ----------------------------------------------------- layers/simple_rnn_kernels.inc */

/* The fast sweeps of the vanilla RNN, once for each instruction set. A step's rows of z
 * and h are contiguous: one loop over all their elements. */

/* g(z) */
static SQ_INLINE SQ_VECTOR SQ_V(simple_rnn_g)(seqnn_activation activation, SQ_VECTOR z)
{
    switch (activation) {
    case SEQNN_LINEAR:
        return z;
    case SEQNN_SIGMOID:
        return SQ_V(sigmoid)(z);
    case SEQNN_RELU:
        return SQ_V(max)(SQ_V(set)(0), z); /* NaN passes */
    default:
        return SQ_V(tanh)(z);
    }
}

/* dh g'(z), from h = g(z) */
static SQ_INLINE SQ_VECTOR SQ_V(simple_rnn_dz)(seqnn_activation activation, SQ_VECTOR h,
                                               SQ_VECTOR dh)
{
    const SQ_VECTOR zero = SQ_V(set)(0), one = SQ_V(set)(1);
    switch (activation) {
    case SEQNN_LINEAR:
        return dh;
    case SEQNN_SIGMOID:
        return SQ_V(mul)(dh, SQ_V(mul)(h, SQ_V(sub)(one, h)));
    case SEQNN_RELU:
        return SQ_V(select_less)(zero, h, dh, zero);
    default:
        return SQ_V(mul)(dh, SQ_V(sub)(one, SQ_V(mul)(h, h)));
    }
}

static SQ_INLINE void SQ_V(simple_rnn_h_loop)(seqnn_activation activation, seqnn_size n,
                                              const seqnn_real *z, seqnn_real *h,
                                              seqnn_real *h_state)
{
    for (seqnn_size i = 0; i < n; i += SQ_WIDTH) {
        const SQ_VECTOR h_i =
            SQ_V(simple_rnn_g)(activation, SQ_V(load_up_to)(z + i, n - i));
        SQ_V(store_up_to)(h + i, h_i, n - i);
        SQ_V(store_up_to)(h_state + i, h_i, n - i);
    }
}

static SQ_INLINE void SQ_V(simple_rnn_dz_loop)(seqnn_activation activation, seqnn_size n,
                                               const seqnn_real *h, const seqnn_real *dh,
                                               seqnn_real *dz)
{
    for (seqnn_size i = 0; i < n; i += SQ_WIDTH)
        SQ_V(store_up_to)
        (dz + i,
         SQ_V(simple_rnn_dz)(activation, SQ_V(load_up_to)(h + i, n - i),
                             SQ_V(load_up_to)(dh + i, n - i)),
         n - i);
}

/* The activation is a constant in every case, so that it is not asked for inside. */
static SQ_TARGET void SQ_V(simple_rnn_h)(seqnn_activation activation, seqnn_size n,
                                         const seqnn_real *z, seqnn_real *h,
                                         seqnn_real *h_state)
{
    switch (activation) {
    case SEQNN_LINEAR:
        SQ_V(simple_rnn_h_loop)(SEQNN_LINEAR, n, z, h, h_state);
        break;
    case SEQNN_SIGMOID:
        SQ_V(simple_rnn_h_loop)(SEQNN_SIGMOID, n, z, h, h_state);
        break;
    case SEQNN_RELU:
        SQ_V(simple_rnn_h_loop)(SEQNN_RELU, n, z, h, h_state);
        break;
    default:
        SQ_V(simple_rnn_h_loop)(SEQNN_TANH, n, z, h, h_state);
    }
}

static SQ_TARGET void SQ_V(simple_rnn_forward)(const sq_sweep *sweep, seqnn_size begin,
                                               seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        const seqnn_size n = sq_sweep_end(sweep, s, end) - begin;
        if (n <= 0)
            continue;
        const seqnn_size row = packing->offset[s] + begin, first = row * units;
        SQ_V(sweep_h_prev)(sweep, row, begin, n);
        sq_matmul_packed(n, units, units, sweep->h_prev + first, units, sweep->workspace,
                         true, sweep->gates + first, units);
        SQ_V(simple_rnn_h)
        (sweep->activation, n * units, sweep->gates + first, sweep->h + first,
         sweep->h_state + begin * units);
    }
}

static SQ_TARGET void SQ_V(simple_rnn_backward)(const sq_sweep *sweep, seqnn_size begin,
                                                seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    seqnn_real *dh = sweep->dh_state + begin * units;
    for (seqnn_size i = packing->steps - 1; i >= 0; i--) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        const seqnn_size n = sq_sweep_end(sweep, s, end) - begin;
        if (n <= 0)
            continue;
        const seqnn_size row = packing->offset[s] + begin;
        const seqnn_real *h = sweep->h + row * units;
        seqnn_real *dz = sweep->dgates + row * units;
        SQ_V(sweep_dh)(sweep, row, begin, n);
        SQ_V(simple_rnn_dz_loop)(sweep->activation, n * units, h, dh, dz);
        sq_matmul_packed(n, units, units, dz, units, sweep->workspace, false, dh, units);
        SQ_V(sweep_mask_dh)(sweep, begin, n);
    }
}
#endif

#if defined(SQ_PASTE) && SQ_PASTE == 8
/* ------------------------------------------------------- train/optimizer_kernels.inc */

/* The update equations of optimizer.h over the vocabulary of simd.h: one pass over memory
 * each. g is NULL where the gradient is known to be zero. */

static SQ_INLINE SQ_VECTOR SQ_V(update_read)(const seqnn_real *p, seqnn_size count)
{
    return count >= SQ_WIDTH ? SQ_V(load)(p) : SQ_V(load_part)(p, count);
}

static SQ_INLINE void SQ_V(update_write)(seqnn_real *p, SQ_VECTOR x, seqnn_size count)
{
    if (count >= SQ_WIDTH)
        SQ_V(store)(p, x);
    else
        SQ_V(store_part)(p, x, count);
}

/* g + l2 w */
static SQ_INLINE SQ_VECTOR SQ_V(update_gradient)(const sq_update *u, const seqnn_real *g,
                                                 SQ_VECTOR w, seqnn_size count)
{
    SQ_VECTOR x = g ? SQ_V(update_read)(g, count) : SQ_V(set)(0);
    return SQ_V(fma)(SQ_V(set)(u->l2), w, x);
}

/* old + (1 - keep) (x - old) */
static SQ_INLINE SQ_VECTOR SQ_V(update_average)(SQ_VECTOR old, SQ_VECTOR x,
                                                seqnn_real move)
{
    return SQ_V(fma)(SQ_V(set)(move), SQ_V(sub)(x, old), old);
}

static SQ_TARGET void SQ_V(update_sgd)(const sq_update *u, seqnn_size n, seqnn_real *w,
                                       const seqnn_real *g, seqnn_real *m, seqnn_real *v)
{
    const SQ_VECTOR rate = SQ_V(set)(u->rate), shrink = SQ_V(set)(u->shrink);
    const SQ_VECTOR momentum = SQ_V(set)(u->momentum), zero = SQ_V(set)(0);
    (void)v;
    for (seqnn_size i = 0; i < n; i += SQ_WIDTH) {
        SQ_VECTOR x = SQ_V(update_read)(w + i, n - i);
        SQ_VECTOR step = SQ_V(update_gradient)(u, g ? g + i : NULL, x, n - i);
        step = SQ_V(sub)(zero, SQ_V(mul)(rate, step));
        if (m) {
            SQ_VECTOR speed = SQ_V(fma)(momentum, SQ_V(update_read)(m + i, n - i), step);
            SQ_V(update_write)(m + i, speed, n - i);
            step = u->nesterov ? SQ_V(fma)(momentum, speed, step) : speed;
        }
        SQ_V(update_write)(w + i, SQ_V(fma)(shrink, x, step), n - i);
    }
}

static SQ_TARGET void SQ_V(update_rmsprop)(const sq_update *u, seqnn_size n,
                                           seqnn_real *w, const seqnn_real *g,
                                           seqnn_real *m, seqnn_real *v)
{
    const SQ_VECTOR rate = SQ_V(set)(u->rate), shrink = SQ_V(set)(u->shrink);
    const SQ_VECTOR momentum = SQ_V(set)(u->momentum);
    const SQ_VECTOR inside = SQ_V(set)(u->epsilon_inside);
    const SQ_VECTOR outside = SQ_V(set)(u->epsilon);
    for (seqnn_size i = 0; i < n; i += SQ_WIDTH) {
        SQ_VECTOR x = SQ_V(update_read)(w + i, n - i);
        SQ_VECTOR gradient = SQ_V(update_gradient)(u, g ? g + i : NULL, x, n - i);
        SQ_VECTOR square = SQ_V(update_average)(SQ_V(update_read)(v + i, n - i),
                                                SQ_V(mul)(gradient, gradient), u->move2);
        SQ_V(update_write)(v + i, square, n - i);
        SQ_VECTOR root = SQ_V(add)(SQ_V(sqrt)(SQ_V(add)(square, inside)), outside);
        SQ_VECTOR step = SQ_V(div)(SQ_V(mul)(rate, gradient), root);
        if (m) {
            step = SQ_V(fma)(momentum, SQ_V(update_read)(m + i, n - i), step);
            SQ_V(update_write)(m + i, step, n - i);
        }
        SQ_V(update_write)(w + i, SQ_V(sub)(SQ_V(mul)(shrink, x), step), n - i);
    }
}

static SQ_TARGET void SQ_V(update_adam)(const sq_update *u, seqnn_size n, seqnn_real *w,
                                        const seqnn_real *g, seqnn_real *m, seqnn_real *v)
{
    const SQ_VECTOR rate = SQ_V(set)(u->rate), shrink = SQ_V(set)(u->shrink);
    const SQ_VECTOR epsilon = SQ_V(set)(u->epsilon);
    for (seqnn_size i = 0; i < n; i += SQ_WIDTH) {
        SQ_VECTOR x = SQ_V(update_read)(w + i, n - i);
        SQ_VECTOR gradient = SQ_V(update_gradient)(u, g ? g + i : NULL, x, n - i);
        SQ_VECTOR mean =
            SQ_V(update_average)(SQ_V(update_read)(m + i, n - i), gradient, u->move1);
        SQ_VECTOR square = SQ_V(update_average)(SQ_V(update_read)(v + i, n - i),
                                                SQ_V(mul)(gradient, gradient), u->move2);
        SQ_V(update_write)(m + i, mean, n - i);
        SQ_V(update_write)(v + i, square, n - i);
        SQ_VECTOR step =
            SQ_V(div)(SQ_V(mul)(rate, mean), SQ_V(add)(SQ_V(sqrt)(square), epsilon));
        SQ_V(update_write)(w + i, SQ_V(sub)(SQ_V(mul)(shrink, x), step), n - i);
    }
}

static SQ_TARGET void SQ_V(update_adagrad)(const sq_update *u, seqnn_size n,
                                           seqnn_real *w, const seqnn_real *g,
                                           seqnn_real *m, seqnn_real *v)
{
    const SQ_VECTOR rate = SQ_V(set)(u->rate), shrink = SQ_V(set)(u->shrink);
    const SQ_VECTOR inside = SQ_V(set)(u->epsilon_inside);
    const SQ_VECTOR outside = SQ_V(set)(u->epsilon);
    (void)m;
    for (seqnn_size i = 0; i < n; i += SQ_WIDTH) {
        SQ_VECTOR x = SQ_V(update_read)(w + i, n - i);
        SQ_VECTOR gradient = SQ_V(update_gradient)(u, g ? g + i : NULL, x, n - i);
        SQ_VECTOR sum = SQ_V(fma)(gradient, gradient, SQ_V(update_read)(v + i, n - i));
        SQ_V(update_write)(v + i, sum, n - i);
        SQ_VECTOR root = SQ_V(add)(SQ_V(sqrt)(SQ_V(add)(sum, inside)), outside);
        SQ_VECTOR step = SQ_V(div)(SQ_V(mul)(rate, gradient), root);
        SQ_V(update_write)(w + i, SQ_V(sub)(SQ_V(mul)(shrink, x), step), n - i);
    }
}
#endif

/*
 * MIT License
 *
 * Copyright (c) 2026 the seqnn authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */
