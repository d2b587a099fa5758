/* plot/colours.c - colour maps */
#include "colours.h"

#ifdef SEQNN_PLOT

/* One channel of linear light in [0, 1] as the byte of a screen (sRGB). */
static sq_colour sq_colour_byte(double light)
{
    double v = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
    return (sq_colour)(fmin(fmax(v, 0), 1) * 255 + 0.5);
}

/* OKLab to sRGB; the matrices are those of the definition. */
static sq_colour sq_colour_from_oklab(double lightness, double a, double b)
{
    double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    sq_colour red =
        sq_colour_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    sq_colour green =
        sq_colour_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    sq_colour blue =
        sq_colour_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return red << 16 | green << 8 | blue;
}

sq_colour sq_colour_of_map(seqnn_colour_map map, double share)
{
    double t = fmin(fmax(share, 0), 1), degree = 3.14159265358979 / 180;
    double lightness, chroma, hue; /* chosen so that no channel is cut off */
    if (map == SEQNN_MAP_BLUES) {
        lightness = 0.985 - 0.565 * t;
        chroma = 0.008 + 0.115 * t;
        hue = (240 + 12 * t) * degree;
    } else if (map == SEQNN_MAP_DIVERGING) {
        double far = fabs(2 * t - 1);
        lightness = 0.97 - 0.45 * far;
        chroma = 0.148 * far;
        hue = (t < 0.5 ? 250 : 40) * degree;
    } else {
        /* From violet through blue and green to yellow, evenly lighter. */
        lightness = 0.29 + 0.62 * t;
        chroma = 0.115 - 0.13 * t + 0.175 * t * t;
        hue = (308 - 203 * t) * degree;
    }
    return sq_colour_from_oklab(lightness, chroma * cos(hue), chroma * sin(hue));
}

static double sq_colour_light(sq_colour byte)
{
    double v = (byte & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

sq_colour sq_colour_of_text(sq_colour background)
{
    double light = 0.2126 * sq_colour_light(background >> 16) +
                   0.7152 * sq_colour_light(background >> 8) +
                   0.0722 * sq_colour_light(background);
    /* Contrast as WCAG defines it: (lighter + 0.05) / (darker + 0.05). */
    double on_white = 1.05 / (light + 0.05), on_ink = (light + 0.05) / (0.0194 + 0.05);
    /* On colours between both, thin dark letters drown before white ones do. */
    return 1.3 * on_white > on_ink ? 0xFFFFFFu : SQ_INK;
}

#endif
