/* plot/canvas.c - antialiased shapes on a picture of pixels */
#include "canvas.h"

#ifdef SEQNN_PLOT

#include "memory.h"

enum { SQ_CANVAS_SMALLEST = 16, SQ_CANVAS_LARGEST = 16384, SQ_CANVAS_SCALE = 8 };

/* Notes that nothing of the mask is touched. */
static void sq_canvas_forget(sq_canvas *canvas)
{
    canvas->touched.left = canvas->width;
    canvas->touched.top = canvas->height;
    canvas->touched.right = canvas->touched.bottom = 0;
}

seqnn_status sq_canvas_open(sq_canvas *canvas, const char *who, seqnn_size width,
                            seqnn_size height, seqnn_size scale)
{
    memset(canvas, 0, sizeof *canvas);
    if (scale < 1 || scale > SQ_CANVAS_SCALE)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: scale is %td, expected 1 to %d", who,
                       scale, (int)SQ_CANVAS_SCALE);
    if (width < SQ_CANVAS_SMALLEST || height < SQ_CANVAS_SMALLEST ||
        width > SQ_CANVAS_LARGEST / scale || height > SQ_CANVAS_LARGEST / scale)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the picture is %td x %td at scale %td, expected %d to %d "
                       "pixels on each side",
                       who, width, height, scale, (int)SQ_CANVAS_SMALLEST,
                       (int)SQ_CANVAS_LARGEST);
    canvas->width = (int)(width * scale);
    canvas->height = (int)(height * scale);
    canvas->scale = (double)scale;
    canvas->pixels =
        (unsigned char *)sq_allocate((seqnn_size)canvas->width * canvas->height, 3);
    canvas->mask =
        (unsigned char *)sq_allocate((seqnn_size)canvas->width * canvas->height, 1);
    if (canvas->pixels == NULL || canvas->mask == NULL) {
        sq_canvas_close(canvas);
        return SEQNN_ERROR_MEMORY;
    }
    memset(canvas->pixels, 255, (size_t)canvas->width * (size_t)canvas->height * 3);
    sq_canvas_forget(canvas);
    sq_canvas_unclip(canvas);
    return SEQNN_OK;
}

void sq_canvas_close(sq_canvas *canvas)
{
    sq_free(canvas->pixels);
    sq_free(canvas->mask);
    canvas->pixels = canvas->mask = NULL;
}

/* A coordinate in pixels as an int of [low, high]; NaN gives low. */
static int sq_canvas_pixel(double value, int low, int high)
{
    if (!(value > low))
        return low;
    return value < high ? (int)value : high;
}

void sq_canvas_clip(sq_canvas *canvas, double left, double top, double right,
                    double bottom)
{
    double s = canvas->scale;
    canvas->clip.left = sq_canvas_pixel(floor(left * s), 0, canvas->width);
    canvas->clip.top = sq_canvas_pixel(floor(top * s), 0, canvas->height);
    canvas->clip.right = sq_canvas_pixel(ceil(right * s), 0, canvas->width);
    canvas->clip.bottom = sq_canvas_pixel(ceil(bottom * s), 0, canvas->height);
}

void sq_canvas_unclip(sq_canvas *canvas)
{
    canvas->clip.left = canvas->clip.top = 0;
    canvas->clip.right = canvas->width;
    canvas->clip.bottom = canvas->height;
}

/* Unchecked: x and y lie inside the clip. */
static void sq_canvas_raise(sq_canvas *canvas, int x, int y, int coverage)
{
    unsigned char *at = canvas->mask + (size_t)y * (size_t)canvas->width + (size_t)x;
    if (coverage > *at)
        *at = (unsigned char)coverage;
}

static void sq_canvas_note(sq_canvas *canvas, const sq_box *box)
{
    sq_box *touched = &canvas->touched;
    touched->left = box->left < touched->left ? box->left : touched->left;
    touched->top = box->top < touched->top ? box->top : touched->top;
    touched->right = box->right > touched->right ? box->right : touched->right;
    touched->bottom = box->bottom > touched->bottom ? box->bottom : touched->bottom;
}

/* The pixels of [left, right] x [top, bottom] (in pixels) that the clip leaves, noted as
 * touched. */
