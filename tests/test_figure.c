/* Figures: errors, the grid, limits, reference lines, and whether what is drawn lies
 * where the numbers say. The pixels are compared with closed forms and with plain loops.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "figure.h"
#include "layout.h"
#include "outcomes.h"
#include "scatter.h"

static const seqnn_figure_options usual = {0};
static const seqnn_axes_options bare_axes = {0};
static const seqnn_reference_options dashed = {0};
static const seqnn_annotation_options anywhere = {0};

static void drawn(seqnn_figure *figure, sq_picture *picture)
{
    if (sq_figure_draw(figure, picture) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
}

static unsigned pixel(const sq_picture *picture, int x, int y)
{
    const unsigned char *at = picture->canvas.pixels +
                              3 * ((size_t)y * (size_t)picture->canvas.width + (size_t)x);
    return (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

/* How much of a colour, 0xRRGGBB, a pixel that was white has taken on: 0 to 1. */
static double share_of(const sq_picture *picture, int x, int y, unsigned colour)
{
    unsigned at = pixel(picture, x, y);
    double ink = 0, full = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        ink += 255 - (double)(at >> shift & 255);
        full += 255 - (double)(colour >> shift & 255);
    }
    return ink / full;
}

/* Where a text stands that begins with these words. */
static const sq_text_box *box_of(const sq_picture *picture, const char *words)
{
    for (seqnn_size i = 0; i < picture->box_count; i++)
        if (strncmp(picture->boxes[i].text, words, strlen(words)) == 0)
            return &picture->boxes[i];
    fail_msg("no text '%s'", words);
    return NULL;
}

static seqnn_plot_series series_of(const seqnn_real *x, const seqnn_real *y,
                                   seqnn_size count)
{
    seqnn_plot_series series;
    memset(&series, 0, sizeof series);
    series.x = x;
    series.y = y;
    series.count = count;
    return series;
}

/* --- errors --- */

static void errors_stick(void **state)
{
    (void)state;
    const seqnn_real y[2] = {1, 2};
    seqnn_plot_series bad = series_of(NULL, NULL, 2);
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, bare_axes);
    says(seqnn_axes_line(axes, bad), SEQNN_ERROR_ARGUMENT, "no y");
    assert_int_equal(seqnn_axes_line(axes, series_of(NULL, y, 2)), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_axes_vertical(axes, 1, dashed), SEQNN_ERROR_ARGUMENT);
    assert_null(axes->marks);
    says(seqnn_figure_save(figure, "/nowhere/at/all.png"), SEQNN_ERROR_ARGUMENT, "no y");
    seqnn_figure_free(figure);

    /* NULL, what comes of an error before, is stood by everything. */
    assert_null(seqnn_figure_axes(NULL, 0, 0, bare_axes));
    assert_int_not_equal(seqnn_axes_line(NULL, series_of(NULL, y, 2)), SEQNN_OK);
    assert_int_not_equal(seqnn_axes_horizontal(NULL, 1, dashed), SEQNN_OK);
    assert_int_not_equal(seqnn_axes_unit_circle(NULL, dashed), SEQNN_OK);
    assert_int_not_equal(seqnn_axes_annotate(NULL, 1, 1, "text", anywhere), SEQNN_OK);
    assert_int_not_equal(seqnn_figure_save(NULL, "x.png"), SEQNN_OK);
    seqnn_figure_free(NULL);
}

typedef struct fault {
    seqnn_figure_options figure;
    seqnn_size row, column;
    seqnn_axes_options axes;
    const char *words;
} fault;

