/* plot/epoch_bands.c - every second epoch shaded, with its number */
#include "epoch_bands.h"

#ifdef SEQNN_PLOT

#define SQ_BAND_NARROWEST 12.0
#define SQ_BAND_NUMBER 54.0 /* room for a number, or "epoch 1" */
#define SQ_BAND_TEXT 10.5
#define SQ_BAND_COLOUR 0x1A2A3Au
#define SQ_BAND_OPACITY 0.055
#define SQ_BAND_STRIP 18.0 /* what the numbers take of the axes' height */

void sq_epochs_add(sq_epochs *epochs, double end)
{
    epochs->each = sq_max(epochs->each, 1);
    epochs->epochs++;
    epochs->last = end;
    if (epochs->epochs % epochs->each != 0)
        return;
    if (epochs->count == SQ_EPOCH_ROOM) {
        epochs->each *= 10;
        epochs->count /= 10;
        for (seqnn_size i = 0; i < epochs->count; i++)
            epochs->ends[i] = epochs->ends[10 * i + 9];
        if (epochs->epochs % epochs->each != 0)
            return;
    }
    epochs->ends[epochs->count++] = end;
}

typedef struct sq_bands {
    sq_mark mark;
    seqnn_size each, count;
    const double *ends;
    bool numbers, top;
} sq_bands;

/* How many entries make one stretch of at least `least` units: 1, 2, 5, 10, 20, ... */
static seqnn_size sq_bands_step(const sq_bands *bands, const seqnn_axes *axes,
                                double least)
{
    const double width = axes->right - axes->left;
    seqnn_size step = 1;
    for (int k = 1; step < bands->count && (double)(bands->count / step) * least > width;
         k++)
        step = k % 3 == 2 ? step / 2 * 5 : step * 2;
    return step;
}

/* Where entry i ends; the first epoch begins at the left. */
static double sq_bands_end(const sq_bands *bands, const seqnn_axes *axes, seqnn_size i)
{
    const double x = i < 0 ? axes->left : sq_axes_x(axes, bands->ends[i]);
    return fmin(fmax(x, axes->left), axes->right);
}

/* The number of a single epoch stands in its middle, that of a group's last at its end.
 */
static void sq_bands_numbers(const sq_bands *bands, const seqnn_axes *axes,
                             sq_picture *picture)
{
    const seqnn_size step = sq_bands_step(bands, axes, SQ_BAND_NUMBER);
    const bool single = step * bands->each == 1;
    const double y = bands->top ? axes->top + 14 : axes->bottom - 6;
    sq_text how;
    memset(&how, 0, sizeof how);
    how.size = SQ_BAND_TEXT;
    how.colour = SQ_FAINT;
    how.anchor = single ? 0.5 : 1;
    for (seqnn_size i = step - 1; i < bands->count; i += step) {
        const double right = sq_bands_end(bands, axes, i);
        const double x =
            single ? (sq_bands_end(bands, axes, i - 1) + right) / 2 : right - 4;
        char text[48];
        snprintf(text, sizeof text, i < step ? "epoch %td" : "%td",
                 (i + 1) * bands->each);
        const double width = sq_picture_width(picture, text, how);
        const double from = x - how.anchor * width;
        if (from > axes->left + 2 && from + width < axes->right - 2 &&
            !sq_picture_taken(picture, from, y - SQ_BAND_TEXT, from + width, y + 2))
            sq_picture_text(picture, x, y, text, how);
    }
}

static void sq_bands_draw(const sq_mark *mark, const seqnn_axes *axes,
                          sq_picture *picture, sq_layer layer)
{
    const sq_bands *bands = (const sq_bands *)mark;
    const seqnn_size step = sq_bands_step(bands, axes, SQ_BAND_NARROWEST);
    if (layer == SQ_LAYER_TEXT && bands->numbers)
        sq_bands_numbers(bands, axes, picture);
    if (layer != SQ_LAYER_FILL)
        return;
    for (seqnn_size i = 2 * step - 1; i - step < bands->count; i += 2 * step)
        sq_canvas_rectangle(
            &picture->canvas, sq_bands_end(bands, axes, i - step), axes->top,
            sq_bands_end(bands, axes, sq_min(i, bands->count - 1)), axes->bottom);
    sq_canvas_paint(&picture->canvas, SQ_BAND_COLOUR, SQ_BAND_OPACITY);
}

/* The legend keeps away from the numbers. */
static bool sq_bands_covers(const sq_mark *mark, const seqnn_axes *axes,
                            const double box[4])
{
    const sq_bands *bands = (const sq_bands *)mark;
    return bands->numbers && (bands->top ? box[1] < axes->top + SQ_BAND_STRIP
                                         : box[3] > axes->bottom - SQ_BAND_STRIP);
}

seqnn_status sq_axes_epoch_bands(seqnn_axes *axes, const sq_epochs *epochs, bool numbers,
                                 bool top)
{
    static const sq_mark_kind kind = {NULL, sq_bands_draw, sq_bands_covers, NULL};
    sq_bands *bands;
    if (epochs->count == 0)
        return sq_axes_status(axes);
    bands = (sq_bands *)sq_axes_add(axes, &kind, sizeof *bands);
    if (bands == NULL)
        return sq_axes_status(axes);
    bands->each = epochs->each;
    bands->count = epochs->count;
    bands->numbers = numbers;
    bands->top = top;
    bands->ends = (const double *)sq_axes_keep(axes, epochs->ends, epochs->count,
                                               sizeof *epochs->ends);
    if (bands->ends == NULL)
        bands->count = 0;
    return sq_axes_status(axes);
}

#endif
