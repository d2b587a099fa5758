/* plot/strokes.c - the built-in font's glyphs, and the pen that follows their paths */
#include "strokes.h"

#ifdef SEQNN_PLOT

typedef struct sq_stroke_path {
    uint32_t character; /* Unicode */
    int advance;
    const char *path;
} sq_stroke_path;

/* clang-format off */
/* Space to tilde, in the order of ASCII. */
static const sq_stroke_path sq_strokes_ascii[] = {
    {' ', 32, ""},
    {'!', 40, "M20 69L20 25A20 6 2 2 0 360"},
    {'"', 46, "M15 69L15 48M31 69L31 48"},
    {'#', 84, "M33 69L20 4M64 69L51 4M14 47L74 47M10 26L70 26"},
    {'$', 64, "GS 85 5 6M32 76L32 -11"},
    {'%', 95, "W85A24 53 15 17 0 360A71 20 15 17 0 360M72 70L23 3"},
    {'&', 78, "M71 4L26 50C17 60 24 70 35 70C46 70 52 62 46 53C42 46 10 42 10 21C10 9 20 3 32 3C48 3 63 18 67 38"},
    {'\'', 27, "M14 69L14 48"},
    {'(', 39, "M30 75C18 60 13 46 13 31C13 16 18 2 30 -13"},
    {')', 39, "M9 75C21 60 26 46 26 31C26 16 21 2 9 -13"},
    {'*', 50, "W80M25 70L25 34M9 61L41 43M9 43L41 61"},
    {'+', 84, "M42 58L42 4M15 31L69 31"},
    {',', 32, "A16 6 2 2 0 360M17 6L12 -8"},
    {'-', 36, "M9 27L27 27"},
    {'.', 32, "A16 6 2 2 0 360"},
    {'/', 34, "M29 69L5 -5"},
    {'0', 64, "A32 36 21 33 0 360"},
    {'1', 64, "M15 64L34 69L34 4M15 4L52 4"},
    {'2', 64, "M12 62C18 67 25 70 32 70C44 70 52 63 52 53C52 45 48 39 38 28L13 4L53 4"},
    {'3', 64, "M13 65C19 68 25 70 31 70C43 70 51 64 51 54C51 44 43 38 31 38L24 38M31 38C45 38 53 31 53 21C53 9 44 3 30 3C23 3 16 5 10 8"},
    {'4', 64, "M43 4L43 69L9 20L57 20"},
    {'5', 64, "M50 69L17 69L17 40C21 42 26 43 31 43C44 43 53 35 53 23C53 10 44 3 30 3C23 3 16 5 11 8"},
    {'6', 64, "M51 66C46 69 42 70 37 70C20 70 11 57 11 34C11 14 19 3 33 3C45 3 53 11 53 23C53 36 45 44 33 44C21 44 12 36 11 26"},
    {'7', 64, "M11 69L53 69L26 4"},
    {'8', 64, "A32 54 19 16 0 360A32 20 21 17 0 360"},
    {'9', 64, "M13 7C18 4 22 3 27 3C44 3 53 16 53 39C53 59 45 70 31 70C19 70 11 62 11 50C11 37 19 29 31 29C43 29 52 37 53 47"},
    {':', 34, "A17 6 2 2 0 360A17 44 2 2 0 360"},
    {';', 34, "A18 44 2 2 0 360A17 6 2 2 0 360M18 6L13 -8"},
    {'<', 84, "M68 54L15 31L68 8"},
    {'=', 84, "M15 41L69 41M15 21L69 21"},
    {'>', 84, "M16 54L69 31L16 8"},
    {'?', 53, "M9 65C15 68 20 70 26 70C37 70 44 64 44 55C44 48 40 44 34 38C28 33 25 29 25 22A25 6 2 2 0 360"},
    {'@', 100, "W85A48 28 16 18 0 360M64 46L64 16C64 6 91 6 91 30a50 28 41 41 3 305"},
    {'A', 68, "M6 4L34 69L62 4M16 26L52 26"},
    {'B', 69, "M14 4L14 69L33 69C46 69 53 63 53 54C53 44 46 38 33 38L14 38M33 38C48 38 57 31 57 21C57 10 48 4 33 4L14 4"},
    {'C', 70, "A40 36 30 33 46 314"},
    {'D', 77, "M14 4L14 69L30 69C55 69 67 57 67 37C67 16 55 4 30 4L14 4"},
    {'E', 63, "M54 69L14 69L14 4L55 4M14 39L51 39"},
    {'F', 58, "M52 69L14 69L14 4M14 39L46 39"},
    {'G', 77, "A41 36 31 33 45 270C52 3 61 6 67 10L67 35L46 35"},
    {'H', 75, "M14 4L14 69M61 4L61 69M14 39L61 39"},
    {'I', 30, "M15 4L15 69"},
    {'J', 30, "M15 69L15 4C15 -9 10 -14 -1 -14"},
    {'K', 66, "M14 4L14 69M56 69L15 34M22 40L60 4"},
    {'L', 56, "M14 69L14 4L52 4"},
    {'M', 86, "M14 4L14 69L43 27L72 69L72 4"},
    {'N', 75, "M14 4L14 69L61 4L61 69"},
    {'O', 79, "A40 36 30 33 0 360"},
    {'P', 60, "M14 4L14 69L31 69C45 69 53 61 53 50C53 39 45 31 31 31L14 31"},
    {'Q', 79, "GO 100 0 0M45 8L59 -9"},
    {'R', 70, "M14 4L14 69L32 69C45 69 53 62 53 52C53 41 45 35 32 35L14 35M33 35C43 35 47 30 52 20L61 4"},
    {'S', 64, "M53 63C46 68 40 70 33 70C19 70 11 63 11 53C11 42 21 40 32 37C44 34 55 31 55 20C55 9 45 3 32 3C24 3 16 6 9 10"},
    {'T', 61, "M4 69L57 69M31 69L31 4"},
    {'U', 73, "M13 69L13 30C13 11 22 3 37 3C51 3 60 11 60 30L60 69"},
    {'V', 68, "M6 69L34 4L62 69"},
    {'W', 99, "M7 69L27 4L50 68L72 4L92 69"},
    {'X', 69, "M9 69L60 4M59 69L8 4"},
    {'Y', 61, "M4 69L31 36L57 69M31 36L31 4"},
    {'Z', 69, "M10 69L59 69L9 4L60 4"},
    {'[', 39, "M31 73L14 73L14 -10L31 -10"},
    {'\\', 34, "M5 69L29 -5"},
    {']', 39, "M8 73L25 73L25 -10L8 -10"},
    {'^', 84, "M17 48L42 69L67 48"},
    {'_', 50, "M3 -19L47 -19"},
    {'`', 50, "M16 76L28 63"},
    {'a', 61, "M14 47C19 49 25 51 31 51C43 51 49 45 49 33L49 4M49 30L33 30C17 30 10 25 10 16C10 8 16 3 25 3C39 3 49 13 49 27"},
    {'b', 64, "M14 72L14 4A34 27 20 24 0 360"},
    {'c', 55, "A32 27 22 24 50 310"},
    {'d', 64, "M50 72L50 4A30 27 20 24 0 360"},
    {'e', 62, "M10 29L53 29C53 42 45 51 32 51C19 51 10 41 10 27C10 12 20 3 34 3C41 3 47 5 52 8"},
    {'f', 35, "M33 72L28 72C20 72 15 68 15 59L15 4M4 50L31 50"},
    {'g', 64, "A30 27 20 24 0 360M50 50L50 3C50 -10 43 -17 29 -17C23 -17 18 -16 13 -13"},
    {'h', 63, "M13 72L13 4M13 28C13 42 21 51 33 51C44 51 50 44 50 31L50 4"},
    {'i', 28, "M14 50L14 4A14 71 1 1 0 360"},
    {'j', 28, "M14 50L14 -3C14 -13 10 -17 1 -17A14 71 1 1 0 360"},
    {'k', 58, "M13 72L13 4M46 50L14 25M22 31L52 4"},
    {'l', 28, "M14 72L14 4"},
    {'m', 97, "M13 50L13 4M13 30C13 43 20 51 31 51C42 51 48 44 48 32L48 4M48 30C48 43 55 51 66 51C77 51 84 44 84 31L84 4"},
    {'n', 63, "M13 50L13 4M13 28C13 42 21 51 33 51C44 51 50 44 50 31L50 4"},
    {'o', 61, "A31 27 21 24 0 360"},
    {'p', 64, "M14 50L14 -16A34 27 20 24 0 360"},
    {'q', 64, "M50 50L50 -16A30 27 20 24 0 360"},
    {'r', 41, "M13 50L13 4M13 27C13 42 20 51 32 51C34 51 36 51 38 50"},
    {'s', 52, "M43 46C38 49 33 51 27 51C17 51 10 46 10 39C10 31 18 29 26 27C35 25 44 23 44 15C44 7 36 3 26 3C20 3 14 5 9 8"},
    {'t', 39, "M15 65L15 17C15 8 19 4 28 4L34 4M3 50L33 50"},
    {'u', 63, "M13 50L13 22C13 10 19 3 30 3C42 3 50 11 50 26M50 50L50 4"},
    {'v', 59, "M7 50L30 4L52 50"},
    {'w', 82, "M8 50L24 4L41 50L58 4L74 50"},
    {'x', 59, "M9 50L51 4M50 50L8 4"},
    {'y', 59, "M7 50L30 4M52 50L26 -5C22 -14 18 -17 11 -17L8 -17"},
    {'z', 53, "M8 50L44 50L8 4L45 4"},
    {'{', 64, "M49 73C34 73 29 70 29 60L29 45C29 35 26 31 15 31C26 31 29 27 29 17L29 3C29 -8 34 -11 49 -11"},
    {'|', 34, "M17 73L17 -20"},
    {'}', 64, "M15 73C30 73 35 70 35 60L35 45C35 35 38 31 49 31C38 31 35 27 35 17L35 3C35 -8 30 -11 15 -11"},
    {'~', 84, "M15 26C22 37 31 38 42 32C53 25 62 26 69 37"},
};