static void impossible_axes_are_refused(void **state)
{
    (void)state;
    const seqnn_real shares[2] = {1, 0};
    const fault faults[] = {
        {{.rows = -1}, 0, 0, {0}, "-1 rows"},
        {{.columns = 65}, 0, 0, {0}, "65 columns"},
        {{.rows = 2, .row_heights = shares}, 0, 0, {0}, "not above 0"},
        {{.rows = 2}, 2, 0, {0}, "leave the grid"},
        {{.columns = 2}, 0, 1, {.column_span = 2}, "leave the grid"},
        {{0}, 0, -1, {0}, "leave the grid"},
        {{0}, 0, 0, {.row_span = PTRDIFF_MAX}, "leave the grid"},
        {{0}, 0, 0, {.x_min = 2, .x_max = 1}, "x_min 2, x_max 1"},
        {{0}, 0, 0, {.y_min = (seqnn_real)INFINITY}, "finite"},
        {{0}, 0, 0, {.log_y = true, .y_min = -1}, "not above 0"},
        {{0}, 0, 0, {.log_x = true, .x_max = SEQNN_ZERO}, "not above 0"},
        {{0}, 0, 0, {.log_x = true, .equal_aspect = true}, "log axis"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        seqnn_figure *figure = seqnn_figure_new(faults[i].figure);
        assert_non_null(figure);
        assert_null(
            seqnn_figure_axes(figure, faults[i].row, faults[i].column, faults[i].axes));
        says(seqnn_figure_save(figure, "x.png"), SEQNN_ERROR_ARGUMENT, faults[i].words);
        seqnn_figure_free(figure);
    }
}

static void a_place_is_taken_once(void **state)
{
    (void)state;
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.rows = 2, .columns = 2});
    assert_non_null(seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.row_span = 2}));
    assert_non_null(seqnn_figure_axes(figure, 0, 1, bare_axes));
    assert_null(seqnn_figure_axes(figure, 1, 0, bare_axes));
    says(seqnn_figure_save(figure, "x.png"), SEQNN_ERROR_ARGUMENT, "axes already");
    seqnn_figure_free(figure);
}

static void bad_marks_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        seqnn_figure *figure = seqnn_figure_new(usual);
        seqnn_axes *axes =
            seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.log_y = i < 2});
        const seqnn_reference_options odd = {.line = SEQNN_LINE_NONE};
        const seqnn_status status[] = {
            i == 0   ? seqnn_axes_horizontal(axes, 0, dashed)
            : i == 1 ? seqnn_axes_unit_circle(axes, dashed)
            : i == 2 ? seqnn_axes_vertical(axes, (seqnn_real)NAN, dashed)
            : i == 3 ? seqnn_axes_horizontal(axes, 1, odd)
            : i == 4 ? seqnn_axes_annotate(axes, 1, 1, NULL, anywhere)
                     : seqnn_axes_annotate(axes, (seqnn_real)INFINITY, 1, "x", anywhere)};
        assert_int_equal(status[0], SEQNN_ERROR_ARGUMENT);
        seqnn_figure_free(figure);
    }
    says(seqnn_figure_save(NULL, "x.png"), SEQNN_ERROR_MEMORY, "annotation");
}

/* --- layout --- */

/* Frames of a row are equally high and begin at the same height, those of a column ...;
 * shares are kept, spans reach from their first to their last place. */
static void the_grid_is_straight(void **state)
{
    (void)state;
    const seqnn_real y[3] = {1, 1000000, 3}, widths[3] = {1, 2, 1};
    seqnn_axes *axes[5];
    sq_picture picture;
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.title = "Title",
                                                .rows = 2,
                                                .columns = 3,
                                                .column_widths = widths,
                                                .width = 1200});
    for (int i = 0; i < 5; i++) {
        axes[i] =
            seqnn_figure_axes(figure, i / 3, i % 3,
                              (seqnn_axes_options){.title = i == 1 ? "Heading" : NULL,
                                                   .y_label = i == 2 ? "y" : NULL,
                                                   .x_label = i == 4 ? "x" : NULL,
                                                   .column_span = i == 4 ? 2 : 1});
        seqnn_axes_line(axes[i], series_of(NULL, y, i % 2 ? 3 : 1));
    }
    drawn(figure, &picture);
    for (int i = 0; i < 3; i++) {
        assert_true(axes[i]->top == axes[0]->top && axes[i]->bottom == axes[0]->bottom);
        assert_true(axes[i]->left > 0 && axes[i]->right < 1200);
    }
    assert_true(axes[3]->left == axes[0]->left && axes[3]->right == axes[0]->right);
    assert_true(axes[4]->left == axes[1]->left && axes[4]->right == axes[2]->right);
    assert_true(axes[3]->top == axes[4]->top && axes[3]->top > axes[0]->bottom);
    assert_true(
        fabs((axes[3]->bottom - axes[3]->top) - (axes[0]->bottom - axes[0]->top)) <= 1);
    assert_true(fabs((axes[1]->right - axes[1]->left) -
                     2 * (axes[0]->right - axes[0]->left)) <= 2);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

