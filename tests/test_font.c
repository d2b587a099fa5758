/* Text in pictures: what can be written, where it stands, and fonts that are no fonts. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "seqnn.h"
#include "font.h"
#include "memory.h"

#include "failing_malloc.h"

#define DEJAVU "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

static char directory[] = "/tmp/seqnn_font_XXXXXX";
static char path[256];

static sq_font *dejavu, *strokes;

static int open_fonts(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/font.ttf", directory);
    dejavu = sq_font_open(DEJAVU);
    if (dejavu == NULL)
        fail_msg("%s", seqnn_error());
    setenv("SEQNN_FONT", "strokes", 1);
    strokes = sq_font_open(NULL);
    unsetenv("SEQNN_FONT");
    assert_non_null(strokes);
    return 0;
}

static int close_fonts(void **state)
{
    (void)state;
    sq_font_close(dejavu);
    sq_font_close(strokes);
    unlink(path);
    rmdir(directory);
    return 0;
}

/* --- pictures of text --- */

/* What text leaves in the mask of a picture of side x side pixels. */
typedef struct picture {
    int side, left, top, right, bottom; /* of the ink; right and bottom outside */
    long ink;
    unsigned char *mask;
} picture;

enum { PLAIN, MARKED };

static picture draw(const sq_font *font, int side, int scale, double x, double y,
                    double size, double anchor, bool upwards, int kind, const char *text)
{
    sq_canvas canvas;
    picture p = {side, side, side, 0, 0, 0, NULL};
    assert_int_equal(sq_canvas_open(&canvas, "test", side / scale, side / scale, scale),
                     SEQNN_OK);
    if (kind == MARKED)
        sq_font_math_draw(font, &canvas, x, y, size, anchor, upwards, text);
    else
        sq_font_draw(font, &canvas, x, y, size, anchor, upwards, text);
    p.mask = canvas.mask;
    canvas.mask = NULL;
    sq_canvas_close(&canvas);
    for (int j = 0; j < side; j++) {
        for (int i = 0; i < side; i++) {
            int coverage = p.mask[j * side + i];
            p.ink += coverage;
            if (coverage < 8) /* the faint edge of a curve */
                continue;
            p.left = i < p.left ? i : p.left;
            p.top = j < p.top ? j : p.top;
            p.right = i >= p.right ? i + 1 : p.right;
            p.bottom = j >= p.bottom ? j + 1 : p.bottom;
        }
    }
    return p;
}

static bool same(const picture *p, const picture *q)
{
    return memcmp(p->mask, q->mask, (size_t)p->side * (size_t)p->side) == 0;
}

