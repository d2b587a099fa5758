/* text/tokenizer_lookup.h - looking words up without a NUL behind them (private) */
#ifndef SQ_TOKENIZER_LOOKUP_H
#define SQ_TOKENIZER_LOOKUP_H

#include "private.h"
#include "tokenizer.h"

/* seqnn_tokenizer_index of word[0..size). */
SQ_LOCAL int32_t sq_tokenizer_number(const seqnn_tokenizer *tokenizer, const char *word,
                                     seqnn_size size);

#endif
