/* Every figure of the contact sheet beside the picture of it that was looked at by a
 * person and recorded: tests/plots/golden/. In the built-in font, so that what is
 * installed does not matter. After a change that is meant: `test_plot_golden record`
 * writes them anew; then look at them. */
/* flags: -lpng */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "layout.h"
#include "pictures.h"
#include "sheet_figures.h"

static const sheet_size small = {360, 270, 1};

static sheet_data data;

static const char *golden_of(int k)
{
    static char path[256];
    snprintf(path, sizeof path, "tests/plots/golden/%s.png", sheet_figures[k].name);
    return path;
}

/* Saved and read back by libpng. */
static picture drawn(seqnn_figure *figure)
{
    char folder[] = "/tmp/seqnn_golden_XXXXXX", path[64];
    picture p;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/figure.png", folder);
    if (seqnn_figure_save(figure, path) != SEQNN_OK)
        fail_msg("%s", seqnn_error());
    seqnn_figure_free(figure);
    p = read_picture(path);
    unlink(path);
    rmdir(folder);
    return p;
}

static difference compared(const picture *a, const picture *b, const char *name)
{
    difference d;
    if (a->width != b->width || a->height != b->height)
        fail_msg("%s: %d x %d, the golden picture %d x %d", name, a->width, a->height,
                 b->width, b->height);
    d = difference_of(a, b);
    return d;
}

static void figures_look_as_recorded(void **state)
{
    int failed = 0;
    (void)state;
    for (int k = 0; k < SHEET_FIGURES; k++) {
        picture now = drawn(sheet_figures[k].make(&data, small));
        picture golden = read_picture(golden_of(k));
        difference d = compared(&now, &golden, sheet_figures[k].name);
        if (!looks_the_same(d)) {
            print_error("%s: differs by %.2f on average, by %.0f at (%d, %d)\n",
                        sheet_figures[k].name, d.mean, d.most, d.x, d.y);
            failed++;
        }
        free(now.rgb);
        free(golden.rgb);
    }
    assert_int_equal(failed, 0);
}

/* --- what the comparison sees --- */

typedef enum slip { NO_SLIP, MOVED_LINE, NO_LABEL, OTHER_COLOUR, OTHER_DIGIT } slip;

static picture with_slip(slip which)
{
    static const seqnn_real y[] = {0, 3, 1, 4, 2},
                            moved[] = {0, 3, (seqnn_real)1.05, 4, 2};
    seqnn_figure *figure = sheet_figure(small, NULL, 1, 1);
    seqnn_axes *axes =
        seqnn_figure_axes(figure, 0, 0,
                          sheet_axes(which == OTHER_DIGIT ? "Cell 4" : "Cell 1",
                                     which == NO_LABEL ? NULL : "t", "value"));
    seqnn_plot_series series = sheet_series("one", which == MOVED_LINE ? moved : y, 5);
    series.colour = which == OTHER_COLOUR ? 0x0072D2 : 0x0072B2;
    seqnn_axes_line(axes, series);
    return drawn(figure);
}

static void a_slip_is_seen(void **state)
{
    picture right = with_slip(NO_SLIP), noisy = with_slip(NO_SLIP);
    (void)state;
    for (slip which = NO_SLIP; which <= OTHER_DIGIT; which = (slip)(which + 1)) {
        picture p = with_slip(which);
        difference d = compared(&right, &p, "slip");
        if (looks_the_same(d) != (which == NO_SLIP))
            fail_msg("slip %d: %.3f on average, %.0f at most", (int)which, d.mean,
                     d.most);
        free(p.rgb);
    }
    /* Another rasteriser's rounding is none. */
    for (int i = 0; i < 3 * noisy.width * noisy.height; i++) {
        int value = noisy.rgb[i] + (i * 7 % 13 - 6) * (noisy.rgb[i] != 255);
        noisy.rgb[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    assert_true(looks_the_same(compared(&right, &noisy, "noise")));
    free(right.rgb);
    free(noisy.rgb);
}

static int record(void)
{
    for (int k = 0; k < SHEET_FIGURES; k++) {
        picture p = drawn(sheet_figures[k].make(&data, small));
        png_image image;
        memset(&image, 0, sizeof image);
        image.version = PNG_IMAGE_VERSION;
        image.width = (png_uint_32)p.width;
        image.height = (png_uint_32)p.height;
        image.format = PNG_FORMAT_RGB;
        if (!png_image_write_to_file(&image, golden_of(k), 0, p.rgb, 0, NULL)) {
            fprintf(stderr, "%s: %s\n", golden_of(k), image.message);
            return 1;
        }
        free(p.rgb);
    }
    return 0;
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_look_as_recorded),
        cmocka_unit_test(a_slip_is_seen),
    };
    setenv("SEQNN_FONT", "strokes", 1);
    data = sheet_data_new();
    if (count > 1 && strcmp(words[1], "record") == 0)
        return record();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
