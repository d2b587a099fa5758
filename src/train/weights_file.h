/* train/weights_file.h - weights from and to PyTorch and Keras
 *
 * The other side's weights come as a safetensors file: of PyTorch a state_dict as
 * safetensors.torch.save_file writes it, of Keras the variables by their paths.
 * tools/convert_weights.py turns .pt, .pth, .keras and .h5 into such files and back.
 *
 *            PyTorch                               Keras                         here
 *   rnn      weight_ih_l0  [G u, in]               kernel            [in, G u]   W_x
 *   lstm     weight_hh_l0  [G u, u]                recurrent_kernel  [u, G u]    W_h
 *   gru      bias_ih_l0, bias_hh_l0  [G u] each    bias  [G u], or [2, 3u] of a  b, b_h
 *                                                  GRU with reset_after
 *   dense    weight  [out, in],  bias              kernel  [in, out],  bias      W, b
 *   embedding  weight  [words, features]           embeddings                    table
 *
 *   gates    LSTM i f g o; GRU r z n               i f c o; z r h       i f C~ o; z r h~
 *
 * Where PyTorch has two biases and we one, ours is their sum; it goes back as bias_ih
 * with a bias_hh of zeros. A GRU keeps both (SEQNN_RESET_AFTER_RECURRENT_BIAS, the
 * default). SEQNN_RESET_BEFORE is Keras' reset_after=False; PyTorch has no such GRU.
 * SEQNN_RESET_AFTER takes a second bias only if its part of h~ is zero.
 *
 * WHICH TENSOR IS WHOSE. A layer takes, in this order,
 *   - the tensor that the option names gives it: its W_x, W or table by the full name
 *     ("encoder.weight_ih_l1", "bidirectional/backward_lstm/lstm_cell/kernel"), to which
 *     its other tensors follow;
 *   - the tensor of its own name, if all layers find theirs: "<layer>.weight_ih_l0",
 *     "<layer>.weight", "<layer>/lstm_cell/kernel", "<layer>/kernel",
 *     "<layer>/embeddings"; of both halves of a bidirectional layer
 *     "<layer>.weight_ih_l0" and "..._reverse", "<layer>/forward_lstm/lstm_cell/kernel"
 *     and ".../backward_lstm/...". So they are exported;
 *   - the one that is left of its kind, shape and direction. Of several whose names
 *     differ in numbers only (l0 and l1, dense and dense_1) the lowest, layer by layer;
 *     of several others none: an error asks for names.
 * The order of tensors in the file means nothing: it is alphabetical.
 *
 * Exported tensors take the names of the layers, or of the option names. What the other
 * side is to load must be called as it calls it; W_x stands for a whole layer, both
 * directions of a bidirectional one:
 *
 *     seqnn_weight_name names[] = {{"embedding_1", "embedding.weight"},
 *                                  {"lstm_1", "rnn.weight_ih_l0"},
 *                                  {"dense_1", "fc.weight"}};
 *     seqnn_export_weights(model, "out.safetensors",
 *                          (seqnn_weights_options){
 *                              .framework = SEQNN_PYTORCH, .names = names, .name_count =
 * 3});
 */
#ifndef SEQNN_WEIGHTS_FILE_H
#define SEQNN_WEIGHTS_FILE_H

#include "model.h"

typedef enum seqnn_framework {
    SEQNN_FRAMEWORK_DEFAULT = 0, /* an error: name it */
    SEQNN_PYTORCH,
    SEQNN_KERAS
} seqnn_framework;

typedef struct seqnn_weight_name {
    const char *layer, *tensor;
} seqnn_weight_name;

typedef struct seqnn_weights_options {
    seqnn_framework framework;
    const seqnn_weight_name *names; /* [name_count] */
    seqnn_size name_count;
    bool partial; /* import: layers and tensors without a partner are passed by; without
                     it they are an error */
} seqnn_weights_options;

/* Sets the model's weights, or leaves them all as they are: an error names the layer, the
 * tensor, and what does not fit. */
SEQNN_API seqnn_status seqnn_import_weights(seqnn_model *model, const char *path,
                                            seqnn_weights_options options);

/* Writes them under their names in that framework, F32 (in a double build F64). */
SEQNN_API seqnn_status seqnn_export_weights(seqnn_model *model, const char *path,
                                            seqnn_weights_options options);

#endif
