/* plot/frame.c - grid, frame, numbers, names, labels and colour bar of a pair of axes */
#include "layout.h"

#ifdef SEQNN_PLOT

#define SQ_FRAME_SMALLEST 8.0   /* size of a name */
#define SQ_FRAME_TICK 4.0       /* length of a tick */
#define SQ_FRAME_GAP 7.0        /* from the frame to the numbers */
#define SQ_FRAME_LABEL_GAP 10.0 /* from there to the label */
#define SQ_FRAME_BAR 16.0       /* width of the colour bar */
#define SQ_FRAME_BAR_GAP 18.0
#define SQ_FRAME_BAR_SPACING 50.0

static const sq_text sq_frame_number = {SQ_TICK_SIZE, 0, 0, SQ_INK, false, false};
static const sq_text sq_frame_label = {SQ_LABEL_SIZE, 0.5, 0, SQ_INK, true, false};

/* --- names --- */

static const char *sq_frame_name(sq_axis_names names, seqnn_size i,
                                 char number[SQ_NUMBER])
{
    if (names.names != NULL)
        return names.names[i];
    sq_number_text(number, 'f', 0, (double)i);
    return number;
}

double sq_frame_widest(const sq_picture *picture, sq_axis_names names, seqnn_size stride)
{
    char number[SQ_NUMBER];
    double widest = 0;
    seqnn_size first = names.names == NULL ? sq_max(names.count - 1, 0) : 0;
    for (seqnn_size i = first; i < names.count; i += stride)
        widest = fmax(widest, sq_picture_width(picture, sq_frame_name(names, i, number),
                                               sq_frame_number));
    return widest;
}

