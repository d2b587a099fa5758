/* Pictures read back by libpng, which shares no code with the writer, and compared.
 * Before it: cmocka.h and what that needs. */
#ifndef PICTURES_H
#define PICTURES_H

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct picture {
    int width, height;
    unsigned char *rgb; /* freed by the caller */
} picture;

static inline picture read_picture(const char *file)
{
    png_image image;
    picture result;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_file(&image, file))
        fail_msg("%s: %s", file, image.message);
    image.format = PNG_FORMAT_RGB;
    result.width = (int)image.width;
    result.height = (int)image.height;
    result.rgb = (unsigned char *)malloc(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, NULL, result.rgb, 0, NULL))
        fail_msg("%s: %s", file, image.message);
    return result;
}

/* The outermost pixels are white: nothing was clipped by the picture's edge. */
static inline void edge_is_white(const picture *p, const char *name)
{
    for (int y = 0; y < p->height; y++) {
        const unsigned char *row = p->rgb + (size_t)y * (size_t)p->width * 3;
        for (int x = 0; x < p->width; x++)
            if ((x < 2 || y < 2 || x >= p->width - 2 || y >= p->height - 2) &&
                (row[3 * x] & row[3 * x + 1] & row[3 * x + 2]) != 255)
                fail_msg("%s: ink at (%d, %d) of %d x %d", name, x, y, p->width,
                         p->height);
    }
}

/* A copy in which each pixel is the mean of the 5 x 5 around it. Beyond the edge lies
 * white. */
static inline unsigned char *blurred(const picture *p)
{
    size_t row = 3 * (size_t)p->width;
    unsigned char *copy = (unsigned char *)malloc(row * (size_t)p->height);
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < 3 * p->width; x++) {
            int sum = 0;
            for (int j = y - 2; j <= y + 2; j++)
                for (int i = x - 6; i <= x + 6; i += 3)
                    sum += j < 0 || j >= p->height || i < 0 || i >= 3 * p->width
                               ? 255
                               : p->rgb[(size_t)j * row + (size_t)i];
            copy[(size_t)y * row + (size_t)x] = (unsigned char)(sum / 25);
        }
    }
    return copy;
}

typedef struct difference {
    double mean, most; /* of 255, over all pixels and colours of the blurred pictures */
    int x, y;          /* where it is largest */
} difference;

/* Both of the same size. */
static inline difference difference_of(const picture *a, const picture *b)
{
    difference d = {0, 0, 0, 0};
    int values = 3 * a->width * a->height;
    unsigned char *of_a = blurred(a), *of_b = blurred(b);
    for (int i = 0; i < values; i++) {
        double here = abs(of_a[i] - of_b[i]);
        d.mean += here / values;
        if (here > d.most) {
            d.most = here;
            d.x = i / 3 % a->width;
            d.y = i / 3 / a->width;
        }
    }
    free(of_a);
    free(of_b);
    return d;
}

/* What two drawings of one picture may differ by: less than a line moved by a pixel or a
 * digit that is another one. */
static inline int looks_the_same(difference d)
{
    return d.mean <= 0.2 && d.most <= 12;
}

#endif
