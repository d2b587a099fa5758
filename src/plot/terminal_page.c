/* plot/terminal_page.c - rows and columns of characters, and how wide they are */
#include "terminal_page.h"

#ifdef SEQNN_TERMINAL

#include "memory.h"
#include "terminal_width_table.h"

/* --- characters --- */

static bool sq_page_among(int32_t point, const int32_t (*ranges)[2], seqnn_size count)
{
    seqnn_size below = 0, above = count;
    while (above - below > 1) { /* the last range that begins at or before the point */
        seqnn_size middle = (below + above) / 2;
        if (ranges[middle][0] <= point)
            below = middle;
        else
            above = middle;
    }
    return point >= ranges[below][0] && point <= ranges[below][1];
}

static int sq_page_columns(int32_t point)
{
    if (point < 0x300)
        return 1;
    if (sq_page_among(point, sq_no_column, SQ_COUNT(sq_no_column)))
        return 0;
    return sq_page_among(point, sq_two_columns, SQ_COUNT(sq_two_columns)) ? 2 : 1;
}

/* Bytes of the character at text; what is no UTF-8 is one byte of Latin-1. */
static seqnn_size sq_page_decode(const char *text, int32_t *point)
{
    const unsigned char *byte = (const unsigned char *)text;
    static const int32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    int bytes = byte[0] < 0xC0 ? 1 : byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
    int32_t value = bytes == 1 ? byte[0] : byte[0] & (0x7F >> bytes);
    *point = byte[0];
    for (int i = 1; i < bytes; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 1;
        value = value * 64 + (byte[i] & 0x3F);
    }
    if (byte[0] >= 0xF8 || value < smallest[bytes] || value > 0x10FFFF ||
        (value >= 0xD800 && value < 0xE000))
        return 1;
    *point = value;
    return bytes;
}

/* Invisible characters with a meaning to a terminal, to its line or to its direction. */
static bool sq_page_harmful(int32_t point)
{
    return point == 0xAD || point == 0x61C || point == 0x180E || point == 0x200B ||
           point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
           (point >= 0xFFF9 && point <= 0xFFFB) || (point & 0xFFFE) == 0xFFFE ||
           (point >= 0xE0000 && point <= 0xE0FFF);
}

/* The next character of a text as it may stand on a page, and its columns; 0 at the end.
 * `first`: there is none before it that a mark could stand on. */
static int32_t sq_page_next(const char **text, bool unicode, bool first, int *columns)
{
    int32_t point;
    do {
        if (**text == '\0')
            return 0;
        *text += sq_page_decode(*text, &point);
        *columns = sq_page_columns(point);
    } while (sq_page_harmful(point) || (*columns == 0 && (first || !unicode)));
    if (point == '\t' || point == '\n' || point == '\r')
        return ' ';
    if (point < 0x20 || (point >= 0x7F && point < 0xA0))
        return unicode ? 0xFFFD : '?';
    if (unicode || point < 0x80)
        return point;
    *columns = 1;
    return point == 0x2212 ? '-' : point == 0xD7 ? 'x' : '?';
}

/* --- the page --- */

void sq_page_clear(sq_page *page)
{
    page->used = page->rows = page->column = page->blanks = 0;
    page->style = page->wanted = SQ_STYLE_PLAIN;
    page->status = SEQNN_OK;
}

void sq_page_free(sq_page *page)
{
    sq_free(page->text);
    sq_free(page->widths);
    memset(page, 0, sizeof *page);
}

static void sq_page_bytes(sq_page *page, const char *bytes, seqnn_size count)
{
    if (page->status == SEQNN_OK)
        page->status = sq_grow((void **)&page->text, &page->room, page->used + count, 1);
    if (page->status != SEQNN_OK)
        return;
    memcpy(page->text + page->used, bytes, (size_t)count);
    page->used += count;
}

void sq_page_style(sq_page *page, int style)
{
    page->wanted = page->colour ? style : SQ_STYLE_PLAIN;
}

/* The style changes where a character is seen, not at blanks. */
static void sq_page_set_style(sq_page *page)
{
    char code[16];
    if (page->style == page->wanted)
        return;
    if (page->wanted == SQ_STYLE_PLAIN || page->wanted == SQ_STYLE_BOLD)
        snprintf(code, sizeof code, "\x1B[%dm", page->wanted);
    else
        snprintf(code, sizeof code, "\x1B[%s38;5;%dm",
                 page->style == SQ_STYLE_BOLD ? "0;" : "", page->wanted);
    page->style = page->wanted;
    sq_page_bytes(page, code, (seqnn_size)strlen(code));
}

