/* plot/notes.c - what is said about the data: reference lines and annotations */
#include "figure.h"

#ifdef SEQNN_PLOT

#include "layout.h"

#define SQ_NOTE_REFERENCE 1.1 /* width of a reference line */
#define SQ_NOTE_ARROW 1.2
#define SQ_NOTE_RING                                                                     \
    36.0 /* from a point to its text, and from ring to ring around it                    \
          */

enum { SQ_NOTE_TURNS = 16, SQ_NOTE_RINGS = 12 };
/* So many times an annotation asks whether marks are below a place: a line of a million
 * points takes its time to answer. */
enum { SQ_NOTE_LOOKS = 100 };

/* A place for a text of this width: its left end and the middle of its height. */
typedef struct sq_note_place {
    double x, y;
} sq_note_place;

static void sq_note_box(sq_note_place place, double width, double size, double box[4])
{
    box[0] = place.x - 2;
    box[1] = place.y - 0.6 * size;
    box[2] = place.x + width + 2;
    box[3] = place.y + 0.6 * size;
}

static bool sq_note_free(const seqnn_axes *axes, sq_note_place place, double width,
                         double size)
{
    double box[4];
    sq_note_box(place, width, size, box);
    return !sq_axes_covered(axes, box);
}

/* Does the text lie inside the frame and on no other text? */
static bool sq_note_fits(const seqnn_axes *axes, const sq_picture *picture,
                         sq_note_place place, double width, double size)
{
    double box[4];
    sq_note_box(place, width, size, box);
    return box[0] >= axes->left && box[2] <= axes->right && box[1] >= axes->top &&
           box[3] <= axes->bottom &&
           !sq_picture_taken(picture, box[0], box[1], box[2], box[3]);
}

/* The first of the places where the text fits and, if there is one, lies on no mark; -1:
 * nowhere. */
static int sq_note_find(const seqnn_axes *axes, const sq_picture *picture,
                        const sq_note_place *places, int count, double width, double size)
{
    int found = -1;
    for (int i = 0; i < count; i++) {
        if (!sq_note_fits(axes, picture, places[i], width, size))
            continue;
        if (sq_note_free(axes, places[i], width, size))
            return i;
        found = found < 0 ? i : found;
    }
    return found;
}

/* Where a text must stand on the data, these are dimmed below it. */
static void sq_note_write(const seqnn_axes *axes, sq_picture *picture,
                          sq_note_place place, double width, const char *text,
                          sq_text how)
{
    double box[4];
    if (!sq_note_free(axes, place, width, how.size)) {
        sq_note_box(place, width, how.size, box);
        sq_canvas_rectangle(&picture->canvas, box[0], box[1], box[2], box[3]);
        sq_canvas_paint(&picture->canvas, 0xFFFFFFu, 0.75);
    }
    sq_picture_text_middle(picture, place.x, place.y, text, how);
}

/* --- reference lines --- */

typedef enum sq_reference_shape {
    SQ_REFERENCE_VERTICAL,
    SQ_REFERENCE_HORIZONTAL,
    SQ_REFERENCE_CIRCLE
} sq_reference_shape;

typedef struct sq_reference {
    sq_mark mark; /* its label stands beside it, not in the legend */
    sq_reference_shape shape;
    double at;
    const char *text;
    seqnn_line line;
    sq_colour colour;
} sq_reference;

static void sq_reference_range(const sq_mark *mark, const seqnn_axes *axes,
                               sq_range *range)
{
    const sq_reference *r = (const sq_reference *)mark;
    if (r->shape == SQ_REFERENCE_CIRCLE) {
        sq_range_point(range, axes, -1, -1);
        sq_range_point(range, axes, 1, 1);
        range->fractions = true;
    } else if (r->shape == SQ_REFERENCE_VERTICAL) {
        bool fractions = range->fractions;
        sq_range_point(range, axes, r->at, (double)NAN);
        range->fractions = fractions; /* 6.5 steps do not make the ticks fractions */
    } else {
        sq_range_point(range, axes, (double)NAN, r->at);
    }
}

/* Point i of so many around the unit circle. */
enum { SQ_REFERENCE_TURNS = 240 };

static void sq_reference_turn(const seqnn_axes *axes, int i, double *x, double *y)
{
    const double turn = 2 * SQ_PI * i / (int)SQ_REFERENCE_TURNS;
    *x = sq_axes_x(axes, cos(turn));
    *y = sq_axes_y(axes, sin(turn));
}

