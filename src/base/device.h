/* base/device.h - where a model computes: on the processor or on a GPU
 *
 * A program that was built with SEQNN_CUDA (below) has both, and a model computes on the
 * GPU if there is one, else on the processor. What it computes is the same up to
 * rounding: the same initial weights, batches and dropout masks. Model files and
 * checkpoints do not say where they were made; training stopped on one may go on on the
 * other.
 *
 *     seqnn_model *model = seqnn_model_new(1);
 *     seqnn_use(model, SEQNN_GPU);           // or: nothing, and it is found by itself
 *     ...
 *     printf("on %s\n", seqnn_device_name(model));
 *
 * TO BUILD IT: one more file, gpu.cu, holds the functions for both,
 *
 *     #define SEQNN_IMPLEMENTATION
 *     #define SEQNN_CUDA
 *     #include "seqnn.h"
 *     #include "seqnn_cuda.cuh"
 *
 * with the other switches of the program (SEQNN_PLOT, ...). The program itself stays C;
 * SEQNN_IMPLEMENTED takes its implementation out, which would be there twice:
 *
 *     nvcc -std=c++17 -O3 -arch=native -Xcompiler -march=native,-fopenmp -c gpu.cu
 *     cc -O3 -march=native -fopenmp -DSEQNN_IMPLEMENTED -c program.c
 *     nvcc -Xcompiler -fopenmp program.o gpu.o -o program -lcublas -lm
 *
 * -arch names the card that it is to run on (native: that of this machine; sm_80, sm_90,
 * ...). With #define SEQNN_SAY_DEVICE in gpu.cu the program prints where it computes,
 * once; seqnn_fit does so with .verbose. The examples of the course do this by
 * themselves: make run EX=12 CUDA=1. It takes CUDA 12 or later, and a card of compute
 * capability 7.5 or later, the first that there is (CUDA_VISIBLE_DEVICES=1: another).
 *
 * WHAT THE GPU COMPUTES: every layer forward and backward, losses and metrics, clips and
 * optimisers, and of the word vectors what word2vec.h names. The processor does, in the
 * midst of a model too, a recurrent layer with .bptt_window or .skip and a layer that is
 * run alone (seqnn_layer_forward); it reads, encodes and shuffles the data.
 *
 * MEMORY. What a function returns a pointer to (weights, gradients, outputs, states) is
 * read and written as ever: it lies in memory of both sides, which moves where it is
 * used. Whoever looks at everything after every step waits for that. All of it must fit
 * the card, of which a twentieth, and 256 MB at least, is left free. Where the weights
 * find no room, the model is built on the processor, if nobody asked for the GPU.
 *
 * ERRORS. If the card runs out of memory or fails, the function that was called says so
 * with a status and a sentence, as for any other error, and the model stays in error. A
 * new one may go on with SEQNN_CPU, from a model file or a checkpoint.
 *
 * Threads may each have models of their own. After fork() the child must not touch those
 * of its parent that are on the GPU; new ones compute on the processor.
 *
 * The bits are the same in every run on the same card with the same CUDA.
 */
#ifndef SEQNN_DEVICE_H
#define SEQNN_DEVICE_H

typedef enum seqnn_device {
    SEQNN_DEVICE_DEFAULT = 0, /* the GPU if there is one; what SEQNN_DEVICE=cpu or gpu in
                                 the environment says */
    SEQNN_CPU,
    SEQNN_GPU /* and an error if there is none */
} seqnn_device;

/* What a GPU may round the factors of its matrix products to (seqnn_use_precision), for
 * speed: its tensor cores take such numbers many times faster, and of a recurrent layer
 * twice as many weights of bfloat16 stay in a multiprocessor. All else is float32: the
 * weights and what the optimiser keeps, sums within a product, activations, losses. The
 * range of the three formats is the same.
 *
 *                      mantissa    relative error of a factor, at most
 *     SEQNN_FLOAT32    23 bits     0
 *     SEQNN_TF32       10 bits     2^-11 = 0.0005  (2^-10 where the card cuts bits off)
 *     SEQNN_BFLOAT16    7 bits     2^-8  = 0.004
 *
 * It is leave, not an order: a product may be made of better factors. What comes of it in
 * a layer, in gradients and in training is measured in bench/results/gpu.md. */
typedef enum seqnn_precision {
    SEQNN_FLOAT32 = 0, /* nothing is rounded; the default */
    SEQNN_TF32,
    SEQNN_BFLOAT16
} seqnn_precision;

#endif
