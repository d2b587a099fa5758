/* Colours: what the maps and the palette promise, computed here from the definitions of
 * sRGB, OKLab, CIELAB, WCAG's contrast and Machado's simulation of colour blindness. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "colours.h"

static void multiply(const double matrix[3][3], const double v[3], double result[3])
{
    for (int i = 0; i < 3; i++)
        result[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
}

/* Linear light of the three channels. */
static void light_of(uint32_t colour, double light[3])
{
    for (int i = 0; i < 3; i++) {
        double v = (colour >> (16 - 8 * i) & 255) / 255.0;
        light[i] = v > 0.04045 ? pow((v + 0.055) / 1.055, 2.4) : v / 12.92;
    }
}

/* Björn Ottosson, "A perceptual color space for image processing" (2020). */
static void oklab_of(uint32_t colour, double lab[3])
{
    static const double to_cones[3][3] = {{0.4122214708, 0.5363325363, 0.0514459929},
                                          {0.2119034982, 0.6806995451, 0.1073969566},
                                          {0.0883024619, 0.2817188376, 0.6299787005}};
    static const double to_lab[3][3] = {{0.2104542553, 0.7936177850, -0.0040720468},
                                        {1.9779984951, -2.4285922050, 0.4505937099},
                                        {0.0259040371, 0.7827717662, -0.8086757660}};
    double light[3], cones[3];
    light_of(colour, light);
    multiply(to_cones, light, cones);
    for (int i = 0; i < 3; i++)
        cones[i] = cbrt(cones[i]);
    multiply(to_lab, cones, lab);
}

static double curve(double x)
{
    return x > 216.0 / 24389 ? cbrt(x) : (24389.0 / 27 * x + 16) / 116;
}

/* CIE 1976, white point D65. */
static void cielab_of(const double light[3], double lab[3])
{
    static const double to_xyz[3][3] = {{0.4124564, 0.3575761, 0.1804375},
                                        {0.2126729, 0.7151522, 0.0721750},
                                        {0.0193339, 0.1191920, 0.9503041}};
    double xyz[3], x, y, z;
    multiply(to_xyz, light, xyz);
    x = curve(xyz[0] / 0.95047);
    y = curve(xyz[1]);
    z = curve(xyz[2] / 1.08883);
    lab[0] = 116 * y - 16;
    lab[1] = 500 * (x - y);
    lab[2] = 200 * (y - z);
}

enum { SIGHTS = 4 };

/* CIELAB as a reader sees it: 0 all colours, then protanopia, deuteranopia, tritanopia
 * (Machado, Oliveira and Fernandes 2009, severity 1). */
static void seen(uint32_t colour, int sight, double lab[3])
{
    static const double simulation[SIGHTS][3][3] = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
                                                    {{0.152286, 1.052583, -0.204868},
                                                     {0.114503, 0.786281, 0.099216},
                                                     {-0.003882, -0.048116, 1.051998}},
                                                    {{0.367322, 0.860646, -0.227968},
                                                     {0.280085, 0.672501, 0.047413},
                                                     {-0.011820, 0.042940, 0.968881}},
                                                    {{1.255528, -0.076749, -0.178779},
                                                     {-0.078411, 0.930809, 0.147602},
                                                     {0.004733, 0.691367, 0.303900}}};
    double light[3], result[3];
    light_of(colour, light);
    multiply(simulation[sight], light, result);
    for (int i = 0; i < 3; i++)
        result[i] = fmin(fmax(result[i], 0), 1);
    cielab_of(result, lab);
}

