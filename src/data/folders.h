/* data/folders.h - data sets of one folder per class, one file per document (private) */
#ifndef SQ_FOLDERS_H
#define SQ_FOLDERS_H

#include "files.h"
#include "texts_build.h"

typedef struct sq_document {
    const char *class_name, *id;
    const char *bytes; /* the file, with a NUL behind it */
    seqnn_size length;
    char *utf8; /* room for 2 length bytes */
} sq_document;

typedef seqnn_status (*sq_add_document)(seqnn_texts *texts, const sq_document *document);

/* Calls add for every file folder/<name>, names in byte order; the id is prefix +
 * "class_name/<name>". */
SQ_LOCAL seqnn_status sq_read_class_folder(seqnn_texts *texts, const char *folder,
                                           const char *class_name, const char *prefix,
                                           sq_add_document add);

/* Calls add for every file folder/<class>/<name>, classes and names in byte order; the id
 * is prefix + "<class>/<name>". Files beside the class folders are left out. Error: no
 * class folder, no document, or what a file or add reports. */
SQ_LOCAL seqnn_status sq_read_class_folders(seqnn_texts *texts, const char *folder,
                                            const char *prefix, sq_add_document add);

#endif
