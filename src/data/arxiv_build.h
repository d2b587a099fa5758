/* data/arxiv_build.h - how the readers of arXiv's formats collect papers (private) */
#ifndef SQ_ARXIV_BUILD_H
#define SQ_ARXIV_BUILD_H

#include "arxiv.h"
#include "files.h"
#include "json.h"
#include "string_list.h"
#include "texts_build.h"

typedef struct sq_arxiv {
    seqnn_texts *texts;
    seqnn_arxiv_text text;
    sq_words ids;
    sq_string_list labels; /* of the paper that is read */
    sq_buffer scratch;
} sq_arxiv;

/* A paper as its file gives it; NULL: it does not say. */
typedef struct sq_paper {
    const char *id, *title, *abstract;
    bool any_bytes; /* what is not UTF-8 is Latin-1 */
} sq_paper;

/* Adds the paper with arxiv->labels, unless it is there already; path and line are for
 * messages. */
SQ_LOCAL seqnn_status sq_arxiv_add(sq_arxiv *arxiv, const sq_paper *paper,
                                   const char *path, seqnn_size line);

/* One page of OAI-PMH. */
SQ_LOCAL seqnn_status sq_arxiv_xml(sq_arxiv *arxiv, const char *path);

#endif
