/* plot/stamp.c - the coverage of a marker, kept */
#include "stamp.h"

#ifdef SEQNN_PLOT

#include "memory.h"

enum { SQ_STAMP_PLACES = 4 }; /* along a pixel */

/* The rows and columns of a square of coverage that are not all 0. */
static sq_box sq_stamp_ink(const unsigned char *coverage, int side)
{
    sq_box ink = {side, side, 0, 0};
    for (int i = 0; i < side * side; i++) {
        if (coverage[i] == 0)
            continue;
        ink.left = (int)sq_min(ink.left, i % side);
        ink.right = (int)sq_max(ink.right, i % side + 1);
        ink.top = (int)sq_min(ink.top, i / side);
        ink.bottom = (int)sq_max(ink.bottom, i / side + 1);
    }
    return ink;
}

seqnn_status sq_stamp_open(sq_stamp *stamp, sq_canvas *canvas, double radius,
                           sq_stamp_shape shape, const void *context)
{
    sq_box clip = canvas->clip;
    double s = canvas->scale;
    int reach = (int)ceil(radius * s) + 1, side = 2 * reach + 1;
    unsigned char *to;
    stamp->reach = reach;
    to = stamp->coverage = (unsigned char *)sq_allocate(
        (seqnn_size)SQ_STAMP_PLACES * SQ_STAMP_PLACES * side, (size_t)side);
    if (to == NULL)
        return SEQNN_ERROR_MEMORY;
    sq_canvas_unclip(canvas);
    for (int place = 0; place < SQ_STAMP_PLACES * SQ_STAMP_PLACES; place++) {
        double x = place % SQ_STAMP_PLACES + 0.5, y = place / SQ_STAMP_PLACES + 0.5;
        shape(canvas, (reach + x / (int)SQ_STAMP_PLACES) / s,
              (reach + y / (int)SQ_STAMP_PLACES) / s, context);
        for (int row = 0; row < side; row++, to += side) {
            if (row < canvas->height)
                memcpy(to, canvas->mask + (size_t)row * (size_t)canvas->width,
                       (size_t)(side < canvas->width ? side : canvas->width));
        }
        sq_canvas_wipe(canvas);
        stamp->ink[place] = sq_stamp_ink(to - side * side, side);
    }
    canvas->clip = clip;
    return SEQNN_OK;
}

void sq_stamp_close(sq_stamp *stamp)
{
    sq_free(stamp->coverage);
    stamp->coverage = NULL;
}

void sq_stamp_paint(const sq_stamp *stamp, sq_canvas *canvas, double x, double y,
                    sq_colour colour, double opacity)
{
    double s = canvas->scale, column = floor(x * s), row = floor(y * s);
    int reach = stamp->reach, side = 2 * reach + 1, left, top;
    int u = (int)fmin((x * s - column) * (int)SQ_STAMP_PLACES, SQ_STAMP_PLACES - 1);
    int v = (int)fmin((y * s - row) * (int)SQ_STAMP_PLACES, SQ_STAMP_PLACES - 1);
    const unsigned char *from = stamp->coverage;
    int rgb[3], alpha = (int)(opacity * 256 + 0.5);
    const sq_box *ink = &stamp->ink[v * SQ_STAMP_PLACES + u];
    sq_box box;
    /* Written so that a position that is not a number paints nothing. */
    if (!(column > -reach && column < canvas->width + reach && row > -reach &&
          row < canvas->height + reach))
        return;
    for (int k = 0; k < 3; k++)
        rgb[k] = (int)(colour >> (16 - 8 * k)) & 255;
    left = (int)column - reach;
    top = (int)row - reach;
    from += (size_t)(v * SQ_STAMP_PLACES + u) * (size_t)side * (size_t)side;
    box.left = (int)sq_max(left + ink->left, canvas->clip.left);
    box.top = (int)sq_max(top + ink->top, canvas->clip.top);
    box.right = (int)sq_min(left + ink->right, canvas->clip.right);
    box.bottom = (int)sq_min(top + ink->bottom, canvas->clip.bottom);
    /* Straight into the picture: a crowd of a million has no time for the mask. */
    for (int j = box.top; j < box.bottom; j++) {
        const unsigned char *cover = from + (size_t)(j - top) * (size_t)side;
        unsigned char *pixel = canvas->pixels + 3 * (size_t)j * (size_t)canvas->width;
        for (int i = box.left; i < box.right; i++) {
            int a = cover[i - left] * alpha; /* of 255 * 256 */
            unsigned char *at = pixel + 3 * (size_t)i;
            /* Nothing here, or nothing to change: most of a crowd. */
            if (a == 0 || (at[0] == rgb[0] && at[1] == rgb[1] && at[2] == rgb[2]))
                continue;
            for (int k = 0; k < 3; k++)
                at[k] =
                    (unsigned char)((at[k] * (65280 - a) + rgb[k] * a + 32640) / 65280);
        }
    }
}

#endif
