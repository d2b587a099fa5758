/* plot/truetype.c - font files by stb_truetype, examined before it sees them */
#include "truetype.h"

#ifdef SEQNN_PLOT

#include "memory.h"

/* Memory for the outline and the edges of one glyph, taken piece by piece, never given
 * back: drawing text allocates nothing unless letters are very large. */
enum { SQ_SCRATCH = 256 << 10 };

typedef struct sq_scratch {
    unsigned char bytes[SQ_SCRATCH];
    size_t used;
} sq_scratch;

static SQ_UNUSED void *sq_truetype_take(sq_scratch *scratch, size_t size)
{
    unsigned char *memory = scratch->bytes + scratch->used;
    size += 64; /* an outline that begins off the curve is read one vertex too far */
    if (size > SQ_SCRATCH - scratch->used)
        return sq_allocate((seqnn_size)size, 1);
    scratch->used += (size + 15) / 16 * 16;
    if (scratch->used > SQ_SCRATCH)
        scratch->used = SQ_SCRATCH;
    return memory;
}

static SQ_UNUSED void sq_truetype_drop(const sq_scratch *scratch, void *memory)
{
    uintptr_t at = (uintptr_t)memory, first = (uintptr_t)scratch->bytes;
    if (at < first || at >= first + SQ_SCRATCH)
        sq_free(memory);
}

/* As in png_file.c: a copy included before this file serves, otherwise a private one
 * does. Without the header there are the strokes. */
#ifndef __STB_INCLUDE_STB_TRUETYPE_H__
#if defined(__has_include)
#if __has_include(<stb/stb_truetype.h>)
#define SQ_TRUETYPE_HEADER <stb/stb_truetype.h>
#elif __has_include(<stb_truetype.h>)
#define SQ_TRUETYPE_HEADER <stb_truetype.h>
#elif __has_include("stb_truetype.h")
#define SQ_TRUETYPE_HEADER "stb_truetype.h"
#endif
#endif
#ifdef SQ_TRUETYPE_HEADER
#define SQ_TRUETYPE_CONTEXT(scratch) (scratch)
#define STBTT_STATIC
#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_malloc(size, scratch) sq_truetype_take((sq_scratch *)(scratch), size)
#define STBTT_free(memory, scratch) sq_truetype_drop((sq_scratch *)(scratch), memory)
#define STBTT_assert(condition) ((void)0)
#include "silence.inc"
#include SQ_TRUETYPE_HEADER
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef STBTT_STATIC
#undef STB_TRUETYPE_IMPLEMENTATION
#undef STBTT_malloc
#undef STBTT_free
#undef STBTT_assert
#undef SQ_TRUETYPE_HEADER
#endif
#endif

#ifdef __STB_INCLUDE_STB_TRUETYPE_H__

/* Somebody else's copy allocates as it likes. */
#ifndef SQ_TRUETYPE_CONTEXT
#define SQ_TRUETYPE_CONTEXT(scratch) NULL
#endif

enum {
    SQ_TRUETYPE_LARGEST = 64 << 20,
    /* Zeros behind the file: no count or offset of 16 bits leads further than this from
     * the table or glyph that holds it. */
    SQ_TRUETYPE_REACH = 520 << 10
};

struct sq_truetype {
    unsigned char *bytes;
    uint32_t size; /* of the file */
    stbtt_fontinfo info;
    double em; /* size 1 in the font's own units */
    sq_scratch *scratch;
};