static sq_box sq_canvas_touch(sq_canvas *canvas, double left, double top, double right,
                              double bottom)
{
    const sq_box *clip = &canvas->clip;
    sq_box box;
    box.left = sq_canvas_pixel(floor(left), clip->left, clip->right);
    box.top = sq_canvas_pixel(floor(top), clip->top, clip->bottom);
    box.right = sq_canvas_pixel(ceil(right), clip->left, clip->right);
    box.bottom = sq_canvas_pixel(ceil(bottom), clip->top, clip->bottom);
    if (box.left < box.right && box.top < box.bottom)
        sq_canvas_note(canvas, &box);
    return box;
}

/* Coverage of a pixel whose centre lies `inside` pixels inside an edge. */
static int sq_canvas_edge(double inside)
{
    if (inside >= 0.5)
        return 255;
    return inside <= -0.5 ? 0 : (int)((inside + 0.5) * 255 + 0.5);
}

void sq_canvas_line(sq_canvas *canvas, double x0, double y0, double x1, double y1,
                    double thickness)
{
    double s = canvas->scale, radius = thickness * s / 2, reach = radius + 0.5;
    double full = radius > 0.5 ? (radius - 0.5) * (radius - 0.5) : 0,
           none = reach * reach;
    double dx, dy, share, half;
    sq_box box;
    x0 *= s;
    y0 *= s;
    x1 *= s;
    y1 *= s;
    dx = x1 - x0;
    dy = y1 - y0;
    share = dx * dx + dy * dy;
    share = share > 0 ? 1 / share : 0;
    /* Along a row only the part near the line can be covered. */
    half = fabs(dy) > 1e-9 ? reach * sqrt(1 + dx * dx / (dy * dy)) + 1 : 0;
    box = sq_canvas_touch(canvas, fmin(x0, x1) - reach, fmin(y0, y1) - reach,
                          fmax(x0, x1) + reach, fmax(y0, y1) + reach);
    for (int y = box.top; y < box.bottom; y++) {
        double cy = y + 0.5 - y0, middle = half > 0 ? x0 + cy * dx / dy : 0;
        int left =
            half > 0 ? sq_canvas_pixel(middle - half, box.left, box.right) : box.left;
        int right = half > 0 ? sq_canvas_pixel(middle + half + 1, box.left, box.right)
                             : box.right;
        for (int x = left; x < right; x++) {
            double cx = x + 0.5 - x0, t = (cx * dx + cy * dy) * share, ex, ey, distance2;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            ex = cx - t * dx;
            ey = cy - t * dy;
            distance2 = ex * ex + ey * ey;
            if (distance2 < full)
                sq_canvas_raise(canvas, x, y, 255);
            else if (distance2 < none)
                sq_canvas_raise(canvas, x, y, sq_canvas_edge(radius - sqrt(distance2)));
        }
    }
}

void sq_canvas_disc(sq_canvas *canvas, double x, double y, double radius)
{
    sq_canvas_line(canvas, x, y, x, y, 2 * radius);
}

void sq_canvas_polygon(sq_canvas *canvas, double (*corners)[2], int count)
{
    double s = canvas->scale, area = 0;
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    double edge[SQ_CANVAS_CORNERS][3]; /* (x, y) lies edge . (x, y, 1) inside */
    int edges = 0;
    sq_box box;
    for (int i = 0; i < count && count <= SQ_CANVAS_CORNERS; i++) {
        const double *p = corners[i], *q = corners[(i + 1) % count];
        double dx = q[0] - p[0], dy = q[1] - p[1], length = sqrt(dx * dx + dy * dy);
        area += p[0] * q[1] - q[0] * p[1];
        left = fmin(left, p[0] * s);
        right = fmax(right, p[0] * s);
        top = fmin(top, p[1] * s);
        bottom = fmax(bottom, p[1] * s);
        if (length > 0) {
            edge[edges][0] = -dy / length;
            edge[edges][1] = dx / length;
            edge[edges++][2] = (dy * p[0] - dx * p[1]) / length * s;
        }
    }
    box = sq_canvas_touch(canvas, left - 1, top - 1, right + 1, bottom + 1);
    for (int y = box.top; y < box.bottom; y++) {
        for (int x = box.left; x < box.right; x++) {
            double inside = 1;
            for (int i = 0; i < edges && inside > -1; i++) {
                double d = edge[i][0] * (x + 0.5) + edge[i][1] * (y + 0.5) + edge[i][2];
                d = area < 0 ? -d : d;
                inside = d < inside ? d : inside;
            }
            sq_canvas_raise(canvas, x, y, sq_canvas_edge(inside));
        }
    }
}

