/* Charts as text: Braille is decoded back to dots and held against straight lines, widths
 * against the C library's wcwidth, live mode is watched by a terminal emulator behind a
 * real pseudo-terminal. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define _XOPEN_SOURCE 700 /* posix_openpt, setenv, open_memstream, wcwidth */
#define _DEFAULT_SOURCE   /* TIOCSWINSZ */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>
#include <cmocka.h>

#include "comma_locale.h"
#include "failing_malloc.h"
#include "outcomes.h"
#include "seqnn.h"
#include "terminal_emulator.h"
#include "terminal_page.h"

enum { LINES_MOST = 420 };

static seqnn_plot_series series_of(const char *label, const seqnn_real *y,
                                   seqnn_size count)
{
    seqnn_plot_series series;
    memset(&series, 0, sizeof series);
    series.label = label;
    series.y = y;
    series.count = count;
    return series;
}

static seqnn_terminal_options sized(seqnn_size width, seqnn_size height)
{
    seqnn_terminal_options options;
    memset(&options, 0, sizeof options);
    options.width = width;
    options.height = height;
    options.characters = SEQNN_CHARACTERS_UNICODE;
    return options;
}

/* What is written, on the heap. */
static char *memory;
static size_t memory_size;

static char *lines_text(const seqnn_plot_series *series, seqnn_size count,
                        seqnn_terminal_options options)
{
    FILE *stream = open_memstream(&memory, &memory_size);
    fine(seqnn_print_lines(series, count, stream, options));
    fclose(stream);
    return memory;
}

static char *bars_text(const char *const *names, const seqnn_real *values,
                       seqnn_size count, seqnn_terminal_options options)
{
    FILE *stream = open_memstream(&memory, &memory_size);
    fine(seqnn_print_bars(names, values, count, stream, options));
    fclose(stream);
    return memory;
}

/* --- text read back --- */

typedef struct grid {
    int rows, length[LINES_MOST];
    int32_t cell[LINES_MOST][1100]; /* by column; -1: right half of a wide character */
} grid;

/* Valid UTF-8, nothing but characters and line ends, no row wider than `width` by the C
 * library's wcwidth. */
static const grid *read_back(const char *text, seqnn_size width, seqnn_size height)
{
    static grid g;
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text);
    int column = 0;
    memset(&g, 0, sizeof g);
    assert_true(left > 0 && text[left - 1] == '\n');
    while (left > 0) {
        int bytes, wide;
        int32_t point = utf8_at(at, left, &bytes);
        if (point < 0)
            fail_msg("byte %02X is no UTF-8", *at);
        at += bytes;
        left -= (size_t)bytes;
        if (point == '\n') {
            if (column > 0 && g.cell[g.rows][column - 1] == ' ')
                fail_msg("row %d ends in a blank", g.rows);
            g.length[g.rows++] = column;
            column = 0;
            assert_true(g.rows <= height);
            continue;
        }
        wide = wcwidth((wchar_t)point);
        if (wide < 0 && (iswcntrl((wint_t)point) || point == 0x2028 || point == 0x2029))
            fail_msg("U+%04X in the text", (unsigned)point);
        wide = wide < 0 ? 1 : wide; /* no character has this number yet */
        for (int i = 0; i < wide; i++) {
            assert_true(column < 1100);
            g.cell[g.rows][column++] = i == 0 ? point : -1;
        }
        if (column > width)
            fail_msg("row %d is wider than %td columns:\n%s", g.rows, width, text);
    }
    return &g;
}

static void is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text != '\n' && (*text < 0x20 || *text > 0x7E))
            fail_msg("byte %02X in plain ASCII", (unsigned char)*text);
}

typedef struct plot {
    int left, top, rows, columns; /* of the axes' inside, in characters */
    int width, height;            /* in dots */
    unsigned char dot[4 * LINES_MOST][2200];
} plot;

/* The dots of the chart, found by its axes. */
static const plot *dots_of(const grid *g, int width)
{
    static const unsigned char bits[8][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 0},
                                             {1, 1}, {1, 2}, {0, 3}, {1, 3}};
    static plot p;
    int axis = 0, row = 0;
    memset(&p, 0, sizeof p);
    for (row = 0; row < g->rows; row++) {
        for (axis = 0; axis < g->length[row]; axis++)
            if (g->cell[row][axis] == 0x2502 || g->cell[row][axis] == 0x2524)
                break;
        if (axis < g->length[row])
            break;
    }
    p.top = row;
    p.left = axis + 1;
    p.columns = width - p.left;
    for (; g->cell[row][axis] == 0x2502 || g->cell[row][axis] == 0x2524; row++) {
        for (int c = 0; c < p.columns && p.left + c < g->length[row]; c++) {
            int32_t point = g->cell[row][p.left + c];
            for (int k = 0; k < 8 && point >= 0x2800 && point < 0x2900; k++)
                if ((point - 0x2800) >> k & 1)
                    p.dot[4 * p.rows + bits[k][1]][2 * c + bits[k][0]] = 1;
        }
        p.rows++;
    }
    assert_int_equal(g->cell[row][axis], 0x2514);
    p.width = 2 * p.columns;
    p.height = 4 * p.rows;
    return &p;
}

static double distance_to_segment(double x, double y, const double *a, const double *b)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length : 0;
    t = fmin(fmax(t, 0), 1);
    return hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

/* Every dot lies on the polyline through `points` (in dots), and no part of the polyline
 * inside the chart lacks its dot: nearer than the corner of a dot. */
static void dots_are_lines(const plot *p, double (*points)[2], int count)
{
    const double near = 0.7072;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) {
            double nearest = INFINITY;
            if (!p->dot[y][x])
                continue;
            for (int i = 0; i + 1 < count; i++)
                nearest =
                    fmin(nearest, distance_to_segment(x, y, points[i], points[i + 1]));
            if (nearest > near)
                fail_msg("the dot at (%d, %d) is %.3f away from the line", x, y, nearest);
        }
    }
    for (int i = 0; i + 1 < count; i++) {
        double dx = points[i + 1][0] - points[i][0], dy = points[i + 1][1] - points[i][1];
        int steps = (int)fmin(20 * (fabs(dx) + fabs(dy)) + 1, 20000);
        for (int k = 0; k <= steps; k++) {
            double x = points[i][0] + dx * k / steps, y = points[i][1] + dy * k / steps;
            bool found = false;
            if (x < 0 || y < 0 || x > p->width - 1 || y > p->height - 1)
                continue;
            for (int v = (int)y - 1; v <= (int)y + 2 && !found; v++)
                for (int u = (int)x - 1; u <= (int)x + 2 && !found; u++)
                    found = u >= 0 && v >= 0 && u < p->width && v < p->height &&
                            p->dot[v][u] && hypot(x - u, y - v) < 1;
            if (!found)
                fail_msg("the line has no dot at (%.2f, %.2f)", x, y);
        }
    }
}

