/* Layout: which numbers stand at the axes, how frames of an equal aspect fill their
 * place, and whether legends are whole. */
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

/* --- ticks --- */

typedef struct expected_ticks {
    double low, high; /* of the data, on a log axis its logarithms */
    bool log, powers;
    const char *texts[8]; /* that stand at the axis, in this order, among others */
} expected_ticks;

/* What a person would write there. */
static void ticks_are_a_persons(void **state)
{
    (void)state;
    const expected_ticks all[] = {
        {0.3, 0.7, true, false, {"0.3", "0.4", "0.5", "0.6"}},
        {2, 2.06, true, false, {"2.00", "2.02", "2.04", "2.06"}},
        {0.12, 0.85, true, false, {"0.2", "0.4", "0.6", "0.8"}},
        {2, 40, true, false, {"2", "5", "10", "20"}},
        {1e-6,
         1,
         true,
         true,
         {"\xE2\x88\x92"
          "6",
          "\xE2\x88\x92"
          "4",
          "0"}},
        {1e6, 1e6 + 1.5, false, false, {"1000000.0", "1000000.5", "1000001.0"}},
        {0, 1.5e6, false, false, {"0.0", "0.5", "1.0", "1.5"}},
        {0, 1, false, false, {"0.0", "0.2", "0.4", "1.0"}},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        sq_axis axis;
        int found = 0;
        memset(&axis, 0, sizeof axis);
        axis.log = all[i].log;
        sq_axis_fit(&axis, axis.log ? log10(all[i].low) : all[i].low,
                    axis.log ? log10(all[i].high) : all[i].high, (double)NAN, (double)NAN,
                    400, 60);
        assert_int_equal(axis.powers, all[i].powers);
        for (int k = 0; k < axis.ticks; k++) {
            const char *wanted = all[i].texts[found];
            if (wanted != NULL && strcmp(axis.text[k], wanted) == 0)
                found++;
        }
        if (all[i].texts[found] != NULL)
            fail_msg("%g to %g has no '%s'", all[i].low, all[i].high,
                     all[i].texts[found]);
        /* A tick stands where its number says. */
        for (int k = 0; k < axis.ticks && axis.power == 0 && !axis.powers; k++) {
            double value = strtod(axis.text[k], NULL);
            assert_true(fabs(sq_axis_share(&axis, value) - sq_axis_tick_share(&axis, k)) <
                        0.002);
        }
    }
}

/* --- frames --- */

static void drawn(seqnn_figure *figure, sq_picture *picture)
{
    if (sq_figure_draw(figure, picture) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
}

/* Points along one axis do not make a strip of the picture; circles stay round; a limit
 * that is given stands. */
static void an_equal_aspect_fills_its_place(void **state)
{
    (void)state;
    const seqnn_real real[3] = {20, -15, 1}, imaginary[3] = {0, 1, -1};
    for (int k = 0; k < 3; k++) {
        sq_picture picture;
        seqnn_plot_series points;
        seqnn_axes_options options = {.equal_aspect = true};
        seqnn_figure *figure = seqnn_figure_new((seqnn_figure_options){0});
        seqnn_axes *axes;
        double unit_x, unit_y;
        options.y_min = k == 2 ? -3 : 0;
        axes = seqnn_figure_axes(figure, 0, 0, options);
        memset(&points, 0, sizeof points);
        points.line = SEQNN_LINE_NONE;
        points.count = 3;
        points.x = k == 1 ? imaginary : real;
        points.y = k == 1 ? real : imaginary;
        seqnn_axes_line(axes, points);
        drawn(figure, &picture);
        assert_true(axes->right - axes->left > 250 && axes->bottom - axes->top > 250);
        unit_x = sq_axes_x(axes, 1) - sq_axes_x(axes, 0);
        unit_y = sq_axes_y(axes, 0) - sq_axes_y(axes, 1);
        assert_true(fabs(unit_x - unit_y) < 0.01 * unit_x);
        if (k == 2)
            assert_true(axes->y.low == -3);
        sq_picture_close(&picture);
        seqnn_figure_free(figure);
    }
}

/* --- legends --- */

/* Every label stands in the picture, and on no other text, whatever the neighbours do. */
static void legends_are_whole(void **state)
{
    (void)state;
    static const seqnn_size sizes[][2] = {{500, 200}, {500, 240}, {700, 220},
                                          {700, 340}, {800, 600}, {400, 300}};
    const seqnn_real y[4] = {0, 3, 1, 2};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int many = 2; many <= 9; many += 7) {
            sq_picture picture;
            int shown = 0;
            seqnn_figure *figure = seqnn_figure_new((seqnn_figure_options){
                .columns = 2, .width = sizes[s][0], .height = sizes[s][1]});
            for (int column = 0; column < 2; column++) {
                seqnn_axes *axes =
                    seqnn_figure_axes(figure, 0, column, (seqnn_axes_options){0});
                for (int i = 0; i < (column == 0 ? 3 : many); i++) {
                    seqnn_plot_series line;
                    char label[16];
                    snprintf(label, sizeof label, "label %d%d", column, i);
                    memset(&line, 0, sizeof line);
                    line.label = label;
                    line.y = y;
                    line.count = 4;
                    seqnn_axes_line(axes, line);
                }
            }
            drawn(figure, &picture);
            for (seqnn_size i = 0; i < picture.box_count; i++) {
                const sq_text_box *a = &picture.boxes[i];
                shown += strncmp(a->text, "label", 5) == 0;
                assert_true(a->left >= 0 && a->top >= 0 && a->right <= picture.width &&
                            a->bottom <= picture.height);
                for (seqnn_size j = 0; a->text[0] != '\0' && j < i; j++) {
                    const sq_text_box *b = &picture.boxes[j];
                    if (b->text[0] != '\0' && a->left < b->right && a->right > b->left &&
                        a->top < b->bottom && a->bottom > b->top)
                        fail_msg("'%s' lies on '%s'", a->text, b->text);
                }
            }
            /* Low frames cannot hold nine, but they hold three. */
            if (shown < (many == 2 || sizes[s][1] > 300 ? 3 + many : 5))
                fail_msg("%d labels of %d in %td x %td", shown, 3 + many, sizes[s][0],
                         sizes[s][1]);
            sq_picture_close(&picture);
            seqnn_figure_free(figure);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_a_persons),
        cmocka_unit_test(an_equal_aspect_fills_its_place),
        cmocka_unit_test(legends_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
