/* base/parallel.h - parallel loops (private)
 *
 * Every piece writes memory of its own, and work is cut by shape, so that the bits of a
 * result do not depend on how many threads took part. Only where each item is computed by
 * itself, so that no cut can change a bit, may the cut follow the number of threads.
 */
#ifndef SQ_PARALLEL_H
#define SQ_PARALLEL_H

#include "private.h"

/* work(context, begin, end) for the pieces [0, grain), [grain, 2 grain), ... of
 * [0, count), on all threads. One piece, or no OpenMP: a plain call. */
typedef void (*sq_work)(void *context, seqnn_size begin, seqnn_size end);
SQ_LOCAL void sq_parallel(seqnn_size count, seqnn_size grain, sq_work work,
                          void *context);

/* How many rows of so many numbers are a piece, where a number takes some nanoseconds. */
static inline seqnn_size sq_piece_rows(seqnn_size columns)
{
    return sq_max(1, 16384 / columns);
}

/* How many threads a parallel loop would use. */
SQ_LOCAL seqnn_size sq_threads(void);

#endif
