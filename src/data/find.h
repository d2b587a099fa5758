/* data/find.h - where the data lies, and what all its readers have in common
 *
 * A reader of text leaves out a byte-order mark (EF BB BF) and opens gzip-compressed
 * files, if compiled with SEQNN_USE_ZLIB. A line ends with LF or CR LF; a document of a
 * folder keeps its line ends. What happens to bytes that are not UTF-8 is said with each
 * reader. Numbers have a decimal point in any locale. Errors name the file and, where
 * there is one, the line:
 *
 *   - a file that is not there, is a folder, or is cut off or damaged as gzip;
 *   - a file with nothing in it; a document of a folder may be empty;
 *   - a NUL byte, a line or table row of more than 64 MiB, a document of more than 1 GiB.
 */
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
 * Returns path, or NULL with the places in the error; NULL as well if directory is not a
 * folder, since a slip of the pen would go unnoticed otherwise. All readers may be given
 * that NULL: they return NULL, too, and the error stands. */
SEQNN_API const char *seqnn_find_data(char path[SEQNN_PATH_SIZE], const char *directory,
                                      const char *name);

#endif
