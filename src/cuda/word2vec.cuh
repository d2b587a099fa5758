/* cuda/word2vec.cuh - a batch of word2vec on a device (private)
 *
 * The equations are those of words/window.h. The windows of a batch go forward side by
 * side, a block of threads for each; then every row that changes has a block, which adds
 * up its steps in the order of the text. The CPU says which rows these are, and of which
 * windows:
 *
 *     output rows      7       2     11        row
 *     predictions      0 5 9 | 1 4 | 2         entry: of the batch, in order
 *                      0       3     5    6    begin
 */
#ifndef SQ_CUDA_WORD2VEC_H
#define SQ_CUDA_WORD2VEC_H
#ifdef SEQNN_WORDS

#include "activations.cuh"

/* Rows of a matrix, and what changes each. */
struct sq_changed_rows {
    seqnn_size count;
    int32_t *row, *begin, *entry;
};

/* A batch as the CPU has drawn it. Its inputs h are the means of CBOW, one for each
 * window that has contexts, or all contexts of skip-gram; both are numbered through the
 * batch. */
struct sq_word_lists {
    seqnn_size windows, most_outputs;
    int32_t *input_begin, *context_begin; /* [windows + 1] */
    int32_t *context;
    int32_t *outputs; /* [windows] K */
    int32_t *output;  /* [windows, most_outputs] */
    seqnn_real *times;
    sq_changed_rows u; /* entry: the prediction, input most_outputs + k */
    sq_changed_rows v; /* entry: the input whose gradient it takes */
};

/* Cuts them out of an arena: for so many contexts, and predictions. */
static sq_word_lists sq_cut_word_lists(sq_arena *arena, seqnn_size windows,
                                       seqnn_size contexts, seqnn_size predictions,
                                       seqnn_size most_outputs)
{
    const size_t size = sizeof(int32_t);
    const seqnn_size all = sq_multiply(windows, most_outputs);
    sq_word_lists lists;
    memset(&lists, 0, sizeof lists);
    lists.windows = windows;
    lists.most_outputs = most_outputs;
    lists.input_begin = (int32_t *)sq_arena_take(arena, windows + 1, size);
    lists.context_begin = (int32_t *)sq_arena_take(arena, windows + 1, size);
    lists.context = (int32_t *)sq_arena_take(arena, contexts, size);
    lists.outputs = (int32_t *)sq_arena_take(arena, windows, size);
    lists.output = (int32_t *)sq_arena_take(arena, all, size);
    lists.times = (seqnn_real *)sq_arena_take(arena, all, sizeof(seqnn_real));
    sq_changed_rows *changed[] = {&lists.u, &lists.v};
    const seqnn_size entries[] = {predictions, contexts};
    for (int m = 0; m < 2; m++) {
        changed[m]->row = (int32_t *)sq_arena_take(arena, entries[m], size);
        changed[m]->begin = (int32_t *)sq_arena_take(arena, entries[m] + 1, size);
        changed[m]->entry = (int32_t *)sq_arena_take(arena, entries[m], size);
    }
    return lists;
}

/* What the windows of a batch leave for the rows. */
struct sq_word_signals {
    seqnn_real *h, *back; /* [inputs, row] h; share g */
    seqnn_real *error;    /* [inputs, most_outputs] e */
};

/* A window goes forward: a block for each. Its scores are sums of `lanes` threads each.
 */
struct sq_window_forward {
    enum { THREADS = 128, LANES = 16 };
    sq_word_lists lists;
    sq_word_matrices matrices;
    sq_word_signals to;
    bool cbow, historical;
    seqnn_size lanes;
    seqnn_real rate;
    double *loss; /* [windows] or NULL */
    struct state {
        double loss;
    };
    enum { INPUTS, PRODUCTS, ERRORS, BACK, LOSS };

    SQ_BOTH seqnn_size phases() const
    {
        return loss ? LOSS + sq_block_phases(THREADS) + 1 : (seqnn_size)LOSS;
    }

    /* This thread's window. */
    struct view {
        int32_t window, first, inputs, outputs;
        const int32_t *context, *output;
        int32_t contexts;
    };
    SQ_BOTH view of(const sq_place &at) const
    {
        const seqnn_size w = at.block;
        const int32_t first = lists.input_begin[w], begin = lists.context_begin[w];
        return view{(int32_t)w,
                    first,
                    lists.input_begin[w + 1] - first,
                    lists.outputs[w],
                    lists.context + begin,
                    lists.output + w * lists.most_outputs,
                    lists.context_begin[w + 1] - begin};
    }
    SQ_BOTH const seqnn_real *u(const view &own, int32_t k) const
    {
        return matrices.output + own.output[k] * matrices.row;
    }
    SQ_BOTH seqnn_real *e(const view &own, int32_t i) const
    {
        return to.error + (own.first + i) * lists.most_outputs;
    }

    /* h is copied for skip-gram too: the rows change before all steps are made. */
    SQ_BOTH void write_inputs(const view &own, const sq_place &at) const
    {
        const seqnn_size row = matrices.row;
        for (int32_t i = 0; i < own.inputs; i++)
            for (seqnn_size j = at.thread; j < row; j += at.threads) {
                seqnn_real sum = 0;
                for (int32_t c = cbow ? 0 : i; c < (cbow ? own.contexts : i + 1); c++)
                    sum += matrices.input[own.context[c] * row + j];
                to.h[(own.first + i) * row + j] =
                    cbow ? sum / (seqnn_real)own.contexts : sum;
            }
    }

