/* plot/markup.c - reads text, literal or with mathematics between dollars */
#include "font_line.h"

#ifdef SEQNN_PLOT

/* Sub- and superscripts: their size, how far their base lines are moved, and the space
 * behind them. */
#define SQ_SCRIPT_SCALE 0.7
#define SQ_SCRIPT_UP 0.40
#define SQ_SCRIPT_DOWN 0.19
#define SQ_SCRIPT_SPACE 0.03
#define SQ_SCRIPT_APART 0.05 /* further, if there are both */

/* Spaces of mathematics. */
#define SQ_THIN_SPACE (3.0 / 18)
#define SQ_MEDIUM_SPACE (4.0 / 18)
#define SQ_THICK_SPACE (5.0 / 18)

/* What a sign is to its neighbours. */
enum {
    SQ_SIGN_OPENING, /* a bracket; also the beginning: what follows has no left side */
    SQ_SIGN_ORDINARY,
    SQ_SIGN_BINARY,
    SQ_SIGN_RELATION,
    SQ_SIGN_COMMA,
    SQ_SIGN_LARGE /* sum, log: stands before what it works on */
};

/* Braces and arguments within each other; deeper ones are drawn as they are. */
enum { SQ_MARKUP_DEEPEST = 16 };

typedef struct sq_sign {
    const char *name;
    uint32_t character;
    int kind;
} sq_sign;

/* clang-format off */
static const sq_sign sq_signs[] = {
    {"alpha", 0x3B1, 1}, {"beta", 0x3B2, 1}, {"gamma", 0x3B3, 1}, {"delta", 0x3B4, 1},
    {"epsilon", 0x3B5, 1}, {"varepsilon", 0x3B5, 1}, {"zeta", 0x3B6, 1}, {"eta", 0x3B7, 1},
    {"theta", 0x3B8, 1}, {"iota", 0x3B9, 1}, {"kappa", 0x3BA, 1}, {"lambda", 0x3BB, 1},
    {"mu", 0x3BC, 1}, {"nu", 0x3BD, 1}, {"xi", 0x3BE, 1}, {"omicron", 0x3BF, 1},
    {"pi", 0x3C0, 1}, {"rho", 0x3C1, 1}, {"varsigma", 0x3C2, 1}, {"sigma", 0x3C3, 1},
    {"tau", 0x3C4, 1}, {"upsilon", 0x3C5, 1}, {"phi", 0x3C6, 1}, {"varphi", 0x3C6, 1},
    {"chi", 0x3C7, 1}, {"psi", 0x3C8, 1}, {"omega", 0x3C9, 1},
    {"Alpha", 0x391, 1}, {"Beta", 0x392, 1}, {"Gamma", 0x393, 1}, {"Delta", 0x394, 1},
    {"Epsilon", 0x395, 1}, {"Zeta", 0x396, 1}, {"Eta", 0x397, 1}, {"Theta", 0x398, 1},
    {"Iota", 0x399, 1}, {"Kappa", 0x39A, 1}, {"Lambda", 0x39B, 1}, {"Mu", 0x39C, 1},
    {"Nu", 0x39D, 1}, {"Xi", 0x39E, 1}, {"Omicron", 0x39F, 1}, {"Pi", 0x3A0, 1},
    {"Rho", 0x3A1, 1}, {"Sigma", 0x3A3, 1}, {"Tau", 0x3A4, 1}, {"Upsilon", 0x3A5, 1},
    {"Phi", 0x3A6, 1}, {"Chi", 0x3A7, 1}, {"Psi", 0x3A8, 1}, {"Omega", 0x3A9, 1},
    {"partial", 0x2202, 1}, {"nabla", 0x2207, 1}, {"infty", 0x221E, 1},
    {"prime", 0x2032, 1}, {"degree", 0xB0, 1}, {"ldots", 0x2026, 1}, {"dots", 0x2026, 1},
    {"cdots", 0x2026, 1}, {"sqrt", 0x221A, 0}, {"|", 0x2016, 1}, {"Vert", 0x2016, 1},
    {"times", 0xD7, 2}, {"cdot", 0xB7, 2}, {"odot", 0x2299, 2}, {"pm", 0xB1, 2},
    {"leq", 0x2264, 3}, {"le", 0x2264, 3}, {"geq", 0x2265, 3}, {"ge", 0x2265, 3},
    {"neq", 0x2260, 3}, {"ne", 0x2260, 3}, {"approx", 0x2248, 3}, {"in", 0x2208, 3},
    {"to", 0x2192, 3}, {"rightarrow", 0x2192, 3}, {"leftarrow", 0x2190, 3},
    {"Rightarrow", 0x21D2, 3}, {"uparrow", 0x2191, 3}, {"downarrow", 0x2193, 3},
    {"sum", 0x2211, 5}, {"prod", 0x220F, 5}, {"int", 0x222B, 5}, {"ell", 0x2113, 1},
    {"oplus", 0x2295, 2}, {"otimes", 0x2297, 2}, {"circ", 0x2218, 2},
    {"top", 0x22A4, 1}, {"forall", 0x2200, 1}, {"exists", 0x2203, 1},
    {"$", '$', 1}, {"{", '{', 0}, {"}", '}', 1}, {"_", '_', 1}, {"%", '%', 1},
    {"#", '#', 1}, {"&", '&', 1},
};

