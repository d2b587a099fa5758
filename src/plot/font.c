/* plot/font.c - text by stb_truetype, or by the built-in strokes */
#include "font.h"

#ifdef SEQNN_PLOT

#include "memory.h"
#include "strokes.h"

/* As in png_file.c: a copy included before this file serves, otherwise a private one
 * does. Without the header there are the strokes. */
#ifndef __STB_INCLUDE_STB_TRUETYPE_H__
#if defined(__has_include)
#if __has_include(<stb/stb_truetype.h>)
#define SQ_FONT_TRUETYPE <stb/stb_truetype.h>
#elif __has_include(<stb_truetype.h>)
#define SQ_FONT_TRUETYPE <stb_truetype.h>
#elif __has_include("stb_truetype.h")
#define SQ_FONT_TRUETYPE "stb_truetype.h"
#endif
#endif
#ifdef SQ_FONT_TRUETYPE
#define STBTT_STATIC
#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_malloc(size, context) ((void)(context), sq_allocate((seqnn_size)(size), 1))
#define STBTT_free(memory, context) ((void)(context), sq_free(memory))
#define STBTT_assert(condition) ((void)0)
#if defined(__GNUC__)
#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#endif
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#include SQ_FONT_TRUETYPE
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef STBTT_STATIC
#undef STB_TRUETYPE_IMPLEMENTATION
#undef STBTT_malloc
#undef STBTT_free
#undef STBTT_assert
#undef SQ_FONT_TRUETYPE
#endif
#endif

/* The proportions of the strokes: capitals of 14 grid units are as high as DejaVu's. */
#define SQ_FONT_GRID (SQ_FONT_CAPITALS / 14)
#define SQ_FONT_PEN 0.088

struct sq_font {
    unsigned char *file; /* NULL: the strokes */
#ifdef __STB_INCLUDE_STB_TRUETYPE_H__
    stbtt_fontinfo info;
    double em; /* size 1 in the font's own units */
#endif
};

/* The character at *text, which moves behind it; 0 at the end. */
static uint32_t sq_font_next(const char **text)
{
    const unsigned char *byte = (const unsigned char *)*text;
    int more = *byte >= 0xF0 && *byte < 0xF8 ? 3
               : *byte >= 0xE0               ? 2
               : *byte >= 0xC0               ? 1
                                             : 0;
    uint32_t character = *byte;
    if (character == 0)
        return 0;
    if (*byte >= 0xF8)
        more = 0;
    if (more > 0)
        character &= 0x3Fu >> more;
    for (int i = 1; i <= more; i++) {
        if ((byte[i] & 0xC0) != 0x80) {
            (*text)++;
            return *byte;
        }
        character = character << 6 | (byte[i] & 0x3Fu);
    }
    *text += more + 1;
    return character < ' ' ? ' ' : character;
}

#ifdef __STB_INCLUDE_STB_TRUETYPE_H__

static uint32_t sq_font_big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

/* stb_truetype trusts the file's offsets, so at least every table must lie inside it. */
static bool sq_font_whole(const unsigned char *file, size_t size)
{
    size_t tables;
    if (size < 12)
        return false;
    tables = (size_t)(file[4] << 8 | file[5]);
    if (size < 12 + 16 * tables)
        return false;
    for (size_t i = 0; i < tables; i++) {
        const unsigned char *entry = file + 12 + 16 * i;
        uint64_t end =
            (uint64_t)sq_font_big_endian(entry + 8) + sq_font_big_endian(entry + 12);
        if (end > size)
            return false;
    }
    return true;
}