/* The rest, by their numbers: Latin-1 that is no letter with an accent, Greek, signs. */
static const sq_stroke_path sq_strokes_signs[] = {
    {0x00A1, 40, "M20 30L20 -15A20 48 2 2 0 360"},
    {0x00A2, 64, "A35 27 21 24 50 310M35 65L35 -11"},                        /* cent */
    {0x00A3, 64, "M52 66C47 69 43 70 38 70C27 70 22 63 22 51L22 4M11 38L44 38M10 4L53 4"},
    {0x00A4, 64, "A32 34 15 15 0 360M21 45L12 54M43 45L52 54M21 23L12 14M43 23L52 14"},
    {0x00A5, 64, "M8 69L32 36L56 69M32 36L32 4M14 36L50 36M14 21L50 21"},      /* yen */
    {0x00A6, 34, "M17 70L17 38M17 15L17 -17"},
    {0x00A7, 50, "M39 65C34 68 30 69 26 69C18 69 13 65 13 60C13 49 43 45 43 33C43 27 38 23 32 21M18 46C12 43 8 39 8 34C8 22 38 18 38 6C38 -1 32 -5 25 -5C20 -5 15 -4 11 -1"},
    {0x00A8, 50, "A15 69 1 1 0 360A35 69 1 1 0 360"},
    {0x00A9, 100, "W70A50 35 37 37 0 360A51 35 17 19 48 312"},
    {0x00AB, 61, "M28 48L11 28L28 8M49 48L32 28L49 8"},
    {0x00AC, 84, "M15 41L69 41L69 20"},
    {0x00AD, 36, "G- 100 0 0"},                                              /* soft hyphen */
    {0x00AE, 100, "W70A50 35 37 37 0 360M39 16L39 54L51 54C66 54 66 36 51 36L39 36M51 36L62 16"},
    {0x00AF, 50, "M12 67L38 67"},
    {0x00B0, 50, "W90A25 59 11 11 0 360"},                                      /* degree */
    {0x00B1, 84, "M42 60L42 18M15 39L69 39M15 4L69 4"},                      /* plus-minus */
    {0x00B4, 50, "M34 76L22 63"},
    {0x00B5, 64, "M13 50L13 -16M13 20C13 9 19 3 30 3C42 3 50 11 50 26M50 50L50 10C50 6 52 4 58 4"},
    {0x00B6, 64, "M51 69L51 -10M37 69L37 -10M51 69L28 69C5 69 5 35 28 35L37 35"},
    {0x00B7, 32, "A16 31 2 2 0 360"},                                        /* middle dot */
    {0x00B8, 50, "M28 0C36 -6 36 -17 18 -16"},
    {0x00BB, 61, "M12 48L29 28L12 8M33 48L50 28L33 8"},
    {0x00BC, 97, "W75G1 55 -2 31M73 70L23 3G4 55 61 0"},
    {0x00BD, 97, "W75G1 55 -2 31M73 70L23 3G2 55 61 0"},
    {0x00BE, 97, "W75G3 55 0 31M73 70L23 3G4 55 61 0"},
    {0x00BF, 53, "M44 -11C38 -14 33 -16 27 -16C16 -16 9 -10 9 -1C9 6 13 10 19 16C25 21 28 25 28 32A28 48 2 2 0 360"},
    {0x00C6, 97, "M5 4L41 69L89 69M49 69L49 4L90 4M18 26L49 26M49 39L85 39"}, /* AE */
    {0x00D0, 77, "GD 100 0 0M3 38L34 38"},                                   /* Eth */
    {0x00D7, 84, "M20 53L64 9M64 53L20 9"},                                  /* times */
    {0x00D8, 79, "GO 100 0 0M15 0L65 72"},
    {0x00DE, 61, "M14 69L14 4M14 56L31 56C45 56 53 49 53 38C53 27 45 20 31 20L14 20"},
    {0x00DF, 63, "M13 4L13 52C13 65 20 72 31 72C42 72 48 66 48 58C48 51 44 48 39 44C34 39 35 34 42 30C50 26 55 22 55 15C55 8 49 3 40 3C35 3 32 4 29 5"},
    {0x00E6, 98, "M13 47C18 49 23 51 28 51C40 51 47 44 47 31L47 24C47 11 38 3 26 3C16 3 10 8 10 15C10 25 18 29 33 29L90 29C90 42 82 51 69 51C57 51 47 41 47 27C47 12 57 3 71 3C78 3 84 5 89 8"},
    {0x00F0, 61, "A31 24 21 21 0 360M17 72C40 66 52 48 52 24M18 56L43 70"},
    {0x00F7, 84, "M15 31L69 31A42 52 2 2 0 360A42 10 2 2 0 360"},
    {0x00F8, 61, "Go 100 0 0M11 0L51 54"},
    {0x00FE, 64, "M14 72L14 -16A34 27 20 24 0 360"},
    {0x0131, 28, "M14 50L14 4"},                                             /* dotless i */
    /* Accents, above the middle of a small letter that would stand at 0. */
    {0x0300, 0, "M-9 75L3 63"},
    {0x0301, 0, "M9 75L-3 63"},
    {0x0302, 0, "M-11 63L0 74L11 63"},
    {0x0303, 0, "M-15 65C-10 72 -5 72 0 69C5 65 10 65 15 72"},
    {0x0304, 0, "M-13 67L13 67"},
    {0x0307, 0, "A0 68 2 2 0 360"},
    {0x0308, 0, "A-10 68 1 1 0 360A10 68 1 1 0 360"},
    {0x030A, 0, "W80A0 72 8 8 0 360"},
    {0x0327, 0, "M3 0C11 -6 11 -17 -7 -16"},
    {0x0391, 68, "GA 100 0 0"},
    {0x0392, 69, "GB 100 0 0"},
    {0x0393, 56, "M14 4L14 69L52 69"},                                       /* Gamma */
    {0x0394, 68, "M6 4L34 69L62 4L6 4"},
    {0x0395, 63, "GE 100 0 0"},
    {0x0396, 69, "GZ 100 0 0"},
    {0x0397, 75, "GH 100 0 0"},
    {0x0398, 79, "GO 100 0 0M27 37L53 37"},
    {0x0399, 30, "GI 100 0 0"},
    {0x039A, 66, "GK 100 0 0"},
    {0x039B, 68, "M6 4L34 69L62 4"},
    {0x039C, 86, "GM 100 0 0"},
    {0x039D, 75, "GN 100 0 0"},
    {0x039E, 63, "M9 69L54 69M14 37L49 37M9 4L54 4"},
    {0x039F, 79, "GO 100 0 0"},
    {0x03A0, 75, "M14 4L14 69L61 69L61 4"},
    {0x03A1, 60, "GP 100 0 0"},
    {0x03A3, 63, "M54 69L10 69L35 37L10 4L55 4"},
    {0x03A4, 61, "GT 100 0 0"},
    {0x03A5, 61, "GY 100 0 0"},
    {0x03A6, 79, "A39 36 29 22 0 360M39 71L39 2"},
    {0x03A7, 69, "GX 100 0 0"},
    {0x03A8, 78, "M39 69L39 4M10 69L10 50C10 34 20 25 39 25C58 25 68 34 68 50L68 69"},
    {0x03A9, 76, "M9 4L28 4C16 11 10 23 10 38C10 57 21 70 38 70C55 70 66 57 66 38C66 23 60 11 48 4L67 4"},
    {0x03B1, 66, "M57 50C52 30 44 3 29 3C17 3 10 13 10 27C10 41 17 51 29 51C44 51 50 25 58 4"},
    {0x03B2, 64, "M14 -16L14 53C14 65 21 72 32 72C42 72 48 66 48 57C48 48 41 42 30 42M32 42C46 42 54 35 54 23C54 10 46 3 34 3C26 3 19 6 14 12"},
    {0x03B3, 59, "M7 50L30 2L52 50M30 2L30 -16"},
    {0x03B4, 61, "M48 66C44 69 38 71 32 71C23 71 18 67 18 61C18 54 26 52 36 47C47 42 52 36 52 26C52 12 43 3 31 3C18 3 10 12 10 25C10 38 19 46 31 48"},
    {0x03B5, 54, "M46 46C42 49 36 51 30 51C19 51 13 46 13 39C13 32 20 28 29 28L34 28M29 28C17 28 10 23 10 15C10 8 18 3 29 3C36 3 42 5 47 8"},
    {0x03B6, 54, "M11 69L46 69C23 54 10 40 10 23C10 11 17 6 28 4C40 3 47 1 45 -9C44 -13 41 -16 37 -18"},
    {0x03B7, 63, "M13 50L13 4M13 28C13 42 21 51 33 51C44 51 50 44 50 31L50 -16"},
    {0x03B8, 61, "A31 37 21 34 0 360M10 37L52 37"},
    {0x03B9, 34, "M14 50L14 16C14 8 18 4 27 4"},
    {0x03BA, 59, "M14 50L14 4M47 50L15 25M23 31L52 4"},
    {0x03BB, 59, "M8 72L12 72C19 72 22 68 25 60L51 4M31 46L8 4"},
    {0x03BC, 64, "M13 50L13 -16M13 20C13 9 19 3 30 3C42 3 50 11 50 26M50 50L50 10C50 6 52 4 58 4"},
    {0x03BD, 56, "M7 50L28 4C42 16 48 31 48 50"},
    {0x03BE, 56, "M12 70L46 70C26 70 17 65 17 55C17 46 26 41 38 41C18 41 9 33 9 22C9 10 17 5 29 4C41 3 48 0 46 -9C45 -13 42 -16 38 -18"},
    {0x03BF, 61, "Go 100 0 0"},
    {0x03C0, 60, "M4 50L56 50M17 50L17 4M43 50L43 14C43 7 46 4 53 4"},
    {0x03C1, 64, "M13 -16L13 27C13 42 21 51 33 51C46 51 54 41 54 27C54 12 46 3 34 3C24 3 17 8 13 15"},
    {0x03C2, 59, "M49 48C44 50 39 51 34 51C19 51 10 42 10 28C10 14 18 7 32 5C44 3 50 -1 48 -10C47 -14 45 -16 41 -18"},
    {0x03C3, 63, "M59 50L32 50C18 50 10 41 10 27C10 12 18 3 31 3C44 3 52 12 52 26C52 37 47 45 38 50"},
    {0x03C4, 60, "M5 50L54 50M29 50L29 16C29 8 33 4 42 4"},
    {0x03C5, 58, "M13 50L13 22C13 10 19 3 29 3C41 3 48 13 48 29C48 38 46 45 42 50"},
    {0x03C6, 66, "A33 27 23 24 0 360M33 66L33 -16"},
    {0x03C7, 58, "M6 50C12 50 15 48 18 42L42 -8C45 -14 47 -16 53 -16M51 50L8 -16"},
    {0x03C8, 66, "M10 50L10 26C10 11 17 3 33 3C49 3 56 11 56 26L56 50M33 66L33 -16"},
    {0x03C9, 84, "M20 50C13 44 10 36 10 25C10 11 16 3 26 3C36 3 42 10 42 20L42 34M42 20C42 10 48 3 58 3C68 3 74 11 74 25C74 36 71 44 64 50"},
    {0x2010, 36, "G- 100 0 0"},                                              /* hyphens */
    {0x2011, 36, "G- 100 0 0"},
    {0x2013, 50, "M4 27L46 27"},                                             /* dashes */
    {0x2014, 100, "M4 27L96 27"},
    {0x2016, 50, "M16 73L16 -20M34 73L34 -20"},                              /* norm */
    {0x2018, 32, "A14 57 2 2 0 360M13 57L18 69"},                                      /* quotes */
    {0x2019, 32, "A18 68 2 2 0 360M19 68L14 56"},
    {0x201A, 32, "A16 6 2 2 0 360M17 6L12 -7"},
    {0x201C, 52, "A14 57 2 2 0 360M13 57L18 69A34 57 2 2 0 360M33 57L38 69"},
    {0x201D, 52, "A18 68 2 2 0 360M19 68L14 56A38 68 2 2 0 360M39 68L34 56"},
    {0x201E, 52, "A16 6 2 2 0 360M17 6L12 -7A36 6 2 2 0 360M37 6L32 -7"},
    {0x2022, 59, "A30 37 9 9 0 360A30 37 4 4 0 360"},                        /* bullet */
    {0x2026, 100, "A17 6 2 2 0 360A50 6 2 2 0 360A83 6 2 2 0 360"},
    {0x2032, 23, "M14 69L9 47"},                                             /* primes */
    {0x2033, 37, "M14 69L9 47M29 69L24 47"},
    {0x2034, 52, "M14 69L9 47M29 69L24 47M44 69L39 47"},
    {0x20AC, 64, "A38 36 25 33 50 310M4 43L42 43M4 29L38 29"},               /* euro */
    {0x2113, 41, "M8 18C20 26 33 45 33 60C33 68 30 72 26 72C18 72 14 58 14 30C14 12 17 3 25 3C30 3 34 6 37 10"},
    {0x211D, 75, "W75M13 4L13 69L37 69C51 69 58 62 58 52C58 42 51 36 37 36L27 36M27 69L27 4L13 4M38 36L58 4L70 4L49 38"},
    {0x2190, 84, "M74 31L10 31M30 51L10 31L30 11"},                          /* arrows */
    {0x2191, 84, "M42 -2L42 66M22 46L42 66L62 46"},
    {0x2192, 84, "M10 31L74 31M54 51L74 31L54 11"},
    {0x2193, 84, "M42 64L42 -4M22 16L42 -4L62 16"},
    {0x2194, 84, "M10 31L74 31M56 49L74 31L56 13M28 49L10 31L28 13"},
    {0x21D2, 84, "M10 41L63 41M10 21L63 21M51 55L75 31L51 7"},
    {0x2202, 54, "M11 66C16 69 21 71 26 71C38 71 45 57 45 37C45 15 36 3 25 3C15 3 9 10 9 20C9 32 17 40 27 40C36 40 42 35 45 28"},
    {0x2206, 68, "M6 4L34 69L62 4L6 4"},
    {0x2207, 68, "M6 69L34 4L62 69L6 69"},                                   /* nabla */
    {0x2208, 84, "M70 61L44 61C25 61 13 49 13 31C13 13 25 1 44 1L70 1M13 31L70 31"},
    {0x220F, 76, "M7 73L69 73M18 73L18 -13M58 73L58 -13"},                   /* product */
    {0x2211, 67, "M60 73L8 73L37 30L8 -13L60 -13"},                          /* sum */
    {0x2212, 84, "M15 31L69 31"},                                            /* minus */
    {0x221A, 64, "M6 34L14 38L28 -1L58 80"},
    {0x221E, 84, "M42 31C36 41 31 45 24 45C15 45 9 39 9 31C9 23 15 17 24 17C31 17 36 21 42 31C48 41 53 45 60 45C69 45 75 39 75 31C75 23 69 17 60 17C53 17 48 21 42 31"},
    {0x2225, 50, "M16 73L16 -12M34 73L34 -12"},                              /* parallel */
    {0x222B, 52, "M47 76C35 79 29 73 27 60L23 2C21 -12 15 -18 3 -15"},
    {0x2248, 84, "M15 37C22 48 31 49 42 43C53 36 62 37 69 48M15 14C22 25 31 26 42 20C53 13 62 14 69 25"},
    {0x2260, 84, "M15 41L69 41M15 21L69 21M60 63L24 -1"},
    {0x2264, 84, "M68 62L16 40L68 18M15 2L69 2"},
    {0x2265, 84, "M16 62L68 40L16 18M15 2L69 2"},
    {0x2295, 84, "A42 31 30 30 0 360M42 61L42 1M12 31L72 31"},
    {0x2297, 84, "A42 31 30 30 0 360M21 52L63 10M63 52L21 10"},
    {0x2299, 84, "A42 31 30 30 0 360A42 31 2 2 0 360"},                      /* Hadamard */
    {0x22C5, 32, "A16 31 2 2 0 360"},
};

