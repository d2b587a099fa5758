/* Shapes on the canvas: their coverage adds up to their area, wherever they lie. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "canvas.h"
#include "stamp.h"

static const double pi = 3.14159265358979;

static sq_canvas canvas_of(seqnn_size width, seqnn_size height, seqnn_size scale)
{
    sq_canvas canvas;
    assert_int_equal(sq_canvas_open(&canvas, "test", width, height, scale), SEQNN_OK);
    return canvas;
}

/* How much ink there is: the sum of what pixels miss to white, in pixels. */
static double ink(const sq_canvas *canvas)
{
    double sum = 0;
    for (int i = 0; i < 3 * canvas->width * canvas->height; i++)
        sum += (255 - canvas->pixels[i]) / 765.0;
    return sum;
}

static double ink_of_mask(const sq_canvas *canvas)
{
    double sum = 0;
    for (int i = 0; i < canvas->width * canvas->height; i++)
        sum += canvas->mask[i];
    return sum;
}

static void shapes_have_their_area(void **state)
{
    (void)state;
    for (int k = 0; k < 40; k++) {
        sq_canvas canvas = canvas_of(100, 100, 1 + k % 3);
        double s = canvas.scale, angle = 0.7 * k, x = 50 + 0.13 * k, y = 50 - 0.07 * k;
        double dx = 30 * cos(angle), dy = 30 * sin(angle);
        double triangle[3][2] = {{x + dx, y + dy}, {x - dy, y + dx}, {x - dx, y - dy}};
        sq_canvas_line(&canvas, x - dx, y - dy, x + dx, y + dy, 3);
        sq_canvas_paint(&canvas, 0, 1);
        assert_true(fabs(ink(&canvas) - (60 * 3 + 1.5 * 1.5 * pi) * s * s) < 4 * s);
        sq_canvas_close(&canvas);
        canvas = canvas_of(100, 100, 1 + k % 3);
        sq_canvas_disc(&canvas, x, y, 5);
        sq_canvas_paint(&canvas, 0, 1);
        assert_true(fabs(ink(&canvas) - 25 * pi * s * s) < 1.5 * s);
        sq_canvas_close(&canvas);
        canvas = canvas_of(100, 100, 1 + k % 3);
        sq_canvas_polygon(&canvas, triangle, 3);
        sq_canvas_paint(&canvas, 0, 1);
        assert_true(fabs(ink(&canvas) - 900 * s * s) < 8 * s);
        assert_true(ink_of_mask(&canvas) == 0);
        sq_canvas_close(&canvas);
    }
}

/* The joints of a line of many pieces show no more than those of one piece. */
static void pieces_make_one_line(void **state)
{
    (void)state;
    sq_canvas whole = canvas_of(200, 100, 1), pieces = canvas_of(200, 100, 1);
    int furthest = 0;
    sq_canvas_line(&whole, 10, 20, 190, 81.5, 1.9);
    for (int i = 0; i < 60; i++)
        sq_canvas_line(&pieces, 10 + 3 * i, 20 + 61.5 * i / 60, 13 + 3 * i,
                       20 + 61.5 * (i + 1) / 60, 1.9);
    for (int i = 0; i < 200 * 100; i++) {
        int difference = abs(whole.mask[i] - pieces.mask[i]);
        furthest = difference > furthest ? difference : furthest;
    }
    assert_true(furthest <= 1);
    sq_canvas_close(&whole);
    sq_canvas_close(&pieces);
}

static void disc_of_radius(sq_canvas *canvas, double x, double y, const void *radius)
{
    sq_canvas_disc(canvas, x, y, *(const double *)radius);
}