/* --- lines --- */

static void lines_are_straight(void **state)
{
    (void)state;
    const int sizes[][2] = {{20, 6}, {40, 12}, {80, 23}, {133, 47}, {300, 100}};
    srand(7);
    for (int s = 0; s < 5; s++) {
        for (int log = 0; log < 4; log++) {
            seqnn_real x[12], y[12];
            double points[12][2];
            seqnn_plot_series series = series_of(NULL, y, 12);
            seqnn_terminal_options options = sized(sizes[s][0], sizes[s][1]);
            const plot *p;
            char *text;
            options.x_min = options.y_min = 1;
            options.x_max = 1000;
            options.y_max = 100;
            options.log_x = (log & 1) != 0;
            options.log_y = (log & 2) != 0;
            for (int i = 0; i < 12; i++) { /* some lie outside the limits */
                double u = 1.2 * rand() / RAND_MAX - 0.1,
                       v = 1.2 * rand() / RAND_MAX - 0.1;
                x[i] = (seqnn_real)(log & 1 ? pow(1000, u) : 1 + 999 * u);
                y[i] = (seqnn_real)(log & 2 ? pow(100, v) : 1 + 99 * v);
            }
            series.x = x;
            text = lines_text(&series, 1, options);
            p = dots_of(read_back(text, options.width, options.height), sizes[s][0]);
            for (int i = 0; i < 12; i++) {
                double u = log & 1 ? log10((double)x[i]) / 3 : ((double)x[i] - 1) / 999;
                double v = log & 2 ? log10((double)y[i]) / 2 : ((double)y[i] - 1) / 99;
                points[i][0] = u * (p->width - 1);
                points[i][1] = (1 - v) * (p->height - 1);
            }
            dots_are_lines(p, points, 12);
            free(text);
        }
    }
}

/* A million points of noise: each column of dots reaches from its lowest to its highest
 * value. */
static void a_million_points_are_their_extremes(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    static seqnn_real y[COUNT];
    seqnn_plot_series series = series_of("noise", y, COUNT);
    seqnn_terminal_options options = sized(120, 40);
    const plot *p;
    char *text;
    unsigned long noise = 1;
    int low[240], high[240];
    options.y_min = -1;
    options.y_max = 1;
    options.x_min = SEQNN_ZERO;
    options.x_max = COUNT - 1;
    for (int i = 0; i < COUNT; i++) {
        noise = noise * 1103515245u + 12345u;
        y[i] = (seqnn_real)((double)(noise >> 16 & 32767) / 32768 *
                            sin(i * 6.28 / COUNT)); /* narrow in the middle */
    }
    text = lines_text(&series, 1, options);
    p = dots_of(read_back(text, 120, 40), 120);
    for (int column = 0; column < p->width; column++) {
        low[column] = p->height;
        high[column] = -1;
    }
    for (int i = 0; i < COUNT; i++) {
        int column = (int)floor((double)i / (COUNT - 1) * (p->width - 1) + 0.5);
        int row = (int)floor((1 - (double)y[i]) / 2 * (p->height - 1) + 0.5);
        low[column] = row < low[column] ? row : low[column];
        high[column] = row > high[column] ? row : high[column];
    }
    for (int column = 0; column < p->width; column++) {
        int first = p->height, last = -1;
        for (int row = 0; row < p->height; row++)
            if (p->dot[row][column]) {
                first = row < first ? row : first;
                last = row;
            }
        /* The piece that leads to the next column may begin half a dot further on. */
        if (abs(first - low[column]) > 1 || abs(last - high[column]) > 1)
            fail_msg("column %d: dots %d to %d, values %d to %d", column, first, last,
                     low[column], high[column]);
    }
    free(text);
}

static void gaps_break_the_line(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 1, (seqnn_real)NAN, 1, 1, (seqnn_real)INFINITY, 1, 1};
    seqnn_plot_series series = series_of("y", y, 8);
    seqnn_terminal_options options = sized(71 + 4, 12);
    const plot *p;
    char *text;
    options.x_min = SEQNN_ZERO;
    options.x_max = 7;
    options.no_legend = true;
    text = lines_text(&series, 1, options);
    p = dots_of(read_back(text, 75, 12), 75);
    for (int x = 0; x < p->width; x++) {
        double at = 7.0 * x / (p->width - 1);
        bool any = false;
        for (int row = 0; row < p->height; row++)
            any = any || p->dot[row][x];
        if ((at > 1.1 && at < 2.9) || (at > 4.1 && at < 5.9))
            assert_false(any);
        if (at < 0.9 || (at > 3.1 && at < 3.9) || at > 6.1)
            assert_true(any);
    }
    free(text);
}