/* Full coverage of whole pixels. */
static void sq_canvas_block(sq_canvas *canvas, double left, double top, double right,
                            double bottom)
{
    sq_box box = sq_canvas_touch(canvas, left, top, right, bottom);
    for (int y = box.top; y < box.bottom && box.left < box.right; y++)
        memset(canvas->mask + (size_t)y * (size_t)canvas->width + box.left, 255,
               (size_t)(box.right - box.left));
}

void sq_canvas_rectangle(sq_canvas *canvas, double left, double top, double right,
                         double bottom)
{
    double s = canvas->scale;
    sq_canvas_block(canvas, floor(left * s + 0.5), floor(top * s + 0.5),
                    floor(right * s + 0.5), floor(bottom * s + 0.5));
}

void sq_canvas_hairline(sq_canvas *canvas, double x0, double y0, double x1, double y1,
                        double thickness)
{
    double s = canvas->scale, wide = fmax(1, floor(thickness * s + 0.5));
    double x = floor(fmin(x0, x1) * s - wide / 2 + 0.5);
    double y = floor(fmin(y0, y1) * s - wide / 2 + 0.5);
    sq_canvas_block(canvas, x, y, x + floor(fabs(x1 - x0) * s + 0.5) + wide,
                    y + floor(fabs(y1 - y0) * s + 0.5) + wide);
}

void sq_canvas_outline(sq_canvas *canvas, double left, double top, double right,
                       double bottom, double thickness)
{
    sq_canvas_hairline(canvas, left, top, right, top, thickness);
    sq_canvas_hairline(canvas, left, bottom, right, bottom, thickness);
    sq_canvas_hairline(canvas, left, top, left, bottom, thickness);
    sq_canvas_hairline(canvas, right, top, right, bottom, thickness);
}

void sq_canvas_cover(sq_canvas *canvas, int x, int y, int coverage)
{
    if (x >= canvas->clip.left && x < canvas->clip.right && y >= canvas->clip.top &&
        y < canvas->clip.bottom && coverage > 0) {
        sq_box box = {x, y, x + 1, y + 1};
        sq_canvas_note(canvas, &box);
        sq_canvas_raise(canvas, x, y, coverage);
    }
}

/* Blends a colour into a pixel, with a share of coverage of 255 * 256. */
static void sq_canvas_blend(unsigned char *pixel, const int rgb[3], int coverage)
{
    for (int i = 0; i < 3; i++)
        pixel[i] =
            (unsigned char)((pixel[i] * (65280 - coverage) + rgb[i] * coverage + 32640) /
                            65280);
}

static void sq_canvas_split(sq_colour colour, int rgb[3])
{
    for (int i = 0; i < 3; i++)
        rgb[i] = (int)(colour >> (16 - 8 * i)) & 255;
}

void sq_canvas_paint(sq_canvas *canvas, sq_colour colour, double opacity)
{
    const sq_box *box = &canvas->touched;
    int rgb[3], alpha = (int)(opacity * 256 + 0.5);
    sq_canvas_split(colour, rgb);
    for (int y = box->top; y < box->bottom; y++) {
        size_t row = (size_t)y * (size_t)canvas->width;
        unsigned char *mask = canvas->mask + row, *pixels = canvas->pixels + 3 * row;
        for (int x = box->left; x < box->right; x++) {
            /* Most of the box of a curve is empty. */
            uint64_t eight = 0;
            while (x + 8 <= box->right && eight == 0) {
                memcpy(&eight, mask + x, 8);
                x += eight == 0 ? 8 : 0;
            }
            if (x == box->right)
                break;
            if (mask[x] != 0)
                sq_canvas_blend(pixels + 3 * x, rgb, mask[x] * alpha);
            mask[x] = 0;
        }
    }
    sq_canvas_forget(canvas);
}

void sq_canvas_wipe(sq_canvas *canvas)
{
    const sq_box *box = &canvas->touched;
    for (int y = box->top; y < box->bottom; y++)
        memset(canvas->mask + (size_t)y * (size_t)canvas->width + box->left, 0,
               (size_t)(box->right - box->left));
    sq_canvas_forget(canvas);
}

#endif
