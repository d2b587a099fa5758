/* data/find.h - where the data lies */
#ifndef SEQNN_FIND_H
#define SEQNN_FIND_H

#include "config.h"
#include "error.h"

enum { SEQNN_PATH_SIZE = 4096 };

/* The path of a file or folder of the course's data, written to path: the first of
 *
 *     directory/name             if directory is not NULL (an example's --data DIR)
 *     $SEQNN_DATA/name           if the variable is set
 *     datasets/cache/name        what `make datasets` and `make unpack` put there
 *     datasets/name              the small sets that come with the library
 *
 * that exists. name may list alternatives, tried in each place in turn, and a folder may
 * be asked for by something it must hold, in brackets:
 *
 *     seqnn_find_data(path, dir, "wordvec/glove.6B.100d.txt|wordvec/vectors.100d.txt");
 *     seqnn_find_data(path, dir, "20news[20news-bydate-train]");
 *
 * Returns path, or NULL with the places in the error. All readers may be given that NULL:
 * they return NULL, too, and the error stands. */
SEQNN_API const char *seqnn_find_data(char path[SEQNN_PATH_SIZE], const char *directory,
                                      const char *name);

#endif
