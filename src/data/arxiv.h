/* data/arxiv.h - abstracts of arXiv and their subjects: a set with several labels a text
 *
 * One function reads three formats and finds out by itself which it is:
 *
 *   CSV         columns titles, summaries, terms (the file of Keras' multi-label
 *               example) or title, abstract, categories; the subjects are a Python list,
 *               "['cs.CV', 'cs.LG']", or have blanks between them; the id is the 0-based
 *               number of the record
 *   JSON lines  one object a line with "title", "abstract" or "summary", "categories" (a
 *               list, or one string with blanks between them) and perhaps "id", else the
 *               0-based number of the record is the id; other members are left out
 *   XML         pages of OAI-PMH ListRecords answers, metadataPrefix=arXiv, as
 *               `make harvest` writes them (needs SEQNN_USE_EXPAT); of a folder, or of
 *               pages/ in it, all files .xml and .xml.gz in the byte order of their names
 *
 * Each file may be gzip-compressed (SEQNN_USE_ZLIB). White space around title and
 * abstract is cut off, line breaks inside stay. In CSV, bytes that are not UTF-8 are
 * taken as Latin-1; in JSON and XML they are an error. Papers come in the order of the
 * file, subjects are numbered in the byte order of their names; a paper that comes again
 * (by an id in the file) and one that was deleted at arXiv (XML) are left out. Rare
 * subjects are many: see label_filter.h.
 */
#ifndef SEQNN_ARXIV_H
#define SEQNN_ARXIV_H

#include "texts.h"

typedef enum seqnn_arxiv_text {
    SEQNN_ARXIV_DEFAULT = 0, /* the abstract */
    SEQNN_ARXIV_ABSTRACT,
    SEQNN_ARXIV_TITLE,
    SEQNN_ARXIV_TITLE_AND_ABSTRACT /* a line feed between them */
} seqnn_arxiv_text;

typedef struct seqnn_arxiv_options {
    seqnn_arxiv_text text;
} seqnn_arxiv_options;

/* path is a file, or a folder with pages of XML. Error, with file and line: a column, a
 * member or an element that is not there, a list that is none, a file that is cut off or
 * not well-formed, a page that is an error message of the server, no paper at all. XML
 * with a document type (<!DOCTYPE ...>, which could define entities) is refused, so are
 * more than 64 elements inside each other and tags or comments of over a mebibyte. path
 * NULL: NULL, and the error of what should have given it stands. */
SEQNN_API seqnn_texts *seqnn_read_arxiv(const char *path, seqnn_arxiv_options options);

#endif