static void sq_page_put(sq_page *page, int32_t point, int columns)
{
    static const int first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    seqnn_size bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    char out[4];
    if (point == ' ') {
        page->blanks++;
        page->column++;
        return;
    }
    for (; page->blanks > 0; page->blanks--)
        sq_page_bytes(page, " ", 1);
    sq_page_set_style(page);
    for (seqnn_size i = bytes - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)(first[bytes] | point);
    sq_page_bytes(page, out, bytes);
    page->column += columns;
}

void sq_page_move(sq_page *page, seqnn_size column)
{
    if (column > page->column) {
        page->blanks += column - page->column;
        page->column = column;
    }
}

void sq_page_glyph(sq_page *page, int32_t point, seqnn_size times)
{
    for (; times > 0; times--)
        sq_page_put(page, point, 1);
}

/* The columns of the characters that fit into `room`; whether these are all. */
static seqnn_size sq_page_fit(bool unicode, const char *text, seqnn_size room, bool *all)
{
    seqnn_size used = 0;
    int columns;
    while (sq_page_next(&text, unicode, used == 0, &columns) != 0) {
        *all = used + columns <= room;
        if (!*all)
            return used;
        used += columns;
    }
    *all = true;
    return used;
}

/* The columns of a text in so many, and of the ellipsis among them. */
static seqnn_size sq_page_shorten(bool unicode, const char *text, seqnn_size widest,
                                  seqnn_size *dots)
{
    bool all;
    seqnn_size used = sq_page_fit(unicode, text, widest, &all);
    *dots = all ? 0 : sq_min(unicode ? 1 : 3, widest);
    return all ? used : sq_page_fit(unicode, text, widest - *dots, &all) + *dots;
}

seqnn_size sq_page_width(const sq_page *page, const char *text, seqnn_size widest)
{
    seqnn_size dots;
    return text != NULL ? sq_page_shorten(page->unicode, text, widest, &dots) : 0;
}

void sq_page_text(sq_page *page, const char *text, seqnn_size widest)
{
    seqnn_size dots, room, used = 0;
    int32_t point;
    int columns;
    if (text == NULL || widest <= 0)
        return;
    room = sq_page_shorten(page->unicode, text, widest, &dots) - dots;
    while ((point = sq_page_next(&text, page->unicode, used == 0, &columns)) != 0 &&
           used + columns <= room) {
        sq_page_put(page, point, columns);
        used += columns;
    }
    sq_page_glyph(page, page->unicode ? 0x2026 : '.', dots);
}

void sq_page_end_row(sq_page *page)
{
    seqnn_size width = page->column - page->blanks;
    sq_page_style(page, SQ_STYLE_PLAIN);
    sq_page_set_style(page);
    sq_page_bytes(page, "\n", 1);
    if (page->status == SEQNN_OK)
        page->status = sq_grow((void **)&page->widths, &page->rows_room, page->rows + 1,
                               sizeof *page->widths);
    if (page->status == SEQNN_OK)
        page->widths[page->rows++] = width;
    page->column = page->blanks = 0;
}

/* --- colours --- */

/* Luminance in [0, 1] of one level of sRGB, to within a hundredth. */
static double sq_style_light(int level)
{
    return pow(level / 255.0, 2.2);
}

int sq_style_of_colour(uint32_t colour)
{
    static const int levels[6] = {0, 95, 135, 175, 215, 255};
    int want[3], best = SQ_STYLE_PLAIN, low, high;
    double nearest = INFINITY;
    for (int i = 0; i < 3; i++)
        want[i] = (int)(colour >> (16 - 8 * i) & 255);
    low = (int)sq_min(want[0], sq_min(want[1], want[2]));
    high = (int)sq_max(want[0], sq_max(want[1], want[2]));
    if (high - low < 30)
        return SQ_STYLE_PLAIN;
    for (int code = 0; code < 216; code++) {
        int have[3] = {levels[code / 36], levels[code / 6 % 6], levels[code % 6]};
        double light = 0.2126 * sq_style_light(have[0]) +
                       0.7152 * sq_style_light(have[1]) +
                       0.0722 * sq_style_light(have[2]);
        double away = 0;
        /* A contrast of 4 with black and of 2.3 with white, at least. */
        if (light < 0.15 || light > 0.4)
            continue;
        for (int i = 0; i < 3; i++)
            away += (have[i] - want[i]) * (have[i] - want[i]);
        if (away < nearest) {
            nearest = away;
            best = 16 + code;
        }
    }
    return best;
}

#endif
