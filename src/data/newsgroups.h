/* data/newsgroups.h - 20 Newsgroups, the version that is sorted by date (Ken Lang, Jason
 * Rennie)
 *
 *     DIR/20news-bydate-test/<group>/<number>
 *     DIR/20news-bydate-train/<group>/<number>
 *
 * A post's header ends at its first empty line and is cut off (a post without one is
 * left with nothing); bytes are Latin-1. Posts come in the byte order of their paths,
 * which are their ids, groups in the byte order of their names.
 */
#ifndef SEQNN_NEWSGROUPS_H
#define SEQNN_NEWSGROUPS_H

#include "texts.h"

/* Both parts, or the one that is there. directory NULL: NULL, and the error of what
 * should have given it stands. */
SEQNN_API seqnn_texts *seqnn_read_newsgroups(const char *directory);

#endif
