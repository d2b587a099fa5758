/* plot/figure.c - text, ticks, grid and frame */
#include "figure.h"

#ifdef SEQNN_PLOT

#include "memory.h"

#define SQ_TICK_LENGTH 4.0
#define SQ_TICK_GAP 7.0   /* from the frame to the tick's text */
#define SQ_LABEL_GAP 10.0 /* from there to the label */
#define SQ_RAISED 0.72    /* size of an exponent */

enum { SQ_FIGURE_NARROWEST = 240, SQ_FIGURE_LOWEST = 180 };

seqnn_status sq_figure_open(sq_figure *figure, const char *who, seqnn_size width,
                            seqnn_size height, seqnn_size scale)
{
    seqnn_status status;
    memset(figure, 0, sizeof *figure);
    width = width == 0 ? 800 : width;
    height = height == 0 ? 600 : height;
    if (width < SQ_FIGURE_NARROWEST || height < SQ_FIGURE_LOWEST)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the picture is %td x %td, expected at least %d x %d", who,
                       width, height, (int)SQ_FIGURE_NARROWEST, (int)SQ_FIGURE_LOWEST);
    status = sq_canvas_open(&figure->canvas, who, width, height, scale == 0 ? 1 : scale);
    if (status != SEQNN_OK)
        return status;
    figure->width = (double)width;
    figure->height = (double)height;
    figure->font = sq_font_open(NULL);
    if (figure->font == NULL) {
        sq_figure_close(figure);
        return SEQNN_ERROR_MEMORY;
    }
    return SEQNN_OK;
}

void sq_figure_close(sq_figure *figure)
{
    sq_canvas_close(&figure->canvas);
    sq_font_close(figure->font);
    figure->font = NULL;
}

/* --- text --- */

static void sq_figure_write(sq_figure *figure, double x, double y, double size,
                            double anchor, double width, bool upwards, sq_colour colour,
                            const char *text)
{
    char fitted[1024];
    if (text == NULL)
        return;
    sq_font_fit(figure->font, text, size, width == 0 ? 1e9 : width, fitted,
                (seqnn_size)sizeof fitted);
    sq_font_draw(figure->font, &figure->canvas, x, y, size, anchor, upwards, fitted);
    sq_canvas_paint(&figure->canvas, colour, 1);
}

void sq_figure_text(sq_figure *figure, double x, double y, double size, double anchor,
                    double width, sq_colour colour, const char *text)
{
    sq_figure_write(figure, x, y, size, anchor, width, false, colour, text);
}

void sq_figure_text_up(sq_figure *figure, double x, double y, double size, double anchor,
                       double width, sq_colour colour, const char *text)
{
    sq_figure_write(figure, x, y, size, anchor, width, true, colour, text);
}

void sq_figure_title(sq_figure *figure, double left, double right, const char *title)
{
    double middle = (left + right) / 2, widest = figure->width - 2 * SQ_MARGIN, half;
    if (title == NULL)
        return;
    half = fmin(sq_font_width(figure->font, title, SQ_TITLE_SIZE), widest) / 2;
    middle = fmax(middle, SQ_MARGIN + half);
    middle = fmin(middle, figure->width - SQ_MARGIN - half);
    sq_figure_text(figure, middle, SQ_MARGIN + SQ_TITLE_SIZE * SQ_FONT_CAPITALS,
                   SQ_TITLE_SIZE, 0.5, widest, SQ_INK, title);
}

double sq_figure_title_height(const char *title)
{
    return title == NULL ? SQ_MARGIN : SQ_MARGIN + SQ_TITLE_SIZE + 10;
}

/* mantissa and 10 to the power of a small raised number; its width if x is NaN. */
static double sq_figure_power(sq_figure *figure, double x, double y, double anchor,
                              const char *mantissa, const char *power)
{
    double size = SQ_TICK_SIZE, small = size * SQ_RAISED;
    double left = sq_font_width(figure->font, mantissa, size) + 0.5;
    double width = left + sq_font_width(figure->font, power, small);
    sq_figure_text(figure, x - anchor * width, y, size, 0, 0, SQ_INK, mantissa);
    sq_figure_text(figure, x - anchor * width + left, y - 0.42 * size, small, 0, 0,
                   SQ_INK, power);
    return width;
}

/* --- the frame --- */

double sq_axes_x(const sq_axes *axes, double value)
{
    return axes->left + sq_axis_share(&axes->x, value) * (axes->right - axes->left);
}

double sq_axes_y(const sq_axes *axes, double value)
{
    return axes->bottom - sq_axis_share(&axes->y, value) * (axes->bottom - axes->top);
}

double sq_axes_left_space(const sq_figure *figure, const sq_axis *y)
{
    double widest = 0;
    for (int i = 0; i < y->ticks; i++) {
        double width = sq_font_width(figure->font, y->text[i],
                                     y->log ? SQ_TICK_SIZE * SQ_RAISED : SQ_TICK_SIZE);
        if (y->log)
            width += sq_font_width(figure->font, "10", SQ_TICK_SIZE) + 0.5;
        widest = fmax(widest, width);
    }
    return ceil(SQ_MARGIN + (y->label != NULL ? SQ_LABEL_SIZE + SQ_LABEL_GAP : 0) +
                widest + SQ_TICK_GAP);
}

