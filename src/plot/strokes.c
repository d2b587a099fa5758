/* plot/strokes.c - the built-in font's glyphs, and the pen that follows their paths */
#include "strokes.h"

#ifdef SEQNN_PLOT

/* clang-format off */
/* Space to tilde, in the order of ASCII. */
static const sq_strokes sq_strokes_ascii[] = {
    {' ',  5, ""},
    {'!',  5, "M2 14L2 5M2 0L2 1"},
    {'"',  7, "M2 14L2 10M5 14L5 10"},
    {'#', 12, "M5 14L3 0M10 14L8 0M1 9L12 9M1 4L11 4"},
    {'$', 11, "A5 10 4 3 35 270a5 4 4 3 90 -145M5 15L5 -1"},
    {'%', 14, "A3 11 2 3 0 360A11 3 2 3 0 360M11 14L3 0"},
    {'&', 12, "M11 0L4 9a5 11 2 3 220 -40L3 7a4 4 3 4 130 310L10 6"},
    {'\'', 4, "M2 14L2 10"},
    {'(',  6, "A6 6 4 10 125 235"},
    {')',  6, "A0 6 4 10 55 -55"},
    {'*',  8, "M4 14L4 7M1 12L7 9M1 9L7 12"},
    {'+', 12, "M6 11L6 1M1 6L11 6"},
    {',',  5, "M2 1L2 0L1 -3"},
    {'-',  6, "M1 5L5 5"},
    {'.',  5, "M2 0L2 1"},
    {'/',  6, "M1 -1L5 14"},
    {'0', 10, "A5 7 4 7 0 360"},
    {'1', 10, "M2 12L5 14L5 0M2 0L8 0"},
    {'2', 10, "A5 10 4 4 160 -35L1 0L9 0"},
    {'3', 10, "A5 11 3 3 150 -90a5 4 4 4 90 -150"},
    {'4', 10, "M7 0L7 14L1 4L9 4"},
    {'5', 10, "M8 14L2 14L2 8a5 5 4 5 125 -145"},
    {'6', 10, "A5 5 4 5 0 360A9 5 8 9 95 180"},
    {'7', 10, "M1 14L9 14L4 0"},
    {'8', 10, "A5 11 3 3 0 360A5 4 4 4 0 360"},
    {'9', 10, "A5 9 4 5 0 360A1 9 8 9 -85 0"},
    {':',  5, "M2 9L2 8M2 0L2 1"},
    {';',  5, "M2 9L2 8M2 1L2 0L1 -3"},
    {'<', 12, "M10 11L2 6L10 1"},
    {'=', 12, "M1 8L11 8M1 4L11 4"},
    {'>', 12, "M2 11L10 6L2 1"},
    {'?',  9, "A4 11 3 3 170 -50L4 6L4 4M4 0L4 1"},
    {'@', 16, "A7 5 3 3 0 360M10 8L10 4a12 4 2 2 180 360a7 5 7 8 0 300"},
    {'A', 12, "M1 0L6 14L11 0M3 5L9 5"},
    {'B', 11, "M2 0L2 14L5 14a5 11 3 3 90 -90L2 8M5 8a5 4 4 4 90 -90L2 0"},
    {'C', 12, "A7 7 6 7 45 315"},
    {'D', 13, "M2 0L2 14L5 14a5 7 6 7 90 -90L2 0"},
    {'E', 10, "M9 14L2 14L2 0L9 0M2 7L8 7"},
    {'F',  9, "M9 14L2 14L2 0M2 7L7 7"},
    {'G', 13, "A7 7 6 7 50 310L11 7L7 7"},
    {'H', 12, "M2 0L2 14M10 0L10 14M2 7L10 7"},
    {'I',  4, "M2 0L2 14"},
    {'J',  7, "M5 14L5 3a2 3 3 3 0 -110"},
    {'K', 11, "M2 0L2 14M10 14L2 6M4 8L10 0"},
    {'L',  9, "M2 14L2 0L9 0"},
    {'M', 14, "M2 0L2 14L7 4L12 14L12 0"},
    {'N', 12, "M2 0L2 14L10 0L10 14"},
    {'O', 14, "A7 7 6 7 0 360"},
    {'P', 10, "M2 0L2 14L5 14a5 10 4 4 90 -90L2 6"},
    {'Q', 14, "A7 7 6 7 0 360M8 4L12 -1"},
    {'R', 11, "M2 0L2 14L5 14a5 10 4 4 90 -90L2 6M5 6L10 0"},
    {'S', 10, "A5 11 4 3 35 270a5 4 4 4 90 -145"},
    {'T', 11, "M1 14L10 14M5 14L5 0"},
    {'U', 12, "M2 14L2 5a6 5 4 5 180 360L10 14"},
    {'V', 11, "M1 14L6 0L11 14"},
    {'W', 16, "M1 14L4 0L8 13L12 0L15 14"},
    {'X', 11, "M1 14L10 0M10 14L1 0"},
    {'Y', 10, "M1 14L5 7L9 14M5 7L5 0"},
    {'Z', 11, "M1 14L10 14L1 0L10 0"},
    {'[',  6, "M4 15L2 15L2 -3L4 -3"},
    {'\\', 6, "M1 14L5 -1"},
    {']',  6, "M1 15L3 15L3 -3L1 -3"},
    {'^', 12, "M2 9L6 14L10 9"},
    {'_',  8, "M0 -3L8 -3"},
    {'`',  6, "M1 14L3 12"},
    {'a', 10, "A5 7 3 3 140 0L8 0M8 6L4 6a4 3 3 3 90 270a5 3 3 3 270 360"},
    {'b', 11, "M2 14L2 0A6 5 4 5 0 360"},
    {'c',  9, "A5 5 4 5 50 310"},
    {'d', 11, "M9 14L9 0A5 5 4 5 0 360"},
    {'e', 10, "M1 5L9 5a5 5 4 5 0 315"},
    {'f',  6, "A5 11 2 3 80 180L3 0M1 10L6 10"},
    {'g', 11, "A5 5 4 5 0 360M9 10L9 0a5 0 4 4 0 -140"},
    {'h', 10, "M2 14L2 0M2 6a5 6 3 4 180 0L8 0"},
    {'i',  4, "M2 10L2 0M2 13L2 14"},
    {'j',  4, "M2 10L2 -2a0 -2 2 2 0 -90M2 13L2 14"},
    {'k',  9, "M2 14L2 0M8 10L2 4M4 6L8 0"},
    {'l',  4, "M2 14L2 0"},
    {'m', 16, "M2 10L2 0M2 6a5 6 3 4 180 0L8 0M8 6a11 6 3 4 180 0L14 0"},
    {'n', 10, "M2 10L2 0M2 6a5 6 3 4 180 0L8 0"},
    {'o', 10, "A5 5 4 5 0 360"},
    {'p', 11, "M2 10L2 -4A6 5 4 5 0 360"},
    {'q', 11, "M9 10L9 -4A5 5 4 5 0 360"},
    {'r',  7, "M2 10L2 0M2 6a5 6 3 4 180 80"},
    {'s',  8, "A4 8 3 2 35 270a4 3 3 3 90 -145"},
    {'t',  7, "M3 13L3 3a5 3 2 3 180 270L6 0M1 10L6 10"},
    {'u', 10, "M2 10L2 4a5 4 3 4 180 360M8 10L8 0"},
    {'v', 10, "M1 10L5 0L9 10"},
    {'w', 14, "M1 10L4 0L7 9L10 0L13 10"},
    {'x',  9, "M1 10L8 0M8 10L1 0"},
    {'y', 10, "M1 10L5 0M9 10L4 -3L2 -4"},
    {'z',  9, "M1 10L8 10L1 0L8 0"},
    {'{',  8, "M6 15L4 13L4 8L2 6L4 4L4 -1L6 -3"},
    {'|',  6, "M3 15L3 -4"},
    {'}',  8, "M2 15L4 13L4 8L6 6L4 4L4 -1L2 -3"},
    {'~', 12, "A4 5 2 2 180 0a8 5 2 2 180 360"},
};