static void no_room_is_said(void **state)
{
    (void)state;
    seqnn_figure *figure = seqnn_figure_new(
        (seqnn_figure_options){.rows = 20, .columns = 20, .width = 240, .height = 180});
    for (int i = 0; i < 20; i++)
        seqnn_figure_axes(figure, i, i, bare_axes);
    says(seqnn_figure_save(figure, "x.png"), SEQNN_ERROR_SHAPE, "20 x 20 axes");
    seqnn_figure_free(figure);
    figure = seqnn_figure_new(usual);
    says(seqnn_figure_save(figure, "x.png"), SEQNN_ERROR_ARGUMENT, "no axes");
    seqnn_figure_free(figure);
}

/* Everything that is shown widens the limits; limits that are given stand. */
static void limits_hold_what_is_shown(void **state)
{
    (void)state;
    const seqnn_real y[2] = {1, 2}, deviation[2] = {5, 0};
    sq_picture picture;
    seqnn_plot_series line = series_of(NULL, y, 2);
    seqnn_figure *figure = seqnn_figure_new((seqnn_figure_options){.columns = 2});
    seqnn_axes *free_axes = seqnn_figure_axes(figure, 0, 0, bare_axes);
    seqnn_axes *given = seqnn_figure_axes(
        figure, 0, 1, (seqnn_axes_options){.x_min = SEQNN_ZERO, .y_max = 1.5f});
    line.deviation = deviation;
    for (int i = 0; i < 2; i++) {
        seqnn_axes *axes = i ? given : free_axes;
        seqnn_axes_line(axes, line);
        seqnn_axes_vertical(axes, 7, dashed);
        seqnn_axes_horizontal(axes, 12, dashed);
        seqnn_axes_annotate(axes, -3, 0, "far", anywhere);
    }
    drawn(figure, &picture);
    assert_true(free_axes->x.low <= -3 && free_axes->x.high >= 7);
    assert_true(free_axes->y.low <= -4 && free_axes->y.high >= 12);
    assert_true(given->x.low == 0 && given->y.high == 1.5);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* Of a circle around the middle, with an equal aspect, every point is dark. */
static void a_circle_is_round(void **state)
{
    (void)state;
    sq_picture picture;
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.width = 700, .height = 300, .scale = 2});
    seqnn_axes *axes = seqnn_figure_axes(
        figure, 0, 0, (seqnn_axes_options){.equal_aspect = true, .no_grid = true});
    double middle_x, middle_y, radius, height;
    seqnn_axes_unit_circle(axes, (seqnn_reference_options){.line = SEQNN_LINE_SOLID});
    drawn(figure, &picture);
    middle_x = sq_axes_x(axes, 0);
    middle_y = sq_axes_y(axes, 0);
    radius = sq_axes_x(axes, 1) - middle_x;
    height = middle_y - sq_axes_y(axes, 1);
    assert_true(fabs(radius - height) < 1e-9 && radius > 60);
    for (int i = 0; i < 360; i++) {
        double turn = i * 3.14159265358979 / 180;
        int x = (int)floor(2 * (middle_x + radius * cos(turn)));
        int y = (int)floor(2 * (middle_y - radius * sin(turn)));
        assert_true(share_of(&picture, x, y, SQ_FAINT) > 0.5);
    }
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* --- lines --- */

enum { MANY = 20000 };

/* A line thinned to what a column of pixels shows covers the rows that all of its points
 * cover: the plain loop over all of them says which. */
