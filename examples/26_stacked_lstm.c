/* 26 - Two LSTMs on top of each other, with recurrent dropout
 *
 *   cc -O3 -march=native -fopenmp examples/26_stacked_lstm.c -o 26 -lm && ./26
 *
 * Prints the model and the accuracy epoch by epoch. Draws the loss and accuracy as
 * 26_stacked_lstm.png.
 *
 * The first LSTM hands on all its states (return_sequences), so that the second has a
 * sequence to read. Recurrent dropout drops the same units of h_(t-1) at every step of a
 * sequence.
 */
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h"

static seqnn_model *stack(const newsgroups *set, uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, set->data->vocabulary, VECTOR,
                    (seqnn_embedding_options){.vectors = set->vectors});
    seqnn_lstm(model, 32,
               (seqnn_lstm_options){.return_sequences = true, .recurrent_dropout = 0.4f});
    seqnn_lstm(model, 64, (seqnn_lstm_options){.recurrent_dropout = 0.1f});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL);
    newsgroups set;
    int status = newsgroups_load(&set, &options, SEQNN_PRE);
    if (!status)
        status = newsgroups_train(&set, "stacked lstm", "26_stacked_lstm.png", stack,
                                  &options);
    newsgroups_free(&set);
    return status;
}