static double apart(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

static const seqnn_colour_map maps[] = {SEQNN_MAP_VIRIDIS, SEQNN_MAP_BLUES,
                                        SEQNN_MAP_DIVERGING, SEQNN_MAP_GREYS};
enum { MAPS = 4 };

/* Steps are so large that rounding to bytes is small beside them: a tenth. */
static void equal_steps_look_equal(void **state)
{
    enum { STEPS = 16 };
    (void)state;
    for (int m = 0; m < MAPS; m++) {
        double shortest = INFINITY, longest = 0, length = 0, lab[2][3];
        oklab_of(sq_colour_of_map(maps[m], 0), lab[0]);
        for (int i = 1; i <= STEPS; i++) {
            double step;
            oklab_of(sq_colour_of_map(maps[m], i / (double)STEPS), lab[i % 2]);
            step = apart(lab[0], lab[1]);
            shortest = fmin(shortest, step);
            longest = fmax(longest, step);
            length += step;
        }
        if (longest > 1.15 * shortest || length < 0.55)
            fail_msg("map %d: steps of %g to %g, %g in all", (int)maps[m], shortest,
                     longest, length);
    }
}

/* Whoever sees no hue at all still sees the order; a diverging map has two orders. */
static void lightness_is_monotone_for_everybody(void **state)
{
    (void)state;
    for (int m = 0; m < MAPS; m++) {
        for (int sight = 0; sight < SIGHTS; sight++) {
            double before[3], lab[3], sign = maps[m] == SEQNN_MAP_VIRIDIS ? 1 : -1;
            bool diverging = maps[m] == SEQNN_MAP_DIVERGING;
            seen(sq_colour_of_map(maps[m], 0), sight, before);
            for (int i = 1; i <= 32; i++) {
                seen(sq_colour_of_map(maps[m], i / 32.0), sight, lab);
                if (diverging)
                    sign = i <= 16 ? 1 : -1;
                if (sign * (lab[0] - before[0]) < 0.2)
                    fail_msg("map %d, sight %d: lightness %g after %g", (int)maps[m],
                             sight, lab[0], before[0]);
                memcpy(before, lab, sizeof lab);
            }
        }
    }
}

static void ends_of_maps_stay_apart(void **state)
{
    (void)state;
    for (int m = 0; m < MAPS; m++) {
        for (int sight = 0; sight < SIGHTS; sight++) {
            double low[3], high[3];
            seen(sq_colour_of_map(maps[m], 0), sight, low);
            seen(sq_colour_of_map(maps[m], 1), sight, high);
            assert_true(apart(low, high) > 60);
        }
    }
}

/* A difference of 2 can just be seen by those who look for it. */
static void series_stay_apart(void **state)
{
    (void)state;
    for (int sight = 0; sight < SIGHTS; sight++) {
        for (seqnn_size i = 0; i < SQ_PALETTE; i++) {
            double one[3], white[3];
            seen(sq_colour_of_series(i), sight, one);
            seen(0xFFFFFF, sight, white);
            assert_true(apart(one, white) > 25);
            for (seqnn_size j = 0; j < i; j++) {
                double other[3];
                seen(sq_colour_of_series(j), sight, other);
                if (apart(one, other) < 15)
                    fail_msg("colours %d and %d are %g apart, sight %d", (int)i, (int)j,
                             apart(one, other), sight);
            }
        }
    }
}

static double contrast(uint32_t one, uint32_t other)
{
    double light[3], a, b;
    light_of(one, light);
    a = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
    light_of(other, light);
    b = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static void text_is_readable_on_any_colour(void **state)
{
    (void)state;
    for (uint32_t colour = 0; colour < 0x1000000; colour += 0x00010305)
        assert_true(contrast(sq_colour_of_text(colour), colour) >= 4.5);
    for (int m = 0; m < MAPS; m++)
        for (int i = 0; i <= 500; i++) {
            sq_colour colour = sq_colour_of_map(maps[m], i / 500.0);
            assert_true(contrast(sq_colour_of_text(colour), colour) >= 4.5);
        }
    assert_true(contrast(SQ_FAINT, 0xFFFFFF) >= 4.5);
    assert_true(fabs(sq_colour_contrast(0x123456, 0xFEDCBA) -
                     contrast(0xFEDCBA, 0x123456)) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_steps_look_equal),
        cmocka_unit_test(lightness_is_monotone_for_everybody),
        cmocka_unit_test(ends_of_maps_stay_apart),
        cmocka_unit_test(series_stay_apart),
        cmocka_unit_test(text_is_readable_on_any_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
