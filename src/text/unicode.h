/* text/unicode.h - the little of Unicode that cleaning and readers need (private) */
#ifndef SQ_UNICODE_H
#define SQ_UNICODE_H

#include "private.h"

/* Bytes of the UTF-8 character at text (length > 0), its code point in *point; a byte
 * that belongs to no valid character counts as one of its own, *point = -1. */
SQ_LOCAL seqnn_size sq_utf8_next(const char *text, seqnn_size length, int32_t *point);

/* A code point (at most U+10FFFF, no half of a surrogate pair) as UTF-8 into out; how
 * many bytes were written, up to 4. */
SQ_LOCAL seqnn_size sq_utf8_write(int32_t point, char *out);

/* What Python's str.split() splits at. */
SQ_LOCAL bool sq_is_space(int32_t point);

/* Lower-cases A-Z and the letters of the Latin-1 supplement (U+00C0 to U+00DE), in
 * place: their UTF-8 keeps its length. Other letters stay as they are. */
SQ_LOCAL void sq_lower(char *text, seqnn_size length);

/* Latin-1 bytes as UTF-8 into out (room for 2 length bytes); how many were written.
 * With keep_utf8, valid UTF-8 is copied and only the other bytes are taken as Latin-1. */
SQ_LOCAL seqnn_size sq_latin1_to_utf8(const char *bytes, seqnn_size length,
                                      bool keep_utf8, char *out);

#endif
