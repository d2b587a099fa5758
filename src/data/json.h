/* data/json.h - reading and writing JSON (private; RFC 8259)
 *
 * A document becomes one array of values, parents before children. Strings are decoded to
 * UTF-8; numbers are read in any locale. What the standard leaves open, and what is done:
 * depth is limited to 64, so that no document can exhaust the stack; a key that comes
 * twice, U+0000 in a string, half of a surrogate pair, bytes that are not UTF-8, a
 * byte-order mark, a number of more than 500 characters or beyond double are errors.
 */
#ifndef SQ_JSON_H
#define SQ_JSON_H

#include "memory.h"

typedef enum sq_json_kind {
    SQ_JSON_NULL,
    SQ_JSON_FALSE,
    SQ_JSON_TRUE,
    SQ_JSON_NUMBER,
    SQ_JSON_STRING,
    SQ_JSON_ARRAY,
    SQ_JSON_OBJECT
} sq_json_kind;

typedef struct sq_json_value {
    sq_json_kind kind;
    const char *key;   /* of a member, decoded, with a NUL behind it; else NULL */
    const char *text;  /* string: decoded; number: as written; a NUL behind both */
    seqnn_size length; /* of text */
    double number;
    seqnn_size count;                         /* elements or members */
    const struct sq_json_value *first, *next; /* child; sibling */
} sq_json_value;

typedef struct sq_json {
    sq_json_value *value; /* [count]; value[0] is the document */
    seqnn_size count, capacity;
    char *strings;
    seqnn_size strings_capacity;
} sq_json;

/* Parses text[0..length) whole. what names it in messages: "what: byte 17: ...", counted
 * from 0. Begin with a zeroed sq_json and free it in any case; it may be parsed into
 * again and keeps its memory. On an error it holds no value. */
SQ_LOCAL seqnn_status sq_json_parse(sq_json *json, const char *what, const char *text,
                                    seqnn_size length);
SQ_LOCAL void sq_json_free(sq_json *json);

/* The member of this name; NULL if value is NULL, no object, or has none. */
SQ_LOCAL const sq_json_value *sq_json_member(const sq_json_value *value, const char *key);
/* Its value as a whole number in [0, limit]; -1 if it is none (or value is NULL). */
SQ_LOCAL seqnn_size sq_json_size(const sq_json_value *value, seqnn_size limit);
/* Its text if it is a string, else NULL. */
SQ_LOCAL const char *sq_json_string(const sq_json_value *value);

/* ---- text that grows ---- */

typedef struct sq_buffer {
    char *text; /* [length], a NUL behind it */
    seqnn_size length, capacity;
    seqnn_status status; /* sticky */
} sq_buffer;

SQ_LOCAL void sq_buffer_bytes(sq_buffer *buffer, const char *bytes, seqnn_size count);
SQ_LOCAL void sq_buffer_text(sq_buffer *buffer, const char *text);
SQ_LOCAL void sq_buffer_integer(sq_buffer *buffer, int64_t number);
/* The shortest decimal that reads back as the same double, in any locale. Error: NaN and
 * infinity, which JSON does not have. */
SQ_LOCAL void sq_buffer_number(sq_buffer *buffer, double number);
/* ... as the same seqnn_real, when value->number is converted to it. */
SQ_LOCAL void sq_buffer_real(sq_buffer *buffer, seqnn_real number);
/* "text" in quotes, escaped. Error: text that is not UTF-8. */
SQ_LOCAL void sq_buffer_string(sq_buffer *buffer, const char *text);
SQ_LOCAL void sq_buffer_free(sq_buffer *buffer);

#endif
