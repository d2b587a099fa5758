/* plot/font.c - finds a font, and sets lines of text with it */
#include "font_line.h"

#ifdef SEQNN_PLOT

#include "memory.h"

struct sq_font {
    sq_truetype *file; /* NULL: the strokes alone */
    double x_height;
};

/* --- glyphs --- */

/* Raised and lowered letters: where they begin and what they are made from; a space is
 * none. Longer runs first. */
typedef struct sq_font_small {
    uint32_t first;
    const char *letters;
    int up;
} sq_font_small;

static const sq_font_small sq_font_smalls[] = {
    {0x2070, "0i  456789+-=()n", 1},
    {0x2080, "0123456789+-=() aeox hklmnpst", 0},
    {0x00B2, "23", 1},
    {0x00B9, "1", 1},
    {0x1D62, "iruv", 0},
    {0x2C7C, "j", 0},
    {0x00AA, "a", 1},
    {0x00BA, "o", 1},
    {0x02B0, "h j", 1},
    {0x02B3, "r", 1},
    {0x02B7, "wy", 1},
    {0x02E1, "lsx", 1},
    {0x1D40, "T", 1},
    {0x1D43, "a", 1},
    {0x1D47, "bde", 1},
    {0x1D4D, "g k m", 1},
    {0x1D52, "o", 1},
    {0x1D56, "ptu", 1},
    {0x1D5B, "v", 1},
    {0x1D9C, "c", 1},
    {0x1DA0, "f", 1},
    {0x1DBB, "z", 1},
};

/* The letter that a raised or lowered one is made from; 0: it is none. */
static uint32_t sq_font_base(uint32_t character, bool *up)
{
    for (seqnn_size i = 0; i < SQ_COUNT(sq_font_smalls); i++) {
        const sq_font_small *run = &sq_font_smalls[i];
        if (character < run->first || character >= run->first + strlen(run->letters) ||
            run->letters[character - run->first] == ' ')
            continue;
        *up = run->up;
        if (run->letters[character - run->first] == '-')
            return 0x2212;
        return (unsigned char)run->letters[character - run->first];
    }
    return 0;
}

/* U+00C0 to U+00FF: letter and accent; two points: it has none. */
static const char sq_font_latin[] =
    "A`A'A^A~A:Ao..C,E`E'E^E:I`I'I^I:..N~O`O'O^O~O:....U`U'U^U:Y'...."
    "a`a'a^a~a:ao..c,e`e'e^e:i`i'i^i:..n~o`o'o^o~o:....u`u'u^u:y'..y:";

/* Letters of the languages between the Baltic and the Adriatic. */
static const struct {
    uint32_t character;
    const char *pair;
} sq_font_central[] = {
    {0x106, "C'"}, {0x107, "c'"}, {0x10C, "Cv"}, {0x10D, "cv"}, {0x11A, "Ev"},
    {0x11B, "ev"}, {0x143, "N'"}, {0x144, "n'"}, {0x147, "Nv"}, {0x148, "nv"},
    {0x158, "Rv"}, {0x159, "rv"}, {0x15A, "S'"}, {0x15B, "s'"}, {0x160, "Sv"},
    {0x161, "sv"}, {0x16E, "Uo"}, {0x16F, "uo"}, {0x179, "Z'"}, {0x17A, "z'"},
    {0x17D, "Zv"}, {0x17E, "zv"},
};

/* The letter and the combining accent that an accented letter is made from. */
static bool sq_font_split(uint32_t character, uint32_t *letter, uint32_t *accent)
{
    static const char names[] = "`'^~:o,v";
    static const uint32_t accents[] = {0x300, 0x301, 0x302, 0x303,
                                       0x308, 0x30A, 0x327, 0x30C};
    const char *pair = "..";
    if (character >= 0xC0 && character <= 0xFF)
        pair = sq_font_latin + 2 * (character - 0xC0);
    for (seqnn_size i = 0; i < SQ_COUNT(sq_font_central); i++)
        if (sq_font_central[i].character == character)
            pair = sq_font_central[i].pair;
    if (*pair == '.')
        return false;
    *letter = *pair == 'i' ? 0x131u : (unsigned char)*pair; /* without its dot */
    *accent = accents[strchr(names, pair[1]) - names];
    return true;
}