static void thinning_loses_nothing(void **state)
{
    (void)state;
    static seqnn_real y[MANY];
    sq_picture picture;
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.width = 400, .height = 300});
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.no_grid = true});
    unsigned noise = 1;
    for (int i = 0; i < MANY; i++) {
        noise = noise * 1664525 + 1013904223;
        y[i] = (seqnn_real)(sin(i * 6.28 / MANY) + (noise >> 16) / 65536.0 * 0.2);
        if (i % 4096 == 77)
            y[i] += 1; /* a single point that sticks out */
    }
    seqnn_axes_line(axes, series_of(NULL, y, MANY));
    drawn(figure, &picture);
    for (int column = (int)axes->left + 1; column < (int)axes->right; column++) {
        double low = INFINITY, high = -INFINITY;
        for (int i = 0; i < MANY; i++) {
            if (floor(sq_axes_x(axes, i)) != column)
                continue;
            low = fmin(low, sq_axes_y(axes, (double)y[i]));
            high = fmax(high, sq_axes_y(axes, (double)y[i]));
        }
        for (int row = (int)ceil(low); row < (int)high; row++)
            assert_true(share_of(&picture, column, row, sq_colour_of_series(0)) > 0.4);
    }
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* The coverage of a line that is drawn piece by piece. */
static void plain_line(const seqnn_axes *axes, const sq_picture *picture,
                       const seqnn_real *x, const seqnn_real *y, int count,
                       sq_canvas *canvas)
{
    assert_int_equal(
        sq_canvas_open(canvas, "test", picture->canvas.width, picture->canvas.height, 1),
        SEQNN_OK);
    sq_canvas_clip(canvas, axes->left - 1, axes->top - 2, axes->right + 1,
                   axes->bottom + 1);
    for (int i = 1; i < count; i++)
        sq_canvas_line(canvas, sq_axes_x(axes, x[i - 1]), sq_axes_y(axes, y[i - 1]),
                       sq_axes_x(axes, x[i]), sq_axes_y(axes, y[i]), 1.9);
}

/* Very many points, in no order and along a spiral and a loop, cover the pixels that the
 * plain loop over all pieces covers. */
static void very_many_points_are_drawn_alike(void **state)
{
    (void)state;
    enum { COUNT = 60000 };
    static seqnn_real x[COUNT], y[COUNT];
    for (int kind = 0; kind < 3; kind++) {
        sq_picture picture;
        sq_canvas plain;
        seqnn_figure *figure =
            seqnn_figure_new((seqnn_figure_options){.width = 400, .height = 300});
        seqnn_axes *axes =
            seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.no_grid = true});
        unsigned noise = 1;
        double sum = 0, most = 0;
        int inside = 0;
        for (int i = 0; i < COUNT; i++) {
            double r = (double)i / COUNT, sums[2] = {0, 0};
            for (int k = 0; k < 8; k++) {
                noise = noise * 1664525 + 1013904223;
                sums[k % 2] += (noise >> 16) / 65536.0 - 0.5;
            }
            x[i] = (seqnn_real)(kind == 0   ? sums[0]
                                : kind == 1 ? r * cos(0.02 * i)
                                            : sin(6e-4 * i));
            y[i] = (seqnn_real)(kind == 0   ? sums[1]
                                : kind == 1 ? r * sin(0.02 * i)
                                            : cos(1e-3 * i));
        }
        seqnn_axes_line(axes, series_of(x, y, COUNT));
        drawn(figure, &picture);
        plain_line(axes, &picture, x, y, COUNT, &plain);
        for (int row = (int)axes->top + 1; row < (int)axes->bottom - 2; row++) {
            for (int column = (int)axes->left + 2; column < (int)axes->right; column++) {
                double is = share_of(&picture, column, row, sq_colour_of_series(0));
                double should = plain.mask[row * plain.width + column] / 255.0;
                sum += fabs(is - should);
                most = fmax(most, fabs(is - should));
                inside++;
            }
        }
        if (!(sum / inside < 0.01 && most < 0.35))
            fail_msg("kind %d: coverage differs by %g, at most %g", kind, sum / inside,
                     most);
        sq_canvas_close(&plain);
        sq_picture_close(&picture);
        seqnn_figure_free(figure);
    }
}

