/* text/texts.h - a list of texts, each with its class or labels and a name of its own */
#ifndef SEQNN_TEXTS_H
#define SEQNN_TEXTS_H

#include "config.h"
#include "error.h"

/* Read it freely, change it by the functions below. All memory belongs to it. */
typedef struct seqnn_texts {
    seqnn_size count;
    const char *const *text;        /* [count], UTF-8 */
    const char *const *id;          /* [count], unique: a line number, a path, ... */
    const int32_t *label;           /* [count], the class; NULL if the texts have none */
    const seqnn_size *labels_begin; /* [count + 1]; of a multi-label list, else NULL: */
    const int32_t *labels; /* text i has labels[labels_begin[i]] .. [.. [i + 1] - 1] */
    seqnn_size classes;    /* of label or labels; 0 if there is none */
    const char *const *class_names; /* [classes] */
} seqnn_texts;

/* An empty list. */
SEQNN_API seqnn_texts *seqnn_texts_new(void);

/* Adds a copy of one text. class_name is NULL for texts without classes (all of them or
 * none); classes are numbered in the order of their first text, readers number them in
 * the byte order of their names. id NULL: the number of the text. */
SEQNN_API seqnn_status seqnn_texts_add(seqnn_texts *texts, const char *text,
                                       const char *class_name, const char *id);

/* The same for a multi-label list: class_names[0..count) in the order they are given, a
 * name that comes twice once. A text may have no label. All texts of a list are added by
 * the same one of the two functions. */
SEQNN_API seqnn_status seqnn_texts_add_labels(seqnn_texts *texts, const char *text,
                                              const char *const *class_names,
                                              seqnn_size count, const char *id);

/* The texts rows[0..count), copied in that order into a new list of the same classes.
 * NULL with the error set: a row that texts does not have, a negative count, no memory.
 */
SEQNN_API seqnn_texts *seqnn_texts_take(const seqnn_texts *texts, const int32_t *rows,
                                        seqnn_size count);

SEQNN_API void seqnn_texts_free(seqnn_texts *texts);

#endif