/* Signs of the lectures and of tick labels. */
static const sq_strokes sq_strokes_signs[] = {
    {0x00A0, 5, ""},
    {0x00B7, 5, "M2 5L2 6"},                                      /* middle dot */
    {0x00D7, 12, "M2 10L10 2M10 10L2 2"},                         /* times */
    {0x0394, 12, "M1 0L6 14L11 0L1 0"},                           /* Delta */
    {0x03A3, 11, "M9 14L1 14L6 7L1 0L9 0"},                       /* Sigma */
    {0x03B1, 12, "A5 5 4 5 0 360M10 10L9 5L11 0"},                /* alpha */
    {0x03B7, 10, "M2 10L2 0M2 6a5 6 3 4 180 0L8 -4"},             /* eta */
    {0x03B8, 10, "A5 7 4 7 0 360M1 7L9 7"},                       /* theta */
    {0x03BB, 11, "M1 14L3 14L10 0M6 8L1 0"},                      /* lambda */
    {0x03BC, 10, "M2 10L2 -4M2 4a5 4 3 4 180 360M8 10L8 0"},      /* mu */
    {0x03C1, 11, "M2 5L2 -4A6 5 4 5 0 360"},                      /* rho */
    {0x03C3, 11, "A5 5 4 5 0 360M5 10L11 10"},                    /* sigma */
    {0x2013, 9, "M1 5L8 5"},                                      /* en dash */
    {0x2014, 14, "M1 5L13 5"},                                    /* em dash */
    {0x2016, 8, "M2 15L2 -4M6 15L6 -4"},                          /* norm */
    {0x2026, 14, "M2 0L2 1M7 0L7 1M12 0L12 1"},                   /* ellipsis */
    {0x209C, 6, "M2 4L2 -1a4 -1 2 3 180 270L4 -4M1 2L4 2"},       /* subscript t */
    {0x2192, 15, "M1 6L13 6M9 10L13 6L9 2"},                      /* right arrow */
    {0x2202, 11, "A5 4 4 4 0 360A2 5 7 9 0 90"},                  /* partial */
    {0x2207, 12, "M1 14L6 0L11 14L1 14"},                         /* nabla */
    {0x2211, 11, "M9 14L1 14L6 7L1 0L9 0"},                       /* sum */
    {0x2212, 12, "M1 6L11 6"},                                    /* minus */
    {0x221E, 14, "A4 5 3 3 0 360A10 5 3 3 0 360"},                /* infinity */
    {0x2225, 8, "M2 15L2 -4M6 15L6 -4"},                          /* norm, parallel */
    {0x2248, 12, "A4 8 2 1 180 0a8 8 2 1 180 360A4 4 2 1 180 0a8 4 2 1 180 360"},
    {0x2264, 12, "M10 12L2 8L10 4M2 1L10 1"},                     /* at most */
    {0x2265, 12, "M2 12L10 8L2 4M2 1L10 1"},                      /* at least */
};
/* clang-format on */