/* Of very many markers each lies within a pixel of one that is drawn. */
static void very_many_markers_leave_no_gap(void **state)
{
    (void)state;
    enum { COUNT = 60000 };
    static seqnn_real y[COUNT];
    sq_picture picture;
    seqnn_plot_series points = series_of(NULL, y, COUNT);
    seqnn_figure *figure =
        seqnn_figure_new((seqnn_figure_options){.width = 400, .height = 300});
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.no_grid = true});
    for (int i = 0; i < COUNT; i++)
        y[i] = (seqnn_real)sin(0.7 * i);
    points.line = SEQNN_LINE_NONE;
    points.marker = SEQNN_MARKER_SQUARE;
    seqnn_axes_line(axes, points);
    drawn(figure, &picture);
    for (int i = 0; i < COUNT; i += 7)
        for (int k = 0; k < 9; k++) {
            int column = (int)sq_axes_x(axes, i) + k % 3 * 2 - 2;
            int row = (int)sq_axes_y(axes, (double)y[i]) + k / 3 * 2 - 2;
            if (column > axes->left + 1 && row < axes->bottom - 1)
                assert_true(share_of(&picture, column, row, sq_colour_of_series(0)) >
                            0.6);
        }
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* Between two points the band's edges are straight, and it is a pale share of the colour.
 * It is broken where the deviation is not known. */
static void a_band_lies_around_its_line(void **state)
{
    (void)state;
    const seqnn_real y[4] = {0, 4, 2, 3}, deviation[4] = {1, 2, 0, (seqnn_real)NAN};
    sq_picture picture;
    seqnn_plot_series line = series_of(NULL, y, 4);
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.no_grid = true});
    line.deviation = deviation;
    line.line = SEQNN_LINE_NONE;
    line.marker = SEQNN_MARKER_NONE;
    seqnn_axes_line(axes, line);
    drawn(figure, &picture);
    for (double x = 0.1; x < 3; x += 0.1) {
        double t = x - floor(x);
        double middle = x < 1 ? 4 * t : x < 2 ? 4 - 2 * t : 2 + t;
        double half = x < 1 ? 1 + t : x < 2 ? 2 - 2 * t : -1;
        int column = (int)sq_axes_x(axes, x);
        int top = (int)sq_axes_y(axes, middle + half);
        int bottom = (int)sq_axes_y(axes, middle - half);
        for (int row = (int)axes->top + 1; row < (int)axes->bottom - 2; row++) {
            double share = share_of(&picture, column, row, sq_colour_of_series(0));
            if (row > top + 3 && row < bottom - 3)
                assert_true(fabs(share - 0.2) < 0.02);
            if (row < top - 3 || row > bottom + 3)
                assert_true(share < 0.01);
        }
    }
    /* Not even where the band would be of no width. */
    for (int row = (int)axes->top + 1; row < (int)axes->bottom - 2; row++)
        assert_true(share_of(&picture, (int)sq_axes_x(axes, 2.5), row,
                             sq_colour_of_series(0)) < 0.01);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* Lines with colours of their own leave the palette, and its dashes, to the others. */
static void own_colours_are_not_counted(void **state)
{
    (void)state;
    const seqnn_real y[2] = {0, 0};
    sq_picture picture;
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.no_grid = true});
    for (int i = 0; i < 9; i++) {
        seqnn_real level[2];
        seqnn_plot_series line = series_of(NULL, level, 2);
        level[0] = level[1] = y[0] + (seqnn_real)i;
        line.colour = i < 8 ? 0xFF0000 : 0;
        line.width = 4;
        seqnn_axes_line(axes, line);
    }
    drawn(figure, &picture);
    for (int i = 0; i < 9; i++) {
        unsigned colour = i < 8 ? 0xFF0000u : sq_colour_of_series(0);
        for (int column = (int)sq_axes_x(axes, 0) + 4; column < (int)sq_axes_x(axes, 1);
             column++) /* none of them has gaps */
            assert_int_equal(pixel(&picture, column, (int)sq_axes_y(axes, i)), colour);
    }
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* --- legend and notes --- */