/* U+00C0 to U+00FF: letter and accent; dots are in the table above. */
static const char sq_strokes_latin[] =
    "A`A'A^A~A:Ao..C,E`E'E^E:I`I'I^I:..N~O`O'O^O~O:....U`U'U^U:Y'...."
    "a`a'a^a~a:ao..c,e`e'e^e:i`i'i^i:..n~o`o'o^o~o:....u`u'u^u:y'..y:";
static const char sq_strokes_accents[] = "`'^~-.:o,";
static const uint16_t sq_strokes_accent[] = {
    0x300, 0x301, 0x302, 0x303, 0x304, 0x307, 0x308, 0x30A, 0x327};
/* clang-format on */

static const sq_stroke_path *sq_strokes_path(uint32_t character)
{
    if (character >= ' ' && character <= '~')
        return &sq_strokes_ascii[character - ' '];
    for (seqnn_size i = 0; i < SQ_COUNT(sq_strokes_signs); i++)
        if (sq_strokes_signs[i].character == character)
            return &sq_strokes_signs[i];
    return NULL;
}

/* Spaces of every width count as one. */
static bool sq_strokes_blank(uint32_t character)
{
    return character == 0xA0 || (character >= 0x2000 && character <= 0x200A) ||
           character == 0x202F || character == 0x205F || character == 0x3000;
}

