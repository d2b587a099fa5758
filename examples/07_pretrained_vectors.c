/* 07 - Pretrained word vectors: a dense classifier of newsgroup posts
 *
 *   cc -O3 -march=native -fopenmp examples/07_pretrained_vectors.c -o 07 -lm && ./07
 *
 * Prints how many of the words the vector file knows, the model, and the accuracy epoch
 * by epoch: with the table trained on ("trainable", the default) or left as it came
 * ("frozen"). Draws the loss and accuracy
 * as 07_trainable.png or 07_frozen.png.
 *
 * An embedding is a table look-up: word 17 is row 17. Flattened, 150 words of 100 numbers
 * are one vector of 15,000, and a word means something else at every place: no weight is
 * shared between positions. Compare 25, where an LSTM shares them.
 */
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h"

static seqnn_model *dense(const newsgroups *set, uint64_t seed, bool frozen)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, set->data->vocabulary, VECTOR,
                    (seqnn_embedding_options){
                        .vectors = set->vectors, .time = LENGTH, .frozen = frozen});
    seqnn_flatten(model, (seqnn_pooling_options){0});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = SEQNN_RELU});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static seqnn_model *trainable(const newsgroups *set, uint64_t seed)
{
    return dense(set, seed, false);
}

static seqnn_model *frozen(const newsgroups *set, uint64_t seed)
{
    return dense(set, seed, true);
}

int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, "trainable|frozen");
    bool freeze = options.variant && strcmp(options.variant, "frozen") == 0;
    newsgroups set;
    int status = newsgroups_load(&set, &options, SEQNN_PRE);
    if (!status)
        status = freeze ? newsgroups_train(&set, "dense, frozen table", "07_frozen.png",
                                           frozen, &options)
                        : newsgroups_train(&set, "dense, trainable table",
                                           "07_trainable.png", trainable, &options);
    newsgroups_free(&set);
    return status;
}