static void sq_reference_line(const sq_reference *r, const seqnn_axes *axes,
                              sq_picture *picture)
{
    const double scale = picture->canvas.scale;
    double travelled = 0, x = sq_axes_x(axes, r->at), y = sq_axes_y(axes, r->at);
    /* On the middle of pixels it is as sharp as the grid. */
    x = (floor(x * scale) + 0.5) / scale;
    y = (floor(y * scale) + 0.5) / scale;
    if (r->shape == SQ_REFERENCE_VERTICAL)
        sq_pen_line(&picture->canvas, r->line, &travelled, x, axes->top, x, axes->bottom,
                    SQ_NOTE_REFERENCE);
    else if (r->shape == SQ_REFERENCE_HORIZONTAL)
        sq_pen_line(&picture->canvas, r->line, &travelled, axes->left, y, axes->right, y,
                    SQ_NOTE_REFERENCE);
    else
        for (int i = 0; i < SQ_REFERENCE_TURNS; i++) {
            double to_x, to_y;
            sq_reference_turn(axes, i, &x, &y);
            sq_reference_turn(axes, i + 1, &to_x, &to_y);
            sq_pen_line(&picture->canvas, r->line, &travelled, x, y, to_x, to_y,
                        SQ_NOTE_REFERENCE);
        }
    sq_canvas_paint(&picture->canvas, r->colour, 1);
}

static bool sq_reference_covers(const sq_mark *mark, const seqnn_axes *axes,
                                const double box[4])
{
    const sq_reference *r = (const sq_reference *)mark;
    const double x = sq_axes_x(axes, r->at), y = sq_axes_y(axes, r->at);
    if (r->shape == SQ_REFERENCE_VERTICAL)
        return x > box[0] && x < box[2];
    if (r->shape == SQ_REFERENCE_HORIZONTAL)
        return y > box[1] && y < box[3];
    for (int i = 0; i < SQ_REFERENCE_TURNS; i++) {
        double at_x, at_y;
        sq_reference_turn(axes, i, &at_x, &at_y);
        if (at_x > box[0] && at_x < box[2] && at_y > box[1] && at_y < box[3])
            return true;
    }
    return false;
}

/* Beside the line at one of five heights, best at an end, on one side or the other. */
static void sq_reference_text(const sq_reference *r, const seqnn_axes *axes,
                              sq_picture *picture)
{
    static const double along[5] = {0, 1, 0.5, 0.25, 0.75};
    sq_text how = {SQ_TICK_SIZE, 0, 0, 0, true, false};
    const double x = sq_axes_x(axes, r->at), y = sq_axes_y(axes, r->at);
    const double beside = 7, height = SQ_TICK_SIZE;
    double width;
    sq_note_place places[10];
    int count = 10, found;
    how.colour = r->colour;
    how.width = 0.6 * (axes->right - axes->left);
    width = sq_picture_width(picture, r->text, how);
    for (int i = 0; i < 10; i++) {
        const bool other = i % 2 == 1;
        if (r->shape == SQ_REFERENCE_VERTICAL) {
            places[i].x = other ? x - beside - width : x + beside;
            places[i].y = axes->top + height +
                          along[i / 2] * (axes->bottom - axes->top - 2 * height);
        } else if (r->shape == SQ_REFERENCE_HORIZONTAL) {
            places[i].x = axes->right - beside - width -
                          along[i / 2] * (axes->right - axes->left - 2 * beside - width);
            places[i].y = other ? y + 0.9 * height : y - 0.8 * height;
        }
    }
    if (r->shape == SQ_REFERENCE_CIRCLE) { /* outside on the diagonals, or inside */
        for (int i = 0; i < 4; i++) {
            const bool left = i % 2 == 1, low = i >= 2;
            const double part = 0.70710678;
            places[i].x =
                sq_axes_x(axes, left ? -part : part) + (left ? -beside - width : beside);
            places[i].y = sq_axes_y(axes, low ? -part : part) + (low ? height : -height);
        }
        for (int i = 4; i < 6; i++) {
            places[i].x = sq_axes_x(axes, 0) - width / 2;
            places[i].y =
                sq_axes_y(axes, i == 4 ? 1 : -1) + (i == 4 ? 1.3 : -1.3) * height;
        }
        count = 6;
    }
    found = sq_note_find(axes, picture, places, count, width, SQ_TICK_SIZE);
    /* Rather no word than one across the points inside the circle. */
    if (found >= 0 && (r->shape != SQ_REFERENCE_CIRCLE ||
                       sq_note_free(axes, places[found], width, SQ_TICK_SIZE)))
        sq_note_write(axes, picture, places[found], width, r->text, how);
}

