/* seqnn_cuda.cuh - models of seqnn.h on an NVIDIA GPU
 *
 * The layers forward and backward, losses, clips and optimisers, and word vectors (CBOW and
 * skip-gram with negative sampling), as CUDA kernels; large matrix products by cuBLAS. It
 * stands behind seqnn.h in one file of the program, gpu.cu:
 *
 *     #define SEQNN_IMPLEMENTATION
 *     #define SEQNN_CUDA
 *     #include "seqnn.h"
 *     #include "seqnn_cuda.cuh"
 *
 *     nvcc -std=c++17 -O3 -arch=native -Xcompiler -march=native,-fopenmp -c gpu.cu
 *     cc -O3 -march=native -fopenmp -DSEQNN_IMPLEMENTED -c program.c
 *     nvcc -Xcompiler -fopenmp program.o gpu.o -o program -lcublas -lm
 *
 * The program does not change: a model computes on the GPU if there is one, and on the
 * processor if there is none. seqnn_use chooses (device.h, in seqnn.h). Compute capability
 * 7.5 or later, CUDA 12 or later, C++17.
 *
 * Results are those of the processor up to rounding, and the same bits in every run on the
 * same card: there are no atomic operations.
 */
#ifndef SEQNN_CUDA_CUH
#define SEQNN_CUDA_CUH

#include "device_cuda.cuh"
#include "backend.cuh"

#endif
