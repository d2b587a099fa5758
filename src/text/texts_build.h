/* text/texts_build.h - how readers fill a list of texts (private) */
#ifndef SQ_TEXTS_BUILD_H
#define SQ_TEXTS_BUILD_H

#include "texts.h"
#include "words.h"

/* seqnn_texts_add of text[0..length). */
SQ_LOCAL seqnn_status sq_texts_add(seqnn_texts *texts, const char *text,
                                   seqnn_size length, const char *class_name,
                                   const char *id);

/* seqnn_texts_add_labels of text[0..length). */
SQ_LOCAL seqnn_status sq_texts_add_labels(seqnn_texts *texts, const char *text,
                                          seqnn_size length,
                                          const char *const *class_names,
                                          seqnn_size count, const char *id);

/* Adds text[0..length) with id, class or labels of text i of `like`, another list. */
SQ_LOCAL seqnn_status sq_texts_add_like(seqnn_texts *texts, const char *text,
                                        seqnn_size length, const seqnn_texts *like,
                                        seqnn_size i);

/* Gives a list without texts its classes beforehand, in this order. */
SQ_LOCAL seqnn_status sq_texts_set_classes(seqnn_texts *texts, const char *const *names,
                                           seqnn_size classes);

/* A number of at least 0 in digits, faster than snprintf: for ids. It stands in digits.
 */
enum { SQ_DECIMAL_SIZE = 24 };
SQ_LOCAL const char *sq_decimal(char digits[SQ_DECIMAL_SIZE], seqnn_size number);

/* Renumbers the classes in the byte order of their names. */
SQ_LOCAL seqnn_status sq_texts_sort_classes(seqnn_texts *texts);

#endif
