/* Boxes, arrows and words below an axis: whether they lie where the numbers say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "diagram.h"
#include "bars.h"
#include "heatmap.h"
#include "layout.h"
#include "outcomes.h"

static const seqnn_figure_options usual = {0};
static const seqnn_box_options plain_box = {0};
static const seqnn_arrow_options plain_arrow = {0};

static seqnn_axes *axes_of(seqnn_figure *figure, seqnn_axes_options options)
{
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, options);
    if (axes == NULL)
        fail_msg("%s", seqnn_error());
    return axes;
}

static void drawn(seqnn_figure *figure, sq_picture *picture)
{
    if (sq_figure_draw(figure, picture) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
}

static unsigned pixel(const sq_picture *picture, double x, double y)
{
    const unsigned char *at = picture->canvas.pixels +
                              3 * ((size_t)y * (size_t)picture->canvas.width + (size_t)x);
    return (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
}

static bool is_red(unsigned colour)
{
    return (colour >> 16) > 0xF0 && (colour >> 8 & 0xFF) < 0x30;
}

static void a_box_is_where_its_numbers_say(void **state)
{
    (void)state;
    sq_picture picture;
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes = axes_of(
        figure, (seqnn_axes_options){
                    .bare = true, .x_min = -1, .x_max = 9, .y_min = -1, .y_max = 9});
    seqnn_axes_box(axes, 2, 3, NULL,
                   (seqnn_box_options){.width = 2, .height = 4, .colour = 0x0000FF});
    seqnn_axes_box(axes, 7, 7, "$h_t$",
                   (seqnn_box_options){.width = 2, .no_frame = true});
    drawn(figure, &picture);
    const unsigned pale = pixel(&picture, sq_axes_x(axes, 2), sq_axes_y(axes, 3));
    assert_int_equal(pale & 0xFF, 0xFF);
    assert_true((pale >> 16) > 0x80 && (pale >> 16) < 0xFF);
    /* Just inside each edge it is pale, just outside white. */
    static const double sides[4][2] = {{-1, 0}, {1, 0}, {0, -2}, {0, 2}};
    for (int i = 0; i < 4; i++) {
        const double x = 2 + 0.94 * sides[i][0], y = 3 + 0.94 * sides[i][1];
        const double out_x = 2 + 1.1 * sides[i][0], out_y = 3 + 1.1 * sides[i][1];
        assert_int_equal(pixel(&picture, sq_axes_x(axes, x), sq_axes_y(axes, y)), pale);
        assert_int_equal(pixel(&picture, sq_axes_x(axes, out_x), sq_axes_y(axes, out_y)),
                         0xFFFFFF);
    }
    /* No frame: the text alone, in the middle. */
    assert_int_equal(pixel(&picture, sq_axes_x(axes, 6.1), sq_axes_y(axes, 7)), 0xFFFFFF);
    bool found = false;
    for (seqnn_size i = 0; i < picture.box_count; i++) {
        const sq_text_box *box = &picture.boxes[i];
        found |= strncmp(box->text, "$h_t$", 5) == 0 && box->left < sq_axes_x(axes, 7) &&
                 box->right > sq_axes_x(axes, 7) && box->top < sq_axes_y(axes, 7) &&
                 box->bottom > sq_axes_y(axes, 7);
    }
    assert_true(found);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