/* Every how many names one is written, when a name takes `size` and its place `place`. */
static seqnn_size sq_frame_stride(double size, double place)
{
    static const seqnn_size steps[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
    for (seqnn_size i = 0; i < SQ_COUNT(steps); i++)
        if ((double)steps[i] * place >= size)
            return steps[i];
    return 5000;
}

/* The same of names beside the rows, and of upright ones. */
/* Names are rather small than left out; numbers can be counted on. */
static double sq_frame_name_size(sq_axis_names names, double length)
{
    double room = length / (double)names.count / 1.15;
    return names.names == NULL ? SQ_TICK_SIZE
                               : fmin(SQ_TICK_SIZE, fmax(SQ_FRAME_SMALLEST, room));
}

static seqnn_size sq_frame_row_stride(sq_axis_names names, double height)
{
    return sq_frame_stride(sq_frame_name_size(names, height) *
                               (names.names != NULL ? 1.15 : 1.7),
                           height / (double)names.count + 1e-9);
}

static seqnn_size sq_frame_upright_stride(sq_axis_names names, double width)
{
    return sq_frame_stride(sq_frame_name_size(names, width) * 1.15,
                           width / (double)names.count + 1e-9);
}

/* --- what the texts need --- */

static double sq_frame_number_width(const sq_picture *picture, const sq_axis *axis, int i)
{
    return axis->powers ? sq_picture_power_width(picture, "10", axis->text[i])
                        : sq_picture_width(picture, axis->text[i], sq_frame_number);
}

static double sq_frame_numbers_widest(const sq_picture *picture, const sq_axis *axis)
{
    double widest = 0;
    for (int i = 0; i < axis->ticks; i++)
        widest = fmax(widest, sq_frame_number_width(picture, axis, i));
    return widest;
}

static sq_axis sq_frame_bar_axis(const sq_colour_bar *bar, double length)
{
    sq_axis values;
    memset(&values, 0, sizeof values);
    values.log = bar->log;
    sq_axis_fit(&values, bar->low, bar->high, bar->low, bar->high, length,
                fmin(SQ_FRAME_BAR_SPACING, fmax(24, length / 3.5)));
    for (double close = 12; values.ticks < 2 && !values.log && close > 1; close /= 2)
        sq_axis_fit(&values, bar->low, bar->high, bar->low, bar->high, length, close);
    return values;
}

void sq_frame_measure(seqnn_axes *axes, const sq_picture *picture, double width,
                      double height)
{
    const seqnn_axes_options *o = &axes->options;
    sq_places *p = &axes->places;
    const double label = SQ_LABEL_SIZE + SQ_FRAME_LABEL_GAP;
    bool alone = axes->figure->options.title == NULL &&
                 axes->figure->options.rows * axes->figure->options.columns == 1;
    double title = alone ? SQ_TITLE_SIZE : SQ_HEADING_SIZE;
    p->heading = o->title != NULL ? title + 10 : 0;
    p->power = axes->y.power != 0 && axes->y_names.count == 0 ? SQ_TICK_SIZE + 6 : 0;
    p->left = p->right = p->bottom = p->names = p->x_room = p->y_room = 0;
    if (axes->bare)
        return;

    p->y_room = axes->y_names.count > 0
                    ? fmin(sq_frame_widest(picture, axes->y_names,
                                           sq_frame_row_stride(axes->y_names, height)),
                           fmin(0.28, 0.45 / (double)axes->figure->options.columns) *
                               picture->width)
                    : sq_frame_numbers_widest(picture, &axes->y);
    p->left = p->y_room + SQ_FRAME_GAP + (o->y_label != NULL ? label : 0);

    p->x_room = SQ_TICK_SIZE;
    p->upright = false;
    if (axes->x_names.names != NULL) {
        double widest = sq_frame_widest(picture, axes->x_names, 1);
        /* Names that do not fit side by side stand upright. */
        if (widest + 8 > width / (double)axes->x_names.count) {
            p->upright = true;
            p->x_room =
                fmin(sq_frame_widest(picture, axes->x_names,
                                     sq_frame_upright_stride(axes->x_names, width)),
                     0.25 * fmin(picture->width, picture->height));
        }
    }
    if (!o->no_x_numbers)
        p->bottom = p->x_room + SQ_FRAME_GAP + (o->x_label != NULL ? label : 0) +
                    (axes->x.power != 0 && o->x_label == NULL ? SQ_TICK_SIZE + 6 : 0);
    if (axes->names_on_top) {
        p->names = p->bottom;
        p->bottom = 0;
    }

    /* Half of the last number reaches beyond the frame. */
    p->right = axes->table ? 0 : 10;
    if (axes->bar.shown) {
        sq_axis values = sq_frame_bar_axis(&axes->bar, height);
        p->right = SQ_FRAME_BAR_GAP + SQ_FRAME_BAR + SQ_FRAME_GAP +
                   sq_frame_numbers_widest(picture, &values) +
                   (axes->bar.label != NULL ? label : 0);
        if (values.power != 0)
            p->power = SQ_TICK_SIZE + 6;
    }
}

/* --- drawing --- */

static double sq_frame_x(const seqnn_axes *axes, int tick)
{
    return axes->left + sq_axis_tick_share(&axes->x, tick) * (axes->right - axes->left);
}

static double sq_frame_y(const seqnn_axes *axes, int tick)
{
    return axes->bottom - sq_axis_tick_share(&axes->y, tick) * (axes->bottom - axes->top);
}

/* Faint lines at 2, 3, ... 9 times each decade, where there is room for them. */
static void sq_frame_minor_grid(const seqnn_axes *axes, const sq_axis *axis, bool across,
                                sq_canvas *canvas)
{
    double length = across ? axes->bottom - axes->top : axes->right - axes->left;
    if (!axis->log || length / (axis->high - axis->low) < 60)
        return;
    for (double power = floor(axis->low); power < axis->high; power++) {
        for (int digit = 2; digit <= 9; digit++) {
            double value = pow(10, power + log10(digit));
            double share = sq_axis_share(axis, value);
            double at =
                across ? axes->bottom - share * length : axes->left + share * length;
            if (!(share > 0 && share < 1))
                continue;
            if (across)
                sq_canvas_hairline(canvas, axes->left, at, axes->right, at, 0.6);
            else
                sq_canvas_hairline(canvas, at, axes->top, at, axes->bottom, 0.6);
        }
    }
    sq_canvas_paint(canvas, 0xF1F1F1u, 1);
}

void sq_frame_draw_grid(const seqnn_axes *axes, sq_picture *picture)
{
    sq_canvas *canvas = &picture->canvas;
    if (axes->options.no_grid || axes->bare || axes->table)
        return;
    sq_frame_minor_grid(axes, &axes->x, false, canvas);
    sq_frame_minor_grid(axes, &axes->y, true, canvas);
    for (int i = 0; i < axes->x.ticks; i++)
        sq_canvas_hairline(canvas, sq_frame_x(axes, i), axes->top, sq_frame_x(axes, i),
                           axes->bottom, 0.6);
    for (int i = 0; i < axes->y.ticks; i++)
        sq_canvas_hairline(canvas, axes->left, sq_frame_y(axes, i), axes->right,
                           sq_frame_y(axes, i), 0.6);
    sq_canvas_paint(canvas, SQ_GRID, 1);
}

static void sq_frame_lines(const seqnn_axes *axes, sq_canvas *canvas)
{
    for (int i = 0; i < axes->x.ticks; i++)
        sq_canvas_hairline(canvas, sq_frame_x(axes, i), axes->bottom, sq_frame_x(axes, i),
                           axes->bottom + SQ_FRAME_TICK, 0.8);
    for (int i = 0; i < axes->y.ticks; i++)
        sq_canvas_hairline(canvas, axes->left - SQ_FRAME_TICK, sq_frame_y(axes, i),
                           axes->left, sq_frame_y(axes, i), 0.8);
    sq_canvas_hairline(canvas, axes->left, axes->top, axes->left, axes->bottom, 0.8);
    sq_canvas_hairline(canvas, axes->left, axes->bottom, axes->right, axes->bottom, 0.8);
    sq_canvas_paint(canvas, SQ_INK, 1);
}

/* What all numbers of an axis have in common: x 10^power. */
static void sq_frame_power(sq_picture *picture, double x, double y, double anchor,
                           int power)
{
    char text[SQ_NUMBER];
    if (power == 0)
        return;
    sq_number_text(text, 'f', 0, power);
    sq_picture_power(picture, x, y, anchor,
                     "\xC3\x97"
                     "10",
                     text);
}

static void sq_frame_numbers(const seqnn_axes *axes, sq_picture *picture)
{
    const double capital = SQ_TICK_SIZE * SQ_FONT_CAPITALS;
    const double base = axes->bottom + SQ_FRAME_GAP + 2 + capital;
    const sq_axis *x = &axes->x, *y = &axes->y;
    sq_text below = sq_frame_number, beside = sq_frame_number;
    below.anchor = 0.5;
    beside.anchor = 1;
    for (int i = 0; !axes->options.no_x_numbers && i < x->ticks; i++) {
        if (x->powers)
            sq_picture_power(picture, sq_frame_x(axes, i), base + 3, 0.5, "10",
                             x->text[i]);
        else
            sq_picture_text(picture, sq_frame_x(axes, i), base, x->text[i], below);
    }
    for (int i = 0; i < y->ticks; i++) {
        double middle = sq_frame_y(axes, i);
        if (y->powers)
            sq_picture_power(picture, axes->left - SQ_FRAME_GAP, middle + capital / 2 + 1,
                             1, "10", y->text[i]);
        else
            sq_picture_text_middle(picture, axes->left - SQ_FRAME_GAP, middle, y->text[i],
                                   beside);
    }
    sq_frame_power(picture, axes->left, axes->top - axes->places.legend - 8, 0, y->power);
    if (!axes->options.no_x_numbers)
        sq_frame_power(picture, axes->right, base + SQ_TICK_SIZE + 6, 1, x->power);
}

/* Names beside the rows, and below or above the columns. */
static void sq_frame_names(const seqnn_axes *axes, sq_picture *picture)
{
    const sq_places *p = &axes->places;
    const double capital = SQ_TICK_SIZE * SQ_FONT_CAPITALS;
    const sq_axis_names *x = &axes->x_names, *y = &axes->y_names;
    char number[SQ_NUMBER];
    seqnn_size stride;
    double width = axes->right - axes->left, upright = axes->bottom + SQ_FRAME_GAP;
    double level = upright + 2 + capital;
    if (axes->names_on_top) {
        upright = axes->top - SQ_FRAME_GAP;
        level = upright - 2;
    }
    if (y->count > 0) {
        sq_text how = sq_frame_number;
        how.anchor = 1;
        how.width = p->y_room;
        how.size = sq_frame_name_size(*y, axes->bottom - axes->top);
        stride = sq_frame_row_stride(*y, axes->bottom - axes->top);
        for (seqnn_size i = 0; i < y->count; i += stride)
            sq_picture_text_middle(picture, axes->left - SQ_FRAME_GAP,
                                   sq_axes_y(axes, (double)i),
                                   sq_frame_name(*y, i, number), how);
    }
    if (x->count > 0 && !axes->options.no_x_numbers) {
        sq_text how = sq_frame_number;
        how.upwards = p->upright;
        how.anchor = !p->upright ? 0.5 : axes->names_on_top ? 0 : 1;
        how.width = p->upright ? p->x_room : 0;
        if (p->upright)
            how.size = sq_frame_name_size(*x, width);
        stride = p->upright ? sq_frame_upright_stride(*x, width)
                            : sq_frame_stride(sq_frame_widest(picture, *x, 1) + 8,
                                              width / (double)x->count);
        for (seqnn_size i = 0; i < x->count; i += stride) {
            double middle = sq_axes_x(axes, (double)i);
            const char *name = sq_frame_name(*x, i, number);
            if (p->upright)
                sq_picture_text_middle(picture, middle, upright, name, how);
            else
                sq_picture_text(picture, middle, level, name, how);
        }
    }
}

static void sq_frame_colour_bar(const seqnn_axes *axes, sq_picture *picture)
{
    const sq_colour_bar *bar = &axes->bar;
    const double height = axes->bottom - axes->top, scale = picture->canvas.scale;
    const double left = axes->right + SQ_FRAME_BAR_GAP, right = left + SQ_FRAME_BAR;
    const sq_axis values = sq_frame_bar_axis(bar, height);
    const int pixels = (int)(height * scale + 0.5);
    sq_canvas *canvas = &picture->canvas;
    for (int i = 0; i < pixels; i++) {
        double y = axes->top + i / scale;
        sq_canvas_rectangle(canvas, left, y, right, y + 1 / scale);
        sq_canvas_paint(canvas, sq_colour_of_map(bar->map, 1 - (i + 0.5) / pixels), 1);
    }
    if (sq_map_is_pale(bar->map)) {
        sq_canvas_outline(canvas, left, axes->top, right, axes->bottom, 0.6);
        sq_canvas_paint(canvas, SQ_OUTLINE, 1);
    }
    for (int i = 0; i < values.ticks; i++) {
        double y = axes->bottom - height * sq_axis_tick_share(&values, i);
        sq_canvas_hairline(canvas, right, y, right + 3, y, 0.8);
        sq_canvas_paint(canvas, SQ_INK, 1);
        if (values.powers)
            sq_picture_power(picture, right + SQ_FRAME_GAP,
                             y + SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2 + 1, 0, "10",
                             values.text[i]);
        else
            sq_picture_text_middle(picture, right + SQ_FRAME_GAP, y, values.text[i],
                                   sq_frame_number);
    }
    sq_frame_power(picture, left, axes->top - 8, 0, values.power);
    if (bar->label != NULL) {
        sq_text how = sq_frame_label;
        how.upwards = true;
        how.width = height;
        sq_picture_text(picture, axes->right + axes->places.right - 4,
                        axes->top + height / 2, bar->label, how);
    }
}

/* A text above or below the middle of the frame, within the place that the axes have but
 * for what is `kept` of it on the right. */
static void sq_frame_centred(const seqnn_axes *axes, sq_picture *picture, double y,
                             double kept, const char *text, sq_text how)
{
    const sq_places *p = &axes->places;
    const double left = axes->left - p->left - p->spare;
    const double right = axes->right + p->right + p->spare - kept;
    double half, middle;
    how.width = right - left;
    how = sq_picture_shrunk(picture, text, how);
    half = sq_picture_width(picture, text, how) / 2;
    middle = fmax((axes->left + axes->right) / 2, left + half);
    middle = fmin(middle, right - half);
    sq_picture_text(picture, middle, y, text, how);
}

/* Where the numbers' power of ten stands beside the label below, that keeps away. */
static double sq_frame_power_room(const seqnn_axes *axes, const sq_picture *picture)
{
    char text[SQ_NUMBER];
    if (axes->x.power == 0 || axes->x_names.count > 0)
        return 0;
    sq_number_text(text, 'f', 0, axes->x.power);
    return axes->places.right + axes->places.spare +
           sq_picture_power_width(picture,
                                  "\xC3\x97"
                                  "10",
                                  text) +
           8;
}

static void sq_frame_labels(const seqnn_axes *axes, sq_picture *picture)
{
    const seqnn_axes_options *o = &axes->options;
    const sq_places *p = &axes->places;
    sq_text how = sq_frame_label;
    double base = axes->bottom + p->bottom - SQ_LABEL_SIZE * SQ_FONT_BELOW;
    if (axes->names_on_top)
        base = axes->top - p->names + SQ_LABEL_SIZE * SQ_FONT_CAPITALS;
    /* At the outer edge of their space: labels of axes in a column stand in line. */
    if (!o->no_x_numbers && !axes->bare)
        sq_frame_centred(axes, picture, base, sq_frame_power_room(axes, picture),
                         o->x_label, how);
    how.width = axes->bottom - axes->top;
    how.upwards = true;
    how = sq_picture_shrunk(picture, o->y_label, how);
    if (!axes->bare)
        sq_picture_text(picture, axes->left - p->left + SQ_LABEL_SIZE * SQ_FONT_CAPITALS,
                        (axes->top + axes->bottom) / 2, o->y_label, how);
}

static void sq_frame_heading(const seqnn_axes *axes, sq_picture *picture)
{
    const sq_places *p = &axes->places;
    sq_text how = sq_frame_label;
    how.size = p->heading - 10;
    sq_frame_centred(axes, picture, axes->top - p->names - p->legend - p->power - 10, 0,
                     axes->options.title, how);
}

void sq_frame_draw(const seqnn_axes *axes, sq_picture *picture)
{
    if (!axes->bare) {
        if (!axes->table)
            sq_frame_lines(axes, &picture->canvas);
        sq_frame_numbers(axes, picture);
        sq_frame_names(axes, picture);
        if (axes->bar.shown)
            sq_frame_colour_bar(axes, picture);
    }
    sq_frame_labels(axes, picture);
    sq_frame_heading(axes, picture);
}

#endif
