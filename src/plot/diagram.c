/* plot/diagram.c - boxes and arrows */
#include "diagram.h"

#ifdef SEQNN_PLOT

#include "marks.h"

#define SQ_BOX_SIDE 0.6
#define SQ_BOX_FRAME 1.4
#define SQ_BOX_PALE 0.16 /* how much of the colour is inside */
#define SQ_ARROW_HEAD 9.0
#define SQ_ARROW_GAP 2.0 /* between an arrow and a box */

typedef struct sq_diagram_box {
    sq_mark mark;
    double x, y, width, height; /* of its middle; on the axes */
    const char *text;
    sq_colour colour;
    bool frame;
} sq_diagram_box;

typedef struct sq_diagram_arrow {
    sq_mark mark;
    double x[2], y[2]; /* from, to */
    seqnn_line line;
    sq_colour colour;
    bool head;
    double width;
} sq_diagram_arrow;

/* --- boxes --- */

static void sq_box_range(const sq_mark *mark, const seqnn_axes *axes, sq_range *range)
{
    const sq_diagram_box *box = (const sq_diagram_box *)mark;
    sq_range_point(range, axes, box->x - box->width / 2, box->y - box->height / 2);
    sq_range_point(range, axes, box->x + box->width / 2, box->y + box->height / 2);
}

/* Left, top, right, bottom in the picture. */
static void sq_box_edges(const sq_diagram_box *box, const seqnn_axes *axes,
                         double edges[4])
{
    edges[0] = sq_axes_x(axes, box->x - box->width / 2);
    edges[1] = sq_axes_y(axes, box->y + box->height / 2);
    edges[2] = sq_axes_x(axes, box->x + box->width / 2);
    edges[3] = sq_axes_y(axes, box->y - box->height / 2);
}

static void sq_box_draw(const sq_mark *mark, const seqnn_axes *axes, sq_picture *picture,
                        sq_layer layer)
{
    const sq_diagram_box *box = (const sq_diagram_box *)mark;
    sq_canvas *canvas = &picture->canvas;
    double at[4];
    sq_box_edges(box, axes, at);
    if (layer == SQ_LAYER_FILL && box->frame) {
        sq_canvas_clip(canvas, axes->left, axes->top, axes->right, axes->bottom);
        sq_canvas_rectangle(canvas, at[0], at[1], at[2], at[3]);
        sq_canvas_paint(canvas, box->colour, SQ_BOX_PALE);
        sq_canvas_outline(canvas, at[0], at[1], at[2], at[3], SQ_BOX_FRAME);
        sq_canvas_paint(canvas, box->colour, 1);
    }
    if (layer == SQ_LAYER_TEXT && box->text != NULL) {
        sq_text how = {SQ_LABEL_SIZE, 0.5, 0, SQ_INK, true, false};
        how.width = at[2] - at[0] - 4;
        how = sq_picture_shrunk(picture, box->text, how);
        sq_picture_text_middle(picture, (at[0] + at[2]) / 2, (at[1] + at[3]) / 2,
                               box->text, how);
    }
}

static bool sq_box_covers(const sq_mark *mark, const seqnn_axes *axes,
                          const double place[4])
{
    double at[4];
    sq_box_edges((const sq_diagram_box *)mark, axes, at);
    return at[0] < place[2] && at[2] > place[0] && at[1] < place[3] && at[3] > place[1];
}

static const sq_mark_kind sq_box_kind = {sq_box_range, sq_box_draw, sq_box_covers, NULL};

SEQNN_API seqnn_status seqnn_axes_box(seqnn_axes *axes, seqnn_real x, seqnn_real y,
                                      const char *text, seqnn_box_options options)
{
    sq_diagram_box *box;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    if (!(fabs((double)x) < 1e300) || !(fabs((double)y) < 1e300) ||
        !(options.width >= 0 && (double)options.width < 1e300) ||
        !(options.height >= 0 && (double)options.height < 1e300))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "a box at (%g, %g), %g wide and %g high, expected finite "
                            "numbers, the sizes 0 or more",
                            (double)x, (double)y, (double)options.width,
                            (double)options.height);
    if (axes->options.log_x || axes->options.log_y)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT, "a box on a log axis");
    box = (sq_diagram_box *)sq_axes_add(axes, &sq_box_kind, (seqnn_size)sizeof *box);
    if (box == NULL)
        return sq_axes_status(axes);
    box->x = (double)x;
    box->y = (double)y;
    box->width = options.width > 0 ? (double)options.width : SQ_BOX_SIDE;
    box->height = options.height > 0 ? (double)options.height : SQ_BOX_SIDE;
    box->colour = options.colour != 0 ? options.colour : SQ_FAINT;
    box->frame = !options.no_frame;
    box->text = sq_axes_keep_text(axes, text);
    return sq_axes_status(axes);
}

/* --- arrows --- */

static void sq_arrow_range(const sq_mark *mark, const seqnn_axes *axes, sq_range *range)
{
    const sq_diagram_arrow *arrow = (const sq_diagram_arrow *)mark;
    for (int i = 0; i < 2; i++)
        sq_range_point(range, axes, arrow->x[i], arrow->y[i]);
}

