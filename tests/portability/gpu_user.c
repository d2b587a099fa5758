/* A C program whose functions are in another file, compiled by nvcc: it trains where there
 * is something to train on, and says where. */
#include "seqnn.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    static const int32_t words[8 * 3] = {1, 2, 3, 4, 5, 1, 2, 2, 4, 5, 3, 1,
                                         5, 5, 4, 3, 2, 1, 1, 3, 5, 2, 4, 5};
    static const int32_t classes[8] = {0, 1, 0, 1, 1, 0, 0, 1};
    seqnn_dataset data;
    seqnn_embedding_options table;
    seqnn_lstm_options lstm;
    seqnn_dense_options dense;
    seqnn_fit_options fit;
    memset(&data, 0, sizeof data);
    memset(&table, 0, sizeof table);
    memset(&lstm, 0, sizeof lstm);
    memset(&dense, 0, sizeof dense);
    memset(&fit, 0, sizeof fit);
    data.count = 8;
    data.x[0].indices = words;
    data.x[0].time = 3;
    data.y.indices = classes;
    data.classes = 2;
    dense.activation = SEQNN_SOFTMAX;
    fit.epochs = 60;
    fit.optimizer = seqnn_adam((seqnn_real)0.05);

    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, 6, 4, table);
    seqnn_lstm(model, 8, lstm);
    seqnn_dense(model, 2, dense);
    seqnn_history history = seqnn_fit(model, &data, fit);
    if (history.status) {
        printf("%s\n", seqnn_error());
        return 1;
    }
    printf("loss %.4f after %.4f on %s\n", (double)history.loss[59], (double)history.loss[0],
           seqnn_device_name(model));
    const bool learnt = history.loss[59] < history.loss[0] / 5;
    seqnn_free(model);
    return learnt ? 0 : 1;
}