static const char *utf8(uint32_t c)
{
    static char text[8];
    if (c < 0x80)
        snprintf(text, sizeof text, "%c", (int)c);
    else if (c < 0x800)
        snprintf(text, sizeof text, "%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 63)));
    else if (c < 0x10000)
        snprintf(text, sizeof text, "%c%c%c", (int)(0xE0 | c >> 12),
                 (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
    else
        snprintf(text, sizeof text, "%c%c%c%c", (int)(0xF0 | c >> 18),
                 (int)(0x80 | (c >> 12 & 63)), (int)(0x80 | (c >> 6 & 63)),
                 (int)(0x80 | (c & 63)));
    return text;
}

/* --- every character --- */

static const uint32_t signs[] = {
    0x2016, 0x2190, 0x2191, 0x2192, 0x2193, 0x21D2, 0x2264, 0x2265, 0x2260, 0x2248,
    0x221E, 0x2211, 0x220F, 0x221A, 0x2208, 0x211D, 0x2202, 0x2207, 0x2299, 0x2212,
    0x2026, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2032, 0x2033, 0x2070,
    0x2071, 0x207A, 0x207B, 0x207C, 0x207D, 0x207E, 0x207F, 0x208A, 0x208B, 0x208C,
    0x208D, 0x208E, 0x2113, 0x2295, 0x2297, 0x222B, 0x2225, 0x20AC, 0x2022, 0x2194,
    0x2C7C, 0x1D40, 0x1D57, 0x02B0, 0x02E3, 0x2218, 0x2200, 0x2203, 0x22A4, 0x0152,
    0x0153, 0x0141, 0x0142, 0x0160, 0x0161, 0x017D, 0x017E, 0x010C, 0x010D, 0x011B,
    0x0159, 0x0107, 0x0144, 0x015B, 0x016F,
};

/* Sets of signs that are drawn alike: hyphens, and Greek letters that are Latin ones. */
static uint32_t drawn_as(uint32_t c)
{
    static const char latin[] = "AB  EZH IK MN O P  TY X";
    if (c == 0xAD)
        return '-';
    if (c == 0x3BC)
        return 0xB5;
    if (c == 0x3BF)
        return 'o';
    if (c >= 0x391 && c < 0x391 + sizeof latin - 1 && latin[c - 0x391] != ' ')
        return (unsigned char)latin[c - 0x391];
    return c;
}

static int list_characters(uint32_t *list)
{
    int n = 0;
    for (uint32_t c = ' '; c <= '~'; c++)
        list[n++] = c;
    for (uint32_t c = 0xA0; c <= 0xFF; c++)
        list[n++] = c;
    for (uint32_t c = 0x391; c <= 0x3C9; c++)
        if (c != 0x3A2 && (c < 0x3AA || c > 0x3B0))
            list[n++] = c;
    for (uint32_t c = 0x2074; c <= 0x2079; c++)
        list[n++] = c;
    for (uint32_t c = 0x2080; c <= 0x2089; c++)
        list[n++] = c;
    for (uint32_t c = 0x2090; c <= 0x209C; c++)
        if (c != 0x2094) /* schwa */
            list[n++] = c;
    for (uint32_t c = 0x1D62; c <= 0x1D65; c++)
        list[n++] = c;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        list[n++] = signs[i];
    return n;
}

static void each_has_its_picture(const sq_font *font)
{
    enum { SIDE = 96, MOST = 512 };
    uint32_t list[MOST];
    int count = list_characters(list);
    picture box = draw(font, SIDE, 1, 20, 70, 48, 0, false, PLAIN, utf8(0x10FFFF));
    picture *pictures = (picture *)calloc(MOST, sizeof *pictures);
    assert_true(count > 300 && count < MOST);
    assert_true(box.ink > 0);
    for (int i = 0; i < count; i++) {
        uint32_t c = list[i];
        bool blank = c == ' ' || c == 0xA0;
        pictures[i] = draw(font, SIDE, 1, 20, 70, 48, 0, false, PLAIN, utf8(c));
        if (same(&pictures[i], &box))
            fail_msg("U+%04X is the empty box", c);
        if ((pictures[i].ink == 0) != blank)
            fail_msg("U+%04X: ink %ld", c, pictures[i].ink);
        if (!(sq_font_width(font, utf8(c), 1) > 0.1))
            fail_msg("U+%04X: width %g", c, sq_font_width(font, utf8(c), 1));
        for (int j = 0; j < i; j++)
            if (same(&pictures[i], &pictures[j]) && drawn_as(c) != drawn_as(list[j]) &&
                !blank)
                fail_msg("U+%04X looks like U+%04X", c, list[j]);
    }
    for (int i = 0; i < count; i++)
        sq_free(pictures[i].mask);
    sq_free(box.mask);
    free(pictures);
}

static void every_character_of_dejavu(void **state)
{
    (void)state;
    each_has_its_picture(dejavu);
}

static void every_character_of_the_strokes(void **state)
{
    (void)state;
    each_has_its_picture(strokes);
}

/* An accent takes no room and stands above its letter: over a capital higher than over a
 * small one, over the middle of a wide one as of a narrow one. */
static void accents_stand_above(void **state)
{
    (void)state;
    const sq_font *fonts[] = {dejavu, strokes};
    static const char *accents[] = {"\xCC\x82", "\xCC\x83", "\xCC\x84", "\xCC\x87"};
    static const char *letters[] = {"C", "y", "h", "W", "x"};
    for (int f = 0; f < 2; f++) {
        for (int a = 0; a < 4; a++) {
            for (int l = 0; l < 5; l++) {
                char text[8];
                sq_font_extent bare = sq_font_box(fonts[f], letters[l], 100, 0, false);
                sq_font_extent with;
                double middle;
                snprintf(text, sizeof text, "%s%s", letters[l], accents[a]);
                with = sq_font_box(fonts[f], text, 100, 0, false);
                assert_true(fabs(sq_font_width(fonts[f], text, 100) -
                                 sq_font_width(fonts[f], letters[l], 100)) < 1e-9);
                assert_true(with.top < bare.top - 8 && with.top > bare.top - 35);
                assert_true(fabs(with.bottom - bare.bottom) < 1e-9);
                middle = (with.left + with.right) / 2;
                assert_true(fabs(middle - (bare.left + bare.right) / 2) < 1e-6);
            }
        }
    }
}

/* --- against DejaVu's published metrics --- */

static void widths_are_those_of_dejavu(void **state)
{
    (void)state;
    /* Thousandths, as in the metrics file DejaVuSans.afm that comes with the font. */
    static const struct {
        const char *text;
        double width;
    } afm[] = {{"A", 684}, {"W", 989}, {"m", 974},   {"i", 278},
               {"0", 636}, {" ", 318}, {"00", 1272}, {"\xC3\xA9", 615}};
    for (size_t i = 0; i < sizeof afm / sizeof *afm; i++)
        assert_true(fabs(sq_font_width(dejavu, afm[i].text, 1000) - afm[i].width) < 1);
    assert_true(sq_font_width(dejavu, "AV", 1) <
                sq_font_width(dejavu, "A", 1) + sq_font_width(dejavu, "V", 1) - 0.02);
    /* The strokes take nearly as much room: a layout does not hang on the font. */
    for (const char *c = "Validation accuracy 0.125"; *c != '\0'; c++) {
        char text[2] = {*c, '\0'};
        assert_true(fabs(sq_font_width(dejavu, text, 1) -
                         sq_font_width(strokes, text, 1)) < 0.01);
    }
}

/* --- the box is where the ink is --- */

static void boxes_hold_what_is_drawn(void **state)
{
    (void)state;
    static const char *texts[] = {
        "Hgjpq", "x",         "0.25", "\xC3\x85ngstr\xC3\xB6m",
        ".",     "C\xCC\x83", "_",    "\xE2\x80\x96h\xE2\x82\x9C\xE2\x80\x96"};
    static const char *marked[] = {
        "$h_t$",       "$x_i^2$",      "$\\tilde{C}_{t-1}$",
        "a $\\|g\\|$", "$e^{-x_i^2}$", "$\\sum_{t=1}^T \\lambda_t$"};
    const sq_font *fonts[] = {dejavu, strokes};
    for (int f = 0; f < 2; f++) {
        for (int k = 0; k < 14 * 6; k++) {
            int which = k % 14, scale = 4;
            bool upwards = k / 14 % 2 == 1;
            double anchor = k / 28 * 0.5;
            const char *text = which < 8 ? texts[which] : marked[which - 8];
            int kind = which < 8 ? PLAIN : MARKED;
            picture p =
                draw(fonts[f], 1200, scale, 150, 150, 30, anchor, upwards, kind, text);
            sq_font_extent e = (kind == PLAIN ? sq_font_box : sq_font_math_box)(
                fonts[f], text, 30, anchor, upwards);
            double far = 1.0 / scale + 0.6; /* the height of letters is rounded */
            if (fabs(150 + e.left - p.left / 4.0) > far ||
                fabs(150 + e.right - p.right / 4.0) > far ||
                fabs(150 + e.top - p.top / 4.0) > far ||
                fabs(150 + e.bottom - p.bottom / 4.0) > far)
                fail_msg(
                    "'%s' font %d anchor %g upwards %d: %g %g %g %g, drawn %g %g %g %g",
                    text, f, anchor, upwards, 150 + e.left, 150 + e.top, 150 + e.right,
                    150 + e.bottom, p.left / 4.0, p.top / 4.0, p.right / 4.0,
                    p.bottom / 4.0);
            sq_free(p.mask);
        }
        sq_font_extent none = sq_font_box(fonts[f], "  ", 12, 0.5, false);
        assert_true(none.left == 0 && none.right == 0 && none.top == 0 &&
                    none.bottom == 0);
    }
}

static void base_lines_are_sharp(void **state)
{
    (void)state;
    const sq_font *fonts[] = {dejavu, strokes};
    /* Wherever the base line is asked for, the foot of an E ends with a row of pixels. */
    for (int f = 0; f < 2; f++) {
        for (int k = 0; k < 7; k++) {
            picture p = draw(fonts[f], 64, 1, 10, 40 + k / 7.0, 16, 0, false, PLAIN, "E");
            const unsigned char *row = p.mask + (p.bottom - 1) * p.side + p.left + 4;
            assert_true(*row > 200);
            sq_free(p.mask);
        }
    }
}

static void text_outside_the_picture_is_cut(void **state)
{
    (void)state;
    const sq_font *fonts[] = {dejavu, strokes};
    static const double places[][2] = {{-20, 30},  {50, -5},    {60, 70}, {30, 66},
                                       {1e9, 1e9}, {-1e9, -10}, {-1, 8},  {30, 12}};
    for (int f = 0; f < 2; f++) {
        for (int i = 0; i < 8; i++) {
            /* Drawn at the edge it is what a larger picture shows of it there. */
            int up = i % 2;
            picture small = draw(fonts[f], 64, 1, places[i][0], places[i][1], 33, 0, up,
                                 PLAIN, "Wg@");
            picture large = draw(fonts[f], 256, 1, places[i][0] + 96, places[i][1] + 96,
                                 33, 0, up, PLAIN, "Wg@");
            for (int y = 0; y < 64; y++)
                for (int x = 0; x < 64; x++)
                    if (abs(small.mask[y * 64 + x] -
                            large.mask[(y + 96) * 256 + x + 96]) > 2)
                        fail_msg("place %d: (%d, %d) is %d, expected %d", i, x, y,
                                 small.mask[y * 64 + x],
                                 large.mask[(y + 96) * 256 + x + 96]);
            sq_free(small.mask);
            sq_free(large.mask);
        }
    }
}

/* --- mathematics --- */

/* Both texts, the one marked up, the other literal, give one picture. */
static void means(const char *marked, const char *literal)
{
    const sq_font *fonts[] = {dejavu, strokes};
    for (int f = 0; f < 2; f++) {
        picture p = draw(fonts[f], 240, 1, 10, 100, 24, 0, false, MARKED, marked);
        picture q = draw(fonts[f], 240, 1, 10, 100, 24, 0, false, PLAIN, literal);
        if (!same(&p, &q))
            fail_msg("'%s' does not look like '%s'", marked, literal);
        assert_true(fabs(sq_font_math_width(fonts[f], marked, 24) -
                         sq_font_width(fonts[f], literal, 24)) < 1e-9);
        sq_free(p.mask);
        sq_free(q.mask);
    }
}

static void names_are_signs(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t character;
    } names[] = {
        {"alpha", 0x3B1},      {"omega", 0x3C9}, {"Omega", 0x3A9},    {"sigma", 0x3C3},
        {"Sigma", 0x3A3},      {"rho", 0x3C1},   {"partial", 0x2202}, {"nabla", 0x2207},
        {"times", 0xD7},       {"to", 0x2192},   {"leq", 0x2264},     {"geq", 0x2265},
        {"neq", 0x2260},       {"in", 0x2208},   {"approx", 0x2248},  {"infty", 0x221E},
        {"sum", 0x2211},       {"odot", 0x2299}, {"cdot", 0xB7},      {"pm", 0xB1},
        {"|", 0x2016},         {"_", '_'},       {"{", '{'},          {"}", '}'},
        {"leftarrow", 0x2190}, {"top", 0x22A4},  {"circ", 0x2218},    {"forall", 0x2200},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char marked[32];
        snprintf(marked, sizeof marked, "$\\%s$", names[i].name);
        means(marked, utf8(names[i].character));
    }
    means("$\\mathbb{R}$", "\xE2\x84\x9D");
    means("$\\hat{y}$", "y\xCC\x82");
    means("$\\tilde C$", "C\xCC\x83");
    means("$\\log$", "log");
    means("$\\ell$", "\xE2\x84\x93");
    means("$\\mathcal{L}$", "L");
    means("$\\left(x\\right)$", "(x)");
    means("$\\frac{a}{b}$", "a/b");
    means("$\\text{a b}$", "a b");
    means("$h'$", "h\xE2\x80\xB2");
    means("$-5$", "\xE2\x88\x92"
                  "5");
    means("$a b$", "ab");
}

static void what_is_no_mathematics_is_itself(void **state)
{
    (void)state;
    means("plain _ ^ \\ {}", "plain _ ^ \\ {}");
    means("$5", "$5");
    means("5$", "5$");
    means("\\$5 or \\$6", "$5 or $6");
    means("$$", "$$");
    means("$\\unknown x$", "\\unknown x");
    means("$\\$", "$$");
    means("$x_$", "x_");
    means("$x^$", "x^");
    means("$\\$", "$$");
    means("$\xC3\xA9$", "\xC3\xA9");
    means("$\\\xC3\xA9$", "\\\xC3\xA9");
    means("", "");
}

static void scripts_are_small_and_moved(void **state)
{
    (void)state;
    const sq_font *fonts[] = {dejavu, strokes};
    for (int f = 0; f < 2; f++) {
        sq_font_extent h = sq_font_math_box(fonts[f], "$x$", 100, 0, false);
        sq_font_extent sub = sq_font_math_box(fonts[f], "$x_x$", 100, 0, false);
        sq_font_extent sup = sq_font_math_box(fonts[f], "$x^x$", 100, 0, false);
        double x = sq_font_width(fonts[f], "x", 100);
        double one = sq_font_math_width(fonts[f], "$x_t$", 100);
        double deep = sq_font_math_width(fonts[f], "$x_{t_t}$", 100);
        assert_true(sub.bottom > h.bottom + 10 && fabs(sub.top - h.top) < 1e-9);
        assert_true(sup.top < h.top - 10 && fabs(sup.bottom - h.bottom) < 1e-9);
        assert_true(sq_font_math_width(fonts[f], "$x_x$", 100) > 1.6 * x &&
                    sq_font_math_width(fonts[f], "$x_x$", 100) < 1.8 * x);
        assert_true(deep > one + 5 && deep < one + 30);
        /* A subscript and a superscript stand above each other, in either order. */
        assert_true(fabs(sq_font_math_width(fonts[f], "$x_t^t$", 100) - one) < 1e-9);
        assert_true(fabs(sq_font_math_width(fonts[f], "$x^t_t$", 100) - one) < 1e-9);
        /* They do not touch. */
        sub = sq_font_math_box(fonts[f], "${}_T$", 100, 0, false);
        sup = sq_font_math_box(fonts[f], "${}^T$", 100, 0, false);
        assert_true(sup.bottom < sub.top - 3);
        /* Operators keep their distance, signs before a number do not. */
        assert_true(sq_font_math_width(fonts[f], "$a=b$", 1) >
                    sq_font_width(fonts[f], "a=b", 1) + 0.4);
        assert_true(fabs(sq_font_math_width(fonts[f], "$-x$", 1) -
                         sq_font_width(fonts[f], "\xE2\x88\x92x", 1)) < 1e-9);
    }
}

static void hostile_markup_ends(void **state)
{
    (void)state;
    enum { LONG = 20000 };
    static const char *pieces[] = {"{",     "}",      "_",  "^",
                                   "\\hat", "\\frac", "_{", "\\text{"};
    char *text = (char *)malloc(LONG + 16);
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        size_t used = 1;
        strcpy(text, "$");
        while (used + strlen(pieces[k]) + 2 < LONG) {
            strcpy(text + used, pieces[k]);
            used += strlen(pieces[k]);
        }
        strcpy(text + used, "$");
        assert_true(sq_font_math_width(strokes, text, 1) >= 0);
    }
    free(text);
    /* Bytes that are no UTF-8 are letters; the text's end is not run over. */
    assert_true(sq_font_width(dejavu, "\xE2\x88", 1) > 0.5);
    assert_true(sq_font_width(dejavu, "\xF0", 1) > 0.5);
    assert_true(sq_font_math_width(dejavu, "$\xE2$ \xFF", 1) > 0.5);
    assert_true(sq_font_width(dejavu, "\xCC\x82", 1) == 0);
    assert_true(sq_font_width(dejavu, "\xEF\xBB\xBF", 1) == 0);
}

/* --- shortened --- */

static bool balanced(const char *text)
{
    int braces = 0, dollars = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\' && c[1] != '\0') {
            c++;
            continue;
        }
        dollars += *c == '$';
        braces += *c == '{';
        braces -= *c == '}';
    }
    return braces == 0 && dollars % 2 == 0;
}

