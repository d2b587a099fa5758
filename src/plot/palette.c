/* plot/palette.c - the colours of lines */
#include "palette.h"

#ifdef SEQNN_TERMINAL

uint32_t sq_colour_of_series(seqnn_size i)
{
    static const uint32_t palette[SQ_PALETTE] = {
        0x0072B2, /* blue */
        0xD55E00, /* vermilion */
        0x009E73, /* bluish green */
        0xCC79A7, /* reddish purple */
        0xE69F00, /* orange */
        0x56B4E9, /* sky blue */
        0x333333  /* black */
    };
    return palette[i % SQ_PALETTE];
}

#endif
