/* plot/pack.h - shapes put close together on a field of cells (private)
 *
 * Shapes and field are masks of bits, a cell each. A shape takes the first free place in
 * the order of the distance from the middle, so that later ones fill the gaps that
 * earlier ones leave, as far as their ink allows.
 */
#ifndef SQ_PACK_H
#define SQ_PACK_H

#include "private.h"

/* Rows of 64 cells a word, the first cell in the lowest bit. Bits beyond the width are 0.
 */
typedef struct sq_mask {
    int width, height;
    int stride; /* words in a row */
    uint64_t *bits;
} sq_mask;

/* An empty mask. */
SQ_LOCAL seqnn_status sq_mask_open(sq_mask *mask, int width, int height);
SQ_LOCAL void sq_mask_close(sq_mask *mask);
SQ_LOCAL void sq_mask_set(sq_mask *mask, int x, int y);
/* Sets every cell that is within `columns` and `rows` of one that is set. All of these
 * lie so far inside the mask. */
SQ_LOCAL void sq_mask_grow(sq_mask *mask, int columns, int rows);
SQ_LOCAL bool sq_mask_get(const sq_mask *mask, int x, int y);

typedef struct sq_pack_field {
    sq_mask taken;
    uint32_t *order; /* [places], y << 16 | x of the middle of a shape */
    seqnn_size places;
    uint32_t *open; /* [open_count], those of them that were not taken lately */
    seqnn_size open_count;
    int since; /* how many shapes were placed since then */
} sq_pack_field;

/* Width and height below 65536. */
SQ_LOCAL seqnn_status sq_pack_open(sq_pack_field *pack, int width, int height,
                                   uint64_t seed);
SQ_LOCAL void sq_pack_close(sq_pack_field *pack);
/* Takes all shapes off the field. */
SQ_LOCAL void sq_pack_clear(sq_pack_field *pack);
/* Finds the first free place, takes it, and gives the shape's first column and row. */
SQ_LOCAL bool sq_pack_place(sq_pack_field *pack, const sq_mask *shape, int *x, int *y);

#endif