/* Numbers are where their ticks are, and the ticks where their values are. */
static void ticks_are_round_and_in_place(void **state)
{
    (void)state;
    const seqnn_real y[] = {0, 100}, x[] = {0, 10};
    seqnn_plot_series series = series_of(NULL, y, 2);
    seqnn_terminal_options options = sized(60, 21);
    const grid *g;
    char *text;
    int found = 0;
    series.x = x;
    options.x_min = options.y_min = SEQNN_ZERO;
    options.x_max = 10;
    options.y_max = 100;
    text = lines_text(&series, 1, options);
    g = read_back(text, 60, 21);
    for (int row = 0; row < 19; row++) { /* two rows are the x axis' */
        int value = 0, column = 0;
        if (g->cell[row][4] != 0x2524)
            continue;
        for (; column < 4; column++)
            if (g->cell[row][column] != ' ')
                value = 10 * value + (g->cell[row][column] - '0');
        assert_int_equal(value % 10, 0);
        assert_int_equal(row, (int)floor((100 - value) / 100.0 * (19 * 4 - 1) + 0.5) / 4);
        found++;
    }
    assert_in_range(found, 4, 11);
    found = 0;
    for (int column = 5; column < 60; column++) {
        int value = 0;
        if (g->cell[19][column] != 0x252C)
            continue;
        for (int i = column; i < 60 && g->cell[20][i] >= '0' && g->cell[20][i] <= '9';
             i++)
            value = 10 * value + (g->cell[20][i] - '0');
        if (g->cell[20][column] == ' ') /* "10" may begin a column further to the left */
            value = g->cell[20][column - 1] - '0';
        if (column == 59)
            value = 10;
        assert_int_equal(column - 5, (int)floor(value / 10.0 * (2 * 55 - 1) + 0.5) / 2);
        found++;
    }
    assert_in_range(found, 3, 11);
    free(text);
    options.log_y = true;
    options.y_min = (seqnn_real)1e-3;
    options.y_max = (seqnn_real)1e3;
    text = lines_text(&series, 1, options);
    assert_non_null(strstr(text, "10\xE2\x81\xBB\xC2\xB3 \xE2\x94\xA4"));
    assert_non_null(strstr(text, "10\xE2\x81\xB0 \xE2\x94\xA4"));
    free(text);
    options.characters = SEQNN_CHARACTERS_ASCII;
    text = lines_text(&series, 1, options);
    is_ascii(text);
    assert_non_null(strstr(text, "1e-3 +"));
    free(text);
}

static void legend_and_labels_are_there(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 3, 2}, z[] = {2, 1, 1};
    seqnn_plot_series series[2];
    seqnn_terminal_options options = sized(60, 20);
    char *text;
    series[0] = series_of("training", y, 3);
    series[1] = series_of("validation", z, 3);
    options.title = "History";
    options.x_label = "epoch";
    options.y_label = "loss";
    options.y_line = (seqnn_real)1.5;
    text = lines_text(series, 2, options);
    for (int i = 0; i < 5; i++) {
        const char *const words[] = {"History", "epoch", "loss", "training",
                                     "validation"};
        assert_non_null(strstr(text, words[i]));
    }
    /* Without colour each has a mark, on its line and in the legend. */
    assert_non_null(strstr(strstr(text, "\xE2\x97\x8F") + 1, "\xE2\x97\x8F"));
    assert_non_null(strstr(strstr(text, "\xE2\x96\xA0") + 1, "\xE2\x96\xA0"));
    assert_null(strchr(text, 0x1B));
    free(text);
    options.characters = SEQNN_CHARACTERS_ASCII;
    text = lines_text(series, 2, options);
    assert_non_null(strstr(text, "loss   * training   + validation\n"));
    assert_non_null(strstr(text, "**"));
    assert_non_null(strstr(text, "++"));
    assert_non_null(strstr(text, ".."));
    free(text);
    options.colours = SEQNN_COLOURS_ALWAYS;
    options.characters = SEQNN_CHARACTERS_UNICODE;
    text = lines_text(series, 2, options);
    assert_non_null(strstr(text, "\x1B[38;5;31m"));  /* blue */
    assert_non_null(strstr(text, "\x1B[38;5;166m")); /* vermilion */
    assert_null(strstr(text, "\xE2\x97\x8F"));
    assert_memory_equal(strrchr(text, 0x1B) + 1, "[0m", 3);
    free(text);
    options.no_legend = true;
    text = lines_text(series, 2, options);
    assert_null(strstr(text, "training"));
    free(text);
}

/* Every chart keeps within its size, whatever it is given. */
static void odd_input_keeps_its_place(void **state)
{
    (void)state;
    static char label[301];
    const seqnn_real rows[][4] = {
        {1, 2, 3, 4},
        {(seqnn_real)NAN, (seqnn_real)NAN, (seqnn_real)NAN, (seqnn_real)NAN},
        {(seqnn_real)INFINITY, -(seqnn_real)INFINITY, 0, 0},
        {(seqnn_real)1e30, (seqnn_real)-1e30, 0, 1},
        {(seqnn_real)1e-30, (seqnn_real)2e-30, (seqnn_real)3e-30, 0},
        {7, 7, 7, 7},
        {(seqnn_real)1000000, (seqnn_real)1000000.5, (seqnn_real)1000001, 1000002},
        {0, 0, 0, (seqnn_real)1e-38},
        {-5, -4, -3, -2},
    };
    const char *const labels[] = {label,
                                  "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
                                  "cafe\xCC\x81",
                                  "\xCC\x81",
                                  "evil \x1B[2J\a\r\n\x7F \xC2\x9B"
                                  "31m",
                                  "\xE2\x80\xAE"
                                  "abc",
                                  "\xFF\xFE",
                                  ""};
    const int sizes[][2] = {{20, 6}, {23, 7}, {40, 12}, {80, 23}, {300, 90}};
    memset(label, 'x', 300);
    for (int s = 0; s < 5; s++) {
        for (int r = 0; r < 9; r++) {
            for (int kind = 0; kind < 16; kind++) {
                seqnn_plot_series series[12];
                const char *names[4];
                seqnn_terminal_options options = sized(sizes[s][0], sizes[s][1]);
                seqnn_size count = kind & 8 ? 12 : 1;
                char *text;
                for (int i = 0; i < 12; i++) {
                    series[i] =
                        series_of(labels[(i + r) % 8], rows[(r + i) % 9], 4 - i % 5);
                    series[i].x_first = (seqnn_real)(kind & 1 ? 1 : 1e9);
                    series[i].line = (seqnn_line)(i % 5);
                    series[i].marker = (seqnn_marker)(i % 6);
                }
                for (int i = 0; i < 4; i++)
                    names[i] = labels[(i + r) % 8];
                options.title = labels[r % 8];
                options.x_label = labels[(r + 1) % 8];
                options.y_label = labels[(r + 2) % 8];
                options.log_x = (kind & 1) != 0;
                options.log_y = (kind & 2) != 0;
                options.sorted = (kind & 1) != 0;
                options.characters =
                    kind & 4 ? SEQNN_CHARACTERS_ASCII : SEQNN_CHARACTERS_UNICODE;
                text = lines_text(series, count, options);
                read_back(text, options.width, options.height);
                if (kind & 4)
                    is_ascii(text);
                free(text);
                text = bars_text(kind & 8 ? names : NULL, rows[r], 4, options);
                read_back(text, options.width, options.height);
                if (kind & 4)
                    is_ascii(text);
                free(text);
            }
        }
    }
}