static void sq_reference_draw(const sq_mark *mark, const seqnn_axes *axes,
                              sq_picture *picture, sq_layer layer)
{
    const sq_reference *r = (const sq_reference *)mark;
    /* Outside narrow limits it is not seen. */
    const double share =
        r->shape == SQ_REFERENCE_VERTICAL     ? sq_axis_share(&axes->x, r->at)
        : r->shape == SQ_REFERENCE_HORIZONTAL ? sq_axis_share(&axes->y, r->at)
                                              : 0.5;
    if (!(share >= 0 && share <= 1))
        return;
    sq_canvas_clip(&picture->canvas, axes->left, axes->top, axes->right, axes->bottom);
    if (layer == SQ_LAYER_FILL) /* below the data */
        sq_reference_line(r, axes, picture);
    sq_canvas_unclip(&picture->canvas);
    if (layer == SQ_LAYER_NOTE && r->text != NULL)
        sq_reference_text(r, axes, picture);
}

static seqnn_status sq_reference_add(seqnn_axes *axes, sq_reference_shape shape,
                                     seqnn_real at, seqnn_reference_options options)
{
    static const sq_mark_kind kind = {sq_reference_range, sq_reference_draw,
                                      sq_reference_covers, NULL};
    const bool log = axes != NULL && (shape == SQ_REFERENCE_VERTICAL ? axes->options.log_x
                                      : shape == SQ_REFERENCE_HORIZONTAL
                                          ? axes->options.log_y
                                          : axes->options.log_x || axes->options.log_y);
    sq_reference *reference;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    if (shape == SQ_REFERENCE_CIRCLE && log)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "a unit circle on a log axis would be none");
    if (!(fabs((double)at) < 1e300) || (log && !(at > 0)))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "a reference line at %g, expected a finite number%s",
                            (double)at, log ? " above 0 on a log axis" : "");
    if ((int)options.line < 0 || options.line >= SEQNN_LINE_NONE)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "a reference line has line %d, expected a SEQNN_LINE_...",
                            (int)options.line);
    reference = (sq_reference *)sq_axes_add(axes, &kind, (seqnn_size)sizeof *reference);
    if (reference == NULL)
        return sq_axes_status(axes);
    reference->shape = shape;
    reference->at = (double)at;
    reference->line =
        options.line == SEQNN_LINE_DEFAULT ? SEQNN_LINE_DASHED : options.line;
    reference->colour = options.colour != 0 ? options.colour : SQ_FAINT;
    reference->text = sq_axes_keep_text(axes, options.label);
    return sq_axes_status(axes);
}

SEQNN_API seqnn_status seqnn_axes_vertical(seqnn_axes *axes, seqnn_real x,
                                           seqnn_reference_options options)
{
    return sq_reference_add(axes, SQ_REFERENCE_VERTICAL, x, options);
}

SEQNN_API seqnn_status seqnn_axes_horizontal(seqnn_axes *axes, seqnn_real y,
                                             seqnn_reference_options options)
{
    return sq_reference_add(axes, SQ_REFERENCE_HORIZONTAL, y, options);
}

SEQNN_API seqnn_status seqnn_axes_unit_circle(seqnn_axes *axes,
                                              seqnn_reference_options options)
{
    return sq_reference_add(axes, SQ_REFERENCE_CIRCLE, 0, options);
}

/* --- annotations --- */

typedef struct sq_annotation {
    sq_mark mark;
    double x, y, right, up;
    bool arrow;
    const char *text;
    sq_colour colour;
} sq_annotation;

static void sq_annotation_range(const sq_mark *mark, const seqnn_axes *axes,
                                sq_range *range)
{
    const sq_annotation *note = (const sq_annotation *)mark;
    sq_range_point(range, axes, note->x, note->y);
}

/* The arrow from the edge of the text's box towards the point, ending a little before it.
 * False: there is none, the text stands on the point. */