static void a_stamp_is_the_shape(void **state)
{
    (void)state;
    const double radius = 4;
    for (int scale = 1; scale <= 8; scale++) {
        sq_canvas canvas = canvas_of(60, 40, scale);
        sq_stamp stamp;
        assert_int_equal(sq_stamp_open(&stamp, &canvas, radius, disc_of_radius, &radius),
                         SEQNN_OK);
        for (int k = 0; k < 30; k++) {
            double x = 10 + 1.37 * k, y = 20 + 0.21 * k, before = ink(&canvas), moment[2];
            moment[0] = moment[1] = 0;
            sq_stamp_paint(&stamp, &canvas, x, y, 0, 1);
            for (int i = 0; i < canvas.width * canvas.height; i++) {
                moment[0] += (i % canvas.width + 0.5) * (255 - canvas.pixels[3 * i]);
                moment[1] += (i / canvas.width + 0.5) * (255 - canvas.pixels[3 * i]);
            }
            moment[0] /= 255 * ink(&canvas) * canvas.scale;
            moment[1] /= 255 * ink(&canvas) * canvas.scale;
            assert_true(fabs(ink(&canvas) - before - 16 * pi * scale * scale) <
                        1.5 * scale);
            assert_true(fabs(moment[0] - x) < 0.2 && fabs(moment[1] - y) < 0.2);
            memset(canvas.pixels, 255, 3 * (size_t)canvas.width * (size_t)canvas.height);
        }
        sq_stamp_close(&stamp);
        sq_canvas_close(&canvas);
    }
}

/* Shapes anywhere and of any size stay inside the clip, and what is not a number draws
 * nothing: under the sanitizers this is the proof that no pixel beside is written. */
static void nothing_is_drawn_outside(void **state)
{
    (void)state;
    const double far[] = {-1e300, -1e9, -30, -1e-20, 0,           7.5,
                          60,     61,   1e9, 1e300,  (double)NAN, (double)INFINITY};
    const double radius = 4;
    sq_canvas canvas = canvas_of(60, 40, 2);
    sq_stamp stamp;
    assert_int_equal(sq_stamp_open(&stamp, &canvas, radius, disc_of_radius, &radius),
                     SEQNN_OK);
    sq_canvas_clip(&canvas, 20, 10, 40, 30);
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        for (size_t j = 0; j < sizeof far / sizeof *far; j++) {
            double square[4][2] = {
                {far[i], far[j]}, {30, far[j]}, {30, 20}, {far[i], 20}};
            sq_canvas_line(&canvas, far[i], far[j], 30, 20, 3);
            sq_canvas_line(&canvas, far[i], far[j], far[j], far[i], 3);
            sq_canvas_polygon(&canvas, square, 4);
            sq_canvas_rectangle(&canvas, far[i], far[j], 30, 20);
            sq_canvas_hairline(&canvas, far[i], far[j], far[i], 20, 1);
            sq_canvas_paint(&canvas, 0x123456, 0.5);
            sq_stamp_paint(&stamp, &canvas, far[i], far[j], 0, 0.5);
        }
    }
    for (int y = 0; y < canvas.height; y++)
        for (int x = 0; x < canvas.width; x++)
            if (x < 40 || x >= 80 || y < 20 || y >= 60)
                assert_int_equal(canvas.pixels[3 * (y * canvas.width + x)], 255);
    assert_true(ink_of_mask(&canvas) == 0);
    sq_stamp_close(&stamp);
    sq_canvas_close(&canvas);
}

static void opacity_blends(void **state)
{
    (void)state;
    sq_canvas canvas = canvas_of(20, 20, 1);
    sq_canvas_rectangle(&canvas, 3, 4, 17, 18);
    sq_canvas_rectangle(&canvas, 5, 5, 10, 10); /* not painted twice */
    sq_canvas_paint(&canvas, 0x0040FF, 0.5);
    for (int y = 0; y < 20; y++) {
        for (int x = 0; x < 20; x++) {
            const unsigned char *pixel = canvas.pixels + 3 * (20 * y + x);
            int inside = x >= 3 && x < 17 && y >= 4 && y < 18;
            assert_int_equal(pixel[0], inside ? 128 : 255);
            assert_int_equal(pixel[1], inside ? 160 : 255);
            assert_int_equal(pixel[2], 255);
        }
    }
    sq_canvas_close(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_have_their_area),
        cmocka_unit_test(pieces_make_one_line),
        cmocka_unit_test(a_stamp_is_the_shape),
        cmocka_unit_test(nothing_is_drawn_outside),
        cmocka_unit_test(opacity_blends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
