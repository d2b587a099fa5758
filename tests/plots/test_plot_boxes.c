/* Every figure of the contact sheet, at four sizes: no text overlaps another or leaves
 * the picture. By the boxes that the picture notes; and, without them, by its edge. */
/* flags: -lpng */
#define _XOPEN_SOURCE 700 /* setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "layout.h"
#include "pictures.h"
#include "sheet_figures.h"
#include "text_boxes.h"

static const seqnn_size sizes[][2] = {{320, 240}, {480, 360}, {800, 600}, {1600, 1000}};

static sheet_data data;

static void no_text_overlaps_or_leaves(void **state)
{
    int faults = 0;
    if (*state != NULL)
        setenv("SEQNN_FONT", (const char *)*state, 1);
    for (int k = 0; k < SHEET_FIGURES; k++) {
        for (int i = 0; i < 4; i++) {
            for (seqnn_size scale = 1; scale <= 2; scale++) {
                sheet_size size = {sizes[i][0], sizes[i][1], scale};
                seqnn_figure *figure = sheet_figures[k].make(&data, size);
                sq_picture p;
                picture seen;
                char name[64];
                snprintf(name, sizeof name, "%s %d x %d at %d", sheet_figures[k].name,
                         (int)size.width, (int)size.height, (int)scale);
                if (sq_figure_draw(figure, &p) != SEQNN_OK)
                    fail_msg("%s: %s", name, seqnn_error());
                assert_true(p.box_count >=
                            2); /* a word cloud notes no words: they interlock */
                faults += faults_of(&p, name);
                seen.width = p.canvas.width;
                seen.height = p.canvas.height;
                seen.rgb = p.canvas.pixels;
                edge_is_white(&seen, name);
                sq_picture_close(&p);
                seqnn_figure_free(figure);
            }
        }
    }
    unsetenv("SEQNN_FONT");
    assert_int_equal(faults, 0);
}

/* The check itself: it sees two boxes that overlap and one that leaves. */
static void the_check_sees_faults(void **state)
{
    sq_text_box boxes[3] = {
        {10, 10, 40, 20, "one"}, {39, 15, 60, 25, "two"}, {90, 90, 101, 95, "three"}};
    sq_picture p;
    (void)state;
    memset(&p, 0, sizeof p);
    p.width = p.height = 100;
    p.boxes = boxes;
    p.box_count = 3;
    print_message("# two faults are told of on purpose\n");
    assert_int_equal(faults_of(&p, "on purpose"), 2);
}

int main(void)
{
    char strokes[] = "strokes";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_overlaps_or_leaves),
        cmocka_unit_test_prestate(no_text_overlaps_or_leaves, strokes),
        cmocka_unit_test(the_check_sees_faults),
    };
    data = sheet_data_new();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