bool sq_strokes_find(uint32_t character, sq_strokes *glyph)
{
    static const sq_stroke_path missing = {0, 60, "M10 4L10 69L50 69L50 4L10 4"};
    const sq_stroke_path *path =
        sq_strokes_path(sq_strokes_blank(character) ? ' ' : character);
    memset(glyph, 0, sizeof *glyph);
    if (path == NULL && character >= 0xC0 && character <= 0xFF) {
        const char *pair = sq_strokes_latin + 2 * (character - 0xC0);
        const char *accent = strchr(sq_strokes_accents, pair[1]);
        path = sq_strokes_path(pair[0] == 'i' ? 0x131u : (unsigned char)pair[0]);
        glyph->accent =
            sq_strokes_path(sq_strokes_accent[accent - sq_strokes_accents])->path;
        glyph->accent_x = path->advance / 2;
        glyph->accent_y = pair[0] <= 'Z' && pair[1] != ',' ? 18 : 0;
    }
    glyph->path = path != NULL ? path->path : missing.path;
    glyph->advance = path != NULL ? path->advance : missing.advance;
    return path != NULL;
}

/* Letters stand at 4: that puts the pen's lower edge on the base line. */
#define SQ_STROKES_LIFT (50 * SQ_STROKES_PEN - 4)

