/* A small program, as a student writes it: header.py times the compiler on it. */
#define SEQNN_IMPLEMENTATION
#include "../seqnn.h"

#include <stdio.h>

enum { TEXTS = 64, TIME = 12, VOCABULARY = 100, CLASSES = 5 };

int main(void)
{
    static int32_t words[TEXTS * TIME], classes[TEXTS];
    for (int i = 0; i < TEXTS * TIME; i++) {
        words[i] = (i * 31 + i / TIME) % VOCABULARY;
    }
    for (int i = 0; i < TEXTS; i++) {
        classes[i] = i % CLASSES;
    }
    seqnn_dataset data = {.count = TEXTS,
                          .x[0] = {.indices = words, .time = TIME},
                          .y = {.indices = classes},
                          .vocabulary = VOCABULARY,
                          .classes = CLASSES};
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, VOCABULARY, 32, (seqnn_embedding_options){.time = TIME});
    seqnn_lstm(model, 32, (seqnn_lstm_options){0});
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    const seqnn_history history =
        seqnn_fit(model, &data, (seqnn_fit_options){.epochs = 3});
    if (history.status != SEQNN_OK) {
        fprintf(stderr, "%s\n", seqnn_error());
        return 1;
    }
    printf("loss %.4f\n", (double)history.loss[history.epochs - 1]);
    seqnn_free(model);
    return 0;
}
