/* words/window.c - one step of word2vec, as plain loops */
#include "window.h"

#ifdef SEQNN_WORDS

/* h = 1/C (v_1 + ... + v_C) */
static void sq_window_mean(const sq_window *window, const sq_word_matrices *matrices)
{
    for (seqnn_size j = 0; j < matrices->row; j++) {
        seqnn_real sum = 0;
        for (seqnn_size c = 0; c < window->contexts; c++)
            sum += matrices->input[window->context[c] * matrices->row + j];
        window->mean[j] = sum / (seqnn_real)window->contexts;
    }
}

static void sq_window_sigmoid(const sq_window *window, seqnn_real *s)
{
    for (seqnn_size k = 0; k < window->outputs; k++) {
        const seqnn_real label = window->label[k];
        const seqnn_real step = window->rate * (window->times ? window->times[k] : 1);
        if (window->loss)
            *window->loss += (window->times ? (double)window->times[k] : 1.0) *
                             sq_logistic_loss((double)((2 * label - 1) * s[k]));
        s[k] = step * (label - 1 / (1 + SQ_MATH(exp)(-s[k])));
    }
}

static void sq_window_softmax(const sq_window *window, seqnn_real *s)
{
    seqnn_real highest = s[0], sum = 0;
    for (seqnn_size k = 1; k < window->outputs; k++)
        highest = s[k] > highest ? s[k] : highest;
    const seqnn_real target = s[window->target] - highest;
    for (seqnn_size k = 0; k < window->outputs; k++)
        sum += s[k] = SQ_MATH(exp)(s[k] - highest);
    if (window->loss)
        *window->loss += log((double)sum) - (double)target;
    for (seqnn_size k = 0; k < window->outputs; k++)
        s[k] = window->rate * ((k == window->target) - s[k] / sum);
}

SQ_LOCAL void sq_window_errors(const sq_window *window)
{
    for (seqnn_size i = 0; i < window->inputs; i++) {
        seqnn_real *s = window->error + i * window->error_row;
        if (window->label)
            sq_window_sigmoid(window, s);
        else
            sq_window_softmax(window, s);
    }
}

static void sq_window_forward_plain(const sq_window *window,
                                    const sq_word_matrices *matrices)
{
    const seqnn_size row = matrices->row;
    if (window->mean)
        sq_window_mean(window, matrices);
    for (seqnn_size i = 0; i < window->inputs; i++) {
        const seqnn_real *h = window->input[i];
        for (seqnn_size k = 0; k < window->outputs; k++) {
            const seqnn_real *u = matrices->output + window->output[k] * row;
            seqnn_real s = 0;
            for (seqnn_size j = 0; j < row; j++)
                s += u[j] * h[j];
            window->error[i * window->error_row + k] = s;
        }
    }
    sq_window_errors(window);
    for (seqnn_size i = 0; i < window->inputs; i++) {
        seqnn_real *g = window->back + i * row;
        memset(g, 0, (size_t)row * sizeof *g);
        for (seqnn_size k = 0; k < window->outputs; k++) {
            const seqnn_real e = window->error[i * window->error_row + k];
            const seqnn_real *u = matrices->output + window->output[k] * row;
            for (seqnn_size j = 0; j < row; j++)
                g[j] += e * u[j];
        }
    }
}

static void sq_window_outputs_plain(const sq_window *window,
                                    const sq_word_matrices *matrices, sq_rows_part part)
{
    for (seqnn_size k = 0; k < window->outputs; k++) {
        if (!sq_row_is_in(part.output_owner, window->output[k], part))
            continue;
        seqnn_real *u = matrices->output + window->output[k] * matrices->row;
        for (seqnn_size i = 0; i < window->inputs; i++) {
            const seqnn_real e = window->error[i * window->error_row + k];
            const seqnn_real *h = window->input[i];
            for (seqnn_size j = 0; j < matrices->row; j++)
                u[j] += e * h[j];
        }
    }
}

static void sq_window_inputs_plain(const sq_window *window,
                                   const sq_word_matrices *matrices, sq_rows_part part)
{
    for (seqnn_size c = 0; c < window->contexts; c++) {
        if (!sq_row_is_in(part.input_owner, window->context[c], part))
            continue;
        seqnn_real *v = matrices->input + window->context[c] * matrices->row;
        const seqnn_real *g = window->back + (window->mean ? 0 : c * matrices->row);
        for (seqnn_size j = 0; j < matrices->row; j++)
            v[j] += window->share * g[j];
    }
}

static void sq_window_step_plain(const sq_window *window,
                                 const sq_word_matrices *matrices)
{
    const sq_rows_part all = {NULL, NULL, 0};
    sq_window_forward_plain(window, matrices);
    sq_window_outputs_plain(window, matrices, all);
    sq_window_inputs_plain(window, matrices, all);
}

SQ_LOCAL const sq_window_kernels *sq_window_plain(void)
{
    static const sq_window_kernels kernels = {
        1, sq_window_forward_plain, sq_window_outputs_plain, sq_window_inputs_plain,
        sq_window_step_plain};
    return &kernels;
}

#endif
