/* plot/pack.c - shapes put close together on a field of cells */
#include "pack.h"

#include "memory.h"
#include "random.h"

/* Places are tried on every second cell of every second row. */
enum { SQ_PACK_STEP = 2, SQ_PACK_LEVELS = 1 << 16 };
/* So many shapes are placed between two looks through all places. */
enum { SQ_PACK_OFTEN = 4 };

seqnn_status sq_mask_open(sq_mask *mask, int width, int height)
{
    mask->width = width;
    mask->height = height;
    mask->stride = (width + 63) / 64;
    mask->bits =
        (uint64_t *)sq_allocate((seqnn_size)mask->stride * height, sizeof *mask->bits);
    return mask->bits != NULL ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

void sq_mask_close(sq_mask *mask)
{
    sq_free(mask->bits);
    mask->bits = NULL;
}

static uint64_t *sq_mask_row(const sq_mask *mask, int y)
{
    return mask->bits + (size_t)y * (size_t)mask->stride;
}

void sq_mask_set(sq_mask *mask, int x, int y)
{
    sq_mask_row(mask, y)[x / 64] |= (uint64_t)1 << (x % 64);
}

/* Each cell takes what the two beside it in its row have. */
static void sq_mask_grow_row(uint64_t *row, int words)
{
    uint64_t before = 0;
    for (int i = 0; i < words; i++) {
        uint64_t here = row[i], after = i + 1 < words ? row[i + 1] : 0;
        row[i] = here | here << 1 | here >> 1 | before >> 63 | after << 63;
        before = here;
    }
}

void sq_mask_grow(sq_mask *mask, int columns, int rows)
{
    for (int y = 0; y < mask->height; y++)
        for (int k = 0; k < columns; k++)
            sq_mask_grow_row(sq_mask_row(mask, y), mask->stride);
    for (int k = 0; k < rows; k++) {
        for (int i = 0; i < mask->stride; i++) {
            uint64_t above = 0;
            for (int y = 0; y < mask->height; y++) {
                uint64_t *at = sq_mask_row(mask, y) + i, here = *at;
                *at |= above | (y + 1 < mask->height ? at[mask->stride] : 0);
                above = here;
            }
        }
    }
}

bool sq_mask_get(const sq_mask *mask, int x, int y)
{
    return (sq_mask_row(mask, y)[x / 64] >> (x % 64) & 1) != 0;
}

/* How far a cell is from the middle, 1 on the field's edges: between an ellipse and the
 * field's rectangle, with a little chance, so that no row shows. */
static double sq_pack_distance(int x, int y, int width, int height, double chance)
{
    double dx = fabs(2.0 * x / width - 1), dy = fabs(2.0 * y / height - 1);
    return pow(dx, 2.5) + pow(dy, 2.5) + 0.04 * chance;
}

seqnn_status sq_pack_open(sq_pack_field *pack, int width, int height, uint64_t seed)
{
    seqnn_size places = 0, *first, all = (seqnn_size)width * height;
    uint16_t *level;
    memset(pack, 0, sizeof *pack);
    first = (seqnn_size *)sq_allocate(SQ_PACK_LEVELS + 1, sizeof *first);
    level = (uint16_t *)sq_allocate(all, sizeof *level);
    pack->order = (uint32_t *)sq_allocate(all, sizeof *pack->order);
    pack->open = (uint32_t *)sq_allocate(all, sizeof *pack->open);
    if (first == NULL || level == NULL || pack->order == NULL || pack->open == NULL ||
        sq_mask_open(&pack->taken, width, height) != SEQNN_OK) {
        sq_free(first);
        sq_free(level);
        sq_pack_close(pack);
        return SEQNN_ERROR_MEMORY;
    }
    /* Counted, summed up, dealt out from the back. */
    for (int y = 0; y < height; y += SQ_PACK_STEP) {
        for (int x = 0; x < width; x += SQ_PACK_STEP, places++) {
            double chance = seqnn_random_at(seed, 0, (uint64_t)places) / 4294967296.0;
            double distance = sq_pack_distance(x, y, width, height, chance);
            seqnn_size at = (seqnn_size)(distance / 2.05 * (double)SQ_PACK_LEVELS);
            level[places] = (uint16_t)sq_min(at, SQ_PACK_LEVELS - 1);
            first[level[places] + 1]++;
        }
    }
    for (seqnn_size i = 0; i < SQ_PACK_LEVELS; i++)
        first[i + 1] += first[i];
    pack->places = places;
    places = 0;
    for (int y = 0; y < height; y += SQ_PACK_STEP)
        for (int x = 0; x < width; x += SQ_PACK_STEP, places++)
            pack->order[first[level[places]]++] = (uint32_t)y << 16 | (uint32_t)x;
    sq_free(first);
    sq_free(level);
    sq_pack_clear(pack);
    return SEQNN_OK;
}

void sq_pack_close(sq_pack_field *pack)
{
    sq_mask_close(&pack->taken);
    sq_free(pack->order);
    sq_free(pack->open);
    pack->order = pack->open = NULL;
}

void sq_pack_clear(sq_pack_field *pack)
{
    memset(pack->taken.bits, 0,
           (size_t)pack->taken.stride * (size_t)pack->taken.height *
               sizeof *pack->taken.bits);
    memcpy(pack->open, pack->order, (size_t)pack->places * sizeof *pack->open);
    pack->open_count = pack->places;
    pack->since = 0;
}

/* Does a row of the shape, its first cell at x, meet a row of the field? */
static bool sq_pack_row_meets(const uint64_t *shape, int words, const uint64_t *field,
                              int field_words, int x)
{
    int word = x / 64, shift = x % 64;
    for (int i = 0; i < words; i++) {
        uint64_t bits = shape[i];
        if ((bits << shift & field[word + i]) != 0)
            return true;
        if (shift > 0 && word + i + 1 < field_words &&
            (bits >> (64 - shift) & field[word + i + 1]) != 0)
            return true;
    }
    return false;
}

static void sq_pack_take(sq_pack_field *pack, const sq_mask *shape, int x, int y)
{
    int word = x / 64, shift = x % 64;
    for (int row = 0; row < shape->height; row++) {
        const uint64_t *from = sq_mask_row(shape, row);
        uint64_t *to = sq_mask_row(&pack->taken, y + row) + word;
        for (int i = 0; i < shape->stride; i++) {
            to[i] |= from[i] << shift;
            if (shift > 0 && word + i + 1 < pack->taken.stride)
                to[i + 1] |= from[i] >> (64 - shift);
        }
    }
}

/* Rows are looked at far from each other first: where there is ink, most show it. */
static int sq_pack_row_step(int height)
{
    int step = (int)(0.618 * height) | 1, a, b;
    for (;; step += 2) {
        for (a = height, b = step; b != 0;) {
            int rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1)
            return step;
    }
}

static bool sq_pack_free(const sq_pack_field *pack, const sq_mask *shape, int x, int y,
                         int step)
{
    int row = shape->height / 2;
    for (int i = 0; i < shape->height; i++) {
        if (sq_pack_row_meets(sq_mask_row(shape, row), shape->stride,
                              sq_mask_row(&pack->taken, y + row), pack->taken.stride, x))
            return false;
        row = (row + step) % shape->height;
    }
    return true;
}

static bool sq_pack_open_at(const sq_pack_field *pack, uint32_t place)
{
    return !sq_mask_get(&pack->taken, (int)(place & 0xFFFF), (int)(place >> 16));
}

/* Forgets the places that are taken. */
static void sq_pack_thin_out(sq_pack_field *pack)
{
    seqnn_size kept = 0;
    for (seqnn_size i = 0; i < pack->open_count; i++)
        if (sq_pack_open_at(pack, pack->open[i]))
            pack->open[kept++] = pack->open[i];
    pack->open_count = kept;
    pack->since = 0;
}

bool sq_pack_place(sq_pack_field *pack, const sq_mask *shape, int *x, int *y)
{
    int step = sq_pack_row_step(shape->height);
    for (seqnn_size i = 0; i < pack->open_count; i++) {
        uint32_t place = pack->open[i];
        if (!sq_pack_open_at(pack, place))
            continue;
        *x = (int)(place & 0xFFFF) - shape->width / 2;
        *y = (int)(place >> 16) - shape->height / 2;
        if (*x < 0 || *y < 0 || *x + shape->width > pack->taken.width ||
            *y + shape->height > pack->taken.height ||
            !sq_pack_free(pack, shape, *x, *y, step))
            continue;
        sq_pack_take(pack, shape, *x, *y);
        if (++pack->since == SQ_PACK_OFTEN)
            sq_pack_thin_out(pack);
        return true;
    }
    return false;
}
