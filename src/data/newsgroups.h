/* data/newsgroups.h - 20 Newsgroups, the version that is sorted by date (Ken Lang, Jason
 * Rennie)
 *
 *     DIR/20news-bydate-test/<group>/<number>
 *     DIR/20news-bydate-train/<group>/<number>
 *
 * A post's header ends at its first empty line and is cut off (a post without one is
 * left with nothing); bytes are Latin-1. Posts come in the byte order of their paths,
 * which are their ids, groups in the byte order of their names.
 *
 * The parts of the published split, each by itself:
 *
 *     seqnn_texts *train = seqnn_read_newsgroups("20news/20news-bydate-train");
 *     seqnn_texts *test = seqnn_read_newsgroups("20news/20news-bydate-test");
 */
#ifndef SEQNN_NEWSGROUPS_H
#define SEQNN_NEWSGROUPS_H

#include "texts.h"

/* Both parts, or the one that is there, or the one that directory itself is by its name.
 * Error: no part, a part without posts. directory NULL: NULL, and the error of what
 * should have given it stands. */
SEQNN_API seqnn_texts *seqnn_read_newsgroups(const char *directory);

#endif