    /* Every lane's part of the score of a pair (i, k). */
    SQ_BOTH void write_products(const view &own, const sq_place &at,
                                seqnn_real *shared) const
    {
        const int32_t pairs = own.inputs * own.outputs, width = (int32_t)lanes;
        const int32_t lane = (int32_t)at.thread % width;
        for (int32_t pair = (int32_t)at.thread / width; pair < pairs;
             pair += (int32_t)at.threads / width) {
            const int32_t i = pair / own.outputs, k = pair % own.outputs;
            const seqnn_real *h = to.h + (own.first + i) * matrices.row, *u_k = u(own, k);
            seqnn_real sum = 0;
            for (seqnn_size j = lane; j < matrices.row; j += width)
                sum += u_k[j] * h[j];
            if (width > 1)
                shared[pair * width + lane] = sum;
            else
                e(own, i)[k] = sum;
        }
    }

    /* e = rate m (label - sigmoid(s)); returns the loss. */
    SQ_BOTH double write_errors(const view &own, const sq_place &at,
                                const seqnn_real *shared) const
    {
        const int32_t pairs = own.inputs * own.outputs;
        const seqnn_real *times = lists.times + own.window * lists.most_outputs;
        double sum = 0;
        for (int32_t pair = (int32_t)at.thread; pair < pairs;
             pair += (int32_t)at.threads) {
            const int32_t i = pair / own.outputs, k = pair % own.outputs;
            seqnn_real s = lanes > 1 ? shared[pair * lanes] : e(own, i)[k];
            for (seqnn_size lane = 1; lane < lanes; lane++)
                s += shared[pair * lanes + lane];
            const seqnn_real label = k == 0 ? 1 : 0;
            if (loss)
                sum += (double)times[k] * sq_logistic_loss((double)(k == 0 ? s : -s));
            e(own, i)[k] = rate * times[k] * (label - sq_device_logistic(s));
        }
        return sum;
    }

    SQ_BOTH void write_back(const view &own, const sq_place &at) const
    {
        const seqnn_size row = matrices.row;
        const bool mean = cbow && !historical;
        const seqnn_real share = mean ? 1 / (seqnn_real)sq_max(own.contexts, 1) : 1;
        for (int32_t i = 0; i < own.inputs; i++)
            for (seqnn_size j = at.thread; j < row; j += at.threads) {
                const seqnn_real *error = e(own, i);
                seqnn_real sum = 0;
                for (int32_t k = 0; k < own.outputs; k++)
                    sum += error[k] * u(own, k)[j];
                to.back[(own.first + i) * row + j] = share * sum;
            }
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const view window = of(at);
        if (p == INPUTS)
            write_inputs(window, at);
        else if (p == PRODUCTS)
            write_products(window, at, (seqnn_real *)at.shared);
        else if (p == ERRORS)
            own.loss = write_errors(window, at, (const seqnn_real *)at.shared);
        else if (p == BACK)
            write_back(window, at);
        else if (p < phases() - 1)
            sq_block_combine(p - LOSS, at, own.loss, false, (double *)at.shared);
        else if (at.thread == 0)
            loss[at.block] = *(const double *)at.shared;
    }
};

/* Every row takes its steps: a block for each, the output rows first.
 *
 *     u_k += sum e_ik h_i      v_c += sum share g
 */
struct sq_rows_step {
    sq_word_lists lists;
    sq_word_matrices matrices;
    sq_word_signals from;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void change_output(seqnn_size r, const sq_place &at) const
    {
        const sq_changed_rows &of = lists.u;
        const int32_t outputs = (int32_t)lists.most_outputs, end = of.begin[r + 1];
        seqnn_real *u = matrices.output + of.row[r] * matrices.row;
        for (seqnn_size j = at.thread; j < matrices.row; j += at.threads) {
            seqnn_real sum = u[j];
            for (int32_t n = of.begin[r]; n < end; n++) {
                const int32_t at_n = of.entry[n];
                sum += from.error[at_n] * from.h[at_n / outputs * matrices.row + j];
            }
            u[j] = sum;
        }
    }
    SQ_BOTH void change_input(seqnn_size r, const sq_place &at) const
    {
        const sq_changed_rows &of = lists.v;
        const int32_t end = of.begin[r + 1];
        seqnn_real *v = matrices.input + of.row[r] * matrices.row;
        for (seqnn_size j = at.thread; j < matrices.row; j += at.threads) {
            seqnn_real sum = v[j];
            for (int32_t n = of.begin[r]; n < end; n++)
                sum += from.back[of.entry[n] * matrices.row + j];
            v[j] = sum;
        }
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        if (at.block < lists.u.count)
            change_output(at.block, at);
        else
            change_input(at.block - lists.u.count, at);
    }
};

/* The loss of every batch of a round: a block for each. */
struct sq_sum_losses {
    enum { THREADS = 256 };
    seqnn_size capacity;
    const double *loss; /* [batches, capacity] of the windows, 0 where there is none */
    double *sums;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(THREADS) + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        double sum = 0;
        if (p == phases() - 1) {
            if (at.thread == 0)
                sums[at.block] = shared[0];
            return;
        }
        for (seqnn_size w = at.thread; p == 0 && w < capacity; w += at.threads)
            sum += loss[at.block * capacity + w];
        sq_block_combine(p, at, sum, false, shared);
    }
};

/* The numbers that sq_word2vec_tell looks at. */
struct sq_look_at_words {
    sq_word_matrices matrices;
    seqnn_size last; /* row of the outputs */
    double *seen;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size at = i == 0 ? 0 : (i - 1) * last * matrices.row;
        seen[i] = (double)(i == 0 ? matrices.input : matrices.output)[at];
    }
};

#endif
#endif