/* The file's bytes, or NULL if there is no readable font of a sensible size. */
static unsigned char *sq_font_read(const char *path)
{
    enum { LARGEST = 64 << 20 };
    unsigned char *bytes = NULL;
    long size = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 && size < LARGEST &&
        fseek(file, 0, SEEK_SET) == 0)
        bytes = (unsigned char *)sq_allocate(size, 1);
    if (bytes != NULL && (fread(bytes, 1, (size_t)size, file) != (size_t)size ||
                          !sq_font_whole(bytes, (size_t)size))) {
        sq_free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

static bool sq_font_load(sq_font *font, const char *path)
{
    font->file = sq_font_read(path);
    if (font->file == NULL)
        return false;
    if (!stbtt_InitFont(&font->info, font->file, 0)) {
        sq_free(font->file);
        font->file = NULL;
        return false;
    }
    font->em = (double)stbtt_ScaleForMappingEmToPixels(&font->info, 1);
    return true;
}

sq_font *sq_font_open(const char *path)
{
    static const char *const places[] = {
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/TTF/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu/DejaVuSans.ttf",
        "/usr/local/share/fonts/dejavu/DejaVuSans.ttf",
        "/opt/homebrew/share/fonts/DejaVuSans.ttf",
        "/Library/Fonts/DejaVuSans.ttf",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
        "/System/Library/Fonts/Supplemental/Arial.ttf",
        "C:\\Windows\\Fonts\\DejaVuSans.ttf",
        "C:\\Windows\\Fonts\\segoeui.ttf",
        "C:\\Windows\\Fonts\\arial.ttf",
    };
    const char *named = getenv("SEQNN_FONT");
    sq_font *font = (sq_font *)sq_allocate(1, sizeof *font);
    if (font == NULL)
        return NULL;
    if (path != NULL) {
        if (sq_font_load(font, path))
            return font;
        sq_free(font);
        sq_fail(SEQNN_ERROR_FILE, "font: '%s' is not readable as a TrueType font", path);
        return NULL;
    }
    if (named != NULL && strcmp(named, "strokes") == 0)
        return font;
    if (named != NULL && sq_font_load(font, named))
        return font;
    for (seqnn_size i = 0; i < SQ_COUNT(places); i++)
        if (sq_font_load(font, places[i]))
            break;
    return font;
}

static bool sq_font_has(const sq_font *font, uint32_t character)
{
    return font->file != NULL && stbtt_FindGlyphIndex(&font->info, (int)character) != 0;
}

/* Width of a glyph of the file, with its kerning towards the next, for size 1. */
static double sq_font_glyph_width(const sq_font *font, uint32_t character, uint32_t next)
{
    int advance, bearing, kern = 0;
    stbtt_GetCodepointHMetrics(&font->info, (int)character, &advance, &bearing);
    if (next != 0)
        kern = stbtt_GetCodepointKernAdvance(&font->info, (int)character, (int)next);
    return (advance + kern) * font->em;
}

/* A glyph with its origin `along` pixels from (x, y) in the direction of the text. */
static void sq_font_glyph_draw(const sq_font *font, sq_canvas *canvas, int x, int y,
                               double along, double size, bool upwards,
                               uint32_t character)
{
    float scale = (float)(font->em * size * canvas->scale);
    double whole = floor(along);
    int width, height, left, top;
    unsigned char *bitmap = stbtt_GetCodepointBitmapSubpixel(
        &font->info, scale, scale, (float)(along - whole), 0, (int)character, &width,
        &height, &left, &top);
    if (bitmap == NULL)
        return;
    for (int j = 0; j < height; j++) {
        for (int i = 0; i < width; i++) {
            int u = (int)whole + left + i, v = top + j, coverage = bitmap[j * width + i];
            if (upwards)
                sq_canvas_cover(canvas, x + v, y - 1 - u, coverage);
            else
                sq_canvas_cover(canvas, x + u, y + v, coverage);
        }
    }
    stbtt_FreeBitmap(bitmap, NULL);
}

#else

sq_font *sq_font_open(const char *path)
{
    if (path != NULL) {
        sq_fail(SEQNN_ERROR_FILE, "font: '%s' needs stb_truetype.h when compiled", path);
        return NULL;
    }
    return (sq_font *)sq_allocate(1, sizeof(sq_font));
}

static bool sq_font_has(const sq_font *font, uint32_t character)
{
    (void)font;
    (void)character;
    return false;
}

static double sq_font_glyph_width(const sq_font *font, uint32_t character, uint32_t next)
{
    (void)font;
    (void)character;
    (void)next;
    return 0;
}

static void sq_font_glyph_draw(const sq_font *font, sq_canvas *canvas, int x, int y,
                               double along, double size, bool upwards,
                               uint32_t character)
{
    (void)font, (void)canvas, (void)x, (void)y;
    (void)along, (void)size, (void)upwards, (void)character;
}

#endif

void sq_font_close(sq_font *font)
{
    if (font != NULL)
        sq_free(font->file);
    sq_free(font);
}

static double sq_font_advance(const sq_font *font, uint32_t character, uint32_t next)
{
    if (sq_font_has(font, character))
        return sq_font_glyph_width(font, character, next);
    return sq_strokes_find(character)->advance * SQ_FONT_GRID;
}

double sq_font_width(const sq_font *font, const char *text, double size)
{
    double width = 0;
    uint32_t character = sq_font_next(&text);
    while (character != 0) {
        uint32_t next = sq_font_next(&text);
        width += sq_font_advance(font, character, next);
        character = next;
    }
    return width * size;
}

/* Where a stroke glyph stands, for the lines that sq_strokes_trace reports. */
typedef struct sq_font_pen {
    sq_canvas *canvas;
    double x, y, size;
    bool upwards;
} sq_font_pen;

static void sq_font_stroke(void *context, double x0, double y0, double x1, double y1)
{
    const sq_font_pen *pen = (const sq_font_pen *)context;
    double g = SQ_FONT_GRID * pen->size, thickness = SQ_FONT_PEN * pen->size;
    if (pen->upwards)
        sq_canvas_line(pen->canvas, pen->x - y0 * g, pen->y - x0 * g, pen->x - y1 * g,
                       pen->y - x1 * g, thickness);
    else
        sq_canvas_line(pen->canvas, pen->x + x0 * g, pen->y - y0 * g, pen->x + x1 * g,
                       pen->y - y1 * g, thickness);
}

void sq_font_draw(const sq_font *font, sq_canvas *canvas, double x, double y, double size,
                  double anchor, bool upwards, const char *text)
{
    double s = canvas->scale, along = -anchor * sq_font_width(font, text, size);
    uint32_t character = sq_font_next(&text);
    while (character != 0) {
        uint32_t next = sq_font_next(&text);
        if (sq_font_has(font, character)) {
            /* The base line on a whole pixel keeps the letters' feet sharp. */
            double across = floor((upwards ? x : y) * s + 0.5);
            double start = (upwards ? -y : x) * s, whole = floor(start);
            double offset = along * s + start - whole;
            if (upwards)
                sq_font_glyph_draw(font, canvas, (int)across, -(int)whole, offset, size,
                                   true, character);
            else
                sq_font_glyph_draw(font, canvas, (int)whole, (int)across, offset, size,
                                   false, character);
        } else {
            sq_font_pen pen;
            pen.canvas = canvas;
            pen.x = upwards ? x : x + along;
            pen.y = upwards ? y - along : y;
            pen.size = size;
            pen.upwards = upwards;
            sq_strokes_trace(sq_strokes_find(character), sq_font_stroke, &pen);
        }
        along += sq_font_advance(font, character, next) * size;
        character = next;
    }
}

void sq_font_fit(const sq_font *font, const char *text, double size, double width,
                 char *fitted, seqnn_size room)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    seqnn_size length = (seqnn_size)strlen(text), kept = 0;
    const char *end = text;
    double used = sq_font_width(font, ellipsis, size);
    if (length < room && sq_font_width(font, text, size) <= width) {
        memcpy(fitted, text, (size_t)length + 1);
        return;
    }
    while (*end != '\0') {
        const char *after = end;
        uint32_t character = sq_font_next(&after);
        used += sq_font_advance(font, character, 0) * size;
        if (used > width || after - text + SQ_COUNT(ellipsis) > room)
            break;
        end = after;
        if (character != ' ')
            kept = end - text;
    }
    memcpy(fitted, text, (size_t)kept);
    memcpy(fitted + kept, ellipsis, sizeof ellipsis);
}

#endif
