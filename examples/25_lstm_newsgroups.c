/* 25 - An LSTM reads newsgroup posts
 *
 *   cc -O3 -march=native -fopenmp examples/25_lstm_newsgroups.c -o 25 -lm && ./25
 *
 * Prints the model and the accuracy epoch by epoch, for padding in front of the words
 * ("pre", the default), behind them ("post"), or behind them and masked ("mask"). Draws
 * the loss and accuracy as 25_pre.png, 25_post.png or 25_mask.png.
 *
 * Behind the words and not masked, the padding comes last: a short post has to be carried
 * through a hundred zeros before its class is asked for.
 */
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h"

static seqnn_model *lstm(const newsgroups *set, uint64_t seed, bool mask)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(
        model, set->data->vocabulary, VECTOR,
        (seqnn_embedding_options){.vectors = set->vectors, .mask_zero = mask});
    seqnn_lstm(model, 64, (seqnn_lstm_options){0});
    seqnn_dropout(model, 0.2f, (seqnn_dropout_options){0});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dropout(model, 0.2f, (seqnn_dropout_options){0});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static seqnn_model *unmasked(const newsgroups *set, uint64_t seed)
{
    return lstm(set, seed, false);
}

static seqnn_model *masked(const newsgroups *set, uint64_t seed)
{
    return lstm(set, seed, true);
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, "pre|post|mask");
    const char *padding = options.variant ? options.variant : "pre";
    bool mask = strcmp(padding, "mask") == 0, pre = strcmp(padding, "pre") == 0;
    char title[64], picture[64];
    snprintf(title, sizeof title, "lstm, padding %s%s", pre ? "pre" : "post",
             mask ? ", mask" : "");
    snprintf(picture, sizeof picture, "25_%s.png", padding);
    newsgroups set;
    int status = newsgroups_load(&set, &options, pre ? SEQNN_PRE : SEQNN_POST);
    if (!status)
        status =
            newsgroups_train(&set, title, picture, mask ? masked : unmasked, &options);
    newsgroups_free(&set);
    return status;
}