static void nothing_is_said_to_be_nothing(void **state)
{
    (void)state;
    const seqnn_real y[] = {(seqnn_real)NAN, 2};
    seqnn_plot_series series = series_of("empty", NULL, 0);
    char *text = lines_text(&series, 1, sized(60, 15));
    assert_non_null(strstr(text, "no data"));
    free(text);
    series = series_of("one point", y, 2);
    text = lines_text(&series, 1, sized(60, 15));
    assert_null(strstr(text, "no data"));
    assert_non_null(strstr(text, "\xE2\x97\x8F")); /* more than a dot */
    free(text);
}

static void numbers_do_not_follow_the_locale(void **state)
{
    (void)state;
    const seqnn_real y[] = {(seqnn_real)0.25, (seqnn_real)0.75};
    seqnn_plot_series series = series_of("y", y, 2);
    char *text = lines_text(&series, 1, sized(60, 20)), *again;
    char *bars = bars_text(NULL, y, 2, sized(60, 20));
    if (set_comma_locale()) {
        again = lines_text(&series, 1, sized(60, 20));
        assert_string_equal(text, again);
        free(again);
        again = bars_text(NULL, y, 2, sized(60, 20));
        assert_string_equal(bars, again);
        free(again);
    }
    setlocale(LC_ALL, "C");
    setlocale(LC_CTYPE, "C.UTF-8");
    free(text);
    free(bars);
}

/* --- bars --- */

/* The eighths of a bar that begins at a column. */
static int eighths(const grid *g, int row, int column)
{
    int total = 0;
    for (; column < g->length[row]; column++) {
        int32_t point = g->cell[row][column];
        if (point < 0x2588 || point > 0x258F)
            break;
        total += 0x2590 - point;
    }
    return total;
}

static void bars_are_as_long_as_their_values(void **state)
{
    (void)state;
    const char *const names[] = {"a", "bb", "c", "d", "e"};
    const seqnn_real values[] = {(seqnn_real)0.35, 1, (seqnn_real)0.8125, 0,
                                 (seqnn_real)NAN};
    const int order[] = {1, 2, 0, 3, 4};
    const char *const numbers[] = {" 0.35", " 1.00", " 0.81", " 0.00", " NaN"};
    for (int width = 20; width < 150; width += 7) {
        seqnn_terminal_options options = sized(width, 0);
        char *text = bars_text(names, values, 5, options);
        const grid *g = read_back(text, width, 5);
        int longest = eighths(g, 1, 4);
        assert_int_equal(longest, 8 * (width - 2 - 2 - 5)); /* names, axis, number */
        for (int i = 0; i < 5; i++) {
            int length = eighths(g, i, 4), at = 4 + (length + 7) / 8;
            double want = isnan((double)values[i]) ? 0 : (double)values[i] * longest;
            assert_int_equal(g->cell[i][3], 0x2502);
            assert_true(fabs(length - want) <= 0.5);
            for (int k = 0; numbers[i][k] != '\0'; k++)
                assert_int_equal(g->cell[i][at + k], numbers[i][k]);
        }
        free(text);
        options.sorted = true;
        options.x_max = 2;
        text = bars_text(names, values, 5, options);
        g = read_back(text, width, 5);
        for (int i = 0; i < 5; i++)
            assert_int_equal(g->cell[i][1],
                             (unsigned char)names[order[i]][order[i] == 1]);
        assert_in_range(eighths(g, 0, 4), longest / 2 - 1, longest / 2 + 1);
        free(text);
    }
}

static void bars_below_zero_go_to_the_left(void **state)
{
    (void)state;
    const seqnn_real values[] = {-2, 4, (seqnn_real)-0.5, 0, -(seqnn_real)INFINITY};
    char *text = bars_text(NULL, values, 5, sized(66, 0));
    const grid *g = read_back(text, 66, 5);
    int zero = 0, room;
    while (g->cell[0][zero] != 0x2502)
        zero++;
    room = eighths(g, 1, zero + 1) / 8; /* characters for 4 */
    for (int i = 0; i < 5; i++) {
        double want = i == 4 ? 2.0 : fmax(0, -(double)values[i]);
        int whole = 0, half;
        assert_int_equal(g->cell[i][zero], 0x2502);
        while (g->cell[i][zero - 1 - whole] == 0x2588)
            whole++;
        half = g->cell[i][zero - 1 - whole] == 0x2590;
        assert_true(fabs(whole + 0.5 * half - want / 4 * room) <= 0.8);
    }
    assert_true(strncmp(text,
                        "0 \xE2\x88\x92"
                        "2.00 \xE2\x96",
                        9) == 0);
    assert_non_null(strstr(text, "\xE2\x88\x92inf "));
    free(text);
}

static void bars_too_many_are_counted(void **state)
{
    (void)state;
    static seqnn_real values[2000];
    seqnn_terminal_options options = sized(60, 10);
    char *text;
    for (int i = 0; i < 2000; i++)
        values[i] = (seqnn_real)i;
    options.sorted = true;
    options.title = "Many";
    text = bars_text(NULL, values, 2000, options);
    assert_int_equal(read_back(text, 60, 10)->rows, 10);
    assert_non_null(strstr(text, "1999 \xE2"));
    assert_non_null(strstr(text, "\nand 1992 more\n"));
    free(text);
    options.height = 0; /* a list, if it is not endless */
    text = bars_text(NULL, values, 300, options);
    assert_int_equal(read_back(text, 60, 301)->rows, 301);
    free(text);
    text = bars_text(NULL, values, 2000, options);
    assert_int_equal(read_back(text, 60, 400)->rows, 400);
    free(text);
}

/* --- characters --- */

/* The width of every character that the C library knows, but for the few whose width has
 * changed with the version of Unicode. */
static void widths_are_those_of_the_c_library(void **state)
{
    (void)state;
    int differ = 0, known = 0;
    sq_page page;
    memset(&page, 0, sizeof page);
    page.unicode = true;
    for (int32_t point = 0x100; point < 0x110000; point++) {
        char text[8] = "a";
        int32_t rest = point;
        int bytes = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        int wide = wcwidth((wchar_t)point);
        if (wide < 0 || (point >> 11) == 27)
            continue;
        for (int i = bytes; i > 1; i--, rest >>= 6)
            text[i] = (char)(0x80 | (rest & 63));
        text[1] = (char)((bytes == 2 ? 0xC0 : bytes == 3 ? 0xE0 : 0xF0) | rest);
        differ += sq_page_width(&page, text, 10) != 1 + wide;
        known++;
    }
    assert_true(known > 100000);
    assert_in_range(differ, 0, 1000);
}

