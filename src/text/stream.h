/* text/stream.h - one long text for a language model: each step is to guess the next word
 *
 *     seqnn_tokenizer_options characters = {.char_level = true, .keep_case = true};
 *     seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(characters);
 *     seqnn_texts *book = seqnn_read_text("datasets/charlm/stories.txt");
 *     seqnn_dataset *data = seqnn_encode_stream(book->text[0], tokenizer, 100, options);
 *     ...
 *     printf("%s", seqnn_tokenizer_word(tokenizer, next)); // a guess as text again
 */
#ifndef SEQNN_STREAM_H
#define SEQNN_STREAM_H

#include "tokenizer.h"

typedef struct seqnn_stream_options {
    /* 0: every row is a window of its own, the next one begins `stride` steps later (0:
     * time, so that no word is in two rows). */
    seqnn_size stride;
    /* > 0, for stateful layers: the text is cut into batch_size streams of equal length,
     * and row i of each batch goes on where row i of the batch before it stopped. Take
     * batches of this size in the order of the data, not shuffled. */
    seqnn_size batch_size;
    /* The part of the text between these shares of its words, the rest being left out: to
     * 0.9 to train on, from 0.9 to validate (0 <= from < to <= 1). Parts that meet have
     * no word in common. 0: the beginning, the end. */
    double from, to;
} seqnn_stream_options;

/* The words of the text, or its characters if the tokenizer is one of characters, as
 * x[0].indices [count, time] and y.indices [count, time]: y is the word behind that of x.
 * vocabulary and classes are the tokenizer's. A tokenizer that has seen no text is fitted
 * on this one; words unknown to it are its oov_token, or left out. What does not fill the
 * last row (the last rows of all streams) is left out. Error: time below 1, a stride with
 * a batch_size, shares out of their range, a text too short for one row (for one batch);
 * it says how long it is. */
SEQNN_API seqnn_dataset *seqnn_encode_stream(const char *text, seqnn_tokenizer *tokenizer,
                                             seqnn_size time,
                                             seqnn_stream_options options);

#endif
