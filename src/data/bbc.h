/* data/bbc.h - the BBC News data set (D. Greene and P. Cunningham, 2006)
 *
 * Two layouts are read:
 *
 *     DIR/bbc-titles.tsv       class<TAB>title, one a line; the id is the 0-based line
 *     DIR/<class>/<name>.txt   one story a file, the first line is its title; the id is
 *                              "class/name.txt"; DIR/bbc/<class>/... is found as well
 *
 * Texts come in the order of the lines, or of the paths by bytes; classes in the byte
 * order of their names. Bytes that are not UTF-8 are taken as Latin-1.
 */
#ifndef SEQNN_BBC_H
#define SEQNN_BBC_H

#include "texts.h"

/* The titles, from bbc-titles.tsv if it is there, else from the stories. directory NULL:
 * NULL, and the error of what should have given it stands. */
SEQNN_API seqnn_texts *seqnn_read_bbc_titles(const char *directory);

/* The stories with their titles; they are only in the folders. */
SEQNN_API seqnn_texts *seqnn_read_bbc(const char *directory);

/* Any file of class<TAB>text lines; empty lines are left out. The id is the 0-based
 * line. Error: a line without tab, without class or with a second tab; no line at all. */
SEQNN_API seqnn_texts *seqnn_read_tsv(const char *path);

#endif