/* Any bytes at all. */
static void any_bytes_are_a_text(void **state)
{
    (void)state;
    const seqnn_real values[] = {3, -2, 1, 0};
    srand(11);
    for (int round = 0; round < 500; round++) {
        char bytes[4][24], *text;
        const char *names[4];
        seqnn_terminal_options options = sized(20 + round % 60, 0);
        for (int i = 0; i < 4; i++) {
            names[i] = bytes[i];
            for (int k = 0; k < 23; k++) /* many that begin or continue UTF-8 */
                bytes[i][k] = (char)(rand() % 3 ? 0x80 + rand() % 128 : rand() % 128);
            bytes[i][23] = '\0';
        }
        options.title = bytes[3];
        if (round % 2)
            options.characters = SEQNN_CHARACTERS_ASCII;
        text = bars_text(names, values, 4, options);
        read_back(text, options.width, 5);
        if (round % 2)
            is_ascii(text);
        free(text);
    }
}

/* What would be an order to the terminal is not one any more. */
static void orders_do_not_pass(void **state)
{
    (void)state;
    const char *const names[] = {"a\x1B[31mb",
                                 "c\x9B"
                                 "2Jd",
                                 "e\xC2\x9B"
                                 "2Jf",
                                 "g\x07\x08\x0Eh",
                                 "i\tj\nk",
                                 "l\xE2\x80\xAEm\xE2\x80\xA8n"};
    const seqnn_real values[] = {1, 2, 3, 4, 5, 6};
    char *text = bars_text(names, values, 6, sized(60, 0));
    read_back(text, 60, 6); /* no control character, no C1, nothing without a width */
    assert_non_null(strstr(text, "a\xEF\xBF\xBD[31mb "));
    assert_non_null(strstr(text, "i j k "));
    assert_non_null(strstr(text, "lmn "));
    free(text);
}

/* --- the environment, and a terminal --- */

typedef struct terminal {
    int master;
    FILE *stream;
    char bytes[1 << 18];
    size_t count; /* written to the terminal since the last look */
} terminal;

static terminal tty;

static void terminal_size(int columns, int rows)
{
    struct winsize size;
    memset(&size, 0, sizeof size);
    size.ws_col = (unsigned short)columns;
    size.ws_row = (unsigned short)rows;
    assert_int_equal(ioctl(tty.master, TIOCSWINSZ, &size), 0);
}

