/* data/string_list.h - the labels of a text, written as one string (private) */
#ifndef SQ_STRING_LIST_H
#define SQ_STRING_LIST_H

#include "memory.h"

/* All zero: an empty list. It may be filled again and keeps its memory. */
typedef struct sq_string_list {
    const char **item; /* [count], each with a NUL behind it */
    seqnn_size count, capacity;
    char *bytes;
    seqnn_size byte_capacity;
} sq_string_list;

SQ_LOCAL void sq_string_list_free(sq_string_list *list);

/* What stands between the blanks, tabs and line breaks of text[0..length). */
SQ_LOCAL seqnn_status sq_string_list_split(sq_string_list *list, const char *text,
                                           seqnn_size length);

/* Appends one string to the list; it must outlive it. */
SQ_LOCAL seqnn_status sq_string_list_add(sq_string_list *list, const char *item);

/* Python's way to write a list of strings: ['cs.CV', "it's"]. Both quotation marks and
 * all escapes but \N{...} are known, an unknown one stands for itself; strings side by
 * side are one string, a comma may end the list. What else Python takes for a list
 * (prefixes, triple quotation marks, comments, numbers, lists in lists), half a surrogate
 * pair and a NUL are errors, which name the file and line given. */
SQ_LOCAL seqnn_status sq_string_list_python(sq_string_list *list, const char *path,
                                            seqnn_size line, const char *text,
                                            seqnn_size length);

#endif