static uint32_t sq_truetype_16(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t sq_truetype_32(const unsigned char *bytes)
{
    return sq_truetype_16(bytes) << 16 | sq_truetype_16(bytes + 2);
}

/* The file's bytes and the zeros behind them. */
static bool sq_truetype_read(sq_truetype *font, const char *path, const char **why)
{
    long size = 0;
    FILE *file = fopen(path, "rb");
    *why = "it cannot be opened";
    if (file == NULL)
        return false;
    if (fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    *why = "it is empty, or larger than a font";
    if (size >= 12 && size <= SQ_TRUETYPE_LARGEST && fseek(file, 0, SEEK_SET) == 0) {
        *why = NULL;
        font->size = (uint32_t)size;
        font->bytes =
            (unsigned char *)sq_allocate((seqnn_size)size + SQ_TRUETYPE_REACH, 1);
        if (font->bytes != NULL &&
            fread(font->bytes, 1, (size_t)size, file) != (size_t)size)
            *why = "it cannot be read";
    }
    fclose(file);
    return font->bytes != NULL && *why == NULL;
}

/* A table's checksum: its 32-bit words added up. The head's own word at 8, the sum of the
 * whole file, does not count. */
static uint32_t sq_truetype_sum(const unsigned char *table, uint32_t length, bool head)
{
    uint32_t sum = 0, i = 0;
    for (; i + 4 <= length; i += 4)
        sum += sq_truetype_32(table + i);
    for (uint32_t shift = 24; i < length; i++, shift -= 8)
        sum += (uint32_t)table[i] << shift;
    return head && length >= 12 ? sum - sq_truetype_32(table + 8) : sum;
}

/* The maps from characters to glyphs lie inside their table. */
static bool sq_truetype_maps(const unsigned char *table, uint32_t length)
{
    uint32_t maps = length < 4 ? 0 : sq_truetype_16(table + 2);
    if (length < 4 + 8 * maps)
        return false;
    for (uint32_t i = 0; i < maps; i++)
        if (sq_truetype_32(table + 4 + 8 * i + 4) >= length)
            return false;
    return true;
}

/* Every table lies inside the file, those that are used have their checksums, and there
 * are TrueType outlines. */
static bool sq_truetype_whole(const sq_truetype *font, uint32_t face, const char **why)
{
    bool outlines = false;
    static const char used[] = "cmap glyf head hhea hmtx kern loca maxp ";
    const unsigned char *bytes = font->bytes;
    uint32_t tables = sq_truetype_16(bytes + face + 4);
    *why = "it is cut off";
    if (font->size - face < 12 + 16 * tables)
        return false;
    for (uint32_t i = 0; i < tables; i++) {
        const unsigned char *entry = bytes + face + 12 + 16 * i;
        uint32_t at = sq_truetype_32(entry + 8), length = sq_truetype_32(entry + 12);
        char tag[6];
        memcpy(tag, entry, 4);
        memcpy(tag + 4, " ", 2);
        if (at > font->size || length > font->size - at)
            return false;
        if (strlen(tag) == 5 && strstr(used, tag) != NULL &&
            sq_truetype_sum(bytes + at, length, strcmp(tag, "head ") == 0) !=
                sq_truetype_32(entry + 4)) {
            *why = "it is damaged: the checksum of a table does not fit";
            return false;
        }
        if (strcmp(tag, "cmap ") == 0 && !sq_truetype_maps(bytes + at, length)) {
            *why = "its map of characters is not sound";
            return false;
        }
        outlines = outlines || strcmp(tag, "glyf ") == 0;
    }
    *why = "it has no TrueType outlines that can be read";
    return outlines;
}

/* A map of 32-bit numbers: its groups are there, and of a sensible size. */
static bool sq_truetype_groups(const unsigned char *map, uint32_t room)
{
    uint32_t groups = room < 16 ? 1 : sq_truetype_32(map + 12);
    if (room < 16 || groups > (room - 16) / 12)
        return false;
    for (uint32_t i = 0; i < groups; i++) {
        const unsigned char *group = map + 16 + 12 * i;
        if (sq_truetype_32(group) > 0x10FFFF || sq_truetype_32(group + 4) > 0x10FFFF ||
            sq_truetype_32(group + 8) > 0xFFFF)
            return false;
    }
    return true;
}

/* What stb_truetype follows further than 16 bits reach, or divides by. */
static bool sq_truetype_sound(sq_truetype *font)
{
    const stbtt_fontinfo *info = &font->info;
    const unsigned char *bytes = font->bytes, *map = bytes + info->index_map;
    uint32_t em = sq_truetype_16(bytes + info->head + 18), format = sq_truetype_16(map);
    if (format != 0 && format != 4 && format != 6 &&
        !((format == 12 || format == 13) &&
          sq_truetype_groups(map, font->size - (uint32_t)info->index_map)))
        return false;
    if (em < 16 || em > 16384 || sq_truetype_16(bytes + info->hhea + 34) < 1)
        return false;
    font->em = 1.0 / em;
    return true;
}

sq_truetype *sq_truetype_open(const char *path, const char **why)
{
    sq_truetype *font = (sq_truetype *)sq_allocate(1, sizeof *font);
    uint32_t face = 0;
    bool good = false;
    *why = NULL;
    if (font == NULL)
        return NULL;
    font->scratch = (sq_scratch *)sq_allocate(1, sizeof *font->scratch);
    if (font->scratch != NULL && sq_truetype_read(font, path, why)) {
        if (memcmp(font->bytes, "ttcf", 4) == 0)
            face = sq_truetype_32(font->bytes + 12);
        *why = "it is no TrueType font";
        good = face <= font->size - 12 &&
               (face > 0 || stbtt_GetFontOffsetForIndex(font->bytes, 0) == 0) &&
               sq_truetype_whole(font, face, why) &&
               stbtt_InitFont(&font->info, font->bytes, (int)face) != 0 &&
               sq_truetype_sound(font);
    }
    if (!good) {
        sq_truetype_close(font);
        return NULL;
    }
    font->info.userdata = SQ_TRUETYPE_CONTEXT(font->scratch);
    return font;
}

void sq_truetype_close(sq_truetype *font)
{
    if (font != NULL) {
        sq_free(font->scratch);
        sq_free(font->bytes);
    }
    sq_free(font);
}

/* Where a glyph's outline begins in the file; 0 if it has none, -1 if that is outside. */
static int sq_truetype_outline(const sq_truetype *font, int glyph)
{
    const stbtt_fontinfo *info = &font->info;
    const unsigned char *loca = font->bytes + info->loca;
    uint64_t from, to;
    if (glyph >= info->numGlyphs || info->indexToLocFormat > 1)
        return -1;
    if (info->indexToLocFormat == 0) {
        from = sq_truetype_16(loca + 2 * glyph) * 2;
        to = sq_truetype_16(loca + 2 * glyph + 2) * 2;
    } else {
        from = sq_truetype_32(loca + 4 * glyph);
        to = sq_truetype_32(loca + 4 * glyph + 4);
    }
    if (from == to)
        return 0;
    from += (uint64_t)info->glyf;
    return from < font->size && to <= font->size ? (int)from : -1;
}

/* A glyph may consist of others: x' = xx x + xy y + dx, y' = yx x + yy y + dy. They are
 * followed here, since stb_truetype follows them in circles. */
typedef struct sq_truetype_part {
    int glyph;
    double xx, yx, xy, yy, dx, dy;
    const unsigned char *next; /* NULL: this is the last */
} sq_truetype_part;

static double sq_truetype_signed(const unsigned char *bytes)
{
    double value = sq_truetype_16(bytes);
    return value < 0x8000 ? value : value - 0x10000;
}

static double sq_truetype_share(const unsigned char *bytes)
{
    return sq_truetype_signed(bytes) / 16384;
}

static sq_truetype_part sq_truetype_read_part(const unsigned char *at)
{
    uint32_t flags = sq_truetype_16(at);
    sq_truetype_part part = {(int)sq_truetype_16(at + 2), 1, 0, 0, 1, 0, 0, NULL};
    bool words = (flags & 0x01) != 0;
    if (flags & 0x02) { /* a distance, not two points that meet */
        part.dx = words ? sq_truetype_signed(at + 4) : (signed char)at[4];
        part.dy = words ? sq_truetype_signed(at + 6) : (signed char)at[5];
    }
    at += words ? 8 : 6;
    if (flags & 0x08) {
        part.xx = part.yy = sq_truetype_share(at);
        at += 2;
    } else if (flags & 0x40) {
        part.xx = sq_truetype_share(at);
        part.yy = sq_truetype_share(at + 2);
        at += 4;
    } else if (flags & 0x80) {
        part.xx = sq_truetype_share(at);
        part.yx = sq_truetype_share(at + 2);
        part.xy = sq_truetype_share(at + 4);
        part.yy = sq_truetype_share(at + 6);
        at += 8;
    }
    part.next = flags & 0x20 ? at : NULL;
    return part;
}

/* Where the parts of a glyph begin; NULL if it has an outline of its own. */
static const unsigned char *sq_truetype_parts(const sq_truetype *font, int outline)
{
    if (outline <= 0 || sq_truetype_16(font->bytes + outline) < 0x8000)
        return NULL;
    return font->bytes + outline + 10;
}

/* No deeper than `depth`, not more parts than `left`, and all inside the file. */
static bool sq_truetype_finite(const sq_truetype *font, int glyph, int depth, int *left)
{
    int outline = sq_truetype_outline(font, glyph);
    const unsigned char *at = sq_truetype_parts(font, outline);
    while (at != NULL) {
        sq_truetype_part part;
        if (depth == 0 || --*left < 0 || at >= font->bytes + font->size)
            return false;
        part = sq_truetype_read_part(at);
        if (!sq_truetype_finite(font, part.glyph, depth - 1, left))
            return false;
        at = part.next;
    }
    return outline >= 0;
}

int sq_truetype_glyph(const sq_truetype *font, uint32_t character)
{
    int parts = 64, glyph = stbtt_FindGlyphIndex(&font->info, (int)character);
    return glyph > 0 && sq_truetype_finite(font, glyph, 6, &parts) ? glyph : 0;
}

double sq_truetype_advance(const sq_truetype *font, int glyph)
{
    int advance;
    stbtt_GetGlyphHMetrics(&font->info, glyph, &advance, NULL);
    return fmax(0, advance * font->em);
}

/* From the kern table's first part. stb_truetype prefers GPOS, where it multiplies
 * numbers of the file without a bound. */
double sq_truetype_kern(const sq_truetype *font, int left, int right)
{
    const unsigned char *kern = font->bytes + font->info.kern;
    uint32_t pair = (uint32_t)left << 16 | (uint32_t)right, low = 0, high;
    if (font->info.kern == 0 || sq_truetype_16(kern + 2) < 1 ||
        sq_truetype_16(kern + 8) != 1)
        return 0;
    for (high = sq_truetype_16(kern + 10); low < high;) {
        uint32_t middle = (low + high) / 2;
        const unsigned char *entry = kern + 18 + 6 * middle;
        if (sq_truetype_32(entry) == pair) {
            int value = (int)sq_truetype_16(entry + 4);
            value -= value >= 0x8000 ? 0x10000 : 0;
            return fmax(-0.5, fmin(value * font->em, 0.5));
        }
        if (sq_truetype_32(entry) < pair)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

bool sq_truetype_extent(const sq_truetype *font, int glyph, sq_font_extent *extent)
{
    int left, bottom, right, top;
    if (sq_truetype_outline(font, glyph) <= 0 ||
        !stbtt_GetGlyphBox(&font->info, glyph, &left, &bottom, &right, &top))
        return false;
    extent->left = left * font->em;
    extent->top = -top * font->em;
    extent->right = right * font->em;
    extent->bottom = -bottom * font->em;
    return left < right && bottom < top;
}

/* Where a glyph is drawn: the canvas, pixels for one of the font's units, origin. */
typedef struct sq_truetype_easel {
    sq_canvas *canvas;
    float scale[2], shift[2];
} sq_truetype_easel;

/* Rasterises the part of an outline that lies in box, 64 columns at a time: for more
 * stb_truetype allocates, and does not look whether it got anything. */
static void sq_truetype_fill(sq_scratch *scratch, const sq_truetype_easel *easel,
                             stbtt_vertex *outline, int count, sq_box box)
{
    enum { COLUMNS = 64 };
    int height = box.bottom - box.top;
    /* It clips at the upper edge unless that is row 0. */
    int row = box.top == 0 ? 1 : 0;
    stbtt__bitmap bitmap;
    if (box.left >= box.right || height <= 0)
        return;
    bitmap.pixels = (unsigned char *)sq_truetype_take(scratch, (size_t)height * COLUMNS);
    for (; bitmap.pixels != NULL && box.left < box.right; box.left += COLUMNS) {
        bitmap.w = bitmap.stride = (int)sq_min(COLUMNS, box.right - box.left);
        bitmap.h = height;
        memset(bitmap.pixels, 0, (size_t)height * COLUMNS);
        stbtt_Rasterize(&bitmap, 0.1f, outline, count, easel->scale[0], easel->scale[1],
                        easel->shift[0], easel->shift[1] + (float)row, box.left,
                        box.top + row, 1, SQ_TRUETYPE_CONTEXT(scratch));
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < bitmap.w; x++) {
                int coverage = bitmap.pixels[y * bitmap.stride + x];
                if (coverage > 0)
                    sq_canvas_cover(easel->canvas, box.left + x, box.top + y, coverage);
            }
        }
    }
    sq_truetype_drop(scratch, bitmap.pixels);
}

static stbtt_vertex_type sq_truetype_short(double value)
{
    return (stbtt_vertex_type)fmax(-32767, fmin(floor(value + 0.5), 32767));
}

/* Appends a glyph, the whole or part of another, to outline[0..count); `to` says how it
 * is moved. */
static void sq_truetype_collect(const sq_truetype *font, const sq_truetype_part *to,
                                stbtt_vertex **outline, int *count)
{
    const unsigned char *at =
        sq_truetype_parts(font, sq_truetype_outline(font, to->glyph));
    stbtt_vertex *shape, *both;
    int added;
    if (at != NULL) {
        while (at != NULL) {
            sq_truetype_part part = sq_truetype_read_part(at), moved = part;
            moved.xx = to->xx * part.xx + to->xy * part.yx;
            moved.yx = to->yx * part.xx + to->yy * part.yx;
            moved.xy = to->xx * part.xy + to->xy * part.yy;
            moved.yy = to->yx * part.xy + to->yy * part.yy;
            moved.dx = to->xx * part.dx + to->xy * part.dy + to->dx;
            moved.dy = to->yx * part.dx + to->yy * part.dy + to->dy;
            sq_truetype_collect(font, &moved, outline, count);
            at = part.next;
        }
        return;
    }
    added = stbtt_GetGlyphShape(&font->info, to->glyph, &shape);
    both = (stbtt_vertex *)sq_truetype_take(font->scratch,
                                            (size_t)(*count + added) * sizeof *both);
    if (both != NULL && added > 0) {
        if (*count > 0)
            memcpy(both, *outline, (size_t)*count * sizeof *both);
        for (int i = 0; i < added; i++) {
            stbtt_vertex *v = &both[*count + i], from = shape[i];
            *v = from;
            v->x = sq_truetype_short(to->xx * from.x + to->xy * from.y + to->dx);
            v->y = sq_truetype_short(to->yx * from.x + to->yy * from.y + to->dy);
            v->cx = sq_truetype_short(to->xx * from.cx + to->xy * from.cy + to->dx);
            v->cy = sq_truetype_short(to->yx * from.cx + to->yy * from.cy + to->dy);
        }
        sq_truetype_drop(font->scratch, *outline);
        *outline = both;
        *count += added;
    } else {
        sq_truetype_drop(font->scratch, both);
    }
    stbtt_FreeShape(&font->info, shape);
}

void sq_truetype_draw(const sq_truetype *font, sq_canvas *canvas, int glyph, double x,
                      double y, double wide, double high, bool upwards)
{
    const sq_box *clip = &canvas->clip;
    sq_truetype_part whole = {glyph, 1, 0, 0, 1, 0, 0, NULL};
    sq_truetype_easel easel;
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    stbtt_vertex *outline = NULL;
    sq_box box;
    int count = 0;
    if (upwards) { /* a quarter to the left */
        whole.xx = whole.yy = 0;
        whole.xy = -1;
        whole.yx = 1;
    }
    easel.canvas = canvas;
    easel.scale[0] = (float)((upwards ? high : wide) * font->em);
    easel.scale[1] = (float)((upwards ? wide : high) * font->em);
    easel.shift[0] = (float)x;
    easel.shift[1] = (float)y;
    font->scratch->used = 0;
    sq_truetype_collect(font, &whole, &outline, &count);
    for (int i = 0; i < count; i++) {
        const stbtt_vertex *v = &outline[i];
        for (int end = 0; end < (v->type == STBTT_vcurve ? 2 : 1); end++) {
            double px = (end ? v->cx : v->x) * easel.scale[0] + x;
            double py = (end ? v->cy : v->y) * -easel.scale[1] + y;
            left = fmin(left, px);
            right = fmax(right, px);
            top = fmin(top, py);
            bottom = fmax(bottom, py);
        }
    }
    /* Not more than the picture shows, however large the letter. */
    box.left = (int)fmax(clip->left, floor(fmin(left, clip->right)));
    box.top = (int)fmax(clip->top, floor(fmin(top, clip->bottom)));
    box.right = (int)fmin(clip->right, ceil(fmax(right, clip->left)));
    box.bottom = (int)fmin(clip->bottom, ceil(fmax(bottom, clip->top)));
    if (count > 0)
        sq_truetype_fill(font->scratch, &easel, outline, count, box);
    sq_truetype_drop(font->scratch, outline);
}

#else

struct sq_truetype {
    char unused;
};

sq_truetype *sq_truetype_open(const char *path, const char **why)
{
    (void)path;
    *why = "the program was compiled without stb_truetype.h";
    return NULL;
}

void sq_truetype_close(sq_truetype *font)
{
    (void)font;
}

int sq_truetype_glyph(const sq_truetype *font, uint32_t character)
{
    (void)font, (void)character;
    return 0;
}

double sq_truetype_advance(const sq_truetype *font, int glyph)
{
    (void)font, (void)glyph;
    return 0;
}

double sq_truetype_kern(const sq_truetype *font, int left, int right)
{
    (void)font, (void)left, (void)right;
    return 0;
}

bool sq_truetype_extent(const sq_truetype *font, int glyph, sq_font_extent *extent)
{
    (void)font, (void)glyph, (void)extent;
    return false;
}

void sq_truetype_draw(const sq_truetype *font, sq_canvas *canvas, int glyph, double x,
                      double y, double wide, double high, bool upwards)
{
    (void)font, (void)canvas, (void)glyph, (void)x;
    (void)y, (void)wide, (void)high, (void)upwards;
}

#endif

#endif