static void terminal_open(int columns, int rows)
{
    struct termios mode;
    int slave;
    tty.master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(tty.master >= 0);
    assert_int_equal(grantpt(tty.master), 0);
    assert_int_equal(unlockpt(tty.master), 0);
    terminal_size(columns, rows);
    slave = open(ptsname(tty.master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(tcgetattr(slave, &mode), 0);
    mode.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    assert_int_equal(tcsetattr(slave, TCSANOW, &mode), 0);
    tty.stream = fdopen(slave, "w");
    assert_non_null(tty.stream);
    assert_int_equal(fcntl(tty.master, F_SETFL, O_NONBLOCK), 0);
    setenv("TERM", "xterm-256color", 1);
    setenv("LANG", "C.UTF-8", 1);
}

static void terminal_close(void)
{
    fclose(tty.stream);
    close(tty.master);
}

/* All that has arrived. */
static const char *terminal_read(void)
{
    ssize_t taken;
    tty.count = 0;
    while ((taken = read(tty.master, tty.bytes + tty.count,
                         sizeof tty.bytes - 1 - tty.count)) > 0)
        tty.count += (size_t)taken;
    tty.bytes[tty.count] = '\0';
    return tty.bytes;
}

static void environment_decides(void **state)
{
    (void)state;
    const struct {
        const char *term, *lc_all, *lc_ctype, *lang, *no_color;
        bool unicode, colour;
    } cases[] = {
        {"xterm", NULL, NULL, "de_DE.UTF-8", NULL, true, true},
        {"xterm", NULL, NULL, "de_DE.utf8", "", true, true},
        {"xterm", NULL, NULL, "de_DE.UTF-8", "1", true, false},
        {"xterm", "C", NULL, "de_DE.UTF-8", NULL, false, true},
        {"xterm", "", "C.UTF-8", "C", NULL, true, true},
        {"xterm", "C", "C.UTF-8", "C.UTF-8", NULL, false, true},
        {"xterm", NULL, "C", "C.UTF-8", NULL, false, true},
        {"xterm", NULL, NULL, NULL, NULL, false, true},
        {"dumb", NULL, NULL, "C.UTF-8", NULL, false, false},
        {"", NULL, NULL, "C.UTF-8", NULL, false, false},
        {NULL, NULL, NULL, "C.UTF-8", NULL, false, false},
    };
    const seqnn_real y[] = {1, 2, 3};
    seqnn_plot_series series[2];
    seqnn_terminal_options options;
    series[0] = series_of("a", y, 3);
    series[1] = series_of("b", y, 2);
    memset(&options, 0, sizeof options);
    terminal_open(70, 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const names[] = {"TERM", "LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR"};
        const char *const values[] = {cases[i].term, cases[i].lc_all, cases[i].lc_ctype,
                                      cases[i].lang, cases[i].no_color};
        const char *text;
        int rows = 0;
        for (int k = 0; k < 5; k++) {
            if (values[k] != NULL)
                setenv(names[k], values[k], 1);
            else
                unsetenv(names[k]);
        }
        fine(seqnn_print_lines(series, 2, tty.stream, options));
        text = terminal_read();
        assert_int_equal(strstr(text, "\xE2\x94\x82") != NULL, cases[i].unicode);
        assert_int_equal(strchr(text, 0x1B) != NULL, cases[i].colour);
        for (const char *c = text; *c != '\0'; c++)
            rows += *c == '\n';
        assert_int_equal(rows, 19); /* of the terminal's 20 */
    }
    terminal_close();
    unsetenv("NO_COLOR");
    setenv("LANG", "C.UTF-8", 1);
    { /* no terminal: COLUMNS and LINES, or 80 x 24 */
        char *text;
        setenv("COLUMNS", "50", 1);
        setenv("LINES", "15", 1);
        text = lines_text(series, 2, options);
        read_back(text, 50, 14);
        assert_null(strchr(text, 0x1B));
        free(text);
        setenv("COLUMNS", "nonsense", 1);
        unsetenv("LINES");
        text = lines_text(series, 2, options);
        assert_true(read_back(text, 80, 23)->rows >= 20);
        free(text);
        unsetenv("COLUMNS");
    }
}

/* --- live mode --- */

static screen window;

static void window_open(int columns, int rows)
{
    memset(&window, 0, sizeof window);
    window.columns = columns;
    window.rows = rows;
}

static void window_update(void)
{
    terminal_read();
    screen_write(&window, tty.bytes, tty.count);
}

/* The window shows exactly `text` from its row `from` on, and the cursor is below it. */
static void window_shows(int from, const char *text)
{
    static char have[1 << 18];
    int rows = 0;
    screen_text(&window, from, have, sizeof have);
    if (strcmp(have, text) != 0)
        fail_msg("the terminal shows\n%s\nexpected\n%s", have, text);
    for (; *text != '\0'; text++)
        rows += *text == '\n';
    assert_int_equal(window.row, from + rows);
    assert_int_equal(window.column, 0);
}

static void live_mode_shows_the_last_picture_only(void **state)
{
    (void)state;
    static seqnn_real y[400], z[400];
    seqnn_terminal_options options;
    seqnn_live *live;
    memset(&options, 0, sizeof options);
    options.y_label = "loss";
    terminal_open(80, 24);
    window_open(80, 24);
    fprintf(tty.stream, "a line before\n");
    fflush(tty.stream);
    live = seqnn_live_new(tty.stream, options);
    assert_non_null(live);
    for (int i = 0; i < 400; i++) {
        y[i] = (seqnn_real)exp(-i / 100.0);
        z[i] = (seqnn_real)(1 + sin(i / 9.0));
    }
    for (int n = 1; n < 400; n += n < 20 ? 1 : 37) {
        char title[64], *text;
        seqnn_plot_series series[2];
        seqnn_terminal_options same = options;
        series[0] = series_of("training", y, n);
        series[1] = series_of(n % 2 ? "validation" : "v", z, n);
        snprintf(title, sizeof title, "epoch %d%s", n, n % 3 ? "" : " and more of it");
        fine(seqnn_live_title(live, title));
        fine(seqnn_live_lines(live, series, 2));
        fine(seqnn_live_show(live));
        window_update();
        same.title = title;
        same.width = 80;
        same.height = 22; /* as the default */
        same.characters = SEQNN_CHARACTERS_UNICODE;
        same.colours = SEQNN_COLOURS_NEVER;
        text = NULL;
        { /* With colours the lines need no marks: compare with what has them. */
            char *coloured;
            static char plain[1 << 18];
            size_t used = 0;
            same.colours = SEQNN_COLOURS_ALWAYS;
            coloured = lines_text(series, 2, same);
            for (const char *c = coloured; *c != '\0'; c++) {
                if (*c == 0x1B)
                    c = strchr(c, 'm');
                else
                    plain[used++] = *c;
            }
            plain[used] = '\0';
            text = plain;
            free(coloured);
        }
        window_shows(1, text);
    }
    /* Bars in its place, fewer and fewer: nothing of the others stays. */
    for (int n = 15; n > 0; n -= 2) {
        char *text, *c;
        fine(seqnn_live_title(live, NULL));
        fine(seqnn_live_bars(live, NULL, y, n));
        fine(seqnn_live_show(live));
        window_update();
        options.width = 80;
        options.characters = SEQNN_CHARACTERS_UNICODE;
        text = bars_text(NULL, y, n, options);
        for (c = text; *c != '\0'; c++)
            assert_int_not_equal(*c, 0x1B);
        window_shows(1, text);
        free(text);
    }
    fine(seqnn_live_free(live));
    terminal_close();
}

static void live_mode_follows_the_window(void **state)
{
    (void)state;
    const int sizes[][2] = {{80, 24}, {50, 24}, {120, 30}, {37, 11}, {19, 24},
                            {80, 6},  {20, 7},  {100, 40}, {99, 40}};
    static seqnn_real y[100];
    seqnn_terminal_options options;
    seqnn_live *live;
    memset(&options, 0, sizeof options);
    options.colours = SEQNN_COLOURS_NEVER;
    options.title = "A title that is long enough to reach across";
    for (int i = 0; i < 100; i++)
        y[i] = (seqnn_real)cos(i / 10.0);
    terminal_open(80, 24);
    window_open(80, 24);
    live = seqnn_live_new(tty.stream, options);
    for (int s = 0; s < 9; s++) {
        seqnn_plot_series series = series_of("y", y, 100 - s);
        int columns = sizes[s][0], rows = sizes[s][1], before = window.row;
        terminal_size(columns, rows);
        screen_resize(&window, columns, rows);
        before = window.row;
        fine(seqnn_live_lines(live, &series, 1));
        fine(seqnn_live_show(live));
        window_update();
        if (columns < 20 || rows < 7) {
            assert_int_equal(tty.count, 0);
            assert_int_equal(window.row, before);
        } else {
            seqnn_terminal_options same = options;
            seqnn_size height = columns * 9 / 32 > 12 ? columns * 9 / 32 : 12;
            char *text;
            static char have[1 << 18];
            same.width = columns;
            same.height = height < rows - 1 ? height : rows - 1;
            same.characters = SEQNN_CHARACTERS_UNICODE;
            text = lines_text(&series, 1, same);
            /* The whole picture stands in the window, and below it nothing. */
            window_shows(window.row - (int)same.height, text);
            assert_true(window.row - (int)same.height >= window.top);
            /* What had room before, and was not scrolled away, is not there twice. */
            screen_text(&window, window.top, have, sizeof have);
            if (s == 1)
                assert_string_equal(have, text);
            free(text);
        }
    }
    fine(seqnn_live_free(live));
    terminal_close();
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A thousand calls cost one picture, and the last one is not forgotten. */
static void live_mode_draws_seldom(void **state)
{
    (void)state;
    static seqnn_real y[1000];
    seqnn_terminal_options options;
    seqnn_live *live;
    double start;
    char label[32];
    memset(&options, 0, sizeof options);
    options.redraws = 1;
    terminal_open(80, 24);
    live = seqnn_live_new(tty.stream, options);
    start = seconds();
    for (int i = 0; i < 1000; i++) {
        seqnn_plot_series series = series_of(label, y, i + 1);
        y[i] = (seqnn_real)i;
        snprintf(label, sizeof label, "call %d.", i);
        fine(seqnn_live_lines(live, &series, 1));
        if (i == 0)
            assert_non_null(strstr(terminal_read(), "call 0."));
    }
    terminal_read();
    if (seconds() - start < 1) /* unless the machine was asleep */
        assert_int_equal(tty.count, 0);
    memset(y, 0, sizeof y); /* what is kept is a copy */
    snprintf(label, sizeof label, "changed");
    fine(seqnn_live_free(live));
    assert_non_null(strstr(terminal_read(), "call 999."));
    assert_non_null(strstr(tty.bytes, "800 \xE2\x94\xA4"));
    terminal_close();
}

static bool show_losses(seqnn_model *model, const seqnn_history *h, void *live)
{
    seqnn_plot_series loss[2];
    (void)model;
    loss[0] = series_of("training", h->loss, h->epochs);
    loss[1] = series_of("validation", h->val_loss, h->epochs);
    loss[0].x_first = loss[1].x_first = 1;
    fine(seqnn_live_lines((seqnn_live *)live, loss, 2));
    return true;
}

/* The program of the header. */
static void fit_drives_a_live_chart(void **state)
{
    (void)state;
    seqnn_real x[32 * 3], y[32];
    seqnn_dataset data;
    seqnn_fit_options fit;
    seqnn_terminal_options options;
    seqnn_history history;
    seqnn_model *model = seqnn_model_new(1);
    seqnn_source_options source;
    seqnn_dense_options dense;
    memset(&data, 0, sizeof data);
    memset(&fit, 0, sizeof fit);
    memset(&options, 0, sizeof options);
    memset(&source, 0, sizeof source);
    memset(&dense, 0, sizeof dense);
    for (int i = 0; i < 32; i++) {
        for (int k = 0; k < 3; k++)
            x[3 * i + k] = (seqnn_real)((i * (k + 3)) % 7) / 7;
        y[i] = x[3 * i] - x[3 * i + 1];
    }
    data.count = 32;
    data.x[0].values = x;
    data.x[0].features = 3;
    data.y.values = y;
    data.y.features = 1;
    seqnn_vectors(model, 3, source);
    seqnn_dense(model, 1, dense);
    options.title = "loss";
    options.x_label = "epoch";
    terminal_open(80, 24);
    window_open(80, 24);
    fit.epochs = 50;
    fit.validation_split = (seqnn_real)0.25;
    fit.on_epoch = show_losses;
    fit.context = seqnn_live_new(tty.stream, options);
    history = seqnn_fit(model, &data, fit);
    fine(history.status);
    fine(seqnn_live_free((seqnn_live *)fit.context));
    window_update();
    {
        static char have[1 << 18];
        screen_text(&window, 0, have, sizeof have);
        assert_int_equal(window.row, 22);
        assert_non_null(strstr(have, "training"));
        assert_non_null(strstr(have, "validation"));
        assert_non_null(strstr(have, " 50"));
    }
    seqnn_free(model);
    terminal_close();
}

static void live_mode_ends_where_there_is_no_terminal(void **state)
{
    (void)state;
    const seqnn_real y[] = {3, 1, 2};
    const char *const names[] = {"x", NULL, "z"};
    seqnn_terminal_options options = sized(50, 12);
    seqnn_plot_series series = series_of("y", y, 3);
    char *text = NULL, *expected = lines_text(&series, 1, options);
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    seqnn_live *live = seqnn_live_new(stream, options);
    fine(seqnn_live_bars(live, names, y, 3));
    fine(seqnn_live_lines(live, &series, 1));
    fine(seqnn_live_show(live));
    fflush(stream);
    assert_int_equal(size, 0);
    fine(seqnn_live_free(live));
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
    /* No picture, no text; a terminal without escape sequences is none. */
    terminal_open(80, 24);
    fine(seqnn_live_free(seqnn_live_new(tty.stream, options)));
    terminal_read();
    assert_int_equal(tty.count, 0);
    setenv("TERM", "dumb", 1);
    live = seqnn_live_new(tty.stream, options);
    for (int i = 0; i < 3; i++) {
        fine(seqnn_live_bars(live, names, y, 3));
        fine(seqnn_live_show(live));
    }
    terminal_read();
    assert_int_equal(tty.count, 0);
    fine(seqnn_live_free(live));
    assert_null(strchr(terminal_read(), 0x1B));
    assert_non_null(strstr(tty.bytes, "x "));
    terminal_close();
    fine(seqnn_live_free(NULL));
}

/* --- errors --- */

static void a_stream_that_takes_nothing_is_an_error(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 2};
    seqnn_plot_series series = series_of("y", y, 2);
    seqnn_terminal_options options = sized(60, 20);
    seqnn_live *live;
    FILE *stream = fopen("/dev/full", "w");
    int ends[2];
    if (stream != NULL) {
        says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_FILE,
             "No space left");
        clearerr(stream);
        says(seqnn_print_bars(NULL, y, 2, stream, options), SEQNN_ERROR_FILE,
             "seqnn_print_bars: the stream cannot be written");
        live = seqnn_live_new(stream, options);
        fine(seqnn_live_bars(live, NULL, y, 2));
        says(seqnn_live_free(live), SEQNN_ERROR_FILE, "No space left");
        fclose(stream);
    }
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    stream = fdopen(ends[1], "w");
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_FILE, "Broken pipe");
    fclose(stream);
    /* A terminal that is closed while the program runs. */
    terminal_open(80, 24);
    live = seqnn_live_new(tty.stream, options);
    fine(seqnn_live_lines(live, &series, 1));
    close(tty.master);
    fine(seqnn_live_lines(live, &series, 1)); /* it is none any more: at the end, then */
    fine(seqnn_live_show(live));
    says(seqnn_live_free(live), SEQNN_ERROR_FILE, "seqnn_live: the stream");
    fclose(tty.stream);
    stream = fopen("/dev/null", "r");
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_FILE,
         "cannot be written");
    fclose(stream);
}

