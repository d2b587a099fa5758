/* plot/picture.c - text on a canvas, and where it stands */
#include "picture.h"

#ifdef SEQNN_PLOT

#include "memory.h"

#define SQ_RAISED 0.72 /* size of an exponent */

enum { SQ_PICTURE_NARROWEST = 240, SQ_PICTURE_LOWEST = 180 };

seqnn_status sq_picture_open(sq_picture *picture, const char *who, seqnn_size width,
                             seqnn_size height, seqnn_size scale, const char *font)
{
    seqnn_status status;
    memset(picture, 0, sizeof *picture);
    width = width == 0 ? 800 : width;
    height = height == 0 ? 600 : height;
    if (width < SQ_PICTURE_NARROWEST || height < SQ_PICTURE_LOWEST)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the picture is %td x %td, expected at least %d x %d", who,
                       width, height, (int)SQ_PICTURE_NARROWEST, (int)SQ_PICTURE_LOWEST);
    status = sq_canvas_open(&picture->canvas, who, width, height, scale == 0 ? 1 : scale);
    if (status != SEQNN_OK)
        return status;
    picture->width = (double)width;
    picture->height = (double)height;
    picture->font = sq_font_open(font);
    if (picture->font == NULL) {
        sq_picture_close(picture);
        return font != NULL ? SEQNN_ERROR_FILE : SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

void sq_picture_close(sq_picture *picture)
{
    sq_canvas_close(&picture->canvas);
    sq_font_close(picture->font);
    sq_free(picture->boxes);
    picture->font = NULL;
    picture->boxes = NULL;
}

static void sq_picture_note(sq_picture *picture, double left, double top, double right,
                            double bottom, const char *text)
{
    sq_text_box *box;
    void *boxes = picture->boxes;
    seqnn_status status = sq_grow(&boxes, &picture->box_room, picture->box_count + 1,
                                  sizeof *picture->boxes);
    picture->boxes = (sq_text_box *)boxes;
    if (status != SEQNN_OK) {
        picture->status = status;
        return;
    }
    box = &picture->boxes[picture->box_count++];
    box->left = left;
    box->top = top;
    box->right = right;
    box->bottom = bottom;
    snprintf(box->text, sizeof box->text, "%s", text);
}

double sq_picture_width(const sq_picture *picture, const char *text, sq_text how)
{
    double width;
    if (text == NULL)
        return 0;
    width = how.math ? sq_font_math_width(picture->font, text, how.size)
                     : sq_font_width(picture->font, text, how.size);
    return how.width > 0 ? fmin(width, how.width) : width;
}

void sq_picture_text(sq_picture *picture, double x, double y, const char *text,
                     sq_text how)
{
    char fitted[1024];
    const double width = how.width > 0 ? how.width : 1e9;
    const seqnn_size room = (seqnn_size)sizeof fitted;
    sq_font_extent box;
    if (text == NULL)
        return;
    if (how.math) {
        sq_font_math_fit(picture->font, text, how.size, width, fitted, room);
        box = sq_font_math_box(picture->font, fitted, how.size, how.anchor, how.upwards);
        sq_font_math_draw(picture->font, &picture->canvas, x, y, how.size, how.anchor,
                          how.upwards, fitted);
    } else {
        sq_font_fit(picture->font, text, how.size, width, fitted, room);
        box = sq_font_box(picture->font, fitted, how.size, how.anchor, how.upwards);
        sq_font_draw(picture->font, &picture->canvas, x, y, how.size, how.anchor,
                     how.upwards, fitted);
    }
    sq_canvas_paint(&picture->canvas, how.colour, 1);
    if (box.right > box.left)
        sq_picture_note(picture, x + box.left, y + box.top, x + box.right, y + box.bottom,
                        text);
}

void sq_picture_text_middle(sq_picture *picture, double x, double y, const char *text,
                            sq_text how)
{
    double down = how.size * SQ_FONT_CAPITALS / 2;
    if (how.upwards)
        sq_picture_text(picture, x + down, y, text, how);
    else
        sq_picture_text(picture, x, y + down, text, how);
}

sq_text sq_picture_shrunk(const sq_picture *picture, const char *text, sq_text how)
{
    sq_text free = how;
    double width;
    free.width = 0;
    width = sq_picture_width(picture, text, free);
    if (width > how.width && how.size > SQ_TICK_SIZE)
        how.size = fmax(SQ_TICK_SIZE, 0.995 * how.size * how.width / width);
    return how;
}

void sq_picture_reserve(sq_picture *picture, double left, double top, double right,
                        double bottom)
{
    sq_picture_note(picture, left, top, right, bottom, "");
}

bool sq_picture_taken(const sq_picture *picture, double left, double top, double right,
                      double bottom)
{
    if (left < 0 || top < 0 || right > picture->width || bottom > picture->height)
        return true;
    for (seqnn_size i = 0; i < picture->box_count; i++) {
        const sq_text_box *box = &picture->boxes[i];
        if (left < box->right && right > box->left && top < box->bottom &&
            bottom > box->top)
            return true;
    }
    return false;
}

double sq_picture_power_width(const sq_picture *picture, const char *mantissa,
                              const char *power)
{
    return sq_font_width(picture->font, mantissa, SQ_TICK_SIZE) + 0.5 +
           sq_font_width(picture->font, power, SQ_TICK_SIZE * SQ_RAISED);
}

double sq_picture_power(sq_picture *picture, double x, double y, double anchor,
                        const char *mantissa, const char *power)
{
    sq_text base = {SQ_TICK_SIZE, 0, 0, SQ_INK, false, false}, raised = base;
    double width = sq_picture_power_width(picture, mantissa, power);
    double left = x - anchor * width;
    raised.size *= SQ_RAISED;
    raised.anchor = 1;
    sq_picture_text(picture, left, y, mantissa, base);
    sq_picture_text(picture, left + width, y - 0.42 * SQ_TICK_SIZE, power, raised);
    return width;
}

#endif