/* The glyph of a character, from the file, made from a larger one, or from the strokes;
 * at the origin. */
static void sq_font_find(const sq_font *font, uint32_t character, sq_font_glyph *glyph)
{
    bool up = false;
    memset(glyph, 0, sizeof *glyph);
    glyph->scale = 1;
    if (font->file != NULL)
        glyph->index = sq_truetype_glyph(font->file, character);
    if (glyph->index != 0) {
        glyph->advance = sq_truetype_advance(font->file, glyph->index);
        return;
    }
    if (!sq_strokes_find(character, &glyph->strokes)) {
        uint32_t base = sq_font_base(character, &up);
        if (base != 0) {
            sq_font_find(font, base, glyph);
            glyph->scale = 0.65;
            glyph->raise = up ? 0.31 : -0.14;
            glyph->advance *= glyph->scale;
            return;
        }
    }
    glyph->advance = glyph->strokes.advance * 0.01;
}

static void sq_font_grow(sq_font_extent *extent, double left, double top, double right,
                         double bottom)
{
    extent->left = fmin(extent->left, left);
    extent->top = fmin(extent->top, top);
    extent->right = fmax(extent->right, right);
    extent->bottom = fmax(extent->bottom, bottom);
}

static sq_font_extent sq_font_nowhere(void)
{
    sq_font_extent extent = {1e30, 1e30, -1e30, -1e30};
    return extent;
}

static void sq_font_cover(void *context, double weight, double x0, double y0, double x1,
                          double y1)
{
    sq_font_extent *ink = (sq_font_extent *)context;
    double r = SQ_STROKES_PEN / 2 * weight;
    sq_font_grow(ink, fmin(x0, x1) * 0.01 - r, -fmax(y0, y1) * 0.01 - r,
                 fmax(x0, x1) * 0.01 + r, -fmin(y0, y1) * 0.01 + r);
}

/* What a glyph's ink covers, from its origin, for text of size 1. */
static bool sq_font_ink(const sq_font *font, const sq_font_glyph *glyph,
                        sq_font_extent *ink)
{
    if (glyph->index != 0)
        return sq_truetype_extent(font->file, glyph->index, ink);
    *ink = sq_font_nowhere();
    sq_strokes_trace(&glyph->strokes, 8, sq_font_cover, ink);
    return ink->left < ink->right;
}

/* --- the font --- */

/* Where fonts are kept; %NAME% at the beginning is a variable of the environment. */
static const char *const sq_font_places[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/ttf-dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/DejaVuSans.ttf",
    "/usr/local/share/fonts/dejavu/DejaVuSans.ttf",
    "/run/current-system/sw/share/X11/fonts/DejaVuSans.ttf",
    "%XDG_DATA_HOME%/fonts/DejaVuSans.ttf",
    "%HOME%/.local/share/fonts/DejaVuSans.ttf",
    "%HOME%/.fonts/DejaVuSans.ttf",
    "%HOME%/Library/Fonts/DejaVuSans.ttf",
    "/Library/Fonts/DejaVuSans.ttf",
    "/opt/homebrew/share/fonts/DejaVuSans.ttf",
    "/opt/local/share/fonts/dejavu-fonts/DejaVuSans.ttf",
    "%LOCALAPPDATA%\\Microsoft\\Windows\\Fonts\\DejaVuSans.ttf",
    "%SystemRoot%\\Fonts\\DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf",
    "/usr/share/fonts/liberation-sans/LiberationSans-Regular.ttf",
    "/usr/share/fonts/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSans.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial.ttf",
    "/System/Library/Fonts/Helvetica.ttc",
    "%SystemRoot%\\Fonts\\segoeui.ttf",
    "%SystemRoot%\\Fonts\\arial.ttf",
};

/* place with its variable's value; false if that is not set, or too long. */
static bool sq_font_resolve(const char *place, char *path, size_t room)
{
    const char *end, *value;
    char variable[32];
    int length;
    if (*place != '%')
        return (length = snprintf(path, room, "%s", place)) > 0 && (size_t)length < room;
    end = strchr(place + 1, '%');
    snprintf(variable, sizeof variable, "%.*s", (int)(end - place - 1), place + 1);
    value = getenv(variable);
    if (value == NULL || *value == '\0')
        return false;
    length = snprintf(path, room, "%s%s", value, end + 1);
    return length > 0 && (size_t)length < room;
}

