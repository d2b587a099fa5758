/* text/label_filter.h - the texts of the classes that matter */
#ifndef SEQNN_LABEL_FILTER_H
#define SEQNN_LABEL_FILTER_H

#include "texts.h"

typedef struct seqnn_label_filter_options {
    const char *prefix;   /* "cs.": classes whose name begins so; NULL: all */
    seqnn_size min_texts; /* then classes of at least so many texts; 0: all */
} seqnn_label_filter_options;

/* A new list of the texts, with the labels (or the class) that are kept, classes
 * in the byte order of their names. A text of which no label is left is dropped, one that
 * had none, too. Error: texts without classes, fewer than 0 texts, nothing left. */
SEQNN_API seqnn_texts *seqnn_filter_labels(const seqnn_texts *texts,
                                           seqnn_label_filter_options options);

#endif
