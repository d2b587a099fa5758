/* train/model_file.h - a trained model in a file, and back
 *
 *     seqnn_encode_options encoding = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
 *     encoding.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
 *     seqnn_dataset *data = seqnn_encode(titles, encoding);
 *     ... build and train a model on data ...
 *     seqnn_save(model, "titles.safetensors",
 *                (seqnn_save_options){.encoding = &encoding, .data = data});
 *
 * and in another program, which knows nothing of the first:
 *
 *     seqnn_model *model = seqnn_load("titles.safetensors");
 *     seqnn_encoding *encoding = seqnn_load_encoding("titles.safetensors");
 *     seqnn_dataset *data = seqnn_encode(new_titles, encoding->options);
 *     seqnn_tensor p = seqnn_predict(model, data, (seqnn_predict_options){0});
 *     ... p.data[i * encoding->classes + k] is the probability of class_names[k] ...
 *
 * The file is a safetensors file (safetensors.h), which Python's package of that name
 * opens: every parameter is a tensor [rows, columns] named "<layer>.<parameter>"
 * ("lstm_1.W_x"), F32 or in a double build F64; the tokenizer is the U8 tensor
 * "tokenizer"; the metadata has "seqnn", one JSON text with all layers and their options,
 * and "seqnn_checksum". It is written whole or not at all: a failure, or a lost process,
 * leaves the old file as it was.
 *
 * What is kept: layers, options, names, connections, which parameters are frozen, the
 * seed, the weights. What is not: the optimiser's and the layers' states (checkpoint.h
 * keeps those to go on training).
 *
 * Loading believes nothing: a file that is cut or whose checksum is wrong, a layer or
 * option that is not known, a tensor that is missing or has another shape than its layer:
 * NULL, and the error names file and reason. Nothing is allocated for an architecture
 * larger than the tensors in the file. A file whose tensors were edited in Python is
 * saved there without "seqnn_checksum"; then there is none to compare. Other tensors are
 * passed by. A file of floats loads into a double build and the reverse, converted.
 */
#ifndef SEQNN_MODEL_FILE_H
#define SEQNN_MODEL_FILE_H

#include "encode.h"
#include "model.h"

typedef struct seqnn_save_options {
    /* How its texts were encoded: with the tokenizer, stop words and all. */
    const seqnn_encode_options *encoding;
    const seqnn_tokenizer *tokenizer; /* default: encoding's */
    const seqnn_dataset *data; /* the class names, and the length if encoding has none */
} seqnn_save_options;

/* Error: a model in error, an option that is not a finite number, a name that is not
 * UTF-8, a file that cannot be written. */
SEQNN_API seqnn_status seqnn_save(seqnn_model *model, const char *path,
                                  seqnn_save_options options);

/* The model with its weights, the caller's to seqnn_free. */
SEQNN_API seqnn_model *seqnn_load(const char *path);

/* The tokenizer, the caller's to seqnn_tokenizer_free; an error if none was saved. */
SEQNN_API seqnn_tokenizer *seqnn_load_tokenizer(const char *path);

/* All that was saved beside the model. */
typedef struct seqnn_encoding {
    seqnn_encode_options options; /* for seqnn_encode; tokenizer NULL if none was saved */
    seqnn_size classes;
    const char *const *class_names; /* [classes]; NULL if none were saved */
} seqnn_encoding;

/* It owns its tokenizer and names; seqnn_encoding_free takes NULL. */
SEQNN_API seqnn_encoding *seqnn_load_encoding(const char *path);
SEQNN_API void seqnn_encoding_free(seqnn_encoding *encoding);

#endif
