/* layers/packing.h - sequences of different lengths, packed by time (private)
 *
 * Inside the network a batch of sequences is one matrix with a row for every real step:
 * first step 1 of all sequences, longest sequence first, then step 2 of those that have
 * one, and so on. A finished sequence leaves the batch instead of being multiplied by
 * zero, and the active rows of a step are always the first n of the step before:
 *
 *   lengths 3, 1, 2     order 0, 2, 1     rows  a1 c1 b1 | a2 c2 | a3
 *                                         offset 0        3       5    6
 */
#ifndef SQ_PACKING_H
#define SQ_PACKING_H

#include "memory.h"
#include "dataset.h"

typedef struct sq_packing {
    seqnn_size batch, time; /* the user's [batch, time] */
    seqnn_size steps;       /* the longest length */
    seqnn_size rows;        /* the sum of the lengths */
    int32_t *order;         /* [batch] user's sample at each packed position */
    int32_t *start, *length; /* [batch] by packed position */
    seqnn_size *offset;      /* [time + 1] first row of each step, offset[steps] = rows */
    seqnn_size *source;      /* [batch * time] row -> sample * time + step, user's order */
    seqnn_size *count;       /* [time + 2] scratch of the counting sort */
} sq_packing;

/* Sequences that are active at step s. */
static inline seqnn_size sq_active(const sq_packing *packing, seqnn_size s)
{
    return packing->offset[s + 1] - packing->offset[s];
}

/* Takes the arrays for at most this batch and time. */
SQ_LOCAL void sq_packing_plan(sq_packing *packing, sq_arena *arena, seqnn_size batch,
                              seqnn_size time);

/* Packs: start and length are the user's, [batch], or both NULL. Lengths outside
 * [0, time] are an error naming `who` and the sample. */
SQ_LOCAL seqnn_status sq_pack(sq_packing *packing, const char *who, seqnn_size batch,
                              seqnn_size time, const int32_t *start,
                              const int32_t *length);

/* [batch, time, features] <-> packed rows. Unpacking writes zeros at padded steps. */
SQ_LOCAL void sq_pack_rows(const sq_packing *packing, seqnn_size features,
                           const seqnn_real *values, seqnn_real *rows);
SQ_LOCAL void sq_unpack_rows(const sq_packing *packing, seqnn_size features,
                             const seqnn_real *rows, seqnn_real *values);

#endif
