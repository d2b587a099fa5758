/* words/window.h - one step of word2vec: the gradient of one window (private)
 *
 * The equations of word2vec.h, for the inputs h_i of one centre (the mean of its
 * contexts, or each of them) and the K outputs u_k that it is told apart by:
 *
 *     s_ik = u_k . h_i                    p_ik = sigmoid(s_ik), or softmax over k
 *     e_ik = rate m_k (label_k - p_ik)    down the loss: dL/ds_ik = m_k (p_ik - label_k)
 *     g_i  = sum_k e_ik u_k               and from there to the contexts
 *     u_k  = u_k + sum_i e_ik h_i
 *     v_c  = v_c + share g                share is 1, or 1/C for the mean of C contexts
 *
 * The first three lines are `forward`, which reads the vectors only; the last two are
 * functions of their own, so that many windows can go forward side by side before any of
 * them changes a vector. m_k is how often output k was drawn.
 */
#ifndef SQ_WINDOW_H
#define SQ_WINDOW_H
#ifdef SEQNN_WORDS

#include "private.h"

typedef struct sq_word_matrices {
    /* Numbers from one vector to the next; those behind the dimension are 0. */
    seqnn_size row;
    seqnn_real *input;  /* v [words, row] */
    seqnn_real *output; /* u [words or inner nodes, row] */
} sq_word_matrices;

typedef struct sq_window {
    seqnn_size contexts, inputs, outputs; /* C; 1 or C; K */
    const int32_t *context;               /* [C] rows of v */
    const seqnn_real **input;             /* [inputs] h: v of the contexts, or mean */
    const int32_t *output;                /* [K] rows of u, all different */
    const seqnn_real *label;              /* [K] 1 or 0; NULL: softmax, whose */
    seqnn_size target;                    /* 1 is here */
    const seqnn_real *times;              /* [K] m; NULL: 1 */
    seqnn_real rate, share;
    seqnn_real *mean;     /* [row] of the contexts, in CBOW; else NULL */
    seqnn_real *error;    /* [inputs, error_row] s, then e */
    seqnn_size error_row; /* K rounded up to the kernel's width */
    seqnn_real *back;     /* [inputs, row] g */
    double *loss;         /* L is added to it; NULL: not wanted */
} sq_window;

/* The rows that one thread changes: those with its number. Every row has one owner at a
 * time, which changes it in the order of the calls. */
typedef struct sq_rows_part {
    const uint8_t *output_owner, *input_owner; /* of each row; NULL: all rows */
    uint8_t part;
} sq_rows_part;

typedef struct sq_window_kernels {
    seqnn_size width; /* row and error_row are multiples of it */
    void (*forward)(const sq_window *window, const sq_word_matrices *matrices);
    void (*update_outputs)(const sq_window *window, const sq_word_matrices *matrices,
                           sq_rows_part part);
    void (*update_inputs)(const sq_window *window, const sq_word_matrices *matrices,
                          sq_rows_part part);
    /* The three together, for one window alone. */
    void (*step)(const sq_window *window, const sq_word_matrices *matrices);
} sq_window_kernels;

/* The loops of window.c, and the fastest ones for this machine. */
SQ_LOCAL const sq_window_kernels *sq_window_plain(void);
SQ_LOCAL const sq_window_kernels *sq_window_fast(void);

/* From scores to e, with the loss: what has no kernel of its own. */
SQ_LOCAL void sq_window_errors(const sq_window *window);

/* L = -log sigmoid(y s), y being 1 or -1 */
SQ_BOTH static inline double sq_logistic_loss(double y_s)
{
    return y_s > 0 ? log1p(exp(-y_s)) : log1p(exp(y_s)) - y_s;
}

static inline bool sq_row_is_in(const uint8_t *owner, int32_t row, sq_rows_part part)
{
    return !owner || owner[row] == part.part;
}

#endif
#endif