double sq_axes_bottom_space(const sq_axis *x)
{
    return ceil(SQ_MARGIN + (x->label != NULL ? SQ_LABEL_SIZE + SQ_LABEL_GAP : 0) +
                SQ_TICK_SIZE + SQ_TICK_GAP);
}

double sq_axes_top_space(const sq_axis *y)
{
    return y->power != 0 ? ceil(SQ_TICK_SIZE + 6) : 0;
}

/* Faint lines at 2, 3, ... 9 times each decade, where there is room for them. */
static void sq_axes_minor_grid(sq_figure *figure, const sq_axes *axes)
{
    double decade = (axes->bottom - axes->top) / (axes->y.high - axes->y.low);
    if (!axes->y.log || decade < 60)
        return;
    for (double power = floor(axes->y.low); power < axes->y.high; power++) {
        for (int digit = 2; digit <= 9; digit++) {
            double at = power + log10(digit);
            double y = axes->bottom - (at - axes->y.low) * decade;
            if (at > axes->y.low && at < axes->y.high)
                sq_canvas_hairline(&figure->canvas, axes->left, y, axes->right, y, 0.6);
        }
    }
    sq_canvas_paint(&figure->canvas, 0xF1F1F1u, 1);
}

void sq_axes_power(sq_figure *figure, double x, double y, double anchor, int power)
{
    char text[SQ_NUMBER];
    if (power == 0)
        return;
    sq_number_text(text, 'f', 0, power);
    sq_figure_power(figure, x, y, anchor,
                    "\xC3\x97"
                    "10",
                    text);
}

void sq_axes_draw(sq_figure *figure, const sq_axes *axes, bool x_texts)
{
    sq_canvas *canvas = &figure->canvas;
    const sq_axis *x = &axes->x, *y = &axes->y;
    double width = axes->right - axes->left, height = axes->bottom - axes->top;
    double at[SQ_TICKS],
        base = axes->bottom + SQ_TICK_GAP + 2 + SQ_TICK_SIZE * SQ_FONT_CAPITALS;
    sq_axes_minor_grid(figure, axes);
    for (int i = 0; i < x->ticks; i++) {
        at[i] = axes->left + width * (x->tick[i] - x->low) / (x->high - x->low);
        sq_canvas_hairline(canvas, at[i], axes->top, at[i], axes->bottom, 0.6);
    }
    for (int i = 0; i < y->ticks; i++) {
        double v = axes->bottom - height * (y->tick[i] - y->low) / (y->high - y->low);
        sq_canvas_hairline(canvas, axes->left, v, axes->right, v, 0.6);
    }
    sq_canvas_paint(canvas, SQ_GRID, 1);

    for (int i = 0; i < x->ticks; i++)
        sq_canvas_hairline(canvas, at[i], axes->bottom, at[i],
                           axes->bottom + SQ_TICK_LENGTH, 0.8);
    for (int i = 0; i < y->ticks; i++) {
        double v = axes->bottom - height * (y->tick[i] - y->low) / (y->high - y->low);
        sq_canvas_hairline(canvas, axes->left - SQ_TICK_LENGTH, v, axes->left, v, 0.8);
    }
    sq_canvas_hairline(canvas, axes->left, axes->top, axes->left, axes->bottom, 0.8);
    sq_canvas_hairline(canvas, axes->left, axes->bottom, axes->right, axes->bottom, 0.8);
    sq_canvas_paint(canvas, SQ_INK, 1);

    for (int i = 0; x_texts && i < x->ticks; i++)
        sq_figure_text(figure, at[i], base, SQ_TICK_SIZE, 0.5, 0, SQ_INK, x->text[i]);
    for (int i = 0; i < y->ticks; i++) {
        double v = axes->bottom - height * (y->tick[i] - y->low) / (y->high - y->low) +
                   SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2;
        if (y->log)
            sq_figure_power(figure, axes->left - SQ_TICK_GAP, v + 1, 1, "10", y->text[i]);
        else
            sq_figure_text(figure, axes->left - SQ_TICK_GAP, v, SQ_TICK_SIZE, 1, 0,
                           SQ_INK, y->text[i]);
    }
    sq_axes_power(figure, axes->left, axes->top - 8, 0, y->power);
    if (x_texts) {
        sq_axes_power(figure, axes->right, base + SQ_TICK_SIZE + 4, 1, x->power);
        sq_figure_text(figure, (axes->left + axes->right) / 2,
                       figure->height - SQ_MARGIN - SQ_LABEL_SIZE * SQ_FONT_BELOW,
                       SQ_LABEL_SIZE, 0.5, width, SQ_INK, x->label);
    }
    sq_figure_text_up(figure, SQ_MARGIN + SQ_LABEL_SIZE * SQ_FONT_CAPITALS,
                      (axes->top + axes->bottom) / 2, SQ_LABEL_SIZE, 0.5, height, SQ_INK,
                      y->label);
}

#endif