/* The first font that is there; NULL if none is, with *why NULL for want of memory. */
static sq_truetype *sq_font_search(const char **why)
{
    const char *named = getenv("SEQNN_FONT");
    sq_truetype *file = NULL;
    char path[1024];
    *why = "";
    if (named != NULL && strcmp(named, "strokes") == 0)
        return NULL;
    if (named != NULL)
        file = sq_truetype_open(named, why);
    for (seqnn_size i = 0; file == NULL && *why != NULL && i < SQ_COUNT(sq_font_places);
         i++)
        if (sq_font_resolve(sq_font_places[i], path, sizeof path))
            file = sq_truetype_open(path, why);
    return file;
}

sq_font *sq_font_open(const char *path)
{
    const char *why;
    sq_font *font = (sq_font *)sq_allocate(1, sizeof *font);
    sq_font_glyph x;
    sq_font_extent ink;
    if (font == NULL)
        return NULL;
    font->file = path != NULL ? sq_truetype_open(path, &why) : sq_font_search(&why);
    if (font->file == NULL && (path != NULL || why == NULL)) {
        sq_free(font);
        if (why != NULL)
            sq_fail(SEQNN_ERROR_FILE, "font: '%s' is not readable as a font: %s", path,
                    why);
        return NULL;
    }
    sq_font_find(font, 'x', &x);
    font->x_height = 0.5;
    if (sq_font_ink(font, &x, &ink) && ink.top < -0.3 && ink.top > -1)
        font->x_height = -ink.top;
    return font;
}

void sq_font_close(sq_font *font)
{
    if (font != NULL)
        sq_truetype_close(font->file);
    sq_free(font);
}

/* --- the line --- */

/* Joiners and marks of byte order, which are not to be seen. */
static bool sq_font_invisible(uint32_t character)
{
    return (character >= 0x200B && character <= 0x200F) || character == 0x2060 ||
           (character >= 0xFE00 && character <= 0xFE0F) || character == 0xFEFF;
}

/* Moves an accent above the letter that stands last, or what stands above that. */
static void sq_font_attach(sq_font_line *line, sq_font_glyph *accent)
{
    double x_height = line->font->x_height * line->scale, top = x_height;
    double middle = line->x - 0.25 * line->scale;
    sq_font_extent ink;
    if (line->letters > 0) {
        middle = line->last.x + line->last.advance / 2;
        if (sq_font_ink(line->font, &line->last, &ink)) {
            middle = line->last.x + (ink.left + ink.right) / 2 * line->last.scale;
            top = -ink.top * line->last.scale + line->last.raise - line->raise;
        }
    }
    if (!isnan(line->center))
        middle = line->center;
    accent->x = middle;
    if (!sq_font_ink(line->font, accent, &ink))
        return;
    accent->x -= (ink.left + ink.right) / 2 * accent->scale;
    if (ink.bottom < -0.4) { /* it stands above, not below or through */
        accent->raise += fmax(0, top - x_height) + line->stacked;
        line->stacked += (ink.bottom - ink.top + 0.05) * accent->scale;
    }
}

void sq_font_place(sq_font_line *line, uint32_t character)
{
    sq_font_glyph glyph;
    bool accent = sq_font_combines(character);
    uint32_t letter, above;
    if (sq_font_invisible(character))
        return;
    sq_font_find(line->font, character, &glyph);
    if (glyph.index == 0 && sq_font_split(character, &letter, &above)) {
        sq_font_place(line, letter);
        sq_font_place(line, above);
        return;
    }
    glyph.advance = accent ? 0 : glyph.advance * line->scale;
    glyph.raise = line->raise + glyph.raise * line->scale;
    glyph.scale *= line->scale;
    if (accent) {
        sq_font_attach(line, &glyph);
    } else {
        if (line->pair && glyph.index != 0 && line->last.index != 0 &&
            character != 0x2026) /* an ellipsis takes the same place everywhere */
            line->x += sq_truetype_kern(line->font->file, line->last.index, glyph.index) *
                       line->scale;
        glyph.x = line->x;
        line->x += glyph.advance;
        line->last = glyph;
        line->pair = true;
        line->letters++;
        line->stacked = 0;
        line->center = (double)NAN;
    }
    if (line->visit != NULL)
        line->visit(line->context, &glyph);
}

