/* plot/attention.h - what a network looks at, and what goes on in its gates, word by word
 */
#ifndef SEQNN_ATTENTION_H
#define SEQNN_ATTENTION_H
#ifdef SEQNN_PLOT

#include "heatmap.h"

typedef struct seqnn_attention_options {
    const char *title;
    const char *source_label, *target_label; /* above the columns, beside the rows */
    seqnn_colour_map map;                    /* greys: white is 0 */
    seqnn_real high;                         /* the darkest weight; 0: 1 */
    bool numbers;                            /* in the cells */
    bool no_colour_bar;
    seqnn_size width, height, scale; /* 800 x 600, 1 */
    const char *font;                /* path of a font file */
} seqnn_attention_options;

/* Attention, or an alignment: weights [targets, sources], row t what the t-th word of the
 * target takes from each word of the source, each in [0, 1]. Square cells, the source
 * from left to right above them, as in Bahdanau, Cho and Bengio 2015. Words may be NULL:
 * their numbers then. NaN is grey. */
SEQNN_API seqnn_status seqnn_axes_attention(seqnn_axes *axes, const seqnn_real *weights,
                                            seqnn_size targets, seqnn_size sources,
                                            const char *const *target_words,
                                            const char *const *source_words,
                                            seqnn_attention_options options);

/* A figure of one attention map. */
SEQNN_API seqnn_status seqnn_plot_attention(const seqnn_real *weights, seqnn_size targets,
                                            seqnn_size sources,
                                            const char *const *target_words,
                                            const char *const *source_words,
                                            const char *path,
                                            seqnn_attention_options options);

/* One of the quantities to draw, with a value for every unit at every step. */
typedef struct seqnn_gate {
    const char *name;         /* "forget gate $f_t$" */
    const seqnn_real *values; /* [steps, units], as the layers keep them */
    bool both_signs;          /* from -1 to 1, as the candidate and the state; otherwise
                                 from 0 to 1 */
} seqnn_gate;

typedef struct seqnn_gates_options {
    const char *title;
    seqnn_size width, height; /* 800, and enough for the gates */
    seqnn_size scale;         /* 1 */
    const char *font;
} seqnn_gates_options;

/* Activations over the words of a sentence: for each of count gates a panel, its rows the
 * units, its columns the steps; words [steps] stand below the last one (NULL: the steps'
 * numbers). All gates share one scale of colours, all with both signs another. Up to 12
 * gates. */
SEQNN_API seqnn_status seqnn_plot_gates(const seqnn_gate *gates, seqnn_size count,
                                        seqnn_size steps, seqnn_size units,
                                        const char *const *words, const char *path,
                                        seqnn_gates_options options);

#endif
#endif
