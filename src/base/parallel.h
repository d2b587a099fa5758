/* base/parallel.h - parallel loops (private)
 *
 * Work is cut by shape, never by the number of threads, and every piece writes memory of
 * its own, so that the bits of a result do not depend on how many threads took part.
 */
#ifndef SQ_PARALLEL_H
#define SQ_PARALLEL_H

#include "private.h"

/* work(context, begin, end) for the pieces [0, grain), [grain, 2 grain), ... of
 * [0, count), on all threads. One piece, or no OpenMP: a plain call. */
typedef void (*sq_work)(void *context, seqnn_size begin, seqnn_size end);
SQ_LOCAL void sq_parallel(seqnn_size count, seqnn_size grain, sq_work work, void *context);

/* How many threads a parallel loop would use. Only a cut that cannot change a bit of any
 * result, because every item is computed by itself, may depend on it. */
SQ_LOCAL seqnn_size sq_threads(void);

#endif