/* The legend keeps clear of lines as long as a corner is free. */
static void the_legend_finds_the_free_corner(void **state)
{
    (void)state;
    const seqnn_real x[2] = {0, 1};
    /* Lines into three corners each; what is left: */
    const seqnn_real rising[2] = {0, 1}, falling[2] = {1, 0};
    for (int corner = 0; corner < 2; corner++) {
        sq_picture picture;
        seqnn_figure *figure = seqnn_figure_new(usual);
        seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, bare_axes);
        seqnn_plot_series line = series_of(x, corner ? rising : falling, 2);
        const sq_text_box *box;
        line.label = "label";
        seqnn_axes_line(axes, line);
        drawn(figure, &picture);
        box = box_of(&picture, "label");
        /* Falling leaves the upper right free, rising the upper left. */
        assert_true(box->bottom < (axes->top + axes->bottom) / 2);
        assert_true((box->left > (axes->left + axes->right) / 2) == (corner == 0));
        sq_picture_close(&picture);
        seqnn_figure_free(figure);
    }
}

/* No text lies on another one, and all are inside the picture. */
static void texts_are_apart(const sq_picture *picture)
{
    for (seqnn_size i = 0; i < picture->box_count; i++) {
        const sq_text_box *a = &picture->boxes[i];
        if (a->text[0] == '\0')
            continue;
        assert_true(a->left >= 0 && a->top >= 0 && a->right <= picture->width &&
                    a->bottom <= picture->height);
        for (seqnn_size j = 0; j < i; j++) {
            const sq_text_box *b = &picture->boxes[j];
            if (b->text[0] != '\0' && a->left < b->right && a->right > b->left &&
                a->top < b->bottom && a->bottom > b->top)
                fail_msg("'%s' lies on '%s'", a->text, b->text);
        }
    }
}

static int texts_that_begin(const sq_picture *picture, const char *words)
{
    int count = 0;
    for (seqnn_size i = 0; i < picture->box_count; i++)
        count += strncmp(picture->boxes[i].text, words, strlen(words)) == 0;
    return count;
}

/* No text on another one, though the remarks all want the same place. */
static void notes_make_way(void **state)
{
    (void)state;
    static seqnn_real y[100];
    sq_picture picture;
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, bare_axes);
    seqnn_plot_series line = series_of(NULL, y, 100);
    char text[16];
    for (int i = 0; i < 100; i++)
        y[i] = (seqnn_real)exp(-i / 30.0);
    line.label = "loss";
    seqnn_axes_line(axes, line);
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "line %d", i);
        seqnn_axes_vertical(axes, (seqnn_real)(60 + i),
                            (seqnn_reference_options){.label = text});
        seqnn_axes_horizontal(axes, (seqnn_real)(0.5 + 0.01 * i),
                              (seqnn_reference_options){.label = text});
        snprintf(text, sizeof text, "note %d", i);
        seqnn_axes_annotate(axes, (seqnn_real)(20 + i), y[20 + i], text, anywhere);
    }
    drawn(figure, &picture);
    assert_int_equal(texts_that_begin(&picture, "note"), 4);
    texts_are_apart(&picture);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

/* Many long remarks in a small picture: what finds no room is left out, and no text is
 * written over another. The names of points come after the remarks. */
