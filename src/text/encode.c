#include "encode.h"
#include "sequences_build.h"

static seqnn_token_sequences *sq_encode_sequences(const seqnn_texts *texts,
                                                  seqnn_tokenizer *tokenizer)
{
    if (seqnn_tokenizer_words(tokenizer) == 0 &&
        seqnn_tokenizer_fit(tokenizer, texts->text, texts->count) != SEQNN_OK)
        return NULL;
    return seqnn_tokenizer_sequences(tokenizer, texts->text, texts->count);
}

/* The labels of text i as ones in row[0..classes), which holds zeros. */
static void sq_mark_labels(const seqnn_texts *texts, seqnn_size i, seqnn_real *row)
{
    for (seqnn_size k = texts->labels_begin[i]; k < texts->labels_begin[i + 1]; k++)
        row[texts->labels[k]] = 1;
}

/* Sequences and classes in one data set. */
static seqnn_dataset *sq_encode_dataset(const seqnn_texts *texts,
                                        const seqnn_token_sequences *sequences,
                                        seqnn_size vocabulary,
                                        seqnn_encode_options options)
{
    static const seqnn_real some = 0; /* only the shape is asked of `like` */
    const bool several = texts->labels_begin && texts->classes > 0;
    seqnn_pad_options pad = {options.padding, options.truncating, options.length};
    seqnn_n_hot_options n_hot = {options.n_hot, NULL};
    seqnn_dataset like;
    memset(&like, 0, sizeof like);
    like.vocabulary = vocabulary;
    like.classes = texts->classes;
    like.class_names = texts->class_names;
    like.y.indices = texts->label;
    like.y.values = several ? &some : NULL;
    like.y.features = several ? texts->classes : 0;
    seqnn_dataset *data = options.n_hot != SEQNN_N_HOT_DEFAULT
                              ? sq_n_hot(sequences, vocabulary, n_hot, like)
                              : sq_pad_sequences(sequences, pad, like);
    for (seqnn_size i = 0; data && i < texts->count; i++) {
        if (texts->label)
            ((int32_t *)data->y.indices)[i] = texts->label[i];
        if (several)
            sq_mark_labels(texts, i, (seqnn_real *)data->y.values + i * texts->classes);
    }
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
    seqnn_clean_options clean = {options.cleaning,   options.stop_words,
                                 options.min_length, options.lemmas,
                                 options.stems,      options.keep_equations};
    if (options.keep_equations && !options.filters)
        options.filters = "";
    seqnn_tokenizer_options own = {options.num_words, options.oov_token, options.filters,
                                   options.keep_case, false};
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
                                 seqnn_tokenizer_vocabulary(tokenizer), options);
    seqnn_token_sequences_free(sequences);
    seqnn_texts_free(cleaned);
    if (!options.tokenizer)
        seqnn_tokenizer_free(tokenizer);
    return data;
}