static void fitted_text_is_valid_and_fits(void **state)
{
    (void)state;
    static const char *texts[] = {
        "A long title of a chart, with words",
        "$h_t = \\tanh(W_{xh} x_t + W_{hh} h_{t-1} + b_h)$ of the cell",
        "Norm $\\|\\partial L / \\partial h_t\\|$ in $\\mathbb{R}$",
        "$\\tilde{C}_t$ $\\hat{y}$ $e^{-{x_i}^2}$",
        "C\xCC\x83 C\xCC\x83 C\xCC\x83 C\xCC\x83",
        "\\$5 or \\$6 or \\$7",
    };
    const sq_font *fonts[] = {dejavu, strokes};
    for (int f = 0; f < 2; f++) {
        double ellipsis = sq_font_width(fonts[f], "\xE2\x80\xA6", 12);
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            double full = sq_font_math_width(fonts[f], texts[k], 12);
            double widest = 0;
            char fitted[128];
            for (double width = 0; width < full + 2; width += 1) {
                sq_font_math_fit(fonts[f], texts[k], 12, width, fitted, 128);
                if (sq_font_math_width(fonts[f], fitted, 12) >
                    fmax(width, ellipsis) + 1e-9)
                    fail_msg("'%s' is wider than %g", fitted, width);
                if (!balanced(fitted))
                    fail_msg("'%s' is no markup", fitted);
                if (sq_font_math_width(fonts[f], fitted, 12) < widest - 1e-9)
                    fail_msg("'%s' got shorter", fitted);
                widest = sq_font_math_width(fonts[f], fitted, 12);
                /* Never an accent that lost its letter. */
                assert_true(strncmp(fitted, "\xCC\x83", 2) != 0);
                assert_null(strstr(fitted, " \xE2\x80\xA6"));
            }
            assert_string_equal(fitted, texts[k]);
            for (int room = 5; room < 60; room++) {
                memset(fitted, '#', sizeof fitted);
                sq_font_math_fit(fonts[f], texts[k], 12, 1e9, fitted, room);
                assert_true((int)strlen(fitted) < room && fitted[room] == '#');
                assert_true(balanced(fitted));
                memset(fitted, '#', sizeof fitted);
                sq_font_fit(fonts[f], texts[k], 12, 1e9, fitted, room);
                assert_true((int)strlen(fitted) < room && fitted[room] == '#');
            }
        }
    }
}

