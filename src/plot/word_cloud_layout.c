/* plot/word_cloud_layout.c - where the words of a cloud lie */
#include "word_cloud_layout.h"

#ifdef SEQNN_PLOT

#include "memory.h"
#include "pack.h"

/* Words are drawn at scale 1 and their ink, with some space around it, is packed. A large
 * field is worked out smaller. */
#define SQ_CLOUD_CELLS 500000.0
#define SQ_CLOUD_SMALLEST 7.0 /* units: what can be read */
#define SQ_CLOUD_FILLED 0.8   /* of the field by the words' boxes, at first guess */
#define SQ_CLOUD_GROWTH 1.06  /* from one trial to the next */
/* Space around a word over its size: before and after it half of a space's width, above
 * and below less. */
#define SQ_CLOUD_BESIDE 0.16
#define SQ_CLOUD_ABOVE 0.045

enum { SQ_CLOUD_TRIALS = 40 };

typedef struct sq_cloud {
    const sq_font *font;
    sq_canvas canvas; /* to draw one word at a time */
    sq_pack_field pack;
    int width, height;
    double smallest;
} sq_cloud;

/* The word's ink and the cells around it, as a mask of its own; (*x, *y) is its base
 * line's end within the mask. A mask without bits: it has no ink, or is larger than the
 * field. */
static seqnn_status sq_cloud_shape(sq_cloud *cloud, const sq_cloud_word *word,
                                   double size, sq_mask *mask, int *x, int *y)
{
    sq_canvas *canvas = &cloud->canvas;
    sq_font_extent box = sq_font_box(cloud->font, word->text, size, 0, word->upright);
    sq_box ink;
    int beside = 1 + (int)(size * SQ_CLOUD_BESIDE);
    int above = 1 + (int)(size * SQ_CLOUD_ABOVE);
    int columns = word->upright ? above : beside, rows = word->upright ? beside : above;
    seqnn_status status;
    mask->bits = NULL;
    if (box.right - box.left + 2 * columns + 2 > canvas->width ||
        box.bottom - box.top + 2 * rows + 2 > canvas->height)
        return SEQNN_OK;
    *x = (int)ceil(columns + 1 - box.left);
    *y = (int)ceil(rows + 1 - box.top);
    sq_font_draw(cloud->font, canvas, *x, *y, size, 0, word->upright, word->text);
    ink = canvas->touched;
    if (ink.left >= ink.right || ink.top >= ink.bottom)
        return SEQNN_OK;
    ink.left -= columns;
    ink.top -= rows;
    status =
        sq_mask_open(mask, ink.right + columns - ink.left, ink.bottom + rows - ink.top);
    for (int row = canvas->touched.top; status == SEQNN_OK && row < ink.bottom; row++) {
        const unsigned char *from = canvas->mask + (size_t)row * (size_t)canvas->width;
        for (int column = canvas->touched.left; column < ink.right; column++) {
            if (from[column] != 0)
                sq_mask_set(mask, column - ink.left, row - ink.top);
        }
    }
    if (status == SEQNN_OK)
        sq_mask_grow(mask, columns, rows);
    sq_canvas_wipe(canvas);
    *x -= ink.left;
    *y -= ink.top;
    return status;
}

/* Packs all words with the largest of this size. *missed: how many that are large enough
 * to read found no room; with `all` the first of them ends the trial. */
static seqnn_status sq_cloud_trial(sq_cloud *cloud, sq_cloud_word *words,
                                   seqnn_size count, double largest, bool all,
                                   seqnn_size *missed)
{
    *missed = 0;
    sq_pack_clear(&cloud->pack);
    for (seqnn_size i = 0; i < count; i++) {
        double size = largest * words[i].share;
        int x, y, left, top;
        sq_mask shape;
        words[i].size = 0;
        if (words[i].left_out || size < cloud->smallest)
            continue;
        if (sq_cloud_shape(cloud, &words[i], size, &shape, &x, &y) != SEQNN_OK)
            return SEQNN_ERROR_MEMORY;
        if (shape.bits != NULL && sq_pack_place(&cloud->pack, &shape, &left, &top)) {
            words[i].size = size;
            words[i].x = left + x;
            words[i].y = top + y;
        } else {
            ++*missed;
        }
        sq_mask_close(&shape);
        if (all && *missed > 0)
            break;
    }
    return SEQNN_OK;
}

