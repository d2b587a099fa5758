/* data/plain_text.h - plain text, whole or in pieces
 *
 * Bytes that are not UTF-8 are taken as Latin-1, CR LF becomes LF, a byte-order mark is
 * left out, gzip-compressed files are read too. Error: a NUL byte, a file without text.
 */
#ifndef SEQNN_PLAIN_TEXT_H
#define SEQNN_PLAIN_TEXT_H

#include "texts.h"

/* The whole file as one text, what a language model reads: text[0], with its line ends.
 * Error: more than 1 GiB. */
SEQNN_API seqnn_texts *seqnn_read_text(const char *path);

/* A text for every line that is not empty, without its end (a line of blanks is not
 * empty). The id is the 0-based line. Error: a line of more than 64 MiB. */
SEQNN_API seqnn_texts *seqnn_read_lines(const char *path);

/* A text for every paragraph, its lines joined by line feeds; paragraphs stand between
 * empty lines. The id is the 0-based line on which it begins. */
SEQNN_API seqnn_texts *seqnn_read_paragraphs(const char *path);

#endif