/* Whichever allocation fails: an error, nothing lost, nothing half written. */
static void without_memory_nothing_is_lost(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 2, 3};
    seqnn_plot_series series = series_of("y", y, 3);
    seqnn_terminal_options options = sized(60, 20);
    bool failed = true;
    options.title = "title";
    terminal_open(80, 24);
    for (long n = 0; failed; n++) {
        seqnn_status status[6];
        seqnn_live *live;
        begin_failing(n);
        status[0] = seqnn_print_lines(&series, 1, tty.stream, options);
        status[1] = seqnn_print_bars(NULL, y, 3, tty.stream, options);
        live = seqnn_live_new(tty.stream, options);
        status[2] = live != NULL ? SEQNN_OK : SEQNN_ERROR_MEMORY;
        status[3] = live != NULL ? seqnn_live_lines(live, &series, 1) : SEQNN_OK;
        status[4] = live != NULL ? seqnn_live_bars(live, NULL, y, 3) : SEQNN_OK;
        status[5] = seqnn_live_free(live);
        failed = end_failing();
        terminal_read();
        for (int i = 0; i < 6; i++)
            if (status[i] != SEQNN_OK) {
                assert_int_equal(status[i], SEQNN_ERROR_MEMORY);
                failed = true;
            }
    }
    terminal_close();
}

