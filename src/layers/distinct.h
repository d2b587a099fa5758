/* layers/distinct.h - the distinct words of a batch (private)
 *
 * Where a word comes again its vector is the same, and so is the product of its vector
 * with a matrix. A source of words may therefore hand on one vector for each distinct
 * word instead of one for each step; who takes it multiplies fewer rows, and gives back
 * the gradient of each distinct word: the sum over its steps.
 *
 *   row      0    1    2    3    4
 *            the  cat  saw  the  dog         count 4
 *   of_row   0    1    2    0    3           words the, cat, saw, dog
 *   rows     0 3 | 1 | 2 | 4                 begin 0 2 3 4 5
 */
#ifndef SQ_DISTINCT_H
#define SQ_DISTINCT_H

#include "graph.h"

typedef struct sq_distinct {
    bool one_hot; /* their vectors are rows of the identity, and not written down */
    seqnn_size count;
    int32_t *words;    /* [count] in the order of their first row */
    int32_t *of_row;   /* [all rows] which of them it is */
    int32_t *place;    /* [vocabulary] scratch: all zero between two passes */
    bool listed;       /* rows and begin are made: the way back needs them */
    bool listed_there; /* and a backend has a copy */
    seqnn_size *rows;  /* [all rows] those of each word, in order */
    seqnn_size *begin; /* [count + 1] where they begin */
} sq_distinct;

/* How many rows of so many numbers are a piece, where they are only copied or added. */
static inline seqnn_size sq_copied_rows(seqnn_size columns)
{
    return sq_max(1, 65536 / columns);
}

/* Memory for at most so many rows. */
SQ_LOCAL void sq_distinct_plan(sq_distinct *distinct, sq_arena *arena, seqnn_size rows,
                               seqnn_size vocabulary);

/* Reads the words of a source's batch, in packed order; each must be in the vocabulary.
 */
SQ_LOCAL seqnn_status sq_distinct_read(sq_distinct *distinct, const seqnn_layer *source);

/* Whether all layers that read this one take a row for each distinct word, in such a
 * pass. */
SQ_LOCAL bool sq_readers_take_distinct(const seqnn_layer *source, seqnn_mode mode);

/* out[r] = from[index[r]], or from[index[of_row[r]]] where of_row is given. */
SQ_LOCAL void sq_gather(seqnn_size rows, seqnn_size columns, const seqnn_real *from,
                        const int32_t *index, const int32_t *of_row, seqnn_real *out);

/* sums[u] = the sum of values[r] over the rows r of word u, in order; where `into` is
 * given, sums[into[u]] += instead. */
SQ_LOCAL void sq_distinct_sum(sq_distinct *distinct, seqnn_size rows, seqnn_size columns,
                              const seqnn_real *values, const int32_t *into,
                              seqnn_real *sums);

/* to[into[u]] += from[u], each row of `to` at most once. */
SQ_LOCAL void sq_add_rows(seqnn_size count, seqnn_size columns, const seqnn_real *from,
                          const int32_t *into, seqnn_real *to);

/* The vector of every step in the user's order, zeros at padded steps; rows: the
 * signal's. */
SQ_LOCAL void sq_distinct_unpack(const sq_signal *signal, const seqnn_real *rows,
                                 seqnn_real *values);

/* dL/dy of every step, where the pass back has only made that of each distinct word: the
 * readers still know what it takes. In the layer's out.gradient. */
SQ_LOCAL void sq_settle_rows(seqnn_layer *source);

#endif
