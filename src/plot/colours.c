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

/* From one point of OKLab to another. */
static sq_colour sq_colour_between(const double from[3], const double to[3], double t)
{
    return sq_colour_from_oklab(from[0] + t * (to[0] - from[0]),
                                from[1] + t * (to[1] - from[1]),
                                from[2] + t * (to[2] - from[2]));
}

sq_colour sq_colour_of_map(seqnn_colour_map map, double share)
{
    static const double white[3] = {0.985, 0, 0}, black[3] = {0.25, 0, 0};
    static const double middle[3] = {0.97, 0, 0};
    static const double cold[3] = {0.52, -0.0506, -0.1391};
    static const double warm[3] = {0.52, 0.1134, 0.0951};
    const double degree = SQ_PI / 180;
    double t = fmin(fmax(share, 0), 1), turn, chroma;
    if (map == SEQNN_MAP_GREYS)
        return sq_colour_between(white, black, t);
    if (map == SEQNN_MAP_DIVERGING)
        return sq_colour_between(middle, t < 0.5 ? cold : warm, fabs(2 * t - 1));
    if (map == SEQNN_MAP_BLUES) {
        /* An arc, so that the middle is not dull. */
        turn = (64 + 28 * t) * degree;
        chroma = 1.21 * sin(turn) - 1.087;
        return sq_colour_from_oklab(0.456 + 1.21 * cos(turn), chroma * cos(254 * degree),
                                    chroma * sin(254 * degree));
    }
    /* A helix from violet through blue and green to yellow. */
    turn = -(73 + 164 * t) * degree;
    return sq_colour_from_oklab(0.3 + 0.62 * t, 0.05 + 0.166 * cos(turn),
                                0.047 + 0.166 * sin(turn));
}

bool sq_map_is_pale(seqnn_colour_map map)
{
    return map == SEQNN_MAP_BLUES || map == SEQNN_MAP_GREYS || map == SEQNN_MAP_DIVERGING;
}

static double sq_colour_light(sq_colour byte)
{
    double v = (byte & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

double sq_colour_contrast(sq_colour one, sq_colour other)
{
    double light[2];
    for (int i = 0; i < 2; i++) {
        sq_colour colour = i == 0 ? one : other;
        light[i] = 0.2126 * sq_colour_light(colour >> 16) +
                   0.7152 * sq_colour_light(colour >> 8) +
                   0.0722 * sq_colour_light(colour) + 0.05;
    }
    return fmax(light[0], light[1]) / fmin(light[0], light[1]);
}

sq_colour sq_colour_of_text(sq_colour background)
{
    if (sq_colour_contrast(background, 0xFFFFFFu) >= SQ_CONTRAST)
        return 0xFFFFFFu;
    return sq_colour_contrast(background, SQ_INK) >= SQ_CONTRAST ? SQ_INK : 0x000000u;
}

#endif