static bool sq_annotation_way(sq_note_place text, double width, double x, double y,
                              double line[4])
{
    const double half_w = width / 2 + 5, half_h = 0.5 * SQ_LABEL_SIZE + 3;
    const double from_x = text.x + width / 2, dx = x - from_x, dy = y - text.y;
    const double length = sqrt(dx * dx + dy * dy);
    const double leave = fmin(fabs(dx) > 0 ? half_w / fabs(dx) : 1e9,
                              fabs(dy) > 0 ? half_h / fabs(dy) : 1e9);
    if (length < 1 || leave * length + 14 > length)
        return false;
    line[0] = from_x + dx * leave;
    line[1] = text.y + dy * leave;
    line[2] = x - 5 * dx / length;
    line[3] = y - 5 * dy / length;
    return true;
}

static void sq_annotation_arrow(sq_picture *picture, const sq_annotation *note,
                                const double line[4])
{
    double dx = line[2] - line[0], dy = line[3] - line[1], travelled = 0;
    const double length = sqrt(dx * dx + dy * dy);
    double head[3][2] = {{line[2], line[3]}, {0, 0}, {0, 0}};
    dx /= length;
    dy /= length;
    sq_pen_line(&picture->canvas, SEQNN_LINE_SOLID, &travelled, line[0], line[1],
                line[2] - 6 * dx, line[3] - 6 * dy, SQ_NOTE_ARROW);
    for (int i = 1; i < 3; i++) {
        double side = i == 1 ? 3.4 : -3.4;
        head[i][0] = line[2] - 8.5 * dx - side * dy;
        head[i][1] = line[3] - 8.5 * dy + side * dx;
    }
    sq_canvas_polygon(&picture->canvas, head, 3);
    sq_canvas_paint(&picture->canvas, note->colour, 1);
    /* Texts that come later keep off it. */
    for (double at = 0; at < length; at += 6) {
        double x = line[0] + at * dx, y = line[1] + at * dy;
        sq_picture_reserve(picture, x - 3, y - 3, x + 3, y + 3);
    }
}

/* Does the line cross a text? */
static bool sq_annotation_crosses(const sq_picture *picture, const double line[4])
{
    for (seqnn_size i = 0; i < picture->box_count; i++) {
        const sq_text_box *box = &picture->boxes[i];
        const double low[2] = {box->left, box->top}, high[2] = {box->right, box->bottom};
        double from = box->text[0] != '\0' ? 0 : 2, to = 1; /* the part of it inside */
        for (int k = 0; k < 2; k++) {
            double step = line[2 + k] - line[k];
            double a = (low[k] - line[k]) / step, b = (high[k] - line[k]) / step;
            if (fabs(step) < 1e-9 && (line[k] < low[k] || line[k] > high[k]))
                from = 2;
            if (fabs(step) >= 1e-9) {
                from = fmax(from, fmin(a, b));
                to = fmin(to, fmax(a, b));
            }
        }
        if (from < to)
            return true;
    }
    return false;
}

/* How good a place is: 3: nothing is in the way; 2: marks are below the text; 1: its
 * arrow crosses another text; 0: it has no room. `looks` counts down what asking for
 * marks may cost. */
static int sq_annotation_rank(const sq_annotation *note, const seqnn_axes *axes,
                              const sq_picture *picture, sq_note_place place,
                              double width, int *looks)
{
    const double x = sq_axes_x(axes, note->x), y = sq_axes_y(axes, note->y);
    double line[4];
    if (!sq_note_fits(axes, picture, place, width, SQ_LABEL_SIZE))
        return 0;
    if (note->arrow && sq_annotation_way(place, width, x, y, line) &&
        sq_annotation_crosses(picture, line))
        return 1;
    return (*looks)-- > 0 && sq_note_free(axes, place, width, SQ_LABEL_SIZE) ? 3 : 2;
}

/* The best place in rings around the point, the nearest of several. False: there is none
 * that is free of other texts. */
