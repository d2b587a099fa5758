/* plot/word_cloud_layout.h - where the words of a cloud lie (private) */
#ifndef SQ_WORD_CLOUD_LAYOUT_H
#define SQ_WORD_CLOUD_LAYOUT_H
#ifdef SEQNN_PLOT

#include "font.h"

typedef struct sq_cloud_word {
    const char *text;
    double share; /* its size over the largest, in (0, 1] */
    bool upright;

    bool left_out; /* without ink, or too long even when small */
    double size;   /* 0: it found no room */
    double x, y;   /* left end of its base line; upright: lower end */
} sq_cloud_word;

/* Places words, shares falling, on a field of width x height units. */
SQ_LOCAL seqnn_status sq_cloud_layout(sq_cloud_word *words, seqnn_size count,
                                      const sq_font *font, double width, double height,
                                      uint64_t seed);

#endif
#endif
