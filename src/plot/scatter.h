/* plot/scatter.h - points, in classes or with the words they stand for
 *
 *     seqnn_axes_scatter(axes, x, y, words, (seqnn_scatter_options){
 *         .names = names, .priority = counts});
 */
#ifndef SEQNN_SCATTER_H
#define SEQNN_SCATTER_H
#ifdef SEQNN_PLOT

#include "figure.h"

typedef struct seqnn_scatter_options {
    const char *label;   /* in the legend; of classes their names are */
    seqnn_marker marker; /* circle */
    uint32_t colour;     /* 0xRRGGBB; 0: the next of the palette */
    seqnn_real size;     /* of a symbol in units, at most 100; 0: 7, smaller in crowds */
    seqnn_real opacity;  /* in (0, 1]; 0: 1. Lower, crowds show where they are dense. */

    /* [count], or NULL: what each point stands for; NULL or "" has no word. Words overlap
     * neither each other nor a point, nor do they leave the axes; one that is not beside
     * its point is joined to it by a thin line. Where there is no room words are left
     * out: the last ones or, with `priority` [count], those of the lowest. */
    const char *const *names;
    const seqnn_real *priority;
    seqnn_real name_size; /* in units: 11 */

    /* [count], or NULL: the class of each point, from 0 to class_count - 1. Each has its
     * colour and, with a name, its place in the legend; from the eighth on colours come
     * again with other symbols. class_count 0: the highest class that occurs + 1. */
    const int32_t *classes;
    const char *const *class_names; /* [class_count, or what stands for it] */
    seqnn_size class_count;
} seqnn_scatter_options;

/* Points (x[i], y[i]), later ones over earlier ones. A point whose x or y is NaN or
 * infinite, or not above 0 on a log axis, is left out. */
SEQNN_API seqnn_status seqnn_axes_scatter(seqnn_axes *axes, const seqnn_real *x,
                                          const seqnn_real *y, seqnn_size count,
                                          seqnn_scatter_options options);

#endif
#endif
