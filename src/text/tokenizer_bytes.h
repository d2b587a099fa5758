/* text/tokenizer_bytes.h - a tokenizer as bytes, for model files (private)
 *
 * Strings with a NUL behind each: "seqnn tokenizer 1"; its options as pairs of name and
 * value ("num_words", "20000", "oov_token", "<unk>", ...) up to an empty name; the words
 * by first appearance as pairs of word and count, up to the end.
 */
#ifndef SQ_TOKENIZER_BYTES_H
#define SQ_TOKENIZER_BYTES_H

#include "private.h"
#include "tokenizer.h"

/* *bytes is the caller's to sq_free; NULL on error. */
SQ_LOCAL seqnn_status sq_tokenizer_write(const seqnn_tokenizer *tokenizer, char **bytes,
                                         seqnn_size *count);
/* NULL with the error set if bytes[0..count) are no tokenizer. */
SQ_LOCAL seqnn_tokenizer *sq_tokenizer_parse(const char *bytes, seqnn_size count);

#endif
