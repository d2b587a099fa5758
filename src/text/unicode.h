/* text/unicode.h - the little of Unicode that cleaning and readers need (private) */
#ifndef SQ_UNICODE_H
#define SQ_UNICODE_H

#include "private.h"

/* Bytes of the UTF-8 character at text (length > 0), its code point in *point; a byte
 * that belongs to no valid character counts as one of its own, *point = -1. */
SQ_LOCAL seqnn_size sq_utf8_next(const char *text, seqnn_size length, int32_t *point);

/* The same, quick where a text is ASCII. */
static inline seqnn_size sq_utf8_step(const char *text, seqnn_size length, int32_t *point)
{
    if ((unsigned char)*text >= 0x80)
        return sq_utf8_next(text, length, point);
    *point = (unsigned char)*text;
    return 1;
}

/* A code point (at most U+10FFFF, no half of a surrogate pair) as UTF-8 into out; how
 * many bytes were written, up to 4. */
SQ_LOCAL seqnn_size sq_utf8_write(int32_t point, char *out);

/* What Python's str.split() splits at. */
SQ_LOCAL bool sq_is_space(int32_t point);

/* text[0..length) in lower case into out, which has room for length + length / 2 bytes
 * and is not text; how many were written. Every character of Unicode's simple case
 * mapping becomes its lower-case one, bytes that are no UTF-8 stay as they are. Python's
 * str.lower() differs at two letters: U+0130, here "i", becomes "i" and U+0307 there, and
 * a sigma that ends a word, here U+03C3, becomes U+03C2. */
SQ_LOCAL seqnn_size sq_lower(const char *text, seqnn_size length, char *out);

/* Latin-1 bytes as UTF-8 into out (room for 2 length bytes); how many were written.
 * With keep_utf8, valid UTF-8 is copied and only the other bytes are taken as Latin-1. */
SQ_LOCAL seqnn_size sq_latin1_to_utf8(const char *bytes, seqnn_size length,
                                      bool keep_utf8, char *out);

/* The same from Windows-1252, which has quotation marks, dashes and the euro sign where
 * Latin-1 has control characters (80 to 9F; the five bytes it leaves open stay controls);
 * room for 3 length bytes. */
SQ_LOCAL seqnn_size sq_windows1252_to_utf8(const char *bytes, seqnn_size length,
                                           bool keep_utf8, char *out);

#endif