/* --- fonts that are none --- */

static unsigned char *file_bytes;
static size_t file_size;

static uint32_t read32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void write32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static void read_dejavu(void)
{
    FILE *file = fopen(DEJAVU, "rb");
    assert_non_null(file);
    file_bytes = (unsigned char *)malloc(1 << 20);
    file_size = fread(file_bytes, 1, 1 << 20, file);
    fclose(file);
    assert_true(file_size > 500000 && file_size < 1 << 20);
}

/* The directory's entry of a table: tag, checksum, offset, length. */
static unsigned char *entry_of(unsigned char *font, const char *tag)
{
    for (int i = 0; i < (font[4] << 8 | font[5]); i++)
        if (memcmp(font + 12 + 16 * i, tag, 4) == 0)
            return font + 12 + 16 * i;
    fail_msg("no table %s", tag);
    return NULL;
}

/* Makes a changed table's checksum fit again: what damage does not do, but malice does.
 */
static void sign_table(unsigned char *font, const char *tag)
{
    unsigned char *entry = entry_of(font, tag), word[4];
    uint32_t at = read32(entry + 8), length = read32(entry + 12), sum = 0;
    for (uint32_t i = 0; i < length; i += 4) {
        memset(word, 0, 4);
        memcpy(word, font + at + i, length - i < 4 ? length - i : 4);
        sum += read32(word);
    }
    if (strcmp(tag, "head") == 0)
        sum -= read32(font + at + 8);
    write32(entry + 4, sum);
}