static void crowded_notes_stay_apart(void **state)
{
    (void)state;
    static seqnn_real x[40], y[40];
    static char words[40][16];
    const char *names[40];
    unsigned noise = 7;
    for (int i = 0; i < 40; i++) {
        double sums[2] = {0, 0};
        for (int k = 0; k < 8; k++) {
            noise = noise * 1664525 + 1013904223;
            sums[k % 2] += (noise >> 16) / 65536.0 - 0.5;
        }
        x[i] = (seqnn_real)sums[0];
        y[i] = (seqnn_real)sums[1];
        snprintf(words[i], sizeof words[i], "word%d", i * 7);
        names[i] = words[i];
    }
    for (int notes = 2; notes <= 40; notes += 19) {
        sq_picture picture;
        seqnn_figure *figure =
            seqnn_figure_new((seqnn_figure_options){.width = 320, .height = 240});
        seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, bare_axes);
        seqnn_axes_scatter(axes, x, y, 40, (seqnn_scatter_options){.names = names});
        for (int i = 0; i < notes; i++)
            seqnn_axes_annotate(axes, x[i], y[i],
                                i % 2 ? "note" : "note that is one of the longer",
                                anywhere);
        drawn(figure, &picture);
        assert_true(texts_that_begin(&picture, "note") >= (notes == 2 ? 2 : 3));
        assert_true(texts_that_begin(&picture, "word") > 0);
        texts_are_apart(&picture);
        sq_picture_close(&picture);
        seqnn_figure_free(figure);
    }
}

/* A remark at a point that narrow limits leave out says nothing. */
static void notes_outside_are_left_out(void **state)
{
    (void)state;
    const seqnn_real y[3] = {0, 1, 2};
    sq_picture picture, without;
    for (int turn = 0; turn < 2; turn++) {
        seqnn_figure *figure = seqnn_figure_new(usual);
        seqnn_axes *axes =
            seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.x_max = 1, .y_max = 2});
        seqnn_axes_line(axes, series_of(NULL, y, 3));
        if (turn == 0) {
            seqnn_axes_annotate(axes, 2, 2, "right", anywhere);
            seqnn_axes_annotate(axes, 1, 3, "above", anywhere);
        }
        drawn(figure, turn == 0 ? &picture : &without);
        seqnn_figure_free(figure);
    }
    assert_memory_equal(picture.canvas.pixels, without.canvas.pixels,
                        (size_t)800 * 600 * 3);
    sq_picture_close(&picture);
    sq_picture_close(&without);
}

/* The tip of the arrow is a few units from its point, on the way to the text. */
static void an_arrow_points(void **state)
{
    (void)state;
    const seqnn_real y[2] = {0, 1};
    sq_picture picture;
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0, (seqnn_axes_options){.no_grid = true});
    double x, at;
    seqnn_axes_line(axes, series_of(NULL, y, 2));
    seqnn_axes_annotate(axes, 0.25f, 0.75f, "text",
                        (seqnn_annotation_options){.right = 80, .colour = 0xFF0000});
    drawn(figure, &picture);
    x = sq_axes_x(axes, 0.25);
    at = sq_axes_y(axes, 0.75);
    assert_int_equal(pixel(&picture, (int)x, (int)at), 0xFFFFFF);
    assert_true(share_of(&picture, (int)x + 10, (int)at, 0xFF0000) > 0.9);
    assert_true(box_of(&picture, "text")->left > x + 70);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_stick),
        cmocka_unit_test(impossible_axes_are_refused),
        cmocka_unit_test(a_place_is_taken_once),
        cmocka_unit_test(bad_marks_are_refused),
        cmocka_unit_test(the_grid_is_straight),
        cmocka_unit_test(no_room_is_said),
        cmocka_unit_test(limits_hold_what_is_shown),
        cmocka_unit_test(a_circle_is_round),
        cmocka_unit_test(thinning_loses_nothing),
        cmocka_unit_test(very_many_points_are_drawn_alike),
        cmocka_unit_test(very_many_markers_leave_no_gap),
        cmocka_unit_test(own_colours_are_not_counted),
        cmocka_unit_test(a_band_lies_around_its_line),
        cmocka_unit_test(the_legend_finds_the_free_corner),
        cmocka_unit_test(notes_make_way),
        cmocka_unit_test(crowded_notes_stay_apart),
        cmocka_unit_test(notes_outside_are_left_out),
        cmocka_unit_test(an_arrow_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
