#include "clock.h"

#include <time.h>
#if defined(_OPENMP)
#include <omp.h>
#elif defined(__unix__) || defined(__APPLE__)
#include <sys/time.h>
#endif

SQ_LOCAL double sq_seconds(void)
{
#if defined(_OPENMP)
    return omp_get_wtime();
#elif defined(__unix__) || defined(__APPLE__)
    struct timeval now;
    gettimeofday(&now, NULL);
    return (double)now.tv_sec + 1e-6 * (double)now.tv_usec;
#else
    return (double)time(NULL);
#endif
}