/* Where the numbers of a path end up, and who is told of its lines. */
typedef struct sq_strokes_pen {
    sq_strokes_line line;
    void *context;
    double x, y; /* in the path's own numbers */
    double scale, move[2];
    double weight;
    int steps; /* of a curve */
} sq_strokes_pen;

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

static void sq_strokes_to(sq_strokes_pen *pen, bool down, double x, double y)
{
    if (down)
        pen->line(pen->context, pen->weight, pen->x * pen->scale + pen->move[0],
                  pen->y * pen->scale + pen->move[1], x * pen->scale + pen->move[0],
                  y * pen->scale + pen->move[1]);
    pen->x = x;
    pen->y = y;
}

static void sq_strokes_arc(sq_strokes_pen *pen, bool down, const int n[6])
{
    int turn = sq_max(n[2], n[3]) < 4 ? 8 : 4 * pen->steps; /* a dot needs few */
    int steps = (int)sq_max(2, abs(n[5] - n[4]) * turn / 360);
    for (int i = 0; i <= steps; i++) {
        double angle =
            (n[4] + (n[5] - n[4]) * (double)i / steps) * 3.14159265358979 / 180;
        sq_strokes_to(pen, down || i > 0, n[0] + n[2] * cos(angle),
                      n[1] + n[3] * sin(angle));
    }
}