static const sq_sign sq_accents[] = {
    {"tilde", 0x303, 1}, {"hat", 0x302, 1}, {"bar", 0x304, 1}, {"dot", 0x307, 1},
    {"ddot", 0x308, 1},
};

/* Names that are written as words; styles, of which there is one; sizes of brackets. */
static const char sq_functions[] =
    " arg cos det exp lim ln log max min sigm sin softmax tan tanh tr ";
static const char sq_styles[] = " boldsymbol mathbf mathcal mathit mathsf operatorname ";
static const char sq_sizes[] = " left right ";
/* clang-format on */

uint32_t sq_font_next(const char **text)
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

/* Places the character at *at and the accents behind it. */
static void sq_markup_letter(const char **at, sq_font_line *line)
{
    const char *behind;
    do {
        uint32_t character = sq_font_next(at);
        sq_font_place(line, character);
        behind = *at;
    } while (sq_font_combines(sq_font_next(&behind)));
}

/* The dollar that closes the mathematics that begins behind `from`, or NULL. */
static const char *sq_markup_close(const char *from)
{
    for (const char *at = from; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '$')
            return at > from ? at : NULL;
    }
    return NULL;
}

static void sq_markup_sign(const char **at, const char *end, sq_font_line *line,
                           int depth);
static void sq_markup_group(const char **at, const char *end, sq_font_line *line,
                            int depth);

static void sq_markup_spaces(const char **at, const char *end)
{
    while (*at < end && **at == ' ')
        (*at)++;
}

/* The argument of a name; nothing if the mathematics ends before it. */
static void sq_markup_argument(const char **at, const char *end, sq_font_line *line,
                               int depth)
{
    sq_markup_spaces(at, end);
    if (*at < end && **at != '}')
        sq_markup_sign(at, end, line, depth);
}

static void sq_markup_word(const char *from, const char *end, sq_font_line *line)
{
    while (from < end)
        sq_markup_letter(&from, line);
}

static bool sq_markup_is(const char *name, size_t length, const char *other)
{
    return strlen(other) == length && memcmp(name, other, length) == 0;
}

static const sq_sign *sq_markup_find(const sq_sign *signs, seqnn_size count,
                                     const char *name, size_t length)
{
    for (seqnn_size i = 0; i < count; i++)
        if (sq_markup_is(name, length, signs[i].name))
            return &signs[i];
    return NULL;
}

/* \text{...}: letters as they are, up to the closing brace. */
static void sq_markup_text(const char **at, const char *end, sq_font_line *line)
{
    const char *close = *at;
    while (close < end && *close != '}')
        close++;
    sq_markup_word(*at + 1, close, line);
    *at = close < end ? close + 1 : end;
}

static bool sq_markup_among(const char *names, const char *name, size_t length)
{
    char word[16];
    if (length + 3 > sizeof word)
        return false;
    word[0] = ' ';
    memcpy(word + 1, name, length);
    memcpy(word + 1 + length, " ", 2);
    return strstr(names, word) != NULL;
}

