#include "parallel.h"

#ifdef _OPENMP
#include <omp.h>
#endif

SQ_LOCAL void sq_parallel(seqnn_size count, seqnn_size grain, sq_work work, void *context)
{
    if (count <= 0)
        return;
    seqnn_size pieces = (count - 1) / grain + 1; /* count + grain may overflow */
    if (pieces == 1) {
        work(context, 0, count);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 1)
#endif
    for (seqnn_size piece = 0; piece < pieces; piece++)
        work(context, piece * grain, sq_min(count, (piece + 1) * grain));
}

SQ_LOCAL seqnn_size sq_threads(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}