static void save(const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void write_something(sq_font *font)
{
    picture p = draw(font, 64, 1, 4, 40, 20, 0, false, MARKED,
                     "\xC3\x80g\xC3\xB1$\\sigma_{t}$\xEF\xAC\x81 AV\xE2\x82\x9C");
    sq_font_extent e = sq_font_box(font, "\xC3\x80Q", 10, 0, false);
    assert_true(e.left <= e.right);
    sq_free(p.mask);
}

static void refused(const char *why)
{
    sq_font *font = sq_font_open(path);
    if (font != NULL)
        fail_msg("opened, expected: %s", why);
    if (strstr(seqnn_error(), why) == NULL)
        fail_msg("'%s' does not say '%s'", seqnn_error(), why);
    assert_non_null(strstr(seqnn_error(), path));
    /* As the one that the environment names it is passed over. */
    setenv("SEQNN_FONT", path, 1);
    font = sq_font_open(NULL);
    unsetenv("SEQNN_FONT");
    assert_non_null(font);
    assert_true(sq_font_width(font, "x", 1) > 0);
    sq_font_close(font);
}

static void a_font_that_is_none(void **state)
{
    (void)state;
    read_dejavu();
    unlink(path);
    refused("cannot be opened");
    save((const unsigned char *)"", 0);
    refused("is empty");
    save((const unsigned char *)"PNG picture of something", 24);
    refused("no TrueType font");
    /* Outlines of another kind: an .otf file. */
    memcpy(entry_of(file_bytes, "glyf"), "CFF ", 4);
    save(file_bytes, file_size);
    refused("no TrueType outlines");
    free(file_bytes);
    /* A folder is no font either. */
    assert_null(sq_font_open(directory));
}

static void a_collection_gives_its_first_face(void **state)
{
    (void)state;
    unsigned char *both;
    sq_font *font;
    read_dejavu();
    both = (unsigned char *)calloc(1, file_size + 16);
    memcpy(both, "ttcf\0\1\0\0\0\0\0\1\0\0\0\x10", 16);
    for (int i = 0; i < (file_bytes[4] << 8 | file_bytes[5]); i++)
        write32(file_bytes + 12 + 16 * i + 8, read32(file_bytes + 12 + 16 * i + 8) + 16);
    memcpy(both + 16, file_bytes, file_size);
    save(both, file_size + 16);
    font = sq_font_open(path);
    if (font == NULL)
        fail_msg("%s", seqnn_error());
    {
        picture p = draw(font, 96, 1, 4, 60, 20, 0, false, PLAIN, "Collected");
        picture q = draw(dejavu, 96, 1, 4, 60, 20, 0, false, PLAIN, "Collected");
        assert_true(same(&p, &q));
        sq_free(p.mask);
        sq_free(q.mask);
    }
    sq_font_close(font);
    write32(both + 12, (uint32_t)file_size + 5); /* the face lies outside */
    save(both, file_size + 16);
    refused("no TrueType font");
    free(both);
    free(file_bytes);
}

/* A cut or changed file is refused: its checksums do not fit, or the change lies where it
 * does not matter. */
static void damage_is_noticed(void **state)
{
    (void)state;
    uint32_t random = 7;
    int noticed = 0;
    sq_font *font;
    read_dejavu();
    for (size_t length = 0; length < file_size; length = length * 5 / 4 + 1) {
        save(file_bytes, length);
        font = sq_font_open(path);
        assert_null(font);
    }
    save(file_bytes, file_size - 1);
    font = sq_font_open(path);
    if (font != NULL)
        write_something(font);
    sq_font_close(font);
    for (int k = 0; k < 150; k++) {
        unsigned char *at, before;
        random = random * 1664525u + 1013904223u;
        /* Half of them in the first kilobyte, where the directory is. */
        at = file_bytes + (random >> 8) % (k % 2 ? 1024 : file_size);
        before = *at;
        *at ^= (unsigned char)(1u << (random >> 5 & 7));
        save(file_bytes, file_size);
        font = sq_font_open(path);
        if (font != NULL) {
            picture p = draw(font, 96, 1, 4, 60, 20, 0, false, PLAIN, "\xC3\x80gyx");
            picture q = draw(dejavu, 96, 1, 4, 60, 20, 0, false, PLAIN, "\xC3\x80gyx");
            if (!same(&p, &q))
                fail_msg("byte %td is wrong, and so are the letters", at - file_bytes);
            sq_free(p.mask);
            sq_free(q.mask);
        }
        noticed += font == NULL;
        sq_font_close(font);
        *at = before;
    }
    assert_true(noticed > 60);
    free(file_bytes);
}

/* Files that were changed with their checksums. What they look like is not said: they are
 * read without a step outside of their bytes, and come to an end. */
static void malice_does_no_harm(void **state)
{
    (void)state;
    static const char *tags[] = {"cmap", "glyf", "head", "hhea",
                                 "hmtx", "kern", "loca", "maxp"};
    uint32_t random = 11;
    int opened = 0;
    read_dejavu();
    for (int k = 0; k < 240; k++) {
        const char *tag = tags[k % 8];
        unsigned char *entry = entry_of(file_bytes, tag), *table;
        uint32_t length = read32(entry + 12);
        uint32_t reach = length < 12000 ? length : 12000; /* where the letters are */
        unsigned char *before = (unsigned char *)malloc(length);
        sq_font *font;
        table = file_bytes + read32(entry + 8);
        memcpy(before, table, length);
        for (int change = 0; change < 1 + k / 8 % 3 * 40; change++) {
            uint32_t at;
            random = random * 1664525u + 1013904223u;
            at = (random >> 8) % (k % 3 == 0 && length > 64 ? 64 : reach);
            random = random * 1664525u + 1013904223u;
            table[at] = (unsigned char)(k % 5 == 0 ? 0xFF : random >> 16);
        }
        sign_table(file_bytes, tag);
        save(file_bytes, file_size);
        font = sq_font_open(path);
        opened += font != NULL;
        if (font != NULL)
            write_something(font);
        sq_font_close(font);
        memcpy(table, before, length);
        sign_table(file_bytes, tag);
        free(before);
    }
    assert_true(opened > 100);
    free(file_bytes);
}

/* A-grave is made from A and an accent: here from itself, again and again. */
static void a_glyph_of_itself_is_put_together_anew(void **state)
{
    (void)state;
    unsigned char *glyf, *loca, *part;
    const char *why;
    sq_truetype *plain = sq_truetype_open(DEJAVU, &why);
    sq_font *font;
    int glyph = sq_truetype_glyph(plain, 0xC0);
    assert_true(glyph > 0);
    sq_truetype_close(plain);
    read_dejavu();
    glyf = file_bytes + read32(entry_of(file_bytes, "glyf") + 8);
    loca = file_bytes + read32(entry_of(file_bytes, "loca") + 8);
    part = glyf + read32(loca + 4 * glyph) + 10;
    assert_true((part[-10] & 0x80) != 0); /* several parts */
    part[2] = (unsigned char)(glyph >> 8);
    part[3] = (unsigned char)glyph;
    sign_table(file_bytes, "glyf");
    save(file_bytes, file_size);
    font = sq_font_open(path);
    assert_non_null(font);
    {
        sq_font_extent a = sq_font_box(font, "\xC3\x80", 100, 0, false);
        sq_font_extent b = sq_font_box(dejavu, "\xC3\x80", 100, 0, false);
        assert_true(sq_font_width(font, "\xC3\x80", 1) == sq_font_width(dejavu, "A", 1));
        assert_true(fabs(a.top - b.top) < 6 && fabs(a.left - b.left) < 1);
    }
    sq_font_close(font);
    free(file_bytes);
}

/* A font of ASCII alone: Greek comes from the strokes, small digits are made from its
 * own large ones. */
static void gaps_are_filled(void **state)
{
    (void)state;
    unsigned char *cmap;
    const char *why;
    sq_truetype *plain = sq_truetype_open(DEJAVU, &why);
    int space = sq_truetype_glyph(plain, ' '), tilde = sq_truetype_glyph(plain, '~');
    sq_font *font;
    assert_int_equal(tilde - space, '~' - ' ');
    sq_truetype_close(plain);
    read_dejavu();
    cmap = file_bytes + read32(entry_of(file_bytes, "cmap") + 8);
    /* One map of one group: from space to tilde. */
    memcpy(cmap, "\0\0\0\1\0\3\0\x0A\0\0\0\x0C\0\x0C\0\0\0\0\0\x1C\0\0\0\0\0\0\0\1", 28);
    write32(cmap + 28, ' ');
    write32(cmap + 32, '~');
    write32(cmap + 36, (uint32_t)space);
    sign_table(file_bytes, "cmap");
    save(file_bytes, file_size);
    font = sq_font_open(path);
    assert_non_null(font);
    assert_true(sq_font_width(font, "m", 1) == sq_font_width(dejavu, "m", 1));
    assert_true(sq_font_width(font, "\xC3\xA9", 1) == sq_font_width(dejavu, "e", 1));
    assert_true(sq_font_width(font, "\xCF\x83", 1) ==
                sq_font_width(strokes, "\xCF\x83", 1));
    assert_true(fabs(sq_font_width(font, "\xE2\x82\x9C", 1) -
                     0.65 * sq_font_width(dejavu, "t", 1)) < 1e-9);
    each_has_its_picture(font);
    sq_font_close(font);
    free(file_bytes);
}

/* --- without memory --- */

static void want_of_memory_is_an_error(void **state)
{
    (void)state;
    long n = 0;
    for (bool more = true; more; n++) {
        sq_font *font;
        begin_failing(n);
        font = sq_font_open(NULL);
        sq_font_close(font);
        more = end_failing();
        /* Never another font instead: the same program draws the same picture. */
        assert_true(more == (font == NULL));
    }
    assert_true(n > 3);
}

static void drawing_takes_no_memory(void **state)
{
    (void)state;
    static const double sizes[] = {11.5, 13, 16, 64, 200};
    const sq_font *fonts[] = {dejavu, strokes};
    sq_canvas canvas;
    assert_int_equal(sq_canvas_open(&canvas, "test", 800, 600, 2), SEQNN_OK);
    for (int f = 0; f < 2; f++) {
        begin_failing(0);
        for (int i = 0; i < 5; i++)
            sq_font_math_draw(fonts[f], &canvas, 400, 300, sizes[i], 0.5, i % 2 == 1,
                              "Gradient @ \xC3\x85 $\\|\\partial L / \\partial h_t\\|$");
        assert_int_equal(allocations, 0);
        end_failing();
    }
    sq_canvas_close(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_of_dejavu),
        cmocka_unit_test(every_character_of_the_strokes),
        cmocka_unit_test(accents_stand_above),
        cmocka_unit_test(widths_are_those_of_dejavu),
        cmocka_unit_test(boxes_hold_what_is_drawn),
        cmocka_unit_test(base_lines_are_sharp),
        cmocka_unit_test(text_outside_the_picture_is_cut),
        cmocka_unit_test(names_are_signs),
        cmocka_unit_test(what_is_no_mathematics_is_itself),
        cmocka_unit_test(scripts_are_small_and_moved),
        cmocka_unit_test(hostile_markup_ends),
        cmocka_unit_test(fitted_text_is_valid_and_fits),
        cmocka_unit_test(a_font_that_is_none),
        cmocka_unit_test(a_collection_gives_its_first_face),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(malice_does_no_harm),
        cmocka_unit_test(a_glyph_of_itself_is_put_together_anew),
        cmocka_unit_test(gaps_are_filled),
        cmocka_unit_test(want_of_memory_is_an_error),
        cmocka_unit_test(drawing_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
