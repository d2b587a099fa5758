/* base/private.h - what the parts of the library share and users never see
 *
 * Private names begin with sq_ (functions, types) and SQ_ (macros).
 */
#ifndef SQ_PRIVATE_H
#define SQ_PRIVATE_H

#include "config.h"
#include "error.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One translation unit (the generated header): private functions are static. Separate
 * objects (libseqnn.a, for tests): they are linked. The amalgamator sets SQ_SINGLE_FILE. */
#ifdef SQ_SINGLE_FILE
#define SQ_LOCAL static SQ_UNUSED /* a switch may turn its only user off */
#else
#define SQ_LOCAL extern
#endif

#if defined(__GNUC__)
#define SQ_RESTRICT __restrict__
#define SQ_THREAD_LOCAL __thread
#define SQ_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define SQ_UNUSED __attribute__((unused))
#elif defined(_MSC_VER)
#define SQ_RESTRICT __restrict
#define SQ_THREAD_LOCAL __declspec(thread)
#define SQ_PRINTF(text, first)
#define SQ_UNUSED
#else
#define SQ_RESTRICT
#define SQ_THREAD_LOCAL
#define SQ_PRINTF(text, first)
#define SQ_UNUSED
#endif

/* A function that a GPU runs as well. */
#ifdef __CUDACC__
#define SQ_BOTH __host__ __device__
#else
#define SQ_BOTH
#endif

/* A hint that p will be wanted soon; nothing else. */
#if defined(__GNUC__) && !defined(__CUDA_ARCH__)
#define SQ_PREFETCH(p) __builtin_prefetch(p)
#else
#define SQ_PREFETCH(p) ((void)0)
#endif

#define SQ_COUNT(array) ((seqnn_size)(sizeof(array) / sizeof((array)[0])))

/* Leaves the sentence in seqnn_error() and returns status. */
SQ_LOCAL seqnn_status sq_fail(seqnn_status status, const char *format, ...)
    SQ_PRINTF(2, 3);

SQ_BOTH static inline seqnn_size sq_min(seqnn_size a, seqnn_size b)
{
    return a < b ? a : b;
}

SQ_BOTH static inline seqnn_size sq_max(seqnn_size a, seqnn_size b)
{
    return a > b ? a : b;
}

/* An option whose zero means a default, and whose SEQNN_ZERO means 0. */
static inline seqnn_real sq_option(seqnn_real value, seqnn_real otherwise)
{
    if (value == (seqnn_real)0)
        return otherwise;
    return value == SEQNN_ZERO ? (seqnn_real)0 : value;
}

/* The functions of <math.h> at the precision of seqnn_real. */
#ifdef SEQNN_DOUBLE
#define SQ_MATH(name) name
#else
#define SQ_MATH(name) name##f
#endif

#endif
