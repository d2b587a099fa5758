/* max_len: 4096 */
#include "embedding.h"
#include "dense.h"
#include "gru.h"
#include "lstm.h"
#include "weights_file.h"
#include "fuzz.h"

/* One of each; the shapes are those of the seeds. */
static seqnn_model *taker(void)
{
    seqnn_recurrent_options gru, lstm;
    seqnn_embedding_options embedding;
    seqnn_dense_options dense;
    memset(&gru, 0, sizeof gru);
    memset(&embedding, 0, sizeof embedding);
    memset(&dense, 0, sizeof dense);
    gru.return_sequences = true;
    lstm = gru;
    lstm.bidirectional = SEQNN_SUM;
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, 11, 4, embedding);
    seqnn_gru(model, 5, gru);
    seqnn_layer *input = seqnn_model_layer_at(model, 0);
    gru.reset = SEQNN_RESET_AFTER;
    gru.input = lstm.input = input;
    seqnn_gru(model, 5, gru);
    seqnn_lstm(model, 5, lstm);
    seqnn_dense(model, 3, dense);
    return model;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static seqnn_model *model;
    const char *path = fuzz_file(bytes, count);
    if (!model)
        model = taker();
    for (int i = 0; i < 4; i++) {
        seqnn_weights_options options;
        memset(&options, 0, sizeof options);
        options.framework = i % 2 ? SEQNN_PYTORCH : SEQNN_KERAS;
        options.partial = i < 2;
        fuzz_outcome(seqnn_import_weights(model, path, options) == SEQNN_OK);
        fuzz_must(seqnn_ok(model), "the model is in error");
    }
    return 0;
}