void sq_font_center(sq_font_line *line, double x)
{
    line->center = x;
}

static sq_font_line sq_font_begin(const sq_font *font,
                                  void (*visit)(void *, const sq_font_glyph *),
                                  void *context)
{
    sq_font_line line;
    memset(&line, 0, sizeof line);
    line.font = font;
    line.scale = 1;
    line.center = (double)NAN;
    line.visit = visit;
    line.context = context;
    return line;
}

static sq_markup sq_font_reader(const char *text, bool literal)
{
    sq_markup reader;
    memset(&reader, 0, sizeof reader);
    reader.at = text;
    reader.literal = literal;
    return reader;
}

/* Shows every glyph of the text to visit; gives the width. */
static double sq_font_set(const sq_font *font, const char *text, bool literal,
                          void (*visit)(void *, const sq_font_glyph *), void *context)
{
    sq_font_line line = sq_font_begin(font, visit, context);
    sq_markup reader = sq_font_reader(text, literal);
    while (sq_markup_next(&reader, &line)) {
    }
    return fmax(0, line.x);
}

double sq_font_width(const sq_font *font, const char *text, double size)
{
    return size * sq_font_set(font, text, true, NULL, NULL);
}

double sq_font_math_width(const sq_font *font, const char *text, double size)
{
    return size * sq_font_set(font, text, false, NULL, NULL);
}

/* --- drawing --- */

typedef struct sq_font_easel {
    const sq_font *font;
    sq_canvas *canvas;
    double x, y; /* the line's left end */
    double size;
    bool upwards;
    /* for sq_font_stroke */
    double wide, high, pen;
} sq_font_easel;

/* Letters are made a little higher or lower, so that small ones end on a whole pixel. */
static double sq_font_snap(const sq_font *font, double size)
{
    double height = font->x_height * size, whole = floor(height + 0.5);
    return fabs(whole - height) <= 0.08 * height ? whole / height : 1;
}

static void sq_font_stroke(void *context, double weight, double x0, double y0, double x1,
                           double y1)
{
    const sq_font_easel *e = (const sq_font_easel *)context;
    double w = e->wide * 0.01, h = e->high * 0.01, pen = e->pen * weight;
    if (e->upwards)
        sq_canvas_line(e->canvas, e->x - y0 * h, e->y - x0 * w, e->x - y1 * h,
                       e->y - x1 * w, pen);
    else
        sq_canvas_line(e->canvas, e->x + x0 * w, e->y - y0 * h, e->x + x1 * w,
                       e->y - y1 * h, pen);
}

static void sq_font_paint(void *context, const sq_font_glyph *glyph)
{
    sq_font_easel at = *(const sq_font_easel *)context;
    double s = at.canvas->scale, size = at.size * glyph->scale;
    double snap = sq_font_snap(at.font, size * s);
    double along = glyph->x * at.size, raise = glyph->raise * at.size * s * snap;
    /* Base lines on whole pixels keep the letters' feet sharp. */
    raise = floor(raise + 0.5) / s;
    if (at.upwards) {
        at.x = floor(at.x * s + 0.5) / s - raise;
        at.y -= along;
    } else {
        at.x += along;
        at.y = floor(at.y * s + 0.5) / s - raise;
    }
    if (glyph->index != 0) {
        sq_truetype_draw(at.font->file, at.canvas, glyph->index, at.x * s, at.y * s,
                         size * s, size * s * snap, at.upwards);
        return;
    }
    at.wide = size;
    at.high = size * snap;
    at.pen = SQ_STROKES_PEN * (0.7 * size + 0.3 * at.size);
    /* Pieces whose corners stay within a twentieth of a pixel of the curve. */
    sq_strokes_trace(&glyph->strokes, (int)fmin(64, 2 + 1.5 * sqrt(size * s)),
                     sq_font_stroke, &at);
}