static void an_arrow_ends_at_the_boxes(void **state)
{
    (void)state;
    sq_picture picture;
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes = axes_of(
        figure, (seqnn_axes_options){
                    .bare = true, .x_min = -1, .x_max = 9, .y_min = -1, .y_max = 9});
    const seqnn_arrow_options red = {.colour = 0xFF0000, .width = 3};
    seqnn_axes_arrow(axes, 1, 4, 7, 4, red); /* before its boxes */
    seqnn_axes_box(axes, 1, 4, NULL, (seqnn_box_options){.width = 1, .height = 1});
    seqnn_axes_box(axes, 7, 4, NULL, (seqnn_box_options){.width = 2, .height = 1});
    drawn(figure, &picture);
    const double y = sq_axes_y(axes, 4);
    assert_true(is_red(pixel(&picture, sq_axes_x(axes, 3), y)));
    assert_false(is_red(pixel(&picture, sq_axes_x(axes, 1.3), y)));
    assert_false(is_red(pixel(&picture, sq_axes_x(axes, 6.3), y)));
    /* The head is near the second box and wider than the line, which begins without. */
    const double tip = sq_axes_x(axes, 6), tail = sq_axes_x(axes, 1.5);
    assert_true(is_red(pixel(&picture, tip - 9, y - 2.5)));
    assert_false(is_red(pixel(&picture, tip + 0.5, y)));
    assert_false(is_red(pixel(&picture, tail + 9, y - 2.5)));
    sq_picture_close(&picture);
    seqnn_figure_free(figure);

    /* Between boxes that overlap nothing of it is left. */
    figure = seqnn_figure_new(usual);
    axes = axes_of(figure, (seqnn_axes_options){.bare = true});
    seqnn_axes_box(axes, 0, 0, NULL, (seqnn_box_options){.width = 2, .height = 1});
    seqnn_axes_box(axes, 1, 0, NULL, (seqnn_box_options){.width = 2, .height = 1});
    seqnn_axes_arrow(axes, 0, 0, 1, 0, red);
    drawn(figure, &picture);
    for (size_t i = 0; i < (size_t)picture.canvas.width * (size_t)picture.canvas.height;
         i++)
        assert_false(picture.canvas.pixels[3 * i] > 0xF0 &&
                     picture.canvas.pixels[3 * i + 1] < 0x30);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

static void words_stand_below_their_steps(void **state)
{
    (void)state;
    static const char *const words[3] = {"boring", "but", "exciting"};
    const seqnn_real y[3] = {1, 2, 3};
    seqnn_plot_series series = {.y = y, .count = 3};
    sq_picture picture;
    int found = 0;
    seqnn_figure *figure = seqnn_figure_new(usual);
    seqnn_axes *axes =
        axes_of(figure, (seqnn_axes_options){.x_names = words, .x_name_count = 3});
    seqnn_axes_line(axes, series);
    drawn(figure, &picture);
    for (seqnn_size i = 0; i < picture.box_count; i++)
        for (int t = 0; t < 3; t++) {
            const sq_text_box *box = &picture.boxes[i];
            if (strcmp(box->text, words[t]) != 0)
                continue;
            found++;
            assert_true(fabs((box->left + box->right) / 2 - sq_axes_x(axes, t)) < 2);
            assert_true(box->top > axes->bottom);
        }
    assert_int_equal(found, 3);
    sq_picture_close(&picture);
    seqnn_figure_free(figure);
}

typedef struct fault {
    seqnn_axes_options axes;
    const char *words;
} fault;

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const char *const words[1] = {"a"};
    const seqnn_real nan = (seqnn_real)NAN, one = 1;
    const fault faults[] = {
        {{.x_names = words}, "do not go together"},
        {{.x_name_count = 1}, "do not go together"},
        {{.x_names = words, .x_name_count = -1}, "do not go"},
        {{.x_names = words, .x_name_count = 1, .x_max = 3}, "limits"},
        {{.x_names = words, .x_name_count = 1, .log_x = true}, "log"}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        seqnn_figure *figure = seqnn_figure_new(usual);
        assert_null(seqnn_figure_axes(figure, 0, 0, faults[i].axes));
        says(seqnn_figure_save(figure, "x.png"), SEQNN_ERROR_ARGUMENT, faults[i].words);
        seqnn_figure_free(figure);
    }
    for (int kind = 0; kind < 7; kind++) {
        seqnn_figure *figure = seqnn_figure_new(usual);
        seqnn_axes *axes =
            axes_of(figure, (seqnn_axes_options){.log_y = kind == 2 || kind == 5,
                                                 .x_names = kind == 6 ? words : NULL,
                                                 .x_name_count = kind == 6});
        if (kind == 0)
            says(seqnn_axes_box(axes, nan, 0, "x", plain_box), SEQNN_ERROR_ARGUMENT,
                 "a box at");
        if (kind == 1)
            says(seqnn_axes_box(axes, 0, 0, "x", (seqnn_box_options){.width = -1}),
                 SEQNN_ERROR_ARGUMENT, "-1 wide");
        if (kind == 2)
            says(seqnn_axes_box(axes, 1, 1, "x", plain_box), SEQNN_ERROR_ARGUMENT, "log");
        if (kind == 3)
            says(seqnn_axes_arrow(axes, 0, 0, nan, 1, plain_arrow), SEQNN_ERROR_ARGUMENT,
                 "an arrow from");
        if (kind == 4)
            says(seqnn_axes_arrow(axes, 0, 0, 1, 1,
                                  (seqnn_arrow_options){.line = SEQNN_LINE_NONE}),
                 SEQNN_ERROR_ARGUMENT, "seen");
        if (kind == 5)
            says(seqnn_axes_arrow(axes, 0, 0, 1, 1, plain_arrow), SEQNN_ERROR_ARGUMENT,
                 "log");
        if (kind == 6)
            says(seqnn_axes_bars(axes, NULL, &one, 1, (seqnn_bars_options){0}),
                 SEQNN_ERROR_ARGUMENT, "names already");
        seqnn_figure_free(figure);
    }
    seqnn_figure *figure = seqnn_figure_new(usual);
    says(seqnn_axes_heatmap(axes_of(figure, (seqnn_axes_options){.bare = true}), &one, 1,
                            1, (seqnn_heatmap_options){0}),
         SEQNN_ERROR_ARGUMENT, "are bare");
    seqnn_figure_free(figure);
    assert_int_not_equal(seqnn_axes_box(NULL, 0, 0, "x", plain_box), SEQNN_OK);
    assert_int_not_equal(seqnn_axes_arrow(NULL, 0, 0, 1, 1, plain_arrow), SEQNN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_is_where_its_numbers_say),
        cmocka_unit_test(an_arrow_ends_at_the_boxes),
        cmocka_unit_test(words_stand_below_their_steps),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
