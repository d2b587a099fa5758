/* base/config.h - the number type, sizes, and the switches of this header
 *
 *   SEQNN_IMPLEMENTATION   in exactly one C or C++ file: the functions themselves
 *   SEQNN_STATIC           everything static: a private copy for this file
 *   SEQNN_DOUBLE           seqnn_real is double (gradient checks); the functions get
 *                          other link names, so that float and double files of one
 *                          program cannot be mixed by accident
 *   SEQNN_PLOT             PNG figures (needs stb_image_write.h), and
 *   SEQNN_TERMINAL         line charts and bars as text, which need nothing
 *   SEQNN_WORDS            word2vec, nearest words, analogies and their evaluation, t-SNE
 *   SEQNN_USE_ZLIB         readers open gzip-compressed files (link with -lz)
 *   SEQNN_USE_EXPAT        arXiv pages as harvested, in XML (link with -lexpat)
 *   SEQNN_USE_WORDNET      lemmas by WordNet (link with -lwordnet)
 *   SEQNN_USE_SNOWBALL     stems by Snowball (link with -lstemmer)
 *   SEQNN_CUDA             models on a GPU (in a .cu file, with seqnn_cuda.cuh: device.h)
 *   SEQNN_SAY_DEVICE       beside it: whenever another device is chosen, its name is printed
 *   SEQNN_USE_CBLAS        large matrix products go to a BLAS (link one)
 *   SEQNN_MALLOC, SEQNN_FREE   your own allocator: define both or none
 *
 * The fast kernels use the best instruction set that the processor has. The environment
 * variable SEQNN_ISA=plain|avx2|avx512|neon chooses another; a name that is unknown, or
 * not available on this machine, is ignored. A program compiled for one processor
 * (-march=native) holds the kernels of its best set and plain ones only.
 */
#ifndef SEQNN_CONFIG_H
#define SEQNN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(SEQNN_PLOT) && !defined(SEQNN_TERMINAL)
#define SEQNN_TERMINAL
#endif

#ifdef SEQNN_DOUBLE
#include "double_names.h"
typedef double seqnn_real;
#else
typedef float seqnn_real;
#endif

/* Every count, length and subscript. Signed, so that loops may run downwards and a
 * subtraction never wraps. */
typedef ptrdiff_t seqnn_size;

#if defined(SEQNN_STATIC) && defined(__GNUC__)
#define SEQNN_API static __attribute__((unused))
#elif defined(SEQNN_STATIC)
#define SEQNN_API static
#elif defined(__cplusplus)
#define SEQNN_API extern "C"
#else
#define SEQNN_API extern
#endif

/* An option left at zero means its default. Where zero itself is wanted (a forget bias
 * of 0, Adam with beta1 = 0) write SEQNN_ZERO. */
#define SEQNN_ZERO ((seqnn_real)-1e30)

#endif
