/* plot/word_cloud.c - words as large as they are frequent */
#include "word_cloud.h"

#ifdef SEQNN_PLOT

#include "marks.h"
#include "memory.h"
#include "random.h"
#include "word_cloud_layout.h"

typedef struct sq_word_cloud {
    sq_mark mark;
    const char *const *words;
    const double *shares; /* [count], of the largest size, falling */
    seqnn_size count;
    bool upright;
    sq_colour colour;
    uint64_t seed;
} sq_word_cloud;

/* A colour with a part of the ink in it. */
static sq_colour sq_word_cloud_darker(sq_colour colour, double part)
{
    sq_colour mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double from = (double)(colour >> shift & 255);
        double to = (double)((sq_colour)SQ_INK >> shift & 255);
        mixed |= (sq_colour)(from + part * (to - from) + 0.5) << shift;
    }
    return mixed;
}

static sq_colour sq_word_cloud_colour(const sq_word_cloud *cloud, seqnn_size i)
{
    /* Of the palette without its pale colours; each five words have all of them. */
    static const seqnn_size strong[5] = {0, 1, 2, 6, 3};
    uint32_t chance = seqnn_random_at(cloud->seed, 2, (uint64_t)(i / 5));
    seqnn_size step = 1 + chance % 4, turn = chance / 4 % 5 + i % 5 * step;
    if (cloud->colour != 0)
        return sq_word_cloud_darker(cloud->colour, 0.3 * (double)(turn % 5 % 3));
    return sq_colour_of_series(strong[turn % 5]);
}

static void sq_word_cloud_draw(const sq_mark *mark, const seqnn_axes *axes,
                               sq_picture *picture, sq_layer layer)
{
    const sq_word_cloud *cloud = (const sq_word_cloud *)mark;
    double left = ceil(axes->left), top = ceil(axes->top);
    sq_cloud_word *placed;
    if (layer != SQ_LAYER_TEXT || cloud->count == 0)
        return;
    placed = (sq_cloud_word *)sq_allocate(cloud->count, sizeof *placed);
    if (placed == NULL) {
        picture->status = SEQNN_ERROR_MEMORY;
        return;
    }
    for (seqnn_size i = 0; i < cloud->count; i++) {
        placed[i].text = cloud->words[i];
        placed[i].share = cloud->shares[i];
        /* The largest lie; of the others about a third stand. */
        placed[i].upright = cloud->upright && i > 2 &&
                            seqnn_random_at(cloud->seed, 1, (uint64_t)i) % 3 == 0;
    }
    if (sq_cloud_layout(placed, cloud->count, picture->font, axes->right - left,
                        axes->bottom - top, cloud->seed) != SEQNN_OK)
        picture->status = SEQNN_ERROR_MEMORY;
    else
        for (seqnn_size i = 0; i < cloud->count; i++) {
            const sq_cloud_word *word = &placed[i];
            if (word->size == 0)
                continue;
            sq_font_draw(picture->font, &picture->canvas, left + word->x, top + word->y,
                         word->size, 0, word->upright, word->text);
            sq_canvas_paint(&picture->canvas, sq_word_cloud_colour(cloud, i), 1);
        }
    sq_free(placed);
}

static const sq_mark_kind sq_word_cloud_kind = {NULL, sq_word_cloud_draw, NULL, NULL};

/* --- */

typedef struct sq_word_cloud_rank {
    double weight;
    seqnn_size index;
} sq_word_cloud_rank;

static int sq_word_cloud_by_weight(const void *left, const void *right)
{
    const sq_word_cloud_rank *a = (const sq_word_cloud_rank *)left;
    const sq_word_cloud_rank *b = (const sq_word_cloud_rank *)right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Keeps the words of the largest weights, in that order, with their sizes. */
static void sq_word_cloud_keep(seqnn_axes *axes, sq_word_cloud *cloud,
                               const char *const *words, const seqnn_real *weights,
                               seqnn_size count, seqnn_size most, double power)
{
    seqnn_size usable = 0;
    sq_word_cloud_rank *ranks =
        (sq_word_cloud_rank *)sq_allocate(count + 1, sizeof *ranks);
    const char **texts = (const char **)sq_allocate(count + 1, sizeof *texts);
    double *shares = (double *)sq_allocate(count + 1, sizeof *shares);
    if (ranks == NULL || texts == NULL || shares == NULL) {
        sq_axes_fail(axes, SEQNN_ERROR_MEMORY, "word cloud: no memory for %td words",
                     count);
    } else {
        for (seqnn_size i = 0; i < count; i++) {
            ranks[usable].index = i;
            ranks[usable].weight = (double)weights[i];
            usable += weights[i] > 0 && isfinite(weights[i]) && words[i] != NULL &&
                      words[i][0] != '\0';
        }
        qsort(ranks, (size_t)usable, sizeof *ranks, sq_word_cloud_by_weight);
        usable = sq_min(usable, most);
        for (seqnn_size i = 0; i < usable; i++) {
            texts[i] = words[ranks[i].index];
            shares[i] = pow(ranks[i].weight / ranks[0].weight, power);
        }
        cloud->words = sq_axes_keep_names(axes, texts, usable);
        cloud->shares = (const double *)sq_axes_keep(axes, shares, usable,
                                                     (seqnn_size)sizeof *shares);
        cloud->count = sq_axes_status(axes) == SEQNN_OK ? usable : 0;
    }
    sq_free(ranks);
    sq_free((void *)texts);
    sq_free(shares);
}

seqnn_status seqnn_axes_word_cloud(seqnn_axes *axes, const char *const *words,
                                   const seqnn_real *weights, seqnn_size count,
                                   seqnn_word_cloud_options options)
{
    const char *who = "word cloud";
    sq_word_cloud *cloud;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    if (count < 0 || (count > 0 && (words == NULL || weights == NULL)))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: words and weights of %td words, expected both of 0 or "
                            "more",
                            who, count);
    if (options.most < 0 || !(options.power >= 0 && options.power <= 4))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: most is %td and power %g, expected 0 or more and 0 to 4",
                            who, options.most, (double)options.power);
    if (axes->marks != NULL)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: the axes have another mark already", who);
    cloud = (sq_word_cloud *)sq_axes_add(axes, &sq_word_cloud_kind, sizeof *cloud);
    if (cloud == NULL)
        return sq_axes_status(axes);
    axes->bare = true;
    cloud->upright = options.upright;
    cloud->colour = options.colour;
    cloud->seed = options.seed;
    sq_word_cloud_keep(axes, cloud, words, weights, count,
                       options.most > 0 ? options.most : 150,
                       options.power > 0 ? (double)options.power : 0.5);
    return sq_axes_status(axes);
}

#endif