static const sq_strokes sq_strokes_missing = {0, 10, "M2 0L2 14L8 14L8 0L2 0"};

const sq_strokes *sq_strokes_find(uint32_t character)
{
    if (character >= ' ' && character <= '~')
        return &sq_strokes_ascii[character - ' '];
    for (seqnn_size i = 0; i < SQ_COUNT(sq_strokes_signs); i++)
        if (sq_strokes_signs[i].character == character)
            return &sq_strokes_signs[i];
    return &sq_strokes_missing;
}

static const char *sq_strokes_numbers(const char *path, int count, int *numbers)
{
    for (int i = 0; i < count; i++) {
        int sign = 1;
        while (*path == ' ')
            path++;
        if (*path == '-') {
            sign = -1;
            path++;
        }
        for (numbers[i] = 0; *path >= '0' && *path <= '9'; path++)
            numbers[i] = 10 * numbers[i] + sign * (*path - '0');
    }
    return path;
}

void sq_strokes_trace(const sq_strokes *glyph, sq_strokes_line line, void *context)
{
    const char *path = glyph->path;
    double pen_x = 0, pen_y = 0;
    while (*path != '\0') {
        char command = *path++;
        int n[6];
        if (command == 'M' || command == 'L') {
            path = sq_strokes_numbers(path, 2, n);
            if (command == 'L')
                line(context, pen_x, pen_y, n[0], n[1]);
            pen_x = n[0];
            pen_y = n[1];
            continue;
        }
        path = sq_strokes_numbers(path, 6, n);
        enum { STEPS_PER_TURN = 48 };
        int steps = (int)sq_max(2, abs(n[5] - n[4]) * STEPS_PER_TURN / 360);
        for (int i = 0; i <= steps; i++) {
            double angle =
                (n[4] + (n[5] - n[4]) * (double)i / steps) * 3.14159265358979 / 180;
            double x = n[0] + n[2] * cos(angle), y = n[1] + n[3] * sin(angle);
            if (i > 0 || command == 'a')
                line(context, pen_x, pen_y, x, y);
            pen_x = x;
            pen_y = y;
        }
    }
}

#endif