/* What part of the way from (x, y) by (dx, dy) lies within the boxes around (x, y). */
static double sq_arrow_hidden(const seqnn_axes *axes, double x, double y, double dx,
                              double dy)
{
    double hidden = 0;
    for (const sq_mark *mark = axes->marks; mark != NULL; mark = mark->next) {
        double at[4], leave;
        if (mark->kind != &sq_box_kind)
            continue;
        sq_box_edges((const sq_diagram_box *)mark, axes, at);
        if (!(x > at[0] && x < at[2] && y > at[1] && y < at[3]))
            continue;
        leave = fmin(dx != 0 ? ((dx > 0 ? at[2] : at[0]) - x) / dx : INFINITY,
                     dy != 0 ? ((dy > 0 ? at[3] : at[1]) - y) / dy : INFINITY);
        hidden = fmax(hidden, leave + SQ_ARROW_GAP / sqrt(dx * dx + dy * dy));
    }
    return hidden;
}

/* The two ends as they are drawn. False: the boxes hide it. */
static bool sq_arrow_ends(const sq_diagram_arrow *arrow, const seqnn_axes *axes,
                          double ends[4])
{
    const double x = sq_axes_x(axes, arrow->x[0]), y = sq_axes_y(axes, arrow->y[0]);
    const double dx = sq_axes_x(axes, arrow->x[1]) - x;
    const double dy = sq_axes_y(axes, arrow->y[1]) - y;
    double first, last;
    if (dx == 0 && dy == 0)
        return false;
    first = sq_arrow_hidden(axes, x, y, dx, dy);
    last = 1 - sq_arrow_hidden(axes, x + dx, y + dy, -dx, -dy);
    ends[0] = x + first * dx;
    ends[1] = y + first * dy;
    ends[2] = x + last * dx;
    ends[3] = y + last * dy;
    return first < last;
}

static void sq_arrow_draw(const sq_mark *mark, const seqnn_axes *axes,
                          sq_picture *picture, sq_layer layer)
{
    const sq_diagram_arrow *arrow = (const sq_diagram_arrow *)mark;
    double ends[4], dx, dy, length, head, travelled = 0;
    if (layer != SQ_LAYER_LINE || !sq_arrow_ends(arrow, axes, ends))
        return;
    dx = ends[2] - ends[0];
    dy = ends[3] - ends[1];
    length = sqrt(dx * dx + dy * dy);
    dx /= length;
    dy /= length;
    head = arrow->head ? fmin(SQ_ARROW_HEAD, length) : 0;
    sq_canvas_clip(&picture->canvas, axes->left, axes->top, axes->right, axes->bottom);
    sq_pen_line(&picture->canvas, arrow->line, &travelled, ends[0], ends[1],
                ends[2] - 0.8 * head * dx, ends[3] - 0.8 * head * dy, arrow->width);
    if (arrow->head) {
        double corners[3][2] = {{ends[2], ends[3]}, {0, 0}, {0, 0}};
        for (int i = 1; i < 3; i++) {
            const double side = (i == 1 ? 0.42 : -0.42) * head;
            corners[i][0] = ends[2] - head * dx - side * dy;
            corners[i][1] = ends[3] - head * dy + side * dx;
        }
        sq_canvas_polygon(&picture->canvas, corners, 3);
    }
    sq_canvas_paint(&picture->canvas, arrow->colour, 1);
}

static bool sq_arrow_covers(const sq_mark *mark, const seqnn_axes *axes,
                            const double place[4])
{
    double ends[4];
    if (!sq_arrow_ends((const sq_diagram_arrow *)mark, axes, ends))
        return false;
    for (int i = 0; i <= 32; i++) {
        const double x = ends[0] + (ends[2] - ends[0]) * i / 32;
        const double y = ends[1] + (ends[3] - ends[1]) * i / 32;
        if (x > place[0] && x < place[2] && y > place[1] && y < place[3])
            return true;
    }
    return false;
}

SEQNN_API seqnn_status seqnn_axes_arrow(seqnn_axes *axes, seqnn_real x_from,
                                        seqnn_real y_from, seqnn_real x_to,
                                        seqnn_real y_to, seqnn_arrow_options options)
{
    static const sq_mark_kind kind = {sq_arrow_range, sq_arrow_draw, sq_arrow_covers,
                                      NULL};
    sq_diagram_arrow *arrow;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    if (!(fabs((double)x_from) < 1e300) || !(fabs((double)y_from) < 1e300) ||
        !(fabs((double)x_to) < 1e300) || !(fabs((double)y_to) < 1e300) ||
        !(options.width >= 0 && (double)options.width < 1e3) || (int)options.line < 0 ||
        options.line >= SEQNN_LINE_NONE)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "an arrow from (%g, %g) to (%g, %g), line %d, %g wide, "
                            "expected finite numbers, a line that is seen and a width of "
                            "0 or more",
                            (double)x_from, (double)y_from, (double)x_to, (double)y_to,
                            (int)options.line, (double)options.width);
    if (axes->options.log_x || axes->options.log_y)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT, "an arrow on a log axis");
    arrow = (sq_diagram_arrow *)sq_axes_add(axes, &kind, (seqnn_size)sizeof *arrow);
    if (arrow == NULL)
        return sq_axes_status(axes);
    arrow->x[0] = (double)x_from;
    arrow->x[1] = (double)x_to;
    arrow->y[0] = (double)y_from;
    arrow->y[1] = (double)y_to;
    arrow->line = options.line;
    arrow->colour = options.colour != 0 ? options.colour : SQ_FAINT;
    arrow->head = !options.no_head;
    arrow->width = options.width > 0 ? (double)options.width : SQ_BOX_FRAME;
    return sq_axes_status(axes);
}

#endif