static void bad_input_is_named(void **state)
{
    (void)state;
    const seqnn_real y[] = {1, 2};
    const int sizes[][2] = {{19, 10}, {80, 5}, {1001, 10}, {80, 401}, {-1, 10}, {80, -3}};
    seqnn_plot_series series = series_of("y", y, 2), broken = series_of("y", NULL, 2);
    seqnn_terminal_options options = sized(60, 20);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    says(seqnn_print_lines(&series, 1, NULL, options), SEQNN_ERROR_ARGUMENT, "no stream");
    says(seqnn_print_lines(&series, 0, stream, options), SEQNN_ERROR_ARGUMENT,
         "0 series");
    says(seqnn_print_lines(NULL, 1, stream, options), SEQNN_ERROR_ARGUMENT, "0 series");
    says(seqnn_print_lines(&broken, 1, stream, options), SEQNN_ERROR_ARGUMENT, "no y");
    says(seqnn_print_bars(NULL, NULL, 2, stream, options), SEQNN_ERROR_ARGUMENT,
         "0 values");
    says(seqnn_print_bars(NULL, y, 0, stream, options), SEQNN_ERROR_ARGUMENT, "0 values");
    for (int i = 0; i < 6; i++) {
        char words[40];
        snprintf(words, sizeof words, "%d x %d characters", sizes[i][0], sizes[i][1]);
        says(seqnn_print_lines(&series, 1, stream, sized(sizes[i][0], sizes[i][1])),
             SEQNN_ERROR_ARGUMENT, words);
        says(seqnn_print_bars(NULL, y, 2, stream, sized(sizes[i][0], sizes[i][1])),
             SEQNN_ERROR_ARGUMENT, words);
        assert_null(seqnn_live_new(stream, sized(sizes[i][0], sizes[i][1])));
    }
    series.marker = (seqnn_marker)99;
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_ARGUMENT,
         "marker 99");
    series.marker = SEQNN_MARKER_DEFAULT;
    options.x_min = 2;
    options.x_max = 1;
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_ARGUMENT,
         "axis x goes from 2 to 1");
    says(seqnn_print_bars(NULL, y, 2, stream, options), SEQNN_ERROR_ARGUMENT,
         "x_min is 2");
    options = sized(60, 20);
    options.y_line = (seqnn_real)NAN;
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_ARGUMENT, "y_line");
    options.y_line = -1;
    options.log_y = true;
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_ARGUMENT,
         "log axis y");
    options = sized(60, 20);
    options.characters = (seqnn_characters)5;
    says(seqnn_print_lines(&series, 1, stream, options), SEQNN_ERROR_ARGUMENT,
         "characters is 5");
    options = sized(60, 20);
    options.redraws = -1;
    assert_null(seqnn_live_new(stream, options));
    assert_null(seqnn_live_new(NULL, sized(60, 20)));
    says(seqnn_live_lines(NULL, &series, 1), SEQNN_ERROR_ARGUMENT, "no live mode");
    says(seqnn_live_bars(NULL, NULL, y, 2), SEQNN_ERROR_ARGUMENT, "no live mode");
    says(seqnn_live_title(NULL, "t"), SEQNN_ERROR_ARGUMENT, "no live mode");
    says(seqnn_live_show(NULL), SEQNN_ERROR_ARGUMENT, "no live mode");
    fflush(stream);
    assert_int_equal(size, 0); /* nothing was written */
    fclose(stream);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_straight),
        cmocka_unit_test(a_million_points_are_their_extremes),
        cmocka_unit_test(gaps_break_the_line),
        cmocka_unit_test(ticks_are_round_and_in_place),
        cmocka_unit_test(legend_and_labels_are_there),
        cmocka_unit_test(odd_input_keeps_its_place),
        cmocka_unit_test(nothing_is_said_to_be_nothing),
        cmocka_unit_test(numbers_do_not_follow_the_locale),
        cmocka_unit_test(bars_are_as_long_as_their_values),
        cmocka_unit_test(bars_below_zero_go_to_the_left),
        cmocka_unit_test(bars_too_many_are_counted),
        cmocka_unit_test(widths_are_those_of_the_c_library),
        cmocka_unit_test(any_bytes_are_a_text),
        cmocka_unit_test(orders_do_not_pass),
        cmocka_unit_test(environment_decides),
        cmocka_unit_test(live_mode_shows_the_last_picture_only),
        cmocka_unit_test(live_mode_follows_the_window),
        cmocka_unit_test(live_mode_draws_seldom),
        cmocka_unit_test(fit_drives_a_live_chart),
        cmocka_unit_test(live_mode_ends_where_there_is_no_terminal),
        cmocka_unit_test(a_stream_that_takes_nothing_is_an_error),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(bad_input_is_named),
    };
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) /* of wcwidth alone */
        setlocale(LC_CTYPE, "en_US.UTF-8");
    setenv("LANG", "C.UTF-8", 1);
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    unsetenv("LINES");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