/* Letters, or one other sign as in \\|. */
static size_t sq_markup_length(const char *name, const char *end)
{
    const char *behind = name;
    while (behind < end &&
           ((*behind >= 'a' && *behind <= 'z') || (*behind >= 'A' && *behind <= 'Z')))
        behind++;
    if (behind > name || behind >= end || (unsigned char)*behind >= 0x80)
        return (size_t)(behind - name);
    return 1;
}

/* The space that a name stands for; 0: none. */
static double sq_markup_space(const char *name, size_t length)
{
    if (sq_markup_is(name, length, ","))
        return SQ_THIN_SPACE;
    if (sq_markup_is(name, length, ";") || sq_markup_is(name, length, " "))
        return SQ_THICK_SPACE;
    return sq_markup_is(name, length, "quad") ? 1 : 0;
}

/* A name behind a backslash, with its arguments. */
static void sq_markup_name(const char **at, const char *end, sq_font_line *line,
                           int depth)
{
    const char *name = *at + 1;
    size_t length = sq_markup_length(name, end);
    const sq_sign *sign = sq_markup_find(sq_signs, SQ_COUNT(sq_signs), name, length);
    const sq_sign *accent =
        sq_markup_find(sq_accents, SQ_COUNT(sq_accents), name, length);
    double start = line->x, space = sq_markup_space(name, length);
    seqnn_size letters = line->letters;
    *at = name + length;
    if (sign != NULL) {
        sq_font_place(line, sign->character);
    } else if (accent != NULL) {
        sq_markup_argument(at, end, line, depth + 1);
        if (line->letters > letters + 1)
            sq_font_center(line, (start + line->x) / 2);
        sq_font_place(line, accent->character);
    } else if (space > 0) {
        line->x += space * line->scale;
        line->pair = false;
    } else if (sq_markup_is(name, length, "frac")) {
        sq_markup_argument(at, end, line, depth + 1);
        sq_font_place(line, '/');
        sq_markup_argument(at, end, line, depth + 1);
    } else if (**at == '{' && (sq_markup_is(name, length, "text") ||
                               sq_markup_is(name, length, "mathrm"))) {
        sq_markup_text(at, end, line);
    } else if (sq_markup_is(name, length, "mathbb") && strncmp(*at, "{R}", 3) == 0) {
        *at += 3;
        sq_font_place(line, 0x211D);
    } else if (sq_markup_among(sq_functions, name, length)) {
        sq_markup_word(name, *at, line);
    } else if (sq_markup_among(sq_styles, name, length)) {
        sq_markup_argument(at, end, line, depth + 1);
    } else if (!sq_markup_among(sq_sizes, name, length)) {
        /* Unknown: as it is, with the space behind it. */
        *at += **at == ' ';
        sq_markup_word(name - 1, *at, line);
    }
}

/* A sign in braces, with a name, or a single character. */
static void sq_markup_sign(const char **at, const char *end, sq_font_line *line,
                           int depth)
{
    char c = **at;
    if (depth < SQ_MARKUP_DEEPEST && c == '{') {
        (*at)++;
        sq_markup_group(at, end, line, depth + 1);
    } else if (depth < SQ_MARKUP_DEEPEST && c == '\\' && *at + 1 < end) {
        sq_markup_name(at, end, line, depth);
    } else if (c == '-' || c == '\'') {
        (*at)++;
        sq_font_place(line, c == '-' ? 0x2212 : 0x2032);
    } else {
        sq_markup_letter(at, line);
    }
}

/* The scripts behind a sign: one above the other if there are both. */
static void sq_markup_scripts(const char **at, const char *end, sq_font_line *line,
                              int depth)
{
    double start = line->x, furthest = start, scale = line->scale, raise = line->raise;
    bool seen[2] = {false, false};
    for (;;) {
        const char *from = *at;
        bool up;
        sq_markup_spaces(&from, end);
        if (from >= end || (*from != '_' && *from != '^'))
            break;
        up = *from++ == '^';
        sq_markup_spaces(&from, end);
        if (from >= end || *from == '}')
            break;
        *at = from;
        if (seen[up]) /* the same again stands beside the first */
            start = furthest;
        seen[up] = true;
        line->x = start;
        line->raise = raise + (up ? SQ_SCRIPT_UP : -SQ_SCRIPT_DOWN) * scale;
        if (seen[!up])
            line->raise += (up ? SQ_SCRIPT_APART : -SQ_SCRIPT_APART) * scale;
        line->scale = scale * SQ_SCRIPT_SCALE;
        line->pair = false;
        sq_markup_sign(at, end, line, depth + 1);
        furthest = fmax(furthest, line->x + SQ_SCRIPT_SPACE * scale);
        line->raise = raise;
        line->scale = scale;
        line->pair = false;
    }
    line->x = furthest;
}