static void sq_strokes_curve(sq_strokes_pen *pen, const int n[6])
{
    int steps = pen->steps;
    double x = pen->x, y = pen->y;
    for (int i = 1; i <= steps; i++) {
        double t = (double)i / steps, s = 1 - t;
        double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
        sq_strokes_to(pen, true, a * x + b * n[0] + c * n[2] + d * n[4],
                      a * y + b * n[1] + c * n[3] + d * n[5]);
    }
}

static void sq_strokes_follow(sq_strokes_pen *pen, const char *path)
{
    while (*path != '\0') {
        char command = *path++, letter = *path;
        int n[6];
        if (command == 'G') {
            sq_strokes_pen part = *pen;
            path = sq_strokes_numbers(path + 1, 3, n);
            part.scale = n[0] * 0.01;
            part.move[0] += n[1];
            part.move[1] += n[2];
            sq_strokes_follow(&part, sq_strokes_path((unsigned char)letter)->path);
            continue;
        }
        if (command == 'W') {
            path = sq_strokes_numbers(path, 1, n);
            pen->weight = n[0] * 0.01;
            continue;
        }
        path = sq_strokes_numbers(path, command == 'M' || command == 'L' ? 2 : 6, n);
        if (command == 'M' || command == 'L')
            sq_strokes_to(pen, command == 'L', n[0], n[1]);
        else if (command == 'C')
            sq_strokes_curve(pen, n);
        else
            sq_strokes_arc(pen, command == 'a', n);
    }
}

void sq_strokes_trace(const sq_strokes *glyph, int steps, sq_strokes_line line,
                      void *context)
{
    sq_strokes_pen pen = {line, context, 0, 0, 1, {0, 0}, 1, steps};
    pen.move[1] = SQ_STROKES_LIFT;
    sq_strokes_follow(&pen, glyph->path);
    pen.weight = 1;
    pen.move[0] = glyph->accent_x;
    pen.move[1] = glyph->accent_y + SQ_STROKES_LIFT;
    if (glyph->accent != NULL)
        sq_strokes_follow(&pen, glyph->accent);
}

#endif