static void sq_font_show(const sq_font *font, sq_canvas *canvas, double x, double y,
                         double size, double anchor, bool upwards, const char *text,
                         bool literal)
{
    sq_font_easel easel;
    double before = 0;
    if (anchor != 0)
        before = anchor * size * sq_font_set(font, text, literal, NULL, NULL);
    memset(&easel, 0, sizeof easel);
    easel.font = font;
    easel.canvas = canvas;
    easel.x = upwards ? x : x - before;
    easel.y = upwards ? y + before : y;
    easel.size = size;
    easel.upwards = upwards;
    sq_font_set(font, text, literal, sq_font_paint, &easel);
}

void sq_font_draw(const sq_font *font, sq_canvas *canvas, double x, double y, double size,
                  double anchor, bool upwards, const char *text)
{
    sq_font_show(font, canvas, x, y, size, anchor, upwards, text, true);
}

void sq_font_math_draw(const sq_font *font, sq_canvas *canvas, double x, double y,
                       double size, double anchor, bool upwards, const char *text)
{
    sq_font_show(font, canvas, x, y, size, anchor, upwards, text, false);
}

/* --- measuring --- */

typedef struct sq_font_ruler {
    const sq_font *font;
    sq_font_extent extent;
} sq_font_ruler;

static void sq_font_measure(void *context, const sq_font_glyph *glyph)
{
    sq_font_ruler *ruler = (sq_font_ruler *)context;
    double s = glyph->scale, up = glyph->raise;
    sq_font_extent ink;
    if (sq_font_ink(ruler->font, glyph, &ink))
        sq_font_grow(&ruler->extent, glyph->x + ink.left * s, ink.top * s - up,
                     glyph->x + ink.right * s, ink.bottom * s - up);
}

static sq_font_extent sq_font_bounds(const sq_font *font, const char *text, double size,
                                     double anchor, bool upwards, bool literal)
{
    sq_font_ruler ruler = {font, sq_font_nowhere()};
    double width = sq_font_set(font, text, literal, sq_font_measure, &ruler);
    sq_font_extent *e = &ruler.extent, turned;
    if (e->left > e->right)
        e->left = e->top = e->right = e->bottom = width = 0;
    e->left = (e->left - anchor * width) * size;
    e->right = (e->right - anchor * width) * size;
    e->top *= size;
    e->bottom *= size;
    turned.left = e->top;
    turned.top = -e->right;
    turned.right = e->bottom;
    turned.bottom = -e->left;
    return upwards ? turned : *e;
}

sq_font_extent sq_font_box(const sq_font *font, const char *text, double size,
                           double anchor, bool upwards)
{
    return sq_font_bounds(font, text, size, anchor, upwards, true);
}

sq_font_extent sq_font_math_box(const sq_font *font, const char *text, double size,
                                double anchor, bool upwards)
{
    return sq_font_bounds(font, text, size, anchor, upwards, false);
}

/* --- fitting --- */

static void sq_font_shorten(const sq_font *font, const char *text, double width,
                            bool literal, char *fitted, seqnn_size room)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    seqnn_size length = (seqnn_size)strlen(text), kept = 0;
    double ellipsis_width = sq_font_set(font, ellipsis, true, NULL, NULL);
    sq_font_line line = sq_font_begin(font, NULL, NULL);
    sq_markup reader = sq_font_reader(text, literal);
    bool open = false;
    if (length < room && sq_font_set(font, text, literal, NULL, NULL) <= width) {
        memcpy(fitted, text, (size_t)length + 1);
        return;
    }
    while (sq_markup_next(&reader, &line)) {
        seqnn_size used = reader.at - text;
        if (line.x + ellipsis_width > width ||
            used + (reader.close != NULL) + SQ_COUNT(ellipsis) > room)
            break;
        if (text[used - 1] != ' ' && text[used - 1] != '\\') {
            kept = used;
            open = reader.close != NULL;
        }
    }
    memcpy(fitted, text, (size_t)kept);
    if (open)
        fitted[kept++] = '$';
    memcpy(fitted + kept, ellipsis, sizeof ellipsis);
}

void sq_font_fit(const sq_font *font, const char *text, double size, double width,
                 char *fitted, seqnn_size room)
{
    /* Text that was measured fits into what was measured, whatever rounding does. */
    sq_font_shorten(font, text, width / size + 1e-6, true, fitted, room);
}

void sq_font_math_fit(const sq_font *font, const char *text, double size, double width,
                      char *fitted, seqnn_size room)
{
    sq_font_shorten(font, text, width / size + 1e-6, false, fitted, room);
}

#endif