/* The kind of the sign that begins at `at`. */
static int sq_markup_kind(const char *at, const char *end)
{
    const sq_sign *sign = NULL;
    uint32_t character;
    if (*at == '\\') {
        size_t length = sq_markup_length(at + 1, end);
        sign = sq_markup_find(sq_signs, SQ_COUNT(sq_signs), at + 1, length);
        if (sq_markup_among(sq_functions, at + 1, length))
            return SQ_SIGN_LARGE;
        return sign != NULL ? sign->kind : SQ_SIGN_ORDINARY;
    }
    if (strchr("([", *at) != NULL)
        return SQ_SIGN_OPENING;
    if (strchr("+-", *at) != NULL)
        return SQ_SIGN_BINARY;
    if (strchr("=<>", *at) != NULL)
        return SQ_SIGN_RELATION;
    if (strchr(",;", *at) != NULL)
        return SQ_SIGN_COMMA;
    character = sq_font_next(&at);
    for (seqnn_size i = 0; character >= 128 && i < SQ_COUNT(sq_signs); i++)
        if (sq_signs[i].character == character)
            return sq_signs[i].kind;
    return SQ_SIGN_ORDINARY;
}

/* A sign with its scripts, and the space around it. */
static void sq_markup_item(const char **at, const char *end, sq_font_line *line,
                           int depth, int *before, double *space)
{
    int kind = sq_markup_kind(*at, end);
    bool alone = *before != SQ_SIGN_ORDINARY; /* there is no left side */
    if (kind == SQ_SIGN_BINARY && alone)
        kind = SQ_SIGN_ORDINARY;
    if (kind == SQ_SIGN_BINARY)
        *space = SQ_MEDIUM_SPACE;
    if (kind == SQ_SIGN_RELATION && !alone)
        *space = SQ_THICK_SPACE;
    if (kind == SQ_SIGN_LARGE && !alone)
        *space = SQ_THIN_SPACE;
    if (kind == SQ_SIGN_OPENING && *before == SQ_SIGN_LARGE)
        *space = 0;
    if (*space > 0 && line->scale == 1) { /* scripts are set tight */
        line->x += *space;
        line->pair = false;
    }
    sq_markup_sign(at, end, line, depth);
    sq_markup_scripts(at, end, line, depth);
    *before = kind;
    *space = kind == SQ_SIGN_RELATION                         ? SQ_THICK_SPACE
             : kind == SQ_SIGN_BINARY                         ? SQ_MEDIUM_SPACE
             : kind == SQ_SIGN_COMMA || kind == SQ_SIGN_LARGE ? SQ_THIN_SPACE
                                                              : 0;
}

static void sq_markup_group(const char **at, const char *end, sq_font_line *line,
                            int depth)
{
    int before = SQ_SIGN_OPENING;
    double space = 0;
    for (;;) {
        sq_markup_spaces(at, end);
        if (*at >= end)
            return;
        if (**at == '}') {
            (*at)++;
            return;
        }
        sq_markup_item(at, end, line, depth, &before, &space);
    }
}

bool sq_markup_next(sq_markup *text, sq_font_line *line)
{
    if (text->close != NULL) {
        sq_markup_spaces(&text->at, text->close);
        if (text->at < text->close) {
            sq_markup_item(&text->at, text->close, line, 0, &text->before, &text->space);
            return true;
        }
        text->at = text->close + 1;
        text->close = NULL;
    }
    if (*text->at == '\0')
        return false;
    if (!text->literal && text->at[0] == '\\' && text->at[1] == '$') {
        text->at++;
    } else if (!text->literal && *text->at == '$') {
        text->close = sq_markup_close(text->at + 1);
        if (text->close != NULL) {
            text->at++;
            text->before = SQ_SIGN_OPENING;
            text->space = 0;
            line->pair = false;
            return sq_markup_next(text, line);
        }
    }
    sq_markup_letter(&text->at, line);
    return true;
}

#endif