static bool sq_annotation_find(const sq_annotation *note, const seqnn_axes *axes,
                               const sq_picture *picture, double width,
                               sq_note_place *found)
{
    static const double turns[SQ_NOTE_TURNS][2] = {
        {1, -1},     {-1, -1},     {1, 1},      {-1, 1},      {0, -1.4},  {0, 1.4},
        {1.4, 0},    {-1.4, 0},    {1.3, -0.5}, {-1.3, -0.5}, {1.3, 0.5}, {-1.3, 0.5},
        {0.5, -1.3}, {-0.5, -1.3}, {0.5, 1.3},  {-0.5, 1.3}};
    const double x = sq_axes_x(axes, note->x) + note->right;
    const double y = sq_axes_y(axes, note->y) - note->up;
    /* Without an arrow only what is near belongs to the point. */
    const int rings = note->arrow ? SQ_NOTE_RINGS : 2;
    int best = 0, looks = SQ_NOTE_LOOKS;
    for (int i = 0; i < rings * SQ_NOTE_TURNS && best < 3; i++) {
        const double *turn = turns[i % SQ_NOTE_TURNS];
        const double away = SQ_NOTE_RING * (i / SQ_NOTE_TURNS + 1), dx = away * turn[0];
        sq_note_place place;
        int rank;
        place.x = x + dx - (dx < 0 ? width : dx > 0 ? 0 : width / 2);
        place.y = y + away * turn[1];
        rank = sq_annotation_rank(note, axes, picture, place, width, &looks);
        if (rank > best) {
            best = rank;
            *found = place;
        }
    }
    return best > 0;
}

/* The place that was asked for, moved into the frame. False: it is taken, or none was
 * asked for. */
static bool sq_annotation_asked(const sq_annotation *note, const seqnn_axes *axes,
                                const sq_picture *picture, double width,
                                sq_note_place *place)
{
    const double x = sq_axes_x(axes, note->x) + note->right;
    const double y = sq_axes_y(axes, note->y) - note->up, half = 0.6 * SQ_LABEL_SIZE;
    if (note->arrow && note->right == 0 && note->up == 0)
        return false;
    place->x = !note->arrow ? x - width / 2 : note->right < 0 ? x - width : x;
    place->x = fmax(fmin(place->x, axes->right - width - 3), axes->left + 3);
    place->y = fmax(fmin(y, axes->bottom - half - 1), axes->top + half + 1);
    return sq_note_fits(axes, picture, *place, width, SQ_LABEL_SIZE);
}

static void sq_annotation_draw(const sq_mark *mark, const seqnn_axes *axes,
                               sq_picture *picture, sq_layer layer)
{
    const sq_annotation *note = (const sq_annotation *)mark;
    const double across = sq_axis_share(&axes->x, note->x);
    const double along = sq_axis_share(&axes->y, note->y);
    sq_text how = {SQ_LABEL_SIZE, 0, 0, 0, true, false};
    sq_note_place place;
    double width, line[4];
    /* Outside narrow limits there is nothing to remark on. */
    if (layer != SQ_LAYER_NOTE || !(across >= 0 && across <= 1) ||
        !(along >= 0 && along <= 1))
        return;
    how.colour = note->colour;
    how.width = 0.6 * (axes->right - axes->left);
    width = sq_picture_width(picture, note->text, how);
    if (!sq_annotation_asked(note, axes, picture, width, &place) &&
        !sq_annotation_find(note, axes, picture, width, &place))
        return;
    if (note->arrow && sq_annotation_way(place, width, sq_axes_x(axes, note->x),
                                         sq_axes_y(axes, note->y), line))
        sq_annotation_arrow(picture, note, line);
    sq_note_write(axes, picture, place, width, note->text, how);
}

SEQNN_API seqnn_status seqnn_axes_annotate(seqnn_axes *axes, seqnn_real x, seqnn_real y,
                                           const char *text,
                                           seqnn_annotation_options options)
{
    static const sq_mark_kind kind = {sq_annotation_range, sq_annotation_draw, NULL,
                                      NULL};
    sq_annotation *note;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    if (text == NULL || !(fabs((double)x) < 1e300) || !(fabs((double)y) < 1e300) ||
        !(fabs((double)options.right) < 1e5) || !(fabs((double)options.up) < 1e5))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "an annotation '%.40s' at (%g, %g), moved by (%g, %g), "
                            "expected a text and finite numbers",
                            text == NULL ? "NULL" : text, (double)x, (double)y,
                            (double)options.right, (double)options.up);
    note = (sq_annotation *)sq_axes_add(axes, &kind, (seqnn_size)sizeof *note);
    if (note == NULL)
        return sq_axes_status(axes);
    note->x = (double)x;
    note->y = (double)y;
    note->right = (double)options.right;
    note->up = (double)options.up;
    note->arrow = !options.no_arrow;
    note->colour = options.colour != 0 ? options.colour : SQ_INK;
    note->text = sq_axes_keep_text(axes, text);
    return sq_axes_status(axes);
}

#endif