/* A first guess, from the area that the words' boxes take; not so large that a word
 * would be wider than the field: *most. */
static double sq_cloud_guess(const sq_cloud *cloud, sq_cloud_word *words,
                             seqnn_size count, double *most)
{
    double area = 0, guess;
    *most = 0.4 * cloud->height;
    for (seqnn_size i = 0; i < count; i++) {
        sq_font_extent box =
            sq_font_box(cloud->font, words[i].text, 16, 0, words[i].upright);
        double across = (box.right - box.left) / 16, down = (box.bottom - box.top) / 16;
        double beside = 2 * (words[i].upright ? SQ_CLOUD_ABOVE : SQ_CLOUD_BESIDE);
        double above = 2 * (words[i].upright ? SQ_CLOUD_BESIDE : SQ_CLOUD_ABOVE);
        double fits = fmin((0.98 * cloud->width - 4) / fmax(across + beside, 1e-3),
                           (0.98 * cloud->height - 4) / fmax(down + above, 1e-3));
        /* All become small for the first word, not for a long one among the others. */
        words[i].left_out = across <= 0 || fits < (i == 0 ? 1 : 2) * cloud->smallest;
        if (words[i].left_out)
            continue;
        area += across * down * words[i].share * words[i].share;
        *most = fmin(*most, fits / words[i].share);
    }
    guess = sqrt(SQ_CLOUD_FILLED * cloud->width * cloud->height / fmax(area, 1e-3));
    return fmin(guess, *most);
}

/* The largest size at which all words find room, by steps up or down from the guess;
 * `kept` holds the best trial. */
static seqnn_status sq_cloud_search(sq_cloud *cloud, sq_cloud_word *words,
                                    sq_cloud_word *kept, seqnn_size count)
{
    double most, size = sq_cloud_guess(cloud, words, count, &most);
    double least = fmin(1.2 * cloud->smallest, most);
    bool fitted = false, shrunk = false;
    seqnn_size missed;
    for (int trial = 0; trial < SQ_CLOUD_TRIALS && size >= least; trial++) {
        if (sq_cloud_trial(cloud, words, count, size, true, &missed) != SEQNN_OK)
            return SEQNN_ERROR_MEMORY;
        if (missed == 0) {
            memcpy(kept, words, (size_t)count * sizeof *kept);
            fitted = true;
        }
        /* Down until all fit; up as long as they do. */
        if ((missed > 0 && fitted) || (missed == 0 && (shrunk || size >= most)))
            break;
        shrunk = missed > 0;
        size = shrunk ? size / SQ_CLOUD_GROWTH : fmin(size * SQ_CLOUD_GROWTH, most);
    }
    if (!fitted)
        return sq_cloud_trial(cloud, words, count, least, false, &missed);
    memcpy(words, kept, (size_t)count * sizeof *kept);
    return SEQNN_OK;
}

seqnn_status sq_cloud_layout(sq_cloud_word *words, seqnn_size count, const sq_font *font,
                             double width, double height, uint64_t seed)
{
    sq_cloud cloud;
    double shrunk = fmax(1, sqrt(width * height / SQ_CLOUD_CELLS));
    sq_cloud_word *kept;
    seqnn_status status = SEQNN_ERROR_MEMORY;
    memset(&cloud, 0, sizeof cloud);
    for (seqnn_size i = 0; i < count; i++)
        words[i].size = 0;
    cloud.font = font;
    cloud.width = (int)floor(width / shrunk);
    cloud.height = (int)floor(height / shrunk);
    cloud.smallest = SQ_CLOUD_SMALLEST / shrunk;
    if (cloud.width < 16 || cloud.height < 16)
        return SEQNN_OK; /* no room for any word */
    kept = (sq_cloud_word *)sq_allocate(count + 1, sizeof *kept);
    if (kept != NULL &&
        sq_canvas_open(&cloud.canvas, "word cloud", cloud.width, cloud.height, 1) ==
            SEQNN_OK &&
        sq_pack_open(&cloud.pack, cloud.width, cloud.height, seed) == SEQNN_OK)
        status = sq_cloud_search(&cloud, words, kept, count);
    sq_free(kept);
    sq_canvas_close(&cloud.canvas);
    sq_pack_close(&cloud.pack);
    for (seqnn_size i = 0; i < count; i++) {
        words[i].size *= shrunk;
        words[i].x *= shrunk;
        words[i].y *= shrunk;
    }
    return status;
}

#endif
