/* plot/word_cloud.h - words as large as they are frequent
 *
 *     seqnn_axes_word_cloud(axes, words, counts, 200, (seqnn_word_cloud_options){0});
 *
 * Several groups side by side are several axes of one figure, each with its title. Each
 * is as large as its axes have room for: sizes compare within a cloud, not between two.
 */
#ifndef SEQNN_WORD_CLOUD_H
#define SEQNN_WORD_CLOUD_H
#ifdef SEQNN_PLOT

#include "figure.h"

typedef struct seqnn_word_cloud_options {
    seqnn_size most;  /* the largest weights so many: 150 */
    seqnn_real power; /* a word's size goes with weight^power; 0: 0.5, so that its area
                         goes with the weight */
    bool upright;     /* some words run from bottom to top */
    uint32_t colour;  /* 0xRRGGBB, for all, in three shades; 0: five of the palette */
    uint64_t seed;    /* another gives another arrangement */
} seqnn_word_cloud_options;

/* Packs the words around the middle of the axes, which have no frame then, the largest
 * weight first, as large as all find room, with at least a space's width between two. A
 * word that would be too small to read, or finds no room, is left out; so is one whose
 * weight is NaN, infinite or not above 0. Axes that hold another mark already: an error.
 */
SEQNN_API seqnn_status seqnn_axes_word_cloud(seqnn_axes *axes, const char *const *words,
                                             const seqnn_real *weights, seqnn_size count,
                                             seqnn_word_cloud_options options);

#endif
#endif
